//! What follows from the session's state.

use std::sync::Arc;

use leptos::prelude::*;

use super::{
    runs::Runs,
    state::{Dataset, Session, Slot},
};
use crate::{
    engine::{
        data::{
            role::{Role, TableKind},
            summary::TableSummary,
        },
        pipeline::recipe::{Recipe, RecipeStep},
        statistics::exploration::ExplorePlan,
    },
    protocol::{Loaded, PreparedTable, StepInfo},
    ui::route::Page,
};

/// Where a step of the path stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepState {
    /// Nothing can be done here yet.
    Empty,
    /// Can be done.
    Ready,
    /// At work; done in 1/1000 when known.
    Running(Option<u32>),
    /// There is a result.
    Done,
    /// Done for an earlier state of the table.
    Stale,
    /// There is a reason instead of a result.
    Failed,
}

impl StepState {
    /// Word for those who cannot see the mark.
    pub fn label(self) -> &'static str {
        match self {
            Self::Empty => "not yet",
            Self::Ready => "ready",
            Self::Running(_) => "running",
            Self::Done => "done",
            Self::Stale => "out of date",
            Self::Failed => "failed",
        }
    }

    /// Value of `data-state`.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Ready => "ready",
            Self::Running(_) => "running",
            Self::Done => "done",
            Self::Stale => "stale",
            Self::Failed => "failed",
        }
    }
}

impl Session {
    /// The open file, if one was read.
    pub fn loaded(self) -> Option<Arc<Loaded>> {
        self.dataset.with(|d| d.loaded().cloned())
    }

    /// What is declared of a step or feature. Not tracked: it is the same for every file.
    pub fn step_info(self, slug: &str) -> Option<StepInfo> {
        self.dataset.with_untracked(|d| d.loaded()?.steps.iter().find(|s| s.slug == slug).cloned())
    }

    /// Whether a file is open.
    pub fn has_data(self) -> bool {
        self.dataset.with(|d| d.loaded().is_some())
    }

    /// Whether a file is being read.
    pub fn is_loading(self) -> bool {
        self.dataset.with(|d| matches!(d, Dataset::Loading { .. }))
    }

    /// The prepared table, if there is one.
    pub fn prepared_table(self) -> Option<Arc<PreparedTable>> {
        self.prepared.get()
    }

    /// The table as prepared, else as read.
    pub fn table(self) -> Option<TableSummary> {
        self.prepared
            .with(|p| p.as_ref().map(|p| p.table.clone()))
            .or_else(|| self.dataset.with(|d| d.loaded().map(|l| l.table.clone())))
    }

    /// The columns at a place of the recipe: those of the prepared table, less what later steps made, with what later
    /// steps removed.
    pub fn table_at(self, place: usize) -> Option<TableSummary> {
        let mut table = self.table()?;
        let later: Vec<_> = self.prepared.with(|p| {
            let later = p.iter().flat_map(|p| p.ledger.iter().skip(place));
            later
                .filter_map(|e| e.effect.as_ref())
                .map(|e| (e.columns_added.clone(), e.columns_removed.clone()))
                .collect()
        });
        let raw = self.loaded().map(|l| l.table.columns.clone()).unwrap_or_default();
        for (added, removed) in later.into_iter().rev() {
            table.columns.retain(|c| !added.contains(&c.name));
            table.columns.extend(raw.iter().filter(|c| removed.contains(&c.name)).cloned());
        }
        Some(table)
    }

    /// Kind of the table.
    pub fn kind(self) -> TableKind {
        self.prepared
            .with(|p| p.as_ref().map(|p| p.table.kind))
            .or_else(|| self.dataset.with(|d| d.loaded().map(|l| l.table.kind)))
            .unwrap_or_default()
    }

    /// Currency of the money columns.
    pub fn currency(self) -> Option<String> {
        self.dataset.with(|d| d.loaded().and_then(|l| l.table.currency.clone()))
    }

    /// Whether some column has a role.
    pub fn has_role(self, role: Role) -> bool {
        self.prepared.with(|p| p.as_ref().is_some_and(|p| p.table.columns.iter().any(|c| c.role == role)))
    }

    /// Fingerprint of what changes the table.
    pub fn preparation(self) -> u64 {
        self.recipe.with(Recipe::preparation)
    }

    /// How many cleaning steps and how many features the recipe has.
    pub fn n_steps(self) -> (usize, usize) {
        self.recipe.with(|r| {
            let n = |wanted: fn(&RecipeStep) -> bool| r.steps.iter().filter(|s| wanted(s)).count();
            (n(|s| matches!(s, RecipeStep::Clean(_))), n(|s| matches!(s, RecipeStep::Feature(_))))
        })
    }

    /// Whether the user has seen or made what stands on a page.
    pub fn has_seen(self, page: Page) -> bool {
        self.seen.with(|seen| (seen >> page as u32) & 1 == 1)
    }

    /// Notes that the user has seen or made what stands on a page.
    pub fn see(self, page: Page) {
        self.seen.update(|seen| *seen |= 1 << page as u32);
        if page == Page::Explore
            && let Some(made_from) = self.explored_from()
        {
            self.explored.update_value(|all| {
                if !all.contains(&made_from) {
                    all.push(made_from);
                }
            });
        }
    }

    /// Whether the user has looked at an exploration of the same table by the same plan.
    pub fn has_explored(self) -> bool {
        self.explored_from().is_some_and(|made_from| self.explored.with_value(|all| all.contains(&made_from)))
    }

    /// What the present exploration was made from.
    fn explored_from(self) -> Option<(u64, ExplorePlan)> {
        self.exploration.with_untracked(|slot| match slot {
            Slot::Ready { preparation, recipe, .. } => Some((*preparation, recipe.explore.clone())),
            _ => None,
        })
    }

    /// What stands on a page is new: nobody has seen it yet.
    pub fn unsee(self, page: Page) {
        self.seen.update(|seen| *seen &= !(1 << page as u32));
    }

    /// Whether no cleaning step was applied and none is suggested.
    pub fn is_clean(self) -> bool {
        self.n_steps().0 == 0
            && self.prepared.with(|p| p.as_ref().is_some_and(|p| !p.cleaning.iter().any(|s| s.recommended)))
    }

    /// Where a step of the path stands. A tick says that the user has seen or made what stands there: what the page
    /// works out by itself is only ready until it was looked at.
    pub fn step_state(self, page: Page) -> StepState {
        match self.result_state(page) {
            StepState::Done if !self.has_seen(page) => StepState::Ready,
            state => state,
        }
    }

    /// The same of the result alone, whether or not somebody has seen it.
    pub fn result_state(self, page: Page) -> StepState {
        if page == Page::Data {
            return self.dataset.with(|d| match d {
                Dataset::Empty => StepState::Ready,
                Dataset::Loading { .. } => {
                    let (done, total) = self.n_read.get();
                    StepState::Running(thousandths(done, total))
                }
                Dataset::Ready(_) => StepState::Done,
            });
        }
        if page == Page::Runs {
            let has_runs = Runs::expect().all.with(|all| !all.is_empty());
            return if has_runs { StepState::Done } else { StepState::Empty };
        }
        if !self.has_data() {
            return StepState::Empty;
        }
        let preparation = self.preparation();
        match page {
            Page::Clean | Page::Features => {
                let (n_clean, n_features) = self.n_steps();
                let n = if page == Page::Clean { n_clean } else { n_features };
                match (n, self.preparing.get().is_some()) {
                    (0, false) if page == Page::Clean && self.is_clean() => StepState::Done,
                    (0, _) => StepState::Ready,
                    (_, true) => StepState::Running(None),
                    _ => StepState::Done,
                }
            }
            Page::Explore => self.exploration.with(|s| slot_state(s, preparation)),
            Page::Model => match self.comparison.with(|s| slot_state(s, preparation)) {
                // The chosen model is still being explained.
                StepState::Done => self.explanation.with(|s| match slot_state(s, preparation) {
                    running @ StepState::Running(_) => running,
                    _ => StepState::Done,
                }),
                state => state,
            },
            Page::Segment => self.segmentation.with(|s| slot_state(s, preparation)),
            Page::Decide => self.decision.with(|s| match slot_state(s, preparation) {
                // What is missing for a decision is no decision.
                StepState::Done
                    if s.value().is_some_and(|d| d.retargeting.is_none() && d.budget.is_none()) =>
                {
                    StepState::Ready
                }
                state => state,
            }),
            // There is something to report as soon as something was found.
            _ if self.exploration.with(|s| s.value().is_some()) => StepState::Done,
            _ => StepState::Ready,
        }
    }

    /// Whether a result belongs to an earlier state of the table.
    pub fn is_stale<T: Send + Sync + 'static>(self, slot: RwSignal<Slot<T>>) -> bool {
        let preparation = self.preparation();
        slot.with(|s| s.is_stale(preparation))
    }

    /// Whether there is a change to take back.
    pub fn can_undo(self) -> bool {
        self.past.with(|p| !p.is_empty())
    }

    /// Whether there is a change to make again.
    pub fn can_redo(self) -> bool {
        self.future.with(|f| !f.is_empty())
    }
}

fn slot_state<T>(slot: &Slot<T>, preparation: u64) -> StepState {
    match slot {
        Slot::Empty => StepState::Ready,
        Slot::Running { running, .. } => StepState::Running(thousandths(running.done, running.total)),
        Slot::Ready { .. } if slot.is_stale(preparation) => StepState::Stale,
        Slot::Ready { .. } => StepState::Done,
        Slot::Failed { notice, previous: Some(_) } if notice.is_stop => StepState::Stale,
        Slot::Failed { notice, .. } if notice.is_stop => StepState::Ready,
        Slot::Failed { .. } => StepState::Failed,
    }
}

fn thousandths(done: u64, total: u64) -> Option<u32> {
    (total > 0).then(|| (done.min(total) * 1000 / total) as u32)
}
