//! The engine: reading, cleaning, features, statistics, models, segments, decisions and reports over plain data.
//!
//! Nothing here knows a browser, a clock, a thread or a file. What the surroundings must give (a seed, progress,
//! cancellation) arrives in [`context::Ctx`].

pub use assay_base::engine::{context, data, disclosure, numeric, order, words};

pub mod cleaning;
pub mod decisions;
pub mod error;
pub mod features;
pub mod json;
pub mod knobs;
pub mod models;
pub mod pipeline;
pub mod report;
pub mod segments;
pub mod statistics;
pub mod step;
pub mod step_kit;
#[cfg(test)]
mod step_tests;
pub mod task;
#[cfg(test)]
pub mod testing;
