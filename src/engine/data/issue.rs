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
    /// A row with more or fewer cells than the header.
    RaggedRow,
    /// A quote that opens and never closes.
    UnclosedQuote,
    /// NUL bytes in the text.
    NulByte,
    /// Characters that the encoding cannot read.
    BadEncoding,
    /// A column without a name.
    EmptyHeader,
    /// A name that occurs twice.
    DuplicateHeader,
    /// A first line that holds data.
    NoHeader,
    /// A cell that is no number in a column of numbers.
    UnreadableNumber,
    /// A cell that is no date in a column of dates.
    UnreadableDate,
    /// Dates that do not tell day from month.
    AmbiguousDate,
    /// A column without any value.
    EmptyColumn,
    /// A column with one value only.
    ConstantColumn,
    /// A row that sums up others.
    TotalRow,
    /// Lines above the table.
    Preamble,
    /// An infinite number.
    Infinite,
    /// More columns than are useful.
    TooManyColumns,
    /// Numbers and words in one column.
    MixedTypes,
    /// A number that stands for something else.
    Sentinel,
    /// Anything else.
    Other,
}

/// One oddity, or several of a kind in one column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Issue {
    /// What is odd.
    pub kind: IssueKind,
    /// How much it matters.
    pub severity: Severity,
    /// Line in the file, from 1, of the first case.
    pub line: Option<u64>,
    /// The column it is about, if it is about one.
    pub column: Option<String>,
    /// The offending text of the first case, shortened.
    pub text: Option<String>,
    /// How many cases.
    pub count: u64,
    /// One plain sentence: what was found and what was done about it.
    pub message: String,
    /// The places of the files it is about, where the table is made of several.
    #[serde(default)]
    pub files: Vec<u32>,
}
