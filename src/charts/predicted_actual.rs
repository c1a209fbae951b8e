//! Predicted against actual: how far a model's held-out predictions lie from the truth.

use charming::series::{Line, Scatter};

use super::{
    ChartMaker, ChartRequest, ChartSource, Picture, Theme,
    option::{Caption, Sheet, plain, plain_axis, value_axis},
    points::{MOST_POINTS, extent, points, tidy},
};
use crate::engine::{
    json::json,
    models::{
        comparison::{Comparison, FamilyResult, Prediction},
        outcome::Outcome,
    },
    order::InOrder,
    words::{count, decimals, number},
};

/// Argument: the family; none for the winner.
pub struct PredictedActual;

impl ChartMaker for PredictedActual {
    fn slug(&self) -> &'static str {
        "predicted_actual"
    }

    fn offers(&self, source: &ChartSource<'_>) -> Vec<ChartRequest> {
        winner_request(self.slug(), source)
    }

    fn draw(&self, source: &ChartSource<'_>, args: &[String], theme: &Theme) -> Option<Picture> {
        let found = source.comparison?;
        let (result, predictions) = predictions(found, args)?;
        let pairs: Vec<(f64, f64)> = predictions.iter().map(|p| (p.actual, p.predicted)).collect();
        // The axis across spans what can happen: predictions beyond it stand on the other axis alone.
        let (low, high) = extent(pairs.iter().map(|p| p.0))?;
        let room = 0.05 * (high - low).max(1e-9);
        let is_binned = pairs.len() > MOST_POINTS;
        let drawn = points(&pairs, is_binned, 40, 12.0);
        let target = plain(&found.plan.target);
        let sheet = Sheet::new(theme)
            .grid(16)
            .x(plain_axis(theme, &format!("Actual {target}")).scale(true))
            .y(value_axis(theme, &format!("Predicted {target}")).scale(true))
            .series(
                Line::new().name("Perfect prediction"),
                json!({ "data": [[tidy(low), tidy(low)], [tidy(high), tidy(high)]], "showSymbol": false, "silent": true, "z": 1,
                        "lineStyle": { "color": theme.ink_muted, "type": "dashed", "width": 1.25 } }),
            )
            .series(
                Scatter::new().name("Rows"),
                json!({ "data": drawn.data, "symbolSize": 5, "itemStyle": { "color": theme.series_colour(0), "opacity": 0.5 },
                        "tooltip": { "formatter": "actual, predicted\n{c}" } }),
            )
            .merge(json!({ "xAxis": [{ "axisLine": { "onZero": false }, "min": tidy(low - room), "max": tidy(high + room),
                                       "axisLabel": { "showMinLabel": false, "showMaxLabel": false } }] }));
        let pooled = &result.pooled;
        let r2 = pooled.r2.map_or(String::new(), |r| format!(", R² {}", decimals(r, 3)));
        let title = format!("{}: off by {} on average{r2}", result.title, number(pooled.mae));
        let rows = largest_errors(predictions)
            .iter()
            .map(|p| {
                vec![
                    count(u64::from(p.row) + 1),
                    number(p.actual),
                    number(p.predicted),
                    number(p.predicted - p.actual),
                ]
            })
            .collect();
        Some(sheet.finish(
            360,
            Caption {
                alt: format!("Scatter of predicted against actual {} for {} held-out rows. {title}.", found.plan.target, count(pairs.len() as u64)),
                title,
                how: format!(
                    "Every row was predicted by a model that had not seen it. On the dashed line a prediction is exact.{} The table lists the 20 largest errors.",
                    if is_binned { " Rows are binned 40 by 40; the area of a dot says how many." } else { "" }
                ),
                header: vec!["File row".into(), format!("Actual {}", found.plan.target), "Predicted".into(), "Error".into()],
                rows,
            },
        ))
    }
}

/// The family asked for (the winner by default) with its held-out predictions.
pub fn predictions<'a>(
    found: &'a Comparison,
    args: &[String],
) -> Option<(&'a FamilyResult, &'a [Prediction])> {
    let family = args.first().unwrap_or(&found.verdict.winner);
    let (_, predictions) = found.predictions.iter().find(|(f, _)| f == family)?;
    let result = found.results.iter().find(|r| &r.family == family)?;
    (!predictions.is_empty()).then_some((result, predictions.as_slice()))
}

/// One request for the winner, when there are predictions of it; of a yes or no there is no such picture.
pub fn winner_request(slug: &str, source: &ChartSource<'_>) -> Vec<ChartRequest> {
    match source.comparison {
        Some(found) if found.outcome() == Outcome::Amount && predictions(found, &[]).is_some() => {
            vec![ChartRequest::new(slug, [found.verdict.winner.clone()])]
        }
        _ => Vec::new(),
    }
}

/// The rows predicted worst.
pub fn largest_errors(predictions: &[Prediction]) -> Vec<Prediction> {
    let mut all: Vec<Prediction> = predictions.to_vec();
    all.order_by(|a, b| {
        (b.predicted - b.actual).abs().total_cmp(&(a.predicted - a.actual).abs()).then(a.row.cmp(&b.row))
    });
    all.truncate(20);
    all
}
