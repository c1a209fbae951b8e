//! Plain summaries of a table and of its reading, for whoever cannot hold the table itself.

use std::{
    collections::HashMap,
    sync::{Arc, Weak},
};

use serde::{Deserialize, Serialize};

use super::{
    column::{Column, ColumnType, Dictionary, Values},
    combine::{JoinReport, Put, WorkbookInfo},
    distinct,
    issue::Issue,
    private::Personal,
    role::{Role, TableKind},
    table::Table,
};

/// What is known of a column at a glance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnSummary {
    /// As in the file.
    pub name: String,
    /// How its values are held.
    pub column_type: ColumnType,
    /// What it means.
    pub role: Role,
    /// Rows without a value.
    pub n_missing: u64,
    /// Distinct values, missing not counted.
    pub n_unique: u64,
    /// A few values as text.
    pub examples: Vec<String>,
    /// Smallest and largest, for numbers.
    pub range: Option<(f64, f64)>,
    /// Whether it was computed (a feature) rather than read.
    pub is_computed: bool,
    /// Why it is personal, if it is: left out of the analysis, masked in what is shared.
    #[serde(default)]
    pub personal: Option<Personal>,
}

/// A table at a glance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TableSummary {
    /// What a row is.
    pub kind: TableKind,
    /// Number of rows.
    pub n_rows: u64,
    /// In the order of the table.
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

/// How many lines of a file did not become rows for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkippedCount {
    /// The place of the file among those of the table.
    pub file: u32,
    /// As in [`SkippedLine`].
    pub reason: String,
    /// How many.
    pub count: u64,
}

/// The lines themselves, for whoever wants to look through them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SkippedGroup {
    /// How many there are, and why.
    pub of: SkippedCount,
    /// The first of them, up to `reader::block::MOST_LISTED`: number and text, in order; whole those of the first 1,000,
    /// unless they are very long.
    pub lines: Vec<(u64, String)>,
}

/// One file of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FileReceipt {
    /// As dropped.
    pub name: String,
    /// Its size.
    pub n_bytes: u64,
    /// Its rows.
    pub n_rows: u64,
    /// Its columns.
    pub n_columns: u64,
    /// Fingerprint of the bytes read; of a workbook of its sheet's text.
    pub fingerprint: String,
    /// What reading it found, in one sentence.
    pub sentence: String,
    /// How it was put to those before it; the first begins the table.
    pub put: Put,
    /// The workbook it is a sheet of, if it is one.
    pub workbook: Option<WorkbookInfo>,
    /// Columns of the table that it lacks, when its rows were appended.
    pub lacks: Vec<String>,
    /// How well it matched, when it was joined.
    pub join: Option<JoinReport>,
}

/// What reading did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    /// As dropped.
    pub file_name: String,
    /// Size of the file.
    pub n_bytes: u64,
    /// The export it was recognised as ("Google Ads report"), if any.
    pub source: Option<String>,
    /// "UTF-8", "UTF-8 with BOM", "UTF-16 LE", "Windows-1252".
    pub encoding: String,
    /// The delimiter, as a character.
    pub delimiter: char,
    /// Line of the header, from 1; `None` when there was none and names were made up.
    pub header_line: Option<u64>,
    /// Rows of the table.
    pub n_rows: u64,
    /// Columns of the table.
    pub n_columns: u64,
    /// At most the first 1,000; `n_skipped` counts all.
    pub skipped: Vec<SkippedLine>,
    /// How many lines became no row.
    pub n_skipped: u64,
    /// The same by file and reason, in the order found.
    #[serde(default)]
    pub reasons: Vec<SkippedCount>,
    /// Words read as missing, and in how many cells; empty cells are not counted.
    #[serde(default)]
    pub missing: Vec<(String, u64)>,
    /// What was odd, in the order found.
    pub issues: Vec<Issue>,
    /// One sentence a person reads first: "Comma-separated, UTF-8, 1,143 rows and 11 columns; nothing was skipped."
    pub sentence: String,
    /// Fingerprint of the bytes read (FNV-1a 64 as 16 hex digits): the same file has the same. Of several files it covers
    /// all, their names and how they were put together.
    pub fingerprint: String,
    /// The files the table is made of, in their order.
    #[serde(default)]
    pub files: Vec<FileReceipt>,
}

/// How many examples a column shows.
const N_EXAMPLES: usize = 5;

/// A table at a glance.
pub fn summarise(table: &Table, currency: Option<&str>) -> TableSummary {
    Summaries::default().of(table, currency)
}

/// The columns looked at so far. A column never changes, so that after a step only what the step made is new.
#[derive(Debug, Default)]
pub struct Summaries(HashMap<usize, (Weak<Column>, ColumnSummary)>);

impl Summaries {
    /// A table at a glance.
    pub fn of(&mut self, table: &Table, currency: Option<&str>) -> TableSummary {
        // The address of a column that is no more stays taken as long as it is listed.
        self.0.retain(|_, (column, _)| column.strong_count() > 0);
        let columns = table.columns().iter();
        let columns =
            columns.map(|c| ColumnSummary { personal: table.personal(&c.name), ..self.of_column(c) });
        TableSummary {
            kind: table.kind,
            n_rows: table.n_rows() as u64,
            columns: columns.collect(),
            currency: currency.map(str::to_owned),
        }
    }

    fn of_column(&mut self, column: &Arc<Column>) -> ColumnSummary {
        let address = Arc::as_ptr(column).addr();
        let known = self.0.entry(address);
        known.or_insert_with(|| (Arc::downgrade(column), summarise_column(column))).1.clone()
    }
}

/// A column at a glance. Examples are its first distinct values.
pub fn summarise_column(column: &Column) -> ColumnSummary {
    let mut examples: Vec<String> = Vec::new();
    for row in 0..column.len() {
        if examples.len() == N_EXAMPLES || row >= 1_000 {
            break;
        }
        if !column.is_missing(row) {
            let text = column.cell_text(row);
            if !examples.contains(&text) {
                examples.push(text);
            }
        }
    }
    let (n_missing, n_unique, range) = match &column.values {
        Values::Number(v) | Values::Date(v) => {
            let spread = distinct::spread(v);
            let is_ranged = matches!(column.values, Values::Number(_)) && spread.n_known > 0;
            let range = is_ranged.then_some((spread.smallest, spread.largest));
            (spread.n_missing, distinct::count(v, &spread), range)
        }
        _ => (column.n_missing(), n_levels(column), None),
    };
    ColumnSummary {
        name: column.name.clone(),
        column_type: column.column_type(),
        role: column.role,
        n_missing: n_missing as u64,
        n_unique,
        examples,
        range,
        is_computed: !column.made_from.is_empty(),
        personal: None,
    }
}

/// Distinct values of a column that is none of numbers, missing not counted.
fn n_levels(column: &Column) -> u64 {
    match &column.values {
        Values::Category(d) | Values::Text(d) => {
            // Levels may outlive their rows.
            let mut is_used = vec![false; d.levels.len()];
            for &code in &d.codes {
                if code != Dictionary::MISSING
                    && let Some(used) = is_used.get_mut(code as usize)
                {
                    *used = true;
                }
            }
            is_used.into_iter().filter(|&u| u).count() as u64
        }
        Values::Boolean(v) => u64::from(v.contains(&Some(true))) + u64::from(v.contains(&Some(false))),
        Values::Number(_) | Values::Date(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_summarised() {
        let column = Column::number("a", Role::Number, vec![2.0, f64::NAN, 1.0, 2.0, -0.0, 0.0]);
        let summary = summarise_column(&column);
        assert_eq!((summary.n_missing, summary.n_unique, summary.range), (1, 3, Some((0.0, 2.0))));
        assert_eq!(summary.examples[..2], ["2", "1"]);
        assert!(!summary.is_computed);
    }

    #[test]
    fn a_column_is_looked_at_once() {
        let column = |name: &str, value: f64| Column::number(name, Role::Number, vec![value, f64::NAN]);
        let table = Table::new(TableKind::Other, vec![column("a", 1.0), column("b", 2.0)]).unwrap();
        let mut known = Summaries::default();
        let first = known.of(&table, None);
        let mut changed = table.clone();
        changed.remove("a").unwrap();
        changed.push(column("a", 3.0)).unwrap();
        let second = known.of(&changed, None);
        assert_eq!(known.0.len(), 3);
        assert_eq!(
            (&second.columns[0], &second.columns[1]),
            (&first.columns[1], &summarise_column(&changed.columns()[1]))
        );
        drop((table, changed));
        let third = known.of(&Table::new(TableKind::Other, vec![column("a", 4.0)]).unwrap(), None);
        assert_eq!((known.0.len(), third.columns[0].range), (1, Some((4.0, 4.0))));
    }

    #[test]
    fn unused_levels_are_not_counted() {
        let column = Column::category("a", Role::Category, &[Some("x"), Some("y"), None]).take_rows(&[0, 2]);
        let summary = summarise_column(&column);
        assert_eq!((summary.n_missing, summary.n_unique), (1, 1));
    }

    #[test]
    fn an_empty_column_has_no_range() {
        let summary = summarise_column(&Column::number("a", Role::Number, vec![f64::NAN]));
        assert_eq!((summary.range, summary.n_unique), (None, 0));
    }
}
