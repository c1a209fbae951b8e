//! A chart with its sentence, its table, its downloads and how it was computed.

use std::sync::Arc;

use leptos::{html, prelude::*, task::spawn_local};

use super::{
    button::{Button, ButtonKind},
    table::{Cell, Table},
};
use crate::{
    charts::{ChartRequest, Picture, Theme},
    engine::words,
    platform::{
        download,
        echarts::{self, LiveChart},
        theme,
    },
    protocol::{Reply, Request},
    ui::session::Session,
};

/// Width of a saved SVG.
const SAVED_WIDTH: u32 = 720;

/// What stands under the chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Beneath {
    #[default]
    Nothing,
    Table,
    How,
}

/// Draws a request in the worker and shows it; draws again when the request, a result or the theme changes.
#[component]
pub fn Chart(
    /// Which chart, of what.
    #[prop(into)]
    request: Signal<ChartRequest>,
    /// Height kept free until the first picture is there, in pixels.
    #[prop(default = 300)]
    height: u32,
    /// Shown when there is nothing to draw.
    #[prop(optional, into)]
    instead: MaybeProp<String>,
) -> impl IntoView {
    let session = Session::expect();
    let drawing = drawn(session, request, instead);
    let Drawing { picture, is_waiting, trouble } = drawing;
    let canvas_ref = NodeRef::<html::Div>::new();
    let live = shown(drawing, canvas_ref);
    let beneath = RwSignal::new(Beneath::Nothing);
    let spoken = RwSignal::new(String::new());

    let title = move || picture.with(|p| p.as_ref().map(|p| words::unbroken(&p.title)));
    let alt = move || picture.with(|p| p.as_ref().map(|p| p.alt.clone()).unwrap_or_default());
    let shown_height = move || picture.with(|p| p.as_ref().map_or(height, |p| p.height));
    let has_picture = Memo::new(move |_| picture.with(Option::is_some));

    view! {
        <figure class="chart" data-waiting=move || is_waiting.get().to_string() data-ready=move || (!is_waiting.get() && has_picture.get()).to_string() data-chart=move || request.with(|r| r.chart.clone())>
            <figcaption class="chart__title">{move || title().unwrap_or_else(|| "\u{a0}".into())}</figcaption>
            <div
                class="chart__canvas"
                role="img"
                tabindex="0"
                aria-label=alt
                aria-busy=move || is_waiting.get().to_string()
                style:height=move || format!("{}px", shown_height())
                hidden=move || trouble.with(Option::is_some) && !has_picture.get()
                node_ref=canvas_ref
                on:keydown=move |event| walk(&event, live, spoken)
                on:blur=move |_| rest(live)
            ></div>
            <p class="visually-hidden" aria-live="polite">{move || spoken.get()}</p>
            {move || trouble.get().map(|t| view! { <p class="chart__trouble">{t}</p> })}
            <Show when=move || has_picture.get()>
                <div class="chart__actions">
                    <Toggle beneath on=Beneath::Table words="Table" />
                    <Button kind=ButtonKind::Quiet small=true on_press=move |()| save_svg(session, request.get_untracked(), drawing.trouble)>"SVG"</Button>
                    <Button kind=ButtonKind::Quiet small=true on_press=move |()| save_png(&request.get_untracked(), live)>"PNG"</Button>
                    <Toggle beneath on=Beneath::How words="How this was computed" />
                </div>
                <Under beneath picture />
            </Show>
        </figure>
    }
}

/// Where a chart stands.
#[derive(Clone, Copy)]
struct Drawing {
    picture: RwSignal<Option<Arc<Picture>>>,
    is_waiting: RwSignal<bool>,
    /// Why there is nothing to see.
    trouble: RwSignal<Option<String>>,
}

/// Asks for the picture, and again whenever it may have become another.
fn drawn(session: Session, request: Signal<ChartRequest>, instead: MaybeProp<String>) -> Drawing {
    let picture = RwSignal::new(None::<Arc<Picture>>);
    let is_waiting = RwSignal::new(true);
    let trouble = RwSignal::new(None::<String>);
    let latest = StoredValue::new(0_u64);
    let results = results(session);
    Effect::new(move |_| {
        let wanted = request.get();
        session.theme_version.track();
        // Read, not only tracked: a memo that nobody reads never looks at its sources.
        let _ = results.get();
        let ticket = latest.get_value() + 1;
        latest.set_value(ticket);
        is_waiting.set(true);
        spawn_local(async move {
            let answer = session.draw(wanted).await;
            // The page may be gone, or have asked for something else since.
            if latest.try_get_value() != Some(ticket) {
                return;
            }
            match answer {
                Ok(Some(new)) => {
                    trouble.set(None);
                    picture.set(Some(Arc::new(new)));
                }
                Ok(None) => {
                    picture.set(None);
                    trouble.set(Some(
                        instead.get_untracked().unwrap_or_else(|| "There is nothing to draw here.".into()),
                    ));
                    is_waiting.set(false);
                }
                Err(notice) if notice.is_stop => is_waiting.set(false),
                Err(notice) => {
                    trouble.set(Some(format!("{}. {}", notice.title, notice.remedy)));
                    is_waiting.set(false);
                }
            }
        });
    });
    Drawing { picture, is_waiting, trouble }
}

/// The chart on the page; gone with its component.
type Live = StoredValue<Option<LiveChart>, LocalStorage>;

/// Shows each new picture in the element.
fn shown(drawing: Drawing, canvas_ref: NodeRef<html::Div>) -> Live {
    let live = StoredValue::new_local(None::<LiveChart>);
    Effect::new(move |_| {
        let (Some(new), Some(element)) = (drawing.picture.get(), canvas_ref.get()) else { return };
        spawn_local(async move {
            let loaded = echarts::load().await;
            let shown = loaded.and_then(|()| {
                live.try_update_value(|live| {
                    let chart = match live.take() {
                        Some(chart) => chart,
                        None => LiveChart::new(&element)?,
                    };
                    let shown = chart.show(&new.option);
                    *live = Some(chart);
                    shown
                })
                .unwrap_or(Ok(()))
            });
            drawing.is_waiting.try_set(false);
            if let Err(error) = shown {
                drawing.trouble.try_set(Some(format!(
                    "{error}. Reload the page to try again; the table has the same figures."
                )));
            }
        });
    });
    on_cleanup(move || {
        live.try_update_value(Option::take);
    });
    live
}

/// Arrow keys go from figure to figure and say each; Escape ends that.
fn walk(event: &web_sys::KeyboardEvent, live: Live, spoken: RwSignal<String>) {
    let by = match event.key().as_str() {
        "ArrowRight" | "ArrowDown" => 1,
        "ArrowLeft" | "ArrowUp" => -1,
        "Escape" => return rest(live),
        _ => return,
    };
    event.prevent_default();
    if let Some(words) = live.with_value(|l| l.as_ref().and_then(|l| l.step(by))) {
        spoken.set(words);
    }
}

fn rest(live: Live) {
    live.with_value(|l| l.as_ref().map(LiveChart::rest));
}

fn file_name(request: &ChartRequest, end: &str) -> String {
    let words: Vec<&str> = std::iter::once(&request.chart).chain(&request.args).map(String::as_str).collect();
    let plain: String =
        words.join("-").chars().map(|c| if c.is_alphanumeric() || c == '-' { c } else { '_' }).collect();
    format!("{plain}.{end}")
}

fn save_svg(session: Session, wanted: ChartRequest, trouble: RwSignal<Option<String>>) {
    let name = file_name(&wanted, "svg");
    spawn_local(async move {
        // On paper the light theme is right, whatever the page wears.
        let drawn = session.ask(Request::Draw { chart: wanted, theme: Theme::light() }).await;
        let Ok((Reply::Drawn { picture: Some(picture) }, _)) = drawn else { return };
        match echarts::picture_svg(&picture.option, SAVED_WIDTH, picture.height).await {
            Ok(svg) => download::save(&name, "image/svg+xml", svg.as_bytes()),
            Err(error) => {
                trouble.try_set(Some(format!("{error}.")));
            }
        }
    });
}

fn save_png(wanted: &ChartRequest, live: Live) {
    let surface = theme::read().surface;
    if let Some(bytes) = live.with_value(|l| l.as_ref().and_then(|l| l.png(&surface).ok())) {
        download::save(&file_name(wanted, "png"), "image/png", &bytes);
    }
}

/// What a chart can depend on: it changes when a result is replaced, not while work goes on.
fn results(session: Session) -> Memo<[usize; 8]> {
    fn place<T>(value: Option<Arc<T>>) -> usize {
        value.map_or(0, |v| Arc::as_ptr(&v).cast::<()>() as usize)
    }
    Memo::new(move |_| {
        [
            session.prepared.with(|p| place(p.clone())),
            session.exploration.with(|s| place(s.value())),
            session.comparison.with(|s| place(s.value())),
            session.explanation.with(|s| place(s.value())),
            session.ladder.with(|s| place(s.value())),
            session.curve.with(|s| place(s.value())),
            session.segmentation.with(|s| place(s.value())),
            session.decision.with(|s| place(s.value())),
        ]
    })
}

/// Opens and closes what stands under the chart.
#[component]
fn Toggle(beneath: RwSignal<Beneath>, on: Beneath, words: &'static str) -> impl IntoView {
    let is_on = move || beneath.get() == on;
    let press = move |_| beneath.update(|b| *b = if *b == on { Beneath::Nothing } else { on });
    view! {
        <button type="button" class="button" data-kind="quiet" data-size="small" aria-expanded=move || is_on().to_string() on:click=press>
            <span class="button__words">{words}</span>
        </button>
    }
}

/// The table of the figures, or how they were computed.
#[component]
fn Under(beneath: RwSignal<Beneath>, picture: RwSignal<Option<Arc<Picture>>>) -> impl IntoView {
    let header =
        Signal::derive(move || picture.with(|p| p.as_ref().map(|p| p.header.clone()).unwrap_or_default()));
    let rows = Signal::derive(move || {
        let cells = |row: &Vec<String>| row.iter().cloned().map(Cell::from).collect::<Vec<_>>();
        picture.with(|p| p.as_ref().map(|p| p.rows.iter().map(cells).collect::<Vec<_>>()).unwrap_or_default())
    });
    let how = move || picture.with(|p| p.as_ref().map(|p| p.how.clone()).unwrap_or_default());
    move || match beneath.get() {
        Beneath::Nothing => ().into_any(),
        Beneath::Table => view! {
            <div class="chart__beneath"><Table caption="The figures of this chart" header rows /></div>
        }
        .into_any(),
        Beneath::How => view! { <p class="chart__beneath chart__how">{how}</p> }.into_any(),
    }
}
