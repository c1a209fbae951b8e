//! Grows one tree: nodes in order of depth or of what they gain, large ones by histograms, small ones exactly.

use super::{
    bins::{Bins, Codes},
    cut::{Cut, Least, Rule, Search, words_of},
    histogram::{Cell, Entries, Entry, Histogram, Prepared, Weights, fill, partition},
    model::{Node, Tree},
    small::Small,
};
use crate::engine::numeric::random::Rng;
use crate::engine::order::InOrder;

/// Subtrees of at most this many rows are grown on a copy of their rows, sorted once.
pub(super) const COPY: usize = 256;

/// When a tree stops growing, and what it may look at.
///
/// | setting | default | range |
/// |---|---|---|
/// | `max_depth` | none | >= 1 |
/// | `max_leaves` | none | >= 2; with it the node that gains most is split next |
/// | `min_samples_leaf` | 1 | >= 1, counted in distinct rows |
/// | `min_samples_split` | 2 | >= 2, counted in distinct rows |
/// | `min_weight_leaf` | 0 | >= 0, sum of weights or second derivatives |
/// | `max_features` | all | 1..=features; drawn anew at each split |
/// | `random_cuts` | no | one random place a column instead of the best |
/// | `monotone` | none | a column's entry is 1 (only up), -1 (only down) or 0 |
#[derive(Debug, Clone, PartialEq)]
pub struct TreeSettings {
    /// Most splits from the root to a leaf.
    pub max_depth: Option<u32>,
    /// Most leaves.
    pub max_leaves: Option<usize>,
    /// Fewest rows in a leaf.
    pub min_samples_leaf: usize,
    /// Fewest rows of a node that may be split.
    pub min_samples_split: usize,
    /// Least sum of weights (second derivatives) in a leaf.
    pub min_weight_leaf: f64,
    /// Features looked at for a split.
    pub max_features: Option<usize>,
    /// Extra trees (Geurts, Ernst, Wehenkel 2006).
    pub random_cuts: bool,
    /// Directions of columns; those beyond its end are free.
    pub monotone: Vec<i8>,
}

impl Default for TreeSettings {
    fn default() -> Self {
        Self {
            max_depth: None,
            max_leaves: None,
            min_samples_leaf: 1,
            min_samples_split: 2,
            min_weight_leaf: 0.0,
            max_features: None,
            random_cuts: false,
            monotone: Vec::new(),
        }
    }
}

/// The rows of a leaf: `rows[start..end]` of [`Grown`], and the bounds monotone columns set on its value.
#[derive(Debug, Clone, Copy)]
pub struct LeafRows {
    /// Place of the leaf.
    pub node: usize,
    /// First of its rows.
    pub start: usize,
    /// Past its last row.
    pub end: usize,
    /// Least value it may have.
    pub low: f64,
    /// Largest value it may have.
    pub high: f64,
}

/// A tree with the rows of its leaves.
#[derive(Debug, Clone)]
pub struct Grown {
    /// Leaves hold the sum of gradients over the sum of weights.
    pub tree: Tree,
    /// The rows that took part, leaf by leaf; within a leaf as they were given.
    pub rows: Vec<u32>,
    /// One entry a leaf.
    pub leaves: Vec<LeafRows>,
}

impl Grown {
    /// Gives every leaf the value `of` its rows, within its bounds.
    pub fn set_values(&mut self, mut of: impl FnMut(&[u32]) -> f64) {
        for leaf in &self.leaves {
            if let Node::Leaf { value, .. } = &mut self.tree.nodes[leaf.node] {
                *value = of(&self.rows[leaf.start..leaf.end]).clamp(leaf.low, leaf.high);
            }
        }
    }
}

/// What both ways of growing need to know.
pub(super) struct Job<'a> {
    pub bins: &'a Bins<'a>,
    pub settings: &'a TreeSettings,
    /// Columns that may be used.
    pub features: &'a [u32],
    /// Columns drawn for a split.
    pub n_drawn: usize,
    pub bits: u32,
    /// Value of one step of gradient over one step of weight.
    pub unit: f64,
    pub h_step: f64,
    pub least: Least,
    pub bounded: bool,
    /// The code of missing values.
    pub missing: u32,
}

impl Job<'_> {
    pub fn way(&self, feature: usize) -> i8 {
        self.settings.monotone.get(feature).copied().unwrap_or(0)
    }

    pub fn search<E: Entry>(&self, total: E, bounds: (f64, f64)) -> Search {
        Search {
            sums: total.sums(self.bits),
            bits: self.bits,
            least: self.least,
            bounds,
            bounded: self.bounded,
            random: self.settings.random_cuts,
            missing: self.missing,
            best: None,
        }
    }

    pub fn may_split(&self, n: usize, depth: u32) -> bool {
        n >= self.settings.min_samples_split.max(2)
            && n >= 2 * self.settings.min_samples_leaf
            && self.settings.max_depth.is_none_or(|most| depth < most)
    }

    /// The bounds of the two children of a cut.
    pub fn child_bounds(&self, cut: &Cut, bounds: (f64, f64)) -> [(f64, f64); 2] {
        match self.way(cut.feature) {
            1 => [(bounds.0, cut.middle), (cut.middle, bounds.1)],
            -1 => [(cut.middle, bounds.1), (bounds.0, cut.middle)],
            _ => [bounds, bounds],
        }
    }
}

/// A tree while it grows.
#[derive(Default)]
pub(super) struct Draft {
    pub tree: Tree,
    pub leaves: Vec<LeafRows>,
    /// Left children, where they are not the next node.
    lefts: Vec<u32>,
    best_first: bool,
}

/// Whose child a node is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Of {
    Nobody,
    Left(usize),
    Right(usize),
}

impl Draft {
    pub fn enter(&mut self, of: Of) -> usize {
        let at = self.tree.nodes.len();
        match of {
            Of::Right(parent) => self.tree.nodes[parent].set_right(at as u32),
            Of::Left(parent) if self.best_first => self.lefts[parent] = at as u32,
            _ => {}
        }
        if self.best_first {
            self.lefts.push(0);
        }
        at
    }

    pub fn leaf<E: Entry>(&mut self, job: &Job<'_>, total: E, bounds: (f64, f64), rows: (usize, usize)) {
        let sums = total.sums(job.bits);
        let value = if sums.h > 0.0 { (sums.g / sums.h).clamp(bounds.0, bounds.1) * job.unit } else { 0.0 };
        let (low, high) = (bounds.0 * job.unit, bounds.1 * job.unit);
        self.leaves.push(LeafRows { node: self.tree.nodes.len(), start: rows.0, end: rows.1, low, high });
        self.tree.nodes.push(Node::Leaf { value, cover: (sums.h * job.h_step) as f32 });
    }

    pub fn split<E: Entry>(&mut self, job: &Job<'_>, total: E, cut: &Cut) {
        let cover = (total.sums(job.bits).h * job.h_step) as f32;
        let feature = cut.feature as u32;
        let missing_left = cut.missing_left;
        self.tree.nodes.push(match &cut.rule {
            Rule::UpTo { threshold, .. } => {
                Node::Number { threshold: *threshold, feature, right: 0, cover, missing_left }
            }
            Rule::OneOf(codes) => {
                let words = words_of(&job.bins.columns[cut.feature], codes, missing_left);
                let set = self.tree.sets.len() as u32;
                self.tree.sets.extend(&words);
                Node::Category { feature, set, words: words.len() as u16, right: 0, cover, missing_left }
            }
        });
    }

    /// Puts nodes grown in order of gain into the order in which the left child is the next node.
    fn finish(self) -> (Tree, Vec<LeafRows>) {
        if !self.best_first {
            return (self.tree, self.leaves);
        }
        let mut tree = Tree { nodes: Vec::with_capacity(self.tree.nodes.len()), sets: self.tree.sets };
        let mut place = vec![0; self.tree.nodes.len()];
        let mut open = vec![(0, None)];
        while let Some((at, right_of)) = open.pop() {
            place[at] = tree.nodes.len();
            if let Some(parent) = right_of {
                let here = tree.nodes.len() as u32;
                let parent: usize = parent;
                tree.nodes[parent].set_right(here);
            }
            if let Some(right) = self.tree.nodes[at].right() {
                open.push((right, Some(tree.nodes.len())));
                open.push((self.lefts[at] as usize, None));
            }
            tree.nodes.push(self.tree.nodes[at]);
        }
        let mut leaves = self.leaves;
        leaves.iter_mut().for_each(|leaf| leaf.node = place[leaf.node]);
        leaves.order_by_key(|leaf| leaf.node);
        (tree, leaves)
    }
}

/// What to draw columns from, and the order in which they are looked at.
pub(super) fn look_at_columns(
    features: &mut [u32],
    n_drawn: usize,
    rng: &mut Rng,
    mut look: impl FnMut(usize, &mut Rng) -> bool,
) {
    let p = features.len();
    if n_drawn >= p {
        features.iter().for_each(|&f| {
            look(f as usize, rng);
        });
        return;
    }
    // Columns that cannot be cut do not count, as long as none was found that can.
    let mut can = false;
    for i in 0..p {
        if i >= n_drawn && can {
            break;
        }
        let other = i + rng.below((p - i) as u32) as usize;
        features.swap(i, other);
        can |= look(features[i] as usize, rng);
    }
}

/// Buffers that trees of the same table use one after the other.
#[derive(Default)]
pub struct Grower {
    small: Small,
    spill: Vec<u32>,
    packed: Vec<Vec<Histogram<i64>>>,
    wide: Vec<Vec<Histogram<Cell>>>,
    entries: Option<Entries>,
}

/// Buffers of histograms by kind of entry.
trait Pool: Entry {
    fn pool(grower: &mut Grower) -> &mut Vec<Vec<Histogram<Self>>>;
}
impl Pool for i64 {
    fn pool(grower: &mut Grower) -> &mut Vec<Vec<Histogram<Self>>> {
        &mut grower.packed
    }
}
impl Pool for Cell {
    fn pool(grower: &mut Grower) -> &mut Vec<Vec<Histogram<Self>>> {
        &mut grower.wide
    }
}

/// A node whose best cut is known.
struct Open<E> {
    start: usize,
    end: usize,
    depth: u32,
    of: Of,
    total: E,
    bounds: (f64, f64),
    /// Empty where the node is to be a leaf or to be grown on a copy.
    histograms: Vec<Histogram<E>>,
    cut: Option<Cut>,
    /// To be grown on a copy of its rows.
    copied: bool,
}

impl Grower {
    /// With no buffers yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Grows a tree on the given rows (ascending, of positive weight) whose leaves predict the sum of `g` over the sum of
    /// the weights. `g` has an entry for every row of the table; with [`Weights::Real`] it is weighted already. `features`
    /// are the columns that may be used. No rows give a leaf of 0.
    pub fn grow(
        &mut self,
        bins: &Bins<'_>,
        g: &[f64],
        weights: Weights<'_>,
        rows: Vec<u32>,
        features: &[u32],
        settings: &TreeSettings,
        rng: &mut Rng,
    ) -> Grown {
        let counts_rows = settings.min_samples_leaf > 1 || settings.min_samples_split > 2;
        let prepared = Prepared::new(g, weights, &rows, counts_rows, self.entries.take());
        let job = Job {
            bins,
            settings,
            features,
            n_drawn: settings.max_features.map_or(features.len(), |k| k.clamp(1, features.len().max(1))),
            bits: prepared.bits,
            unit: prepared.g_step / prepared.h_step,
            h_step: prepared.h_step,
            least: Least {
                n: settings.min_samples_leaf.max(1) as u32,
                h: (settings.min_weight_leaf / prepared.h_step).max(1.0),
            },
            bounded: settings.monotone.iter().any(|&w| w != 0),
            missing: if matches!(bins.codes, Codes::Bytes { .. }) { 255 } else { u32::from(u16::MAX) },
        };
        let best_first = settings.max_leaves.is_some();
        let mut draft = Draft { best_first, ..Draft::default() };
        let mut rows = rows;
        match (&bins.codes, &prepared.entries) {
            (Codes::Orders(orders), Entries::Packed(entries)) => {
                self.small.whole(&job, orders, entries, &mut rows, &mut draft, rng);
            }
            (Codes::Orders(orders), Entries::Wide(entries)) => {
                self.small.whole(&job, orders, entries, &mut rows, &mut draft, rng);
            }
            (Codes::Bytes { rows: codes, columns }, Entries::Packed(entries)) => {
                self.large(&job, codes, columns, entries, &mut rows, &mut draft, rng);
            }
            (Codes::Bytes { rows: codes, columns }, Entries::Wide(entries)) => {
                self.large(&job, codes, columns, entries, &mut rows, &mut draft, rng);
            }
        }
        self.entries = Some(prepared.entries);
        let (tree, leaves) = draft.finish();
        Grown { tree, rows, leaves }
    }

    fn large<E: Pool>(
        &mut self,
        job: &Job<'_>,
        codes: &[u8],
        columns: &[u8],
        entries: &[E],
        rows: &mut [u32],
        draft: &mut Draft,
        rng: &mut Rng,
    ) {
        let p = job.bins.n_cols();
        let mut features = job.features.to_vec();
        let mut total = E::default();
        rows.iter().for_each(|&r| total.add(entries[r as usize]));
        let bounds = (f64::NEG_INFINITY, f64::INFINITY);
        let all = (0, rows.len());
        let mut open = vec![Open {
            start: all.0,
            end: all.1,
            depth: 0,
            of: Of::Nobody,
            total,
            bounds,
            histograms: Vec::new(),
            cut: None,
            copied: false,
        }];
        if job.may_split(rows.len(), 0) {
            let mut histograms = self.take::<E>(p);
            let some = (rows.len() < entries.len()).then_some(&*rows);
            fill(codes, p, some, entries, &mut histograms);
            open[0].cut = best_cut(job, &histograms, total, bounds, &mut features, rng);
            open[0].histograms = histograms;
        }
        let mut n_leaves = 1;
        let most = job.settings.max_leaves.unwrap_or(usize::MAX).max(1);
        while let Some(node) =
            pop(&mut open, draft.best_first, |n| n.cut.map_or(-1.0, |c| c.score / n.total.sums(job.bits).h))
        {
            let Open { start, end, depth, of, total, bounds, mut histograms, cut, copied } = node;
            let at = draft.enter(of);
            if copied {
                let mine = &mut rows[start..end];
                self.small.copy(job, codes, entries, mine, start, depth, bounds, draft, rng);
                continue;
            }
            let Some(cut) = cut.filter(|_| n_leaves < most) else {
                draft.leaf(job, total, bounds, (start, end));
                self.give(histograms);
                continue;
            };
            n_leaves += 1;
            draft.split(job, total, &cut);
            let mut goes_left = [false; 256];
            (0..256).for_each(|code| goes_left[code as usize] = cut.goes_left(code, job.missing));
            let mine = &mut rows[start..end];
            let column = &columns[cut.feature * entries.len()..][..entries.len()];
            let middle = start + partition(column, &goes_left, mine, &mut self.spill);
            let left_total = left_sum(&histograms[cut.feature], &goes_left);
            let mut right_total = total;
            right_total.less(left_total);
            let ranges = [(start, middle), (middle, end)];
            // What becomes of a child: a leaf, a copy, or a node that needs its histograms.
            let wants = ranges.map(|(from, to)| {
                let splits = job.may_split(to - from, depth + 1) && n_leaves < most;
                (splits, splits && !draft.best_first && to - from <= COPY)
            });
            let needs = wants.map(|(splits, copied)| splits && !copied);
            let mut of_child = [Vec::new(), Vec::new()];
            if needs[0] || needs[1] {
                let smaller = usize::from(middle - start > end - middle);
                let mut of_smaller = self.take::<E>(p);
                fill(codes, p, Some(&rows[ranges[smaller].0..ranges[smaller].1]), entries, &mut of_smaller);
                if needs[1 - smaller] {
                    for (of_larger, of_smaller) in histograms.iter_mut().zip(&of_smaller) {
                        for (larger, &less) in of_larger.iter_mut().zip(of_smaller) {
                            larger.less(less);
                        }
                    }
                    of_child[1 - smaller] = std::mem::take(&mut histograms);
                }
                if needs[smaller] {
                    of_child[smaller] = of_smaller;
                } else {
                    self.give(of_smaller);
                }
            }
            self.give(histograms);
            let child_bounds = job.child_bounds(&cut, bounds);
            let [of_left, of_right] = of_child;
            let children = [(0, left_total, of_left), (1, right_total, of_right)];
            let from = open.len();
            for (side, total, histograms) in children {
                let cut = if needs[side] {
                    best_cut(job, &histograms, total, child_bounds[side], &mut features, rng)
                } else {
                    None
                };
                open.push(Open {
                    start: ranges[side].0,
                    end: ranges[side].1,
                    depth: depth + 1,
                    of: if side == 0 { Of::Left(at) } else { Of::Right(at) },
                    total,
                    bounds: child_bounds[side],
                    histograms,
                    cut,
                    copied: wants[side].1,
                });
            }
            // The left child is taken first.
            open[from..].reverse();
        }
    }

    fn take<E: Pool>(&mut self, p: usize) -> Vec<Histogram<E>> {
        match E::pool(self).pop() {
            Some(mut old) if old.len() == p => {
                old.iter_mut().for_each(|h| h.fill(E::default()));
                old
            }
            _ => vec![[E::default(); 256]; p],
        }
    }

    fn give<E: Pool>(&mut self, histograms: Vec<Histogram<E>>) {
        if !histograms.is_empty() {
            E::pool(self).push(histograms);
        }
    }
}

/// The node to go on with: the last, or the first among those that gain most.
pub(super) fn pop<T>(open: &mut Vec<T>, best_first: bool, gain: impl Fn(&T) -> f64) -> Option<T> {
    if !best_first {
        return open.pop();
    }
    let mut best: Option<(usize, f64)> = None;
    for (i, node) in open.iter().enumerate() {
        let gain = gain(node);
        if best.is_none_or(|(_, most)| gain > most) {
            best = Some((i, gain));
        }
    }
    best.map(|(i, _)| open.remove(i))
}

fn left_sum<E: Entry>(histogram: &Histogram<E>, goes_left: &[bool; 256]) -> E {
    let mut sum = E::default();
    for (&entry, &left) in histogram.iter().zip(goes_left) {
        if left {
            sum.add(entry);
        }
    }
    sum
}

fn best_cut<E: Entry>(
    job: &Job<'_>,
    histograms: &[Histogram<E>],
    total: E,
    bounds: (f64, f64),
    features: &mut [u32],
    rng: &mut Rng,
) -> Option<Cut> {
    let mut search = job.search(total, bounds);
    let none = E::default();
    look_at_columns(features, job.n_drawn, rng, |j, rng| {
        let (column, histogram) = (&job.bins.columns[j], &histograms[j]);
        let gone = Some(histogram[255]).filter(|&e| e != none);
        let known = &histogram[..column.n_codes.min(255)];
        let runs = (0_u32..).zip(known.iter().copied()).filter(|&(_, e)| e != none);
        if column.is_category() {
            return search.levels(j, gone, runs, rng);
        }
        let first = known.iter().position(|&e| e != none);
        let last = known.iter().rposition(|&e| e != none);
        match (first, last) {
            (Some(first), Some(last)) => {
                search.numbers(j, column, job.way(j), gone, (first as u32, last as u32), runs, rng)
            }
            _ => false,
        }
    });
    search.best
}
