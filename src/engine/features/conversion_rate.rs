//! Conversion rate of a person: response per interaction.

use super::total_interaction::{interaction_settings, interactions, interactions_knob, py_interactions};
use crate::engine::{
    context::Ctx,
    data::{column::Column, role::Role, table::Table},
    knobs::{Knob, Settings},
    step::{LearnFrom, Outcome, Step, StepError, Suggestion},
    step_kit::{input, input_knob, made, numbers, offer, py, py_column, row_sums, sources},
    words::rows_of,
};

/// Conversion rate.
pub struct ConversionRate;

const NAME: &str = "Conversion rate";

impl Step for ConversionRate {
    fn slug(&self) -> &'static str {
        "conversion_rate"
    }

    fn title(&self) -> &'static str {
        "Conversion rate"
    }

    fn help(&self) -> &'static str {
        "Response divided by total interaction. Without any interaction it is divided by 1: the rate is then the response itself, not missing."
    }

    fn knobs(&self) -> Vec<Knob> {
        vec![input_knob("response", "Response", Role::Response), interactions_knob()]
    }

    fn suggest(&self, table: &Table) -> Vec<Suggestion> {
        let (Some(response), Some(settings)) = (table.with_role(Role::Response), interaction_settings(table))
        else {
            return Vec::new();
        };
        let settings = settings.with("response", response.name.clone());
        let reason = format!(
            "Answers per interaction. It is made from {}, so it is blocked as a feature for predicting it.",
            response.name
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
        let response = input(table, settings, "response", Role::Response, NAME)?;
        let mut columns = interactions(table, settings, NAME)?;
        let totals = row_sums(&columns, table.n_rows())?;
        let idle = totals.iter().filter(|t| **t == 0.0).count() as u64;
        let rate =
            |(r, t): (&f64, &f64)| if *t < 0.0 { f64::NAN } else { r / if *t == 0.0 { 1.0 } else { *t } };
        let values: Vec<f64> = numbers(response)?.iter().zip(&totals).map(rate).collect();
        let mut notes = Vec::new();
        let missing = values.iter().filter(|v| v.is_nan()).count() as u64;
        if missing > 0 {
            notes.push(format!("{NAME} is missing in {} where a part is missing", rows_of(missing)));
        }
        if idle > 0 {
            notes.push(format!(
                "{} without any interaction are divided by 1, so their rate is the response itself",
                rows_of(idle)
            ));
        }
        columns.push(response);
        let column = Column::number(NAME, Role::Ratio, values).from_columns(&sources(&columns));
        made(table, vec![column], format!("Added {NAME} = {} / total interaction", response.name), notes)
    }

    fn python(&self, table: &Table, settings: &Settings) -> String {
        let response = py_column(table, settings, "response", Role::Response);
        let total = py_interactions(table, settings);
        format!("total = {total}\ndf[{}] = {response} / total.where(total >= 0).replace(0, 1)", py(NAME))
    }
}
