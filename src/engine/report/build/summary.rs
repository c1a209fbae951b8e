//! The summary: the decision in money first, then a few points it rests on, and what limits it.

use super::{Findings, blocks::finished};
use crate::engine::{
    decisions::decision::Decision,
    report::document::Summary,
    statistics::claim::{Claim, Grade},
    words::capitalised,
};

/// What a reader in a hurry takes away. Empty parts are left out.
pub fn summary(findings: &Findings) -> Summary {
    let decision = findings.decision.as_ref();
    let claims = main_claims(findings.exploration.as_ref().map_or(&[][..], |e| &e.claims));
    // Two ways to choose people answer one question: the one that chooses them one by one stands for both.
    let decided = decision
        .into_iter()
        .flat_map(|d| {
            let people = d.contacts.as_ref().map(|c| &c.sentence);
            [people.or(d.retargeting.as_ref().map(|r| &r.sentence)), d.budget.as_ref().map(|b| &b.sentence)]
        })
        .flatten();
    // The decision leads; where there is none, how things stand; before that, what was read.
    let mut leads = decided.map(|s| finished(s)).collect::<Vec<_>>().into_iter();
    let lead = leads.next();
    let n_untold = claims.len().saturating_sub(2);
    let (lead, told) = match (lead, claims.split_first()) {
        (Some(lead), _) => (lead, claims.get(n_untold..).unwrap_or_default()),
        (None, Some((first, rest))) => (finished(&first.sentence), rest),
        (None, None) => (finished(&findings.receipt.sentence), &[][..]),
    };

    let mut points: Vec<(String, String)> = leads.map(|s| ("Budget".to_owned(), s)).collect();
    points.extend(told.iter().map(|c| (capitalised(c.grade.label()), finished(&c.sentence))));
    let modelled = findings.comparison.as_ref().map(|c| ("Models", c.verdict.sentence.as_str()));
    let segmented = findings.segmentation.as_ref().map(|s| ("Segments", s.why_k.as_str()));
    let in_use = findings.ladder.as_ref().map(|l| ("In use", l.sentence.as_str()));
    // The label says it already.
    let proof = decision.and_then(Decision::proof);
    let proof =
        proof.map(|sentence| ("To prove it", sentence.strip_prefix("To prove it, ").unwrap_or(sentence)));
    let rest = modelled.into_iter().chain(in_use).chain(segmented).chain(proof);
    points.extend(rest.map(|(label, text)| (label.to_owned(), capitalised(&first_sentence(text)))));

    let is_read_only = findings.exploration.is_none() && findings.comparison.is_none() && decision.is_none();
    let limits = if is_read_only {
        "Nothing has been analysed yet; this report says what was read and changed."
    } else {
        "These are observations, not an experiment: they say what goes together, not what would happen if something were changed."
    };
    Summary { lead, points, limits: limits.to_owned() }
}

/// Up to the first full stop that ends a sentence; the section holds the rest.
fn first_sentence(text: &str) -> String {
    let starts = |rest: &str| rest.chars().next().is_some_and(char::is_uppercase);
    let end = text.match_indices(". ").find(|(at, _)| starts(text.get(at + 2..).unwrap_or_default()));
    finished(end.and_then(|(at, _)| text.get(..=at)).unwrap_or(text))
}

/// At most three findings: how things stand (the first that needs no test), the surest difference, and what the data
/// cannot tell. Of the latter age comes first: it is what everybody asks about.
pub fn main_claims(claims: &[Claim]) -> Vec<&Claim> {
    let p = |c: &Claim| c.record.test.as_ref().map(|t| t.p);
    let is_difference = |c: &&Claim| !c.id.starts_with("correlation") && p(c).is_some();
    let of = |grade: Grade| claims.iter().filter(move |c| c.grade == grade);
    let surest = |grade: Grade| {
        let tested = of(grade).filter(is_difference);
        tested.min_by(|a, b| p(a).unwrap_or(1.0).total_cmp(&p(b).unwrap_or(1.0)))
    };
    let about_age =
        |c: &&Claim| c.topic.to_lowercase().split(|c: char| !c.is_alphabetic()).any(|word| word == "age");
    let unclear = of(Grade::CannotTell)
        .find(about_age)
        .or_else(|| of(Grade::CannotTell).max_by(|a, b| p(a).unwrap_or(0.0).total_cmp(&p(b).unwrap_or(0.0))));
    let overall = of(Grade::Supported).find(|c| p(c).is_none());
    let difference = surest(Grade::Supported).or_else(|| surest(Grade::Suggestive));
    let mut main: Vec<&Claim> = Vec::new();
    let rest = of(Grade::Supported).chain(of(Grade::Suggestive));
    for claim in overall.into_iter().chain(difference).chain(unclear).chain(rest) {
        if main.len() < 3 && !main.iter().any(|c| c.id == claim.id) {
            main.push(claim);
        }
    }
    main
}

#[cfg(test)]
mod tests {
    use super::first_sentence;

    #[test]
    fn a_point_is_one_sentence() {
        for (text, expected) in [
            ("R² is 0.47. The others tie.", "R² is 0.47."),
            ("Keep 2,036 people of approx. 3,000", "Keep 2,036 people of approx. 3,000."),
        ] {
            assert_eq!(first_sentence(text), expected);
        }
    }
}
