//! The outcome as a whole, with break-even where cost and value are known.

use crate::engine::{
    data::role::Role,
    words::{self, capitalised, count, decimals, money, percent, rows_of},
};

use super::{Found, slug};
use crate::engine::statistics::{
    claim::{Claim, Grade, Record},
    intervals::wilson,
    rates::{Outcome, OutcomeKind},
};

/// Outcome and exposure of everything together.
struct Total {
    outcome: f64,
    exposure: f64,
}

/// The outcome as a whole.
pub(super) fn claim(found: &Found) -> Option<Claim> {
    let outcome = found.outcome?;
    let (n, y, e) = used(outcome).fold((0, 0.0, 0.0), |s, u| (s.0 + 1, s.1 + u.0, s.2 + u.1));
    if e <= 0.0 {
        return None;
    }
    let total = Total { outcome: y, exposure: e };
    let all = found.table.n_rows() as u64;
    let rows = if n == all {
        format!("all {} rows", count(all))
    } else {
        format!("{} of {} rows", count(n), count(all))
    };
    let rate = outcome.per * y / e;
    let mut record = Record {
        estimand: outcome.title(),
        estimate: Some(rate),
        unit: outcome.unit().to_owned(),
        n,
        rows,
        ..Record::default()
    };
    if outcome.kind == OutcomeKind::Share {
        record.interval = wilson(y, e);
        record.level = Some(0.95);
        record.interval_method = Some("Wilson".to_owned());
    }
    let mut sentence = match outcome.kind {
        OutcomeKind::Share => share_sentence(outcome, &total)?,
        OutcomeKind::Count => count_sentence(outcome, &total),
        OutcomeKind::Mean => format!("The mean of {} is {}.", outcome.name, words::number(rate)),
    };
    if let Some(words) = contacting_everyone(found, outcome, &total) {
        sentence += &words;
        record.notes.push(
            "Everyone was contacted: the rate is a propensity, not the effect of the contact.".to_owned(),
        );
    }
    if let Some(words) = total_cost(found, outcome, &total) {
        sentence += &words;
        record.notes.extend(oddities(outcome));
    }
    record.table = vec![
        vec![outcome.name.clone(), capitalised(&outcome.exposure_label), capitalised(&outcome.title())],
        vec![words::number(y), words::number(e), outcome.show(rate)],
    ];
    Some(Claim {
        id: format!("overall.{}", slug(&outcome.name)),
        topic: outcome.name.clone(),
        sentence,
        grade: Grade::Supported,
        record,
    })
}

fn share_sentence(outcome: &Outcome, total: &Total) -> Option<String> {
    let Total { outcome: y, exposure: e } = *total;
    let verb = match outcome.role {
        Role::Response => "responded".to_owned(),
        _ => format!("have {} = yes", outcome.name),
    };
    Some(format!(
        "{} of {} {} {verb}: {} (95 % interval {}).",
        decimals(y, 0),
        decimals(e, 0),
        outcome.exposure_label,
        percent(y / e),
        words::interval_of(wilson(y, e)?, percent)
    ))
}

fn count_sentence(outcome: &Outcome, total: &Total) -> String {
    let Total { outcome: y, exposure: e } = *total;
    let rate = if outcome.unit() == "%" && y < e {
        format!("{} in 100", decimals(100.0 * y / e, 1))
    } else {
        format!("{} {}", outcome.show(outcome.per * y / e), outcome.title())
    };
    let (y, e) = (decimals(y, 0), decimals(e, 0));
    format!("{y} {} from {e} {}, {rate}.", spoken(outcome), outcome.exposure_label)
}

/// What contacting everyone brought, where a contact has a cost and a response a value.
fn contacting_everyone(found: &Found, outcome: &Outcome, total: &Total) -> Option<String> {
    let first = |role: Role| found.table.with_role(role)?.as_numbers()?.first().copied();
    let (cost, value) = (first(Role::Cost)?, first(Role::ValuePerResponse)?);
    if outcome.role != Role::Response || !(cost > 0.0 && value > 0.0) {
        return None;
    }
    let profit = value * total.outcome - cost * total.exposure;
    Some(format!(
        " Contacting everyone {} {}: a response is worth {} and a contact costs {}, so contacting pays where more than {} respond.",
        if profit >= 0.0 { "gained" } else { "lost" },
        money(profit.abs(), found.currency),
        words::number(value),
        words::number(cost),
        percent(cost / value)
    ))
}

/// What the outcomes cost, where the table has spend.
fn total_cost(found: &Found, outcome: &Outcome, total: &Total) -> Option<String> {
    let is_bought = outcome.kind == OutcomeKind::Count
        && outcome.exposure_label != "spend"
        && !matches!(outcome.role, Role::Spend | Role::Value);
    let spend = found.table.with_role(Role::Spend)?;
    let spend: f64 = spend.as_numbers()?.iter().filter(|v| !v.is_nan()).sum();
    (is_bought && total.outcome > 0.0).then(|| {
        let (all, each) = (money(spend, found.currency), money(spend / total.outcome, found.currency));
        format!(" They cost {all} in all, {each} each.")
    })
}

/// Rows in which outcomes and exposure do not go together as in a share.
/// Outcome and exposure of the rows that have both. Gone over again where it is needed: a table may have millions of rows.
fn used(outcome: &Outcome) -> impl Iterator<Item = (f64, f64)> {
    let pairs = outcome.values.iter().zip(outcome.exposure.iter());
    pairs.filter(|(y, e)| !y.is_nan() && !e.is_nan()).map(|(&y, &e)| (y, e))
}

fn oddities(outcome: &Outcome) -> Vec<String> {
    let without = used(outcome).filter(|u| u.1 == 0.0 && u.0 > 0.0).count() as u64;
    let above = used(outcome).filter(|u| u.0 > u.1).count() as u64;
    let (name, exposure) = (spoken(outcome), &outcome.exposure_label);
    let mut notes = Vec::new();
    if without > 0 {
        notes.push(format!(
            "{} {} {name} without {exposure}: view-through conversions, kept.",
            rows_of(without),
            if without == 1 { "has" } else { "have" },
        ));
    }
    if above > 0 {
        notes.push(format!(
            "In {} there are more {name} than {exposure}: the rate is no probability, so no binomial interval is used.",
            rows_of(above)
        ));
    }
    notes
}

fn spoken(outcome: &Outcome) -> String {
    match outcome.role {
        Role::Purchases | Role::Enquiries | Role::Clicks => outcome.role.label().to_lowercase(),
        _ => outcome.name.clone(),
    }
}
