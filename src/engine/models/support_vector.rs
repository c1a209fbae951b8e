//! Support vector regression with a Gaussian kernel (Drucker et al. 1997), for tables of up to 5,000 training rows.

use serde::{Deserialize, Serialize};

use super::family::{Beyond, Family, Fitted, ModelError, Trainer};
use crate::engine::{
    context::Ctx,
    knobs::{Knob, KnobKind, Search, Settings},
    numeric::{
        matrix::Matrix,
        penalised::{mean_and_unit, standardise},
        support_vectors::{SvrSettings, fit_svr, scale_gamma, similarity},
    },
    words::count,
};

/// Training rows, at most: time grows with their square.
const MAX_ROWS: usize = 5_000;

/// Epsilon support vector regression.
pub struct SupportVector;

impl Family for SupportVector {
    fn slug(&self) -> &'static str {
        "support_vector"
    }

    fn title(&self) -> &'static str {
        "Support vector regression"
    }

    fn help(&self) -> &'static str {
        "A smooth curve that ignores small errors; for tables of up to 5,000 rows."
    }

    fn knobs(&self) -> Vec<Knob> {
        vec![
            Knob::new(
                "cost",
                "Cost of errors",
                "Larger follows the training rows more closely.",
                KnobKind::Real { min: 0.001, max: 10_000.0 },
                1.0,
            )
            .searched(Search::Log { low: 0.1, high: 100.0 }),
            Knob::new(
                "tube",
                "Free error",
                "Errors up to this part of a standard deviation of the target cost nothing.",
                KnobKind::Real { min: 0.0, max: 10.0 },
                0.1,
            )
            .searched(Search::Log { low: 0.01, high: 0.5 }),
            Knob::new(
                "gamma",
                "Narrowness",
                "How fast rows stop being alike with distance. 0: one over the number of columns.",
                KnobKind::Real { min: 0.0, max: 1_000.0 },
                0.0,
            )
            .searched(Search::Log { low: 0.001, high: 1.0 }),
        ]
    }

    fn wants_scaling(&self) -> bool {
        true
    }

    fn can_weigh(&self) -> bool {
        false
    }

    fn is_default(&self) -> bool {
        false
    }

    fn trainer(&self, settings: &Settings) -> Result<Box<dyn Trainer>, ModelError> {
        settings.check(&self.knobs())?;
        Ok(Box::new(SupportVectorTrainer {
            cost: settings.real("cost", 1.0),
            tube: settings.real("tube", 0.1),
            gamma: settings.real("gamma", 0.0),
        }))
    }

    fn load(&self, bytes: &[u8]) -> Result<Box<dyn Fitted>, ModelError> {
        let curve: Curve = postcard::from_bytes(bytes).map_err(|_| ModelError::Unreadable)?;
        let p = curve.means.len();
        let is_sound = curve.units.len() == p
            && curve.points.len() == curve.weights.len()
            && curve.points.iter().all(|v| v.len() == p);
        if is_sound { Ok(Box::new(curve)) } else { Err(ModelError::Unreadable) }
    }

    fn python(&self, settings: &Settings) -> String {
        let gamma = match settings.real("gamma", 0.0) {
            0.0 => "\"scale\"".to_owned(),
            gamma => gamma.to_string(),
        };
        format!(
            "TransformedTargetRegressor(make_pipeline(StandardScaler(), SVR(C={}, epsilon={}, gamma={gamma})), \
             transformer=StandardScaler())",
            settings.real("cost", 1.0),
            settings.real("tube", 0.1)
        )
    }
}

struct SupportVectorTrainer {
    cost: f64,
    tube: f64,
    gamma: f64,
}

impl Trainer for SupportVectorTrainer {
    fn fit_with(
        &self,
        x: &Matrix,
        y: &[f64],
        beyond: Beyond<'_>,
        ctx: &Ctx<'_>,
    ) -> Result<Box<dyn Fitted>, ModelError> {
        beyond.refuse_weights()?;
        if y.is_empty() {
            return Err(ModelError::TooFewRows { needed: 1, got: 0 });
        }
        if y.len() > MAX_ROWS {
            return Err(ModelError::Refused {
                reason: format!(
                    "it compares every row with every other and is meant for up to {} training rows, here are {}: choose \
                     another model, or work on a sample",
                    count(MAX_ROWS as u64),
                    count(y.len() as u64)
                ),
            });
        }
        let z = standardise(x);
        let points: Vec<Vec<f64>> =
            (0..y.len()).map(|i| z.columns.iter().map(|column| column[i]).collect()).collect();
        let (mean, spread) = mean_and_unit(y);
        let unit = if spread > 0.0 { spread } else { 1.0 };
        let target: Vec<f64> = y.iter().map(|v| (v - mean) / unit).collect();
        let gamma = if self.gamma > 0.0 { self.gamma } else { scale_gamma(&points) };
        let settings = SvrSettings { cost: self.cost, tube: self.tube, gamma, tolerance: 1e-3 };
        // The number of steps is not known before; the bar shows that it works.
        let fit = fit_svr(&points, &target, &settings, |steps| ctx.tick(steps.min(99_999), 100_000))?
            .ok_or(ModelError::DidNotConverge { iterations: 10_000_000, tolerance: settings.tolerance })?;
        let (weights, points): (Vec<f64>, Vec<Vec<f64>>) =
            fit.weights.iter().zip(points).filter(|(w, _)| **w != 0.0).map(|(w, p)| (w * unit, p)).unzip();
        Ok(Box::new(Curve {
            bias: mean + unit * fit.bias,
            gamma,
            weights,
            points,
            means: z.means,
            units: z.units,
            n_rows: y.len() as u64,
        }))
    }
}

#[derive(Serialize, Deserialize)]
struct Curve {
    bias: f64,
    gamma: f64,
    weights: Vec<f64>,
    points: Vec<Vec<f64>>,
    means: Vec<f64>,
    units: Vec<f64>,
    n_rows: u64,
}

impl Fitted for Curve {
    fn predict(&self, x: &Matrix) -> Vec<f64> {
        (0..x.n_rows())
            .map(|i| {
                let at: Vec<f64> = self
                    .means
                    .iter()
                    .zip(&self.units)
                    .enumerate()
                    .map(|(j, (m, u))| (x.get(i, j) - m) / u)
                    .collect();
                self.bias
                    + self
                        .weights
                        .iter()
                        .zip(&self.points)
                        .map(|(w, p)| w * similarity(&at, p, self.gamma))
                        .sum::<f64>()
            })
            .collect()
    }

    fn save(&self) -> Vec<u8> {
        crate::engine::task::encode(self)
    }

    fn facts(&self) -> Vec<(String, String)> {
        vec![(
            "rows the curve rests on".into(),
            format!("{} of {}", count(self.points.len() as u64), count(self.n_rows)),
        )]
    }
}
