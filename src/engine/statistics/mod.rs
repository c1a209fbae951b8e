//! Statistics: summaries, correlation, tests, intervals, corrections for many comparisons, and the claims made of them.

pub mod claim;
pub mod comparison;
pub mod correlation;
pub mod exploration;
pub mod explore;
pub mod intervals;
pub mod shrink;
pub mod summary;

mod findings;
mod kpi;
mod rates;
mod segment;

pub use segment::withheld;

#[cfg(test)]
mod reference;
