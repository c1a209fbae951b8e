//! Single columns that explain nearly all of the target on rows held out: too good to be true as often as not.

use super::{Detector, Numbers, Scene, Sign, Weight, is_blocked, is_earlier};
use crate::engine::{
    data::column::{Column, Dictionary},
    numeric::{math, random::Rng},
    order::InOrder,
    words::{count, percent},
};

/// The share of the spread from which a column is told.
const NEARLY_ALL: f64 = 0.95;

/// Rows, at least.
const FEWEST_ROWS: usize = 30;

/// Parts of which each is held out once.
const FOLDS: usize = 5;

/// Groups of equally many rows at most into which a column of numbers is cut.
const MOST_GROUPS: usize = 32;

/// Training rows a group, at least.
const ROWS_A_GROUP: usize = 10;

/// Stream of the folds.
const FOLD_STREAM: u64 = 0xF01D;

/// See above.
pub struct Predictor;

impl Detector for Predictor {
    fn look(&self, scene: &Scene<'_>, found: &[Sign]) -> Vec<Sign> {
        let n = scene.sample.len();
        if n < FEWEST_ROWS {
            return Vec::new();
        }
        let mut fold: Vec<usize> = (0..n).map(|i| i % FOLDS).collect();
        Rng::stream(0, FOLD_STREAM).shuffle(&mut fold);
        // What is known before by the funnel is what the target is to be predicted from.
        let open = |c: &Column| !is_blocked(found, &c.name) && !is_earlier(scene, c);
        let numbers = scene.numbers.iter().filter(|c| open(c.column)).filter_map(|c| {
            let best = by_line(c, scene, &fold).max(by_groups(c, scene, &fold));
            Some((c.column, Some(best).filter(|r2| *r2 >= NEARLY_ALL)?))
        });
        let categories = scene
            .usable
            .iter()
            .copied()
            .filter(|c| open(c))
            .filter_map(|c| Some((c, by_levels(c, scene, &fold).filter(|r2| *r2 >= NEARLY_ALL)?)));
        let sign = |(column, r2): (&Column, f64)| Sign {
            column: column.name.clone(),
            weight: Weight::Warns,
            reason: format!(
                "Alone it explains {} of the spread of {} in rows held out ({} looked at): make sure that it is known before.",
                percent(r2.min(0.9999)),
                scene.goal.name,
                count(n as u64)
            ),
        };
        numbers.chain(categories).map(sign).collect()
    }
}

/// R² of predictions made out of fold.
fn r2(scene: &Scene<'_>, predicted: &[f64]) -> f64 {
    let y = &scene.y_sample;
    let mean = math::sum(y.iter().copied()) / y.len() as f64;
    let total = math::sum(y.iter().map(|y| (y - mean) * (y - mean)));
    let left = math::sum(y.iter().zip(predicted).map(|(y, p)| (y - p) * (y - p)));
    if total > 0.0 { 1.0 - left / total } else { 0.0 }
}

/// Rows of the sample outside a fold, with what is known of the column there.
fn training(fold: &[usize], out: usize) -> impl Iterator<Item = usize> + '_ {
    (0..fold.len()).filter(move |&i| fold[i] != out)
}

fn mean_of(scene: &Scene<'_>, rows: impl Iterator<Item = usize>) -> f64 {
    let (sum, n) = rows.fold((0.0, 0.0), |(sum, n), i| (sum + scene.y_sample[i], n + 1.0));
    sum / n
}

/// A straight line a fold; the mean where the column is missing.
fn by_line(column: &Numbers<'_>, scene: &Scene<'_>, fold: &[usize]) -> f64 {
    let (x, y) = (&column.sample, &scene.y_sample);
    let mut predicted = vec![0.0; y.len()];
    for out in 0..FOLDS {
        let mean = mean_of(scene, training(fold, out));
        let known: Vec<usize> = training(fold, out).filter(|&i| !x[i].is_nan()).collect();
        let n = known.len().max(1) as f64;
        let mx = math::sum(known.iter().map(|&i| x[i])) / n;
        let my = math::sum(known.iter().map(|&i| y[i])) / n;
        let xx = math::sum(known.iter().map(|&i| (x[i] - mx) * (x[i] - mx)));
        let xy = math::sum(known.iter().map(|&i| (x[i] - mx) * (y[i] - my)));
        let slope = if xx > 0.0 { xy / xx } else { 0.0 };
        for i in (0..y.len()).filter(|&i| fold[i] == out) {
            predicted[i] = if x[i].is_nan() { mean } else { my + slope * (x[i] - mx) };
        }
    }
    r2(scene, &predicted)
}

/// Means of groups of neighbouring values a fold.
fn by_groups(column: &Numbers<'_>, scene: &Scene<'_>, fold: &[usize]) -> f64 {
    let (x, y) = (&column.sample, &scene.y_sample);
    let mut predicted = vec![0.0; y.len()];
    for out in 0..FOLDS {
        let mean = mean_of(scene, training(fold, out));
        let mut known: Vec<usize> = training(fold, out).filter(|&i| !x[i].is_nan()).collect();
        known.order_by(|&a, &b| x[a].total_cmp(&x[b]));
        let n_groups = (known.len() / ROWS_A_GROUP).clamp(1, MOST_GROUPS);
        // Upper end and mean of each group; equal values stay together.
        let mut groups: Vec<(f64, f64)> = Vec::new();
        let mut start = 0;
        for g in 1..=n_groups {
            let mut end = (known.len() * g / n_groups).max(start);
            while end > start && end < known.len() && x[known[end]] == x[known[end - 1]] {
                end += 1;
            }
            if end > start {
                groups.push((x[known[end - 1]], mean_of(scene, known[start..end].iter().copied())));
                start = end;
            }
        }
        for i in (0..y.len()).filter(|&i| fold[i] == out) {
            let at = groups.partition_point(|(upper, _)| *upper < x[i]).min(groups.len().saturating_sub(1));
            predicted[i] = if x[i].is_nan() { mean } else { groups.get(at).map_or(mean, |g| g.1) };
        }
    }
    r2(scene, &predicted)
}

/// Means of the levels a fold; `None` for what is no category.
fn by_levels(column: &Column, scene: &Scene<'_>, fold: &[usize]) -> Option<f64> {
    let dictionary = column.dictionary()?;
    let y = &scene.y_sample;
    let code = |i: usize| dictionary.codes[scene.sample[i] as usize];
    let mut predicted = vec![0.0; y.len()];
    for out in 0..FOLDS {
        let mean = mean_of(scene, training(fold, out));
        let mut sums = vec![(0.0, 0.0); dictionary.levels.len()];
        for i in training(fold, out).filter(|&i| code(i) != Dictionary::MISSING) {
            let slot = &mut sums[code(i) as usize];
            *slot = (slot.0 + y[i], slot.1 + 1.0);
        }
        for i in (0..y.len()).filter(|&i| fold[i] == out) {
            predicted[i] = match sums.get(code(i) as usize) {
                Some((sum, n)) if *n > 0.0 => sum / n,
                _ => mean,
            };
        }
    }
    Some(r2(scene, &predicted))
}
