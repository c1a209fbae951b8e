//! Negative binomial regression (NB2): counts whose variance grows with the square of the mean (Lawless 1987).

use super::{
    counts::{self, CountTrainer, Counts},
    family::{Family, Fitted, ModelError, Trainer},
};
use crate::engine::knobs::{Knob, Settings};

/// Expected counts that differ more than chance.
pub struct NegativeBinomial;

impl Family for NegativeBinomial {
    fn slug(&self) -> &'static str {
        "negative_binomial"
    }

    fn title(&self) -> &'static str {
        "Negative binomial regression"
    }

    fn help(&self) -> &'static str {
        "Like Poisson regression, for counts that differ from each other more than chance allows."
    }

    fn knobs(&self) -> Vec<Knob> {
        counts::knobs()
    }

    fn wants_scaling(&self) -> bool {
        true
    }

    fn can_weigh(&self) -> bool {
        false
    }

    fn is_default(&self) -> bool {
        false
    }

    fn has_coefficients(&self) -> bool {
        true
    }

    fn trainer(&self, settings: &Settings) -> Result<Box<dyn Trainer>, ModelError> {
        settings.check(&self.knobs())?;
        Ok(Box::new(CountTrainer::new(true, settings)))
    }

    fn load(&self, bytes: &[u8]) -> Result<Box<dyn Fitted>, ModelError> {
        Counts::load(bytes)
    }

    fn python(&self, _settings: &Settings) -> String {
        // statsmodels; scikit-learn has none.
        "sm.NegativeBinomial(y, sm.add_constant(X), exposure=exposure)".to_owned()
    }
}
