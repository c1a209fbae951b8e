//! Drops columns: row numbers, constants, empty columns, or whatever was chosen.

use crate::engine::{
    context::Ctx,
    data::{
        column::{Column, Values},
        role::Role,
        table::Table,
    },
    knobs::{Knob, Settings},
    order::InOrder,
    step::{Effect, LearnFrom, Outcome, Step, StepError, Suggestion},
    step_kit::{columns_knob, numbers, offer, py_list},
    words::{brief, count, counted, list_some, share},
};

/// Drops columns.
pub struct DropColumns;

impl Step for DropColumns {
    fn slug(&self) -> &'static str {
        "drop_columns"
    }

    fn title(&self) -> &'static str {
        "Drop columns"
    }

    fn help(&self) -> &'static str {
        "Removes columns that say nothing: row numbers, constants, empty ones, or those you choose."
    }

    fn knobs(&self) -> Vec<Knob> {
        vec![columns_knob("columns", "Columns", "The columns to remove", false)]
    }

    fn suggest(&self, table: &Table) -> Vec<Suggestion> {
        let n_rows = table.n_rows() as u64;
        let mut found = Vec::new();
        for column in table.columns().iter().filter(|c| c.made_from.is_empty()) {
            let name = &column.name;
            let n_missing = column.n_missing() as u64;
            let (reason, recommended) = if n_missing == n_rows {
                (format!("{name} is empty in all {} rows.", count(n_rows)), true)
            } else if is_row_number(table, column) {
                (
                    format!("{name} only numbers the {} rows of the file.", count(n_rows)),
                    column.role == Role::Identifier,
                )
            } else if matches!(column.role, Role::Cost | Role::ValuePerResponse) {
                continue;
            } else if n_rows > 1 && column.is_constant() {
                let value = (0..column.len()).find(|&r| !column.is_missing(r));
                let value = value.map_or(String::new(), |r| match &column.values {
                    Values::Number(v) => brief(v[r]),
                    Values::Date(_) => column.cell_text(r),
                    _ => format!("“{}”", column.cell_text(r)),
                });
                let rows = count(n_rows - n_missing);
                (
                    format!("{name} is {value} in all {rows} rows that have it: it tells no two rows apart."),
                    true,
                )
            } else if n_missing * 10 >= n_rows * 6 {
                let share = share(n_missing, n_rows);
                (
                    format!("{name} is missing in {} of {} rows ({share}).", count(n_missing), count(n_rows)),
                    false,
                )
            } else if column.role == Role::Identifier && n_missing == 0 && is_distinct(column) {
                let reason = format!(
                    "{name} is different in all {} rows. It is never used as a feature; keep it to tell rows apart.",
                    count(n_rows)
                );
                (reason, false)
            } else {
                continue;
            };
            let settings = Settings::new().with("columns", vec![name.clone()]);
            found.extend(offer(self, table, settings, format!("Drop {name}"), reason, recommended));
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
        let mut names = settings.texts("columns").to_vec();
        names.order_by(|a, b| a.cmp(b));
        names.dedup();
        if names.is_empty() {
            return Err(StepError::Refused { reason: "choose the columns to drop".into() });
        }
        let mut out = table.clone();
        for name in &names {
            out.remove(name)?;
        }
        if out.n_columns() == 0 {
            return Err(StepError::NothingLeft { what: "columns" });
        }
        let n_rows = table.n_rows() as u64;
        let sentence =
            format!("Dropped {}: {}", counted(names.len() as u64, "column", "columns"), list_some(&names));
        let n_cells = n_rows * names.len() as u64;
        Ok(Outcome { table: out, effect: Effect { sentence, n_rows, n_cells, ..Effect::default() } })
    }

    fn python(&self, _: &Table, settings: &Settings) -> String {
        format!("df = df.drop(columns={})", py_list(settings.texts("columns")))
    }
}

/// Whether the values count the rows from 0 or 1.
pub(super) fn is_row_number(table: &Table, column: &Column) -> bool {
    let Ok(values) = numbers(column) else { return false };
    let ids = table.row_ids();
    if values.len() < 2 || ids.len() != values.len() {
        return false;
    }
    let first = values[0] - f64::from(ids[0]);
    (first == 0.0 || first == 1.0) && values.iter().zip(ids).all(|(v, &id)| *v == f64::from(id) + first)
}

fn is_distinct(column: &Column) -> bool {
    let mut texts: Vec<String> = (0..column.len()).map(|r| column.cell_text(r)).collect();
    texts.order_by(|a, b| a.cmp(b));
    texts.windows(2).all(|pair| pair[0] != pair[1])
}
