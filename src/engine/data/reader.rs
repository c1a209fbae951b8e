//! Reading a CSV: bytes in, chunk by chunk; a table and a receipt out.

use super::{summary::Receipt, table::Table};
use serde::{Deserialize, Serialize};

/// What the user decided about reading; `None` is "decide for me".
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ReadOptions {
    pub encoding: Option<String>,
    pub delimiter: Option<char>,
    /// Whether the first line holds names.
    pub has_header: Option<bool>,
    /// Whether the day comes first in dates such as 03/04/2026.
    pub day_first: Option<bool>,
}

/// What was read.
#[derive(Debug, Clone)]
pub struct ReadTable {
    pub table: Table,
    pub receipt: Receipt,
    pub currency: Option<String>,
}

/// A file that cannot be read as a table at all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReadError {
    Empty,
    /// The bytes are those of another kind of file ("a PNG image").
    NotATable {
        looks_like: String,
    },
    HeaderOnly {
        n_columns: usize,
    },
    TooManyColumns {
        found: usize,
        limit: usize,
    },
}

impl std::fmt::Display for ReadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self:?}")
    }
}
impl std::error::Error for ReadError {}

/// Reads a file that arrives in chunks.
pub struct Reader;

impl Reader {
    /// A reader for a file of that name.
    pub fn new(_file_name: &str, _options: ReadOptions) -> Self {
        Self
    }
    /// Takes the next bytes. Returns early with an error when the bytes are clearly no table.
    pub fn push(&mut self, _bytes: &[u8]) -> Result<(), ReadError> {
        Ok(())
    }
    /// Rows seen so far, for progress.
    pub fn n_rows(&self) -> u64 {
        0
    }
    /// The table and its receipt.
    pub fn finish(self) -> Result<ReadTable, ReadError> {
        Err(ReadError::Empty)
    }
}
