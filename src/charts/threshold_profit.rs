//! Profit of contacting everybody from a probability on, with break-even marked.

use charming::series::Line;
use serde_json::Value;

use super::{
    ChartMaker, ChartRequest, ChartSource, Picture, Theme,
    option::{Caption, Sheet, plain_axis, value_axis},
    points::tidy,
};
use crate::engine::{
    decisions::contacts::{Contacts, ProfitPoint, contacts},
    json::json,
    order::InOrder,
    words::{count, interval_of, money, percent},
};

/// Argument: the family; none for the one that is decided by, else the winner.
pub struct ThresholdProfit;

impl ChartMaker for ThresholdProfit {
    fn slug(&self) -> &'static str {
        "threshold_profit"
    }

    fn offers(&self, source: &ChartSource<'_>) -> Vec<ChartRequest> {
        match (source.comparison, found(source, &[])) {
            (Some(c), Some(_)) => vec![ChartRequest::new(self.slug(), [c.verdict.winner.clone()])],
            _ => Vec::new(),
        }
    }

    fn draw(&self, source: &ChartSource<'_>, args: &[String], theme: &Theme) -> Option<Picture> {
        let found = found(source, args)?;
        let cash = |v: f64| money(v.round(), source.currency);
        let text = |p: &ProfitPoint| {
            format!(
                "from {} on\n{} people, {} responses\nprofit {}",
                percent(p.threshold),
                count(p.people),
                count(p.responses),
                cash(p.profit)
            )
        };
        let data: Vec<Value> = found
            .curve
            .iter()
            .map(|p| json!({ "value": [tidy(100.0 * p.threshold), tidy(p.profit)], "tooltip": { "formatter": text(p) } }))
            .collect();
        let chosen = ProfitPoint {
            threshold: found.break_even,
            people: found.people,
            responses: found.responses,
            profit: found.profit,
        };
        let marked = json!([{ "value": [tidy(100.0 * chosen.threshold), tidy(chosen.profit)], "symbolSize": 13,
                              "itemStyle": { "color": theme.accent }, "tooltip": { "formatter": text(&chosen) },
                              "label": { "show": true, "position": "top", "color": theme.ink, "fontSize": 12,
                                         "formatter": format!("break-even: {}", cash(chosen.profit)) } }]);
        let unit = source.currency.map_or(String::new(), |c| format!(", {c}"));
        let sheet = Sheet::new(theme)
            .grid(24)
            .x(plain_axis(theme, "Expected response at least (%)"))
            .y(value_axis(theme, &format!("Profit on held-out rows{unit}")))
            .series(
                Line::new().name("Profit"),
                json!({ "data": data, "showSymbol": false, "lineStyle": { "color": theme.series_colour(0), "width": 2 },
                        "itemStyle": { "color": theme.series_colour(0) },
                        "markLine": { "silent": true, "symbol": "none", "animation": false, "label": { "show": false },
                                      "lineStyle": { "color": theme.ink_muted, "type": "dotted" }, "data": [{ "yAxis": 0 }] } }),
            )
            .series(Line::new().name("Break-even"), json!({ "data": marked, "symbol": "circle", "z": 8 }))
            .merge(json!({ "xAxis": [{ "axisLine": { "onZero": false }, "min": 0, "max": 100 }] }));
        let title = title(&found, source.currency);
        let mut rows: Vec<(f64, Vec<String>)> =
            ROWS.iter().map(|&t| (t, row(&found, t, source.currency))).collect();
        rows.push((
            found.break_even,
            vec![
                format!("{} (break-even)", percent(found.break_even)),
                count(found.people),
                count(found.responses),
                cash(found.profit),
            ],
        ));
        rows.order_by(|a, b| a.0.total_cmp(&b.0));
        Some(sheet.finish(
            320,
            Caption {
                alt: format!("Line of profit over the least expected response of those contacted. {title}."),
                title,
                how: format!(
                    "{} × responses − {} × people contacted ({}), each person predicted by a model that had not seen that person. 95 % \
                     interval of the profit at break-even: {}. A higher point elsewhere on the line was found by looking, and \
                     would not hold.",
                    money(found.economics.value_per_response, source.currency),
                    money(found.economics.cost_per_contact, source.currency),
                    found.economics_source,
                    interval_of(found.profit_interval, cash)
                ),
                header: ["Contacted from", "People", "Responses", "Profit"].map(str::to_owned).to_vec(),
                rows: rows.into_iter().map(|(_, row)| row).collect(),
            },
        ))
    }
}

/// Thresholds of the table.
const ROWS: [f64; 10] = [0.0, 0.05, 0.10, 0.15, 0.20, 0.30, 0.40, 0.50, 0.60, 0.80];

/// What contacting from a threshold on brings, to the resolution of the curve.
fn row(found: &Contacts, threshold: f64, currency: Option<&str>) -> Vec<String> {
    let point = found.curve.iter().rev().find(|p| p.threshold >= threshold).copied().unwrap_or_default();
    let name = if threshold == 0.0 { "everyone".to_owned() } else { percent(threshold) };
    vec![name, count(point.people), count(point.responses), money(point.profit.round(), currency)]
}

fn title(f: &Contacts, currency: Option<&str>) -> String {
    let cash = |v: f64| money(v.round(), currency);
    if f.people == 0 {
        return format!("Nobody is expected to reach break-even ({})", percent(f.break_even));
    }
    format!(
        "Contacting {} people from break-even ({}) on brings {}, everyone {}",
        count(f.people),
        percent(f.break_even),
        cash(f.profit),
        cash(f.profit_everyone)
    )
}

/// By the money of the decision where there is one, else by that of the columns.
fn found(source: &ChartSource<'_>, args: &[String]) -> Option<Contacts> {
    let plan = source.decision.map(|d| d.plan.clone()).unwrap_or_default();
    let family = args.first().map(String::as_str);
    contacts(source.table, source.comparison?, family, &plan, source.currency).ok()
}
