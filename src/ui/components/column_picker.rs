//! Picks several columns: ticked boxes with a search field when there are many.

use leptos::prelude::*;

use super::field::Checkbox;

/// A list of names to tick.
#[component]
pub fn ColumnPicker(
    #[prop(into)] label: String,
    #[prop(into)] names: Signal<Vec<String>>,
    #[prop(into)] chosen: Signal<Vec<String>>,
    /// The names chosen, in the order of the list.
    #[prop(into)]
    on_change: Callback<Vec<String>>,
) -> impl IntoView {
    let search = RwSignal::new(String::new());
    let has_search = move || names.with(|n| n.len() > 12);
    let shown = move || {
        let wanted = search.get().to_lowercase();
        names.get().into_iter().filter(|n| n.to_lowercase().contains(&wanted)).collect::<Vec<_>>()
    };
    let toggle = move |name: String, is_on: bool| {
        let mut set = chosen.get_untracked();
        set.retain(|n| *n != name);
        if is_on {
            set.push(name);
        }
        let order = names.get_untracked();
        set.sort_by_key(|n| order.iter().position(|o| o == n));
        on_change.run(set);
    };
    let summary = move || format!("{} of {} chosen", chosen.with(Vec::len), names.with(Vec::len));
    let title = label.clone();

    view! {
        <fieldset class="column-picker">
            <legend class="field__label">{label}</legend>
            <div class="column-picker__head">
                <span class="column-picker__count">{summary}</span>
                <button type="button" class="link" on:click=move |_| on_change.run(names.get_untracked())>"All"</button>
                <button type="button" class="link" on:click=move |_| on_change.run(Vec::new())>"None"</button>
            </div>
            <Show when=has_search>
                <input
                    class="input"
                    type="search"
                    placeholder="Search columns"
                    aria-label=format!("Search in {}", title.to_lowercase())
                    on:input=move |event| search.set(event_target_value(&event))
                />
            </Show>
            <div class="column-picker__list">
                <For each=shown key=Clone::clone let:name>
                    {
                        let (own, key) = (name.clone(), name.clone());
                        view! {
                            <Checkbox
                                label=name
                                checked=Signal::derive(move || chosen.with(|c| c.contains(&own)))
                                on_change=move |is_on| toggle(key.clone(), is_on)
                            />
                        }
                    }
                </For>
            </div>
        </fieldset>
    }
}
