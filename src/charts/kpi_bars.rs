//! One KPI by one or two categories, as bars beside the value of everything together.

use charming::series::Bar;
use serde_json::{Value, json};

use super::{
    ChartMaker, ChartRequest, ChartSource, Picture, Theme,
    option::{Caption, Sheet, category_axis, is_range, plain, shorten, value_axis},
};
use crate::engine::{
    statistics::exploration::{KpiColumn, KpiRow, KpiTable},
    words::{count, money, number, percent},
};

/// Arguments: the metric's slug, then the category or categories.
pub struct KpiBars;

const MOST_BARS: usize = 24;
/// Tables drawn in a report.
const MOST_OFFERED: usize = 6;
/// What the report draws of each table.
const TELLING: &[&str] = &["cpa", "cpl", "cvr", "ctr", "response_rate"];

impl ChartMaker for KpiBars {
    fn slug(&self) -> &'static str {
        "kpi_bars"
    }

    fn offers(&self, source: &ChartSource<'_>) -> Vec<ChartRequest> {
        let tables = source.exploration.map(|e| e.kpis.as_slice()).unwrap_or_default();
        tables
            .iter()
            .filter_map(|t| {
                let slug = TELLING
                    .iter()
                    .find(|s| has_values(t, s))
                    .copied()
                    .map(str::to_owned)
                    .or_else(|| t.columns.iter().map(|c| c.slug.clone()).find(|s| has_values(t, s)))?;
                // The rate with its interval says the same and more.
                let is_told = slug == "response_rate"
                    && source
                        .exploration
                        .is_some_and(|e| e.rates.iter().any(|r| t.by == [r.segment.clone()]));
                if is_told {
                    return None;
                }
                Some(ChartRequest::new(self.slug(), std::iter::once(slug).chain(t.by.iter().cloned())))
            })
            .take(MOST_OFFERED)
            .collect()
    }

    fn draw(&self, source: &ChartSource<'_>, args: &[String], theme: &Theme) -> Option<Picture> {
        let slug = args.first()?;
        let by = args.get(1..).unwrap_or_default();
        let table = source.exploration?.kpis.iter().find(|t| by.is_empty() || t.by == by)?;
        let place = table.columns.iter().position(|c| &c.slug == slug)?;
        let column = &table.columns[place];
        let value = |row: &KpiRow| row.values.get(place).copied().flatten();
        let total = table.rows.first().filter(|r| r.labels.iter().all(String::is_empty)).and_then(value);
        let mut rows: Vec<&KpiRow> =
            table.rows.iter().filter(|r| r.labels.iter().any(|l| !l.is_empty())).collect();
        if rows.is_empty() {
            return None;
        }
        let is_ordered = table.by.len() == 1
            && super::rate_by_segment::is_ordered(
                source,
                &table.by[0],
                rows.iter().filter_map(|r| r.labels.first()).map(String::as_str),
            )
            || table.by.len() > 1 && rows.iter().flat_map(|r| &r.labels).any(|l| is_range(l));
        if !is_ordered {
            rows.sort_by(|a, b| {
                value(b).unwrap_or(f64::NEG_INFINITY).total_cmp(&value(a).unwrap_or(f64::NEG_INFINITY))
            });
        }
        let label = |row: &KpiRow| row.labels.join(", ");
        let show = |v: f64| in_unit(v, column, source.currency);
        let factor = if column.unit == "%" { 100.0 } else { 1.0 };
        let drawn: Vec<&&KpiRow> = rows.iter().filter(|r| value(r).is_some()).take(MOST_BARS).collect();
        let labels: Vec<String> = drawn.iter().map(|r| shorten(&label(r), 26)).collect();
        let bars: Vec<Value> = drawn
            .iter()
            .map(|r| {
                let v = value(r).unwrap_or(0.0);
                json!({ "value": v * factor, "label": { "formatter": show(v) },
                        "tooltip": { "formatter": format!("{}\n{} {}\n{} rows", plain(&label(r)), plain(&column.label), show(v), count(r.n_rows)) } })
            })
            .collect();
        let unit = if column.unit.is_empty() { String::new() } else { format!(", {}", column.unit) };
        let mut bar_patch = json!({ "data": bars, "barMaxWidth": 22, "itemStyle": { "color": theme.series_colour(0) },
            "label": { "show": true, "position": "right", "color": theme.ink, "fontSize": 12 } });
        if let Some(total) = total {
            super::option::merge(
                &mut bar_patch,
                json!({ "markLine": { "silent": true, "symbol": "none", "animation": false,
                "lineStyle": { "color": theme.ink_muted, "type": "dotted", "width": 1.5 },
                "label": { "formatter": format!("all {}", show(total)), "color": theme.ink_muted, "fontSize": 12, "position": "start" },
                "data": [{ "xAxis": total * factor }] } }),
            );
        }
        let sheet = Sheet::new(theme)
            .grid(24)
            .x(value_axis(theme, &format!("{}{unit}", plain(&column.label))))
            .y(category_axis(theme, "", &labels).inverse(true))
            .series(Bar::new().name(column.label.as_str()), bar_patch)
            .merge(json!({ "grid": [{ "right": 64 }], "yAxis": [{ "axisLabel": { "interval": 0 } }] }));

        let counted: Vec<(String, f64)> = rows.iter().filter_map(|r| Some((label(r), value(r)?))).collect();
        let by = table.by.join(" and ");
        let title = title_of(&column.label, &by, &counted, is_ordered, &show);
        let cells = table
            .rows
            .iter()
            .map(|r| {
                let name =
                    if r.labels.iter().all(String::is_empty) { "Everything".to_owned() } else { label(r) };
                let note = r.notes.get(place).cloned().flatten();
                vec![
                    name,
                    count(r.n_rows),
                    value(r).map_or_else(|| note.clone().unwrap_or_else(|| "–".into()), show),
                ]
            })
            .collect();
        let left_out = rows.len() - drawn.len();
        let note = if left_out > 0 {
            format!(" {left_out} groups without a value, or beyond {MOST_BARS}, are in the table only.")
        } else {
            String::new()
        };
        Some(sheet.finish(
            80 + 32 * drawn.len() as u32,
            Caption {
                alt: format!("Bars of {} by {by}. {title}.", column.label),
                title,
                how: format!(
                    "{} = {}, from the sums of each group, never the mean of row ratios. The dotted line is everything together.{note}",
                    column.label, column.formula
                ),
                header: vec![by, "Rows".into(), column.label.clone()],
                rows: cells,
            },
        ))
    }
}

fn has_values(table: &KpiTable, slug: &str) -> bool {
    table.columns.iter().position(|c| c.slug == slug).is_some_and(|i| {
        table.rows.iter().filter(|r| r.values.get(i).copied().flatten().is_some()).count() > 1
    })
}

/// A KPI's value with its unit.
pub fn in_unit(value: f64, column: &KpiColumn, currency: Option<&str>) -> String {
    match column.unit.as_str() {
        "%" => percent(value),
        "" => {
            // A cost has cents even where the file says no currency.
            if matches!(column.slug.as_str(), "cpc" | "cpm" | "cpl" | "cpa") {
                money(value, None)
            } else {
                number(value)
            }
        }
        unit => money(value, Some(currency.unwrap_or(unit))),
    }
}

fn title_of(
    label: &str,
    by: &str,
    counted: &[(String, f64)],
    is_ordered: bool,
    show: &dyn Fn(f64) -> String,
) -> String {
    let (Some(first), Some(last)) = (counted.first(), counted.last()) else {
        return format!("{label} by {by}: no group has a value");
    };
    if is_ordered && counted.len() > 2 {
        if counted.windows(2).all(|w| w[0].1 < w[1].1) {
            return format!(
                "{label} rises with {by}, from {} ({}) to {} ({})",
                show(first.1),
                first.0,
                show(last.1),
                last.0
            );
        }
        if counted.windows(2).all(|w| w[0].1 > w[1].1) {
            return format!(
                "{label} falls with {by}, from {} ({}) to {} ({})",
                show(first.1),
                first.0,
                show(last.1),
                last.0
            );
        }
    }
    let low = counted.iter().min_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or(first);
    let high = counted.iter().max_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or(last);
    format!("{label} by {by}: lowest {} ({}), highest {} ({})", show(low.1), low.0, show(high.1), high.0)
}
