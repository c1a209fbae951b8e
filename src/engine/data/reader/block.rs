//! One block of a file: its records sorted into rows and other lines, its cells held column by column. A pure function of
//! the plan and the bytes, so that it can run anywhere.

use std::{borrow::Cow, collections::BTreeMap};

use serde::{Deserialize, Serialize};

use super::{
    encoding::{Coding, Damage},
    held::{Form, Held},
    layout,
    scan::Scanner,
    tokens::{self, Quoted, Span},
};
use crate::engine::data::summary::SkippedLine;

/// Bytes of a block: small enough to share the work evenly and to hold little besides the columns.
pub const BLOCK: u64 = 2 << 20;

/// Bytes read behind a block, in which its last record must end; more are asked for when it does not.
pub const TAIL: u64 = 64 << 10;

/// How many skipped lines the receipt lists.
pub const MOST_SKIPPED: usize = 1_000;

/// What was decided about a file before its rows are read.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Plan {
    /// How bytes become text.
    pub coding: Coding,
    /// What separates the cells.
    pub delimiter: u8,
    /// The usual number of cells.
    pub width: usize,
    /// Cells of the header as written; empty when there is none.
    pub header: Vec<String>,
    /// How to hold each column.
    pub forms: Vec<Form>,
    /// Cells of the first lines span lines: where a record starts must be looked for with care.
    pub has_quoted_newlines: bool,
    /// A record, by its place in the file, that is a total without the word.
    pub total_at: Option<u64>,
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
    /// The bytes to read: some before it and behind it as well.
    pub from: u64,
    /// One past the last byte to read.
    pub to: u64,
}

/// A row that may be a total without the word.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NamelessRow {
    /// Where its record starts in the file.
    pub at: u64,
    /// Its line, from 0 in the block.
    pub line: u64,
    /// Its row in the block.
    pub row: u32,
    /// Its cells.
    pub cells: Vec<String>,
    /// As it stands in the file.
    pub excerpt: String,
}

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
    /// Rows whose line is not the one behind the line of the row before: row and line, from 0 in the block.
    pub jumps: Vec<(u32, u32)>,
    /// The first lines that became no row, lines from 0.
    pub skipped: Vec<SkippedLine>,
    /// How many became no row, by reason in the order of appearance.
    pub reasons: Vec<(String, u64)>,
    /// Rows that are too long or too short, by their number of cells.
    pub ragged: BTreeMap<usize, Ragged>,
    /// The largest number of cells of a row.
    pub most_cells: usize,
    /// Whether a record of any kind has text in the last of the usual cells.
    pub is_last_filled: bool,
    /// Quotes that never close: how many, and the line of the first, from 0.
    pub unclosed: (u64, u64),
    /// Whether the first line that counts would begin a second table, if a blank line stood before it.
    pub may_begin_second_table: bool,
    /// What comes before the record behind the block.
    pub after: Before,
    /// The first row, if its first cell is empty.
    pub first_row: Option<NamelessRow>,
    /// The last row, if its first cell is empty.
    pub last_row: Option<NamelessRow>,
    /// Letters that could not be read.
    pub damage: Damage,
    /// Fingerprint of the bytes from `start` to `end`.
    pub fingerprint: u64,
}

/// A record of a text.
#[derive(Clone, Copy)]
struct Record<'a> {
    text: &'a str,
    cells: &'a [Span],
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
    delimiter: u8,
    scanner: Scanner<'a>,
    cells: Vec<Span>,
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
    fn new(text: &'a str, delimiter: u8, at: usize) -> Self {
        Self {
            text,
            delimiter,
            scanner: Scanner::new(text.as_bytes(), delimiter, at),
            cells: Vec::new(),
            n_stray: 0,
            stray_line: 0,
        }
    }

    /// Reads the record at `at` into `cells`.
    #[inline]
    fn read(&mut self, mut at: usize, is_end: bool) -> End {
        let bytes = self.text.as_bytes();
        self.cells.clear();
        let mut n_lines = 1;
        loop {
            let end = if bytes.get(at) == Some(&b'"') {
                match tokens::quoted(bytes, at, self.delimiter) {
                    Quoted::Cell { span, next, n_newlines } => {
                        self.cells.push(span);
                        n_lines += n_newlines;
                        self.scanner.seek(next);
                        self.scanner.next_end()
                    }
                    // It may close in what was not read yet.
                    Quoted::Unended if !is_end => return End { next: bytes.len(), n_lines, is_open: true },
                    Quoted::Stray | Quoted::Unended => {
                        // Of several in one record the first is told.
                        if self.cells.iter().all(|c| c.bytes(bytes).is_none_or(|b| b.first() != Some(&b'"')))
                        {
                            self.stray_line = n_lines - 1;
                        }
                        self.n_stray += 1;
                        let end = self.scanner.next_end();
                        self.cells.push(Span::plain(at, end));
                        end
                    }
                }
            } else {
                let end = self.scanner.next_end();
                self.cells.push(Span::plain(at, end));
                end
            };
            match bytes.get(end) {
                Some(&b) if b == self.delimiter => at = end + 1,
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
        jumps: Vec::new(),
        skipped: Vec::new(),
        reasons: Vec::new(),
        ragged: BTreeMap::new(),
        most_cells: 0,
        is_last_filled: false,
        unclosed: (0, 0),
        may_begin_second_table: false,
        after: task.before,
        first_row: None,
        last_row: None,
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
    let mut records = Records::new(text, plan.delimiter, 0);
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
        reading.take(Record { text, cells: &records.cells }, raw);
        reading.block.n_lines += u64::from(end.n_lines);
        at = end.next;
    }
    let Reading { columns, .. } = reading;
    block.columns = columns;
    block.next = block.first + clean.raw(at) as u64;
    block.damage = clean.damage(bytes, at, &plan.coding, is_end);
    block
}

/// The cells of every record, trimmed; `None` where a quote does not close properly.
pub fn records(text: &str, delimiter: u8) -> Option<Vec<Vec<String>>> {
    let mut records = Records::new(text, delimiter, 0);
    let (mut at, mut all) = (0, Vec::new());
    while at < text.len() {
        at = records.read(at, true).next;
        all.push(Record { text, cells: &records.cells }.iter().map(Cow::into_owned).collect());
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
        let mut records = Records::new(&clean.text, plan.delimiter, 0);
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
        let n_rows = (n_bytes / (3 * plan.width.max(4))).min(n_bytes / 24 + 16);
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

    #[inline]
    fn take(&mut self, record: Record<'_>, raw: usize) {
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
            self.skip(record, "blank");
            self.block.after.is_blank = true;
            return;
        }
        if self.block.after.is_second_table {
            self.skip(record, "second table");
            return;
        }
        if width > 1 && n_cells != width && first.starts_with('#') {
            self.skip(record, "comment");
            return;
        }
        let header = &self.plan.header;
        if n_cells > 1
            && n_cells == header.len()
            && header
                .first()
                .is_some_and(|h| bare.is_none_or(|b| !is_bare || h.as_bytes().first() == Some(b)))
            && record.iter().eq(header.iter().map(|h| Cow::Borrowed(h.as_str())))
        {
            self.skip(record, "repeated header");
            return;
        }
        let may_begin = |record: Record<'_>| {
            n_cells != self.plan.forms.len() && width > 1 && !layout::is_data(record.iter())
        };
        if std::mem::take(&mut self.is_first) {
            self.block.may_begin_second_table = may_begin(record);
        }
        if self.block.after.is_blank && self.block.after.has_rows && may_begin(record) {
            self.block.after.is_second_table = true;
            self.skip(record, "second table");
            return;
        }
        self.block.after.is_blank = false;
        if width > 1 {
            let may_be_total = record
                .cells
                .iter()
                .any(|c| bytes.get(c.start as usize).is_some_and(|&b| MAY_BE_TOTAL[b as usize]));
            if may_be_total && layout::is_total(record.iter()) {
                self.skip(record, "total row");
                return;
            }
        }
        if self.plan.total_at == Some(self.from + raw as u64) {
            self.skip(record, "total row");
            return;
        }
        self.row(record, &first, raw);
    }

    fn skip(&mut self, record: Record<'_>, reason: &str) {
        let block = &mut *self.block;
        match block.reasons.iter_mut().find(|(r, _)| r == reason) {
            Some((_, n)) => *n += 1,
            None => block.reasons.push((reason.to_owned(), 1)),
        }
        if block.skipped.len() < MOST_SKIPPED {
            block.skipped.push(SkippedLine {
                line: block.n_lines,
                reason: reason.to_owned(),
                text: tokens::excerpt(record.iter(), self.plan.delimiter as char),
            });
        }
    }

    #[inline]
    fn row(&mut self, record: Record<'_>, first: &str, raw: usize) {
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
        let is_nameless = first.is_empty();
        if is_nameless || self.block.last_row.is_some() {
            let nameless = is_nameless.then(|| NamelessRow {
                at: self.from + raw as u64,
                line,
                row: row as u32,
                cells: record.iter().map(Cow::into_owned).collect(),
                excerpt: tokens::excerpt(record.iter(), self.plan.delimiter as char),
            });
            if row == 0 {
                self.block.first_row.clone_from(&nameless);
            }
            self.block.last_row = nameless;
        }
        let bytes = record.text.as_bytes();
        for (column, held) in self.columns.iter_mut().enumerate() {
            let Some(&span) = record.cells.get(column) else {
                push(held, "");
                continue;
            };
            // Most cells are bare: nothing to resolve, nothing to trim.
            let cell = span.bytes(bytes);
            match cell.map(|c| (c.first(), c.last())) {
                Some((None, _)) => push(held, ""),
                Some((Some(&a), Some(&b))) if is_bare(a) && is_bare(b) => {
                    let (start, end) = span.range();
                    push(held, record.text.get(start..end).unwrap_or_default());
                }
                _ => push(held, &span.cell(record.text)),
            }
        }
        self.block.n_rows += 1;
    }

    #[cold]
    fn ragged(&mut self, record: Record<'_>) {
        let expected = self.plan.forms.len();
        let n_cells = record.cells.len();
        let delimiter = self.plan.delimiter as char;
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
                tokens::excerpt(record.iter(), delimiter)
            } else {
                crate::engine::words::quoted(&extra.join(&delimiter.to_string()))
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

#[inline]
fn push(held: &mut Held, cell: &str) {
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
