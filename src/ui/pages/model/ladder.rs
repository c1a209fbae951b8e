//! What the score is worth: one model under questions ever closer to use, and what counts as known beforehand.

use std::sync::Arc;

use leptos::prelude::*;

use super::Compared;
use crate::{
    charts::ChartRequest,
    engine::{
        models::{
            comparison::FamilyResult,
            ladder::{Ladder, LadderPlan, Rung},
            outcome::Score,
        },
        words,
    },
    ui::{
        components::{
            Button, ButtonKind, Cell, Chart, Choice, ColumnPicker, Face, FaceStatus, Select, Table, Term,
        },
        hooks::{latest, part},
        session::{Session, actions},
    },
};

type Climbed = Memo<Option<Arc<Ladder>>>;

/// The section.
#[component]
pub(super) fn LadderSection(compared: Compared) -> impl IntoView {
    let session = Session::expect();
    let climbed: Climbed = latest(session.ladder);
    let face = Face::of(session, session.ladder);
    let draft = RwSignal::new(LadderPlan::default());
    let climb = Callback::new(move |()| actions::climb(session, draft.get_untracked()));
    // What was asked last is what the form shows.
    Effect::new(move |_| {
        climbed.track();
        draft.set(session.recipe.with_untracked(|r| r.ladder.clone()).unwrap_or_default());
    });
    let has_ladder = Memo::new(move |_| climbed.with(Option::is_some));
    let sentence = part(climbed, |l| l.sentence.clone());
    let rows = part(climbed, |l| l.rungs.iter().map(row).collect::<Vec<_>>());
    let context = part(climbed, |l| format!("{}, fitted anew for each question. ", l.title));
    let notes = part(climbed, |l| l.notes.clone());
    let measure = Memo::new(move |_| climbed.with(|l| l.as_ref().map_or(Score::R2, |l| l.measure)));
    let header = Signal::derive(move || {
        let measure = measure.get().label();
        ["Step", "What is asked", "Columns", "Held-out rows", measure, "Lowest to highest fold"]
            .map(str::to_owned)
            .to_vec()
    });
    view! {
        <section class="page__section" data-section="ladder" data-ready=move || face.is_ready.get().to_string()>
            <h2>"What the score is worth"</h2>
            <Show when=move || !has_ladder.get() && !face.is_running.get()>
                <p class="quiet">
                    "The same model is asked harder questions one after the other: without columns that give the target away, on groups and \
                     campaigns it has not seen, with only what is known beforehand."
                </p>
            </Show>
            <FaceStatus face on_again=Some(climb) again="Ask again" />
            <Show
                when=move || has_ladder.get()
                fallback=move || view! {
                    <Show when=move || !face.is_running.get()>
                        <Button kind=ButtonKind::Secondary on_press=climb>"Ask harder questions"</Button>
                    </Show>
                }
            >
                <p class="lead">{sentence}</p>
                <Chart request=Signal::stored(ChartRequest::new("ladder", [])) height=300 />
                <Table
                    caption="The score, question by question"
                    header
                    rows
                />
                <p class="quiet">
                    {context}
                    {move || measured(measure.get())}
                </p>
                <Show when=move || notes.with(|n| !n.is_empty())>
                    <ul class="notes">{move || notes.get().into_iter().map(|n| view! { <li>{n}</li> }).collect_view()}</ul>
                </Show>
                <Choices compared climbed draft climb busy=face.is_running />
            </Show>
        </section>
    }
}

/// What the score is.
fn measured(measure: Score) -> impl IntoView {
    match measure {
        Score::Auc => view! {
            <Term word="AUC" means=Score::Auc.means() />
            " here is the mean over the folds, each ranking its own held-out rows: 0.5 is chance, 1 is perfect."
        }
        .into_any(),
        _ => view! {
            <Term
                word="R²"
                means="Of all held-out rows together, against the mean of the rows the model was fitted on: 1 is perfect, 0 is no better than that mean, below 0 is worse."
            />
            " here measures against the mean of the rows the model was fitted on: 0 is what that mean would get."
        }
        .into_any(),
    }
}

fn row(rung: &Rung) -> Vec<Cell> {
    let score = |v: f64| words::decimals(v, 2);
    let known: Vec<f64> = rung.folds.iter().flatten().copied().collect();
    let low = known.iter().copied().fold(f64::INFINITY, f64::min);
    let high = known.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let range =
        if known.is_empty() { words::NOTHING.to_owned() } else { words::interval_of((low, high), score) };
    let n = rung.score.map_or_else(|| words::NOTHING.to_owned(), |_| words::count(rung.scores.n));
    vec![
        Cell::text(rung.title.clone()),
        Cell::text(rung.missing.clone().unwrap_or_else(|| rung.question.clone())),
        Cell::number(words::count(rung.columns.len() as u64)).with_hint(rung.columns.join(", ")),
        Cell::number(n),
        Cell::number(rung.score.map_or_else(|| words::NOTHING.to_owned(), score)),
        Cell::number(range).with_hint(rung.validation.described()),
    ]
}

/// What is asked can be changed: the model, what is held out, what counts as known.
#[component]
fn Choices(
    compared: Compared,
    climbed: Climbed,
    draft: RwSignal<LadderPlan>,
    climb: Callback<()>,
    busy: Memo<bool>,
) -> impl IntoView {
    let families = part(compared, |c| {
        let scored = |r: &&FamilyResult| r.error.is_none() && r.family != "baseline";
        c.results
            .iter()
            .filter(scored)
            .map(|r| Choice::new(r.family.clone(), r.title.clone()))
            .collect::<Vec<_>>()
    });
    let groups = part(climbed, |l| l.groups.iter().cloned().map(Choice::same).collect::<Vec<_>>());
    let family = Signal::derive(move || {
        let wanted = draft.with(|d| d.family.clone());
        if wanted.is_empty() {
            climbed.with(|l| l.as_ref().map(|l| l.plan.family.clone()).unwrap_or_default())
        } else {
            wanted
        }
    });
    let group = Signal::derive(move || {
        let wanted = draft.with(|d| d.new_group.clone());
        if wanted.is_empty() {
            climbed.with(|l| l.as_ref().map(|l| l.plan.new_group.clone()).unwrap_or_default())
        } else {
            wanted
        }
    });
    let columns = part(climbed, |l| l.known.iter().map(|k| k.column.clone()).collect::<Vec<_>>());
    let by_role = part(climbed, |l| {
        l.known.iter().filter(|k| k.why.is_empty()).map(|k| k.column.clone()).collect::<Vec<_>>()
    });
    let known = Signal::derive(move || {
        let own = draft.with(|d| d.known.clone());
        if own.is_empty() { by_role.get() } else { own }
    });
    let reasons = part(climbed, |l| {
        l.known
            .iter()
            .filter(|k| !k.why.is_empty())
            .map(|k| (k.column.clone(), k.why.clone()))
            .collect::<Vec<_>>()
    });
    let choose_known = move |chosen: Vec<String>| {
        let is_by_role = chosen == by_role.get_untracked();
        draft.update(|d| d.known = if is_by_role { Vec::new() } else { chosen });
    };
    let moment = part(climbed, |l| l.moment.clone());
    let label = move || format!("Known before {}", moment.get());
    view! {
        <details class="facts-box">
            <summary>"Change what is asked"</summary>
            <div class="controls">
                <Select label="Model" choices=families value=family on_change=move |f: String| draft.update(|d| d.family = f) />
                <Show when=move || groups.with(|g| !g.is_empty())>
                    <Select label="Held out one by one" choices=groups value=group on_change=move |g: String| draft.update(|d| d.new_group = g) />
                </Show>
            </div>
            {move || view! { <ColumnPicker label=label() names=columns chosen=known on_change=choose_known /> }}
            <ul class="notes">
                {move || reasons.get().into_iter().map(|(column, why)| view! { <li><strong>{column}</strong>": "{why}</li> }).collect_view()}
            </ul>
            <Button kind=ButtonKind::Secondary on_press=climb busy=busy>"Ask these questions"</Button>
        </details>
    }
}
