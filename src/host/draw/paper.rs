//! The sheet of paper: rectangles, lines, dots and texts written as SVG, with what the exporter lets through and nothing else.

use std::fmt::Write as _;

use super::measure;

/// A part of the sheet, in pixels from its upper left corner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rect {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

impl Rect {
    pub fn right(&self) -> f64 {
        self.x + self.width
    }

    pub fn bottom(&self) -> f64 {
        self.y + self.height
    }

    /// The rectangle with so many pixels more on every side.
    pub fn grown(&self, by: f64) -> Self {
        Self { x: self.x - by, y: self.y - by, width: self.width + 2.0 * by, height: self.height + 2.0 * by }
    }

    /// Whether a point lies in it.
    pub fn holds(&self, (x, y): (f64, f64)) -> bool {
        (self.x..=self.right()).contains(&x) && (self.y..=self.bottom()).contains(&y)
    }

    /// The rectangle between two corners, whichever they are.
    pub fn between((x0, y0): (f64, f64), (x1, y1): (f64, f64)) -> Self {
        Self { x: x0.min(x1), y: y0.min(y1), width: (x1 - x0).abs(), height: (y1 - y0).abs() }
    }
}

/// How a line is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dash {
    Solid,
    Dashed,
    Dotted,
}

/// A line's colour, width and kind.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stroke<'a> {
    pub colour: &'a str,
    pub width: f64,
    pub dash: Dash,
    pub opacity: f64,
}

impl<'a> Stroke<'a> {
    /// A plain line.
    pub fn solid(colour: &'a str, width: f64) -> Self {
        Self { colour, width, dash: Dash::Solid, opacity: 1.0 }
    }
}

/// Where a text stands beside its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// A text of one or more lines.
#[derive(Debug, Clone)]
pub(super) struct Label<'a> {
    pub text: &'a str,
    pub x: f64,
    /// Middle of all lines.
    pub y: f64,
    pub anchor: Anchor,
    pub colour: &'a str,
    pub size: f64,
    pub line_height: f64,
    pub is_bold: bool,
    /// Degrees clockwise about the place.
    pub turn: f64,
    /// Colour around the letters, so that lines do not run through them.
    pub halo: Option<&'a str>,
}

impl<'a> Label<'a> {
    /// A text in the size of most texts, its middle at a place.
    pub fn new(text: &'a str, x: f64, y: f64, colour: &'a str) -> Self {
        let (size, line_height) = (12.0, 15.0);
        Self {
            text,
            x,
            y,
            anchor: Anchor::Middle,
            colour,
            size,
            line_height,
            is_bold: false,
            turn: 0.0,
            halo: None,
        }
    }

    /// The same with another side at the place.
    pub fn at(self, anchor: Anchor) -> Self {
        Self { anchor, ..self }
    }
}

/// SVG in the making.
pub(super) struct Paper {
    pub width: f64,
    pub height: f64,
    body: String,
    definitions: String,
    n_ids: usize,
    /// Rectangles that parts are seen through, with their names.
    windows: Vec<(Rect, String)>,
}

impl Paper {
    pub fn new(width: f64, height: f64) -> Self {
        Self { width, height, body: String::new(), definitions: String::new(), n_ids: 0, windows: Vec::new() }
    }

    /// A filled rectangle, framed where there is a frame.
    pub fn rect(&mut self, r: Rect, fill: &str, opacity: f64, frame: Option<Stroke<'_>>) {
        let (sides, fill, faded) = (sides(&r), escape(fill), faded("opacity", opacity));
        let frame = frame.map_or_else(String::new, |s| stroke(&s));
        let _ = write!(self.body, "<rect{sides} fill=\"{fill}\"{faded}{frame}/>");
    }

    /// A rectangle with round corners, as in a legend.
    pub fn chip(&mut self, r: Rect, fill: &str) {
        let (sides, fill) = (sides(&r), escape(fill));
        let _ = write!(self.body, "<rect{sides} rx=\"2\" fill=\"{fill}\"/>");
    }

    /// A straight line. One along an edge of pixels stays sharp.
    pub fn line(&mut self, from: (f64, f64), to: (f64, f64), line: &Stroke<'_>) {
        let sharp = |v: f64| if line.width <= 1.0 { v.floor() + 0.5 } else { v };
        let (mut from, mut to) = (from, to);
        if from.0 == to.0 {
            (from.0, to.0) = (sharp(from.0), sharp(to.0));
        } else if from.1 == to.1 {
            (from.1, to.1) = (sharp(from.1), sharp(to.1));
        }
        let (x1, y1, x2, y2) = (px(from.0), px(from.1), px(to.0), px(to.1));
        let line = stroke(line);
        let _ = write!(self.body, "<line x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\"{line}/>");
    }

    /// A line from point to point.
    pub fn polyline(&mut self, points: &[(f64, f64)], line: &Stroke<'_>) {
        let points: Vec<String> = points.iter().map(|p| format!("{},{}", px(p.0), px(p.1))).collect();
        let (points, line) = (points.join(" "), stroke(line));
        let _ = write!(
            self.body,
            "<polyline points=\"{points}\" fill=\"none\" stroke-linejoin=\"round\" stroke-linecap=\"round\"{line}/>"
        );
    }

    /// A round dot. Its place is a translation: the exporter then writes dots that are alike once.
    pub fn dot(&mut self, (x, y): (f64, f64), size: f64, fill: &str, opacity: f64, ring: Option<Stroke<'_>>) {
        let r = px(size / 2.0);
        let ring = ring.map_or_else(String::new, |s| stroke(&s));
        let _ = write!(
            self.body,
            "<path d=\"M{r} 0A{r} {r} 0 1 1 -{r} 0A{r} {r} 0 1 1 {r} 0Z\" transform=\"translate({} {})\" fill=\"{}\"{}{ring}/>",
            px(x),
            px(y),
            escape(fill),
            faded("opacity", opacity)
        );
    }

    /// A text. One that is not turned is kept inside the sheet.
    pub fn text(&mut self, label: &Label<'_>) {
        let lines: Vec<&str> = label.text.split('\n').collect();
        let (anchor, before, after) = match label.anchor {
            Anchor::Start => ("", 0.0, 1.0),
            Anchor::Middle => (" text-anchor=\"middle\"", 0.5, 0.5),
            Anchor::End => (" text-anchor=\"end\"", 1.0, 0.0),
        };
        let x = if label.turn == 0.0 {
            let width = measure::width(label.text, label.size, label.is_bold);
            let most = self.width - 1.0 - after * width;
            label.x.min(most).max(1.0 + before * width)
        } else {
            label.x
        };
        let size =
            if label.size == 12.0 { String::new() } else { format!(" font-size=\"{}\"", px(label.size)) };
        let weight = if label.is_bold { " font-weight=\"600\"" } else { "" };
        let turn = if label.turn == 0.0 {
            String::new()
        } else {
            format!(" transform=\"rotate({} {} {})\"", px(label.turn), px(label.x), px(label.y))
        };
        let halo = label.halo.map_or_else(String::new, |colour| {
            format!(
                " paint-order=\"stroke\" stroke=\"{}\" stroke-width=\"3\" stroke-linejoin=\"round\"",
                escape(colour)
            )
        });
        for (i, line) in lines.iter().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let middle = i as f64 - (lines.len() - 1) as f64 / 2.0;
            // From the middle of a line of letters to the line they stand on.
            let y = label.y + middle * label.line_height + 0.35 * label.size;
            let (x, y, fill, line) = (px(x), px(y), escape(label.colour), escape(line));
            let _ = write!(
                self.body,
                "<text x=\"{x}\" y=\"{y}\" fill=\"{fill}\"{anchor}{size}{weight}{turn}{halo}>{line}</text>"
            );
        }
    }

    /// Everything until [`Self::leave`] is seen inside a rectangle only.
    pub fn enter(&mut self, seen: Rect) {
        let known = self.windows.iter().find(|(r, _)| *r == seen).map(|(_, id)| id.clone());
        let id = known.unwrap_or_else(|| {
            let id = self.id();
            let sides = sides(&seen);
            let _ = write!(self.definitions, "<clipPath id=\"{id}\"><rect{sides}/></clipPath>");
            self.windows.push((seen, id.clone()));
            id
        });
        let _ = write!(self.body, "<g clip-path=\"url(#{id})\">");
    }

    /// Ends what [`Self::enter`] began.
    pub fn leave(&mut self) {
        self.body.push_str("</g>");
    }

    /// A rectangle that goes through colours from left to right.
    pub fn gradient(&mut self, r: Rect, colours: &[&str]) {
        let id = self.id();
        let last = colours.len().saturating_sub(1).max(1) as f64;
        let stops: String = colours
            .iter()
            .enumerate()
            .map(|(i, c)| {
                format!("<stop offset=\"{}%\" stop-color=\"{}\"/>", px(100.0 * i as f64 / last), escape(c))
            })
            .collect();
        let _ = write!(self.definitions, "<linearGradient id=\"{id}\">{stops}</linearGradient>");
        self.rect(r, &format!("url(#{id})"), 1.0, None);
    }

    fn id(&mut self) -> String {
        self.n_ids += 1;
        format!("d{}", self.n_ids)
    }

    /// The whole picture.
    pub fn finish(self) -> String {
        let (w, h) = (px(self.width), px(self.height));
        let definitions = if self.definitions.is_empty() {
            String::new()
        } else {
            format!("<defs>{}</defs>", self.definitions)
        };
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {w} {h}\" font-size=\"12\">{definitions}{}</svg>",
            self.body
        )
    }
}

/// A tenth of a pixel is seen by nobody: shorter, and the same on every machine.
fn px(value: f64) -> String {
    let text = format!("{:.1}", if value.is_finite() { value } else { 0.0 });
    let text = text.strip_suffix(".0").unwrap_or(&text);
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

fn sides(r: &Rect) -> String {
    format!(" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"", px(r.x), px(r.y), px(r.width), px(r.height))
}

fn faded(key: &str, opacity: f64) -> String {
    if opacity < 1.0 { format!(" {key}=\"{}\"", (opacity * 100.0).round() / 100.0) } else { String::new() }
}

fn stroke(line: &Stroke<'_>) -> String {
    let dash = match line.dash {
        Dash::Solid => "",
        Dash::Dashed => " stroke-dasharray=\"5 4\"",
        Dash::Dotted => " stroke-dasharray=\"2 3\"",
    };
    let width = (line.width * 100.0).round() / 100.0;
    let opacity = faded("stroke-opacity", line.opacity);
    format!(" stroke=\"{}\" stroke-width=\"{width}\"{dash}{opacity}", escape(line.colour))
}

/// Text from the file as text: signs of the language are spelled out, what no file of it may hold is left out.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_the_file_is_escaped() {
        let mut paper = Paper::new(200.0, 100.0);
        paper.text(&Label::new("<script>a & \"b\"\u{7}", 100.0, 50.0, "red\" onload=\"x"));
        let svg = paper.finish();
        assert!(svg.contains(">&lt;script&gt;a &amp; &quot;b&quot; </text>"), "{svg}");
        assert!(svg.contains("fill=\"red&quot; onload=&quot;x\""), "{svg}");
    }

    #[test]
    fn a_text_stays_inside_the_sheet() {
        let mut paper = Paper::new(200.0, 100.0);
        paper.text(&Label::new("a long text", 199.0, 50.0, "red").at(Anchor::Start));
        let svg = paper.finish();
        let x: f64 =
            svg.split("<text x=\"").nth(1).and_then(|s| s.split('"').next()).unwrap().parse().unwrap();
        assert!(x < 150.0, "{svg}");
    }

    #[test]
    fn pixels_are_short() {
        for (value, expected) in [(1.0, "1"), (1.25, "1.2"), (-0.01, "0"), (12.349, "12.3"), (f64::NAN, "0")]
        {
            assert_eq!(px(value), expected);
        }
    }
}
