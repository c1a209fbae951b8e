//! A pool of workers that runs the tasks of a job and collects their outputs.
//!
//! Which worker runs which task cannot change the numbers. A worker that dies costs its task one more try on a new
//! worker; then the job fails. One that cannot start is given up after [`MOST_STARTS`] tries, until the next batch; when
//! none starts, the host works alone. Stop ends the workers busy with the job and keeps what was finished.

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashSet, VecDeque},
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
/// Gets what a member read of a file.
pub type OnBlock = Rc<dyn Fn(&wasm_bindgen::JsValue)>;
/// Sends a request to the host worker, which can do what a member can; its answers come back through [`Pool::hear_host`].
pub type ToHost = Rc<dyn Fn(JobId, Request, Vec<Vec<u8>>)>;
type OnEnd = Box<dyn FnOnce(BatchEnd)>;
type Outputs = Vec<Option<serde_bytes::ByteBuf>>;

/// How often in a row a worker may end before it is ready. Then there is one worker fewer.
pub const MOST_STARTS: u32 = 3;

struct Batch {
    job: JobId,
    shared: Vec<(SharedId, Vec<u8>)>,
    tasks: Vec<Task>,
    outputs: Outputs,
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
    /// Starts in a row that came to nothing.
    n_failed: u32,
    is_ready: bool,
    held: HashSet<SharedId>,
    /// Has had work, and with it memory that only its end gives back.
    is_used: bool,
    current: Option<(JobId, usize)>,
}

struct Inner {
    code: Option<WorkerCode>,
    members: Vec<Member>,
    /// What the host worker does as a member, when there is no other.
    host: Member,
    to_host: Option<ToHost>,
    on_block: Option<OnBlock>,
    batches: Vec<Batch>,
    /// What the tasks of a job share, from its first batch until it is settled.
    shared_by: BTreeMap<JobId, HashSet<SharedId>>,
    on_progress: OnProgress,
    myself: Weak<RefCell<Inner>>,
}

/// The pool.
#[derive(Clone)]
pub struct Pool(Rc<RefCell<Inner>>);

/// Who says something: a member, in its life of that number, or the host worker.
#[derive(Clone, Copy)]
enum Voice {
    Member(usize, u32),
    Host,
}

/// As many workers as the machine has processors, at least one and at most eight: host and page wait while they work.
fn size() -> usize {
    let processors = web_sys::window().map_or(2.0, |w| w.navigator().hardware_concurrency());
    (processors as usize).clamp(1, 8)
}

impl Pool {
    /// A pool without running workers.
    pub fn new(on_progress: OnProgress) -> Self {
        let inner = Rc::new_cyclic(|myself| {
            RefCell::new(Inner {
                code: None,
                members: (0..size()).map(|_| Member::default()).collect(),
                host: Member::default(),
                to_host: None,
                on_block: None,
                batches: Vec::new(),
                shared_by: BTreeMap::new(),
                on_progress,
                myself: myself.clone(),
            })
        });
        Self(inner)
    }

    /// Hands over the workers' code and the way to the host, who works when no worker starts; nothing runs before.
    pub fn set_code(&self, code: WorkerCode, to_host: ToHost, on_block: OnBlock) {
        {
            let mut inner = self.0.borrow_mut();
            inner.code = Some(code);
            inner.to_host = Some(to_host);
            inner.on_block = Some(on_block);
        }
        self.advance();
    }

    /// Starts the workers that help to read ahead of need; the last one waits for work, as each takes memory.
    pub fn warm(&self) {
        let n = self.0.borrow().n_helpers();
        (0..n).for_each(|index| self.start(index));
    }

    /// Asks workers that are there to help reading a file, one fewer than there are: the host reads too. Answers the ports
    /// at which they can be spoken to.
    pub fn helpers(&self) -> Vec<MessagePort> {
        let mut inner = self.0.borrow_mut();
        let n = inner.n_helpers();
        let ready = inner.members.iter_mut().filter(|m| m.is_ready);
        ready
            .take(n)
            .filter_map(|member| {
                let channel = MessageChannel::new().ok()?;
                member.worker.as_ref()?.post_port(&channel.port2());
                member.is_used = true;
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
        {
            let mut inner = self.0.borrow_mut();
            inner.shared_by.entry(job).or_default().extend(shared.iter().map(|(id, _)| *id));
            // What kept a worker from starting (too little memory, say) may be over: one more try a batch.
            for member in &mut inner.members {
                member.n_failed = member.n_failed.min(MOST_STARTS - 1);
            }
            inner.batches.push(Batch {
                job,
                shared,
                outputs: vec![None; n],
                retried: vec![false; n],
                waiting: (0..n).collect(),
                n_done: 0,
                tasks,
                on_end: Some(Box::new(on_end)),
            });
        }
        self.end_if_done(job);
        self.advance();
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

    /// The job is settled: what its tasks shared, and no other job's, is let go of.
    pub fn release(&self, job: JobId) {
        let mut inner = self.0.borrow_mut();
        let Some(mut ids) = inner.shared_by.remove(&job) else { return };
        for others in inner.shared_by.values() {
            ids.retain(|id| !others.contains(id));
        }
        let to_host = inner.to_host.clone();
        let Inner { members, host, .. } = &mut *inner;
        for member in members.iter_mut().chain([host]) {
            let mut held: Vec<SharedId> = ids.iter().copied().filter(|id| member.held.remove(id)).collect();
            held.sort_unstable_by_key(|id| id.0);
            if !held.is_empty() {
                member.post(to_host.as_ref(), job, Request::Forget { ids: held }, None);
            }
        }
    }

    /// Another table is open: nothing of the jobs on the one before is wanted any more, and who helped to read it gives
    /// the memory back before the table is drawn. [`Pool::warm`] starts others when there is time.
    pub fn start_anew(&self) {
        let jobs: Vec<JobId> = self.0.borrow().shared_by.keys().copied().collect();
        for job in jobs {
            self.release(job);
        }
        self.reset();
    }

    /// Forgets every job. Workers that have worked are ended: only so does the browser get their memory back.
    pub fn reset(&self) {
        let mut inner = self.0.borrow_mut();
        inner.batches.clear();
        inner.shared_by.clear();
        let Inner { members, host, .. } = &mut *inner;
        for member in members.iter_mut().chain([host]).filter(|m| m.is_used) {
            member.end();
        }
    }

    fn take_batch(&self, job: JobId) -> Option<(Option<OnEnd>, Outputs)> {
        let mut inner = self.0.borrow_mut();
        let at = inner.batches.iter().position(|b| b.job == job)?;
        let mut batch = inner.batches.remove(at);
        // The host is not ended: it holds the table. It finishes its task, and nobody listens.
        for member in inner.members.iter_mut().filter(|m| m.current.is_some_and(|(j, _)| j == job)) {
            member.end();
        }
        Some((batch.on_end.take(), std::mem::take(&mut batch.outputs)))
    }

    /// Starts a member that is not running, unless it has failed to start too often.
    fn start(&self, index: usize) {
        let mut inner = self.0.borrow_mut();
        let Some((code, on_block)) = inner.code.clone().zip(inner.on_block.clone()) else { return };
        let myself = inner.myself.clone();
        let Some(member) = inner.members.get_mut(index) else { return };
        while member.worker.is_none() && member.can_start() {
            let voice = Voice::Member(index, member.generation);
            let on_reply = {
                let myself = myself.clone();
                move |message: Message<Reply>| {
                    if let Some(pool) = myself.upgrade().map(Pool) {
                        pool.hear(voice, message);
                    }
                }
            };
            let on_death = {
                let myself = myself.clone();
                move |words: String| {
                    if let Some(pool) = myself.upgrade().map(Pool) {
                        pool.mourn(voice, &words);
                    }
                }
            };
            let on_block = on_block.clone();
            match RunningWorker::start(&code, on_reply, move |block| on_block(block), on_death) {
                Ok(worker) => member.worker = Some(worker),
                Err(words) => {
                    super::complain(&format!("a pool worker did not start: {words}"));
                    member.end();
                }
            }
        }
    }

    /// Gives waiting tasks to idle workers, starting workers as needed.
    fn advance(&self) {
        let n_waiting: usize = self.0.borrow().batches.iter().map(|b| b.waiting.len()).sum();
        if n_waiting == 0 {
            return;
        }
        let n = self.0.borrow().members.len();
        (0..n).for_each(|index| self.start(index));
        let mut progress = Vec::new();
        {
            let mut inner = self.0.borrow_mut();
            let to_host = inner.to_host.clone();
            let Inner { members, host, batches, .. } = &mut *inner;
            host.is_ready = to_host.is_some() && !members.iter().any(Member::can_start);
            for member in members.iter_mut().chain([host]).filter(|m| m.is_ready && m.current.is_none()) {
                let Some(batch) = batches.iter_mut().find(|b| !b.waiting.is_empty()) else { break };
                let Some(index) = batch.waiting.pop_front() else { break };
                let Some(task) = batch.tasks.get(index) else { continue };
                if let Some((id, bytes)) = batch.shared.iter().find(|(id, _)| *id == task.shared)
                    && member.held.insert(*id)
                {
                    member.post(to_host.as_ref(), batch.job, Request::Hold { id: *id }, Some(bytes));
                }
                member.post(to_host.as_ref(), batch.job, Request::Run { task: task.clone() }, None);
                member.current = Some((batch.job, index));
                member.is_used = true;
                progress.push((batch.job, batch.n_done as u64, batch.tasks.len() as u64, task.label.clone()));
            }
        }
        let on_progress = self.0.borrow().on_progress.clone();
        for (job, done, total, label) in progress {
            on_progress(job, done, total, label);
        }
    }

    /// Takes what the host worker says as a member. Gives the message back when it was not said as one.
    pub fn hear_host(&self, message: Message<Reply>) -> Option<Message<Reply>> {
        let is_mine = self.0.borrow().host.current.is_some_and(|(job, _)| job == message.job)
            && matches!(message.body, Reply::TaskDone { .. } | Reply::Failed { .. });
        if !is_mine {
            return Some(message);
        }
        self.hear(Voice::Host, message);
        None
    }

    fn hear(&self, voice: Voice, message: Message<Reply>) {
        let outcome = {
            let mut inner = self.0.borrow_mut();
            let Some(member) = inner.member(voice) else { return };
            match message.body {
                Reply::Ready { .. } => {
                    member.is_ready = true;
                    member.n_failed = 0;
                    // Once, in one of them: what is compiled well for one is so for all.
                    if matches!(voice, Voice::Member(0, 0))
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

    fn mourn(&self, voice: Voice, words: &str) {
        let lost = {
            let mut inner = self.0.borrow_mut();
            let Some(member) = inner.member(voice) else { return };
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
                self.fail(job, failed_twice(words));
            }
        }
        self.advance();
    }

    fn fail(&self, job: JobId, notice: Notice) {
        if let Some((Some(on_end), _)) = self.take_batch(job) {
            self.release(job);
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

impl Inner {
    /// How many help the host to read: with it as many as there are processors.
    fn n_helpers(&self) -> usize {
        self.members.len().saturating_sub(1).max(1)
    }

    /// Who speaks; `None` when that worker has been ended since.
    fn member(&mut self, voice: Voice) -> Option<&mut Member> {
        match voice {
            Voice::Member(index, life) => self.members.get_mut(index).filter(|m| m.generation == life),
            Voice::Host => Some(&mut self.host),
        }
    }
}

impl Member {
    /// Whether it runs, or may be started.
    fn can_start(&self) -> bool {
        self.n_failed < MOST_STARTS
    }

    fn end(&mut self) {
        let n_failed = if self.is_ready { 0 } else { self.n_failed + 1 };
        *self = Self { generation: self.generation + 1, n_failed, ..Self::default() };
    }

    fn post(&self, to_host: Option<&ToHost>, job: JobId, request: Request, attachment: Option<&Vec<u8>>) {
        match (&self.worker, to_host) {
            (Some(worker), _) => {
                let parts: Vec<&[u8]> = attachment.into_iter().map(Vec::as_slice).collect();
                worker.post(job, &request, &parts);
            }
            (None, Some(to_host)) => to_host(job, request, attachment.into_iter().cloned().collect()),
            (None, None) => {}
        }
    }
}

fn failed_twice(words: &str) -> Notice {
    Notice {
        title: "A part of the work failed twice".into(),
        detail: format!("A worker ended unexpectedly ({words}). Your data and steps are unharmed."),
        remedy: "Try again with fewer columns or rows, or close other tabs to free memory.".into(),
        is_stop: false,
    }
}
