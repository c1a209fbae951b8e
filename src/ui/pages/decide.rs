//! The Decide page.

use leptos::prelude::*;

/// The Decide page.
#[component]
pub fn DecidePage() -> impl IntoView {
    view! {}
}
