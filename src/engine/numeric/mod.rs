//! Slices and numbers: matrices, random numbers, solvers, trees. Knows no tables and no names.

pub mod cuts;
pub mod describe;
pub mod distributions;
pub mod glm;
pub mod linear;
pub mod logistic;
pub mod math;
pub mod matrix;
pub mod neighbours;
pub mod penalised;
pub mod quadrature;
pub mod random;
pub mod support_vectors;
pub mod tree;
