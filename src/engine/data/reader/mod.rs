//! Reading a CSV: bytes in, chunk by chunk; a table and a receipt out.

mod dialect;
mod encoding;
mod layout;
mod magic;
mod recognise;
mod tokens;
pub(super) mod types;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use self::{
    layout::Layout,
    tokens::Tokens,
    types::{Decimal, Hints},
};
use super::{
    column::{Column, Values},
    issue::{Issue, IssueKind, Severity},
    summary::{Receipt, SkippedLine},
    table::Table,
};
use crate::engine::words::{self, counted, list, quoted};

/// More columns than this are refused.
pub const MOST_COLUMNS: usize = 10_000;

/// How many skipped lines the receipt lists.
const MOST_SKIPPED: usize = 1_000;

/// What the user decided about reading; `None` is "decide for me".
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ReadOptions {
    /// Label of an encoding ("windows-1252").
    pub encoding: Option<String>,
    /// What separates the cells.
    pub delimiter: Option<char>,
    /// Whether the first line holds names.
    pub has_header: Option<bool>,
    /// Whether the day comes first in dates such as 03/04/2026.
    pub day_first: Option<bool>,
}

/// What was read.
#[derive(Debug, Clone)]
pub struct ReadTable {
    /// Columns with type and role.
    pub table: Table,
    /// What reading did, and what was odd.
    pub receipt: Receipt,
    /// Code or sign of the money columns, where the file says one.
    pub currency: Option<String>,
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
        /// How many names.
        n_columns: usize,
    },
    /// More columns than any analysis could use.
    TooManyColumns {
        /// How many there are.
        found: usize,
        /// The most that is read.
        limit: usize,
    },
}

impl std::fmt::Display for ReadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Empty => write!(f, "the file is empty"),
            Self::NotATable { looks_like } => write!(f, "the file is no table: it looks like {looks_like}"),
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
        }
    }
}
impl std::error::Error for ReadError {}

/// Reads a file that arrives in chunks. Where the chunks are cut makes no difference.
pub struct Reader {
    file_name: String,
    options: ReadOptions,
    bytes: Vec<u8>,
    n_lines: u64,
    fingerprint: u64,
    is_checked: bool,
}

impl Reader {
    /// A reader for a file of that name.
    pub fn new(file_name: &str, options: ReadOptions) -> Self {
        Self {
            file_name: file_name.to_owned(),
            options,
            bytes: Vec::new(),
            n_lines: 0,
            fingerprint: 0xcbf2_9ce4_8422_2325,
            is_checked: false,
        }
    }

    /// Takes the next bytes. Returns early with an error when the bytes are clearly no table.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), ReadError> {
        for &byte in bytes {
            self.fingerprint = (self.fingerprint ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
            self.n_lines += u64::from(byte == b'\n');
        }
        self.bytes.extend_from_slice(bytes);
        if !self.is_checked && self.bytes.len() >= magic::N_LOOKED_AT {
            self.check_kind()?;
        }
        Ok(())
    }

    /// Rows seen so far, for progress.
    pub fn n_rows(&self) -> u64 {
        self.n_lines
    }

    fn check_kind(&mut self) -> Result<(), ReadError> {
        self.is_checked = true;
        match magic::looks_like(&self.bytes) {
            Some(kind) => Err(ReadError::NotATable { looks_like: kind.to_owned() }),
            None => Ok(()),
        }
    }

    /// The table and its receipt.
    pub fn finish(mut self) -> Result<ReadTable, ReadError> {
        self.check_kind()?;
        let n_bytes = self.bytes.len() as u64;
        let decoded = encoding::decode(std::mem::take(&mut self.bytes), self.options.encoding.as_deref());
        if decoded.text.trim().is_empty() {
            return Err(ReadError::Empty);
        }
        let mut issues = decoded.issues;
        let text = decoded.text.as_str();
        // Spreadsheets announce the delimiter in a line of their own.
        let announced = text.strip_prefix("sep=").and_then(|rest| {
            let mark =
                rest.bytes().next().filter(|b| b.is_ascii() && !b.is_ascii_alphanumeric() && *b != b'"')?;
            matches!(rest.as_bytes().get(1), Some(b'\n' | b'\r')).then_some(mark)
        });
        let chosen =
            self.options.delimiter.and_then(|d| u8::try_from(d).ok()).filter(|d| d.is_ascii() && *d != b'"');
        let delimiter = chosen.or(announced).unwrap_or_else(|| dialect::delimiter(text));
        let tokens = Tokens::split(text, delimiter, usize::MAX);
        let layout = Layout::of(&tokens, delimiter as char, announced.is_some(), self.options.has_header);
        if layout.headers.len() > MOST_COLUMNS {
            return Err(ReadError::TooManyColumns { found: layout.headers.len(), limit: MOST_COLUMNS });
        }
        if layout.rows.is_empty() {
            return Err(ReadError::HeaderOnly { n_columns: layout.headers.len() });
        }
        if let Some(&first) = tokens.unclosed.first() {
            let count = tokens.unclosed.len() as u64;
            issues.push(Issue {
                kind: IssueKind::UnclosedQuote,
                severity: Severity::Warning,
                line: Some(first),
                column: None,
                text: None,
                count,
                message: format!(
                    "A quote opens on line {} and never closes; it was read as an ordinary character, so no row was lost.",
                    words::count(first)
                ),
            });
        }
        let (names, is_nameless) = names(&layout, &mut issues);
        ragged(&tokens, &layout, delimiter as char, &mut issues);
        let (columns, found) =
            read_columns(&tokens, &layout, &names, &is_nameless, &self.options, delimiter, &mut issues);
        let source = recognise::source(&names, &layout.above);
        let currency =
            recognise::header_currency(&names).or_else(|| currency_column(&columns)).or(found.currency);
        let kind = recognise::kind(&columns);
        // Names were made unique and every column has one value a row, so the table stands.
        let table = Table::new(kind, columns).unwrap_or_default();
        let mut receipt = Receipt {
            file_name: self.file_name,
            n_bytes,
            source: source.map(str::to_owned),
            encoding: decoded.encoding,
            delimiter: delimiter as char,
            header_line: layout.header_line,
            n_rows: table.n_rows() as u64,
            n_columns: table.n_columns() as u64,
            n_skipped: layout.skipped.len() as u64,
            skipped: layout.skipped,
            issues,
            sentence: String::new(),
            fingerprint: format!("{:016x}", self.fingerprint),
        };
        receipt.sentence = sentence(&receipt, &found.missing_words);
        receipt.skipped.truncate(MOST_SKIPPED);
        Ok(ReadTable { table, receipt, currency })
    }
}

/// Names of the columns, made complete and unique, and which had none.
fn names(layout: &Layout, issues: &mut Vec<Issue>) -> (Vec<String>, Vec<bool>) {
    let mut is_nameless = Vec::with_capacity(layout.headers.len());
    let mut names: Vec<String> = Vec::with_capacity(layout.headers.len());
    let mut seen: std::collections::HashMap<String, u32> =
        layout.headers.iter().map(|h| (h.clone(), 0)).collect();
    for (i, header) in layout.headers.iter().enumerate() {
        is_nameless.push(header.is_empty());
        let wanted = if header.is_empty() { format!("column_{}", i + 1) } else { header.clone() };
        let count = seen.entry(wanted.clone()).or_insert(0);
        *count += 1;
        let mut name = wanted.clone();
        let mut n = *count;
        while n > 1 && seen.contains_key(&name) {
            name = format!("{wanted} ({n})");
            n += 1;
        }
        if name != wanted {
            seen.insert(name.clone(), 1);
        }
        if layout.header_line.is_some() {
            let (kind, message) = if header.is_empty() {
                (
                    IssueKind::EmptyHeader,
                    format!("Column {} has no name in the header; it was named “{name}”.", i + 1),
                )
            } else if name != wanted {
                (
                    IssueKind::DuplicateHeader,
                    format!(
                        "The name “{wanted}” occurs more than once; column {} was named “{name}”.",
                        i + 1
                    ),
                )
            } else {
                names.push(name);
                continue;
            };
            issues.push(Issue {
                kind,
                severity: Severity::Note,
                line: layout.header_line,
                column: Some(name.clone()),
                text: None,
                count: 1,
                message,
            });
        }
        names.push(name);
    }
    if layout.header_line.is_none() {
        issues.push(Issue {
            kind: IssueKind::NoHeader,
            severity: Severity::Warning,
            line: Some(1),
            column: None,
            text: None,
            count: 1,
            message: format!(
                "The first line looks like data, not like names; the columns were named {}.",
                if names.len() == 1 {
                    "“column_1”".to_owned()
                } else {
                    format!("“column_1” to “column_{}”", names.len())
                }
            ),
        });
    }
    (names, is_nameless)
}

/// Reports rows that are too long or too short; both are kept.
fn ragged(tokens: &Tokens<'_>, layout: &Layout, delimiter: char, issues: &mut Vec<Issue>) {
    let expected = layout.headers.len();
    let against = if layout.header_line.is_some() { "the header has" } else { "most rows have" };
    let mut report = |is_case: &dyn Fn(usize, usize) -> bool, done: &str| {
        let mut cases =
            layout.rows.iter().enumerate().filter(|&(_, &r)| is_case(r as usize, tokens.n_cells(r as usize)));
        let Some((row, &record)) = cases.next() else { return };
        let count = 1 + cases.count() as u64;
        let record = record as usize;
        let more = if count > 1 {
            format!(", and {} like it", counted(count - 1, "other row is", "other rows are"))
        } else {
            String::new()
        };
        let extra: Vec<String> = (expected..tokens.n_cells(record))
            .map(|c| tokens.cell(record, c).into_owned())
            .filter(|c| !c.is_empty())
            .collect();
        let text = if extra.is_empty() {
            tokens.excerpt(record, delimiter)
        } else {
            quoted(&extra.join(&delimiter.to_string()))
        };
        issues.push(Issue {
            kind: IssueKind::RaggedRow,
            severity: if extra.is_empty() { Severity::Note } else { Severity::Warning },
            line: Some(tokens.line(record)),
            column: None,
            text: Some(text),
            count,
            message: format!(
                "Row {} has {}, {against} {expected}{more}; {done}.",
                words::count(row as u64 + 1),
                counted(tokens.n_cells(record) as u64, "cell", "cells")
            ),
        });
    };
    report(&|_, n| n < expected, "the missing cells were left empty");
    // Delimiters without text behind the last column hold nothing to lose.
    let has_more = |r: usize, n: usize| (expected..n).any(|c| !tokens.cell(r, c).is_empty());
    report(&has_more, "the row was kept and the extra cells were left out");
}

/// What reading the columns found about the file as a whole.
#[derive(Default)]
struct Found {
    currency: Option<String>,
    /// Words read as missing, with the number of columns they stood in.
    missing_words: std::collections::BTreeMap<String, u64>,
}

fn read_columns(
    tokens: &Tokens<'_>,
    layout: &Layout,
    names: &[String],
    is_nameless: &[bool],
    options: &ReadOptions,
    delimiter: u8,
    issues: &mut Vec<Issue>,
) -> (Vec<Column>, Found) {
    let cells = |column: usize, n: usize| -> Vec<Cow<'_, str>> {
        layout.rows.iter().take(n).map(|&r| tokens.cell(r as usize, column)).collect()
    };
    // What one column makes certain helps where another says nothing.
    let (mut n_comma, mut n_point, mut orders) = (0, 0, Vec::new());
    for (i, name) in names.iter().enumerate() {
        let start = cells(i, 1_000);
        let (mut comma, mut point) = (false, false);
        for cell in &start {
            match types::decimal_evidence(cell) {
                Some(Decimal::Comma) => comma = true,
                Some(Decimal::Point) => point = true,
                None => {}
            }
        }
        n_comma += usize::from(comma && !point);
        n_point += usize::from(point && !comma);
        let is_date = recognise::hints(name).is_date;
        if start.iter().find(|c| !types::is_missing(c)).is_some_and(|c| types::date(c, is_date).is_some()) {
            let all = cells(i, usize::MAX);
            let dates: Vec<_> = all.iter().map(|c| types::date(c, is_date)).collect();
            orders.extend(types::day_first(&dates));
        }
    }
    let agreed = orders.first().copied().filter(|first| orders.iter().all(|o| o == first));
    let comma_decimal = match (n_comma, n_point) {
        (0, 0) => None,
        (c, p) => Some(c > 0 && p == 0),
    };
    let line = |row: usize| layout.rows.get(row).map_or(0, |&r| tokens.line(r as usize));
    let mut found = Found::default();
    let mut columns = Vec::with_capacity(names.len());
    for (i, name) in names.iter().enumerate() {
        let hints = Hints {
            day_first: agreed,
            chosen_day_first: options.day_first,
            comma_decimal,
            is_semicolon: delimiter == b';',
            ..recognise::hints(name)
        };
        let typed = types::infer(name, &cells(i, usize::MAX), hints, &line);
        issues.extend(typed.issues);
        found.currency = found.currency.or(typed.currency);
        for word in typed.missing_words.into_keys() {
            *found.missing_words.entry(word).or_insert(0) += 1;
        }
        let role = types::plain_role(super::column::ColumnType::Text);
        columns.push(types::column(name.clone(), role, typed.values));
    }
    recognise::assign_roles(&mut columns, is_nameless);
    issues.extend(recognise::mixed_results(&mut columns));
    (columns, found)
}

/// The one currency of a column of currency codes.
fn currency_column(columns: &[Column]) -> Option<String> {
    columns.iter().find_map(|column| {
        let Values::Category(d) = &column.values else { return None };
        let is_named = recognise::normalised(&column.name).starts_with("currency");
        match d.levels.as_slice() {
            [one] if is_named => types::currency_code(one).map(str::to_owned),
            _ => None,
        }
    })
}

/// The sentence a person reads first.
fn sentence(receipt: &Receipt, missing_words: &std::collections::BTreeMap<String, u64>) -> String {
    let separated = match receipt.delimiter {
        ',' => "comma-separated".to_owned(),
        ';' => "semicolon-separated".to_owned(),
        '\t' => "tab-separated".to_owned(),
        '|' => "separated by vertical bars".to_owned(),
        ' ' => "separated by spaces".to_owned(),
        other => format!("separated by “{other}”"),
    };
    // A single column is separated by nothing.
    let separated = (receipt.n_columns > 1).then_some(separated);
    let start: Vec<String> =
        [receipt.source.clone(), separated, Some(receipt.encoding.clone())].into_iter().flatten().collect();
    let start = start.join(", ");
    let mut start = start.chars();
    let start: String = start.next().map_or_else(String::new, |c| c.to_uppercase().chain(start).collect());
    let mut reasons: Vec<(String, u64)> = Vec::new();
    for SkippedLine { reason, .. } in &receipt.skipped {
        match reasons.iter_mut().find(|(r, _)| r == reason) {
            Some((_, n)) => *n += 1,
            None => reasons.push((reason.clone(), 1)),
        }
    }
    let mut clauses = Vec::new();
    let skipped: Vec<String> = reasons
        .iter()
        .map(|(reason, n)| match reason.as_str() {
            "total row" => counted(*n, "total row", "total rows"),
            "repeated header" => counted(*n, "repeated header", "repeated headers"),
            "second table" => format!("a second table of {}", counted(*n, "line", "lines")),
            other => format!("{} {other} {}", words::count(*n), if *n == 1 { "line" } else { "lines" }),
        })
        .collect();
    clauses.push(if skipped.is_empty() {
        "nothing was skipped".to_owned()
    } else {
        format!("skipped {}", list(&skipped))
    });
    let words: Vec<String> = missing_words
        .iter()
        .take(3)
        .map(|(word, n)| format!("“{word}” read as missing in {}", counted(*n, "column", "columns")))
        .collect();
    if !words.is_empty() {
        clauses.push(list(&words));
    }
    format!(
        "{start}, {} and {}; {}.",
        counted(receipt.n_rows, "row", "rows"),
        counted(receipt.n_columns, "column", "columns"),
        clauses.join("; ")
    )
}

#[cfg(test)]
mod tests;
