//! AdaBoost.R2 (Drucker 1997): trees on rows drawn by how badly they were predicted so far.

use super::{Bins, Grower, Tree, TreeSettings, Weights, forest::mean_of, model::predict_each};
use crate::engine::{
    context::{Ctx, Stopped},
    numeric::{math, matrix::Matrix, random::Rng},
};

/// How an error, as a share e of the largest, counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AdaLoss {
    /// e
    Linear,
    /// e²
    Square,
    /// 1 − exp(−e)
    Exponential,
}

/// Settings of AdaBoost.R2.
#[derive(Debug, Clone, PartialEq)]
pub struct AdaSettings {
    /// Most rounds.
    pub n_rounds: u32,
    /// How strongly a round changes the weights.
    pub learning_rate: f64,
    /// How an error counts.
    pub loss: AdaLoss,
    /// Of each tree.
    pub tree: TreeSettings,
}

/// Trees and their votes.
#[derive(Debug, Clone, Default)]
pub struct Voted {
    /// In the order grown.
    pub trees: Vec<Tree>,
    /// One a tree.
    pub votes: Vec<f64>,
}

/// Boosts trees by weighted draws. A round draws as many rows as there are by weight, grows a tree, and measures its loss
/// `L = sum(weight * loss of |error| / largest |error|)`; with `b = L / (1 - L)` a row's weight is multiplied by
/// `b^(rate * (1 - its loss))` and the tree's vote is `rate * ln(1 / b)`. Rounds end early at `L = 0` or `L >= 0.5`.
/// No weight at all gives a leaf of 0.
pub fn ada_boost(
    x: &Matrix,
    y: &[f64],
    weights: Option<&[f64]>,
    settings: &AdaSettings,
    ctx: &Ctx<'_>,
) -> Result<Voted, Stopped> {
    let n = y.len();
    let bins = Bins::new(x, y);
    let mut w: Vec<f64> = weights.map_or_else(|| vec![1.0; n], <[f64]>::to_vec);
    let total = math::sum(w.iter().copied());
    if total <= 0.0 {
        return Ok(Voted { trees: vec![Tree::leaf(0.0, 0.0)], votes: vec![1.0] });
    }
    w.iter_mut().for_each(|w| *w /= total);
    let first = y.first().copied().unwrap_or(0.0);
    let mean = first + math::sum(y.iter().map(|y| y - first)) / n.max(1) as f64;
    let centred: Vec<f64> = y.iter().map(|y| y - mean).collect();
    let features: Vec<u32> = (0..x.n_cols() as u32).collect();
    let mut grower = Grower::new();
    let mut draw = Draw::default();
    let mut counts = vec![0_u32; n];
    let mut errors = vec![0.0; n];
    let mut found = Voted::default();
    for i in 0..settings.n_rounds {
        ctx.tick(u64::from(i), u64::from(settings.n_rounds))?;
        let mut rng = ctx.rng(u64::from(i));
        counts.fill(0);
        draw.prepare(&w);
        for _ in 0..n {
            counts[draw.one(&mut rng)] += 1;
        }
        let rows: Vec<u32> = (0..n as u32).filter(|&r| counts[r as usize] > 0).collect();
        let kind = Weights::Counts(&counts);
        let mut grown = grower.grow(&bins, &centred, kind, rows, &features, &settings.tree, &mut rng);
        grown.set_values(|rows| mean_of(rows, y, |r| f64::from(counts[r as usize])));
        let tree = grown.tree;
        let mut largest = 0.0_f64;
        let tree = [tree];
        predict_each(&tree, x, None, |row, _, said| {
            errors[row] = (said - y[row]).abs();
            if w[row] > 0.0 {
                largest = largest.max(errors[row]);
            }
        });
        let [tree] = tree;
        let scale = if largest > 0.0 { 1.0 / largest } else { 0.0 };
        for error in &mut errors {
            let e = *error * scale;
            *error = match settings.loss {
                AdaLoss::Linear => e,
                AdaLoss::Square => e * e,
                AdaLoss::Exponential => 1.0 - math::exp(-e),
            };
        }
        let loss = math::sum(errors.iter().zip(&w).map(|(e, w)| e * w));
        if loss <= 0.0 {
            found.trees.push(tree);
            found.votes.push(1.0);
            break;
        }
        if loss >= 0.5 {
            if found.trees.is_empty() {
                found.trees.push(tree);
                found.votes.push(1.0);
            }
            break;
        }
        let ln_beta = math::ln(loss / (1.0 - loss));
        found.trees.push(tree);
        found.votes.push(-settings.learning_rate * ln_beta);
        let power = ln_beta * settings.learning_rate;
        for (w, error) in w.iter_mut().zip(&errors) {
            *w *= math::exp(power * (1.0 - error));
        }
        let total = math::sum(w.iter().copied());
        if !(total.is_finite() && total > 0.0) {
            break;
        }
        w.iter_mut().for_each(|w| *w /= total);
    }
    Ok(found)
}

/// Draws places by weight: the place in the running sum, looked for from where its share of the way begins.
#[derive(Default)]
struct Draw {
    running: Vec<f64>,
    /// For each n-th part of the total the first place whose running sum lies beyond its start.
    starts: Vec<u32>,
    total: f64,
}

impl Draw {
    fn prepare(&mut self, weights: &[f64]) {
        self.running.clear();
        let mut sum = 0.0;
        self.running.extend(weights.iter().map(|w| {
            sum += w;
            sum
        }));
        self.total = sum;
        let n = weights.len();
        self.starts.clear();
        let mut at = 0;
        for part in 0..n {
            let from = part as f64 / n as f64 * sum;
            while at + 1 < n && self.running[at] <= from {
                at += 1;
            }
            self.starts.push(at as u32);
        }
    }

    fn one(&self, rng: &mut Rng) -> usize {
        let n = self.starts.len();
        let u = rng.unit();
        let wanted = u * self.total;
        let mut at = self.starts[((u * n as f64) as usize).min(n - 1)] as usize;
        // The start may lie a rounding too far.
        while at > 0 && self.running[at - 1] > wanted {
            at -= 1;
        }
        while at + 1 < n && self.running[at] <= wanted {
            at += 1;
        }
        at
    }
}

/// For each row the smallest prediction that half of the votes do not exceed.
pub fn weighted_median(trees: &[Tree], votes: &[f64], x: &Matrix) -> Vec<f64> {
    let half = 0.5 * votes.iter().sum::<f64>();
    let (n, k) = (x.n_rows(), trees.len());
    let mut out = Vec::with_capacity(n);
    let (mut said, mut sorted) = (Vec::new(), Vec::with_capacity(k));
    let rows: Vec<u32> = (0..n as u32).collect();
    for rows in rows.chunks(8192) {
        let from = rows[0] as usize;
        said.clear();
        said.resize(rows.len() * k, 0.0);
        predict_each(trees, x, Some(rows), |row, tree, value| said[(row - from) * k + tree] = value);
        out.extend(said.chunks_exact(k.max(1)).map(|said| {
            sorted.clear();
            sorted.extend(said.iter().copied().zip(votes.iter().copied()));
            sorted.sort_by(|a: &(f64, f64), b| a.0.total_cmp(&b.0));
            let mut sum = 0.0;
            let found = sorted.iter().find(|(_, vote)| {
                sum += vote;
                sum >= half
            });
            found.or(sorted.last()).map_or(f64::NAN, |&(value, _)| value)
        }));
    }
    out
}
