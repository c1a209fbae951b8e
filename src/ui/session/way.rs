//! The suggested way: from a table as read to a report, by applying what is recommended and asking for every result.
//!
//! Each part begins when the one before has settled, whether it succeeded or not: a file without a target still gets
//! its segments.

use leptos::{prelude::*, task::spawn_local};

use super::{
    actions,
    state::{Session, Slot, ToastKind},
};
use crate::{
    engine::words,
    platform::time::now_ms,
    protocol::{Notice, Reply, Request},
    ui::route::Page,
};

/// What is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Cleaning steps and features.
    Preparing,
    /// Summaries, tests, findings.
    Exploring,
    /// A target and columns for models and segments.
    Choosing,
    /// Models and segments, side by side.
    Modelling,
    /// The money.
    Deciding,
}

/// The suggested way while it is walked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Way {
    /// Which part.
    pub stage: Stage,
    /// Milliseconds on the page's clock.
    pub started_ms: f64,
}

impl Stage {
    /// What it says while it goes on.
    pub fn label(self) -> &'static str {
        match self {
            Self::Preparing => "Cleaning and making features",
            Self::Exploring => "Exploring",
            Self::Choosing => "Choosing target and columns",
            Self::Modelling => "Comparing models and finding segments",
            Self::Deciding => "Working out the money",
        }
    }
}

/// Begins the way: what is suggested follows the steps of one's own, as one change that can be undone.
pub fn start(session: Session) {
    if session.prepared.with_untracked(Option::is_none) {
        return;
    }
    session.way.set(Some(Way { stage: Stage::Preparing, started_ms: now_ms() }));
    spawn_local(async move {
        match session.ask(Request::SuggestRecipe).await {
            Ok((Reply::RecipeSuggested { recipe }, _)) => {
                if session.way.with_untracked(Option::is_some) && !actions::set_steps(session, recipe.steps) {
                    enter(session, Stage::Exploring);
                }
            }
            Ok(_) => session.way.set(None),
            Err(notice) => {
                session.way.set(None);
                session.toast(ToastKind::Bad, notice, false);
            }
        }
    });
}

/// The table was prepared: the first part of the way is done. `true` while the way is walked.
pub fn prepared(session: Session) -> bool {
    let Some(way) = session.way.get_untracked() else { return false };
    if way.stage == Stage::Preparing {
        enter(session, Stage::Exploring);
    }
    true
}

/// Goes on if the present part has settled.
pub fn advance(session: Session) {
    let Some(way) = session.way.get_untracked() else { return };
    match way.stage {
        Stage::Exploring if settled(session.exploration) => enter(session, Stage::Choosing),
        Stage::Choosing if settled(session.model_choices) && settled(session.segment_choices) => {
            enter(session, Stage::Modelling);
        }
        Stage::Modelling if settled(session.comparison) && settled(session.segmentation) => {
            enter(session, Stage::Deciding);
        }
        Stage::Deciding
            if settled(session.decision) && settled(session.ladder) && settled(session.explanation) =>
        {
            finish(session, way);
        }
        _ => {}
    }
}

fn settled<T: Send + Sync + 'static>(slot: RwSignal<Slot<T>>) -> bool {
    slot.with_untracked(|s| s.running().is_none())
}

fn enter(session: Session, stage: Stage) {
    session.way.update(|way| {
        if let Some(way) = way {
            way.stage = stage;
        }
    });
    match stage {
        Stage::Preparing => {}
        Stage::Exploring => {
            actions::explore(session, session.recipe.with_untracked(|r| r.explore.clone()));
        }
        Stage::Choosing => {
            session.model_choices.set(Slot::Empty);
            session.segment_choices.set(Slot::Empty);
            actions::ensure_model_choices(session);
            actions::ensure_segment_choices(session);
        }
        Stage::Modelling => {
            let model = session.model_choices.with_untracked(Slot::value);
            let segments = session.segment_choices.with_untracked(Slot::value);
            if let Some(choices) = &model {
                actions::compare(session, choices.plan.clone());
            }
            if let Some(choices) = &segments {
                actions::segment(session, choices.plan.clone());
            }
            if model.is_none() && segments.is_none() {
                enter(session, Stage::Deciding);
            }
        }
        Stage::Deciding => {
            actions::decide(
                session,
                session.recipe.with_untracked(|r| r.decision.clone()).unwrap_or_default(),
            );
        }
    }
}

fn finish(session: Session, way: Way) {
    session.way.set(None);
    let seconds = (now_ms() - way.started_ms) / 1000.0;
    let notice = Notice {
        title: format!("The suggested way took {} s", words::decimals(seconds, 1)),
        detail: "Every choice made for you can be changed on its page.".into(),
        remedy: String::new(),
        is_stop: false,
    };
    session.toast(ToastKind::Good, notice, false);
    // Whoever walks the way has made all of it.
    Page::ALL.iter().for_each(|&page| session.see(page));
    session.route.go(Page::Report);
}
