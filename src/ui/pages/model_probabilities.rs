//! The part of the Model page that yes/no targets have: calibration, curves, gains, thresholds, and the money of contacting.

use std::sync::Arc;

use leptos::prelude::*;

use crate::{
    charts::ChartRequest,
    engine::{
        models::{comparison::Comparison, yes_no::Probabilities},
        words,
    },
    ui::components::{Cell, Chart, Table, Term},
};

const NONE: &str = "This model has no held-out probabilities.";

/// Figures and charts of one family's held-out probabilities.
#[component]
pub fn ProbabilitiesView(
    /// The comparison.
    compared: Memo<Option<Arc<Comparison>>>,
    /// Whose.
    family: Memo<String>,
) -> impl IntoView {
    let chart = move |slug: &'static str| Signal::derive(move || ChartRequest::new(slug, [family.get()]));
    let of = Memo::new(move |_| {
        let family = family.get();
        compared.with(|c| {
            let all = c.as_ref()?.yes_no.as_ref()?;
            all.families.iter().find(|f| f.family == family).cloned()
        })
    });
    let context = move || {
        compared.with(|c| {
            let found = c.as_ref().and_then(|c| c.yes_no.as_ref().map(|y| (&c.plan.target, y)));
            found.map_or_else(String::new, |(target, y)| {
                format!("Yes is {target} = {}: {} of rows. ", y.yes, words::share(y.n_yes, y.n))
            })
        })
    };
    let header = Signal::stored(
        ["Called yes from", "Rows", "Yes among them", "Precision", "Recall", "No taken for yes"]
            .map(str::to_owned)
            .to_vec(),
    );
    let rows = Signal::derive(move || of.with(|of| of.as_ref().map(threshold_rows).unwrap_or_default()));
    view! {
        <p class="quiet">
            {context}
            <Term word="Calibration" means="Whether probabilities can be taken at their word: of the rows given 20 %, about 20 % should say yes. What a contact is worth depends on it." />
            " says whether probabilities can be taken at their word; the other charts say how well they rank."
        </p>
        <div class="pair">
            <Chart request=chart("calibration") height=360 instead=NONE />
            <Chart request=chart("roc") height=360 instead="There is no curve: the held-out rows are all yes or all no." />
        </div>
        <div class="pair">
            <Chart request=chart("gains") height=340 instead=NONE />
            <Chart request=chart("lift") height=340 instead=NONE />
        </div>
        <div class="pair">
            <Chart request=chart("precision_recall") height=360 instead=NONE />
            <Chart request=chart("threshold_profit") height=360
                instead="What contacting people brings is drawn here when the target is the response and the table has a column with the value of a response and one with the cost of a contact, or both are entered on the Decide page." />
        </div>
        <details class="facts-box" data-section="thresholds">
            <summary>"What each threshold finds"</summary>
            <Table caption="Thresholds on the probability" header rows />
            <p class="quiet">
                <Term word="Precision" means="Of the rows called yes, the share that is." /> ", "
                <Term word="recall" means="Of all yes, the share that is called so." />
                " and the share of no taken for yes, when every row of at least this probability is called yes."
            </p>
        </details>
    }
}

fn threshold_rows(of: &Probabilities) -> Vec<Vec<Cell>> {
    let share = |v: Option<f64>| Cell::number(v.map_or_else(|| words::NOTHING.to_owned(), words::percent));
    let row = |t: &crate::engine::models::yes_no::gains::ThresholdRow| {
        vec![
            Cell::number(words::percent(t.threshold)),
            Cell::number(words::count(t.n)),
            Cell::number(words::count(t.n_yes)),
            share(t.precision),
            share(t.recall),
            share(t.false_alarms),
        ]
    };
    of.thresholds.iter().map(row).collect()
}
