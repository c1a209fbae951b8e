//! Splitting text into records of cells: quotes, line ends of every kind, and a quote that never closes.

use std::borrow::Cow;

use super::dialect::Dialect;

/// A cell as a place in the text. Texts are cut long before `u32` ends (see [`LONGEST_QUOTED`] and the size of a block).
#[derive(Debug, Clone, Copy)]
pub struct Span {
    /// Where it starts.
    pub start: u32,
    /// Length; the two top bits say how quotes inside are to be resolved.
    len: u32,
}

/// The cell holds doubled quotes.
const HAS_QUOTES: u32 = 1 << 31;
/// The cell still has its opening quote, and text behind the closing one.
const HAS_TAIL: u32 = 1 << 30;

/// A quote that does not close within this many bytes is an ordinary character: nothing can swallow a whole file.
pub const LONGEST_QUOTED: usize = 1 << 20;

impl Span {
    /// A cell without quotes.
    pub fn plain(start: usize, end: usize) -> Self {
        Self { start: start as u32, len: (end - start) as u32 }
    }

    /// The bytes of a cell whose quotes need no resolving.
    pub fn bytes(self, text: &[u8]) -> Option<&[u8]> {
        if self.len & (HAS_QUOTES | HAS_TAIL) != 0 {
            return None;
        }
        text.get(self.start as usize..self.start as usize + self.len as usize)
    }

    /// First byte and one past the last.
    pub fn range(self) -> (usize, usize) {
        let (start, len) = (self.start as usize, (self.len & !(HAS_QUOTES | HAS_TAIL)) as usize);
        (start, start + len)
    }

    /// The text of the cell, trimmed.
    pub fn cell(self, text: &str) -> Cow<'_, str> {
        let (start, end) = self.range();
        let raw = text.get(start..end).unwrap_or_default();
        if self.len & (HAS_QUOTES | HAS_TAIL) == 0 {
            Cow::Borrowed(raw.trim())
        } else {
            // Behind the opening quote stands the cell, unless text behind the closing one belongs to it as well.
            let has_tail = self.len & HAS_TAIL != 0;
            let opening = if has_tail { Some(start) } else { start.checked_sub(1) };
            let quote = opening.and_then(|at| text.as_bytes().get(at)).map_or('"', |&b| char::from(b));
            Cow::Owned(resolved(raw, quote, has_tail).trim().to_owned())
        }
    }
}

/// The cells of a text, without copying it.
#[derive(Debug)]
pub struct Tokens<'a> {
    text: &'a str,
    cells: Vec<Span>,
    /// For each record, one past its last cell.
    ends: Vec<u32>,
    /// For each record, the line it starts on, from 1.
    lines: Vec<u32>,
    /// For each record, where it starts in the text; at the end, where the next one would.
    starts: Vec<u32>,
    /// Lines on which a quote opened that did not close properly; it was read as an ordinary character.
    pub unclosed: Vec<u64>,
}

impl<'a> Tokens<'a> {
    /// Splits at most `limit` records off the text.
    pub fn split(text: &'a str, dialect: Dialect, limit: usize) -> Self {
        let delimiter = dialect.delimiter;
        let bytes = text.as_bytes();
        let mut tokens = Self {
            text,
            cells: Vec::new(),
            ends: Vec::new(),
            lines: Vec::new(),
            starts: vec![0],
            unclosed: Vec::new(),
        };
        let mut at = 0;
        let mut line = 1_u32;
        while at < bytes.len() && tokens.ends.len() < limit {
            tokens.lines.push(line);
            loop {
                if bytes.get(at) == Some(&dialect.quote) {
                    match quoted(bytes, at, dialect) {
                        Quoted::Cell { span, next, n_newlines } => {
                            tokens.cells.push(span);
                            line += n_newlines;
                            at = next;
                        }
                        Quoted::Stray | Quoted::Unended => {
                            tokens.unclosed.push(u64::from(line));
                            at = tokens.plain(bytes, at, delimiter);
                        }
                    }
                } else {
                    at = tokens.plain(bytes, at, delimiter);
                }
                if bytes.get(at) == Some(&delimiter) {
                    at += 1;
                    continue;
                }
                break;
            }
            // At a line end or at the end of the text.
            match bytes.get(at) {
                Some(b'\r') if bytes.get(at + 1) == Some(&b'\n') => at += 2,
                Some(_) => at += 1,
                None => {}
            }
            line += 1;
            tokens.ends.push(tokens.cells.len() as u32);
            tokens.starts.push(at as u32);
        }
        tokens
    }

    /// Takes an unquoted cell; answers where it ends.
    fn plain(&mut self, bytes: &[u8], start: usize, delimiter: u8) -> usize {
        let n = bytes[start..]
            .iter()
            .position(|&b| b == delimiter || b == b'\n' || b == b'\r')
            .unwrap_or(bytes.len() - start);
        self.cells.push(Span::plain(start, start + n));
        start + n
    }

    /// Number of records.
    pub fn n_records(&self) -> usize {
        self.ends.len()
    }

    /// Number of cells of a record.
    pub fn n_cells(&self, record: usize) -> usize {
        (self.ends[record] - self.first(record)) as usize
    }

    /// The line a record starts on, from 1.
    pub fn line(&self, record: usize) -> u64 {
        u64::from(self.lines[record])
    }

    fn first(&self, record: usize) -> u32 {
        if record == 0 { 0 } else { self.ends[record - 1] }
    }

    /// The text of a cell, trimmed; empty where the record is too short.
    pub fn cell(&self, record: usize, column: usize) -> Cow<'a, str> {
        let index = self.first(record) as usize + column;
        if index >= self.ends[record] as usize {
            return Cow::Borrowed("");
        }
        self.cells[index].cell(self.text)
    }

    /// Where a record starts in the text; for the number of records, where the next one would.
    pub fn start(&self, record: usize) -> usize {
        self.starts[record] as usize
    }

    /// Whether a cell spans lines.
    pub fn has_quoted_newlines(&self) -> bool {
        self.lines.windows(2).any(|w| w[1] > w[0] + 1)
    }

    /// Whether a cell of a record stood in quotes.
    pub fn has_quoted(&self, record: usize, quote: u8) -> bool {
        let cells = self.cells.get(self.first(record) as usize..self.ends[record] as usize);
        let bytes = self.text.as_bytes();
        let before = |span: &Span| (span.start as usize).checked_sub(1).and_then(|at| bytes.get(at));
        cells.unwrap_or_default().iter().any(|span| before(span) == Some(&quote))
    }

    /// All cells of a record.
    pub fn record(&self, record: usize) -> impl Iterator<Item = Cow<'a, str>> + '_ {
        (0..self.n_cells(record)).map(move |c| self.cell(record, c))
    }

    /// Whether every cell of a record is empty.
    pub fn is_blank(&self, record: usize) -> bool {
        self.record(record).all(|c| c.is_empty())
    }

    /// The record as it stands in the file, to the last of [`LINE_CHARS`].
    pub fn whole(&self, record: usize, delimiter: char) -> String {
        whole(self.record(record), delimiter)
    }
}

/// A skipped line is listed with so many characters at most.
pub const LINE_CHARS: usize = 2_000;

/// A record as it stands in the file, to the last of [`LINE_CHARS`].
pub fn whole<'c>(cells: impl Iterator<Item = Cow<'c, str>>, delimiter: char) -> String {
    let mut text = String::new();
    for (i, cell) in cells.enumerate() {
        if i > 0 {
            text.push(delimiter);
        }
        text.push_str(&cell);
        // No character takes more bytes.
        if text.len() > 4 * LINE_CHARS {
            break;
        }
    }
    crate::engine::words::quoted_to(&text, LINE_CHARS)
}

/// What an opening quote turned out to be.
pub enum Quoted {
    /// A cell, and where the delimiter or line end behind it stands.
    Cell {
        /// The cell.
        span: Span,
        /// Where it ends.
        next: usize,
        /// Line ends inside.
        n_newlines: u32,
    },
    /// It closes in the middle of a later line's text, or not within [`LONGEST_QUOTED`]: a stray quote would swallow
    /// whole rows.
    Stray,
    /// The bytes end before it closes.
    Unended,
}

/// Reads the quoted cell that opens at `start`.
pub fn quoted(bytes: &[u8], start: usize, dialect: Dialect) -> Quoted {
    let Dialect { delimiter, quote } = dialect;
    let mut at = start + 1;
    let mut has_quotes = false;
    let mut n_newlines = 0;
    let limit = bytes.len().min(start + LONGEST_QUOTED);
    loop {
        match bytes.get(at).filter(|_| at < limit) {
            None if limit < bytes.len() => return Quoted::Stray,
            None => return Quoted::Unended,
            Some(&b) if b == quote && bytes.get(at + 1) == Some(&quote) => {
                has_quotes = true;
                at += 2;
            }
            Some(&b) if b == quote => break,
            Some(b'\n') => {
                n_newlines += 1;
                at += 1;
            }
            Some(b'\r') => {
                n_newlines += u32::from(bytes.get(at + 1) != Some(&b'\n'));
                at += 1;
            }
            Some(_) => at += 1,
        }
    }
    let is_end = |b: Option<&u8>| b.is_none_or(|&b| b == delimiter || b == b'\n' || b == b'\r');
    if is_end(bytes.get(at + 1)) {
        let len = (at - start - 1) as u32;
        let span = Span { start: start as u32 + 1, len: if has_quotes { len | HAS_QUOTES } else { len } };
        // Inside the quotes only doubled quotes are left to resolve.
        return Quoted::Cell { span, next: at + 1, n_newlines };
    }
    if n_newlines > 0 {
        return Quoted::Stray;
    }
    // Text behind the closing quote belongs to the cell: `"ab"c` is `abc`, as the usual readers have it.
    let tail = bytes[at..]
        .iter()
        .position(|&b| b == delimiter || b == b'\n' || b == b'\r')
        .unwrap_or(bytes.len() - at);
    let span = Span { start: start as u32, len: (at + tail - start) as u32 | HAS_TAIL };
    Quoted::Cell { span, next: at + tail, n_newlines }
}

/// Resolves quotes: doubled ones become one; with a tail the opening and the closing quote go as well.
fn resolved(raw: &str, quote: char, has_tail: bool) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut rest = if has_tail { raw.strip_prefix(quote).unwrap_or(raw) } else { raw };
    while let Some((before, after)) = rest.split_once(quote) {
        out.push_str(before);
        match after.strip_prefix(quote) {
            Some(further) => {
                out.push(quote);
                rest = further;
            }
            None => {
                rest = after;
                break;
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(text: &str) -> Vec<Vec<String>> {
        let tokens = Tokens::split(text, Dialect::COMMA, usize::MAX);
        (0..tokens.n_records()).map(|r| tokens.record(r).map(Cow::into_owned).collect()).collect()
    }

    #[track_caller]
    fn check(text: &str, expected: &[&[&str]]) {
        assert_eq!(records(text), expected);
    }

    #[test]
    fn plain_cells() {
        check("", &[]);
        check("a", &[&["a"]]);
        check("a,b\n", &[&["a", "b"]]);
        check("a,b\n1,2", &[&["a", "b"], &["1", "2"]]);
        check("a,\n,b\n", &[&["a", ""], &["", "b"]]);
        check("a\n\nb\n", &[&["a"], &[""], &["b"]]);
        check(" a , b\n", &[&["a", "b"]]);
    }

    #[test]
    fn every_line_end() {
        let expected: &[&[&str]] = &[&["a", "b"], &["1", "2"]];
        check("a,b\r\n1,2\r\n", expected);
        check("a,b\r1,2\r", expected);
        check("a,b\n1,2\n", expected);
        check("a,b\r1,2", expected);
        check("a,b\r\n\r\n1,2", &[&["a", "b"], &[""], &["1", "2"]]);
    }

    #[test]
    fn quotes() {
        check("\"a\",\"b\"\n", &[&["a", "b"]]);
        check("\"a,b\",c\n", &[&["a,b", "c"]]);
        check("\"a\nb\",c\nd,e", &[&["a\nb", "c"], &["d", "e"]]);
        check("\"a\"\"b\",c", &[&["a\"b", "c"]]);
        check("\"\",\"\"\"\"", &[&["", "\""]]);
        check("\"\"\"a\"\"\",b", &[&["\"a\"", "b"]]);
        check("\"ab\"c,d", &[&["abc", "d"]]);
        check("\"\"c,d", &[&["c", "d"]]);
        check("a\"b,c\"d", &[&["a\"b", "c\"d"]]);
        check("\"\"\"\"\"x\"", &[&["\"\"x"]]);
    }

    #[test]
    fn an_unclosed_quote_loses_nothing() {
        check("a,b\n\"1,2\n3,4\n", &[&["a", "b"], &["\"1", "2"], &["3", "4"]]);
        check("a,b\n1,\"", &[&["a", "b"], &["1", "\""]]);
        let tokens = Tokens::split("a,b\n1,\"2\n3,4", Dialect::COMMA, usize::MAX);
        assert_eq!(tokens.unclosed, [2]);
        assert_eq!(tokens.n_records(), 3);
    }

    #[test]
    fn a_stray_quote_in_the_middle_does_not_swallow_rows() {
        check("a,b\n\"1,2\n3,4\n\"x\",5\n", &[&["a", "b"], &["\"1", "2"], &["3", "4"], &["x", "5"]]);
    }

    #[test]
    fn lines_are_counted_through_quotes() {
        let tokens = Tokens::split("a,b\r\n\"x\r\ny\",2\r\n3,4", Dialect::COMMA, usize::MAX);
        assert_eq!((0..3).map(|r| tokens.line(r)).collect::<Vec<_>>(), [1, 2, 4]);
    }
}
