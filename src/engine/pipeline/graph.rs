//! The recipe as a graph of steps, with what went in and out of each.

use serde::{Deserialize, Serialize};

use crate::engine::{
    step::Effect,
    words::{count, counted, list_some},
};

/// A node: one step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// Unique within the graph.
    pub id: String,
    /// Ids of the nodes whose output it takes.
    pub inputs: Vec<String>,
    /// "data", "step", "explore", "model", "segment", "decision", "report".
    pub kind: String,
    /// What the step is called.
    pub title: String,
    /// "24 rows dropped, 2,216 left; Age added", or metrics.
    pub detail: String,
    /// "done", "failed", "stale", "not run".
    pub state: String,
}

/// Rows and columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Rows.
    pub n_rows: u64,
    /// Columns.
    pub n_columns: u64,
}

impl std::fmt::Display for Size {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}, {}", counted(self.n_rows, "row", "rows"), counted(self.n_columns, "column", "columns"))
    }
}

/// One step of the recipe: what it is called, and what it did or why it failed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GraphStep<'a> {
    /// What it is called.
    pub title: &'a str,
    /// What it did; `None` when it failed or was not carried out.
    pub effect: Option<&'a Effect>,
    /// Why it failed.
    pub failure: Option<&'a str>,
}

/// Where one of the results stands.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Standing {
    /// Nobody asked for it yet.
    #[default]
    NotRun,
    /// Made from the recipe as it is; a few words on what came out.
    Done(String),
    /// Made before the recipe changed.
    Stale(String),
}

impl Standing {
    fn into_parts(self) -> (String, &'static str) {
        match self {
            Self::NotRun => (String::new(), "not run"),
            Self::Done(detail) => (detail, "done"),
            Self::Stale(detail) => (detail, "stale"),
        }
    }

    fn is_there(&self) -> bool {
        *self != Self::NotRun
    }
}

/// What was made from the prepared table.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Results {
    /// The exploration.
    pub explore: Standing,
    /// The model comparison.
    pub model: Standing,
    /// The segments.
    pub segment: Standing,
    /// The decision.
    pub decision: Standing,
}

/// The graph: data, each step in order, then what was made from the last one, the decision and the report.
///
/// The size of a table after a step follows from the effects; a step that failed passes on what it got.
pub fn graph(file_name: &str, raw: Size, steps: &[GraphStep<'_>], results: Results) -> Vec<Node> {
    let mut nodes = vec![Node {
        id: "data".to_owned(),
        inputs: Vec::new(),
        kind: "data".to_owned(),
        title: file_name.to_owned(),
        detail: raw.to_string(),
        state: "done".to_owned(),
    }];
    let mut size = raw;
    let mut last = "data".to_owned();
    for (i, step) in steps.iter().enumerate() {
        let before = size;
        if let Some(effect) = step.effect {
            size = after(before, effect);
        }
        let (detail, state) = match (step.failure, step.effect) {
            (Some(reason), _) => (reason.to_owned(), "failed"),
            (None, Some(effect)) => (what_changed(before, size, effect), "done"),
            (None, None) => (String::new(), "not run"),
        };
        let id = format!("step-{}", i + 1);
        nodes.push(Node {
            id: id.clone(),
            inputs: vec![last],
            kind: "step".to_owned(),
            title: step.title.to_owned(),
            detail,
            state: state.to_owned(),
        });
        last = id;
    }

    let decision_takes = match (results.segment.is_there(), results.explore.is_there()) {
        (true, _) => "segment",
        (false, true) => "explore",
        (false, false) => last.as_str(),
    }
    .to_owned();
    let mut made = Vec::new();
    let all = [
        ("explore", "Explore", last.clone(), results.explore),
        ("model", "Compare models", last.clone(), results.model),
        ("segment", "Find segments", last.clone(), results.segment),
        ("decision", "Decide", decision_takes, results.decision),
    ];
    for (kind, title, input, standing) in all {
        if standing.is_there() {
            made.push(kind.to_owned());
        }
        let (detail, state) = standing.into_parts();
        nodes.push(Node {
            id: kind.to_owned(),
            inputs: vec![input],
            kind: kind.to_owned(),
            title: title.to_owned(),
            detail,
            state: state.to_owned(),
        });
    }
    let detail = match made.len() {
        0 => "the data alone".to_owned(),
        n => format!("{n} of 4 parts"),
    };
    let inputs = if made.is_empty() { vec![last] } else { made };
    nodes.push(Node {
        id: "report".to_owned(),
        inputs,
        kind: "report".to_owned(),
        title: "Report".to_owned(),
        detail,
        state: "done".to_owned(),
    });
    nodes
}

/// "24 rows dropped, 2,216 left; Z_Revenue dropped; Age added": what a step did to rows and columns, as far as its
/// examples tell. A column that is both removed and added was changed.
fn what_changed(before: Size, after: Size, effect: &Effect) -> String {
    let (added, removed) = (&effect.columns_added, &effect.columns_removed);
    let mut parts = Vec::new();
    if after.n_rows < before.n_rows {
        let n = counted(before.n_rows - after.n_rows, "row", "rows");
        parts.push(format!("{n} dropped, {} left", count(after.n_rows)));
    } else if after.n_rows > before.n_rows {
        parts.push(format!("{} added", counted(after.n_rows - before.n_rows, "row", "rows")));
    }
    let mut changed: Vec<&String> = removed.iter().filter(|name| added.contains(name)).collect();
    // Cells of dropped rows are changes of no column.
    let cells = effect.examples.iter().filter(|_| effect.rows_before == effect.rows_after);
    for name in cells.map(|e| &e.column) {
        if !changed.contains(&name) && !added.contains(name) && !removed.contains(name) {
            changed.push(name);
        }
    }
    let gone: Vec<&String> = removed.iter().filter(|name| !added.contains(name)).collect();
    let new: Vec<&String> = added.iter().filter(|name| !removed.contains(name)).collect();
    for (names, word) in [(gone, "dropped"), (new, "added"), (changed, "changed")] {
        if !names.is_empty() {
            parts.push(format!("{} {word}", list_some(&names)));
        }
    }
    if parts.is_empty() { "nothing changed".to_owned() } else { parts.join("; ") }
}

/// Size of a table after a step. A column that is both removed and added was replaced.
fn after(before: Size, effect: &Effect) -> Size {
    let n_columns = (before.n_columns + effect.columns_added.len() as u64)
        .saturating_sub(effect.columns_removed.len() as u64);
    // Steps that leave the rows alone may not say how many there are.
    let n_rows = if effect.rows_before == effect.rows_after { before.n_rows } else { effect.rows_after };
    Size { n_rows, n_columns }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::step::CellChange;

    const RAW: Size = Size { n_rows: 2240, n_columns: 30 };

    fn effect(rows_after: u64, added: &[&str], removed: &[&str]) -> Effect {
        Effect {
            rows_before: 2240,
            rows_after,
            columns_added: added.iter().map(|s| (*s).to_owned()).collect(),
            columns_removed: removed.iter().map(|s| (*s).to_owned()).collect(),
            ..Effect::default()
        }
    }

    #[test]
    fn sizes_follow_from_the_effects() {
        let (mut drop, mut add) =
            (effect(2216, &[], &["Z_Revenue", "Z_CostContact"]), effect(2240, &["Age"], &[]));
        let cell = |column: &str| CellChange {
            row: 1,
            column: column.to_owned(),
            before: String::new(),
            after: "1".to_owned(),
        };
        drop.examples = vec![cell("Year")];
        add.examples = ["Age", "Income", "Income"].map(cell).to_vec();
        let steps = [
            GraphStep { title: "Drop rows", effect: Some(&drop), failure: None },
            GraphStep { title: "Broken", effect: None, failure: Some("there is no column named “x”") },
            GraphStep { title: "Age", effect: Some(&add), failure: None },
        ];
        let nodes = graph("customers.csv", RAW, &steps, Results::default());
        let details: Vec<&str> = nodes.iter().map(|n| n.detail.as_str()).collect();
        assert_eq!(details[0], "2,240 rows, 30 columns");
        assert_eq!(details[1], "24 rows dropped, 2,216 left; Z_Revenue and Z_CostContact dropped");
        assert_eq!(nodes[2].state, "failed");
        assert_eq!(details[3], "Age added; Income changed");
        assert_eq!(nodes[3].inputs, ["step-2"]);
    }

    #[test]
    fn every_input_is_a_node_before_it() {
        for results in [
            Results::default(),
            Results { explore: Standing::Done("12 findings".into()), ..Results::default() },
            Results {
                explore: Standing::Done("12 findings".into()),
                model: Standing::Stale("R² 0.47".into()),
                segment: Standing::Done("k = 2".into()),
                decision: Standing::Done("contact 372".into()),
            },
        ] {
            let nodes = graph("a.csv", RAW, &[], results);
            for (i, node) in nodes.iter().enumerate() {
                for input in &node.inputs {
                    assert!(nodes[..i].iter().any(|n| &n.id == input), "{} takes {input}", node.id);
                }
            }
            assert_eq!(nodes.last().map(|n| n.kind.as_str()), Some("report"));
        }
    }

    #[test]
    fn a_result_made_before_a_change_is_stale() {
        let results = Results { model: Standing::Stale("R² 0.47".into()), ..Results::default() };
        let nodes = graph("a.csv", RAW, &[], results);
        let model = nodes.iter().find(|n| n.kind == "model").unwrap();
        assert_eq!((model.state.as_str(), model.detail.as_str()), ("stale", "R² 0.47"));
        assert_eq!(nodes.last().unwrap().inputs, ["model"]);
    }
}
