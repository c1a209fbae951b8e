//! Explore: what was found in the data first, then everything it was found in.

use std::sync::Arc;

use leptos::prelude::*;

use crate::{
    charts::ChartRequest,
    engine::{
        data::{
            column::{ColumnType, MILLIS_A_DAY},
            role::Role,
        },
        statistics::{
            claim::{Claim, Grade},
            exploration::{
                ColumnStatistics, Exploration, ExplorePlan, KpiRow, KpiTable, NumericStatistics,
                RateBySegment,
            },
        },
        words,
    },
    platform::time::iso_date,
    ui::{
        components::{
            Button, ButtonKind, Cell, Chart, Choice, ClaimList, ColumnPicker, EmptyState, NeedsData,
            NextStep, PageHeader, Select, SlotStatus, Tab, Table, Tabs, Term, TextInput,
        },
        hooks::{latest, part},
        route::{Page, Route},
        session::{Session, Slot, actions},
    },
};

type Found = Memo<Option<Arc<Exploration>>>;

/// Findings of one grade shown at first.
const FIRST_SHOWN: usize = 5;
/// More would not be told apart in a pair plot.
const MOST_PAIRS: usize = 5;

/// The Explore page.
#[component]
pub fn ExplorePage() -> impl IntoView {
    view! {
        <NeedsData what="Here you see what the data says: summaries, distributions, correlations, KPIs and rates by segment, each with its uncertainty.">
            <Explore />
        </NeedsData>
    }
}

#[component]
fn Explore() -> impl IntoView {
    let session = Session::expect();
    let found = latest(session.exploration);
    let has_found = Memo::new(move |_| found.with(Option::is_some));
    Effect::new(move |_| {
        if session.prepared.with(Option::is_some) {
            actions::ensure_exploration(session);
        }
    });
    let again = move |()| actions::explore(session, session.recipe.with_untracked(|r| r.explore.clone()));
    let sentence =
        Signal::derive(move || found.with(|f| f.as_ref().map_or_else(waiting, |f| sentence_of(f))));

    let is_ready = move || session.exploration.with(Slot::is_ready);
    view! {
        <div class="page" data-page="explore" data-ready=move || is_ready().to_string()>
        <PageHeader title="Explore" sentence />
        <SlotStatus of=session.exploration on_again=Callback::new(again) again="Explore again" />
        <Show when=move || has_found.get()>
            <Findings found />
            <Views found />
            <NextStep to=Page::Model text=Signal::stored("Compare models on rows they have not seen.".to_owned()) />
        </Show>
        </div>
    }
}

fn waiting() -> String {
    "Summaries, distributions, correlations, KPIs and rates, each with its uncertainty.".into()
}

fn sentence_of(found: &Exploration) -> String {
    let n = |grade: Grade| found.claims.iter().filter(|c| c.grade == grade).count();
    let (supported, suggestive, open) = (n(Grade::Supported), n(Grade::Suggestive), n(Grade::CannotTell));
    if found.claims.is_empty() {
        return format!(
            "{} columns were summarised; there is no outcome to compare groups by.",
            found.columns.len()
        );
    }
    let parts =
        [(supported, "supported"), (suggestive, "suggestive"), (open, "cannot be told from this data")];
    let parts: Vec<String> =
        parts.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
    format!("{}: {}.", words::counted(found.claims.len() as u64, "finding", "findings"), parts.join(", "))
}

/// What the data carry, what they lean to, and what they do not show: each group with its first claims open.
#[component]
fn Findings(found: Found) -> impl IntoView {
    view! {
        <section class="page__section" aria-label="Findings" data-section="findings">
            <h2>"Findings"</h2>
            <Show when=move || found.with(|f| f.as_ref().is_some_and(|f| f.claims.is_empty()))>
                <p class="quiet">"No finding yet: choose an outcome under “Rates by segment” below."</p>
            </Show>
            <FindingGroup found grade=Grade::Supported />
            <FindingGroup found grade=Grade::Suggestive />
            <FindingGroup found grade=Grade::CannotTell />
        </section>
    }
}

#[component]
fn FindingGroup(found: Found, grade: Grade) -> impl IntoView {
    let (title, remark) = match grade {
        Grade::Supported => ("", ", all supported"),
        Grade::Suggestive => ("Suggestive, not settled", ""),
        Grade::CannotTell => ("What the data do not show", ""),
    };
    let is_all = RwSignal::new(false);
    let claims =
        part(found, move |f| f.claims.iter().filter(|c| c.grade == grade).cloned().collect::<Vec<_>>());
    let first = Memo::new(move |_| claims.with(|c| first_of(c)));
    let shown = Signal::derive(move || if is_all.get() { claims.get() } else { first.get() });
    let n_more = Memo::new(move |_| claims.with(Vec::len).saturating_sub(first.with(Vec::len)) as u64);
    let words = move || {
        if is_all.get() {
            "Show fewer findings".to_owned()
        } else {
            format!("Show {}{remark}", words::counted(n_more.get(), "more finding", "more findings"))
        }
    };
    view! {
        <Show when=move || claims.with(|c| !c.is_empty())>
            {(!title.is_empty()).then(|| view! { <h3>{title}</h3> })}
            <ClaimList claims=shown />
            <Show when=move || n_more.get() != 0>
                <Button kind=ButtonKind::Quiet on_press=move |()| is_all.update(|a| *a = !*a)>{words}</Button>
            </Show>
        </Show>
    }
}

/// The first of each kind of question.
fn first_of(claims: &[Claim]) -> Vec<Claim> {
    // AcceptedCmp1 to AcceptedCmp5 are one kind.
    let kind = |claim: &Claim| claim.topic.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned();
    let mut kinds = std::collections::BTreeSet::new();
    claims.iter().filter(|c| kinds.insert(kind(c))).take(FIRST_SHOWN).cloned().collect()
}

/// The views below the findings; which one is open stands in the address.
#[component]
fn Views(found: Found) -> impl IntoView {
    let route = Route::expect();
    let tabs = Signal::derive(move || {
        let has_kpis = found.with(|f| f.as_ref().is_some_and(|f| !f.kpis.is_empty()));
        let mut tabs = vec![
            Tab::new("summary", "Summary"),
            Tab::new("distributions", "Distributions"),
            Tab::new("pairs", "Pairs"),
            Tab::new("correlation", "Correlation"),
        ];
        if has_kpis {
            tabs.push(Tab::new("kpis", "KPIs"));
        }
        tabs.push(Tab::new("rates", "Rates by segment"));
        tabs
    });
    let selected = Memo::new(move |_| {
        let wanted = route.get("view").unwrap_or_default();
        tabs.with(|t| if t.iter().any(|t| t.slug == wanted) { wanted } else { "summary".to_owned() })
    });
    let select = move |slug: String| route.put("view", Some(&slug));
    view! {
        <Tabs label="Views of the data" tabs selected on_select=select>
            {move || match selected.get().as_str() {
                "distributions" => view! { <Distributions found /> }.into_any(),
                "pairs" => view! { <Pairs found /> }.into_any(),
                "correlation" => view! { <CorrelationView found /> }.into_any(),
                "kpis" => view! { <Kpis found /> }.into_any(),
                "rates" => view! { <Rates found /> }.into_any(),
                _ => view! { <Summary found /> }.into_any(),
            }}
        </Tabs>
    }
}

#[component]
fn Summary(found: Found) -> impl IntoView {
    let header = [
        "Column",
        "Values",
        "Missing",
        "Distinct",
        "Most frequent",
        "Mean",
        "Std. deviation",
        "Smallest",
        "First quartile",
        "Median",
        "Third quartile",
        "Largest",
        "Skewness",
    ];
    let session = Session::expect();
    let rows = Signal::derive(move || {
        let table = session.table();
        let kind = |name: &str| {
            let column = table.as_ref().and_then(|t| t.columns.iter().find(|c| c.name == name));
            column.map_or((ColumnType::Number, Role::Number), |c| (c.column_type, c.role))
        };
        found.with(|f| {
            let columns = f.as_ref().map(|f| f.columns.as_slice()).unwrap_or_default();
            let measured = |c: &ColumnStatistics| {
                let (column_type, role) = kind(&c.name);
                column_type != ColumnType::Date && role != Role::Identifier
            };
            columns
                .iter()
                .map(|c| {
                    let own = c.numeric.as_ref().filter(|_| measured(c)).map(NumericStatistics::in_words);
                    summary_row(c, kind(&c.name).0, own)
                })
                .collect::<Vec<_>>()
        })
    });
    view! {
        <section class="page__section" data-section="summary">
            <Table caption="Summary of every column" header=Signal::stored(header.map(str::to_owned).to_vec()) rows />
        </section>
    }
}

fn summary_row(
    column: &ColumnStatistics,
    column_type: ColumnType,
    figures: Option<[String; 8]>,
) -> Vec<Cell> {
    let top = column.top.iter().take(3).map(|(v, n)| format!("{v} ({})", words::count(*n)));
    let top = top.collect::<Vec<_>>().join(", ");
    let mut row = vec![
        Cell::text(column.name.clone()),
        Cell::number(words::count(column.count)),
        Cell::number(words::count(column.missing)),
        Cell::number(words::count(column.unique)),
        Cell::text(top.clone()).with_hint(top),
    ];
    // A date has a first and a last; the mean of days, or of identifiers, says nothing.
    let mut cells = figures.unwrap_or_else(|| std::array::from_fn(|_| words::NOTHING.to_owned()));
    if let (Some(n), ColumnType::Date) = (&column.numeric, column_type) {
        cells[2] = iso_date(n.min * MILLIS_A_DAY);
        cells[6] = iso_date(n.max * MILLIS_A_DAY);
    }
    row.extend(cells.map(Cell::number));
    row
}

#[component]
fn Distributions(found: Found) -> impl IntoView {
    let route = Route::expect();
    let numeric = part(found, |f| f.quantities.clone());
    let column = Memo::new(move |_| {
        let wanted = route.get("column").unwrap_or_default();
        numeric.with(|n| if n.contains(&wanted) { wanted } else { n.first().cloned().unwrap_or_default() })
    });
    let choices = Signal::derive(move || numeric.get().into_iter().map(Choice::same).collect::<Vec<_>>());
    let histogram = Signal::derive(move || ChartRequest::new("histogram", [column.get()]));
    let box_plot = Signal::derive(move || ChartRequest::new("box_plot", [column.get()]));
    let all = Signal::stored(ChartRequest::new("box_plot", []));
    view! {
        <Show
            when=move || numeric.with(|n| !n.is_empty())
            fallback=|| view! { <EmptyState title="No number columns" text="Distributions are drawn of columns of numbers. Check the types on the Data page." /> }
        >
            <section class="page__section" data-section="distributions">
                <div class="controls">
                    <Select label="Column" choices value=column on_change=move |c: String| route.put("column", Some(&c)) />
                </div>
                <Chart request=histogram height=260 />
                <Chart request=box_plot height=160 />
            </section>
            <section class="page__section">
                <h2>"All columns side by side"</h2>
                <Chart request=all height=500 />
            </section>
        </Show>
    }
}

#[component]
fn Pairs(found: Found) -> impl IntoView {
    let names = part(found, |f| f.quantities.clone());
    let chosen = RwSignal::new(Vec::<String>::new());
    let choose = move |mut columns: Vec<String>| {
        columns.truncate(MOST_PAIRS);
        chosen.set(columns);
    };
    let request = Signal::derive(move || {
        let columns = chosen.get();
        let columns = if columns.len() < 2 { Vec::new() } else { columns };
        ChartRequest::new("pair_plot", columns)
    });
    view! {
        <div class="beside" data-section="pairs">
            <div class="beside__main">
                <Chart request height=560 instead="A pair plot needs two columns of numbers." />
            </div>
            <div class="beside__panel">
                <ColumnPicker label="Columns (two to five)" names chosen on_change=choose />
                <p class="quiet">"With fewer than two chosen, the most telling columns are shown."</p>
            </div>
        </div>
    }
}

#[component]
fn CorrelationView(found: Found) -> impl IntoView {
    let route = Route::expect();
    let choices = part(found, |f| {
        f.correlations
            .iter()
            .map(|c| Choice::new(c.method.clone(), method_label(&c.method)))
            .collect::<Vec<_>>()
    });
    let method = Memo::new(move |_| {
        let wanted = route.get("method").unwrap_or_default();
        choices.with(|c| {
            c.iter().find(|c| c.value == wanted).or(c.first()).map(|c| c.value.clone()).unwrap_or_default()
        })
    });
    let names = part(found, |f| f.correlations.first().map(|c| c.columns.clone()).unwrap_or_default());
    // Nothing picked yet: all there is room for.
    let picked = RwSignal::new(None::<Vec<String>>);
    let chosen = Signal::derive(move || {
        let names = names.get();
        picked.get().map_or_else(|| names.clone(), |p| p.into_iter().filter(|n| names.contains(n)).collect())
    });
    let pick = move |columns: Vec<String>| picked.set(Some(columns));
    let request = Signal::derive(move || {
        let columns = picked.get().map(|_| chosen.get());
        let columns = columns.map(|c| if c.is_empty() { vec![String::new()] } else { c });
        ChartRequest::new("correlation", std::iter::once(method.get()).chain(columns.unwrap_or_default()))
    });
    view! {
        <div class="beside" data-section="correlation">
            <div class="beside__main">
                <div class="controls">
                    <Select label="Method" choices value=method on_change=move |m: String| route.put("method", Some(&m)) />
                    <p class="quiet">
                        <Term word="Pearson" means="How well a straight line describes two columns, from −1 to 1; single extreme values weigh heavily." />
                        " or "
                        <Term word="Spearman" means="The same for the ranks of the values: whether one rises when the other does, straight or not." />
                    </p>
                </div>
                <Chart request height=480 instead="A correlation needs two columns of numbers that vary." />
            </div>
            <div class="beside__panel">
                <ColumnPicker label="Columns" names chosen on_change=pick />
            </div>
        </div>
    }
}

fn method_label(method: &str) -> &'static str {
    if method == "spearman" { "Spearman (ranks)" } else { "Pearson (straight line)" }
}

#[component]
fn Kpis(found: Found) -> impl IntoView {
    let session = Session::expect();
    let route = Route::expect();
    let plan_by = part(found, |f| {
        if f.plan.kpi_by.is_empty() {
            f.kpis.first().map(|t| t.by.clone()).unwrap_or_default()
        } else {
            f.plan.kpi_by.clone()
        }
    });
    let wanted = RwSignal::new(None::<Vec<String>>);
    let by = Memo::new(move |_| wanted.get().unwrap_or_else(|| plan_by.get()));
    let table = Memo::new(move |_| {
        found.with(|f| {
            let kpis = &f.as_ref()?.kpis;
            by.with(|by| kpis.iter().find(|t| &t.by == by)).or(kpis.first()).cloned()
        })
    });
    let choose = move |by: Vec<String>| {
        let is_there =
            found.with_untracked(|f| f.as_ref().is_some_and(|f| f.kpis.iter().any(|t| t.by == by)));
        wanted.set(Some(by.clone()));
        if !is_there {
            let plan = session.recipe.with_untracked(|r| r.explore.clone());
            actions::explore(session, ExplorePlan { kpi_by: by, ..plan });
        }
    };
    let first = Signal::derive(move || by.with(|b| b.first().cloned().unwrap_or_default()));
    let second = Signal::derive(move || by.with(|b| b.get(1).cloned().unwrap_or_default()));
    let categories = part(found, |f| {
        let mut all = f.segments.clone();
        all.extend(f.kpis.iter().flat_map(|t| t.by.clone()).filter(|c| !f.segments.contains(c)));
        let mut seen = std::collections::BTreeSet::new();
        all.retain(|c| seen.insert(c.clone()));
        all
    });
    let first_choices =
        Signal::derive(move || categories.get().into_iter().map(Choice::same).collect::<Vec<_>>());
    let second_choices = Signal::derive(move || {
        let first = first.get();
        let rest = categories.get().into_iter().filter(|c| *c != first).map(Choice::same);
        std::iter::once(Choice::new("", "nothing else")).chain(rest).collect::<Vec<_>>()
    });
    let choose_first = move |one: String| {
        let two = Some(second.get_untracked()).filter(|s| !s.is_empty() && *s != one);
        choose(std::iter::once(one).chain(two).collect());
    };
    let choose_second = move |two: String| {
        choose(std::iter::once(first.get_untracked()).chain((!two.is_empty()).then_some(two)).collect());
    };
    let metrics = Signal::derive(move || {
        table.with(|t| {
            t.as_ref()
                .map(|t| {
                    t.columns.iter().map(|c| Choice::new(c.slug.clone(), c.label.clone())).collect::<Vec<_>>()
                })
                .unwrap_or_default()
        })
    });
    let metric = Memo::new(move |_| {
        let wanted = route.get("metric").unwrap_or_default();
        metrics.with(|m| {
            let has = |slug: &str| m.iter().any(|c| c.value == slug);
            if has(&wanted) {
                return wanted;
            }
            let telling = ["cpa", "response_rate", "cpl", "cvr", "ctr"].into_iter().find(|s| has(s));
            telling.map(str::to_owned).or_else(|| m.first().map(|c| c.value.clone())).unwrap_or_default()
        })
    });
    let request = Signal::derive(move || {
        let by = table.with(|t| t.as_ref().map(|t| t.by.clone()).unwrap_or_default());
        ChartRequest::new("kpi_bars", std::iter::once(metric.get()).chain(by))
    });
    let header = Signal::derive(move || table.with(|t| t.as_ref().map(kpi_header).unwrap_or_default()));
    let rows = Signal::derive(move || table.with(|t| t.as_ref().map(kpi_rows).unwrap_or_default()));
    let few = move || table.with(|t| t.as_ref().map(few_line).unwrap_or_default());
    view! {
        <section class="page__section" data-section="kpis">
            <div class="controls">
                <Select label="By" choices=first_choices value=first on_change=choose_first />
                <Select label="and by" choices=second_choices value=second on_change=choose_second />
                <Select label="Drawn" choices=metrics value=metric on_change=move |m: String| route.put("metric", Some(&m)) />
            </div>
            <Chart request height=300 instead="This KPI has no value in these groups." />
            <Table caption="KPIs by group, ratios of sums" header rows />
            <p class="quiet">"Every KPI is a ratio of sums. A dash is undefined: point at it for the reason." {few}</p>
        </section>
    }
}

fn kpi_header(table: &KpiTable) -> Vec<String> {
    let with_unit = |label: &str, unit: &str| {
        if unit.is_empty() || unit == "%" { label.to_owned() } else { format!("{label} ({unit})") }
    };
    let by = table.by.join(", ");
    [by, "Rows".to_owned()]
        .into_iter()
        .chain(table.columns.iter().map(|c| with_unit(&c.label, &c.unit)))
        .collect()
}

fn kpi_rows(table: &KpiTable) -> Vec<Vec<Cell>> {
    let show: Vec<_> = (0..table.columns.len()).map(|i| table.show(i, false)).collect();
    let row = |row: &KpiRow| {
        let labels = if row.labels.iter().all(String::is_empty) {
            "Everything".to_owned()
        } else {
            row.labels.join(", ")
        };
        let values = table.columns.iter().zip(&show).enumerate().map(|(i, (column, show))| {
            let note = row.notes.get(i).cloned().flatten();
            match row.values.get(i).copied().flatten() {
                Some(v) if row.is_too_few(i) => {
                    Cell::number(show(v)).quiet().with_hint("Too little is behind it to compare")
                }
                Some(v) => Cell::number(show(v)),
                None => {
                    let bound = note.clone().filter(|n| n.starts_with('>'));
                    Cell::number(bound.unwrap_or_else(|| words::NOTHING.into())).with_hint(
                        note.unwrap_or_else(|| format!("Undefined: {} needs a divisor", column.formula)),
                    )
                }
            }
        });
        [Cell::text(labels), Cell::number(words::count(row.n_rows))].into_iter().chain(values).collect()
    };
    table.rows.iter().map(row).collect()
}

/// How many groups are too small, where there are any.
fn few_line(table: &KpiTable) -> String {
    let n = table.rows.iter().filter(|r| r.too_few.contains(&true)).count() as u64;
    if n == 0 {
        return String::new();
    }
    format!(
        " {} too small to compare by some KPIs (fewer than 30 people or clicks, or fewer than 5 results to expect at the average rate): these values are pale and in no headline.",
        words::counted(n, "group is", "groups are")
    )
}

#[component]
fn Rates(found: Found) -> impl IntoView {
    let session = Session::expect();
    let route = Route::expect();
    let ask = move |edit: &dyn Fn(&mut ExplorePlan)| {
        let mut plan = session.recipe.with_untracked(|r| r.explore.clone());
        edit(&mut plan);
        actions::explore(session, plan);
    };
    let outcome = part(found, |f| f.plan.outcome.clone().unwrap_or_default());
    let outcomes =
        part(found, |f| f.outcomes.iter().map(|o| Choice::same(o.column.clone())).collect::<Vec<_>>());
    let exposure = part(found, |f| f.plan.exposure.clone().unwrap_or_default());
    let exposures = part(found, |f| {
        let own = f.outcomes.iter().find(|o| Some(&o.column) == f.plan.outcome.as_ref());
        let list = own.map(|o| o.exposures.clone()).unwrap_or_default();
        if list.is_empty() {
            vec![Choice::new("", "rows (one each)")]
        } else {
            list.into_iter()
                .map(|e| if e.is_empty() { Choice::new("", "rows (one each)") } else { Choice::same(e) })
                .collect()
        }
    });
    let year = part(found, |f| f.plan.reference_year.map(|y| y.to_string()).unwrap_or_default());
    let year_error = RwSignal::new(None::<String>);
    let set_year = move |text: String| {
        let text = text.trim().to_owned();
        match text.parse::<i32>() {
            _ if text.is_empty() => {
                year_error.set(None);
                ask(&|plan| plan.reference_year = None);
            }
            Ok(y) if (1900..=2200).contains(&y) => {
                year_error.set(None);
                ask(&move |plan| plan.reference_year = Some(y));
            }
            _ => {
                year_error.set(Some("Enter a year such as 2025, or nothing for the file's last date.".into()))
            }
        }
    };
    let has_ages = Memo::new(move |_| session.has_role(Role::BirthYear));
    let rates = part(found, |f| f.rates.clone());
    let segment = Memo::new(move |_| {
        let wanted = route.get("segment").unwrap_or_default();
        rates.with(|r| {
            // Ages at another year are groups of another name.
            let at_year = format!("{wanted} at ");
            r.iter()
                .find(|r| r.segment == wanted)
                .or_else(|| r.iter().find(|r| r.segment.starts_with(&at_year)))
                .or(most_telling(r))
                .map(|r| r.segment.clone())
                .unwrap_or_default()
        })
    });
    let segments = Signal::derive(move || {
        rates.with(|r| r.iter().map(|r| Choice::same(r.segment.clone())).collect::<Vec<_>>())
    });
    let request = Signal::derive(move || ChartRequest::new("rate_by_segment", [segment.get()]));
    let tested = Signal::derive(move || rates.with(|r| r.iter().map(test_row).collect::<Vec<_>>()));
    let why = Signal::derive(move || {
        let segment = segment.get();
        rates.with(|r| r.iter().find(|r| r.segment == segment).map(test_line).unwrap_or_default())
    });
    let header = [
        "Segment",
        "Groups",
        "Test",
        "Statistic",
        "Degrees of freedom",
        "Dispersion",
        "Effect size",
        "p",
        "p (Holm)",
        "p (BH)",
        "Grade",
        "Note",
    ];
    let marked = Signal::derive(move || {
        let segment = segment.get();
        rates.with(|r| r.iter().position(|r| r.segment == segment))
    });
    view! {
        <section class="page__section" data-section="rates">
            <div class="controls">
                <Select
                    label="Outcome" choices=outcomes value=outcome
                    on_change=move |o: String| ask(&|plan| { plan.outcome = Some(o.clone()); plan.exposure = None; })
                />
                <Select
                    label="Divided by" choices=exposures value=exposure
                    on_change=move |e: String| ask(&|plan| plan.exposure = Some(e.clone()))
                />
                <Show when=move || has_ages.get()>
                    <TextInput
                        label="Ages counted at year" placeholder="the file's last date"
                        value=year on_change=set_year error=year_error
                    />
                </Show>
                <Select label="Segment" choices=segments value=segment on_change=move |s: String| route.put("segment", Some(&s)) />
            </div>
            <Show
                when=move || rates.with(|r| !r.is_empty())
                fallback=|| view! { <EmptyState title="Nothing to compare" text="A rate needs an outcome (purchases, a response) and a category. Give columns these roles on the Data page." /> }
            >
                <Chart request height=320 />
                <p class="test-line">{why}</p>
                <h2>"Every segment compared"</h2>
                <Table
                    caption="Tests of the outcome over every segment, with adjusted p"
                    header=Signal::stored(header.map(str::to_owned).to_vec())
                    rows=tested marked
                />
                <p class="quiet">
                    "Many comparisons find something by chance: "
                    <Term word="Holm" means="Makes p larger so that the chance of even one false finding among all segments stays below the level." />
                    " and "
                    <Term word="BH" means="Benjamini-Hochberg: at most this share of the findings called real are expected to be false." />
                    " adjust p for the number of segments."
                </p>
            </Show>
        </section>
    }
}

/// The segment of the best grade with the smallest p, to begin with.
fn most_telling(rates: &[RateBySegment]) -> Option<&RateBySegment> {
    let p = |r: &RateBySegment| r.test.as_ref().map_or(2.0, |t| if t.p.is_nan() { 2.0 } else { t.p });
    rates.iter().min_by(|a, b| a.grade.rank().cmp(&b.grade.rank()).then(p(a).total_cmp(&p(b))))
}

fn test_row(rate: &RateBySegment) -> Vec<Cell> {
    let none = || Cell::number(words::NOTHING);
    let mut row = vec![Cell::text(rate.segment.clone()), Cell::number(rate.levels.len().to_string())];
    match &rate.test {
        Some(t) => {
            let dof = if t.dof.is_empty() { none() } else { Cell::number(words::degrees(&t.dof)) };
            row.extend([
                Cell::text(t.name.clone()),
                Cell::number(format!("{} = {}", t.symbol, words::decimals(t.statistic, 2))),
                dof,
                t.dispersion.map_or_else(none, |d| Cell::number(words::decimals(d, 2))),
                t.effect.as_ref().map_or_else(none, |(name, v)| {
                    Cell::number(format!("{name} {}", words::decimals(*v, 3)))
                }),
            ]);
            // A p that decides nothing is not printed beside the grade that contradicts it: the note has the reason.
            row.extend([Some(t.p), t.p_holm, t.p_bh].map(|p| match p {
                Some(p) if rate.caution.is_none() => Cell::number(words::p_cell(p)),
                _ => none(),
            }));
        }
        None => {
            row.push(Cell::text("too few to test"));
            row.extend(std::iter::repeat_with(none).take(7));
        }
    }
    let note = rate.caution.clone().or_else(|| rate.remark.clone()).unwrap_or_default();
    row.extend([Cell::text(rate.grade.label()), Cell::text(note)]);
    row
}

/// Which test, what it found and why this one.
fn test_line(rate: &RateBySegment) -> String {
    let (t, None) = (&rate.test, &rate.caution) else {
        return rate.caution.clone().unwrap_or_default();
    };
    let Some(t) = t else { return String::new() };
    let mut parts = vec![t.named()];
    if let Some(p) = t.p_holm {
        let n = t.n_tests.map_or(String::new(), |n| format!(" over {n} segments"));
        parts.push(format!("{} after Holm{n}", words::p_value(p)));
    }
    if let Some(p) = t.p_bh {
        parts.push(format!("{} after Benjamini-Hochberg", words::p_value(p)));
    }
    if let Some((name, v)) = &t.effect {
        parts.push(format!("{name} {}", words::decimals(*v, 3)));
    }
    let remark = rate.remark.as_ref().map_or_else(String::new, |r| format!(" {r}"));
    words::unbroken(&format!("{}. {}.{remark}", parts.join("; "), t.why.trim_end_matches('.')))
}
