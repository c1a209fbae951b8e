//! What contacting each segment is worth, with its interval.

use charming::series::Bar;
use serde_json::Value;

use super::{
    ChartMaker, ChartRequest, ChartSource, Picture, Theme,
    option::{Caption, Sheet, category_axis, plain, shorten, value_axis, whiskers},
};
use crate::engine::{
    decisions::decision::Verdict,
    json::json,
    words::{count, money, percent, percent_interval},
};

/// No arguments.
pub struct SegmentValueBars;

impl ChartMaker for SegmentValueBars {
    fn slug(&self) -> &'static str {
        "segment_value"
    }

    fn offers(&self, source: &ChartSource<'_>) -> Vec<ChartRequest> {
        match source.decision.and_then(|d| d.retargeting.as_ref()) {
            Some(r) if !r.segments.is_empty() => vec![ChartRequest::new(self.slug(), [])],
            _ => Vec::new(),
        }
    }

    fn draw(&self, source: &ChartSource<'_>, _args: &[String], theme: &Theme) -> Option<Picture> {
        let found = source.decision?.retargeting.as_ref().filter(|r| !r.segments.is_empty())?;
        let cash = |v: f64| money(v.round(), source.currency);
        let labels: Vec<String> =
            found.segments.iter().map(|s| format!("{}\nn = {}", shorten(&s.name, 30), count(s.n))).collect();
        let bars: Vec<Value> = found
            .segments
            .iter()
            .map(|s| {
                let colour = match s.verdict {
                    Verdict::Contact => theme.series_colour(0),
                    Verdict::Leave => theme.series_colour(1),
                    Verdict::CannotTell => &theme.ink_muted,
                };
                let (low, high) = s.profit_interval;
                json!({ "value": s.profit, "itemStyle": { "color": colour },
                        "tooltip": { "formatter": format!("{}\nprofit {} ({} to {})\nexpected rate {}\n{}", plain(&s.name), cash(s.profit), cash(low), cash(high), percent(s.rate), plain(&s.reason)) } })
            })
            .collect();
        let lines: Vec<_> = found
            .segments
            .iter()
            .map(|s| Some((s.profit_interval.0, s.profit, s.profit_interval.1)))
            .collect();
        let (line_series, line_patch) = whiskers(theme, &lines);
        let unit = source.currency.map_or(String::new(), |c| format!(", {c}"));
        let sheet = Sheet::new(theme)
            .grid(12)
            .x(value_axis(theme, &format!("Expected profit{unit}")))
            .y(category_axis(theme, "", &labels).inverse(true))
            .series(
                Bar::new().name("Expected profit"),
                json!({ "data": bars, "barMaxWidth": 22, "markLine": { "silent": true, "symbol": "none", "animation": false, "label": { "show": false },
                        "lineStyle": { "color": theme.ink_muted, "type": "solid", "width": 1 }, "data": [{ "xAxis": 0 }] } }),
            )
            .series(line_series, line_patch)
            .merge(json!({ "yAxis": [{ "axisLabel": { "interval": 0, "lineHeight": 15, "width": 130, "overflow": "break" }, "axisLine": { "onZero": false } }] }));
        let n_best = found.best.len();
        let first = found.segments.iter().find(|s| found.best.contains(&s.index));
        let title = match (n_best, first) {
            (n, _) if n == found.segments.len() => {
                "Contacting is expected to pay in every segment".to_owned()
            }
            (1, Some(best)) => {
                format!("Contacting is expected to pay in one segment: {} ({})", best.name, cash(best.profit))
            }
            (0, _) => "In no segment is contacting expected to pay".to_owned(),
            (n, _) => format!("Contacting is expected to pay in {n} of {} segments", found.segments.len()),
        };
        let rows = found
            .segments
            .iter()
            .map(|s| {
                let (low, high) = s.profit_interval;
                vec![
                    s.name.clone(),
                    count(s.n),
                    percent(s.rate),
                    percent_interval(s.rate_interval),
                    cash(s.profit),
                    format!("{} to {}", cash(low), cash(high)),
                    s.reason.clone(),
                ]
            })
            .collect();
        let header = [
            "Segment",
            "People",
            "Expected rate",
            "95 % interval",
            "Profit",
            "95 % interval",
            "What to do, and why",
        ];
        Some(sheet.finish(
            80 + 48 * found.segments.len() as u32,
            Caption {
                alt: format!("Bars of expected profit of {} segments, with intervals. {title}.", found.segments.len()),
                title,
                how: format!(
                    "People x (expected response rate x {} - {}). A segment pays from a response rate of {}; whiskers are 95 % intervals.",
                    money(found.economics.value_per_response, source.currency), money(found.economics.cost_per_contact, source.currency), percent(found.break_even)
                ),
                header: header.map(str::to_owned).to_vec(),
                rows,
            },
        ))
    }
}
