//! The section on the decision in money.

use super::{
    Findings,
    blocks::{notes, paragraph, section, table},
};
use crate::engine::{
    decisions::{
        budget_words,
        contacts::Contacts,
        decision::{BudgetResult, Decision, HoldOutPlan, Retargeting},
    },
    report::document::{Block, Section},
    words::{NOTHING, alike, count, decimals, interval_of, money, number, percent},
};

pub(super) fn decision(decision: &Decision, findings: &Findings) -> Section {
    let currency = findings.table.currency.as_deref();
    let mut blocks = Vec::new();
    let sentences = [
        decision.contacts.as_ref().map(|c| &c.sentence),
        decision.retargeting.as_ref().map(|r| &r.sentence),
        decision.budget.as_ref().map(|b| &b.sentence),
    ];
    blocks.extend(sentences.into_iter().flatten().map(|s| paragraph(s.clone())));
    blocks.extend(decision.claims.iter().cloned().map(|c| Block::Claim(Box::new(c))));
    if let Some(c) = &decision.contacts {
        contacts(&mut blocks, c, currency);
    }
    if let Some(r) = &decision.retargeting {
        retargeting(&mut blocks, r, currency);
        if let Some(h) = &decision.hold_out {
            let title =
                if decision.contacts.is_some() { "How to prove it, by segment" } else { "How to prove it" };
            hold_out(&mut blocks, h, title);
        }
    }
    if let Some(b) = &decision.budget {
        budget(&mut blocks, b, currency);
    }
    notes(&mut blocks, "What is missing for a decision", &decision.missing);
    if blocks.is_empty() {
        blocks.push(paragraph("No decision can be drawn from this table yet."));
    }
    section("decision", "Decision", blocks)
}

fn facts<const N: usize>(facts: [(&str, String); N]) -> Block {
    Block::Facts(facts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn contacts(blocks: &mut Vec<Block>, c: &Contacts, currency: Option<&str>) {
    let cash = |v: f64| money(v, currency);
    let whole = |v: f64| money(v.round(), currency);
    blocks.push(Block::Heading("Whom to contact, person by person".to_owned()));
    blocks.push(facts([
        ("Model", c.title.clone()),
        ("Value of a response", cash(c.economics.value_per_response)),
        ("Cost of a contact", cash(c.economics.cost_per_contact)),
        ("Where these come from", c.economics_source.clone()),
        ("Contacted from an expected response of", percent(c.break_even)),
        ("People contacted", format!("{} of {}", count(c.people), count(c.n))),
        ("Responses among them", count(c.responses)),
        (
            "Profit on held-out rows",
            format!("{} ({}, 95 %)", whole(c.profit), interval_of(c.profit_interval, whole)),
        ),
        ("Profit of contacting everyone", whole(c.profit_everyone)),
    ]));
    notes(blocks, "What this assumes", &c.assumptions);
    if let Some(h) = &c.hold_out {
        hold_out(blocks, h, "How to prove it");
    }
}

fn retargeting(blocks: &mut Vec<Block>, r: &Retargeting, currency: Option<&str>) {
    let cash = |v: f64| money(v, currency);
    // Profits and sums stand in columns: all of them without cents.
    let whole = |v: f64| money(v.round(), currency);
    blocks.push(Block::Heading("Whom to contact, by segment".to_owned()));
    blocks.push(facts([
        ("Value of a response", cash(r.economics.value_per_response)),
        ("Cost of a contact", cash(r.economics.cost_per_contact)),
        ("Where these come from", r.economics_source.clone()),
        ("Break-even response rate", percent(r.break_even)),
        ("People to contact", count(r.people)),
        ("Expected profit", format!("{} ({}, 95 %)", whole(r.profit), interval_of(r.profit_interval, whole))),
        ("Profit of contacting everyone", whole(r.profit_everyone)),
    ]));
    let rows = r.segments.iter().map(|s| {
        let mark = if r.chosen.contains(&s.index) { " (chosen)" } else { "" };
        vec![
            format!("{}{mark}", s.name),
            count(s.n),
            percent(s.rate),
            interval_of(s.rate_interval, percent),
            s.lift.map_or_else(|| NOTHING.to_owned(), |l| format!("{} ×", decimals(l, 2))),
            whole(s.profit),
            interval_of(s.profit_interval, whole),
            cash(s.profit_per_person),
            s.reason.clone(),
        ]
    });
    let header = [
        "Segment",
        "People",
        "Expected rate",
        "95 % interval",
        "Lift",
        "Profit",
        "95 % interval",
        "A person",
        "What to do, and why",
    ];
    blocks.push(table("people × (rate × value − cost), best first", &header, rows.collect()));
    notes(blocks, "What this assumes", &r.assumptions);
}

fn budget(blocks: &mut Vec<Block>, b: &BudgetResult, currency: Option<&str>) {
    let cash = |v: f64| money(v, currency);
    // Profits and sums stand in columns: all of them without cents.
    let whole = |v: f64| money(v.round(), currency);
    blocks.push(Block::Heading("Where to move budget".to_owned()));
    let moved = format!(
        "{} ({} of the spend) from {} {} to {}",
        whole(b.moved),
        percent(b.plan.share),
        b.plan.by,
        b.plan.from,
        b.plan.to
    );
    blocks.push(facts([
        ("Move", moved),
        (
            "To count on",
            format!(
                "{} ({}, 95 %)",
                budget_words::change(b.expected, &b.noun),
                budget_words::range(b.expected_interval)
            ),
        ),
        ("What the average cost would promise", budget_words::change(b.naive_gain, &b.noun)),
        (
            "Elasticity of conversions to spend",
            format!("{} ({}, 95 %)", number(b.elasticity), interval_of(b.elasticity_interval, number)),
        ),
    ]));
    let conversions = alike(&b.groups.iter().map(|g| Some(g.conversions)).collect::<Vec<_>>());
    let rows = b.groups.iter().zip(conversions).map(|(g, conversions)| {
        vec![
            g.label.clone(),
            count(g.n),
            whole(g.spend),
            conversions,
            g.cpa.map_or_else(|| NOTHING.to_owned(), cash),
            g.marginal_cpa.map_or_else(|| NOTHING.to_owned(), cash),
        ]
    });
    let header =
        [b.plan.by.as_str(), "Ads", "Spend", &b.outcome, "Cost each, on average", "Cost of one more"];
    blocks.push(table("Average and marginal cost", &header, rows.collect()));
    notes(blocks, "What this assumes", &b.assumptions);
}

fn hold_out(blocks: &mut Vec<Block>, h: &HoldOutPlan, title: &str) {
    blocks.push(Block::Heading(title.to_owned()));
    blocks.push(paragraph(h.sentence.clone()));
    blocks.push(facts([
        ("Rate without", percent(h.base_rate)),
        ("Rate to detect", percent(h.detect_rate)),
        ("Power, error of the first kind", format!("{}, {}", percent(h.power), percent(h.alpha))),
        ("People in each arm", count(h.n_per_arm)),
        ("People available", count(h.available)),
    ]));
}
