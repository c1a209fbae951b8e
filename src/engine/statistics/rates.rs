//! How an outcome differs between groups: shares of people, counts per exposure, or means.

use std::borrow::Cow;

use crate::engine::{
    data::{column::Dictionary, role::Role, table::Table},
    numeric::math,
    words,
};

use super::{
    claim::{Grade, TestRecord},
    comparison::{self, Tested},
    exploration::{RateBySegment, RateLevel},
    findings::rows_word,
    intervals,
    segment::Grouping,
};

/// Groups below this many people, clicks or rows support no claim.
pub(super) const MIN_N: u64 = 30;
/// Nor do groups in which fewer outcomes than this are to be expected.
pub(super) const MIN_EXPECTED: f64 = 5.0;
/// From this skewness within the groups on, ranks are compared.
const MOST_SKEW: f64 = 1.0;

/// What is compared.
pub(super) struct Outcome<'a> {
    pub name: String,
    pub role: Role,
    pub kind: OutcomeKind,
    pub values: Cow<'a, [f64]>,
    /// 1 a row where nothing else divides.
    pub exposure: Cow<'a, [f64]>,
    /// "people", "clicks", ...
    pub exposure_label: String,
    pub per: f64,
}

/// How an outcome is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OutcomeKind {
    /// Yes or no a row.
    Share,
    /// A count per exposure.
    Count,
    /// A quantity a row.
    Mean,
}

impl<'a> Outcome<'a> {
    /// The outcome of a plan; `None` when a column is not there or not numeric.
    pub fn of(table: &'a Table, column: &str, exposure: &str) -> Option<Self> {
        let source = table.column(column).ok()?;
        let values = source.as_numbers()?;
        let rows_are = rows_word(table.kind);
        let (exposures, label, kind, per);
        if exposure.is_empty() {
            let is_share = values.iter().all(|v| v.is_nan() || *v == 0.0 || *v == 1.0);
            kind = if is_share { OutcomeKind::Share } else { OutcomeKind::Mean };
            exposures = vec![1.0; values.len()].into();
            label = rows_are.to_owned();
            per = 1.0;
        } else {
            let divisor = table.column(exposure).ok()?;
            exposures = divisor.as_numbers()?;
            kind = OutcomeKind::Count;
            label = match divisor.role {
                Role::Impressions | Role::Reach | Role::Clicks | Role::Enquiries | Role::Spend => {
                    divisor.role.label().to_lowercase()
                }
                _ => exposure.to_owned(),
            };
            per = if matches!(divisor.role, Role::Impressions | Role::Reach) { 1000.0 } else { 1.0 };
        }
        Some(Self {
            name: column.to_owned(),
            role: source.role,
            kind,
            values,
            exposure: exposures,
            exposure_label: label,
            per,
        })
    }

    /// "%" for shares and counts per one of their exposure, nothing for means, money and counts per many.
    pub fn unit(&self) -> &'static str {
        let is_amount = matches!(self.role, Role::Spend | Role::Value) || self.exposure_label == "spend";
        if self.kind == OutcomeKind::Mean || self.per != 1.0 || is_amount { "" } else { "%" }
    }

    /// A rate as shown, where it stands alone.
    pub fn show(&self, rate: f64) -> String {
        if self.unit() == "%" { words::percent(rate) } else { words::number(rate) }
    }

    /// Whether a group is too small to say anything about: below [`MIN_N`], or with fewer than [`MIN_EXPECTED`] outcomes
    /// (of a yes or no: outcomes or others) to be expected at the rate of everything together.
    pub fn is_too_few(kind: OutcomeKind, n_rows: u64, exposure: f64, overall: Option<f64>) -> bool {
        let expected = overall.map_or(0.0, |rate| exposure * rate);
        match kind {
            OutcomeKind::Mean => n_rows < MIN_N,
            OutcomeKind::Share => exposure < MIN_N as f64 || expected.min(exposure - expected) < MIN_EXPECTED,
            OutcomeKind::Count => exposure < MIN_N as f64 || expected < MIN_EXPECTED,
        }
    }

    /// [`Self::title`] at the start of a sentence, where the name of a column stays as it is.
    pub fn opening(&self) -> String {
        let title = self.title();
        let is_name = title.starts_with(&self.name) && self.name.starts_with(char::is_lowercase);
        if is_name { format!("The {title}") } else { words::capitalised(&title) }
    }

    /// "purchases per click", "response rate", "mean Income".
    pub fn title(&self) -> String {
        let what = match self.role {
            Role::Purchases | Role::Enquiries | Role::Clicks | Role::Value | Role::Spend => {
                self.role.label().to_lowercase()
            }
            _ => self.name.clone(),
        };
        match self.kind {
            OutcomeKind::Share => format!("{what} rate"),
            OutcomeKind::Mean => format!("mean {what}"),
            OutcomeKind::Count if self.per != 1.0 => {
                format!("{what} per {} {}", words::decimals(self.per, 0), self.exposure_label)
            }
            OutcomeKind::Count => {
                let one = match self.exposure_label.strip_suffix("ies") {
                    Some(stem) => format!("{stem}y"),
                    None => self.exposure_label.trim_end_matches('s').to_owned(),
                };
                format!("{what} per {one}")
            }
        }
    }
}

/// A comparison with what a claim needs beside it.
pub(super) struct Compared {
    pub rate: RateBySegment,
    /// p of the same test without the groups that are too small; `None` when there are none or no test was made.
    pub p_without_small: Option<f64>,
    /// Rows used by the test.
    pub n_tested: u64,
    /// Outcomes in rows without exposure, which no test per exposure can use.
    pub outside: (u64, f64),
    /// Skewness of the values about the means of their groups, where ranks were compared for it.
    pub skew: Option<f64>,
}

impl Compared {
    /// The p-value that decides: the larger of the test's own and of that without the groups that are too small.
    fn p(&self) -> Option<f64> {
        let p = self.rate.test.as_ref()?.p;
        Some(self.p_without_small.map_or(p, |without| p.max(without)))
    }

    /// Whether the difference is there only with the groups that are too small.
    pub fn rests_on_small(&self) -> bool {
        self.rate.test.as_ref().is_some_and(|t| t.p < 0.05) && self.p_without_small.is_some_and(|p| p >= 0.05)
    }
}

/// What one group adds up to.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    n_rows: u64,
    outcome: f64,
    exposure: f64,
}

/// Levels, intervals and test of one grouping. Adjusted p-values and the grade come later, when all groupings are known.
pub(super) fn compare(outcome: &Outcome, grouping: &Grouping) -> Compared {
    let (sums, outside) = sums(outcome, grouping);
    let total = Sum {
        n_rows: sums.iter().map(|s| s.n_rows).sum(),
        outcome: math::sum(sums.iter().map(|s| s.outcome)),
        exposure: math::sum(sums.iter().map(|s| s.exposure)),
    };
    let overall = (total.exposure > 0.0).then(|| total.outcome / total.exposure);
    let is_exact = needs_exact(outcome.kind, &sums, overall);
    let is_small: Vec<bool> = sums
        .iter()
        .map(|s| !is_exact && Outcome::is_too_few(outcome.kind, s.n_rows, s.exposure, overall))
        .collect();
    let groups = (outcome.kind == OutcomeKind::Mean).then(|| split(outcome, grouping, &sums));
    let all = Sample { outcome, codes: &grouping.codes, sums: &sums, groups: groups.as_deref(), is_exact };
    let mut tested = all.test();
    let n_large = sums.iter().zip(&is_small).filter(|(s, small)| s.n_rows > 0 && !**small).count();
    if n_large < 2 {
        tested.record = None;
    }
    let has_small = sums.iter().zip(&is_small).any(|(s, small)| s.n_rows > 0 && *small);
    // Where nothing can be tested without the small groups, nothing is shown without them.
    let p_without_small = (has_small && tested.record.is_some())
        .then(|| all.without(&is_small, |left| left.test().record.map_or(1.0, |t| t.p)));
    let levels = (0..sums.len())
        .filter(|&i| sums[i].n_rows > 0)
        .map(|i| {
            let Sum { n_rows, outcome: y, exposure } = sums[i];
            let values = groups.as_ref().map_or(&[][..], |g| &g[i]);
            let (interval, interval_method) = interval(outcome.kind, sums[i], values, tested.dispersion);
            RateLevel {
                label: grouping.labels[i].clone(),
                n_rows,
                exposure,
                outcome: y,
                rate: (exposure > 0.0).then(|| outcome.per * y / exposure),
                interval: interval.map(|(a, b)| (a * outcome.per, b * outcome.per)),
                interval_method,
                too_few: is_small[i],
            }
        })
        .collect();
    Compared {
        skew: tested.record.as_ref().filter(|t| t.is_of_ranks()).map(|_| tested.skew),
        rate: RateBySegment {
            segment: grouping.name.clone(),
            outcome: outcome.name.clone(),
            exposure: outcome.exposure_label.clone(),
            per: outcome.per,
            unit: outcome.unit().to_owned(),
            levels,
            overall: overall.map(|rate| rate * outcome.per),
            test: tested.record,
            grade: Grade::CannotTell,
            caution: None,
            remark: None,
            min_n: MIN_N,
        },
        p_without_small,
        n_tested: tested.n_rows,
        outside,
    }
}

/// What each group adds up to, and rows and outcomes without exposure.
fn sums(outcome: &Outcome, grouping: &Grouping) -> (Vec<Sum>, (u64, f64)) {
    let mut sums = vec![Sum::default(); grouping.labels.len()];
    let mut outside = (0, 0.0);
    for ((&y, &e), &code) in outcome.values.iter().zip(outcome.exposure.iter()).zip(&grouping.codes) {
        let Some(sum) = sums.get_mut(code as usize) else { continue };
        if y.is_nan() || e.is_nan() || e < 0.0 {
            continue;
        }
        sum.n_rows += 1;
        sum.outcome += y;
        sum.exposure += e;
        if e == 0.0 && y > 0.0 {
            outside.0 += 1;
            outside.1 += y;
        }
    }
    (sums, outside)
}

/// Two groups of enough people for a claim, but with too few expected outcomes for a chi².
fn needs_exact(kind: OutcomeKind, sums: &[Sum], overall: Option<f64>) -> bool {
    let present: Vec<&Sum> = sums.iter().filter(|s| s.n_rows > 0).collect();
    kind == OutcomeKind::Share
        && present.len() == 2
        && present.iter().all(|s| s.exposure >= MIN_N as f64)
        && present.iter().any(|s| Outcome::is_too_few(kind, s.n_rows, s.exposure, overall))
}

/// The 95 % interval of one group, before it is brought to the rate's scale, and how it was made: Wilson's for a yes or no
/// a row, Student's for a mean; where sums are divided, rows differ more than chance allows and the interval follows them.
fn interval(
    kind: OutcomeKind,
    sum: Sum,
    values: &[f64],
    dispersion: Option<f64>,
) -> (Option<(f64, f64)>, String) {
    let Sum { outcome: y, exposure, .. } = sum;
    match kind {
        OutcomeKind::Share => (intervals::wilson(y, exposure), "Wilson".to_owned()),
        OutcomeKind::Count => match dispersion {
            Some(phi) => (
                intervals::rate_interval(y, exposure, phi),
                format!("Poisson, widened by the dispersion {}", words::decimals(phi, 2)),
            ),
            None => {
                (intervals::rate_interval(y, exposure, 1.0), "Poisson, its dispersion unknown".to_owned())
            }
        },
        OutcomeKind::Mean => {
            let n = values.len() as f64;
            let mean = y / n;
            let std = (math::sum(values.iter().map(|v| (v - mean) * (v - mean))) / (n - 1.0)).sqrt();
            (intervals::mean_interval(mean, std, n), "Student's t".to_owned())
        }
    }
}

/// The values of each group.
fn split(outcome: &Outcome, grouping: &Grouping, sums: &[Sum]) -> Vec<Vec<f64>> {
    let mut groups: Vec<Vec<f64>> = sums.iter().map(|s| Vec::with_capacity(s.n_rows as usize)).collect();
    for (&y, &code) in outcome.values.iter().zip(&grouping.codes) {
        if let Some(group) = groups.get_mut(code as usize)
            && !y.is_nan()
        {
            group.push(y);
        }
    }
    groups
}

/// What is compared in one test.
struct Sample<'a> {
    outcome: &'a Outcome<'a>,
    codes: &'a [u32],
    sums: &'a [Sum],
    /// Values of a quantity by group.
    groups: Option<&'a [Vec<f64>]>,
    is_exact: bool,
}

/// What testing a sample gave.
#[derive(Default)]
struct TestOf {
    record: Option<TestRecord>,
    n_rows: u64,
    dispersion: Option<f64>,
    skew: f64,
}

impl Sample<'_> {
    /// The same without the groups that are too small.
    fn without<T>(&self, is_small: &[bool], then: impl FnOnce(Sample) -> T) -> T {
        let codes: Vec<u32> = self
            .codes
            .iter()
            .map(|&c| if is_small.get(c as usize).is_none_or(|s| *s) { Dictionary::MISSING } else { c })
            .collect();
        let kept = |sum: (&Sum, &bool)| if *sum.1 { Sum::default() } else { *sum.0 };
        let sums: Vec<Sum> = self.sums.iter().zip(is_small).map(kept).collect();
        let groups: Option<Vec<Vec<f64>>> = self
            .groups
            .map(|g| g.iter().zip(is_small).map(|(v, s)| if *s { Vec::new() } else { v.clone() }).collect());
        then(Sample { codes: &codes, sums: &sums, groups: groups.as_deref(), ..*self })
    }

    fn test(&self) -> TestOf {
        let n_rows = self.sums.iter().map(|s| s.n_rows).sum();
        match self.outcome.kind {
            OutcomeKind::Share => TestOf { record: self.test_shares(), n_rows, ..TestOf::default() },
            OutcomeKind::Count => self.test_counts(),
            OutcomeKind::Mean => {
                let (record, skew) = self.test_means();
                TestOf { record, n_rows, skew, ..TestOf::default() }
            }
        }
    }

    fn test_shares(&self) -> Option<TestRecord> {
        let table: Vec<[f64; 2]> =
            self.sums.iter().filter(|s| s.n_rows > 0).map(|s| [s.outcome, s.exposure - s.outcome]).collect();
        if self.is_exact
            && let [first, second] = table.as_slice()
        {
            let why = "Fewer than 5 cases are to be expected in a group: the chance of such a table is counted, not approximated";
            return comparison::fisher(*first, *second)
                .map(|t| record("Fisher's exact test", why, "odds ratio", t, None));
        }
        let table: Vec<Vec<f64>> = table.into_iter().map(Vec::from).collect();
        let why = "Each row is a yes or a no, so the shares of the groups are compared";
        comparison::chi2_independence(&table).map(|t| record("chi²", why, "chi²", t, None))
    }

    fn test_counts(&self) -> TestOf {
        let Outcome { values, exposure, exposure_label, .. } = self.outcome;
        let Some(found) = comparison::quasi_poisson(values, exposure, self.codes, self.sums.len()) else {
            return TestOf { dispersion: comparison::dispersion_of(values, exposure), ..TestOf::default() };
        };
        let why = format!(
            "Counts of uneven rows: a Poisson model with offset log({exposure_label}), corrected for rows that differ more \
             than chance allows (dispersion {})",
            words::decimals(found.dispersion, 2)
        );
        let dispersion = Some(found.dispersion);
        let record = record("quasi-Poisson F", &why, "F", found.tested, dispersion);
        TestOf { record: Some(record), n_rows: found.n_rows, dispersion, skew: 0.0 }
    }

    fn test_means(&self) -> (Option<TestRecord>, f64) {
        let groups = self.groups.unwrap_or_default().iter().map(Vec::as_slice);
        let groups: Vec<&[f64]> = groups.filter(|g| !g.is_empty()).collect();
        let skew = skew_within(&groups);
        let is_skewed = skew.abs() > MOST_SKEW;
        let found = match (groups.as_slice(), is_skewed) {
            ([a, b], false) => comparison::welch(a, b)
                .map(|t| record("Welch t", "Two groups of a quantity, variances may differ", "t", t, None)),
            ([a, b], true) => comparison::mann_whitney(a, b).map(|t| {
                record("Mann-Whitney U", "Two groups of a skewed quantity: ranks are compared", "U", t, None)
            }),
            (_, false) => comparison::anova(&groups)
                .map(|t| record("ANOVA F", "Several groups of a quantity: means are compared", "F", t, None)),
            (_, true) => comparison::kruskal(&groups).map(|t| {
                let why = "Several groups of a skewed quantity: ranks are compared";
                record("Kruskal-Wallis H", why, "H", t, None)
            }),
        };
        (found, skew)
    }
}

/// Skewness of the values about the mean of their own group: groups that lie apart are not skewed for that.
fn skew_within(groups: &[&[f64]]) -> f64 {
    let n = groups.iter().map(|g| g.len()).sum::<usize>() as f64;
    let power = |times: i32| {
        math::sum(groups.iter().flat_map(|group| {
            let mean = math::sum(group.iter().copied()) / group.len() as f64;
            group.iter().map(move |v| {
                let d = v - mean;
                if times == 2 { d * d } else { d * d * d }
            })
        })) / n
    };
    let (square, cube) = (power(2), power(3));
    if square > 0.0 { cube / (square * square.sqrt()) } else { 0.0 }
}

fn record(name: &str, why: &str, symbol: &str, tested: Tested, dispersion: Option<f64>) -> TestRecord {
    TestRecord {
        name: name.to_owned(),
        why: why.to_owned(),
        symbol: symbol.to_owned(),
        statistic: tested.statistic,
        dof: tested.dof,
        p: tested.p,
        p_holm: None,
        p_bh: None,
        n_tests: None,
        dispersion,
        effect: tested.effect.map(|(name, value)| (name.to_owned(), value)),
    }
}

/// Adjusts the p-values of all comparisons of one outcome for each other, and grades each by what then decides: finding,
/// table and chart take the grade from here.
pub(super) fn judge(all: &mut [Compared]) {
    let p: Vec<f64> = all.iter().map(|c| c.p().unwrap_or(f64::NAN)).collect();
    let n_tests = p.iter().filter(|p| !p.is_nan()).count() as u64;
    let (holm, bh) = (intervals::holm(&p), intervals::benjamini_hochberg(&p));
    for (((compared, p), holm), bh) in all.iter_mut().zip(p).zip(holm).zip(bh) {
        if let Some(test) = &mut compared.rate.test {
            test.p_holm = Some(holm);
            test.p_bh = Some(bh);
            test.n_tests = Some(n_tests);
        }
        compared.rate.grade = grade(p, holm);
        compared.rate.caution = caution(compared);
        let is_other =
            compared.rate.caution.is_none() && compared.rate.test.as_ref().is_some_and(|t| t.p < p);
        compared.rate.remark = is_other.then(|| {
            format!(
                "The adjusted p leaves out groups too small for any claim (without them {}).",
                words::p_value(p)
            )
        });
    }
}

/// Supported: holds after correcting for all comparisons (Holm). Suggestive: only before correcting, or nearly after.
/// Cannot tell: everything else, and what could not be tested (NaN).
fn grade(p: f64, holm: f64) -> Grade {
    if holm < 0.05 {
        Grade::Supported
    } else if p < 0.05 || holm < 0.1 {
        Grade::Suggestive
    } else {
        Grade::CannotTell
    }
}

/// Why a p-value is not given, or does not decide.
fn caution(compared: &Compared) -> Option<String> {
    let rate = &compared.rate;
    if rate.test.is_none() {
        let n_large = rate.levels.iter().filter(|l| !l.too_few && l.rate.is_some()).count();
        return Some(if n_large < 2 {
            format!(
                "Not tested: fewer than two groups have {MIN_N} {} and, at the average rate, 5 results to expect.",
                rate.exposure
            )
        } else {
            "Not tested: the outcome does not vary.".to_owned()
        });
    }
    compared.rests_on_small().then(|| {
        format!(
            "p is not used: it rests on groups too small for any claim. Without them {}.",
            words::p_value(compared.p_without_small.unwrap_or(f64::NAN))
        )
    })
}
