//! What moves the predictions of the explained model: SHAP values of every column, in bins.

use charming::{component::VisualMap, series::Scatter};
use serde_json::Value;

use super::{
    ChartMaker, ChartRequest, ChartSource, Picture, Theme,
    option::{Caption, Sheet, category_axis, plain, shorten, value_axis},
    points::tidy,
};
use crate::engine::{
    json::json,
    models::{
        explain::{Explanation, ShapColumn, ShapSummary},
        family::Link,
    },
    words::{self, count, decimals, number},
};

/// No arguments.
pub struct ShapChart;

const MOST_COLUMNS: usize = 14;

impl ChartMaker for ShapChart {
    fn slug(&self) -> &'static str {
        "shap_summary"
    }

    fn offers(&self, source: &ChartSource<'_>) -> Vec<ChartRequest> {
        match source.explanation.and_then(moving) {
            Some(_) => vec![ChartRequest::new(self.slug(), [])],
            None => Vec::new(),
        }
    }

    fn draw(&self, source: &ChartSource<'_>, _args: &[String], theme: &Theme) -> Option<Picture> {
        let found = source.explanation?;
        let summary = moving(found)?;
        let drawn: Vec<&ShapColumn> =
            summary.columns.iter().filter(|c| c.mean_size > 0.0).take(MOST_COLUMNS).collect();
        let labels: Vec<String> =
            drawn.iter().map(|c| format!("{}\n{}", shorten(&c.name, 24), number(c.mean_size))).collect();
        let fullest = drawn.iter().flat_map(|c| &c.bins).map(|b| b.n).max().unwrap_or(1).max(1);
        let mut with_place: Vec<Value> = Vec::new();
        let mut without: Vec<Value> = Vec::new();
        for (row, column) in drawn.iter().enumerate() {
            for bin in &column.bins {
                // The area says how many.
                let size = (16.0 * (f64::from(bin.n) / f64::from(fullest)).sqrt()).max(4.0);
                let value = match bin.place {
                    Some(place) if place < 1.0 / 3.0 => ", low values",
                    Some(place) if place > 2.0 / 3.0 => ", high values",
                    Some(_) => ", middling values",
                    None => "",
                };
                let text = format!(
                    "{}\n{} moved by about {}{value}",
                    plain(&column.name),
                    words::rows_of(u64::from(bin.n)),
                    number(bin.at)
                );
                let item = |value: Value| json!({ "value": value, "symbolSize": (size * 10.0).round() / 10.0, "tooltip": { "formatter": text } });
                match bin.place {
                    Some(place) => with_place.push(item(json!([tidy(bin.at), row, tidy(place)]))),
                    None => without.push(item(json!([tidy(bin.at), row]))),
                }
            }
        }
        let (low, _, high) = &theme.diverging;
        let sheet = Sheet::new(theme)
            .grid(34)
            .x(value_axis(theme, &axis_name(found)))
            .y(category_axis(theme, "", &labels).inverse(true))
            .visual_map(VisualMap::new().min(0.0).max(1.0).calculable(false).left(8).top(0))
            .series(
                Scatter::new().name("Low to high values"),
                json!({ "data": with_place, "itemStyle": { "opacity": 0.85 },
                        "markLine": { "silent": true, "symbol": "none", "animation": false, "label": { "show": false },
                                      "lineStyle": { "color": theme.ink_muted, "width": 1 }, "data": [{ "xAxis": 0 }] } }),
            )
            .series(
                Scatter::new().name("Categories"),
                json!({ "data": without, "itemStyle": { "color": theme.ink_muted, "opacity": 0.85 } }),
            )
            .merge(json!({
                "yAxis": [{ "axisLabel": { "interval": 0, "lineHeight": 15 }, "axisLine": { "onZero": false, "show": false },
                            "splitLine": { "show": true, "lineStyle": { "color": theme.line } } }],
                "visualMap": [{ "type": "continuous", "orient": "horizontal", "itemWidth": 10, "itemHeight": 90, "dimension": 2,
                                "seriesIndex": 0, "text": ["high value", "low value"],
                                "textStyle": { "color": theme.ink_muted }, "inRange": { "color": [low, theme.ink_muted, high] } }],
            }));
        let title = title(found, &drawn);
        let rows = summary
            .columns
            .iter()
            .map(|c| {
                vec![
                    c.name.clone(),
                    number(c.mean_size),
                    c.leaning.map_or_else(|| words::NOTHING.to_owned(), |r| decimals(r, 2)),
                ]
            })
            .collect();
        Some(sheet.finish(
            90 + 40 * drawn.len() as u32,
            Caption {
                alt: format!(
                    "SHAP values of {} columns for {}. {title}.",
                    drawn.len(),
                    words::rows_of(summary.n_rows)
                ),
                title,
                how: how(found, summary),
                header: vec!["Column".into(), "Mean size".into(), "Rank correlation with its values".into()],
                rows,
            },
        ))
    }
}

/// The summary, where any column moves anything.
fn moving(found: &Explanation) -> Option<&ShapSummary> {
    found.shap.as_ref().filter(|s| s.columns.iter().any(|c| c.mean_size > 0.0))
}

fn axis_name(found: &Explanation) -> String {
    match found.link {
        Link::Identity => format!("Moves {} by", plain(&found.what)),
        Link::Log => format!("Moves the logarithm of {} by", plain(&found.what)),
        Link::LogOdds => format!("Moves the log-odds of {} by", plain(&found.target)),
    }
}

fn title(found: &Explanation, drawn: &[&ShapColumn]) -> String {
    let Some(first) = drawn.first() else { return "No column moves the prediction".to_owned() };
    let what = match found.link {
        Link::Identity => "predictions",
        Link::Log => "the logarithm of predictions",
        Link::LogOdds => "the log-odds",
    };
    let way = match first.leaning {
        Some(r) if r > 0.7 => ", up where it is high",
        Some(r) if r < -0.7 => ", down where it is high",
        _ => "",
    };
    format!(
        "{} moves {what} most: by {} in a mean row{way}",
        words::opening(&first.name),
        number(first.mean_size)
    )
}

fn how(found: &Explanation, summary: &ShapSummary) -> String {
    let scale = match found.link {
        Link::Identity => "",
        Link::Log => " The model adds up logarithms: +0.69 doubles a prediction.",
        Link::LogOdds => " The model adds up log-odds: +0.69 doubles the odds.",
    };
    format!(
        "SHAP values of {} rows drawn by the seed: how far each column moves one prediction away from {}, exactly; those of a row \
         add up to its prediction. Each dot is a bin, its area the rows in it; grey is a category. Under each name the mean size.{scale}",
        count(summary.n_rows),
        number(summary.base),
    )
}
