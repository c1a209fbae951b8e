//! The two built-in themes, for wherever there is no page whose tokens could be read. The only raw colours in the code.

use super::Theme;

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

    /// The colour of series `index`; beyond the sixth everything is "other" and muted.
    pub fn series_colour(&self, index: usize) -> &str {
        self.series.get(index).unwrap_or(&self.ink_muted)
    }
}
