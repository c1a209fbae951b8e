//! Retargeting: what contacting each segment is worth, with an interval, and whether that clears the break-even rate.

use super::decision::{DecisionPlan, Economics, Retargeting, SegmentValue, Verdict};
use crate::engine::{
    data::{column::Column, role::Role, table::Table},
    order::InOrder,
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
/// squares; where they share one rate, they add as they are. Contacted is whoever is expected to bring profit: shrinking has
/// already taken back what luck may have added, and no other choice, everyone and nobody included, is expected to bring
/// more. Whether a segment might still lose is said beside it.
pub(super) fn retarget(
    table: &Table,
    segmentation: Option<&Segmentation>,
    plan: &DecisionPlan,
    currency: Option<&str>,
) -> Result<Retargeting, String> {
    let Some(s) = segmentation else {
        return Err(
            "There are no segments of the table as it is now: make segments, then each can be valued.".into(),
        );
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
    let mut segments: Vec<SegmentValue> =
        rated.iter().map(|(index, name, n, r)| valued(*index, name, *n, r, economics, overall)).collect();
    segments.order_by(|a, b| b.profit_per_person.total_cmp(&a.profit_per_person).then(a.index.cmp(&b.index)));
    // What was observed, not what is expected: 11 x 334 - 3 x 2,240 can be checked by hand.
    let responses: f64 = rated.iter().map(|r| r.3.responses).sum();
    let asked: u64 = rated.iter().map(|r| r.3.n).sum();
    let profit_everyone = value * responses - cost * asked as f64;
    let (best, best_profit) = best(&segments);
    let chosen: Vec<u32> = match &plan.segments {
        Some(wanted) => segments.iter().map(|v| v.index).filter(|i| wanted.contains(i)).collect(),
        None => best.clone(),
    };
    for v in &mut segments {
        v.reason = reason(v, chosen.contains(&v.index), break_even);
    }
    let picked: Vec<&SegmentValue> = segments.iter().filter(|v| chosen.contains(&v.index)).collect();
    let people = picked.iter().map(|v| v.n).sum();
    let profit: f64 = picked.iter().map(|v| v.profit).sum();
    // Segments that do not differ more than chance allows share one rate, and so one error.
    let is_pooled = picked.windows(2).all(|w| w[0].rate_interval == w[1].rate_interval);
    let is_shared =
        segments.len() > 1 && segments.windows(2).all(|w| w[0].rate_interval == w[1].rate_interval);
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
    let mut found = Retargeting {
        economics,
        economics_source,
        break_even,
        segments,
        chosen,
        best,
        best_profit,
        people,
        profit,
        profit_interval,
        profit_everyone,
        curve,
        sentence: String::new(),
        assumptions: assumptions(rated.len(), is_shared, currency),
    };
    found.sentence = sentence(&found, plan.segments.is_some(), currency);
    Ok(found)
}

/// One segment's money; the reason is written once it is known who is contacted.
fn valued(
    index: u32,
    name: &str,
    n: u64,
    r: &SegmentRate,
    Economics { value_per_response: value, cost_per_contact: cost }: Economics,
    overall: f64,
) -> SegmentValue {
    let break_even = cost / value;
    let profit = |rate: f64| n as f64 * (rate * value - cost);
    let (low, high) = r.expected_interval;
    SegmentValue {
        index,
        name: name.to_owned(),
        n,
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
        reason: String::new(),
    }
}

/// The segments of highest expected profit (those above break-even), and that profit. Everyone is held against it by what
/// is expected of them, not by what was observed: luck is taken back on both sides or on none.
fn best(segments: &[SegmentValue]) -> (Vec<u32>, f64) {
    let paying = || segments.iter().filter(|v| v.profit > 0.0);
    (paying().map(|v| v.index).collect(), paying().map(|v| v.profit).sum())
}

/// "Contact: ..." or "Leave out: ...".
fn reason(v: &SegmentValue, is_chosen: bool, break_even: f64) -> String {
    let act = if is_chosen { "Contact" } else { "Leave out" };
    let why = match v.verdict {
        Verdict::Contact => "its whole interval lies above break-even",
        Verdict::Leave => "its whole interval lies below break-even",
        Verdict::CannotTell if v.rate > break_even => {
            "expected to pay, but break-even lies inside its interval: test it first"
        }
        Verdict::CannotTell => {
            "expected to lose, but break-even lies inside its interval: a test may show otherwise"
        }
    };
    format!("{act}: {why}")
}

fn assumptions(n_segments: usize, is_shared: bool, currency: Option<&str>) -> Vec<String> {
    let shrinking = if is_shared {
        format!(
            "The rates of the {n_segments} segments differ no more than chance allows (rho, the share of spread between them, \
             is estimated as 0): all are expected at the overall rate. With so few segments rho itself is uncertain, so some \
             may truly differ."
        )
    } else {
        format!(
            "How far rates are pulled (rho, the share of spread between segments) is estimated from {n_segments} segments \
             alone and then taken as known: the intervals leave out that it is uncertain and are somewhat too narrow."
        )
    };
    let mut all = vec![
        "Rates are those to expect on a re-test: shrunk towards the overall rate, because the best of several segments is \
         partly lucky."
            .to_owned(),
        shrinking,
        "Everyone in the file was contacted, so this is who responds, not what contacting changes: some would have bought \
         anyway. Only a hold-out group tells."
            .to_owned(),
        "The next campaign is taken to work like this one, with the same value and cost for everyone.".to_owned(),
        "Segments were drawn and valued on the same people; the intervals do not cover other ways to draw them.".to_owned(),
    ];
    if currency.is_none() {
        all.push("Money is in the file’s currency, which the file does not name.".to_owned());
    }
    all
}

/// The user's figures, else those of the constant cost and value columns. Figures equal to the columns' are the
/// columns', so that a plan that was filled in says the same of its source.
pub(super) fn economics(table: &Table, plan: &DecisionPlan) -> Result<(Economics, String), String> {
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

/// Names of segments; all of them are everyone.
fn whom(r: &Retargeting, indices: &[u32]) -> String {
    match indices.len() {
        0 => "nobody".to_owned(),
        n if n == r.segments.len() => "everyone".to_owned(),
        _ => numbers_of(indices),
    }
}

fn sentence(r: &Retargeting, is_picked: bool, currency: Option<&str>) -> String {
    let cash = |v: f64| words::money(v.round(), currency);
    let bar = words::percent(r.break_even);
    let everyone = cash(r.profit_everyone);
    let is_best = {
        let mut sides = [r.chosen.clone(), r.best.clone()];
        sides.iter_mut().for_each(|s| s.sort_unstable());
        sides[0] == sides[1]
    };
    let undecided = |is_chosen: bool| {
        let unsure = r.segments.iter().filter(|v| v.verdict == Verdict::CannotTell);
        let indices: Vec<u32> =
            unsure.map(|v| v.index).filter(|i| r.chosen.contains(i) == is_chosen).collect();
        (!indices.is_empty()).then(|| numbers_of(&indices))
    };
    if is_picked && !is_best {
        let own = if r.chosen.is_empty() {
            "Nobody is picked: no cost and no profit.".to_owned()
        } else {
            format!(
                "Your choice, {} ({}): expected profit {} ({}).",
                whom(r, &r.chosen),
                words::counted(r.people, "person", "people"),
                cash(r.profit),
                words::interval_of(r.profit_interval, cash)
            )
        };
        let better = if r.best.is_empty() {
            format!(
                "Contacting nobody costs nothing: no segment is expected to reach the break-even response of {bar}."
            )
        } else {
            format!(
                "Contact {} instead: that is expected to bring {}.",
                whom(r, &r.best),
                cash(r.best_profit)
            )
        };
        return format!("{own} {better} Contacting everyone brings {everyone}.");
    }
    if r.chosen.is_empty() {
        let unsure = undecided(false).map_or_else(String::new, |names| {
            format!(" For {names} break-even lies inside the interval: a test may still show that it pays.")
        });
        return format!(
            "Contact nobody: no segment is expected to reach the break-even response of {bar}, so contacting any of them \
             would lose money. Contacting everyone brings {everyone}.{unsure}"
        );
    }
    let expected_of_all = r.curve.last().map_or(0.0, |p| p.1);
    let against = if r.chosen.len() == r.segments.len() {
        "every segment is expected to pay for its contacts".to_owned()
    } else if r.profit_everyone > r.profit {
        let again = cash(expected_of_all);
        format!("contacting everyone brought {everyone}, but {again} may be expected on a re-test")
    } else {
        format!("contacting everyone brings {everyone}")
    };
    let unsure = undecided(true).map_or_else(String::new, |names| {
        format!(" Break-even lies inside the interval of {names}: test there first.")
    });
    // As sure as the claim is, and no surer: who responds is seen here, not who responds because of a contact.
    let how_sure = if r.profit_interval.0 > 0.0 {
        "Hold some of them back to prove it."
    } else {
        "Whether it pays cannot be told yet: try it on a part."
    };
    format!(
        "Contact {} ({}): expected profit {} ({}); {against}, nobody 0. Break-even is a response of {bar}.{unsure} {how_sure}",
        whom(r, &r.chosen),
        words::counted(r.people, "person", "people"),
        cash(r.profit),
        words::interval_of(r.profit_interval, cash),
    )
}

/// The decision as a claim.
pub(super) fn claim(r: &Retargeting, currency: Option<&str>) -> Claim {
    let cash = |v: f64| words::money(v.round(), currency);
    let is_clear = if r.chosen.is_empty() {
        r.segments.iter().all(|v| v.verdict == Verdict::Leave)
    } else {
        r.profit_interval.0 > 0.0
    };
    let grade = if is_clear {
        // An observed propensity is not an effect: never more than suggestive.
        Grade::Suggestive
    } else {
        Grade::CannotTell
    };
    let mut table = vec![
        ["Segment", "People", "Expected rate", "95 %", "Profit", "95 %", "What to do, and why"]
            .map(String::from)
            .to_vec(),
    ];
    table.extend(r.segments.iter().map(|v| {
        vec![
            v.name.clone(),
            words::count(v.n),
            words::percent(v.rate),
            words::percent_interval(v.rate_interval),
            cash(v.profit),
            words::interval_of(v.profit_interval, cash),
            v.reason.clone(),
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
            rows: format!(
                "{} in {}",
                words::counted(n, "person", "people"),
                words::counted(r.segments.len() as u64, "segment", "segments")
            ),
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
