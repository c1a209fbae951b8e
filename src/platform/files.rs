//! Files the user hands over. Tables are read by the workers (see `blocks`).

use js_sys::Reflect;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{DataTransfer, File, FileList};

/// Names of files that hold tables, and of recipes, for a file picker.
pub const TABLES: &str =
    ".csv,.tsv,.txt,.xlsx,.xlsm,.xls,.json,text/csv,text/tab-separated-values,text/plain";

/// Lets the user choose a file.
pub fn pick(accept: &str, then: impl FnOnce(File) + 'static) {
    pick_from(accept, false, move |files| {
        if let Some(file) = files.into_iter().next() {
            then(file);
        }
    });
}

/// Lets the user choose one file or several.
pub fn pick_several(accept: &str, then: impl FnOnce(Vec<File>) + 'static) {
    pick_from(accept, true, then);
}

fn pick_from(accept: &str, several: bool, then: impl FnOnce(Vec<File>) + 'static) {
    let Some(document) = web_sys::window().and_then(|w| w.document()) else { return };
    let Some(input) =
        document.create_element("input").ok().and_then(|e| e.dyn_into::<web_sys::HtmlInputElement>().ok())
    else {
        return;
    };
    input.set_type("file");
    input.set_accept(accept);
    input.set_multiple(several);
    let chosen = input.clone();
    let callback = wasm_bindgen::closure::Closure::once_into_js(move || {
        let files = all(chosen.files());
        if !files.is_empty() {
            then(files);
        }
    });
    input.set_onchange(Some(callback.unchecked_ref()));
    input.click();
}

/// The text of a small file, such as a recipe.
pub async fn text(file: &File) -> Result<String, String> {
    let text = JsFuture::from(file.text()).await.map_err(|e| words(&e))?;
    Ok(text.as_string().unwrap_or_default())
}

/// The files of a drop.
pub fn dropped(transfer: Option<DataTransfer>) -> Vec<File> {
    all(transfer.and_then(|t| t.files()))
}

fn all(files: Option<FileList>) -> Vec<File> {
    files.map_or_else(Vec::new, |files| (0..files.length()).filter_map(|i| files.get(i)).collect())
}

/// What the browser says of an error.
pub fn words(error: &wasm_bindgen::JsValue) -> String {
    Reflect::get(error, &"message".into())
        .ok()
        .and_then(|m| m.as_string())
        .unwrap_or_else(|| format!("{error:?}"))
}
