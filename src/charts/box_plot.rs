//! Box plots: one column in its own unit, or all number columns side by side on their own range.

use charming::series::{Boxplot, Scatter};
use serde_json::{Value, json};

use super::{
    ChartMaker, ChartRequest, ChartSource, Picture, Theme,
    histogram::year_labels,
    numeric_columns,
    option::{Caption, Sheet, category_axis, shorten, value_axis},
};
use crate::engine::{statistics::exploration::NumericStatistics, words::count};

/// Argument: the column; none for all columns.
pub struct BoxPlot;

/// More would not be told apart.
const MOST_COLUMNS: usize = 20;

impl ChartMaker for BoxPlot {
    fn slug(&self) -> &'static str {
        "box_plot"
    }

    fn offers(&self, source: &ChartSource<'_>) -> Vec<ChartRequest> {
        match numeric_columns(source).as_slice() {
            [] => Vec::new(),
            [one] => vec![ChartRequest::new(self.slug(), [one.clone()])],
            _ => vec![ChartRequest::new(self.slug(), [])],
        }
    }

    fn draw(&self, source: &ChartSource<'_>, args: &[String], theme: &Theme) -> Option<Picture> {
        let columns = match args.first() {
            Some(one) => vec![one.clone()],
            None => numeric_columns(source),
        };
        let exploration = source.exploration?;
        let all: Vec<(&str, &NumericStatistics)> = columns
            .iter()
            .filter_map(|name| {
                let column = exploration.columns.iter().find(|c| &c.name == name)?;
                Some((column.name.as_str(), column.numeric.as_ref()?))
            })
            .take(MOST_COLUMNS)
            .collect();
        if all.is_empty() {
            return None;
        }
        let is_single = !args.is_empty();
        // Side by side the columns share one axis, so each is shown on its own range: 0 smallest, 100 largest.
        let place = |n: &NumericStatistics, v: f64| {
            if is_single {
                v
            } else if n.max > n.min {
                100.0 * (v - n.min) / (n.max - n.min)
            } else {
                50.0
            }
        };
        let labels: Vec<String> = all.iter().map(|(name, _)| shorten(name, 24)).collect();
        let boxes: Vec<Value> = all
            .iter()
            .map(|(name, n)| {
                let number = |v: f64| n.show(v);
                let text = format!(
                    "{}\nmedian {}\nmiddle half {} to {}\nwhiskers {} to {}\n{} outside",
                    super::option::plain(name),
                    number(n.median),
                    number(n.q1),
                    number(n.q3),
                    number(n.whisker_low),
                    number(n.whisker_high),
                    count(n.outliers)
                );
                json!({ "value": [place(n, n.whisker_low), place(n, n.q1), place(n, n.median), place(n, n.q3), place(n, n.whisker_high)],
                        "tooltip": { "formatter": text } })
            })
            .collect();
        let outside: Vec<Value> = all
            .iter()
            .enumerate()
            .flat_map(|(i, (_, n))| {
                n.outlier_values.iter().map(
                    move |&v| json!({ "value": [place(n, v), i], "tooltip": { "formatter": n.show(v) } }),
                )
            })
            .collect();
        let medians: Vec<Value> = all
            .iter()
            .enumerate()
            .map(|(i, (_, n))| {
                json!({ "value": [place(n, n.median), i], "label": { "formatter": n.show(n.median) } })
            })
            .collect();
        let axis_name = if is_single {
            columns[0].as_str()
        } else {
            "Place between smallest (0) and largest (100) value"
        };
        let sheet = Sheet::new(theme)
            .grid(12)
            .x(if is_single { value_axis(theme, axis_name).scale(true) } else { value_axis(theme, axis_name).min(0.0).max(100.0) })
            .y(category_axis(theme, "", &labels).inverse(true))
            .series(
                Boxplot::new().name("Box"),
                json!({ "data": boxes, "boxWidth": [10, 20], "itemStyle": { "color": theme.sequential.0, "borderColor": theme.series_colour(0), "borderWidth": 1.5 } }),
            )
            .series(
                Scatter::new().name("Outside the whiskers"),
                json!({ "data": outside, "symbolSize": 4, "itemStyle": { "color": theme.series_colour(1), "opacity": 0.55 } }),
            )
            .series(
                Scatter::new().name("Median"),
                json!({ "data": medians, "symbolSize": 1, "silent": true, "z": 6,
                        "label": { "show": true, "position": "top", "distance": 15, "color": theme.ink, "fontSize": 12 } }),
            )
            .merge(json!({ "yAxis": [{ "axisLabel": { "show": !is_single } }],
                           "xAxis": [{ "axisLabel": { "formatter": if is_single { year_labels(all[0].1) } else { Value::Null } } }] }));

        let n_outside: u64 = all.iter().map(|(_, n)| n.outliers).sum();
        let title = match all.as_slice() {
            [(name, n)] => format!(
                "{name}: median {}, {} values lie outside the whiskers",
                n.show(n.median),
                count(n.outliers)
            ),
            _ => {
                let most = all.iter().max_by_key(|(_, n)| n.outliers);
                match most {
                    Some((name, n)) if n.outliers > 0 => {
                        format!("{name} has the most values outside its whiskers: {}", count(n.outliers))
                    }
                    _ => "No column has values outside its whiskers".to_owned(),
                }
            }
        };
        let alt = match all.as_slice() {
            [(name, n)] => format!(
                "Box plot of {name}: median {}, middle half from {} to {}, whiskers from {} to {}.",
                n.show(n.median),
                n.show(n.q1),
                n.show(n.q3),
                n.show(n.whisker_low),
                n.show(n.whisker_high)
            ),
            _ => format!(
                "Box plots of {} columns, each on its own range; {} values lie outside the whiskers.",
                all.len(),
                count(n_outside)
            ),
        };
        let rows = all
            .iter()
            .map(|(name, n)| {
                let mut row = vec![(*name).to_owned()];
                row.extend(
                    [n.min, n.whisker_low, n.q1, n.median, n.q3, n.whisker_high, n.max].map(|v| n.show(v)),
                );
                row.push(count(n.outliers));
                row
            })
            .collect();
        let header = [
            "Column",
            "Smallest",
            "Low whisker",
            "First quartile",
            "Median",
            "Third quartile",
            "High whisker",
            "Largest",
            "Outside",
        ];
        Some(sheet.finish(
            if is_single { 160 } else { 90 + 50 * all.len() as u32 },
            Caption {
                title,
                alt,
                how: "The box spans the quartiles, its line is the median; whiskers end at the outermost values within 1.5 \
                      interquartile ranges of the box (Tukey). At most 200 values outside are drawn a column."
                    .into(),
                header: header.map(str::to_owned).to_vec(),
                rows,
            },
        ))
    }
}
