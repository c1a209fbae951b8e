//! What tree families share: a weighted sum of trees that predicts, its facts, and common knobs.

use serde::{Deserialize, Serialize};

use super::family::{Fitted, ModelError};
use crate::engine::{
    knobs::{Knob, KnobKind},
    numeric::{matrix::Matrix, tree::Tree},
};

/// `base + factor * (sum of the trees)`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trees {
    /// Columns of the matrix it was grown on.
    pub n_features: u32,
    /// Where the sum starts.
    pub base: f64,
    /// What the sum of the trees is multiplied by.
    pub factor: f64,
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
        let mut sums = vec![0.0; x.n_rows()];
        for tree in &self.trees {
            tree.add_to(x, 1.0, &mut sums);
        }
        sums.into_iter().map(|sum| self.base + self.factor * sum).collect()
    }

    fn save(&self) -> Vec<u8> {
        crate::engine::task::encode(self)
    }

    fn facts(&self) -> Vec<(String, String)> {
        facts(&self.trees)
    }
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
        ("leaves a tree".into(), crate::engine::words::rough(mean)),
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
}

/// How many trees.
pub fn n_trees(default: i64, help: &str) -> Knob {
    Knob::new("trees", "Trees", help, KnobKind::Integer { min: 1, max: 2_000 }, default)
}

/// Refuses no rows at all.
pub fn check(y: &[f64]) -> Result<(), ModelError> {
    if y.is_empty() { Err(ModelError::TooFewRows { needed: 1, got: 0 }) } else { Ok(()) }
}
