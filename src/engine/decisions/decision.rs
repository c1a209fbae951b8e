//! What is asked of a decision and what came out, as plain data.

use crate::engine::statistics::claim::Claim;
use serde::{Deserialize, Serialize};

/// What the user says a contact costs and a response is worth.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Economics {
    pub value_per_response: f64,
    pub cost_per_contact: f64,
}

/// A budget move between two groups of ads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BudgetMove {
    /// Category the groups are levels of.
    pub by: String,
    pub from: String,
    pub to: String,
    /// Share of the first group's spend, in (0, 1].
    pub share: f64,
}

/// A decision, as a recipe holds it. `None` means "choose for me".
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct DecisionPlan {
    /// Segments (by index) to contact.
    pub segments: Option<Vec<u32>>,
    pub economics: Option<Economics>,
    pub budget: Option<BudgetMove>,
    /// Least difference in response rate the hold-out should detect.
    pub detect: Option<f64>,
}

/// One segment's money.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SegmentValue {
    pub index: u32,
    pub name: String,
    pub n: u64,
    /// Expected on re-test (shrunk), with its interval.
    pub rate: f64,
    pub rate_interval: (f64, f64),
    /// people x (rate x value - cost).
    pub profit: f64,
    pub profit_interval: (f64, f64),
    pub profit_per_person: f64,
    /// Contact, Do not contact, or cannot tell.
    pub verdict: Verdict,
    pub lift: f64,
}

/// Whether contacting pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Contact,
    Leave,
    CannotTell,
}

/// Retargeting by segment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Retargeting {
    pub economics: Economics,
    /// Where value and cost come from: "read from Z_Revenue and Z_CostContact", or "entered by you".
    pub economics_source: String,
    /// cost / value.
    pub break_even: f64,
    /// Best first.
    pub segments: Vec<SegmentValue>,
    /// Indices chosen (the user's, or those worth contacting).
    pub chosen: Vec<u32>,
    pub people: u64,
    pub profit: f64,
    pub profit_interval: (f64, f64),
    /// Contacting everyone.
    pub profit_everyone: f64,
    /// Cumulative profit when contacting segment after segment, best first: (people, profit).
    pub curve: Vec<(u64, f64)>,
    pub sentence: String,
    pub assumptions: Vec<String>,
}

/// A hold-out experiment that would prove the decision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HoldOutPlan {
    pub base_rate: f64,
    pub detect_rate: f64,
    pub power: f64,
    pub alpha: f64,
    pub n_per_arm: u64,
    /// People the chosen segments have.
    pub available: u64,
    pub sentence: String,
}

/// Moving budget between groups of ads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BudgetResult {
    pub plan: BudgetMove,
    /// Levels with spend, conversions, cost per conversion, marginal cost per conversion.
    pub groups: Vec<BudgetGroup>,
    pub outcome: String,
    /// Percent change of conversions for one percent more spend.
    pub elasticity: f64,
    pub elasticity_interval: (f64, f64),
    pub moved: f64,
    /// What the average cost would promise.
    pub naive_gain: f64,
    /// With diminishing returns.
    pub gain: f64,
    pub gain_interval: (f64, f64),
    pub sentence: String,
    pub assumptions: Vec<String>,
}

/// One group of ads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BudgetGroup {
    pub label: String,
    pub spend: f64,
    pub conversions: f64,
    pub cpa: Option<f64>,
    pub marginal_cpa: Option<f64>,
}

/// Everything decided.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Decision {
    pub plan: DecisionPlan,
    pub retargeting: Option<Retargeting>,
    pub hold_out: Option<HoldOutPlan>,
    pub budget: Option<BudgetResult>,
    pub claims: Vec<Claim>,
    /// What is missing for a decision, and what to do about it.
    pub missing: Vec<String>,
}
