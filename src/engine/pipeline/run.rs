//! A run: what happened when a model comparison or a clustering was carried out.

use serde::{Deserialize, Serialize};

use super::{graph::Node, recipe::Recipe};
use crate::engine::{
    data::summary::Receipt,
    models::{
        comparison::{Comparison, FamilyResult},
        ladder::Ladder,
        learning_curve::LearningCurve,
    },
    segments::segmentation::Segmentation,
    words,
};

/// What was run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunKind {
    /// Models were compared.
    Model,
    /// Segments were made.
    Segment,
}

impl RunKind {
    /// Word on the page.
    pub fn label(self) -> &'static str {
        match self {
            Self::Model => "Models",
            Self::Segment => "Segments",
        }
    }
}

/// One run, as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// Unique; sorts by time.
    pub id: String,
    /// What was run.
    pub kind: RunKind,
    /// Given by the user, at first "Purchases: linear regression".
    pub name: String,
    /// Milliseconds since 1970.
    pub started_at: f64,
    /// Milliseconds it took; no part of a comparison of results.
    pub duration_ms: f64,
    /// Name of the file, without its folder.
    pub file_name: String,
    /// Fingerprint of the file's bytes.
    pub data_fingerprint: String,
    /// Rows of the file.
    pub n_rows: u64,
    /// Columns of the file.
    pub n_columns: u64,
    /// The recipe it was made from.
    pub recipe: Recipe,
    /// Version of Assay.
    pub version: String,
    /// Named results, in the order shown: ("R², random forest", 0.35).
    pub metrics: Vec<(String, f64)>,
    /// The model chosen, as its metrics name it: "linear regression"; empty for segments and for records of earlier builds.
    #[serde(default)]
    pub chosen: String,
    /// One sentence.
    pub summary: String,
    /// The recipe as a graph, as it stood when the run was made.
    #[serde(default)]
    pub graph: Vec<Node>,
}

/// What surrounds a run and cannot be known in the engine: when, how long, of which file.
#[derive(Debug, Clone)]
pub struct RunContext<'a> {
    /// Unique; sorts by time.
    pub id: String,
    /// Milliseconds since 1970.
    pub started_at: f64,
    /// Milliseconds it took.
    pub duration_ms: f64,
    /// Receipt of the file.
    pub receipt: &'a Receipt,
    /// The recipe it was made from.
    pub recipe: &'a Recipe,
    /// The recipe as a graph.
    pub graph: Vec<Node>,
    /// Version of Assay.
    pub version: &'a str,
}

impl RunRecord {
    /// The record of a model comparison.
    pub fn from_comparison(comparison: &Comparison, context: RunContext<'_>) -> Self {
        let mut recipe = context.recipe.clone();
        recipe.model = Some(comparison.plan.clone());
        let winner = title(&comparison.results, &comparison.verdict.winner);
        let mut metrics = Vec::new();
        // Every model's score first, then its error: the order in which runs are compared by eye.
        for score in comparison.outcome().drawn() {
            for result in comparison.results.iter().filter(|r| r.error.is_none()) {
                if let Some(value) = score.of(&result.mean) {
                    let name = format!("{}, {}", score.label(), words::in_sentence(&result.title));
                    metrics.push((name, value));
                }
            }
        }
        let chosen = words::in_sentence(&winner);
        let early = if comparison.is_stopped() { ", stopped early" } else { "" };
        let name = format!("{}: {chosen}{early}", comparison.plan.target);
        let summary = comparison.verdict.sentence.clone();
        Self { chosen, ..Self::new(RunKind::Model, name, recipe, metrics, summary, context) }
    }

    /// Adds what harder questions came to, in place of what an earlier climb said.
    pub fn put_ladder(&mut self, ladder: &Ladder) {
        self.recipe.ladder = Some(ladder.plan.clone());
        let score = ladder.measure.label();
        let rungs = ladder.scored().map(|(rung, value)| (rung.title.clone(), value));
        self.put_metrics(&format!("{score}, ladder"), rungs.collect());
    }

    /// Adds what more rows would bring, in place of what an earlier curve said.
    pub fn put_curve(&mut self, curve: &LearningCurve) {
        self.recipe.learning_curve = Some(curve.plan.clone());
        let gain = curve.gain.map(|gain| ("gain of the last doubling of the rows".to_owned(), gain));
        self.put_metrics(&format!("{}, learning curve", curve.measure.label()), gain.into_iter().collect());
    }

    fn put_metrics(&mut self, of: &str, found: Vec<(String, f64)>) {
        let prefix = format!("{of}: ");
        self.metrics.retain(|(name, _)| !name.starts_with(&prefix));
        let named = found.into_iter().filter(|(_, value)| value.is_finite());
        self.metrics.extend(named.map(|(name, value)| (prefix.clone() + &words::in_sentence(&name), value)));
    }

    /// The record of a clustering.
    pub fn from_segmentation(segmentation: &Segmentation, context: RunContext<'_>) -> Self {
        let mut recipe = context.recipe.clone();
        recipe.segment = Some(segmentation.plan.clone());
        let mut metrics = vec![("Segments".to_owned(), f64::from(segmentation.k))];
        if let Some(point) = segmentation.sweep.iter().find(|p| p.k == segmentation.k) {
            let named = [
                ("Silhouette", point.silhouette),
                ("Davies-Bouldin", point.davies_bouldin),
                ("Stability", point.stability),
            ];
            metrics.extend(named.into_iter().filter_map(|(name, v)| Some((name.to_owned(), v?))));
            metrics.push(("Inertia".to_owned(), point.inertia));
        }
        let n_columns = words::counted(segmentation.plan.columns.len() as u64, "column", "columns");
        let name = format!("{} segments of {n_columns}", segmentation.k);
        Self::new(RunKind::Segment, name, recipe, metrics, segmentation.why_k.clone(), context)
    }

    /// The one number a run is known by: R² or AUC of the model chosen, or the silhouette of the segments.
    pub fn headline(&self) -> Option<(&'static str, f64)> {
        let outcome = self.recipe.model.as_ref().and_then(|m| m.outcome).unwrap_or_default();
        let score = outcome.headline().label();
        let (word, metric) = match self.kind {
            RunKind::Segment => ("silhouette", "Silhouette".to_owned()),
            // Before the choice was recorded it stood in the name alone.
            RunKind::Model if self.chosen.is_empty() => {
                (score, format!("{score}, {}", self.name.rsplit_once(": ").map_or("", |(_, model)| model)))
            }
            RunKind::Model => (score, format!("{score}, {}", self.chosen)),
        };
        self.metrics.iter().find(|(name, _)| *name == metric).map(|(_, value)| (word, *value))
    }

    fn new(
        kind: RunKind,
        name: String,
        recipe: Recipe,
        mut metrics: Vec<(String, f64)>,
        summary: String,
        context: RunContext<'_>,
    ) -> Self {
        // JSON has no infinity; an undefined metric is left out rather than shown as a number.
        metrics.retain(|(_, value)| value.is_finite());
        Self {
            id: context.id,
            kind,
            name,
            started_at: context.started_at,
            duration_ms: context.duration_ms,
            file_name: context.receipt.file_name.clone(),
            data_fingerprint: context.receipt.fingerprint.clone(),
            n_rows: context.receipt.n_rows,
            n_columns: context.receipt.n_columns,
            recipe,
            version: context.version.to_owned(),
            metrics,
            chosen: String::new(),
            summary,
            graph: context.graph,
        }
    }
}

/// Title of a family among results; its slug where it is not there.
fn title(results: &[FamilyResult], family: &str) -> String {
    results.iter().find(|r| r.family == family).map_or_else(|| family.to_owned(), |r| r.title.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::models::{ladder::LadderPlan, learning_curve::CurvePlan, outcome::Score};

    #[test]
    fn what_is_asked_of_a_comparison_later_is_added_to_its_run() {
        let mut run = crate::engine::pipeline::differences::tests::run(
            Recipe::default(),
            &[("R², random forest", 0.48)],
        );
        let mut curve = LearningCurve {
            plan: CurvePlan { family: "random_forest".into() },
            target: "Purchases".into(),
            measure: Score::R2,
            title: "Random forest".into(),
            validation: "5 folds".into(),
            points: Vec::new(),
            gain: Some(0.04),
            gain_interval: None,
            gain_p: None,
            sentence: String::new(),
            notes: Vec::new(),
        };
        run.put_curve(&curve);
        curve.gain = Some(0.05);
        run.put_curve(&curve);
        let named = ("R², learning curve: gain of the last doubling of the rows".to_owned(), 0.05);
        assert_eq!(run.metrics, [("R², random forest".to_owned(), 0.48), named.clone()]);
        assert_eq!(run.recipe.learning_curve, Some(curve.plan));

        let ladder = Ladder {
            plan: LadderPlan { new_group: "Campaign".into(), ..LadderPlan::default() },
            target: "Purchases".into(),
            measure: Score::R2,
            title: "Random forest".into(),
            moment: "launch".into(),
            rungs: Vec::new(),
            sentence: String::new(),
            known: Vec::new(),
            groups: Vec::new(),
            notes: Vec::new(),
        };
        run.put_ladder(&ladder);
        assert_eq!(run.metrics[1], named, "the curve stays");
        assert_eq!(run.recipe.ladder, Some(ladder.plan));
    }

    #[test]
    fn a_run_is_known_by_the_model_chosen_not_by_the_best() {
        let mut run = crate::engine::pipeline::differences::tests::run(
            Recipe::default(),
            &[("R², baseline", 0.0), ("R², linear regression", 0.47), ("R², random forest", 0.48)],
        );
        run.chosen = "linear regression".into();
        assert_eq!(run.headline(), Some(("R²", 0.47)));
        run.chosen = String::new();
        assert_eq!(run.headline(), None);
        run.name = "Purchases: random forest".into();
        assert_eq!(run.headline(), Some(("R²", 0.48)));
        run.kind = RunKind::Segment;
        run.metrics = vec![("Silhouette".into(), 0.3)];
        assert_eq!(run.headline(), Some(("silhouette", 0.3)));
    }
}
