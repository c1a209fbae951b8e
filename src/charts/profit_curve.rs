//! Profit against the number of people contacted, best segment first, with the best point marked.

use charming::series::Line;
use serde_json::Value;

use super::{
    ChartMaker, ChartRequest, ChartSource, Picture, Theme,
    option::{Caption, Sheet, plain_axis, value_axis},
};
use crate::engine::{
    json::json,
    words::{count, money},
};

/// No arguments.
pub struct ProfitCurve;

impl ChartMaker for ProfitCurve {
    fn slug(&self) -> &'static str {
        "profit_curve"
    }

    fn offers(&self, source: &ChartSource<'_>) -> Vec<ChartRequest> {
        match source.decision.and_then(|d| d.retargeting.as_ref()) {
            Some(r) if !r.curve.is_empty() => vec![ChartRequest::new(self.slug(), [])],
            _ => Vec::new(),
        }
    }

    fn draw(&self, source: &ChartSource<'_>, _args: &[String], theme: &Theme) -> Option<Picture> {
        let found = source.decision?.retargeting.as_ref()?;
        let mut curve = found.curve.clone();
        if curve.is_empty() {
            return None;
        }
        if curve.first().is_some_and(|p| p.0 > 0) {
            curve.insert(0, (0, 0.0));
        }
        let cash = |v: f64| money(v.round(), source.currency);
        // The point of the decision itself: chart and sentence follow one rule.
        let best = found.best.len().min(curve.len() - 1);
        let (best_people, best_profit) = curve[best];
        let data: Vec<Value> = curve
            .iter()
            .enumerate()
            .map(|(i, (people, profit))| {
                let is_best = i == best;
                json!({ "value": [people, profit], "symbolSize": if is_best { 13 } else { 7 },
                        "itemStyle": { "color": if is_best { theme.accent.as_str() } else { theme.series_colour(0) } },
                        "label": { "show": is_best, "formatter": format!("best: {}", cash(best_profit)), "position": "top", "color": theme.ink, "fontSize": 12 },
                        "tooltip": { "formatter": format!("{} people\nprofit {}", count(*people), cash(*profit)) } })
            })
            .collect();
        let unit = source.currency.map_or(String::new(), |c| format!(", {c}"));
        let sheet = Sheet::new(theme)
            .grid(24)
            .x(plain_axis(theme, "People contacted, best segment first"))
            .y(value_axis(theme, &format!("Expected profit{unit}")))
            .series(
                Line::new().name("Profit"),
                json!({ "data": data, "symbol": "circle", "lineStyle": { "color": theme.series_colour(0), "width": 2 },
                        "markLine": { "silent": true, "symbol": "none", "animation": false, "label": { "show": false },
                                      "lineStyle": { "color": theme.ink_muted, "type": "dotted" }, "data": [{ "yAxis": 0 }] } }),
            )
            .merge(json!({ "xAxis": [{ "axisLine": { "onZero": false } }] }));
        let title = if best_people == 0 {
            "No segment is expected to pay: contacting nobody costs nothing".to_owned()
        } else if best + 1 == curve.len() {
            format!("Profit is highest with everyone contacted: {}", cash(best_profit))
        } else {
            format!(
                "Profit is highest at {} people: {} against {} for everyone",
                count(best_people),
                cash(best_profit),
                cash(found.profit_everyone)
            )
        };
        let rows = curve.iter().map(|(people, profit)| vec![count(*people), cash(*profit)]).collect();
        Some(sheet.finish(
            300,
            Caption {
                alt: format!("Line of expected profit over the number of people contacted. {title}."),
                title,
                how: format!(
                    "Segments in order of profit a person; for each, people x (expected response rate x {} - {}). The expected rate is shrunk towards the overall rate.",
                    money(found.economics.value_per_response, source.currency), money(found.economics.cost_per_contact, source.currency)
                ),
                header: vec!["People contacted".into(), "Expected profit".into()],
                rows,
            },
        ))
    }
}
