//! Findings: claims made from comparisons, correlations and key figures. No sentence without its record.

use crate::engine::{
    data::{
        column::{Dictionary, Values},
        role::{Role, TableKind},
        table::Table,
    },
    words::{self, capitalised, count, decimals, money, p_value, percent, statistic},
};

use super::{
    claim::{Claim, Grade, Record, TestRecord},
    correlation::correlation_test,
    exploration::{Correlation, RateLevel},
    intervals::wilson,
    rates::{Compared, Outcome, OutcomeKind},
    segment::Grouping,
};

/// Everything the claims draw on.
pub(super) struct Found<'a> {
    pub table: &'a Table,
    pub currency: Option<&'a str>,
    pub outcome: Option<&'a Outcome>,
    pub groupings: &'a [&'a Grouping],
    pub compared: &'a [Compared],
    pub available: &'a [Grouping],
    pub correlations: &'a [Correlation],
}

/// All claims: the whole first, then what is supported, then what is not, then how columns hang together.
pub(super) fn claims(found: &Found) -> Vec<Claim> {
    let mut out = Vec::new();
    out.extend(overall(found));
    let mut by_segment: Vec<Claim> =
        found.groupings.iter().zip(found.compared).filter_map(|(g, c)| segment_claim(found, g, c)).collect();
    // The firmest first, among them the largest effect.
    let effect =
        |c: &Claim| c.record.test.as_ref().and_then(|t| t.effect.as_ref()).map_or(0.0, |e| e.1.abs());
    let place = |c: &Claim| match c.grade {
        Grade::Supported => 0,
        Grade::Suggestive => 1,
        Grade::CannotTell => 2,
    };
    by_segment.sort_by(|a, b| place(a).cmp(&place(b)).then(effect(b).total_cmp(&effect(a))));
    out.extend(by_segment);
    out.extend(campaigns(found));
    out.extend(concentration(found));
    out.extend(correlations(found));
    out
}

/// How a test is written in a sentence: "chi² = 1.23, 4 df, p = 0.87" or "F(3, 932) = 18.1, p < 0.001, dispersion 4.08".
fn test_text(test: &TestRecord) -> String {
    let value = statistic(test.statistic);
    let mut text = match test.dof.as_slice() {
        [one] => format!("{} = {value}, {} df, {}", test.symbol, words::number(one.round()), p_value(test.p)),
        [a, b] => {
            format!(
                "{}({}, {}) = {value}, {}",
                test.symbol,
                decimals(*a, 0),
                decimals(*b, 0),
                p_value(test.p)
            )
        }
        _ => format!("{} = {value}, {}", test.symbol, p_value(test.p)),
    };
    if let Some(dispersion) = test.dispersion {
        text += &format!(", dispersion {}", decimals(dispersion, 2));
    }
    text
}

/// Supported: holds after correcting for all comparisons (Holm) and without the groups that are too small. Suggestive:
/// only before correcting, or nearly after. Cannot tell: everything else.
fn grade(compared: &Compared) -> Grade {
    let Some(test) = &compared.rate.test else { return Grade::CannotTell };
    let large = compared.rate.levels.iter().filter(|l| !l.too_few).count();
    if large < 2 {
        return Grade::CannotTell;
    }
    let factor = if test.p > 0.0 { test.p_holm.unwrap_or(test.p) / test.p } else { 1.0 };
    let p = compared.p_without_small.map_or(test.p, |p| p.max(test.p));
    let adjusted = (p * factor).min(1.0);
    if adjusted < 0.05 {
        Grade::Supported
    } else if p < 0.05 || adjusted < 0.1 {
        Grade::Suggestive
    } else {
        Grade::CannotTell
    }
}

fn segment_claim(found: &Found, grouping: &Grouping, compared: &Compared) -> Option<Claim> {
    let outcome = found.outcome?;
    let rate = &compared.rate;
    let grade = grade(compared);
    let large: Vec<&RateLevel> = rate.levels.iter().filter(|l| !l.too_few && l.rate.is_some()).collect();
    let small: Vec<&RateLevel> = rate.levels.iter().filter(|l| l.too_few).collect();
    let lowest =
        large.iter().copied().min_by(|a, b| a.rate.partial_cmp(&b.rate).unwrap_or(std::cmp::Ordering::Equal));
    let highest =
        large.iter().copied().max_by(|a, b| a.rate.partial_cmp(&b.rate).unwrap_or(std::cmp::Ordering::Equal));
    let tested = rate.test.as_ref().map(test_text);
    let in_brackets = tested.as_ref().map_or(String::new(), |t| format!(" ({t})"));
    let show = |l: &RateLevel| outcome.show(l.rate.unwrap_or(f64::NAN));
    let title = outcome.title();
    let rows = rows_word(found.table.kind);
    let costs = costs(found, outcome, grouping, &large);
    let trend = |values: &[f64]| -> Option<&'static str> {
        if !grouping.is_ordered() || values.len() < 3 {
            None
        } else if values.windows(2).all(|w| w[0] < w[1]) {
            Some("rises with")
        } else if values.windows(2).all(|w| w[0] > w[1]) {
            Some("falls with")
        } else {
            None
        }
    };
    let corrected = rate
        .test
        .as_ref()
        .and_then(|t| t.n_tests)
        .filter(|n| *n > 1)
        .map_or(String::new(), |n| format!(", also after correcting for {n} comparisons"));

    let rests_on_small =
        rate.test.as_ref().is_some_and(|t| t.p < 0.05) && compared.p_without_small.is_some_and(|p| p >= 0.05);
    let mut sentence = match (grade, lowest, highest) {
        (Grade::CannotTell, Some(lowest), Some(highest)) if rests_on_small => format!(
            "{} differs by {} only through groups too small for any claim; among the others it lies between {} and {} \
             ({}).",
            capitalised(&title),
            grouping.name,
            show(lowest),
            show(highest),
            p_value(compared.p_without_small.unwrap_or(f64::NAN))
        ),
        (Grade::Supported | Grade::Suggestive, Some(lowest), Some(highest)) => {
            let hedge = if grade == Grade::Suggestive { "may " } else { "" };
            match &costs {
                Some(costs) => {
                    let values: Vec<f64> = costs.levels.iter().map(|c| c.1).collect();
                    let (first, last, how) = match trend(&values) {
                        Some(how) => (costs.levels.first(), costs.levels.last(), how),
                        None => (
                            costs.levels.iter().min_by(|a, b| a.1.total_cmp(&b.1)),
                            costs.levels.iter().max_by(|a, b| a.1.total_cmp(&b.1)),
                            "differs by",
                        ),
                    };
                    let (first, last) = (first?, last?);
                    let end = if grade == Grade::Supported {
                        format!("the difference holds after correcting for uneven {rows}{in_brackets}")
                    } else {
                        format!("the difference is weak once uneven {rows} are corrected for{in_brackets}")
                    };
                    format!(
                        "Cost per {} {how} {}, from {} ({}) to {} ({}); {end}.",
                        costs.what,
                        grouping.name,
                        money(first.1, found.currency),
                        first.0,
                        money(last.1, found.currency),
                        last.0,
                    )
                }
                None => {
                    let values: Vec<f64> = large.iter().filter_map(|l| l.rate).collect();
                    let (how, first, last) = match trend(&values) {
                        Some("rises with") => ("rise with", lowest, highest),
                        Some(_) => ("fall with", highest, lowest),
                        None => ("differ by", lowest, highest),
                    };
                    let verb =
                        if hedge.is_empty() { how.replacen(' ', "s ", 1) } else { format!("{hedge}{how}") };
                    format!(
                        "{} {verb} {}: {} ({}) to {} ({}){}.",
                        capitalised(&title),
                        grouping.name,
                        show(first),
                        first.label,
                        show(last),
                        last.label,
                        tested.as_ref().map_or(String::new(), |t| format!(
                            " ({t}{})",
                            if grade == Grade::Supported {
                                corrected.as_str()
                            } else {
                                ", before correcting for the number of comparisons"
                            }
                        )),
                    )
                }
            }
        }
        (_, Some(lowest), Some(highest)) if outcome.kind == OutcomeKind::Count => format!(
            "{} shows no supported difference in {title}{in_brackets}: between {} and {}, which the spread among {rows} explains.",
            grouping.name,
            show(lowest),
            show(highest)
        ),
        (_, Some(lowest), Some(highest)) if large.len() > 1 => format!(
            "{} and {} show no significant relation: {} to {} in every group with enough {}{in_brackets}.",
            grouping.name,
            outcome.name,
            show(lowest),
            show(highest),
            rate.exposure
        ),
        _ => format!("The groups of {} are too small to compare {title}.", grouping.name),
    };
    let mut notes: Vec<String> = grouping.note.iter().cloned().collect();
    if !small.is_empty() {
        let names: Vec<String> = small
            .iter()
            .map(|l| format!("{} ({} {})", l.label, decimals(l.exposure, 0), rate.exposure))
            .collect();
        if let [one] = small.as_slice() {
            let cases =
                if one.exposure < rate.min_n as f64 { "" } else { " and fewer than 5 expected cases" };
            let has = format!("{} {}{cases}", decimals(one.exposure, 0), rate.exposure);
            sentence += &format!(" The group {} has {has}, too few for any claim.", one.label);
        } else if small.len() <= 4 {
            sentence += &format!(" Too few for any claim: {}.", words::list(&names));
        } else {
            sentence += &format!(" {} groups are too small for any claim.", small.len());
        }
        let without = compared
            .p_without_small
            .map_or(String::new(), |p| format!("; without them the test gives {}", p_value(p)));
        notes.push(format!(
            "Too few for a claim (below {} {}, or fewer than 5 expected cases): {}{without}.",
            rate.min_n,
            rate.exposure,
            words::list(&names)
        ));
    }
    if let Some(n) = rate.test.as_ref().and_then(|t| t.n_tests).filter(|n| *n > 1) {
        notes.push(format!(
            "p is adjusted for {n} comparisons of the same outcome (Holm; Benjamini-Hochberg)."
        ));
    }
    if compared.outside.0 > 0 {
        notes.push(format!(
            "{} rows without {} have {} of the outcomes: they are in the rates but not in the test.",
            count(compared.outside.0),
            rate.exposure,
            decimals(compared.outside.1, 0)
        ));
    }
    if costs.is_some() {
        notes.push(format!(
            "The test is of {title}; costs follow it as far as the cost of {} is alike.",
            rate.exposure
        ));
        notes.push("Observed, not randomised: groups may differ in more than this.".to_owned());
    }
    let head = |s: &str| s.to_owned();
    let mut table = vec![vec![
        head(&grouping.name),
        head(match outcome.kind {
            OutcomeKind::Count => "Rows",
            _ => "n",
        }),
    ]];
    if outcome.kind == OutcomeKind::Count {
        table[0].push(capitalised(&rate.exposure));
    }
    if outcome.kind != OutcomeKind::Mean {
        table[0].push(outcome.name.clone());
    }
    table[0].extend([capitalised(&title), head("95 % interval")]);
    if let Some(costs) = &costs {
        table[0].push(format!("Cost per {}", costs.what));
    }
    for level in &rate.levels {
        let mut row = vec![level.label.clone(), count(level.n_rows)];
        if outcome.kind == OutcomeKind::Count {
            row.push(decimals(level.exposure, 0));
        }
        if outcome.kind != OutcomeKind::Mean {
            row.push(words::number(level.outcome));
        }
        row.push(level.rate.map_or("undefined".to_owned(), |r| outcome.show(r)));
        row.push(level.interval.map_or(String::new(), |i| words::interval_of(i, |v| outcome.show(v))));
        if let Some(costs) = &costs {
            let cost = costs.levels.iter().find(|c| c.0 == level.label);
            row.push(cost.map_or(String::new(), |c| money(c.1, found.currency)));
        }
        table.push(row);
    }
    let kind = if costs.is_some() { "cost" } else { "rate" };
    let n = match outcome.kind {
        OutcomeKind::Count => compared.n_tested,
        _ => rate.levels.iter().map(|l| l.n_rows).sum(),
    };
    let all = found.table.n_rows() as u64;
    Some(Claim {
        id: format!("{kind}.{}.{}", slug(&outcome.name), slug(&grouping.name)),
        topic: format!("{} by {}", outcome.name, grouping.name),
        sentence,
        grade,
        record: Record {
            estimand: format!("{title} by {}", grouping.name),
            estimate: Some(rate.overall),
            unit: if outcome.kind == OutcomeKind::Mean || outcome.per != 1.0 {
                String::new()
            } else {
                "%".to_owned()
            },
            interval: None,
            level: Some(0.95),
            interval_method: rate.levels.first().map(|l| l.interval_method.clone()),
            n,
            test: rate.test.clone(),
            rows: match outcome.kind {
                OutcomeKind::Count if n < all => {
                    format!("{} of {} rows: those with {}", count(n), count(all), rate.exposure)
                }
                _ if n < all => format!("{} of {} rows: those with a value in both", count(n), count(all)),
                _ => format!("all {} rows", count(all)),
            },
            notes,
            table,
        },
    })
}

struct Costs {
    /// "purchase", "enquiry".
    what: &'static str,
    /// Label and cost of each level that has outcomes and is large enough.
    levels: Vec<(String, f64)>,
}

/// Cost per outcome by level, where the table has spend and the outcome is a conversion.
fn costs(found: &Found, outcome: &Outcome, grouping: &Grouping, large: &[&RateLevel]) -> Option<Costs> {
    let what = match outcome.role {
        Role::Purchases => "purchase",
        Role::Enquiries => "enquiry",
        _ => return None,
    };
    // Per click alone: costs a click are much alike, so that a test of purchases per click speaks for their cost.
    if outcome.kind != OutcomeKind::Count || outcome.exposure_label != "clicks" {
        return None;
    }
    let spend = found.table.with_role(Role::Spend)?;
    let spend = spend.as_numbers()?;
    let mut sums = vec![(0.0, 0.0); grouping.labels.len()];
    for ((&code, &cost), &y) in grouping.codes.iter().zip(spend.iter()).zip(&outcome.values) {
        if let Some(sum) = sums.get_mut(code as usize)
            && !cost.is_nan()
            && !y.is_nan()
        {
            sum.0 += cost;
            sum.1 += y;
        }
    }
    let levels: Vec<(String, f64)> = grouping
        .labels
        .iter()
        .zip(sums)
        .filter(|(label, s)| s.1 > 0.0 && large.iter().any(|l| &l.label == *label))
        .map(|(label, s)| (label.clone(), s.0 / s.1))
        .collect();
    (levels.len() > 1).then_some(Costs { what, levels })
}

/// The outcome as a whole, with break-even where cost and value are known.
fn overall(found: &Found) -> Option<Claim> {
    let outcome = found.outcome?;
    let used: Vec<(f64, f64)> = outcome
        .values
        .iter()
        .zip(&outcome.exposure)
        .filter(|(y, e)| !y.is_nan() && !e.is_nan())
        .map(|(&y, &e)| (y, e))
        .collect();
    let (y, e) = used.iter().fold((0.0, 0.0), |s, u| (s.0 + u.0, s.1 + u.1));
    if e <= 0.0 {
        return None;
    }
    let n = used.len() as u64;
    let all = found.table.n_rows() as u64;
    let rows = if n == all {
        format!("all {} rows", count(all))
    } else {
        format!("{} of {} rows", count(n), count(all))
    };
    let mut record = Record {
        estimand: outcome.title(),
        estimate: Some(outcome.per * y / e),
        n,
        rows,
        ..Record::default()
    };
    let mut sentence = match outcome.kind {
        OutcomeKind::Share => {
            record.interval = wilson(y, e);
            record.level = Some(0.95);
            record.interval_method = Some("Wilson".to_owned());
            record.unit = "%".to_owned();
            let (low, high) = record.interval?;
            let verb = match outcome.role {
                Role::Response => "responded".to_owned(),
                _ => format!("have {} = yes", outcome.name),
            };
            format!(
                "{} of {} {} {verb}: {} (95 % interval {}).",
                decimals(y, 0),
                decimals(e, 0),
                outcome.exposure_label,
                percent(y / e),
                words::interval_of((low, high), percent)
            )
        }
        OutcomeKind::Count => {
            if outcome.per == 1.0 {
                record.unit = "%".to_owned();
            }
            format!(
                "{} {} from {} {}, {}.",
                decimals(y, 0),
                lower_name(outcome),
                decimals(e, 0),
                outcome.exposure_label,
                if outcome.per == 1.0 && y < e && !matches!(outcome.role, Role::Spend | Role::Value) {
                    format!("{} in 100", decimals(100.0 * y / e, 1))
                } else {
                    format!("{} {}", outcome.show(outcome.per * y / e), outcome.title())
                }
            )
        }
        OutcomeKind::Mean => format!("The mean of {} is {}.", outcome.name, words::number(y / e)),
    };
    let numbers = |role: Role| found.table.with_role(role).and_then(|c| c.as_numbers());
    if outcome.role == Role::Response
        && let (Some(cost), Some(value)) = (numbers(Role::Cost), numbers(Role::ValuePerResponse))
    {
        let (cost, value) = (cost.first().copied()?, value.first().copied()?);
        if cost > 0.0 && value > 0.0 {
            sentence += &format!(
                " Contacting everyone {} {}: a response is worth {} and a contact costs {}, so contacting pays where more than {} respond.",
                if value * y >= cost * e { "gained" } else { "lost" },
                money((value * y - cost * e).abs(), found.currency),
                words::number(value),
                words::number(cost),
                percent(cost / value)
            );
            record.notes.push(
                "Everyone was contacted: the rate is a propensity, not the effect of the contact.".to_owned(),
            );
        }
    }
    if outcome.kind == OutcomeKind::Count
        && let Some(spend) = numbers(Role::Spend)
        && y > 0.0
        && outcome.exposure_label != "spend"
        && !matches!(outcome.role, Role::Spend | Role::Value)
    {
        let total: f64 = spend.iter().filter(|v| !v.is_nan()).sum();
        sentence += &format!(
            " They cost {} in all, {} each.",
            money(total, found.currency),
            money(total / y, found.currency)
        );
        let without = used.iter().filter(|u| u.1 == 0.0 && u.0 > 0.0).count() as u64;
        let above = used.iter().filter(|u| u.0 > u.1).count() as u64;
        if without > 0 {
            record.notes.push(format!(
                "{} rows have {} without {}: view-through conversions, kept.",
                count(without),
                lower_name(outcome),
                outcome.exposure_label
            ));
        }
        if above > 0 {
            record.notes.push(format!(
                "In {} rows there are more {} than {}: the rate is no probability, so no binomial interval is used.",
                count(above),
                lower_name(outcome),
                outcome.exposure_label
            ));
        }
    }
    record.table = vec![
        vec![outcome.name.clone(), capitalised(&outcome.exposure_label), capitalised(&outcome.title())],
        vec![words::number(y), words::number(e), outcome.show(outcome.per * y / e)],
    ];
    Some(Claim {
        id: format!("overall.{}", slug(&outcome.name)),
        topic: outcome.name.clone(),
        sentence,
        grade: Grade::Supported,
        record,
    })
}

fn lower_name(outcome: &Outcome) -> String {
    match outcome.role {
        Role::Purchases | Role::Enquiries | Role::Clicks => outcome.role.label().to_lowercase(),
        _ => outcome.name.clone(),
    }
}

/// Campaigns of very different cost: comparisons over all of them mix who was shown with where.
fn campaigns(found: &Found) -> Option<Claim> {
    let outcome = found.outcome?;
    let campaign = found.available.iter().find(|g| g.role == Role::Campaign)?;
    let spend_column = found.table.with_role(Role::Spend)?;
    let spend = spend_column.as_numbers()?;
    if !matches!(outcome.role, Role::Purchases | Role::Enquiries) {
        return None;
    }
    let what = if outcome.role == Role::Purchases { "purchase" } else { "enquiry" };
    let mut sums = vec![(0_u64, 0.0, 0.0); campaign.labels.len()];
    for ((&code, &cost), &y) in campaign.codes.iter().zip(spend.iter()).zip(&outcome.values) {
        if let Some(s) = sums.get_mut(code as usize)
            && !cost.is_nan()
            && !y.is_nan()
        {
            *s = (s.0 + 1, s.1 + cost, s.2 + y);
        }
    }
    let costs: Vec<(usize, f64)> =
        (0..sums.len()).filter(|&i| sums[i].2 > 0.0).map(|i| (i, sums[i].1 / sums[i].2)).collect();
    let low = costs.iter().min_by(|a, b| a.1.total_cmp(&b.1))?;
    let high = costs.iter().max_by(|a, b| a.1.total_cmp(&b.1))?;
    if high.1 < 2.0 * low.1 {
        return None;
    }
    let largest = (0..sums.len()).max_by(|&a, &b| sums[a].1.total_cmp(&sums[b].1))?;
    let mut notes = vec!["A difference between groups over all campaigns can come from the campaigns they ran in (Simpson's paradox).".to_owned()];
    // The most split-up other grouping, inside the largest campaign alone.
    let inside = found.groupings.iter().find(|g| g.role != Role::Campaign && g.is_ordered());
    let mut sentence = format!(
        "Campaigns differ most: cost per {what} is {} in {} and {} in {}. Compare groups within a campaign before moving money.",
        money(low.1, found.currency),
        campaign.labels[low.0],
        money(high.1, found.currency),
        campaign.labels[high.0],
    );
    let mut table = vec![vec![
        campaign.name.clone(),
        "Rows".to_owned(),
        "Spend".to_owned(),
        outcome.name.clone(),
        format!("Cost per {what}"),
    ]];
    for (label, s) in campaign.labels.iter().zip(&sums) {
        table.push(vec![
            label.clone(),
            count(s.0),
            money(s.1, found.currency),
            words::number(s.2),
            if s.2 > 0.0 {
                money(s.1 / s.2, found.currency)
            } else {
                format!("> {}", money(s.1, found.currency))
            },
        ]);
    }
    if let Some(inner) = inside {
        let mut cells = vec![(0.0, 0.0); inner.labels.len()];
        for (row, &code) in inner.codes.iter().enumerate() {
            let is_inside = campaign.codes.get(row) == Some(&(largest as u32));
            if let Some(cell) = cells.get_mut(code as usize)
                && is_inside
                && code != Dictionary::MISSING
            {
                cell.0 += spend[row];
                cell.1 += outcome.values[row];
            }
        }
        let shown: Vec<String> = inner
            .labels
            .iter()
            .zip(&cells)
            .filter(|(_, c)| c.1 > 0.0)
            .map(|(l, c)| format!("{} ({l})", money(c.0 / c.1, found.currency)))
            .collect();
        if shown.len() > 1 {
            let name = &campaign.labels[largest];
            sentence += &format!(" Within {name} alone it is {} by {}.", words::list(&shown), inner.name);
            notes.push(format!("{name} is the campaign with the most spend."));
        }
    }
    let all = found.table.n_rows() as u64;
    let test = found
        .groupings
        .iter()
        .zip(found.compared)
        .find(|(g, _)| g.name == campaign.name)
        .map(|(_, c)| (c.rate.test.clone(), grade(c)));
    let (test, grade) = test.unwrap_or((None, Grade::CannotTell));
    Some(Claim {
        id: format!("simpson.{}.{}", slug(&outcome.name), slug(&campaign.name)),
        topic: "Campaigns".to_owned(),
        sentence,
        grade,
        record: Record {
            estimand: format!("cost per {what} by {}", campaign.name),
            unit: found.currency.unwrap_or_default().to_owned(),
            n: all,
            test,
            rows: format!("all {} rows", count(all)),
            notes,
            table,
            ..Record::default()
        },
    })
}

/// How much of the spending the top fifth of customers holds.
fn concentration(found: &Found) -> Option<Claim> {
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
    totals.sort_unstable_by(|a, b| b.total_cmp(a));
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

/// Pairs that say nearly the same, or else the strongest relation there is.
fn correlations(found: &Found) -> Vec<Claim> {
    let Some(pearson) = found.correlations.first() else { return Vec::new() };
    let spearman = found.correlations.get(1);
    let sources = |name: &str| -> Vec<String> {
        found.table.column(name).map_or(Vec::new(), |c| {
            let mut all: Vec<String> = c.made_from.iter().map(|(n, _)| n.clone()).collect();
            all.push(c.name.clone());
            all
        })
    };
    let mut pairs = Vec::new();
    for (i, row) in pearson.values.iter().enumerate() {
        for (j, value) in row.iter().enumerate().take(i) {
            if let Some(r) = value {
                let (a, b) = (sources(&pearson.columns[j]), sources(&pearson.columns[i]));
                // A column and what was computed from it must be alike: no finding.
                if !a.iter().any(|name| b.contains(name)) {
                    pairs.push((j, i, *r));
                }
            }
        }
    }
    pairs.sort_by(|a, b| b.2.abs().total_cmp(&a.2.abs()).then((a.0, a.1).cmp(&(b.0, b.1))));
    let same: Vec<_> = pairs.iter().copied().filter(|p| p.2.abs() >= 0.9).take(3).collect();
    let chosen = if same.is_empty() {
        pairs.iter().copied().filter(|p| p.2.abs() >= 0.1).take(3).collect()
    } else {
        same
    };
    let header = ["Columns", "Pearson r", "Spearman r", "n"].map(str::to_owned).to_vec();
    let mut out = Vec::new();
    for (i, j, r) in chosen {
        let (a, b) = (&pearson.columns[i], &pearson.columns[j]);
        let n = both(found.table, a, b);
        let Some((t, p, interval)) = correlation_test(r, n) else { continue };
        let rank = spearman.and_then(|s| s.values[i][j]);
        let digits = if r.abs() >= 0.9 { 3 } else { 2 };
        let r_text = decimals(r, digits);
        let sentence = if r.abs() >= 0.9 {
            format!(
                "{a} and {b} say nearly the same (r = {r_text}): use one of them, or expect their effects to be inseparable."
            )
        } else {
            let how = if r > 0.0 { "rises with" } else { "falls as" };
            let tail = if r > 0.0 { "" } else { " rises" };
            format!(
                "{b} {how} {a}{tail} (r = {r_text}, n = {}): among the strongest linear relations in the file.",
                count(n)
            )
        };
        let n_pairs = pairs.len() as u64;
        let p_holm = (p * n_pairs as f64).min(1.0);
        out.push(Claim {
            id: format!("correlation.{}.{}", slug(a), slug(b)),
            topic: format!("{a} and {b}"),
            sentence,
            grade: if p_holm < 0.05 {
                Grade::Supported
            } else if p < 0.05 {
                Grade::Suggestive
            } else {
                Grade::CannotTell
            },
            record: Record {
                estimand: format!("Pearson correlation of {a} and {b}"),
                estimate: Some(r),
                interval: Some(interval),
                level: Some(0.95),
                interval_method: Some("Fisher's z".to_owned()),
                n,
                test: Some(TestRecord {
                    name: "t of a correlation".to_owned(),
                    why: "Two quantities measured on the same rows".to_owned(),
                    symbol: "t".to_owned(),
                    statistic: t,
                    dof: vec![n as f64 - 2.0],
                    p,
                    p_holm: Some(p_holm),
                    p_bh: None,
                    n_tests: Some(n_pairs),
                    dispersion: None,
                    effect: Some(("r".to_owned(), r)),
                }),
                rows: format!("{} rows with both values", count(n)),
                notes: vec![format!(
                    "The strongest of {n_pairs} pairs; p is adjusted for that many (Bonferroni)."
                )],
                table: vec![
                    header.clone(),
                    vec![
                        format!("{a}, {b}"),
                        decimals(r, 3),
                        rank.map_or(String::new(), |v| decimals(v, 3)),
                        count(n),
                    ],
                ],
                ..Record::default()
            },
        });
    }
    out
}

fn both(table: &Table, a: &str, b: &str) -> u64 {
    match (table.column(a), table.column(b)) {
        (Ok(a), Ok(b)) => match (&a.values, &b.values) {
            (Values::Number(x), Values::Number(y)) => {
                x.iter().zip(y).filter(|(x, y)| !x.is_nan() && !y.is_nan()).count() as u64
            }
            _ => 0,
        },
        _ => 0,
    }
}

/// What a row is called.
pub(super) fn rows_word(kind: TableKind) -> &'static str {
    match kind {
        TableKind::Customers => "people",
        TableKind::Ads => "ads",
        TableKind::Other => "rows",
    }
}

/// Key of a name: lower case, words joined by underscores.
fn slug(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_alphanumeric() {
            out.extend(c.to_lowercase());
        } else if !out.ends_with('_') && !out.is_empty() {
            out.push('_');
        }
    }
    out.trim_end_matches('_').to_owned()
}
