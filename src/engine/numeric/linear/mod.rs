//! Linear algebra in small: least squares, Cholesky, eigenvalues of symmetric matrices.

use super::{math, matrix::Matrix};
use crate::engine::order::InOrder;

pub mod influence;

/// The part of a scaled column that must be left after the columns before it are taken out of it, for it to count as
/// independent of them.
const TOLERANCE: f64 = 1e-10;

/// A least-squares fit on the scale of the data.
#[derive(Debug, Clone, PartialEq)]
pub struct LeastSquares {
    /// Prediction when every column is 0.
    pub intercept: f64,
    /// One a column, on the original scale; 0 for a column that the columns before it determine.
    pub coefficients: Vec<f64>,
    /// Number of independent columns, the intercept not counted.
    pub rank: usize,
    /// Columns left out because they are constant or a linear combination of columns before them, in order.
    pub dependent: Vec<usize>,
    /// Largest over smallest singular value of the independent columns, centred and scaled to length 1 (1 is best).
    pub condition: f64,
    /// Sum of squared residuals.
    pub residual_sum: f64,
    /// Sum of squared deviations of the outcome from its mean.
    pub total_sum: f64,
    /// Rows minus rank minus 1; 0 when there are too few rows for a variance.
    pub residual_dof: usize,
    /// Standard error of the intercept; NaN without residual degrees of freedom.
    pub intercept_error: f64,
    /// Standard errors of the coefficients; NaN where the column was left out.
    pub errors: Vec<f64>,
}

impl LeastSquares {
    /// Predictions for rows of the same columns, in order.
    pub fn predict(&self, x: &Matrix) -> Vec<f64> {
        let mut out = vec![self.intercept; x.n_rows()];
        for (j, &b) in self.coefficients.iter().enumerate() {
            if b != 0.0 {
                for (slot, &v) in out.iter_mut().zip(x.column(j)) {
                    *slot += b * v;
                }
            }
        }
        out
    }

    /// Share of the variance explained; `None` when the outcome does not vary.
    pub fn r2(&self) -> Option<f64> {
        (self.total_sum > 0.0).then(|| 1.0 - self.residual_sum / self.total_sum)
    }
}

/// Minimises `sum (y - a - x b)^2` by Householder QR of the centred columns, each scaled to length 1.
///
/// Centring and scaling come first because columns of marketing data span a dozen orders of magnitude, and a solver that
/// truncates small singular values of the raw columns silently drops some. Columns that depend on those before them are
/// moved to the end (LINPACK's limited pivoting), so that the result does not depend on rounding: the first of two equal
/// columns keeps the coefficient. Rows must hold no NaN. Cost: 2 n p².
pub fn least_squares(x: &Matrix, y: &[f64]) -> LeastSquares {
    solve(x, y, None, None)
}

/// The same with each squared error times its weight, above 0. The variance is that of a row of weight 1, from as many rows as
/// there are; `None` for weights of 1.
pub fn weighted_least_squares(x: &Matrix, y: &[f64], weights: Option<&[f64]>) -> LeastSquares {
    solve(x, y, weights, None)
}

/// `variance` of an observation of weight 1 where it is known; estimated from the residuals otherwise.
pub(super) fn solve(x: &Matrix, y: &[f64], weights: Option<&[f64]>, variance: Option<f64>) -> LeastSquares {
    let (n, p) = (x.n_rows().min(y.len()), x.n_cols());
    if n == 0 {
        return without_rows(p);
    }
    let centring = Centring::new(n, weights);
    let (y_mean, mut target) = centring.centre(&y[..n]);
    let total_sum = dot(&target, &target);
    let (mut scaled, constant) = scale(x, n, &centring);
    let factors = factorise(&mut scaled, &mut target);

    let rank = factors.kept.len();
    let kept: Vec<&Scaled> = factors.kept.iter().map(|&at| &scaled[at]).collect();
    let mut dependent = constant;
    dependent.extend(factors.dependent.iter().map(|&at| scaled[at].index));
    dependent.sort_unstable();

    let mut solution: Vec<f64> = target[..rank].to_vec();
    solve_upper(&factors.triangle, &mut solution);
    let mut coefficients = vec![0.0; p];
    for (column, b) in kept.iter().zip(&solution) {
        coefficients[column.index] = b / column.length;
    }
    let intercept = y_mean - math::sum(kept.iter().map(|c| coefficients[c.index] * c.mean));
    let residual_sum = dot(&target[rank..], &target[rank..]);
    let residual_dof = n.saturating_sub(rank + 1);
    let variance =
        variance.unwrap_or(if residual_dof > 0 { residual_sum / residual_dof as f64 } else { f64::NAN });
    let (intercept_error, errors) = standard_errors(&factors.triangle, &kept, p, variance, centring.sum);
    LeastSquares {
        intercept,
        coefficients,
        rank,
        dependent,
        condition: condition_of(&factors.triangle),
        residual_sum,
        total_sum,
        residual_dof,
        intercept_error,
        errors,
    }
}

/// What is known of `p` columns from no row at all.
fn without_rows(p: usize) -> LeastSquares {
    LeastSquares {
        intercept: 0.0,
        coefficients: vec![0.0; p],
        rank: 0,
        dependent: (0..p).collect(),
        condition: 1.0,
        residual_sum: 0.0,
        total_sum: 0.0,
        residual_dof: 0,
        intercept_error: f64::NAN,
        errors: vec![f64::NAN; p],
    }
}

/// Takes weighted means out of columns.
struct Centring<'w> {
    weights: Option<&'w [f64]>,
    roots: Option<Vec<f64>>,
    /// Of the weights; the number of rows without any.
    sum: f64,
}

impl<'w> Centring<'w> {
    fn new(n: usize, weights: Option<&'w [f64]>) -> Self {
        Self {
            weights,
            roots: weights.map(|w| w[..n].iter().map(|v| v.sqrt()).collect()),
            sum: weights.map_or(n as f64, |w| math::sum(w[..n].iter().copied())),
        }
    }

    fn mean(&self, values: impl Iterator<Item = f64>) -> f64 {
        match self.weights {
            None => math::sum(values) / self.sum,
            Some(w) => math::sum(values.zip(w).map(|(a, w)| a * w)) / self.sum,
        }
    }

    /// The mean, and what is left of the values without it, times the root of its weight.
    fn centre(&self, values: &[f64]) -> (f64, Vec<f64>) {
        let mean = self.mean(values.iter().copied());
        // A second pass takes out what rounding left of the mean.
        let mean = mean + self.mean(values.iter().map(|a| a - mean));
        let mut left: Vec<f64> = values.iter().map(|a| a - mean).collect();
        if let Some(roots) = &self.roots {
            left.iter_mut().zip(roots).for_each(|(a, r)| *a *= r);
        }
        (mean, left)
    }
}

/// A column that varies, centred and divided by its length.
struct Scaled {
    /// Where it stands in the matrix.
    index: usize,
    mean: f64,
    length: f64,
    values: Vec<f64>,
}

/// The columns that vary, and the places of those that do not.
fn scale(x: &Matrix, n: usize, centring: &Centring<'_>) -> (Vec<Scaled>, Vec<usize>) {
    let mut scaled = Vec::with_capacity(x.n_cols());
    let mut constant = Vec::new();
    for index in 0..x.n_cols() {
        let (mean, mut values) = centring.centre(&x.column(index)[..n]);
        let length = norm(&values);
        if length > 1e-13 * mean.abs() * centring.sum.sqrt() && length.is_finite() {
            values.iter_mut().for_each(|v| *v /= length);
            scaled.push(Scaled { index, mean, length, values });
        } else {
            constant.push(index);
        }
    }
    (scaled, constant)
}

/// A QR factorisation of some of the columns given.
struct Factors {
    /// R, by columns: column `c` has `c + 1` entries.
    triangle: Vec<Vec<f64>>,
    /// Places of the independent columns.
    kept: Vec<usize>,
    /// Places of those that the kept ones before them determine.
    dependent: Vec<usize>,
}

/// A column is reduced by the reflections before it; what is left decides whether it is independent. The target is
/// reflected with them. Their values are used up.
fn factorise(columns: &mut [Scaled], target: &mut [f64]) -> Factors {
    let n = target.len();
    let mut reflections: Vec<Vec<f64>> = Vec::new();
    let mut factors = Factors { triangle: Vec::new(), kept: Vec::new(), dependent: Vec::new() };
    for (at, column) in columns.iter_mut().enumerate() {
        let mut column = std::mem::take(&mut column.values);
        for (k, reflection) in reflections.iter().enumerate() {
            reflect(reflection, &mut column[k..]);
        }
        let k = reflections.len();
        // The mean takes one dimension: n rows carry at most n - 1 independent columns.
        let left = if k + 1 < n { norm(&column[k..]) } else { 0.0 };
        if left <= TOLERANCE {
            factors.dependent.push(at);
            continue;
        }
        let head = column[k];
        let diagonal = if head > 0.0 { -left } else { left };
        let mut reflection = column.split_off(k);
        reflection[0] -= diagonal;
        let length = norm(&reflection);
        reflection.iter_mut().for_each(|v| *v /= length);
        column.push(diagonal);
        factors.triangle.push(column);
        reflect(&reflection, &mut target[k..]);
        reflections.push(reflection);
        factors.kept.push(at);
    }
    factors
}

/// Of the intercept, and of the coefficients of all `p` columns; NaN for those not kept.
fn standard_errors(
    triangle: &[Vec<f64>],
    kept: &[&Scaled],
    p: usize,
    variance: f64,
    weight_sum: f64,
) -> (f64, Vec<f64>) {
    let rank = kept.len();
    let mut errors = vec![f64::NAN; p];
    // Row i of the inverse triangle: its squared length is the variance of coefficient i; their combination with the
    // means is that of the intercept.
    let inverse = invert_upper(triangle);
    let mut at_means = vec![0.0; rank];
    for (i, column) in kept.iter().enumerate() {
        let row: Vec<f64> = (i..rank).map(|c| inverse[c][i]).collect();
        errors[column.index] = (variance * dot(&row, &row)).sqrt() / column.length;
        for (slot, v) in at_means[i..].iter_mut().zip(&row) {
            *slot += v * column.mean / column.length;
        }
    }
    ((variance * (1.0 / weight_sum + dot(&at_means, &at_means))).sqrt(), errors)
}

/// Dot product in a fixed order: four running sums, so that it vectorises and still gives the same bits everywhere.
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut all = Dot::default();
    all.add(a, b);
    all.value()
}

/// [`dot`] of vectors that come piece by piece, to the same bits: every piece but the last has a multiple of four values.
#[derive(Debug, Clone, Copy, Default)]
pub struct Dot {
    sums: [f64; 4],
    tail: f64,
}

impl Dot {
    /// Adds the next pieces of both.
    #[inline(always)]
    pub fn add(&mut self, a: &[f64], b: &[f64]) {
        let (a_blocks, b_blocks) = (a.chunks_exact(4), b.chunks_exact(4));
        self.tail += a_blocks.remainder().iter().zip(b_blocks.remainder()).map(|(x, y)| x * y).sum::<f64>();
        let mut sums = self.sums;
        for (x, y) in a_blocks.zip(b_blocks) {
            for i in 0..4 {
                sums[i] += x[i] * y[i];
            }
        }
        self.sums = sums;
    }

    /// The product of all that was added.
    pub fn value(&self) -> f64 {
        (self.sums[0] + self.sums[1]) + (self.sums[2] + self.sums[3]) + self.tail
    }
}

fn norm(v: &[f64]) -> f64 {
    dot(v, v).sqrt()
}

/// Applies `I - 2 v vᵀ` for a `v` of length 1.
fn reflect(v: &[f64], to: &mut [f64]) {
    let twice = 2.0 * dot(v, to);
    for (slot, a) in to.iter_mut().zip(v) {
        *slot -= twice * a;
    }
}

/// Solves an upper triangular system held by columns (column `c` has `c + 1` entries).
fn solve_upper(triangle: &[Vec<f64>], b: &mut [f64]) {
    for c in (0..triangle.len()).rev() {
        b[c] /= triangle[c][c];
        let value = b[c];
        for (slot, r) in b[..c].iter_mut().zip(&triangle[c]) {
            *slot -= value * r;
        }
    }
}

/// The inverse of an upper triangle, by columns as well.
fn invert_upper(triangle: &[Vec<f64>]) -> Vec<Vec<f64>> {
    (0..triangle.len())
        .map(|c| {
            let mut column = vec![0.0; c + 1];
            column[c] = 1.0;
            solve_upper(&triangle[..=c], &mut column);
            column
        })
        .collect()
}

/// Largest over smallest singular value, by power iteration on `RᵀR` and its inverse.
fn condition_of(triangle: &[Vec<f64>]) -> f64 {
    let p = triangle.len();
    if p < 2 {
        return 1.0;
    }
    let iterate = |step: &dyn Fn(&mut Vec<f64>)| {
        // A start without symmetry, so that it is orthogonal to no singular vector one meets.
        let mut v: Vec<f64> = (0..p).map(|i| 1.0 + 1.0 / (i as f64 + 2.0)).collect();
        let mut value = 0.0;
        for _ in 0..300 {
            let length = norm(&v);
            v.iter_mut().for_each(|a| *a /= length);
            step(&mut v);
            let next = norm(&v);
            if (next - value).abs() <= 1e-10 * next {
                return next;
            }
            value = next;
        }
        value
    };
    let largest = iterate(&|v| {
        let mut image = vec![0.0; p];
        for (c, column) in triangle.iter().enumerate() {
            for (slot, r) in image.iter_mut().zip(column) {
                *slot += r * v[c];
            }
        }
        for (c, column) in triangle.iter().enumerate() {
            v[c] = dot(column, &image[..=c]);
        }
    });
    let smallest = iterate(&|v| {
        // Rᵀ w = v forwards, then R u = w backwards.
        for c in 0..p {
            v[c] = (v[c] - dot(&triangle[c][..c], &v[..c])) / triangle[c][c];
        }
        solve_upper(triangle, v);
    });
    (largest * smallest).sqrt()
}

/// A matrix that is not positive definite where it must be: column `column` depends on those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotPositiveDefinite {
    /// From 0.
    pub column: usize,
}

impl std::fmt::Display for NotPositiveDefinite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the matrix is not positive definite at column {}", self.column)
    }
}

impl std::error::Error for NotPositiveDefinite {}

/// The lower triangle `L` with `L Lᵀ = a`.
#[derive(Debug, Clone, PartialEq)]
pub struct Cholesky {
    lower: Matrix,
}

impl Cholesky {
    /// Factorises a symmetric matrix; only its lower half is read. Cost: n³ / 3.
    pub fn new(a: &Matrix) -> Result<Self, NotPositiveDefinite> {
        let n = a.n_rows();
        let mut lower = Matrix::zeros(n, n);
        for j in 0..n {
            let mut column: Vec<f64> = (j..n).map(|i| a.get(i, j)).collect();
            for k in 0..j {
                let earlier = &lower.column(k)[j..];
                let factor = earlier[0];
                for (slot, v) in column.iter_mut().zip(earlier) {
                    *slot -= factor * v;
                }
            }
            let pivot = column[0];
            if pivot.is_nan() || pivot <= 1e-13 * a.get(j, j).abs() {
                return Err(NotPositiveDefinite { column: j });
            }
            let root = pivot.sqrt();
            for (slot, v) in lower.column_mut(j)[j..].iter_mut().zip(&column) {
                *slot = v / root;
            }
        }
        Ok(Self { lower })
    }

    /// The factor.
    pub fn lower(&self) -> &Matrix {
        &self.lower
    }

    /// Solves `a x = b` in place.
    pub fn solve(&self, b: &mut [f64]) {
        let n = self.lower.n_rows();
        for j in 0..n {
            let column = self.lower.column(j);
            b[j] /= column[j];
            let value = b[j];
            for (slot, v) in b[j + 1..].iter_mut().zip(&column[j + 1..]) {
                *slot -= value * v;
            }
        }
        for j in (0..n).rev() {
            let column = self.lower.column(j);
            b[j] = (b[j] - dot(&column[j + 1..], &b[j + 1..])) / column[j];
        }
    }

    /// The inverse of the factorised matrix.
    pub fn inverse(&self) -> Matrix {
        let n = self.lower.n_rows();
        let mut out = Matrix::zeros(n, n);
        for j in 0..n {
            let column = out.column_mut(j);
            column[j] = 1.0;
            self.solve(column);
        }
        out
    }

    /// Natural logarithm of the determinant.
    pub fn ln_determinant(&self) -> f64 {
        2.0 * math::sum((0..self.lower.n_rows()).map(|i| math::ln(self.lower.get(i, i))))
    }
}

/// Eigenvalues (largest first) and eigenvectors (one a column, length 1, largest component positive) of a symmetric
/// matrix, by cyclic Jacobi rotations. Exact to rounding; cost some ten times n³, meant for n up to a few hundred.
pub fn symmetric_eigen(a: &Matrix) -> (Vec<f64>, Matrix) {
    let n = a.n_rows();
    let mut m = a.clone();
    let mut vectors = Matrix::zeros(n, n);
    for i in 0..n {
        vectors.column_mut(i)[i] = 1.0;
    }
    let scale = math::sum((0..n).map(|j| dot(a.column(j), a.column(j)))).sqrt();
    for _ in 0..60 {
        let off = math::sum((0..n).map(|j| dot(&m.column(j)[..j], &m.column(j)[..j]))).sqrt();
        if off <= 1e-16 * scale {
            break;
        }
        for p in 0..n {
            for q in p + 1..n {
                let apq = m.get(p, q);
                if apq.abs() <= 1e-18 * scale {
                    continue;
                }
                let theta = (m.get(q, q) - m.get(p, p)) / (2.0 * apq);
                let t = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
                let c = 1.0 / (t * t + 1.0).sqrt();
                let s = t * c;
                rotate_columns(&mut m, p, q, c, s);
                for j in 0..n {
                    let column = m.column_mut(j);
                    let (x, y) = (column[p], column[q]);
                    column[p] = c * x - s * y;
                    column[q] = s * x + c * y;
                }
                rotate_columns(&mut vectors, p, q, c, s);
            }
        }
    }
    let mut order: Vec<usize> = (0..n).collect();
    order.order_by(|&i, &j| m.get(j, j).total_cmp(&m.get(i, i)).then(i.cmp(&j)));
    let values = order.iter().map(|&i| m.get(i, i)).collect();
    let columns: Vec<Vec<f64>> = order
        .iter()
        .map(|&i| {
            let column = vectors.column(i);
            let mut largest = 0.0_f64;
            for &v in column {
                // Of components equal but for rounding the first decides the sign.
                if v.abs() > largest.abs() * (1.0 + 1e-9) {
                    largest = v;
                }
            }
            column.iter().map(|v| if largest < 0.0 { -v } else { *v }).collect()
        })
        .collect();
    (values, Matrix::from_columns(&columns))
}

fn rotate_columns(m: &mut Matrix, p: usize, q: usize, c: f64, s: f64) {
    for i in 0..m.n_rows() {
        let (x, y) = (m.column(p)[i], m.column(q)[i]);
        m.column_mut(p)[i] = c * x - s * y;
        m.column_mut(q)[i] = s * x + c * y;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{context::Ctx, testing::close};

    fn noise(n: usize, stream: u64) -> Vec<f64> {
        let mut rng = Ctx::quiet(7).rng(stream);
        (0..n).map(|_| rng.normal()).collect()
    }

    /// NIST StRD "Longley": six collinear columns, certified to 15 digits.
    #[test]
    fn longley_has_its_certified_values() {
        let rows: [[f64; 7]; 16] = [
            [60323., 83.0, 234289., 2356., 1590., 107608., 1947.],
            [61122., 88.5, 259426., 2325., 1456., 108632., 1948.],
            [60171., 88.2, 258054., 3682., 1616., 109773., 1949.],
            [61187., 89.5, 284599., 3351., 1650., 110929., 1950.],
            [63221., 96.2, 328975., 2099., 3099., 112075., 1951.],
            [63639., 98.1, 346999., 1932., 3594., 113270., 1952.],
            [64989., 99.0, 365385., 1870., 3547., 115094., 1953.],
            [63761., 100.0, 363112., 3578., 3350., 116219., 1954.],
            [66019., 101.2, 397469., 2904., 3048., 117388., 1955.],
            [67857., 104.6, 419180., 2822., 2857., 118734., 1956.],
            [68169., 108.4, 442769., 2936., 2798., 120445., 1957.],
            [66513., 110.8, 444546., 4681., 2637., 121950., 1958.],
            [68655., 112.6, 482704., 3813., 2552., 123366., 1959.],
            [69564., 114.2, 502601., 3931., 2514., 125368., 1960.],
            [69331., 115.7, 518173., 4806., 2572., 127852., 1961.],
            [70551., 116.9, 554894., 4007., 2827., 130081., 1962.],
        ];
        let columns: Vec<Vec<f64>> = (1..7).map(|j| rows.iter().map(|r| r[j]).collect()).collect();
        let y: Vec<f64> = rows.iter().map(|r| r[0]).collect();
        let fit = least_squares(&Matrix::from_columns(&columns), &y);
        let expected = [
            (15.0618722713733, 84.9149257747669),
            (-0.0358191792925910, 0.0334910077722432),
            (-2.02022980381683, 0.488399681651699),
            (-1.03322686717359, 0.214274163161675),
            (-0.0511041056535807, 0.226073200069370),
            (1829.15146461355, 455.478499142212),
        ];
        close(fit.intercept, -3482258.63459582, 1e-9);
        close(fit.intercept_error, 890420.383607373, 1e-9);
        for (j, (b, se)) in expected.into_iter().enumerate() {
            close(fit.coefficients[j], b, 1e-9);
            close(fit.errors[j], se, 1e-9);
        }
        close(fit.r2().unwrap(), 0.995479004577296, 1e-12);
        assert_eq!((fit.rank, fit.residual_dof), (6, 9));
        assert!(fit.condition > 50.0 && fit.condition < 200.0, "{}", fit.condition);
    }

    #[test]
    fn dependent_columns_get_zero_and_the_first_of_equals_keeps_the_effect() {
        let (a, b) = (noise(50, 1), noise(50, 2));
        let total: Vec<f64> = a.iter().zip(&b).map(|(x, y)| 1e6 * x + y).collect();
        let y: Vec<f64> = a.iter().zip(&b).map(|(x, y)| 3.0 + 2.0 * x - y).collect();
        let x = Matrix::from_columns(&[a.clone(), vec![5.0; 50], b, total, a]);
        let fit = least_squares(&x, &y);
        assert_eq!((fit.rank, fit.dependent.as_slice()), (2, [1, 3, 4].as_slice()));
        close(fit.coefficients[0], 2.0, 1e-12);
        close(fit.coefficients[2], -1.0, 1e-12);
        close(fit.intercept, 3.0, 1e-12);
        assert!(fit.residual_sum < 1e-20);
    }

    #[test]
    fn columns_of_very_different_size_are_all_used() {
        let (a, b, e) = (noise(200, 1), noise(200, 2), noise(200, 3));
        let y: Vec<f64> = (0..200).map(|i| a[i] + b[i] + 0.1 * e[i]).collect();
        let plain = least_squares(&Matrix::from_columns(&[a.clone(), b.clone()]), &y);
        let scaled = least_squares(
            &Matrix::from_columns(&[
                a.iter().map(|v| 1e9 * v + 1e10).collect(),
                b.iter().map(|v| v * 1e-6).collect(),
            ]),
            &y,
        );
        close(scaled.coefficients[0] * 1e9, plain.coefficients[0], 1e-8);
        close(scaled.coefficients[1] * 1e-6, plain.coefficients[1], 1e-8);
        close(scaled.residual_sum, plain.residual_sum, 1e-9);
    }

    #[test]
    fn more_columns_than_rows_is_no_trouble() {
        let columns: Vec<Vec<f64>> = (0..8).map(|j| noise(5, j)).collect();
        let fit = least_squares(&Matrix::from_columns(&columns), &noise(5, 99));
        assert_eq!((fit.rank, fit.residual_dof, fit.dependent.len()), (4, 0, 4));
        assert!(fit.errors.iter().all(|e| e.is_nan()));
        let empty = least_squares(&Matrix::zeros(0, 3), &[]);
        assert_eq!(empty.coefficients, [0.0; 3]);
    }

    #[test]
    fn eigenvectors_rebuild_the_matrix() {
        let columns: Vec<Vec<f64>> = (0..6).map(|j| noise(40, j)).collect();
        let gram: Vec<Vec<f64>> =
            columns.iter().map(|a| columns.iter().map(|b| dot(a, b)).collect()).collect();
        let a = Matrix::from_columns(&gram);
        let (values, vectors) = symmetric_eigen(&a);
        assert!(values.windows(2).all(|w| w[0] >= w[1]));
        for i in 0..6 {
            for j in 0..6 {
                let rebuilt: f64 = (0..6).map(|k| values[k] * vectors.get(i, k) * vectors.get(j, k)).sum();
                assert!((rebuilt - a.get(i, j)).abs() < 1e-11, "{rebuilt} {}", a.get(i, j));
            }
        }
    }

    #[test]
    fn cholesky_solves_and_refuses() {
        let a = Matrix::from_columns(&[vec![4.0, 2.0], vec![2.0, 3.0]]);
        let factor = Cholesky::new(&a).unwrap();
        let mut b = [2.0, 5.0];
        factor.solve(&mut b);
        close(b[0], -0.5, 1e-14);
        close(b[1], 2.0, 1e-14);
        close(factor.inverse().get(0, 0), 3.0 / 8.0, 1e-14);
        close(factor.ln_determinant(), math::ln(8.0), 1e-14);
        let singular = Matrix::from_columns(&[vec![1.0, 2.0], vec![2.0, 4.0]]);
        assert_eq!(Cholesky::new(&singular), Err(NotPositiveDefinite { column: 1 }));
    }
}
