//! Carries out a decision plan: retargeting by segment, the hold-out that would prove it, a budget move between ads.

use super::{
    budget, budget_words, contacts,
    decision::{Decision, DecisionPlan},
    hold_out, retarget,
};
use crate::engine::{
    context::{Ctx, Stopped},
    data::{
        role::{Role, TableKind},
        table::Table,
    },
    models::comparison::Comparison,
    segments::segmentation::Segmentation,
};

/// Decides what can be decided from the table, its segments and its models, and says what is missing for the rest. Money is written in
/// `currency`, plain without one.
pub fn decide(
    table: &Table,
    segmentation: Option<&Segmentation>,
    comparison: Option<&Comparison>,
    plan: &DecisionPlan,
    currency: Option<&str>,
    ctx: &Ctx<'_>,
) -> Result<Decision, Stopped> {
    let mut decision = Decision { plan: plan.clone(), ..Decision::default() };
    if let Some(comparison) = comparison.filter(|c| contacts::fits(table, c)) {
        match contacts::contacts(table, comparison, None, plan, currency) {
            Ok(mut found) => {
                found.hold_out = hold_out::of_contacts(&found, plan.detect);
                decision.plan.economics = Some(found.economics);
                decision.claims.push(contacts::claim(&found, currency));
                decision.contacts = Some(found);
            }
            Err(missing) => decision.missing.push(missing),
        }
    }
    let has_ads = table.with_role(Role::Spend).is_some();
    if table.kind != TableKind::Ads || (segmentation.is_some() && retarget::wants(table, segmentation)) {
        match retarget::retarget(table, segmentation, plan, currency) {
            Ok(found) => {
                decision.plan.economics = Some(found.economics);
                decision.hold_out = segmentation.and_then(|s| hold_out::of_segments(s, &found, plan.detect));
                decision.claims.push(retarget::claim(&found, currency));
                decision.missing.extend(retarget::unknown_segments(plan, &found));
                decision.retargeting = Some(found);
            }
            // What a model asks for too is asked once; where it decides, segments are one way more and not missed.
            Err(missing) if decision.contacts.is_some() || decision.missing.contains(&missing) => {}
            // A table of neither kind that has ads is decided by its budget.
            Err(_) if has_ads && segmentation.is_none() => {}
            Err(missing) => decision.missing.push(missing),
        }
    }
    if table.kind == TableKind::Ads || has_ads {
        match budget::budget(table, plan.budget.as_ref(), currency, ctx)? {
            Ok(found) => {
                decision.plan.budget = Some(found.plan.clone());
                decision.claims.push(budget_words::claim(&found, currency));
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
        decisions::decision::{Economics, Retargeting, SegmentValue, Verdict},
        segments::{
            job, reference,
            segmentation::{SegmentPlan, SegmentProfile, SegmentRate},
        },
        statistics::{claim::Grade, shrink::shrink_rates},
        testing::close,
    };

    fn customers() -> Option<(Table, Segmentation)> {
        let table = reference::customers()?;
        let segments = job::tests::run(&table, SegmentPlan::default(), false).unwrap();
        Some((table, segments))
    }

    fn ask(table: &Table, s: Option<&Segmentation>, plan: &DecisionPlan) -> Decision {
        decide(table, s, None, plan, None, &Ctx::quiet(42)).unwrap()
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
            assert_eq!(r.chosen.contains(&v.index), v.rate > r.break_even, "whoever is expected to pay");
            assert!(v.reason.starts_with(if r.chosen.contains(&v.index) {
                "Contact: "
            } else {
                "Leave out: "
            }));
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

    /// Segments of `(people, responses)` and the decision about them at a value of 11.
    fn decided(groups: &[(u64, f64)], cost: f64, picked: Option<Vec<u32>>) -> Retargeting {
        let mut s = toy();
        let shrunk = shrink_rates(&groups.iter().map(|g| (g.1, g.0 as f64)).collect::<Vec<_>>());
        s.segments = groups
            .iter()
            .zip(&shrunk)
            .zip(0..)
            .map(|((&(n, responses), shrunk), index)| SegmentProfile {
                index,
                name: format!("Segment {}", index + 1),
                n,
                share: 0.0,
                means: vec![],
                z: vec![],
                response: Some(SegmentRate {
                    responses,
                    n,
                    rate: responses / n as f64,
                    interval: (0.0, 1.0),
                    expected: shrunk.expected,
                    expected_interval: shrunk.interval,
                }),
                sentence: String::new(),
            })
            .collect();
        let total: (u64, f64) = groups.iter().fold((0, 0.0), |t, g| (t.0 + g.0, t.1 + g.1));
        s.overall_rate = Some(total.1 / total.0 as f64);
        let plan = DecisionPlan {
            economics: Some(Economics { value_per_response: 11.0, cost_per_contact: cost }),
            segments: picked,
            ..DecisionPlan::default()
        };
        ask(&Table::default(), Some(&s), &plan).retargeting.unwrap()
    }

    fn toy() -> Segmentation {
        Segmentation {
            plan: SegmentPlan::default(),
            n_rows: 0,
            n_filled: 0,
            matrix_columns: vec![],
            sweep: vec![],
            recommended_k: 2,
            why_k: String::new(),
            k: 2,
            profile_columns: vec![],
            overall_means: vec![],
            overall_rate: None,
            segments: vec![],
            projection: None,
            labels: vec![],
            claims: vec![],
            notes: vec![],
        }
    }

    #[test]
    fn the_choice_is_never_expected_to_bring_less_than_everyone_or_nobody() {
        let groups = [(1000, 500.0), (500, 60.0), (700, 70.0), (400, 20.0)];
        for cost in [0.0, 0.5, 1.0, 1.2, 3.0, 6.0, 11.0] {
            let r = decided(&groups, cost, None);
            let top = r.curve.iter().map(|p| p.1).fold(f64::NEG_INFINITY, f64::max);
            assert!(r.profit >= top - 1e-9 && r.profit >= 0.0, "at {cost}: {} of {top}", r.profit);
            assert!(r.profit >= r.curve.last().unwrap().1 - 1e-9);
            assert_eq!(r.profit, r.best_profit);
            let is_sound = |v: &SegmentValue| r.chosen.contains(&v.index) == (v.profit > 0.0);
            assert!(r.segments.iter().all(is_sound), "nobody who is sure to lose is contacted");
        }
    }

    #[test]
    fn a_segment_that_may_pay_is_contacted_with_a_warning_or_left_with_its_reason() {
        // 12 % expected with break-even at 1.2 / 11 = 10.9 %: it may lose, but it is expected to pay.
        let r = decided(&[(1000, 500.0), (500, 60.0), (700, 20.0)], 1.2, None);
        let unsure = r.segments.iter().find(|v| v.index == 1).unwrap();
        assert_eq!(unsure.verdict, Verdict::CannotTell);
        assert!(r.chosen.contains(&1) && unsure.reason.contains("test it first"), "{}", unsure.reason);
        assert!(r.sentence.contains("interval of segment 2: test there first"), "{}", r.sentence);
        // 10.5 %: expected to lose a little.
        let r = decided(&[(1000, 500.0), (500, 52.0), (700, 20.0)], 1.2, None);
        let unsure = r.segments.iter().find(|v| v.index == 1).unwrap();
        assert!(!r.chosen.contains(&1) && unsure.verdict == Verdict::CannotTell);
        assert!(unsure.reason.starts_with("Leave out: ") && unsure.reason.contains("a test may show"));
    }

    #[test]
    fn everyone_nobody_and_a_worse_pick_are_called_so() {
        let groups = [(1000, 500.0), (700, 200.0)];
        let all = decided(&groups, 1.0, None);
        assert!(all.chosen.len() == 2 && all.sentence.starts_with("Contact everyone (1,700 people)"));
        let worse = decided(&groups, 1.0, Some(vec![0]));
        assert!(worse.sentence.contains("Contact everyone instead"), "{}", worse.sentence);
        let none = decided(&groups, 10.9, None);
        assert!(none.chosen.is_empty() && none.sentence.starts_with("Contact nobody: "), "{}", none.sentence);
        assert!(none.sentence.contains("would lose money") && !none.sentence.contains("for now"));
        let alike = decided(&[(100, 10.0), (100, 11.0)], 1.0, None);
        assert!(alike.assumptions.iter().any(|a| a.contains("rho") && a.contains("uncertain")));
        assert!(all.assumptions.iter().any(|a| a.contains("rho") && a.contains("too narrow")));
    }

    #[test]
    fn money_carries_the_currency_where_the_file_names_one() {
        let Some((table, s)) = customers() else { return };
        let told = |currency| {
            decide(&table, Some(&s), None, &DecisionPlan::default(), currency, &Ctx::quiet(42))
                .unwrap()
                .retargeting
                .unwrap()
        };
        // As read, the outlying incomes still in; cleaned as suggested it is 240 people and 619.
        let (plain, euro) = (told(None), told(Some("EUR")));
        assert!(
            euro.sentence.contains("626 EUR") && euro.sentence.contains("−3,046 EUR"),
            "{}",
            euro.sentence
        );
        let says = |r: &Retargeting| r.assumptions.iter().filter(|a| a.contains("file’s currency")).count();
        assert_eq!((says(&plain), says(&euro)), (1, 0));
        assert!(
            plain.sentence.starts_with("Contact segment 3 (245 people): expected profit 626"),
            "{}",
            plain.sentence
        );
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
        assert!(r.people == 0 && r.profit == 0.0 && r.sentence.starts_with("Nobody is picked"));
        assert!(r.sentence.contains("Contact segment 3 instead"), "{}", r.sentence);
        assert!(none.hold_out.unwrap().available == 2240);
    }

    #[test]
    fn what_is_missing_is_said() {
        let Some((table, s)) = customers() else { return };
        let plan = DecisionPlan::default();
        assert!(ask(&table, None, &plan).missing[0].contains("make segments, then"));
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
