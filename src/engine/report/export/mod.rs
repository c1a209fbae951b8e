//! The formats a report can be written in, one file each.

use super::{build::Findings, document::Document};

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
    /// The file's bytes.
    fn write(&self, document: &Document, findings: &Findings) -> Vec<u8>;
}

/// Every format, in the order offered.
pub const EXPORTERS: &[&dyn Exporter] = &[];
