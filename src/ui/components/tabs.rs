//! Tabs: arrow keys move, Home and End jump.

use leptos::{html, prelude::*};

use super::unique_id;

/// One tab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tab {
    /// Key handed back.
    pub slug: String,
    /// Word on the page.
    pub label: String,
}

impl Tab {
    /// A tab.
    pub fn new(slug: impl Into<String>, label: impl Into<String>) -> Self {
        Self { slug: slug.into(), label: label.into() }
    }
}

/// A row of tabs above one panel; the children are the panel of the tab that is on.
#[component]
pub fn Tabs(
    /// What is chosen between, for screen readers.
    #[prop(into)]
    label: String,
    #[prop(into)] tabs: Signal<Vec<Tab>>,
    #[prop(into)] selected: Signal<String>,
    #[prop(into)] on_select: Callback<String>,
    children: Children,
) -> impl IntoView {
    let id = unique_id("tabs");
    let panel_id = format!("{id}-panel");
    let list_ref = NodeRef::<html::Div>::new();
    let press = move |event: web_sys::KeyboardEvent| {
        let slugs: Vec<String> = tabs.with_untracked(|t| t.iter().map(|t| t.slug.clone()).collect());
        let at = slugs.iter().position(|s| *s == selected.get_untracked()).unwrap_or(0);
        let last = slugs.len().saturating_sub(1);
        let to = match event.key().as_str() {
            "ArrowRight" => {
                if at == last {
                    0
                } else {
                    at + 1
                }
            }
            "ArrowLeft" => {
                if at == 0 {
                    last
                } else {
                    at - 1
                }
            }
            "Home" => 0,
            "End" => last,
            _ => return,
        };
        event.prevent_default();
        if let Some(slug) = slugs.get(to) {
            on_select.run(slug.clone());
            use wasm_bindgen::JsCast;
            let button = list_ref.get_untracked().and_then(|l| l.children().item(to as u32));
            if let Some(button) = button.and_then(|b| b.dyn_into::<web_sys::HtmlElement>().ok()) {
                let _ = button.focus();
            }
        }
    };
    let controls = panel_id.clone();
    view! {
        <div class="tabs">
            <div class="tabs__list" role="tablist" aria-label=label node_ref=list_ref on:keydown=press>
                {move || tabs.get().into_iter().map(|tab| {
                    let (own, key) = (tab.slug.clone(), tab.slug);
                    let is_on = Memo::new(move |_| selected.with(|s| *s == own));
                    view! {
                        <button
                            type="button"
                            class="tabs__tab"
                            role="tab"
                            aria-controls=controls.clone()
                            aria-selected=move || is_on.get().to_string()
                            tabindex=move || if is_on.get() { "0" } else { "-1" }
                            on:click=move |_| on_select.run(key.clone())
                        >
                            {tab.label}
                        </button>
                    }
                }).collect_view()}
            </div>
            <div class="tabs__panel" role="tabpanel" id=panel_id>{children()}</div>
        </div>
    }
}
