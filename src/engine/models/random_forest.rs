//! A random forest: full trees on bootstrap samples, averaged (Breiman 2001).

use serde::{Deserialize, Serialize};

use super::{
    family::{Beyond, Family, Fitted, ModelError, Trainer},
    outcome::Outcome,
    trees::{self, Trees},
    yes_no,
};
use crate::engine::{
    context::Ctx,
    knobs::{Knob, Settings},
    numeric::{
        matrix::Matrix,
        tree::{Bins, ForestSettings, Loss, Part, Tree, TreeSettings, forest, parts},
    },
    task,
};

/// Trees on bootstrap samples.
pub struct RandomForest;

impl Family for RandomForest {
    fn slug(&self) -> &'static str {
        "random_forest"
    }

    fn title(&self) -> &'static str {
        "Random forest"
    }

    fn help(&self) -> &'static str {
        "The mean of many deep trees, each grown on rows drawn with replacement."
    }

    fn knobs(&self) -> Vec<Knob> {
        knobs()
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
        Ok(Box::new(ForestTrainer::new(settings, outcome, true, false)))
    }

    fn load(&self, bytes: &[u8]) -> Result<Box<dyn Fitted>, ModelError> {
        Ok(Box::new(Trees::load(bytes)?))
    }

    fn python(&self, settings: &Settings) -> String {
        python("RandomForestRegressor", settings)
    }

    fn python_for(&self, outcome: Outcome, settings: &Settings) -> String {
        match outcome {
            Outcome::Amount => self.python(settings),
            Outcome::YesNo => trees::classifier(self.python(settings)),
        }
    }
}

/// The knobs of a forest.
pub fn knobs() -> Vec<Knob> {
    let [up, down] = trees::one_way();
    vec![
        trees::n_trees(100, "More trees give steadier predictions and take longer."),
        trees::max_features("all"),
        trees::depth_or_none(),
        trees::min_samples_leaf(1),
        up,
        down,
    ]
}

/// A forest of scikit-learn.
pub fn python(class: &str, settings: &Settings) -> String {
    format!(
        "{class}(n_estimators={}, max_features={}, max_depth={}, min_samples_leaf={}, random_state=0)",
        settings.integer("trees", 100),
        trees::features_in_python(settings),
        trees::in_python(trees::above_zero(settings, "max_depth")),
        settings.integer("min_samples_leaf", 1)
    )
}

/// Checked settings of a forest.
pub struct ForestTrainer {
    forest: ForestSettings,
    max_features: String,
    outcome: Outcome,
}

impl ForestTrainer {
    /// From checked settings. `bootstrap`: trees see drawn rows; `random_cuts`: extra trees.
    pub fn new(settings: &Settings, outcome: Outcome, bootstrap: bool, random_cuts: bool) -> Self {
        Self {
            forest: ForestSettings {
                n_trees: settings.integer("trees", 100).max(1) as u32,
                bootstrap,
                one_more: None,
                tree: TreeSettings {
                    max_depth: trees::above_zero(settings, "max_depth"),
                    min_samples_leaf: settings.integer("min_samples_leaf", 1).max(1) as usize,
                    random_cuts,
                    ..TreeSettings::default()
                },
            },
            max_features: settings.text("max_features", "all").to_owned(),
            outcome,
        }
    }

    fn check(&self, y: &[f64]) -> Result<(), ModelError> {
        trees::check(y)?;
        if self.outcome == Outcome::YesNo { yes_no::check(y) } else { Ok(()) }
    }

    fn settings(&self, x: &Matrix) -> ForestSettings {
        let mut forest = self.forest.clone();
        forest.tree.max_features = trees::n_features(&self.max_features, x.n_cols());
        forest.tree.monotone = x.ways().to_vec();
        forest
    }

    fn joined(&self, all: Part, p: usize, y: &[f64], weights: &[f64]) -> Trees {
        let n = all.trees.len().max(1) as f64;
        let (base, factor) = match self.outcome {
            Outcome::Amount => (0.0, 1.0 / n),
            // One more tree says the share of yes.
            Outcome::YesNo => (yes_no::share(y, weights) / (n + 1.0), 1.0 / (n + 1.0)),
        };
        Trees {
            n_features: p as u32,
            base,
            factor,
            loss: Loss::Squared,
            out_of_bag: all.out_of_bag_r2(y).filter(|_| self.outcome == Outcome::Amount),
            trees: all.trees,
        }
    }
}

/// A part of a forest on its way from one worker to another.
#[derive(Serialize, Deserialize)]
struct Sent {
    trees: Vec<Tree>,
    unseen_sums: Vec<f64>,
    unseen_counts: Vec<u32>,
}

impl Trainer for ForestTrainer {
    fn fit_with(
        &self,
        x: &Matrix,
        y: &[f64],
        rows: Beyond<'_>,
        ctx: &Ctx<'_>,
    ) -> Result<Box<dyn Fitted>, ModelError> {
        self.check(y)?;
        let settings = self.settings(x);
        let bins = Bins::new(x, y);
        let mut all = Part::default();
        let n = u64::from(settings.n_trees);
        for part in parts(settings.n_trees) {
            let from = u64::from(part.start);
            let tick = |done: u64, _: u64| ctx.tick(from + done, n).is_ok();
            all.join(forest(&bins, y, rows.weighed(), &settings, part, &Ctx::new(ctx.seed(), &tick))?);
        }
        Ok(Box::new(self.joined(all, x.n_cols(), y, rows.weights)))
    }

    fn n_parts(&self) -> u32 {
        parts(self.forest.n_trees).count() as u32
    }

    fn fit_part(
        &self,
        x: &Matrix,
        y: &[f64],
        weights: &[f64],
        part: u32,
        ctx: &Ctx<'_>,
    ) -> Result<Vec<u8>, ModelError> {
        self.check(y)?;
        let settings = self.settings(x);
        let numbers = parts(settings.n_trees).nth(part as usize).unwrap_or(0..0);
        let Part { trees, unseen_sums, unseen_counts } = forest(
            &Bins::new(x, y),
            y,
            Beyond { weights, ..Beyond::default() }.weighed(),
            &settings,
            numbers,
            ctx,
        )?;
        Ok(task::encode(&Sent { trees, unseen_sums, unseen_counts }))
    }

    fn join(
        &self,
        parts: &[Vec<u8>],
        p: usize,
        y: &[f64],
        weights: &[f64],
    ) -> Result<Box<dyn Fitted>, ModelError> {
        let mut all = Part::default();
        for bytes in parts {
            let Sent { trees, unseen_sums, unseen_counts } =
                postcard::from_bytes(bytes).map_err(|_| ModelError::Unreadable)?;
            if !trees.iter().all(|t: &Tree| t.is_sound(p)) {
                return Err(ModelError::Unreadable);
            }
            all.join(Part { trees, unseen_sums, unseen_counts });
        }
        Ok(Box::new(self.joined(all, p, y, weights)))
    }
}
