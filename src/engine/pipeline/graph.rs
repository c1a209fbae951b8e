//! The recipe as a graph of steps, with what went in and out of each.

use serde::{Deserialize, Serialize};

/// A node: one step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Node {
    pub id: String,
    /// Ids of the nodes whose output it takes.
    pub inputs: Vec<String>,
    /// "data", "step", "explore", "model", "segment", "decision", "report".
    pub kind: String,
    pub title: String,
    /// "2,240 x 30 → 2,240 x 41", or metrics.
    pub detail: String,
    /// "done", "failed", "stale", "not run".
    pub state: String,
}
