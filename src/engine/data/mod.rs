//! Tables: columns with a type and a role, how they are read, and what was odd about them.

pub mod calendar;
pub mod column;
pub mod combine;
pub mod convert;
pub mod distinct;
pub mod exports;
pub mod issue;
pub mod private;
pub mod reader;
pub mod role;
pub mod sample;
pub mod summary;
pub mod table;
#[cfg(test)]
pub mod test_workbook;
pub mod workbook;
pub mod writer;
