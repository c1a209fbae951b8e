//! Finding the delimiter: the one that cuts the first lines into equally many cells.

use super::tokens::Tokens;

/// The delimiters tried, the likelier first.
pub const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// How many records are looked at.
const N_RECORDS: usize = 100;

/// The delimiter of a text; for a single column one that cuts no cell.
pub fn delimiter(text: &str) -> u8 {
    let has_commas = usual_width(&Tokens::split(text, b',', N_RECORDS)).0 > 1;
    let mut best = (if has_commas { b';' } else { b',' }, 0.0);
    for candidate in DELIMITERS {
        let tokens = Tokens::split(text, candidate, N_RECORDS);
        let score = score(&tokens, candidate);
        if score > best.1 {
            best = (candidate, score);
        }
    }
    best.0
}

/// The most frequent number of cells of the first records, blank lines aside, and the share of records that have it.
pub fn usual_width(tokens: &Tokens<'_>) -> (usize, f64) {
    let mut counts: std::collections::BTreeMap<usize, usize> = std::collections::BTreeMap::new();
    let mut n = 0;
    for record in 0..tokens.n_records().min(N_RECORDS) {
        if !tokens.is_blank(record) {
            *counts.entry(tokens.n_cells(record)).or_default() += 1;
            n += 1;
        }
    }
    let best = counts.into_iter().max_by_key(|&(width, count)| (count, width));
    best.map_or((0, 0.0), |(width, count)| (width, count as f64 / n as f64))
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
        assert_eq!(delimiter(text) as char, expected);
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
}
