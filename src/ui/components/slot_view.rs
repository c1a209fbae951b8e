//! What stands above a result: the progress of its work, why it failed, or that it is out of date.

use leptos::prelude::*;

use super::{
    button::{Button, ButtonKind},
    notice::{NoticeBox, NoticeKind},
    progress::Progress,
};
use crate::{
    protocol::Notice,
    ui::session::{Running, Session, Slot, actions},
};

/// Progress with Stop, failure, or staleness of a slot; nothing when the result is there and fits.
#[component]
pub fn SlotStatus<T: Send + Sync + 'static>(
    /// Whose work it is. Not named `slot`: that word makes a view drop the element.
    of: RwSignal<Slot<T>>,
    /// Asks for the result anew.
    #[prop(optional, into)]
    on_again: Option<Callback<()>>,
    /// Words of the button that asks anew: "Compare again".
    #[prop(default = "Run again")]
    again: &'static str,
) -> impl IntoView {
    let session = Session::expect();
    let running = Memo::new(move |_| of.with(|s| s.running().cloned()));
    let is_running = Memo::new(move |_| running.with(Option::is_some));
    let failure = Memo::new(move |_| of.with(|s| s.failure().cloned()));
    let is_stale = Memo::new(move |_| session.is_stale(of));
    let figure =
        move |get: fn(&Running) -> u64| Signal::derive(move || running.with(|r| r.as_ref().map_or(0, get)));
    let label =
        Signal::derive(move || running.with(|r| r.as_ref().map(|r| r.label.clone())).unwrap_or_default());
    let stop = move |()| {
        if let Some(job) = running.with_untracked(|r| r.as_ref().map(|r| r.job)) {
            actions::stop(session, job);
        }
    };
    let again_button = move || {
        on_again.map(
            |press| view! { <Button kind=ButtonKind::Secondary small=true on_press=press>{again}</Button> },
        )
    };

    view! {
        <div class="slot-status" aria-live="polite">
            {move || {
                if is_running.get() {
                    view! { <Progress done=figure(|r| r.done) total=figure(|r| r.total) label on_stop=Callback::new(stop) /> }.into_any()
                } else if let Some(notice) = failure.get() {
                    let kind = if notice.is_stop { NoticeKind::Note } else { NoticeKind::Bad };
                    view! { <NoticeBox notice kind>{again_button()}</NoticeBox> }.into_any()
                } else if is_stale.get() {
                    let notice = Notice {
                        title: "Out of date".into(),
                        detail: "The table has changed since this was worked out.".into(),
                        remedy: String::new(),
                        is_stop: false,
                    };
                    view! { <NoticeBox notice kind=NoticeKind::Caution>{again_button()}</NoticeBox> }.into_any()
                } else {
                    ().into_any()
                }
            }}
        </div>
    }
}
