//! Campaigns of very different cost: comparisons over all of them mix who was shown with where.

use crate::engine::{
    data::{column::Dictionary, role::Role},
    words::{self, count, money},
};

use super::{Found, costed, slug};
use crate::engine::statistics::{
    claim::{Claim, Grade, Record},
    segment::Grouping,
};

/// Rows, spend and outcomes of one campaign.
#[derive(Clone, Copy, Default)]
struct Sum {
    n_rows: u64,
    spend: f64,
    outcome: f64,
}

impl Sum {
    fn cost(self) -> Option<f64> {
        (self.outcome > 0.0).then(|| self.spend / self.outcome)
    }
}

/// A warning where campaigns differ at least twofold in cost, with the comparison inside the largest one.
pub(super) fn claim(found: &Found) -> Option<Claim> {
    let outcome = found.outcome?;
    let what = costed(outcome)?;
    let campaign = found.available.iter().find(|g| g.role == Role::Campaign)?;
    let spend = found.table.with_role(Role::Spend)?.as_numbers()?;
    let sums = sums(campaign, &spend, &outcome.values);
    let compared = found
        .groupings
        .iter()
        .zip(found.compared)
        .find(|(g, _)| g.name == campaign.name)
        .map(|(_, c)| &c.rate);
    // What is too little for a claim of its own cannot be an end of this one.
    let is_small = |label: &String| {
        compared.is_some_and(|rate| rate.levels.iter().any(|l| l.too_few && l.label == *label))
    };
    let costs: Vec<(usize, f64)> = sums
        .iter()
        .enumerate()
        .filter(|(i, _)| !is_small(&campaign.labels[*i]))
        .filter_map(|(i, s)| Some((i, s.cost()?)))
        .collect();
    let low = costs.iter().min_by(|a, b| a.1.total_cmp(&b.1))?;
    let high = costs.iter().max_by(|a, b| a.1.total_cmp(&b.1))?;
    if high.1 < 2.0 * low.1 {
        return None;
    }
    let largest = (0..sums.len()).max_by(|&a, &b| sums[a].spend.total_cmp(&sums[b].spend))?;
    let mut notes = vec!["A difference between groups over all campaigns can come from the campaigns they ran in (Simpson's paradox).".to_owned()];
    let hidden = campaign.withheld_of(&sizes(&sums));
    // With a total, the cost of one that is withheld would tell a small one.
    let name = |i: usize| words::group_unless(hidden[i], &campaign.labels[i]);
    let cost = |&(i, cost): &(usize, f64)| {
        words::group_unless(hidden[i], &format!("{} in {}", money(cost, found.currency), campaign.labels[i]))
    };
    let mut sentence = format!(
        "Campaigns differ most: cost per {what} is {} and {}. Compare groups within a campaign before moving money.",
        cost(low),
        cost(high),
    );
    if let Some((inner, shown)) = inside(found, campaign, largest, &spend, &outcome.values) {
        let name = name(largest);
        sentence += &format!(" Within {name} alone it is {shown} by {inner}.");
        notes.push(format!("{name} is the campaign with the most spend."));
    }
    let all = found.table.n_rows() as u64;
    Some(Claim {
        id: format!("simpson.{}.{}", slug(&outcome.name), slug(&campaign.name)),
        topic: "Campaigns".to_owned(),
        sentence,
        grade: compared.map_or(Grade::CannotTell, |rate| rate.grade),
        record: Record {
            estimand: format!("cost per {what} by {}", campaign.name),
            unit: found.currency.unwrap_or_default().to_owned(),
            n: all,
            test: compared.and_then(|rate| rate.test.clone()),
            rows: format!("all {} rows", count(all)),
            notes,
            table: table(found, campaign, &sums, [&outcome.name, what]),
            ..Record::default()
        },
    })
}

fn sizes(sums: &[Sum]) -> Vec<u64> {
    sums.iter().map(|s| s.n_rows).collect()
}

fn sums(campaign: &Grouping, spend: &[f64], values: &[f64]) -> Vec<Sum> {
    let mut sums = vec![Sum::default(); campaign.labels.len()];
    for ((&code, &cost), &y) in campaign.codes.iter().zip(spend).zip(values) {
        if let Some(sum) = sums.get_mut(code as usize)
            && !cost.is_nan()
            && !y.is_nan()
        {
            *sum = Sum { n_rows: sum.n_rows + 1, spend: sum.spend + cost, outcome: sum.outcome + y };
        }
    }
    sums
}

/// Cost by an ordered grouping inside one campaign: the grouping's name, and "28.90 (30-34), 40.10 (35-39) and ...".
fn inside<'a>(
    found: &Found<'a>,
    campaign: &Grouping,
    chosen: usize,
    spend: &[f64],
    values: &[f64],
) -> Option<(&'a str, String)> {
    let inner: &'a Grouping =
        found.groupings.iter().copied().find(|g| g.role != Role::Campaign && g.is_ordered())?;
    let only: Vec<u32> = inner
        .codes
        .iter()
        .zip(&campaign.codes)
        .map(|(&code, &c)| if c as usize == chosen { code } else { Dictionary::MISSING })
        .collect();
    let sums = sums(&Grouping { codes: only, ..inner.clone() }, spend, values);
    let hidden = inner.withheld_of(&sizes(&sums));
    let shown: Vec<String> = inner
        .labels
        .iter()
        .zip(&sums)
        .zip(hidden)
        .filter_map(|((label, s), hidden)| {
            Some(words::group_unless(hidden, &format!("{} ({label})", money(s.cost()?, found.currency))))
        })
        .collect();
    (shown.len() > 1).then(|| (inner.name.as_str(), words::list(&shown)))
}

fn table(found: &Found, campaign: &Grouping, sums: &[Sum], [outcome, what]: [&str; 2]) -> Vec<Vec<String>> {
    let costs: Vec<f64> = sums.iter().filter_map(|s| s.cost()).collect();
    let spends: Vec<f64> = sums.iter().map(|s| s.spend).collect();
    let (n_cost, n_spend) = (words::money_digits_of(&costs), words::money_digits_of(&spends));
    let spend = |s: &Sum, n: usize| words::money_to(s.spend, found.currency, n);
    let header =
        [campaign.name.as_str(), "Rows", "Spend", outcome, &format!("Cost per {what}")].map(str::to_owned);
    let row = |(label, s): (&String, &Sum)| {
        vec![
            label.clone(),
            count(s.n_rows),
            spend(s, n_spend),
            words::number(s.outcome),
            match s.cost() {
                Some(cost) => words::money_to(cost, found.currency, n_cost),
                None => format!("> {}", spend(s, n_cost)),
            },
        ]
    };
    std::iter::once(header.to_vec()).chain(campaign.labels.iter().zip(sums).map(row)).collect()
}
