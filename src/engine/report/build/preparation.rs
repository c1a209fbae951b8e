//! The sections on cleaning and computed columns: what each step did.

use super::{
    Findings, LedgerEntry,
    blocks::{details, finished, notes, paragraph, section, several, table},
};
use crate::engine::{
    report::document::{Block, Section},
    words::{NOTHING, count, rows_of},
};

/// Steps before it can have changed since what a reason counts.
const WHY: &str = "Why, when it was suggested";

/// Cleaning steps and corrections of type and role.
pub(super) fn cleaning(findings: &Findings) -> Option<Section> {
    let entries: Vec<&LedgerEntry> = findings.ledger.iter().filter(|e| e.kind != "feature").collect();
    if entries.is_empty() && findings.kept.is_empty() {
        return None;
    }
    let (rows_in, rows_out) = (findings.raw.n_rows, findings.table.n_rows);
    let kept = match rows_in {
        1 if rows_out == 1 => "The row was kept.".to_owned(),
        n if rows_out == n => format!("All {} rows were kept.", count(n)),
        n => format!("{} of {} were kept.", count(rows_out), rows_of(n)),
    };
    let failed = entries.iter().filter(|e| e.failure.is_some()).count();
    let failed = match failed {
        0 => String::new(),
        1 => " One step could not be carried out.".to_owned(),
        n => format!(" {n} steps could not be carried out."),
    };
    let mut blocks = Vec::new();
    if entries.is_empty() {
        blocks.push(paragraph(format!("Nothing was changed. {kept}")));
    } else {
        let steps = several(entries.len() as u64, "step", "steps");
        blocks.push(paragraph(format!("{steps} in this order. {kept}{failed}")));
        blocks.push(ledger_table("What cleaning did", &entries));
        blocks.extend(entries.iter().filter_map(|e| examples(e)));
    }
    notes(&mut blocks, "What was kept, and why", &findings.kept);
    Some(section("cleaning", "Cleaning", blocks))
}

pub(super) fn features(findings: &Findings) -> Option<Section> {
    let entries: Vec<&LedgerEntry> = findings.ledger.iter().filter(|e| e.kind == "feature").collect();
    if entries.is_empty() {
        return None;
    }
    let added: u64 =
        entries.iter().filter_map(|e| e.effect.as_ref()).map(|e| e.columns_added.len() as u64).sum();
    let mut blocks = vec![paragraph(format!(
        "{} computed. What cannot be computed in a row (nothing to divide by) is missing there, with the reason; it is never 0.",
        several(added, "column was", "columns were")
    ))];
    blocks.push(ledger_table("Computed columns", &entries));
    Some(section("features", "Features", blocks))
}

fn ledger_table(caption: &str, entries: &[&LedgerEntry]) -> Block {
    let has_reasons = entries.iter().any(|e| e.reason.is_some());
    let rows = entries.iter().enumerate().map(|(i, entry)| {
        let effect = entry.effect.clone().unwrap_or_default();
        let mut what = match &entry.failure {
            Some(reason) => format!("Not carried out: {reason}"),
            None => effect.sentence.clone(),
        };
        for note in &effect.notes {
            what = format!("{} {note}", finished(&what));
        }
        let touched = |n: u64| if entry.failure.is_some() { NOTHING.to_owned() } else { count(n) };
        let columns = [("+", &effect.columns_added), ("-", &effect.columns_removed)]
            .iter()
            .filter(|(_, names)| !names.is_empty())
            .map(|(sign, names)| format!("{sign} {}", names.join(", ")))
            .collect::<Vec<_>>()
            .join("; ");
        let mut row = vec![count(i as u64 + 1), entry.title.clone(), what];
        if has_reasons {
            row.push(entry.reason.clone().unwrap_or_else(|| "Chosen by you".to_owned()));
        }
        row.extend([touched(effect.n_rows), touched(effect.n_cells), columns]);
        row
    });
    let mut header = vec!["#", "Step", "What it did", WHY, "Rows", "Cells", "Columns"];
    header.retain(|name| has_reasons || *name != WHY);
    table(caption, &header, rows.collect())
}

/// The first touched cells of a step.
fn examples(entry: &LedgerEntry) -> Option<Block> {
    let effect = entry.effect.as_ref()?;
    if effect.examples.is_empty() {
        return None;
    }
    let shown = effect.examples.iter().take(20);
    let cell = |text: &str| if text.is_empty() { "(missing)".to_owned() } else { text.to_owned() };
    let rows = shown.map(|c| vec![count(c.row), c.column.clone(), cell(&c.before), cell(&c.after)]).collect();
    let caption = format!("Touched cells: the first of {}", count(effect.n_cells));
    Some(details(
        format!("{}: examples", entry.title),
        vec![table(&caption, &["Row", "Column", "Before", "After"], rows)],
    ))
}
