//! A run: what happened when a model comparison or a clustering was carried out.

use super::recipe::Recipe;
use serde::{Deserialize, Serialize};

/// What was run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunKind {
    Model,
    Segment,
}

/// One run, as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// Unique; sorts by time.
    pub id: String,
    pub kind: RunKind,
    /// Given by the user, at first "Purchases: linear regression".
    pub name: String,
    /// Milliseconds since 1970.
    pub started_at: f64,
    pub duration_ms: f64,
    pub file_name: String,
    pub data_fingerprint: String,
    pub n_rows: u64,
    pub n_columns: u64,
    pub recipe: Recipe,
    /// Version of Assay.
    pub version: String,
    /// Named results, in the order shown: ("R², random forest", 0.35).
    pub metrics: Vec<(String, f64)>,
    /// One sentence.
    pub summary: String,
}
