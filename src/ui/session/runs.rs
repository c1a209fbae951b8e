//! The runs of this device: recorded as results arrive, kept in storage, at hand while the page is open.

use std::sync::Arc;

use leptos::{prelude::*, task::spawn_local};

use super::{
    kept::Kept,
    state::{Dataset, Session, Slot, ToastKind},
};
use crate::{
    engine::{
        models::{comparison::Comparison, ladder::Ladder, learning_curve::LearningCurve},
        pipeline::{
            graph::{GraphStep, Node, Results, Size, Standing, graph},
            recipe::Recipe,
            run::{RunContext, RunRecord},
        },
        segments::segmentation::Segmentation,
        words,
    },
    platform::{
        storage::{self, StorageError},
        time::unix_ms,
    },
    protocol::Notice,
};

/// Results that were recorded: one result is one run.
#[derive(Default)]
struct Recorded {
    comparison: Option<Arc<Comparison>>,
    /// The run of that comparison: what is asked about its models later is added to it.
    run: Option<String>,
    ladder: Option<Arc<Ladder>>,
    curve: Option<Arc<LearningCurve>>,
    segmentation: Option<Arc<Segmentation>>,
}

/// Whether a result is a new one; from then on it is known.
fn is_new<T>(known: &mut Option<Arc<T>>, value: &Arc<T>) -> bool {
    let is_new = !known.as_ref().is_some_and(|known| Arc::ptr_eq(known, value));
    *known = Some(value.clone());
    is_new
}

/// Every run known here, newest first.
#[derive(Clone, Copy)]
pub struct Runs {
    /// Of every file.
    pub all: RwSignal<Vec<RunRecord>>,
    /// Why runs are not kept beyond this page, if so.
    pub trouble: RwSignal<Option<Notice>>,
    /// The run deleted last, while that can be taken back.
    pub deleted: RwSignal<Option<RunRecord>>,
    recorded: StoredValue<Recorded>,
}

impl Runs {
    /// Reads what is stored, records what the session finds from now on, and provides itself. Once for the app.
    pub fn provide(session: Session) -> Self {
        let runs = Self {
            all: RwSignal::default(),
            trouble: RwSignal::default(),
            deleted: RwSignal::default(),
            recorded: StoredValue::default(),
        };
        provide_context(runs);
        spawn_local(async move {
            match storage::list_runs().await {
                Ok(stored) => {
                    runs.all.update(|all| {
                        all.extend(stored.runs);
                        all.sort_by(|a, b| b.id.cmp(&a.id));
                    });
                    if let Some(first) = stored.unreadable.first() {
                        runs.trouble.set(Some(Notice {
                            title: words::counted(
                                stored.unreadable.len() as u64,
                                "stored run cannot be shown",
                                "stored runs cannot be shown",
                            ),
                            detail: format!("The first: {first}."),
                            remedy: "They are left where they are; a newer Assay may read them.".into(),
                            is_stop: false,
                        }));
                    }
                }
                Err(error) => runs.trouble.set(Some(kept_here_only(&error))),
            }
        });
        Effect::new(move |_| session.comparison.with(|slot| record_comparison(session, runs, slot)));
        Effect::new(move |_| session.ladder.with(|slot| record_ladder(runs, slot)));
        Effect::new(move |_| session.curve.with(|slot| record_curve(runs, slot)));
        Effect::new(move |_| session.segmentation.with(|slot| record_segmentation(session, runs, slot)));
        runs
    }

    /// The one of the app.
    pub fn expect() -> Self {
        expect_context()
    }

    /// The run of an id.
    pub fn find(self, id: &str) -> Option<RunRecord> {
        self.all.with(|all| all.iter().find(|r| r.id == id).cloned())
    }

    /// Gives a run another name.
    pub fn rename(self, id: &str, name: &str) {
        let name = name.trim();
        let renamed = self
            .all
            .try_update(|all| {
                let run = all.iter_mut().find(|r| r.id == id)?;
                if name.is_empty() || run.name == name {
                    return None;
                }
                name.clone_into(&mut run.name);
                Some(run.clone())
            })
            .flatten();
        if let Some(run) = renamed {
            self.keep(run);
        }
    }

    /// Adds to the run of the comparison recorded last, also where it waits to be brought back.
    fn add_to_last(self, target: &str, add: impl FnOnce(&mut RunRecord)) {
        let Some(id) = self.recorded.with_value(|r| r.run.clone()) else { return };
        let is_it = |r: &&mut RunRecord| {
            r.id == id && r.recipe.model.as_ref().is_some_and(|plan| plan.target == target)
        };
        let is_deleted = self.deleted.with_untracked(|d| d.as_ref().is_some_and(|d| d.id == id));
        if is_deleted {
            self.deleted.update(|d| {
                if let Some(run) = d.as_mut().filter(is_it) {
                    add(run);
                }
            });
            return;
        }
        let changed = self.all.try_update(|all| {
            let run = all.iter_mut().find(is_it)?;
            add(run);
            Some(run.clone())
        });
        if let Some(run) = changed.flatten() {
            self.keep(run);
        }
    }

    /// Forgets a run; [`Runs::restore`] takes that back.
    pub fn delete(self, id: &str) {
        let Some(run) = self.find(id) else { return };
        self.all.update(|all| all.retain(|r| r.id != run.id));
        self.deleted.set(Some(run));
        let id = id.to_owned();
        spawn_local(async move {
            if let Err(error) = storage::delete_run(&id).await {
                self.trouble.set(Some(kept_here_only(&error)));
            }
        });
    }

    /// Brings the run deleted last back.
    pub fn restore(self) {
        if let Some(run) = self.deleted.try_update(Option::take).flatten() {
            self.add(run);
        }
    }

    /// Empties every store of this device and what the page holds.
    pub async fn erase_all(self, session: Session, kept: Kept) {
        super::actions::erase(session);
        self.all.set(Vec::new());
        self.deleted.set(None);
        self.recorded.set_value(Recorded::default());
        kept.files.set(None);
        kept.is_allowed.set(true);
        let (kind, notice) = match storage::erase_all().await {
            Ok(()) => {
                self.trouble.set(None);
                let notice = Notice {
                    title: "Everything is erased".into(),
                    detail: "The table, the file kept, the recipe, all runs and settings are gone from this device.".into(),
                    remedy: String::new(),
                    is_stop: false,
                };
                (ToastKind::Good, notice)
            }
            Err(error) => {
                let remedy = match error {
                    StorageError::Busy => "Close the other tabs of Assay; the rest is then erased.",
                    _ => "Clear this site's data in the browser's settings.",
                };
                let notice = Notice {
                    title: "Not everything could be erased".into(),
                    detail: sentence(&error),
                    remedy: remedy.into(),
                    is_stop: false,
                };
                (ToastKind::Bad, notice)
            }
        };
        session.toast(kind, notice, false);
    }

    /// Adds a new run under a name that no other has: "Purchases: linear regression (2)".
    fn record(self, mut run: RunRecord) {
        let is_taken = |name: &str| self.all.with_untracked(|all| all.iter().any(|r| r.name == name));
        let base = run.name.clone();
        let mut nth = 1;
        while is_taken(&run.name) {
            nth += 1;
            run.name = format!("{base} ({nth})");
        }
        self.add(run);
    }

    fn add(self, run: RunRecord) {
        self.all.update(|all| {
            all.push(run.clone());
            all.sort_by(|a, b| b.id.cmp(&a.id));
        });
        self.keep(run);
    }

    /// Stores a run; where that is not possible it stays until the page is closed, and the page says so.
    fn keep(self, run: RunRecord) {
        spawn_local(async move {
            if let Err(error) = storage::put_run(&run).await {
                self.trouble.set(Some(kept_here_only(&error)));
            }
        });
    }
}

fn sentence(error: &StorageError) -> String {
    let text = error.to_string();
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| {
        format!("{}{}.", c.to_uppercase(), chars.as_str().trim_end_matches('.'))
    })
}

fn kept_here_only(error: &StorageError) -> Notice {
    let remedy = match error {
        StorageError::Full { .. } => "Delete runs you no longer need, or save the recipe as a file.",
        StorageError::Forbidden { .. } => "Allow this site to store data, or save the recipe as a file.",
        StorageError::Newer { .. } => {
            "Reload the page to get the newest Assay, or save the recipe as a file."
        }
        StorageError::Busy => "Close the other tabs of Assay, or save the recipe as a file.",
        StorageError::Failed { .. } => "Save the recipe as a file to keep it.",
    };
    Notice {
        title: "This run is kept until you close the page".into(),
        detail: sentence(error),
        remedy: remedy.into(),
        is_stop: false,
    }
}

/// Records a comparison that is done, once.
fn record_comparison(session: Session, runs: Runs, slot: &Slot<Comparison>) {
    let Slot::Ready { value, duration_ms, recipe, .. } = slot else { return };
    if runs.recorded.try_update_value(|r| is_new(&mut r.comparison, value)) != Some(true) {
        return;
    }
    runs.recorded.update_value(|r| r.run = None);
    let winner = value.results.iter().find(|r| r.family == value.verdict.winner);
    let detail = winner.map_or_else(String::new, |w| {
        let score = value.outcome().headline();
        let known = score.of(&w.mean).map(|v| format!(", {} {}", score.label(), words::number(v)));
        format!("{}{}", w.title, known.unwrap_or_default())
    });
    let results = Results { model: Standing::Done(detail), ..Results::default() };
    if let Some(run) =
        with_context(session, *duration_ms, recipe, results, |c| RunRecord::from_comparison(value, c))
    {
        runs.recorded.update_value(|r| r.run = Some(run.id.clone()));
        runs.record(run);
    }
}

/// Adds a ladder that was climbed to the run of its comparison.
fn record_ladder(runs: Runs, slot: &Slot<Ladder>) {
    let Slot::Ready { value, .. } = slot else { return };
    if runs.recorded.try_update_value(|r| is_new(&mut r.ladder, value)) == Some(true) {
        runs.add_to_last(&value.target, |run| run.put_ladder(value));
    }
}

/// Adds a learning curve to the run of its comparison.
fn record_curve(runs: Runs, slot: &Slot<LearningCurve>) {
    let Slot::Ready { value, .. } = slot else { return };
    if runs.recorded.try_update_value(|r| is_new(&mut r.curve, value)) == Some(true) {
        runs.add_to_last(&value.target, |run| run.put_curve(value));
    }
}

/// Records a clustering that is done, once.
fn record_segmentation(session: Session, runs: Runs, slot: &Slot<Segmentation>) {
    let Slot::Ready { value, duration_ms, recipe, .. } = slot else { return };
    if runs.recorded.try_update_value(|r| is_new(&mut r.segmentation, value)) != Some(true) {
        return;
    }
    let results = Results { segment: Standing::Done(format!("{} segments", value.k)), ..Results::default() };
    if let Some(run) =
        with_context(session, *duration_ms, recipe, results, |c| RunRecord::from_segmentation(value, c))
    {
        runs.record(run);
    }
}

/// The record made with what surrounds it; `None` when no file is open any more.
fn with_context(
    session: Session,
    duration_ms: f64,
    recipe: &Recipe,
    results: Results,
    make: impl FnOnce(RunContext<'_>) -> RunRecord,
) -> Option<RunRecord> {
    thread_local!(static NEXT: std::cell::Cell<u32> = const { std::cell::Cell::new(0) });
    let loaded = session.dataset.with_untracked(|d: &Dataset| d.loaded().cloned())?;
    let now = unix_ms();
    let nth = NEXT.with(|n| n.replace(n.get() + 1));
    Some(make(RunContext {
        // Of fixed width, so that ids sort as times do.
        id: format!("{:015}-{nth:04}", now as u64),
        started_at: now - duration_ms,
        duration_ms,
        receipt: &loaded.receipt,
        recipe,
        graph: current_graph(session, results),
        version: env!("CARGO_PKG_VERSION"),
    }))
}

/// The graph of the open file and its recipe, with the given results.
fn current_graph(session: Session, results: Results) -> Vec<Node> {
    let Some(loaded) = session.dataset.with_untracked(|d| d.loaded().cloned()) else { return Vec::new() };
    let prepared = session.prepared.get_untracked();
    let ledger = prepared.as_ref().map_or(&[][..], |p| &p.ledger);
    let steps: Vec<GraphStep<'_>> = ledger
        .iter()
        .map(|e| GraphStep { title: &e.title, effect: e.effect.as_ref(), failure: e.failure.as_deref() })
        .collect();
    let raw = Size { n_rows: loaded.table.n_rows, n_columns: loaded.table.columns.len() as u64 };
    let mut nodes = graph(&loaded.receipt.file_name, raw, &steps, results);
    // A run is what was asked of it, not what else could have been.
    nodes.retain(|node| node.state != "not run" && node.kind != "report");
    nodes
}
