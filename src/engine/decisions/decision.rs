//! What is asked of a decision and what came out, as plain data.

use super::contacts::Contacts;
use crate::engine::statistics::claim::Claim;
use serde::{Deserialize, Serialize};

/// What the user says a contact costs and a response is worth.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Economics {
    /// Money one response brings in.
    pub value_per_response: f64,
    /// Money one contacted person costs, response or not.
    pub cost_per_contact: f64,
}

/// A budget move between two groups of ads.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct BudgetMove {
    /// Category the groups are levels of.
    pub by: String,
    /// Level that gives money up; with an empty one the dearest is taken.
    pub from: String,
    /// Level that gets it; with an empty one the cheapest is taken.
    pub to: String,
    /// Share of the first group's spend, in (0, 1].
    pub share: f64,
    /// Campaign the budget is moved inside; `None` moves over all of them.
    #[serde(default)]
    pub campaign: Option<String>,
    /// What one conversion is worth in money; nobody but the user can say.
    #[serde(default)]
    pub value: Option<f64>,
}

/// A decision, as a recipe holds it. `None` means "choose for me".
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct DecisionPlan {
    /// Segments (by index) to contact.
    pub segments: Option<Vec<u32>>,
    /// Value and cost; `None` reads them from columns of those roles.
    pub economics: Option<Economics>,
    /// The budget move; `None` takes from the dearest group and gives to the cheapest.
    pub budget: Option<BudgetMove>,
    /// Least difference in response rate the hold-out should detect.
    pub detect: Option<f64>,
}

/// One segment's money.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SegmentValue {
    /// Index of the segment in the segmentation.
    pub index: u32,
    /// Name of the segment.
    pub name: String,
    /// People in it.
    pub n: u64,
    /// Expected on re-test (shrunk), with its interval.
    pub rate: f64,
    /// 95 % interval of the rate.
    pub rate_interval: (f64, f64),
    /// people x (rate x value - cost).
    pub profit: f64,
    /// Profit at the two ends of the rate's interval.
    pub profit_interval: (f64, f64),
    /// Profit divided by people.
    pub profit_per_person: f64,
    /// Contact, Do not contact, or cannot tell.
    pub verdict: Verdict,
    /// Rate over the overall rate; 1 is average, `None` when nobody responded.
    pub lift: Option<f64>,
    /// Whether it is contacted, and why: "Contact: its whole interval lies above break-even".
    pub reason: String,
}

/// Whether contacting pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The whole interval of the rate lies above break-even.
    Contact,
    /// The whole interval lies below break-even.
    Leave,
    /// The interval contains break-even.
    CannotTell,
}

/// Retargeting by segment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Retargeting {
    /// Value and cost the figures rest on.
    pub economics: Economics,
    /// Where value and cost come from: "read from Z_Revenue and Z_CostContact", or "entered by you".
    pub economics_source: String,
    /// cost / value.
    pub break_even: f64,
    /// Best first.
    pub segments: Vec<SegmentValue>,
    /// Indices chosen: the user's, or those of highest expected profit.
    pub chosen: Vec<u32>,
    /// Indices with the highest expected profit: every segment expected to respond above break-even. Empty: nobody.
    pub best: Vec<u32>,
    /// Expected profit of contacting those.
    pub best_profit: f64,
    /// People in the chosen segments.
    pub people: u64,
    /// Expected profit of contacting the chosen segments.
    pub profit: f64,
    /// The segments' half-widths added in squares, as for independent segments.
    pub profit_interval: (f64, f64),
    /// Contacting everyone, from the responses that were observed.
    pub profit_everyone: f64,
    /// Cumulative profit when contacting segment after segment, best first: (people, profit).
    pub curve: Vec<(u64, f64)>,
    /// The result, then the reason.
    pub sentence: String,
    /// What must hold for the figures to hold, one sentence each.
    pub assumptions: Vec<String>,
}

/// A hold-out experiment that would prove the decision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HoldOutPlan {
    /// Expected response rate of those who would be contacted.
    pub base_rate: f64,
    /// Response rate without contact that should still be told apart.
    pub detect_rate: f64,
    /// Chance of finding the difference if it is there.
    pub power: f64,
    /// Chance of finding one that is not there (two-sided).
    pub alpha: f64,
    /// People needed in each of the two arms.
    pub n_per_arm: u64,
    /// People there are to draw from: of the chosen segments, or whom a model says to contact.
    pub available: u64,
    /// What to do, and whether there are enough people.
    pub sentence: String,
}

/// Moving budget between groups of ads.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct BudgetResult {
    /// The move, with every choice filled in.
    pub plan: BudgetMove,
    /// Levels with spend, conversions, cost per conversion, marginal cost per conversion.
    pub groups: Vec<BudgetGroup>,
    /// Column that counts as conversions.
    pub outcome: String,
    /// What they are in a sentence: "purchases".
    #[serde(default)]
    pub noun: String,
    /// What the figures rest on.
    pub basis: BudgetBasis,
    /// Campaigns a move can be made inside; empty where the file tells none apart.
    pub campaigns: Vec<String>,
    /// Percent change of conversions for one percent more spend; over all campaigns where none is chosen.
    pub elasticity: f64,
    /// 95 % bootstrap interval over ad groups.
    pub elasticity_interval: (f64, f64),
    /// Money moved.
    pub moved: f64,
    /// What the average cost would promise.
    pub naive_gain: f64,
    /// With diminishing returns.
    pub gain: f64,
    /// 95 % bootstrap interval over ad groups.
    pub gain_interval: (f64, f64),
    /// The same move made inside each campaign; `None` where the file tells no campaigns apart, or one is chosen.
    pub within: Option<WithinCampaigns>,
    /// The lower of the two gains: the one to count on.
    pub expected: f64,
    /// Its 95 % interval.
    pub expected_interval: (f64, f64),
    /// Gain of the same share moved the other way round, over all campaigns or inside the chosen one.
    pub reverse_gain: f64,
    /// In money; `None` until the user says what a conversion is worth.
    pub money: Option<BudgetMoney>,
    /// The experiment that would prove the gain; `None` where none is expected.
    pub test: Option<BudgetTest>,
    /// The result, then the reason.
    pub sentence: String,
    /// What must hold for the figures to hold, one sentence each.
    pub assumptions: Vec<String>,
}

/// Ads, and what they did.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct BudgetBasis {
    /// Ads with known spend, conversions and group.
    pub ads: u64,
    /// Their spend.
    pub spend: f64,
    /// Their conversions.
    pub conversions: f64,
    /// Their clicks; `None` without such a column.
    pub clicks: Option<f64>,
    /// Their impressions; `None` without such a column.
    pub impressions: Option<f64>,
}

/// A move made inside each campaign by the same share, with campaigns as a factor of the model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WithinCampaigns {
    /// Of conversions to spend between ads of one campaign.
    pub elasticity: f64,
    /// 95 % bootstrap interval over ad groups.
    pub elasticity_interval: (f64, f64),
    /// What the average costs inside each campaign would promise together.
    pub naive_gain: f64,
    /// With diminishing returns.
    pub gain: f64,
    /// 95 % bootstrap interval over ad groups.
    pub gain_interval: (f64, f64),
    /// One a campaign with spend in both groups, most spend first.
    pub campaigns: Vec<BudgetCampaign>,
    /// Where campaigns point different ways.
    pub caveat: Option<String>,
}

/// The move inside one campaign.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BudgetCampaign {
    /// Name of the campaign.
    pub label: String,
    /// Ads of the two groups in it.
    #[serde(default)]
    pub n: u64,
    /// Spend of the two groups in it.
    pub spend: f64,
    /// Conversions of the two groups in it.
    pub conversions: f64,
    /// Cost per conversion where money is taken; `None` without conversions.
    pub cpa_from: Option<f64>,
    /// Cost per conversion where it is given; `None` without conversions.
    pub cpa_to: Option<f64>,
    /// Of this campaign alone; `None` where it cannot be estimated.
    pub elasticity: Option<f64>,
    /// By the elasticity within campaigns.
    pub gain: f64,
}

/// A budget move in money: the spend stays, so that what is gained is all profit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BudgetMoney {
    /// Worth of one conversion, as entered.
    pub value: f64,
    /// Worth of the conversions to count on.
    pub gain: f64,
    /// 95 % interval.
    pub gain_interval: (f64, f64),
    /// Return on ad spend before and after: value of the conversions over spend.
    pub roas: (f64, f64),
    /// Value of the conversions less spend, before and after.
    pub profit: (f64, f64),
}

/// A test of a budget move: two halves drawn by lot, one makes the move and the other does not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BudgetTest {
    /// Conversions the half that keeps its budget needs.
    pub conversions: f64,
    /// Conversions the other half then has, if the gain is real.
    pub conversions_moved: f64,
    /// Money each half spends on the two groups.
    pub spend: f64,
    /// Clicks of each half; `None` without such a column.
    pub clicks: Option<f64>,
    /// Impressions of each half; `None` without such a column.
    pub impressions: Option<f64>,
    /// Each half against what the two groups have in the file.
    pub times: f64,
    /// Weeks for both halves together at the file's pace; `None` without dates.
    pub weeks: Option<f64>,
    /// Pearson dispersion the counts are widened by.
    pub dispersion: f64,
    /// Chance of finding the gain if it is there.
    pub power: f64,
    /// Chance of finding one that is not there (two-sided).
    pub alpha: f64,
    /// What to do.
    pub sentence: String,
}

/// One group of ads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BudgetGroup {
    /// Level of the category.
    pub label: String,
    /// Ads with known spend and conversions.
    #[serde(default)]
    pub n: u64,
    /// Sum of spend.
    pub spend: f64,
    /// Sum of conversions.
    pub conversions: f64,
    /// Spend per conversion; `None` without conversions.
    pub cpa: Option<f64>,
    /// Cost of one conversion more; `None` without conversions or with an elasticity that is not positive.
    pub marginal_cpa: Option<f64>,
}

/// Everything decided.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Decision {
    /// The plan with every choice filled in.
    pub plan: DecisionPlan,
    /// `None` without segments that have a response rate, or without value and cost.
    pub retargeting: Option<Retargeting>,
    /// By a model of who responds; `None` without one, or without value and cost.
    pub contacts: Option<Contacts>,
    /// For the chosen segments; `None` without retargeting, or where no number of people would do.
    pub hold_out: Option<HoldOutPlan>,
    /// `None` when the table has no groups with spend and conversions.
    pub budget: Option<BudgetResult>,
    /// What the decision rests on.
    pub claims: Vec<Claim>,
    /// What is missing for a decision, and what to do about it.
    pub missing: Vec<String>,
}

impl Decision {
    /// The sentence on the experiment that would prove what the decision says first.
    pub fn proof(&self) -> Option<&str> {
        let people = self.contacts.as_ref().and_then(|c| c.hold_out.as_ref()).or(self.hold_out.as_ref());
        let of_move = || self.budget.as_ref().and_then(|b| b.test.as_ref()).map(|t| t.sentence.as_str());
        people.map(|h| h.sentence.as_str()).or_else(of_move)
    }
}
