//! A sheet with the settings of a step and a look at what it would do before it is applied.

use leptos::{prelude::*, task::spawn_local};

use super::{StepFamily, formula_box::FormulaBox, step_lists::changes};
use crate::{
    engine::{
        knobs::{KnobKind, Settings},
        pipeline::recipe::Recipe,
        report::build::LedgerEntry,
        step::{Effect as StepEffect, StepCall},
        words,
    },
    platform::time,
    protocol::{Notice, Reply, Request},
    ui::{
        components::{
            Button, ButtonKind, Cell, Checkbox, Dialog, DialogKind, KnobForm, NoticeBox, NoticeKind, Table,
        },
        session::{Session, actions},
    },
};

/// What is edited.
#[derive(Debug, Clone, PartialEq)]
pub struct Editing {
    /// Its settings at the start.
    pub call: StepCall,
    /// Its place in the recipe; `None` for a new step.
    pub index: Option<usize>,
    /// Head of the sheet.
    pub title: String,
}

/// The sheet. Open while `editing` holds something.
#[component]
pub fn StepEditor(family: StepFamily, editing: RwSignal<Option<Editing>>) -> impl IntoView {
    let is_open = Memo::new(move |_| editing.with(Option::is_some));
    let title =
        Signal::derive(move || editing.with(|e| e.as_ref().map(|e| e.title.clone())).unwrap_or_default());
    let unsaved = RwSignal::new(Unsaved::No);
    // Once it was asked, closing is the answer.
    let may_close = move || {
        let is_free = unsaved.get_untracked() != Unsaved::Yes;
        unsaved.set(if is_free { Unsaved::No } else { Unsaved::Asked });
        is_free
    };
    let question = move || {
        (unsaved.get() == Unsaved::Asked).then(|| {
            view! {
                <p class="unsaved" role="alert">"Not applied yet. Escape closes without it."</p>
                <Button on_press=move |()| unsaved.set(Unsaved::Yes)>"Go on"</Button>
                <Button kind=ButtonKind::Danger on_press=move |()| editing.set(None)>"Close without it"</Button>
            }
        })
    };
    view! {
        <Dialog
            title is_open on_close=move |()| editing.set(None) kind=DialogKind::Sheet
            may_close=may_close actions=move || view! { {question} }
        >
            {move || editing.get_untracked().map(|now| view! { <Form family now editing unsaved /> })}
        </Dialog>
    }
}

/// Whether closing would lose what was entered.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unsaved {
    No,
    Yes,
    /// Yes, and that was said.
    Asked,
}

#[derive(Clone)]
enum Look {
    Looking,
    /// With the columns that a feature is made from, and their cells.
    Seen(Box<LedgerEntry>, Vec<(String, Vec<String>)>),
    Refused(Notice),
}

#[component]
fn Form(
    family: StepFamily,
    now: Editing,
    editing: RwSignal<Option<Editing>>,
    unsaved: RwSignal<Unsaved>,
) -> impl IntoView {
    let session = Session::expect();
    let Editing { call, index, title } = now;
    let info = session.step_info(&call.slug);
    let (help, mut knobs) = info.map(|i| (i.help, i.knobs)).unwrap_or_default();
    let formula = knobs.iter().position(|k| k.kind == KnobKind::Formula).map(|i| knobs.remove(i));
    let fault = RwSignal::new(None);
    let settings: RwSignal<Settings> = RwSignal::new(call.settings.clone());
    let given = StoredValue::new(call);
    let title = StoredValue::new(title);
    Effect::new(move |_| {
        let is_same = given.with_value(|call| settings.with(|s| *s == call.settings));
        unsaved.set(if is_same { Unsaved::No } else { Unsaved::Yes });
    });
    let look = RwSignal::new(Look::Looking);
    let levels = RwSignal::new(Vec::new());
    let values = RwSignal::new(Vec::new());
    let is_late = RwSignal::new(false);
    // The reason is that of the settings it was suggested with.
    let step = move || {
        let StepCall { slug, settings: suggested, reason } = given.get_value();
        let settings = settings.get();
        let reason = reason.filter(|_| settings == suggested);
        family.step(StepCall { slug, settings, reason })
    };

    // A new cleaning step goes before the features, unless it is to use them.
    let place = move || {
        session.recipe.with(|r| match index {
            Some(index) => index,
            None if is_late.get() => r.steps.len(),
            None => actions::place_of(&r.steps, &untrack(step)),
        })
    };
    let can_be_late = index.is_none() && untrack(place) < session.recipe.with_untracked(|r| r.steps.len());
    // It would make the values of a personal column names of columns, and refuses to.
    let names_by_values = given.with_value(|call| call.slug == "one_hot");
    let columns = Signal::derive(move || {
        let mut table = session.table_at(place())?;
        table.columns.retain(|c| !names_by_values || c.personal.is_none());
        Some(table)
    });
    let before = Signal::derive(move || {
        let mut recipe: Recipe = session.recipe.get();
        recipe.steps.truncate(place());
        recipe
    });

    // Looks at the effect a moment after the last change of a setting.
    let round = StoredValue::new(0_u32);
    Effect::new(move |_| {
        let step = step();
        before.track();
        round.update_value(|r| *r += 1);
        let mine = round.get_value();
        look.set(Look::Looking);
        spawn_local(async move {
            time::sleep(150).await;
            if round.try_get_value() != Some(mine) {
                return;
            }
            let mut recipe = before.get_untracked();
            recipe.steps.push(step);
            let seen = match session.ask(Request::Preview { recipe }).await {
                Ok((Reply::Previewed { entry, levels: found, values: offered, inputs }, _)) => {
                    levels.try_set(found);
                    values.try_set(offered);
                    Look::Seen(entry, inputs)
                }
                Ok(_) => return,
                Err(notice) => Look::Refused(notice),
            };
            if round.try_get_value() == Some(mine) {
                look.set(seen);
            }
        });
    });

    let can_apply = move || {
        look.with(|l| matches!(l, Look::Seen(entry, _) if entry.effect.as_ref().is_some_and(|e| !e.is_idle)))
    };
    let apply = move |()| {
        let step = untrack(step);
        match index {
            Some(index) => actions::edit_step(session, index, step),
            None => {
                let what = title.with_value(|t| format!("Applied: {t}"));
                actions::apply_steps(session, vec![step], Some(untrack(place)), &what);
            }
        }
        editing.set(None);
    };
    let shown = move || effect_view(look.get(), fault.with(Option::is_some));

    view! {
        <p class="quiet">{help}</p>
        {formula.map(|knob| view! { <FormulaBox knob settings before fault /> })}
        <KnobForm knobs settings table=columns levels values />
        {can_be_late.then(|| view! {
            <Checkbox
                label="After the features" help="Cleans the columns they made too; they stay as they are"
                checked=is_late on_change=move |v| is_late.set(v)
            />
        })}
        <section class="preview" aria-live="polite" aria-label="Effect">
            <h3>"Effect"</h3>
            {shown}
        </section>
        <div class="dialog__foot">
            <Button kind=ButtonKind::Primary disabled=Signal::derive(move || !can_apply()) on_press=apply>
                {if index.is_some() { "Save this step" } else { "Apply this step" }}
            </Button>
            <Button on_press=move |()| editing.set(None)>"Cancel"</Button>
        </div>
    }
}

/// What a step would do, or why that is not known.
fn effect_view(look: Look, is_wrong: bool) -> AnyView {
    match look {
        _ if is_wrong => view! { <p class="quiet">"Shown as soon as the formula is right."</p> }.into_any(),
        Look::Looking => view! { <p class="quiet" role="status">"Looking at the effect…"</p> }.into_any(),
        Look::Refused(notice) => view! { <NoticeBox notice kind=NoticeKind::Bad /> }.into_any(),
        Look::Seen(entry, inputs) => match (entry.effect, entry.failure) {
            (Some(effect), _) => view! { <EffectView effect inputs /> }.into_any(),
            (None, failure) => {
                let notice = Notice {
                    title: "This cannot be applied yet".into(),
                    detail: failure.map(|why| format!("{}.", words::capitalised(&why))).unwrap_or_default(),
                    remedy: "Change a setting above.".into(),
                    is_stop: false,
                };
                view! { <NoticeBox notice kind=NoticeKind::Note /> }.into_any()
            }
        },
    }
}

/// The first rows of one new column beside what it is made from; `None` of anything else.
fn first_rows(effect: &StepEffect, inputs: &[(String, Vec<String>)]) -> Option<AnyView> {
    let [made] = effect.columns_added.as_slice() else { return None };
    let word = |text: &str| Cell::from(if text.is_empty() { "missing".to_owned() } else { text.to_owned() });
    let n_rows = inputs.first()?.1.len();
    let rows = effect.examples.iter().take(n_rows).enumerate().map(|(i, example)| {
        let used = inputs.iter().filter_map(|(_, cells)| cells.get(i)).map(|cell| word(cell));
        std::iter::once(Cell::number(words::count(example.row)))
            .chain(used)
            .chain([word(&brief(&example.after))])
            .collect::<Vec<_>>()
    });
    let rows: Vec<Vec<Cell>> = rows.collect();
    let used = inputs.iter().map(|(name, _)| name.clone());
    let header: Vec<String> = std::iter::once("Row".to_owned()).chain(used).chain([made.clone()]).collect();
    let (header, rows) = (Signal::stored(header), Signal::stored(rows));
    Some(view! { <Table caption="The first rows with what is made of them" header rows /> }.into_any())
}

/// A computed number of many decimals with as many as tell something: 1.5833 for 1.5833333333333333.
fn brief(text: &str) -> String {
    let n_decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    match text.parse::<f64>() {
        Ok(value) if n_decimals > 6 && value.abs() < 0.01 => words::number(value),
        Ok(value) if n_decimals > 6 => format!("{value:.4}"),
        _ => text.to_owned(),
    }
}

#[component]
fn EffectView(effect: StepEffect, inputs: Vec<(String, Vec<String>)>) -> impl IntoView {
    let touched = match (effect.is_idle, effect.n_rows, effect.n_cells) {
        (true, ..) => "Nothing would change, so there is nothing to apply.".to_owned(),
        (_, 0, 0) => String::new(),
        (_, rows, cells) => format!(
            "{} and {} touched.",
            words::counted(rows, "row", "rows"),
            words::counted(cells, "cell", "cells")
        ),
    };
    let takes = effect.columns_used.join(", ");
    let cells = first_rows(&effect, &inputs).or_else(|| changes(&effect.examples, 20));
    view! {
        <p>{effect.sentence}</p>
        <p class="quiet small">{touched}</p>
        {(!takes.is_empty()).then(|| view! { <p class="quiet small">"Takes: " {takes}</p> })}
        {effect.notes.into_iter().map(|n| view! { <p class="quiet small">{n}</p> }).collect_view()}
        {cells}
    }
}
