//! Generalised linear models: iteratively reweighted least squares for pairs of distribution and link, with weights and offset.

use super::{
    distributions::{digamma, normal_two_sided},
    linear::{self, Cholesky, dot},
    math,
    matrix::Matrix,
    penalised::standardise,
};

/// A distribution with its link.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum GlmFamily {
    /// Any numbers: constant variance, identity link. Least squares.
    Gaussian,
    /// Counts: variance equal to the mean, log link.
    Poisson,
    /// Counts that differ more than chance (NB2): variance `mean + dispersion mean²`, log link.
    NegativeBinomial {
        /// 0 is Poisson.
        dispersion: f64,
    },
    /// Positive amounts: variance proportional to the squared mean, log link.
    Gamma,
    /// 0 or 1, or shares with the number of trials as weight: logit link.
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
    /// Deviance of the model with the intercept (and the offset) alone.
    pub null_deviance: f64,
    /// Pearson's chi².
    pub pearson: f64,
    /// Rows with a weight, minus rank minus 1.
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
        let mut out = self.linear_predictor(x, offset);
        out.iter_mut().for_each(|slot| *slot = self.family.mean(*slot));
        out
    }

    /// The expected outcome before the link is undone.
    pub fn linear_predictor(&self, x: &Matrix, offset: &[f64]) -> Vec<f64> {
        linear_predictor(x, offset, self.intercept, &self.coefficients)
    }

    /// Two-sided p of a coefficient by Wald's test.
    pub fn p_value(&self, column: usize) -> f64 {
        normal_two_sided(self.coefficients[column] / self.errors[column])
    }
}

impl GlmFamily {
    /// Expected outcome for a linear predictor.
    pub fn mean(self, eta: f64) -> f64 {
        match self {
            Self::Gaussian => eta,
            // Beyond 1e299 nothing is a rate any more.
            Self::Poisson | Self::NegativeBinomial { .. } | Self::Gamma => math::exp(eta.min(690.0)),
            Self::Logistic => 1.0 / (1.0 + math::exp(-eta)),
        }
    }

    /// Variance of an outcome, but for a dispersion common to all.
    pub fn variance(self, mean: f64) -> f64 {
        match self {
            Self::Gaussian => 1.0,
            Self::Poisson => mean,
            Self::NegativeBinomial { dispersion } => mean * (1.0 + dispersion * mean),
            Self::Gamma => mean * mean,
            Self::Logistic => mean * (1.0 - mean),
        }
    }

    /// Weight of a row in the working least squares, and the change of the mean with the linear predictor.
    pub fn working(self, eta: f64) -> (f64, f64) {
        let mean = self.mean(eta);
        // A vanishing slope would divide by zero.
        let slope = match self {
            Self::Gaussian => 1.0,
            Self::Poisson | Self::NegativeBinomial { .. } | Self::Gamma => mean,
            Self::Logistic => mean * (1.0 - mean),
        }
        .max(1e-12);
        let weight = match self {
            Self::Gaussian | Self::Gamma => 1.0,
            // Canonical: the weight is the variance, and the variance is the slope.
            Self::Poisson | Self::Logistic => slope,
            Self::NegativeBinomial { dispersion } => slope / (1.0 + dispersion * slope),
        };
        (weight, slope)
    }

    fn start(self, y: f64, y_mean: f64) -> f64 {
        match self {
            Self::Gaussian => y_mean,
            Self::Poisson | Self::NegativeBinomial { .. } | Self::Gamma => {
                math::ln((0.5 * (y + y_mean)).max(1e-10))
            }
            Self::Logistic => {
                let start = 0.5 * (y + 0.5);
                math::ln(start / (1.0 - start))
            }
        }
    }

    fn deviance_of(self, y: f64, mean: f64) -> f64 {
        let part = |a: f64, b: f64| if a > 0.0 { a * math::ln(a / b) } else { 0.0 };
        match self {
            Self::Gaussian => (y - mean) * (y - mean),
            Self::Poisson => 2.0 * (part(y, mean) - (y - mean)),
            Self::NegativeBinomial { dispersion } if dispersion > 0.0 => {
                let shift = y + 1.0 / dispersion;
                2.0 * (part(y, mean) - shift * math::ln_1p((y - mean) / (mean + 1.0 / dispersion)))
            }
            Self::NegativeBinomial { .. } => Self::Poisson.deviance_of(y, mean),
            Self::Gamma => 2.0 * ((y - mean) / mean - math::ln((y / mean).max(1e-300))),
            Self::Logistic => 2.0 * (part(y, mean) + part(1.0 - y, 1.0 - mean)),
        }
    }

    /// Logarithm of the probability (density) of an outcome; for `Gaussian` with variance 1.
    pub fn ln_likelihood(self, y: f64, mean: f64) -> f64 {
        let part = |a: f64, b: f64| if a > 0.0 { a * math::ln(b) } else { 0.0 };
        match self {
            Self::Gaussian => -0.5 * ((y - mean) * (y - mean) + math::ln(2.0 * std::f64::consts::PI)),
            Self::NegativeBinomial { dispersion } if dispersion > 0.0 => {
                let size = 1.0 / dispersion;
                math::lgamma(y + size)
                    - math::lgamma(size)
                    - math::lgamma(y + 1.0)
                    - size * math::ln_1p(mean / size)
                    + part(y, mean / (size + mean))
            }
            Self::Poisson | Self::NegativeBinomial { .. } => part(y, mean) - mean - math::lgamma(y + 1.0),
            Self::Gamma => -y / mean - math::ln(mean),
            Self::Logistic => part(y, mean) + part(1.0 - y, 1.0 - mean),
        }
    }
}

fn linear_predictor(x: &Matrix, offset: &[f64], intercept: f64, coefficients: &[f64]) -> Vec<f64> {
    let mut eta = vec![intercept; x.n_rows()];
    eta.iter_mut().zip(offset).for_each(|(slot, v)| *slot += v);
    for (j, b) in coefficients.iter().enumerate().filter(|(_, b)| **b != 0.0) {
        eta.iter_mut().zip(x.column(j)).for_each(|(slot, v)| *slot += b * v);
    }
    eta
}

/// [`fit_weighted`] with every weight 1.
pub fn fit_glm(family: GlmFamily, x: &Matrix, y: &[f64], offset: &[f64]) -> Glm {
    fit_weighted(family, x, y, &[], offset)
}

/// Maximises the likelihood by iteratively reweighted least squares, halving steps that make it worse.
///
/// `weights` multiply the likelihood of a row (the number of trials of a share, or how often a row stands for itself); empty
/// for 1 each. `offset` is added to the linear predictor with coefficient 1 (the logarithm of an exposure); empty for none.
/// Stops when the deviance changes by less than 1e-13 of itself, or after 100 rounds. Rows must hold no NaN. Reference:
/// McCullagh & Nelder, Generalized Linear Models (1989), chapter 2.
pub fn fit_weighted(family: GlmFamily, x: &Matrix, y: &[f64], weights: &[f64], offset: &[f64]) -> Glm {
    let null = Matrix::zeros(y.len(), 0);
    let null_deviance = iterate(family, &null, y, weights, offset).deviance;
    Glm { null_deviance, ..iterate(family, x, y, weights, offset) }
}

fn iterate(family: GlmFamily, x: &Matrix, y: &[f64], prior: &[f64], offset: &[f64]) -> Glm {
    let n = y.len();
    let shift = |i: usize| offset.get(i).copied().unwrap_or(0.0);
    let prior_of = |i: usize| prior.get(i).copied().unwrap_or(1.0);
    let weight_sum = math::sum((0..n).map(prior_of));
    let y_mean =
        if weight_sum > 0.0 { math::sum((0..n).map(|i| prior_of(i) * y[i])) / weight_sum } else { 0.0 };
    let mut eta: Vec<f64> = y.iter().map(|&v| family.start(v, y_mean)).collect();
    let total_deviance =
        |eta: &[f64]| math::sum((0..n).map(|i| prior_of(i) * family.deviance_of(y[i], family.mean(eta[i]))));

    let mut deviance = f64::INFINITY;
    let mut current: Option<(f64, Vec<f64>)> = None;
    let is_empty = n == 0 || weight_sum <= 0.0;
    let mut converged = is_empty;
    let mut iterations = 0;
    let mut last = linear::solve(&Matrix::zeros(0, x.n_cols()), &[], None, None);
    // The first round tells which columns are independent, the last gives the errors; both factorise the columns themselves.
    // Between them the sums of products do, at a quarter of the cost.
    let mut rounds: Option<Rounds> = None;
    let mut is_last = false;
    while iterations < 100 && !converged {
        iterations += 1;
        let mut weights = Vec::with_capacity(n);
        let mut working = Vec::with_capacity(n);
        for i in 0..n {
            let (weight, slope) = family.working(eta[i]);
            weights.push(prior_of(i) * weight);
            working.push(eta[i] - shift(i) + (y[i] - family.mean(eta[i])) / slope);
        }
        let quick = rounds.as_ref().filter(|_| !is_last).and_then(|r| r.solve(&weights, &working));
        let is_exact = quick.is_none();
        let (mut intercept, mut coefficients) = quick.unwrap_or_else(|| {
            last = linear::solve(x, &working, Some(&weights), Some(1.0));
            (last.intercept, last.coefficients.clone())
        });
        if iterations == 1 && last.rank >= WORTH_WHILE {
            rounds = Some(Rounds::new(x, &last.dependent));
        }
        let mut next = linear_predictor(x, offset, intercept, &coefficients);
        let mut next_deviance = total_deviance(&next);
        if let Some((old_intercept, old)) = &current {
            for _ in 0..30 {
                if next_deviance <= deviance * (1.0 + 1e-10) + 1e-12 {
                    break;
                }
                intercept = 0.5 * (intercept + old_intercept);
                coefficients.iter_mut().zip(old).for_each(|(b, o)| *b = 0.5 * (*b + o));
                next = linear_predictor(x, offset, intercept, &coefficients);
                next_deviance = total_deviance(&next);
            }
        }
        is_last = (deviance - next_deviance).abs() <= 1e-13 * (next_deviance.abs() + 1e-3);
        converged = is_last && is_exact;
        deviance = next_deviance;
        eta = next;
        current = Some((intercept, coefficients));
    }
    let (intercept, coefficients) = current.unwrap_or((0.0, vec![0.0; x.n_cols()]));
    let pearson = math::sum((0..n).map(|i| {
        let mean = family.mean(eta[i]);
        let variance = family.variance(mean);
        if variance > 0.0 { prior_of(i) * (y[i] - mean) * (y[i] - mean) / variance } else { 0.0 }
    }));
    let n_weighted = (0..n).filter(|&i| prior_of(i) > 0.0).count();
    let residual_dof = n_weighted.saturating_sub(last.rank + 1);
    Glm {
        family,
        intercept,
        coefficients,
        intercept_error: last.intercept_error,
        errors: last.errors,
        deviance: if is_empty { 0.0 } else { deviance },
        null_deviance: f64::NAN,
        pearson,
        residual_dof,
        dispersion: (residual_dof > 0).then(|| pearson / residual_dof as f64),
        rank: last.rank,
        dependent: last.dependent,
        iterations,
        converged,
    }
}

/// From so many independent columns on, rounds by sums of products pay.
const WORTH_WHILE: usize = 4;

/// Weighted least squares of the same columns again and again, by the sums of their products. Columns are standardised
/// before, without which squaring them would cost half of the digits.
struct Rounds {
    n_columns: usize,
    /// Places of the independent columns.
    kept: Vec<usize>,
    columns: Vec<Vec<f64>>,
    means: Vec<f64>,
    units: Vec<f64>,
}

impl Rounds {
    fn new(x: &Matrix, dependent: &[usize]) -> Self {
        let all = standardise(x);
        let kept: Vec<usize> = (0..x.n_cols()).filter(|j| !dependent.contains(j)).collect();
        let mut columns = all.columns;
        Self {
            n_columns: x.n_cols(),
            columns: kept.iter().map(|&j| std::mem::take(&mut columns[j])).collect(),
            means: kept.iter().map(|&j| all.means[j]).collect(),
            units: kept.iter().map(|&j| all.units[j]).collect(),
            kept,
        }
    }

    /// Intercept and coefficients; `None` where the weights leave no single solution. Cost: n p² / 2.
    fn solve(&self, weights: &[f64], target: &[f64]) -> Option<(f64, Vec<f64>)> {
        let p = self.kept.len();
        let factor = Cholesky::new(&products(&self.columns, weights)).ok()?;
        let weighted: Vec<f64> = weights.iter().zip(target).map(|(w, v)| w * v).collect();
        let mut solution: Vec<f64> = self.columns.iter().map(|c| dot(c, &weighted)).collect();
        solution.push(math::sum(weighted));
        factor.solve(&mut solution);
        if !solution.iter().all(|v| v.is_finite()) {
            return None;
        }
        let mut coefficients = vec![0.0; self.n_columns];
        for (j, &place) in self.kept.iter().enumerate() {
            coefficients[place] = solution[j] / self.units[j];
        }
        let at_means = math::sum((0..p).map(|j| coefficients[self.kept[j]] * self.means[j]));
        Some((solution[p] - at_means, coefficients))
    }
}

/// Weighted sums of the products of every two columns, a column of ones as the last.
pub(super) fn products(columns: &[Vec<f64>], weights: &[f64]) -> Matrix {
    let p = columns.len();
    let mut out = Matrix::zeros(p + 1, p + 1);
    let mut weighted = vec![0.0; weights.len()];
    for j in 0..p {
        weighted.iter_mut().zip(&columns[j]).zip(weights).for_each(|((slot, v), w)| *slot = v * w);
        let own = out.column_mut(j);
        for i in j..p {
            own[i] = dot(&columns[i], &weighted);
        }
        own[p] = math::sum(weighted.iter().copied());
    }
    out.column_mut(p)[p] = math::sum(weights.iter().copied());
    out
}

/// A negative binomial model whose dispersion is estimated too: maximum likelihood by turns, coefficients for a dispersion
/// and the dispersion for their means, until it settles. Counts that differ no more than chance get the dispersion 0, which
/// is Poisson. Standard errors take the dispersion as known (the two are uncorrelated in large samples). Source: Lawless 1987.
pub fn fit_negative_binomial(x: &Matrix, y: &[f64], offset: &[f64]) -> Glm {
    let mut fit = fit_glm(GlmFamily::Poisson, x, y, offset);
    let mut last = f64::NAN;
    for _ in 0..60 {
        let dispersion = dispersion_of(y, &fit.predict(x, offset));
        if dispersion == 0.0 || (dispersion - last).abs() <= 1e-9 * dispersion {
            break;
        }
        last = dispersion;
        fit = iterate(GlmFamily::NegativeBinomial { dispersion }, x, y, &[], offset);
    }
    let null = Matrix::zeros(y.len(), 0);
    fit.null_deviance = iterate(fit.family, &null, y, &[], offset).deviance;
    if fit.family == GlmFamily::Poisson {
        fit.family = GlmFamily::NegativeBinomial { dispersion: 0.0 };
    }
    fit
}

/// The dispersion under which counts with these means are most likely, 0 below 10⁻⁵; the slope of the likelihood in the
/// logarithm of its inverse is brought to 0 by false position (Illinois).
fn dispersion_of(y: &[f64], means: &[f64]) -> f64 {
    let slope = |ln_size: f64| {
        let size = math::exp(ln_size);
        let at_zero = digamma(size);
        size * math::sum(y.iter().zip(means).map(|(&v, &m)| {
            let gained = if v == 0.0 { 0.0 } else { digamma(v + size) - at_zero };
            gained - math::ln_1p(m / size) + (m - v) / (m + size)
        }))
    };
    let (mut low, mut high) = (math::ln(1e-6), math::ln(1e5));
    if !y.iter().any(|&v| v > 0.0) || !means.iter().all(|m| m.is_finite()) {
        return 0.0;
    }
    let (mut at_low, mut at_high) = (slope(low), slope(high));
    if at_high >= 0.0 {
        return 0.0;
    }
    if at_low <= 0.0 {
        return 1e6;
    }
    let mut middle = 0.5 * (low + high);
    for round in 0..200 {
        // Halved every third round, so that a flat end cannot hold it.
        let next = if round % 3 == 2 {
            0.5 * (low + high)
        } else {
            (low * at_high - high * at_low) / (at_high - at_low)
        };
        let is_settled = (next - middle).abs() <= 1e-13 || high - low <= 1e-13;
        middle = next;
        if is_settled {
            break;
        }
        let at = slope(middle);
        if at > 0.0 {
            (low, at_low, at_high) = (middle, at, 0.5 * at_high);
        } else {
            (high, at_high, at_low) = (middle, at, 0.5 * at_low);
        }
    }
    math::exp(-middle)
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

    /// A share with its number of trials as weight is the same likelihood as the trials one by one, and a weight of 2 the
    /// same as a row written twice; a weight of 0 is no row at all.
    #[test]
    fn weights_stand_for_rows() {
        let whole = fit_weighted(
            GlmFamily::Logistic,
            &Matrix::from_columns(&[vec![0.0, 1.0, 5.0]]),
            &[12.0 / 42.0, 25.0 / 45.0, 0.5],
            &[42.0, 45.0, 0.0],
            &[],
        );
        close(whole.coefficients[0], math::ln(25.0 * 30.0 / (20.0 * 12.0)), 1e-10);
        assert_eq!(whole.residual_dof, 0);
        let x = Matrix::from_columns(&[vec![1.0, 2.0, 4.0, 7.0]]);
        let twice = Matrix::from_columns(&[vec![1.0, 2.0, 2.0, 4.0, 7.0]]);
        let weighted =
            fit_weighted(GlmFamily::Poisson, &x, &[1.0, 0.0, 3.0, 6.0], &[1.0, 2.0, 1.0, 1.0], &[]);
        let written = fit_glm(GlmFamily::Poisson, &twice, &[1.0, 0.0, 0.0, 3.0, 6.0], &[]);
        close(weighted.coefficients[0], written.coefficients[0], 1e-10);
        close(weighted.errors[0], written.errors[0], 1e-8);
        close(weighted.null_deviance, written.null_deviance, 1e-12);
    }

    /// The slope of the log-likelihood vanishes at the fit, whatever the pair of distribution and link.
    #[test]
    fn every_family_ends_where_no_small_step_is_better() {
        let x = Matrix::from_columns(&[
            (0..40).map(|i| f64::from(i % 7)).collect(),
            (0..40).map(|i| f64::from(i % 3)).collect(),
        ]);
        let y: Vec<f64> = (0..40).map(|i| f64::from((i * i + 3 * i) % 11) + 0.5).collect();
        let yes: Vec<f64> = (0..40).map(|i| f64::from(u8::from((i * i) % 5 > 1))).collect();
        for (family, y) in [
            (GlmFamily::Gaussian, &y),
            (GlmFamily::Poisson, &y),
            (GlmFamily::NegativeBinomial { dispersion: 0.7 }, &y),
            (GlmFamily::Gamma, &y),
            (GlmFamily::Logistic, &yes),
        ] {
            let fit = fit_glm(family, &x, y, &[]);
            assert!(fit.converged && fit.deviance <= fit.null_deviance, "{family:?}");
            for j in 0..2 {
                for step in [-1e-3, 1e-3] {
                    let mut moved = fit.clone();
                    moved.coefficients[j] += step;
                    let deviance = math::sum(
                        moved.predict(&x, &[]).iter().zip(y).map(|(&m, &v)| family.deviance_of(v, m)),
                    );
                    assert!(deviance > fit.deviance, "{family:?} {j}: {deviance} {}", fit.deviance);
                }
            }
        }
    }

    /// Dispersion, coefficients (the intercept first), their errors, deviance, Pearson's chi², log-likelihood.
    const NB: (f64, [f64; 3], [f64; 3], f64, f64, f64) = (
        1.6942366315310324,
        [0.6074493467617467, 0.30789190207531264, -0.6858902988526357],
        [0.3786435398063626, 0.5131566018251269, 0.20300436439452454],
        85.46587835037872,
        97.05631088627112,
        -176.3125993746304,
    );

    /// Columns, counts and exposure.
    fn counts() -> (Matrix, Vec<f64>, Vec<f64>) {
        let a: Vec<f64> = (0..80).map(|i| f64::from((i * 7) % 11) * 0.1).collect();
        let b: Vec<f64> = (0..80).map(|i| f64::from(i % 3)).collect();
        let exposure: Vec<f64> = (0..80).map(|i| 1.0 + f64::from((i * i) % 9)).collect();
        let y = (0..80_i32)
            .map(|i| {
                let at = i as usize;
                let many = if (i * i * 3 + i * 5) % 13 == 0 { 9.0 } else { 0.0 };
                many + f64::from((i * i * 5 + i) % 4) + (a[at] * b[at] * exposure[at] * 0.2).floor()
            })
            .collect();
        (Matrix::from_columns(&[a, b]), y, exposure)
    }

    /// Reference values computed with statsmodels: `NegativeBinomial(y, X)` (maximum likelihood) for coefficients, dispersion
    /// and log-likelihood, `GLM` with that dispersion for errors and deviance.
    #[test]
    fn negative_binomial_matches_statsmodels() {
        let (x, y, exposure) = counts();
        let offset: Vec<f64> = exposure.iter().map(|&e| math::ln(e)).collect();
        let fit = fit_negative_binomial(&x, &y, &offset);
        let GlmFamily::NegativeBinomial { dispersion } = fit.family else { panic!("{:?}", fit.family) };
        close(dispersion, NB.0, 1e-5);
        for (found, wanted) in [fit.intercept, fit.coefficients[0], fit.coefficients[1]].into_iter().zip(NB.1)
        {
            close(found, wanted, 1e-5);
        }
        for (found, wanted) in [fit.intercept_error, fit.errors[0], fit.errors[1]].into_iter().zip(NB.2) {
            close(found, wanted, 1e-5);
        }
        close(fit.deviance, NB.3, 1e-5);
        close(fit.pearson, NB.4, 1e-5);
        let means = fit.predict(&x, &offset);
        let ln_likelihood: f64 = y.iter().zip(&means).map(|(&v, &m)| fit.family.ln_likelihood(v, m)).sum();
        close(ln_likelihood, NB.5, 1e-8);
    }

    #[test]
    fn counts_that_differ_no_more_than_chance_are_poisson() {
        let y = [2.0, 3.0, 2.0, 3.0, 4.0, 3.0];
        let fit = fit_negative_binomial(&Matrix::zeros(6, 0), &y, &[]);
        assert_eq!(fit.family, GlmFamily::NegativeBinomial { dispersion: 0.0 });
        close(fit.intercept, math::ln(17.0 / 6.0), 1e-10);
        assert!(fit_negative_binomial(&Matrix::zeros(3, 0), &[0.0; 3], &[]).intercept.is_finite());
    }
}
