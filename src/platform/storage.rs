//! What is kept on this device between visits: the runs and the last file, in IndexedDB. Nothing of it ever leaves.
//!
//! The database is opened for each operation and closed after it, so that erasing it is never blocked by a tab.

use std::{
    future::{Future, IntoFuture, poll_fn},
    pin::pin,
    task::Poll,
};

use idb::{Database, DatabaseEvent, Error, Factory, KeyPath, ObjectStoreParams, Query, TransactionMode};
use js_sys::{Array, Function, JSON, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::engine::pipeline::{
    run::RunRecord,
    saved::{self, SavedError},
};

const DATABASE: &str = "assay";
/// 2: the last file.
const DATABASE_VERSION: u32 = 2;
const RUNS: &str = "runs";
const LAST: &str = "last";
/// Setting: there when the last file must not be kept.
const KEEP: &str = "assay.keep";
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
        let known = database.store_names();
        for (name, key) in [(RUNS, Some(KeyPath::new_single("run.id"))), (LAST, None)] {
            if !known.iter().any(|k| k == name) {
                let mut params = ObjectStoreParams::new();
                params.key_path(key);
                let _ = database.create_object_store(name, params);
            }
        }
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

/// What can be done to a store.
enum Change {
    Put(JsValue, Option<JsValue>),
    Delete(JsValue),
    Clear,
}

async fn change(store: &str, change: Change) -> Result<(), StorageError> {
    let database = open().await?;
    let result = async {
        let transaction = database.transaction(&[store], TransactionMode::ReadWrite)?;
        let place = transaction.object_store(store)?;
        match change {
            Change::Put(value, key) => drop(place.put(&value, key.as_ref())?.await?),
            Change::Delete(key) => place.delete(Query::Key(key))?.await?,
            Change::Clear => place.clear()?.await?,
        }
        transaction.commit()?.await
    }
    .await;
    database.close();
    result.map(drop).map_err(StorageError::from)
}

/// Everything in a store, by its keys.
async fn all(store: &str) -> Result<Vec<JsValue>, StorageError> {
    let database = open().await?;
    let result = async {
        let transaction = database.transaction(&[store], TransactionMode::ReadOnly)?;
        transaction.object_store(store)?.get_all(None, None)?.await
    }
    .await;
    database.close();
    result.map_err(StorageError::from)
}

/// Stores a run, in place of the one with its id.
pub async fn put_run(run: &RunRecord) -> Result<(), StorageError> {
    // Through text, as it is read: the one form that builds to come must understand.
    let value = JSON::parse(&saved::write(run))
        .map_err(|_| StorageError::Failed { words: "the run is no JSON".into() })?;
    change(RUNS, Change::Put(value, None)).await
}

/// Every run, oldest first.
pub async fn list_runs() -> Result<StoredRuns, StorageError> {
    let mut stored = StoredRuns::default();
    for value in all(RUNS).await? {
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
    change(RUNS, Change::Delete(id.into())).await
}

/// Keeps the last opened files, in place of those before.
pub async fn keep_files(files: &[web_sys::File]) -> Result<(), StorageError> {
    let files: Array = files.iter().collect();
    change(LAST, Change::Put(files.into(), Some("file".into()))).await
}

/// Keeps the recipe of that file, as JSON.
pub async fn keep_recipe(json: &str) -> Result<(), StorageError> {
    change(LAST, Change::Put(json.into(), Some("recipe".into()))).await
}

/// The files kept and their recipe as JSON, if there are any.
pub async fn kept_files() -> Option<(Vec<web_sys::File>, String)> {
    let mut values = all(LAST).await.ok()?.into_iter();
    // "file" comes before "recipe". Earlier versions kept one file, without a list.
    let files = match values.next()?.dyn_into::<Array>() {
        Ok(files) => files.iter().map(JsCast::dyn_into).collect::<Result<Vec<web_sys::File>, _>>(),
        Err(file) => file.dyn_into().map(|file| vec![file]),
    };
    let files = files.ok().filter(|files| !files.is_empty())?;
    Some((files, values.next().and_then(|r| r.as_string()).unwrap_or_default()))
}

/// Forgets the file and its recipe.
pub async fn forget_file() -> Result<(), StorageError> {
    change(LAST, Change::Clear).await
}

/// Whether the user allows the last file to be kept.
pub fn may_keep() -> bool {
    let stored = web_sys::window().and_then(|w| w.local_storage().ok().flatten());
    stored.and_then(|s| s.get_item(KEEP).ok().flatten()).is_none()
}

/// Notes whether the user allows it. Where settings cannot be stored, files cannot either.
pub fn set_may_keep(is_on: bool) {
    if let Some(storage) = web_sys::window().and_then(|w| w.local_storage().ok().flatten()) {
        let _ = if is_on { storage.remove_item(KEEP) } else { storage.set_item(KEEP, "no") };
    }
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
