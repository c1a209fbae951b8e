//! What describes a row of numbers: mean and quantiles.

use super::math;

/// Arithmetic mean. `None` of nothing; a missing value makes it missing.
pub fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| math::sum(values.iter().copied()) / values.len() as f64)
}

/// Quantile of sorted values by linear interpolation between order statistics (type 7, as pandas and NumPy do); the
/// median at 0.5. `None` of nothing.
pub fn quantile(sorted: &[f64], q: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let at = q.clamp(0.0, 1.0) * last as f64;
    let (low, part) = (at.floor() as usize, at - at.floor());
    let (a, b) = (*sorted.get(low)?, *sorted.get((low + 1).min(last))?);
    Some(if part == 0.0 { a } else { a + (b - a) * part })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_interpolate_linearly() {
        let sorted = [1.0, 2.0, 3.0, 4.0];
        assert_eq!(quantile(&sorted, 0.25), Some(1.75));
        assert_eq!(quantile(&sorted, 0.5), Some(2.5));
        assert_eq!(quantile(&sorted, 1.0), Some(4.0));
        assert_eq!(quantile(&[], 0.5), None);
    }

    #[test]
    fn nothing_has_no_mean() {
        assert_eq!(mean(&[1.0, 2.0, 6.0]), Some(3.0));
        assert_eq!(mean(&[]), None);
    }
}
