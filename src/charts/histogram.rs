//! Histogram of one column: how its values are spread.

use charming::series::Bar;
use serde_json::Value;

use super::{
    ChartMaker, ChartRequest, ChartSource, Picture, Theme, numeric_columns,
    option::{Caption, Sheet, category_axis, plain_axis, value_axis},
};
use crate::engine::{
    json::json,
    statistics::exploration::NumericStatistics,
    words::{count, percent},
};

/// Argument: the column.
pub struct Histogram;

/// A report shows the columns it speaks of, not every column.
const MOST_OFFERED: usize = 6;

impl ChartMaker for Histogram {
    fn slug(&self) -> &'static str {
        "histogram"
    }

    fn offers(&self, source: &ChartSource<'_>) -> Vec<ChartRequest> {
        let columns = numeric_columns(source);
        let mut wanted: Vec<String> = told_of(source);
        wanted.retain(|c| columns.contains(c));
        if wanted.is_empty() {
            wanted = columns;
        }
        let mut seen = std::collections::BTreeSet::new();
        wanted.retain(|c| seen.insert(c.clone()));
        wanted.truncate(MOST_OFFERED);
        wanted.into_iter().map(|c| ChartRequest::new(self.slug(), [c])).collect()
    }

    fn draw(&self, source: &ChartSource<'_>, args: &[String], theme: &Theme) -> Option<Picture> {
        let column = args.first()?;
        let statistics = source.exploration?.columns.iter().find(|c| &c.name == column)?;
        let numeric = statistics.numeric.as_ref()?;
        let (edges, counts) = (&numeric.histogram_edges, &numeric.histogram_counts);
        if counts.is_empty() || edges.len() != counts.len() + 1 {
            return None;
        }
        let total: u64 = counts.iter().sum();
        let number = |v: f64| numeric.show(v);
        // Bins of whole numbers end half-way between them: they are named by the numbers they hold.
        let is_whole = edges.iter().all(|e| (e - 0.5).fract() == 0.0);
        let range = |e: &[f64]| {
            let (low, high) = if is_whole { (e[0].ceil(), e[1].floor()) } else { (e[0], e[1]) };
            if low == high { number(low) } else { format!("{} to {}", number(low), number(high)) }
        };
        let ranges: Vec<String> = edges.windows(2).map(range).collect();
        let bars: Vec<Value> = counts
            .iter()
            .zip(&ranges)
            .map(|(&n, range)| {
                let share = percent(n as f64 / total.max(1) as f64);
                json!({ "value": n, "tooltip": { "formatter": format!("{range}\n{} rows ({share})", count(n)) } })
            })
            .collect();

        let span = edges[counts.len()] - edges[0];
        // At an edge the words about the median grow inwards, clear of the axis.
        let at = match (numeric.median - edges[0]) / span {
            place if place < 0.2 => "left",
            place if place > 0.8 => "right",
            _ => "center",
        };
        let sheet = Sheet::new(theme)
            .grid(24)
            .x(category_axis(theme, "", &ranges).show(false))
            .x(plain_axis(theme, column).min(edges[0]).max(edges[counts.len()]).position("bottom"))
            .y(value_axis(theme, "Rows"))
            .series(
                Bar::new().name("Rows"),
                json!({ "data": bars, "barCategoryGap": "6%", "itemStyle": { "color": theme.series_colour(0) },
                        "markLine": { "silent": true, "symbol": "none", "animation": false, "data": [] } }),
            )
            // A second, empty series carries the axis of numbers and the median's line.
            .series(
                charming::series::Line::new(),
                json!({ "xAxisIndex": 1, "data": [], "silent": true,
                        "markLine": { "silent": true, "symbol": "none", "animation": false,
                            "lineStyle": { "color": theme.ink, "type": "dashed", "width": 1.25 },
                            "label": { "formatter": format!("median {}", number(numeric.median)), "color": theme.ink,
                                       "position": "end", "align": at, "fontSize": 12 },
                            "data": [{ "xAxis": numeric.median }] } }),
            )
            .merge(json!({ "xAxis": [{}, { "axisLabel": { "formatter": year_labels(numeric), "hideOverlap": true, "showMinLabel": false, "showMaxLabel": false } }] }));

        let missing = match statistics.missing {
            0 => String::new(),
            n => format!(" {} rows have no value.", count(n)),
        };
        let rows = counts
            .iter()
            .zip(&ranges)
            .map(|(&n, range)| vec![range.clone(), count(n), percent(n as f64 / total.max(1) as f64)])
            .collect();
        Some(sheet.finish(
            260,
            Caption {
                title: format!("{column}: the middle half lies between {} and {}", number(numeric.q1), number(numeric.q3)),
                alt: format!(
                    "Histogram of {column}: {} values from {} to {}, median {}.{missing}",
                    count(total),
                    number(numeric.min),
                    number(numeric.max),
                    number(numeric.median)
                ),
                how: format!(
                    "{} bins of equal width between the smallest and the largest value. Missing values are not counted.",
                    counts.len()
                ),
                header: vec![column.clone(), "Rows".into(), "Share".into()],
                rows,
            },
        ))
    }
}

/// The template of axis labels that writes years without separators; `null` leaves the axis as it is.
pub fn year_labels(numeric: &NumericStatistics) -> Value {
    if numeric.is_year { "{value}".into() } else { Value::Null }
}

/// Columns the results speak of: the outcome, what segments are made of, what the best model leans on.
fn told_of(source: &ChartSource<'_>) -> Vec<String> {
    let outcome = source.exploration.and_then(|e| e.plan.outcome.clone());
    let target = source.comparison.map(|c| c.plan.target.clone());
    let grouped = source.segmentation.map(|s| s.matrix_columns.clone()).unwrap_or_default();
    let important = source.comparison.map(|c| c.importance.as_slice()).unwrap_or_default();
    let important = important.iter().take(3).map(|i| i.feature.clone());
    outcome.into_iter().chain(target).chain(grouped).chain(important).collect()
}
