//! Where to go from here: nothing is a dead end.

use leptos::prelude::*;

use super::icon::{Icon, IconName};
use crate::ui::route::Page;

/// A link to the next page with one line of why.
#[component]
pub fn NextStep(to: Page, #[prop(into)] text: Signal<String>) -> impl IntoView {
    view! {
        <nav class="next-step" aria-label="Next step">
            <a class="next-step__link" href=to.href()>
                <span>
                    <span class="next-step__title">"Next: " {to.title()}</span>
                    <span class="next-step__text">{text}</span>
                </span>
                <Icon name=IconName::ArrowRight />
            </a>
        </nav>
    }
}
