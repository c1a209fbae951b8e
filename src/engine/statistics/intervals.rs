//! Intervals, corrections for many comparisons, and the size a trial needs.

use crate::engine::numeric::{
    distributions::{chi2_quantile, normal_quantile, t_quantile},
    math,
};
use crate::engine::order::InOrder;

/// Wilson's 95 % interval of a share; `None` without trials.
pub fn wilson(successes: f64, n: f64) -> Option<(f64, f64)> {
    wilson_at(successes, n, 0.95)
}

/// Wilson's interval at another level.
pub fn wilson_at(successes: f64, n: f64, level: f64) -> Option<(f64, f64)> {
    if n <= 0.0 || successes < 0.0 || successes > n {
        return None;
    }
    let z = normal_quantile(0.5 + level / 2.0);
    let p = successes / n;
    let scale = 1.0 + z * z / n;
    let centre = (p + z * z / (2.0 * n)) / scale;
    let half = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt() / scale;
    let low = if successes == 0.0 { 0.0 } else { (centre - half).max(0.0) };
    let high = if successes == n { 1.0 } else { (centre + half).min(1.0) };
    Some((low, high))
}

/// 95 % interval of a count per exposure, widened by the dispersion (never narrowed): on the log scale, or from zero to
/// the exact Poisson limit when nothing happened.
pub fn rate_interval(count: f64, exposure: f64, dispersion: f64) -> Option<(f64, f64)> {
    if exposure <= 0.0 || count < 0.0 {
        return None;
    }
    let dispersion = dispersion.max(1.0);
    if count == 0.0 {
        return Some((0.0, dispersion * 0.5 * chi2_quantile(0.975, 2.0) / exposure));
    }
    let rate = count / exposure;
    let factor = math::exp(normal_quantile(0.975) * (dispersion / count).sqrt());
    Some((rate / factor, rate * factor))
}

/// 95 % interval of a mean by Student's t; `None` below two values.
pub fn mean_interval(mean: f64, std: f64, n: f64) -> Option<(f64, f64)> {
    if n < 2.0 {
        return None;
    }
    let half = t_quantile(0.975, n - 1.0) * std / n.sqrt();
    Some((mean - half, mean + half))
}

/// Holm's adjusted p-values: hold for all comparisons together, whatever their dependence. NaN stays and does not count.
pub fn holm(p: &[f64]) -> Vec<f64> {
    let order = ascending(p);
    let m = order.len() as f64;
    let mut out = vec![f64::NAN; p.len()];
    let mut floor = 0.0_f64;
    for (k, &i) in order.iter().enumerate() {
        floor = floor.max((p[i] * (m - k as f64)).min(1.0));
        out[i] = floor;
    }
    out
}

/// Benjamini-Hochberg's adjusted p-values: bound the share of false findings among the findings.
pub fn benjamini_hochberg(p: &[f64]) -> Vec<f64> {
    let order = ascending(p);
    let m = order.len() as f64;
    let mut out = vec![f64::NAN; p.len()];
    let mut ceiling = 1.0_f64;
    for (k, &i) in order.iter().enumerate().rev() {
        ceiling = ceiling.min(p[i] * m / (k as f64 + 1.0));
        out[i] = ceiling;
    }
    out
}

fn ascending(p: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..p.len()).filter(|&i| !p[i].is_nan()).collect();
    order.order_by(|&a, &b| p[a].total_cmp(&p[b]).then(a.cmp(&b)));
    order
}

/// People needed in each arm to tell `base` from `other` with a two-sided test at `alpha` and the given power; `None`
/// when the two are equal or no shares. Normal
/// approximation, pooled under no difference: 15 % against 12 % at 80 % power needs 2,036.
pub fn sample_size(base: f64, other: f64, alpha: f64, power: f64) -> Option<u64> {
    let share = |p: f64| p > 0.0 && p < 1.0;
    if !share(base) || !share(other) || base == other || !share(alpha) || !share(power) {
        return None;
    }
    let (za, zb) = (normal_quantile(1.0 - alpha / 2.0), normal_quantile(power));
    let mean = 0.5 * (base + other);
    let spread =
        za * (2.0 * mean * (1.0 - mean)).sqrt() + zb * (base * (1.0 - base) + other * (1.0 - other)).sqrt();
    let n = (spread * spread / ((base - other) * (base - other))).ceil();
    (n < 1e15).then_some(n as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::testing::close;

    #[test]
    fn wilson_stays_inside_and_covers() {
        // R: binom::binom.wilson(10, 100).
        let (low, high) = wilson(10.0, 100.0).unwrap();
        close(low, 0.055_229_134, 1e-6);
        close(high, 0.174_365_706, 1e-6);
        assert_eq!(wilson(0.0, 20.0).unwrap().0, 0.0);
        assert_eq!(wilson(20.0, 20.0).unwrap().1, 1.0);
        assert_eq!(wilson(1.0, 0.0), None);
        assert_eq!(wilson(5.0, 4.0), None);
    }

    #[test]
    fn corrections_are_monotone_and_ordered() {
        let p = [0.01, 0.04, f64::NAN, 0.03, 0.005];
        let (holm, bh) = (holm(&p), benjamini_hochberg(&p));
        // R: p.adjust(c(.01, .04, .03, .005), "holm") and "BH".
        for (i, (h, b)) in [(0, (0.03, 0.02)), (1, (0.06, 0.04)), (3, (0.06, 0.04)), (4, (0.02, 0.02))] {
            close(holm[i], h, 1e-12);
            close(bh[i], b, 1e-12);
        }
        assert!(holm[2].is_nan() && bh[2].is_nan());
    }

    #[test]
    fn a_trial_of_fifteen_against_twelve_percent_needs_about_2040_an_arm() {
        let n = sample_size(0.15, 0.12, 0.05, 0.8).unwrap();
        assert!((2030..=2045).contains(&n), "{n}");
        assert_eq!(sample_size(0.12, 0.15, 0.05, 0.8), Some(n));
        assert_eq!(sample_size(0.15, 0.15, 0.05, 0.8), None);
        assert!(sample_size(0.15, 0.12, 0.05, 0.9).unwrap() > n);
    }

    #[test]
    fn dispersion_widens_and_nothing_happened_still_has_a_limit() {
        let (low, high) = rate_interval(25.0, 1000.0, 1.0).unwrap();
        let (wider_low, wider_high) = rate_interval(25.0, 1000.0, 4.0).unwrap();
        assert!(wider_low < low && low < 0.025 && 0.025 < high && high < wider_high);
        let (none, limit) = rate_interval(0.0, 100.0, 1.0).unwrap();
        assert_eq!(none, 0.0);
        close(limit, 0.036_888_794, 1e-6);
    }
}
