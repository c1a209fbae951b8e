//! What exploring a table found, as plain data.

use serde::{Deserialize, Serialize};

use super::claim::{Claim, Grade, TestRecord};
use crate::engine::words;

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
    /// Name of the column.
    pub name: String,
    /// Rows with a value.
    pub count: u64,
    /// Rows without one.
    pub missing: u64,
    /// Distinct values.
    pub unique: u64,
    /// `None` for columns that hold no numbers or dates, or no values.
    pub numeric: Option<NumericStatistics>,
    /// Most frequent values with counts, for categories, yes/no and text.
    pub top: Vec<(String, u64)>,
}

/// Summary of a numeric column. Spread values are `None` below two rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NumericStatistics {
    /// Arithmetic mean.
    pub mean: f64,
    /// Sample standard deviation (n - 1).
    pub std: Option<f64>,
    /// Smallest value.
    pub min: f64,
    /// First quartile.
    pub q1: f64,
    /// Second quartile.
    pub median: f64,
    /// Third quartile.
    pub q3: f64,
    /// Largest value.
    pub max: f64,
    /// Sum of the values.
    pub sum: f64,
    /// Bias-corrected skewness; `None` below three rows or without spread.
    pub skew: Option<f64>,
    /// Bias-corrected excess kurtosis; `None` below four rows or without spread.
    pub kurtosis: Option<f64>,
    /// Rows that hold exactly 0.
    pub zeros: u64,
    /// Tukey whiskers: the outermost values within 1.5 interquartile ranges of the quartiles.
    pub whisker_low: f64,
    /// The upper one.
    pub whisker_high: f64,
    /// Rows outside the whiskers.
    pub outliers: u64,
    /// At most 200 of the values outside the whiskers.
    pub outlier_values: Vec<f64>,
    /// Edges (n + 1) and counts (n) of the histogram.
    pub histogram_edges: Vec<f64>,
    /// Rows in each bin.
    pub histogram_counts: Vec<u64>,
    /// Calendar years, which are written without separators.
    pub is_year: bool,
}

impl NumericStatistics {
    /// Mean, deviation, smallest, first quartile, median, third quartile, largest and skewness in words: as many decimals as the
    /// deviation deserves, whole numbers without any, years as years.
    pub fn in_words(&self) -> [String; 8] {
        let n_digits = words::column_digits([self.std.unwrap_or(self.mean)].into_iter());
        let figure = |value: f64| {
            if self.is_year {
                self.show(value)
            } else if value.fract() == 0.0 {
                words::decimals(value, 0)
            } else {
                words::with_digits(value, n_digits)
            }
        };
        let or_nothing = |value: Option<String>| value.unwrap_or_else(|| words::NOTHING.to_owned());
        [
            figure(self.mean),
            or_nothing(self.std.map(figure)),
            figure(self.min),
            figure(self.q1),
            figure(self.median),
            figure(self.q3),
            figure(self.max),
            or_nothing(self.skew.map(|skew| words::decimals(skew, 2))),
        ]
    }

    /// A value of the column in words.
    pub fn show(&self, value: f64) -> String {
        if self.is_year { words::brief(value).replace(',', "") } else { words::number(value) }
    }
}

/// A correlation matrix; `values[i][j]` is `None` where undefined (a constant column).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Correlation {
    /// "pearson" or "spearman".
    pub method: String,
    /// Names, in the order of both axes.
    pub columns: Vec<String>,
    /// Coefficients, -1 to 1.
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
    /// Categories, one or two.
    pub by: Vec<String>,
    /// The metrics.
    pub columns: Vec<KpiColumn>,
    /// The first is everything together.
    pub rows: Vec<KpiRow>,
}

impl KpiTable {
    /// How the values of a column are written: all with the same decimals, with their unit where the header has none.
    pub fn show(&self, column: usize, with_unit: bool) -> impl Fn(f64) -> String + use<> {
        let values: Vec<f64> =
            self.rows.iter().filter_map(|r| r.values.get(column).copied().flatten()).collect();
        let (unit, slug) = self.columns.get(column).map_or(("", ""), |c| (&c.unit, &c.slug));
        let is_share = unit == "%";
        // A cost has cents even where the file says no currency.
        let is_money = !unit.is_empty() || matches!(slug, "cpc" | "cpm" | "cpl" | "cpa");
        let n = match is_share {
            true => words::percent_digits_of(&values),
            false if is_money => words::money_digits_of(&values),
            false => words::digits_of(&values),
        };
        let unit = with_unit.then(|| unit.to_owned());
        move |value| match is_share {
            true => words::percent_to(value, n),
            false if is_money => words::money_to(value, unit.as_deref(), n),
            false => words::with_digits(value, n),
        }
    }

    /// Groups of which a figure is too small to be compared.
    pub fn n_too_few(&self, column: usize) -> u64 {
        self.rows.iter().filter(|r| r.is_too_few(column)).count() as u64
    }
}

/// One group of a KPI table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KpiRow {
    /// One label a category of `by`; empty for the total.
    pub labels: Vec<String>,
    /// Rows of the group.
    pub n_rows: u64,
    /// Aligned with `columns`; `None` where undefined.
    pub values: Vec<Option<f64>>,
    /// Why a value is undefined, or "> 1.43" for a cost without conversions; aligned with `columns`.
    pub notes: Vec<Option<String>>,
    /// Whether too little is behind a value to compare it with others, as in [`RateLevel::too_few`]; aligned with `columns`.
    pub too_few: Vec<bool>,
}

impl KpiRow {
    /// Whether too little is behind the value of a column.
    pub fn is_too_few(&self, column: usize) -> bool {
        self.too_few.get(column).copied().unwrap_or(false)
    }
}

/// Rate of an outcome in each level of a category.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RateBySegment {
    /// The category.
    pub segment: String,
    /// Column that is counted.
    pub outcome: String,
    /// "people", "clicks", "impressions": what the rate is divided by.
    pub exposure: String,
    /// Rates, their intervals and `overall` are per this many (1, or 1,000): `rate = per x outcome / exposure`.
    pub per: f64,
    /// One a level, in the category's order.
    pub levels: Vec<RateLevel>,
    /// "%" where rates are shares, shown times 100; else empty.
    pub unit: String,
    /// Rate of everything together; `None` without exposure.
    pub overall: Option<f64>,
    /// `None` when no test could be made, or fewer than two levels are large enough for one.
    pub test: Option<TestRecord>,
    /// How far the data carry a difference: the grade of the finding made of this comparison.
    pub grade: Grade,
    /// Why no p-value is given, or why the one of the test decides nothing; `None` where p is used as it is.
    pub caution: Option<String>,
    /// Which p is adjusted, where it is not that of the test.
    #[serde(default)]
    pub remark: Option<String>,
    /// Levels below this n are shown but support no claim.
    pub min_n: u64,
}

impl RateBySegment {
    /// A rate in words, with the decimals of all others in the table.
    pub fn show(&self, rate: f64) -> String {
        if self.unit == "%" {
            words::percent_to(rate, self.digits())
        } else {
            words::with_digits(rate, self.digits())
        }
    }

    /// An interval of a rate in words.
    pub fn show_interval(&self, interval: (f64, f64)) -> String {
        words::interval_of(interval, |v| self.show(v))
    }

    /// Decimals of the rates that may be compared, or of all when none may.
    fn digits(&self) -> usize {
        let of = |small: bool| -> Vec<f64> {
            self.levels.iter().filter(|l| small || !l.too_few).filter_map(|l| l.rate).collect()
        };
        let rates = Some(of(false)).filter(|r| !r.is_empty()).unwrap_or_else(|| of(true));
        if self.unit == "%" { words::percent_digits_of(&rates) } else { words::digits_of(&rates) }
    }
}

/// One level of a category.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RateLevel {
    /// Name of the level.
    pub label: String,
    /// Rows of the level.
    pub n_rows: u64,
    /// Denominator (people, clicks, impressions).
    pub exposure: f64,
    /// Numerator.
    pub outcome: f64,
    /// `None` without exposure.
    pub rate: Option<f64>,
    /// 95 %: Wilson where each row is a yes or a no, widened by the dispersion where sums are divided.
    pub interval: Option<(f64, f64)>,
    /// "Wilson", "Student's t", or "Poisson, widened by the dispersion 1.24".
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
    /// One a column of the table.
    pub columns: Vec<ColumnStatistics>,
    /// Pearson and Spearman; empty below two numeric columns.
    pub correlations: Vec<Correlation>,
    /// The chosen table first, then one a category.
    pub kpis: Vec<KpiTable>,
    /// One a category compared.
    pub rates: Vec<RateBySegment>,
    /// What the table says: supported, suggestive, then what the data cannot tell; the most telling of each first.
    pub claims: Vec<Claim>,
    /// Columns of measured numbers, the most telling first: no identifiers, no constants, yes or no last.
    pub quantities: Vec<String>,
}

/// An outcome with the exposures that make sense for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutcomeChoice {
    /// Name of the outcome.
    pub column: String,
    /// First is the default; empty for "one a row".
    pub exposures: Vec<String>,
}
