//! Support vector regression with a Gaussian kernel, by sequential minimal optimisation.

use super::{linear::dot, math};

/// Settings of a fit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SvrSettings {
    /// Largest weight of a row: what an error outside the tube costs.
    pub cost: f64,
    /// Half the width of the tube within which an error costs nothing.
    pub tube: f64,
    /// Similarity of two rows is `exp(-gamma * squared distance)`.
    pub gamma: f64,
    /// The largest violation of the optimum's conditions that is let stand.
    pub tolerance: f64,
}

/// A fit: `prediction = bias + sum of weight * similarity` over the rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Svr {
    /// One a training row; most are 0.
    pub weights: Vec<f64>,
    /// Where the sum starts.
    pub bias: f64,
    /// Steps made.
    pub steps: u64,
}

/// Rows of similarities that are kept, in numbers: 64 MB of them.
const KEPT: usize = 8_000_000;

/// Similarities of one row to all, kept while there is room; the one made first goes first.
struct Kernel<'a> {
    points: &'a [Vec<f64>],
    gamma: f64,
    rows: Vec<Option<Vec<f64>>>,
    made: std::collections::VecDeque<usize>,
    most: usize,
}

impl Kernel<'_> {
    fn ensure(&mut self, i: usize, beside: usize) {
        if self.rows[i].is_some() {
            return;
        }
        if self.made.len() >= self.most
            && let Some(at) = self.made.iter().position(|&r| r != beside)
            && let Some(old) = self.made.remove(at)
        {
            self.rows[old] = None;
        }
        let of = &self.points[i];
        self.rows[i] = Some(self.points.iter().map(|p| similarity(of, p, self.gamma)).collect());
        self.made.push_back(i);
    }

    fn row(&self, i: usize) -> &[f64] {
        self.rows[i].as_deref().unwrap_or_default()
    }
}

/// `exp(-gamma |a - b|²)`.
pub fn similarity(a: &[f64], b: &[f64], gamma: f64) -> f64 {
    let squared: f64 = a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum();
    math::exp(-gamma * squared)
}

/// Solves the dual of epsilon support vector regression: two multipliers a row, two of them changed a step, chosen by
/// second-order information. `points` are rows; `tick` is asked now and then whether to go on. `None` after 10 million steps.
/// Source: Fan, Chen and Lin 2005 (as in LIBSVM).
pub fn fit_svr<E>(
    points: &[Vec<f64>],
    y: &[f64],
    settings: &SvrSettings,
    mut tick: impl FnMut(u64) -> Result<(), E>,
) -> Result<Option<Svr>, E> {
    let n = points.len();
    let SvrSettings { cost, tube, gamma, tolerance } = *settings;
    let most = (KEPT / n.max(1)).max(2);
    let made = std::collections::VecDeque::new();
    let mut kernel = Kernel { points, gamma, rows: vec![None; n], made, most };
    // Multiplier s < n pushes the prediction of row s up, n + s pushes it down.
    let mut multiplier = vec![0.0; 2 * n];
    let mut slope: Vec<f64> = (0..2 * n).map(|s| if s < n { tube - y[s] } else { tube + y[s - n] }).collect();
    let sign = |s: usize| if s < n { 1.0 } else { -1.0 };
    for steps in 0..10_000_000_u64 {
        if steps % 1_024 == 0 {
            tick(steps)?;
        }
        let can_rise = |s: usize, m: &[f64]| if s < n { m[s] < cost } else { m[s] > 0.0 };
        let can_fall = |s: usize, m: &[f64]| if s < n { m[s] > 0.0 } else { m[s] < cost };
        let mut first: Option<usize> = None;
        let mut most_up = f64::NEG_INFINITY;
        for (s, slope) in slope.iter().enumerate() {
            let value = -sign(s) * slope;
            if can_rise(s, &multiplier) && value > most_up {
                (most_up, first) = (value, Some(s));
            }
        }
        let Some(i) = first else { return Ok(Some(finish(&multiplier, &slope, n, cost, steps))) };
        kernel.ensure(i % n, i % n);
        let mut second: Option<usize> = None;
        let (mut most_down, mut best) = (f64::NEG_INFINITY, 0.0);
        {
            let row = kernel.row(i % n);
            for s in 0..2 * n {
                if !can_fall(s, &multiplier) {
                    continue;
                }
                let value = sign(s) * slope[s];
                most_down = most_down.max(value);
                let gap = most_up + value;
                if gap > 0.0 {
                    let bend = (2.0 - 2.0 * row[s % n]).max(1e-12);
                    let gain = gap * gap / bend;
                    if gain > best {
                        (best, second) = (gain, Some(s));
                    }
                }
            }
        }
        let Some(j) = second.filter(|_| most_up + most_down > tolerance) else {
            return Ok(Some(finish(&multiplier, &slope, n, cost, steps)));
        };
        kernel.ensure(j % n, i % n);
        let (row_i, row_j) = (kernel.row(i % n), kernel.row(j % n));
        let bend = (2.0 - 2.0 * row_i[j % n]).max(1e-12);
        // Both move along the line on which the sum of signed multipliers stays: i by +t, j by -t (times their signs).
        let mut t = (-sign(i) * slope[i] + sign(j) * slope[j]) / bend;
        let room = |s: usize, rises: bool| if rises { cost - multiplier[s] } else { multiplier[s] };
        let (room_i, room_j) = (room(i, sign(i) > 0.0), room(j, sign(j) < 0.0));
        t = t.min(room_i).min(room_j);
        let clamp = |by: f64, is_bound: bool, old: f64| {
            if is_bound { if by > 0.0 { cost } else { 0.0 } } else { (old + by).clamp(0.0, cost) }
        };
        let (by_i, by_j) = (sign(i) * t, -sign(j) * t);
        multiplier[i] = clamp(by_i, t == room_i, multiplier[i]);
        multiplier[j] = clamp(by_j, t == room_j, multiplier[j]);
        // The signed weight of row i rose by t, that of row j fell by t.
        for r in 0..n {
            let change = t * (row_i[r] - row_j[r]);
            slope[r] += change;
            slope[n + r] -= change;
        }
    }
    Ok(None)
}

fn finish(multiplier: &[f64], slope: &[f64], n: usize, cost: f64, steps: u64) -> Svr {
    let (mut sum, mut free) = (0.0, 0.0);
    let (mut upper, mut lower) = (f64::INFINITY, f64::NEG_INFINITY);
    for s in 0..2 * n {
        let sign = if s < n { 1.0 } else { -1.0 };
        let value = sign * slope[s];
        let (at_zero, at_cost) = (multiplier[s] <= 0.0, multiplier[s] >= cost);
        if !at_zero && !at_cost {
            sum += value;
            free += 1.0;
        } else if at_zero == (s < n) {
            upper = upper.min(value);
        } else {
            lower = lower.max(value);
        }
    }
    let bias = match (upper.is_finite(), lower.is_finite()) {
        _ if free > 0.0 => -sum / free,
        (true, true) => -0.5 * (upper + lower),
        (true, false) => -upper,
        (false, true) => -lower,
        (false, false) => 0.0,
    };
    Svr { weights: (0..n).map(|i| multiplier[i] - multiplier[n + i]).collect(), bias, steps }
}

/// Share of the variance of a set of standardised columns: 1 / (columns × variance of all cells), scikit-learn's "scale".
pub fn scale_gamma(points: &[Vec<f64>]) -> f64 {
    let cells: Vec<f64> = points.iter().flatten().copied().collect();
    let n = cells.len().max(1) as f64;
    let mean = math::sum(cells.iter().copied()) / n;
    let variance = (dot(&cells, &cells) / n - mean * mean).max(0.0);
    let p = points.first().map_or(1, Vec::len).max(1) as f64;
    if variance > 0.0 { 1.0 / (p * variance) } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WANTED: [f64; 4] =
        [0.2514841634766302, 0.7736652537366402, -1.0857135665461293, 0.1846942442506148];

    /// Reference values computed with scikit-learn: SVR(C=2, epsilon=0.1, gamma=0.5, tol=1e-10).
    #[test]
    fn predictions_match_scikit_learn() {
        let points: Vec<Vec<f64>> = (0..40)
            .map(|i| vec![f64::from((i * 7) % 11) / 5.0 - 1.0, f64::from((i * i) % 13) / 6.0 - 1.0])
            .collect();
        let y: Vec<f64> =
            points.iter().zip(0..).map(|(p, i)| p[0] * p[1] + p[0] + f64::from(i % 5) * 0.1).collect();
        let settings = SvrSettings { cost: 2.0, tube: 0.1, gamma: 0.5, tolerance: 1e-9 };
        let fit = fit_svr(&points, &y, &settings, |_| Ok::<(), ()>(())).unwrap().unwrap();
        let predict = |at: &[f64]| {
            fit.bias + fit.weights.iter().zip(&points).map(|(w, p)| w * similarity(at, p, 0.5)).sum::<f64>()
        };
        for (at, wanted) in [[0.0, 0.0], [1.0, -0.5], [-0.7, 0.9], [3.0, 3.0]].iter().zip(WANTED) {
            assert!((predict(at) - wanted).abs() < 1e-6, "{} is not {wanted}", predict(at));
        }
        let total: f64 = fit.weights.iter().sum();
        assert!(total.abs() < 1e-9 && fit.weights.iter().all(|w| w.abs() <= 2.0));
    }
}
