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
    step::{Step, StepCall, StepStanding, Suggestion},
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

/// The suggested features: recommended calls in the order in which they can be applied.
pub fn recommended(table: &Table) -> Vec<StepCall> {
    step_kit::settle(table, MAKERS, suggest)
}
