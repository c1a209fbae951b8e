//! A short plain text to paste into a chat or a mail.

use super::Exporter;
use crate::engine::{
    report::{build::Findings, document::Document},
    words,
};

/// `summary.txt`
pub struct Summary;

impl Exporter for Summary {
    fn slug(&self) -> &'static str {
        "summary"
    }
    fn title(&self) -> &'static str {
        "Short summary"
    }
    fn help(&self) -> &'static str {
        "A few lines of plain text to paste into a chat."
    }
    fn file_name(&self) -> &'static str {
        "summary.txt"
    }
    fn mime(&self) -> &'static str {
        "text/plain"
    }
    fn write(&self, document: &Document, findings: &Findings) -> Vec<u8> {
        text(document, findings).into_bytes()
    }
}

/// At most a dozen lines: what was looked at, the decision, and the points it rests on.
fn text(document: &Document, findings: &Findings) -> String {
    let summary = &document.summary;
    let lead = if findings.decision.is_some() { "Decision: " } else { "" };
    let mut lines = vec![
        document.title.clone(),
        format!(
            "{}, {}",
            words::rows_of(findings.raw.n_rows),
            words::counted(findings.raw.columns.len() as u64, "column", "columns")
        ),
        String::new(),
        format!("{lead}{}", summary.lead),
    ];
    lines.extend(summary.points.iter().map(|(word, sentence)| format!("- {word}: {sentence}")));
    lines.push(String::new());
    lines.push(summary.limits.clone());
    lines.push(format!(
        "Made with Assay {}, seed {}, file fingerprint {}.",
        findings.version, findings.recipe.seed, findings.receipt.fingerprint
    ));
    lines.join("\n") + "\n"
}
