//! Builds the document from what was found.

use crate::engine::{
    data::summary::{Receipt, TableSummary},
    decisions::decision::Decision,
    models::comparison::Comparison,
    pipeline::{graph::Node, recipe::Recipe},
    segments::segmentation::Segmentation,
    statistics::exploration::Exploration,
    step::Effect,
};
use serde::{Deserialize, Serialize};

/// Everything that was looked at. What is `None` was not, and is not in the report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Findings {
    pub receipt: Receipt,
    /// As read.
    pub raw: TableSummary,
    /// As prepared.
    pub table: TableSummary,
    pub recipe: Recipe,
    /// One a recipe step: what it is called, and its effect or why it failed.
    pub ledger: Vec<LedgerEntry>,
    pub exploration: Option<Exploration>,
    pub comparison: Option<Comparison>,
    pub segmentation: Option<Segmentation>,
    pub decision: Option<Decision>,
    pub graph: Vec<Node>,
    /// Version of Assay.
    pub version: String,
}

/// One step of the recipe and what it did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LedgerEntry {
    pub title: String,
    /// Whether it is a cleaning step, a feature, or a correction of type or role: "clean", "feature", "schema".
    pub kind: String,
    pub effect: Option<Effect>,
    pub failure: Option<String>,
}

/// A chart for the report, as whoever draws hands it over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// Which chart and of what: ("histogram", ["Income"]); decides the section it stands in.
    pub chart: String,
    pub args: Vec<String>,
    pub title: String,
    pub alt: String,
    pub how: String,
    pub header: Vec<String>,
    pub rows: Vec<Vec<String>>,
    pub svg: Option<String>,
}
