//! Frequency encoding: how common a level is among the rows to learn from.

use super::one_hot::categories;
use crate::engine::{
    context::Ctx,
    data::{
        column::{Column, Dictionary},
        role::Role,
        table::Table,
    },
    knobs::{Knob, Settings},
    step::{LearnFrom, Outcome, Step, StepError, Suggestion},
    step_kit::{chosen, column_knob, made, py, py_series},
    words::rows_of,
};

/// Frequency encoding.
pub struct FrequencyEncoding;

impl Step for FrequencyEncoding {
    fn slug(&self) -> &'static str {
        "frequency_encoding"
    }

    fn title(&self) -> &'static str {
        "Frequency encoding"
    }

    fn help(&self) -> &'static str {
        "The share of rows that have the level: one number for a category of many levels."
    }

    fn knobs(&self) -> Vec<Knob> {
        vec![column_knob(false)]
    }

    fn learns(&self, _: &Settings) -> bool {
        true
    }

    fn suggest(&self, _: &Table) -> Vec<Suggestion> {
        Vec::new()
    }

    fn apply(
        &self,
        table: &Table,
        settings: &Settings,
        learn: LearnFrom<'_>,
        _: &Ctx<'_>,
    ) -> Result<Outcome, StepError> {
        let column = chosen(table, settings)?;
        let d = categories(column)?;
        let mut counts = vec![0_u64; d.levels.len()];
        let mut known = 0_u64;
        for row in learn.rows(table) {
            if let Some(slot) = d.codes.get(row as usize).and_then(|c| counts.get_mut(*c as usize)) {
                *slot += 1;
                known += 1;
            }
        }
        if known == 0 {
            let reason = format!("“{}” has no level in the rows to learn from", column.name);
            return Err(StepError::Refused { reason });
        }
        let share = |&c: &u32| counts.get(c as usize).map_or(f64::NAN, |n| *n as f64 / known as f64);
        let values = d.codes.iter().map(share).collect();
        let name = format!("{} frequency", column.name);
        let unseen = d
            .codes
            .iter()
            .filter(|c| **c != Dictionary::MISSING && counts.get(**c as usize) == Some(&0))
            .count() as u64;
        let mut notes = Vec::new();
        if unseen > 0 {
            notes.push(format!("{} with a level that was not learnt have the share 0", rows_of(unseen)));
        }
        let sentence = format!("Added {name}: the share of rows with the same {}", column.name);
        let made_column = Column::number(name, Role::Number, values).from_columns(&[column]);
        made(table, vec![made_column], sentence, notes)
    }

    fn python(&self, _: &Table, settings: &Settings) -> String {
        let source = settings.text("column", "column");
        let column = py_series(source);
        let name = py(&format!("{source} frequency"));
        format!("df[{name}] = {column}.map({column}.value_counts(normalize=True))")
    }
}
