//! Residuals against predictions: where a model is systematically wrong.

use crate::engine::{json::json, order::InOrder};
use charming::series::Scatter;

use super::{
    ChartMaker, ChartRequest, ChartSource, Picture, Theme,
    option::{Caption, Sheet, plain, plain_axis, value_axis},
    points::{MOST_POINTS, points},
    predicted_actual::{largest_errors, predictions, winner_request},
};
use crate::engine::words::{count, number};

/// Argument: the family; none for the winner.
pub struct Residuals;

impl ChartMaker for Residuals {
    fn slug(&self) -> &'static str {
        "residuals"
    }

    fn offers(&self, source: &ChartSource<'_>) -> Vec<ChartRequest> {
        winner_request(self.slug(), source)
    }

    fn draw(&self, source: &ChartSource<'_>, args: &[String], theme: &Theme) -> Option<Picture> {
        let found = source.comparison?;
        let (result, predictions) = predictions(found, args)?;
        let pairs: Vec<(f64, f64)> =
            predictions.iter().map(|p| (p.predicted, p.actual - p.predicted)).collect();
        let is_binned = pairs.len() > MOST_POINTS;
        let drawn = points(&pairs, is_binned, 40, 12.0);
        let target = plain(&found.plan.target);
        let sheet = Sheet::new(theme)
            .grid(16)
            .x(plain_axis(theme, &format!("Predicted {target}")).scale(true))
            .y(value_axis(theme, &format!("Actual minus predicted {target}")).scale(true))
            .series(
                Scatter::new().name("Rows"),
                json!({ "data": drawn.data, "symbolSize": 5, "itemStyle": { "color": theme.series_colour(0), "opacity": 0.5 },
                        "tooltip": { "formatter": "predicted, residual\n{c}" },
                        "markLine": { "silent": true, "symbol": "none", "animation": false, "label": { "show": false },
                                      "lineStyle": { "color": theme.ink_muted, "type": "dashed", "width": 1.25 }, "data": [{ "yAxis": 0 }] } }),
            )
            .merge(json!({ "xAxis": [{ "axisLine": { "onZero": false } }] }));
        let title = title_of(&pairs);
        let rows = largest_errors(predictions)
            .iter()
            .map(|p| {
                vec![
                    count(u64::from(p.row) + 1),
                    number(p.predicted),
                    number(p.actual),
                    number(p.actual - p.predicted),
                ]
            })
            .collect();
        Some(sheet.finish(
            320,
            Caption {
                alt: format!("Scatter of residuals against predictions of {} for {} held-out rows. {title}.", result.title, count(pairs.len() as u64)),
                title,
                how: "A residual is the actual value minus the held-out prediction. A model that misses nothing systematic has residuals of even \
                      spread around the dashed line. The table lists the 20 largest."
                    .into(),
                header: vec!["File row".into(), "Predicted".into(), "Actual".into(), "Residual".into()],
                rows,
            },
        ))
    }
}

/// Whether errors grow with the prediction: the spread in the upper half against the lower half.
fn title_of(pairs: &[(f64, f64)]) -> String {
    let mut sorted = pairs.to_vec();
    sorted.order_by(|a, b| a.0.total_cmp(&b.0));
    let (low, high) = sorted.split_at(sorted.len() / 2);
    let size = |half: &[(f64, f64)]| half.iter().map(|p| p.1.abs()).sum::<f64>() / half.len().max(1) as f64;
    let (low, high) = (size(low), size(high));
    if sorted.len() >= 20 && low > 0.0 && high > 1.5 * low {
        format!(
            "Errors grow with the prediction: {} on average in the upper half, {} in the lower",
            number(high),
            number(low)
        )
    } else if sorted.len() >= 20 && high > 0.0 && low > 1.5 * high {
        format!(
            "Errors are larger where little is predicted: {} on average in the lower half, {} in the upper",
            number(low),
            number(high)
        )
    } else {
        "Are the errors of even size everywhere?".to_owned()
    }
}
