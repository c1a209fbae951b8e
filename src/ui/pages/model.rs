//! Model: choose what to predict from what, compare families on rows they have not seen, and see why the best is best.

use std::sync::Arc;

use leptos::prelude::*;

use crate::{
    charts::ChartRequest,
    engine::{
        knobs::Settings,
        models::{
            comparison::{Comparison, FamilyResult, PairTest, Scores},
            plan::{FamilyChoice, ModelChoices, ModelPlan, Standing, Validation},
        },
        words,
    },
    protocol::FamilyInfo,
    ui::{
        components::{
            Button, ButtonKind, Cell, Chart, Checkbox, Choice, ClaimList, ColumnPicker, EmptyState, KnobForm,
            NeedsData, NextStep, NumberInput, PageHeader, Panel, Select, SlotStatus, Switch, Table, Term,
        },
        hooks::{latest, number_word, part},
        route::Page,
        session::{Session, Slot, actions},
    },
};

type Compared = Memo<Option<Arc<Comparison>>>;

/// The Model page.
#[component]
pub fn ModelPage() -> impl IntoView {
    view! {
        <NeedsData what="Here you predict one column from others and see which model does it best, on rows the model has not seen.">
            <Model />
        </NeedsData>
    }
}

/// A family on the form: whether it is compared, and with which settings.
#[derive(Clone)]
struct Entrant {
    info: FamilyInfo,
    is_in: RwSignal<bool>,
    settings: RwSignal<Settings>,
}

/// What is on the form.
#[derive(Clone, Copy)]
struct Form {
    plan: RwSignal<Option<ModelPlan>>,
    entrants: RwSignal<Vec<Entrant>>,
    choices: Memo<Option<Arc<ModelChoices>>>,
}

impl Form {
    fn new(session: Session) -> Self {
        let form = Self {
            plan: RwSignal::new(None),
            entrants: RwSignal::new(Vec::new()),
            choices: latest(session.model_choices),
        };
        // New choices renew the form; what was decided for the same target is kept.
        Effect::new(move |_| {
            let Some(choices) = form.choices.get() else { return };
            let earlier =
                form.plan.get_untracked().or_else(|| session.recipe.with_untracked(|r| r.model.clone()));
            let plan = match earlier {
                Some(mut plan) if plan.target == choices.target => {
                    let is_there = |name: &String| choices.candidates.iter().any(|c| &c.column == name);
                    plan.features.retain(is_there);
                    plan.unblocked.retain(is_there);
                    plan
                }
                _ => choices.plan.clone(),
            };
            form.plan.set(Some(plan));
        });
        Effect::new(move |_| {
            let families = session.families.get();
            let plan = session.recipe.with_untracked(|r| r.model.clone());
            let chosen = plan.map(|p| p.families).unwrap_or_default();
            let entrants = families.into_iter().map(|info| {
                let own = chosen.iter().find(|c| c.family == info.slug);
                Entrant {
                    is_in: RwSignal::new(chosen.is_empty() || own.is_some()),
                    settings: RwSignal::new(own.map(|c| c.settings.clone()).unwrap_or_default()),
                    info,
                }
            });
            form.entrants.set(entrants.collect());
        });
        form
    }

    fn edit(self, edit: impl FnOnce(&mut ModelPlan)) {
        self.plan.update(|plan| {
            if let Some(plan) = plan {
                edit(plan);
            }
        });
    }

    /// Models that learn something: the baseline is always there and not counted.
    fn n_models(self) -> usize {
        self.entrants.with(|e| e.iter().filter(|e| e.is_in.get() && !is_baseline(&e.info.slug)).count())
    }

    /// The plan to send.
    fn finished(self) -> Option<ModelPlan> {
        let mut plan = self.plan.get_untracked()?;
        plan.families = self.entrants.with_untracked(|entrants| {
            let is_in = |e: &&Entrant| e.is_in.get_untracked();
            let choice = |e: &Entrant| FamilyChoice {
                family: e.info.slug.clone(),
                settings: e.settings.get_untracked(),
            };
            entrants.iter().filter(is_in).map(choice).collect()
        });
        Some(plan)
    }
}

fn is_baseline(slug: &str) -> bool {
    slug.contains("baseline") || slug == "mean"
}

#[component]
fn Model() -> impl IntoView {
    let session = Session::expect();
    let compared = latest(session.comparison);
    let has_compared = Memo::new(move |_| compared.with(Option::is_some));
    let form = Form::new(session);
    Effect::new(move |_| {
        if session.prepared.with(Option::is_some) {
            actions::ensure_model_choices(session);
        }
    });
    let train = Callback::new(move |()| {
        if let Some(plan) = form.finished() {
            actions::compare(session, plan);
        }
    });
    let sentence = Signal::derive(move || {
        compared.with(|c| c.as_ref().map(|c| c.verdict.sentence.clone())).filter(|s| !s.is_empty()).unwrap_or_else(|| {
            "Which model predicts best, on rows it has not seen, and whether the difference is more than noise.".into()
        })
    });
    let is_running = Memo::new(move |_| session.comparison.with(|s| s.running().is_some()));
    let words = move || match form.n_models() {
        0 => "Train the baseline".to_owned(),
        1 => "Train one model".to_owned(),
        n => format!("Train {} models", number_word(n)),
    };
    let has_plan = Memo::new(move |_| form.plan.with(Option::is_some));

    let is_ready = move || session.comparison.with(Slot::is_ready);
    view! {
        <div class="page" data-page="model" data-ready=move || is_ready().to_string()>
        <PageHeader title="Model" sentence />
        <div class="beside">
            <div class="beside__main">
                <SlotStatus of=session.model_choices />
                <div class="go">
                    <Button
                        kind=ButtonKind::Primary on_press=train busy=is_running
                        disabled=Signal::derive(move || !has_plan.get())
                    >
                        {words}
                    </Button>
                    <p class="quiet">{move || form.plan.with(|p| p.as_ref().map(plan_words))}</p>
                </div>
                <SlotStatus of=session.comparison on_again=train again="Compare again" />
                <Show
                    when=move || has_compared.get()
                    fallback=move || view! { <Show when=move || !is_running.get()><NotYet /></Show> }
                >
                    <Results compared />
                </Show>
                <NextStep to=Page::Segment text=Signal::stored("Group people or ads that are alike, and see what each group is worth.".to_owned()) />
            </div>
            <div class="beside__panel">
                <Panel title="What is compared">
                    <Show when=move || has_plan.get() fallback=|| view! { <p class="quiet" role="status">"Looking at the columns…"</p> }>
                        <SettingsForm form />
                    </Show>
                </Panel>
            </div>
        </div>
        </div>
    }
}

#[component]
fn NotYet() -> impl IntoView {
    view! {
        <EmptyState
            title="No models yet"
            text="The settings are filled in: columns that would give the answer away are left out. Train the models to see how well the target can be predicted from what is known before."
        />
    }
}

/// "Approved_Conversion, 5 folds".
fn plan_words(plan: &ModelPlan) -> String {
    let how = match &plan.validation {
        Validation::HoldOut { test_share } => {
            format!("tested on {} of the rows", words::percent(*test_share))
        }
        Validation::KFold { k } => format!("{k} folds"),
        Validation::GroupKFold { k, group } => format!("{k} folds, {group} kept together"),
    };
    format!("Predicts {}; {how}; seed {}", plan.target, plan.seed)
}

#[component]
fn SettingsForm(form: Form) -> impl IntoView {
    let session = Session::expect();
    let target =
        Signal::derive(move || form.plan.with(|p| p.as_ref().map(|p| p.target.clone()).unwrap_or_default()));
    let targets = part(form.choices, |c| c.targets.iter().cloned().map(Choice::same).collect::<Vec<_>>());
    let choose_target = move |target: String| {
        form.plan.set(None);
        actions::model_choices(session, Some(target), Vec::new());
    };
    let unblocked = Signal::derive(move || {
        form.plan.with(|p| p.as_ref().map(|p| p.unblocked.clone()).unwrap_or_default())
    });
    let usable = Signal::derive(move || {
        let unblocked = unblocked.get();
        form.choices.with(|c| {
            let is_usable =
                |s: &Standing, name: &String| matches!(s, Standing::Used) || unblocked.contains(name);
            c.as_ref()
                .map(|c| {
                    c.candidates
                        .iter()
                        .filter(|c| is_usable(&c.standing, &c.column))
                        .map(|c| c.column.clone())
                        .collect::<Vec<_>>()
                })
                .unwrap_or_default()
        })
    });
    let chosen = Signal::derive(move || {
        let features = form.plan.with(|p| p.as_ref().map(|p| p.features.clone()).unwrap_or_default());
        if features.is_empty() { usable.get() } else { features }
    });
    let choose = move |features: Vec<String>| form.edit(|p| p.features = features);

    view! {
        <Select label="Predict" choices=targets value=target on_change=choose_target />
        <ColumnPicker label="From" names=usable chosen on_change=choose />
        <Blocked form unblocked chosen />
        <ValidationForm form />
        <fieldset class="families">
            <legend class="field__label">"Models"</legend>
            <For each=move || form.entrants.get() key=|e| e.info.slug.clone() let:entrant>
                <EntrantForm entrant />
            </For>
        </fieldset>
    }
}

/// Columns that would give the answer away, with the reason and a switch; and those of no use.
#[component]
fn Blocked(form: Form, unblocked: Signal<Vec<String>>, chosen: Signal<Vec<String>>) -> impl IntoView {
    let leaks = part(form.choices, |c| {
        let leak = |c: &crate::engine::models::plan::Candidate| match &c.standing {
            Standing::Leaks { reason } => Some((c.column.clone(), reason.clone())),
            _ => None,
        };
        c.candidates.iter().filter_map(leak).collect::<Vec<_>>()
    });
    let useless = part(form.choices, |c| {
        let useless = |c: &crate::engine::models::plan::Candidate| match &c.standing {
            Standing::Unusable { reason } => Some((c.column.clone(), reason.clone())),
            _ => None,
        };
        c.candidates.iter().filter_map(useless).collect::<Vec<_>>()
    });
    let unblock = move |column: String, is_on: bool| {
        let chosen = chosen.get_untracked();
        form.edit(|plan| {
            plan.unblocked.retain(|c| *c != column);
            let is_chosen_by_hand = !plan.features.is_empty();
            plan.features = if is_chosen_by_hand { chosen } else { Vec::new() };
            plan.features.retain(|c| *c != column);
            if is_on {
                if is_chosen_by_hand {
                    plan.features.push(column.clone());
                }
                plan.unblocked.push(column);
            }
        });
    };
    view! {
        <Show when=move || leaks.with(|l| !l.is_empty())>
            <div class="blocked" data-section="blocked">
                <h3 class="field__label">
                    <Term word="Blocked" means="These columns are known only after the target, or are made from it: a model that uses them looks good and predicts nothing." />
                </h3>
                <ul class="blocked__list">
                    <For each=move || leaks.get() key=|(column, _)| column.clone() let:leak>
                        {
                            let (column, reason) = leak;
                            let (own, key) = (column.clone(), column.clone());
                            view! {
                                <li class="blocked__item" data-column=column.clone()>
                                    <span class="blocked__name">{column.clone()}</span>
                                    <span class="blocked__reason">{reason}</span>
                                    <Switch
                                        label=format!("Use {column} anyway")
                                        on=Signal::derive(move || unblocked.with(|u| u.contains(&own)))
                                        on_change=move |is_on: bool| unblock(key.clone(), is_on)
                                    />
                                </li>
                            }
                        }
                    </For>
                </ul>
            </div>
        </Show>
        <Show when=move || useless.with(|u| !u.is_empty())>
            <details class="blocked">
                <summary class="field__label">{move || format!("Not used ({})", useless.with(Vec::len))}</summary>
                <ul class="blocked__list">
                    {move || useless.get().into_iter().map(|(column, reason)| view! {
                        <li class="blocked__item">
                            <span class="blocked__name">{column}</span>
                            <span class="blocked__reason">{reason}</span>
                        </li>
                    }).collect_view()}
                </ul>
            </details>
        </Show>
    }
}

#[component]
fn ValidationForm(form: Form) -> impl IntoView {
    let validation = Memo::new(move |_| form.plan.with(|p| p.as_ref().map(|p| p.validation.clone())));
    let kind = Signal::derive(move || {
        let slug = match validation.get() {
            Some(Validation::HoldOut { .. }) => "hold_out",
            Some(Validation::GroupKFold { .. }) => "grouped",
            _ => "folds",
        };
        slug.to_owned()
    });
    let groups = part(form.choices, |c| c.groups.clone());
    let kinds = Signal::derive(move || {
        let mut kinds = vec![Choice::new("folds", "k folds"), Choice::new("hold_out", "One split")];
        if groups.with(|g| !g.is_empty()) {
            kinds.push(Choice::new("grouped", "k folds, groups kept together"));
        }
        kinds
    });
    let k = Memo::new(move |_| match validation.get() {
        Some(Validation::KFold { k } | Validation::GroupKFold { k, .. }) => k,
        _ => 5,
    });
    let group = Memo::new(move |_| match validation.get() {
        Some(Validation::GroupKFold { group, .. }) => group,
        _ => groups.with(|g| g.first().cloned().unwrap_or_default()),
    });
    let share = Memo::new(move |_| match validation.get() {
        Some(Validation::HoldOut { test_share }) => (test_share * 1000.0).round() / 10.0,
        _ => 20.0,
    });
    let choose = move |kind: String| {
        let validation = match kind.as_str() {
            "hold_out" => Validation::HoldOut { test_share: share.get_untracked() / 100.0 },
            "grouped" => Validation::GroupKFold { k: k.get_untracked(), group: group.get_untracked() },
            _ => Validation::KFold { k: k.get_untracked() },
        };
        form.edit(|p| p.validation = validation);
    };
    let set_k = move |v: f64| {
        form.edit(|p| {
            if let Validation::KFold { k } | Validation::GroupKFold { k, .. } = &mut p.validation {
                *k = v as u32;
            }
        });
    };
    let set_group = move |column: String| {
        form.edit(|p| {
            if let Validation::GroupKFold { group, .. } = &mut p.validation {
                *group = column;
            }
        });
    };
    let set_share = move |v: f64| form.edit(|p| p.validation = Validation::HoldOut { test_share: v / 100.0 });
    let seed = Signal::derive(move || form.plan.with(|p| p.as_ref().map_or(42.0, |p| p.seed as f64)));
    let why = part(form.choices, |c| c.why_validation.clone());
    let group_choices =
        Signal::derive(move || groups.get().into_iter().map(Choice::same).collect::<Vec<_>>());
    view! {
        <fieldset class="plain-fieldset">
            <legend class="field__label">"How they are tested"</legend>
            <Select label="Validation" hide_label=true choices=kinds value=kind on_change=choose />
            {move || match kind.get().as_str() {
                "hold_out" => view! {
                    <NumberInput label="Share of rows held out" unit="%" value=share on_change=set_share min=5.0 max=50.0 />
                }.into_any(),
                "grouped" => view! {
                    <Select label="Kept together" choices=group_choices value=group on_change=set_group />
                    <NumberInput label="Folds" integer=true value=Signal::derive(move || f64::from(k.get())) on_change=set_k min=2.0 max=20.0 />
                }.into_any(),
                _ => view! {
                    <NumberInput label="Folds" integer=true value=Signal::derive(move || f64::from(k.get())) on_change=set_k min=2.0 max=20.0 />
                }.into_any(),
            }}
            <p class="field__help">{why}</p>
            <NumberInput
                label="Seed" integer=true min=0.0 max=9_007_199_254_740_991.0
                help="The same seed gives the same folds and the same numbers."
                value=seed on_change=move |v: f64| form.edit(|p| p.seed = v as u64)
            />
        </fieldset>
    }
}

#[component]
fn EntrantForm(entrant: Entrant) -> impl IntoView {
    let session = Session::expect();
    let Entrant { info, is_in, settings } = entrant;
    let table = Signal::derive(move || session.table());
    let has_knobs = !info.knobs.is_empty();
    let knobs = info.knobs.clone();
    view! {
        <div class="families__item" data-family=info.slug.clone()>
            <Checkbox label=info.title.clone() help=info.help.clone() checked=is_in on_change=move |v: bool| is_in.set(v) />
            {has_knobs.then(|| view! {
                <details class="families__settings">
                    <summary>"Settings"</summary>
                    <KnobForm knobs settings table />
                </details>
            })}
        </div>
    }
}

#[component]
fn Results(compared: Compared) -> impl IntoView {
    let score = RwSignal::new("r2".to_owned());
    let scores = Signal::stored(vec![Choice::new("r2", "R²"), Choice::new("rmse", "RMSE")]);
    let families = part(compared, |c| {
        let works = |r: &&FamilyResult| {
            r.error.is_none() && c.predictions.iter().any(|(f, p)| f == &r.family && !p.is_empty())
        };
        c.results
            .iter()
            .filter(works)
            .map(|r| Choice::new(r.family.clone(), r.title.clone()))
            .collect::<Vec<_>>()
    });
    let wanted = RwSignal::new(None::<String>);
    let family = Memo::new(move |_| {
        let winner = compared.with(|c| c.as_ref().map(|c| c.verdict.winner.clone()).unwrap_or_default());
        let wanted = wanted.get().unwrap_or_default();
        families.with(|f| if f.iter().any(|f| f.value == wanted) { wanted } else { winner })
    });
    let scores_request = Signal::derive(move || ChartRequest::new("model_scores", [score.get()]));
    let predicted = Signal::derive(move || ChartRequest::new("predicted_actual", [family.get()]));
    let residuals = Signal::derive(move || ChartRequest::new("residuals", [family.get()]));
    let importance = Signal::stored(ChartRequest::new("importance", []));
    let has_importance =
        Memo::new(move |_| compared.with(|c| c.as_ref().is_some_and(|c| !c.importance.is_empty())));
    let claims = part(compared, |c| c.claims.clone());
    let notes = part(compared, |c| c.notes.clone());
    let pairs = part(compared, |c| c.pairs.iter().map(|p| pair_row(c, p)).collect::<Vec<_>>());

    view! {
        <section class="page__section" data-section="scores">
            <ScoreTable compared />
            <Show when=move || notes.with(|n| !n.is_empty())>
                <ul class="notes">{move || notes.get().into_iter().map(|n| view! { <li>{n}</li> }).collect_view()}</ul>
            </Show>
            <div class="controls">
                <Select label="Score drawn" choices=scores value=score on_change=move |s: String| score.set(s) />
            </div>
            <Chart request=scores_request height=340 />
        </section>
        <Show when=move || claims.with(|c| !c.is_empty())>
            <section class="page__section" data-section="claims">
                <h2>"Findings"</h2>
                <ClaimList claims />
            </section>
        </Show>
        <Show when=move || has_importance.get()>
            <section class="page__section" data-section="importance"><Chart request=importance height=360 /></section>
        </Show>
        <section class="page__section" data-section="predictions">
            <div class="controls">
                <Select label="Model" choices=families value=family on_change=move |f: String| wanted.set(Some(f)) />
            </div>
            <div class="pair">
                <Chart request=predicted height=360 instead="This model has no held-out predictions." />
                <Chart request=residuals height=320 instead="This model has no held-out predictions." />
            </div>
            <Facts compared family />
        </section>
        <Show when=move || pairs.with(|p| !p.is_empty())>
            <section class="page__section" data-section="pairs">
                <h2>"Are the differences more than noise?"</h2>
                <Table
                    caption="Paired comparison of models over the same folds"
                    header=Signal::stored(["Better", "Worse", "Difference in RMSE", "95 % interval", "t", "p"].map(str::to_owned).to_vec())
                    rows=pairs
                />
                <p class="quiet">
                    "Both models meet the same folds; the "
                    <Term word="corrected t" means="Nadeau and Bengio's test: folds share training rows, so the ordinary t test would find differences too easily." />
                    " allows for that. An interval that holds 0 is a tie."
                </p>
            </section>
        </Show>
    }
}

/// Scores of every family, mean ± standard deviation over the folds.
#[component]
fn ScoreTable(compared: Compared) -> impl IntoView {
    let header = ["Model", "R²", "RMSE", "MSE", "MAE", "R², all rows"].map(str::to_owned).to_vec();
    let rows = part(compared, |c| c.results.iter().map(score_row).collect::<Vec<_>>());
    let marked = Signal::derive(move || {
        compared
            .with(|c| c.as_ref().and_then(|c| c.results.iter().position(|r| r.family == c.verdict.winner)))
    });
    let context = part(compared, |c| {
        let left_out = match c.n_left_out {
            0 => String::new(),
            n => format!("; {} rows without a target are left out", words::count(n)),
        };
        format!(
            "{} predicted on {} rows in {} folds{left_out}. Mean ± standard deviation over the folds, on rows the model has not seen; the marked row is the choice.",
            c.plan.target,
            words::count(c.n_rows),
            c.n_folds
        )
    });
    view! {
        <Table caption="Scores of the models" header=Signal::stored(header) rows marked />
        <p class="quiet">{context}</p>
    }
}

fn score_row(result: &FamilyResult) -> Vec<Cell> {
    let mut row = vec![Cell::text(result.title.clone())];
    if let Some(error) = &result.error {
        row.push(Cell::text(format!("no scores: {error}")));
        row.extend(std::iter::repeat_n(Cell::number("–"), 4));
        return row;
    }
    let has_spread = result.folds.len() > 1;
    let with_spread = |mean: Option<f64>, sd: Option<f64>, show: fn(f64) -> String| match (mean, sd) {
        (Some(mean), Some(sd)) if has_spread && sd.is_finite() => {
            Cell::number(format!("{} ± {}", show(mean), show(sd)))
        }
        (Some(mean), _) => Cell::number(show(mean)),
        (None, _) => Cell::number("–").with_hint("The held-out target is constant"),
    };
    let Scores { r2, rmse, mse, mae, .. } = result.mean;
    let sd = result.sd;
    row.push(with_spread(r2, sd.r2, |v| words::decimals(v, 3)));
    row.push(with_spread(Some(rmse), Some(sd.rmse), words::number));
    row.push(with_spread(Some(mse), Some(sd.mse), words::number));
    row.push(with_spread(Some(mae), Some(sd.mae), words::number));
    row.push(Cell::number(result.pooled.r2.map_or_else(|| "–".into(), |v| words::decimals(v, 3))));
    row
}

fn pair_row(compared: &Comparison, pair: &PairTest) -> Vec<Cell> {
    let title = |slug: &str| {
        compared.results.iter().find(|r| r.family == slug).map_or(slug.to_owned(), |r| r.title.clone())
    };
    vec![
        Cell::text(title(&pair.better)),
        Cell::text(title(&pair.worse)),
        Cell::number(words::number(pair.difference)),
        Cell::number(pair.interval.map_or_else(|| "–".into(), words::interval)),
        Cell::number(pair.t.map_or_else(|| "–".into(), |t| words::decimals(t, 2))),
        Cell::number(pair.p.map_or_else(|| "–".into(), words::p_cell)),
    ]
}

/// What there is to know of the model fitted on all rows.
#[component]
fn Facts(compared: Compared, family: Memo<String>) -> impl IntoView {
    let facts = Signal::derive(move || {
        let family = family.get();
        compared.with(|c| {
            c.as_ref()
                .and_then(|c| c.results.iter().find(|r| r.family == family))
                .map(|r| r.facts.clone())
                .unwrap_or_default()
        })
    });
    view! {
        <Show when=move || facts.with(|f| !f.is_empty())>
            <details class="facts-box">
                <summary>"Facts of the model fitted on all rows"</summary>
                <dl class="facts">
                    {move || facts.get().into_iter().map(|(name, value)| view! { <dt>{name}</dt> <dd>{value}</dd> }).collect_view()}
                </dl>
            </details>
        </Show>
    }
}
