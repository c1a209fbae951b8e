//! Linear regression: least squares on centred and scaled columns, with rank and condition reported.
//!
//! The columns of an ads file span a dozen orders of magnitude; a solver that works on them raw cuts off small singular
//! values and loses the solution. Columns that the others determine get no weight, and their number is a fact.

use serde::{Deserialize, Serialize};

use super::family::{Family, Fitted, ModelError, Trainer};
use crate::engine::{
    context::Ctx,
    knobs::{Knob, Settings},
    numeric::{linear::least_squares, matrix::Matrix},
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
    fn fit(&self, x: &Matrix, y: &[f64], ctx: &Ctx<'_>) -> Result<Box<dyn Fitted>, ModelError> {
        if y.is_empty() {
            return Err(ModelError::TooFewRows { needed: 1, got: 0 });
        }
        ctx.tick(0, 1)?;
        let fit = least_squares(x, y);
        Ok(Box::new(Line {
            intercept: fit.intercept,
            coefficients: fit.coefficients,
            rank: fit.rank as u64,
            condition: fit.condition,
        }))
    }
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

    fn save(&self) -> Vec<u8> {
        crate::engine::task::encode(self)
    }

    fn facts(&self) -> Vec<(String, String)> {
        vec![
            ("rank".into(), format!("{} of {}", self.rank, self.coefficients.len())),
            ("condition number".into(), super::metrics::figure(self.condition)),
        ]
    }
}
