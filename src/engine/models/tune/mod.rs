//! Tuning: a search for better settings of one family, nested in the folds of the comparison.
//!
//! For every fold the search runs on parts of its training rows alone, and what it chooses is scored on the rows held out:
//! that score is honest, since they had no say. The same search on all rows gives the settings to use.

pub mod job;
pub mod record;
pub mod space;
pub mod work;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use super::{
    plan::{FamilyChoice, ModelPlan},
    verdict,
};
use crate::engine::{knobs::Settings, words::number};

/// How settings are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SearchKind {
    /// Every candidate is tried on all rows of its training parts (Bergstra and Bengio 2012).
    Random,
    /// All candidates are tried on few rows, the best third on three times as many, and so on (Jamieson and Talwalkar 2016).
    Halving,
}

impl SearchKind {
    /// Both, in the order shown.
    pub const ALL: [Self; 2] = [Self::Random, Self::Halving];

    /// Key on the command line.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Random => "random",
            Self::Halving => "halving",
        }
    }

    /// Word on the page and within sentences.
    pub fn label(self) -> &'static str {
        match self {
            Self::Random => "random search",
            Self::Halving => "successive halving",
        }
    }

    /// The kind of a key.
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.slug() == slug)
    }
}

/// What is searched, and how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TunePlan {
    /// Target, features, folds and seed. The settings of the family in it are the first candidate.
    pub model: ModelPlan,
    /// Slug of the family.
    pub family: String,
    /// How settings are looked for.
    pub kind: SearchKind,
    /// How many are tried, the present ones among them; fewer when stopped or when there are no more.
    pub n_candidates: u32,
    /// Parts of the training rows of a fold, of which each is held out once in the search.
    pub inner_folds: u32,
}

/// Parts a search uses unless it is told otherwise.
pub const INNER_FOLDS: u32 = 3;

impl TunePlan {
    /// The settings of the family as the plan has them.
    pub fn present(&self) -> Settings {
        let choice = self.model.families.iter().find(|c| c.family == self.family);
        choice.map(|c| c.settings.clone()).unwrap_or_default()
    }
}

/// One candidate of the search on all rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tried {
    /// Its place in the order of trying, from 0; 0 are the present settings.
    pub number: u32,
    /// What differs from the defaults.
    pub settings: Settings,
    /// On the parts held out in the search; `None` when it failed.
    pub score: Option<Score>,
    /// The share of the training rows it was tried on last.
    pub share: f64,
    /// Why it failed.
    pub error: Option<String>,
}

/// The mean of a score over parts held out.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// What is searched by, smaller is better: see [`Measure`].
    pub loss: f64,
    /// The share of the spread explained; `None` where the target does not vary.
    pub explained: Option<f64>,
    /// Standard deviation of the loss over the parts; `None` with one part.
    pub spread: Option<f64>,
}

/// What scores are called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measure {
    /// Within a sentence: "RMSE", "log loss".
    pub loss: String,
    /// "R²", "McFadden R²"
    pub explained: String,
}

/// Scores on rows the search has not seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Nested {
    /// Of what the search of each fold chose.
    pub tuned: Score,
    /// Of the present settings on the same rows.
    pub present: Score,
    /// Two-sided p of no difference between the two, by the corrected resampled t over the folds; `None` with one fold, or
    /// where every fold says the same.
    pub p: Option<f64>,
    /// Folds in which the chosen settings were better.
    pub n_better: u32,
    /// Folds in which the search kept the present settings.
    pub n_kept: u32,
    /// Folds.
    pub n_folds: u32,
    /// Candidates tried in each by then.
    pub n_candidates: u32,
    /// What the search of each fold chose.
    pub chosen: Vec<Settings>,
}

impl Nested {
    /// Whether tuning gained more than noise.
    pub fn helps(&self) -> bool {
        let is_apart = self.p.map_or(self.n_folds > 1, |p| p < verdict::LEVEL);
        is_apart && self.tuned.loss < self.present.loss
    }
}

/// The seconds a search has and has taken, by the clock of whoever runs its tasks: the engine has none.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Time {
    /// What it was given.
    pub given: f64,
    /// What it took so far.
    pub taken: f64,
}

impl Time {
    /// By how much a search may end late without a word.
    const LATE: f64 = 1.1;

    /// Whether it took noticeably longer than it was given.
    pub fn is_over(&self) -> bool {
        self.taken > (self.given * Self::LATE).max(self.given + 1.0)
    }

    /// How often a piece of work fits into what is left, where one took so long before. A piece that would end a little late
    /// is begun, unless the time is up.
    fn n_left(&self, seconds_each: f64) -> usize {
        if self.taken >= self.given {
            return 0;
        }
        ((self.given * Self::LATE - self.taken) / seconds_each) as usize
    }

    /// "It took 47 s, more than the 30 s it was given: what was begun is finished."
    fn words(&self) -> String {
        format!(
            "It took {} s, more than the {} s it was given: what was begun is finished.",
            number(self.taken.round()),
            number(self.given)
        )
    }
}

/// Where a search stands, or what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tuning {
    /// As asked.
    pub plan: TunePlan,
    /// Name of the family.
    pub title: String,
    /// What its scores are called.
    pub measure: Measure,
    /// Slugs and labels of the settings searched over.
    pub searched: Vec<(String, String)>,
    /// The search on all rows, best first; failures last.
    pub tried: Vec<Tried>,
    /// Candidates it still has before it.
    pub n_left: u32,
    /// `None` until every fold has one.
    pub nested: Option<Nested>,
    /// Whether it ended before its time.
    pub is_stopped: bool,
    /// `None` where it has all the time it needs.
    pub time: Option<Time>,
    /// The result, then the reason.
    pub sentence: String,
}

impl Tuning {
    /// The best so far.
    pub fn best(&self) -> Option<&Tried> {
        self.tried.first().filter(|t| t.score.is_some())
    }

    /// Whether the settings it found are those of a plan, as it found them.
    pub fn led_to(&self, plan: &ModelPlan) -> bool {
        record::Tuned::of(self).is_some_and(|own| plan.tuned.contains(&own) && own.is_as_found(plan))
    }

    /// By how much the score of the best in the search is better than what the search gives on rows it has not seen.
    pub fn optimism(&self) -> Option<f64> {
        Some(self.nested.as_ref()?.tuned.loss - self.best()?.score?.loss)
    }

    /// The plan with the best settings and how they were found.
    pub fn applied(&self, mut plan: ModelPlan) -> ModelPlan {
        let Some(best) = self.best() else { return plan };
        if plan.families.is_empty() {
            plan.families = super::default_choices(plan.outcome.unwrap_or_default());
        }
        let choice = FamilyChoice { family: self.plan.family.clone(), settings: best.settings.clone() };
        match plan.families.iter_mut().find(|c| c.family == choice.family) {
            Some(own) => *own = choice,
            None => plan.families.push(choice),
        }
        plan.tuned = self.recorded(plan.tuned);
        plan
    }

    /// How settings were found, the best of this search in place of an earlier search for the same family.
    pub fn recorded(&self, mut tuned: Vec<record::Tuned>) -> Vec<record::Tuned> {
        if let Some(own) = record::Tuned::of(self) {
            tuned.retain(|t| t.family != own.family);
            tuned.push(own);
        }
        tuned
    }
}
