//! Checks of the residuals of held-out rows: each one plain sentence with its record.
//!
//! | check | test | what it would mean |
//! |---|---|---|
//! | even spread | Koenker's form of Breusch and Pagan (1981): n R² of the squared residual on the prediction, chi² with 1 df | plain standard errors are wrong; intervals must widen with the prediction, as those here do |
//! | normal shape | D'Agostino and Pearson's K² (1990): skew and kurtosis, chi² with 2 df | t and p of small tables are rough; intervals here assume no shape |
//! | independence in time | Ljung and Box (1978) over the mean residual of each date, chi² with one df a lag | something that changes with time is missing from the columns |
//!
//! The p of the checks are adjusted by Holm among each other. A check that finds nothing says so.

use super::{Intervals, Miss, Surroundings};
use crate::engine::{
    models::comparison::Prediction,
    numeric::{
        distributions::{chi2_sf, normal_two_sided},
        math,
    },
    order::InOrder,
    statistics::{
        claim::{Claim, Grade, Record, TestRecord},
        intervals::holm,
    },
    words::{self, count, decimals, number, percent, rows_of, share},
};

/// Fewest rows for a check.
const LEAST_ROWS: usize = 20;

/// Rows listed as missed most.
const MISSES: usize = 10;

/// What is checked.
pub struct Checked<'a> {
    /// The target.
    pub target: &'a str,
    /// "linear regression"
    pub title: &'a str,
    /// Held-out predictions.
    pub rows: &'a [Prediction],
    /// Dates.
    pub around: &'a Surroundings,
    /// Coverage of the intervals.
    pub intervals: Option<&'a Intervals>,
    /// Whether the target is 0 or 1: its residuals have the spread of a share, and no shape of their own.
    pub is_yes_no: bool,
}

/// The rows missed most.
pub fn misses(rows: &[Prediction]) -> Vec<Miss> {
    let mut sorted: Vec<&Prediction> = rows.iter().collect();
    let size = |p: &Prediction| (p.actual - p.predicted).abs();
    sorted.order_by(|a, b| size(b).total_cmp(&size(a)).then(a.row.cmp(&b.row)));
    let miss = |p: &&Prediction| Miss { row: p.row, actual: p.actual, predicted: p.predicted };
    sorted.iter().take(MISSES).map(miss).collect()
}

/// Every check that can be made, in the order of the table above, with the coverage first and the largest errors last.
pub fn checks(of: &Checked<'_>) -> Vec<Claim> {
    let mut claims: Vec<Claim> = of.intervals.and_then(|found| coverage(of, found)).into_iter().collect();
    if of.rows.len() >= LEAST_ROWS {
        let mut tested: Vec<Claim> = if of.is_yes_no {
            in_time(of).into_iter().collect()
        } else {
            [even_spread(of), normal_shape(of), in_time(of)].into_iter().flatten().collect()
        };
        adjust(&mut tested);
        claims.extend(tested);
    }
    claims.extend(largest(of));
    claims
}

/// Adjusts the p of the tests and grades by the adjusted one.
fn adjust(claims: &mut [Claim]) {
    let p: Vec<f64> = claims.iter().map(|c| c.record.test.as_ref().map_or(f64::NAN, |t| t.p)).collect();
    let n_tests = claims.len() as u64;
    for (claim, p) in claims.iter_mut().zip(holm(&p)) {
        if let Some(test) = &mut claim.record.test {
            (test.p_holm, test.n_tests) = (Some(p), Some(n_tests));
        }
        claim.grade = if p < 0.05 { Grade::Supported } else { Grade::CannotTell };
    }
}

fn claim(id: &str, topic: &str, sentence: String, of: &Checked<'_>, test: TestRecord) -> Claim {
    Claim {
        id: format!("errors.{id}"),
        topic: topic.to_owned(),
        sentence,
        grade: Grade::CannotTell,
        record: Record {
            estimand: format!("errors of {} in {}", of.title, of.target),
            n: of.rows.len() as u64,
            test: Some(test),
            rows: held_out(of),
            ..Record::default()
        },
    }
}

fn held_out(of: &Checked<'_>) -> String {
    format!("{} with a held-out prediction", rows_of(of.rows.len() as u64))
}

fn tested(name: &str, why: &str, symbol: &str, statistic: f64, dof: f64) -> Option<TestRecord> {
    let p = chi2_sf(statistic, dof);
    (statistic.is_finite() && p.is_finite()).then(|| TestRecord {
        name: name.to_owned(),
        why: why.to_owned(),
        symbol: symbol.to_owned(),
        statistic,
        dof: vec![dof],
        p,
        p_holm: None,
        p_bh: None,
        n_tests: None,
        dispersion: None,
        effect: None,
    })
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let n = values.len().max(1) as f64;
    math::sum(values) / n
}

fn residuals(rows: &[Prediction]) -> Vec<f64> {
    rows.iter().map(|r| r.actual - r.predicted).collect()
}

/// n R² of the squared residual on the prediction.
pub fn koenker(predicted: &[f64], residuals: &[f64]) -> Option<f64> {
    let squares: Vec<f64> = residuals.iter().map(|r| r * r).collect();
    let r = crate::engine::statistics::correlation::pearson(predicted, &squares)?;
    Some(predicted.len() as f64 * r * r)
}

fn even_spread(of: &Checked<'_>) -> Option<Claim> {
    let (predicted, errors): (Vec<f64>, Vec<f64>) =
        of.rows.iter().map(|r| (r.predicted, r.actual - r.predicted)).unzip();
    let statistic = koenker(&predicted, &errors)?;
    let why = "Whether squared errors depend on the prediction, without assuming that errors are normal.";
    let mut test = tested("Koenker (studentised Breusch-Pagan)", why, "LM", statistic, 1.0)?;
    let mut sorted: Vec<(f64, f64)> = predicted.iter().zip(&errors).map(|(p, e)| (*p, e.abs())).collect();
    sorted.order_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let fifth = sorted.len() / 5;
    let low = mean(sorted[..fifth].iter().map(|s| s.1));
    let high = mean(sorted[sorted.len() - fifth..].iter().map(|s| s.1));
    test.effect =
        (low > 0.0).then(|| ("ratio of mean errors, highest to lowest fifth".to_owned(), high / low));
    let sizes = format!(
        "{} on average in the fifth with the highest predictions, {} in the fifth with the lowest",
        number(high),
        number(low)
    );
    let sentence = match (test.p < 0.05, high > low) {
        (true, true) => format!(
            "Errors grow with the prediction: {sizes}. Intervals here widen with it; standard errors that assume an even \
             spread are too sure."
        ),
        (true, false) => format!(
            "Errors are larger where little is predicted: {sizes}. Intervals here follow; standard errors that assume an \
             even spread are not right."
        ),
        (false, _) => format!("No sign that errors grow or shrink with the prediction: {sizes}."),
    };
    Some(claim("spread", "Are errors of even size?", sentence, of, test))
}

/// Skew and excess kurtosis of a sample (population forms), and D'Agostino and Pearson's K².
pub fn k_squared(values: &[f64]) -> Option<(f64, f64, f64)> {
    let n = values.len() as f64;
    if n < LEAST_ROWS as f64 {
        return None;
    }
    let centre = mean(values.iter().copied());
    let moment = |power: fn(f64) -> f64| mean(values.iter().map(|v| power(v - centre)));
    let m2 = moment(|d| d * d);
    if m2 <= 0.0 {
        return None;
    }
    let skew = moment(|d| d * d * d) / (m2 * m2.sqrt());
    let kurtosis = moment(|d| d * d * d * d) / (m2 * m2);
    // D'Agostino (1970): skew.
    let y = skew * ((n + 1.0) * (n + 3.0) / (6.0 * (n - 2.0))).sqrt();
    let beta = 3.0 * (n * n + 27.0 * n - 70.0) * (n + 1.0) * (n + 3.0)
        / ((n - 2.0) * (n + 5.0) * (n + 7.0) * (n + 9.0));
    let w2 = (2.0 * (beta - 1.0)).sqrt() - 1.0;
    let delta = 1.0 / (0.5 * math::ln(w2)).sqrt();
    let alpha = (2.0 / (w2 - 1.0)).sqrt();
    let part = y / alpha;
    let z1 = delta * math::ln(part + (part * part + 1.0).sqrt());
    // Anscombe and Glynn (1983): kurtosis.
    let expected = 3.0 * (n - 1.0) / (n + 1.0);
    let variance = 24.0 * n * (n - 2.0) * (n - 3.0) / ((n + 1.0) * (n + 1.0) * (n + 3.0) * (n + 5.0));
    let x = (kurtosis - expected) / variance.sqrt();
    let root = 6.0 * (n * n - 5.0 * n + 2.0) / ((n + 7.0) * (n + 9.0))
        * (6.0 * (n + 3.0) * (n + 5.0) / (n * (n - 2.0) * (n - 3.0))).sqrt();
    let a = 6.0 + 8.0 / root * (2.0 / root + (1.0 + 4.0 / (root * root)).sqrt());
    let inner = 1.0 + x * (2.0 / (a - 4.0)).sqrt();
    let third = math::pow((1.0 - 2.0 / a) / inner.abs(), 1.0 / 3.0) * inner.signum();
    let z2 = (1.0 - 2.0 / (9.0 * a) - third) / (2.0 / (9.0 * a)).sqrt();
    let k2 = z1 * z1 + z2 * z2;
    k2.is_finite().then_some((skew, kurtosis - 3.0, k2))
}

fn normal_shape(of: &Checked<'_>) -> Option<Claim> {
    let errors = residuals(of.rows);
    let (skew, kurtosis, k2) = k_squared(&errors)?;
    let why = "Whether skew and weight of the tails are those of a normal distribution.";
    let test = tested("D'Agostino-Pearson K²", why, "K²", k2, 2.0)?;
    let centre = mean(errors.iter().copied());
    let sd = mean(errors.iter().map(|e| (e - centre) * (e - centre))).sqrt();
    let n = errors.len() as u64;
    let far = errors.iter().filter(|e| (**e - centre).abs() > 3.0 * sd).count() as u64;
    let usual = n as f64 * normal_two_sided(3.0);
    let tails = format!(
        "{} of {} lie beyond three standard deviations, where a normal shape has {}",
        count(far),
        count(n),
        number(usual)
    );
    let sentence = if test.p < 0.05 {
        let mut how = Vec::new();
        if skew.abs() > 0.5 {
            how.push(format!(
                "stretch far {} (skew {})",
                if skew > 0.0 { "upwards" } else { "downwards" },
                decimals(skew, 1)
            ));
        }
        if kurtosis > 1.0 {
            how.push(format!("have heavy tails (excess kurtosis {})", decimals(kurtosis, 1)));
        } else if kurtosis < -0.5 {
            how.push(format!("have light tails (excess kurtosis {})", decimals(kurtosis, 1)));
        }
        let how = if how.is_empty() { "depart a little from it".to_owned() } else { how.join(" and ") };
        format!("Errors are not normal: they {how}; {tails}. Intervals here assume no shape.")
    } else {
        format!("No sign that errors are other than normal; {tails}.")
    };
    Some(claim("shape", "Are errors normal?", sentence, of, test))
}

/// Ljung and Box's Q over the first lags, and the correlation at lag 1.
pub fn ljung_box(series: &[f64], n_lags: usize) -> Option<(f64, f64)> {
    let n = series.len() as f64;
    let centre = mean(series.iter().copied());
    let d: Vec<f64> = series.iter().map(|v| v - centre).collect();
    let total = math::sum(d.iter().map(|d| d * d));
    if total <= 0.0 || series.len() <= n_lags {
        return None;
    }
    let r = |lag: usize| math::sum(d.iter().zip(&d[lag..]).map(|(a, b)| a * b)) / total;
    let q = n * (n + 2.0) * math::sum((1..=n_lags).map(|lag| r(lag) * r(lag) / (n - lag as f64)));
    Some((q, r(1)))
}

fn in_time(of: &Checked<'_>) -> Option<Claim> {
    if of.around.date_name.is_empty() {
        return None;
    }
    let date = |row: u32| of.around.dates.get(row as usize).copied().unwrap_or(f64::NAN);
    let mut dated: Vec<(f64, u32, f64)> = of
        .rows
        .iter()
        .map(|r| (date(r.row), r.row, r.actual - r.predicted))
        .filter(|d| !d.0.is_nan())
        .collect();
    dated.order_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let series: Vec<f64> =
        dated.chunk_by(|a, b| a.0 == b.0).map(|day| mean(day.iter().map(|d| d.2))).collect();
    if series.len() < LEAST_ROWS {
        return None;
    }
    let n_lags = (series.len() / 5).min(10);
    let (q, first) = ljung_box(&series, n_lags)?;
    let why = format!("Whether mean errors of dates depend on those of up to {n_lags} dates before.");
    let mut test = tested("Ljung-Box", &why, "Q", q, n_lags as f64)?;
    test.effect = Some(("correlation with the date before".to_owned(), first));
    let dates = count(series.len() as u64);
    let name = &of.around.date_name;
    let sentence = if test.p < 0.05 {
        format!(
            "Errors of neighbouring dates are alike (correlation {} with the date before, {dates} dates by {name}): \
             something that changes with time is not among the columns, and folds of shuffled rows score too well.",
            decimals(first, 2)
        )
    } else {
        format!(
            "No sign that errors depend on time (correlation {} with the date before, {dates} dates by {name}).",
            decimals(first, 2)
        )
    };
    Some(claim("time", "Do errors depend on time?", sentence, of, test))
}

fn coverage(of: &Checked<'_>, found: &Intervals) -> Option<Claim> {
    let shown = found.levels.iter().find(|l| l.level == 0.9).or(found.levels.last())?;
    let covered = shown.covered as f64 / shown.n as f64;
    let (low, high) = shown.interval?;
    // Judged by the interval: does it hold what was promised, or more?
    let keeps = high >= shown.level;
    let how = if found.by_fold {
        "each fold tried on intervals made from the others"
    } else {
        "each half of the held-out rows tried on intervals made from the other"
    };
    let sentence = format!(
        "Intervals meant for {} of new rows held {} of {} ({} to {}): {}.",
        percent(shown.level),
        share(shown.covered, shown.n),
        rows_of(shown.n),
        decimals(low * 100.0, 1),
        percent(high),
        if keeps { "they keep what they promise" } else { "they promise more than they keep" }
    );
    let table = std::iter::once(
        ["Meant for", "Held", "95 % interval", "Rows", "Mean width"].map(str::to_owned).to_vec(),
    )
    .chain(found.levels.iter().map(|l| {
        vec![
            percent(l.level),
            share(l.covered, l.n),
            l.interval.map_or_else(|| words::NOTHING.to_owned(), words::percent_interval),
            count(l.n),
            number(l.mean_width),
        ]
    }));
    let mut notes = vec![
        format!("Measured by {how}; the interval of the share is Wilson's."),
        "It holds for new rows that are like these: from the same time, place and way of choosing them."
            .to_owned(),
    ];
    if let Some(floor) = found.floor {
        notes.push(format!("No interval goes below {}, because no row does.", number(floor)));
    }
    Some(Claim {
        id: "errors.coverage".to_owned(),
        topic: "Do prediction intervals keep their promise?".to_owned(),
        sentence,
        grade: if keeps { Grade::Supported } else { Grade::Suggestive },
        record: Record {
            estimand: format!("share of rows within their {} interval", percent(shown.level)),
            estimate: Some(covered * 100.0),
            unit: "%".to_owned(),
            interval: Some((low * 100.0, high * 100.0)),
            level: Some(0.95),
            interval_method: Some("Wilson".to_owned()),
            n: shown.n,
            rows: held_out(of),
            notes,
            table: table.collect(),
            ..Record::default()
        },
    })
}

fn largest(of: &Checked<'_>) -> Option<Claim> {
    let found = misses(of.rows);
    let worst = found.first()?;
    let squares =
        |rows: &mut dyn Iterator<Item = (f64, f64)>| math::sum(rows.map(|(a, p)| (a - p) * (a - p)));
    let all = squares(&mut of.rows.iter().map(|r| (r.actual, r.predicted)));
    let of_worst = squares(&mut found.iter().map(|m| (m.actual, m.predicted)));
    if all <= 0.0 {
        return None;
    }
    let n = found.len() as u64;
    let sentence = format!(
        "Row {} is missed most: {} where {} was predicted. The {n} largest errors make up {} of all squared error.",
        count(u64::from(worst.row) + 1),
        number(worst.actual),
        number(worst.predicted),
        percent(of_worst / all)
    );
    let table = std::iter::once(["File row", "Actual", "Predicted", "Error"].map(str::to_owned).to_vec())
        .chain(found.iter().map(|m| {
            vec![
                count(u64::from(m.row) + 1),
                number(m.actual),
                number(m.predicted),
                number(m.actual - m.predicted),
            ]
        }));
    Some(Claim {
        id: "errors.largest".to_owned(),
        topic: "Which rows are missed most?".to_owned(),
        sentence,
        grade: Grade::Supported,
        record: Record {
            estimand: format!("share of squared error in the {n} rows missed most"),
            estimate: Some(100.0 * of_worst / all),
            unit: "%".to_owned(),
            n: of.rows.len() as u64,
            rows: held_out(of),
            notes: vec!["A description of these rows, not a test.".to_owned()],
            table: table.collect(),
            ..Record::default()
        },
    })
}
