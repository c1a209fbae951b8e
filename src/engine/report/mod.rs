//! Reports: everything that was found, as a format-free document, and the formats it can be written in.
//!
//! A new format is a new file in `export/`, its `mod` line and its entry in [`export::EXPORTERS`].

pub mod build;
pub mod document;
pub mod export;
pub mod mask;
pub mod record;
#[cfg(test)]
mod sample;

/// Why a report could not be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReportError {
    /// No exporter has this slug.
    UnknownFormat {
        /// The slug that was asked for.
        slug: String,
    },
}

impl std::fmt::Display for ReportError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::UnknownFormat { slug } => write!(f, "this version writes no format named “{slug}”"),
        }
    }
}

impl std::error::Error for ReportError {}
