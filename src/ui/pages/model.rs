//! Model: choose what to predict from what, compare families on rows they have not seen, and see why the best is best.

mod ladder;
mod learning_curve;
mod validation;

use std::sync::Arc;

use leptos::{
    prelude::*,
    reactive::owner::{Owner, WeakOwner},
};

use crate::{
    charts::{ChartRequest, penalty_path},
    engine::{
        data::{column::ColumnType, role::Role, summary::ColumnSummary},
        knobs::Settings,
        models::{
            comparison::{Comparison, FamilyResult, PairTest},
            design::WAYS,
            outcome::{Outcome, Score},
            plan::{Candidate, FamilyChoice, ModelChoices, ModelPlan, differences, weight_words},
            tune::Tuning,
        },
        words,
    },
    protocol::FamilyInfo,
    ui::{
        components::{
            Cell, Chart, Checkbox, Choice, ClaimList, ColumnPicker, Face, KnobForm, NeedsData, Select, Table,
            Term,
        },
        hooks::{latest, part},
        pages::model_probabilities::ProbabilitiesView,
        route::Page,
        session::{Session, actions, state::ToastKind},
        widgets::{Bench, ExplanationPart, Standings, Tuner, Workbench},
    },
};
use ladder::LadderSection;
use learning_curve::LearningCurveSection;
use validation::ValidationForm;

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
    /// Every feature was taken out by hand: in a plan no features mean all that can be used.
    is_emptied: RwSignal<bool>,
    entrants: RwSignal<Vec<Entrant>>,
    choices: Memo<Option<Arc<ModelChoices>>>,
}

impl Form {
    fn new(session: Session) -> Self {
        let form = Self {
            plan: RwSignal::new(None),
            is_emptied: RwSignal::new(false),
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
                    plan.weight = plan.weight.filter(is_there);
                    let wanted = plan.outcome.filter(|o| choices.outcomes.contains(o));
                    if let Some(outcome) = wanted.filter(|_| wanted != choices.plan.outcome) {
                        // What a recipe says counts; its families are other ones.
                        actions::model_choices(
                            session,
                            Some(plan.target.clone()),
                            plan.unblocked.clone(),
                            Some(outcome),
                        );
                    }
                    plan.outcome = wanted.or(choices.plan.outcome);
                    plan
                }
                _ => {
                    form.is_emptied.set(false);
                    choices.plan.clone()
                }
            };
            form.plan.set(Some(plan));
        });
        // What a family's fields read must stay as long as the page: made anew inside the effect it would be gone before the
        // fields that read it are. Held weakly: an effect of the page must not keep the page.
        let page = Owner::current().map(|owner| owner.downgrade());
        Effect::new(move |_| {
            let Some(page) = page.as_ref().and_then(WeakOwner::upgrade) else { return };
            let families = session.families.get();
            let plan = session.recipe.with_untracked(|r| r.model.clone());
            let mut chosen = plan.map(|p| p.families).unwrap_or_default();
            // Families chosen for an amount say nothing of those for a yes or no, and the other way round.
            let is_here = |c: &FamilyChoice| families.iter().any(|f| f.slug == c.family);
            if !chosen.iter().all(is_here) {
                chosen.clear();
            }
            let entrants = families.into_iter().map(|info| {
                let own = chosen.iter().find(|c| c.family == info.slug);
                page.with(|| Entrant {
                    is_in: RwSignal::new(if chosen.is_empty() { info.is_default } else { own.is_some() }),
                    settings: RwSignal::new(own.map(|c| c.settings.clone()).unwrap_or_default()),
                    info,
                })
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

    /// What training would refuse of a family as it is set; nothing where the family is not compared.
    fn objection(self, entrant: &Entrant) -> Option<String> {
        if !is_baseline(&entrant.info.slug) && !entrant.is_in.get() {
            return None;
        }
        let weight = self.plan.with(|p| p.as_ref().and_then(|p| p.weight.clone()));
        entrant.settings.with(|s| objection(s, weight.as_deref(), entrant.info.can_weigh))
    }

    /// Columns that can be used as things stand.
    fn usable(self) -> Vec<String> {
        let (unblocked, weight) = self
            .plan
            .with(|p| p.as_ref().map(|p| (p.unblocked.clone(), p.weight.clone())).unwrap_or_default());
        self.choices.with(|choices| {
            let candidates = choices.as_ref().map_or(&[][..], |c| &c.candidates);
            candidates
                .iter()
                .filter(|c| {
                    weight.as_ref() != Some(&c.column)
                        && if c.standing.is_held_back() {
                            unblocked.contains(&c.column)
                        } else {
                            c.standing.is_used()
                        }
                })
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

    /// The plan as it would be compared, with a family in it that may not be chosen.
    fn with_family(self, family: &str) -> Option<ModelPlan> {
        let mut plan = self.finished()?;
        let settings = self.entrants.with_untracked(|entrants| {
            entrants.iter().find(|e| e.info.slug == family).map(|e| e.settings.get_untracked())
        });
        plan.families.retain(|c| c.family != family);
        plan.families.push(FamilyChoice { family: family.to_owned(), settings: settings? });
        Some(self.bare(plan))
    }

    /// The settings a search has found, for the family they are of.
    fn take_over(self, tuning: &Tuning) {
        let Some(best) = tuning.best() else { return };
        self.entrants.with_untracked(|entrants| {
            if let Some(entrant) = entrants.iter().find(|e| e.info.slug == tuning.plan.family) {
                entrant.settings.set(best.settings.clone());
                entrant.is_in.set(true);
            }
        });
        self.edit(|plan| plan.tuned = tuning.recorded(std::mem::take(&mut plan.tuned)));
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
        if has_entrants && form.n_models() == 0 {
            return "Choose at least one model to train.".to_owned();
        }
        if form.is_emptied.get() {
            return "Choose at least one column to predict from.".to_owned();
        }
        let of = |e: &Entrant| form.objection(e).map(|words| format!("{}: {words}", e.info.title));
        form.entrants.with(|entrants| entrants.iter().find_map(of)).unwrap_or_default()
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
    let plan_of = Callback::new(move |family: String| form.with_family(&family));
    let use_settings = Callback::new(move |tuning: Arc<Tuning>| {
        form.take_over(&tuning);
        let title = words::in_sentence(&tuning.title);
        session.say(
            ToastKind::Good,
            format!("Settings of {title} taken over: train again to compare with them"),
        );
    });
    view! {
        <Workbench
            bench=BENCH sentence go on_go=train chosen refusal differs
            choices=Face::of(session, session.model_choices)
            result=Face::of(session, session.comparison)
            settings=move || view! { <SettingsForm form /> }
            results=move || view! { <Results compared /> }
            more=move || view! { <Tuner plan_of on_use=use_settings /> }
            next=Page::Segment next_words=Signal::stored("Group people or ads that are alike, and see what each group is worth.".to_owned())
        />
    }
}

/// "Predicts Approved_Conversion as a number; 5 folds; seed 42"
fn plan_words(plan: &ModelPlan) -> String {
    let what = match plan.outcome.unwrap_or_default() {
        Outcome::Amount => "a number",
        Outcome::YesNo => "yes or no",
    };
    let weighed = plan.weight.as_ref().map_or_else(String::new, |_| format!("{}; ", weight_words(plan)));
    format!("Predicts {} as {what}; {}; {weighed}seed {}", plan.target, plan.validation.words(), plan.seed)
}

#[component]
fn SettingsForm(form: Form) -> impl IntoView {
    let session = Session::expect();
    let target =
        Signal::derive(move || form.plan.with(|p| p.as_ref().map(|p| p.target.clone()).unwrap_or_default()));
    let targets = part(form.choices, |c| c.targets.iter().cloned().map(Choice::same).collect::<Vec<_>>());
    let choose_target = move |target: String| {
        form.is_emptied.set(false);
        form.plan.set(None);
        actions::model_choices(session, Some(target), Vec::new(), None);
    };
    let outcomes = part(form.choices, |c| {
        c.outcomes.iter().map(|o| Choice::new(o.slug(), o.label())).collect::<Vec<_>>()
    });
    let outcome = Signal::derive(move || {
        let chosen = form.plan.with(|p| p.as_ref().and_then(|p| p.outcome));
        chosen.unwrap_or_default().slug().to_owned()
    });
    let choose_outcome = move |slug: String| {
        let Some(outcome) = Outcome::from_slug(&slug) else { return };
        form.edit(|p| p.outcome = Some(outcome));
        if let Some(plan) = form.plan.get_untracked() {
            actions::model_choices(session, Some(plan.target), plan.unblocked, Some(outcome));
        }
    };
    let unblocked = Signal::derive(move || {
        form.plan.with(|p| p.as_ref().map(|p| p.unblocked.clone()).unwrap_or_default())
    });
    let usable = Signal::derive(move || form.usable());
    let chosen = Signal::derive(move || {
        let features = form.plan.with(|p| p.as_ref().map(|p| p.features.clone()).unwrap_or_default());
        if features.is_empty() && !form.is_emptied.get() { usable.get() } else { features }
    });
    let choose = move |features: Vec<String>| {
        form.is_emptied.set(features.is_empty());
        form.edit(|p| p.features = features);
    };
    let candidates: Signal<Vec<Candidate>> = part(form.choices, |c| c.candidates.clone());
    // No list of features means all: it stays so unless some were chosen by hand.
    let unblock = Callback::new(move |(column, is_on): (String, bool)| {
        let chosen = chosen.get_untracked();
        let was_emptied = form.is_emptied.get_untracked();
        form.edit(|plan| {
            plan.unblocked.retain(|c| *c != column);
            let is_chosen_by_hand = !plan.features.is_empty() || was_emptied;
            plan.features = if is_chosen_by_hand { chosen } else { Vec::new() };
            plan.features.retain(|c| *c != column);
            if is_on {
                if is_chosen_by_hand {
                    plan.features.push(column.clone());
                }
                plan.unblocked.push(column);
            }
            form.is_emptied.set(is_chosen_by_hand && plan.features.is_empty());
        });
    });
    let use_column = Callback::new(move |(column, is_on): (String, bool)| {
        let mut features = chosen.get_untracked();
        features.retain(|c| *c != column);
        if is_on {
            features.push(column);
        }
        choose(features);
    });

    view! {
        <Select label="Predict" choices=targets value=target on_change=choose_target />
        <Show when=move || outcomes.with(|o| o.len() > 1)>
            <Select label="As" choices=outcomes value=outcome on_change=choose_outcome />
        </Show>
        <ColumnPicker label="From" names=usable chosen on_change=choose />
        <Standings candidates unblocked chosen on_unblock=unblock on_use=use_column />
        <ValidationForm form />
        <WeightField form />
        <fieldset class="families">
            <legend class="field__label">"Models"</legend>
            <For each=move || form.entrants.get() key=|e| e.info.slug.clone() let:entrant>
                <EntrantForm entrant form usable />
            </For>
        </fieldset>
    }
}

/// The column that says how much each row counts.
#[component]
fn WeightField(form: Form) -> impl IntoView {
    let session = Session::expect();
    let weight = Signal::derive(move || {
        form.plan.with(|p| p.as_ref().and_then(|p| p.weight.clone())).unwrap_or_default()
    });
    let choices = Signal::derive(move || {
        let target = form.plan.with(|p| p.as_ref().map(|p| p.target.clone())).unwrap_or_default();
        let columns = session.table().map(|t| t.columns).unwrap_or_default();
        let can_weigh = |c: &ColumnSummary| {
            c.column_type == ColumnType::Number && c.role != Role::Identifier && c.name != target
        };
        let names = columns.into_iter().filter(can_weigh).map(|c| Choice::same(c.name));
        std::iter::once(Choice::new("", "None: all rows count the same")).chain(names).collect::<Vec<_>>()
    });
    let choose = move |name: String| form.edit(|p| p.weight = Some(name).filter(|n| !n.is_empty()));
    view! {
        <Select
            label="Weight" choices value=weight on_change=choose
            help="A column of numbers, 0 or more: a row of weight 2 trains a model as two such rows would, a row of 0 not at all. Scores count every row the same."
        />
    }
}

#[component]
fn EntrantForm(
    entrant: Entrant,
    form: Form,
    /// Columns that can be features.
    #[prop(into)]
    usable: Signal<Vec<String>>,
) -> impl IntoView {
    let session = Session::expect();
    let objection = {
        let entrant = entrant.clone();
        move || form.objection(&entrant)
    };
    let Entrant { info, is_in, settings } = entrant;
    let table = Signal::derive(move || session.table());
    let exposures = Signal::derive(move || {
        let unblocked = form.plan.with(|p| p.as_ref().map(|p| p.unblocked.clone())).unwrap_or_default();
        form.choices.with(|c| c.as_ref().map(|c| c.exposures_with(&unblocked)))
    });
    let has_knobs = !info.knobs.is_empty();
    let is_always_in = is_baseline(&info.slug);
    let knobs = info.knobs.clone();
    view! {
        <div class="families__item" data-family=info.slug.clone()>
            <Checkbox
                label=info.title.clone() help=info.help.clone() disabled=is_always_in
                checked=Signal::derive(move || is_always_in || is_in.get()) on_change=move |v: bool| is_in.set(v)
            />
            {move || objection().map(|words| view! { <p class="field__error" role="status">{words}</p> })}
            {has_knobs.then(|| view! {
                <details class="families__settings">
                    <summary>"Settings"</summary>
                    <KnobForm knobs settings table among=usable one_of=exposures />
                </details>
            })}
        </div>
    }
}

/// What training would refuse of a family as it is set, said before it is asked.
fn objection(settings: &Settings, weight: Option<&str>, can_weigh: bool) -> Option<String> {
    if let Some(weight) = weight.filter(|_| !can_weigh) {
        return Some(format!(
            "It counts every row the same: leave it out, or set Weight ({weight}) to none."
        ));
    }
    let [up, down] = WAYS.map(|(slug, _)| settings.texts(slug));
    if let Some(name) = up.iter().find(|name| down.contains(name)) {
        return Some(format!("{name} cannot go only up and only down: take it out of one of the two."));
    }
    let name = up.iter().chain(down).find(|name| weight == Some(name.as_str()))?;
    Some(format!(
        "{name} is the weight of the rows and no feature: take it out of the columns that go one way."
    ))
}

#[component]
fn Results(compared: Compared) -> impl IntoView {
    let session = Session::expect();
    let outcome = Memo::new(move |_| compared.with(|c| c.as_ref().map(|c| c.outcome()).unwrap_or_default()));
    let is_yes_no = move || outcome.get() == Outcome::YesNo;
    let picked = RwSignal::new(String::new());
    let scores =
        Signal::derive(move || outcome.get().drawn().map(|s| Choice::new(s.slug(), s.label())).to_vec());
    let score = Memo::new(move |_| {
        let drawn = outcome.get().drawn();
        let picked = Score::from_slug(&picked.get()).filter(|s| drawn.contains(s));
        picked.unwrap_or(drawn[0]).slug().to_owned()
    });
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
    // The model that is explained above is the one looked at here, until another is picked.
    let explained = Memo::new(move |_| session.recipe.with(|r| r.explain.family.clone()));
    // What was picked here, and what was explained then.
    let picked_model = RwSignal::new(None::<(Option<String>, String)>);
    let family = Memo::new(move |_| {
        let winner = compared.with(|c| c.as_ref().map(|c| c.verdict.winner.clone()).unwrap_or_default());
        let explained = explained.get();
        let picked = picked_model.get().filter(|(then, _)| *then == explained).map(|(_, family)| family);
        let wanted = picked.or(explained).unwrap_or_default();
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
                <Term word="ratio of their errors" means="The logarithm of the ratio of squared errors (for yes/no: of log losses), its error by leaving out one row at a time: a few rows with large values then weigh on both models alike." />
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
                    <Select label="Score drawn" choices=scores value=score on_change=move |s: String| picked.set(s) />
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
            <ExplanationPart compared />
            <section class="page__section" data-section="predictions">
                <div class="controls">
                    <Select label="Model" choices=families value=family on_change=move |f: String| picked_model.set(Some((explained.get_untracked(), f))) />
                </div>
                <Show when=is_yes_no fallback=move || view! {
                    <div class="pair">
                        <Chart request=predicted height=360 instead="This model has no held-out predictions." />
                        <Chart request=residuals height=320 instead="This model has no held-out predictions." />
                    </div>
                }>
                    <ProbabilitiesView compared family />
                </Show>
                <Facts compared family />
            </section>
            <LadderSection compared />
            <LearningCurveSection compared />
            <Show when=move || pairs.with(|p| !p.is_empty())>
                <section class="page__section" data-section="pairs">
                    <h2>"Are the differences more than noise?"</h2>
                    <Table
                        caption="Paired comparison of models on the same rows"
                        header=Signal::derive(move || pair_header(outcome.get()))
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
        let outcome = c.outcome();
        let mut heads = vec!["Model".to_owned()];
        heads.extend(outcome.scores().iter().map(|s| s.label().to_owned()));
        if has_pooled(c) {
            heads.push(format!("{}, all rows", outcome.headline().label()));
        }
        heads
    });
    let rows = part(compared, score_rows);
    let outcome = part(compared, |c| c.outcome());
    let marked = Signal::derive(move || {
        compared
            .with(|c| c.as_ref().and_then(|c| c.results.iter().position(|r| r.family == c.verdict.winner)))
    });
    let context = part(compared, |c| {
        let left_out = match c.n_left_out {
            0 => String::new(),
            n => format!("; {} without a target are left out", words::rows_of(n)),
        };
        let tested = c.n_tested();
        let how = if c.n_folds < 2 {
            format!(
                "trained on {}, scored on {} held out",
                words::rows_of(c.n_rows - tested.min(c.n_rows)),
                words::rows_of(tested)
            )
        } else {
            format!(
                "scored on {}, {}: mean ± standard deviation over the folds",
                words::rows_of(tested),
                c.plan.validation.held_out(c.n_folds)
            )
        };
        let pooled = if has_pooled(c) {
            "The last column takes all held-out rows together, as the charts of predictions do, so it differs a little from the mean over the folds. "
        } else {
            ""
        };
        format!("{}: {how}{left_out}. The marked row is the choice. {pooled}", c.plan.target)
    });
    view! {
        <Table caption="Scores of the models" header rows marked />
        <p class="quiet">
            {context}
            {move || terms(outcome.get())}
        </p>
    }
}

/// What the scores mean.
fn terms(outcome: Outcome) -> impl IntoView {
    match outcome {
        Outcome::Amount => view! {
            <Term word="R²" means=Score::R2.means() />
            " is better when larger, the errors when smaller."
        }
        .into_any(),
        Outcome::YesNo => view! {
            <Term word="AUC" means=Score::Auc.means() /> " and "
            <Term word="PR-AUC" means=Score::AveragePrecision.means() />
            " are better when larger, "
            <Term word="log loss" means=Score::LogLoss.means() /> " and "
            <Term word="Brier score" means=Score::Brier.means() />
            " when smaller. Models are compared by log loss: it asks for the ranking and for honest probabilities."
        }
        .into_any(),
    }
}

fn pair_header(outcome: Outcome) -> Vec<String> {
    let difference = format!("Difference in {}", outcome.loss().in_sentence());
    ["Better", "Worse", &difference, "95 % interval", "t", "p", "Adjusted p"].map(str::to_owned).to_vec()
}

/// Whether a score over all held-out rows says something: errors of amounts add up, while probabilities of models of different
/// folds cannot be ranked against each other.
fn has_pooled(compared: &Comparison) -> bool {
    compared.n_folds > 1 && compared.outcome() == Outcome::Amount
}

/// One row a family, equal digits within a column.
fn score_rows(compared: &Comparison) -> Vec<Vec<Cell>> {
    let is_single = compared.n_folds < 2;
    let outcome = compared.outcome();
    let columns: Vec<(usize, Score)> = outcome
        .scores()
        .iter()
        .map(|&score| {
            let means =
                compared.results.iter().filter(|r| r.error.is_none()).filter_map(|r| score.of(&r.mean));
            (score.digits().unwrap_or_else(|| words::column_digits(means)), score)
        })
        .collect();
    let row = |result: &FamilyResult| {
        let mut row = vec![Cell::text(result.title.clone())];
        if let Some(error) = &result.error {
            row.push(Cell::text(format!("no scores: {error}")));
            let n = columns.len() + usize::from(has_pooled(compared)) - 1;
            row.extend(std::iter::repeat_n(Cell::number(words::NOTHING), n));
            return row;
        }
        let cell = |value: Option<f64>, sd: Option<f64>, digits: usize| {
            let Some(value) = value else {
                return Cell::number(words::NOTHING).with_hint("The held-out target has one value only");
            };
            let sd = sd.filter(|sd| !is_single && sd.is_finite());
            let spread = sd.map_or_else(String::new, |sd| format!(" ± {}", words::decimals(sd, digits)));
            Cell::number(format!("{}{spread}", words::decimals(value, digits)))
        };
        row.extend(columns.iter().map(|(digits, s)| cell(s.of(&result.mean), s.of(&result.sd), *digits)));
        if has_pooled(compared) {
            row.push(cell(outcome.headline().of(&result.pooled), None, 3));
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
    let has_path = Memo::new(move |_| {
        let family = family.get();
        compared.with(|c| c.as_ref().is_some_and(|c| penalty_path::is_there(c, &family)))
    });
    let path = Signal::derive(move || ChartRequest::new("penalty_path", [family.get()]));
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
        <Show when=move || has_path.get()>
            <Chart request=path height=340 />
        </Show>
    }
}
