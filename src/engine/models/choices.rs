//! What can be predicted, from which columns, and how to validate it: proposals with their reasons.
//!
//! A column leaks the target when it is known no earlier than the target. Three signs of that:
//! it stands at the same place of the funnel or later (enquiries, purchases and value become known together, after the ad
//! was paid for, so each leaks the others); it was computed from such a column, or from what the target was computed from;
//! or it is an exact copy of the target on another scale.
//!
//! Categories with up to 50 levels are used whole (the 40 interests of an ads file too): one column a level for linear
//! models, one ordered code for trees (see [`super::design`]).

use super::{
    family::ModelError,
    frame::{find, group_codes, target_of},
    plan::{Candidate, ModelChoices, ModelPlan, Standing, Validation},
};
use crate::engine::{
    data::{
        column::{Column, ColumnType, Values},
        role::Role,
        table::Table,
    },
    step::Informed,
    words::count,
};

/// Most levels of a category that is used as a feature.
const MAX_LEVELS: usize = 50;

/// What can be predicted and with what. `target` as wished, else the best guess.
pub fn choices(
    table: &Table,
    target: Option<&str>,
    unblocked: &[String],
    informed: &[Informed],
    seed: u64,
) -> Result<ModelChoices, ModelError> {
    let mut ranked: Vec<(u32, &Column)> =
        table.columns().iter().filter_map(|c| Some((target_rank(c)?, c.as_ref()))).collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    let targets: Vec<String> = ranked.into_iter().map(|(_, c)| c.name.clone()).collect();
    let target = match target {
        Some(name) => {
            target_of(table, name)?;
            name.to_owned()
        }
        None => targets.first().cloned().ok_or_else(|| ModelError::Refused {
            reason:
                "no column of this table can be predicted: a target holds numbers that differ from row to row"
                    .to_owned(),
        })?,
    };
    let groups = groups(table);
    let (validation, why_validation) = propose_validation(table, &groups);
    Ok(ModelChoices {
        candidates: candidates(table, &target, unblocked, informed)?,
        plan: ModelPlan {
            target: target.clone(),
            features: Vec::new(),
            unblocked: unblocked.to_vec(),
            validation,
            families: Vec::new(),
            seed,
        },
        targets,
        target,
        groups,
        why_validation,
    })
}

/// Where a column stands among the targets, smallest first; `None` when it cannot be one.
fn target_rank(column: &Column) -> Option<u32> {
    if !matches!(column.column_type(), ColumnType::Number | ColumnType::Boolean) || column.is_constant() {
        return None;
    }
    let is_total_spend =
        !column.made_from.is_empty() && column.made_from.iter().all(|(_, r)| *r == Role::ProductSpend);
    match column.role {
        Role::Identifier
        | Role::Campaign
        | Role::AdGroup
        | Role::Ad
        | Role::Date
        | Role::Text
        | Role::Cost
        | Role::ValuePerResponse => None,
        Role::Response => Some(0),
        Role::Purchases => Some(1),
        Role::Enquiries => Some(2),
        Role::Value => Some(3),
        _ if is_total_spend => Some(4),
        Role::Spend => Some(5),
        Role::Clicks => Some(6),
        Role::Impressions | Role::Reach => Some(7),
        Role::WebPurchases | Role::CatalogPurchases | Role::StorePurchases => Some(8),
        Role::ProductSpend => Some(9),
        Role::Income | Role::Recency | Role::WebVisits | Role::DealPurchases | Role::Number => Some(10),
        Role::EarlierResponse | Role::Complaint => Some(12),
        _ if !column.made_from.is_empty() => Some(11),
        _ => Some(13),
    }
}

/// What counts of the target are counted per: the clicks, else the impressions or the reach, where the target comes after
/// them in the funnel and they are above 0 in every row with a target. `None` where nothing fits.
pub fn exposure(table: &Table, target: &str) -> Option<String> {
    let goal = find(table, target).ok()?;
    let stage = goal.role.funnel_stage()?;
    let is_count = !matches!(goal.role, Role::Spend | Role::Value);
    let y = target_of(table, target).ok()?;
    let fits = |column: &Column| {
        let Some(values) = column.as_numbers() else { return false };
        column.role.funnel_stage().is_some_and(|s| s < stage)
            && values.iter().zip(&y).all(|(&v, t)| t.is_nan() || v > 0.0)
    };
    let of = |role: Role| table.columns().iter().filter(|c| c.role == role && is_count).find(|c| fits(c));
    [Role::Clicks, Role::Impressions, Role::Reach].into_iter().find_map(of).map(|c| c.name.clone())
}

/// Every other column with what stands for or against it. `informed` are the columns that were filled with the help of
/// others: filled by the target, a column gives it away.
pub fn candidates(
    table: &Table,
    target: &str,
    unblocked: &[String],
    informed: &[Informed],
) -> Result<Vec<Candidate>, ModelError> {
    let goal = find(table, target)?;
    let y = target_of(table, target)?;
    let standing = |column: &Column| {
        if let Some(reason) = unusable(column) {
            return Standing::Unusable { reason };
        }
        match filled_by_target(column, target, informed).or_else(|| leak(column, goal, &y)) {
            Some(reason) if !unblocked.contains(&column.name) => Standing::Leaks { reason },
            _ => Standing::Used,
        }
    };
    Ok(table
        .columns()
        .iter()
        .filter(|c| c.name != target)
        .map(|c| Candidate { column: c.name.clone(), standing: standing(c) })
        .collect())
}

/// Why a column is of no use as a feature, whatever the target.
fn unusable(column: &Column) -> Option<String> {
    let n = column.len();
    if n > 0 && column.n_missing() == n {
        return Some("It has no values.".to_owned());
    }
    if column.is_constant() {
        return Some("It has the same value in every row.".to_owned());
    }
    match (column.column_type(), column.role) {
        (_, Role::Identifier) => {
            return Some("It names single rows, which tells nothing about new ones.".to_owned());
        }
        (ColumnType::Text, _) | (_, Role::Text) => return Some("It is free text.".to_owned()),
        (ColumnType::Date, _) => {
            return Some("It is a date: make a number of it first, such as the time since then.".to_owned());
        }
        (ColumnType::Number, Role::Campaign | Role::AdGroup | Role::Ad) => {
            return Some("Its numbers are names, not quantities: make it a category to use it.".to_owned());
        }
        _ => {}
    }
    if let Values::Category(d) = &column.values {
        let mut seen = vec![false; d.levels.len()];
        for &code in &d.codes {
            if let Some(slot) = seen.get_mut(code as usize) {
                *slot = true;
            }
        }
        let n_levels = seen.into_iter().filter(|s| *s).count();
        if n_levels > MAX_LEVELS || (n_levels > 2 && n_levels * 5 > n) {
            return Some(format!(
                "It has {} different values in {} rows, too many to learn something about each.",
                count(n_levels as u64),
                count(n as u64)
            ));
        }
    }
    None
}

/// Why a column gives the target away through its gaps, or through those of what it was computed from.
fn filled_by_target(column: &Column, target: &str, informed: &[Informed]) -> Option<String> {
    let is_of = |name: &String| *name == column.name || column.made_from.iter().any(|(n, _)| n == name);
    let found = informed.iter().find(|i| is_of(&i.column) && i.by.iter().any(|b| b == target))?;
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

/// Why a column would give the target away.
fn leak(column: &Column, goal: &Column, y: &[f64]) -> Option<String> {
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
    if let Some(goal_stage) = stage(goal) {
        let late = |role: Role| known_at(role).is_some_and(|s| s >= goal_stage);
        if column.made_from.is_empty() && late(column.role) {
            return Some(format!(
                "{} are not known before {} is: they come at the same point of the funnel or later.",
                column.role.label(),
                goal.name
            ));
        }
        if let Some((source, _)) = column.made_from.iter().find(|(_, role)| late(*role)) {
            return Some(format!(
                "It is computed from {source}, which is not known before {} is.",
                goal.name
            ));
        }
        if goal_stage >= OUTCOME && column.made_from.is_empty() && names_an_outcome(column) {
            return Some(format!("By its name it is computed from results, which {} is part of.", goal.name));
        }
    }
    is_copy(column, y)
        .then(|| format!("It is {} on another scale: the two are the same to four digits.", goal.name))
}

/// Enquiries, purchases and value: results that become known together, after the money was spent.
const OUTCOME: u8 = 3;

fn known_at(role: Role) -> Option<u8> {
    role.funnel_stage().map(|s| s.min(OUTCOME))
}

/// When a column is known: by its role, or by the latest of what it was computed from.
fn stage(column: &Column) -> Option<u8> {
    known_at(column.role).or_else(|| column.made_from.iter().filter_map(|(_, r)| known_at(*r)).max())
}

/// A ratio that came with the file says by its name alone what it was made from.
fn names_an_outcome(column: &Column) -> bool {
    const WORDS: [&str; 10] =
        ["conv", "cpa", "cpl", "cvr", "roas", "result", "purchase", "lead", "enquir", "cost per acq"];
    let name = column.name.to_lowercase();
    column.role == Role::Ratio && WORDS.iter().any(|w| name.contains(w))
}

/// |r| > 0.9999 with the target over the rows where both are known.
fn is_copy(column: &Column, y: &[f64]) -> bool {
    let Some(x) = column.as_numbers() else { return false };
    let pairs: Vec<(f64, f64)> =
        x.iter().zip(y).filter(|(a, b)| !a.is_nan() && !b.is_nan()).map(|(&a, &b)| (a, b)).collect();
    if pairs.len() < 3 {
        return false;
    }
    let n = pairs.len() as f64;
    let (mx, my) = (pairs.iter().map(|p| p.0).sum::<f64>() / n, pairs.iter().map(|p| p.1).sum::<f64>() / n);
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (a, b) in pairs {
        xx += (a - mx) * (a - mx);
        yy += (b - my) * (b - my);
        xy += (a - mx) * (b - my);
    }
    xx > 0.0 && yy > 0.0 && (xy / (xx.sqrt() * yy.sqrt())).abs() > 0.9999
}

/// How the values of a column repeat.
struct Repeats {
    n_groups: usize,
    /// Rows that share their value with another row.
    n_rows: usize,
}

fn repeats(column: &Column) -> Repeats {
    let codes = group_codes(column, 0..column.len() as u32);
    let mut sizes = vec![0_usize; codes.iter().max().map_or(0, |&g| g as usize + 1)];
    codes.iter().for_each(|&g| sizes[g as usize] += 1);
    Repeats { n_groups: sizes.len(), n_rows: sizes.iter().filter(|&&s| s > 1).sum() }
}

/// Columns whose values repeat and that can keep rows together.
fn groups(table: &Table) -> Vec<String> {
    let mut ranked: Vec<(u32, usize, String)> = Vec::new();
    for column in table.columns() {
        let rank = match column.role {
            Role::AdGroup => 0,
            Role::Identifier => 1,
            Role::Ad => 2,
            Role::Campaign => 3,
            _ if column.column_type() == ColumnType::Category && column.made_from.is_empty() => 4,
            _ => continue,
        };
        let found = repeats(column);
        if found.n_groups >= 2 && found.n_rows > 0 {
            ranked.push((rank, usize::MAX - found.n_groups, column.name.clone()));
        }
    }
    ranked.sort();
    ranked.into_iter().map(|(_, _, name)| name).collect()
}

/// Grouped folds where rows belong together, else plain ones.
fn propose_validation(table: &Table, groups: &[String]) -> (Validation, String) {
    let k = 5_u32;
    let together = groups.iter().filter_map(|name| table.column(name).ok()).find(|c| {
        matches!(c.role, Role::AdGroup | Role::Identifier | Role::Ad) && repeats(c).n_groups >= k as usize
    });
    if let Some(column) = together {
        let found = repeats(column);
        let why = format!(
            "{} repeats in {} of {} rows: rows that share it stay in the same fold, so that the scores hold for new ones.",
            column.name,
            count(found.n_rows as u64),
            count(column.len() as u64)
        );
        return (Validation::GroupKFold { k, group: column.name.clone() }, why);
    }
    let n = table.n_rows() as u64;
    let k = k.min((n as u32).max(2));
    let why = format!(
        "No column says which of the {} rows belong together, so every row is held out once in {k} random folds.",
        count(n)
    );
    (Validation::KFold { k }, why)
}
