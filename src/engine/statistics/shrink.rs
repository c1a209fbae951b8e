//! Empirical Bayes: rates of many groups pulled towards their common mean by as much as their size leaves open.

use crate::engine::numeric::{distributions::beta_quantile, math};

use super::intervals::wilson;

/// A rate as it may be expected to show again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shrunk {
    /// Expected rate of the group on a re-test.
    pub expected: f64,
    /// 95 % credible interval.
    pub interval: (f64, f64),
}

/// Rates of groups given as (successes, trials) under a common beta distribution, its mean and spread by moments.
///
/// The best of k groups looks better than it is; the expected rate takes that back. With no more spread than chance gives,
/// every group is expected at the common rate. Groups without trials are expected there too. Reference: Kleinman 1973;
/// Casella 1985, "An introduction to empirical Bayes data analysis".
pub fn shrink_rates(groups: &[(f64, f64)]) -> Vec<Shrunk> {
    let used: Vec<(f64, f64)> = groups.iter().copied().filter(|(_, n)| *n > 0.0).collect();
    let n = math::sum(used.iter().map(|g| g.1));
    if n <= 0.0 {
        return groups.iter().map(|_| Shrunk { expected: f64::NAN, interval: (0.0, 1.0) }).collect();
    }
    let successes = math::sum(used.iter().map(|g| g.0));
    let mean = successes / n;
    let k = used.len() as f64;
    let between = math::sum(used.iter().map(|&(s, m)| m * (s / m - mean) * (s / m - mean)));
    let squares = math::sum(used.iter().map(|g| g.1 * g.1));
    // Expectation of `between` is mean (1 - mean) [(k - 1) + rho (n - squares / n - (k - 1))]: solved for rho.
    let chance = mean * (1.0 - mean);
    let room = n - squares / n - (k - 1.0);
    let rho = if chance > 0.0 && room > 0.0 { (between / chance - (k - 1.0)) / room } else { 0.0 };
    let rho = rho.min(0.999);
    if rho <= 1e-9 {
        let interval = wilson(successes, n).unwrap_or((0.0, 1.0));
        return groups.iter().map(|_| Shrunk { expected: mean, interval }).collect();
    }
    let weight = 1.0 / rho - 1.0;
    groups
        .iter()
        .map(|&(s, m)| {
            let (a, b) = (mean * weight + s, (1.0 - mean) * weight + (m - s).max(0.0));
            let (a, b) = (a.max(1e-9), b.max(1e-9));
            Shrunk {
                expected: a / (a + b),
                interval: (beta_quantile(0.025, a, b), beta_quantile(0.975, a, b)),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_groups_move_most_and_order_stays_among_equals() {
        let groups = [(2.0, 4.0), (300.0, 1000.0), (100.0, 1000.0), (0.0, 0.0), (40.0, 400.0)];
        let shrunk = shrink_rates(&groups);
        let pooled = 442.0 / 2404.0;
        assert!(shrunk[0].expected < 0.45 && shrunk[0].expected > pooled, "{shrunk:?}");
        assert!((shrunk[1].expected - 0.3).abs() < 0.01);
        assert!((shrunk[3].expected - pooled).abs() < 1e-9);
        for (s, g) in shrunk.iter().zip(groups) {
            assert!(s.interval.0 <= s.expected && s.expected <= s.interval.1, "{s:?} {g:?}");
        }
    }

    #[test]
    fn without_more_spread_than_chance_all_are_alike() {
        let shrunk = shrink_rates(&[(10.0, 100.0), (11.0, 100.0), (9.0, 100.0)]);
        assert!(shrunk.iter().all(|s| (s.expected - 0.1).abs() < 1e-12));
        assert!(shrink_rates(&[]).is_empty());
        assert!(shrink_rates(&[(0.0, 0.0)])[0].expected.is_nan());
    }
}
