//! The baseline: every row gets the mean of the training rows. A model that does not beat it has learnt nothing.

use serde::{Deserialize, Serialize};

use super::{
    family::{Anatomy, Beyond, Family, Fitted, Link, ModelError, Trainer},
    outcome::Outcome,
    yes_no,
};
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

    fn suits(&self, _outcome: Outcome) -> bool {
        true
    }

    fn title_for(&self, outcome: Outcome) -> &'static str {
        match outcome {
            Outcome::Amount => self.title(),
            Outcome::YesNo => "Baseline (share of yes)",
        }
    }

    fn knobs(&self) -> Vec<Knob> {
        Vec::new()
    }

    fn trainer(&self, settings: &Settings) -> Result<Box<dyn Trainer>, ModelError> {
        settings.check(&self.knobs())?;
        Ok(Box::new(MeanTrainer { outcome: Outcome::Amount }))
    }

    fn trainer_for(&self, outcome: Outcome, settings: &Settings) -> Result<Box<dyn Trainer>, ModelError> {
        settings.check(&self.knobs())?;
        Ok(Box::new(MeanTrainer { outcome }))
    }

    fn load(&self, bytes: &[u8]) -> Result<Box<dyn Fitted>, ModelError> {
        let mean: Mean = postcard::from_bytes(bytes).map_err(|_| ModelError::Unreadable)?;
        Ok(Box::new(mean))
    }

    fn python(&self, _settings: &Settings) -> String {
        "DummyRegressor(strategy=\"mean\")".to_owned()
    }

    fn python_for(&self, outcome: Outcome, settings: &Settings) -> String {
        match outcome {
            Outcome::Amount => self.python(settings),
            Outcome::YesNo => "DummyClassifier(strategy=\"prior\")".to_owned(),
        }
    }
}

struct MeanTrainer {
    outcome: Outcome,
}

impl Trainer for MeanTrainer {
    fn fit_with(
        &self,
        _x: &Matrix,
        y: &[f64],
        _rows: Beyond<'_>,
        _ctx: &Ctx<'_>,
    ) -> Result<Box<dyn Fitted>, ModelError> {
        if y.is_empty() {
            return Err(ModelError::TooFewRows { needed: 1, got: 0 });
        }
        if self.outcome == Outcome::YesNo {
            yes_no::check(y)?;
        }
        // Also where rows are weighed: scores count every row the same, and a mean that does not would be easy to beat.
        let mean = math::sum(y.iter().copied()) / y.len() as f64;
        Ok(Box::new(Mean { mean }))
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

    fn anatomy(&self) -> Anatomy<'_> {
        Anatomy::Sum { intercept: self.mean, weights: &[], link: Link::Identity, usual_exposure: None }
    }

    fn save(&self) -> Vec<u8> {
        crate::engine::task::encode(self)
    }

    fn facts(&self) -> Vec<(String, String)> {
        vec![("mean".into(), crate::engine::words::rough(self.mean))]
    }
}
