//! What became no row, by file and reason: every line to be seen and brought back.

use leptos::prelude::*;

use crate::{
    engine::{
        data::{
            reader::ReadOptions,
            summary::{Receipt, SkippedCount, SkippedGroup},
        },
        words,
    },
    ui::{
        components::{Button, ButtonKind},
        session::{
            Session,
            actions::{self, Which},
        },
    },
};

/// How many lines of a group are shown at first, and how many more at a time.
const AT_A_TIME: usize = 200;

/// A line of more characters is closed at first.
const LONG: usize = 160;

/// What became no row, each line to be seen and brought back.
#[component]
pub fn SkippedLines(
    /// As reading wrote it.
    receipt: Receipt,
    /// What the user decided about reading each file.
    reads: Vec<ReadOptions>,
) -> impl IntoView {
    let session = Session::expect();
    let n_skipped = receipt.n_skipped;
    let names: Vec<Option<String>> = (0..reads.len()).map(|place| file_name(&receipt, place)).collect();
    let name_of = |place: u32| names.get(place as usize).cloned().flatten();
    let groups: Vec<_> = receipt.reasons.iter().map(|of| (of.clone(), name_of(of.file))).collect();
    let kept = (0_u32..).zip(reads).map(|(place, read)| {
        let file = name_of(place);
        view! { <KeptLines place file read /> }
    });
    let kept = kept.collect_view();
    view! {
        {kept}
        {(n_skipped > 0).then(|| view! {
            <details class="disclosure" data-role="skipped-lines">
                <summary>{format!("{} left out: see and bring back", words::counted(n_skipped, "line was", "lines were"))}</summary>
                <div class="skipped">
                    {groups.into_iter().map(|(of, file)| {
                        let lines = lines_of(session, &of);
                        view! { <Group of file lines /> }
                    }).collect_view()}
                </div>
            </details>
        })}
    }
}

/// The name of one of several files; two of one name are told apart by their places.
fn file_name(receipt: &Receipt, place: usize) -> Option<String> {
    let name = &receipt.files.get(place).filter(|_| receipt.files.len() > 1)?.name;
    let n_same = receipt.files.iter().filter(|f| f.name == *name).count();
    Some(if n_same > 1 { format!("{name} (file {})", place + 1) } else { name.clone() })
}

/// The lines that are counted.
fn lines_of(session: Session, of: &SkippedCount) -> Vec<(u64, String)> {
    let is_it = |group: &&SkippedGroup| group.of == *of;
    session.dataset.with_untracked(|dataset| {
        dataset.loaded().and_then(|l| l.skipped.iter().find(is_it)).map_or_else(Vec::new, |g| g.lines.clone())
    })
}

/// "3 preamble lines", "1 total row"
fn group_words(reason: &str, n: u64) -> String {
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
    words::counted(n, word.0, word.1)
}

/// What was brought back of a file, to be skipped again.
#[component]
fn KeptLines(place: u32, file: Option<String>, read: ReadOptions) -> impl IntoView {
    let session = Session::expect();
    let mut kept: Vec<String> = read.keep_reasons.iter().map(|r| format!("every {r}")).collect();
    if !read.keep_lines.is_empty() {
        let numbers: Vec<String> = read.keep_lines.iter().map(|l| words::count(*l)).collect();
        let line = if read.keep_lines.len() == 1 { "line" } else { "lines" };
        kept.push(format!("{line} {}", words::list_some(&numbers)));
    }
    let skip_again = move |()| {
        actions::reread(session, &Which::At(vec![place]), "Skipped again", |o| {
            o.keep_lines.clear();
            o.keep_reasons.clear();
        });
    };
    (!kept.is_empty()).then(|| {
        let of = file.map(|file| format!(" of {file}")).unwrap_or_default();
        view! {
            <p class="skipped__kept" data-role="kept-lines">
                {format!("Brought back as rows{of}: {}.", words::list(&kept))}
                <Button small=true kind=ButtonKind::Quiet on_press=skip_again>"Skip them again"</Button>
            </p>
        }
    })
}

/// The lines of one file that were skipped for one reason.
#[component]
fn Group(of: SkippedCount, file: Option<String>, lines: Vec<(u64, String)>) -> impl IntoView {
    let session = Session::expect();
    let SkippedCount { file: place, reason, count } = of;
    let counted = group_words(&reason, count);
    let title = file.map_or_else(|| counted.clone(), |file| format!("{counted} in {file}"));
    let is_above = matches!(reason.as_str(), "preamble" | "comment");
    let keep_all = (count > 1).then(|| {
        let words = format!("{counted} brought back");
        let keep = move |()| {
            actions::reread(session, &Which::At(vec![place]), words.clone(), |o| {
                if !o.keep_reasons.contains(&reason) {
                    o.keep_reasons.push(reason.clone());
                }
            });
        };
        view! { <Button small=true on_press=keep>"Bring all back"</Button> }
    });
    let n_listed = lines.len();
    let lines = StoredValue::new(lines);
    let n_shown = RwSignal::new(n_listed.min(AT_A_TIME));
    let row = move |index: usize| {
        let (line, text) = lines.with_value(|lines| lines.get(index).cloned())?;
        Some(view! { <Line place line text is_above /> })
    };
    let n_left = move || n_listed - n_shown.get();
    let more = move || {
        (n_left() > 0).then(|| {
            let label = format!("Show {} more", words::count(n_left().min(AT_A_TIME) as u64));
            let show = move |()| n_shown.update(|n| *n = (*n + AT_A_TIME).min(n_listed));
            view! { <Button small=true kind=ButtonKind::Quiet on_press=show>{label}</Button> }
        })
    };
    let n_unlisted = count - n_listed as u64;
    let unlisted = (n_unlisted > 0).then(|| {
        let words = format!(
            "{} behind them are not listed; “Bring all back” brings them back too.",
            words::counted(n_unlisted, "line", "lines")
        );
        view! { <p class="quiet">{words}</p> }
    });
    let name = title.clone();
    view! {
        <section class="skipped__group" aria-label=name>
            <div class="skipped__head"><h3 class="skipped__title">{title}</h3>{keep_all}</div>
            <ul class="skipped__list">
                <For each=move || 0..n_shown.get() key=|index| *index children=row />
            </ul>
            {more}
            {unlisted}
        </section>
    }
}

#[component]
fn Line(
    /// The place of its file.
    place: u32,
    /// Its number.
    line: u64,
    /// What stands there.
    text: String,
    /// Whether it stands above the table, so that it may be the line of names.
    is_above: bool,
) -> impl IntoView {
    let session = Session::expect();
    let keep = move |()| {
        let what = format!("Line {} brought back", words::count(line));
        actions::reread(session, &Which::At(vec![place]), what, |o| {
            if !o.keep_lines.contains(&line) {
                o.keep_lines.push(line);
                o.keep_lines.sort_unstable();
            }
        });
    };
    // Files below the first are alike: their names stand on the same line.
    let of_names = move |()| {
        let which = if place == 0 { Which::Alike } else { Which::At(vec![place]) };
        let what = format!("Column names are now those of line {}", words::count(line));
        actions::reread(session, &which, what, |o| (o.header_line, o.has_header) = (Some(line), None));
    };
    let text = if text.trim().is_empty() { "(blank)".to_owned() } else { text };
    let begin = words::shorten(&text, LONG);
    let text = if begin == text {
        view! { <code class="skipped__text">{text}</code> }.into_any()
    } else {
        view! {
            <details class="skipped__long">
                <summary><code class="skipped__text">{begin}</code></summary>
                <code class="skipped__text">{text}</code>
            </details>
        }
        .into_any()
    };
    view! {
        <li class="skipped__line">
            <span class="skipped__number">{format!("Line {}", words::count(line))}</span>
            {text}
            <span class="skipped__buttons">
                {is_above.then(|| view! { <Button small=true kind=ButtonKind::Quiet on_press=of_names>"Use as header"</Button> })}
                <Button small=true kind=ButtonKind::Quiet on_press=keep>"Bring back"</Button>
            </span>
        </li>
    }
}
