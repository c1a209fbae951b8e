//! Key figures by one or two categories: ratios of sums, never means of row ratios.

use std::{borrow::Cow, rc::Rc};

use crate::engine::{
    data::{
        column::Dictionary,
        role::{Role, TableKind},
        table::Table,
    },
    words,
};

use super::{
    exploration::{KpiColumn, KpiRow, KpiTable},
    rates::{MIN_EXPECTED, MIN_N, Outcome, OutcomeKind},
    segment::Grouping,
};

/// Values of one column, shared between the figures made from it.
type Shared<'a> = Rc<Cow<'a, [f64]>>;

/// A figure that the roles of a table allow.
struct Metric<'a> {
    column: KpiColumn,
    numerator: Shared<'a>,
    denominator: Denominator<'a>,
    times: f64,
    /// A cost, for which no conversions mean "more than what was spent so far".
    is_cost: bool,
    /// What is missing when the denominator is 0: "no clicks".
    without: &'static str,
}

enum Denominator<'a> {
    /// A plain sum.
    None,
    /// The rows that have a numerator.
    Rows,
    Column(Shared<'a>),
}

/// The figures of a table, to be taken by any grouping.
pub(super) struct Figures<'a> {
    metrics: Vec<Metric<'a>>,
    n_rows: usize,
    kind: TableKind,
    currency: Option<&'a str>,
}

impl<'a> Figures<'a> {
    /// What the roles of a table allow.
    pub fn of(table: &'a Table, currency: Option<&'a str>) -> Self {
        Self { metrics: metrics(table, currency), n_rows: table.n_rows(), kind: table.kind, currency }
    }

    /// Figures by the groups of one or two groupings; the first row is everything.
    pub fn by(&self, by: &[&Grouping]) -> KpiTable {
        let width = by.get(1).map_or(1, |g| g.labels.len());
        let n_cells = by.first().map_or(0, |g| g.labels.len()) * width;
        let cell_of = |row: usize| -> u32 {
            let mut cell = 0;
            for grouping in by {
                match grouping.codes.get(row) {
                    Some(&code) if code != Dictionary::MISSING => {
                        cell = cell * grouping.labels.len() as u32 + code;
                    }
                    _ => return Dictionary::MISSING,
                }
            }
            if by.is_empty() { Dictionary::MISSING } else { cell }
        };
        let cells: Vec<u32> = (0..self.n_rows).map(cell_of).collect();
        // The last cell is everything, rows without a group included.
        let mut n_rows = vec![0_u64; n_cells + 1];
        n_rows[n_cells] = self.n_rows as u64;
        for &cell in cells.iter().filter(|c| **c != Dictionary::MISSING) {
            n_rows[cell as usize] += 1;
        }
        let mut values = vec![Vec::with_capacity(self.metrics.len()); n_cells + 1];
        let mut notes = vec![Vec::with_capacity(self.metrics.len()); n_cells + 1];
        let mut too_few = vec![Vec::with_capacity(self.metrics.len()); n_cells + 1];
        for metric in &self.metrics {
            let sums = sums(metric, &cells, n_cells);
            let everything = sums[n_cells];
            for (cell, sum) in sums.into_iter().enumerate() {
                let (value, note) = self.figure(metric, sum);
                values[cell].push(value);
                notes[cell].push(note);
                too_few[cell].push(cell < n_cells && self.is_too_few(metric, n_rows[cell], sum, everything));
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
                too_few: std::mem::take(&mut too_few[cell]),
            })
            .collect();
        KpiTable {
            by: by.iter().map(|g| g.name.clone()).collect(),
            columns: self.metrics.iter().map(|m| m.column.clone()).collect(),
            rows,
        }
    }

    /// Whether a group is too small to be compared by a figure, by the rule that rates by segment follow. What a result
    /// costs is uncertain with the number of results; a plain sum of ads is a fact, but one of few people no finding.
    fn is_too_few(&self, metric: &Metric, n_rows: u64, sum: (f64, f64), everything: (f64, f64)) -> bool {
        let ratio = |above: f64, below: f64| (below > 0.0).then(|| above / below);
        match metric.denominator {
            Denominator::None => self.kind != TableKind::Ads && n_rows < MIN_N,
            Denominator::Rows if metric.column.unit == "%" => {
                let overall = ratio(everything.0, everything.1);
                Outcome::is_too_few(OutcomeKind::Share, n_rows, sum.1, overall)
            }
            Denominator::Rows => sum.1 < MIN_N as f64,
            Denominator::Column(_) if metric.is_cost => {
                let expected = ratio(everything.1, everything.0).map_or(0.0, |rate| rate * sum.0);
                expected < MIN_EXPECTED
            }
            Denominator::Column(_) => {
                let overall = ratio(everything.0, everything.1);
                Outcome::is_too_few(OutcomeKind::Count, n_rows, sum.1, overall)
            }
        }
    }

    fn figure(&self, metric: &Metric, (above, below): (f64, f64)) -> (Option<f64>, Option<String>) {
        match metric.denominator {
            Denominator::None => (Some(above), None),
            _ if below > 0.0 => (Some(metric.times * above / below), None),
            _ if metric.is_cost && above > 0.0 => {
                (None, Some(format!("> {}", words::money(metric.times * above, self.currency))))
            }
            _ => (None, Some(metric.without.to_owned())),
        }
    }
}

/// Numerator and denominator of every cell, and of everything last. A ratio uses the rows that have both of its parts.
fn sums(metric: &Metric, cells: &[u32], n_cells: usize) -> Vec<(f64, f64)> {
    let mut sums = vec![(0.0, 0.0); n_cells + 1];
    let mut total = (0.0, 0.0);
    for (row, (&above, &cell)) in metric.numerator.iter().zip(cells).enumerate() {
        let below = match &metric.denominator {
            Denominator::Column(values) => values[row],
            _ => 1.0,
        };
        if !above.is_nan() && !below.is_nan() {
            total = (total.0 + above, total.1 + below);
            if let Some(sum) = sums.get_mut(cell as usize) {
                *sum = (sum.0 + above, sum.1 + below);
            }
        }
    }
    sums[n_cells] = total;
    sums
}

/// One line a figure: key, label, formula, unit, parts, factor, whether it is a cost, and what is missing at 0.
fn metrics<'a>(table: &'a Table, currency: Option<&str>) -> Vec<Metric<'a>> {
    use Role::*;
    let money = currency.unwrap_or_default();
    let of = |role: Role| table.with_role(role).and_then(|c| c.as_numbers()).map(Rc::new);
    let sum_of = |roles: &[Role]| -> Option<Shared<'a>> {
        let columns: Vec<_> = roles
            .iter()
            .flat_map(|&r| table.all_with_role(r))
            .filter(|c| c.made_from.is_empty())
            .filter_map(|c| c.as_numbers())
            .collect();
        let total = |i| columns.iter().map(|c| c[i]).sum();
        (!columns.is_empty()).then(|| Rc::new(Cow::Owned((0..table.n_rows()).map(total).collect())))
    };
    let mut out: Vec<Metric<'a>> = Vec::new();
    let mut add = |words: [&str; 4], numerator: &Option<Shared<'a>>, below: Below<'_, 'a>| {
        let [slug, label, formula, unit] = words.map(str::to_owned);
        let Some(numerator) = numerator.clone() else { return };
        let (denominator, times, is_cost, without) = match below {
            Below::Nothing => (Denominator::None, 1.0, false, ""),
            Below::Rows => (Denominator::Rows, 1.0, false, "no values"),
            Below::Column(Some(c), without) => (Denominator::Column(c.clone()), 1.0, false, without),
            Below::Mille(Some(c), without) => (Denominator::Column(c.clone()), 1000.0, false, without),
            Below::Cost(Some(c), without) => (Denominator::Column(c.clone()), 1.0, true, without),
            _ => return,
        };
        let column = KpiColumn { slug, label, formula, unit };
        out.push(Metric { column, numerator, denominator, times, is_cost, without });
    };
    let (impressions, clicks, spend) = (of(Impressions), of(Clicks), of(Spend));
    let (enquiries, purchases, value) = (of(Enquiries), of(Purchases), of(Value));
    add(["impressions", "Impressions", "sum of impressions", ""], &impressions, Below::Nothing);
    add(["clicks", "Clicks", "sum of clicks", ""], &clicks, Below::Nothing);
    add(["spend", "Spend", "sum of spend", money], &spend, Below::Nothing);
    add(["enquiries", "Enquiries", "sum of enquiries", ""], &enquiries, Below::Nothing);
    add(["purchases", "Purchases", "sum of purchases", ""], &purchases, Below::Nothing);
    add(["value", "Value", "sum of value", money], &value, Below::Nothing);
    let per_impression = Below::Column(&impressions, "no impressions");
    add(["ctr", "CTR", "clicks / impressions", "%"], &clicks, per_impression);
    add(["cpc", "CPC", "spend / clicks", money], &spend, Below::Cost(&clicks, "no clicks"));
    let per_mille = || Below::Mille(&impressions, "no impressions");
    add(["cpm", "CPM", "1,000 x spend / impressions", money], &spend, per_mille());
    add(["cvr", "CVR", "purchases / clicks", "%"], &purchases, Below::Column(&clicks, "no clicks"));
    let per_click = Below::Column(&clicks, "no clicks");
    add(["enquiry_rate", "Enquiries per click", "enquiries / clicks", "%"], &enquiries, per_click);
    let formula = "1,000 x purchases / impressions";
    add(["per_mille", "Purchases per 1,000 impressions", formula, ""], &purchases, per_mille());
    add(["cpl", "CPL", "spend / enquiries", money], &spend, Below::Cost(&enquiries, "no enquiries"));
    add(["cpa", "CPA", "spend / purchases", money], &spend, Below::Cost(&purchases, "no purchases"));
    let per_enquiry = Below::Column(&enquiries, "no enquiries");
    add(["close_rate", "Close rate", "purchases / enquiries", "%"], &purchases, per_enquiry);
    add(["roas", "ROAS", "value / spend", ""], &value, Below::Column(&spend, "no spend"));

    let response = of(Response);
    add(["responses", "Responses", "people who responded", ""], &response, Below::Nothing);
    add(["response_rate", "Response rate", "responded / contacted", "%"], &response, Below::Rows);
    if let (Some(cost), Some(worth), Some(response)) = (of(Cost), of(ValuePerResponse), &response) {
        let profit = (0..table.n_rows()).map(|i| worth[i] * response[i] - cost[i]).collect();
        let profit = Some(Rc::new(Cow::Owned(profit)));
        let formula = "value x responses - cost x contacts";
        add(["profit", "Campaign profit", formula, money], &profit, Below::Nothing);
    }
    if table.kind != TableKind::Ads {
        let spending = sum_of(&[ProductSpend]);
        let bought = sum_of(&[WebPurchases, CatalogPurchases, StorePurchases]);
        add(["spending", "Spending", "sum of product spends", money], &spending, Below::Nothing);
        add(["mean_spending", "Spending a head", "product spends / people", money], &spending, Below::Rows);
        let formula = "web, catalog and store purchases / people";
        add(["mean_purchases", "Purchases a head", formula, ""], &bought, Below::Rows);
        let per_purchase = Below::Column(&bought, "no purchases");
        let formula = "product spends / purchases";
        add(["per_purchase", "Spending per purchase", formula, money], &spending, per_purchase);
        add(["mean_income", "Mean income", "income / people with one", money], &of(Income), Below::Rows);
        add(
            ["mean_recency", "Mean recency", "days since the last purchase", "days"],
            &of(Recency),
            Below::Rows,
        );
        add(["mean_visits", "Web visits a head", "web visits / people", ""], &of(WebVisits), Below::Rows);
    }
    if out.is_empty() {
        // No role that means money or response: the means of the first numbers still tell groups apart.
        for column in table.all_with_role(Number).into_iter().take(8) {
            if let Some(values) = column.as_numbers() {
                let column = KpiColumn {
                    slug: format!("mean_{}", column.name),
                    label: format!("Mean {}", column.name),
                    formula: format!("{} / rows with one", column.name),
                    unit: String::new(),
                };
                let denominator = Denominator::Rows;
                let numerator = Rc::new(values);
                let without = "no values";
                out.push(Metric { column, numerator, denominator, times: 1.0, is_cost: false, without });
            }
        }
    }
    out
}

/// What a figure is divided by.
enum Below<'b, 'a> {
    Nothing,
    Rows,
    Column(&'b Option<Shared<'a>>, &'static str),
    /// Per 1,000.
    Mille(&'b Option<Shared<'a>>, &'static str),
    Cost(&'b Option<Shared<'a>>, &'static str),
}
