//! The Features page.

use leptos::prelude::*;

/// The Features page.
#[component]
pub fn FeaturesPage() -> impl IntoView {
    view! {}
}
