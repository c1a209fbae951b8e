//! The cells of a column on a journey from worker to worker: in one, two, four or eight bytes each.
//!
//! A column begins with the bytes a cell takes and the number of cells. In one to four bytes the largest number (the smallest
//! of signed ones) stands for no value. Most columns of numbers are small whole ones: they take a third of the bytes, and of
//! the time of copying them.

use crate::engine::data::{column::Dictionary, distinct};

/// Bytes before the cells: their width, then how many there are.
const HEAD: usize = 5;

fn begin(width: u8, n: usize, bytes: &mut Vec<u8>) {
    bytes.push(width);
    bytes.extend_from_slice(&(n as u32).to_le_bytes());
}

/// Adds the cells as chunks of a width.
fn add<T: Copy, const N: usize>(cells: &[T], bytes: &mut Vec<u8>, write: impl Fn(T) -> [u8; N]) {
    begin(N as u8, cells.len(), bytes);
    let start = bytes.len();
    bytes.resize(start + N * cells.len(), 0);
    let (places, _) = bytes[start..].as_chunks_mut::<N>();
    for (place, &cell) in places.iter_mut().zip(cells) {
        *place = write(cell);
    }
}

/// Numbers; NaN is no value.
pub fn numbers(values: &[f64], bytes: &mut Vec<u8>) {
    let spread = distinct::spread(values);
    // As a whole number -0 would lose its sign.
    let is_plain = || !values.iter().any(|v| v.to_bits() == (-0.0_f64).to_bits());
    let within = |low: f64, high: f64| spread.smallest >= low && spread.largest <= high;
    if !spread.is_whole || spread.n_known == 0 || !within(-2e9, 2e9) || !is_plain() {
        add(values, bytes, f64::to_le_bytes);
    } else if within(0.0, 254.0) {
        add(values, bytes, |v| [if v.is_nan() { u8::MAX } else { v as u8 }]);
    } else if within(0.0, 65_534.0) {
        add(values, bytes, |v| if v.is_nan() { u16::MAX } else { v as u16 }.to_le_bytes());
    } else {
        add(values, bytes, |v| if v.is_nan() { i32::MIN } else { v as i32 }.to_le_bytes());
    }
}

/// Numbers of texts below `n`.
pub fn codes(codes: &[u32], n: usize, bytes: &mut Vec<u8>) {
    // What is missing is the largest number in each width.
    match n {
        0..255 => add(codes, bytes, |c| [c as u8]),
        255..65_535 => add(codes, bytes, |c| (c as u16).to_le_bytes()),
        _ => add(codes, bytes, u32::to_le_bytes),
    }
}

/// Width and bytes of the next column.
fn next<'a>(bytes: &mut &'a [u8]) -> (u8, &'a [u8]) {
    let Some((head, rest)) = bytes.split_first_chunk::<HEAD>() else { return (1, &[]) };
    let [width, n @ ..] = *head;
    let n_bytes = usize::from(width) * u32::from_le_bytes(n) as usize;
    let (cells, rest) = rest.split_at(n_bytes.min(rest.len()));
    *bytes = rest;
    (width, cells)
}

/// Adds the numbers of the next column, as they were.
pub fn take_numbers(bytes: &mut &[u8], values: &mut Vec<f64>) {
    let (width, cells) = next(bytes);
    let known = |value: f64, is_known: bool| if is_known { value } else { f64::NAN };
    match width {
        1 => values.extend(cells.iter().map(|&c| known(f64::from(c), c != u8::MAX))),
        2 => {
            let cells = cells.as_chunks::<2>().0.iter().map(|&c| u16::from_le_bytes(c));
            values.extend(cells.map(|c| known(f64::from(c), c != u16::MAX)));
        }
        4 => {
            let cells = cells.as_chunks::<4>().0.iter().map(|&c| i32::from_le_bytes(c));
            values.extend(cells.map(|c| known(f64::from(c), c != i32::MIN)));
        }
        _ => values.extend(cells.as_chunks::<8>().0.iter().map(|&c| f64::from_le_bytes(c))),
    }
}

/// Adds the numbers of texts of the next column, as `mapped` makes them of what they were.
pub fn take_codes(bytes: &mut &[u8], mapped: impl Fn(u32) -> u32, codes: &mut Vec<u32>) {
    let (width, cells) = next(bytes);
    let known = |code: u32, is_known: bool| if is_known { mapped(code) } else { Dictionary::MISSING };
    match width {
        1 => codes.extend(cells.iter().map(|&c| known(u32::from(c), c != u8::MAX))),
        2 => {
            let cells = cells.as_chunks::<2>().0.iter().map(|&c| u16::from_le_bytes(c));
            codes.extend(cells.map(|c| known(u32::from(c), c != u16::MAX)));
        }
        _ => codes.extend(cells.as_chunks::<4>().0.iter().map(|&c| mapped(u32::from_le_bytes(c)))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_arrives_has_the_bits_of_what_was_sent() {
        let columns: [(&[f64], usize); 9] = [
            (&[], 8),
            (&[f64::NAN, f64::NAN], 8),
            (&[0.0, 254.0, f64::NAN], 1),
            (&[0.0, -0.0], 8),
            (&[255.0, 0.0, f64::NAN], 2),
            (&[65_534.0, 3.0], 2),
            (&[65_535.0, f64::NAN, -7.0], 4),
            (&[-2e9, 2e9], 4),
            (&[3e9, 0.5], 8),
        ];
        let mut bytes = Vec::new();
        for (values, width) in columns {
            let before = bytes.len();
            numbers(values, &mut bytes);
            assert_eq!(bytes.len() - before, HEAD + width * values.len(), "{values:?}");
        }
        let mut rest = bytes.as_slice();
        for (values, _) in columns {
            let bits = |v: &[f64]| v.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
            let mut taken = vec![7.0];
            take_numbers(&mut rest, &mut taken);
            assert_eq!(bits(&taken[1..]), bits(values));
        }
        assert!(rest.is_empty());
    }

    #[test]
    fn codes_take_as_many_bytes_as_there_are_texts() {
        for (n, width) in [(1_u32, 1), (254, 1), (255, 2), (65_534, 2), (65_535, 4), (100_000, 4)] {
            let sent = [0, n - 1, Dictionary::MISSING, n / 2];
            let mut bytes = Vec::new();
            codes(&sent, n as usize, &mut bytes);
            assert_eq!(bytes.len(), HEAD + width * sent.len(), "{n}");
            let mut taken = vec![7];
            take_codes(&mut bytes.as_slice(), |code| code, &mut taken);
            assert_eq!(taken[1..], sent);
        }
    }
}
