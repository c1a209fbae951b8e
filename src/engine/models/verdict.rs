//! Who won: paired tests over the folds, ties, and the sentences and claims made of them.
//!
//! Folds share training rows, so that a plain paired t test of their differences claims too much. The corrected resampled
//! t test (Nadeau and Bengio 2003) widens the variance of the mean difference by `1/k + n_test/n_train`. A single split
//! has no folds to compare: there the squared errors of the same held-out rows are compared by a paired t test.

use super::{
    comparison::{FamilyResult, PairTest, Scores, Verdict},
    metrics::mean_sd,
};
use crate::engine::{
    numeric::distributions::{t_quantile, t_two_sided},
    statistics::claim::{Claim, Grade, Record, TestRecord},
    words::{self, count, decimals, p_value, rough},
};

/// Below this p two models are told apart.
const LEVEL: f64 = 0.05;

/// Between [`LEVEL`] and this a finding is suggestive.
const SUGGESTIVE: f64 = 0.10;

/// What the tests need to know of the split.
#[derive(Debug, Clone, Copy)]
pub struct Folds {
    /// 1 for a hold-out.
    pub n_folds: u32,
    /// Rows with a known target.
    pub n_rows: u64,
    /// Held-out rows of all folds together.
    pub n_test: u64,
}

impl Folds {
    /// `1/k + n_test/n_train` of one fold.
    fn correction(&self) -> f64 {
        let k = f64::from(self.n_folds);
        let test = self.n_test as f64 / k;
        1.0 / k + test / (self.n_rows as f64 - test)
    }
}

/// A mean over folds with its corrected 95 % interval and test against 0.
#[derive(Debug, Clone, Copy)]
pub struct FoldMean {
    /// Plain mean.
    pub mean: f64,
    /// Corrected 95 % interval; `None` where the values are equal or fewer than two.
    pub interval: Option<(f64, f64)>,
    /// Corrected t.
    pub t: Option<f64>,
    /// Two-sided.
    pub p: Option<f64>,
}

/// Nadeau and Bengio's corrected mean of differences over folds.
pub fn fold_mean(values: &[f64], folds: &Folds) -> FoldMean {
    let (mean, sd) = mean_sd(values);
    let dof = values.len() as f64 - 1.0;
    let error = (sd * sd * folds.correction()).sqrt();
    // Equal in every fold: nothing to tell apart, or nothing to doubt; a t would be 0/0 or infinite.
    if error.is_nan() || error <= 0.0 {
        return FoldMean { mean, interval: None, t: None, p: None };
    }
    let t = mean / error;
    let reach = t_quantile(0.975, dof) * error;
    FoldMean { mean, interval: Some((mean - reach, mean + reach)), t: Some(t), p: Some(t_two_sided(t, dof)) }
}

/// Compares two families; `errors` are the held-out errors of each, row by row.
pub fn pair(a: &FamilyResult, b: &FamilyResult, errors: (&[f64], &[f64]), folds: &Folds) -> PairTest {
    let (better, worse, swapped) = if b.mean.rmse < a.mean.rmse { (b, a, true) } else { (a, b, false) };
    let differences: Vec<f64> = worse.folds.iter().zip(&better.folds).map(|(w, b)| w.rmse - b.rmse).collect();
    let mut found = fold_mean(&differences, folds);
    if folds.n_folds < 2 {
        let (of_better, of_worse) = if swapped { (errors.1, errors.0) } else { errors };
        let squared: Vec<f64> = of_worse.iter().zip(of_better).map(|(w, b)| w * w - b * b).collect();
        let (mean, sd) = mean_sd(&squared);
        let error = sd / (squared.len() as f64).sqrt();
        if error > 0.0 {
            let t = mean / error;
            (found.t, found.p) = (Some(t), Some(t_two_sided(t, squared.len() as f64 - 1.0)));
        }
    }
    PairTest {
        better: better.family.clone(),
        worse: worse.family.clone(),
        difference: found.mean,
        interval: found.interval,
        t: found.t,
        p: found.p,
    }
}

/// Whether a pair is told apart. Without a test (equal differences in every fold) any difference counts.
fn is_apart(pair: &PairTest) -> bool {
    match pair.p {
        Some(p) => p < LEVEL,
        None => pair.difference > 0.0,
    }
}

/// The simplest family that the folds do not tell apart from the best. `results` are those with scores, simplest first.
pub fn verdict(results: &[&FamilyResult], pairs: &[PairTest]) -> Option<Verdict> {
    let best = results.iter().min_by(|a, b| a.mean.rmse.total_cmp(&b.mean.rmse))?;
    let between = |a: &str, b: &str| {
        pairs.iter().find(|p| (p.better == a && p.worse == b) || (p.better == b && p.worse == a))
    };
    let tied: Vec<&&FamilyResult> = results
        .iter()
        .filter(|r| r.family == best.family || between(&best.family, &r.family).is_some_and(|p| !is_apart(p)))
        .collect();
    let winner = tied.first()?;
    let tied_with: Vec<String> =
        tied.iter().filter(|r| r.family != winner.family).map(|r| r.family.clone()).collect();
    let beats_baseline = winner.family != "baseline"
        && between(&winner.family, "baseline").is_some_and(|p| p.better == winner.family && is_apart(p));
    let error = |r: &FamilyResult| rough(r.mean.rmse);
    let lower = |r: &FamilyResult| words::in_sentence(&r.title);
    let sentence = if results.len() == 1 {
        format!("Only {} has scores: its typical error is {}.", lower(winner), error(winner))
    } else if winner.family == "baseline" {
        if tied_with.is_empty() {
            "No model is better than predicting the mean for every row: these columns do not explain the target."
                .to_owned()
        } else {
            format!(
                "No model is reliably better than predicting the mean: {} has the smallest typical error, {} against {}, \
                 but the gap is smaller than its noise.",
                lower(best),
                error(best),
                error(winner)
            )
        }
    } else if tied_with.is_empty() {
        let next = results
            .iter()
            .filter(|r| r.family != winner.family)
            .min_by(|a, b| a.mean.rmse.total_cmp(&b.mean.rmse));
        match next {
            Some(next) => format!(
                "{} predicts best: its typical error is {}, the next best has {} ({}), and the folds agree.",
                winner.title,
                error(winner),
                error(next),
                lower(next)
            ),
            None => format!("{} predicts best.", winner.title),
        }
    } else if tied_with.len() == 1 {
        format!(
            "The gap between the two best models is smaller than its noise: keep the simpler, {}.",
            lower(winner)
        )
    } else {
        format!(
            "The gaps between the {} best models are smaller than their noise: keep the simplest, {}.",
            tied_with.len() + 1,
            lower(winner)
        )
    };
    Some(Verdict { winner: winner.family.clone(), tied_with, beats_baseline, sentence })
}

/// The claims of a comparison: how well the winner predicts, and whether it beats the mean.
pub fn claims(
    target: &str,
    results: &[&FamilyResult],
    pairs: &[PairTest],
    verdict: &Verdict,
    folds: &Folds,
    rows: &str,
) -> Vec<Claim> {
    let Some(winner) = results.iter().find(|r| r.family == verdict.winner) else { return Vec::new() };
    let against = pairs.iter().find(|p| {
        (p.better == winner.family && p.worse == "baseline")
            || (p.worse == winner.family && p.better == "baseline")
    });
    let table = score_table(results);
    let mut out = Vec::new();
    if let (Some(pair), Some(baseline)) = (against, results.iter().find(|r| r.family == "baseline")) {
        let grade = match pair.p {
            Some(p) if pair.better == winner.family && p < LEVEL => Grade::Supported,
            Some(p) if pair.better == winner.family && p < SUGGESTIVE => Grade::Suggestive,
            _ => Grade::CannotTell,
        };
        let sentence = match grade {
            Grade::Supported => format!(
                "{} predicts {target} better than its mean: the typical error falls from {} to {} ({}).",
                winner.title,
                rough(baseline.mean.rmse),
                rough(winner.mean.rmse),
                p_text(pair.p)
            ),
            Grade::Suggestive => format!(
                "{} seems to predict {target} better than its mean: the typical error falls from {} to {} ({}).",
                winner.title,
                rough(baseline.mean.rmse),
                rough(winner.mean.rmse),
                p_text(pair.p)
            ),
            Grade::CannotTell => format!(
                "Whether {} predicts {target} better than its mean cannot be told: the typical error is {} against {} ({}).",
                words::in_sentence(&winner.title),
                rough(winner.mean.rmse),
                rough(baseline.mean.rmse),
                p_text(pair.p)
            ),
        };
        out.push(Claim {
            id: format!("model.{target}.beats_baseline"),
            topic: format!("{target}: a model against the mean"),
            sentence,
            grade,
            record: Record {
                estimand: format!("drop of the root mean squared error of {target} on held-out rows"),
                estimate: Some(baseline.mean.rmse - winner.mean.rmse),
                interval: pair.interval.map(|(low, high)| {
                    if pair.better == winner.family { (low, high) } else { (-high, -low) }
                }),
                level: pair.interval.map(|_| 0.95),
                interval_method: pair.interval.map(|_| METHOD.to_owned()),
                n: folds.n_test,
                test: test_record(pair, folds),
                rows: rows.to_owned(),
                table: table.clone(),
                ..Record::default()
            },
        });
    }
    let r2: Vec<f64> = winner.folds.iter().filter_map(|s| s.r2).collect();
    if let Some(pooled) = winner.pooled.r2 {
        let found = fold_mean(&r2, folds);
        // An interval over folds belongs to the mean over folds, so that is the estimate beside it.
        let (estimate, interval) = match found.interval {
            Some(interval) => (found.mean, Some(interval)),
            None => (pooled, None),
        };
        let grade = match interval {
            Some((low, _)) if low > 0.0 => Grade::Supported,
            Some(_) if estimate > 0.0 => Grade::Suggestive,
            _ => Grade::CannotTell,
        };
        let spread = match interval {
            Some((low, high)) => format!(
                "R² is {} on average over {} folds, between {} and {} with 95 % confidence",
                decimals(estimate, 2),
                folds.n_folds,
                decimals(low, 2),
                decimals(high, 2)
            ),
            None => format!("R² is {} on {} held-out rows", decimals(estimate, 2), count(folds.n_test)),
        };
        out.push(Claim {
            id: format!("model.{target}.r2"),
            topic: format!("{target}: how much is explained"),
            sentence: if winner.family == "baseline" {
                format!("The mean of {target} explains nothing by itself: {spread}.")
            } else {
                format!("{} explains part of {target} in rows it has not seen: {spread}.", winner.title)
            },
            grade: if winner.family == "baseline" { Grade::CannotTell } else { grade },
            record: Record {
                estimand: format!(
                    "R² of {} for {target} on held-out rows",
                    words::in_sentence(&winner.title)
                ),
                estimate: Some(estimate),
                interval,
                level: interval.map(|_| 0.95),
                interval_method: interval.map(|_| METHOD.to_owned()),
                n: folds.n_test,
                rows: rows.to_owned(),
                notes: vec![format!("Over all held-out rows together R² is {}.", decimals(pooled, 3))],
                table,
                ..Record::default()
            },
        });
    }
    out
}

const METHOD: &str = "corrected resampled t over folds (Nadeau and Bengio)";

fn test_record(pair: &PairTest, folds: &Folds) -> Option<TestRecord> {
    let (t, p) = (pair.t?, pair.p?);
    let (name, why, dof) = if folds.n_folds < 2 {
        (
            "paired t of squared errors",
            "Both models predict the same held-out rows, so that their errors are compared row by row.",
            folds.n_test as f64 - 1.0,
        )
    } else {
        (
            "corrected resampled t",
            "Folds share training rows; the correction keeps the test from claiming too much.",
            f64::from(folds.n_folds) - 1.0,
        )
    };
    Some(TestRecord {
        name: name.to_owned(),
        why: why.to_owned(),
        symbol: "t".to_owned(),
        statistic: t,
        dof: vec![dof],
        p,
        p_holm: None,
        p_bh: None,
        n_tests: None,
        dispersion: None,
        effect: None,
    })
}

fn score_table(results: &[&FamilyResult]) -> Vec<Vec<String>> {
    let header = ["Model", "R²", "Spread of R² over folds", "RMSE", "MAE", "R² of all held-out rows"];
    let r2 = |s: &Scores| s.r2.map_or_else(|| "undefined".to_owned(), |v| decimals(v, 3));
    let mut table = vec![header.map(str::to_owned).to_vec()];
    table.extend(results.iter().map(|r| {
        vec![r.title.clone(), r2(&r.mean), r2(&r.sd), rough(r.mean.rmse), rough(r.mean.mae), r2(&r.pooled)]
    }));
    table
}

fn p_text(p: Option<f64>) -> String {
    p.map_or_else(|| "no test possible".to_owned(), p_value)
}
