//! A thin line of work done, its words, and Stop.

use leptos::prelude::*;

use super::{
    button::{Button, ButtonKind},
    icon::IconName,
};
use crate::{engine::words, ui::format};

/// How far work has come. Without a total the line moves.
#[component]
pub fn Progress(
    #[prop(into)] done: Signal<u64>,
    #[prop(into)] total: Signal<u64>,
    #[prop(into)] label: Signal<String>,
    #[prop(optional, into)] on_stop: Option<Callback<()>>,
) -> impl IntoView {
    let share = move || {
        let total = total.get();
        (total > 0).then(|| (done.get() as f64 / total as f64).clamp(0.0, 1.0))
    };
    let words = move || {
        let label = label.get();
        match total.get() {
            0 => label,
            n if n > 100_000 => format!("{label} · {} of {}", format::bytes(done.get()), format::bytes(n)),
            n => format!("{label} · {} of {}", words::count(done.get()), words::count(n)),
        }
    };
    view! {
        <div class="progress">
            <div
                class="progress__track"
                role="progressbar"
                aria-label=label
                aria-valuemin="0"
                aria-valuemax="100"
                aria-valuenow=move || share().map(|s| format!("{:.0}", s * 100.0))
                data-unknown=move || share().is_none().then_some("")
            >
                <div class="progress__bar" style:transform=move || share().map(|s| format!("scaleX({s:.3})"))></div>
            </div>
            <div class="progress__words">
                <span>{words}</span>
                {on_stop.map(|stop| view! {
                    <Button kind=ButtonKind::Quiet small=true icon=IconName::Stop on_press=stop>"Stop"</Button>
                })}
            </div>
        </div>
    }
}
