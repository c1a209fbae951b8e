//! The report without a format: sections of text, tables, figures and claims.

use crate::engine::statistics::claim::Claim;
use serde::{Deserialize, Serialize};

/// A report.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Document {
    /// Heading of the whole.
    pub title: String,
    /// The decision and what it rests on.
    pub summary: Summary,
    /// In the order of the path.
    pub sections: Vec<Section>,
    /// The recipe as JSON.
    pub recipe: String,
    /// Version of Assay.
    pub version: String,
}

/// What a reader in a hurry takes away.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Summary {
    /// The decision in money; before there is one, how things stand.
    pub lead: String,
    /// What it rests on, as (word, sentence): ("Models", "...").
    pub points: Vec<(String, String)>,
    /// What all of it cannot say.
    pub limits: String,
}

/// A part with a heading.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Section {
    /// Anchor: "models".
    pub slug: String,
    /// Its heading.
    pub title: String,
    /// What it holds, in order.
    pub blocks: Vec<Block>,
}

/// What a section is made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Block {
    /// One paragraph of plain text.
    Paragraph(String),
    /// A table of texts.
    Table {
        /// What it shows.
        caption: String,
        /// One text a column.
        header: Vec<String>,
        /// As wide as the header.
        rows: Vec<Vec<String>>,
    },
    /// A chart: its title, its sentence, the table behind it and the picture, if somebody drew it.
    Figure {
        /// Slug of the chart.
        chart: String,
        /// Heading above it.
        title: String,
        /// One sentence that says what it shows.
        alt: String,
        /// Header of the figures behind it.
        header: Vec<String>,
        /// The figures, as wide as the header.
        rows: Vec<Vec<String>>,
        /// The picture; `None` when nobody drew it.
        svg: Option<String>,
        /// How it was computed.
        how: String,
    },
    /// A sentence with its grade and record.
    Claim(Box<Claim>),
    /// Sentences, one a bullet.
    List(Vec<String>),
    /// A heading within the section.
    Heading(String),
    /// Facts as (name, value).
    Facts(Vec<(String, String)>),
    /// What only some readers open: a line that says what it is, and the blocks behind it.
    Details {
        /// The line that is always shown.
        summary: String,
        /// What it hides.
        blocks: Vec<Block>,
    },
    /// Text to be shown as typed.
    Code {
        /// For highlighting: "json", "python".
        language: String,
        /// The lines.
        text: String,
    },
}
