//! Back and forth between what was decided: the steps, and how the files were read and put together.

use leptos::prelude::*;

use super::{
    actions,
    state::{Dataset, Session, Source, SourceFile, ToastKind},
};
use crate::{engine::pipeline::recipe::Recipe, protocol::Notice};

/// What was decided at some time.
#[derive(Clone)]
pub struct Moment {
    /// The steps, and how a sample was read.
    pub recipe: Recipe,
    /// The files of the table; none of a sample.
    files: Vec<SourceFile>,
    /// Those that stood aside.
    aside: Vec<SourceFile>,
}

impl Moment {
    /// What is decided now.
    pub fn now(session: Session) -> Self {
        let files = match session.source.get_value() {
            Some(Source::Files(files)) => files,
            _ => Vec::new(),
        };
        Self { recipe: session.recipe.get_untracked(), files, aside: session.aside.get_value() }
    }

    /// Whether the table is made of the same files in the same way, so that only the steps differ.
    fn is_read_as(&self, other: &Self) -> bool {
        self.recipe.read == other.recipe.read
            && self.files.len() == other.files.len()
            && self.files.iter().zip(&other.files).all(|(a, b)| a.is_same(b))
    }
}

/// What becomes of the history once a table is there, each with what was decided before.
#[derive(Clone, Default)]
pub enum Turn {
    /// Another table: nothing to go back to.
    #[default]
    Afresh,
    /// A change that can be taken back, and what is said of it once it is made; nothing where that has no title.
    Change(Moment, Notice),
    /// The last change was taken back.
    Undo(Moment),
    /// It was made again.
    Redo(Moment),
}

impl Turn {
    /// A change of what is decided now: "Step removed". Nothing is said where there are no words.
    pub fn change(session: Session, what: impl Into<String>) -> Self {
        Self::Change(Moment::now(session), Notice { title: what.into(), ..Notice::default() })
    }

    /// Writes it into the history.
    pub fn note(self, session: Session) {
        match self {
            Self::Afresh => {
                session.past.set(Vec::new());
                session.future.set(Vec::new());
            }
            Self::Change(before, said) => {
                session.past.update(|past| past.push(before));
                session.future.set(Vec::new());
                // No tick where there is a but.
                let kind = if said.detail.is_empty() { ToastKind::Good } else { ToastKind::Note };
                if !said.title.is_empty() {
                    session.toast(kind, said, true);
                }
            }
            Self::Undo(before) => {
                session.past.update(|past| drop(past.pop()));
                session.future.update(|future| future.push(before));
            }
            Self::Redo(before) => {
                session.future.update(|future| drop(future.pop()));
                session.past.update(|past| past.push(before));
            }
        }
    }
}

/// Takes the last change back. Plans stay as they are: they change no table.
pub fn undo(session: Session) {
    go(session, session.past, Turn::Undo);
}

/// Makes the change taken back again.
pub fn redo(session: Session) {
    go(session, session.future, Turn::Redo);
}

fn go(session: Session, from: RwSignal<Vec<Moment>, LocalStorage>, turn: fn(Moment) -> Turn) {
    // What is being read settles the history when it is there.
    if session.dataset.with_untracked(|d| matches!(d, Dataset::Loading { .. })) {
        return;
    }
    let Some(to) = from.with_untracked(|stack| stack.last().cloned()) else { return };
    let now = Moment::now(session);
    let recipe =
        Recipe { steps: to.recipe.steps.clone(), read: to.recipe.read.clone(), ..now.recipe.clone() };
    session.way.set(None);
    // What a message offers to take back is no longer the last change.
    session.toasts.update(|toasts| toasts.retain(|t| !t.can_undo));
    if to.is_read_as(&now) {
        turn(now).note(session);
        session.recipe.set(recipe);
        actions::prepare(session);
    } else if to.files.is_empty() {
        actions::reread_sample(session, recipe, turn(now));
    } else {
        let files = to.files.into_iter().chain(to.aside).collect();
        actions::load(session, files, recipe, turn(now));
    }
}
