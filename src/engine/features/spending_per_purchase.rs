//! Customer value index, second form: spending per purchase.

use super::total_spending::{py_spending, spend_settings, spends_knob};
use crate::engine::{
    context::Ctx,
    data::{column::Column, role::Role, table::Table},
    knobs::{Knob, Settings},
    step::{LearnFrom, Outcome, Step, StepError, Suggestion},
    step_kit::{columns_knob, inputs, made, offer, py, py_sum, row_sums, sources},
    words::rows_of,
};

/// Spending per purchase.
pub struct SpendingPerPurchase;

const NAME: &str = "Spending per purchase";

/// Deals overlap the channels and are not added.
pub(super) const CHANNELS: [Role; 3] = [Role::WebPurchases, Role::CatalogPurchases, Role::StorePurchases];

/// The knob of the purchases that are added up.
pub(super) fn purchases_knob() -> Knob {
    let help = "Counts of purchases to add up; empty takes web, catalog and store (deals overlap them)";
    columns_knob("purchases", "Purchases", help, true)
}

/// Names of the purchase columns found by role.
pub(super) fn purchase_names(table: &Table) -> Vec<String> {
    CHANNELS.iter().flat_map(|r| table.all_with_role(*r)).map(|c| c.name.clone()).collect()
}

/// Sum of purchases in Python.
pub(super) fn py_purchases(table: &Table, settings: &Settings) -> String {
    py_sum(table, settings, "purchases", &CHANNELS)
}

impl Step for SpendingPerPurchase {
    fn slug(&self) -> &'static str {
        "spending_per_purchase"
    }

    fn title(&self) -> &'static str {
        "Customer value: spending per purchase"
    }

    fn help(&self) -> &'static str {
        "Total spending divided by web, catalog and store purchases."
    }

    fn knobs(&self) -> Vec<Knob> {
        vec![spends_knob(), purchases_knob()]
    }

    fn suggest(&self, table: &Table) -> Vec<Suggestion> {
        let names = purchase_names(table);
        let Some(settings) = spend_settings(table) else { return Vec::new() };
        if names.is_empty() {
            return Vec::new();
        }
        let settings = settings.with("purchases", names);
        let reason = "Tells a few large baskets from many small ones.".into();
        offer(self, table, settings, format!("Add {NAME}"), reason, true).into_iter().collect()
    }

    fn apply(
        &self,
        table: &Table,
        settings: &Settings,
        _: LearnFrom<'_>,
        _: &Ctx<'_>,
    ) -> Result<Outcome, StepError> {
        let spends = inputs(table, settings, "spends", &[Role::ProductSpend], NAME)?;
        let purchases = inputs(table, settings, "purchases", &CHANNELS, NAME)?;
        let (money, times) = (row_sums(&spends, table.n_rows())?, row_sums(&purchases, table.n_rows())?);
        let values: Vec<f64> =
            money.iter().zip(&times).map(|(m, t)| if *t > 0.0 { m / t } else { f64::NAN }).collect();
        let notes = match values.iter().filter(|v| v.is_nan()).count() as u64 {
            0 => Vec::new(),
            n => vec![format!("{NAME} is missing in {} without purchases", rows_of(n))],
        };
        let mut from = spends.clone();
        from.extend(&purchases);
        let column = Column::number(NAME, Role::Ratio, values).from_columns(&sources(&from));
        made(table, vec![column], format!("Added {NAME} = total spending / purchases"), notes)
    }

    fn python(&self, table: &Table, settings: &Settings) -> String {
        let (money, times) = (py_spending(table, settings), py_purchases(table, settings));
        format!("purchases = {times}\ndf[{}] = {money} / purchases.where(purchases > 0)", py(NAME))
    }
}
