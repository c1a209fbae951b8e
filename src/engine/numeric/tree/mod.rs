//! Regression trees and what is built of them: forests, gradient boosting, AdaBoost.R2.
//!
//! One kernel under all of them. A tree minimises the second-order approximation of a loss, that is the weighted sum of
//! squared errors where the loss is squared (CART: Breiman, Friedman, Olshen, Stone 1984), one best split at a time.
//!
//! | file | what it does |
//! |---|---|
//! | `bins.rs` | columns as small codes |
//! | `histogram.rs` | sums by code as whole numbers; the loops that take the time |
//! | `cut.rs` | the best cut of a column: numbers, missing values, categories, monotone columns, random cuts |
//! | `grow.rs` | a tree on many rows by histograms, by depth or by gain |
//! | `small.rs` | a tree, or the lower part of one, on few rows, exactly |
//! | `model.rs` | a grown tree and its predictions |
//! | `loss.rs`, `boost.rs` | gradient boosting |
//! | `forest.rs`, `ada.rs` | forests; AdaBoost.R2 |
//! | `shap.rs` | what each column does to a prediction |
//!
//! Cost of a tree: O(columns x rows x depth) at most. Random numbers are drawn only where rows, columns or cuts are.

#![allow(clippy::too_many_arguments, reason = "the loops take their slices one by one")]

mod ada;
mod bins;
mod boost;
mod cut;
mod forest;
mod grow;
mod histogram;
mod loss;
mod model;
mod shap;
mod small;

#[cfg(test)]
mod tests;

pub use ada::{AdaLoss, AdaSettings, Voted, ada_boost, weighted_median};
pub use bins::{Bins, EXACT};
pub use boost::{BoostSettings, Boosted, boost};
pub use forest::{ForestSettings, PART, Part, forest, parts};
pub use grow::{Grower, Grown, LeafRows, TreeSettings};
pub use histogram::Weights;
pub use loss::Loss;
pub use model::{Node, Tree, predict_each, sums};
pub use shap::{ShapScratch, TreeShap, shap_cost};
