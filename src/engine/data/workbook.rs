//! Workbooks (`.xlsx`): one sheet of them as the text of a CSV, which is then read like any other.
//!
//! Nothing else of the engine calls this, so that the worker does not carry the reader of workbooks: the page has a module
//! of its own for it (`bin/sheets.rs`), the command line calls it directly.

use std::io::{Cursor, Read, Seek, SeekFrom};

use calamine::{DataRef, ExcelDateTime, Reader, SheetType, SheetVisible, Xlsx, XlsxError};

/// A sheet as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetText {
    /// Its name.
    pub name: String,
    /// Every sheet one can choose, in the order of the workbook.
    pub sheets: Vec<String>,
    /// Comma-separated, UTF-8; a line is a row of the sheet.
    pub csv: String,
}

/// Why a workbook gives no table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorkbookError {
    /// It is locked.
    Password,
    /// It is damaged or something else.
    Unreadable {
        /// What the reader says.
        words: String,
    },
    /// No sheet holds rows.
    Empty {
        /// The sheets there are.
        sheets: Vec<String>,
    },
    /// There is no sheet of that name.
    NoSuchSheet {
        /// The name asked for.
        name: String,
        /// The sheets there are.
        sheets: Vec<String>,
    },
}

impl std::fmt::Display for WorkbookError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let list = crate::engine::words::list_some::<String>;
        match self {
            Self::Password => f.write_str("the workbook is locked with a password"),
            Self::Unreadable { words } => write!(f, "the workbook cannot be read: {words}"),
            Self::Empty { sheets } => write!(f, "no sheet of the workbook holds rows ({})", list(sheets)),
            Self::NoSuchSheet { name, sheets } => {
                write!(f, "the workbook has no sheet “{name}”; it has {}", list(sheets))
            }
        }
    }
}

impl std::error::Error for WorkbookError {}

impl From<XlsxError> for WorkbookError {
    fn from(error: XlsxError) -> Self {
        match error {
            XlsxError::Password => Self::Password,
            XlsxError::Zip(_) => Self::Unreadable {
                words: "it is damaged, not there to its end, or no workbook at all".to_owned(),
            },
            other => Self::Unreadable { words: other.to_string() },
        }
    }
}

/// How many of the first bytes [`is_workbook`] looks at.
pub const N_LOOKED_AT: usize = 4;

/// Whether a file may be a workbook by its name, so that its first bytes are worth a look.
pub fn may_be_workbook(file_name: &str) -> bool {
    let name = file_name.to_lowercase();
    [".xlsx", ".xlsm", ".xls"].iter().any(|end| name.ends_with(end))
}

/// Whether a file is a workbook of this kind. Exports called `.xls` are often text, and sometimes workbooks of today; what is
/// called `.xlsx` is meant to be one, so that what is wrong with it is told as of a workbook.
pub fn is_workbook(file_name: &str, first_bytes: &[u8]) -> bool {
    let name = file_name.to_lowercase();
    may_be_workbook(&name) && (!name.ends_with(".xls") || first_bytes.starts_with(b"PK\x03\x04"))
}

/// The bytes of a workbook, which tell how many of them have been taken.
struct Told<'a> {
    bytes: Cursor<&'a [u8]>,
    n_taken: usize,
    /// What was told last.
    n_told: usize,
    tell: &'a mut dyn FnMut(usize),
}

impl Read for Told<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let n = self.bytes.read(into)?;
        self.n_taken += n;
        if self.n_taken - self.n_told > self.bytes.get_ref().len() / N_TOLD {
            self.n_told = self.n_taken;
            (self.tell)(self.n_taken);
        }
        Ok(n)
    }
}

impl Seek for Told<'_> {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.bytes.seek(to)
    }
}

/// How often is told how far a workbook is read.
const N_TOLD: usize = 100;

/// A sheet of a workbook as text: the one wanted, else the first that holds a table. While it is read, `tell` is told how
/// many bytes have been taken of the workbook, which holds more than what is read of it.
pub fn read_sheet(
    bytes: &[u8],
    wanted: Option<&str>,
    tell: &mut dyn FnMut(usize),
) -> Result<SheetText, WorkbookError> {
    let mut workbook = Xlsx::new(Told { bytes: Cursor::new(bytes), n_taken: 0, n_told: 0, tell })?;
    let is_table = |s: &&calamine::Sheet| s.typ == SheetType::WorkSheet;
    let all: Vec<_> = workbook.sheets_metadata().iter().filter(is_table).cloned().collect();
    let shown: Vec<String> =
        all.iter().filter(|s| s.visible == SheetVisible::Visible).map(|s| s.name.clone()).collect();
    let sheets = if shown.is_empty() { all.iter().map(|s| s.name.clone()).collect() } else { shown };
    if let Some(name) = wanted {
        if !all.iter().any(|s| s.name == name) {
            return Err(WorkbookError::NoSuchSheet { name: name.to_owned(), sheets });
        }
        let csv = Rows::of(&mut workbook, name)?.csv();
        return Ok(SheetText { name: name.to_owned(), sheets, csv });
    }
    let mut lonely = None;
    for name in &sheets {
        let rows = Rows::of(&mut workbook, name)?;
        if rows.n_filled > 1 {
            return Ok(SheetText { name: name.clone(), csv: rows.csv(), sheets });
        }
        if rows.n_filled == 1 && lonely.is_none() {
            lonely = Some((name.clone(), rows));
        }
    }
    match lonely {
        // A header alone: the reader says what is wrong with it.
        Some((name, rows)) => Ok(SheetText { name, csv: rows.csv(), sheets }),
        None => Err(WorkbookError::Empty { sheets }),
    }
}

/// The rows of a sheet, their cells written and not yet filled up to the same width.
#[derive(Default)]
struct Rows {
    /// The cells of all rows.
    text: String,
    rows: Vec<Row>,
    n_filled: usize,
}

struct Row {
    /// Where its text begins.
    start: usize,
    /// Columns before its first cell.
    first: u32,
    /// Columns up to its last cell.
    end: u32,
    /// Cells that hold something.
    n_filled: u32,
}

impl Rows {
    fn of(workbook: &mut Xlsx<Told<'_>>, name: &str) -> Result<Self, WorkbookError> {
        let mut cells = workbook.worksheet_cells_reader(name)?;
        let mut out = Self::default();
        while let Some(cell) = cells.next_cell()? {
            let (row, column) = cell.get_position();
            out.push(row, column, cell.get_value());
        }
        Ok(out)
    }

    /// Takes a cell; they come in the order of the sheet.
    fn push(&mut self, row: u32, column: u32, value: &DataRef<'_>) {
        if matches!(value, DataRef::Empty)
            || matches!(value, DataRef::SharedString(s) if s.trim().is_empty())
            || matches!(value, DataRef::String(s) if s.trim().is_empty())
        {
            return;
        }
        while self.rows.len() <= row as usize {
            self.rows.push(Row { start: self.text.len(), first: column, end: column, n_filled: 0 });
        }
        let Some(place) = self.rows.last_mut() else { return };
        if place.n_filled == 0 {
            (place.first, place.end) = (column, column);
            self.n_filled += 1;
        } else if column < place.end {
            return;
        }
        if place.n_filled > 0 {
            (place.end..column).for_each(|_| self.text.push(','));
        }
        write(&mut self.text, value);
        // The comma between this cell and the next is written with the next.
        place.end = column;
        place.n_filled += 1;
    }

    /// All rows as one text. Titles above the table stay short, as they are in exports, so that the reader sees that they
    /// are no rows; from the first row that fills half of the table on, all have the same number of cells.
    fn csv(&self) -> String {
        let most = self.rows.iter().map(|r| r.n_filled).max().unwrap_or(0);
        let is_wide = |r: &Row| r.n_filled > 0 && 2 * r.n_filled >= most;
        let begin = self.rows.iter().position(is_wide).unwrap_or(self.rows.len());
        let table = self.rows.get(begin..).unwrap_or_default();
        let filled = table.iter().filter(|r| r.n_filled > 0);
        let first = filled.clone().map(|r| r.first).min().unwrap_or(0);
        let last = filled.map(|r| r.end).max().unwrap_or(0);
        let mut out = String::with_capacity(self.text.len() + self.rows.len() * 2);
        for (i, row) in self.rows.iter().enumerate() {
            let end = self.rows.get(i + 1).map_or(self.text.len(), |next| next.start);
            let text = self.text.get(row.start..end).unwrap_or_default();
            if i >= begin && row.n_filled > 0 {
                (first..row.first).for_each(|_| out.push(','));
                out.push_str(text);
                (row.end..last).for_each(|_| out.push(','));
            } else {
                out.push_str(text);
            }
            out.push('\n');
        }
        out
    }
}

/// A cell as a person would write it in a CSV: ISO dates, numbers in full, yes/no in words.
fn write(out: &mut String, value: &DataRef<'_>) {
    use std::fmt::Write;
    // Writing to a text does not fail.
    let _ = match value {
        DataRef::Empty => Ok(()),
        DataRef::Int(n) => write!(out, "{n}"),
        DataRef::Float(x) => write!(out, "{x}"),
        DataRef::Bool(is_true) => out.write_str(if *is_true { "yes" } else { "no" }),
        DataRef::DateTime(moment) => write_moment(out, moment),
        // #DIV/0! and its like hold no value.
        DataRef::Error(_) => out.write_str("#N/A"),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            write_text(out, text);
            Ok(())
        }
        DataRef::SharedString(text) => {
            write_text(out, text);
            Ok(())
        }
    };
}

/// Days and moments as ISO 8601; times of day and durations as h:mm:ss.
fn write_moment(out: &mut String, moment: &ExcelDateTime) -> std::fmt::Result {
    use std::fmt::Write;
    let value = moment.as_f64();
    if moment.is_duration() || (0.0..1.0).contains(&value) {
        let seconds = (value.abs() * 86_400.0).round() as u64;
        let sign = if value < 0.0 { "-" } else { "" };
        return write!(out, "{sign}{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    }
    let (year, month, day, hour, minute, second, milli) = moment.to_ymd_hms_milli();
    write!(out, "{year:04}-{month:02}-{day:02}")?;
    if (hour, minute, second, milli) != (0, 0, 0, 0) {
        write!(out, "T{hour:02}:{minute:02}:{second:02}")?;
        if milli > 0 {
            write!(out, ".{milli:03}")?;
        }
    }
    Ok(())
}

fn write_text(out: &mut String, text: &str) {
    let text = text.trim();
    if text.contains(['"', ',', '\n', '\r']) {
        out.push('"');
        out.push_str(&text.replace('"', "\"\""));
        out.push('"');
    } else {
        out.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::data::test_workbook::{Cell, date, workbook};

    #[track_caller]
    fn check(rows: &[&[Cell<'_>]], expected: &str) {
        let read = read_sheet(&workbook(&[("Sheet1", rows)]), None, &mut |_| {}).unwrap();
        assert_eq!(read.csv, expected);
    }

    #[test]
    fn cells_are_written_as_people_write_them() {
        check(
            &[
                &[Cell::Text("a"), Cell::Text("b, c"), Cell::Text("when"), Cell::Text("ok"), Cell::Text("x")],
                &[
                    Cell::Number(0.1 + 0.2),
                    Cell::Text("say \"hi\""),
                    date(2026, 5, 1),
                    Cell::Bool(true),
                    Cell::Number(1234567.0),
                ],
                &[Cell::Number(1e-7), Cell::Empty, Cell::Moment(45943.541), Cell::Bool(false), Cell::Error],
            ],
            "a,\"b, c\",when,ok,x\n0.30000000000000004,\"say \"\"hi\"\"\",2026-05-01,yes,1234567\n\
             0.0000001,,2025-10-13T12:59:02.400,no,#N/A\n",
        );
    }

    #[test]
    fn titles_stay_short_and_rows_get_the_same_width() {
        check(
            &[
                &[Cell::Text("Report for May")],
                &[],
                &[Cell::Empty, Cell::Text("Day"), Cell::Text("Clicks"), Cell::Text("Spend")],
                &[Cell::Empty, date(2026, 5, 1), Cell::Number(3.0)],
                &[Cell::Empty, Cell::Empty, Cell::Empty, Cell::Number(2.5)],
            ],
            "Report for May\n\nDay,Clicks,Spend\n2026-05-01,3,\n,,2.5\n",
        );
    }

    #[test]
    fn the_first_sheet_with_a_table_is_taken_unless_another_is_wanted() {
        let note: &[&[Cell<'_>]] = &[&[Cell::Text("Read me")]];
        let data: &[&[Cell<'_>]] = &[&[Cell::Text("a")], &[Cell::Number(1.0)]];
        let more: &[&[Cell<'_>]] = &[&[Cell::Text("b")], &[Cell::Number(2.0)]];
        let bytes = workbook(&[("Note", note), ("Empty", &[]), ("May", data), ("June", more)]);
        let read = read_sheet(&bytes, None, &mut |_| {}).unwrap();
        assert_eq!((read.name.as_str(), read.csv.as_str()), ("May", "a\n1\n"));
        assert_eq!(read.sheets, ["Note", "Empty", "May", "June"]);
        assert_eq!(read_sheet(&bytes, Some("June"), &mut |_| {}).unwrap().csv, "b\n2\n");
        let error = read_sheet(&bytes, Some("July"), &mut |_| {}).unwrap_err();
        assert!(error.to_string().contains("no sheet “July”"), "{error}");
        let error = read_sheet(&workbook(&[("Empty", &[])]), None, &mut |_| {}).unwrap_err();
        assert_eq!(error, WorkbookError::Empty { sheets: vec!["Empty".into()] });
    }

    #[test]
    fn names_and_first_bytes_tell_workbooks() {
        let zip = b"PK\x03\x04";
        assert!(is_workbook("Ads.XLSX", zip) && is_workbook("ads.xlsm", b"") && is_workbook("ads.xls", zip));
        assert!(!is_workbook("ads.xls", b"Day\tCl") && !is_workbook("ads.csv", zip));
    }

    #[test]
    fn it_is_told_how_far_a_workbook_is_read() {
        let row: &[Cell<'_>] = &[Cell::Text("a campaign"), Cell::Number(1.5)];
        let bytes = workbook(&[("Sheet1", &vec![row; 2_000])]);
        let mut told = Vec::new();
        read_sheet(&bytes, None, &mut |n| told.push(n)).unwrap();
        assert!(told.len() > 5 && told.is_sorted(), "{told:?}");
        let last = told[told.len() - 1];
        assert!(last > bytes.len() / 2 && last < bytes.len() * 11 / 10, "{last} of {}", bytes.len());
    }

    #[test]
    fn damaged_workbooks_are_told() {
        let whole = workbook(&[("Sheet1", &[&[Cell::Text("a")], &[Cell::Number(1.0)]])]);
        for cut in [0, 10, whole.len() / 2, whole.len() - 5] {
            let error = read_sheet(&whole[..cut], None, &mut |_| {}).unwrap_err();
            assert!(matches!(error, WorkbookError::Unreadable { .. }), "{error}");
            assert!(!error.to_string().to_lowercase().contains("zip"), "{error}");
        }
    }
}
