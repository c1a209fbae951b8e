//! What is suggested, what is applied, and everything that could be.

use leptos::{html, prelude::*};
use wasm_bindgen::JsCast;

use super::{Editing, StepEditor, StepFamily};
use crate::{
    engine::{
        knobs::Settings,
        pipeline::recipe::RecipeStep,
        report::build::LedgerEntry,
        step::{CellChange, StepCall, Suggestion},
        words,
    },
    protocol::{PreparedTable, StepInfo},
    ui::{
        components::{
            Button, ButtonKind, Cell, Dialog, DialogKind, EmptyState, IconName, NextStep, PageHeader, Table,
        },
        route::Page,
        session::{Session, actions},
    },
};

/// Suggestions with their reason, one below the other.
#[component]
fn SuggestionList(
    family: StepFamily,
    #[prop(into)] suggestions: Signal<Vec<Suggestion>>,
    editing: RwSignal<Option<Editing>>,
) -> impl IntoView {
    view! {
        <ul class="steps" data-role="suggestions">
            {move || suggestions.get().into_iter().map(|s| view! { <SuggestionRow family suggestion=s editing /> }).collect_view()}
        </ul>
    }
}

/// "24 cells in 24 rows"; `None` when nothing is touched.
fn touched(n_rows: u64, n_cells: u64) -> Option<String> {
    let (rows, cells) = (words::counted(n_rows, "row", "rows"), words::counted(n_cells, "cell", "cells"));
    match (n_rows, n_cells) {
        (0, 0) => None,
        (_, 0) => Some(rows),
        (0, _) => Some(cells),
        _ => Some(format!("{cells} in {rows}")),
    }
}

#[component]
fn SuggestionRow(
    family: StepFamily,
    suggestion: Suggestion,
    editing: RwSignal<Option<Editing>>,
) -> impl IntoView {
    let session = Session::expect();
    let call = suggestion.reasoned();
    let Suggestion { title, reason, n_rows, n_cells, .. } = suggestion;
    // A feature fills a column of its own: that says nothing.
    let touched = (family == StepFamily::Clean).then(|| touched(n_rows, n_cells)).flatten();
    let shown = title.clone();
    let (own, name) = (StoredValue::new(call), StoredValue::new(title));
    let apply = move |()| {
        let what = name.with_value(|t| format!("Applied: {t}"));
        actions::apply_steps(session, vec![family.step(own.get_value())], None, &what);
    };
    let adjust =
        move |()| editing.set(Some(Editing { call: own.get_value(), index: None, title: name.get_value() }));
    view! {
        <li class="step" data-step=own.with_value(|c| c.slug.clone())>
            <div class="step__text">
                <span class="step__title">
                    {shown}
                </span>
                <span class="step__reason">{reason}</span>
                {touched.map(|words| view! { <span class="step__effect">"Touches " {words}</span> })}
            </div>
            <div class="step__actions">
                <Button small=true kind=ButtonKind::Quiet on_press=adjust>"Adjust…"</Button>
                <Button small=true on_press=apply>"Apply"</Button>
            </div>
        </li>
    }
}

/// The steps of the recipe with what each did; each can be changed, moved or taken out.
#[component]
fn AppliedSteps(
    /// Which steps are shown.
    family: StepFamily,
    editing: RwSignal<Option<Editing>>,
) -> impl IntoView {
    let session = Session::expect();
    let applied = move || {
        let ledger = session.prepared.with(|p| p.as_ref().map(|p| p.ledger.clone())).unwrap_or_default();
        session.recipe.with(|r| {
            r.steps
                .iter()
                .enumerate()
                .filter(|(_, step)| family.shows(step))
                .map(|(i, step)| (i, family.call(step).cloned(), ledger.get(i).cloned()))
                .collect::<Vec<_>>()
        })
    };
    view! {
        <ol class="steps" data-role="applied">
            {move || applied().into_iter().map(|(index, call, entry)| {
                view! { <AppliedRow family index call entry editing /> }
            }).collect_view()}
        </ol>
    }
}

/// Touched cells, as a table.
pub fn changes(examples: &[CellChange], n: usize) -> Option<AnyView> {
    let word = |text: &str| Cell::from(if text.is_empty() { "missing".to_owned() } else { text.to_owned() });
    let without_blanks = |text: &str| text.split_whitespace().collect::<String>();
    // Of a new column nothing was before.
    let is_new = examples.iter().take(n).all(|c| c.before.is_empty());
    let row = |c: &CellChange| {
        // Blanks that make the difference are shown.
        let is_blank = without_blanks(&c.before) == without_blanks(&c.after);
        let shown = |text: &str| word(&if is_blank { text.replace(' ', "·") } else { text.to_owned() });
        let mut cells = vec![Cell::number(words::count(c.row)), Cell::text(c.column.clone())];
        cells.extend((!is_new).then(|| shown(&c.before)));
        cells.push(shown(&c.after));
        cells
    };
    let rows: Vec<Vec<Cell>> = examples.iter().take(n).map(row).collect();
    let header = ["Row", "Column", "Before", "After"].into_iter().filter(|h| !is_new || *h != "Before");
    let header: Vec<String> = header.map(str::to_owned).collect();
    (!rows.is_empty()).then(|| {
        let (header, rows) = (Signal::stored(header), Signal::stored(rows));
        view! { <Table caption=format!("Cells touched, the first {n} at most") header rows /> }.into_any()
    })
}

#[component]
fn AppliedRow(
    family: StepFamily,
    index: usize,
    /// `None` for a type corrected on the Data page: it is changed there.
    call: Option<StepCall>,
    entry: Option<LedgerEntry>,
    editing: RwSignal<Option<Editing>>,
) -> impl IntoView {
    let session = Session::expect();
    let slug = call.as_ref().map_or_else(|| "type".to_owned(), |c| c.slug.clone());
    let own_title = session.step_info(&slug).map_or_else(|| slug.clone(), |info| info.title);
    let title = entry.as_ref().map_or(own_title, |e| e.title.clone());
    let failure = entry.as_ref().and_then(|e| e.failure.clone());
    let reason = entry.as_ref().and_then(|e| e.reason.clone());
    let effect = entry.and_then(|e| e.effect);
    let has_failed = failure.is_some();
    let mut lines = vec![match (&effect, &failure) {
        (Some(effect), _) => effect.sentence.clone(),
        (None, Some(words)) => format!("Not applied: {words}."),
        (None, None) => "Being applied…".to_owned(),
    }];
    let effect = effect.unwrap_or_default();
    // Mostly the sentence names the one column that was made.
    if effect.columns_added.iter().any(|name| !effect.sentence.contains(name.as_str())) {
        lines.push(format!("Made: {}", effect.columns_added.join(", ")));
    }
    // What the reason says already is not said again below it.
    let is_said = |note: &String| reason.as_ref().is_some_and(|reason| reason.contains(note.as_str()));
    lines.extend(effect.notes.into_iter().filter(|note| !is_said(note)));
    // A feature fills a column of its own: that says nothing.
    if family == StepFamily::Clean {
        lines.extend(touched(effect.n_rows, effect.n_cells).map(|words| format!("Touched {words}")));
    }
    let details = [
        ("Cells touched", changes(&effect.examples, 100)),
        (
            "The same in Python",
            (!effect.python.is_empty()).then(|| view! { <pre class="code">{effect.python}</pre> }.into_any()),
        ),
    ];
    let can_edit = call.is_some();
    let (own, name) = (StoredValue::new(call), StoredValue::new(title.clone()));
    let edit = move |()| {
        if let Some(call) = own.get_value() {
            editing.set(Some(Editing { call, index: Some(index), title: name.get_value() }));
        }
    };
    let is_first = !session.recipe.with_untracked(|r| {
        r.steps.iter().take(index).any(|s| matches!(s, RecipeStep::Clean(_) | RecipeStep::Feature(_)))
    });
    let is_last = session.recipe.with_untracked(|r| index + 1 == r.steps.len());
    let press = move |what: usize| match what {
        0 => actions::move_step(session, index, -1),
        1 => actions::move_step(session, index, 1),
        2 => edit(()),
        _ => actions::remove_step(session, index),
    };
    let buttons = [
        ("Move up", IconName::ArrowUp, is_first || !can_edit),
        ("Move down", IconName::ArrowDown, is_last || !can_edit),
        ("Change", IconName::Pencil, !can_edit),
        ("Remove", IconName::Trash, false),
    ];
    view! {
        <li class="step" data-failed=has_failed.then_some("") data-step=slug>
            <div class="step__text">
                <span class="step__title">{title.clone()}</span>
                {reason.map(|words| view! { <span class="step__reason">"When it was suggested: " {words}</span> })}
                {lines.into_iter().map(|n| view! { <span class="step__effect">{n}</span> }).collect_view()}
                {details.into_iter().filter_map(|(name, body)| body.map(|body| view! {
                    <details class="disclosure changes"><summary>{name}</summary>{body}</details>
                })).collect_view()}
            </div>
            <div class="step__actions">
                {buttons.into_iter().enumerate().map(|(i, (word, icon, disabled))| view! {
                    <Button
                        small=true kind=ButtonKind::Quiet icon disabled
                        label=format!("{word}: {title}") on_press=move |()| press(i)
                    />
                }).collect_view()}
            </div>
        </li>
    }
    .attr("data-family", if family == StepFamily::Clean { "clean" } else { "feature" })
}

/// A button that opens the list of every step there is.
#[component]
fn StepPicker(
    family: StepFamily,
    editing: RwSignal<Option<Editing>>,
    /// Words of the button: "Add a step…".
    words: &'static str,
) -> impl IntoView {
    let session = Session::expect();
    let is_open = RwSignal::new(false);
    let search = RwSignal::new(String::new());
    // What can be made stands first, with what it takes; the rest says what it lacks.
    let shown = move || {
        let wanted = search.get().to_lowercase();
        let standing = |slug: &str| {
            session.prepared.with(|p| p.iter().flat_map(|p| &p.standings).find(|s| s.slug == slug).cloned())
        };
        let mut all: Vec<_> = session.loaded().map_or_else(Vec::new, |l| {
            let fits = |s: &&StepInfo| {
                family.has(s) && format!("{} {}", s.title, s.help).to_lowercase().contains(&wanted)
            };
            l.steps.iter().filter(fits).map(|s| (s.clone(), standing(&s.slug))).collect()
        });
        all.sort_by_key(|(_, standing)| standing.as_ref().is_some_and(|s| s.missing.is_some()));
        all
    };
    let pick = move |info: StepInfo| {
        is_open.set(false);
        // A suggestion names the columns that will be taken.
        let suggested = session.prepared.with_untracked(|p| {
            let mut all = p.iter().flat_map(|p| &p.features).filter(|_| family == StepFamily::Feature);
            all.find(|s| s.call.slug == info.slug).map(Suggestion::reasoned)
        });
        let call = suggested.unwrap_or_else(|| StepCall::new(&info.slug, Settings::new()));
        editing.set(Some(Editing { call, index: None, title: info.title }));
    };
    let open = move |()| {
        search.set(String::new());
        is_open.set(true);
    };
    let list_ref = NodeRef::<html::Div>::new();
    // Arrows go from the search through what can be chosen; Enter in the search chooses the first.
    let press = move |event: web_sys::KeyboardEvent| {
        let Some(all) =
            list_ref.get_untracked().and_then(|l| l.query_selector_all("input, button:enabled").ok())
        else {
            return;
        };
        let element = |i: u32| all.item(i).and_then(|node| node.dyn_into::<web_sys::HtmlElement>().ok());
        let active = document().active_element();
        let at = (0..all.length()).find(|i| element(*i).map(Into::into) == active).unwrap_or(0);
        match event.key().as_str() {
            "ArrowDown" => drop(element(at + 1).map(|next| next.focus())),
            "ArrowUp" if at > 0 => drop(element(at - 1).map(|before| before.focus())),
            "Enter" if at == 0 => drop(element(1).map(|first| first.click())),
            _ => return,
        }
        event.prevent_default();
    };
    view! {
        <Button icon=IconName::Plus on_press=open>{words}</Button>
        <Dialog
            title=words.trim_end_matches('…') is_open on_close=move |()| is_open.set(false) kind=DialogKind::Sheet
        >
            <div class="step-picker" node_ref=list_ref on:keydown=press>
                <input
                    class="input" type="search" placeholder="Search" aria-label="Search" autofocus=true
                    on:input=move |event| search.set(event_target_value(&event))
                />
                {move || shown().into_iter().map(|(info, standing)| {
                    let (title, mut help) = (info.title.clone(), info.help.clone());
                    let missing = standing.as_ref().and_then(|s| s.missing.clone());
                    let is_impossible = missing.is_some();
                    if let Some(missing) = missing {
                        help = format!("{missing}.");
                    } else if let Some(s) = standing.filter(|s| !s.takes.is_empty()) {
                        help = format!("{help} Takes {}.", s.takes.join(", "));
                    }
                    view! {
                        <button
                            type="button" class="step-picker__item" disabled=is_impossible
                            on:click=move |_| pick(info.clone())
                        >
                            <span class="step-picker__title">{title}</span>
                            <span class="step-picker__help">{help}</span>
                        </button>
                    }
                }).collect_view()}
            </div>
        </Dialog>
    }
}

/// A headed list of suggestions.
pub struct Section {
    /// Its heading.
    pub title: &'static str,
    /// A line below it; may be empty.
    pub hint: &'static str,
    /// Which suggestions stand in it.
    pub has: fn(&Suggestion) -> bool,
}

/// What the Clean and the Features page have in common: what was applied, what is suggested, and the picker of the rest.
#[component]
pub fn StepsPage(
    family: StepFamily,
    title: &'static str,
    /// Says where things stand, from how many are applied and how many recommended.
    sentence: fn(u64, u64) -> String,
    /// Words of the picker's button, of the primary button, and of the list of what is applied.
    words: [&'static str; 3],
    sections: Vec<Section>,
    /// Title and text where there is nothing.
    empty: (&'static str, &'static str),
    next: Page,
    next_text: &'static str,
    /// A step with a button of its own: its slug and the words of the button.
    #[prop(optional)]
    own: Option<(&'static str, &'static str)>,
    /// What stands between the lists and the next step.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let session = Session::expect();
    let editing = RwSignal::new(None::<Editing>);
    let suggestions = Memo::new(move |_| {
        let of = |p: &std::sync::Arc<PreparedTable>| match family {
            StepFamily::Clean => p.cleaning.clone(),
            StepFamily::Feature => p.features.clone(),
        };
        session.prepared.with(|p| p.as_ref().map(of)).unwrap_or_default()
    });
    let recommended = move || -> Vec<RecipeStep> {
        let step = |s: &Suggestion| family.step(s.reasoned());
        suggestions.with(|all| all.iter().filter(|s| s.recommended).map(step).collect())
    };
    let n_recommended = Memo::new(move |_| recommended().len() as u64);
    let n_applied = Memo::new(move |_| {
        session.recipe.with(|r| r.steps.iter().filter(|s| family.shows(s)).count()) as u64
    });
    let is_busy = Memo::new(move |_| session.preparing.with(Option::is_some));
    let [picker, all, applied] = words;
    let apply_all = move |()| {
        let steps = untrack(recommended);
        let what =
            format!("Applied {}", words::counted(steps.len() as u64, "suggested step", "suggested steps"));
        actions::apply_steps(session, steps, None, &what);
    };
    let head = move |title: &'static str, n: u64| {
        view! { <h2>{title}<span class="page__count">{words::count(n)}</span></h2> }
    };
    let lists = sections.into_iter().map(|section| {
        let Section { title, hint, has } = section;
        let list = Memo::new(move |_| {
            suggestions.with(|all| all.iter().filter(|s| has(s)).cloned().collect::<Vec<_>>())
        });
        view! {
            <Show when=move || list.with(|l| !l.is_empty())>
                <section class="page__section">
                    {move || head(title, list.with(Vec::len) as u64)}
                    {(!hint.is_empty()).then(|| view! { <p class="quiet">{hint}</p> })}
                    <SuggestionList family suggestions=list editing />
                </section>
            </Show>
        }
    });
    let lists = lists.collect_view();
    let own = own.map(|(slug, words)| {
        let begin = move |()| {
            let call = StepCall::new(slug, Settings::new());
            let title = session.step_info(slug).map(|i| i.title).unwrap_or_default();
            editing.set(Some(Editing { call, index: None, title }));
        };
        view! { <Button icon=IconName::Plus on_press=begin>{words}</Button> }
    });
    view! {
        <div class="page" data-ready=move || (!is_busy.get()).to_string()>
            <PageHeader title sentence=Signal::derive(move || sentence(n_applied.get(), n_recommended.get()))>
                {own}
                <StepPicker family editing words=picker />
                <Show when=move || n_recommended.get() != 0>
                    <Button kind=ButtonKind::Primary busy=is_busy on_press=apply_all>{all}</Button>
                </Show>
            </PageHeader>
            <Show when=move || n_applied.get() != 0>
                <section class="page__section">
                    {move || head(applied, n_applied.get())}
                    <AppliedSteps family editing />
                </section>
            </Show>
            {lists}
            {children.map(|c| c())}
            <Show when=move || suggestions.with(Vec::is_empty) && n_applied.get() == 0>
                <EmptyState title=empty.0 text=empty.1 />
            </Show>
            <NextStep to=next text=next_text />
            <StepEditor family editing />
        </div>
    }
}
