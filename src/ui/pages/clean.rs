//! The Clean page: what is suggested with its reason, and what was applied with its effect.

use leptos::prelude::*;

use crate::engine::words;
use crate::ui::{
    components::NeedsData,
    route::Page,
    session::Session,
    widgets::{Section, StepFamily, StepsPage},
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

fn sentence(applied: u64, suggested: u64) -> String {
    match (suggested, applied) {
        (0, 0) => "Nothing in this table asks for cleaning. You can still add a step.".to_owned(),
        (0, n) => format!("{} applied; nothing more is suggested.", words::counted(n, "step", "steps")),
        (n, 0) => format!(
            "{}. Nothing changes until you apply it, and everything can be undone.",
            words::counted(n, "step is suggested", "steps are suggested")
        ),
        (n, m) => format!("{} applied, {} suggested.", words::counted(m, "step", "steps"), words::count(n)),
    }
}

#[component]
fn Work() -> impl IntoView {
    let session = Session::expect();
    let kept = Memo::new(move |_| {
        session.prepared.with(|p| p.as_ref().map(|p| p.notes.clone())).unwrap_or_default()
    });
    let sections = vec![
        Section { title: "Suggested", hint: "", has: |s| s.recommended },
        Section {
            title: "Also possible",
            hint: "Matters of judgement: apply these only if they fit what you know of the data.",
            has: |s| !s.recommended,
        },
    ];
    view! {
        <StepsPage
            family=StepFamily::Clean title="Clean" sentence sections
            words=["Add a step…", "Apply all suggested", "Applied"]
            empty=(
                "Nothing to mend",
                "No missing values to fill, no duplicates, no constant columns, no impossible values were found.",
            )
            next=Page::Features
            next_text="Ready-made measures for this kind of table, and bins, encodings, scaling."
        >
            <Show when=move || kept.with(|k| !k.is_empty())>
                <section class="page__section" data-section="kept">
                    <h2>"Kept on purpose"<span class="page__count">{move || words::count(kept.with(Vec::len) as u64)}</span></h2>
                    <p class="quiet">"Looks odd, but is right: it stays in the table."</p>
                    <ul class="notes notes--wide">{move || kept.get().into_iter().map(|note| view! { <li>{note}</li> }).collect_view()}</ul>
                </section>
            </Show>
        </StepsPage>
    }
}
