//! The baseline: every row gets the mean of the training rows. A model that does not beat it has learnt nothing.

use serde::{Deserialize, Serialize};

use super::family::{Family, Fitted, ModelError, Trainer};
use crate::engine::{
    context::Ctx,
    knobs::{Knob, Settings},
    numeric::{math, matrix::Matrix},
};

/// Predicts the mean.
pub struct Baseline;

impl Family for Baseline {
    fn slug(&self) -> &'static str {
        "baseline"
    }

    fn title(&self) -> &'static str {
        "Baseline (mean)"
    }

    fn help(&self) -> &'static str {
        "Predicts the mean of the training rows for every row: what a model must beat to be of use."
    }

    fn knobs(&self) -> Vec<Knob> {
        Vec::new()
    }

    fn trainer(&self, settings: &Settings) -> Result<Box<dyn Trainer>, ModelError> {
        settings.check(&self.knobs())?;
        Ok(Box::new(MeanTrainer))
    }

    fn load(&self, bytes: &[u8]) -> Result<Box<dyn Fitted>, ModelError> {
        let mean: Mean = postcard::from_bytes(bytes).map_err(|_| ModelError::Unreadable)?;
        Ok(Box::new(mean))
    }

    fn python(&self, _settings: &Settings) -> String {
        "DummyRegressor(strategy=\"mean\")".to_owned()
    }
}

struct MeanTrainer;

impl Trainer for MeanTrainer {
    fn fit(&self, _x: &Matrix, y: &[f64], _ctx: &Ctx<'_>) -> Result<Box<dyn Fitted>, ModelError> {
        if y.is_empty() {
            return Err(ModelError::TooFewRows { needed: 1, got: 0 });
        }
        Ok(Box::new(Mean { mean: math::sum(y.iter().copied()) / y.len() as f64 }))
    }
}

#[derive(Serialize, Deserialize)]
struct Mean {
    mean: f64,
}

impl Fitted for Mean {
    fn predict(&self, x: &Matrix) -> Vec<f64> {
        vec![self.mean; x.n_rows()]
    }

    fn save(&self) -> Vec<u8> {
        crate::engine::task::encode(self)
    }

    fn facts(&self) -> Vec<(String, String)> {
        vec![("mean".into(), crate::engine::words::rough(self.mean))]
    }
}
