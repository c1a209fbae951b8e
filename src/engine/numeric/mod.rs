//! Slices and numbers: matrices, random numbers, solvers, trees. Knows no tables and no names.

pub mod describe;
pub mod distributions;
pub mod glm;
pub mod linear;
pub mod math;
pub mod matrix;
pub mod random;
pub mod tree;
