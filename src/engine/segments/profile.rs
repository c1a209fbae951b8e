//! Who is in each segment: means in original units, a short name, a sentence, the outcome's rate.

use super::{
    matrix::{SegmentMatrix, mean_and_deviation},
    segmentation::{SegmentProfile, SegmentRate},
};
use crate::engine::{
    data::{
        role::{Role, TableKind},
        table::Table,
    },
    numeric::math,
    order::InOrder,
    statistics::{
        intervals::wilson,
        shrink::{Shrunk, shrink_rates},
    },
    words,
};

/// Columns not clustered on that are shown beside those that were.
const MAX_COLUMNS: usize = 16;
/// From this many standard deviations a mean is worth a word.
const NOTABLE: f64 = 0.35;
const MARKED: f64 = 1.0;
/// So far from the overall mean, as a share of it, and by so many standard deviations, a mean is worth one all the same.
const FAR: f64 = 0.25;
const BARELY: f64 = 0.1;

/// One column of the profile table.
pub struct ProfileColumn {
    /// As shown.
    pub name: String,
    /// Whether rows were clustered on it.
    pub is_clustered: bool,
    /// One entry a row, NaN where missing.
    values: Vec<f64>,
    mean: Option<f64>,
    deviation: f64,
    /// "many" and "few" suit it better than "high" and "low".
    is_count: bool,
    is_level: bool,
    role: Role,
}

/// The clustered columns, then numbers of the table that were not, up to 16.
pub fn columns(table: &Table, matrix: &SegmentMatrix, outcome: Option<&str>) -> Vec<ProfileColumn> {
    let mut columns: Vec<ProfileColumn> = Vec::new();
    for c in &matrix.columns {
        let role = table.column(&c.source).map_or(Role::Number, |column| column.role);
        // Gaps that were filled for clustering stay out of the means.
        let numbers = table
            .column(&c.source)
            .ok()
            .and_then(|column| if c.is_level { None } else { column.as_numbers().map(|v| v.into_owned()) });
        let values = numbers.unwrap_or_else(|| c.original.clone());
        columns.push(column(c.name.clone(), values, role, c.is_level, true));
    }
    for c in table.columns() {
        let is_useful = !matches!(
            c.role,
            Role::Identifier
                | Role::Campaign
                | Role::AdGroup
                | Role::Ad
                | Role::Cost
                | Role::ValuePerResponse
                | Role::Date
                | Role::JoinDate
                | Role::BirthYear
                | Role::Ratio
                | Role::Response
        );
        let is_known = matrix.columns.iter().any(|m| m.source == c.name) || Some(c.name.as_str()) == outcome;
        if columns.len() >= MAX_COLUMNS {
            break;
        }
        if is_useful
            && !is_known
            && let Some(values) = c.as_numbers()
        {
            let column = column(c.name.clone(), values.into_owned(), c.role, false, false);
            if column.deviation > 0.0 {
                columns.push(column);
            }
        }
    }
    columns
}

fn column(name: String, values: Vec<f64>, role: Role, is_level: bool, is_clustered: bool) -> ProfileColumn {
    let known: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
    let (mean, deviation) = mean_and_deviation(&known);
    let is_count = matches!(
        role,
        Role::Kids
            | Role::Teens
            | Role::WebPurchases
            | Role::CatalogPurchases
            | Role::StorePurchases
            | Role::DealPurchases
            | Role::WebVisits
            | Role::Clicks
            | Role::Purchases
            | Role::Enquiries
    );
    let mean = (!known.is_empty()).then_some(mean);
    ProfileColumn { name, is_clustered, values, mean, deviation, is_count, is_level, role }
}

impl ProfileColumn {
    /// Mean of every row.
    pub fn overall(&self) -> Option<f64> {
        self.mean
    }

    /// Mean of one segment.
    fn mean_of(&self, labels: &[u32], segment: u32) -> Option<f64> {
        let (mut sum, mut n) = (0.0, 0_u64);
        for (&v, &l) in self.values.iter().zip(labels) {
            if l == segment && v.is_finite() {
                sum += v;
                n += 1;
            }
        }
        (n > 0).then(|| sum / n as f64)
    }

    /// Sum over one segment, or over every row.
    fn sum_of(&self, labels: &[u32], segment: Option<u32>) -> f64 {
        let mine = self.values.iter().zip(labels).filter(|(_, l)| segment.is_none_or(|s| **l == s));
        math::sum(mine.map(|(v, _)| *v).filter(|v| v.is_finite()))
    }

    /// "high total spending", "few web purchases", "bought lately".
    fn phrase(&self, z: f64) -> String {
        let very = if z.abs() >= 1.5 { "very " } else { "" };
        if self.is_level {
            return if z > 0.0 { self.name.clone() } else { format!("seldom {}", self.name) };
        }
        if self.role == Role::Recency {
            return if z < 0.0 { "bought lately".into() } else { "long since the last purchase".into() };
        }
        let word = match (self.is_count, z > 0.0) {
            (true, true) => "many",
            (true, false) => "few",
            (false, true) => "high",
            (false, false) => "low",
        };
        let what = if self.role == Role::Spend { "spend".to_owned() } else { readable(&self.name) };
        format!("{very}{word} {what}")
    }
}

/// Names written as words lose their capital inside a sentence; names with capitals inside stay as in the file.
fn readable(name: &str) -> String {
    let words = name.replace('_', " ");
    let has_inner_capital = words.split(' ').any(|w| w.chars().skip(1).any(char::is_uppercase));
    if has_inner_capital { name.to_owned() } else { words.to_lowercase() }
}

/// A quantity with as many digits as a mean deserves: "605,798", "20.2", "0.45".
pub fn quantity(value: f64) -> String {
    let decimals = match value.abs() {
        v if v >= 99.95 || (v >= 10.0 && v.fract() == 0.0) => 0,
        v if v >= 9.995 => 1,
        _ => 2,
    };
    words::decimals(value, decimals)
}

/// What rows of a table are called.
pub fn noun(kind: TableKind) -> &'static str {
    match kind {
        TableKind::Customers => "people",
        TableKind::Ads => "ads",
        TableKind::Other => "rows",
    }
}

/// Profiles of segments `0..k`, which must be numbered largest first. `outcome` is 0, 1 or NaN a row.
pub fn profiles(
    kind: TableKind,
    columns: &[ProfileColumn],
    labels: &[u32],
    k: usize,
    outcome: Option<(&str, &[f64])>,
) -> Vec<SegmentProfile> {
    let counts: Vec<(f64, u64)> = (0..k as u32)
        .map(|segment| {
            let Some((_, values)) = outcome else { return (0.0, 0) };
            let mine = values.iter().zip(labels).filter(|(v, l)| **l == segment && v.is_finite());
            mine.fold((0.0, 0), |(sum, n), (v, _)| (sum + v, n + 1))
        })
        .collect();
    let groups: Vec<(f64, f64)> = counts.iter().map(|&(r, n)| (r, n as f64)).collect();
    let shrunk = shrink_rates(&groups);
    let sizes = super::kmeans::sizes(labels, k);
    (0..k as u32)
        .map(|index| {
            let n = sizes[index as usize];
            let means: Vec<Option<f64>> = columns.iter().map(|c| c.mean_of(labels, index)).collect();
            let z: Vec<Option<f64>> = columns
                .iter()
                .zip(&means)
                .map(|(c, m)| {
                    (c.deviation > 0.0).then(|| m.zip(c.mean).map(|(m, all)| (m - all) / c.deviation))?
                })
                .collect();
            let (responses, asked) = counts[index as usize];
            let response = outcome.filter(|_| asked > 0).map(|_| {
                let Shrunk { expected, interval: expected_interval } = shrunk[index as usize];
                SegmentRate {
                    responses,
                    n: asked,
                    rate: responses / asked as f64,
                    interval: wilson(responses, asked as f64).unwrap_or((0.0, 1.0)),
                    expected,
                    expected_interval,
                }
            });
            let share = n as f64 / labels.len().max(1) as f64;
            let marks = marks(columns, &means, &z);
            let mut text = sentence(kind, n, share, columns, &means, &marks, outcome.map(|o| o.0), response);
            text.extend(cost(columns, labels, index));
            SegmentProfile {
                index,
                name: name(index, columns, &marks),
                n,
                share,
                sentence: text,
                means,
                z,
                response,
            }
        })
        .collect()
}

/// Clustered columns in which the segment stands out, most first: (column, z). Where it does in none by the spread, as a
/// long tail makes that wide, those whose mean is far from the overall one.
fn marks(columns: &[ProfileColumn], means: &[Option<f64>], z: &[Option<f64>]) -> Vec<(usize, f64)> {
    let mut all: Vec<(usize, f64)> = z
        .iter()
        .enumerate()
        .filter_map(|(i, z)| z.map(|z| (i, z)))
        .filter(|(i, _)| columns[*i].is_clustered)
        // That a rare level is absent says little.
        .filter(|(i, z)| !columns[*i].is_level || *z > 0.0)
        .collect();
    all.order_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
    if all.first().is_some_and(|(_, z)| z.abs() >= NOTABLE) {
        all.retain(|(_, z)| z.abs() >= NOTABLE);
    } else {
        let is_far = |i: usize| {
            let pair = means[i].zip(columns[i].mean);
            pair.is_some_and(|(mean, overall)| {
                (mean - overall).abs() >= FAR * overall.abs() && mean != overall
            })
        };
        all.retain(|(i, z)| z.abs() >= BARELY && !columns[*i].is_level && is_far(*i));
    }
    all
}

fn name(index: u32, columns: &[ProfileColumn], marks: &[(usize, f64)]) -> String {
    let strongest = marks.first().map_or(0.0, |m| m.1.abs());
    let phrases: Vec<String> = marks
        .iter()
        .take(2)
        .filter(|(_, z)| z.abs() >= strongest * 0.5 || z.abs() >= MARKED)
        .map(|(i, z)| columns[*i].phrase(*z))
        .collect();
    let words = if phrases.is_empty() { "close to the average".to_owned() } else { phrases.join(", ") };
    format!("Segment {}: {words}", index + 1)
}

/// What the segment's ads cost a purchase, by sums: " 4,262 was spent for 71 purchases: 60.03 each, 64.77 overall."
fn cost(columns: &[ProfileColumn], labels: &[u32], segment: u32) -> Option<String> {
    let with_role = |role: Role| columns.iter().find(|c| c.role == role);
    let (spend, purchases) = (with_role(Role::Spend)?, with_role(Role::Purchases)?);
    let each = |of: Option<u32>| {
        let (spent, bought) = (spend.sum_of(labels, of), purchases.sum_of(labels, of));
        (spent, bought, (bought > 0.0).then(|| spent / bought))
    };
    let ((spent, bought, own), (_, _, all)) = (each(Some(segment)), each(None));
    let each = own.map_or_else(
        || "none was bought".to_owned(),
        |own| format!("{} each, {} overall", words::number(own), words::number(all.unwrap_or(own))),
    );
    let noun = if bought == 1.0 { "purchase" } else { "purchases" };
    Some(format!(" {} was spent for {} {noun}: {each}.", quantity(spent), words::number(bought)))
}

#[allow(clippy::too_many_arguments)]
fn sentence(
    kind: TableKind,
    n: u64,
    share: f64,
    columns: &[ProfileColumn],
    means: &[Option<f64>],
    marks: &[(usize, f64)],
    outcome: Option<&str>,
    response: Option<SegmentRate>,
) -> String {
    let facts: Vec<String> = marks
        .iter()
        .take(3)
        .filter_map(|(i, _)| {
            let (mean, all) = (means[*i]?, columns[*i].mean?);
            Some(if columns[*i].is_level {
                format!(
                    "{} for {} against {} overall",
                    columns[*i].name,
                    words::percent(mean),
                    words::percent(all)
                )
            } else {
                format!(
                    "{} {} on average against {} overall",
                    readable(&columns[*i].name),
                    quantity(mean),
                    quantity(all)
                )
            })
        })
        .collect();
    let mut text = format!("{} {} ({})", words::decimals(n as f64, 0), noun(kind), words::percent(share));
    if facts.is_empty() {
        text.push_str(": close to the average in every column clustered on");
    } else {
        text.push_str(": ");
        text.push_str(&facts.join("; "));
    }
    text.push('.');
    if let (Some(outcome), Some(r)) = (outcome, response) {
        text.push_str(&format!(
            " {outcome}: {} ({}).",
            words::percent(r.rate),
            words::percent_interval(r.interval)
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ads_cost_what_their_sums_say() {
        let column =
            |name: &str, role, values: &[f64]| column(name.into(), values.to_vec(), role, false, false);
        let columns = [
            column("Spent", Role::Spend, &[10.0, 30.0, 5.0, f64::NAN]),
            column("Purchases", Role::Purchases, &[1.0, 3.0, 0.0, 0.0]),
        ];
        let labels = [0, 0, 1, 1];
        assert_eq!(
            cost(&columns, &labels, 0).unwrap(),
            " 40 was spent for 4 purchases: 10 each, 11.25 overall."
        );
        assert_eq!(cost(&columns, &labels, 1).unwrap(), " 5.00 was spent for 0 purchases: none was bought.");
        assert_eq!(cost(&columns[..1], &labels, 0), None);
    }

    #[test]
    fn half_of_the_average_is_not_close_to_it() {
        // One ad in fifty is so large that nothing else is far by the spread.
        let mut values = vec![10.0; 100];
        values[50..].fill(20.0);
        values[98..].fill(1_500.0);
        let labels: Vec<u32> = (0..100).map(|i| u32::from(i >= 50)).collect();
        let profile = |values: Vec<f64>| {
            let clicks = [column("Clicks".into(), values, Role::Clicks, false, true)];
            profiles(TableKind::Ads, &clicks, &labels, 2, None).remove(0)
        };
        let few = profile(values);
        assert!(few.z[0].unwrap().abs() < NOTABLE, "{few:?}");
        assert_eq!(few.name, "Segment 1: few clicks");
        assert_eq!(few.sentence, "50 ads (50.0 %): clicks 10 on average against 44.6 overall.");
        let alike = profile((0..100).map(|i| 10.0 + f64::from(i % 5)).collect());
        assert_eq!(alike.name, "Segment 1: close to the average");
        assert_eq!(alike.sentence, "50 ads (50.0 %): close to the average in every column clustered on.");
    }

    #[test]
    fn names_read_as_words_and_stay_as_in_the_file() {
        assert_eq!(readable("Total_Spending"), "total spending");
        assert_eq!(readable("Total spending"), "total spending");
        assert_eq!(readable("MntMeatProducts"), "MntMeatProducts");
    }
}
