//! Lift: how many times more often than on average each tenth of the ranking says yes.

use charming::series::Bar;
use serde_json::Value;

use super::{
    ChartMaker, ChartRequest, ChartSource, Picture, Theme,
    calibration::{probabilities, winner_request},
    option::{Caption, Sheet, category_axis, value_axis},
};
use crate::engine::{
    json::json,
    words::{count, decimals, percent},
};

/// Argument: the family; none for the winner.
pub struct Lift;

impl ChartMaker for Lift {
    fn slug(&self) -> &'static str {
        "lift"
    }

    fn offers(&self, source: &ChartSource<'_>) -> Vec<ChartRequest> {
        let has_gains = probabilities(source, &[]).is_some_and(|(_, of, _)| !of.gains.is_empty());
        if has_gains { winner_request(self.slug(), source) } else { Vec::new() }
    }

    fn draw(&self, source: &ChartSource<'_>, args: &[String], theme: &Theme) -> Option<Picture> {
        let (model, of, _) = probabilities(source, args)?;
        let first = of.gains.first()?;
        let labels: Vec<String> = of.gains.iter().map(|g| g.tenth.to_string()).collect();
        let bars: Vec<Value> = of
            .gains
            .iter()
            .map(|g| {
                json!({ "value": g.lift, "tooltip": { "formatter": format!("{}. tenth, {} rows\nlift {}\n{} say yes", g.tenth, count(g.n as u64), decimals(g.lift, 2), percent(g.rate)) } })
            })
            .collect();
        let sheet = Sheet::new(theme)
            .grid(16)
            .x(category_axis(theme, "Tenths of the rows, likeliest first", &labels))
            .y(value_axis(theme, "Times the average share of yes"))
            .series(
                Bar::new().name("Lift"),
                json!({ "data": bars, "barMaxWidth": 34, "itemStyle": { "color": theme.series_colour(0) },
                        "markLine": { "silent": true, "symbol": "none", "animation": false, "label": { "show": false },
                                      "lineStyle": { "color": theme.ink_muted, "type": "dashed", "width": 1.25 }, "data": [{ "yAxis": 1 }] } }),
            );
        let title = format!(
            "{model}: the likeliest tenth says yes {} times as often as all ({})",
            decimals(first.lift, 1),
            percent(first.rate)
        );
        let rows = of
            .gains
            .iter()
            .map(|g| vec![format!("{}. tenth", g.tenth), percent(g.rate), decimals(g.lift, 2)])
            .collect();
        Some(sheet.finish(
            340,
            Caption {
                alt: format!("Bars of the lift of {} groups of rows, likeliest first. {title}.", of.gains.len()),
                title,
                how: "Held-out rows in tenths by falling probability: the share of yes in each over the share of all rows. On the \
                      dashed line a tenth is like the average; a good ranking falls from left to right."
                    .into(),
                header: ["Tenth", "Share of yes", "Lift"].map(str::to_owned).to_vec(),
                rows,
            },
        ))
    }
}
