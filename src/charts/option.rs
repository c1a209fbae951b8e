//! What every chart's ECharts option has in common: axes, grid, tooltip, theme. Typed by charming, patched where it is silent.

use charming::{
    component::{Axis, Grid, VisualMap},
    element::{
        AxisLabel, AxisLine, AxisTick, AxisType, LineStyle, NameLocation, SplitLine, TextStyle, Tooltip,
        Trigger,
    },
};
use serde::Serialize;
use serde_json::Value;

use super::{Picture, Theme};
use crate::engine::{json::json, words};

/// A chart in the making.
pub struct Sheet<'a> {
    /// The theme it is drawn in.
    pub theme: &'a Theme,
    /// Parts of a kind under its key. Written by charming one by one: its whole chart would bring every kind of series there is.
    parts: [(&'static str, Vec<Value>); 5],
    patch: Value,
    /// What is otherwise where there is little room.
    narrow: Value,
}

/// A chart of so many pixels is as narrow as on a phone.
const NARROW: u32 = 480;
/// Of labels and names in lines, which ECharts otherwise sets one into the other.
pub const LINE_HEIGHT: u32 = 14;
/// Letters of the name of an axis that fit below the bars of a narrow chart, and beside one of common height.
const NARROW_NAME: usize = 34;
const UPRIGHT_NAME: usize = 44;

/// Places of the kinds of parts.
const GRID: usize = 0;
const X: usize = 1;
const Y: usize = 2;
const VISUAL_MAP: usize = 3;
const SERIES: usize = 4;

/// What stands beside a picture for those who cannot see it.
pub struct Caption {
    /// The finding when there is one, else the question.
    pub title: String,
    /// One sentence.
    pub alt: String,
    /// How it was computed.
    pub how: String,
    /// Header of the table.
    pub header: Vec<String>,
    /// Rows of the table.
    pub rows: Vec<Vec<String>>,
}

/// Symbols and lines of a light hand: the same in every chart.
pub const WHISKER_WIDTH: [u32; 2] = [6, 12];

impl<'a> Sheet<'a> {
    /// An empty sheet with one grid that keeps its labels inside.
    pub fn new(theme: &'a Theme) -> Self {
        let tooltip = Tooltip::new()
            .trigger(Trigger::Item)
            .background_color(theme.surface.as_str())
            .border_color(theme.line.as_str());
        let mut patch = json!({
            "animationDuration": 150,
            "animationDurationUpdate": 150,
            "backgroundColor": "transparent",
            "color": theme.series,
            "aria": { "enabled": false },
            "textStyle": { "fontFamily": "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif", "color": theme.ink },
            "tooltip": written(tooltip),
        });
        let more = json!({
            "tooltip": { "renderMode": "richText", "confine": true, "textStyle": { "color": theme.ink, "fontSize": 12 },
                         "padding": [8, 10], "transitionDuration": 0.1 },
        });
        merge(&mut patch, more);
        let parts = ["grid", "xAxis", "yAxis", "visualMap", "series"].map(|key| (key, Vec::new()));
        Self { theme, parts, patch, narrow: json!({}) }
    }

    /// One grid that fills the sheet below `top` pixels (a legend).
    pub fn grid(mut self, top: u32) -> Self {
        self.put(GRID, Grid::new().left(8).right(20).top(f64::from(top)).bottom(8));
        self.merge(json!({ "grid": [{ "outerBoundsMode": "same", "outerBoundsContain": "all" }] }))
    }

    /// The axis across.
    pub fn x(mut self, axis: Axis) -> Self {
        self.put(X, axis);
        self
    }

    /// The axis upwards.
    pub fn y(mut self, axis: Axis) -> Self {
        self.put(Y, axis);
        self
    }

    /// A scale of colours.
    pub fn visual_map(mut self, map: VisualMap) -> Self {
        self.put(VISUAL_MAP, map);
        self
    }

    /// Adds a series: charming's, with what it lacks.
    pub fn series(mut self, series: impl Serialize, patch: Value) -> Self {
        self.put(SERIES, series);
        if let Some(value) = self.parts[SERIES].1.last_mut() {
            merge(value, patch);
        }
        self
    }

    fn put(&mut self, place: usize, part: impl Serialize) {
        self.parts[place].1.push(written(part));
    }

    /// A legend in words at the top, for charts with several series.
    pub fn legend(self) -> Self {
        let muted = self.theme.ink_muted.clone();
        self.merge(
            json!({ "legend": { "top": 0, "left": 0, "itemWidth": 14, "itemHeight": 8, "icon": "roundRect",
                                        "textStyle": { "color": muted, "fontSize": 12 } } }),
        )
    }

    /// Changes anything of the option.
    pub fn merge(mut self, patch: Value) -> Self {
        merge(&mut self.patch, patch);
        self
    }

    /// Changes anything where the chart is as narrow as on a phone.
    pub fn on_narrow(mut self, patch: Value) -> Self {
        merge(&mut self.narrow, patch);
        self
    }

    /// The picture.
    pub fn finish(mut self, height: u32, caption: Caption) -> Picture {
        // charming's axis line takes colours of a gauge only.
        let line = json!({ "axisLine": { "lineStyle": { "color": self.theme.line } } });
        for (_, axes) in &mut self.parts[X..=Y] {
            for axis in axes {
                merge(axis, line.clone());
                // On a phone figures that would run into each other give way; names of groups do not.
                if axis.get("type").and_then(Value::as_str) == Some("value") {
                    merge(axis, json!({ "axisLabel": { "hideOverlap": true } }));
                }
            }
        }
        for series in self.parts[SERIES].1.iter_mut().filter(|s| s.get("markLine").is_some()) {
            // ECharts rounds the place of a line to two decimals unless told otherwise.
            merge(series, json!({ "markLine": { "precision": 12 } }));
        }
        let mut narrow = json!({ "xAxis": names_in_lines(&self.parts[X].1, NARROW_NAME) });
        merge(&mut narrow, self.narrow);
        // Read by ECharts alone, which knows how wide the chart is; of two that fit it takes both.
        let media = json!([
            { "query": { "minWidth": 1 }, "option": { "yAxis": names_in_lines(&self.parts[Y].1, UPRIGHT_NAME) } },
            { "query": { "maxWidth": NARROW }, "option": narrow },
        ]);
        let parts = self.parts.into_iter().filter(|(key, parts)| !parts.is_empty() || *key == "series");
        let mut option =
            Value::Object(parts.map(|(key, parts)| (key.to_owned(), Value::Array(parts))).collect());
        merge(&mut option, self.patch);
        merge(&mut option, json!({ "media": media }));
        let Caption { title, alt, how, header, rows } = caption;
        Picture { title, alt, option: option.to_string(), height, header, rows, how }
    }
}

/// A part as charming writes it.
fn written(part: impl Serialize) -> Value {
    serde_json::to_value(part).unwrap_or(Value::Null)
}

/// Puts `patch` over `value`: objects by key, lists by position, anything else replaces.
pub fn merge(value: &mut Value, patch: Value) {
    match (value, patch) {
        (Value::Object(fields), Value::Object(patches)) => {
            for (key, patch) in patches {
                merge(fields.entry(key).or_insert(Value::Null), patch);
            }
        }
        (Value::Array(items), Value::Array(patches)) => {
            for (i, patch) in patches.into_iter().enumerate() {
                match items.get_mut(i) {
                    Some(item) => merge(item, patch),
                    None => items.push(patch),
                }
            }
        }
        (value, patch) => *value = patch,
    }
}

/// An axis of numbers with a light grid, named with its unit.
pub fn value_axis(theme: &Theme, name: &str) -> Axis {
    Axis::new()
        .type_(AxisType::Value)
        .name(name)
        .name_location(NameLocation::Middle)
        .name_gap(28)
        .name_text_style(TextStyle::new().color(theme.ink_muted.as_str()).font_size(12))
        .axis_label(AxisLabel::new().color(theme.ink_muted.as_str()).font_size(12))
        .axis_line(AxisLine::new().show(false))
        .axis_tick(AxisTick::new().show(false))
        .split_line(
            SplitLine::new().show(true).line_style(LineStyle::new().color(theme.line.as_str()).width(1)),
        )
}

/// The same without grid lines: across the page of a scatter.
pub fn plain_axis(theme: &Theme, name: &str) -> Axis {
    value_axis(theme, name).split_line(SplitLine::new().show(false)).axis_line(AxisLine::new().show(true))
}

/// An axis of words.
pub fn category_axis(theme: &Theme, name: &str, labels: &[String]) -> Axis {
    Axis::new()
        .type_(AxisType::Category)
        .name(name)
        .name_location(NameLocation::Middle)
        .name_gap(30)
        .name_text_style(TextStyle::new().color(theme.ink_muted.as_str()).font_size(12))
        .axis_label(AxisLabel::new().color(theme.ink.as_str()).font_size(12))
        .axis_line(AxisLine::new().show(true))
        .axis_tick(AxisTick::new().show(false))
        .split_line(SplitLine::new().show(false))
        .data(labels.to_vec())
}

/// Whiskers of intervals as a box plot whose box has no height: (low, middle, high) a category.
pub fn whiskers(theme: &Theme, intervals: &[Option<(f64, f64, f64)>]) -> (charming::series::Boxplot, Value) {
    let data: Vec<Value> = intervals
        .iter()
        .map(|i| match i {
            Some((low, middle, high)) => json!([low, middle, middle, middle, high]),
            None => json!("-"),
        })
        .collect();
    (
        charming::series::Boxplot::new(),
        json!({ "data": data, "boxWidth": WHISKER_WIDTH, "silent": true, "z": 5, "tooltip": { "show": false },
                "itemStyle": { "color": theme.ink, "borderColor": theme.ink, "borderWidth": 1.25 } }),
    )
}

/// Text that ECharts will not read as a template.
pub fn plain(text: &str) -> String {
    text.replace('{', "(").replace('}', ")").replace('|', "/")
}

/// A long label cut for an axis; the table has it whole.
pub fn shorten(text: &str, n_chars: usize) -> String {
    words::shorten(&plain(text), n_chars)
}

/// The same in lines of about so many characters, broken at spaces and behind underscores.
pub fn in_lines(text: &str, n_chars: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    for part in text.split_inclusive([' ', '_']) {
        match lines.last_mut() {
            Some(line) if line.chars().count() + part.trim_end().chars().count() <= n_chars => {
                line.push_str(part)
            }
            _ => lines.push(part.to_owned()),
        }
    }
    lines.iter().map(|line| line.trim_end()).collect::<Vec<_>>().join("\n")
}

/// The names of axes in lines where in one they would be cut; nothing for those that fit.
fn names_in_lines(axes: &[Value], n_chars: usize) -> Vec<Value> {
    let name = |axis: &Value| axis.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
    let broken = axes.iter().map(name).map(|name| {
        if name.chars().count() > n_chars {
            json!({ "name": in_lines(&name, n_chars), "nameTextStyle": { "lineHeight": LINE_HEIGHT } })
        } else {
            json!({})
        }
    });
    broken.collect()
}

/// Whether labels are ranges ("30-34", "<30", "60+") or such, whose order means something.
pub fn is_range(label: &str) -> bool {
    label.chars().any(|c| c.is_ascii_digit())
        && label.chars().any(|c| matches!(c, '-' | '–' | '+' | '<' | '>' | '≤' | '≥'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_break_between_words() {
        let lines = |text: &str| in_lines(text, 22);
        assert_eq!(lines("Every column"), "Every column");
        assert_eq!(
            lines("Known before launch, on a new campaign"),
            "Known before launch,\non a new campaign"
        );
        assert_eq!(lines("a_very_long_name_of_a_column"), "a_very_long_name_of_a_\ncolumn");
        assert_eq!(lines("Unbreakableinanyplaceatall now"), "Unbreakableinanyplaceatall\nnow");
    }

    #[test]
    fn a_narrow_chart_has_long_names_of_axes_in_lines() {
        let theme = Theme::light();
        let sheet = Sheet::new(&theme)
            .x(value_axis(&theme, "Moves predicted Approved_Conversion by"))
            .y(value_axis(&theme, "Rows"));
        let caption = Caption {
            title: String::new(),
            alt: String::new(),
            how: String::new(),
            header: Vec::new(),
            rows: Vec::new(),
        };
        let option: Value = serde_json::from_str(&sheet.finish(100, caption).option).unwrap();
        let name = &option["media"][1]["option"]["xAxis"][0]["name"];
        assert_eq!(name, "Moves predicted Approved_\nConversion by");
        assert_eq!(option["media"][0]["option"]["yAxis"][0], json!({}));
        assert_eq!(option["xAxis"][0]["name"], "Moves predicted Approved_Conversion by");
    }
}
