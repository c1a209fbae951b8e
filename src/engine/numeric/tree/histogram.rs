//! The hot loops: sums of rows by bin, and the partition of a node's rows.
//!
//! Sums are whole numbers. A gradient is rounded once, to a step so small that the sum over all rows still fits, and from
//! then on sums are exact in any order: a sibling by subtraction is right to the last bit, k copies of a row are a weight
//! of k, and who adds up which part cannot matter.

use crate::engine::numeric::math;

/// Sums over some rows: of the gradient, of the second derivative (or weight), both in their steps; and rows.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sums {
    pub g: f64,
    pub h: f64,
    pub n: u32,
}

/// What is added up for a row, and the sum of it.
pub(super) trait Entry: Copy + Default + PartialEq {
    fn add(&mut self, other: Self);
    fn less(&mut self, other: Self);
    /// The parts; `bits` are those of the lower part.
    fn sums(self, bits: u32) -> Sums;
    /// That of one row.
    fn cell(self, bits: u32) -> Cell;
}

/// Gradient, and second derivative above a count of rows.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Cell {
    g: i64,
    hn: i64,
}

impl Entry for Cell {
    #[inline(always)]
    fn add(&mut self, other: Self) {
        self.g += other.g;
        self.hn += other.hn;
    }

    #[inline(always)]
    fn less(&mut self, other: Self) {
        self.g -= other.g;
        self.hn -= other.hn;
    }

    #[inline(always)]
    fn sums(self, bits: u32) -> Sums {
        Sums { g: self.g as f64, h: (self.hn >> bits) as f64, n: (self.hn & ((1 << bits) - 1)) as u32 }
    }

    #[inline(always)]
    fn cell(self, _bits: u32) -> Cell {
        self
    }
}

/// Gradient above a weight that is a whole number and stands for the count as well: half the memory.
impl Entry for i64 {
    #[inline(always)]
    fn add(&mut self, other: Self) {
        *self += other;
    }

    #[inline(always)]
    fn less(&mut self, other: Self) {
        *self -= other;
    }

    #[inline(always)]
    fn sums(self, bits: u32) -> Sums {
        let n = self & ((1 << bits) - 1);
        Sums { g: (self >> bits) as f64, h: n as f64, n: n as u32 }
    }

    #[inline(always)]
    fn cell(self, bits: u32) -> Cell {
        Cell { g: self >> bits, hn: (self & ((1 << bits) - 1)) << bits | 1 }
    }
}

/// Weights or second derivatives of the rows of a tree.
#[derive(Debug, Clone, Copy)]
pub enum Weights<'a> {
    /// Every row counts once.
    Unit,
    /// How often a row was drawn.
    Counts(&'a [u32]),
    /// Weights, or second derivatives. The gradients must be weighted already.
    Real(&'a [f64]),
}

/// The entries of all rows (those that take no part are zero).
#[derive(Debug, Clone)]
pub(super) enum Entries {
    Packed(Vec<i64>),
    Wide(Vec<Cell>),
}

/// Entries with what is needed to read sums of them.
pub(super) struct Prepared {
    pub entries: Entries,
    /// Bits of the lower part.
    pub bits: u32,
    /// Size of a step of the gradient.
    pub g_step: f64,
    /// Size of a step of the second derivative.
    pub h_step: f64,
}

/// Most bits of a sum: a double holds it exactly.
const SUM_BITS: i32 = 50;

/// 1.5 * 2^52: adding it leaves a rounded whole number in the lower bits.
const ROUND: f64 = 6_755_399_441_055_744.0;

#[inline(always)]
fn rounded(v: f64) -> i64 {
    (v + ROUND).to_bits() as i64 - ROUND.to_bits() as i64
}

/// A power of two below `2^bits / total`, and at most 2^900.
fn power_below(bits: i32, total: f64) -> f64 {
    if !(total > 0.0 && total < f64::INFINITY) {
        return 1.0;
    }
    let exponent = (bits - 1 - (math::log2(total).floor() as i32)).clamp(-900, 900);
    f64::from_bits(((1023 + exponent) as u64) << 52)
}

impl Prepared {
    /// Rounds the gradients of the given rows. Buffers of an earlier tree are used again. `counts_rows`: the number of
    /// distinct rows is asked for even where rows have a whole weight.
    pub fn new(
        g: &[f64],
        weights: Weights<'_>,
        rows: &[u32],
        counts_rows: bool,
        old: Option<Entries>,
    ) -> Self {
        let bits_of = |v: u64| 64 - v.leading_zeros();
        let packed = match weights {
            Weights::Unit => true,
            Weights::Counts(_) => !counts_rows,
            Weights::Real(_) => false,
        };
        let count = match weights {
            Weights::Counts(c) => rows.iter().map(|&r| u64::from(c[r as usize])).sum(),
            _ => rows.len() as u64,
        };
        let bits = bits_of(count.max(rows.len() as u64));
        let all = rows.len() == g.len();
        let sum_abs = |weight: &dyn Fn(usize) -> f64| -> f64 {
            rows.iter().map(|&r| g[r as usize].abs() * weight(r as usize)).sum()
        };
        let total = match weights {
            Weights::Counts(c) => sum_abs(&|r| f64::from(c[r])),
            _ if all => abs_sum(g),
            _ => sum_abs(&|_| 1.0),
        };
        // Each row rounds by half a step at most: one bit of room is enough for all of them together.
        let room = SUM_BITS.min(62 - bits as i32);
        let g_scale = power_below(room, total);
        let mut h_scale = 1.0;
        let entries = if packed {
            let mut out = match old {
                Some(Entries::Packed(old)) if old.len() == g.len() => old,
                _ => vec![0; g.len()],
            };
            match weights {
                Weights::Counts(c) => {
                    for ((slot, &g), &c) in out.iter_mut().zip(g).zip(c) {
                        *slot = ((rounded(g * g_scale) << bits) + 1) * i64::from(c);
                    }
                }
                _ => {
                    for (slot, &g) in out.iter_mut().zip(g) {
                        *slot = (rounded(g * g_scale) << bits) + 1;
                    }
                }
            }
            Entries::Packed(out)
        } else {
            let mut out = match old {
                Some(Entries::Wide(old)) if old.len() == g.len() => old,
                _ => vec![Cell::default(); g.len()],
            };
            if let Weights::Real(h) = weights {
                let total = rows.iter().map(|&r| h[r as usize]).sum();
                h_scale = power_below(SUM_BITS.min(62 - bits as i32), total);
            }
            for &row in rows {
                let r = row as usize;
                let (g, h) = match weights {
                    Weights::Unit => (rounded(g[r] * g_scale), 1),
                    Weights::Counts(c) => (rounded(g[r] * g_scale) * i64::from(c[r]), i64::from(c[r])),
                    Weights::Real(h) => (rounded(g[r] * g_scale), rounded(h[r] * h_scale)),
                };
                out[r] = Cell { g, hn: (h << bits) + 1 };
            }
            Entries::Wide(out)
        };
        Self { entries, bits, g_step: 1.0 / g_scale, h_step: 1.0 / h_scale }
    }
}

/// Sum of the sizes, in four parts whose order is fixed.
fn abs_sum(values: &[f64]) -> f64 {
    let mut parts = [0.0; 4];
    let (fours, rest) = values.as_chunks::<4>();
    for four in fours {
        for (part, v) in parts.iter_mut().zip(four) {
            *part += v.abs();
        }
    }
    parts[0] + parts[1] + (parts[2] + parts[3]) + rest.iter().map(|v| v.abs()).sum::<f64>()
}

/// Sums by bin of one column. A byte cannot point outside.
pub(super) type Histogram<E> = [E; 256];

/// Adds the rows of a node to the histograms of all columns, of which there are as many as codes a row. `None`: all rows.
pub(super) fn fill<E: Entry>(
    codes: &[u8],
    p: usize,
    rows: Option<&[u32]>,
    entries: &[E],
    histograms: &mut [Histogram<E>],
) {
    match rows {
        None => codes.chunks_exact(p).zip(entries).for_each(|(row, &entry)| add_row(row, entry, histograms)),
        Some(rows) => {
            for &row in rows {
                let at = row as usize * p;
                add_row(&codes[at..at + p], entries[row as usize], histograms);
            }
        }
    }
}

/// One row to all columns, eight at a time: within these no index needs a check.
#[inline(always)]
fn add_row<E: Entry>(row: &[u8], entry: E, histograms: &mut [Histogram<E>]) {
    let (eights, row) = row.as_chunks::<8>();
    let (histograms_of_eights, histograms) = histograms.as_chunks_mut::<8>();
    for (codes, eight) in eights.iter().zip(histograms_of_eights) {
        add_some(codes, entry, eight);
    }
    let (fours, row) = row.as_chunks::<4>();
    let (histograms_of_fours, histograms) = histograms.as_chunks_mut::<4>();
    for (codes, four) in fours.iter().zip(histograms_of_fours) {
        add_some(codes, entry, four);
    }
    for (&code, one) in row.iter().zip(histograms) {
        one[code as usize].add(entry);
    }
}

#[inline(always)]
fn add_some<const K: usize, E: Entry>(codes: &[u8; K], entry: E, histograms: &mut [Histogram<E>; K]) {
    for k in 0..K {
        histograms[k][codes[k] as usize].add(entry);
    }
}

/// Stable partition of a node's rows by the codes of a column; returns how many go left.
pub(super) fn partition(
    column: &[u8],
    goes_left: &[bool; 256],
    rows: &mut [u32],
    spill: &mut Vec<u32>,
) -> usize {
    if spill.len() < rows.len() {
        spill.resize(rows.len(), 0);
    }
    let spill = &mut spill[..rows.len()];
    let (mut n_left, mut n_right) = (0, 0);
    for i in 0..rows.len() {
        let row = rows[i];
        let left = goes_left[column[row as usize] as usize];
        // Both are written, one counts: no branch to guess wrong.
        rows[n_left] = row;
        spill[n_right] = row;
        n_left += usize::from(left);
        n_right += usize::from(!left);
    }
    rows[n_left..].copy_from_slice(&spill[..n_right]);
    n_left
}
