//! One prediction taken apart: from what the model says of nobody in particular to what it says of this row.

use charming::series::Boxplot;
use serde_json::Value;

use super::{
    ChartMaker, ChartRequest, ChartSource, Picture, Theme,
    option::{Caption, LINE_HEIGHT, Sheet, category_axis, in_lines, plain, shorten, value_axis},
    points::tidy,
};
use crate::engine::{
    json::json,
    models::{
        explain::{ExplainedRow, Explanation, Part},
        family::Link,
        outcome::Outcome,
    },
    words::{self, count, number},
};

/// Argument: why the row is shown ("typical", "highest", "missed").
pub struct Waterfall;

/// Columns drawn one by one; the others are one bar.
const MOST_PARTS: usize = 9;

impl ChartMaker for Waterfall {
    fn slug(&self) -> &'static str {
        "waterfall"
    }

    fn offers(&self, source: &ChartSource<'_>) -> Vec<ChartRequest> {
        let found = source.explanation.map(|e| e.examples.as_slice()).unwrap_or_default();
        found
            .iter()
            .filter(|e| e.parts.iter().any(|p| p.by != 0.0))
            .map(|e| ChartRequest::new(self.slug(), [e.slug.clone()]))
            .collect()
    }

    fn draw(&self, source: &ChartSource<'_>, args: &[String], theme: &Theme) -> Option<Picture> {
        let explained = source.explanation?;
        let wanted = |e: &&ExplainedRow| args.first().is_none_or(|slug| *slug == e.slug);
        let row = explained.examples.iter().find(wanted)?;
        let shown = shown(&row.parts);
        let mut at = row.base;
        let mut labels = vec!["every row".to_owned()];
        let mut bars = vec![bar(
            row.base,
            row.base,
            &format!("What the model says before any column is known: {}", number(row.base)),
            &theme.ink_muted,
        )];
        for (label, text, by) in &shown {
            let colour = theme.series_colour(if *by < 0.0 { 0 } else { 1 });
            bars.push(bar(
                at,
                at + by,
                &format!("{text}\n{}{}", if *by > 0.0 { "+" } else { "" }, number(*by)),
                colour,
            ));
            labels.push(label.clone());
            at += by;
        }
        bars.push(bar(at, at, &format!("This row: {}", number(at)), &theme.ink_muted));
        labels.push("this row".to_owned());
        let name = match explained.link {
            Link::Identity => words::capitalised(&plain(&explained.what)),
            Link::Log => format!("Logarithm of {}", plain(&explained.what)),
            Link::LogOdds => format!("Log-odds of {}", plain(&explained.target)),
        };
        let sheet = Sheet::new(theme)
            .grid(12)
            .x(value_axis(theme, &name).scale(true))
            .y(category_axis(theme, "", &labels).inverse(true))
            .series(Boxplot::new(), json!({ "data": bars, "boxWidth": [14, 18] }))
            .merge(json!({ "yAxis": [{ "axisLabel": { "interval": 0, "lineHeight": LINE_HEIGHT }, "axisLine": { "onZero": false } }] }));
        let title = title(explained, row);
        let rows = row.parts.iter().map(|p| vec![p.column.clone(), p.value.clone(), number(p.by)]).collect();
        Some(sheet.finish(
            80 + 30 * labels.len() as u32,
            Caption {
                alt: format!("Bars from {} to {}, one a column. {title}.", number(row.base), number(at)),
                title,
                how: format!(
                    "SHAP values of row {}: each column moves {} from {}, known of no column, to {}.",
                    count(u64::from(row.row) + 1),
                    explained.link.words(),
                    number(row.base),
                    number(at)
                ),
                header: vec!["Column".into(), "Value".into(), "Moves it by".into()],
                rows,
            },
        ))
    }
}

/// A bar from one value to another: a box without whiskers.
fn bar(from: f64, to: f64, text: &str, colour: &str) -> Value {
    let (low, high) = (tidy(from.min(to)), tidy(from.max(to)));
    json!({ "value": [low, low, low, high, high], "tooltip": { "formatter": text },
            "itemStyle": { "color": colour, "borderColor": colour, "borderWidth": 1.5 } })
}

/// Label, text and size of each bar.
fn shown(parts: &[Part]) -> Vec<(String, String, f64)> {
    let moving: Vec<&Part> = parts.iter().filter(|p| p.by != 0.0).collect();
    let n = if moving.len() > MOST_PARTS + 1 { MOST_PARTS } else { moving.len() };
    let mut out: Vec<(String, String, f64)> = moving
        .iter()
        .take(n)
        .map(|p| {
            let text = format!("{} = {}", p.column, p.value);
            (in_lines(&shorten(&text, 44), 24), plain(&text), p.by)
        })
        .collect();
    if moving.len() > n {
        let text = format!("{} other columns", moving.len() - n);
        out.push((text.clone(), text, moving[n..].iter().map(|p| p.by).sum()));
    }
    out
}

fn title(explained: &Explanation, row: &ExplainedRow) -> String {
    let number_of = count(u64::from(row.row) + 1);
    let what = match row.slug.as_str() {
        "typical" => format!("A typical prediction, row {number_of}"),
        "highest" => format!("The highest prediction, row {number_of}"),
        _ => format!("The row missed most, row {number_of}"),
    };
    let of = explained.outcome;
    let (predicted, actual) = (of.show(row.predicted), of.show_actual(row.actual));
    let for_ = if of == Outcome::YesNo { "for " } else { "" };
    format!("{what}: {predicted} predicted, {actual} {for_}{} in the file", plain(&explained.target))
}
