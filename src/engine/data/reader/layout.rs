//! What each line of the file is: header, data, or something around them that is put on the receipt.

use std::borrow::Cow;

use super::{
    ReadOptions,
    dialect::usual_width,
    tokens::Tokens,
    types::{self, Decimal},
};
use crate::engine::{data::summary::SkippedLine, words::quoted};

/// How far down a header is looked for.
const MOST_ABOVE: usize = 50;

/// What stands above the rows of a file.
pub struct Layout {
    /// Names as in the file; empty ones where there is no header.
    pub headers: Vec<String>,
    /// Cells of the header as written; empty when there is none.
    pub header: Vec<String>,
    /// The line of the header, from 1.
    pub header_line: Option<u64>,
    /// The record the rows begin with.
    pub start: usize,
    /// Records behind it that are no rows: the header and lines above it, where a line above them was brought back.
    pub passed: Vec<usize>,
    /// Records that are rows because the user says so.
    pub kept: Vec<usize>,
    /// The usual number of cells.
    pub width: usize,
    /// The last column is there because every row ends in a delimiter: it must stay empty.
    pub is_trailing: bool,
    /// Whether the first rows below the names have numbers or dates.
    pub has_numbers: bool,
    /// Lines that became no row.
    pub skipped: Vec<SkippedLine>,
    /// Lines above the header.
    pub above: Vec<String>,
}

impl Layout {
    /// Looks at the first records of a file. `may_trail`: whether an empty cell behind every row can be the mark of a
    /// delimiter at its end.
    pub fn of(
        tokens: &Tokens<'_>,
        delimiter: char,
        is_announced: bool,
        options: &ReadOptions,
        may_trail: bool,
    ) -> Self {
        let n = tokens.n_records();
        // The record that the user says holds the names, or the first behind that line.
        let named = options.header_line.and_then(|line| (0..n).find(|&r| tokens.line(r) >= line));
        let has_header = options.has_header.or(named.map(|_| true));
        let (mut kept, mut passed) = (Vec::new(), Vec::new());
        let (width, _) = usual_width(tokens);
        let mut skipped = Vec::new();
        let mut above = Vec::new();
        let mut start = 0;
        // The first record that is wide enough to be a header.
        let is_comment =
            |r: usize| is_comment(&tokens.cell(r, 0)) && (tokens.n_cells(r) != width || width == 1);
        let filled = |r: usize| tokens.record(r).filter(|c| !c.is_empty()).count();
        let is_above = |r: usize| {
            width > 1 && filled(r) <= (width / 3).max(1) && tokens.n_cells(r) != width
                // A short line right before rows of its own kind is no title.
                && (width > 2
                    || r + 1 < n && tokens.n_cells(r + 1) == width && !is_data(tokens.record(r + 1)))
        };
        let looks_further = (0..n.min(MOST_ABOVE)).any(|r| tokens.n_cells(r) == width);
        while start < n {
            let reason = if named.is_some_and(|named| start < named) {
                if tokens.is_blank(start) { "blank" } else { "preamble" }
            } else if named == Some(start) {
                break;
            } else if start == 0 && is_announced {
                "preamble"
            } else if tokens.is_blank(start) {
                "blank"
            } else if is_comment(start) {
                "comment"
            } else if looks_further && start < MOST_ABOVE && is_above(start) {
                "preamble"
            } else {
                break;
            };
            if reason != "blank" {
                above.push(quoted(&tokens.whole(start, delimiter)));
            }
            if options.keeps(tokens.line(start), reason) {
                kept.push(start);
            } else {
                skipped.push(SkippedLine {
                    line: tokens.line(start),
                    reason: reason.to_owned(),
                    text: tokens.whole(start, delimiter),
                });
                passed.push(start);
            }
            start += 1;
        }
        let is_header = start < n
            && has_header.unwrap_or_else(|| !is_data(tokens.record(start)) && !recurs(tokens, start));
        let mut headers: Vec<String> = if is_header {
            tokens.record(start).map(|c| c.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
        } else {
            vec![String::new(); width]
        };
        let header_line = is_header.then(|| tokens.line(start));
        let header =
            if is_header { tokens.record(start).map(|c| c.into_owned()).collect() } else { Vec::new() };
        let mut is_trailing = false;
        if is_header {
            passed.push(start);
            start += 1;
            // Every row has one cell more than the header: row names at the left, or a delimiter at the end of each row.
            let rows = start..n.min(start + 100);
            let n_usual = rows.clone().filter(|&r| tokens.n_cells(r) == width).count();
            if width == headers.len() + 1 && rows.len() > 1 && 10 * n_usual >= 9 * rows.len() {
                is_trailing = may_trail
                    && (start..n).all(|r| tokens.n_cells(r) < width || tokens.cell(r, width - 1).is_empty());
                if is_trailing {
                    headers.push(String::new());
                } else {
                    headers.insert(0, String::new());
                }
            }
        }
        let mut first_rows = (start..n).take_while(|&r| !tokens.is_blank(r)).take(3).peekable();
        let has_numbers =
            is_header && first_rows.peek().is_some() && first_rows.all(|r| is_data(tokens.record(r)));
        let start = kept.first().copied().unwrap_or(start);
        passed.retain(|&record| record > start);
        Self {
            headers,
            header,
            header_line,
            start,
            passed,
            kept,
            width,
            is_trailing,
            has_numbers,
            skipped,
            above,
        }
    }
}

/// Whether a line that begins with this cell and has another number of cells than usual is a comment. "#1001" is an order.
pub fn is_comment(first: &str) -> bool {
    first.strip_prefix('#').is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// Whether a record holds a number or a date, which names of columns do not.
pub fn is_data<'c>(record: impl Iterator<Item = Cow<'c, str>>) -> bool {
    let mut has_year_only = true;
    let mut n_values = 0;
    let mut n_filled = 0;
    for cell in record {
        if types::is_missing(&cell) {
            continue;
        }
        n_filled += 1;
        let is_number =
            types::number(&cell, Decimal::Point).is_some() || types::number(&cell, Decimal::Comma).is_some();
        if is_number || types::date(&cell, false).is_some() {
            n_values += 1;
            has_year_only &= cell.len() == 4 && cell.parse::<u32>().is_ok_and(|y| (1900..=2100).contains(&y));
        }
    }
    // Years can be names, beside a name in words.
    n_values > 0 && !(has_year_only && n_values < n_filled && n_values > 1)
}

/// Whether the words of the first record come back below in their own columns, as values do and names do not.
fn recurs(tokens: &Tokens<'_>, first: usize) -> bool {
    let n = tokens.n_records().min(first + 200);
    if n < first + 3 {
        return false;
    }
    let width = tokens.n_cells(first);
    let mut n_recurring = 0;
    // Names behind a blank line are those of another table.
    let is_value =
        |r: &usize| !same(tokens, *r, first) && (!tokens.is_blank(r - 1) || is_data(tokens.record(*r)));
    for column in 0..width.min(50) {
        let name = tokens.cell(first, column);
        let comes_back = (first + 1..n).any(|r| tokens.cell(r, column) == name && is_value(&r));
        n_recurring += usize::from(!name.is_empty() && comes_back);
    }
    2 * n_recurring > width.min(50)
}

fn same(tokens: &Tokens<'_>, a: usize, b: usize) -> bool {
    tokens.cell(a, 0) == tokens.cell(b, 0) && tokens.record(a).eq(tokens.record(b))
}

/// Words that name a row of sums, in lower case without accents: English, German, French, Spanish, Portuguese, Indonesian.
const TOTALS: [&str; 15] = [
    "grand total",
    "totals",
    "total general",
    "total geral",
    "total keseluruhan",
    "totales",
    "totais",
    "total",
    "gesamtsumme",
    "gesamtergebnis",
    "gesamt",
    "summe",
    "jumlah total",
    "jumlah",
    "sum",
];

/// Words that a row of sums of some rows begins with.
const SUBTOTALS: [&str; 7] =
    ["subtotal", "sub-total", "sub total", "sous-total", "sous total", "zwischensumme", "teilsumme"];

/// First letters of [`TOTALS`] and [`SUBTOTALS`].
const TOTAL_LETTERS: [u8; 10] = *b"tTgGsSjJzZ";

/// Whether a record sums up others, as a reason to skip it: its first words are "Total", "Grand total", "Total: …", "Gesamt: …"
/// or "Total of 40 results"; "Subtotal …" sums up some.
pub fn sums<'c>(record: impl Iterator<Item = Cow<'c, str>>) -> Option<&'static str> {
    let mut is_first = true;
    for cell in record {
        let Some(&letter) = cell.as_bytes().first() else { continue };
        if is_first
            && TOTAL_LETTERS.contains(&letter)
            && cell.len() < 100
            && let Some(reason) = reason_of_label(&cell)
        {
            return Some(reason);
        }
        if cell.len() == "grand total".len() && cell.eq_ignore_ascii_case("grand total") {
            return Some(TOTAL);
        }
        is_first = false;
    }
    None
}

/// Why a row of sums is skipped.
pub const TOTAL: &str = "total row";
/// Why a row that sums up some rows is skipped.
pub const SUBTOTAL: &str = "subtotal row";

fn reason_of_label(cell: &str) -> Option<&'static str> {
    let label = crate::engine::words::without_accents(&cell.to_lowercase());
    let is_word = |rest: &str| !rest.starts_with(char::is_alphanumeric);
    if SUBTOTALS.iter().any(|word| label.strip_prefix(word).is_some_and(is_word)) {
        return Some(SUBTOTAL);
    }
    is_total_label(&label).then_some(TOTAL)
}

fn is_total_label(label: &str) -> bool {
    TOTALS.iter().any(|word| {
        label.strip_prefix(word).is_some_and(|rest| {
            let behind = rest.trim_start();
            let is_digit = |c: char| c.is_ascii_digit();
            // "Total of 40 results", in some languages without a word between.
            let is_count = || {
                let counted = ["of ", "de ", "von ", "dari "].iter().find_map(|of| behind.strip_prefix(of));
                let word = behind.trim_start_matches(is_digit).trim_start();
                counted.is_some_and(|n| n.starts_with(is_digit))
                    || behind.starts_with(is_digit) && super::names::RESULTS.contains(&word)
            };
            behind.is_empty()
                || behind.starts_with(':')
                || behind.starts_with('(')
                || rest.starts_with(" -")
                || rest.len() > behind.len() && is_count()
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_sums_are_told_by_their_first_words() {
        let is = |cells: &[&str]| sums(cells.iter().map(|c| Cow::Borrowed(*c))) == Some(TOTAL);
        for label in [
            "Total",
            "TOTALS",
            "Total: Campaigns",
            "Total (3)",
            "Total - all",
            "Grand Total",
            "grand total: x",
            "Total of 40 results",
            "Total de 40 résultats",
            "Total 40 hasil",
            "Gesamt: Konto",
            "Gesamtsumme",
            "Total\u{a0}: compte",
            "Total général",
            "Totales",
            "Total geral",
            "Jumlah",
        ] {
            assert!(is(&[label, "1"]) && is(&["", label, "1"]), "{label}");
        }
        for label in [
            "Totally new",
            "Total Wine",
            "Total 7",
            "Total de Oro",
            "Summer",
            "Summe der Teile",
            "Jumlah iklan",
            "Gesamtschule",
            "T",
            "",
        ] {
            assert!(!is(&[label, "1"]), "{label}");
        }
        assert!(is(&["a", "1", "Grand total"]) && !is(&["a", "Total"]));
    }
}
