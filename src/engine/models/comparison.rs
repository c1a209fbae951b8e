//! What came out of a model comparison, as plain data.

use super::{
    coefficients::CoefficientTable,
    outcome::Outcome,
    plan::{Candidate, ModelPlan},
    yes_no::{YesNoFindings, YesNoScores},
};
use crate::engine::statistics::claim::Claim;
use serde::{Deserialize, Serialize};

/// Scores on rows the model has not seen.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Scores {
    /// `None` where the held-out target is constant.
    pub r2: Option<f64>,
    /// Mean squared error, in squared units of the target.
    pub mse: f64,
    /// Root of the mean squared error, in units of the target.
    pub rmse: f64,
    /// Mean absolute error, in units of the target.
    pub mae: f64,
    /// Held-out rows.
    pub n: u64,
    /// Scores of probabilities; `None` where an amount is predicted.
    pub yes_no: Option<YesNoScores>,
}

/// One family's result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FamilyResult {
    /// Slug of the family.
    pub family: String,
    /// Its name on the page.
    pub title: String,
    /// One a fold, in order.
    pub folds: Vec<Scores>,
    /// Mean over the folds of each score.
    pub mean: Scores,
    /// Sample standard deviation over the folds; NaN (`None` for R²) with a single split.
    pub sd: Scores,
    /// All held-out predictions together.
    pub pooled: Scores,
    /// Facts of the model fitted on all rows.
    pub facts: Vec<(String, String)>,
    /// Why it has no scores, if it failed.
    pub error: Option<String>,
    /// Of the model fitted on all rows, column by column, where the family has coefficients.
    pub coefficients: Option<CoefficientTable>,
}

/// Paired comparison of two families: over the same folds (Nadeau and Bengio's corrected resampled t), with a single split
/// over the same held-out rows (t of the logarithm of the ratio of mean losses).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PairTest {
    /// Family with the smaller loss: RMSE, or log loss for yes/no.
    pub better: String,
    /// Family with the larger loss.
    pub worse: String,
    /// Mean difference in loss over the folds (worse - better).
    pub difference: f64,
    /// 95 % interval of the difference, before any adjustment; `None` without spread. With a single split that of the ratio
    /// of losses, in their units.
    pub interval: Option<(f64, f64)>,
    /// `None` without spread.
    pub t: Option<f64>,
    /// Two-sided p; `None` where t is.
    pub p: Option<f64>,
    /// Adjusted by Holm over the comparisons with the baseline, or over those among the other families.
    pub p_holm: Option<f64>,
}

/// Who won.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// Family slug: the simplest of those tied with the best.
    pub winner: String,
    /// Families the folds do not separate from the best (the winner not among them).
    pub tied_with: Vec<String>,
    /// Whether the winner is better than the baseline.
    pub beats_baseline: bool,
    /// The result, then the reason.
    pub sentence: String,
}

/// How much worse held-out rows are predicted when one column (with all its dummies) is shuffled: drop in R², or rise in
/// log loss for yes/no.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Importance {
    /// Column of the table.
    pub feature: String,
    /// Mean worsening over folds and repeats.
    pub mean: f64,
    /// Its standard deviation.
    pub sd: f64,
}

/// One held-out prediction.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    /// File row, from 0.
    pub row: u32,
    /// What the file says; for yes/no 1 or 0.
    pub actual: f64,
    /// What a model that has not seen the row says: for yes/no the probability of yes.
    pub predicted: f64,
}

/// Everything a comparison found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The plan with every choice filled in.
    pub plan: ModelPlan,
    /// Every other column, and whether it was used.
    pub candidates: Vec<Candidate>,
    /// Rows with a target.
    pub n_rows: u64,
    /// Rows left out because the target is missing.
    pub n_left_out: u64,
    /// Folds, 1 for a hold-out split.
    pub n_folds: u32,
    /// In the order of the registry.
    pub results: Vec<FamilyResult>,
    /// Every two families that have scores.
    pub pairs: Vec<PairTest>,
    /// Who won.
    pub verdict: Verdict,
    /// Of the winner, largest first.
    pub importance: Vec<Importance>,
    /// Held-out predictions of every family that worked, by family slug.
    pub predictions: Vec<(String, Vec<Prediction>)>,
    /// What the held-out probabilities say; `None` where an amount is predicted.
    pub yes_no: Option<YesNoFindings>,
    /// What the comparison supports.
    pub claims: Vec<Claim>,
    /// What a reader must know: leaks unblocked, columns dropped, rank deficiency.
    pub notes: Vec<String>,
}

impl Comparison {
    /// The family that is looked at more closely: the winner; where that is the mean, the best of the others, if any has scores.
    pub fn subject(&self) -> &str {
        if self.verdict.winner != "baseline" {
            return &self.verdict.winner;
        }
        let learnt = self.results.iter().filter(|r| r.error.is_none() && r.family != "baseline");
        let loss = |r: &FamilyResult| self.outcome().loss().of(&r.mean).unwrap_or(f64::INFINITY);
        let best = learnt.min_by(|a, b| loss(a).total_cmp(&loss(b)));
        best.map_or(self.verdict.winner.as_str(), |r| r.family.as_str())
    }

    /// What was predicted.
    pub fn outcome(&self) -> Outcome {
        self.plan.outcome.unwrap_or_default()
    }

    /// Rows with a held-out prediction: of what was scored, because the page is sent one prediction of each family alone.
    pub fn n_tested(&self) -> u64 {
        self.results.iter().find(|r| r.error.is_none()).map_or(0, |r| r.pooled.n)
    }

    /// Whether it was stopped before every model was done.
    pub fn is_stopped(&self) -> bool {
        self.results.len() < self.plan.families.len()
    }

    /// The title of a family that was compared; its slug if it was not.
    pub fn title_of<'a>(&'a self, family: &'a str) -> &'a str {
        self.results.iter().find(|r| r.family == family).map_or(family, |r| r.title.as_str())
    }
}
