//! The files of a table: what each is, how it was put to the others, how well it matched; sheets can be changed, files taken out.

use leptos::prelude::*;

use crate::{
    engine::{
        data::{
            combine::{JoinReport, Put, SOURCE_FILE},
            reader::ReadOptions,
            summary::FileReceipt,
        },
        words::{self, counted, rows_of},
    },
    ui::{
        components::{Button, ButtonKind, Choice, IconName, Select},
        format,
        session::{
            Session,
            actions::{self, Which},
        },
        widgets::ReadAgain,
    },
};

/// The files of a table of several, or of one that is a sheet of several; nothing otherwise.
#[component]
pub fn FileList(
    files: Vec<FileReceipt>,
    /// What the user decided about reading each.
    reads: Vec<ReadOptions>,
) -> impl IntoView {
    let is_told =
        files.len() > 1 || files.iter().any(|f| f.workbook.as_ref().is_some_and(|w| w.sheets.len() > 1));
    let n_below = files.iter().filter(|f| f.put == Put::Append).count() as u64;
    let n_files = files.len();
    let lead = match (n_below, n_files as u64) {
        (_, 1) => "The workbook has several sheets; one is read.".to_owned(),
        (1, _) => "Rows are those of the first file; the others stand beside them.".to_owned(),
        _ => format!("Their rows stand one below the other; “{SOURCE_FILE}” says which file each is from."),
    };
    is_told.then(|| {
        let all = files.into_iter().zip(reads).enumerate();
        let rows = all.map(|(index, (file, read))| view! { <FileRow file read index n_files /> });
        view! {
            <section class="page__section" aria-label="Files" data-role="files">
                <h2>"Files"<span class="page__count">{words::count(n_files as u64)}</span></h2>
                <p class="quiet">{lead}</p>
                <ul class="files">{rows.collect_view()}</ul>
            </section>
        }
    })
}

#[component]
fn FileRow(file: FileReceipt, read: ReadOptions, index: usize, n_files: usize) -> impl IntoView {
    let session = Session::expect();
    let size = format!(
        "{} and {}, {}",
        rows_of(file.n_rows),
        counted(file.n_columns, "column", "columns"),
        format::bytes(file.n_bytes)
    );
    let how = match (&file.put, index) {
        (Put::Join(plan), _) if plan.left == plan.right => format!("Joined by {}", plan.left),
        (Put::Join(plan), _) => format!("Joined by {} = {}", plan.left, plan.right),
        (_, 0) => "First file".to_owned(),
        _ => "Appended".to_owned(),
    };
    let lacks = (!file.lacks.is_empty()).then(|| format!("Without {}", words::list_some(&file.lacks)));
    let join = file.join.clone().map(|report| view! { <MatchWords report /> });
    let sheets = file.workbook.clone().filter(|w| w.sheets.len() > 1).map(|workbook| {
        let mut sheets = workbook.sheets.clone();
        if !sheets.contains(&workbook.sheet) {
            sheets.push(workbook.sheet.clone());
        }
        let choices: Vec<Choice> = sheets.into_iter().map(Choice::same).collect();
        view! {
            <Select
                label=format!("Sheet of {}", file.name) choices=Signal::stored(choices)
                value=Signal::stored(workbook.sheet)
                on_change=move |sheet: String| actions::reread_sheet(session, index, sheet)
            />
        }
    });
    // The form of the first stands above, for it and those below it that are like it.
    let again = (index > 0).then(|| {
        let which = Which::At(vec![index as u32]);
        view! {
            <ReadAgain read which summary="How this file was read: change it" role="reading-of-file" />
        }
    });
    let label = format!("Take {} out", file.name);
    let remove = (n_files > 1).then(|| {
        view! {
            <Button
                kind=ButtonKind::Quiet icon=IconName::Trash label
                on_press=move |()| actions::remove_file(session, index)
            />
        }
    });
    view! {
        <li class="files__file" data-file=file.name.clone()>
            <div class="files__text">
                <p class="files__name">{file.name.clone()}<span class="files__how">{how}</span></p>
                <p class="quiet">{size}</p>
                <p class="quiet">{file.sentence.clone()}</p>
                {lacks.map(|lacks| view! { <p class="files__lacks">{lacks}</p> })}
                {join}
                {again}
            </div>
            {sheets}
            {remove}
        </li>
    }
}

/// How well a file matches, in words.
#[component]
pub fn MatchWords(report: JoinReport) -> impl IntoView {
    let quoted = |keys: &[(String, u64)]| {
        let some: Vec<String> = keys.iter().take(5).map(|(key, _)| key.clone()).collect();
        words::list(&some)
    };
    let n_without = report.n_keys - report.n_keys_matched;
    let matched = format!(
        "{} of {} find a match ({}): {} of {}.",
        words::count(report.n_rows_matched),
        rows_of(report.n_rows),
        words::share(report.n_rows_matched, report.n_rows),
        words::count(report.n_keys_matched),
        counted(report.n_keys, "key", "keys"),
    );
    let mut lines = Vec::new();
    if n_without > 0 {
        lines.push(format!(
            "Not in {}: {} of this table, such as {}; the new columns are missing there.",
            report.file,
            counted(n_without, "key", "keys"),
            quoted(&report.unmatched)
        ));
    }
    if report.n_rows_without_key > 0 {
        lines.push(format!("{} without a value in “{}”.", rows_of(report.n_rows_without_key), report.left));
    }
    if report.n_unused_keys > 0 {
        let some: Vec<String> = report.unused.iter().take(5).cloned().collect();
        lines.push(format!(
            "Only in {}: {}, such as {}; their rows are left out.",
            report.file,
            counted(report.n_unused_keys, "key", "keys"),
            words::list(&some)
        ));
    }
    if report.n_right_without_key > 0 {
        lines.push(format!(
            "{} of {} without a value in “{}” {} left out.",
            rows_of(report.n_right_without_key),
            report.file,
            report.right,
            if report.n_right_without_key == 1 { "is" } else { "are" }
        ));
    }
    lines.extend(report.likeness.words().map(str::to_owned));
    view! {
        <div class="match" data-role="match">
            <p class="match__rate">{matched}</p>
            {lines.into_iter().map(|line| view! { <p class="quiet">{line}</p> }).collect_view()}
        </div>
    }
}
