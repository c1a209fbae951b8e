//! The page's clock and its pauses.

use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;

/// Milliseconds since the page was opened or the worker started.
pub fn now_ms() -> f64 {
    let of_page = web_sys::window().and_then(|w| w.performance());
    let of_worker = || js_sys::global().dyn_into::<web_sys::WorkerGlobalScope>().ok()?.performance();
    of_page.or_else(of_worker).map_or(0.0, |p| p.now())
}

/// Milliseconds since 1970.
pub fn unix_ms() -> f64 {
    js_sys::Date::now()
}

/// Waits.
pub async fn sleep(millis: i32) {
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        if let Some(window) = web_sys::window() {
            let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, millis);
        }
    });
    let _ = JsFuture::from(promise).await;
}

/// Calls back later; not cancelled when the caller goes.
pub fn after(millis: i32, then: impl FnOnce() + 'static) {
    let callback = Closure::once_into_js(then);
    if let Some(window) = web_sys::window() {
        let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(
            callback.unchecked_ref::<js_sys::Function>(),
            millis,
        );
    }
}

/// Lets the browser paint before going on.
pub async fn breathe() {
    let _ = JsFuture::from(js_sys::Promise::resolve(&JsValue::NULL)).await;
    sleep(0).await;
}

/// "2013-07-10" of milliseconds since 1970; a dash when out of range.
pub fn iso_date(millis: f64) -> String {
    let date = js_sys::Date::new(&millis.into());
    if date.get_time().is_nan() {
        return "–".to_owned();
    }
    String::from(date.to_iso_string()).chars().take(10).collect()
}
