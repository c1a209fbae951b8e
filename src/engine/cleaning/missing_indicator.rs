//! Marks where a column has no value, in a yes/no column of its own: after filling one could not tell any more.

use std::sync::Arc;

use crate::engine::{
    context::Ctx,
    data::{
        column::{Column, Values},
        role::Role,
        table::Table,
    },
    knobs::{Knob, Settings},
    step::{Effect, LearnFrom, Outcome, Step, StepError, Suggestion},
    step_kit::{add_computed, columns_knob, offer, py_series},
    words::{count, list_some, share},
};

/// Missing indicators.
pub struct MissingIndicator;

impl Step for MissingIndicator {
    fn slug(&self) -> &'static str {
        "missing_indicator"
    }

    fn title(&self) -> &'static str {
        "Mark missing values"
    }

    fn help(&self) -> &'static str {
        "Makes a yes/no column that says where there is no value, for use before filling."
    }

    fn knobs(&self) -> Vec<Knob> {
        let help = "Columns to mark; all of the file that lack values if you choose none";
        vec![columns_knob("columns", "Columns", help, false)]
    }

    fn suggest(&self, table: &Table) -> Vec<Suggestion> {
        let n_rows = table.n_rows() as u64;
        let mut found = Vec::new();
        for column in table.columns().iter().filter(|c| is_of_file(c)) {
            let n = column.n_missing() as u64;
            // A mark on a few rows teaches a model nothing.
            if n < 10 || n * 20 < n_rows || n * 20 > n_rows * 19 {
                continue;
            }
            let reason = format!(
                "{} is missing in {} of {} rows ({}); that it is may itself say something, and filling hides it.",
                column.name,
                count(n),
                count(n_rows),
                share(n, n_rows)
            );
            let settings = Settings::new().with("columns", vec![column.name.clone()]);
            let title = format!("Mark where {} is missing", column.name);
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
        let columns = columns(table, settings)?;
        let mut out = table.clone();
        let mut effect = Effect::default();
        let mut touched = vec![false; table.n_rows()];
        let mut said = Vec::new();
        for (i, column) in columns.iter().enumerate() {
            ctx.tick(i as u64, columns.len() as u64)?;
            let mut n = 0;
            for (row, touched) in touched.iter_mut().enumerate() {
                if column.is_missing(row) {
                    *touched = true;
                    n += 1;
                }
            }
            effect.n_cells += n;
            said.push(format!("{} without {}", count(n), column.name));
            add_computed(&mut out, marked(column, "missing", |row| column.is_missing(row)))?;
        }
        effect.n_rows = touched.iter().filter(|t| **t).count() as u64;
        effect.sentence = match said.as_slice() {
            [] => "Nothing is missing".into(),
            _ => format!("Marked rows: {}", list_some(&said)),
        };
        Ok(Outcome { table: out, effect })
    }

    fn python(&self, table: &Table, settings: &Settings) -> String {
        let lines = columns(table, settings).unwrap_or_default().into_iter().map(|column| {
            let c = py_series(&column.name);
            format!("{} = {c}.isna()", py_series(&format!("{} missing", column.name)))
        });
        let lines: Vec<String> = lines.collect();
        if lines.is_empty() { "# nothing is missing".into() } else { lines.join("\n") }
    }
}

/// A yes/no column about another one, named after it: "Income missing".
pub(super) fn marked(column: &Column, word: &str, is: impl Fn(usize) -> bool) -> Column {
    let values = Values::Boolean((0..column.len()).map(|row| Some(is(row))).collect());
    Column::new(format!("{} {word}", column.name), Role::Category, values).from_columns(&[column])
}

fn is_of_file(column: &Column) -> bool {
    column.made_from.is_empty() && !column.role.is_outcome() && column.role != Role::Ratio
}

fn columns<'a>(table: &'a Table, settings: &Settings) -> Result<Vec<&'a Arc<Column>>, StepError> {
    Ok(match settings.texts("columns") {
        [] => table.columns().iter().filter(|c| c.made_from.is_empty() && c.n_missing() > 0).collect(),
        chosen => chosen.iter().map(|n| table.column(n)).collect::<Result<_, _>>()?,
    })
}
