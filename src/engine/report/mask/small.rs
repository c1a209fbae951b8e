//! Leaves out what rests on fewer than ten rows or people.
//!
//! Sentences are not read here: who writes one names groups by [`words::group`](crate::engine::words::group), and the text
//! without the small ones travels beside it.

use super::{Hidden, MASKED};
use crate::engine::{
    data::{
        column::{Column, Values},
        issue::IssueKind,
        private::unquoted_but,
        table::Table,
    },
    decisions::decision::BudgetResult,
    disclosure::{self, FEW, is_small},
    knobs::{Knob, KnobKind, Setting},
    models::{explain::Value, folds::without_reason},
    order::InOrder,
    pipeline::{execute::find_step, recipe::RecipeStep},
    report::build::{Figure, Findings},
    statistics::{
        claim::Claim,
        exploration::{Exploration, KpiRow, KpiTable},
        withheld,
    },
    step::StepCall,
};

/// Charts that draw single rows.
const OF_ROWS: [&str; 7] =
    ["predicted_actual", "residuals", "segment_map", "pair_plot", "box_plot", "dependence", "waterfall"];

/// Leaves out what rests on fewer than ten rows or people, and single rows. Where the rest would tell it, because just
/// one small group is left out of a whole that is shown, the next smallest goes too. Gives the figures that may be shared.
/// `tables`: as read, and prepared.
pub fn small_groups(findings: &mut Findings, figures: Vec<Figure>, tables: &[&Table]) -> Vec<Figure> {
    findings.small_groups_masked = true;
    findings.hidden = hidden_names(findings, tables);
    let year = findings.exploration.as_ref().and_then(|e| e.plan.reference_year);
    let withheld = Withheld::of(tables, year);
    receipt(findings, tables);
    steps(findings, tables);
    for column in findings.raw.columns.iter_mut().chain(&mut findings.table.columns) {
        let counts = Counts::of(tables, &column.name);
        column.examples.retain(|label| label == MASKED || counts.are_many(label));
    }
    let hidden = &findings.hidden;
    let all_claims = [
        findings.exploration.as_mut().map(|e| &mut e.claims),
        findings.comparison.as_mut().map(|c| &mut c.claims),
        findings.explanation.as_mut().map(|e| &mut e.claims),
        findings.segmentation.as_mut().map(|s| &mut s.claims),
        findings.decision.as_mut().map(|d| &mut d.claims),
    ];
    all_claims.into_iter().flatten().for_each(|all| claims(all, hidden, &withheld));
    if let Some(exploration) = &mut findings.exploration {
        explored(exploration, &withheld);
    }
    for table in findings.comparison.iter_mut().flat_map(|c| &mut c.results) {
        let Some(table) = &mut table.coefficients else { continue };
        let n_rows = table.rows.len();
        table.rows.retain(|row| of_few(tables, &row.name).is_none());
        for row in &mut table.rows {
            let column = row.name.split_once(": ").map_or("", |(column, _)| column);
            let counts = Counts::of(tables, column);
            row.against.iter_mut().filter(|level| counts.are_few(level)).for_each(|l| *l = MASKED.to_owned());
        }
        if table.rows.len() < n_rows {
            table.path = None;
        }
    }
    let notes = findings.comparison.iter_mut().flat_map(|c| &mut c.notes);
    let notes = notes.chain(findings.ladder.iter_mut().flat_map(|l| &mut l.notes));
    for note in notes.chain(findings.learning_curve.iter_mut().flat_map(|c| &mut c.notes)) {
        *note = without_reason(note).to_owned();
    }
    explained(findings, tables);
    if let Some(segmentation) = &mut findings.segmentation {
        retain(&mut segmentation.segments, |s| s.n, |_| false);
        for point in &mut segmentation.sweep {
            if point.sizes.iter().any(|n| is_small(*n)) {
                point.sizes.clear();
            }
        }
    }
    decided(findings, &withheld);
    shareable(figures, &findings.hidden, &withheld, tables)
}

fn receipt(findings: &mut Findings, tables: &[&Table]) {
    for line in &mut findings.receipt.skipped {
        line.text = MASKED.to_owned();
    }
    for issue in &mut findings.receipt.issues {
        // What it quotes of many cells can be one.
        let quotes_cells = is_of_cells(issue.kind);
        // A text without a column is a whole row.
        if quotes_cells || issue.column.is_none() {
            issue.text = issue.text.take().map(|_| MASKED.to_owned());
        }
        if quotes_cells {
            let is_its_column = |text: &str| issue.column.as_deref() == Some(text);
            let message =
                unquoted_but(&issue.message, |text| is_its_column(text) || may_be_quoted(tables, text));
            issue.message = message;
        }
    }
}

/// Whether a text may be quoted: the name of a column, or a value of many rows and nowhere one of few.
fn may_be_quoted(tables: &[&Table], text: &str) -> bool {
    let columns = tables.iter().flat_map(|t| t.columns());
    if columns.clone().any(|c| c.name == text) {
        return true;
    }
    let fewest = columns.map(|c| c.n_rows_with(text)).filter(|n| *n > 0).min();
    fewest.is_some_and(|n| n >= FEW)
}

/// Whether an issue quotes cells rather than names of columns.
fn is_of_cells(kind: IssueKind) -> bool {
    use IssueKind::{AmbiguousDate, Infinite, MixedTypes, Sentinel, UnreadableDate, UnreadableNumber};
    matches!(kind, AmbiguousDate | Infinite | MixedTypes | Sentinel | UnreadableDate | UnreadableNumber)
}

fn steps(findings: &mut Findings, tables: &[&Table]) {
    for (i, entry) in findings.ledger.iter_mut().enumerate() {
        let call = match findings.recipe.steps.get_mut(i) {
            Some(RecipeStep::Clean(call) | RecipeStep::Feature(call)) => Some(call),
            _ => None,
        };
        let mut names_few = false;
        if let Some(effect) = &mut entry.effect {
            effect.examples.clear();
            if let Some(shared) = effect.shared.take() {
                names_few = true;
                (effect.sentence, effect.notes) = (shared.sentence, shared.notes);
                effect.python = "# left out: it names a small group".to_owned();
            }
        }
        let mut named_in = entry.effect.as_mut().map(|e| std::mem::take(&mut e.named_in)).unwrap_or_default();
        if entry.failure.is_some() {
            // Why can quote any cell, and what was typed was never looked up.
            entry.failure = Some("why is left out, as it can name a small group".to_owned());
            names_few = true;
            named_in.extend(call.iter().flat_map(|call| typed(call)));
        }
        // A reason quotes what is in cells.
        let reason = |text: &str| match names_few {
            true => "Left out: it can name a small group.".to_owned(),
            false => unquoted_but(text, |text| may_be_quoted(tables, text)),
        };
        entry.reason = entry.reason.as_deref().map(reason);
        if let Some(call) = call {
            call.reason = call.reason.as_deref().map(reason);
            findings.recipe_is_masked |= !named_in.is_empty();
            for slug in named_in {
                call.settings.0.insert(slug, Setting::Text(MASKED.to_owned()));
            }
        }
    }
    for node in findings.graph.iter_mut().filter(|n| n.state == "failed") {
        node.detail.clear();
    }
}

/// Settings that hold what was typed, rather than chosen.
fn typed(call: &StepCall) -> Vec<String> {
    let is_typed = |k: &Knob| {
        let is_given =
            !call.settings.text(&k.slug, "").is_empty() || !call.settings.numbers(&k.slug).is_empty();
        is_given
            && matches!(
                k.kind,
                KnobKind::Text
                    | KnobKind::Order { .. }
                    | KnobKind::Value { .. }
                    | KnobKind::Formula
                    | KnobKind::Numbers
            )
    };
    let knobs = find_step(&call.slug).map(|step| step.knobs()).unwrap_or_default();
    knobs.iter().filter(|k| is_typed(k)).map(|k| k.slug.clone()).collect()
}

/// Names of columns for one level each, "City: Ultra" or "City = Ultra", that few rows have.
fn hidden_names(findings: &Findings, tables: &[&Table]) -> Hidden {
    let mut hidden = Hidden::new();
    let prepared = findings.table.columns.iter().map(|c| &c.name);
    let made = findings.ledger.iter().filter_map(|e| e.effect.as_ref()).flat_map(|e| &e.columns_added);
    let clustered = findings.segmentation.iter().flat_map(|s| &s.matrix_columns);
    for name in prepared.chain(made).chain(clustered) {
        let Some(column) = of_few(tables, name) else { continue };
        let shown = format!("{column}{MASKED}");
        // As it stands in JSON and in a picture, too.
        let json = name.replace('\\', "\\\\").replace('"', "\\\"");
        let picture = name.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        for written in [name, &json, &picture] {
            if !hidden.iter().any(|(n, _)| n == written) {
                hidden.push((written.clone(), shown.clone()));
            }
        }
    }
    // One can begin another.
    hidden.order_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    hidden
}

/// Of a name that is that of a level which few rows have what stands before the level: "City: ".
fn of_few<'n>(tables: &[&Table], name: &'n str) -> Option<&'n str> {
    // What it was made of can be gone.
    let is_small_flag = tables
        .iter()
        .filter_map(|t| t.column(name).ok())
        .any(|column| matches!(column.values, Values::Boolean(_)) && is_small(column.n_rows_with("yes")));
    [": ", " = "].into_iter().find_map(|sign| {
        let mut ends = name.match_indices(sign).map(|(at, _)| (at, at + sign.len()));
        let is_few = |(column, level): (usize, usize)| {
            is_small_flag || Counts::of(tables, &name[..column]).are_few(&name[level..])
        };
        ends.find(|end| is_few(*end)).map(|(_, level)| &name[..level])
    })
}

/// By column, the groups that are left out of figures of the whole prepared table: they stay so in figures of a part of its
/// rows, as each could be told from the other.
struct Withheld(Vec<(String, Vec<String>)>);

impl Withheld {
    fn of(tables: &[&Table], reference_year: Option<i32>) -> Self {
        Self(tables.last().map(|prepared| withheld(prepared, reference_year)).unwrap_or_default())
    }

    fn has(&self, column: &str, label: &str) -> bool {
        self.0.iter().any(|(name, labels)| name == column && labels.iter().any(|l| l == label))
    }
}

/// How many rows of each table have which value of a column.
struct Counts<'a>(Vec<(&'a Column, Vec<u64>)>);

impl<'a> Counts<'a> {
    fn of(tables: &[&'a Table], name: &str) -> Self {
        let columns = tables.iter().filter_map(|table| table.column(name).ok());
        Self(columns.map(|c| (c.as_ref(), c.dictionary().map(|d| d.counts()).unwrap_or_default())).collect())
    }

    /// The fewest rows that have a value, of the tables in which some have.
    fn fewest(&self, label: &str) -> u64 {
        let n_of = |(column, counts): &(&Column, Vec<u64>)| match column.levels() {
            Some(levels) => levels.iter().position(|l| l == label).and_then(|at| counts.get(at).copied()),
            None => Some(column.n_rows_with(label)),
        };
        self.0.iter().filter_map(n_of).filter(|n| *n > 0).min().unwrap_or(0)
    }

    fn are_few(&self, label: &str) -> bool {
        is_small(self.fewest(label))
    }

    /// What was not counted may be few.
    fn are_many(&self, label: &str) -> bool {
        self.fewest(label) >= FEW
    }
}

/// Leaves out what rests on few rows, and takes the texts that name no small group.
fn claims(all: &mut Vec<Claim>, hidden: &Hidden, withheld: &Withheld) {
    all.retain(|c| !is_small(c.record.n));
    for claim in all {
        if let Some(shared) = claim.record.shared.take() {
            (claim.sentence, claim.record.notes) = (shared.sentence, shared.notes);
        }
        if hidden.iter().any(|(name, _)| claim.topic.contains(name)) {
            claim.id = claim.id.split('.').next().unwrap_or_default().to_owned();
        }
        let table = &mut claim.record.table;
        let Some(header) = table.first() else { continue };
        let column = header.first().cloned().unwrap_or_default();
        let count = header.iter().position(|name| is_count(name));
        let mut rows = table.split_off(1);
        let is_withheld = |row: &Vec<String>| row.first().is_some_and(|label| withheld.has(&column, label));
        match count {
            None => rows.retain(|row| !is_withheld(row)),
            Some(at) => retain(&mut rows, |row| row.get(at).and_then(|n| whole(n)).unwrap_or(0), is_withheld),
        }
        table.append(&mut rows);
    }
}

fn explored(exploration: &mut Exploration, withheld: &Withheld) {
    for column in &mut exploration.columns {
        retain(&mut column.top, |(_, n)| *n, |(label, _)| withheld.has(&column.name, label));
        if let Some(numeric) = &mut column.numeric {
            numeric.outlier_values.clear();
            if numeric.histogram_counts.iter().any(|n| is_small(*n)) {
                numeric.histogram_counts.clear();
                numeric.histogram_edges.clear();
            }
        }
    }
    for kpi in &mut exploration.kpis {
        figures(kpi, withheld);
    }
    for rate in &mut exploration.rates {
        retain(&mut rate.levels, |l| l.n_rows, |l| withheld.has(&rate.segment, &l.label));
    }
}

/// Figures by the groups of one or two columns. Of two, the totals of each are told as well.
fn figures(kpi: &mut KpiTable, withheld: &Withheld) {
    // The total is no group.
    let sizes: Vec<u64> = kpi.rows.iter().map(|r| if r.labels.is_empty() { 0 } else { r.n_rows }).collect();
    let wholes: Vec<Vec<usize>> = match kpi.by.len() {
        2.. => (0..kpi.by.len()).flat_map(|key| totals(&kpi.rows, key)).collect(),
        _ => vec![(0..kpi.rows.len()).collect()],
    };
    let is_withheld =
        |i: usize| kpi.by.iter().zip(&kpi.rows[i].labels).any(|(column, label)| withheld.has(column, label));
    let mut hidden = disclosure::withheld_in(&sizes, &wholes, is_withheld).into_iter();
    kpi.rows.retain(|_| hidden.next() == Some(false));
}

/// For each group of one of the keys, the rows that its total adds up.
fn totals(rows: &[KpiRow], key: usize) -> Vec<Vec<usize>> {
    let mut all: Vec<(&str, Vec<usize>)> = Vec::new();
    for (i, row) in rows.iter().enumerate() {
        let Some(label) = row.labels.get(key) else { continue };
        match all.iter_mut().find(|(l, _)| l == label) {
            Some((_, rows)) => rows.push(i),
            None => all.push((label, vec![i])),
        }
    }
    all.into_iter().map(|(_, rows)| rows).collect()
}

fn explained(findings: &mut Findings, tables: &[&Table]) {
    let Some(explanation) = &mut findings.explanation else { return };
    explanation.examples.clear();
    explanation.misses.clear();
    explanation.claims.retain(|c| c.id != "errors.largest");
    for curve in &mut explanation.dependence {
        curve.curves.clear();
        retain(&mut curve.points, |p| p.n, |_| false);
        if let Some(shared) = curve.shared.take() {
            // It says what drives the result, too.
            explanation
                .words
                .iter_mut()
                .filter(|w| **w == curve.sentence)
                .for_each(|w| w.clone_from(&shared));
            curve.sentence = shared;
        }
    }
    for column in explanation.shap.iter_mut().flat_map(|s| &mut s.columns) {
        retain(&mut column.bins, |b| u64::from(b.n), |_| false);
    }
    for column in &mut explanation.columns {
        // The ends of a range are single rows.
        column.range = None;
        let counts = Counts::of(tables, &column.name);
        column.levels.retain(|label| counts.are_many(label));
        if matches!(&column.typical, Value::Level(label) if !counts.are_many(label)) {
            column.typical = Value::Missing;
        }
    }
}

fn decided(findings: &mut Findings, withheld: &Withheld) {
    let Some(decision) = &mut findings.decision else { return };
    if let Some(retargeting) = &mut decision.retargeting {
        retain(&mut retargeting.segments, |s| s.n, |_| false);
    }
    if let Some(budget) = &mut decision.budget {
        retain(&mut budget.groups, |g| g.n, |g| withheld.has(&budget.plan.by, &g.label));
        budget.within.iter_mut().for_each(|w| retain(&mut w.campaigns, |c| c.n, |_| false));
    }
    // Why something is missing quotes the group that was chosen.
    decision.missing.iter_mut().for_each(|why| *why = unquoted_but(why, |_| false));
    // Every figure of a move rests on its two groups, and tells of them.
    let has_lost_one = |b: &mut BudgetResult| {
        let is_left = |label: &String| b.groups.iter().any(|g| g.label == *label);
        !is_left(&b.plan.from) || !is_left(&b.plan.to)
    };
    if decision.budget.take_if(has_lost_one).is_some() {
        decision.claims.retain(|c| c.id != "decision.budget");
    }
    if decision.budget.is_none() {
        decision.plan.budget = None;
        findings.recipe.decision.iter_mut().for_each(|plan| plan.budget = None);
    }
}

/// The figures that show no small group and no single rows.
fn shareable(figures: Vec<Figure>, hidden: &Hidden, withheld: &Withheld, tables: &[&Table]) -> Vec<Figure> {
    let shows_small = |figure: &Figure| {
        let columns: Vec<usize> =
            figure.header.iter().enumerate().filter(|(_, h)| is_count(h)).map(|(i, _)| i).collect();
        let small = |cell: &String| whole(cell).is_some_and(is_small);
        let mut rows = figure.rows.iter();
        let names: Vec<&String> = figure.header.iter().chain(&figure.args).collect();
        let counts: Vec<Counts> = names.iter().map(|name| Counts::of(tables, name)).collect();
        let is_few = |cell: &String| {
            counts.iter().any(|c| c.are_few(cell)) || names.iter().any(|name| withheld.has(name, cell))
        };
        rows.any(|row| {
            columns.iter().filter_map(|c| row.get(*c)).any(small) || row.first().is_some_and(is_few)
        })
    };
    let mut figures = figures;
    figures.retain(|f| !OF_ROWS.contains(&f.chart.as_str()) && !shows_small(f));
    for figure in &mut figures {
        let mut texts = figure.rows.iter().flatten().chain(&figure.header);
        // A picture cuts long names.
        if texts.any(|text| hidden.iter().any(|(name, _)| text.contains(name))) {
            figure.svg = None;
        }
    }
    figures
}

/// Whether a column of a table says how many rows are behind each line.
fn is_count(name: &str) -> bool {
    matches!(name, "Rows" | "People" | "Ads" | "n")
}

/// "1,143" as a number.
fn whole(cell: &str) -> Option<u64> {
    cell.replace(',', "").parse().ok()
}

/// Takes out the groups of a whole that are withheld, those for another reason (`also`) among them.
fn retain<T>(items: &mut Vec<T>, n_of: impl Fn(&T) -> u64, also: impl Fn(&T) -> bool) {
    let sizes: Vec<u64> = items.iter().map(n_of).collect();
    let mut hidden = disclosure::withheld(&sizes, |i| also(&items[i])).into_iter();
    items.retain(|_| hidden.next() == Some(false));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{
        data::role::{Role, TableKind},
        decisions::decision::BudgetGroup,
        report::sample,
    };

    #[test]
    fn figures_with_small_counts_are_left_out() {
        let figure = |header: &str, n: &str| Figure {
            chart: "budget_groups".into(),
            header: vec!["age".into(), header.into()],
            rows: vec![vec!["30-34".into(), n.into()]],
            ..sample::figures().remove(0)
        };
        for header in ["Rows", "Ads", "People"] {
            let figures = vec![figure(header, "9"), figure(header, "1,009")];
            let nothing = (Hidden::new(), Withheld(Vec::new()));
            assert_eq!(shareable(figures, &nothing.0, &nothing.1, &[]).len(), 1, "{header}");
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
            small_groups(&mut findings, Vec::new(), &[]);
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
        let line = |cells: [&str; 2]| cells.map(str::to_owned).to_vec();
        exploration.claims[0].record.table =
            vec![line(["interest", "Ads"]), line(["103", "5"]), line(["104", "7"]), line(["105", "1,060"])];
        exploration.claims[0].record.n = 1_072;
        let table =
            findings.comparison.iter_mut().flat_map(|c| &mut c.results).find_map(|r| r.coefficients.as_mut());
        if let Some(row) = table.and_then(|t| t.rows.last_mut()) {
            row.name = "interest: 103".into();
        }
        let cells: Vec<f64> = [(103.0, 5), (104.0, 7), (105.0, 60)]
            .into_iter()
            .flat_map(|(code, n)| std::iter::repeat_n(code, n))
            .collect();
        let interest = Column::number("interest", Role::Category, cells);
        let table = Table::new(TableKind::Ads, vec![interest]).unwrap();
        small_groups(&mut findings, Vec::new(), &[&table]);
        let kept = &findings.exploration.as_ref().unwrap().claims[0].record.table;
        assert_eq!(kept[..], [line(["interest", "Ads"]), line(["105", "1,060"])]);
        assert!(!serde_json::to_string(&findings.comparison).unwrap().contains("interest: 103"));
    }
}
