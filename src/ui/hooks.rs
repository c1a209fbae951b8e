//! Small reactive helpers of the pages.

use std::{sync::Arc, time::Duration};

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

/// How many of `n` parts may be drawn whole: none at first, then a few more at a time until it is all of them, so that what
/// is in sight does not wait for what is not.
pub fn filled_in_turn(n: Signal<usize>) -> RwSignal<usize> {
    const AT_A_TIME: usize = 6;
    fn more(filled: RwSignal<usize>, n: Signal<usize>) {
        // Whoever draws them may be gone by then.
        let go_on = move || {
            let (Some(n_filled), Some(n_all)) = (filled.try_get_untracked(), n.try_get_untracked()) else {
                return;
            };
            if n_filled < n_all {
                filled.set(n_filled + AT_A_TIME);
                more(filled, n);
            }
        };
        set_timeout(go_on, Duration::from_millis(60));
    }
    let filled = RwSignal::new(0);
    Effect::new(move |_| {
        n.track();
        filled.set(0);
        more(filled, n);
    });
    filled
}
