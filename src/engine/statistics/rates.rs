//! How an outcome differs between groups: shares of people, counts per exposure, or means.

use crate::engine::{
    data::{column::Dictionary, role::Role, table::Table},
    numeric::math,
    words,
};

use super::{
    claim::TestRecord,
    comparison::{self, Tested},
    exploration::{RateBySegment, RateLevel},
    findings::rows_word,
    intervals,
    segment::Grouping,
};

/// Groups below this many people, clicks or rows support no claim.
pub(super) const MIN_N: u64 = 30;
/// Nor do groups in which fewer outcomes than this are to be expected.
const MIN_EXPECTED: f64 = 5.0;

/// What is compared.
pub(super) struct Outcome {
    pub name: String,
    pub role: Role,
    pub kind: OutcomeKind,
    pub values: Vec<f64>,
    /// 1 a row where nothing else divides.
    pub exposure: Vec<f64>,
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

impl Outcome {
    /// The outcome of a plan; `None` when a column is not there or not numeric.
    pub fn of(table: &Table, column: &str, exposure: &str) -> Option<Self> {
        let source = table.column(column).ok()?;
        let values = source.as_numbers()?.into_owned();
        let rows_are = rows_word(table.kind);
        let (exposures, label, kind, per);
        if exposure.is_empty() {
            let is_share = values.iter().all(|v| v.is_nan() || *v == 0.0 || *v == 1.0);
            kind = if is_share { OutcomeKind::Share } else { OutcomeKind::Mean };
            exposures = vec![1.0; values.len()];
            label = rows_are.to_owned();
            per = 1.0;
        } else {
            let divisor = table.column(exposure).ok()?;
            exposures = divisor.as_numbers()?.into_owned();
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

    /// A rate as shown: percent for shares and rates of one, else a number.
    pub fn show(&self, rate: f64) -> String {
        match self.kind {
            OutcomeKind::Mean => words::number(rate),
            _ if self.per != 1.0 || self.exposure_label == "spend" => words::number(rate),
            _ if matches!(self.role, Role::Spend | Role::Value) => words::number(rate),
            _ => words::percent(rate),
        }
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
    /// p of the same test without the groups that are too small; `None` when there are none or no test is left.
    pub p_without_small: Option<f64>,
    /// Rows used by the test.
    pub n_tested: u64,
    /// Outcomes in rows without exposure, which no test per exposure can use.
    pub outside: (u64, f64),
}

/// Levels, intervals and test of one grouping. Adjusted p-values come later, when all groupings are known.
pub(super) fn compare(outcome: &Outcome, grouping: &Grouping) -> Compared {
    let k = grouping.labels.len();
    let mut sums = vec![(0_u64, 0.0, 0.0); k];
    let mut never_above = true;
    let mut outside = (0, 0.0);
    for ((&y, &e), &code) in outcome.values.iter().zip(&outcome.exposure).zip(&grouping.codes) {
        let Some(sum) = sums.get_mut(code as usize) else { continue };
        if y.is_nan() || e.is_nan() || e < 0.0 {
            continue;
        }
        sum.0 += 1;
        sum.1 += y;
        sum.2 += e;
        never_above &= y <= e && y >= 0.0;
        if e == 0.0 && y > 0.0 {
            outside.0 += 1;
            outside.1 += y;
        }
    }
    let total = (math::sum(sums.iter().map(|s| s.1)), math::sum(sums.iter().map(|s| s.2)));
    let overall = total.0 / total.1;
    let too_few = |&(n, _, e): &(u64, f64, f64)| match outcome.kind {
        OutcomeKind::Mean => n < MIN_N,
        OutcomeKind::Share => e < MIN_N as f64 || e * overall.min(1.0 - overall) < MIN_EXPECTED,
        OutcomeKind::Count => e < MIN_N as f64 || e * overall < MIN_EXPECTED,
    };
    let is_small: Vec<bool> = sums.iter().map(too_few).collect();
    let by_group = (outcome.kind == OutcomeKind::Mean).then(|| split(outcome, grouping));
    let (test, n_tested, dispersion) = test(outcome, &grouping.codes, k, &sums, by_group.as_deref());
    let p_without_small = (is_small.contains(&true)).then(|| {
        let codes: Vec<u32> = grouping
            .codes
            .iter()
            .map(|&c| if is_small.get(c as usize).is_none_or(|s| *s) { Dictionary::MISSING } else { c })
            .collect();
        let mut left = sums.clone();
        left.iter_mut().zip(&is_small).filter(|(_, s)| **s).for_each(|(sum, _)| *sum = (0, 0.0, 0.0));
        let groups = by_group.as_ref().map(|g| {
            g.iter().zip(&is_small).map(|(v, s)| if *s { Vec::new() } else { v.clone() }).collect::<Vec<_>>()
        });
        self::test(outcome, &codes, k, &left, groups.as_deref()).0.map(|t| t.p)
    });
    let levels = sums
        .iter()
        .enumerate()
        .filter(|(_, s)| s.0 > 0)
        .map(|(i, &(n_rows, y, e))| {
            let (interval, method) = match outcome.kind {
                OutcomeKind::Share => (intervals::wilson(y, e), "Wilson".to_owned()),
                OutcomeKind::Count if never_above => (intervals::wilson(y, e), "Wilson".to_owned()),
                OutcomeKind::Count => {
                    let phi = dispersion.unwrap_or(1.0);
                    (
                        intervals::rate_interval(y, e, phi),
                        format!("Poisson, widened by the dispersion {}", words::decimals(phi, 2)),
                    )
                }
                OutcomeKind::Mean => {
                    let values = by_group.as_ref().map_or(&[][..], |g| &g[i]);
                    let n = values.len() as f64;
                    let mean = y / n;
                    let std = (math::sum(values.iter().map(|v| (v - mean) * (v - mean))) / (n - 1.0)).sqrt();
                    (intervals::mean_interval(mean, std, n), "Student's t".to_owned())
                }
            };
            let scale = |v: f64| v * outcome.per;
            RateLevel {
                label: grouping.labels[i].clone(),
                n_rows,
                exposure: e,
                outcome: y,
                rate: (e > 0.0).then(|| scale(y / e)),
                interval: interval.map(|(a, b)| (scale(a), scale(b))),
                interval_method: method,
                too_few: is_small[i],
            }
        })
        .collect();
    Compared {
        rate: RateBySegment {
            segment: grouping.name.clone(),
            outcome: outcome.name.clone(),
            exposure: outcome.exposure_label.clone(),
            per: outcome.per,
            levels,
            overall: if total.1 > 0.0 { overall * outcome.per } else { 0.0 },
            test,
            min_n: MIN_N,
        },
        p_without_small: p_without_small.flatten(),
        n_tested,
        outside,
    }
}

fn split(outcome: &Outcome, grouping: &Grouping) -> Vec<Vec<f64>> {
    let mut groups = vec![Vec::new(); grouping.labels.len()];
    for (&y, &code) in outcome.values.iter().zip(&grouping.codes) {
        if let Some(group) = groups.get_mut(code as usize)
            && !y.is_nan()
        {
            group.push(y);
        }
    }
    groups
}

type Sums = (u64, f64, f64);

fn test(
    outcome: &Outcome,
    codes: &[u32],
    k: usize,
    sums: &[Sums],
    groups: Option<&[Vec<f64>]>,
) -> (Option<TestRecord>, u64, Option<f64>) {
    let n: u64 = sums.iter().map(|s| s.0).sum();
    match outcome.kind {
        OutcomeKind::Share => {
            let table: Vec<Vec<f64>> = sums.iter().map(|&(_, y, e)| vec![y, e - y]).collect();
            let why = "Each row is a yes or a no, so the shares of the groups are compared";
            (comparison::chi2_independence(&table).map(|t| record("chi²", why, "chi²", t, None)), n, None)
        }
        OutcomeKind::Count => match comparison::quasi_poisson(&outcome.values, &outcome.exposure, codes, k) {
            Some(found) => {
                let why = format!(
                    "Counts of uneven rows: a Poisson model with offset log({}), corrected for rows that differ more \
                         than chance allows (dispersion {})",
                    outcome.exposure_label,
                    words::decimals(found.dispersion, 2)
                );
                let dispersion = Some(found.dispersion);
                let record = record("quasi-Poisson F", &why, "F", found.tested, dispersion);
                (Some(record), found.n_rows, dispersion)
            }
            None => (None, 0, None),
        },
        OutcomeKind::Mean => {
            let groups: Vec<&[f64]> =
                groups.unwrap_or_default().iter().map(Vec::as_slice).filter(|g| !g.is_empty()).collect();
            let is_skewed = skew(&groups).abs() > 1.0;
            let found = match (groups.as_slice(), is_skewed) {
                ([a, b], false) => comparison::welch(a, b).map(|t| {
                    record("Welch t", "Two groups of a quantity, variances may differ", "t", t, None)
                }),
                ([a, b], true) => comparison::mann_whitney(a, b).map(|t| {
                    record(
                        "Mann-Whitney U",
                        "Two groups of a skewed quantity: ranks are compared",
                        "U",
                        t,
                        None,
                    )
                }),
                (_, false) => comparison::anova(&groups).map(|t| {
                    record("ANOVA F", "Several groups of a quantity: means are compared", "F", t, None)
                }),
                (_, true) => comparison::kruskal(&groups).map(|t| {
                    record(
                        "Kruskal-Wallis H",
                        "Several groups of a skewed quantity: ranks are compared",
                        "H",
                        t,
                        None,
                    )
                }),
            };
            (found, n, None)
        }
    }
}

fn skew(groups: &[&[f64]]) -> f64 {
    let n = groups.iter().map(|g| g.len()).sum::<usize>() as f64;
    let all = || groups.iter().flat_map(|g| g.iter().copied());
    let mean = math::sum(all()) / n;
    let square = math::sum(all().map(|v| (v - mean) * (v - mean))) / n;
    let cube = math::sum(all().map(|v| (v - mean) * (v - mean) * (v - mean))) / n;
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

/// Adjusts the p-values of all comparisons of one outcome for each other.
pub(super) fn adjust(all: &mut [Compared]) {
    let p: Vec<f64> = all.iter().map(|c| c.rate.test.as_ref().map_or(f64::NAN, |t| t.p)).collect();
    let n_tests = p.iter().filter(|p| !p.is_nan()).count() as u64;
    let (holm, bh) = (intervals::holm(&p), intervals::benjamini_hochberg(&p));
    for ((compared, holm), bh) in all.iter_mut().zip(holm).zip(bh) {
        if let Some(test) = &mut compared.rate.test {
            test.p_holm = Some(holm);
            test.p_bh = Some(bh);
            test.n_tests = Some(n_tests);
        }
    }
}
