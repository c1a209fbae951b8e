//! A short plain text to paste into a chat or a mail.

use super::Exporter;
use crate::engine::{
    report::{
        build::{Findings, main_claims},
        document::Document,
        record,
    },
    statistics::claim::Claim,
    words::count,
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

/// At most a dozen lines: what was looked at, the decision, three findings, the models, the segments, how to prove it.
fn text(document: &Document, findings: &Findings) -> String {
    let mut lines = vec![
        document.title.clone(),
        format!(
            "{} ({} rows x {} columns)",
            findings.receipt.file_name,
            count(findings.raw.n_rows),
            count(findings.raw.columns.len() as u64)
        ),
        String::new(),
    ];
    if let Some(decision) = &findings.decision {
        lines.extend(decision.retargeting.iter().map(|r| format!("Decision: {}", r.sentence)));
        lines.extend(decision.budget.iter().map(|b| format!("Budget: {}", b.sentence)));
    }
    let claims: Vec<Claim> = findings.exploration.iter().flat_map(|e| e.claims.clone()).collect();
    lines.extend(main_claims(&claims).iter().map(|c| format!("- {} ({})", c.sentence, record::grade(c))));
    lines.extend(findings.comparison.iter().map(|c| format!("Models: {}", c.verdict.sentence)));
    lines.extend(findings.segmentation.iter().map(|s| format!("Segments: {}", s.why_k)));
    lines.extend(
        findings
            .decision
            .iter()
            .filter_map(|d| d.hold_out.as_ref())
            .map(|h| format!("To prove it: {}", h.sentence)),
    );
    lines.push(String::new());
    lines.push(format!(
        "Observational data. Made with Assay {}, seed {}, file fingerprint {}.",
        findings.version, findings.recipe.seed, findings.receipt.fingerprint
    ));
    lines.join("\n") + "\n"
}
