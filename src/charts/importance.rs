//! What the winning model relies on: how much worse it predicts when a column is shuffled.

use charming::series::Bar;
use serde_json::Value;

use super::{
    ChartMaker, ChartRequest, ChartSource, Picture, Theme,
    option::{Caption, LINE_HEIGHT, Sheet, category_axis, in_lines, plain, shorten, value_axis, whiskers},
};
use crate::engine::{json::json, words::decimals};

/// No arguments for the chosen model, "explained" for the one that is explained.
pub struct ImportanceBars;

const MOST_BARS: usize = 15;

impl ChartMaker for ImportanceBars {
    fn slug(&self) -> &'static str {
        "importance"
    }

    fn offers(&self, source: &ChartSource<'_>) -> Vec<ChartRequest> {
        let Some(compared) = source.comparison.filter(|c| !c.importance.is_empty()) else {
            return Vec::new();
        };
        let mut out = vec![ChartRequest::new(self.slug(), [])];
        let other = source.explanation.filter(|e| e.family != compared.verdict.winner);
        if other.is_some_and(|e| !e.importance.is_empty()) {
            out.push(ChartRequest::new(self.slug(), ["explained".to_owned()]));
        }
        out
    }

    fn draw(&self, source: &ChartSource<'_>, args: &[String], theme: &Theme) -> Option<Picture> {
        let (winner, all) = if args.first().is_some_and(|a| a == "explained") {
            let found = source.explanation?;
            (found.title.as_str(), &found.importance)
        } else {
            let found = source.comparison?;
            let chosen = found.results.iter().find(|r| r.family == found.verdict.winner);
            (chosen.map_or("The model", |r| r.title.as_str()), &found.importance)
        };
        let score = source.comparison.map(|c| c.outcome()).unwrap_or_default().importance();
        let (worse, name) = (score.worsening_words(), score.in_sentence());
        let verb = if score.is_better_larger() { "drops" } else { "rises" };
        if all.is_empty() {
            return None;
        }
        let drawn: Vec<_> = all.iter().take(MOST_BARS).collect();
        let labels: Vec<String> = drawn.iter().map(|i| in_lines(&shorten(&i.feature, 44), 24)).collect();
        let bars: Vec<Value> = drawn
            .iter()
            .map(|i| {
                json!({ "value": i.mean, "tooltip": { "formatter": format!("{}\n{name} {verb} by {} ± {}", plain(&i.feature), decimals(i.mean, 3), decimals(i.sd, 3)) } })
            })
            .collect();
        let lines: Vec<_> = drawn.iter().map(|i| Some((i.mean - i.sd, i.mean, i.mean + i.sd))).collect();
        let (line_series, line_patch) = whiskers(theme, &lines);
        let sheet = Sheet::new(theme)
            .grid(12)
            .x(value_axis(theme, &format!("{worse} when shuffled")))
            .y(category_axis(theme, "", &labels).inverse(true))
            .series(
                Bar::new().name("Importance"),
                json!({ "data": bars, "barMaxWidth": 18, "itemStyle": { "color": theme.series_colour(0) } }),
            )
            .series(line_series, line_patch)
            .merge(json!({ "yAxis": [{ "axisLabel": { "interval": 0, "lineHeight": LINE_HEIGHT }, "axisLine": { "onZero": false } }] }));
        let title = match all.first() {
            Some(first) if first.mean > 0.0 => format!(
                "{winner} relies most on {}: with {} values shuffled {name} {verb} by {}",
                first.feature,
                if first.feature.contains(" + ") { "their" } else { "its" },
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
                how: format!(
                    "Permutation importance on held-out rows: the column (with all its 0/1 columns) is shuffled and {name} measured again. \
                     Whiskers are one standard deviation. Columns that say the same share their importance."
                ),
                header: vec!["Column".into(), worse, "Standard deviation".into()],
                rows,
            },
        ))
    }
}
