//! What stands beside the plots: legend, scale of colours, titles of panels, and the lines that mark a value.

use serde_json::Value;

use super::{
    axis::Axis,
    chart::{Chart, Kind, Series},
    measure,
    paper::{Anchor, Dash, Label, Paper, Rect, Stroke},
    read::{Item, flag, length, number, parts, stroke, text},
};

/// Height of a line of the legend.
const LEGEND_LINE: f64 = 20.0;
/// Pixels between entries, and between an icon and its name.
const ENTRY_GAP: f64 = 14.0;
const ICON_GAP: f64 = 5.0;

/// An entry of the legend and where it stands.
struct Entry<'o> {
    name: &'o str,
    colour: &'o str,
    x: f64,
    y: f64,
}

/// The legend, laid out in as many lines as it needs.
pub(super) struct Legend<'o> {
    option: &'o Value,
    entries: Vec<Entry<'o>>,
}

impl<'o> Legend<'o> {
    /// `None` where the chart has none.
    pub fn of(chart: &Chart<'o>, width: f64) -> Option<Self> {
        let option = chart.option.get("legend").filter(|l| l.is_object())?;
        let wanted: Vec<&str> = parts(option, "data").iter().filter_map(Value::as_str).collect();
        let (icon, size) = (number(option, "/itemWidth").unwrap_or(25.0), text_size(option));
        let (left, top) = (
            length(option, "left", width).unwrap_or(0.0) + 5.0,
            length(option, "top", 0.0).unwrap_or(0.0) + 5.0,
        );
        let (mut x, mut y) = (left, top);
        let mut entries: Vec<Entry<'o>> = Vec::new();
        for series in &chart.series {
            let Some(name) = text(series.option, "/name").filter(|n| !n.is_empty()) else { continue };
            let is_listed = wanted.is_empty() || wanted.contains(&name);
            if !is_listed || entries.iter().any(|e| e.name == name) {
                continue;
            }
            let entry = icon + ICON_GAP + measure::width(name, size, false);
            if x > left && x + entry > width - 4.0 {
                (x, y) = (left, y + LEGEND_LINE);
            }
            entries.push(Entry { name, colour: series.colour, x, y });
            x += entry + ENTRY_GAP;
        }
        (!entries.is_empty()).then_some(Self { option, entries })
    }

    /// Where the plots may begin.
    pub fn bottom(&self) -> f64 {
        self.entries.last().map_or(0.0, |e| e.y + LEGEND_LINE)
    }

    /// Draws it.
    pub fn draw(&self, paper: &mut Paper) {
        let (width, height) = (
            number(self.option, "/itemWidth").unwrap_or(25.0),
            number(self.option, "/itemHeight").unwrap_or(14.0),
        );
        let colour = text(self.option, "/textStyle/color").unwrap_or("#333333");
        for entry in &self.entries {
            let middle = entry.y + 7.0;
            paper.chip(Rect { x: entry.x, y: middle - height / 2.0, width, height }, entry.colour);
            let label = Label::new(entry.name, entry.x + width + ICON_GAP, middle, colour).at(Anchor::Start);
            paper.text(&Label { size: text_size(self.option), ..label });
        }
    }
}

fn text_size(option: &Value) -> f64 {
    number(option, "/textStyle/fontSize").unwrap_or(12.0)
}

/// Colours that stand for a number of a datum.
#[derive(Clone)]
pub(super) struct ColourScale<'o> {
    option: &'o Value,
    low: f64,
    high: f64,
    colours: Vec<&'o str>,
}

impl<'o> ColourScale<'o> {
    fn read(option: &'o Value) -> Self {
        let colours = option.pointer("/inRange").map_or(&[][..], |range| parts(range, "color"));
        Self {
            option,
            low: number(option, "/min").unwrap_or(0.0),
            high: number(option, "/max").unwrap_or(1.0),
            colours: colours.iter().filter_map(Value::as_str).collect(),
        }
    }

    /// The scale of one series.
    pub fn for_series(chart: &Chart<'o>, index: usize) -> Option<Self> {
        let is_for = |o: &&Value| number(o, "/seriesIndex").is_none_or(|i| i as usize == index);
        let kind = chart.series.get(index)?.kind;
        let is_coloured = matches!(kind, Kind::Heatmap | Kind::Scatter);
        parts(chart.option, "visualMap").iter().find(is_for).filter(|_| is_coloured).map(Self::read)
    }

    /// The colour of a datum: of the number named, else of its last.
    pub fn of(&self, item: &Item<'_>) -> Option<String> {
        let value = match number(self.option, "/dimension") {
            Some(dimension) => item.values.get(dimension as usize),
            None => item.values.last(),
        };
        let value = value.copied().filter(|v| v.is_finite())?;
        let place = ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0);
        let n = self.colours.len().checked_sub(1).filter(|&n| n > 0)?;
        let at = place * n as f64;
        let first = (at as usize).min(n - 1);
        mix(self.colours.get(first)?, self.colours.get(first + 1)?, at - first as f64)
    }

    /// Draws every scale with the words at its ends: small to the left, large to the right.
    pub fn draw_all(chart: &Chart<'o>, paper: &mut Paper) {
        for option in parts(chart.option, "visualMap") {
            let scale = Self::read(option);
            let (thick, long) = (
                number(option, "/itemWidth").unwrap_or(20.0),
                number(option, "/itemHeight").unwrap_or(140.0),
            );
            let left = length(option, "left", paper.width).unwrap_or(0.0) + 5.0;
            let middle = length(option, "top", paper.height).unwrap_or(0.0) + 5.0 + thick.max(14.0) / 2.0;
            let colour = text(option, "/textStyle/color").unwrap_or("#333333");
            let words: Vec<&str> = parts(option, "text").iter().filter_map(Value::as_str).collect();
            let (high, low) =
                (words.first().copied().unwrap_or_default(), words.get(1).copied().unwrap_or_default());
            paper.text(&Label::new(low, left, middle, colour).at(Anchor::Start));
            let x = left + measure::width(low, 12.0, false) + 8.0;
            paper.gradient(Rect { x, y: middle - thick / 2.0, width: long, height: thick }, &scale.colours);
            paper.text(&Label::new(high, x + long + 8.0, middle, colour).at(Anchor::Start));
        }
    }
}

/// A colour between two, both as `#rrggbb`.
fn mix(from: &str, to: &str, share: f64) -> Option<String> {
    let part = |colour: &str, at: usize| -> Option<f64> {
        let digits = colour.strip_prefix('#').filter(|d| d.len() == 6)?.get(at..at + 2)?;
        u8::from_str_radix(digits, 16).ok().map(f64::from)
    };
    let mixed = |at| Some(part(from, at)? * (1.0 - share) + part(to, at)? * share);
    let [r, g, b] = [mixed(0)?, mixed(2)?, mixed(4)?].map(|v| v.round() as u8);
    Some(format!("#{r:02x}{g:02x}{b:02x}"))
}

/// Titles of panels.
pub(super) fn draw_titles(chart: &Chart<'_>, paper: &mut Paper) {
    for title in parts(chart.option, "title") {
        let Some(words) = text(title, "/text") else { continue };
        let size = number(title, "/textStyle/fontSize").unwrap_or(18.0);
        let left = length(title, "left", paper.width).unwrap_or(0.0);
        let top = length(title, "top", paper.height).unwrap_or(0.0);
        let is_centred = text(title, "/textAlign") == Some("center");
        let (x, anchor) = if is_centred { (left, Anchor::Middle) } else { (left + 5.0, Anchor::Start) };
        let weight = title.pointer("/textStyle/fontWeight");
        let is_bold = weight.is_some_and(|w| w.as_f64().is_some_and(|w| w >= 600.0) || w == "bold");
        let colour = text(title, "/textStyle/color").unwrap_or("#333333");
        let y = top + 3.0 + size / 2.0;
        paper.text(&Label { size, is_bold, ..Label::new(words, x, y, colour).at(anchor) });
    }
}

/// Pixels above the plots for words at lines that mark a value of an axis across.
pub(super) fn room_for_marks(chart: &Chart<'_>) -> f64 {
    let is_above = |series: &Series<'_>| {
        series.option.get("markLine").is_some_and(|mark| {
            let is_said = flag(mark, "/label/show", true) && text(mark, "/label/formatter").is_some();
            is_said && parts(mark, "data").iter().any(|m| m.get("xAxis").is_some())
        })
    };
    if chart.series.iter().any(is_above) { 18.0 } else { 0.0 }
}

/// The lines of a series that mark a value across the plot.
pub(super) fn draw_marks<'o>(
    series: &Series<'o>,
    (x, y): (&Axis<'o>, &Axis<'o>),
    plot: &Rect,
    paper: &mut Paper,
    labels: &mut Vec<Label<'o>>,
) {
    let Some(option) = series.option.get("markLine") else { return };
    let dashed = Stroke { dash: Dash::Dashed, ..Stroke::solid(series.colour, 1.0) };
    let line = stroke(option, "/lineStyle", dashed);
    for mark in parts(option, "data") {
        let (axis, value) = match (number(mark, "/xAxis"), number(mark, "/yAxis")) {
            (Some(value), _) => (x, value),
            (None, Some(value)) => (y, value),
            (None, None) => continue,
        };
        if !axis.scale.holds(value) {
            continue;
        }
        let at = axis.at(value, plot);
        let (from, to) = if axis.is_across {
            ((at, plot.bottom()), (at, plot.y))
        } else {
            ((plot.x, at), (plot.right(), at))
        };
        paper.line(from, to, &line);
        let words = text(option, "/label/formatter").filter(|_| flag(option, "/label/show", true));
        let Some(words) = words else { continue };
        let colour = text(option, "/label/color").unwrap_or(series.colour);
        let size = number(option, "/label/fontSize").unwrap_or(12.0);
        // A line across the page begins where the axis upwards begins: at the top when that is turned over.
        let begins = text(option, "/label/position") == Some("start");
        let is_above = begins == flag(y.option, "/inverse", false);
        // Not over the labels of the other axis.
        let half = measure::width(words, size, false) / 2.0;
        let across = at.min(plot.right() - half).max(plot.x + half);
        let (x, y, anchor) = match (axis.is_across, text(option, "/label/position")) {
            (true, _) if is_above => (across, plot.y - 5.0 - size / 2.0, Anchor::Middle),
            (true, _) => (across, plot.bottom() + 5.0 + size / 2.0, Anchor::Middle),
            (false, Some("insideEndBottom")) => (plot.right() - 4.0, at + 4.0 + size / 2.0, Anchor::End),
            (false, Some("insideEndTop")) => (plot.right() - 4.0, at - 3.0 - size / 2.0, Anchor::End),
            (false, Some("start")) => (plot.x - 5.0, at, Anchor::End),
            (false, _) => (plot.right() + 5.0, at, Anchor::Start),
        };
        labels.push(Label { size, ..Label::new(words, x, y, colour).at(anchor) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_mix_evenly() {
        for (share, expected) in [(0.0, "#000000"), (0.5, "#80400a"), (1.0, "#ff8014")] {
            assert_eq!(mix("#000000", "#ff8014", share).as_deref(), Some(expected));
        }
        assert_eq!(mix("red", "#ff8014", 0.5), None);
    }
}
