//! A grown tree: its nodes as plain data, and how rows find their leaf.

use serde::{Deserialize, Serialize};

use crate::engine::numeric::matrix::Matrix;

/// A node of a grown tree. Children come after their parent; the left child is the next node.
///
/// `cover` is the weight of the training rows that reached the node (the sum of second derivatives where a loss has them).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Node {
    /// Predicts this value.
    Leaf {
        /// The prediction.
        value: f64,
        /// Weight of its training rows.
        cover: f32,
    },
    /// `x[feature] <= threshold` goes to the next node, what is larger to `right`.
    Number {
        /// Upper end of what goes left, in the unit of the column.
        threshold: f64,
        /// Column of the matrix.
        feature: u32,
        /// Place of the right child.
        right: u32,
        /// Weight of its training rows.
        cover: f32,
        /// Whether a missing value goes left.
        missing_left: bool,
    },
    /// Levels in a set go to the next node, others to `right`.
    Category {
        /// Column of the matrix.
        feature: u32,
        /// First word of the set in [`Tree::sets`].
        set: u32,
        /// Words of the set; levels beyond them go where missing ones go.
        words: u16,
        /// Place of the right child.
        right: u32,
        /// Weight of its training rows.
        cover: f32,
        /// Whether a missing value, or a level no training row had, goes left.
        missing_left: bool,
    },
}

impl Node {
    /// Weight of the training rows that reached it.
    pub fn cover(&self) -> f64 {
        match *self {
            Self::Leaf { cover, .. } | Self::Number { cover, .. } | Self::Category { cover, .. } => {
                f64::from(cover)
            }
        }
    }

    /// Place of the right child; `None` for a leaf.
    pub fn right(&self) -> Option<usize> {
        match *self {
            Self::Leaf { .. } => None,
            Self::Number { right, .. } | Self::Category { right, .. } => Some(right as usize),
        }
    }

    pub(super) fn set_right(&mut self, at: u32) {
        match self {
            Self::Leaf { .. } => {}
            Self::Number { right, .. } | Self::Category { right, .. } => *right = at,
        }
    }
}

/// A grown tree.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Tree {
    /// The root first.
    pub nodes: Vec<Node>,
    /// Bits of the levels that go left, for splits by category.
    pub sets: Vec<u64>,
}

impl Tree {
    /// A tree of one leaf.
    pub fn leaf(value: f64, cover: f64) -> Self {
        Self { nodes: vec![Node::Leaf { value, cover: cover as f32 }], sets: Vec::new() }
    }

    /// Whether a value of the feature of node `at` goes to its left child; true for a leaf.
    #[inline]
    pub fn goes_left(&self, at: usize, value: f64) -> bool {
        match self.nodes[at] {
            Node::Leaf { .. } => true,
            Node::Number { threshold, missing_left, .. } => {
                value <= threshold || (missing_left && value.is_nan())
            }
            Node::Category { set, words, missing_left, .. } => {
                let level = value as u64;
                if value >= 0.0 && level < u64::from(words) * 64 {
                    let word = self.sets[set as usize + (level / 64) as usize];
                    word >> (level % 64) & 1 == 1
                } else {
                    missing_left
                }
            }
        }
    }

    /// The place of the leaf a row ends in; `value` gives the row's value of a feature.
    #[inline]
    pub fn leaf_of(&self, value: impl Fn(usize) -> f64) -> usize {
        let mut at = 0;
        loop {
            let (feature, right) = match self.nodes[at] {
                Node::Leaf { .. } => return at,
                Node::Number { threshold, feature, right, missing_left, .. } => {
                    let v = value(feature as usize);
                    let left = v <= threshold || (missing_left && v.is_nan());
                    at = if left { at + 1 } else { right as usize };
                    continue;
                }
                Node::Category { feature, right, .. } => (feature, right),
            };
            at = if self.goes_left(at, value(feature as usize)) { at + 1 } else { right as usize };
        }
    }

    /// What node `at` predicts; 0 where it is no leaf.
    #[inline]
    pub fn value(&self, at: usize) -> f64 {
        if let Node::Leaf { value, .. } = self.nodes[at] { value } else { 0.0 }
    }

    /// The prediction for one row of a matrix.
    pub fn predict_row(&self, x: &Matrix, row: usize) -> f64 {
        self.value(self.leaf_of(|feature| x.get(row, feature)))
    }

    /// Number of leaves.
    pub fn n_leaves(&self) -> usize {
        self.nodes.iter().filter(|n| matches!(n, Node::Leaf { .. })).count()
    }

    /// Longest way from the root to a leaf, in splits.
    pub fn depth(&self) -> u32 {
        let mut depths = vec![0_u32; self.nodes.len()];
        for at in 0..self.nodes.len() {
            if let Some(right) = self.nodes[at].right() {
                depths[at + 1] = depths[at] + 1;
                depths[right] = depths[at] + 1;
            }
        }
        depths.into_iter().max().unwrap_or(0)
    }

    /// Whether a tree read from bytes can be walked on `n_features` columns without leaving it.
    pub fn is_sound(&self, n_features: usize) -> bool {
        !self.nodes.is_empty()
            && self.nodes.iter().enumerate().all(|(at, node)| {
                let feature = match *node {
                    Node::Leaf { .. } => return true,
                    Node::Number { feature, .. } => feature,
                    Node::Category { feature, set, words, .. } => {
                        if set as usize + words as usize > self.sets.len() {
                            return false;
                        }
                        feature
                    }
                };
                (feature as usize) < n_features
                    && node.right().is_some_and(|right| right > at + 1 && right < self.nodes.len())
            })
    }
}

/// Rows looked at together: their values lie side by side, whatever the order of the matrix.
const BLOCK: usize = 1024;

/// Nodes of the trees that are walked together, so many that a copy of them is a few megabytes.
const GROUP: usize = 1 << 19;

/// Rows on their way at the same time: while one waits for memory the others go on.
const ABREAST: usize = 8;

/// A split on a number as it is walked: `value <= threshold` is the next node. A leaf sends everything to itself.
#[derive(Clone, Copy)]
struct Step {
    threshold: f64,
    feature: u32,
    right: u32,
}

/// A tree to be walked by many rows.
struct Walk<'a> {
    tree: &'a Tree,
    /// Empty where a split is on a category, or the rows are few.
    steps: Vec<Step>,
}

impl<'a> Walk<'a> {
    fn new(tree: &'a Tree, n_rows: usize) -> Self {
        let numbers = !tree.nodes.iter().any(|n| matches!(n, Node::Category { .. }));
        let steps = if numbers && n_rows * 8 >= tree.nodes.len() {
            let step = |(at, node): (usize, &Node)| match *node {
                Node::Number { threshold, feature, right, .. } => Step { threshold, feature, right },
                _ => Step { threshold: f64::NAN, feature: 0, right: at as u32 },
            };
            tree.nodes.iter().enumerate().map(step).collect()
        } else {
            Vec::new()
        };
        Self { tree, steps }
    }

    /// Calls `each(i, prediction)` for the rows of `p` values in `block`, none of which is missing where `complete`.
    fn block(&self, block: &[f64], p: usize, complete: bool, mut each: impl FnMut(usize, f64)) {
        let mut done = 0;
        if complete && !self.steps.is_empty() {
            for rows in block.chunks_exact(p * ABREAST) {
                let mut at = [0_u32; ABREAST];
                loop {
                    let mut moved = 0;
                    for (i, at) in at.iter_mut().enumerate() {
                        let Step { threshold, feature, right } = self.steps[*at as usize];
                        let left = rows[i * p + feature as usize] <= threshold;
                        let next = if left { *at + 1 } else { right };
                        moved |= next ^ *at;
                        *at = next;
                    }
                    if moved == 0 {
                        break;
                    }
                }
                for (i, &at) in at.iter().enumerate() {
                    each(done + i, self.tree.value(at as usize));
                }
                done += ABREAST;
            }
        }
        for (i, row) in block.chunks_exact(p).enumerate().skip(done) {
            each(i, self.tree.value(self.tree.leaf_of(|feature| row[feature])));
        }
    }
}

/// Calls `each(row, tree, prediction)` for the given rows (`None`: all), and for each of them every tree in order.
pub fn predict_each(
    trees: &[Tree],
    x: &Matrix,
    rows: Option<&[u32]>,
    mut each: impl FnMut(usize, usize, f64),
) {
    let p = x.n_cols();
    let n = rows.map_or(x.n_rows(), <[u32]>::len);
    if p == 0 {
        for i in 0..n {
            for (t, tree) in trees.iter().enumerate() {
                each(rows.map_or(i, |r| r[i] as usize), t, tree.value(tree.leaf_of(|_| f64::NAN)));
            }
        }
        return;
    }
    let mut block = vec![0.0; BLOCK.min(n) * p];
    let mut first = 0;
    while first < trees.len() {
        // As many trees as are walked from memory that is not too much.
        let mut n_nodes = 0;
        let group: Vec<Walk<'_>> = trees[first..]
            .iter()
            .take_while(|tree| {
                let room = n_nodes == 0 || n_nodes + tree.nodes.len() <= GROUP;
                n_nodes += tree.nodes.len().max(1);
                room
            })
            .map(|tree| Walk::new(tree, n))
            .collect();
        for from in (0..n).step_by(BLOCK) {
            let m = BLOCK.min(n - from);
            let block = &mut block[..m * p];
            let mut complete = true;
            for j in 0..p {
                let column = x.column(j);
                for (i, slot) in block.chunks_exact_mut(p).enumerate() {
                    let v = column[rows.map_or(from + i, |r| r[from + i] as usize)];
                    complete &= !v.is_nan();
                    slot[j] = v;
                }
            }
            for (t, walk) in group.iter().enumerate() {
                walk.block(block, p, complete, |i, value| {
                    each(rows.map_or(from + i, |r| r[from + i] as usize), first + t, value);
                });
            }
        }
        first += group.len();
    }
}

/// For every row the sum of the predictions, in the order of the trees.
pub fn sums(trees: &[Tree], x: &Matrix) -> Vec<f64> {
    let mut out = vec![0.0; x.n_rows()];
    predict_each(trees, x, None, |row, _, value| out[row] += value);
    out
}
