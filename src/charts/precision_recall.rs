//! Precision against recall: how pure the top of the ranking is, and how much of all yes it holds.

use charming::series::Line;
use serde_json::Value;

use super::{
    ChartMaker, ChartRequest, ChartSource, Picture, Theme,
    calibration::{probabilities, winner_request},
    option::{Caption, Sheet, plain_axis, value_axis},
    points::tidy,
};
use crate::engine::{
    json::json,
    models::outcome::Score,
    words::{count, decimals, percent, share},
};

/// Argument: the family; none for the winner.
pub struct PrecisionRecall;

impl ChartMaker for PrecisionRecall {
    fn slug(&self) -> &'static str {
        "precision_recall"
    }

    fn offers(&self, source: &ChartSource<'_>) -> Vec<ChartRequest> {
        winner_request(self.slug(), source)
    }

    fn draw(&self, source: &ChartSource<'_>, args: &[String], theme: &Theme) -> Option<Picture> {
        let (model, of, all) = probabilities(source, args)?;
        let pooled = source.comparison?.results.iter().find(|r| r.family == of.family)?.pooled;
        let average = Score::AveragePrecision.of(&pooled)?;
        if of.precision_recall.is_empty() || all.n == 0 {
            return None;
        }
        let base = all.n_yes as f64 / all.n as f64;
        let data: Vec<Value> = of
            .precision_recall
            .iter()
            .map(|p| {
                json!({ "value": [tidy(100.0 * p.x), tidy(100.0 * p.y)],
                        "tooltip": { "formatter": format!("from {} on\n{} of them are yes\n{} of all yes found", percent(p.threshold), percent(p.y), percent(p.x)) } })
            })
            .collect();
        let sheet = Sheet::new(theme)
            .grid(16)
            .x(plain_axis(theme, "Share of all yes found: recall (%)"))
            .y(value_axis(theme, "Share of yes among those: precision (%)"))
            .series(
                Line::new().name("Model"),
                json!({ "data": data, "symbol": "circle", "symbolSize": 4, "lineStyle": { "color": theme.series_colour(0), "width": 2 },
                        "itemStyle": { "color": theme.series_colour(0) },
                        "markLine": { "silent": true, "symbol": "none", "animation": false,
                                      "label": { "show": true, "position": "insideEndBottom", "formatter": "chance", "color": theme.ink_muted },
                                      "lineStyle": { "color": theme.ink_muted, "type": "dashed", "width": 1.25 },
                                      "data": [{ "yAxis": tidy(100.0 * base) }] } }),
            )
            .merge(json!({ "xAxis": [{ "min": 0, "max": 100 }], "yAxis": [{ "min": 0, "max": 100 }] }));
        let title = format!(
            "{model}: average precision {} where chance gives {}",
            decimals(average, 3),
            decimals(base, 3)
        );
        let cell = |v: Option<f64>| v.map_or_else(|| "–".to_owned(), percent);
        let rows = of
            .thresholds
            .iter()
            .map(|t| {
                vec![percent(t.threshold), count(t.n), count(t.n_yes), cell(t.precision), cell(t.recall)]
            })
            .collect();
        Some(sheet.finish(
            360,
            Caption {
                alt: format!("Curve of precision over recall on held-out rows; {} of rows are yes. {title}.", share(all.n_yes, all.n)),
                title,
                how: "From the highest probability down: of those called yes the share that is (precision), against the share of all yes \
                      they hold (recall). Average precision weighs each precision by the yes newly found, without interpolation."
                    .into(),
                header: ["Called yes from", "Rows", "Yes among them", "Precision", "Recall"].map(str::to_owned).to_vec(),
                rows,
            },
        ))
    }
}
