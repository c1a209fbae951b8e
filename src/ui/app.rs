//! The app: session, route, shell, and the page that is open.

use leptos::prelude::*;

use super::{
    pages::{
        clean::CleanPage, data::DataPage, decide::DecidePage, explore::ExplorePage, features::FeaturesPage,
        model::ModelPage, report::ReportPage, runs::RunsPage, segment::SegmentPage,
    },
    route::{Page, Route},
    session::{Session, kept::Kept, runs::Runs},
    shell::Shell,
};
use crate::platform::theme;

/// The whole page.
#[component]
pub fn App() -> impl IntoView {
    let route = Route::provide();
    let session = Session::provide(route);
    Runs::provide(session);
    Kept::provide(session);
    theme::watch_system(move || session.theme_version.update(|v| *v += 1));
    Effect::new(move |_| {
        theme::apply(session.theme_choice.get());
        session.theme_version.update(|v| *v += 1);
    });
    let page = Memo::new(move |_| route.page());
    Effect::new(move |_| document().set_title(&format!("{} · Assay", page.get().title())));

    view! {
        <Shell>
            {move || match page.get() {
                Page::Data => view! { <DataPage /> }.into_any(),
                Page::Clean => view! { <CleanPage /> }.into_any(),
                Page::Features => view! { <FeaturesPage /> }.into_any(),
                Page::Explore => view! { <ExplorePage /> }.into_any(),
                Page::Model => view! { <ModelPage /> }.into_any(),
                Page::Segment => view! { <SegmentPage /> }.into_any(),
                Page::Decide => view! { <DecidePage /> }.into_any(),
                Page::Runs => view! { <RunsPage /> }.into_any(),
                Page::Report => view! { <ReportPage /> }.into_any(),
            }}
        </Shell>
    }
}
