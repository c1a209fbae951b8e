//! The box a formula is written in: offers names while one types, and marks the characters at fault.
//!
//! The worker knows the language; the page only shows what it says.

use leptos::{html, prelude::*, task::spawn_local};

use crate::{
    engine::{
        features::formula::{Completions, FormulaError},
        knobs::{Knob, Setting, Settings},
        pipeline::recipe::Recipe,
    },
    protocol::{Reply, Request},
    ui::{
        components::{Field, unique_id},
        session::Session,
    },
};

/// Characters shown before and after the first one at fault.
const AROUND: usize = 24;

/// A formula.
#[component]
pub fn FormulaBox(
    knob: Knob,
    settings: RwSignal<Settings>,
    /// The recipe up to the step.
    before: Signal<Recipe>,
    /// What is wrong with the formula now.
    fault: RwSignal<Option<FormulaError>>,
) -> impl IntoView {
    let session = Session::expect();
    let input_ref = NodeRef::<html::Input>::new();
    let slug = StoredValue::new(knob.slug);
    let text = move || settings.with(|s| s.text(&slug.get_value(), "").to_owned());
    let offer = RwSignal::new(Completions::default());
    let is_open = RwSignal::new(false);
    let active = RwSignal::new(0_usize);
    let round = StoredValue::new(0_u32);

    // Asks what can be written at the caret.
    let look = move |shows: bool| {
        round.update_value(|r| *r += 1);
        let mine = round.get_value();
        let text = untrack(text);
        let units = input_ref.get_untracked().and_then(|i| i.selection_start().ok().flatten());
        let caret = chars_before(&text, units.unwrap_or(u32::MAX));
        let is_empty = text.trim().is_empty();
        spawn_local(async move {
            let recipe = before.get_untracked();
            let Ok((Reply::Completed { completions }, _)) =
                session.ask(Request::Complete { recipe, text, caret }).await
            else {
                return;
            };
            if round.try_get_value() == Some(mine) {
                fault.set(completions.error.clone().filter(|_| !is_empty));
                is_open.set(shows && !completions.items.is_empty());
                active.set(0);
                offer.set(completions);
            }
        });
    };
    let put = move |text: String| {
        settings.update(|s| {
            s.0.insert(slug.get_value(), Setting::Text(text));
        });
    };
    let accept = move |i: usize| {
        let (Some(input), Some(item)) =
            (input_ref.get_untracked(), offer.with_untracked(|o| o.items.get(i).cloned()))
        else {
            return;
        };
        let span = offer.with_untracked(|o| o.replaces);
        let old: Vec<char> = untrack(text).chars().collect();
        let (at, end) = (span.at as usize, (span.at + span.len) as usize);
        let start: String = old.iter().take(at).copied().chain(item.insert.chars()).collect();
        let caret = start.encode_utf16().count() as u32;
        let whole: String = start.chars().chain(old.into_iter().skip(end)).collect();
        input.set_value(&whole);
        let _ = input.set_selection_range(caret, caret);
        put(whole);
        // After a function its argument comes.
        look(item.insert.ends_with('('));
        is_open.set(false);
    };
    let press = move |event: web_sys::KeyboardEvent| {
        let (is_list, n) = (is_open.get_untracked(), offer.with_untracked(|o| o.items.len()));
        match event.key().as_str() {
            " " if event.ctrl_key() => look(true),
            "ArrowDown" if is_list => active.update(|a| *a = (*a + 1) % n.max(1)),
            "ArrowUp" if is_list => active.update(|a| *a = (*a + n.max(1) - 1) % n.max(1)),
            "Enter" if is_list => accept(active.get_untracked()),
            // Where nothing of a name is written Tab goes on to the next field, as everywhere.
            "Tab" if is_list && offer.with_untracked(|o| o.replaces.len > 0) => {
                accept(active.get_untracked());
            }
            "Escape" if is_list => is_open.set(false),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    Effect::new(move |_| look(false));

    let id = unique_id("formula");
    let list_id = format!("{id}-list");
    let option_id = StoredValue::new(format!("{id}-option"));
    let option = move |i: usize| option_id.with_value(|id| format!("{id}-{i}"));
    Effect::new(move |_| {
        let id = option(active.get());
        if is_open.get()
            && let Some(element) = document().get_element_by_id(&id)
        {
            element.scroll_into_view_with_bool(false);
        }
    });
    let options = move || {
        let items = offer.get().items.into_iter().enumerate().map(|(i, item)| {
            view! {
                <li
                    class="formula__option" role="option" id=option(i)
                    aria-selected=move || (active.get() == i).to_string()
                    on:mousedown=move |event| { event.prevent_default(); accept(i) }
                >
                    <code>{item.label}</code><span class="formula__detail">{item.detail}</span>
                </li>
            }
        });
        items.collect_view()
    };
    let wrong = move || fault.get().map(|error| said(&text(), &error));
    view! {
        <Field label=knob.label help=knob.help for_id=id.clone()>
            <div class="formula">
                <input
                    node_ref=input_ref id=id class="input formula__input" type="text" role="combobox"
                    autocomplete="off" spellcheck="false" placeholder="Spent / Clicks"
                    aria-autocomplete="list" aria-controls=list_id.clone()
                    aria-expanded=move || is_open.get().to_string()
                    aria-activedescendant=move || is_open.get().then(|| option(active.get()))
                    aria-invalid=move || fault.with(Option::is_some).to_string()
                    prop:value=text
                    on:input=move |event| { put(event_target_value(&event)); look(true) }
                    on:keydown=press
                    on:blur=move |_| is_open.set(false)
                />
                <ul class="formula__list" role="listbox" id=list_id aria-label="Columns and functions" hidden=move || !is_open.get()>
                    {options}
                </ul>
            </div>
            <div role="status">{wrong}</div>
        </Field>
    }
}

/// What is wrong, and where.
fn said(text: &str, error: &FormulaError) -> impl IntoView + use<> {
    let remedy = error.remedy();
    let words =
        if remedy.is_empty() { error.message.clone() } else { format!("{}; {remedy}", error.message) };
    view! {
        <pre class="formula__mark" aria-hidden="true">{marked(text, error)}</pre>
        <p class="field__error">{format!("Character {}: {words}", error.span.at + 1)}</p>
    }
}

/// Characters before a place the browser counts in UTF-16 units.
fn chars_before(text: &str, units: u32) -> u32 {
    let ends = text.chars().scan(0_u32, |end, c| {
        *end += c.len_utf16() as u32;
        Some(*end)
    });
    ends.take_while(|end| *end <= units).count() as u32
}

/// The formula around the fault, and carets below it.
fn marked(text: &str, error: &FormulaError) -> String {
    let at = error.span.at as usize;
    let start = at.saturating_sub(AROUND);
    let line: String = text.chars().skip(start).take(2 * AROUND).collect();
    let n = (error.span.len as usize).clamp(1, (2 * AROUND + start - at).max(1));
    format!("{line}\n{}{}", " ".repeat(at - start), "^".repeat(n))
}
