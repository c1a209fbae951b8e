//! A term of statistics: a dotted underline, and one plain sentence on hover or focus.

use leptos::prelude::*;

use super::unique_id;

/// A term with its sentence.
#[component]
pub fn Term(
    #[prop(into)] word: String,
    /// One plain sentence.
    #[prop(into)]
    means: String,
) -> impl IntoView {
    let id = unique_id("term");
    let is_open = RwSignal::new(false);
    let is_shown = move || is_open.get().then_some("");
    let press = move |event: web_sys::KeyboardEvent| {
        if event.key() == "Escape" && is_open.get_untracked() {
            event.stop_propagation();
            is_open.set(false);
        }
    };
    view! {
        <span
            class="term"
            on:pointerenter=move |_| is_open.set(true)
            on:pointerleave=move |_| is_open.set(false)
        >
            <button
                type="button"
                class="term__word"
                aria-describedby=id.clone()
                on:focus=move |_| is_open.set(true)
                on:blur=move |_| is_open.set(false)
                on:click=move |_| is_open.set(true)
                on:keydown=press
            >
                {word}
            </button>
            <span class="term__tip" role="tooltip" id=id data-open=is_shown>{means}</span>
        </span>
    }
}
