//! The series of a chart: bars, lines, clouds of points, boxes with whiskers and cells.

use super::{
    axis::Axis,
    beside::ColourScale,
    chart::{Chart, Kind, Series},
    measure,
    paper::{Anchor, Label, Paper, Rect, Stroke},
    read::{Item, flag, length, number, stroke, text},
};

/// Share of a category that bars take when nothing is said.
const BAR_SHARE: f64 = 0.8;
/// Pixels between a shape and its label.
const LABEL_DISTANCE: f64 = 5.0;

/// A series on its plot. Labels are kept for later: they lie above everything.
pub(super) struct Drawing<'a, 'o> {
    pub chart: &'a Chart<'o>,
    pub series: &'a Series<'o>,
    pub x: &'a Axis<'o>,
    pub y: &'a Axis<'o>,
    pub plot: Rect,
    pub colours: Option<ColourScale<'o>>,
    pub labels: &'a mut Vec<Label<'o>>,
}

impl<'o> Drawing<'_, 'o> {
    /// Draws the series.
    pub fn draw(&mut self, paper: &mut Paper) {
        match self.series.kind {
            Kind::Bar => self.bars(paper),
            Kind::Line => self.line(paper),
            Kind::Scatter => self.points(paper),
            Kind::Boxplot => self.boxes(paper),
            Kind::Heatmap => self.cells(paper),
        }
    }

    fn fill(&self, item: &Item<'o>) -> &'o str {
        item.text(self.series.option, "/itemStyle/color").unwrap_or(self.series.colour)
    }

    fn opacity(&self, item: &Item<'_>) -> f64 {
        item.number(self.series.option, "/itemStyle/opacity").unwrap_or(1.0)
    }

    /// Colour of the paper: an option tells it of what floats above it.
    fn background(&self) -> &'o str {
        text(self.chart.option, "/tooltip/backgroundColor").unwrap_or("#ffffff")
    }

    fn pixel(&self, (x, y): (f64, f64)) -> (f64, f64) {
        (self.x.at(x, &self.plot), self.y.at(y, &self.plot))
    }

    /// Whether bars and boxes lie on their side: categories upwards.
    fn is_lying(&self) -> bool {
        self.y.has_bands()
    }

    fn bars(&mut self, paper: &mut Paper) {
        let is_lying = self.is_lying();
        let (base, along) = if is_lying { (self.y, self.x) } else { (self.x, self.y) };
        let band = base.band(&self.plot);
        let beside: Vec<&Series<'_>> = self
            .chart
            .series
            .iter()
            .filter(|s| s.kind == Kind::Bar && s.x == self.series.x && s.y == self.series.y)
            .collect();
        let place = beside.iter().position(|s| std::ptr::eq(*s, self.series)).unwrap_or(0) as f64;
        let share = length(self.series.option, "barCategoryGap", 1.0).map_or(BAR_SHARE, |gap| 1.0 - gap);
        let n = beside.len().max(1) as f64;
        let most = number(self.series.option, "/barMaxWidth").unwrap_or(f64::INFINITY);
        let gap = 0.15;
        let thick = (band * share / (n + (n - 1.0) * gap)).min(most).max(1.0);
        let shift = (place - (n - 1.0) / 2.0) * thick * (1.0 + gap);
        let ground = number(along.option, "/startValue").unwrap_or_else(|| along.scale.ground());
        let series = self.series;
        for (i, item) in series.items.iter().enumerate() {
            let Some((x, y)) = series.point(i, item, self.x, self.y) else { continue };
            let (category, value) = if is_lying { (y, x) } else { (x, y) };
            let middle = base.at(category, &self.plot) + shift;
            let ends = [ground, value].map(|v| self.inside(along.at(v, &self.plot), is_lying));
            let (near, far) = (middle - thick / 2.0, middle + thick / 2.0);
            let bar = if is_lying {
                Rect::between((ends[0], near), (ends[1], far))
            } else {
                Rect::between((near, ends[0]), (far, ends[1]))
            };
            if bar.width > 0.0 && bar.height > 0.0 {
                paper.rect(bar, self.fill(item), self.opacity(item), None);
            }
            self.label(item, bar);
        }
    }

    /// A pixel along an axis, not beyond the plot.
    fn inside(&self, at: f64, is_across: bool) -> f64 {
        if is_across {
            at.clamp(self.plot.x, self.plot.right())
        } else {
            at.clamp(self.plot.y, self.plot.bottom())
        }
    }

    fn line(&mut self, paper: &mut Paper) {
        let series = self.series;
        let points: Vec<Option<(f64, f64)>> = series
            .items
            .iter()
            .enumerate()
            .map(|(i, item)| series.point(i, item, self.x, self.y).map(|p| self.pixel(p)))
            .collect();
        let line = stroke(series.option, "/lineStyle", Stroke::solid(series.colour, 2.0));
        let window = self.plot.grown(1.0);
        let is_inside = points.iter().flatten().all(|&p| window.holds(p));
        if !is_inside {
            paper.enter(window);
        }
        // A value that is missing breaks the line.
        for piece in points.split(Option::is_none) {
            let piece: Vec<(f64, f64)> = piece.iter().flatten().copied().collect();
            if piece.len() > 1 && line.width > 0.0 {
                paper.polyline(&piece, &line);
            }
        }
        if !is_inside {
            paper.leave();
        }
        let symbol = text(series.option, "/symbol").unwrap_or("emptyCircle");
        if symbol == "none" || !flag(series.option, "/showSymbol", true) {
            return;
        }
        let background = self.background();
        for (item, point) in series.items.iter().zip(&points) {
            let Some(point) = point.filter(|&p| window.holds(p)) else { continue };
            let size = item.number(series.option, "/symbolSize").unwrap_or(4.0);
            let (fill, opacity) = (self.fill(item), self.opacity(item));
            if symbol == "emptyCircle" {
                paper.dot(point, size, background, opacity, Some(Stroke::solid(fill, 1.5)));
            } else {
                paper.dot(point, size, fill, opacity, None);
            }
            self.label(item, around(point, size));
        }
    }

    fn points(&mut self, paper: &mut Paper) {
        let series = self.series;
        let window = self.plot.grown(0.5);
        for (i, item) in series.items.iter().enumerate() {
            let Some(point) = series.point(i, item, self.x, self.y).map(|p| self.pixel(p)) else { continue };
            if !window.holds(point) {
                continue;
            }
            let size = item.number(series.option, "/symbolSize").unwrap_or(10.0);
            let scaled = self.colours.as_ref().and_then(|c| c.of(item));
            let fill = scaled.as_deref().unwrap_or_else(|| self.fill(item));
            // A point of one pixel carries a label only.
            if size > 1.0 {
                paper.dot(point, size, fill, self.opacity(item), None);
            }
            self.label(item, around(point, size));
        }
    }

    fn boxes(&mut self, paper: &mut Paper) {
        let is_lying = self.is_lying();
        let (base, along) = if is_lying { (self.y, self.x) } else { (self.x, self.y) };
        let (least, most) =
            match self.series.option.get("boxWidth").and_then(|w| w.as_array()).map(Vec::as_slice) {
                Some([least, most]) => (least.as_f64().unwrap_or(7.0), most.as_f64().unwrap_or(50.0)),
                _ => (7.0, 50.0),
            };
        let thick = (base.band(&self.plot) * 0.8 - 2.0).min(most).max(least);
        let series = self.series;
        // What reaches beyond the axis is cut off at its end.
        paper.enter(self.plot.grown(1.0));
        for (i, item) in series.items.iter().enumerate() {
            let [low, q1, median, q3, high] = item.values[..] else { continue };
            if item.values.iter().any(|v| !v.is_finite()) {
                continue;
            }
            let middle = base.at(i as f64, &self.plot);
            let (near, far) = (middle - thick / 2.0, middle + thick / 2.0);
            let place = |across: f64, value: f64| {
                let along = along.at(value, &self.plot);
                if is_lying { (along, across) } else { (across, along) }
            };
            let frame = Stroke {
                opacity: self.opacity(item),
                ..Stroke::solid(
                    item.text(series.option, "/itemStyle/borderColor").unwrap_or(series.colour),
                    item.number(series.option, "/itemStyle/borderWidth").unwrap_or(1.0),
                )
            };
            for (end, edge) in [(low, q1), (high, q3)] {
                if end != edge {
                    paper.line(place(middle, end), place(middle, edge), &frame);
                    paper.line(place(near, end), place(far, end), &frame);
                }
            }
            if q1 == q3 {
                paper.line(place(near, median), place(far, median), &frame);
            } else {
                let body = Rect::between(place(near, q1), place(far, q3));
                paper.rect(body, self.fill(item), self.opacity(item), Some(frame));
                if median != q1 && median != q3 {
                    paper.line(place(near, median), place(far, median), &frame);
                }
            }
        }
        paper.leave();
    }

    fn cells(&mut self, paper: &mut Paper) {
        let series = self.series;
        let (width, height) = (self.x.band(&self.plot), self.y.band(&self.plot));
        let gap = number(series.option, "/itemStyle/borderWidth").unwrap_or(0.0);
        for (i, item) in series.items.iter().enumerate() {
            let Some(point) = series.point(i, item, self.x, self.y) else { continue };
            let (x, y) = self.pixel(point);
            // The line between cells is what is left free.
            let cell = Rect { x: x - width / 2.0, y: y - height / 2.0, width, height };
            let scaled = self.colours.as_ref().and_then(|c| c.of(item));
            let fill = scaled.as_deref().unwrap_or_else(|| self.fill(item));
            paper.rect(cell.grown(-gap / 2.0), fill, 1.0, None);
            self.label(item, cell);
        }
    }

    /// What is written beside or inside a shape.
    fn label(&mut self, item: &Item<'o>, shape: Rect) {
        let option = self.series.option;
        if !item.flag(option, "/label/show", false) {
            return;
        }
        let Some(text) = item.text(option, "/label/formatter").filter(|t| !t.is_empty()) else { return };
        let mut colour = item.text(option, "/label/color").unwrap_or("#333333");
        let size = item.number(option, "/label/fontSize").unwrap_or(12.0);
        let distance = item.number(option, "/label/distance").unwrap_or(LABEL_DISTANCE);
        let (x, y) = (shape.x + shape.width / 2.0, shape.y + shape.height / 2.0);
        let width = measure::width(text, size, false);
        let position = item.text(option, "/label/position").unwrap_or("inside");
        let mut halo = Some(self.background()).filter(|_| position != "inside");
        let (x, y, anchor) = match position {
            "right" => (shape.right() + distance, y, Anchor::Start),
            // Where there is no room beside a bar there is room in it.
            "left" if shape.x - distance - width < self.plot.x && shape.width > width + 2.0 * distance => {
                (colour, halo) = (self.background(), None);
                (shape.x + distance, y, Anchor::Start)
            }
            "left" => (shape.x - distance, y, Anchor::End),
            "top" => (x, shape.y - distance - size / 2.0, Anchor::Middle),
            "bottom" => (x, shape.bottom() + distance + size / 2.0, Anchor::Middle),
            _ => (x, y, Anchor::Middle),
        };
        self.labels.push(Label { size, halo, ..Label::new(text, x, y, colour).at(anchor) });
    }
}

fn around((x, y): (f64, f64), size: f64) -> Rect {
    Rect { x: x - size / 2.0, y: y - size / 2.0, width: size, height: size }
}
