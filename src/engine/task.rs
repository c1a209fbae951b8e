//! A unit of parallel work as plain data: what it needs, what it returns, how results are combined.
//!
//! A job hands out a [`Batch`] of independent tasks, gets their outputs back in order, and hands out the next batch or
//! its result. Who runs the tasks (a pool of workers, threads, or a loop) cannot change the numbers.

use std::{any::Any, collections::HashMap, rc::Rc, sync::Arc};

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::context::{Ctx, Stopped};

/// Fingerprint of the bytes of something tasks share (a matrix, a frame). Equal bytes have equal ids, so that they go
/// to a worker once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SharedId(pub u64);

/// One unit of work.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// Which work ([`Work::SLUG`]).
    pub kind: String,
    /// "Random forest, fold 3 of 5".
    pub label: String,
    /// What it reads beside its payload.
    pub shared: SharedId,
    /// Seed of its random draws, so that who runs it cannot matter.
    pub seed: u64,
    /// The work itself, in postcard.
    #[serde(with = "serde_bytes")]
    pub payload: Vec<u8>,
}

/// Independent tasks and what they share.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    /// Bytes that tasks name by their id.
    pub shared: Vec<(SharedId, Arc<Vec<u8>>)>,
    /// In the order in which outputs are expected.
    pub tasks: Vec<Task>,
}

/// Where a job stands.
#[derive(Debug, Clone)]
pub enum Stage<T> {
    /// Run these and come back with the outputs.
    Work(Batch),
    /// Nothing is left to do; the result.
    Done(T),
}

/// Work in one or more batches.
pub trait Job {
    /// What comes out.
    type Outcome;
    /// Why it could not be done.
    type Error;
    /// Called first with no outputs, then with those of the batch it handed out, in the order of its tasks. `None` is a
    /// task that was not finished because the user stopped; then (`stopped`) the job answers `Done` with what it has,
    /// or an error when that is nothing.
    fn step(
        &mut self,
        outputs: Vec<Option<Vec<u8>>>,
        stopped: bool,
        ctx: &Ctx<'_>,
    ) -> Result<Stage<Self::Outcome>, Self::Error>;
}

/// Why a task gave no output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum TaskError {
    /// The user stopped it.
    Stopped,
    /// The bytes are not what the kind expects.
    Unreadable {
        /// Kind of the task.
        kind: String,
    },
    /// No work has this kind.
    UnknownKind {
        /// Kind of the task.
        kind: String,
    },
    /// The worker does not hold what the task shares.
    MissingShared {
        /// Kind of the task.
        kind: String,
    },
    /// The work itself failed.
    Failed {
        /// Why, one sentence.
        message: String,
    },
}

impl std::fmt::Display for TaskError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Stopped => Stopped.fmt(f),
            Self::Unreadable { kind } => write!(f, "a task of kind {kind} could not be read"),
            Self::UnknownKind { kind } => write!(f, "this version knows no task of kind {kind}"),
            Self::MissingShared { kind } => write!(f, "a task of kind {kind} came without its data"),
            Self::Failed { message } => f.write_str(message),
        }
    }
}

impl std::error::Error for TaskError {}

impl From<Stopped> for TaskError {
    fn from(_: Stopped) -> Self {
        Self::Stopped
    }
}

/// A kind of work. Its fields are its settings; what is large goes into `Shared`.
pub trait Work: Serialize + DeserializeOwned {
    /// Unique name.
    const SLUG: &'static str;
    /// What several tasks read.
    type Shared: Serialize + DeserializeOwned + 'static;
    /// What it returns.
    type Output: Serialize + DeserializeOwned;
    /// Does it.
    fn run(self, shared: &Self::Shared, ctx: &Ctx<'_>) -> Result<Self::Output, TaskError>;
}

impl Batch {
    /// Adds something tasks share and returns its id.
    pub fn share<S: Serialize>(&mut self, shared: &S) -> SharedId {
        let bytes = encode(shared);
        let id = SharedId(fingerprint(&bytes));
        if !self.shared.iter().any(|(known, _)| *known == id) {
            self.shared.push((id, Arc::new(bytes)));
        }
        id
    }

    /// Adds a task.
    pub fn push<W: Work>(&mut self, label: impl Into<String>, shared: SharedId, seed: u64, work: &W) {
        self.tasks.push(Task {
            kind: W::SLUG.to_owned(),
            label: label.into(),
            shared,
            seed,
            payload: encode(work),
        });
    }
}

/// Reads the output of a task of kind `W`.
pub fn output<W: Work>(bytes: &[u8]) -> Result<W::Output, TaskError> {
    postcard::from_bytes(bytes).map_err(|_| TaskError::Unreadable { kind: W::SLUG.to_owned() })
}

/// Data that tasks share, held by a worker: bytes until first used, then typed.
#[derive(Default)]
pub struct SharedStore {
    bytes: HashMap<SharedId, Arc<Vec<u8>>>,
    typed: HashMap<SharedId, Rc<dyn Any>>,
}

impl SharedStore {
    /// Keeps it for the tasks to come.
    pub fn hold(&mut self, id: SharedId, bytes: Arc<Vec<u8>>) {
        if !self.typed.contains_key(&id) {
            self.bytes.insert(id, bytes);
        }
    }

    /// Lets go of what no task to come will read.
    pub fn forget(&mut self, ids: &[SharedId]) {
        for id in ids {
            self.bytes.remove(id);
            self.typed.remove(id);
        }
    }

    fn get<S: DeserializeOwned + 'static>(&mut self, id: SharedId, kind: &str) -> Result<Rc<S>, TaskError> {
        if let Some(known) = self.typed.get(&id).and_then(|any| Rc::clone(any).downcast::<S>().ok()) {
            return Ok(known);
        }
        let bytes = self.bytes.get(&id).ok_or_else(|| TaskError::MissingShared { kind: kind.to_owned() })?;
        let value: S =
            postcard::from_bytes(bytes).map_err(|_| TaskError::Unreadable { kind: kind.to_owned() })?;
        let value = Rc::new(value);
        self.bytes.remove(&id);
        self.typed.insert(id, value.clone());
        Ok(value)
    }
}

/// Runs one task of kind `W`; the form in which kinds stand in the registry (`pipeline::tasks`).
pub fn run<W: Work>(
    task: &Task,
    store: &mut SharedStore,
    tick: &dyn Fn(u64, u64) -> bool,
) -> Result<Vec<u8>, TaskError> {
    let shared = store.get::<W::Shared>(task.shared, W::SLUG)?;
    let work: W = postcard::from_bytes(&task.payload)
        .map_err(|_| TaskError::Unreadable { kind: W::SLUG.to_owned() })?;
    Ok(encode(&work.run(&shared, &Ctx::new(task.seed, tick))?))
}

/// Postcard bytes. Plain data made by us always encodes; a failure would be a bug in a `Serialize` by hand, of which the
/// engine has one, in `step.rs`.
#[allow(clippy::expect_used)]
pub fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    postcard::to_stdvec(value).expect("plain data encodes")
}

/// From postcard bytes; `None` when they are of another version.
pub fn decode<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    postcard::from_bytes(bytes).ok()
}

/// FNV-1a, 64 bits.
pub fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |h, &b| (h ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3))
}
