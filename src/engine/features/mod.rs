//! Features: new columns from old ones, ready-made for the roles found.
//!
//! A new maker is a new file here, its `mod` line and its entry in [`MAKERS`].

mod ad_ratio;
mod age;
mod age_group;
mod bins;
mod channel_preference;
mod conversion_rate;
mod family_size;
pub mod formula;
mod formula_column;
mod frequency_encoding;
mod gender_code;
mod income_per_capita;
mod interaction;
mod log1p;
mod loyalty;
mod one_hot;
mod ordinal;
mod recency_segment;
mod rfm;
mod scale;
mod spending_per_purchase;
mod tenure;
mod total_interaction;
mod total_spending;

use super::{
    data::table::Table,
    knobs::KnobKind,
    step::{Effect, Step, StepCall, StepStanding, Suggestion},
    step_kit,
};
use crate::engine::order::InOrder;

/// Every feature maker, in the order offered.
pub const MAKERS: &[&dyn Step] = &[
    // ads
    &ad_ratio::CTR,
    &ad_ratio::CPC,
    &ad_ratio::CPM,
    &interaction::Interaction,
    &ad_ratio::BUDGET_PER_IMPRESSION,
    &gender_code::GenderCode,
    &ad_ratio::CLICK_CONVERSION_RATE,
    &ad_ratio::CONVERSIONS_PER_MILLE,
    &ad_ratio::COST_PER_ENQUIRY,
    &ad_ratio::COST_PER_PURCHASE,
    &ad_ratio::CLOSE_RATE,
    &ad_ratio::ROAS,
    // customers
    &age::AgeInYears,
    &age_group::AgeGroup,
    &family_size::FamilySize,
    &income_per_capita::IncomePerCapita,
    &tenure::Tenure,
    &recency_segment::RecencySegment,
    &total_interaction::TotalInteraction,
    &channel_preference::ChannelPreference,
    &total_spending::TotalSpending,
    &spending_per_purchase::SpendingPerPurchase,
    &loyalty::Loyalty,
    &conversion_rate::ConversionRate,
    &rfm::Rfm,
    // any table
    &formula_column::FormulaColumn,
    &bins::Bins,
    &one_hot::OneHot,
    &ordinal::Ordinal,
    &frequency_encoding::FrequencyEncoding,
    &scale::Scale,
    &log1p::Log1p,
];

/// Every call worth making on this table: what is recommended first, else in the order of [`MAKERS`].
pub fn suggest(table: &Table) -> Vec<Suggestion> {
    let mut found: Vec<Suggestion> = MAKERS.iter().flat_map(|s| s.suggest(table)).collect();
    found.order_by_key(|s| !s.recommended);
    found
}

/// The effect of a feature is shown with so many of its columns, in so many rows.
const N_INPUTS: usize = 4;
const N_SHOWN: usize = 20;

/// For every maker, whether the table has what it takes.
pub fn standings(table: &Table) -> Vec<StepStanding> {
    let head: Vec<u32> = (0..table.n_rows().min(200) as u32).collect();
    let head = table.take_rows(&head);
    MAKERS.iter().map(|s| step_kit::standing(*s, &head)).collect()
}

/// The levels of the column whose order a call asks for, as they stand in it; empty when it asks for none.
pub fn levels_to_order(table: &Table, call: &StepCall) -> Vec<String> {
    let step = MAKERS.iter().find(|s| s.slug() == call.slug);
    let column = step.and_then(|s| {
        s.knobs().into_iter().find_map(|k| match k.kind {
            KnobKind::Order { column } => table.column(call.settings.text(&column, "")).ok(),
            _ => None,
        })
    });
    column.and_then(|c| one_hot::categories(c).ok()).map(|d| d.levels).unwrap_or_default()
}

/// The columns a feature is made from, with their cells in the rows of its first examples.
pub fn inputs(table: &Table, effect: &Effect) -> Vec<(String, Vec<String>)> {
    let row = |id: u64| table.row_ids().iter().position(|of| u64::from(*of) + 1 == id);
    let rows: Vec<usize> = effect.examples.iter().take(N_SHOWN).filter_map(|e| row(e.row)).collect();
    let columns = effect.columns_used.iter().filter_map(|name| table.column(name).ok()).take(N_INPUTS);
    columns.map(|c| (c.name.clone(), rows.iter().map(|&row| c.cell_text(row)).collect())).collect()
}

/// The suggested features: recommended calls in the order in which they can be applied.
pub fn recommended(table: &Table) -> Vec<StepCall> {
    step_kit::settle(table, MAKERS, suggest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{
        context::Ctx,
        data::{
            column::Column,
            role::{Role, TableKind},
        },
        knobs::Settings,
        pipeline::{execute, recipe::RecipeStep},
        step::LearnFrom,
    };

    #[test]
    fn a_formula_is_shown_with_the_columns_it_takes() {
        let columns =
            ["a", "b", "c"].map(|name| Column::number(name, Role::Number, vec![1.0, f64::NAN, 3.0]));
        let table = Table::new(TableKind::Other, columns.to_vec()).unwrap().take_rows(&[1, 2]);
        let call = StepCall::new("formula", Settings::new().with("formula", "2 * c + a").with("name", "d"));
        let step = RecipeStep::Feature(call);
        let effect = execute::apply(&table, &step, LearnFrom::All, &Ctx::quiet(0)).unwrap().effect;
        let shown = |name: &str| (name.to_owned(), vec![String::new(), "3".to_owned()]);
        assert_eq!(effect.examples.iter().map(|e| e.row).collect::<Vec<_>>(), [2, 3]);
        assert_eq!(inputs(&table, &effect), [shown("a"), shown("c")]);
    }
}
