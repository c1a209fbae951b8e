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
    pub scaling: Scaling,
    pub k_min: u32,
    pub k_max: u32,
    /// `None`: the recommended one.
    pub k: Option<u32>,
    pub starts: u32,
    /// 0/1 column whose rate is shown by segment; never clustered on by default.
    pub outcome: Option<String>,
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

/// Proposed choices.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SegmentChoices {
    pub columns: Vec<String>,
    pub outcomes: Vec<String>,
    pub plan: SegmentPlan,
    /// Why these columns: one sentence.
    pub why: String,
}

/// One k of the sweep.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SweepPoint {
    pub k: u32,
    pub inertia: f64,
    pub silhouette: Option<f64>,
    pub davies_bouldin: Option<f64>,
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
    pub n: u64,
    pub share: f64,
    /// Means in original units, aligned with `Segmentation::profile_columns`.
    pub means: Vec<Option<f64>>,
    /// The same as standard deviations from the overall mean.
    pub z: Vec<Option<f64>>,
    pub response: Option<SegmentRate>,
    /// In original units.
    pub sentence: String,
}

/// Rate of the outcome in a segment.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SegmentRate {
    pub responses: f64,
    pub n: u64,
    pub rate: f64,
    /// Wilson 95 %.
    pub interval: (f64, f64),
    /// Shrunk towards the overall rate (empirical Bayes): what to expect on a re-test.
    pub expected: f64,
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
    pub plan: SegmentPlan,
    pub n_rows: u64,
    /// Rows with missing values were filled with the column's median: how many.
    pub n_filled: u64,
    /// Columns of the matrix, dummies included.
    pub matrix_columns: Vec<String>,
    pub sweep: Vec<SweepPoint>,
    pub recommended_k: u32,
    pub why_k: String,
    pub k: u32,
    pub profile_columns: Vec<String>,
    pub overall_means: Vec<Option<f64>>,
    pub overall_rate: Option<f64>,
    pub segments: Vec<SegmentProfile>,
    pub projection: Option<Projection>,
    /// Segment of every row of the prepared table.
    pub labels: Vec<u32>,
    pub claims: Vec<Claim>,
    pub notes: Vec<String>,
}
