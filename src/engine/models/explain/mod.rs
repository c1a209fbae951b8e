//! Why a model predicts what it predicts, and how far that can be trusted, as plain data.
//!
//! Everything here is of one family: the chosen one, or another the user wants to look at. It is written against
//! [`Fitted`](super::family::Fitted), so that a probability is explained like an amount.

pub mod conformal;
pub mod dependence;
pub mod explainer;
pub mod job;
pub mod residual_checks;
pub mod shap;
pub mod what_if;
pub mod words;
pub mod work;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use super::{
    comparison::{FamilyResult, Importance, Prediction},
    family::Link,
    frame::Frame,
    outcome::Outcome,
    plan::ModelPlan,
};
use crate::engine::{
    data::{
        column::{ColumnType, Values, date_text},
        role::Role,
        table::Table,
    },
    knobs::Settings,
    statistics::claim::Claim,
    words as text,
};

/// Rows that SHAP values and curves look at, at most.
pub const MOST_ROWS: usize = 1_000;

/// What is explained, as a recipe holds it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ExplainPlan {
    /// Slug of a family; `None` for the one the comparison chose.
    #[serde(default)]
    pub family: Option<String>,
}

/// What a comparison leaves behind for an explanation: the model fitted on all rows, and how it did on rows not seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Explainable {
    /// All rows with a target, with their folds.
    pub frame: Frame,
    /// The plan of the comparison, filled in.
    pub plan: ModelPlan,
    /// Settings of the family as it was fitted.
    pub settings: Settings,
    /// Scores of the family.
    pub result: FamilyResult,
    /// The model fitted on all rows ([`Fitted::save`](super::family::Fitted::save)).
    pub fitted: Vec<u8>,
    /// Permutation importance on held-out rows, largest first.
    pub importance: Vec<Importance>,
    /// Held-out predictions by row of the file.
    pub predictions: Vec<Prediction>,
    /// Folds, 1 for a single split.
    pub n_folds: u32,
}

/// What is known of the columns beside their values, and when the rows happened.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Surroundings {
    /// Columns that are no plain numbers.
    pub kinds: Vec<(String, ColumnKind)>,
    /// Name of the column that says when a row happened; empty for none.
    pub date_name: String,
    /// Milliseconds by row of the file, NaN where unknown.
    pub dates: Vec<f64>,
}

/// What the numbers of a feature stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnKind {
    /// An amount.
    #[default]
    Number,
    /// 0 is no, 1 is yes.
    YesNo,
    /// Milliseconds.
    Date,
    /// A level of a category.
    Category,
}

impl ColumnKind {
    /// A number of such a column as people read it.
    pub fn show(self, value: f64) -> String {
        match self {
            _ if value.is_nan() => "missing".to_owned(),
            Self::YesNo if value == 1.0 => "yes".to_owned(),
            Self::YesNo if value == 0.0 => "no".to_owned(),
            Self::Date => date_text(value),
            _ => text::brief(value),
        }
    }
}

impl Surroundings {
    /// Of a prepared table.
    pub fn of(table: &Table) -> Self {
        let kinds = table.columns().iter().filter_map(|c| {
            let kind = match c.column_type() {
                ColumnType::Boolean => ColumnKind::YesNo,
                ColumnType::Date => ColumnKind::Date,
                ColumnType::Category => ColumnKind::Category,
                _ => return None,
            };
            Some((c.name.clone(), kind))
        });
        let is_date = |c: &&std::sync::Arc<crate::engine::data::column::Column>| {
            c.role == Role::Date && c.column_type() == ColumnType::Date
        };
        let mut dates = Vec::new();
        let mut date_name = String::new();
        if let Some(column) = table.columns().iter().find(is_date)
            && let Values::Date(millis) = &column.values
        {
            column.name.clone_into(&mut date_name);
            let n = table.row_ids().iter().max().map_or(0, |&id| id as usize + 1);
            dates = vec![f64::NAN; n];
            table.row_ids().iter().zip(millis).for_each(|(&id, &at)| dates[id as usize] = at);
        }
        Self { kinds: kinds.collect(), date_name, dates }
    }

    /// The kind of a column.
    pub fn kind(&self, name: &str) -> ColumnKind {
        self.kinds.iter().find(|(n, _)| n == name).map_or(ColumnKind::Number, |(_, kind)| *kind)
    }
}

/// A value of a column, as a form holds it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// Of a number, a yes/no (1 and 0) or a date (milliseconds).
    Number(f64),
    /// Of a category.
    Level(String),
    /// Not known.
    Missing,
}

/// A column a model predicts from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExplainedColumn {
    /// Its name.
    pub name: String,
    /// What its values stand for.
    pub kind: ColumnKind,
    /// Smallest and largest value; `None` for a category.
    pub range: Option<(f64, f64)>,
    /// Whether all values are whole.
    pub is_whole: bool,
    /// Levels that occur; empty for numbers.
    pub levels: Vec<String>,
    /// Whether some row has no value.
    pub has_missing: bool,
    /// The median, or the most frequent level.
    pub typical: Value,
    /// Whether it says how often a row could have had the outcome, rather than being a feature.
    pub is_exposure: bool,
}

/// How much each column moves predictions.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ShapSummary {
    /// What the model says when no column is known, on the scale of the link.
    pub base: f64,
    /// Rows looked at.
    pub n_rows: u64,
    /// Largest first.
    pub columns: Vec<ShapColumn>,
}

/// How much one column moves predictions.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ShapColumn {
    /// Its name.
    pub name: String,
    /// Mean size of its SHAP values.
    pub mean_size: f64,
    /// Rank correlation of its values with their SHAP values: 1 where more always adds; `None` for categories.
    pub leaning: Option<f64>,
    /// SHAP values in bins of equal width, without empty ones.
    pub bins: Vec<ShapBin>,
}

/// Rows whose SHAP values of a column are alike.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ShapBin {
    /// Middle of the bin.
    pub at: f64,
    /// Rows in it.
    pub n: u32,
    /// Mean place of their values among all values of the column, from 0 (smallest) to 1 (largest); `None` for categories.
    pub place: Option<f64>,
}

/// What a column does to one prediction.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// The column.
    pub column: String,
    /// Its value in the row, as people read it.
    pub value: String,
    /// Its SHAP value.
    pub by: f64,
}

/// The prediction of one row, taken apart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExplainedRow {
    /// Why this row is shown: "typical", "highest", "missed".
    pub slug: String,
    /// File row, from 0.
    pub row: u32,
    /// What the file says.
    pub actual: f64,
    /// What the model fitted on all rows says.
    pub predicted: f64,
    /// What the model says when no column is known, on the scale of the link.
    pub base: f64,
    /// The largest first.
    pub parts: Vec<Part>,
}

/// What is predicted when one column takes one value after another and the others stay.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Dependence {
    /// The column.
    pub column: String,
    /// What its values stand for.
    pub kind: ColumnKind,
    /// From the smallest value, or in the order of the levels.
    pub points: Vec<DependencePoint>,
    /// Single rows: the row of the file, and its prediction at every point.
    pub curves: Vec<(u32, Vec<f64>)>,
    /// Rows the mean is over.
    pub n_rows: u64,
    /// What it shows, in a sentence.
    pub sentence: String,
    /// The sentence as it is shared without the names of small groups; `None` where it names none.
    #[serde(default)]
    pub shared: Option<String>,
    /// Why some of it is about rows that do not occur; `None` where the data reach.
    pub caution: Option<String>,
}

/// One value of the column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DependencePoint {
    /// As people read it.
    pub label: String,
    /// The number; `None` for a category.
    pub at: Option<f64>,
    /// Mean prediction.
    pub mean: f64,
    /// What nine of ten rows lie above, and below.
    pub range: (f64, f64),
    /// Rows of the table with this level, or nearest to this value.
    pub n: u64,
}

/// How well prediction intervals keep what they promise, on rows they were not made from.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Intervals {
    /// One a level, smallest first.
    pub levels: Vec<Coverage>,
    /// Whether folds were left out in turn; else two halves of the held-out rows.
    pub by_fold: bool,
    /// Rows with a held-out prediction.
    pub n_rows: u64,
    /// No interval goes below this, because no row does.
    pub floor: Option<f64>,
}

/// Coverage of the intervals of one level.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Coverage {
    /// 0.9 for intervals that should hold nine in ten rows.
    pub level: f64,
    /// Rows looked at, and rows whose interval held them.
    pub n: u64,
    /// Of those the covered.
    pub covered: u64,
    /// 95 % interval of the share covered, by Wilson.
    pub interval: Option<(f64, f64)>,
    /// Mean width, in units of the target.
    pub mean_width: f64,
    /// For each fold or half: rows, and covered.
    pub parts: Vec<(u64, u64)>,
}

/// A row that was predicted badly.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Miss {
    /// File row, from 0.
    pub row: u32,
    /// What the file says.
    pub actual: f64,
    /// Held-out prediction.
    pub predicted: f64,
}

/// Everything an explanation found.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Explanation {
    /// As asked.
    pub plan: ExplainPlan,
    /// Slug of the family that is explained.
    pub family: String,
    /// Its name on the page.
    pub title: String,
    /// What it predicts.
    pub target: String,
    /// What a prediction is of: "predicted Spent", "probability of Response".
    pub what: String,
    /// Whether that is a number or a probability.
    #[serde(default)]
    pub outcome: Outcome,
    /// Of what its sum is, where it is a sum.
    pub link: Link,
    /// Rows it was fitted on.
    pub n_rows: u64,
    /// What drives the result, in plain words: one sentence each.
    pub words: Vec<String>,
    /// What it predicts from.
    pub columns: Vec<ExplainedColumn>,
    /// Permutation importance on held-out rows, largest first.
    pub importance: Vec<Importance>,
    /// `None` where predictions cannot be shared out exactly.
    pub shap: Option<ShapSummary>,
    /// Why there are no SHAP values.
    pub without_shap: Option<String>,
    /// Some rows, taken apart.
    pub examples: Vec<ExplainedRow>,
    /// Curves of the columns that matter most.
    pub dependence: Vec<Dependence>,
    /// `None` where there is nothing to be calibrated.
    pub intervals: Option<Intervals>,
    /// Why there are no intervals.
    pub without_intervals: Option<String>,
    /// Coverage and checks of the residuals.
    pub claims: Vec<Claim>,
    /// The rows missed most.
    pub misses: Vec<Miss>,
}

impl Explanation {
    /// What SHAP values start from, on the scale of the link: a prediction only where they are of predictions.
    pub fn show_base(&self, base: f64) -> String {
        if self.link == Link::Identity { self.outcome.show(base) } else { crate::engine::words::number(base) }
    }

    /// A SHAP value with its sign, on the same scale.
    pub fn show_part(&self, by: f64) -> String {
        let outcome = if self.link == Link::Identity { self.outcome } else { Outcome::Amount };
        outcome.show_change(by)
    }
}

/// An explanation made by hand, for the tests of charts and formats.
#[cfg(test)]
pub fn sample() -> Explanation {
    let bin = |at: f64, n: u32, place: Option<f64>| ShapBin { at, n, place };
    let point = |at: Option<f64>, label: &str, mean: f64| DependencePoint {
        label: label.into(),
        at,
        mean,
        range: (mean - 0.4, mean + 0.6),
        n: 40,
    };
    let part = |column: &str, value: &str, by: f64| Part { column: column.into(), value: value.into(), by };
    Explanation {
        plan: ExplainPlan::default(),
        family: "linear_regression".into(),
        title: "Linear regression".into(),
        target: "Approved_Conversion".into(),
        what: "predicted Approved_Conversion".into(),
        outcome: Outcome::Amount,
        link: Link::Identity,
        n_rows: 1143,
        words: vec!["Spent {a|b} carries the prediction: with its values shuffled R² falls by 0.31 ± 0.05.".into()],
        columns: vec![ExplainedColumn {
            name: "Spent".into(),
            kind: ColumnKind::Number,
            range: Some((0.0, 640.0)),
            is_whole: false,
            levels: Vec::new(),
            has_missing: false,
            typical: Value::Number(12.0),
            is_exposure: false,
        }],
        importance: vec![Importance { feature: "Spent".into(), mean: 0.3, sd: 0.05 }],
        shap: Some(ShapSummary {
            base: 0.94,
            n_rows: 1000,
            columns: vec![
                ShapColumn {
                    name: "Spent {a|b}".into(),
                    mean_size: 0.5,
                    leaning: Some(0.99),
                    bins: vec![bin(-0.3, 700, Some(0.2)), bin(2.0, 300, Some(0.9))],
                },
                ShapColumn {
                    name: "age".into(),
                    mean_size: 0.1,
                    leaning: None,
                    bins: vec![bin(-0.1, 500, None), bin(0.1, 500, None)],
                },
                ShapColumn { name: "nothing".into(), mean_size: 0.0, leaning: None, bins: vec![bin(0.0, 1000, None)] },
            ],
        }),
        without_shap: None,
        examples: vec![ExplainedRow {
            slug: "missed".into(),
            row: 1120,
            actual: 21.0,
            predicted: 8.4,
            base: 0.94,
            parts: vec![part("Spent", "639.9", 7.6), part("age", "30-34", -0.14)],
        }],
        dependence: vec![
            Dependence {
                column: "Spent".into(),
                kind: ColumnKind::Number,
                points: vec![point(Some(0.0), "0", 0.2), point(Some(50.0), "50", 0.9), point(Some(640.0), "640", 7.0)],
                curves: vec![(3, vec![0.1, 0.8, 6.0]), (9, vec![0.4, 1.1, 8.0])],
                n_rows: 500,
                sentence: "With more Spent, predicted Approved_Conversion rises, from 0.2 (0) to 7 (640), the rest as it is.".into(),
                shared: None,
                caution: Some("Spent moves with Clicks.".into()),
            },
            Dependence {
                column: "age".into(),
                kind: ColumnKind::Category,
                points: vec![point(None, "30-34", 1.2), point(None, "35-39", 0.8)],
                curves: vec![(3, vec![0.1, 0.8])],
                n_rows: 500,
                sentence: "By age, predicted Approved_Conversion goes from 0.8 (35-39) to 1.2 (30-34), the rest as it is.".into(),
                shared: None,
                caution: None,
            },
        ],
        intervals: Some(Intervals {
            levels: vec![Coverage {
                level: 0.9,
                n: 1143,
                covered: 1031,
                interval: Some((0.884, 0.918)),
                mean_width: 2.9,
                parts: vec![(571, 515), (572, 516)],
            }],
            by_fold: true,
            n_rows: 1143,
            floor: Some(0.0),
        }),
        without_intervals: None,
        claims: Vec::new(),
        misses: vec![Miss { row: 1120, actual: 21.0, predicted: 8.4 }],
    }
}
