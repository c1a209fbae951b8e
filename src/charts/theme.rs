//! The two built-in themes, for wherever there is no page whose tokens could be read. The only raw colours in the code.

use super::Theme;
use crate::engine::numeric::math;

/// Of text on its ground (WCAG 2.2, 1.4.3).
const TEXT_CONTRAST: f64 = 4.5;

impl Theme {
    /// For paper and for the light page.
    pub fn light() -> Self {
        let text = str::to_owned;
        Self {
            ink: text("#1f2421"),
            ink_muted: text("#5b635f"),
            line: text("#e3e1dc"),
            surface: text("#ffffff"),
            accent: text("#0f6e6a"),
            series: ["#0072b2", "#d55e00", "#009e73", "#c4649a", "#b07900", "#3f9bd1"].map(text).to_vec(),
            sequential: (text("#e6f0ef"), text("#0b5a57")),
            diverging: (text("#1f63a8"), text("#f7f6f3"), text("#b85306")),
        }
    }

    /// For the dark page.
    pub fn dark() -> Self {
        let text = str::to_owned;
        Self {
            ink: text("#e9e7e2"),
            ink_muted: text("#a5aba7"),
            line: text("#343a38"),
            surface: text("#1a1e1d"),
            accent: text("#4fbdb5"),
            series: ["#56b4e9", "#f0894a", "#3fc79a", "#e29ac4", "#e6b445", "#8aa4ff"].map(text).to_vec(),
            sequential: (text("#22302f"), text("#7fd6cf")),
            diverging: (text("#6fb0ee"), text("#262b2a"), text("#f0a35e")),
        }
    }

    /// The diverging scale for cells with figures in them: its ends are as strong as ink stays readable on.
    pub fn heat(&self) -> [String; 3] {
        let (low, middle, high) = &self.diverging;
        [self.readable(low, middle), middle.clone(), self.readable(high, middle)]
    }

    /// An end of a scale, drawn towards its middle until ink has the contrast of text on it.
    fn readable(&self, end: &str, middle: &str) -> String {
        let (Some(ink), Some(end), Some(middle)) = (channels(&self.ink), channels(end), channels(middle))
        else {
            return end.to_owned();
        };
        let between = |share: f64| [0, 1, 2].map(|i| (end[i] + (middle[i] - end[i]) * share).round());
        let mixed = (0..=50).map(|step| between(f64::from(step) / 50.0));
        let [r, g, b] = mixed.into_iter().find(|c| contrast(*c, ink) >= TEXT_CONTRAST).unwrap_or(middle);
        format!("#{:02x}{:02x}{:02x}", r as u8, g as u8, b as u8)
    }

    /// The colour of series `index`; beyond the sixth everything is "other" and muted.
    pub fn series_colour(&self, index: usize) -> &str {
        self.series.get(index).unwrap_or(&self.ink_muted)
    }
}

/// Red, green and blue of "#rrggbb", 0 to 255.
fn channels(colour: &str) -> Option<[f64; 3]> {
    let digits = colour.strip_prefix('#').filter(|d| d.len() == 6 && d.is_ascii())?;
    let channel = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).ok().map(f64::from);
    Some([channel(0)?, channel(2)?, channel(4)?])
}

/// Contrast of two colours as WCAG 2.2 defines it, 1 to 21.
fn contrast(a: [f64; 3], b: [f64; 3]) -> f64 {
    let linear = |v: f64| {
        let v = v / 255.0;
        if v <= 0.04045 { v / 12.92 } else { math::pow((v + 0.055) / 1.055, 2.4) }
    };
    let luminance = |[r, g, b]: [f64; 3]| 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b) + 0.05;
    let (a, b) = (luminance(a), luminance(b));
    a.max(b) / a.min(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_readable_on_every_cell_of_a_heat_scale() {
        for theme in [Theme::light(), Theme::dark()] {
            let ink = channels(&theme.ink).unwrap();
            let [low, middle, high] = theme.heat().map(|c| channels(&c).unwrap());
            for end in [low, high] {
                for step in 0..=20 {
                    let share = f64::from(step) / 20.0;
                    let cell = [0, 1, 2].map(|i| middle[i] + (end[i] - middle[i]) * share);
                    assert!(contrast(cell, ink) >= 4.49, "{cell:?}");
                }
            }
        }
    }

    #[test]
    fn contrast_is_that_of_wcag() {
        assert_eq!(contrast([255.0; 3], [0.0; 3]).round(), 21.0);
        // #767676 is the lightest grey for text on white.
        assert!((contrast([118.0; 3], [255.0; 3]) - 4.54).abs() < 0.01);
    }
}
