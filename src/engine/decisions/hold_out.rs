//! The experiment that would prove a decision: how many people to contact and how many to leave alone.

use super::decision::{HoldOutPlan, Retargeting};
use crate::engine::{
    numeric::distributions::normal_quantile,
    segments::{segmentation::Segmentation, words},
};

const POWER: f64 = 0.8;
const ALPHA: f64 = 0.05;
/// Difference to detect, as a share of the base rate (15 % against 12 %), where the one that pays cannot be reached.
const DEFAULT_SHARE: f64 = 0.2;

/// People an arm for a two-sided two-proportion test (Fleiss 1981, without continuity correction). `None` when the rates
/// are equal or not between 0 and 1.
pub fn people_an_arm(p1: f64, p2: f64, power: f64, alpha: f64) -> Option<u64> {
    let is_rate = |p: f64| (0.0..=1.0).contains(&p);
    if !is_rate(p1) || !is_rate(p2) || p1 == p2 {
        return None;
    }
    let pooled = (p1 + p2) / 2.0;
    let chance = normal_quantile(1.0 - alpha / 2.0) * (2.0 * pooled * (1.0 - pooled)).sqrt();
    let real = normal_quantile(power) * (p1 * (1.0 - p1) + p2 * (1.0 - p2)).sqrt();
    let n = (chance + real) * (chance + real) / ((p1 - p2) * (p1 - p2));
    n.is_finite().then(|| n.ceil() as u64)
}

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
    let n_per_arm = people_an_arm(base_rate, detect_rate, POWER, ALPHA)?;
    let whom = if r.chosen.is_empty() { "everyone" } else { "the chosen segments" };
    let enough = if available >= 2 * n_per_arm {
        format!("{whom} have {}: enough for it", words::whole(available as f64))
    } else {
        format!(
            "{whom} have only {}: run it over several campaigns, or look for a larger difference",
            words::whole(available as f64)
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
             is then found with {:.0} % power; {enough}.",
            words::percent(base_rate),
            words::percent(detect_rate),
            POWER * 100.0,
            n = words::whole(n_per_arm as f64),
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fifteen_against_twelve_needs_about_two_thousand_an_arm() {
        // (1.96 sqrt(2 x 0.135 x 0.865) + 0.8416 sqrt(0.1275 + 0.1056))² / 0.03² = 2,035.7.
        assert_eq!(people_an_arm(0.15, 0.12, 0.8, 0.05), Some(2036));
        assert_eq!(people_an_arm(0.15, 0.15, 0.8, 0.05), None);
        assert_eq!(people_an_arm(0.15, f64::NAN, 0.8, 0.05), None);
        assert_eq!(people_an_arm(1.5, 0.1, 0.8, 0.05), None);
    }
}
