//! What speaks against columns as features: blocked ones, doubtful ones and those of no use, each with its evidence.

use leptos::prelude::*;

use crate::{
    engine::models::plan::{Candidate, Standing},
    ui::components::{Switch, Term},
};

/// Columns of one standing: name and reason.
type Reasons = Vec<(String, String)>;

/// The columns that something speaks against. Nothing is shown where nothing does.
#[component]
pub fn Standings(
    /// Every column but the target.
    #[prop(into)]
    candidates: Signal<Vec<Candidate>>,
    /// Leaks the user wants all the same.
    #[prop(into)]
    unblocked: Signal<Vec<String>>,
    /// The features as things stand.
    #[prop(into)]
    chosen: Signal<Vec<String>>,
    /// A leak is wanted, or no more.
    on_unblock: Callback<(String, bool)>,
    /// A doubtful column is wanted, or not.
    on_use: Callback<(String, bool)>,
) -> impl IntoView {
    let of = move |wanted: fn(&Standing) -> bool| {
        Signal::derive(move || {
            candidates.with(|all| {
                let found = all.iter().filter(|c| wanted(&c.standing));
                found
                    .map(|c| (c.column.clone(), c.standing.reason().unwrap_or_default().to_owned()))
                    .collect::<Reasons>()
            })
        })
    };
    let leaks = of(Standing::is_leak);
    let doubtful = of(|s| matches!(s, Standing::Doubtful { .. }));
    let aside = of(|s| s.is_held_back() && !s.is_leak());
    let useless = of(|s| matches!(s, Standing::Unusable { .. }));
    view! {
        <Switched
            section="blocked" reasons=leaks verb="anyway" on=unblocked on_change=on_unblock
            word="Blocked" means="These columns are known only after the target, or give it away by their values: a model that uses them looks good and predicts nothing."
        />
        <Switched
            section="doubtful" reasons=doubtful verb="" on=chosen on_change=on_use
            word="Look twice" means="These columns are used, but their values tell so much of the target that they may not be known before it. You know how they came about: switch off what is not known in time."
        />
        <Switched
            section="aside" reasons=aside verb="anyway" on=unblocked on_change=on_unblock
            word="Left aside" means="A model can only memorise these columns: what it learns from them does not help with new rows."
        />
        <Show when=move || useless.with(|u| !u.is_empty())>
            <details class="blocked">
                <summary class="field__label">{move || format!("Not used ({})", useless.with(Vec::len))}</summary>
                <ul class="blocked__list">
                    {move || useless.get().into_iter().map(|(column, reason)| view! {
                        <li class="blocked__item">
                            <span class="blocked__name">{column}</span>
                            <span class="blocked__reason">{reason}</span>
                        </li>
                    }).collect_view()}
                </ul>
            </details>
        </Show>
    }
}

/// Columns with their reason and a switch each.
#[component]
fn Switched(
    section: &'static str,
    reasons: Signal<Reasons>,
    /// What follows "Use this column" on the switch.
    verb: &'static str,
    /// The columns that are switched on.
    on: Signal<Vec<String>>,
    on_change: Callback<(String, bool)>,
    word: &'static str,
    means: &'static str,
) -> impl IntoView {
    let item = move |(column, reason): (String, String)| {
        let (own, key) = (column.clone(), column.clone());
        let label = format!("Use {column} {verb}").trim_end().to_owned();
        view! {
            <li class="blocked__item" data-column=column.clone()>
                <span class="blocked__name">{column.clone()}</span>
                <span class="blocked__reason">{reason}</span>
                <Switch
                    label
                    on=Signal::derive(move || on.with(|on| on.contains(&own)))
                    on_change=move |is_on: bool| on_change.run((key.clone(), is_on))
                />
            </li>
        }
    };
    view! {
        <Show when=move || reasons.with(|r| !r.is_empty())>
            <div class="blocked" data-section=section>
                <h3 class="field__label"><Term word means /></h3>
                <ul class="blocked__list">
                    <For each=move || reasons.get() key=Clone::clone let:one>{item(one)}</For>
                </ul>
            </div>
        </Show>
    }
}
