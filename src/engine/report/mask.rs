//! What is masked before anything is shared: cells of personal columns always, small groups when the user asks for it.

use super::build::{Figure, Findings, LedgerEntry};
use crate::engine::{
    data::{
        private::{MASKED, scrub, unquoted},
        summary::TableSummary,
    },
    statistics::exploration::{Exploration, RateBySegment},
};

/// Groups of fewer rows or people are masked.
pub const SMALL: u64 = 10;

/// Charts that draw single rows.
const OF_ROWS: [&str; 7] =
    ["predicted_actual", "residuals", "segment_map", "pair_plot", "box_plot", "dependence", "waterfall"];

/// Masks the cells of personal columns wherever findings quote them, and whatever else looks like an e-mail address, a
/// phone or a card number.
pub fn personal(findings: &mut Findings) {
    let mut names: Vec<String> = Vec::new();
    // What the user says of the prepared table holds for the raw one too.
    for table in [&findings.raw, &findings.table] {
        for column in table.columns.iter().filter(|c| c.personal.is_some()) {
            let is_let_go =
                findings.table.columns.iter().any(|c| c.name == column.name && c.personal.is_none());
            if !is_let_go && !names.contains(&column.name) {
                names.push(column.name.clone());
            }
        }
    }
    let is_personal = |name: &String| names.contains(name);
    let summary = |table: &mut TableSummary| {
        for column in table.columns.iter_mut().filter(|c| is_personal(&c.name)) {
            column.examples = if column.examples.is_empty() { Vec::new() } else { vec![MASKED.to_owned()] };
            column.range = None;
        }
    };
    summary(&mut findings.raw);
    summary(&mut findings.table);
    for line in &mut findings.receipt.skipped {
        // A raw line has the personal cells of its row in it.
        line.text = if names.is_empty() { scrub(&line.text) } else { MASKED.to_owned() };
    }
    for issue in &mut findings.receipt.issues {
        let personal = issue.column.clone().filter(|name| is_personal(name));
        if let Some(name) = &personal {
            issue.message = unquoted(&issue.message, name);
        } else {
            issue.message = scrub(&issue.message);
        }
        // Without a column the text is a whole line.
        let is_masked = personal.is_some() || (issue.column.is_none() && !names.is_empty());
        issue.text = issue.text.take().map(|text| if is_masked { MASKED.to_owned() } else { scrub(&text) });
    }
    for entry in &mut findings.ledger {
        step(entry, &names);
    }
}

fn step(entry: &mut LedgerEntry, names: &[String]) {
    let about = |text: &str| names.iter().find(|name| text.contains(name.as_str()));
    let words = |text: &mut String| {
        *text = match about(text) {
            Some(name) => unquoted(text, name),
            None => scrub(text),
        };
    };
    if let Some(failure) = &mut entry.failure {
        words(failure);
    }
    let Some(effect) = &mut entry.effect else { return };
    words(&mut effect.sentence);
    effect.notes.iter_mut().for_each(words);
    // Code holds the values it works with.
    if about(&effect.python).is_some() {
        effect.python = "# left out: it names personal values".to_owned();
    }
    let is_of_person = |column: &str| {
        names.iter().any(|n| n == column) || effect.columns_used.iter().any(|used| names.contains(used))
    };
    for change in &mut effect.examples {
        let is_masked = is_of_person(&change.column);
        for text in [&mut change.before, &mut change.after] {
            *text = match text.as_str() {
                "" | "row dropped" => continue,
                _ if is_masked => MASKED.to_owned(),
                other => scrub(other),
            };
        }
    }
}

/// Leaves out what rests on fewer than ten rows or people, and single rows. Where the rest would tell it, because just
/// one small group is left out of a whole that is shown, the next smallest goes too.
pub fn small_groups(findings: &mut Findings) {
    findings.small_groups_masked = true;
    for entry in &mut findings.ledger {
        if let Some(effect) = &mut entry.effect {
            effect.examples.clear();
        }
    }
    for line in &mut findings.receipt.skipped {
        line.text = MASKED.to_owned();
    }
    if let Some(exploration) = &mut findings.exploration {
        explored(exploration);
    }
    if let Some(explanation) = &mut findings.explanation {
        explanation.examples.clear();
        explanation.misses.clear();
        explanation.claims.retain(|c| c.id != "errors.largest");
        for curve in &mut explanation.dependence {
            curve.curves.clear();
            retain(&mut curve.points, |p| p.n);
        }
        for column in explanation.shap.iter_mut().flat_map(|s| &mut s.columns) {
            retain(&mut column.bins, |b| u64::from(b.n));
        }
        // The ends of a range are single rows.
        explanation.columns.iter_mut().for_each(|c| c.range = None);
    }
    if let Some(segmentation) = &mut findings.segmentation {
        retain(&mut segmentation.segments, |s| s.n);
        for point in &mut segmentation.sweep {
            if point.sizes.iter().any(|n| is_small(*n)) {
                point.sizes.clear();
            }
        }
        segmentation.claims.retain(|c| !is_small(c.record.n));
    }
    if let Some(decision) = &mut findings.decision {
        if let Some(retargeting) = &mut decision.retargeting {
            retain(&mut retargeting.segments, |s| s.n);
        }
        decision.claims.retain(|c| !is_small(c.record.n));
    }
}

fn explored(exploration: &mut Exploration) {
    for column in &mut exploration.columns {
        retain(&mut column.top, |(_, n)| *n);
        if let Some(numeric) = &mut column.numeric {
            numeric.outlier_values.clear();
            if numeric.histogram_counts.iter().any(|n| is_small(*n)) {
                numeric.histogram_counts.clear();
                numeric.histogram_edges.clear();
            }
        }
    }
    for kpi in &mut exploration.kpis {
        // The total is no group.
        let (mut rows, mut groups): (Vec<_>, Vec<_>) =
            std::mem::take(&mut kpi.rows).into_iter().partition(|r| r.labels.is_empty());
        retain(&mut groups, |r| r.n_rows);
        rows.append(&mut groups);
        kpi.rows = rows;
    }
    exploration.rates.iter_mut().for_each(|rate: &mut RateBySegment| retain(&mut rate.levels, |l| l.n_rows));
    exploration.claims.retain(|c| !is_small(c.record.n));
}

/// The figures that show no small group and no single rows.
pub fn shareable(figures: Vec<Figure>) -> Vec<Figure> {
    let is_count = |name: &String| matches!(name.as_str(), "Rows" | "People" | "n");
    let shows_small = |figure: &Figure| {
        let columns: Vec<usize> =
            figure.header.iter().enumerate().filter(|(_, h)| is_count(h)).map(|(i, _)| i).collect();
        let small = |cell: &String| cell.replace(',', "").parse::<u64>().is_ok_and(is_small);
        figure.rows.iter().any(|row| columns.iter().filter_map(|c| row.get(*c)).any(small))
    };
    figures.into_iter().filter(|f| !OF_ROWS.contains(&f.chart.as_str()) && !shows_small(f)).collect()
}

fn is_small(n: u64) -> bool {
    n > 0 && n < SMALL
}

/// Takes the small ones out, and the next smallest where these alone could be told from the whole.
fn retain<T>(items: &mut Vec<T>, n_of: impl Fn(&T) -> u64) {
    let n_left_out: u64 = items.iter().map(&n_of).filter(|n| is_small(*n)).sum();
    if n_left_out == 0 {
        return;
    }
    let n_small = items.iter().filter(|i| is_small(n_of(i))).count();
    items.retain(|i| !is_small(n_of(i)));
    if (n_small == 1 || is_small(n_left_out))
        && let Some(at) = (0..items.len()).filter(|&i| n_of(&items[i]) > 0).min_by_key(|&i| n_of(&items[i]))
    {
        items.remove(at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{
        data::{
            private::Personal,
            summary::{ColumnSummary, SkippedLine},
        },
        report::sample,
        step::{CellChange, Effect},
    };

    #[test]
    fn personal_cells_are_masked_wherever_they_are_quoted() {
        let mut findings = sample::bare();
        let mut email = ColumnSummary { name: "Who".into(), ..findings.raw.columns[0].clone() };
        email.examples = vec!["ann@example.org".into()];
        email.personal = Some(Personal::Email);
        findings.raw.columns.push(email.clone());
        findings.table.columns.push(email);
        findings.receipt.skipped =
            vec![SkippedLine { line: 3, reason: "total row".into(), text: "Ann,ann@example.org".into() }];
        findings.receipt.issues[0].message = "as in “bob@example.org”".into();
        findings.ledger.push(LedgerEntry {
            title: "Trim".into(),
            kind: "clean".into(),
            failure: None,
            effect: Some(Effect {
                sentence: "Rewrote Who, such as “ann@example.org”".into(),
                python: "df[\"Who\"].replace({\"ann@example.org\": \"\"})".into(),
                examples: vec![CellChange {
                    row: 1,
                    column: "Who".into(),
                    before: " Ann Li".into(),
                    after: "Ann Li".into(),
                }],
                ..Effect::default()
            }),
        });
        let text = |f: &Findings| serde_json::to_string(f).unwrap();
        assert!(text(&findings).contains("example.org") && text(&findings).contains("Ann"));
        personal(&mut findings);
        assert!(!text(&findings).contains("example.org"), "{}", text(&findings));
        assert!(!text(&findings).contains("Ann Li"));
        // What is not personal stays as it is.
        assert_eq!(findings.raw.columns[0].examples, sample::bare().raw.columns[0].examples);
    }

    #[test]
    fn a_small_group_and_what_would_tell_it_are_left_out() {
        let check = |before: &[u64], after: &[u64]| {
            let mut items = before.to_vec();
            retain(&mut items, |n| *n);
            assert_eq!(items, after);
        };
        check(&[50, 9, 30], &[50]);
        check(&[50, 9, 30, 8], &[50, 30]);
        check(&[50, 4, 30, 3], &[50]);
        check(&[50, 10, 30], &[50, 10, 30]);
        check(&[0, 10], &[0, 10]);
        check(&[3], &[]);
    }
}
