//! The segments in two dimensions: first and second principal component, coloured by segment.

use charming::series::Scatter;
use serde_json::Value;

use super::{
    ChartMaker, ChartRequest, ChartSource, Picture, Theme,
    option::{Caption, Sheet, plain_axis, shorten, value_axis},
    points::tidy,
};
use crate::engine::{
    json::json,
    words::{count, decimals, percent},
};

/// No arguments.
pub struct SegmentMap;

/// Colours that can be told apart; the rest is "other".
const MOST_COLOURS: usize = 6;
/// A sample keeps the picture small.
const MOST_DOTS: usize = 2_500;

impl ChartMaker for SegmentMap {
    fn slug(&self) -> &'static str {
        "segment_map"
    }

    fn offers(&self, source: &ChartSource<'_>) -> Vec<ChartRequest> {
        match source.segmentation.and_then(|s| s.projection.as_ref()) {
            Some(p) if !p.points.is_empty() => vec![ChartRequest::new(self.slug(), [])],
            _ => Vec::new(),
        }
    }

    fn draw(&self, source: &ChartSource<'_>, _args: &[String], theme: &Theme) -> Option<Picture> {
        let found = source.segmentation?;
        let projection = found.projection.as_ref().filter(|p| !p.points.is_empty())?;
        let step = projection.points.len().div_ceil(MOST_DOTS).max(1);
        let n_groups = found.segments.len().clamp(1, MOST_COLOURS + 1);
        let mut groups: Vec<Vec<Value>> = vec![Vec::new(); n_groups];
        for (x, y, segment) in projection.points.iter().step_by(step) {
            let group = (*segment as usize).min(n_groups - 1);
            groups[group].push(json!([tidy(f64::from(*x)), tidy(f64::from(*y))]));
        }
        let share = |i: usize| projection.explained.get(i).copied();
        let axis = |i: usize| {
            let weights = projection.loadings.get(i).map(Vec::as_slice).unwrap_or_default();
            // The heaviest column names the axis; the table has the others.
            let names: Vec<String> = weights
                .iter()
                .take(2)
                .map(|(c, w)| format!("{}{}", if *w < 0.0 { "less " } else { "" }, shorten(c, 14)))
                .collect();
            let share = share(i).map_or(String::new(), |s| format!(" ({})", percent(s)));
            let of = if names.is_empty() { String::new() } else { format!(": {}", names.join(", ")) };
            format!("Component {}{share}{of}", i + 1)
        };
        let mut sheet = Sheet::new(theme)
            .legend()
            .grid(56)
            .x(plain_axis(theme, &axis(0)).scale(true))
            .y(value_axis(theme, &axis(1)).scale(true));
        for (i, data) in groups.into_iter().enumerate() {
            let name = match found.segments.get(i) {
                Some(_) if i == MOST_COLOURS => "Other segments".to_owned(),
                Some(s) => format!("Segment {} ({})", s.index + 1, count(s.n)),
                None => "Rows".to_owned(),
            };
            sheet = sheet.series(
                Scatter::new().name(name),
                json!({ "data": data, "symbolSize": 5, "itemStyle": { "color": theme.series_colour(i), "opacity": 0.6 }, "tooltip": { "formatter": "{a}" } }),
            );
        }
        let sheet = sheet.merge(json!({ "xAxis": [{ "axisLine": { "onZero": false } }] }));
        let both = share(0).unwrap_or(0.0) + share(1).unwrap_or(0.0);
        let rows = projection
            .loadings
            .iter()
            .enumerate()
            .flat_map(|(i, weights)| {
                weights
                    .iter()
                    .map(move |(c, w)| vec![format!("Component {}", i + 1), c.clone(), decimals(*w, 2)])
            })
            .collect();
        let sampled = if step > 1 { format!(" One row in {step} is drawn.") } else { String::new() };
        Some(sheet.finish(
            420,
            Caption {
                title: format!("{} segments, seen along the two directions that hold {} of the variance", found.segments.len(), percent(both)),
                alt: format!(
                    "Scatter of {} rows on the first two principal components, coloured by {} segments; the two hold {} of the variance.",
                    count(projection.points.len() as u64), found.segments.len(), percent(both)
                ),
                how: format!(
                    "Principal components of the scaled columns. Segments were found in {}, so they may overlap here.{sampled}",
                    match found.matrix_columns.len() {
                        1 => "its one dimension".to_owned(),
                        n => format!("all {n} dimensions"),
                    }
                ),
                header: vec!["Component".into(), "Column".into(), "Loading".into()],
                rows,
            },
        ))
    }
}
