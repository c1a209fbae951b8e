//! The open file: as read, as prepared by the recipe, and everything found in it.

use std::cell::RefCell;

use super::{
    VERSION,
    jobs::{ActiveJob, Kind},
    quiet,
};
use crate::{
    charts::{self, CHARTS, ChartRequest, ChartSource, Theme, points::tidy},
    engine::{
        cleaning,
        data::{
            column::Values,
            combine::FilePart,
            private,
            reader::{ReadOptions, ReadTable},
            summary::{Receipt, SkippedGroup, Summaries, TableSummary},
            table::Table,
            writer,
        },
        decisions::{
            contacts, decide,
            decision::{Decision, DecisionPlan},
        },
        error::EngineError,
        features::{self, formula},
        models::{
            compare::{ComparisonJob, Made, Source},
            comparison::Comparison,
            explain::{
                ExplainPlan, Explainable, Explanation, Surroundings,
                explainer::Explainer,
                job::{ExplainJob, Explained},
                what_if::{Answer, WhatIf},
            },
            family::ModelError,
            ladder::{Ladder, LadderJob, LadderPlan},
            learning_curve::{CurvePlan, LearningCurve, LearningCurveJob},
            plan::ModelPlan,
            tune::{TunePlan, Tuning, job::TuneJob},
        },
        pipeline::{
            execute::{self, Prepared},
            graph::{self, GraphStep, Size, Standing},
            recipe::{Recipe, RecipeStep},
        },
        report::{
            ReportError,
            build::{self, Figure, Findings, LedgerEntry},
            export::EXPORTERS,
            mask,
        },
        segments::{
            job::SegmentationJob,
            segmentation::{SegmentPlan, Segmentation},
        },
        statistics::{
            exploration::{Exploration, ExplorePlan},
            explore,
        },
        step::{Effect, Informed, LearnFrom, StepError},
        words,
    },
    protocol::{PreparedTable, Reply, Sample, TableRow},
};

/// Something found, and the state of the table it was found in.
struct Found<T> {
    value: T,
    preparation: u64,
}

/// The open file.
pub(super) struct OpenTable {
    pub(super) file_name: String,
    pub(super) receipt: Receipt,
    /// Lines that became no row, to be looked through.
    pub(super) skipped: Vec<SkippedGroup>,
    /// The sample it is, which can be made again; a file is read again by whoever has it.
    pub(super) sample: Option<Sample>,
    /// As asked for last; its plans are filled in by what was run.
    pub(super) recipe: Recipe,
    currency: Option<String>,
    raw: Table,
    prepared: Prepared,
    /// The prepared table without its personal columns: all that is analysed.
    analysed: Table,
    /// Of columns of both tables.
    summaries: RefCell<Summaries>,
    results: Results,
}

/// What was found in a table, each with the state of it.
#[derive(Default)]
pub(super) struct Results {
    exploration: Option<Found<Exploration>>,
    comparison: Option<Found<Comparison>>,
    /// What the comparison left behind, until an explanation takes it.
    explainable: Option<Found<Box<Explainable>>>,
    explanation: Option<Found<Explanation>>,
    /// The explained model, for questions about single rows.
    explainer: Option<Found<Explainer>>,
    ladder: Option<Found<Ladder>>,
    curve: Option<Found<LearningCurve>>,
    tuning: Option<Found<Tuning>>,
    segmentation: Option<Found<Segmentation>>,
    decision: Option<Found<Decision>>,
}

impl OpenTable {
    /// Files and how they were read, or a sample and how that was. `results`: found in the same read otherwise.
    pub(super) fn new(
        read: ReadTable,
        files: Vec<FilePart>,
        options: Option<ReadOptions>,
        sample: Option<Sample>,
        results: Results,
    ) -> Self {
        let options = options.or_else(|| files.first().map(|f| f.read.clone())).unwrap_or_default();
        let recipe = Recipe { read: options, files, ..Recipe::default() };
        let mut read = read;
        read.receipt.issues.extend(private::mark(&mut read.table));
        let analysed = read.table.without_personal();
        let prepared = Prepared { table: read.table.clone(), results: Vec::new(), informed: Vec::new() };
        Self {
            file_name: read.receipt.file_name.clone(),
            receipt: read.receipt,
            skipped: read.skipped,
            sample,
            recipe,
            currency: read.currency,
            raw: read.table,
            prepared,
            analysed,
            summaries: RefCell::default(),
            results,
        }
    }

    /// Takes what was found out of a table.
    pub(super) fn take_results(&mut self) -> Results {
        std::mem::take(&mut self.results)
    }

    /// The prepared table as it is analysed: without personal columns.
    pub(super) fn table(&self) -> &Table {
        &self.analysed
    }

    /// Columns of the prepared table that were filled with the help of others.
    pub(super) fn informed(&self) -> &[Informed] {
        &self.prepared.informed
    }

    /// The table as read.
    pub(super) fn raw(&self) -> &Table {
        &self.raw
    }

    fn summary_of(&self, table: &Table) -> TableSummary {
        self.summaries.borrow_mut().of(table, self.currency.as_deref())
    }

    pub(super) fn raw_summary(&self) -> TableSummary {
        self.summary_of(&self.raw)
    }

    /// Carries out the steps of a recipe and makes it the current one.
    pub(super) fn prepare(&mut self, recipe: Recipe) {
        let ctx = quiet(recipe.seed);
        self.prepared = execute::prepare(&self.raw, &recipe, LearnFrom::All, &ctx);
        self.analysed = self.prepared.table.without_personal();
        self.recipe = recipe;
    }

    pub(super) fn prepared_table(&self) -> PreparedTable {
        let table = self.summary_of(&self.prepared.table);
        PreparedTable {
            notes: cleaning::notes(&self.prepared.table),
            cleaning: cleaning::suggest(&self.prepared.table),
            features: features::suggest(&self.analysed),
            standings: features::standings(&self.analysed),
            graph: self.graph(),
            ledger: self.ledger(),
            preparation: self.recipe.preparation(),
            table,
        }
    }

    /// What the last step of a recipe would do; changes nothing here.
    pub(super) fn preview(&self, recipe: &Recipe) -> Result<Reply, EngineError> {
        let none = EngineError::NotReady { what: "steps to look at" };
        let (step, before) = recipe.steps.split_last().ok_or(none)?;
        let ctx = quiet(recipe.seed);
        // Mostly a step is looked at after all that is applied, which is there already.
        let table = if before == self.recipe.steps && recipe.seed == self.recipe.seed {
            self.prepared.table.clone()
        } else {
            let recipe = Recipe { steps: before.to_vec(), ..recipe.clone() };
            execute::prepare(&self.raw, &recipe, LearnFrom::All, &ctx).table
        };
        let result = execute::apply(&table, step, LearnFrom::All, &ctx).map(|done| done.effect);
        let levels = match step {
            RecipeStep::Feature(call) => features::levels_to_order(&table, call),
            _ => Vec::new(),
        };
        let values = match step {
            RecipeStep::Clean(call) => cleaning::values_to_compare(&table, call),
            _ => Vec::new(),
        };
        let inputs = match (step, &result) {
            (RecipeStep::Feature(_), Ok(effect)) => features::inputs(&table, effect),
            _ => Vec::new(),
        };
        Ok(Reply::Previewed { entry: Box::new(ledger_entry(step, &result)), levels, values, inputs })
    }

    /// What can be written at the caret of a formula after these steps. Names and types are those of the first rows.
    pub(super) fn complete(&self, recipe: &Recipe, text: &str, caret: u32) -> Reply {
        let table = if recipe.steps == self.recipe.steps {
            self.prepared.table.clone()
        } else {
            let head: Vec<u32> = (0..self.raw.n_rows().min(200) as u32).collect();
            execute::prepare(&self.raw.take_rows(&head), recipe, LearnFrom::All, &quiet(recipe.seed)).table
        };
        Reply::Completed { completions: formula::complete(text, caret, &formula::known_columns(&table)) }
    }

    /// The suggested way: what the user did, then every recommended cleaning step that changes something, then every
    /// recommended feature.
    pub(super) fn suggested_recipe(&self) -> Recipe {
        let mut recipe = self.recipe.clone();
        recipe.steps.retain(|step| match step {
            RecipeStep::Clean(call) | RecipeStep::Feature(call) => call.reason.is_none(),
            _ => true,
        });
        let ctx = quiet(recipe.seed);
        let mut table = execute::prepare(&self.raw, &recipe, LearnFrom::All, &ctx).table;
        for call in cleaning::recommended(&table) {
            let step = RecipeStep::Clean(call);
            // One before it may have done all it would do.
            match execute::apply(&table, &step, LearnFrom::All, &ctx) {
                Ok(done) if done.effect.is_idle => continue,
                Ok(done) => table = done.table,
                Err(_) => {}
            }
            recipe.steps.push(step);
        }
        let features = features::recommended(&table.without_personal());
        recipe.steps.extend(features.into_iter().map(RecipeStep::Feature));
        recipe
    }

    /// A window of the prepared table.
    pub(super) fn rows(&self, start: u64, len: u32) -> Reply {
        let table = &self.prepared.table;
        let end = start.saturating_add(u64::from(len)).min(table.n_rows() as u64);
        let rows = (start.min(end)..end)
            .map(|r| {
                let r = r as usize;
                let cell = |c: &std::sync::Arc<crate::engine::data::column::Column>| {
                    // What was computed has more digits than it knows; the file's own stand as they are.
                    (!c.is_missing(r)).then(|| match &c.values {
                        Values::Number(v) if !c.made_from.is_empty() => shortened(v[r]),
                        _ => c.cell_text(r),
                    })
                };
                TableRow {
                    number: u64::from(table.row_ids()[r]) + 1,
                    cells: table.columns().iter().map(cell).collect(),
                }
            })
            .collect();
        Reply::Rows {
            start,
            total: table.n_rows() as u64,
            columns: table.columns().iter().map(|c| c.name.clone()).collect(),
            rows,
        }
    }

    pub(super) fn explore(&mut self, plan: ExplorePlan) -> Result<Exploration, EngineError> {
        let ctx = quiet(self.recipe.seed);
        let value = explore::explore(&self.analysed, &plan, self.currency.as_deref(), &ctx)?;
        self.recipe.explore = value.plan.clone();
        self.results.exploration = Some(self.found(value.clone()));
        Ok(value)
    }

    pub(super) fn comparison_job(&self, plan: ModelPlan) -> Result<ActiveJob, EngineError> {
        let (target, seed) = (plan.target.clone(), plan.seed);
        let job = self.on_source(&target, seed, |source| ComparisonJob::new(source, plan, &quiet(seed)))?;
        Ok(ActiveJob { kind: Kind::Compare(Box::new(job)), preparation: self.recipe.preparation(), seed })
    }

    pub(super) fn tune_job(&self, plan: TunePlan, seconds: Option<f64>) -> Result<ActiveJob, EngineError> {
        let (target, seed) = (plan.model.target.clone(), plan.model.seed);
        let job = self.on_source(&target, seed, |source| TuneJob::new(source, plan, &quiet(seed)))?;
        let job = job.within(seconds);
        Ok(ActiveJob { kind: Kind::Tune(Box::new(job)), preparation: self.recipe.preparation(), seed })
    }

    /// Asks about the models compared, which must be there.
    pub(super) fn ladder_job(&self, plan: LadderPlan) -> Result<ActiveJob, EngineError> {
        let compared = self.compared()?;
        let (model, seed) = (&compared.plan, compared.plan.seed);
        let make = |source: Source<'_>| LadderJob::new(source, plan, model, compared.subject(), &quiet(seed));
        let job = self.on_source(&model.target, seed, make)?;
        Ok(ActiveJob { kind: Kind::Climb(Box::new(job)), preparation: self.recipe.preparation(), seed })
    }

    pub(super) fn curve_job(&self, plan: CurvePlan) -> Result<ActiveJob, EngineError> {
        let compared = self.compared()?;
        let (model, seed) = (&compared.plan, compared.plan.seed);
        let make =
            |source: Source<'_>| LearningCurveJob::new(source, plan, model, compared.subject(), &quiet(seed));
        let job = self.on_source(&model.target, seed, make)?;
        Ok(ActiveJob { kind: Kind::Curve(Box::new(job)), preparation: self.recipe.preparation(), seed })
    }

    fn compared(&self) -> Result<&Comparison, EngineError> {
        let found = self.results.comparison.as_ref().and_then(|f| self.fresh(f));
        found.ok_or(EngineError::NotReady { what: "models compared" })
    }

    /// Makes a job from the table as the recipe makes it.
    fn on_source<T>(
        &self,
        target: &str,
        seed: u64,
        make: impl FnOnce(Source<'_>) -> Result<T, ModelError>,
    ) -> Result<T, ModelError> {
        let recipe = &self.recipe;
        let ctx = quiet(seed);
        let mut prepare = |learn: LearnFrom<'_>| -> Result<Made, ModelError> {
            let prepared = match learn {
                LearnFrom::All => self.prepared.clone(),
                training => execute::prepare(&self.raw, recipe, training, &ctx),
            };
            let failures = prepared.failures(recipe);
            Ok(Made { table: prepared.table.without_personal(), failures, informed: prepared.informed })
        };
        let as_read = execute::as_read(&self.raw, recipe, target, &ctx);
        make(Source { prepare: &mut prepare, as_read: &as_read, learns: execute::learns(recipe) })
            .map_err(|error| self.told(error))
    }

    /// The same error; of a column that models do not see it says what became of it.
    pub(super) fn told(&self, error: ModelError) -> ModelError {
        let (name, is_missing) = match &error {
            ModelError::NoSuchColumn { name } => (name, true),
            ModelError::TargetNotNumeric { name } => (name, false),
            _ => return error,
        };
        let as_read = self.raw.column(name);
        let why = match (&as_read, self.prepared.table.personal(name)) {
            (Ok(column), _) if column.n_missing() == column.len() => "has no values".to_owned(),
            _ if !is_missing => return error,
            (_, Some(personal)) => format!("holds {}, which models do not see", personal.label()),
            (Ok(column), _) if column.is_constant() => "has the same value in every row".to_owned(),
            (Ok(_), _) => "is dropped by a step of the recipe".to_owned(),
            _ => match formula::nearest(name, self.analysed.columns().iter().map(|c| c.name.as_str())) {
                Some(near) => format!("is not among the columns; did you mean “{near}”?"),
                None => return error,
            },
        };
        ModelError::NotSeen { name: name.clone(), why }
    }

    /// Explains a model of the last comparison: the chosen one, or another that was compared and worked. The chosen one is
    /// at hand; another is compared by itself first.
    pub(super) fn explain_job(&self, plan: ExplainPlan) -> Result<ActiveJob, EngineError> {
        let missing = EngineError::NotReady { what: "compared models of this table" };
        let compared = self.results.comparison.as_ref().and_then(|f| self.fresh(f)).ok_or(missing)?;
        let worked =
            |slug: &&String| compared.results.iter().any(|r| r.family == **slug && r.error.is_none());
        let wanted = plan.family.as_ref().filter(worked).unwrap_or(&compared.verdict.winner).clone();
        let around = Surroundings::of(&self.analysed);
        let (preparation, seed) = (self.recipe.preparation(), compared.plan.seed);
        let at_hand = self
            .results
            .explainable
            .as_ref()
            .and_then(|f| self.fresh(f))
            .map(|e| e.as_ref())
            .or_else(|| self.results.explainer.as_ref().and_then(|f| self.fresh(f)).map(|e| &e.of))
            .filter(|e| e.result.family == wanted);
        let job = match at_hand {
            Some(found) => ExplainJob::of(found.clone(), plan, around),
            None => {
                let mut alone = compared.plan.clone();
                alone.families.retain(|c| c.family == wanted);
                let ActiveJob { kind: Kind::Compare(job), .. } = self.comparison_job(alone)? else {
                    return Err(EngineError::Stopped);
                };
                ExplainJob::after(job.explaining(&wanted), plan, around)
            }
        };
        Ok(ActiveJob { kind: Kind::Explain(Box::new(job)), preparation, seed })
    }

    pub(super) fn keep_explanation(&mut self, explained: Explained, preparation: u64) {
        let Explained { explanation, explainer } = explained;
        self.recipe.explain = explanation.plan.clone();
        self.results.explanation = Some(Found { value: explanation, preparation });
        // The model explained before stays at hand beside this one.
        self.results.explainable.take_if(|f| f.value.result.family == explainer.of.result.family);
        let before = self.results.explainer.replace(Found { value: explainer, preparation });
        if let Some(Found { value, preparation }) = before
            && self.results.explainable.is_none()
            && self
                .results
                .explainer
                .as_ref()
                .is_some_and(|e| e.value.of.result.family != value.of.result.family)
        {
            self.results.explainable = Some(Found { value: Box::new(value.of), preparation });
        }
    }

    /// What the explained model says of a row.
    pub(super) fn what_if(&self, asked: &WhatIf) -> Result<Answer, EngineError> {
        let missing = EngineError::NotReady { what: "explained models of this table" };
        let explainer = self.results.explainer.as_ref().and_then(|f| self.fresh(f)).ok_or(missing)?;
        Ok(explainer.answer(asked)?)
    }

    pub(super) fn segmentation_job(&self, plan: SegmentPlan) -> Result<ActiveJob, EngineError> {
        let seed = plan.seed;
        let job = SegmentationJob::new(&self.analysed, plan, &quiet(seed))?;
        Ok(ActiveJob { kind: Kind::Segment(Box::new(job)), preparation: self.recipe.preparation(), seed })
    }

    pub(super) fn keep_comparison(
        &mut self,
        comparison: &Comparison,
        explainable: Option<Box<Explainable>>,
        preparation: u64,
    ) {
        self.recipe.model = Some(comparison.plan.clone());
        self.results.explainable = explainable.map(|value| Found { value, preparation });
        // It was of another comparison.
        self.results.explanation = None;
        self.results.explainer = None;
        self.results.comparison = Some(Found { value: comparison.clone(), preparation });
        // They were of other models.
        (self.results.ladder, self.results.curve) = (None, None);
        if self.results.decision.as_ref().is_some_and(|d| d.value.contacts.is_some()) {
            // It was made of other models.
            self.results.decision = None;
        }
    }

    pub(super) fn keep_ladder(&mut self, ladder: &Ladder, preparation: u64) {
        self.results.ladder = Some(Found { value: ladder.clone(), preparation });
    }

    pub(super) fn keep_tuning(&mut self, tuning: &Tuning, preparation: u64) {
        self.results.tuning = Some(Found { value: tuning.clone(), preparation });
    }

    pub(super) fn keep_curve(&mut self, curve: &LearningCurve, preparation: u64) {
        self.results.curve = Some(Found { value: curve.clone(), preparation });
    }

    pub(super) fn keep_segmentation(&mut self, segmentation: &Segmentation, preparation: u64) {
        self.recipe.segment = Some(segmentation.plan.clone());
        self.results.segmentation = Some(Found { value: segmentation.clone(), preparation });
        // It was made of other segments.
        self.results.decision = None;
    }

    pub(super) fn decide(&mut self, plan: DecisionPlan) -> Result<Decision, EngineError> {
        let ctx = quiet(self.recipe.seed);
        let segmentation = self.results.segmentation.as_ref().and_then(|f| self.fresh(f));
        let comparison = self.results.comparison.as_ref().and_then(|f| self.fresh(f));
        let currency = self.currency.as_deref();
        let value = decide::decide(&self.analysed, segmentation, comparison, &plan, currency, &ctx)?;
        self.recipe.decision = Some(value.plan.clone());
        self.results.decision = Some(self.found(value.clone()));
        Ok(value)
    }

    /// Everything there is, also when the table has changed since: the page says that it is stale.
    pub(super) fn chart_source(&self) -> ChartSource<'_> {
        ChartSource {
            table: &self.analysed,
            exploration: self.results.exploration.as_ref().map(|f| &f.value),
            comparison: self.results.comparison.as_ref().map(|f| &f.value),
            explanation: self.results.explanation.as_ref().map(|f| &f.value),
            ladder: self.results.ladder.as_ref().map(|f| &f.value),
            curve: self.results.curve.as_ref().map(|f| &f.value),
            segmentation: self.results.segmentation.as_ref().map(|f| &f.value),
            decision: self.results.decision.as_ref().map(|f| &f.value),
            currency: self.currency.as_deref(),
        }
    }

    /// What a report draws from: only what was found in the table as it is now.
    fn report_source(&self) -> ChartSource<'_> {
        ChartSource {
            exploration: self.results.exploration.as_ref().and_then(|f| self.fresh(f)),
            comparison: self.results.comparison.as_ref().and_then(|f| self.fresh(f)),
            explanation: self.results.explanation.as_ref().and_then(|f| self.fresh(f)),
            ladder: self.results.ladder.as_ref().and_then(|f| self.fresh(f)),
            curve: self.results.curve.as_ref().and_then(|f| self.fresh(f)),
            segmentation: self.results.segmentation.as_ref().and_then(|f| self.fresh(f)),
            decision: self.results.decision.as_ref().and_then(|f| self.fresh(f)),
            ..self.chart_source()
        }
    }

    pub(super) fn report_charts(&self) -> Vec<ChartRequest> {
        let source = self.report_source();
        CHARTS.iter().flat_map(|c| c.offers(&source)).collect()
    }

    /// Writes the report; the reply names the file.
    pub(super) fn export(
        &self,
        format: &str,
        pictures: &[(ChartRequest, String)],
        mask_small_groups: bool,
    ) -> Result<(Reply, Vec<u8>), EngineError> {
        let exporter = EXPORTERS
            .iter()
            .find(|e| e.slug() == format)
            .ok_or_else(|| ReportError::UnknownFormat { slug: format.to_owned() })?;
        let mut findings = self.findings();
        let mut figures = self.figures(pictures);
        if mask_small_groups && !exporter.is_own() {
            figures = mask::small_groups(&mut findings, figures, &[&self.raw, &self.prepared.table]);
        }
        if !exporter.is_own() {
            mask::personal(&mut findings);
        }
        let document = build::document(&findings, &figures);
        let reply =
            Reply::Exported { file_name: exporter.file_name().to_owned(), mime: exporter.mime().to_owned() };
        Ok((reply, exporter.write(&document, &findings)))
    }

    /// The prepared table as CSV; with segments, their people alone, each with the name of theirs.
    pub(super) fn export_table(&self, segments: Option<&[u32]>) -> Result<(Reply, Vec<u8>), EngineError> {
        let table = &self.prepared.table;
        let stem = self.file_name.rsplit_once('.').map_or(self.file_name.as_str(), |(stem, _)| stem);
        let (file_name, bytes) = match segments {
            None => {
                let rows: Vec<u32> = (0..table.n_rows() as u32).collect();
                (format!("{stem}-prepared.csv"), writer::write_csv(table, &rows, None)?)
            }
            Some(chosen) => {
                let found = self.results.segmentation.as_ref().and_then(|f| self.fresh(f));
                let found = found.ok_or(EngineError::NotReady { what: "segments" })?;
                let (mut rows, mut names) = (Vec::new(), Vec::new());
                for (row, label) in (0..table.n_rows() as u32).zip(&found.labels) {
                    if let Some(segment) = found.segments.iter().find(|s| s.index == *label)
                        && chosen.contains(label)
                    {
                        rows.push(row);
                        names.push(segment.name.clone());
                    }
                }
                (format!("{stem}-segments.csv"), writer::write_csv(table, &rows, Some(("Segment", &names)))?)
            }
        };
        Ok((Reply::Exported { file_name, mime: "text/csv".to_owned() }, bytes))
    }

    /// The people the decision contacts one by one, with the response expected of each, likeliest first.
    pub(super) fn export_contacts(&self) -> Result<(Reply, Vec<u8>), EngineError> {
        let decision = self.results.decision.as_ref().and_then(|f| self.fresh(f));
        let comparison = self.results.comparison.as_ref().and_then(|f| self.fresh(f));
        let found = decision.and_then(|d| d.contacts.as_ref()).zip(comparison);
        let (found, comparison) = found.ok_or(EngineError::NotReady { what: "people to contact" })?;
        let table = &self.prepared.table;
        let (mut rows, mut expected) = (Vec::new(), Vec::new());
        let place_of: std::collections::BTreeMap<u32, u32> =
            table.row_ids().iter().copied().zip(0..).collect();
        for (id, probability) in contacts::people(comparison, found) {
            if let Some(&row) = place_of.get(&id) {
                rows.push(row);
                expected.push(format!("{probability:.4}"));
            }
        }
        let bytes = writer::write_csv(table, &rows, Some(("Expected response", &expected)))?;
        let stem = self.file_name.rsplit_once('.').map_or(self.file_name.as_str(), |(stem, _)| stem);
        let reply =
            Reply::Exported { file_name: format!("{stem}-contacts.csv"), mime: "text/csv".to_owned() };
        Ok((reply, bytes))
    }

    fn figures(&self, pictures: &[(ChartRequest, String)]) -> Vec<Figure> {
        let source = self.report_source();
        let figure = |request: ChartRequest| {
            let picture = charts::draw(&request, &source, &Theme::light())?;
            let svg = pictures.iter().find(|(r, _)| *r == request).map(|(_, svg)| svg.clone());
            Some(Figure {
                chart: request.chart,
                args: request.args,
                title: picture.title,
                alt: picture.alt,
                how: picture.how,
                header: picture.header,
                rows: picture.rows,
                svg,
            })
        };
        self.report_charts().into_iter().filter_map(figure).collect()
    }

    fn findings(&self) -> Findings {
        let source = self.report_source();
        let table = self.summary_of(&self.prepared.table);
        Findings {
            receipt: self.receipt.clone(),
            raw: self.raw_summary(),
            graph: self.graph(),
            table,
            recipe: self.report_recipe(&source),
            ledger: self.ledger(),
            kept: cleaning::notes(&self.prepared.table),
            exploration: source.exploration.cloned(),
            comparison: source.comparison.cloned(),
            explanation: source.explanation.cloned(),
            ladder: source.ladder.cloned(),
            learning_curve: source.curve.cloned(),
            // Of a search for other models, or for settings changed since, nothing is reported.
            tuning: self
                .results
                .tuning
                .as_ref()
                .and_then(|found| self.fresh(found))
                .filter(|tuning| source.comparison.is_some_and(|c| tuning.led_to(&c.plan)))
                .cloned(),
            segmentation: source.segmentation.cloned(),
            decision: source.decision.cloned(),
            version: VERSION.to_owned(),
            small_groups_masked: false,
            recipe_is_masked: false,
            hidden: Vec::new(),
        }
    }

    /// The recipe with the plans of exactly what is reported, so that carrying it out again gives the same report.
    fn report_recipe(&self, source: &ChartSource<'_>) -> Recipe {
        Recipe {
            explore: source.exploration.map_or_else(Default::default, |e| e.plan.clone()),
            model: source.comparison.map(|c| c.plan.clone()),
            explain: source.explanation.map_or_else(Default::default, |e| e.plan.clone()),
            ladder: source.ladder.map(|l| l.plan.clone()),
            learning_curve: source.curve.map(|c| c.plan.clone()),
            segment: source.segmentation.map(|s| s.plan.clone()),
            decision: source.decision.map(|d| d.plan.clone()),
            ..self.recipe.clone()
        }
    }

    fn ledger(&self) -> Vec<LedgerEntry> {
        self.recipe.steps.iter().zip(&self.prepared.results).map(|(s, r)| ledger_entry(s, r)).collect()
    }

    fn graph(&self) -> Vec<graph::Node> {
        let ledger = self.ledger();
        let steps: Vec<_> = ledger
            .iter()
            .map(|entry| GraphStep {
                title: &entry.title,
                effect: entry.effect.as_ref(),
                failure: entry.failure.as_deref(),
            })
            .collect();
        let results = graph::Results {
            explore: self.standing(&self.results.exploration, |e| {
                words::counted(e.claims.len() as u64, "finding", "findings")
            }),
            model: self
                .standing(&self.results.comparison, |c| format!("best: {}", c.title_of(&c.verdict.winner))),
            segment: self.standing(&self.results.segmentation, |s| format!("{} segments", s.k)),
            decision: self.standing(&self.results.decision, |d| {
                words::counted(d.claims.len() as u64, "claim", "claims")
            }),
        };
        let raw = Size { n_rows: self.raw.n_rows() as u64, n_columns: self.raw.n_columns() as u64 };
        graph::graph(&self.file_name, raw, &steps, results)
    }

    fn standing<T>(&self, found: &Option<Found<T>>, detail: impl Fn(&T) -> String) -> Standing {
        match found {
            None => Standing::NotRun,
            Some(f) if self.fresh(f).is_some() => Standing::Done(detail(&f.value)),
            Some(f) => Standing::Stale(detail(&f.value)),
        }
    }

    fn found<T>(&self, value: T) -> Found<T> {
        Found { value, preparation: self.recipe.preparation() }
    }

    /// The value, if the table has not changed since it was found.
    fn fresh<'f, T>(&self, found: &'f Found<T>) -> Option<&'f T> {
        (found.preparation == self.recipe.preparation()).then_some(&found.value)
    }
}

/// Four decimals, of less than 1 five digits: "1234567.25", "26.1358", "0.011976". Whole numbers stay as they are.
fn shortened(value: f64) -> String {
    match value.abs() {
        v if v.fract() == 0.0 => value.to_string(),
        v if v < 1.0 => tidy(value).to_string(),
        _ => format!("{value:.4}").trim_end_matches('0').trim_end_matches('.').to_owned(),
    }
}

fn ledger_entry(step: &RecipeStep, result: &Result<Effect, StepError>) -> LedgerEntry {
    let reason = match step {
        RecipeStep::Clean(call) | RecipeStep::Feature(call) => call.reason.clone(),
        _ => None,
    };
    let (kind, title) = match step {
        RecipeStep::Kind { kind } => ("schema", format!("Table of {}", kind.label().to_lowercase())),
        RecipeStep::Role { column, role } => {
            ("schema", format!("{column} means {}", role.label().to_lowercase()))
        }
        RecipeStep::Type { column, column_type } => {
            ("schema", format!("{column} holds {}", column_type.label().to_lowercase()))
        }
        RecipeStep::Personal { column, is_personal } => {
            ("schema", format!("{column} is {}personal", if *is_personal { "" } else { "not " }))
        }
        RecipeStep::Clean(_) => ("clean", execute::title_of(step)),
        RecipeStep::Feature(_) => ("feature", execute::title_of(step)),
    };
    LedgerEntry {
        title,
        kind: kind.to_owned(),
        effect: result.as_ref().ok().cloned(),
        failure: result.as_ref().err().map(ToString::to_string),
        reason,
    }
}

#[cfg(test)]
mod tests {
    use super::shortened;

    #[test]
    fn shortened_numbers_lose_decimals_alone() {
        for (value, text) in [
            (1_234_567.0, "1234567"),
            (-1_234_567.25, "-1234567.25"),
            (26.135_812_34, "26.1358"),
            (0.011_975_775_5, "0.011976"),
            (0.0, "0"),
            (1.999_99, "2"),
        ] {
            assert_eq!(shortened(value), text);
        }
    }
}
