//! The part of the models' section that says why the model predicts what it predicts, and how far to trust it.

use super::blocks::{details, table};
use crate::engine::{
    models::{
        explain::{Explanation, Intervals},
        family::Link,
        outcome::Outcome,
    },
    report::document::Block,
    words::{NOTHING, count, decimals, number, optional, percent, percent_interval, points, share},
};

pub(super) fn explanation(found: &Explanation) -> Vec<Block> {
    let mut blocks = vec![
        Block::Heading(format!(
            "What drives the prediction of {}",
            crate::engine::words::in_sentence(&found.title)
        )),
        Block::Paragraph(found.words.join(" ")),
    ];
    blocks.extend(found.claims.iter().cloned().map(|c| Block::Claim(Box::new(c))));
    match (&found.shap, &found.without_shap) {
        (Some(shap), _) => {
            let rows = shap.columns.iter().map(|c| {
                vec![
                    c.name.clone(),
                    number(c.mean_size),
                    c.leaning.map_or_else(|| NOTHING.to_owned(), |r| decimals(r, 2)),
                ]
            });
            blocks.push(table(
                &format!(
                    "SHAP values of {} rows: how far each column moves {}, from {}",
                    count(shap.n_rows),
                    found.link.words(),
                    found.show_base(shap.base)
                ),
                &["Column", "Mean size", "Rank correlation with its values"],
                rows.collect(),
            ));
        }
        (None, Some(why)) => blocks.push(Block::Paragraph(format!("There are no SHAP values. {why}"))),
        (None, None) => {}
    }
    match (&found.intervals, &found.without_intervals) {
        (Some(intervals), _) => blocks.push(coverage(intervals)),
        (None, Some(why)) => {
            blocks.push(Block::Paragraph(format!("There are no prediction intervals. {why}")))
        }
        (None, None) => {}
    }
    blocks.extend(curves(found));
    blocks.extend(rows(found));
    blocks
}

fn coverage(intervals: &Intervals) -> Block {
    let rows = intervals.levels.iter().map(|l| {
        let parts: Vec<String> = l.parts.iter().map(|(n, covered)| share(*covered, *n)).collect();
        vec![
            percent(l.level),
            share(l.covered, l.n),
            l.interval.map_or_else(|| NOTHING.to_owned(), percent_interval),
            count(l.n),
            parts.join(", "),
            number(l.mean_width),
        ]
    });
    let by = if intervals.by_fold { "By fold" } else { "By half" };
    table(
        "Prediction intervals on rows they were not made from",
        &["Meant for", "Held", "95 % interval", "Rows", by, "Mean width"],
        rows.collect(),
    )
}

/// What the curves say, with the figures behind them.
fn curves(found: &Explanation) -> Option<Block> {
    let mut inside = Vec::new();
    let show = |v: f64| found.outcome.show(v);
    for curve in &found.dependence {
        let mut text = curve.sentence.clone();
        if let Some(caution) = &curve.caution {
            text += &format!(" {caution}");
        }
        inside.push(Block::Paragraph(text));
        let rows = curve
            .points
            .iter()
            .map(|p| vec![p.label.clone(), show(p.mean), show(p.range.0), show(p.range.1), count(p.n)]);
        inside.push(table(
            &format!("Mean prediction over values of {}", curve.column),
            &[&curve.column, "Mean prediction", "One row in ten below", "One row in ten above", "Rows"],
            rows.collect(),
        ));
    }
    (!inside.is_empty()).then(|| details("Predictions over the values of each column", inside))
}

/// The rows taken apart, and those missed most.
fn rows(found: &Explanation) -> Option<Block> {
    let mut inside = Vec::new();
    let is_probability = found.outcome == Outcome::YesNo && found.link == Link::Identity;
    let moved = |by: f64| if is_probability { points(by) } else { number(by) };
    for row in &found.examples {
        let what = match row.slug.as_str() {
            "typical" => "A typical prediction",
            "highest" => "The highest prediction",
            _ => "The row missed most",
        };
        let caption = format!(
            "{what}: row {}, {} predicted, {} in the file; from {} each column moves {} by",
            count(u64::from(row.row) + 1),
            found.outcome.show(row.predicted),
            found.outcome.show_actual(row.actual),
            found.show_base(row.base),
            found.link.words()
        );
        let parts = row.parts.iter().map(|p| vec![p.column.clone(), p.value.clone(), moved(p.by)]);
        inside.push(table(&caption, &["Column", "Value", "Moves it by"], parts.collect()));
    }
    if !found.misses.is_empty() {
        let misses = found.misses.iter().map(|m| {
            vec![
                count(u64::from(m.row) + 1),
                found.outcome.show_actual(m.actual),
                found.outcome.show(m.predicted),
                match found.outcome {
                    Outcome::Amount => optional(Some(m.actual - m.predicted)),
                    Outcome::YesNo => points(m.actual - m.predicted),
                },
            ]
        });
        let header = ["File row", "Actual", "Held-out prediction", "Error"];
        inside.push(table("The rows missed most", &header, misses.collect()));
    }
    (!inside.is_empty()).then(|| details("Single rows", inside))
}
