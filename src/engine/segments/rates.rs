//! Rates of a yes/no outcome: Wilson intervals, and shrinkage of segments towards the overall rate.

use crate::engine::numeric::distributions::beta_quantile;

/// Two-sided 95 % point of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// Wilson's 95 % interval (1927) of `responses` out of `n`; (0, 1) when nobody was asked.
pub fn wilson(responses: f64, n: u64) -> (f64, f64) {
    if n == 0 {
        return (0.0, 1.0);
    }
    let n = n as f64;
    let p = responses / n;
    let centre = (p + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
    let half = Z / (1.0 + Z * Z / n) * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    ((centre - half).max(0.0), (centre + half).min(1.0))
}

/// A beta distribution of true rates across segments, learnt from the segments themselves (empirical Bayes, method of
/// moments): a small segment that did well by luck is expected nearer to the overall rate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shrinkage {
    /// Overall rate.
    mean: f64,
    /// How many people the prior is worth; infinite when the segments differ no more than by chance.
    weight: f64,
}

/// A prior is never worth more than this: with two segments the spread of true rates is itself hardly known.
const MAX_WEIGHT: f64 = 1e6;

impl Shrinkage {
    /// From (responses, n) of each segment.
    pub fn learn(counts: &[(f64, u64)]) -> Self {
        let total: f64 = counts.iter().map(|c| c.1 as f64).sum();
        let mean = if total > 0.0 { counts.iter().map(|c| c.0).sum::<f64>() / total } else { 0.0 };
        let groups = counts.iter().filter(|c| c.1 > 0).count() as f64;
        // Variance between segments beyond binomial chance (DerSimonian and Laird, weights n).
        let spread: f64 = counts
            .iter()
            .filter(|c| c.1 > 0)
            .map(|c| c.1 as f64 * (c.0 / c.1 as f64 - mean) * (c.0 / c.1 as f64 - mean))
            .sum();
        let chance = mean * (1.0 - mean);
        let scale = total - counts.iter().map(|c| c.1 as f64 * c.1 as f64).sum::<f64>() / total.max(1.0);
        let between = if scale > 0.0 { (spread - (groups - 1.0) * chance) / scale } else { 0.0 };
        // A beta with this mean and variance: weight = mean (1 - mean) / variance - 1.
        let weight = if between > 0.0 { (chance / between - 1.0).clamp(0.0, MAX_WEIGHT) } else { MAX_WEIGHT };
        Self { mean, weight }
    }

    /// Expected rate of a segment and its 95 % credible interval.
    pub fn expect(&self, responses: f64, n: u64) -> (f64, (f64, f64)) {
        let (a, b) =
            (self.mean * self.weight + responses, (1.0 - self.mean) * self.weight + (n as f64 - responses));
        let rate = if a + b > 0.0 { a / (a + b) } else { self.mean };
        if a <= 0.0 || b <= 0.0 {
            return (rate, wilson(responses, n));
        }
        (rate, (beta_quantile(0.025, a, b), beta_quantile(0.975, a, b)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wilson_of_a_published_example() {
        // statsmodels proportion_confint(334, 2240, method="wilson").
        let (low, high) = wilson(334.0, 2240);
        assert!((low - 0.13495).abs() < 1e-4 && (high - 0.16446).abs() < 1e-4, "{low} {high}");
        assert_eq!(wilson(0.0, 10).0, 0.0);
        assert_eq!(wilson(0.0, 0), (0.0, 1.0));
    }

    #[test]
    fn small_segments_move_more_than_large_ones() {
        let counts = [(20.0, 30), (90.0, 1000), (115.0, 600), (90.0, 164)];
        let s = Shrinkage::learn(&counts);
        let overall = 315.0 / 1794.0;
        for (r, n) in counts {
            let raw = r / n as f64;
            let (expected, (low, high)) = s.expect(r, n);
            assert!(expected <= raw.max(overall) && expected >= raw.min(overall));
            assert!(low < expected && expected < high);
        }
        let moved = |r: f64, n: u64| (s.expect(r, n).0 - r / n as f64).abs();
        assert!(moved(20.0, 30) > moved(90.0, 164));
    }

    #[test]
    fn segments_that_differ_by_chance_alone_are_expected_alike() {
        let s = Shrinkage::learn(&[(10.0, 100), (10.0, 100), (10.0, 100)]);
        assert!((s.expect(10.0, 100).0 - 0.1).abs() < 1e-12);
        assert!((s.expect(3.0, 10).0 - 0.1).abs() < 1e-4);
    }
}
