//! Generalised linear models: Poisson with log link and logistic regression, with offset.

use super::{distributions::normal_two_sided, linear, math, matrix::Matrix};

/// Distribution and link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GlmFamily {
    /// Counts: variance equal to the mean, log link.
    Poisson,
    /// 0 or 1: logit link.
    Logistic,
}

/// A fitted model on the scale of the data.
#[derive(Debug, Clone, PartialEq)]
pub struct Glm {
    /// As asked for.
    pub family: GlmFamily,
    /// Linear predictor when every column and offset is 0.
    pub intercept: f64,
    /// One a column; 0 for columns that others determine.
    pub coefficients: Vec<f64>,
    /// Standard errors with dispersion 1; multiply by the root of `dispersion` for the quasi-likelihood ones.
    pub intercept_error: f64,
    /// Of the coefficients, likewise; NaN where the column was left out.
    pub errors: Vec<f64>,
    /// Twice the log-likelihood short of a perfect fit.
    pub deviance: f64,
    /// Pearson's chi².
    pub pearson: f64,
    /// Rows minus rank minus 1.
    pub residual_dof: usize,
    /// `pearson / residual_dof`; `None` without degrees of freedom. Far above 1: rows differ more than chance allows.
    pub dispersion: Option<f64>,
    /// Number of independent columns.
    pub rank: usize,
    /// Columns that others determine.
    pub dependent: Vec<usize>,
    /// Rounds needed.
    pub iterations: usize,
    /// `false` when a coefficient runs off to infinity (a perfectly separating column) or the limit was reached.
    pub converged: bool,
}

impl Glm {
    /// Expected outcome of rows of the same columns; `offset` empty for none.
    pub fn predict(&self, x: &Matrix, offset: &[f64]) -> Vec<f64> {
        let mut out = vec![self.intercept; x.n_rows()];
        for (j, b) in self.coefficients.iter().enumerate() {
            out.iter_mut().zip(x.column(j)).for_each(|(slot, v)| *slot += b * v);
        }
        out.iter_mut().zip(offset).for_each(|(slot, v)| *slot += v);
        out.iter_mut().for_each(|slot| *slot = self.family.mean(*slot));
        out
    }

    /// Two-sided p of a coefficient by Wald's test.
    pub fn p_value(&self, column: usize) -> f64 {
        normal_two_sided(self.coefficients[column] / self.errors[column])
    }
}

impl GlmFamily {
    fn mean(self, eta: f64) -> f64 {
        match self {
            // Beyond 1e300 nothing is a rate any more.
            Self::Poisson => math::exp(eta.min(690.0)),
            Self::Logistic => 1.0 / (1.0 + math::exp(-eta)),
        }
    }

    fn variance(self, mean: f64) -> f64 {
        match self {
            Self::Poisson => mean,
            Self::Logistic => mean * (1.0 - mean),
        }
    }

    fn deviance_of(self, y: f64, mean: f64) -> f64 {
        let part = |a: f64, b: f64| if a > 0.0 { a * math::ln(a / b) } else { 0.0 };
        match self {
            Self::Poisson => 2.0 * (part(y, mean) - (y - mean)),
            Self::Logistic => 2.0 * (part(y, mean) + part(1.0 - y, 1.0 - mean)),
        }
    }
}

/// Maximises the likelihood by iteratively reweighted least squares, halving steps that make it worse.
///
/// `offset` is added to the linear predictor with coefficient 1 (the logarithm of an exposure); empty for none. Stops when
/// the deviance changes by less than 1e-13 of itself, or after 100 rounds. Rows must hold no NaN. Reference: McCullagh &
/// Nelder, Generalized Linear Models (1989), chapter 2.
pub fn fit_glm(family: GlmFamily, x: &Matrix, y: &[f64], offset: &[f64]) -> Glm {
    let n = y.len();
    let shift = |i: usize| offset.get(i).copied().unwrap_or(0.0);
    let y_mean = if n == 0 { 0.0 } else { math::sum(y.iter().copied()) / n as f64 };
    let mut eta: Vec<f64> = y
        .iter()
        .map(|&v| match family {
            GlmFamily::Poisson => math::ln((0.5 * (v + y_mean)).max(1e-10)),
            GlmFamily::Logistic => {
                let start = 0.5 * (v + 0.5);
                math::ln(start / (1.0 - start))
            }
        })
        .collect();
    let total_deviance =
        |eta: &[f64]| math::sum(y.iter().zip(eta).map(|(&v, &e)| family.deviance_of(v, family.mean(e))));
    let linear_predictor = |intercept: f64, coefficients: &[f64]| {
        let mut eta: Vec<f64> = (0..n).map(|i| intercept + shift(i)).collect();
        for (j, b) in coefficients.iter().enumerate().filter(|(_, b)| **b != 0.0) {
            eta.iter_mut().zip(x.column(j)).for_each(|(slot, v)| *slot += b * v);
        }
        eta
    };

    let mut deviance = f64::INFINITY;
    let mut current: Option<(f64, Vec<f64>)> = None;
    let mut converged = n == 0;
    let mut iterations = 0;
    let mut last = linear::solve(&Matrix::zeros(0, x.n_cols()), &[], None, None);
    while iterations < 100 && !converged {
        iterations += 1;
        let mut weights = Vec::with_capacity(n);
        let mut working = Vec::with_capacity(n);
        for i in 0..n {
            let mean = family.mean(eta[i]);
            // Both links are canonical: the weight is the variance. A vanishing one would divide by zero.
            let weight = family.variance(mean).max(1e-12);
            weights.push(weight);
            working.push(eta[i] - shift(i) + (y[i] - mean) / weight);
        }
        last = linear::solve(x, &working, Some(&weights), Some(1.0));
        let (mut intercept, mut coefficients) = (last.intercept, last.coefficients.clone());
        let mut next = linear_predictor(intercept, &coefficients);
        let mut next_deviance = total_deviance(&next);
        if let Some((old_intercept, old)) = &current {
            for _ in 0..30 {
                if next_deviance <= deviance * (1.0 + 1e-10) + 1e-12 {
                    break;
                }
                intercept = 0.5 * (intercept + old_intercept);
                coefficients.iter_mut().zip(old).for_each(|(b, o)| *b = 0.5 * (*b + o));
                next = linear_predictor(intercept, &coefficients);
                next_deviance = total_deviance(&next);
            }
        }
        converged = (deviance - next_deviance).abs() <= 1e-13 * (next_deviance.abs() + 1e-3);
        deviance = next_deviance;
        eta = next;
        current = Some((intercept, coefficients));
    }
    let (intercept, coefficients) = current.unwrap_or((0.0, vec![0.0; x.n_cols()]));
    let pearson = math::sum(y.iter().zip(&eta).map(|(&v, &e)| {
        let mean = family.mean(e);
        let variance = family.variance(mean);
        if variance > 0.0 { (v - mean) * (v - mean) / variance } else { 0.0 }
    }));
    let residual_dof = n.saturating_sub(last.rank + 1);
    Glm {
        family,
        intercept,
        coefficients,
        intercept_error: last.intercept_error,
        errors: last.errors,
        deviance: if n == 0 { 0.0 } else { deviance },
        pearson,
        residual_dof,
        dispersion: (residual_dof > 0).then(|| pearson / residual_dof as f64),
        rank: last.rank,
        dependent: last.dependent,
        iterations,
        converged,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::testing::close;

    /// Counts by group with exposure: the maximum is the ratio of sums in each group.
    #[test]
    fn poisson_by_group_is_the_ratio_of_sums() {
        let group = [0.0, 0.0, 0.0, 1.0, 1.0];
        let exposure = [10.0_f64, 20.0, 5.0, 8.0, 40.0];
        let y = [1.0, 3.0, 0.0, 4.0, 9.0];
        let offset: Vec<f64> = exposure.iter().map(|&e| math::ln(e)).collect();
        let fit = fit_glm(GlmFamily::Poisson, &Matrix::from_columns(&[group.to_vec()]), &y, &offset);
        assert!(fit.converged);
        close(fit.intercept, math::ln(4.0 / 35.0), 1e-12);
        close(fit.coefficients[0], math::ln((13.0 / 48.0) / (4.0 / 35.0)), 1e-12);
        close(fit.errors[0], (1.0_f64 / 4.0 + 1.0 / 13.0).sqrt(), 1e-6);
    }

    /// A 2 x 2 table: the coefficient is the log odds ratio.
    #[test]
    fn logistic_on_a_two_by_two_table_is_the_log_odds_ratio() {
        let (mut x, mut y) = (Vec::new(), Vec::new());
        for (group, outcome, count) in [(0.0, 1.0, 12), (0.0, 0.0, 30), (1.0, 1.0, 25), (1.0, 0.0, 20)] {
            x.extend(std::iter::repeat_n(group, count));
            y.extend(std::iter::repeat_n(outcome, count));
        }
        let fit = fit_glm(GlmFamily::Logistic, &Matrix::from_columns(&[x]), &y, &[]);
        close(fit.coefficients[0], math::ln(25.0 * 30.0 / (20.0 * 12.0)), 1e-10);
        close(fit.errors[0], (1.0_f64 / 12.0 + 1.0 / 30.0 + 1.0 / 25.0 + 1.0 / 20.0).sqrt(), 1e-8);
    }

    #[test]
    fn separation_is_told_or_bounded_and_nothing_is_nan() {
        let x = Matrix::from_columns(&[vec![0.0, 0.0, 1.0, 1.0]]);
        let fit = fit_glm(GlmFamily::Logistic, &x, &[0.0, 0.0, 1.0, 1.0], &[]);
        assert!(fit.deviance < 1e-6 && fit.intercept.is_finite() && fit.coefficients[0].is_finite());
        let none = fit_glm(GlmFamily::Poisson, &Matrix::zeros(3, 0), &[0.0, 0.0, 0.0], &[]);
        assert!(none.deviance.abs() < 1e-6 && none.intercept.is_finite());
    }
}
