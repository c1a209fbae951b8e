//! Regression trees: columns prepared once, then trees grown on weighted rows by least squares.
//!
//! Minimises the weighted sum of squared errors, one best split at a time (CART: Breiman, Friedman, Olshen, Stone 1984).
//! A node with at most [`SMALL`] rows keeps, for every feature, its rows in order of the feature: each split is exact (the
//! threshold lies midway between two neighbouring values of the node) and hands the orders down by a stable partition, so
//! nothing is sorted twice. A larger node looks at at most 256 bins a feature (exact as well while a feature has at most
//! 256 distinct values); the histogram of the larger child is the parent's less that of the smaller child.
//! Cost: O(features x rows x depth). Random numbers are drawn only where features are sampled.

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::{matrix::Matrix, random::Rng};

/// Nodes up to this many rows are split exactly.
pub const SMALL: usize = 4096;

/// Most bins a feature has in a large node.
const MAX_BINS: usize = 256;

/// When a tree stops growing.
///
/// | setting | default | range |
/// |---|---|---|
/// | `max_depth` | none | >= 1 |
/// | `min_samples_leaf` | 1 | >= 1, counted in distinct rows |
/// | `min_samples_split` | 2 | >= 2, counted in distinct rows |
/// | `max_features` | all | 1..=features; drawn anew at each split |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TreeSettings {
    /// Most splits from the root to a leaf.
    pub max_depth: Option<u32>,
    /// Fewest rows in a leaf.
    pub min_samples_leaf: usize,
    /// Fewest rows of a node that may be split.
    pub min_samples_split: usize,
    /// Features looked at for a split.
    pub max_features: Option<usize>,
}

impl Default for TreeSettings {
    fn default() -> Self {
        Self { max_depth: None, min_samples_leaf: 1, min_samples_split: 2, max_features: None }
    }
}

/// A matrix prepared for growing trees: the order of the rows by each column, and bins where there are many rows.
pub struct Columns<'a> {
    x: &'a Matrix,
    /// For each column the rows by increasing value (ties by row).
    orders: Vec<u32>,
    /// For each column the rank of each row among the distinct values.
    ranks: Vec<u32>,
    /// Column-major; empty while every node is small.
    bins: Vec<u8>,
    /// For each column and bin the largest rank in it.
    last_rank: Vec<Vec<u32>>,
}

impl<'a> Columns<'a> {
    /// Sorts every column once. `x` must be finite.
    pub fn new(x: &'a Matrix) -> Self {
        let (n, p) = (x.n_rows(), x.n_cols());
        let mut orders = Vec::with_capacity(n * p);
        let mut ranks = vec![0_u32; n * p];
        let mut bins = Vec::new();
        let mut last_rank = Vec::new();
        for j in 0..p {
            let column = x.column(j);
            let mut order: Vec<u32> = (0..n as u32).collect();
            order.sort_unstable_by(|&a, &b| {
                column[a as usize].total_cmp(&column[b as usize]).then_with(|| a.cmp(&b))
            });
            let rank = &mut ranks[j * n..(j + 1) * n];
            let mut current = 0;
            for (i, &row) in order.iter().enumerate() {
                if i > 0 && column[row as usize] > column[order[i - 1] as usize] {
                    current += 1;
                }
                rank[row as usize] = current;
            }
            if n > SMALL {
                let (codes, last) = bin(rank, &order, current as usize + 1);
                bins.extend(codes);
                last_rank.push(last);
            }
            orders.extend(order);
        }
        Self { x, orders, ranks, bins, last_rank }
    }

    fn order(&self, j: usize) -> &[u32] {
        let n = self.x.n_rows();
        &self.orders[j * n..(j + 1) * n]
    }

    fn rank(&self, j: usize) -> &[u32] {
        let n = self.x.n_rows();
        &self.ranks[j * n..(j + 1) * n]
    }

    fn bin_of(&self, j: usize) -> &[u8] {
        let n = self.x.n_rows();
        &self.bins[j * n..(j + 1) * n]
    }

    /// The value midway between two ranks of a column, such that the lower one stays at or below it.
    fn between(&self, j: usize, low_row: u32, high_row: u32) -> f64 {
        let column = self.x.column(j);
        let (a, b) = (column[low_row as usize], column[high_row as usize]);
        let middle = a + (b - a) / 2.0;
        if middle >= a && middle < b { middle } else { a }
    }
}

/// Cuts a ranked column into at most 256 bins of about equal size; every distinct value has its own while they suffice.
fn bin(rank: &[u32], order: &[u32], n_distinct: usize) -> (Vec<u8>, Vec<u32>) {
    let mut bin_of_rank = vec![0_u8; n_distinct];
    let mut last = Vec::new();
    if n_distinct <= MAX_BINS {
        for (r, slot) in bin_of_rank.iter_mut().enumerate() {
            *slot = r as u8;
            last.push(r as u32);
        }
    } else {
        let mut current = 0_usize;
        for (i, &row) in order.iter().enumerate() {
            let r = rank[row as usize];
            // A new value may open the next bin once the bins so far hold their share of the rows.
            let is_new = i > 0 && r != rank[order[i - 1] as usize];
            if is_new && i * MAX_BINS >= (current + 1) * order.len() && current + 1 < MAX_BINS {
                last.push(r - 1);
                current += 1;
            }
            bin_of_rank[r as usize] = current as u8;
        }
        last.push(n_distinct as u32 - 1);
    }
    (rank.iter().map(|&r| bin_of_rank[r as usize]).collect(), last)
}

/// A node of a grown tree. Children come after their parent; the left child is the next node.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Node {
    /// Predicts this value.
    Leaf(f64),
    /// `x[feature] <= threshold` goes to the next node, everything else to `right`.
    Split {
        /// Column of the matrix.
        feature: u32,
        /// Upper end of what goes left.
        threshold: f64,
        /// Place of the right child.
        right: u32,
    },
}

/// A grown tree.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tree {
    /// The root first.
    pub nodes: Vec<Node>,
}

impl Tree {
    /// The prediction for one row.
    pub fn predict_row(&self, x: &Matrix, row: usize) -> f64 {
        let mut at = 0;
        loop {
            match self.nodes[at] {
                Node::Leaf(value) => return value,
                Node::Split { feature, threshold, right } => {
                    at = if x.get(row, feature as usize) <= threshold { at + 1 } else { right as usize };
                }
            }
        }
    }

    /// Adds `factor` times the prediction of every row to `out`.
    pub fn add_to(&self, x: &Matrix, factor: f64, out: &mut [f64]) {
        for (row, slot) in out.iter_mut().enumerate() {
            *slot += factor * self.predict_row(x, row);
        }
    }

    /// Number of leaves.
    pub fn n_leaves(&self) -> usize {
        self.nodes.iter().filter(|n| matches!(n, Node::Leaf(_))).count()
    }

    /// Longest way from the root to a leaf, in splits.
    pub fn depth(&self) -> u32 {
        let mut depths = vec![0_u32; self.nodes.len()];
        for at in 0..self.nodes.len() {
            if let Node::Split { right, .. } = self.nodes[at] {
                depths[at + 1] = depths[at] + 1;
                depths[right as usize] = depths[at] + 1;
            }
        }
        depths.into_iter().max().unwrap_or(0)
    }

    /// Whether a tree read from bytes can be walked on `n_features` columns without leaving it.
    pub fn is_sound(&self, n_features: usize) -> bool {
        !self.nodes.is_empty()
            && self.nodes.iter().enumerate().all(|(at, node)| match *node {
                Node::Leaf(_) => true,
                Node::Split { feature, right, .. } => {
                    (feature as usize) < n_features
                        && right as usize > at + 1
                        && (right as usize) < self.nodes.len()
                }
            })
    }
}

/// Weight and weighted target of a row, side by side because they are read together.
#[derive(Debug, Clone, Copy, Default)]
struct Cell {
    weight: f64,
    weighted: f64,
}

/// Sums over one bin.
#[derive(Debug, Clone, Copy, Default)]
struct Bin {
    weight: f64,
    weighted: f64,
    n: u32,
}

/// A split worth making: `score` is the drop of the squared error over the node's weight.
#[derive(Debug, Clone, Copy)]
struct Cut {
    score: f64,
    feature: usize,
    threshold: f64,
    /// Rows with a rank up to this go left.
    rank: u32,
    /// Width of the gap it lies in, over the range of the feature in the node: the wider of two equal cuts wins.
    gap: f64,
}

/// Scores this close (relatively) are equal: sums in another order differ by about as much.
const TIE: f64 = 1e-12;

/// Grows a tree on the rows with a positive weight. `y` and `weights` have one entry a row; weights of repeated draws are
/// their counts. At least one weight must be positive, else the tree is a single leaf of 0.
pub fn grow(
    columns: &Columns<'_>,
    y: &[f64],
    weights: &[f64],
    settings: &TreeSettings,
    rng: &mut Rng,
) -> Tree {
    let mut rows: Vec<u32> = (0..weights.len() as u32).filter(|&r| weights[r as usize] > 0.0).collect();
    let (mut weight, mut total) = (0.0, 0.0);
    for &row in &rows {
        weight += weights[row as usize];
        total += weights[row as usize] * y[row as usize];
    }
    let mean = if weight > 0.0 { total / weight } else { 0.0 };
    // Targets about their mean: sums of products lose nothing to a common offset.
    let cells: Vec<Cell> =
        y.iter().zip(weights).map(|(&y, &weight)| Cell { weight, weighted: weight * (y - mean) }).collect();
    let p = columns.x.n_cols();
    let mut grower = Grower {
        columns,
        y,
        cells,
        mean,
        settings,
        features: (0..p as u32).collect(),
        n_drawn: settings.max_features.map_or(p, |k| k.clamp(1, p.max(1))),
        goes_left: vec![false; y.len()],
        spill: Vec::new(),
        nodes: Vec::new(),
    };
    if rows.len() <= SMALL {
        let orders = if rows.len() == y.len() {
            columns.orders.clone()
        } else {
            let mut orders = Vec::with_capacity(p * rows.len());
            for j in 0..p {
                orders.extend(columns.order(j).iter().filter(|&&r| weights[r as usize] > 0.0));
            }
            orders
        };
        grower.small(orders, rows, 0, rng);
    } else {
        grower.large(&mut rows, rng);
    }
    Tree { nodes: grower.nodes }
}

struct Grower<'a> {
    columns: &'a Columns<'a>,
    y: &'a [f64],
    cells: Vec<Cell>,
    mean: f64,
    settings: &'a TreeSettings,
    /// Feature numbers, shuffled in place where they are sampled.
    features: Vec<u32>,
    n_drawn: usize,
    goes_left: Vec<bool>,
    spill: Vec<u32>,
    nodes: Vec<Node>,
}

/// A node still to be made: its rows, its depth and whose right child it is.
struct Open {
    start: usize,
    end: usize,
    depth: u32,
    right_of: Option<usize>,
}

/// A small node with its sums and the features that vary in its parent.
struct Ready {
    place: Open,
    sums: Cell,
    may_split: bool,
    varying: Rc<[u32]>,
}

impl Grower<'_> {
    /// Sums of a node; `None` for the second when nothing can or may be split.
    fn weigh(&self, rows: &[u32], depth: u32) -> (Cell, bool) {
        let mut sums = Cell::default();
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for &row in rows {
            let cell = self.cells[row as usize];
            sums.weight += cell.weight;
            sums.weighted += cell.weighted;
            let y = self.y[row as usize];
            low = low.min(y);
            high = high.max(y);
        }
        let may_split = high > low
            && rows.len() >= self.settings.min_samples_split.max(2)
            && rows.len() >= 2 * self.settings.min_samples_leaf
            && self.settings.max_depth.is_none_or(|most| depth < most);
        (sums, may_split)
    }

    fn leaf(&mut self, sums: Cell) {
        let value = if sums.weight > 0.0 { self.mean + sums.weighted / sums.weight } else { 0.0 };
        self.nodes.push(Node::Leaf(value));
    }

    fn enter(&mut self, right_of: Option<usize>) -> usize {
        let at = self.nodes.len();
        if let Some(parent) = right_of
            && let Node::Split { right, .. } = &mut self.nodes[parent]
        {
            *right = at as u32;
        }
        at
    }

    /// The best cut over the drawn features; more are drawn until one can be cut.
    fn best_cut(
        &mut self,
        rng: &mut Rng,
        mut cut_one: impl FnMut(&Self, usize, &mut Option<Cut>) -> bool,
    ) -> Option<Cut> {
        let p = self.features.len();
        let mut best = None;
        let samples = self.n_drawn < p;
        for i in 0..p {
            if samples {
                if i >= self.n_drawn && best.is_some() {
                    break;
                }
                let other = i + rng.below((p - i) as u32) as usize;
                self.features.swap(i, other);
            }
            let feature = self.features[i] as usize;
            cut_one(self, feature, &mut best);
        }
        best
    }

    /// Grows a subtree of a few rows. `orders` holds, feature after feature, the rows by increasing value.
    fn small(&mut self, mut orders: Vec<u32>, mut rows: Vec<u32>, depth: u32, rng: &mut Rng) {
        let n = rows.len();
        let p = self.columns.x.n_cols();
        let samples = self.n_drawn < p;
        let everything: Rc<[u32]> = (0..p as u32).collect();
        let (sums, may_split) = self.weigh(&rows, depth);
        let place = Open { start: 0, end: n, depth, right_of: None };
        let mut open = vec![Ready { place, sums, may_split, varying: everything }];
        while let Some(Ready { place, sums, may_split, varying }) = open.pop() {
            let Open { start, end, depth, right_of } = place;
            let at = self.enter(right_of);
            if !may_split {
                self.leaf(sums);
                continue;
            }
            // A feature that is constant here is constant below: it needs neither a look nor an order any more. (Its stale
            // order still holds equal values only, which is all that sampling asks of it.)
            let varying: Rc<[u32]> = varying
                .iter()
                .copied()
                .filter(|&j| {
                    let (rank, from) = (self.columns.rank(j as usize), j as usize * n);
                    rank[orders[from + start] as usize] != rank[orders[from + end - 1] as usize]
                })
                .collect();
            let look = |this: &Self, feature: usize, best: &mut Option<Cut>| {
                this.exact_cut(feature, &orders[feature * n + start..feature * n + end], sums, best)
            };
            let cut = if samples {
                self.best_cut(rng, look)
            } else {
                let mut best = None;
                for &feature in varying.iter() {
                    look(self, feature as usize, &mut best);
                }
                best
            };
            let Some(cut) = cut else {
                self.leaf(sums);
                continue;
            };
            let rank = self.columns.rank(cut.feature);
            for &row in &rows[start..end] {
                self.goes_left[row as usize] = rank[row as usize] <= cut.rank;
            }
            let middle = start + self.partition(&mut rows[start..end]);
            self.nodes.push(Node::Split { feature: cut.feature as u32, threshold: cut.threshold, right: 0 });
            let depth = depth + 1;
            let (left_sums, left_may) = self.weigh(&rows[start..middle], depth);
            let (right_sums, right_may) = self.weigh(&rows[middle..end], depth);
            if left_may || right_may {
                for &j in varying.iter() {
                    let from = j as usize * n;
                    self.partition(&mut orders[from + start..from + end]);
                }
            }
            open.push(Ready {
                place: Open { start: middle, end, depth, right_of: Some(at) },
                sums: right_sums,
                may_split: right_may,
                varying: Rc::clone(&varying),
            });
            open.push(Ready {
                place: Open { start, end: middle, depth, right_of: None },
                sums: left_sums,
                may_split: left_may,
                varying,
            });
        }
    }

    /// Stable partition by `goes_left`; returns how many go left.
    fn partition(&mut self, rows: &mut [u32]) -> usize {
        self.spill.resize(rows.len().max(self.spill.len()), 0);
        let (mut n_left, mut n_right) = (0, 0);
        for i in 0..rows.len() {
            let row = rows[i];
            let left = self.goes_left[row as usize];
            // Both are written, one counts: no branch to guess wrong.
            rows[n_left] = row;
            self.spill[n_right] = row;
            n_left += usize::from(left);
            n_right += usize::from(!left);
        }
        rows[n_left..].copy_from_slice(&self.spill[..n_right]);
        n_left
    }

    /// Tries every place between two different values of `order`. Between equally good cuts the one in the wider gap wins,
    /// because new rows are least likely to fall on its wrong side; then the first.
    fn exact_cut(&self, feature: usize, order: &[u32], sums: Cell, best: &mut Option<Cut>) -> bool {
        let rank = self.columns.rank(feature);
        let (Some(&first), Some(&last)) = (order.first(), order.last()) else { return false };
        if rank[first as usize] == rank[last as usize] {
            return false;
        }
        let least = self.settings.min_samples_leaf;
        let mean = sums.weighted / sums.weight;
        let column = self.columns.x.column(feature);
        let range = column[last as usize] - column[first as usize];
        let mut left = Cell::default();
        let (mut best_score, mut best_gap) = best.map_or((f64::NEG_INFINITY, 0.0), |b| (b.score, b.gap));
        let mut found = None;
        let mut row_rank = rank[first as usize];
        for (i, pair) in order.windows(2).enumerate() {
            let cell = self.cells[pair[0] as usize];
            left.weight += cell.weight;
            left.weighted += cell.weighted;
            let next_rank = rank[pair[1] as usize];
            if next_rank != row_rank && i + 1 >= least && order.len() - i > least {
                let lead = left.weighted - left.weight * mean;
                let score = lead * lead / (left.weight * (sums.weight - left.weight));
                if score >= best_score * (1.0 - TIE) {
                    let gap = (column[pair[1] as usize] - column[pair[0] as usize]) / range;
                    if score > best_score * (1.0 + TIE) || gap > best_gap {
                        (best_score, best_gap) = (score.max(best_score), gap);
                        found = Some(i);
                    }
                }
            }
            row_rank = next_rank;
        }
        if let Some(i) = found {
            let threshold = self.columns.between(feature, order[i], order[i + 1]);
            let rank = rank[order[i] as usize];
            *best = Some(Cut { score: best_score, feature, threshold, rank, gap: best_gap });
        }
        true
    }

    /// Grows from many rows by histograms, handing small nodes to [`Grower::small`].
    fn large(&mut self, rows: &mut [u32], rng: &mut Rng) {
        let root = self.histogram(rows);
        let mut open = vec![(Open { start: 0, end: rows.len(), depth: 0, right_of: None }, root)];
        while let Some((Open { start, end, depth, right_of }, histogram)) = open.pop() {
            let at = self.enter(right_of);
            if end - start <= SMALL {
                let mine = rows[start..end].to_vec();
                let mut orders = Vec::with_capacity(mine.len() * self.columns.x.n_cols());
                for j in 0..self.columns.x.n_cols() {
                    let rank = self.columns.rank(j);
                    let mut order = mine.clone();
                    order.sort_unstable_by_key(|&r| (rank[r as usize], r));
                    orders.extend(order);
                }
                self.small(orders, mine, depth, rng);
                continue;
            }
            let (sums, may_split) = self.weigh(&rows[start..end], depth);
            let cut = if may_split {
                self.best_cut(rng, |this, feature, best| {
                    this.binned_cut(feature, &histogram[feature * MAX_BINS..], sums, best)
                })
            } else {
                None
            };
            let Some(cut) = cut else {
                self.leaf(sums);
                continue;
            };
            let rank = self.columns.rank(cut.feature);
            for &row in &rows[start..end] {
                self.goes_left[row as usize] = rank[row as usize] <= cut.rank;
            }
            let middle = start + self.partition(&mut rows[start..end]);
            self.nodes.push(Node::Split { feature: cut.feature as u32, threshold: cut.threshold, right: 0 });
            let (left, right) = (start..middle, middle..end);
            let smaller = if left.len() <= right.len() { left.clone() } else { right.clone() };
            let needs = left.len().max(right.len()) > SMALL;
            let (mut of_left, mut of_right) = (Vec::new(), Vec::new());
            if needs {
                let of_smaller = self.histogram(&rows[smaller]);
                let mut of_larger = histogram;
                for (larger, less) in of_larger.iter_mut().zip(&of_smaller) {
                    larger.weight -= less.weight;
                    larger.weighted -= less.weighted;
                    larger.n -= less.n;
                }
                (of_left, of_right) =
                    if left.len() <= right.len() { (of_smaller, of_larger) } else { (of_larger, of_smaller) };
            }
            open.push((Open { start: middle, end, depth: depth + 1, right_of: Some(at) }, of_right));
            open.push((Open { start, end: middle, depth: depth + 1, right_of: None }, of_left));
        }
    }

    fn histogram(&self, rows: &[u32]) -> Vec<Bin> {
        let p = self.columns.x.n_cols();
        let mut bins = vec![Bin::default(); p * MAX_BINS];
        for (j, of_feature) in bins.chunks_exact_mut(MAX_BINS).enumerate() {
            let bin_of = self.columns.bin_of(j);
            for &row in rows {
                let cell = self.cells[row as usize];
                let bin = &mut of_feature[bin_of[row as usize] as usize];
                bin.weight += cell.weight;
                bin.weighted += cell.weighted;
                bin.n += 1;
            }
        }
        bins
    }

    fn binned_cut(&self, feature: usize, histogram: &[Bin], sums: Cell, best: &mut Option<Cut>) -> bool {
        let last_rank = &self.columns.last_rank[feature];
        let n: u32 = histogram[..last_rank.len()].iter().map(|b| b.n).sum();
        let least = self.settings.min_samples_leaf as u32;
        let mean = sums.weighted / sums.weight;
        let mut left = Bin::default();
        let mut found = false;
        for (b, bin) in histogram[..last_rank.len()].iter().enumerate() {
            if bin.n == 0 {
                continue;
            }
            left.weight += bin.weight;
            left.weighted += bin.weighted;
            left.n += bin.n;
            if left.n < least.max(1) || n - left.n < least.max(1) {
                continue;
            }
            found = true;
            let gap = left.weighted - left.weight * mean;
            let score = gap * gap / (left.weight * (sums.weight - left.weight));
            if best.is_none_or(|known| score > known.score) {
                let rank = last_rank[b];
                let threshold = self.threshold_after(feature, rank);
                *best = Some(Cut { score, feature, threshold, rank, gap: 0.0 });
            }
        }
        found
    }

    /// The value midway between a rank and the next one of the whole column.
    fn threshold_after(&self, feature: usize, rank: u32) -> f64 {
        let (order, ranks) = (self.columns.order(feature), self.columns.rank(feature));
        let next = order.partition_point(|&r| ranks[r as usize] <= rank);
        match (next.checked_sub(1).and_then(|i| order.get(i)), order.get(next)) {
            (Some(&low), Some(&high)) => self.columns.between(feature, low, high),
            (Some(&low), None) => self.columns.x.get(low as usize, feature),
            _ => f64::INFINITY,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::context::Ctx;

    fn friedman(n: usize, p: usize, seed: u64) -> (Matrix, Vec<f64>) {
        let mut rng = Ctx::quiet(seed).rng(0);
        let columns: Vec<Vec<f64>> = (0..p).map(|_| (0..n).map(|_| rng.unit()).collect()).collect();
        let y = (0..n)
            .map(|i| {
                let x = |j: usize| columns[j][i];
                10.0 * x(0) * x(1)
                    + 20.0 * (x(2) - 0.5) * (x(2) - 0.5)
                    + 10.0 * x(3)
                    + 5.0 * x(4)
                    + rng.normal()
            })
            .collect();
        (Matrix::from_columns(&columns), y)
    }

    #[test]
    fn a_step_is_found_at_the_midpoint() {
        let x = Matrix::from_columns(&[vec![1.0, 2.0, 3.0, 4.0]]);
        let columns = Columns::new(&x);
        let settings = TreeSettings::default();
        let tree = grow(&columns, &[0.0, 0.0, 8.0, 8.0], &[1.0; 4], &settings, &mut Ctx::quiet(0).rng(0));
        assert_eq!(
            tree.nodes,
            [Node::Split { feature: 0, threshold: 2.5, right: 2 }, Node::Leaf(0.0), Node::Leaf(8.0)]
        );
    }

    #[test]
    fn a_full_tree_repeats_its_training_rows() {
        let (x, y) = friedman(300, 6, 1);
        let tree =
            grow(&Columns::new(&x), &y, &[1.0; 300], &TreeSettings::default(), &mut Ctx::quiet(0).rng(0));
        for (row, &target) in y.iter().enumerate() {
            assert!((tree.predict_row(&x, row) - target).abs() < 1e-9);
        }
        assert!(tree.is_sound(6));
    }

    #[test]
    fn counts_are_repeated_rows() {
        let (x, y) = friedman(60, 5, 2);
        let mut rng = Ctx::quiet(3).rng(0);
        let drawn: Vec<u32> = (0..60).map(|_| rng.below(60)).collect();
        let mut weights = vec![0.0; 60];
        drawn.iter().for_each(|&r| weights[r as usize] += 1.0);
        let settings = TreeSettings { max_depth: Some(4), ..TreeSettings::default() };
        let by_weight = grow(&Columns::new(&x), &y, &weights, &settings, &mut rng.clone());
        let repeated = x.take_rows(&drawn);
        let y_repeated: Vec<f64> = drawn.iter().map(|&r| y[r as usize]).collect();
        let by_rows = grow(&Columns::new(&repeated), &y_repeated, &[1.0; 60], &settings, &mut rng.clone());
        for row in 0..60 {
            assert!((by_weight.predict_row(&x, row) - by_rows.predict_row(&x, row)).abs() < 1e-9);
        }
    }

    #[test]
    fn limits_hold() {
        let (x, y) = friedman(500, 5, 4);
        let columns = Columns::new(&x);
        let settings = TreeSettings { max_depth: Some(3), min_samples_leaf: 20, ..TreeSettings::default() };
        let tree = grow(&columns, &y, &[1.0; 500], &settings, &mut Ctx::quiet(0).rng(0));
        assert!(tree.depth() <= 3 && tree.n_leaves() <= 8);
        let mut counts = std::collections::BTreeMap::new();
        for row in 0..500 {
            *counts.entry(tree.predict_row(&x, row).to_bits()).or_insert(0) += 1;
        }
        assert!(counts.values().all(|&n| n >= 20));
    }

    #[test]
    fn binned_and_exact_trees_agree_where_values_are_few() {
        let n = SMALL + 500;
        let mut rng = Ctx::quiet(5).rng(0);
        let columns: Vec<Vec<f64>> =
            (0..4).map(|_| (0..n).map(|_| f64::from(rng.below(40))).collect()).collect();
        // Whole numbers: sums are exact whatever their order.
        let y: Vec<f64> = (0..n)
            .map(|i| (columns[0][i] * columns[1][i] - 3.0 * columns[2][i]).round() + f64::from(rng.below(50)))
            .collect();
        let x = Matrix::from_columns(&columns);
        let prepared = Columns::new(&x);
        let settings = TreeSettings { max_depth: Some(4), ..TreeSettings::default() };
        let binned = grow(&prepared, &y, &vec![1.0; n], &settings, &mut rng.clone());
        let mut grower = Grower {
            columns: &prepared,
            y: &y,
            cells: Vec::new(),
            mean: y.iter().sum::<f64>() / n as f64,
            settings: &settings,
            features: (0..4).collect(),
            n_drawn: 4,
            goes_left: vec![false; n],
            spill: Vec::new(),
            nodes: Vec::new(),
        };
        grower.cells = y.iter().map(|&v| Cell { weight: 1.0, weighted: v - grower.mean }).collect();
        grower.small(prepared.orders.clone(), (0..n as u32).collect(), 0, &mut rng);
        let exact = Tree { nodes: grower.nodes };
        for row in 0..n {
            assert!((binned.predict_row(&x, row) - exact.predict_row(&x, row)).abs() < 1e-9);
        }
    }

    #[test]
    fn many_rows_are_learnt_as_well_as_few() {
        let (x, y) = friedman(SMALL * 3, 5, 6);
        let settings = TreeSettings { max_depth: Some(8), ..TreeSettings::default() };
        let n = y.len();
        let tree = grow(&Columns::new(&x), &y, &vec![1.0; n], &settings, &mut Ctx::quiet(0).rng(0));
        let mean = y.iter().sum::<f64>() / n as f64;
        let (mut left, mut all) = (0.0, 0.0);
        for (row, &v) in y.iter().enumerate() {
            let gap = v - tree.predict_row(&x, row);
            left += gap * gap;
            all += (v - mean) * (v - mean);
        }
        assert!(1.0 - left / all > 0.8, "R² {}", 1.0 - left / all);
    }
}
