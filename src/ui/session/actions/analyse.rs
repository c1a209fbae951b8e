//! Asks for results: exploration, models, segments, decisions. Plans are kept in the recipe.

use leptos::prelude::*;

use crate::{
    engine::{
        decisions::decision::DecisionPlan, models::plan::ModelPlan, pipeline::recipe::Recipe,
        segments::segmentation::SegmentPlan, statistics::exploration::ExplorePlan,
    },
    platform::link::ended_notice,
    protocol::{JobId, Notice, Request},
    ui::session::{
        receive,
        state::{Dataset, Session, Slot},
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

/// Asks what can be modelled, for a target or the best guess.
pub fn model_choices(session: Session, target: Option<String>, unblocked: Vec<String>) {
    if !has_table(session) {
        return;
    }
    let job = session.link().send(Request::ModelChoices { target, unblocked });
    let recipe = session.recipe.get_untracked();
    receive::begin(session.model_choices, job, preparation(session), recipe, "Looking at the columns");
}

/// Asks what can be modelled unless that is known.
pub fn ensure_model_choices(session: Session) {
    if session.model_choices.with_untracked(|s| matches!(s, Slot::Empty)) {
        model_choices(session, None, Vec::new());
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
        model_choices(session, Some(choices.target.clone()), choices.plan.unblocked.clone());
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
    session.recipe.update(|r| r.model = Some(plan.clone()));
    let job = session.link().send(Request::Compare { plan });
    let recipe = session.recipe.get_untracked();
    receive::begin(session.comparison, job, preparation(session), recipe, "Comparing models");
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
    let is_file = session
        .dataset
        .with_untracked(|d| matches!(d, Dataset::Loading { job: current, .. } if *current == job));
    receive::interrupt(session, &notice);
    if is_file {
        session.trouble.set(None);
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
        session.segmentation.with_untracked(|s| s.running().map(|r| r.job)),
    ];
    for job in running.into_iter().flatten() {
        session.link().stop_tasks(job);
    }
}

/// Forgets the table, the results and the recipe, here and in the workers. What is stored on disk is not touched.
pub fn erase(session: Session) {
    receive::forget_results(session);
    session.dataset.set(Dataset::Empty);
    session.recipe.set(Recipe::default());
    session.source.set_value(None);
    session.next_source.set_value(None);
    session.toasts.set(Vec::new());
    session.trouble.set(None);
    session.link().restart();
}
