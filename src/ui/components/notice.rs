//! What happened, in words: notices that stay in their place, and toasts that float for a while.

use leptos::prelude::*;

use super::{
    button::{Button, ButtonKind},
    icon::{Icon, IconName},
};
use crate::{
    protocol::Notice,
    ui::session::{Session, actions, state::ToastKind},
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

/// The toasts of the session. Stands once in the app.
#[component]
pub fn Toasts() -> impl IntoView {
    let session = Session::expect();
    let close = move |id| session.toasts.update(|toasts| toasts.retain(|t| t.id != id));
    view! {
        <div class="toasts" role="status" aria-live="polite">
            <For each=move || session.toasts.get() key=|t| t.id let:toast>
                {
                    let id = toast.id;
                    let kind = match toast.kind {
                        ToastKind::Good => "good",
                        ToastKind::Note => "note",
                        ToastKind::Bad => "bad",
                    };
                    let icon = match toast.kind {
                        ToastKind::Good => IconName::Check,
                        ToastKind::Note => IconName::Info,
                        ToastKind::Bad => IconName::Warning,
                    };
                    let undo = move |()| {
                        actions::undo(session);
                        close(id);
                    };
                    let notice = toast.notice;
                    view! {
                        <div class="toast" data-kind=kind>
                            <Icon name=icon />
                            <div class="toast__text">
                                <p class="toast__title">{notice.title}</p>
                                {(!notice.detail.is_empty()).then(|| view! { <p>{notice.detail.clone()}</p> })}
                                {(!notice.remedy.is_empty()).then(|| view! { <p>{notice.remedy.clone()}</p> })}
                            </div>
                            {toast.can_undo.then(|| view! {
                                <Button kind=ButtonKind::Quiet small=true on_press=undo>"Undo"</Button>
                            })}
                            <Button
                                kind=ButtonKind::Quiet small=true icon=IconName::Close
                                label="Close this message" on_press=move |()| close(id)
                            />
                        </div>
                    }
                }
            </For>
        </div>
    }
}
