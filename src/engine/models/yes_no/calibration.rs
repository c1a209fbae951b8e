//! Whether probabilities can be taken at their word: of those given 20 %, do 20 % say yes?

use serde::{Deserialize, Serialize};

use super::Ranked;
use crate::engine::{
    models::comparison::Prediction,
    numeric::{
        distributions::normal_quantile,
        glm::{GlmFamily, fit_glm},
        math,
        matrix::Matrix,
    },
    statistics::intervals::wilson,
};

/// Bins of equal size.
const BINS: usize = 10;

/// Beyond this an error of the slope says that there is none.
const UNSURE: f64 = 100.0;

/// Rows of about the same probability.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct CalibrationBin {
    /// Rows.
    pub n: u64,
    /// Of those, yes.
    pub n_yes: u64,
    /// Mean probability.
    pub predicted: f64,
    /// Share of yes.
    pub observed: f64,
    /// Wilson's 95 % interval of that share.
    pub interval: (f64, f64),
}

/// How probabilities compare with what happened.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Calibration {
    /// By rising probability.
    pub bins: Vec<CalibrationBin>,
    /// Mean probability of all rows.
    pub predicted: f64,
    /// Share of yes of all rows.
    pub observed: f64,
    /// Slope of the outcome on the log odds predicted (Cox 1958), with its 95 % interval: 1 is right, below 1 the
    /// probabilities are too extreme. `None` where nothing varies, or where yes and no are told apart without fail.
    pub slope: Option<(f64, (f64, f64))>,
    /// The intercept beside that slope: 0 is right.
    pub intercept: Option<f64>,
    /// Expected calibration error: mean gap between probability and share over the bins, weighted by rows.
    pub gap: f64,
}

/// Bins of equal numbers of rows (rows of one probability stay together), slope, intercept and mean gap.
pub fn calibration(rows: &[Prediction]) -> Calibration {
    let n = rows.len();
    let ranked = Ranked::of(rows);
    if n == 0 {
        return Calibration::default();
    }
    let mut bins = Vec::new();
    let (mut count, mut yes, mut sum, mut done) = (0.0, 0.0, 0.0, 0.0);
    for &(p, block, block_yes) in ranked.blocks.iter().rev() {
        count += block;
        yes += block_yes;
        sum += block * p;
        // A bin is full when it reaches the next tenth of all rows.
        let tenth = ((bins.len() + 1) * n) as f64 / BINS as f64;
        if done + count >= tenth - 1e-9 {
            bins.push(bin(count, yes, sum));
            done += count;
            (count, yes, sum) = (0.0, 0.0, 0.0);
        }
    }
    if count > 0.0 {
        bins.push(bin(count, yes, sum));
    }
    let gap = math::sum(bins.iter().map(|b| b.n as f64 * (b.predicted - b.observed).abs())) / n as f64;
    let line = recalibration(rows);
    Calibration {
        bins,
        predicted: math::sum(rows.iter().map(|p| p.predicted)) / n as f64,
        observed: ranked.n_yes / ranked.n,
        slope: line.map(|l| l.1),
        intercept: line.map(|l| l.0),
        gap,
    }
}

fn bin(n: f64, yes: f64, sum: f64) -> CalibrationBin {
    CalibrationBin {
        n: n as u64,
        n_yes: yes as u64,
        predicted: sum / n,
        observed: yes / n,
        interval: wilson(yes, n).unwrap_or((0.0, 1.0)),
    }
}

/// A value with its interval.
type WithInterval = (f64, (f64, f64));

/// Intercept and slope (with interval) of a logistic regression of the outcome on the log odds.
fn recalibration(rows: &[Prediction]) -> Option<(f64, WithInterval)> {
    let odds: Vec<f64> = rows
        .iter()
        .map(|p| {
            let p = p.predicted.clamp(1e-12, 1.0 - 1e-12);
            math::ln(p) - math::ln_1p(-p)
        })
        .collect();
    let y: Vec<f64> = rows.iter().map(|p| p.actual).collect();
    if !(y.contains(&0.0) && y.contains(&1.0)) {
        return None;
    }
    let fit = fit_glm(GlmFamily::Logistic, &Matrix::from_columns(&[odds]), &y, &[]);
    let (slope, error) = (fit.coefficients[0], fit.errors[0]);
    let is_sure = fit.converged
        && fit.rank == 1
        && slope.is_finite()
        && error < UNSURE.min(10.0 * slope.abs().max(1.0));
    let reach = normal_quantile(0.975) * error;
    is_sure.then_some((fit.intercept, (slope, (slope - reach, slope + reach))))
}

#[cfg(test)]
mod tests {
    use super::{super::predictions, *};
    use crate::engine::{context::Ctx, testing::close};

    /// Rows whose outcome is drawn with the probability they are given, made more extreme by `factor` on the log odds.
    fn drawn(n: u32, factor: f64) -> Vec<Prediction> {
        let mut rng = Ctx::quiet(5).rng(0);
        let pairs: Vec<(f64, f64)> = (0..n)
            .map(|_| {
                let odds = 1.5 * rng.normal() - 1.0;
                let p = 1.0 / (1.0 + math::exp(-odds));
                let y = f64::from(u8::from(rng.unit() < p));
                (y, 1.0 / (1.0 + math::exp(-factor * odds)))
            })
            .collect();
        predictions(&pairs)
    }

    #[test]
    fn honest_probabilities_have_slope_one() {
        let found = calibration(&drawn(4_000, 1.0));
        let (slope, (low, high)) = found.slope.unwrap();
        assert!(low < 1.0 && 1.0 < high && (slope - 1.0).abs() < 0.1, "{slope}");
        assert!(found.gap < 0.03 && found.intercept.unwrap().abs() < 0.15, "{found:?}");
        assert_eq!(found.bins.len(), 10);
        assert_eq!(found.bins.iter().map(|b| b.n).sum::<u64>(), 4_000);
        assert!(
            found.bins.iter().all(|b| b.n == 400 && b.interval.0 <= b.observed && b.observed <= b.interval.1)
        );
        assert!(found.bins.windows(2).all(|w| w[0].predicted < w[1].predicted));
    }

    #[test]
    fn boastful_probabilities_have_a_slope_below_one() {
        let found = calibration(&drawn(4_000, 2.0));
        let (slope, (_, high)) = found.slope.unwrap();
        close(slope, 0.5, 0.15);
        assert!(high < 1.0 && found.gap > 0.05);
    }

    #[test]
    fn what_does_not_vary_has_no_slope_and_one_bin() {
        let flat = calibration(&predictions(&[(1.0, 0.3), (0.0, 0.3), (0.0, 0.3), (0.0, 0.3)]));
        assert_eq!((flat.slope, flat.bins.len()), (None, 1));
        close(flat.gap, 0.05, 1e-12);
        let perfect = calibration(&predictions(&[(1.0, 0.9), (1.0, 0.8), (0.0, 0.3), (0.0, 0.1)]));
        assert_eq!(perfect.slope, None);
        assert_eq!(calibration(&[]), Calibration::default());
    }
}
