//! What exploring a table found, as plain data.

use serde::{Deserialize, Serialize};

use super::claim::{Claim, TestRecord};

/// What to explore; `None`/empty means "choose for me".
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ExplorePlan {
    /// Column whose rate or level is compared (an outcome).
    pub outcome: Option<String>,
    /// Exposure the outcome is divided by (clicks, impressions, one a row).
    pub exposure: Option<String>,
    /// Categories to compare over; empty for all suitable.
    pub segments: Vec<String>,
    /// One or two categories for the KPI table; empty for the default.
    pub kpi_by: Vec<String>,
    /// Year ages are counted at; `None` for the file's last date.
    pub reference_year: Option<i32>,
}

/// Summary of one column (pandas' definitions: linear-interpolation quantiles, bias-corrected skewness, excess kurtosis).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnStatistics {
    pub name: String,
    pub count: u64,
    pub missing: u64,
    pub unique: u64,
    pub numeric: Option<NumericStatistics>,
    /// Most frequent values with counts, for categories, yes/no and text.
    pub top: Vec<(String, u64)>,
}

/// Summary of a numeric column. Spread values are `None` below two rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NumericStatistics {
    pub mean: f64,
    /// Sample standard deviation (n - 1).
    pub std: Option<f64>,
    pub min: f64,
    pub q1: f64,
    pub median: f64,
    pub q3: f64,
    pub max: f64,
    pub sum: f64,
    pub skew: Option<f64>,
    pub kurtosis: Option<f64>,
    pub zeros: u64,
    /// Tukey whiskers: the outermost values within 1.5 interquartile ranges of the quartiles.
    pub whisker_low: f64,
    pub whisker_high: f64,
    pub outliers: u64,
    /// At most 200 of the values outside the whiskers.
    pub outlier_values: Vec<f64>,
    /// Edges (n + 1) and counts (n) of the histogram.
    pub histogram_edges: Vec<f64>,
    pub histogram_counts: Vec<u64>,
}

/// A correlation matrix; `values[i][j]` is `None` where undefined (a constant column).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Correlation {
    /// "pearson" or "spearman".
    pub method: String,
    pub columns: Vec<String>,
    pub values: Vec<Vec<Option<f64>>>,
}

/// One metric of a KPI table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KpiColumn {
    /// "ctr", "cpc", "cpm", "cvr", "cpl", "cpa", "close_rate", "roas", "clicks", ...
    pub slug: String,
    /// "CTR"
    pub label: String,
    /// "clicks / impressions"
    pub formula: String,
    /// "%" (values are fractions, shown times 100), "" or a currency.
    pub unit: String,
}

/// Ratios of sums by one or two categories.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KpiTable {
    pub by: Vec<String>,
    pub columns: Vec<KpiColumn>,
    /// The first is everything together.
    pub rows: Vec<KpiRow>,
}

/// One group of a KPI table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KpiRow {
    /// One label a category of `by`; empty for the total.
    pub labels: Vec<String>,
    pub n_rows: u64,
    /// Aligned with `columns`; `None` where undefined.
    pub values: Vec<Option<f64>>,
    /// Why a value is undefined, or "> 1.43" for a cost without conversions; aligned with `columns`.
    pub notes: Vec<Option<String>>,
}

/// Rate of an outcome in each level of a category.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RateBySegment {
    pub segment: String,
    pub outcome: String,
    /// "people", "clicks", "impressions": what the rate is divided by.
    pub exposure: String,
    /// Rates, their intervals and `overall` are per this many (1, or 1,000): `rate = per x outcome / exposure`.
    pub per: f64,
    pub levels: Vec<RateLevel>,
    pub overall: f64,
    /// `None` when no test could be made.
    pub test: Option<TestRecord>,
    /// Levels below this n are shown but support no claim.
    pub min_n: u64,
}

/// One level of a category.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RateLevel {
    pub label: String,
    pub n_rows: u64,
    /// Denominator (people, clicks, impressions).
    pub exposure: f64,
    /// Numerator.
    pub outcome: f64,
    pub rate: Option<f64>,
    /// 95 %: Wilson where the outcome is a yes/no of the exposure, else widened by the dispersion.
    pub interval: Option<(f64, f64)>,
    pub interval_method: String,
    /// Too few to say anything.
    pub too_few: bool,
}

/// Everything exploring found.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Exploration {
    /// The plan with every choice filled in.
    pub plan: ExplorePlan,
    /// Outcomes that could be chosen, and exposures that fit each.
    pub outcomes: Vec<OutcomeChoice>,
    /// Categories that could be compared.
    pub segments: Vec<String>,
    pub columns: Vec<ColumnStatistics>,
    pub correlations: Vec<Correlation>,
    pub kpis: Vec<KpiTable>,
    pub rates: Vec<RateBySegment>,
    pub claims: Vec<Claim>,
}

/// An outcome with the exposures that make sense for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutcomeChoice {
    pub column: String,
    /// First is the default; empty for "one a row".
    pub exposures: Vec<String>,
}
