//! Logistic regression: the log odds of yes as a weighted sum (Cox 1958).

use serde::{Deserialize, Serialize};

use super::{
    coefficients::{self, CoefficientTable},
    counts::{exposed, take},
    family::{Anatomy, Beyond, Family, Fitted, FittedRows, Link, ModelError, Trainer},
    outcome::Outcome,
    yes_no,
};
use crate::engine::{
    context::Ctx,
    data::distinct,
    knobs::{Knob, KnobKind, Search, Setting, Settings},
    numeric::{
        describe::quantile,
        glm::{Glm, GlmFamily, fit_weighted},
        logistic::{fit_penalised, is_separated},
        math,
        matrix::Matrix,
    },
    words,
};

/// The penalty taken where yes and no are told apart without fail and none was asked for.
const WHERE_SEPARATED: f64 = 1.0;

/// Log odds beyond this are as good as certain, and no probability may be.
const CERTAIN: f64 = 30.0;

/// The probability of yes.
pub struct LogisticRegression;

impl Family for LogisticRegression {
    fn slug(&self) -> &'static str {
        "logistic_regression"
    }

    fn title(&self) -> &'static str {
        "Logistic regression"
    }

    fn help(&self) -> &'static str {
        "The odds of yes as a product of effects: each column multiplies them."
    }

    fn knobs(&self) -> Vec<Knob> {
        vec![
            Knob::new(
                "penalty",
                "Penalty",
                "Holds the effects back (L2, on standardised columns). 0: none, unless a column decides alone; then 1.",
                KnobKind::Real { min: 0.0, max: 1e6 },
                0.0,
            )
            .searched(Search::Log { low: 0.01, high: 100.0 }),
            Knob::new(
                "exposure",
                "Exposure",
                "How often a row could have said yes: the odds are taken in proportion to it (an offset). None: equally often.",
                KnobKind::Column { numeric_only: true, optional: true },
                Setting::None,
            ),
        ]
    }

    fn suits(&self, outcome: Outcome) -> bool {
        outcome == Outcome::YesNo
    }

    fn wants_scaling(&self) -> bool {
        true
    }

    fn has_coefficients(&self) -> bool {
        true
    }

    fn trainer(&self, settings: &Settings) -> Result<Box<dyn Trainer>, ModelError> {
        settings.check(&self.knobs())?;
        let exposure = super::work::exposure_name(settings).to_owned();
        Ok(Box::new(LogisticTrainer { penalty: settings.real("penalty", 0.0), exposure }))
    }

    fn load(&self, bytes: &[u8]) -> Result<Box<dyn Fitted>, ModelError> {
        let logistic: Logistic = postcard::from_bytes(bytes).map_err(|_| ModelError::Unreadable)?;
        Ok(Box::new(logistic))
    }

    fn python(&self, settings: &Settings) -> String {
        let penalty = settings.real("penalty", 0.0);
        let how = if penalty > 0.0 { format!("C={:?}", 1.0 / penalty) } else { "penalty=None".to_owned() };
        format!("make_pipeline(StandardScaler(), LogisticRegression({how}, max_iter=10000))")
    }
}

struct LogisticTrainer {
    penalty: f64,
    /// Column of the exposure, for the facts; empty for none.
    exposure: String,
}

impl LogisticTrainer {
    /// The fit, its penalty, and whether that was put on because yes and no are told apart without fail.
    fn glm(&self, x: &Matrix, y: &[f64], weights: &[f64], offset: &[f64]) -> (Glm, f64, bool) {
        if self.penalty > 0.0 {
            return (fit_penalised(x, y, weights, offset, self.penalty), self.penalty, false);
        }
        let free = fit_weighted(GlmFamily::Logistic, x, y, weights, offset);
        let n = weights.len() as f64;
        let weight = if weights.is_empty() { 1.0 } else { math::sum(weights.iter().copied()) / n };
        if is_separated(&free, x, weight) {
            (fit_penalised(x, y, weights, offset, WHERE_SEPARATED), WHERE_SEPARATED, true)
        } else {
            (free, 0.0, false)
        }
    }
}

impl Trainer for LogisticTrainer {
    fn fit_with(
        &self,
        x: &Matrix,
        y: &[f64],
        beyond: Beyond<'_>,
        ctx: &Ctx<'_>,
    ) -> Result<Box<dyn Fitted>, ModelError> {
        ctx.tick(0, 1)?;
        let rows = exposed(beyond.exposure, y.len());
        let weights = take(beyond.weights, &rows);
        let mut known = take(beyond.exposure, &rows);
        let offset: Vec<f64> = known.iter().map(|&e| math::ln(e)).collect();
        let y = take(y, &rows);
        yes_no::check(&y)?;
        let (fit, penalty, is_separated) = if rows.len() == x.n_rows() {
            self.glm(x, &y, &weights, &offset)
        } else {
            self.glm(&x.take_rows(&rows), &y, &weights, &offset)
        };
        distinct::sort(&mut known);
        if !fit.intercept.is_finite() || !fit.coefficients.iter().all(|b| b.is_finite()) {
            return Err(ModelError::DidNotConverge { iterations: fit.iterations as u32, tolerance: 1e-13 });
        }
        Ok(Box::new(Logistic {
            intercept: fit.intercept,
            weights: fit.coefficients,
            rank: fit.rank as u64,
            usual_exposure: quantile(&known, 0.5),
            exposure: self.exposure.clone(),
            penalty,
            is_separated,
        }))
    }

    fn coefficients(&self, _fitted: &dyn Fitted, of: &FittedRows<'_>) -> Option<CoefficientTable> {
        let rows = exposed(of.beyond.exposure, of.y.len());
        let offset: Vec<f64> = take(of.beyond.exposure, &rows).into_iter().map(math::ln).collect();
        let weights = take(of.beyond.weights, &rows);
        let (x, y) = (of.x.take_rows(&rows), take(of.y, &rows));
        let groups: Vec<u32> = rows.iter().filter_map(|&r| of.groups.get(r as usize).copied()).collect();
        let (fit, penalty, _) = self.glm(&x, &y, &weights, &offset);
        let of = FittedRows {
            x: &x,
            y: &y,
            beyond: Beyond { weights: &weights, ..Beyond::default() },
            groups: &groups,
            ..*of
        };
        Some(coefficients::of_logistic(&fit, &offset, penalty, &of))
    }
}

/// A fitted logistic regression.
#[derive(Serialize, Deserialize)]
struct Logistic {
    intercept: f64,
    weights: Vec<f64>,
    rank: u64,
    /// Taken where a row's exposure is unknown; `None` without exposure.
    usual_exposure: Option<f64>,
    exposure: String,
    penalty: f64,
    is_separated: bool,
}

impl Fitted for Logistic {
    fn predict(&self, x: &Matrix) -> Vec<f64> {
        self.predict_exposed(x, &[])
    }

    fn predict_exposed(&self, x: &Matrix, exposure: &[f64]) -> Vec<f64> {
        let mut out = vec![self.intercept; x.n_rows()];
        for (j, &weight) in self.weights.iter().enumerate().take(x.n_cols()).filter(|(_, w)| **w != 0.0) {
            out.iter_mut().zip(x.column(j)).for_each(|(slot, v)| *slot += weight * v);
        }
        for (i, slot) in out.iter_mut().enumerate() {
            if let Some(usual) = self.usual_exposure {
                let times = exposure.get(i).copied().filter(|e| !e.is_nan()).unwrap_or(usual);
                // Without any exposure there is no yes; the bound below keeps the logarithm of 0 finite.
                *slot += math::ln(times.max(1e-300));
            }
            *slot = 1.0 / (1.0 + math::exp(-slot.clamp(-CERTAIN, CERTAIN)));
        }
        out
    }

    fn anatomy(&self) -> Anatomy<'_> {
        Anatomy::Sum {
            intercept: self.intercept,
            weights: &self.weights,
            link: Link::LogOdds,
            usual_exposure: self.usual_exposure,
        }
    }

    fn save(&self) -> Vec<u8> {
        crate::engine::task::encode(self)
    }

    fn facts(&self) -> Vec<(String, String)> {
        let mut facts = vec![("rank".into(), format!("{} of {}", self.rank, self.weights.len()))];
        if !self.exposure.is_empty() {
            facts.push(("odds in proportion to".into(), self.exposure.clone()));
        }
        let penalty = words::number(self.penalty);
        facts.push((
            "penalty".into(),
            match (self.is_separated, self.penalty > 0.0) {
                (true, _) => format!(
                    "{penalty}, put on because some columns tell yes from no without fail (separation)"
                ),
                (false, true) => penalty,
                (false, false) => "none".into(),
            },
        ));
        facts
    }
}
