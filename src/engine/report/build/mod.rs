//! Builds the document from what was found: one file a section.

mod blocks;
mod data;
mod decision;
mod explanation;
mod explore;
mod honesty;
mod method;
mod models;
mod preparation;
mod segments;
mod summary;

use serde::{Deserialize, Serialize};

pub use self::summary::main_claims;
use self::{
    blocks::{details, several},
    summary::summary,
};
use super::{
    document::{Block, Document, Section},
    mask,
};
use crate::engine::{
    data::summary::{Receipt, TableSummary},
    decisions::decision::Decision,
    models::{
        comparison::Comparison, explain::Explanation, ladder::Ladder, learning_curve::LearningCurve,
        tune::Tuning,
    },
    pipeline::{graph::Node, recipe::Recipe},
    segments::segmentation::Segmentation,
    statistics::exploration::Exploration,
    step::Effect,
};

/// Everything that was looked at. What is `None` was not, and is not in the report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Findings {
    /// What reading the file found.
    pub receipt: Receipt,
    /// As read.
    pub raw: TableSummary,
    /// As prepared.
    pub table: TableSummary,
    /// What the user decided.
    pub recipe: Recipe,
    /// One a recipe step: what it is called, and its effect or why it failed.
    pub ledger: Vec<LedgerEntry>,
    /// What looks odd and was kept, with the reason.
    #[serde(default)]
    pub kept: Vec<String>,
    /// The exploration.
    pub exploration: Option<Exploration>,
    /// The model comparison.
    pub comparison: Option<Comparison>,
    /// Why one of its models predicts what it predicts.
    pub explanation: Option<Explanation>,
    /// What the score of those models is worth.
    #[serde(default)]
    pub ladder: Option<Ladder>,
    /// How that score grows with the rows.
    #[serde(default)]
    pub learning_curve: Option<LearningCurve>,
    /// The search that found settings of one of those models, where it was made with them.
    #[serde(default)]
    pub tuning: Option<Tuning>,
    /// The segments.
    pub segmentation: Option<Segmentation>,
    /// The decision.
    pub decision: Option<Decision>,
    /// The recipe as a graph.
    pub graph: Vec<Node>,
    /// Version of Assay.
    pub version: String,
    /// What rests on fewer than ten rows was left out.
    #[serde(default)]
    pub small_groups_masked: bool,
    /// Values of personal columns were masked in the recipe, which therefore does not give the same numbers.
    #[serde(default)]
    pub recipe_is_masked: bool,
    /// Names of columns that are not to be written, because they name a small group.
    #[serde(skip)]
    pub hidden: mask::Hidden,
}

/// One step of the recipe and what it did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LedgerEntry {
    /// What the step is called.
    pub title: String,
    /// Whether it is a cleaning step, a feature, or a correction of type or role: "clean", "feature", "schema".
    pub kind: String,
    /// What it did; `None` when it failed.
    pub effect: Option<Effect>,
    /// Why it failed, one sentence.
    pub failure: Option<String>,
    /// Why it was suggested; `None` when the user thought of it.
    #[serde(default)]
    pub reason: Option<String>,
}

/// A chart for the report, as whoever draws hands it over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// Which chart and of what: ("histogram", ["Income"]); decides the section it stands in.
    pub chart: String,
    /// The chart's arguments, as in the request.
    pub args: Vec<String>,
    /// Heading above it.
    pub title: String,
    /// One sentence that says what it shows.
    pub alt: String,
    /// How it was computed.
    pub how: String,
    /// Header of the figures behind it.
    pub header: Vec<String>,
    /// The figures as texts, one list a row.
    pub rows: Vec<Vec<String>>,
    /// The picture; `None` when nobody drew it.
    pub svg: Option<String>,
}

/// The whole report: sections in the order of the path, holding only what was looked at.
pub fn document(findings: &Findings, figures: &[Figure]) -> Document {
    let mut sections = vec![data::data(findings)];
    sections.extend(preparation::cleaning(findings));
    sections.extend(preparation::features(findings));
    sections.extend(findings.exploration.as_ref().map(|e| explore::explore(e, findings)));
    sections.extend(findings.comparison.as_ref().map(|c| models::models(c, findings)));
    sections.extend(findings.segmentation.as_ref().map(segments::segments));
    sections.extend(findings.decision.as_ref().map(|d| decision::decision(d, findings)));
    for section in &mut sections {
        place_figures(section, figures);
    }
    sections.push(method::method(findings));
    sections.push(method::recipe(findings));
    let mut document = Document {
        title: format!("Findings from {}", findings.receipt.file_name),
        summary: summary(findings),
        sections,
        recipe: findings.recipe.to_json(),
        version: findings.version.clone(),
    };
    mask::document(&mut document, &findings.hidden);
    document
}

/// The section a chart stands in; what is not named here is about the table.
pub fn section_of(chart: &str) -> &'static str {
    match chart {
        "model_scores" | "ladder" | "learning_curve" | "penalty_path" | "predicted_actual" | "residuals"
        | "importance" | "shap_summary" | "dependence" | "waterfall" => "models",
        "k_sweep" | "segment_map" | "segment_profile" => "segments",
        "segment_value" | "profit_curve" | "budget_groups" => "decision",
        _ => "explore",
    }
}

/// Figures follow the paragraphs and claims of their section, before its tables. What shows one column alone is folded
/// away, or the eye would meet eighty charts before the first table.
fn place_figures(section: &mut Section, figures: &[Figure]) {
    let mine = figures.iter().filter(|f| section_of(&f.chart) == section.slug);
    let (single, main): (Vec<&Figure>, Vec<&Figure>) = mine.partition(|f| is_of_one_column(f));
    let at = section
        .blocks
        .iter()
        .position(|b| !matches!(b, Block::Paragraph(_) | Block::Claim(_)))
        .unwrap_or(section.blocks.len());
    let mut placed: Vec<Block> = main.into_iter().map(figure).collect();
    if section.slug == "explore" && !placed.is_empty() {
        placed.insert(0, Block::Heading("Charts".to_owned()));
    }
    section.blocks.splice(at..at, placed);
    if !single.is_empty() {
        let title = several(single.len() as u64, "chart of one column", "charts of one column each");
        section.blocks.push(details(title, single.into_iter().map(figure).collect()));
    }
}

fn is_of_one_column(figure: &Figure) -> bool {
    matches!(figure.chart.as_str(), "histogram" | "box_plot") && figure.args.len() == 1
}

fn figure(figure: &Figure) -> Block {
    Block::Figure {
        chart: figure.chart.clone(),
        title: figure.title.clone(),
        alt: figure.alt.clone(),
        header: figure.header.clone(),
        rows: figure.rows.clone(),
        svg: figure.svg.clone(),
        how: figure.how.clone(),
    }
}
