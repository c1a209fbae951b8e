//! Gradient boosting: trees in a row, each grown on the derivatives of the loss at what the ones before it predict.

use super::{Bins, Grower, Loss, Tree, TreeSettings, Weights, loss::weighted_quantile, model::predict_each};
use crate::engine::{
    context::{Ctx, Stopped},
    numeric::{cuts::Blocks, math, matrix::Matrix},
};

/// Settings of boosting.
#[derive(Debug, Clone, PartialEq)]
pub struct BoostSettings {
    /// Most trees.
    pub n_trees: u32,
    /// Part of each tree that is added.
    pub learning_rate: f64,
    /// What is minimised.
    pub loss: Loss,
    /// Share of the rows a tree sees, drawn without replacement.
    pub subsample: f64,
    /// Share of the columns a tree sees.
    pub columns: f64,
    /// Share of the rows kept aside to see when to stop, and the rounds without a gain after which it does.
    pub early_stop: Option<(f64, u32)>,
    /// Rows that are kept aside together.
    pub blocks: Blocks,
    /// Of each tree.
    pub tree: TreeSettings,
}

impl Default for BoostSettings {
    fn default() -> Self {
        Self {
            n_trees: 100,
            learning_rate: 0.1,
            loss: Loss::Squared,
            subsample: 1.0,
            columns: 1.0,
            early_stop: None,
            blocks: Blocks::default(),
            tree: TreeSettings { max_depth: Some(3), ..TreeSettings::default() },
        }
    }
}

/// What boosting found: `base + learning_rate * (sum of the trees)` is the raw prediction.
#[derive(Debug, Clone)]
pub struct Boosted {
    /// The best constant.
    pub base: f64,
    /// The trees in the order grown.
    pub trees: Vec<Tree>,
    /// Mean loss of the training rows after each tree, where it was asked for.
    pub losses: Vec<f64>,
}

/// Streams of random numbers beside those of the trees.
const STREAM_VALIDATION: u64 = 1 << 40;

/// Boosts trees. `weights`: one a row, rows of weight 0 take no part; `None`: all 1. No weight at all predicts 0.
/// With `keep_losses` the training loss after each tree is kept.
pub fn boost(
    x: &Matrix,
    y: &[f64],
    weights: Option<&[f64]>,
    settings: &BoostSettings,
    keep_losses: bool,
    ctx: &Ctx<'_>,
) -> Result<Boosted, Stopped> {
    let n = y.len();
    let loss = settings.loss;
    let ones = if weights.is_none() { vec![1.0; n] } else { Vec::new() };
    let w = weights.unwrap_or(&ones);
    let mut training: Vec<u32> = (0..n as u32).filter(|&r| w[r as usize] > 0.0).collect();
    let mut aside = Vec::new();
    if let Some((share, _)) = settings.early_stop {
        let n_aside = ((training.len() as f64 * share) as usize).min(training.len().saturating_sub(2));
        if n_aside > 0 {
            let mut rng = ctx.rng(STREAM_VALIDATION);
            (training, aside) = settings.blocks.aside(&training, n_aside, &mut rng);
        }
    }
    let bins = if training.len() == n {
        Bins::new(x, y)
    } else {
        // What is kept aside must not be known beforehand.
        let mut told = vec![f64::NAN; n];
        training.iter().for_each(|&r| told[r as usize] = y[r as usize]);
        Bins::new(x, &told)
    };
    let of = |values: &[f64]| -> Vec<f64> { training.iter().map(|&r| values[r as usize]).collect() };
    let base = if training.len() == n { loss.base(y, w) } else { loss.base(&of(y), &of(w)) };
    // Every count above 0 may be kept aside.
    let base = if base.is_finite() { base } else { loss.base(y, w) };
    let mut f = vec![base; n];
    let mut g = vec![0.0; n];
    let mut h = vec![0.0; if loss.has_second() || weights.is_some() { n } else { 0 }];
    let p = x.n_cols() as u32;
    let n_columns = ((f64::from(p) * settings.columns).ceil() as usize).clamp(1, p.max(1) as usize);
    let n_drawn = ((training.len() as f64 * settings.subsample) as usize).max(1);
    let mut grower = Grower::new();
    let (mut trees, mut losses) = (Vec::new(), Vec::new());
    let mut residuals = Vec::new();
    let mean_loss = |f: &[f64], rows: &[u32], delta: f64| {
        let total = math::sum(rows.iter().map(|&r| w[r as usize]));
        math::sum(rows.iter().map(|&r| w[r as usize] * loss.of(y[r as usize], f[r as usize], delta))) / total
    };
    let mut best = (f64::INFINITY, 0);
    for i in 0..settings.n_trees {
        ctx.tick(u64::from(i), u64::from(settings.n_trees))?;
        let mut rng = ctx.rng(u64::from(i));
        let delta = if training.len() == n {
            loss.delta(y, &f, w)
        } else if loss == Loss::Huber {
            weighted_quantile(
                &mut training
                    .iter()
                    .map(|&r| ((y[r as usize] - f[r as usize]).abs(), w[r as usize]))
                    .collect::<Vec<_>>(),
                0.9,
            )
        } else {
            f64::INFINITY
        };
        let weighted = derive(loss, y, &f, w, weights.is_some(), delta, &mut g, &mut h);
        let rows = if n_drawn < training.len() {
            let mut drawn: Vec<u32> = rng
                .sample(training.len() as u32, n_drawn)
                .into_iter()
                .map(|i| training[i as usize])
                .collect();
            drawn.sort_unstable();
            drawn
        } else {
            training.clone()
        };
        let mut features: Vec<u32> = (0..p).collect();
        if n_columns < features.len() {
            features = rng.sample(p, n_columns);
            features.sort_unstable();
        }
        let kind = if weighted { Weights::Real(&h) } else { Weights::Unit };
        let mut grown = grower.grow(&bins, &g, kind, rows, &features, &settings.tree, &mut rng);
        if matches!(loss, Loss::Absolute | Loss::Huber) {
            grown.set_values(|rows| {
                residuals.clear();
                residuals.extend(rows.iter().map(|&r| (y[r as usize] - f[r as usize], w[r as usize])));
                loss.leaf(&mut residuals, delta).unwrap_or(0.0)
            });
        }
        for leaf in &grown.leaves {
            let step = settings.learning_rate * grown.tree.value(leaf.node);
            for &row in &grown.rows[leaf.start..leaf.end] {
                f[row as usize] += step;
            }
        }
        if grown.rows.len() < n {
            let mut seen = vec![false; n];
            grown.rows.iter().for_each(|&r| seen[r as usize] = true);
            let unseen: Vec<u32> = (0..n as u32).filter(|&r| !seen[r as usize]).collect();
            predict_each(std::slice::from_ref(&grown.tree), x, Some(&unseen), |row, _, value| {
                f[row] += settings.learning_rate * value;
            });
        }
        trees.push(grown.tree);
        if keep_losses {
            losses.push(mean_loss(&f, &training, delta));
        }
        if let Some((_, patience)) = settings.early_stop
            && !aside.is_empty()
        {
            // Huber's knee moves from round to round: what is compared may not.
            let now = if loss == Loss::Huber {
                let total = math::sum(aside.iter().map(|&r| w[r as usize]));
                math::sum(aside.iter().map(|&r| w[r as usize] * (y[r as usize] - f[r as usize]).abs()))
                    / total
            } else {
                mean_loss(&f, &aside, delta)
            };
            if now < best.0 {
                best = (now, trees.len());
            } else if trees.len() >= best.1 + patience.max(1) as usize {
                break;
            }
        }
    }
    if settings.early_stop.is_some() && !aside.is_empty() {
        trees.truncate(best.1.max(1));
    }
    Ok(Boosted { base, trees, losses })
}

/// Fills the derivatives; answers whether rows differ in weight.
fn derive(
    loss: Loss,
    y: &[f64],
    f: &[f64],
    w: &[f64],
    weighted: bool,
    delta: f64,
    g: &mut [f64],
    h: &mut [f64],
) -> bool {
    let rows = || y.iter().zip(f);
    match (loss.has_second(), weighted) {
        (false, false) => match loss {
            Loss::Squared => g.iter_mut().zip(rows()).for_each(|(g, (y, f))| *g = y - f),
            _ => g.iter_mut().zip(rows()).for_each(|(g, (&y, &f))| *g = loss.derivatives(y, f, delta).0),
        },
        _ => {
            for (((g, h), (&y, &f)), &w) in g.iter_mut().zip(h.iter_mut()).zip(rows()).zip(w) {
                let (first, second) = loss.derivatives(y, f, delta);
                (*g, *h) = (w * first, w * second);
            }
        }
    }
    loss.has_second() || weighted
}
