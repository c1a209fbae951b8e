//! Splits the texts of a column at a separator: "DE_Search_Brand" becomes three columns.

use super::is_wordy;
use crate::engine::{
    context::Ctx,
    data::{
        column::{Column, Dictionary},
        role::Role,
        table::Table,
    },
    knobs::{Knob, KnobKind, Settings},
    step::{LearnFrom, Outcome, Step, StepError, Suggestion},
    step_kit::{chosen, column_knob, made, offer, py, py_series},
    words::{count, counted, list_some, quoted, share},
};

/// Splits a column.
pub struct SplitColumn;

/// Separators that are looked for, the rarest in ordinary words first.
const SEPARATORS: [&str; 8] = ["|", " > ", ">", ";", " / ", "/", "_", " - "];
const MOST_PARTS: usize = 10;
/// Different values that are looked at before a split is suggested.
const LOOKED_AT: usize = 2_000;

impl Step for SplitColumn {
    fn slug(&self) -> &'static str {
        "split_column"
    }

    fn title(&self) -> &'static str {
        "Split a column"
    }

    fn help(&self) -> &'static str {
        "Makes a column of each part of a text, cut at a separator."
    }

    fn knobs(&self) -> Vec<Knob> {
        vec![
            column_knob(false),
            Knob::new("separator", "Separator", "What stands between the parts", KnobKind::Text, "_"),
            Knob::new(
                "parts",
                "Parts",
                "How many columns to make; the last takes all that is left",
                KnobKind::Integer { min: 2, max: MOST_PARTS as i64 },
                2_i64,
            ),
        ]
    }

    fn suggest(&self, table: &Table) -> Vec<Suggestion> {
        let mut found = Vec::new();
        for column in table.columns().iter().filter(|c| is_wordy(c)) {
            let levels = column.levels().unwrap_or_default();
            let levels = &levels[..levels.len().min(LOOKED_AT)];
            let Some((separator, n_parts, n)) = SEPARATORS.iter().find_map(|s| regular(levels, s)) else {
                continue;
            };
            let name = &column.name;
            let first = levels.iter().find(|l| l.contains(separator)).map_or("", String::as_str);
            let reason = format!(
                "{} of {} values of {name} ({}) hold {} parts with “{}” between, such as “{}”.",
                count(n),
                count(levels.len() as u64),
                share(n, levels.len() as u64),
                n_parts,
                quoted(separator),
                quoted(first)
            );
            let settings = Settings::new()
                .with("column", name.clone())
                .with("separator", separator)
                .with("parts", n_parts as i64);
            let title = format!("Split {name} into {n_parts} columns");
            found.extend(offer(self, table, settings, title, reason, false));
        }
        found
    }

    fn apply(
        &self,
        table: &Table,
        settings: &Settings,
        _: LearnFrom<'_>,
        ctx: &Ctx<'_>,
    ) -> Result<Outcome, StepError> {
        let column = chosen(table, settings)?;
        let (Some(levels), Some(dictionary)) = (column.levels(), column.dictionary()) else {
            return Err(StepError::WrongType {
                column: column.name.clone(),
                found: column.column_type().label(),
                expected: "text or categories",
            });
        };
        let (separator, n_parts) = knobs(settings)?;
        let mut parts = Vec::with_capacity(n_parts);
        for part in 0..n_parts {
            ctx.tick(part as u64, n_parts as u64)?;
            let of_level: Vec<Option<&str>> = levels
                .iter()
                .map(|l| l.splitn(n_parts, separator).nth(part).map(str::trim).filter(|p| !p.is_empty()))
                .collect();
            let rows: Vec<Option<&str>> = dictionary
                .codes
                .iter()
                .map(|&c| {
                    if c == Dictionary::MISSING { None } else { of_level.get(c as usize).copied().flatten() }
                })
                .collect();
            let name = format!("{} {}", column.name, part + 1);
            parts.push(Column::category(name, Role::Category, &rows).from_columns(&[column]));
        }
        let names: Vec<String> = parts.iter().map(|c| c.name.clone()).collect();
        let n_rows = column.len() - column.n_missing();
        let n_short = (0..column.len())
            .filter(|&r| !column.is_missing(r) && parts.last().is_some_and(|c| c.is_missing(r)))
            .count() as u64;
        let notes = if n_short == 0 || n_rows == 0 {
            Vec::new()
        } else {
            vec![format!(
                "{} fewer than {n_parts} parts: what is not there is missing",
                counted(n_short, "row has", "rows have")
            )]
        };
        let sentence = format!("Split {} at {} into {}", column.name, quoted(separator), list_some(&names));
        made(table, parts, sentence, notes)
    }

    fn python(&self, table: &Table, settings: &Settings) -> String {
        let (Ok(column), Ok((separator, n_parts))) = (chosen(table, settings), knobs(settings)) else {
            return String::new();
        };
        let mut lines = vec![format!(
            "parts = {}.astype(object).str.split({}, n={}, expand=True, regex=False).reindex(columns=range({n_parts}))",
            py_series(&column.name),
            py(separator),
            n_parts - 1
        )];
        for part in 0..n_parts {
            let name = py_series(&format!("{} {}", column.name, part + 1));
            lines.push(format!("{name} = parts[{part}].astype(object).str.strip().replace(\"\", np.nan)"));
        }
        lines.join("\n")
    }
}

fn knobs(settings: &Settings) -> Result<(&str, usize), StepError> {
    match settings.text("separator", "_") {
        "" => Err(StepError::Refused { reason: "give the separator, such as “_”".into() }),
        separator => Ok((separator, settings.integer("parts", 2).clamp(2, MOST_PARTS as i64) as usize)),
    }
}

/// The separator, if it cuts nearly every value into the same number of parts; the number, and how many it cuts so.
fn regular<'a>(levels: &[String], separator: &'a str) -> Option<(&'a str, usize, u64)> {
    let is_address = |l: &&String| l.contains("://") || l.contains('@');
    if levels.len() < 3 || levels.iter().any(|l| is_address(&l)) {
        return None;
    }
    let parts = |l: &String| {
        let parts: Vec<&str> = l.split(separator).map(str::trim).collect();
        if parts.iter().any(|p| p.is_empty()) { 0 } else { parts.len() }
    };
    let n_parts = parts(levels.first()?);
    // Dates, times and fractions are no lists of names.
    let has_letters = levels.iter().filter(|l| l.chars().any(char::is_alphabetic)).count();
    let n = levels.iter().filter(|l| parts(l) == n_parts).count();
    let is_regular =
        (2..=6).contains(&n_parts) && n * 20 >= levels.len() * 19 && has_letters * 2 > levels.len();
    is_regular.then_some((separator, n_parts, n as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(levels: &[&str], expected: Option<(&str, usize)>) {
        let levels: Vec<String> = levels.iter().map(|l| (*l).to_owned()).collect();
        let found = SEPARATORS.iter().find_map(|s| regular(&levels, s));
        assert_eq!(found.map(|(s, n, _)| (s, n)), expected);
    }

    #[test]
    fn regular_names_are_seen_and_others_left() {
        check(&["DE_Search_Brand", "FR_Search_Brand", "DE_Social_New"], Some(("_", 3)));
        check(&["Shoes > Men", "Shoes > Women", "Hats > Men"], Some((" > ", 2)));
        check(&["a_b", "a", "c"], None);
        check(&["1/2", "3/4", "5/6"], None);
        check(&["a_b@x.org", "c_d@x.org", "e_f@x.org"], None);
    }
}
