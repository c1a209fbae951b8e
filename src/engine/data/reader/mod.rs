//! Reading a CSV: bytes in, chunk by chunk; a table and a receipt out.

pub mod block;
pub mod check;
mod dialect;
mod encoding;
pub mod held;
mod layout;
mod letters;
mod magic;
mod names;
mod packed;
mod reading;
pub(super) mod recognise;
mod scan;
mod texts;
mod tokens;
mod totals;
pub(super) mod types;

use serde::{Deserialize, Serialize};

pub use self::types::MONTH_NAMES;
pub use self::{
    dialect::Quote,
    reading::{Reading, Sizes},
    types::{Decimal, MISSING_WORDS},
};
use super::{
    summary::{Receipt, SkippedGroup},
    table::Table,
};
use crate::engine::words::{self, counted};

/// More columns than this are refused.
pub const MOST_COLUMNS: usize = 10_000;

/// What the user decided about reading; `None` is "decide for me".
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReadOptions {
    /// Label of an encoding ("windows-1252").
    pub encoding: Option<String>,
    /// What separates the cells.
    pub delimiter: Option<char>,
    /// What cells are quoted with.
    pub quote: Option<Quote>,
    /// Whether there is a line of names.
    pub has_header: Option<bool>,
    /// The line that holds the names, from 1; what stands above it is skipped.
    pub header_line: Option<u64>,
    /// What separates the decimals of numbers that can be read either way, such as 1.234.
    pub decimal: Option<Decimal>,
    /// Whether the day comes first in dates such as 03/04/2026, whatever they say.
    pub day_first: Option<bool>,
    /// The same for dates that nothing in the file makes certain: the answer to the question on the receipt.
    pub doubtful_day_first: Option<bool>,
    /// The words read as missing, in place of the standing ones; empty cells are missing in any case.
    pub missing: Option<Vec<String>>,
    /// Which sheet of a workbook.
    pub sheet: Option<String>,
    /// Lines that are rows although reading would skip them, from 1.
    pub keep_lines: Vec<u64>,
    /// The same for all lines skipped for a reason, as on the receipt ("total row").
    pub keep_reasons: Vec<String>,
    /// Columns read otherwise than the rest of the file, and than their cells suggest.
    pub columns: Vec<ColumnReading>,
}

/// How the cells of one column are read, whatever the file says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnReading {
    /// Its name.
    pub column: String,
    /// What was decided.
    pub how: How,
}

/// What can be decided of one column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// Its cells stay as they stand in the file.
    Text,
    /// Of numbers that can be read either way, such as 1.234, the point separates the decimals.
    DecimalPoint,
    /// The comma does.
    DecimalComma,
    /// Of dates such as 03/04/2026 the day comes first.
    DayFirst,
    /// The month does.
    MonthFirst,
}

impl How {
    /// All of them, in the order shown.
    pub const ALL: [Self; 5] =
        [Self::Text, Self::DecimalPoint, Self::DecimalComma, Self::DayFirst, Self::MonthFirst];

    /// Words on the page.
    pub fn label(self) -> &'static str {
        match self {
            Self::Text => "Text, as it stands in the file",
            Self::DecimalPoint => "Decimal point: 1.234 is about one",
            Self::DecimalComma => "Decimal comma: 1.234 is over a thousand",
            Self::DayFirst => "Day first: 03/04 is in April",
            Self::MonthFirst => "Month first: 03/04 is in March",
        }
    }
}

/// Words read as missing, as a user lists them: separated by commas, each once.
pub fn missing_words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split(',').map(str::trim).filter(|w| !w.is_empty()) {
        if !words.iter().any(|w| w == word) {
            words.push(word.to_owned());
        }
    }
    words
}

impl ReadOptions {
    /// What was decided of a column.
    pub fn how(&self, column: &str) -> Option<How> {
        self.columns.iter().find(|c| c.column == column).map(|c| c.how)
    }

    /// Decides how a column is read; `None` leaves it to its cells again.
    pub fn set_how(&mut self, column: &str, how: Option<How>) {
        self.columns.retain(|c| c.column != column);
        self.columns.extend(how.map(|how| ColumnReading { column: column.to_owned(), how }));
    }

    /// Whether a line that would be skipped for that reason is a row all the same.
    fn keeps(&self, line: u64, reason: &str) -> bool {
        self.keep_lines.contains(&line) || self.keep_reasons.iter().any(|r| r == reason)
    }
}

/// What was read.
#[derive(Debug, Clone)]
pub struct ReadTable {
    /// Columns with type and role.
    pub table: Table,
    /// What reading did, and what was odd.
    pub receipt: Receipt,
    /// The lines that became no row: more of them than the receipt lists.
    pub skipped: Vec<SkippedGroup>,
    /// Code or sign of the money columns, where the file says one.
    pub currency: Option<String>,
    /// Whether the day comes first in its dates, where they tell.
    pub day_first: Option<bool>,
}

/// A file that cannot be read as a table at all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReadError {
    /// There is no text in it.
    Empty,
    /// The bytes are those of another kind of file ("a PNG image").
    NotATable {
        /// With its article.
        looks_like: String,
    },
    /// Names but no rows.
    HeaderOnly {
        /// How many names; none where there is nothing but delimiters and quotes.
        n_columns: usize,
    },
    /// More columns than any analysis could use.
    TooManyColumns {
        /// How many there are.
        found: usize,
        /// The most that is read.
        limit: usize,
    },
    /// Rows so much shorter than the header that the table would be nearly empty and far larger than the file.
    TooRagged {
        /// How many columns the header has.
        n_columns: usize,
    },
    /// More rows than can be held.
    TooLarge {
        /// Size of the file.
        n_bytes: u64,
        /// Its rows, as far as the first ones tell.
        n_rows: u64,
        /// How many of such rows can be held.
        fits_rows: u64,
        /// The size of such a file.
        fits_bytes: u64,
    },
}

impl std::fmt::Display for ReadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Empty => write!(f, "the file is empty"),
            Self::NotATable { looks_like } => write!(f, "the file is no table: it looks like {looks_like}"),
            Self::HeaderOnly { n_columns: 0 } => write!(f, "there is no table in the file"),
            Self::HeaderOnly { n_columns } => {
                let columns = counted(*n_columns as u64, "column", "columns");
                write!(f, "the file has a header of {columns} but no rows")
            }
            Self::TooManyColumns { found, limit } => {
                write!(
                    f,
                    "the file has {} columns, the most that can be read is {}",
                    words::count(*found as u64),
                    words::count(*limit as u64)
                )
            }
            Self::TooRagged { n_columns } => {
                let columns = counted(*n_columns as u64, "column", "columns");
                write!(f, "the header has {columns}, and nearly all cells of the rows below it are not there")
            }
            Self::TooLarge { n_bytes, n_rows, fits_rows, fits_bytes } => {
                write!(
                    f,
                    "the file has {} in about {}; about {} of them ({}) can be held here",
                    words::bytes(*n_bytes),
                    counted(*n_rows, "row", "rows"),
                    words::count(*fits_rows),
                    words::bytes(*fits_bytes)
                )
            }
        }
    }
}
impl std::error::Error for ReadError {}

/// Reads a file that arrives in chunks and is small enough to be held whole: samples, texts, tests. Where the chunks are cut
/// makes no difference.
pub struct Reader {
    file_name: String,
    options: ReadOptions,
    bytes: Vec<u8>,
    n_lines: u64,
    is_checked: bool,
}

impl Reader {
    /// A reader for a file of that name.
    pub fn new(file_name: &str, options: ReadOptions) -> Self {
        Self { file_name: file_name.to_owned(), options, bytes: Vec::new(), n_lines: 0, is_checked: false }
    }

    /// Takes the next bytes. Returns early with an error when the bytes are clearly no table.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), ReadError> {
        self.n_lines += bytes.iter().filter(|&&b| b == b'\n').count() as u64;
        self.bytes.extend_from_slice(bytes);
        if !self.is_checked && self.bytes.len() >= magic::N_LOOKED_AT {
            self.is_checked = true;
            if let Some(kind) = magic::looks_like(&self.bytes) {
                return Err(ReadError::NotATable { looks_like: kind.to_owned() });
            }
        }
        Ok(())
    }

    /// Rows seen so far, for progress.
    pub fn n_rows(&self) -> u64 {
        self.n_lines
    }

    /// The table and its receipt.
    pub fn finish(self) -> Result<ReadTable, ReadError> {
        read_bytes(
            Reading::new(&self.file_name, self.bytes.len() as u64, self.options, u64::MAX),
            &self.bytes,
        )
    }
}

/// Carries out a reading of bytes that are at hand, one block after the other.
pub fn read_bytes(reading: Reading, bytes: &[u8]) -> Result<ReadTable, ReadError> {
    read_blocks(reading, bytes, |block| block)
}

/// The same with something done to every block before it is taken.
fn read_blocks(
    mut reading: Reading,
    bytes: &[u8],
    through: impl Fn(block::Block) -> block::Block,
) -> Result<ReadTable, ReadError> {
    let part = |from: u64, to: u64| bytes.get(from as usize..to as usize).unwrap_or_default();
    while let Some(n) = reading.wants_head() {
        reading.begin(part(0, n).to_vec())?;
    }
    while let Some(task) = reading.next_task() {
        let Some(plan) = reading.plan() else { break };
        reading.take(through(block::read(&plan, &task, part(task.from, task.to))))?;
    }
    reading.finish()
}

#[cfg(test)]
mod choices_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod walk_tests;
