//! What the page and the workers say to each other. Requests command, replies report; both carry a job.
//!
//! On the wire a message is postcard bytes ([`codec`]) and a list of attachments: large bytes that are transferred, not
//! copied. Every worker can be the host (which holds the tables) or a member of the pool (which runs tasks).

use serde::{Deserialize, Serialize};

use crate::{
    charts::{ChartRequest, Picture, Theme},
    engine::{
        data::{
            reader::ReadOptions,
            summary::{Receipt, TableSummary},
        },
        decisions::decision::{Decision, DecisionPlan},
        knobs::Knob,
        models::{
            comparison::Comparison,
            plan::{ModelChoices, ModelPlan},
        },
        pipeline::{graph::Node, recipe::Recipe},
        report::build::LedgerEntry,
        segments::segmentation::{SegmentChoices, SegmentPlan, Segmentation},
        statistics::exploration::{Exploration, ExplorePlan},
        step::Suggestion,
        task::{SharedId, Task},
    },
};

pub mod codec;

/// Names one request and all that is said about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct JobId(pub u32);

/// The built-in samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sample {
    Ads,
    Customers,
}

/// A command. Attachments are named where there are any.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Request {
    /// Begins a file; `Chunk`s and `LoadEnd` of the same job follow. Forgets an unfinished earlier one.
    /// A table that is open stays open until the new one is read.
    LoadBegin { file_name: String, n_bytes: u64, options: ReadOptions },
    /// The next bytes, as attachment 0. Answered by `Progress`.
    LoadChunk,
    /// No more bytes. Settled by `Loaded` or `Failed`.
    LoadEnd,
    /// Settled by `Loaded`.
    LoadSample { sample: Sample },
    /// Reads the open file's bytes again with other options (the bytes are kept while they are small enough, else
    /// `Failed` asks for the file). Settled by `Loaded`.
    Reread { options: ReadOptions },
    /// Carries out the steps of a recipe on the open file and keeps it as the current recipe. Settled by `Prepared`.
    Prepare { recipe: Recipe },
    /// What a recipe step would do, without keeping it: the last step of `recipe` is the one looked at.
    /// Settled by `Previewed`.
    Preview { recipe: Recipe },
    /// The suggested way for the open file: every recommended cleaning step and feature, on top of what the user said of
    /// types, roles and kind. Settled by `RecipeRead`.
    SuggestRecipe,
    /// Cells of the prepared table. Settled by `Rows`.
    Rows { start: u64, len: u32 },
    /// Settled by `Explored`.
    Explore { plan: ExplorePlan },
    /// Settled by `ModelChoices`. `target: None` for the best guess.
    ModelChoices { target: Option<String>, unblocked: Vec<String> },
    /// Settled by `Compared`, after `Work`.
    Compare { plan: ModelPlan },
    /// Settled by `SegmentChoices`.
    SegmentChoices,
    /// Settled by `Segmented`, after `Work`.
    Segment { plan: SegmentPlan },
    /// Settled by `Decided`.
    Decide { plan: DecisionPlan },
    /// Settled by `Drawn`.
    Draw { chart: ChartRequest, theme: Theme },
    /// The charts a report of what is there would hold. Settled by `ReportCharts`.
    ReportCharts,
    /// Writes the report. `pictures`: SVG by chart. Settled by `Exported`, bytes as attachment 0.
    Export { format: String, pictures: Vec<(ChartRequest, String)> },
    /// Reads a recipe from JSON text. Settled by `RecipeRead` or `Failed`.
    ReadRecipe { text: String },
    /// Outputs of the tasks of a `Work` reply, in order; `None` for those not finished because the user stopped.
    /// Answered by the next `Work` or the job's result.
    TasksDone { outputs: Vec<Option<serde_bytes::ByteBuf>>, stopped: bool },
    /// Forgets the table, results and everything held.
    Erase,

    /// To a member of the pool: keep attachment 0 under this id. Not answered.
    Hold { id: SharedId },
    /// To a member of the pool. Settled by `TaskDone` or `Failed`.
    Run { task: Task },
}

/// A report of what happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Reply {
    /// The worker is there; nothing may be sent before.
    Ready {
        version: String,
    },
    /// Absolute: `done` of `total` (bytes, or units of the job).
    Progress {
        done: u64,
        total: u64,
        label: String,
    },
    /// The file is read and is now the open one.
    Loaded {
        loaded: Box<Loaded>,
    },
    Prepared {
        prepared: Box<PreparedTable>,
    },
    Previewed {
        entry: Box<LedgerEntry>,
    },
    Rows {
        start: u64,
        total: u64,
        columns: Vec<String>,
        rows: Vec<TableRow>,
    },
    Explored {
        exploration: Box<Exploration>,
    },
    ModelChoices {
        choices: Box<ModelChoices>,
        families: Vec<FamilyInfo>,
    },
    Compared {
        comparison: Box<Comparison>,
    },
    SegmentChoices {
        choices: Box<SegmentChoices>,
    },
    Segmented {
        segmentation: Box<Segmentation>,
    },
    Decided {
        decision: Box<Decision>,
    },
    /// `picture: None` when there is nothing to draw.
    Drawn {
        picture: Option<Box<Picture>>,
    },
    ReportCharts {
        charts: Vec<ChartRequest>,
    },
    Exported {
        file_name: String,
        mime: String,
    },
    RecipeRead {
        recipe: Box<Recipe>,
    },
    /// Run these in the pool and answer `TasksDone`. Attachments: the bytes of `shared`, in order.
    Work {
        shared: Vec<SharedId>,
        tasks: Vec<Task>,
    },
    TaskDone {
        output: serde_bytes::ByteBuf,
    },
    Erased,
    Failed {
        notice: Notice,
    },
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Loaded {
    pub receipt: Receipt,
    pub table: TableSummary,
    /// Every cleaning step and feature there is, to draw pickers and forms from.
    pub steps: Vec<StepInfo>,
    /// Formats a report can be written in: (slug, title, help).
    pub formats: Vec<(String, String, String)>,
}

/// A table with the recipe applied.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PreparedTable {
    pub table: TableSummary,
    /// One a recipe step.
    pub ledger: Vec<LedgerEntry>,
    /// What looks odd but is right, and is therefore kept.
    pub notes: Vec<String>,
    pub cleaning: Vec<Suggestion>,
    pub features: Vec<Suggestion>,
    pub graph: Vec<Node>,
    /// `Recipe::preparation` of the recipe applied.
    pub preparation: u64,
}

/// A row as shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TableRow {
    /// From 1, in the file.
    pub number: u64,
    /// `None` is missing.
    pub cells: Vec<Option<String>>,
}

/// A step or feature a form can be drawn for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepInfo {
    pub slug: String,
    pub title: String,
    pub help: String,
    pub knobs: Vec<Knob>,
    /// Whether it is a feature (else a cleaning step).
    pub is_feature: bool,
}

/// A model family a form can be drawn for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FamilyInfo {
    pub slug: String,
    pub title: String,
    pub help: String,
    pub knobs: Vec<Knob>,
}

/// What went wrong, in words: what, where, what to try.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    pub title: String,
    pub detail: String,
    pub remedy: String,
    /// The user stopped it; nothing is wrong.
    pub is_stop: bool,
}
