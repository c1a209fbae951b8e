//! A random forest: full trees on bootstrap samples, averaged (Breiman 2001).

use super::{
    family::{Family, Fitted, ModelError, Trainer},
    trees::{self, Trees},
};
use crate::engine::{
    context::Ctx,
    knobs::{Knob, KnobKind, Settings},
    numeric::{
        matrix::Matrix,
        tree::{Columns, TreeSettings, grow},
    },
};

/// Trees on bootstrap samples.
pub struct RandomForest;

const FEATURES: [(&str, &str); 3] =
    [("all", "All"), ("third", "A third"), ("sqrt", "Square root of their number")];

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
        vec![
            trees::n_trees(100, "More trees give steadier predictions and take longer."),
            Knob::new(
                "max_features",
                "Columns tried at a split",
                "Fewer columns make the trees more different from each other.",
                KnobKind::Choice(FEATURES.iter().map(|(s, l)| ((*s).into(), (*l).into())).collect()),
                "all",
            ),
            Knob::new(
                "max_depth",
                "Depth",
                "Most questions asked of a row; 0 means no limit.",
                KnobKind::Integer { min: 0, max: 64 },
                0_i64,
            ),
            trees::min_samples_leaf(1),
        ]
    }

    fn trainer(&self, settings: &Settings) -> Result<Box<dyn Trainer>, ModelError> {
        settings.check(&self.knobs())?;
        Ok(Box::new(ForestTrainer {
            n_trees: settings.integer("trees", 100).max(1) as u64,
            max_features: settings.text("max_features", "all").to_owned(),
            max_depth: match settings.integer("max_depth", 0) {
                depth if depth > 0 => Some(depth as u32),
                _ => None,
            },
            min_samples_leaf: settings.integer("min_samples_leaf", 1).max(1) as usize,
        }))
    }

    fn load(&self, bytes: &[u8]) -> Result<Box<dyn Fitted>, ModelError> {
        Ok(Box::new(Trees::load(bytes)?))
    }

    fn python(&self, settings: &Settings) -> String {
        let max_features = match settings.text("max_features", "all") {
            "third" => "1 / 3",
            "sqrt" => "\"sqrt\"",
            _ => "1.0",
        };
        let max_depth = match settings.integer("max_depth", 0) {
            depth if depth > 0 => depth.to_string(),
            _ => "None".to_owned(),
        };
        format!(
            "RandomForestRegressor(n_estimators={}, max_features={max_features}, max_depth={max_depth}, \
             min_samples_leaf={}, random_state=0)",
            settings.integer("trees", 100),
            settings.integer("min_samples_leaf", 1)
        )
    }
}

struct ForestTrainer {
    n_trees: u64,
    max_features: String,
    max_depth: Option<u32>,
    min_samples_leaf: usize,
}

impl Trainer for ForestTrainer {
    fn fit(&self, x: &Matrix, y: &[f64], ctx: &Ctx<'_>) -> Result<Box<dyn Fitted>, ModelError> {
        trees::check(y)?;
        let (n, p) = (y.len() as u32, x.n_cols());
        let settings = TreeSettings {
            max_depth: self.max_depth,
            min_samples_leaf: self.min_samples_leaf,
            max_features: match self.max_features.as_str() {
                "third" => Some((p / 3).max(1)),
                "sqrt" => Some(((p as f64).sqrt() as usize).max(1)),
                _ => None,
            },
            ..TreeSettings::default()
        };
        let columns = Columns::new(x);
        let mut grown = Vec::with_capacity(self.n_trees as usize);
        for i in 0..self.n_trees {
            ctx.tick(i, self.n_trees)?;
            // A stream a tree: a tree is the same whoever grows it, and whatever was grown before it.
            let mut rng = ctx.rng(i);
            let mut counts = vec![0.0; y.len()];
            for _ in 0..n {
                counts[rng.below(n) as usize] += 1.0;
            }
            grown.push(grow(&columns, y, &counts, &settings, &mut rng));
        }
        Ok(Box::new(Trees {
            n_features: p as u32,
            base: 0.0,
            factor: 1.0 / self.n_trees as f64,
            trees: grown,
        }))
    }
}
