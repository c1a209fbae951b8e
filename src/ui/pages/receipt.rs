//! The receipt of a reading on the Data page: what was recognised, what is in doubt, what was skipped and can be brought back.

use leptos::prelude::*;

use crate::{
    engine::{
        data::{
            combine::Put,
            issue::{Issue, IssueKind, Severity},
            reader::{How, MONTH_NAMES, ReadOptions},
            role::TableKind,
            summary::{FileReceipt, Receipt},
        },
        words,
    },
    protocol::Notice,
    ui::{
        components::{Button, Choice, Icon, IconName, MetricRow, MetricTile, NoticeBox, NoticeKind, Select},
        format,
        session::{
            Session,
            actions::{self, Which},
        },
        widgets::{ReadAgain, SkippedLines, delimiter_word},
    },
};

/// What reading did.
#[component]
pub fn ReceiptView(
    /// As reading wrote it.
    receipt: Receipt,
    /// What the user decided about reading each file.
    reads: Vec<ReadOptions>,
) -> impl IntoView {
    let session = Session::expect();
    let header =
        receipt.header_line.map_or_else(|| "None; names were made up".to_owned(), |l| format!("Line {l}"));
    let source = receipt.source.clone();
    let (n_rows, n_columns, n_skipped) = (receipt.n_rows, receipt.n_columns, receipt.n_skipped);
    let note = if n_skipped == 0 { "Every line became a row" } else { "Listed below" };
    let kinds = Signal::stored(TableKind::ALL.map(|k| Choice::new(k.slug(), k.row())).to_vec());
    let set_kind = move |slug: String| {
        if let Some(kind) = TableKind::from_slug(&slug) {
            actions::set_kind(session, kind);
        }
    };
    let doubts = doubts(&receipt);
    let issues: Vec<Issue> =
        receipt.issues.iter().filter(|i| i.kind != IssueKind::AmbiguousDate).cloned().collect();
    let n_issues = issues.len() as u64;
    let form = receipt.clone();
    let read = reads.first().cloned().unwrap_or_default();
    let size = format::bytes(receipt.n_bytes);
    view! {
        <section class="page__section" aria-label="Receipt">
            <MetricRow>
                {source.map(|source| view! { <MetricTile label="Recognised as" value=source note="By its column names" /> })}
                <MetricTile label="Rows" value=words::count(n_rows) note=size />
                <MetricTile label="Columns" value=words::count(n_columns) note=format!("Header: {}", header.to_lowercase()) />
                <FormTile receipt=form />
                <MetricTile label="Lines left out" value=words::count(n_skipped) note=note />
            </MetricRow>
            {doubts.into_iter().map(|doubt| view! { <DateQuestion doubt /> }).collect_view()}
            <div class="row row--end">
                <Select
                    label="What is one row?" choices=kinds disabled=Signal::derive(move || session.is_loading())
                    value=Signal::derive(move || session.kind().slug().to_owned()) on_change=set_kind
                />
                <p class="quiet">{move || session.kind().help()}</p>
            </div>
            {(n_issues > 0).then(|| view! {
                <details class="disclosure" open=n_issues <= 6>
                    <summary>{words::counted(n_issues, "thing worth knowing", "things worth knowing")}</summary>
                    <ul class="issues">
                        {issues.into_iter().map(|issue| view! { <IssueView issue /> }).collect_view()}
                    </ul>
                </details>
            })}
            <SkippedLines receipt=receipt.clone() reads />
            <ReadAgain receipt=Some(receipt) read which=Which::Alike summary="How the file was read: change it" role="reading" />
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

/// Dates that do not tell day from month, about which one question is asked.
#[derive(Default)]
struct Doubt {
    /// The places of the files they are in.
    places: Vec<u32>,
    /// The joined file they are all in, if they are.
    joined: Option<String>,
    /// Each with one of its dates.
    columns: Vec<(String, String)>,
}

/// What is in doubt about dates: of files one below the other together, since they are alike; of each joined one alone.
fn doubts(receipt: &Receipt) -> Vec<Doubt> {
    let mut doubts: Vec<Doubt> = Vec::new();
    for issue in receipt.issues.iter().filter(|i| i.kind == IssueKind::AmbiguousDate) {
        let places = if issue.files.is_empty() { vec![0] } else { issue.files.clone() };
        let file = places.first().and_then(|place| receipt.files.get(*place as usize));
        let joined = file.filter(|f| matches!(f.put, Put::Join(_))).map(|f| f.name.clone());
        let is_same =
            |d: &Doubt| d.joined == joined && (joined.is_none() || d.places.first() == places.first());
        let at = doubts.iter().position(is_same).unwrap_or(doubts.len());
        if at == doubts.len() {
            doubts.push(Doubt { joined: joined.clone(), ..Doubt::default() });
        }
        let Some(doubt) = doubts.get_mut(at) else { continue };
        doubt.places.extend(places);
        let column = issue.column.clone().filter(|c| doubt.columns.iter().all(|(known, _)| known != c));
        doubt.columns.extend(column.map(|c| (c, issue.text.clone().unwrap_or_default())));
    }
    doubts
}

/// What a date such as 03/04/2026 means with the day first and with the month first: "3 April" and "4 March".
fn both_days(date: &str) -> Option<[String; 2]> {
    let mut numbers = date.split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse::<usize>().ok());
    let (first, second) = (numbers.next()?, numbers.next()?);
    let day = |day: usize, month: usize| Some(format!("{day} {}", MONTH_NAMES.get(month.checked_sub(1)?)?));
    (first != second).then_some([day(first, second)?, day(second, first)?])
}

/// Day and month cannot be told apart: the user is asked, once for all columns and, where they differ, of each.
#[component]
fn DateQuestion(doubt: Doubt) -> impl IntoView {
    let session = Session::expect();
    let Doubt { places, joined, columns } = doubt;
    let names: Vec<String> = columns.iter().map(|(c, _)| format!("“{c}”")).collect();
    let example = columns.first().map(|(_, example)| example.clone()).unwrap_or_default();
    let of = joined.map(|file| format!(" in {file}")).unwrap_or_default();
    let notice = Notice {
        title: both_days(&example).map_or_else(
            || format!("Does {example} begin with the day or the month?"),
            |[day_first, month_first]| format!("Does {example} mean {day_first} or {month_first}?"),
        ),
        detail: format!(
            "No date of {}{of} has a number above 12 that would tell. They were read with the day first.",
            words::list(&names)
        ),
        remedy: String::new(),
        is_stop: false,
    };
    let which = StoredValue::new(Which::At(places));
    let answer = move |day_first: bool| {
        which.with_value(|which| {
            let what = if day_first { "Dates are read day first" } else { "Dates are read month first" };
            actions::reread(session, which, what, |o| o.doubtful_day_first = Some(day_first));
        });
    };
    let of_each = (columns.len() > 1).then(|| {
        let rows =
            columns.into_iter().map(|(column, example)| view! { <ColumnQuestion column example which /> });
        view! {
            <details class="disclosure">
                <summary>"They differ: answer for each column"</summary>
                <ul class="date-columns">{rows.collect_view()}</ul>
            </details>
        }
    });
    view! {
        <div data-role="date-question">
            <NoticeBox notice kind=NoticeKind::Caution>
                <Button small=true on_press=move |()| answer(true)>"The day comes first"</Button>
                <Button small=true on_press=move |()| answer(false)>"The month comes first"</Button>
                {of_each}
            </NoticeBox>
        </div>
    }
}

/// The same question about one of several columns.
#[component]
fn ColumnQuestion(column: String, example: String, which: StoredValue<Which>) -> impl IntoView {
    let session = Session::expect();
    let label = format!("{column}, such as {example}");
    let choices = [(How::DayFirst, "Day first"), (How::MonthFirst, "Month first")].map(|(how, word)| {
        let column = column.clone();
        let order = word.to_lowercase();
        let name = format!("{column}: {order}");
        let answer = move |()| {
            let what = format!("{column} is read {order}");
            which.with_value(|w| actions::reread(session, w, what, |o| o.set_how(&column, Some(how))));
        };
        view! { <Button small=true label=name on_press=answer>{word}</Button> }
    });
    view! { <li class="date-columns__row"><span>{label}</span>{choices.collect_view()}</li> }
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
