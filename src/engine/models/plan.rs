//! What the user asks of the models: target, features, validation, families.

use crate::engine::{
    knobs::Settings,
    words::{counted, percent},
};
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
    /// Empty: every family that is compared by default, with its default settings.
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

impl Validation {
    /// "5 folds", "one split, 20 % held out".
    pub fn words(&self) -> String {
        match self {
            Self::HoldOut { test_share } => format!("one split, {} held out", percent(*test_share)),
            Self::KFold { k } => format!("{k} folds"),
            Self::GroupKFold { k, group } => format!("{k} folds, {group} kept together"),
        }
    }
}

/// In what a plan differs from another, in words of this one: "target Spent", "3 columns". Both with every choice filled in.
pub fn differences(of: &ModelPlan, from: &ModelPlan) -> Vec<String> {
    let mut found = Vec::new();
    if of.target != from.target {
        found.push(format!("target {}", of.target));
    }
    let same = |a: &[String], b: &[String]| a.len() == b.len() && a.iter().all(|name| b.contains(name));
    if !same(&of.features, &from.features) {
        let n = of.features.len() as u64;
        let which = if n == from.features.len() as u64 {
            "other columns".to_owned()
        } else {
            counted(n, "column", "columns")
        };
        found.push(which);
    }
    if of.validation != from.validation {
        found.push(of.validation.words());
    }
    let has = |all: &[FamilyChoice], one: &FamilyChoice| all.iter().any(|c| c.family == one.family);
    if of.families.len() != from.families.len() || !of.families.iter().all(|c| has(&from.families, c)) {
        found.push("other models".to_owned());
    } else if !of.families.iter().all(|c| from.families.contains(c)) {
        found.push("other settings of a model".to_owned());
    }
    if of.seed != from.seed {
        found.push(format!("seed {}", of.seed));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_between_plans_is_told_and_order_is_not() {
        let choice = |family: &str| FamilyChoice { family: family.into(), settings: Settings::new() };
        let plan = ModelPlan {
            target: "y".into(),
            features: vec!["a".into(), "b".into()],
            unblocked: Vec::new(),
            validation: Validation::KFold { k: 5 },
            families: vec![choice("baseline"), choice("linear_regression")],
            seed: 42,
        };
        let mut other = plan.clone();
        other.features.reverse();
        other.families.reverse();
        assert_eq!(differences(&plan, &other), Vec::<String>::new());
        other.features.pop();
        other.validation = Validation::HoldOut { test_share: 0.2 };
        other.families[0].settings = Settings::new().with("trees", 7_i64);
        other.seed = 7;
        assert_eq!(
            differences(&plan, &other),
            ["2 columns", "5 folds", "other settings of a model", "seed 42"]
        );
        other.target = "z".into();
        other.families.pop();
        let found = differences(&other, &plan);
        assert_eq!(found, ["target z", "1 column", "one split, 20.0 % held out", "other models", "seed 7"]);
    }
}
