//! Tune a model: what is searched and for how long, the candidates as they come in, and taking over the best.

use std::sync::Arc;

use leptos::prelude::*;

use crate::{
    engine::{
        knobs::{Knob, KnobKind, Setting, Settings},
        models::{
            plan::ModelPlan,
            tune::{INNER_FOLDS, Nested, SearchKind, Tried, TunePlan, Tuning},
        },
        words,
    },
    protocol::FamilyInfo,
    ui::{
        components::{Button, ButtonKind, Cell, Choice, Face, FaceStatus, NumberInput, Select, Table, Term},
        hooks::latest,
        session::{Session, actions},
    },
};

/// Candidates at most for a search that ends by time.
const MOST_CANDIDATES: u32 = 500;
/// Candidates shown.
const SHOWN: usize = 20;

/// The section.
#[component]
pub fn Tuner(
    /// The plan as it would be compared, with the settings of this family.
    plan_of: Callback<String, Option<ModelPlan>>,
    /// The best settings are to be used.
    on_use: Callback<Arc<Tuning>>,
) -> impl IntoView {
    let session = Session::expect();
    let families = Memo::new(move |_| {
        let is_searched = |f: &&FamilyInfo| f.knobs.iter().any(|k| k.search.is_some());
        session.families.with(|all| all.iter().filter(is_searched).cloned().collect::<Vec<_>>())
    });
    let wanted = RwSignal::new("gradient_boosting".to_owned());
    let family = Memo::new(move |_| {
        let wanted = wanted.get();
        families.with(|all| {
            let found = all.iter().find(|f| f.slug == wanted).or(all.first());
            found.map(|f| f.slug.clone()).unwrap_or_default()
        })
    });
    let names = Signal::derive(move || {
        families
            .with(|all| all.iter().map(|f| Choice::new(f.slug.clone(), f.title.clone())).collect::<Vec<_>>())
    });
    let kind = RwSignal::new(SearchKind::Random);
    let kinds = Signal::stored(
        SearchKind::ALL.map(|k| Choice::new(k.slug(), words::capitalised(k.label()))).to_vec(),
    );
    let choose_kind =
        move |slug: String| kind.set(SearchKind::from_slug(&slug).unwrap_or(SearchKind::Random));
    let seconds = RwSignal::new(30.0);
    let n_candidates = RwSignal::new(27.0);
    let title = Signal::derive(move || {
        let slug = family.get();
        families
            .with(|all| all.iter().find(|f| f.slug == slug).map(|f| words::in_sentence(&f.title)))
            .unwrap_or_default()
    });
    let start = move |()| {
        let family = family.get_untracked();
        let Some(model) = plan_of.run(family.clone()) else { return };
        let kind = kind.get_untracked();
        let n_candidates = match kind {
            SearchKind::Random => MOST_CANDIDATES,
            SearchKind::Halving => n_candidates.get_untracked() as u32,
        };
        let plan = TunePlan { model, family, kind, n_candidates, inner_folds: INNER_FOLDS };
        actions::tune(session, plan, seconds.get_untracked());
    };
    let face = Face::of(session, session.tuning);
    let kept = latest(session.tuning);
    let shown = move || session.tuning_so_far.get().or_else(|| kept.get());

    view! {
        <section class="page__section" data-section="tuner" data-ready=move || face.is_ready.get().to_string()>
            <h2>"Tune a model"</h2>
            <p class="quiet">
                "Looks for better settings of one model, and scores what it finds on rows it was not chosen by: the search is "
                <Term word="nested" means="In every fold the search sees only training rows, cut into parts of its own; what it chooses is scored on the rows held out, which had no say. Without that the best of many settings looks better than it is." />
                " in the folds of the comparison."
            </p>
            <div class="controls">
                <Select label="Model to tune" choices=names value=family on_change=move |f: String| wanted.set(f) />
                <Select label="Search" choices=kinds value=Signal::derive(move || kind.get().slug().to_owned()) on_change=choose_kind />
                <Show when=move || kind.get() == SearchKind::Halving>
                    <NumberInput label="Candidates" integer=true min=3.0 max=500.0 value=n_candidates on_change=move |v: f64| n_candidates.set(v) />
                </Show>
                <NumberInput label="Time" unit="s" integer=true min=1.0 max=3600.0 value=seconds on_change=move |v: f64| seconds.set(v) />
                <Button on_press=start busy=face.is_running disabled=Signal::derive(move || family.with(String::is_empty))>
                    {move || format!("Tune {}", title.get())}
                </Button>
            </div>
            <p class="field__help">
                {move || match kind.get() {
                    SearchKind::Random => "Random search tries settings drawn by chance on all training rows, until the time is up.",
                    SearchKind::Halving => "Successive halving tries all candidates on few rows, the best third of them on three times as many, and so on; it ends early when the time is up.",
                }}
            </p>
            <FaceStatus face />
            {move || shown().map(|tuning| view! { <Leaderboard tuning running=face.is_running on_use /> })}
        </section>
    }
}

/// The candidates, best first, and what stands above them.
#[component]
fn Leaderboard(tuning: Arc<Tuning>, running: Memo<bool>, on_use: Callback<Arc<Tuning>>) -> impl IntoView {
    let session = Session::expect();
    let knobs = session.families.with_untracked(|all| {
        let found = all.iter().find(|f| f.slug == tuning.plan.family);
        found.map(|f| f.knobs.clone()).unwrap_or_default()
    });
    let searched: Vec<Knob> = knobs.into_iter().filter(|k| k.search.is_some()).collect();
    let is_halving = tuning.plan.kind == SearchKind::Halving;
    let measure = tuning.measure.clone();
    let mut header = vec!["Candidate".to_owned(), words::capitalised(&measure.loss), measure.explained];
    if is_halving {
        header.push("Training rows".to_owned());
    }
    header.extend(searched.iter().map(|k| k.label.clone()));
    let digits = words::column_digits(tuning.tried.iter().filter_map(|t| t.score).map(|s| s.loss));
    let is_running = running.get_untracked();
    let leader = tuning.best().map(|best| best.number).filter(|_| is_running);
    let row = |tried: &Tried| {
        let mut name = match tried.number {
            0 => "Present settings".to_owned(),
            n => format!("Candidate {}", n + 1),
        };
        if leader == Some(tried.number) {
            name += ", best so far";
        }
        let (rmse, r2) = match tried.score {
            Some(score) => {
                let r2 =
                    score.explained.map_or_else(|| words::NOTHING.to_owned(), |r2| words::decimals(r2, 3));
                let spread = score.spread.map(|s| format!(" ± {}", words::decimals(s, digits)));
                let loss = words::decimals(score.loss, digits) + &spread.unwrap_or_default();
                (Cell::number(loss), Cell::number(r2))
            }
            None => {
                let why = tried.error.clone().unwrap_or_default();
                (Cell::text("failed").with_hint(why), Cell::number(words::NOTHING))
            }
        };
        let mut cells = vec![Cell::text(name), rmse, r2];
        if is_halving {
            cells.push(Cell::number(words::percent(tried.share)));
        }
        cells.extend(searched.iter().map(|k| setting_cell(k, &tried.settings)));
        cells
    };
    let rows: Vec<Vec<Cell>> = tuning.tried.iter().take(SHOWN).map(row).collect();
    let n_more = tuning.tried.len().saturating_sub(SHOWN);
    let n_tried = words::counted(tuning.tried.len() as u64, "candidate", "candidates");
    let can_use = tuning.best().is_some_and(|best| best.number != 0);
    let helps = tuning.nested.as_ref().is_some_and(Nested::helps);
    let kind = if helps { ButtonKind::Primary } else { ButtonKind::Secondary };
    let optimism = tuning.optimism().zip(tuning.best().and_then(|b| b.score)).map(|(gap, score)| {
        let losses = [score.loss, score.loss + gap];
        let digits = words::column_digits(losses.into_iter());
        let [searched, kept] = losses.map(|loss| words::decimals(loss, digits));
        let said = format!(
            "In the search the {} of the best is {searched}; on rows kept from it, that of what it chooses is {kept}: ",
            measure.loss
        );
        // With the digits of the numbers it is the difference of.
        let sign = if gap > 0.0 { "+" } else { "" };
        (said, format!(" {sign}{}.", words::decimals(gap, digits)))
    });
    let sentence = if is_running && tuning.nested.is_some() {
        format!("Best so far, and the search goes on. {}", tuning.sentence)
    } else {
        tuning.sentence.clone()
    };
    let end = ending(&tuning);
    let use_it = move |()| on_use.run(tuning.clone());
    view! {
        <p data-part="tuning-sentence" aria-live="polite">{sentence}</p>
        {optimism.map(|(said, gap)| view! {
            <p class="quiet">
                {said}
                <Term word="optimism" means="By how much the best score of a search is better than what the search gives on rows that had no say in it. It grows with the number of candidates and shrinks with the number of rows; it can be below 0, since models in the search train on fewer rows." />
                {gap}
            </p>
        })}
        <Show when=move || can_use && !running.get()>
            <Button kind on_press=use_it.clone()>"Use these settings"</Button>
        </Show>
        <Table
            caption="Candidates of the search on all rows, best first; ± standard deviation over the parts held out"
            header=Signal::stored(header) rows=Signal::stored(rows) marked=Signal::stored(Some(0))
        />
        <p class="quiet">
            {n_tried} " tried"
            {(n_more > 0).then(|| format!("; the best {SHOWN} are shown"))}
            "."
            {move || (!running.get()).then_some(end)}
            " Scores here are means over the parts into which the search cut the rows: candidates are compared by them, not with the models above."
        </p>
    }
}

/// Why a search ended before it had tried everything, as far as its time tells; begins with a space.
fn ending(tuning: &Tuning) -> &'static str {
    match (tuning.is_stopped, tuning.time) {
        (false, _) => "",
        (true, Some(time)) if time.taken >= 0.9 * time.given => " Its time was up.",
        (true, Some(_)) => " It was stopped, or had too little time left for the next candidate.",
        (true, None) => " It was stopped.",
    }
}

/// What a candidate has of a setting.
fn setting_cell(knob: &Knob, settings: &Settings) -> Cell {
    let value = settings.get(&knob.slug).unwrap_or(&knob.default);
    match value {
        Setting::Integer(v) => Cell::number(v.to_string()),
        Setting::Real(v) => Cell::number(v.to_string()),
        Setting::Flag(v) => Cell::text(if *v { "yes" } else { "no" }),
        Setting::Text(slug) => match &knob.kind {
            KnobKind::Choice(choices) => {
                let label = choices.iter().find(|(s, _)| s == slug).map_or(slug, |(_, label)| label);
                Cell::text(label.split(':').next().unwrap_or_default())
            }
            _ => Cell::text(slug.clone()),
        },
        _ => Cell::text(words::NOTHING),
    }
}
