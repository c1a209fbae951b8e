//! One block of a file: its records sorted into rows and other lines, its cells held column by column. A pure function of
//! the plan and the bytes, so that it can run anywhere.

use crate::engine::order::InOrder;
use std::{borrow::Cow, collections::BTreeMap};

use serde::{Deserialize, Serialize};

use super::{
    dialect::{Dialect, Quote},
    encoding::{Coding, Damage},
    held::{Form, Held},
    layout,
    scan::Scanner,
    tokens::{self, Quoted, Span},
    types::Missing,
};
use crate::engine::{data::summary::SkippedLine, words::quoted};

/// Bytes of a block: small enough to share the work evenly and to hold little besides the columns.
pub const BLOCK: u64 = 2 << 20;

/// Bytes read behind a block, in which its last record must end; more are asked for when it does not.
pub const TAIL: u64 = 64 << 10;

/// How many skipped lines the receipt lists.
pub const MOST_SKIPPED: usize = 1_000;

/// How many lines skipped for one reason can be looked through; more are only counted, and brought back all the same.
pub const MOST_LISTED: u64 = 20_000;

/// With more cells absent than this a file of that size is refused: each takes room in the table and none in the file.
pub fn most_absent(n_bytes: u64) -> u64 {
    4 * n_bytes + (8 << 20)
}

/// What was decided about a file before its rows are read.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Plan {
    /// How bytes become text.
    pub coding: Coding,
    /// What separates the cells, and what they are quoted with.
    pub dialect: Dialect,
    /// The usual number of cells.
    pub width: usize,
    /// Cells of the header as written; empty when there is none.
    pub header: Vec<String>,
    /// How to hold each column.
    pub forms: Vec<Form>,
    /// Cells of the first lines span lines: where a record starts must be looked for with care.
    pub has_quoted_newlines: bool,
    /// Records, by their place in the file, that are sums without the word, and whether only of some rows; in order.
    pub totals_at: Vec<(u64, bool)>,
    /// First cells of rows that sum up those before them ("North total"); in order.
    pub subtotals: Vec<String>,
    /// Columns that have a cell in every row but those of sums: the first, days, names of campaigns and ads.
    pub labels: Vec<u32>,
    /// Records above the header that are rows because the user says so; in order.
    pub kept_at: Vec<u64>,
    /// The same below it, by their lines from 1; in order. Only blocks that know their own line find them.
    pub kept_lines: Vec<u64>,
    /// Reasons for which no line is skipped.
    pub kept_reasons: Vec<String>,
    /// Words that stand for "no value", where they are not the standing ones.
    pub missing: Option<Vec<String>>,
    /// Records that were dealt with before: the header and lines above it, where a line above them is a row.
    pub passed_at: Vec<u64>,
    /// Whether a line of words behind a blank one begins another table, even with as many cells: the rows have numbers.
    pub has_numbers: bool,
    /// Size of the file.
    pub n_bytes: u64,
}

/// Where the first record of a block begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Begin {
    /// There.
    At(u64),
    /// Behind the first line end that is most likely the end of a record. To be compared with where the block before ended.
    Guess,
}

/// What came before the first record of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Before {
    /// There was a row.
    pub has_rows: bool,
    /// A second table has begun.
    pub is_second_table: bool,
    /// The line before was blank.
    pub is_blank: bool,
}

/// A block to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockTask {
    /// Which reading of the file it belongs to.
    pub round: u32,
    /// Which block.
    pub index: u32,
    /// Its first byte.
    pub start: u64,
    /// One past its last byte: records that start before are its own.
    pub end: u64,
    /// Where its first record begins.
    pub begin: Begin,
    /// What came before.
    pub before: Before,
    /// Lines before its first record, once an earlier reading counted them.
    pub line: Option<u64>,
    /// The bytes to read: some before it and behind it as well.
    pub from: u64,
    /// One past the last byte to read.
    pub to: u64,
}

/// A row without one of its labels: it may be sums without the word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unlabelled {
    /// Where its record starts in the file.
    pub at: u64,
    /// Its row in the block.
    pub row: u32,
}

/// With more of them than this a file has gaps in its labels, not sums.
pub const MOST_UNLABELLED: usize = 4_096;

/// Rows that are too long or too short, of one number of cells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ragged {
    /// How many.
    pub count: u64,
    /// The first of them, from 0.
    pub row: u64,
    /// Its line, from 0.
    pub line: u64,
    /// Its cells beyond the table, or as it stands in the file.
    pub text: String,
}

/// What was found in a block.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Block {
    /// What was asked for.
    pub task: BlockTask,
    /// Whether the last record ended within the bytes; nothing else counts when it did not.
    pub is_whole: bool,
    /// Where the first record was found.
    pub first: u64,
    /// Where the record behind the block starts.
    pub next: u64,
    /// Rows.
    pub n_rows: u64,
    /// Lines.
    pub n_lines: u64,
    /// The cells, a column each.
    pub columns: Vec<Held>,
    /// The cells of a packed block, whose columns hold none: see [`Block::pack`].
    #[serde(skip)]
    pub packed: Vec<u8>,
    /// Rows whose line is not the one behind the line of the row before: row and line, from 0 in the block.
    pub jumps: Vec<(u32, u32)>,
    /// The first lines of each reason that became no row, from 0 in the block.
    pub skipped: Vec<SkippedLine>,
    /// How many became no row, by reason in the order of appearance.
    pub reasons: Vec<(String, u64)>,
    /// Rows that are too long or too short, by their number of cells.
    pub ragged: BTreeMap<usize, Ragged>,
    /// How many cells were not there in rows that are too short.
    pub n_absent: u64,
    /// The largest number of cells of a row.
    pub most_cells: usize,
    /// Whether a record of any kind has text in the last of the usual cells.
    pub is_last_filled: bool,
    /// Quotes that never close: how many, and the line of the first, from 0.
    pub unclosed: (u64, u64),
    /// Whether there is a line that counts: what stands before the block no longer matters behind it.
    pub has_counted: bool,
    /// Whether the first line that counts would begin a second table, if a blank line stood before it.
    pub may_begin_second_table: bool,
    /// What comes before the record behind the block.
    pub after: Before,
    /// Rows without one of their labels, one more than [`MOST_UNLABELLED`] at most.
    pub unlabelled: Vec<Unlabelled>,
    /// Letters that could not be read.
    pub damage: Damage,
    /// Fingerprint of the bytes from `start` to `end`.
    pub fingerprint: u64,
}

impl Block {
    /// Takes the cells out, in as few bytes as they need. They travel beside the rest, to be put back into [`Block::packed`].
    pub fn pack(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.columns.iter_mut().for_each(|column| column.pack(&mut bytes));
        bytes
    }
}

/// A record of a text.
#[derive(Clone, Copy)]
struct Record<'a> {
    text: &'a str,
    cells: &'a [Span],
    may_be_total: bool,
}

impl<'a> Record<'a> {
    fn cell(self, column: usize) -> Cow<'a, str> {
        self.cells.get(column).map_or(Cow::Borrowed(""), |c| c.cell(self.text))
    }

    fn iter(self) -> impl Iterator<Item = Cow<'a, str>> {
        self.cells.iter().map(move |c| c.cell(self.text))
    }
}

/// Reads one record after the other.
struct Records<'a> {
    text: &'a str,
    dialect: Dialect,
    scanner: Scanner<'a>,
    cells: Vec<Span>,
    /// Whether a cell of the record begins as the word "total" might.
    may_be_total: bool,
    n_stray: u64,
    /// The line of the last stray quote within its record.
    stray_line: u32,
}

/// Where a record ended.
struct End {
    next: usize,
    n_lines: u32,
    /// It ran into the end of the text.
    is_open: bool,
}

impl<'a> Records<'a> {
    fn new(text: &'a str, dialect: Dialect, at: usize) -> Self {
        Self {
            text,
            dialect,
            scanner: Scanner::new(text.as_bytes(), dialect.delimiter, at),
            cells: Vec::new(),
            may_be_total: false,
            n_stray: 0,
            stray_line: 0,
        }
    }

    /// The record read last.
    fn record(&self) -> Record<'_> {
        Record { text: self.text, cells: &self.cells, may_be_total: self.may_be_total }
    }

    /// Reads the record at `at` into `cells`.
    #[inline]
    fn read(&mut self, mut at: usize, is_end: bool) -> End {
        let bytes = self.text.as_bytes();
        self.cells.clear();
        self.may_be_total = false;
        let mut n_lines = 1;
        loop {
            let begin = bytes.get(at).copied();
            let end = if begin == Some(self.dialect.quote) {
                match tokens::quoted(bytes, at, self.dialect) {
                    Quoted::Cell { span, next, n_newlines } => {
                        self.may_be_total |= begins_as_total(bytes.get(span.start as usize).copied());
                        self.cells.push(span);
                        n_lines += n_newlines;
                        self.scanner.seek(next);
                        self.scanner.next_end()
                    }
                    // It may close in what was not read yet.
                    Quoted::Unended if !is_end => return End { next: bytes.len(), n_lines, is_open: true },
                    Quoted::Stray | Quoted::Unended => {
                        // Of several in one record the first is told.
                        let is_stray = |b: &[u8]| b.first() == Some(&self.dialect.quote);
                        if !self.cells.iter().any(|c| c.bytes(bytes).is_some_and(is_stray)) {
                            self.stray_line = n_lines - 1;
                        }
                        self.n_stray += 1;
                        self.may_be_total |= begins_as_total(begin);
                        let end = self.scanner.next_end();
                        self.cells.push(Span::plain(at, end));
                        end
                    }
                }
            } else {
                let end = self.scanner.next_end();
                self.may_be_total |= begins_as_total(begin);
                self.cells.push(Span::plain(at, end));
                end
            };
            match bytes.get(end) {
                Some(&b) if b == self.dialect.delimiter => at = end + 1,
                Some(b'\r') => {
                    let has_feed = bytes.get(end + 1) == Some(&b'\n');
                    if has_feed {
                        self.scanner.seek(end + 2);
                    }
                    let next = end + 1 + usize::from(has_feed);
                    return End { next, n_lines, is_open: end + 1 == bytes.len() };
                }
                Some(_) => return End { next: end + 1, n_lines, is_open: false },
                None => return End { next: end, n_lines, is_open: true },
            }
        }
    }
}

/// First bytes of cells that may belong to the word "total", or hide it.
const MAY_BE_TOTAL: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = byte <= b' ' as usize || byte >= 0x7f;
        byte += 1;
    }
    table[b'"' as usize] = true;
    table[b't' as usize] = true;
    table[b'T' as usize] = true;
    table[b'g' as usize] = true;
    table[b'G' as usize] = true;
    table
};

#[inline]
fn begins_as_total(byte: Option<u8>) -> bool {
    byte.is_some_and(|b| MAY_BE_TOTAL[b as usize])
}

/// Reads a block; `bytes` are those of the file from `task.from` to `task.to`.
pub fn read(plan: &Plan, task: &BlockTask, bytes: &[u8]) -> Block {
    let mut block = Block {
        task: *task,
        is_whole: true,
        first: 0,
        next: 0,
        n_rows: 0,
        n_lines: 0,
        columns: Vec::new(),
        packed: Vec::new(),
        jumps: Vec::new(),
        skipped: Vec::new(),
        reasons: Vec::new(),
        ragged: BTreeMap::new(),
        n_absent: 0,
        most_cells: 0,
        is_last_filled: false,
        unclosed: (0, 0),
        has_counted: false,
        may_begin_second_table: false,
        after: task.before,
        unlabelled: Vec::new(),
        damage: Damage::default(),
        fingerprint: 0,
    };
    let place =
        |at: u64| usize::try_from(at.saturating_sub(task.from)).unwrap_or(usize::MAX).min(bytes.len());
    block.fingerprint = fingerprint(bytes.get(place(task.start)..place(task.end)).unwrap_or_default());
    let is_end = task.to >= plan.n_bytes;
    let begin = match task.begin {
        Begin::At(at) => Some(place(at)),
        Begin::Guess => guess(plan, bytes, place(task.start), is_end),
    };
    let Some(begin) = begin else {
        // No line ends here: whatever starts the next block started before this one.
        (block.first, block.next) = (u64::MAX, u64::MAX);
        return block;
    };
    let bytes = &bytes[begin..];
    block.first = task.from + begin as u64;
    let limit = place(task.end).saturating_sub(begin);
    let clean = plan.coding.clean(bytes, is_end);
    let text = clean.text.as_ref();
    let mut reading = Reading::new(plan, &mut block, limit);
    let mut records = Records::new(text, plan.dialect, 0);
    let mut at = 0;
    let is_as_is = matches!(clean.text, Cow::Borrowed(_));
    while at < text.len() {
        let raw = if is_as_is { at } else { clean.raw(at) };
        if raw >= limit {
            break;
        }
        let n_stray = records.n_stray;
        let end = records.read(at, is_end);
        if end.is_open && !is_end {
            reading.block.is_whole = false;
            return block;
        }
        if records.n_stray > n_stray {
            if reading.block.unclosed.0 == 0 {
                reading.block.unclosed.1 = reading.block.n_lines + u64::from(records.stray_line);
            }
            reading.block.unclosed.0 += records.n_stray - n_stray;
        }
        reading.take(records.record(), raw);
        if reading.block.n_absent > most_absent(plan.n_bytes) {
            // The file is refused; the rest of it need not be held.
            break;
        }
        reading.block.n_lines += u64::from(end.n_lines);
        at = end.next;
    }
    let Reading { mut columns, .. } = reading;
    columns.iter_mut().for_each(Held::count);
    block.columns = columns;
    block.next = block.first + clean.raw(at) as u64;
    block.damage = clean.damage(bytes, at, &plan.coding, is_end);
    block
}

/// The cells of every record, trimmed; `None` where a quote does not close properly.
pub fn records(text: &str, delimiter: u8, quote: Quote) -> Option<Vec<Vec<String>>> {
    let mut records = Records::new(text, Dialect::new(delimiter, quote), 0);
    let (mut at, mut all) = (0, Vec::new());
    while at < text.len() {
        at = records.read(at, true).next;
        all.push(records.record().iter().map(Cow::into_owned).collect());
    }
    (records.n_stray == 0).then_some(all)
}

/// Where the first record of a block most likely begins.
fn guess(plan: &Plan, bytes: &[u8], start: usize, is_end: bool) -> Option<usize> {
    let unit = plan.coding.unit();
    let mut at = plan.coding.line_start(bytes, start.saturating_sub(unit))?;
    if !plan.has_quoted_newlines {
        return Some(at);
    }
    let first = at;
    // Inside a quoted cell the next records have other numbers of cells.
    for _ in 0..64 {
        let window = bytes.get(at..bytes.len().min(at + TAIL as usize)).unwrap_or_default();
        let clean = plan.coding.clean(window, is_end && at + window.len() == bytes.len());
        let mut records = Records::new(&clean.text, plan.dialect, 0);
        let mut next = 0;
        let mut is_usual = true;
        for _ in 0..4 {
            let end = records.read(next, is_end);
            if end.is_open {
                break;
            }
            is_usual &= records.cells.len() == plan.width && records.n_stray == 0;
            next = end.next;
        }
        if is_usual {
            return Some(at);
        }
        match plan.coding.line_start(bytes, at) {
            Some(further) => at = further,
            None => break,
        }
    }
    Some(first)
}

/// Sorts the records of a block.
struct Reading<'a> {
    plan: &'a Plan,
    block: &'a mut Block,
    columns: Vec<Held>,
    from: u64,
    is_first: bool,
    /// Line of the last row.
    last_line: u64,
}

impl<'a> Reading<'a> {
    fn new(plan: &'a Plan, block: &'a mut Block, n_bytes: usize) -> Self {
        // Rows are rarely shorter than three bytes a cell.
        let n_rows = (n_bytes / (3 * plan.width.max(plan.forms.len()).max(4))).min(n_bytes / 24 + 16);
        let from = block.first;
        Self {
            plan,
            block,
            columns: plan.forms.iter().map(|&form| Held::new(form, n_rows)).collect(),
            from,
            is_first: true,
            last_line: 0,
        }
    }

    fn missing(&self) -> Missing<'a> {
        Missing(self.plan.missing.as_deref())
    }

    #[inline]
    fn take(&mut self, record: Record<'_>, raw: usize) {
        let plan = self.plan;
        let at = self.from + raw as u64;
        if !plan.passed_at.is_empty() && plan.passed_at.binary_search(&at).is_ok() {
            return;
        }
        match self.no_row(record, at) {
            Some(reason) if !self.keeps(reason, at) => self.skip(record, reason),
            _ => self.row(record, at),
        }
    }

    /// Whether the user says that a line that would be skipped is a row.
    #[cold]
    fn keeps(&self, reason: &str, at: u64) -> bool {
        let plan = self.plan;
        let line = self.block.task.line.map(|before| before + self.block.n_lines + 1);
        plan.kept_at.binary_search(&at).is_ok()
            || line.is_some_and(|line| plan.kept_lines.binary_search(&line).is_ok())
            || plan.kept_reasons.iter().any(|r| r == reason)
    }

    /// Why a record is no row, if it is none. What comes before the next one changes with it.
    #[inline]
    fn no_row(&mut self, record: Record<'_>, at: u64) -> Option<&'static str> {
        let n_cells = record.cells.len();
        let width = self.plan.width;
        // Most first cells are bare: nothing about them needs a closer look.
        let bytes = record.text.as_bytes();
        let bare = record.cells.first().and_then(|c| c.bytes(bytes)).and_then(<[u8]>::first);
        let is_bare = bare.is_some_and(|&b| is_bare(b) && b != b'#');
        let first = if is_bare { Cow::Borrowed("x") } else { record.cell(0) };
        if n_cells >= width && !self.block.is_last_filled {
            self.block.is_last_filled = !record.cell(width.wrapping_sub(1)).is_empty();
        }
        if first.is_empty() && record.iter().all(|c| c.is_empty()) {
            self.block.after.is_blank = true;
            return Some("blank");
        }
        if self.block.after.is_second_table {
            return Some("second table");
        }
        if width > 1 && n_cells != width && layout::is_comment(&first) {
            return Some("comment");
        }
        let header = &self.plan.header;
        if n_cells > 1
            && n_cells == header.len()
            && header
                .first()
                .is_some_and(|h| bare.is_none_or(|b| !is_bare || h.as_bytes().first() == Some(b)))
            && record.iter().eq(header.iter().map(|h| Cow::Borrowed(h.as_str())))
        {
            return Some("repeated header");
        }
        if self.is_first || self.block.after.is_blank {
            let may_begin = self.may_begin_table(record);
            if std::mem::take(&mut self.is_first) {
                self.block.has_counted = true;
                self.block.may_begin_second_table = may_begin;
            }
            if self.block.after.is_blank && self.block.after.has_rows && may_begin {
                self.block.after.is_second_table = true;
                return Some("second table");
            }
        }
        self.block.after.is_blank = false;
        if width > 1 {
            let may_be_total = record.may_be_total
                || bare.is_none_or(|&b| matches!(b, b's' | b'S' | b'j' | b'J' | b'z' | b'Z'));
            if may_be_total && let Some(reason) = layout::sums(record.iter()) {
                return Some(reason);
            }
        }
        if !self.plan.totals_at.is_empty()
            && let Ok(i) = self.plan.totals_at.binary_search_by_key(&at, |t| t.0)
        {
            let is_part = self.plan.totals_at.get(i).is_some_and(|t| t.1);
            return Some(if is_part { layout::SUBTOTAL } else { layout::TOTAL });
        }
        if !self.plan.subtotals.is_empty() {
            let label = record.cell(0);
            if self.plan.subtotals.binary_search_by(|known| known.as_str().cmp(&label)).is_ok() {
                return Some(layout::SUBTOTAL);
            }
        }
        None
    }

    /// Whether a record behind a blank line would begin another table: names, in another number of columns, or in as many
    /// where the rows have numbers.
    fn may_begin_table(&self, record: Record<'_>) -> bool {
        if self.plan.width < 2 || layout::is_data(record.iter()) {
            return false;
        }
        if record.cells.len() != self.plan.forms.len() {
            return true;
        }
        let mut names: Vec<Cow<'_, str>> = record.iter().collect();
        // Spreadsheets fill the lines of a narrower table up.
        while names.len() > 2 && names.last().is_some_and(|c| c.is_empty()) {
            names.pop();
        }
        names.order_by(|a, b| a.cmp(b));
        self.plan.has_numbers
            && names.iter().all(|c| !self.missing().has(c))
            && names.windows(2).all(|w| w[0] != w[1])
    }

    #[cold]
    fn skip(&mut self, record: Record<'_>, reason: &str) {
        let block = &mut *self.block;
        let n = match block.reasons.iter_mut().find(|(r, _)| r == reason) {
            Some((_, n)) => n,
            None => {
                block.reasons.push((reason.to_owned(), 0));
                let Some((_, n)) = block.reasons.last_mut() else { return };
                n
            }
        };
        *n += 1;
        if *n <= MOST_LISTED {
            block.skipped.push(SkippedLine {
                line: block.n_lines,
                reason: reason.to_owned(),
                text: tokens::whole(record.iter(), self.plan.dialect.delimiter as char),
            });
        }
    }

    #[inline]
    fn row(&mut self, record: Record<'_>, at: u64) {
        let n_cells = record.cells.len();
        let row = self.block.n_rows;
        let line = self.block.n_lines;
        self.block.after.has_rows = true;
        self.block.most_cells = self.block.most_cells.max(n_cells);
        if n_cells != self.plan.forms.len() {
            self.ragged(record);
        }
        if row == 0 && line > 0 || row > 0 && line != self.last_line + 1 {
            self.block.jumps.push((row as u32, line as u32));
        }
        self.last_line = line;
        let missing = self.missing();
        let is_unlabelled = |&column: &u32| {
            let cell = record.cells.get(column as usize);
            cell.is_none_or(|c| match c.bytes(record.text.as_bytes()) {
                // Anything longer than a few letters says something, unless the user says otherwise.
                Some(b) if b.len() > 7 && self.plan.missing.is_none() => false,
                _ => missing.has(&c.cell(record.text)),
            })
        };
        if self.block.unlabelled.len() <= MOST_UNLABELLED && self.plan.labels.iter().any(is_unlabelled) {
            self.block.unlabelled.push(Unlabelled { at, row: row as u32 });
        }
        let bytes = record.text.as_bytes();
        for (column, held) in self.columns.iter_mut().enumerate() {
            let Some(&span) = record.cells.get(column) else {
                push(held, b"");
                continue;
            };
            // Most cells are bare: nothing to resolve, nothing to trim.
            match span.bytes(bytes) {
                Some([]) => push(held, b""),
                Some(cell) if is_bare(cell[0]) && is_bare(cell[cell.len() - 1]) => push(held, cell),
                _ => push(held, span.cell(record.text).as_bytes()),
            }
        }
        self.block.n_rows += 1;
    }

    #[cold]
    fn ragged(&mut self, record: Record<'_>) {
        let expected = self.plan.forms.len();
        let n_cells = record.cells.len();
        self.block.n_absent += expected.saturating_sub(n_cells) as u64;
        let delimiter = self.plan.dialect.delimiter as char;
        let extra: Vec<String> =
            (expected..n_cells).map(|c| record.cell(c).into_owned()).filter(|c| !c.is_empty()).collect();
        // Delimiters without text behind the last column hold nothing to lose.
        if n_cells > expected && extra.is_empty() {
            return;
        }
        let (row, line) = (self.block.n_rows, self.block.n_lines);
        let seen = self.block.ragged.entry(n_cells).or_insert_with(|| Ragged {
            count: 0,
            row,
            line,
            text: if extra.is_empty() {
                quoted(&tokens::whole(record.iter(), delimiter))
            } else {
                quoted(&extra.join(&delimiter.to_string()))
            },
        });
        seen.count += 1;
    }
}

/// Whether a byte at the edge of a cell is no white space and no part of one.
#[inline]
fn is_bare(byte: u8) -> bool {
    byte > b' ' && byte < 0x7f
}

// Called for every cell: compiled for size it would stay a call.
#[inline(always)]
fn push(held: &mut Held, cell: &[u8]) {
    match held {
        Held::Numbers(numbers) => numbers.push(cell),
        Held::Texts(texts) => texts.push(cell),
        Held::Skip => {}
    }
}

/// FNV-1a of some bytes, the next step from `hash`.
pub fn fnv(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

/// Where FNV-1a begins.
pub const FNV_START: u64 = 0xcbf2_9ce4_8422_2325;

/// A fingerprint of a block: FNV-1a over words of eight bytes in four strands, which is eight times as fast.
pub fn fingerprint(bytes: &[u8]) -> u64 {
    let mut strands = [0_u64, 1, 2, 3].map(|i| FNV_START ^ i);
    let step = |hash: u64, word: u64| (hash ^ word).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(29);
    let (parts, rest) = bytes.as_chunks::<32>();
    for part in parts {
        let (words, _) = part.as_chunks::<8>();
        for (strand, word) in strands.iter_mut().zip(words) {
            *strand = step(*strand, u64::from_le_bytes(*word));
        }
    }
    fnv(strands.iter().fold(bytes.len() as u64, |hash, &strand| step(hash, strand)), rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_byte_changes_the_fingerprint() {
        let bytes: Vec<u8> = (0..100_u8).collect();
        let whole = fingerprint(&bytes);
        for i in 0..bytes.len() {
            let mut other = bytes.clone();
            other[i] ^= 0x80;
            assert_ne!(fingerprint(&other), whole, "{i}");
        }
        assert_ne!(fingerprint(&bytes[..99]), whole);
    }
}
