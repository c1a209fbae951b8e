//! The Clean page.

use leptos::prelude::*;

/// The Clean page.
#[component]
pub fn CleanPage() -> impl IntoView {
    view! {}
}
