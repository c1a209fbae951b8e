//! The learning curve: the score on held-out rows and on the rows fitted, over the number of rows fitted.

use charming::series::Line;
use serde_json::Value;

use super::{
    ChartMaker, ChartRequest, ChartSource, Picture, Theme,
    option::{Caption, Sheet, category_axis, value_axis, whiskers},
};
use crate::engine::{
    json::json,
    models::{learning_curve::CurvePoint, metrics::headline, verdict::in_sentence},
    words::{count, decimals},
};

/// No arguments.
pub struct LearningCurve;

impl ChartMaker for LearningCurve {
    fn slug(&self) -> &'static str {
        "learning_curve"
    }

    fn offers(&self, source: &ChartSource<'_>) -> Vec<ChartRequest> {
        match source.curve {
            Some(c) if c.points.len() > 1 => vec![ChartRequest::new(self.slug(), [])],
            _ => Vec::new(),
        }
    }

    fn draw(&self, source: &ChartSource<'_>, _args: &[String], theme: &Theme) -> Option<Picture> {
        let found = source.curve?;
        let points = &found.points;
        let (first, last) = (points.first()?, points.last()?);
        let labels: Vec<String> = points.iter().map(|p| count(p.n_train.round() as u64)).collect();
        let spread = |p: &CurvePoint| headline(&p.sd).filter(|sd| sd.is_finite());
        let text = |v: Option<f64>| v.map_or_else(|| "–".to_owned(), |v| decimals(v, 3));
        let line = |of: fn(&CurvePoint) -> Option<f64>, name: &str, with_spread: bool| -> Vec<Value> {
            let point = |p: &CurvePoint| {
                let sd = spread(p)
                    .filter(|_| with_spread)
                    .map_or_else(String::new, |sd| format!(" ± {}", decimals(sd, 3)));
                json!({ "value": of(p), "tooltip": { "formatter": format!("{} rows\n{name}: {}{sd}", count(p.n_train.round() as u64), text(of(p))) } })
            };
            points.iter().map(point).collect()
        };
        let held_out = line(|p| headline(&p.mean), "R², held-out rows", true);
        let fitted = line(|p| headline(&p.fitted), "R², rows fitted", false);
        let lines: Vec<Option<(f64, f64, f64)>> = points
            .iter()
            .map(|p| {
                let (mean, sd) = (headline(&p.mean)?, spread(p)?);
                Some((mean - sd, mean, mean + sd))
            })
            .collect();
        let (line_series, line_patch) = whiskers(theme, &lines);
        let sheet = Sheet::new(theme)
            .grid(34)
            .legend()
            .x(category_axis(theme, "Rows fitted", &labels))
            .y(value_axis(theme, "R²").scale(true))
            .series(line_series, line_patch)
            .series(
                Line::new().name("On held-out rows"),
                json!({ "data": held_out, "symbol": "circle", "symbolSize": 8, "z": 6, "itemStyle": { "color": theme.accent },
                        "lineStyle": { "color": theme.accent, "width": 2 } }),
            )
            .series(
                Line::new().name("On the rows fitted"),
                json!({ "data": fitted, "symbol": "emptyCircle", "symbolSize": 6, "itemStyle": { "color": theme.series_colour(1) },
                        "lineStyle": { "color": theme.series_colour(1), "width": 1.5, "type": "dashed" } }),
            )
            .merge(json!({ "legend": { "data": ["On held-out rows", "On the rows fitted"] } }));
        let rows = points
            .iter()
            .map(|p| {
                vec![
                    count(p.n_train.round() as u64),
                    text(headline(&p.mean)),
                    text(spread(p)),
                    text(headline(&p.fitted)),
                ]
            })
            .collect();
        let (low, high) = (headline(&first.mean)?, headline(&last.mean)?);
        let name = in_sentence(&found.title);
        let title = format!(
            "R² goes from {} with {} rows to {} with {}",
            decimals(low, 2),
            count(first.n_train.round() as u64),
            decimals(high, 2),
            count(last.n_train.round() as u64)
        );
        Some(sheet.finish(
            340,
            Caption {
                alt: format!("R² of {name} for {} over {} sizes of the training rows. {title}.", found.target, points.len()),
                title,
                how: format!(
                    "{}: on each fold the model is fitted on a part of the training rows, each part holding the smaller ones, and scored on the \
                     same held-out rows. Points are means over the folds, whiskers one standard deviation of the folds.",
                    found.validation
                ),
                header: ["Rows fitted", "R², held-out", "Standard deviation", "R², rows fitted"].map(str::to_owned).to_vec(),
                rows,
            },
        ))
    }
}
