//! Form fields: a label, a control, a line of help.

use leptos::prelude::*;

use super::unique_id;

/// One of several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Key handed back.
    pub value: String,
    /// Word on the page.
    pub label: String,
}

impl Choice {
    /// A choice.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into() }
    }

    /// A choice whose key is its label, such as a column.
    pub fn same(value: impl Into<String>) -> Self {
        let value = value.into();
        Self { label: value.clone(), value }
    }
}

/// A label above any control, with help and error below. The control gets the id.
#[component]
pub fn Field(
    #[prop(into)] label: String,
    #[prop(optional, into)] help: String,
    /// What is wrong with what was entered.
    #[prop(optional, into)]
    error: MaybeProp<String>,
    /// Id of the control inside.
    #[prop(into)]
    for_id: String,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="field">
            <label class="field__label" for=for_id>{label}</label>
            {children()}
            {(!help.is_empty()).then(|| view! { <p class="field__help">{help.clone()}</p> })}
            {move || error.get().map(|e| view! { <p class="field__error" role="alert">{e}</p> })}
        </div>
    }
}

/// A drop-down list with its label.
#[component]
pub fn Select(
    #[prop(into)] label: String,
    /// Hides the label from sight, not from screen readers.
    #[prop(optional)]
    hide_label: bool,
    #[prop(optional, into)] help: String,
    #[prop(into)] choices: Signal<Vec<Choice>>,
    #[prop(into)] value: Signal<String>,
    #[prop(into)] on_change: Callback<String>,
    #[prop(optional, into)] disabled: Signal<bool>,
    /// Of many lists at once: whether this one may hold all its choices yet. Until then, and until it is pointed at or
    /// has the focus, it holds the current one.
    #[prop(default = Signal::stored(true), into)]
    is_filled: Signal<bool>,
) -> impl IntoView {
    let id = unique_id("select");
    let is_touched = RwSignal::new(false);
    let is_full = Memo::new(move |_| is_touched.get() || is_filled.get());
    view! {
        <div class="field">
            <label class="field__label" class:visually-hidden=hide_label for=id.clone()>{label}</label>
            <select
                id=id
                class="select"
                disabled=disabled
                prop:value=move || { choices.track(); is_full.track(); value.get() }
                on:focus=move |_| is_touched.set(true)
                on:pointerenter=move |_| is_touched.set(true)
                on:change=move |event| on_change.run(event_target_value(&event))
            >
                {move || {
                    let current = value.get();
                    let is_full = is_full.get();
                    choices
                        .get()
                        .into_iter()
                        .filter(|c| is_full || c.value == current)
                        .map(|c| {
                            let is_current = c.value == current;
                            view! { <option value=c.value selected=is_current>{c.label}</option> }
                        })
                        .collect_view()
                }}
            </select>
            {(!help.is_empty()).then(|| view! { <p class="field__help">{help.clone()}</p> })}
        </div>
    }
}

/// A line of text with its label. Reports when the field is left or Enter is pressed.
#[component]
pub fn TextInput(
    #[prop(into)] label: String,
    #[prop(optional)] hide_label: bool,
    #[prop(optional, into)] help: String,
    #[prop(optional, into)] placeholder: String,
    #[prop(into)] value: Signal<String>,
    #[prop(into)] on_change: Callback<String>,
    #[prop(optional, into)] error: MaybeProp<String>,
    /// What may be entered, to choose from; behind a semicolon it is offered once more.
    #[prop(optional, into)]
    offers: Signal<Vec<Choice>>,
) -> impl IntoView {
    let id = unique_id("text");
    let list_id = format!("{id}-list");
    let typed = RwSignal::new(value.get_untracked());
    let list = {
        let list_id = list_id.clone();
        move || offers.with(|o| !o.is_empty()).then(|| list_id.clone())
    };
    let options = move || {
        let typed = typed.get();
        let before = typed.rsplit_once(';').map_or("", |(before, _)| before);
        let offered = |Choice { value, label }: Choice| {
            let value = if before.is_empty() { value } else { format!("{before}; {value}") };
            view! { <option value=value>{label}</option> }
        };
        offers.get().into_iter().map(offered).collect_view()
    };
    view! {
        <div class="field">
            <label class="field__label" class:visually-hidden=hide_label for=id.clone()>{label}</label>
            <input
                id=id
                class="input"
                type="text"
                placeholder=placeholder
                list=list
                prop:value=value
                aria-invalid=move || error.get().is_some().to_string()
                on:input=move |event| typed.set(event_target_value(&event))
                on:change=move |event| on_change.run(event_target_value(&event))
            />
            <datalist id=list_id>{options}</datalist>
            {(!help.is_empty()).then(|| view! { <p class="field__help">{help.clone()}</p> })}
            {move || error.get().map(|e| view! { <p class="field__error" role="alert">{e}</p> })}
        </div>
    }
}

/// A number with its label and range. Reports only numbers in the range; says so otherwise.
#[component]
pub fn NumberInput(
    #[prop(into)] label: String,
    #[prop(optional)] hide_label: bool,
    #[prop(optional, into)] help: String,
    /// "EUR", "%"
    #[prop(optional, into)]
    unit: String,
    #[prop(into)] value: Signal<f64>,
    #[prop(into)] on_change: Callback<f64>,
    #[prop(optional, into)] min: Option<f64>,
    #[prop(optional, into)] max: Option<f64>,
    /// Whole numbers only.
    #[prop(optional)]
    integer: bool,
) -> impl IntoView {
    let id = unique_id("number");
    let error = RwSignal::new(None::<String>);
    // What is not known yet is an empty field.
    let shown = move || Some(value.get()).filter(|v| !v.is_nan()).map(|v| v.to_string()).unwrap_or_default();
    // A new value, from wherever it comes, is a right one.
    let known = Memo::new(move |_| value.get().to_bits());
    Effect::new(move |_| {
        known.track();
        error.set(None);
    });
    let enter = move |event| {
        let text = event_target_value(&event).replace(',', ".");
        let range = match (min, max) {
            (Some(a), Some(b)) => format!(" between {a} and {b}"),
            (Some(a), None) => format!(" of at least {a}"),
            (None, Some(b)) => format!(" of at most {b}"),
            (None, None) => String::new(),
        };
        match text.trim().parse::<f64>() {
            Ok(v)
                if v.is_finite()
                    && min.is_none_or(|m| v >= m)
                    && max.is_none_or(|m| v <= m)
                    && (!integer || v.fract() == 0.0) =>
            {
                error.set(None);
                on_change.run(v);
            }
            _ => {
                let kind = if integer { "a whole number" } else { "a number" };
                error.set(Some(format!("Enter {kind}{range}.")));
            }
        }
    };
    view! {
        <div class="field">
            <label class="field__label" class:visually-hidden=hide_label for=id.clone()>{label}</label>
            <div class="input-frame">
                <input
                    id=id
                    class="input input--number"
                    type="text"
                    inputmode="decimal"
                    autocomplete="off"
                    prop:value=shown
                    aria-invalid=move || error.get().is_some().to_string()
                    on:input=move |_| error.set(None)
                    on:change=enter
                />
                {(!unit.is_empty()).then(|| view! { <span class="input-frame__unit">{unit.clone()}</span> })}
            </div>
            {(!help.is_empty()).then(|| view! { <p class="field__help">{help.clone()}</p> })}
            {move || error.get().map(|e| view! { <p class="field__error" role="alert">{e}</p> })}
        </div>
    }
}

/// A box to tick.
#[component]
pub fn Checkbox(
    #[prop(into)] label: String,
    #[prop(optional, into)] help: String,
    #[prop(into)] checked: Signal<bool>,
    #[prop(into)] on_change: Callback<bool>,
    #[prop(optional, into)] disabled: Signal<bool>,
) -> impl IntoView {
    view! {
        <label class="check">
            <input
                type="checkbox"
                class="check__box"
                prop:checked=checked
                disabled=disabled
                on:change=move |event| on_change.run(event_target_checked(&event))
            />
            <span>
                <span class="check__label">{label}</span>
                {(!help.is_empty()).then(|| view! { <span class="check__help">{help.clone()}</span> })}
            </span>
        </label>
    }
}

/// Something that is on or off at once.
#[component]
pub fn Switch(
    #[prop(into)] label: String,
    #[prop(into)] on: Signal<bool>,
    #[prop(into)] on_change: Callback<bool>,
) -> impl IntoView {
    view! {
        <button
            type="button"
            class="switch"
            role="switch"
            aria-checked=move || on.get().to_string()
            on:click=move |_| on_change.run(!on.get_untracked())
        >
            <span class="switch__track" aria-hidden="true"><span class="switch__thumb"></span></span>
            <span>{label}</span>
        </button>
    }
}
