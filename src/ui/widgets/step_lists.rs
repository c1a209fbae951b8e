//! What is suggested, what is applied, and everything that could be.

use leptos::prelude::*;

use super::{Editing, StepFamily};
use crate::{
    engine::{
        knobs::Settings,
        pipeline::recipe::RecipeStep,
        report::build::LedgerEntry,
        step::{StepCall, Suggestion},
        words,
    },
    protocol::StepInfo,
    ui::{
        components::{Button, ButtonKind, Cell, Dialog, DialogKind, IconName, Table},
        session::{Session, actions},
    },
};

/// Suggestions with their reason, one below the other.
#[component]
pub fn SuggestionList(
    family: StepFamily,
    #[prop(into)] suggestions: Signal<Vec<Suggestion>>,
    editing: RwSignal<Option<Editing>>,
) -> impl IntoView {
    view! {
        <ul class="steps" data-role="suggestions">
            {move || suggestions.get().into_iter().map(|s| view! { <SuggestionRow family suggestion=s editing /> }).collect_view()}
        </ul>
    }
}

#[component]
fn SuggestionRow(
    family: StepFamily,
    suggestion: Suggestion,
    editing: RwSignal<Option<Editing>>,
) -> impl IntoView {
    let session = Session::expect();
    let Suggestion { call, title, reason, n_rows, n_cells, .. } = suggestion;
    // A feature fills a column of its own: that says nothing.
    let touched = match (n_rows, n_cells) {
        _ if family == StepFamily::Feature => String::new(),
        (0, 0) => String::new(),
        (rows, 0) => format!("Touches {}", words::counted(rows, "row", "rows")),
        (0, cells) => format!("Touches {}", words::counted(cells, "cell", "cells")),
        (rows, cells) => {
            format!(
                "Touches {} in {}",
                words::counted(cells, "cell", "cells"),
                words::counted(rows, "row", "rows")
            )
        }
    };
    let shown = title.clone();
    let (own, name) = (StoredValue::new(call), StoredValue::new(title));
    let apply = move |()| {
        name.with_value(|t| actions::apply_step(session, family.step(own.get_value()), t));
    };
    let adjust =
        move |()| editing.set(Some(Editing { call: own.get_value(), index: None, title: name.get_value() }));
    view! {
        <li class="step" data-step=own.with_value(|c| c.slug.clone())>
            <div class="step__text">
                <span class="step__title">
                    {shown}
                </span>
                <span class="step__reason">{reason}</span>
                {(!touched.is_empty()).then(|| view! { <span class="step__effect">{touched.clone()}</span> })}
            </div>
            <div class="step__actions">
                <Button small=true kind=ButtonKind::Quiet on_press=adjust>"Adjust…"</Button>
                <Button small=true on_press=apply>"Apply"</Button>
            </div>
        </li>
    }
}

/// The steps of the recipe with what each did; each can be changed, moved or taken out.
#[component]
pub fn AppliedSteps(
    /// Which steps are shown.
    family: StepFamily,
    editing: RwSignal<Option<Editing>>,
) -> impl IntoView {
    let session = Session::expect();
    let applied = move || {
        let ledger = session.prepared.with(|p| p.as_ref().map(|p| p.ledger.clone())).unwrap_or_default();
        session.recipe.with(|r| {
            r.steps
                .iter()
                .enumerate()
                .filter_map(|(i, step)| family.call(step).map(|c| (i, c.clone(), ledger.get(i).cloned())))
                .collect::<Vec<_>>()
        })
    };
    view! {
        <ol class="steps" data-role="applied">
            {move || applied().into_iter().map(|(index, call, entry)| {
                view! { <AppliedRow family index call entry editing /> }
            }).collect_view()}
        </ol>
    }
}

#[component]
fn AppliedRow(
    family: StepFamily,
    index: usize,
    call: StepCall,
    entry: Option<LedgerEntry>,
    editing: RwSignal<Option<Editing>>,
) -> impl IntoView {
    let session = Session::expect();
    let own_title = session.step_info(&call.slug).map_or_else(|| call.slug.clone(), |info| info.title);
    let title = entry.as_ref().map_or(own_title, |e| e.title.clone());
    let failure = entry.as_ref().and_then(|e| e.failure.clone());
    let effect = entry.and_then(|e| e.effect);
    let has_failed = failure.is_some();
    let sentence = match (&effect, &failure) {
        (Some(effect), _) => effect.sentence.clone(),
        (None, Some(words)) => format!("Not applied: {words}."),
        (None, None) => "Being applied…".to_owned(),
    };
    // Mostly the sentence names the one column that was made.
    let made = effect
        .as_ref()
        .filter(|e| e.columns_added.iter().any(|name| !e.sentence.contains(name.as_str())))
        .map(|e| e.columns_added.join(", "));
    let notes = effect.as_ref().map(|e| e.notes.clone()).unwrap_or_default();
    let changes: Vec<Vec<Cell>> = effect
        .iter()
        .flat_map(|e| &e.examples)
        .map(|c| {
            let word =
                |text: &str| Cell::from(if text.is_empty() { "missing".to_owned() } else { text.to_owned() });
            vec![
                Cell::number(words::count(c.row)),
                Cell::text(c.column.clone()),
                word(&c.before),
                word(&c.after),
            ]
        })
        .collect();
    let header = ["Row", "Column", "Before", "After"].map(str::to_owned).to_vec();
    let (own, name) = (StoredValue::new(call), StoredValue::new(title.clone()));
    let edit = move |()| {
        editing.set(Some(Editing { call: own.get_value(), index: Some(index), title: name.get_value() }));
    };
    let is_first = !session.recipe.with_untracked(|r| {
        r.steps.iter().take(index).any(|s| matches!(s, RecipeStep::Clean(_) | RecipeStep::Feature(_)))
    });
    let is_last = session.recipe.with_untracked(|r| index + 1 == r.steps.len());
    view! {
        <li class="step" data-failed=has_failed.then_some("") data-step=own.with_value(|c| c.slug.clone())>
            <div class="step__text">
                <span class="step__title">{title.clone()}</span>
                <span class="step__effect">{sentence}</span>
                {made.map(|names| view! { <span class="step__effect">"Made: " {names}</span> })}
                {notes.into_iter().map(|n| view! { <span class="step__effect">{n}</span> }).collect_view()}
                {(!changes.is_empty()).then(|| view! {
                    <details class="disclosure changes">
                        <summary>"Cells touched"</summary>
                        <Table caption="Cells touched, the first 100" header=Signal::stored(header) rows=Signal::stored(changes) />
                    </details>
                })}
            </div>
            <div class="step__actions">
                <Button
                    small=true kind=ButtonKind::Quiet icon=IconName::ArrowUp disabled=is_first
                    label=format!("Move up: {title}") on_press=move |()| actions::move_step(session, index, -1)
                />
                <Button
                    small=true kind=ButtonKind::Quiet icon=IconName::ArrowDown disabled=is_last
                    label=format!("Move down: {title}") on_press=move |()| actions::move_step(session, index, 1)
                />
                <Button
                    small=true kind=ButtonKind::Quiet icon=IconName::Pencil
                    label=format!("Change: {title}") on_press=edit
                />
                <Button
                    small=true kind=ButtonKind::Quiet icon=IconName::Trash
                    label=format!("Remove: {title}") on_press=move |()| actions::remove_step(session, index)
                />
            </div>
        </li>
    }
    .attr("data-family", if family == StepFamily::Clean { "clean" } else { "feature" })
}

/// A button that opens the list of every step there is.
#[component]
pub fn StepPicker(
    family: StepFamily,
    editing: RwSignal<Option<Editing>>,
    /// Words of the button: "Add a step…".
    words: &'static str,
) -> impl IntoView {
    let session = Session::expect();
    let is_open = RwSignal::new(false);
    let search = RwSignal::new(String::new());
    let shown = move || {
        let wanted = search.get().to_lowercase();
        session.loaded().map_or_else(Vec::new, |l| {
            l.steps
                .iter()
                .filter(|s| family.has(s))
                .filter(|s| format!("{} {}", s.title, s.help).to_lowercase().contains(&wanted))
                .cloned()
                .collect::<Vec<_>>()
        })
    };
    let pick = move |info: StepInfo| {
        is_open.set(false);
        let call = StepCall { slug: info.slug, settings: Settings::new() };
        editing.set(Some(Editing { call, index: None, title: info.title }));
    };
    view! {
        <Button icon=IconName::Plus on_press=move |()| is_open.set(true)>{words}</Button>
        <Dialog
            title=words.trim_end_matches('…') is_open on_close=move |()| is_open.set(false) kind=DialogKind::Sheet
        >
            <input
                class="input" type="search" placeholder="Search" aria-label="Search"
                on:input=move |event| search.set(event_target_value(&event))
            />
            <div class="step-picker">
                {move || shown().into_iter().map(|info| {
                    let (title, help) = (info.title.clone(), info.help.clone());
                    view! {
                        <button type="button" class="step-picker__item" on:click=move |_| pick(info.clone())>
                            <span class="step-picker__title">{title}</span>
                            <span class="step-picker__help">{help}</span>
                        </button>
                    }
                }).collect_view()}
            </div>
        </Dialog>
    }
}
