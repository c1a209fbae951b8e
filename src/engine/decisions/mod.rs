//! Decisions: which segment to contact, where to move budget, what that is worth in money and how to prove it.

mod budget;
mod budget_test;
pub mod budget_words;
pub mod contacts;
pub mod decide;
pub mod decision;
mod elasticity;
pub mod hold_out;
mod retarget;
