//! Decide: what contacting a segment or moving budget is worth in money, how sure that is, and how to prove it.

use std::sync::Arc;

use leptos::prelude::*;

use crate::{
    charts::{ChartRequest, segment_value::verdict_word},
    engine::{
        data::role::TableKind,
        decisions::decision::{
            BudgetMove, BudgetResult, Decision, DecisionPlan, Economics, HoldOutPlan, Retargeting, Verdict,
        },
        statistics::exploration::Exploration,
        words,
    },
    ui::{
        components::{
            Button, ButtonKind, Cell, Chart, Checkbox, Choice, ClaimList, EmptyState, IconName, MetricRow,
            MetricTile, NeedsData, NextStep, NumberInput, PageHeader, Panel, Select, SlotStatus, Table, Term,
        },
        hooks::{latest, part},
        route::{Page, Route},
        session::{Session, Slot, actions},
    },
};

type Decided = Memo<Option<Arc<Decision>>>;

/// The Decide page.
#[component]
pub fn DecidePage() -> impl IntoView {
    view! {
        <NeedsData what="Here a finding becomes a decision: whom to contact or where to move budget, what that is worth, and how to prove it.">
            <Decide />
        </NeedsData>
    }
}

#[component]
fn Decide() -> impl IntoView {
    let session = Session::expect();
    let decided = latest(session.decision);
    let segmentation = latest(session.segmentation);
    Effect::new(move |_| {
        let _ = segmentation.get();
        if session.prepared.with(Option::is_some) {
            actions::ensure_exploration(session);
            actions::ensure_decision(session);
        }
    });
    let again = Callback::new(move |()| actions::decide(session, plan_of(session)));
    let sentence = Signal::derive(move || {
        decided.with(|d| d.as_ref().and_then(|d| sentence_of(d))).unwrap_or_else(|| {
            "Whom to contact or where to move budget, what that is worth, and how to prove it.".into()
        })
    });
    let has_retargeting =
        Memo::new(move |_| decided.with(|d| d.as_ref().is_some_and(|d| d.retargeting.is_some())));
    let has_budget = Memo::new(move |_| decided.with(|d| d.as_ref().is_some_and(|d| d.budget.is_some())));
    let claims = part(decided, |d| d.claims.clone());

    let is_ready = move || session.decision.with(Slot::is_ready);
    view! {
        <div class="page" data-page="decide" data-ready=move || is_ready().to_string()>
        <PageHeader title="Decide" sentence />
        <SlotStatus of=session.decision on_again=again again="Work it out again" />
        <Missing decided />
        <Show when=move || has_retargeting.get()><RetargetingView decided /></Show>
        <Show when=move || has_budget.get()><BudgetView decided /></Show>
        <Show when=move || claims.with(|c| !c.is_empty())>
            <section class="page__section" data-section="claims">
                <h2>"Findings"</h2>
                <ClaimList claims />
            </section>
        </Show>
        <NextStep to=Page::Report text=Signal::stored("Put everything that was found into one file that opens anywhere.".to_owned()) />
        </div>
    }
}

/// The plan in force: what the user said, else nothing.
fn plan_of(session: Session) -> DecisionPlan {
    session.recipe.with_untracked(|r| r.decision.clone()).unwrap_or_default()
}

fn sentence_of(decision: &Decision) -> Option<String> {
    let retargeting = decision.retargeting.as_ref().map(|r| r.sentence.clone());
    retargeting.or_else(|| decision.budget.as_ref().map(|b| b.sentence.clone())).filter(|s| !s.is_empty())
}

/// What is missing for a decision, and where to get it.
#[component]
fn Missing(decided: Decided) -> impl IntoView {
    let session = Session::expect();
    let route = Route::expect();
    let missing = part(decided, |d| d.missing.clone());
    let is_nothing = Memo::new(move |_| {
        decided.with(|d| d.as_ref().is_some_and(|d| d.retargeting.is_none() && d.budget.is_none()))
    });
    let has_segments = Memo::new(move |_| session.segmentation.with(|s| s.value().is_some()));
    let text = Signal::derive(move || {
        let missing = missing.get();
        if !missing.is_empty() {
            return missing.join(" ");
        }
        match session.kind() {
            TableKind::Ads => "A budget move needs spend, conversions and a category of ads.".to_owned(),
            _ => "A decision about people needs segments, and a column that says who responded.".to_owned(),
        }
    });
    view! {
        {move || is_nothing.get().then(|| view! {
            <EmptyState title="Nothing to decide yet" text=text.get()>
                {if has_segments.get() || session.kind() == TableKind::Ads {
                    view! { <Button kind=ButtonKind::Primary on_press=move |()| route.go(Page::Data)>"Check the roles of columns"</Button> }.into_any()
                } else {
                    view! { <Button kind=ButtonKind::Primary on_press=move |()| route.go(Page::Segment)>"Find segments"</Button> }.into_any()
                }}
            </EmptyState>
        })}
        <Show when=move || !is_nothing.get() && missing.with(|m| !m.is_empty())>
            <ul class="notes">{move || missing.get().into_iter().map(|m| view! { <li>{m}</li> }).collect_view()}</ul>
        </Show>
    }
}

/// People: which segments to contact.
#[component]
fn RetargetingView(decided: Decided) -> impl IntoView {
    let session = Session::expect();
    let found = Memo::new(move |_| decided.with(|d| d.as_ref().and_then(|d| d.retargeting.clone())));
    let take =
        move |of: fn(&Retargeting) -> f64| Signal::derive(move || found.with(|f| f.as_ref().map_or(0.0, of)));
    let cash = move |v: f64| words::money(v, session.currency().as_deref());
    let value = take(|r| r.economics.value_per_response);
    let cost = take(|r| r.economics.cost_per_contact);
    let set = move |economics: Economics| {
        actions::decide(
            session,
            DecisionPlan { economics: Some(economics), segments: None, ..plan_of(session) },
        );
    };
    let set_value =
        move |v: f64| set(Economics { value_per_response: v, cost_per_contact: cost.get_untracked() });
    let set_cost =
        move |v: f64| set(Economics { value_per_response: value.get_untracked(), cost_per_contact: v });
    let source = Signal::derive(move || {
        found.with(|f| f.as_ref().map(|f| f.economics_source.clone()).unwrap_or_default())
    });
    let unit = session.currency().unwrap_or_default();
    let profit =
        Signal::derive(move || found.with(|f| f.as_ref().map(|f| cash(f.profit)).unwrap_or_default()));
    let profit_note = Signal::derive(move || {
        found.with(|f| {
            f.as_ref().map(|f| {
                format!("95 % interval {} to {}", cash(f.profit_interval.0), cash(f.profit_interval.1))
            })
        })
    });
    let everyone = Signal::derive(move || {
        found.with(|f| f.as_ref().map(|f| cash(f.profit_everyone)).unwrap_or_default())
    });
    let people = Signal::derive(move || {
        found.with(|f| f.as_ref().map(|f| words::count(f.people)).unwrap_or_default())
    });
    let people_note = Signal::derive(move || {
        found.with(|f| f.as_ref().map(|f| format!("{} of {} segments", f.chosen.len(), f.segments.len())))
    });
    let break_even = Signal::derive(move || {
        found.with(|f| f.as_ref().map(|f| words::percent(f.break_even)).unwrap_or_default())
    });
    let assumptions =
        Signal::derive(move || found.with(|f| f.as_ref().map(|f| f.assumptions.clone()).unwrap_or_default()));
    let value_request = Signal::stored(ChartRequest::new("segment_value", []));
    let curve_request = Signal::stored(ChartRequest::new("profit_curve", []));

    view! {
        <div class="beside" data-section="retargeting">
            <div class="beside__main">
                <MetricRow>
                    <MetricTile label="Expected profit of the choice" value=profit note=profit_note />
                    <MetricTile label="Contacting everyone" value=everyone />
                    <MetricTile label="People contacted" value=people note=people_note />
                    <MetricTile label="Break-even response" value=break_even note="cost of a contact / value of a response" />
                </MetricRow>
                <section class="page__section">
                    <h2>"Segments, best first"</h2>
                    <SegmentChoice found />
                </section>
                <section class="page__section"><Chart request=value_request height=320 /></section>
                <section class="page__section"><Chart request=curve_request height=300 /></section>
                <HoldOut decided />
                <Assumptions assumptions />
            </div>
            <div class="beside__panel">
                <Panel title="What it costs and brings">
                    <NumberInput label="Value of a response" unit=unit.clone() min=0.0 value=value on_change=set_value />
                    <NumberInput label="Cost of a contact" unit min=0.0 value=cost on_change=set_cost />
                    <p class="field__help">{move || words::capitalised(&source.get())}</p>
                </Panel>
            </div>
        </div>
    }
}

/// Every segment with its money; ticked ones are contacted.
#[component]
fn SegmentChoice(found: Memo<Option<Retargeting>>) -> impl IntoView {
    let session = Session::expect();
    let chosen = Memo::new(move |_| found.with(|f| f.as_ref().map(|f| f.chosen.clone()).unwrap_or_default()));
    let toggle = move |index: u32, is_on: bool| {
        let mut segments = chosen.get_untracked();
        segments.retain(|&i| i != index);
        if is_on {
            segments.push(index);
            segments.sort_unstable();
        }
        actions::decide(session, DecisionPlan { segments: Some(segments), ..plan_of(session) });
    };
    let cash = move |v: f64| words::money(v, session.currency().as_deref());
    let rows = move || {
        let segments = found.with(|f| f.as_ref().map(|f| f.segments.clone()).unwrap_or_default());
        segments
            .into_iter()
            .map(|s| {
                let index = s.index;
                let verdict = match s.verdict {
                    Verdict::Contact => "contact",
                    Verdict::Leave => "leave",
                    Verdict::CannotTell => "cannot-tell",
                };
                view! {
                    <li class="segment-choice__item" data-segment=index.to_string() data-verdict=verdict>
                        <Checkbox
                            label=s.name.clone()
                            help=format!("{} people, {} expected ({}), {} times the average", words::count(s.n), words::percent(s.rate), words::percent_interval(s.rate_interval), words::decimals(s.lift.unwrap_or(f64::NAN), 1))
                            checked=Signal::derive(move || chosen.with(|c| c.contains(&index)))
                            on_change=move |is_on: bool| toggle(index, is_on)
                        />
                        <span class="segment-choice__money">
                            <span class="segment-choice__profit">{cash(s.profit)}</span>
                            <span class="quiet">{format!("{} to {}; {} a person", cash(s.profit_interval.0), cash(s.profit_interval.1), words::money(s.profit_per_person, session.currency().as_deref()))}</span>
                            <span class="segment-choice__verdict">{words::capitalised(verdict_word(s.verdict))}</span>
                        </span>
                    </li>
                }
            })
            .collect_view()
    };
    let reset = move |()| actions::decide(session, DecisionPlan { segments: None, ..plan_of(session) });
    let save = move |()| actions::save_table(session, Some(chosen.get_untracked()));
    let has_nobody = Signal::derive(move || chosen.with(Vec::is_empty));
    view! {
        <ul class="segment-choice">{rows}</ul>
        <div class="segment-choice__actions">
            <Button icon=IconName::Download small=true disabled=has_nobody on_press=save>
                "Save these people as CSV"
            </Button>
            <Button kind=ButtonKind::Quiet small=true on_press=reset>"Choose those that pay"</Button>
        </div>
    }
}

/// The experiment that would prove it.
#[component]
fn HoldOut(decided: Decided) -> impl IntoView {
    let session = Session::expect();
    let found = Memo::new(move |_| decided.with(|d| d.as_ref().and_then(|d| d.hold_out.clone())));
    let has_found = Memo::new(move |_| found.with(Option::is_some));
    let detect = Memo::new(move |_| found.with(|f| f.as_ref().map_or(3.0, points)));
    let set =
        move |v: f64| actions::decide(session, DecisionPlan { detect: Some(v / 100.0), ..plan_of(session) });
    let text = move || found.with(|f| f.as_ref().map(|f| f.sentence.clone()).unwrap_or_default());
    let row = Signal::derive(move || {
        found.with(|f| {
            f.as_ref()
                .map(|f| {
                    vec![vec![
                        Cell::number(words::percent(f.base_rate)),
                        Cell::number(words::percent(f.detect_rate)),
                        Cell::number(words::percent(f.power)),
                        Cell::number(words::percent(f.alpha)),
                        Cell::number(words::count(f.n_per_arm)),
                        Cell::number(words::count(f.available)),
                    ]]
                })
                .unwrap_or_default()
        })
    });
    let header = [
        "Response if contacted",
        "Response if left alone",
        "Power",
        "Level",
        "People in each group",
        "People there are",
    ]
    .map(str::to_owned)
    .to_vec();
    view! {
        <Show when=move || has_found.get()>
            <section class="page__section" data-section="hold-out">
                <h2>"How to prove it"</h2>
                <p class="lead">{text}</p>
                <Table caption="Plan of a hold-out test" header=Signal::stored(header.clone()) rows=row />
                <div class="controls">
                    <NumberInput label="Difference to detect" unit="points" min=0.1 max=50.0 value=detect on_change=set />
                </div>
                <p class="quiet">
                    "Leave some people of the chosen segments out at "
                    <Term word="random" means="By lot: only then can a difference be put down to the contact and nothing else." />
                    ". The response seen so far is what people did who were all contacted: it says who responds, not whom the contact persuades."
                </p>
            </section>
        </Show>
    }
}

/// The difference to detect in percentage points, to one decimal.
fn points(plan: &HoldOutPlan) -> f64 {
    ((plan.detect_rate - plan.base_rate).abs() * 1000.0).round() / 10.0
}

/// Ads: moving budget.
#[component]
fn BudgetView(decided: Decided) -> impl IntoView {
    let session = Session::expect();
    let exploration = latest(session.exploration);
    let found = Memo::new(move |_| decided.with(|d| d.as_ref().and_then(|d| d.budget.clone())));
    let plan = Memo::new(move |_| found.with(|f| f.as_ref().map(|f| f.plan.clone())));
    let text = move |of: fn(&BudgetMove) -> &String| {
        Signal::derive(move || plan.with(|p| p.as_ref().map(|p| of(p).clone()).unwrap_or_default()))
    };
    let (by, from, to) = (text(|p| &p.by), text(|p| &p.from), text(|p| &p.to));
    let share =
        Signal::derive(move || plan.with(|p| p.as_ref().map_or(20.0, |p| (p.share * 1000.0).round() / 10.0)));
    let set = move |edit: &dyn Fn(&mut BudgetMove)| {
        if let Some(mut budget) = plan.get_untracked() {
            edit(&mut budget);
            actions::decide(session, DecisionPlan { budget: Some(budget), ..plan_of(session) });
        }
    };
    let categories = Signal::derive(move || {
        let own = by.get();
        exploration.with(|e| {
            let mut names = e.as_ref().map(|e| e.segments.clone()).unwrap_or_default();
            if !own.is_empty() && !names.contains(&own) {
                names.insert(0, own);
            }
            names.into_iter().map(Choice::same).collect::<Vec<_>>()
        })
    });
    let set_by = move |column: String| {
        let levels =
            exploration.with_untracked(|e| e.as_ref().map(|e| levels_of(e, &column)).unwrap_or_default());
        if let [first, .., last] = levels.as_slice() {
            set(&|p| {
                p.by = column.clone();
                p.from = last.clone();
                p.to = first.clone();
            });
        }
    };
    let levels = Signal::derive(move || {
        found.with(|f| {
            f.as_ref()
                .map(|f| f.groups.iter().map(|g| Choice::same(g.label.clone())).collect::<Vec<_>>())
                .unwrap_or_default()
        })
    });
    let request = Signal::stored(ChartRequest::new("budget_groups", []));
    let figures = move |of: fn(&BudgetResult) -> String| {
        Signal::derive(move || found.with(|f| f.as_ref().map(of).unwrap_or_default()))
    };
    let gain = figures(|f| words::signed(f.gain));
    let gain_note = figures(|f| {
        format!("95 % interval {} to {}", words::signed(f.gain_interval.0), words::signed(f.gain_interval.1))
    });
    let naive = figures(|f| words::signed(f.naive_gain));
    let elasticity = figures(|f| words::decimals(f.elasticity, 2));
    let elasticity_note = figures(|f| {
        format!(
            "95 % interval {} to {}",
            words::decimals(f.elasticity_interval.0, 2),
            words::decimals(f.elasticity_interval.1, 2)
        )
    });
    let moved = Signal::derive(move || {
        found.with(|f| {
            f.as_ref().map(|f| words::money(f.moved, session.currency().as_deref())).unwrap_or_default()
        })
    });
    let moved_note = Signal::derive(move || {
        plan.with(|p| {
            p.as_ref()
                .map(|p| format!("{} of {}, to {}", words::percent(p.share), p.from, p.to))
                .unwrap_or_default()
        })
    });
    let outcome = figures(|f| f.outcome.clone());
    let assumptions =
        Signal::derive(move || found.with(|f| f.as_ref().map(|f| f.assumptions.clone()).unwrap_or_default()));
    let sentence = figures(|f| f.sentence.clone());
    let is_second = Memo::new(move |_| decided.with(|d| d.as_ref().is_some_and(|d| d.retargeting.is_some())));

    view! {
        <div class="beside" data-section="budget">
            <div class="beside__main">
                // Alone it is the sentence of the page already.
                <Show when=move || is_second.get()><p class="lead">{sentence}</p></Show>
                <MetricRow>
                    <MetricTile label="Moved" value=moved note=moved_note />
                    <MetricTile label="Expected gain" value=gain note=gain_note />
                    <MetricTile label="What average cost would promise" value=naive note="ignores diminishing returns" />
                    <MetricTile label="Elasticity" value=elasticity note=elasticity_note />
                </MetricRow>
                <p class="quiet">
                    "Gains are counts of " {outcome} ". "
                    <Term word="Elasticity" means="How many percent more conversions one percent more spend brings; below 1 every further unit of money brings less." />
                    " turns the average cost of a conversion into the cost of one more."
                </p>
                <section class="page__section"><Chart request height=340 /></section>
                <Assumptions assumptions />
            </div>
            <div class="beside__panel">
                <Panel title="The move">
                    <Select label="Groups by" choices=categories value=by on_change=set_by />
                    <Select label="Take from" choices=levels value=from on_change=move |l: String| set(&|p| p.from = l.clone()) />
                    <Select label="Give to" choices=levels value=to on_change=move |l: String| set(&|p| p.to = l.clone()) />
                    <NumberInput
                        label="Share of its spend" unit="%" min=1.0 max=100.0 value=share
                        on_change=move |v: f64| set(&|p| p.share = v / 100.0)
                    />
                </Panel>
            </div>
        </div>
    }
}

/// Levels of a category, as far as exploring met them.
fn levels_of(found: &Exploration, column: &str) -> Vec<String> {
    if let Some(rate) = found.rates.iter().find(|r| r.segment == column) {
        return rate.levels.iter().map(|l| l.label.clone()).collect();
    }
    if let Some(table) = found.kpis.iter().find(|t| t.by.len() == 1 && t.by[0] == column) {
        return table
            .rows
            .iter()
            .filter_map(|r| r.labels.first().cloned())
            .filter(|l| !l.is_empty())
            .collect();
    }
    let own = found.columns.iter().find(|c| c.name == column);
    own.map(|c| c.top.iter().map(|(level, _)| level.clone()).collect()).unwrap_or_default()
}

#[component]
fn Assumptions(assumptions: Signal<Vec<String>>) -> impl IntoView {
    view! {
        <Show when=move || assumptions.with(|a| !a.is_empty())>
            <section class="page__section" data-section="assumptions">
                <h2>"What this rests on"</h2>
                <ul class="notes">{move || assumptions.get().into_iter().map(|a| view! { <li>{a}</li> }).collect_view()}</ul>
            </section>
        </Show>
    }
}
