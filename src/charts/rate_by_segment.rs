//! Rate of an outcome in each level of a category, with its interval and n.

use charming::series::Bar;
use serde_json::{Value, json};

use super::{
    ChartMaker, ChartRequest, ChartSource, Picture, Theme,
    option::{Caption, Sheet, category_axis, is_range, plain, shorten, value_axis, whiskers},
};
use crate::engine::{
    data::column::Column,
    statistics::exploration::{RateBySegment, RateLevel},
    words::{self, count, decimals, degrees, number, p_value, percent, percent_digits, percent_interval},
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
        kept.sort_by(|&a, &b| {
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
        let scale = Scale::of(found);
        let levels = in_order(
            &found.levels,
            is_ordered(source, segment, found.levels.iter().map(|l| l.label.as_str())),
        );
        let shown: Vec<&RateLevel> = if levels.len() > MOST_LEVELS {
            // The levels with most behind them, in their order.
            let mut sizes: Vec<u64> = levels.iter().map(|l| l.n_rows).collect();
            sizes.sort_unstable_by(|a, b| b.cmp(a));
            let least = sizes[MOST_LEVELS - 1];
            levels.iter().copied().filter(|l| l.n_rows >= least).take(MOST_LEVELS).collect()
        } else {
            levels.clone()
        };
        let labels: Vec<String> = shown
            .iter()
            .map(|l| format!("{}\nn = {}", shorten(&l.label, 22), number(l.exposure.round())))
            .collect();
        let bars: Vec<Value> = shown
            .iter()
            .map(|l| {
                let interval = l.interval.map_or(String::new(), |i| format!("\n95 % interval {}", scale.interval(i)));
                let few = if l.too_few { "\ntoo few to compare" } else { "" };
                let text = format!("{}\n{}{interval}\n{} of {} {}{few}", plain(&l.label), l.rate.map_or_else(|| "no rate".into(), |r| scale.text(r)),
                    number(l.outcome), number(l.exposure), plain(&found.exposure));
                let colour = if l.too_few { &theme.line } else { theme.series_colour(0) };
                json!({ "value": l.rate.map(|r| scale.value(r)), "itemStyle": { "color": colour }, "tooltip": { "formatter": text } })
            })
            .collect();
        let lines: Vec<Option<(f64, f64, f64)>> = shown
            .iter()
            .map(|l| {
                let (low, high) = l.interval?;
                Some((scale.value(low), scale.value(l.rate?), scale.value(high)))
            })
            .collect();
        // A level with two people has an interval that would squash the rest; the axis follows the levels that count.
        let furthest = shown
            .iter()
            .zip(&lines)
            .filter(|(l, _)| !l.too_few)
            .filter_map(|(_, line)| line.map(|(_, _, high)| high))
            .fold(0.0_f64, f64::max);
        let (line_series, line_patch) = whiskers(theme, &lines);
        let outcome = plain(&found.outcome);
        let axis_name = match (scale.per_label(), found.exposure.as_str()) {
            (None, exposure) if scale.is_share => format!("{outcome}, % of {}", plain(exposure)),
            (None, _) => format!("Mean {outcome}"),
            (Some(per), exposure) => format!("{outcome} per {per} {}", plain(exposure)),
        };
        let mut axis = value_axis(theme, &axis_name).min(0.0);
        if furthest > 0.0 && shown.iter().any(|l| l.too_few) {
            let end = nice_above(furthest * 1.15);
            // A share ends at 100 %.
            axis = axis.max(if scale.is_share && furthest <= 100.0 { end.min(100.0) } else { end });
        }
        let overall = scale.text(found.overall);
        let sheet = Sheet::new(theme)
            .grid(24)
            .x(axis)
            .y(category_axis(theme, "", &labels).inverse(true))
            .series(
                Bar::new().name(outcome.as_str()),
                json!({ "data": bars, "barMaxWidth": 22, "markLine": { "silent": true, "symbol": "none", "animation": false,
                        "lineStyle": { "color": theme.ink_muted, "type": "dotted", "width": 1.5 },
                        "label": { "formatter": format!("all {overall}"), "color": theme.ink_muted, "fontSize": 12, "position": "start" },
                        "data": [{ "xAxis": scale.value(found.overall) }] } }),
            )
            .series(line_series, line_patch)
            .merge(json!({ "yAxis": [{ "axisLabel": { "interval": 0, "lineHeight": 15 } }] }));
        let title = title_of(found, &levels, &scale);
        let rows = levels
            .iter()
            .map(|l| {
                vec![
                    l.label.clone(),
                    count(l.n_rows),
                    number(l.outcome),
                    number(l.exposure),
                    l.rate.map_or_else(|| "–".into(), |r| scale.text(r)),
                    l.interval.map_or_else(|| "–".into(), |i| scale.interval(i)),
                    if l.too_few { "too few to compare".into() } else { String::new() },
                ]
            })
            .collect();
        let methods = found.levels.first().map_or("", |l| l.interval_method.as_str());
        let test = found.test.as_ref().map_or(String::new(), |t| {
            let dispersion =
                t.dispersion.map_or(String::new(), |d| format!(", dispersion {}", decimals(d, 2)));
            format!(
                " Test: {} ({} = {}, {} df, {}{dispersion}). {}",
                t.name,
                t.symbol,
                decimals(t.statistic, 2),
                degrees(&t.dof),
                p_value(t.p),
                t.why
            )
        });
        let left_out = levels.len() - shown.len();
        let note = if left_out > 0 {
            format!(" {left_out} smaller groups are in the table only.")
        } else {
            String::new()
        };
        Some(sheet.finish(
            80 + 42 * shown.len() as u32,
            Caption {
                alt: format!("Bars of {} by {}, overall {overall}. {title}.", found.outcome, found.segment),
                title,
                how: format!(
                    "{} divided by {} in each group; whiskers are 95 % intervals ({methods}); the dotted line is everything together. \
                     Groups below {} are shown pale and support no claim.{note}{test}",
                    found.outcome,
                    found.exposure,
                    count(found.min_n)
                ),
                header: vec![
                    found.segment.clone(), "Rows".into(), found.outcome.clone(), sentence_case(&found.exposure), "Rate".into(), "95 % interval".into(), "Note".into(),
                ],
                rows,
            },
        ))
    }
}

/// How a rate is written: a share, or per 1,000.
pub struct Scale {
    per: f64,
    /// What brings a stored rate to "per `per`".
    factor: f64,
    /// Shares are shown in percent; means and rates per many as they are.
    is_share: bool,
}

impl Scale {
    /// Rates are stored per one or per `per`; the levels say which.
    pub fn of(rates: &RateBySegment) -> Self {
        let is_per_one = rates.levels.iter().find_map(|l| {
            let (rate, plain) = (l.rate?, l.outcome / l.exposure);
            (plain > 0.0).then(|| (rate - plain).abs() <= (rate - plain * rates.per).abs())
        });
        let per = if rates.per > 0.0 { rates.per } else { 1.0 };
        let is_mean = rates.levels.iter().any(|l| l.interval_method == "Student's t");
        Self {
            per,
            factor: if is_per_one.unwrap_or(true) { per } else { 1.0 },
            is_share: per == 1.0 && !is_mean,
        }
    }

    /// On the axis.
    pub fn value(&self, rate: f64) -> f64 {
        if self.is_share { rate * 100.0 } else { rate * self.factor }
    }

    /// In words.
    pub fn text(&self, rate: f64) -> String {
        if self.is_share { percent(rate) } else { number(rate * self.factor) }
    }

    /// Two in words.
    pub fn interval(&self, (low, high): (f64, f64)) -> String {
        if self.is_share {
            percent_interval((low, high))
        } else {
            words::interval((low * self.factor, high * self.factor))
        }
    }

    fn per_label(&self) -> Option<String> {
        (self.per != 1.0).then(|| number(self.per))
    }
}

/// The finding in a few words: what the test says, then the span.
fn title_of(found: &RateBySegment, levels: &[&RateLevel], scale: &Scale) -> String {
    let counted: Vec<(&str, f64)> =
        levels.iter().filter(|l| !l.too_few).filter_map(|l| Some((l.label.as_str(), l.rate?))).collect();
    let low = counted.iter().min_by(|a, b| a.1.total_cmp(&b.1));
    let high = counted.iter().max_by(|a, b| a.1.total_cmp(&b.1));
    let (Some(low), Some(high)) = (low, high) else {
        return format!("{} by {}: too few to compare", found.outcome, found.segment);
    };
    let span = if scale.is_share {
        let digits = percent_digits(high.1).min(1);
        format!("{} to {} %", decimals(low.1 * 100.0, digits), decimals(high.1 * 100.0, digits))
    } else {
        format!("{} to {}", scale.text(low.1), scale.text(high.1))
    };
    match &found.test {
        Some(test) => {
            let p = test.p_holm.unwrap_or(test.p);
            let adjusted = if test.p_holm.is_some() { "adjusted " } else { "" };
            if p < 0.05 {
                format!(
                    "{} differs by {}: from {} ({}) to {} ({})",
                    found.outcome,
                    found.segment,
                    scale.text(low.1),
                    low.0,
                    scale.text(high.1),
                    high.0
                )
            } else {
                format!(
                    "No supported difference in {} by {}: {span} ({adjusted}{})",
                    found.outcome,
                    found.segment,
                    p_value(p)
                )
            }
        }
        None => format!("{} by {}: {span}, not tested", found.outcome, found.segment),
    }
}

/// Levels in their own order when it means something, else largest first.
fn in_order(levels: &[RateLevel], is_ordered: bool) -> Vec<&RateLevel> {
    let mut all: Vec<&RateLevel> = levels.iter().collect();
    if !is_ordered {
        all.sort_by(|a, b| {
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

fn nice_above(value: f64) -> f64 {
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

fn sentence_case(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| c.to_uppercase().collect::<String>() + chars.as_str())
}
