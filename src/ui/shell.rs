//! The frame around the pages.

use leptos::prelude::*;

/// The frame.
#[component]
pub fn Shell(children: ChildrenFn) -> impl IntoView {
    view! { <main>{children()}</main> }
}
