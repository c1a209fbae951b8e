//! What is masked before anything is shared: cells of personal columns always, small groups when the user asks for it.

mod personal;
mod small;

pub use self::{personal::personal, small::small_groups};
use super::document::{Block, Document};
use crate::engine::data::private::{MASKED, scrub, without_emails};

/// Names of columns that name a small group, such as "City: Ultra", and what stands for them.
pub type Hidden = Vec<(String, String)>;

/// Masks in every text of a document what looks like an e-mail address, a phone or a card number, whatever column it came
/// from, and the names that are to be hidden.
pub fn document(document: &mut Document, hidden: &Hidden) {
    let mask = Mask { hidden };
    let text = |text: &mut String| mask.text(text);
    text(&mut document.title);
    let summary = &mut document.summary;
    [&mut summary.lead, &mut summary.limits].into_iter().for_each(text);
    summary.points.iter_mut().for_each(|(_, sentence)| text(sentence));
    document.sections.iter_mut().for_each(|section| mask.blocks(&mut section.blocks));
    mask.code(&mut document.recipe);
}

/// Masks a text of a report in its place.
pub fn scrubbed(text: &mut String, hidden: &Hidden) {
    Mask { hidden }.text(text);
}

struct Mask<'a> {
    hidden: &'a Hidden,
}

impl Mask<'_> {
    fn text(&self, text: &mut String) {
        self.names(text);
        *text = scrub(text);
    }

    /// Of code and pictures the addresses and names alone: their numbers are no phones.
    fn code(&self, text: &mut String) {
        self.names(text);
        if let Some(masked) = without_emails(text) {
            *text = masked;
        }
    }

    fn names(&self, text: &mut String) {
        for (name, shown) in self.hidden {
            if text.contains(name.as_str()) {
                *text = replaced(text, name, shown);
            }
        }
    }

    fn blocks(&self, all: &mut [Block]) {
        let text = |text: &mut String| self.text(text);
        let cells = |rows: &mut Vec<Vec<String>>| rows.iter_mut().flatten().for_each(text);
        for block in all {
            match block {
                Block::Paragraph(t) | Block::Heading(t) => text(t),
                Block::List(texts) => texts.iter_mut().for_each(text),
                Block::Facts(facts) => facts.iter_mut().for_each(|(_, value)| text(value)),
                Block::Table { rows, header, caption } => {
                    text(caption);
                    header.iter_mut().for_each(text);
                    cells(rows);
                }
                Block::Figure { title, alt, header, rows, svg, .. } => {
                    [title, alt].into_iter().chain(header).for_each(text);
                    cells(rows);
                    svg.iter_mut().for_each(|svg| self.code(svg));
                }
                Block::Claim(claim) => {
                    let record = &mut claim.record;
                    [&mut claim.topic, &mut claim.sentence, &mut record.estimand, &mut record.rows]
                        .into_iter()
                        .for_each(text);
                    record.notes.iter_mut().for_each(text);
                    cells(&mut record.table);
                }
                Block::Details { summary, blocks } => {
                    text(summary);
                    self.blocks(blocks);
                }
                Block::Code { text, .. } => self.code(text),
            }
        }
    }
}

/// A text with a value masked wherever it is no part of a longer word or number.
fn without_value(text: &str, value: &str) -> String {
    replaced(text, value, MASKED)
}

/// A text with another value wherever one is no part of a longer word or number.
fn replaced(text: &str, value: &str, by: &str) -> String {
    let (begins, ends) = (value.starts_with(char::is_alphanumeric), value.ends_with(char::is_alphanumeric));
    let is_digit = |c: char| c.is_ascii_digit();
    let is_number = value.ends_with(is_digit);
    // "12" is a part of "12.5" and of "12,000".
    let goes_on = |after: &str| after.strip_prefix(['.', ',']).is_some_and(|rest| rest.starts_with(is_digit));
    let came_from =
        |before: &str| before.strip_suffix(['.', ',']).is_some_and(|rest| rest.ends_with(is_digit));
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(value) {
        out.push_str(before);
        let is_part = (begins && out.ends_with(char::is_alphanumeric))
            || (ends && after.starts_with(char::is_alphanumeric))
            || (is_number && (goes_on(after) || came_from(&out)));
        out.push_str(if is_part { value } else { by });
        rest = after;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_masked_as_whole_words() {
        let check = |text: &str, value: &str, expected: &str| {
            assert_eq!(without_value(text, value), expected);
        };
        check("Annual of Ann, Joann (Ann)", "Ann", "Annual of (masked), Joann ((masked))");
        check("AnnAnn Ann", "Ann", "AnnAnn (masked)");
        check("x+30 1-Ann.", "+30 1", "x(masked)-Ann.");
    }
}
