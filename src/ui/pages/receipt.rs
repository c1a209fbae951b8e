//! The receipt of a reading on the Data page: what was recognised, what is in doubt, what was skipped and can be brought back,
//! and every choice that reading made, to be made otherwise.

use leptos::prelude::*;

use crate::{
    engine::{
        data::{
            issue::{Issue, IssueKind, Severity},
            reader::{Decimal, Quote, ReadOptions},
            role::TableKind,
            summary::{FileReceipt, Receipt, SkippedLine},
        },
        words,
    },
    protocol::Notice,
    ui::{
        components::{
            Button, ButtonKind, Choice, Icon, IconName, MetricRow, MetricTile, NoticeBox, NoticeKind, Select,
        },
        format,
        session::{Session, actions},
    },
};

/// How many skipped lines are listed.
const MOST_LISTED: usize = 200;

/// What reading did.
#[component]
pub fn ReceiptView(
    /// As reading wrote it.
    receipt: Receipt,
    /// What the user decided about it.
    read: ReadOptions,
) -> impl IntoView {
    let session = Session::expect();
    let header =
        receipt.header_line.map_or_else(|| "None; names were made up".to_owned(), |l| format!("Line {l}"));
    let source = receipt.source.clone();
    let (n_rows, n_columns, n_skipped) = (receipt.n_rows, receipt.n_columns, receipt.n_skipped);
    let note = if n_skipped == 0 { "Every line became a row" } else { "Listed below" };
    let kinds = Signal::stored(TableKind::ALL.map(|k| Choice::new(k.slug(), k.label())).to_vec());
    let set_kind = move |slug: String| {
        if let Some(kind) = TableKind::from_slug(&slug) {
            actions::set_kind(session, kind);
        }
    };
    let doubts: Vec<Issue> =
        receipt.issues.iter().filter(|i| i.kind == IssueKind::AmbiguousDate).cloned().collect();
    let issues: Vec<Issue> =
        receipt.issues.iter().filter(|i| i.kind != IssueKind::AmbiguousDate).cloned().collect();
    let n_issues = issues.len() as u64;
    let form = receipt.clone();
    let size = format::bytes(receipt.n_bytes);
    view! {
        <section class="page__section" aria-label="Receipt">
            <MetricRow>
                {source.map(|source| view! { <MetricTile label="Recognised as" value=source note="By its column names" /> })}
                <MetricTile label="Rows" value=words::count(n_rows) note=size />
                <MetricTile label="Columns" value=words::count(n_columns) note=format!("Header: {}", header.to_lowercase()) />
                <FormTile receipt=form />
                <MetricTile label="Lines skipped" value=words::count(n_skipped) note=note />
            </MetricRow>
            {(!doubts.is_empty()).then(|| view! { <DateQuestion doubts /> })}
            <div class="row row--end">
                <Select
                    label="What is one row?" choices=kinds
                    value=Signal::derive(move || session.kind().slug().to_owned()) on_change=set_kind
                />
            </div>
            {(n_issues > 0).then(|| view! {
                <details class="disclosure" open=n_issues <= 6>
                    <summary>{words::counted(n_issues, "thing worth knowing", "things worth knowing")}</summary>
                    <ul class="issues">
                        {issues.into_iter().map(|issue| view! { <IssueView issue /> }).collect_view()}
                    </ul>
                </details>
            })}
            <SkippedLines receipt=receipt.clone() read=read.clone() />
            <ReadAgain receipt read />
        </section>
    }
}

/// How the file is written; of a workbook the sheet, since its text was written here.
#[component]
fn FormTile(receipt: Receipt) -> impl IntoView {
    match receipt.files.as_slice() {
        [FileReceipt { workbook: Some(workbook), .. }] => {
            view! { <MetricTile label="Sheet" value=workbook.sheet.clone() note="Of an Excel workbook" /> }
        }
        _ => {
            let note = format!("Cells separated by: {}", delimiter_word(receipt.delimiter).to_lowercase());
            view! { <MetricTile label="Encoding" value=receipt.encoding note=note /> }
        }
    }
}

/// Changes the choices about reading and reads the file again.
fn reread(session: Session, edit: impl FnOnce(&mut ReadOptions)) {
    let mut options = session.recipe.with_untracked(|r| r.read.clone());
    edit(&mut options);
    actions::reread(session, options);
}

/// Day and month cannot be told apart: the user is asked.
#[component]
fn DateQuestion(doubts: Vec<Issue>) -> impl IntoView {
    let session = Session::expect();
    let names: Vec<String> =
        doubts.iter().filter_map(|d| d.column.as_ref().map(|c| format!("“{c}”"))).collect();
    let example = doubts.iter().find_map(|d| d.text.clone()).unwrap_or_default();
    let notice = Notice {
        title: format!("Is {example} the day first, or the month?"),
        detail: format!(
            "No date of {} has a number above 12 that would tell. They were read with the day first.",
            words::list(&names)
        ),
        remedy: String::new(),
        is_stop: false,
    };
    let answer = move |day_first: bool| reread(session, |o| o.day_first = Some(day_first));
    view! {
        <div data-role="date-question">
            <NoticeBox notice kind=NoticeKind::Caution>
                <Button small=true on_press=move |()| answer(true)>"The day comes first"</Button>
                <Button small=true on_press=move |()| answer(false)>"The month comes first"</Button>
            </NoticeBox>
        </div>
    }
}

/// "3 preamble lines", "1 total row"
fn group_words(reason: &str, n: u64) -> String {
    let (reason, file) = actions::reason_and_file(reason);
    let word = match reason {
        "total row" => ("total row", "total rows"),
        "subtotal row" => ("subtotal row", "subtotal rows"),
        "repeated header" => ("repeated header", "repeated headers"),
        "second table" => ("line of a second table", "lines of a second table"),
        "preamble" => ("line above the table", "lines above the table"),
        "comment" => ("comment", "comments"),
        "blank" => ("blank line", "blank lines"),
        _ => ("line", "lines"),
    };
    let counted = words::counted(n, word.0, word.1);
    file.map_or_else(|| counted.clone(), |file| format!("{counted} in {file}"))
}

/// Changes the choices about reading of the file a skipped line is in.
fn reread_of(session: Session, reason: &str, edit: impl FnOnce(&mut ReadOptions, &str)) {
    let (reason, file) = actions::reason_and_file(reason);
    match file {
        Some(file) => actions::reread_one(session, file, |o| edit(o, reason)),
        None => reread(session, |o| edit(o, reason)),
    }
}

/// What became no row, by reason, each line to be seen and brought back.
#[component]
fn SkippedLines(receipt: Receipt, read: ReadOptions) -> impl IntoView {
    let session = Session::expect();
    let n_skipped = receipt.n_skipped;
    let mut groups: Vec<(String, Vec<SkippedLine>)> = Vec::new();
    for line in receipt.skipped.into_iter().take(MOST_LISTED) {
        match groups.iter_mut().find(|(reason, _)| *reason == line.reason) {
            Some((_, lines)) => lines.push(line),
            None => groups.push((line.reason.clone(), vec![line])),
        }
    }
    let (kept_lines, kept_reasons) = (read.keep_lines, read.keep_reasons);
    let mut kept: Vec<String> = kept_reasons.iter().map(|r| format!("every {r}")).collect();
    if !kept_lines.is_empty() {
        let numbers: Vec<String> = kept_lines.iter().map(|l| words::count(*l)).collect();
        let line = if kept_lines.len() == 1 { "line" } else { "lines" };
        kept.push(format!("{line} {}", words::list_some(&numbers)));
    }
    let skip_again = move |()| {
        reread(session, |o| {
            o.keep_lines.clear();
            o.keep_reasons.clear();
        });
    };
    let listed = groups.iter().map(|(_, lines)| lines.len() as u64).sum::<u64>();
    let more =
        (n_skipped > listed).then(|| format!("The first {} of them are listed.", words::count(listed)));
    view! {
        {(!kept.is_empty()).then(|| view! {
            <p class="skipped__kept" data-role="kept-lines">
                {format!("Brought back as rows: {}.", words::list(&kept))}
                <Button small=true kind=ButtonKind::Quiet on_press=skip_again>"Skip them again"</Button>
            </p>
        })}
        {(n_skipped > 0).then(|| view! {
            <details class="disclosure" data-role="skipped-lines">
                <summary>{format!("{} skipped: see and bring back", words::counted(n_skipped, "line was", "lines were"))}</summary>
                <div class="skipped">
                    {groups.into_iter().map(|(reason, lines)| view! { <SkippedGroup reason lines /> }).collect_view()}
                    {more.map(|more| view! { <p class="quiet">{more}</p> })}
                </div>
            </details>
        })}
    }
}

#[component]
fn SkippedGroup(reason: String, lines: Vec<SkippedLine>) -> impl IntoView {
    let session = Session::expect();
    let title = group_words(&reason, lines.len() as u64);
    let is_above = matches!(actions::reason_and_file(&reason).0, "preamble" | "comment");
    let keep_all = (lines.len() > 1).then(|| {
        let reason = reason.clone();
        let keep = move |()| {
            let reason = reason.clone();
            reread_of(session, &reason, |o, reason| {
                if !o.keep_reasons.iter().any(|r| r == reason) {
                    o.keep_reasons.push(reason.to_owned());
                }
            });
        };
        view! { <Button small=true on_press=keep>"Bring all back"</Button> }
    });
    let rows = lines
        .into_iter()
        .map(|line| {
            let at = line.line;
            let (of, of_names) = (line.reason.clone(), line.reason.clone());
            let keep = move |()| {
                reread_of(session, &of, |o, _| {
                    if !o.keep_lines.contains(&at) {
                        o.keep_lines.push(at);
                        o.keep_lines.sort_unstable();
                    }
                });
            };
            let name = move |()| {
                reread_of(session, &of_names, |o, _| (o.header_line, o.has_header) = (Some(at), None));
            };
            let text = if line.text.trim().is_empty() { "(blank)".to_owned() } else { line.text };
            view! {
                <li class="skipped__line">
                    <span class="skipped__number">{format!("Line {}", words::count(at))}</span>
                    <code class="skipped__text">{text}</code>
                    <span class="skipped__buttons">
                        {is_above.then(|| view! { <Button small=true kind=ButtonKind::Quiet on_press=name>"It holds the names"</Button> })}
                        <Button small=true kind=ButtonKind::Quiet on_press=keep>"Bring back"</Button>
                    </span>
                </li>
            }
        })
        .collect_view();
    let name = title.clone();
    view! {
        <section class="skipped__group" aria-label=name>
            <div class="skipped__head"><h3 class="skipped__title">{title}</h3>{keep_all}</div>
            <ul class="skipped__list">{rows}</ul>
        </section>
    }
}

fn delimiter_word(delimiter: char) -> String {
    match delimiter {
        ',' => "Comma".to_owned(),
        ';' => "Semicolon".to_owned(),
        '\t' => "Tab".to_owned(),
        '|' => "Bar".to_owned(),
        ' ' => "Space".to_owned(),
        other => format!("“{other}”"),
    }
}

/// Encodings to choose from: label and name.
const ENCODINGS: [(&str, &str); 10] = [
    ("utf-8", "UTF-8"),
    ("windows-1252", "Windows-1252 (Western Europe)"),
    ("utf-16le", "UTF-16 LE"),
    ("utf-16be", "UTF-16 BE"),
    ("windows-1250", "Windows-1250 (Central Europe)"),
    ("windows-1251", "Windows-1251 (Cyrillic)"),
    ("windows-1253", "Windows-1253 (Greek)"),
    ("windows-1254", "Windows-1254 (Turkish)"),
    ("windows-1257", "Windows-1257 (Baltic)"),
    ("macintosh", "Macintosh"),
];

/// What a list shows for "not chosen".
const AUTO: &str = "auto";

/// A list of one choice about reading: "decide for me" first.
#[component]
fn ReadChoice(
    label: &'static str,
    /// What was found, as the first choice says it.
    #[prop(into)]
    found: String,
    choices: Vec<(String, String)>,
    chosen: Option<String>,
    /// What a choice does; `None` is to decide again.
    set: fn(&mut ReadOptions, Option<&str>),
) -> impl IntoView {
    let session = Session::expect();
    let first = if found.is_empty() { "Decide for me".to_owned() } else { format!("Decide for me: {found}") };
    let mut all = vec![Choice::new(AUTO, first)];
    // A value from a recipe that is none of the usual ones is one all the same.
    if let Some(value) = chosen.as_ref().filter(|c| !choices.iter().any(|(v, _)| v == *c)) {
        all.push(Choice::new(value.clone(), value.clone()));
    }
    all.extend(choices.into_iter().map(|(value, label)| Choice::new(value, label)));
    let change = move |value: String| {
        reread(session, move |o| set(o, Some(value.as_str()).filter(|v| *v != AUTO)));
    };
    view! {
        <Select
            label=label choices=Signal::stored(all)
            value=Signal::stored(chosen.unwrap_or_else(|| AUTO.to_owned())) on_change=change
        />
    }
}

/// How the file was read, for those cases in which it was guessed wrong. Every choice is kept in the recipe.
#[component]
fn ReadAgain(receipt: Receipt, read: ReadOptions) -> impl IntoView {
    let session = Session::expect();
    let options = read;
    let is_chosen = options != ReadOptions::default();
    let pairs = |all: &[(&str, &str)]| {
        all.iter().map(|(v, l)| ((*v).to_owned(), (*l).to_owned())).collect::<Vec<_>>()
    };
    // What was found is what the receipt says, unless somebody chose it.
    let found = |is_found: bool, text: String| if is_found { text } else { String::new() };
    let names = match (options.header_line, options.has_header) {
        (Some(line), _) => Some(line.to_string()),
        (None, Some(false)) => Some("none".to_owned()),
        _ => None,
    };
    let mut lines: Vec<u64> =
        (1..=10).chain(receipt.skipped.iter().map(|s| s.line).filter(|l| *l <= 60)).collect();
    lines.extend(receipt.header_line);
    lines.sort_unstable();
    lines.dedup();
    let mut name_choices = vec![("none".to_owned(), "Nowhere: every line is data".to_owned())];
    name_choices.extend(lines.iter().map(|l| (l.to_string(), format!("On line {l}"))));
    let found_names = receipt.header_line.map_or_else(|| "nowhere".to_owned(), |l| format!("line {l}"));
    let set_names = |o: &mut ReadOptions, value: Option<&str>| {
        (o.header_line, o.has_header) = match value {
            Some("none") => (None, Some(false)),
            other => (other.and_then(|v| v.parse().ok()), None),
        };
    };
    view! {
        <details class="disclosure" open=is_chosen data-role="reading">
            <summary>"How the file was read: change it"</summary>
            <div class="reading">
                <ReadChoice
                    label="Encoding" choices=pairs(&ENCODINGS)
                    found=found(options.encoding.is_none(), receipt.encoding.clone())
                    chosen=options.encoding.clone() set=|o, v| o.encoding = v.map(str::to_owned)
                />
                <ReadChoice
                    label="Columns are separated by"
                    choices=pairs(&[(",", "Comma"), (";", "Semicolon"), ("\t", "Tab"), ("|", "Bar")])
                    found=found(options.delimiter.is_none(), delimiter_word(receipt.delimiter).to_lowercase())
                    chosen=options.delimiter.map(String::from) set=|o, v| o.delimiter = v.and_then(|v| v.chars().next())
                />
                <ReadChoice
                    label="Cells are quoted with"
                    choices=Quote::ALL.map(|q| (q.slug().to_owned(), q.label().to_owned())).to_vec()
                    found="" chosen=options.quote.map(|q| q.slug().to_owned())
                    set=|o, v| o.quote = v.and_then(Quote::from_slug)
                />
                <ReadChoice
                    label="Column names stand" choices=name_choices
                    found=found(names.is_none(), found_names) chosen=names set=set_names
                />
                <ReadChoice
                    label="Numbers such as 1.234"
                    choices=pairs(&[("point", "Decimal point: 1.234 is about one"), ("comma", "Decimal comma: 1.234 is over a thousand")])
                    found="" chosen=options.decimal.map(|d| decimal_slug(d).to_owned())
                    set=|o, v| o.decimal = v.map(|v| if v == decimal_slug(Decimal::Comma) { Decimal::Comma } else { Decimal::Point })
                />
                <ReadChoice
                    label="Dates such as 03/04/2026"
                    choices=pairs(&[("day", "Day first"), ("month", "Month first")])
                    found="" chosen=options.day_first.map(|d| if d { "day" } else { "month" }.to_owned())
                    set=|o, v| o.day_first = v.map(|v| v == "day")
                />
            </div>
            {is_chosen.then(|| view! {
                <Button small=true on_press=move |()| actions::reread(session, ReadOptions::default())>
                    "Decide everything for me again"
                </Button>
            })}
        </details>
    }
}

fn decimal_slug(decimal: Decimal) -> &'static str {
    match decimal {
        Decimal::Point => "point",
        Decimal::Comma => "comma",
    }
}

#[component]
fn IssueView(issue: Issue) -> impl IntoView {
    let (slug, word, icon) = match issue.severity {
        Severity::Note => ("note", "Note", IconName::Info),
        Severity::Warning => ("warning", "Check", IconName::Warning),
        Severity::Problem => ("problem", "Problem", IconName::Warning),
    };
    let mut place = Vec::new();
    if let Some(line) = issue.line {
        place.push(format!("line {}", words::count(line)));
    }
    if issue.count > 1 {
        place.push(format!("{} cases", words::count(issue.count)));
    }
    let place = if place.is_empty() { String::new() } else { format!(" ({})", place.join(", ")) };
    view! {
        <li class="issue">
            <span class="issue__severity" data-severity=slug><Icon name=icon />{word}</span>
            <span>{issue.message}<span class="issue__place">{place}</span></span>
        </li>
    }
}
