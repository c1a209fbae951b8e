//! Columns made by putting the mean of the target in place of a category: plain, smoothed or leaving out the row itself.
//!
//! Such a column holds the target of the very rows that are predicted. A plain one betrays itself: the rows with one of its
//! values have exactly that value as their mean target. The other two need the category they were made from.

use std::collections::HashMap;

use super::{Detector, Numbers, Scene, Sign, Weight, distinct, of_rows};
use crate::engine::{
    data::column::{ColumnType, Dictionary},
    numeric::math,
    words::count,
};

/// Different values, at least: two groups can have round means by chance.
const FEWEST_VALUES: usize = 3;

/// Different values at most, as a share of the rows of the sample.
const MOST_VALUES: f64 = 0.5;

/// The share of rows that must agree.
const AGREED: f64 = 0.99;

/// See above.
pub struct Encoded;

impl Detector for Encoded {
    fn look(&self, scene: &Scene<'_>, found: &[Sign]) -> Vec<Sign> {
        let goal = &scene.goal.name;
        let is_suspect = |c: &&Numbers<'_>| !super::is_blocked(found, c.name()) && could_be_means(c, scene);
        let suspects: Vec<&Numbers<'_>> = scene.numbers.iter().filter(is_suspect).collect();
        if suspects.is_empty() {
            return Vec::new();
        }
        let groups: Vec<Groups<'_>> =
            scene.table.columns().iter().filter_map(|c| Groups::of(c, scene)).collect();
        let mut signs = Vec::new();
        for column in suspects {
            let all = column.all();
            let by_group = groups.iter().find_map(|g| Some((g, g.explains(&all, scene)?)));
            let reason = match by_group {
                Some((group, (how, hits, n))) => {
                    format!("It is the mean of {goal} by {}{how} in {}.", group.name, of_rows(hits, n))
                }
                None => match is_own_mean(&all, scene.y) {
                    Some(n_values) => format!(
                        "It is a mean of {goal}: for each of its {} values, the rows that have it have exactly that {goal} \
                         on average.",
                        count(n_values)
                    ),
                    None => continue,
                },
            };
            let column = column.name().to_owned();
            signs.push(Sign { column, weight: Weight::Blocks, reason });
        }
        signs
    }
}

/// Whether a column has as few values, and as much on average, as means of the target have. Leaving out the row itself
/// gives two values a group where the target is yes or no, and more where it is not.
fn could_be_means(column: &Numbers<'_>, scene: &Scene<'_>) -> bool {
    let pairs = || column.sample.iter().zip(&scene.y_sample).filter(|(c, _)| !c.is_nan());
    let n = pairs().count() as f64;
    if n < 10.0 {
        return false;
    }
    let (mc, my) = (math::sum(pairs().map(|p| *p.0)) / n, math::sum(pairs().map(|p| *p.1)) / n);
    let sd = (math::sum(pairs().map(|(_, y)| (y - my) * (y - my))) / n).sqrt();
    let bounds = |v: &[f64]| v.iter().fold((f64::MAX, f64::MIN), |(lo, hi), &v| (lo.min(v), hi.max(v)));
    let (low, high) = bounds(&scene.y_sample);
    let is_within = column.sample.iter().all(|&c| c.is_nan() || (low..=high).contains(&c));
    let n_values = distinct(column.sample.iter().copied(), usize::MAX);
    is_within && (mc - my).abs() <= 0.5 * sd && n_values >= FEWEST_VALUES
}

/// Sums of the target by the levels of a category.
struct Groups<'a> {
    name: &'a str,
    codes: &'a [u32],
    n: Vec<f64>,
    sums: Vec<f64>,
    mean: f64,
}

impl<'a> Groups<'a> {
    fn of(column: &'a crate::engine::data::column::Column, scene: &Scene<'_>) -> Option<Self> {
        if column.name == scene.goal.name || column.column_type() != ColumnType::Category {
            return None;
        }
        let dictionary = column.dictionary()?;
        let (mut n, mut sums) = (vec![0.0; dictionary.levels.len()], vec![0.0; dictionary.levels.len()]);
        let known = || {
            dictionary.codes.iter().zip(scene.y).filter(|(c, y)| **c != Dictionary::MISSING && !y.is_nan())
        };
        for (&code, &y) in known() {
            n[code as usize] += 1.0;
            sums[code as usize] += y;
        }
        let mean = math::sum(sums.iter().copied()) / math::sum(n.iter().copied());
        Some(Self { name: &column.name, codes: &dictionary.codes, n, sums, mean })
    }

    /// How the column is a mean by this category, in how many of how many rows.
    fn explains(&self, column: &[f64], scene: &Scene<'_>) -> Option<(&'static str, u64, u64)> {
        let smoothing = self.smoothing(column);
        type Way<'a> = (&'static str, &'a dyn Fn(usize, f64) -> f64);
        let ways: [Way<'_>; 3] = [
            ("", &|g, _| self.sums[g] / self.n[g]),
            (", its own row left out,", &|g, y| (self.sums[g] - y) / (self.n[g] - 1.0)),
            (", drawn towards the overall mean,", &|g, _| {
                (self.sums[g] + smoothing * self.mean) / (self.n[g] + smoothing)
            }),
        ];
        ways.into_iter().find_map(|(how, value)| {
            let agree = |row: usize| {
                let (code, y, c) = (self.codes[row], scene.y[row], column[row]);
                if code == Dictionary::MISSING || y.is_nan() || c.is_nan() {
                    return None;
                }
                let value = value(code as usize, y);
                (!value.is_nan()).then(|| (value - c).abs() <= 1e-6 * value.abs().max(1e-3))
            };
            let tally = |rows: &mut dyn Iterator<Item = usize>| {
                rows.filter_map(agree).fold((0, 0), |(hits, n), a| (hits + u64::from(a), n + 1))
            };
            let is_convincing = |(hits, n): (u64, u64)| n >= 10 && hits as f64 >= AGREED * n as f64;
            if !is_convincing(tally(&mut scene.sample.iter().map(|&r| r as usize))) {
                return None;
            }
            let all = tally(&mut (0..column.len()));
            is_convincing(all).then_some((how, all.0, all.1))
        })
    }

    /// How strongly means would be drawn towards the overall one, judged by the row whose value is furthest from it.
    fn smoothing(&self, column: &[f64]) -> f64 {
        let rows = self.codes.iter().zip(column).filter(|(g, c)| **g != Dictionary::MISSING && !c.is_nan());
        let far = rows.max_by(|a, b| (a.1 - self.mean).abs().total_cmp(&(b.1 - self.mean).abs()));
        far.map_or(f64::NAN, |(&g, &c)| (self.sums[g as usize] - self.n[g as usize] * c) / (c - self.mean))
            .max(0.0)
    }
}

/// Whether the rows of each value have that value as their mean target; the number of values.
fn is_own_mean(column: &[f64], y: &[f64]) -> Option<u64> {
    let mut places: HashMap<u64, usize> = HashMap::new();
    let mut groups: Vec<(f64, f64, f64)> = Vec::new();
    let mut n_known = 0.0;
    for (&c, &y) in column.iter().zip(y).filter(|(c, y)| !c.is_nan() && !y.is_nan()) {
        let place = *places.entry((c + 0.0).to_bits()).or_insert(groups.len());
        if place == groups.len() {
            groups.push((c, 0.0, 0.0));
        }
        groups[place].1 += y;
        groups[place].2 += 1.0;
        n_known += 1.0;
    }
    let repeated = groups.iter().filter(|g| g.2 >= 2.0).count();
    let agree = |(c, sum, n): &(f64, f64, f64)| (sum / n - c).abs() <= 1e-6 * c.abs().max(1e-3);
    let is_mean =
        repeated >= FEWEST_VALUES && groups.len() as f64 <= MOST_VALUES * n_known && groups.iter().all(agree);
    is_mean.then_some(groups.len() as u64)
}
