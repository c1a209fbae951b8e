//! A page with settings at its side: one button that asks for a result, how that stands, and the result.

use leptos::prelude::*;

use crate::ui::{
    components::{Button, ButtonKind, EmptyState, Face, FaceStatus, NextStep, PageHeader, Panel},
    route::Page,
};

/// What is fixed about such a page.
#[derive(Clone, Copy)]
pub struct Bench {
    /// Key of the page.
    pub page: &'static str,
    /// Its title.
    pub title: &'static str,
    /// Title of the settings.
    pub panel: &'static str,
    /// Words of the button that asks for a result again.
    pub again: &'static str,
    /// Title and text as long as there is no result.
    pub empty: (&'static str, &'static str),
}

/// The page: settings beside the work.
#[component]
pub fn Workbench(
    bench: Bench,
    /// The result in a sentence.
    #[prop(into)]
    sentence: Signal<String>,
    /// Of the choices the settings are made from.
    choices: Face,
    /// Of the result.
    result: Face,
    /// Words of the button.
    #[prop(into)]
    go: Signal<String>,
    on_go: Callback<()>,
    /// What is chosen in a line; `None` until there is a choice.
    #[prop(into)]
    chosen: Signal<Option<String>>,
    /// Why nothing can be asked for; empty when it can.
    #[prop(optional, into)]
    refusal: Signal<String>,
    /// In what the result differs from what is chosen; empty when in nothing.
    #[prop(optional, into)]
    differs: Signal<String>,
    #[prop(into)] settings: ViewFn,
    #[prop(into)] results: ViewFn,
    /// What stands below the results, or in their place as long as there are none.
    #[prop(optional, into)]
    more: ViewFn,
    /// Where to go from here.
    next: Page,
    /// What is done there.
    #[prop(into)]
    next_words: Signal<String>,
) -> impl IntoView {
    let has_choice = Memo::new(move |_| chosen.with(Option::is_some));
    let is_refused = Memo::new(move |_| refusal.with(|r| !r.is_empty()));
    let line = move || if is_refused.get() { refusal.get() } else { chosen.get().unwrap_or_default() };
    let (title, text) = bench.empty;
    view! {
        <div class="page" data-page=bench.page data-ready=move || result.is_ready.get().to_string()>
        <PageHeader title=bench.title sentence />
        <div class="beside">
            <div class="beside__main">
                <FaceStatus face=choices />
                <div class="go">
                    <Button
                        kind=ButtonKind::Primary on_press=on_go busy=result.is_running
                        disabled=Signal::derive(move || !has_choice.get() || is_refused.get())
                    >
                        {go}
                    </Button>
                    <p class="quiet">{line}</p>
                </div>
                <FaceStatus face=result on_again=Some(on_go) again=bench.again differs />
                {move || {
                    if result.has_value.get() {
                        results.run()
                    } else if result.is_running.get() {
                        ().into_any()
                    } else {
                        view! { <EmptyState title text /> }.into_any()
                    }
                }}
                {more.run()}
                <NextStep to=next text=next_words />
            </div>
            <div class="beside__panel">
                <Panel title=bench.panel>
                    {move || {
                        if has_choice.get() {
                            settings.run()
                        } else {
                            view! { <p class="quiet" role="status">"Looking at the columns…"</p> }.into_any()
                        }
                    }}
                </Panel>
            </div>
        </div>
        </div>
    }
}
