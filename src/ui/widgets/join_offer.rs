//! A file of another shape than the open table: how it could be joined by a key, shown before anything is done.

use leptos::{prelude::*, task::spawn_local};

use super::file_list::MatchWords;
use crate::{
    engine::{
        data::combine::{Aside, JoinPlan, JoinReport, Repeats},
        words::{self, counted, rows_of},
    },
    protocol::Notice,
    ui::{
        components::{Button, ButtonKind, Card, Choice, Select},
        session::{Session, actions},
    },
};

/// Every file that stands aside, each with what can be done with it.
#[component]
pub fn JoinOffers() -> impl IntoView {
    let session = Session::expect();
    let aside = Memo::new(move |_| session.loaded().map(|l| l.aside.clone()).unwrap_or_default());
    let offers = move || {
        let offers = aside.get().into_iter().enumerate();
        offers.map(|(index, aside)| view! { <JoinOffer aside index /> }).collect_view()
    };
    view! { <div class="join-offers">{offers}</div> }
}

/// What is known of a pair of keys.
#[derive(Clone, PartialEq)]
enum Look {
    Asked,
    Known(Box<JoinReport>),
    Refused(Notice),
}

#[component]
fn JoinOffer(aside: Aside, index: usize) -> impl IntoView {
    let session = Session::expect();
    let first = aside.best.clone();
    let plan = RwSignal::new(JoinPlan {
        left: first.as_ref().map(|j| j.left.clone()).unwrap_or_default(),
        right: first.as_ref().map(|j| j.right.clone()).unwrap_or_default(),
        repeats: Repeats::Refuse,
    });
    let look = RwSignal::new(first.map(|report| Look::Known(Box::new(report))));
    let place = aside.place;
    let choose = move |edit: &dyn Fn(&mut JoinPlan)| {
        plan.update(|plan| edit(plan));
        let asked = plan.get_untracked();
        if asked.left.is_empty() || asked.right.is_empty() {
            return;
        }
        look.set(Some(Look::Asked));
        spawn_local(async move {
            let answer = actions::look_at_join(session, place, asked.clone()).await;
            // Another pair may have been chosen meanwhile.
            let is_current = plan.with_untracked(|p| p.left == asked.left && p.right == asked.right);
            if is_current {
                look.set(Some(match answer {
                    Ok(report) => Look::Known(Box::new(report)),
                    Err(notice) => Look::Refused(notice),
                }));
            }
        });
    };
    let report = Memo::new(move |_| match look.get() {
        Some(Look::Known(report)) => Some(*report),
        _ => None,
    });
    let is_repeated = Memo::new(move |_| report.with(|r| r.as_ref().is_some_and(|r| r.n_repeated_keys > 0)));
    let can_join = move || {
        let is_settled = !is_repeated.get() || plan.with(|p| p.repeats != Repeats::Refuse);
        is_settled && report.with(|r| r.as_ref().is_some_and(|r| r.n_rows_matched > 0))
    };
    let own: Vec<Choice> = session
        .dataset
        .with_untracked(|d| d.loaded().cloned())
        .map(|l| l.table.columns.iter().map(|c| Choice::same(c.name.clone())).collect())
        .unwrap_or_default();
    let theirs: Vec<Choice> = aside.columns.iter().map(|c| Choice::same(c.clone())).collect();
    let with_none = |mut choices: Vec<Choice>| {
        choices.insert(0, Choice::new("", "Choose a column"));
        Signal::stored(choices)
    };
    let name = aside.name.clone();
    let repeats = move || {
        let report = report.get().filter(|r| r.n_repeated_keys > 0)?;
        Some(view! { <RepeatChoice report plan /> })
    };
    let title = format!("{name} has other columns than the open table");
    let subtitle = format!(
        "{} and {}, of which the table has {}. Join it by a key: its columns come beside your rows, and every row stays.",
        rows_of(aside.n_rows),
        counted(aside.columns.len() as u64, "column", "columns"),
        words::count(aside.n_shared),
    );
    let act = move |what: actions::Aside| actions::put_aside(session, index, what);
    // Mostly the same columns: another month of the same export.
    let is_alike = 2 * aside.n_shared > aside.columns.len() as u64;
    let (append_kind, join_kind) = if is_alike {
        (ButtonKind::Primary, ButtonKind::Secondary)
    } else {
        (ButtonKind::Secondary, ButtonKind::Primary)
    };
    let append = (aside.n_shared > 0).then(|| {
        let label = if is_alike { "Append its rows" } else { "Append its rows instead" };
        view! { <Button kind=append_kind on_press=move |()| act(actions::Aside::Append)>{label}</Button> }
    });
    let file = name.clone();
    let their_key = format!("Key in {name}");
    let join = format!("Join {name}");
    view! {
        <div data-role="join-offer" data-file=file>
            <Card title subtitle>
                <div class="row row--end">
                    <Select
                        label="Key in this table" choices=with_none(own)
                        value=Signal::derive(move || plan.with(|p| p.left.clone()))
                        on_change=move |column: String| choose(&|p: &mut JoinPlan| p.left.clone_from(&column))
                    />
                    <Select
                        label=their_key choices=with_none(theirs)
                        value=Signal::derive(move || plan.with(|p| p.right.clone()))
                        on_change=move |column: String| choose(&|p: &mut JoinPlan| p.right.clone_from(&column))
                    />
                </div>
                <Found look />
                {repeats}
                <div class="row">
                    <Button
                        kind=join_kind disabled=Signal::derive(move || !can_join())
                        on_press=move |()| act(actions::Aside::Join(plan.get_untracked()))
                    >
                        {join}
                    </Button>
                    {append}
                    <Button on_press=move |()| act(actions::Aside::OpenAlone)>"Open it alone"</Button>
                    <Button kind=ButtonKind::Quiet on_press=move |()| act(actions::Aside::LeaveOut)>"Leave it out"</Button>
                </div>
            </Card>
        </div>
    }
}

/// What is known of the pair chosen.
#[component]
fn Found(look: RwSignal<Option<Look>>) -> impl IntoView {
    let none = "No column of it shares values with one of this table. Choose the pair that does.";
    let found = move || match look.get() {
        None => view! { <p class="quiet">{none}</p> }.into_any(),
        Some(Look::Asked) => view! { <p class="quiet">"Comparing keys…"</p> }.into_any(),
        Some(Look::Known(report)) => view! { <MatchWords report=*report /> }.into_any(),
        Some(Look::Refused(notice)) => view! { <p class="match__refused">{notice.detail}</p> }.into_any(),
    };
    view! { <div aria-live="polite">{found}</div> }
}

/// What to do where keys occur more than once: nothing is joined before that is said.
#[component]
fn RepeatChoice(report: JoinReport, plan: RwSignal<JoinPlan>) -> impl IntoView {
    let examples: Vec<String> = report
        .repeated
        .iter()
        .take(3)
        .map(|(key, n)| format!("{key} ({} times)", words::count(*n)))
        .collect();
    let told = format!(
        "{} more than once in {}, in {}: {}. Joined as they are, your rows would be counted several times ({} instead of {}).",
        if report.n_repeated_keys == 1 {
            "1 key occurs".to_owned()
        } else {
            format!("{} keys occur", words::count(report.n_repeated_keys))
        },
        report.file,
        rows_of(report.n_repeated_rows),
        words::list(&examples),
        words::count(report.n_rows_if_every),
        words::count(report.n_rows),
    );
    let choices: Vec<Choice> = Repeats::ALL.map(|r| Choice::new(r.slug(), r.label())).to_vec();
    let choose = move |slug: String| {
        if let Some(repeats) = Repeats::from_slug(&slug) {
            plan.update(|p| p.repeats = repeats);
        }
    };
    view! {
        <div class="match__repeats" data-role="repeats">
            <p>{told}</p>
            <Select
                label="What to do with them" choices=Signal::stored(choices)
                value=Signal::derive(move || plan.with(|p| p.repeats.slug().to_owned()))
                on_change=choose
            />
        </div>
    }
}
