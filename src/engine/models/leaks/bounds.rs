//! Columns that are never above or never below the target: they may count the same things, or what follows from them.
//!
//! A bound tells only where it could have been broken: were the rows of the column shuffled, some would break it. Columns
//! known before the target by the funnel (impressions of clicks) bound it by right and are passed over.

use super::{Detector, Numbers, Scene, Sign, Weight, is_blocked, is_earlier, of_rows};
use crate::engine::{data::distinct, models::choices::known_at, words::percent};

/// The share of shuffled rows that would break the bound, at least.
const FEWEST_BROKEN: f64 = 0.03;

/// Their number among all rows, at least.
const FEWEST_ROWS: f64 = 20.0;

/// See above.
pub struct Bounds;

impl Detector for Bounds {
    fn look(&self, scene: &Scene<'_>, found: &[Sign]) -> Vec<Sign> {
        // What is blocked by its values needs no more evidence; what is so by its role alone may have some.
        let needs_none = |c: &Numbers<'_>| is_blocked(found, c.name()) && known_at(c.column.role).is_none();
        let open = |c: &&Numbers<'_>| !needs_none(c) && !is_earlier(scene, c.column);
        scene
            .numbers
            .iter()
            .filter(open)
            .filter_map(|c| sign(c, scene, is_blocked(found, c.name())))
            .collect()
    }
}

/// How many pairs have the first below the second, how many above, and how many there are.
fn tally(x: &[f64], y: &[f64]) -> (u64, u64, u64) {
    let known = x.iter().zip(y).filter(|(x, y)| !x.is_nan() && !y.is_nan());
    known.fold((0, 0, 0), |(below, above, n), (x, y)| {
        (below + u64::from(x < y), above + u64::from(x > y), n + 1)
    })
}

fn sign(column: &Numbers<'_>, scene: &Scene<'_>, is_blocked: bool) -> Option<Sign> {
    let is_bound = |(below, above, n): (u64, u64, u64)| n > 0 && (below == 0) != (above == 0);
    if !is_bound(tally(&column.sample, &scene.y_sample)) {
        return None;
    }
    let (below, above, n) = tally(&column.all(), scene.y);
    if !is_bound((below, above, n)) {
        return None;
    }
    let is_above = below == 0;
    let (broken_below, broken_above) = if_shuffled(&column.sample, &scene.y_sample);
    let broken = if is_above { broken_below } else { broken_above };
    if broken < FEWEST_BROKEN || broken * (n as f64) < FEWEST_ROWS {
        return None;
    }
    let (name, goal) = (column.name(), &scene.goal.name);
    let (smaller, larger) = if is_above { (goal.as_str(), name) } else { (name, goal.as_str()) };
    let advice = if is_blocked {
        String::new()
    } else {
        format!(" One may be counted from the other: make sure that {name} is known before.")
    };
    Some(Sign {
        column: name.to_owned(),
        weight: Weight::Warns,
        reason: format!(
            "{smaller} is never above {larger}, in {}; by chance it would be in {} of them.{advice}",
            of_rows(n, n),
            percent(broken)
        ),
    })
}

/// The shares of all pairs of any two rows with the first below and above the second.
fn if_shuffled(x: &[f64], y: &[f64]) -> (f64, f64) {
    let sorted = |v: &[f64]| {
        let mut v: Vec<f64> = v.iter().copied().filter(|v| !v.is_nan()).collect();
        distinct::sort(&mut v);
        v
    };
    let (x, y) = (sorted(x), sorted(y));
    let (mut below, mut above) = (0, 0);
    for value in &x {
        above += y.partition_point(|other| other < value);
        below += y.len() - y.partition_point(|other| other <= value);
    }
    let n = (x.len() * y.len()).max(1) as f64;
    (below as f64 / n, above as f64 / n)
}
