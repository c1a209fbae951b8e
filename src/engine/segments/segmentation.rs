//! What is asked of a clustering and what came out, as plain data.

use crate::engine::statistics::claim::Claim;
use serde::{Deserialize, Serialize};

/// How columns are brought to one scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scaling {
    /// Mean 0, population standard deviation 1.
    #[default]
    Standard,
    /// 0 to 1.
    MinMax,
    /// Median 0, interquartile range 1.
    Robust,
    /// As they are: columns with large units dominate.
    None,
}

impl Scaling {
    /// Every scaling, in the order shown.
    pub const ALL: [Self; 4] = [Self::Standard, Self::MinMax, Self::Robust, Self::None];
    /// Word on the page.
    pub fn label(self) -> &'static str {
        match self {
            Self::Standard => "Standard (mean 0, deviation 1)",
            Self::MinMax => "Range (0 to 1)",
            Self::Robust => "Robust (median 0, quartile range 1)",
            Self::None => "None",
        }
    }
    /// Key in forms.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::MinMax => "min_max",
            Self::Robust => "robust",
            Self::None => "none",
        }
    }
}

/// A clustering, as a recipe holds it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SegmentPlan {
    /// Empty: choose for me. Categories become 0/1 columns, first level dropped.
    pub columns: Vec<String>,
    /// How columns are brought to one scale.
    pub scaling: Scaling,
    /// Smallest k of the sweep.
    pub k_min: u32,
    /// Largest k of the sweep.
    pub k_max: u32,
    /// `None`: the recommended one.
    pub k: Option<u32>,
    /// Random starts of each k.
    pub starts: u32,
    /// 0/1 column whose rate is shown by segment; never clustered on by default.
    pub outcome: Option<String>,
    /// Seed of the starts.
    pub seed: u64,
}

impl Default for SegmentPlan {
    fn default() -> Self {
        Self {
            columns: Vec::new(),
            scaling: Scaling::Standard,
            k_min: 2,
            k_max: 10,
            k: None,
            starts: 10,
            outcome: None,
            seed: 42,
        }
    }
}

impl SegmentPlan {
    /// What this plan asks otherwise than another, in words; the number of segments shown is no part of it. Columns left to
    /// be proposed differ from none.
    pub fn differs_from(&self, other: &Self) -> Vec<&'static str> {
        let sorted = |plan: &Self| {
            let mut columns = plan.columns.clone();
            columns.sort_unstable();
            columns
        };
        let is_chosen = !self.columns.is_empty() && !other.columns.is_empty();
        [
            (is_chosen && sorted(self) != sorted(other), "columns"),
            (self.scaling != other.scaling, "scaling"),
            ((self.k_min, self.k_max) != (other.k_min, other.k_max), "numbers of segments"),
            (self.starts != other.starts, "starts"),
            (self.outcome != other.outcome, "rate shown"),
            (self.seed != other.seed, "seed"),
        ]
        .into_iter()
        .filter_map(|(is_other, word)| is_other.then_some(word))
        .collect()
    }
}

/// Proposed choices.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SegmentChoices {
    /// Columns that can be clustered on.
    pub columns: Vec<String>,
    /// 0/1 columns whose rate could be shown.
    pub outcomes: Vec<String>,
    /// The proposed plan.
    pub plan: SegmentPlan,
    /// Why these columns: one sentence.
    pub why: String,
}

/// One k of the sweep.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SweepPoint {
    /// Number of segments.
    pub k: u32,
    /// Sum of squared distances to the own centre, in scaled units; smaller is tighter.
    pub inertia: f64,
    /// Mean silhouette, -1 to 1, larger is better; `None` when undefined.
    pub silhouette: Option<f64>,
    /// Davies-Bouldin index, smaller is better; `None` when undefined.
    pub davies_bouldin: Option<f64>,
    /// Calinski-Harabasz index, larger is better; `None` when undefined.
    pub calinski_harabasz: Option<f64>,
    /// Mean adjusted Rand index between the starts and the best: 1 means every start finds the same segments.
    pub stability: Option<f64>,
    /// Largest first.
    pub sizes: Vec<u64>,
}

/// One segment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SegmentProfile {
    /// From 0, largest segment first.
    pub index: u32,
    /// "Segment 1: high spend, many earlier responses".
    pub name: String,
    /// Rows.
    pub n: u64,
    /// Share of all rows, 0 to 1.
    pub share: f64,
    /// Means in original units, aligned with `Segmentation::profile_columns`.
    pub means: Vec<Option<f64>>,
    /// The same as standard deviations from the overall mean.
    pub z: Vec<Option<f64>>,
    /// Rate of the outcome; `None` without an outcome or rows that have one.
    pub response: Option<SegmentRate>,
    /// In original units.
    pub sentence: String,
}

/// Rate of the outcome in a segment.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SegmentRate {
    /// Rows with the outcome.
    pub responses: f64,
    /// Rows where the outcome is known.
    pub n: u64,
    /// Responses over n.
    pub rate: f64,
    /// Wilson 95 %.
    pub interval: (f64, f64),
    /// Shrunk towards the overall rate (empirical Bayes): what to expect on a re-test.
    pub expected: f64,
    /// 95 % interval of the expected rate.
    pub expected_interval: (f64, f64),
}

/// A point of the two-dimensional view.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Projection {
    /// Share of variance of the first components.
    pub explained: Vec<f64>,
    /// (first, second component, segment) of at most 5,000 rows.
    pub points: Vec<(f32, f32, u32)>,
    /// Columns that weigh most on each of the two axes, with their loading.
    pub loadings: Vec<Vec<(String, f64)>>,
}

/// Everything a clustering found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Segmentation {
    /// The plan with every choice filled in.
    pub plan: SegmentPlan,
    /// Rows clustered.
    pub n_rows: u64,
    /// Rows with missing values were filled with the column's median: how many.
    pub n_filled: u64,
    /// Columns of the matrix, dummies included.
    pub matrix_columns: Vec<String>,
    /// One point a k, ascending.
    pub sweep: Vec<SweepPoint>,
    /// The k the measures speak for.
    pub recommended_k: u32,
    /// Why, in one sentence.
    pub why_k: String,
    /// The k used: the plan's, else the recommended one.
    pub k: u32,
    /// Columns segments are described by.
    pub profile_columns: Vec<String>,
    /// Means of all rows, aligned with `profile_columns`; `None` without values.
    pub overall_means: Vec<Option<f64>>,
    /// Rate of the outcome over all rows; `None` without an outcome.
    pub overall_rate: Option<f64>,
    /// Largest first.
    pub segments: Vec<SegmentProfile>,
    /// `None` where a plane cannot be laid through the rows.
    pub projection: Option<Projection>,
    /// Segment of every row of the prepared table.
    pub labels: Vec<u32>,
    /// What the segments support.
    pub claims: Vec<Claim>,
    /// What a reader must know: filled cells, dropped columns.
    pub notes: Vec<String>,
}

/// How the note begins of a clustering that was stopped.
pub(super) const STOPPED: &str = "Stopped before";

impl Segmentation {
    /// What is missing, where the clustering was stopped early.
    pub fn stopped(&self) -> Option<&str> {
        self.notes.iter().map(String::as_str).find(|n| n.starts_with(STOPPED))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plans_differ_by_what_would_find_other_segments() {
        let plan = SegmentPlan { columns: vec!["a".into(), "b".into()], ..SegmentPlan::default() };
        let turned = SegmentPlan { columns: vec!["b".into(), "a".into()], k: Some(4), ..plan.clone() };
        assert!(plan.differs_from(&turned).is_empty());
        assert!(SegmentPlan::default().differs_from(&plan).is_empty(), "left to be proposed");
        let other = SegmentPlan {
            columns: vec!["a".into()],
            scaling: Scaling::Robust,
            k_max: 5,
            seed: 7,
            ..plan.clone()
        };
        assert_eq!(other.differs_from(&plan), ["columns", "scaling", "numbers of segments", "seed"]);
        assert_eq!(SegmentPlan { starts: 3, ..plan.clone() }.differs_from(&plan), ["starts"]);
        let rate = SegmentPlan { outcome: Some("c".into()), ..plan.clone() };
        assert_eq!(rate.differs_from(&plan), ["rate shown"]);
    }
}
