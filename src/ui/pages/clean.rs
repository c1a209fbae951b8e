//! The Clean page: what is suggested with its reason, and what was applied with its effect.

use leptos::prelude::*;

use crate::engine::words;
use crate::ui::{
    components::{Button, ButtonKind, EmptyState, NeedsData, NextStep, PageHeader},
    route::Page,
    session::{Session, actions, way},
    widgets::{AppliedSteps, Editing, StepEditor, StepFamily, StepPicker, SuggestionList},
};

/// The Clean page.
#[component]
pub fn CleanPage() -> impl IntoView {
    view! {
        <NeedsData what="Here you mend what is odd in a table: missing values, duplicates, impossible values. Open a file first.">
            <Work />
        </NeedsData>
    }
}

#[component]
fn Work() -> impl IntoView {
    let session = Session::expect();
    let editing = RwSignal::new(None::<Editing>);
    let suggestions = Memo::new(move |_| {
        session.prepared.with(|p| p.as_ref().map(|p| p.cleaning.clone())).unwrap_or_default()
    });
    let recommended = move || suggestions.with(|s| way::recommended(s, |c| StepFamily::Clean.step(c)));
    let n_recommended = Memo::new(move |_| recommended().len() as u64);
    let n_applied = Memo::new(move |_| session.n_steps().0 as u64);
    let is_busy = Memo::new(move |_| session.preparing.with(Option::is_some));
    let others = Memo::new(move |_| {
        suggestions.with(|all| all.iter().filter(|s| !s.recommended).cloned().collect::<Vec<_>>())
    });
    let wanted = Memo::new(move |_| {
        suggestions.with(|all| all.iter().filter(|s| s.recommended).cloned().collect::<Vec<_>>())
    });
    let kept = Memo::new(move |_| {
        session.prepared.with(|p| p.as_ref().map(|p| p.notes.clone())).unwrap_or_default()
    });
    let sentence = move || match (n_recommended.get(), n_applied.get()) {
        (0, 0) => "Nothing in this table asks for cleaning. You can still add a step.".to_owned(),
        (0, n) => format!("{} applied; nothing more is suggested.", words::counted(n, "step", "steps")),
        (n, 0) => format!(
            "{}. Nothing changes until you apply it, and everything can be undone.",
            words::counted(n, "step is suggested", "steps are suggested")
        ),
        (n, m) => format!("{} applied, {} suggested.", words::counted(m, "step", "steps"), words::count(n)),
    };
    let apply_all = move |()| {
        let steps = untrack(recommended);
        let what =
            format!("Applied {}", words::counted(steps.len() as u64, "suggested step", "suggested steps"));
        actions::apply_steps(session, steps, &what);
    };

    view! {
        <div class="page" data-ready=move || (!is_busy.get()).to_string()>
            <PageHeader title="Clean" sentence=Signal::derive(sentence)>
                <StepPicker family=StepFamily::Clean editing words="Add a step…" />
                <Show when=move || n_recommended.get() != 0>
                    <Button kind=ButtonKind::Primary busy=is_busy on_press=apply_all>"Apply all suggested"</Button>
                </Show>
            </PageHeader>
            <Show when=move || n_applied.get() != 0>
                <section class="page__section">
                    <h2>"Applied"<span class="page__count">{move || words::count(n_applied.get())}</span></h2>
                    <AppliedSteps family=StepFamily::Clean editing />
                </section>
            </Show>
            <Show when=move || wanted.with(|s| !s.is_empty())>
                <section class="page__section">
                    <h2>"Suggested"<span class="page__count">{move || words::count(n_recommended.get())}</span></h2>
                    <SuggestionList family=StepFamily::Clean suggestions=wanted editing />
                </section>
            </Show>
            <Show when=move || kept.with(|k| !k.is_empty())>
                <section class="page__section" data-section="kept">
                    <h2>"Kept on purpose"<span class="page__count">{move || words::count(kept.with(Vec::len) as u64)}</span></h2>
                    <p class="quiet">"Looks odd, but is right: it stays in the table."</p>
                    <ul class="notes notes--wide">{move || kept.get().into_iter().map(|note| view! { <li>{note}</li> }).collect_view()}</ul>
                </section>
            </Show>
            <Show when=move || others.with(|s| !s.is_empty())>
                <section class="page__section">
                    <h2>"Also possible"<span class="page__count">{move || words::count(others.with(Vec::len) as u64)}</span></h2>
                    <p class="quiet">"Matters of judgement: apply these only if they fit what you know of the data."</p>
                    <SuggestionList family=StepFamily::Clean suggestions=others editing />
                </section>
            </Show>
            <Show when=move || suggestions.with(Vec::is_empty) && n_applied.get() == 0>
                <EmptyState
                    title="Nothing to mend"
                    text="No missing values to fill, no duplicates, no constant columns, no impossible values were found."
                />
            </Show>
            <NextStep to=Page::Features text="Ready-made measures for this kind of table, and bins, encodings, scaling." />
            <StepEditor family=StepFamily::Clean editing />
        </div>
    }
}
