//! Cleaning: what is wrong with a table and the steps that mend it.
//!
//! A new step is a new file here, its `mod` line and its entry in [`STEPS`].

use super::step::Step;

/// Every cleaning step, in the order offered.
pub const STEPS: &[&dyn Step] = &[];
