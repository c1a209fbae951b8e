//! What makes each segment different: its means as standard deviations from those of all rows.

use charming::{component::VisualMap, series::Heatmap};
use serde_json::Value;

use super::{
    ChartMaker, ChartRequest, ChartSource, Picture, Theme,
    option::{Caption, Sheet, category_axis, plain, shorten},
};
use crate::engine::{
    json::json,
    words::{counted, decimals, optional},
};

/// No arguments.
pub struct SegmentProfileHeatmap;

const MOST_COLUMNS: usize = 30;
/// Colours are full at this many standard deviations.
const FULL: f64 = 2.0;

impl ChartMaker for SegmentProfileHeatmap {
    fn slug(&self) -> &'static str {
        "segment_profile"
    }

    fn offers(&self, source: &ChartSource<'_>) -> Vec<ChartRequest> {
        match source.segmentation {
            Some(s) if !s.segments.is_empty() && !s.profile_columns.is_empty() => {
                vec![ChartRequest::new(self.slug(), [])]
            }
            _ => Vec::new(),
        }
    }

    fn draw(&self, source: &ChartSource<'_>, _args: &[String], theme: &Theme) -> Option<Picture> {
        let found = source.segmentation?;
        let columns: Vec<&String> = found.profile_columns.iter().take(MOST_COLUMNS).collect();
        if columns.is_empty() || found.segments.is_empty() {
            return None;
        }
        let names: Vec<String> = found.segments.iter().map(|s| format!("Segment {}", s.index + 1)).collect();
        let numbers: Vec<String> = found.segments.iter().map(|s| (s.index + 1).to_string()).collect();
        let mut cells: Vec<Value> = Vec::new();
        let mut furthest: Option<(f64, String)> = None;
        for (j, segment) in found.segments.iter().enumerate() {
            for (i, column) in columns.iter().enumerate() {
                let Some(z) = segment.z.get(i).copied().flatten() else { continue };
                if furthest.as_ref().is_none_or(|(best, _)| z.abs() > best.abs()) {
                    let word = if z > 0.0 { "above" } else { "below" };
                    furthest = Some((
                        z,
                        format!(
                            "{} lies furthest from the average in {column}: {} standard deviations {word}",
                            names[j],
                            decimals(z.abs(), 1)
                        ),
                    ));
                }
                let mean = segment.means.get(i).copied().flatten();
                let overall = found.overall_means.get(i).copied().flatten();
                cells.push(json!({ "value": [j, i, (z * 100.0).round() / 100.0], "label": { "formatter": decimals(z, 1) },
                    "tooltip": { "formatter": format!("{}\n{}\nmean {} (all {})\n{} standard deviations", names[j], plain(column), optional(mean), optional(overall), decimals(z, 2)) } }));
            }
        }
        let labels: Vec<String> = columns.iter().map(|c| shorten(c, 24)).collect();
        let sheet = Sheet::new(theme)
            .grid(40)
            .x(category_axis(theme, "Segment", &numbers).position("top"))
            .y(category_axis(theme, "", &labels).inverse(true))
            .visual_map(VisualMap::new().min(-FULL).max(FULL).calculable(false).left(8).top(0))
            .series(
                Heatmap::new(),
                json!({ "data": cells, "label": { "show": found.segments.len() <= 10, "fontSize": 12, "color": theme.ink },
                        "itemStyle": { "borderColor": theme.surface, "borderWidth": 1 } }),
            )
            .merge(json!({
                "xAxis": [{ "axisLabel": { "interval": 0, "hideOverlap": true } }],
                "yAxis": [{ "axisLabel": { "interval": 0 } }],
                "visualMap": [{ "type": "continuous", "orient": "horizontal", "itemWidth": 10, "itemHeight": 120,
                                "text": [format!("{FULL} above"), format!("{FULL} below")],
                                "textStyle": { "color": theme.ink_muted }, "inRange": { "color": theme.heat() } }],
            }));
        let header = std::iter::once("Column (mean)".to_owned())
            .chain(["All".to_owned()])
            .chain(names.iter().cloned())
            .collect();
        let rows = columns
            .iter()
            .enumerate()
            .map(|(i, column)| {
                let means = found.segments.iter().map(|s| optional(s.means.get(i).copied().flatten()));
                [(*column).clone(), optional(found.overall_means.get(i).copied().flatten())]
                    .into_iter()
                    .chain(means)
                    .collect()
            })
            .collect();
        let title = furthest.map_or_else(|| "How the segments differ".to_owned(), |(_, text)| text);
        let left_out = found.profile_columns.len() - columns.len();
        let note =
            if left_out > 0 { format!(" {left_out} more columns are not drawn.") } else { String::new() };
        Some(sheet.finish(
            110 + 26 * columns.len() as u32,
            Caption {
                alt: format!(
                    "Heatmap of {} by {}. {title}.",
                    counted(columns.len() as u64, "column", "columns"),
                    counted(found.segments.len() as u64, "segment", "segments")
                ),
                title,
                how: format!("Mean of the segment minus mean of all rows, over the standard deviation of all rows. The table has the means in original units.{note}"),
                header,
                rows,
            },
        ))
    }
}
