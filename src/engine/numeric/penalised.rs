//! Ridge, lasso and elastic net on standardised columns: paths of penalties, and the penalty chosen by inner folds.
//!
//! Objectives are scikit-learn's: `|y - Zb|² + alpha |b|²` for ridge and
//! `|y - Zb|² / 2n + alpha (share |b|₁ + (1 - share) |b|² / 2)` for the others. Everything is done on products of columns, so
//! that a path costs no further look at the rows. With weights every sum over rows is weighted and n is the sum of the weights,
//! so that a row of weight 2 is as two such rows.

use super::{
    linear::{Cholesky, dot},
    math,
    matrix::Matrix,
};

/// Which weights are made small.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Penalty {
    /// Squares of the weights.
    Ridge,
    /// Sizes of the weights, by this share in (0, 1]; squares for the rest. 1 is the lasso.
    ElasticNet {
        /// Part of the penalty on sizes.
        share: f64,
    },
}

/// Columns centred and divided by their population deviation; constant columns become 0.
#[derive(Debug, Clone, PartialEq)]
pub struct Standardised {
    /// One column each.
    pub columns: Vec<Vec<f64>>,
    /// Of the columns.
    pub means: Vec<f64>,
    /// Population deviations; 1 for a constant column.
    pub units: Vec<f64>,
}

/// Standardises a matrix without missing values.
pub fn standardise(x: &Matrix) -> Standardised {
    standardise_weighed(x, &[])
}

/// The same with rows that count by these weights; empty for all the same.
pub fn standardise_weighed(x: &Matrix, weights: &[f64]) -> Standardised {
    let n = x.n_rows() as f64;
    let mut out = Standardised { columns: Vec::new(), means: Vec::new(), units: Vec::new() };
    for j in 0..x.n_cols() {
        let (mean, unit) = weighed_mean_and_unit(x.column(j), weights);
        let values = if unit > 1e-13 * mean.abs() && unit.is_finite() && n > 0.0 {
            out.units.push(unit);
            x.column(j).iter().map(|v| (v - mean) / unit).collect()
        } else {
            out.units.push(1.0);
            vec![0.0; x.n_rows()]
        };
        out.means.push(mean);
        out.columns.push(values);
    }
    out
}

/// Mean and population deviation.
pub fn mean_and_unit(values: &[f64]) -> (f64, f64) {
    weighed_mean_and_unit(values, &[])
}

fn weighed_mean_and_unit(values: &[f64], weights: &[f64]) -> (f64, f64) {
    let n = if weights.is_empty() { values.len().max(1) as f64 } else { math::sum(weights.iter().copied()) };
    let sum = |of: &dyn Fn(f64) -> f64| {
        let weighed = |(i, v): (usize, &f64)| of(*v) * weights.get(i).copied().unwrap_or(1.0);
        math::sum(values.iter().enumerate().map(weighed)) / n
    };
    let mean = sum(&|v| v);
    (mean, sum(&|v| (v - mean) * (v - mean)).sqrt())
}

/// Sums of products of some rows: all that fits and errors need of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Moments {
    n: f64,
    sums: Vec<f64>,
    products: Vec<Vec<f64>>,
    with_y: Vec<f64>,
    y_sum: f64,
    y_square: f64,
}

impl Moments {
    /// Of the given rows. Cost: n p² / 2.
    pub fn of(columns: &[Vec<f64>], y: &[f64], rows: &[u32]) -> Self {
        Self::weighed(columns, y, &[], rows)
    }

    /// The same with rows that count by these weights; empty for all the same. Products of rows times the roots of their
    /// weights are weighted products.
    pub fn weighed(columns: &[Vec<f64>], y: &[f64], weights: &[f64], rows: &[u32]) -> Self {
        let root = |r: &u32| weights.get(*r as usize).map_or(1.0, |w| w.sqrt());
        let roots: Vec<f64> = rows.iter().map(root).collect();
        let take = |values: &[f64]| -> Vec<f64> {
            rows.iter().zip(&roots).map(|(&r, root)| values[r as usize] * root).collect()
        };
        let sum = |values: &[f64]| math::sum(values.iter().zip(&roots).map(|(v, root)| v * root));
        let taken: Vec<Vec<f64>> = columns.iter().map(|c| take(c)).collect();
        let y = take(y);
        let p = taken.len();
        let mut products = vec![vec![0.0; p]; p];
        for i in 0..p {
            for j in 0..=i {
                let value = dot(&taken[i], &taken[j]);
                products[i][j] = value;
                products[j][i] = value;
            }
        }
        Self {
            n: sum(&roots),
            sums: taken.iter().map(|c| sum(c)).collect(),
            products,
            with_y: taken.iter().map(|c| dot(c, &y)).collect(),
            y_sum: sum(&y),
            y_square: dot(&y, &y),
        }
    }

    /// Of the rows of both.
    pub fn and(mut self, other: &Self) -> Self {
        self.n += other.n;
        self.y_sum += other.y_sum;
        self.y_square += other.y_square;
        let add = |a: &mut [f64], b: &[f64]| a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
        add(&mut self.sums, &other.sums);
        add(&mut self.with_y, &other.with_y);
        self.products.iter_mut().zip(&other.products).for_each(|(a, b)| add(a, b));
        self
    }

    /// The same with every sum around the means of these rows.
    pub fn problem(&self) -> Problem {
        let n = self.n.max(1.0);
        let means: Vec<f64> = self.sums.iter().map(|s| s / n).collect();
        let y_mean = self.y_sum / n;
        let products = self
            .products
            .iter()
            .zip(&means)
            .map(|(row, mi)| row.iter().zip(&means).map(|(v, mj)| v - n * mi * mj).collect())
            .collect();
        let with_y = self.with_y.iter().zip(&means).map(|(v, m)| v - n * m * y_mean).collect();
        Problem { n, means, y_mean, products, with_y }
    }

    /// Sum of squared errors on these rows of a fit to others.
    pub fn squared_error(&self, fit: &Problem, weights: &[f64]) -> f64 {
        // Errors are (y - c) - z b with a constant c; all sums are around it.
        let constant = fit.y_mean - dot(&fit.means, weights);
        let mut with_y = self.y_square - 2.0 * constant * self.y_sum + self.n * constant * constant;
        for (j, &b) in weights.iter().enumerate().filter(|(_, b)| **b != 0.0) {
            with_y -= 2.0 * b * (self.with_y[j] - constant * self.sums[j]);
            with_y += b * dot(&self.products[j], weights);
        }
        with_y.max(0.0)
    }
}

/// A penalised least-squares problem, centred.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    n: f64,
    /// Of the columns over the rows of the problem.
    pub means: Vec<f64>,
    /// Of the outcome.
    pub y_mean: f64,
    products: Vec<Vec<f64>>,
    with_y: Vec<f64>,
}

impl Problem {
    /// Penalties worth trying, largest first: for ridge 41 from 10⁵ to 10⁻³; else 100 from the smallest that leaves no column
    /// in the model down to a thousandth of it. Equal steps of the logarithm.
    pub fn penalties(&self, penalty: Penalty) -> Vec<f64> {
        let steps = |from: f64, ratio: f64, n: u32| -> Vec<f64> {
            (0..n).map(|i| from * math::pow(ratio, f64::from(i) / f64::from(n - 1))).collect()
        };
        match penalty {
            Penalty::Ridge => steps(1e5, 1e-8, 41),
            Penalty::ElasticNet { share } => {
                let most = self.with_y.iter().fold(0.0, |most: f64, v| most.max(v.abs()));
                let from = most / (self.n * share);
                if from > 1e-300 { steps(from, 1e-3, 100) } else { vec![1.0] }
            }
        }
    }

    /// The weights for one penalty; `start` are those of a similar one. `None` where the columns do not determine them
    /// (ridge with a penalty too small to).
    pub fn solve(&self, penalty: Penalty, alpha: f64, start: &[f64], exact: bool) -> Option<Vec<f64>> {
        match penalty {
            Penalty::Ridge => self.ridge(alpha),
            Penalty::ElasticNet { share } => {
                let mut weights = start.to_vec();
                let (tolerance, rounds) = if exact { (1e-10, 100_000) } else { (1e-6, 1_000) };
                self.descend(alpha, share, &mut weights, tolerance, rounds);
                Some(weights)
            }
        }
    }

    fn ridge(&self, alpha: f64) -> Option<Vec<f64>> {
        let p = self.with_y.len();
        let mut a = Matrix::zeros(p, p);
        for (j, row) in self.products.iter().enumerate() {
            a.column_mut(j).copy_from_slice(row);
            a.column_mut(j)[j] += alpha;
        }
        let mut weights = self.with_y.clone();
        Cholesky::new(&a).ok()?.solve(&mut weights);
        Some(weights)
    }

    /// Coordinate descent: each weight in turn takes its best value, the others held; between full rounds only weights that
    /// are not 0. Ends when no weight moves by more than `tolerance` of the largest. Source: Friedman, Hastie and Tibshirani
    /// 2010.
    fn descend(&self, alpha: f64, share: f64, weights: &mut [f64], tolerance: f64, rounds: u32) {
        let (size, square) = (self.n * alpha * share, self.n * alpha * (1.0 - share));
        let mut slope: Vec<f64> =
            self.with_y.iter().zip(&self.products).map(|(v, row)| v - dot(row, weights)).collect();
        let mut is_full = true;
        for _ in 0..rounds {
            let (mut moved, mut largest) = (0.0_f64, 0.0_f64);
            for j in 0..weights.len() {
                let own = self.products[j][j];
                if own <= 0.0 || (!is_full && weights[j] == 0.0) {
                    continue;
                }
                let at = slope[j] + own * weights[j];
                let next = (at.abs() - size).max(0.0).copysign(at) / (own + square);
                let change = next - weights[j];
                if change != 0.0 {
                    weights[j] = next;
                    slope.iter_mut().zip(&self.products[j]).for_each(|(s, v)| *s -= change * v);
                    moved = moved.max(change.abs());
                }
                largest = largest.max(next.abs());
            }
            let is_still = moved <= tolerance * largest;
            if is_still && is_full {
                return;
            }
            // Still among those in the model: look at all once more.
            is_full = is_still;
        }
    }

    /// The value that is minimised, less what does not depend on the weights.
    #[cfg(test)]
    fn objective(&self, alpha: f64, share: f64, weights: &[f64]) -> f64 {
        let mut value = 0.0;
        for (j, b) in weights.iter().enumerate() {
            value += b * (0.5 * dot(&self.products[j], weights) - self.with_y[j]) / self.n;
            value += alpha * (share * b.abs() + 0.5 * (1.0 - share) * b * b);
        }
        value
    }
}

/// A penalty chosen by inner folds.
#[derive(Debug, Clone, PartialEq)]
pub struct Chosen {
    /// The penalty with the smallest mean squared error, the larger one of equals.
    pub alpha: f64,
    /// Its mean squared error over the inner folds.
    pub error: f64,
    /// Every penalty tried with its error, largest first.
    pub path: Vec<(f64, f64)>,
}

/// Tries the penalties of the whole problem on folds (each held out once, `folds` as moments of their rows) and takes the one
/// with the smallest mean of the folds' mean squared errors. `tick` is asked before each fold whether to go on.
pub fn choose<E>(
    penalty: Penalty,
    whole: &Problem,
    folds: &[Moments],
    mut tick: impl FnMut(usize) -> Result<(), E>,
) -> Result<Chosen, E> {
    let alphas = whole.penalties(penalty);
    let mut errors = vec![0.0; alphas.len()];
    for (held_out, test) in folds.iter().enumerate() {
        tick(held_out)?;
        let mut rest = folds.iter().enumerate().filter(|(i, _)| *i != held_out).map(|(_, m)| m);
        let Some(first) = rest.next() else { continue };
        let problem = rest.fold(first.clone(), |sum, m| sum.and(m)).problem();
        let mut weights = vec![0.0; problem.with_y.len()];
        for (&alpha, error) in alphas.iter().zip(&mut errors) {
            match problem.solve(penalty, alpha, &weights, false) {
                Some(next) => {
                    weights = next;
                    *error += test.squared_error(&problem, &weights) / test.n / folds.len() as f64;
                }
                None => *error = f64::INFINITY,
            }
        }
    }
    let best = (1..alphas.len()).fold(0, |best, i| if errors[i] < errors[best] { i } else { best });
    Ok(Chosen { alpha: alphas[best], error: errors[best], path: alphas.into_iter().zip(errors).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::testing::close;

    const REFERENCE: [(Penalty, f64, [f64; 4]); 3] = [
        (
            Penalty::Ridge,
            3.0,
            [3.838583642008962, -5.269054472758608, -0.3184946484493874, 3.204100162935744],
        ),
        (
            Penalty::ElasticNet { share: 1.0 },
            0.3,
            [6.9941865084252575, -4.854670145532408, -0.04174766280934717, 0.0],
        ),
        (
            Penalty::ElasticNet { share: 0.5 },
            0.2,
            [3.7611456065363558, -4.957154266081881, -0.25171311918141015, 3.048505670651171],
        ),
    ];
    const CHOSEN: [(Penalty, f64, f64); 3] = [
        (Penalty::ElasticNet { share: 1.0 }, 0.6071021684479404, 35.820803347501894),
        (Penalty::ElasticNet { share: 0.5 }, 0.22751972413881405, 36.9380327070552),
        (Penalty::Ridge, 3.981071705534969, 37.31877617258183),
    ];

    fn data() -> (Matrix, Vec<f64>) {
        let column = |a: i32, m: i32| (0..60).map(|i| f64::from((i * a + i * i) % m)).collect::<Vec<_>>();
        let (a, b, c) = (column(7, 11), column(3, 17), column(5, 13));
        let d: Vec<f64> = a.iter().zip(&b).map(|(a, b)| a + 0.1 * b).collect();
        let y = (0..60).map(|i| 2.0 * a[i] - b[i] + f64::from((i as i32 * 29) % 19)).collect();
        (Matrix::from_columns(&[a, b, c, d]), y)
    }

    fn whole(x: &Matrix, y: &[f64]) -> (Standardised, Problem) {
        let z = standardise(x);
        let rows: Vec<u32> = (0..y.len() as u32).collect();
        let problem = Moments::of(&z.columns, y, &rows).problem();
        (z, problem)
    }

    /// Reference values computed with scikit-learn: StandardScaler, then Ridge, Lasso and ElasticNet (tol 1e-14).
    #[test]
    fn weights_match_scikit_learn() {
        let (x, y) = data();
        let (_, problem) = whole(&x, &y);
        for (penalty, alpha, wanted) in REFERENCE {
            let found = problem.solve(penalty, alpha, &[0.0; 4], true).unwrap();
            for (a, b) in found.iter().zip(wanted) {
                assert!((a - b).abs() < 1e-6 * b.abs() + 1e-9, "{penalty:?}: {found:?} is not {wanted:?}");
            }
        }
    }

    /// Reference values computed with scikit-learn: LassoCV, ElasticNetCV and RidgeCV over the same grids, KFold(5).
    #[test]
    fn chosen_penalties_match_scikit_learn() {
        let (x, y) = data();
        let (z, problem) = whole(&x, &y);
        let folds: Vec<Moments> = (0..5)
            .map(|f| Moments::of(&z.columns, &y, &(12 * f..12 * (f + 1)).collect::<Vec<_>>()))
            .collect();
        for (penalty, alpha, error) in CHOSEN {
            let found = choose(penalty, &problem, &folds, |_| Ok::<(), ()>(())).unwrap();
            close(found.alpha, alpha, 1e-9);
            close(found.error, error, 1e-4);
        }
    }

    #[test]
    fn the_objective_never_rises_and_the_largest_penalty_leaves_nothing() {
        let (x, y) = data();
        let (_, problem) = whole(&x, &y);
        let share = 0.7;
        let alphas = problem.penalties(Penalty::ElasticNet { share });
        let none = problem.solve(Penalty::ElasticNet { share }, alphas[0] * (1.0 + 1e-9), &[0.0; 4], true);
        assert_eq!(none.unwrap(), [0.0; 4]);
        let mut weights = vec![1.0, -3.0, 2.0, 0.0];
        let mut last = problem.objective(alphas[60], share, &weights);
        for _ in 0..40 {
            problem.descend(alphas[60], share, &mut weights, 0.0, 1);
            let next = problem.objective(alphas[60], share, &weights);
            assert!(next <= last + 1e-12, "{next} after {last}");
            last = next;
        }
    }

    /// Weights of whole numbers, and the rows repeated as often.
    fn repeated(x: &Matrix, y: &[f64]) -> (Vec<f64>, Vec<u32>) {
        let weights: Vec<f64> = (0..y.len()).map(|r| [1.0, 3.0, 2.0, 5.0][r * 7 % 4]).collect();
        let rows = (0..x.n_rows() as u32).flat_map(|r| vec![r; weights[r as usize] as usize]).collect();
        (weights, rows)
    }

    #[test]
    fn a_ridge_with_weights_solves_the_weighted_normal_equations() {
        let (x, y) = data();
        let (weights, _) = repeated(&x, &y);
        let z = standardise_weighed(&x, &weights);
        let rows: Vec<u32> = (0..60).collect();
        let problem = Moments::weighed(&z.columns, &y, &weights, &rows).problem();
        let b = problem.solve(Penalty::Ridge, 3.0, &[0.0; 4], true).unwrap();
        // Z'W (y - c - Zb) = alpha b, and nothing is left of the weighted errors.
        let error = |r: usize| y[r] - problem.y_mean - (0..4).map(|j| z.columns[j][r] * b[j]).sum::<f64>();
        for (column, b) in z.columns.iter().zip(&b) {
            close((0..60).map(|r| weights[r] * column[r] * error(r)).sum(), 3.0 * b, 1e-9);
        }
        assert!((0..60).map(|r| weights[r] * error(r)).sum::<f64>().abs() < 1e-9);
    }

    #[test]
    fn a_weight_of_three_is_as_three_rows_also_when_a_penalty_is_chosen() {
        let (x, y) = data();
        let (weights, copies) = repeated(&x, &y);
        let (x_copied, y_copied) =
            (x.take_rows(&copies), copies.iter().map(|&r| y[r as usize]).collect::<Vec<f64>>());
        let (ours, theirs) = (standardise_weighed(&x, &weights), standardise(&x_copied));
        // The same rows are held out together, whether they are one or several.
        let fold = |f: u32, row: u32| row / 12 == f;
        let own = |f: u32| -> Vec<u32> { (0..60).filter(|&r| fold(f, r)).collect() };
        let copied = |f: u32| -> Vec<u32> {
            (0..copies.len() as u32).filter(|&r| fold(f, copies[r as usize])).collect()
        };
        let folds: Vec<Moments> =
            (0..5).map(|f| Moments::weighed(&ours.columns, &y, &weights, &own(f))).collect();
        let folds_copied: Vec<Moments> =
            (0..5).map(|f| Moments::of(&theirs.columns, &y_copied, &copied(f))).collect();
        let sum = |folds: &[Moments]| folds[1..].iter().fold(folds[0].clone(), |sum, m| sum.and(m)).problem();
        let (whole, whole_copied) = (sum(&folds), sum(&folds_copied));
        for (penalty, ..) in REFERENCE {
            let chosen = choose(penalty, &whole, &folds, |_| Ok::<(), ()>(())).unwrap();
            let chosen_copied = choose(penalty, &whole_copied, &folds_copied, |_| Ok::<(), ()>(())).unwrap();
            close(chosen.alpha, chosen_copied.alpha, 1e-9);
            close(chosen.error, chosen_copied.error, 1e-6);
            let solved = |whole: &Problem| whole.solve(penalty, chosen.alpha, &[0.0; 4], true).unwrap();
            for (a, b) in solved(&whole).iter().zip(solved(&whole_copied)) {
                assert!((a - b).abs() < 1e-8, "{penalty:?}: {a} is not {b}");
            }
        }
    }

    #[test]
    fn held_out_errors_from_moments_are_those_of_the_rows() {
        let (x, y) = data();
        let (z, problem) = whole(&x, &y);
        let weights = [1.0, -0.5, 0.0, 2.0];
        let test = Moments::of(&z.columns, &y, &[3, 9, 20]);
        let constant = problem.y_mean - dot(&problem.means, &weights);
        let direct: f64 = [3, 9, 20]
            .iter()
            .map(|&r: &usize| {
                let p: f64 = (0..4).map(|j| z.columns[j][r] * weights[j]).sum::<f64>() + constant;
                (y[r] - p) * (y[r] - p)
            })
            .sum();
        close(test.squared_error(&problem, &weights), direct, 1e-10);
    }
}
