//! The Features page: ready-made measures for the roles found, bins, encodings and scaling, and what was made.

use leptos::prelude::*;

use crate::{
    engine::{step::Suggestion, words},
    ui::{
        components::{Button, ButtonKind, EmptyState, NeedsData, NextStep, PageHeader},
        route::Page,
        session::{Session, actions, way},
        widgets::{AppliedSteps, Editing, StepEditor, StepFamily, StepPicker, SuggestionList},
    },
};

/// Groups of features, in the order shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Group {
    Suggested,
    Domain,
    Bins,
    Encodings,
    Scaling,
}

impl Group {
    const ALL: [Self; 5] = [Self::Suggested, Self::Domain, Self::Bins, Self::Encodings, Self::Scaling];

    fn title(self) -> &'static str {
        match self {
            Self::Suggested => "Suggested",
            Self::Domain => "Also made for this kind of table",
            Self::Bins => "Groups and bins",
            Self::Encodings => "Categories as numbers",
            Self::Scaling => "Scaling",
        }
    }

    fn of(slug: &str) -> Self {
        let has = |words: &[&str]| words.iter().any(|w| slug.contains(w));
        if has(&["one_hot", "ordinal", "frequency_enc", "encode"]) {
            Self::Encodings
        } else if has(&["standard", "min_max", "robust", "log1p", "scale"]) {
            Self::Scaling
        } else if has(&["bin", "quantile"]) {
            Self::Bins
        } else {
            Self::Domain
        }
    }
}

/// The Features page.
#[component]
pub fn FeaturesPage() -> impl IntoView {
    view! {
        <NeedsData what="Here you make new columns out of those you have: rates, costs, groups. Open a file first.">
            <Work />
        </NeedsData>
    }
}

#[component]
fn Work() -> impl IntoView {
    let session = Session::expect();
    let editing = RwSignal::new(None::<Editing>);
    let suggestions = Memo::new(move |_| {
        session.prepared.with(|p| p.as_ref().map(|p| p.features.clone())).unwrap_or_default()
    });
    let recommended = move || suggestions.with(|s| way::recommended(s, |c| StepFamily::Feature.step(c)));
    let n_recommended = Memo::new(move |_| recommended().len() as u64);
    let n_applied = Memo::new(move |_| session.n_steps().1 as u64);
    let is_busy = Memo::new(move |_| session.preparing.with(Option::is_some));
    let n_made = move || {
        session.prepared.with(|p| {
            p.as_ref().map_or(0, |p| p.table.columns.iter().filter(|c| c.is_computed).count() as u64)
        })
    };
    let sentence = move || match (n_made(), n_recommended.get()) {
        (0, 0) => {
            "New columns out of those you have. Nothing is suggested for the roles found; add what you need."
                .to_owned()
        }
        (0, n) => format!(
            "{} for the roles found in your columns. Where a rate is undefined it stays missing, never 0.",
            words::counted(n, "feature is suggested", "features are suggested")
        ),
        (made, _) => format!(
            "{} made so far. Where a rate is undefined it stays missing, never 0.",
            words::counted(made, "column", "columns")
        ),
    };
    let apply_all = move |()| {
        let steps = untrack(recommended);
        let what =
            format!("Made {}", words::counted(steps.len() as u64, "suggested feature", "suggested features"));
        actions::apply_steps(session, steps, &what);
    };
    let group = move |group: Group| {
        Signal::derive(move || {
            suggestions.with(|all| {
                let belongs = |s: &&Suggestion| match group {
                    Group::Suggested => s.recommended,
                    group => !s.recommended && Group::of(&s.call.slug) == group,
                };
                all.iter().filter(belongs).cloned().collect::<Vec<Suggestion>>()
            })
        })
    };

    view! {
        <div class="page" data-ready=move || (!is_busy.get()).to_string()>
            <PageHeader title="Features" sentence=Signal::derive(sentence)>
                <StepPicker family=StepFamily::Feature editing words="Add a feature…" />
                <Show when=move || n_recommended.get() != 0>
                    <Button kind=ButtonKind::Primary busy=is_busy on_press=apply_all>"Make all suggested"</Button>
                </Show>
            </PageHeader>
            <Show when=move || n_applied.get() != 0>
                <section class="page__section">
                    <h2>"Made"<span class="page__count">{move || words::count(n_applied.get())}</span></h2>
                    <AppliedSteps family=StepFamily::Feature editing />
                </section>
            </Show>
            {Group::ALL.map(|g| {
                let list = group(g);
                view! {
                    <Show when=move || list.with(|l| !l.is_empty())>
                        <section class="page__section">
                            <h2>{g.title()}<span class="page__count">{move || words::count(list.with(Vec::len) as u64)}</span></h2>
                            <SuggestionList family=StepFamily::Feature suggestions=list editing />
                        </section>
                    </Show>
                }
            }).collect_view()}
            <Show when=move || suggestions.with(Vec::is_empty) && n_applied.get() == 0>
                <EmptyState
                    title="Nothing ready-made fits"
                    text="Ready-made features need columns with roles such as impressions, clicks and spend, or income and purchases. Set roles on the Data page, or add bins, encodings and scaling here."
                />
            </Show>
            <NextStep to=Page::Explore text="What is in the table, and which differences hold." />
            <StepEditor family=StepFamily::Feature editing />
        </div>
    }
}
