//! Findings: claims made from comparisons, correlations and key figures, one file a kind. No sentence without its record.

use crate::engine::data::{
    role::{Role, TableKind},
    table::Table,
};
use crate::engine::order::InOrder;

use super::{
    claim::{Claim, Grade},
    exploration::Correlation,
    rates::{Compared, Outcome},
    segment::Grouping,
};

mod by_segment;
mod campaigns;
mod concentration;
mod correlations;
mod cost;
mod overall;

/// Everything the claims draw on.
pub(super) struct Found<'a> {
    pub table: &'a Table,
    pub currency: Option<&'a str>,
    pub outcome: Option<&'a Outcome<'a>>,
    pub groupings: &'a [&'a Grouping],
    pub compared: &'a [Compared],
    pub available: &'a [Grouping],
    pub correlations: &'a [Correlation],
}

/// All claims: what is supported, what is suggestive, what the data cannot tell. Within a grade the whole comes first, then
/// differences between groups, then how columns hang together.
pub(super) fn claims(found: &Found) -> Vec<Claim> {
    let mut out = Vec::new();
    out.extend(overall::claim(found));
    let mut by_segment: Vec<Claim> = found
        .groupings
        .iter()
        .zip(found.compared)
        .filter_map(|(g, c)| by_segment::claim(found, g, c))
        .collect();
    by_segment.order_by(|a, b| importance(b).total_cmp(&importance(a)));
    out.extend(by_segment);
    out.extend(campaigns::claim(found));
    out.extend(concentration::claim(found));
    out.extend(correlations::claims(found));
    out.order_by_key(|c| c.grade.rank());
    out.into_iter().map(Claim::told).collect()
}

/// What comes first among comparisons of one grade: the largest effect, or, where there is none to speak of, what is surest
/// not to be there. What could not be tested comes last.
fn importance(claim: &Claim) -> f64 {
    match (&claim.record.test, claim.grade) {
        (None, _) => -1.0,
        (Some(test), Grade::CannotTell) => test.p,
        (Some(test), _) => test.effect.as_ref().map_or(0.0, |e| e.1.abs()),
    }
}

/// "purchase", "enquiry": what an outcome that costs money is called.
fn costed(outcome: &Outcome) -> Option<&'static str> {
    match outcome.role {
        Role::Purchases => Some("purchase"),
        Role::Enquiries => Some("enquiry"),
        _ => None,
    }
}

/// What a row is called.
pub(super) fn rows_word(kind: TableKind) -> &'static str {
    match kind {
        TableKind::Customers => "people",
        TableKind::Ads => "ads",
        TableKind::Other => "rows",
    }
}

/// Key of a name: lower case, words joined by underscores.
fn slug(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_alphanumeric() {
            out.extend(c.to_lowercase());
        } else if !out.ends_with('_') && !out.is_empty() {
            out.push('_');
        }
    }
    out.trim_end_matches('_').to_owned()
}
