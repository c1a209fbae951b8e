//! The nearest rows of a table: a k-d tree over columns of equal scale.

use serde::{Deserialize, Serialize};

use super::matrix::Matrix;

/// Rows in a leaf, at most.
const LEAF: usize = 24;

/// Rows arranged so that the nearest ones are found without looking at all.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Neighbours {
    n_columns: u32,
    /// Row after row, in the order of `order`.
    points: Vec<f64>,
    /// Number of each row as it was given.
    order: Vec<u32>,
    /// Of nodes: the column that is cut and where; the left child follows, the right one is named. A leaf names its rows.
    nodes: Vec<Node>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
enum Node {
    Leaf { start: u32, end: u32 },
    Cut { column: u32, at: f64, right: u32 },
}

impl Neighbours {
    /// Builds the tree: the widest column of a node is cut at its middle row. Cost: n log² n.
    pub fn new(x: &Matrix) -> Self {
        let mut order: Vec<u32> = (0..x.n_rows() as u32).collect();
        let mut nodes = Vec::new();
        split(x, &mut order, 0, &mut nodes);
        let mut points = Vec::with_capacity(x.n_rows() * x.n_cols());
        for &row in &order {
            points.extend((0..x.n_cols()).map(|j| x.get(row as usize, j)));
        }
        Self { n_columns: x.n_cols() as u32, points, order, nodes }
    }

    /// Whether it can be searched for points of this many values (what was read back may be anything).
    pub fn is_sound(&self, n_rows: usize, n_columns: usize) -> bool {
        let n = self.order.len();
        let p = self.n_columns as usize;
        let node_is_sound = |(i, node): (usize, &Node)| match *node {
            Node::Leaf { start, end } => start <= end && end as usize <= n,
            Node::Cut { column, right, .. } => {
                (column as usize) < p
                    && i + 1 < self.nodes.len()
                    && right as usize > i
                    && (right as usize) < self.nodes.len()
            }
        };
        n == n_rows
            && p == n_columns
            && self.points.len() == n * p
            && !self.nodes.is_empty()
            && self.order.iter().all(|&r| (r as usize) < n)
            && self.nodes.iter().enumerate().all(node_is_sound)
    }

    /// The `k` nearest rows with their squared distances, nearest first; of equally near ones the earlier row.
    pub fn nearest(&self, point: &[f64], k: usize) -> Vec<(f64, u32)> {
        let mut best: Vec<(f64, u32)> = Vec::with_capacity(k + 1);
        let mut apart = vec![0.0; point.len()];
        self.search(0, point, k.min(self.order.len()), 0.0, &mut apart, &mut best);
        best
    }

    fn search(
        &self,
        node: usize,
        point: &[f64],
        k: usize,
        bound: f64,
        apart: &mut [f64],
        best: &mut Vec<(f64, u32)>,
    ) {
        let is_hopeless =
            |bound: f64, best: &[(f64, u32)]| best.len() == k && best.last().is_none_or(|w| bound > w.0);
        match self.nodes[node] {
            Node::Leaf { start, end } => {
                let p = self.n_columns as usize;
                for i in start as usize..end as usize {
                    let values = &self.points[i * p..(i + 1) * p];
                    let worst = if best.len() < k { f64::INFINITY } else { best.last().map_or(0.0, |w| w.0) };
                    let mut distance = 0.0;
                    for (a, b) in values.chunks(8).zip(point.chunks(8)) {
                        distance += a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f64>();
                        if distance > worst {
                            break;
                        }
                    }
                    let found = (distance, self.order[i]);
                    let is_before = |a: &(f64, u32)| a.0 < found.0 || (a.0 == found.0 && a.1 < found.1);
                    if best.len() < k || best.last().is_some_and(|worst| !is_before(worst)) {
                        let at = best.partition_point(is_before);
                        best.insert(at, found);
                        best.truncate(k);
                    }
                }
            }
            Node::Cut { column, at, right } => {
                let column = column as usize;
                let gap = point[column] - at;
                let (near, far) =
                    if gap < 0.0 { (node + 1, right as usize) } else { (right as usize, node + 1) };
                self.search(near, point, k, bound, apart, best);
                // What the far side is away in this column replaces what the nodes above said of it.
                let before = apart[column];
                let beyond = bound - before + gap * gap;
                if !is_hopeless(beyond, best) {
                    apart[column] = gap * gap;
                    self.search(far, point, k, beyond, apart, best);
                    apart[column] = before;
                }
            }
        }
    }
}

/// Orders `rows` and appends their nodes; `start` is their place among all.
fn split(x: &Matrix, rows: &mut [u32], start: u32, nodes: &mut Vec<Node>) {
    let leaf = Node::Leaf { start, end: start + rows.len() as u32 };
    if rows.len() <= LEAF {
        nodes.push(leaf);
        return;
    }
    let (mut widest, mut width) = (0, 0.0);
    for j in 0..x.n_cols() {
        let column = x.column(j);
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for &row in rows.iter() {
            low = low.min(column[row as usize]);
            high = high.max(column[row as usize]);
        }
        if high - low > width {
            (widest, width) = (j, high - low);
        }
    }
    if width <= 0.0 {
        nodes.push(leaf);
        return;
    }
    let column = x.column(widest);
    let by_value = |a: &u32, b: &u32| column[*a as usize].total_cmp(&column[*b as usize]).then(a.cmp(b));
    rows.sort_unstable_by(by_value);
    let middle = rows.len() / 2;
    let place = nodes.len();
    nodes.push(leaf);
    let (left, right) = rows.split_at_mut(middle);
    let at = column[right[0] as usize];
    split(x, left, start, nodes);
    nodes[place] = Node::Cut { column: widest as u32, at, right: nodes.len() as u32 };
    split(x, right, start + middle as u32, nodes);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::context::Ctx;

    #[test]
    fn the_tree_finds_what_looking_at_every_row_finds() {
        let mut rng = Ctx::quiet(5).rng(0);
        for p in [1, 3, 8] {
            // Rounded, so that distances tie and values repeat.
            let columns: Vec<Vec<f64>> =
                (0..p).map(|_| (0..700).map(|_| (rng.normal() * 4.0).round()).collect()).collect();
            let x = Matrix::from_columns(&columns);
            let tree = Neighbours::new(&x);
            assert!(tree.is_sound(700, p) && !tree.is_sound(699, p) && !tree.is_sound(700, p + 1));
            for _ in 0..50 {
                let point: Vec<f64> = (0..p).map(|_| (rng.normal() * 4.0).round()).collect();
                let mut all: Vec<(f64, u32)> = (0..700)
                    .map(|i| {
                        ((0..p).map(|j| (x.get(i, j) - point[j]) * (x.get(i, j) - point[j])).sum(), i as u32)
                    })
                    .collect();
                all.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
                all.truncate(7);
                assert_eq!(tree.nearest(&point, 7), all);
            }
        }
    }

    #[test]
    fn few_rows_and_equal_rows_are_no_trouble() {
        let x = Matrix::from_columns(&[vec![1.0; 100]]);
        assert_eq!(Neighbours::new(&x).nearest(&[1.0], 2), [(0.0, 0), (0.0, 1)]);
        assert_eq!(Neighbours::new(&Matrix::zeros(1, 0)).nearest(&[], 5), [(0.0, 0)]);
        assert_eq!(Neighbours::new(&Matrix::zeros(0, 2)).nearest(&[1.0, 2.0], 5), []);
    }
}
