//! Statistics: summaries, correlation, tests, intervals, corrections for many comparisons, and the claims made of them.

pub mod claim;
pub mod exploration;
