//! Partial dependence and single curves: what is predicted when one column takes one value after another.

use charming::series::{Bar, Line};
use serde_json::Value;

use super::{
    ChartMaker, ChartRequest, ChartSource, Picture, Theme,
    option::{Caption, Sheet, category_axis, plain, plain_axis, shorten, value_axis, whiskers},
    points::tidy,
};
use crate::engine::{
    json::json,
    models::explain::{ColumnKind, Dependence},
    words::{self, count, number},
};

/// Argument: the column.
pub struct DependenceChart;

/// Charts the report draws: of the columns that matter most.
const IN_REPORT: usize = 4;

/// Single curves drawn.
const CURVES: usize = 25;

impl ChartMaker for DependenceChart {
    fn slug(&self) -> &'static str {
        "dependence"
    }

    fn offers(&self, source: &ChartSource<'_>) -> Vec<ChartRequest> {
        let found = source.explanation.map(|e| e.dependence.as_slice()).unwrap_or_default();
        found.iter().take(IN_REPORT).map(|d| ChartRequest::new(self.slug(), [d.column.clone()])).collect()
    }

    fn draw(&self, source: &ChartSource<'_>, args: &[String], theme: &Theme) -> Option<Picture> {
        let explained = source.explanation?;
        let found = match args.first() {
            Some(column) => explained.dependence.iter().find(|d| d.column == *column)?,
            None => explained.dependence.first()?,
        };
        let target = words::capitalised(&plain(&explained.what));
        let sheet = if found.kind == ColumnKind::Number && found.points.len() > 2 {
            curves(found, &target, theme)
        } else {
            bars(found, &target, theme)
        };
        let rows = found
            .points
            .iter()
            .map(|p| vec![p.label.clone(), number(p.mean), number(p.range.0), number(p.range.1), count(p.n)])
            .collect();
        let caution = found.caution.as_ref().map(|c| format!(" {c}")).unwrap_or_default();
        Some(sheet.finish(
            340,
            Caption {
                title: found.sentence.trim_end_matches('.').to_owned(),
                alt: format!("Curve of the mean prediction over values of {}. {}", found.column, found.sentence),
                how: format!(
                    "In {} rows drawn by the seed {} is set to one value after another, the rest stays, and the model predicts again; \
                     the strong line is the mean, the thin ones are single rows. It tells what the model does, not what would \
                     happen.{caution}",
                    count(found.n_rows),
                    found.column
                ),
                header: vec![
                    found.column.clone(),
                    "Mean prediction".into(),
                    "One row in ten below".into(),
                    "One row in ten above".into(),
                    "Rows".into(),
                ],
                rows,
            },
        ))
    }
}

fn curves<'t>(found: &Dependence, target: &str, theme: &'t Theme) -> Sheet<'t> {
    let xs: Vec<f64> = found.points.iter().filter_map(|p| p.at).collect();
    let mut sheet = Sheet::new(theme)
        .grid(16)
        .x(plain_axis(theme, &plain(&found.column)).scale(true))
        .y(value_axis(theme, target).scale(true));
    for (_, values) in found.curves.iter().take(CURVES) {
        let data: Vec<Value> = xs.iter().zip(values).map(|(x, y)| json!([tidy(*x), tidy(*y)])).collect();
        sheet = sheet.series(
            Line::new(),
            json!({ "data": data, "symbol": "none", "silent": true, "tooltip": { "show": false },
                    "lineStyle": { "color": theme.ink_muted, "width": 1, "opacity": 0.28 } }),
        );
    }
    let mean: Vec<Value> = found
        .points
        .iter()
        .filter_map(|p| {
            let text = format!(
                "{} = {}\nmean prediction {}\n{} rows nearest",
                plain(&found.column),
                plain(&p.label),
                number(p.mean),
                count(p.n)
            );
            Some(json!({ "value": [tidy(p.at?), tidy(p.mean)], "tooltip": { "formatter": text } }))
        })
        .collect();
    sheet
        .series(
            Line::new().name("Mean"),
            json!({ "data": mean, "symbol": "circle", "symbolSize": 6, "z": 5,
                    "lineStyle": { "color": theme.series_colour(0), "width": 2.5 }, "itemStyle": { "color": theme.series_colour(0) } }),
        )
        .merge(json!({ "xAxis": [{ "axisLine": { "onZero": false } }] }))
}

fn bars<'t>(found: &Dependence, target: &str, theme: &'t Theme) -> Sheet<'t> {
    let labels: Vec<String> = found.points.iter().map(|p| shorten(&p.label, 20)).collect();
    let data: Vec<Value> = found
        .points
        .iter()
        .map(|p| {
            let text = format!(
                "{}\nmean prediction {}\nnine rows in ten above {}, and below {}\n{} rows",
                plain(&p.label),
                number(p.mean),
                number(p.range.0),
                number(p.range.1),
                count(p.n)
            );
            json!({ "value": tidy(p.mean), "tooltip": { "formatter": text } })
        })
        .collect();
    let lines: Vec<_> = found.points.iter().map(|p| Some((p.range.0, p.mean, p.range.1))).collect();
    let (line_series, line_patch) = whiskers(theme, &lines);
    Sheet::new(theme)
        .grid(16)
        .x(value_axis(theme, target))
        .y(category_axis(theme, "", &labels).inverse(true))
        .series(
            Bar::new().name("Mean prediction"),
            json!({ "data": data, "barMaxWidth": 18, "itemStyle": { "color": theme.series_colour(0) } }),
        )
        .series(line_series, line_patch)
        .merge(json!({ "yAxis": [{ "axisLabel": { "interval": 0 }, "axisLine": { "onZero": false } }] }))
}
