//! The sections of a long page, to go to: read off its headings, so that it lists what is there.

use leptos::{html::Nav, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, Node};

use crate::platform::watch::Watch;

/// With fewer headings a page is seen at a glance.
const FEWEST: usize = 4;

/// Headings of sections; those of dialogs and empty places are none.
const HEADINGS: &str = "section > h2, section > .section-head > h2";

/// Links to the sections of the page this stands in.
#[component]
pub fn Sections() -> impl IntoView {
    let nav = NodeRef::<Nav>::new();
    let names = RwSignal::new(Vec::<String>::new());
    let watch = StoredValue::new_local(None::<Watch>);
    let is_due = StoredValue::new(false);
    let look = move || {
        is_due.try_set_value(false);
        let found: Vec<String> = nav
            .try_get_untracked()
            .flatten()
            .map(|nav| headings(&nav))
            .unwrap_or_default()
            .iter()
            .map(name)
            .collect();
        if names.try_with_untracked(|names| *names != found) == Some(true) {
            names.set(found);
        }
    };
    // Once a frame, however much changes in it.
    let look_soon = move || {
        if is_due.try_get_value() == Some(false) {
            is_due.set_value(true);
            request_animation_frame(look);
        }
    };
    Effect::new(move |_| {
        let page = nav.get().and_then(|nav| page(&nav));
        watch.set_value(page.and_then(|page| Watch::below(&page, look_soon)));
        look_soon();
    });
    let go = move |place: usize| {
        let Some(heading) = nav.get_untracked().and_then(|nav| headings(&nav).into_iter().nth(place)) else {
            return;
        };
        heading.scroll_into_view();
        if let Some(heading) = heading.dyn_ref::<HtmlElement>() {
            heading.set_tab_index(-1);
            let _ = heading.focus();
        }
    };
    let links = move || {
        let names = names.get();
        let is_long = names.len() >= FEWEST;
        let link = move |(place, name): (usize, String)| {
            view! { <li><button type="button" class="sections__link" on:click=move |_| go(place)>{name}</button></li> }
        };
        is_long.then(|| view! { <ul>{names.into_iter().enumerate().map(link).collect_view()}</ul> })
    };
    view! {
        <nav class="sections" aria-label="On this page" node_ref=nav hidden=move || names.with(Vec::len) < FEWEST>
            {links}
        </nav>
    }
}

fn page(nav: &Element) -> Option<Element> {
    nav.closest(".page").ok().flatten()
}

fn headings(nav: &Element) -> Vec<Element> {
    let Some(found) = page(nav).and_then(|page| page.query_selector_all(HEADINGS).ok()) else {
        return Vec::new();
    };
    (0..found.length()).filter_map(|i| found.item(i)?.dyn_into().ok()).collect()
}

/// The words of a heading without the count beside them.
fn name(heading: &Element) -> String {
    let nodes = heading.child_nodes();
    let texts =
        (0..nodes.length()).filter_map(|i| nodes.item(i)).filter(|n| n.node_type() == Node::TEXT_NODE);
    texts.filter_map(|n| n.text_content()).collect::<String>().trim().to_owned()
}
