//! Total interaction: web visits plus web, catalog, store and deal purchases.

use std::sync::Arc;

use crate::engine::{
    context::Ctx,
    data::{column::Column, role::Role, table::Table},
    knobs::{Knob, Settings},
    step::{LearnFrom, Outcome, Step, StepError, Suggestion},
    step_kit::{columns_knob, inputs, made, offer, py, py_sum, row_sums, sources},
    words::rows_of,
};

/// Total interaction.
pub struct TotalInteraction;

const NAME: &str = "Total interaction";

/// What counts as an interaction, in the order added.
const ROLES: [Role; 5] =
    [Role::WebVisits, Role::WebPurchases, Role::CatalogPurchases, Role::StorePurchases, Role::DealPurchases];

/// The knob of the columns that are added up.
pub(super) fn interactions_knob() -> Knob {
    let help = "Counts to add up; empty takes web visits and all kinds of purchases";
    columns_knob("interactions", "Interactions", help, true)
}

/// The columns that are added up.
pub(super) fn interactions<'a>(
    table: &'a Table,
    settings: &Settings,
    feature: &'static str,
) -> Result<Vec<&'a Arc<Column>>, StepError> {
    inputs(table, settings, "interactions", &ROLES, feature)
}

/// Settings that name them, when there are at least two.
pub(super) fn interaction_settings(table: &Table) -> Option<Settings> {
    let columns = interactions(table, &Settings::new(), NAME).ok()?;
    let names: Vec<String> = columns.iter().map(|c| c.name.clone()).collect();
    (names.len() > 1).then(|| Settings::new().with("interactions", names))
}

/// Their sum in Python.
pub(super) fn py_interactions(table: &Table, settings: &Settings) -> String {
    py_sum(table, settings, "interactions", &ROLES)
}

impl Step for TotalInteraction {
    fn slug(&self) -> &'static str {
        "total_interaction"
    }

    fn title(&self) -> &'static str {
        "Total interaction"
    }

    fn help(&self) -> &'static str {
        "Web visits plus web, catalog, store and deal purchases."
    }

    fn knobs(&self) -> Vec<Knob> {
        vec![interactions_knob()]
    }

    fn suggest(&self, table: &Table) -> Vec<Suggestion> {
        let Some(settings) = interaction_settings(table) else { return Vec::new() };
        let reason = "How much a person has to do with you, over all channels.".into();
        offer(self, table, settings, format!("Add {NAME}"), reason, true).into_iter().collect()
    }

    fn apply(
        &self,
        table: &Table,
        settings: &Settings,
        _: LearnFrom<'_>,
        _: &Ctx<'_>,
    ) -> Result<Outcome, StepError> {
        let columns = interactions(table, settings, NAME)?;
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
        format!("df[{}] = {}", py(NAME), py_interactions(table, settings))
    }
}
