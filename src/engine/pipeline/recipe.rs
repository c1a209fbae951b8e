//! The recipe: everything the user decided, as plain data in order. Undo, replay, runs, exports and the command line
//! all come from it.

use crate::engine::{
    data::{
        column::ColumnType,
        combine::FilePart,
        reader::ReadOptions,
        role::{Role, TableKind},
        summary::TableSummary,
    },
    decisions::decision::DecisionPlan,
    models::{explain::ExplainPlan, ladder::LadderPlan, learning_curve::CurvePlan, plan::ModelPlan},
    segments::segmentation::SegmentPlan,
    statistics::exploration::ExplorePlan,
    step::StepCall,
};
use serde::{Deserialize, Serialize};

/// Version of the recipe's form. Raised when an older reader could misread it.
pub const RECIPE_VERSION: u32 = 1;

/// Everything the user decided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recipe {
    /// Version of the form, [`RECIPE_VERSION`] when written now.
    pub version: u32,
    /// Seed of every random draw.
    pub seed: u64,
    /// How the file is read; of several, the first.
    pub read: ReadOptions,
    /// The files and how they are put together, the first one first. Empty in recipes of earlier versions and of samples.
    #[serde(default)]
    pub files: Vec<FilePart>,
    /// Changes to the table, in order.
    pub steps: Vec<RecipeStep>,
    /// What is explored.
    pub explore: ExplorePlan,
    /// `None` when no models were compared.
    pub model: Option<ModelPlan>,
    /// Which model is explained.
    #[serde(default)]
    pub explain: ExplainPlan,
    /// `None` when the ladder was not climbed.
    #[serde(default)]
    pub ladder: Option<LadderPlan>,
    /// `None` when no learning curve was drawn.
    #[serde(default)]
    pub learning_curve: Option<CurvePlan>,
    /// `None` when no segments were made.
    pub segment: Option<SegmentPlan>,
    /// `None` when nothing was decided.
    pub decision: Option<DecisionPlan>,
}

/// One change to the table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecipeStep {
    /// The table is of another kind than guessed.
    Kind {
        /// Ads, customers or other.
        kind: TableKind,
    },
    /// A column means something else than guessed.
    Role {
        /// Name of the column.
        column: String,
        /// Its role from here on.
        role: Role,
    },
    /// A column is of another type than guessed.
    Type {
        /// Name of the column.
        column: String,
        /// Its type from here on.
        column_type: ColumnType,
    },
    /// A cleaning step.
    Clean(StepCall),
    /// A feature maker.
    Feature(StepCall),
    /// A column says who somebody is, or does not, other than was noticed.
    Personal {
        /// Name of the column.
        column: String,
        /// Whether it does.
        is_personal: bool,
    },
}

impl Default for Recipe {
    fn default() -> Self {
        Self {
            version: RECIPE_VERSION,
            seed: 42,
            read: ReadOptions::default(),
            files: Vec::new(),
            steps: Vec::new(),
            explore: ExplorePlan::default(),
            model: None,
            explain: ExplainPlan::default(),
            ladder: None,
            learning_curve: None,
            segment: None,
            decision: None,
        }
    }
}

/// A recipe that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecipeError {
    /// Not JSON, or not of this form; with the place.
    Unreadable {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// What the JSON reader says.
        message: String,
    },
    /// Written by a later Assay.
    NewerVersion {
        /// Version of the recipe.
        found: u32,
        /// The latest this build can read.
        known: u32,
    },
}

impl std::fmt::Display for RecipeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unreadable { line, column, message } => {
                write!(f, "the recipe cannot be read at line {line}, column {column}: {message}")
            }
            Self::NewerVersion { found, known } => {
                write!(f, "the recipe has version {found}, this Assay knows up to {known}")
            }
        }
    }
}

impl std::error::Error for RecipeError {}

impl Recipe {
    /// Reads a recipe from JSON.
    pub fn from_json(text: &str) -> Result<Self, RecipeError> {
        let unreadable = |e: serde_json::Error| RecipeError::Unreadable {
            line: e.line(),
            column: e.column(),
            // serde_json ends its words with the place, which is told already.
            message: e.to_string().split(" at line ").next().unwrap_or_default().to_owned(),
        };
        let value: serde_json::Value = serde_json::from_str(text).map_err(unreadable)?;
        // A newer recipe may not even have this form, so its version is looked at first.
        if let Some(found) = value.get("version").and_then(serde_json::Value::as_u64)
            && found > u64::from(RECIPE_VERSION)
        {
            return Err(RecipeError::NewerVersion { found: found as u32, known: RECIPE_VERSION });
        }
        serde_json::from_str(text).map_err(unreadable)
    }

    /// As JSON for people and programs.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// Takes out the step that gives a column the type it was read with: what is set back to how it was read is no step.
    pub fn drop_idle_type(&mut self, column: &str, read: &TableSummary) {
        let Some(held) = read.columns.iter().find(|c| c.name == column) else { return };
        self.steps.retain(|step| match step {
            RecipeStep::Type { column: c, column_type } => c != column || *column_type != held.column_type,
            _ => true,
        });
    }

    /// Fingerprint of what changes the prepared table: results with another one are stale.
    pub fn preparation(&self) -> u64 {
        // Of the files what they were read as and put together by: the same steps on other months prepare another table. How the
        // first is read stands in the recipe itself.
        let first = self.files.first().map(|file| &file.fingerprint);
        let further = self.files.get(1..).unwrap_or_default();
        // Why a step was chosen changes nothing.
        let mut steps = self.steps.clone();
        for step in &mut steps {
            if let RecipeStep::Clean(call) | RecipeStep::Feature(call) = step {
                call.reason = None;
            }
        }
        crate::engine::task::fingerprint(&crate::engine::task::encode(&(&self.read, first, further, &steps)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::data::{column::Column, summary::summarise, table::Table};

    #[test]
    fn a_type_set_back_to_how_it_was_read_is_no_step() {
        let step = |column: &str, column_type| RecipeStep::Type { column: column.to_owned(), column_type };
        let table = Table::new(TableKind::Other, vec![Column::number("a", Role::Number, vec![1.0])]).unwrap();
        let read = summarise(&table, None);
        let others = vec![step("b", ColumnType::Number), step("a", ColumnType::Text)];
        let mut recipe = Recipe { steps: others.clone(), ..Recipe::default() };
        recipe.steps.push(step("a", ColumnType::Number));
        for column in ["b", "a"] {
            recipe.drop_idle_type(column, &read);
        }
        assert_eq!(recipe.steps, others);
    }
}
