//! The Data page: the poster while nothing is open, then the receipt, the columns and the table itself.

use std::sync::Arc;

use leptos::{prelude::*, task::spawn_local};

use crate::{
    engine::{
        data::{
            column::ColumnType,
            reader::ReadOptions,
            role::Role,
            summary::{ColumnSummary, TableSummary},
        },
        words,
    },
    platform::files,
    protocol::{Loaded, Sample, TableRow},
    ui::{
        components::{
            Button, ButtonKind, Cell, Checkbox, Choice, Dialog, Icon, IconName, NextStep, PageHeader, Select,
            Table, VirtualTable,
        },
        hooks::filled_in_turn,
        pages::receipt::ReceiptView,
        route::Page,
        session::{Dataset, Session, actions, kept::Kept, way},
        widgets::{FileList, JoinOffers},
    },
};

/// The Data page.
#[component]
pub fn DataPage() -> impl IntoView {
    let session = Session::expect();
    let has_data = Memo::new(move |_| session.has_data());
    view! {
        <Show when=move || has_data.get() fallback=|| view! { <Poster /> }>
            <OpenTable />
        </Show>
    }
}

/// The empty page: one sentence, where to drop, two samples, three lines of proof.
#[component]
fn Poster() -> impl IntoView {
    let session = Session::expect();
    let is_over = RwSignal::new(false);
    let loading = Memo::new(move |_| {
        session.dataset.with(|d| match d {
            Dataset::Loading { file_name, .. } => Some(format!("Reading {file_name}…")),
            _ => None,
        })
    });
    let head = Memo::new(move |_| {
        session.dataset.with(|d| match d {
            Dataset::Loading { head: Some(head), .. } => Some(head.clone()),
            _ => None,
        })
    });
    // The table is there before its last rows are.
    let first_rows = move || {
        head.get().map(|head| {
            let cells = |row: &TableRow| row.cells.iter().map(|c| c.clone().unwrap_or_default().into()).collect();
            let rows: Vec<Vec<Cell>> = head.1.iter().map(cells).collect();
            view! { <div data-role="first-rows"><Table caption="The first rows" header=head.0.clone() rows /></div> }
        })
    };
    let title = move || loading.get().unwrap_or_else(|| "Drop a CSV here, or choose a file".into());
    let pick = move |_| files::pick_several(files::TABLES, move |files| actions::open_files(session, files));
    let proof = [
        (
            "Nothing leaves this device",
            "Reading, models and reports run in this page. It has no server; look at the request count above.",
        ),
        ("Works offline", "Once opened, the page needs no connection. Turn it off and try."),
        ("Open source", "Every formula is documented and tested against published reference values."),
    ];
    view! {
        <div class="poster">
            <div class="poster__head">
                <h1 class="poster__title">"Find out what your marketing is really worth"</h1>
                <p class="poster__lead">
                    "Drop a file of ads or customers. Assay cleans it, tests what holds, compares models, finds segments and writes a report with a decision in money you can defend."
                </p>
            </div>
            <button
                type="button" class="drop-area" data-role="drop-area"
                data-over=move || is_over.get().then_some("")
                on:click=pick
                on:dragenter=move |_| is_over.set(true)
                on:dragleave=move |_| is_over.set(false)
                on:drop=move |_| is_over.set(false)
            >
                <span class="drop-area__icon"><Icon name=IconName::Upload /></span>
                <span class="drop-area__title">{title}</span>
                <span class="drop-area__hint">"Exports of Meta, Google Ads, TikTok, GA4, a shop or a CRM: .csv, .tsv, .txt or .xlsx; several months at once become one table"</span>
            </button>
            {first_rows}
            <div class="samples">
                <span class="samples__word">"No file at hand? Try a sample:"</span>
                <Button on_press=move |()| actions::load_sample(session, Sample::Ads)>"Ads"</Button>
                <Button on_press=move |()| actions::load_sample(session, Sample::Customers)>"Customers"</Button>
            </div>
            <OpenAgain />
            <dl class="proof">
                {proof.map(|(title, text)| view! {
                    <div>
                        <dt class="proof__title">{title}</dt>
                        <dd class="proof__text">{text}</dd>
                    </div>
                }).collect_view()}
            </dl>
        </div>
    }
}

/// The file of the last visit, offered; and the switch that decides whether files are kept at all.
#[component]
fn OpenAgain() -> impl IntoView {
    let session = Session::expect();
    let kept = Kept::expect();
    let again = move || {
        let name = kept.name()?;
        Some(view! {
            <Button icon=IconName::File on_press=move |()| kept.open(session)>{format!("Open {name} again")}</Button>
        })
    };
    view! {
        <div class="open-again">
            {again}
            <Checkbox
                label="Keep the last file on this device, to open it again after a reload"
                help="It is kept here alone and sent nowhere. Erase all my data on the Runs page removes it too."
                checked=kept.is_allowed on_change=move |is_on| kept.allow(is_on)
            />
        </div>
    }
}

#[component]
fn OpenTable() -> impl IntoView {
    let session = Session::expect();
    let receipt = Memo::new(move |_| session.loaded().map(|l| l.receipt.clone()));
    let reads = Memo::new(move |_| {
        let of_files: Vec<ReadOptions> =
            session.loaded().iter().flat_map(|l| l.files.iter().map(|f| f.read.clone())).collect();
        // A sample is no file.
        if of_files.is_empty() { vec![session.recipe.with(|r| r.read.clone())] } else { of_files }
    });
    let sentence = move || receipt.get().map(|r| r.sentence).unwrap_or_default();
    let is_ready = Memo::new(move |_| session.prepared.with(Option::is_some));
    let is_walking = Memo::new(move |_| session.way.with(Option::is_some));
    let open = move |()| files::pick_several(files::TABLES, move |files| actions::open_files(session, files));
    let add = move |()| files::pick_several(files::TABLES, move |files| actions::add_files(session, files));
    // A sample is made, not read: nothing can be put to it.
    let has_files = Memo::new(move |_| session.loaded().is_some_and(|l| !l.files.is_empty()));

    view! {
        <div class="page" data-ready=move || is_ready.get().to_string()>
            <PageHeader title="Data" sentence=Signal::derive(sentence)>
                <Button icon=IconName::Upload on_press=open>"Open another file"</Button>
                <Show when=move || has_files.get()>
                    <Button icon=IconName::Plus on_press=add>"Add a file"</Button>
                </Show>
                <Button
                    kind=ButtonKind::Primary icon=IconName::Spark
                    busy=is_walking disabled=Signal::derive(move || !is_ready.get())
                    on_press=move |()| way::start(session)
                >
                    "Run the suggested way"
                </Button>
            </PageHeader>
            <JoinOffers />
            {move || receipt.get().map(|receipt| view! { <ReceiptView receipt reads=reads.get() /> })}
            {move || receipt.get().map(|receipt| view! { <FileList files=receipt.files reads=reads.get() /> })}
            <Columns />
            <section class="page__section">
                <div class="section-head">
                    <h2>"Table"<RowCount /></h2>
                    <Button
                        icon=IconName::Download small=true
                        on_press=move |()| actions::save_table(session, None)
                    >
                        "Save as CSV"
                    </Button>
                </div>
                <PersonalNote />
                <VirtualTable height=460 />
            </section>
            <NextStep to=Page::Clean text=Signal::derive(move || clean_hint(session)) />
        </div>
    }
}

/// Says beside a table to save that nothing personal is masked in it, where there is anything personal.
#[component]
pub fn PersonalNote() -> impl IntoView {
    let session = Session::expect();
    let is_personal = Memo::new(move |_| {
        session.table().is_some_and(|table| table.columns.iter().any(|c| c.personal.is_some()))
    });
    view! {
        <Show when=move || is_personal.get()>
            <p class="quiet">"The CSV holds personal columns as they are: only reports mask them."</p>
        </Show>
    }
}

fn clean_hint(session: Session) -> String {
    let n = session
        .prepared
        .with(|p| p.as_ref().map_or(0, |p| p.cleaning.iter().filter(|s| s.recommended).count() as u64));
    match (n, session.n_steps().0 as u64) {
        (0, 0) => "Nothing needs cleaning at first sight; look for yourself.".into(),
        (0, applied) => {
            format!("{} applied: see what each one did.", words::counted(applied, "step", "steps"))
        }
        (n, _) => format!(
            "{}, each with its reason and what it would touch.",
            words::counted(n, "step is suggested", "steps are suggested")
        ),
    }
}

#[component]
fn RowCount() -> impl IntoView {
    let session = Session::expect();
    let words = move || session.table().map(|t| words::size(t.n_rows, t.columns.len() as u64));
    view! { <span class="page__count">{words}</span> }
}

/// "41: 30 read, 11 made"
fn how_many(table: &TableSummary, n_read: u64) -> String {
    let n = table.columns.len() as u64;
    let n_made = table.columns.iter().filter(|c| c.is_computed).count() as u64;
    let n_dropped = (n_read + n_made).saturating_sub(n);
    let mut parts = vec![format!("{} read", words::count(n_read))];
    for (n, word) in [(n_dropped, "dropped"), (n_made, "made")] {
        if n > 0 {
            parts.push(format!("{} {word}", words::count(n)));
        }
    }
    if parts.len() == 1 { words::count(n) } else { format!("{}: {}", words::count(n), parts.join(", ")) }
}

/// A change of type that would lose values, until the user says what to do.
#[derive(Clone)]
struct Doubt {
    change: TypeChange,
    /// What would be lost.
    loss: String,
}

/// A type chosen for a column, until it is known what it would lose.
#[derive(Clone)]
struct TypeChange {
    column: String,
    column_type: ColumnType,
    /// What was open then: of another file it is no column.
    of: Option<Arc<Loaded>>,
    /// What the list shows, and what it showed before.
    shown: RwSignal<String>,
    before: String,
}

impl TypeChange {
    /// Carries it out, with what it loses in words.
    fn carry_out(self, session: Session, loss: &str) {
        if self.is_of_open(session) && !actions::is_reading(session) {
            actions::set_type(session, &self.column, self.column_type, loss);
        } else {
            self.leave();
        }
    }

    /// Shows the type as it was.
    fn leave(self) {
        self.shown.try_set(self.before);
    }

    /// Whether the file it was chosen in is still the one that is open.
    fn is_of_open(&self, session: Session) -> bool {
        let open = untrack(|| session.loaded());
        self.of.as_ref().zip(open.as_ref()).is_some_and(|(own, open)| Arc::ptr_eq(own, open))
    }
}

/// So many are shown at once: with two lists of choices each, thousands would hold up the page for a minute.
const COLUMNS_AT_FIRST: usize = 100;

/// Every column with its type and role, to be corrected.
#[component]
fn Columns() -> impl IntoView {
    let session = Session::expect();
    let table = Memo::new(move |_| session.table());
    let count = move || {
        let n_read = session.loaded().map_or(0, |l| l.table.columns.len() as u64);
        table.with(|t| t.as_ref().map_or_else(String::new, |t| how_many(t, n_read)))
    };
    let doubt = RwSignal::new(None::<Doubt>);
    // Two lists of choices a column, of many words each: the table is drawn first.
    let filled =
        filled_in_turn(Signal::derive(move || table.with(|t| t.as_ref().map_or(0, |t| t.columns.len()))));
    let is_whole = RwSignal::new(false);
    let n_shown = move || if is_whole.get() { usize::MAX } else { COLUMNS_AT_FIRST };
    let rows = move || {
        let TableSummary { columns, n_rows, .. } = table.get()?;
        let row = |(index, column)| {
            let is_filled = Signal::derive(move || filled.get() > index);
            view! { <ColumnRow column n_rows doubt is_filled /> }
        };
        Some(columns.into_iter().enumerate().take(n_shown()).map(row).collect_view())
    };
    let rest = move || {
        let n = table.with(|t| t.as_ref().map_or(0, |t| t.columns.len())).saturating_sub(n_shown());
        (n > 0).then(|| {
            let label = format!("Show the other {}", words::counted(n as u64, "column", "columns"));
            view! { <Button on_press=move |()| is_whole.set(true)>{label}</Button> }
        })
    };
    let is_doubtful = Memo::new(move |_| doubt.with(Option::is_some));
    let end = move |is_changed: bool| {
        let Some(Doubt { change, loss }) = doubt.try_update(Option::take).flatten() else { return };
        if is_changed { change.carry_out(session, &format!("{loss}.")) } else { change.leave() }
    };
    let choices = move || {
        view! {
            <Button on_press=move |()| end(false)>"Leave it as it is"</Button>
            <Button kind=ButtonKind::Danger on_press=move |()| end(true)>"Change it all the same"</Button>
        }
    };
    view! {
        <section class="page__section">
            <h2>"Columns"<span class="page__count">{count}</span></h2>
            <p class="quiet">"Type says how the values are held, role what they mean. Both were guessed; correct what is wrong."</p>
            <div class="table-frame" tabindex="0" role="region" aria-label="Columns">
                <table class="columns">
                    <thead>
                        <tr>
                            <th scope="col">"Column"</th>
                            <th scope="col">"Type"</th>
                            <th scope="col">"Role"</th>
                            <th scope="col" data-number="">"Missing"</th>
                            <th scope="col" data-number="">"Distinct"</th>
                            <th scope="col">"Examples"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            {rest}
            <Dialog
                title="Values would be lost" is_open=is_doubtful on_close=move |()| end(false)
                actions=choices
            >
                <p>{move || doubt.with(|d| d.as_ref().map(|d| format!("{}.", d.loss)))}</p>
            </Dialog>
        </section>
    }
}

/// What the list of roles calls a personal column.
const PERSONAL: &str = "personal";

#[component]
fn ColumnRow(
    column: ColumnSummary,
    n_rows: u64,
    doubt: RwSignal<Option<Doubt>>,
    is_filled: Signal<bool>,
) -> impl IntoView {
    let session = Session::expect();
    let name = StoredValue::new(column.name.clone());
    let types = Signal::stored(ColumnType::ALL.map(|t| Choice::new(t.slug(), t.label())).to_vec());
    let mut roles: Vec<Choice> = Role::ALL.iter().map(|r| Choice::new(r.slug(), r.label())).collect();
    roles.insert(0, Choice::new(PERSONAL, "Personal (left out)"));
    let roles = Signal::stored(roles);
    let role = if column.personal.is_some() { PERSONAL } else { column.role.slug() };
    let role_help = column.personal.map_or(column.role.help().to_owned(), |p| {
        format!("Holds {}: left out of the analysis, masked in reports", p.label())
    });
    let shown = RwSignal::new(column.column_type.slug().to_owned());
    let set_type = move |slug: String| {
        let Some(column_type) = ColumnType::from_slug(&slug) else { return };
        let (column, before) = (name.get_value(), shown.get_untracked());
        let change = TypeChange { column, column_type, of: untrack(|| session.loaded()), shown, before };
        shown.set(slug);
        spawn_local(async move {
            match actions::loss(session, &change.column, column_type).await {
                Some(loss) if change.is_of_open(session) => doubt.set(Some(Doubt { change, loss })),
                _ => change.carry_out(session, ""),
            }
        });
    };
    // What is decided while a file is read would be lost when it is there.
    let is_reading = Signal::derive(move || session.is_loading());
    let set_role = move |slug: String| {
        name.with_value(|n| match Role::from_slug(&slug) {
            Some(role) => actions::set_role(session, n, role),
            None => actions::set_personal(session, n),
        });
    };
    let missing = match column.n_missing {
        0 => "0".to_owned(),
        n => format!("{} ({})", words::count(n), words::percent(n as f64 / n_rows.max(1) as f64)),
    };
    // Values that were there when the file was read.
    let n_lost = session.dataset.with_untracked(|d| {
        let was = d.loaded().and_then(|l| l.table.columns.iter().find(|c| c.name == column.name));
        was.filter(|was| was.column_type != column.column_type)
            .map_or(0, |was| column.n_missing.saturating_sub(was.n_missing))
    });
    let lost = (n_lost > 0).then(|| {
        view! { <span class="columns__lost">{format!("{} lost by the change of type", words::count(n_lost))}</span> }
    });
    let examples = match column.range {
        // Years and numbers of things are names, not amounts.
        Some((low, high)) if matches!(column.role, Role::Identifier | Role::BirthYear) => {
            format!("{low} to {high}")
        }
        Some((low, high)) => format!("{} to {}", words::number(low), words::number(high)),
        None => column.examples.join(", "),
    };
    view! {
        <tr data-column=column.name.clone()>
            <th scope="row" title=column.name.clone()>{column.name.clone()}</th>
            <td>
                <Select
                    label=format!("Type of {}", column.name) hide_label=true choices=types is_filled disabled=is_reading
                    value=shown on_change=set_type
                />
            </td>
            <td title=role_help>
                <Select
                    label=format!("Role of {}", column.name) hide_label=true choices=roles is_filled disabled=is_reading
                    value=Signal::stored(role.to_owned()) on_change=set_role
                />
            </td>
            <td data-number="" data-label="Missing">{missing}{lost}</td>
            <td data-number="" data-label="Distinct">{words::count(column.n_unique)}</td>
            <td class="columns__examples" data-label="Examples" title=examples.clone()>{examples.clone()}</td>
        </tr>
    }
}
