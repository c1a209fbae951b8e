//! The experiment that would prove a decision: how many people to contact and how many to leave alone.

use super::{
    contacts::Contacts,
    decision::{HoldOutPlan, Retargeting},
};
use crate::engine::{segments::segmentation::Segmentation, statistics::intervals::sample_size, words};

const POWER: f64 = 0.8;
const ALPHA: f64 = 0.05;
/// Difference to detect, as a share of the base rate (15 % against 12 %), where the one that pays cannot be reached.
const DEFAULT_SHARE: f64 = 0.2;

/// Those who would be drawn from.
struct People {
    /// With their verb: "there are", "the chosen segments have".
    whom: &'static str,
    available: u64,
    /// Their response when contacted.
    rate: f64,
}

/// A plan for the chosen segments, or for everyone when none is chosen.
pub(super) fn of_segments(s: &Segmentation, r: &Retargeting, detect: Option<f64>) -> Option<HoldOutPlan> {
    let picked: Vec<_> =
        r.segments.iter().filter(|v| r.chosen.is_empty() || r.chosen.contains(&v.index)).collect();
    let available: u64 = picked.iter().map(|v| v.n).sum();
    let rate = if r.chosen.is_empty() {
        s.overall_rate?
    } else {
        picked.iter().map(|v| v.rate * v.n as f64).sum::<f64>() / available.max(1) as f64
    };
    let is_all = r.chosen.is_empty() || r.chosen.len() == r.segments.len();
    let whom = if is_all { "there are" } else { "the chosen segments have" };
    plan(&People { whom, available, rate }, r.break_even, detect)
}

/// A plan for whoever a model says to contact, or for everyone when it says nobody.
pub(super) fn of_contacts(c: &Contacts, detect: Option<f64>) -> Option<HoldOutPlan> {
    let everyone = c.curve.last()?;
    let is_all = c.people == 0 || c.people == c.n;
    let (whom, available, responses) = if is_all {
        ("there are", everyone.people, everyone.responses)
    } else {
        ("they are", c.people, c.responses)
    };
    let rate = responses as f64 / available.max(1) as f64;
    plan(&People { whom, available, rate }, c.break_even, detect)
}

/// Contact one arm, leave the other alone. By default the plan is made to detect the difference at which a contact pays for itself,
/// cost / value.
fn plan(of: &People, break_even: f64, detect: Option<f64>) -> Option<HoldOutPlan> {
    let &People { whom, available, rate: base_rate } = of;
    let is_possible = |d: &f64| *d > 0.0 && *d < base_rate;
    let pays = Some(break_even).filter(is_possible);
    let difference = detect.filter(is_possible).or(pays).unwrap_or(base_rate * DEFAULT_SHARE);
    let reason = if Some(difference) == pays {
        format!(
            " (a contact pays for itself if it adds {} percentage points)",
            words::percent(difference).replace(" %", "")
        )
    } else {
        String::new()
    };
    let detect_rate = base_rate - difference;
    let n_per_arm = sample_size(base_rate, detect_rate, ALPHA, POWER)?;
    let there_are = words::count(available);
    let enough = if available >= 2 * n_per_arm {
        format!("{whom} {there_are} people: enough for it")
    } else {
        format!(
            "{whom} only {there_are} people: run it over several campaigns, or look for a larger difference"
        )
    };
    Some(HoldOutPlan {
        base_rate,
        detect_rate,
        power: POWER,
        alpha: ALPHA,
        n_per_arm,
        available,
        sentence: format!(
            "To prove it, draw {n} people at random to contact and {n} to leave alone: a response of {} against {}{reason} \
             is then found with {} power; {enough}.",
            words::percent(base_rate),
            words::percent(detect_rate),
            words::percent(POWER).replace(".0 %", " %"),
            n = words::count(n_per_arm),
        ),
    })
}
