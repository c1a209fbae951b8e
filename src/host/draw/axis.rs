//! An axis: what room it needs beside the plot, and its lines, labels and name.

use std::f64::consts::FRAC_1_SQRT_2;

use serde_json::Value;

use super::{
    measure,
    paper::{Anchor, Label, Paper, Rect, Stroke},
    read::{flag, number, stroke, text},
    scale::Scale,
};

/// Pixels between an axis and its labels.
const LABEL_GAP: f64 = 8.0;
/// Pixels between labels and the name of the axis.
const NAME_GAP: f64 = 6.0;
/// Height of a name.
const NAME_HEIGHT: f64 = 15.0;
/// Least pixels between two labels.
const APART: f64 = 8.0;

/// An axis with its scale.
pub(super) struct Axis<'o> {
    pub option: &'o Value,
    pub is_across: bool,
    pub grid: usize,
    pub scale: Scale,
}

impl<'o> Axis<'o> {
    /// Pixel of a value on the axis.
    pub fn at(&self, value: f64, plot: &Rect) -> f64 {
        let place = self.scale.place(value);
        let place = if flag(self.option, "/inverse", false) { 1.0 - place } else { place };
        if self.is_across { plot.x + place * plot.width } else { plot.bottom() - place * plot.height }
    }

    /// Pixels that one category takes.
    pub fn band(&self, plot: &Rect) -> f64 {
        self.scale.band() * if self.is_across { plot.width } else { plot.height }
    }

    /// Whether the scale counts categories.
    pub fn has_bands(&self) -> bool {
        matches!(self.scale, Scale::Bands(_))
    }

    fn is_shown(&self) -> bool {
        flag(self.option, "/show", true)
    }

    /// Whether it stands at the far side: the top, or the right.
    pub fn is_far(&self) -> bool {
        matches!(text(self.option, "/position"), Some("top" | "right"))
    }

    fn name(&self) -> &'o str {
        text(self.option, "/name").unwrap_or_default()
    }

    fn size(&self) -> f64 {
        number(self.option, "/axisLabel/fontSize").unwrap_or(12.0)
    }

    fn line_height(&self) -> f64 {
        number(self.option, "/axisLabel/lineHeight").unwrap_or(self.size() + 2.0)
    }

    fn is_turned(&self) -> bool {
        self.is_across && number(self.option, "/axisLabel/rotate").is_some_and(|r| r != 0.0)
    }

    /// The label of every mark, where there are labels at all.
    fn candidates(&self) -> Vec<(f64, String)> {
        self.labelled(self.scale.marks())
    }

    fn labelled(&self, marks: Vec<f64>) -> Vec<(f64, String)> {
        if !self.is_shown() || !flag(self.option, "/axisLabel/show", true) {
            return Vec::new();
        }
        let formatter = text(self.option, "/axisLabel/formatter");
        let width = number(self.option, "/axisLabel/width")
            .filter(|_| text(self.option, "/axisLabel/overflow") == Some("break"));
        let is_hidden = |value: f64| {
            let place = if self.has_bands() { f64::NAN } else { self.scale.place(value) };
            place.abs() < 1e-6 && !flag(self.option, "/axisLabel/showMinLabel", true)
                || (place - 1.0).abs() < 1e-6 && !flag(self.option, "/axisLabel/showMaxLabel", true)
        };
        let label = |value: f64| {
            let label = self.scale.label(value, formatter);
            (value, width.map_or_else(|| label.clone(), |w| measure::wrap(&label, w, self.size())))
        };
        marks.into_iter().filter(|&v| !is_hidden(v)).map(label).collect()
    }

    /// The labels there is room for, evenly thinned out.
    fn labels(&self, plot: &Rect) -> Vec<(f64, String)> {
        let all = self.candidates();
        let must_stay = number(self.option, "/axisLabel/interval") == Some(0.0)
            && !flag(self.option, "/axisLabel/hideOverlap", false);
        if must_stay {
            return all;
        }
        let half = |label: &str| {
            if self.is_across && !self.is_turned() {
                (measure::width(label, self.size(), false) + APART) / 2.0
            } else {
                label.split('\n').count() as f64 * self.line_height() / 2.0
            }
        };
        let is_free = |labels: &[(f64, String)]| {
            labels.windows(2).all(|pair| match pair {
                [(a, one), (b, other)] => {
                    (self.at(*a, plot) - self.at(*b, plot)).abs() >= half(one) + half(other)
                }
                _ => true,
            })
        };
        let strides: Vec<usize> =
            if self.has_bands() { (1..=all.len()).collect() } else { vec![1, 2, 5, 10, 20, 50] };
        let thinned = strides.into_iter().map(|stride| self.labelled(self.scale.thinned(stride)));
        thinned.into_iter().find(|labels| is_free(labels)).unwrap_or(all)
    }

    /// Pixels from the axis to the far edge of its labels.
    fn label_depth(&self) -> f64 {
        let size = self.size();
        let of = |(_, label): &(f64, String)| {
            let (width, n) = (measure::width(label, size, false), label.split('\n').count() as f64);
            match (self.is_across, self.is_turned()) {
                (true, false) => n * self.line_height(),
                (true, true) => (width + size) * FRAC_1_SQRT_2,
                (false, _) => width,
            }
        };
        let deepest = self.candidates().iter().map(of).fold(0.0, f64::max);
        if deepest > 0.0 { deepest + LABEL_GAP } else { 0.0 }
    }

    /// Pixels from the axis to the near edge of its name.
    fn name_distance(&self) -> f64 {
        let wanted = number(self.option, "/nameGap").unwrap_or(15.0);
        wanted.max(self.label_depth() + NAME_GAP)
    }

    /// Pixels that labels and name take beside the plot.
    pub fn depth(&self) -> f64 {
        match (self.is_shown(), self.name()) {
            (false, _) => 0.0,
            (true, "") => self.label_depth(),
            (true, _) => self.name_distance() + NAME_HEIGHT,
        }
    }

    /// How far labels reach beyond both ends of a plot of about such a length.
    pub fn overhang(&self, length: f64) -> (f64, f64) {
        if !self.is_across {
            return (0.0, 0.0);
        }
        let size = self.size();
        self.candidates().iter().fold((0.0, 0.0), |(before, after), (value, label)| {
            let (place, width) = (self.scale.place(*value) * length, measure::width(label, size, false));
            let (left, right) = if self.is_turned() {
                (width * FRAC_1_SQRT_2, size / 2.0)
            } else {
                (width / 2.0, width / 2.0)
            };
            (f64::max(before, left - place), f64::max(after, right - (length - place)))
        })
    }

    /// The quiet lines across the plot.
    pub fn draw_grid(&self, paper: &mut Paper, plot: &Rect) {
        if !self.is_shown() || !flag(self.option, "/splitLine/show", !self.has_bands()) {
            return;
        }
        let line = stroke(self.option, "/splitLine/lineStyle", Stroke::solid("#e0e0e0", 1.0));
        // Between categories, not through them.
        let shift = if self.has_bands() { -0.5 } else { 0.0 };
        for mark in self.scale.marks() {
            let at = self.at(mark + shift, plot);
            if self.is_across {
                paper.line((at, plot.y), (at, plot.bottom()), &line);
            } else {
                paper.line((plot.x, at), (plot.right(), at), &line);
            }
        }
    }

    /// Line, labels and name. `other` is the axis it crosses: the line stands at its zero, labels stay at the edge.
    pub fn draw(&self, paper: &mut Paper, plot: &Rect, other: Option<&Axis<'_>>) {
        if !self.is_shown() {
            return;
        }
        let edge = match (self.is_across, self.is_far()) {
            (true, false) => plot.bottom(),
            (true, true) => plot.y,
            (false, false) => plot.x,
            (false, true) => plot.right(),
        };
        if flag(self.option, "/axisLine/show", self.has_bands()) {
            let zero = other
                .filter(|o| {
                    flag(self.option, "/axisLine/onZero", true) && !o.has_bands() && o.scale.holds(0.0)
                })
                .map(|o| o.at(0.0, plot));
            let (at, line) = (
                zero.unwrap_or(edge),
                stroke(self.option, "/axisLine/lineStyle", Stroke::solid("#888888", 1.0)),
            );
            if self.is_across {
                paper.line((plot.x, at), (plot.right(), at), &line);
            } else {
                paper.line((at, plot.y), (at, plot.bottom()), &line);
            }
        }
        let outward = if self.is_across != self.is_far() { 1.0 } else { -1.0 };
        self.draw_labels(paper, plot, edge, outward);
        self.draw_name(paper, plot, edge, outward);
    }

    fn draw_labels(&self, paper: &mut Paper, plot: &Rect, edge: f64, outward: f64) {
        let colour = text(self.option, "/axisLabel/color").unwrap_or("#555555");
        for (value, label) in self.labels(plot) {
            let at = self.at(value, plot);
            let n_lines = label.split('\n').count() as f64;
            let (x, y, anchor, turn) = match (self.is_across, self.is_turned()) {
                (true, false) => {
                    let middle = LABEL_GAP + (n_lines * self.line_height()) / 2.0;
                    (at, edge + outward * middle, Anchor::Middle, 0.0)
                }
                (true, true) => (at, edge + outward * (LABEL_GAP + 2.0), Anchor::End, -45.0),
                (false, _) if self.is_far() => (edge + LABEL_GAP, at, Anchor::Start, 0.0),
                (false, _) => (edge - LABEL_GAP, at, Anchor::End, 0.0),
            };
            let (size, line_height) = (self.size(), self.line_height());
            paper.text(&Label { size, line_height, turn, ..Label::new(&label, x, y, colour).at(anchor) });
        }
    }

    fn draw_name(&self, paper: &mut Paper, plot: &Rect, edge: f64, outward: f64) {
        if self.name().is_empty() {
            return;
        }
        let colour = text(self.option, "/nameTextStyle/color").unwrap_or("#555555");
        let size = number(self.option, "/nameTextStyle/fontSize").unwrap_or(12.0);
        let whole = if self.is_across { paper.width } else { paper.height };
        let name = measure::cut(self.name(), whole - 4.0, size);
        // In the middle of the plot, as far as the sheet has room there.
        let half = measure::width(&name, size, false) / 2.0;
        let middle = if self.is_across { plot.x + plot.width / 2.0 } else { plot.y + plot.height / 2.0 };
        let middle = middle.min(whole - 2.0 - half).max(2.0 + half);
        let beside = edge + outward * (self.name_distance() + NAME_HEIGHT / 2.0);
        let (x, y, turn) = if self.is_across { (middle, beside, 0.0) } else { (beside, middle, -90.0) };
        // A turned text stands on its line: half its letters to the side.
        paper.text(&Label { size, turn, ..Label::new(&name, x, y, colour) });
    }
}
