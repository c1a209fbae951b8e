//! Extra trees: full trees on all rows whose cuts are drawn at random, averaged (Geurts, Ernst, Wehenkel 2006).

use super::{
    family::{Family, Fitted, ModelError, Trainer},
    outcome::Outcome,
    random_forest::{ForestTrainer, knobs, python},
    trees::{self, Trees},
};
use crate::engine::knobs::{Knob, Settings};

/// Trees whose cuts are drawn at random.
pub struct ExtraTrees;

impl Family for ExtraTrees {
    fn slug(&self) -> &'static str {
        "extra_trees"
    }

    fn title(&self) -> &'static str {
        "Extra trees"
    }

    fn help(&self) -> &'static str {
        "The mean of many deep trees whose questions are drawn at random and the best of them kept; smoother than a forest."
    }

    fn knobs(&self) -> Vec<Knob> {
        knobs()
    }

    fn is_default(&self) -> bool {
        false
    }

    fn trainer(&self, settings: &Settings) -> Result<Box<dyn Trainer>, ModelError> {
        self.trainer_for(Outcome::Amount, settings)
    }

    fn suits(&self, _outcome: Outcome) -> bool {
        true
    }

    fn trainer_for(&self, outcome: Outcome, settings: &Settings) -> Result<Box<dyn Trainer>, ModelError> {
        settings.check(&self.knobs())?;
        trees::check_ways(settings)?;
        Ok(Box::new(ForestTrainer::new(settings, outcome, false, true)))
    }

    fn load(&self, bytes: &[u8]) -> Result<Box<dyn Fitted>, ModelError> {
        Ok(Box::new(Trees::load(bytes)?))
    }

    fn python(&self, settings: &Settings) -> String {
        python("ExtraTreesRegressor", settings)
    }

    fn python_for(&self, outcome: Outcome, settings: &Settings) -> String {
        match outcome {
            Outcome::Amount => self.python(settings),
            Outcome::YesNo => trees::classifier(self.python(settings)),
        }
    }
}
