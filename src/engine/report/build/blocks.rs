//! The words and blocks that every section is built of.

use crate::engine::{
    report::document::{Block, Section},
    words::count,
};

/// With a final period.
pub(super) fn finished(sentence: &str) -> String {
    if sentence.ends_with(['.', '!', '?', ')', '”']) { sentence.to_owned() } else { format!("{sentence}.") }
}

/// "1 column", "3 columns"
pub(super) fn several(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

pub(super) fn section(slug: &str, title: &str, blocks: Vec<Block>) -> Section {
    Section { slug: slug.to_owned(), title: title.to_owned(), blocks }
}

pub(super) fn paragraph(text: impl Into<String>) -> Block {
    Block::Paragraph(text.into())
}

pub(super) fn table(caption: &str, header: &[&str], rows: Vec<Vec<String>>) -> Block {
    Block::Table {
        caption: caption.to_owned(),
        header: header.iter().map(|h| (*h).to_owned()).collect(),
        rows,
    }
}

pub(super) fn details(summary: impl Into<String>, blocks: Vec<Block>) -> Block {
    Block::Details { summary: summary.into(), blocks }
}

pub(super) fn notes(blocks: &mut Vec<Block>, title: &str, notes: &[String]) {
    if !notes.is_empty() {
        blocks.push(Block::Heading(title.to_owned()));
        blocks.push(Block::List(notes.to_vec()));
    }
}
