//! The section on the model comparison.

use super::blocks::{details, notes, paragraph, section, several, table};
use crate::engine::{
    models::{
        coefficients::CoefficientTable,
        comparison::{Comparison, FamilyResult, PairTest},
        plan::{Standing, Validation},
        verdict::in_sentence,
    },
    report::document::{Block, Section},
    words::{
        NOTHING, alike, column_digits, count, counted, decimals, interval_of, number, optional, p_cell,
        percent, rows_of,
    },
};

pub(super) fn models(comparison: &Comparison) -> Section {
    let mut blocks =
        vec![paragraph(comparison.verdict.sentence.clone()), paragraph(how_compared(comparison))];
    blocks.extend(comparison.claims.iter().cloned().map(|c| Block::Claim(Box::new(c))));
    blocks.push(scores(comparison));
    blocks.extend(folds(comparison));
    blocks.extend(pairs(comparison));
    blocks.extend(importance(comparison));
    blocks.extend(standings(comparison));
    blocks.extend(facts(comparison));
    blocks.extend(coefficients(comparison));
    notes(&mut blocks, "What to know about these models", &comparison.notes);
    section("models", "Models", blocks)
}

fn how_compared(comparison: &Comparison) -> String {
    let validation = match &comparison.plan.validation {
        Validation::HoldOut { test_share } => format!("one random split, {} held out", percent(*test_share)),
        Validation::KFold { k } => format!("{k} folds of shuffled rows"),
        Validation::GroupKFold { k, group } => format!("{k} folds that keep rows of one {group} together"),
    };
    let left_out = match comparison.n_left_out {
        0 => String::new(),
        n => format!(
            " {}",
            counted(n, "row has no target and was left out.", "rows have no target and were left out.")
        ),
    };
    format!(
        "Target {}, {}, {validation}, seed {}.{left_out} Scores are of rows a model has not seen; what is estimated for a model (filling, scaling, encoding) was learnt on its training rows only.",
        comparison.plan.target,
        rows_of(comparison.n_rows),
        comparison.plan.seed
    )
}

/// One row a model. The figures of a column have equal decimals, so that they can be compared by eye.
fn scores(comparison: &Comparison) -> Block {
    let column = |mean: fn(&FamilyResult) -> Option<f64>, sd: fn(&FamilyResult) -> Option<f64>| {
        let pair = |r: &FamilyResult| match (&r.error, r.folds.len()) {
            (Some(_), _) => (None, None),
            (None, n) => (mean(r), sd(r).filter(|_| n > 1)),
        };
        with_spread(&comparison.results.iter().map(pair).collect::<Vec<_>>())
    };
    let mut columns = vec![
        column(|r| r.mean.r2, |r| r.sd.r2),
        column(|r| Some(r.mean.rmse), |r| Some(r.sd.rmse)),
        column(|r| Some(r.mean.mae), |r| Some(r.sd.mae)),
        column(|r| Some(r.mean.mse), |r| Some(r.sd.mse)),
        column(|r| r.pooled.r2, |_| None),
        column(|r| Some(r.pooled.rmse), |_| None),
    ];
    // With one split the held-out predictions together are those of the split.
    if comparison.n_folds < 2 {
        columns.truncate(4);
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
    let header = ["Model", "R²", "RMSE", "MAE", "MSE", "R², pooled", "RMSE, pooled"];
    table(caption, header.get(..=columns.len()).unwrap_or(&header), rows.collect())
}

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
    for r in comparison.results.iter().filter(|r| r.error.is_none()) {
        for (i, s) in r.folds.iter().enumerate() {
            rows.push(vec![
                r.title.clone(),
                count(i as u64 + 1),
                count(s.n),
                optional(s.r2),
                number(s.rmse),
                number(s.mae),
                number(s.mse),
            ]);
        }
    }
    let header = ["Model", "Fold", "Held-out rows", "R²", "RMSE", "MAE", "MSE"];
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
    let header = ["Better", "Worse", "Difference in RMSE", "95 % interval", "t", "p", "p, adjusted (Holm)"];
    let caption = if comparison.n_folds < 2 {
        "Paired over the held-out rows: the ratio of squared errors, jackknife"
    } else {
        "Paired over the folds: corrected resampled t (Nadeau and Bengio)"
    };
    folded(!comparison.pairs.is_empty(), "Are the differences more than noise?", || {
        table(caption, &header, rows().collect())
    })
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
    Some(table(
        &format!(
            "What {} uses: drop in R² when a column is shuffled in held-out rows",
            in_sentence(comparison.title_of(&comparison.verdict.winner))
        ),
        &["Column", "Drop in R²"],
        rows.collect(),
    ))
}

/// Columns that leak, are unusable, or were unblocked.
fn standings(comparison: &Comparison) -> Option<Block> {
    let mut rows = Vec::new();
    for candidate in &comparison.candidates {
        let (what, why) = match &candidate.standing {
            Standing::Used => continue,
            Standing::Leaks { reason } if comparison.plan.unblocked.contains(&candidate.column) => {
                ("Leak, unblocked by you", reason)
            }
            Standing::Leaks { reason } => ("Blocked: would leak the target", reason),
            Standing::Unusable { reason } => ("Not usable", reason),
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
