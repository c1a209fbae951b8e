//! Builds the document from what was found.

use crate::engine::{
    data::{
        issue::Severity,
        summary::{Receipt, TableSummary},
    },
    decisions::decision::{Decision, Verdict},
    models::{
        comparison::Comparison,
        plan::{Standing, Validation},
    },
    pipeline::{graph::Node, recipe::Recipe},
    segments::segmentation::Segmentation,
    statistics::{
        claim::{Claim, Grade},
        exploration::{
            ColumnStatistics, Correlation, Exploration, KpiTable, NumericStatistics, RateBySegment,
        },
    },
    step::Effect,
    words::{NOTHING, count, decimals, interval_of, money, number, optional, p_cell, percent, spell_out},
};
use serde::{Deserialize, Serialize};

use super::{
    document::{Block, Document, Section},
    record,
};

/// Everything that was looked at. What is `None` was not, and is not in the report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Findings {
    /// What reading the file found.
    pub receipt: Receipt,
    /// As read.
    pub raw: TableSummary,
    /// As prepared.
    pub table: TableSummary,
    /// What the user decided.
    pub recipe: Recipe,
    /// One a recipe step: what it is called, and its effect or why it failed.
    pub ledger: Vec<LedgerEntry>,
    /// The exploration.
    pub exploration: Option<Exploration>,
    /// The model comparison.
    pub comparison: Option<Comparison>,
    /// The segments.
    pub segmentation: Option<Segmentation>,
    /// The decision.
    pub decision: Option<Decision>,
    /// The recipe as a graph.
    pub graph: Vec<Node>,
    /// Version of Assay.
    pub version: String,
}

/// One step of the recipe and what it did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LedgerEntry {
    /// What the step is called.
    pub title: String,
    /// Whether it is a cleaning step, a feature, or a correction of type or role: "clean", "feature", "schema".
    pub kind: String,
    /// What it did; `None` when it failed.
    pub effect: Option<Effect>,
    /// Why it failed, one sentence.
    pub failure: Option<String>,
}

/// A chart for the report, as whoever draws hands it over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// Which chart and of what: ("histogram", ["Income"]); decides the section it stands in.
    pub chart: String,
    /// The chart's arguments, as in the request.
    pub args: Vec<String>,
    /// Heading above it.
    pub title: String,
    /// One sentence that says what it shows.
    pub alt: String,
    /// How it was computed.
    pub how: String,
    /// Header of the figures behind it.
    pub header: Vec<String>,
    /// The figures as texts, one list a row.
    pub rows: Vec<Vec<String>>,
    /// The picture; `None` when nobody drew it.
    pub svg: Option<String>,
}

/// The whole report: sections in the order of the path, holding only what was looked at.
pub fn document(findings: &Findings, figures: &[Figure]) -> Document {
    let mut sections = vec![data(findings)];
    sections.extend(cleaning(findings));
    sections.extend(features(findings));
    sections.extend(findings.exploration.as_ref().map(|e| explore(e, findings)));
    sections.extend(findings.comparison.as_ref().map(models));
    sections.extend(findings.segmentation.as_ref().map(segments));
    sections.extend(findings.decision.as_ref().map(|d| decision(d, findings)));
    for section in &mut sections {
        place_figures(section, figures);
    }
    sections.push(method(findings));
    sections.push(recipe(findings));
    Document {
        title: format!("Findings from {}", findings.receipt.file_name),
        summary: summary(findings),
        sections,
        recipe: findings.recipe.to_json(),
        version: findings.version.clone(),
    }
}

/// The section a chart stands in; what is not named here is about the table.
pub fn section_of(chart: &str) -> &'static str {
    match chart {
        "model_scores" | "predicted_actual" | "residuals" | "importance" => "models",
        "k_sweep" | "segment_map" | "segment_profile" => "segments",
        "segment_value" | "profit_curve" | "budget_groups" => "decision",
        _ => "explore",
    }
}

/// Figures follow the paragraphs and claims of their section, before its tables. What shows one column alone is folded
/// away, or the eye would meet eighty charts before the first table.
fn place_figures(section: &mut Section, figures: &[Figure]) {
    let mine = figures.iter().filter(|f| section_of(&f.chart) == section.slug);
    let (single, main): (Vec<&Figure>, Vec<&Figure>) = mine.partition(|f| is_of_one_column(f));
    let at = section
        .blocks
        .iter()
        .position(|b| !matches!(b, Block::Paragraph(_) | Block::Claim(_)))
        .unwrap_or(section.blocks.len());
    let mut placed: Vec<Block> = main.into_iter().map(figure).collect();
    if section.slug == "explore" && !placed.is_empty() {
        placed.insert(0, Block::Heading("Charts".to_owned()));
    }
    section.blocks.splice(at..at, placed);
    if !single.is_empty() {
        let title = several(single.len() as u64, "chart of one column", "charts of one column each");
        section.blocks.push(details(title, single.into_iter().map(figure).collect()));
    }
}

fn is_of_one_column(figure: &Figure) -> bool {
    matches!(figure.chart.as_str(), "histogram" | "box_plot") && figure.args.len() == 1
}

fn figure(figure: &Figure) -> Block {
    Block::Figure {
        chart: figure.chart.clone(),
        title: figure.title.clone(),
        alt: figure.alt.clone(),
        header: figure.header.clone(),
        rows: figure.rows.clone(),
        svg: figure.svg.clone(),
        how: figure.how.clone(),
    }
}

/// The decision, the main findings, models and segments, and what limits them: a line each, without the empty ones.
fn summary(findings: &Findings) -> String {
    let decision = findings.decision.as_ref();
    let line = |sentences: Vec<&str>| {
        let said = sentences.into_iter().map(str::trim).filter(|s| !s.is_empty());
        said.map(finished).collect::<Vec<_>>().join(" ")
    };
    let decided = line(
        decision
            .into_iter()
            .flat_map(|d| {
                [d.retargeting.as_ref().map(|r| &r.sentence), d.budget.as_ref().map(|b| &b.sentence)]
            })
            .flatten()
            .map(String::as_str)
            .collect(),
    );
    let claims = findings.exploration.as_ref().map_or(&[][..], |e| &e.claims);
    let found = line(main_claims(claims).iter().map(|c| c.sentence.as_str()).collect());
    let modelled = findings.comparison.as_ref().map(|c| c.verdict.sentence.as_str());
    let segmented = findings.segmentation.as_ref().map(|s| s.why_k.as_str());
    let made = line(modelled.into_iter().chain(segmented).collect());
    let limits = if findings.exploration.is_some() || findings.comparison.is_some() || decision.is_some() {
        "These are observations, not an experiment: they say what goes together, not what would happen if something were changed."
    } else {
        "Nothing has been analysed yet; this report says what was read and changed."
    };
    let proof = decision.and_then(|d| d.hold_out.as_ref()).map_or("", |h| h.sentence.as_str());
    let limits = line(vec![limits, proof]);
    let read = if decided.is_empty() && found.is_empty() && made.is_empty() {
        line(vec![&findings.receipt.sentence])
    } else {
        String::new()
    };
    [decided, found, made, read, limits].into_iter().filter(|l| !l.is_empty()).collect::<Vec<_>>().join("\n")
}

/// At most three findings: how things stand (the first that needs no test), the surest difference, and what the data
/// cannot tell. Of the latter age comes first: it is what everybody asks about.
pub fn main_claims(claims: &[Claim]) -> Vec<&Claim> {
    let p = |c: &Claim| c.record.test.as_ref().map(|t| t.p);
    let is_difference = |c: &&Claim| !c.id.starts_with("correlation") && p(c).is_some();
    let of = |grade: Grade| claims.iter().filter(move |c| c.grade == grade);
    let surest = |grade: Grade| {
        let tested = of(grade).filter(is_difference);
        tested.min_by(|a, b| p(a).unwrap_or(1.0).total_cmp(&p(b).unwrap_or(1.0)))
    };
    let about_age =
        |c: &&Claim| c.topic.to_lowercase().split(|c: char| !c.is_alphabetic()).any(|word| word == "age");
    let unclear = of(Grade::CannotTell)
        .find(about_age)
        .or_else(|| of(Grade::CannotTell).max_by(|a, b| p(a).unwrap_or(0.0).total_cmp(&p(b).unwrap_or(0.0))));
    let overall = of(Grade::Supported).find(|c| p(c).is_none());
    let difference = surest(Grade::Supported).or_else(|| surest(Grade::Suggestive));
    let mut main: Vec<&Claim> = Vec::new();
    let rest = of(Grade::Supported).chain(of(Grade::Suggestive));
    for claim in overall.into_iter().chain(difference).chain(unclear).chain(rest) {
        if main.len() < 3 && !main.iter().any(|c| c.id == claim.id) {
            main.push(claim);
        }
    }
    main
}

/// With a final period.
fn finished(sentence: &str) -> String {
    if sentence.ends_with(['.', '!', '?', ')', '”']) { sentence.to_owned() } else { format!("{sentence}.") }
}

/// "1 column", "3 columns"
fn several(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

fn section(slug: &str, title: &str, blocks: Vec<Block>) -> Section {
    Section { slug: slug.to_owned(), title: title.to_owned(), blocks }
}

fn paragraph(text: impl Into<String>) -> Block {
    Block::Paragraph(text.into())
}

fn table(caption: &str, header: &[&str], rows: Vec<Vec<String>>) -> Block {
    Block::Table {
        caption: caption.to_owned(),
        header: header.iter().map(|h| (*h).to_owned()).collect(),
        rows,
    }
}

fn details(summary: impl Into<String>, blocks: Vec<Block>) -> Block {
    Block::Details { summary: summary.into(), blocks }
}

fn notes(blocks: &mut Vec<Block>, title: &str, notes: &[String]) {
    if !notes.is_empty() {
        blocks.push(Block::Heading(title.to_owned()));
        blocks.push(Block::List(notes.to_vec()));
    }
}

fn data(findings: &Findings) -> Section {
    let (receipt, raw) = (&findings.receipt, &findings.raw);
    let mut facts = vec![("File".to_owned(), receipt.file_name.clone())];
    let mut say = |name: &str, value: String| facts.push((name.to_owned(), value));
    if let Some(source) = &receipt.source {
        say("Recognised as", source.clone());
    }
    say("Kind of table", raw.kind.label().to_owned());
    say("Rows x columns", format!("{} x {}", count(receipt.n_rows), count(receipt.n_columns)));
    say("Size", format!("{} bytes", count(receipt.n_bytes)));
    say("Encoding", receipt.encoding.clone());
    say("Delimiter", delimiter(receipt.delimiter));
    say(
        "Header",
        receipt
            .header_line
            .map_or_else(|| "none; names were made up".to_owned(), |l| format!("line {}", count(l))),
    );
    say("Lines skipped", count(receipt.n_skipped));
    if let Some(currency) = &raw.currency {
        say("Currency", currency.clone());
    }
    say("Fingerprint (FNV-1a, 64 bits)", receipt.fingerprint.clone());

    let mut blocks = vec![paragraph(receipt.sentence.clone()), Block::Facts(facts)];
    if receipt.issues.is_empty() {
        blocks.push(paragraph("Nothing odd was found in the file."));
    } else {
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
        blocks.push(table(
            "What is odd in the file",
            &["Severity", "What was found", "Column", "First line", "Cases", "Text"],
            rows.collect(),
        ));
    }
    if !receipt.skipped.is_empty() {
        let shown = receipt.skipped.iter().take(100);
        let rows = shown.map(|s| vec![count(s.line), s.reason.clone(), s.text.clone()]).collect();
        let more = receipt.n_skipped.saturating_sub(receipt.skipped.len().min(100) as u64);
        let mut inner = vec![table("Lines that did not become rows", &["Line", "Why", "Text"], rows)];
        if more > 0 {
            inner.push(paragraph(format!("{} more are not listed.", count(more))));
        }
        blocks.push(details(several(receipt.n_skipped, "skipped line", "skipped lines"), inner));
    }
    let rows = raw.columns.iter().map(|c| {
        let range = c.range.map_or_else(
            || c.examples.iter().take(3).cloned().collect::<Vec<_>>().join(", "),
            |range| interval_of(range, number),
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
    blocks.push(details(
        several(raw.columns.len() as u64, "column", "columns"),
        vec![table(
            "Columns as read",
            &["Column", "Type", "Role", "Missing", "Different", "Range or examples"],
            rows.collect(),
        )],
    ));
    section("data", "Data", blocks)
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

/// Cleaning steps and corrections of type and role.
fn cleaning(findings: &Findings) -> Option<Section> {
    let entries: Vec<&LedgerEntry> = findings.ledger.iter().filter(|e| e.kind != "feature").collect();
    if entries.is_empty() {
        return None;
    }
    let (rows_in, rows_out) = (findings.raw.n_rows, findings.table.n_rows);
    let kept = if rows_in == rows_out {
        format!("All {} rows were kept.", count(rows_in))
    } else {
        format!("{} of {} rows were kept.", count(rows_out), count(rows_in))
    };
    let failed = entries.iter().filter(|e| e.failure.is_some()).count();
    let failed = match failed {
        0 => String::new(),
        1 => " One step could not be carried out.".to_owned(),
        n => format!(" {n} steps could not be carried out."),
    };
    let steps = several(entries.len() as u64, "step", "steps");
    let mut blocks = vec![paragraph(format!("{steps} in this order. {kept}{failed}"))];
    blocks.push(ledger_table("What cleaning did", &entries));
    blocks.extend(entries.iter().filter_map(|e| examples(e)));
    Some(section("cleaning", "Cleaning", blocks))
}

fn features(findings: &Findings) -> Option<Section> {
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
        vec![
            count(i as u64 + 1),
            entry.title.clone(),
            what,
            touched(effect.n_rows),
            touched(effect.n_cells),
            columns,
        ]
    });
    table(caption, &["#", "Step", "What it did", "Rows", "Cells", "Columns"], rows.collect())
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

/// Findings that stand open; the others are folded away.
const CLAIMS: usize = 12;

fn explore(exploration: &Exploration, findings: &Findings) -> Section {
    let of = |grade: Grade| exploration.claims.iter().filter(|c| c.grade == grade).count();
    let mut blocks = Vec::new();
    if exploration.claims.is_empty() {
        blocks.push(paragraph("There was nothing to compare in this table."));
    } else {
        blocks.push(paragraph(format!(
            "{}: {} supported, {} suggestive, {} where the data cannot tell. Each opens to the record it was made from; p is adjusted for the number of comparisons.",
            several(exploration.claims.len() as u64, "finding", "findings"),
            of(Grade::Supported),
            of(Grade::Suggestive),
            of(Grade::CannotTell)
        )));
    }
    let mut claims: Vec<Block> =
        exploration.claims.iter().cloned().map(|c| Block::Claim(Box::new(c))).collect();
    let more = claims.split_off(claims.len().min(CLAIMS));
    blocks.extend(claims);
    if !more.is_empty() {
        blocks.push(details(several(more.len() as u64, "more finding", "more findings"), more));
    }
    let currency = findings.table.currency.as_deref();
    if !exploration.kpis.is_empty() {
        blocks.push(Block::Heading("Key figures".to_owned()));
        blocks.extend(exploration.kpis.iter().map(|k| kpi_table(k, currency)));
    }
    if !exploration.rates.is_empty() {
        blocks.push(Block::Heading("Rates by group".to_owned()));
        for rate in &exploration.rates {
            rate_blocks(&mut blocks, rate);
        }
    }
    if !exploration.columns.is_empty() {
        blocks.push(Block::Heading("Columns".to_owned()));
        summaries(&mut blocks, &exploration.columns);
    }
    let correlations =
        exploration.correlations.iter().filter(|c| c.columns.len() > 1).map(|c| {
            details(format!("Correlations ({})", spell_out(&c.method)), vec![strongest(c), matrix(c)])
        });
    blocks.extend(correlations);
    section("explore", "Exploration", blocks)
}

fn kpi_table(kpi: &KpiTable, currency: Option<&str>) -> Block {
    let mut header = kpi.by.clone();
    header.push("Rows".to_owned());
    header.extend(kpi.columns.iter().map(|c| match c.unit.as_str() {
        "" | "%" => c.label.clone(),
        unit => format!("{} ({unit})", c.label),
    }));
    let show: Vec<_> = (0..kpi.columns.len()).map(|i| kpi.show(i, false)).collect();
    let rows = kpi.rows.iter().map(|row| {
        let mut cells: Vec<String> = if row.labels.is_empty() {
            let mut labels = vec![String::new(); kpi.by.len()];
            if let Some(first) = labels.first_mut() {
                *first = "All".to_owned();
            }
            labels
        } else {
            row.labels.clone()
        };
        cells.push(count(row.n_rows));
        for (i, show) in show.iter().enumerate() {
            let note = row.notes.get(i).cloned().flatten();
            cells.push(match row.values.get(i).copied().flatten() {
                Some(v) if row.is_too_few(i) => format!("({})", show(v)),
                Some(v) => show(v),
                None => note.unwrap_or_else(|| NOTHING.to_owned()),
            });
        }
        cells
    });
    let has_few = kpi.rows.iter().any(|r| r.too_few.contains(&true));
    let few = if has_few { " In brackets: too little is behind the value to compare it." } else { "" };
    let formulas = kpi.columns.iter().filter(|c| c.formula.contains('/'));
    let formulas: Vec<String> = formulas.map(|c| format!("{} = {}", c.label, c.formula)).collect();
    let in_currency = currency.map_or_else(String::new, |c| format!(" Money in {c}."));
    Block::Table {
        caption: format!(
            "By {}. Ratios of sums, not means of row ratios: {}.{in_currency}{few}",
            kpi.by.join(" and "),
            formulas.join("; ")
        ),
        header,
        rows: rows.collect(),
    }
}

fn rate_blocks(blocks: &mut Vec<Block>, rate: &RateBySegment) {
    let show = |v: f64| rate.show(v);
    let per = match (rate.per, rate.exposure.as_str()) {
        (1.0, exposure) => format!("{} / {exposure}", rate.outcome),
        (per, exposure) => format!("{} per {} {exposure}", rate.outcome, number(per)),
    };
    let rows = rate.levels.iter().map(|level| {
        vec![
            level.label.clone(),
            count(level.n_rows),
            number(level.exposure),
            number(level.outcome),
            level.rate.map_or_else(|| NOTHING.to_owned(), show),
            level.interval.map_or_else(|| NOTHING.to_owned(), |i| interval_of(i, show)),
            if level.too_few { "too few for a claim".to_owned() } else { String::new() },
        ]
    });
    let exposure = spell_out(&rate.exposure);
    blocks.push(table(
        &format!(
            "{per}, by {}; overall {}",
            rate.segment,
            rate.overall.map_or_else(|| NOTHING.to_owned(), show)
        ),
        &[&rate.segment, "Rows", &exposure, &rate.outcome, "Rate", "95 % interval", "Note"],
        rows.collect(),
    ));
    match (&rate.caution, &rate.test) {
        (Some(caution), _) => blocks.push(paragraph(caution.clone())),
        (None, Some(t)) => {
            let mut text = record::named_test(t);
            if let Some(p) = t.p_holm {
                text += &format!("; Holm p {}", p_cell(p));
            }
            if let Some(p) = t.p_bh {
                text += &format!("; Benjamini-Hochberg p {}", p_cell(p));
            }
            if let Some(d) = t.dispersion {
                text += &format!("; dispersion {}", number(d));
            }
            if let Some((name, value)) = &t.effect {
                text += &format!("; {name} {}", number(*value));
            }
            blocks.push(paragraph(format!("{text}. {}", t.why)));
        }
        (None, None) => blocks.push(paragraph("No test could be made.")),
    }
}

fn summaries(blocks: &mut Vec<Block>, columns: &[ColumnStatistics]) {
    let numeric: Vec<_> = columns.iter().filter_map(|c| Some((c, c.numeric.as_ref()?))).collect();
    let figures = NumericStatistics::in_words(&numeric.iter().map(|(_, n)| *n).collect::<Vec<_>>());
    let rows: Vec<Vec<String>> = numeric
        .iter()
        .zip(figures)
        .map(|((c, n), figures)| {
            let counts = [c.name.clone(), count(c.count), count(c.missing)];
            counts.into_iter().chain(figures).chain([count(n.outliers)]).collect()
        })
        .collect();
    if !rows.is_empty() {
        let header = [
            "Column",
            "n",
            "Missing",
            "Mean",
            "SD",
            "Min",
            "Q1",
            "Median",
            "Q3",
            "Max",
            "Skew",
            "Outside fences",
        ];
        blocks.push(details(
            several(rows.len() as u64, "numeric column", "numeric columns"),
            vec![table(
                "Numeric columns; outside fences: beyond 1.5 quartile ranges of the quartiles",
                &header,
                rows,
            )],
        ));
    }
    let rows: Vec<Vec<String>> = columns
        .iter()
        .filter(|c| c.numeric.is_none())
        .map(|c| {
            let top: Vec<String> =
                c.top.iter().take(5).map(|(v, n)| format!("{v} ({})", count(*n))).collect();
            vec![c.name.clone(), count(c.count), count(c.missing), count(c.unique), top.join(", ")]
        })
        .collect();
    if !rows.is_empty() {
        let header = ["Column", "n", "Missing", "Different", "Most frequent"];
        blocks.push(details(
            several(rows.len() as u64, "other column", "other columns"),
            vec![table("Categories, dates, yes/no and text", &header, rows)],
        ));
    }
}

/// The ten strongest pairs.
fn strongest(correlation: &Correlation) -> Block {
    let mut pairs: Vec<(&str, &str, f64)> = Vec::new();
    for (i, row) in correlation.values.iter().enumerate() {
        for (j, value) in row.iter().enumerate().skip(i + 1) {
            if let (Some(v), Some(a), Some(b)) =
                (value, correlation.columns.get(i), correlation.columns.get(j))
            {
                pairs.push((a, b, *v));
            }
        }
    }
    // A stable sort: equal pairs stay in the order of the columns.
    pairs.sort_by(|a, b| b.2.abs().total_cmp(&a.2.abs()));
    let rows = pairs.iter().take(10).map(|(a, b, v)| vec![(*a).to_owned(), (*b).to_owned(), decimals(*v, 3)]);
    table("The ten strongest pairs", &["Column", "Column", "Correlation"], rows.collect())
}

fn matrix(correlation: &Correlation) -> Block {
    let mut header = vec![String::new()];
    header.extend(correlation.columns.iter().cloned());
    let rows = correlation.columns.iter().zip(&correlation.values).map(|(name, values)| {
        let mut cells = vec![name.clone()];
        cells.extend(values.iter().map(|v| v.map_or_else(|| NOTHING.to_owned(), |v| decimals(v, 2))));
        cells
    });
    Block::Table { caption: "All pairs".to_owned(), header, rows: rows.collect() }
}

/// "0.47 ± 0.05"
fn spread(mean: f64, sd: f64, folds: usize) -> String {
    if folds < 2 || !sd.is_finite() { number(mean) } else { format!("{} ± {}", number(mean), number(sd)) }
}

fn title_of<'a>(comparison: &'a Comparison, family: &'a str) -> &'a str {
    comparison.results.iter().find(|r| r.family == family).map_or(family, |r| r.title.as_str())
}

fn models(comparison: &Comparison) -> Section {
    let validation = match &comparison.plan.validation {
        Validation::HoldOut { test_share } => format!("one random split, {} held out", percent(*test_share)),
        Validation::KFold { k } => format!("{k} folds of shuffled rows"),
        Validation::GroupKFold { k, group } => format!("{k} folds that keep rows of one {group} together"),
    };
    let left_out = match comparison.n_left_out {
        0 => String::new(),
        n => format!(" {} rows have no target and were left out.", count(n)),
    };
    let mut blocks = vec![
        paragraph(comparison.verdict.sentence.clone()),
        paragraph(format!(
            "Target {}, {} rows, {validation}, seed {}.{left_out} Scores are of rows a model has not seen; what is estimated for a model (filling, scaling, encoding) was learnt on its training rows only.",
            comparison.plan.target,
            count(comparison.n_rows),
            comparison.plan.seed
        )),
    ];
    blocks.extend(comparison.claims.iter().cloned().map(|c| Block::Claim(Box::new(c))));

    let rows = comparison.results.iter().map(|r| {
        if let Some(error) = &r.error {
            let mut cells = vec![r.title.clone(), error.clone()];
            cells.resize(7, String::new());
            return cells;
        }
        let n = r.folds.len();
        let r2 = match (r.mean.r2, r.sd.r2) {
            (Some(mean), Some(sd)) => spread(mean, sd, n),
            (mean, _) => optional(mean),
        };
        let name = if r.family == comparison.verdict.winner {
            format!("{} (chosen)", r.title)
        } else if comparison.verdict.tied_with.contains(&r.family) {
            format!("{} (tie)", r.title)
        } else {
            r.title.clone()
        };
        vec![
            name,
            r2,
            spread(r.mean.rmse, r.sd.rmse, n),
            spread(r.mean.mae, r.sd.mae, n),
            spread(r.mean.mse, r.sd.mse, n),
            optional(r.pooled.r2),
            number(r.pooled.rmse),
        ]
    });
    blocks.push(table(
        "Mean ± standard deviation over the folds; pooled: all held-out predictions together",
        &["Model", "R²", "RMSE", "MAE", "MSE", "R², pooled", "RMSE, pooled"],
        rows.collect(),
    ));

    let mut folds = Vec::new();
    for r in comparison.results.iter().filter(|r| r.error.is_none()) {
        for (i, s) in r.folds.iter().enumerate() {
            folds.push(vec![
                r.title.clone(),
                count(i as u64 + 1),
                count(s.n),
                optional(s.r2),
                number(s.rmse),
                number(s.mae),
                number(s.mse),
            ]);
        }
    }
    if !folds.is_empty() {
        let header = ["Model", "Fold", "Held-out rows", "R²", "RMSE", "MAE", "MSE"];
        blocks.push(details("Every fold", vec![table("Scores fold by fold", &header, folds)]));
    }
    if !comparison.pairs.is_empty() {
        let rows = comparison.pairs.iter().map(|p| {
            vec![
                title_of(comparison, &p.better).to_owned(),
                title_of(comparison, &p.worse).to_owned(),
                number(p.difference),
                p.interval.map_or_else(|| NOTHING.to_owned(), |i| interval_of(i, number)),
                optional(p.t),
                p.p.map_or_else(|| NOTHING.to_owned(), p_cell),
            ]
        });
        let header = ["Better", "Worse", "Difference in RMSE", "95 % interval", "t", "p"];
        blocks.push(details(
            "Are the differences more than noise?",
            vec![table(
                "Paired over the folds: corrected resampled t (Nadeau and Bengio)",
                &header,
                rows.collect(),
            )],
        ));
    }
    if !comparison.importance.is_empty() {
        let rows = comparison
            .importance
            .iter()
            .map(|i| vec![i.feature.clone(), format!("{} ± {}", number(i.mean), number(i.sd))]);
        blocks.push(table(
            &format!(
                "What {} uses: drop in R² when a column is shuffled in held-out rows",
                title_of(comparison, &comparison.verdict.winner)
            ),
            &["Column", "Drop in R²"],
            rows.collect(),
        ));
    }
    let mut standing = Vec::new();
    for candidate in &comparison.candidates {
        let (what, why) = match &candidate.standing {
            Standing::Used => continue,
            Standing::Leaks { reason } if comparison.plan.unblocked.contains(&candidate.column) => {
                ("Leak, unblocked by you", reason)
            }
            Standing::Leaks { reason } => ("Blocked: would leak the target", reason),
            Standing::Unusable { reason } => ("Not usable", reason),
        };
        standing.push(vec![candidate.column.clone(), what.to_owned(), why.clone()]);
    }
    if !standing.is_empty() {
        blocks.push(details(
            several(
                standing.len() as u64,
                "column that is no ordinary feature",
                "columns that are no ordinary features",
            ),
            vec![table("Columns that are no ordinary features", &["Column", "Standing", "Why"], standing)],
        ));
    }
    let facts: Vec<Vec<String>> = comparison
        .results
        .iter()
        .flat_map(|r| r.facts.iter().map(|(name, value)| vec![r.title.clone(), name.clone(), value.clone()]))
        .collect();
    if !facts.is_empty() {
        let header = ["Model", "Fact", "Value"];
        blocks.push(details(
            "The models fitted on all rows",
            vec![table("Facts of each model", &header, facts)],
        ));
    }
    notes(&mut blocks, "What to know about these models", &comparison.notes);
    section("models", "Models", blocks)
}

fn segments(segmentation: &Segmentation) -> Section {
    let plan = &segmentation.plan;
    let filled = match segmentation.n_filled {
        0 => String::new(),
        n => format!(" {} rows with missing values were filled with the column's median.", count(n)),
    };
    let mut blocks = vec![
        paragraph(segmentation.why_k.clone()),
        paragraph(format!(
            "k-means of {} rows on {} columns, {} starts for every k from {} to {}, seed {}. Scaling: {}.{filled}",
            count(segmentation.n_rows),
            plan.columns.len(),
            plan.starts,
            plan.k_min,
            plan.k_max,
            plan.seed,
            plan.scaling.label()
        )),
    ];
    blocks.extend(segmentation.claims.iter().cloned().map(|c| Block::Claim(Box::new(c))));
    let rows = segmentation.sweep.iter().map(|p| {
        let mut k = p.k.to_string();
        if p.k == segmentation.k {
            k += " (chosen)";
        }
        if p.k == segmentation.recommended_k {
            k += " (recommended)";
        }
        let sizes: Vec<String> = p.sizes.iter().map(|n| count(*n)).collect();
        vec![
            k,
            number(p.inertia),
            optional(p.silhouette),
            optional(p.davies_bouldin),
            optional(p.calinski_harabasz),
            optional(p.stability),
            sizes.join(", "),
        ]
    });
    blocks.push(table(
        "How many segments: silhouette and stability are better when higher, Davies-Bouldin when lower",
        &["k", "Inertia", "Silhouette", "Davies-Bouldin", "Calinski-Harabasz", "Stability", "Sizes"],
        rows.collect(),
    ));
    blocks.push(Block::Heading("Who is in each segment".to_owned()));
    blocks.push(Block::List(
        segmentation.segments.iter().map(|s| format!("{}. {}", s.name, s.sentence)).collect(),
    ));
    let mut header = vec!["Column".to_owned(), "All".to_owned()];
    header.extend(segmentation.segments.iter().map(|s| format!("Segment {}", s.index + 1)));
    let mut rows = Vec::new();
    let mut people = vec!["People".to_owned(), count(segmentation.n_rows)];
    people.extend(segmentation.segments.iter().map(|s| format!("{} ({})", count(s.n), percent(s.share))));
    rows.push(people);
    for (i, column) in segmentation.profile_columns.iter().enumerate() {
        let mut cells = vec![column.clone(), optional(segmentation.overall_means.get(i).copied().flatten())];
        cells.extend(segmentation.segments.iter().map(|s| optional(s.means.get(i).copied().flatten())));
        rows.push(cells);
    }
    blocks.push(Block::Table { caption: "Means in original units".to_owned(), header, rows });
    if segmentation.segments.iter().any(|s| s.response.is_some()) {
        let rows = segmentation.segments.iter().filter_map(|s| {
            let r = s.response?;
            Some(vec![
                s.name.clone(),
                count(r.n),
                number(r.responses),
                percent(r.rate),
                interval_of(r.interval, percent),
                percent(r.expected),
                interval_of(r.expected_interval, percent),
            ])
        });
        let outcome = plan.outcome.clone().unwrap_or_else(|| "outcome".to_owned());
        let overall =
            segmentation.overall_rate.map_or_else(String::new, |r| format!(", overall {}", percent(r)));
        blocks.push(table(
            &format!("Rate of {outcome} by segment{overall}; expected on re-test: drawn towards the overall rate, because the best of several segments is overestimated"),
            &["Segment", "People", "Responses", "Rate", "95 % interval", "Expected on re-test", "95 % interval"],
            rows.collect(),
        ));
    }
    if let Some(projection) = &segmentation.projection {
        let rows = projection.loadings.iter().enumerate().map(|(axis, loadings)| {
            let weights: Vec<String> =
                loadings.iter().take(6).map(|(c, w)| format!("{c} {}", decimals(*w, 2))).collect();
            vec![
                format!("Axis {}", axis + 1),
                projection.explained.get(axis).map_or_else(|| NOTHING.to_owned(), |e| percent(*e)),
                weights.join(", "),
            ]
        });
        blocks.push(details(
            "The two-dimensional view",
            vec![table("Principal components", &["Axis", "Variance", "What weighs most"], rows.collect())],
        ));
    }
    notes(&mut blocks, "What to know about these segments", &segmentation.notes);
    section("segments", "Segments", blocks)
}

fn decision(decision: &Decision, findings: &Findings) -> Section {
    let currency = findings.table.currency.as_deref();
    let cash = |v: f64| money(v, currency);
    let mut blocks = Vec::new();
    let sentences =
        [decision.retargeting.as_ref().map(|r| &r.sentence), decision.budget.as_ref().map(|b| &b.sentence)];
    blocks.extend(sentences.into_iter().flatten().map(|s| paragraph(s.clone())));
    blocks.extend(decision.claims.iter().cloned().map(|c| Block::Claim(Box::new(c))));
    if let Some(r) = &decision.retargeting {
        blocks.push(Block::Heading("Whom to contact".to_owned()));
        blocks.push(Block::Facts(vec![
            ("Value of a response".to_owned(), cash(r.economics.value_per_response)),
            ("Cost of a contact".to_owned(), cash(r.economics.cost_per_contact)),
            ("Where these come from".to_owned(), r.economics_source.clone()),
            ("Break-even response rate".to_owned(), percent(r.break_even)),
            ("People to contact".to_owned(), count(r.people)),
            (
                "Expected profit".to_owned(),
                format!("{} ({}, 95 %)", cash(r.profit), interval_of(r.profit_interval, cash)),
            ),
            ("Profit of contacting everyone".to_owned(), cash(r.profit_everyone)),
        ]));
        let rows = r.segments.iter().map(|s| {
            let verdict = match s.verdict {
                Verdict::Contact => "Contact",
                Verdict::Leave => "Do not contact",
                Verdict::CannotTell => "Cannot tell",
            };
            let mark = if r.chosen.contains(&s.index) { " (chosen)" } else { "" };
            vec![
                format!("{}{mark}", s.name),
                count(s.n),
                percent(s.rate),
                interval_of(s.rate_interval, percent),
                s.lift.map_or_else(|| NOTHING.to_owned(), |l| format!("{} x", decimals(l, 2))),
                cash(s.profit),
                interval_of(s.profit_interval, cash),
                cash(s.profit_per_person),
                verdict.to_owned(),
            ]
        });
        let header = [
            "Segment",
            "People",
            "Expected rate",
            "95 % interval",
            "Lift",
            "Profit",
            "95 % interval",
            "A person",
            "Verdict",
        ];
        blocks.push(table("people x (rate x value - cost), best first", &header, rows.collect()));
        notes(&mut blocks, "What this assumes", &r.assumptions);
    }
    if let Some(b) = &decision.budget {
        blocks.push(Block::Heading("Where to move budget".to_owned()));
        blocks.push(Block::Facts(vec![
            (
                "Move".to_owned(),
                format!(
                    "{} ({} of the spend) from {} {} to {}",
                    cash(b.moved),
                    percent(b.plan.share),
                    b.plan.by,
                    b.plan.from,
                    b.plan.to
                ),
            ),
            (
                format!("Expected gain in {}", b.outcome),
                format!("{} ({}, 95 %)", number(b.gain), interval_of(b.gain_interval, number)),
            ),
            ("What the average cost would promise".to_owned(), number(b.naive_gain)),
            (
                "Elasticity of conversions to spend".to_owned(),
                format!("{} ({}, 95 %)", number(b.elasticity), interval_of(b.elasticity_interval, number)),
            ),
        ]));
        let rows = b.groups.iter().map(|g| {
            vec![
                g.label.clone(),
                cash(g.spend),
                number(g.conversions),
                g.cpa.map_or_else(|| NOTHING.to_owned(), cash),
                g.marginal_cpa.map_or_else(|| NOTHING.to_owned(), cash),
            ]
        });
        let header = [b.plan.by.as_str(), "Spend", &b.outcome, "Cost each, on average", "Cost of one more"];
        blocks.push(table("Average and marginal cost", &header, rows.collect()));
        notes(&mut blocks, "What this assumes", &b.assumptions);
    }
    if let Some(h) = &decision.hold_out {
        blocks.push(Block::Heading("How to prove it".to_owned()));
        blocks.push(paragraph(h.sentence.clone()));
        blocks.push(Block::Facts(vec![
            ("Rate without".to_owned(), percent(h.base_rate)),
            ("Rate to detect".to_owned(), percent(h.detect_rate)),
            (
                "Power, error of the first kind".to_owned(),
                format!("{}, {}", percent(h.power), percent(h.alpha)),
            ),
            ("People in each arm".to_owned(), count(h.n_per_arm)),
            ("People available".to_owned(), count(h.available)),
        ]));
    }
    notes(&mut blocks, "What is missing for a decision", &decision.missing);
    if blocks.is_empty() {
        blocks.push(paragraph("No decision can be drawn from this table yet."));
    }
    section("decision", "Decision", blocks)
}

/// How to read the report, by what is in it.
fn method(findings: &Findings) -> Section {
    let mut list = vec![
        "Grades: ● supported (the data carry it after correcting for the number of comparisons), ◐ suggestive (worth a test), ○ cannot tell (the data do not separate it from chance, or there are too few rows).".to_owned(),
        "Rates are ratios of sums over the rows of a group, never the mean of row ratios. What is undefined is missing, never 0.".to_owned(),
    ];
    if findings.exploration.is_some() {
        list.push("Intervals of yes/no rates are Wilson's, 95 %. Where counts vary more than chance alone allows, tests and intervals are widened by the dispersion (quasi-Poisson). p is adjusted by Holm and by Benjamini-Hochberg over all comparisons made.".to_owned());
    }
    if findings.comparison.is_some() {
        list.push("Models are scored on rows they have not seen. Columns that come after the target in the funnel are blocked unless you unblocked them. Two models are called tied when the corrected resampled t over the folds does not separate them; the simpler one is then chosen.".to_owned());
    }
    if findings.segmentation.is_some() {
        list.push("Segments describe; they are not facts of nature. Stability says how far other starts find the same segments. Differences on the columns used for clustering are no evidence, only differences in other columns are.".to_owned());
    }
    if findings.decision.is_some() {
        list.push("Money is people x (rate x value - cost) with the value and cost named above. A response rate among people who were all contacted is a propensity, not the effect of the contact: only a hold-out shows that.".to_owned());
    }
    list.push(format!(
        "Made with Assay {}. The same file, recipe, seed and version give the same report, byte for byte.",
        findings.version
    ));
    section("method", "How to read this", vec![Block::List(list)])
}

fn recipe(findings: &Findings) -> Section {
    let mut blocks = vec![paragraph(
        "Everything that was decided, in order. Save the text below as recipe.json and load it with the same file to get the same numbers.",
    )];
    if !findings.graph.is_empty() {
        let rows =
            findings.graph.iter().map(|n| vec![n.title.clone(), n.detail.clone(), n.state.clone()]).collect();
        blocks.push(table(
            "What went in and out of each step",
            &["Step", "Rows x columns, or result", "State"],
            rows,
        ));
    }
    blocks.push(details(
        "recipe.json",
        vec![Block::Code { language: "json".to_owned(), text: findings.recipe.to_json() }],
    ));
    section("recipe", "Recipe", blocks)
}
