//! Groups of ads: what a conversion costs on average, and what one more would cost.

use charming::series::Bar;
use serde_json::Value;

use super::{
    ChartMaker, ChartRequest, ChartSource, Picture, Theme,
    option::{Caption, Sheet, category_axis, plain, shorten, value_axis},
};
use crate::engine::{
    json::json,
    words::{NOTHING, count, decimals, money, number},
};

/// No arguments.
pub struct BudgetGroups;

impl ChartMaker for BudgetGroups {
    fn slug(&self) -> &'static str {
        "budget_groups"
    }

    fn offers(&self, source: &ChartSource<'_>) -> Vec<ChartRequest> {
        match source.decision.and_then(|d| d.budget.as_ref()) {
            Some(b) if b.groups.iter().any(|g| g.cpa.is_some()) => vec![ChartRequest::new(self.slug(), [])],
            _ => Vec::new(),
        }
    }

    fn draw(&self, source: &ChartSource<'_>, _args: &[String], theme: &Theme) -> Option<Picture> {
        let found = source.decision?.budget.as_ref().filter(|b| !b.groups.is_empty())?;
        let cash = |v: f64| money(v, source.currency);
        let cell = |v: Option<f64>| v.map_or_else(|| NOTHING.to_owned(), cash);
        // In a column of the table costs have equal decimals: cents, unless one reaches a thousand.
        let is_large = found.groups.iter().filter_map(|g| g.marginal_cpa.or(g.cpa)).any(|v| v >= 999.995);
        let cost = |v: Option<f64>| cell(v.map(|v| if is_large { v.round() } else { v }));
        let labels: Vec<String> = found.groups.iter().map(|g| shorten(&g.label, 22)).collect();
        let bars = |value: &dyn Fn(usize) -> Option<f64>, word: &str| -> Vec<Value> {
            found
                .groups
                .iter()
                .enumerate()
                .map(|(i, g)| {
                    let v = value(i).filter(|v| v.is_finite());
                    json!({ "value": v, "label": { "formatter": cell(v) },
                            "tooltip": { "formatter": format!("{}\n{word} {}\nspend {}, {} conversions", plain(&g.label), cell(v), cash(g.spend), number(g.conversions)) } })
                })
                .collect()
        };
        let average = bars(&|i| found.groups[i].cpa, "average cost");
        let marginal = bars(&|i| found.groups[i].marginal_cpa, "cost of one more");
        let label = json!({ "show": true, "position": "right", "color": theme.ink, "fontSize": 12 });
        let unit = source.currency.map_or(String::new(), |c| format!(", {c}"));
        let outcome = plain(&found.outcome);
        let sheet = Sheet::new(theme)
            .legend()
            .grid(36)
            .x(value_axis(theme, &format!("Cost per {outcome}{unit}")))
            .y(category_axis(theme, "", &labels).inverse(true))
            .series(Bar::new().name("Average"), json!({ "data": average, "barMaxWidth": 14, "itemStyle": { "color": theme.series_colour(0) }, "label": label }))
            .series(Bar::new().name("Of one more"), json!({ "data": marginal, "barMaxWidth": 14, "itemStyle": { "color": theme.series_colour(1) }, "label": label }))
            .merge(json!({ "grid": [{ "right": 64 }], "yAxis": [{ "axisLabel": { "interval": 0 } }] }));
        let low =
            found.groups.iter().filter_map(|g| Some((g.marginal_cpa?, g))).min_by(|a, b| a.0.total_cmp(&b.0));
        let high =
            found.groups.iter().filter_map(|g| Some((g.marginal_cpa?, g))).max_by(|a, b| a.0.total_cmp(&b.0));
        let title = match (low, high) {
            (Some((low, cheap)), Some((high, dear))) if cheap.label != dear.label => {
                format!(
                    "One more conversion costs {} in {} and {} in {}",
                    cash(low),
                    cheap.label,
                    cash(high),
                    dear.label
                )
            }
            _ => format!("What does one more {} cost in each group?", found.outcome),
        };
        let rows = found
            .groups
            .iter()
            .map(|g| {
                vec![
                    g.label.clone(),
                    count(g.n),
                    cash(g.spend.round()),
                    number(g.conversions),
                    cost(g.cpa),
                    cost(g.marginal_cpa),
                ]
            })
            .collect();
        Some(sheet.finish(
            90 + 48 * found.groups.len() as u32,
            Caption {
                alt: format!("Bars of average and marginal cost per {} in {} groups. {title}.", found.outcome, found.groups.len()),
                title,
                how: format!(
                    "Average cost is spend over {}. One more costs the average divided by the elasticity, {} (95 % interval {} to {}): one percent more \
                     spend brings that many percent more. Estimated from the ads as they ran, not from an experiment.",
                    found.outcome, decimals(found.elasticity, 2), decimals(found.elasticity_interval.0, 2), decimals(found.elasticity_interval.1, 2)
                ),
                header: vec![found.plan.by.clone(), "Ads".into(), "Spend".into(), found.outcome.clone(), "Average cost".into(), "Cost of one more".into()],
                rows,
            },
        ))
    }
}
