//! Regression models: families, honest validation, comparison and explanation.
//!
//! A new family is a new file here, its `mod` line and its entry in [`FAMILIES`].

pub mod choices;
pub mod compare;
pub mod comparison;
pub mod design;
pub mod family;
pub mod frame;
pub mod metrics;
pub mod plan;
pub mod split;
pub mod trees;
pub mod verdict;
pub mod work;

pub mod ada_boost;
pub mod baseline;
pub mod decision_tree;
pub mod extra_trees;
pub mod gradient_boosting;
pub mod linear_regression;
pub mod random_forest;

#[cfg(test)]
mod tests;

use family::{Family, ModelError};

/// Every family, simplest first: ties are won by the earlier.
pub const FAMILIES: &[&dyn Family] = &[
    &baseline::Baseline,
    &linear_regression::LinearRegression,
    &decision_tree::DecisionTree,
    &random_forest::RandomForest,
    &extra_trees::ExtraTrees,
    &gradient_boosting::GradientBoosting,
    &ada_boost::AdaBoost,
];

/// The family of a slug.
pub fn family(slug: &str) -> Result<&'static dyn Family, ModelError> {
    FAMILIES
        .iter()
        .copied()
        .find(|f| f.slug() == slug)
        .ok_or_else(|| ModelError::UnknownFamily { slug: slug.to_owned() })
}
