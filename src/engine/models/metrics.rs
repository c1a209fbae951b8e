//! Scores of predictions on rows a model has not seen.

use super::{
    comparison::{Prediction, Scores},
    outcome::Outcome,
    yes_no::{self, YesNoScores},
};
use crate::engine::numeric::math;

/// All scores that fit an outcome.
pub fn scored(outcome: Outcome, actual: &[f64], predicted: &[f64]) -> Scores {
    let all = scores(actual, predicted);
    if outcome == Outcome::Amount || all.n == 0 {
        return all;
    }
    let pairs = actual.iter().zip(predicted);
    let rows: Vec<Prediction> =
        (0..).zip(pairs).map(|(row, (&actual, &predicted))| Prediction { row, actual, predicted }).collect();
    Scores { yes_no: Some(yes_no::scores::scores(&rows)), ..all }
}

/// The loss of each row by which models are compared: the squared error, or the surprise at a yes or no.
pub fn loss_of(outcome: Outcome, row: &Prediction) -> f64 {
    match outcome {
        Outcome::Amount => (row.actual - row.predicted) * (row.actual - row.predicted),
        Outcome::YesNo => yes_no::scores::log_loss_of(row.actual, row.predicted),
    }
}

/// R² against the mean of `actual`, mean squared, root mean squared and mean absolute error.
pub fn scores(actual: &[f64], predicted: &[f64]) -> Scores {
    let n = actual.len().min(predicted.len());
    if n == 0 {
        return Scores { r2: None, mse: f64::NAN, rmse: f64::NAN, mae: f64::NAN, n: 0, yes_no: None };
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
        yes_no: None,
    }
}

/// The share of the squared error of a reference that predictions save: R² when the reference is the mean of `actual`. `None` where
/// the reference makes no error.
pub fn against(actual: &[f64], predicted: &[f64], reference: &[f64]) -> Option<f64> {
    let squared = |guess: &[f64]| math::sum(actual.iter().zip(guess).map(|(y, p)| (y - p) * (y - p)));
    let (left, whole) = (squared(predicted), squared(reference));
    (whole > 0.0).then(|| 1.0 - left / whole)
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
    let is_yes_no = folds.iter().any(|s| s.yes_no.is_some());
    let auc = both(&|s| s.yes_no?.auc);
    let precision = both(&|s| s.yes_no?.average_precision);
    let log_loss = both(&|s| Some(s.yes_no?.log_loss));
    let brier = both(&|s| Some(s.yes_no?.brier));
    let yes_no = |auc, precision, log_loss, brier| {
        let scores = YesNoScores { auc: known(auc), average_precision: known(precision), log_loss, brier };
        is_yes_no.then_some(scores)
    };
    (
        Scores {
            r2: known(r2.0),
            mse: mse.0,
            rmse: rmse.0,
            mae: mae.0,
            n,
            yes_no: yes_no(auc.0, precision.0, log_loss.0, brier.0),
        },
        Scores {
            r2: known(r2.1),
            mse: mse.1,
            rmse: rmse.1,
            mae: mae.1,
            n,
            yes_no: yes_no(auc.1, precision.1, log_loss.1, brier.1),
        },
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
        assert_eq!(against(&[2.0, 2.0], &[1.0, 3.0], &[2.0, 2.0]), None);
        assert_eq!(against(&[1.0, 3.0], &[1.0, 2.0], &[2.0, 2.0]), scores(&[1.0, 3.0], &[1.0, 2.0]).r2);
    }
}
