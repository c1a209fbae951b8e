//! `docs/methods.md` says of every family what it declares: its settings, their ranges and defaults, and what a search tries.

use super::*;
use crate::engine::{
    knobs::{Knob, KnobKind, Search},
    models::family::Family,
    words,
};

fn page() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/methods.md")).unwrap()
}

/// The cells of the row of a table that begins with a title, from the heading of its section on.
fn cells(section: &str, title: &str) -> Vec<String> {
    let page = page();
    let (_, section) = page.split_once(section).unwrap_or_else(|| panic!("no {section} in docs/methods.md"));
    let row = section.lines().find(|line| {
        line.strip_prefix("| ").and_then(|l| l.strip_prefix(title)).is_some_and(|l| l.starts_with([' ', '(']))
    });
    let row = row.unwrap_or_else(|| panic!("{title} is not in docs/methods.md")).replace("\\|", "/");
    row.split('|').map(|cell| cell.trim().to_owned()).collect()
}

/// The name of a family without "(yes/no)".
fn short(family: &dyn Family) -> &'static str {
    family.title().split(" (").next().unwrap_or_default()
}

fn bound(value: f64) -> String {
    if value == 1e6 { "10⁶".to_owned() } else { words::brief(value) }
}

/// "Squared error: the mean" -> "squared error"
fn in_short(label: &str) -> String {
    let label = label.split(':').next().unwrap_or_default();
    // A person's name.
    if label == "Huber" { label.to_owned() } else { words::in_sentence(label) }
}

fn value(knob: &Knob, value: &Setting) -> String {
    match (value, &knob.kind) {
        (Setting::Integer(v), _) => words::brief(*v as f64),
        (Setting::Real(v), _) => words::brief(*v),
        (Setting::Flag(v), _) => if *v { "yes" } else { "no" }.to_owned(),
        (Setting::Text(slug), KnobKind::Choice(choices)) => {
            in_short(&choices.iter().find(|(known, _)| known == slug).unwrap().1)
        }
        (Setting::None, _) => "none".to_owned(),
        (Setting::Texts(names), _) if names.is_empty() => "none".to_owned(),
        other => panic!("{}: how is {other:?} written?", knob.slug),
    }
}

/// "depth: 5 (1-64)"
fn declared(knob: &Knob) -> String {
    let range = match &knob.kind {
        KnobKind::Integer { min, max } => format!(" ({}-{})", bound(*min as f64), bound(*max as f64)),
        KnobKind::Real { min, max } => format!(" ({}-{})", bound(*min), bound(*max)),
        KnobKind::Choice(choices) => {
            format!(" ({})", choices.iter().map(|(_, label)| in_short(label)).collect::<Vec<_>>().join(", "))
        }
        _ => String::new(),
    };
    format!("{}: {}{range}", words::in_sentence(&knob.label), value(knob, &knob.default))
}

/// "trees: 30-400 ⌁"
fn searched(knob: &Knob) -> Option<String> {
    let what = match knob.search.as_ref()? {
        Search::Even { low, high } => format!("{}-{}", bound(*low), bound(*high)),
        Search::Log { low, high } => format!("{}-{} ⌁", bound(*low), bound(*high)),
        Search::Among(values) => values.iter().map(|v| value(knob, v)).collect::<Vec<_>>().join(", "),
    };
    Some(format!("{}: {what}", words::in_sentence(&knob.label)))
}

/// Without what 0 means: "penalty: 0 (0-10⁶, 0: chosen)".
fn without_remarks(cell: &str) -> String {
    let mut parts = cell.split(", 0: ");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |so_far, part| so_far + part.find(')').map_or("", |end| &part[end..]))
}

#[test]
fn every_family_is_documented_with_its_settings_their_ranges_and_defaults() {
    let of = |title: &str| cells("\n## Models\n", title);
    for family in FAMILIES {
        let found = of(short(*family));
        let (objective, settings, cost, source) = (&found[2], &found[3], &found[4], &found[5]);
        assert!(!objective.is_empty() && !cost.is_empty() && !source.is_empty(), "{found:?}");
        assert!(objective.contains("ssumes") || objective.contains("between the two"), "{found:?}");
        // The settings of some are those of the row above.
        let settings = match settings.strip_prefix("as ") {
            Some(other) => of(&words::capitalised(other))[3].clone(),
            None => settings.clone(),
        };
        let expected: Vec<String> = family.knobs().iter().map(declared).collect();
        assert_eq!(without_remarks(&settings), expected.join("; "), "{}", family.slug());
        // A yes or no leaves settings out and changes none.
        for outcome in [Outcome::Amount, Outcome::YesNo].into_iter().filter(|o| family.suits(*o)) {
            assert!(family.knobs_for(outcome).iter().all(|k| expected.contains(&declared(k))));
        }
    }
}

#[test]
fn what_a_search_tries_is_documented() {
    for family in FAMILIES {
        let expected: Vec<String> = family.knobs().iter().filter_map(searched).collect();
        let shared =
            if family.slug() == "extra_trees" { "Random forest, extra trees" } else { short(*family) };
        let shared = if family.slug() == "random_forest" { "Random forest, extra trees" } else { shared };
        if expected.is_empty() {
            let table = page();
            let (_, section) = table.split_once("\n### Tuning\n").unwrap();
            let table = section.split("\n**").next().unwrap();
            assert!(
                !table.contains(&format!("\n| {} |", short(*family))),
                "{} is not searched",
                family.slug()
            );
        } else {
            assert_eq!(cells("\n### Tuning\n", shared)[2], expected.join("; "), "{}", family.slug());
        }
    }
}
