//! Frames: a card for what can be moved or opened, a panel for settings beside what they change.

use leptos::prelude::*;

/// A framed group with an optional title.
#[component]
pub fn Card(
    #[prop(optional, into)] title: MaybeProp<String>,
    /// One quiet line under the title.
    #[prop(optional, into)]
    subtitle: MaybeProp<String>,
    /// Buttons at the right of the title.
    #[prop(optional, into)]
    actions: Option<ViewFn>,
    children: Children,
) -> impl IntoView {
    let has_actions = actions.is_some();
    view! {
        <section class="card">
            <Show when=move || title.get().is_some() || has_actions>
                <header class="card__header">
                    <div>
                        <h2 class="card__title">{move || title.get()}</h2>
                        {move || subtitle.get().map(|s| view! { <p class="card__subtitle">{s}</p> })}
                    </div>
                    {actions.clone().map(|a| view! { <div class="card__actions">{a.run()}</div> })}
                </header>
            </Show>
            <div class="card__body">{children()}</div>
        </section>
    }
}

/// Settings beside what they change; folds away. Below 900 px it stands above the work, folded.
#[component]
pub fn Panel(#[prop(into)] title: String, children: Children) -> impl IntoView {
    let is_wide = window().inner_width().ok().and_then(|w| w.as_f64()).is_none_or(|w| w >= 900.0);
    view! {
        <details class="panel" open=is_wide>
            <summary class="panel__title">{title}</summary>
            <div class="panel__body">{children()}</div>
        </details>
    }
}
