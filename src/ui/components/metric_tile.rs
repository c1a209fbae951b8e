//! One number with its label.

use leptos::prelude::*;

/// One number with its label.
#[component]
pub fn MetricTile(
    /// Short noun shown above the number.
    #[prop(into)]
    label: String,
    /// Formatted, with its unit.
    #[prop(into)]
    value: Signal<String>,
    /// A quiet line below: an interval, n, or what it is compared with.
    #[prop(optional, into)]
    note: MaybeProp<String>,
) -> impl IntoView {
    view! {
        <div class="metric-tile">
            <span class="metric-tile__label">{label}</span>
            <span class="metric-tile__value">{value}</span>
            {move || note.get().map(|n| view! { <span class="metric-tile__note">{n}</span> })}
        </div>
    }
}

/// Tiles side by side.
#[component]
pub fn MetricRow(children: Children) -> impl IntoView {
    view! { <div class="metric-row">{children()}</div> }
}
