//! Lasso: least squares plus a penalty on the sizes of the weights (Tibshirani 1996).

use super::{
    family::{Family, Fitted, ModelError, Trainer},
    penalised::{Penalised, PenalisedTrainer, alpha},
};
use crate::engine::{
    knobs::{Knob, Settings},
    numeric::penalised::Penalty,
};

/// Least squares with few weights.
pub struct Lasso;

impl Family for Lasso {
    fn slug(&self) -> &'static str {
        "lasso"
    }

    fn title(&self) -> &'static str {
        "Lasso"
    }

    fn help(&self) -> &'static str {
        "A linear regression that leaves out the columns that add little."
    }

    fn knobs(&self) -> Vec<Knob> {
        vec![alpha()]
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
        Ok(Box::new(PenalisedTrainer {
            penalty: Penalty::ElasticNet { share: 1.0 },
            alpha: settings.real("alpha", 0.0),
        }))
    }

    fn load(&self, bytes: &[u8]) -> Result<Box<dyn Fitted>, ModelError> {
        Penalised::load(bytes)
    }

    fn python(&self, settings: &Settings) -> String {
        let model = match settings.real("alpha", 0.0) {
            0.0 => "LassoCV(cv=KFold(5, shuffle=True, random_state=0))".to_owned(),
            alpha => format!("Lasso(alpha={alpha})"),
        };
        format!("make_pipeline(StandardScaler(), {model})")
    }
}
