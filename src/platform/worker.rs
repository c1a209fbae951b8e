//! One worker: started from code the page already holds, so that starting another asks nothing of the network.

use std::{cell::RefCell, rc::Rc};

use js_sys::{Array, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{ErrorEvent, File, MessageEvent, MessagePort, Worker};

use super::{blocks, mailbox};
use crate::protocol::{JobId, Reply, Request, codec::Message};

/// The worker's script (a blob of this page) and its compiled module, as `start.js` prepared them.
#[derive(Clone)]
pub struct WorkerCode {
    script: String,
    module: JsValue,
}

impl WorkerCode {
    /// Waits until the code is there.
    pub async fn load() -> Result<Self, String> {
        let window = web_sys::window().ok_or("no window")?;
        Self::of(Reflect::get(&window, &"assayWorker".into())).await
    }

    /// Fetches the code of the worker that reads workbooks, once.
    pub async fn of_sheets() -> Result<Self, String> {
        Self::of(super::sheets::promise()).await
    }

    async fn of(promise: Result<JsValue, JsValue>) -> Result<Self, String> {
        let text = |value: JsValue| value.as_string().unwrap_or_else(|| super::files::words(&value));
        let promise: Promise =
            promise.map_err(text)?.dyn_into().map_err(|_| "the worker was not requested".to_owned())?;
        let code = JsFuture::from(promise).await.map_err(text)?;
        let script = Reflect::get(&code, &"script".into()).map_err(text)?.as_string().unwrap_or_default();
        let module = Reflect::get(&code, &"module".into()).map_err(text)?;
        Ok(Self { script, module })
    }

    /// Starts a worker, which says nothing before it is told something.
    pub(super) fn start(&self) -> Result<Worker, String> {
        let worker = Worker::new(&self.script).map_err(|e| format!("{e:?}"))?;
        let start = Object::new();
        let _ = Reflect::set(&start, &"module".into(), &self.module);
        worker.post_message(&start).map_err(|e| format!("{e:?}"))?;
        Ok(worker)
    }
}

type OnMessage = Closure<dyn FnMut(MessageEvent)>;
type OnError = Closure<dyn FnMut(ErrorEvent)>;

/// A running worker. Ends when dropped.
pub struct RunningWorker {
    worker: Worker,
    _on_message: OnMessage,
    _on_error: OnError,
}

impl RunningWorker {
    /// Starts one. `on_reply` hears what it says, `on_block` gets what it read of a file, `on_death` (once) hears that it
    /// broke, with the browser's words.
    pub fn start(
        code: &WorkerCode,
        mut on_reply: impl FnMut(Message<Reply>) + 'static,
        on_block: impl Fn(&JsValue) + 'static,
        on_death: impl FnOnce(String) + 'static,
    ) -> Result<Self, String> {
        let worker = code.start()?;
        let on_message = OnMessage::new(move |event: MessageEvent| {
            let data = event.data();
            if blocks::is_block(&data) {
                on_block(&data);
            } else if let Some(message) = mailbox::unpack::<Reply>(&data) {
                on_reply(message);
            } else {
                super::complain("a worker said something this page does not understand: reload the page");
            }
        });
        let on_death = Rc::new(RefCell::new(Some(on_death)));
        let on_error = OnError::new(move |event: ErrorEvent| {
            event.prevent_default();
            let death = on_death.borrow_mut().take();
            if let Some(death) = death {
                death(event.message());
            }
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Ok(Self { worker, _on_message: on_message, _on_error: on_error })
    }

    /// Posts a request with files and the ports of those who help to read them.
    pub fn post_files(&self, job: JobId, request: &Request, files: &[File], ports: &[MessagePort]) {
        let (message, transfer) = mailbox::pack(job, request, &[]);
        let (message, transfer): (Array, Array) = (message.unchecked_into(), transfer.unchecked_into());
        for file in files {
            message.push(file);
        }
        for port in ports {
            message.push(port);
            transfer.push(port);
        }
        let _ = self.worker.post_message_with_transfer(&message, &transfer);
    }

    /// Hands on a block that another worker read for it.
    pub fn relay_block(&self, block: &JsValue) {
        blocks::relay(block, &self.worker);
    }

    /// Gives a port to be served (see `blocks`).
    pub fn post_port(&self, port: &MessagePort) {
        let message = Array::of1(port);
        let _ = self.worker.post_message_with_transfer(&message, &message);
    }

    /// Posts a request; the attachments are copied once and transferred.
    pub fn post(&self, job: JobId, request: &Request, attachments: &[&[u8]]) {
        let (message, transfer) = mailbox::pack(job, request, attachments);
        let _ = self.worker.post_message_with_transfer(&message, &transfer);
    }
}

impl Drop for RunningWorker {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}
