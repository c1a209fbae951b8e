//! AdaBoost.R2: trees on rows drawn by how badly they were predicted so far, joined by a weighted median (Drucker 1997).

use serde::{Deserialize, Serialize};

use super::{
    family::{Beyond, Family, Fitted, ModelError, Trainer},
    trees,
};
use crate::engine::{
    context::Ctx,
    knobs::{Knob, KnobKind, Search, Settings},
    numeric::{
        matrix::Matrix,
        tree::{AdaLoss, AdaSettings, Tree, TreeSettings, ada_boost, weighted_median},
    },
};

/// Boosting by weighted resampling.
pub struct AdaBoost;

const LOSSES: [(&str, &str); 3] =
    [("linear", "Linear"), ("square", "Square"), ("exponential", "Exponential")];

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
            )
            .searched(Search::Log { low: 20.0, high: 150.0 }),
            Knob::new(
                "learning_rate",
                "Learning rate",
                "How strongly a round changes the weights of the rows.",
                KnobKind::Real { min: 0.01, max: 2.0 },
                1.0,
            )
            .searched(Search::Log { low: 0.05, high: 2.0 }),
            Knob::new(
                "loss",
                "How errors count",
                "Square and exponential look harder at the worst rows, or less hard at the middling ones.",
                KnobKind::Choice(LOSSES.iter().map(|(s, l)| ((*s).into(), (*l).into())).collect()),
                "linear",
            )
            .searched_among(LOSSES.map(|(slug, _)| slug)),
            Knob::new(
                "max_depth",
                "Depth",
                "Most questions each tree asks of a row.",
                KnobKind::Integer { min: 1, max: 12 },
                3_i64,
            )
            .searched(Search::Even { low: 1.0, high: 6.0 }),
        ]
    }

    fn trainer(&self, settings: &Settings) -> Result<Box<dyn Trainer>, ModelError> {
        settings.check(&self.knobs())?;
        Ok(Box::new(AdaTrainer(AdaSettings {
            n_rounds: settings.integer("trees", 50).max(1) as u32,
            learning_rate: settings.real("learning_rate", 1.0),
            loss: match settings.text("loss", "linear") {
                "square" => AdaLoss::Square,
                "exponential" => AdaLoss::Exponential,
                _ => AdaLoss::Linear,
            },
            tree: TreeSettings {
                max_depth: Some(settings.integer("max_depth", 3).max(1) as u32),
                ..TreeSettings::default()
            },
        })))
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
             loss={:?}, random_state=0)",
            settings.integer("max_depth", 3),
            settings.integer("trees", 50),
            settings.real("learning_rate", 1.0),
            settings.text("loss", "linear")
        )
    }
}

struct AdaTrainer(AdaSettings);

impl Trainer for AdaTrainer {
    fn fit_with(
        &self,
        x: &Matrix,
        y: &[f64],
        rows: Beyond<'_>,
        ctx: &Ctx<'_>,
    ) -> Result<Box<dyn Fitted>, ModelError> {
        trees::check(y)?;
        let found = ada_boost(x, y, rows.weighed(), &self.0, ctx)?;
        Ok(Box::new(Votes { n_features: x.n_cols() as u32, trees: found.trees, weights: found.votes }))
    }
}

#[derive(Serialize, Deserialize)]
struct Votes {
    n_features: u32,
    trees: Vec<Tree>,
    weights: Vec<f64>,
}

impl Fitted for Votes {
    fn predict(&self, x: &Matrix) -> Vec<f64> {
        weighted_median(&self.trees, &self.weights, x)
    }

    fn save(&self) -> Vec<u8> {
        crate::engine::task::encode(self)
    }

    fn facts(&self) -> Vec<(String, String)> {
        trees::facts(&self.trees)
    }
}
