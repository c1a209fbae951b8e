//! The whole way over a host, from a file to a report, for callers without a page: the command line, tests, benchmarks.

use std::sync::Arc;

use super::Host;
use crate::{
    engine::{
        data::reader::ReadOptions,
        error::EngineError,
        models::{
            comparison::Comparison,
            ladder::{self, LadderPlan},
            learning_curve::CurvePlan,
            plan::ModelPlan,
            tune::{INNER_FOLDS, SearchKind, TunePlan},
        },
        pipeline::recipe::Recipe,
        statistics::exploration::ExplorePlan,
        task::{SharedId, Task, TaskError},
    },
    host::notice,
    protocol::{FileAsk, JobId, Loaded, Notice, PreparedTable, Reply, Request, codec::Message},
};

/// Runs the tasks of a batch and returns their outputs in order.
pub type Executor<'e> =
    &'e mut dyn FnMut(&[(SharedId, Arc<Vec<u8>>)], &[Task]) -> Result<Vec<Vec<u8>>, TaskError>;

/// The reply that settles a request, with its attachments.
pub type Settled = (Reply, Vec<Vec<u8>>);

/// What the caller wants other than the suggested way.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// Carried out instead of the suggested recipe.
    pub recipe: Option<Recipe>,
    /// Column to predict.
    pub target: Option<String>,
    /// Seed of every random draw.
    pub seed: Option<u64>,
    /// A family whose settings are searched for before the comparison.
    pub tune: Option<AskedTuning>,
    /// Whether the ladder is climbed where it takes long, too.
    pub ladder: bool,
    /// Whether the learning curve is drawn.
    pub curve: bool,
}

/// A search for settings.
#[derive(Debug, Clone)]
pub struct AskedTuning {
    /// Slug of the family.
    pub family: String,
    /// How settings are looked for.
    pub kind: SearchKind,
    /// How many are tried.
    pub n_candidates: u32,
    /// How many seconds it has, and by which clock. `None`: all the time it needs.
    pub within: Option<(f64, Clock)>,
}

/// Seconds since any moment: the host has no clock of its own.
#[derive(Clone)]
pub struct Clock(pub Arc<dyn Fn() -> f64>);

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clock")
    }
}

/// What could not be done on the way, and did not end it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// "models", "segments", or the title of a step.
    pub what: String,
    /// One sentence.
    pub why: String,
}

/// Sends one request, runs whatever tasks it needs, and returns the reply that settles it.
pub fn ask(host: &mut Host, request: Request, run: Executor<'_>) -> Result<Settled, Notice> {
    ask_timed(host, request, run, &|| 0.0)
}

/// The same by a clock.
fn ask_timed(
    host: &mut Host,
    request: Request,
    run: Executor<'_>,
    clock: &dyn Fn() -> f64,
) -> Result<Settled, Notice> {
    ask_with(host, request, Vec::new(), run, clock)?.ok_or_else(unexpected)
}

/// The same with attachments; `None` for what settles nothing by itself (the beginning of a file).
fn ask_with(
    host: &mut Host,
    request: Request,
    attachments: Vec<Vec<u8>>,
    run: Executor<'_>,
    clock: &dyn Fn() -> f64,
) -> Result<Option<Settled>, Notice> {
    let mut message = Message { job: JobId(1), body: request, attachments };
    loop {
        let mut last = None;
        host.receive(message, &mut |reply| last = Some((reply.body, reply.attachments)));
        match last {
            Some((Reply::Work { shared, tasks }, bytes)) => {
                let shared: Vec<_> = shared.into_iter().zip(bytes.into_iter().map(Arc::new)).collect();
                let began = clock();
                let outputs = run(&shared, &tasks).map_err(|e| notice::notice(&EngineError::Task(e)))?;
                let outputs = outputs.into_iter().map(|o| Some(o.into())).collect();
                let millis = ((clock() - began) * 1000.0) as u32;
                message = Message::new(JobId(1), Request::TasksDone { outputs, stopped: false, millis });
            }
            Some((Reply::Failed { notice }, _)) => return Err(notice),
            settled => return Ok(settled),
        }
    }
}

/// Reads a file, chunk by chunk.
pub fn load(
    host: &mut Host,
    file_name: &str,
    bytes: &[u8],
    options: ReadOptions,
) -> Result<Box<Loaded>, Notice> {
    load_files(host, vec![(FileAsk::new(file_name, bytes.len() as u64, options), bytes)])
}

/// Reads files that become one table, chunk by chunk.
pub fn load_files(host: &mut Host, files: Vec<(FileAsk, &[u8])>) -> Result<Box<Loaded>, Notice> {
    let none: Executor<'_> = &mut |_, _| Ok(Vec::new());
    let (asked, bytes): (Vec<FileAsk>, Vec<&[u8]>) = files.into_iter().unzip();
    ask_with(host, Request::LoadBegin { files: asked }, Vec::new(), none, &|| 0.0)?;
    for chunk in bytes.iter().flat_map(|bytes| bytes.chunks(1 << 20)) {
        ask_with(host, Request::LoadChunk, vec![chunk.to_vec()], none, &|| 0.0)?;
    }
    match ask(host, Request::LoadEnd, none)? {
        (Reply::Loaded { loaded }, _) => Ok(loaded),
        _ => Err(unexpected()),
    }
}

/// Carries out the given or the suggested recipe on the open file: prepares, explores, compares models, finds segments
/// and decides. What a table cannot give (nothing to predict, nothing to cluster) is skipped and named.
pub fn walk(
    host: &mut Host,
    asked: Asked,
    run: Executor<'_>,
    say: &mut dyn FnMut(&str),
) -> Result<Vec<Skipped>, Notice> {
    let mut skipped = Vec::new();
    let given = asked.recipe.is_some();
    let mut recipe = match asked.recipe {
        Some(recipe) => recipe,
        None => match ask(host, Request::SuggestRecipe, run)? {
            (Reply::RecipeSuggested { recipe }, _) => *recipe,
            _ => return Err(unexpected()),
        },
    };
    if let Some(seed) = asked.seed {
        recipe.seed = seed;
        recipe.model.iter_mut().for_each(|plan| plan.seed = seed);
        recipe.segment.iter_mut().for_each(|plan| plan.seed = seed);
    }

    say("Preparing the table");
    let prepared = prepare(host, &recipe, run)?;
    for (entry, _) in prepared.ledger.iter().zip(&recipe.steps) {
        if let Some(why) = &entry.failure {
            skipped.push(Skipped { what: entry.title.clone(), why: why.clone() });
        }
    }

    say("Exploring");
    ask(host, Request::Explore { plan: recipe.explore.clone() }, run)?;

    say("Comparing models");
    let model = match (asked.target.clone(), recipe.model.take()) {
        (None, Some(plan)) => Some(plan),
        (None, None) if given => None,
        (target, _) => proposed_model(host, target, recipe.seed, run, &mut skipped)?,
    };
    let model = match (model, &asked.tune) {
        (Some(plan), Some(tune)) => {
            say("Searching for settings");
            Some(tuned(host, plan, tune, run, say)?)
        }
        (model, _) => model,
    };
    if let Some(plan) = model {
        match ask(host, Request::Compare { plan }, run) {
            Ok((Reply::Compared { comparison }, _)) => {
                let ladder = recipe.ladder.take().or(asked.ladder.then(LadderPlan::default));
                let curve = recipe.learning_curve.take().or(asked.curve.then(CurvePlan::default));
                say("Explaining");
                if let Err(notice) = ask(host, Request::Explain { plan: recipe.explain.clone() }, run) {
                    skipped.push(Skipped { what: "explanation".to_owned(), why: notice.detail });
                }
                question(host, &comparison, given, ladder, curve, run, &mut skipped);
            }
            Ok(_) => return Err(unexpected()),
            // A target that was named is what the caller came for.
            Err(notice) if asked.target.is_some() => return Err(notice),
            Err(notice) => skipped.push(Skipped { what: "models".to_owned(), why: notice.detail }),
        }
    }

    say("Finding segments");
    let segment = match recipe.segment.take() {
        Some(plan) => Some(plan),
        None if given => None,
        None => match ask(host, Request::SegmentChoices, run) {
            Ok((Reply::SegmentChoices { choices }, _)) => {
                Some(crate::engine::segments::segmentation::SegmentPlan { seed: recipe.seed, ..choices.plan })
            }
            Ok(_) => return Err(unexpected()),
            Err(notice) => {
                skipped.push(Skipped { what: "segments".to_owned(), why: notice.detail });
                None
            }
        },
    };
    if let Some(plan) = segment
        && let Err(notice) = ask(host, Request::Segment { plan }, run)
    {
        skipped.push(Skipped { what: "segments".to_owned(), why: notice.detail });
    }

    if !given || recipe.decision.is_some() {
        say("Deciding");
        ask(host, Request::Decide { plan: recipe.decision.unwrap_or_default() }, run)?;
    }
    Ok(skipped)
}

/// Asks what the score of the models is worth: as a given recipe says, else where it costs little.
fn question(
    host: &mut Host,
    compared: &Comparison,
    given: bool,
    ladder: Option<LadderPlan>,
    curve: Option<CurvePlan>,
    run: Executor<'_>,
    skipped: &mut Vec<Skipped>,
) {
    let is_cheap = ladder::is_cheap(compared.n_rows, compared.plan.features.len());
    let ladder = ladder.or_else(|| (!given && is_cheap).then(LadderPlan::default));
    let asked = [
        ladder.map(|plan| ("the ladder", Request::Climb { plan })),
        curve.map(|plan| ("the learning curve", Request::DrawCurve { plan })),
    ];
    for (what, request) in asked.into_iter().flatten() {
        if let Err(notice) = ask(host, request, run) {
            skipped.push(Skipped { what: what.to_owned(), why: notice.detail });
        }
    }
}

/// Exploration alone, for benchmarks.
pub fn explore(host: &mut Host, run: Executor<'_>) -> Result<(), Notice> {
    ask(host, Request::Explore { plan: ExplorePlan::default() }, run).map(|_| ())
}

fn prepare(host: &mut Host, recipe: &Recipe, run: Executor<'_>) -> Result<Box<PreparedTable>, Notice> {
    match ask(host, Request::Prepare { recipe: recipe.clone() }, run)? {
        (Reply::Prepared { prepared }, _) => Ok(prepared),
        _ => Err(unexpected()),
    }
}

/// The plan with the best settings a search finds for a family.
fn tuned(
    host: &mut Host,
    model: ModelPlan,
    asked: &AskedTuning,
    run: Executor<'_>,
    say: &mut dyn FnMut(&str),
) -> Result<ModelPlan, Notice> {
    let plan = TunePlan {
        model: model.clone(),
        family: asked.family.clone(),
        kind: asked.kind,
        n_candidates: asked.n_candidates,
        inner_folds: INNER_FOLDS,
    };
    let (seconds, clock) = asked.within.clone().unzip();
    let clock = || clock.as_ref().map_or(0.0, |Clock(clock)| clock());
    match ask_timed(host, Request::Tune { plan, seconds }, run, &clock)? {
        (Reply::Tuned { tuning }, _) => {
            say(&tuning.sentence);
            Ok(tuning.applied(model))
        }
        _ => Err(unexpected()),
    }
}

/// The proposed comparison for a target; a target the user named must exist, a guessed one may not.
fn proposed_model(
    host: &mut Host,
    target: Option<String>,
    seed: u64,
    run: Executor<'_>,
    skipped: &mut Vec<Skipped>,
) -> Result<Option<ModelPlan>, Notice> {
    let named = target.is_some();
    match ask(host, Request::ModelChoices { target, unblocked: Vec::new(), outcome: None }, run) {
        Ok((Reply::ModelChoices { choices, .. }, _)) => Ok(Some(ModelPlan { seed, ..choices.plan })),
        Ok(_) => Err(unexpected()),
        Err(notice) if named => Err(notice),
        Err(notice) => {
            skipped.push(Skipped { what: "models".to_owned(), why: notice.detail });
            Ok(None)
        }
    }
}

/// A reply of the wrong kind is a bug here, told as such rather than by a panic.
fn unexpected() -> Notice {
    Notice {
        title: "Assay answered out of turn".to_owned(),
        detail: "The engine settled a request with a reply of another kind".to_owned(),
        remedy: "This is a mistake in Assay; please report it with the steps that led here".to_owned(),
        is_stop: false,
    }
}
