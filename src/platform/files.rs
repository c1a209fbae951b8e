//! Files the user hands over. Tables are read by the workers (see `blocks`).

use js_sys::Reflect;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{DataTransfer, File, FileList};

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
    let text = JsFuture::from(file.text()).await.map_err(|e| words(&e))?;
    Ok(text.as_string().unwrap_or_default())
}

/// The first file of a drop.
pub fn dropped(transfer: Option<DataTransfer>) -> Option<File> {
    first(transfer?.files())
}

/// The first file of a list.
pub fn first(files: Option<FileList>) -> Option<File> {
    files?.get(0)
}

/// What the browser says of an error.
pub fn words(error: &wasm_bindgen::JsValue) -> String {
    Reflect::get(error, &"message".into())
        .ok()
        .and_then(|m| m.as_string())
        .unwrap_or_else(|| format!("{error:?}"))
}
