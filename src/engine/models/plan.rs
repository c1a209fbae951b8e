//! What the user asks of the models: target, features, validation, families.

use super::outcome::Outcome;
use super::tune::record::Tuned;
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
    /// k folds of shuffled rows, several times over with other shuffles.
    RepeatedKFold {
        /// Number of folds.
        k: u32,
        /// How often.
        repeats: u32,
    },
    /// k folds that hold the values of the target in equal shares, as often as wished.
    StratifiedKFold {
        /// Number of folds.
        k: u32,
        /// How often.
        repeats: u32,
    },
    /// Each value of `group` is held out once, all its rows together.
    LeaveOneGroupOut {
        /// Column whose values are held out one by one.
        group: String,
    },
    /// The rows in k + 1 parts by time; each part but the first is predicted from all before it.
    ForwardInTime {
        /// Number of parts that are predicted.
        k: u32,
        /// Column that says when.
        date: String,
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
    /// Whether an amount or a yes/no is predicted. `None`: a yes/no where the target has two values, unless the families
    /// named are for amounts alone (as plans were written before there were others).
    #[serde(default)]
    pub outcome: Option<Outcome>,
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
    /// The column that says how much each training row counts; `None`: all the same.
    #[serde(default)]
    pub weight: Option<String>,
    /// How settings among `families` were found, where they were searched for.
    #[serde(default)]
    pub tuned: Vec<Tuned>,
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
    /// Would leak the target; blocked until unblocked.
    Leaks {
        /// Up to three sentences, with figures.
        reason: String,
    },
    /// Cannot be used: a constant, text, a date.
    Unusable {
        /// One sentence.
        reason: String,
    },
    /// Tells little of new rows: an identifier, a category with very many levels. Left out until wanted.
    Aside {
        /// One sentence.
        reason: String,
    },
    /// The same, used since the user wants it.
    Wanted {
        /// Why it would be left out.
        reason: String,
    },
    /// May leak the target: used, with a warning.
    Doubtful {
        /// Up to three sentences, with figures.
        reason: String,
    },
    /// Leaks the target and is used all the same, since the user wants it.
    Unblocked {
        /// Why it leaks.
        reason: String,
    },
}

impl Standing {
    /// Whether a column is used when no columns are chosen.
    pub fn is_used(&self) -> bool {
        matches!(self, Self::Used | Self::Doubtful { .. } | Self::Unblocked { .. } | Self::Wanted { .. })
    }

    /// Whether it is left out unless the user wants it by name: a leak, or of little use.
    pub fn is_held_back(&self) -> bool {
        self.is_leak() || matches!(self, Self::Aside { .. } | Self::Wanted { .. })
    }

    /// Whether it leaks, unblocked or not.
    pub fn is_leak(&self) -> bool {
        matches!(self, Self::Leaks { .. } | Self::Unblocked { .. })
    }

    /// What stands for or against it, in a few sentences; `None` where nothing stands against it.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Used => None,
            Self::Leaks { reason }
            | Self::Unusable { reason }
            | Self::Aside { reason }
            | Self::Wanted { reason }
            | Self::Doubtful { reason }
            | Self::Unblocked { reason } => Some(reason),
        }
    }

    /// Key in files.
    pub fn slug(&self) -> &'static str {
        match self {
            Self::Used => "used",
            Self::Leaks { .. } => "blocked",
            Self::Unusable { .. } => "unusable",
            Self::Aside { .. } => "aside",
            Self::Wanted { .. } => "wanted",
            Self::Doubtful { .. } => "doubtful",
            Self::Unblocked { .. } => "unblocked",
        }
    }
}

/// Proposed choices for a target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelChoices {
    /// Columns that can be predicted, best guess first.
    pub targets: Vec<String>,
    /// The one these candidates are for.
    pub target: String,
    /// What it can be predicted as, best guess first.
    pub outcomes: Vec<Outcome>,
    /// Every other column.
    pub candidates: Vec<Candidate>,
    /// Columns whose values repeat, for grouped folds; best guess first.
    pub groups: Vec<String>,
    /// Columns that put rows in the order of time; best guess first.
    pub dates: Vec<String>,
    /// Columns that counts and odds can be in proportion to by their values: [`ModelChoices::exposures_with`].
    pub exposures: Vec<String>,
    /// The proposed plan.
    pub plan: ModelPlan,
    /// Why this validation: one sentence.
    pub why_validation: String,
}

impl ModelChoices {
    /// Columns that counts and odds can be in proportion to: of those that would give the answer away, the unblocked.
    pub fn exposures_with(&self, unblocked: &[String]) -> Vec<String> {
        let leaks = |name: &String| self.candidates.iter().any(|c| c.column == *name && c.standing.is_leak());
        self.exposures.iter().filter(|name| unblocked.contains(name) || !leaks(name)).cloned().collect()
    }
}

impl Validation {
    /// "5 folds, "one split, 20.0 % held out".
    pub fn words(&self) -> String {
        let times =
            |repeats: u32| if repeats > 1 { format!(", {repeats} times over") } else { String::new() };
        match self {
            Self::HoldOut { test_share } => format!("one split, {} held out", percent(*test_share)),
            Self::KFold { k } => format!("{k} folds"),
            Self::GroupKFold { k, group } => format!("{k} folds, {group} kept together"),
            Self::RepeatedKFold { k, repeats } => format!("{k} folds{}", times(*repeats)),
            Self::StratifiedKFold { k, repeats } => {
                format!("{k} folds with equal shares of the target{}", times(*repeats))
            }
            Self::LeaveOneGroupOut { group } => format!("each {group} held out once"),
            Self::ForwardInTime { k, date } => format!("forward in time by {date}, {k} steps"),
        }
    }

    /// The same for a sentence of the report.
    pub fn described(&self) -> String {
        match self {
            Self::HoldOut { test_share } => format!("one random split, {} held out", percent(*test_share)),
            Self::KFold { k } => format!("{k} folds of shuffled rows"),
            Self::GroupKFold { k, group } => format!("{k} folds that keep rows of one {group} together"),
            Self::RepeatedKFold { k, repeats } => format!("{k} folds of shuffled rows, {repeats} times over"),
            Self::StratifiedKFold { .. } => self.words(),
            Self::LeaveOneGroupOut { group } => format!("each {group} held out once, all its rows together"),
            Self::ForwardInTime { k, date } => {
                format!(
                    "{} parts in the order of {date}, each but the first predicted from those before it",
                    k + 1
                )
            }
        }
    }

    /// How rows come to be held out in so many folds: "each held out once in 5 folds".
    pub fn held_out(&self, n_folds: u32) -> String {
        match self {
            Self::HoldOut { .. } => "held out".to_owned(),
            Self::RepeatedKFold { repeats, .. } | Self::StratifiedKFold { repeats, .. } if *repeats > 1 => {
                format!("each held out {repeats} times in {n_folds} folds")
            }
            Self::LeaveOneGroupOut { group } => {
                format!("each held out once with all rows of its {group}, {n_folds} in all")
            }
            Self::ForwardInTime { date, .. } => {
                format!("each predicted from rows with an earlier {date} alone, in {n_folds} steps")
            }
            _ => format!("each held out once in {n_folds} folds"),
        }
    }

    /// The column whose values keep rows together.
    pub fn group(&self) -> Option<&str> {
        match self {
            Self::GroupKFold { group, .. } | Self::LeaveOneGroupOut { group } => Some(group),
            _ => None,
        }
    }

    /// The column that says when a row happened.
    pub fn date(&self) -> Option<&str> {
        match self {
            Self::ForwardInTime { date, .. } => Some(date),
            _ => None,
        }
    }
}

/// In what a plan differs from another, in words of this one: "target Spent", "3 columns". Both with every choice filled in.
pub fn differences(of: &ModelPlan, from: &ModelPlan) -> Vec<String> {
    let mut found = Vec::new();
    if of.target != from.target {
        found.push(format!("target {}", of.target));
    }
    if of.outcome != from.outcome {
        found.push(match of.outcome.unwrap_or_default() {
            Outcome::Amount => "the target as a number".to_owned(),
            Outcome::YesNo => "the target as yes or no".to_owned(),
        });
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
    if of.weight != from.weight {
        found.push(weight_words(of));
    }
    if of.seed != from.seed {
        found.push(format!("seed {}", of.seed));
    }
    found
}

/// "rows weighted by spend", "rows that count the same".
pub fn weight_words(plan: &ModelPlan) -> String {
    plan.weight
        .as_ref()
        .map_or_else(|| "rows that count the same".to_owned(), |name| format!("rows weighted by {name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_between_plans_is_told_and_order_is_not() {
        let choice = |family: &str| FamilyChoice { family: family.into(), settings: Settings::new() };
        let plan = ModelPlan {
            target: "y".into(),
            outcome: None,
            features: vec!["a".into(), "b".into()],
            unblocked: Vec::new(),
            validation: Validation::KFold { k: 5 },
            families: vec![choice("baseline"), choice("linear_regression")],
            seed: 42,
            weight: None,
            tuned: Vec::new(),
        };
        let mut other = plan.clone();
        other.features.reverse();
        other.families.reverse();
        assert_eq!(differences(&plan, &other), Vec::<String>::new());
        other.features.pop();
        other.validation = Validation::HoldOut { test_share: 0.2 };
        other.families[0].settings = Settings::new().with("trees", 7_i64);
        other.seed = 7;
        other.weight = Some("n".into());
        assert_eq!(
            differences(&plan, &other),
            ["2 columns", "5 folds", "other settings of a model", "rows that count the same", "seed 42"]
        );
        assert_eq!(differences(&other, &plan)[3], "rows weighted by n");
        other.weight = None;
        other.target = "z".into();
        other.families.pop();
        let found = differences(&other, &plan);
        assert_eq!(found, ["target z", "1 column", "one split, 20.0 % held out", "other models", "seed 7"]);
    }
}
