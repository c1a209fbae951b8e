//! What a column was made from or filled by, and its place in the funnel: known from roles and the recipe, not from values.

use super::{Detector, Scene, Sign, Weight};
use crate::engine::{
    data::{column::Column, role::Role},
    models::choices::{OUTCOME, known_at, stage},
};

/// See above.
pub struct Provenance;

impl Detector for Provenance {
    fn look(&self, scene: &Scene<'_>, _: &[Sign]) -> Vec<Sign> {
        let reason = |c: &Column| filled_by_target(c, scene).or_else(|| made_or_late(c, scene.goal));
        let sign =
            |c: &&Column| Some(Sign { column: c.name.clone(), weight: Weight::Blocks, reason: reason(c)? });
        scene.usable.iter().filter_map(sign).collect()
    }
}

/// Why a column gives the target away through its gaps, or through those of what it was computed from.
fn filled_by_target(column: &Column, scene: &Scene<'_>) -> Option<String> {
    let target = &scene.goal.name;
    let is_of = |name: &String| *name == column.name || column.made_from.iter().any(|(n, _)| n == name);
    let found = scene.informed.iter().find(|i| is_of(&i.column) && i.by.iter().any(|b| b == target))?;
    let filled = &found.column;
    let through = if *filled == column.name {
        "Its gaps".to_owned()
    } else {
        format!("It is computed from {filled}, whose gaps")
    };
    Some(format!(
        "{through} were filled by groups of {target}, the target: fill {filled} in another way on the Clean page to use it."
    ))
}

/// Why a column would give the target away by what it was made from or when it is known.
fn made_or_late(column: &Column, goal: &Column) -> Option<String> {
    let base = |c: &Column| -> Vec<String> {
        if c.made_from.is_empty() {
            vec![c.name.clone()]
        } else {
            c.made_from.iter().map(|(name, _)| name.clone()).collect()
        }
    };
    if column.made_from.iter().any(|(name, _)| *name == goal.name) {
        return Some(format!("It is computed from {}, the target itself.", goal.name));
    }
    if goal.made_from.iter().any(|(name, _)| *name == column.name) {
        return Some(format!("{} is computed from it.", goal.name));
    }
    let of_goal = base(goal);
    if let Some(shared) = base(column).into_iter().find(|name| of_goal.contains(name)) {
        return Some(format!("It and {} are both computed from {shared}.", goal.name));
    }
    let goal_stage = stage(goal)?;
    let late = |role: Role| known_at(role).is_some_and(|s| s >= goal_stage);
    if column.made_from.is_empty() && late(column.role) {
        return Some(format!(
            "It is not known before {} is, being counted together with it or after it.",
            goal.name
        ));
    }
    if let Some((source, _)) = column.made_from.iter().find(|(_, role)| late(*role)) {
        return Some(format!("It is computed from {source}, which is not known before {} is.", goal.name));
    }
    (goal_stage >= OUTCOME && column.made_from.is_empty() && names_an_outcome(column))
        .then(|| format!("By its name it is computed from results, which {} is part of.", goal.name))
}

/// A ratio that came with the file says by its name alone what it was made from.
fn names_an_outcome(column: &Column) -> bool {
    const WORDS: [&str; 10] =
        ["conv", "cpa", "cpl", "cvr", "roas", "result", "purchase", "lead", "enquir", "cost per acq"];
    let name = column.name.to_lowercase();
    column.role == Role::Ratio && WORDS.iter().any(|w| name.contains(w))
}
