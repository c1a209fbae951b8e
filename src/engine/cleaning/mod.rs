//! Cleaning: what is wrong with a table and the steps that mend it.
//!
//! A new step is a new file here, its `mod` line and its entry in [`STEPS`].

mod change_type;
mod date_parts;
mod drop_columns;
mod drop_duplicates;
mod drop_missing;
mod fill_from_neighbours;
mod fill_missing;
mod filter_rows;
mod impossible;
mod merge_spellings;
mod missing_indicator;
mod outliers;
mod rare_levels;
mod sample_rows;
mod sentinels;
mod split_column;
mod trim_and_case;

use super::{
    data::{column::Values, role::Role, table::Table},
    knobs::{Knob, KnobKind, Offers},
    step::{Step, StepCall, Suggestion},
    step_kit::{self, numbers},
    words::{self, rows_of},
};
use crate::engine::order::InOrder;

pub(crate) use change_type::change_type;

/// Every cleaning step, in the order offered.
pub const STEPS: &[&dyn Step] = &[
    &change_type::ChangeType,
    &drop_columns::DropColumns,
    &trim_and_case::TrimAndCase,
    &merge_spellings::MergeSpellings,
    &sentinels::Sentinels,
    &impossible::Impossible,
    &missing_indicator::MissingIndicator,
    &fill_missing::FillMissing,
    &fill_from_neighbours::FillFromNeighbours,
    &drop_missing::DropMissing,
    &drop_duplicates::DropDuplicates,
    &outliers::Outliers,
    &rare_levels::RareLevels,
    &split_column::SplitColumn,
    &date_parts::DateParts,
    &filter_rows::FilterRows,
    &sample_rows::SampleRows,
];

/// So many values of a column are offered.
const MOST_OFFERED: usize = 200;

/// Every call worth making on this table: what is recommended first, else in the order of [`STEPS`].
pub fn suggest(table: &Table) -> Vec<Suggestion> {
    let mut found: Vec<Suggestion> = STEPS.iter().flat_map(|s| s.suggest(table)).collect();
    found.order_by_key(|s| !s.recommended);
    found
}

/// The suggested way to its end: recommended calls are applied and the table looked at again, until nothing is left to
/// recommend. (A sentinel made missing is a missing value to fill only then.)
pub fn recommended(table: &Table) -> Vec<StepCall> {
    step_kit::settle(table, STEPS, suggest)
}

/// The values of the columns that settings are compared with, the most frequent first.
pub fn values_to_compare(table: &Table, call: &StepCall) -> Offers {
    let knobs = STEPS.iter().find(|s| s.slug() == call.slug).map(|s| s.knobs()).unwrap_or_default();
    let values = |knob: Knob| {
        let KnobKind::Value { column } = knob.kind else { return None };
        let column = table.column(call.settings.text(&column, "")).ok()?;
        let Values::Category(levels) = &column.values else { return None };
        let counts = levels.counts();
        let mut order: Vec<usize> = (0..counts.len()).filter(|&level| counts[level] > 0).collect();
        order.order_by_key(|&level| std::cmp::Reverse(counts[level]));
        let first = order.into_iter().take(MOST_OFFERED);
        Some((knob.slug, first.map(|level| (levels.levels[level].clone(), counts[level])).collect()))
    };
    knobs.into_iter().filter_map(values).collect()
}

/// What looks odd but is right, and is therefore kept.
pub fn notes(table: &Table) -> Vec<String> {
    let mut notes = Vec::new();
    let values = |role| table.with_role(role).and_then(|c| numbers(c).ok());
    if let (Some(clicks), Some(spend)) = (values(Role::Clicks), values(Role::Spend)) {
        let idle: Vec<usize> = (0..table.n_rows()).filter(|&r| clicks[r] == 0.0 && spend[r] == 0.0).collect();
        if !idle.is_empty() {
            let mut note = format!("{} without clicks and spend are kept", rows_of(idle.len() as u64));
            let with = |role: Role| {
                let column = table.with_role(role)?;
                let values = numbers(column).ok()?;
                let n = idle.iter().filter(|&&r| values[r] > 0.0).count() as u64;
                (n > 0).then(|| format!("{} of them have {}", words::count(n), column.name))
            };
            let outcomes: Vec<String> =
                [Role::Enquiries, Role::Purchases].into_iter().filter_map(with).collect();
            if !outcomes.is_empty() {
                note.push_str(&format!(": {} (people who saw the ad and came later)", outcomes.join(", ")));
            }
            notes.push(note);
        }
    }
    for role in [Role::Cost, Role::ValuePerResponse] {
        if let Some(column) = table.with_role(role)
            && let Ok(values) = numbers(column)
            && let Some(first) = values.iter().copied().find(|v| !v.is_nan())
            && values.iter().all(|v| v.is_nan() || *v == first)
        {
            notes.push(format!(
                "{} is {} in every row and is kept: it is the {} of the campaign",
                column.name,
                words::brief(first),
                role.label().to_lowercase()
            ));
        }
    }
    notes
}

/// Whether people may want the values of a column judged: measured numbers, not names, not computed columns, and not
/// outcomes, which a model would then be scored against in altered form.
fn is_measured(column: &super::data::column::Column) -> bool {
    column.made_from.is_empty()
        && column.column_type() == super::data::column::ColumnType::Number
        && !column.role.is_outcome()
        && !matches!(
            column.role,
            Role::Identifier
                | Role::Campaign
                | Role::AdGroup
                | Role::Ad
                | Role::Category
                | Role::Text
                | Role::Ratio
                | Role::Cost
                | Role::ValuePerResponse
                | Role::EarlierResponse
        )
}

/// Whether a column says who somebody is: what quotes its values in settings or reasons is not suggested.
fn is_personal(table: &Table, column: &super::data::column::Column) -> bool {
    table.personal(&column.name).is_some()
}

/// Whether a column holds names or words whose spelling may be mended: of the file, no identifier, no outcome.
fn is_wordy(column: &super::data::column::Column) -> bool {
    column.made_from.is_empty()
        && column.levels().is_some()
        && !column.role.is_outcome()
        && column.role != Role::Identifier
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{
        data::{column::Column, role::TableKind},
        knobs::Settings,
    };

    #[test]
    fn the_values_of_a_category_are_offered_with_their_rows() {
        let g = [Some("b"), Some("a"), None, Some("a")];
        let columns = vec![
            Column::category("g", Role::Category, &g),
            Column::number("x", Role::Number, vec![1.0, 2.0, 3.0, 4.0]),
        ];
        let table = Table::new(TableKind::Other, columns).unwrap();
        let settings = Settings::new().with("column", "x").with("column_2", "g");
        let offered = values_to_compare(&table, &StepCall::new("filter_rows", settings));
        assert_eq!(offered, [("value_2".to_owned(), vec![("a".to_owned(), 2), ("b".to_owned(), 1)])]);
    }
}
