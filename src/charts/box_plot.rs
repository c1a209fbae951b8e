//! Box plots: one column in its own unit, or all number columns side by side on their own range.

use charming::{
    component::Axis,
    series::{Boxplot, Scatter},
};
use serde_json::Value;

use super::{
    ChartMaker, ChartRequest, ChartSource, Picture, Theme,
    histogram::year_labels,
    numeric_columns,
    option::{Caption, Sheet, category_axis, plain, shorten, value_axis},
};
use crate::engine::{json::json, statistics::exploration::NumericStatistics, words::count};

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
        let all: Vec<Column<'_>> = columns
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
        let scale = if args.is_empty() { Scale::Shared } else { Scale::Own };
        let caption = Caption {
            title: title(&all),
            alt: alt(&all),
            how: "The box spans the quartiles, its line is the median; whiskers end at the outermost values within 1.5 \
                  interquartile ranges of the box (Tukey). At most 200 values outside are drawn a column."
                .into(),
            header: HEADER.map(str::to_owned).to_vec(),
            rows: all.iter().map(|(name, n)| figures(name, n)).collect(),
        };
        let height = if scale == Scale::Own { 160 } else { 90 + 50 * all.len() as u32 };
        Some(sheet(&all, scale, theme).finish(height, caption))
    }
}

/// A column with its figures.
type Column<'a> = (&'a str, &'a NumericStatistics);

const HEADER: [&str; 9] = [
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

/// What the axis means.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scale {
    /// One column, in its own unit.
    Own,
    /// Side by side the columns share one axis, so each is shown on its own range: 0 smallest, 100 largest.
    Shared,
}

impl Scale {
    fn place(self, n: &NumericStatistics, v: f64) -> f64 {
        match self {
            Self::Own => v,
            Self::Shared if n.max > n.min => 100.0 * (v - n.min) / (n.max - n.min),
            Self::Shared => 50.0,
        }
    }

    fn axis(self, all: &[Column<'_>], theme: &Theme) -> Axis {
        match (self, all) {
            (Self::Own, [(name, _), ..]) => value_axis(theme, name).scale(true),
            _ => value_axis(theme, "Place between smallest (0) and largest (100) value").min(0.0).max(100.0),
        }
    }
}

fn sheet<'t>(all: &[Column<'_>], scale: Scale, theme: &'t Theme) -> Sheet<'t> {
    let labels: Vec<String> = all.iter().map(|(name, _)| shorten(name, 24)).collect();
    let boxes: Vec<Value> = all
        .iter()
        .map(|(name, n)| {
            let value = [n.whisker_low, n.q1, n.median, n.q3, n.whisker_high].map(|v| scale.place(n, v));
            json!({ "value": value, "tooltip": { "formatter": hint(name, n) } })
        })
        .collect();
    let outside: Vec<Value> = all
        .iter()
        .enumerate()
        .flat_map(|(i, (_, n))| {
            let point =
                move |&v: &f64| json!({ "value": [scale.place(n, v), i], "tooltip": { "formatter": n.show(v) } });
            n.outlier_values.iter().map(point)
        })
        .collect();
    let medians: Vec<Value> = all
        .iter()
        .enumerate()
        .map(|(i, (_, n))| {
            json!({ "value": [scale.place(n, n.median), i], "label": { "formatter": n.show(n.median) } })
        })
        .collect();
    let years = match (scale, all) {
        (Scale::Own, [(_, n), ..]) => year_labels(n),
        _ => Value::Null,
    };
    Sheet::new(theme)
        .grid(12)
        .x(scale.axis(all, theme))
        .y(category_axis(theme, "", &labels).inverse(true))
        .series(
            Boxplot::new().name("Box"),
            json!({ "data": boxes, "boxWidth": [10, 20],
                    "itemStyle": { "color": theme.sequential.0, "borderColor": theme.series_colour(0), "borderWidth": 1.5 } }),
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
        .merge(json!({ "yAxis": [{ "axisLabel": { "show": scale == Scale::Shared } }],
                       "xAxis": [{ "axisLabel": { "formatter": years } }] }))
}

/// What is said of a box pointed at.
fn hint(name: &str, n: &NumericStatistics) -> String {
    format!(
        "{}\nmedian {}\nmiddle half {} to {}\nwhiskers {} to {}\n{} outside",
        plain(name),
        n.show(n.median),
        n.show(n.q1),
        n.show(n.q3),
        n.show(n.whisker_low),
        n.show(n.whisker_high),
        count(n.outliers)
    )
}

fn title(all: &[Column<'_>]) -> String {
    if let [(name, n)] = all {
        let (median, outside) = (n.show(n.median), count(n.outliers));
        return format!("{name}: median {median}, {outside} values lie outside the whiskers");
    }
    match all.iter().max_by_key(|(_, n)| n.outliers) {
        Some((name, n)) if n.outliers > 0 => {
            format!("{name} has the most values outside its whiskers: {}", count(n.outliers))
        }
        _ => "No column has values outside its whiskers".to_owned(),
    }
}

fn alt(all: &[Column<'_>]) -> String {
    match all {
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
            count(all.iter().map(|(_, n)| n.outliers).sum())
        ),
    }
}

/// A row under [`HEADER`].
fn figures(name: &str, n: &NumericStatistics) -> Vec<String> {
    let mut row = vec![name.to_owned()];
    row.extend([n.min, n.whisker_low, n.q1, n.median, n.q3, n.whisker_high, n.max].map(|v| n.show(v)));
    row.push(count(n.outliers));
    row
}
