//! The pipeline: the recipe that is asked for, how it is carried out, and the runs that happened.

pub mod differences;
pub mod execute;
mod few;
pub mod graph;
pub mod recipe;
pub mod run;
pub mod saved;
pub mod tasks;
