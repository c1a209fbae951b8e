//! Asks for results: exploration, models, segments, decisions. Plans are kept in the recipe.

use leptos::prelude::*;

use crate::{
    engine::{
        decisions::decision::DecisionPlan,
        models::{
            comparison::Comparison,
            ladder::{self, LadderPlan},
            learning_curve::CurvePlan,
            outcome::Outcome,
            plan::ModelPlan,
            tune::TunePlan,
        },
        pipeline::recipe::Recipe,
        segments::segmentation::SegmentPlan,
        statistics::exploration::ExplorePlan,
        words,
    },
    platform::{link::ended_notice, sheets},
    protocol::{JobId, Notice, Request},
    ui::{
        route::Page,
        session::{
            history::Turn,
            receive,
            state::{Dataset, Session, Slot, ToastKind},
        },
    },
};

fn preparation(session: Session) -> u64 {
    session.recipe.with_untracked(Recipe::preparation)
}

fn has_table(session: Session) -> bool {
    session.prepared.with_untracked(Option::is_some)
}

/// Explores with a plan.
pub fn explore(session: Session, plan: ExplorePlan) {
    if !has_table(session) {
        return;
    }
    session.recipe.update(|r| r.explore = plan.clone());
    let job = session.link().send(Request::Explore { plan });
    let recipe = session.recipe.get_untracked();
    receive::begin(session.exploration, job, preparation(session), recipe, "Exploring");
}

/// Explores with the recipe's plan unless that is done or on its way.
pub fn ensure_exploration(session: Session) {
    let is_needed = session.exploration.with_untracked(|s| match s {
        Slot::Empty => true,
        slot => slot.is_stale(preparation(session)),
    });
    if is_needed {
        explore(session, session.recipe.with_untracked(|r| r.explore.clone()));
    }
}

/// The table changed: explores again, unless that takes long; then the page says that it is stale.
pub fn refresh_exploration(session: Session) {
    let is_slow = session
        .exploration
        .with_untracked(|s| matches!(s, Slot::Ready { duration_ms, .. } if *duration_ms > 2_000.0));
    if !is_slow {
        explore(session, session.recipe.with_untracked(|r| r.explore.clone()));
    }
}

/// Asks what can be modelled, for a target (predicted as this) or the best guess.
pub fn model_choices(
    session: Session,
    target: Option<String>,
    unblocked: Vec<String>,
    outcome: Option<Outcome>,
) {
    if !has_table(session) {
        return;
    }
    let job = session.link().send(Request::ModelChoices { target, unblocked, outcome });
    let recipe = session.recipe.get_untracked();
    receive::begin(session.model_choices, job, preparation(session), recipe, "Looking at the columns");
}

/// Asks what can be modelled unless that is known.
pub fn ensure_model_choices(session: Session) {
    if session.model_choices.with_untracked(|s| matches!(s, Slot::Empty)) {
        model_choices(session, None, Vec::new(), None);
    }
}

/// Asks what can be clustered unless that is known.
pub fn ensure_segment_choices(session: Session) {
    if session.segment_choices.with_untracked(|s| matches!(s, Slot::Empty)) {
        segment_choices(session);
    }
}

fn segment_choices(session: Session) {
    if !has_table(session) {
        return;
    }
    let job = session.link().send(Request::SegmentChoices);
    let recipe = session.recipe.get_untracked();
    receive::begin(session.segment_choices, job, preparation(session), recipe, "Looking at the columns");
}

/// The table changed: choices that were looked at are asked anew, for the same target.
pub fn refresh_choices(session: Session) {
    let chosen = session.model_choices.with_untracked(Slot::value);
    if let Some(choices) = chosen {
        let plan = &choices.plan;
        model_choices(session, Some(choices.target.clone()), plan.unblocked.clone(), plan.outcome);
    }
    if session.segment_choices.with_untracked(|s| s.value().is_some()) {
        segment_choices(session);
    }
}

/// Compares models.
pub fn compare(session: Session, plan: ModelPlan) {
    if !has_table(session) {
        return;
    }
    end_earlier(session, session.comparison.with_untracked(|s| s.running().map(|r| r.job)));
    end_earlier(session, session.explanation.with_untracked(|s| s.running().map(|r| r.job)));
    session.recipe.update(|r| r.model = Some(plan.clone()));
    let job = session.link().send(Request::Compare { plan });
    let recipe = session.recipe.get_untracked();
    receive::begin(session.comparison, job, preparation(session), recipe, "Comparing models");
}

/// Explains the model of the last comparison that the recipe names, else the chosen one.
pub fn explain(session: Session) {
    // A comparison that was stopped before its last fits has no model to explain.
    let has_model =
        session.comparison.with_untracked(Slot::current).is_some_and(|c| !c.importance.is_empty());
    if !has_table(session) || !has_model {
        session.explanation.set(Slot::Empty);
        return;
    }
    end_earlier(session, session.explanation.with_untracked(|s| s.running().map(|r| r.job)));
    let plan = session.recipe.with_untracked(|r| r.explain.clone());
    let job = session.link().send(Request::Explain { plan });
    let recipe = session.recipe.get_untracked();
    receive::begin(session.explanation, job, preparation(session), recipe, "Explaining the model");
}

/// Explains another model of the last comparison; `None` for the chosen one.
pub fn explain_family(session: Session, family: Option<String>) {
    session.recipe.update(|r| r.explain.family = family);
    explain(session);
}

/// Asks what the score of the models compared is worth.
pub fn climb(session: Session, plan: LadderPlan) {
    if !has_table(session) {
        return;
    }
    end_earlier(session, session.ladder.with_untracked(|s| s.running().map(|r| r.job)));
    session.recipe.update(|r| r.ladder = Some(plan.clone()));
    let job = session.link().send(Request::Climb { plan });
    let recipe = session.recipe.get_untracked();
    receive::begin(session.ladder, job, preparation(session), recipe, "Asking harder questions");
}

/// Asks how that score grows with the rows.
pub fn draw_curve(session: Session, plan: CurvePlan) {
    if !has_table(session) {
        return;
    }
    end_earlier(session, session.curve.with_untracked(|s| s.running().map(|r| r.job)));
    session.recipe.update(|r| r.learning_curve = Some(plan.clone()));
    let job = session.link().send(Request::DrawCurve { plan });
    let recipe = session.recipe.get_untracked();
    receive::begin(session.curve, job, preparation(session), recipe, "Fitting on fewer rows");
}

/// New models: what was asked about the earlier ones is asked of these, where they are the same question or it costs little.
pub fn after_comparison(session: Session, before: Option<&Comparison>) {
    let Some(found) = session.comparison.with_untracked(Slot::current) else { return };
    for job in [
        session.ladder.with_untracked(|s| s.running().map(|r| r.job)),
        session.curve.with_untracked(|s| s.running().map(|r| r.job)),
    ] {
        end_earlier(session, job);
    }
    if before.is_some_and(|b| b.plan.target != found.plan.target) {
        session.ladder.set(Slot::Empty);
    }
    let is_same = before.is_none_or(|b| b.plan == found.plan);
    let has_target = before.is_none_or(|b| b.plan.target == found.plan.target);
    let is_walked = session.way.with_untracked(Option::is_some);
    let is_cheap = ladder::is_cheap(found.n_rows, found.plan.features.len());
    let (asked, drawn) = session.recipe.with_untracked(|r| (r.ladder.clone(), r.learning_curve.clone()));
    match asked {
        Some(plan) if is_same || (has_target && is_cheap) => climb(session, plan),
        Some(_) if is_cheap => climb(session, LadderPlan::default()),
        None if is_walked && is_cheap => climb(session, LadderPlan::default()),
        _ => {
            session.ladder.set(Slot::Empty);
            session.recipe.update(|r| r.ladder = None);
        }
    }
    match drawn {
        Some(plan) if is_same => draw_curve(session, plan),
        _ => {
            session.curve.set(Slot::Empty);
            session.recipe.update(|r| r.learning_curve = None);
        }
    }
}

/// Searches for better settings of a model, for so many seconds.
pub fn tune(session: Session, plan: TunePlan, seconds: f64) {
    if !has_table(session) {
        return;
    }
    end_earlier(session, session.tuning.with_untracked(|s| s.running().map(|r| r.job)));
    session.tuning_so_far.set(None);
    let job = session.link().send(Request::Tune { plan, seconds: Some(seconds) });
    let recipe = session.recipe.get_untracked();
    receive::begin(session.tuning, job, preparation(session), recipe, "Searching for settings");
}

/// Finds segments.
pub fn segment(session: Session, plan: SegmentPlan) {
    if !has_table(session) {
        return;
    }
    end_earlier(session, session.segmentation.with_untracked(|s| s.running().map(|r| r.job)));
    session.recipe.update(|r| r.segment = Some(plan.clone()));
    let job = session.link().send(Request::Segment { plan });
    let recipe = session.recipe.get_untracked();
    receive::begin(session.segmentation, job, preparation(session), recipe, "Finding segments");
}

/// Puts a decision in money.
pub fn decide(session: Session, plan: DecisionPlan) {
    if !has_table(session) {
        return;
    }
    session.recipe.update(|r| r.decision = Some(plan.clone()));
    let job = session.link().send(Request::Decide { plan });
    let recipe = session.recipe.get_untracked();
    receive::begin(session.decision, job, preparation(session), recipe, "Working out the money");
}

/// Puts a decision in money with the recipe's plan unless that is done.
pub fn ensure_decision(session: Session) {
    let is_needed = session.decision.with_untracked(|s| match s {
        Slot::Empty => true,
        slot => slot.is_stale(preparation(session)),
    });
    if is_needed {
        decide(session, session.recipe.with_untracked(|r| r.decision.clone()).unwrap_or_default());
    }
}

/// New segments make a decision about the old ones stale: it is made again, with the money the user entered.
pub fn decide_after_segments(session: Session) {
    if session.decision.with_untracked(|s| s.value().is_some()) {
        let mut plan = session.recipe.with_untracked(|r| r.decision.clone()).unwrap_or_default();
        plan.segments = None;
        decide(session, plan);
    }
}

fn end_earlier(session: Session, job: Option<JobId>) {
    if let Some(job) = job {
        session.link().stop_tasks(job);
    }
}

/// New models of a yes/no make a decision by the old ones stale: it is made again.
pub fn decide_after_models(session: Session) {
    let is_by_models = session.decision.with_untracked(|s| s.value().is_some_and(|d| d.contacts.is_some()));
    let says_who =
        session.comparison.with_untracked(|s| s.value().is_some_and(|c| c.outcome() == Outcome::YesNo));
    let is_decided = session.decision.with_untracked(|s| s.value().is_some());
    if is_decided && (is_by_models || says_who) {
        decide(session, session.recipe.with_untracked(|r| r.decision.clone()).unwrap_or_default());
    }
}

/// Stops a job. Finished parts are kept where the job has parts; otherwise the worker is started anew.
pub fn stop(session: Session, job: JobId) {
    session.way.set(None);
    let link = session.link();
    if link.stop_tasks(job) {
        return;
    }
    let notice = Notice {
        title: "Stopped".into(),
        detail: "Your data and steps are kept.".into(),
        remedy: "Start it again whenever you like.".into(),
        ..ended_notice()
    };
    let is_file = session.dataset.with_untracked(|d| d.is_read_by(job));
    receive::interrupt(session, &notice);
    if is_file {
        session.trouble.set(None);
        sheets::stop();
    }
    link.restart();
}

/// A new worker holds no results: those on the page are worked out again, so that charts and reports can be made of them.
pub fn rerun(session: Session) {
    let model = session.comparison.with_untracked(Slot::current).map(|c| c.plan.clone());
    let segments = session.segmentation.with_untracked(Slot::current).map(|s| s.plan.clone());
    if let Some(plan) = model {
        compare(session, plan);
    }
    match segments {
        Some(plan) => segment(session, plan),
        None => decide_after_segments(session),
    }
}

/// Stops walking the suggested way and what it started.
pub fn stop_way(session: Session) {
    session.way.set(None);
    let running = [
        session.comparison.with_untracked(|s| s.running().map(|r| r.job)),
        session.explanation.with_untracked(|s| s.running().map(|r| r.job)),
        session.ladder.with_untracked(|s| s.running().map(|r| r.job)),
        session.segmentation.with_untracked(|s| s.running().map(|r| r.job)),
    ];
    for job in running.into_iter().flatten() {
        session.link().stop_tasks(job);
    }
    // The steps are in use, whatever was not reached.
    let (n_clean, n_features) = session.n_steps();
    let is_applied = n_clean + n_features > 0;
    for (page, n) in [(Page::Clean, n_clean), (Page::Features, n_features)] {
        if n > 0 {
            session.see(page);
        }
    }
    let applied = format!(
        "{} and {} are applied, and what was finished is kept.",
        words::counted(n_clean as u64, "cleaning step", "cleaning steps"),
        words::counted(n_features as u64, "feature", "features")
    );
    let notice = Notice {
        title: "The suggested way was stopped".into(),
        detail: if is_applied { applied } else { "Nothing was changed.".into() },
        remedy: if is_applied { "Undo takes the steps back.".into() } else { String::new() },
        is_stop: false,
    };
    session.toast(ToastKind::Note, notice, false);
}

/// Forgets the table, the results and the recipe, here and in the workers. What is stored on disk is not touched.
pub fn erase(session: Session) {
    receive::forget_results(session);
    session.explored.set_value(Vec::new());
    Turn::Afresh.note(session);
    session.dataset.set(Dataset::Empty);
    session.recipe.set(Recipe::default());
    session.source.set_value(None);
    session.next_source.set_value(None);
    session.waiting_recipe.set_value(None);
    session.toasts.set(Vec::new());
    session.trouble.set(None);
    session.link().restart();
}
