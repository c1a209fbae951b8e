//! The host: a worker without its mailbox. Takes messages, holds tables and results, gives messages back.
//!
//! The same host runs in a Web Worker, in the tests and under the command-line tool. It never waits: work that can be
//! split goes out as a [`Reply::Work`] and comes back as a [`Request::TasksDone`].

mod jobs;
mod loading;
pub mod notice;
mod open;
pub mod walk;

#[cfg(not(target_arch = "wasm32"))]
pub mod draw;
#[cfg(not(target_arch = "wasm32"))]
pub mod threads;

use std::collections::BTreeMap;

use crate::{
    charts,
    engine::{
        cleaning,
        context::Ctx,
        data::{
            combine::{self, Part, join},
            reader::{self, ReadOptions, Reader, Reading},
            sample, summary,
        },
        error::EngineError,
        features,
        models::{self, FAMILIES, explain::ExplainPlan, outcome::Outcome, plan::ModelPlan, tune::TunePlan},
        pipeline::{recipe::Recipe, tasks},
        report::export::EXPORTERS,
        segments::{self, segmentation::SegmentPlan},
        statistics::exploration::ExplorePlan,
        step::Step,
        task::SharedStore,
    },
    protocol::{
        FamilyInfo, FileAsk, JobId, Loaded, Notice, Reply, Request, Sample, StepInfo,
        codec::{self, Message},
    },
};
use jobs::{ActiveJob, Advance};
use loading::{Ended, Loading};
use open::{OpenTable, Results};

/// Version of Assay, as it stands in reports and runs.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Bytes of columns a host may hold: in a browser half of what WebAssembly can address, since steps and models need room too.
const MOST_HELD: u64 = if cfg!(target_arch = "wasm32") { 2 << 30 } else { u64::MAX };

/// Rows of the built-in samples, and the seed they are made with.
const SAMPLE: (usize, usize, u64) = (1_000, 2_000, 42);

/// Everything one worker holds.
#[derive(Default)]
pub struct Host {
    /// The files being read.
    loading: Option<Loading>,
    /// The table that is open.
    open: Option<OpenTable>,
    /// Files read with it that are of another shape.
    aside: Vec<Part>,
    /// For each file in it its place among those asked for.
    places: Vec<u32>,
    /// Files that could not be used when it was read.
    refused: Vec<(String, Notice)>,
    /// Work handed out and not yet back.
    jobs: BTreeMap<JobId, ActiveJob>,
    /// As a member of the pool: what tasks share.
    store: SharedStore,
}

type Send<'a> = &'a mut dyn FnMut(Message<Reply>);

impl Host {
    /// A host that holds nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins files that whoever runs this host reads block by block, one after the other (see [`Host::reading`] and
    /// [`Host::next_file`]). `LoadEnd` of the same job makes the table. Forgets unfinished earlier files.
    pub fn begin_files(&mut self, job: JobId, files: Vec<FileAsk>) {
        self.loading = Some(Loading::new(job, files, true));
    }

    /// The reading of the present file of a job, unless it was overtaken by another.
    pub fn reading(&mut self, job: JobId) -> Option<&mut Reading> {
        self.loading.as_mut().filter(|l| l.job == job).and_then(Loading::reading)
    }

    /// Bytes read, bytes in all and rows, of all files of a job.
    pub fn progress(&self, job: JobId) -> Option<(u64, u64, u64)> {
        self.loading.as_ref().filter(|l| l.job == job).map(Loading::progress)
    }

    /// Ends the present file, with why it could not be read, and begins the next: `false` when there is none. An error when
    /// it must not be missing.
    pub fn next_file(&mut self, job: JobId, failure: Option<Notice>) -> Result<bool, Notice> {
        self.loading.as_mut().filter(|l| l.job == job).map_or(Ok(false), |l| l.next(failure))
    }

    /// Gives a reading up and says why.
    pub fn give_up(&mut self, job: JobId, notice: Notice, send: Send<'_>) {
        if self.loading.take_if(|l| l.job == job).is_some() {
            send(Message::new(job, Reply::Failed { notice }));
        }
    }

    /// Takes a request and hands every reply to `send`. Each request is settled by one reply (see [`Request`]).
    pub fn receive(&mut self, message: Message<Request>, send: Send<'_>) {
        let job = message.job;
        if let Err(error) = self.answer(message, send) {
            send(Message::new(job, Reply::Failed { notice: notice::notice(&error) }));
        }
    }

    fn answer(&mut self, message: Message<Request>, send: Send<'_>) -> Result<(), EngineError> {
        let Message { job, body, attachments } = message;
        let mut reply = |body: Reply| send(Message::new(job, body));
        match body {
            Request::LoadBegin { files } => self.loading = Some(Loading::new(job, files, false)),
            Request::LoadChunk => {
                // Chunks of a file that was overtaken by another are dropped.
                let Some(loading) = self.loading.as_mut().filter(|l| l.job == job) else { return Ok(()) };
                if let Err(notice) = attachments.iter().try_for_each(|bytes| loading.push(bytes)) {
                    self.loading = None;
                    reply(Reply::Failed { notice });
                    return Ok(());
                }
                let (done, total, n_rows) = loading.progress();
                reply(Reply::Progress { done, total, label: crate::engine::words::rows_of(n_rows) });
            }
            Request::LoadEnd => {
                let Some(loading) = self.loading.take_if(|l| l.job == job) else { return Ok(()) };
                match loading.finish() {
                    Ok(outcome) => {
                        self.open_files(outcome);
                        reply(Reply::Loaded { loaded: Box::new(self.loaded()?) });
                    }
                    Err(notice) => reply(Reply::Failed { notice }),
                }
            }
            Request::LookAtJoin { aside, plan } => {
                let none = EngineError::NotReady { what: "files that stand aside" };
                let part = self.aside.iter().find(|p| p.index == aside).ok_or(none)?;
                let report = join::look(self.table()?.raw(), &part.read.table, part.name(), &plan)?;
                reply(Reply::JoinLookedAt { report: Box::new(report) });
            }
            Request::ForgetAside => self.aside.clear(),
            Request::ForgetResults => drop(self.take_results()),
            Request::LoadSample { sample } => {
                self.load_sample(sample, ReadOptions::default())?;
                reply(Reply::Loaded { loaded: Box::new(self.loaded()?) });
            }
            Request::Reread { options } => {
                let Some(sample) = self.table()?.sample else {
                    return Err(EngineError::NotReady { what: "bytes of this file kept" });
                };
                self.load_sample(sample, options)?;
                reply(Reply::Loaded { loaded: Box::new(self.loaded()?) });
            }
            Request::Prepare { recipe } => {
                let open = self.table_mut()?;
                open.prepare(recipe);
                reply(Reply::Prepared { prepared: Box::new(open.prepared_table()) });
            }
            Request::Preview { recipe } => reply(self.table()?.preview(&recipe)?),
            Request::Complete { recipe, text, caret } => reply(self.table()?.complete(&recipe, &text, caret)),
            Request::SuggestRecipe => {
                let recipe = self.table()?.suggested_recipe();
                reply(Reply::RecipeSuggested { recipe: Box::new(recipe) });
            }
            Request::Rows { start, len } => reply(self.table()?.rows(start, len)),
            Request::Explore { plan } => {
                let open = self.table_mut()?;
                let exploration = open.explore(plan)?;
                reply(Reply::Explored { exploration: Box::new(exploration) });
            }
            Request::ModelChoices { target, unblocked, outcome } => {
                reply(self.model_choices(target.as_deref(), &unblocked, outcome)?);
            }
            Request::Compare { plan } => self.compare(job, plan, send)?,
            Request::Explain { plan } => self.explain(job, plan, send)?,
            Request::WhatIf { asked } => {
                let answer = self.table()?.what_if(&asked)?;
                reply(Reply::Answered { answer: Box::new(answer) });
            }
            Request::Climb { .. } | Request::DrawCurve { .. } => self.question(job, body, send)?,
            Request::Tune { plan, seconds } => self.tune(job, plan, seconds, send)?,
            Request::SegmentChoices => {
                let choices = segments::choices::choices(self.table()?.table())?;
                reply(Reply::SegmentChoices { choices: Box::new(choices) });
            }
            Request::Segment { plan } => self.segment(job, plan, send)?,
            Request::TasksDone { outputs, stopped, millis } => {
                // Nobody waits for work that was overtaken or whose file was closed, but it is settled all the same.
                let mut active = self.jobs.remove(&job).ok_or(EngineError::Stopped)?;
                active.passed(millis);
                let outputs = outputs.into_iter().map(|o| o.map(serde_bytes::ByteBuf::into_vec)).collect();
                self.advance(job, active, outputs, stopped, send)?;
            }
            Request::Decide { plan } => {
                let decision = self.table_mut()?.decide(plan)?;
                reply(Reply::Decided { decision: Box::new(decision) });
            }
            Request::Draw { chart, theme } => {
                let picture = charts::draw(&chart, &self.table()?.chart_source(), &theme);
                reply(Reply::Drawn { picture: picture.map(Box::new) });
            }
            Request::ReportCharts => reply(Reply::ReportCharts { charts: self.table()?.report_charts() }),
            Request::Export { format, pictures, mask_small_groups } => {
                let (file, bytes) = self.table()?.export(&format, &pictures, mask_small_groups)?;
                send(Message { job, body: file, attachments: vec![bytes] });
            }
            Request::ExportTable { segments } => {
                let (file, bytes) = self.table()?.export_table(segments.as_deref())?;
                send(Message { job, body: file, attachments: vec![bytes] });
            }
            Request::ExportContacts => {
                let (file, bytes) = self.table()?.export_contacts()?;
                send(Message { job, body: file, attachments: vec![bytes] });
            }
            Request::Warm => warm(),
            Request::Hold { .. } | Request::Run { .. } | Request::Forget { .. } => {
                if let Some(done) = self.serve(body, attachments)? {
                    reply(done);
                }
            }
        }
        Ok(())
    }

    /// What can be predicted and with what.
    fn model_choices(
        &self,
        target: Option<&str>,
        unblocked: &[String],
        outcome: Option<Outcome>,
    ) -> Result<Reply, EngineError> {
        let open = self.table()?;
        let mut choices =
            models::choices::choices(open.table(), target, unblocked, open.informed(), open.recipe.seed)
                .map_err(|error| open.told(error))?;
        if let Some(outcome) = outcome.filter(|o| choices.outcomes.contains(o)) {
            choices.plan.outcome = Some(outcome);
        }
        let families = families(choices.plan.outcome.unwrap_or_default());
        Ok(Reply::ModelChoices { choices: Box::new(choices), families })
    }

    /// What a member of the pool is told.
    fn serve(&mut self, told: Request, attachments: Vec<Vec<u8>>) -> Result<Option<Reply>, EngineError> {
        match told {
            Request::Hold { id } => {
                if let Some(bytes) = attachments.into_iter().next() {
                    self.store.hold(id, bytes.into());
                }
            }
            Request::Forget { ids } => self.store.forget(&ids),
            Request::Run { task } => {
                let output = tasks::run(&task, &mut self.store, &|_, _| true).map_err(EngineError::Task)?;
                return Ok(Some(Reply::TaskDone { output: serde_bytes::ByteBuf::from(output) }));
            }
            _ => {}
        }
        Ok(None)
    }

    /// Begins a comparison. One that it overtakes must not put its result in the place of this one's.
    fn compare(&mut self, job: JobId, plan: ModelPlan, send: Send<'_>) -> Result<(), EngineError> {
        // What was asked about the models compared before is overtaken too.
        self.jobs.retain(|_, job| {
            !matches!(
                job.kind,
                jobs::Kind::Compare(_) | jobs::Kind::Climb(_) | jobs::Kind::Curve(_) | jobs::Kind::Explain(_)
            )
        });
        let active = self.table()?.comparison_job(plan)?;
        self.advance(job, active, Vec::new(), false, send)
    }

    /// Begins an explanation; the same holds.
    fn explain(&mut self, job: JobId, plan: ExplainPlan, send: Send<'_>) -> Result<(), EngineError> {
        self.jobs.retain(|_, job| !matches!(job.kind, jobs::Kind::Explain(_)));
        let active = self.table()?.explain_job(plan)?;
        self.advance(job, active, Vec::new(), false, send)
    }

    /// Begins what is asked about the models compared; the same holds.
    fn question(&mut self, job: JobId, asked: Request, send: Send<'_>) -> Result<(), EngineError> {
        let active = match asked {
            Request::Climb { plan } => {
                self.jobs.retain(|_, job| !matches!(job.kind, jobs::Kind::Climb(_)));
                self.table()?.ladder_job(plan)?
            }
            Request::DrawCurve { plan } => {
                self.jobs.retain(|_, job| !matches!(job.kind, jobs::Kind::Curve(_)));
                self.table()?.curve_job(plan)?
            }
            _ => return Ok(()),
        };
        self.advance(job, active, Vec::new(), false, send)
    }

    /// Begins a search; the same holds.
    fn tune(
        &mut self,
        job: JobId,
        plan: TunePlan,
        seconds: Option<f64>,
        send: Send<'_>,
    ) -> Result<(), EngineError> {
        self.jobs.retain(|_, job| !matches!(job.kind, jobs::Kind::Tune(_)));
        let active = self.table()?.tune_job(plan, seconds)?;
        self.advance(job, active, Vec::new(), false, send)
    }

    /// Begins a segmentation; the same holds.
    fn segment(&mut self, job: JobId, plan: SegmentPlan, send: Send<'_>) -> Result<(), EngineError> {
        self.jobs.retain(|_, job| !matches!(job.kind, jobs::Kind::Segment(_)));
        let active = self.table()?.segmentation_job(plan)?;
        self.advance(job, active, Vec::new(), false, send)
    }

    /// Takes a job one batch further: hands out the next tasks, or settles it. What there is one of a row stays here,
    /// for charts and exports: a page that unpacked it would stand still.
    fn advance(
        &mut self,
        job: JobId,
        mut active: ActiveJob,
        outputs: Vec<Option<Vec<u8>>>,
        stopped: bool,
        send: Send<'_>,
    ) -> Result<(), EngineError> {
        match active.step(outputs, stopped)? {
            Advance::Work(batch) => {
                if let Some(tuning) = active.standing() {
                    send(Message::new(job, Reply::Tuning { tuning }));
                }
                let (shared, attachments) = batch
                    .shared
                    .into_iter()
                    .map(|(id, bytes)| (id, std::sync::Arc::unwrap_or_clone(bytes)))
                    .unzip();
                send(Message { job, body: Reply::Work { shared, tasks: batch.tasks }, attachments });
                self.jobs.insert(job, active);
            }
            Advance::Compared(mut comparison, explainable) => {
                self.table_mut()?.keep_comparison(&comparison, explainable, active.preparation());
                for (_, predictions) in &mut comparison.predictions {
                    predictions.truncate(1);
                }
                // Pictures of curves are drawn here too.
                for of in comparison.yes_no.iter_mut().flat_map(|y| &mut y.families) {
                    (of.roc, of.precision_recall) = Default::default();
                }
                send(Message::new(job, Reply::Compared { comparison }));
            }
            Advance::Explained(explained) => {
                let mut explanation = Box::new(explained.explanation.clone());
                explanation.dependence.iter_mut().for_each(|d| d.curves = Vec::new());
                self.table_mut()?.keep_explanation(*explained, active.preparation());
                send(Message::new(job, Reply::Explained { explanation }));
            }
            Advance::Climbed(ladder) => {
                self.table_mut()?.keep_ladder(&ladder, active.preparation());
                send(Message::new(job, Reply::Climbed { ladder }));
            }
            Advance::CurveDrawn(curve) => {
                self.table_mut()?.keep_curve(&curve, active.preparation());
                send(Message::new(job, Reply::CurveDrawn { curve }));
            }
            Advance::Segmented(mut segmentation) => {
                self.table_mut()?.keep_segmentation(&segmentation, active.preparation());
                segmentation.labels = Vec::new();
                if let Some(projection) = &mut segmentation.projection {
                    projection.points = Vec::new();
                }
                send(Message::new(job, Reply::Segmented { segmentation }));
            }
            Advance::Tuned(tuning) => {
                self.table_mut()?.keep_tuning(&tuning, active.preparation());
                send(Message::new(job, Reply::Tuned { tuning }));
            }
        }
        Ok(())
    }

    /// Makes what was read the open table.
    fn open_files(&mut self, ended: Ended) {
        let Ended { combined, refused } = ended;
        let results = self.take_results();
        self.open = Some(OpenTable::new(combined.read, combined.files, None, None, results));
        (self.places, self.aside, self.refused) = (combined.places, combined.aside, refused);
        self.jobs.clear();
    }

    fn take_results(&mut self) -> Results {
        self.open.as_mut().map(OpenTable::take_results).unwrap_or_default()
    }

    /// Makes a sample and reads it.
    fn load_sample(&mut self, sample: Sample, options: ReadOptions) -> Result<(), EngineError> {
        let (name, text) = match sample {
            Sample::Ads => ("sample-ads.csv", sample::ads(SAMPLE.2, SAMPLE.0)),
            Sample::Customers => ("sample-customers.csv", sample::customers(SAMPLE.2, SAMPLE.1)),
        };
        let mut reader = Reader::new(name, options.clone());
        reader.push(text.as_bytes())?;
        let read = reader.finish()?;
        let results = self.take_results();
        self.open = Some(OpenTable::new(read, Vec::new(), Some(options), Some(sample), results));
        (self.places, self.aside, self.refused) = (Vec::new(), Vec::new(), Vec::new());
        self.jobs.clear();
        Ok(())
    }

    fn loaded(&self) -> Result<Loaded, EngineError> {
        let open = self.table()?;
        let info = |step: &&dyn Step, is_feature: bool| StepInfo {
            slug: step.slug().to_owned(),
            title: step.title().to_owned(),
            help: step.help().to_owned(),
            knobs: step.knobs(),
            is_feature,
        };
        let steps = cleaning::STEPS.iter().map(|s| info(s, false));
        let makers = features::MAKERS.iter().map(|s| info(s, true));
        Ok(Loaded {
            receipt: open.receipt.clone(),
            skipped: open.skipped.clone(),
            files: open.recipe.files.clone(),
            places: self.places.clone(),
            aside: self.aside.iter().map(|part| combine::look_aside(open.raw(), part)).collect(),
            refused: self.refused.clone(),
            table: open.raw_summary(),
            steps: steps.chain(makers).collect(),
            formats: EXPORTERS
                .iter()
                .map(|e| (e.slug().to_owned(), e.title().to_owned(), e.help().to_owned()))
                .collect(),
        })
    }

    fn table(&self) -> Result<&OpenTable, EngineError> {
        self.open.as_ref().ok_or(EngineError::NotReady { what: "tables open" })
    }

    fn table_mut(&mut self) -> Result<&mut OpenTable, EngineError> {
        self.open.as_mut().ok_or(EngineError::NotReady { what: "tables open" })
    }
}

/// Reads a sample a few times, and opens and explores another (see [`Request::Warm`]).
fn warm() {
    let mut host = Host::new();
    for request in [
        Request::LoadSample { sample: Sample::Customers },
        Request::Prepare { recipe: Recipe::default() },
        Request::Explore { plan: ExplorePlan::default() },
    ] {
        host.receive(Message::new(JobId(0), request), &mut |reply| {
            drop(codec::encode(reply.job, &reply.body))
        });
    }
    let mut bytes = Vec::new();
    sample::daily_ads(1, 12_000, &mut |part| bytes.extend_from_slice(part.as_bytes()));
    for _ in 0..8 {
        let reading = Reading::new("", bytes.len() as u64, ReadOptions::default(), MOST_HELD);
        if let Ok(read) = reader::read_bytes(reading, &bytes) {
            summary::summarise(&read.table, None);
        }
    }
}

/// Every family that predicts this, for pickers and forms.
fn families(outcome: Outcome) -> Vec<FamilyInfo> {
    FAMILIES
        .iter()
        .filter(|f| f.suits(outcome))
        .map(|f| FamilyInfo {
            slug: f.slug().to_owned(),
            title: f.title_for(outcome).to_owned(),
            help: f.help().to_owned(),
            knobs: f.knobs_for(outcome),
            is_default: f.is_default_for(outcome),
            can_weigh: f.can_weigh(),
        })
        .collect()
}

/// The context of work done in the host itself: short, so nobody is told of its progress.
fn quiet(seed: u64) -> Ctx<'static> {
    Ctx::quiet(seed)
}
