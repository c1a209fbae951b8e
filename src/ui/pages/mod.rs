//! One page a file, in the order of the path.

pub mod clean;
pub mod data;
pub mod decide;
pub mod decide_contacts;
pub mod explore;
pub mod features;
pub mod model;
pub mod model_probabilities;
pub mod receipt;
pub mod report;
pub mod runs;
pub mod segment;
