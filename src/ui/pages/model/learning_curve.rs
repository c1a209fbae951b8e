//! Would more rows help? The score of a model by the number of rows it is fitted on, drawn when asked for.

use leptos::prelude::*;

use super::Compared;
use crate::{
    charts::ChartRequest,
    engine::models::{comparison::FamilyResult, learning_curve::CurvePlan},
    ui::{
        components::{Button, ButtonKind, Chart, Choice, Face, FaceStatus, Select},
        hooks::{latest, part},
        session::{Session, actions},
    },
};

/// The section.
#[component]
pub(super) fn LearningCurveSection(compared: Compared) -> impl IntoView {
    let session = Session::expect();
    let drawn = latest(session.curve);
    let face = Face::of(session, session.curve);
    let families = part(compared, |c| {
        let scored = |r: &&FamilyResult| r.error.is_none() && r.family != "baseline";
        c.results
            .iter()
            .filter(scored)
            .map(|r| Choice::new(r.family.clone(), r.title.clone()))
            .collect::<Vec<_>>()
    });
    let wanted = RwSignal::new(None::<String>);
    let subject = part(compared, |c| c.subject().to_owned());
    let family = Signal::derive(move || {
        let shown = drawn.with(|d| d.as_ref().map(|d| d.plan.family.clone()));
        wanted.get().or(shown).unwrap_or_else(|| subject.get())
    });
    let draw = Callback::new(move |()| {
        let family = family.get_untracked();
        let family = if family == subject.get_untracked() { String::new() } else { family };
        actions::draw_curve(session, CurvePlan { family });
    });
    let has_curve = Memo::new(move |_| drawn.with(Option::is_some));
    let sentence = part(drawn, |c| c.sentence.clone());
    let notes = part(drawn, |c| c.notes.clone());
    view! {
        <section class="page__section" data-section="learning-curve" data-ready=move || face.is_ready.get().to_string()>
            <h2>"Would more rows help?"</h2>
            <p class="quiet">
                "A model is fitted on a sixteenth of the rows up to all of them and scored on the same held-out rows each time. Where its score still \
                 rises at the end, more rows would help."
            </p>
            <div class="controls">
                <Select label="Model" choices=families value=family on_change=move |f: String| wanted.set(Some(f)) />
                <Button kind=ButtonKind::Secondary on_press=draw busy=face.is_running>"Draw the learning curve"</Button>
            </div>
            <FaceStatus face on_again=Some(draw) again="Draw again" />
            <Show when=move || has_curve.get()>
                <p class="lead">{sentence}</p>
                <Chart request=Signal::stored(ChartRequest::new("learning_curve", [])) height=340 />
                <Show when=move || notes.with(|n| !n.is_empty())>
                    <ul class="notes">{move || notes.get().into_iter().map(|n| view! { <li>{n}</li> }).collect_view()}</ul>
                </Show>
            </Show>
        </section>
    }
}
