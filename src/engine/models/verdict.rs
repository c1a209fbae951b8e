//! Who won: paired tests, ties, and the sentences and claims made of them.
//!
//! Folds share training rows, so that a plain paired t test of their differences claims too much. The corrected resampled
//! t test (Nadeau and Bengio 2003) widens the variance of the mean difference by `1/k + n_test/n_train`. Repeated folds are k times as
//! many, each with its own `n_test/n_train` (Bouckaert and Frank 2004); folds of unequal size enter with the mean of their ratios,
//! which is no smaller than the ratio of the means.
//!
//! A single split has no folds to compare; its held-out rows take their place. What is tested there is the logarithm of the
//! ratio of the two mean squared errors, its standard error by the jackknife over rows, in which the two models' losses stay
//! paired (Miller 1968 for variances). For yes/no targets the same is asked of the mean log losses. A t of the plain differences of squared errors asks the same question, but the few
//! rows with a large target make both the difference and its spread, so that a model that leaves a quarter of the error can
//! stay "not significant"; in the ratio they cancel. The jackknife rather than the delta method, because the latter finds
//! differences too easily where errors have long tails.

use super::{
    comparison::{FamilyResult, PairTest, Prediction, Scores, Verdict},
    metrics::{self, mean_sd},
    outcome::{Outcome, Score},
    yes_no,
};
use crate::engine::{
    numeric::{
        distributions::{t_quantile, t_two_sided},
        math,
    },
    statistics::{
        claim::{Claim, Grade, Record, TestRecord},
        intervals::holm,
    },
    words::{self, capitalised, column_digits, count, decimals, p_cell, p_value, rough},
};

/// Below this p two models are told apart.
pub const LEVEL: f64 = 0.05;

/// Between [`LEVEL`] and this a finding is suggestive.
const SUGGESTIVE: f64 = 0.10;

/// The family every other must beat.
const BASELINE: &str = "baseline";

/// What the tests need to know of the split.
#[derive(Debug, Clone, Copy)]
pub struct Folds {
    /// 1 for a hold-out; repetitions counted.
    pub n_folds: u32,
    /// Rows that are held out in some fold.
    pub n_test: u64,
    /// Held-out rows over training rows, mean over the folds.
    pub test_over_train: f64,
    /// What is predicted.
    pub outcome: Outcome,
}

impl Folds {
    /// Whether rows stand in for folds.
    pub fn is_single(&self) -> bool {
        self.n_folds < 2
    }

    /// The error by which a family is judged; without one it is last.
    fn loss(&self, result: &FamilyResult) -> f64 {
        self.outcome.loss().of(&result.mean).unwrap_or(f64::INFINITY)
    }

    /// The same in figures.
    fn loss_text(&self, result: &FamilyResult) -> String {
        match self.outcome.loss().digits() {
            Some(_) => decimals(self.loss(result), 3),
            None => rough(self.loss(result)),
        }
    }

    /// `1/n + n_test/n_train` for `n` folds that have a value.
    fn correction(&self, n: usize) -> f64 {
        1.0 / n as f64 + self.test_over_train
    }
}

/// An estimate with its 95 % interval and test against 0.
#[derive(Debug, Clone, Copy)]
pub struct Tested {
    /// What is estimated.
    pub estimate: f64,
    /// 95 % interval; `None` without spread.
    pub interval: Option<(f64, f64)>,
    /// Estimate over its standard error.
    pub t: Option<f64>,
    /// Two-sided.
    pub p: Option<f64>,
}

impl Tested {
    fn of(estimate: f64, error: f64, dof: f64) -> Self {
        // Without spread there is nothing to tell apart, or nothing to doubt; a t would be 0/0 or infinite.
        if !estimate.is_finite() || error.is_nan() || error <= 0.0 {
            return Self { estimate, interval: None, t: None, p: None };
        }
        let t = estimate / error;
        let reach = t_quantile(0.975, dof) * error;
        let interval = Some((estimate - reach, estimate + reach));
        Self { estimate, interval, t: Some(t), p: Some(t_two_sided(t, dof)) }
    }
}

/// Nadeau and Bengio's corrected mean of differences over folds.
pub fn fold_mean(values: &[f64], folds: &Folds) -> Tested {
    let (mean, sd) = mean_sd(values);
    Tested::of(mean, (sd * sd * folds.correction(values.len())).sqrt(), values.len() as f64 - 1.0)
}

/// `ln(sum of the larger losses / sum of the smaller)` over the same rows, its error by leaving out one row at a time.
pub fn log_ratio(larger: &[f64], smaller: &[f64]) -> Tested {
    let n = larger.len().min(smaller.len()) as f64;
    let (above, below) = (math::sum(larger.iter().copied()), math::sum(smaller.iter().copied()));
    let estimate = math::ln(above / below);
    let without: Vec<f64> =
        larger.iter().zip(smaller).map(|(a, b)| math::ln((above - a) / (below - b))).collect();
    let error = mean_sd(&without).1 * (n - 1.0) / n.sqrt();
    if estimate.is_finite() && n > 1.0 && !error.is_finite() {
        // One row makes the whole difference.
        return Tested { estimate, interval: None, t: Some(0.0), p: Some(1.0) };
    }
    Tested::of(estimate, error, n - 1.0)
}

/// R² on held-out rows with its interval: the error against that of the rows' own mean.
pub fn held_out_r2(rows: &[Prediction]) -> Option<(f64, Option<(f64, f64)>)> {
    let (actual, predicted): (Vec<f64>, Vec<f64>) = rows.iter().map(|p| (p.actual, p.predicted)).unzip();
    let r2 = metrics::scores(&actual, &predicted).r2?;
    let mean = mean_sd(&actual).0;
    let total: Vec<f64> = actual.iter().map(|y| (y - mean) * (y - mean)).collect();
    let left: Vec<f64> = rows.iter().map(|p| (p.actual - p.predicted) * (p.actual - p.predicted)).collect();
    let interval = log_ratio(&total, &left).interval;
    Some((r2, interval.map(|(low, high)| (1.0 - math::exp(-low), 1.0 - math::exp(-high)))))
}

/// Compares two families; `losses` are the held-out losses of each, row by row ([`metrics::loss_of`]).
pub fn pair(a: &FamilyResult, b: &FamilyResult, losses: (&[f64], &[f64]), folds: &Folds) -> PairTest {
    let (better, worse, losses) =
        if folds.loss(b) < folds.loss(a) { (b, a, (losses.1, losses.0)) } else { (a, b, losses) };
    let found = if folds.is_single() {
        let ratio = log_ratio(losses.1, losses.0);
        // In units of the loss, the larger one taken as it is: RMSE, a root, falls by the share 1 - exp(-ratio / 2) of it.
        let root = if folds.outcome == Outcome::Amount { 2.0 } else { 1.0 };
        let fall = |ratio: f64| folds.loss(worse) * (1.0 - math::exp(-ratio / root));
        Tested {
            estimate: folds.loss(worse) - folds.loss(better),
            interval: ratio.interval.map(|(low, high)| (fall(low), fall(high))),
            ..ratio
        }
    } else {
        let score = folds.outcome.loss();
        let differences: Vec<f64> =
            worse.folds.iter().zip(&better.folds).filter_map(|(w, b)| score.worsening(b, w)).collect();
        fold_mean(&differences, folds)
    };
    PairTest {
        better: better.family.clone(),
        worse: worse.family.clone(),
        difference: found.estimate,
        interval: found.interval,
        t: found.t,
        p: found.p,
        p_holm: None,
    }
}

/// Adjusts the p of all pairs. Two questions are asked, and Holm's correction counts the tests of each: which models beat
/// the baseline (one test a model), and which models differ from each other.
pub fn adjust(pairs: &mut [PairTest]) {
    for is_of_baseline in [true, false] {
        let mut asked: Vec<(&mut PairTest, f64)> = pairs
            .iter_mut()
            .filter(|p| (p.better == BASELINE || p.worse == BASELINE) == is_of_baseline)
            .filter_map(|pair| pair.p.map(|p| (pair, p)))
            .collect();
        let adjusted = holm(&asked.iter().map(|(_, p)| *p).collect::<Vec<f64>>());
        for ((pair, _), p) in asked.iter_mut().zip(adjusted) {
            pair.p_holm = Some(p);
        }
    }
}

/// Whether a pair is told apart when a model is chosen: by its own p, since a choice must be made; claims go by the adjusted
/// one. Without a test (equal differences everywhere) any difference counts, unless one row is all there is.
fn is_apart(pair: &PairTest, folds: &Folds) -> bool {
    match pair.p {
        Some(p) => p < LEVEL,
        None => pair.difference > 0.0 && folds.n_test > 1,
    }
}

/// The simplest family that is neither told apart from the best nor clearly worse than another of those. `results` are those
/// with scores, simplest first.
pub fn verdict(results: &[&FamilyResult], pairs: &[PairTest], folds: &Folds) -> Option<Verdict> {
    let best = results.iter().min_by(|a, b| folds.loss(a).total_cmp(&folds.loss(b)))?;
    let beats = |a: &FamilyResult, b: &FamilyResult| {
        pairs.iter().any(|p| p.better == a.family && p.worse == b.family && is_apart(p, folds))
    };
    let near: Vec<&FamilyResult> = results.iter().copied().filter(|r| !beats(best, r)).collect();
    // The best may differ from the baseline by luck alone while a steadier model beats it in earnest.
    let tied: Vec<&FamilyResult> =
        near.iter().copied().filter(|r| !near.iter().any(|other| beats(other, r))).collect();
    let winner = tied.first()?;
    let tied_with: Vec<String> =
        tied.iter().filter(|r| r.family != winner.family).map(|r| r.family.clone()).collect();
    let beats_baseline =
        results.iter().find(|r| r.family == BASELINE).is_some_and(|baseline| beats(winner, baseline));
    let error = |r: &FamilyResult| folds.loss_text(r);
    let (loss, mean) = (folds.outcome.loss_words(), folds.outcome.baseline_words());
    let name = |r: &FamilyResult| in_sentence(&r.title);
    let next = results
        .iter()
        .filter(|r| r.family != winner.family)
        .min_by(|a, b| folds.loss(a).total_cmp(&folds.loss(b)));
    let sentence = match next {
        None => format!("Only {} has scores: its {loss} is {}.", name(winner), error(winner)),
        Some(_) if winner.family == BASELINE && tied_with.is_empty() => {
            format!(
                "No model is better than predicting {mean} for every row: these columns do not explain the target."
            )
        }
        Some(next) if winner.family == BASELINE => format!(
            "No model is reliably better than predicting {mean}: the {loss} of {} is {}, against {}, and the gap is smaller than \
             its noise.",
            name(if best.family == BASELINE { next } else { best }),
            error(if best.family == BASELINE { next } else { best }),
            error(winner)
        ),
        Some(next) if tied_with.is_empty() => format!(
            "{} predicts best: its {loss} is {}, the next best has {} ({}), and the {} agree.",
            capitalised(&name(winner)),
            error(winner),
            error(next),
            name(next),
            if folds.is_single() { "held-out rows" } else { "folds" }
        ),
        Some(_) if tied_with.len() == 1 => format!(
            "The gap between {} is smaller than its noise: keep the simpler, {}.",
            words::list(&tied.iter().map(|r| name(r)).collect::<Vec<_>>()),
            name(winner)
        ),
        Some(_) => format!(
            "The gaps between {} are smaller than their noise: keep the simplest, {}.",
            words::list(&tied.iter().map(|r| name(r)).collect::<Vec<_>>()),
            name(winner)
        ),
    };
    Some(Verdict { winner: winner.family.clone(), tied_with, beats_baseline, sentence })
}

/// A family inside a sentence: "linear regression", "the random forest", "the mean", "the share of yes"; names keep their
/// capitals.
pub fn in_sentence(title: &str) -> String {
    if let Some(what) = title.strip_prefix("Baseline") {
        let of = |o: Outcome| o.baseline_words().trim_start_matches("the ").to_owned();
        let is_yes_no = what.contains(&of(Outcome::YesNo));
        return if is_yes_no { Outcome::YesNo } else { Outcome::Amount }.baseline_words().to_owned();
    }
    let takes_article = ["tree", "forest", "Lasso", "net"].iter().any(|end| title.ends_with(end));
    let article = if takes_article { "the " } else { "" };
    format!("{article}{}", words::in_sentence(title))
}

/// The claims of a comparison: whether the winner (or, where none won, the best) beats the mean, and how well the winner
/// predicts. `held_out` are the winner's predictions.
pub fn claims(
    target: &str,
    results: &[&FamilyResult],
    pairs: &[PairTest],
    verdict: &Verdict,
    held_out: &[Prediction],
    folds: &Folds,
    rows: &str,
) -> Vec<Claim> {
    let Some(winner) = results.iter().find(|r| r.family == verdict.winner) else { return Vec::new() };
    let table = score_table(results, folds);
    let mut out = Vec::new();
    let challenger = if winner.family == BASELINE {
        results.iter().filter(|r| r.family != BASELINE).min_by(|a, b| folds.loss(a).total_cmp(&folds.loss(b)))
    } else {
        Some(winner)
    };
    let baseline = results.iter().find(|r| r.family == BASELINE);
    if let (Some(challenger), Some(baseline)) = (challenger, baseline)
        && let Some(pair) = pairs.iter().find(|p| {
            (p.better == challenger.family && p.worse == BASELINE)
                || (p.worse == challenger.family && p.better == BASELINE)
        })
    {
        out.push(against_baseline(target, challenger, baseline, pair, folds, rows, table.clone()));
    }
    if winner.family != BASELINE {
        out.extend(match folds.outcome {
            Outcome::Amount => {
                let is_surely_better = out.iter().all(|c: &Claim| c.grade == Grade::Supported);
                explained(target, winner, held_out, folds, rows, table, is_surely_better)
            }
            Outcome::YesNo => told_apart(target, winner, held_out, folds, rows, table),
        });
    }
    out
}

fn against_baseline(
    target: &str,
    model: &FamilyResult,
    baseline: &FamilyResult,
    pair: &PairTest,
    folds: &Folds,
    rows: &str,
    table: Vec<Vec<String>>,
) -> Claim {
    let is_better = pair.better == model.family;
    let adjusted = pair.p_holm.or(pair.p);
    // Significant alone, but not after correction: the data lean that way.
    let leans = pair.p.is_some_and(|p| p < LEVEL) || adjusted.is_some_and(|p| p < SUGGESTIVE);
    let grade = match adjusted {
        Some(p) if is_better && p < LEVEL => Grade::Supported,
        _ if is_better && leans => Grade::Suggestive,
        _ => Grade::CannotTell,
    };
    let (name, error, mean_error) =
        (in_sentence(&model.title), folds.loss_text(model), folds.loss_text(baseline));
    let loss = folds.outcome.loss_words();
    let mean = match folds.outcome {
        Outcome::Amount => "its mean",
        Outcome::YesNo => "its share of yes",
    };
    let n_tests = table.len().saturating_sub(2) as u64;
    let p = match (pair.p, pair.p_holm) {
        (Some(p), Some(adjusted)) if n_tests > 1 => {
            format!("{}, {} after correction for {n_tests} models", p_value(p), p_cell(adjusted))
        }
        (Some(p), _) => p_value(p),
        (None, _) => "no test possible".to_owned(),
    };
    let fall = format!("the {loss} falls from {mean_error} to {error} ({p}).");
    let sentence = match grade {
        Grade::Supported => {
            format!("{} predicts {target} better than {mean}: {fall}", capitalised(&name))
        }
        Grade::Suggestive => {
            format!("{} seems to predict {target} better than {mean}: {fall}", capitalised(&name))
        }
        Grade::CannotTell => format!(
            "Whether {name} predicts {target} better than {mean} cannot be told: the {loss} is {error} against \
             {mean_error} ({p})."
        ),
    };
    Claim {
        id: format!("model.{target}.beats_baseline"),
        topic: format!("{target}: a model against {}", folds.outcome.baseline_words()),
        sentence,
        grade,
        record: Record {
            estimand: match folds.outcome {
                Outcome::Amount => {
                    format!("drop of the root mean squared error of {target} on held-out rows")
                }
                Outcome::YesNo => format!("drop of the log loss of {target} on held-out rows"),
            },
            estimate: Some(folds.loss(baseline) - folds.loss(model)),
            interval: pair.interval.map(|(low, high)| if is_better { (low, high) } else { (-high, -low) }),
            level: pair.interval.map(|_| 0.95),
            interval_method: pair.interval.map(|_| method(folds).to_owned()),
            n: folds.n_test,
            test: test_record(pair, folds, n_tests),
            rows: rows.to_owned(),
            notes: if folds.is_single() { vec![ONE_SPLIT.to_owned()] } else { Vec::new() },
            table,
            ..Record::default()
        },
    }
}

fn explained(
    target: &str,
    winner: &FamilyResult,
    held_out: &[Prediction],
    folds: &Folds,
    rows: &str,
    table: Vec<Vec<String>>,
    is_surely_better: bool,
) -> Option<Claim> {
    let pooled = winner.pooled.r2?;
    let (estimate, interval) = if folds.is_single() {
        held_out_r2(held_out).unwrap_or((pooled, None))
    } else {
        let found = fold_mean(&winner.folds.iter().filter_map(|s| s.r2).collect::<Vec<f64>>(), folds);
        // An interval over folds belongs to the mean over folds, so that is the estimate beside it.
        if found.interval.is_some() { (found.estimate, found.interval) } else { (pooled, None) }
    };
    // To explain something is to be better than the mean: no surer than that is.
    let grade = match interval {
        Some((low, _)) if low > 0.0 && is_surely_better => Grade::Supported,
        Some(_) if estimate > 0.0 => Grade::Suggestive,
        _ => Grade::CannotTell,
    };
    let on = if folds.is_single() {
        format!("on {} held-out rows", count(folds.n_test))
    } else {
        format!("on average over {} folds", folds.n_folds)
    };
    let between = interval.map_or_else(String::new, |(low, high)| {
        format!(", between {} and {} with 95 % confidence", decimals(low, 2), decimals(high, 2))
    });
    let spread = format!("R² is {} {on}{between}.", decimals(estimate, 2));
    let name = in_sentence(&winner.title);
    let sentence = match grade {
        Grade::Supported => {
            format!("{} explains part of {target} in rows it has not seen: {spread}", capitalised(&name))
        }
        Grade::Suggestive => {
            format!(
                "{} seems to explain part of {target} in rows it has not seen: {spread}",
                capitalised(&name)
            )
        }
        Grade::CannotTell => {
            format!("Whether {name} explains anything of {target} in new rows cannot be told: {spread}")
        }
    };
    let notes = if folds.is_single() {
        vec![ONE_SPLIT.to_owned()]
    } else {
        vec![format!("Over all held-out rows together R² is {}.", decimals(pooled, 3))]
    };
    Some(Claim {
        id: format!("model.{target}.r2"),
        topic: format!("{target}: how much is explained"),
        sentence,
        grade,
        record: Record {
            estimand: format!("R² of {name} for {target} on held-out rows"),
            estimate: Some(estimate),
            interval,
            level: interval.map(|_| 0.95),
            interval_method: interval.map(|_| method(folds).to_owned()),
            n: folds.n_test,
            rows: rows.to_owned(),
            notes,
            table,
            ..Record::default()
        },
    })
}

/// How well the winner tells yes from no.
fn told_apart(
    target: &str,
    winner: &FamilyResult,
    held_out: &[Prediction],
    folds: &Folds,
    rows: &str,
    table: Vec<Vec<String>>,
) -> Option<Claim> {
    let (pooled, on_rows) = yes_no::scores::auc_interval(held_out)?;
    let over_folds = {
        let of_folds: Vec<f64> = winner.folds.iter().filter_map(|s| Score::Auc.of(s)).collect();
        fold_mean(&of_folds, folds)
    };
    let (estimate, interval, method) = match over_folds.interval.filter(|_| !folds.is_single()) {
        Some((low, high)) => (over_folds.estimate, (low.max(0.0), high.min(1.0)), method(folds)),
        None => (pooled, on_rows, "DeLong over held-out rows, on the scale of log odds"),
    };
    let grade = match interval {
        (low, _) if low > 0.5 => Grade::Supported,
        _ if estimate > 0.5 => Grade::Suggestive,
        _ => Grade::CannotTell,
    };
    let on = if folds.is_single() {
        format!("on {} held-out rows", count(folds.n_test))
    } else {
        format!("on average over {} folds", folds.n_folds)
    };
    let name = in_sentence(&winner.title);
    let figure = format!(
        "AUC is {} {on}, between {} and {} with 95 % confidence (1 is perfect, 0.5 is chance).",
        decimals(estimate, 2),
        decimals(interval.0, 2),
        decimals(interval.1, 2)
    );
    let sentence = match grade {
        Grade::Supported => {
            format!("{} tells yes from no of {target} in rows it has not seen: {figure}", capitalised(&name))
        }
        Grade::Suggestive => format!(
            "{} seems to tell yes from no of {target} in rows it has not seen: {figure}",
            capitalised(&name)
        ),
        Grade::CannotTell => {
            format!("Whether {name} tells yes from no of {target} in new rows cannot be told: {figure}")
        }
    };
    let notes = if folds.is_single() {
        vec![ONE_SPLIT.to_owned()]
    } else {
        vec![format!("Over all held-out rows together AUC is {}.", decimals(pooled, 3))]
    };
    Some(Claim {
        id: format!("model.{target}.auc"),
        topic: format!("{target}: how well yes is told from no"),
        sentence,
        grade,
        record: Record {
            estimand: format!("AUC of {name} for {target} on held-out rows"),
            estimate: Some(estimate),
            interval: Some(interval),
            level: Some(0.95),
            interval_method: Some(method.to_owned()),
            n: folds.n_test,
            rows: rows.to_owned(),
            notes,
            table,
            ..Record::default()
        },
    })
}

const ONE_SPLIT: &str = "One split: this holds for the models as they were trained on its other rows, not for the choice of rows.";

fn method(folds: &Folds) -> &'static str {
    if folds.is_single() {
        match folds.outcome {
            Outcome::Amount => "jackknife over rows of the logarithm of the ratio of squared errors",
            Outcome::YesNo => "jackknife over rows of the logarithm of the ratio of log losses",
        }
    } else {
        "corrected resampled t over folds (Nadeau and Bengio)"
    }
}

fn test_record(pair: &PairTest, folds: &Folds, n_tests: u64) -> Option<TestRecord> {
    let (t, p) = (pair.t?, pair.p?);
    let (name, why, dof) = if folds.is_single() {
        (
            if folds.outcome == Outcome::Amount {
                "paired t of the ratio of errors"
            } else {
                "paired t of the ratio of log losses"
            },
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
        p_holm: pair.p_holm,
        p_bh: None,
        n_tests: pair.p_holm.map(|_| n_tests),
        dispersion: None,
        effect: None,
    })
}

fn score_table(results: &[&FamilyResult], folds: &Folds) -> Vec<Vec<String>> {
    // The record of an amount stays as short as it was: the squared error says nothing that its root does not.
    let shown = folds.outcome.scores().iter().copied().filter(|s| *s != Score::Mse);
    let columns: Vec<(Score, usize)> = shown
        .map(|s| {
            (s, s.digits().unwrap_or_else(|| column_digits(results.iter().filter_map(|r| s.of(&r.mean)))))
        })
        .collect();
    let text = |score: Score, of: &Scores, digits: usize| {
        score.of(of).map_or_else(|| "undefined".to_owned(), |v| decimals(v, digits))
    };
    let heads = std::iter::once("Model").chain(columns.iter().map(|(s, _)| s.label()));
    let mut table: Vec<Vec<String>> = vec![heads.map(str::to_owned).collect()];
    table.extend(results.iter().map(|r| {
        let scores = columns.iter().map(|&(score, digits)| text(score, &r.mean, digits));
        std::iter::once(r.title.clone()).chain(scores).collect()
    }));
    if !folds.is_single() {
        let (score, name) = (folds.outcome.headline(), folds.outcome.headline().label());
        let more = [format!("Spread of {name} over folds"), format!("{name} of all held-out rows")];
        let cells = |r: &FamilyResult| [text(score, &r.sd, 3), text(score, &r.pooled, 3)];
        let cells = std::iter::once(more).chain(results.iter().map(|r| cells(r)));
        table.iter_mut().zip(cells).for_each(|(row, cells)| row.extend(cells));
    }
    table
}
