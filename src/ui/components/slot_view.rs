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

/// How a slot stands, whatever it holds: views made from it are the same for every result.
#[derive(Clone, Copy)]
pub struct Face {
    running: Memo<Option<Running>>,
    failure: Memo<Option<Notice>>,
    is_stale: Memo<bool>,
    /// Whether there is a result, be it an earlier one.
    pub has_value: Memo<bool>,
    /// Whether work goes on.
    pub is_running: Memo<bool>,
    /// Whether the result that was asked for last is there.
    pub is_ready: Memo<bool>,
}

impl Face {
    /// Of a slot.
    pub fn of<T: Send + Sync + 'static>(session: Session, slot: RwSignal<Slot<T>>) -> Self {
        let running = Memo::new(move |_| slot.with(|s| s.running().cloned()));
        Self {
            running,
            failure: Memo::new(move |_| slot.with(|s| s.failure().cloned())),
            is_stale: Memo::new(move |_| session.is_stale(slot)),
            has_value: Memo::new(move |_| slot.with(|s| s.value().is_some())),
            is_running: Memo::new(move |_| running.with(Option::is_some)),
            is_ready: Memo::new(move |_| slot.with(Slot::is_ready)),
        }
    }
}

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
    let face = Face::of(Session::expect(), of);
    view! { <FaceStatus face on_again again /> }
}

/// The same for a face.
#[component]
pub fn FaceStatus(
    face: Face,
    /// Asks for the result anew.
    #[prop(optional_no_strip)]
    on_again: Option<Callback<()>>,
    /// Words of the button that asks anew.
    #[prop(default = "Run again")]
    again: &'static str,
    /// In what the result differs from what is chosen, as a sentence; empty when in nothing.
    #[prop(optional, into)]
    differs: Signal<String>,
) -> impl IntoView {
    let session = Session::expect();
    let Face { running, failure, is_stale, is_running, .. } = face;
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
    let notice = move || {
        let said = |title: &str, detail: String| Notice {
            title: title.into(),
            detail,
            remedy: String::new(),
            is_stop: false,
        };
        if let Some(notice) = failure.get() {
            let kind = if notice.is_stop { NoticeKind::Note } else { NoticeKind::Bad };
            return Some((notice, kind));
        }
        if is_stale.get() {
            let detail = "The table has changed since this was worked out.".to_owned();
            return Some((said("Out of date", detail), NoticeKind::Caution));
        }
        let differs = differs.get();
        (!differs.is_empty())
            .then(|| (said("These results are for other settings", differs), NoticeKind::Caution))
    };

    view! {
        <div class="slot-status" aria-live="polite">
            {move || {
                if is_running.get() {
                    view! { <Progress done=figure(|r| r.done) total=figure(|r| r.total) label on_stop=Callback::new(stop) /> }.into_any()
                } else {
                    notice()
                        .map(|(notice, kind)| view! { <NoticeBox notice kind>{again_button()}</NoticeBox> })
                        .into_any()
                }
            }}
        </div>
    }
}
