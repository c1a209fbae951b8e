//! Regression models: families, honest validation, comparison and explanation.
//!
//! A new family is a new file here, its `mod` line and its entry in [`FAMILIES`].

pub mod choices;
pub mod coefficients;
pub mod compare;
pub mod comparison;
pub mod counts;
pub mod design;
pub mod family;
pub mod frame;
pub mod metrics;
pub mod penalised;
pub mod plan;
pub mod split;
pub mod trees;
pub mod verdict;
pub mod work;

pub mod ada_boost;
pub mod baseline;
pub mod decision_tree;
pub mod elastic_net;
pub mod extra_trees;
pub mod gradient_boosting;
pub mod k_neighbors;
pub mod lasso;
pub mod linear_regression;
pub mod negative_binomial;
pub mod poisson_regression;
pub mod random_forest;
pub mod ridge;
pub mod support_vector;

#[cfg(test)]
mod tests;

use family::{Family, ModelError};

/// Every family, simplest first: ties are won by the earlier.
pub const FAMILIES: &[&dyn Family] = &[
    &baseline::Baseline,
    &linear_regression::LinearRegression,
    &ridge::Ridge,
    &lasso::Lasso,
    &elastic_net::ElasticNet,
    &poisson_regression::PoissonRegression,
    &negative_binomial::NegativeBinomial,
    &decision_tree::DecisionTree,
    &k_neighbors::KNeighbors,
    &support_vector::SupportVector,
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
