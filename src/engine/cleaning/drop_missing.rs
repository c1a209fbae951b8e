//! Drops rows in which something is missing.

use super::fill_missing::is_blank_for_none;
use crate::engine::{
    context::Ctx,
    data::{role::Role, table::Table},
    knobs::{Knob, Settings},
    step::{CellChange, Effect, LearnFrom, Outcome, Step, StepError, Suggestion},
    step_kit::{MAX_EXAMPLES, columns_knob, offer, py_list},
    words::{count, list_some, rows_of, share},
};

/// Drops rows with missing values.
pub struct DropMissing;

impl Step for DropMissing {
    fn slug(&self) -> &'static str {
        "drop_missing_rows"
    }

    fn title(&self) -> &'static str {
        "Drop rows with missing values"
    }

    fn help(&self) -> &'static str {
        "Removes every row in which one of the chosen columns has no value."
    }

    fn knobs(&self) -> Vec<Knob> {
        vec![columns_knob(
            "columns",
            "Columns",
            "Columns that must have a value; all if you choose none",
            false,
        )]
    }

    fn suggest(&self, table: &Table) -> Vec<Suggestion> {
        let n_rows = table.n_rows() as u64;
        let mut found = Vec::new();
        // An undefined ratio (no clicks, so no cost per click) is no reason to lose a row: only columns of the file count.
        for column in table.columns().iter().filter(|c| c.made_from.is_empty() && c.role != Role::Ratio) {
            let n = column.n_missing() as u64;
            if n == 0 || n * 2 > n_rows {
                continue;
            }
            let name = &column.name;
            let is_none = is_blank_for_none(table, column);
            let is_outcome = column.role.is_outcome() && !is_none;
            let why = if is_none {
                "They can be ads that brought none: not recommended."
            } else if is_outcome {
                "A row without its outcome can teach nothing about it."
            } else {
                "Filling keeps the rest of these rows: not recommended."
            };
            let reason = format!(
                "{name} is missing in {} of {} rows ({}). {why}",
                count(n),
                count(n_rows),
                share(n, n_rows)
            );
            let settings = Settings::new().with("columns", vec![name.clone()]);
            let title = format!("Drop rows without {name}");
            found.extend(offer(self, table, settings, title, reason, is_outcome));
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
        let names: Vec<String> = match settings.texts("columns") {
            [] => table.columns().iter().map(|c| c.name.clone()).collect(),
            chosen => chosen.to_vec(),
        };
        let columns = names.iter().map(|n| table.column(n)).collect::<Result<Vec<_>, _>>()?;
        let mut effect = Effect::default();
        let mut kept = Vec::with_capacity(table.n_rows());
        for row in 0..table.n_rows() {
            match columns.iter().find(|c| c.is_missing(row)) {
                None => kept.push(row as u32),
                Some(column) if effect.examples.len() < MAX_EXAMPLES => effect.examples.push(CellChange {
                    row: u64::from(table.row_ids()[row]) + 1,
                    column: column.name.clone(),
                    before: String::new(),
                    after: "row dropped".into(),
                }),
                Some(_) => {}
            }
        }
        if kept.is_empty() {
            return Err(StepError::NothingLeft { what: "rows" });
        }
        effect.n_rows = (table.n_rows() - kept.len()) as u64;
        effect.n_cells = effect.n_rows * table.n_columns() as u64;
        let of = if settings.texts("columns").is_empty() { "any value".into() } else { list_some(&names) };
        effect.sentence = format!("Dropped {} without {of}", rows_of(effect.n_rows));
        Ok(Outcome { table: table.take_rows(&kept), effect })
    }

    fn python(&self, _: &Table, settings: &Settings) -> String {
        match settings.texts("columns") {
            [] => "df = df.dropna()".into(),
            names => format!("df = df.dropna(subset={})", py_list(names)),
        }
    }
}
