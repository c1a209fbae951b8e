//! The ladder: the score of one model from the easiest question down to the one of use.

use charming::series::Bar;
use serde_json::Value;

use super::{
    ChartMaker, ChartRequest, ChartSource, Picture, Theme,
    option::{Caption, Sheet, category_axis, plain, shorten, value_axis},
};
use crate::engine::{
    json::json,
    models::{ladder::Rung, verdict::in_sentence},
    words::{count, decimals},
};

/// No arguments.
pub struct Ladder;

impl ChartMaker for Ladder {
    fn slug(&self) -> &'static str {
        "ladder"
    }

    fn offers(&self, source: &ChartSource<'_>) -> Vec<ChartRequest> {
        match source.ladder {
            Some(l) if l.scored().next().is_some() => vec![ChartRequest::new(self.slug(), [])],
            _ => Vec::new(),
        }
    }

    fn draw(&self, source: &ChartSource<'_>, _args: &[String], theme: &Theme) -> Option<Picture> {
        let found = source.ladder?;
        let rungs: Vec<(&Rung, f64)> = found.scored().collect();
        let ((_, first), (last_rung, last)) = (*rungs.first()?, *rungs.last()?);
        let labels: Vec<String> = rungs.iter().map(|(r, _)| shorten(&r.title, 34)).collect();
        let bars: Vec<Value> = rungs
            .iter()
            .enumerate()
            .map(|(i, (rung, score))| {
                let is_last = i + 1 == rungs.len();
                json!({ "value": score,
                        "itemStyle": { "color": if is_last { theme.accent.as_str() } else { theme.series_colour(0) } },
                        "label": { "formatter": decimals(*score, 2), "position": if *score < 0.0 { "left" } else { "right" } },
                        "tooltip": { "formatter": format!("{}\nR² {}\n{} columns, {}", plain(&rung.title), decimals(*score, 3), count(rung.columns.len() as u64), plain(&rung.validation.words())) } })
            })
            .collect();
        // Room for the figures beside the bars, also at the side of 0 that has none.
        let low = rungs.iter().map(|(_, s)| *s).fold(0.0, f64::min);
        let high = rungs.iter().map(|(_, s)| *s).fold(0.0, f64::max);
        let room = 0.15 * (high - low).max(0.1);
        let axis =
            json!({ "min": if low < 0.0 { tenth(low - room) } else { 0.0 }, "max": tenth(high + room) });
        let sheet = Sheet::new(theme)
            .grid(8)
            .x(value_axis(theme, "R² on held-out rows (1 is perfect, 0 is the mean)"))
            .y(category_axis(theme, "", &labels).inverse(true))
            .series(
                Bar::new().name("R²"),
                json!({ "data": bars, "barMaxWidth": 22, "label": { "show": true, "color": theme.ink, "fontSize": 12 },
                        "markLine": { "silent": true, "symbol": "none", "animation": false, "label": { "show": false },
                                      "lineStyle": { "color": theme.ink_muted, "type": "solid" }, "data": [{ "xAxis": 0 }] } }),
            )
            .merge(json!({ "xAxis": [axis], "yAxis": [{ "axisLabel": { "interval": 0 } }] }));
        let rows = rungs
            .iter()
            .map(|(rung, score)| {
                vec![
                    rung.title.clone(),
                    count(rung.columns.len() as u64),
                    rung.validation.words(),
                    count(rung.scores.n),
                    decimals(*score, 3),
                ]
            })
            .collect();
        let name = in_sentence(&found.title);
        let title = if rungs.len() < 2 {
            format!("R² of {name} is {}", decimals(first, 2))
        } else {
            format!("From {} to {}: {}", decimals(first, 2), decimals(last, 2), lower_first(&last_rung.title))
        };
        Some(sheet.finish(
            70 + 44 * rungs.len() as u32,
            Caption {
                alt: format!("R² of {name} for {} on {} questions, from the easiest to the one of use. {title}.", found.target, rungs.len()),
                title,
                how: "One model, fitted anew for every question. R² is that of all held-out rows together, against the mean of the rows the model was \
                      fitted on: 0 is what that mean would get."
                    .into(),
                header: ["Question", "Columns", "Tested by", "Held-out rows", "R²"].map(str::to_owned).to_vec(),
                rows,
            },
        ))
    }
}

/// To the next tenth away from 0.
fn tenth(v: f64) -> f64 {
    if v < 0.0 { (v * 10.0).floor() / 10.0 } else { (v * 10.0).ceil() / 10.0 }
}

fn lower_first(text: &str) -> String {
    crate::engine::words::in_sentence(text)
}
