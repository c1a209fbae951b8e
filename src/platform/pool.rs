//! A pool of workers that runs the tasks of a job and collects their outputs.
//!
//! Which worker runs which task cannot change the numbers. A worker that dies costs its task one more try on a new
//! worker; then the job fails. Stop ends the workers busy with the job and keeps what was finished.

use std::{
    cell::RefCell,
    collections::{HashSet, VecDeque},
    rc::{Rc, Weak},
};

use web_sys::{MessageChannel, MessagePort};

use super::worker::{RunningWorker, WorkerCode};
use crate::{
    engine::task::{SharedId, Task},
    protocol::{JobId, Notice, Reply, Request, codec::Message},
};

/// What a batch comes to.
pub enum BatchEnd {
    /// It came to its end, or the user's.
    Outputs {
        /// One entry a task, `None` where it was not finished.
        outputs: Vec<Option<serde_bytes::ByteBuf>>,
        /// The user stopped it.
        stopped: bool,
    },
    /// A task failed for good.
    Failed(Notice),
}

/// `(done, total, label of a running task)`.
pub type OnProgress = Rc<dyn Fn(JobId, u64, u64, String)>;
type OnEnd = Box<dyn FnOnce(BatchEnd)>;

struct Batch {
    job: JobId,
    shared: Vec<(SharedId, Vec<u8>)>,
    tasks: Vec<Task>,
    outputs: Vec<Option<serde_bytes::ByteBuf>>,
    retried: Vec<bool>,
    waiting: VecDeque<usize>,
    n_done: usize,
    on_end: Option<OnEnd>,
}

#[derive(Default)]
struct Member {
    worker: Option<RunningWorker>,
    /// Raised at each restart, so that words of an ended worker are not heard.
    generation: u32,
    is_ready: bool,
    held: HashSet<SharedId>,
    current: Option<(JobId, usize)>,
}

struct Inner {
    code: Option<WorkerCode>,
    members: Vec<Member>,
    batches: Vec<Batch>,
    on_progress: OnProgress,
    myself: Weak<RefCell<Inner>>,
}

/// The pool.
#[derive(Clone)]
pub struct Pool(Rc<RefCell<Inner>>);

/// One worker fewer than the machine has processors (the host works too), at least one and at most eight.
fn size() -> usize {
    let processors = web_sys::window().map_or(2.0, |w| w.navigator().hardware_concurrency());
    (processors as usize).saturating_sub(1).clamp(1, 8)
}

impl Pool {
    /// A pool without running workers.
    pub fn new(on_progress: OnProgress) -> Self {
        let inner = Rc::new_cyclic(|myself| {
            RefCell::new(Inner {
                code: None,
                members: (0..size()).map(|_| Member::default()).collect(),
                batches: Vec::new(),
                on_progress,
                myself: myself.clone(),
            })
        });
        Self(inner)
    }

    /// Hands over the workers' code; nothing runs before.
    pub fn set_code(&self, code: WorkerCode) {
        self.0.borrow_mut().code = Some(code);
        self.advance();
    }

    /// How many workers there are.
    pub fn n_workers(&self) -> usize {
        self.0.borrow().members.len()
    }

    /// Starts the workers ahead of need.
    pub fn warm(&self) {
        let n = self.n_workers();
        for index in 0..n {
            self.start(index);
        }
    }

    /// Asks the workers that are there to help reading a file; answers the ports at which they can be spoken to.
    pub fn helpers(&self) -> Vec<MessagePort> {
        let inner = self.0.borrow();
        let workers = inner.members.iter().filter(|m| m.is_ready).filter_map(|m| m.worker.as_ref());
        workers
            .filter_map(|worker| {
                let channel = MessageChannel::new().ok()?;
                worker.post_port(&channel.port2());
                Some(channel.port1())
            })
            .collect()
    }

    /// Runs a batch; `on_end` is called once.
    pub fn run(
        &self,
        job: JobId,
        shared: Vec<(SharedId, Vec<u8>)>,
        tasks: Vec<Task>,
        on_end: impl FnOnce(BatchEnd) + 'static,
    ) {
        let n = tasks.len();
        let batch = Batch {
            job,
            shared,
            outputs: vec![None; n],
            retried: vec![false; n],
            waiting: (0..n).collect(),
            n_done: 0,
            tasks,
            on_end: Some(Box::new(on_end)),
        };
        self.0.borrow_mut().batches.push(batch);
        self.end_if_done(job);
        self.advance();
    }

    /// Whether a batch of the job is there.
    pub fn has(&self, job: JobId) -> bool {
        self.0.borrow().batches.iter().any(|b| b.job == job)
    }

    /// Ends the workers busy with the job and answers with what was finished. `false` when no batch of it is there.
    pub fn stop(&self, job: JobId) -> bool {
        let Some((on_end, outputs)) = self.take_batch(job) else { return false };
        if let Some(on_end) = on_end {
            on_end(BatchEnd::Outputs { outputs, stopped: true });
        }
        self.advance();
        true
    }

    /// Forgets the job without an answer (its asker is gone).
    pub fn forget(&self, job: JobId) {
        let _ = self.take_batch(job);
        self.advance();
    }

    /// Forgets every job and everything held.
    pub fn reset(&self) {
        let mut inner = self.0.borrow_mut();
        inner.batches.clear();
        for member in &mut inner.members {
            if member.current.is_some() || !member.held.is_empty() {
                member.end();
            }
        }
    }

    #[allow(clippy::type_complexity)]
    fn take_batch(&self, job: JobId) -> Option<(Option<OnEnd>, Vec<Option<serde_bytes::ByteBuf>>)> {
        let mut inner = self.0.borrow_mut();
        let at = inner.batches.iter().position(|b| b.job == job)?;
        let mut batch = inner.batches.remove(at);
        for member in inner.members.iter_mut().filter(|m| m.current.is_some_and(|(j, _)| j == job)) {
            member.end();
        }
        Some((batch.on_end.take(), std::mem::take(&mut batch.outputs)))
    }

    fn start(&self, index: usize) {
        let mut inner = self.0.borrow_mut();
        let Some(code) = inner.code.clone() else { return };
        let myself = inner.myself.clone();
        let Some(member) = inner.members.get_mut(index) else { return };
        if member.worker.is_some() {
            return;
        }
        let generation = member.generation;
        let pool = {
            let myself = myself.clone();
            move || myself.upgrade().map(Pool)
        };
        let on_reply = {
            let pool = pool.clone();
            move |message: Message<Reply>| {
                if let Some(pool) = pool() {
                    pool.hear(index, generation, message);
                }
            }
        };
        let on_death = move |words: String| {
            if let Some(pool) = pool() {
                pool.mourn(index, generation, words);
            }
        };
        match RunningWorker::start(&code, on_reply, on_death) {
            Ok(worker) => member.worker = Some(worker),
            Err(words) => leptos::logging::error!("a pool worker did not start: {words}"),
        }
    }

    /// Gives waiting tasks to idle workers, starting workers as needed.
    fn advance(&self) {
        let n_waiting: usize = self.0.borrow().batches.iter().map(|b| b.waiting.len()).sum();
        if n_waiting == 0 {
            return;
        }
        let n = self.n_workers();
        for index in 0..n {
            self.start(index);
        }
        let mut progress = Vec::new();
        {
            let mut inner = self.0.borrow_mut();
            let Inner { members, batches, .. } = &mut *inner;
            for member in members.iter_mut().filter(|m| m.is_ready && m.current.is_none()) {
                let Some(batch) = batches.iter_mut().find(|b| !b.waiting.is_empty()) else { break };
                let Some(index) = batch.waiting.pop_front() else { break };
                let Some(worker) = &member.worker else { continue };
                let Some(task) = batch.tasks.get(index) else { continue };
                if let Some((id, bytes)) = batch.shared.iter().find(|(id, _)| *id == task.shared)
                    && member.held.insert(*id)
                {
                    worker.post(batch.job, &Request::Hold { id: *id }, &[bytes]);
                }
                worker.post(batch.job, &Request::Run { task: task.clone() }, &[]);
                member.current = Some((batch.job, index));
                progress.push((batch.job, batch.n_done as u64, batch.tasks.len() as u64, task.label.clone()));
            }
        }
        let on_progress = self.0.borrow().on_progress.clone();
        for (job, done, total, label) in progress {
            on_progress(job, done, total, label);
        }
    }

    fn hear(&self, index: usize, generation: u32, message: Message<Reply>) {
        let outcome = {
            let mut inner = self.0.borrow_mut();
            let Some(member) = inner.members.get_mut(index).filter(|m| m.generation == generation) else {
                return;
            };
            match message.body {
                Reply::Ready { .. } => {
                    member.is_ready = true;
                    // Once, in one of them: what is compiled well for one is so for all.
                    if index == 0
                        && generation == 0
                        && let Some(worker) = &member.worker
                    {
                        worker.post(JobId(0), &Request::Warm, &[]);
                    }
                    None
                }
                Reply::TaskDone { output } => member.current.take().map(|current| (current, Ok(output))),
                Reply::Failed { notice } => member.current.take().map(|current| (current, Err(notice))),
                _ => return,
            }
        };
        if let Some(((job, task), result)) = outcome {
            match result {
                Ok(output) => {
                    let mut inner = self.0.borrow_mut();
                    if let Some(batch) = inner.batches.iter_mut().find(|b| b.job == job)
                        && let Some(slot) = batch.outputs.get_mut(task)
                    {
                        *slot = Some(output);
                        batch.n_done += 1;
                    }
                }
                Err(notice) => self.fail(job, notice),
            }
            self.end_if_done(job);
        }
        self.advance();
    }

    fn mourn(&self, index: usize, generation: u32, words: String) {
        let lost = {
            let mut inner = self.0.borrow_mut();
            let Some(member) = inner.members.get_mut(index).filter(|m| m.generation == generation) else {
                return;
            };
            let lost = member.current.take();
            member.end();
            lost
        };
        if let Some((job, task)) = lost {
            let is_second = {
                let mut inner = self.0.borrow_mut();
                let Some(batch) = inner.batches.iter_mut().find(|b| b.job == job) else { return };
                let Some(retried) = batch.retried.get_mut(task) else { return };
                let is_second = std::mem::replace(retried, true);
                if !is_second {
                    batch.waiting.push_front(task);
                }
                is_second
            };
            if is_second {
                self.fail(
                    job,
                    Notice {
                        title: "A part of the work failed twice".into(),
                        detail: format!(
                            "A worker ended unexpectedly ({words}). Your data and steps are unharmed."
                        ),
                        remedy: "Try again with fewer columns or rows, or close other tabs to free memory."
                            .into(),
                        is_stop: false,
                    },
                );
            }
        }
        self.advance();
    }

    fn fail(&self, job: JobId, notice: Notice) {
        if let Some((Some(on_end), _)) = self.take_batch(job) {
            on_end(BatchEnd::Failed(notice));
        }
    }

    fn end_if_done(&self, job: JobId) {
        let ended = {
            let mut inner = self.0.borrow_mut();
            let Some(at) = inner.batches.iter().position(|b| b.job == job && b.n_done == b.tasks.len())
            else {
                return;
            };
            let mut batch = inner.batches.remove(at);
            (batch.on_end.take(), std::mem::take(&mut batch.outputs))
        };
        if let (Some(on_end), outputs) = ended {
            on_end(BatchEnd::Outputs { outputs, stopped: false });
        }
    }
}

impl Member {
    fn end(&mut self) {
        *self = Self { generation: self.generation + 1, ..Self::default() };
    }
}
