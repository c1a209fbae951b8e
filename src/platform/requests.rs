//! Counts what the page has asked of the network since it was loaded: the visible proof that the data stays.

use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{PerformanceEntry, PerformanceObserver, PerformanceObserverEntryList, PerformanceObserverInit};

/// Calls back with the number of requests begun from now on, each time one is made. Addresses inside the page itself (`blob:`, `data:`)
/// ask nothing of a network and are not counted.
pub fn watch(mut on_request: impl FnMut(u32) + 'static) {
    let began = super::time::now_ms();
    let mut count = 0;
    let callback = Closure::<dyn FnMut(JsValue)>::new(move |list: JsValue| {
        let list: PerformanceObserverEntryList = list.unchecked_into();
        let entries = list.get_entries();
        let new = entries.iter().filter(|entry| {
            let entry: &PerformanceEntry = entry.unchecked_ref();
            let name = entry.name();
            entry.start_time() > began && !(name.starts_with("blob:") || name.starts_with("data:"))
        });
        let n = new.count() as u32;
        if n > 0 {
            count += n;
            on_request(count);
        }
    });
    if let Ok(observer) = PerformanceObserver::new(callback.as_ref().unchecked_ref()) {
        let options = PerformanceObserverInit::new(&Array::of1(&"resource".into()));
        observer.observe(&options);
        std::mem::forget(observer);
    }
    callback.forget();
}
