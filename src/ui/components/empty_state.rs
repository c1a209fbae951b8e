//! A page without content: what would be here, and what to do next.

use leptos::prelude::*;

use super::button::{Button, ButtonKind};
use crate::ui::{
    route::{Page, Route},
    session::{Session, kept::Kept},
};

/// What would be here and what to do next.
#[component]
pub fn EmptyState(
    #[prop(into)] title: String,
    #[prop(into)] text: String,
    /// The next thing to do, mostly a button.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty-state">
            <h2 class="empty-state__title">{title}</h2>
            <p class="empty-state__text">{text}</p>
            {children.map(|c| view! { <div class="empty-state__actions">{c()}</div> })}
        </div>
    }
}

/// Shows its children once a table is prepared; before that, where to begin.
#[component]
pub fn NeedsData(
    /// What this page would show: "Here you compare models on honest folds".
    #[prop(into)]
    what: String,
    children: ChildrenFn,
) -> impl IntoView {
    let session = Session::expect();
    let route = Route::expect();
    let has_table = Memo::new(move |_| session.prepared.with(Option::is_some));
    let what = StoredValue::new(what);
    let kept = Kept::expect();
    let fallback = move || {
        if session.has_data() || session.is_loading() {
            view! { <p class="quiet" role="status">"Reading the table…"</p> }.into_any()
        } else {
            let heading = (route.page() != Page::Report).then(|| route.page().title());
            view! {
                {heading.map(|title| view! { <h1 class="visually-hidden">{title}</h1> })}
                <EmptyState title="No table yet" text=what.get_value()>
                    {move || kept.name().map(|name| view! {
                        <Button kind=ButtonKind::Primary on_press=move |()| kept.open(session)>{format!("Open {name} again")}</Button>
                    })}
                    <Button on_press=move |()| route.go(Page::Data)>"Open a file"</Button>
                </EmptyState>
            }
            .into_any()
        }
    };
    view! { <Show when=move || has_table.get() fallback>{children()}</Show> }
}
