//! What can be predicted, from which columns, and how to validate it: proposals with their reasons.
//!
//! What speaks against a column is found by [`super::leaks`].
//!
//! Categories with up to 50 levels are used whole (the 40 interests of an ads file too): one column a level for linear
//! models, as they are for trees (see [`super::design`]). Those with more are left aside until the user wants them; what then
//! needs too much memory is refused family by family.

use super::{
    family::ModelError,
    frame::{find, group_codes, target_of, two_levels},
    leaks::{self, Weight},
    outcome,
    plan::{Candidate, ModelChoices, ModelPlan, Standing, Validation},
    split::MOST_GROUPS,
};
use crate::engine::{
    data::{
        column::{Column, ColumnType, Values},
        role::Role,
        table::Table,
    },
    order::InOrder,
    step::Informed,
    words::{count, counted},
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
    ranked.order_by_key(|(rank, _)| *rank);
    let targets: Vec<String> = ranked.into_iter().map(|(_, c)| c.name.clone()).collect();
    let target = match target {
        Some(name) => {
            target_of(table, name)?;
            name.to_owned()
        }
        None => targets.first().cloned().ok_or_else(|| ModelError::Refused {
            reason:
                "no column of this table can be predicted: a target holds numbers, or two values, that differ from row to row"
                    .to_owned(),
        })?,
    };
    let outcomes = outcome::possible(table, &target)?;
    let groups = groups(table);
    let (validation, why_validation) = propose_validation(table, &target)?;
    let candidates = candidates(table, &target, unblocked, informed)?;
    // The number of a thing and a rate are no amounts that counts are in proportion to.
    let is_amount =
        |name: &str| table.column(name).is_ok_and(|c| !matches!(c.role, Role::Identifier | Role::Ratio));
    let exposures = candidates.iter().filter(|c| is_amount(&c.column));
    let exposures = exposures.filter(|c| no_exposure_by_value(table, &target, &c.column).is_none());
    Ok(ModelChoices {
        exposures: exposures.map(|c| c.column.clone()).collect(),
        candidates,
        plan: ModelPlan {
            target: target.clone(),
            outcome: outcomes.first().copied(),
            features: Vec::new(),
            unblocked: unblocked.to_vec(),
            validation,
            families: Vec::new(),
            seed,
            weight: None,
            tuned: Vec::new(),
        },
        targets,
        target,
        outcomes,
        groups,
        dates: dates(table),
        why_validation,
    })
}

/// Where a column stands among the targets, smallest first; `None` when it cannot be one.
fn target_rank(column: &Column) -> Option<u32> {
    let can_be = match &column.values {
        Values::Category(d) => two_levels(d).is_some(),
        _ => matches!(column.column_type(), ColumnType::Number | ColumnType::Boolean),
    };
    if !can_be || column.is_constant() {
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

/// Why a column cannot be the exposure, within a sentence; `None` where it can. Rows in which it is 0 or missing do not train.
pub(super) fn no_exposure(table: &Table, target: &str, candidate: &Candidate) -> Option<String> {
    if let Standing::Leaks { reason } = &candidate.standing {
        return Some(reason.trim_end_matches('.').to_owned());
    }
    no_exposure_by_value(table, target, &candidate.column)
}

fn no_exposure_by_value(table: &Table, target: &str, column: &str) -> Option<String> {
    let (column, y) = (find(table, column).ok()?, target_of(table, target).ok()?);
    let Some(values) = column.as_numbers() else { return Some("It holds no numbers".to_owned()) };
    let n_below = values.iter().filter(|v| **v < 0.0).count() as u64;
    if n_below > 0 {
        return Some(format!("It is below 0 in {}", counted(n_below, "row", "rows")));
    }
    let is_known = values.iter().zip(&y).any(|(&v, y)| v > 0.0 && v.is_finite() && !y.is_nan());
    (!is_known).then(|| "It is above 0 in no row with a target".to_owned())
}

/// Every other column with what stands for or against it. `informed` are the columns that were filled with the help of
/// others: filled by the target, a column gives it away.
pub fn candidates(
    table: &Table,
    target: &str,
    unblocked: &[String],
    informed: &[Informed],
) -> Result<Vec<Candidate>, ModelError> {
    let is_wanted = |column: &Column| unblocked.contains(&column.name);
    let is_looked_at = |column: &Column| match unusable(column) {
        None => true,
        Some(Useless::Cannot(_)) => false,
        Some(Useless::Aside(_)) => is_wanted(column),
    };
    let signs = leaks::signs(table, target, informed, is_looked_at)?;
    let standing = |column: &Column| {
        let aside = match unusable(column) {
            Some(Useless::Cannot(reason)) => return Standing::Unusable { reason },
            Some(Useless::Aside(reason)) if !is_wanted(column) => return Standing::Aside { reason },
            Some(Useless::Aside(reason)) => Some(reason),
            None => None,
        };
        match leaks::verdict(&signs, &column.name) {
            Some((Weight::Blocks, reason)) if is_wanted(column) => Standing::Unblocked { reason },
            Some((Weight::Blocks, reason)) => Standing::Leaks { reason },
            Some((Weight::Warns, reason)) => match aside {
                Some(aside) => Standing::Wanted { reason: format!("{aside} {reason}") },
                None => Standing::Doubtful { reason },
            },
            None => aside.map_or(Standing::Used, |reason| Standing::Wanted { reason }),
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
enum Useless {
    /// A model could do nothing with it.
    Cannot(String),
    /// A model could, and would learn nothing of new rows.
    Aside(String),
}

fn unusable(column: &Column) -> Option<Useless> {
    let cannot = |reason: &str| Some(Useless::Cannot(reason.to_owned()));
    let n = column.len();
    if n > 0 && column.n_missing() == n {
        return cannot("It has no values.");
    }
    if column.is_constant() {
        return cannot("It has the same value in every row.");
    }
    match (column.column_type(), column.role) {
        (ColumnType::Text, Role::Identifier) => {
            return cannot("It names single rows, which tells nothing about new ones.");
        }
        (ColumnType::Text, _) | (_, Role::Text) => return cannot("It is free text."),
        (ColumnType::Date, _) => {
            return cannot("It is a date: make a number of it first, such as the time since then.");
        }
        (ColumnType::Number, Role::Campaign | Role::AdGroup | Role::Ad) => {
            return cannot("Its numbers are names, not quantities: make it a category to use it.");
        }
        (_, Role::Identifier) => {
            let found = repeats(column);
            return Some(Useless::Aside(format!(
                "It names single rows ({} values in {} rows), which tells nothing about new ones.",
                count(found.n_groups as u64),
                count(n as u64)
            )));
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
            return Some(Useless::Aside(format!(
                "It has {} different values in {} rows, too many to learn something about each.",
                count(n_levels as u64),
                count(n as u64)
            )));
        }
    }
    None
}

/// Enquiries, purchases and value: results that become known together, after the money was spent.
pub(super) const OUTCOME: u8 = 3;

/// When what a role stands for is known.
pub(super) fn known_at(role: Role) -> Option<u8> {
    role.funnel_stage().map(|s| s.min(OUTCOME))
}

/// When a column is known: by its role, or by the latest of what it was computed from.
pub(super) fn stage(column: &Column) -> Option<u8> {
    known_at(column.role).or_else(|| column.made_from.iter().filter_map(|(_, r)| known_at(*r)).max())
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
pub(super) fn groups(table: &Table) -> Vec<String> {
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
    ranked.order_by(|a, b| a.cmp(b));
    ranked.into_iter().map(|(_, _, name)| name).collect()
}

/// The column that says which rows belong together, if it has enough values for so many folds.
pub(super) fn belonging(table: &Table, k: u32) -> Option<&Column> {
    groups(table).iter().filter_map(|name| table.column(name).ok()).map(AsRef::as_ref).find(|c| {
        matches!(c.role, Role::AdGroup | Role::Identifier | Role::Ad) && repeats(c).n_groups >= k as usize
    })
}

/// The date of the rows, or when their people joined, if it has enough values for so many steps forward.
pub(super) fn dated(table: &Table, k: u32) -> Option<String> {
    dates(table).into_iter().find(|name| {
        table
            .column(name)
            .is_ok_and(|c| matches!(c.role, Role::Date | Role::JoinDate) && repeats(c).n_groups > k as usize)
    })
}

/// Columns whose values can be held out one after the other.
pub(super) fn small_groups(table: &Table) -> Vec<String> {
    let is_small = |name: &String| table.column(name).is_ok_and(|c| repeats(c).n_groups <= MOST_GROUPS);
    groups(table).into_iter().filter(is_small).collect()
}

/// Columns that can put rows in the order of time: the date of the row first. Each has at least three different dates.
fn dates(table: &Table) -> Vec<String> {
    let rank = |column: &Column| match column.role {
        _ if column.column_type() != ColumnType::Date => None,
        Role::Date => Some(0),
        Role::JoinDate => Some(1),
        _ => Some(2),
    };
    let mut ranked: Vec<(u32, &Column)> = table
        .columns()
        .iter()
        .filter_map(|c| Some((rank(c)?, c.as_ref())))
        .filter(|(_, c)| repeats(c).n_groups >= 3)
        .collect();
    ranked.order_by_key(|(rank, _)| *rank);
    ranked.into_iter().map(|(_, c)| c.name.clone()).collect()
}

/// Grouped folds where rows belong together; forward in time where each row has its date; equal shares of both values where the
/// target has two; else plain folds.
fn propose_validation(table: &Table, target: &str) -> Result<(Validation, String), ModelError> {
    let k = 5_u32;
    if let Some(column) = belonging(table, k) {
        let found = repeats(column);
        let why = format!(
            "{} repeats in {} of {} rows: rows that share it stay in the same fold, so that the scores hold for new ones.",
            column.name,
            count(found.n_rows as u64),
            count(column.len() as u64)
        );
        return Ok((Validation::GroupKFold { k, group: column.name.clone() }, why));
    }
    let known: Vec<f64> = target_of(table, target)?.into_iter().filter(|v| !v.is_nan()).collect();
    let dated = dated(table, k).and_then(|name| table.column(&name).ok());
    if let Some(column) = dated.filter(|c| c.role == Role::Date && c.n_missing() == 0 && known.len() >= 100) {
        let why = format!(
            "{} says when each row happened: rows are predicted from earlier ones alone, as they will be in use.",
            column.name
        );
        return Ok((Validation::ForwardInTime { k, date: column.name.clone() }, why));
    }
    let n = table.n_rows() as u64;
    let k = k.min((n as u32).max(2));
    let first = known.first().copied().unwrap_or(f64::NAN);
    let n_first = known.iter().filter(|v| **v == first).count();
    let second = known.iter().copied().find(|v| *v != first).unwrap_or(f64::NAN);
    if n_first < known.len() && known.iter().all(|v| *v == first || *v == second) {
        let rarer = n_first.min(known.len() - n_first) as u64;
        let why = format!(
            "{target} has two values, the rarer in {} of {} rows: every row is held out once in {k} random folds with the same \
             share of both.",
            count(rarer),
            count(known.len() as u64)
        );
        return Ok((Validation::StratifiedKFold { k, repeats: 1 }, why));
    }
    let why = format!(
        "No column says which of the {} rows belong together, so every row is held out once in {k} random folds.",
        count(n)
    );
    Ok((Validation::KFold { k }, why))
}
