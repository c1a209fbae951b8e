//! Forests: deep trees grown apart from each other, on drawn rows (random forest) or at random cuts (extra trees).

use std::ops::Range;

use super::{Bins, Grower, Tree, TreeSettings, Weights, model::predict_each};
use crate::engine::context::{Ctx, Stopped};

/// Settings of a forest.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ForestSettings {
    /// How many trees.
    pub n_trees: u32,
    /// Whether each tree sees rows drawn with replacement.
    pub bootstrap: bool,
    /// A target that counts as one more row of every leaf.
    pub one_more: Option<f64>,
    /// Of each tree.
    pub tree: TreeSettings,
}

/// Some trees of a forest, and what they say about rows they have not seen.
#[derive(Debug, Clone, Default)]
pub struct Part {
    /// In the order of their numbers.
    pub trees: Vec<Tree>,
    /// For each row the sum of the predictions of the trees that did not see it; empty without bootstrap.
    pub unseen_sums: Vec<f64>,
    /// And how many trees that were.
    pub unseen_counts: Vec<u32>,
}

/// Trees of one part: parts are the same however many workers share them.
pub const PART: u32 = 10;

/// The numbers of the trees of each part.
pub fn parts(n_trees: u32) -> impl Iterator<Item = Range<u32>> {
    (0..n_trees.div_ceil(PART)).map(move |i| i * PART..((i + 1) * PART).min(n_trees))
}

impl Part {
    /// Adds the next part of the same forest.
    pub fn join(&mut self, next: Self) {
        self.trees.extend(next.trees);
        if self.unseen_sums.is_empty() {
            (self.unseen_sums, self.unseen_counts) = (next.unseen_sums, next.unseen_counts);
        } else {
            self.unseen_sums.iter_mut().zip(next.unseen_sums).for_each(|(a, b)| *a += b);
            self.unseen_counts.iter_mut().zip(next.unseen_counts).for_each(|(a, b)| *a += b);
        }
    }

    /// R² of the mean predictions for rows by trees that did not see them; `None` where no row or no spread is left.
    pub fn out_of_bag_r2(&self, y: &[f64]) -> Option<f64> {
        let rows = || {
            let known = self.unseen_sums.iter().zip(&self.unseen_counts).zip(y);
            known.filter(|((_, n), _)| **n > 0).map(|((sum, &n), &y)| (sum / f64::from(n), y))
        };
        let n = rows().count();
        let mean = rows().map(|(_, y)| y).sum::<f64>() / n as f64;
        let total: f64 = rows().map(|(_, y)| (y - mean) * (y - mean)).sum();
        let left: f64 = rows().map(|(p, y)| (y - p) * (y - p)).sum();
        (n > 1 && total > 0.0).then(|| 1.0 - left / total)
    }
}

/// Grows the trees of the given numbers. A tree has its own stream of random numbers: it is the same whoever grows it, and
/// whatever was grown before it. Rows of weight 0 take no part.
pub fn forest(
    bins: &Bins<'_>,
    y: &[f64],
    weights: Option<&[f64]>,
    settings: &ForestSettings,
    numbers: Range<u32>,
    ctx: &Ctx<'_>,
) -> Result<Part, Stopped> {
    let n = y.len();
    let x = bins.x();
    let usable: Vec<u32> = (0..n as u32).filter(|&r| weights.is_none_or(|w| w[r as usize] > 0.0)).collect();
    let m = usable.len() as u32;
    let first = usable.first().map_or(0.0, |&r| y[r as usize]);
    let mean = first + usable.iter().map(|&r| y[r as usize] - first).sum::<f64>() / f64::from(m.max(1));
    // Targets about their mean: sums of products lose nothing to a common offset.
    let centred: Vec<f64> = y.iter().map(|y| y - mean).collect();
    let features: Vec<u32> = (0..x.n_cols() as u32).collect();
    let mut grower = Grower::new();
    let mut part = Part::default();
    if settings.bootstrap {
        part.unseen_sums = vec![0.0; n];
        part.unseen_counts = vec![0; n];
    }
    let mut counts = vec![0_u32; n];
    let (mut weighted, mut h) = (Vec::new(), Vec::new());
    for i in numbers.clone() {
        ctx.tick(u64::from(i - numbers.start), u64::from(numbers.end - numbers.start))?;
        let mut rng = ctx.rng(u64::from(i));
        if settings.bootstrap {
            counts.fill(0);
            for _ in 0..m {
                counts[usable[rng.below(m) as usize] as usize] += 1;
            }
        } else {
            usable.iter().for_each(|&r| counts[r as usize] = 1);
        }
        let rows: Vec<u32> = usable.iter().copied().filter(|&r| counts[r as usize] > 0).collect();
        let weight_of = |r: u32| f64::from(counts[r as usize]) * weights.map_or(1.0, |w| w[r as usize]);
        let (g, kind) = if weights.is_some() {
            h.clear();
            h.extend((0..n as u32).map(weight_of));
            weighted.clear();
            weighted.extend(centred.iter().zip(&h).map(|(c, h)| c * h));
            (&weighted, Weights::Real(&h))
        } else if settings.bootstrap {
            (&centred, Weights::Counts(&counts))
        } else {
            (&centred, Weights::Unit)
        };
        let mut grown = grower.grow(bins, g, kind, rows, &features, &settings.tree, &mut rng);
        grown.set_values(|rows| {
            let mean = mean_of(rows, y, weight_of);
            let Some(more) = settings.one_more else { return mean };
            let n: f64 = rows.iter().map(|&r| weight_of(r)).sum();
            (mean * n + more) / (n + 1.0)
        });
        if settings.bootstrap {
            let unseen: Vec<u32> = usable.iter().copied().filter(|&r| counts[r as usize] == 0).collect();
            predict_each(std::slice::from_ref(&grown.tree), x, Some(&unseen), |row, _, value| {
                part.unseen_sums[row] += value;
                part.unseen_counts[row] += 1;
            });
        }
        part.trees.push(grown.tree);
    }
    Ok(part)
}

/// The weighted mean about the first: exact where all are equal.
pub(super) fn mean_of(rows: &[u32], y: &[f64], weight_of: impl Fn(u32) -> f64) -> f64 {
    let first = rows.first().map_or(0.0, |&r| y[r as usize]);
    let (mut sum, mut weight) = (0.0, 0.0);
    for &row in rows {
        let w = weight_of(row);
        sum += w * (y[row as usize] - first);
        weight += w;
    }
    if weight > 0.0 { first + sum / weight } else { first }
}
