//! Gains: the share of all yes that the likeliest rows hold.

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
    words::{count, decimals, percent},
};

/// Argument: the family; none for the winner.
pub struct Gains;

impl ChartMaker for Gains {
    fn slug(&self) -> &'static str {
        "gains"
    }

    fn offers(&self, source: &ChartSource<'_>) -> Vec<ChartRequest> {
        let has_gains = probabilities(source, &[]).is_some_and(|(_, of, _)| !of.gains.is_empty());
        if has_gains { winner_request(self.slug(), source) } else { Vec::new() }
    }

    fn draw(&self, source: &ChartSource<'_>, args: &[String], theme: &Theme) -> Option<Picture> {
        let (model, of, all) = probabilities(source, args)?;
        if of.gains.is_empty() {
            return None;
        }
        let n: f64 = of.gains.iter().map(|g| g.n).sum();
        let mut data: Vec<Value> = vec![json!([0, 0])];
        let mut rows = Vec::new();
        let mut down_to = 0.0;
        for g in &of.gains {
            down_to += g.n;
            let share = down_to / n;
            data.push(json!({ "value": [tidy(100.0 * share), tidy(100.0 * g.found)],
                              "tooltip": { "formatter": format!("the likeliest {}\n{} of all yes\n{} times chance", percent(share), percent(g.found), decimals(g.lift_so_far, 2)) } }));
            rows.push(vec![
                format!("{}. tenth", g.tenth),
                count(g.n as u64),
                decimals(g.n_yes, usize::from(g.n_yes.fract() != 0.0)),
                percent(g.rate),
                decimals(g.lift, 2),
                percent(g.found),
                decimals(g.lift_so_far, 2),
            ]);
        }
        let sheet = Sheet::new(theme)
            .grid(16)
            .x(plain_axis(theme, "Likeliest rows (%)"))
            .y(value_axis(theme, "Share of all yes among them (%)"))
            .series(
                Line::new().name("Chance"),
                json!({ "data": [[0, 0], [100, 100]], "showSymbol": false, "silent": true, "z": 1,
                        "lineStyle": { "color": theme.ink_muted, "type": "dashed", "width": 1.25 } }),
            )
            .series(
                Line::new().name("Model"),
                json!({ "data": data, "symbol": "circle", "symbolSize": 7, "lineStyle": { "color": theme.series_colour(0), "width": 2 },
                        "itemStyle": { "color": theme.series_colour(0) } }),
            )
            .merge(json!({ "xAxis": [{ "min": 0, "max": 100 }], "yAxis": [{ "min": 0, "max": 100 }] }));
        // The tenth (or more) in which a fifth of the rows lie is what a campaign can ask.
        let fifth = of.gains.get(of.gains.len().div_ceil(5).saturating_sub(1))?;
        let upto: f64 = of.gains.iter().take_while(|g| g.tenth <= fifth.tenth).map(|g| g.n).sum();
        let title = format!(
            "{model}: the likeliest {} of rows hold {} of all yes",
            percent(upto / n),
            percent(fifth.found)
        );
        Some(sheet.finish(
            340,
            Caption {
                alt: format!("Curve of the share of all yes over the share of rows taken, likeliest first. {title}."),
                title,
                how: format!(
                    "{} held-out rows in tenths by falling probability. Lift is the share of yes in a tenth over that of all rows ({}). \
                     Rows of one probability are shared out evenly.",
                    count(n as u64),
                    crate::engine::words::share(all.n_yes, all.n)
                ),
                header: ["Tenth", "Rows", "Yes", "Share of yes", "Lift", "Of all yes, down to here", "Lift, down to here"]
                    .map(str::to_owned)
                    .to_vec(),
                rows,
            },
        ))
    }
}
