//! Several files as one table: files of the same shape one below the other, others beside it by a key.
//!
//! Each file is read for itself, because decimal signs and the order of dates belong to whoever wrote it; what a column
//! holds is then decided over all files ([`append`]). A second file is joined to the rows that are there ([`join`]).

pub mod append;
pub mod join;
mod keys;

use serde::{Deserialize, Serialize};

pub use self::join::{JoinPlan, JoinReport, Likeness, Repeats};
use super::{
    issue::Issue,
    reader::{ReadOptions, ReadTable},
    summary::{FileReceipt, Receipt, SkippedCount, SkippedGroup, SkippedLine},
    table::{Table, TableError},
};
use crate::engine::words::{self, counted, list, list_some, rows_of};

/// The column that says which file a row is from.
pub const SOURCE_FILE: &str = "Source file";

/// How a file is put to those before it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Put {
    /// Its columns decide: appended when they are those of the first file, else left aside.
    #[default]
    ByShape,
    /// Its rows come below those before. Of the first file: it begins the table.
    Append,
    /// Its columns come beside those before, by a key.
    Join(JoinPlan),
}

/// A file of a recipe.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FilePart {
    /// Without its folder.
    pub name: String,
    /// Fingerprint of the bytes read.
    pub fingerprint: String,
    /// How it is read. Of the first file the recipe's own `read` counts.
    pub read: ReadOptions,
    /// How it is put to those before it.
    pub put: Put,
}

/// The workbook a sheet was read from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkbookInfo {
    /// The sheet that was read.
    pub sheet: String,
    /// Every sheet one can choose.
    pub sheets: Vec<String>,
    /// Size of the workbook.
    pub n_bytes: u64,
}

/// A file that was read and is to be put to others.
#[derive(Debug, Clone)]
pub struct Part {
    /// What was read.
    pub read: ReadTable,
    /// How it was read.
    pub options: ReadOptions,
    /// How it is to be put to those before it.
    pub put: Put,
    /// Where it comes from, if it is a sheet.
    pub workbook: Option<WorkbookInfo>,
    /// Its place among the files asked for.
    pub index: u32,
}

impl Part {
    /// A file alone.
    pub fn new(read: ReadTable, options: ReadOptions) -> Self {
        Self { read, options, put: Put::ByShape, workbook: None, index: 0 }
    }

    /// As it was dropped.
    pub fn name(&self) -> &str {
        &self.read.receipt.file_name
    }
}

/// Several files as one.
#[derive(Debug)]
pub struct Combined {
    /// The table, and a receipt of all.
    pub read: ReadTable,
    /// The files in it, for the recipe.
    pub files: Vec<FilePart>,
    /// The place of each among the files asked for.
    pub places: Vec<u32>,
    /// Files of another shape of which nobody said what to do with them.
    pub aside: Vec<Part>,
}

/// Files that cannot be put together as asked.
#[derive(Debug, Clone, PartialEq)]
pub enum CombineError {
    /// There is none.
    NoFiles,
    /// A key that is not there.
    NoSuchKey {
        /// The file that lacks it.
        file: String,
        /// The column asked for.
        column: String,
        /// The columns it has.
        columns: Vec<String>,
    },
    /// A key occurs more than once on the right.
    RepeatedKeys {
        /// The file on the right.
        file: String,
        /// Its key.
        key: String,
        /// Keys that occur more than once.
        n_keys: u64,
        /// Rows that hold them.
        n_rows: u64,
        /// The most frequent, with how often.
        examples: Vec<(String, u64)>,
    },
    /// No key of one file occurs in the other.
    NothingMatches {
        /// The file on the right.
        file: String,
        /// Its key.
        right: String,
        /// The key on the left.
        left: String,
    },
    /// No column has a name in common.
    NothingShared {
        /// The file that was to be appended.
        file: String,
    },
    /// Repeating rows would give more than can be held.
    TooManyRows {
        /// How many.
        n_rows: u64,
    },
    /// The table could not be made.
    Table(TableError),
}

impl std::fmt::Display for CombineError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoFiles => f.write_str("there is no file"),
            Self::NoSuchKey { file, column, columns } => {
                write!(f, "{file} has no column “{column}”; it has {}", list_some(columns))
            }
            Self::RepeatedKeys { file, key, n_keys, n_rows, examples } => {
                let examples: Vec<String> = examples
                    .iter()
                    .take(3)
                    .map(|(k, n)| format!("{k} ({} times)", words::count(*n)))
                    .collect();
                write!(
                    f,
                    "{} of “{key}” {} more than once in {file}, in {}: {}. Each row would find several and be counted \
                     several times",
                    counted(*n_keys, "value", "values"),
                    if *n_keys == 1 { "occurs" } else { "occur" },
                    rows_of(*n_rows),
                    list(&examples)
                )
            }
            Self::NothingMatches { file, right, left } => {
                write!(f, "no value of “{left}” occurs in “{right}” of {file}")
            }
            Self::NothingShared { file } => {
                write!(f, "{file} has no column in common with the files before it")
            }
            Self::TooManyRows { n_rows } => {
                write!(f, "joined with every match the table would have {}", rows_of(*n_rows))
            }
            Self::Table(e) => e.fmt(f),
        }
    }
}

impl std::error::Error for CombineError {}

impl From<TableError> for CombineError {
    fn from(error: TableError) -> Self {
        Self::Table(error)
    }
}

/// A file that stands aside: what it is, and how it could be put to the table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Aside {
    /// Its name.
    pub name: String,
    /// Its place among the files asked for.
    pub place: u32,
    /// Its rows.
    pub n_rows: u64,
    /// Its columns.
    pub columns: Vec<String>,
    /// How many of them the table has too.
    pub n_shared: u64,
    /// How it is most likely joined.
    pub best: Option<JoinReport>,
}

/// Puts files together in their order: those to be appended first, then those to be joined.
pub fn combine(parts: Vec<Part>) -> Result<Combined, CombineError> {
    let mut parts = parts.into_iter();
    let first = parts.next().ok_or(CombineError::NoFiles)?;
    let (mut below, mut beside, mut aside) = (vec![first], Vec::new(), Vec::new());
    for part in parts {
        match part.put {
            Put::Append => below.push(part),
            Put::Join(_) => beside.push(part),
            Put::ByShape
                if below.first().is_some_and(|f| append::is_alike(&f.read.table, &part.read.table)) =>
            {
                below.push(part);
            }
            Put::ByShape => aside.push(part),
        }
    }
    let mut files: Vec<FilePart> = below.iter().map(|p| file_part(p, Put::Append)).collect();
    let mut places: Vec<u32> = below.iter().map(|p| p.index).collect();
    let mut receipts: Vec<FileReceipt> = below.iter().map(|p| file_receipt(p, Put::Append)).collect();
    let mut read = append::append(below, &mut receipts)?;
    for part in beside {
        let Put::Join(plan) = part.put.clone() else { continue };
        let mut receipt = file_receipt(&part, part.put.clone());
        files.push(file_part(&part, part.put.clone()));
        places.push(part.index);
        let (table, report) = join::join(&read.table, &part.read.table, part.name(), &plan)?;
        read.table = table;
        take_over(&mut read, &part.read, receipts.len() as u32);
        read.currency = read.currency.or(part.read.currency);
        receipt.join = Some(report);
        receipts.push(receipt);
    }
    finish(&mut read, receipts, &files);
    Ok(Combined { read, files, places, aside })
}

/// What stands aside and how it is most likely joined to a table.
pub fn look_aside(table: &Table, part: &Part) -> Aside {
    Aside {
        name: part.name().to_owned(),
        place: part.index,
        n_rows: part.read.table.n_rows() as u64,
        columns: part.read.table.columns().iter().map(|c| c.name.clone()).collect(),
        n_shared: append::n_shared(table, &part.read.table) as u64,
        best: join::guess(table, &part.read.table, part.name()),
    }
}

fn file_part(part: &Part, put: Put) -> FilePart {
    FilePart {
        name: part.name().to_owned(),
        fingerprint: part.read.receipt.fingerprint.clone(),
        read: part.options.clone(),
        put,
    }
}

fn file_receipt(part: &Part, put: Put) -> FileReceipt {
    let receipt = &part.read.receipt;
    FileReceipt {
        name: receipt.file_name.clone(),
        n_bytes: part.workbook.as_ref().map_or(receipt.n_bytes, |w| w.n_bytes),
        n_rows: receipt.n_rows,
        n_columns: receipt.n_columns,
        fingerprint: receipt.fingerprint.clone(),
        sentence: receipt.sentence.clone(),
        put,
        workbook: part.workbook.clone(),
        lacks: Vec::new(),
        join: None,
    }
}

/// A message with the file it is about.
fn told_of(file: &str, message: &str) -> String {
    format!("{file}: {message}")
}

/// Puts what was odd and what was skipped in a file on a receipt of several.
fn take_over(read: &mut ReadTable, of: &ReadTable, file: u32) {
    let (receipt, own) = (&mut read.receipt, &of.receipt);
    let name = &own.file_name;
    let issues = own.issues.iter();
    let told = |i: &Issue| Issue { message: told_of(name, &i.message), files: vec![file], ..i.clone() };
    receipt.issues.extend(issues.map(told));
    add_missing(&mut receipt.missing, own);
    receipt.skipped.extend(skipped_of(name, own));
    receipt.n_skipped += own.n_skipped;
    read.skipped.extend(groups_of(of, file));
}

/// Counts the words read as missing in a file.
fn add_missing(all: &mut Vec<(String, u64)>, of: &Receipt) {
    for (word, n) in &of.missing {
        match all.iter_mut().find(|(known, _)| known == word) {
            Some((_, count)) => *count += n,
            None => all.push((word.clone(), *n)),
        }
    }
}

/// The lines of one file of several that became no row, by reason.
fn groups_of(read: &ReadTable, file: u32) -> impl Iterator<Item = SkippedGroup> + '_ {
    let of = move |group: &SkippedGroup| SkippedCount { file, ..group.of.clone() };
    read.skipped.iter().map(move |group| SkippedGroup { of: of(group), ..group.clone() })
}

/// The lines of one file of several that became no row.
fn skipped_of<'a>(name: &'a str, of: &'a Receipt) -> impl Iterator<Item = SkippedLine> + 'a {
    of.skipped.iter().map(move |s| SkippedLine { reason: format!("{} in {name}", s.reason), ..s.clone() })
}

/// Writes the receipt of all files. Of a single one it stays as reading wrote it.
fn finish(read: &mut ReadTable, files: Vec<FileReceipt>, parts: &[FilePart]) {
    let receipt = &mut read.receipt;
    receipt.n_bytes = files.iter().map(|f| f.n_bytes).sum();
    if let ([file], Some(first)) = (files.as_slice(), files.first()) {
        receipt.file_name = first.name.clone();
        receipt.files = vec![file.clone()];
        return;
    }
    receipt.n_rows = read.table.n_rows() as u64;
    receipt.n_columns = read.table.n_columns() as u64;
    receipt.skipped.truncate(super::reader::block::MOST_SKIPPED);
    receipt.reasons = read.skipped.iter().map(|group| group.of.clone()).collect();
    let first = files.first().map_or("", |f| f.name.as_str());
    receipt.file_name = format!("{first} and {} more", words::count(files.len() as u64 - 1));
    receipt.fingerprint = fingerprint(parts);
    receipt.sentence = sentence(receipt, &files);
    receipt.files = files;
}

/// The fingerprint of several files covers each, its name (which is in the rows) and how it was put to the others.
fn fingerprint(parts: &[FilePart]) -> String {
    use super::reader::block::{FNV_START, fnv};
    let mut hash = FNV_START;
    for part in parts {
        let put = match &part.put {
            Put::Join(plan) => format!("{}\n{}\n{}", plan.left, plan.right, plan.repeats.slug()),
            _ => "append".to_owned(),
        };
        for text in [&part.fingerprint, &part.name, &put] {
            hash = fnv(hash, text.as_bytes());
            hash = fnv(hash, b"\n");
        }
    }
    format!("{hash:016x}")
}

fn sentence(receipt: &Receipt, files: &[FileReceipt]) -> String {
    let n_below = files.iter().filter(|f| f.put == Put::Append).count() as u64;
    let mut clauses = Vec::new();
    if n_below > 1 {
        clauses.push(format!(
            "{} one below the other, each row with its file in “{SOURCE_FILE}”",
            counted(n_below, "file", "files")
        ));
    }
    for file in files {
        if let Some(join) = &file.join {
            clauses.push(format!(
                "{} joined by {}: {} of {} ({}) found a match",
                file.name,
                join.left,
                words::count(join.n_rows_matched),
                rows_of(join.n_rows),
                words::share(join.n_rows_matched, join.n_rows)
            ));
        }
    }
    if receipt.n_skipped > 0 {
        clauses.push(format!("{} left out in all", counted(receipt.n_skipped, "line", "lines")));
    }
    format!(
        "{} and {} from {}: {}.",
        rows_of(receipt.n_rows),
        counted(receipt.n_columns, "column", "columns"),
        counted(files.len() as u64, "file", "files"),
        clauses.join("; ")
    )
}

#[cfg(test)]
mod tests;
