//! Tables: columns with a type and a role, how they are read, and what was odd about them.

pub mod calendar;
pub mod column;
pub mod convert;
mod distinct;
pub mod issue;
pub mod private;
pub mod reader;
pub mod role;
pub mod sample;
pub mod summary;
pub mod table;
pub mod writer;
