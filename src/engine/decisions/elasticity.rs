//! How conversions follow spend: the ads of a budget move, their sums, and the elasticity, over all or within campaigns.
//!
//! The elasticity e is the slope of a Poisson model log E(conversions) = a + e log(spend) over ads with spend, or, with
//! campaigns as a factor, = a_campaign + e log(spend). The intercepts have a closed form given e, so that only e is
//! searched (by Newton's method on the profile likelihood, which is concave): any number of campaigns costs the same.

use std::collections::HashMap;

use crate::engine::{
    data::{
        column::{Column, Dictionary},
        role::Role,
        table::Table,
    },
    numeric::math,
};

/// Which ads share an intercept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Strata {
    /// All of them.
    One,
    /// Those of a campaign.
    Each,
    /// Those of this campaign; the others are left out.
    Only(u32),
}

/// Spend and conversions of one group.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Sums {
    /// Money spent.
    pub spend: f64,
    /// Conversions counted.
    pub conversions: f64,
}

impl Sums {
    /// Cost of a conversion; `None` without any.
    pub fn cpa(self) -> Option<f64> {
        (self.conversions > 0.0).then(|| self.spend / self.conversions)
    }

    pub fn plus(self, other: Self) -> Self {
        Self { spend: self.spend + other.spend, conversions: self.conversions + other.conversions }
    }
}

/// The column that tells campaigns apart, unless it is the one budget is moved by, or holds one campaign only.
pub(super) fn campaign_column<'a>(table: &'a Table, by: &Column) -> Option<&'a Column> {
    let column = table.with_role(Role::Campaign).filter(|c| c.name != by.name)?;
    let first = (0..table.n_rows()).find(|&r| !column.is_missing(r))?;
    let text = column.cell_text(first);
    (first..table.n_rows()).any(|r| !column.is_missing(r) && column.cell_text(r) != text).then_some(column)
}

/// The ads of a budget move.
pub(super) struct Ads {
    /// Rows of the table.
    pub rows: Vec<usize>,
    spend: Vec<f64>,
    conversions: Vec<f64>,
    level: Vec<u32>,
    n_levels: usize,
    /// Ad group of each ad, numbered by appearance.
    cluster: Vec<u32>,
    /// How many ad groups there are.
    pub n_clusters: usize,
    /// What ad groups are called.
    pub cluster_name: String,
    /// Campaign of each ad, numbered by appearance.
    stratum: Vec<u32>,
    /// Names of the campaigns; one without a name where there is no such column.
    pub strata: Vec<String>,
    /// log(spend) less its mean, of ads with spend: (ad, value).
    log_spend: Vec<(u32, f64)>,
}

impl Ads {
    /// Ads without a known spend, outcome or group, or of another campaign than `only`, are left out.
    pub fn new(
        table: &Table,
        (spend, conversions): (&[f64], &[f64]),
        levels: &Dictionary,
        campaigns: Option<&Column>,
        only: Option<&str>,
    ) -> Self {
        let cluster = [Role::AdGroup, Role::Campaign].into_iter().find_map(|role| table.with_role(role));
        let campaign = |r: usize| campaigns.map_or_else(String::new, |c| c.cell_text(r));
        let rows: Vec<usize> = (0..table.n_rows())
            .filter(|&r| spend[r] >= 0.0 && conversions[r] >= 0.0 && levels.codes[r] != Dictionary::MISSING)
            .filter(|&r| only.is_none_or(|only| campaign(r) == only))
            .collect();
        let (mut clusters, mut strata) = (Numbers::default(), Numbers::default());
        let mut cluster_of = Vec::with_capacity(rows.len());
        let mut stratum = Vec::with_capacity(rows.len());
        for &r in &rows {
            // Without a grouping, or without a value in it, an ad is a group of its own.
            let key = cluster
                .filter(|c| !c.is_missing(r))
                .map_or_else(|| format!("row {r}"), |c| format!("group {}", c.cell_text(r)));
            cluster_of.push(clusters.of(key));
            stratum.push(strata.of(campaign(r)));
        }
        let spend: Vec<f64> = rows.iter().map(|&r| spend[r]).collect();
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
            conversions: rows.iter().map(|&r| conversions[r]).collect(),
            level: rows.iter().map(|&r| levels.codes[r]).collect(),
            n_levels: levels.levels.len(),
            n_clusters: clusters.names.len(),
            cluster: cluster_of,
            cluster_name: cluster.map_or_else(|| "ads".into(), |c| c.name.clone()),
            stratum,
            strata: strata.names,
            log_spend,
            spend,
            rows,
        }
    }

    /// Sums by campaign and level, each ad counted as often as its ad group was drawn.
    pub fn cells(&self, weights: Option<&[f64]>) -> Vec<Vec<Sums>> {
        let mut cells = vec![vec![Sums::default(); self.n_levels]; self.strata.len()];
        for i in 0..self.spend.len() {
            let w = weights.map_or(1.0, |w| w[self.cluster[i] as usize]);
            let sum = &mut cells[self.stratum[i] as usize][self.level[i] as usize];
            sum.spend += w * self.spend[i];
            sum.conversions += w * self.conversions[i];
        }
        cells
    }

    /// Ads of each level, over all campaigns.
    pub fn n_of_levels(&self) -> Vec<u64> {
        let mut n = vec![0; self.n_levels];
        self.level.iter().for_each(|level| n[*level as usize] += 1);
        n
    }

    /// Ads of two levels in a campaign.
    pub fn n_in(&self, stratum: u32, levels: [usize; 2]) -> u64 {
        let is_in = |(s, level): &(&u32, &u32)| **s == stratum && levels.contains(&(**level as usize));
        self.stratum.iter().zip(&self.level).filter(is_in).count() as u64
    }

    /// Sums by level, over all campaigns.
    pub fn sums(&self, weights: Option<&[f64]>) -> Vec<Sums> {
        let mut sums = vec![Sums::default(); self.n_levels];
        for i in 0..self.spend.len() {
            let w = weights.map_or(1.0, |w| w[self.cluster[i] as usize]);
            let sum = &mut sums[self.level[i] as usize];
            sum.spend += w * self.spend[i];
            sum.conversions += w * self.conversions[i];
        }
        sums
    }

    /// How many ads with spend a campaign has.
    pub fn n_with_spend(&self, stratum: u32) -> usize {
        self.log_spend.iter().filter(|l| self.stratum[l.0 as usize] == stratum).count()
    }

    fn place(&self, strata: Strata, ad: u32) -> Option<usize> {
        let own = self.stratum[ad as usize];
        match strata {
            Strata::One => Some(0),
            Strata::Each => Some(own as usize),
            Strata::Only(stratum) => (own == stratum).then_some(0),
        }
    }

    /// Poisson maximum likelihood of the slope, from a first guess; `None` without conversions or spread.
    pub fn elasticity(&self, weights: Option<&[f64]>, strata: Strata, guess: f64) -> Option<f64> {
        let weight = |ad: u32| weights.map_or(1.0, |w| w[self.cluster[ad as usize] as usize]);
        let n_strata = if strata == Strata::Each { self.strata.len() } else { 1 };
        let (mut n, mut xy, mut totals) = (0.0, 0.0, vec![0.0; n_strata]);
        let mut used = Vec::with_capacity(self.log_spend.len());
        for &(ad, x) in &self.log_spend {
            let w = weight(ad);
            let Some(place) = self.place(strata, ad).filter(|_| w > 0.0) else { continue };
            let y = self.conversions[ad as usize];
            n += w;
            xy += w * y * x;
            totals[place] += w * y;
            used.push((place, w, x));
        }
        let total: f64 = totals.iter().sum();
        if n < 3.0 || total <= 0.0 {
            return None;
        }
        let mut slope = guess;
        for _ in 0..100 {
            // Of each intercept: sums of exp(slope x) times 1, x and x².
            let mut moments = vec![[0.0; 3]; n_strata];
            for &(place, w, x) in &used {
                let size = w * math::exp(slope * x);
                let [one, first, second] = &mut moments[place];
                *one += size;
                *first += size * x;
                *second += size * x * x;
            }
            let (mut score, mut information) = (xy, 0.0);
            for (total, [one, first, second]) in totals.iter().zip(moments).filter(|(t, _)| **t > 0.0) {
                let mean = first / one;
                score -= total * mean;
                information += total * (second / one - mean * mean);
            }
            if !information.is_finite() || information <= 1e-12 * total {
                return None;
            }
            // A far start can overshoot: a step of more than 2 is cut.
            let step = (score / information).clamp(-2.0, 2.0);
            slope += step;
            if step.abs() < 1e-10 {
                return slope.is_finite().then_some(slope);
            }
        }
        None
    }

    /// Pearson's chi² over its degrees of freedom around that model, never below 1: how much more ads differ than chance
    /// lets counts differ.
    pub fn dispersion(&self, elasticity: f64) -> f64 {
        let total: f64 = self.log_spend.iter().map(|l| self.conversions[l.0 as usize]).sum();
        let size: f64 = self.log_spend.iter().map(|l| math::exp(elasticity * l.1)).sum();
        let pearson: f64 = self
            .log_spend
            .iter()
            .map(|&(ad, x)| {
                let expected = total * math::exp(elasticity * x) / size;
                let rest = self.conversions[ad as usize] - expected;
                if expected > 0.0 { rest * rest / expected } else { 0.0 }
            })
            .sum();
        let dof = self.log_spend.len() as f64 - 2.0;
        let ratio = pearson / dof;
        if dof > 0.0 && ratio.is_finite() { ratio.max(1.0) } else { 1.0 }
    }
}

/// Texts numbered by appearance.
#[derive(Default)]
struct Numbers {
    numbers: HashMap<String, u32>,
    names: Vec<String>,
}

impl Numbers {
    fn of(&mut self, key: String) -> u32 {
        let next = self.names.len() as u32;
        *self.numbers.entry(key).or_insert_with_key(|key| {
            self.names.push(key.clone());
            next
        })
    }
}
