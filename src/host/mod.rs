//! The host: a worker without its mailbox. Takes messages, holds tables and results, gives messages back.
//!
//! The same host runs in a Web Worker, in the tests and under the command-line tool. It never waits: work that can be
//! split goes out as a [`Reply::Work`] and comes back as a [`Request::TasksDone`].

mod jobs;
pub mod notice;
mod open;
pub mod walk;

#[cfg(not(target_arch = "wasm32"))]
pub mod threads;

use std::collections::BTreeMap;

use crate::{
    charts,
    engine::{
        cleaning,
        context::Ctx,
        data::{
            reader::{ReadOptions, Reader},
            sample,
        },
        error::EngineError,
        features,
        models::{self, FAMILIES, plan::ModelPlan},
        pipeline::{recipe::Recipe, tasks},
        report::export::EXPORTERS,
        segments::{self, segmentation::SegmentPlan},
        step::Step,
        task::SharedStore,
    },
    protocol::{FamilyInfo, JobId, Loaded, Reply, Request, Sample, StepInfo, codec::Message},
};
use jobs::{ActiveJob, Advance};
use open::OpenTable;

/// Version of Assay, as it stands in reports and runs.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Files up to this size are kept as bytes, so that they can be read again with other options.
const KEEP_BYTES: u64 = 128 << 20;

/// Rows of the built-in samples, and the seed they are made with.
const SAMPLE: (usize, usize, u64) = (1_000, 2_000, 42);

/// Everything one worker holds.
#[derive(Default)]
pub struct Host {
    /// The file being read.
    loading: Option<Loading>,
    /// The file that is open.
    open: Option<OpenTable>,
    /// Work handed out and not yet back.
    jobs: BTreeMap<JobId, ActiveJob>,
    /// As a member of the pool: what tasks share.
    store: SharedStore,
}

struct Loading {
    job: JobId,
    file_name: String,
    n_bytes: u64,
    options: ReadOptions,
    reader: Reader,
    bytes: Vec<u8>,
    n_read: u64,
}

type Send<'a> = &'a mut dyn FnMut(Message<Reply>);

impl Host {
    /// A host that holds nothing yet.
    pub fn new() -> Self {
        Self::default()
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
            Request::LoadBegin { file_name, n_bytes, options } => {
                let reader = Reader::new(&file_name, options.clone());
                self.loading =
                    Some(Loading { job, file_name, n_bytes, options, reader, bytes: Vec::new(), n_read: 0 });
            }
            Request::LoadChunk => {
                // Chunks of a file that was overtaken by another are dropped.
                let Some(loading) = self.loading.as_mut().filter(|l| l.job == job) else { return Ok(()) };
                for bytes in &attachments {
                    loading.n_read += bytes.len() as u64;
                    if let Err(error) = loading.reader.push(bytes) {
                        self.loading = None;
                        return Err(error.into());
                    }
                    if loading.n_read <= KEEP_BYTES {
                        loading.bytes.extend_from_slice(bytes);
                    } else {
                        loading.bytes = Vec::new();
                    }
                }
                reply(Reply::Progress {
                    done: loading.n_read,
                    total: loading.n_bytes.max(loading.n_read),
                    label: crate::engine::words::rows_of(loading.reader.n_rows()),
                });
            }
            Request::LoadEnd => {
                let Some(loading) = self.loading.take_if(|l| l.job == job) else { return Ok(()) };
                let bytes = (loading.n_read <= KEEP_BYTES).then_some(loading.bytes);
                let read = loading.reader.finish()?;
                self.open = Some(OpenTable::new(loading.file_name, read, bytes, loading.options));
                self.jobs.clear();
                reply(Reply::Loaded { loaded: Box::new(self.loaded()?) });
            }
            Request::LoadSample { sample } => {
                let (name, text) = match sample {
                    Sample::Ads => ("sample-ads.csv", sample::ads(SAMPLE.2, SAMPLE.0)),
                    Sample::Customers => ("sample-customers.csv", sample::customers(SAMPLE.2, SAMPLE.1)),
                };
                self.load(name, text.into_bytes(), ReadOptions::default())?;
                reply(Reply::Loaded { loaded: Box::new(self.loaded()?) });
            }
            Request::Reread { options } => {
                let open = self.table()?;
                let Some(bytes) = open.bytes.clone() else {
                    return Err(EngineError::NotReady { what: "bytes of this large file kept" });
                };
                let name = open.file_name.clone();
                self.load(&name, bytes, options)?;
                reply(Reply::Loaded { loaded: Box::new(self.loaded()?) });
            }
            Request::Prepare { recipe } => {
                let open = self.table_mut()?;
                open.prepare(recipe);
                reply(Reply::Prepared { prepared: Box::new(open.prepared_table()) });
            }
            Request::Preview { recipe } => {
                let (entry, levels) = self.table()?.preview(&recipe)?;
                reply(Reply::Previewed { entry: Box::new(entry), levels });
            }
            Request::SuggestRecipe => {
                let recipe = self.table()?.suggested_recipe();
                reply(Reply::RecipeRead { recipe: Box::new(recipe) });
            }
            Request::Rows { start, len } => reply(self.table()?.rows(start, len)),
            Request::Explore { plan } => {
                let open = self.table_mut()?;
                let exploration = open.explore(plan)?;
                reply(Reply::Explored { exploration: Box::new(exploration) });
            }
            Request::ModelChoices { target, unblocked } => {
                let open = self.table()?;
                let choices = models::choices::choices(
                    open.table(),
                    target.as_deref(),
                    &unblocked,
                    open.informed(),
                    open.recipe.seed,
                )?;
                reply(Reply::ModelChoices { choices: Box::new(choices), families: families() });
            }
            Request::Compare { plan } => self.compare(job, plan, send)?,
            Request::SegmentChoices => {
                let choices = segments::choices::choices(self.table()?.table())?;
                reply(Reply::SegmentChoices { choices: Box::new(choices) });
            }
            Request::Segment { plan } => self.segment(job, plan, send)?,
            Request::TasksDone { outputs, stopped } => {
                // Nobody waits for work that was overtaken or whose file was closed, but it is settled all the same.
                let active = self.jobs.remove(&job).ok_or(EngineError::Stopped)?;
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
            Request::Export { format, pictures } => {
                let (file, bytes) = self.table()?.export(&format, &pictures)?;
                send(Message { job, body: file, attachments: vec![bytes] });
            }
            Request::ExportTable { segments } => {
                let (file, bytes) = self.table()?.export_table(segments.as_deref())?;
                send(Message { job, body: file, attachments: vec![bytes] });
            }
            Request::ReadRecipe { text } => {
                reply(Reply::RecipeRead { recipe: Box::new(Recipe::from_json(&text)?) });
            }
            Request::Hold { .. } | Request::Run { .. } | Request::Forget { .. } => {
                if let Some(done) = self.serve(body, attachments)? {
                    reply(done);
                }
            }
        }
        Ok(())
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
        self.jobs.retain(|_, job| !matches!(job.kind, jobs::Kind::Compare(_)));
        let active = self.table()?.comparison_job(plan)?;
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
                let (shared, attachments) = batch
                    .shared
                    .into_iter()
                    .map(|(id, bytes)| (id, std::sync::Arc::unwrap_or_clone(bytes)))
                    .unzip();
                send(Message { job, body: Reply::Work { shared, tasks: batch.tasks }, attachments });
                self.jobs.insert(job, active);
            }
            Advance::Compared(mut comparison) => {
                self.table_mut()?.keep_comparison(&comparison, active.preparation());
                for (_, predictions) in &mut comparison.predictions {
                    predictions.truncate(1);
                }
                send(Message::new(job, Reply::Compared { comparison }));
            }
            Advance::Segmented(mut segmentation) => {
                self.table_mut()?.keep_segmentation(&segmentation, active.preparation());
                segmentation.labels = Vec::new();
                if let Some(projection) = &mut segmentation.projection {
                    projection.points = Vec::new();
                }
                send(Message::new(job, Reply::Segmented { segmentation }));
            }
        }
        Ok(())
    }

    /// Reads bytes that are here as a whole.
    fn load(&mut self, name: &str, bytes: Vec<u8>, options: ReadOptions) -> Result<(), EngineError> {
        let mut reader = Reader::new(name, options.clone());
        reader.push(&bytes)?;
        let read = reader.finish()?;
        self.open = Some(OpenTable::new(name.to_owned(), read, Some(bytes), options));
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

/// Every family, for pickers and forms.
fn families() -> Vec<FamilyInfo> {
    FAMILIES
        .iter()
        .map(|f| FamilyInfo {
            slug: f.slug().to_owned(),
            title: f.title().to_owned(),
            help: f.help().to_owned(),
            knobs: f.knobs(),
            is_default: f.is_default(),
        })
        .collect()
}

/// The context of work done in the host itself: short, so nobody is told of its progress.
fn quiet(seed: u64) -> Ctx<'static> {
    Ctx::quiet(seed)
}
