//! What a budget move comes to, in words: its sentence, its assumptions, its claim.

use super::{
    budget::{ENOUGH_CONVERSIONS, RESAMPLES},
    decision::{BudgetCampaign, BudgetMove, BudgetResult},
};
use crate::engine::{
    disclosure::{self, FEW},
    statistics::claim::{Claim, Grade, Record},
    words,
};

/// "42 more purchases", "237 fewer purchases"; without an outcome "42 more".
pub fn change(by: f64, outcome: &str) -> String {
    let size = words::decimals(by.abs(), 0);
    match size.as_str() {
        "0" if outcome.is_empty() => "no change".to_owned(),
        "0" => format!("no change in {outcome}"),
        _ => format!("{size} {} {outcome}", if by > 0.0 { "more" } else { "fewer" }).trim_end().to_owned(),
    }
}

/// "30 to 57 more", "18 to 40 fewer", "10 fewer to 15 more".
pub fn range((low, high): (f64, f64)) -> String {
    let size = |v: f64| words::decimals(v.abs(), 0);
    if !(low.is_finite() && high.is_finite()) {
        words::NOTHING.to_owned()
    } else if low >= 0.0 {
        format!("{} to {} more", size(low), size(high))
    } else if high <= 0.0 {
        format!("{} to {} fewer", size(high), size(low))
    } else {
        format!("{} fewer to {} more", size(low), size(high))
    }
}

fn whole(v: f64, currency: Option<&str>) -> String {
    words::money(v.round(), currency)
}

pub(super) fn sentence(r: &BudgetResult, currency: Option<&str>) -> String {
    let BudgetMove { from, to, share, by, campaign, .. } = &r.plan;
    let inside = campaign.as_ref().map_or_else(String::new, |c| format!(" inside campaign {c}"));
    // "Campaign 3" of Campaign says it already.
    let group =
        if from.to_lowercase().contains(&by.to_lowercase()) { from.clone() } else { format!("{by} {from}") };
    let lead = format!(
        "Moving {} % of the {group} spend ({}) to {to}{inside}",
        words::brief(*share * 100.0),
        whole(r.moved, currency)
    );
    if r.elasticity <= 0.0 {
        return format!(
            "{lead} cannot be valued: more spend does not go with more {} there (elasticity {}).",
            r.noun,
            words::decimals(r.elasticity, 2)
        );
    }
    let expected = format!("{} ({})", change(r.expected, &r.noun), range(r.expected_interval));
    let worth = r.money.map_or_else(String::new, |m| {
        let (low, high) = m.gain_interval;
        let cash = |v| whole(v, currency);
        format!(", worth {} ({})", cash(m.gain), words::interval_of((low, high), cash))
    });
    let (low, high) = r.expected_interval;
    let act = if low > 0.0 {
        format!("expect about {expected}{worth}. Make it in part first.")
    } else if high < 0.0 {
        let reverse = if r.reverse_gain > 0.5 {
            format!(
                " The other way round, from {to} to {from}, about {} may be expected.",
                change(r.reverse_gain, &r.noun)
            )
        } else {
            String::new()
        };
        format!("expect a loss, about {expected}{worth}. Do not make it.{reverse}")
    } else {
        format!("the data cannot tell whether it pays: about {expected}{worth}.")
    };
    let promise = if r.elasticity > 1.0 {
        format!(
            " More spend goes with more than its share here (elasticity {}), which raising a budget seldom brings; the average \
             cost promises {}",
            words::decimals(r.elasticity, 2),
            change(r.naive_gain, "")
        )
    } else {
        format!(
            " The average cost promises {}; diminishing returns leave {}",
            change(r.naive_gain, ""),
            change(r.gain, "")
        )
    };
    let within = r.within.as_ref().map_or_else(
        || ".".to_owned(),
        |w| {
            format!(
                " over all campaigns. Within campaigns it is {}; the lower figure is the one to count on.",
                change(w.gain, "")
            )
        },
    );
    format!("{lead}: {act}{promise}{within}")
}

/// Where campaigns point different ways; the small ones are not asked.
pub(super) fn caveat(campaigns: &[BudgetCampaign], gain: f64, outcome: &str) -> Option<String> {
    let enough = || campaigns.iter().filter(|c| c.conversions >= ENOUGH_CONVERSIONS && c.n >= FEW);
    let named = |wanted: &dyn Fn(&BudgetCampaign) -> bool| {
        let names: Vec<String> = enough().filter(|c| wanted(c)).map(|c| c.label.clone()).collect();
        (!names.is_empty()).then(|| words::list_some(&names))
    };
    let turned = named(&|c| c.gain * gain < 0.0).map(|names| {
        format!("The move points the other way in campaign {names}: move only inside the others (Simpson’s paradox).")
    });
    let flat = named(&|c| c.elasticity.is_some_and(|e| e <= 0.0)).map(|names| {
        format!(
            "In campaign {names} alone, more spend does not go with more {outcome}: the gain there is borrowed from the other \
             campaigns. Look inside the campaigns before moving."
        )
    });
    match (turned, flat) {
        (Some(a), Some(b)) => Some(format!("{a} {b}")),
        (one, other) => one.or(other),
    }
}

pub(super) fn assumptions(r: &BudgetResult, cluster: &str, currency: Option<&str>) -> Vec<String> {
    let mut all = vec![
        "Observational: nobody moved the budget at random, so groups may differ in more than their spend. Move a part, \
         then compare."
            .to_owned(),
        format!(
            "{} returns: one percent more spend on an ad goes with {} percent more {}, the same in every group{}.",
            if r.elasticity > 1.0 { "Rising" } else { "Diminishing" },
            words::decimals(r.elasticity, 2),
            r.noun,
            if r.elasticity > 1.0 { "; no more than 1 is counted on" } else { "" }
        ),
    ];
    if let Some(w) = &r.within {
        all.push(format!(
            "Within campaigns, the share is moved inside each of {} that have both groups, with campaign as a factor of the \
             model (elasticity {}); over all campaigns, groups may differ because they ran in different ones.",
            words::counted(w.campaigns.len() as u64, "campaign", "campaigns"),
            words::decimals(w.elasticity, 2)
        ));
        all.extend(w.caveat.clone());
    }
    let few: Vec<String> = r
        .groups
        .iter()
        .filter(|g| (g.label == r.plan.from || g.label == r.plan.to) && g.conversions < ENOUGH_CONVERSIONS)
        .map(|g| format!("{} ({})", g.label, words::decimals(g.conversions, 0)))
        .collect();
    if !few.is_empty() {
        all.push(format!("Few {} in {}: the cost of one is mostly luck there.", r.noun, words::list(&few)));
    }
    all.push(format!(
        "Intervals from {RESAMPLES} resamples of {cluster}, because ads of one group are alike."
    ));
    if r.plan.value.is_none() {
        all.push("What a conversion is worth is not in the file: enter it to see money.".to_owned());
    }
    if currency.is_none() {
        all.push("Money is in the file’s currency, which the file does not name.".into());
    }
    all
}

/// The move as a claim; never more than suggestive, as nothing was varied at random.
pub(super) fn claim(r: &BudgetResult, currency: Option<&str>) -> Claim {
    let (low, high) = r.expected_interval;
    let is_clear = r.elasticity > 0.0 && (low > 0.0 || high < 0.0);
    let mut table = vec![
        [r.plan.by.as_str(), "Ads", "Spend", r.outcome.as_str(), "Cost each", "Marginal cost each"]
            .map(String::from)
            .to_vec(),
    ];
    let cost = |v: Option<f64>| v.map_or_else(|| words::NOTHING.to_owned(), |v| words::decimals(v, 2));
    table.extend(r.groups.iter().map(|g| {
        vec![
            g.label.clone(),
            words::count(g.n),
            whole(g.spend, currency),
            words::decimals(g.conversions, 0),
            cost(g.cpa),
            cost(g.marginal_cpa),
        ]
    }));
    let elasticity = |e: f64, interval| {
        format!("{} ({})", words::decimals(e, 2), words::interval_of(interval, |v| words::decimals(v, 2)))
    };
    let mut notes = vec![format!(
        "Elasticity of {} to spend {}, Poisson model of the ads with spend.",
        r.noun,
        elasticity(r.elasticity, r.elasticity_interval)
    )];
    if let Some(w) = &r.within {
        notes.push(format!(
            "Within campaigns: elasticity {}, a change of {} ({}).",
            elasticity(w.elasticity, w.elasticity_interval),
            change(w.gain, &r.noun),
            range(w.gain_interval)
        ));
        let hidden = disclosure::withheld(&w.campaigns.iter().map(|c| c.n).collect::<Vec<_>>(), |_| false);
        notes.extend(w.campaigns.iter().zip(hidden).map(|(c, hidden)| campaign_note(c, hidden, r)));
    }
    if let Some(m) = r.money {
        notes.push(format!(
            "At {} each: ROAS {} before and {} after, profit {} before and {} after.",
            words::money(m.value, currency),
            words::decimals(m.roas.0, 2),
            words::decimals(m.roas.1, 2),
            whole(m.profit.0, currency),
            whole(m.profit.1, currency)
        ));
    }
    notes.extend(r.test.as_ref().map(|t| t.sentence.clone()));
    notes.extend(r.assumptions.iter().cloned());
    Claim {
        id: "decision.budget".into(),
        topic: "Moving budget".into(),
        sentence: r.sentence.clone(),
        grade: if is_clear { Grade::Suggestive } else { Grade::CannotTell },
        record: Record {
            estimand: format!("{} gained by the move", r.noun),
            estimate: Some(r.expected),
            unit: r.noun.clone(),
            interval: Some(r.expected_interval),
            level: Some(0.95),
            interval_method: Some(format!("bootstrap, {RESAMPLES} resamples")),
            n: r.basis.ads,
            rows: basis(r),
            notes,
            table,
            ..Record::default()
        },
    }
    .told()
}

/// "1,143 ads, 38,165 clicks, 1,079 purchases, by age".
pub fn basis(r: &BudgetResult) -> String {
    let clicks = r.basis.clicks.map_or_else(String::new, |c| format!(", {} clicks", words::decimals(c, 0)));
    let inside = r.plan.campaign.as_ref().map_or_else(String::new, |c| format!(" of campaign {c}"));
    format!(
        "{}{inside}{clicks}, {} {}, by {}",
        words::counted(r.basis.ads, "ad", "ads"),
        words::decimals(r.basis.conversions, 0),
        r.noun,
        r.plan.by
    )
}

fn campaign_note(c: &BudgetCampaign, is_withheld: bool, r: &BudgetResult) -> String {
    let cost = |v: Option<f64>| v.map_or_else(|| "no cost known".to_owned(), |v| words::decimals(v, 2));
    format!(
        "Campaign {}: {} each in {} against {} in {}; own elasticity {}; by the shared one {}.",
        words::group_unless(is_withheld, &c.label),
        cost(c.cpa_from),
        r.plan.from,
        cost(c.cpa_to),
        r.plan.to,
        c.elasticity.map_or_else(|| "unknown".to_owned(), |e| words::decimals(e, 2)),
        change(c.gain, &r.noun)
    )
}
