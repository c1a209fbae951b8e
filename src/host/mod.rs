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
            reader::{self, ReadOptions, Reader, Reading},
            sample, summary,
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

/// Bytes of columns a host may hold: in a browser half of what WebAssembly can address, since steps and models need room too.
const MOST_HELD: u64 = if cfg!(target_arch = "wasm32") { 2 << 30 } else { u64::MAX };

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
    course: Course,
}

/// How a file comes here.
enum Course {
    /// In chunks, held whole until the last.
    Chunks { reader: Reader, n_read: u64 },
    /// Read by whoever runs this host, block by block and by several at once.
    Blocks(Box<Reading>),
}

type Send<'a> = &'a mut dyn FnMut(Message<Reply>);

impl Host {
    /// A host that holds nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins a file that whoever runs this host reads block by block (see [`Host::reading`]). `LoadEnd` of the same job
    /// makes the table. Forgets an unfinished earlier file.
    pub fn begin_blocks(&mut self, job: JobId, file_name: &str, n_bytes: u64, options: ReadOptions) {
        let reading = Reading::new(file_name, n_bytes, options.clone(), MOST_HELD);
        let course = Course::Blocks(Box::new(reading));
        self.loading = Some(Loading { job, file_name: file_name.to_owned(), n_bytes, options, course });
    }

    /// The reading of a job, unless it was overtaken by another.
    pub fn reading(&mut self, job: JobId) -> Option<&mut Reading> {
        match self.loading.as_mut().filter(|l| l.job == job) {
            Some(Loading { course: Course::Blocks(reading), .. }) => Some(reading),
            _ => None,
        }
    }

    /// Gives a reading up and says why.
    pub fn give_up(&mut self, job: JobId, notice: crate::protocol::Notice, send: Send<'_>) {
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
            Request::LoadBegin { file_name, n_bytes, options } => {
                let reader = Reader::new(&file_name, options.clone());
                let course = Course::Chunks { reader, n_read: 0 };
                self.loading = Some(Loading { job, file_name, n_bytes, options, course });
            }
            Request::LoadChunk => {
                // Chunks of a file that was overtaken by another are dropped.
                let Some(loading) = self.loading.as_mut().filter(|l| l.job == job) else { return Ok(()) };
                let Course::Chunks { reader, n_read } = &mut loading.course else { return Ok(()) };
                for bytes in &attachments {
                    *n_read += bytes.len() as u64;
                    if let Err(error) = reader.push(bytes) {
                        self.loading = None;
                        return Err(error.into());
                    }
                }
                reply(Reply::Progress {
                    done: *n_read,
                    total: loading.n_bytes.max(*n_read),
                    label: crate::engine::words::rows_of(reader.n_rows()),
                });
            }
            Request::LoadEnd => {
                let Some(loading) = self.loading.take_if(|l| l.job == job) else { return Ok(()) };
                let Loading { file_name, options, course, .. } = loading;
                let read = match course {
                    Course::Chunks { reader, .. } => reader.finish()?,
                    Course::Blocks(reading) => reading.finish()?,
                };
                self.open = Some(OpenTable::new(file_name, read, None, options));
                self.jobs.clear();
                reply(Reply::Loaded { loaded: Box::new(self.loaded()?) });
            }
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
            Request::Export { format, pictures, mask_small_groups } => {
                let (file, bytes) = self.table()?.export(&format, &pictures, mask_small_groups)?;
                send(Message { job, body: file, attachments: vec![bytes] });
            }
            Request::ExportTable { segments } => {
                let (file, bytes) = self.table()?.export_table(segments.as_deref())?;
                send(Message { job, body: file, attachments: vec![bytes] });
            }
            Request::ReadRecipe { text } => {
                reply(Reply::RecipeRead { recipe: Box::new(Recipe::from_json(&text)?) });
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

    /// Makes a sample and reads it.
    fn load_sample(&mut self, sample: Sample, options: ReadOptions) -> Result<(), EngineError> {
        let (name, text) = match sample {
            Sample::Ads => ("sample-ads.csv", sample::ads(SAMPLE.2, SAMPLE.0)),
            Sample::Customers => ("sample-customers.csv", sample::customers(SAMPLE.2, SAMPLE.1)),
        };
        let mut reader = Reader::new(name, options.clone());
        reader.push(text.as_bytes())?;
        let read = reader.finish()?;
        self.open = Some(OpenTable::new(name.to_owned(), read, Some(sample), options));
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

/// Reads a sample a few times (see [`Request::Warm`]).
fn warm() {
    let mut bytes = Vec::new();
    sample::daily_ads(1, 12_000, &mut |part| bytes.extend_from_slice(part.as_bytes()));
    for _ in 0..8 {
        let reading = Reading::new("", bytes.len() as u64, ReadOptions::default(), MOST_HELD);
        if let Ok(read) = reader::read_bytes(reading, &bytes) {
            summary::summarise(&read.table, None);
        }
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
