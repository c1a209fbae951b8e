//! The module that reads workbooks for the page: a worker of its own, fetched when the first one is dropped.

#[cfg(target_arch = "wasm32")]
fn main() {
    wasm::main();
}

#[cfg(target_arch = "wasm32")]
mod wasm {
    use assay::{
        engine::data::workbook::{self, SheetText},
        host::notice,
        platform::sheets::{self, Answer},
        protocol::Notice,
    };
    use js_sys::{Array, Uint8Array};
    use wasm_bindgen::{JsCast, JsValue, closure::Closure};
    use wasm_bindgen_futures::{JsFuture, spawn_local};
    use web_sys::{DedicatedWorkerGlobalScope, File, MessageEvent};

    pub fn main() {
        console_error_panic_hook::set_once();
        let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(|event: MessageEvent| {
            let parts: Array = event.data().unchecked_into();
            spawn_local(async move {
                let file: Option<File> = parts.get(0).dyn_into().ok();
                let wanted = parts.get(1).as_string();
                let answer = match file {
                    Some(file) => read(&file, wanted.as_deref()).await,
                    None => Err(notice::unreadable("no file came here")),
                };
                post(answer);
            });
        });
        scope.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        on_message.forget();
        // The page waits for this before it says anything.
        let _ = scope.post_message(&JsValue::TRUE);
    }

    async fn read(file: &File, wanted: Option<&str>) -> Result<SheetText, Notice> {
        let buffer = JsFuture::from(file.array_buffer())
            .await
            .map_err(|e| notice::unreadable(&assay::platform::files::words(&e)))?;
        let bytes = Uint8Array::new(&buffer).to_vec();
        // A number says how far it is; the page stops this worker where it is no longer wanted.
        let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
        let mut tell = |n_taken: usize| drop(scope.post_message(&(n_taken as f64).into()));
        workbook::read_sheet(&bytes, wanted, &mut tell).map_err(|e| notice::workbook(&e))
    }

    fn post(answer: Answer) {
        let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
        let (message, transfer) = sheets::pack(answer);
        let _ = scope.post_message_with_transfer(&message, &transfer);
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!(
        "This is the browser's reader of workbooks; `assay` is the command-line tool, `make run` opens the page."
    );
}
