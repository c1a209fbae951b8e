//! SHAP values of a tree: how much each column moves one prediction away from the mean, exactly and in one walk.
//!
//! The game is the path-dependent one of Lundberg et al. (2018, 2020, algorithm 2): what a tree is worth with the columns
//! `S` known is its prediction when splits on other columns send a row both ways, by the cover of the children. For one
//! leaf that is `value * product over the columns of its path of (o if known, else z)`, where `o` is 1 if the row passes
//! every split on the column and else 0, and `z` is the product of the shares of cover along them. The Shapley value of
//! column `i` is then an integral (Owen 1972),
//!
//! ```text
//! phi_i = integral from 0 to 1 of value * (o_i - z_i) * product over j != i of (o_j t + z_j (1 - t)) dt
//! ```
//!
//! of a polynomial of degree (columns of the path - 1): Gauss-Legendre with half as many points gives it exactly. All
//! factors are positive, so nothing cancels, and sums over leaves are shared along the way: O(nodes x points) a row where
//! algorithm 2 takes O(leaves x depth²). Tests compare it with the sum over all subsets.

use super::{Node, Tree};
use crate::engine::numeric::quadrature::gauss_legendre;

/// No edge above with the same column.
const NONE: u32 = u32::MAX;

/// Shares of cover keep this distance from 0: a child without cover would make 0 of 0.
const LEAST_SHARE: f64 = 1e-12;

/// A tree prepared for SHAP values of many rows.
pub struct TreeShap<'a> {
    tree: &'a Tree,
    /// Number of points.
    k: usize,
    weights: Vec<f64>,
    /// `1 - t` and its inverse.
    rest: Vec<f64>,
    over_rest: Vec<f64>,
    /// Of the edge to each node: share of cover along all splits on its column up to here.
    share: Vec<f64>,
    /// Of the edge to each node: the node at the end of the nearest edge above with the same column, or [`NONE`].
    upper: Vec<u32>,
    /// Of the edge to each node, for each point: `t + share (1 - t)`, and its inverse.
    hot: Vec<f64>,
    over_hot: Vec<f64>,
    base: f64,
}

/// Memory that one row after another uses.
#[derive(Default)]
pub struct ShapScratch {
    /// Whether the row passes every split on the column of the edge.
    is_hot: Vec<bool>,
    /// For each node and point the product on the way down, then the sum over the leaves below on the way up.
    parts: Vec<f64>,
}

/// Points that the deepest path of a tree needs, and its nodes: what a row costs is their product.
pub fn shap_cost(tree: &Tree) -> u64 {
    let upper = edges(tree).1;
    tree.nodes.len() as u64 * n_points(tree, &upper) as u64
}

/// For each node the column of the edge to it, and the nearest edge above with the same column.
fn edges(tree: &Tree) -> (Vec<u32>, Vec<u32>) {
    let n = tree.nodes.len();
    let (mut column, mut upper, mut parent) = (vec![NONE; n], vec![NONE; n], vec![NONE; n]);
    for (at, node) in tree.nodes.iter().enumerate() {
        let feature = match *node {
            Node::Leaf { .. } => continue,
            Node::Number { feature, .. } | Node::Category { feature, .. } => feature,
        };
        // The edges from the root to here, from below.
        let mut above = at as u32;
        while above != NONE && column[above as usize] != feature {
            above = parent[above as usize];
        }
        for child in [at + 1, node.right().unwrap_or(at + 1)] {
            column[child] = feature;
            upper[child] = above;
            parent[child] = at as u32;
        }
    }
    (column, upper)
}

/// Half of the most columns on a path, at least one point; even where the loops gain by it.
fn n_points(tree: &Tree, upper: &[u32]) -> usize {
    let mut n_columns = vec![0_usize; tree.nodes.len()];
    for (at, node) in tree.nodes.iter().enumerate() {
        if let Some(right) = node.right() {
            for child in [at + 1, right] {
                n_columns[child] = n_columns[at] + usize::from(upper[child] == NONE);
            }
        }
    }
    let half = n_columns.into_iter().max().unwrap_or(0).div_ceil(2).max(1);
    if half == 1 { 1 } else { half.next_multiple_of(2) }
}

impl<'a> TreeShap<'a> {
    /// Prepares a tree.
    pub fn new(tree: &'a Tree) -> Self {
        let n = tree.nodes.len();
        let (_, upper) = edges(tree);
        let k = n_points(tree, &upper);
        let (t, weights): (Vec<f64>, Vec<f64>) = gauss_legendre(k).into_iter().unzip();
        let rest: Vec<f64> = t.iter().map(|t| 1.0 - t).collect();
        let over_rest: Vec<f64> = rest.iter().map(|r| 1.0 / r).collect();
        let mut share = vec![1.0; n];
        let mut reach = vec![1.0; n];
        let (mut hot, mut over_hot) = (vec![1.0; n * k], vec![1.0; n * k]);
        let mut base = 0.0;
        for (at, node) in tree.nodes.iter().enumerate() {
            let Some(right) = node.right() else {
                base += tree.value(at) * reach[at];
                continue;
            };
            let (of_left, of_right) = (tree.nodes[at + 1].cover(), tree.nodes[right].cover());
            let total = of_left + of_right;
            let left = if total > 0.0 { of_left / total } else { 0.5 };
            let left = left.clamp(LEAST_SHARE, 1.0 - LEAST_SHARE);
            for (child, own) in [(at + 1, left), (right, 1.0 - left)] {
                reach[child] = reach[at] * own;
                let above = upper[child];
                share[child] = own * if above == NONE { 1.0 } else { share[above as usize] };
                for i in 0..k {
                    let factor = t[i] + share[child] * rest[i];
                    hot[child * k + i] = factor;
                    over_hot[child * k + i] = 1.0 / factor;
                }
            }
        }
        Self { tree, k, weights, rest, over_rest, share, upper, hot, over_hot, base }
    }

    /// What the tree is worth when no column is known: the mean of its leaves by cover.
    pub fn base(&self) -> f64 {
        self.base
    }

    /// Adds `factor` times the SHAP values of one row; `value` gives the row's value of a column. Together they are
    /// `factor * (prediction - base)`.
    pub fn add(&self, value: impl Fn(usize) -> f64, factor: f64, scratch: &mut ShapScratch, phi: &mut [f64]) {
        let (n, k) = (self.tree.nodes.len(), self.k);
        scratch.is_hot.clear();
        scratch.is_hot.resize(n, true);
        scratch.parts.clear();
        scratch.parts.resize(n * k, 1.0);
        for (at, node) in self.tree.nodes.iter().enumerate() {
            let (feature, right) = match *node {
                Node::Leaf { value, .. } => {
                    scratch.parts[at * k..(at + 1) * k].iter_mut().for_each(|p| *p *= value);
                    continue;
                }
                Node::Number { feature, right, .. } | Node::Category { feature, right, .. } => {
                    (feature as usize, right as usize)
                }
            };
            let goes_left = self.tree.goes_left(at, value(feature));
            self.descend(at, at + 1, goes_left, scratch);
            self.descend(at, right, !goes_left, scratch);
        }
        for (at, node) in self.tree.nodes.iter().enumerate().rev() {
            let (feature, right) = match *node {
                Node::Leaf { .. } => continue,
                Node::Number { feature, right, .. } | Node::Category { feature, right, .. } => {
                    (feature as usize, right as usize)
                }
            };
            let moved = self.moved(at + 1, scratch) + self.moved(right, scratch);
            if let Some(slot) = phi.get_mut(feature) {
                *slot += factor * moved;
            }
            let (upper, lower) = scratch.parts.split_at_mut((at + 1) * k);
            let (left, right) = (&lower[..k], &lower[(right - at - 1) * k..][..k]);
            for ((slot, a), b) in upper[at * k..].iter_mut().zip(left).zip(right) {
                *slot = a + b;
            }
        }
    }

    /// The products at a child from those at its parent: the factor of the column is replaced where it was there before.
    fn descend(&self, parent: usize, child: usize, passes: bool, scratch: &mut ShapScratch) {
        let k = self.k;
        let above = self.upper[child] as usize;
        let was_hot = self.upper[child] == NONE || scratch.is_hot[above];
        let is_hot = passes && was_hot;
        scratch.is_hot[child] = is_hot;
        let (before, after) = scratch.parts.split_at_mut(child * k);
        let (from, to) = (&before[parent * k..(parent + 1) * k], &mut after[..k]);
        let steps = to.iter_mut().zip(from);
        let share = self.share[child];
        let hot = &self.hot[child * k..(child + 1) * k];
        if self.upper[child] == NONE {
            if is_hot {
                steps.zip(hot).for_each(|((to, from), hot)| *to = from * hot);
            } else {
                steps.zip(&self.rest).for_each(|((to, from), rest)| *to = from * (share * rest));
            }
        } else if is_hot {
            let over = &self.over_hot[above * k..(above + 1) * k];
            steps.zip(hot.iter().zip(over)).for_each(|((to, from), (hot, over))| *to = from * (hot * over));
        } else if was_hot {
            let over = &self.over_hot[above * k..(above + 1) * k];
            steps
                .zip(self.rest.iter().zip(over))
                .for_each(|((to, from), (rest, over))| *to = from * (share * rest * over));
        } else {
            let ratio = share / self.share[above];
            steps.for_each(|(to, from)| *to = from * ratio);
        }
    }

    /// What the edge to a node adds to its column: its own part of the leaves below, in place of that of the edge above.
    fn moved(&self, node: usize, scratch: &ShapScratch) -> f64 {
        let k = self.k;
        let parts = || scratch.parts[node * k..(node + 1) * k].iter().zip(&self.weights);
        let of = |edge: usize| -> f64 {
            if scratch.is_hot[edge] {
                let over = &self.over_hot[edge * k..(edge + 1) * k];
                let sum: f64 = parts().zip(over).map(|((part, w), over)| part * w * over).sum();
                (1.0 - self.share[edge]) * sum
            } else {
                -parts().zip(&self.over_rest).map(|((part, w), over)| part * w * over).sum::<f64>()
            }
        };
        let above = self.upper[node];
        if above == NONE {
            of(node)
        } else if !scratch.is_hot[above as usize] {
            0.0
        } else {
            of(node) - of(above as usize)
        }
    }
}
