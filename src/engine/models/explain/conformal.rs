//! Prediction intervals by conformal calibration: as wide as the errors on rows not seen say, and no shape assumed.
//!
//! A held-out residual is divided by how large residuals of like predictions usually are, so that intervals widen where
//! errors do. The interval of a prediction `p` at level `1 - a` reaches from `p + q_low s(p)` to `p + q_high s(p)`, where
//! `q_low` and `q_high` are the order statistics `floor((n + 1) a / 2)` and `ceil((n + 1) (1 - a / 2))` of the divided
//! residuals: if new rows are like these, each side is missed by at most `a / 2` (Vovk et al. 2005; Lei et al. 2018;
//! residuals of folds as in the jackknife and cross-conformal methods, Barber et al. 2021). With residuals of folds this
//! is exact only where the fits of the folds and of all rows agree, so coverage is measured: each fold is tried on
//! intervals made from the others.

use super::{Coverage, Intervals};
use crate::engine::{
    data::distinct,
    models::comparison::Prediction,
    numeric::{math, random::Rng},
    order::InOrder,
    statistics::intervals::wilson,
};

/// Levels shown.
pub const LEVELS: [f64; 3] = [0.8, 0.9, 0.95];

/// Fewest rows that intervals are made from.
const LEAST_ROWS: usize = 40;

/// Stream that draws the halves of a single split.
const HALVES: u64 = 0xC0F0;

/// Residuals of rows not seen, ready to make intervals of any level.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    /// Mean prediction and mean size of the residuals of like predictions, by increasing prediction.
    scale: Vec<(f64, f64)>,
    /// Divided residuals, smallest first.
    scores: Vec<f64>,
    floor: Option<f64>,
}

impl Calibration {
    /// From held-out predictions; `None` where they are too few. `floor`: no interval goes below it.
    pub fn learn(rows: &[Prediction], floor: Option<f64>) -> Option<Self> {
        if rows.len() < LEAST_ROWS / 2 {
            return None;
        }
        let scale = scale(rows);
        let mut scores: Vec<f64> =
            rows.iter().map(|r| (r.actual - r.predicted) / size_at(&scale, r.predicted)).collect();
        distinct::sort(&mut scores);
        scores.iter().all(|s| s.is_finite()).then_some(Self { scale, scores, floor })
    }

    /// The interval of a prediction; `None` where the rows are too few for the level.
    pub fn interval(&self, prediction: f64, level: f64) -> Option<(f64, f64)> {
        let n = self.scores.len() as f64;
        let tail = (1.0 - level) / 2.0;
        // A hair of tolerance: 0.05 x 20 must be one.
        let low = ((n + 1.0) * tail + 1e-9).floor() as usize;
        let high = ((n + 1.0) * (1.0 - tail) - 1e-9).ceil() as usize;
        let (low, high) = (*self.scores.get(low.checked_sub(1)?)?, *self.scores.get(high.checked_sub(1)?)?);
        let size = size_at(&self.scale, prediction);
        let least = self.floor.unwrap_or(f64::NEG_INFINITY);
        let ends = ((prediction + low * size).max(least), (prediction + high * size).max(least));
        (ends.0.is_finite() && ends.1.is_finite()).then_some(ends)
    }

    /// No interval goes below it.
    pub fn floor(&self) -> Option<f64> {
        self.floor
    }
}

/// Mean size of residuals by prediction: groups of equal number, at least 25 rows each and at most ten.
fn scale(rows: &[Prediction]) -> Vec<(f64, f64)> {
    let mut sorted: Vec<(f64, f64)> =
        rows.iter().map(|r| (r.predicted, (r.actual - r.predicted).abs())).collect();
    sorted.order_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let n = sorted.len();
    let overall = math::sum(sorted.iter().map(|s| s.1)) / n.max(1) as f64;
    if overall <= 0.0 {
        return vec![(0.0, 1.0)];
    }
    let n_groups = (n / 25).clamp(1, 10);
    let mut out: Vec<(f64, f64)> = Vec::new();
    for g in 0..n_groups {
        let group = &sorted[g * n / n_groups..(g + 1) * n / n_groups];
        let mean = |of: fn(&(f64, f64)) -> f64| math::sum(group.iter().map(of)) / group.len() as f64;
        // Where a model is right by chance on all rows of a group the next row may still be missed.
        let knot = (mean(|s| s.0), mean(|s| s.1).max(0.05 * overall));
        match out.last_mut() {
            Some(last) if knot.0 <= last.0 => last.1 = (last.1 + knot.1) / 2.0,
            _ => out.push(knot),
        }
    }
    out
}

/// Straight lines between the groups, level beyond them.
fn size_at(scale: &[(f64, f64)], prediction: f64) -> f64 {
    let after = scale.partition_point(|knot| knot.0 < prediction);
    match (after.checked_sub(1).and_then(|i| scale.get(i)), scale.get(after)) {
        (Some(&(x0, y0)), Some(&(x1, y1))) => y0 + (y1 - y0) * ((prediction - x0) / (x1 - x0)),
        (Some(&(_, y)), None) | (None, Some(&(_, y))) => y,
        (None, None) => 1.0,
    }
}

/// Coverage of intervals on rows they were not made from. `part_of`: the fold of each row; all in one part: two halves
/// drawn by the seed. `None` where the rows are too few.
pub fn coverage(
    rows: &[Prediction],
    part_of: &[u32],
    n_folds: u32,
    floor: Option<f64>,
    seed: u64,
) -> Option<Intervals> {
    if rows.len() < LEAST_ROWS {
        return None;
    }
    let (parts, n_parts) = if n_folds > 1 {
        (part_of.to_vec(), n_folds)
    } else {
        let mut order: Vec<u32> = (0..rows.len() as u32).collect();
        Rng::stream(seed, HALVES).shuffle(&mut order);
        let mut half = vec![0; rows.len()];
        order.iter().take(rows.len() / 2).for_each(|&r| half[r as usize] = 1);
        (half, 2)
    };
    let of = |part: u32, is_in: bool| -> Vec<Prediction> {
        let mine = rows.iter().zip(&parts).filter(|(_, p)| (**p == part) == is_in);
        mine.map(|(row, _)| *row).collect()
    };
    let tried: Vec<(Calibration, Vec<Prediction>)> = (0..n_parts)
        .filter_map(|part| Some((Calibration::learn(&of(part, false), floor)?, of(part, true))))
        .filter(|(_, rows)| !rows.is_empty())
        .collect();
    let levels: Vec<Coverage> = LEVELS.iter().filter_map(|&level| of_level(&tried, level)).collect();
    (!levels.is_empty()).then_some(Intervals {
        levels,
        by_fold: n_folds > 1,
        n_rows: rows.len() as u64,
        floor,
    })
}

fn of_level(tried: &[(Calibration, Vec<Prediction>)], level: f64) -> Option<Coverage> {
    let mut parts = Vec::new();
    let mut widths = Vec::new();
    for (calibration, rows) in tried {
        let mut covered = 0;
        for row in rows {
            let (low, high) = calibration.interval(row.predicted, level)?;
            covered += u64::from((low..=high).contains(&row.actual));
            widths.push(high - low);
        }
        parts.push((rows.len() as u64, covered));
    }
    let (n, covered) = parts.iter().fold((0, 0), |(n, c), part| (n + part.0, c + part.1));
    (n > 0).then(|| Coverage {
        level,
        n,
        covered,
        interval: wilson(covered as f64, n as f64),
        mean_width: math::sum(widths) / n as f64,
        parts,
    })
}
