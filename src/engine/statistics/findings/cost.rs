//! What an outcome costs in each group.

use crate::engine::data::role::Role;

use super::{Found, costed};
use crate::engine::statistics::{
    exploration::RateLevel,
    rates::{Outcome, OutcomeKind},
    segment::Grouping,
};

/// Cost per outcome by level.
pub(super) struct Costs {
    /// "purchase", "enquiry".
    pub what: &'static str,
    /// Label and cost of each level that has outcomes and is large enough.
    pub levels: Vec<(String, f64)>,
}

/// Cost per outcome by level, where the table has spend and the outcome is a conversion.
pub(super) fn costs(
    found: &Found,
    outcome: &Outcome,
    grouping: &Grouping,
    large: &[&RateLevel],
) -> Option<Costs> {
    let what = costed(outcome)?;
    // Per click alone: costs a click are much alike, so that a test of purchases per click speaks for their cost.
    if outcome.kind != OutcomeKind::Count || outcome.exposure_label != "clicks" {
        return None;
    }
    let spend = found.table.with_role(Role::Spend)?;
    let spend = spend.as_numbers()?;
    let mut sums = vec![(0.0, 0.0); grouping.labels.len()];
    for ((&code, &cost), &y) in grouping.codes.iter().zip(spend.iter()).zip(outcome.values.iter()) {
        if let Some(sum) = sums.get_mut(code as usize)
            && !cost.is_nan()
            && !y.is_nan()
        {
            sum.0 += cost;
            sum.1 += y;
        }
    }
    let levels: Vec<(String, f64)> = grouping
        .labels
        .iter()
        .zip(sums)
        .filter(|(label, s)| s.1 > 0.0 && large.iter().any(|l| &l.label == *label))
        .map(|(label, s)| (label.clone(), s.0 / s.1))
        .collect();
    (levels.len() > 1).then_some(Costs { what, levels })
}
