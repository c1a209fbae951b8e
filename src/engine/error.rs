//! The one error that leaves the engine.

use super::{
    context::Stopped,
    data::{reader::ReadError, table::TableError},
    models::family::ModelError,
    pipeline::recipe::RecipeError,
    step::StepError,
    task::TaskError,
};

/// Whatever can go wrong in the engine. `host::notice` turns it into words with a remedy.
#[derive(Debug, Clone, PartialEq)]
pub enum EngineError {
    Read(ReadError),
    Table(TableError),
    Step(StepError),
    Model(ModelError),
    Task(TaskError),
    Recipe(RecipeError),
    Segment(super::segments::SegmentError),
    Report(super::report::ReportError),
    /// Something was asked of results that are not there yet ("no segments").
    NotReady {
        what: &'static str,
    },
    Stopped,
}

impl std::fmt::Display for EngineError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Read(e) => e.fmt(f),
            Self::Table(e) => e.fmt(f),
            Self::Step(e) => e.fmt(f),
            Self::Model(e) => e.fmt(f),
            Self::Task(e) => e.fmt(f),
            Self::Recipe(e) => e.fmt(f),
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
    Table(TableError);
    Step(StepError);
    Model(ModelError);
    Task(TaskError);
    Recipe(RecipeError);
    Segment(super::segments::SegmentError);
    Report(super::report::ReportError);
}

impl From<Stopped> for EngineError {
    fn from(_: Stopped) -> Self {
        Self::Stopped
    }
}
