//! Choosing the number of segments: elbow, silhouette and Davies-Bouldin over k, the recommended k marked.

use charming::series::Line;
use serde_json::Value;

use super::{
    ChartMaker, ChartRequest, ChartSource, Picture, Theme,
    option::{Caption, Sheet, category_axis, value_axis},
};
use crate::engine::{
    json::json,
    segments::segmentation::SweepPoint,
    words::{self, decimals, number},
};

/// Where the plots begin, in pixels: room for "-0.25" and "12,500".
const LEFT: u32 = 64;

/// No arguments.
pub struct KSweep;

impl ChartMaker for KSweep {
    fn slug(&self) -> &'static str {
        "k_sweep"
    }

    fn offers(&self, source: &ChartSource<'_>) -> Vec<ChartRequest> {
        match source.segmentation {
            Some(s) if s.sweep.len() > 1 => vec![ChartRequest::new(self.slug(), [])],
            _ => Vec::new(),
        }
    }

    fn draw(&self, source: &ChartSource<'_>, _args: &[String], theme: &Theme) -> Option<Picture> {
        let found = source.segmentation?;
        let sweep = &found.sweep;
        if sweep.is_empty() {
            return None;
        }
        let labels: Vec<String> = sweep.iter().map(|p| p.k.to_string()).collect();
        type Measure = fn(&SweepPoint) -> Option<f64>;
        // One panel a measure, one under the other over the same k: three scales on one axis would tell nothing.
        let (unit, unit_word) = unit(sweep.iter().map(|p| p.inertia).fold(0.0, f64::max));
        let elbow = format!("Within-segment sum of squares{unit_word} (elbow)");
        let panels: [(&str, Measure, usize); 3] = [
            (&elbow, |p| Some(p.inertia), 0),
            ("Silhouette (higher is better)", |p| p.silhouette, 2),
            ("Davies-Bouldin (lower is better)", |p| p.davies_bouldin, 2),
        ];
        let mut sheet = Sheet::new(theme);
        let (mut grids, mut titles) = (Vec::new(), Vec::new());
        let best = sweep.iter().position(|p| p.k == found.recommended_k);
        for (i, (name, measure, digits)) in panels.iter().enumerate() {
            let top = 24 + i as u32 * 132;
            // One fixed edge for all: grids that make room for their own labels would put the same k at different places.
            grids.push(json!({ "left": LEFT, "right": 20, "top": top, "height": 82, "containLabel": false, "outerBoundsMode": "none" }));
            titles.push(json!({ "text": name, "left": 4, "top": top - 22, "textStyle": { "fontSize": 12, "fontWeight": 600, "color": theme.ink } }));
            let data: Vec<Value> = sweep
                .iter()
                .enumerate()
                .map(|(j, p)| {
                    let value = measure(p);
                    let text = value.map_or_else(|| "not defined".into(), |v| if *digits == 0 { number(v) } else { decimals(v, 3) });
                    let is_best = Some(j) == best;
                    json!({ "value": value.map(|v| if i == 0 { v / unit } else { v }), "symbolSize": if is_best { 11 } else { 6 },
                            "itemStyle": { "color": if is_best { theme.accent.as_str() } else { theme.series_colour(i) } },
                            "tooltip": { "formatter": format!("k = {}\n{name}: {text}", p.k) } })
                })
                .collect();
            let mark = match best {
                Some(j) => json!([{ "xAxis": j }]),
                None => json!([]),
            };
            sheet = sheet
                .x(category_axis(theme, if i == 2 { "Number of segments (k)" } else { "" }, &labels).grid_index(i as f64))
                .y(value_axis(theme, "").scale(true).split_number(3.0).grid_index(i as f64))
                .series(
                    Line::new().name(*name),
                    json!({ "xAxisIndex": i, "yAxisIndex": i, "data": data, "symbol": "circle", "lineStyle": { "color": theme.series_colour(i), "width": 2 },
                            "markLine": { "silent": true, "symbol": "none", "animation": false,
                                "lineStyle": { "color": theme.accent, "type": "dashed", "width": 1.25 },
                                "label": { "show": false }, "data": mark } }),
                );
        }
        let sheet = sheet.merge(json!({ "grid": grids, "title": titles }));
        let cell = |v: Option<f64>, digits| v.map_or_else(|| "–".to_owned(), |v| decimals(v, digits));
        let rows = sweep
            .iter()
            .map(|p| {
                vec![
                    p.k.to_string(),
                    number(p.inertia),
                    cell(p.silhouette, 3),
                    cell(p.davies_bouldin, 3),
                    cell(p.stability, 2),
                    p.sizes.iter().map(|&n| words::count(n)).collect::<Vec<_>>().join(", "),
                ]
            })
            .collect();
        let header = ["k", "Sum of squares", "Silhouette", "Davies-Bouldin", "Stability (ARI)", "Sizes"];
        Some(sheet.finish(
            450,
            Caption {
                title: format!("{} segments are recommended", found.recommended_k),
                alt: format!(
                    "Three lines over the number of segments, from {} to {}: sum of squares, silhouette and Davies-Bouldin; {} is recommended.",
                    sweep.first().map_or(0, |p| p.k),
                    sweep.last().map_or(0, |p| p.k),
                    found.recommended_k
                ),
                how: format!("k-means with {} starts for each k, best start kept. {}", found.plan.starts, found.why_k),
                header: header.map(str::to_owned).to_vec(),
                rows,
            },
        ))
    }
}

/// What large sums are divided by, so that their labels fit, and its word.
fn unit(largest: f64) -> (f64, String) {
    match largest {
        v if !v.is_finite() || v < 5e5 => (1.0, String::new()),
        v if v < 5e8 => (1e6, ", in millions".to_owned()),
        v if v < 5e11 => (1e9, ", in billions".to_owned()),
        _ => (1e12, ", in trillions".to_owned()),
    }
}
