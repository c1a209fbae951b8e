//! What each line of the file is: header, data, or something around them that is put on the receipt.

use super::{
    dialect::usual_width,
    tokens::Tokens,
    types::{self, Decimal},
};
use crate::engine::data::summary::SkippedLine;

/// How far down a header is looked for.
const MOST_ABOVE: usize = 50;

/// The lines of a file by what they are.
pub struct Layout {
    /// Names as in the file; empty ones where there is no header.
    pub headers: Vec<String>,
    pub header_line: Option<u64>,
    /// Records that are rows.
    pub rows: Vec<u32>,
    pub skipped: Vec<SkippedLine>,
    /// Lines above the header.
    pub above: Vec<String>,
}

impl Layout {
    /// Sorts the records of a file.
    pub fn of(tokens: &Tokens<'_>, delimiter: char, is_announced: bool, has_header: Option<bool>) -> Self {
        let n = tokens.n_records();
        let (width, _) = usual_width(tokens);
        let mut skipped = Vec::new();
        let skip = |record: usize, reason: &str, skipped: &mut Vec<SkippedLine>| {
            skipped.push(SkippedLine {
                line: tokens.line(record),
                reason: reason.to_owned(),
                text: tokens.excerpt(record, delimiter),
            });
        };
        let mut above = Vec::new();
        let mut start = 0;
        // The first record that is wide enough to be a header.
        let is_comment =
            |r: usize| tokens.cell(r, 0).starts_with('#') && (tokens.n_cells(r) != width || width == 1);
        let filled = |r: usize| tokens.record(r).filter(|c| !c.is_empty()).count();
        let is_above = |r: usize| {
            width > 1 && filled(r) <= (width / 3).max(1) && tokens.n_cells(r) != width
                // A short line right before rows of its own kind is no title.
                && (width > 2 || r + 1 < n && tokens.n_cells(r + 1) == width && !is_data(tokens, r + 1))
        };
        let looks_further = (0..n.min(MOST_ABOVE)).any(|r| tokens.n_cells(r) == width);
        while start < n {
            let reason = if start == 0 && is_announced {
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
                above.push(tokens.excerpt(start, delimiter));
            }
            skip(start, reason, &mut skipped);
            start += 1;
        }
        let is_header =
            start < n && has_header.unwrap_or_else(|| !is_data(tokens, start) && !recurs(tokens, start));
        let mut headers: Vec<String> = if is_header {
            tokens.record(start).map(|c| c.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
        } else {
            vec![String::new(); width]
        };
        let header_line = is_header.then(|| tokens.line(start));
        let header_record = start;
        if is_header {
            start += 1;
            // Every row has one cell more than the header: row names at the left, or a delimiter at the end of each row.
            let rows = start..n.min(start + 100);
            let n_usual = rows.clone().filter(|&r| tokens.n_cells(r) == width).count();
            if width == headers.len() + 1 && rows.len() > 1 && 10 * n_usual >= 9 * rows.len() {
                let is_trailing =
                    (start..n).all(|r| tokens.n_cells(r) < width || tokens.cell(r, width - 1).is_empty());
                if is_trailing {
                    headers.push(String::new());
                } else {
                    headers.insert(0, String::new());
                }
            }
        }
        let mut layout =
            Self { headers, header_line, rows: Vec::with_capacity(n.saturating_sub(start)), skipped, above };
        let mut after_blank = false;
        for record in start..n {
            let first = tokens.cell(record, 0);
            if tokens.is_blank(record) {
                skip(record, "blank", &mut layout.skipped);
                after_blank = true;
                continue;
            }
            if first.starts_with('#') && is_comment(record) && width > 1 {
                skip(record, "comment", &mut layout.skipped);
                continue;
            }
            let n_cells = tokens.n_cells(record);
            if is_header
                && n_cells == tokens.n_cells(header_record)
                && n_cells > 1
                && same(tokens, record, header_record)
            {
                skip(record, "repeated header", &mut layout.skipped);
                continue;
            }
            if after_blank
                && !layout.rows.is_empty()
                && n_cells != layout.headers.len()
                && width > 1
                && !is_data(tokens, record)
            {
                for rest in record..n {
                    let reason = if tokens.is_blank(rest) { "blank" } else { "second table" };
                    skip(rest, reason, &mut layout.skipped);
                }
                break;
            }
            after_blank = false;
            if width > 1 && is_total(tokens, record) {
                skip(record, "total row", &mut layout.skipped);
                continue;
            }
            layout.rows.push(record as u32);
        }
        layout.drop_unnamed_total(tokens, delimiter);
        // A delimiter at the end of every row makes no column.
        let width = layout.headers.len();
        if width > 1
            && layout.headers.last().is_some_and(String::is_empty)
            && is_header
            && layout.rows.iter().all(|&r| tokens.cell(r as usize, width - 1).is_empty())
            && layout.rows.iter().all(|&r| tokens.n_cells(r as usize) <= width)
            && !layout.rows.is_empty()
            && tokens.n_cells(header_record) < width
        {
            layout.headers.pop();
        }
        layout
    }
}

impl Layout {
    /// A first or last row without any label whose numbers are the sums of all others is a total without the word.
    fn drop_unnamed_total(&mut self, tokens: &Tokens<'_>, delimiter: char) {
        if self.rows.len() < 3 || self.headers.len() < 2 {
            return;
        }
        for at in [self.rows.len() - 1, 0] {
            let record = self.rows[at] as usize;
            if !tokens.cell(record, 0).is_empty() || !self.is_sum_of_others(tokens, record) {
                continue;
            }
            let skipped = SkippedLine {
                line: tokens.line(record),
                reason: "total row".to_owned(),
                text: tokens.excerpt(record, delimiter),
            };
            let place = self.skipped.partition_point(|s| s.line < skipped.line);
            self.skipped.insert(place, skipped);
            self.rows.remove(at);
            return;
        }
    }

    /// Whether at least two columns of a record hold the sum of the other rows, and no cell holds a word.
    fn is_sum_of_others(&self, tokens: &Tokens<'_>, record: usize) -> bool {
        let number = |r: usize, c: usize| match types::number(&tokens.cell(r, c), Decimal::Point) {
            Some(types::NumberCell::Finite(value)) => Some(value),
            _ => None,
        };
        let mut n_sums = 0;
        for column in 1..self.headers.len() {
            let cell = tokens.cell(record, column);
            if types::is_missing(&cell) {
                continue;
            }
            let Some(total) = number(record, column) else { return false };
            let others = self.rows.iter().map(|&r| r as usize).filter(|&r| r != record);
            let mut sum = 0.0;
            for other in others {
                // The column must have numbers, or nothing, in every row.
                sum += match number(other, column) {
                    Some(value) => value,
                    None if types::is_missing(&tokens.cell(other, column)) => 0.0,
                    None => return false,
                };
            }
            n_sums += usize::from(total > 0.0 && (total - sum).abs() <= 1e-6 * total);
        }
        n_sums >= 2
    }
}

/// Whether a record holds a number or a date, which names of columns do not.
fn is_data(tokens: &Tokens<'_>, record: usize) -> bool {
    let mut has_year_only = true;
    let mut n_values = 0;
    let mut n_filled = 0;
    for cell in tokens.record(record) {
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
    for column in 0..width.min(50) {
        let name = tokens.cell(first, column);
        let comes_back = (first + 1..n).any(|r| tokens.cell(r, column) == name && !same(tokens, r, first));
        n_recurring += usize::from(!name.is_empty() && comes_back);
    }
    2 * n_recurring > width.min(50)
}

fn same(tokens: &Tokens<'_>, a: usize, b: usize) -> bool {
    tokens.cell(a, 0) == tokens.cell(b, 0) && tokens.record(a).eq(tokens.record(b))
}

/// Whether a record sums up others: its first words are "Total", "Grand total" or "Total: …".
fn is_total(tokens: &Tokens<'_>, record: usize) -> bool {
    let mut is_first = true;
    for cell in tokens.record(record) {
        if cell.is_empty() {
            continue;
        }
        if matches!(cell.as_bytes()[0], b't' | b'T' | b'g' | b'G') {
            let lower = cell.to_lowercase();
            if lower == "grand total" {
                return true;
            }
            let rest = lower.strip_prefix("grand ").unwrap_or(&lower);
            if is_first
                && let Some(rest) = rest.strip_prefix("total")
                && (rest.is_empty()
                    || rest == "s"
                    || rest.starts_with([':', '('])
                    || rest.starts_with(" -")
                    || rest.starts_with(" ("))
            {
                return true;
            }
        }
        is_first = false;
    }
    false
}
