//! Finding the delimiter, the one that cuts the first lines into equally many cells, and what cells are quoted with.

use serde::{Deserialize, Serialize};

use super::{layout::is_data, tokens::Tokens};

/// The delimiters tried, the likelier first.
pub const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// How many records are looked at.
const N_RECORDS: usize = 100;

/// What cells that hold a delimiter or a line end stand in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quote {
    /// "a, b"
    Double,
    /// 'a, b'
    Single,
    /// Nothing: quotes are ordinary characters.
    None,
}

impl Quote {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Double, Self::Single, Self::None];

    /// Word on the page.
    pub fn label(self) -> &'static str {
        match self {
            Self::Double => "Double quotes (\")",
            Self::Single => "Single quotes (')",
            Self::None => "Nothing",
        }
    }

    /// Key in recipes and links.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Double => "double",
            Self::Single => "single",
            Self::None => "none",
        }
    }

    /// The quote of a key.
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|q| q.slug() == slug)
    }

    fn byte(self) -> u8 {
        match self {
            Self::Double => b'"',
            Self::Single => b'\'',
            // No text holds this byte.
            Self::None => 0xff,
        }
    }
}

/// What separates cells and what they are quoted with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dialect {
    /// Between cells.
    pub delimiter: u8,
    /// Around cells; 0xff, which no text holds, for nothing.
    pub quote: u8,
}

impl Dialect {
    /// Commas and double quotes.
    #[cfg(test)]
    pub const COMMA: Self = Self { delimiter: b',', quote: b'"' };

    /// Of these two. What separates cells cannot quote them as well.
    pub fn new(delimiter: u8, quote: Quote) -> Self {
        let quote = if quote.byte() == delimiter { Quote::None } else { quote };
        Self { delimiter, quote: quote.byte() }
    }

    /// What cells are quoted with.
    pub fn quote(self) -> Quote {
        Quote::ALL.into_iter().find(|q| q.byte() == self.quote).unwrap_or(Quote::None)
    }

    /// The dialect of a text, where parts of it are not known.
    pub fn of(text: &str, delimiter: Option<u8>, quote: Option<Quote>) -> Self {
        let with = |quote: Quote| Self::new(delimiter.unwrap_or_else(|| self::delimiter(text, quote)), quote);
        match quote {
            Some(quote) => with(quote),
            None if text.contains('\'') && !text.contains('"') => {
                let single = with(Quote::Single);
                if is_quoted(text, single) { single } else { with(Quote::Double) }
            }
            None => with(Quote::Double),
        }
    }
}

/// Whether cells of the text stand in this dialect's quotes throughout: some in most records below the first, and none that
/// does not close.
fn is_quoted(text: &str, dialect: Dialect) -> bool {
    let tokens = Tokens::split(text, dialect, N_RECORDS);
    let n_quoted = (0..tokens.n_records()).filter(|&r| tokens.has_quoted(r, dialect.quote)).count();
    let n_blank = (0..tokens.n_records()).filter(|&r| tokens.is_blank(r)).count();
    // The last of so many records may be cut.
    let n_cut = usize::from(tokens.n_records() < N_RECORDS);
    n_quoted >= 2
        && tokens.unclosed.len() <= n_cut
        && 10 * n_quoted >= 8 * (tokens.n_records() - n_blank).saturating_sub(1)
}

/// The delimiter of a text; for a single column one that cuts no cell.
fn delimiter(text: &str, quote: Quote) -> u8 {
    let split = |delimiter: u8| Tokens::split(text, Dialect::new(delimiter, quote), N_RECORDS);
    let has_commas = usual_width(&split(b',')).0 > 1;
    let mut best = (if has_commas { b';' } else { b',' }, 0.0);
    for candidate in DELIMITERS {
        let score = score(&split(candidate), candidate);
        if score > best.1 {
            best = (candidate, score);
        }
    }
    best.0
}

/// The most frequent number of cells of the first records, blank lines aside, and the share of records that have it. Where
/// that is one, as in a short report with many lines around it, it is that of the table among them.
pub fn usual_width(tokens: &Tokens<'_>) -> (usize, f64) {
    let mut counts: std::collections::BTreeMap<usize, usize> = std::collections::BTreeMap::new();
    let mut n = 0;
    for record in 0..tokens.n_records().min(N_RECORDS) {
        if !tokens.is_blank(record) {
            *counts.entry(tokens.n_cells(record)).or_default() += 1;
            n += 1;
        }
    }
    let is_mixed = counts.len() > 1;
    let best = counts.into_iter().max_by_key(|&(width, count)| (count, width));
    match best {
        Some((1, _)) if is_mixed && let Some(width) = table_among_lines(tokens) => (width, 1.0),
        Some((width, count)) => (width, count as f64 / n as f64),
        None => (0, 0.0),
    }
}

/// The width of a table among lines of one cell: names, and as many values in every record up to a blank line. Texts with a
/// stray comma are none.
fn table_among_lines(tokens: &Tokens<'_>) -> Option<usize> {
    let n = tokens.n_records().min(N_RECORDS);
    (0..n).find_map(|first| {
        let width = tokens.n_cells(first);
        let mut rows = (first + 1..n).take_while(|&r| !tokens.is_blank(r));
        let is_table = width > 1
            && width + rows.clone().count() > 3
            && !is_data(tokens.record(first))
            && rows.all(|r| tokens.n_cells(r) == width && is_data(tokens.record(r)));
        is_table.then_some(width)
    })
}

fn score(tokens: &Tokens<'_>, candidate: u8) -> f64 {
    let (width, share) = usual_width(tokens);
    if width < 2 {
        return 0.0;
    }
    let mut records = (0..tokens.n_records()).filter(|&r| !tokens.is_blank(r));
    let starts_usual = records.clone().next().is_some_and(|r| tokens.n_cells(r) == width);
    // A single column of decimal commas is no table of two columns.
    if candidate == b',' && width == 2 && !starts_usual {
        let is_digits =
            |s: &str| !s.is_empty() && s.trim_start_matches('-').bytes().all(|b| b.is_ascii_digit());
        if records.all(|r| tokens.n_cells(r) != 2 || tokens.record(r).all(|c| is_digits(&c))) {
            return 0.0;
        }
    }
    // The header has the right number of cells too, unless lines stand above it.
    share - if starts_usual { 0.0 } else { 0.15 } + 0.01 * (width.min(10) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: char) {
        assert_eq!(Dialect::of(text, None, None).delimiter as char, expected);
    }

    #[test]
    fn the_delimiter_is_found() {
        check("a,b\n1,2\n", ',');
        check("a;b\n1;2\n", ';');
        check("a\tb\n1\t2\n", '\t');
        check("a|b\n1|2\n", '|');
        check("a\n1\n", ',');
        check("", ',');
    }

    #[test]
    fn commas_inside_cells_do_not_mislead() {
        check("name;spend;rate\nA;1,5;2,5\nB;2,5;3,5\nC;3,5;4,5\n", ';');
        check("name\ttext\nA\tone, two\nB\tone, two, three\nC\tone\n", '\t');
        check("Report\n\"Sep 1, 2026 - Sep 30, 2026\"\nCampaign,Clicks,Cost\nA,1,2\nB,2,3\nC,4,5\n", ',');
        check("a,b\n\"x;y;z\",1\n\"p;q;r\",2\n", ',');
        check("price\n1,5\n2,5\n3,5\n", ';');
    }

    #[test]
    fn single_quotes_are_found_where_cells_stand_in_them() {
        let check = |text: &str, delimiter: char, quote: Quote| {
            let found = Dialect::of(text, None, None);
            assert_eq!((found.delimiter as char, found.quote()), (delimiter, quote), "{text}");
        };
        check("'a','b'\n'1,5','2'\n'x','it''s'\n", ',', Quote::Single);
        check("id;'name'\n1;'x; y'\n2;'z'\n", ';', Quote::Single);
        // Apostrophes of words, and those that keep a spreadsheet from changing a number, quote nothing.
        check("id,zip\n'1,'01234\n'2,'01235\n", ',', Quote::Double);
        check("a,b\nit's,1\nthat's,2\n", ',', Quote::Double);
        check("a,b\n'x',\"y\"\n'x',\"y\"\n", ',', Quote::Double);
    }
}
