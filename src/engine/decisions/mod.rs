//! Decisions: which segment to contact, where to move budget, what that is worth in money and how to prove it.

mod budget;
pub mod decide;
pub mod decision;
pub mod hold_out;
mod retarget;
