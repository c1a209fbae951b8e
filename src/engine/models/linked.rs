//! Features that tell the same: a model can use one for another, so that only together they have an importance.

use super::frame::{FeatureValues, Frame};

/// Correlation, or what stands for it between categories, above which features are linked.
const LINK: f64 = 0.9;
/// Evenly spaced rows that are looked at, at most.
const MOST_ROWS: usize = 2_000;
/// Cells of a table of two categories, at most: with more there is nothing to be seen in so many rows.
const MOST_CELLS: usize = 250_000;

/// A feature in the rows looked at.
enum Looked {
    /// Centred and scaled to length 1, missing as the mean.
    Numbers(Vec<f64>),
    /// Codes from 0, missing as a level of its own; how many there are.
    Levels(Vec<usize>, usize),
}

/// Places of features, in order; every feature is in one group. Two are linked when, above 0.9 in size: both are numbers and
/// their correlation is; both are categories and Cramér's V without its bias (Bergsma 2013) is; one is a category and the root
/// of the adjusted share of the variance that its levels explain is.
pub fn linked_features(frame: &Frame) -> Vec<Vec<u32>> {
    let step = frame.n_rows().div_ceil(MOST_ROWS).max(1);
    let looked: Vec<Option<Looked>> = frame
        .features
        .iter()
        .map(|f| match &f.values {
            FeatureValues::Number(v) => centred(v.iter().step_by(step).copied()).map(Looked::Numbers),
            FeatureValues::Category { codes, .. } => levels(codes.iter().step_by(step).copied()),
        })
        .collect();
    let n = frame.features.len();
    let mut group_of: Vec<usize> = (0..n).collect();
    for i in 0..n {
        for j in i + 1..n {
            let (Some(a), Some(b)) = (&looked[i], &looked[j]) else { continue };
            if is_linked(a, b) {
                let (keep, gone) = (group_of[i].min(group_of[j]), group_of[i].max(group_of[j]));
                group_of.iter_mut().filter(|g| **g == gone).for_each(|g| *g = keep);
            }
        }
    }
    (0..n)
        .map(|g| (0..n as u32).filter(|&i| group_of[i as usize] == g).collect())
        .filter(|group: &Vec<u32>| !group.is_empty())
        .collect()
}

fn is_linked(a: &Looked, b: &Looked) -> bool {
    let squared = match (a, b) {
        (Looked::Numbers(a), Looked::Numbers(b)) => {
            let r: f64 = a.iter().zip(b).map(|(x, y)| x * y).sum();
            r * r
        }
        (Looked::Numbers(x), Looked::Levels(codes, n)) | (Looked::Levels(codes, n), Looked::Numbers(x)) => {
            explained(x, codes, *n)
        }
        (Looked::Levels(a, n_a), Looked::Levels(b, n_b)) => cramer(a, *n_a, b, *n_b),
    };
    squared > LINK * LINK
}

/// Adjusted share of the variance of numbers of length 1 that lies between levels.
fn explained(x: &[f64], codes: &[usize], n_levels: usize) -> f64 {
    let mut sums = vec![(0.0, 0.0); n_levels];
    for (value, &code) in x.iter().zip(codes) {
        sums[code].0 += value;
        sums[code].1 += 1.0;
    }
    let between: f64 = sums.iter().filter(|(_, n)| *n > 0.0).map(|(sum, n)| sum * sum / n).sum();
    let n = x.len() as f64;
    let free = n - n_levels as f64;
    if free < 1.0 { 0.0 } else { 1.0 - (1.0 - between) * (n - 1.0) / free }
}

/// Cramér's V, squared and without the bias of many levels in few rows.
fn cramer(a: &[usize], n_a: usize, b: &[usize], n_b: usize) -> f64 {
    let n = a.len() as f64;
    if n_a * n_b > MOST_CELLS || n < 2.0 {
        return 0.0;
    }
    let (mut cells, mut rows, mut columns) = (vec![0.0; n_a * n_b], vec![0.0; n_a], vec![0.0; n_b]);
    for (&i, &j) in a.iter().zip(b) {
        cells[i * n_b + j] += 1.0;
        rows[i] += 1.0;
        columns[j] += 1.0;
    }
    let mut phi = -1.0;
    for (place, count) in cells.iter().enumerate().filter(|(_, count)| **count > 0.0) {
        phi += count * count / (rows[place / n_b] * columns[place % n_b]);
    }
    let (r, k) = (n_a as f64, n_b as f64);
    let phi = (phi - (r - 1.0) * (k - 1.0) / (n - 1.0)).max(0.0);
    let corrected = |levels: f64| levels - (levels - 1.0) * (levels - 1.0) / (n - 1.0);
    let most = corrected(r).min(corrected(k)) - 1.0;
    if most > 0.0 { phi / most } else { 0.0 }
}

/// Levels that occur, numbered anew; `None` when there is only one.
fn levels(codes: impl Iterator<Item = u32>) -> Option<Looked> {
    let mut known = std::collections::HashMap::new();
    let codes: Vec<usize> = codes
        .map(|code| {
            let next = known.len();
            *known.entry(code).or_insert(next)
        })
        .collect();
    (known.len() > 1).then_some(Looked::Levels(codes, known.len()))
}

/// Centred and scaled to length 1, missing as the mean; `None` when nothing varies.
fn centred(values: impl Iterator<Item = f64> + Clone) -> Option<Vec<f64>> {
    let known = values.clone().filter(|v| !v.is_nan());
    let n = known.clone().count() as f64;
    let mean = known.sum::<f64>() / n;
    let mut out: Vec<f64> = values.map(|v| if v.is_nan() { 0.0 } else { v - mean }).collect();
    let length = out.iter().map(|v| v * v).sum::<f64>().sqrt();
    if !(length > 0.0 && length.is_finite()) {
        return None;
    }
    out.iter_mut().for_each(|v| *v /= length);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{context::Ctx, models::frame::Feature};

    #[test]
    fn what_tells_the_same_is_linked_whatever_its_type() {
        let mut rng = Ctx::quiet(3).rng(0);
        let n = 600;
        let age: Vec<f64> = (0..n).map(|_| 20.0 + 40.0 * rng.unit()).collect();
        let group = |width: f64| age.iter().map(|a| (a / width) as u32).collect::<Vec<u32>>();
        let chance: Vec<u32> = (0..n).map(|_| rng.below(50)).collect();
        let noise: Vec<f64> = (0..n).map(|_| rng.normal()).collect();
        let category = |codes: Vec<u32>| FeatureValues::Category { n_levels: 60, codes };
        let named = [
            ("age", FeatureValues::Number(age.clone())),
            ("age group", category(group(5.0))),
            ("age code", FeatureValues::Number(group(5.0).iter().map(|&c| f64::from(c)).collect())),
            ("age group again", category(group(5.0).iter().map(|c| 59 - c).collect())),
            ("chance", category(chance)),
            ("noise", FeatureValues::Number(noise)),
            ("many", category((0..n as u32).collect())),
            ("constant", category(vec![7; n])),
        ];
        let features =
            named.into_iter().map(|(name, values)| Feature { name: name.into(), values }).collect();
        let frame = Frame { features, y: vec![0.0; n], ..Frame::default() };
        assert_eq!(linked_features(&frame), [vec![0, 1, 2, 3], vec![4], vec![5], vec![6], vec![7]]);
    }
}
