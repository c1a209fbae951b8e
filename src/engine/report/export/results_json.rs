//! Every number as JSON, in the stable form that `docs/data-format.md` documents.

use serde_json::Value;

use super::Exporter;
use crate::engine::data::summary::{FileReceipt, TableSummary};
use crate::engine::{
    json::json,
    models::{comparison::Comparison, explain::Explanation},
    report::{
        build::{Findings, LedgerEntry},
        document::Document,
        mask::{Hidden, scrubbed},
    },
    segments::segmentation::Segmentation,
    statistics::{claim::Claim, exploration::Exploration},
};

/// Version of the form. Raised when an older reader could misread it.
pub const RESULTS_VERSION: u32 = 1;

/// `results.json`
pub struct ResultsJson;

impl Exporter for ResultsJson {
    fn slug(&self) -> &'static str {
        "results"
    }
    fn title(&self) -> &'static str {
        "Results as JSON"
    }
    fn help(&self) -> &'static str {
        "Every figure for other programs, in a documented form."
    }
    fn file_name(&self) -> &'static str {
        "results.json"
    }
    fn mime(&self) -> &'static str {
        "application/json"
    }
    fn write(&self, _document: &Document, findings: &Findings) -> Vec<u8> {
        let mut value = results(findings);
        finish(&mut value, &findings.hidden);
        let mut bytes = serde_json::to_vec_pretty(&value).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }
}

/// Masks what looks like an e-mail address, a phone or a card number in every text, and the names that are to be hidden.
/// What a text says without small groups stands in its place by now, or is not wanted.
fn finish(value: &mut Value, hidden: &Hidden) {
    match value {
        Value::String(text) => scrubbed(text, hidden),
        Value::Array(values) => values.iter_mut().for_each(|v| finish(v, hidden)),
        Value::Object(fields) => {
            fields.retain(|name, _| name != "shared" && name != "named_in");
            fields.values_mut().for_each(|v| finish(v, hidden));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The whole as one value. What was not looked at is `null`; undefined numbers are `null`.
pub fn results(findings: &Findings) -> Value {
    let (features, cleaning): (Vec<&LedgerEntry>, Vec<&LedgerEntry>) =
        findings.ledger.iter().partition(|e| e.kind == "feature");
    json!({
        "format": "assay.results",
        "format_version": RESULTS_VERSION,
        "version": findings.version,
        "data": data(findings),
        "prepared": table(&findings.table),
        "cleaning": cleaning.into_iter().map(ledger).collect::<Vec<_>>(),
        "features": features.into_iter().map(ledger).collect::<Vec<_>>(),
        "explore": findings.exploration.as_ref().map(explore),
        "models": findings.comparison.as_ref().map(models),
        "explanation": findings.explanation.as_ref().map(explanation),
        "ladder": findings.ladder,
        "learning_curve": findings.learning_curve,
        "segments": findings.segmentation.as_ref().map(segments),
        "decision": findings.decision,
        "claims": claims(findings),
        "small_groups_masked": findings.small_groups_masked,
        "recipe": findings.recipe,
        "recipe_is_masked": findings.recipe_is_masked,
    })
}

fn data(findings: &Findings) -> Value {
    let receipt = &findings.receipt;
    let mut value = table(&findings.raw);
    let more = json!({
        "file_name": receipt.file_name,
        "fingerprint": receipt.fingerprint,
        "n_bytes": receipt.n_bytes,
        "source": receipt.source,
        "encoding": receipt.encoding,
        "delimiter": receipt.delimiter,
        "header_line": receipt.header_line,
        "sentence": receipt.sentence,
        "n_skipped": receipt.n_skipped,
        "skipped": receipt.skipped,
        "issues": receipt.issues,
        "files": receipt.files.iter().map(file).collect::<Vec<_>>(),
    });
    if let (Some(all), Value::Object(more)) = (value.as_object_mut(), more) {
        all.extend(more);
    }
    value
}

/// A file of the table. Keys stay out of it: they may say who somebody is.
fn file(file: &FileReceipt) -> Value {
    json!({
        "name": file.name,
        "fingerprint": file.fingerprint,
        "n_bytes": file.n_bytes,
        "n_rows": file.n_rows,
        "n_columns": file.n_columns,
        "sheet": file.workbook.as_ref().map(|w| &w.sheet),
        "put": file.put,
        "lacks": file.lacks,
        "join": file.join.as_ref().map(|j| json!({
            "likeness": j.likeness,
            "n_rows": j.n_rows,
            "n_rows_matched": j.n_rows_matched,
            "n_rows_without_key": j.n_rows_without_key,
            "n_keys": j.n_keys,
            "n_keys_matched": j.n_keys_matched,
            "n_right_rows": j.n_right_rows,
            "n_right_keys": j.n_right_keys,
            "n_unused_keys": j.n_unused_keys,
            "n_repeated_keys": j.n_repeated_keys,
        })),
    })
}

fn table(table: &TableSummary) -> Value {
    let columns: Vec<Value> = table
        .columns
        .iter()
        .map(|c| {
            json!({
                "name": c.name,
                "type": c.column_type.slug(),
                "role": c.role.slug(),
                "n_missing": c.n_missing,
                "n_unique": c.n_unique,
                "range": c.range.map(|(low, high)| [low, high]),
                "examples": c.examples,
                "is_computed": c.is_computed,
                "personal": c.personal,
            })
        })
        .collect();
    json!({
        "kind": table.kind.slug(),
        "currency": table.currency,
        "n_rows": table.n_rows,
        "n_columns": table.columns.len(),
        "columns": columns,
    })
}

fn ledger(entry: &LedgerEntry) -> Value {
    json!({
        "title": entry.title,
        "kind": entry.kind,
        "state": if entry.failure.is_some() { "failed" } else { "done" },
        "failure": entry.failure,
        "reason": entry.reason,
        "effect": entry.effect,
    })
}

fn explore(exploration: &Exploration) -> Value {
    let tests: Vec<Value> = exploration
        .rates
        .iter()
        .map(
            |r| json!({ "outcome": r.outcome, "exposure": r.exposure, "segment": r.segment, "test": r.test }),
        )
        .collect();
    json!({
        "plan": exploration.plan,
        "summaries": exploration.columns,
        "correlations": exploration.correlations,
        "kpi_tables": exploration.kpis,
        "rates": exploration.rates,
        "tests": tests,
        "claims": exploration.claims,
    })
}

fn models(comparison: &Comparison) -> Value {
    let candidates: Vec<Value> = comparison
        .candidates
        .iter()
        .map(|c| json!({ "column": c.column, "standing": c.standing.slug(), "reason": c.standing.reason() }))
        .collect();
    json!({
        "target": comparison.plan.target,
        "outcome": comparison.outcome(),
        "yes_no": comparison.yes_no,
        "validation": comparison.plan.validation,
        "plan": comparison.plan,
        "candidates": candidates,
        "n_rows": comparison.n_rows,
        "n_left_out": comparison.n_left_out,
        "n_folds": comparison.n_folds,
        "families": comparison.results,
        "verdict": comparison.verdict,
        "pairs": comparison.pairs,
        "importance": comparison.importance,
        "notes": comparison.notes,
        "claims": comparison.claims,
    })
}

/// Without the curves of single rows: there are hundreds, and the quantiles of the points tell of them.
fn explanation(explanation: &Explanation) -> Value {
    let mut value = json!(explanation);
    for curve in value.get_mut("dependence").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(fields) = curve.as_object_mut() {
            fields.remove("curves");
        }
    }
    value
}

fn segments(segmentation: &Segmentation) -> Value {
    json!({
        "plan": segmentation.plan,
        "n_rows": segmentation.n_rows,
        "n_filled": segmentation.n_filled,
        "matrix_columns": segmentation.matrix_columns,
        "sweep": segmentation.sweep,
        "recommended_k": segmentation.recommended_k,
        "why_k": segmentation.why_k,
        "k": segmentation.k,
        "sizes": segmentation.segments.iter().map(|s| s.n).collect::<Vec<_>>(),
        "profile_columns": segmentation.profile_columns,
        "overall_means": segmentation.overall_means,
        "overall_rate": segmentation.overall_rate,
        "profiles": segmentation.segments,
        "explained_variance": segmentation.projection.as_ref().map(|p| &p.explained),
        "notes": segmentation.notes,
        "claims": segmentation.claims,
    })
}

/// Every claim, in the order of the path.
fn claims(findings: &Findings) -> Vec<&Claim> {
    let mut all: Vec<&Claim> = Vec::new();
    all.extend(findings.exploration.iter().flat_map(|e| &e.claims));
    all.extend(findings.comparison.iter().flat_map(|c| &c.claims));
    all.extend(findings.explanation.iter().flat_map(|e| &e.claims));
    all.extend(findings.segmentation.iter().flat_map(|s| &s.claims));
    all.extend(findings.decision.iter().flat_map(|d| &d.claims));
    all
}
