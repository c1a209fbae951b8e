//! How settings in a plan were found: kept with them, so that a report can say it.

use serde::{Deserialize, Serialize};

use super::{SearchKind, Time, Tuning};
use crate::engine::{
    knobs::Settings,
    models::plan::ModelPlan,
    words::{counted, in_sentence, number},
};

/// A family whose settings were searched for. The settings themselves stand with the family, so that a recipe replays
/// without searching again; here they serve to see whether they were changed since.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tuned {
    /// Slug of the family.
    pub family: String,
    /// What was found.
    pub settings: Settings,
    /// How.
    pub kind: SearchKind,
    /// Candidates tried.
    pub n_candidates: u32,
    /// What the scores are: "RMSE", "log loss".
    pub measure: String,
    /// Score of the best in the search on all rows.
    pub inner: f64,
    /// Score of the search on rows it had not seen; `None` when it was stopped before.
    pub nested: Option<f64>,
    /// The same for the settings before.
    pub present: Option<f64>,
    /// Where it took noticeably longer than it was given.
    #[serde(default)]
    pub overrun: Option<Time>,
}

impl Tuned {
    /// Of the best of a search.
    pub fn of(tuning: &Tuning) -> Option<Self> {
        let best = tuning.best()?;
        Some(Self {
            family: tuning.plan.family.clone(),
            settings: best.settings.clone(),
            kind: tuning.plan.kind,
            n_candidates: tuning.tried.len() as u32,
            measure: tuning.measure.loss.clone(),
            inner: best.score?.loss,
            nested: tuning.nested.as_ref().map(|n| n.tuned.loss),
            present: tuning.nested.as_ref().map(|n| n.present.loss),
            overrun: tuning.time.filter(Time::is_over),
        })
    }

    /// Whether the settings of the family in a plan are still those.
    pub(super) fn is_as_found(&self, plan: &ModelPlan) -> bool {
        plan.families.iter().any(|c| c.family == self.family && c.settings == self.settings)
    }

    fn note(&self) -> String {
        let title = in_sentence(
            crate::engine::models::family(&self.family).map_or(self.family.as_str(), |f| f.title()),
        );
        let tried = counted(u64::from(self.n_candidates), "candidate", "candidates");
        let found = format!("The settings of {title} were found by {} among {tried}.", self.kind.label());
        let measure = &self.measure;
        let late = self.overrun.map_or_else(String::new, |time| format!(" {}", time.words()));
        match (self.nested, self.present) {
            (Some(nested), Some(present)) => format!(
                "{found} On rows kept from the search its {measure} is {}, against {} with the settings before; in the \
                 search itself {} (optimism {}). Its scores here are on rows the search has seen: go by the first.{late}",
                number(nested),
                number(present),
                number(self.inner),
                number(nested - self.inner),
            ),
            _ => format!(
                "{found} In the search its {measure} is {}; the search was stopped before that could be checked on rows it \
                 had not seen, and its scores here are on rows it has.{late}",
                number(self.inner)
            ),
        }
    }
}

/// What a reader must know of settings that were searched for and are still as found.
pub fn notes(plan: &ModelPlan) -> Vec<String> {
    plan.tuned.iter().filter(|t| t.is_as_found(plan)).map(Tuned::note).collect()
}
