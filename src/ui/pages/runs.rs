//! The Runs page: everything that was run on this device, compared by what differs.

use leptos::{html, prelude::*, task::spawn_local};

use crate::{
    engine::{
        pipeline::{
            differences::{DifferenceKind, differences, is_one_kind},
            graph::Node,
            run::RunRecord,
        },
        words,
    },
    platform::download,
    protocol::Notice,
    ui::{
        components::{
            Button, ButtonKind, Cell, Dialog, EmptyState, IconName, MetricRow, MetricTile, NextStep,
            NoticeBox, NoticeKind, PageHeader, Table,
        },
        format,
        route::{Page, Route},
        session::{Session, kept::Kept, recipes, runs::Runs},
    },
};

/// Results of a run that are shown large.
const TILES: usize = 6;

/// What the list is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    When,
    Name,
    Kind,
    File,
    Result,
    Duration,
}

impl Column {
    const ALL: [Self; 6] = [Self::Name, Self::When, Self::Kind, Self::File, Self::Result, Self::Duration];

    fn label(self) -> &'static str {
        match self {
            Self::When => "When",
            Self::Name => "Name",
            Self::Kind => "Kind",
            Self::File => "File",
            Self::Result => "Result",
            Self::Duration => "Duration",
        }
    }

    fn is_number(self) -> bool {
        matches!(self, Self::Result | Self::Duration)
    }
}

/// Sorting of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Order {
    by: Column,
    is_descending: bool,
}

fn sorted(mut runs: Vec<RunRecord>, order: Order) -> Vec<RunRecord> {
    let result = |r: &RunRecord| r.headline().map_or(f64::NEG_INFINITY, |(_, v)| v);
    runs.sort_by(|a, b| {
        let by = match order.by {
            Column::When => a.started_at.total_cmp(&b.started_at),
            Column::Name => a.name.to_lowercase().cmp(&b.name.to_lowercase()),
            Column::Kind => a.kind.label().cmp(b.kind.label()),
            Column::File => a.file_name.cmp(&b.file_name),
            Column::Result => a.kind.label().cmp(b.kind.label()).then(result(a).total_cmp(&result(b))),
            Column::Duration => a.duration_ms.total_cmp(&b.duration_ms),
        };
        if order.is_descending { by.reverse() } else { by }
    });
    runs
}

/// "20 Nov 2026, 10:16", on this device's clock.
fn moment(millis: f64) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let date = js_sys::Date::new(&millis.into());
    let month = MONTHS.get(date.get_month() as usize).copied().unwrap_or_default();
    format!(
        "{} {month} {}, {:02}:{:02}",
        date.get_date(),
        date.get_full_year(),
        date.get_hours(),
        date.get_minutes()
    )
}

/// The Runs page.
#[component]
pub fn RunsPage() -> impl IntoView {
    let session = Session::expect();
    let runs = Runs::expect();
    let route = Route::expect();
    let selected = RwSignal::new(Vec::<String>::new());
    let is_erasing = RwSignal::new(false);
    let n = Memo::new(move |_| runs.all.with(Vec::len));
    let open = Memo::new(move |_| route.get("run").and_then(|id| runs.find(&id)));
    let compared = Memo::new(move |_| {
        let chosen = selected.get();
        runs.all.with(|all| {
            chosen.iter().filter_map(|id| all.iter().find(|r| &r.id == id).cloned()).collect::<Vec<_>>()
        })
    });
    let sentence = Signal::derive(move || match n.get() {
        0 => "Every model comparison and every clustering is kept here, on this device alone.".to_owned(),
        n => format!(
            "{} on this device. Select two or more to see what differs.",
            words::counted(n as u64, "run", "runs")
        ),
    });

    view! {
        <div class="page runs" data-ready="true">
            <PageHeader title="Runs" sentence>
                <Button kind=ButtonKind::Danger icon=IconName::Trash on_press=move |()| is_erasing.set(true)>
                    "Erase all my data…"
                </Button>
            </PageHeader>
            <EraseDialog is_open=is_erasing />
            {move || runs.trouble.get().map(|notice| view! { <NoticeBox notice kind=NoticeKind::Caution /> })}
            {move || runs.deleted.get().map(|run| view! { <DeletedNotice run /> })}
            <Show when=move || n.get() != 0 fallback=NoRuns>
                <RunTable selected />
            </Show>
            <Show when=move || compared.with(|c| c.len() > 1)>
                <Comparison runs=compared />
            </Show>
            {move || open.get().map(|run| view! { <OpenRun run /> })}
            {move || match (session.has_data(), n.get()) {
                (true, 1..) => Some(view! {
                    <NextStep to=Page::Report text="Put everything that was found into one file that opens anywhere." />
                }),
                (false, 1..) => Some(view! {
                    <NextStep to=Page::Data text="Open a file: the recipe of a run can be used on it." />
                }),
                _ => None,
            }}
        </div>
    }
}

#[component]
fn NoRuns() -> impl IntoView {
    let route = Route::expect();
    let session = Session::expect();
    let (page, words) =
        if session.has_data() { (Page::Model, "Compare models") } else { (Page::Data, "Open a file") };
    view! {
        <EmptyState
            title="No runs yet"
            text="A run is recorded whenever you compare models or find segments: its recipe, seed, results and duration."
        >
            <Button kind=ButtonKind::Primary on_press=move |()| route.go(page)>{words}</Button>
        </EmptyState>
    }
}

#[component]
fn DeletedNotice(run: RunRecord) -> impl IntoView {
    let runs = Runs::expect();
    let notice = Notice {
        title: format!("“{}” was deleted", run.name),
        detail: String::new(),
        remedy: String::new(),
        is_stop: false,
    };
    view! {
        <NoticeBox notice>
            <Button small=true icon=IconName::Undo on_press=move |()| runs.restore()>"Bring it back"</Button>
            <Button small=true kind=ButtonKind::Quiet on_press=move |()| runs.deleted.set(None)>"Dismiss"</Button>
        </NoticeBox>
    }
}

#[component]
fn RunTable(selected: RwSignal<Vec<String>>) -> impl IntoView {
    let runs = Runs::expect();
    let order = RwSignal::new(Order { by: Column::When, is_descending: true });
    let shown = Memo::new(move |_| sorted(runs.all.get(), order.get()));
    let heads = Column::ALL.map(|column| {
        let is_by = move || order.with(|o| o.by == column);
        let direction = move || match order.get() {
            o if o.by != column => "none",
            o if o.is_descending => "descending",
            _ => "ascending",
        };
        let press = move |_| {
            order.update(|o| {
                let is_descending = if o.by == column { !o.is_descending } else { column.is_number() };
                *o = Order { by: column, is_descending };
            });
        };
        view! {
            <th scope="col" class="table__head" aria-sort=direction data-number=column.is_number().then_some("")>
                <button type="button" class="runs__sort" on:click=press>
                    {column.label()}
                    <span class="runs__arrow" aria-hidden="true">
                        {move || match (is_by(), order.get().is_descending) {
                            (false, _) => "",
                            (true, true) => "↓",
                            (true, false) => "↑",
                        }}
                    </span>
                </button>
            </th>
        }
    });
    view! {
        <div class="table-frame" tabindex="0" role="group" aria-label="Runs">
            <table class="table runs__table">
                <caption class="visually-hidden">"Runs on this device"</caption>
                <thead>
                    <tr>
                        <td class="table__head"><span class="visually-hidden">"Compare"</span></td>
                        {heads}
                        <td class="table__head"><span class="visually-hidden">"Actions"</span></td>
                    </tr>
                </thead>
                <tbody>
                    <For each=move || shown.get() key=|run| (run.id.clone(), run.name.clone()) let:run>
                        <RunRow run selected />
                    </For>
                </tbody>
            </table>
        </div>
    }
}

#[component]
fn RunRow(run: RunRecord, selected: RwSignal<Vec<String>>) -> impl IntoView {
    let runs = Runs::expect();
    let route = Route::expect();
    let is_renaming = RwSignal::new(false);
    let id = StoredValue::new(run.id.clone());
    let name = StoredValue::new(run.name.clone());
    let is_selected = move || id.with_value(|id| selected.with(|s| s.contains(id)));
    let is_open = move || id.with_value(|id| route.get("run").as_deref() == Some(id));
    let toggle = move |event| {
        let is_on = event_target_checked(&event);
        selected.update(|all| {
            all.retain(|s| *s != id.get_value());
            if is_on {
                all.push(id.get_value());
            }
        });
    };
    let result =
        run.headline().map_or_else(String::new, |(what, v)| format!("{what} {}", words::decimals(v, 3)));
    let href = crate::ui::route::Place::new(Page::Runs).with("run", &run.id).href();
    let delete = move |()| {
        let id = id.get_value();
        selected.update(|all| all.retain(|s| *s != id));
        if route.get("run").as_deref() == Some(&id) {
            route.put("run", None);
        }
        runs.delete(&id);
    };
    view! {
        <tr class="table__row" data-run=run.id.clone() data-marked=move || is_open().then_some("")>
            <td class="table__cell">
                <input
                    type="checkbox" class="check__box" aria-label=format!("Compare {}", run.name)
                    prop:checked=is_selected on:change=toggle
                />
            </td>
            <th scope="row" class="table__cell runs__name">
                <Show
                    when=move || is_renaming.get()
                    fallback=move || view! { <a class="link" href=href.clone()>{name.get_value()}</a> }
                >
                    <NameInput id=id.get_value() name=name.get_value() is_renaming />
                </Show>
            </th>
            <td class="table__cell nowrap">{moment(run.started_at)}</td>
            <td class="table__cell">{run.kind.label()}</td>
            <td class="table__cell">{run.file_name.clone()}</td>
            <td class="table__cell" data-number="">{result}</td>
            <td class="table__cell" data-number="">{format::duration(run.duration_ms)}</td>
            <td class="table__cell">
                <div class="runs__actions">
                    <Button
                        kind=ButtonKind::Quiet small=true icon=IconName::Pencil
                        label=format!("Rename {}", run.name) on_press=move |()| is_renaming.set(true)
                    />
                    <Button
                        kind=ButtonKind::Quiet small=true icon=IconName::Trash
                        label=format!("Delete {}", run.name) on_press=delete
                    />
                </div>
            </td>
        </tr>
    }
}

/// The name while it is changed: Enter or leaving the field keeps it, Escape does not.
#[component]
fn NameInput(id: String, name: String, is_renaming: RwSignal<bool>) -> impl IntoView {
    let runs = Runs::expect();
    let input_ref = NodeRef::<html::Input>::new();
    let id = StoredValue::new(id);
    Effect::new(move |_| {
        if let Some(input) = input_ref.get() {
            let _ = input.focus();
            input.select();
        }
    });
    let end = move |is_kept: bool| {
        if !is_renaming.get_untracked() {
            return;
        }
        is_renaming.set(false);
        if let Some(input) = input_ref.get_untracked().filter(|_| is_kept) {
            id.with_value(|id| runs.rename(id, &input.value()));
        }
    };
    let press = move |event: web_sys::KeyboardEvent| match event.key().as_str() {
        "Enter" => end(true),
        "Escape" => {
            event.stop_propagation();
            end(false);
        }
        _ => {}
    };
    view! {
        <input
            node_ref=input_ref class="input" type="text" aria-label="Name of the run" value=name
            on:keydown=press on:blur=move |_| end(true)
        />
    }
}

/// Only what differs between the selected runs.
#[component]
fn Comparison(#[prop(into)] runs: Signal<Vec<RunRecord>>) -> impl IntoView {
    let rows = Memo::new(move |_| runs.with(|runs| differences(runs)));
    let header = Signal::derive(move || {
        let mut header = vec!["What differs".to_owned()];
        header.extend(runs.with(|runs| {
            let name = |run: &RunRecord| match runs.iter().filter(|r| r.name == run.name).count() {
                1 => run.name.clone(),
                _ => format!("{} ({})", run.name, moment(run.started_at)),
            };
            runs.iter().map(name).collect::<Vec<_>>()
        }));
        header
    });
    let is_one_kind = Memo::new(move |_| runs.with(|runs| is_one_kind(runs)));
    let part = move |kind: DifferenceKind| {
        let cells = move || {
            rows.with(|rows| {
                rows.iter()
                    .filter(|r| r.kind == kind)
                    .map(|r| {
                        let mut cells = vec![Cell::text(r.label.clone())];
                        let cell = if kind == DifferenceKind::Metric { Cell::number } else { Cell::text };
                        cells.extend(r.values.iter().cloned().map(cell));
                        cells
                    })
                    .collect::<Vec<_>>()
            })
        };
        let cells = Signal::derive(cells);
        view! {
            <Show when=move || cells.with(|c| !c.is_empty())>
                <h3>{kind.label()}</h3>
                <Table caption=format!("{}: what differs", kind.label()) header rows=cells />
            </Show>
        }
    };
    let all = [DifferenceKind::Metric, DifferenceKind::Recipe, DifferenceKind::Data, DifferenceKind::Time]
        .map(part);
    view! {
        <section class="page__section" aria-labelledby="compare-title" data-compare="">
            <h2 id="compare-title">"What differs"</h2>
            <Show when=move || !is_one_kind.get()>
                <p>
                    "Models and segments are different kinds of runs: their results cannot be set against each other. Compared is what leads up to them."
                </p>
            </Show>
            <Show
                when=move || rows.with(|r| !r.is_empty())
                fallback=|| view! { <p class="quiet">"Nothing: the same data, recipe and results."</p> }
            >
                <p class="quiet">"What is the same in all of them is left out."</p>
            </Show>
            {all}
        </section>
    }
}

/// One run: its results, its graph, and what can be done with it.
#[component]
fn OpenRun(run: RunRecord) -> impl IntoView {
    let session = Session::expect();
    let route = Route::expect();
    let run = StoredValue::new(run);
    let recipe = move || run.with_value(|r| r.recipe.clone());
    let export = move |()| {
        download::save("recipe.json", "application/json", recipe().to_json().as_bytes());
    };
    let has_data = Memo::new(move |_| session.has_data());
    let hint = move || {
        let is_same =
            session.loaded().is_some_and(|l| run.with_value(|r| r.data_fingerprint == l.receipt.fingerprint));
        match (has_data.get(), is_same) {
            (false, _) => "Open a file to use this recipe on it.",
            (true, true) => "The open file is the one of this run: its recipe gives the same numbers.",
            (true, false) => "The open file is another one: steps for columns it lacks will be named.",
        }
    };
    let RunRecord {
        name,
        summary,
        metrics,
        started_at,
        duration_ms,
        file_name,
        n_rows,
        n_columns,
        graph,
        ..
    } = run.get_value();
    let seed = run.with_value(|r| r.recipe.seed);
    let tiles = metrics
        .iter()
        .take(TILES)
        .cloned()
        .map(|(label, value)| view! { <MetricTile label value=words::number(value) /> })
        .collect_view();
    let all = (metrics.len() > TILES).then(|| {
        let row = |(label, value): &(String, f64)| vec![Cell::text(label.clone()), Cell::number(words::number(*value))];
        let (n, rows) = (metrics.len() as u64, metrics.iter().map(row).collect::<Vec<_>>());
        let header = ["Result", "Value"].map(str::to_owned).to_vec();
        view! {
            <details class="facts-box" data-part="every-result">
                <summary>{format!("All {} results", words::count(n))}</summary>
                <Table caption="Every result of this run" header=Signal::stored(header) rows=Signal::stored(rows) />
            </details>
        }
    });
    view! {
        <section class="page__section" aria-labelledby="run-title" data-open-run="">
            <h2 id="run-title">{name}</h2>
            <p>{summary}</p>
            <p class="quiet small">
                {format!(
                    "{}, {}, {}, took {}, seed {seed}",
                    file_name,
                    words::size(n_rows, n_columns),
                    moment(started_at),
                    format::duration(duration_ms),
                )}
            </p>
            <MetricRow>{tiles}</MetricRow>
            {all}
            <div class="row">
                <Button
                    kind=ButtonKind::Primary
                    disabled=Signal::derive(move || !has_data.get())
                    on_press=move |()| recipes::apply(session, recipe())
                >
                    "Use this recipe"
                </Button>
                <Button icon=IconName::Download on_press=export>"Save the recipe"</Button>
                <Button kind=ButtonKind::Quiet on_press=move |()| route.put("run", None)>"Close"</Button>
            </div>
            <p class="quiet small">{hint}</p>
            <h3>"What was done, step by step"</h3>
            <Graph nodes=graph />
        </section>
    }
}

/// The recipe as boxes from top to bottom; what comes from the same box stands side by side.
#[component]
fn Graph(nodes: Vec<Node>) -> impl IntoView {
    if nodes.is_empty() {
        return view! { <p class="quiet">"This run was stored without its steps."</p> }.into_any();
    }
    let mut depths: Vec<(String, usize)> = Vec::new();
    let mut layers: Vec<Vec<Node>> = Vec::new();
    for node in nodes {
        let depth = node
            .inputs
            .iter()
            .filter_map(|input| depths.iter().find(|(id, _)| id == input).map(|(_, d)| d + 1))
            .max()
            .unwrap_or(0);
        depths.push((node.id.clone(), depth));
        if layers.len() <= depth {
            layers.resize(depth + 1, Vec::new());
        }
        if let Some(layer) = layers.get_mut(depth) {
            layer.push(node);
        }
    }
    let rows = layers
        .into_iter()
        .map(|layer| {
            let boxes = layer
                .into_iter()
                .map(|node| {
                    let state = node.state.replace(' ', "-");
                    view! {
                        <div class="graph__node" data-state=state data-kind=node.kind>
                            <span class="graph__title">{node.title}</span>
                            <span class="graph__detail">{node.detail}</span>
                            <span class="graph__state">{node.state}</span>
                        </div>
                    }
                })
                .collect_view();
            view! { <li class="graph__layer">{boxes}</li> }
        })
        .collect_view();
    view! { <ol class="graph">{rows}</ol> }.into_any()
}

#[component]
fn EraseDialog(is_open: RwSignal<bool>) -> impl IntoView {
    let session = Session::expect();
    let runs = Runs::expect();
    let kept = Kept::expect();
    let erase = move |()| {
        is_open.set(false);
        spawn_local(runs.erase_all(session, kept));
    };
    let actions = move || {
        view! {
            <Button on_press=move |()| is_open.set(false)>"Keep everything"</Button>
            <Button kind=ButtonKind::Danger on_press=erase>"Erase everything"</Button>
        }
    };
    view! {
        <Dialog title="Erase all my data?" is_open on_close=move |()| is_open.set(false) actions>
            <p>
                "The open table, the file kept for next time, its recipe and results, every stored run, settings and the copy of the app for offline use are removed from this device. This cannot be undone."
            </p>
            <p class="quiet">"Nothing was ever sent anywhere, so nothing has to be erased elsewhere."</p>
        </Dialog>
    }
}
