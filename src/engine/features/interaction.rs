//! Impressions x clicks: exposure and attention in one number.

use crate::engine::{
    context::Ctx,
    data::{column::Column, role::Role, table::Table},
    knobs::{Knob, Settings},
    step::{LearnFrom, Outcome, Step, StepError, Suggestion},
    step_kit::{input, input_knob, made, numbers, offer, py, py_column},
};

/// Impressions x clicks.
pub struct Interaction;

const NAME: &str = "Impressions × clicks";

impl Step for Interaction {
    fn slug(&self) -> &'static str {
        "impressions_x_clicks"
    }

    fn title(&self) -> &'static str {
        "Impressions × clicks"
    }

    fn help(&self) -> &'static str {
        "The product of impressions and clicks, for models that only add."
    }

    fn knobs(&self) -> Vec<Knob> {
        vec![
            input_knob("impressions", "Impressions", Role::Impressions),
            input_knob("clicks", "Clicks", Role::Clicks),
        ]
    }

    fn suggest(&self, table: &Table) -> Vec<Suggestion> {
        let (Some(a), Some(b)) = (table.with_role(Role::Impressions), table.with_role(Role::Clicks)) else {
            return Vec::new();
        };
        let settings = Settings::new().with("impressions", a.name.clone()).with("clicks", b.name.clone());
        let reason = "Lets a linear model see that clicks weigh differently on large ads.".into();
        offer(self, table, settings, format!("Add {NAME}"), reason, true).into_iter().collect()
    }

    fn apply(
        &self,
        table: &Table,
        settings: &Settings,
        _: LearnFrom<'_>,
        _: &Ctx<'_>,
    ) -> Result<Outcome, StepError> {
        let a = input(table, settings, "impressions", Role::Impressions, NAME)?;
        let b = input(table, settings, "clicks", Role::Clicks, NAME)?;
        let values = numbers(a)?.iter().zip(numbers(b)?.iter()).map(|(x, y)| x * y).collect();
        let column = Column::number(NAME, Role::Number, values).from_columns(&[a, b]);
        made(table, vec![column], format!("Added {NAME} = {} × {}", a.name, b.name), Vec::new())
    }

    fn python(&self, table: &Table, settings: &Settings) -> String {
        let a = py_column(table, settings, "impressions", Role::Impressions);
        let b = py_column(table, settings, "clicks", Role::Clicks);
        format!("df[{}] = {a} * {b}", py(NAME))
    }
}
