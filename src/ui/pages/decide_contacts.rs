//! The part of the Decide page that contacts people one by one: whoever a model expects to pay for it.

use leptos::prelude::*;

use crate::{
    charts::ChartRequest,
    engine::{decisions::contacts::Contacts, words},
    ui::{
        components::{Button, Chart, IconName, MetricRow, MetricTile, Term},
        pages::{data::PersonalNote, decide::HoldOut},
        session::{Session, actions},
    },
};

/// Figures, profit curve and list of the people contacted.
#[component]
pub fn ContactsView(
    /// What was found; nothing is shown without.
    found: Memo<Option<Contacts>>,
) -> impl IntoView {
    let session = Session::expect();
    let tiles = move || {
        let currency = session.currency();
        let tiles = found.with(|f| f.as_ref().map(|f| tiles(f, currency.as_deref())).unwrap_or_default());
        tiles
            .into_iter()
            .map(|(label, value, note)| {
                view! { <MetricTile label value=Signal::stored(value) note=Signal::stored(Some(note)) /> }
            })
            .collect_view()
    };
    let request = Signal::derive(move || {
        ChartRequest::new("threshold_profit", found.with(|f| f.as_ref().map(|f| f.family.clone())))
    });
    let assumptions = move || {
        found
            .with(|f| f.as_ref().map(|f| f.assumptions.clone()).unwrap_or_default())
            .into_iter()
            .map(|a| view! { <li>{a}</li> })
            .collect_view()
    };
    let hold_out = Memo::new(move |_| found.with(|f| f.as_ref().and_then(|f| f.hold_out.clone())));
    let has_nobody = Signal::derive(move || found.with(|f| f.as_ref().is_none_or(|f| f.people == 0)));
    view! {
        <section class="page__section" data-section="contacts">
            <h2>"Person by person"</h2>
            <MetricRow>{tiles}</MetricRow>
            <div class="segment-choice__actions">
                <Button icon=IconName::Download small=true disabled=has_nobody on_press=move |()| actions::save_contacts(session)>
                    "Save these people as CSV"
                </Button>
            </div>
            <PersonalNote />
            <Chart request height=320 />
            <p class="quiet">
                "Each person is predicted by a model that had not seen that person: "
                <Term word="out of fold" means="The rows are held out in turn; a model trained on the others predicts them. So the figures hold for people like these who are not in the file." />
                "."
            </p>
            <details class="facts-box">
                <summary>"What this assumes"</summary>
                <ul class="notes">{assumptions}</ul>
            </details>
            <HoldOut found=hold_out title=Signal::stored("How to prove it".to_owned()) is_asked=Signal::stored(true) />
        </section>
    }
}

fn tiles(f: &Contacts, currency: Option<&str>) -> Vec<(&'static str, String, String)> {
    let cash = |v: f64| words::money(v.round(), currency);
    vec![
        (
            "Profit of contacting them",
            cash(f.profit),
            format!("95 % interval {}", words::interval_of(f.profit_interval, cash)),
        ),
        ("Contacting everyone", cash(f.profit_everyone), "as observed".to_owned()),
        ("People contacted", words::count(f.people), format!("of {}", words::count(f.n))),
        (
            "Responses among them",
            words::count(f.responses),
            format!("{} were expected", words::count(f.expected_responses.round() as u64)),
        ),
        (
            "Contacted from",
            words::percent(f.break_even),
            "expected response: cost of a contact / value of a response".to_owned(),
        ),
    ]
}
