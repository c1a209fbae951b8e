//! The experiment that would prove a budget move: two halves drawn by lot, and how large each must be.
//!
//! Counts of two Poisson processes of equal spend, c₁ and c₂ = c₁ + g, differ with variance φ(c₁ + c₂). Each half must be
//! m times the file's two groups, m = φ (z₁₋α/₂ + z_power)² (c₁ + c₂) / g². With φ = 1 this is the rule 4 / (√λ₁ − √λ₂)²
//! of van Belle (Statistical Rules of Thumb, 2008, 2.12) for 80 % power; φ is the Pearson dispersion (McCullagh and Nelder 1989).

use super::{
    budget::total,
    decision::{BudgetResult, BudgetTest},
    elasticity::Sums,
};
use crate::engine::{
    data::{column::Values, role::Role, table::Table},
    numeric::distributions::normal_quantile,
    words,
};

const POWER: f64 = 0.8;
const ALPHA: f64 = 0.05;
const MILLISECONDS_A_WEEK: f64 = 7.0 * 86_400_000.0;

/// How many times as much as was counted each half must hold to tell two Poisson counts apart; `None` when they are equal.
fn times(before: f64, after: f64, dispersion: f64) -> Option<f64> {
    let z = normal_quantile(1.0 - ALPHA / 2.0) + normal_quantile(POWER);
    let difference = after - before;
    let times = dispersion * z * z * (before + after) / (difference * difference);
    (before > 0.0 && after > 0.0 && times.is_finite()).then_some(times)
}

/// Plans the test of the gain to count on; `None` where no gain is expected.
pub(super) fn plan(
    table: &Table,
    rows: &[usize],
    r: &BudgetResult,
    both: Sums,
    dispersion: f64,
) -> Option<BudgetTest> {
    let gain = Some(r.expected).filter(|g| *g > 0.0)?;
    let times = times(both.conversions, both.conversions + gain, dispersion)?;
    let by = table.column(&r.plan.by).ok()?;
    let pair: Vec<usize> = rows
        .iter()
        .copied()
        .filter(|&row| {
            let label = by.cell_text(row);
            label == r.plan.from || label == r.plan.to
        })
        .collect();
    let each = |role| total(table, role, &pair).map(|sum| times * sum);
    let mut test = BudgetTest {
        conversions: times * both.conversions,
        conversions_moved: times * (both.conversions + gain),
        spend: times * both.spend,
        clicks: each(Role::Clicks),
        impressions: each(Role::Impressions),
        times,
        // Both halves together run at the pace of the file.
        weeks: weeks(table, &pair).map(|w| 2.0 * times * w),
        dispersion,
        power: POWER,
        alpha: ALPHA,
        sentence: String::new(),
    };
    test.sentence = sentence(r, &test);
    Some(test)
}

/// Weeks from the first day of these ads to the last, both counted.
fn weeks(table: &Table, rows: &[usize]) -> Option<f64> {
    let Values::Date(days) = &table.with_role(Role::Date)?.values else { return None };
    let known = || rows.iter().map(|&r| days[r]).filter(|d| d.is_finite());
    let (first, last) = (known().min_by(f64::total_cmp)?, known().max_by(f64::total_cmp)?);
    Some((last - first) / MILLISECONDS_A_WEEK + 1.0 / 7.0).filter(|w| *w > 0.5)
}

fn sentence(r: &BudgetResult, t: &BudgetTest) -> String {
    let clicks = t.clicks.map_or_else(String::new, |c| format!(", {} clicks", words::decimals(c.ceil(), 0)));
    let weeks = t.weeks.map_or_else(String::new, |w| {
        format!(" or {} weeks at the pace of the file", words::decimals(w.ceil(), 0))
    });
    format!(
        "To prove it, draw regions or audiences by lot into two halves of equal spend: one keeps its budget, the other makes \
         the move. A gain of {} in {} is found with {} % power once the half that keeps its budget has {} {}{clicks}: {} times \
         what these two groups have in the file{weeks}. A larger share is usually proved sooner.",
        words::percent(t.conversions_moved / t.conversions - 1.0),
        r.noun,
        words::brief(t.power * 100.0),
        words::decimals(t.conversions.ceil(), 0),
        r.noun,
        words::rough(t.times),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::testing::close;

    #[test]
    fn two_poisson_counts_need_as_many_as_the_rule_of_thumb_says() {
        // van Belle: 4 / (√30 − √36)² observations an arm tell means of 30 and 36 apart; the exact constant is z²/2 = 3.92.
        let n = times(30.0, 36.0, 1.0).unwrap();
        let rule = 4.0 / (36.0_f64.sqrt() - 30.0_f64.sqrt()) / (36.0_f64.sqrt() - 30.0_f64.sqrt());
        assert!((n / rule - 1.0).abs() < 0.03, "{n} {rule}");
        close(times(30.0, 36.0, 2.0).unwrap(), 2.0 * n, 1e-12);
        close(n, 7.848_879_734 * 66.0 / 36.0, 1e-8);
        assert_eq!(times(30.0, 30.0, 1.0), None);
        assert_eq!(times(0.0, 3.0, 1.0), None);
    }
}
