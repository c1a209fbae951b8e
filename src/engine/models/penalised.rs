//! What ridge, lasso and elastic net share: the penalty by inner folds of the training rows, and the fitted line.

use serde::{Deserialize, Serialize};

use super::{
    coefficients::{self, CoefficientTable},
    family::{Anatomy, Fitted, FittedRows, Link, ModelError, Trainer},
};
use crate::engine::{
    context::Ctx,
    knobs::{Knob, KnobKind},
    numeric::{
        matrix::Matrix,
        penalised::{Chosen, Moments, Penalty, choose, standardise},
    },
    words,
};

/// Inner folds that choose the penalty.
const FOLDS: usize = 5;

/// The penalty, or 0 to have it chosen.
pub fn alpha() -> Knob {
    Knob::new(
        "alpha",
        "Penalty",
        "Larger makes the weights smaller. 0: chosen by 5 folds within the training rows.",
        KnobKind::Real { min: 0.0, max: 1e6 },
        0.0,
    )
}

/// Checked settings.
pub struct PenalisedTrainer {
    /// What is made small.
    pub penalty: Penalty,
    /// 0: chosen.
    pub alpha: f64,
}

impl Trainer for PenalisedTrainer {
    fn fit(&self, x: &Matrix, y: &[f64], ctx: &Ctx<'_>) -> Result<Box<dyn Fitted>, ModelError> {
        if y.is_empty() {
            return Err(ModelError::TooFewRows { needed: 1, got: 0 });
        }
        ctx.tick(0, FOLDS as u64 + 1)?;
        let z = standardise(x);
        let mut rows: Vec<u32> = (0..y.len() as u32).collect();
        let whole = Moments::of(&z.columns, y, &rows).problem();
        let chosen = if self.alpha > 0.0 {
            None
        } else if y.len() < 2 {
            return Err(ModelError::TooFewRows { needed: 2, got: y.len() });
        } else {
            ctx.rng(0).shuffle(&mut rows);
            let k = FOLDS.min(y.len());
            let bound = |f: usize| (f as u64 * y.len() as u64 / k as u64) as usize;
            let folds: Vec<Moments> =
                (0..k).map(|f| Moments::of(&z.columns, y, &rows[bound(f)..bound(f + 1)])).collect();
            Some(choose(self.penalty, &whole, &folds, |f| ctx.tick(f as u64 + 1, FOLDS as u64 + 1))?)
        };
        let alpha = chosen.as_ref().map_or(self.alpha, |c| c.alpha);
        let weights =
            whole.solve(self.penalty, alpha, &vec![0.0; x.n_cols()], true).ok_or(ModelError::Singular)?;
        let weights: Vec<f64> = weights.iter().zip(&z.units).map(|(w, unit)| w / unit).collect();
        let shift: f64 = weights.iter().zip(&z.means).map(|(w, mean)| w * mean).sum();
        Ok(Box::new(Penalised {
            intercept: whole.y_mean - shift,
            weights,
            alpha,
            error: chosen.as_ref().map(|c| c.error),
            is_at_the_edge: chosen.as_ref().is_some_and(is_at_the_edge),
        }))
    }

    fn coefficients(&self, fitted: &dyn Fitted, rows: &FittedRows<'_>) -> Option<CoefficientTable> {
        Some(coefficients::of_weights(fitted.weights()?, rows.x, rows.columns))
    }
}

/// Whether the smallest penalty of all was chosen: nothing is gained by one.
fn is_at_the_edge(chosen: &Chosen) -> bool {
    chosen.path.len() > 1 && chosen.path.last().is_some_and(|(alpha, _)| *alpha == chosen.alpha)
}

/// A fitted line.
#[derive(Serialize, Deserialize)]
pub struct Penalised {
    intercept: f64,
    weights: Vec<f64>,
    alpha: f64,
    error: Option<f64>,
    is_at_the_edge: bool,
}

impl Penalised {
    /// Reads it back.
    pub fn load(bytes: &[u8]) -> Result<Box<dyn Fitted>, ModelError> {
        let line: Self = postcard::from_bytes(bytes).map_err(|_| ModelError::Unreadable)?;
        Ok(Box::new(line))
    }
}

impl Fitted for Penalised {
    fn predict(&self, x: &Matrix) -> Vec<f64> {
        let mut out = vec![self.intercept; x.n_rows()];
        for (j, &weight) in self.weights.iter().enumerate().take(x.n_cols()).filter(|(_, w)| **w != 0.0) {
            out.iter_mut().zip(x.column(j)).for_each(|(slot, v)| *slot += weight * v);
        }
        out
    }

    fn anatomy(&self) -> Anatomy<'_> {
        Anatomy::Sum {
            intercept: self.intercept,
            weights: &self.weights,
            link: Link::Identity,
            usual_exposure: None,
        }
    }

    fn save(&self) -> Vec<u8> {
        crate::engine::task::encode(self)
    }

    fn facts(&self) -> Vec<(String, String)> {
        let used = self.weights.iter().filter(|w| **w != 0.0).count();
        let mut facts = vec![
            ("columns with a weight".into(), format!("{used} of {}", self.weights.len())),
            ("penalty".into(), words::number(self.alpha)),
        ];
        if let Some(error) = self.error {
            let edge = if self.is_at_the_edge { ", the smallest tried: a penalty gains nothing" } else { "" };
            facts.push(("penalty chosen by".into(), format!("5 folds within the training rows{edge}")));
            facts.push(("RMSE over those folds".into(), words::number(error.sqrt())));
        }
        facts
    }

    fn weights(&self) -> Option<(f64, &[f64])> {
        Some((self.intercept, &self.weights))
    }
}
