//! A form drawn from declared knobs.

use leptos::{html, prelude::*};

use super::{
    Button, ButtonKind, IconName,
    column_picker::ColumnPicker,
    field::{Checkbox, Choice, NumberInput, Select, TextInput},
};
use crate::engine::{
    data::{column::ColumnType, summary::TableSummary},
    knobs::{Knob, KnobKind, Offers, Setting, Settings},
    words,
};

/// One field a knob, bound to the settings.
#[component]
pub fn KnobForm(
    knobs: Vec<Knob>,
    settings: RwSignal<Settings>,
    /// For column pickers.
    #[prop(into)]
    table: Signal<Option<TableSummary>>,
    /// Levels to put in order, for a knob that asks for one.
    #[prop(optional, into)]
    levels: Signal<Vec<String>>,
    /// Values to choose from.
    #[prop(optional, into)]
    values: Signal<Offers>,
    /// The columns of which several may be chosen, where not all of the table can be; empty for all.
    #[prop(optional, into)]
    among: Signal<Vec<String>>,
    /// The columns of which one may be chosen, where not all of the table can be; `None` for all.
    #[prop(optional, into)]
    one_of: Signal<Option<Vec<String>>>,
) -> impl IntoView {
    let all = StoredValue::new(knobs.clone());
    let is_new = StoredValue::new(true);
    request_animation_frame(move || {
        is_new.try_set_value(false);
    });
    let fields = knobs.into_iter().map(|knob| {
        let (hangs_on, own) = (knob.only_with.clone(), knob.slug.clone());
        let is_column = matches!(knob.kind, KnobKind::Column { .. });
        let is_asked = Memo::new(move |_| {
            let chosen = |slug: &str| chosen(slug, &all.read_value(), &settings.read());
            // A column that was chosen goes on to count: it can be taken out again.
            is_column && !chosen(&own).is_empty() || hangs_on.as_ref().is_none_or(|(slug, values)| {
                let chosen = chosen(slug);
                if values.is_empty() { !chosen.is_empty() } else { values.contains(&chosen) }
            })
        });
        let item_ref = NodeRef::<html::Div>::new();
        // What a choice asks for besides may come below the edge of a sheet.
        Effect::new(move |_| {
            if let Some(item) = item_ref.get().filter(|_| !is_new.get_value()) {
                let how = web_sys::ScrollIntoViewOptions::new();
                how.set_block(web_sys::ScrollLogicalPosition::Nearest);
                item.scroll_into_view_with_scroll_into_view_options(&how);
            }
        });
        view! {
            <Show when=move || is_asked.get()>
                <div node_ref=item_ref>{field(knob.clone(), settings, table, levels, values, among, one_of)}</div>
            </Show>
        }
    });
    view! { <div class="knob-form">{fields.collect_view()}</div> }
}

/// The choice made with a knob, or its default: "yes" for a flag that is up, empty where it is neither flag nor text.
fn chosen(slug: &str, knobs: &[Knob], settings: &Settings) -> String {
    let default = || knobs.iter().find(|k| k.slug == slug).map(|k| &k.default);
    match settings.get(slug).or_else(default) {
        Some(Setting::Text(text)) => text.clone(),
        Some(Setting::Flag(true)) => "yes".to_owned(),
        _ => String::new(),
    }
}

fn columns(table: &Option<TableSummary>, numeric_only: bool) -> Vec<String> {
    table.as_ref().map_or_else(Vec::new, |table| {
        table
            .columns
            .iter()
            .filter(|c| !numeric_only || matches!(c.column_type, ColumnType::Number | ColumnType::Boolean))
            .map(|c| c.name.clone())
            .collect()
    })
}

fn field(
    knob: Knob,
    settings: RwSignal<Settings>,
    table: Signal<Option<TableSummary>>,
    levels: Signal<Vec<String>>,
    values: Signal<Offers>,
    among: Signal<Vec<String>>,
    one_of: Signal<Option<Vec<String>>>,
) -> AnyView {
    let Knob { slug, label, help, kind, default, .. } = knob;
    let value = {
        let slug = slug.clone();
        Signal::derive(move || settings.with(|s| s.get(&slug).cloned()).unwrap_or_else(|| default.clone()))
    };
    let offers = offers(values, slug.clone());
    let put = Callback::new(move |setting: Setting| {
        let slug = slug.clone();
        settings.update(move |s| {
            s.0.insert(slug, setting);
        });
    });
    let as_number = move || match value.get() {
        Setting::Integer(v) => v as f64,
        Setting::Real(v) => v,
        _ => 0.0,
    };
    let as_text = move || match value.get() {
        Setting::Text(v) => v,
        _ => String::new(),
    };
    match kind {
        KnobKind::Integer { min, max } => view! {
            <NumberInput
                label help integer=true
                min=min as f64 max=max as f64
                value=Signal::derive(as_number)
                on_change=move |v: f64| put.run(Setting::Integer(v as i64))
            />
        }
        .into_any(),
        KnobKind::Real { min, max } => view! {
            <NumberInput
                label help min=min max=max
                value=Signal::derive(as_number)
                on_change=move |v: f64| put.run(Setting::Real(v))
            />
        }
        .into_any(),
        KnobKind::Choice(choices) => {
            let choices: Vec<Choice> = choices.into_iter().map(|(v, l)| Choice::new(v, l)).collect();
            view! {
                <Select
                    label help choices=Signal::stored(choices)
                    value=Signal::derive(as_text)
                    on_change=move |v: String| put.run(Setting::Text(v))
                />
            }
            .into_any()
        }
        KnobKind::Flag => view! {
            <Checkbox
                label help
                checked=Signal::derive(move || matches!(value.get(), Setting::Flag(true)))
                on_change=move |v: bool| put.run(Setting::Flag(v))
            />
        }
        .into_any(),
        // Where a formula has its own box, that box stands before the form.
        KnobKind::Text | KnobKind::Formula | KnobKind::Value { .. } => view! {
            <TextInput
                label help offers
                value=Signal::derive(as_text)
                on_change=move |v: String| put.run(Setting::Text(v))
            />
        }
        .into_any(),
        KnobKind::Column { numeric_only, optional } => {
            let choices = Signal::derive(move || {
                let chosen = as_text();
                let mut names = table.with(|t| columns(t, numeric_only));
                one_of.with(|one_of| names.retain(|name| one_of.as_ref().is_none_or(|of| of.contains(name))));
                // What was chosen once can be taken out again.
                if !chosen.is_empty() && !names.contains(&chosen) {
                    names.push(chosen);
                }
                let none = Choice::new("", if optional { "None" } else { "Choose a column" });
                std::iter::once(none).chain(names.into_iter().map(Choice::same)).collect::<Vec<_>>()
            });
            let pick = move |v: String| {
                put.run(if v.is_empty() && optional { Setting::None } else { Setting::Text(v) });
            };
            view! { <Select label help choices value=Signal::derive(as_text) on_change=pick /> }.into_any()
        }
        KnobKind::Columns { numeric_only } => {
            let chosen = Signal::derive(move || match value.get() {
                Setting::Texts(v) => v,
                _ => Vec::new(),
            });
            let names = Signal::derive(move || {
                let mut names = table.with(|t| columns(t, numeric_only));
                among.with(|among| names.retain(|name| among.is_empty() || among.contains(name)));
                // What was chosen once can be taken out again.
                names.extend(
                    chosen.get().into_iter().filter(|name| !names.contains(name)).collect::<Vec<_>>(),
                );
                names
            });
            let pick = move |v: Vec<String>| put.run(Setting::Texts(v));
            view! {
                <div class="field">
                    <ColumnPicker label names chosen on_change=pick />
                    {(!help.is_empty()).then(|| view! { <p class="field__help">{help.clone()}</p> })}
                </div>
            }
            .into_any()
        }
        KnobKind::Order { .. } => order_field(label, help, Signal::derive(as_text), levels, put),
        KnobKind::Numbers => numbers_field(label, help, value, put),
    }
}

/// The values to choose from for one knob.
fn offers(values: Signal<Offers>, slug: String) -> Signal<Vec<Choice>> {
    let offer = |(value, n): &(String, u64)| Choice::new(value.clone(), words::rows_of(*n));
    Signal::derive(move || {
        values.with(|all| {
            let own = all.iter().find(|(of, _)| *of == slug);
            own.map_or_else(Vec::new, |(_, values)| values.iter().map(offer).collect())
        })
    })
}

/// The levels of a column in the order they are given, or as they come, to be moved.
fn order_field(
    label: String,
    help: String,
    text: Signal<String>,
    levels: Signal<Vec<String>>,
    put: Callback<Setting>,
) -> AnyView {
    let order = Memo::new(move |_| {
        let given = text.get();
        let given = given.split(';').map(str::trim).filter(|l| !l.is_empty()).map(str::to_owned);
        match given.collect::<Vec<_>>() {
            all if all.is_empty() => levels.get(),
            all => all,
        }
    });
    let heading = label.clone();
    let keep = move |order: Vec<String>| put.run(Setting::Text(order.join("; ")));
    let up = move |i: usize| {
        let mut order = order.get_untracked();
        if let Some(pair) = order.get_mut(i.saturating_sub(1)..=i) {
            pair.reverse();
        }
        keep(order);
    };
    let rows = move || {
        let rows = order.get().into_iter().enumerate().map(|(i, level)| {
            let label = format!("Move up: {level}");
            view! {
                <li class="row">
                    <Button small=true kind=ButtonKind::Quiet icon=IconName::ArrowUp label
                        disabled=i == 0 on_press=move |()| up(i) />
                    {level}
                </li>
            }
        });
        rows.collect_view()
    };
    view! {
        <div class="field" role="group" aria-label=label>
            <span class="field__label">{heading}</span>
            <ol>{rows}</ol>
            <Button small=true on_press=move |()| keep(order.get_untracked())>"Take this order"</Button>
            <p class="field__help">{help}</p>
        </div>
    }
    .into_any()
}

fn numbers_field(label: String, help: String, value: Signal<Setting>, put: Callback<Setting>) -> AnyView {
    let error = RwSignal::new(None::<String>);
    let shown = Signal::derive(move || match value.get() {
        Setting::Numbers(v) => v.iter().map(f64::to_string).collect::<Vec<_>>().join(", "),
        _ => String::new(),
    });
    let enter = move |text: String| {
        let parts = text.split([',', ';', ' ']).map(str::trim).filter(|p| !p.is_empty());
        let numbers: Result<Vec<f64>, _> = parts.map(str::parse::<f64>).collect();
        match numbers {
            Ok(numbers) if numbers.iter().all(|n| n.is_finite()) => {
                error.set(None);
                put.run(Setting::Numbers(numbers));
            }
            _ => error.set(Some("Enter numbers separated by commas, such as 30, 40, 50.".into())),
        }
    };
    view! { <TextInput label help value=shown on_change=enter error=error /> }.into_any()
}
