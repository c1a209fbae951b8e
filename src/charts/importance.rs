//! What the winning model relies on: drop in R² when a column is shuffled.

use charming::series::Bar;
use serde_json::{Value, json};

use super::{
    ChartMaker, ChartRequest, ChartSource, Picture, Theme,
    option::{Caption, Sheet, category_axis, plain, shorten, value_axis, whiskers},
};
use crate::engine::words::decimals;

/// No arguments.
pub struct ImportanceBars;

const MOST_BARS: usize = 15;

impl ChartMaker for ImportanceBars {
    fn slug(&self) -> &'static str {
        "importance"
    }

    fn offers(&self, source: &ChartSource<'_>) -> Vec<ChartRequest> {
        match source.comparison {
            Some(c) if !c.importance.is_empty() => vec![ChartRequest::new(self.slug(), [])],
            _ => Vec::new(),
        }
    }

    fn draw(&self, source: &ChartSource<'_>, _args: &[String], theme: &Theme) -> Option<Picture> {
        let found = source.comparison?;
        let all = &found.importance;
        if all.is_empty() {
            return None;
        }
        let drawn: Vec<_> = all.iter().take(MOST_BARS).collect();
        let labels: Vec<String> = drawn.iter().map(|i| shorten(&i.feature, 26)).collect();
        let bars: Vec<Value> = drawn
            .iter()
            .map(|i| {
                json!({ "value": i.mean, "tooltip": { "formatter": format!("{}\nR² drops by {} ± {}", plain(&i.feature), decimals(i.mean, 3), decimals(i.sd, 3)) } })
            })
            .collect();
        let lines: Vec<_> = drawn.iter().map(|i| Some((i.mean - i.sd, i.mean, i.mean + i.sd))).collect();
        let (line_series, line_patch) = whiskers(theme, &lines);
        let sheet = Sheet::new(theme)
            .grid(12)
            .x(value_axis(theme, "Drop in R² when the column is shuffled"))
            .y(category_axis(theme, "", &labels).inverse(true))
            .series(
                Bar::new().name("Importance"),
                json!({ "data": bars, "barMaxWidth": 18, "itemStyle": { "color": theme.series_colour(0) } }),
            )
            .series(line_series, line_patch)
            .merge(json!({ "yAxis": [{ "axisLabel": { "interval": 0 }, "axisLine": { "onZero": false } }] }));
        let winner = found
            .results
            .iter()
            .find(|r| r.family == found.verdict.winner)
            .map_or("The model", |r| r.title.as_str());
        let title = match all.first() {
            Some(first) if first.mean > 0.0 => format!(
                "{winner} relies most on {}: without it R² drops by {}",
                first.feature,
                decimals(first.mean, 3)
            ),
            _ => format!("{winner} relies on no single column"),
        };
        let rows =
            all.iter().map(|i| vec![i.feature.clone(), decimals(i.mean, 4), decimals(i.sd, 4)]).collect();
        Some(sheet.finish(
            80 + 28 * drawn.len() as u32,
            Caption {
                alt: format!("Bars of permutation importance of {} columns. {title}.", drawn.len()),
                title,
                how: "Permutation importance on held-out rows: the column (with all its 0/1 columns) is shuffled and R² measured again. Whiskers \
                      are one standard deviation. Columns that say the same share their importance."
                    .into(),
                header: vec!["Column".into(), "Drop in R²".into(), "Standard deviation".into()],
                rows,
            },
        ))
    }
}
