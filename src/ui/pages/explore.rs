//! The Explore page.

use leptos::prelude::*;

/// The Explore page.
#[component]
pub fn ExplorePage() -> impl IntoView {
    view! {}
}
