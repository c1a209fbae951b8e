//! Tests of group differences. Each returns statistic, degrees of freedom, p and an effect size; `None` when undefined.

use crate::engine::numeric::{
    distributions::{binomial_density, chi2_sf, f_sf, normal_sf, normal_two_sided, t_two_sided},
    math,
};

use super::summary::Order;

/// What a test found.
#[derive(Debug, Clone, PartialEq)]
pub struct Tested {
    /// chi², F, H, t, U or z.
    pub statistic: f64,
    /// None, one, or numerator and denominator.
    pub dof: Vec<f64>,
    /// Two-sided where the test has sides.
    pub p: f64,
    /// Name and value.
    pub effect: Option<(&'static str, f64)>,
}

/// Pearson's chi² of independence of a table of counts (rows x columns), without continuity correction, with Cramér's V.
/// Empty rows and columns do not count. `None` below two by two.
pub fn chi2_independence(table: &[Vec<f64>]) -> Option<Tested> {
    let n_cols = table.first()?.len();
    let row_sums: Vec<f64> = table.iter().map(|r| math::sum(r.iter().copied())).collect();
    let col_sums: Vec<f64> = (0..n_cols).map(|j| math::sum(table.iter().map(|r| r[j]))).collect();
    let total = math::sum(row_sums.iter().copied());
    let rows = row_sums.iter().filter(|s| **s > 0.0).count();
    let cols = col_sums.iter().filter(|s| **s > 0.0).count();
    if rows < 2 || cols < 2 {
        return None;
    }
    let mut terms = Vec::with_capacity(table.len() * n_cols);
    for (row, r) in table.iter().zip(&row_sums).filter(|(_, s)| **s > 0.0) {
        for (observed, c) in row.iter().zip(&col_sums).filter(|(_, s)| **s > 0.0) {
            let expected = r * c / total;
            terms.push((observed - expected) * (observed - expected) / expected);
        }
    }
    let statistic = math::sum(terms);
    let dof = ((rows - 1) * (cols - 1)) as f64;
    let v = (statistic / total / (rows.min(cols) - 1) as f64).sqrt();
    Some(Tested { statistic, dof: vec![dof], p: chi2_sf(statistic, dof), effect: Some(("Cramér's V", v)) })
}

/// One-way analysis of variance, with eta². `None` below two groups with values or without spread within.
pub fn anova(groups: &[&[f64]]) -> Option<Tested> {
    let groups: Vec<&[f64]> = groups.iter().copied().filter(|g| !g.is_empty()).collect();
    let n: usize = groups.iter().map(|g| g.len()).sum();
    let k = groups.len();
    if k < 2 || n <= k {
        return None;
    }
    let grand = math::sum(groups.iter().flat_map(|g| g.iter().copied())) / n as f64;
    let means: Vec<f64> = groups.iter().map(|g| mean(g)).collect();
    let between =
        math::sum(groups.iter().zip(&means).map(|(g, m)| g.len() as f64 * (m - grand) * (m - grand)));
    let within = math::sum(groups.iter().zip(&means).map(|(g, m)| squares(g, *m)));
    if within <= 0.0 {
        return None;
    }
    let (d1, d2) = ((k - 1) as f64, (n - k) as f64);
    let statistic = (between / d1) / (within / d2);
    let effect = Some(("eta²", between / (between + within)));
    Some(Tested { statistic, dof: vec![d1, d2], p: f_sf(statistic, d1, d2), effect })
}

/// Kruskal-Wallis H on average ranks, corrected for ties, with epsilon². `None` when all values are equal.
pub fn kruskal(groups: &[&[f64]]) -> Option<Tested> {
    let groups: Vec<&[f64]> = groups.iter().copied().filter(|g| !g.is_empty()).collect();
    let k = groups.len();
    let (rank_sums, n, ties) = rank_sums(&groups);
    if k < 2 || n < 3.0 {
        return None;
    }
    let correction = 1.0 - ties / (n * n * n - n);
    if correction <= 0.0 {
        return None;
    }
    let raw = math::sum(groups.iter().zip(&rank_sums).map(|(g, s)| s * s / g.len() as f64));
    let statistic = (12.0 / (n * (n + 1.0)) * raw - 3.0 * (n + 1.0)) / correction;
    let dof = (k - 1) as f64;
    let effect = Some(("epsilon²", statistic / (n - 1.0)));
    Some(Tested { statistic, dof: vec![dof], p: chi2_sf(statistic, dof), effect })
}

/// Welch's t of two groups of unequal variance, two-sided, with Cohen's d.
pub fn welch(a: &[f64], b: &[f64]) -> Option<Tested> {
    if a.len() < 2 || b.len() < 2 {
        return None;
    }
    let (n, m) = (a.len() as f64, b.len() as f64);
    let (mean_a, mean_b) = (mean(a), mean(b));
    let (ss_a, ss_b) = (squares(a, mean_a), squares(b, mean_b));
    let (u, v) = (ss_a / (n - 1.0) / n, ss_b / (m - 1.0) / m);
    if u + v <= 0.0 {
        return None;
    }
    let statistic = (mean_a - mean_b) / (u + v).sqrt();
    let dof = (u + v) * (u + v) / (u * u / (n - 1.0) + v * v / (m - 1.0));
    let pooled = ((ss_a + ss_b) / (n + m - 2.0)).sqrt();
    let effect = Some(("Cohen's d", (mean_a - mean_b) / pooled));
    Some(Tested { statistic, dof: vec![dof], p: t_two_sided(statistic, dof), effect })
}

/// Mann-Whitney U of the first group, two-sided, normal approximation with ties and continuity corrected (SciPy's
/// asymptotic method), with the rank-biserial correlation.
pub fn mann_whitney(a: &[f64], b: &[f64]) -> Option<Tested> {
    if a.is_empty() || b.is_empty() {
        return None;
    }
    let (sums, n_all, ties) = rank_sums(&[a, b]);
    let (n, m) = (a.len() as f64, b.len() as f64);
    let u = sums[0] - n * (n + 1.0) / 2.0;
    let variance = n * m / 12.0 * ((n_all + 1.0) - ties / (n_all * (n_all - 1.0)));
    if variance <= 0.0 {
        return None;
    }
    let larger = u.max(n * m - u);
    let z = (larger - n * m / 2.0 - 0.5) / variance.sqrt();
    let p = (2.0 * normal_sf(z)).min(1.0);
    let effect = Some(("rank-biserial r", 2.0 * u / (n * m) - 1.0));
    Some(Tested { statistic: u, dof: Vec::new(), p, effect })
}

/// Difference of two shares by the pooled z test, two-sided; the effect is the difference itself.
pub fn two_proportions(first: (f64, f64), second: (f64, f64)) -> Option<Tested> {
    let ((x, n), (y, m)) = (first, second);
    if n <= 0.0 || m <= 0.0 {
        return None;
    }
    let pooled = (x + y) / (n + m);
    let variance = pooled * (1.0 - pooled) * (1.0 / n + 1.0 / m);
    if variance <= 0.0 {
        return None;
    }
    let z = (x / n - y / m) / variance.sqrt();
    let effect = Some(("difference", x / n - y / m));
    Some(Tested { statistic: z, dof: Vec::new(), p: normal_two_sided(z), effect })
}

/// Fisher's exact test of two groups given as (yes, no), two-sided: the chance of every table with the same margins that
/// is no likelier than this one. The statistic is the odds ratio of the table (infinite odds are written as those of half a
/// case more a cell), the effect Cramér's V. Cost: one density a possible table. Reference: Fisher 1922; R's `fisher.test`.
pub fn fisher(first: [f64; 2], second: [f64; 2]) -> Option<Tested> {
    let [a, b] = first;
    let [c, d] = second;
    let (n, m, yes) = (a + b, c + d, a + c);
    let total = n + m;
    if n <= 0.0 || m <= 0.0 || yes <= 0.0 || yes >= total {
        return None;
    }
    // The hypergeometric density by binomial ones, which keep their digits in the tails (Loader 2000).
    let share = yes / total;
    let density = |x: f64| {
        binomial_density(x, n, share) * binomial_density(yes - x, m, share)
            / binomial_density(yes, total, share)
    };
    // Tables as likely as this one count, whatever rounding did to them.
    let limit = density(a) * (1.0 + 1e-7);
    let (low, high) = ((yes - m).max(0.0) as u64, n.min(yes) as u64);
    let p = math::sum((low..=high).map(|x| density(x as f64)).filter(|d| *d <= limit)).min(1.0);
    let half = if a * b * c * d == 0.0 { 0.5 } else { 0.0 };
    let odds = (a + half) * (d + half) / ((b + half) * (c + half));
    let v = (a * d - b * c).abs() / (n * m * yes * (total - yes)).sqrt();
    Some(Tested { statistic: odds, dof: Vec::new(), p, effect: Some(("Cramér's V", v)) })
}

/// Pearson dispersion of counts about one common rate; `None` when it cannot be told.
pub fn dispersion_of(outcome: &[f64], exposure: &[f64]) -> Option<f64> {
    let used =
        || outcome.iter().zip(exposure).filter(|(y, e)| !y.is_nan() && **e > 0.0).map(|(&y, &e)| (y, e));
    let rate = math::sum(used().map(|u| u.0)) / math::sum(used().map(|u| u.1));
    let n = used().count() as f64;
    let terms = used().map(|(y, e)| (y - rate * e) * (y - rate * e) / (rate * e));
    let dispersion = math::sum(terms) / (n - 1.0);
    (rate > 0.0 && n > 1.0 && dispersion > 0.0).then_some(dispersion)
}

/// Counts compared by group, each with its exposure.
#[derive(Debug, Clone, PartialEq)]
pub struct CountTest {
    /// The F test.
    pub tested: Tested,
    /// Pearson's chi² over residual degrees of freedom; 1 for pure chance.
    pub dispersion: f64,
    /// What the groups explain, before dividing by the dispersion.
    pub deviance_difference: f64,
    /// Rows with exposure that were used.
    pub n_rows: u64,
}

/// Quasi-Poisson F of a count over groups with offset log(exposure): the deviance the groups explain, per degree of
/// freedom, over the Pearson dispersion of the rows within their groups (statsmodels' GLM by hand).
///
/// The Poisson model with one level a group has a closed form (ratio of sums in each group), so there is no iteration.
/// Ads differ more from each other than counting chance allows, and a chi² on the sums takes that for evidence; dividing
/// by the dispersion does not. Rows without exposure, outcome or group are left out. Reference: McCullagh & Nelder 1989,
/// section 6.2.
pub fn quasi_poisson(
    outcome: &[f64],
    exposure: &[f64],
    groups: &[u32],
    n_groups: usize,
) -> Option<CountTest> {
    // Gone over twice rather than kept: a table may have millions of rows.
    let used = || {
        let rows = outcome.iter().zip(exposure).zip(groups).map(|((&y, &e), &g)| (y, e, g as usize));
        rows.filter(|&(y, e, g)| !y.is_nan() && e > 0.0 && g < n_groups)
    };
    let mut sums = vec![(0.0, 0.0); n_groups];
    let mut n_used = 0;
    for (y, e, g) in used() {
        sums[g].0 += y;
        sums[g].1 += e;
        n_used += 1;
    }
    let present = sums.iter().filter(|s| s.1 > 0.0).count();
    let total = (math::sum(sums.iter().map(|s| s.0)), math::sum(sums.iter().map(|s| s.1)));
    if present < 2 || n_used <= present || total.0 <= 0.0 {
        return None;
    }
    let overall = total.0 / total.1;
    // The rows' own terms cancel between the two models: what is left is a sum over groups.
    let deviance_difference =
        2.0 * math::sum(sums.iter().filter(|s| s.0 > 0.0).map(|&(y, e)| y * math::ln(y / (e * overall))));
    let pearson = math::sum(used().map(|(y, e, g)| {
        let expected = sums[g].0 / sums[g].1 * e;
        if expected > 0.0 { (y - expected) * (y - expected) / expected } else { 0.0 }
    }));
    let (d1, d2) = ((present - 1) as f64, (n_used - present) as f64);
    let dispersion = pearson / d2;
    if dispersion <= 0.0 {
        return None;
    }
    let statistic = deviance_difference / d1 / dispersion;
    // Share of the dispersion-scaled deviance that the groups explain, as eta² in an analysis of variance.
    let effect = Some(("partial eta²", statistic * d1 / (statistic * d1 + d2)));
    Some(CountTest {
        tested: Tested { statistic, dof: vec![d1, d2], p: f_sf(statistic, d1, d2), effect },
        dispersion,
        deviance_difference,
        n_rows: n_used as u64,
    })
}

fn mean(v: &[f64]) -> f64 {
    math::sum(v.iter().copied()) / v.len() as f64
}

fn squares(v: &[f64], mean: f64) -> f64 {
    math::sum(v.iter().map(|x| (x - mean) * (x - mean)))
}

/// Rank sum of each group, number of values, and the sum of t³ - t over ties.
fn rank_sums(groups: &[&[f64]]) -> (Vec<f64>, f64, f64) {
    let values = groups.concat();
    let mut n = 0;
    let ends: Vec<usize> = groups
        .iter()
        .map(|group| {
            n += group.len();
            n
        })
        .collect();
    let mut sums = vec![0.0; groups.len()];
    let (mut place, mut ties) = (0.0, 0.0);
    let order = Order::of(&values);
    for tied in order.rows.chunk_by(|&a, &b| values[a as usize] == values[b as usize]) {
        let t = tied.len() as f64;
        let rank = place + 0.5 * (t + 1.0);
        tied.iter().for_each(|&row| sums[ends.partition_point(|&end| end <= row as usize)] += rank);
        ties += t * t * t - t;
        place += t;
    }
    (sums, values.len() as f64, ties)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::testing::close;

    #[test]
    fn fishers_test_is_that_of_scipy() {
        // scipy.stats.fisher_exact([[8, 2], [1, 5]]), ([[3, 27], [0, 40]]) and ([[10, 10], [10, 10]]).
        let found = fisher([8.0, 2.0], [1.0, 5.0]).unwrap();
        close(found.p, 0.034_965_034_965_034_95, 1e-12);
        close(found.statistic, 20.0, 1e-12);
        // 4,060 of 54,740 ways to place three cases among the 30 of 70.
        close(fisher([3.0, 27.0], [0.0, 40.0]).unwrap().p, 4060.0 / 54_740.0, 1e-12);
        close(fisher([10.0, 10.0], [10.0, 10.0]).unwrap().p, 1.0, 1e-12);
        assert!(fisher([0.0, 5.0], [0.0, 7.0]).is_none());
        // Both sides of a table say the same.
        let (p, q) =
            (fisher([20.0, 10.0], [314.0, 1896.0]).unwrap(), fisher([1896.0, 314.0], [10.0, 20.0]).unwrap());
        close(p.p, q.p, 1e-9);
        assert!(p.p < 1e-6);
    }

    #[test]
    fn two_shares_agree_with_their_two_by_two_table() {
        let z = two_proportions((30.0, 200.0), (18.0, 150.0)).unwrap();
        let chi2 = chi2_independence(&[vec![30.0, 170.0], vec![18.0, 132.0]]).unwrap();
        close(z.statistic * z.statistic, chi2.statistic, 1e-12);
        close(z.p, chi2.p, 1e-12);
        assert_eq!(two_proportions((0.0, 10.0), (0.0, 10.0)), None);
    }

    #[test]
    fn tests_without_anything_to_compare_are_none() {
        assert_eq!(chi2_independence(&[]), None);
        assert_eq!(chi2_independence(&[vec![3.0, 0.0], vec![4.0, 0.0]]), None);
        assert_eq!(anova(&[&[1.0, 1.0], &[1.0, 1.0]]), None);
        assert_eq!(kruskal(&[&[2.0, 2.0], &[2.0]]), None);
        assert_eq!(welch(&[1.0], &[2.0, 3.0]), None);
        assert_eq!(mann_whitney(&[], &[1.0]), None);
        assert_eq!(quasi_poisson(&[0.0, 0.0], &[1.0, 1.0], &[0, 1], 2), None);
    }
}
