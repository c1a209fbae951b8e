//! Key figures by one or two categories: ratios of sums, never means of row ratios.

use crate::engine::data::{
    column::Dictionary,
    role::{Role, TableKind},
    table::Table,
};

use super::{
    exploration::{KpiColumn, KpiRow, KpiTable},
    segment::Grouping,
    words,
};

/// A figure that the roles of a table allow.
struct Metric {
    column: KpiColumn,
    numerator: Vec<f64>,
    /// `None` for a plain sum.
    denominator: Option<Vec<f64>>,
    times: f64,
    /// A cost, for which no conversions mean "more than what was spent so far".
    is_cost: bool,
    /// What is missing when the denominator is 0: "no clicks".
    without: String,
}

/// Figures by the groups of one or two groupings; the first row is everything.
pub(super) fn kpi_table(table: &Table, by: &[&Grouping], currency: Option<&str>) -> KpiTable {
    let metrics = metrics(table, currency);
    let width = by.get(1).map_or(1, |g| g.labels.len());
    let n_cells = by.first().map_or(0, |g| g.labels.len()) * width;
    let cell_of = |row: usize| -> Option<usize> {
        let mut cell = 0;
        for grouping in by {
            let code = *grouping.codes.get(row)?;
            if code == Dictionary::MISSING {
                return None;
            }
            cell = cell * grouping.labels.len() + code as usize;
        }
        Some(cell)
    };
    let cells: Vec<Option<usize>> = (0..table.n_rows()).map(cell_of).collect();
    // The last cell is everything, rows without a group included.
    let mut n_rows = vec![0_u64; n_cells + 1];
    for cell in &cells {
        n_rows[n_cells] += 1;
        if let Some(cell) = cell {
            n_rows[*cell] += 1;
        }
    }
    let mut values = vec![Vec::with_capacity(metrics.len()); n_cells + 1];
    let mut notes = vec![Vec::with_capacity(metrics.len()); n_cells + 1];
    for metric in &metrics {
        let mut sums = vec![(0.0, 0.0); n_cells + 1];
        for (row, cell) in cells.iter().enumerate() {
            let above = metric.numerator[row];
            let below = metric.denominator.as_ref().map_or(1.0, |d| d[row]);
            // A ratio uses the rows that have both of its parts.
            if !above.is_nan() && !below.is_nan() {
                for cell in [Some(n_cells), *cell].into_iter().flatten() {
                    sums[cell].0 += above;
                    sums[cell].1 += below;
                }
            }
        }
        for (cell, (above, below)) in sums.into_iter().enumerate() {
            let (value, note) = match &metric.denominator {
                None => (Some(above), None),
                Some(_) if below > 0.0 => (Some(metric.times * above / below), None),
                Some(_) if metric.is_cost && above > 0.0 => {
                    (None, Some(format!("> {}", words::money(metric.times * above, currency))))
                }
                Some(_) => (None, Some(metric.without.clone())),
            };
            values[cell].push(value);
            notes[cell].push(note);
        }
    }
    let rows = std::iter::once(n_cells)
        .chain((0..n_cells).filter(|&c| n_rows[c] > 0))
        .map(|cell| KpiRow {
            labels: match by {
                _ if cell == n_cells => Vec::new(),
                [one] => vec![one.labels[cell].clone()],
                [first, second, ..] => {
                    vec![first.labels[cell / width].clone(), second.labels[cell % width].clone()]
                }
                [] => Vec::new(),
            },
            n_rows: n_rows[cell],
            values: std::mem::take(&mut values[cell]),
            notes: std::mem::take(&mut notes[cell]),
        })
        .collect();
    KpiTable {
        by: by.iter().map(|g| g.name.clone()).collect(),
        columns: metrics.into_iter().map(|m| m.column).collect(),
        rows,
    }
}

fn metrics(table: &Table, currency: Option<&str>) -> Vec<Metric> {
    use Role::*;
    let money = currency.unwrap_or_default();
    let of = |role: Role| table.with_role(role).and_then(|c| c.as_numbers()).map(|v| v.into_owned());
    let sum_of = |roles: &[Role]| -> Option<Vec<f64>> {
        let columns: Vec<_> = roles
            .iter()
            .flat_map(|&r| table.all_with_role(r))
            .filter(|c| c.made_from.is_empty())
            .filter_map(|c| c.as_numbers())
            .collect();
        (!columns.is_empty())
            .then(|| (0..table.n_rows()).map(|i| columns.iter().map(|c| c[i]).sum()).collect())
    };
    let mut out: Vec<Metric> = Vec::new();
    let mut add = |slug: &str,
                   label: &str,
                   formula: &str,
                   unit: &str,
                   parts: (Option<Vec<f64>>, Option<Option<Vec<f64>>>),
                   times: f64,
                   is_cost: bool,
                   without: &str| {
        let (Some(numerator), denominator) = parts else { return };
        let denominator = match denominator {
            Some(None) => return,
            Some(Some(d)) => Some(d),
            None => None,
        };
        let column =
            KpiColumn { slug: slug.into(), label: label.into(), formula: formula.into(), unit: unit.into() };
        out.push(Metric { column, numerator, denominator, times, is_cost, without: without.into() });
    };
    let funnel: Vec<Option<Vec<f64>>> =
        [Impressions, Clicks, Spend, Enquiries, Purchases, Value].into_iter().map(of).collect();
    let [impressions, clicks, spend, enquiries, purchases, value] = funnel.as_slice() else { return out };
    let has_funnel = funnel.iter().any(Option::is_some);
    if has_funnel {
        let c = |v: &Option<Vec<f64>>| v.clone();
        add("impressions", "Impressions", "sum of impressions", "", (c(impressions), None), 1.0, false, "");
        add("clicks", "Clicks", "sum of clicks", "", (c(clicks), None), 1.0, false, "");
        add("spend", "Spend", "sum of spend", money, (c(spend), None), 1.0, false, "");
        add("enquiries", "Enquiries", "sum of enquiries", "", (c(enquiries), None), 1.0, false, "");
        add("purchases", "Purchases", "sum of purchases", "", (c(purchases), None), 1.0, false, "");
        add("value", "Value", "sum of value", money, (c(value), None), 1.0, false, "");
        add(
            "ctr",
            "CTR",
            "clicks / impressions",
            "%",
            (c(clicks), Some(c(impressions))),
            1.0,
            false,
            "no impressions",
        );
        add("cpc", "CPC", "spend / clicks", money, (c(spend), Some(c(clicks))), 1.0, true, "no clicks");
        add(
            "cpm",
            "CPM",
            "1,000 x spend / impressions",
            money,
            (c(spend), Some(c(impressions))),
            1000.0,
            false,
            "no impressions",
        );
        add(
            "cvr",
            "CVR",
            "purchases / clicks",
            "%",
            (c(purchases), Some(c(clicks))),
            1.0,
            false,
            "no clicks",
        );
        add(
            "enquiry_rate",
            "Enquiries per click",
            "enquiries / clicks",
            "%",
            (c(enquiries), Some(c(clicks))),
            1.0,
            false,
            "no clicks",
        );
        add(
            "per_mille",
            "Purchases per 1,000",
            "1,000 x purchases / impressions",
            "",
            (c(purchases), Some(c(impressions))),
            1000.0,
            false,
            "no impressions",
        );
        add(
            "cpl",
            "CPL",
            "spend / enquiries",
            money,
            (c(spend), Some(c(enquiries))),
            1.0,
            true,
            "no enquiries",
        );
        add(
            "cpa",
            "CPA",
            "spend / purchases",
            money,
            (c(spend), Some(c(purchases))),
            1.0,
            true,
            "no purchases",
        );
        add(
            "close_rate",
            "Close rate",
            "purchases / enquiries",
            "%",
            (c(purchases), Some(c(enquiries))),
            1.0,
            false,
            "no enquiries",
        );
        add("roas", "ROAS", "value / spend", "", (c(value), Some(c(spend))), 1.0, false, "no spend");
    }
    let is_people = table.kind == TableKind::Customers;
    let ones = || Some(Some(vec![1.0; table.n_rows()]));
    let response = of(Response);
    add("responses", "Responses", "people who responded", "", (response.clone(), None), 1.0, false, "");
    add(
        "response_rate",
        "Response rate",
        "responded / contacted",
        "%",
        (response.clone(), ones()),
        1.0,
        false,
        "nobody",
    );
    let (cost, worth) = (of(Cost), of(ValuePerResponse));
    if let (Some(cost), Some(worth), Some(response)) = (&cost, &worth, &response) {
        let profit = (0..table.n_rows()).map(|i| worth[i] * response[i] - cost[i]).collect();
        add(
            "profit",
            "Campaign profit",
            "value x responses - cost x contacts",
            money,
            (Some(profit), None),
            1.0,
            false,
            "",
        );
    }
    if is_people || !has_funnel {
        let spending = sum_of(&[ProductSpend]);
        add("spending", "Spending", "sum of product spends", money, (spending.clone(), None), 1.0, false, "");
        add(
            "mean_spending",
            "Spending a head",
            "product spends / people",
            money,
            (spending.clone(), ones()),
            1.0,
            false,
            "nobody",
        );
        let bought = sum_of(&[WebPurchases, CatalogPurchases, StorePurchases]);
        add(
            "mean_purchases",
            "Purchases a head",
            "web, catalog and store purchases / people",
            "",
            (bought.clone(), ones()),
            1.0,
            false,
            "nobody",
        );
        add(
            "per_purchase",
            "Spending per purchase",
            "product spends / purchases",
            money,
            (spending, Some(bought)),
            1.0,
            false,
            "no purchases",
        );
        add(
            "mean_income",
            "Mean income",
            "income / people with an income",
            money,
            (of(Income), ones()),
            1.0,
            false,
            "no incomes",
        );
        add(
            "mean_recency",
            "Mean recency",
            "days since the last purchase / people",
            "days",
            (of(Recency), ones()),
            1.0,
            false,
            "nobody",
        );
        add(
            "mean_visits",
            "Web visits a head",
            "web visits / people",
            "",
            (of(WebVisits), ones()),
            1.0,
            false,
            "nobody",
        );
    }
    out
}
