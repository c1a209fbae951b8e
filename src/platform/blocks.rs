//! Reading a file by blocks in several workers: the host asks, helpers read their part of the file and send columns back.
//!
//! A helper holds nothing but the file and the plan; whatever it does not answer the host reads itself, so that a helper may
//! die or be busy without anybody noticing more than time.

use std::{
    cell::RefCell,
    collections::VecDeque,
    rc::{Rc, Weak},
};

use js_sys::{Array, Float64Array, Function, Reflect, Uint8Array, Uint32Array};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{File, MessageEvent, MessagePort};

use super::mailbox;
use crate::engine::{
    data::reader::{
        block::{self, Block, BlockTask, Plan},
        held::Held,
    },
    task,
};

type OnMessage = Closure<dyn FnMut(MessageEvent)>;

/// How many blocks a helper has at a time: one it reads, one it fetches meanwhile.
const AHEAD: usize = 2;

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

/// Gives the memory of a buffer back at once instead of with the next collection: by then a file may have passed through.
fn free(buffer: &JsValue) {
    if let Ok(transfer) = Reflect::get(buffer, &"transfer".into()).and_then(|f| f.dyn_into::<Function>()) {
        let _ = transfer.call1(buffer, &0.into());
    }
}

/// Serves a host at the other end of a port until it is closed.
pub fn serve(port: &MessagePort) {
    /// What a host said: which file, and how to read it.
    #[derive(Default)]
    struct State {
        file: Option<File>,
        plan: Option<Rc<Plan>>,
    }
    let state = Rc::new(RefCell::new(State::default()));
    let own = port.clone();
    let on_message = OnMessage::new(move |event: MessageEvent| {
        let data = event.data();
        let bytes: Vec<u8> =
            mailbox::beside::<Uint8Array>(&data).first().map(Uint8Array::to_vec).unwrap_or_default();
        if let Some(file) = mailbox::beside::<File>(&data).pop() {
            let mut state = state.borrow_mut();
            state.file = Some(file);
            state.plan = task::decode::<Plan>(&bytes).map(Rc::new);
            return;
        }
        let Some(task) = task::decode::<BlockTask>(&bytes) else { return };
        let (file, plan) = {
            let state = state.borrow();
            (state.file.clone(), state.plan.clone())
        };
        let (Some(file), Some(plan)) = (file, plan) else { return };
        let bytes = fetch(&file, task.from, task.to);
        let port = own.clone();
        spawn_local(async move {
            if let Ok(bytes) = bytes.await {
                let (message, transfer) = pack(block::read(&plan, &task, &bytes));
                let _ = port.post_message_with_transferable(&message, &transfer);
            }
        });
    });
    port.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
}

/// A block with its columns beside it, transferred.
fn pack(mut block: Block) -> (Array, Array) {
    let (message, transfer) = (Array::new(), Array::new());
    message.push(&JsValue::NULL);
    for column in &mut block.columns {
        match column {
            Held::Numbers(n) => {
                let values = Float64Array::from(std::mem::take(&mut n.values).as_slice());
                transfer.push(&values.buffer());
                message.push(&values);
            }
            Held::Texts(t) => {
                let codes = Uint32Array::from(std::mem::take(&mut t.codes).as_slice());
                transfer.push(&codes.buffer());
                message.push(&codes);
            }
            Held::Skip => {
                message.push(&JsValue::NULL);
            }
        }
    }
    let envelope = Uint8Array::from(task::encode(&block).as_slice());
    transfer.push(&envelope.buffer());
    message.set(0, envelope.into());
    (message, transfer)
}

fn unpack(data: &JsValue) -> Option<Block> {
    let parts: &Array = data.dyn_ref()?;
    let envelope: Uint8Array = parts.get(0).dyn_into().ok()?;
    let mut block: Block = task::decode(&envelope.to_vec())?;
    for (column, part) in block.columns.iter_mut().zip(parts.iter().skip(1)) {
        match column {
            Held::Numbers(n) => {
                let values: Float64Array = part.dyn_into().ok()?;
                n.values = values.to_vec();
                free(&values.buffer());
            }
            Held::Texts(t) => {
                let codes: Uint32Array = part.dyn_into().ok()?;
                t.codes = codes.to_vec();
                free(&codes.buffer());
            }
            Held::Skip => {}
        }
    }
    Some(block)
}

/// The helpers of one reading, as the host sees them.
pub struct Crew(Rc<RefCell<Members>>);

struct Members {
    file: File,
    round: u32,
    helpers: Vec<Helper>,
    arrived: VecDeque<Block>,
    wake: Option<super::once::Sender<()>>,
}

struct Helper {
    port: MessagePort,
    _on_message: OnMessage,
    given: VecDeque<BlockTask>,
}

impl Drop for Helper {
    fn drop(&mut self) {
        self.port.set_onmessage(None);
        self.port.close();
    }
}

impl Crew {
    /// Helpers behind these ports.
    pub fn new(file: &File, ports: Vec<MessagePort>) -> Self {
        let members = Members {
            file: file.clone(),
            round: 0,
            helpers: Vec::new(),
            arrived: VecDeque::new(),
            wake: None,
        };
        let members = Rc::new(RefCell::new(members));
        for (index, port) in ports.into_iter().enumerate() {
            let weak = Rc::downgrade(&members);
            let on_message = OnMessage::new(move |event: MessageEvent| hear(&weak, index, &event.data()));
            port.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
            members.borrow_mut().helpers.push(Helper {
                port,
                _on_message: on_message,
                given: VecDeque::new(),
            });
        }
        Self(members)
    }

    /// From now on another file is read.
    pub fn turn_to(&self, file: &File) {
        let members = &mut *self.0.borrow_mut();
        members.file = file.clone();
        members.arrived.clear();
        members.helpers.iter_mut().for_each(|h| h.given.clear());
    }

    /// Gives each helper that has room the next task of a round.
    pub fn give(&self, round: u32, plan: &Plan, mut next: impl FnMut() -> Option<BlockTask>) {
        let members = &mut *self.0.borrow_mut();
        if members.round != round {
            members.round = round;
            let plan = task::encode(plan);
            for helper in &mut members.helpers {
                helper.given.clear();
                let message = Array::of2(&Uint8Array::from(plan.as_slice()), &members.file);
                let _ = helper.port.post_message(&message);
            }
        }
        for n in 0..AHEAD {
            for helper in members.helpers.iter_mut().filter(|h| h.given.len() == n) {
                let Some(task) = next() else { return };
                let message = Array::of1(&Uint8Array::from(task::encode(&task).as_slice()));
                let _ = helper.port.post_message(&message);
                helper.given.push_back(task);
            }
        }
    }

    /// A block that came back.
    pub fn arrived(&self) -> Option<Block> {
        self.0.borrow_mut().arrived.pop_front()
    }

    /// A task given away that nobody has begun; with `also_begun` any that did not come back. The host does it itself.
    pub fn take_back(&self, also_begun: bool) -> Option<BlockTask> {
        let mut members = self.0.borrow_mut();
        let least = if also_begun { 1 } else { 2 };
        let helper = members.helpers.iter_mut().find(|h| h.given.len() >= least)?;
        helper.given.pop_back()
    }

    /// Waits until a block comes back, or for so many milliseconds.
    pub async fn wait(&self, milliseconds: i32) {
        let (sender, receiver) = super::once::once();
        {
            let mut members = self.0.borrow_mut();
            if !members.arrived.is_empty() {
                return;
            }
            members.wake = Some(sender);
        }
        let weak = Rc::downgrade(&self.0);
        let ring = Closure::once_into_js(move || {
            if let Some(members) = weak.upgrade() {
                members.borrow_mut().wake.take();
            }
        });
        let scope: web_sys::DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
        let _ =
            scope.set_timeout_with_callback_and_timeout_and_arguments_0(ring.unchecked_ref(), milliseconds);
        receiver.await;
    }
}

fn hear(members: &Weak<RefCell<Members>>, index: usize, data: &JsValue) {
    let Some(members) = members.upgrade() else { return };
    let Some(block) = unpack(data) else { return };
    let wake = {
        let mut members = members.borrow_mut();
        if let Some(helper) = members.helpers.get_mut(index) {
            helper.given.retain(|t| t != &block.task);
        }
        members.arrived.push_back(block);
        members.wake.take()
    };
    drop(wake);
}
