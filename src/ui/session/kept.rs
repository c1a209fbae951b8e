//! The last opened files, kept on this device so that they can be opened again after a reload: offered, never opened by
//! themselves, and only while the user allows it.

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
    /// The files of an earlier visit and their recipe as JSON.
    pub files: RwSignal<Option<(Vec<File>, String)>, LocalStorage>,
    /// Whether the user allows files to be kept.
    pub is_allowed: RwSignal<bool>,
}

impl Kept {
    /// Looks what is kept, keeps what is opened from now on, and provides itself. Once for the app.
    pub fn provide(session: Session) {
        let kept = Self { files: RwSignal::new_local(None), is_allowed: RwSignal::new(storage::may_keep()) };
        provide_context(kept);
        spawn_local(async move {
            // The end of an earlier visit can have come before the file was forgotten.
            if !kept.is_allowed.get_untracked() {
                drop(storage::forget_file().await);
                return;
            }
            let found = storage::kept_files().await;
            // A file opened meanwhile is the newer one; and what was forbidden meanwhile is not offered.
            let is_empty = session.dataset.with_untracked(|d| matches!(d, Dataset::Empty));
            if is_empty && kept.is_allowed.get_untracked() {
                kept.files.set(found);
            }
        });
        // Where nothing can be stored nothing is offered; the page works all the same.
        let opened = Memo::new(move |_| {
            session.dataset.with(|d| match d {
                Dataset::Ready(loaded) => Arc::as_ptr(loaded) as usize,
                _ => 0,
            })
        });
        let files = move || {
            // Both are read each time, so that whoever asks is told of either.
            let (opened, is_allowed) = (opened.get(), kept.is_allowed.get());
            match session.source.get_value() {
                Some(Source::Files(files)) if opened != 0 && is_allowed => {
                    files.into_iter().map(|f| f.file).collect()
                }
                _ => Vec::new(),
            }
        };
        Effect::new(move |_| {
            let files = files();
            if !files.is_empty() {
                spawn_local(async move {
                    let is_small = size(&files) <= MOST_BYTES;
                    let _ = if is_small {
                        storage::keep_files(&files).await
                    } else {
                        storage::forget_file().await
                    };
                });
            }
        });
        Effect::new(move |_| {
            let recipe = session.recipe.with(Recipe::to_json);
            let files = files();
            if !files.is_empty() && size(&files) <= MOST_BYTES {
                spawn_local(async move { drop(storage::keep_recipe(&recipe).await) });
            }
        });
    }

    /// The one of the app.
    pub fn expect() -> Self {
        expect_context()
    }

    /// What the files are called, if there are any: "ads.csv", "jan.csv and 2 more".
    pub fn name(self) -> Option<String> {
        self.files.with(|kept| match kept.as_ref()?.0.as_slice() {
            [one] => Some(one.name()),
            [first, more @ ..] => Some(format!("{} and {} more", first.name(), more.len())),
            [] => None,
        })
    }

    /// Opens the files again and carries out their recipe.
    pub fn open(self, session: Session) {
        if let Some((files, recipe)) = self.files.get_untracked() {
            actions::load_files_with_recipe(session, files, Recipe::from_json(&recipe).unwrap_or_default());
        }
    }

    /// Allows files to be kept, or forbids it and forgets the one that is.
    pub fn allow(self, is_on: bool) {
        storage::set_may_keep(is_on);
        self.is_allowed.set(is_on);
        if !is_on {
            self.files.set(None);
            spawn_local(async { drop(storage::forget_file().await) });
        }
    }
}

fn size(files: &[File]) -> f64 {
    files.iter().map(|f| f.size()).sum()
}
