//! Grows trees on few rows: every column keeps its rows in order, and splitting a node keeps the orders of both halves.
//!
//! Nothing is sorted twice and no bin is looked at that holds no row. The rows are a copy of at most [`EXACT`] cells, so
//! that all of it stays in the fastest memory.

use super::{
    bins::EXACT,
    cut::Cut,
    grow::{Draft, Job, Of, look_at_columns, pop},
    histogram::{Cell, Entry},
};
use crate::engine::numeric::random::Rng;

/// Buffers that subtrees use one after the other.
pub(super) struct Small {
    /// Column after column `code << 16 | place`, a node's in one piece.
    orders: Vec<u32>,
    /// Places, a node's in one piece.
    places: Vec<u32>,
    cells: Box<[Cell; EXACT]>,
    goes_left: Box<[bool; EXACT]>,
    spill: Vec<u32>,
    /// Lists of columns, one after the other.
    varying: Vec<u32>,
    /// Rows of the table by place.
    rows: Vec<u32>,
}

impl Default for Small {
    fn default() -> Self {
        Self {
            orders: Vec::new(),
            places: Vec::new(),
            cells: Box::new([Cell::default(); EXACT]),
            goes_left: Box::new([false; EXACT]),
            spill: Vec::new(),
            varying: Vec::new(),
            rows: Vec::new(),
        }
    }
}

/// A node whose best cut is known.
struct Open {
    start: usize,
    end: usize,
    depth: u32,
    of: Of,
    total: Cell,
    bounds: (f64, f64),
    cut: Option<Cut>,
    /// Its list of columns that vary in it: others are constant below it, and need neither a look nor an order any more.
    varying: (usize, usize),
}

const PLACE: u32 = 0xffff;

/// A place as an index that cannot leave the arrays.
#[inline(always)]
fn at(packed: u32) -> usize {
    (packed & PLACE) as usize % EXACT
}

impl Small {
    /// Grows a whole tree on a small table whose orders are known.
    pub fn whole<E: Entry>(
        &mut self,
        job: &Job<'_>,
        orders: &[u32],
        entries: &[E],
        rows: &mut [u32],
        draft: &mut Draft,
        rng: &mut Rng,
    ) {
        let n = entries.len();
        let mut total = Cell::default();
        self.orders.clear();
        for &row in &*rows {
            let cell = entries[row as usize].cell(job.bits);
            self.cells[row as usize % EXACT] = cell;
            total.add(cell);
        }
        if rows.len() == n {
            self.orders.extend_from_slice(orders);
        } else {
            self.goes_left[..n].fill(false);
            rows.iter().for_each(|&row| self.goes_left[row as usize % EXACT] = true);
            self.orders.extend(orders.iter().filter(|&&packed| self.goes_left[at(packed)]));
        }
        self.places.clear();
        self.places.extend_from_slice(rows);
        let bounds = (f64::NEG_INFINITY, f64::INFINITY);
        draft.enter(Of::Nobody);
        self.subtree(job, 0, 0, total, bounds, draft, rng);
        rows.copy_from_slice(&self.places);
    }

    /// Grows a subtree of a large tree on a copy of its rows. The node has been entered.
    pub fn copy<E: Entry>(
        &mut self,
        job: &Job<'_>,
        codes: &[u8],
        entries: &[E],
        rows: &mut [u32],
        start: usize,
        depth: u32,
        bounds: (f64, f64),
        draft: &mut Draft,
        rng: &mut Rng,
    ) {
        let (p, m) = (job.bins.n_cols(), rows.len());
        self.rows.clear();
        self.rows.extend_from_slice(rows);
        self.places.clear();
        self.places.extend(0..m as u32);
        self.orders.clear();
        self.orders.resize(p * m, 0);
        let mut total = Cell::default();
        for (i, &row) in self.rows.iter().enumerate() {
            let cell = entries[row as usize].cell(job.bits);
            self.cells[i % EXACT] = cell;
            total.add(cell);
            for (j, &code) in codes[row as usize * p..][..p].iter().enumerate() {
                self.orders[j * m + i] = u32::from(code) << 16 | i as u32;
            }
        }
        for order in self.orders.chunks_exact_mut(m) {
            order.sort_unstable();
        }
        self.subtree(job, start, depth, total, bounds, draft, rng);
        for (slot, &place) in rows.iter_mut().zip(&self.places) {
            *slot = self.rows[place as usize];
        }
    }

    /// `offset`: where these rows start among all of the tree.
    fn subtree(
        &mut self,
        job: &Job<'_>,
        offset: usize,
        depth: u32,
        total: Cell,
        bounds: (f64, f64),
        draft: &mut Draft,
        rng: &mut Rng,
    ) {
        let n = self.places.len();
        let best_first = job.settings.max_leaves.is_some();
        let most = job.settings.max_leaves.unwrap_or(usize::MAX).max(1);
        let mut n_leaves = 1;
        let mut drawn = if job.n_drawn < job.features.len() { job.features.to_vec() } else { Vec::new() };
        self.varying.clear();
        self.varying.extend_from_slice(job.features);
        let everything = (0, self.varying.len());
        let mut root =
            Open { start: 0, end: n, depth, of: Of::Nobody, total, bounds, cut: None, varying: everything };
        if job.may_split(n, depth) {
            self.decide(job, &mut root, &mut drawn, rng);
        }
        let mut open = vec![root];
        let mut first = true;
        while let Some(node) =
            pop(&mut open, best_first, |n| n.cut.map_or(-1.0, |c| c.score / n.total.sums(job.bits).h))
        {
            let Open { start, end, depth, of, total, bounds, cut, varying } = node;
            // The root was entered by whoever called.
            let at_node = if first { draft.tree.nodes.len() } else { draft.enter(of) };
            first = false;
            let Some(cut) = cut.filter(|_| n_leaves < most) else {
                draft.leaf(job, total, bounds, (offset + start, offset + end));
                continue;
            };
            n_leaves += 1;
            draft.split(job, total, &cut);
            let order = &self.orders[cut.feature * n + start..cut.feature * n + end];
            let mut left_total = Cell::default();
            let mut n_left = 0;
            for &packed in order {
                let left = cut.goes_left(packed >> 16, job.missing);
                self.goes_left[at(packed)] = left;
                if left {
                    left_total.add(self.cells[at(packed)]);
                    n_left += 1;
                }
            }
            let mut right_total = total;
            right_total.less(left_total);
            let middle = start + n_left;
            partition(&mut self.places[start..end], &self.goes_left, &mut self.spill);
            let may = [(start, middle), (middle, end)]
                .map(|(from, to)| job.may_split(to - from, depth + 1) && n_leaves < most);
            if may[0] || may[1] {
                for &j in &self.varying[varying.0..varying.1] {
                    let from = j as usize * n;
                    partition(&mut self.orders[from + start..from + end], &self.goes_left, &mut self.spill);
                }
            }
            let child_bounds = job.child_bounds(&cut, bounds);
            let from = open.len();
            for (side, (start, end), total) in
                [(0, (start, middle), left_total), (1, (middle, end), right_total)]
            {
                let of = if side == 0 { Of::Left(at_node) } else { Of::Right(at_node) };
                let bounds = child_bounds[side];
                let mut child = Open { start, end, depth: depth + 1, of, total, bounds, cut: None, varying };
                if may[side] {
                    self.decide(job, &mut child, &mut drawn, rng);
                }
                open.push(child);
            }
            open[from..].reverse();
        }
    }

    /// Finds the node's best cut and the columns that vary in it.
    fn decide(&mut self, job: &Job<'_>, node: &mut Open, drawn: &mut [u32], rng: &mut Rng) {
        let n = self.places.len();
        let from = self.varying.len();
        for i in node.varying.0..node.varying.1 {
            let j = self.varying[i];
            let order = &self.orders[j as usize * n..];
            if (order[node.start] ^ order[node.end - 1]) > PLACE {
                self.varying.push(j);
            }
        }
        if self.varying.len() - from == node.varying.1 - node.varying.0 {
            self.varying.truncate(from);
        } else {
            node.varying = (from, self.varying.len());
        }
        let mut search = job.search(node.total, node.bounds);
        let (orders, cells) = (&self.orders, &self.cells);
        let look = |j: usize, rng: &mut Rng| {
            let order = &orders[j * n + node.start..j * n + node.end];
            // A column that does not vary may have a stale order; it holds one code all the same.
            let (Some(&first), Some(&last)) = (order.first(), order.last()) else { return false };
            if first >> 16 == last >> 16 {
                return false;
            }
            let column = &job.bins.columns[j];
            let (mut known, mut gone) = (order, None);
            if last >> 16 == job.missing {
                let end = order.partition_point(|&packed| packed >> 16 != job.missing);
                let mut sum = Cell::default();
                order[end..].iter().for_each(|&packed| sum.add(cells[at(packed)]));
                (known, gone) = (&order[..end], Some(sum));
            }
            if column.is_category() {
                let mut levels: Vec<(u32, Cell)> = Vec::new();
                for &packed in known {
                    match levels.last_mut() {
                        Some((code, sum)) if *code == packed >> 16 => sum.add(cells[at(packed)]),
                        _ => levels.push((packed >> 16, cells[at(packed)])),
                    }
                }
                return search.levels(j, gone, levels.into_iter(), rng);
            }
            let ends = (first >> 16, known.last().map_or(first, |&l| l) >> 16);
            let runs = known.iter().map(|&packed| (packed >> 16, cells[at(packed)]));
            search.numbers(j, column, job.way(j), gone, ends, runs, rng)
        };
        if drawn.is_empty() {
            let mut varying = std::mem::take(&mut self.varying);
            let mine = &mut varying[node.varying.0..node.varying.1];
            look_at_columns(mine, usize::MAX, rng, look);
            self.varying = varying;
        } else {
            look_at_columns(drawn, job.n_drawn, rng, look);
        }
        node.cut = search.best;
    }
}

/// Stable partition by place.
fn partition(order: &mut [u32], goes_left: &[bool; EXACT], spill: &mut Vec<u32>) {
    if spill.len() < order.len() {
        spill.resize(order.len(), 0);
    }
    let spill = &mut spill[..order.len()];
    let (mut n_left, mut n_right) = (0, 0);
    for i in 0..order.len() {
        let packed = order[i];
        let left = goes_left[at(packed)];
        // Both are written, one counts: no branch to guess wrong.
        order[n_left] = packed;
        spill[n_right] = packed;
        n_left += usize::from(left);
        n_right += usize::from(!left);
    }
    order[n_left..].copy_from_slice(&spill[..n_right]);
}
