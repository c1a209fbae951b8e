//! Gradient boosting: small trees, each grown on what the ones before it left over (Friedman 2001).

use super::{
    family::{Beyond, Family, Fitted, ModelError, Trainer},
    outcome::Outcome,
    trees::{self, Trees},
};
use crate::engine::{
    context::Ctx,
    knobs::{Knob, KnobKind, Search, Settings},
    numeric::{
        cuts::Blocks,
        matrix::Matrix,
        tree::{BoostSettings, Loss, TreeSettings, boost},
    },
};

/// Boosted trees.
pub struct GradientBoosting;

const LOSSES: [(&str, &str); 5] = [
    ("squared", "Squared error: the mean"),
    ("absolute", "Absolute error: the median"),
    ("huber", "Huber: the mean, outliers count less"),
    ("poisson", "Poisson: counts, never below 0"),
    ("logistic", "Logistic: the chance of 1 rather than 0"),
];

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
        let [up, down] = trees::one_way();
        vec![
            trees::n_trees(100, "More trees fit more closely; with too many the model learns noise.")
                .searched(Search::Log { low: 30.0, high: 400.0 }),
            Knob::new(
                "learning_rate",
                "Learning rate",
                "The part of each tree that is added; smaller steps need more trees.",
                KnobKind::Real { min: 0.001, max: 1.0 },
                0.1,
            )
            .searched(Search::Log { low: 0.02, high: 0.3 }),
            Knob::new(
                "loss",
                "What is minimised",
                "Decides what is predicted, and how much far-off rows count.",
                KnobKind::Choice(LOSSES.iter().map(|(s, l)| ((*s).into(), (*l).into())).collect()),
                "squared",
            ),
            Knob::new(
                "max_depth",
                "Depth",
                "Most questions each tree asks of a row.",
                KnobKind::Integer { min: 1, max: 12 },
                3_i64,
            )
            .searched(Search::Even { low: 2.0, high: 6.0 }),
            Knob::new(
                "max_leaves",
                "Most groups a tree",
                "With a limit the group that gains most is split next, and depth is free; 0 means no limit.",
                KnobKind::Integer { min: 0, max: 1_000 },
                0_i64,
            ),
            trees::min_samples_leaf(1),
            Knob::new(
                "subsample",
                "Share of rows a tree",
                "Below 1 each tree sees a random part of the rows, drawn without replacement.",
                KnobKind::Real { min: 0.05, max: 1.0 },
                1.0,
            )
            .searched(Search::Even { low: 0.5, high: 1.0 }),
            Knob::new(
                "columns",
                "Share of columns a tree",
                "Below 1 each tree sees a random part of the columns.",
                KnobKind::Real { min: 0.05, max: 1.0 },
                1.0,
            )
            .searched(Search::Even { low: 0.4, high: 1.0 }),
            Knob::new(
                "validation",
                "Share kept aside to stop early",
                "Trees are added until these rows are predicted no better; 0 means never to stop early.",
                KnobKind::Real { min: 0.0, max: 0.5 },
                0.0,
            ),
            Knob::new(
                "patience",
                "Patience",
                "Trees without a gain on the rows kept aside before it stops.",
                KnobKind::Integer { min: 1, max: 200 },
                10_i64,
            ),
            up,
            down,
        ]
    }

    fn suits(&self, _outcome: Outcome) -> bool {
        true
    }

    fn knobs_for(&self, outcome: Outcome) -> Vec<Knob> {
        let mut knobs = self.knobs();
        // A probability has one loss.
        knobs.retain(|k| outcome == Outcome::Amount || k.slug != "loss");
        knobs
    }

    fn trainer_for(&self, outcome: Outcome, settings: &Settings) -> Result<Box<dyn Trainer>, ModelError> {
        match outcome {
            Outcome::Amount => self.trainer(settings),
            Outcome::YesNo => self.trainer(&settings.clone().with("loss", "logistic")),
        }
    }

    fn python_for(&self, outcome: Outcome, settings: &Settings) -> String {
        match outcome {
            Outcome::Amount => self.python(settings),
            Outcome::YesNo => self.python(&settings.clone().with("loss", "logistic")),
        }
    }

    fn trainer(&self, settings: &Settings) -> Result<Box<dyn Trainer>, ModelError> {
        settings.check(&self.knobs())?;
        trees::check_ways(settings)?;
        let loss = loss_of(settings);
        let max_leaves = trees::above_zero(settings, "max_leaves").map(|v| v as usize);
        let depth = settings.integer("max_depth", 3).max(1) as u32;
        let share = settings.real("validation", 0.0);
        Ok(Box::new(BoostingTrainer(BoostSettings {
            n_trees: settings.integer("trees", 100).max(1) as u32,
            learning_rate: settings.real("learning_rate", 0.1),
            loss,
            subsample: settings.real("subsample", 1.0),
            columns: settings.real("columns", 1.0),
            // Known with the rows.
            blocks: Blocks::default(),
            early_stop: (share > 0.0).then(|| (share, settings.integer("patience", 10).max(1) as u32)),
            tree: TreeSettings {
                max_depth: max_leaves.is_none().then_some(depth),
                max_leaves,
                min_samples_leaf: settings.integer("min_samples_leaf", 1).max(1) as usize,
                min_weight_leaf: if loss.has_second() { 1e-3 } else { 0.0 },
                ..TreeSettings::default()
            },
        })))
    }

    fn load(&self, bytes: &[u8]) -> Result<Box<dyn Fitted>, ModelError> {
        Ok(Box::new(Trees::load(bytes)?))
    }

    fn python(&self, settings: &Settings) -> String {
        let leaves = trees::above_zero(settings, "max_leaves");
        let depth = settings.integer("max_depth", 3).max(1) as u32;
        let depth = trees::in_python(leaves.is_none().then_some(depth));
        let leaves = trees::in_python(leaves);
        let n_trees = settings.integer("trees", 100);
        let rate = settings.real("learning_rate", 0.1);
        let smallest = settings.integer("min_samples_leaf", 1);
        let columns = settings.real("columns", 1.0);
        let loss = loss_of(settings);
        if loss == Loss::Poisson {
            return format!(
                "HistGradientBoostingRegressor(loss=\"poisson\", max_iter={n_trees}, learning_rate={rate}, \
                 max_depth={depth}, max_leaf_nodes={leaves}, min_samples_leaf={smallest}, max_features={columns:?}, \
                 early_stopping=False, random_state=0)"
            );
        }
        let class = match loss {
            Loss::Logistic => "GradientBoostingClassifier(".to_owned(),
            Loss::Absolute => "GradientBoostingRegressor(loss=\"absolute_error\", ".to_owned(),
            Loss::Huber => "GradientBoostingRegressor(loss=\"huber\", ".to_owned(),
            _ => "GradientBoostingRegressor(".to_owned(),
        };
        let share = settings.real("validation", 0.0);
        let stop = if share > 0.0 {
            format!(
                ", validation_fraction={share:?}, n_iter_no_change={}",
                settings.integer("patience", 10).max(1)
            )
        } else {
            String::new()
        };
        format!(
            "{class}n_estimators={n_trees}, learning_rate={rate}, max_depth={depth}, max_leaf_nodes={leaves}, \
             min_samples_leaf={smallest}, subsample={:?}, max_features={columns:?}{stop}, random_state=0)",
            settings.real("subsample", 1.0)
        )
    }
}

fn loss_of(settings: &Settings) -> Loss {
    match settings.text("loss", "squared") {
        "absolute" => Loss::Absolute,
        "huber" => Loss::Huber,
        "poisson" => Loss::Poisson,
        "logistic" => Loss::Logistic,
        _ => Loss::Squared,
    }
}

struct BoostingTrainer(BoostSettings);

impl Trainer for BoostingTrainer {
    fn fit_with(
        &self,
        x: &Matrix,
        y: &[f64],
        rows: Beyond<'_>,
        ctx: &Ctx<'_>,
    ) -> Result<Box<dyn Fitted>, ModelError> {
        trees::check(y)?;
        let refuse = |reason: &str| Err(ModelError::Refused { reason: reason.to_owned() });
        match self.0.loss {
            Loss::Poisson if y.iter().any(|&v| v < 0.0) => {
                return refuse("Poisson needs a target without negative values: choose another loss");
            }
            Loss::Poisson if y.iter().all(|&v| v == 0.0) => {
                return refuse("Poisson needs a target that is above 0 somewhere: every training row is 0");
            }
            Loss::Logistic if y.iter().any(|&v| v != 0.0 && v != 1.0) => {
                return refuse("logistic needs a target of 0 and 1: choose another loss");
            }
            Loss::Logistic if !(y.contains(&0.0) && y.contains(&1.0)) => {
                return refuse("logistic needs both 0 and 1 among the training rows");
            }
            _ => {}
        }
        let mut settings = self.0.clone();
        settings.tree.monotone = x.ways().to_vec();
        settings.blocks = rows.blocks.cloned().unwrap_or_default();
        let found = boost(x, y, rows.weighed(), &settings, false, ctx)?;
        Ok(Box::new(Trees {
            n_features: x.n_cols() as u32,
            base: found.base,
            factor: self.0.learning_rate,
            loss: self.0.loss,
            out_of_bag: None,
            trees: found.trees,
        }))
    }
}
