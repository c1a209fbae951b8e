//! Partial dependence (Friedman 2001) and single curves (ICE, Goldstein et al. 2015): one column takes one value after
//! another in every row, the others stay, and the model predicts again.

use serde::{Deserialize, Serialize};

use super::{ColumnKind, Dependence, DependencePoint, Value};
use crate::engine::{
    data::{column::Dictionary, distinct},
    disclosure,
    models::{
        design::Design,
        family::Fitted,
        frame::{FeatureValues, Frame},
        outcome::Outcome,
    },
    numeric::{describe::quantile, math},
    order::InOrder,
    words::{self, Shared, list},
};

/// Single curves kept.
const CURVES: usize = 30;

/// Levels of a category that are shown: the most frequent.
const MOST_LEVELS: usize = 20;

/// Values up to which a number is taken value by value.
const MOST_VALUES: usize = 20;

/// Correlation beyond which a caution is looked for, and the share of combinations from which one is given.
const MOVES_TOGETHER: f64 = 0.7;
const OUTSIDE: f64 = 0.1;

/// One value a column is set to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GridPoint {
    /// As people read it.
    pub label: String,
    /// What the rows are set to: a number, or the code of a level.
    pub value: PointValue,
    /// Rows of the table with it, or nearest to it.
    pub n: u64,
}

/// What rows are set to.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum PointValue {
    /// A number.
    Number(f64),
    /// The code of a level; [`Dictionary::MISSING`] for none.
    Level(u32),
}

/// The values a feature is set to: all there are while they are few; else quantiles and evenly spaced ones between the 1 %
/// and the 99 % quantile, so that neither a crowd nor a long tail hides the rest. Levels in their order.
pub fn grid(frame: &Frame, feature: usize, kind: ColumnKind) -> Vec<GridPoint> {
    match &frame.features[feature].values {
        FeatureValues::Number(values) => {
            let mut known: Vec<f64> =
                values.iter().copied().filter(|v| !v.is_nan()).map(|v| v + 0.0).collect();
            distinct::sort(&mut known);
            let mut at = known.clone();
            at.dedup();
            if at.len() > MOST_VALUES {
                let is_whole = known.iter().all(|v| v.fract() == 0.0);
                let q = |share: f64| quantile(&known, share).unwrap_or(0.0);
                let (low, high) = (q(0.01), q(0.99));
                let mut wanted: Vec<f64> = (0..=10).map(|i| q(0.01 + 0.098 * f64::from(i))).collect();
                wanted.extend((1..10).map(|i| low + (high - low) * f64::from(i) / 10.0));
                at = wanted.into_iter().map(|v| if is_whole { v.round() + 0.0 } else { v }).collect();
                distinct::sort(&mut at);
                at.dedup();
            }
            let mut counts = vec![0_u64; at.len()];
            for v in &known {
                let after = at.partition_point(|a| a < v).min(at.len().saturating_sub(1));
                let before = after.saturating_sub(1);
                counts[if (v - at[before]).abs() <= (at[after] - v).abs() { before } else { after }] += 1;
            }
            let point = |(&v, n)| GridPoint { label: kind.show(v), value: PointValue::Number(v), n };
            at.iter().zip(counts).map(point).collect()
        }
        FeatureValues::Category { n_levels, codes } => {
            let mut counts = vec![0_u64; *n_levels as usize];
            let mut n_missing = 0;
            for &code in codes {
                match counts.get_mut(code as usize) {
                    Some(slot) => *slot += 1,
                    None => n_missing += 1,
                }
            }
            let mut shown: Vec<u32> = (0..*n_levels).filter(|&l| counts[l as usize] > 0).collect();
            shown.order_by_key(|&l| std::cmp::Reverse(counts[l as usize]));
            shown.truncate(MOST_LEVELS);
            shown.sort_unstable();
            let names = frame.beside.levels.get(feature);
            let label = |code: u32| {
                names
                    .and_then(|n| n.get(code as usize))
                    .cloned()
                    .unwrap_or_else(|| format!("level {}", code + 1))
            };
            let level = |&code: &u32| GridPoint {
                label: label(code),
                value: PointValue::Level(code),
                n: counts[code as usize],
            };
            let mut points: Vec<GridPoint> = shown.iter().map(level).collect();
            if n_missing > 0 {
                let value = PointValue::Level(Dictionary::MISSING);
                points.push(GridPoint { label: "missing".to_owned(), value, n: n_missing });
            }
            points
        }
    }
}

/// A model and the rows that curves are over.
pub struct Rows<'a> {
    /// The model.
    pub fitted: &'a dyn Fitted,
    /// How its matrix is made.
    pub design: &'a Design,
    /// The rows.
    pub sample: &'a Frame,
    /// Their exposure, or empty.
    pub exposure: &'a [f64],
    /// What a prediction is of.
    pub what: &'a str,
}

/// What is drawn of a feature.
pub fn dependence(
    rows: &Rows<'_>,
    feature: usize,
    kind: ColumnKind,
    grid: &[GridPoint],
) -> Option<Dependence> {
    let Rows { fitted, design, sample, exposure, what } = *rows;
    let column = sample.features.get(feature)?;
    let every: Vec<u32> = (0..sample.n_rows() as u32).collect();
    let mut changed = sample.clone();
    let mut predictions: Vec<Vec<f64>> = Vec::with_capacity(grid.len());
    for point in grid {
        match (&mut changed.features[feature].values, point.value) {
            (FeatureValues::Number(values), PointValue::Number(v)) => values.fill(v),
            (FeatureValues::Category { codes, .. }, PointValue::Level(code)) => codes.fill(code),
            _ => return None,
        }
        predictions.push(fitted.predict_exposed(&design.matrix(&changed, &every), exposure));
    }
    let points: Vec<DependencePoint> = grid
        .iter()
        .zip(&predictions)
        .map(|(point, predicted)| {
            let mut sorted = predicted.clone();
            distinct::sort(&mut sorted);
            let q = |share| quantile(&sorted, share).unwrap_or(f64::NAN);
            DependencePoint {
                label: point.label.clone(),
                at: match point.value {
                    PointValue::Number(v) => Some(v),
                    PointValue::Level(_) => None,
                },
                mean: math::sum(predicted.iter().copied()) / predicted.len().max(1) as f64,
                range: (q(0.1), q(0.9)),
                n: point.n,
            }
        })
        .collect();
    let curve = |row: usize| {
        (sample.row_ids[row], predictions.iter().map(|p| p.get(row).copied().unwrap_or(f64::NAN)).collect())
    };
    let mut sentence = sentence(&column.name, what, sample.beside.outcome, &points);
    let shared = Shared::of(&mut sentence, &mut []).map(|shared| shared.sentence);
    Some(Dependence {
        column: column.name.clone(),
        kind,
        curves: (0..sample.n_rows().min(CURVES)).map(curve).collect(),
        n_rows: sample.n_rows() as u64,
        sentence,
        shared,
        caution: caution(sample, feature, grid),
        points,
    })
}

/// "With more Spent, predicted Approved_Conversion rises, from 0.31 (0) to 4.2 (352), the rest as it is."; of a probability "from 8.1 % (at
/// 1,730) to 37.3 % (at 113,734)".
fn sentence(column: &str, what: &str, outcome: Outcome, points: &[DependencePoint]) -> String {
    let by_mean = |a: &&DependencePoint, b: &&DependencePoint| a.mean.total_cmp(&b.mean);
    let (Some(first), Some(last), Some(least), Some(most)) =
        (points.first(), points.last(), points.iter().min_by(by_mean), points.iter().max_by(by_mean))
    else {
        return format!("{} has no value to look at.", words::opening(column));
    };
    let span = most.mean - least.mean;
    let subject = words::opening(column);
    if span <= 1e-9 * most.mean.abs().max(least.mean.abs()) {
        return format!("{subject} makes no difference to the prediction.");
    }
    // Two figures side by side, of which one is in percent, would be read as one.
    let is_marked = outcome == Outcome::YesNo && first.at.is_some() && points.len() > 2;
    let before = if is_marked { "at " } else { "" };
    // A number names no group.
    let sizes: Vec<u64> = points.iter().map(|p| if p.at.is_none() { p.n } else { 0 }).collect();
    let hidden = disclosure::withheld(&sizes, |_| false);
    let withheld: Vec<&str> =
        points.iter().zip(hidden).filter(|(_, hidden)| *hidden).map(|(p, _)| p.label.as_str()).collect();
    let at = |p: &DependencePoint| {
        let label = words::group_unless(withheld.contains(&p.label.as_str()), &p.label);
        format!("{} ({before}{label})", outcome.show(p.mean))
    };
    if first.at.is_none() || points.len() == 2 {
        return format!("By {column}, {what} goes from {} to {}, the rest as it is.", at(least), at(most));
    }
    // Mostly up: the way up is at least nine tenths of the whole way.
    let steps = points.windows(2).map(|w| w[1].mean - w[0].mean);
    let (up, way) = steps.fold((0.0, 0.0), |(up, way), s| (up + s.max(0.0), way + s.abs()));
    if up >= 0.9 * way {
        format!("With more {column}, {what} rises, from {} to {}, the rest as it is.", at(first), at(last))
    } else if up <= 0.1 * way {
        format!("With more {column}, {what} falls, from {} to {}, the rest as it is.", at(first), at(last))
    } else {
        format!(
            "With {column}, {what} goes up and down, between {} and {}, the rest as it is.",
            at(least),
            at(most)
        )
    }
}

/// Whether the column moves so closely with another that the curve asks about rows that do not occur: for the most
/// correlated one, the share of combinations of row and value that lie farther from the line between the two than any row.
fn caution(sample: &Frame, feature: usize, grid: &[GridPoint]) -> Option<String> {
    let FeatureValues::Number(x) = &sample.features[feature].values else { return None };
    let mut found: Vec<(f64, usize)> = Vec::new();
    for (other, column) in sample.features.iter().enumerate() {
        if let FeatureValues::Number(z) = &column.values
            && other != feature
            && let Some(r) = crate::engine::statistics::correlation::pearson(x, z)
            && r.abs() > MOVES_TOGETHER
        {
            found.push((r, other));
        }
    }
    found.order_by(|a, b| b.0.abs().total_cmp(&a.0.abs()).then(a.1.cmp(&b.1)));
    let &(r, other) = found.first()?;
    let FeatureValues::Number(z) = &sample.features[other].values else { return None };
    let pairs: Vec<(f64, f64)> =
        x.iter().zip(z).filter(|(x, z)| !x.is_nan() && !z.is_nan()).map(|(x, z)| (*x, *z)).collect();
    let n = pairs.len() as f64;
    let (mx, mz) = (math::sum(pairs.iter().map(|p| p.0)) / n, math::sum(pairs.iter().map(|p| p.1)) / n);
    let spread = math::sum(pairs.iter().map(|p| (p.0 - mx) * (p.0 - mx)));
    let slope = math::sum(pairs.iter().map(|p| (p.0 - mx) * (p.1 - mz))) / spread;
    let gap = |x: f64, z: f64| (z - mz - slope * (x - mx)).abs();
    let farthest = pairs.iter().map(|p| gap(p.0, p.1)).fold(0.0, f64::max);
    let mut n_outside = 0_u64;
    let mut n_all = 0_u64;
    for point in grid {
        let PointValue::Number(v) = point.value else { continue };
        n_all += pairs.len() as u64;
        n_outside += pairs.iter().filter(|p| gap(v, p.1) > farthest).count() as u64;
    }
    if n_all == 0 || (n_outside as f64) < OUTSIDE * n_all as f64 {
        return None;
    }
    let names: Vec<&str> = found.iter().take(3).map(|(_, i)| sample.features[*i].name.as_str()).collect();
    Some(format!(
        "{} moves with {} (correlation {}{}): {} of the combinations the curve asks about lie outside what occurs, so \
         read its ends with care.",
        words::opening(&sample.features[feature].name),
        list(&names),
        words::decimals(r, 2),
        if found.len() > 1 { format!(" with {}", sample.features[other].name) } else { String::new() },
        words::share(n_outside, n_all),
    ))
}

/// A value of a form as a point of the grid of its feature; `None` where the feature has no such level.
pub fn point_value(frame: &Frame, feature: usize, value: &Value) -> Option<PointValue> {
    match (&frame.features.get(feature)?.values, value) {
        (FeatureValues::Number(_), Value::Number(v)) => Some(PointValue::Number(*v)),
        (FeatureValues::Number(_), Value::Missing) => Some(PointValue::Number(f64::NAN)),
        (FeatureValues::Category { .. }, Value::Missing) => Some(PointValue::Level(Dictionary::MISSING)),
        (FeatureValues::Category { .. }, Value::Level(name)) => {
            let levels = frame.beside.levels.get(feature)?;
            Some(PointValue::Level(levels.iter().position(|l| l == name)? as u32))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(outcome: Outcome, points: &[(Option<f64>, &str, f64)], expected: &str) {
        let point = |&(at, label, mean): &(Option<f64>, &str, f64)| DependencePoint {
            label: label.into(),
            at,
            mean,
            range: (mean, mean),
            n: 100,
        };
        let points: Vec<DependencePoint> = points.iter().map(point).collect();
        assert_eq!(sentence("x", "probability of y", outcome, &points), expected);
    }

    #[test]
    fn probabilities_are_said_in_percent() {
        let rising = [(Some(0.0), "0", 0.00819), (Some(5.0), "5", 0.0814), (Some(9.0), "4,684,635", 0.373)];
        check(
            Outcome::YesNo,
            &rising,
            "With more x, probability of y rises, from 0.82 % (at 0) to 37.3 % (at 4,684,635), the rest as it is.",
        );
        check(
            Outcome::Amount,
            &rising,
            "With more x, probability of y rises, from 0.00819 (0) to 0.373 (4,684,635), the rest as it is.",
        );
        let levels = [(None, "Basic", 0.05), (None, "PhD", 0.2)];
        check(
            Outcome::YesNo,
            &levels,
            "By x, probability of y goes from 5.0 % (Basic) to 20.0 % (PhD), the rest as it is.",
        );
    }
}
