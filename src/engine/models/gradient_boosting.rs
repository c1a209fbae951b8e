//! Gradient boosting: small trees, each grown on what the ones before it left over (Friedman 2001, squared error).

use super::{
    family::{Family, Fitted, ModelError, Trainer},
    trees::{self, Trees},
};
use crate::engine::{
    context::Ctx,
    knobs::{Knob, KnobKind, Settings},
    numeric::{
        math,
        matrix::Matrix,
        tree::{Columns, TreeSettings, grow},
    },
};

/// Boosted trees on residuals.
pub struct GradientBoosting;

impl Family for GradientBoosting {
    fn slug(&self) -> &'static str {
        "gradient_boosting"
    }

    fn title(&self) -> &'static str {
        "Gradient boosting"
    }

    fn help(&self) -> &'static str {
        "Many small trees in a row, each correcting a little of what the ones before it got wrong."
    }

    fn knobs(&self) -> Vec<Knob> {
        vec![
            trees::n_trees(100, "More trees fit more closely; with too many the model learns noise."),
            Knob::new(
                "learning_rate",
                "Learning rate",
                "The part of each tree that is added; smaller steps need more trees.",
                KnobKind::Real { min: 0.001, max: 1.0 },
                0.1,
            ),
            Knob::new(
                "max_depth",
                "Depth",
                "Most questions each tree asks of a row.",
                KnobKind::Integer { min: 1, max: 12 },
                3_i64,
            ),
            trees::min_samples_leaf(1),
            Knob::new(
                "subsample",
                "Share of rows a tree",
                "Below 1 each tree sees a random part of the rows, drawn without replacement.",
                KnobKind::Real { min: 0.05, max: 1.0 },
                1.0,
            ),
        ]
    }

    fn trainer(&self, settings: &Settings) -> Result<Box<dyn Trainer>, ModelError> {
        settings.check(&self.knobs())?;
        Ok(Box::new(BoostingTrainer {
            n_trees: settings.integer("trees", 100).max(1) as u64,
            learning_rate: settings.real("learning_rate", 0.1),
            subsample: settings.real("subsample", 1.0),
            tree: TreeSettings {
                max_depth: Some(settings.integer("max_depth", 3).max(1) as u32),
                min_samples_leaf: settings.integer("min_samples_leaf", 1).max(1) as usize,
                ..TreeSettings::default()
            },
        }))
    }

    fn load(&self, bytes: &[u8]) -> Result<Box<dyn Fitted>, ModelError> {
        Ok(Box::new(Trees::load(bytes)?))
    }

    fn python(&self, settings: &Settings) -> String {
        format!(
            "GradientBoostingRegressor(n_estimators={}, learning_rate={}, max_depth={}, min_samples_leaf={}, \
             subsample={:?}, random_state=0)",
            settings.integer("trees", 100),
            settings.real("learning_rate", 0.1),
            settings.integer("max_depth", 3),
            settings.integer("min_samples_leaf", 1),
            settings.real("subsample", 1.0)
        )
    }
}

struct BoostingTrainer {
    n_trees: u64,
    learning_rate: f64,
    subsample: f64,
    tree: TreeSettings,
}

impl Trainer for BoostingTrainer {
    fn fit(&self, x: &Matrix, y: &[f64], ctx: &Ctx<'_>) -> Result<Box<dyn Fitted>, ModelError> {
        trees::check(y)?;
        let n = y.len();
        let columns = Columns::new(x);
        let base = math::sum(y.iter().copied()) / n as f64;
        let mut left_over: Vec<f64> = y.iter().map(|v| v - base).collect();
        let n_drawn = ((n as f64 * self.subsample) as usize).max(1);
        let mut weights = vec![1.0; n];
        let mut grown = Vec::with_capacity(self.n_trees as usize);
        for i in 0..self.n_trees {
            ctx.tick(i, self.n_trees)?;
            let mut rng = ctx.rng(i);
            if n_drawn < n {
                weights.fill(0.0);
                for row in rng.sample(n as u32, n_drawn) {
                    weights[row as usize] = 1.0;
                }
            }
            let tree = grow(&columns, &left_over, &weights, &self.tree, &mut rng);
            tree.add_to(x, -self.learning_rate, &mut left_over);
            grown.push(tree);
        }
        Ok(Box::new(Trees { n_features: x.n_cols() as u32, base, factor: self.learning_rate, trees: grown }))
    }
}
