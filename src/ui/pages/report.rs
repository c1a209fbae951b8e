//! The Report page: what will be in the report, the report as it will be read, and the formats it can be saved in.

use std::sync::Arc;

use leptos::{html, prelude::*, task::spawn_local};

use crate::{
    charts::{ChartRequest, REPORT_WIDTH, Theme},
    engine::{statistics::claim::Grade, words},
    platform::{download, echarts, files, paper, time},
    protocol::{Notice, Reply, Request},
    ui::{
        components::{
            Button, ButtonKind, Card, Checkbox, IconName, NeedsData, NextStep, NoticeBox, NoticeKind,
            PageHeader, Progress,
        },
        format,
        route::Page,
        session::{Session, queries::StepState, recipes, state::ToastKind},
    },
};

/// The report as one file.
#[derive(Debug, Clone, PartialEq)]
enum Paper {
    /// Not begun, or results are still on their way.
    Waiting,
    /// Charts are being drawn.
    Drawing {
        done: u64,
        total: u64,
    },
    Ready(Arc<String>),
    Failed(Notice),
}

/// The Report page.
#[component]
pub fn ReportPage() -> impl IntoView {
    let session = Session::expect();
    let sentence = Signal::derive(move || {
        let name = session.loaded().map(|l| l.receipt.file_name.clone());
        name.map_or_else(
            || "Everything that was found, in one file that opens anywhere.".to_owned(),
            |name| {
                format!(
                    "Everything that was found in {name}, in one file that opens anywhere and loads nothing."
                )
            },
        )
    });
    view! {
        <div class="page report">
            <PageHeader title="Report" sentence />
            <NeedsData what="The report gathers the receipt, cleaning, findings, models, segments and the decision, with every number's record.">
                <ReportBody />
            </NeedsData>
            <Show when=move || session.prepared.with(Option::is_none)>
                <LoadRecipe />
            </Show>
        </div>
    }
}

#[component]
fn ReportBody() -> impl IntoView {
    let session = Session::expect();
    let paper = RwSignal::new(Paper::Waiting);
    let latest = StoredValue::new(0_u64);
    // Saved as soon as it is there, when the button was pressed before.
    let is_wanted = RwSignal::new(false);
    let is_masked = RwSignal::new(false);
    let results = results(session);

    Effect::new(move |_| {
        let _ = results.get();
        let mask = is_masked.get();
        if is_working(session) {
            return;
        }
        let build = latest.get_value() + 1;
        latest.set_value(build);
        spawn_local(draw_report(session, paper, mask, move || latest.try_get_value() == Some(build)));
    });
    Effect::new(move |_| {
        if let Paper::Ready(report) = paper.get()
            && is_wanted.get()
        {
            is_wanted.set(false);
            download::save("report.html", "text/html", report.as_bytes());
        }
    });
    // What was drawn for a page that is gone is of no use.
    on_cleanup(move || latest.set_value(0));

    view! {
        <div class="report__columns">
            <div class="report__side">
                <Card title="Save">
                    <Button
                        kind=ButtonKind::Primary icon=IconName::Download busy=is_wanted
                        on_press=move |()| is_wanted.set(true)
                    >
                        {move || if is_wanted.get() { "Drawing the charts…" } else { "Download report" }}
                    </Button>
                    <Checkbox
                        label="Leave out groups of fewer than 10" help="And charts that show single rows"
                        checked=is_masked on_change=move |on: bool| is_masked.set(on)
                    />
                    <Formats is_masked />
                </Card>
                <Card title="In the report">
                    <Contents />
                </Card>
            </div>
            <Preview paper />
        </div>
        <LoadRecipe />
        <NextStep to=Page::Runs text="Compare what was run, or go back to an earlier recipe." />
    }
}

/// Changes whenever something a report shows has changed.
fn results(session: Session) -> Memo<(u64, [usize; 6])> {
    fn place<T: Send + Sync>(value: Option<&Arc<T>>) -> usize {
        value.map_or(0, |v| Arc::as_ptr(v).cast::<u8>() as usize)
    }
    Memo::new(move |_| {
        let places = [
            session.prepared.with(|p| place(p.as_ref())),
            session.exploration.with(|s| place(s.value().as_ref())),
            session.comparison.with(|s| place(s.value().as_ref())),
            session.explanation.with(|s| place(s.value().as_ref())),
            session.segmentation.with(|s| place(s.value().as_ref())),
            session.decision.with(|s| place(s.value().as_ref())),
        ];
        (u64::from(is_working(session)), places)
    })
}

/// Whether something a report shows is still on its way.
fn is_working(session: Session) -> bool {
    session.preparing.with(Option::is_some)
        || session.exploration.with(|s| s.running().is_some())
        || session.comparison.with(|s| s.running().is_some())
        || session.explanation.with(|s| s.running().is_some())
        || session.segmentation.with(|s| s.running().is_some())
        || session.decision.with(|s| s.running().is_some())
}

/// Draws every chart of the report, then has the file written. Gives up when `is_wanted` says so.
async fn draw_report(
    session: Session,
    paper: RwSignal<Paper>,
    mask_small_groups: bool,
    is_wanted: impl Fn() -> bool,
) {
    let set = |value: Paper| {
        if is_wanted() {
            paper.try_set(value);
        }
    };
    let charts = match session.ask(Request::ReportCharts).await {
        Ok((Reply::ReportCharts { charts }, _)) => charts,
        Ok(_) => Vec::new(),
        Err(notice) => return set(Paper::Failed(notice)),
    };
    let total = charts.len() as u64;
    let mut pictures: Vec<(ChartRequest, String)> = Vec::new();
    for (i, chart) in charts.into_iter().enumerate() {
        if !is_wanted() {
            return;
        }
        set(Paper::Drawing { done: i as u64, total });
        // A chart that cannot be drawn leaves its sentence and table in the report.
        if let Ok((Reply::Drawn { picture: Some(picture) }, _)) =
            session.ask(Request::Draw { chart: chart.clone(), theme: Theme::light() }).await
            && let Ok(svg) = echarts::picture_svg(&picture.option, REPORT_WIDTH, picture.height).await
        {
            pictures.push((chart, svg));
        }
        time::breathe().await;
    }
    if !is_wanted() {
        return;
    }
    match session.ask(Request::Export { format: "html".into(), pictures, mask_small_groups }).await {
        Ok((_, attachments)) => {
            let bytes = attachments.into_iter().next().unwrap_or_default();
            set(Paper::Ready(Arc::new(String::from_utf8_lossy(&bytes).into_owned())));
        }
        Err(notice) => set(Paper::Failed(notice)),
    }
}

/// The formats beside the one file, and the summary for a chat.
#[component]
fn Formats(is_masked: RwSignal<bool>) -> impl IntoView {
    let session = Session::expect();
    let formats = Memo::new(move |_| session.loaded().map(|l| l.formats.clone()).unwrap_or_default());
    let list = move || {
        formats
            .get()
            .into_iter()
            .filter(|(slug, ..)| slug != "html")
            .map(|(slug, title, help)| {
                let is_copied = slug == "summary";
                let words =
                    if is_copied { "Copy the short summary".to_owned() } else { format!("Save {title}") };
                let icon = if is_copied { IconName::File } else { IconName::Download };
                let press = move |()| {
                    let slug = slug.clone();
                    let mask = is_masked.get_untracked();
                    spawn_local(async move { export(session, &slug, is_copied, mask).await });
                };
                view! {
                    <li class="report__format">
                        <Button icon on_press=press>{words}</Button>
                        <span class="quiet small">{help}</span>
                    </li>
                }
            })
            .collect_view()
    };
    view! { <ul class="report__formats">{list}</ul> }
}

/// Has a format written and saves it, or copies it as text.
async fn export(session: Session, slug: &str, is_copied: bool, mask_small_groups: bool) {
    let format = slug.to_owned();
    match session.ask(Request::Export { format, pictures: Vec::new(), mask_small_groups }).await {
        Ok((Reply::Exported { file_name, mime }, attachments)) => {
            let bytes = attachments.into_iter().next().unwrap_or_default();
            if is_copied && download::copy(&String::from_utf8_lossy(&bytes)).await {
                session.say(ToastKind::Good, "The summary is on the clipboard");
            } else {
                download::save(&file_name, &mime, &bytes);
                session.say(ToastKind::Good, format!("Saved {file_name}"));
            }
        }
        Ok(_) => {}
        Err(notice) => session.toast(ToastKind::Bad, notice, false),
    }
}

/// What is in the report, and where to make what is not.
#[component]
fn Contents() -> impl IntoView {
    let session = Session::expect();
    let pages =
        [Page::Data, Page::Clean, Page::Features, Page::Explore, Page::Model, Page::Segment, Page::Decide];
    let rows = pages
        .map(|page| {
            let state = Memo::new(move |_| session.result_state(page));
            let words = move || match state.get() {
                StepState::Done if page == Page::Clean && session.is_clean() => "Nothing to clean".to_owned(),
                StepState::Done => found(session, page),
                StepState::Stale => "Out of date: the table has changed since".to_owned(),
                StepState::Running(_) => "Being worked out".to_owned(),
                StepState::Failed => "Failed".to_owned(),
                StepState::Ready | StepState::Empty => "Not in the report yet".to_owned(),
            };
            view! {
                <li class="contents__item" data-state=move || state.get().slug()>
                    <a class="contents__title" href=page.href()>{page.title()}</a>
                    <span class="contents__words">{words}</span>
                </li>
            }
        })
        .collect_view();
    view! { <ol class="contents">{rows}</ol> }
}

/// A few words on what a part found.
fn found(session: Session, page: Page) -> String {
    let counted = |n: usize, one: &str, many: &str| words::counted(n as u64, one, many);
    let (n_clean, n_features) = session.n_steps();
    match page {
        Page::Data => session
            .loaded()
            .map_or_else(String::new, |l| words::size(l.table.n_rows, l.table.columns.len() as u64)),
        Page::Clean => counted(n_clean, "step", "steps"),
        Page::Features => counted(n_features, "step", "steps"),
        Page::Explore => session.exploration.with(|s| s.value()).map_or_else(String::new, |e| {
            let n = e.claims.iter().filter(|c| c.grade == Grade::Supported).count();
            format!("{}, {n} supported", counted(e.claims.len(), "finding", "findings"))
        }),
        Page::Model => session.comparison.with(|s| s.value()).map_or_else(String::new, |c| {
            let n = c.results.iter().filter(|r| r.error.is_none()).count();
            format!("{} of {}", counted(n, "model", "models"), c.plan.target)
        }),
        Page::Segment => session
            .segmentation
            .with(|s| s.value())
            .map_or_else(String::new, |s| counted(s.k as usize, "segment", "segments")),
        Page::Decide => session.decision.with(|s| s.value()).map_or_else(String::new, |d| {
            let parts = [
                (d.contacts.is_some() || d.retargeting.is_some()).then_some("whom to contact"),
                d.budget.as_ref().map(|_| "where to move budget"),
                d.proof().map(|_| "how to prove it"),
            ];
            parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
        }),
        Page::Runs | Page::Report => String::new(),
    }
}

/// The report as it will be read.
#[component]
fn Preview(paper: RwSignal<Paper>) -> impl IntoView {
    let sheet_ref = NodeRef::<html::Div>::new();
    let shown = Memo::new(move |_| {
        paper.with(|p| match p {
            Paper::Ready(report) => Some(report.clone()),
            _ => None,
        })
    });
    Effect::new(move |_| {
        if let (Some(sheet), Some(report)) = (sheet_ref.get(), shown.get()) {
            // A browser too old for shadow styles shows no preview; the file is unharmed.
            let _ = paper::show(&sheet, &report);
        }
    });
    let is_drawing = Memo::new(move |_| paper.with(|p| matches!(p, Paper::Waiting | Paper::Drawing { .. })));
    let done =
        Signal::derive(move || paper.with(|p| if let Paper::Drawing { done, .. } = p { *done } else { 0 }));
    let total =
        Signal::derive(move || paper.with(|p| if let Paper::Drawing { total, .. } = p { *total } else { 0 }));
    let failure = move || {
        paper.with(|p| match p {
            Paper::Failed(notice) => Some(notice.clone()),
            _ => None,
        })
    };
    let size = move || {
        shown
            .with(|r| r.as_ref().map(|r| format!("{}, no network, no script", format::bytes(r.len() as u64))))
    };
    view! {
        <section class="report__preview" aria-labelledby="preview-title" data-ready=move || shown.with(Option::is_some).to_string()>
            <header class="report__preview-head">
                <h2 id="preview-title">"Preview"</h2>
                <span class="quiet small">{size}</span>
            </header>
            <Show when=move || is_drawing.get()>
                <Progress done total label="Drawing the charts" />
            </Show>
            {move || failure().map(|notice| view! { <NoticeBox notice kind=NoticeKind::Bad /> })}
            <div
                class="report__paper" role="group" tabindex="0" aria-label="Preview of the report"
                data-waiting=move || is_drawing.get().then_some("") node_ref=sheet_ref
            ></div>
        </section>
    }
}

/// A recipe from a file, by picker or drop.
#[component]
fn LoadRecipe() -> impl IntoView {
    let session = Session::expect();
    let is_over = RwSignal::new(false);
    let pick = move |()| files::pick(".json,application/json", move |file| recipes::load(session, file));
    let over = move |event: web_sys::DragEvent| {
        event.prevent_default();
        event.stop_propagation();
        is_over.set(true);
    };
    let dropped = move |event: web_sys::DragEvent| {
        event.prevent_default();
        event.stop_propagation();
        is_over.set(false);
        if let Some(file) = files::dropped(event.data_transfer()).into_iter().next() {
            recipes::load(session, file);
        }
    };
    view! {
        <section
            class="load-recipe" aria-labelledby="load-recipe-title" data-over=move || is_over.get().then_some("")
            on:dragenter=over on:dragover=over on:dragleave=move |_| is_over.set(false) on:drop=dropped
        >
            <div>
                <h2 id="load-recipe-title">"Load a recipe"</h2>
                <p class="quiet">
                    "A recipe.json repeats every step and choice on the open table. On the same file it gives the same numbers."
                </p>
            </div>
            <Button icon=IconName::Upload on_press=pick>"Load a recipe…"</Button>
        </section>
    }
}
