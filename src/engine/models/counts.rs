//! What models of counts share: the exposure, the fit with log link, and expected counts as predictions.

use serde::{Deserialize, Serialize};

use super::{
    coefficients::{self, CoefficientTable},
    family::{Anatomy, Beyond, Fitted, FittedRows, Link, ModelError, Trainer},
};
use crate::engine::{
    context::Ctx,
    data::distinct,
    knobs::{Knob, KnobKind, Setting, Settings},
    numeric::{
        describe::quantile,
        glm::{Glm, GlmFamily, fit_negative_binomial, fit_weighted},
        math,
        matrix::Matrix,
    },
    words,
};

/// A prediction is held at this many times the largest training count, so that an odd row cannot run off to infinity.
const MOST: f64 = 1_000.0;

/// The settings of models of counts.
pub fn knobs() -> Vec<Knob> {
    vec![
        Knob::new(
            "per_exposure",
            "Count per exposure",
            "Whether counts are expected in proportion to clicks or impressions (an offset), where the target comes after them.",
            KnobKind::Flag,
            true,
        ),
        Knob::new(
            "exposure",
            "Exposure",
            "How often a row could have had the outcome. None: the clicks, else the impressions, where they are above 0 in every row.",
            KnobKind::Column { numeric_only: true, optional: true },
            Setting::None,
        )
        .only_with("per_exposure", &["yes"]),
    ]
}

/// Checked settings.
pub struct CountTrainer {
    /// Whether the dispersion is estimated (negative binomial) or that of chance (Poisson).
    pub is_dispersed: bool,
    /// Column of the exposure, for the facts; empty for none.
    pub exposure: String,
}

impl CountTrainer {
    /// From settings that were checked.
    pub fn new(is_dispersed: bool, settings: &Settings) -> Self {
        Self { is_dispersed, exposure: super::work::exposure_name(settings).to_owned() }
    }

    fn glm(&self, x: &Matrix, y: &[f64], weights: &[f64], offset: &[f64]) -> Glm {
        if self.is_dispersed {
            fit_negative_binomial(x, y, offset)
        } else {
            fit_weighted(GlmFamily::Poisson, x, y, weights, offset)
        }
    }
}

/// Rows with a known exposure above 0.
pub(super) fn exposed(exposure: &[f64], n: usize) -> Vec<u32> {
    let is_exposed = |&r: &u32| exposure.get(r as usize).is_none_or(|&e| e > 0.0 && e.is_finite());
    (0..n as u32).filter(is_exposed).collect()
}

/// Values of some rows; nothing where there are no values.
pub(super) fn take(values: &[f64], rows: &[u32]) -> Vec<f64> {
    rows.iter().filter_map(|&r| values.get(r as usize).copied()).collect()
}

impl Trainer for CountTrainer {
    fn fit_with(
        &self,
        x: &Matrix,
        y: &[f64],
        beyond: Beyond<'_>,
        ctx: &Ctx<'_>,
    ) -> Result<Box<dyn Fitted>, ModelError> {
        ctx.tick(0, 1)?;
        if y.iter().any(|&v| v < 0.0) {
            return Err(ModelError::Refused {
                reason: "it models counts, and the target is below 0 in some rows".to_owned(),
            });
        }
        let rows = exposed(beyond.exposure, y.len());
        let weights = take(beyond.weights, &rows);
        if rows.is_empty() {
            return Err(ModelError::TooFewRows { needed: 1, got: 0 });
        }
        if self.is_dispersed && !weights.is_empty() {
            return Err(ModelError::CannotWeigh);
        }
        let offset: Vec<f64> = take(beyond.exposure, &rows).into_iter().map(math::ln).collect();
        let y = take(y, &rows);
        let fit = self.glm(&x.take_rows(&rows), &y, &weights, &offset);
        let mut known = take(beyond.exposure, &rows);
        distinct::sort(&mut known);
        let is_finite = fit.intercept.is_finite() && fit.coefficients.iter().all(|b| b.is_finite());
        if !is_finite {
            return Err(ModelError::DidNotConverge { iterations: fit.iterations as u32, tolerance: 1e-13 });
        }
        Ok(Box::new(Counts {
            intercept: fit.intercept,
            weights: fit.coefficients,
            usual_exposure: quantile(&known, 0.5),
            most: MOST * y.iter().copied().fold(0.0, f64::max).max(1.0),
            exposure: self.exposure.clone(),
            dispersion: match fit.family {
                GlmFamily::NegativeBinomial { dispersion } => Some(dispersion),
                _ => None,
            },
            rank: fit.rank as u64,
            is_settled: fit.converged,
        }))
    }

    fn coefficients(&self, _fitted: &dyn Fitted, of: &FittedRows<'_>) -> Option<CoefficientTable> {
        let rows = exposed(of.beyond.exposure, of.y.len());
        let offset: Vec<f64> = take(of.beyond.exposure, &rows).into_iter().map(math::ln).collect();
        let weights = take(of.beyond.weights, &rows);
        let (x, y) = (of.x.take_rows(&rows), take(of.y, &rows));
        let fit = self.glm(&x, &y, &weights, &offset);
        let groups: Vec<u32> = rows.iter().filter_map(|&r| of.groups.get(r as usize).copied()).collect();
        let of = FittedRows {
            x: &x,
            y: &y,
            beyond: Beyond { weights: &weights, ..Beyond::default() },
            groups: &groups,
            ..*of
        };
        Some(coefficients::of_counts(&fit, &offset, usize::from(self.is_dispersed), &of))
    }
}

/// A fitted model of counts.
#[derive(Serialize, Deserialize)]
pub struct Counts {
    intercept: f64,
    weights: Vec<f64>,
    /// Taken where a row's exposure is unknown; `None` without exposure.
    usual_exposure: Option<f64>,
    most: f64,
    exposure: String,
    dispersion: Option<f64>,
    rank: u64,
    is_settled: bool,
}

impl Counts {
    /// Reads it back.
    pub fn load(bytes: &[u8]) -> Result<Box<dyn Fitted>, ModelError> {
        let counts: Self = postcard::from_bytes(bytes).map_err(|_| ModelError::Unreadable)?;
        Ok(Box::new(counts))
    }
}

impl Fitted for Counts {
    fn predict(&self, x: &Matrix) -> Vec<f64> {
        self.predict_exposed(x, &[])
    }

    fn predict_exposed(&self, x: &Matrix, exposure: &[f64]) -> Vec<f64> {
        let mut out = vec![self.intercept; x.n_rows()];
        for (j, &weight) in self.weights.iter().enumerate().take(x.n_cols()).filter(|(_, w)| **w != 0.0) {
            out.iter_mut().zip(x.column(j)).for_each(|(slot, v)| *slot += weight * v);
        }
        for (i, slot) in out.iter_mut().enumerate() {
            let rate = GlmFamily::Poisson.mean(*slot);
            let times = match (self.usual_exposure, exposure.get(i)) {
                (None, _) => 1.0,
                (Some(usual), Some(e)) if e.is_nan() => usual,
                (Some(_), Some(e)) => e.max(0.0),
                (Some(usual), None) => usual,
            };
            *slot = if times == 0.0 { 0.0 } else { (rate * times).min(self.most) };
        }
        out
    }

    fn anatomy(&self) -> Anatomy<'_> {
        Anatomy::Sum {
            intercept: self.intercept,
            weights: &self.weights,
            link: Link::Log,
            usual_exposure: self.usual_exposure,
        }
    }

    fn save(&self) -> Vec<u8> {
        crate::engine::task::encode(self)
    }

    fn facts(&self) -> Vec<(String, String)> {
        let mut facts = vec![
            ("rank".into(), format!("{} of {}", self.rank, self.weights.len())),
            (
                "counted per".into(),
                if self.exposure.is_empty() { "row".into() } else { self.exposure.clone() },
            ),
        ];
        if let Some(dispersion) = self.dispersion {
            facts.push(("dispersion".into(), words::number(dispersion)));
        }
        if !self.is_settled {
            facts.push(("settled".into(), "no: some level decides the outcome alone".into()));
        }
        facts
    }
}
