//! Cuts within training rows, for what a model settles by itself: its penalty, when to stop.
//!
//! Where folds keep groups together, or go forward in time, the choice made within a fold does the same: rows that are alike
//! on both sides of an inner cut would choose too small a penalty and too many trees. In time a part is a stretch of it.

use crate::engine::{numeric::random::Rng, order::InOrder};

/// Which training rows belong together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Blocks {
    /// A code a row: rows of one code stay on one side of a cut. Empty: every row for itself.
    pub codes: Vec<u32>,
    /// Whether the codes are an order of time.
    pub is_in_time: bool,
}

impl Blocks {
    /// Whether there is anything to keep together: one block of all rows cannot be cut.
    pub fn binds(&self, rows: &[u32]) -> bool {
        !self.codes.is_empty() && rows.windows(2).any(|w| self.code(w[0]) != self.code(w[1]))
    }

    fn code(&self, row: u32) -> u32 {
        self.codes.get(row as usize).copied().unwrap_or(u32::MAX)
    }

    /// The rows shuffled, those of a block one after the other; in the order of time where there is one.
    fn in_line(&self, rows: &[u32], rng: &mut Rng) -> Vec<u32> {
        let mut line = rows.to_vec();
        if !self.binds(rows) {
            rng.shuffle(&mut line);
            return line;
        }
        let n = self.codes.iter().max().map_or(0, |&c| c as usize + 1);
        let mut place: Vec<u32> = (0..n as u32).collect();
        if !self.is_in_time {
            rng.shuffle(&mut place);
        }
        line.order_by_key(|&row| place.get(self.code(row) as usize).copied().unwrap_or(u32::MAX));
        line
    }

    /// The first place at or after `at` where a block ends.
    fn end_of_block(&self, line: &[u32], at: usize) -> usize {
        let is_end = |&i: &usize| i == 0 || i >= line.len() || self.code(line[i - 1]) != self.code(line[i]);
        (at..=line.len()).find(is_end).unwrap_or(line.len())
    }

    /// The rows in about `k` equal parts, each with rows; one where they cannot be cut.
    pub fn parts(&self, rows: &[u32], k: usize, rng: &mut Rng) -> Vec<Vec<u32>> {
        let line = self.in_line(rows, rng);
        let n = line.len();
        let mut ends: Vec<usize> = (1..=k)
            .map(|f| (f as u64 * n as u64 / k as u64) as usize)
            .map(|at| if self.binds(rows) { self.end_of_block(&line, at) } else { at })
            .collect();
        ends.dedup();
        if ends.len() == 1 && k > 1 && self.binds(rows) {
            // All but the first block is one.
            ends.insert(0, self.end_of_block(&line, 1));
        }
        let mut from = 0;
        ends.into_iter()
            .filter_map(|end| {
                let part = line.get(from..end)?.to_vec();
                from = end;
                (!part.is_empty()).then_some(part)
            })
            .collect()
    }

    /// The rows without and with about `n_aside` of them kept aside, the latest where there is an order of time; each sorted.
    /// At most half of them are kept aside: where blocks are too large for that, rows are taken one by one.
    pub fn aside(&self, rows: &[u32], n_aside: usize, rng: &mut Rng) -> (Vec<u32>, Vec<u32>) {
        let mut line = self.in_line(rows, rng);
        let most = line.len() / 2;
        let mut aside = Vec::new();
        if self.binds(rows) {
            let blocks = line.chunk_by(|a, b| self.code(*a) == self.code(*b)).rev();
            if self.is_in_time {
                for block in blocks {
                    let is_enough = !aside.is_empty() && aside.len() + block.len() / 2 > n_aside;
                    if is_enough || aside.len() + block.len() > most {
                        break;
                    }
                    aside.extend_from_slice(block);
                }
            } else {
                for block in blocks.clone() {
                    if aside.len() + block.len() <= n_aside + n_aside / 2 {
                        aside.extend_from_slice(block);
                    }
                }
                let smallest = blocks.min_by_key(|block| block.len()).filter(|block| block.len() <= most);
                if let Some(block) = smallest.filter(|_| aside.is_empty()) {
                    aside.extend_from_slice(block);
                }
            }
            let mut is_aside = vec![false; rows.iter().max().map_or(0, |&row| row as usize + 1)];
            aside.iter().for_each(|&row| is_aside[row as usize] = true);
            line.retain(|&row| !is_aside[row as usize]);
            if aside.is_empty() {
                rng.shuffle(&mut line);
            }
        }
        if aside.is_empty() {
            aside = line.split_off(line.len() - n_aside);
        }
        line.sort_unstable();
        aside.sort_unstable();
        (line, aside)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(n: u32) -> Vec<u32> {
        (0..n).collect()
    }

    #[test]
    fn parts_hold_every_row_once_and_keep_blocks_together() {
        let free = Blocks::default();
        let groups = Blocks { codes: (0..60).map(|r| r % 7).collect(), is_in_time: false };
        let days = Blocks { codes: (0..60).map(|r| 9 - r / 6).collect(), is_in_time: true };
        for blocks in [&free, &groups, &days] {
            let parts = blocks.parts(&rows(60), 5, &mut Rng::stream(3, 0));
            let mut all = parts.concat();
            all.sort_unstable();
            assert_eq!(all, rows(60));
            assert!(parts.len() > 3 && parts.iter().all(|p| p.len() < 30), "{parts:?}");
            if !blocks.codes.is_empty() {
                for code in 0..10 {
                    let holding = parts.iter().filter(|p| p.iter().any(|&r| blocks.code(r) == code)).count();
                    assert!(holding <= 1, "{code}");
                }
            }
        }
        let parts = days.parts(&rows(60), 5, &mut Rng::stream(3, 0));
        let last_of = |part: &[u32]| part.iter().map(|&r| days.code(r)).max();
        assert!(parts.windows(2).all(|w| last_of(&w[0]) < last_of(&w[1])));
    }

    #[test]
    fn what_is_kept_aside_is_whole_blocks_and_the_latest() {
        let days = Blocks { codes: (0..60).map(|r| 9 - r / 6).collect(), is_in_time: true };
        let (kept, aside) = days.aside(&rows(60), 13, &mut Rng::stream(1, 0));
        assert_eq!(aside, rows(12));
        assert_eq!(kept.len(), 48);
        // Two groups of very different size: the smaller is kept aside whole.
        let two = Blocks { codes: (0..60).map(|r| u32::from(r < 50)).collect(), is_in_time: false };
        for seed in 0..8 {
            let (kept, aside) = two.aside(&rows(60), 6, &mut Rng::stream(seed, 0));
            assert_eq!((kept.len(), aside), (50, (50..60).collect()));
        }
        // Many groups: about as many rows as wanted, and no group on both sides.
        let many = Blocks { codes: (0..60).map(|r| r % 9).collect(), is_in_time: false };
        for seed in 0..8 {
            let (kept, aside) = many.aside(&rows(60), 14, &mut Rng::stream(seed, 0));
            assert!((7..=21).contains(&aside.len()), "{}", aside.len());
            assert!(kept.iter().all(|r| aside.iter().all(|a| many.code(*a) != many.code(*r))));
        }
        // One day is most of the rows: they are cut all the same.
        let day = Blocks { codes: (0..60).map(|r| u32::from(r > 5)).collect(), is_in_time: true };
        assert_eq!(day.aside(&rows(60), 10, &mut Rng::stream(1, 0)).1.len(), 10);
    }

    #[test]
    fn one_block_of_all_rows_is_cut_all_the_same() {
        for is_in_time in [false, true] {
            let two = Blocks { codes: (0..20).map(|r| u32::from(r > 0)).collect(), is_in_time };
            assert_eq!(two.parts(&rows(20), 5, &mut Rng::stream(2, 0)).len(), 2);
        }
        let one = Blocks { codes: vec![4; 20], is_in_time: false };
        assert_eq!(one.parts(&rows(20), 5, &mut Rng::stream(1, 0)).len(), 5);
        let (kept, aside) = one.aside(&rows(20), 4, &mut Rng::stream(1, 0));
        assert_eq!((kept.len(), aside.len()), (16, 4));
    }
}
