//! Reading a file by blocks in several workers: the host asks, helpers read their part of the file and send columns back.
//!
//! The host asks through ports; blocks come back through the page, which hands them on: between workers that hold a port a
//! browser copies every buffer twice, between a page and its worker none. A helper holds nothing but the file and the plan;
//! whatever it does not answer the host reads itself, so that a helper may
//! die or be busy without anybody noticing more than time.

use std::{
    cell::RefCell,
    collections::VecDeque,
    rc::{Rc, Weak},
};

use js_sys::{Array, ArrayBuffer, ArrayBufferOptions, Function, Number, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{DedicatedWorkerGlobalScope, File, MessageEvent, MessagePort, Worker};

use super::{mailbox, stretch::Stretches};
use crate::engine::{
    data::reader::block::{self, Block, BlockTask, Plan},
    task,
};

type OnMessage = Closure<dyn FnMut(MessageEvent)>;

/// A helper with fewer blocks than this gets the next ones: enough that it does not wait while the host reads one itself.
pub const FEWEST: usize = 4;

/// Blocks that follow each other go to the same reader, so many at most: it streams them.
const LONGEST_RUN: usize = 8;

/// How many blocks to hand out at once when so many are left for so many readers: few at the end, so that all end together.
pub fn run_length(n_left: usize, n_readers: usize) -> usize {
    (n_left / (2 * n_readers.max(1))).clamp(1, LONGEST_RUN)
}

/// One past the last byte of the blocks that follow a block without a gap.
pub fn end_of_run<'a>(first: &BlockTask, following: impl Iterator<Item = &'a BlockTask>) -> u64 {
    let mut last = *first;
    for task in following {
        if task.index != last.index + 1 {
            break;
        }
        last = *task;
    }
    last.to
}

/// Reads a block, while the bytes of those that follow it are on their way.
pub async fn read_block<'a>(
    stretches: &mut Stretches,
    plan: &Plan,
    task: &BlockTask,
    following: impl Iterator<Item = &'a BlockTask> + Clone,
) -> Result<Block, String> {
    stretches.bring(task.from, task.to, end_of_run(task, following.clone())).await?;
    let mut rest = following;
    stretches.ahead(rest.next().map(|next| (next.from, next.to, end_of_run(next, rest))));
    let bytes = stretches.bytes(task.from, task.to);
    if bytes.len() as u64 != task.to - task.from {
        return Err("it is shorter than it was: it was changed while it was read".to_owned());
    }
    Ok(block::read(plan, task, bytes))
}

/// Bytes of a file, from `from` to `to`. Asked for when called, there when awaited; the browser's words when the file cannot
/// be read (moved, or changed on disk).
pub fn fetch(file: &File, from: u64, to: u64) -> impl Future<Output = Result<Vec<u8>, String>> + use<> {
    let promise =
        file.slice_with_f64_and_f64(from as f64, to as f64).map(|part| JsFuture::from(part.array_buffer()));
    async move {
        let buffer = match promise {
            Ok(promise) => promise.await,
            Err(error) => Err(error),
        };
        let buffer = buffer.map_err(|error| super::files::words(&error))?;
        let bytes = Uint8Array::new(&buffer).to_vec();
        free(&buffer);
        Ok(bytes)
    }
}

/// Bytes outside of this module, in a buffer that can be made smaller: see [`free`].
fn outside(bytes: &[u8]) -> Uint8Array {
    let buffer = ArrayBuffer::new_with_options(bytes.len(), &ArrayBufferOptions::new(bytes.len()));
    let array = Uint8Array::new_with_byte_offset_and_length(&buffer, 0, bytes.len() as u32);
    array.copy_from(bytes);
    array
}

/// Gives the memory of a buffer back at once instead of with the next collection: by then a file may have passed through.
/// One that came with a message a browser holds itself as well, so that only making it smaller helps.
fn free(buffer: &JsValue) {
    if let Some(buffer) = buffer.dyn_ref::<ArrayBuffer>().filter(|buffer| buffer.resizable()) {
        let _ = buffer.resize(0);
    } else if let Ok(transfer) =
        Reflect::get(buffer, &"transfer".into()).and_then(|f| f.dyn_into::<Function>())
    {
        let _ = transfer.call1(buffer, &0.into());
    }
}

/// What a host asks of a helper.
#[derive(Default)]
struct Orders {
    /// The file, read up to some place; away while a block is fetched.
    stretches: Option<Stretches>,
    plan: Option<Rc<Plan>>,
    /// Which crew asks.
    crew: f64,
    waiting: VecDeque<BlockTask>,
    is_working: bool,
    /// Raised with each file or plan.
    n_plans: u32,
}

impl Orders {
    /// Lets go of the file and of what was to be read of it.
    fn retire(&mut self) {
        self.waiting.clear();
        (self.stretches, self.plan) = (None, None);
        self.n_plans += 1;
    }
}

thread_local! {
    /// The orders of the host this worker serves.
    static ORDERS: RefCell<Weak<RefCell<Orders>>> = const { RefCell::new(Weak::new()) };
}

/// Serves a host at the other end of a port, in place of the one served before, until that says farewell. The host says a
/// file with its plan and the number of its crew; blocks to read; the number of one that it reads itself; or nothing: farewell.
pub fn serve(port: &MessagePort) {
    let orders = Rc::new(RefCell::new(Orders::default()));
    if let Some(before) = ORDERS.replace(Rc::downgrade(&orders)).upgrade() {
        before.borrow_mut().retire();
    }
    let on_message = OnMessage::new(move |event: MessageEvent| {
        let data = event.data();
        let bytes: Option<Vec<u8>> = mailbox::beside::<Uint8Array>(&data).first().map(Uint8Array::to_vec);
        let number = mailbox::beside::<Number>(&data).first().map(Number::value_of);
        let tasks = {
            let mut orders = orders.borrow_mut();
            match (mailbox::beside::<File>(&data).pop(), bytes, number) {
                (Some(file), Some(plan), Some(crew)) => {
                    orders.retire();
                    orders.stretches = Some(Stretches::new(&file));
                    (orders.plan, orders.crew) = (task::decode::<Plan>(&plan).map(Rc::new), crew);
                    return;
                }
                (None, Some(tasks), _) => task::decode::<Vec<BlockTask>>(&tasks).unwrap_or_default(),
                (None, None, Some(index)) => {
                    orders.waiting.retain(|task| f64::from(task.index) != index);
                    return;
                }
                _ => return orders.retire(),
            }
        };
        let is_working = {
            let mut orders = orders.borrow_mut();
            orders.waiting.extend(tasks);
            std::mem::replace(&mut orders.is_working, true)
        };
        if !is_working {
            spawn_local(work(Rc::clone(&orders)));
        }
    });
    // Goes with the port.
    port.set_onmessage(Some(on_message.into_js_value().unchecked_ref()));
}

/// Reads blocks until none is waiting.
async fn work(orders: Rc<RefCell<Orders>>) {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    loop {
        let (task, plan, following, mut stretches, n_plans, crew) = {
            let mut orders = orders.borrow_mut();
            let next = orders.waiting.pop_front().zip(orders.plan.clone());
            let Some(((task, plan), stretches)) =
                next.and_then(|next| Some((next, orders.stretches.take()?)))
            else {
                orders.is_working = false;
                return;
            };
            (task, plan, orders.waiting.clone(), stretches, orders.n_plans, orders.crew)
        };
        let read = read_block(&mut stretches, &plan, &task, following.iter()).await;
        {
            let mut orders = orders.borrow_mut();
            if orders.n_plans != n_plans {
                // Another file, or another plan for it.
                continue;
            }
            orders.stretches = Some(stretches);
        }
        // What cannot be read the host finds out itself.
        if let Ok(block) = read {
            let (message, transfer) = pack(block, crew);
            let _ = scope.post_message_with_transfer(&message, &transfer);
        }
    }
}

/// A block for a crew, with its cells beside it, transferred.
fn pack(mut block: Block, crew: f64) -> (Array, Array) {
    let cells = block.pack();
    let parts = [task::encode(&block), cells].map(|bytes| outside(&bytes));
    let transfer = parts.iter().map(Uint8Array::buffer).collect();
    let [envelope, cells] = parts;
    (Array::of3(&crew.into(), &envelope, &cells), transfer)
}

/// Which crew a message holds a block for; `None` when it is another kind of message.
fn crew_of(data: &JsValue) -> Option<f64> {
    data.dyn_ref::<Array>()?.get(0).as_f64()
}

/// Whether a message holds a block.
pub fn is_block(data: &JsValue) -> bool {
    crew_of(data).is_some()
}

/// Hands a block on to the worker of the host, without a copy.
pub fn relay(data: &JsValue, host: &Worker) {
    let Some(parts) = data.dyn_ref::<Array>() else { return };
    let buffer = |part: JsValue| Reflect::get(&part, &"buffer".into()).ok().filter(JsValue::is_object);
    let transfer: Array = parts.iter().filter(JsValue::is_object).filter_map(buffer).collect();
    let _ = host.post_message_with_transfer(parts, &transfer);
}

thread_local! {
    /// The crew of the reading that is on its way.
    static CREW: RefCell<Weak<RefCell<Members>>> = const { RefCell::new(Weak::new()) };
}

/// Takes a block that a helper sent. One for a crew that is no more is dropped.
pub fn arrive(data: &JsValue) {
    let Some(members) = CREW.with_borrow(Weak::upgrade) else { return };
    if crew_of(data) != Some(members.borrow().id) {
        return;
    }
    let round = members.borrow().round;
    let Some(parcel) = Parcel::of(data).filter(|parcel| parcel.block.task.round == round) else { return };
    let wake = {
        let mut members = members.borrow_mut();
        for helper in &mut members.helpers {
            helper.given.retain(|t| t != &parcel.block.task);
        }
        members.arrived.push(parcel);
        members.wake.take()
    };
    drop(wake);
}

/// A block that waits for its turn, its cells outside of this module: memory there is given back, here it never is.
struct Parcel {
    block: Block,
    cells: Uint8Array,
}

impl Parcel {
    /// `None` where it is no block with its cells.
    fn of(data: &JsValue) -> Option<Self> {
        let parts: &Array = data.dyn_ref()?;
        let envelope: Uint8Array = parts.get(1).dyn_into().ok()?;
        let block = task::decode(&envelope.to_vec())?;
        free(&envelope.buffer());
        Some(Self { block, cells: parts.get(2).dyn_into().ok()? })
    }

    fn unpack(mut self) -> Block {
        self.block.packed = self.cells.to_vec();
        free(&self.cells.buffer());
        self.block
    }
}

/// The helpers of one reading, as the host sees them.
pub struct Crew(Rc<RefCell<Members>>);

struct Members {
    /// Tells its blocks from those of others.
    id: f64,
    file: File,
    round: u32,
    helpers: Vec<Helper>,
    arrived: Vec<Parcel>,
    wake: Option<super::once::Sender<()>>,
    n_waits: u32,
}

struct Helper {
    port: MessagePort,
    given: VecDeque<BlockTask>,
}

impl Helper {
    /// Somebody else reads a block: it need not, if it has not begun.
    fn withdraw(&self, task: &BlockTask) {
        let _ = self.port.post_message(&Array::of1(&task.index.into()));
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        // Nothing more is wanted.
        let _ = self.port.post_message(&Array::new());
        self.port.close();
    }
}

impl Crew {
    /// Helpers behind these ports.
    pub fn new(file: &File, ports: Vec<MessagePort>) -> Self {
        let helpers = ports.into_iter().map(|port| Helper { port, given: VecDeque::new() });
        let members = Rc::new(RefCell::new(Members {
            id: js_sys::Math::random(),
            file: file.clone(),
            round: 0,
            helpers: helpers.collect(),
            arrived: Vec::new(),
            wake: None,
            n_waits: 0,
        }));
        CREW.set(Rc::downgrade(&members));
        Self(members)
    }

    /// From now on another file is read.
    pub fn turn_to(&self, file: &File) {
        let members = &mut *self.0.borrow_mut();
        members.file = file.clone();
        members.arrived.clear();
        members.helpers.iter_mut().for_each(|h| h.given.clear());
    }

    /// How many read: the helpers and the host.
    pub fn n_readers(&self) -> usize {
        self.0.borrow().helpers.len() + 1
    }

    /// Gives each helper that has few the next tasks of a round, so many in a row.
    pub fn give(&self, round: u32, plan: &Plan, run: usize, mut next: impl FnMut() -> Option<BlockTask>) {
        let members = &mut *self.0.borrow_mut();
        if members.round != round {
            members.round = round;
            members.arrived.clear();
            let plan = task::encode(plan);
            for helper in &mut members.helpers {
                helper.given.clear();
                let message =
                    Array::of3(&Uint8Array::from(plan.as_slice()), &members.file, &members.id.into());
                let _ = helper.port.post_message(&message);
            }
        }
        for helper in members.helpers.iter_mut().filter(|h| h.given.len() < FEWEST) {
            let tasks: Vec<BlockTask> = std::iter::from_fn(&mut next).take(run).collect();
            if tasks.is_empty() {
                return;
            }
            let message = Array::of1(&Uint8Array::from(task::encode(&tasks).as_slice()));
            let _ = helper.port.post_message(&message);
            helper.given.extend(tasks);
        }
    }

    /// Keeps a block that the host has read until it is its turn.
    pub fn keep(&self, mut block: Block) {
        let cells = outside(&block.pack());
        self.0.borrow_mut().arrived.push(Parcel { block, cells });
    }

    /// How many blocks came back and wait for their turn.
    pub fn n_arrived(&self) -> usize {
        self.0.borrow().arrived.len()
    }

    /// The block of this number, if it came back. Earlier ones that come late are dropped.
    pub fn arrived(&self, index: u32) -> Option<Block> {
        let arrived = &mut self.0.borrow_mut().arrived;
        arrived.retain(|parcel| parcel.block.task.index >= index);
        let place = arrived.iter().position(|parcel| parcel.block.task.index == index)?;
        Some(arrived.swap_remove(place).unpack())
    }

    /// A task given away that nobody has begun; with `also_begun` any that did not come back. The host does it itself.
    pub fn take_back(&self, also_begun: bool) -> Option<BlockTask> {
        let mut members = self.0.borrow_mut();
        let least = if also_begun { 1 } else { 2 };
        let helper = members.helpers.iter_mut().find(|h| h.given.len() >= least)?;
        let task = helper.given.pop_back()?;
        helper.withdraw(&task);
        Some(task)
    }

    /// The task of that block, if a helper has it and did not answer yet.
    pub fn take_back_block(&self, index: u32) -> Option<BlockTask> {
        let mut members = self.0.borrow_mut();
        members.helpers.iter_mut().find_map(|helper| {
            let place = helper.given.iter().position(|task| task.index == index)?;
            let task = helper.given.remove(place)?;
            helper.withdraw(&task);
            Some(task)
        })
    }

    /// Waits until a block comes back, or for so many milliseconds: `false` when none came.
    pub async fn wait(&self, milliseconds: i32) -> bool {
        let (sender, receiver) = super::once::once();
        let n_before = self.n_arrived();
        let number = {
            let mut members = self.0.borrow_mut();
            members.wake = Some(sender);
            members.n_waits += 1;
            members.n_waits
        };
        let weak = Rc::downgrade(&self.0);
        let ring = Closure::once_into_js(move || {
            // Not the bell of an earlier wait that a block ended.
            if let Some(members) = weak.upgrade().filter(|m| m.borrow().n_waits == number) {
                members.borrow_mut().wake.take();
            }
        });
        let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
        let _ =
            scope.set_timeout_with_callback_and_timeout_and_arguments_0(ring.unchecked_ref(), milliseconds);
        receiver.await;
        self.n_arrived() > n_before
    }
}
