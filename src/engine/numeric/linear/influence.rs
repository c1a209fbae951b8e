//! How much each row moves each estimate of a least-squares fit, and the standard errors that follow from it.

use super::{Centring, dot, factorise, invert_upper, scale};
use crate::engine::numeric::{math, matrix::Matrix};

/// Estimates as weighted sums of the outcome: `estimate = sum of influence * outcome` over the rows.
///
/// With it every sandwich error is a sum over rows. The columns of the working least squares of a generalised linear model
/// are handled by giving its weights; its residuals are then the working ones.
#[derive(Debug, Clone)]
pub struct Influence {
    /// Of the intercept, one a row.
    pub intercept: Vec<f64>,
    /// Of each independent column, one a row.
    pub rows: Vec<Vec<f64>>,
    /// Which column each of `rows` belongs to.
    pub columns: Vec<usize>,
    /// How far each row decides its own prediction, 0 to 1.
    pub leverage: Vec<f64>,
    /// Variance inflation of each of `rows`: 1 / (1 - R²) of the column on the others.
    pub inflation: Vec<f64>,
}

/// The influence of rows in a fit with these columns and an intercept. Cost: 3 n p².
pub fn influence(x: &Matrix, n: usize, weights: Option<&[f64]>) -> Influence {
    let n = x.n_rows().max(n);
    let centring = Centring::new(n, weights);
    let (mut scaled, _) = scale(x, n, &centring);
    let mut original: Vec<Vec<f64>> = scaled.iter().map(|c| c.values.clone()).collect();
    let factors = factorise(&mut scaled, &mut vec![0.0; n]);
    // Q = Z R⁻¹, column after column.
    let mut q: Vec<Vec<f64>> = Vec::with_capacity(factors.kept.len());
    for (&at, triangle) in factors.kept.iter().zip(&factors.triangle) {
        let mut column = std::mem::take(&mut original[at]);
        for (earlier, r) in q.iter().zip(triangle) {
            column.iter_mut().zip(earlier).for_each(|(slot, v)| *slot -= r * v);
        }
        let diagonal = triangle[triangle.len() - 1];
        column.iter_mut().for_each(|v| *v /= diagonal);
        q.push(column);
    }
    let inverse = invert_upper(&factors.triangle);
    let root = |i: usize| centring.roots.as_ref().map_or(1.0, |r| r[i]);
    let share = |i: usize| centring.weights.map_or(1.0, |w| w[i]) / centring.sum;
    let mut leverage: Vec<f64> = (0..n).map(share).collect();
    for column in &q {
        leverage.iter_mut().zip(column).for_each(|(slot, v)| *slot += v * v);
    }
    let mut intercept: Vec<f64> = (0..n).map(share).collect();
    let mut rows = Vec::with_capacity(q.len());
    let mut inflation = Vec::with_capacity(q.len());
    for (j, &at) in factors.kept.iter().enumerate() {
        let of_row: Vec<f64> = (j..q.len()).map(|c| inverse[c][j]).collect();
        inflation.push(dot(&of_row, &of_row));
        let mut out = vec![0.0; n];
        for (column, r) in q[j..].iter().zip(&of_row) {
            out.iter_mut().zip(column).for_each(|(slot, v)| *slot += r * v);
        }
        let (length, mean) = (scaled[at].length, scaled[at].mean);
        for (i, (slot, all)) in out.iter_mut().zip(&mut intercept).enumerate() {
            *slot *= root(i) / length;
            *all -= mean * *slot;
        }
        rows.push(out);
    }
    let columns = factors.kept.iter().map(|&at| scaled[at].index).collect();
    Influence { intercept, rows, columns, leverage, inflation }
}

impl Influence {
    /// Influence on the estimate of a column, or on the intercept; `None` for a column that others determine.
    pub fn of(&self, column: Option<usize>) -> Option<&[f64]> {
        let Some(column) = column else { return Some(&self.intercept) };
        let at = self.columns.iter().position(|&c| c == column)?;
        self.rows.get(at).map(Vec::as_slice)
    }

    /// Variance inflation of a column.
    pub fn inflation_of(&self, column: usize) -> Option<f64> {
        let at = self.columns.iter().position(|&c| c == column)?;
        self.inflation.get(at).copied()
    }

    /// HC3 standard error of an estimate (MacKinnon and White 1985): each residual stands for the spread at its row, enlarged
    /// by what the row took of its own prediction. `None` where a row with influence decides its own prediction alone.
    pub fn hc3(&self, of: &[f64], residuals: &[f64]) -> Option<f64> {
        let mut sum = Vec::with_capacity(of.len());
        for ((&a, &e), &h) in of.iter().zip(residuals).zip(&self.leverage) {
            if a.abs() <= 1e-300 {
                continue;
            }
            if h > 1.0 - 1e-8 {
                return None;
            }
            let part = a * e / (1.0 - h);
            sum.push(part * part);
        }
        Some(math::sum(sum).sqrt())
    }

    /// Standard error that allows rows of a group to vary together (Liang and Zeger 1986), with the correction
    /// `G / (G - 1) * (n - 1) / (n - k)`. `groups` holds a code a row. `None` with fewer than two groups or no freedom left.
    pub fn clustered(&self, of: &[f64], residuals: &[f64], groups: &[u32]) -> Option<f64> {
        let n_groups = groups.iter().max().map_or(0, |&g| g as usize + 1);
        let (n, k) = (of.len(), self.columns.len() + 1);
        if n_groups < 2 || n <= k || groups.len() != n {
            return None;
        }
        let mut sums = vec![0.0; n_groups];
        let mut is_there = vec![false; n_groups];
        for ((&a, &e), &g) in of.iter().zip(residuals).zip(groups) {
            sums[g as usize] += a * e;
            is_there[g as usize] = true;
        }
        let g = is_there.iter().filter(|there| **there).count() as f64;
        if g < 2.0 {
            return None;
        }
        let correction = g / (g - 1.0) * (n as f64 - 1.0) / (n - k) as f64;
        Some((correction * math::sum(sums.iter().map(|s| s * s))).sqrt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{numeric::linear::least_squares, testing::close};

    /// Of the intercept and the two columns.
    const HC3: [f64; 3] = [1.0387774939892644, 0.1657312359353355, 0.13641650302719363];
    const CLUSTERED: [f64; 3] = [1.1527181726516864, 0.17275912540347063, 0.156617139121365];
    const INFLATION: f64 = 1.0217552379436117;

    fn data() -> (Matrix, Vec<f64>, Vec<u32>) {
        let a: Vec<f64> = (0..24).map(|i| f64::from((i * 7) % 11)).collect();
        let b: Vec<f64> = (0..24).map(|i| f64::from((i * i) % 13) + 0.3 * f64::from((i * 7) % 11)).collect();
        let y = (0..24).map(|i| f64::from((i * 5) % 9) + 2.0 * a[i as usize] - 0.5 * b[i as usize]).collect();
        let groups = (0..24).map(|i| (i / 3) as u32).collect();
        (Matrix::from_columns(&[a, b]), y, groups)
    }

    #[test]
    fn weighted_sums_of_the_outcome_are_the_estimates() {
        let (x, y, _) = data();
        let fit = least_squares(&x, &y);
        let found = influence(&x, y.len(), None);
        close(dot(&found.intercept, &y), fit.intercept, 1e-11);
        for (of, &j) in found.rows.iter().zip(&found.columns) {
            close(dot(of, &y), fit.coefficients[j], 1e-11);
            let variance = fit.residual_sum / fit.residual_dof as f64;
            close((variance * dot(of, of)).sqrt(), fit.errors[j], 1e-11);
        }
        close(math::sum(found.leverage.iter().copied()), 3.0, 1e-12);
        // Two columns: both have the inflation 1 / (1 - r²).
        close(found.inflation[0], found.inflation[1], 1e-12);
    }

    /// Reference values computed with statsmodels (OLS, cov_type HC3 and cluster, variance_inflation_factor).
    #[test]
    fn robust_errors_match_statsmodels() {
        let (x, y, groups) = data();
        let fit = least_squares(&x, &y);
        let residuals: Vec<f64> = y.iter().zip(fit.predict(&x)).map(|(a, b)| a - b).collect();
        let found = influence(&x, y.len(), None);
        for (of, wanted, clustered) in [
            (&found.intercept, HC3[0], CLUSTERED[0]),
            (&found.rows[0], HC3[1], CLUSTERED[1]),
            (&found.rows[1], HC3[2], CLUSTERED[2]),
        ] {
            close(found.hc3(of, &residuals).unwrap(), wanted, 1e-9);
            close(found.clustered(of, &residuals, &groups).unwrap(), clustered, 1e-9);
        }
        close(found.inflation[0], INFLATION, 1e-9);
    }

    #[test]
    fn a_row_alone_at_its_level_has_no_robust_error() {
        let alone: Vec<f64> = (0..6).map(|i| f64::from(u8::from(i == 5))).collect();
        let x = Matrix::from_columns(&[alone]);
        let found = influence(&x, 6, None);
        let residuals = [0.1, -0.1, 0.2, -0.2, 0.0, 0.0];
        assert_eq!(found.hc3(&found.rows[0], &residuals), None);
        assert_eq!(found.clustered(&found.rows[0], &residuals, &[0; 6]), None);
    }
}
