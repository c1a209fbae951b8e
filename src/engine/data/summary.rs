//! Plain summaries of a table and of its reading, for whoever cannot hold the table itself.

use serde::{Deserialize, Serialize};

use super::{
    column::ColumnType,
    issue::Issue,
    role::{Role, TableKind},
};

/// What is known of a column at a glance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnSummary {
    pub name: String,
    pub column_type: ColumnType,
    pub role: Role,
    pub n_missing: u64,
    /// Distinct values, missing not counted.
    pub n_unique: u64,
    /// A few values as text.
    pub examples: Vec<String>,
    /// Smallest and largest, for numbers.
    pub range: Option<(f64, f64)>,
    /// Whether it was computed (a feature) rather than read.
    pub is_computed: bool,
}

/// A table at a glance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TableSummary {
    pub kind: TableKind,
    pub n_rows: u64,
    pub columns: Vec<ColumnSummary>,
    /// Currency of the money columns, when the file says one ("EUR", "$").
    pub currency: Option<String>,
}

/// A line that did not become a row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SkippedLine {
    /// From 1.
    pub line: u64,
    /// "preamble", "total row", "blank", "comment", "second table".
    pub reason: String,
    /// The line, shortened.
    pub text: String,
}

/// What reading did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    pub file_name: String,
    pub n_bytes: u64,
    /// The export it was recognised as ("Google Ads report"), if any.
    pub source: Option<String>,
    /// "UTF-8", "UTF-8 with BOM", "UTF-16 LE", "Windows-1252".
    pub encoding: String,
    /// The delimiter, as a character.
    pub delimiter: char,
    /// Line of the header, from 1; `None` when there was none and names were made up.
    pub header_line: Option<u64>,
    pub n_rows: u64,
    pub n_columns: u64,
    /// At most the first 1,000; `n_skipped` counts all.
    pub skipped: Vec<SkippedLine>,
    pub n_skipped: u64,
    pub issues: Vec<Issue>,
    /// One sentence a person reads first: "Comma-separated, UTF-8, 1,143 rows and 11 columns; nothing was skipped."
    pub sentence: String,
    /// Fingerprint of the bytes read (FNV-1a 64 as 16 hex digits): the same file has the same.
    pub fingerprint: String,
}
