//! Why the model predicts what it predicts, and how far to trust it: part of the Model page.

use std::sync::Arc;

use leptos::prelude::*;

use super::what_if::WhatIfForm;
use crate::{
    charts::ChartRequest,
    engine::{
        models::{comparison::Comparison, explain::Explanation, family::Link},
        words,
    },
    ui::{
        components::{Cell, Chart, Choice, ClaimList, Select, SlotStatus, Table, Term},
        hooks::{latest, part},
        session::{Session, actions},
    },
};

type Explained = Memo<Option<Arc<Explanation>>>;

/// The explanation of a model of the comparison.
#[component]
pub fn ExplanationPart(
    /// The models to choose from.
    compared: Memo<Option<Arc<Comparison>>>,
) -> impl IntoView {
    let session = Session::expect();
    let explained = latest(session.explanation);
    let has_value = Memo::new(move |_| explained.with(Option::is_some));
    let is_there = Memo::new(move |_| {
        has_value.get() || session.explanation.with(|s| s.running().is_some() || s.failure().is_some())
    });
    let is_chosen = part(compared, |c| c.verdict.winner.clone());
    let families = part(compared, |c| {
        let works = c.results.iter().filter(|r| r.error.is_none());
        works
            .map(|r| {
                let mark = if r.family == c.verdict.winner { " (chosen)" } else { "" };
                Choice::new(r.family.clone(), format!("{}{mark}", r.title))
            })
            .collect::<Vec<_>>()
    });
    let family = Signal::derive(move || {
        let asked = session.recipe.with(|r| r.explain.family.clone());
        asked
            .filter(|slug| families.with(|f| f.iter().any(|c| c.value == *slug)))
            .unwrap_or_else(|| is_chosen.get())
    });
    let choose = move |slug: String| {
        let chosen = is_chosen.get_untracked();
        actions::explain_family(session, (slug != chosen).then_some(slug));
    };
    let again = Callback::new(move |()| actions::explain(session));
    view! {
        <Show when=move || is_there.get()>
            <section
                class="page__section explanation" data-section="explanation"
                data-ready=move || session.explanation.with(|s| s.is_ready()).to_string()
            >
                <h2>"What drives the prediction"</h2>
                <div class="controls">
                    <Select label="Model explained" choices=families value=family on_change=choose />
                </div>
                <SlotStatus of=session.explanation on_again=again again="Explain again" />
                <Show when=move || has_value.get()>
                    <Words explained />
                    <Moving explained compared />
                    <Curve explained />
                    <OneRow explained />
                    <WhatIfForm explained />
                    <Trust explained />
                </Show>
            </section>
        </Show>
    }
}

#[component]
fn Words(explained: Explained) -> impl IntoView {
    let words = part(explained, |e| words::unbroken(&e.words.join(" ")));
    view! { <p class="explanation__words" data-part="words">{words}</p> }
}

/// SHAP values of all columns, or why there are none; importance where another model than the chosen is explained.
#[component]
fn Moving(explained: Explained, compared: Memo<Option<Arc<Comparison>>>) -> impl IntoView {
    let request = Signal::stored(ChartRequest::new("shap_summary", []));
    let importance = Signal::stored(ChartRequest::new("importance", ["explained".to_owned()]));
    let has_shap = Memo::new(move |_| explained.with(|e| e.as_ref().is_some_and(|e| e.shap.is_some())));
    let why_not = part(explained, |e| e.without_shap.clone().unwrap_or_default());
    let is_other = Memo::new(move |_| {
        let family = explained.with(|e| e.as_ref().map(|e| e.family.clone()));
        family.is_some() && family != compared.with(|c| c.as_ref().map(|c| c.verdict.winner.clone()))
    });
    let scale = part(explained, |e| match e.link {
        Link::Identity => "",
        Link::Log => " This model adds up logarithms: +0.69 doubles a prediction.",
        Link::LogOdds => " This model adds up log-odds, not probabilities: +0.69 doubles the odds.",
    });
    view! {
        <Show when=move || is_other.get()>
            <Chart request=importance height=360 instead="No column matters to this model." />
        </Show>
        {move || if has_shap.get() {
            view! {
                <Chart request height=420 instead="No column moves this model's predictions." />
                <p class="quiet">
                    <Term word="SHAP values" means="Each prediction is shared out among the columns, as winnings among players: what a column adds on average over every order in which the columns could become known." />
                    " of a row add up to its prediction: they say what the model makes of each column, not what a change would do."
                    {scale}
                </p>
            }.into_any()
        } else {
            view! { <p class="quiet" data-part="without-shap">{why_not}</p> }.into_any()
        }}
    }
}

/// The prediction over the values of one column.
#[component]
fn Curve(explained: Explained) -> impl IntoView {
    let columns =
        part(explained, |e| e.dependence.iter().map(|d| Choice::same(d.column.clone())).collect::<Vec<_>>());
    let wanted = RwSignal::new(None::<String>);
    let column = Memo::new(move |_| {
        let wanted = wanted.get();
        columns.with(|all| {
            let chosen = wanted.filter(|w| all.iter().any(|c| c.value == *w));
            chosen.or_else(|| all.first().map(|c| c.value.clone())).unwrap_or_default()
        })
    });
    let request = Signal::derive(move || ChartRequest::new("dependence", [column.get()]));
    let caution = Signal::derive(move || {
        let column = column.get();
        explained.with(|e| {
            let found = e.as_ref()?.dependence.iter().find(|d| d.column == column)?;
            found.caution.clone()
        })
    });
    view! {
        <Show when=move || columns.with(|c| !c.is_empty())>
            <h3>"How the prediction changes with one column"</h3>
            <div class="controls">
                <Select label="Column" choices=columns value=column on_change=move |c: String| wanted.set(Some(c)) />
            </div>
            <Chart request height=340 />
            {move || caution.get().map(|c| view! { <p class="explanation__caution" data-part="caution">{c}</p> })}
            <p class="quiet">
                "The strong line is the "
                <Term word="partial dependence" means="The mean prediction over many rows when this column is set to one value in all of them and the other columns stay as they are." />
                ", the thin lines are single rows: where they run apart, the effect depends on other columns."
            </p>
        </Show>
    }
}

/// One prediction taken apart, column by column, for a row worth looking at.
#[component]
fn OneRow(explained: Explained) -> impl IntoView {
    let rows = part(explained, |e| {
        let told = e.examples.iter().filter(|row| row.parts.iter().any(|p| p.by != 0.0));
        told.map(|row| Choice::new(row.slug.clone(), row_words(&row.slug, row.row))).collect::<Vec<_>>()
    });
    let wanted = RwSignal::new(String::new());
    let row = Memo::new(move |_| {
        let wanted = wanted.get();
        rows.with(|all| {
            all.iter()
                .find(|c| c.value == wanted)
                .or(all.first())
                .map(|c| c.value.clone())
                .unwrap_or_default()
        })
    });
    let request = Signal::derive(move || ChartRequest::new("waterfall", [row.get()]));
    view! {
        <Show when=move || rows.with(|r| !r.is_empty())>
            <h3>"One row, column by column"</h3>
            <div class="controls">
                <Select label="Row" choices=rows value=row on_change=move |slug: String| wanted.set(slug) />
            </div>
            <Chart request height=340 />
        </Show>
    }
}

/// Why a row is worth looking at, and which it is.
pub(super) fn row_words(slug: &str, row: u32) -> String {
    let what = match slug {
        "typical" => "The row with the median prediction",
        "highest" => "The row predicted highest",
        _ => "The row missed most",
    };
    format!("{what} ({})", words::count(u64::from(row) + 1))
}

/// Coverage of intervals, checks of residuals, the rows missed most.
#[component]
fn Trust(explained: Explained) -> impl IntoView {
    let claims = part(explained, |e| e.claims.clone());
    let rows = part(explained, |e| e.intervals.as_ref().map(interval_rows).unwrap_or_default());
    let by_fold = part(explained, |e| e.intervals.as_ref().is_some_and(|i| i.by_fold));
    let why_not = part(explained, |e| e.without_intervals.clone());
    let header = Signal::derive(move || {
        let by = if by_fold.get() { "By fold" } else { "By half" };
        ["Meant for", "Held", "95 % interval", "Rows", by, "Mean width"].map(str::to_owned).to_vec()
    });
    view! {
        <h3>"How far to trust a single prediction"</h3>
        <Show when=move || rows.with(|r| !r.is_empty())>
            <Table caption="Prediction intervals on rows they were not made from" header rows />
            <p class="quiet">
                <Term word="Conformal intervals" means="As wide as the errors on rows the model had not seen: no shape of the errors is assumed, and they widen where predictions like this one missed by more." />
                {move || if by_fold.get() {
                    " tried on each fold in turn, made from the errors of the other folds. "
                } else {
                    " tried on each half of the held-out rows, made from the errors of the other. "
                }}
                "They hold for new rows that are like these."
            </p>
        </Show>
        {move || why_not.get().map(|w| view! { <p class="quiet" data-part="without-intervals">{w}</p> })}
        <Show when=move || claims.with(|c| !c.is_empty())>
            <ClaimList claims />
        </Show>
    }
}

fn interval_rows(intervals: &crate::engine::models::explain::Intervals) -> Vec<Vec<Cell>> {
    intervals
        .levels
        .iter()
        .map(|l| {
            let parts: Vec<String> = l.parts.iter().map(|(n, covered)| words::share(*covered, *n)).collect();
            vec![
                Cell::number(words::percent(l.level)),
                Cell::number(words::share(l.covered, l.n)),
                Cell::number(l.interval.map_or_else(|| words::NOTHING.to_owned(), words::percent_interval)),
                Cell::number(words::count(l.n)),
                Cell::text(parts.join(", ")),
                Cell::number(words::number(l.mean_width)),
            ]
        })
        .collect()
}
