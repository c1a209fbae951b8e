//! The formats a report can be written in, one file each.

use super::{ReportError, build::Findings, document::Document};

pub mod html;
pub mod markdown;
pub mod recipe_json;
pub mod results_json;
pub mod summary;
pub mod svg;

/// Writes a report in one format.
pub trait Exporter: Sync {
    /// "html"
    fn slug(&self) -> &'static str;
    /// "HTML, one file"
    fn title(&self) -> &'static str;
    /// One line of help.
    fn help(&self) -> &'static str;
    /// "report.html"
    fn file_name(&self) -> &'static str;
    /// "text/html"
    fn mime(&self) -> &'static str;
    /// Whether it is for the user alone: nothing personal is masked in it, because it must give the same numbers again.
    fn is_own(&self) -> bool {
        false
    }
    /// The file's bytes.
    fn write(&self, document: &Document, findings: &Findings) -> Vec<u8>;
}

/// Every format, in the order offered.
pub const EXPORTERS: &[&dyn Exporter] = &[
    &html::Html,
    &markdown::Markdown,
    &summary::Summary,
    &recipe_json::RecipeJson,
    &results_json::ResultsJson,
];

/// The format of a slug.
pub fn find(slug: &str) -> Result<&'static dyn Exporter, ReportError> {
    EXPORTERS
        .iter()
        .copied()
        .find(|e| e.slug() == slug)
        .ok_or_else(|| ReportError::UnknownFormat { slug: slug.to_owned() })
}

#[cfg(test)]
mod tests;
