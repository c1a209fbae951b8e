//! A run: what happened when a model comparison or a clustering was carried out, and how runs differ.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    execute::find_step,
    graph::Node,
    recipe::{Recipe, RecipeStep},
};
use crate::engine::{
    data::summary::Receipt,
    models::comparison::{Comparison, FamilyResult},
    segments::segmentation::Segmentation,
    words::{self, count, decimals, spell_out},
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
        // Every model's R² first, then its error: the order in which runs are compared by eye.
        for result in comparison.results.iter().filter(|r| r.error.is_none()) {
            if let Some(r2) = result.mean.r2 {
                metrics.push((format!("R², {}", words::in_sentence(&result.title)), r2));
            }
        }
        for result in comparison.results.iter().filter(|r| r.error.is_none()) {
            metrics.push((format!("RMSE, {}", words::in_sentence(&result.title)), result.mean.rmse));
        }
        let name = format!("{}: {}", comparison.plan.target, words::in_sentence(&winner));
        Self::new(RunKind::Model, name, recipe, metrics, comparison.verdict.sentence.clone(), context)
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
        let name = format!("{} segments of {} columns", segmentation.k, segmentation.plan.columns.len());
        Self::new(RunKind::Segment, name, recipe, metrics, segmentation.why_k.clone(), context)
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
            summary,
            graph: context.graph,
        }
    }
}

/// Title of a family among results; its slug where it is not there.
fn title(results: &[FamilyResult], family: &str) -> String {
    results.iter().find(|r| r.family == family).map_or_else(|| family.to_owned(), |r| r.title.clone())
}

/// Which part of a run a difference lies in, in the order shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DifferenceKind {
    /// Another file, or other bytes.
    Data,
    /// Other steps or settings.
    Recipe,
    /// Other results.
    Metric,
    /// Other moment or duration.
    Time,
}

impl DifferenceKind {
    /// Word on the page.
    pub fn label(self) -> &'static str {
        match self {
            Self::Data => "Data",
            Self::Recipe => "Recipe",
            Self::Metric => "Results",
            Self::Time => "Time",
        }
    }
}

/// Something in which runs differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DifferenceRow {
    /// Which part it lies in.
    pub kind: DifferenceKind,
    /// "Fill missing values (Income): method"
    pub label: String,
    /// One a run, in their order; "–" where a run has no such thing.
    pub values: Vec<String>,
}

/// Only what differs between runs, in the order data, recipe, results, time.
///
/// Steps are matched by what they are and the columns they touch, not by their place, so that one step more does not
/// make all later ones differ; a changed order of the same steps is one row.
pub fn differences(runs: &[RunRecord]) -> Vec<DifferenceRow> {
    let mut table = Rows { n_runs: runs.len(), rows: Vec::new() };
    for (i, run) in runs.iter().enumerate() {
        let mut set = |kind, label: &str, value: String| table.set(i, kind, label, value);
        set(DifferenceKind::Data, "File", run.file_name.clone());
        set(DifferenceKind::Data, "Fingerprint of the file", run.data_fingerprint.clone());
        set(
            DifferenceKind::Data,
            "Rows x columns",
            format!("{} x {}", count(run.n_rows), count(run.n_columns)),
        );
        for (label, value) in settings(&run.recipe, run.kind) {
            set(DifferenceKind::Recipe, &label, value);
        }
        for (label, value) in &run.metrics {
            set(DifferenceKind::Metric, label, metric(*value));
        }
        set(DifferenceKind::Time, "Duration", format!("{:.2} s", run.duration_ms / 1000.0));
        set(DifferenceKind::Time, "Version of Assay", run.version.clone());
    }
    let mut rows = table.rows;
    rows.retain(|row| row.values.windows(2).any(|pair| pair[0] != pair[1]));
    // Stable, so that within a part the order is that of the runs.
    rows.sort_by_key(|row| row.kind);
    rows
}

/// Rows being gathered, one value a run.
struct Rows {
    n_runs: usize,
    rows: Vec<DifferenceRow>,
}

impl Rows {
    fn set(&mut self, run: usize, kind: DifferenceKind, label: &str, value: String) {
        let row = match self.rows.iter_mut().find(|r| r.kind == kind && r.label == label) {
            Some(row) => row,
            None => {
                let values = vec!["–".to_owned(); self.n_runs];
                self.rows.push(DifferenceRow { kind, label: label.to_owned(), values });
                match self.rows.last_mut() {
                    Some(row) => row,
                    None => return,
                }
            }
        };
        if let Some(place) = row.values.get_mut(run) {
            *place = value;
        }
    }
}

/// Enough digits to see a difference: 4 below 100, fewer above.
fn metric(value: f64) -> String {
    if value.fract() == 0.0 {
        decimals(value, 0)
    } else if value.abs() < 100.0 {
        decimals(value, 4)
    } else {
        decimals(value, 1)
    }
}

/// Every setting of a recipe that a run of this kind depends on, as (readable label, value).
fn settings(recipe: &Recipe, kind: RunKind) -> Vec<(String, String)> {
    let mut out = Vec::new();
    out.push(("Seed".to_owned(), recipe.seed.to_string()));
    flatten(&mut out, "Reading", &to_value(&recipe.read));

    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    let mut order = Vec::new();
    for step in &recipe.steps {
        let (mut label, values) = step_settings(step);
        let nth = seen.entry(label.clone()).or_insert(0);
        *nth += 1;
        if *nth > 1 {
            label = format!("{label} #{nth}");
        }
        order.push(label.clone());
        out.push((label.clone(), "applied".to_owned()));
        for (name, value) in values {
            out.push((format!("{label}: {name}"), value));
        }
    }
    if order.len() > 1 {
        out.push(("Order of the steps".to_owned(), order.join(", ")));
    }

    if let (RunKind::Model, Some(plan)) = (kind, &recipe.model) {
        let mut value = to_value(plan);
        if let Some(map) = value.as_object_mut() {
            // A family's settings by its name, not by its place in a list.
            if let Some(Value::Array(families)) = map.remove("families") {
                for family in &families {
                    let name = family.get("family").and_then(Value::as_str).unwrap_or_default();
                    let label = format!("Model: {}", spell_out(name).to_lowercase());
                    out.push((label.clone(), "compared".to_owned()));
                    flatten(&mut out, &label, family.get("settings").unwrap_or(&Value::Null));
                }
            }
        }
        flatten(&mut out, "Model", &value);
    }
    if let (RunKind::Segment, Some(plan)) = (kind, &recipe.segment) {
        flatten(&mut out, "Segment", &to_value(plan));
    }
    out
}

fn to_value<T: Serialize>(value: &T) -> Value {
    serde_json::to_value(value).unwrap_or(Value::Null)
}

/// What a step is (with the column it is about) and its other settings.
fn step_settings(step: &RecipeStep) -> (String, Vec<(String, String)>) {
    match step {
        RecipeStep::Kind { kind } => {
            ("Kind of table".to_owned(), vec![("kind".to_owned(), kind.label().to_owned())])
        }
        RecipeStep::Role { column, role } => {
            (format!("Role of {column}"), vec![("role".to_owned(), role.label().to_owned())])
        }
        RecipeStep::Type { column, column_type } => {
            (format!("Type of {column}"), vec![("type".to_owned(), column_type.label().to_owned())])
        }
        RecipeStep::Clean(call) | RecipeStep::Feature(call) => {
            let name = find_step(&call.slug).map_or_else(|| spell_out(&call.slug), |s| s.title().to_owned());
            let mut about = Vec::new();
            let mut rest = Vec::new();
            for (slug, setting) in &call.settings.0 {
                let value = show(&to_value(setting));
                if matches!(slug.as_str(), "column" | "columns") {
                    about.push(value);
                } else {
                    rest.push((spell_out(slug).to_lowercase(), value));
                }
            }
            let label = if about.is_empty() { name } else { format!("{name} ({})", about.join(", ")) };
            (label, rest)
        }
    }
}

/// Leaves of a value under a label; lists are one leaf.
fn flatten(out: &mut Vec<(String, String)>, label: &str, value: &Value) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                // A setting is written as {"integer": 3} and the like: its kind is no part of the path.
                if map.len() == 1 && is_setting_kind(key) {
                    out.push((label.to_owned(), show(inner)));
                } else {
                    flatten(out, &format!("{label}: {}", spell_out(key).to_lowercase()), inner);
                }
            }
        }
        Value::Null => {}
        other => out.push((label.to_owned(), show(other))),
    }
}

fn is_setting_kind(key: &str) -> bool {
    matches!(key, "Integer" | "Real" | "Text" | "Flag" | "Texts" | "Numbers")
}

/// A value in words.
fn show(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Number(n) => n.to_string(),
        Value::String(text) => text.clone(),
        Value::Array(list) if list.is_empty() => "chosen by Assay".to_owned(),
        Value::Array(list) => list.iter().map(show).collect::<Vec<_>>().join(", "),
        Value::Object(map) => {
            let parts = map.iter().map(|(key, inner)| {
                if map.len() == 1 && is_setting_kind(key) {
                    show(inner)
                } else {
                    format!("{key} {}", show(inner))
                }
            });
            parts.collect::<Vec<_>>().join(", ")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{
        data::role::Role,
        knobs::Settings,
        models::plan::{FamilyChoice, ModelPlan, Validation},
        segments::segmentation::SegmentPlan,
        step::StepCall,
    };

    fn run(recipe: Recipe, metrics: &[(&str, f64)]) -> RunRecord {
        RunRecord {
            id: "1".into(),
            kind: RunKind::Model,
            name: "a".into(),
            started_at: 0.0,
            duration_ms: 1000.0,
            file_name: "ads.csv".into(),
            data_fingerprint: "ff".into(),
            n_rows: 10,
            n_columns: 3,
            recipe,
            version: "0.1.0".into(),
            metrics: metrics.iter().map(|(n, v)| ((*n).to_owned(), *v)).collect(),
            summary: String::new(),
            graph: Vec::new(),
        }
    }

    fn fill(column: &str, method: &str) -> RecipeStep {
        let settings = Settings::new().with("column", column).with("method", method);
        RecipeStep::Clean(StepCall { slug: "some_fill".into(), settings })
    }

    fn with_steps(steps: Vec<RecipeStep>) -> Recipe {
        Recipe { steps, ..Recipe::default() }
    }

    #[track_caller]
    fn check(a: Recipe, b: Recipe, expected: &[(&str, &str, &str)]) {
        let rows = differences(&[run(a, &[]), run(b, &[])]);
        let found: Vec<(&str, &str, &str)> =
            rows.iter().map(|r| (r.label.as_str(), r.values[0].as_str(), r.values[1].as_str())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn equal_runs_do_not_differ() {
        check(with_steps(vec![fill("Income", "median")]), with_steps(vec![fill("Income", "median")]), &[]);
    }

    #[test]
    fn a_changed_setting_is_one_row() {
        check(
            with_steps(vec![fill("Income", "median")]),
            with_steps(vec![fill("Income", "mean")]),
            &[("Some fill (Income): method", "median", "mean")],
        );
    }

    #[test]
    fn a_step_more_does_not_make_later_ones_differ() {
        let role = RecipeStep::Role { column: "x".into(), role: Role::Spend };
        check(
            with_steps(vec![fill("Income", "median")]),
            with_steps(vec![role, fill("Income", "median")]),
            &[
                ("Role of x", "–", "applied"),
                ("Role of x: role", "–", "Spend"),
                ("Order of the steps", "–", "Role of x, Some fill (Income)"),
            ],
        );
    }

    #[test]
    fn plans_are_flattened_to_readable_labels() {
        let plan = |k, depth: i64| ModelPlan {
            target: "Approved_Conversion".into(),
            features: Vec::new(),
            unblocked: Vec::new(),
            validation: Validation::KFold { k },
            families: vec![FamilyChoice {
                family: "decision_tree".into(),
                settings: Settings::new().with("max_depth", depth),
            }],
            seed: 42,
        };
        check(
            Recipe { model: Some(plan(5, 4)), seed: 1, ..Recipe::default() },
            Recipe { model: Some(plan(10, 6)), ..Recipe::default() },
            &[
                ("Seed", "1", "42"),
                ("Model: decision tree: max depth", "4", "6"),
                ("Model: validation: k fold: k", "5", "10"),
            ],
        );
        let segment = |k| {
            let plan = SegmentPlan { k, ..SegmentPlan::default() };
            let recipe = Recipe { segment: Some(plan), ..Recipe::default() };
            RunRecord { kind: RunKind::Segment, ..run(recipe, &[]) }
        };
        let rows = differences(&[segment(None), segment(Some(4))]);
        assert_eq!(rows.len(), 1);
        assert_eq!((rows[0].label.as_str(), rows[0].values.join(" ")), ("Segment: k", "– 4".to_owned()));
    }

    #[test]
    fn metrics_and_data_that_differ_are_shown_in_their_part() {
        let mut other = run(Recipe::default(), &[("R²", 0.5), ("RMSE", 1.0)]);
        other.data_fingerprint = "aa".into();
        let rows = differences(&[run(Recipe::default(), &[("R²", 0.47), ("RMSE", 1.0)]), other]);
        let found: Vec<(DifferenceKind, &str)> = rows.iter().map(|r| (r.kind, r.label.as_str())).collect();
        assert_eq!(
            found,
            [(DifferenceKind::Data, "Fingerprint of the file"), (DifferenceKind::Metric, "R²")]
        );
        assert_eq!(rows[1].values, ["0.4700", "0.5000"]);
    }

    #[test]
    fn fewer_than_two_runs_differ_in_nothing() {
        assert!(differences(&[]).is_empty());
        assert!(differences(&[run(Recipe::default(), &[("R²", 0.5)])]).is_empty());
    }
}
