//! The Model page.

use leptos::prelude::*;

/// The Model page.
#[component]
pub fn ModelPage() -> impl IntoView {
    view! {}
}
