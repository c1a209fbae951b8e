//! The head of a page: its title, one sentence, and what can be done.

use leptos::prelude::*;

use super::Sections;
use crate::engine::words::unbroken;

/// Title, one sentence that says what is here and what it found, actions.
#[component]
pub fn PageHeader(
    #[prop(into)] title: String,
    #[prop(into)] sentence: Signal<String>,
    /// Buttons.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <header class="page-header">
            <div class="page-header__text">
                <h1 class="page-header__title">{title}</h1>
                <p class="page-header__sentence">{move || unbroken(&sentence.get())}</p>
            </div>
            {children.map(|c| view! { <div class="page-header__actions">{c()}</div> })}
        </header>
        <Sections />
    }
}
