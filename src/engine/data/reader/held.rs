//! The cells of one column as they are held while a file is read: plain numbers as numbers, everything else as texts
//! held once each. Nothing is decided here, so that nothing has to be undone.

use serde::{Deserialize, Serialize};

use super::{
    packed,
    texts::Texts,
    types::{Decimal, LARGEST, is_missing},
};
use crate::engine::data::column::Dictionary;

/// How the cells of a column are to be held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Form {
    /// Not at all: the column was read before.
    Skip,
    /// Plain numbers with this decimal sign as numbers, other cells as texts.
    Numbers(Decimal),
    /// Every cell as text.
    Texts,
}

/// The cells of a column.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Held {
    /// See [`Form::Skip`].
    Skip,
    /// See [`Form::Numbers`].
    Numbers(Numbers),
    /// See [`Form::Texts`].
    Texts(Codes),
}

/// Numbers, and the texts of the cells that are none.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Numbers {
    /// The decimal sign the numbers were read with.
    pub decimal: Decimal,
    /// One a row; NaN for empty cells and odd ones. Travels beside the rest.
    #[serde(skip)]
    pub values: Vec<f64>,
    /// Rows and texts of the cells that are neither empty nor plain numbers.
    pub odd: Vec<(u32, u32)>,
    /// The texts.
    pub texts: Texts,
    /// How many cells are plain numbers.
    pub n_plain: u64,
    /// How many of them make the decimal sign certain.
    pub n_evidence: u64,
    /// Whether one of them is a number of more than fifteen digits and nothing else.
    pub has_long: bool,
    /// Whether one of them is digits that begin with a zero.
    pub has_leading_zero: bool,
}

/// A text a row.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Codes {
    /// Number of the text, or [`Dictionary::MISSING`] for an empty cell. Travels beside the rest.
    #[serde(skip)]
    pub codes: Vec<u32>,
    /// The texts.
    pub texts: Texts,
    #[serde(skip)]
    last: u32,
    /// How often each text stands in the rows counted, and in which first.
    seen: Vec<(u32, u32)>,
    /// Rows counted, from the first on.
    n_counted: u32,
}

/// A text of a column, how often it stands there and in which row first.
#[derive(Debug, Clone, Copy)]
pub struct Distinct<'a> {
    /// The text, trimmed; never empty.
    pub text: &'a str,
    /// In how many rows.
    pub count: u64,
    /// The first row that has it.
    pub first: u32,
}

impl Held {
    /// Room for about so many rows.
    pub fn new(form: Form, n_rows: usize) -> Self {
        match form {
            Form::Skip => Self::Skip,
            Form::Numbers(decimal) => Self::Numbers(Numbers {
                decimal,
                values: Vec::with_capacity(n_rows),
                odd: Vec::new(),
                texts: Texts::default(),
                n_plain: 0,
                n_evidence: 0,
                has_long: false,
                has_leading_zero: false,
            }),
            Form::Texts => Self::Texts(Codes { codes: Vec::with_capacity(n_rows), ..Codes::default() }),
        }
    }

    /// Adds the cells of the rows that follow. Those of a packed block begin `packed`, which then begins with the next column's.
    pub fn append(&mut self, more: Self, packed: &mut &[u8]) {
        match (self, more) {
            (Self::Numbers(all), Self::Numbers(more)) => {
                let map: Vec<u32> = more.texts.iter().map(|t| all.texts.code(t)).collect();
                let n = all.values.len() as u32;
                all.odd.extend(
                    more.odd.iter().map(|&(r, c)| (r + n, map.get(c as usize).copied().unwrap_or_default())),
                );
                all.values.extend_from_slice(&more.values);
                packed::take_numbers(packed, &mut all.values);
                all.n_plain += more.n_plain;
                all.n_evidence += more.n_evidence;
                all.has_long |= more.has_long;
                all.has_leading_zero |= more.has_leading_zero;
            }
            (Self::Texts(all), Self::Texts(mut more)) => {
                all.count();
                more.count();
                let map: Vec<u32> = more.texts.iter().map(|t| all.texts.code(t)).collect();
                all.seen.resize(all.texts.len(), (0, 0));
                for (&code, &(count, first)) in map.iter().zip(&more.seen) {
                    if let Some(seen) = all.seen.get_mut(code as usize).filter(|_| count > 0) {
                        *seen = (seen.0 + count, if seen.0 == 0 { all.n_counted + first } else { seen.1 });
                    }
                }
                all.n_counted += more.n_counted;
                let mapped = |code: u32| map.get(code as usize).copied().unwrap_or(Dictionary::MISSING);
                all.codes.extend(more.codes.iter().map(|&code| mapped(code)));
                packed::take_codes(packed, mapped, &mut all.codes);
            }
            _ => {}
        }
    }

    /// Moves the cells into bytes, as few a cell as the column needs. [`Held::append`] takes them out again.
    pub fn pack(&mut self, bytes: &mut Vec<u8>) {
        match self {
            Self::Skip => {}
            Self::Numbers(n) => packed::numbers(&std::mem::take(&mut n.values), bytes),
            Self::Texts(t) => packed::codes(&std::mem::take(&mut t.codes), t.texts.len(), bytes),
        }
    }

    /// Counts what was pushed, where that is not done yet: whoever reads a block does it for whoever puts blocks together.
    pub fn count(&mut self) {
        if let Self::Texts(texts) = self {
            texts.count();
        }
    }

    /// The distinct texts in the order of their first appearance.
    pub fn distinct(&self) -> Vec<Distinct<'_>> {
        let (texts, seen) = match self {
            Self::Skip => return Vec::new(),
            Self::Numbers(n) => {
                let mut seen = vec![(0, 0); n.texts.len()];
                n.odd.iter().for_each(|&(row, code)| see(&mut seen, code, row));
                (&n.texts, seen)
            }
            Self::Texts(t) => (&t.texts, t.seen_in_all()),
        };
        let distinct = |(text, (count, first))| Distinct { text, count: u64::from(count), first };
        texts.iter().zip(seen).map(distinct).collect()
    }

    /// The cells of the first rows, each text once.
    pub fn first_rows(&self, n: usize) -> Vec<&str> {
        let distinct = self.distinct();
        distinct.iter().filter(|d| (d.first as usize) < n).map(|d| d.text).collect()
    }

    /// Whether no cell holds anything.
    pub fn is_unfilled(&self) -> bool {
        match self {
            Self::Skip => false,
            Self::Numbers(n) => n.n_plain == 0 && n.odd.is_empty(),
            Self::Texts(t) => t.texts.len() == 0,
        }
    }

    /// Bytes held.
    pub fn n_bytes(&self) -> u64 {
        match self {
            Self::Skip => 0,
            Self::Numbers(n) => (8 * (n.values.capacity() + n.odd.len())) as u64 + n.texts.n_bytes(),
            Self::Texts(t) => (4 * t.codes.capacity() + 8 * t.seen.len()) as u64 + t.texts.n_bytes(),
        }
    }

    /// The sum of all cells, if each is a number with a decimal point or missing.
    pub fn sum(&self) -> Option<f64> {
        use super::types::{NumberCell, number};
        let mut sum = match self {
            Self::Skip => return None,
            Self::Numbers(n) if n.decimal == Decimal::Comma && n.n_evidence > 0 => return None,
            Self::Numbers(n) => n.values.iter().filter(|v| !v.is_nan()).sum(),
            Self::Texts(_) => 0.0,
        };
        for distinct in self.distinct() {
            if !is_missing(distinct.text) {
                match number(distinct.text, Decimal::Point) {
                    Some(NumberCell::Finite(value)) => sum += value * distinct.count as f64,
                    _ => return None,
                }
            }
        }
        Some(sum)
    }
}

impl Numbers {
    /// Takes a trimmed cell, the bytes of a text.
    #[inline(always)]
    pub fn push(&mut self, cell: &[u8]) {
        if cell.is_empty() {
            self.values.push(f64::NAN);
        } else if let Some(plain) = plain(cell, self.decimal) {
            self.values.push(plain.value);
            self.n_plain += 1;
            self.n_evidence += u64::from(plain.is_evidence);
            self.has_leading_zero |= plain.has_leading_zero;
        } else {
            self.push_odd(std::str::from_utf8(cell).unwrap_or_default());
        }
    }

    #[cold]
    fn push_odd(&mut self, cell: &str) {
        let row = self.values.len() as u32;
        // Digits and signs that the short way does not read, such as 1e5 and long fractions, are plain numbers all the same.
        if self.decimal == Decimal::Point
            && cell.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+' | b'e' | b'E'))
            && let Ok(value) = fast_float2::parse::<f64, _>(cell)
            && value.abs() <= LARGEST
        {
            let is_digits = cell.bytes().all(|b| b.is_ascii_digit());
            self.has_long |= is_digits && cell.len() > 15;
            self.has_leading_zero |= is_digits && cell.len() > 1 && cell.starts_with('0');
            self.n_evidence += u64::from(super::types::decimal_evidence(cell) == Some(Decimal::Point));
            self.n_plain += 1;
            self.values.push(value);
            return;
        }
        let code = self.texts.code(cell);
        self.odd.push((row, code));
        self.values.push(f64::NAN);
    }
}

/// Counts a text in a row.
#[inline]
fn see(seen: &mut [(u32, u32)], code: u32, row: u32) {
    if let Some((count, first)) = seen.get_mut(code as usize) {
        if *count == 0 {
            *first = row;
        }
        *count += 1;
    }
}

impl Codes {
    /// How often each text stands there, and in which row first.
    fn seen_in_all(&self) -> Vec<(u32, u32)> {
        let mut seen = self.seen.clone();
        seen.resize(self.texts.len(), (0, 0));
        let rows = self.codes.iter().zip(0..).skip(self.n_counted as usize);
        rows.for_each(|(&code, row)| see(&mut seen, code, row));
        seen
    }

    fn count(&mut self) {
        if (self.n_counted as usize) < self.codes.len() {
            self.seen = self.seen_in_all();
            self.n_counted = self.codes.len() as u32;
        }
    }

    /// Takes a trimmed cell, the bytes of a text.
    #[inline]
    pub fn push(&mut self, cell: &[u8]) {
        let code = if cell.is_empty() {
            Dictionary::MISSING
        } else if self.texts.is(self.last, cell) {
            // Files are mostly sorted by something: the cell above is the likeliest.
            self.last
        } else {
            self.last = self.texts.code_of(cell);
            self.last
        };
        self.codes.push(code);
    }
}

/// A cell of digits, at most one decimal sign between them and a minus before them.
pub struct Plain {
    /// Its value, bit for bit that of `str::parse`.
    pub value: f64,
    is_evidence: bool,
    has_leading_zero: bool,
}

/// Powers of ten that a double holds exactly.
const POWERS: [f64; 16] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// Reads a plain number of at most fifteen digits. Digits and power of ten are then both exact doubles, so that one
/// division rounds once: correctly (Clinger 1990).
#[inline(always)]
pub fn plain(cell: &[u8], decimal: Decimal) -> Option<Plain> {
    let (is_negative, digits) = match cell {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, cell),
    };
    let sign = if decimal == Decimal::Point { b'.' } else { b',' };
    let mut mantissa = 0_u64;
    let mut at = 0;
    while let Some(digit) = digits.get(at).map(|b| b.wrapping_sub(b'0')).filter(|d| *d < 10) {
        mantissa = mantissa.wrapping_mul(10).wrapping_add(u64::from(digit));
        at += 1;
    }
    let n_whole = at;
    if at == digits.len() {
        if !(1..=15).contains(&n_whole) {
            return None;
        }
        let value = mantissa as f64;
        let has_leading_zero = !is_negative && n_whole > 1 && digits[0] == b'0';
        return Some(Plain {
            value: if is_negative { -value } else { value },
            is_evidence: false,
            has_leading_zero,
        });
    }
    if digits.get(at) != Some(&sign) {
        return None;
    }
    at += 1;
    while let Some(digit) = digits.get(at).map(|b| b.wrapping_sub(b'0')).filter(|d| *d < 10) {
        mantissa = mantissa.wrapping_mul(10).wrapping_add(u64::from(digit));
        at += 1;
    }
    let n_fraction = at - n_whole - 1;
    if at != digits.len() || n_fraction == 0 || n_whole + n_fraction > 15 {
        return None;
    }
    // "1.234" reads both ways, but nobody writes a group behind a lone zero.
    let is_doubtful =
        n_fraction == 3 && (1..=3).contains(&n_whole) && !(n_whole == 1 && digits.first() == Some(&b'0'));
    if is_doubtful && decimal == Decimal::Comma {
        return None;
    }
    let value = mantissa as f64 / POWERS.get(n_fraction)?;
    Some(Plain {
        value: if is_negative { -value } else { value },
        is_evidence: !is_doubtful,
        has_leading_zero: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_numbers_have_the_bits_of_the_standard_library() {
        let mut rng = crate::engine::numeric::random::Rng::stream(11, 3);
        let mut n_read = 0;
        for _ in 0..200_000 {
            let n = 1 + rng.below(17);
            let mut text: String = (0..n).map(|_| char::from(b'0' + rng.below(10) as u8)).collect();
            if rng.below(3) > 0 {
                text.insert(rng.below(n + 1) as usize, '.');
            }
            if rng.below(4) == 0 {
                text.insert(0, '-');
            }
            let comma = text.replace('.', ",");
            let expected: f64 = text.parse().unwrap_or(f64::NAN);
            if let Some(read) = plain(text.as_bytes(), Decimal::Point) {
                assert_eq!(read.value.to_bits(), expected.to_bits(), "{text}");
                n_read += 1;
            }
            if let Some(read) = plain(comma.as_bytes(), Decimal::Comma) {
                assert_eq!(read.value.to_bits(), expected.to_bits(), "{comma}");
            }
        }
        assert!(n_read > 100_000, "{n_read}");
        for text in ["", "-", ".", "-.", "1.", "1.2.3", "1e5", "+1", " 1", "1-", "--1", "\u{664}"] {
            assert!(plain(text.as_bytes(), Decimal::Point).is_none(), "{text}");
        }
    }

    #[test]
    fn what_makes_the_decimal_sign_certain_is_counted() {
        for (text, n) in
            [("1.5", 1), ("1.234", 0), ("0.123", 1), ("1234.567", 1), ("12", 0), (".123", 1), ("00.123", 0)]
        {
            let mut held = Numbers::of(Decimal::Point, &[text]);
            held.push(b"");
            assert_eq!((held.n_evidence, held.n_plain, held.values.len()), (n, 1, 2), "{text}");
            let by_rule = super::super::types::decimal_evidence(text) == Some(Decimal::Point);
            assert_eq!(n == 1, by_rule, "{text}");
        }
    }

    impl Numbers {
        fn of(decimal: Decimal, cells: &[&str]) -> Self {
            let Held::Numbers(mut held) = Held::new(Form::Numbers(decimal), 0) else { unreachable!() };
            cells.iter().for_each(|c| held.push(c.as_bytes()));
            held
        }
    }

    #[test]
    fn parts_put_together_are_the_whole() {
        let cells = ["1", "x", "", "--", "2.5", "x", "y", "1e3", "12345678901234567", "x"];
        for cut in 0..=cells.len() {
            for form in [Form::Numbers(Decimal::Point), Form::Texts] {
                let read = |cells: &[&str]| {
                    let mut held = Held::new(form, 0);
                    for cell in cells {
                        match &mut held {
                            Held::Numbers(n) => n.push(cell.as_bytes()),
                            Held::Texts(t) => t.push(cell.as_bytes()),
                            Held::Skip => {}
                        }
                    }
                    held
                };
                let describe = |held: &Held| {
                    let distinct: Vec<_> =
                        held.distinct().iter().map(|d| (d.text.to_owned(), d.count, d.first)).collect();
                    match held {
                        Held::Numbers(n) => format!("{:?} {:?} {distinct:?} {}", n.values, n.odd, n.n_plain),
                        Held::Texts(t) => format!("{:?} {distinct:?}", t.codes),
                        Held::Skip => String::new(),
                    }
                };
                let mut parts = read(&cells[..cut]);
                parts.append(read(&cells[cut..]), &mut [].as_slice());
                assert_eq!(describe(&parts), describe(&read(&cells)), "{cut}");
            }
        }
    }
}
