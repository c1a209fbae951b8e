//! Rate of an outcome in each level of a category, with its interval and n.

use charming::series::Bar;
use serde_json::Value;

use super::{
    ChartMaker, ChartRequest, ChartSource, Picture, Theme,
    option::{Caption, Sheet, category_axis, is_range, plain, shorten, value_axis, whiskers},
};
use crate::engine::{
    data::column::Column,
    json::json,
    order::InOrder,
    statistics::{
        claim::Grade,
        exploration::{RateBySegment, RateLevel},
    },
    words::{self, count, number, p_value},
};

/// Arguments: the category, and the outcome when several were compared.
pub struct RateChart;

const MOST_LEVELS: usize = 24;
/// Segments drawn in a report.
const MOST_OFFERED: usize = 10;

impl ChartMaker for RateChart {
    fn slug(&self) -> &'static str {
        "rate_by_segment"
    }

    fn offers(&self, source: &ChartSource<'_>) -> Vec<ChartRequest> {
        let found = source.exploration.map(|e| e.rates.as_slice()).unwrap_or_default();
        let tested: Vec<&RateBySegment> =
            found.iter().filter(|r| r.test.is_some() && r.levels.iter().any(|l| l.rate.is_some())).collect();
        // Groups with an order or many levels first, two-level flags as far as there is room, strongest first.
        let weight = |r: &RateBySegment| (r.levels.len() <= 2, r.test.as_ref().map_or(1.0, |t| t.p));
        let mut kept: Vec<usize> = (0..tested.len()).collect();
        kept.order_by(|&a, &b| {
            let (a, b) = (weight(tested[a]), weight(tested[b]));
            a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
        });
        kept.truncate(MOST_OFFERED);
        kept.sort_unstable();
        kept.into_iter()
            .map(|i| ChartRequest::new(self.slug(), [tested[i].segment.clone(), tested[i].outcome.clone()]))
            .collect()
    }

    fn draw(&self, source: &ChartSource<'_>, args: &[String], theme: &Theme) -> Option<Picture> {
        let segment = args.first()?;
        let found = source
            .exploration?
            .rates
            .iter()
            .find(|r| &r.segment == segment && args.get(1).is_none_or(|o| &r.outcome == o))?;
        let levels = in_order(
            &found.levels,
            is_ordered(source, segment, found.levels.iter().map(|l| l.label.as_str())),
        );
        let shown = largest(&levels);
        let caption = caption(found, &levels, levels.len() - shown.len());
        Some(sheet(found, &shown, theme).finish(80 + 42 * shown.len() as u32, caption))
    }
}

/// On the axis: shares in percent.
fn on_axis(found: &RateBySegment, rate: f64) -> f64 {
    if found.unit == "%" { rate * 100.0 } else { rate }
}

/// The levels with most behind them, in their order.
fn largest<'l>(levels: &[&'l RateLevel]) -> Vec<&'l RateLevel> {
    let mut sizes: Vec<u64> = levels.iter().map(|l| l.n_rows).collect();
    sizes.order_by(|a, b| b.cmp(a));
    let least = sizes.get(MOST_LEVELS - 1).copied().unwrap_or(0);
    levels.iter().copied().filter(|l| l.n_rows >= least).take(MOST_LEVELS).collect()
}

/// Bars with whiskers, and a line at the rate of everything together.
fn sheet<'t>(found: &RateBySegment, shown: &[&RateLevel], theme: &'t Theme) -> Sheet<'t> {
    let labels: Vec<String> = shown
        .iter()
        .map(|l| format!("{}\nn = {}", shorten(&l.label, 22), number(l.exposure.round())))
        .collect();
    let bars: Vec<Value> = shown.iter().map(|l| bar(found, l, theme)).collect();
    let lines: Vec<Option<(f64, f64, f64)>> = shown
        .iter()
        .map(|l| {
            let (low, high) = l.interval?;
            Some((on_axis(found, low), on_axis(found, l.rate?), on_axis(found, high)))
        })
        .collect();
    let (line_series, line_patch) = whiskers(theme, &lines);
    let mut patch = json!({ "data": bars, "barMaxWidth": 22 });
    if let Some(overall) = found.overall {
        let text = format!("all {}", found.show(overall));
        super::option::merge(
            &mut patch,
            json!({ "markLine": { "silent": true, "symbol": "none", "animation": false,
                    "lineStyle": { "color": theme.ink_muted, "type": "dotted", "width": 1.5 },
                    "label": { "formatter": text, "color": theme.ink_muted, "fontSize": 12, "position": "start" },
                    "data": [{ "xAxis": on_axis(found, overall) }] } }),
        );
    }
    Sheet::new(theme)
        .grid(24)
        .x(axis(found, shown, &lines, theme))
        .y(category_axis(theme, "", &labels).inverse(true))
        .series(Bar::new().name(plain(&found.outcome)), patch)
        .series(line_series, line_patch)
        .merge(json!({ "yAxis": [{ "axisLabel": { "interval": 0, "lineHeight": 15 } }] }))
}

fn bar(found: &RateBySegment, level: &RateLevel, theme: &Theme) -> Value {
    let interval =
        level.interval.map_or(String::new(), |i| format!("\n95 % interval {}", found.show_interval(i)));
    let few = if level.too_few { "\ntoo few to compare" } else { "" };
    let rate = level.rate.map_or_else(|| "no rate".into(), |r| found.show(r));
    let (outcome, exposure) = (number(level.outcome), number(level.exposure));
    let text = format!(
        "{}\n{rate}{interval}\n{outcome} of {exposure} {}{few}",
        plain(&level.label),
        plain(&found.exposure)
    );
    let colour = if level.too_few { &theme.line } else { theme.series_colour(0) };
    json!({ "value": level.rate.map(|r| on_axis(found, r)), "itemStyle": { "color": colour }, "tooltip": { "formatter": text } })
}

/// From zero on. A level with two people has an interval that would squash the rest: the axis follows the levels that count.
fn axis(
    found: &RateBySegment,
    shown: &[&RateLevel],
    lines: &[Option<(f64, f64, f64)>],
    theme: &Theme,
) -> charming::component::Axis {
    let is_share = found.unit == "%";
    let (outcome, exposure) = (plain(&found.outcome), plain(&found.exposure));
    let name = match found.per {
        _ if is_share => format!("{outcome}, % of {exposure}"),
        1.0 if is_mean(found) => format!("Mean {outcome}"),
        1.0 => format!("{outcome} / {exposure}"),
        per => format!("{outcome} per {} {exposure}", number(per)),
    };
    let axis = value_axis(theme, &name).min(0.0);
    let furthest = shown
        .iter()
        .zip(lines)
        .filter(|(l, _)| !l.too_few)
        .filter_map(|(_, line)| line.map(|(_, _, high)| high))
        .fold(0.0_f64, f64::max);
    if furthest <= 0.0 || !shown.iter().any(|l| l.too_few) {
        return axis;
    }
    let end = nice_above(furthest * 1.15);
    // A share ends at 100 %.
    axis.max(if is_share && furthest <= 100.0 { end.min(100.0) } else { end })
}

fn is_mean(found: &RateBySegment) -> bool {
    found.levels.iter().any(|l| l.interval_method == "Student's t")
}

/// Title, sentence, table and method.
fn caption(found: &RateBySegment, levels: &[&RateLevel], n_left_out: usize) -> Caption {
    let title = title_of(found, levels);
    let overall = found.overall.map_or_else(|| words::NOTHING.to_owned(), |rate| found.show(rate));
    let outcomes: Vec<f64> = levels.iter().map(|l| l.outcome).collect();
    let n_digits = words::digits_of(&outcomes);
    let none = || words::NOTHING.to_owned();
    let rows = levels
        .iter()
        .map(|l| {
            vec![
                l.label.clone(),
                count(l.n_rows),
                words::with_digits(l.outcome, n_digits),
                number(l.exposure),
                l.rate.map_or_else(none, |r| found.show(r)),
                l.interval.map_or_else(none, |i| found.show_interval(i)),
                if l.too_few { "too few to compare".into() } else { String::new() },
            ]
        })
        .collect();
    let header = [&found.segment, "Rows", &found.outcome, &words::capitalised(&found.exposure), "Rate"]
        .map(str::to_owned)
        .into_iter()
        .chain(["95 % interval", "Note"].map(str::to_owned));
    Caption {
        alt: format!("Bars of {} by {}, overall {overall}. {title}.", found.outcome, found.segment),
        title,
        how: how(found, n_left_out),
        header: header.collect(),
        rows,
    }
}

/// How rates, intervals and test were made.
fn how(found: &RateBySegment, n_left_out: usize) -> String {
    let method = found.levels.first().map_or("", |l| l.interval_method.as_str());
    let mut text = format!(
        "{} divided by {} in each group; whiskers are 95 % intervals ({method}); the dotted line is everything together. \
         Groups below {} are shown pale and support no claim.",
        found.outcome,
        found.exposure,
        count(found.min_n)
    );
    if n_left_out > 0 {
        text += &format!(" {n_left_out} smaller groups are in the table only.");
    }
    match (&found.caution, &found.test) {
        (Some(caution), _) => text += &format!(" {caution}"),
        (None, Some(t)) => text += &format!(" Test: {}. {}", t.named(), t.why),
        (None, None) => {}
    }
    text
}

/// The finding in a few words: what the grade says, then the span.
fn title_of(found: &RateBySegment, levels: &[&RateLevel]) -> String {
    let counted: Vec<(&str, f64)> =
        levels.iter().filter(|l| !l.too_few).filter_map(|l| Some((l.label.as_str(), l.rate?))).collect();
    let low = counted.iter().min_by(|a, b| a.1.total_cmp(&b.1));
    let high = counted.iter().max_by(|a, b| a.1.total_cmp(&b.1));
    let (outcome, segment) = (&found.outcome, &found.segment);
    let (Some(low), Some(high), true) = (low, high, counted.len() > 1) else {
        return format!("{} by {segment}: too few to compare", words::opening(outcome));
    };
    let span = found.show_interval((low.1, high.1));
    let adjusted = found.test.as_ref().map(|t| match t.p_holm {
        Some(p) => format!(" (adjusted {})", p_value(p)),
        None => format!(" ({})", p_value(t.p)),
    });
    match (found.grade, adjusted) {
        (_, None) => format!("{} by {segment}: {span}, not tested", words::opening(outcome)),
        (Grade::CannotTell, Some(p)) => {
            format!("No supported difference in {outcome} by {segment}: {span}{p}")
        }
        (grade, Some(_)) => format!(
            "{} {} by {segment}: from {} ({}) to {} ({})",
            words::opening(outcome),
            if grade == Grade::Supported { "differs" } else { "may differ" },
            found.show(low.1),
            low.0,
            found.show(high.1),
            high.0
        ),
    }
}

/// Levels in their own order when it means something, else largest first.
fn in_order(levels: &[RateLevel], is_ordered: bool) -> Vec<&RateLevel> {
    let mut all: Vec<&RateLevel> = levels.iter().collect();
    if !is_ordered {
        all.order_by(|a, b| {
            b.rate.unwrap_or(f64::NEG_INFINITY).total_cmp(&a.rate.unwrap_or(f64::NEG_INFINITY))
        });
    }
    all
}

/// Whether the order of a category's levels means something: ranges, and groups computed from something.
pub fn is_ordered<'l>(
    source: &ChartSource<'_>,
    category: &str,
    mut labels: impl Iterator<Item = &'l str>,
) -> bool {
    let is_computed = |c: &Column| !c.made_from.is_empty();
    source.table.column(category).is_ok_and(|c| is_computed(c)) || labels.any(is_range)
}

/// The next round number, for the end of an axis.
pub fn nice_above(value: f64) -> f64 {
    let mut step = 1.0_f64;
    while step * 10.0 <= value {
        step *= 10.0;
    }
    while step > value {
        step /= 10.0;
    }
    for factor in [1.0, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0] {
        if step * factor >= value {
            return step * factor;
        }
    }
    value
}
