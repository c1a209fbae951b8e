//! What a cleaning step and a feature maker have in common: knobs, suggestions, and a change to a table.
//!
//! Both are one trait because a recipe treats them alike: ordered, undoable, and learnt on training rows only.

use serde::{Deserialize, Serialize, Serializer, ser::SerializeStruct};

use super::{
    context::{Ctx, Stopped},
    data::table::{Table, TableError},
    knobs::{Knob, KnobError, Settings},
    words::Shared,
};

/// A step or feature with its settings, as a recipe holds it.
#[derive(Debug, Clone, Deserialize)]
pub struct StepCall {
    /// Which step.
    pub slug: String,
    /// Values of its knobs; absent ones take their default.
    pub settings: Settings,
    /// Why it was suggested; `None` when the user thought of it.
    #[serde(default)]
    pub reason: Option<String>,
}

impl StepCall {
    /// A call of the user's own.
    pub fn new(slug: &str, settings: Settings) -> Self {
        Self { slug: slug.to_owned(), settings, reason: None }
    }
}

/// Equal are calls that do the same, whatever the reason.
impl PartialEq for StepCall {
    fn eq(&self, other: &Self) -> bool {
        self.slug == other.slug && self.settings == other.settings
    }
}

/// By hand because a recipe as text leaves out a reason that is not there, while postcard knows no absent fields.
impl Serialize for StepCall {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let has_reason = self.reason.is_some() || !serializer.is_human_readable();
        let mut fields = serializer.serialize_struct("StepCall", 2 + usize::from(has_reason))?;
        fields.serialize_field("slug", &self.slug)?;
        fields.serialize_field("settings", &self.settings)?;
        if has_reason {
            fields.serialize_field("reason", &self.reason)?;
        }
        fields.end()
    }
}

/// A step worth applying, with its reason and what it would touch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Suggestion {
    /// What would be applied.
    pub call: StepCall,
    /// A verb with an object: "Fill income by age group".
    pub title: String,
    /// Why, in one sentence with figures.
    pub reason: String,
    /// Rows it would touch.
    pub n_rows: u64,
    /// Cells it would touch.
    pub n_cells: u64,
    /// Part of the suggested way (applied by "Apply all" and by the command line).
    pub recommended: bool,
}

impl Suggestion {
    /// The call with its reason, as it goes into a recipe.
    pub fn reasoned(&self) -> StepCall {
        StepCall { reason: Some(self.reason.clone()), ..self.call.clone() }
    }
}

/// Whether a table has what a step takes when nothing is chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepStanding {
    /// Which step.
    pub slug: String,
    /// Columns it would compute from; empty where they are to be chosen.
    pub takes: Vec<String>,
    /// What is not there, in words; `None` when it can be made.
    pub missing: Option<String>,
}

/// What a step did, for the ledger.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Effect {
    /// Past tense, with figures: "Filled 24 missing incomes with the median of each age group".
    pub sentence: String,
    /// Rows touched or removed.
    pub n_rows: u64,
    /// Cells changed.
    pub n_cells: u64,
    /// Rows of the table it got.
    pub rows_before: u64,
    /// Rows of the table it gave.
    pub rows_after: u64,
    /// Names of new columns.
    pub columns_added: Vec<String>,
    /// Names of columns that are gone.
    pub columns_removed: Vec<String>,
    /// The first 100 touched cells: file row (from 1), column, before, after.
    pub examples: Vec<CellChange>,
    /// Undefined results and why: "CTR is missing in 3 rows without impressions".
    pub notes: Vec<String>,
    /// Columns that new or changed columns were computed from.
    #[serde(default)]
    pub columns_used: Vec<String>,
    /// Nothing at all is different afterwards.
    #[serde(default)]
    pub is_idle: bool,
    /// The same in Python; empty for corrections of kind, role and type.
    #[serde(default)]
    pub python: String,
    /// The sentence and the notes as they are shared without the names of small groups; `None` where neither they, nor the
    /// settings, nor the code name one.
    #[serde(default)]
    pub shared: Option<Shared>,
    /// Settings in which a small group is named.
    #[serde(default)]
    pub named_in: Vec<String>,
}

impl Effect {
    /// The effect once its sentence and notes are written.
    pub(super) fn told(mut self) -> Self {
        self.shared = Shared::of(&mut self.sentence, &mut self.notes);
        self
    }
}

/// One touched cell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CellChange {
    /// Number of the row in the file, from 1.
    pub row: u64,
    /// Name of the column.
    pub column: String,
    /// The cell as it was; empty when missing.
    pub before: String,
    /// The cell as it is; empty when missing.
    pub after: String,
}

/// What comes out of a step.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The changed table.
    pub table: Table,
    /// What was done.
    pub effect: Effect,
}

/// A column that a step filled with the help of other columns, without becoming one that was computed from them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Informed {
    /// The column that was filled.
    pub column: String,
    /// The columns that told with what, and what those were computed from.
    pub by: Vec<String>,
}

/// The rows a step may learn from. A step that estimates anything (a mean, a fence, a level list, a quantile) must use
/// these rows alone, and then applies what it learnt to every row.
#[derive(Debug, Clone, Copy)]
pub enum LearnFrom<'a> {
    /// Exploring: every row.
    All,
    /// Modelling: `rows[id]` says whether the row with that file number is a training row.
    Training(&'a [bool]),
}

impl LearnFrom<'_> {
    /// Positions of the rows of `table` to learn from, in order.
    pub fn rows(&self, table: &Table) -> Vec<u32> {
        match self {
            Self::All => (0..table.n_rows() as u32).collect(),
            Self::Training(is_training) => (0..table.n_rows() as u32)
                .filter(|&r| is_training.get(table.row_ids()[r as usize] as usize).copied().unwrap_or(false))
                .collect(),
        }
    }
}

/// Why a step could not be applied.
#[derive(Debug, Clone, PartialEq)]
pub enum StepError {
    /// The table refused the change.
    Table(TableError),
    /// A setting is refused.
    Knob(KnobError),
    /// The user stopped it.
    Stopped,
    /// No step has this slug.
    Unknown {
        /// The slug that was asked for.
        slug: String,
    },
    /// A column has the wrong type for this step.
    WrongType {
        /// Name of the column.
        column: String,
        /// What it holds, in words.
        found: &'static str,
        /// What is needed, in words.
        expected: &'static str,
    },
    /// A role this feature needs is on no column.
    MissingRole {
        /// Label of the role.
        role: &'static str,
        /// Title of the feature.
        feature: &'static str,
    },
    /// Nothing would be left.
    NothingLeft {
        /// "rows" or "columns".
        what: &'static str,
    },
    /// Cannot be done, in words of the step: what and what to try.
    Refused {
        /// The whole sentence.
        reason: String,
    },
}

impl std::fmt::Display for StepError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Table(e) => e.fmt(f),
            Self::Knob(e) => e.fmt(f),
            Self::Stopped => Stopped.fmt(f),
            Self::Unknown { slug } => write!(f, "this version knows no step named “{slug}”"),
            Self::WrongType { column, found, expected } => {
                write!(f, "column “{column}” holds {found}, but this needs {expected}")
            }
            Self::MissingRole { role, feature } => write!(f, "{feature} needs a column with the role {role}"),
            Self::NothingLeft { what } => write!(f, "no {what} would be left"),
            Self::Refused { reason } => f.write_str(reason),
        }
    }
}

impl std::error::Error for StepError {}

impl From<TableError> for StepError {
    fn from(e: TableError) -> Self {
        Self::Table(e)
    }
}
impl From<KnobError> for StepError {
    fn from(e: KnobError) -> Self {
        Self::Knob(e)
    }
}
impl From<Stopped> for StepError {
    fn from(_: Stopped) -> Self {
        Self::Stopped
    }
}

/// One kind of change to a table.
pub trait Step: Sync {
    /// Key in recipes, snake_case, unique over cleaning and features.
    fn slug(&self) -> &'static str;
    /// Verb with object, sentence case: "Fill missing values".
    fn title(&self) -> &'static str;
    /// What it is called once its settings say which of several things it does: "Flag outliers".
    fn title_for(&self, settings: &Settings) -> &'static str {
        let _ = settings;
        self.title()
    }
    /// One plain sentence.
    fn help(&self) -> &'static str;
    /// Declared settings.
    fn knobs(&self) -> Vec<Knob>;
    /// Whether it estimates something from the rows, and so must be learnt anew in every fold.
    fn learns(&self, _settings: &Settings) -> bool {
        false
    }
    /// Whether all it does to the rows and columns of a file is to declare cells missing. Every other cleaning step leaves what
    /// models are scored against alone.
    fn only_blanks(&self) -> bool {
        false
    }
    /// Columns whose values tell with what others are filled: who knows them knows something of a filled cell.
    fn informants(&self, _settings: &Settings) -> Vec<String> {
        Vec::new()
    }
    /// Calls worth making on this table, best first.
    fn suggest(&self, table: &Table) -> Vec<Suggestion>;
    /// Applies it. Never panics on data; settings are checked against the knobs before.
    fn apply(
        &self,
        table: &Table,
        settings: &Settings,
        learn: LearnFrom<'_>,
        ctx: &Ctx<'_>,
    ) -> Result<Outcome, StepError>;
    /// The same as a few lines of Python over a pandas frame `df`, in which dates are dates. Names and figures that are
    /// found in `table` (a column by its role, a fence, the levels) are written out.
    fn python(&self, table: &Table, settings: &Settings) -> String;
}
