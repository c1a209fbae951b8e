//! Applies what the worker says. Nothing else changes the session's results.
//!
//! The latest job of a slot wins: what belongs to an older one is dropped.

use std::sync::Arc;

use leptos::prelude::*;

use super::{
    actions,
    history::Turn,
    recipes,
    state::{Dataset, Running, Session, Slot, Source, SourceFile, ToastKind},
    way,
};
use crate::{
    engine::pipeline::recipe::Recipe,
    platform::{
        echarts,
        link::{Event, Start},
        requests,
        time::now_ms,
    },
    protocol::{JobId, Loaded, Notice, PreparedTable, Reply, Request, codec::Message},
    ui::route::Page,
};

/// Takes one event of the link.
pub fn receive(session: Session, event: Event) {
    match event {
        Event::Ready { start } => {
            session.is_connected.set(true);
            match start {
                Start::Again => actions::reload_after_restart(session),
                Start::Afresh => {}
                Start::First => {
                    // The page has loaded once the drawing library, fetched while nothing else is to be done, is there too.
                    leptos::task::spawn_local(async move {
                        echarts::prefetch().await;
                        requests::watch(move |n| session.n_requests.set(n));
                    });
                }
            }
        }
        Event::Died { words, is_restarted } => died(session, &words, is_restarted),
        Event::Reply(message) => apply(session, message),
    }
}

fn apply(session: Session, message: Message<Reply>) {
    let job = message.job;
    match message.body {
        Reply::Progress { done, total, label } => progress(session, job, done, total, &label),
        Reply::Rows { columns, rows, .. } => session.dataset.update(|dataset| {
            if let Dataset::Loading { job: current, head, .. } = dataset
                && *current == job
            {
                *head = Some(Arc::new((columns, rows)));
            }
        }),
        Reply::Loaded { loaded } => loaded_file(session, job, *loaded),
        Reply::Prepared { prepared } => prepared_table(session, job, *prepared),
        Reply::Explored { exploration } => {
            settle(session.exploration, job, *exploration);
            // A table that is again what it was has the findings that were looked at.
            if session.has_explored() {
                session.see(Page::Explore);
            } else {
                session.unsee(Page::Explore);
            }
            way::advance(session);
        }
        Reply::ModelChoices { choices, families } => {
            session.families.set(families);
            settle(session.model_choices, job, *choices);
            way::advance(session);
        }
        Reply::Compared { comparison } => {
            let before = session.comparison.with_untracked(Slot::value);
            if settle(session.comparison, job, *comparison) {
                session.see(Page::Model);
                actions::explain(session);
                actions::after_comparison(session, before.as_deref());
                actions::decide_after_models(session);
            }
            way::advance(session);
        }
        Reply::Explained { explanation } => {
            settle(session.explanation, job, *explanation);
            way::advance(session);
        }
        Reply::Tuning { tuning } if session.tuning.with_untracked(|s| is_job(s, job)) => {
            session.tuning_so_far.set(Some(Arc::new(*tuning)));
        }
        Reply::Tuned { tuning } => {
            session.tuning_so_far.set(None);
            settle(session.tuning, job, *tuning);
        }
        Reply::Climbed { ladder } => {
            settle(session.ladder, job, *ladder);
            way::advance(session);
        }
        Reply::CurveDrawn { curve } => {
            settle(session.curve, job, *curve);
        }
        Reply::SegmentChoices { choices } => {
            settle(session.segment_choices, job, *choices);
            way::advance(session);
        }
        Reply::Segmented { segmentation } => {
            if settle(session.segmentation, job, *segmentation) {
                session.see(Page::Segment);
                actions::decide_after_segments(session);
            }
            way::advance(session);
        }
        Reply::Decided { decision } => {
            settle(session.decision, job, *decision);
            session.unsee(Page::Decide);
            way::advance(session);
        }
        Reply::Failed { notice } => failed(session, job, &notice),
        _ => {}
    }
}

fn loaded_file(session: Session, job: JobId, loaded: Loaded) {
    let is_current = session.dataset.with_untracked(|d| d.is_read_by(job));
    if session.replay.get_value() == Some(job) {
        // The same file again in a new worker: the recipe is carried out once more, nothing else changes.
        session.replay.set_value(None);
        session.must_rerun.set_value(true);
        actions::prepare(session);
        return;
    }
    if !is_current {
        return;
    }
    let source = session.next_source.try_update_value(|next| next.take_if(|(j, _)| *j == job)).flatten();
    let mut refused = session.refused.try_update_value(std::mem::take).unwrap_or_default();
    refused.extend(loaded.refused.iter().cloned());
    let turn = session.next_turn.try_update_value(std::mem::take).unwrap_or_default();
    let is_afresh = matches!(turn, Turn::Afresh);
    // That another file was not read to its end is told while this one is read.
    session.toasts.update(|toasts| toasts.retain(|t| !t.notice.is_stop));
    if is_afresh {
        session.explored.set_value(Vec::new());
        window().scroll_to_with_x_and_y(0.0, 0.0);
        say_what_was_closed(session, &loaded);
    }
    turn.note(session);
    if let Some((_, source)) = source {
        take_source(session, source, &loaded);
    }
    if is_afresh {
        forget_results(session);
        session.link().send(Request::ForgetResults);
    } else {
        // What was found stays, out of date, until this is taken back or it is made again.
        let notice = Notice {
            title: "Stopped: the file was read again".into(),
            detail: "It had not come to its end in the table as it was.".into(),
            remedy: "Start it again.".into(),
            is_stop: true,
        };
        stop_running(session);
        fail_all(session, &notice);
        session.prepared.set(None);
        // Choices that never came are asked for anew where they are needed.
        session.model_choices.update(drop_failure);
        session.segment_choices.update(drop_failure);
    }
    let recipe = session.next_recipe.try_update_value(Option::take).flatten();
    let mut recipe = recipe.unwrap_or_default();
    // The recipe is that of the files that are open now.
    recipe.files.clone_from(&loaded.files);
    if let Some(first) = loaded.files.first() {
        recipe.read = first.read.clone();
    }
    if let Some(column) = session.retyped.try_update_value(Option::take).flatten() {
        recipe.drop_idle_type(&column, &loaded.table);
    }
    session.recipe.set(recipe);
    session.trouble.set(None);
    let n_used = loaded.files.len() + loaded.aside.len();
    session.dataset.set(Dataset::Ready(Arc::new(loaded)));
    actions::say_refused(session, &refused, n_used);
    actions::prepare(session);
    recipes::apply_waiting(session);
}

/// Another file in place of one that was worked on: where that work is.
fn say_what_was_closed(session: Session, loaded: &Loaded) {
    let closed = session.dataset.with_untracked(|d| d.loaded().map(|l| l.receipt.file_name.clone()));
    let was_run = session.comparison.with_untracked(|s| s.value().is_some())
        || session.segmentation.with_untracked(|s| s.value().is_some());
    let Some(closed) = closed.filter(|name| was_run && *name != loaded.receipt.file_name) else {
        return;
    };
    let notice = Notice {
        title: format!("{} is open in place of {closed}", loaded.receipt.file_name),
        detail: format!("The steps and plans for {closed} are kept with its runs, on the Runs page."),
        remedy: format!("Open {closed} again and use the recipe of its last run to go on."),
        is_stop: false,
    };
    session.toast(ToastKind::Note, notice, false);
}

/// Notes which of the files asked for are in the table, in its order, and which stand aside.
fn take_source(session: Session, source: Source, loaded: &Loaded) {
    let Source::Files(files) = source else {
        session.aside.set_value(Vec::new());
        return session.source.set_value(Some(source));
    };
    let in_table = loaded.places.iter().zip(&loaded.files).filter_map(|(place, part)| {
        let file = files.get(*place as usize)?.clone();
        Some(SourceFile { put: part.put.clone(), ..file })
    });
    session.source.set_value(Some(Source::Files(in_table.collect())));
    let aside = loaded.aside.iter().filter_map(|aside| files.get(aside.place as usize).cloned());
    session.aside.set_value(aside.collect());
}

/// Ends what is running in the pool.
fn stop_running(session: Session) {
    let running = [
        session.comparison.with_untracked(|s| s.running().map(|r| r.job)),
        session.explanation.with_untracked(|s| s.running().map(|r| r.job)),
        session.ladder.with_untracked(|s| s.running().map(|r| r.job)),
        session.curve.with_untracked(|s| s.running().map(|r| r.job)),
        session.segmentation.with_untracked(|s| s.running().map(|r| r.job)),
        session.tuning.with_untracked(|s| s.running().map(|r| r.job)),
    ];
    let link = session.link();
    for job in running.into_iter().flatten() {
        link.stop_tasks(job);
    }
}

/// Empties everything that belonged to another file.
pub(super) fn forget_results(session: Session) {
    stop_running(session);
    session.prepared.set(None);
    session.exploration.set(Slot::Empty);
    session.model_choices.set(Slot::Empty);
    session.comparison.set(Slot::Empty);
    session.explanation.set(Slot::Empty);
    session.ladder.set(Slot::Empty);
    session.curve.set(Slot::Empty);
    session.tuning.set(Slot::Empty);
    session.tuning_so_far.set(None);
    session.segment_choices.set(Slot::Empty);
    session.segmentation.set(Slot::Empty);
    session.decision.set(Slot::Empty);
    session.way.set(None);
    session.seen.set(0);
}

fn prepared_table(session: Session, job: JobId, prepared: PreparedTable) {
    if session.preparing.get_untracked() != Some(job) {
        return;
    }
    session.preparing.set(None);
    session.prepared.set(Some(Arc::new(prepared)));
    actions::refresh_choices(session);
    if !way::prepared(session) {
        actions::refresh_exploration(session);
    }
    if session.must_rerun.get_value() {
        session.must_rerun.set_value(false);
        actions::rerun(session);
    }
}

fn progress(session: Session, job: JobId, done: u64, total: u64, label: &str) {
    if session.dataset.with_untracked(|d| d.is_read_by(job)) {
        session.n_read.set((done, total));
        return;
    }
    step_on(session.exploration, job, done, total, label);
    step_on(session.comparison, job, done, total, label);
    step_on(session.explanation, job, done, total, label);
    step_on(session.ladder, job, done, total, label);
    step_on(session.curve, job, done, total, label);
    step_on(session.segmentation, job, done, total, label);
    step_on(session.tuning, job, done, total, label);
    step_on(session.decision, job, done, total, label);
}

/// A job could not be done.
pub(super) fn failed(session: Session, job: JobId, notice: &Notice) {
    let loading = session.dataset.with_untracked(|d| match d {
        Dataset::Loading { job: current, previous, file_name, .. } if *current == job => {
            Some((previous.clone(), file_name.clone()))
        }
        _ => None,
    });
    if let Some((previous, file_name)) = loading {
        session.next_recipe.set_value(None);
        session.next_turn.set_value(Turn::Afresh);
        let mut notice = notice.clone();
        if !notice.is_stop && !notice.detail.contains(&file_name) {
            notice.detail = format!("{file_name}: {}", notice.detail);
        }
        if let (Some(open), false) = (&previous, notice.is_stop) {
            notice.remedy =
                format!("{}. {} is still open", notice.remedy.trim_end_matches('.'), open.receipt.file_name);
        }
        session.dataset.set(previous.map_or(Dataset::Empty, Dataset::Ready));
        session.trouble.set(Some(notice));
        // The notice stands above the page.
        window().scroll_to_with_x_and_y(0.0, 0.0);
    } else if session.replay.get_value() == Some(job) || session.preparing.get_untracked() == Some(job) {
        session.replay.set_value(None);
        session.preparing.set(None);
        session.toast(ToastKind::Bad, notice.clone(), false);
    } else {
        let known = [
            fail(session.exploration, job, notice),
            fail(session.model_choices, job, notice),
            fail(session.comparison, job, notice),
            fail(session.explanation, job, notice),
            fail(session.ladder, job, notice),
            fail(session.curve, job, notice),
            fail(session.segment_choices, job, notice),
            fail(session.segmentation, job, notice),
            fail(session.tuning, job, notice),
            fail(session.decision, job, notice),
        ];
        if !known.contains(&true) {
            return;
        }
        if session.tuning.with_untracked(|s| s.running().is_none()) {
            session.tuning_so_far.set(None);
        }
        if notice.is_stop {
            session.way.set(None);
        }
    }
    way::advance(session);
}

fn died(session: Session, words: &str, is_restarted: bool) {
    session.is_connected.set(false);
    let said = if words.is_empty() { String::new() } else { format!("It said: {words}. ") };
    let (next, remedy) = if is_restarted {
        (
            "A new one is reading your file again; your steps are kept.",
            "Whatever was running can be started again. If it happens twice, try fewer rows or columns.",
        )
    } else {
        (
            "It ended several times in a row, so your file is not read again by itself.",
            "Open a file with fewer rows or columns; the one you have is where it was.",
        )
    };
    let notice = Notice {
        title: "The worker ended unexpectedly".into(),
        detail: format!("{said}{next}"),
        remedy: remedy.into(),
        is_stop: false,
    };
    interrupt(session, &notice);
    session.toast(ToastKind::Bad, notice, false);
}

/// Ends whatever was running in a worker that is gone.
pub(super) fn interrupt(session: Session, notice: &Notice) {
    session.preparing.set(None);
    let loading = session.dataset.with_untracked(|d| match d {
        Dataset::Loading { previous, .. } => Some(previous.clone()),
        _ => None,
    });
    if let Some(previous) = loading {
        session.dataset.set(previous.map_or(Dataset::Empty, Dataset::Ready));
        session.trouble.set(Some(notice.clone()));
    }
    fail_all(session, notice);
}

/// Ends whatever is running for a reason.
fn fail_all(session: Session, notice: &Notice) {
    session.way.set(None);
    fail_any(session.exploration, notice);
    fail_any(session.model_choices, notice);
    fail_any(session.comparison, notice);
    fail_any(session.explanation, notice);
    fail_any(session.ladder, notice);
    fail_any(session.curve, notice);
    fail_any(session.segment_choices, notice);
    fail_any(session.segmentation, notice);
    fail_any(session.tuning, notice);
    session.tuning_so_far.set(None);
    fail_any(session.decision, notice);
}

/// Marks a slot as running.
pub(super) fn begin<T: Send + Sync + 'static>(
    slot: RwSignal<Slot<T>>,
    job: JobId,
    preparation: u64,
    recipe: Recipe,
    label: &str,
) {
    slot.update(|slot| {
        let running = Running {
            job,
            done: 0,
            total: 0,
            label: label.to_owned(),
            started_ms: now_ms(),
            preparation,
            recipe: Arc::new(recipe),
        };
        *slot = Slot::Running { running, previous: slot.value() };
    });
}

fn is_job<T>(slot: &Slot<T>, job: JobId) -> bool {
    slot.running().is_some_and(|r| r.job == job)
}

fn settle<T: Send + Sync + 'static>(slot: RwSignal<Slot<T>>, job: JobId, value: T) -> bool {
    let running = slot.with_untracked(|s| s.running().filter(|r| r.job == job).cloned());
    let Some(running) = running else { return false };
    slot.set(Slot::Ready {
        value: Arc::new(value),
        preparation: running.preparation,
        duration_ms: now_ms() - running.started_ms,
        recipe: running.recipe,
    });
    true
}

fn step_on<T: Send + Sync + 'static>(
    slot: RwSignal<Slot<T>>,
    job: JobId,
    done: u64,
    total: u64,
    label: &str,
) {
    if slot.with_untracked(|s| is_job(s, job)) {
        slot.update(|slot| {
            if let Slot::Running { running, .. } = slot {
                (running.done, running.total) = (done, total);
                label.clone_into(&mut running.label);
            }
        });
    }
}

fn fail<T: Send + Sync + 'static>(slot: RwSignal<Slot<T>>, job: JobId, notice: &Notice) -> bool {
    let is_mine = slot.with_untracked(|s| is_job(s, job));
    if is_mine {
        fail_any(slot, notice);
    }
    is_mine
}

/// Without a result before, as if it had never been asked for.
fn drop_failure<T>(slot: &mut Slot<T>) {
    if matches!(slot, Slot::Failed { previous: None, .. }) {
        *slot = Slot::Empty;
    }
}

fn fail_any<T: Send + Sync + 'static>(slot: RwSignal<Slot<T>>, notice: &Notice) {
    if slot.with_untracked(|s| s.running().is_some()) {
        slot.update(|slot| *slot = Slot::Failed { notice: notice.clone(), previous: slot.value() });
    }
}
