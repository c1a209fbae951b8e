//! Model: choose what to predict from what, compare families on rows they have not seen, and see why the best is best.

use std::sync::Arc;

use leptos::prelude::*;

use crate::{
    charts::ChartRequest,
    engine::{
        knobs::Settings,
        models::{
            comparison::{Comparison, FamilyResult, PairTest, Scores},
            plan::{FamilyChoice, ModelChoices, ModelPlan, Standing, Validation, differences},
        },
        words,
    },
    protocol::FamilyInfo,
    ui::{
        components::{
            Cell, Chart, Checkbox, Choice, ClaimList, ColumnPicker, Face, KnobForm, NeedsData, NumberInput,
            Select, Switch, Table, Term,
        },
        hooks::{latest, part},
        route::Page,
        session::{Session, actions},
        widgets::{Bench, Workbench},
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
                    is_in: RwSignal::new(if chosen.is_empty() { info.is_default } else { own.is_some() }),
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

    /// Columns that can be used as things stand.
    fn usable(self) -> Vec<String> {
        let unblocked = self.plan.with(|p| p.as_ref().map(|p| p.unblocked.clone()).unwrap_or_default());
        self.choices.with(|choices| {
            let candidates = choices.as_ref().map_or(&[][..], |c| &c.candidates);
            candidates
                .iter()
                .filter(|c| c.standing == Standing::Used || unblocked.contains(&c.column))
                .map(|c| c.column.clone())
                .collect()
        })
    }

    /// The plan with what is left open filled in, as the comparison fills it in; `None` until there is a choice.
    fn filled_in(self) -> Option<ModelPlan> {
        let mut plan = self.plan.get()?;
        let usable = self.usable();
        if plan.features.is_empty() {
            plan.features = usable;
        } else {
            plan.features.retain(|name| usable.contains(name));
        }
        plan.families = self.entrants.with(|entrants| {
            let is_in = |e: &&Entrant| e.is_in.get() || is_baseline(&e.info.slug);
            let choice =
                |e: &Entrant| FamilyChoice { family: e.info.slug.clone(), settings: e.settings.get() };
            entrants.iter().filter(is_in).map(choice).collect()
        });
        (!plan.families.is_empty()).then(|| self.bare(plan))
    }

    /// Without settings that say what is the default anyway.
    fn bare(self, mut plan: ModelPlan) -> ModelPlan {
        self.entrants.with(|entrants| {
            for choice in &mut plan.families {
                let info = entrants.iter().map(|e| &e.info).find(|i| i.slug == choice.family);
                let knobs = info.map_or(&[][..], |i| &i.knobs);
                choice
                    .settings
                    .0
                    .retain(|slug, value| !knobs.iter().any(|k| k.slug == *slug && k.default == *value));
            }
        });
        plan
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

const BENCH: Bench = Bench {
    page: "model",
    title: "Model",
    panel: "What is compared",
    again: "Train again",
    empty: (
        "No models yet",
        "The settings are filled in: columns that would give the answer away are left out. Train the models to see how well the target can be predicted from what is known before.",
    ),
};

#[component]
fn Model() -> impl IntoView {
    let session = Session::expect();
    let compared = latest(session.comparison);
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
    let go = Signal::derive(move || match form.n_models() {
        0 => "Train models".to_owned(),
        1 => "Train one model".to_owned(),
        n => format!("Train {n} models"),
    });
    let refusal = Signal::derive(move || {
        let has_entrants = form.entrants.with(|e| !e.is_empty());
        let is_none = has_entrants && form.n_models() == 0;
        if is_none { "Choose at least one model to train.".to_owned() } else { String::new() }
    });
    let chosen = Signal::derive(move || form.plan.with(|p| p.as_ref().map(plan_words)));
    let differs = Signal::derive(move || {
        let Some(plan) = form.filled_in() else { return String::new() };
        let found = compared.with(|c| c.as_ref().map(|c| differences(&form.bare(c.plan.clone()), &plan)));
        let found = found.unwrap_or_default();
        if found.is_empty() {
            String::new()
        } else {
            format!("They were found with {}.", words::list(&found))
        }
    });
    view! {
        <Workbench
            bench=BENCH sentence go on_go=train chosen refusal differs
            choices=Face::of(session, session.model_choices)
            result=Face::of(session, session.comparison)
            settings=move || view! { <SettingsForm form /> }
            results=move || view! { <Results compared /> }
            next=Page::Segment next_words=Signal::stored("Group people or ads that are alike, and see what each group is worth.".to_owned())
        />
    }
}

/// "Predicts Approved_Conversion; 5 folds; seed 42"
fn plan_words(plan: &ModelPlan) -> String {
    format!("Predicts {}; {}; seed {}", plan.target, plan.validation.words(), plan.seed)
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
    let usable = Signal::derive(move || form.usable());
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
    let is_always_in = is_baseline(&info.slug);
    let knobs = info.knobs.clone();
    view! {
        <div class="families__item" data-family=info.slug.clone()>
            <Checkbox
                label=info.title.clone() help=info.help.clone() disabled=is_always_in
                checked=Signal::derive(move || is_always_in || is_in.get()) on_change=move |v: bool| is_in.set(v)
            />
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
    let pairs = part(compared, pair_rows);
    let is_single = part(compared, |c| c.n_folds < 2);
    let how_paired = move || {
        if is_single.get() {
            view! {
                "Both models meet the same held-out rows; the "
                <Term word="ratio of their errors" means="The logarithm of the ratio of squared errors, its error by leaving out one row at a time: a few rows with large values then weigh on both models alike." />
                " is compared row by row, and holds for this split."
            }.into_any()
        } else {
            view! {
                "Both models meet the same folds; the "
                <Term word="corrected t" means="Nadeau and Bengio's test: folds share training rows, so the ordinary t test would find differences too easily." />
                " allows for that."
            }.into_any()
        }
    };

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
                        caption="Paired comparison of models on the same rows"
                        header=Signal::stored(["Better", "Worse", "Difference in RMSE", "95 % interval", "t", "p", "Adjusted p"].map(str::to_owned).to_vec())
                        rows=pairs
                    />
                    <p class="quiet">
    {how_paired}
                        " An interval that holds 0 is a tie. "
                        <Term word="Adjusted p" means="By Holm: the more models are compared, the more easily one seems better by chance. Comparisons with the baseline and those among the others are counted apart." />
                        " counts how many models are compared."
                    </p>
                </section>
            </Show>
        }
}

/// Scores of every family: on one split as they are, over folds mean ± standard deviation.
#[component]
fn ScoreTable(compared: Compared) -> impl IntoView {
    let header = part(compared, |c| {
        let n = if c.n_folds < 2 { 5 } else { 6 };
        ["Model", "R²", "RMSE", "MSE", "MAE", "R², all rows"]
            .iter()
            .take(n)
            .map(|h| (*h).to_owned())
            .collect()
    });
    let rows = part(compared, score_rows);
    let marked = Signal::derive(move || {
        compared
            .with(|c| c.as_ref().and_then(|c| c.results.iter().position(|r| r.family == c.verdict.winner)))
    });
    let context = part(compared, |c| {
        let left_out = match c.n_left_out {
            0 => String::new(),
            n => format!("; {} without a target are left out", words::rows_of(n)),
        };
        let tested = c.predictions.first().map_or(0, |(_, rows)| rows.len() as u64);
        let how = if c.n_folds < 2 {
            format!(
                "trained on {}, scored on {} held out",
                words::rows_of(c.n_rows - tested.min(c.n_rows)),
                words::rows_of(tested)
            )
        } else {
            format!(
                "scored on {}, each held out once in {} folds: mean ± standard deviation over the folds",
                words::rows_of(tested),
                c.n_folds
            )
        };
        format!("{}: {how}{left_out}. The marked row is the choice. ", c.plan.target)
    });
    view! {
        <Table caption="Scores of the models" header rows marked />
        <p class="quiet">
            {context}
            <Term word="R²" means="The share of the target's spread that a model explains: 1 is perfect, 0 is no better than the mean, below 0 is worse." />
            " is better when larger, the errors when smaller."
        </p>
    }
}

type ScoreOf = fn(&Scores) -> Option<f64>;

/// One row a family, equal digits within a column.
fn score_rows(compared: &Comparison) -> Vec<Vec<Cell>> {
    let is_single = compared.n_folds < 2;
    let scored = || compared.results.iter().filter(|r| r.error.is_none()).map(|r| r.mean);
    let columns: [(usize, ScoreOf); 4] = [
        (3, |s| s.r2),
        (words::column_digits(scored().map(|s| s.rmse)), |s| Some(s.rmse)),
        (words::column_digits(scored().map(|s| s.mse)), |s| Some(s.mse)),
        (words::column_digits(scored().map(|s| s.mae)), |s| Some(s.mae)),
    ];
    let row = |result: &FamilyResult| {
        let mut row = vec![Cell::text(result.title.clone())];
        if let Some(error) = &result.error {
            row.push(Cell::text(format!("no scores: {error}")));
            row.extend(std::iter::repeat_n(Cell::number(words::NOTHING), if is_single { 3 } else { 4 }));
            return row;
        }
        let cell = |value: Option<f64>, sd: Option<f64>, digits: usize| {
            let Some(value) = value else {
                return Cell::number(words::NOTHING).with_hint("The held-out target is constant");
            };
            let sd = sd.filter(|sd| !is_single && sd.is_finite());
            let spread = sd.map_or_else(String::new, |sd| format!(" ± {}", words::decimals(sd, digits)));
            Cell::number(format!("{}{spread}", words::decimals(value, digits)))
        };
        row.extend(columns.iter().map(|(digits, of)| cell(of(&result.mean), of(&result.sd), *digits)));
        if !is_single {
            row.push(cell(result.pooled.r2, None, 3));
        }
        row
    };
    compared.results.iter().map(row).collect()
}

/// One row a pair, equal digits within a column.
fn pair_rows(compared: &Comparison) -> Vec<Vec<Cell>> {
    let ends = |p: &PairTest| p.interval.map_or([p.difference; 2], |(low, high)| [low, high]);
    let digits = words::column_digits(compared.pairs.iter().flat_map(ends));
    let figure = |v: f64| words::decimals(v, digits);
    let or_nothing = |text: Option<String>| Cell::number(text.unwrap_or_else(|| words::NOTHING.to_owned()));
    let row = |pair: &PairTest| {
        vec![
            Cell::text(compared.title_of(&pair.better).to_owned()),
            Cell::text(compared.title_of(&pair.worse).to_owned()),
            Cell::number(figure(pair.difference)),
            or_nothing(pair.interval.map(|i| words::interval_of(i, figure))),
            or_nothing(pair.t.map(|t| words::decimals(t, 2))),
            or_nothing(pair.p.map(words::p_cell)),
            or_nothing(pair.p_holm.map(words::p_cell)),
        ]
    };
    compared.pairs.iter().map(row).collect()
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
    // The meaning of a head is a hint on each of its cells.
    let table = Memo::new(move |_| {
        let family = family.get();
        compared.with(|c| {
            let found = c.as_ref()?.results.iter().find(|r| r.family == family)?;
            Some(found.coefficients.as_ref()?.text())
        })
    });
    let header = Signal::derive(move || {
        table
            .with(|t| t.iter().flat_map(|t| t.heads.iter().map(|(head, _)| head.clone())).collect::<Vec<_>>())
    });
    let rows = Signal::derive(move || {
        table.with(|t| {
            let Some(t) = t else { return Vec::new() };
            let hinted = |row: &Vec<String>| {
                row.iter()
                    .zip(&t.heads)
                    .map(|(cell, (_, means))| Cell::from(cell.clone()).with_hint(means))
                    .collect()
            };
            t.rows.iter().map(hinted).collect::<Vec<Vec<Cell>>>()
        })
    });
    view! {
        <Show when=move || facts.with(|f| !f.is_empty())>
            <details class="facts-box">
                <summary>"Facts of the model fitted on all rows"</summary>
                <dl class="facts">
                    {move || facts.get().into_iter().map(|(name, value)| view! { <dt>{name}</dt> <dd>{value}</dd> }).collect_view()}
                </dl>
                <Show when=move || rows.with(|r| !r.is_empty())>
                    <Table caption="What each column adds to the prediction" show_caption=true header rows />
                </Show>
            </details>
        </Show>
    }
}
