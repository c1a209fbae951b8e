//! The one error that leaves the engine.

use super::{
    context::Stopped,
    data::{combine::CombineError, reader::ReadError, table::TableError},
    models::family::ModelError,
    step::StepError,
    task::TaskError,
};

/// Whatever can go wrong in the engine. `host::notice` turns it into words with a remedy.
#[derive(Debug, Clone, PartialEq)]
pub enum EngineError {
    /// A file could not be read as a table.
    Read(ReadError),
    /// Files could not be put together.
    Combine(CombineError),
    /// A table could not be made or changed.
    Table(TableError),
    /// A cleaning step or feature could not be applied.
    Step(StepError),
    /// A model could not be fitted.
    Model(ModelError),
    /// A parallel task gave no output.
    Task(TaskError),
    /// Segments could not be made.
    Segment(super::segments::SegmentError),
    /// A report could not be written.
    Report(super::report::ReportError),
    /// Something was asked of results that are not there yet ("no segments").
    NotReady {
        /// What is needed first: "a table".
        what: &'static str,
    },
    /// The user stopped it.
    Stopped,
}

impl std::fmt::Display for EngineError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Read(e) => e.fmt(f),
            Self::Combine(e) => e.fmt(f),
            Self::Table(e) => e.fmt(f),
            Self::Step(e) => e.fmt(f),
            Self::Model(e) => e.fmt(f),
            Self::Task(e) => e.fmt(f),
            Self::Segment(e) => e.fmt(f),
            Self::Report(e) => e.fmt(f),
            Self::NotReady { what } => write!(f, "there are no {what} yet"),
            Self::Stopped => Stopped.fmt(f),
        }
    }
}

impl std::error::Error for EngineError {}

macro_rules! from {
    ($($variant:ident($error:ty);)*) => {
        $(impl From<$error> for EngineError { fn from(e: $error) -> Self { Self::$variant(e) } })*
    };
}

from! {
    Read(ReadError);
    Combine(CombineError);
    Table(TableError);
    Step(StepError);
    Model(ModelError);
    Task(TaskError);
    Segment(super::segments::SegmentError);
    Report(super::report::ReportError);
}

impl From<Stopped> for EngineError {
    fn from(_: Stopped) -> Self {
        Self::Stopped
    }
}
