//! Something odd in the data, with its place. Messy data is a result, not an error.

use serde::{Deserialize, Serialize};

/// How much an issue matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// May change what the numbers mean.
    Warning,
    /// Something was lost or could not be used.
    Problem,
}

/// What is odd.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IssueKind {
    RaggedRow,
    UnclosedQuote,
    NulByte,
    BadEncoding,
    EmptyHeader,
    DuplicateHeader,
    NoHeader,
    UnreadableNumber,
    UnreadableDate,
    AmbiguousDate,
    EmptyColumn,
    ConstantColumn,
    TotalRow,
    Preamble,
    Infinite,
    TooManyColumns,
    MixedTypes,
    Sentinel,
    Other,
}

/// One oddity, or several of a kind in one column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Issue {
    pub kind: IssueKind,
    pub severity: Severity,
    /// Line in the file, from 1, of the first case.
    pub line: Option<u64>,
    pub column: Option<String>,
    /// The offending text of the first case, shortened.
    pub text: Option<String>,
    /// How many cases.
    pub count: u64,
    /// One plain sentence: what was found and what was done about it.
    pub message: String,
}
