//! The recipe as a graph of steps, with what went in and out of each.

use serde::{Deserialize, Serialize};

use crate::engine::{
    step::Effect,
    words::{list_some, size},
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
    /// "2,240 × 30 → 2,240 × 31: Age", or metrics.
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
        f.write_str(&size(self.n_rows, self.n_columns))
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
            (None, Some(effect)) => {
                let names = touched(effect);
                let colon = if names.is_empty() { "" } else { ": " };
                (format!("{before} → {size}{colon}{}", list_some(&names)), "done")
            }
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

/// The columns a step made, removed or changed, as far as its examples tell; dropped rows are none of a column.
fn touched(effect: &Effect) -> Vec<&String> {
    let mut names: Vec<&String> = effect.columns_added.iter().chain(&effect.columns_removed).collect();
    for name in effect.examples.iter().map(|e| &e.column).filter(|_| effect.rows_before == effect.rows_after)
    {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
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
        assert_eq!(details[0], "2,240 × 30");
        assert_eq!(details[1], "2,240 × 30 → 2,216 × 28: Z_Revenue and Z_CostContact");
        assert_eq!(nodes[2].state, "failed");
        assert_eq!(details[3], "2,216 × 28 → 2,216 × 29: Age and Income");
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
