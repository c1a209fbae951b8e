//! Workbooks: read in a worker of their own, whose code is fetched when the first one is dropped.

use std::{cell::RefCell, rc::Rc};

use js_sys::{Array, Function, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{ErrorEvent, File, FilePropertyBag, MessageEvent, Worker};

use super::{
    once::{self, Sender},
    worker::WorkerCode,
};
use crate::{
    engine::data::{combine::WorkbookInfo, workbook::SheetText},
    protocol::Notice,
};

/// What the worker answers.
pub type Answer = Result<SheetText, Notice>;

/// An answer as JavaScript sees it, and what is transferred with it.
pub fn pack(answer: Answer) -> (JsValue, JsValue) {
    let (message, transfer) = (Array::new(), Array::new());
    message.push(&answer.is_ok().into());
    match answer {
        Ok(sheet) => {
            let text = Uint8Array::from(sheet.csv.as_bytes());
            transfer.push(&text.buffer());
            message.push(&text);
            message.push(&sheet.name.into());
            for name in sheet.sheets {
                message.push(&name.into());
            }
        }
        Err(notice) => {
            for text in [notice.title, notice.detail, notice.remedy] {
                message.push(&text.into());
            }
        }
    }
    (message.into(), transfer.into())
}

/// The reading that goes on.
struct Current {
    worker: Worker,
    sender: Waiting,
}

/// Who waits for the answer of a worker, or for the words with which it broke.
type Waiting = Rc<RefCell<Option<Sender<Result<Array, String>>>>>;

thread_local! {
    static CURRENT: RefCell<Option<Current>> = const { RefCell::new(None) };
}

/// Ends the reading that goes on: whoever waits for it is told that it broke.
pub fn stop() {
    if let Some(current) = CURRENT.take() {
        current.worker.terminate();
        drop(current.sender.take());
    }
}

/// A sheet of a workbook as a file of text, and what it is a sheet of. `tell` is told how many bytes of the workbook have
/// been read. An earlier reading that goes on is ended.
pub async fn read(
    file: &File,
    wanted: Option<&str>,
    tell: impl Fn(u64) + 'static,
) -> Result<(File, WorkbookInfo), Notice> {
    let code = WorkerCode::of_sheets().await.map_err(|words| not_loaded(&words))?;
    stop();
    let (sender, receiver) = once::once();
    let sender: Waiting = Rc::new(RefCell::new(Some(sender)));
    let worker = code.start().map_err(|words| not_loaded(&words))?;
    CURRENT.set(Some(Current { worker: worker.clone(), sender: Rc::clone(&sender) }));
    let question = Array::of2(file, &wanted.map_or(JsValue::NULL, JsValue::from_str));
    let on_message = {
        let (worker, sender) = (worker.clone(), Rc::clone(&sender));
        Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            match event.data().dyn_into::<Array>() {
                Ok(answer) => answered(&sender, Ok(answer)),
                Err(said) => match said.as_f64() {
                    Some(n_taken) => tell(n_taken as u64),
                    // It is there.
                    None => drop(worker.post_message(&question)),
                },
            }
        })
    };
    let on_error = Closure::<dyn FnMut(ErrorEvent)>::new(move |event: ErrorEvent| {
        event.prevent_default();
        answered(&sender, Err(event.message()));
    });
    worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
    let answer = receiver.await;
    worker.terminate();
    match answer {
        Some(Ok(answer)) => unpack(file, &answer),
        Some(Err(words)) => Err(broke(&words)),
        None => Err(broke("")),
    }
}

fn answered(waiting: &Waiting, answer: Result<Array, String>) {
    let sender = waiting.take();
    if let Some(sender) = sender {
        sender.send(answer);
    }
}

fn unpack(file: &File, answer: &Array) -> Result<(File, WorkbookInfo), Notice> {
    let text = |i: u32| answer.get(i).as_string().unwrap_or_default();
    if answer.get(0).as_bool() != Some(true) {
        return Err(Notice { title: text(1), detail: text(2), remedy: text(3), is_stop: false });
    }
    let options = FilePropertyBag::new();
    options.set_type("text/csv");
    let csv =
        File::new_with_u8_array_sequence_and_options(&Array::of1(&answer.get(1)), &file.name(), &options)
            .map_err(|e| broke(&super::files::words(&e)))?;
    let sheets = (3..answer.length()).map(text).collect();
    Ok((csv, WorkbookInfo { sheet: text(2), sheets, n_bytes: file.size() as u64 }))
}

fn not_loaded(words: &str) -> Notice {
    Notice {
        title: "The part that reads workbooks could not be loaded".into(),
        detail: format!("It is fetched with the first workbook. The browser said: {words}"),
        remedy: "Connect to the network once and drop the file again, or export the sheet as CSV".into(),
        is_stop: false,
    }
}

fn broke(words: &str) -> Notice {
    Notice {
        title: "The workbook could not be read".into(),
        detail: format!(
            "Its reader ended: {}",
            if words.is_empty() { "nothing more was said" } else { words }
        ),
        remedy: "Export the sheet as CSV and drop that; if the workbook is very large, export fewer rows"
            .into(),
        is_stop: false,
    }
}

/// The promise that `start.js` gives of the code, asked for now.
pub(super) fn promise() -> Result<JsValue, JsValue> {
    let window = web_sys::window().ok_or(JsValue::NULL)?;
    let ask: Function = Reflect::get(&window, &"assaySheets".into())?.dyn_into()?;
    ask.call0(&window)
}
