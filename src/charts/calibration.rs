//! Calibration: of those given a probability, how many say yes?

use charming::series::{Line, Scatter};
use serde_json::Value;

use super::{
    ChartMaker, ChartRequest, ChartSource, Picture, Theme,
    option::{Caption, Sheet, plain, plain_axis, value_axis},
    points::tidy,
};
use crate::engine::{
    json::json,
    models::yes_no::{Probabilities, YesNoFindings},
    words::{count, decimals, percent, percent_interval},
};

/// Argument: the family; none for the winner.
pub struct CalibrationCurve;

impl ChartMaker for CalibrationCurve {
    fn slug(&self) -> &'static str {
        "calibration"
    }

    fn offers(&self, source: &ChartSource<'_>) -> Vec<ChartRequest> {
        winner_request(self.slug(), source)
    }

    fn draw(&self, source: &ChartSource<'_>, args: &[String], theme: &Theme) -> Option<Picture> {
        let (title_of, of, _) = probabilities(source, args)?;
        let calibration = &of.calibration;
        let bins = &calibration.bins;
        if bins.is_empty() {
            return None;
        }
        let target = plain(&source.comparison?.plan.target);
        let top = bins.iter().fold(0.0_f64, |m, b| m.max(b.predicted).max(b.interval.1));
        let top = (top * 10.0).ceil() / 10.0;
        let data: Vec<Value> = bins
            .iter()
            .map(|b| {
                let text = format!(
                    "predicted {}\nhappened {} ({})\n{} of {} rows",
                    percent(b.predicted),
                    percent(b.observed),
                    percent_interval(b.interval),
                    count(b.n_yes),
                    count(b.n)
                );
                json!({ "value": [tidy(100.0 * b.predicted), tidy(100.0 * b.observed)], "tooltip": { "formatter": text } })
            })
            .collect();
        let mut sheet = Sheet::new(theme)
            .grid(16)
            .x(plain_axis(theme, "Mean probability predicted (%)"))
            .y(value_axis(theme, &format!("Share of yes in {target} (%)")))
            .series(
                Line::new().name("Honest probabilities"),
                json!({ "data": [[0, 0], [100.0 * top, 100.0 * top]], "showSymbol": false, "silent": true, "z": 1,
                        "lineStyle": { "color": theme.ink_muted, "type": "dashed", "width": 1.25 } }),
            );
        // One line an interval: box plots stand at categories, and these stand at numbers.
        for b in bins {
            let (x, low, high) = (100.0 * b.predicted, 100.0 * b.interval.0, 100.0 * b.interval.1);
            sheet = sheet.series(
                Line::new().name("95 % interval"),
                json!({ "data": [[tidy(x), tidy(low)], [tidy(x), tidy(high)]], "showSymbol": false, "silent": true, "z": 2,
                        "lineStyle": { "color": theme.ink, "width": 1.25 } }),
            );
        }
        let sheet = sheet
            .series(
                Scatter::new().name("Tenths of the rows"),
                json!({ "data": data, "symbolSize": 10, "z": 5, "itemStyle": { "color": theme.accent } }),
            )
            .merge(json!({ "xAxis": [{ "min": 0, "max": 100.0 * top }], "yAxis": [{ "min": 0 }] }));
        let title = title(title_of, of);
        let slope = match calibration.slope {
            Some((slope, (low, high))) => format!(
                "Calibration slope {} ({} to {}); 1 is right, below 1 the probabilities are too extreme. ",
                decimals(slope, 2),
                decimals(low, 2),
                decimals(high, 2)
            ),
            None => String::new(),
        };
        let rows = bins
            .iter()
            .map(|b| {
                vec![
                    count(b.n),
                    count(b.n_yes),
                    percent(b.predicted),
                    percent(b.observed),
                    percent_interval(b.interval),
                ]
            })
            .collect();
        Some(sheet.finish(
            360,
            Caption {
                alt: format!("Share of yes against predicted probability in {} groups of rows. {title}.", bins.len()),
                title,
                how: format!(
                    "Held-out rows in tenths by predicted probability; whiskers are Wilson's 95 % intervals. On the dashed line \
                     probabilities can be taken at their word. {slope}Mean gap (expected calibration error) {}.",
                    percent(calibration.gap)
                ),
                header: ["Rows", "Yes", "Mean probability", "Share of yes", "95 % interval"]
                    .map(str::to_owned)
                    .to_vec(),
                rows,
            },
        ))
    }
}

/// Whether the probabilities can be taken at their word.
fn title(model: &str, of: &Probabilities) -> String {
    let c = &of.calibration;
    let off = c.bins.iter().filter(|b| b.predicted < b.interval.0 || b.predicted > b.interval.1).count();
    match (off, c.slope) {
        (_, Some((slope, (_, high)))) if high < 1.0 => {
            format!("{model} is too sure of itself: calibration slope {}", decimals(slope, 2))
        }
        (_, Some((slope, (low, _)))) if low > 1.0 => {
            format!("{model} is too cautious: calibration slope {}", decimals(slope, 2))
        }
        (0, _) => format!("{model}: what it gives a probability happens about that often"),
        (off, _) => format!(
            "{model}: probabilities are off in {off} of {} groups, by {} on average",
            c.bins.len(),
            percent(c.gap)
        ),
    }
}

/// The family asked for (the winner by default): its name and what its held-out probabilities say.
pub fn probabilities<'a>(
    source: &ChartSource<'a>,
    args: &'a [String],
) -> Option<(&'a str, &'a Probabilities, &'a YesNoFindings)> {
    let found = source.comparison?;
    let all = found.yes_no.as_ref()?;
    let family = args.first().unwrap_or(&found.verdict.winner);
    let of = all.families.iter().find(|f| &f.family == family)?;
    Some((found.title_of(family), of, all))
}

/// One request for the winner, when there are probabilities of it.
pub fn winner_request(slug: &str, source: &ChartSource<'_>) -> Vec<ChartRequest> {
    match source.comparison {
        Some(found) if probabilities(source, &[]).is_some() => {
            vec![ChartRequest::new(slug, [found.verdict.winner.clone()])]
        }
        _ => Vec::new(),
    }
}
