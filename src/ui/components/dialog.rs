//! A dialog over the page, or a sheet at its edge. Escape and a click outside close it, unless something would be lost.

use leptos::{html, prelude::*};

use super::{
    button::{Button, ButtonKind},
    icon::IconName,
    unique_id,
};

/// Where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DialogKind {
    /// In the middle.
    #[default]
    Middle,
    /// At the right; at the bottom of a phone.
    Sheet,
}

/// A dialog. Its children are made when it opens.
#[component]
pub fn Dialog(
    #[prop(into)] title: Signal<String>,
    #[prop(into)] is_open: Signal<bool>,
    #[prop(into)] on_close: Callback<()>,
    /// Asked before the user closes it: whether nothing would be lost.
    #[prop(optional, into)]
    may_close: Option<Callback<(), bool>>,
    #[prop(optional)] kind: DialogKind,
    /// Buttons at the foot.
    #[prop(optional, into)]
    actions: Option<ViewFn>,
    children: ChildrenFn,
) -> impl IntoView {
    let dialog_ref = NodeRef::<html::Dialog>::new();
    let id = unique_id("dialog");
    Effect::new(move |_| {
        let is_open = is_open.get();
        if let Some(dialog) = dialog_ref.get() {
            if is_open && !dialog.open() {
                let _ = dialog.show_modal();
            } else if !is_open && dialog.open() {
                dialog.close();
            }
        }
    });
    let may_close = move || may_close.is_none_or(|may| may.run(()));
    let ask = move |()| {
        if may_close() {
            on_close.run(());
        }
    };
    let click = move |event: web_sys::MouseEvent| {
        let is_outside = dialog_ref.get().is_some_and(|d| {
            use wasm_bindgen::JsCast;
            event.target().is_some_and(|t| t == *d.unchecked_ref::<web_sys::EventTarget>())
        });
        if is_outside {
            ask(());
        }
    };
    // The browser closes a dialog by itself with Escape.
    let cancel = move |event: web_sys::Event| {
        if !may_close() {
            event.prevent_default();
        }
    };
    let title_id = id.clone();
    let children = StoredValue::new(children);
    let actions = StoredValue::new(actions);
    view! {
        <dialog
            class="dialog"
            data-kind=if kind == DialogKind::Sheet { "sheet" } else { "middle" }
            aria-labelledby=id.clone()
            node_ref=dialog_ref
            on:click=click
            on:cancel=cancel
            on:close=move |_| on_close.run(())
        >
            <div class="dialog__frame">
                <header class="dialog__header">
                    <h2 class="dialog__title" id=title_id>{title}</h2>
                    <Button
                        kind=ButtonKind::Quiet icon=IconName::Close label="Close"
                        on_press=ask
                    />
                </header>
                <Show when=move || is_open.get()>
                    <div class="dialog__body">{children.with_value(|c| c())}</div>
                    {actions.get_value().map(|a| view! { <footer class="dialog__footer">{a.run()}</footer> })}
                </Show>
            </div>
        </dialog>
    }
}
