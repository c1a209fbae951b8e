//! What happened, in words: notices that stay in their place, and the message that is shown for a while.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::{
    button::{Button, ButtonKind},
    icon::{Icon, IconName},
};
use crate::{
    protocol::Notice,
    ui::session::{
        Session, actions,
        state::{Toast, ToastKind},
    },
};

/// How a notice is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NoticeKind {
    /// Worth knowing.
    #[default]
    Note,
    /// Worth a second look.
    Caution,
    /// Something did not work.
    Bad,
}

impl NoticeKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Caution => "caution",
            Self::Bad => "bad",
        }
    }
}

/// A notice in its place: what, where, what to try.
#[component]
pub fn NoticeBox(
    notice: Notice,
    #[prop(optional)] kind: NoticeKind,
    /// Buttons.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let icon = if kind == NoticeKind::Note { IconName::Info } else { IconName::Warning };
    let role = if kind == NoticeKind::Bad { "alert" } else { "status" };
    view! {
        <div class="notice" data-kind=kind.as_str() role=role>
            <Icon name=icon />
            <div class="notice__text">
                <p class="notice__title">{notice.title}</p>
                {(!notice.detail.is_empty()).then(|| view! { <p>{notice.detail.clone()}</p> })}
                {(!notice.remedy.is_empty()).then(|| view! { <p class="notice__remedy">{notice.remedy.clone()}</p> })}
                {children.map(|c| view! { <div class="notice__actions">{c()}</div> })}
            </div>
        </div>
    }
}

/// Where a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToastPlace {
    /// In the top bar, beside undo and redo, over nothing that is worked on: what goes by itself.
    Bar,
    /// Above the page, which it moves down: what did not work and stays until it is closed.
    Page,
}

/// The latest message of the session where it belongs here. Stands once for each place.
#[component]
pub fn Toasts(place: ToastPlace) -> impl IntoView {
    let session = Session::expect();
    let is_here = move |toast: &Toast| (toast.kind == ToastKind::Bad) == (place == ToastPlace::Page);
    let shown = Memo::new(move |_| session.toasts.with(|t| t.last().cloned()).filter(is_here));
    let one = move |toast: Toast| {
        let (kind, icon) = match toast.kind {
            ToastKind::Good => ("good", IconName::Check),
            ToastKind::Note => ("note", IconName::Info),
            ToastKind::Bad => ("bad", IconName::Warning),
        };
        let undo = move |()| {
            actions::undo(session);
            close_toast(session);
        };
        let Notice { title, detail, remedy, .. } = toast.notice;
        let more = [detail, remedy].into_iter().filter(|words| !words.is_empty());
        view! {
            <div class="toast" data-kind=kind>
                <Icon name=icon />
                <div class="toast__text">
                    <p class="toast__title">{title}</p>
                    {more.map(|words| view! { <p>{words}</p> }).collect_view()}
                </div>
                <div class="toast__actions">
                    {toast.can_undo.then(|| view! {
                        <Button kind=ButtonKind::Quiet small=true on_press=undo>"Undo"</Button>
                    })}
                    <Button
                        kind=ButtonKind::Quiet small=true label="Close this message"
                        on_press=move |()| close_toast(session)
                    >
                        "Close"
                    </Button>
                </div>
            </div>
        }
    };
    view! {
        <div class="toasts" data-place=match place { ToastPlace::Bar => "bar", ToastPlace::Page => "page" } role="status" aria-live="polite">{move || shown.get().map(one)}</div>
    }
}

/// Closes the message that is shown. Whoever was in it goes on at the page.
pub fn close_toast(session: Session) {
    let is_inside = matches!(document().query_selector(".toast:focus-within"), Ok(Some(_)));
    session.toasts.update(|toasts| {
        toasts.pop();
    });
    if is_inside {
        focus_main();
    }
}

/// Puts the keyboard at the top of the page.
pub fn focus_main() {
    if let Some(main) =
        document().get_element_by_id("main").and_then(|m| m.dyn_into::<web_sys::HtmlElement>().ok())
    {
        let _ = main.focus();
    }
}
