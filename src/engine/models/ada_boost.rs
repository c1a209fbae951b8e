//! AdaBoost.R2: trees on rows drawn by how badly they were predicted so far, joined by a weighted median.
//!
//! Drucker (1997) with the linear loss. A round draws n rows by weight, grows a tree, and measures its loss
//! `L = sum(weight * |error| / largest |error|)`; with `b = L / (1 - L)` a row's weight is multiplied by
//! `b^(rate * (1 - its loss))` and the tree's vote is `rate * ln(1 / b)`. Rounds end early at `L = 0` or `L >= 0.5`.

use serde::{Deserialize, Serialize};

use super::{
    family::{Family, Fitted, ModelError, Trainer},
    trees,
};
use crate::engine::{
    context::Ctx,
    knobs::{Knob, KnobKind, Settings},
    numeric::{
        math,
        matrix::Matrix,
        tree::{Columns, Tree, TreeSettings, grow},
    },
};

/// Boosting by weighted resampling.
pub struct AdaBoost;

impl Family for AdaBoost {
    fn slug(&self) -> &'static str {
        "ada_boost"
    }

    fn title(&self) -> &'static str {
        "AdaBoost.R2"
    }

    fn help(&self) -> &'static str {
        "Small trees in a row, each looking harder at the rows predicted badly so far; they vote by a weighted median."
    }

    fn knobs(&self) -> Vec<Knob> {
        vec![
            trees::n_trees(
                50,
                "Most rounds; fewer are made when a tree is perfect or no better than a guess.",
            ),
            Knob::new(
                "learning_rate",
                "Learning rate",
                "How strongly a round changes the weights of the rows.",
                KnobKind::Real { min: 0.01, max: 2.0 },
                1.0,
            ),
            Knob::new(
                "max_depth",
                "Depth",
                "Most questions each tree asks of a row.",
                KnobKind::Integer { min: 1, max: 12 },
                3_i64,
            ),
        ]
    }

    fn trainer(&self, settings: &Settings) -> Result<Box<dyn Trainer>, ModelError> {
        settings.check(&self.knobs())?;
        Ok(Box::new(AdaTrainer {
            n_rounds: settings.integer("trees", 50).max(1) as u64,
            learning_rate: settings.real("learning_rate", 1.0),
            tree: TreeSettings {
                max_depth: Some(settings.integer("max_depth", 3).max(1) as u32),
                ..TreeSettings::default()
            },
        }))
    }

    fn load(&self, bytes: &[u8]) -> Result<Box<dyn Fitted>, ModelError> {
        let votes: Votes = postcard::from_bytes(bytes).map_err(|_| ModelError::Unreadable)?;
        let sound = votes.trees.iter().all(|t| t.is_sound(votes.n_features as usize));
        if sound && votes.trees.len() == votes.weights.len() && !votes.trees.is_empty() {
            Ok(Box::new(votes))
        } else {
            Err(ModelError::Unreadable)
        }
    }

    fn python(&self, settings: &Settings) -> String {
        format!(
            "AdaBoostRegressor(DecisionTreeRegressor(max_depth={}), n_estimators={}, learning_rate={:?}, \
             random_state=0)",
            settings.integer("max_depth", 3),
            settings.integer("trees", 50),
            settings.real("learning_rate", 1.0)
        )
    }
}

struct AdaTrainer {
    n_rounds: u64,
    learning_rate: f64,
    tree: TreeSettings,
}

impl Trainer for AdaTrainer {
    fn fit(&self, x: &Matrix, y: &[f64], ctx: &Ctx<'_>) -> Result<Box<dyn Fitted>, ModelError> {
        trees::check(y)?;
        let n = y.len();
        let columns = Columns::new(x);
        let mut weights = vec![1.0 / n as f64; n];
        let mut votes = Votes { n_features: x.n_cols() as u32, trees: Vec::new(), weights: Vec::new() };
        for i in 0..self.n_rounds {
            ctx.tick(i, self.n_rounds)?;
            let mut rng = ctx.rng(i);
            let cumulative: Vec<f64> = weights
                .iter()
                .scan(0.0, |sum, w| {
                    *sum += w;
                    Some(*sum)
                })
                .collect();
            let total = cumulative.last().copied().unwrap_or(0.0);
            let mut counts = vec![0.0; n];
            for _ in 0..n {
                let u = rng.unit() * total;
                counts[cumulative.partition_point(|&c| c <= u).min(n - 1)] += 1.0;
            }
            let tree = grow(&columns, y, &counts, &self.tree, &mut rng);
            let mut errors: Vec<f64> =
                y.iter().enumerate().map(|(row, v)| (tree.predict_row(x, row) - v).abs()).collect();
            let largest = errors.iter().copied().fold(0.0, f64::max);
            if largest > 0.0 {
                errors.iter_mut().for_each(|e| *e /= largest);
            }
            let loss = math::sum(errors.iter().zip(&weights).map(|(e, w)| e * w));
            if loss <= 0.0 {
                votes.trees.push(tree);
                votes.weights.push(1.0);
                break;
            }
            if loss >= 0.5 {
                if votes.trees.is_empty() {
                    votes.trees.push(tree);
                    votes.weights.push(1.0);
                }
                break;
            }
            let beta = loss / (1.0 - loss);
            votes.trees.push(tree);
            votes.weights.push(self.learning_rate * math::ln(1.0 / beta));
            for (weight, error) in weights.iter_mut().zip(&errors) {
                *weight *= math::pow(beta, (1.0 - error) * self.learning_rate);
            }
            let total = math::sum(weights.iter().copied());
            if !(total.is_finite() && total > 0.0) {
                break;
            }
            weights.iter_mut().for_each(|w| *w /= total);
        }
        Ok(Box::new(votes))
    }
}

#[derive(Serialize, Deserialize)]
struct Votes {
    n_features: u32,
    trees: Vec<Tree>,
    weights: Vec<f64>,
}

impl Fitted for Votes {
    /// The smallest prediction that half of the votes do not exceed.
    fn predict(&self, x: &Matrix) -> Vec<f64> {
        let half = 0.5 * self.weights.iter().sum::<f64>();
        let mut said: Vec<(f64, f64)> = Vec::with_capacity(self.trees.len());
        (0..x.n_rows())
            .map(|row| {
                said.clear();
                said.extend(self.trees.iter().zip(&self.weights).map(|(t, &w)| (t.predict_row(x, row), w)));
                said.sort_by(|a, b| a.0.total_cmp(&b.0));
                let mut sum = 0.0;
                for &(value, weight) in &said {
                    sum += weight;
                    if sum >= half {
                        return value;
                    }
                }
                said.last().map_or(f64::NAN, |&(value, _)| value)
            })
            .collect()
    }

    fn save(&self) -> Vec<u8> {
        crate::engine::task::encode(self)
    }

    fn facts(&self) -> Vec<(String, String)> {
        trees::facts(&self.trees)
    }
}
