//! What is masked before anything is shared: cells of personal columns always, small groups when the user asks for it.

use super::build::{Figure, Findings, LedgerEntry};
use crate::engine::{
    data::{
        issue::IssueKind,
        private::{MASKED, scrub, unquoted},
        summary::TableSummary,
    },
    decisions::decision::BudgetResult,
    knobs::{Knob, KnobKind, Setting},
    pipeline::{execute::find_step, recipe::RecipeStep},
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
    let names = personal_names(findings);
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
    let before = findings.recipe.clone();
    let values: Vec<Vec<String>> = findings.recipe.steps.iter_mut().map(|s| settings(s, &names)).collect();
    findings.recipe_is_masked = findings.recipe.steps != before.steps;
    for (i, entry) in findings.ledger.iter_mut().enumerate() {
        step(entry, &names, values.get(i).map_or(&[], Vec::as_slice));
    }
    let values = values.concat();
    for node in &mut findings.graph {
        masked_words(&mut node.detail, &names, &values);
    }
}

/// Columns whose cells are masked: what is personal now, and what was before it was dropped.
fn personal_names(findings: &Findings) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    // What the user says of the prepared table holds for the raw one too.
    let is_let_go =
        |name: &str| findings.table.columns.iter().any(|c| c.name == name && c.personal.is_none());
    let add = |names: &mut Vec<String>, name: &String| {
        if !is_let_go(name) && !names.contains(name) {
            names.push(name.clone());
        }
    };
    for column in findings.raw.columns.iter().chain(&findings.table.columns) {
        if column.personal.is_some() {
            add(&mut names, &column.name);
        }
    }
    for (step, entry) in findings.recipe.steps.iter().zip(&findings.ledger) {
        if let RecipeStep::Personal { column, is_personal: true } = step {
            add(&mut names, column);
        }
        let Some(effect) = &entry.effect else { continue };
        if effect.columns_used.iter().any(|used| names.contains(used)) {
            effect.columns_added.iter().for_each(|made| add(&mut names, made));
        }
    }
    names
}

/// Masks what was typed into a step about a personal column; gives what was masked.
fn settings(step: &mut RecipeStep, names: &[String]) -> Vec<String> {
    let (RecipeStep::Clean(call) | RecipeStep::Feature(call)) = step else { return Vec::new() };
    let knobs = find_step(&call.slug).map(|s| s.knobs()).unwrap_or_default();
    let is_formula = |slug: &str| knobs.iter().any(|k| k.slug == slug && k.kind == KnobKind::Formula);
    let is_personal = call.settings.0.iter().any(|(slug, value)| match value {
        Setting::Text(text) if is_formula(slug) => names.iter().any(|n| text.contains(n.as_str())),
        Setting::Text(text) => names.contains(text),
        Setting::Texts(texts) => texts.iter().any(|t| names.contains(t)),
        _ => false,
    });
    if let Some(reason) = &mut call.reason {
        masked_words(reason, names, &[]);
    }
    let mut values = Vec::new();
    for (slug, value) in &mut call.settings.0 {
        let Setting::Text(text) = value else { continue };
        let is_choice = |k: &Knob| matches!(k.kind, KnobKind::Choice(_) | KnobKind::Column { .. });
        if text.is_empty() || knobs.iter().any(|k| k.slug == *slug && is_choice(k)) {
            continue;
        }
        if !is_personal {
            *text = scrub(text);
        } else if is_formula(slug) {
            *text = without_literals(text);
        } else if !names.contains(text) {
            values.push(std::mem::replace(text, MASKED.to_owned()));
        }
    }
    // A list of values was typed as one text.
    values.iter().flat_map(|v| v.split(';')).map(|v| v.trim().to_owned()).collect()
}

/// A formula, or a sentence with one, in which the texts between straight quotes are masked.
fn without_literals(text: &str) -> String {
    let parts = text.split('"').enumerate();
    let masked: Vec<&str> = parts.map(|(i, part)| if i % 2 == 1 { MASKED } else { part }).collect();
    masked.join("\"")
}

/// Masks what a sentence quotes of personal columns, and the values of a step wherever they stand.
fn masked_words(text: &mut String, names: &[String], values: &[String]) {
    *text = match names.iter().find(|name| text.contains(name.as_str())) {
        Some(name) => without_literals(&unquoted(text, name)),
        None => scrub(text),
    };
    // Shorter ones say nothing, and stand in the midst of words.
    for value in values.iter().filter(|v| v.chars().count() > 2 && !names.contains(v)) {
        *text = text.replace(value.as_str(), MASKED);
    }
}

fn step(entry: &mut LedgerEntry, names: &[String], values: &[String]) {
    let about = |text: &str| names.iter().any(|name| text.contains(name.as_str()));
    let words = |text: &mut String| masked_words(text, names, values);
    entry.failure.iter_mut().chain(&mut entry.reason).for_each(words);
    let Some(effect) = &mut entry.effect else { return };
    words(&mut effect.sentence);
    effect.notes.iter_mut().for_each(words);
    // Code holds the values it works with.
    if about(&effect.python) {
        effect.python = "# left out: it names personal values".to_owned();
    }
    let is_of_person = |column: &str| {
        names.iter().any(|n| n == column) || effect.columns_used.iter().any(|used| names.contains(used))
    };
    for change in &mut effect.examples {
        let is_masked = is_of_person(&change.column);
        for text in [&mut change.before, &mut change.after] {
            *text = match text.as_str() {
                "" | "row dropped" | "dropped" => continue,
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
    for issue in &mut findings.receipt.issues {
        let quotes_few = is_small(issue.count) && is_of_cells(issue.kind);
        // A text without a column is a whole row.
        if quotes_few || issue.column.is_none() {
            issue.text = issue.text.take().map(|_| MASKED.to_owned());
        }
        if quotes_few {
            issue.message = unquoted(&issue.message, issue.column.as_deref().unwrap_or_default());
        }
    }
    // A reason that quotes values says how many rows have each.
    let reasons = findings.ledger.iter_mut().filter_map(|e| e.reason.as_mut());
    let of_recipe = findings.recipe.steps.iter_mut().filter_map(|step| match step {
        RecipeStep::Clean(call) | RecipeStep::Feature(call) => call.reason.as_mut(),
        _ => None,
    });
    reasons.chain(of_recipe).for_each(|reason| *reason = unquoted(reason, ""));
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
        // Every figure of a move rests on its two groups, of which nothing is left where one of them is small.
        let rests_on_small = |b: &mut BudgetResult| {
            b.groups.iter().any(|g| is_small(g.n) && (g.label == b.plan.from || g.label == b.plan.to))
        };
        if decision.budget.take_if(rests_on_small).is_some() {
            decision.claims.retain(|c| c.id != "decision.budget");
        }
        if let Some(budget) = &mut decision.budget {
            retain(&mut budget.groups, |g| g.n);
        }
    }
}

/// Whether an issue quotes cells rather than names of columns.
fn is_of_cells(kind: IssueKind) -> bool {
    use IssueKind::{AmbiguousDate, Infinite, MixedTypes, Sentinel, UnreadableDate, UnreadableNumber};
    matches!(kind, AmbiguousDate | Infinite | MixedTypes | Sentinel | UnreadableDate | UnreadableNumber)
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
        decisions::decision::BudgetGroup,
        knobs::Settings,
        report::sample,
        step::{CellChange, Effect, StepCall},
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
            reason: Some("Who: “ann@example.org” (2 rows) and “Ann Li” have the same words.".into()),
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
    fn what_was_typed_about_a_personal_column_is_masked_in_the_recipe() {
        let mut findings = sample::bare();
        let mut who = ColumnSummary { name: "Who".into(), ..findings.raw.columns[0].clone() };
        who.personal = Some(Personal::Name);
        findings.raw.columns.push(who);
        let call = |slug: &str, settings: Settings, reason: &str| {
            RecipeStep::Clean(StepCall { reason: Some(reason.into()), ..StepCall::new(slug, settings) })
        };
        let of = |column: &str| Settings::new().with("column", column);
        let merge = of("Who").with("spellings", "Anna; anna").with("into", "Anna");
        let filter = of("Who").with("operator", "is_not").with("value", "Bertha");
        let formula = Settings::new().with("formula", "if(Who == \"Anna\", 1, 0)").with("name", "x");
        findings.recipe.steps = vec![
            call("merge_spellings", merge, "Who: “Anna” (3 rows) and “anna” (1 row) are alike."),
            call("filter_rows", filter, "."),
            RecipeStep::Feature(StepCall::new("formula", formula)),
            call("filter_rows", of("Region").with("value", "Atlantis"), "."),
        ];
        let effect = Effect { sentence: "Kept 3 rows where Who is not Bertha".into(), ..Effect::default() };
        let entry = |effect: Effect| LedgerEntry {
            title: "A step".into(),
            kind: "clean".into(),
            failure: None,
            reason: Some("Who: “Anna” (3 rows) is there.".into()),
            effect: Some(effect),
        };
        findings.ledger = vec![entry(Effect::default()), entry(effect)];
        personal(&mut findings);
        let text = serde_json::to_string(&findings).unwrap();
        for word in ["Anna", "anna", "Bertha"] {
            assert!(!text.contains(word), "{word} in {text}");
        }
        for word in ["Atlantis", "is_not", "Who", "if(Who == \\\"(masked)\\\", 1, 0)"] {
            assert!(text.contains(word), "{word} not in {text}");
        }
        assert!(findings.recipe_is_masked);
    }

    #[test]
    fn small_groups_of_a_budget_and_of_the_receipt_are_left_out() {
        let masked = |sizes: &[u64], from: &str| {
            let mut findings = sample::rich();
            let budget = findings.decision.as_mut().unwrap().budget.as_mut().unwrap();
            let group = budget.groups[0].clone();
            budget.groups = sizes
                .iter()
                .map(|n| BudgetGroup { label: format!("g{n}"), n: *n, ..group.clone() })
                .collect();
            (budget.plan.from, budget.plan.to) = (from.into(), "g500".into());
            let issue = &mut findings.receipt.issues[0];
            (issue.kind, issue.count, issue.column) = (IssueKind::UnreadableNumber, 3, Some("x".into()));
            issue.text = Some("Atlantis".into());
            issue.message = "3 cells of “x” could not be read, such as “Atlantis”".into();
            small_groups(&mut findings);
            findings
        };
        let labels = |f: &Findings| {
            let budget = f.decision.as_ref().unwrap().budget.as_ref()?;
            Some(budget.groups.iter().map(|g| g.label.clone()).collect::<Vec<_>>().join(" "))
        };
        let found = masked(&[500, 400, 9, 30], "g400");
        assert_eq!(labels(&found).as_deref(), Some("g500 g400"));
        let issue = &found.receipt.issues[0];
        assert_eq!(issue.text.as_deref(), Some(MASKED));
        assert_eq!(issue.message, "3 cells of “x” could not be read, such as “(masked)”");
        // A move from a small group is no figure to share.
        assert_eq!(labels(&masked(&[500, 400, 9], "g9")), None);
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
