//! A budget move between groups of ads: what the average cost promises, and what is left of it with diminishing returns.
//!
//! The elasticity e is the slope of a Poisson model log E(conversions) = a + e log(spend) over ads with spend; one percent
//! more spend goes with e percent more conversions. A group whose spend changes by a factor f is taken to convert
//! f^e times as much; its marginal cost per conversion is CPA / e. The intervals come from a bootstrap over ad groups
//! (200 resamples), because ads of a group are alike. All of it is observational: nobody moved the budget at random.

use super::decision::{BudgetGroup, BudgetMove, BudgetResult};
use crate::engine::{
    context::{Ctx, Stopped},
    data::{
        column::{Column, Dictionary, Values},
        role::Role,
        table::Table,
    },
    numeric::{describe::quantile, math},
    statistics::claim::{Claim, Grade, Record},
    words,
};

const RESAMPLES: usize = 200;
const STREAM: u64 = 11;
const DEFAULT_SHARE: f64 = 0.2;
const MOST_LEVELS: usize = 50;
/// Levels with fewer conversions than this are not proposed: their cost per conversion is mostly luck.
const FEWEST_CONVERSIONS: f64 = 5.0;

/// Values a move, or what is missing for one.
pub(super) fn budget(
    table: &Table,
    wanted: Option<&BudgetMove>,
    ctx: &Ctx<'_>,
) -> Result<Result<BudgetResult, String>, Stopped> {
    let spend = table.with_role(Role::Spend).and_then(|c| c.as_numbers());
    let Some(spend) = spend else {
        return Ok(Err("A budget move needs a column with the role Spend: set it on the Data page.".into()));
    };
    let outcome = [Role::Purchases, Role::Enquiries]
        .into_iter()
        .find_map(|role| table.with_role(role).and_then(|c| Some((c, c.as_numbers()?))));
    let Some((outcome, conversions)) = outcome else {
        return Ok(Err(
            "A budget move needs a column with the role Purchases or Enquiries: set it on the Data page."
                .into(),
        ));
    };
    let Some((by, levels)) = grouping(table, wanted) else {
        return Ok(Err(match wanted {
            Some(w) => {
                format!("“{}” is no category of this table: choose another to move budget between.", w.by)
            }
            None => "A budget move needs a category such as age or campaign with at least two values.".into(),
        }));
    };
    let data = Ads::new(table, &spend, &conversions, levels);
    let groups = data.groups();
    let (from, to) = match ends(wanted, levels, &groups) {
        Ok(ends) => ends,
        Err(missing) => return Ok(Err(missing)),
    };
    let share = wanted.map_or(DEFAULT_SHARE, |w| w.share);
    if !(share > 0.0 && share <= 1.0) {
        return Ok(Err(format!("The share to move is {share}, but must lie above 0 and at most 1.")));
    }
    let Some(elasticity) = data.elasticity(None) else {
        return Ok(Err(format!(
            "How {} follow spend cannot be estimated: too few ads with spend, or all spent the same.",
            outcome.name
        )));
    };
    if elasticity <= 0.0 {
        return Ok(Err(format!(
            "More spend does not go with more {} in this file, so no move of budget can be valued.",
            outcome.name
        )));
    }
    let outcome_of = |sums: &[(f64, f64)], e: f64| gain(sums[from], sums[to], share, e);
    let observed = data.sums(None);
    let mut elasticities = Vec::with_capacity(RESAMPLES);
    let mut gains = Vec::with_capacity(RESAMPLES);
    let mut rng = ctx.rng(STREAM);
    for done in 0..RESAMPLES {
        ctx.tick(done as u64, RESAMPLES as u64)?;
        let mut weights = vec![0.0; data.n_clusters];
        for _ in 0..data.n_clusters {
            weights[rng.below(data.n_clusters as u32) as usize] += 1.0;
        }
        let Some(e) = data.elasticity(Some(&weights)) else { continue };
        elasticities.push(e);
        // The spend stays what it is; what varies is how much was bought with it.
        let sums: Vec<(f64, f64)> = data
            .sums(Some(&weights))
            .iter()
            .zip(&observed)
            .map(|(drawn, seen)| (seen.0, if drawn.0 > 0.0 { drawn.1 * seen.0 / drawn.0 } else { seen.1 }))
            .collect();
        gains.push(outcome_of(&sums, e).1);
    }
    let (naive_gain, gained) = outcome_of(&observed, elasticity);
    let interval = |mut values: Vec<f64>| {
        values.sort_unstable_by(f64::total_cmp);
        let at = |q| quantile(&values, q).unwrap_or(f64::NAN);
        (at(0.025), at(0.975))
    };
    let groups: Vec<BudgetGroup> = levels
        .levels
        .iter()
        .zip(&groups)
        .filter(|(_, g)| g.2 > 0)
        .map(|(label, &(spend, conversions, _))| {
            let cpa = (conversions > 0.0).then(|| spend / conversions);
            BudgetGroup {
                label: label.clone(),
                spend,
                conversions,
                cpa,
                marginal_cpa: cpa.filter(|_| elasticity > 0.0).map(|c| c / elasticity),
            }
        })
        .collect();
    let plan = BudgetMove {
        by: by.name.clone(),
        from: levels.levels[from].clone(),
        to: levels.levels[to].clone(),
        share,
    };
    let mut result = BudgetResult {
        moved: share * observed[from].0,
        plan,
        groups,
        outcome: outcome.name.clone(),
        elasticity,
        elasticity_interval: interval(elasticities),
        naive_gain,
        gain: gained,
        gain_interval: interval(gains),
        sentence: String::new(),
        assumptions: vec![
            "Observational: nobody moved the budget at random, so groups may differ in more than their spend. Move a part, \
             then compare."
                .into(),
            format!(
                "Diminishing returns: one percent more spend on an ad goes with {} percent more {}, the same in \
                 every group.",
                words::decimals(elasticity, 2),
                outcome.name
            ),
            format!(
                "Intervals from {RESAMPLES} resamples of {}, because ads of one group are alike.",
                data.cluster_name
            ),
        ],
    };
    result.sentence = sentence(&result);
    Ok(Ok(result))
}

/// The category the groups are levels of: the named one, else age, else the first that fits.
fn grouping<'a>(table: &'a Table, wanted: Option<&BudgetMove>) -> Option<(&'a Column, &'a Dictionary)> {
    let dictionary = |c: &'a Column| match &c.values {
        Values::Category(d) if d.levels.len() >= 2 => Some((c, d)),
        _ => None,
    };
    if let Some(w) = wanted {
        return dictionary(table.column(&w.by).ok()?);
    }
    let fits: Vec<(&Column, &Dictionary)> = table
        .columns()
        .iter()
        .filter(|c| !matches!(c.role, Role::Identifier | Role::AdGroup | Role::Ad | Role::Text))
        .filter_map(|c| dictionary(c))
        .filter(|(_, d)| d.levels.len() <= MOST_LEVELS)
        .collect();
    let is_age = |c: &Column| {
        let plain: String =
            c.name.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect();
        c.role == Role::Age || matches!(plain.as_str(), "age" | "agegroup" | "agerange" | "agebracket")
    };
    fits.iter().find(|(c, _)| is_age(c)).or(fits.first()).copied()
}

/// Positions of the levels money is moved between: the plan's, else from the dearest to the cheapest.
fn ends(
    wanted: Option<&BudgetMove>,
    levels: &Dictionary,
    groups: &[(f64, f64, u64)],
) -> Result<(usize, usize), String> {
    if let Some(w) = wanted {
        let place = |label: &str| {
            levels
                .levels
                .iter()
                .position(|l| l == label)
                .filter(|&i| groups[i].0 > 0.0)
                .ok_or_else(|| format!("“{label}” has no spend in {}: choose another group.", w.by))
        };
        let (from, to) = (place(&w.from)?, place(&w.to)?);
        return if from == to {
            Err("Budget is moved between two different groups: choose another one.".into())
        } else {
            Ok((from, to))
        };
    }
    let mut priced: Vec<(usize, f64)> = groups
        .iter()
        .enumerate()
        .filter(|(_, g)| g.0 > 0.0 && g.1 >= FEWEST_CONVERSIONS)
        .map(|(i, g)| (i, g.0 / g.1))
        .collect();
    priced.sort_by(|a, b| a.1.total_cmp(&b.1));
    match (priced.first(), priced.last()) {
        (Some(cheapest), Some(dearest)) if cheapest.0 != dearest.0 => Ok((dearest.0, cheapest.0)),
        _ => Err("Fewer than two groups have spend and enough conversions to compare their cost.".into()),
    }
}

/// (naive, with diminishing returns): what moving `share` of the first group's spend to the second adds.
fn gain(from: (f64, f64), to: (f64, f64), share: f64, elasticity: f64) -> (f64, f64) {
    let moved = share * from.0;
    let naive = moved * (to.1 / to.0 - from.1 / from.0);
    // A resample can lose the relation altogether; then spend neither wins nor loses anything.
    let elasticity = elasticity.max(0.0);
    let won = to.1 * (math::pow((to.0 + moved) / to.0, elasticity) - 1.0);
    let lost = from.1 * (1.0 - math::pow(1.0 - share, elasticity));
    (naive, won - lost)
}

struct Ads {
    spend: Vec<f64>,
    conversions: Vec<f64>,
    level: Vec<u32>,
    n_levels: usize,
    /// Ad group of each ad, numbered by appearance.
    cluster: Vec<u32>,
    n_clusters: usize,
    cluster_name: String,
    /// log(spend) less its mean, of ads with spend: (row, value).
    log_spend: Vec<(u32, f64)>,
}

impl Ads {
    /// Ads without a known spend, outcome or group are left out.
    fn new(table: &Table, spend: &[f64], conversions: &[f64], levels: &Dictionary) -> Self {
        let cluster = [Role::AdGroup, Role::Campaign].into_iter().find_map(|role| table.with_role(role));
        let keep: Vec<usize> = (0..table.n_rows())
            .filter(|&r| spend[r] >= 0.0 && conversions[r] >= 0.0 && levels.codes[r] != Dictionary::MISSING)
            .collect();
        let mut numbers = std::collections::HashMap::new();
        let mut cluster_of = Vec::with_capacity(keep.len());
        for &r in &keep {
            let next = numbers.len() as u32;
            // Without a grouping, or without a value in it, an ad is a group of its own.
            let key = cluster
                .filter(|c| !c.is_missing(r))
                .map_or_else(|| format!("row {r}"), |c| format!("group {}", c.cell_text(r)));
            cluster_of.push(*numbers.entry(key).or_insert(next));
        }
        let spend: Vec<f64> = keep.iter().map(|&r| spend[r]).collect();
        let mut log_spend: Vec<(u32, f64)> = spend
            .iter()
            .enumerate()
            .filter(|(_, s)| **s > 0.0)
            .map(|(i, s)| (i as u32, math::ln(*s)))
            .collect();
        let mean = log_spend.iter().map(|l| l.1).sum::<f64>() / log_spend.len().max(1) as f64;
        for l in &mut log_spend {
            l.1 -= mean;
        }
        Self {
            conversions: keep.iter().map(|&r| conversions[r]).collect(),
            level: keep.iter().map(|&r| levels.codes[r]).collect(),
            n_levels: levels.levels.len(),
            n_clusters: numbers.len(),
            cluster: cluster_of,
            cluster_name: cluster.map_or_else(|| "ads".into(), |c| c.name.clone()),
            log_spend,
            spend,
        }
    }

    /// (spend, conversions, ads) by level.
    fn groups(&self) -> Vec<(f64, f64, u64)> {
        let mut counts = vec![0; self.n_levels];
        for &l in &self.level {
            counts[l as usize] += 1;
        }
        self.sums(None).into_iter().zip(counts).map(|((s, c), n)| (s, c, n)).collect()
    }

    /// (spend, conversions) by level, each ad counted as often as its cluster was drawn.
    fn sums(&self, weights: Option<&[f64]>) -> Vec<(f64, f64)> {
        let mut sums = vec![(0.0, 0.0); self.n_levels];
        for i in 0..self.spend.len() {
            let w = weights.map_or(1.0, |w| w[self.cluster[i] as usize]);
            let sum = &mut sums[self.level[i] as usize];
            sum.0 += w * self.spend[i];
            sum.1 += w * self.conversions[i];
        }
        sums
    }

    /// Poisson maximum likelihood of intercept and slope by Newton's method; `None` without conversions or spread.
    fn elasticity(&self, weights: Option<&[f64]>) -> Option<f64> {
        let weight = |row: u32| weights.map_or(1.0, |w| w[self.cluster[row as usize] as usize]);
        let (mut n, mut total) = (0.0, 0.0);
        for &(row, _) in &self.log_spend {
            n += weight(row);
            total += weight(row) * self.conversions[row as usize];
        }
        if n < 3.0 || total <= 0.0 {
            return None;
        }
        let (mut a, mut b) = (math::ln(total / n), 0.0);
        for _ in 0..100 {
            // Score and information of (a, b).
            let (mut s0, mut s1, mut i00, mut i01, mut i11) = (0.0, 0.0, 0.0, 0.0, 0.0);
            for &(row, x) in &self.log_spend {
                let w = weight(row);
                if w == 0.0 {
                    continue;
                }
                let mu = math::exp(a + b * x);
                let rest = w * (self.conversions[row as usize] - mu);
                s0 += rest;
                s1 += rest * x;
                i00 += w * mu;
                i01 += w * mu * x;
                i11 += w * mu * x * x;
            }
            let determinant = i00 * i11 - i01 * i01;
            if !determinant.is_finite() || determinant <= 1e-12 * i00 * i11 {
                return None;
            }
            let (da, db) = ((i11 * s0 - i01 * s1) / determinant, (i00 * s1 - i01 * s0) / determinant);
            // A far start can overshoot: a step of more than 2 on the log scale is cut.
            let cut = (2.0 / da.abs().max(db.abs())).min(1.0);
            a += cut * da;
            b += cut * db;
            if da.abs().max(db.abs()) < 1e-10 {
                return b.is_finite().then_some(b);
            }
        }
        None
    }
}

fn sentence(r: &BudgetResult) -> String {
    let BudgetMove { from, to, share, by } = &r.plan;
    let promise = format!(
        "The average cost promises {} more {}; with diminishing returns about {} remain ({})",
        words::decimals(r.naive_gain, 0),
        r.outcome,
        words::decimals(r.gain, 0),
        words::interval_of(r.gain_interval, |v| words::decimals(v, 0)),
    );
    let act = if r.gain_interval.0 > 0.0 {
        "the move should pay; make it in part first"
    } else if r.gain_interval.1 < 0.0 {
        "the move would cost conversions"
    } else {
        "the data cannot tell whether it pays"
    };
    format!(
        "Moving {} of the {by} {from} spend ({}) to {to}: {act}. {promise}.",
        words::percent(*share).replace(".0 %", " %"),
        words::decimals(r.moved, 0)
    )
}

/// The move as a claim; never more than suggestive, as nothing was varied at random.
pub(super) fn claim(r: &BudgetResult) -> Claim {
    let is_clear = r.gain_interval.0 > 0.0 || r.gain_interval.1 < 0.0;
    let mut table = vec![
        [r.plan.by.as_str(), "Spend", r.outcome.as_str(), "Cost each", "Marginal cost each"]
            .map(String::from)
            .to_vec(),
    ];
    let cost = |v: Option<f64>| v.map_or("–".into(), |v| words::decimals(v, 2));
    table.extend(r.groups.iter().map(|g| {
        vec![
            g.label.clone(),
            words::decimals(g.spend, 0),
            words::decimals(g.conversions, 0),
            cost(g.cpa),
            cost(g.marginal_cpa),
        ]
    }));
    Claim {
        id: "decision.budget".into(),
        topic: "Moving budget".into(),
        sentence: r.sentence.clone(),
        grade: if is_clear { Grade::Suggestive } else { Grade::CannotTell },
        record: Record {
            estimand: format!("{} gained by the move", r.outcome),
            estimate: Some(r.gain),
            unit: r.outcome.clone(),
            interval: Some(r.gain_interval),
            level: Some(0.95),
            interval_method: Some(format!("bootstrap, {RESAMPLES} resamples")),
            n: r.groups.len() as u64,
            rows: format!("all ads, by {}", r.plan.by),
            notes: std::iter::once(format!(
                "Elasticity of {} to spend {} ({}), Poisson model of the ads with spend.",
                r.outcome,
                words::decimals(r.elasticity, 2),
                words::interval_of(r.elasticity_interval, |v| words::decimals(v, 2))
            ))
            .chain(r.assumptions.iter().cloned())
            .collect(),
            table,
            ..Record::default()
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{
        data::role::TableKind,
        testing::{self, close},
    };

    fn ads() -> Option<Table> {
        let mut reader = csv::Reader::from_path(testing::shared("data/KAG_conversion_data.csv")?).unwrap();
        let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        let category = |name: &str, role, i: usize| {
            Column::category(name, role, &records.iter().map(|r| Some(&r[i])).collect::<Vec<_>>())
        };
        let number = |name: &str, role, i: usize| {
            Column::number(name, role, records.iter().map(|r| r[i].parse().unwrap()).collect())
        };
        let columns = vec![
            number("ad_id", Role::Identifier, 0),
            category("xyz_campaign_id", Role::Campaign, 1),
            category("fb_campaign_id", Role::AdGroup, 2),
            category("age", Role::Category, 3),
            category("gender", Role::Category, 4),
            number("Spent", Role::Spend, 8),
            number("Total_Conversion", Role::Enquiries, 9),
            number("Approved_Conversion", Role::Purchases, 10),
        ];
        Some(Table::new(TableKind::Ads, columns).unwrap())
    }

    #[test]
    fn elasticity_and_move_are_those_of_the_reference() {
        let (Some(table), Some(expected)) = (ads(), testing::reference("ads.json")) else { return };
        let r = budget(&table, None, &Ctx::quiet(42)).unwrap().unwrap();
        let expected = &expected["spend_elasticity"];
        close(r.elasticity, expected["estimate"].as_f64().unwrap(), 1e-9);
        let low = expected["cluster_bootstrap95"][0].as_f64().unwrap();
        let high = expected["cluster_bootstrap95"][1].as_f64().unwrap();
        assert!(
            (r.elasticity_interval.0 - low).abs() < 0.03 && (r.elasticity_interval.1 - high).abs() < 0.03
        );
        assert_eq!((r.plan.from.as_str(), r.plan.to.as_str()), ("45-49", "30-34"));
        assert_eq!(r.naive_gain.round(), 93.0);
        assert!((r.gain - 41.0).abs() < 2.0, "{}", r.gain);
        assert!(r.gain_interval.0 < r.gain && r.gain < r.gain_interval.1);
        close(r.groups[0].cpa.unwrap(), 30.8753036161498, 1e-9);
    }

    #[test]
    fn what_cannot_be_moved_says_why() {
        let Some(table) = ads() else { return };
        let ask = |by: &str, from: &str, to: &str, share| {
            let wanted = BudgetMove { by: by.into(), from: from.into(), to: to.into(), share };
            budget(&table, Some(&wanted), &Ctx::quiet(1)).unwrap()
        };
        assert!(ask("Spent", "a", "b", 0.2).unwrap_err().contains("no category"));
        assert!(ask("age", "20-29", "30-34", 0.2).unwrap_err().contains("20-29"));
        assert!(ask("age", "30-34", "30-34", 0.2).unwrap_err().contains("two different"));
        assert!(ask("age", "45-49", "30-34", 0.0).unwrap_err().contains("share"));
        assert!(ask("gender", "F", "M", 1.0).is_ok());
        let mut bare = table.clone();
        bare.remove("Spent").unwrap();
        assert!(budget(&bare, None, &Ctx::quiet(1)).unwrap().unwrap_err().contains("Spend"));
        assert_eq!(budget(&table, None, &Ctx::new(1, &|_, _| false)), Err(Stopped));
    }

    #[test]
    fn moving_between_equal_groups_gains_nothing_and_costs_returns() {
        let (naive, real) = gain((100.0, 10.0), (100.0, 10.0), 0.5, 0.5);
        assert!(naive.abs() < 1e-12 && real < 0.0);
        let (naive, real) = gain((100.0, 5.0), (100.0, 10.0), 0.5, 1.0);
        close(real, naive, 1e-12);
    }
}
