//! Poisson regression: counts with a log link and an exposure (McCullagh and Nelder 1989).

use super::{
    counts::{self, CountTrainer, Counts},
    family::{Family, Fitted, ModelError, Trainer},
};
use crate::engine::knobs::{Knob, Settings};

/// Expected counts, spread as by chance.
pub struct PoissonRegression;

impl Family for PoissonRegression {
    fn slug(&self) -> &'static str {
        "poisson_regression"
    }

    fn title(&self) -> &'static str {
        "Poisson regression"
    }

    fn help(&self) -> &'static str {
        "Expected counts as a product of effects, per click or impression where the target comes after them."
    }

    fn knobs(&self) -> Vec<Knob> {
        counts::knobs()
    }

    fn wants_scaling(&self) -> bool {
        true
    }

    fn is_default(&self) -> bool {
        false
    }

    fn has_coefficients(&self) -> bool {
        true
    }

    fn trainer(&self, settings: &Settings) -> Result<Box<dyn Trainer>, ModelError> {
        settings.check(&self.knobs())?;
        Ok(Box::new(CountTrainer::new(false, settings)))
    }

    fn load(&self, bytes: &[u8]) -> Result<Box<dyn Fitted>, ModelError> {
        Counts::load(bytes)
    }

    fn python(&self, _settings: &Settings) -> String {
        // With an exposure: fit y / exposure with sample_weight=exposure, and multiply the predictions by it.
        "make_pipeline(StandardScaler(), PoissonRegressor(alpha=0, max_iter=10000))".to_owned()
    }
}
