//! Charts: a summary in, a picture (ECharts option, sentence, table) out. One file a chart.
//!
//! A new chart is a new file here, its `mod` line and its entry in [`CHARTS`].

use crate::engine::{
    data::table::Table, decisions::decision::Decision, models::comparison::Comparison,
    segments::segmentation::Segmentation, statistics::exploration::Exploration,
};
use serde::{Deserialize, Serialize};

/// Which chart, of what: `{ chart: "histogram", args: ["Income"] }`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ChartRequest {
    pub chart: String,
    pub args: Vec<String>,
}

/// Colours of a theme, read from the page's design tokens (CSS colours); [`Theme::light`] is used where there is no page.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Theme {
    pub ink: String,
    pub ink_muted: String,
    pub line: String,
    pub surface: String,
    pub accent: String,
    /// At most six, Okabe-Ito adapted to the theme.
    pub series: Vec<String>,
    /// Low, high of one hue.
    pub sequential: (String, String),
    /// Low, middle, high, centred on zero.
    pub diverging: (String, String, String),
}

/// A drawn chart and what stands beside it for those who cannot see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Picture {
    /// The finding when there is one, else the question.
    pub title: String,
    /// One sentence that says what the chart shows.
    pub alt: String,
    /// The ECharts option as JSON (no functions).
    pub option: String,
    /// Pixels.
    pub height: u32,
    /// The figures: header, then rows, as shown.
    pub header: Vec<String>,
    pub rows: Vec<Vec<String>>,
    /// How this was computed: one or two sentences.
    pub how: String,
}

/// What charts are drawn from.
#[derive(Clone, Copy)]
pub struct ChartSource<'a> {
    pub table: &'a Table,
    pub exploration: Option<&'a Exploration>,
    pub comparison: Option<&'a Comparison>,
    pub segmentation: Option<&'a Segmentation>,
    pub decision: Option<&'a Decision>,
    pub currency: Option<&'a str>,
}

/// One kind of chart.
pub trait ChartMaker: Sync {
    /// "histogram"
    fn slug(&self) -> &'static str;
    /// The requests that make sense for what is there: what the report draws, and what the loop test exercises.
    fn offers(&self, source: &ChartSource<'_>) -> Vec<ChartRequest>;
    /// `None` when what it needs is not there.
    fn draw(&self, source: &ChartSource<'_>, args: &[String], theme: &Theme) -> Option<Picture>;
}

/// Every chart.
pub const CHARTS: &[&dyn ChartMaker] = &[];

/// Draws any chart.
pub fn draw(request: &ChartRequest, source: &ChartSource<'_>, theme: &Theme) -> Option<Picture> {
    CHARTS.iter().find(|c| c.slug() == request.chart)?.draw(source, &request.args, theme)
}
