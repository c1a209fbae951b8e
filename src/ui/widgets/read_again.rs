//! How a file was read, for those cases in which it was guessed wrong: every choice that reading made, to be made otherwise.

use leptos::prelude::*;

use crate::{
    engine::{
        data::{
            reader::{ColumnReading, Decimal, How, MISSING_WORDS, Quote, ReadOptions, missing_words},
            summary::Receipt,
        },
        words,
    },
    ui::{
        components::{Button, Choice, Select, TextInput},
        session::{
            Session,
            actions::{self, Which},
        },
    },
};

/// What separates cells, as a list of choices says it.
pub fn delimiter_word(delimiter: char) -> String {
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
    /// The files it is about.
    which: Which,
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
    let named = all.clone();
    let change = move |value: String| {
        let said = named.iter().find(|c| c.value == value && value != AUTO);
        let what = format!("{label}: {}", said.map_or("decided for you", |c| c.label.as_str()));
        actions::reread(session, &which, what, |o| set(o, Some(value.as_str()).filter(|v| *v != AUTO)));
    };
    view! {
        <Select
            label=label choices=Signal::stored(all)
            value=Signal::stored(chosen.unwrap_or_else(|| AUTO.to_owned())) on_change=change
        />
    }
}

/// How files were read, to be changed. Every choice is kept in the recipe.
#[component]
pub fn ReadAgain(
    /// What reading found, where that is known of these files alone.
    #[prop(optional_no_strip)]
    receipt: Option<Receipt>,
    /// What the user decided.
    read: ReadOptions,
    /// The files it is about.
    which: Which,
    /// "How the file was read: change it"
    summary: &'static str,
    /// Names it in the page.
    role: &'static str,
) -> impl IntoView {
    let is_chosen = read != ReadOptions { sheet: read.sheet.clone(), ..ReadOptions::default() };
    // What is closed is not there: a form a file, and most are never opened.
    let was_open = RwSignal::new(is_chosen);
    let form = StoredValue::new((receipt, read, which));
    let show = move || {
        let (receipt, read, which) = form.get_value();
        view! { <ReadForm receipt read which is_chosen /> }
    };
    view! {
        <details class="disclosure" open=is_chosen data-role=role on:toggle=move |_| was_open.set(true)>
            <summary>{summary}</summary>
            <Show when=move || was_open.get()>{show}</Show>
        </details>
    }
}

#[component]
fn ReadForm(receipt: Option<Receipt>, read: ReadOptions, which: Which, is_chosen: bool) -> impl IntoView {
    let session = Session::expect();
    let options = read;
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
    let skipped = receipt.iter().flat_map(|r| r.skipped.iter().map(|s| s.line));
    let mut lines: Vec<u64> = (1..=10).chain(skipped.filter(|l| *l <= 60)).collect();
    lines.extend(receipt.as_ref().and_then(|r| r.header_line));
    lines.sort_unstable();
    lines.dedup();
    let mut name_choices = vec![("none".to_owned(), "Nowhere: every line is data".to_owned())];
    name_choices.extend(lines.iter().map(|l| (l.to_string(), format!("On line {l}"))));
    let found_names = receipt.as_ref().map_or_else(String::new, |r| {
        r.header_line.map_or_else(|| "nowhere".to_owned(), |l| format!("line {l}"))
    });
    let encoding = receipt.as_ref().map_or_else(String::new, |r| r.encoding.clone());
    let delimiter = receipt.as_ref().map_or_else(String::new, |r| delimiter_word(r.delimiter).to_lowercase());
    let missing = receipt.as_ref().map_or_else(Vec::new, |r| r.missing.clone());
    let order = |day_first: bool| if day_first { "the day" } else { "the month" };
    let answered = options
        .doubtful_day_first
        .map_or_else(String::new, |d| format!("where they do not tell, {} comes first", order(d)));
    let set_names = |o: &mut ReadOptions, value: Option<&str>| {
        (o.header_line, o.has_header) = match value {
            Some("none") => (None, Some(false)),
            other => (other.and_then(|v| v.parse().ok()), None),
        };
    };
    view! {
        <div>
            <div class="reading">
                <ReadChoice
                    label="Encoding" choices=pairs(&ENCODINGS)
                    found=found(options.encoding.is_none(), encoding)
                    which=which.clone() chosen=options.encoding.clone() set=|o, v| o.encoding = v.map(str::to_owned)
                />
                <ReadChoice
                    label="Columns are separated by"
                    choices=pairs(&[(",", "Comma"), (";", "Semicolon"), ("\t", "Tab"), ("|", "Bar")])
                    found=found(options.delimiter.is_none(), delimiter)
                    which=which.clone() chosen=options.delimiter.map(String::from) set=|o, v| o.delimiter = v.and_then(|v| v.chars().next())
                />
                <ReadChoice
                    label="Cells are quoted with"
                    choices=Quote::ALL.map(|q| (q.slug().to_owned(), q.label().to_owned())).to_vec()
                    which=which.clone() found="" chosen=options.quote.map(|q| q.slug().to_owned())
                    set=|o, v| o.quote = v.and_then(Quote::from_slug)
                />
                <ReadChoice
                    label="Column names stand" choices=name_choices
                    which=which.clone() found=found(names.is_none(), found_names) chosen=names set=set_names
                />
                <ReadChoice
                    label="Numbers such as 1.234"
                    choices=pairs(&[("point", "Decimal point: 1.234 is about one"), ("comma", "Decimal comma: 1.234 is over a thousand")])
                    which=which.clone() found="" chosen=options.decimal.map(|d| decimal_slug(d).to_owned())
                    set=|o, v| o.decimal = v.map(|v| if v == decimal_slug(Decimal::Comma) { Decimal::Comma } else { Decimal::Point })
                />
                <ReadChoice
                    label="Dates such as 03/04/2026"
                    choices=pairs(&[("day", "Day first"), ("month", "Month first")])
                    found=answered chosen=options.day_first.map(|d| if d { "day" } else { "month" }.to_owned())
                    set=|o, v| o.day_first = v.map(|v| v == "day") which=which.clone()
                />
                <MissingWords chosen=options.missing found=missing which=which.clone() />
            </div>
            <OwnReadings chosen=options.columns which=which.clone() />
            {is_chosen.then(|| view! {
                <Button small=true on_press=move |()| actions::reread(session, &which, "Read as decided for you", |o| *o = ReadOptions::default())>
                    "Decide everything for me again"
                </Button>
            })}
        </div>
    }
}

/// Columns that are read otherwise than the file: listed, added and taken back.
#[component]
fn OwnReadings(chosen: Vec<ColumnReading>, which: Which) -> impl IntoView {
    let session = Session::expect();
    let names = session.dataset.with_untracked(|d| {
        let columns = d.loaded().map(|l| l.table.columns.iter().map(|c| c.name.clone()).collect::<Vec<_>>());
        columns.unwrap_or_default()
    });
    let first = names.first().cloned().unwrap_or_default();
    let (column, how) = (RwSignal::new(first), RwSignal::new(How::Text));
    let columns = Signal::stored(names.iter().map(|n| Choice::new(n.clone(), n.clone())).collect::<Vec<_>>());
    let ways = Signal::stored(How::ALL.iter().map(|h| Choice::new(h.label(), h.label())).collect::<Vec<_>>());
    let taken_back = which.clone();
    let listed = chosen.into_iter().map(move |ColumnReading { column, how }| {
        let which = taken_back.clone();
        let label = format!("{column} is read as: {}", how.label());
        let end = move |()| actions::read_as_rest(session, &which, &column);
        view! { <li><span>{label}</span><Button small=true on_press=end>"Take back"</Button></li> }
    });
    let add = move |()| {
        let (column, how) = (column.get_untracked(), how.get_untracked());
        let what = format!("{column} is read as: {}", how.label());
        actions::reread(session, &which, what, |o| o.set_how(&column, Some(how)));
    };
    view! {
        <fieldset class="own-readings" data-role="own-readings">
            <legend>"One column read otherwise"</legend>
            <ul>{listed.collect_view()}</ul>
            <div class="reading">
                <Select
                    label="Column" choices=columns value=column
                    on_change=move |name: String| column.set(name)
                />
                <Select
                    label="Is read as" choices=ways value=Signal::derive(move || how.get().label().to_owned())
                    on_change=move |label: String| {
                        how.set(How::ALL.into_iter().find(|h| h.label() == label).unwrap_or(How::Text));
                    }
                />
            </div>
            <Button small=true on_press=add>"Read this column so"</Button>
        </fieldset>
    }
}

/// The words that stand for "no value", to be changed.
#[component]
fn MissingWords(chosen: Option<Vec<String>>, found: Vec<(String, u64)>, which: Which) -> impl IntoView {
    let session = Session::expect();
    let shown = chosen.map_or_else(|| MISSING_WORDS.join(", "), |words| words.join(", "));
    let told: Vec<String> = found
        .iter()
        .map(|(word, n)| format!("“{}” in {}", words::quoted(word), words::counted(*n, "cell", "cells")))
        .collect();
    let found = if told.is_empty() { String::new() } else { format!(" Found: {}.", words::list_some(&told)) };
    let help = format!("Separated by commas. Empty cells are missing in any case.{found}");
    let change = move |text: String| {
        let words = missing_words(&text);
        let chosen = (words != MISSING_WORDS).then_some(words);
        actions::reread(session, &which, "Words read as missing changed", |o| o.missing.clone_from(&chosen));
    };
    view! {
        <TextInput
            label="Words read as missing" help=help
            value=Signal::stored(shown) on_change=change
        />
    }
}

fn decimal_slug(decimal: Decimal) -> &'static str {
    match decimal {
        Decimal::Point => "point",
        Decimal::Comma => "comma",
    }
}
