//! How models are tested: the kind of split, with its settings, and why it was proposed.

use leptos::prelude::*;

use super::Form;
use crate::{
    engine::models::plan::Validation,
    ui::{
        components::{Choice, NumberInput, Select},
        hooks::part,
    },
};

/// A kind of split as the list shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Folds,
    Stratified,
    Grouped,
    EachGroup,
    Forward,
    HoldOut,
}

impl Kind {
    const ALL: [Self; 6] =
        [Self::Folds, Self::Stratified, Self::Grouped, Self::EachGroup, Self::Forward, Self::HoldOut];

    fn of(validation: Option<&Validation>) -> Self {
        match validation {
            Some(Validation::HoldOut { .. }) => Self::HoldOut,
            Some(Validation::GroupKFold { .. }) => Self::Grouped,
            Some(Validation::StratifiedKFold { .. }) => Self::Stratified,
            Some(Validation::LeaveOneGroupOut { .. }) => Self::EachGroup,
            Some(Validation::ForwardInTime { .. }) => Self::Forward,
            Some(Validation::KFold { .. } | Validation::RepeatedKFold { .. }) | None => Self::Folds,
        }
    }

    fn slug(self) -> &'static str {
        match self {
            Self::Folds => "folds",
            Self::Stratified => "stratified",
            Self::Grouped => "grouped",
            Self::EachGroup => "each_group",
            Self::Forward => "forward",
            Self::HoldOut => "hold_out",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Folds => "k folds",
            Self::Stratified => "k folds, equal shares of the target",
            Self::Grouped => "k folds, groups kept together",
            Self::EachGroup => "Each group held out once",
            Self::Forward => "Forward in time",
            Self::HoldOut => "One split",
        }
    }

    fn help(self) -> &'static str {
        match self {
            Self::Folds => "Shuffled rows in k parts; each part is predicted by a model of the others.",
            Self::Stratified => {
                "As folds, and each part holds the same share of every value of the target: for a rare yes."
            }
            Self::Grouped => "Rows with the same value stay in one part: scores then hold for new groups.",
            Self::EachGroup => {
                "A model for each group, fitted without it: how well would a new one be predicted?"
            }
            Self::Forward => {
                "Rows in the order of time; each part is predicted from those before it, as in use."
            }
            Self::HoldOut => "Quick, but the scores depend on which rows are held out.",
        }
    }
}

/// The fields of every kind: what is not shown keeps its value while another kind is looked at.
#[derive(Clone, Copy)]
struct Fields {
    k: Memo<u32>,
    repeats: Memo<u32>,
    group: Memo<String>,
    date: Memo<String>,
    /// In percent.
    share: Memo<f64>,
}

impl Fields {
    fn validation(self, kind: Kind) -> Validation {
        let (k, repeats) = (self.k.get_untracked(), self.repeats.get_untracked());
        match kind {
            Kind::Folds if repeats > 1 => Validation::RepeatedKFold { k, repeats },
            Kind::Folds => Validation::KFold { k },
            Kind::Stratified => Validation::StratifiedKFold { k, repeats },
            Kind::Grouped => Validation::GroupKFold { k, group: self.group.get_untracked() },
            Kind::EachGroup => Validation::LeaveOneGroupOut { group: self.group.get_untracked() },
            Kind::Forward => Validation::ForwardInTime { k, date: self.date.get_untracked() },
            Kind::HoldOut => Validation::HoldOut { test_share: self.share.get_untracked() / 100.0 },
        }
    }
}

/// The form.
#[component]
pub(super) fn ValidationForm(form: Form) -> impl IntoView {
    let validation = Memo::new(move |_| form.plan.with(|p| p.as_ref().map(|p| p.validation.clone())));
    let kind = Memo::new(move |_| validation.with(|v| Kind::of(v.as_ref())));
    let groups = part(form.choices, |c| c.groups.clone());
    let dates = part(form.choices, |c| c.dates.clone());
    let kinds = Signal::derive(move || {
        let can = |kind: &Kind| match kind {
            Kind::Grouped | Kind::EachGroup => groups.with(|g| !g.is_empty()),
            Kind::Forward => dates.with(|d| !d.is_empty()),
            _ => true,
        };
        let choice = |kind: Kind| Choice::new(kind.slug(), kind.label());
        Kind::ALL.into_iter().filter(can).map(choice).collect::<Vec<_>>()
    });
    // A value is kept when another kind does not have it.
    let kept = |of: fn(&Validation) -> Option<u32>, first: u32| {
        Memo::new(move |before: Option<&u32>| {
            validation.with(|v| v.as_ref().and_then(of)).or(before.copied()).unwrap_or(first)
        })
    };
    let fields = Fields {
        k: kept(
            |v| match v {
                Validation::KFold { k }
                | Validation::GroupKFold { k, .. }
                | Validation::RepeatedKFold { k, .. }
                | Validation::StratifiedKFold { k, .. }
                | Validation::ForwardInTime { k, .. } => Some(*k),
                _ => None,
            },
            5,
        ),
        repeats: kept(
            |v| match v {
                Validation::RepeatedKFold { repeats, .. } | Validation::StratifiedKFold { repeats, .. } => {
                    Some(*repeats)
                }
                Validation::KFold { .. } => Some(1),
                _ => None,
            },
            1,
        ),
        group: Memo::new(move |_| {
            let chosen = validation.with(|v| v.as_ref().and_then(Validation::group).map(str::to_owned));
            chosen.or_else(|| groups.with(|g| g.first().cloned())).unwrap_or_default()
        }),
        date: Memo::new(move |_| {
            let chosen = validation.with(|v| v.as_ref().and_then(Validation::date).map(str::to_owned));
            chosen.or_else(|| dates.with(|d| d.first().cloned())).unwrap_or_default()
        }),
        share: Memo::new(move |_| match validation.get() {
            Some(Validation::HoldOut { test_share }) => (test_share * 1000.0).round() / 10.0,
            _ => 20.0,
        }),
    };
    let choose = move |slug: String| {
        let chosen = Kind::ALL.into_iter().find(|kind| kind.slug() == slug);
        let validation = fields.validation(chosen.unwrap_or(Kind::Folds));
        form.edit(|p| p.validation = validation);
    };
    let seed = Signal::derive(move || form.plan.with(|p| p.as_ref().map_or(42.0, |p| p.seed as f64)));
    let is_proposed = Memo::new(move |_| {
        let proposed = form.choices.with(|c| c.as_ref().map(|c| c.plan.validation.clone()));
        proposed == validation.get()
    });
    let why = part(form.choices, |c| c.why_validation.clone());
    let help = move || if is_proposed.get() { why.get() } else { kind.get().help().to_owned() };
    view! {
        <fieldset class="plain-fieldset">
            <legend class="field__label">"How they are tested"</legend>
            <Select
                label="Validation" hide_label=true choices=kinds on_change=choose
                value=Signal::derive(move || kind.get().slug().to_owned())
            />
            {move || view! { <KindFields form kind=kind.get() fields groups dates /> }}
            <p class="field__help">{help}</p>
            <NumberInput
                label="Seed" integer=true min=0.0 max=9_007_199_254_740_991.0
                help="The same seed gives the same numbers. Folds that keep groups together, and those in time, follow from the data whatever the seed."
                value=seed on_change=move |v: f64| form.edit(|p| p.seed = v as u64)
            />
        </fieldset>
    }
}

/// The settings of one kind.
#[component]
fn KindFields(
    form: Form,
    kind: Kind,
    fields: Fields,
    groups: Signal<Vec<String>>,
    dates: Signal<Vec<String>>,
) -> impl IntoView {
    let set = move |edit: &dyn Fn(&mut Validation)| form.edit(|p| edit(&mut p.validation));
    let set_k = move |new: f64| {
        set(&|v| {
            if let Validation::KFold { k }
            | Validation::GroupKFold { k, .. }
            | Validation::RepeatedKFold { k, .. }
            | Validation::StratifiedKFold { k, .. }
            | Validation::ForwardInTime { k, .. } = v
            {
                *k = new as u32;
            }
        });
    };
    let set_repeats = move |new: f64| {
        let (k, repeats) = (fields.k.get_untracked(), new as u32);
        set(&|v| {
            *v = match v {
                Validation::StratifiedKFold { .. } => Validation::StratifiedKFold { k, repeats },
                _ if repeats > 1 => Validation::RepeatedKFold { k, repeats },
                _ => Validation::KFold { k },
            };
        });
    };
    let set_column = move |column: String| {
        set(&|v| {
            if let Validation::GroupKFold { group: own, .. }
            | Validation::LeaveOneGroupOut { group: own }
            | Validation::ForwardInTime { date: own, .. } = v
            {
                own.clone_from(&column);
            }
        });
    };
    let set_share =
        move |percent: f64| form.edit(|p| p.validation = Validation::HoldOut { test_share: percent / 100.0 });
    let columns = |names: Signal<Vec<String>>| {
        Signal::derive(move || names.get().into_iter().map(Choice::same).collect::<Vec<_>>())
    };
    let of_groups = matches!(kind, Kind::Grouped | Kind::EachGroup);
    let is_repeatable = matches!(kind, Kind::Folds | Kind::Stratified);
    let (k_label, k_min) = if kind == Kind::Forward { ("Steps forward", 1.0) } else { ("Folds", 2.0) };
    let has_k = !matches!(kind, Kind::HoldOut | Kind::EachGroup);
    let (k, repeats) = (fields.k, fields.repeats);
    view! {
        {of_groups.then(|| view! {
            <Select
                label=if kind == Kind::Grouped { "Kept together" } else { "Held out one by one" }
                choices=columns(groups) value=fields.group on_change=set_column
            />
        })}
        {(kind == Kind::Forward).then(|| view! {
            <Select label="In the order of" choices=columns(dates) value=fields.date on_change=set_column />
        })}
        {(kind == Kind::HoldOut).then(|| view! {
            <NumberInput label="Share of rows held out" unit="%" value=fields.share on_change=set_share min=5.0 max=50.0 />
        })}
        {has_k.then(|| view! {
            <NumberInput label=k_label integer=true value=Signal::derive(move || f64::from(k.get())) on_change=set_k min=k_min max=20.0 />
        })}
        {is_repeatable.then(|| view! {
            <NumberInput
                label="Times over" integer=true value=Signal::derive(move || f64::from(repeats.get())) on_change=set_repeats min=1.0 max=20.0
                help="With other shuffles each time: steadier scores, as many times the work."
            />
        })}
    }
}
