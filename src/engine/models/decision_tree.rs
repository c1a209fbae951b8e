//! A decision tree: rows are split by one question at a time, and a leaf predicts the mean of its training rows.

use super::{
    family::{Beyond, Family, Fitted, ModelError, Trainer},
    outcome::Outcome,
    trees::{self, Trees},
    yes_no,
};
use crate::engine::{
    context::Ctx,
    knobs::{Knob, KnobKind, Search, Settings},
    numeric::{
        matrix::Matrix,
        tree::{Bins, ForestSettings, Loss, TreeSettings, forest},
    },
};

/// One regression tree (CART).
pub struct DecisionTree;

impl Family for DecisionTree {
    fn slug(&self) -> &'static str {
        "decision_tree"
    }

    fn title(&self) -> &'static str {
        "Decision tree"
    }

    fn help(&self) -> &'static str {
        "Splits the rows by one question at a time and predicts the mean of the group a row ends in."
    }

    fn knobs(&self) -> Vec<Knob> {
        let mut knobs = vec![
            Knob::new(
                "max_depth",
                "Depth",
                "Most questions asked of a row; deeper trees fit the training rows more closely.",
                KnobKind::Integer { min: 1, max: 64 },
                5_i64,
            )
            .searched(Search::Even { low: 2.0, high: 12.0 }),
            Knob::new(
                "max_leaves",
                "Most groups",
                "With a limit the group that gains most is split next; 0 means no limit.",
                KnobKind::Integer { min: 0, max: 10_000 },
                0_i64,
            ),
            trees::min_samples_leaf(1),
        ];
        knobs.extend(trees::one_way());
        knobs
    }

    fn trainer(&self, settings: &Settings) -> Result<Box<dyn Trainer>, ModelError> {
        self.trainer_for(Outcome::Amount, settings)
    }

    fn suits(&self, _outcome: Outcome) -> bool {
        true
    }

    fn trainer_for(&self, outcome: Outcome, settings: &Settings) -> Result<Box<dyn Trainer>, ModelError> {
        settings.check(&self.knobs())?;
        trees::check_ways(settings)?;
        let tree = TreeSettings {
            max_depth: Some(settings.integer("max_depth", 5).max(1) as u32),
            max_leaves: trees::above_zero(settings, "max_leaves").map(|v| v as usize),
            min_samples_leaf: settings.integer("min_samples_leaf", 1).max(1) as usize,
            ..TreeSettings::default()
        };
        Ok(Box::new(TreeTrainer { tree, outcome }))
    }

    fn load(&self, bytes: &[u8]) -> Result<Box<dyn Fitted>, ModelError> {
        Ok(Box::new(Trees::load(bytes)?))
    }

    fn python(&self, settings: &Settings) -> String {
        format!(
            "DecisionTreeRegressor(max_depth={}, max_leaf_nodes={}, min_samples_leaf={}, random_state=0)",
            settings.integer("max_depth", 5),
            trees::in_python(trees::above_zero(settings, "max_leaves")),
            settings.integer("min_samples_leaf", 1)
        )
    }

    fn python_for(&self, outcome: Outcome, settings: &Settings) -> String {
        match outcome {
            Outcome::Amount => self.python(settings),
            Outcome::YesNo => trees::classifier(self.python(settings)),
        }
    }
}

struct TreeTrainer {
    tree: TreeSettings,
    outcome: Outcome,
}

impl Trainer for TreeTrainer {
    fn fit_with(
        &self,
        x: &Matrix,
        y: &[f64],
        rows: Beyond<'_>,
        ctx: &Ctx<'_>,
    ) -> Result<Box<dyn Fitted>, ModelError> {
        trees::check(y)?;
        let is_share = self.outcome == Outcome::YesNo;
        if is_share {
            yes_no::check(y)?;
        }
        let settings = ForestSettings {
            n_trees: 1,
            bootstrap: false,
            one_more: is_share.then(|| yes_no::share(y, rows.weights)),
            tree: TreeSettings { monotone: x.ways().to_vec(), ..self.tree.clone() },
        };
        let found = forest(&Bins::new(x, y), y, rows.weighed(), &settings, 0..1, ctx)?;
        Ok(Box::new(Trees {
            n_features: x.n_cols() as u32,
            base: 0.0,
            factor: 1.0,
            loss: Loss::Squared,
            out_of_bag: None,
            trees: found.trees,
        }))
    }
}
