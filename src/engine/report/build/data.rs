//! The section on the file as it was read.

use super::{
    Findings,
    blocks::{details, paragraph, section, several, table},
};
use crate::engine::{
    data::{
        combine::Put,
        issue::Severity,
        role::Role,
        summary::{Receipt, TableSummary},
    },
    disclosure::FEW,
    report::document::{Block, Section},
    words::{self, count, interval_of, number, year},
};

pub(super) fn data(findings: &Findings) -> Section {
    let (receipt, raw) = (&findings.receipt, &findings.raw);
    let mut blocks = vec![paragraph(receipt.sentence.clone()), facts(receipt, raw)];
    blocks.extend(files(receipt));
    blocks.push(issues(receipt));
    let personal: Vec<&str> =
        findings.table.columns.iter().filter(|c| c.personal.is_some()).map(|c| c.name.as_str()).collect();
    if !personal.is_empty() {
        blocks.push(paragraph(format!(
            "Personal data is left out of the analysis, and its cells are masked: {}.",
            words::list(&personal)
        )));
    }
    if findings.small_groups_masked {
        blocks.push(paragraph(format!(
            "Groups of fewer than {FEW} rows are left out of this report, and so are charts that show them or single rows. \
             Where a total would tell what one such group holds, the next smallest is left out with it."
        )));
    }
    blocks.extend(skipped(receipt));
    blocks.push(columns(raw));
    section("data", "Data", blocks)
}

fn facts(receipt: &Receipt, raw: &TableSummary) -> Block {
    let mut facts = vec![("File".to_owned(), receipt.file_name.clone())];
    let mut say = |name: &str, value: String| facts.push((name.to_owned(), value));
    if let Some(source) = &receipt.source {
        say("Recognised as", source.clone());
    }
    let header = receipt
        .header_line
        .map_or_else(|| "none; names were made up".to_owned(), |l| format!("line {}", count(l)));
    say("Kind of table", raw.kind.label().to_owned());
    say("Rows × columns", words::size(receipt.n_rows, receipt.n_columns));
    say("Size", format!("{} bytes", count(receipt.n_bytes)));
    // Of a sheet both are ours, not those of the file.
    if receipt.files.iter().all(|f| f.workbook.is_none()) {
        say("Encoding", receipt.encoding.clone());
        say("Delimiter", delimiter(receipt.delimiter));
    }
    say("Header", header);
    say("Lines left out", count(receipt.n_skipped));
    if let Some(currency) = &raw.currency {
        say("Currency", currency.clone());
    }
    say("Fingerprint (FNV-1a, 64 bits)", receipt.fingerprint.clone());
    Block::Facts(facts)
}

/// The files of a table of several. Keys stay out of it: they may say who somebody is.
fn files(receipt: &Receipt) -> Option<Block> {
    let rows = receipt.files.iter().enumerate().map(|(i, file)| {
        let (how, matched) = match (&file.put, &file.join) {
            (Put::Join(plan), Some(join)) => (
                format!("joined by {}", plan.left),
                format!(
                    "{} of {} ({})",
                    count(join.n_rows_matched),
                    words::rows_of(join.n_rows),
                    words::share(join.n_rows_matched, join.n_rows)
                ),
            ),
            _ => ((if i == 0 { "first" } else { "appended" }).to_owned(), String::new()),
        };
        let sheet = file.workbook.as_ref().map(|w| w.sheet.clone()).unwrap_or_default();
        vec![
            file.name.clone(),
            sheet,
            words::size(file.n_rows, file.n_columns),
            how,
            matched,
            file.fingerprint.clone(),
        ]
    });
    let header = ["File", "Sheet", "Rows × columns", "How", "Rows with a match", "Fingerprint"];
    let is_told = receipt.files.len() > 1 || receipt.files.iter().any(|f| f.workbook.is_some());
    is_told.then(|| table("The files of the table", &header, rows.collect()))
}

fn issues(receipt: &Receipt) -> Block {
    if receipt.issues.is_empty() {
        return paragraph("Nothing odd was found in the file.");
    }
    let rows = receipt.issues.iter().map(|issue| {
        vec![
            severity(issue.severity).to_owned(),
            issue.message.clone(),
            issue.column.clone().unwrap_or_default(),
            issue.line.map(count).unwrap_or_default(),
            count(issue.count),
            issue.text.clone().unwrap_or_default(),
        ]
    });
    table(
        "What is odd in the file",
        &["Severity", "What was found", "Column", "First line", "Cases", "Text"],
        rows.collect(),
    )
}

fn skipped(receipt: &Receipt) -> Option<Block> {
    if receipt.skipped.is_empty() {
        return None;
    }
    let shown = receipt.skipped.iter().take(100);
    let rows = shown.map(|s| vec![count(s.line), s.reason.clone(), s.text.clone()]).collect();
    let more = receipt.n_skipped.saturating_sub(receipt.skipped.len().min(100) as u64);
    let mut inner = vec![table("Lines that did not become rows", &["Line", "Why", "Text"], rows)];
    if more > 0 {
        inner.push(paragraph(format!("{} more are not listed.", count(more))));
    }
    Some(details(several(receipt.n_skipped, "line left out", "lines left out"), inner))
}

fn columns(raw: &TableSummary) -> Block {
    let rows = raw.columns.iter().map(|c| {
        let range = c.range.map_or_else(
            || c.examples.iter().take(3).cloned().collect::<Vec<_>>().join(", "),
            |range| match c.role {
                // Names in digits and years are no amounts.
                Role::Identifier | Role::Campaign | Role::AdGroup | Role::Ad | Role::BirthYear => {
                    interval_of(range, year)
                }
                _ => interval_of(range, number),
            },
        );
        vec![
            c.name.clone(),
            c.column_type.label().to_owned(),
            c.role.label().to_owned(),
            count(c.n_missing),
            count(c.n_unique),
            range,
        ]
    });
    let header = ["Column", "Type", "Role", "Missing", "Distinct", "Range or examples"];
    details(
        several(raw.columns.len() as u64, "column", "columns"),
        vec![table("Columns as read", &header, rows.collect())],
    )
}

fn delimiter(c: char) -> String {
    match c {
        ',' => "comma".to_owned(),
        ';' => "semicolon".to_owned(),
        '\t' => "tab".to_owned(),
        '|' => "bar".to_owned(),
        other => other.to_string(),
    }
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "Note",
        Severity::Warning => "Warning",
        Severity::Problem => "Problem",
    }
}
