//! Decide: what contacting a segment or moving budget is worth in money, how sure that is, and how to prove it.

use std::sync::Arc;

use leptos::prelude::*;

use crate::{
    charts::ChartRequest,
    engine::{
        data::role::TableKind,
        decisions::{
            budget_words::{basis, change, range},
            decision::{
                BudgetMove, BudgetResult, Decision, DecisionPlan, Economics, HoldOutPlan, Retargeting,
                Verdict,
            },
        },
        models::outcome::Outcome,
        words,
    },
    ui::{
        components::{
            Button, ButtonKind, Cell, Chart, Checkbox, Choice, ClaimList, EmptyState, IconName, MetricRow,
            MetricTile, NeedsData, NextStep, NumberInput, PageHeader, Panel, Select, SlotStatus, Table, Term,
        },
        hooks::{latest, part},
        pages::{data::PersonalNote, decide_contacts::ContactsView},
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
    let contacts = Memo::new(move |_| decided.with(|d| d.as_ref().and_then(|d| d.contacts.clone())));
    let economics =
        Signal::derive(move || contacts.with(|c| c.as_ref().map(|c| c.economics)).unwrap_or_default());
    let source = Signal::derive(move || {
        contacts.with(|c| c.as_ref().map(|c| c.economics_source.clone()).unwrap_or_default())
    });
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
        <Show when=move || contacts.with(Option::is_some)>
            // What the money changes stands below it, by person and by segment.
            <Money economics source />
            <ContactsView found=contacts />
        </Show>
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
    let contacts = decision.contacts.as_ref().map(|c| c.sentence.clone());
    let retargeting = || decision.retargeting.as_ref().map(|r| r.sentence.clone());
    contacts
        .or_else(retargeting)
        .or_else(|| decision.budget.as_ref().map(|b| b.sentence.clone()))
        .filter(|s| !s.is_empty())
}

/// What is missing for a decision, and where to get it.
#[component]
fn Missing(decided: Decided) -> impl IntoView {
    let session = Session::expect();
    let route = Route::expect();
    let missing = part(decided, |d| d.missing.clone());
    let is_nothing = Memo::new(move |_| {
        let has_none =
            |d: &Arc<Decision>| d.contacts.is_none() && d.retargeting.is_none() && d.budget.is_none();
        decided.with(|d| d.as_ref().is_some_and(has_none))
    });
    let has_segments = Memo::new(move |_| {
        session.segmentation.with(|s| s.value().is_some()) && !session.is_stale(session.segmentation)
    });
    // A move that cannot be valued takes its form away with it: this is the way back.
    let is_stuck = Memo::new(move |_| {
        decided.with(|d| d.as_ref().is_some_and(|d| d.budget.is_none() && d.plan.budget.is_some()))
    });
    let asks_for_money = Memo::new(move |_| {
        let has_rates = session.segmentation.with(|s| s.value().is_some_and(|s| s.overall_rate.is_some()));
        let has_model = session.comparison.with(|s| s.value().is_some_and(|c| c.outcome() == Outcome::YesNo));
        (has_rates || has_model)
            && session.kind() != TableKind::Ads
            && decided.with(|d| d.as_ref().is_some_and(|d| d.retargeting.is_none() && d.contacts.is_none()))
    });
    let propose = move |()| actions::decide(session, DecisionPlan { budget: None, ..plan_of(session) });
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
        <Show when=move || asks_for_money.get()><AskMoney /></Show>
        <Show when=move || is_stuck.get()>
            <div class="go"><Button kind=ButtonKind::Primary on_press=propose>"Back to the proposed move"</Button></div>
        </Show>
        <Show when=move || !is_nothing.get() && missing.with(|m| !m.is_empty())>
            <ul class="notes">{move || missing.get().into_iter().map(|m| view! { <li>{m}</li> }).collect_view()}</ul>
        </Show>
    }
}

/// Value and cost where no column says them; valued as soon as both are known.
#[component]
fn AskMoney() -> impl IntoView {
    let session = Session::expect();
    let (value, cost) = (RwSignal::new(f64::NAN), RwSignal::new(f64::NAN));
    let enter = move |of: RwSignal<f64>, v: f64| {
        of.set(v);
        let economics =
            Economics { value_per_response: value.get_untracked(), cost_per_contact: cost.get_untracked() };
        if !economics.value_per_response.is_nan() && !economics.cost_per_contact.is_nan() {
            actions::decide(session, DecisionPlan { economics: Some(economics), ..plan_of(session) });
        }
    };
    view! {
        <Panel title="What it costs and brings">
            <NumberInput label="Value of a response" min=0.01 value on_change=move |v: f64| enter(value, v) />
            <NumberInput label="Cost of a contact" min=0.0 value=cost on_change=move |v: f64| enter(cost, v) />
        </Panel>
    }
}

/// What a contact costs and a response brings, to be changed; segments picked by hand are picked anew then.
#[component]
fn Money(#[prop(into)] economics: Signal<Economics>, #[prop(into)] source: Signal<String>) -> impl IntoView {
    let session = Session::expect();
    let set = move |economics: Economics| {
        actions::decide(
            session,
            DecisionPlan { economics: Some(economics), segments: None, ..plan_of(session) },
        );
    };
    let set_value = move |v: f64| set(Economics { value_per_response: v, ..economics.get_untracked() });
    let set_cost = move |v: f64| set(Economics { cost_per_contact: v, ..economics.get_untracked() });
    let unit = session.currency().unwrap_or_default();
    view! {
        <Panel title="What it costs and brings">
            <div class="field-row">
                <NumberInput label="Value of a response" unit=unit.clone() min=0.01 on_change=set_value
                    value=Signal::derive(move || economics.get().value_per_response) />
                <NumberInput label="Cost of a contact" unit min=0.0 on_change=set_cost
                    value=Signal::derive(move || economics.get().cost_per_contact) />
            </div>
            <p class="field__help">{move || words::capitalised(&source.get())}</p>
        </Panel>
    }
}

/// People: which segments to contact.
#[component]
fn RetargetingView(decided: Decided) -> impl IntoView {
    let session = Session::expect();
    let found = Memo::new(move |_| decided.with(|d| d.as_ref().and_then(|d| d.retargeting.clone())));
    let economics =
        Signal::derive(move || found.with(|f| f.as_ref().map(|f| f.economics)).unwrap_or_default());
    let source = Signal::derive(move || {
        found.with(|f| f.as_ref().map(|f| f.economics_source.clone()).unwrap_or_default())
    });
    let tiles = Signal::derive(move || {
        found.with(|f| f.as_ref().map(|f| money_tiles(f, session.currency().as_deref())).unwrap_or_default())
    });
    let assumptions =
        Signal::derive(move || found.with(|f| f.as_ref().map(|f| f.assumptions.clone()).unwrap_or_default()));
    let hold_out = Memo::new(move |_| decided.with(|d| d.as_ref().and_then(|d| d.hold_out.clone())));
    let is_second = Memo::new(move |_| decided.with(|d| d.as_ref().is_some_and(|d| d.contacts.is_some())));
    let sentence =
        move || found.with(|f| f.as_ref().map(|f| words::unbroken(&f.sentence)).unwrap_or_default());
    let value_request = Signal::stored(ChartRequest::new("segment_value", []));
    let curve_request = Signal::stored(ChartRequest::new("profit_curve", []));

    view! {
        <Show when=move || is_second.get()>
            <section class="page__section" data-section="by-segment">
                <h2>"Segment by segment"</h2>
                <p class="lead">{sentence}</p>
                <p class="quiet">"Another way to choose among the same people: whole groups. Use one of the two lists, and do not add their profits."</p>
            </section>
        </Show>
        <div class:beside=move || !is_second.get() data-section="retargeting">
            <div class="beside__main">
                <Tiles tiles />
                <section class="page__section">
                    <h2>"Segments, best first"</h2>
                    <SegmentChoice found />
                </section>
                <section class="page__section"><Chart request=value_request height=320 /></section>
                <section class="page__section"><Chart request=curve_request height=300 /></section>
                <HoldOut
                    found=hold_out title=Signal::derive(move || hold_out_title(is_second.get()).to_owned())
                    is_asked=Signal::derive(move || !is_second.get())
                />
                <Assumptions assumptions />
            </div>
            <Show when=move || !is_second.get()>
                <div class="beside__panel">
                    <Money economics source />
                </div>
            </Show>
        </div>
    }
}

/// Label, value and note of each tile.
type TileTexts = Vec<(&'static str, String, String)>;

/// Figures side by side.
#[component]
fn Tiles(tiles: Signal<TileTexts>) -> impl IntoView {
    let each = move || {
        tiles
            .get()
            .into_iter()
            .map(|(label, value, note)| {
                let note = (!note.is_empty()).then_some(note);
                view! { <MetricTile label value=Signal::stored(value) note=Signal::stored(note) /> }
            })
            .collect_view()
    };
    view! { <MetricRow>{each}</MetricRow> }
}

fn money_tiles(f: &Retargeting, currency: Option<&str>) -> TileTexts {
    let cash = |v: f64| words::money(v.round(), currency);
    let spread = if f.chosen.is_empty() {
        "nothing is spent and nothing won".to_owned()
    } else {
        format!("95 % interval {}", words::interval_of(f.profit_interval, cash))
    };
    let expected = f.curve.last().map_or(0.0, |p| p.1);
    vec![
        ("Expected profit of the choice", cash(f.profit), spread),
        (
            "Contacting everyone",
            cash(f.profit_everyone),
            format!("as observed; {} on a re-test", cash(expected)),
        ),
        ("Contacting nobody", cash(0.0), String::new()),
        (
            "People contacted",
            words::count(f.people),
            format!("{} of {} segments", f.chosen.len(), f.segments.len()),
        ),
        (
            "Break-even response",
            words::percent(f.break_even),
            "cost of a contact / value of a response".to_owned(),
        ),
    ]
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
    let rows = move || {
        let currency = session.currency();
        let cash = |v: f64| words::money(v.round(), currency.as_deref());
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
                            <span class="quiet">{format!("{}; {} a person", words::interval_of(s.profit_interval, cash), words::money((s.profit_per_person * 100.0).round() / 100.0, currency.as_deref()))}</span>
                            <span class="segment-choice__verdict">{s.reason}</span>
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
                "Save the people of these segments as CSV"
            </Button>
            <Button kind=ButtonKind::Quiet small=true on_press=reset>"Back to the best choice"</Button>
        </div>
        <PersonalNote />
    }
}

/// The proof of what stands first on the page needs no other name.
fn hold_out_title(is_second: bool) -> &'static str {
    if is_second { "How to prove it, by segment" } else { "How to prove it" }
}

/// The experiment that would prove it.
#[component]
pub(super) fn HoldOut(
    /// The plan; nothing is shown without.
    found: Memo<Option<HoldOutPlan>>,
    #[prop(into)] title: Signal<String>,
    /// Whether the difference to detect is asked for here: once a page.
    #[prop(into)]
    is_asked: Signal<bool>,
) -> impl IntoView {
    let session = Session::expect();
    let has_found = Memo::new(move |_| found.with(Option::is_some));
    // Two plans on a page are told apart.
    let caption =
        StoredValue::new(format!("Plan of a hold-out test ({})", words::in_sentence(&title.get_untracked())));
    let detect = Memo::new(move |_| found.with(|f| f.as_ref().map_or(3.0, points)));
    let set =
        move |v: f64| actions::decide(session, DecisionPlan { detect: Some(v / 100.0), ..plan_of(session) });
    let text = move || found.with(|f| f.as_ref().map(|f| words::unbroken(&f.sentence)).unwrap_or_default());
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
                <h2>{title}</h2>
                <p class="lead">{text}</p>
                <Table caption=caption.get_value() header=Signal::stored(header.clone()) rows=row />
                <Show when=move || is_asked.get()>
                    <div class="controls">
                        <NumberInput label="Difference to detect" unit="points" min=0.1 max=50.0 value=detect on_change=set />
                    </div>
                </Show>
                <p class="quiet">
                    "Leave some of the people chosen out at "
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
    let text = move |of: fn(&BudgetMove) -> Option<&String>| {
        Signal::derive(move || plan.with(|p| p.as_ref().and_then(of).cloned().unwrap_or_default()))
    };
    let (by, from, to) = (text(|p| Some(&p.by)), text(|p| Some(&p.from)), text(|p| Some(&p.to)));
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
    // Other groups have other ends: they are proposed anew, from the dearest to the cheapest.
    let propose = move |edit: &dyn Fn(&mut BudgetMove)| {
        set(&|p| {
            p.from.clear();
            p.to.clear();
            edit(p);
        });
    };
    let campaign = text(|p| p.campaign.as_ref());
    let campaigns = Signal::derive(move || {
        let names = found.with(|f| f.as_ref().map(|f| f.campaigns.clone()).unwrap_or_default());
        std::iter::once(Choice::new("", "All campaigns"))
            .chain(names.into_iter().map(Choice::same))
            .collect::<Vec<_>>()
    });
    let has_campaigns = Memo::new(move |_| campaigns.with(|c| c.len() > 1));
    let value = Signal::derive(move || plan.with(|p| p.as_ref().and_then(|p| p.value)).unwrap_or(f64::NAN));
    let unit = session.currency().unwrap_or_default();
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
    let tiles = Signal::derive(move || {
        found.with(|f| f.as_ref().map(|f| move_tiles(f, session.currency().as_deref())).unwrap_or_default())
    });
    let rests_on = figures(basis);
    let assumptions =
        Signal::derive(move || found.with(|f| f.as_ref().map(|f| f.assumptions.clone()).unwrap_or_default()));
    let sentence = figures(|f| f.sentence.clone());
    let is_second = Memo::new(move |_| decided.with(|d| d.as_ref().is_some_and(|d| d.retargeting.is_some())));

    view! {
        <div class="beside" data-section="budget">
            <div class="beside__main">
                // Alone it is the sentence of the page already.
                <Show when=move || is_second.get()><p class="lead">{sentence}</p></Show>
                <Tiles tiles />
                <p class="quiet">
                    {rests_on} ". "
                    <Term word="Elasticity" means="How many percent more conversions one percent more spend brings; below 1 every further unit of money brings less." />
                    " turns the average cost of a conversion into the cost of one more."
                </p>
                <section class="page__section"><Chart request height=340 /></section>
                <Campaigns found />
                <MoveTest found />
                <Assumptions assumptions />
            </div>
            <div class="beside__panel">
                <Panel title="The move">
                    <Show when=move || has_campaigns.get()>
                        <Select
                            label="Inside campaign" choices=campaigns value=campaign
                            on_change=move |c: String| propose(&|p| p.campaign = (!c.is_empty()).then(|| c.clone()))
                        />
                    </Show>
                    <Select label="Groups by" choices=categories value=by on_change=move |c: String| propose(&|p| p.by = c.clone()) />
                    <Select label="Take from" choices=levels value=from on_change=move |l: String| set(&|p| p.from = l.clone()) />
                    <Select label="Give to" choices=levels value=to on_change=move |l: String| set(&|p| p.to = l.clone()) />
                    <Button small=true on_press=move |()| set(&|p| std::mem::swap(&mut p.from, &mut p.to))>"Turn it round"</Button>
                    <NumberInput
                        label="Share of its spend" unit="%" min=1.0 max=100.0 value=share
                        on_change=move |v: f64| set(&|p| p.share = v / 100.0)
                    />
                    <NumberInput
                        label="Worth of one conversion" help="Not in the file: enter it to see money, 0 to leave it out."
                        unit min=0.0 value
                        on_change=move |v: f64| set(&|p| p.value = (v > 0.0).then_some(v))
                    />
                </Panel>
            </div>
        </div>
    }
}

fn move_tiles(f: &BudgetResult, currency: Option<&str>) -> TileTexts {
    let cash = |v: f64| words::money(v.round(), currency);
    let spread = |interval| format!("95 % interval {}", range(interval));
    let two = |v: f64| words::decimals(v, 2);
    let gain = if f.expected <= -0.5 { "Expected loss" } else { "Expected gain" };
    let to = format!("{} of {}, to {}", words::percent(f.plan.share), f.plan.from, f.plan.to);
    // Of the two ways to reckon the lower is the one expected; the other stands beside it.
    let (which, other) = match &f.within {
        Some(w) if w.gain == f.expected => {
            ("; within campaigns", Some(("All campaigns together", f.gain, f.gain_interval)))
        }
        Some(w) => ("; all campaigns together", Some(("Within campaigns", w.gain, w.gain_interval))),
        None => ("", None),
    };
    let note = format!("{}{which}", spread(f.expected_interval));
    let mut tiles = vec![("Moved", cash(f.moved), to), (gain, change(f.expected, ""), note)];
    tiles.extend(other.map(|(label, gain, interval)| (label, change(gain, ""), spread(interval))));
    tiles.push((
        "What average cost would promise",
        change(f.naive_gain, ""),
        "ignores diminishing returns".to_owned(),
    ));
    let of_elasticity = format!("95 % interval {}", words::interval_of(f.elasticity_interval, two));
    tiles.push(("Elasticity", two(f.elasticity), of_elasticity));
    if let Some(m) = f.money {
        let spread = format!("95 % interval {}", words::interval_of(m.gain_interval, cash));
        tiles.push(("Worth of the move", cash(m.gain), spread));
        tiles.push(("Return on ad spend", two(m.roas.1), format!("{} before", two(m.roas.0))));
        tiles.push(("Profit of the ads", cash(m.profit.1), format!("{} before", cash(m.profit.0))));
    }
    tiles
}

/// The move inside each campaign.
#[component]
fn Campaigns(found: Memo<Option<BudgetResult>>) -> impl IntoView {
    let session = Session::expect();
    let within = Memo::new(move |_| found.with(|f| f.as_ref().and_then(|f| f.within.clone())));
    let header = Signal::derive(move || {
        let plan = found.with(|f| f.as_ref().map(|f| (f.plan.clone(), f.outcome.clone())));
        let (plan, outcome) = plan.unwrap_or_default();
        let costs = [&plan.from, &plan.to].map(|l| format!("Cost each, {l}"));
        let [from, to] = costs;
        vec![
            "Campaign".into(),
            "Spend of both".into(),
            outcome,
            from,
            to,
            "Own elasticity".into(),
            "Change by the shared elasticity".into(),
        ]
    });
    let rows = Signal::derive(move || {
        let currency = session.currency();
        let campaigns = within.with(|w| w.as_ref().map(|w| w.campaigns.clone()).unwrap_or_default());
        let two = |v: Option<f64>| v.map_or_else(|| words::NOTHING.to_owned(), |v| words::decimals(v, 2));
        campaigns
            .into_iter()
            .map(|c| {
                let figures = [
                    words::money(c.spend.round(), currency.as_deref()),
                    words::decimals(c.conversions, 0),
                    two(c.cpa_from),
                    two(c.cpa_to),
                    two(c.elasticity),
                    change(c.gain, ""),
                ];
                std::iter::once(Cell::text(c.label)).chain(figures.map(Cell::number)).collect()
            })
            .collect::<Vec<Vec<Cell>>>()
    });
    let caveat = move || within.with(|w| w.as_ref().and_then(|w| w.caveat.clone()));
    view! {
        <Show when=move || within.with(Option::is_some)>
            <section class="page__section" data-section="campaigns">
                <h2>"Inside each campaign"</h2>
                <p class="quiet">{caveat}</p>
                <Table caption="The same move made inside each campaign" header rows />
            </section>
        </Show>
    }
}

/// The experiment that would prove a move.
#[component]
fn MoveTest(found: Memo<Option<BudgetResult>>) -> impl IntoView {
    let session = Session::expect();
    let test = Memo::new(move |_| found.with(|f| f.as_ref().and_then(|f| f.test.clone())));
    let rows = Signal::derive(move || {
        let Some(t) = test.get() else { return Vec::new() };
        let whole = |v: f64| words::decimals(v.ceil(), 0);
        let optional = |v: Option<f64>| v.map_or_else(|| words::NOTHING.to_owned(), whole);
        let figures = [
            whole(t.conversions),
            whole(t.conversions_moved),
            words::money(t.spend.round(), session.currency().as_deref()),
            optional(t.clicks),
            optional(t.impressions),
            words::rough(t.times),
            words::decimals(t.dispersion, 2),
        ];
        vec![figures.map(Cell::number).to_vec()]
    });
    let header =
        ["Conversions if kept", "If moved", "Spend", "Clicks", "Impressions", "Times the file", "Dispersion"];
    let header = Signal::stored(header.map(str::to_owned).to_vec());
    view! {
        <Show when=move || test.with(Option::is_some)>
            <section class="page__section" data-section="move-test">
                <h2>"How to prove it"</h2>
                <p class="lead">{move || test.with(|t| t.as_ref().map(|t| t.sentence.clone()))}</p>
                <Table caption="What each half of the test needs" header rows />
            </section>
        </Show>
    }
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
