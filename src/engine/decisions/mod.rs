//! Decisions: which segment to contact, where to move budget, what that is worth in money and how to prove it.

pub mod decision;
