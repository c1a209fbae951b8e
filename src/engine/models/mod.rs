//! Regression models: families, honest validation, comparison and explanation.
//!
//! A new family is a new file here, its `mod` line and its entry in [`FAMILIES`].

pub mod comparison;
pub mod family;
pub mod plan;

use family::Family;

/// Every family, simplest first: ties are won by the earlier.
pub const FAMILIES: &[&dyn Family] = &[];
