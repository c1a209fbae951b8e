//! Small reactive helpers of the pages.

use std::sync::Arc;

use leptos::prelude::*;

use super::session::Slot;

/// The latest result of a slot, also while the next is on its way; changes only when the result itself is replaced.
pub fn latest<T: Send + Sync + 'static>(slot: RwSignal<Slot<T>>) -> Memo<Option<Arc<T>>> {
    Memo::new_with_compare(
        move |_| slot.with(Slot::value),
        |before, after| match (before, after) {
            (Some(Some(a)), Some(Some(b))) => !Arc::ptr_eq(a, b),
            (Some(None), Some(None)) => false,
            _ => true,
        },
    )
}

/// A part of a result, or nothing while there is none.
pub fn part<T, P>(result: Memo<Option<Arc<T>>>, take: impl Fn(&T) -> P + Send + Sync + 'static) -> Signal<P>
where
    T: Send + Sync + 'static,
    P: Default + Send + Sync + 'static,
{
    Signal::derive(move || result.with(|r| r.as_ref().map(|r| take(r)).unwrap_or_default()))
}
