//! The table of a split: prepared on all rows, then for each fold with what its training rows say alone.
//!
//! Used by everything that scores models: the comparison, the ladder, the learning curve.

use super::{
    family::ModelError,
    frame::{Frame, find, target_of},
    outcome::{self, Outcome, TwoValues},
    plan::ModelPlan,
    work::exposure_name,
};
use crate::engine::{
    context::Ctx,
    data::{
        column::{Column, Values},
        table::Table,
    },
    knobs::Settings,
    step::{Informed, LearnFrom},
    words::{count, list, rows_of},
};

/// A table as a recipe makes it.
pub struct Made {
    /// After its last step.
    pub table: Table,
    /// Steps that could not be carried out: title and reason.
    pub failures: Vec<(String, String)>,
    /// Columns that were filled with the help of others.
    pub informed: Vec<Informed>,
}

/// What models are compared on.
pub struct Source<'a> {
    /// The table as the recipe makes it when it learns from the given rows. It is called once for all rows and, when the
    /// recipe learns anything, once more for each fold with the training rows of that fold (a mask over the rows of the file).
    pub prepare: &'a mut dyn FnMut(LearnFrom<'_>) -> Result<Made, ModelError>,
    /// The rows of the file with the target as it was read; without the target, the prepared one is taken.
    pub as_read: &'a Table,
    /// Whether the recipe learns anything.
    pub learns: bool,
}

/// The table prepared on all rows, its target as it was read.
pub(super) struct Ready {
    pub(super) table: Table,
    /// Columns that were filled with the help of others.
    pub(super) informed: Vec<Informed>,
    /// Rows without a target.
    pub(super) n_left_out: u64,
    /// Steps that failed, what steps did to the target, rows left out.
    pub(super) notes: Vec<String>,
    /// The two values of the target where it is predicted as yes or no.
    pub(super) two_values: Option<TwoValues>,
    /// How much the rows of the table count, where they do not all count the same.
    weights: Option<Vec<f64>>,
    failures: Vec<(String, String)>,
    truth: Truth,
}

impl Ready {
    /// What is predicted; the two values are kept where it is a yes or no.
    pub(super) fn decide_outcome(
        &mut self,
        as_read: &Table,
        plan: &ModelPlan,
    ) -> Result<Outcome, ModelError> {
        let is_words = {
            let named = find(as_read, &plan.target).or_else(|_| find(&self.table, &plan.target))?;
            matches!(named.values, Values::Category(_))
        };
        let y = target_of(&self.table, &plan.target)?;
        let (outcome, two_values) = outcome_of(plan, &y, is_words)?;
        self.two_values = two_values;
        Ok(outcome)
    }

    /// All its rows with a target, with their weights.
    pub(super) fn frame(&self, target: &str, features: &[String]) -> Result<Frame, ModelError> {
        let mut frame = Frame::new(&self.table, target, features)?;
        self.two_values.iter().for_each(|two| two.put_into(&mut frame));
        if let Some(weights) = &self.weights {
            let is_known = target_of(&self.table, target)?.into_iter().map(|v| !v.is_nan());
            frame.beside.weights =
                weights.iter().zip(is_known).filter(|(_, k)| *k).map(|(w, _)| *w).collect();
        }
        Ok(frame)
    }

    /// What no and yes are called; empty where a number is predicted.
    pub(super) fn two_words(&self, as_read: &Table, target: &str) -> Result<(String, String), ModelError> {
        let Some(two) = self.two_values else { return Ok(Default::default()) };
        let named = find(as_read, target).or_else(|_| find(&self.table, target))?;
        let words = two.words(named);
        // Cleaning may have made two levels out of more.
        if words.1.is_empty() { Ok(two.words(find(&self.table, target)?)) } else { Ok(words) }
    }
}

impl Source<'_> {
    /// Prepares the table and checks its target, and the weights of its rows.
    pub(super) fn ready(&mut self, plan: &ModelPlan) -> Result<Ready, ModelError> {
        let target = &plan.target;
        let truth = Truth::of(self.as_read, target);
        let made = (self.prepare)(LearnFrom::All)?;
        let mut notes: Vec<String> =
            made.failures.iter().map(|failure| failure_note(failure, "so the table is without it")).collect();
        let (table, altered) = truth.restored(made.table, target)?;
        let (table, weights) = weighed(table, plan, &mut notes)?;
        let y = target_of(&table, target)?;
        let n_left_out = y.iter().filter(|v| v.is_nan()).count() as u64;
        check_target(target, &y)?;
        notes.extend(altered.note(target));
        if n_left_out > 0 {
            notes.push(format!(
                "{} of {} have no {target} and were left out.",
                count(n_left_out),
                rows_of(y.len() as u64),
            ));
        }
        Ok(Ready {
            table,
            informed: made.informed,
            n_left_out,
            notes,
            two_values: None,
            weights,
            failures: made.failures,
            truth,
        })
    }

    /// One frame a fold where the recipe learns anything, prepared with the training rows of that fold (it may lack rows and
    /// columns of `whole`, never hold more); else none, and `whole` serves every fold. `exposures`: columns kept beside.
    pub(super) fn frames(
        &mut self,
        ready: &Ready,
        whole: &Frame,
        n_folds: u32,
        exposed: &[&str],
        notes: &mut Vec<String>,
        ctx: &Ctx<'_>,
    ) -> Result<Vec<Frame>, ModelError> {
        let mut frames = Vec::new();
        if self.learns {
            let ids = self.as_read.row_ids().iter().chain(&whole.row_ids);
            let n_ids = ids.max().map_or(0, |&id| id as usize + 1);
            let features: Vec<String> = whole.features.iter().map(|f| f.name.clone()).collect();
            let mut is_known = vec![false; n_ids];
            whole.row_ids.iter().for_each(|&id| is_known[id as usize] = true);
            for fold in 0..n_folds {
                ctx.tick(u64::from(fold), u64::from(n_folds))?;
                // Rows without a target are neither: they do not serve to learn either.
                let mut is_training = vec![false; n_ids];
                for row in whole.training_rows(fold) {
                    is_training[whole.row_ids[row as usize] as usize] = true;
                }
                let in_fold = (self.prepare)(LearnFrom::Training(&is_training))?;
                let place = place_of(fold, n_folds);
                for failure in in_fold.failures.iter().filter(|f| !ready.failures.contains(f)) {
                    let note = failure_note(failure, &format!("{place}: there the table is without it"));
                    notes.push(note);
                }
                let (table, _) = ready.truth.restored(in_fold.table, &whole.target)?;
                // A row that is not in the split (dropped when all rows are looked at) neither trains nor tests.
                let is_in = |row: u32| is_known.get(table.row_ids()[row as usize] as usize) == Some(&true);
                let rows: Vec<u32> = (0..table.n_rows() as u32).filter(|&r| is_in(r)).collect();
                let table = if rows.len() < table.n_rows() { table.take_rows(&rows) } else { table };
                let mut frame = Frame::new(&table, &whole.target, &features)?;
                ready.two_values.iter().for_each(|two| two.put_into(&mut frame));
                frame.beside.exposures = exposures(&table, &frame.row_ids, exposed)?;
                frame.split_as(whole);
                let lost: Vec<&str> = features
                    .iter()
                    .filter(|name| !frame.features.iter().any(|f| &f.name == *name))
                    .map(String::as_str)
                    .collect();
                if !lost.is_empty() {
                    notes.push(format!("{} cannot be made {place} and is left out there.", list(&lost)));
                }
                frames.push(frame);
            }
        }
        for fold in 0..n_folds {
            let frame = frames.get(fold as usize).unwrap_or(whole);
            let (n_test, n_training) = (frame.test_rows(fold).len(), frame.training_rows(fold).len());
            if n_test == 0 || n_training == 0 {
                let which = if n_test == 0 { "held out" } else { "to train on" };
                let place = place_of(fold, n_folds);
                let reason = format!("after the steps of the recipe no row is left {which} {place}");
                return Err(ModelError::Refused { reason });
            }
            if ready.two_values.is_some() {
                let y = frame.y_of(&frame.training_rows(fold));
                let missing = if y.contains(&1.0) { "a no" } else { "a yes" };
                if !(y.contains(&1.0) && y.contains(&0.0)) {
                    let reason = format!(
                        "none of the rows to train on {} is {missing}: {} has too few of them for this split, so try \
                         fewer folds, or other groups",
                        place_of(fold, n_folds),
                        whole.target
                    );
                    return Err(ModelError::Refused { reason });
                }
            }
        }
        Ok(frames)
    }
}

/// The rows of a table whose weight is known, with their weights.
fn weighed(
    table: Table,
    plan: &ModelPlan,
    notes: &mut Vec<String>,
) -> Result<(Table, Option<Vec<f64>>), ModelError> {
    let Some(name) = &plan.weight else { return Ok((table, None)) };
    let refused = |why: &str| ModelError::NoWeight { name: name.clone(), why: why.to_owned() };
    if *name == plan.target {
        return Err(refused("is what is predicted"));
    }
    let Values::Number(weights) = &find(&table, name)?.values else {
        return Err(refused("holds no numbers"));
    };
    if weights.iter().any(|w| *w < 0.0 || w.is_infinite()) {
        return Err(refused("is below 0 or without bound in some row"));
    }
    if !weights.iter().any(|w| *w > 0.0) {
        return Err(refused("is above 0 in no row, so no row would train"));
    }
    let known: Vec<u32> = (0..weights.len() as u32).filter(|&r| !weights[r as usize].is_nan()).collect();
    let n_zero = weights.iter().filter(|w| **w == 0.0).count() as u64;
    let n_gone = (weights.len() - known.len()) as u64;
    let kept: Vec<f64> = known.iter().map(|&r| weights[r as usize]).collect();
    notes.push(format!(
        "Each training row counts as much as its {name} says. Scores, charts and claims are of held-out rows that all count the same."
    ));
    if n_gone > 0 {
        notes.push(format!("{} without a {name}: left out.", rows_of(n_gone)));
    }
    if n_zero > 0 {
        notes.push(format!(
            "{} with a {name} of 0: held out in their turn, but never trained on.",
            rows_of(n_zero)
        ));
    }
    let table = if n_gone > 0 { table.take_rows(&known) } else { table };
    Ok((table, Some(kept)))
}

/// The settings of a family in a plan, with the exposure that is found for it where it wants one and none is named.
pub(super) fn settings_of(plan: &ModelPlan, family: &str, exposure: Option<&str>) -> Settings {
    let chosen = plan.families.iter().find(|c| c.family == family);
    let mut settings = chosen.map(|c| c.settings.clone()).unwrap_or_default();
    let wants_one = super::family(family).is_ok_and(|f| f.knobs().iter().any(|k| k.slug == "per_exposure"));
    if wants_one && !settings.flag("per_exposure", true) {
        settings.0.remove("exposure");
    } else if wants_one && exposure_name(&settings).is_empty() {
        settings.0.remove("exposure");
        if let Some(name) = exposure {
            settings = settings.with("exposure", name);
        }
    }
    settings
}

/// "in fold 2 of 5", "in the training rows".
pub(super) fn place_of(fold: u32, n_folds: u32) -> String {
    if n_folds == 1 { "in the split".to_owned() } else { format!("in fold {} of {n_folds}", fold + 1) }
}

/// What stands before the reason in the note of a step that failed.
const REASON: &str = " Reason: ";

pub(super) fn failure_note((title, reason): &(String, String), consequence: &str) -> String {
    format!(
        "The step “{title}” cannot be carried out {consequence}.{REASON}{}.",
        reason.trim_end_matches('.')
    )
}

/// A note without the reason why a step failed, which can quote any cell.
pub fn without_reason(note: &str) -> &str {
    note.split_once(REASON).map_or(note, |(said, _)| said)
}

/// The target as it was read, by row of the file.
struct Truth(Option<Vec<f64>>);

/// What steps did to the target.
struct Altered {
    n_filled: u64,
    n_changed: u64,
}

impl Truth {
    fn of(as_read: &Table, target: &str) -> Self {
        let Ok(values) = target_of(as_read, target) else { return Self(None) };
        let n = as_read.row_ids().iter().max().map_or(0, |&id| id as usize + 1);
        let mut by_id = vec![f64::NAN; n];
        for (&id, value) in as_read.row_ids().iter().zip(values) {
            by_id[id as usize] = value;
        }
        Self(Some(by_id))
    }

    /// The table with this target in place of what steps made of it.
    fn restored(&self, mut table: Table, target: &str) -> Result<(Table, Altered), ModelError> {
        let mut altered = Altered { n_filled: 0, n_changed: 0 };
        let made = target_of(&table, target)?;
        let Some(by_id) = &self.0 else { return Ok((table, altered)) };
        let read: Vec<f64> =
            table.row_ids().iter().map(|&id| by_id.get(id as usize).copied().unwrap_or(f64::NAN)).collect();
        let mut differs = false;
        for (made, read) in made.iter().zip(&read) {
            match (made.is_nan(), read.is_nan()) {
                (false, true) => altered.n_filled += 1,
                (false, false) if made != read => altered.n_changed += 1,
                (true, false) => {}
                _ => continue,
            }
            differs = true;
        }
        if differs {
            let column = Column { values: Values::Number(read), ..find(&table, target)?.clone() };
            table.put(column).map_err(|_| ModelError::NoSuchColumn { name: target.to_owned() })?;
        }
        Ok((table, altered))
    }
}

impl Altered {
    fn note(&self, target: &str) -> Option<String> {
        let what = match (self.n_changed, self.n_filled) {
            (0, 0) => return None,
            (n, 0) => format!("changed it in {}", rows_of(n)),
            (0, n) => format!("filled it in {}, which are left out", rows_of(n)),
            (n, filled) => {
                format!(
                    "changed it in {} and filled it in {}, which are left out",
                    rows_of(n),
                    rows_of(filled)
                )
            }
        };
        Some(format!(
            "{target} is predicted as it was read: steps of the recipe {what}. What models are scored against must not \
             depend on the cleaning."
        ))
    }
}

/// Columns of a table by name, for the rows of a frame.
pub(super) fn exposures(
    table: &Table,
    row_ids: &[u32],
    wanted: &[&str],
) -> Result<Vec<(String, Vec<f64>)>, ModelError> {
    let mut out: Vec<(String, Vec<f64>)> = Vec::new();
    for &name in wanted {
        if name.is_empty() || out.iter().any(|(n, _)| n == name) {
            continue;
        }
        let values = target_of(table, name).map_err(|e| match e {
            ModelError::TargetNotNumeric { name } => {
                ModelError::Refused { reason: format!("the exposure “{name}” holds no numbers") }
            }
            other => other,
        })?;
        let n = table.row_ids().iter().max().map_or(0, |&id| id as usize + 1);
        let mut by_id = vec![f64::NAN; n];
        table.row_ids().iter().zip(values).for_each(|(&id, v)| by_id[id as usize] = v);
        let of_rows = row_ids.iter().map(|&id| by_id.get(id as usize).copied().unwrap_or(f64::NAN)).collect();
        out.push((name.to_owned(), of_rows));
    }
    Ok(out)
}

fn check_target(name: &str, y: &[f64]) -> Result<(), ModelError> {
    let mut known = y.iter().copied().filter(|v| !v.is_nan());
    let Some(first) = known.next() else {
        return Err(ModelError::TooFewRows { needed: 2, got: 0 });
    };
    let mut n = 1;
    let mut differs = false;
    for value in known {
        n += 1;
        differs |= value != first;
    }
    if n < 2 {
        Err(ModelError::TooFewRows { needed: 2, got: n })
    } else if differs {
        Ok(())
    } else {
        Err(ModelError::ConstantTarget { name: name.to_owned(), value: first })
    }
}

/// What is predicted, and the two values of a yes/no.
fn outcome_of(
    plan: &ModelPlan,
    y: &[f64],
    is_words: bool,
) -> Result<(Outcome, Option<TwoValues>), ModelError> {
    let guessed = || if is_words { Outcome::YesNo } else { outcome::guessed(y, &plan.families) };
    let outcome = plan.outcome.unwrap_or_else(guessed);
    match (outcome, TwoValues::of(y)) {
        (Outcome::Amount, _) if is_words => Err(ModelError::TargetNotNumeric { name: plan.target.clone() }),
        (Outcome::Amount, _) => Ok((outcome, None)),
        (Outcome::YesNo, Some(two)) => Ok((outcome, Some(two))),
        (Outcome::YesNo, None) => Err(ModelError::Refused {
            reason: format!(
                "{} has more than two values, so it cannot be predicted as yes or no: predict it as a number, or make a \
                 yes/no column of it first, such as {} > 0",
                plan.target, plan.target
            ),
        }),
    }
}
