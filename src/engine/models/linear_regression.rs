//! Linear regression: least squares on centred and scaled columns, with rank and condition reported.
//!
//! The columns of an ads file span a dozen orders of magnitude; a solver that works on them raw cuts off small singular
//! values and loses the solution. Where columns determine each other there are many equally good solutions: the one with
//! the smallest weights on the scaled columns is taken, as scikit-learn does, and the rank is a fact.

use serde::{Deserialize, Serialize};

use super::{
    coefficients::{self, CoefficientTable},
    family::{Anatomy, Beyond, Family, Fitted, FittedRows, Link, ModelError, Trainer},
};
use crate::engine::{
    context::Ctx,
    knobs::{Knob, Settings},
    numeric::{
        linear::{Cholesky, LeastSquares, dot, least_squares, weighted_least_squares},
        math,
        matrix::Matrix,
    },
};

/// Ordinary least squares.
pub struct LinearRegression;

impl Family for LinearRegression {
    fn slug(&self) -> &'static str {
        "linear_regression"
    }

    fn title(&self) -> &'static str {
        "Linear regression"
    }

    fn help(&self) -> &'static str {
        "A weighted sum of the columns, with the weights that make the squared errors smallest."
    }

    fn knobs(&self) -> Vec<Knob> {
        Vec::new()
    }

    fn wants_scaling(&self) -> bool {
        true
    }

    fn has_coefficients(&self) -> bool {
        true
    }

    fn trainer(&self, settings: &Settings) -> Result<Box<dyn Trainer>, ModelError> {
        settings.check(&self.knobs())?;
        Ok(Box::new(LeastSquaresTrainer))
    }

    fn load(&self, bytes: &[u8]) -> Result<Box<dyn Fitted>, ModelError> {
        let line: Line = postcard::from_bytes(bytes).map_err(|_| ModelError::Unreadable)?;
        Ok(Box::new(line))
    }

    fn python(&self, _settings: &Settings) -> String {
        "make_pipeline(StandardScaler(), LinearRegression())".to_owned()
    }
}

struct LeastSquaresTrainer;

impl Trainer for LeastSquaresTrainer {
    fn fit_with(
        &self,
        x: &Matrix,
        y: &[f64],
        rows: Beyond<'_>,
        ctx: &Ctx<'_>,
    ) -> Result<Box<dyn Fitted>, ModelError> {
        if y.is_empty() {
            return Err(ModelError::TooFewRows { needed: 1, got: 0 });
        }
        ctx.tick(0, 1)?;
        let fit = smallest_weights(weighted_least_squares(x, y, rows.weighed()), x);
        Ok(Box::new(Line {
            intercept: fit.intercept,
            coefficients: fit.coefficients,
            rank: fit.rank as u64,
            condition: fit.condition,
        }))
    }

    fn coefficients(&self, _fitted: &dyn Fitted, rows: &FittedRows<'_>) -> Option<CoefficientTable> {
        Some(coefficients::of_least_squares(rows))
    }
}

/// Most multiplications spent on sharing weights; beyond it dependent columns keep the weight 0.
const MAX_WORK: usize = 500_000_000;

/// Among the solutions with the same predictions on the training rows, the one whose weights on centred and scaled columns
/// have the smallest sum of squares. With `z_d = sum g_dk z_k` for each dependent column `d`, the directions
/// `e_d - sum g_dk e_k` change no prediction; the weights are projected onto what is orthogonal to them.
fn smallest_weights(mut fit: LeastSquares, x: &Matrix) -> LeastSquares {
    let n = x.n_rows();
    let (means, scales): (Vec<f64>, Vec<f64>) = (0..x.n_cols())
        .map(|j| {
            let column = x.column(j);
            let mean = math::sum(column.iter().copied()) / n as f64;
            (mean, math::sum(column.iter().map(|v| (v - mean) * (v - mean))).sqrt())
        })
        .unzip();
    let varies = |j: usize| scales[j] > 1e-13 * means[j].abs() * (n as f64).sqrt();
    let dependent: Vec<usize> = fit.dependent.iter().copied().filter(|&j| varies(j)).collect();
    let kept: Vec<usize> = (0..x.n_cols()).filter(|j| !fit.dependent.contains(j)).collect();
    let m = dependent.len();
    if m == 0 || kept.is_empty() || m * n * kept.len() * kept.len() > MAX_WORK {
        return fit;
    }
    let of_kept = Matrix::from_columns(&kept.iter().map(|&j| x.column(j).to_vec()).collect::<Vec<_>>());
    let shares: Vec<Vec<f64>> = dependent
        .iter()
        .map(|&d| {
            let c = least_squares(&of_kept, x.column(d)).coefficients;
            c.iter().zip(&kept).map(|(c, &k)| c * scales[k] / scales[d]).collect()
        })
        .collect();
    let scaled: Vec<f64> = kept.iter().map(|&k| fit.coefficients[k] * scales[k]).collect();
    let mut products = Matrix::zeros(m, m);
    for i in 0..m {
        for j in 0..m {
            products.column_mut(j)[i] = dot(&shares[i], &shares[j]) + f64::from(u8::from(i == j));
        }
    }
    let Ok(factor) = Cholesky::new(&products) else { return fit };
    // The part of the weights along each direction.
    let mut along: Vec<f64> = shares.iter().map(|share| -dot(share, &scaled)).collect();
    factor.solve(&mut along);
    for (&d, part) in dependent.iter().zip(&along) {
        fit.coefficients[d] = -part / scales[d];
    }
    for (i, &k) in kept.iter().enumerate() {
        let moved = math::sum(shares.iter().zip(&along).map(|(share, part)| share[i] * part));
        fit.coefficients[k] = (scaled[i] + moved) / scales[k];
    }
    // The line still goes through the means; each dependent column's share of the intercept moved with its weight.
    let before = fit.intercept + math::sum(kept.iter().zip(&scaled).map(|(&k, b)| b / scales[k] * means[k]));
    fit.intercept = before - math::sum((0..x.n_cols()).map(|j| fit.coefficients[j] * means[j]));
    fit
}

#[derive(Serialize, Deserialize)]
struct Line {
    intercept: f64,
    coefficients: Vec<f64>,
    rank: u64,
    condition: f64,
}

impl Fitted for Line {
    fn predict(&self, x: &Matrix) -> Vec<f64> {
        let mut out = vec![self.intercept; x.n_rows()];
        for (j, &weight) in self.coefficients.iter().enumerate().take(x.n_cols()) {
            if weight != 0.0 {
                for (slot, &v) in out.iter_mut().zip(x.column(j)) {
                    *slot += weight * v;
                }
            }
        }
        out
    }

    fn anatomy(&self) -> Anatomy<'_> {
        Anatomy::Sum {
            intercept: self.intercept,
            weights: &self.coefficients,
            link: Link::Identity,
            usual_exposure: None,
        }
    }

    fn save(&self) -> Vec<u8> {
        crate::engine::task::encode(self)
    }

    fn facts(&self) -> Vec<(String, String)> {
        vec![
            ("rank".into(), format!("{} of {}", self.rank, self.coefficients.len())),
            ("condition number".into(), crate::engine::words::rough(self.condition)),
        ]
    }
}
