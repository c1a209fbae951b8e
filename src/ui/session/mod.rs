//! What the user has open and what was found about it: state that spans pages.
//!
//! Components call [`actions`]; actions send requests; [`receive`] alone applies replies; [`queries`] derive.
//! [`way`] walks the suggested way by calling actions as results arrive.

pub mod actions;
mod history;
pub mod kept;
pub mod queries;
pub mod receive;
pub mod recipes;
pub mod runs;
pub mod state;
pub mod way;

pub use state::{Dataset, Running, Session, Slot};
