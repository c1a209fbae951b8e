//! A button: a verb with an object.

use leptos::prelude::*;

use super::icon::{Icon, IconName};

/// How much a button asks for attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ButtonKind {
    /// The one thing to do here.
    Primary,
    /// One of several things to do.
    #[default]
    Secondary,
    /// Without a frame.
    Quiet,
    /// Cannot be undone.
    Danger,
}

impl ButtonKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Secondary => "secondary",
            Self::Quiet => "quiet",
            Self::Danger => "danger",
        }
    }
}

/// A button. Its children are its words.
#[component]
pub fn Button(
    #[prop(optional)] kind: ButtonKind,
    /// What a click or Enter does.
    #[prop(into)]
    on_press: Callback<()>,
    #[prop(optional, into)] disabled: Signal<bool>,
    /// Whether what it started goes on.
    #[prop(optional, into)]
    busy: Signal<bool>,
    #[prop(optional)] icon: Option<IconName>,
    /// Words for a button that shows only an icon.
    #[prop(optional, into)]
    label: Option<String>,
    #[prop(optional)] small: bool,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let press = move |_| {
        if !busy.get_untracked() && !disabled.get_untracked() {
            on_press.run(());
        }
    };
    let is_icon_only = children.is_none();
    view! {
        <button
            type="button"
            class="button"
            data-kind=kind.as_str()
            data-size=if small { "small" } else { "normal" }
            data-icon-only=is_icon_only.then_some("")
            disabled=disabled
            aria-busy=move || busy.get().then_some("true")
            aria-label=label.clone()
            title=label
            on:click=press
        >
            {icon.map(|name| view! { <Icon name /> })}
            {children.map(|words| view! { <span class="button__words">{words()}</span> })}
        </button>
    }
}
