//! Income per head of the family.

use super::family_size::{family_knobs, family_settings, family_sizes, py_family};
use crate::engine::{
    context::Ctx,
    data::{column::Column, role::Role, table::Table},
    knobs::{Knob, Settings},
    step::{LearnFrom, Outcome, Step, StepError, Suggestion},
    step_kit::{input, input_knob, made, numbers, offer, py, py_column, sources},
    words::rows_of,
};

/// Income per capita.
pub struct IncomePerCapita;

const NAME: &str = "Income per capita";

impl Step for IncomePerCapita {
    fn slug(&self) -> &'static str {
        "income_per_capita"
    }

    fn title(&self) -> &'static str {
        "Income per capita"
    }

    fn help(&self) -> &'static str {
        "Income divided by the size of the family."
    }

    fn knobs(&self) -> Vec<Knob> {
        let mut knobs = vec![input_knob("income", "Income", Role::Income)];
        knobs.extend(family_knobs());
        knobs
    }

    fn suggest(&self, table: &Table) -> Vec<Suggestion> {
        let Some(income) = table.with_role(Role::Income) else { return Vec::new() };
        let settings = family_settings(table).with("income", income.name.clone());
        let reason = "The same income goes further in a smaller family.".into();
        offer(self, table, settings, format!("Add {NAME}"), reason, true).into_iter().collect()
    }

    fn apply(
        &self,
        table: &Table,
        settings: &Settings,
        _: LearnFrom<'_>,
        _: &Ctx<'_>,
    ) -> Result<Outcome, StepError> {
        let income = input(table, settings, "income", Role::Income, NAME)?;
        let (sizes, mut from) = family_sizes(table, settings, NAME)?;
        let values: Vec<f64> = numbers(income)?
            .iter()
            .zip(&sizes)
            .map(|(i, s)| if *s > 0.0 { i / s } else { f64::NAN })
            .collect();
        let notes = match values.iter().filter(|v| v.is_nan()).count() as u64 {
            0 => Vec::new(),
            n => vec![format!("{NAME} is missing in {} without {} or family size", rows_of(n), income.name)],
        };
        from.push(income);
        let column = Column::number(NAME, Role::Number, values).from_columns(&sources(&from));
        made(table, vec![column], format!("Added {NAME} = {} / family size", income.name), notes)
    }

    fn python(&self, table: &Table, settings: &Settings) -> String {
        let income = py_column(table, settings, "income", Role::Income);
        format!("size = {}\ndf[{}] = {income} / size.where(size > 0)", py_family(table, settings), py(NAME))
    }
}
