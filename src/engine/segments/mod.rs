//! Segments: k-means over scaled columns, how many, how stable, and who is in each.

pub mod choices;
pub mod choose;
pub mod job;
pub mod kmeans;
pub mod matrix;
pub mod profile;
pub mod quality;
#[cfg(test)]
pub(crate) mod reference;
pub mod segmentation;
pub mod view;

/// Why a clustering could not be made.
#[derive(Debug, Clone, PartialEq)]
pub enum SegmentError {
    /// No column is left to cluster on.
    NoColumns,
    /// The table has no such column.
    NoSuchColumn {
        /// Name that was asked for.
        name: String,
    },
    /// Fewer rows than the smallest k needs.
    TooFewRows {
        /// The fewest that would do.
        needed: usize,
        /// How many there are.
        got: usize,
    },
    /// All rows are alike in the chosen columns.
    NoSpread,
    /// A parallel task gave no output.
    Task(crate::engine::task::TaskError),
    /// The user stopped it.
    Stopped,
}

impl std::fmt::Display for SegmentError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoColumns => write!(f, "no column is chosen to cluster on"),
            Self::NoSuchColumn { name } => write!(f, "there is no column named “{name}”"),
            Self::TooFewRows { needed, got } => {
                write!(f, "{got} different rows are too few for {needed} segments")
            }
            Self::NoSpread => write!(f, "all rows are alike in the chosen columns"),
            Self::Task(e) => e.fmt(f),
            Self::Stopped => write!(f, "the work was stopped"),
        }
    }
}

impl std::error::Error for SegmentError {}
