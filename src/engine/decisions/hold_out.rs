//! The experiment that would prove a decision: how many people to contact and how many to leave alone.

use super::decision::{HoldOutPlan, Retargeting};
use crate::engine::{segments::segmentation::Segmentation, statistics::intervals::sample_size, words};

const POWER: f64 = 0.8;
const ALPHA: f64 = 0.05;
/// Difference to detect, as a share of the base rate (15 % against 12 %), where the one that pays cannot be reached.
const DEFAULT_SHARE: f64 = 0.2;

/// A plan for the chosen segments, or for everyone when none is chosen: contact one arm, leave the other alone. By default
/// it is made to detect the difference at which a contact pays for itself, cost / value.
pub(super) fn plan(s: &Segmentation, r: &Retargeting, detect: Option<f64>) -> Option<HoldOutPlan> {
    let picked: Vec<_> =
        r.segments.iter().filter(|v| r.chosen.is_empty() || r.chosen.contains(&v.index)).collect();
    let available: u64 = picked.iter().map(|v| v.n).sum();
    let base_rate = if r.chosen.is_empty() {
        s.overall_rate?
    } else {
        picked.iter().map(|v| v.rate * v.n as f64).sum::<f64>() / available.max(1) as f64
    };
    let is_possible = |d: &f64| *d > 0.0 && *d < base_rate;
    let pays = Some(r.break_even).filter(is_possible);
    let difference = detect.filter(is_possible).or(pays).unwrap_or(base_rate * DEFAULT_SHARE);
    let reason = if Some(difference) == pays {
        format!(
            " (a contact must add {} points to pay for itself)",
            words::percent(difference).replace(" %", "")
        )
    } else {
        String::new()
    };
    let detect_rate = base_rate - difference;
    let n_per_arm = sample_size(base_rate, detect_rate, ALPHA, POWER)?;
    let is_all = r.chosen.is_empty() || r.chosen.len() == r.segments.len();
    let (whom, has) = if is_all { ("everyone", "is") } else { ("the chosen segments", "have") };
    let enough = if available >= 2 * n_per_arm {
        format!("{whom} {has} {}: enough for it", words::count(available))
    } else {
        format!(
            "{whom} {has} only {}: run it over several campaigns, or look for a larger difference",
            words::count(available)
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
