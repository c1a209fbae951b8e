//! Trims texts and sets their case: outer and doubled spaces go, letters become upper, lower or title case.

use std::sync::Arc;

use super::is_wordy;
use crate::engine::{
    context::Ctx,
    data::{column::Column, table::Table},
    knobs::{Knob, KnobKind, Settings},
    step::{Effect, LearnFrom, Outcome, Step, StepError, Suggestion},
    step_kit::{choice_knob, columns_knob, offer, py_series, renamed, replace},
    words::{count, counted, list_some, quoted},
};

/// Trims and sets the case of texts.
pub struct TrimAndCase;

impl Step for TrimAndCase {
    fn slug(&self) -> &'static str {
        "trim_and_case"
    }

    fn title(&self) -> &'static str {
        "Trim and set case"
    }

    fn help(&self) -> &'static str {
        "Takes outer and doubled spaces out of texts, and writes them in upper, lower or title case."
    }

    fn knobs(&self) -> Vec<Knob> {
        vec![
            columns_knob(
                "columns",
                "Columns",
                "Categories and texts to change; all but identifiers if you choose none",
                false,
            ),
            Knob::new("trim", "Trim", "Take outer and doubled spaces out", KnobKind::Flag, true),
            choice_knob(
                "case",
                "Case",
                "How the letters are written",
                &[
                    ("keep", "As they are"),
                    ("lower", "lower case"),
                    ("upper", "UPPER CASE"),
                    ("title", "Title Case"),
                ],
                "keep",
            ),
        ]
    }

    fn suggest(&self, table: &Table) -> Vec<Suggestion> {
        let mut found = Vec::new();
        for column in table.columns().iter().filter(|c| is_wordy(c)) {
            let Some(levels) = column.levels() else { continue };
            let Some(first) = levels.iter().find(|l| !is_trimmed(l)) else { continue };
            let n = levels.iter().filter(|l| !is_trimmed(l)).count() as u64;
            let reason = format!(
                "{} of {} {} outer or doubled spaces, such as “{}”; to a computer these are other values.",
                counted(n, "value", "values"),
                column.name,
                if n == 1 { "has" } else { "have" },
                quoted(first)
            );
            let settings = Settings::new().with("columns", vec![column.name.clone()]);
            found.extend(offer(self, table, settings, format!("Trim {}", column.name), reason, true));
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
        let columns = columns(table, settings)?;
        let write = |text: &str| written(text, settings);
        let mut out = table.clone();
        let mut effect = Effect::default();
        let mut touched = vec![false; table.n_rows()];
        let mut names = Vec::new();
        for (i, column) in columns.iter().enumerate() {
            ctx.tick(i as u64, columns.len() as u64)?;
            let Some((values, n_merged)) = renamed(column, write) else { continue };
            let rows = replace(&mut out, column, values, &mut effect)?;
            if rows.is_empty() {
                continue;
            }
            names.push(column.name.clone());
            if n_merged > 0 {
                let one = format!("value of {} became the same as another", column.name);
                let many = format!("values of {} became the same as others", column.name);
                effect.notes.push(format!("{} {}", count(n_merged), if n_merged == 1 { one } else { many }));
            }
            rows.into_iter().for_each(|row| touched[row as usize] = true);
        }
        effect.n_rows = touched.iter().filter(|t| **t).count() as u64;
        effect.sentence = match names.as_slice() {
            [] => "Every text was written so already".into(),
            _ => format!("Rewrote {} of {}", counted(effect.n_cells, "cell", "cells"), list_some(&names)),
        };
        Ok(Outcome { table: out, effect })
    }

    fn python(&self, table: &Table, settings: &Settings) -> String {
        let mut way = String::new();
        if settings.flag("trim", true) {
            way.push_str(".str.split().str.join(\" \")");
        }
        if let case @ ("lower" | "upper" | "title") = settings.text("case", "keep") {
            way.push_str(&format!(".str.{case}()"));
        }
        let is_changed = |c: &&&Arc<Column>| {
            c.levels().is_some_and(|levels| levels.iter().any(|l| written(l, settings) != *l))
        };
        let all = columns(table, settings).unwrap_or_default();
        let lines = all.iter().filter(is_changed).map(|column| {
            let c = py_series(&column.name);
            format!("{c} = {c}{way}")
        });
        let lines: Vec<String> = lines.collect();
        if lines.is_empty() { "# every text is written so already".into() } else { lines.join("\n") }
    }
}

fn columns<'a>(table: &'a Table, settings: &Settings) -> Result<Vec<&'a Arc<Column>>, StepError> {
    let all: Vec<&Arc<Column>> = match settings.texts("columns") {
        [] => table.columns().iter().filter(|c| is_wordy(c)).collect(),
        chosen => chosen.iter().map(|n| table.column(n)).collect::<Result<_, _>>()?,
    };
    match all.iter().find(|c| c.levels().is_none()) {
        Some(column) => Err(StepError::WrongType {
            column: column.name.clone(),
            found: column.column_type().label(),
            expected: "text or categories",
        }),
        None => Ok(all),
    }
}

fn written(text: &str, settings: &Settings) -> String {
    let text = if settings.flag("trim", true) { trimmed(text) } else { text.to_owned() };
    match settings.text("case", "keep") {
        "lower" => text.to_lowercase(),
        "upper" => text.to_uppercase(),
        "title" => title_case(&text),
        _ => text,
    }
}

/// Without outer spaces, every run of spaces inside being one.
pub(super) fn trimmed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_trimmed(text: &str) -> bool {
    text.trim() == text && !text.contains("  ") && !text.contains(|c: char| c.is_whitespace() && c != ' ')
}

/// Each run of letters begins with a capital.
fn title_case(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut is_inside = false;
    for c in text.chars() {
        if is_inside {
            out.extend(c.to_lowercase())
        } else {
            out.extend(c.to_uppercase())
        }
        is_inside = c.is_alphabetic();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_written_as_asked() {
        assert_eq!(trimmed("  North \u{a0} West\t"), "North West");
        assert_eq!(title_case("o'neil mc-DONALD 3rd"), "O'Neil Mc-Donald 3Rd");
        let upper = Settings::new().with("case", "upper").with("trim", false);
        assert_eq!(written(" größe", &upper), " GRÖSSE");
    }
}
