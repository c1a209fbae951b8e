//! What is kept on this device between visits: the runs, in IndexedDB. Nothing of it ever leaves.
//!
//! The database is opened for each operation and closed after it, so that erasing it is never blocked by a tab.

use std::{
    future::{Future, IntoFuture, poll_fn},
    pin::pin,
    task::Poll,
};

use idb::{Database, DatabaseEvent, Error, Factory, KeyPath, ObjectStoreParams, Query, TransactionMode};
use js_sys::{Array, Function, JSON, Promise, Reflect};
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::engine::pipeline::{
    run::RunRecord,
    saved::{self, Saved, SavedError},
};

const DATABASE: &str = "assay";
const DATABASE_VERSION: u32 = 1;
const RUNS: &str = "runs";
/// What our keys in `localStorage` and our caches begin with.
const PREFIX: &str = "assay";

/// Why something could not be kept or read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StorageError {
    /// The browser allows no storage here (a private window, or a setting).
    Forbidden {
        /// What the browser says.
        words: String,
    },
    /// No room is left.
    Full {
        /// What the browser says.
        words: String,
    },
    /// A newer Assay, perhaps in another tab, has stored in its own form.
    Newer {
        /// What the browser says.
        words: String,
    },
    /// Another tab holds on to what is stored.
    Busy,
    /// Anything else.
    Failed {
        /// What the browser says.
        words: String,
    },
}

impl std::fmt::Display for StorageError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Forbidden { words } => {
                write!(f, "this browser does not let the page store anything: {words}")
            }
            Self::Full { words } => write!(f, "no room is left to store anything: {words}"),
            Self::Newer { words } => {
                write!(f, "a newer version of Assay has stored runs in this browser: {words}")
            }
            Self::Busy => f.write_str("another tab of Assay is holding on to what is stored"),
            Self::Failed { words } => write!(f, "the browser could not store it: {words}"),
        }
    }
}

impl std::error::Error for StorageError {}

impl From<Error> for StorageError {
    fn from(error: Error) -> Self {
        let words = error.to_string();
        if words.contains("Quota") {
            Self::Full { words }
        } else if words.contains("VersionError") {
            Self::Newer { words }
        } else if ["SecurityError", "InvalidStateError"].iter().any(|w| words.contains(w))
            || matches!(error, Error::IndexedDbNotFound(_))
        {
            Self::Forbidden { words }
        } else {
            Self::Failed { words }
        }
    }
}

/// The stored runs, and why others could not be read.
#[derive(Debug, Clone, Default)]
pub struct StoredRuns {
    /// As they were kept.
    pub runs: Vec<RunRecord>,
    /// Why the others cannot be shown.
    pub unreadable: Vec<SavedError>,
}

async fn open() -> Result<Database, StorageError> {
    // Without a factory there is no storage at all, whatever the browser calls it.
    let forbidden = |e: Error| StorageError::Forbidden { words: e.to_string() };
    let factory = Factory::new().map_err(forbidden)?;
    let mut request = factory.open(DATABASE, Some(DATABASE_VERSION)).map_err(forbidden)?;
    request.on_upgrade_needed(|event| {
        let Ok(database) = event.database() else { return };
        let mut params = ObjectStoreParams::new();
        params.key_path(Some(KeyPath::new_single("run.id")));
        let _ = database.create_object_store(RUNS, params);
    });
    let mut database = in_time(request).await??;
    // Whoever erases or upgrades in another tab must not wait for this one.
    database.on_version_change(|event| {
        let Some(database) = event.target() else { return };
        let close = Reflect::get(&database, &"close".into()).ok().and_then(|f| f.dyn_into::<Function>().ok());
        let _ = close.map(|close| close.call0(&database));
    });
    Ok(database)
}

/// How long another tab is waited for, in milliseconds.
const PATIENCE: i32 = 3_000;

/// What comes of it, unless another tab is in the way for too long.
async fn in_time<T>(work: impl IntoFuture<Output = T>) -> Result<T, StorageError> {
    let mut work = pin!(work.into_future());
    let mut alarm = pin!(super::time::sleep(PATIENCE));
    poll_fn(|cx| match work.as_mut().poll(cx) {
        Poll::Ready(value) => Poll::Ready(Ok(value)),
        Poll::Pending => alarm.as_mut().poll(cx).map(|()| Err(StorageError::Busy)),
    })
    .await
}

/// Stores a run, in place of the one with its id.
pub async fn put_run(run: &RunRecord) -> Result<(), StorageError> {
    let value = Saved::new(run.clone())
        .serialize(&Serializer::json_compatible())
        .map_err(|e| StorageError::Failed { words: e.to_string() })?;
    let database = open().await?;
    let result = async {
        let transaction = database.transaction(&[RUNS], TransactionMode::ReadWrite)?;
        transaction.object_store(RUNS)?.put(&value, None)?.await?;
        transaction.commit()?.await
    }
    .await;
    database.close();
    result.map(drop).map_err(StorageError::from)
}

/// Every run, oldest first.
pub async fn list_runs() -> Result<StoredRuns, StorageError> {
    let database = open().await?;
    let result = async {
        let transaction = database.transaction(&[RUNS], TransactionMode::ReadOnly)?;
        transaction.object_store(RUNS)?.get_all(None, None)?.await
    }
    .await;
    database.close();
    let mut stored = StoredRuns::default();
    for value in result? {
        // Through text, so that a record from storage and one from a file are checked in one place.
        let text = JSON::stringify(&value).map(String::from).unwrap_or_default();
        match saved::read(&text) {
            Ok(run) => stored.runs.push(run),
            Err(e) => stored.unreadable.push(e),
        }
    }
    stored.runs.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(stored)
}

/// Forgets a run.
pub async fn delete_run(id: &str) -> Result<(), StorageError> {
    let database = open().await?;
    let result = async {
        let transaction = database.transaction(&[RUNS], TransactionMode::ReadWrite)?;
        transaction.object_store(RUNS)?.delete(Query::Key(JsValue::from_str(id)))?.await?;
        transaction.commit()?.await
    }
    .await;
    database.close();
    result.map(drop).map_err(StorageError::from)
}

/// Forgets every run.
pub async fn clear_runs() -> Result<(), StorageError> {
    let database = open().await?;
    let result = async {
        let transaction = database.transaction(&[RUNS], TransactionMode::ReadWrite)?;
        transaction.object_store(RUNS)?.clear()?.await?;
        transaction.commit()?.await
    }
    .await;
    database.close();
    result.map(drop).map_err(StorageError::from)
}

/// Empties every store of ours: the database, settings, and the copies of the app kept for offline use. Does what it
/// can; the first thing that failed is the error.
pub async fn erase_all() -> Result<(), StorageError> {
    let database = delete_database().await;
    erase_settings();
    erase_offline_copies().await;
    database
}

async fn delete_database() -> Result<(), StorageError> {
    // Where there is no storage there is nothing to erase.
    let Ok(factory) = Factory::new() else { return Ok(()) };
    in_time(factory.delete(DATABASE)?).await?.map_err(StorageError::from)
}

fn erase_settings() {
    let Some(storage) = web_sys::window().and_then(|w| w.local_storage().ok().flatten()) else { return };
    let n = storage.length().unwrap_or(0);
    let keys: Vec<String> = (0..n).filter_map(|i| storage.key(i).ok().flatten()).collect();
    for key in keys.iter().filter(|k| k.starts_with(PREFIX)) {
        let _ = storage.remove_item(key);
    }
}

/// Caches of the service worker, and the worker itself: it comes back with the next visit.
async fn erase_offline_copies() {
    let Some(window) = web_sys::window() else { return };
    // Absent on pages opened without https.
    if let Ok(caches) = Reflect::get(&window, &"caches".into())
        && caches.is_object()
        && let Some(keys) = call(&caches, "keys", None).await
    {
        for key in Array::from(&keys).iter() {
            if key.as_string().is_some_and(|k| k.starts_with(PREFIX)) {
                call(&caches, "delete", Some(&key)).await;
            }
        }
    }
    let navigator: JsValue = window.navigator().into();
    if let Ok(container) = Reflect::get(&navigator, &"serviceWorker".into())
        && container.is_object()
        // The one of this page alone: other sites may live under the same host.
        && let Some(registration) = call(&container, "getRegistration", None).await
        && registration.is_object()
    {
        call(&registration, "unregister", None).await;
    }
}

/// Calls a method that answers with a promise; `None` when there is none or it fails.
async fn call(object: &JsValue, method: &str, argument: Option<&JsValue>) -> Option<JsValue> {
    let function: Function = Reflect::get(object, &method.into()).ok()?.dyn_into().ok()?;
    let answer = match argument {
        Some(argument) => function.call1(object, argument),
        None => function.call0(object),
    };
    let promise: Promise = answer.ok()?.dyn_into().ok()?;
    JsFuture::from(promise).await.ok()
}
