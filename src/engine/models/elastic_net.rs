//! Elastic net: least squares plus penalties on sizes and squares of the weights (Zou and Hastie 2005).

use super::{
    family::{Family, Fitted, ModelError, Trainer},
    penalised::{Penalised, PenalisedTrainer, alpha},
};
use crate::engine::{
    knobs::{Knob, KnobKind, Search, Settings},
    numeric::penalised::Penalty,
};

/// Between ridge and lasso.
pub struct ElasticNet;

impl Family for ElasticNet {
    fn slug(&self) -> &'static str {
        "elastic_net"
    }

    fn title(&self) -> &'static str {
        "Elastic net"
    }

    fn help(&self) -> &'static str {
        "A linear regression with small weights that leaves out columns that add little, alike ones together."
    }

    fn knobs(&self) -> Vec<Knob> {
        vec![alpha(), share()]
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
            penalty: Penalty::ElasticNet { share: settings.real("share", 0.5) },
            alpha: settings.real("alpha", 0.0),
        }))
    }

    fn load(&self, bytes: &[u8]) -> Result<Box<dyn Fitted>, ModelError> {
        Penalised::load(bytes)
    }

    fn python(&self, settings: &Settings) -> String {
        let share = settings.real("share", 0.5);
        let model = match settings.real("alpha", 0.0) {
            0.0 => format!("ElasticNetCV(l1_ratio={share}, cv=KFold(5, shuffle=True, random_state=0))"),
            alpha => format!("ElasticNet(alpha={alpha}, l1_ratio={share})"),
        };
        format!("make_pipeline(StandardScaler(), {model})")
    }
}

fn share() -> Knob {
    Knob::new(
        "share",
        "Share of the lasso",
        "1 is the lasso, which leaves columns out; near 0 it is like ridge, which keeps all.",
        KnobKind::Real { min: 0.05, max: 1.0 },
        0.5,
    )
    .searched(Search::Even { low: 0.05, high: 1.0 })
}
