//! The section on the model comparison.

use super::blocks::{details, notes, paragraph, section, several, table};
use crate::engine::{
    models::{
        self,
        coefficients::CoefficientTable,
        comparison::{Comparison, FamilyResult, PairTest, Scores},
        outcome::{Outcome, Score},
        plan::{Standing, weight_words},
        tune::{Tried, Tuning},
        verdict::in_sentence,
    },
    pipeline::differences,
    report::{
        build::{Findings, honesty},
        document::{Block, Section},
    },
    words::{
        self, NOTHING, alike, column_digits, count, counted, decimals, interval_of, number, optional, p_cell,
        percent, rows_of, share,
    },
};

/// Candidates of a search that are shown.
const CANDIDATES: usize = 5;

pub(super) fn models(comparison: &Comparison, findings: &Findings) -> Section {
    let mut blocks =
        vec![paragraph(comparison.verdict.sentence.clone()), paragraph(how_compared(comparison))];
    blocks.extend(findings.ladder.iter().map(|l| paragraph(l.sentence.clone())));
    blocks.extend(findings.learning_curve.iter().map(|c| paragraph(c.sentence.clone())));
    blocks.extend(comparison.claims.iter().cloned().map(|c| Block::Claim(Box::new(c))));
    blocks.push(scores(comparison));
    blocks.extend(folds(comparison));
    blocks.extend(pairs(comparison));
    blocks.extend(findings.tuning.as_ref().map(searched));
    blocks.extend(findings.ladder.as_ref().map(honesty::ladder));
    blocks.extend(findings.learning_curve.as_ref().and_then(honesty::learning_curve));
    probabilities(&mut blocks, comparison);
    blocks.extend(importance(comparison));
    blocks.extend(findings.explanation.iter().flat_map(super::explanation::explanation));
    blocks.extend(standings(comparison));
    blocks.extend(facts(comparison));
    blocks.extend(coefficients(comparison));
    notes(&mut blocks, "What to know about these models", &comparison.notes);
    let asked = findings
        .ladder
        .iter()
        .flat_map(|l| &l.notes)
        .chain(findings.learning_curve.iter().flat_map(|c| &c.notes));
    let more: Vec<String> = asked.filter(|n| !comparison.notes.contains(n)).cloned().collect();
    notes(&mut blocks, "What to know about the ladder and the learning curve", &more);
    section("models", "Models", blocks)
}

fn how_compared(comparison: &Comparison) -> String {
    let validation = comparison.plan.validation.described();
    let weighed = match &comparison.plan.weight {
        Some(_) => format!("{} in training, ", weight_words(&comparison.plan)),
        None => String::new(),
    };
    let left_out = match comparison.n_left_out {
        0 => String::new(),
        n => format!(
            " {}",
            counted(n, "row has no target and was left out.", "rows have no target and were left out.")
        ),
    };
    format!(
        "Target {}, predicted as {}, {}, {validation}, {weighed}seed {}.{left_out} Scores are of rows a model has not seen; what is estimated for a model (filling, scaling, encoding) was learnt on its training rows only.",
        comparison.plan.target,
        match comparison.outcome() {
            Outcome::Amount => "a number",
            Outcome::YesNo => "yes or no",
        },
        rows_of(comparison.n_rows),
        comparison.plan.seed
    )
}

/// One row a model. The figures of a column have equal decimals, so that they can be compared by eye.
fn scores(comparison: &Comparison) -> Block {
    let column = |mean: ScoreOf<'_>, sd: ScoreOf<'_>| {
        let pair = |r: &FamilyResult| match (&r.error, r.folds.len()) {
            (Some(_), _) => (None, None),
            (None, n) => (mean(r), sd(r).filter(|_| n > 1)),
        };
        with_spread(&comparison.results.iter().map(pair).collect::<Vec<_>>())
    };
    let outcome = comparison.outcome();
    let mut columns: Vec<Vec<String>> =
        outcome.scores().iter().map(|&s| column(&|r| s.of(&r.mean), &|r| s.of(&r.sd))).collect();
    let mut header: Vec<String> = std::iter::once("Model")
        .chain(outcome.scores().iter().map(|s| s.label()))
        .map(str::to_owned)
        .collect();
    // With one split the held-out predictions together are those of the split.
    if comparison.n_folds > 1 {
        // Probabilities of models of different folds cannot be ranked against each other.
        for score in outcome.drawn().iter().filter(|s| !matches!(s, Score::Auc | Score::AveragePrecision)) {
            columns.push(column(&|r| score.of(&r.pooled), &|_| None));
            header.push(format!("{}, pooled", score.label()));
        }
    }
    let rows = comparison.results.iter().enumerate().map(|(i, r)| {
        let mut cells = vec![standing_of(comparison, r)];
        match &r.error {
            Some(error) => {
                cells.push(error.clone());
                cells.resize(columns.len() + 1, String::new());
            }
            None => cells.extend(columns.iter().map(|c| c.get(i).cloned().unwrap_or_default())),
        }
        cells
    });
    let caption = if comparison.n_folds < 2 {
        "On the held-out rows of one split"
    } else {
        "Mean ± standard deviation over the folds; pooled: all held-out predictions together"
    };
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    table(caption, &header, rows.collect())
}

/// A figure of a family.
type ScoreOf<'a> = &'a dyn Fn(&FamilyResult) -> Option<f64>;

/// "Linear regression (chosen)"
fn standing_of(comparison: &Comparison, result: &FamilyResult) -> String {
    if result.error.is_none() && result.family == comparison.verdict.winner {
        format!("{} (chosen)", result.title)
    } else if result.error.is_none() && comparison.verdict.tied_with.contains(&result.family) {
        format!("{} (tie)", result.title)
    } else {
        result.title.clone()
    }
}

fn folds(comparison: &Comparison) -> Option<Block> {
    if comparison.n_folds < 2 {
        return None;
    }
    let mut rows = Vec::new();
    let shown = comparison.outcome().scores();
    let text = |score: Score, of: &Scores| match (score.of(of), score.digits()) {
        (Some(value), Some(digits)) if score != Score::R2 => decimals(value, digits),
        (value, _) => optional(value),
    };
    for r in comparison.results.iter().filter(|r| r.error.is_none()) {
        for (i, s) in r.folds.iter().enumerate() {
            let mut row = vec![r.title.clone(), count(i as u64 + 1), count(s.n)];
            row.extend(shown.iter().map(|&score| text(score, s)));
            rows.push(row);
        }
    }
    let mut header = vec!["Model", "Fold", "Held-out rows"];
    header.extend(shown.iter().map(|s| s.label()));
    folded(!rows.is_empty(), "Every fold", || table("Scores fold by fold", &header, rows))
}

fn pairs(comparison: &Comparison) -> Option<Block> {
    let p_of = |p: Option<f64>| p.map_or_else(|| NOTHING.to_owned(), p_cell);
    let ends = |p: &PairTest| p.interval.map_or([p.difference; 2], |(low, high)| [low, high]);
    let digits = column_digits(comparison.pairs.iter().flat_map(ends));
    let digits = |v: f64| decimals(v, digits);
    let rows = || {
        comparison.pairs.iter().map(|p| {
            vec![
                comparison.title_of(&p.better).to_owned(),
                comparison.title_of(&p.worse).to_owned(),
                digits(p.difference),
                p.interval.map_or_else(|| NOTHING.to_owned(), |i| interval_of(i, digits)),
                optional(p.t),
                p_of(p.p),
                p_of(p.p_holm),
            ]
        })
    };
    let difference = format!("Difference in {}", comparison.outcome().loss().in_sentence());
    let header = ["Better", "Worse", &difference, "95 % interval", "t", "p", "p, adjusted (Holm)"];
    let caption = if comparison.n_folds < 2 {
        match comparison.outcome() {
            Outcome::Amount => "Paired over the held-out rows: the ratio of squared errors, jackknife",
            Outcome::YesNo => "Paired over the held-out rows: the ratio of log losses, jackknife",
        }
    } else {
        "Paired over the folds: corrected resampled t (Nadeau and Bengio)"
    };
    folded(!comparison.pairs.is_empty(), "Are the differences more than noise?", || {
        table(caption, &header, rows().collect())
    })
}

/// The best few candidates of a search, and the settings it began with.
fn searched(tuning: &Tuning) -> Block {
    let measure = &tuning.measure;
    let scored: Vec<&Tried> = tuning.tried.iter().filter(|t| t.score.is_some()).collect();
    let is_shown = |(place, tried): &(usize, &&Tried)| *place < CANDIDATES || tried.number == 0;
    let shown: Vec<&Tried> = scored.iter().enumerate().filter(is_shown).map(|(_, tried)| *tried).collect();
    let losses: Vec<_> =
        shown.iter().map(|t| (t.score.map(|s| s.loss), t.score.and_then(|s| s.spread))).collect();
    let knobs = models::family(&tuning.plan.family).map_or_else(|_| Vec::new(), |f| f.knobs());
    let settings = |tried: &Tried| {
        let text = |(slug, label): &(String, String)| {
            let knob = knobs.iter().find(|k| k.slug == *slug)?;
            let value = tried.settings.get(slug).unwrap_or(&knob.default);
            Some(format!("{} {}", words::in_sentence(label), differences::show(value)))
        };
        tuning.searched.iter().filter_map(text).collect::<Vec<_>>().join(", ")
    };
    let rows = shown.iter().zip(with_spread(&losses)).map(|(tried, loss)| {
        let name = match tried.number {
            0 => "The settings before".to_owned(),
            n => format!("Candidate {}", n + 1),
        };
        vec![
            name,
            loss,
            optional(tried.score.and_then(|s| s.explained)),
            percent(tried.share),
            settings(tried),
        ]
    });
    table(
        &format!(
            "The best of {} for {}: on parts of the rows the search was made on, ± standard deviation over the parts",
            counted(tuning.tried.len() as u64, "candidate", "candidates"),
            words::in_sentence(&tuning.title)
        ),
        &["Candidate", &words::capitalised(&measure.loss), &measure.explained, "Training rows", "Settings"],
        rows.collect(),
    )
}

fn importance(comparison: &Comparison) -> Option<Block> {
    if comparison.importance.is_empty() {
        return None;
    }
    let drops: Vec<_> = comparison.importance.iter().map(|i| (Some(i.mean), Some(i.sd))).collect();
    let rows = comparison
        .importance
        .iter()
        .zip(with_spread(&drops))
        .map(|(importance, drop)| vec![importance.feature.clone(), drop]);
    let worse = comparison.outcome().importance().worsening_words();
    Some(table(
        &format!(
            "What {} uses: {} when a column is shuffled in held-out rows",
            in_sentence(comparison.title_of(&comparison.verdict.winner)),
            words::in_sentence(&worse)
        ),
        &["Column", &worse],
        rows.collect(),
    ))
}

/// What the chosen model's held-out probabilities say.
fn probabilities(blocks: &mut Vec<Block>, comparison: &Comparison) {
    let Some(found) = &comparison.yes_no else { return };
    let Some(of) = found.families.iter().find(|f| f.family == comparison.verdict.winner) else { return };
    let name = in_sentence(comparison.title_of(&of.family));
    let cell = |v: Option<f64>| v.map_or_else(|| NOTHING.to_owned(), percent);
    blocks.push(Block::Heading("Can the probabilities be taken at their word?".to_owned()));
    let mut facts = vec![
        (
            "Yes".to_owned(),
            format!("{} = {}, {}", comparison.plan.target, found.yes, share(found.n_yes, found.n)),
        ),
        ("Mean probability, share of yes".to_owned(), {
            format!("{}, {}", percent(of.calibration.predicted), percent(of.calibration.observed))
        }),
        ("Mean gap (expected calibration error)".to_owned(), percent(of.calibration.gap)),
    ];
    if let Some((slope, interval)) = of.calibration.slope {
        let slope = format!("{} ({}, 95 %)", decimals(slope, 2), interval_of(interval, |v| decimals(v, 2)));
        facts.push(("Calibration slope (1 is right)".to_owned(), slope));
    }
    if let Some((auc, interval)) = of.auc {
        let auc = format!("{} ({}, 95 %)", decimals(auc, 3), interval_of(interval, |v| decimals(v, 3)));
        facts.push(("AUC of all held-out rows".to_owned(), auc));
    }
    blocks.push(Block::Facts(facts));
    let bins = of.calibration.bins.iter().map(|b| {
        let (low, high) = b.interval;
        let interval = interval_of((low, high), percent);
        vec![count(b.n), count(b.n_yes), percent(b.predicted), percent(b.observed), interval]
    });
    let header = ["Rows", "Yes", "Mean probability", "Share of yes", "95 % interval"];
    blocks.push(table(&format!("Calibration of {name} on held-out rows"), &header, bins.collect()));
    let gains = of.gains.iter().map(|g| {
        vec![
            format!("{}. tenth", g.tenth),
            count(g.n as u64),
            number(g.n_yes),
            percent(g.rate),
            decimals(g.lift, 2),
            percent(g.found),
            decimals(g.lift_so_far, 2),
        ]
    });
    let header = ["Tenth", "Rows", "Yes", "Share of yes", "Lift", "Of all yes, so far", "Lift, so far"];
    if !of.gains.is_empty() {
        blocks.push(table(
            &format!("Gains and lift of {name}, likeliest rows first"),
            &header,
            gains.collect(),
        ));
    }
    let thresholds = of.thresholds.iter().map(|t| {
        vec![
            percent(t.threshold),
            count(t.n),
            count(t.n_yes),
            cell(t.precision),
            cell(t.recall),
            cell(t.false_alarms),
        ]
    });
    let header = ["Called yes from", "Rows", "Yes among them", "Precision", "Recall", "No taken for yes"];
    blocks.push(details(
        "What each threshold finds",
        vec![table(&format!("Thresholds on the probability of {name}"), &header, thresholds.collect())],
    ));
}

/// Columns that leak, are unusable, or were unblocked.
fn standings(comparison: &Comparison) -> Option<Block> {
    let mut rows = Vec::new();
    for candidate in &comparison.candidates {
        let (what, why) = match &candidate.standing {
            Standing::Used => continue,
            Standing::Leaks { reason } => ("Blocked: would leak the target", reason),
            Standing::Unblocked { reason } => ("Leak, unblocked by you", reason),
            Standing::Doubtful { reason } if comparison.plan.features.contains(&candidate.column) => {
                ("Used: may leak the target", reason)
            }
            Standing::Doubtful { reason } => ("Left out: may leak the target", reason),
            Standing::Unusable { reason } => ("Not usable", reason),
            Standing::Aside { reason } => ("Left out: tells little of new rows", reason),
            Standing::Wanted { reason } => ("Used as you wish: tells little of new rows", reason),
        };
        rows.push(vec![candidate.column.clone(), what.to_owned(), why.clone()]);
    }
    let title = several(
        rows.len() as u64,
        "column that is no ordinary feature",
        "columns that are no ordinary features",
    );
    folded(!rows.is_empty(), &title, || {
        table("Columns that are no ordinary features", &["Column", "Standing", "Why"], rows)
    })
}

fn facts(comparison: &Comparison) -> Option<Block> {
    let rows: Vec<Vec<String>> = comparison
        .results
        .iter()
        .flat_map(|r| r.facts.iter().map(|(name, value)| vec![r.title.clone(), name.clone(), value.clone()]))
        .collect();
    folded(!rows.is_empty(), "The models fitted on all rows", || {
        table("Facts of each model", &["Model", "Fact", "Value"], rows)
    })
}

/// One table a family with coefficients, with what its columns mean.
fn coefficients(comparison: &Comparison) -> Option<Block> {
    let mut blocks = Vec::new();
    for result in &comparison.results {
        let Some(text) = result.coefficients.as_ref().map(CoefficientTable::text) else { continue };
        let heads: Vec<&str> = text.heads.iter().map(|(head, _)| head.as_str()).collect();
        blocks.push(table(
            &format!("{}: what each column adds to the prediction", result.title),
            &heads,
            text.rows,
        ));
        let meanings = text.heads.iter().skip(1).map(|(head, means)| format!("{head}: {means}"));
        blocks.push(paragraph(meanings.collect::<Vec<_>>().join(" ")));
    }
    (!blocks.is_empty()).then(|| details("Coefficients of the models fitted on all rows", blocks))
}

/// A table behind a line, where there is one.
fn folded(is_there: bool, title: &str, table: impl FnOnce() -> Block) -> Option<Block> {
    is_there.then(|| details(title, vec![table()]))
}

/// "0.47 ± 0.05" for each, all with equal decimals.
fn with_spread(pairs: &[(Option<f64>, Option<f64>)]) -> Vec<String> {
    let (means, spreads): (Vec<_>, Vec<_>) = pairs.iter().copied().unzip();
    let texts = alike(&[means, spreads].concat());
    let (means, spreads) = texts.split_at(pairs.len());
    let both = |(mean, spread): (&String, &String)| {
        if spread == NOTHING { mean.clone() } else { format!("{mean} ± {spread}") }
    };
    means.iter().zip(spreads).map(both).collect()
}
