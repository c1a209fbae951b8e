//! Models: families, honest validation, comparison and explanation.
//!
//! A new family is a new file here, its `mod` line and its entry in [`FAMILIES`].

pub mod choices;
pub mod coefficients;
pub mod compare;
pub mod comparison;
pub mod counts;
pub mod design;
pub mod explain;
pub mod family;
pub mod folds;
pub mod frame;
pub mod known;
pub mod ladder;
pub mod leaks;
pub mod learning_curve;
pub mod linked;
pub mod metrics;
pub mod outcome;
pub mod penalised;
pub mod plan;
pub mod split;
pub mod trees;
pub mod tune;
pub mod verdict;
pub mod work;
pub mod yes_no;

pub mod ada_boost;
pub mod baseline;
pub mod decision_tree;
pub mod elastic_net;
pub mod extra_trees;
pub mod gradient_boosting;
pub mod k_neighbors;
pub mod lasso;
pub mod linear_regression;
pub mod logistic_regression;
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
    &logistic_regression::LogisticRegression,
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

/// Every family that is compared when none is named, with its default settings, the baseline among them.
pub fn default_choices(outcome: outcome::Outcome) -> Vec<plan::FamilyChoice> {
    let is_in = |f: &&&dyn Family| f.is_default_for(outcome) || f.slug() == "baseline";
    let choice = |f: &&dyn Family| plan::FamilyChoice {
        family: f.slug().to_owned(),
        settings: crate::engine::knobs::Settings::new(),
    };
    FAMILIES.iter().filter(is_in).map(choice).collect()
}

/// The family of a slug.
pub fn family(slug: &str) -> Result<&'static dyn Family, ModelError> {
    FAMILIES
        .iter()
        .copied()
        .find(|f| f.slug() == slug)
        .ok_or_else(|| ModelError::UnknownFamily { slug: slug.to_owned() })
}
