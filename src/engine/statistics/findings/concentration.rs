//! How much of the spending the top fifth of customers holds.

use crate::engine::{
    data::{distinct, role::Role},
    statistics::claim::{Claim, Grade, Record},
    words::{self, count, decimals, percent},
};

use super::Found;

/// How much of the spending the top fifth of customers holds.
pub(super) fn claim(found: &Found) -> Option<Claim> {
    let columns: Vec<_> = found
        .table
        .all_with_role(Role::ProductSpend)
        .into_iter()
        .filter(|c| c.made_from.is_empty())
        .filter_map(|c| c.as_numbers())
        .collect();
    if columns.is_empty() || found.table.n_rows() < 20 {
        return None;
    }
    let mut totals: Vec<f64> = (0..found.table.n_rows())
        .map(|i| columns.iter().map(|c| if c[i].is_nan() { 0.0 } else { c[i] }).sum())
        .collect();
    distinct::sort(&mut totals);
    totals.reverse();
    let all: f64 = totals.iter().sum();
    if all <= 0.0 {
        return None;
    }
    let share_of = |fraction: f64| {
        let n = (totals.len() as f64 * fraction).round() as usize;
        (n, totals[..n].iter().sum::<f64>() / all)
    };
    let (n, share) = share_of(0.2);
    let mut table = vec![vec!["Customers".to_owned(), "n".to_owned(), "Share of spending".to_owned()]];
    for fraction in [0.01, 0.05, 0.1, 0.2, 0.5] {
        let (n, share) = share_of(fraction);
        table.push(vec![
            format!("top {} %", words::number(fraction * 100.0)),
            count(n as u64),
            percent(share),
        ]);
    }
    Some(Claim {
        id: "concentration.spending".to_owned(),
        topic: "Spending".to_owned(),
        sentence: format!(
            "The top 20 % of customers ({} people) hold {} of the spending. Large spenders are customers to look after, not outliers to drop.",
            count(n as u64),
            format_args!("{} %", decimals(share * 100.0, 0))
        ),
        grade: Grade::Supported,
        record: Record {
            estimand: "share of spending held by the top 20 % of customers".to_owned(),
            estimate: Some(share),
            unit: "%".to_owned(),
            n: totals.len() as u64,
            rows: format!("all {} rows", count(totals.len() as u64)),
            notes: vec!["A fact about this file, not an estimate: there is no interval.".to_owned()],
            table,
            ..Record::default()
        },
    })
}
