//! The Segment page.

use leptos::prelude::*;

/// The Segment page.
#[component]
pub fn SegmentPage() -> impl IntoView {
    view! {}
}
