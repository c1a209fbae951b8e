//! What tree families share: a weighted sum of trees that predicts, its facts, and common knobs.

use serde::{Deserialize, Serialize};

use super::family::{Anatomy, Fitted, Link, ModelError};
use crate::engine::{
    knobs::{Knob, KnobKind, Search, Settings},
    numeric::{
        matrix::Matrix,
        tree::{Loss, Tree, sums},
    },
    words,
};

/// `base + factor * (sum of the trees)`, and what that number means.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trees {
    /// Columns of the matrix it was grown on.
    pub n_features: u32,
    /// Where the sum starts.
    pub base: f64,
    /// What the sum of the trees is multiplied by.
    pub factor: f64,
    /// The loss whose raw prediction the sum is.
    pub loss: Loss,
    /// R² on rows a tree has not seen, where trees see part of the rows.
    pub out_of_bag: Option<f64>,
    /// The trees in the order grown.
    pub trees: Vec<Tree>,
}

impl Trees {
    /// Reads it back; trees that could not be walked are refused.
    pub fn load(bytes: &[u8]) -> Result<Self, ModelError> {
        let trees: Self = postcard::from_bytes(bytes).map_err(|_| ModelError::Unreadable)?;
        if trees.trees.iter().all(|t| t.is_sound(trees.n_features as usize)) {
            Ok(trees)
        } else {
            Err(ModelError::Unreadable)
        }
    }
}

impl Fitted for Trees {
    fn predict(&self, x: &Matrix) -> Vec<f64> {
        let mut sums = sums(&self.trees, x);
        sums.iter_mut().for_each(|sum| *sum = self.loss.prediction(self.base + self.factor * *sum));
        sums
    }

    fn anatomy(&self) -> Anatomy<'_> {
        let link = match self.loss {
            Loss::Squared | Loss::Absolute | Loss::Huber => Link::Identity,
            Loss::Poisson => Link::Log,
            Loss::Logistic => Link::LogOdds,
        };
        Anatomy::Trees { base: self.base, factor: self.factor, trees: &self.trees, link }
    }

    fn save(&self) -> Vec<u8> {
        crate::engine::task::encode(self)
    }

    fn facts(&self) -> Vec<(String, String)> {
        let mut facts = facts(&self.trees);
        if let Some(r2) = self.out_of_bag {
            facts.push(("R² out of bag".into(), words::rough(r2)));
        }
        facts
    }
}

/// What families of trees do alike where they predict yes or no: the scikit-learn class, and one more row (of a tree),
/// tree (of a forest) or neighbour that says the share of yes, so that nothing is called certain (an m-estimate with
/// m = 1, Cestnik 1990).
pub fn classifier(python: String) -> String {
    python.replace("Regressor", "Classifier")
}

/// Number and size of trees.
pub fn facts(trees: &[Tree]) -> Vec<(String, String)> {
    let n_leaves: usize = trees.iter().map(Tree::n_leaves).sum();
    let depth = trees.iter().map(Tree::depth).max().unwrap_or(0);
    if trees.len() == 1 {
        return vec![("leaves".into(), n_leaves.to_string()), ("depth".into(), depth.to_string())];
    }
    let mean = n_leaves as f64 / trees.len().max(1) as f64;
    vec![
        ("trees".into(), trees.len().to_string()),
        ("leaves a tree".into(), words::rough(mean)),
        ("deepest tree".into(), format!("{depth} questions")),
    ]
}

/// Smallest number of training rows in a leaf.
pub fn min_samples_leaf(default: i64) -> Knob {
    Knob::new(
        "min_samples_leaf",
        "Smallest group",
        "Fewest training rows a leaf may hold; larger groups make smoother predictions.",
        KnobKind::Integer { min: 1, max: 10_000 },
        default,
    )
    .searched(Search::Log { low: 1.0, high: 50.0 })
}

/// How many trees.
pub fn n_trees(default: i64, help: &str) -> Knob {
    Knob::new("trees", "Trees", help, KnobKind::Integer { min: 1, max: 2_000 }, default)
}

/// Depth, 0 meaning no limit.
pub fn depth_or_none() -> Knob {
    Knob::new(
        "max_depth",
        "Depth",
        "Most questions asked of a row; 0 means no limit.",
        KnobKind::Integer { min: 0, max: 64 },
        0_i64,
    )
    .searched_among([0_i64, 6, 10, 16])
}

/// Columns tried at a split.
pub fn max_features(default: &str) -> Knob {
    Knob::new(
        "max_features",
        "Columns tried at a split",
        "Fewer columns make the trees more different from each other.",
        KnobKind::Choice(FEATURES.iter().map(|(s, l)| ((*s).into(), (*l).into())).collect()),
        default,
    )
    .searched_among(FEATURES.map(|(slug, _)| slug))
}

const FEATURES: [(&str, &str); 3] =
    [("all", "All"), ("third", "A third"), ("sqrt", "Square root of their number")];

/// How many columns that is out of `p`.
pub fn n_features(choice: &str, p: usize) -> Option<usize> {
    match choice {
        "third" => Some((p / 3).max(1)),
        "sqrt" => Some(((p as f64).sqrt() as usize).max(1)),
        _ => None,
    }
}

/// The choice as scikit-learn has it.
pub fn features_in_python(settings: &Settings) -> &'static str {
    match settings.text("max_features", "all") {
        "third" => "1 / 3",
        "sqrt" => "\"sqrt\"",
        _ => "1.0",
    }
}

/// The columns whose effect may only go up, and those where it may only go down.
pub fn one_way() -> [Knob; 2] {
    let knob = |slug: &str, label: &str, help: &str| {
        Knob::new(slug, label, help, KnobKind::Columns { numeric_only: true }, Vec::<String>::new())
    };
    [
        knob(
            "only_up",
            "Columns whose effect may only go up",
            "More of such a column never lowers the prediction, whatever chance says in these rows.",
        ),
        knob(
            "only_down",
            "Columns whose effect may only go down",
            "More of such a column never raises the prediction.",
        ),
    ]
}

/// Refuses a column that is to go both ways.
pub fn check_ways(settings: &Settings) -> Result<(), ModelError> {
    let down = settings.texts("only_down");
    match settings.texts("only_up").iter().find(|name| down.contains(name)) {
        Some(name) => Err(ModelError::BothWays { name: name.clone() }),
        None => Ok(()),
    }
}

/// A knob whose 0 means none.
pub fn above_zero(settings: &Settings, slug: &str) -> Option<u32> {
    u32::try_from(settings.integer(slug, 0)).ok().filter(|&v| v > 0)
}

/// "None", or the number.
pub fn in_python(value: Option<u32>) -> String {
    value.map_or_else(|| "None".to_owned(), |v| v.to_string())
}

/// Refuses no rows at all, and targets that are no numbers.
pub fn check(y: &[f64]) -> Result<(), ModelError> {
    if y.is_empty() {
        return Err(ModelError::TooFewRows { needed: 1, got: 0 });
    }
    // Beyond this squares would be infinite.
    if y.iter().any(|v| v.is_nan() || v.abs() > 1e150) {
        return Err(ModelError::Refused {
            reason: "the target has values that are missing or infinite".into(),
        });
    }
    Ok(())
}
