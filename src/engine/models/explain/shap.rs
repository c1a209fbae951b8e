//! SHAP values of a fitted model by column of the table: exact for sums and for trees, nothing for the others.
//!
//! For `link(p) = b + sum of w_j x_j` the value of column `j` is `w_j (x_j - mean of x_j)`; the 0/1 columns of a category
//! are added up, and the logarithm of an exposure counts as a column. For trees see
//! [`tree::TreeShap`](crate::engine::numeric::tree::TreeShap). In both the values of a row add up to
//! `link(prediction) - base`.

use super::{ShapBin, ShapColumn, ShapSummary};
use crate::engine::{
    models::{
        design::Design,
        family::{Anatomy, Fitted},
        frame::{FeatureValues, Frame},
    },
    numeric::{
        math,
        matrix::Matrix,
        tree::{ShapScratch, TreeShap, shap_cost},
    },
    order::InOrder,
    statistics::{
        correlation::{pearson, ranks},
        summary::Order,
    },
};
use serde::{Deserialize, Serialize};

/// Steps (nodes times points) spent on a summary, about.
const SUMMARY_STEPS: u64 = 60_000_000;

/// Fewest rows of a summary.
const LEAST_ROWS: u64 = 60;

/// Steps beyond which a summary is not made: the model has too many nodes.
const MOST_STEPS: u64 = 6_000_000_000;

/// Steps that one row may cost while somebody waits for it.
pub const LIVE_STEPS: u64 = 12_000_000;

/// Bins of a column's SHAP values.
const N_BINS: usize = 30;

/// Where sums are counted from: the mean of each column of the matrix over the rows a model was fitted on.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Means {
    columns: Vec<f64>,
    /// Mean logarithm of the exposures above 0; 0 without.
    log_exposure: f64,
}

impl Means {
    /// Over all rows of a frame; nothing for models that are no sum of columns.
    pub fn of(fitted: &dyn Fitted, design: &Design, frame: &Frame, exposure: &[f64]) -> Self {
        if !matches!(fitted.anatomy(), Anatomy::Sum { .. }) {
            return Self::default();
        }
        let every: Vec<u32> = (0..frame.n_rows() as u32).collect();
        let x = design.matrix(frame, &every);
        let n = every.len().max(1) as f64;
        let columns = (0..x.n_cols()).map(|j| math::sum(x.column(j).iter().copied()) / n).collect();
        let known: Vec<f64> = exposure.iter().copied().filter(|e| *e > 0.0).map(math::ln).collect();
        let log_exposure = math::sum(known.iter().copied()) / known.len().max(1) as f64;
        Self { columns, log_exposure }
    }
}

/// What a row costs, in steps; `None` where there are no exact values.
pub fn cost(fitted: &dyn Fitted) -> Option<u64> {
    match fitted.anatomy() {
        Anatomy::Opaque => None,
        Anatomy::Sum { weights, .. } => Some(weights.len() as u64 + 1),
        Anatomy::Trees { trees, .. } => Some(trees.iter().map(shap_cost).sum()),
    }
}

/// Rows a summary looks at, or why there is none.
pub fn n_rows(fitted: &dyn Fitted, title: &str) -> Result<usize, String> {
    let Some(cost) = cost(fitted) else {
        return Err(format!(
            "{title} is no sum over columns or trees, so its predictions cannot be shared out among the columns exactly. \
             Importance and curves hold for it all the same."
        ));
    };
    let cost = cost.max(1);
    if cost * LEAST_ROWS > MOST_STEPS {
        return Err(format!(
            "{title} has so many nodes that sharing out its predictions would take minutes. With a limit of depth, or \
             larger smallest groups, it would not. Importance and curves hold all the same."
        ));
    }
    Ok((SUMMARY_STEPS / cost).clamp(LEAST_ROWS, super::MOST_ROWS as u64) as usize)
}

/// SHAP values of rows.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Contributions {
    /// What the model says when no column is known, on the scale of the link.
    pub base: f64,
    /// Columns: the features, then the exposure where there is one.
    pub n_columns: u32,
    /// Row after row, one value a column.
    pub values: Vec<f64>,
}

impl Contributions {
    /// The values of one row.
    pub fn row(&self, row: usize) -> &[f64] {
        let p = self.n_columns as usize;
        self.values.get(row * p..(row + 1) * p).unwrap_or(&[])
    }
}

/// SHAP values of the rows of a matrix. `exposure`: one a row, or empty. `None` where there are no exact values.
pub fn contributions(
    fitted: &dyn Fitted,
    design: &Design,
    n_features: usize,
    x: &Matrix,
    exposure: &[f64],
    means: &Means,
) -> Option<Contributions> {
    // Where each column of the matrix comes from.
    let mut feature_of = vec![0_usize; x.n_cols()];
    for feature in 0..n_features {
        for j in design.columns_of(feature) {
            feature_of[j] = feature;
        }
    }
    match fitted.anatomy() {
        Anatomy::Opaque => None,
        Anatomy::Sum { intercept, weights, usual_exposure, .. } => {
            let p = n_features + usize::from(usual_exposure.is_some());
            let mut values = vec![0.0; x.n_rows() * p];
            let mut base = intercept;
            for (j, (&weight, &mean)) in weights.iter().zip(&means.columns).enumerate().take(x.n_cols()) {
                base += weight * mean;
                if weight != 0.0 {
                    for (row, &v) in x.column(j).iter().enumerate() {
                        values[row * p + feature_of[j]] += weight * (v - mean);
                    }
                }
            }
            if let Some(usual) = usual_exposure {
                base += means.log_exposure;
                for (row, slots) in values.chunks_exact_mut(p).enumerate() {
                    let known = exposure.get(row).copied().filter(|e| !e.is_nan()).unwrap_or(usual);
                    slots[n_features] = math::ln(known) - means.log_exposure;
                }
            }
            Some(Contributions { base, n_columns: p as u32, values })
        }
        Anatomy::Trees { base, factor, trees, .. } => {
            let (n, p) = (x.n_rows(), n_features);
            let mut of_columns = vec![0.0; n * x.n_cols()];
            let mut total = 0.0;
            let mut scratch = ShapScratch::default();
            for tree in trees {
                let shap = TreeShap::new(tree);
                total += shap.base();
                for (row, phi) in of_columns.chunks_exact_mut(x.n_cols().max(1)).enumerate() {
                    shap.add(|j| x.get(row, j), factor, &mut scratch, phi);
                }
            }
            let mut values = vec![0.0; n * p];
            for (phi, out) in
                of_columns.chunks_exact(x.n_cols().max(1)).zip(values.chunks_exact_mut(p.max(1)))
            {
                phi.iter().zip(&feature_of).for_each(|(v, &feature)| out[feature] += v);
            }
            Some(Contributions { base: base + factor * total, n_columns: p as u32, values })
        }
    }
}

/// The summary of the SHAP values of some rows of a frame. `rows`: their places; `exposure`: its name and one value a row.
pub fn summary(found: &Contributions, frame: &Frame, exposure: Option<(&str, &[f64])>) -> ShapSummary {
    let p = found.n_columns as usize;
    let n = frame.n_rows();
    let mut columns: Vec<ShapColumn> = (0..p)
        .map(|column| {
            let values: Vec<f64> = (0..n).filter_map(|r| found.row(r).get(column).copied()).collect();
            let numbers: Option<&[f64]> = match frame.features.get(column) {
                Some(feature) => match &feature.values {
                    FeatureValues::Number(v) => Some(v),
                    FeatureValues::Category { .. } => None,
                },
                None => exposure.map(|(_, v)| v),
            };
            let name = frame.features.get(column).map_or_else(
                || exposure.map_or_else(String::new, |(name, _)| name.to_owned()),
                |f| f.name.clone(),
            );
            let places = numbers.map(places);
            ShapColumn {
                name,
                mean_size: math::sum(values.iter().map(|v| v.abs())) / n.max(1) as f64,
                leaning: numbers.and_then(|x| leaning(x, &values)),
                bins: bins(&values, places.as_deref()),
            }
        })
        .collect();
    // Names decide between equals, so that the order of columns in the file does not.
    columns.order_by(|a, b| b.mean_size.total_cmp(&a.mean_size).then_with(|| a.name.cmp(&b.name)));
    ShapSummary { base: found.base, n_rows: n as u64, columns }
}

/// Rank correlation of values with their SHAP values.
fn leaning(x: &[f64], values: &[f64]) -> Option<f64> {
    let known: (Vec<f64>, Vec<f64>) =
        x.iter().zip(values).filter(|(x, _)| !x.is_nan()).map(|(x, v)| (*x, *v)).unzip();
    pearson(&rank_of(&known.0), &rank_of(&known.1))
}

fn rank_of(values: &[f64]) -> Vec<f64> {
    ranks(values, &Order::of(values))
}

/// The place of each value among all, from 0 (smallest) to 1 (largest); equal values share the middle of theirs. NaN stays.
fn places(x: &[f64]) -> Vec<f64> {
    let known: Vec<f64> = x.iter().copied().filter(|v| !v.is_nan()).collect();
    let ranks = rank_of(&known);
    let ends = |(low, high): (f64, f64), &r: &f64| (low.min(r), high.max(r));
    let (low, high) = ranks.iter().fold((f64::INFINITY, f64::NEG_INFINITY), ends);
    // All of one value are neither low nor high.
    let place = |r: f64| if high > low { (r - low) / (high - low) } else { 0.5 };
    let mut next = ranks.into_iter().map(place);
    x.iter().map(|v| if v.is_nan() { f64::NAN } else { next.next().unwrap_or(f64::NAN) }).collect()
}

fn bins(values: &[f64], places: Option<&[f64]>) -> Vec<ShapBin> {
    let (low, high) =
        values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &v| (low.min(v), high.max(v)));
    if values.is_empty() {
        return Vec::new();
    }
    let width = (high - low) / N_BINS as f64;
    let mut found = vec![(0_u32, 0.0, 0_u32); N_BINS];
    for (i, &v) in values.iter().enumerate() {
        let bin = if width > 0.0 { (((v - low) / width) as usize).min(N_BINS - 1) } else { 0 };
        found[bin].0 += 1;
        if let Some(place) = places.and_then(|p| p.get(i)).filter(|p| !p.is_nan()) {
            found[bin].1 += place;
            found[bin].2 += 1;
        }
    }
    let bin = |(i, &(n, sum, known)): (usize, &(u32, f64, u32))| ShapBin {
        at: if width > 0.0 { low + (i as f64 + 0.5) * width } else { low },
        n,
        place: (known > 0).then(|| sum / f64::from(known)),
    };
    found.iter().enumerate().filter(|(_, b)| b.0 > 0).map(bin).collect()
}

#[cfg(test)]
mod tests {
    use super::places;

    #[test]
    fn a_yes_is_high_and_a_no_is_low_however_rare_it_is() {
        assert_eq!(places(&[0.0, 0.0, f64::NAN, 0.0, 1.0])[..2], [0.0, 0.0]);
        assert_eq!(places(&[0.0, 0.0, 0.0, 1.0]), [0.0, 0.0, 0.0, 1.0]);
        assert_eq!(places(&[3.0, 1.0, 2.0]), [1.0, 0.0, 0.5]);
        assert_eq!(places(&[7.0, 7.0]), [0.5, 0.5]);
    }
}
