//! How runs differ: their data, recipes, results and times, in words, and only what is not the same.

use std::collections::BTreeMap;

use super::{
    recipe::{Recipe, RecipeStep},
    run::{RunKind, RunRecord},
};
use crate::engine::{
    data::reader::{Decimal, ReadOptions},
    knobs::{Setting, Settings},
    models::{outcome::Outcome, plan::ModelPlan},
    order::InOrder,
    segments::segmentation::SegmentPlan,
    words::{NOTHING, brief, decimals, size, spell_out},
};

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

/// Whether all runs are of one kind, so that their results can be compared.
pub fn is_one_kind(runs: &[RunRecord]) -> bool {
    runs.windows(2).all(|pair| pair[0].kind == pair[1].kind)
}

/// Only what differs between runs, in the order data, recipe, results, time.
///
/// Steps are matched by what they are and the columns they touch, not by their place, so that one step more does not
/// make all later ones differ; a changed order of the same steps is one row. Runs of different kinds have no plan and no
/// result in common: of them only data, reading, steps and times are compared.
pub fn differences(runs: &[RunRecord]) -> Vec<DifferenceRow> {
    let mut table = Rows { n_runs: runs.len(), rows: Vec::new() };
    let is_one_kind = is_one_kind(runs);
    for (i, run) in runs.iter().enumerate() {
        let mut set = |kind, label: &str, value: String| table.set(i, kind, label, value);
        set(DifferenceKind::Data, "File", run.file_name.clone());
        set(DifferenceKind::Data, "Fingerprint of the file", run.data_fingerprint.clone());
        set(DifferenceKind::Data, "Rows × columns", size(run.n_rows, run.n_columns));
        for (label, value) in preparation(run) {
            set(DifferenceKind::Recipe, &label, value);
        }
        if is_one_kind {
            for (label, value) in plan(&run.recipe, run.kind) {
                set(DifferenceKind::Recipe, &label, value);
            }
            for (label, value) in &run.metrics {
                set(DifferenceKind::Metric, label, metric(*value));
            }
        }
        set(DifferenceKind::Time, "Duration", format!("{:.2} s", run.duration_ms / 1000.0));
        set(DifferenceKind::Time, "Version of Assay", run.version.clone());
    }
    let mut rows = table.rows;
    rows.retain(|row| row.values.windows(2).any(|pair| pair[0] != pair[1]));
    // Stable, so that within a part the order is that of the runs.
    rows.order_by_key(|row| row.kind);
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
                let values = vec![NOTHING.to_owned(); self.n_runs];
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

type Named = Vec<(String, String)>;

fn named(label: &str, value: impl Into<String>) -> (String, String) {
    (label.to_owned(), value.into())
}

/// What leads to the table: the seed, how the file is read, the steps.
fn preparation(run: &RunRecord) -> Named {
    let mut out = vec![named("Seed", run.recipe.seed.to_string())];
    out.extend(reading(&run.recipe.read));
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    let mut order = Vec::new();
    for (i, step) in run.recipe.steps.iter().enumerate() {
        let (mut label, value, settings) = step_words(step, title_of(run, i));
        let nth = seen.entry(label.clone()).or_insert(0);
        *nth += 1;
        if *nth > 1 {
            label = format!("{label}, time {nth}");
        }
        order.push(label.clone());
        out.push((label.clone(), value));
        out.extend(settings.into_iter().map(|(name, value)| (format!("{label}: {name}"), value)));
    }
    if order.len() > 1 {
        out.push(named("Order of the steps", order.join(", ")));
    }
    out
}

/// The title a step had when the run was made: the graph holds it, so that the list of steps is not needed here.
fn title_of(run: &RunRecord, index: usize) -> Option<&str> {
    let id = format!("step-{}", index + 1);
    run.graph.iter().find(|node| node.id == id).map(|node| node.title.as_str())
}

fn reading(read: &ReadOptions) -> Named {
    let mut out = Vec::new();
    out.extend(read.encoding.as_ref().map(|e| named("Read with the encoding", e.as_str())));
    out.extend(
        read.delimiter
            .map(|d| named("Read with the delimiter", if d == '\t' { "tab".into() } else { d.to_string() })),
    );
    out.extend(read.quote.map(|q| named("Read with the quotes", q.label())));
    out.extend(read.has_header.map(|h| named("First line", if h { "holds names" } else { "is data" })));
    out.extend(read.header_line.map(|l| named("Line of names", l.to_string())));
    out.extend(read.decimal.map(|d| {
        named("Numbers such as 1.234", if d == Decimal::Point { "decimal point" } else { "decimal comma" })
    }));
    out.extend(
        read.day_first
            .map(|d| named("Dates such as 03/04/2026", if d { "day first" } else { "month first" })),
    );
    out.extend(read.doubtful_day_first.map(|d| {
        named("Dates that do not tell day from month", if d { "day first" } else { "month first" })
    }));
    out.extend(read.missing.as_ref().map(|words| named("Words read as missing", words.join(", "))));
    if !read.keep_lines.is_empty() {
        let lines: Vec<String> = read.keep_lines.iter().map(u64::to_string).collect();
        out.push(named("Skipped lines brought back", lines.join(", ")));
    }
    if !read.keep_reasons.is_empty() {
        out.push(named("Kinds of skipped lines brought back", read.keep_reasons.join(", ")));
    }
    out.extend(read.columns.iter().map(|c| named(&format!("{} is read as", c.column), c.how.label())));
    out
}

/// What a step is (with the column it is about), what it sets, and its other settings.
fn step_words(step: &RecipeStep, title: Option<&str>) -> (String, String, Named) {
    match step {
        RecipeStep::Kind { kind } => ("Kind of table".to_owned(), kind.label().to_owned(), Vec::new()),
        RecipeStep::Role { column, role } => {
            (format!("Role of {column}"), role.label().to_owned(), Vec::new())
        }
        RecipeStep::Type { column, column_type } => {
            (format!("Type of {column}"), column_type.label().to_owned(), Vec::new())
        }
        RecipeStep::Personal { column, is_personal } => {
            let shown = if *is_personal { "left out and masked" } else { "analysed and shown" };
            (format!("{column} as personal data"), shown.to_owned(), Vec::new())
        }
        RecipeStep::Clean(call) | RecipeStep::Feature(call) => {
            let name = title.map_or_else(|| spell_out(&call.slug), str::to_owned);
            let is_about = |slug: &String| matches!(slug.as_str(), "column" | "columns");
            let about: Vec<String> =
                call.settings.0.iter().filter(|(slug, _)| is_about(slug)).map(|(_, s)| show(s)).collect();
            let mut rest = settings(&call.settings);
            rest.retain(|(name, _)| !matches!(name.as_str(), "column" | "columns"));
            // A title that names its column already does not need it again.
            let is_named = about.iter().all(|column| name.contains(column.as_str()));
            let label = if is_named { name } else { format!("{name} ({})", about.join(", ")) };
            (label, "applied".to_owned(), rest)
        }
    }
}

/// What was asked of the models or the segments.
fn plan(recipe: &Recipe, kind: RunKind) -> Named {
    match (kind, &recipe.model, &recipe.segment) {
        (RunKind::Model, Some(plan), _) => {
            let mut out = model_plan(plan);
            out.extend(questions(recipe));
            out
        }
        (RunKind::Segment, _, Some(plan)) => segment_plan(plan),
        _ => Vec::new(),
    }
}

fn model_plan(plan: &ModelPlan) -> Named {
    let unblocked = if plan.unblocked.is_empty() { "none".to_owned() } else { plan.unblocked.join(", ") };
    let mut out = vec![
        named("Target", plan.target.as_str()),
        named(
            "Predicted as",
            match plan.outcome.unwrap_or_default() {
                Outcome::Amount => "a number",
                Outcome::YesNo => "yes or no",
            },
        ),
        named("Columns used", columns(&plan.features)),
        named("Columns unblocked", unblocked),
        named("Validation", plan.validation.words()),
        named("Rows weighted by", plan.weight.as_deref().unwrap_or("nothing: all count the same")),
        named("Seed of the split", plan.seed.to_string()),
    ];
    for choice in &plan.families {
        let name = spell_out(&choice.family);
        out.push(named(&name, "compared"));
        out.extend(settings(&choice.settings).into_iter().map(|(knob, v)| (format!("{name}: {knob}"), v)));
    }
    out
}

/// What was asked about the models compared.
fn questions(recipe: &Recipe) -> Named {
    let or = |text: &str, open: &str| if text.is_empty() { open.to_owned() } else { text.to_owned() };
    let mut out = Vec::new();
    if let Some(ladder) = &recipe.ladder {
        out.push(named("Ladder: model", or(&spell_out(&ladder.family), "the one chosen")));
        out.push(named("Ladder: held out one by one", or(&ladder.new_group, "nothing")));
        if !ladder.known.is_empty() {
            out.push(named("Ladder: known beforehand", columns(&ladder.known)));
        }
    }
    if let Some(curve) = &recipe.learning_curve {
        out.push(named("Learning curve: model", or(&spell_out(&curve.family), "the one chosen")));
    }
    out
}

fn segment_plan(plan: &SegmentPlan) -> Named {
    vec![
        named("Columns used", columns(&plan.columns)),
        named("Scaling", plan.scaling.label()),
        named("Number of segments", plan.k.map_or_else(|| "chosen by Assay".to_owned(), |k| k.to_string())),
        named("Numbers tried", format!("{} to {}", plan.k_min, plan.k_max)),
        named("Starts for each", plan.starts.to_string()),
        named("Outcome", plan.outcome.as_deref().unwrap_or("none")),
        named("Seed of the starts", plan.seed.to_string()),
    ]
}

fn columns(names: &[String]) -> String {
    if names.is_empty() { "chosen by Assay".to_owned() } else { names.join(", ") }
}

/// Settings by their names in words: "n_trees" as "number of trees".
fn settings(settings: &Settings) -> Named {
    let name = |slug: &str| match slug.strip_prefix("n_") {
        Some(rest) => format!("number of {}", rest.replace('_', " ")),
        None => slug.replace('_', " "),
    };
    settings.0.iter().map(|(slug, setting)| (name(slug), show(setting))).collect()
}

/// A setting in words.
pub fn show(setting: &Setting) -> String {
    match setting {
        Setting::Integer(n) => n.to_string(),
        Setting::Real(x) => brief(*x),
        // The slug of a choice, or the name of a column: only a slug is all in small letters and underscores.
        Setting::Text(text) if text.chars().all(|c| c.is_ascii_lowercase() || c == '_') => {
            text.replace('_', " ")
        }
        Setting::Text(text) => text.clone(),
        Setting::Flag(is_on) => if *is_on { "yes" } else { "no" }.to_owned(),
        Setting::Texts(texts) => columns(texts),
        Setting::Numbers(numbers) => numbers.iter().map(|x| brief(*x)).collect::<Vec<_>>().join(", "),
        Setting::None => "none".to_owned(),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::engine::models::plan::Validation;
    use crate::engine::pipeline::graph::Node;
    use crate::engine::{data::role::Role, models::plan::FamilyChoice, step::StepCall};

    pub(crate) fn run(recipe: Recipe, metrics: &[(&str, f64)]) -> RunRecord {
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
            chosen: String::new(),
            summary: String::new(),
            graph: Vec::new(),
        }
    }

    fn fill(column: &str, method: &str) -> RecipeStep {
        let settings = Settings::new().with("column", column).with("method", method);
        RecipeStep::Clean(StepCall::new("some_fill", settings))
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
            &[("Role of x", "–", "Spend"), ("Order of the steps", "–", "Role of x, Some fill (Income)")],
        );
    }

    #[test]
    fn plans_are_flattened_to_readable_labels() {
        let plan = |k, depth: i64| ModelPlan {
            target: "Approved_Conversion".into(),
            outcome: None,
            features: Vec::new(),
            unblocked: Vec::new(),
            validation: Validation::KFold { k },
            families: vec![FamilyChoice {
                family: "decision_tree".into(),
                settings: Settings::new().with("max_depth", depth),
            }],
            seed: 42,
            weight: None,
            tuned: Vec::new(),
        };
        check(
            Recipe { model: Some(plan(5, 4)), seed: 1, ..Recipe::default() },
            Recipe { model: Some(plan(10, 6)), ..Recipe::default() },
            &[
                ("Seed", "1", "42"),
                ("Validation", "5 folds", "10 folds"),
                ("Decision tree: max depth", "4", "6"),
            ],
        );
        let segment = |k| {
            let plan = SegmentPlan { k, ..SegmentPlan::default() };
            let recipe = Recipe { segment: Some(plan), ..Recipe::default() };
            RunRecord { kind: RunKind::Segment, ..run(recipe, &[]) }
        };
        let rows = differences(&[segment(None), segment(Some(4))]);
        assert_eq!(rows.len(), 1);
        assert_eq!(
            (rows[0].label.as_str(), rows[0].values.join(" ")),
            ("Number of segments", "chosen by Assay 4".to_owned())
        );
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
    fn runs_of_different_kinds_are_compared_by_what_they_share() {
        let plan = SegmentPlan { k: Some(4), ..SegmentPlan::default() };
        let recipe = Recipe { segment: Some(plan), seed: 7, ..Recipe::default() };
        let segments = RunRecord { kind: RunKind::Segment, ..run(recipe, &[("Silhouette", 0.3)]) };
        let runs = [run(Recipe::default(), &[("R²", 0.5)]), segments];
        let labels: Vec<String> = differences(&runs).into_iter().map(|r| r.label).collect();
        assert_eq!(labels, ["Seed"]);
        assert!(!is_one_kind(&runs) && is_one_kind(&runs[..1]));
    }

    #[test]
    fn steps_are_named_as_they_were_when_the_run_was_made() {
        let mut record = run(with_steps(vec![fill("Income", "group_median")]), &[]);
        record.graph = vec![Node {
            id: "step-1".into(),
            inputs: Vec::new(),
            kind: "step".into(),
            title: "Fill missing values".into(),
            detail: String::new(),
            state: "done".into(),
        }];
        let rows = differences(&[record, run(Recipe::default(), &[])]);
        let found: Vec<(&str, &str)> =
            rows.iter().map(|r| (r.label.as_str(), r.values[0].as_str())).collect();
        assert_eq!(
            found,
            [
                ("Fill missing values (Income)", "applied"),
                ("Fill missing values (Income): method", "group median")
            ]
        );
    }

    #[test]
    fn fewer_than_two_runs_differ_in_nothing() {
        assert!(differences(&[]).is_empty());
        assert!(differences(&[run(Recipe::default(), &[("R²", 0.5)])]).is_empty());
    }
}
