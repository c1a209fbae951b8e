//! The line to the host worker and its pool: requests out, replies in, one job number each.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    rc::Rc,
};

use wasm_bindgen::JsValue;

use super::{
    once::{Sender, once},
    pool::{BatchEnd, Pool},
    worker::{RunningWorker, WorkerCode},
};
use crate::protocol::{JobId, Notice, Reply, Request, codec::Message};

/// What the link tells whoever holds it.
pub enum Event {
    /// A reply nobody awaits with [`Link::ask`].
    Reply(Message<Reply>),
    /// The host worker is there (again).
    Ready {
        /// What it follows.
        start: Start,
    },
    /// The host worker broke.
    Died {
        /// What the browser said.
        words: String,
        /// Whether a new one is being started.
        is_restarted: bool,
    },
}

/// How a host worker came to be. Each begins empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// The first of the page.
    First,
    /// In place of one that ended: what that one held is to be read again.
    Again,
    /// After one that was given up, because something new is asked. What killed that one is not replayed.
    Afresh,
}

/// A host worker that dies this often is not started again: what it replays kills it.
const MOST_DEATHS: u32 = 4;
/// Deaths further apart than this, in milliseconds, have nothing to do with each other.
const DEATHS_APART: f64 = 20_000.0;

type OnEvent = Rc<dyn Fn(Event)>;
/// A reply with its attachments, or why there is none.
pub type Answer = Result<(Reply, Vec<Vec<u8>>), Notice>;

/// What goes beside a request.
enum Beside {
    Bytes(Vec<Vec<u8>>),
    Files(Vec<web_sys::File>),
}

/// A request that waits for the worker, with what goes beside it.
type Unsent = (JobId, Request, Beside);

/// The line.
pub struct Link {
    code: RefCell<Option<WorkerCode>>,
    host: RefCell<Option<RunningWorker>>,
    generation: Cell<u32>,
    is_ready: Cell<bool>,
    /// What the next host worker to be ready follows.
    next_start: Cell<Start>,
    unsent: RefCell<Vec<Unsent>>,
    next_job: Cell<u32>,
    asked: RefCell<HashMap<JobId, Sender<Answer>>>,
    pool: Pool,
    /// Deaths of the host worker shortly after each other, and when the last was.
    deaths: Cell<u32>,
    last_death: Cell<f64>,
    on_event: OnEvent,
}

/// What is said to whoever waited for a worker that ended.
pub fn ended_notice() -> Notice {
    Notice {
        title: "The work was interrupted".into(),
        detail: "The worker that held the table ended; a new one is being prepared.".into(),
        remedy: "Try again in a moment.".into(),
        is_stop: true,
    }
}

impl Link {
    /// A line that is not connected yet.
    pub fn new(on_event: impl Fn(Event) + 'static) -> Rc<Self> {
        let on_event: OnEvent = Rc::new(on_event);
        let on_progress = {
            let on_event = on_event.clone();
            Rc::new(move |job, done, total, label| {
                on_event(Event::Reply(Message::new(job, Reply::Progress { done, total, label })));
            })
        };
        Rc::new(Self {
            code: RefCell::default(),
            host: RefCell::default(),
            generation: Cell::new(0),
            is_ready: Cell::new(false),
            next_start: Cell::new(Start::First),
            unsent: RefCell::default(),
            next_job: Cell::new(1),
            asked: RefCell::default(),
            pool: Pool::new(on_progress),
            deaths: Cell::new(0),
            last_death: Cell::new(f64::NEG_INFINITY),
            on_event,
        })
    }

    /// Starts the host worker, then the pool's.
    pub async fn connect(self: Rc<Self>) -> Result<(), String> {
        let code = WorkerCode::load().await?;
        *self.code.borrow_mut() = Some(code.clone());
        let weak = Rc::downgrade(&self);
        let to_host = move |job, request, attachments| {
            if let Some(link) = weak.upgrade() {
                link.send_as(job, request, attachments);
            }
        };
        let weak = Rc::downgrade(&self);
        let on_block = move |block: &JsValue| {
            if let Some(link) = weak.upgrade()
                && let Some(host) = &*link.host.borrow()
            {
                host.relay_block(block);
            }
        };
        self.pool.set_code(code, Rc::new(to_host), Rc::new(on_block));
        self.start_host()
    }

    fn start_host(self: &Rc<Self>) -> Result<(), String> {
        let Some(code) = self.code.borrow().clone() else { return Ok(()) };
        let generation = self.generation.get();
        let weak = Rc::downgrade(self);
        let on_reply = {
            let weak = weak.clone();
            move |message| {
                if let Some(link) = weak.upgrade()
                    && link.generation.get() == generation
                {
                    link.hear(message);
                }
            }
        };
        let on_death = move |words: String| {
            if let Some(link) = weak.upgrade()
                && link.generation.get() == generation
            {
                // A worker that dies of the replay would die of it for ever.
                let now = super::time::now_ms();
                let is_soon = now - link.last_death.replace(now) < DEATHS_APART;
                link.deaths.set(if is_soon { link.deaths.get() + 1 } else { 1 });
                let is_restarted = link.deaths.get() < MOST_DEATHS;
                if is_restarted {
                    link.restart();
                } else {
                    link.end_host();
                    if link.next_start.get() != Start::First {
                        link.next_start.set(Start::Afresh);
                    }
                }
                (link.on_event)(Event::Died { words, is_restarted });
            }
        };
        *self.host.borrow_mut() = Some(RunningWorker::start(&code, on_reply, |_| {}, on_death)?);
        Ok(())
    }

    /// Ends the host worker and starts a new, empty one. Whoever waits for an answer is told so.
    pub fn restart(self: &Rc<Self>) {
        self.end_host();
        if let Err(words) = self.start_host() {
            super::complain(&format!("the worker did not start again: {words}"));
        }
    }

    /// Ends the host worker. Whoever waits for an answer is told so.
    fn end_host(&self) {
        if self.is_ready.get() {
            self.next_start.set(Start::Again);
        }
        self.generation.set(self.generation.get() + 1);
        self.is_ready.set(false);
        self.host.borrow_mut().take();
        self.unsent.borrow_mut().clear();
        self.pool.reset();
        let waiting: Vec<_> = self.asked.borrow_mut().drain().collect();
        for (_, sender) in waiting {
            sender.send(Err(ended_notice()));
        }
    }

    /// A new job number.
    pub fn new_job(&self) -> JobId {
        let job = self.next_job.get();
        self.next_job.set(job + 1);
        JobId(job)
    }

    /// Sends a request as a new job.
    pub fn send(self: &Rc<Self>, request: Request) -> JobId {
        let job = self.new_job();
        self.send_as(job, request, Vec::new());
        job
    }

    /// Sends a request of a job, with attachments. Starts a host worker when the last one was given up.
    pub fn send_as(self: &Rc<Self>, job: JobId, request: Request, attachments: Vec<Vec<u8>>) {
        self.post(job, request, Beside::Bytes(attachments));
    }

    /// Hands files to the host, which reads them with the help of the pool.
    pub fn send_files(self: &Rc<Self>, job: JobId, request: Request, files: Vec<web_sys::File>) {
        self.post(job, request, Beside::Files(files));
    }

    fn post(self: &Rc<Self>, job: JobId, request: Request, beside: Beside) {
        if let Some(host) = &*self.host.borrow()
            && self.is_ready.get()
        {
            match beside {
                Beside::Bytes(attachments) => {
                    let parts: Vec<&[u8]> = attachments.iter().map(Vec::as_slice).collect();
                    host.post(job, &request, &parts);
                }
                Beside::Files(files) => host.post_files(job, &request, &files, &self.pool.helpers()),
            }
            return;
        }
        self.unsent.borrow_mut().push((job, request, beside));
        if self.host.borrow().is_none()
            && let Err(words) = self.start_host()
        {
            super::complain(&format!("the worker did not start: {words}"));
        }
    }

    /// Sends a request and waits for what settles it; progress is not reported. A failure is the error.
    pub async fn ask(self: &Rc<Self>, request: Request) -> Answer {
        self.ask_with(request, Vec::new()).await
    }

    /// The same with attachments.
    pub async fn ask_with(self: &Rc<Self>, request: Request, attachments: Vec<Vec<u8>>) -> Answer {
        let (sender, receiver) = once();
        let job = self.new_job();
        self.asked.borrow_mut().insert(job, sender);
        self.send_as(job, request, attachments);
        receiver.await.unwrap_or_else(|| Err(ended_notice()))
    }

    /// Stops the tasks of a job, keeping what is finished. `false` when it has none in the pool: then only
    /// [`Link::restart`] would end it.
    pub fn stop_tasks(&self, job: JobId) -> bool {
        self.pool.stop(job)
    }

    fn hear(self: &Rc<Self>, message: Message<Reply>) {
        let Some(message) = self.pool.hear_host(message) else { return };
        match message.body {
            Reply::Ready { .. } => {
                self.is_ready.set(true);
                let start = self.next_start.get();
                let unsent: Vec<_> = self.unsent.borrow_mut().drain(..).collect();
                // What is replayed after a restart goes before what was asked meanwhile.
                (self.on_event)(Event::Ready { start });
                for (job, request, beside) in unsent {
                    self.post(job, request, beside);
                }
                self.pool.warm();
            }
            Reply::Work { shared, tasks } => self.work(message.job, shared, message.attachments, tasks),
            Reply::Progress { .. } | Reply::Tuning { .. } => {
                if !self.asked.borrow().contains_key(&message.job) {
                    (self.on_event)(Event::Reply(message));
                }
            }
            body => {
                self.pool.release(message.job);
                match body {
                    Reply::Loaded { .. } => self.pool.start_anew(),
                    Reply::Explored { .. } => self.pool.warm(),
                    _ => {}
                }
                let asked = self.asked.borrow_mut().remove(&message.job);
                match (asked, body) {
                    (Some(sender), Reply::Failed { notice }) => sender.send(Err(notice)),
                    (Some(sender), body) => sender.send(Ok((body, message.attachments))),
                    (None, body) => (self.on_event)(Event::Reply(Message {
                        job: message.job,
                        body,
                        attachments: message.attachments,
                    })),
                }
            }
        }
    }

    fn work(
        self: &Rc<Self>,
        job: JobId,
        shared: Vec<crate::engine::task::SharedId>,
        attachments: Vec<Vec<u8>>,
        tasks: Vec<crate::engine::task::Task>,
    ) {
        let weak = Rc::downgrade(self);
        let shared = shared.into_iter().zip(attachments).collect();
        let began = super::time::now_ms();
        self.pool.run(job, shared, tasks, move |end| {
            let Some(link) = weak.upgrade() else { return };
            match end {
                BatchEnd::Outputs { outputs, stopped } => {
                    let millis = (super::time::now_ms() - began) as u32;
                    link.send_as(job, Request::TasksDone { outputs, stopped, millis }, Vec::new());
                }
                BatchEnd::Failed(notice) => {
                    (link.on_event)(Event::Reply(Message::new(job, Reply::Failed { notice })));
                }
            }
        });
    }
}
