//! A budget move between groups of ads: what the average cost promises, and what is left of it with diminishing returns.
//!
//! A group whose spend changes by a factor f is taken to convert f^e times as much, e being the elasticity
//! (`elasticity.rs`); its marginal cost per conversion is CPA / e. The same move is valued twice: over all campaigns
//! together, and inside each campaign with campaigns as a factor, because groups can differ by the campaigns they are in
//! (Simpson's paradox); the lower of the two is the one to count on. The intervals come from a bootstrap over ad groups
//! (200 resamples), because ads of a group are alike. All of it is observational: nobody moved the budget at random.

use super::{
    budget_test, budget_words,
    decision::{
        BudgetBasis, BudgetCampaign, BudgetGroup, BudgetMoney, BudgetMove, BudgetResult, WithinCampaigns,
    },
    elasticity::{Ads, Strata, Sums, campaign_column},
};
use crate::engine::{
    context::{Ctx, Stopped},
    data::{
        column::{Column, Dictionary, Values},
        distinct,
        role::Role,
        table::Table,
    },
    numeric::{describe::quantile, math},
    order::InOrder,
};

pub(super) const RESAMPLES: usize = 200;
const STREAM: u64 = 11;
const DEFAULT_SHARE: f64 = 0.2;
const MOST_LEVELS: usize = 50;
/// Levels with fewer conversions than this are proposed only where there are no others: their cost per conversion, with
/// a relative error of a third and more, is mostly luck.
pub(super) const ENOUGH_CONVERSIONS: f64 = 10.0;
/// A campaign with fewer ads with spend says nothing about its own elasticity.
const ENOUGH_ADS: usize = 20;

/// Values a move, or what is missing for one.
pub(super) fn budget(
    table: &Table,
    wanted: Option<&BudgetMove>,
    currency: Option<&str>,
    ctx: &Ctx<'_>,
) -> Result<Result<BudgetResult, String>, Stopped> {
    match Question::new(table, wanted) {
        Ok(question) => question.answer(currency, ctx),
        Err(missing) => Ok(Err(missing)),
    }
}

/// A move that can be valued.
struct Question<'a> {
    table: &'a Table,
    outcome: &'a str,
    /// What the outcome counts, in a sentence.
    noun: String,
    levels: &'a Dictionary,
    campaigns: Vec<String>,
    ads: Ads,
    from: usize,
    to: usize,
    plan: BudgetMove,
}

impl<'a> Question<'a> {
    fn new(table: &'a Table, wanted: Option<&BudgetMove>) -> Result<Self, String> {
        let spend = table.with_role(Role::Spend).and_then(|c| c.as_numbers());
        let spend =
            spend.ok_or("A budget move needs a column with the role Spend: set it on the Data page.")?;
        let (outcome, conversions) = [Role::Purchases, Role::Enquiries]
            .into_iter()
            .find_map(|role| table.with_role(role).and_then(|c| Some((c, c.as_numbers()?))))
            .ok_or(
                "A budget move needs a column with the role Purchases or Enquiries: set it on the Data page.",
            )?;
        let (by, levels) = grouping(table, wanted).ok_or_else(|| match wanted {
            Some(w) => {
                format!("“{}” is no category of this table: choose another to move budget between.", w.by)
            }
            None => "A budget move needs a category such as age or campaign with at least two values.".into(),
        })?;
        let share = wanted.map_or(DEFAULT_SHARE, |w| w.share);
        if !(share > 0.0 && share <= 1.0) {
            return Err(format!("The share to move is {share}, but must lie above 0 and at most 1."));
        }
        let value = wanted.and_then(|w| w.value);
        if let Some(value) = value.filter(|v| !(v.is_finite() && *v > 0.0)) {
            return Err(format!("A value of {value} a conversion cannot be used: it must be above 0."));
        }
        let column = campaign_column(table, by);
        let campaign = wanted.and_then(|w| w.campaign.clone()).filter(|_| column.is_some());
        let figures = (&*spend, &*conversions);
        let all = Ads::new(table, figures, levels, column, None);
        let mut campaigns: Vec<String> = all.strata.iter().filter(|c| !c.is_empty()).cloned().collect();
        campaigns.order_by(|a, b| crate::engine::data::column::natural_order(a, b));
        if let Some(unknown) = campaign.as_ref().filter(|c| !campaigns.contains(c)) {
            return Err(format!("There is no campaign “{unknown}” in this table: choose another."));
        }
        let ads = match campaign.as_deref() {
            Some(only) => Ads::new(table, figures, levels, column, Some(only)),
            None => all,
        };
        if column.is_none() {
            campaigns.clear();
        }
        let (from, to) = ends(wanted, levels, &ads.sums(None))?;
        let name = |i: usize| levels.levels.get(i).cloned().unwrap_or_default();
        let plan = BudgetMove { by: by.name.clone(), from: name(from), to: name(to), share, campaign, value };
        Ok(Self {
            table,
            outcome: &outcome.name,
            noun: outcome.role.label().to_lowercase(),
            levels,
            campaigns,
            ads,
            from,
            to,
            plan,
        })
    }

    fn answer(self, currency: Option<&str>, ctx: &Ctx<'_>) -> Result<Result<BudgetResult, String>, Stopped> {
        let Some(elasticity) = self.ads.elasticity(None, Strata::One, 0.0) else {
            return Ok(Err(format!(
                "How {} follow spend cannot be estimated: too few ads with spend, or all spent the same.",
                self.outcome
            )));
        };
        // Inside campaigns nothing can be moved where each has one of the groups.
        let has_both = || self.ads.cells(None).iter().any(|cell| self.has_both(cell));
        let is_split = self.plan.campaign.is_none() && self.ads.strata.len() > 1 && has_both();
        let within = is_split.then(|| self.ads.elasticity(None, Strata::Each, elasticity)).flatten();
        let drawn = self.resample(elasticity, within, ctx)?;
        let observed = self.ads.sums(None);
        let (naive_gain, gained) = self.gain(&observed, elasticity);
        let gain_interval = interval(drawn.gains);
        let within = within.map(|e| {
            let cells = self.ads.cells(None);
            let (naive_gain, gain) = self.gain_within(&cells, e);
            let campaigns = self.campaign_figures(&cells, e);
            WithinCampaigns {
                elasticity: e,
                elasticity_interval: interval(drawn.within_elasticities),
                naive_gain,
                gain,
                gain_interval: interval(drawn.within_gains),
                caveat: budget_words::caveat(&campaigns, gain, &self.noun),
                campaigns,
            }
        });
        // Where two ways to reckon differ, the lower is the one to count on.
        let (expected, expected_interval) = match &within {
            Some(w) if w.gain < gained => (w.gain, w.gain_interval),
            _ => (gained, gain_interval),
        };
        let basis = self.basis();
        // A move that cannot be valued has no worth either.
        let money = self.plan.value.filter(|_| elasticity > 0.0).map(|value| {
            let after = basis.conversions + expected;
            BudgetMoney {
                value,
                gain: value * expected,
                gain_interval: (value * expected_interval.0, value * expected_interval.1),
                roas: (value * basis.conversions / basis.spend, value * after / basis.spend),
                profit: (value * basis.conversions - basis.spend, value * after - basis.spend),
            }
        });
        let mut result = BudgetResult {
            moved: self.plan.share * observed[self.from].spend,
            groups: self.groups(&observed, elasticity),
            outcome: self.outcome.to_owned(),
            noun: self.noun.clone(),
            basis,
            elasticity,
            elasticity_interval: interval(drawn.elasticities),
            naive_gain,
            gain: gained,
            gain_interval,
            within,
            expected,
            expected_interval,
            reverse_gain: gain(observed[self.to], observed[self.from], self.plan.share, elasticity).1,
            money,
            campaigns: self.campaigns.clone(),
            plan: self.plan.clone(),
            ..BudgetResult::default()
        };
        let both = observed[self.from].plus(observed[self.to]);
        result.test =
            budget_test::plan(self.table, &self.ads.rows, &result, both, self.ads.dispersion(elasticity));
        result.assumptions = budget_words::assumptions(&result, &self.ads.cluster_name, currency);
        result.sentence = budget_words::sentence(&result, currency);
        Ok(Ok(result))
    }

    /// What each resample of ad groups finds.
    fn resample(&self, elasticity: f64, within: Option<f64>, ctx: &Ctx<'_>) -> Result<Drawn, Stopped> {
        let mut drawn = Drawn::default();
        let observed = self.ads.sums(None);
        let observed_cells = self.ads.cells(None);
        let mut rng = ctx.rng(STREAM);
        for done in 0..RESAMPLES {
            ctx.tick(done as u64, RESAMPLES as u64)?;
            let mut weights = vec![0.0; self.ads.n_clusters];
            for _ in 0..self.ads.n_clusters {
                weights[rng.below(self.ads.n_clusters as u32) as usize] += 1.0;
            }
            if let Some(e) = self.ads.elasticity(Some(&weights), Strata::One, elasticity) {
                drawn.elasticities.push(e);
                let sums = rescaled(&self.ads.sums(Some(&weights)), &observed);
                drawn.gains.push(self.gain(&sums, e).1);
            }
            let Some(within) = within else { continue };
            if let Some(e) = self.ads.elasticity(Some(&weights), Strata::Each, within) {
                drawn.within_elasticities.push(e);
                let cells: Vec<Vec<Sums>> = self
                    .ads
                    .cells(Some(&weights))
                    .iter()
                    .zip(&observed_cells)
                    .map(|(drawn, seen)| rescaled(drawn, seen))
                    .collect();
                drawn.within_gains.push(self.gain_within(&cells, e).1);
            }
        }
        Ok(drawn)
    }

    fn gain(&self, sums: &[Sums], elasticity: f64) -> (f64, f64) {
        gain(sums[self.from], sums[self.to], self.plan.share, elasticity)
    }

    /// The same share moved inside each campaign that has both groups.
    fn gain_within(&self, cells: &[Vec<Sums>], elasticity: f64) -> (f64, f64) {
        let mut sum = (0.0, 0.0);
        for cell in cells.iter().filter(|c| self.has_both(c)) {
            let (naive, real) = self.gain(cell, elasticity);
            sum = (sum.0 + naive, sum.1 + real);
        }
        sum
    }

    fn has_both(&self, cell: &[Sums]) -> bool {
        cell[self.from].spend > 0.0 && cell[self.to].spend > 0.0
    }

    fn campaign_figures(&self, cells: &[Vec<Sums>], elasticity: f64) -> Vec<BudgetCampaign> {
        let mut campaigns: Vec<BudgetCampaign> = cells
            .iter()
            .zip(&self.ads.strata)
            .enumerate()
            .filter(|(_, (cell, _))| self.has_both(cell))
            .map(|(i, (cell, label))| {
                let both = cell[self.from].plus(cell[self.to]);
                let is_enough = self.ads.n_with_spend(i as u32) >= ENOUGH_ADS;
                BudgetCampaign {
                    label: label.clone(),
                    n: self.ads.n_in(i as u32, [self.from, self.to]),
                    spend: both.spend,
                    conversions: both.conversions,
                    cpa_from: cell[self.from].cpa(),
                    cpa_to: cell[self.to].cpa(),
                    elasticity: is_enough
                        .then(|| self.ads.elasticity(None, Strata::Only(i as u32), elasticity))
                        .flatten(),
                    gain: self.gain(cell, elasticity).1,
                }
            })
            .collect();
        campaigns.order_by(|a, b| b.spend.total_cmp(&a.spend));
        campaigns
    }

    fn basis(&self) -> BudgetBasis {
        let all = self.ads.sums(None).into_iter().fold(Sums::default(), Sums::plus);
        BudgetBasis {
            ads: self.ads.rows.len() as u64,
            spend: all.spend,
            conversions: all.conversions,
            clicks: total(self.table, Role::Clicks, &self.ads.rows),
            impressions: total(self.table, Role::Impressions, &self.ads.rows),
        }
    }

    fn groups(&self, sums: &[Sums], elasticity: f64) -> Vec<BudgetGroup> {
        let levels = self.levels.levels.iter().zip(sums).zip(self.ads.n_of_levels());
        levels
            .filter(|((_, s), _)| s.spend > 0.0 || s.conversions > 0.0)
            .map(|((label, s), n)| BudgetGroup {
                label: label.clone(),
                n,
                spend: s.spend,
                conversions: s.conversions,
                cpa: s.cpa(),
                marginal_cpa: s.cpa().filter(|_| elasticity > 0.0).map(|c| c / counted(elasticity)),
            })
            .collect()
    }
}

#[derive(Default)]
struct Drawn {
    elasticities: Vec<f64>,
    gains: Vec<f64>,
    within_elasticities: Vec<f64>,
    within_gains: Vec<f64>,
}

/// The spend stays what it is; what varies is how much was bought with it.
fn rescaled(drawn: &[Sums], seen: &[Sums]) -> Vec<Sums> {
    let one = |(drawn, seen): (&Sums, &Sums)| Sums {
        spend: seen.spend,
        conversions: if drawn.spend > 0.0 {
            drawn.conversions * seen.spend / drawn.spend
        } else {
            seen.conversions
        },
    };
    drawn.iter().zip(seen).map(one).collect()
}

fn interval(mut values: Vec<f64>) -> (f64, f64) {
    distinct::sort(&mut values);
    let at = |q| quantile(&values, q).unwrap_or(f64::NAN);
    (at(0.025), at(0.975))
}

/// Sum of a column over some rows; `None` without the column.
pub(super) fn total(table: &Table, role: Role, rows: &[usize]) -> Option<f64> {
    let values = table.with_role(role)?.as_numbers()?;
    Some(math::sum(rows.iter().map(|&r| values[r]).filter(|v| v.is_finite())))
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
fn ends(wanted: Option<&BudgetMove>, levels: &Dictionary, groups: &[Sums]) -> Result<(usize, usize), String> {
    if let Some(w) = wanted.filter(|w| !w.from.is_empty() && !w.to.is_empty()) {
        let place = |label: &str| {
            levels
                .levels
                .iter()
                .position(|l| l == label)
                .filter(|&i| groups[i].spend > 0.0)
                .ok_or_else(|| format!("“{label}” has no spend in {}: choose another group.", w.by))
        };
        let (from, to) = (place(&w.from)?, place(&w.to)?);
        return if from == to {
            Err("Budget is moved between two different groups: choose another one.".into())
        } else {
            Ok((from, to))
        };
    }
    let priced = |least: f64| {
        let mut priced: Vec<(usize, f64)> = groups
            .iter()
            .enumerate()
            .filter(|(_, g)| g.spend > 0.0 && g.conversions >= least)
            .filter_map(|(i, g)| Some((i, g.cpa()?)))
            .collect();
        priced.order_by(|a, b| a.1.total_cmp(&b.1));
        match (priced.first(), priced.last()) {
            (Some(cheapest), Some(dearest)) if cheapest.0 != dearest.0 => Some((dearest.0, cheapest.0)),
            _ => None,
        }
    };
    priced(ENOUGH_CONVERSIONS)
        .or_else(|| priced(f64::MIN_POSITIVE))
        .ok_or_else(|| "Fewer than two groups have spend and conversions to compare their cost.".into())
}

/// The elasticity that is counted on. Without a relation to spend, or with one that runs backwards, money neither wins nor loses
/// anything; returns that rise with spend are those of ads that were given more because they did well, not of raising a budget.
fn counted(elasticity: f64) -> f64 {
    elasticity.clamp(0.0, 1.0)
}

/// (naive, with diminishing returns): what moving `share` of the first group's spend to the second adds.
fn gain(from: Sums, to: Sums, share: f64, elasticity: f64) -> (f64, f64) {
    let moved = share * from.spend;
    let naive = moved * (to.conversions / to.spend - from.conversions / from.spend);
    let elasticity = counted(elasticity);
    let won = to.conversions * (math::pow((to.spend + moved) / to.spend, elasticity) - 1.0);
    let lost = from.conversions * (1.0 - math::pow(1.0 - share, elasticity));
    (naive, won - lost)
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
        let r = budget(&table, None, None, &Ctx::quiet(42)).unwrap().unwrap();
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
            let wanted = BudgetMove {
                by: by.into(),
                from: from.into(),
                to: to.into(),
                share,
                ..BudgetMove::default()
            };
            budget(&table, Some(&wanted), None, &Ctx::quiet(1)).unwrap()
        };
        assert!(ask("Spent", "a", "b", 0.2).unwrap_err().contains("no category"));
        assert!(ask("age", "20-29", "30-34", 0.2).unwrap_err().contains("20-29"));
        assert!(ask("age", "30-34", "30-34", 0.2).unwrap_err().contains("two different"));
        assert!(ask("age", "45-49", "30-34", 0.0).unwrap_err().contains("share"));
        assert!(ask("gender", "F", "M", 1.0).is_ok());
        let mut bare = table.clone();
        bare.remove("Spent").unwrap();
        assert!(budget(&bare, None, None, &Ctx::quiet(1)).unwrap().unwrap_err().contains("Spend"));
        assert_eq!(budget(&table, None, None, &Ctx::new(1, &|_, _| false)), Err(Stopped));
    }

    fn sums(spend: f64, conversions: f64) -> Sums {
        Sums { spend, conversions }
    }

    fn ask(table: &Table, by: &str, campaign: Option<&str>) -> BudgetResult {
        let wanted = BudgetMove {
            by: by.into(),
            share: 0.2,
            campaign: campaign.map(Into::into),
            ..BudgetMove::default()
        };
        budget(table, Some(&wanted), None, &Ctx::quiet(42)).unwrap().unwrap()
    }

    #[test]
    fn campaigns_are_kept_apart_and_the_lower_figure_counts() {
        let Some(table) = ads() else { return };
        let r = ask(&table, "age", None);
        let within = r.within.as_ref().unwrap();
        // Poisson regression with campaign as a factor, computed independently.
        close(within.elasticity, 0.520_043_927_598_875_4, 1e-9);
        close(within.naive_gain, 136.169_721_9, 1e-6);
        close(within.gain, 60.986_672_3, 1e-6);
        assert!(within.gain_interval.0 < within.gain && within.gain < within.gain_interval.1);
        assert_eq!((r.expected, r.expected_interval), (r.gain, r.gain_interval), "the lower of the two");
        let own: Vec<(&str, Option<f64>)> =
            within.campaigns.iter().map(|c| (c.label.as_str(), c.elasticity)).collect();
        assert_eq!(own.iter().map(|c| c.0).collect::<Vec<_>>(), ["1178", "936", "916"]);
        close(own[0].1.unwrap(), 0.645_686_245, 1e-8);
        assert!(own[1].1.unwrap() < 0.0);
        assert!(within.caveat.as_ref().unwrap().contains("936"), "{:?}", within.caveat);
        assert_eq!(r.campaigns, ["916", "936", "1178"]);
        assert!(r.sentence.contains("Within campaigns") && r.sentence.contains("lower"), "{}", r.sentence);
    }

    #[test]
    fn a_move_inside_one_campaign_uses_its_ads_alone() {
        let Some(table) = ads() else { return };
        let r = ask(&table, "age", Some("1178"));
        close(r.elasticity, 0.645_686_245, 1e-8);
        assert!(r.within.is_none() && r.basis.ads == 625);
        close(r.groups[0].cpa.unwrap(), 37.431_974_647_744_3, 1e-9);
        assert_eq!((r.plan.from.as_str(), r.plan.to.as_str()), ("45-49", "30-34"));
        // A report that masks small groups leaves out a move of which a group is not there.
        for end in [&r.plan.from, &r.plan.to] {
            assert!(r.groups.iter().any(|g| g.label == *end));
        }
        // Where more spend does not go with more purchases, nothing is promised, and the page keeps its controls.
        let flat = ask(&table, "age", Some("936"));
        assert!(flat.elasticity < 0.0 && flat.gain == 0.0 && flat.groups[0].marginal_cpa.is_none());
        assert!(flat.sentence.contains("cannot be valued"), "{}", flat.sentence);
        assert!(flat.test.is_none());
        let unknown =
            BudgetMove { by: "age".into(), share: 0.2, campaign: Some("7".into()), ..BudgetMove::default() };
        assert!(
            budget(&table, Some(&unknown), None, &Ctx::quiet(1)).unwrap().unwrap_err().contains("campaign")
        );
    }

    #[test]
    fn money_goes_from_the_dearest_to_the_cheapest_whatever_the_category() {
        let Some(table) = ads() else { return };
        for by in ["age", "gender", "xyz_campaign_id"] {
            let r = ask(&table, by, None);
            let enough = || r.groups.iter().filter(|g| g.conversions >= ENOUGH_CONVERSIONS);
            let of = |label: &str| r.groups.iter().find(|g| g.label == label).unwrap().cpa.unwrap();
            assert!(enough().all(|g| g.cpa.unwrap() <= of(&r.plan.from)), "{by}");
            assert!(enough().all(|g| g.cpa.unwrap() >= of(&r.plan.to)), "{by}");
        }
        let gender = ask(&table, "gender", None);
        assert_eq!((gender.plan.from.as_str(), gender.plan.to.as_str()), ("F", "M"));
        assert!(
            ask(&table, "xyz_campaign_id", None).within.is_none(),
            "campaigns are not split by themselves"
        );
    }

    #[test]
    fn returns_that_rise_are_not_counted_on() {
        let of = |elasticity| gain(sums(100.0, 10.0), sums(50.0, 9.0), 0.2, elasticity);
        close(of(1.0).1, of(1.0).0, 1e-12);
        assert_eq!(of(1.4), of(1.0));
        assert!(of(0.6).1 < of(0.6).0);
    }

    #[test]
    fn groups_that_share_no_campaign_are_not_compared_inside_one() {
        let ages: Vec<Option<&str>> = (0..80).map(|i| Some(["18-24", "25-34"][i % 2])).collect();
        let table = |campaign: &dyn Fn(usize) -> &'static str| {
            let campaigns: Vec<Option<&str>> = (0..80).map(|i| Some(campaign(i))).collect();
            let number = |name: &str, role, of: &dyn Fn(f64) -> f64| {
                Column::number(name, role, (0..80).map(|i| of(f64::from(i))).collect())
            };
            let columns = vec![
                Column::category("Campaign", Role::Campaign, &campaigns),
                Column::category("Age", Role::Category, &ages),
                number("Spent", Role::Spend, &|i| 10.0 + 3.0 * (i % 11.0)),
                number("Clicks", Role::Clicks, &|i| 20.0 + 5.0 * (i % 7.0)),
                number("Purchases", Role::Purchases, &|i| 3.0 + i % 11.0 + i % 2.0),
            ];
            Table::new(TableKind::Ads, columns).unwrap()
        };
        let apart = ask(&table(&|i| ["A", "B"][i % 2]), "Age", None);
        assert!(apart.within.is_none() && apart.expected == apart.gain, "{}", apart.sentence);
        let mixed = ask(&table(&|i| ["A", "B"][i / 40]), "Age", None);
        assert!(mixed.within.is_some(), "{}", mixed.sentence);
    }

    #[test]
    fn a_losing_move_is_called_one_and_its_reverse_is_named() {
        let Some(table) = ads() else { return };
        let wanted = BudgetMove {
            by: "gender".into(),
            from: "M".into(),
            to: "F".into(),
            share: 0.2,
            ..BudgetMove::default()
        };
        let r = budget(&table, Some(&wanted), None, &Ctx::quiet(42)).unwrap().unwrap();
        close(r.gain, -28.719_686_5, 1e-6);
        close(r.within.as_ref().unwrap().gain, -31.984_090_3, 1e-6);
        assert_eq!(r.expected, r.within.as_ref().unwrap().gain);
        close(r.reverse_gain, 26.717_169_2, 1e-6);
        assert!(r.sentence.contains("32 fewer") && r.sentence.contains("Do not make it"), "{}", r.sentence);
        assert!(r.sentence.contains("from F to M") && r.sentence.contains("27 more"), "{}", r.sentence);
        assert!(!r.sentence.contains('−') && !r.sentence.contains("remain"), "{}", r.sentence);
        assert!(r.test.is_none());
    }

    #[test]
    fn the_worth_of_a_conversion_turns_the_move_into_money() {
        let Some(table) = ads() else { return };
        let plain = ask(&table, "age", None);
        assert!(plain.money.is_none() && plain.assumptions.iter().any(|a| a.contains("worth")));
        let wanted = BudgetMove { value: Some(100.0), ..plain.plan.clone() };
        let r = budget(&table, Some(&wanted), Some("EUR"), &Ctx::quiet(42)).unwrap().unwrap();
        let money = r.money.unwrap();
        close(money.gain, 100.0 * r.gain, 1e-12);
        close(money.roas.0, 107_900.0 / 58_705.229_958_22, 1e-9);
        close(money.profit.1 - money.profit.0, money.gain, 1e-9);
        assert!(r.sentence.contains("EUR"), "{}", r.sentence);
        let bad = BudgetMove { value: Some(-1.0), ..plain.plan };
        assert!(budget(&table, Some(&bad), None, &Ctx::quiet(1)).unwrap().unwrap_err().contains("above 0"));
    }

    #[test]
    fn the_claim_says_what_it_rests_on() {
        let Some(table) = ads() else { return };
        let claim = budget_words::claim(&ask(&table, "age", None), None);
        assert_eq!(claim.record.n, 1143);
        assert!(claim.record.rows.contains("1,143 ads") && claim.record.rows.contains("1,079 purchases"));
        assert!(claim.record.notes.iter().any(|n| n.contains("To prove it")));
    }

    #[test]
    fn moving_between_equal_groups_gains_nothing_and_costs_returns() {
        let (naive, real) = gain(sums(100.0, 10.0), sums(100.0, 10.0), 0.5, 0.5);
        assert!(naive.abs() < 1e-12 && real < 0.0);
        let (naive, real) = gain(sums(100.0, 5.0), sums(100.0, 10.0), 0.5, 1.0);
        close(real, naive, 1e-12);
    }
}
