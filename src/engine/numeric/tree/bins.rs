//! Columns prepared for growing trees: each value as a small code in the order of the values.
//!
//! Up to [`EXACT`] rows every distinct value has its own code and each column knows the order of the rows; above, a column
//! has at most 255 bins of about equal weight (exact as well while it has at most 255 distinct values). A missing value
//! has the largest code. Levels of a category are codes in any order; beyond 254 those of few
//! rows share one, and others whose rows have about the same target.

use crate::engine::numeric::matrix::Matrix;
use crate::engine::order::InOrder;

/// Tables up to this many rows are split exactly.
pub const EXACT: usize = 4096;

/// Most bins of values.
const MAX_BINS: usize = 255;

/// What a code of a column stands for.
#[derive(Debug, Clone)]
pub(super) enum Meaning {
    /// Code c holds the values `low[c]..=high[c]`.
    Number { low: Vec<f64>, high: Vec<f64> },
    /// For each level its code, or [`UNSEEN`].
    Category { code_of: Vec<u16> },
}

/// Code of a level that no training row has.
pub(super) const UNSEEN: u16 = u16::MAX;

/// A prepared column.
#[derive(Debug, Clone)]
pub(super) struct Column {
    pub meaning: Meaning,
    /// Codes of values: `0..n_codes`.
    pub n_codes: usize,
}

impl Column {
    /// The threshold between two neighbouring codes: midway, such that the lower one stays at or below it.
    pub fn between(&self, low_code: usize, high_code: usize) -> f64 {
        match &self.meaning {
            Meaning::Number { low, high } => {
                let (a, b) = (high[low_code], low[high_code]);
                let middle = a + (b - a) / 2.0;
                if middle >= a && middle < b { middle } else { a }
            }
            Meaning::Category { .. } => f64::NAN,
        }
    }

    /// Smallest and largest value between two codes.
    pub fn range(&self, first: usize, last: usize) -> (f64, f64) {
        match &self.meaning {
            Meaning::Number { low, high } => (low[first], high[last]),
            Meaning::Category { .. } => (0.0, 0.0),
        }
    }

    /// The last code from `ends.0` on, and before `ends.1`, whose values lie mostly at or below a value.
    pub fn last_below(&self, ends: (u32, u32), value: f64) -> u32 {
        let Meaning::Number { low, high } = &self.meaning else { return ends.0 };
        let (mut first, mut past) = (ends.0 as usize + 1, ends.1 as usize);
        while first < past {
            let at = first + (past - first) / 2;
            if low[at] + (high[at] - low[at]) / 2.0 <= value {
                first = at + 1;
            } else {
                past = at;
            }
        }
        first as u32 - 1
    }

    /// Width of the gap between two neighbouring codes.
    pub fn gap(&self, low_code: usize, high_code: usize) -> f64 {
        match &self.meaning {
            Meaning::Number { low, high } => low[high_code] - high[low_code],
            Meaning::Category { .. } => 0.0,
        }
    }

    pub fn is_category(&self) -> bool {
        matches!(self.meaning, Meaning::Category { .. })
    }
}

/// The codes of all rows.
pub(super) enum Codes {
    /// Many rows, one byte a value, 255 is missing: row after row for sums, column after column for splitting.
    Bytes { rows: Vec<u8>, columns: Vec<u8> },
    /// Few rows: for each column the rows by increasing code (ties by row), as `code << 16 | row`; 65,535 is missing.
    Orders(Vec<u32>),
}

/// A matrix prepared for growing trees.
pub struct Bins<'a> {
    pub(super) x: &'a Matrix,
    pub(super) columns: Vec<Column>,
    pub(super) codes: Codes,
}

/// A number whose order as an integer is that of the values; both zeros are one.
fn key(value: f64) -> u64 {
    let bits = (value + 0.0).to_bits();
    if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
}

fn value(key: u64) -> f64 {
    f64::from_bits(if key >> 63 == 1 { key & !(1 << 63) } else { !key })
}

impl<'a> Bins<'a> {
    /// Prepares every column. NaN is missing, infinite values are the ends of the order. `y`: the target of the rows, by which
    /// levels share a code where there are too many; NaN where a row has no say.
    pub fn new(x: &'a Matrix, y: &[f64]) -> Self {
        let (n, p) = (x.n_rows(), x.n_cols());
        let mut columns = Vec::with_capacity(p);
        let codes = if n <= EXACT {
            let mut orders = Vec::with_capacity(n * p);
            let mut keyed: Vec<(u64, u32)> = Vec::with_capacity(n);
            for j in 0..p {
                let from = orders.len();
                let meaning = if x.levels(j) > 0 {
                    let (meaning, code) = categories(x.column(j), x.levels(j), y);
                    orders.extend((0..).zip(x.column(j)).map(|(row, &v)| {
                        let code = code(v).unwrap_or(UNSEEN);
                        u32::from(code) << 16 | row
                    }));
                    orders[from..].sort_unstable();
                    meaning
                } else {
                    keyed.clear();
                    keyed.extend(
                        (0..).zip(x.column(j)).filter(|(_, v)| !v.is_nan()).map(|(row, &v)| (key(v), row)),
                    );
                    keyed.sort_unstable();
                    let mut low: Vec<f64> = Vec::new();
                    let mut last = None;
                    for &(k, row) in &keyed {
                        if last != Some(k) {
                            last = Some(k);
                            low.push(value(k));
                        }
                        orders.push((low.len() as u32 - 1) << 16 | row);
                    }
                    let missing = (0..).zip(x.column(j)).filter(|(_, v)| v.is_nan());
                    orders.extend(missing.map(|(row, _)| u32::from(u16::MAX) << 16 | row));
                    Meaning::Number { high: low.clone(), low }
                };
                columns.push(Column { n_codes: n_codes(&meaning), meaning });
            }
            Codes::Orders(orders)
        } else {
            let mut by_row = vec![u8::MAX; n * p];
            let mut by_column = vec![u8::MAX; n * p];
            let mut keys = Vec::with_capacity(n);
            for j in 0..p {
                let meaning = if x.levels(j) > 0 {
                    let (meaning, code) = categories(x.column(j), x.levels(j), y);
                    for (slot, &v) in by_column[j * n..].iter_mut().zip(x.column(j)) {
                        *slot = code(v).map_or(u8::MAX, |c| c as u8);
                    }
                    meaning
                } else {
                    keys.clear();
                    keys.extend(x.column(j).iter().filter(|v| !v.is_nan()).map(|&v| key(v)));
                    keys.sort_unstable();
                    let (low, high) = cut_into_bins(&keys);
                    // The code of a value is the number of bins that end below it; padded, the search has no branch.
                    let mut ends = [f64::INFINITY; 256];
                    ends[..high.len()].copy_from_slice(&high);
                    for (slot, &v) in by_column[j * n..].iter_mut().zip(x.column(j)) {
                        if !v.is_nan() {
                            *slot = code_of(&ends, v);
                        }
                    }
                    Meaning::Number { low, high }
                };
                columns.push(Column { n_codes: n_codes(&meaning), meaning });
            }
            // In blocks that stay near while all columns write to them.
            for from in (0..n).step_by(1024) {
                let to = (from + 1024).min(n);
                for j in 0..p {
                    let codes = &by_column[j * n + from..j * n + to];
                    for (row, &code) in by_row[from * p..to * p].chunks_exact_mut(p).zip(codes) {
                        row[j] = code;
                    }
                }
            }
            Codes::Bytes { rows: by_row, columns: by_column }
        };
        Self { x, columns, codes }
    }

    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        self.x.n_rows()
    }

    /// Number of columns.
    pub fn n_cols(&self) -> usize {
        self.columns.len()
    }

    /// The matrix the codes were made from.
    pub fn x(&self) -> &Matrix {
        self.x
    }
}

fn n_codes(meaning: &Meaning) -> usize {
    match meaning {
        Meaning::Number { low, .. } => low.len(),
        Meaning::Category { code_of } => {
            code_of.iter().filter(|&&c| c != UNSEEN).max().map_or(0, |&c| c as usize + 1)
        }
    }
}

/// How many of the first 255 ends lie below `v`.
#[inline]
fn code_of(ends: &[f64; 256], v: f64) -> u8 {
    let mut at = 0_u8;
    for step in [128_u8, 64, 32, 16, 8, 4, 2, 1] {
        at += if ends[(at + (step - 1)) as usize] < v { step } else { 0 };
    }
    at
}

/// Cuts sorted keys into at most 255 bins of about equal size; every distinct value has its own while they suffice.
fn cut_into_bins(keys: &[u64]) -> (Vec<f64>, Vec<f64>) {
    let mut distinct = 0;
    let mut last = None;
    for &k in keys {
        if last != Some(k) {
            distinct += 1;
            last = Some(k);
            if distinct > MAX_BINS {
                break;
            }
        }
    }
    let (mut low, mut high) = (Vec::new(), Vec::new());
    let all = distinct <= MAX_BINS;
    let mut last = None;
    for (i, &k) in keys.iter().enumerate() {
        if last == Some(k) {
            continue;
        }
        // A new value may open the next bin once the bins so far hold their share of the rows. (In 64 bits on every
        // machine.)
        let full = low.len() < MAX_BINS && i as u64 * MAX_BINS as u64 >= low.len() as u64 * keys.len() as u64;
        if all || full {
            if let Some(k) = last {
                high.push(value(k));
            }
            low.push(value(k));
        }
        last = Some(k);
    }
    high.extend(last.map(value));
    (low, high)
}

/// Codes of the levels of a category: each its own while 254 suffice. Of more, levels of few rows share the last code, and the
/// others that of levels whose rows have about the same target.
fn categories(column: &[f64], n_levels: u32, y: &[f64]) -> (Meaning, impl Fn(f64) -> Option<u16>) {
    let mut is_seen = vec![false; n_levels as usize];
    let level = move |v: f64| (v >= 0.0 && v < f64::from(n_levels)).then_some(v as usize);
    column.iter().filter_map(|&v| level(v)).for_each(|l| is_seen[l] = true);
    let seen: Vec<usize> = (0..is_seen.len()).filter(|&l| is_seen[l]).collect();
    let mut code_of = vec![UNSEEN; is_seen.len()];
    if seen.len() < MAX_BINS {
        seen.into_iter().enumerate().for_each(|(code, l)| code_of[l] = code as u16);
    } else {
        let levels = Levels::of(column, is_seen.len(), y, level);
        let (mut known, rare): (Vec<usize>, Vec<usize>) =
            seen.into_iter().partition(|&l| levels.counts[l] >= FEWEST_ROWS);
        known.order_by(|&a, &b| levels.mean(a).total_cmp(&levels.mean(b)));
        let n_rows: u64 = known.iter().map(|&l| u64::from(levels.counts[l])).sum();
        let mut before = 0_u64;
        for l in known {
            let n = u64::from(levels.counts[l]);
            // The bin in which the middle row of the level lies.
            code_of[l] = ((2 * before + n) * (MAX_BINS as u64 - 1) / (2 * n_rows)) as u16;
            before += n;
        }
        rare.into_iter().for_each(|l| code_of[l] = MAX_BINS as u16 - 1);
        close_up(&mut code_of);
    }
    let of = code_of.clone();
    (Meaning::Category { code_of }, move |v| level(v).map(|l| of[l]))
}

/// A level of fewer rows has no say of its own where levels share codes: sorted by so few targets it would repeat them.
const FEWEST_ROWS: u32 = 5;

/// What the rows of each level say of the target. Rows with NaN for a target say nothing.
struct Levels {
    counts: Vec<u32>,
    /// In whole steps, so that no order of rows matters.
    sums: Vec<i64>,
}

impl Levels {
    fn of(column: &[f64], n_levels: usize, y: &[f64], level: impl Fn(f64) -> Option<usize>) -> Self {
        let largest = y.iter().filter(|v| v.is_finite()).fold(0.0_f64, |most, v| most.max(v.abs()));
        // Every sum then stays below 2 to the 62nd.
        let scale = Some((1_u64 << 31) as f64 / largest).filter(|s| s.is_finite()).unwrap_or(0.0);
        let mut levels = Self { counts: vec![0; n_levels], sums: vec![0; n_levels] };
        for (&v, &y) in column.iter().zip(y) {
            if let Some(l) = level(v).filter(|_| y.is_finite()) {
                levels.counts[l] += 1;
                levels.sums[l] += (y * scale).round() as i64;
            }
        }
        levels
    }

    fn mean(&self, level: usize) -> f64 {
        self.sums[level] as f64 / f64::from(self.counts[level].max(1))
    }
}

/// Numbers the codes that are used without gaps, in their order.
fn close_up(code_of: &mut [u16]) {
    let mut used = vec![false; MAX_BINS];
    code_of.iter().filter(|&&c| c != UNSEEN).for_each(|&c| used[c as usize] = true);
    let mut next = 0;
    let new: Vec<u16> = used
        .iter()
        .map(|&is_used| {
            let code = next;
            next += u16::from(is_used);
            code
        })
        .collect();
    for code in code_of.iter_mut().filter(|c| **c != UNSEEN) {
        *code = new[*code as usize];
    }
}
