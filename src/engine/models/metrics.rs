//! Scores of predictions on rows a model has not seen.

use super::comparison::Scores;
use crate::engine::numeric::math;

/// R² against the mean of `actual`, mean squared, root mean squared and mean absolute error.
pub fn scores(actual: &[f64], predicted: &[f64]) -> Scores {
    let n = actual.len().min(predicted.len());
    if n == 0 {
        return Scores { r2: None, mse: f64::NAN, rmse: f64::NAN, mae: f64::NAN, n: 0 };
    }
    let mean = math::sum(actual.iter().copied()) / n as f64;
    let total = math::sum(actual.iter().map(|y| (y - mean) * (y - mean)));
    let gaps = || actual.iter().zip(predicted).map(|(y, p)| y - p);
    let squared = math::sum(gaps().map(|g| g * g));
    let is_constant = actual.iter().all(|&y| y == actual[0]);
    let mse = squared / n as f64;
    Scores {
        r2: (!is_constant && total > 0.0).then(|| 1.0 - squared / total),
        mse,
        rmse: mse.sqrt(),
        mae: math::sum(gaps().map(f64::abs)) / n as f64,
        n: n as u64,
    }
}

/// Mean and sample standard deviation (NaN, or `None` for R², where there are fewer than two values).
pub fn mean_and_sd(folds: &[Scores]) -> (Scores, Scores) {
    let both = |of: &dyn Fn(&Scores) -> Option<f64>| {
        let values: Vec<f64> = folds.iter().filter_map(of).collect();
        mean_sd(&values)
    };
    let r2 = both(&|s| s.r2);
    let mse = both(&|s| Some(s.mse));
    let rmse = both(&|s| Some(s.rmse));
    let mae = both(&|s| Some(s.mae));
    let n = folds.iter().map(|s| s.n).sum();
    let known = |v: f64| (!v.is_nan()).then_some(v);
    (
        Scores { r2: known(r2.0), mse: mse.0, rmse: rmse.0, mae: mae.0, n },
        Scores { r2: known(r2.1), mse: mse.1, rmse: rmse.1, mae: mae.1, n },
    )
}

/// Mean and sample standard deviation; NaN where undefined.
pub fn mean_sd(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = if values.is_empty() { f64::NAN } else { math::sum(values.iter().copied()) / n };
    let squares = math::sum(values.iter().map(|v| (v - mean) * (v - mean)));
    (mean, if values.len() < 2 { f64::NAN } else { (squares / (n - 1.0)).sqrt() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constant_target_has_no_r2() {
        assert_eq!(scores(&[2.0, 2.0], &[1.0, 3.0]).r2, None);
        assert_eq!(scores(&[1.0, 3.0], &[1.0, 3.0]).r2, Some(1.0));
    }
}
