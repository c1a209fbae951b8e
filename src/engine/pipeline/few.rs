//! Whether a step names small groups in its settings or its code: what is shared without them leaves both out.

use crate::engine::{
    data::{
        column::{Column, Values},
        table::Table,
    },
    disclosure,
    features::formula,
    knobs::{Knob, KnobKind, Setting},
    step::StepCall,
    step_kit::{py, py_series, typed_number},
};

/// Settings of a call that hold a value which few rows of the table have in a column that the call is about.
pub(super) fn named_in(table: &Table, call: &StepCall, knobs: &[Knob]) -> Vec<String> {
    let mut columns: Vec<&Column> = Vec::new();
    for setting in call.settings.0.values() {
        let names = match setting {
            Setting::Text(name) => std::slice::from_ref(name),
            Setting::Texts(names) => names,
            _ => &[],
        };
        columns.extend(names.iter().filter_map(|name| table.column(name).ok()).map(AsRef::as_ref));
    }
    let is_few = |value: &str| columns.iter().any(|column| are_few(column, value));
    let names_few = |(slug, setting): (&String, &Setting)| {
        let kind = knobs.iter().find(|k| k.slug == *slug).map(|k| &k.kind);
        match (kind, setting) {
            // The name of a new column is no value.
            (Some(KnobKind::Text | KnobKind::Order { .. } | KnobKind::Value { .. }), Setting::Text(text))
                if slug != "name" =>
            {
                // A list of values is one text.
                is_few(text) || text.split(';').any(|value| is_few(value.trim()))
            }
            (Some(KnobKind::Numbers), Setting::Numbers(values)) => {
                values.iter().any(|value| is_few(&value.to_string()))
            }
            (Some(KnobKind::Formula), Setting::Text(text)) => formula::names_few(text, table),
            _ => false,
        }
    };
    let settings = call.settings.0.iter().filter(|entry| names_few(*entry));
    settings.map(|(slug, _)| slug.clone()).collect()
}

/// Whether few rows have a value, or, where none has it, a text with it in it.
fn are_few(column: &Column, value: &str) -> bool {
    // 12,5 where a comma separates decimals.
    let number = typed_number(value, true).filter(|_| matches!(column.values, Values::Number(_)));
    let mut n = column.n_rows_with(&number.map_or_else(|| value.to_owned(), |n| n.to_string()));
    if let (0, false, Some(d)) = (n, value.is_empty(), column.dictionary()) {
        let part = value.to_lowercase();
        let counts = d.levels.iter().zip(d.counts());
        n = counts.filter(|(level, _)| level.to_lowercase().contains(&part)).map(|(_, n)| n).sum();
    }
    disclosure::is_small(n)
}

/// Whether code holds a level of a column that few rows of the table have.
pub(super) fn is_in_code(table: &Table, code: &str) -> bool {
    let is_there = |level: &str| {
        // Numbers stand in code without quotes: what is one of its numbers by chance is left out too.
        let is_number = level.parse::<f64>().is_ok();
        code.contains(&py(level)) || (is_number && code.contains(level))
    };
    table.columns().iter().filter(|c| code.contains(&py_series(&c.name))).any(|column| {
        let Some(d) = column.dictionary() else { return false };
        d.levels.iter().zip(d.counts()).any(|(level, n)| disclosure::is_small(n) && is_there(level))
    })
}
