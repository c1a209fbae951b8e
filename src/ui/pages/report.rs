//! The Report page.

use leptos::prelude::*;

/// The Report page.
#[component]
pub fn ReportPage() -> impl IntoView {
    view! {}
}
