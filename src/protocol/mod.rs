//! What the page and the workers say to each other. Requests command, replies report; both carry a job.
//!
//! On the wire a message is postcard bytes ([`codec`]) and a list of attachments: large bytes that are transferred, not
//! copied. Every worker can be the host (which holds the tables) or a member of the pool (which runs tasks).

use serde::{Deserialize, Serialize};

use crate::{
    charts::{ChartRequest, Picture, Theme},
    engine::{
        data::{
            combine::{Aside, FilePart, JoinPlan, JoinReport, Put, WorkbookInfo},
            reader::ReadOptions,
            summary::{Receipt, SkippedGroup, TableSummary},
        },
        decisions::decision::{Decision, DecisionPlan},
        features::formula::Completions,
        knobs::{Knob, Offers},
        models::{
            comparison::Comparison,
            explain::{
                ExplainPlan, Explanation,
                what_if::{Answer, WhatIf},
            },
            ladder::{Ladder, LadderPlan},
            learning_curve::{CurvePlan, LearningCurve},
            outcome::Outcome,
            plan::{ModelChoices, ModelPlan},
            tune::{TunePlan, Tuning},
        },
        pipeline::{
            graph::Node,
            recipe::{Recipe, RecipeError},
        },
        report::build::LedgerEntry,
        segments::segmentation::{SegmentChoices, SegmentPlan, Segmentation},
        statistics::exploration::{Exploration, ExplorePlan},
        step::{StepStanding, Suggestion},
        task::{SharedId, Task},
        words,
    },
};

pub mod codec;

/// Names one request and all that is said about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct JobId(pub u32);

/// The built-in samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sample {
    /// Generated ads with a known truth.
    Ads,
    /// Generated customers with a known truth.
    Customers,
}

/// A command. Attachments are named where there are any.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Request {
    /// Begins files that become one table. With the files themselves beside the message (browser) the host reads one after
    /// the other by blocks, says `Progress`, shows the first `Rows` and settles the job by `Loaded` or `Failed`; else
    /// `LoadChunk`s and `LoadEnd` of the same job follow. Forgets unfinished earlier ones. A table that is open stays open
    /// until the new one is read.
    LoadBegin {
        /// In their order; never empty.
        files: Vec<FileAsk>,
    },
    /// The next bytes, as attachment 0: of the file whose size is not reached yet. Answered by `Progress`.
    LoadChunk,
    /// No more bytes. Settled by `Loaded` or `Failed`.
    LoadEnd,
    /// How well a file that stands aside would join the open table. Settled by `JoinLookedAt`.
    LookAtJoin {
        /// Its place among the files asked for.
        aside: u32,
        /// By which columns.
        plan: JoinPlan,
    },
    /// Lets go of the files that stand aside. Not answered.
    ForgetAside,
    /// Lets go of what was found in the table before: the one that was loaded is another. Where it is the same read otherwise,
    /// what was found is kept, and fits again when that is taken back. Not answered.
    ForgetResults,
    /// Settled by `Loaded`.
    LoadSample {
        /// Which one.
        sample: Sample,
    },
    /// Reads the open sample again with other options; files are read again by a `LoadBegin`. Settled by `Loaded`.
    Reread {
        /// How to read it.
        options: ReadOptions,
    },
    /// Carries out the steps of a recipe on the open file and keeps it as the current recipe. Settled by `Prepared`.
    Prepare {
        /// The recipe to carry out.
        recipe: Recipe,
    },
    /// What a recipe step would do, without keeping it: the last step of `recipe` is the one looked at.
    /// Settled by `Previewed`.
    Preview {
        /// The recipe up to the step looked at.
        recipe: Recipe,
    },
    /// What can be written at the caret of a formula, and what is wrong with it. Settled by `Completed`.
    Complete {
        /// The recipe up to the step that holds the formula.
        recipe: Recipe,
        /// The formula.
        text: String,
        /// Characters before the caret.
        caret: u32,
    },
    /// The suggested way for the open file: every recommended cleaning step and feature, on top of what the user said of
    /// types, roles and kind. Settled by `RecipeSuggested`.
    SuggestRecipe,
    /// Cells of the prepared table. Settled by `Rows`.
    Rows {
        /// First row, from 0.
        start: u64,
        /// How many rows.
        len: u32,
    },
    /// Settled by `Explored`.
    Explore {
        /// What to explore.
        plan: ExplorePlan,
    },
    /// Settled by `ModelChoices`. `target: None` for the best guess.
    ModelChoices {
        /// Column to predict.
        target: Option<String>,
        /// Leaking columns wanted all the same.
        unblocked: Vec<String>,
        /// What it is to be predicted as; `None` for the best guess.
        outcome: Option<Outcome>,
    },
    /// Settled by `Compared`, after `Work`.
    Compare {
        /// What to compare.
        plan: ModelPlan,
    },
    /// Explains a model of the last comparison. Settled by `Explained`, after `Work`.
    Explain {
        /// Which model.
        plan: ExplainPlan,
    },
    /// Asks the explained model about one row. Settled by `Answered`.
    WhatIf {
        /// The row.
        asked: WhatIf,
    },
    /// Asks of the models compared what their score is worth. Settled by `Climbed`, after `Work`.
    Climb {
        /// What climbs.
        plan: LadderPlan,
    },
    /// Asks of the models compared how the score grows with the rows. Settled by `CurveDrawn`, after `Work`.
    DrawCurve {
        /// Of what.
        plan: CurvePlan,
    },
    /// Settled by `Tuned`, after `Tuning` and `Work` by turns.
    Tune {
        /// What to search.
        plan: TunePlan,
        /// How long, by the times of `TasksDone`; `None`: as long as it takes.
        seconds: Option<f64>,
    },
    /// Settled by `SegmentChoices`.
    SegmentChoices,
    /// Settled by `Segmented`, after `Work`.
    Segment {
        /// What to cluster.
        plan: SegmentPlan,
    },
    /// Settled by `Decided`.
    Decide {
        /// What to decide.
        plan: DecisionPlan,
    },
    /// Settled by `Drawn`.
    Draw {
        /// Which chart, of what.
        chart: ChartRequest,
        /// Colours to draw with.
        theme: Theme,
    },
    /// The charts a report of what is there would hold. Settled by `ReportCharts`.
    ReportCharts,
    /// Writes the report. `pictures`: SVG by chart. Settled by `Exported`, bytes as attachment 0.
    Export {
        /// Slug of the exporter.
        format: String,
        /// Each chart with its SVG.
        pictures: Vec<(ChartRequest, String)>,
        /// Leave out what rests on fewer than ten rows.
        mask_small_groups: bool,
    },
    /// The prepared table as CSV: all of it, or the people of these segments with the name of theirs. Settled by
    /// `Exported`, bytes as attachment 0.
    ExportTable {
        /// Indices of segments; `None` for every row.
        segments: Option<Vec<u32>>,
    },
    /// The people a decision contacts by their expected response, as CSV with that response, likeliest first. Settled by
    /// `Exported`, bytes as attachment 0.
    ExportContacts,
    /// Outputs of the tasks of a `Work` reply, in order; `None` for those not finished because the user stopped.
    /// Answered by the next `Work` or the job's result.
    TasksDone {
        /// One a task.
        outputs: Vec<Option<serde_bytes::ByteBuf>>,
        /// Whether the user stopped.
        stopped: bool,
        /// How long they took by the clock of who had them run; 0 where there is none.
        millis: u32,
    },

    /// To an idle member of the pool: read a sample a few times and forget it, so that the browser has compiled well what
    /// reading a file needs (workers share compiled code). Not answered.
    Warm,
    /// To a member of the pool: keep attachment 0 under this id. Not answered.
    Hold {
        /// Fingerprint of the bytes.
        id: SharedId,
    },
    /// To a member of the pool. Settled by `TaskDone` or `Failed`.
    Run {
        /// What to run.
        task: Task,
    },
    /// To a member of the pool: let go of what was held under these ids. Not answered.
    Forget {
        /// Fingerprints of the bytes.
        ids: Vec<SharedId>,
    },
}

/// A report of what happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Reply {
    /// The worker is there; nothing may be sent before.
    Ready {
        /// Version of Assay.
        version: String,
    },
    /// Absolute: `done` of `total` (bytes, or units of the job).
    Progress {
        /// Units done.
        done: u64,
        /// Units in all.
        total: u64,
        /// What is going on.
        label: String,
    },
    /// The file is read and is now the open one.
    Loaded {
        /// Receipt, table and forms.
        loaded: Box<Loaded>,
    },
    /// How well a file would join the open table.
    JoinLookedAt {
        /// What was found.
        report: Box<JoinReport>,
    },
    /// The recipe is carried out and is now the current one.
    Prepared {
        /// The table and what each step did.
        prepared: Box<PreparedTable>,
    },
    /// What the last step would do.
    Previewed {
        /// Its effect, or why it would fail.
        entry: Box<LedgerEntry>,
        /// Levels of the column whose order the step asks for; empty when it asks for none.
        levels: Vec<String>,
        /// The values of the columns that its settings are compared with.
        values: Offers,
        /// Of a feature, the columns it is made from, with their cells in the rows of the first examples.
        inputs: Vec<(String, Vec<String>)>,
    },
    /// What can be written in a formula.
    Completed {
        /// Names, best first, and the error if there is one.
        completions: Completions,
    },
    /// Cells as shown.
    Rows {
        /// First row, from 0.
        start: u64,
        /// Rows of the table.
        total: u64,
        /// Names of the columns.
        columns: Vec<String>,
        /// From `start` on.
        rows: Vec<TableRow>,
    },
    /// The exploration is done.
    Explored {
        /// What was found.
        exploration: Box<Exploration>,
    },
    /// What can be predicted and with what.
    ModelChoices {
        /// Targets, candidates and a proposed plan.
        choices: Box<ModelChoices>,
        /// The families that predict this, to draw forms from.
        families: Vec<FamilyInfo>,
    },
    /// The model comparison is done. Of the predictions the first of each family alone: the host keeps the others.
    Compared {
        /// What was found.
        comparison: Box<Comparison>,
    },
    /// The explanation is done.
    Explained {
        /// What was found.
        explanation: Box<Explanation>,
    },
    /// What the explained model says of one row.
    Answered {
        /// Its answer.
        answer: Box<Answer>,
    },
    /// The ladder is climbed.
    Climbed {
        /// What was found.
        ladder: Box<Ladder>,
    },
    /// The learning curve is there.
    CurveDrawn {
        /// What was found.
        curve: Box<LearningCurve>,
    },
    /// Where a search stands; its next `Work` follows.
    Tuning {
        /// So far.
        tuning: Box<Tuning>,
    },
    /// The search is done.
    Tuned {
        /// What was found.
        tuning: Box<Tuning>,
    },
    /// What can be clustered on.
    SegmentChoices {
        /// Columns, outcomes and a proposed plan.
        choices: Box<SegmentChoices>,
    },
    /// The segments are made. Without the segment and the place of each row: the host keeps those.
    Segmented {
        /// What was found.
        segmentation: Box<Segmentation>,
    },
    /// The decision is made.
    Decided {
        /// What was found.
        decision: Box<Decision>,
    },
    /// `picture: None` when there is nothing to draw.
    Drawn {
        /// The chart, and what stands beside it.
        picture: Option<Box<Picture>>,
    },
    /// The charts a report would hold.
    ReportCharts {
        /// In the order of the report.
        charts: Vec<ChartRequest>,
    },
    /// The report is written; its bytes are attachment 0.
    Exported {
        /// A name to save it under.
        file_name: String,
        /// Its media type.
        mime: String,
    },
    /// A suggested recipe.
    RecipeSuggested {
        /// The recipe.
        recipe: Box<Recipe>,
    },
    /// Run these in the pool and answer `TasksDone`. Attachments: the bytes of `shared`, in order.
    Work {
        /// Ids of the attachments.
        shared: Vec<SharedId>,
        /// In the order in which outputs are expected.
        tasks: Vec<Task>,
    },
    /// A member of the pool finished its task.
    TaskDone {
        /// What came out, in postcard.
        output: serde_bytes::ByteBuf,
    },
    /// It could not be done, or was stopped.
    Failed {
        /// Why, and what to try.
        notice: Notice,
    },
}

/// A file to be read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FileAsk {
    /// Without its folder.
    pub name: String,
    /// Its size, for progress.
    pub n_bytes: u64,
    /// How to read it.
    pub options: ReadOptions,
    /// How it is put to those before it.
    pub put: Put,
    /// The workbook of which this is a sheet, as text.
    pub workbook: Option<WorkbookInfo>,
}

impl FileAsk {
    /// A file whose columns decide how it is put to others.
    pub fn new(name: &str, n_bytes: u64, options: ReadOptions) -> Self {
        Self { name: name.to_owned(), n_bytes, options, put: Put::ByShape, workbook: None }
    }
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Loaded {
    /// What reading found.
    pub receipt: Receipt,
    /// The lines that became no row: more of them than the receipt lists.
    pub skipped: Vec<SkippedGroup>,
    /// The files in the table, for recipes; none of a sample.
    pub files: Vec<FilePart>,
    /// The place of each of them among the files asked for.
    pub places: Vec<u32>,
    /// Files of another shape, read but not in the table: to be joined or left out.
    pub aside: Vec<Aside>,
    /// Files that could not be used, and why.
    pub refused: Vec<(String, Notice)>,
    /// The table as read.
    pub table: TableSummary,
    /// Every cleaning step and feature there is, to draw pickers and forms from.
    pub steps: Vec<StepInfo>,
    /// Formats a report can be written in: (slug, title, help).
    pub formats: Vec<(String, String, String)>,
}

/// A table with the recipe applied.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PreparedTable {
    /// The table as prepared.
    pub table: TableSummary,
    /// One a recipe step.
    pub ledger: Vec<LedgerEntry>,
    /// What looks odd but is right, and is therefore kept.
    pub notes: Vec<String>,
    /// Cleaning steps worth applying, best first.
    pub cleaning: Vec<Suggestion>,
    /// Features worth making, best first.
    pub features: Vec<Suggestion>,
    /// For every feature, in the order of the list, whether this table has what it takes.
    pub standings: Vec<StepStanding>,
    /// The recipe as a graph.
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
    /// Key in recipes.
    pub slug: String,
    /// Verb with object.
    pub title: String,
    /// One plain sentence.
    pub help: String,
    /// Its settings.
    pub knobs: Vec<Knob>,
    /// Whether it is a feature (else a cleaning step).
    pub is_feature: bool,
}

/// A model family a form can be drawn for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FamilyInfo {
    /// Key in plans.
    pub slug: String,
    /// Its name on the page.
    pub title: String,
    /// One plain sentence.
    pub help: String,
    /// Its settings.
    pub knobs: Vec<Knob>,
    /// Whether it is compared when nothing was chosen.
    pub is_default: bool,
    /// Whether training rows can count more or less than others.
    pub can_weigh: bool,
}

/// What went wrong, in words: what, where, what to try.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// What happened, in a few words.
    pub title: String,
    /// Where and with which figures.
    pub detail: String,
    /// What to try; never empty.
    pub remedy: String,
    /// The user stopped it; nothing is wrong.
    pub is_stop: bool,
}

/// Recipes are read where they come in, by the page and by the command line: the worker does without the code for it.
impl From<&RecipeError> for Notice {
    fn from(error: &RecipeError) -> Self {
        let (title, remedy) = match error {
            RecipeError::Unreadable { .. } => (
                "This recipe cannot be read",
                "Choose the recipe.json that Assay saved; your table and steps are unchanged",
            ),
            RecipeError::NewerVersion { .. } => (
                "This recipe is newer than this Assay",
                "Reload the page to get the newest Assay; your table and steps are unchanged",
            ),
        };
        let detail = words::capitalised(&error.to_string());
        Self { title: title.into(), detail, remedy: remedy.into(), is_stop: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recipes_that_cannot_be_read_say_why() {
        let of = |text: &str| Notice::from(&Recipe::from_json(text).expect_err("broken"));
        let broken = of("{ \"version\": 1, ");
        assert!(broken.detail.contains("line 1"), "{broken:?}");
        let newer = of("{\"version\": 99}");
        assert!(newer.title.contains("newer"), "{newer:?}");
    }
}
