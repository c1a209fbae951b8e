//! Drops rows that repeat an earlier row, in all columns or in chosen ones.

use std::collections::HashSet;

use super::drop_columns::is_row_number;
use crate::engine::{
    context::Ctx,
    data::{
        column::{Column, Dictionary, Values},
        combine::SOURCE_FILE,
        role::{Role, TableKind},
        table::Table,
    },
    knobs::{Knob, KnobKind, Settings},
    step::{CellChange, Effect, LearnFrom, Outcome, Step, StepError, Suggestion},
    step_kit::{MAX_EXAMPLES, chosen_or, columns_knob, offer, py_list},
    words::{count, list_some, rows_of, share},
};

/// Drops repeated rows; the first of each is kept.
pub struct DropDuplicates;

impl Step for DropDuplicates {
    fn slug(&self) -> &'static str {
        "drop_duplicates"
    }

    fn title(&self) -> &'static str {
        "Drop duplicate rows"
    }

    fn help(&self) -> &'static str {
        "Keeps the first of rows that agree in every compared column."
    }

    fn knobs(&self) -> Vec<Knob> {
        vec![
            columns_knob("columns", "Compare", "Columns that must agree; empty compares all", false),
            Knob::new(
                "ignore_identifiers",
                "Leave identifiers out",
                "Whether rows with different identifiers may still be duplicates",
                KnobKind::Flag,
                false,
            ),
        ]
    }

    fn suggest(&self, table: &Table) -> Vec<Suggestion> {
        let n_rows = table.n_rows() as u64;
        let ids: Vec<String> =
            identifiers(table).iter().filter(|c| !is_row_number(table, c)).map(|c| c.name.clone()).collect();
        // A row number makes every row differ, so it is never compared here.
        let compared: Vec<String> = table
            .columns()
            .iter()
            // Files whose periods overlap hold the same rows under two names.
            .filter(|c| c.made_from.is_empty() && !is_row_number(table, c) && c.name != SOURCE_FILE)
            .map(|c| c.name.clone())
            .collect();
        let mut found = Vec::new();
        let same = repeats(table, &compared).map_or(0, |r| r.len() as u64);
        if same > 0 {
            let settings = if compared.len() == table.n_columns() {
                Settings::new()
            } else {
                Settings::new().with("columns", compared.clone())
            };
            let share = share(same, n_rows);
            let (reason, recommended) = if ids.is_empty() {
                let why = "no column names the rows, so they may be different cases that happen to agree";
                (format!("{} ({share}) repeat an earlier row in every column; {why}.", rows_of(same)), false)
            } else {
                let ids = list_some(&ids);
                (
                    format!(
                        "{} ({share}) repeat an earlier row in every column, even in {ids}.",
                        rows_of(same)
                    ),
                    true,
                )
            };
            found.extend(offer(self, table, settings, "Drop repeated rows".into(), reason, recommended));
        }
        // Two small ads often end with the same few counts; that makes them no copies of each other.
        if table.kind == TableKind::Ads {
            return found;
        }
        let without: Vec<String> = compared.iter().filter(|c| !ids.contains(c)).cloned().collect();
        let alike = repeats(table, &without).map_or(0, |r| r.len() as u64);
        if !ids.is_empty() && !without.is_empty() && alike > same {
            let names = list_some(&ids);
            let reason = format!(
                "{} of {} rows ({}) repeat an earlier row in every column but {names}. Each has its own {names}, so \
                 they may be different people who happen to agree: not recommended.",
                count(alike),
                count(n_rows),
                share(alike, n_rows),
            );
            let settings = Settings::new().with("columns", without);
            let title = format!("Drop rows alike but for {names}");
            found.extend(offer(self, table, settings, title, reason, false));
        }
        found
    }

    fn apply(
        &self,
        table: &Table,
        settings: &Settings,
        _: LearnFrom<'_>,
        _: &Ctx<'_>,
    ) -> Result<Outcome, StepError> {
        let leave_out = settings.flag("ignore_identifiers", false);
        let names: Vec<String> = match settings.texts("columns") {
            [] => table.columns().iter().map(|c| c.name.clone()).collect(),
            chosen => chosen.to_vec(),
        };
        let ids: Vec<String> = identifiers(table).iter().map(|c| c.name.clone()).collect();
        let names: Vec<String> = names.into_iter().filter(|n| !leave_out || !ids.contains(n)).collect();
        if names.is_empty() {
            return Err(StepError::Refused { reason: "choose at least one column to compare".into() });
        }
        let repeated = repeats(table, &names)?;
        let examples = repeated.iter().take(MAX_EXAMPLES).map(|&(row, first)| CellChange {
            row: u64::from(table.row_ids()[row as usize]) + 1,
            column: String::new(),
            before: format!("same as row {}", u64::from(table.row_ids()[first as usize]) + 1),
            after: "dropped".into(),
        });
        let dropped: HashSet<u32> = repeated.iter().map(|&(row, _)| row).collect();
        let kept: Vec<u32> = (0..table.n_rows() as u32).filter(|r| !dropped.contains(r)).collect();
        let n_rows = repeated.len() as u64;
        let effect = Effect {
            sentence: format!("Dropped {} that repeat an earlier row", rows_of(n_rows)),
            n_rows,
            n_cells: n_rows * table.n_columns() as u64,
            examples: examples.collect(),
            ..Effect::default()
        };
        Ok(Outcome { table: table.take_rows(&kept), effect })
    }

    fn python(&self, table: &Table, settings: &Settings) -> String {
        let all = || table.columns().iter().map(|c| c.name.clone()).collect();
        let mut names = chosen_or(settings, "columns", all);
        if settings.flag("ignore_identifiers", false) {
            let ids = identifiers(table);
            names.retain(|n| !ids.iter().any(|c| c.name == *n));
        }
        match names.len() {
            n if n == table.n_columns() => "df = df.drop_duplicates()".into(),
            _ => format!("df = df.drop_duplicates(subset={})", py_list(&names)),
        }
    }
}

fn identifiers(table: &Table) -> Vec<&Column> {
    table
        .columns()
        .iter()
        .filter(|c| matches!(c.role, Role::Identifier | Role::Ad))
        .map(|c| c.as_ref())
        .collect()
}

/// Rows that agree with an earlier one, each with the first such row. Missing agrees with missing. Cost: linear, with ten to
/// sixteen bytes a row.
fn repeats(table: &Table, names: &[String]) -> Result<Vec<(u32, u32)>, StepError> {
    let columns = names.iter().map(|n| table.column(n)).collect::<Result<Vec<_>, _>>()?;
    let mut hashes = vec![0_u32; table.n_rows()];
    for column in &columns {
        for (row, hash) in hashes.iter_mut().enumerate() {
            let key = key(column, row);
            let mixed = (u64::from(*hash) ^ key ^ key >> 32).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            *hash = (mixed >> 32) as u32;
        }
    }
    let is_same = |a: u32, b: u32| columns.iter().all(|c| key(c, a as usize) == key(c, b as usize));
    // First rows by open addressing; 0 is a free slot.
    let mut slots = vec![0_u32; (hashes.len() + hashes.len() / 2 + 1).next_power_of_two()];
    let mask = slots.len() - 1;
    let mut found = Vec::new();
    for (row, &hash) in (0_u32..).zip(&hashes) {
        let mut at = hash as usize & mask;
        loop {
            let Some(first) = slots[at].checked_sub(1) else {
                slots[at] = row + 1;
                break;
            };
            if hashes[first as usize] == hash && is_same(first, row) {
                found.push((row, first));
                break;
            }
            at = (at + 1) & mask;
        }
    }
    Ok(found)
}

/// A whole number for a cell, equal exactly when the cells are.
fn key(column: &Column, row: usize) -> u64 {
    match &column.values {
        // Adding zero makes -0 and 0 the same; one pattern stands for every NaN.
        Values::Number(v) | Values::Date(v) if v[row].is_nan() => u64::MAX,
        Values::Number(v) | Values::Date(v) => (v[row] + 0.0).to_bits(),
        Values::Category(d) | Values::Text(d) if d.codes[row] == Dictionary::MISSING => u64::MAX,
        Values::Category(d) | Values::Text(d) => u64::from(d.codes[row]),
        Values::Boolean(v) => v[row].map_or(u64::MAX, u64::from),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::numeric::random::Rng;

    #[test]
    fn repeats_are_those_of_looking_at_every_pair() {
        let mut random = Rng::stream(7, 1);
        for (n_rows, n_values) in [(0, 2), (1, 2), (300, 3), (900, 9)] {
            let mut numbers = || -> Vec<f64> {
                let all = (0..n_rows).map(|_| f64::from(random.below(n_values)) - 1.0);
                all.map(|v| if v < 0.0 { f64::NAN } else { -v }).collect()
            };
            let (a, b) = (numbers(), numbers());
            let codes =
                numbers().iter().map(|v| if v.is_nan() { Dictionary::MISSING } else { -v as u32 }).collect();
            let levels = (0..n_values).map(|i| i.to_string()).collect();
            let columns = vec![
                Column::number("a", Role::Number, a),
                Column::number("b", Role::Number, b),
                Column::new("c", Role::Category, Values::Category(Dictionary { levels, codes })),
            ];
            let table = Table::new(TableKind::Other, columns).unwrap();
            for names in [vec!["a".to_owned(), "c".into()], vec!["a".into(), "b".into(), "c".into()]] {
                let is_same = |x: usize, y: usize| {
                    names.iter().all(|n| {
                        let column = table.column(n).unwrap();
                        column.cell_text(x) == column.cell_text(y)
                    })
                };
                let first = |row: usize| (0..row).find(|&earlier| is_same(earlier, row));
                let expected: Vec<(u32, u32)> =
                    (0..n_rows as usize).filter_map(|row| Some((row as u32, first(row)? as u32))).collect();
                assert_eq!(repeats(&table, &names).unwrap(), expected);
            }
        }
    }
}
