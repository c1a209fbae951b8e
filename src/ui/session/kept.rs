//! The last opened file, kept on this device so that it can be opened again after a reload: offered, never opened by
//! itself, and only while the user allows it.

use std::sync::Arc;

use leptos::{prelude::*, task::spawn_local};
use web_sys::File;

use super::{
    actions,
    state::{Dataset, Session, Source},
};
use crate::{engine::pipeline::recipe::Recipe, platform::storage};

/// Larger files are not kept: they would crowd out the runs.
const MOST_BYTES: f64 = 25e6;

/// What is kept.
#[derive(Clone, Copy)]
pub struct Kept {
    /// The file of an earlier visit and its recipe as JSON.
    pub file: RwSignal<Option<(File, String)>, LocalStorage>,
    /// Whether the user allows files to be kept.
    pub is_allowed: RwSignal<bool>,
}

impl Kept {
    /// Looks what is kept, keeps what is opened from now on, and provides itself. Once for the app.
    pub fn provide(session: Session) {
        let kept = Self { file: RwSignal::new_local(None), is_allowed: RwSignal::new(storage::may_keep()) };
        provide_context(kept);
        spawn_local(async move {
            // The end of an earlier visit can have come before the file was forgotten.
            if !kept.is_allowed.get_untracked() {
                drop(storage::forget_file().await);
                return;
            }
            let found = storage::kept_file().await;
            // A file opened meanwhile is the newer one; and what was forbidden meanwhile is not offered.
            let is_empty = session.dataset.with_untracked(|d| matches!(d, Dataset::Empty));
            if is_empty && kept.is_allowed.get_untracked() {
                kept.file.set(found);
            }
        });
        // Where nothing can be stored nothing is offered; the page works all the same.
        let opened = Memo::new(move |_| {
            session.dataset.with(|d| match d {
                Dataset::Ready(loaded) => Arc::as_ptr(loaded) as usize,
                _ => 0,
            })
        });
        let file = move || {
            // Both are read each time, so that whoever asks is told of either.
            let (opened, is_allowed) = (opened.get(), kept.is_allowed.get());
            match session.source.get_value() {
                Some(Source::File(file)) if opened != 0 && is_allowed => Some(file),
                _ => None,
            }
        };
        Effect::new(move |_| {
            if let Some(file) = file() {
                spawn_local(async move {
                    let is_small = file.size() <= MOST_BYTES;
                    let _ =
                        if is_small { storage::keep_file(&file).await } else { storage::forget_file().await };
                });
            }
        });
        Effect::new(move |_| {
            let recipe = session.recipe.with(Recipe::to_json);
            if file().is_some_and(|f| f.size() <= MOST_BYTES) {
                spawn_local(async move { drop(storage::keep_recipe(&recipe).await) });
            }
        });
    }

    /// The one of the app.
    pub fn expect() -> Self {
        expect_context()
    }

    /// Opens the file again and carries out its recipe.
    pub fn open(self, session: Session) {
        if let Some((file, recipe)) = self.file.get_untracked() {
            actions::load_file_with_recipe(session, file, Recipe::from_json(&recipe).unwrap_or_default());
        }
    }

    /// Allows files to be kept, or forbids it and forgets the one that is.
    pub fn allow(self, is_on: bool) {
        storage::set_may_keep(is_on);
        self.is_allowed.set(is_on);
        if !is_on {
            self.file.set(None);
            spawn_local(async { drop(storage::forget_file().await) });
        }
    }
}
