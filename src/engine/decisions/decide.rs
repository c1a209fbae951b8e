//! Carries out a decision plan: retargeting by segment, the hold-out that would prove it, a budget move between ads.

use super::{
    budget,
    decision::{Decision, DecisionPlan},
    hold_out, retarget,
};
use crate::engine::{
    context::{Ctx, Stopped},
    data::{
        role::{Role, TableKind},
        table::Table,
    },
    segments::segmentation::Segmentation,
};

/// Decides what can be decided from the table and its segments, and says what is missing for the rest.
pub fn decide(
    table: &Table,
    segmentation: Option<&Segmentation>,
    plan: &DecisionPlan,
    ctx: &Ctx<'_>,
) -> Result<Decision, Stopped> {
    let mut decision = Decision { plan: plan.clone(), ..Decision::default() };
    let has_ads = table.with_role(Role::Spend).is_some();
    if table.kind != TableKind::Ads || (segmentation.is_some() && retarget::wants(table, segmentation)) {
        match retarget::retarget(table, segmentation, plan) {
            Ok(found) => {
                decision.plan.economics = Some(found.economics);
                decision.hold_out = segmentation.and_then(|s| hold_out::plan(s, &found, plan.detect));
                decision.claims.push(retarget::claim(&found));
                decision.missing.extend(retarget::unknown_segments(plan, &found));
                decision.retargeting = Some(found);
            }
            Err(missing) => decision.missing.push(missing),
        }
    }
    if table.kind == TableKind::Ads || has_ads {
        match budget::budget(table, plan.budget.as_ref(), ctx)? {
            Ok(found) => {
                decision.plan.budget = Some(found.plan.clone());
                decision.claims.push(budget::claim(&found));
                decision.budget = Some(found);
            }
            Err(missing) => decision.missing.push(missing),
        }
    }
    Ok(decision)
}
