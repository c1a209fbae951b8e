//! A chart read from its option: axes with their scales, series with their data, and where each plot stands.

use serde_json::Value;

use super::{
    axis::Axis,
    paper::Rect,
    read::{Item, flag, length, number, parts, text},
    scale::Scale,
};

/// What a series is drawn as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Bar,
    Line,
    Scatter,
    Boxplot,
    Heatmap,
}

/// A series with its data.
pub(super) struct Series<'o> {
    pub option: &'o Value,
    pub kind: Kind,
    /// Places of its axes in the lists of the chart.
    pub x: usize,
    pub y: usize,
    /// Where nothing else is said.
    pub colour: &'o str,
    /// What has more lies above.
    pub z: f64,
    pub items: Vec<Item<'o>>,
}

/// Everything that is drawn.
pub(super) struct Chart<'o> {
    pub option: &'o Value,
    pub xs: Vec<Axis<'o>>,
    pub ys: Vec<Axis<'o>>,
    pub series: Vec<Series<'o>>,
}

impl<'o> Chart<'o> {
    /// `None` when the option asks for anything that is not drawn here.
    pub fn read(option: &'o Value) -> Option<Self> {
        let palette: Vec<&str> = parts(option, "color").iter().filter_map(Value::as_str).collect();
        let series = parts(option, "series");
        let series = series.iter().enumerate().map(|(i, s)| {
            let kind = match text(s, "/type")? {
                "bar" => Kind::Bar,
                "line" => Kind::Line,
                "scatter" => Kind::Scatter,
                "boxplot" => Kind::Boxplot,
                "heatmap" => Kind::Heatmap,
                _ => return None,
            };
            let own = text(s, "/itemStyle/color").or_else(|| text(s, "/lineStyle/color"));
            let of_palette = palette.get(i % palette.len().max(1)).copied();
            Some(Series {
                option: s,
                kind,
                x: number(s, "/xAxisIndex").unwrap_or(0.0) as usize,
                y: number(s, "/yAxisIndex").unwrap_or(0.0) as usize,
                colour: own.or(of_palette).unwrap_or("#555555"),
                z: number(s, "/z").unwrap_or(if kind == Kind::Line { 3.0 } else { 2.0 }),
                items: parts(s, "data").iter().map(Item::of).collect(),
            })
        });
        let series: Vec<Series<'o>> = series.collect::<Option<_>>()?;
        if series.is_empty() {
            return None;
        }
        let mut chart = Self { option, xs: Vec::new(), ys: Vec::new(), series };
        chart.xs = chart.axes("xAxis", true)?;
        chart.ys = chart.axes("yAxis", false)?;
        let has_axes = |s: &Series<'_>| s.x < chart.xs.len() && s.y < chart.ys.len();
        chart.series.iter().all(has_axes).then_some(chart)
    }

    fn axes(&self, key: &str, is_across: bool) -> Option<Vec<Axis<'o>>> {
        let axes = parts(self.option, key).iter().enumerate().map(|(i, option)| {
            let scale = match text(option, "/type")? {
                "category" => Scale::Bands(self.labels(option, i, is_across)),
                "value" => self.numbers(option, i, is_across),
                _ => return None,
            };
            let grid = number(option, "/gridIndex").unwrap_or(0.0) as usize;
            Some(Axis { option, is_across, grid, scale })
        });
        axes.collect()
    }

    /// Names of categories; where there are none one band a datum.
    fn labels(&self, option: &Value, index: usize, is_across: bool) -> Vec<String> {
        let named = parts(option, "data");
        if named.is_empty() {
            let n = self.on(index, is_across).map(|s| s.items.len()).max().unwrap_or(0);
            return vec![String::new(); n];
        }
        named.iter().map(|label| label.as_str().map_or_else(|| label.to_string(), str::to_owned)).collect()
    }

    fn numbers(&self, option: &Value, index: usize, is_across: bool) -> Scale {
        let mut range: Option<(f64, f64)> = None;
        for value in self.on(index, is_across).flat_map(|s| self.values(s, is_across)) {
            let (low, high) = range.unwrap_or((value, value));
            range = Some((low.min(value), high.max(value)));
        }
        let start = number(option, "/startValue");
        if let (Some(start), Some((low, high))) = (start, range) {
            range = Some((low.min(start), high.max(start)));
        }
        let ends = (number(option, "/min"), number(option, "/max"));
        let with_zero = !flag(option, "/scale", false) && start.is_none();
        Scale::numbers(range, ends, with_zero, number(option, "/splitNumber").unwrap_or(5.0))
    }

    fn on(&self, index: usize, is_across: bool) -> impl Iterator<Item = &Series<'o>> {
        self.series.iter().filter(move |s| if is_across { s.x == index } else { s.y == index })
    }

    /// The finite values a series has along an axis of numbers.
    fn values(&self, series: &Series<'_>, is_across: bool) -> Vec<f64> {
        let one = |item: &Item<'_>| -> Vec<f64> {
            match (series.kind, item.values.as_slice()) {
                (Kind::Boxplot, five) => five.to_vec(),
                (_, [one]) => vec![*one],
                (_, [x, y, ..]) => vec![if is_across { *x } else { *y }],
                _ => Vec::new(),
            }
        };
        let mut values: Vec<f64> = series.items.iter().flat_map(one).filter(|v| v.is_finite()).collect();
        if series.kind == Kind::Bar && !values.is_empty() && !self.begins_elsewhere(series, is_across) {
            values.push(0.0);
        }
        values
    }

    fn begins_elsewhere(&self, series: &Series<'_>, is_across: bool) -> bool {
        let (key, index) = if is_across { ("xAxis", series.x) } else { ("yAxis", series.y) };
        parts(self.option, key).get(index).is_some_and(|a| number(a, "/startValue").is_some())
    }

    /// The axes of a series.
    pub fn axes_of(&self, series: &Series<'_>) -> Option<(&Axis<'o>, &Axis<'o>)> {
        Some((self.xs.get(series.x)?, self.ys.get(series.y)?))
    }

    /// Where each plot stands. Nothing begins above `top`: a legend may take more lines than the option knew of.
    pub fn plots(&self, width: f64, height: f64, top: f64) -> Option<Vec<Rect>> {
        let grids = parts(self.option, "grid");
        let plots: Vec<Rect> =
            grids.iter().enumerate().map(|(i, grid)| self.plot(i, grid, width, height, top)).collect();
        let is_seen = |r: &Rect| r.width > 1.0 && r.height > 1.0;
        let is_placed = |a: &Axis<'_>| a.grid < plots.len();
        (plots.iter().all(is_seen) && self.xs.iter().chain(&self.ys).all(is_placed)).then_some(plots)
    }

    fn plot(&self, index: usize, grid: &Value, width: f64, height: f64, least_top: f64) -> Rect {
        let left = length(grid, "left", width).unwrap_or(0.1 * width);
        let top = length(grid, "top", height).unwrap_or(60.0).max(least_top);
        let right = match length(grid, "width", width) {
            Some(own) => left + own,
            None => width - length(grid, "right", width).unwrap_or(0.1 * width),
        };
        let bottom = match length(grid, "height", height) {
            Some(own) => top + own,
            None => height - length(grid, "bottom", height).unwrap_or(60.0),
        };
        let outer = Rect { x: left, y: top, width: right - left, height: bottom - top };
        if text(grid, "/outerBoundsMode") == Some("none") {
            return outer;
        }
        // Labels and names stay inside these bounds: the plot gives way.
        let deepest = |axes: &[Axis<'_>], is_far: bool| {
            let here = axes.iter().filter(|a| a.grid == index && a.is_far() == is_far);
            here.map(Axis::depth).fold(0.0, f64::max)
        };
        let (mut left, mut right) = (deepest(&self.ys, false), deepest(&self.ys, true));
        let inner = outer.width - left - right;
        for axis in self.xs.iter().filter(|a| a.grid == index) {
            let (before, after) = axis.overhang(inner);
            (left, right) = (left.max(before), right.max(after));
        }
        let (above, below) = (deepest(&self.xs, true), deepest(&self.xs, false));
        Rect {
            x: outer.x + left,
            y: outer.y + above,
            width: outer.width - left - right,
            height: outer.height - above - below,
        }
    }
}

impl Series<'_> {
    /// Where a datum stands: a single number stands at the category of its place.
    pub fn point(&self, index: usize, item: &Item<'_>, x: &Axis<'_>, y: &Axis<'_>) -> Option<(f64, f64)> {
        let (a, b) = match item.values.as_slice() {
            [one] if x.has_bands() => (index as f64, *one),
            [one] if y.has_bands() => (*one, index as f64),
            [a, b, ..] => (*a, *b),
            _ => return None,
        };
        (a.is_finite() && b.is_finite()).then_some((a, b))
    }
}
