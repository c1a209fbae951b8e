//! Logistic regression held back by a penalty, and how to tell that without one there is no solution.

use super::{
    glm::{Glm, GlmFamily, fit_weighted, products},
    linear::{Cholesky, dot},
    math,
    matrix::Matrix,
    penalised::{mean_and_unit, standardise},
};

/// An error of this size for one standard deviation of a column, in log odds, says that its effect runs off to infinity:
/// with n rows an estimable one has about 2 / √n.
const UNBOUNDED: f64 = 50.0;

/// Whether some combination of columns tells yes from no without fail in part of the rows (complete or quasi-complete
/// separation, Albert and Anderson 1984). The likelihood then has no maximum: iteration stops where its gains vanish, with
/// weights near 0 and errors without bound. `weight`: what a row counts on average.
pub fn is_separated(fit: &Glm, x: &Matrix, weight: f64) -> bool {
    if !fit.converged || fit.deviance < 1e-6 * weight * (fit.residual_dof + fit.rank + 1) as f64 {
        return true;
    }
    let is_unbounded = |j: usize| {
        let error = fit.errors[j] * mean_and_unit(x.column(j)).1;
        !fit.dependent.contains(&j) && (error.is_nan() || error * weight.sqrt() > UNBOUNDED)
    };
    (0..x.n_cols()).any(is_unbounded)
}

/// Minimises `-ln likelihood + penalty / 2 * sum of (coefficient * deviation of its column)²`; the intercept goes free.
///
/// Newton's method on standardised columns with halved steps, to a relative change of 1e-13. `penalty` above 0, so that there
/// is always one solution: scikit-learn's `LogisticRegression(C=1 / penalty)` behind a `StandardScaler`. Errors are those of a
/// normal prior of variance 1 / penalty (the inverse of the penalised information). `weights` and `offset` as in
/// [`fit_weighted`]; columns are standardised without weights. Cost: n p² a round.
pub fn fit_penalised(x: &Matrix, y: &[f64], weights: &[f64], offset: &[f64], penalty: f64) -> Glm {
    let (n, p) = (y.len(), x.n_cols());
    let z = standardise(x);
    let null = fit_weighted(GlmFamily::Logistic, &Matrix::zeros(n, 0), y, weights, offset);
    let weight = |i: usize| weights.get(i).copied().unwrap_or(1.0);
    let shift = |i: usize| offset.get(i).copied().unwrap_or(0.0);
    let eta_of = |b: &[f64]| {
        let mut eta: Vec<f64> = (0..n).map(|i| shift(i) + b[p]).collect();
        for (column, &weight) in z.columns.iter().zip(b).filter(|(_, w)| **w != 0.0) {
            eta.iter_mut().zip(column).for_each(|(slot, v)| *slot += weight * v);
        }
        eta
    };
    // -ln of the chance of each outcome, without cancellation.
    let surprise = |eta: f64, y: f64| eta.max(0.0) - y * eta + math::ln_1p(math::exp(-eta.abs()));
    let lost = |eta: &[f64]| math::sum((0..n).map(|i| weight(i) * surprise(eta[i], y[i])));
    let goal = |eta: &[f64], b: &[f64]| lost(eta) + 0.5 * penalty * dot(&b[..p], &b[..p]);
    let mut b = vec![0.0; p + 1];
    b[p] = null.intercept;
    let mut eta = eta_of(&b);
    let mut current = goal(&eta, &b);
    let mut inverse = Matrix::zeros(p + 1, p + 1);
    let (mut iterations, mut converged) = (0, n == 0);
    while iterations < 100 && !converged {
        iterations += 1;
        let means: Vec<f64> = eta.iter().map(|&e| GlmFamily::Logistic.mean(e)).collect();
        let slopes: Vec<f64> = (0..n).map(|i| weight(i) * means[i] * (1.0 - means[i])).collect();
        let Ok(factor) = Cholesky::new(&information(&z.columns, &slopes, penalty)) else { break };
        let gaps: Vec<f64> = (0..n).map(|i| weight(i) * (y[i] - means[i])).collect();
        let mut step: Vec<f64> = (0..p).map(|j| dot(&z.columns[j], &gaps) - penalty * b[j]).collect();
        step.push(math::sum(gaps.iter().copied()));
        factor.solve(&mut step);
        inverse = factor.inverse();
        let mut scale = 1.0;
        for _ in 0..40 {
            let next: Vec<f64> = b.iter().zip(&step).map(|(b, s)| b + scale * s).collect();
            let next_eta = eta_of(&next);
            let found = goal(&next_eta, &next);
            if found <= current * (1.0 + 1e-12) + 1e-12 {
                converged = (current - found).abs() <= 1e-13 * (found.abs() + 1e-3);
                (b, eta, current) = (next, next_eta, found);
                break;
            }
            scale *= 0.5;
        }
    }
    let coefficients: Vec<f64> = (0..p).map(|j| b[j] / z.units[j]).collect();
    let errors: Vec<f64> = (0..p).map(|j| inverse.get(j, j).max(0.0).sqrt() / z.units[j]).collect();
    // The intercept where every column is 0, and its error by the same linear combination.
    let combination: Vec<f64> =
        (0..p).map(|j| -z.means[j] / z.units[j]).chain(std::iter::once(1.0)).collect();
    let spread: Vec<f64> = (0..=p).map(|j| dot(inverse.column(j), &combination)).collect();
    let rank = (0..p).filter(|&j| z.columns[j].iter().any(|v| *v != 0.0)).count();
    let pearson = math::sum((0..n).map(|i| {
        let m = GlmFamily::Logistic.mean(eta[i]);
        let variance = m * (1.0 - m);
        if variance > 0.0 { weight(i) * (y[i] - m) * (y[i] - m) / variance } else { 0.0 }
    }));
    let residual_dof = n.saturating_sub(rank + 1);
    Glm {
        family: GlmFamily::Logistic,
        intercept: dot(&b, &combination),
        coefficients,
        intercept_error: dot(&spread, &combination).max(0.0).sqrt(),
        errors,
        deviance: 2.0 * lost(&eta),
        null_deviance: null.deviance,
        pearson,
        residual_dof,
        dispersion: (residual_dof > 0).then(|| pearson / residual_dof as f64),
        rank,
        dependent: (0..p).filter(|&j| z.columns[j].iter().all(|v| *v == 0.0)).collect(),
        iterations,
        converged,
    }
}

/// Second derivatives of the penalised likelihood, the intercept last.
fn information(columns: &[Vec<f64>], slopes: &[f64], penalty: f64) -> Matrix {
    let p = columns.len();
    let mut out = products(columns, slopes);
    (0..p).for_each(|j| out.column_mut(j)[j] += penalty);
    // A vanishing weight everywhere would leave the intercept undetermined.
    let last = &mut out.column_mut(p)[p];
    *last = last.max(1e-12);
    out
}

#[cfg(test)]
mod tests {
    use super::super::glm::fit_glm;
    use super::*;
    use crate::engine::testing::close;

    fn rows() -> (Matrix, Vec<f64>) {
        let a: Vec<f64> = (0..60).map(|i| f64::from((i * 7) % 11) * 0.3).collect();
        let b: Vec<f64> = (0..60).map(|i| f64::from((i * 5) % 13) - 40.0).collect();
        let y = (0..60_i32).map(|i| f64::from(u8::from((i * 7) % 11 + (i * i) % 5 > 6))).collect();
        (Matrix::from_columns(&[a, b]), y)
    }

    /// `make_pipeline(StandardScaler(), LogisticRegression(C=0.5, tol=1e-14, solver="newton-cholesky"))` of scikit-learn, back on the
    /// scale of the columns: intercept, coefficients.
    const SKLEARN: [f64; 3] = [-2.3127833416058516, 1.9863755403357435, 0.006226753956196746];

    #[test]
    fn the_penalised_fit_matches_scikit_learn() {
        let (x, y) = rows();
        let fit = fit_penalised(&x, &y, &[], &[], 2.0);
        assert!(fit.converged);
        for (ours, theirs) in
            [fit.intercept, fit.coefficients[0], fit.coefficients[1]].into_iter().zip(SKLEARN)
        {
            close(ours, theirs, 1e-6);
        }
    }

    #[test]
    fn a_vanishing_penalty_is_maximum_likelihood() {
        let (x, y) = rows();
        let (free, held) = (fit_glm(GlmFamily::Logistic, &x, &y, &[]), fit_penalised(&x, &y, &[], &[], 1e-9));
        assert!(!is_separated(&free, &x, 1.0));
        for j in 0..2 {
            close(held.coefficients[j], free.coefficients[j], 1e-6);
            close(held.errors[j], free.errors[j], 1e-5);
        }
        close(held.intercept, free.intercept, 1e-6);
        close(held.intercept_error, free.intercept_error, 1e-5);
        close(held.deviance, free.deviance, 1e-9);
        close(held.null_deviance, free.null_deviance, 1e-12);
    }

    #[test]
    fn a_column_that_decides_alone_is_found() {
        let y: Vec<f64> = (0..40).map(|i| f64::from(u8::from(i >= 20))).collect();
        let complete = Matrix::from_columns(&[(0..40).map(f64::from).collect()]);
        assert!(is_separated(&fit_glm(GlmFamily::Logistic, &complete, &y, &[]), &complete, 1.0));
        // A level that only occurs with yes; the other column overlaps.
        let level: Vec<f64> = (0..40).map(|i| f64::from(u8::from(i > 36))).collect();
        let other: Vec<f64> =
            (0..40).map(|i| f64::from((i * 7) % 10) + f64::from(u8::from(i >= 20))).collect();
        let quasi = Matrix::from_columns(&[other, level]);
        assert!(is_separated(&fit_glm(GlmFamily::Logistic, &quasi, &y, &[]), &quasi, 1.0));
        let held = fit_penalised(&quasi, &y, &[], &[], 1.0);
        assert!(held.converged && held.coefficients.iter().chain(&held.errors).all(|v| v.is_finite()));
        assert!(held.coefficients[1] > 0.0);
    }

    #[test]
    fn odd_tables_stay_finite() {
        let y = [1.0, 0.0, 1.0];
        let constant = Matrix::from_columns(&[vec![7.0; 3], vec![1.0, 1.0, 2.0], vec![1.0, 1.0, 2.0]]);
        let fit = fit_penalised(&constant, &y, &[], &[], 1.0);
        assert_eq!((fit.coefficients[0], fit.dependent.as_slice()), (0.0, &[0][..]));
        close(fit.coefficients[1], fit.coefficients[2], 1e-9);
        let far = Matrix::from_columns(&[vec![1e9, -1e9, 3e8]]);
        assert!(fit_penalised(&far, &y, &[], &[], 1.0).intercept.is_finite());
        assert!(fit_penalised(&Matrix::zeros(0, 1), &[], &[], &[], 1.0).intercept.is_finite());
    }
}
