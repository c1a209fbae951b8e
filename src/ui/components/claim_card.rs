//! A finding with its grade; the record it was made from opens beneath.

use leptos::prelude::*;

use super::{
    table::{Cell, Table},
    term::Term,
};
use crate::engine::{
    statistics::claim::{Claim, Grade, Record, TestRecord},
    words,
};

/// The sign of a grade with its word.
#[component]
pub fn GradeMark(grade: Grade) -> impl IntoView {
    let slug = match grade {
        Grade::Supported => "supported",
        Grade::Suggestive => "suggestive",
        Grade::CannotTell => "cannot-tell",
    };
    view! {
        <span class="grade" data-grade=slug>
            <span aria-hidden="true">{grade.sign().to_string()}</span>
            " "
            {grade.label()}
        </span>
    }
}

/// A finding.
#[component]
pub fn ClaimCard(claim: Claim) -> impl IntoView {
    let Claim { id, topic, sentence, grade, record } = claim;
    let figures = figures(&record, grade);
    view! {
        <article class="claim" data-claim=id>
            <header class="claim__header">
                <span class="claim__topic">{topic}</span>
                <GradeMark grade />
            </header>
            <p class="claim__sentence">{words::unbroken(&sentence)}</p>
            // The sentence and the record say the same in words: these are for the eye that runs down the list.
            <dl class="claim__figures">
                {figures.into_iter().map(|(name, value)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> }).collect_view()}
            </dl>
            <details class="claim__record">
                <summary>"How we know"</summary>
                <RecordView record />
            </details>
        </article>
    }
}

/// Findings one below the other.
#[component]
pub fn ClaimList(#[prop(into)] claims: Signal<Vec<Claim>>) -> impl IntoView {
    view! {
        <div class="claims">
            {move || claims.get().into_iter().map(|claim| view! { <ClaimCard claim /> }).collect_view()}
        </div>
    }
}

/// The three figures a finding is judged by.
fn figures(record: &Record, grade: Grade) -> Vec<(&'static str, String)> {
    // "1,143 ads" rather than "1,143", where the record says of what.
    let n = words::count(record.n);
    let noun = record.rows.strip_prefix(&n).and_then(|rest| rest.strip_prefix(' '));
    // "936 of 1,143 ads" is 936 ads.
    let noun = noun.map(|rest| {
        rest.strip_prefix("of ").and_then(|of| of.split_once(' ')).map_or(rest, |(_, rest)| rest)
    });
    let noun = noun.and_then(|rest| rest.split([' ', ',', ':']).next());
    let n = noun.map_or_else(|| n.clone(), |noun| format!("{n} {noun}"));
    let mut figures = vec![("n", n)];
    if let Some(test) = &record.test {
        let adjusted = test.p_holm.or(test.p_bh);
        // Where groups are too small for the test, its p would contradict the grade.
        if grade == Grade::CannotTell && adjusted.unwrap_or(test.p) < 0.05 {
            return figures;
        }
        let name = if adjusted.is_some() { "Adjusted p" } else { "p" };
        let p = words::p_cell(adjusted.unwrap_or(test.p));
        figures.extend([("Test", test.name.clone()), (name, p)]);
    }
    figures
}

#[component]
fn RecordView(record: Record) -> impl IntoView {
    let scale = |value: f64| {
        if record.unit == "%" {
            words::percent(value)
        } else {
            with_unit(&words::number(value), &record.unit)
        }
    };
    let mut facts: Vec<(&'static str, AnyView)> = Vec::new();
    if !record.estimand.is_empty() {
        facts.push(("What is estimated", record.estimand.clone().into_any()));
    }
    if let Some(estimate) = record.estimate {
        facts.push(("Estimate", scale(estimate).into_any()));
    }
    if let Some((low, high)) = record.interval {
        let level = record.level.map_or_else(String::new, |l| format!("{} ", words::percent(l)));
        let method = record.interval_method.as_ref().map_or_else(String::new, |m| format!(" ({m})"));
        facts.push(("Interval", format!("{level}{} to {}{method}", scale(low), scale(high)).into_any()));
    }
    facts.push(("n", words::count(record.n).into_any()));
    if let Some(test) = &record.test {
        facts.extend(test_facts(test));
    }
    if !record.rows.is_empty() {
        facts.push(("Rows used", record.rows.clone().into_any()));
    }
    let table = record.table.split_first().map(|(header, rows)| {
        let rows: Vec<Vec<Cell>> =
            rows.iter().map(|r| r.iter().cloned().map(Cell::from).collect()).collect();
        view! {
            <Table caption="Figures behind this finding" header=Signal::stored(header.clone()) rows=Signal::stored(rows) />
        }
    });
    view! {
        <div class="record">
            <dl class="facts">
                {facts.into_iter().map(|(name, value)| view! { <dt>{name}</dt> <dd>{value}</dd> }).collect_view()}
            </dl>
            {(!record.notes.is_empty()).then(|| view! {
                <ul class="record__notes">
                    {record.notes.iter().map(|n| words::unbroken(n)).map(|n| view! { <li>{n}</li> }).collect_view()}
                </ul>
            })}
            {table}
        </div>
    }
}

fn with_unit(text: &str, unit: &str) -> String {
    if unit.is_empty() { text.to_owned() } else { format!("{text} {unit}") }
}

fn test_facts(test: &TestRecord) -> Vec<(&'static str, AnyView)> {
    let dof = match test.dof.as_slice() {
        [] => String::new(),
        [one] => format!(" with {} df", words::number(*one)),
        many => {
            format!(" with {} df", many.iter().map(|d| words::number(*d)).collect::<Vec<_>>().join(" and "))
        }
    };
    let result = format!("{} = {}{dof}", test.symbol, words::number(test.statistic));
    let mut facts = vec![
        ("Test", test.name.clone().into_any()),
        ("Why this test", test.why.clone().into_any()),
        ("Result", result.into_any()),
        (
            "p",
            view! {
                <Term
                    word=words::p_value(test.p)
                    means="How often a difference at least this large would come from chance alone, if there were none."
                />
            }
            .into_any(),
        ),
    ];
    let n_tests = test.n_tests.map_or_else(String::new, |n| format!(" over {} tests", words::count(n)));
    if let Some(p) = test.p_holm {
        let words = format!("{} (Holm{n_tests})", words::p_value(p));
        facts.push((
            "p, adjusted",
            view! { <Term word=words means="Holm: p made larger because several comparisons were made; the chance of even one false finding stays below the level." /> }.into_any(),
        ));
    }
    if let Some(p) = test.p_bh {
        let words = format!("{} (Benjamini-Hochberg)", words::p_value(p));
        facts.push((
            "p, false discovery",
            view! { <Term word=words means="Benjamini-Hochberg: adjusted so that at most this share of the findings called real are false." /> }.into_any(),
        ));
    }
    if let Some(dispersion) = test.dispersion {
        facts.push((
            "Dispersion",
            view! { <Term word=words::number(dispersion) means="How much more the counts vary than chance alone would make them; 1 is pure chance, and the test is corrected for what exceeds it." /> }.into_any(),
        ));
    }
    if let Some((name, value)) = &test.effect {
        facts.push(("Effect size", format!("{name} = {}", words::number(*value)).into_any()));
    }
    facts
}
