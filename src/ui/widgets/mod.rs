//! Larger parts that several pages share and that know the session.

mod explanation;
mod file_list;
mod formula_box;
mod join_offer;
mod read_again;
mod skipped_lines;
mod standings;
mod step_editor;
mod step_lists;
mod tuner;
mod what_if;
mod workbench;

pub use explanation::ExplanationPart;
pub use file_list::FileList;
pub use join_offer::JoinOffers;
pub use read_again::{ReadAgain, delimiter_word};
pub use skipped_lines::SkippedLines;
pub use standings::Standings;
pub use step_editor::{Editing, StepEditor};
pub use step_lists::{Section, StepsPage};
pub use tuner::Tuner;
pub use workbench::{Bench, Workbench};

use crate::{
    engine::{pipeline::recipe::RecipeStep, step::StepCall},
    protocol::StepInfo,
};

/// Cleaning and features are handled alike, on pages of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepFamily {
    /// Mends the table.
    Clean,
    /// Adds columns to it.
    Feature,
}

impl StepFamily {
    /// A call as a step of a recipe.
    pub fn step(self, call: StepCall) -> RecipeStep {
        match self {
            Self::Clean => RecipeStep::Clean(call),
            Self::Feature => RecipeStep::Feature(call),
        }
    }

    /// The call of a step of this family.
    pub fn call(self, step: &RecipeStep) -> Option<&StepCall> {
        match (self, step) {
            (Self::Clean, RecipeStep::Clean(call)) | (Self::Feature, RecipeStep::Feature(call)) => Some(call),
            _ => None,
        }
    }

    /// Whether a step of a recipe is listed here: its own, and for cleaning also types corrected on the Data page.
    pub fn shows(self, step: &RecipeStep) -> bool {
        self.call(step).is_some() || (self == Self::Clean && matches!(step, RecipeStep::Type { .. }))
    }

    /// Whether a declared step belongs here.
    pub fn has(self, info: &StepInfo) -> bool {
        info.is_feature == (self == Self::Feature)
    }
}
