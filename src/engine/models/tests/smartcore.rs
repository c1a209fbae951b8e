//! The same models by smartcore, which shares no code with ours: where both solve one problem, the answers must agree.

use ::smartcore::{
    algorithm::neighbour::KNNAlgorithmName,
    linalg::basic::{arrays::Array, matrix::DenseMatrix},
    linear::{
        linear_regression::LinearRegression,
        logistic_regression::{LogisticRegression, LogisticRegressionParameters},
        ridge_regression::{RidgeRegression, RidgeRegressionParameters},
    },
    neighbors::knn_regressor::{KNNRegressor, KNNRegressorParameters},
    svm::{
        Kernels,
        svr::{SVR, SVRParameters},
    },
    tree::decision_tree_regressor::{DecisionTreeRegressor, DecisionTreeRegressorParameters},
};

use super::*;
use crate::engine::{
    models::family::{Anatomy, Fitted},
    numeric::{
        math,
        penalised::{mean_and_unit, standardise},
    },
};

const N: usize = 200;

/// Columns without ties, of scales a thousandfold apart, and a target that bends.
fn data() -> (Matrix, Vec<f64>) {
    let mut rng = Ctx::quiet(19).rng(0);
    let mut column = |unit: f64| (0..N).map(|_| unit * rng.normal()).collect::<Vec<f64>>();
    let (a, b, c, noise) = (column(1.0), column(30.0), column(0.02), column(0.3));
    let y = (0..N).map(|i| 2.0 * a[i] - 0.05 * b[i] + libm::sin(60.0 * c[i]) + noise[i] + 5.0).collect();
    (Matrix::from_columns(&[a, b, c]), y)
}

fn theirs(x: &Matrix) -> DenseMatrix<f64> {
    let columns: Vec<f64> = (0..x.n_cols()).flat_map(|j| x.column(j).to_vec()).collect();
    DenseMatrix::new(x.n_rows(), x.n_cols(), columns, true).unwrap()
}

fn ours(family: &str, settings: Settings, outcome: Outcome, x: &Matrix, y: &[f64]) -> Box<dyn Fitted> {
    let family = super::super::family(family).unwrap();
    family.trainer_for(outcome, &settings).unwrap().fit(x, y, &Ctx::quiet(0)).unwrap()
}

fn largest_gap(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

/// Intercept and weights.
fn line(fitted: &dyn Fitted) -> (f64, Vec<f64>) {
    match fitted.anatomy() {
        Anatomy::Sum { intercept, weights, .. } => (intercept, weights.to_vec()),
        _ => panic!("it is no weighted sum"),
    }
}

fn weights_of(coefficients: &DenseMatrix<f64>) -> Vec<f64> {
    coefficients.iterator(0).copied().collect()
}

#[track_caller]
fn same_line(found: &dyn Fitted, intercept: f64, weights: &[f64], tolerance: f64) {
    let (own_intercept, own) = line(found);
    assert_eq!(own.len(), weights.len());
    close(own_intercept, intercept, tolerance);
    own.iter().zip(weights).for_each(|(a, b)| close(*a, *b, tolerance));
}

#[test]
fn least_squares_agree() {
    let (x, y) = data();
    let their = LinearRegression::fit(&theirs(&x), &y, Default::default()).unwrap();
    let own = ours("linear_regression", Settings::new(), Outcome::Amount, &x, &y);
    same_line(own.as_ref(), *their.intercept(), &weights_of(their.coefficients()), 1e-6);
    let said: Vec<f64> = their.predict(&theirs(&x)).unwrap();
    assert!(largest_gap(&own.predict(&x), &said) < 1e-8);
}

/// Both put the penalty on columns divided by their population deviation and add it to the sum of squares, not to the mean.
#[test]
fn ridge_agrees() {
    let (x, y) = data();
    for alpha in [0.5, 20.0, 1_000.0] {
        let parameters = RidgeRegressionParameters::default().with_alpha(alpha);
        let their = RidgeRegression::fit(&theirs(&x), &y, parameters).unwrap();
        let own = ours("ridge", Settings::new().with("alpha", alpha), Outcome::Amount, &x, &y);
        same_line(own.as_ref(), *their.intercept(), &weights_of(their.coefficients()), 1e-6);
    }
}

/// Same cuts, midway between neighbours, without ties to break: the trees are one. smartcore counts the root as a level.
#[test]
fn trees_agree_where_nothing_is_tied() {
    let (x, y) = data();
    let mut rng = Ctx::quiet(20).rng(0);
    let mut column = |unit: f64| (0..N).map(|_| unit * rng.normal()).collect::<Vec<f64>>();
    let new = Matrix::from_columns(&[column(1.0), column(30.0), column(0.02)]);
    for depth in [1_u16, 3, 5] {
        let parameters =
            DecisionTreeRegressorParameters::default().with_max_depth(depth + 1).with_min_samples_leaf(5);
        let their = DecisionTreeRegressor::fit(&theirs(&x), &y, parameters).unwrap();
        let settings = Settings::new().with("max_depth", i64::from(depth)).with("min_samples_leaf", 5_i64);
        let own = ours("decision_tree", settings, Outcome::Amount, &x, &y);
        for rows in [&x, &new] {
            let said: Vec<f64> = their.predict(&theirs(rows)).unwrap();
            let gap = largest_gap(&own.predict(rows), &said);
            assert!(gap < 1e-9, "depth {depth}: {gap}");
        }
    }
}

/// smartcore measures columns as they come, ours standardises them: it gets them standardised.
#[test]
fn neighbours_agree() {
    let (x, y) = data();
    let z = theirs(&Matrix::from_columns(&standardise(&x).columns));
    for k in [1_usize, 7] {
        let parameters =
            KNNRegressorParameters::default().with_k(k).with_algorithm(KNNAlgorithmName::LinearSearch);
        let their = KNNRegressor::fit(&z, &y, parameters).unwrap();
        let said: Vec<f64> = their.predict(&z).unwrap();
        let own = ours("k_neighbors", Settings::new().with("neighbors", k as i64), Outcome::Amount, &x, &y);
        assert!(largest_gap(&own.predict(&x), &said) < 1e-12);
    }
}

/// The dual is solved to a tolerance by both, so that predictions are near and not equal.
#[test]
fn support_vectors_agree_to_their_tolerance() {
    let (x, y) = data();
    let z = theirs(&Matrix::from_columns(&standardise(&x).columns));
    let (mean, unit) = mean_and_unit(&y);
    let target: Vec<f64> = y.iter().map(|v| (v - mean) / unit).collect();
    let parameters = SVRParameters::default()
        .with_c(1.0)
        .with_eps(0.1)
        .with_tol(1e-4)
        .with_kernel(Kernels::rbf().with_gamma(1.0 / 3.0));
    let their = SVR::fit(&z, &target, &parameters).unwrap();
    let said: Vec<f64> = their.predict(&z).unwrap().into_iter().map(|v| mean + unit * v).collect();
    let own = ours("support_vector", Settings::new(), Outcome::Amount, &x, &y);
    let gap = largest_gap(&own.predict(&x), &said) / unit;
    assert!(gap < 0.01, "{gap} deviations");
}

/// One penalty on standardised columns. smartcore's L-BFGS stops at a gradient of about 10⁻⁸ of where it began.
#[test]
fn logistic_regression_agrees() {
    let (x, y) = data();
    let yes: Vec<f64> = y.iter().map(|&v| f64::from(u8::from(v > 5.5))).collect();
    let classes: Vec<i32> = yes.iter().map(|&v| v as i32).collect();
    let columns = standardise(&x).columns;
    let z = theirs(&Matrix::from_columns(&columns));
    let parameters = LogisticRegressionParameters::default().with_alpha(3.0);
    let their = LogisticRegression::fit(&z, &classes, parameters).unwrap();
    let weights = weights_of(their.coefficients());
    let at = *their.intercept().get((0, 0));
    let said: Vec<f64> = (0..N)
        .map(|i| {
            let sum = at + (0..3).map(|j| weights[j] * columns[j][i]).sum::<f64>();
            1.0 / (1.0 + math::exp(-sum))
        })
        .collect();
    let own = ours("logistic_regression", Settings::new().with("penalty", 3.0), Outcome::YesNo, &x, &yes);
    let gap = largest_gap(&own.predict(&x), &said);
    assert!(gap < 1e-4, "{gap}");
}
