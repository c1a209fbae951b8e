//! The ratios of advertising: CTR, CPC, CPM, conversion rates, costs per result, close rate, ROAS.
//!
//! Row by row; undefined where the denominator is 0 or missing. Averages of a ratio over rows are ratios of sums, which
//! the statistics take from the columns it was made from.

use crate::engine::{
    context::Ctx,
    data::{
        column::Column,
        role::{Role, TableKind},
        table::Table,
    },
    knobs::{Knob, Settings},
    step::{LearnFrom, Outcome, Step, StepError, Suggestion},
    step_kit::{input, input_knob, made, numbers, offer, py, py_column},
    words::rows_of,
};

/// One ratio: `factor` x numerator / denominator.
pub struct AdRatio {
    slug: &'static str,
    title: &'static str,
    help: &'static str,
    name: &'static str,
    factor: f64,
    /// The first of these roles that is there.
    numerator: &'static [Role],
    denominator: Role,
    /// "without clicks": the rows in which it is undefined.
    undefined: &'static str,
    /// Why it is offered.
    reason: &'static str,
    recommended: bool,
}

const OUTCOME: &str = "It is made from results, so it is blocked as a feature for predicting them.";

/// Enquiries where the file has them, else purchases.
const RESULTS: &[Role] = &[Role::Enquiries, Role::Purchases];

/// Clicks per impression.
pub const CTR: AdRatio = AdRatio {
    slug: "ctr",
    title: "Click-through rate (CTR)",
    help: "Clicks per impression.",
    name: "CTR",
    factor: 1.0,
    numerator: &[Role::Clicks],
    denominator: Role::Impressions,
    undefined: "impressions",
    reason: "Clicks per impression tell how well an ad draws attention, whatever its reach.",
    recommended: true,
};

/// Spend per click.
pub const CPC: AdRatio = AdRatio {
    slug: "cpc",
    title: "Cost per click (CPC)",
    help: "Spend per click.",
    name: "CPC",
    factor: 1.0,
    numerator: &[Role::Spend],
    denominator: Role::Clicks,
    undefined: "clicks",
    reason: "Spend per click compares the price of attention between ads of any size.",
    recommended: true,
};

/// Spend per thousand impressions.
pub const CPM: AdRatio = AdRatio {
    slug: "cpm",
    title: "Cost per thousand impressions (CPM)",
    help: "Spend per 1,000 impressions.",
    name: "CPM",
    factor: 1000.0,
    numerator: &[Role::Spend],
    denominator: Role::Impressions,
    undefined: "impressions",
    reason: "Spend per 1,000 impressions compares the price of reach between ads of any size.",
    recommended: true,
};

/// Spend per impression.
pub const BUDGET_PER_IMPRESSION: AdRatio = AdRatio {
    slug: "budget_per_impression",
    title: "Budget per impression",
    help: "Spend per impression.",
    name: "Budget per impression",
    factor: 1.0,
    numerator: &[Role::Spend],
    denominator: Role::Impressions,
    undefined: "impressions",
    reason: "Spend per impression is CPM on another scale: take one of the two.",
    recommended: false,
};

/// Enquiries per click.
pub const CLICK_CONVERSION_RATE: AdRatio = AdRatio {
    slug: "click_conversion_rate",
    title: "Click conversion rate",
    help: "Enquiries (or purchases) per click; can exceed 100 % when people convert without clicking.",
    name: "Click conversion rate",
    factor: 1.0,
    numerator: RESULTS,
    denominator: Role::Clicks,
    undefined: "clicks",
    reason: OUTCOME,
    recommended: false,
};

/// Enquiries per thousand impressions.
pub const CONVERSIONS_PER_MILLE: AdRatio = AdRatio {
    slug: "conversions_per_mille",
    title: "Conversions per thousand impressions",
    help: "Enquiries (or purchases) per 1,000 impressions: the rate to use where clicks can be 0.",
    name: "Conversions per mille",
    factor: 1000.0,
    numerator: RESULTS,
    denominator: Role::Impressions,
    undefined: "impressions",
    reason: OUTCOME,
    recommended: false,
};

/// Spend per enquiry.
pub const COST_PER_ENQUIRY: AdRatio = AdRatio {
    slug: "cost_per_enquiry",
    title: "Cost per enquiry",
    help: "Spend per enquiry.",
    name: "Cost per enquiry",
    factor: 1.0,
    numerator: &[Role::Spend],
    denominator: Role::Enquiries,
    undefined: "enquiries",
    reason: OUTCOME,
    recommended: false,
};

/// Spend per purchase.
pub const COST_PER_PURCHASE: AdRatio = AdRatio {
    slug: "cost_per_purchase",
    title: "Cost per purchase",
    help: "Spend per purchase.",
    name: "Cost per purchase",
    factor: 1.0,
    numerator: &[Role::Spend],
    denominator: Role::Purchases,
    undefined: "purchases",
    reason: OUTCOME,
    recommended: false,
};

/// Purchases per enquiry.
pub const CLOSE_RATE: AdRatio = AdRatio {
    slug: "close_rate",
    title: "Close rate",
    help: "Purchases per enquiry.",
    name: "Close rate",
    factor: 1.0,
    numerator: &[Role::Purchases],
    denominator: Role::Enquiries,
    undefined: "enquiries",
    reason: OUTCOME,
    recommended: false,
};

/// Value per spend.
pub const ROAS: AdRatio = AdRatio {
    slug: "roas",
    title: "Return on ad spend (ROAS)",
    help: "Conversion value per unit of spend.",
    name: "ROAS",
    factor: 1.0,
    numerator: &[Role::Value],
    denominator: Role::Spend,
    undefined: "spend",
    reason: OUTCOME,
    recommended: false,
};

impl AdRatio {
    /// The first role of the numerator that is on a column, else the first of all.
    fn numerator_role(&self, table: Option<&Table>) -> Role {
        let first = self.numerator.first().copied().unwrap_or(Role::Number);
        let is_there = |r: &Role| table.is_some_and(|t| t.with_role(*r).is_some());
        self.numerator.iter().copied().find(is_there).unwrap_or(first)
    }
}

impl Step for AdRatio {
    fn slug(&self) -> &'static str {
        self.slug
    }

    fn title(&self) -> &'static str {
        self.title
    }

    fn help(&self) -> &'static str {
        self.help
    }

    fn knobs(&self) -> Vec<Knob> {
        vec![
            input_knob("numerator", self.numerator_role(None).label(), self.numerator_role(None)),
            input_knob("denominator", self.denominator.label(), self.denominator),
        ]
    }

    fn suggest(&self, table: &Table) -> Vec<Suggestion> {
        let (Some(top), Some(bottom)) =
            (table.with_role(self.numerator_role(Some(table))), table.with_role(self.denominator))
        else {
            return Vec::new();
        };
        if table.kind == TableKind::Customers {
            return Vec::new();
        }
        let settings =
            Settings::new().with("numerator", top.name.clone()).with("denominator", bottom.name.clone());
        let title = format!("Add {}", self.name);
        offer(self, table, settings, title, self.reason.into(), self.recommended).into_iter().collect()
    }

    fn apply(
        &self,
        table: &Table,
        settings: &Settings,
        _: LearnFrom<'_>,
        _: &Ctx<'_>,
    ) -> Result<Outcome, StepError> {
        let top = input(table, settings, "numerator", self.numerator_role(Some(table)), self.title)?;
        let bottom = input(table, settings, "denominator", self.denominator, self.title)?;
        let values: Vec<f64> = numbers(top)?
            .iter()
            .zip(numbers(bottom)?.iter())
            // A negative denominator (a refund, a correction) gives no rate either.
            .map(|(n, d)| if *d > 0.0 { self.factor * n / d } else { f64::NAN })
            .collect();
        let n_undefined = values.iter().filter(|v| v.is_nan()).count() as u64;
        let notes = match n_undefined {
            0 => Vec::new(),
            n => vec![format!("{} is missing in {} without {}", self.name, rows_of(n), self.undefined)],
        };
        let times = if self.factor == 1.0 { String::new() } else { "1,000 × ".into() };
        let sentence = format!("Added {} = {times}{} / {}", self.name, top.name, bottom.name);
        let column = Column::number(self.name, Role::Ratio, values).from_columns(&[top, bottom]);
        made(table, vec![column], sentence, notes)
    }

    fn python(&self, table: &Table, settings: &Settings) -> String {
        let (top, bottom) = (
            py_column(table, settings, "numerator", self.numerator_role(Some(table))),
            py_column(table, settings, "denominator", self.denominator),
        );
        let times = if self.factor == 1.0 { String::new() } else { format!("{} * ", self.factor) };
        format!("df[{}] = {times}{top} / {bottom}.where({bottom} > 0)", py(self.name))
    }
}
