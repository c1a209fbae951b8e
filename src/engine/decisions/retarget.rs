//! Retargeting: what contacting each segment is worth, with an interval, and whether that clears the break-even rate.

use super::decision::{DecisionPlan, Economics, Retargeting, SegmentValue, Verdict};
use crate::engine::{
    data::{column::Column, role::Role, table::Table},
    segments::{
        profile,
        segmentation::{SegmentRate, Segmentation},
    },
    statistics::claim::{Claim, Grade, Record},
    words,
};

/// Whether a table of another kind than customers has what retargeting needs.
pub(super) fn wants(table: &Table, segmentation: Option<&Segmentation>) -> bool {
    table.with_role(Role::Response).is_some() && segmentation.is_some_and(|s| s.overall_rate.is_some())
}

/// Values every segment. `Err` says what is missing.
///
/// profit = people x (expected rate x value - cost). The expected rate is shrunk towards the overall rate, and its interval
/// carries over. The interval of a sum takes the segments as independent: half-widths add in
/// squares; where they share one rate, they add as they are.
pub(super) fn retarget(
    table: &Table,
    segmentation: Option<&Segmentation>,
    plan: &DecisionPlan,
) -> Result<Retargeting, String> {
    let Some(s) = segmentation else {
        return Err("There are no segments yet: make segments first, then each can be valued.".into());
    };
    let rated: Vec<(u32, &str, u64, SegmentRate)> =
        s.segments.iter().filter_map(|p| p.response.map(|r| (p.index, p.name.as_str(), p.n, r))).collect();
    let (Some(overall), false) = (s.overall_rate, rated.is_empty()) else {
        return Err(
            "The segments have no response rate: choose a yes/no outcome for them (1 = responded).".into()
        );
    };
    let (economics, economics_source) = economics(table, plan)?;
    let Economics { value_per_response: value, cost_per_contact: cost } = economics;
    let break_even = cost / value;
    let mut segments: Vec<SegmentValue> = rated
        .iter()
        .map(|(index, name, n, r)| {
            let people = *n as f64;
            let profit = |rate: f64| people * (rate * value - cost);
            let (low, high) = r.expected_interval;
            SegmentValue {
                index: *index,
                name: (*name).to_owned(),
                n: *n,
                rate: r.expected,
                rate_interval: r.expected_interval,
                profit: profit(r.expected),
                profit_interval: (profit(low), profit(high)),
                profit_per_person: r.expected * value - cost,
                verdict: if low > break_even {
                    Verdict::Contact
                } else if high < break_even {
                    Verdict::Leave
                } else {
                    Verdict::CannotTell
                },
                lift: (overall > 0.0).then(|| r.expected / overall),
            }
        })
        .collect();
    segments.sort_by(|a, b| b.profit_per_person.total_cmp(&a.profit_per_person).then(a.index.cmp(&b.index)));
    let chosen: Vec<u32> = match &plan.segments {
        Some(wanted) => segments.iter().map(|v| v.index).filter(|i| wanted.contains(i)).collect(),
        None => segments.iter().filter(|v| v.verdict == Verdict::Contact).map(|v| v.index).collect(),
    };
    let picked: Vec<&SegmentValue> = segments.iter().filter(|v| chosen.contains(&v.index)).collect();
    let people = picked.iter().map(|v| v.n).sum();
    let profit: f64 = picked.iter().map(|v| v.profit).sum();
    // Segments that do not differ more than chance allows share one rate, and so one error.
    let is_pooled = picked.windows(2).all(|w| w[0].rate_interval == w[1].rate_interval);
    let side = |far: fn(&SegmentValue) -> f64| -> f64 {
        let widths = picked.iter().map(|v| (v.profit - far(v)).abs());
        if is_pooled { widths.sum() } else { widths.map(|w| w * w).sum::<f64>().sqrt() }
    };
    let profit_interval = (profit - side(|v| v.profit_interval.0), profit + side(|v| v.profit_interval.1));
    let mut curve = vec![(0, 0.0)];
    for v in &segments {
        let (n, sum) = curve[curve.len() - 1];
        curve.push((n + v.n, sum + v.profit));
    }
    // What was observed, not what is expected: 11 x 334 - 3 x 2,240 can be checked by hand.
    let responses: f64 = rated.iter().map(|r| r.3.responses).sum();
    let asked: u64 = rated.iter().map(|r| r.3.n).sum();
    let profit_everyone = value * responses - cost * asked as f64;
    let mut found = Retargeting {
        economics,
        economics_source,
        break_even,
        segments,
        chosen,
        people,
        profit,
        profit_interval,
        profit_everyone,
        curve,
        sentence: String::new(),
        assumptions: vec![
            "Rates are those to expect on a re-test: shrunk towards the overall rate, because the best of several segments is \
             partly lucky."
                .into(),
            "Everyone in the file was contacted, so this is who responds, not what contacting changes: some would have bought \
             anyway. Only a hold-out group tells."
                .into(),
            "The next campaign is taken to work like this one, with the same value and cost for everyone.".into(),
            "Segments were drawn and valued on the same people; the intervals do not cover other ways to draw them.".into(),
        ],
    };
    found.sentence = sentence(&found, plan.segments.is_some());
    Ok(found)
}

/// The user's figures, else those of the constant cost and value columns. Figures equal to the columns' are the
/// columns', so that a plan that was filled in says the same of its source.
fn economics(table: &Table, plan: &DecisionPlan) -> Result<(Economics, String), String> {
    let constant =
        |role: Role| table.all_with_role(role).into_iter().find_map(|c| Some((c.name.clone(), constant(c)?)));
    let value = constant(Role::ValuePerResponse).filter(|v| v.1 > 0.0);
    let cost = constant(Role::Cost).filter(|c| c.1 >= 0.0);
    let read = match (&value, &cost) {
        (Some((value_name, value)), Some((cost_name, cost))) => Some((
            Economics { value_per_response: *value, cost_per_contact: *cost },
            format!("read from {value_name} and {cost_name}"),
        )),
        _ => None,
    };
    match (plan.economics, read) {
        (Some(e), Some((columns, source))) if e == columns => Ok((e, source)),
        (Some(e), _) => {
            let is_usable = e.value_per_response.is_finite()
                && e.cost_per_contact.is_finite()
                && e.value_per_response > 0.0
                && e.cost_per_contact >= 0.0;
            if is_usable {
                Ok((e, "entered by you".into()))
            } else {
                Err(format!(
                    "A value per response of {} and a cost per contact of {} cannot be used: the value must be above 0, \
                     the cost 0 or more.",
                    e.value_per_response, e.cost_per_contact
                ))
            }
        }
        (None, Some(read)) => Ok(read),
        (None, None) => Err(match (value, cost) {
            (None, Some(_)) => "Enter what a response is worth: no column says it.",
            (Some(_), None) => "Enter what contacting one person costs: no column says it.",
            _ => "Enter what a response is worth and what contacting one person costs: no column says it.",
        }
        .into()),
    }
}

fn constant(column: &Column) -> Option<f64> {
    let values = column.as_numbers()?;
    let mut known = values.iter().copied().filter(|v| v.is_finite());
    let first = known.next()?;
    known.all(|v| v == first).then_some(first)
}

/// Segments the plan names that are not there.
pub(super) fn unknown_segments(plan: &DecisionPlan, found: &Retargeting) -> Option<String> {
    let wanted = plan.segments.as_ref()?;
    let unknown: Vec<String> = wanted
        .iter()
        .filter(|w| !found.segments.iter().any(|v| v.index == **w))
        .map(|w| (w + 1).to_string())
        .collect();
    (!unknown.is_empty()).then(|| {
        format!("Segment {} is not there any more: pick from the segments listed.", words::list(&unknown))
    })
}

fn numbers_of(indices: &[u32]) -> String {
    let mut sorted = indices.to_vec();
    sorted.sort_unstable();
    let names: Vec<String> = sorted.iter().map(|i| (i + 1).to_string()).collect();
    format!("{} {}", if names.len() == 1 { "segment" } else { "segments" }, words::list(&names))
}

fn sentence(r: &Retargeting, is_picked: bool) -> String {
    let everyone = format!("contacting everyone brings {}", words::decimals(r.profit_everyone, 0));
    let bar = words::percent(r.break_even);
    if r.chosen.is_empty() {
        let undecided: Vec<u32> =
            r.segments.iter().filter(|v| v.verdict == Verdict::CannotTell).map(|v| v.index).collect();
        let rest = if is_picked {
            "no segment is picked".into()
        } else if undecided.is_empty() {
            format!("every segment's rate lies below the break-even of {bar}")
        } else {
            format!(
                "no segment's rate is surely above the break-even of {bar}; {} may be, but the data cannot tell",
                numbers_of(&undecided)
            )
        };
        return format!("Contact nobody for now: {rest}. As a check, {everyone}.");
    }
    format!(
        "Contact {} ({} people): profit {} ({}), where {everyone}; break-even is a response of {bar}.",
        numbers_of(&r.chosen),
        words::count(r.people),
        words::decimals(r.profit, 0),
        words::interval_of(r.profit_interval, |v| words::decimals(v, 0)),
    )
}

/// The decision as a claim.
pub(super) fn claim(r: &Retargeting) -> Claim {
    let grade = if !r.chosen.is_empty() && r.profit_interval.0 > 0.0 {
        // An observed propensity is not an effect: never more than suggestive.
        Grade::Suggestive
    } else {
        Grade::CannotTell
    };
    let mut table = vec![
        ["Segment", "People", "Expected rate", "95 %", "Profit", "95 %", "Verdict"]
            .map(String::from)
            .to_vec(),
    ];
    table.extend(r.segments.iter().map(|v| {
        vec![
            v.name.clone(),
            words::count(v.n),
            words::percent(v.rate),
            words::percent_interval(v.rate_interval),
            words::decimals(v.profit, 0),
            words::interval_of(v.profit_interval, |v| words::decimals(v, 0)),
            match v.verdict {
                Verdict::Contact => "contact".into(),
                Verdict::Leave => "do not contact".into(),
                Verdict::CannotTell => "cannot tell".into(),
            },
        ]
    }));
    let n = r.segments.iter().map(|v| v.n).sum();
    Claim {
        id: "decision.retargeting".into(),
        topic: "Whom to contact".into(),
        sentence: r.sentence.clone(),
        grade,
        record: Record {
            estimand: "profit of contacting the chosen segments".into(),
            estimate: Some(r.profit),
            interval: Some(r.profit_interval),
            level: Some(0.95),
            interval_method: Some("beta posterior of each segment's rate".into()),
            n,
            rows: format!("{} people in {} segments", words::decimals(n as f64, 0), r.segments.len()),
            notes: std::iter::once(format!(
                "Value per response {}, cost per contact {}, {}.",
                profile::quantity(r.economics.value_per_response),
                profile::quantity(r.economics.cost_per_contact),
                r.economics_source
            ))
            .chain(r.assumptions.iter().cloned())
            .collect(),
            table,
            ..Record::default()
        },
    }
}
