//! Features: new columns from old ones, ready-made for the roles found.
//!
//! A new maker is a new file here, its `mod` line and its entry in [`MAKERS`].

use super::step::Step;

/// Every feature maker, in the order offered.
pub const MAKERS: &[&dyn Step] = &[];
