//! The best place to cut one column of a node: numbers in their order, categories in the order of their means.

use super::{
    bins::{Column, Meaning, UNSEEN},
    histogram::{Entry, Sums},
};
use crate::engine::numeric::random::Rng;

/// Scores this close (relatively) are equal: the same two halves, left and right exchanged, differ by about as much.
const TIE: f64 = 1e-12;

/// What goes left.
#[derive(Debug, Clone, Copy)]
pub(super) enum Rule {
    /// Codes up to this; the threshold in the unit of the column.
    UpTo { code: u32, threshold: f64 },
    /// Codes in this set.
    OneOf([u64; 4]),
}

/// A cut worth making.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cut {
    /// The drop of the objective, in squared steps over weight times the node's weight.
    pub score: f64,
    pub feature: usize,
    pub rule: Rule,
    pub missing_left: bool,
    /// Width of the gap it lies in, over the range of the column in the node: the wider of two equal cuts wins, because
    /// new rows are least likely to fall on its wrong side.
    gap: f64,
    /// Values of the two sides where the column may only go up or only down.
    pub middle: f64,
}

impl Cut {
    /// Whether a code goes left.
    pub fn goes_left(&self, code: u32, missing: u32) -> bool {
        if code == missing {
            return self.missing_left;
        }
        match &self.rule {
            Rule::UpTo { code: last, .. } => code <= *last,
            Rule::OneOf(set) => set[(code / 64) as usize & 3] >> (code % 64) & 1 == 1,
        }
    }
}

/// What a child must have.
#[derive(Debug, Clone, Copy)]
pub(super) struct Least {
    pub n: u32,
    pub h: f64,
}

/// The best so far while a column is looked at.
struct Top<E> {
    score: f64,
    gap: f64,
    /// What a score must reach to be looked at closely.
    bar: f64,
    /// Sum of what goes left, the codes beside the cut, whether missing ones go left.
    found: Option<(E, u32, u32, bool)>,
}

impl<E> Top<E> {
    #[inline(never)]
    fn take(&mut self, score: f64, gap: f64, found: (E, u32, u32, bool)) {
        if score > self.score * (1.0 + TIE) || gap > self.gap {
            self.score = score.max(self.score);
            self.gap = gap;
            self.bar = self.score * (1.0 - TIE);
            self.found = Some(found);
        }
    }
}

/// A node while its columns are looked at.
pub(super) struct Search {
    pub sums: Sums,
    pub bits: u32,
    pub least: Least,
    /// Bounds of what it may predict, in steps.
    pub bounds: (f64, f64),
    /// Whether some column is monotone: then values are held to the bounds.
    pub bounded: bool,
    /// Cut at a random place instead of the best (extra trees).
    pub random: bool,
    /// The code of missing values.
    pub missing: u32,
    pub best: Option<Cut>,
}

impl Search {
    /// The drop of the objective times the node's weight; negative where the cut is not allowed. `way`: 1 where larger
    /// values must predict more, -1 less.
    #[inline(always)]
    fn score(&self, left: Sums, way: i8) -> f64 {
        let Sums { g, h, n } = left;
        let all = self.sums;
        let right = all.h - h;
        if n < self.least.n || all.n - n < self.least.n || h < self.least.h || right < self.least.h {
            return -1.0;
        }
        if self.bounded {
            return self.bounded_score(left, way);
        }
        // The lead of the left over its share, so that what the whole node is off by cancels before it is squared.
        let lead = g * all.h - h * all.g;
        lead * lead / (h * right)
    }

    #[cold]
    fn bounded_score(&self, left: Sums, way: i8) -> f64 {
        let all = self.sums;
        let (g, h) = (all.g - left.g, all.h - left.h);
        let held = |g: f64, h: f64| (g / h).clamp(self.bounds.0, self.bounds.1);
        let (a, b) = (held(left.g, left.h), held(g, h));
        if f64::from(way) * (b - a) < 0.0 {
            return -1.0;
        }
        let drop = |g: f64, h: f64, v: f64| v * (2.0 * g - h * v);
        (drop(left.g, left.h, a) + drop(g, h, b) - drop(all.g, all.h, held(all.g, all.h))) * all.h
    }

    fn middle(&self, left: Sums) -> f64 {
        let held = |g: f64, h: f64| (g / h).clamp(self.bounds.0, self.bounds.1);
        (held(left.g, left.h) + held(self.sums.g - left.g, self.sums.h - left.h)) / 2.0
    }

    /// Looks at a column of numbers. `runs` are (code, sum) by code, which may repeat; missing ones are in `gone`. False
    /// where all rows are alike.
    #[inline(always)]
    pub fn numbers<E: Entry>(
        &mut self,
        feature: usize,
        column: &Column,
        way: i8,
        gone: Option<E>,
        ends: (u32, u32),
        runs: impl Iterator<Item = (u32, E)>,
        rng: &mut Rng,
    ) -> bool {
        if self.random {
            return self.random_number(feature, column, way, gone, ends, runs, rng);
        }
        if ends.0 == ends.1 && gone.is_none() {
            return false;
        }
        let (low, high) = column.range(ends.0 as usize, ends.1 as usize);
        let range = high - low;
        let (score, gap) = self.best.map_or((0.0, -1.0), |b| (b.score, b.gap));
        let mut top = Top { score, gap, bar: (score * (1.0 - TIE)).max(f64::MIN_POSITIVE), found: None };
        let gap_of = |last: u32, next: u32| {
            if next == self.missing { 1.0 } else { column.gap(last as usize, next as usize) / range }
        };
        let mut left = E::default();
        let mut last = ends.0;
        if let Some(gone) = gone {
            for (code, entry) in runs {
                if code != last {
                    for missing_left in [false, true] {
                        let mut left = left;
                        if missing_left {
                            left.add(gone);
                        }
                        let score = self.score(left.sums(self.bits), way);
                        if score >= top.bar {
                            top.take(score, gap_of(last, code), (left, last, code, missing_left));
                        }
                    }
                    last = code;
                }
                left.add(entry);
            }
            let score = self.score(left.sums(self.bits), way);
            if score >= top.bar {
                top.take(score, 1.0, (left, last, self.missing, false));
            }
        } else {
            for (code, entry) in runs {
                if code != last {
                    let score = self.score(left.sums(self.bits), way);
                    if score >= top.bar {
                        top.take(score, gap_of(last, code), (left, last, code, false));
                    }
                    last = code;
                }
                left.add(entry);
            }
        }
        if let Some((left, last, next, missing_left)) = top.found {
            let threshold = if next == self.missing {
                f64::INFINITY
            } else {
                column.between(last as usize, next as usize)
            };
            self.keep(
                Cut {
                    score: top.score,
                    feature,
                    rule: Rule::UpTo { code: last, threshold },
                    missing_left,
                    gap: top.gap,
                    middle: 0.0,
                },
                left,
                gone.is_some(),
            );
        }
        true
    }

    /// Makes it the best; where the node has no missing value, one would go with the heavier side.
    fn keep<E: Entry>(&mut self, mut cut: Cut, left: E, has_missing: bool) {
        let left = left.sums(self.bits);
        if !has_missing {
            cut.missing_left = 2.0 * left.h >= self.sums.h;
        }
        if self.bounded {
            cut.middle = self.middle(left);
        }
        self.best = Some(cut);
    }

    fn random_number<E: Entry>(
        &mut self,
        feature: usize,
        column: &Column,
        way: i8,
        gone: Option<E>,
        ends: (u32, u32),
        runs: impl Iterator<Item = (u32, E)>,
        rng: &mut Rng,
    ) -> bool {
        if ends.0 == ends.1 {
            return false;
        }
        let (low, high) = column.range(ends.0 as usize, ends.1 as usize);
        let wanted = low + rng.unit() * (high - low);
        let wanted =
            if wanted.is_finite() { wanted } else { column.between(ends.0 as usize, ends.1 as usize) };
        let mut left = E::default();
        let (mut last, mut next) = (ends.0, ends.1);
        // The first code always goes left, the last always right.
        let up_to = column.last_below(ends, wanted);
        for (code, entry) in runs {
            if code > up_to {
                next = code;
                break;
            }
            left.add(entry);
            last = code;
        }
        let (a, b) =
            (column.range(last as usize, last as usize).1, column.range(next as usize, next as usize).0);
        let threshold =
            if wanted >= a && wanted < b { wanted } else { column.between(last as usize, next as usize) };
        let missing_left = gone.is_some() && rng.below(2) == 1;
        if let (Some(gone), true) = (gone, missing_left) {
            left.add(gone);
        }
        let score = self.score(left.sums(self.bits), way);
        if score > 0.0 && self.best.is_none_or(|b| score > b.score) {
            let rule = Rule::UpTo { code: last, threshold };
            self.keep(
                Cut { score, feature, rule, missing_left, gap: 0.0, middle: 0.0 },
                left,
                gone.is_some(),
            );
        }
        true
    }

    /// Looks at a category: its levels by their mean; the best two groups are neighbours in that order (Fisher 1958).
    /// `levels` are (code, sum), each code once.
    pub fn levels<E: Entry>(
        &mut self,
        feature: usize,
        gone: Option<E>,
        levels: impl Iterator<Item = (u32, E)>,
        rng: &mut Rng,
    ) -> bool {
        let bits = self.bits;
        let mut levels: Vec<(f64, u32, E)> = levels
            .map(|(code, entry)| {
                let sums = entry.sums(bits);
                (if sums.h > 0.0 { sums.g / sums.h } else { 0.0 }, code, entry)
            })
            .collect();
        if levels.len() + usize::from(gone.is_some()) < 2 {
            return false;
        }
        levels.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let only = self.random.then(|| rng.below(levels.len() as u32) as usize);
        let mut best_score = self.best.map_or(0.0, |b| b.score * (1.0 + TIE));
        let mut found = None;
        let mut left = E::default();
        for (i, &(_, _, entry)) in levels.iter().enumerate() {
            left.add(entry);
            if only.is_some_and(|only| only != i) {
                continue;
            }
            let last = i + 1 == levels.len();
            for missing_left in [false, true] {
                let mut left = left;
                match (gone, missing_left) {
                    (None, true) => continue,
                    (Some(gone), true) => left.add(gone),
                    _ => {}
                }
                if last && (gone.is_none() || missing_left) {
                    continue;
                }
                let score = self.score(left.sums(bits), 0);
                if score > best_score {
                    best_score = score;
                    found = Some((i, left, missing_left));
                }
            }
        }
        if let Some((i, left, missing_left)) = found {
            let mut set = [0_u64; 4];
            for &(_, code, _) in &levels[..=i] {
                set[(code / 64) as usize & 3] |= 1 << (code % 64);
            }
            self.keep(
                Cut {
                    score: best_score,
                    feature,
                    rule: Rule::OneOf(set),
                    missing_left,
                    gap: 0.0,
                    middle: 0.0,
                },
                left,
                gone.is_some(),
            );
            // A level that this node has not seen goes where a missing value goes.
            if let Some(Cut { rule: Rule::OneOf(set), missing_left: true, .. }) = &mut self.best {
                let mut right = [0_u64; 4];
                for &(_, code, _) in &levels[i + 1..] {
                    right[(code / 64) as usize & 3] |= 1 << (code % 64);
                }
                for (word, right) in set.iter_mut().zip(right) {
                    *word = !right;
                }
            }
        }
        true
    }
}

/// The words of a set of levels, out of a set of codes.
pub(super) fn words_of(column: &Column, set: &[u64; 4], missing_left: bool) -> Vec<u64> {
    let Meaning::Category { code_of } = &column.meaning else { return Vec::new() };
    let mut words = vec![0_u64; code_of.len().div_ceil(64)];
    for (level, &code) in code_of.iter().enumerate() {
        let left =
            if code == UNSEEN { missing_left } else { set[(code / 64) as usize & 3] >> (code % 64) & 1 == 1 };
        if left {
            words[level / 64] |= 1 << (level % 64);
        }
    }
    // Levels past the last one known stand in the rest of the last word.
    if missing_left
        && !code_of.len().is_multiple_of(64)
        && let Some(last) = words.last_mut()
    {
        *last |= u64::MAX << (code_of.len() % 64);
    }
    words
}
