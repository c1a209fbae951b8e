//! Ridge regression: least squares plus a penalty on the squared weights (Hoerl and Kennard 1970).

use super::{
    family::{Family, Fitted, ModelError, Trainer},
    penalised::{Penalised, PenalisedTrainer, alpha},
};
use crate::engine::{
    knobs::{Knob, Settings},
    numeric::penalised::Penalty,
};

/// Least squares with small weights.
pub struct Ridge;

impl Family for Ridge {
    fn slug(&self) -> &'static str {
        "ridge"
    }

    fn title(&self) -> &'static str {
        "Ridge regression"
    }

    fn help(&self) -> &'static str {
        "A linear regression whose weights are kept small, which steadies columns that move together."
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
        Ok(Box::new(PenalisedTrainer { penalty: Penalty::Ridge, alpha: settings.real("alpha", 0.0) }))
    }

    fn load(&self, bytes: &[u8]) -> Result<Box<dyn Fitted>, ModelError> {
        Penalised::load(bytes)
    }

    fn python(&self, settings: &Settings) -> String {
        let model = match settings.real("alpha", 0.0) {
            0.0 => {
                "RidgeCV(alphas=np.logspace(5, -3, 41), cv=KFold(5, shuffle=True, random_state=0))".to_owned()
            }
            alpha => format!("Ridge(alpha={alpha})"),
        };
        format!("make_pipeline(StandardScaler(), {model})")
    }
}
