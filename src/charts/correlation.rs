//! Correlation heatmap: which columns move together.

use charming::{component::VisualMap, series::Heatmap};
use serde_json::Value;

use super::{
    ChartMaker, ChartRequest, ChartSource, Picture, Theme,
    option::{Caption, Sheet, category_axis, plain, shorten},
};
use crate::engine::{
    json::json,
    order::InOrder,
    statistics::correlation::is_derived,
    words::{self, decimals},
};

/// Arguments: "pearson" or "spearman", then the columns; none means all that there is room for.
pub struct CorrelationHeatmap;

const MOST_COLUMNS: usize = 30;
/// Numbers fit into the cells up to this many columns.
const MOST_PRINTED: usize = 12;
/// The same on a phone.
const MOST_PRINTED_NARROW: usize = 6;

impl ChartMaker for CorrelationHeatmap {
    fn slug(&self) -> &'static str {
        "correlation"
    }

    fn offers(&self, source: &ChartSource<'_>) -> Vec<ChartRequest> {
        let found = source.exploration.map(|e| e.correlations.as_slice()).unwrap_or_default();
        found
            .iter()
            .filter(|c| c.columns.len() > 1)
            .map(|c| ChartRequest::new(self.slug(), [c.method.clone()]))
            .collect()
    }

    fn draw(&self, source: &ChartSource<'_>, args: &[String], theme: &Theme) -> Option<Picture> {
        let method = args.first().map_or("pearson", String::as_str);
        let found = source.exploration?.correlations.iter().find(|c| c.method == method)?;
        let stored = |i: usize, j: usize| found.values.get(i).and_then(|r| r.get(j)).copied().flatten();
        // A constant column correlates with nothing: its row and column would be empty.
        let wanted = args.get(1..).unwrap_or_default();
        let (moving, constant): (Vec<usize>, Vec<usize>) = (0..found.columns.len())
            .filter(|&i| wanted.is_empty() || wanted.contains(&found.columns[i]))
            .partition(|&i| (0..found.columns.len()).any(|j| i != j && stored(i, j).is_some()));
        let (kept, beyond) = moving.split_at(moving.len().min(MOST_COLUMNS));
        let n = kept.len();
        if n < 2 {
            return None;
        }
        let columns: Vec<&String> = kept.iter().filter_map(|&i| found.columns.get(i)).collect();
        let at = |i: usize, j: usize| stored(kept[i], kept[j]);
        let is_printed = n <= MOST_PRINTED;
        let labels: Vec<String> = columns.iter().map(|c| shorten(c, 20)).collect();
        let mut cells: Vec<Value> = Vec::new();
        let mut pairs: Vec<(f64, usize, usize)> = Vec::new();
        for i in 0..n {
            for j in 0..n {
                let Some(r) = at(i, j) else { continue };
                if i < j {
                    pairs.push((r, i, j));
                }
                let text = format!(
                    "{}\n{}\n{} = {}",
                    plain(columns[i]),
                    plain(columns[j]),
                    symbol(method),
                    decimals(r, 3)
                );
                cells.push(json!({ "value": [j, i, (r * 1000.0).round() / 1000.0],
                    "label": { "formatter": decimals(r, 2) }, "tooltip": { "formatter": text } }));
            }
        }
        pairs.order_by(|a, b| b.0.abs().total_cmp(&a.0.abs()).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
        let sheet = Sheet::new(theme)
            .grid(40)
            .x(category_axis(theme, "", &labels).position("bottom"))
            .y(category_axis(theme, "", &labels).inverse(true))
            .visual_map(VisualMap::new().min(-1.0).max(1.0).calculable(false).left(8).top(0))
            .series(
                Heatmap::new(),
                json!({ "data": cells, "label": { "show": is_printed, "fontSize": 12, "color": theme.ink },
                        "itemStyle": { "borderColor": theme.surface, "borderWidth": 1 } }),
            )
            .merge(json!({
                "xAxis": [{ "axisLabel": { "rotate": if n > 5 { 45 } else { 0 }, "interval": 0 } }],
                "yAxis": [{ "axisLabel": { "interval": 0 } }],
                "visualMap": [{ "type": "continuous", "orient": "horizontal", "itemWidth": 10, "itemHeight": 120, "text": ["1", "−1"],
                                "textStyle": { "color": theme.ink_muted }, "inRange": { "color": theme.heat() } }],
            }));
        let sheet = if n > MOST_PRINTED_NARROW {
            sheet.on_narrow(json!({ "series": [{ "label": { "show": false } }] }))
        } else {
            sheet
        };
        let name = |(r, i, j): &(f64, usize, usize)| {
            format!("{} and {} ({} = {})", columns[*i], columns[*j], symbol(method), decimals(*r, 2))
        };
        // What was computed from a column moves with it by making: that is no finding.
        type Pairs<'p> = Vec<&'p (f64, usize, usize)>;
        let (derived, telling): (Pairs, Pairs) =
            pairs.iter().partition(|(r, i, j)| is_derived(source.table, columns[*i], columns[*j], *r));
        let title = match telling.first() {
            Some(best) if best.0.abs() >= 0.3 => format!("Strongest link: {}", name(best)),
            Some(best) => format!("No two columns move together strongly; closest are {}", name(best)),
            None => "No correlation could be computed".to_owned(),
        };
        let rows = pairs
            .iter()
            .map(|(r, i, j)| vec![columns[*i].clone(), columns[*j].clone(), decimals(*r, 3)])
            .collect();
        let named = |left_out: &[usize]| {
            let names: Vec<String> = left_out.iter().filter_map(|&i| found.columns.get(i)).cloned().collect();
            words::list_some(&names)
        };
        let mut note = String::new();
        if !constant.is_empty() {
            note += &format!(" Not drawn, having one value only: {}.", named(&constant));
        }
        if !beyond.is_empty() {
            note += &format!(" Not drawn, beyond {MOST_COLUMNS} columns: {}.", named(beyond));
        }
        let by_making: Vec<String> = derived.iter().filter(|p| p.0.abs() >= 0.5).map(|p| name(p)).collect();
        if !by_making.is_empty() {
            note += &format!(
                " Left out of the title, one being computed from the other: {}.",
                words::list_some(&by_making)
            );
        }
        Some(sheet.finish(
            (120 + 30 * n as u32).max(240),
            Caption {
                alt: format!("Heatmap of {} correlations between {n} columns. {title}.", method_name(method)),
                title,
                how: format!(
                    "{} over rows that have both values. Correlation is not cause.{note}",
                    if method == "spearman" {
                        "Spearman's correlation (Pearson's of the ranks)"
                    } else {
                        "Pearson's correlation"
                    }
                ),
                header: vec!["Column".into(), "Column".into(), symbol(method).into()],
                rows,
            },
        ))
    }
}

fn symbol(method: &str) -> &'static str {
    if method == "spearman" { "rho" } else { "r" }
}

fn method_name(method: &str) -> &'static str {
    if method == "spearman" { "Spearman" } else { "Pearson" }
}
