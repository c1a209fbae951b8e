//! The ROC curve: how many yes are found for how many no taken along.

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
    words::{decimals, percent},
};

/// Argument: the family; none for the winner.
pub struct RocCurve;

impl ChartMaker for RocCurve {
    fn slug(&self) -> &'static str {
        "roc"
    }

    fn offers(&self, source: &ChartSource<'_>) -> Vec<ChartRequest> {
        let has_curve = probabilities(source, &[]).is_some_and(|(_, of, _)| !of.roc.is_empty());
        if has_curve { winner_request(self.slug(), source) } else { Vec::new() }
    }

    fn draw(&self, source: &ChartSource<'_>, args: &[String], theme: &Theme) -> Option<Picture> {
        let (model, of, _) = probabilities(source, args)?;
        let (auc, (low, high)) = of.auc?;
        if of.roc.is_empty() {
            return None;
        }
        let data: Vec<Value> = of
            .roc
            .iter()
            .map(|p| {
                json!({ "value": [tidy(100.0 * p.x), tidy(100.0 * p.y)],
                        "tooltip": { "formatter": format!("from {} on\n{} of yes found\n{} of no taken along", percent(p.threshold), percent(p.y), percent(p.x)) } })
            })
            .collect();
        let sheet = Sheet::new(theme)
            .grid(16)
            .x(plain_axis(theme, "Share of no taken for yes (%)"))
            .y(value_axis(theme, "Share of yes found (%)"))
            .series(
                Line::new().name("Chance"),
                json!({ "data": [[0, 0], [100, 100]], "showSymbol": false, "silent": true, "z": 1,
                        "lineStyle": { "color": theme.ink_muted, "type": "dashed", "width": 1.25 } }),
            )
            .series(
                Line::new().name("Model"),
                json!({ "data": data, "symbol": "circle", "symbolSize": 4, "lineStyle": { "color": theme.series_colour(0), "width": 2 },
                        "itemStyle": { "color": theme.series_colour(0) } }),
            )
            .merge(json!({ "xAxis": [{ "min": 0, "max": 100 }], "yAxis": [{ "min": 0, "max": 100 }] }));
        let title = format!(
            "{model} ranks a yes above a no in {} of cases (AUC {}, {} to {})",
            percent(auc),
            decimals(auc, 3),
            decimals(low, 3),
            decimals(high, 3)
        );
        let rows = of
            .thresholds
            .iter()
            .filter_map(|t| Some(vec![percent(t.threshold), percent(t.recall?), percent(t.false_alarms?)]))
            .collect();
        Some(sheet.finish(
            360,
            Caption {
                alt: format!("Curve of the share of yes found over the share of no taken for yes. {title}."),
                title,
                how: "All held-out rows, each predicted by a model that had not seen it, from the highest probability down. AUC is the \
                      area below the curve, equal probabilities counting half; the interval is DeLong’s. The dashed line is chance."
                    .into(),
                header: ["Called yes from", "Yes found", "No taken for yes"].map(str::to_owned).to_vec(),
                rows,
            },
        ))
    }
}
