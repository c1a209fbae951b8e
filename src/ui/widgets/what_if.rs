//! What if: the values of one row to be moved, and at once the prediction, its interval and what each column does to it.

use std::sync::Arc;

use leptos::{prelude::*, task::spawn_local};

use crate::{
    charts::points::tidy,
    engine::{
        models::{
            explain::{
                ColumnKind, ExplainedColumn, Explanation, Part, Value,
                what_if::{Alike, Answer, WhatIf},
            },
            outcome::Outcome as Predicted,
        },
        words,
    },
    protocol::{Reply, Request},
    ui::{
        components::{Button, ButtonKind, Choice, NumberInput, Select, unique_id},
        hooks::part,
        session::Session,
        widgets::explanation::row_words,
    },
};

/// Columns shown at once; the others are folded away.
const SHOWN: usize = 8;

/// Parts of a prediction that have a bar of their own.
const BARS: usize = 8;

/// What is asked and what is known.
#[derive(Clone, Copy)]
struct Inquiry {
    session: Session,
    asked: RwSignal<WhatIf>,
    answer: RwSignal<Option<Arc<Answer>>>,
    trouble: RwSignal<Option<String>>,
    is_waiting: StoredValue<bool>,
}

impl Inquiry {
    fn new(session: Session) -> Self {
        Self {
            session,
            asked: RwSignal::new(WhatIf { level: 0.9, ..WhatIf::default() }),
            answer: RwSignal::new(None),
            trouble: RwSignal::new(None),
            is_waiting: StoredValue::new(false),
        }
    }

    fn change(self, edit: impl FnOnce(&mut WhatIf)) {
        self.asked.update(edit);
        self.send();
    }

    fn set(self, name: String, value: Value) {
        self.change(|asked| {
            asked.changes.retain(|(n, _)| *n != name);
            asked.changes.push((name, value));
        });
    }

    /// One question at a time; what changed meanwhile is asked as soon as the answer is there.
    fn send(self) {
        if self.is_waiting.get_value() {
            return;
        }
        self.is_waiting.set_value(true);
        let asked = self.asked.get_untracked();
        spawn_local(async move {
            let reply = self.session.ask(Request::WhatIf { asked: asked.clone() }).await;
            self.is_waiting.try_set_value(false);
            match reply {
                Ok((Reply::Answered { answer }, _)) => {
                    self.trouble.try_set(None);
                    self.answer.try_set(Some(Arc::new(*answer)));
                }
                Ok(_) => {}
                Err(notice) => {
                    self.trouble.try_set(Some(format!(
                        "{}. {}.",
                        notice.title,
                        words::capitalised(&notice.detail)
                    )));
                }
            }
            if self.asked.try_get_untracked().is_some_and(|now| now != asked) {
                self.send();
            }
        });
    }

    fn value(self, place: usize) -> Signal<Value> {
        Signal::derive(move || {
            self.answer
                .with(|a| a.as_ref().and_then(|a| a.values.get(place).cloned()).unwrap_or(Value::Missing))
        })
    }
}

/// The form and its answer.
#[component]
pub fn WhatIfForm(explained: Memo<Option<Arc<Explanation>>>) -> impl IntoView {
    let session = Session::expect();
    let inquiry = Inquiry::new(session);
    let is_stale = Memo::new(move |_| session.is_stale(session.explanation));
    // Another model, or the same for the table as it is again: the same question anew.
    Effect::new(move |_| {
        if explained.with(Option::is_some) && !is_stale.get() {
            inquiry.asked.update(|asked| asked.changes.clear());
            inquiry.send();
        }
    });
    let computed = Memo::new(move |_| {
        let table = session.table()?;
        let is_computed = |name: &String| table.columns.iter().any(|c| c.name == *name && c.is_computed);
        let names: Vec<String> = explained.with(|e| {
            let columns = e.iter().flat_map(|e| e.columns.iter());
            columns.map(|c| c.name.clone()).filter(is_computed).collect()
        });
        let computed = words::list_some(&names);
        (!names.is_empty()).then(|| {
            format!(" Columns computed from others do not move with them; set them yourself: {computed}.")
        })
    });
    view! {
        <h3>"What if?"</h3>
        <p class="quiet">
            "Move a value and see the prediction of the model fitted on all rows. It says what the model would expect of such a row, not what would happen to a row that is changed."
            {move || computed.get()}
        </p>
        <Show
            when=move || !is_stale.get()
            fallback=|| view! { <p class="quiet" role="status">"The table has changed since these models were trained: train again to ask about its rows."</p> }
        >
            <div class="what-if" data-part="what-if">
                <div class="what-if__form">
                    <Beginning inquiry explained />
                    {move || explained.get().map(|e| view! { <Fields inquiry explained=e /> })}
                </div>
                <Outcome inquiry explained />
            </div>
        </Show>
    }
}

/// Which row the question begins with.
#[component]
fn Beginning(inquiry: Inquiry, explained: Memo<Option<Arc<Explanation>>>) -> impl IntoView {
    let examples =
        part(explained, |e| e.examples.iter().map(|x| (x.slug.clone(), x.row)).collect::<Vec<_>>());
    let own = RwSignal::new(false);
    let choices = Signal::derive(move || {
        let mut all = vec![Choice::new("", "A typical row: medians and most frequent levels")];
        all.extend(examples.get().into_iter().map(|(slug, row)| {
            let words = row_words(&slug, row);
            Choice::new(slug, words)
        }));
        all.push(Choice::new("own", "A row of the file…"));
        all
    });
    let value = Signal::derive(move || {
        if own.get() {
            return "own".to_owned();
        }
        let row = inquiry.asked.with(|a| a.row);
        examples
            .with(|all| all.iter().find(|(_, r)| Some(*r) == row).map(|(s, _)| s.clone()).unwrap_or_default())
    });
    let begin = move |row: Option<u32>| {
        inquiry.change(|asked| {
            asked.row = row;
            asked.changes.clear();
        });
    };
    let choose = move |slug: String| {
        own.set(slug == "own");
        if slug != "own" {
            let row =
                examples.with_untracked(|all| all.iter().find(|(s, _)| *s == slug).map(|(_, row)| *row));
            begin(row);
        }
    };
    let number =
        Signal::derive(move || inquiry.asked.with(|a| a.row.map_or(f64::NAN, |r| f64::from(r) + 1.0)));
    view! {
        <Select label="Begin with" choices value on_change=choose />
        <Show when=move || own.get()>
            <NumberInput
                label="Row of the file" integer=true min=1.0 max=4_294_967_295.0 value=number
                on_change=move |v: f64| begin(Some(v as u32 - 1))
            />
        </Show>
    }
}

/// One field a column, those that move predictions most first.
#[component]
fn Fields(inquiry: Inquiry, explained: Arc<Explanation>) -> impl IntoView {
    let mut order: Vec<usize> = (0..explained.columns.len()).collect();
    let rank = |i: &usize| {
        let name = &explained.columns[*i].name;
        let by_shap = explained.shap.as_ref().and_then(|s| s.columns.iter().position(|c| c.name == *name));
        by_shap.or_else(|| explained.dependence.iter().position(|d| d.column == *name)).unwrap_or(usize::MAX)
    };
    order.sort_by_key(rank);
    let field = |i: &usize| {
        let column = explained.columns[*i].clone();
        view! { <ColumnField inquiry column place=*i /> }
    };
    let (shown, folded) = order.split_at(order.len().min(SHOWN));
    let shown = shown.iter().map(field).collect_view();
    let n = folded.len();
    let folded = (n > 0).then(|| {
        let fields = folded.iter().map(field).collect_view();
        let title = words::counted(n as u64, "more column", "more columns");
        view! {
            <details class="what-if__more">
                <summary>{title}</summary>
                <div class="what-if__fields">{fields}</div>
            </details>
        }
    });
    view! {
        <div class="what-if__fields">{shown}</div>
        {folded}
    }
}

#[component]
fn ColumnField(inquiry: Inquiry, column: ExplainedColumn, place: usize) -> AnyView {
    let value = inquiry.value(place);
    match (column.kind, column.range) {
        (ColumnKind::Category, _) => level_field(inquiry, &column, value).into_any(),
        (ColumnKind::YesNo, _) => yes_no_field(inquiry, &column, value).into_any(),
        (_, Some(range)) => number_field(inquiry, column, value, range).into_any(),
        (_, None) => ().into_any(),
    }
}

fn level_field(inquiry: Inquiry, column: &ExplainedColumn, value: Signal<Value>) -> impl IntoView + use<> {
    let mut choices: Vec<Choice> =
        column.levels.iter().map(|l| Choice::new(format!("={l}"), l.clone())).collect();
    if column.has_missing {
        choices.push(Choice::new("", "missing"));
    }
    let current = Signal::derive(move || match value.get() {
        Value::Level(level) => format!("={level}"),
        _ => String::new(),
    });
    let name = column.name.clone();
    let choose = move |key: String| {
        let value = key.strip_prefix('=').map_or(Value::Missing, |l| Value::Level(l.to_owned()));
        inquiry.set(name.clone(), value);
    };
    view! { <Select label=column.name.clone() choices=Signal::stored(choices) value=current on_change=choose /> }
}

fn yes_no_field(inquiry: Inquiry, column: &ExplainedColumn, value: Signal<Value>) -> impl IntoView + use<> {
    let mut choices = vec![Choice::new("1", "yes"), Choice::new("0", "no")];
    if column.has_missing {
        choices.push(Choice::new("", "missing"));
    }
    let current = Signal::derive(move || match value.get() {
        Value::Number(v) => if v == 1.0 { "1" } else { "0" }.to_owned(),
        _ => String::new(),
    });
    let name = column.name.clone();
    let choose = move |key: String| {
        inquiry.set(name.clone(), key.parse().map_or(Value::Missing, Value::Number));
    };
    view! { <Select label=column.name.clone() choices=Signal::stored(choices) value=current on_change=choose /> }
}

/// A slider over the range of the column, and the same number to be typed (within the range or beyond it).
fn number_field(
    inquiry: Inquiry,
    column: ExplainedColumn,
    value: Signal<Value>,
    (low, high): (f64, f64),
) -> impl IntoView {
    let id = unique_id("slider");
    let label =
        if column.is_exposure { format!("{} (counted per)", column.name) } else { column.name.clone() };
    let kind = column.kind;
    let step = match kind {
        ColumnKind::Date => 86_400_000.0,
        _ if column.is_whole => 1.0,
        _ => (high - low) / 500.0,
    };
    let step_text = if step > 0.0 { step.to_string() } else { "any".to_owned() };
    let number = Signal::derive(move || match value.get() {
        Value::Number(v) => v,
        _ => f64::NAN,
    });
    let shown = move || match value.get() {
        Value::Number(v) => kind.show(v),
        _ => "missing".to_owned(),
    };
    let (for_slider, for_number) = (column.name.clone(), column.name.clone());
    let slide = move |event| {
        if let Ok(v) = event_target_value(&event).parse::<f64>() {
            inquiry.set(for_slider.clone(), Value::Number(if step < 1.0 { tidy(v) } else { v }));
        }
    };
    let hidden = label.clone();
    view! {
        <div class="what-if__number" data-column=column.name>
            <label class="field__label" for=id.clone()>{label}</label>
            <input
                id=id class="slider" type="range"
                min=low.to_string() max=high.to_string() step=step_text
                prop:value=move || { let v = number.get(); if v.is_nan() { low } else { v.clamp(low, high) }.to_string() }
                aria-valuetext=shown
                on:input=slide
            />
            {if kind == ColumnKind::Date {
                view! { <span class="what-if__date">{shown}</span> }.into_any()
            } else {
                view! {
                    <NumberInput
                        label=hidden hide_label=true value=Signal::derive(move || readable(number.get()))
                        on_change=move |v: f64| inquiry.set(for_number.clone(), Value::Number(v))
                    />
                }.into_any()
            }}
        </div>
    }
}

/// A number of a row without the digits that nobody reads: counts stay as they are.
fn readable(value: f64) -> f64 {
    if value.is_nan() || value.fract() == 0.0 { value } else { tidy(value) }
}

/// The prediction, its interval, and what each column does.
#[component]
fn Outcome(inquiry: Inquiry, explained: Memo<Option<Arc<Explanation>>>) -> impl IntoView {
    let answer = inquiry.answer;
    let target = part(explained, |e| words::capitalised(&e.what));
    let outcome = part(explained, |e| e.outcome);
    let is_amount = part(explained, |e| e.intervals.is_some());
    let has_alike = Memo::new(move |_| answer.with(|a| a.as_ref().is_some_and(|a| a.alike.is_some())));
    let prediction =
        move || answer.with(|a| a.as_ref().map(|a| outcome.get().show(a.prediction))).unwrap_or_default();
    let levels = Signal::stored(
        ["0.8", "0.9", "0.95"]
            .map(|l| Choice::new(l, format!("{} of new rows", words::percent(l.parse().unwrap_or(0.9)))))
            .to_vec(),
    );
    let certainties = Signal::stored(
        ["0.8", "0.9", "0.95"].map(|l| Choice::new(l, words::percent(l.parse().unwrap_or(0.9)))).to_vec(),
    );
    let level = Signal::derive(move || inquiry.asked.with(|a| a.level.to_string()));
    let set_level = move |l: String| inquiry.change(|asked| asked.level = l.parse().unwrap_or(0.9));
    let interval = move || {
        answer.with(|a| {
            a.as_ref()
                .and_then(|a| a.interval)
                .map(|i| words::unbroken(&words::interval_of(i, |v| outcome.get().show(v))))
        })
    };
    let alike = move || answer.with(|a| a.as_ref().and_then(|a| a.alike).map(alike));
    let beside = move || answer.with(|a| a.as_ref().map(|a| beside(a, outcome.get())).unwrap_or_default());
    let cautions = move || answer.with(|a| a.as_ref().map(|a| a.cautions.clone()).unwrap_or_default());
    let is_changed = Memo::new(move |_| inquiry.asked.with(|a| !a.changes.is_empty()));
    let back = move |()| inquiry.change(|asked| asked.changes.clear());
    view! {
        <div class="what-if__outcome">
            <div aria-live="polite">
                <span class="field__label">{target}</span>
                <output class="what-if__prediction" data-part="prediction">{prediction}</output>
                {move || interval().map(|i| view! { <p data-part="interval">"From "{i}</p> })}
                {move || alike().map(|rows| view! { <p class="quiet">{rows}</p> })}
                <p class="quiet">{beside}</p>
                {move || cautions().into_iter().map(|c| view! { <p class="explanation__caution">{c}</p> }).collect_view()}
                {move || inquiry.trouble.get().map(|t| view! { <p class="field__error" role="alert">{t}</p> })}
            </div>
            <Show when=move || is_amount.get()>
                <Select label="An interval meant for" choices=levels value=level on_change=set_level />
            </Show>
            <Show when=move || has_alike.get()>
                <Select label="Certainty of the interval" choices=certainties value=level on_change=set_level />
            </Show>
            <Button kind=ButtonKind::Secondary small=true disabled=Signal::derive(move || !is_changed.get()) on_press=back>"Undo the changes"</Button>
            <Bars inquiry explained />
        </div>
    }
}

/// "17 of the 110 rows predicted most like this were yes; the model had not seen them."
fn alike(Alike { n, n_yes }: Alike) -> String {
    format!(
        "{} of the {} rows predicted most like this were yes, by models that had not seen them.",
        words::count(n_yes),
        words::count(n)
    )
}

/// "+0.8 by the changes, from 7.5", "21 in the file; 8.3 by a model that had not seen the row"; of a probability "+12.3 points by the changes,
/// from 8.1 %", "yes in the file".
fn beside(answer: &Answer, outcome: Predicted) -> String {
    let mut said = Vec::new();
    if !answer.asked.changes.is_empty() {
        let by = answer.prediction - answer.before;
        said.push(format!(
            "{} by the changes, from {}",
            outcome.show_change(by),
            outcome.show(answer.before)
        ));
    }
    if let Some(actual) = answer.actual {
        said.push(format!("{} in the file", outcome.show_actual(actual)));
    }
    if let Some(held_out) = answer.held_out {
        said.push(format!("{} by a model that had not seen the row", outcome.show(held_out)));
    }
    words::unbroken(&said.join("; "))
}

/// One bar a column, from the middle: what it moves the prediction by.
#[component]
fn Bars(inquiry: Inquiry, explained: Memo<Option<Arc<Explanation>>>) -> impl IntoView {
    let parts =
        Memo::new(move |_| inquiry.answer.with(|a| a.as_ref().map(|a| shown(&a.parts)).unwrap_or_default()));
    let scale = part(explained, |e| e.link.words());
    let base = move || {
        let base = inquiry.answer.with(|a| a.as_ref().and_then(|a| a.base));
        explained.with(|e| Some(e.as_ref()?.show_base(base?))).unwrap_or_default()
    };
    let moved = move |by: f64| explained.with(|e| e.as_ref().map(|e| e.show_part(by))).unwrap_or_default();
    let rows = move || {
        let parts = parts.get();
        let most = parts.iter().map(|p| p.by.abs()).fold(0.0, f64::max).max(f64::MIN_POSITIVE);
        parts
            .into_iter()
            .map(|p| {
                let size = 50.0 * p.by.abs() / most;
                let from = if p.by < 0.0 { 50.0 - size } else { 50.0 };
                let name = if p.value.is_empty() { p.column } else { format!("{} = {}", p.column, p.value) };
                let by = moved(p.by);
                view! {
                    <li class="parts__item" data-sign=if p.by < 0.0 { "down" } else { "up" }>
                        <span class="parts__name">{name}</span>
                        <span class="parts__track" aria-hidden="true">
                            <span class="parts__bar" style:left=format!("{from:.1}%") style:width=format!("{size:.1}%")></span>
                        </span>
                        <span class="parts__by">{by}</span>
                    </li>
                }
            })
            .collect_view()
    };
    view! {
        <Show when=move || parts.with(|p| !p.is_empty())>
            <p class="quiet">"From "{base}", the answer before any column is known, each column moves "{scale}" by:"</p>
            <ul class="parts" data-part="parts">{rows}</ul>
        </Show>
    }
}

/// The largest parts, the others together.
fn shown(parts: &[Part]) -> Vec<Part> {
    let moving: Vec<&Part> = parts.iter().filter(|p| p.by != 0.0).collect();
    let n = if moving.len() > BARS + 1 { BARS } else { moving.len() };
    let mut out: Vec<Part> = moving.iter().take(n).map(|p| (*p).clone()).collect();
    if moving.len() > n {
        let by = moving[n..].iter().map(|p| p.by).sum();
        out.push(Part { column: format!("{} other columns", moving.len() - n), value: String::new(), by });
    }
    out
}
