//! The Runs page.

use leptos::prelude::*;

/// The Runs page.
#[component]
pub fn RunsPage() -> impl IntoView {
    view! {}
}
