//! Segment: group rows that are alike, choose how many groups, and meet each of them.

use std::sync::Arc;

use leptos::prelude::*;

use crate::{
    charts::ChartRequest,
    engine::{
        data::role::TableKind,
        segments::segmentation::{Scaling, SegmentChoices, SegmentPlan, SegmentProfile, Segmentation},
        words,
    },
    ui::{
        components::{
            Cell, Chart, Choice, ClaimList, ColumnPicker, Face, NeedsData, NumberInput, Select, Table, Term,
        },
        hooks::{latest, part},
        route::Page,
        session::{Session, Slot, actions},
        widgets::{Bench, Workbench},
    },
};

type Found = Memo<Option<Arc<Segmentation>>>;

/// The Segment page.
#[component]
pub fn SegmentPage() -> impl IntoView {
    view! {
        <NeedsData what="Here you find groups of people or ads that are alike, see how sure the grouping is, and what each group responds.">
            <Segment />
        </NeedsData>
    }
}

#[derive(Clone, Copy)]
struct Form {
    plan: RwSignal<Option<SegmentPlan>>,
    /// Every column was taken out by hand: in a plan no columns mean the proposed ones.
    is_emptied: RwSignal<bool>,
    choices: Memo<Option<Arc<SegmentChoices>>>,
}

impl Form {
    fn new(session: Session) -> Self {
        let form = Self {
            plan: RwSignal::new(None),
            is_emptied: RwSignal::new(false),
            choices: latest(session.segment_choices),
        };
        Effect::new(move |_| {
            let Some(choices) = form.choices.get() else { return };
            let earlier =
                form.plan.get_untracked().or_else(|| session.recipe.with_untracked(|r| r.segment.clone()));
            let mut plan = earlier.unwrap_or_else(|| choices.plan.clone());
            plan.columns.retain(|c| choices.columns.contains(c));
            form.plan.set(Some(plan));
        });
        form
    }

    fn edit(self, edit: impl FnOnce(&mut SegmentPlan)) {
        self.plan.update(|plan| {
            if let Some(plan) = plan {
                edit(plan);
            }
        });
    }

    fn figure(self, take: fn(&SegmentPlan) -> f64) -> Signal<f64> {
        Signal::derive(move || self.plan.with(|p| p.as_ref().map_or(0.0, take)))
    }
}

#[component]
fn Segment() -> impl IntoView {
    let session = Session::expect();
    let found = latest(session.segmentation);
    let form = Form::new(session);
    Effect::new(move |_| {
        if session.prepared.with(Option::is_some) {
            actions::ensure_segment_choices(session);
        }
    });
    let find = Callback::new(move |()| {
        if let Some(plan) = form.plan.get_untracked() {
            actions::segment(session, SegmentPlan { k: None, ..plan });
        }
    });
    let sentence = Signal::derive(move || {
        found.with(|f| f.as_ref().map(|f| sentence_of(f))).unwrap_or_else(|| {
            "Groups of rows that are alike, how sure they are, and what each responds.".into()
        })
    });
    let chosen = Signal::derive(move || form.plan.with(|p| p.as_ref().map(plan_words)));
    let refusal = Signal::derive(move || {
        let words = "Choose at least one column the segments shall be alike in.";
        if form.is_emptied.get() { words.to_owned() } else { String::new() }
    });
    let differs = Signal::derive(move || {
        let asked = session.segmentation.with(|s| match s {
            Slot::Ready { recipe, .. } => recipe.segment.clone(),
            _ => None,
        });
        let Some(asked) = asked else { return String::new() };
        let differs = form.plan.with(|p| p.as_ref().map(|p| p.differs_from(&asked)).unwrap_or_default());
        if differs.is_empty() {
            String::new()
        } else {
            format!("Changed since: {}. Shown: {}.", words::list(&differs), plan_words(&asked))
        }
    });
    view! {
        <Workbench
            bench=BENCH sentence go=Signal::stored("Find segments".to_owned()) on_go=find chosen refusal differs
            choices=Face::of(session, session.segment_choices)
            result=Face::of(session, session.segmentation)
            settings=move || view! { <SettingsForm form /> }
            results=move || view! { <Results found /> }
            next=Page::Decide next_words=Signal::derive(move || next_words(session.kind()).to_owned())
        />
    }
}

const BENCH: Bench = Bench {
    page: "segment",
    title: "Segment",
    panel: "What is grouped",
    again: "Find segments again",
    empty: (
        "No segments yet",
        "The settings are filled in. Find segments to see how many groups the data supports and what makes each different.",
    ),
};

fn next_words(kind: TableKind) -> &'static str {
    match kind {
        TableKind::Ads => "See what moving budget between groups would bring.",
        _ => "See which segments are worth contacting, in money.",
    }
}

fn sentence_of(found: &Segmentation) -> String {
    let rows = words::count(found.n_rows);
    if found.stopped().is_some() {
        format!("{rows} rows in {} segments, of those tried before it was stopped.", found.k)
    } else if found.k == found.recommended_k {
        format!("{rows} rows in {} segments, the recommended number.", found.k)
    } else {
        format!("{rows} rows in {} segments; {} are recommended.", found.k, found.recommended_k)
    }
}

fn plan_words(plan: &SegmentPlan) -> String {
    let columns = if plan.columns.is_empty() {
        "the proposed columns".to_owned()
    } else {
        words::counted(plan.columns.len() as u64, "column", "columns")
    };
    format!(
        "{columns}; {} to {} segments, {} starts each; seed {}",
        plan.k_min, plan.k_max, plan.starts, plan.seed
    )
}

#[component]
fn SettingsForm(form: Form) -> impl IntoView {
    let names = part(form.choices, |c| c.columns.clone());
    let proposed = part(form.choices, |c| {
        if c.plan.columns.is_empty() { c.columns.clone() } else { c.plan.columns.clone() }
    });
    let chosen = Signal::derive(move || {
        let columns = form.plan.with(|p| p.as_ref().map(|p| p.columns.clone()).unwrap_or_default());
        if columns.is_empty() && !form.is_emptied.get() { proposed.get() } else { columns }
    });
    let choose = move |columns: Vec<String>| {
        form.is_emptied.set(columns.is_empty());
        form.edit(|p| p.columns = columns);
    };
    let why = part(form.choices, |c| c.why.clone());
    let scalings = Scaling::ALL.map(|s| Choice::new(s.slug(), s.label())).to_vec();
    let scaling = Signal::derive(move || {
        form.plan.with(|p| p.as_ref().map_or(Scaling::default(), |p| p.scaling).slug().to_owned())
    });
    let set_scaling = move |slug: String| {
        if let Some(scaling) = Scaling::ALL.into_iter().find(|s| s.slug() == slug) {
            form.edit(|p| p.scaling = scaling);
        }
    };
    let outcomes = part(form.choices, |c| {
        std::iter::once(Choice::new("", "none"))
            .chain(c.outcomes.iter().cloned().map(Choice::same))
            .collect::<Vec<_>>()
    });
    let outcome = Signal::derive(move || {
        form.plan.with(|p| p.as_ref().and_then(|p| p.outcome.clone()).unwrap_or_default())
    });
    let choose_outcome = move |o: String| form.edit(|p| p.outcome = (!o.is_empty()).then_some(o));
    view! {
        <ColumnPicker label="Alike in" names chosen on_change=choose />
        <p class="field__help">{why}</p>
        <Select
            label="Scaling" help="Brings columns to one scale, so that large numbers do not decide alone."
            choices=Signal::stored(scalings) value=scaling on_change=set_scaling
        />
        <div class="field-row">
            <NumberInput
                label="Segments from" integer=true min=2.0 max=20.0 value=form.figure(|p| f64::from(p.k_min))
                on_change=move |v: f64| form.edit(|p| { p.k_min = v as u32; p.k_max = p.k_max.max(p.k_min); })
            />
            <NumberInput
                label="to" integer=true min=2.0 max=20.0 value=form.figure(|p| f64::from(p.k_max))
                on_change=move |v: f64| form.edit(|p| { p.k_max = v as u32; p.k_min = p.k_min.min(p.k_max); })
            />
        </div>
        <NumberInput
            label="Starts" integer=true min=1.0 max=100.0 help="How often each number of segments is tried from other beginnings; the best is kept."
            value=form.figure(|p| f64::from(p.starts)) on_change=move |v: f64| form.edit(|p| p.starts = v as u32)
        />
        <Show when=move || outcomes.with(|o| o.len() > 1)>
            <Select
                label="Rate shown" help="Its rate is shown by segment; the segments are found without it."
                choices=outcomes value=outcome on_change=choose_outcome
            />
        </Show>
        <NumberInput
            label="Seed" integer=true min=0.0 max=9_007_199_254_740_991.0 value=form.figure(|p| p.seed as f64)
            on_change=move |v: f64| form.edit(|p| p.seed = v as u64)
        />
    }
}

#[component]
fn Results(found: Found) -> impl IntoView {
    let session = Session::expect();
    let sweep = Signal::stored(ChartRequest::new("k_sweep", []));
    let map = Signal::stored(ChartRequest::new("segment_map", []));
    let profile = Signal::stored(ChartRequest::new("segment_profile", []));
    let why = part(found, |f| f.why_k.clone());
    let ks = part(found, |f| {
        let label = |k: u32| if k == f.recommended_k { format!("{k} (recommended)") } else { k.to_string() };
        f.sweep.iter().map(|p| Choice::new(p.k.to_string(), label(p.k))).collect::<Vec<_>>()
    });
    let k = part(found, |f| f.k.to_string());
    let choose = move |k: String| {
        // As it was asked, so that the settings beside it stay the ones it was found with.
        let asked = session.recipe.with_untracked(|r| r.segment.clone());
        let plan = asked.or_else(|| found.with_untracked(|f| f.as_ref().map(|f| f.plan.clone())));
        if let (Ok(k), Some(plan)) = (k.parse::<u32>(), plan) {
            actions::segment(session, SegmentPlan { k: Some(k), ..plan });
        }
    };
    let claims = part(found, |f| f.claims.clone());
    let notes = part(found, |f| {
        let filled = (f.n_filled > 0).then(|| {
            format!("{} rows had missing values; they were filled with the median of the column for the grouping.", words::count(f.n_filled))
        });
        f.notes.iter().cloned().chain(filled).collect::<Vec<_>>()
    });
    let segments = part(found, |f| f.segments.clone());
    let overall = part(found, |f| f.overall_rate);
    let outcome = part(found, |f| f.plan.outcome.clone());

    view! {
        <section class="page__section" data-section="sweep">
            <div class="controls">
                <Select label="Number of segments" choices=ks value=k on_change=choose />
                <p class="lead">{why}</p>
            </div>
            <Chart request=sweep height=450 />
            <p class="quiet">
                <Term word="Silhouette" means="How much closer rows are to their own segment than to the next, from −1 to 1." /> ", "
                <Term word="Davies-Bouldin" means="How wide segments are against the distance between them; lower is better." /> " and "
                <Term word="stability" means="Adjusted Rand index between starts: 1 means that every start finds the same segments, 0 that they agree only by chance." />
                " say whether the groups are there or were made."
            </p>
        </section>
        <section class="page__section" data-section="segments">
            <h2>"The segments"</h2>
            <div class="segment-cards">
                {move || {
                    let (overall, outcome) = (overall.get(), outcome.get());
                    segments
                        .get()
                        .into_iter()
                        .map(|segment| view! { <SegmentCard segment overall outcome=outcome.clone() /> })
                        .collect_view()
                }}
            </div>
            <Show when=move || notes.with(|n| !n.is_empty())>
                <ul class="notes">{move || notes.get().into_iter().map(|n| view! { <li>{n}</li> }).collect_view()}</ul>
            </Show>
        </section>
        <Show when=move || claims.with(|c| !c.is_empty())>
            <section class="page__section" data-section="claims">
                <h2>"Findings"</h2>
                <ClaimList claims />
            </section>
        </Show>
        <section class="page__section" data-section="profile">
            <Chart request=profile height=420 />
            <ProfileTable found />
        </section>
        <section class="page__section" data-section="map">
            <Chart request=map height=420 instead="A map needs two columns or more." />
        </section>
    }
}

/// One segment in words and figures.
#[component]
fn SegmentCard(segment: SegmentProfile, overall: Option<f64>, outcome: Option<String>) -> impl IntoView {
    let share = words::percent(segment.share);
    let size = format!("{} rows, {share}", words::count(segment.n));
    let rate = segment.response.map(|r| {
        let outcome = outcome.unwrap_or_else(|| "response".into());
        let against = overall.map_or(String::new(), |o| format!("; all {}", words::percent(o)));
        (
            format!("{outcome} {}", words::percent(r.rate)),
            format!(
                "95 % interval {}; {} of {}{against}",
                words::percent_interval(r.interval),
                words::number(r.responses),
                words::count(r.n)
            ),
            format!(
                "Expected on a re-test: {} ({})",
                words::percent(r.expected),
                words::percent_interval(r.expected_interval)
            ),
        )
    });
    view! {
        <article class="segment-card" data-segment=segment.index.to_string()>
            <header class="segment-card__header">
                <h3 class="segment-card__name">{segment.name.clone()}</h3>
                <span class="segment-card__size">{size}</span>
            </header>
            <p class="segment-card__sentence">{segment.sentence.clone()}</p>
            {rate.map(|(rate, interval, expected)| view! {
                <p class="segment-card__rate">{rate}</p>
                <p class="quiet">{interval}</p>
                <p class="quiet">{expected}</p>
            })}
        </article>
    }
}

/// Means in original units.
#[component]
fn ProfileTable(found: Found) -> impl IntoView {
    let header = part(found, |f| {
        let names = f.segments.iter().map(|s| format!("Segment {}", s.index + 1));
        ["Mean of".to_owned(), "All".to_owned()].into_iter().chain(names).collect::<Vec<_>>()
    });
    let rows = part(found, |f| {
        // A row is one measure: equal decimals, fewer the larger its numbers.
        let cells = |values: Vec<Option<f64>>| {
            let largest = values.iter().flatten().fold(0.0_f64, |m, v| m.max(v.abs()));
            let n = if largest >= 999.95 { 0 } else { 2 - usize::from(largest >= 99.95) };
            values
                .into_iter()
                .map(|v| Cell::number(v.map_or_else(|| words::NOTHING.to_owned(), |v| words::decimals(v, n))))
                .collect::<Vec<_>>()
        };
        let mut rows: Vec<Vec<Cell>> = vec![
            [Cell::text("Rows"), Cell::number(words::count(f.n_rows))]
                .into_iter()
                .chain(f.segments.iter().map(|s| Cell::number(words::count(s.n))))
                .collect(),
        ];
        rows.extend(f.profile_columns.iter().enumerate().map(|(i, column)| {
            let own = f.overall_means.get(i).copied().flatten();
            let means = f.segments.iter().map(|s| s.means.get(i).copied().flatten());
            let values = std::iter::once(own).chain(means).collect();
            std::iter::once(Cell::text(column.clone())).chain(cells(values)).collect()
        }));
        rows
    });
    view! { <Table caption="Means of the segments in original units" header rows /> }
}
