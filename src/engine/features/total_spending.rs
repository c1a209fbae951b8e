//! Customer value index, first form: everything a person spent.

use crate::engine::{
    context::Ctx,
    data::{column::Column, role::Role, table::Table},
    knobs::{Knob, Settings},
    step::{LearnFrom, Outcome, Step, StepError, Suggestion},
    step_kit::{columns_knob, inputs, made, offer, py, py_sum, row_sums, sources},
    words::{counted, rows_of},
};

/// Total spending.
pub struct TotalSpending;

const NAME: &str = "Total spending";

/// The knob of the spends that are added up.
pub(super) fn spends_knob() -> Knob {
    columns_knob("spends", "Spends", "Money columns to add up; empty takes every product spend", true)
}

/// Settings that name them.
pub(super) fn spend_settings(table: &Table) -> Option<Settings> {
    let names: Vec<String> = table.all_with_role(Role::ProductSpend).iter().map(|c| c.name.clone()).collect();
    (!names.is_empty()).then(|| Settings::new().with("spends", names))
}

/// Their sum in Python.
pub(super) fn py_spending(table: &Table, settings: &Settings) -> String {
    py_sum(table, settings, "spends", &[Role::ProductSpend])
}

impl Step for TotalSpending {
    fn slug(&self) -> &'static str {
        "total_spending"
    }

    fn title(&self) -> &'static str {
        "Customer value: total spending"
    }

    fn help(&self) -> &'static str {
        "The sum of everything a person spent, over all products."
    }

    fn knobs(&self) -> Vec<Knob> {
        vec![spends_knob()]
    }

    fn suggest(&self, table: &Table) -> Vec<Suggestion> {
        let Some(settings) = spend_settings(table) else { return Vec::new() };
        let n = settings.texts("spends").len() as u64;
        let reason = format!(
            "What a person is worth so far: the sum of {}.",
            counted(n, "product spend", "product spends")
        );
        offer(self, table, settings, format!("Add {NAME}"), reason, true).into_iter().collect()
    }

    fn apply(
        &self,
        table: &Table,
        settings: &Settings,
        _: LearnFrom<'_>,
        _: &Ctx<'_>,
    ) -> Result<Outcome, StepError> {
        let columns = inputs(table, settings, "spends", &[Role::ProductSpend], NAME)?;
        let values = row_sums(&columns, table.n_rows())?;
        let notes = match values.iter().filter(|v| v.is_nan()).count() as u64 {
            0 => Vec::new(),
            n => vec![format!("{NAME} is missing in {} where a part is missing", rows_of(n))],
        };
        let parts: Vec<String> = columns.iter().map(|c| c.name.clone()).collect();
        let column = Column::number(NAME, Role::Number, values).from_columns(&sources(&columns));
        made(table, vec![column], format!("Added {NAME} = {}", parts.join(" + ")), notes)
    }

    fn python(&self, table: &Table, settings: &Settings) -> String {
        format!("df[{}] = {}", py(NAME), py_spending(table, settings))
    }
}
