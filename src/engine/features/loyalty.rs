//! Loyalty indicator: how many earlier campaigns a person accepted.

use crate::engine::{
    context::Ctx,
    data::{column::Column, role::Role, table::Table},
    knobs::{Knob, Settings},
    step::{LearnFrom, Outcome, Step, StepError, Suggestion},
    step_kit::{columns_knob, inputs, made, offer, py, py_sum, row_sums, sources},
    words::{counted, rows_of},
};

/// Loyalty indicator.
pub struct Loyalty;

const NAME: &str = "Loyalty indicator";

impl Step for Loyalty {
    fn slug(&self) -> &'static str {
        "loyalty"
    }

    fn title(&self) -> &'static str {
        "Loyalty indicator"
    }

    fn help(&self) -> &'static str {
        "How many earlier campaigns the person accepted."
    }

    fn knobs(&self) -> Vec<Knob> {
        let help = "Earlier campaigns, 1 or 0; empty takes all with the role Earlier response";
        vec![columns_knob("campaigns", "Campaigns", help, true)]
    }

    fn suggest(&self, table: &Table) -> Vec<Suggestion> {
        let names: Vec<String> =
            table.all_with_role(Role::EarlierResponse).iter().map(|c| c.name.clone()).collect();
        if names.is_empty() {
            return Vec::new();
        }
        let n = counted(names.len() as u64, "earlier campaign", "earlier campaigns");
        let reason = format!("Who accepted one of {n} before is likelier to accept again.");
        let settings = Settings::new().with("campaigns", names);
        offer(self, table, settings, format!("Add {NAME}"), reason, true).into_iter().collect()
    }

    fn apply(
        &self,
        table: &Table,
        settings: &Settings,
        _: LearnFrom<'_>,
        _: &Ctx<'_>,
    ) -> Result<Outcome, StepError> {
        let columns = inputs(table, settings, "campaigns", &[Role::EarlierResponse], NAME)?;
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
        format!("df[{}] = {}", py(NAME), py_sum(table, settings, "campaigns", &[Role::EarlierResponse]))
    }
}
