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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{
        decisions::decision::{Economics, Verdict},
        segments::{job, reference, segmentation::SegmentPlan},
        statistics::claim::Grade,
        testing::close,
    };

    fn customers() -> Option<(Table, Segmentation)> {
        let table = reference::customers()?;
        let segments = job::tests::run(&table, SegmentPlan::default(), false).unwrap();
        Some((table, segments))
    }

    fn ask(table: &Table, s: Option<&Segmentation>, plan: &DecisionPlan) -> Decision {
        decide(table, s, plan, &Ctx::quiet(42)).unwrap()
    }

    #[test]
    fn the_customers_file_is_decided_in_its_own_money() {
        let Some((table, s)) = customers() else { return };
        let d = ask(&table, Some(&s), &DecisionPlan::default());
        let r = d.retargeting.as_ref().unwrap();
        assert_eq!(r.economics, Economics { value_per_response: 11.0, cost_per_contact: 3.0 });
        assert_eq!(r.economics_source, "read from Z_Revenue and Z_CostContact");
        assert_eq!(r.profit_everyone, -3046.0);
        close(r.break_even, 3.0 / 11.0, 1e-15);
        for v in &r.segments {
            close(v.profit, v.n as f64 * (v.rate * 11.0 - 3.0), 1e-12);
            assert!(v.profit_interval.0 < v.profit && v.profit < v.profit_interval.1);
            let surely = v.rate_interval.0 > r.break_even;
            assert_eq!(v.verdict == Verdict::Contact, surely);
            assert_eq!(r.chosen.contains(&v.index), surely);
        }
        assert!(r.segments.windows(2).all(|w| w[0].profit_per_person >= w[1].profit_per_person));
        assert_eq!(r.curve.last().unwrap().0, 2240);
        let total: f64 = r.segments.iter().filter(|v| r.chosen.contains(&v.index)).map(|v| v.profit).sum();
        close(r.profit, total, 1e-12);
        assert!(r.profit_interval.0 <= r.profit && r.profit <= r.profit_interval.1);
        assert!(d.missing.is_empty() && d.budget.is_none());
        assert_ne!(d.claims[0].grade, Grade::Supported);
        assert_eq!(d, ask(&table, Some(&s), &DecisionPlan::default()));
    }

    #[test]
    fn what_the_user_enters_and_picks_counts() {
        let Some((table, s)) = customers() else { return };
        let economics = Some(Economics { value_per_response: 100.0, cost_per_contact: 1.0 });
        let d = ask(
            &table,
            Some(&s),
            &DecisionPlan { economics, segments: Some(vec![0, 99]), ..DecisionPlan::default() },
        );
        let r = d.retargeting.unwrap();
        assert_eq!((r.chosen.as_slice(), r.economics_source.as_str()), (&[0][..], "entered by you"));
        assert!(r.segments.iter().all(|v| v.verdict == Verdict::Contact));
        assert!(d.missing[0].contains("Segment 100"), "{:?}", d.missing);
        let none = ask(&table, Some(&s), &DecisionPlan { segments: Some(vec![]), ..DecisionPlan::default() });
        let r = none.retargeting.unwrap();
        assert!(r.people == 0 && r.profit == 0.0 && r.sentence.contains("no segment is picked"));
        assert!(none.hold_out.unwrap().available == 2240);
    }

    #[test]
    fn what_is_missing_is_said() {
        let Some((table, s)) = customers() else { return };
        let plan = DecisionPlan::default();
        assert!(ask(&table, None, &plan).missing[0].contains("make segments first"));
        let mut bare = table.clone();
        bare.remove("Z_Revenue").unwrap();
        assert!(ask(&bare, Some(&s), &plan).missing[0].contains("what a response is worth"));
        let mut silent = s.clone();
        silent.overall_rate = None;
        assert!(ask(&table, Some(&silent), &plan).missing[0].contains("yes/no outcome"));
        let economics = Some(Economics { value_per_response: 0.0, cost_per_contact: f64::NAN });
        let wrong = DecisionPlan { economics, ..plan.clone() };
        assert!(ask(&table, Some(&s), &wrong).missing[0].contains("cannot be used"));
        let empty = Table::default();
        assert!(!ask(&empty, None, &plan).missing.is_empty());
    }
}
