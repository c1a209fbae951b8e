//! The versioned storage form of runs: it outlives the build that wrote it.

use serde::{Deserialize, Serialize};

use super::run::RunRecord;

/// Version of the storage form. Raised when an older reader could misread it.
pub const SAVED_VERSION: u32 = 1;

/// A run in its envelope.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Saved {
    /// Version of the form, [`SAVED_VERSION`] when written now.
    pub version: u32,
    /// The run itself.
    pub run: RunRecord,
}

impl Saved {
    /// In the envelope of this build.
    pub fn new(run: RunRecord) -> Self {
        Self { version: SAVED_VERSION, run }
    }
}

/// A stored run that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SavedError {
    /// Not JSON, or not of this form; with the place.
    Unreadable {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// What the JSON reader says.
        message: String,
    },
    /// Written by a later Assay.
    NewerVersion {
        /// Version of the stored run.
        found: u64,
        /// The latest this build can read.
        known: u32,
    },
}

impl std::fmt::Display for SavedError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unreadable { line, column, message } => {
                write!(f, "the stored run cannot be read at line {line}, column {column}: {message}")
            }
            Self::NewerVersion { found, known } => {
                write!(f, "the stored run has version {found}, this Assay knows up to {known}")
            }
        }
    }
}

impl std::error::Error for SavedError {}

/// A run as JSON text in its envelope.
pub fn write(run: &RunRecord) -> String {
    serde_json::to_string_pretty(&Saved::new(run.clone())).unwrap_or_default()
}

/// Reads a run from JSON text.
pub fn read(text: &str) -> Result<RunRecord, SavedError> {
    let unreadable = |e: serde_json::Error| SavedError::Unreadable {
        line: e.line(),
        column: e.column(),
        message: e.to_string(),
    };
    let value: serde_json::Value = serde_json::from_str(text).map_err(unreadable)?;
    // A newer record may not even have this form, so its version is looked at first.
    if let Some(found) = value.get("version").and_then(serde_json::Value::as_u64)
        && found > u64::from(SAVED_VERSION)
    {
        return Err(SavedError::NewerVersion { found, known: SAVED_VERSION });
    }
    serde_json::from_str::<Saved>(text).map(|saved| saved.run).map_err(unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::pipeline::{recipe::Recipe, run::RunKind};

    fn run() -> RunRecord {
        RunRecord {
            id: "0001".into(),
            kind: RunKind::Model,
            name: "Purchases: linear regression".into(),
            started_at: 1_780_000_000_123.0,
            duration_ms: 812.5,
            file_name: "ads.csv".into(),
            data_fingerprint: "00ff00ff00ff00ff".into(),
            n_rows: 1143,
            n_columns: 11,
            recipe: Recipe::default(),
            version: "0.1.0".into(),
            metrics: vec![("R², linear regression".into(), 0.470_123_456_789_012_3)],
            chosen: "linear regression".into(),
            summary: "Linear regression wins.".into(),
            graph: Vec::new(),
        }
    }

    #[test]
    fn a_run_comes_back_bit_for_bit() {
        assert_eq!(read(&write(&run())).unwrap(), run());
    }

    #[test]
    fn a_newer_run_is_named_as_such_even_in_another_form() {
        assert_eq!(
            read(r#"{"version": 7, "runs": []}"#),
            Err(SavedError::NewerVersion { found: 7, known: SAVED_VERSION })
        );
    }

    #[test]
    fn broken_json_is_named_with_its_place() {
        for text in ["", "{", "[1]", r#"{"version": 1}"#, "\u{0}"] {
            assert!(matches!(read(text), Err(SavedError::Unreadable { .. })), "{text}");
        }
        let Err(SavedError::Unreadable { line, .. }) = read("{\n  \"version\": 1,\n  ?") else { panic!() };
        assert_eq!(line, 3);
    }

    #[test]
    fn a_record_of_an_earlier_build_can_be_read() {
        let text = write(&run())
            .replace(",\n    \"graph\": []", "")
            .replace("    \"chosen\": \"linear regression\",\n", "");
        assert!(!text.contains("graph") && !text.contains("chosen"));
        assert_eq!(read(&text).unwrap(), RunRecord { chosen: String::new(), ..run() });
    }
}
