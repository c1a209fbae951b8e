//! Pair plot: every pair of up to five columns as a small scatter, their spread on the diagonal, r above it.

use charming::series::{Bar, Scatter};
use serde_json::Value;

use super::{
    ChartMaker, ChartRequest, ChartSource, Picture, Theme, numeric_columns,
    option::{Caption, Sheet, shorten},
    points::{MOST_POINTS, extent, points, tidy},
};
use crate::engine::{
    data::role::Role,
    json::json,
    order::InOrder,
    statistics::correlation::is_derived,
    words::{count, decimals},
};

/// Arguments: two to five columns; none to choose.
pub struct PairPlot;

const MOST_COLUMNS: usize = 5;
/// What is shown first when nobody chose.
const TELLING: &[Role] = &[
    Role::Impressions,
    Role::Clicks,
    Role::Spend,
    Role::Enquiries,
    Role::Purchases,
    Role::Value,
    Role::Income,
    Role::Age,
    Role::Recency,
    Role::WebVisits,
    Role::WebPurchases,
    Role::StorePurchases,
    Role::CatalogPurchases,
];

impl ChartMaker for PairPlot {
    fn slug(&self) -> &'static str {
        "pair_plot"
    }

    fn offers(&self, source: &ChartSource<'_>) -> Vec<ChartRequest> {
        if numeric_columns(source).len() < 2 { Vec::new() } else { vec![ChartRequest::new(self.slug(), [])] }
    }

    fn draw(&self, source: &ChartSource<'_>, args: &[String], theme: &Theme) -> Option<Picture> {
        let names: Vec<String> = if args.is_empty() { telling(source) } else { args.to_vec() };
        let columns: Vec<(String, Vec<f64>)> = names
            .iter()
            .take(MOST_COLUMNS)
            .filter_map(|name| {
                Some((name.clone(), source.table.column(name).ok()?.as_numbers()?.into_owned()))
            })
            .collect();
        let n = columns.len();
        if n < 2 {
            return None;
        }
        let n_rows = source.table.n_rows();
        let n_pairs = n * (n - 1) / 2;
        let is_binned = n_rows * n_pairs > MOST_POINTS;

        // Panels in percent, so that the picture may be of any width.
        let (cell_w, cell_h) = (98.0 / n as f64, 96.0 / n as f64);
        let mut sheet = Sheet::new(theme);
        let (mut grids, mut xs, mut ys, mut titles) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let quiet = json!({ "show": true, "axisLabel": { "show": false }, "axisTick": { "show": false }, "splitLine": { "show": false },
                            "axisLine": { "show": true, "onZero": false, "lineStyle": { "color": theme.line } } });
        let axis = |index: usize, kind: &str, range: Option<(f64, f64)>| {
            let mut axis = quiet.clone();
            super::option::merge(&mut axis, json!({ "type": kind, "gridIndex": index }));
            if let Some((low, high)) = range {
                let pad = (high - low) * 0.04;
                super::option::merge(&mut axis, json!({ "min": tidy(low - pad), "max": tidy(high + pad) }));
            }
            axis
        };
        let mut rows = Vec::new();
        let mut strongest: Option<(f64, String)> = None;
        for i in 0..n {
            for j in 0..n {
                let (left, top) = (1.0 + j as f64 * cell_w, 1.0 + i as f64 * cell_h);
                let middle = format!("{:.2}%", left + cell_w / 2.0);
                if j > i {
                    let r = correlation(&columns[i].1, &columns[j].1);
                    // The bare number fits beside its neighbours on a phone.
                    let text = r.map_or_else(|| "–".to_owned(), |r| decimals(r, 2));
                    let size = r.map_or(12.0, |r| 12.0 + 6.0 * r.abs());
                    titles.push(json!({ "text": text, "left": middle, "top": format!("{:.2}%", top + cell_h / 2.0 - 2.0), "textAlign": "center",
                                        "textStyle": { "fontSize": size.round(), "fontWeight": "normal", "color": theme.ink } }));
                    rows.push(vec![
                        columns[i].0.clone(),
                        columns[j].0.clone(),
                        r.map_or_else(|| "–".to_owned(), |r| decimals(r, 3)),
                    ]);
                    if let Some(r) = r
                        && !is_derived(source.table, &columns[i].0, &columns[j].0, r)
                        && strongest.as_ref().is_none_or(|(best, _)| r.abs() > best.abs())
                    {
                        strongest = Some((r, format!("{} and {}", columns[i].0, columns[j].0)));
                    }
                    continue;
                }
                let index = grids.len();
                grids.push(json!({ "left": format!("{:.2}%", left + 0.5), "top": format!("{:.2}%", top + 4.0), "width": format!("{:.2}%", cell_w - 2.5),
                                   "height": format!("{:.2}%", cell_h - 6.0), "outerBoundsMode": "none" }));
                let (x, y) = (&columns[j].1, &columns[i].1);
                if i == j {
                    // The first name begins and the last ends where the picture does.
                    let (place, align) = match i {
                        0 => ("1%".to_owned(), "left"),
                        _ if i + 1 == n => ("99%".to_owned(), "right"),
                        _ => (middle, "center"),
                    };
                    titles.push(json!({ "text": shorten(&columns[i].0, 20), "left": place, "top": format!("{top:.2}%"), "textAlign": align,
                                        "textStyle": { "fontSize": 12, "fontWeight": 600, "color": theme.ink } }));
                    let counts = bins(x, 16);
                    xs.push(axis(index, "category", None));
                    ys.push(axis(index, "value", None));
                    sheet = sheet.series(
                        Bar::new(),
                        json!({ "xAxisIndex": index, "yAxisIndex": index, "data": counts, "barCategoryGap": "8%", "silent": true,
                                "itemStyle": { "color": theme.ink_muted, "opacity": 0.5 } }),
                    );
                    continue;
                }
                xs.push(axis(index, "value", extent(x.iter().copied())));
                ys.push(axis(index, "value", extent(y.iter().copied())));
                let pairs: Vec<(f64, f64)> = x
                    .iter()
                    .zip(y)
                    .filter(|(x, y)| x.is_finite() && y.is_finite())
                    .map(|(x, y)| (*x, *y))
                    .collect();
                let drawn = points(&pairs, is_binned, 20, 9.0);
                sheet = sheet.series(
                    Scatter::new().name(format!("{} by {}", super::option::plain(&columns[i].0), super::option::plain(&columns[j].0))),
                    json!({ "xAxisIndex": index, "yAxisIndex": index, "data": drawn.data, "symbolSize": 3, "silent": !is_binned && n_rows > 500,
                            "itemStyle": { "color": theme.series_colour(0), "opacity": if is_binned { 0.7 } else { 0.45 } } }),
                );
            }
        }
        let sheet = sheet.on_narrow(json!({ "title": short_titles(&titles, n) }));
        let sheet = sheet.merge(json!({ "grid": grids, "xAxis": xs, "yAxis": ys, "title": titles, "tooltip": { "formatter": "{a}\n{c}" } }));
        let list = columns.iter().map(|c| c.0.as_str()).collect::<Vec<_>>().join(", ");
        let title = match &strongest {
            Some((r, pair)) => {
                let how =
                    if *r < 0.0 { "most clearly move in opposite directions" } else { "move together most" };
                format!("{pair} {how}: r = {}", decimals(*r, 2))
            }
            None => format!("How do {list} move together?"),
        };
        Some(sheet.finish(
            110 * n as u32 + 40,
            Caption {
                alt: format!("Scatter plots of every pair of {list}, over {} rows. {title}.", count(n_rows as u64)),
                title,
                how: if is_binned {
                    "Each panel is binned 20 by 20; the area of a dot says how many rows lie there. The numbers are r, Pearson's correlation over rows with both values.".into()
                } else {
                    "One dot a row. The numbers are r, Pearson's correlation over rows with both values.".into()
                },
                header: vec!["Column".into(), "Column".into(), "Pearson r".into()],
                rows,
            },
        ))
    }
}

/// Titles for a phone, where there is room for a part of each name.
fn short_titles(titles: &[Value], n_columns: usize) -> Vec<Value> {
    let n_chars = if n_columns > 4 { 11 } else { 14 };
    let text = |title: &Value| title["text"].as_str().map(|text| shorten(text, n_chars));
    titles.iter().map(|title| json!({ "text": text(title) })).collect()
}

/// Columns to begin with: those with a telling role, then any other.
fn telling(source: &ChartSource<'_>) -> Vec<String> {
    let columns = numeric_columns(source);
    let rank = |name: &String| {
        let role = source.table.column(name).map(|c| c.role).unwrap_or(Role::Number);
        TELLING.iter().position(|&r| r == role).unwrap_or(TELLING.len())
    };
    let mut ranked: Vec<(usize, String)> = columns.into_iter().map(|c| (rank(&c), c)).collect();
    ranked.order_by_key(|(rank, _)| *rank);
    ranked.into_iter().take(MOST_COLUMNS).map(|(_, c)| c).collect()
}

/// Pearson's r over rows with both values; `None` when one column is constant there.
fn correlation(x: &[f64], y: &[f64]) -> Option<f64> {
    let pairs = || x.iter().zip(y).filter(|(x, y)| x.is_finite() && y.is_finite());
    let n = pairs().count() as f64;
    let mean_x = pairs().map(|p| p.0).sum::<f64>() / n;
    let mean_y = pairs().map(|p| p.1).sum::<f64>() / n;
    let (mut xy, mut xx, mut yy) = (0.0, 0.0, 0.0);
    for (x, y) in pairs() {
        xy += (x - mean_x) * (y - mean_y);
        xx += (x - mean_x) * (x - mean_x);
        yy += (y - mean_y) * (y - mean_y);
    }
    (xx > 0.0 && yy > 0.0).then(|| (xy / (xx.sqrt() * yy.sqrt())).clamp(-1.0, 1.0))
}

fn bins(values: &[f64], n_bins: usize) -> Vec<Value> {
    let Some((low, high)) = extent(values.iter().copied()) else { return Vec::new() };
    let mut counts = vec![0_u64; n_bins];
    for &v in values.iter().filter(|v| v.is_finite()) {
        let place = if high > low { (v - low) / (high - low) } else { 0.5 };
        counts[((place * n_bins as f64) as usize).min(n_bins - 1)] += 1;
    }
    counts.into_iter().map(Value::from).collect()
}
