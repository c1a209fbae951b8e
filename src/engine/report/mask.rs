//! What is masked before anything is shared: cells of personal columns always, small groups when the user asks for it.

use super::{
    build::{Figure, Findings, LedgerEntry},
    document::{Block, Document},
};
use crate::engine::{
    data::{
        issue::IssueKind,
        private::{MASKED, scrub, unquoted, without_emails},
        summary::{ColumnSummary, TableSummary},
    },
    decisions::decision::BudgetResult,
    features::formula::{self, SHOWN, hide_literals},
    knobs::{Knob, KnobKind, Setting},
    order::InOrder,
    pipeline::{execute::find_step, recipe::RecipeStep},
    statistics::exploration::{Exploration, RateBySegment},
    step_kit::typed_number,
    words::{self, shorten},
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
    let mut shown = Vec::new();
    for (i, entry) in findings.ledger.iter_mut().enumerate() {
        let sentence = |entry: &LedgerEntry| entry.effect.as_ref().map(|e| e.sentence.clone());
        let before = sentence(entry);
        step(entry, &names, values.get(i).map_or(&[], Vec::as_slice));
        shown.extend(before.zip(sentence(entry)).filter(|(before, after)| before != after));
    }
    // Away from the step it was typed into, a short value is a word like others.
    let values: Vec<String> = values.concat().into_iter().filter(|v| v.chars().count() > 2).collect();
    for node in &mut findings.graph {
        for (before, after) in &shown {
            node.detail = node.detail.replace(before, after);
        }
        masked_words(&mut node.detail, &names, &values);
    }
}

/// Masks what looks like an e-mail address, a phone or a card number in every text of a document, whatever column it came from.
pub fn document(document: &mut Document) {
    scrubbed(&mut document.title);
    let summary = &mut document.summary;
    [&mut summary.lead, &mut summary.limits].into_iter().for_each(scrubbed);
    summary.points.iter_mut().for_each(|(_, sentence)| scrubbed(sentence));
    document.sections.iter_mut().for_each(|section| blocks(&mut section.blocks));
    code(&mut document.recipe);
}

fn blocks(all: &mut [Block]) {
    let cells = |rows: &mut Vec<Vec<String>>| rows.iter_mut().flatten().for_each(scrubbed);
    for block in all {
        match block {
            Block::Paragraph(text) | Block::Heading(text) => scrubbed(text),
            Block::List(texts) => texts.iter_mut().for_each(scrubbed),
            Block::Facts(facts) => facts.iter_mut().for_each(|(_, value)| scrubbed(value)),
            Block::Table { rows, header, .. } => {
                header.iter_mut().for_each(scrubbed);
                cells(rows);
            }
            Block::Figure { title, alt, header, rows, svg, .. } => {
                [title, alt].into_iter().chain(header).for_each(scrubbed);
                cells(rows);
                svg.iter_mut().for_each(code);
            }
            Block::Claim(claim) => {
                let record = &mut claim.record;
                [&mut claim.sentence, &mut record.estimand, &mut record.rows].into_iter().for_each(scrubbed);
                record.notes.iter_mut().for_each(scrubbed);
                cells(&mut record.table);
            }
            Block::Details { summary, blocks: inner } => {
                scrubbed(summary);
                blocks(inner);
            }
            Block::Code { text, .. } => code(text),
        }
    }
}

/// Masks a text of a report in its place.
pub fn scrubbed(text: &mut String) {
    *text = scrub(text);
}

/// Of code and pictures the addresses alone: their numbers are no phones.
fn code(text: &mut String) {
    if let Some(masked) = without_emails(text) {
        *text = masked;
    }
}

/// Columns whose cells are masked: what is personal now, what was before it was dropped, and what was made of it.
fn personal_names(findings: &Findings) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let steps = || findings.recipe.steps.iter().zip(&findings.ledger);
    // What the user says of the prepared table holds for the raw one too. Computed columns that are not personal by
    // themselves can tell what they were made of.
    let is_let_go = |name: &str| {
        let said = steps().rev().find_map(|(step, entry)| match step {
            RecipeStep::Personal { column, is_personal } if column == name && entry.failure.is_none() => {
                Some(*is_personal)
            }
            _ => None,
        });
        let is_shown = |c: &ColumnSummary| c.name == name && c.personal.is_none() && !c.is_computed;
        said.map_or_else(|| findings.table.columns.iter().any(is_shown), |is_personal| !is_personal)
    };
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
    for (step, entry) in steps() {
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
        Setting::Text(text) if is_formula(slug) => match hide_literals(text, MASKED) {
            Some(hidden) => hidden.names.iter().any(|n| names.contains(n)),
            None => names.iter().any(|n| text.contains(n.as_str())),
        },
        Setting::Text(text) => names.contains(text),
        Setting::Texts(texts) => texts.iter().any(|t| names.contains(t)),
        _ => false,
    });
    let mut values = Vec::new();
    for (slug, value) in &mut call.settings.0 {
        if let Setting::Numbers(numbers) = value
            && is_personal
        {
            values.extend(numbers.iter().flat_map(|n| written(*n)));
            *value = Setting::Text(MASKED.to_owned());
            continue;
        }
        let Setting::Text(text) = value else { continue };
        let is_choice = |k: &Knob| matches!(k.kind, KnobKind::Choice(_) | KnobKind::Column { .. });
        if text.is_empty() || knobs.iter().any(|k| k.slug == *slug && is_choice(k)) {
            continue;
        }
        // The name of a new column is no value.
        if !is_personal || slug == "name" {
            *text = scrub(text);
        } else if is_formula(slug) {
            let hidden = hide_literals(text, MASKED);
            let shown = hidden.as_ref().map_or(MASKED, |h| h.text.as_str()).to_owned();
            let written = std::mem::replace(text, shown);
            values.extend([written.trim().to_owned(), shorten(written.trim(), SHOWN)]);
            values.extend(formula::parse(&written).map(|expr| formula::print(&expr)));
            values.extend(hidden.into_iter().flat_map(|h| h.literals));
        } else if !names.contains(text) {
            // A list of values was typed as one text.
            values.extend(text.split(';').map(|v| v.trim().to_owned()));
            *text = MASKED.to_owned();
        }
    }
    let numbers: Vec<String> =
        values.iter().filter_map(|v| typed_number(v, true)).flat_map(written).collect();
    values.extend(numbers);
    // The whole goes before what is in it.
    values.retain(|v| !v.is_empty() && !names.contains(v));
    values.order_by_key(|v| std::cmp::Reverse(v.len()));
    if let Some(reason) = &mut call.reason {
        masked_words(reason, names, &values);
    }
    values
}

/// A number in the ways sentences write it.
fn written(number: f64) -> [String; 3] {
    [number.to_string(), words::number(number), words::brief(number)]
}

/// Masks what a sentence quotes of personal columns, and the values of a step wherever they stand.
fn masked_words(text: &mut String, names: &[String], values: &[String]) {
    let about = names.iter().find(|name| text.contains(name.as_str()));
    for value in values {
        *text = without_value(text, value);
    }
    *text = about.map_or_else(|| scrub(text), |name| unquoted(text, name));
}

/// A text with a value masked wherever it is no part of a longer word or number.
fn without_value(text: &str, value: &str) -> String {
    let (begins, ends) = (value.starts_with(char::is_alphanumeric), value.ends_with(char::is_alphanumeric));
    let is_digit = |c: char| c.is_ascii_digit();
    let is_number = value.ends_with(is_digit);
    // "12" is a part of "12.5" and of "12,000".
    let goes_on = |after: &str| after.strip_prefix(['.', ',']).is_some_and(|rest| rest.starts_with(is_digit));
    let came_from =
        |before: &str| before.strip_suffix(['.', ',']).is_some_and(|rest| rest.ends_with(is_digit));
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(value) {
        out.push_str(before);
        let is_part = (begins && out.ends_with(char::is_alphanumeric))
            || (ends && after.starts_with(char::is_alphanumeric))
            || (is_number && (goes_on(after) || came_from(&out)));
        out.push_str(if is_part { value } else { MASKED });
        rest = after;
    }
    out + rest
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
    without_names(findings);
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
        // "interest: 103", as a model calls the column of a level.
        let few = few(exploration);
        let small: Vec<String> = few.iter().map(|(column, label)| format!("{column}: {label}")).collect();
        let results = findings.comparison.iter_mut().flat_map(|c| &mut c.results);
        for table in results.filter_map(|r| r.coefficients.as_mut()) {
            table.rows.retain(|row| !small.contains(&row.name));
            if !small.is_empty() {
                table.path = None;
            }
        }
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
        if let Some(budget) = &mut decision.budget {
            retain(&mut budget.groups, |g| g.n);
        }
        // Every figure of a move rests on its two groups, and tells of them.
        let has_lost_one = |b: &mut BudgetResult| {
            let is_left = |label: &String| b.groups.iter().any(|g| g.label == *label);
            !is_left(&b.plan.from) || !is_left(&b.plan.to)
        };
        if decision.budget.take_if(has_lost_one).is_some() {
            decision.claims.retain(|c| c.id != "decision.budget");
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
    for claim in &mut exploration.claims {
        let table = &mut claim.record.table;
        let Some(count) = table.first().and_then(|header| header.iter().position(|name| is_count(name)))
        else {
            continue;
        };
        let mut rows = table.split_off(1);
        retain(&mut rows, |row| row.get(count).and_then(|cell| whole(cell)).unwrap_or(0));
        table.append(&mut rows);
    }
}

/// Groups of few rows, each with its column: ("interest", "103").
fn few(exploration: &Exploration) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut add = |column: &str, label: &str, n: u64| {
        let group = (column.to_owned(), label.to_owned());
        if is_small(n) && !found.contains(&group) {
            found.push(group);
        }
    };
    for rate in &exploration.rates {
        rate.levels.iter().for_each(|l| add(&rate.segment, &l.label, l.n_rows));
    }
    for kpi in &exploration.kpis {
        for row in &kpi.rows {
            if let ([by], [label]) = (&kpi.by[..], &row.labels[..]) {
                add(by, label, row.n_rows);
            }
        }
    }
    for column in &exploration.columns {
        column.top.iter().for_each(|(label, n)| add(&column.name, label, *n));
    }
    for claim in &exploration.claims {
        let Some((header, rows)) = claim.record.table.split_first() else { continue };
        let Some(count) = header.iter().position(|name| is_count(name)) else { continue };
        for row in rows {
            if let (Some(column), Some(label), Some(n)) =
                (header.first(), row.first(), row.get(count).and_then(|cell| whole(cell)))
            {
                add(column, label, n);
            }
        }
    }
    found
}

/// Takes the names of small groups, and how many they are, out of lists of examples and levels and out of sentences.
fn without_names(findings: &mut Findings) {
    let exploration = findings.exploration.as_ref();
    // What was not counted may be few.
    let is_many = |column: &str, label: &String| {
        let mut columns = exploration.iter().flat_map(|e| &e.columns).filter(|c| c.name == column);
        columns.any(|c| c.top.iter().any(|(l, n)| l == label && *n >= SMALL))
    };
    for column in findings.raw.columns.iter_mut().chain(&mut findings.table.columns) {
        column.examples.retain(|label| label == MASKED || is_many(&column.name, label));
    }
    for column in findings.explanation.iter_mut().flat_map(|e| &mut e.columns) {
        column.levels.retain(|label| is_many(&column.name, label));
    }
    let few = exploration.map(few).unwrap_or_default();
    let of_recipe = findings.ledger.iter_mut().filter_map(|e| e.effect.as_mut());
    let mut texts: Vec<&mut String> = of_recipe
        .flat_map(|effect| std::iter::once(&mut effect.sentence).chain(&mut effect.notes))
        .chain(&mut findings.kept)
        .chain(findings.graph.iter_mut().map(|node| &mut node.detail))
        .collect();
    for text in &mut texts {
        without_few(text, "", &few);
    }
    let claims = findings.exploration.iter_mut().flat_map(|e| &mut e.claims);
    let claims = claims.chain(findings.explanation.iter_mut().flat_map(|e| &mut e.claims));
    let claims = claims.chain(findings.comparison.iter_mut().flat_map(|c| &mut c.claims));
    let claims = claims.chain(findings.segmentation.iter_mut().flat_map(|s| &mut s.claims));
    for claim in claims.chain(findings.decision.iter_mut().flat_map(|d| &mut d.claims)) {
        let about = format!("{} {}", claim.sentence, claim.record.estimand);
        for text in std::iter::once(&mut claim.sentence).chain(&mut claim.record.notes) {
            without_few(text, &about, &few);
        }
    }
}

/// Masks the names and sizes of small groups in a sentence that is about their column, by its own words or by `about`.
fn without_few(text: &mut String, about: &str, few: &[(String, String)]) {
    for (column, label) in few {
        if !text.contains(label.as_str())
            || !(text.contains(column.as_str()) || about.contains(column.as_str()))
        {
            continue;
        }
        // "Ultra (7 people)".
        let named = format!("{label} (");
        let (mut out, mut rest) = (String::new(), text.as_str());
        while let Some((before, after)) = rest.split_once(&named) {
            out.push_str(before);
            match after.split_once(')') {
                Some((size, tail))
                    if size.starts_with(|c: char| c.is_ascii_digit())
                        && !out.ends_with(char::is_alphanumeric) =>
                {
                    out.push_str(MASKED);
                    rest = tail;
                }
                _ => {
                    out.push_str(&named);
                    rest = after;
                }
            }
        }
        out.push_str(rest);
        // "The group Ultra has 7 people".
        let has = format!("group {label} has ");
        if let Some((before, after)) = out.split_once(&has) {
            let unit = after.trim_start_matches(|c: char| c.is_ascii_digit() || c == ',');
            out = format!("{before}group {MASKED} has few{unit}");
        }
        out = out.replace(&format!("({label})"), MASKED);
        // A number for a name is any number elsewhere.
        if label.chars().count() > 1 && label.chars().any(char::is_alphabetic) {
            out = without_value(&out, label);
        }
        *text = out;
    }
}

/// The figures that show no small group and no single rows.
pub fn shareable(figures: Vec<Figure>) -> Vec<Figure> {
    let shows_small = |figure: &Figure| {
        let columns: Vec<usize> =
            figure.header.iter().enumerate().filter(|(_, h)| is_count(h)).map(|(i, _)| i).collect();
        let small = |cell: &String| whole(cell).is_some_and(is_small);
        figure.rows.iter().any(|row| columns.iter().filter_map(|c| row.get(*c)).any(small))
    };
    figures.into_iter().filter(|f| !OF_ROWS.contains(&f.chart.as_str()) && !shows_small(f)).collect()
}

/// Whether a column of a table says how many rows are behind each line.
fn is_count(name: &str) -> bool {
    matches!(name, "Rows" | "People" | "Ads" | "n")
}

/// "1,143" as a number.
fn whole(cell: &str) -> Option<u64> {
    cell.replace(',', "").parse().ok()
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
        data::{private::Personal, summary::SkippedLine},
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

    /// What is left of a formula about people, and of a sentence with it.
    #[track_caller]
    fn check_formula(formula: &str, sentence: &str, shown: &str, shown_sentence: &str) {
        let mut findings = sample::bare();
        for name in ["Who", "Phone"] {
            let of_person = ColumnSummary { name: name.into(), ..findings.raw.columns[0].clone() };
            findings.raw.columns.push(ColumnSummary { personal: Some(Personal::Said), ..of_person });
        }
        let settings = Settings::new().with("formula", formula).with("name", "Is Anna");
        findings.recipe.steps = vec![RecipeStep::Feature(StepCall::new("formula", settings))];
        findings.ledger = vec![LedgerEntry {
            title: "Formula".into(),
            kind: "feature".into(),
            failure: None,
            reason: None,
            effect: Some(Effect { sentence: sentence.into(), ..Effect::default() }),
        }];
        personal(&mut findings);
        let RecipeStep::Feature(call) = &findings.recipe.steps[0] else { panic!("no feature") };
        assert_eq!((call.settings.text("formula", ""), call.settings.text("name", "")), (shown, "Is Anna"));
        assert_eq!(findings.ledger[0].effect.as_ref().unwrap().sentence, shown_sentence);
    }

    #[test]
    fn values_in_formulas_about_people_are_masked() {
        let formula = "if(Who == 'Anna', 1, 0)";
        let sentence = "Added Is Anna = if(Who == 'Anna', 1, 0)";
        let masked = "if(Who == \"(masked)\", 1, 0)";
        check_formula(formula, sentence, masked, "Added Is (masked) = (masked)");
        let printed = "Added x = if(Who = \"Anna\", 1, 0)";
        check_formula(formula, printed, masked, "Added x = (masked)");
        let sentence = "Added x = Phone == 301234567, as 301234567";
        check_formula("Phone == 301234567", sentence, "Phone == (masked)", "Added x = (masked), as (masked)");
        // A formula that cannot be read, and one that is too long for its sentence.
        check_formula("Who == \"Anna", "Added x = Who == \"Anna", MASKED, "Added x = (masked)");
        let long = format!("{}Who == 'Annabel'", "Who == 'B' or ".repeat(14));
        let sentence = format!("Added x = {}", shorten(&long, SHOWN));
        assert!(sentence.ends_with("Who…") || sentence.contains("'B'"));
        let masked = long.replace("'B'", "\"(masked)\"").replace("'Annabel'", "\"(masked)\"");
        check_formula(&long, &sentence, &masked, "Added x = (masked)");
        // What is not about people stays.
        let other = "if(Region == 'Anna', 1, 0)";
        check_formula(other, "Added x = 1", other, "Added x = 1");
    }

    /// What is left of a step about people: its settings, and a sentence of its own and one of the step after it.
    #[track_caller]
    fn check_typed(slug: &str, settings: Settings, own: &str, shown: &str) {
        let mut findings = sample::bare();
        for name in ["Who", "Phone"] {
            let of_person = ColumnSummary { name: name.into(), ..findings.raw.columns[0].clone() };
            findings.raw.columns.push(ColumnSummary { personal: Some(Personal::Said), ..of_person });
        }
        let entry = |sentence: &str| LedgerEntry {
            title: "A step".into(),
            kind: "clean".into(),
            failure: None,
            reason: None,
            effect: Some(Effect { sentence: sentence.into(), ..Effect::default() }),
        };
        let other = "Dropped 12 rows where Region is Li";
        let region = Settings::new().with("column", "Region").with("value", "Li");
        findings.recipe.steps = vec![
            RecipeStep::Clean(StepCall::new(slug, settings)),
            RecipeStep::Clean(StepCall::new("filter_rows", region)),
        ];
        findings.ledger = vec![entry(own), entry(other)];
        personal(&mut findings);
        let sentence = |i: usize| findings.ledger[i].effect.as_ref().unwrap().sentence.as_str();
        assert_eq!((sentence(0), sentence(1)), (shown, other));
        let recipe = serde_json::to_string(&findings.recipe.steps[0]).unwrap();
        for value in ["49151530", "Li\"", "王伟", "12"] {
            assert!(!recipe.contains(value), "{value} in {recipe}");
        }
        assert!(findings.recipe_is_masked);
    }

    #[test]
    fn numbers_and_short_values_typed_about_people_are_masked() {
        let who = || Settings::new().with("column", "Who");
        let phone = || Settings::new().with("columns", vec!["Phone".to_owned()]);
        let own = "Emptied 3 cells of Phone that hold 4,915,153,013,744 or 12, of 312";
        let shown = "Emptied 3 cells of Phone that hold (masked) or (masked), of 312";
        let values = Setting::Numbers(vec![4_915_153_013_744.0, 12.0]);
        check_typed("sentinels_to_missing", phone().with("values", values), own, shown);
        let fill = phone().with("method", "constant").with("constant", "4915153013744");
        let own = "Filled 3 cells of Phone with 4,915,153,013,744";
        check_typed("fill_missing", fill, own, "Filled 3 cells of Phone with (masked)");
        let own = "Kept 5 rows where Who is Li, as Lisa";
        check_typed(
            "filter_rows",
            who().with("value", "Li"),
            own,
            "Kept 5 rows where Who is (masked), as Lisa",
        );
        let own = "Kept 5 rows where Phone is above 1234.5";
        let above =
            Settings::new().with("column", "Phone").with("operator", "above").with("value", "1.234,5");
        check_typed("filter_rows", above, own, "Kept 5 rows where Phone is above (masked)");
        let own = "Kept 5 rows where Who is 王伟";
        check_typed("filter_rows", who().with("value", "王伟"), own, "Kept 5 rows where Who is (masked)");
    }

    #[test]
    fn small_groups_are_neither_named_nor_counted_in_words() {
        let mut findings = sample::rich();
        let mut city = findings.raw.columns[1].clone();
        city.name = "City".into();
        city.column_type = crate::engine::data::column::ColumnType::Category;
        city.examples = ["Limaville", "Berlin", "9"].map(str::to_owned).to_vec();
        findings.raw.columns.push(city.clone());
        findings.table.columns.push(city);
        let exploration = findings.exploration.as_mut().unwrap();
        let mut top = exploration.columns[0].clone();
        top.name = "City".into();
        top.numeric = None;
        top.top = vec![("Berlin".into(), 400), ("Limaville".into(), 4), ("9".into(), 8)];
        exploration.columns.push(top);
        let rate = &mut exploration.rates[0];
        rate.segment = "City".into();
        let level = rate.levels[0].clone();
        rate.levels = [("Limaville", 4), ("9", 8), ("Berlin", 400)]
            .map(|(label, n_rows)| crate::engine::statistics::exploration::RateLevel {
                label: label.into(),
                n_rows,
                exposure: n_rows as f64,
                ..level.clone()
            })
            .to_vec();
        let claim = &mut exploration.claims[0];
        claim.record.n = 412;
        claim.record.estimand = "Response by City".into();
        claim.sentence = "No relation: 9 % in every group (chi² = 2.49, 9 df). Too few for any claim: Limaville (4 people) and 9 (8 people).".into();
        claim.record.notes =
            vec!["Too few for a claim (below 30 people, or fewer than 5 expected cases): Limaville (4 people) and 9 (8 people); without them the test gives p = 0.74.".into()];
        let mut other = claim.clone();
        other.sentence = "Cost rises from 9 EUR (Berlin) to 12 EUR (Limaville). The group Limaville has 4 people, too few for any claim.".into();
        exploration.claims.push(other);
        let explanation = findings.explanation.as_mut().unwrap();
        explanation.columns[0].name = "City".into();
        explanation.columns[0].levels = ["9", "Berlin", "Limaville"].map(str::to_owned).to_vec();
        small_groups(&mut findings);
        let text = serde_json::to_string(&findings).unwrap();
        for words in ["Limaville", "4 people", "8 people", "\"9\""] {
            assert!(!text.contains(words), "{words} in {text}");
        }
        let claims = &findings.exploration.as_ref().unwrap().claims;
        assert!(claims[0].sentence.starts_with("No relation: 9 % in every group (chi² = 2.49, 9 df)."));
        assert!(text.contains("Berlin") && text.contains("without them the test gives p = 0.74"));
    }

    #[test]
    fn values_are_masked_as_whole_words() {
        let check = |text: &str, value: &str, expected: &str| {
            let mut text = text.to_owned();
            masked_words(&mut text, &[], &[value.to_owned()]);
            assert_eq!(text, expected);
        };
        check("Annual of Ann, Joann (Ann)", "Ann", "Annual of (masked), Joann ((masked))");
        check("AnnAnn Ann", "Ann", "AnnAnn (masked)");
        check("x+30 1-Ann.", "+30 1", "x(masked)-Ann.");
    }

    #[test]
    fn what_was_computed_from_people_is_masked_until_the_user_lets_it_go() {
        let mut findings = sample::bare();
        let who = ColumnSummary { name: "Who".into(), ..findings.raw.columns[0].clone() };
        findings.raw.columns.push(ColumnSummary { personal: Some(Personal::Name), ..who.clone() });
        let length = ColumnSummary { name: "Length".into(), is_computed: true, ..who };
        findings.table.columns.push(length);
        let made = Effect {
            columns_used: vec!["Who".into()],
            columns_added: vec!["Length".into(), "Gone".into()],
            ..Effect::default()
        };
        let entry = |effect: Effect| LedgerEntry {
            title: "A step".into(),
            kind: "feature".into(),
            failure: None,
            reason: None,
            effect: Some(effect),
        };
        let formula = Settings::new().with("formula", "length(Who)");
        findings.recipe.steps = vec![RecipeStep::Feature(StepCall::new("formula", formula))];
        findings.ledger = vec![entry(made)];
        assert_eq!(personal_names(&findings), ["Who", "Length", "Gone"]);
        findings.recipe.steps.push(RecipeStep::Personal { column: "Length".into(), is_personal: false });
        findings.ledger.push(entry(Effect::default()));
        assert_eq!(personal_names(&findings), ["Who", "Gone"]);
    }

    #[test]
    fn figures_with_small_counts_are_left_out() {
        let figure = |header: &str, n: &str| Figure {
            chart: "budget_groups".into(),
            header: vec!["age".into(), header.into()],
            rows: vec![vec!["30-34".into(), n.into()]],
            ..sample::figures().remove(0)
        };
        for header in ["Rows", "Ads", "People"] {
            assert_eq!(shareable(vec![figure(header, "9"), figure(header, "1,009")]).len(), 1, "{header}");
        }
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
            let decision = findings.decision.as_mut().unwrap();
            let mut claim = sample::rich().exploration.unwrap().claims[0].clone();
            (claim.id, claim.record.n) = ("decision.budget".into(), 1000);
            decision.claims.push(claim);
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
        // A move from a small group is no figure to share, nor is one from a group that would tell the small one.
        for (sizes, from) in
            [(&[500, 400, 9][..], "g9"), (&[500, 400, 9], "g400"), (&[500, 400, 9, 30], "g30")]
        {
            let found = masked(sizes, from);
            assert_eq!(labels(&found), None, "{sizes:?} {from}");
            assert!(found.decision.unwrap().claims.iter().all(|c| c.id != "decision.budget"));
        }
    }

    #[test]
    fn small_levels_are_left_out_of_records_and_coefficients() {
        let mut findings = sample::rich();
        let exploration = findings.exploration.as_mut().unwrap();
        let rate = &mut exploration.rates[0];
        rate.segment = "interest".into();
        let level = rate.levels[0].clone();
        rate.levels = [("103", 5), ("104", 7), ("105", 60)]
            .map(|(label, n_rows)| crate::engine::statistics::exploration::RateLevel {
                label: label.into(),
                n_rows,
                ..level.clone()
            })
            .to_vec();
        let line = |cells: [&str; 2]| cells.map(str::to_owned).to_vec();
        exploration.claims[0].record.table =
            vec![line(["interest", "Ads"]), line(["103", "5"]), line(["104", "7"]), line(["105", "1,060"])];
        exploration.claims[0].record.n = 1_072;
        let table =
            findings.comparison.iter_mut().flat_map(|c| &mut c.results).find_map(|r| r.coefficients.as_mut());
        if let Some(row) = table.and_then(|t| t.rows.last_mut()) {
            row.name = "interest: 103".into();
        }
        small_groups(&mut findings);
        let kept = &findings.exploration.as_ref().unwrap().claims[0].record.table;
        assert_eq!(kept[..], [line(["interest", "Ads"]), line(["105", "1,060"])]);
        assert!(!serde_json::to_string(&findings.comparison).unwrap().contains("interest: 103"));
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
