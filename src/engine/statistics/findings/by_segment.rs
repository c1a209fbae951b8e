//! Whether an outcome differs between the groups of one category, and by how much.

use crate::engine::words::{self, capitalised, count, decimals, money, p_value};

use super::{
    Found,
    cost::{Costs, costs},
    rows_word, slug,
};
use crate::engine::statistics::{
    claim::{Claim, Grade, Record},
    exploration::{RateBySegment, RateLevel},
    rates::{Compared, Outcome, OutcomeKind},
    segment::Grouping,
};

/// One comparison and what its sentence, notes and table draw on.
struct Scene<'a> {
    found: &'a Found<'a>,
    outcome: &'a Outcome<'a>,
    grouping: &'a Grouping,
    compared: &'a Compared,
    rate: &'a RateBySegment,
    /// Levels that can be compared, and those with too few behind them.
    large: Vec<&'a RateLevel>,
    small: Vec<&'a RateLevel>,
    /// Names of those that a report without small groups leaves out.
    withheld: Vec<&'a str>,
    costs: Option<Costs>,
}

/// The claim of one comparison.
pub(super) fn claim(found: &Found, grouping: &Grouping, compared: &Compared) -> Option<Claim> {
    let outcome = found.outcome?;
    let rate = &compared.rate;
    let large: Vec<&RateLevel> = rate.levels.iter().filter(|l| !l.too_few && l.rate.is_some()).collect();
    let scene = Scene {
        found,
        outcome,
        grouping,
        compared,
        rate,
        small: rate.levels.iter().filter(|l| l.too_few).collect(),
        withheld: withheld(grouping, rate),
        costs: costs(found, outcome, grouping, &large),
        large,
    };
    let kind = if scene.costs.is_some() { "cost" } else { "rate" };
    Some(Claim {
        id: format!("{kind}.{}.{}", slug(&outcome.name), slug(&grouping.name)),
        topic: format!("{} by {}", outcome.name, grouping.name),
        sentence: scene.sentence() + &scene.small_groups(),
        grade: rate.grade,
        record: scene.record(),
    })
}

/// Groups left out of a comparison where small ones are: of those it has rows of.
fn withheld<'a>(grouping: &Grouping, rate: &'a RateBySegment) -> Vec<&'a str> {
    let mut sizes = vec![0; grouping.labels.len()];
    let place = |level: &RateLevel| grouping.labels.iter().position(|label| *label == level.label);
    for level in &rate.levels {
        if let Some(at) = place(level) {
            sizes[at] = level.n_rows;
        }
    }
    let hidden = grouping.withheld_of(&sizes);
    rate.levels.iter().filter(|l| place(l).is_some_and(|at| hidden[at])).map(|l| l.label.as_str()).collect()
}

impl Scene<'_> {
    fn sentence(&self) -> String {
        let by_rate = |a: &&&RateLevel, b: &&&RateLevel| {
            a.rate.partial_cmp(&b.rate).unwrap_or(std::cmp::Ordering::Equal)
        };
        let (lowest, highest) = match (self.large.iter().min_by(by_rate), self.large.iter().max_by(by_rate)) {
            (Some(lowest), Some(highest)) if self.large.len() > 1 => (*lowest, *highest),
            _ => {
                return format!(
                    "The groups of {} are too small to compare {}.",
                    self.grouping.name,
                    self.outcome.title()
                );
            }
        };
        match self.rate.grade {
            Grade::CannotTell if self.compared.rests_on_small() => format!(
                "{} differs by {} only through groups too small for any claim; among the others it lies between {} and {} ({}).",
                self.outcome.opening(),
                self.grouping.name,
                self.show(lowest),
                self.show(highest),
                p_value(self.compared.p_without_small.unwrap_or(f64::NAN))
            ),
            Grade::CannotTell => self.no_difference(lowest, highest),
            _ => self.cost_difference().unwrap_or_else(|| self.rate_difference(lowest, highest)),
        }
    }

    fn figure(&self, level: &RateLevel) -> String {
        level.rate.map_or_else(|| words::NOTHING.to_owned(), |r| self.rate.show(r))
    }

    /// The figure of a group: with a total, that of one that is withheld would tell a small one.
    fn show(&self, level: &RateLevel) -> String {
        words::group_unless(self.is_withheld(&level.label), &self.figure(level))
    }

    fn is_withheld(&self, label: &str) -> bool {
        self.withheld.contains(&label)
    }

    /// "10.3 % (Basic)"
    fn named(&self, figure: &str, label: &str) -> String {
        words::group_unless(self.is_withheld(label), &format!("{figure} ({label})"))
    }

    /// The test in brackets, with a remark behind it; nothing where there is none.
    fn tested(&self, remark: &str) -> String {
        self.rate.test.as_ref().map_or(String::new(), |t| format!(" ({}{remark})", t.text()))
    }

    fn no_difference(&self, lowest: &RateLevel, highest: &RateLevel) -> String {
        let (low, high) = (self.show(lowest), self.show(highest));
        let tested = self.tested("");
        match self.outcome.kind {
            OutcomeKind::Share => format!(
                "{} and {} show no significant relation: {low} to {high} in every group with enough {}{tested}.",
                words::opening(&self.grouping.name),
                self.outcome.name,
                self.rate.exposure,
            ),
            OutcomeKind::Mean => format!(
                "By {}, the {} shows no supported difference{tested}: between {low} and {high}.",
                self.grouping.name,
                self.outcome.title(),
            ),
            OutcomeKind::Count => format!(
                "By {}, {} shows no supported difference{tested}: between {low} and {high}, which the spread among {} explains.",
                self.grouping.name,
                self.outcome.title(),
                rows_word(self.found.table.kind)
            ),
        }
    }

    /// How values that lie in the order of the groups go: "rises", "falls".
    fn trend(&self, values: &[f64]) -> Option<&'static str> {
        if !self.grouping.is_ordered() || values.len() < 3 {
            None
        } else if values.windows(2).all(|w| w[0] < w[1]) {
            Some("rise")
        } else if values.windows(2).all(|w| w[0] > w[1]) {
            Some("fall")
        } else {
            None
        }
    }

    /// "rises with", "may differ by".
    fn verb(&self, trend: Option<&str>) -> String {
        let (verb, joined) = trend.map_or(("differ", "by"), |t| (t, "with"));
        if self.rate.grade == Grade::Suggestive {
            format!("may {verb} {joined}")
        } else {
            format!("{verb}s {joined}")
        }
    }

    fn cost_difference(&self) -> Option<String> {
        let costs = self.costs.as_ref()?;
        let values: Vec<f64> = costs.levels.iter().map(|c| c.1).collect();
        let trend = self.trend(&values);
        let (first, last) = match trend {
            Some(_) => (costs.levels.first()?, costs.levels.last()?),
            None => (
                costs.levels.iter().min_by(|a, b| a.1.total_cmp(&b.1))?,
                costs.levels.iter().max_by(|a, b| a.1.total_cmp(&b.1))?,
            ),
        };
        let rows = rows_word(self.found.table.kind);
        let end = if self.rate.grade == Grade::Supported {
            format!("the difference holds after correcting for uneven {rows}")
        } else {
            format!("the difference is weak once uneven {rows} are corrected for")
        };
        Some(format!(
            "Cost per {} {} {}, from {} to {}; {end}{}.",
            costs.what,
            self.verb(trend),
            self.grouping.name,
            self.named(&money(first.1, self.found.currency), &first.0),
            self.named(&money(last.1, self.found.currency), &last.0),
            self.tested("")
        ))
    }

    fn rate_difference(&self, lowest: &RateLevel, highest: &RateLevel) -> String {
        let values: Vec<f64> = self.large.iter().filter_map(|l| l.rate).collect();
        let trend = self.trend(&values);
        let (first, last) = if trend == Some("fall") { (highest, lowest) } else { (lowest, highest) };
        let end = |level: &RateLevel| self.named(&self.figure(level), &level.label);
        let n_tests = self.rate.test.as_ref().and_then(|t| t.n_tests).filter(|n| *n > 1);
        let remark = match (self.rate.grade, n_tests) {
            (Grade::Supported, Some(n)) => format!(", also after correcting for {n} comparisons"),
            (Grade::Supported, None) => String::new(),
            _ => ", before correcting for the number of comparisons".to_owned(),
        };
        format!(
            "{} {} {}: {} to {}{}.",
            self.outcome.opening(),
            self.verb(trend),
            self.grouping.name,
            end(first),
            end(last),
            self.tested(&remark)
        )
    }

    /// "PhD (12 people) and Basic (7 people)"; "PhD (12 people) and 2 that are left out".
    fn small_names(&self) -> String {
        let name = |l: &&RateLevel| format!("{} ({})", l.label, self.exposed(l));
        let all: Vec<String> = self.small.iter().map(name).collect();
        let (out, left): (Vec<_>, Vec<_>) = self.small.iter().partition(|l| self.is_withheld(&l.label));
        if out.is_empty() {
            return words::list(&all);
        }
        let mut shared: Vec<String> = left.into_iter().map(name).collect();
        let n_out = count(out.len() as u64);
        shared.push(if shared.is_empty() {
            format!("{n_out} left out here")
        } else {
            format!("{n_out} left out")
        });
        words::instead(&words::list(&all), &words::list(&shared))
    }

    /// "12 people", "1 row".
    fn exposed(&self, level: &RateLevel) -> String {
        let n = decimals(level.exposure, 0);
        let unit = match self.rate.exposure.as_str() {
            "people" if n == "1" => "person",
            "rows" | "ads" | "clicks" | "impressions" if n == "1" => self.rate.exposure.trim_end_matches('s'),
            unit => unit,
        };
        format!("{n} {unit}")
    }

    /// The groups that support no claim, as the end of the sentence.
    fn small_groups(&self) -> String {
        match self.small.as_slice() {
            [] => String::new(),
            [one] => {
                let cases = if one.exposure < self.rate.min_n as f64 {
                    ""
                } else {
                    ", at the average rate fewer than 5 results"
                };
                let shown = format!(
                    " The group {} has {}{cases}, too few for any claim.",
                    one.label,
                    self.exposed(one)
                );
                match self.is_withheld(&one.label) {
                    true => words::instead(&shown, " One small group is left out."),
                    false => shown,
                }
            }
            few if few.len() <= 4 => format!(" Too few for any claim: {}.", self.small_names()),
            many => format!(" {} groups are too small for any claim.", many.len()),
        }
    }

    fn notes(&self) -> Vec<String> {
        let rate = self.rate;
        let mut notes: Vec<String> = self.grouping.note.iter().cloned().collect();
        notes.extend(rate.caution.clone());
        if !self.small.is_empty() {
            let without = match self.compared.p_without_small {
                Some(p) => format!("; without them the test gives {}", p_value(p)),
                None => String::new(),
            };
            notes.push(format!(
                "Too few for a claim (fewer than {} {}, or fewer than 5 results to expect at the average rate): {}{without}.",
                rate.min_n,
                rate.exposure,
                self.small_names()
            ));
        }
        if let Some(skew) = self.compared.skew {
            notes.push(format!(
                "Within the groups the values are skewed (skewness {}), so the test compares ranks; the table shows means.",
                decimals(skew, 1)
            ));
        }
        match self.outcome.kind {
            OutcomeKind::Share => {}
            OutcomeKind::Count => notes.push(format!(
                "Intervals are of ratios of sums, widened by how much {} differ (the dispersion); Wilson's would take every one of the {} for a trial of its own.",
                rows_word(self.found.table.kind),
                rate.exposure
            )),
            OutcomeKind::Mean => notes.push("Intervals are of the means (Student's t).".to_owned()),
        }
        if let Some(n) = rate.test.as_ref().and_then(|t| t.n_tests).filter(|n| *n > 1) {
            notes.push(format!(
                "p is adjusted for {n} comparisons of the same outcome (Holm; Benjamini-Hochberg)."
            ));
        }
        if self.compared.outside.0 > 0 {
            notes.push(format!(
                "{} without {} {} {} of the outcomes: they are in the rates but not in the test.",
                words::rows_of(self.compared.outside.0),
                rate.exposure,
                if self.compared.outside.0 == 1 { "has" } else { "have" },
                decimals(self.compared.outside.1, 0)
            ));
        }
        if self.costs.is_some() {
            notes.push(format!(
                "The test is of {}; costs follow it as far as the cost of {} is alike.",
                self.outcome.title(),
                rate.exposure
            ));
            notes.push("Observed, not randomised: groups may differ in more than this.".to_owned());
        }
        notes
    }

    fn table(&self) -> Vec<Vec<String>> {
        let is_count = self.outcome.kind == OutcomeKind::Count;
        let is_mean = self.outcome.kind == OutcomeKind::Mean;
        let mut header = vec![self.grouping.name.clone(), if is_count { "Rows" } else { "n" }.to_owned()];
        if is_count {
            header.push(capitalised(&self.rate.exposure));
        }
        if !is_mean {
            header.push(self.outcome.name.clone());
        }
        header.extend([capitalised(&self.outcome.title()), "95 % interval".to_owned()]);
        let costs: Vec<f64> = self.costs.iter().flat_map(|c| c.levels.iter().map(|l| l.1)).collect();
        let (cost_digits, outcome_digits) = (
            words::money_digits_of(&costs),
            words::digits_of(&self.rate.levels.iter().map(|l| l.outcome).collect::<Vec<_>>()),
        );
        if let Some(costs) = &self.costs {
            header.push(format!("Cost per {}", costs.what));
        }
        let mut table = vec![header];
        for level in &self.rate.levels {
            let mut row = vec![level.label.clone(), count(level.n_rows)];
            if is_count {
                row.push(decimals(level.exposure, 0));
            }
            if !is_mean {
                row.push(words::with_digits(level.outcome, outcome_digits));
            }
            row.push(level.rate.map_or("undefined".to_owned(), |r| self.rate.show(r)));
            row.push(level.interval.map_or(String::new(), |i| self.rate.show_interval(i)));
            if let Some(costs) = &self.costs {
                let cost = costs.levels.iter().find(|c| c.0 == level.label);
                let shown = |c: &(String, f64)| words::money_to(c.1, self.found.currency, cost_digits);
                row.push(cost.map_or(String::new(), shown));
            }
            table.push(row);
        }
        table
    }

    fn record(&self) -> Record {
        let rate = self.rate;
        let is_count = self.outcome.kind == OutcomeKind::Count;
        let n = if is_count && rate.test.is_some() {
            self.compared.n_tested
        } else {
            rate.levels.iter().map(|l| l.n_rows).sum()
        };
        let all = self.found.table.n_rows() as u64;
        let rows = match n {
            n if n >= all => format!("all {} rows", count(all)),
            n if is_count => format!("{} of {} rows: those with {}", count(n), count(all), rate.exposure),
            n => format!("{} of {} rows: those with a value in both", count(n), count(all)),
        };
        Record {
            estimand: format!("{} by {}", self.outcome.title(), self.grouping.name),
            estimate: rate.overall,
            unit: rate.unit.clone(),
            interval: None,
            level: Some(0.95),
            interval_method: rate.levels.first().map(|l| l.interval_method.clone()),
            n,
            test: rate.test.clone(),
            rows,
            notes: self.notes(),
            table: self.table(),
            shared: None,
        }
    }
}
