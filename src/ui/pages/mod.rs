//! One page a file, in the order of the path.

pub mod clean;
pub mod data;
pub mod decide;
pub mod explore;
pub mod features;
pub mod model;
pub mod report;
pub mod runs;
pub mod segment;
