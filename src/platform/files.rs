//! Files the user hands over: read as a stream of chunks, never whole.

use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{DataTransfer, File, FileList, ReadableStreamDefaultReader};

/// Chunks handed on are at least this long (but for the last).
const CHUNK: usize = 1 << 20;

/// The chunks of a file.
pub struct Chunks {
    reader: ReadableStreamDefaultReader,
    is_done: bool,
}

impl Chunks {
    /// Opens a file.
    pub fn of(file: &File) -> Option<Self> {
        let reader = file.stream().get_reader().dyn_into().ok()?;
        Some(Self { reader, is_done: false })
    }

    /// The next bytes; `None` at the end. The browser's words when the file cannot be read (moved, or changed on disk).
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, String> {
        let mut bytes = Vec::new();
        while !self.is_done && bytes.len() < CHUNK {
            let part = JsFuture::from(self.reader.read()).await.map_err(|e| words(&e))?;
            self.is_done = Reflect::get(&part, &"done".into()).is_ok_and(|d| d.is_truthy());
            if let Ok(array) = Reflect::get(&part, &"value".into()).map(JsCast::dyn_into::<Uint8Array>)
                && let Ok(array) = array
            {
                let start = bytes.len();
                bytes.resize(start + array.length() as usize, 0);
                array.copy_to(&mut bytes[start..]);
            }
        }
        Ok((!bytes.is_empty()).then_some(bytes))
    }

    /// Gives the file back unread.
    pub fn cancel(&self) {
        let _ = self.reader.cancel();
    }
}

/// Lets the user choose a file.
pub fn pick(accept: &str, then: impl FnOnce(File) + 'static) {
    let Some(document) = web_sys::window().and_then(|w| w.document()) else { return };
    let Some(input) =
        document.create_element("input").ok().and_then(|e| e.dyn_into::<web_sys::HtmlInputElement>().ok())
    else {
        return;
    };
    input.set_type("file");
    input.set_accept(accept);
    let chosen = input.clone();
    let callback = wasm_bindgen::closure::Closure::once_into_js(move || {
        if let Some(file) = first(chosen.files()) {
            then(file);
        }
    });
    input.set_onchange(Some(callback.unchecked_ref()));
    input.click();
}

/// The text of a small file, such as a recipe.
pub async fn text(file: &File) -> Result<String, String> {
    let mut chunks = Chunks::of(file).ok_or("the file cannot be opened")?;
    let mut bytes = Vec::new();
    while let Some(part) = chunks.next().await? {
        bytes.extend(part);
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The first file of a drop.
pub fn dropped(transfer: Option<DataTransfer>) -> Option<File> {
    first(transfer?.files())
}

/// The first file of a list.
pub fn first(files: Option<FileList>) -> Option<File> {
    files?.get(0)
}

fn words(error: &wasm_bindgen::JsValue) -> String {
    Reflect::get(error, &"message".into())
        .ok()
        .and_then(|m| m.as_string())
        .unwrap_or_else(|| format!("{error:?}"))
}
