//! A plain table: header row, sticky; figures right-aligned; the first column stays while the rest scrolls.

use leptos::prelude::*;

/// One cell.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// As shown.
    pub text: String,
    /// Right-aligned, tabular.
    pub is_number: bool,
    /// Shown on hover and read out.
    pub hint: Option<String>,
    /// Pale: too little is behind it.
    pub is_quiet: bool,
}

impl Cell {
    /// Words.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_number: false, hint: None, is_quiet: false }
    }

    /// A figure, already formatted.
    pub fn number(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_number: true, hint: None, is_quiet: false }
    }

    /// Pale.
    pub fn quiet(mut self) -> Self {
        self.is_quiet = true;
        self
    }

    /// With a hint.
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// Whether a text reads as a figure (for tables that arrive as text).
fn reads_as_number(text: &str) -> bool {
    text.is_empty()
        || text.starts_with(|c: char| c.is_ascii_digit() || "-–<>$€£".contains(c))
            && !text.contains(|c: char| c.is_alphabetic())
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        let is_number = reads_as_number(&text);
        Self { text, is_number, hint: None, is_quiet: false }
    }
}

/// A text of more characters gets room to be read in few lines.
const LONG: usize = 32;

/// A table with a caption for screen readers.
#[component]
pub fn Table(
    /// What it shows; read out, and seen when `show_caption`.
    #[prop(into)]
    caption: String,
    #[prop(optional)] show_caption: bool,
    #[prop(into)] header: Signal<Vec<String>>,
    #[prop(into)] rows: Signal<Vec<Vec<Cell>>>,
    /// Index of a row to set off.
    #[prop(optional, into)]
    marked: Signal<Option<usize>>,
) -> impl IntoView {
    let is_number = move |column: usize| {
        rows.with(|rows| !rows.is_empty() && rows.iter().all(|r| r.get(column).is_none_or(|c| c.is_number)))
    };
    let head = move || {
        let last = header.with(Vec::len);
        header
            .get()
            .into_iter()
            .take(last)
            .enumerate()
            .map(|(i, name)| {
                view! { <th scope="col" class="table__head" data-number=is_number(i).then_some("")>{name}</th> }
            })
            .collect_view()
    };
    let body = move || {
        rows.get()
            .into_iter()
            .enumerate()
            .map(|(index, row)| {
                let cells = row
                    .into_iter()
                    .enumerate()
                    .map(|(i, cell)| {
                        let number = cell.is_number.then_some("");
                        if i == 0 {
                            view! { <th scope="row" class="table__cell" data-number=number title=cell.hint>{cell.text}</th> }
                                .into_any()
                        } else {
                            let long = (!cell.is_number && cell.text.chars().count() > LONG).then_some("");
                            view! { <td class="table__cell" data-number=number data-long=long data-quiet=cell.is_quiet.then_some("") title=cell.hint>{cell.text}</td> }
                                .into_any()
                        }
                    })
                    .collect_view();
                let is_marked = move || (marked.get() == Some(index)).then_some("");
                view! { <tr class="table__row" data-marked=is_marked>{cells}</tr> }
            })
            .collect_view()
    };
    let name = caption.clone();
    view! {
        <div class="table-frame" tabindex="0" role="region" aria-label=name>
            <table class="table">
                <caption class="table__caption" class:visually-hidden=!show_caption>{caption}</caption>
                <thead><tr>{head}</tr></thead>
                <tbody>{body}</tbody>
            </table>
        </div>
    }
}
