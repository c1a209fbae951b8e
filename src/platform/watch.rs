//! Noticing that a part of the page has changed.

use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, MutationObserver, MutationObserverInit};

/// Watches the elements below one. Dropping it ends that.
pub struct Watch {
    observer: MutationObserver,
    _on_change: Closure<dyn FnMut()>,
}

impl Watch {
    /// Calls back after elements below this one came or went; `None` where the browser cannot.
    pub fn below(element: &Element, on_change: impl FnMut() + 'static) -> Option<Self> {
        let on_change = Closure::<dyn FnMut()>::new(on_change);
        let observer = MutationObserver::new(on_change.as_ref().unchecked_ref()).ok()?;
        let options = MutationObserverInit::new();
        options.set_child_list(true);
        options.set_subtree(true);
        observer.observe_with_options(element, &options).ok()?;
        Some(Self { observer, _on_change: on_change })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}
