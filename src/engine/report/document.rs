//! The report without a format: sections of text, tables, figures and claims.

use crate::engine::statistics::claim::Claim;
use serde::{Deserialize, Serialize};

/// A report.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Document {
    pub title: String,
    /// The decision and what it rests on; a line a paragraph.
    pub summary: String,
    pub sections: Vec<Section>,
    /// The recipe as JSON.
    pub recipe: String,
    pub version: String,
}

/// A part with a heading.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Section {
    /// Anchor: "models".
    pub slug: String,
    pub title: String,
    pub blocks: Vec<Block>,
}

/// What a section is made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Block {
    Paragraph(String),
    Table {
        caption: String,
        header: Vec<String>,
        rows: Vec<Vec<String>>,
    },
    /// A chart: its title, its sentence, the table behind it and the picture, if somebody drew it.
    Figure {
        chart: String,
        title: String,
        alt: String,
        header: Vec<String>,
        rows: Vec<Vec<String>>,
        svg: Option<String>,
        /// How it was computed.
        how: String,
    },
    Claim(Box<Claim>),
    List(Vec<String>),
    /// A heading within the section.
    Heading(String),
    /// Facts as (name, value).
    Facts(Vec<(String, String)>),
    /// What only some readers open: a line that says what it is, and the blocks behind it.
    Details {
        summary: String,
        blocks: Vec<Block>,
    },
    Code {
        language: String,
        text: String,
    },
}
