//! What the user asks of the models: target, features, validation, families.

use crate::engine::knobs::Settings;
use serde::{Deserialize, Serialize};

/// How the rows are split.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Validation {
    /// One random split; `test_share` in (0, 1).
    HoldOut {
        /// Share of rows held out.
        test_share: f64,
    },
    /// k folds of shuffled rows.
    KFold {
        /// Number of folds.
        k: u32,
    },
    /// k folds; rows with the same value of `group` stay together.
    GroupKFold {
        /// Number of folds.
        k: u32,
        /// Column whose values keep rows together.
        group: String,
    },
}

/// A family with settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FamilyChoice {
    /// Slug of the family.
    pub family: String,
    /// Values of its knobs; absent ones take their default.
    pub settings: Settings,
}

/// A model comparison, as a recipe holds it. Empty lists mean "choose for me".
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelPlan {
    /// Column to predict.
    pub target: String,
    /// Empty: every usable column that is not blocked.
    pub features: Vec<String>,
    /// Columns blocked as leaks that the user wants all the same.
    pub unblocked: Vec<String>,
    /// How rows are held out.
    pub validation: Validation,
    /// Empty: every family with its defaults.
    pub families: Vec<FamilyChoice>,
    /// Seed of folds, forests and shuffles.
    pub seed: u64,
}

/// Whether a column may be a feature for the chosen target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// Name of the column.
    pub column: String,
    /// What stands for or against it.
    pub standing: Standing,
}

/// What stands for or against a column as a feature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Standing {
    /// Used by default.
    Used,
    /// Would leak the target; blocked until unblocked. The reason is a sentence.
    Leaks {
        /// One sentence.
        reason: String,
    },
    /// Of no use: an identifier, a constant, text, a category with too many levels.
    Unusable {
        /// One sentence.
        reason: String,
    },
}

/// Proposed choices for a target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelChoices {
    /// Columns that can be predicted, best guess first.
    pub targets: Vec<String>,
    /// The one these candidates are for.
    pub target: String,
    /// Every other column.
    pub candidates: Vec<Candidate>,
    /// Columns whose values repeat, for grouped folds; best guess first.
    pub groups: Vec<String>,
    /// The proposed plan.
    pub plan: ModelPlan,
    /// Why this validation: one sentence.
    pub why_validation: String,
}
