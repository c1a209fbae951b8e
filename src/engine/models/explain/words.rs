//! What drives the result, in plain words: each sentence from a figure that was computed.

use super::Explanation;
use crate::engine::{
    models::{
        comparison::{FamilyResult, Importance},
        outcome::{Outcome, Score},
    },
    words::{decimals, in_sentence, list, number, opening, percent},
};

/// Columns named as carrying the prediction, at most.
const MOST_NAMED: usize = 3;

/// One sentence each. `result`: the scores of the family on held-out rows.
pub fn words(found: &Explanation, result: &FamilyResult, outcome: Outcome) -> Vec<String> {
    let mut out = vec![fit(found, result, outcome)];
    let carrying = carrying(&found.importance);
    if carrying.is_empty() {
        out.push(match found.importance.is_empty() {
            true => "No column changes the prediction.".to_owned(),
            false => "No single column carries the prediction: shuffling any one of them costs less than chance moves."
                .to_owned(),
        });
    } else {
        out.push(carry(&carrying, &found.importance, outcome.importance()));
    }
    for important in carrying.iter().take(2) {
        // Of columns that move together the one that moves the prediction most speaks for all.
        let names: Vec<&str> = important.feature.split(" + ").collect();
        let curve = found.dependence.iter().find(|d| names.contains(&d.column.as_str()));
        out.extend(curve.map(|d| d.sentence.clone()));
        if let Some(caution) = curve.and_then(|d| d.caution.clone()) {
            out.push(caution);
        }
    }
    if let Some(shown) = found.intervals.as_ref().and_then(|i| i.levels.iter().find(|l| l.level == 0.9)) {
        out.push(format!(
            "Nine in ten new rows should lie within the interval given with each prediction, {} wide on average; {} of {} \
             rows not used to make it did.",
            number(shown.mean_width),
            percent(shown.covered as f64 / shown.n as f64),
            crate::engine::words::count(shown.n)
        ));
    }
    out.push(format!(
        "This says what the model uses, not what would happen to {} if somebody changed it: a column can stand for something \
         that is not in the table.",
        found.target
    ));
    out
}

fn fit(found: &Explanation, result: &FamilyResult, outcome: Outcome) -> String {
    let title = crate::engine::words::capitalised(&in_sentence(&found.title));
    if outcome == Outcome::YesNo {
        return match Score::Auc.of(&result.mean) {
            Some(auc) => format!(
                "{title} ranks a yes of {} above a no {} of the time in rows it has not seen (AUC {}).",
                found.target,
                percent(auc),
                decimals(auc, 3)
            ),
            None => format!("{title} says how likely {} is.", found.target),
        };
    }
    match result.mean.r2 {
        Some(r2) if r2 > 0.0 => {
            format!(
                "{title} explains {} of the spread of {} in rows it has not seen.",
                percent(r2),
                found.target
            )
        }
        Some(_) => format!(
            "{title} explains nothing of the spread of {} in rows it has not seen: what follows tells of the model, not of {}.",
            found.target, found.target
        ),
        None => format!("{title} predicts {}.", found.target),
    }
}

/// Columns whose shuffling costs more than its own spread, and at least a quarter of what the first costs.
fn carrying(importance: &[Importance]) -> Vec<&Importance> {
    let most = importance.first().map_or(0.0, |i| i.mean);
    let counts = |i: &&Importance| i.mean > 0.0 && i.mean > i.sd && i.mean >= 0.25 * most;
    importance.iter().filter(counts).take(MOST_NAMED).collect()
}

/// "Spent and Impressions carry the prediction: with their values shuffled, one at a time, R² falls by 0.31 and 0.12."
fn carry(carrying: &[&Importance], all: &[Importance], score: Score) -> String {
    let digits = if score == Score::R2 { 2 } else { 3 };
    let (name, moves) = (score.in_sentence(), if score.is_better_larger() { "falls" } else { "rises" });
    let figure = |v: f64| decimals(v, digits);
    let names: Vec<String> = carrying.iter().map(|i| together(i, carrying.len() > 1)).collect();
    let mut sentence = if let [only] = carrying {
        let (verb, their) =
            if is_group(only) { (", which move together, carry", "their") } else { (" carries", "its") };
        format!(
            "{}{verb} the prediction: with {their} values shuffled {name} {moves} by {} ± {}.",
            list(&names),
            figure(only.mean),
            figure(only.sd)
        )
    } else {
        let drops: Vec<String> = carrying.iter().map(|i| figure(i.mean)).collect();
        format!(
            "{} carry the prediction: with their values shuffled, one at a time, {name} {moves} by {}.",
            list(&names),
            list(&drops)
        )
    };
    sentence = begun(&sentence, carrying);
    if let Some(next) = all.iter().find(|i| !carrying.iter().any(|c| c.feature == i.feature)) {
        let rest = if next.mean < 0.02 * all.first().map_or(0.0, |i| i.mean) {
            " No other column comes near.".to_owned()
        } else {
            format!(" Next comes {} with {}.", together(next, true), figure(next.mean))
        };
        sentence += &rest;
    }
    sentence
}

fn is_group(important: &Importance) -> bool {
    important.feature.contains(" + ")
}

/// "Spent", "Clicks and Spent (together)"
fn together(important: &Importance, is_marked: bool) -> String {
    let names: Vec<&str> = important.feature.split(" + ").collect();
    if is_group(important) && is_marked { format!("{} (together)", list(&names)) } else { list(&names) }
}

/// The first name in quotes where it would begin the sentence in lower case.
fn begun(sentence: &str, carrying: &[&Importance]) -> String {
    let first = carrying.first().and_then(|i| i.feature.split(" + ").next()).unwrap_or_default();
    match sentence.strip_prefix(first) {
        Some(rest) => format!("{}{rest}", opening(first)),
        None => sentence.to_owned(),
    }
}

/// Why there are no intervals of rows for a target of 0 and 1.
pub const YES_NO: &str = "The target is yes or no, so that a prediction is a probability. How far to trust it shows in the rows that were \
                          held out: what became of those predicted alike stands beside each answer of the what-if.";

/// Why there are no intervals for few rows.
pub const TOO_FEW: &str =
    "Too few rows have a held-out prediction to say how wide an interval must be: 40 are needed.";
