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
    models::{
        explain::{ColumnKind, Dependence},
        outcome::Outcome,
    },
    words::{self, count},
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
        let outcome = explained.outcome;
        let what = words::capitalised(&plain(&explained.what));
        let axis = match outcome {
            Outcome::Amount => Axis { name: &what, scale: 1.0, outcome },
            Outcome::YesNo => Axis { name: &format!("{what} (%)"), scale: 100.0, outcome },
        };
        let show = |v: f64| outcome.show(v);
        let sheet = if found.kind == ColumnKind::Number && found.points.len() > 2 {
            curves(found, &axis, theme)
        } else {
            bars(found, &axis, theme)
        };
        let rows = found
            .points
            .iter()
            .map(|p| vec![p.label.clone(), show(p.mean), show(p.range.0), show(p.range.1), count(p.n)])
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

/// What the predictions are drawn along.
struct Axis<'a> {
    name: &'a str,
    /// What they are multiplied by: 100 for probabilities.
    scale: f64,
    outcome: Outcome,
}

impl Axis<'_> {
    fn place(&self, prediction: f64) -> f64 {
        tidy(self.scale * prediction)
    }
}

fn curves<'t>(found: &Dependence, axis: &Axis<'_>, theme: &'t Theme) -> Sheet<'t> {
    let xs: Vec<f64> = found.points.iter().filter_map(|p| p.at).collect();
    let mut sheet = Sheet::new(theme)
        .grid(16)
        .x(plain_axis(theme, &plain(&found.column)).scale(true))
        .y(value_axis(theme, axis.name).scale(true));
    for (_, values) in found.curves.iter().take(CURVES) {
        let data: Vec<Value> =
            xs.iter().zip(values).map(|(x, y)| json!([tidy(*x), axis.place(*y)])).collect();
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
                axis.outcome.show(p.mean),
                count(p.n)
            );
            Some(json!({ "value": [tidy(p.at?), axis.place(p.mean)], "tooltip": { "formatter": text } }))
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

fn bars<'t>(found: &Dependence, axis: &Axis<'_>, theme: &'t Theme) -> Sheet<'t> {
    let labels: Vec<String> = found.points.iter().map(|p| shorten(&p.label, 20)).collect();
    let data: Vec<Value> = found
        .points
        .iter()
        .map(|p| {
            let text = format!(
                "{}\nmean prediction {}\nnine rows in ten above {}, and below {}\n{} rows",
                plain(&p.label),
                axis.outcome.show(p.mean),
                axis.outcome.show(p.range.0),
                axis.outcome.show(p.range.1),
                count(p.n)
            );
            json!({ "value": axis.place(p.mean), "tooltip": { "formatter": text } })
        })
        .collect();
    let lines: Vec<_> = found
        .points
        .iter()
        .map(|p| Some((axis.scale * p.range.0, axis.scale * p.mean, axis.scale * p.range.1)))
        .collect();
    let (line_series, line_patch) = whiskers(theme, &lines);
    Sheet::new(theme)
        .grid(16)
        .x(value_axis(theme, axis.name))
        .y(category_axis(theme, "", &labels).inverse(true))
        .series(
            Bar::new().name("Mean prediction"),
            json!({ "data": data, "barMaxWidth": 18, "itemStyle": { "color": theme.series_colour(0) } }),
        )
        .series(line_series, line_patch)
        .merge(json!({ "yAxis": [{ "axisLabel": { "interval": 0 }, "axisLine": { "onZero": false } }] }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{charts::tests::bare, engine::models::explain};

    #[test]
    fn probabilities_are_drawn_and_written_in_percent() {
        let table = crate::charts::tests::table(4);
        let mut explained = explain::sample();
        explained.what = "probability of Response".into();
        explained.outcome = Outcome::YesNo;
        for d in &mut explained.dependence {
            d.points
                .iter_mut()
                .for_each(|p| (p.mean, p.range) = (p.mean / 10.0, (p.range.0 / 10.0, p.range.1 / 10.0)));
        }
        let drawn = |column: &str| {
            let source = ChartSource { explanation: Some(&explained), ..bare(&table) };
            let picture = DependenceChart.draw(&source, &[column.to_owned()], &Theme::light()).unwrap();
            let option: Value = serde_json::from_str(&picture.option).unwrap();
            (picture, option)
        };
        let (picture, option) = drawn("Spent");
        assert_eq!(option["yAxis"][0]["name"], "Probability of Response (%)");
        assert_eq!(picture.rows[0][1], "2.0 %");
        let mean = option["series"].as_array().unwrap().last().unwrap();
        assert_eq!(mean["data"][2]["value"], json!([640.0, 70.0]));
        let (picture, option) = drawn("age");
        assert_eq!(option["xAxis"][0]["name"], "Probability of Response (%)");
        assert_eq!(
            (option["series"][0]["data"][0]["value"].as_f64(), picture.rows[0][1].as_str()),
            (Some(12.0), "12.0 %")
        );
    }
}
