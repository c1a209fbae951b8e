//! How good a clustering is: silhouette, Davies-Bouldin, Calinski-Harabasz, and how far two labellings agree.

use serde::{Deserialize, Serialize};

use super::{
    kmeans::{means, sizes, squared_distance},
    matrix::Points,
};
use crate::engine::{
    context::Ctx,
    task::{TaskError, Work},
};

/// One way of putting the rows into segments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Labelling {
    /// Number of segments.
    pub k: u32,
    /// Segment of each row, `0..k`.
    pub labels: Vec<u32>,
}

/// What the silhouette tasks read: the (sampled) rows and every labelling of them. The distances are computed once for all
/// labellings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SilhouetteData {
    /// Column after column: distances of a row to all others are then one long vector operation a column.
    pub columns: Vec<Vec<f64>>,
    /// Labellings of the same rows.
    pub labellings: Vec<Labelling>,
}

impl SilhouetteData {
    /// The given rows of `points` with their labels.
    pub fn new(points: &Points, labellings: Vec<Labelling>) -> Self {
        let columns = (0..points.p())
            .map(|j| points.values.iter().skip(j).step_by(points.p()).copied().collect())
            .collect();
        Self { columns, labellings }
    }
}

/// Silhouettes of a block of rows (Rousseeuw 1987): (b - a) / max(a, b), with a the mean distance to the other rows of the
/// own segment and b the least mean distance to the rows of another; 0 for a row alone in its segment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SilhouetteTask {
    /// First row of the block.
    pub from: u32,
    /// Row after the last.
    pub to: u32,
}

impl Work for SilhouetteTask {
    const SLUG: &'static str = "segments.silhouette";
    type Shared = SilhouetteData;
    /// Sum over the block, one a labelling.
    type Output = Vec<f64>;

    fn run(self, data: &SilhouetteData, ctx: &Ctx<'_>) -> Result<Vec<f64>, TaskError> {
        let n = data.columns.first().map_or(0, Vec::len);
        let counts: Vec<Vec<u64>> = data.labellings.iter().map(|l| sizes(&l.labels, l.k as usize)).collect();
        let mut distances = vec![0.0_f64; n];
        let mut sums = vec![0.0; data.labellings.len()];
        let mut by_segment = Vec::new();
        for row in self.from as usize..(self.to as usize).min(n) {
            if row % 64 == 0 {
                ctx.tick(row as u64 - u64::from(self.from), u64::from(self.to - self.from))?;
            }
            distances.fill(0.0);
            for column in &data.columns {
                let own = column[row];
                for (d, v) in distances.iter_mut().zip(column) {
                    *d += (own - v) * (own - v);
                }
            }
            for d in &mut distances {
                *d = d.sqrt();
            }
            for ((labelling, counts), sum) in data.labellings.iter().zip(&counts).zip(&mut sums) {
                by_segment.clear();
                by_segment.resize(labelling.k as usize, 0.0);
                for (&d, &l) in distances.iter().zip(&labelling.labels) {
                    by_segment[l as usize] += d;
                }
                *sum += silhouette_of_row(labelling.labels[row] as usize, &by_segment, counts);
            }
        }
        Ok(sums)
    }
}

fn silhouette_of_row(own: usize, sums: &[f64], counts: &[u64]) -> f64 {
    if counts[own] < 2 {
        return 0.0;
    }
    let a = sums[own] / (counts[own] - 1) as f64;
    let b = sums
        .iter()
        .zip(counts)
        .enumerate()
        .filter(|(c, (_, n))| *c != own && **n > 0)
        .map(|(_, (sum, n))| sum / *n as f64)
        .fold(f64::INFINITY, f64::min);
    let larger = a.max(b);
    if b.is_finite() && larger > 0.0 { (b - a) / larger } else { 0.0 }
}

/// Davies-Bouldin index (1979): mean over segments of the worst ratio of spreads to distance of centres; lower is better.
/// `None` below two segments or when centres coincide.
pub fn davies_bouldin(points: &Points, labels: &[u32], k: usize) -> Option<f64> {
    if k < 2 {
        return None;
    }
    let p = points.p();
    let centres = means(points, labels, k);
    let centre = |c: usize| &centres[c * p..][..p];
    let mut spread = vec![0.0; k];
    for (row, &l) in points.rows().zip(labels) {
        spread[l as usize] += squared_distance(row, centre(l as usize)).sqrt();
    }
    for (s, n) in spread.iter_mut().zip(sizes(labels, k)) {
        if n == 0 {
            return None;
        }
        *s /= n as f64;
    }
    let mut total = 0.0;
    for i in 0..k {
        let mut worst = 0.0_f64;
        for j in (0..k).filter(|&j| j != i) {
            let apart = squared_distance(centre(i), centre(j)).sqrt();
            if apart == 0.0 {
                return None;
            }
            worst = worst.max((spread[i] + spread[j]) / apart);
        }
        total += worst;
    }
    Some(total / k as f64)
}

/// Calinski-Harabasz index (1974): spread between segments over spread within, each by its degrees of freedom; higher is
/// better. `None` below two segments, without spare rows or without spread within.
pub fn calinski_harabasz(points: &Points, labels: &[u32], k: usize) -> Option<f64> {
    let (n, p) = (points.n(), points.p());
    if k < 2 || n <= k {
        return None;
    }
    let centres = means(points, labels, k);
    let overall = means(points, &vec![0; n], 1);
    let between: f64 = centres
        .chunks_exact(p)
        .zip(sizes(labels, k))
        .map(|(centre, n)| n as f64 * squared_distance(centre, &overall))
        .sum();
    let within: f64 = points
        .rows()
        .zip(labels)
        .map(|(row, &l)| squared_distance(row, &centres[l as usize * p..][..p]))
        .sum();
    let index = between / within * (n - k) as f64 / (k - 1) as f64;
    index.is_finite().then_some(index)
}

/// Adjusted Rand index (Hubert and Arabie 1985) of two labellings of the same rows: 1 when they agree but for the names of
/// the segments, about 0 when they agree no more than by chance.
pub fn adjusted_rand(a: &[u32], b: &[u32]) -> f64 {
    let (rows, cols) = (count_of(a), count_of(b));
    let mut table = vec![0_u64; rows * cols];
    for (&x, &y) in a.iter().zip(b) {
        table[x as usize * cols + y as usize] += 1;
    }
    let pairs = |n: u64| n as f64 * (n as f64 - 1.0) / 2.0;
    let together: f64 = table.iter().map(|&n| pairs(n)).sum();
    let in_a: f64 = sizes(a, rows).into_iter().map(pairs).sum();
    let in_b: f64 = sizes(b, cols).into_iter().map(pairs).sum();
    let all = pairs(a.len() as u64);
    let (expected, most) = (in_a * in_b / all.max(1.0), (in_a + in_b) / 2.0);
    if most == expected { 1.0 } else { (together - expected) / (most - expected) }
}

fn count_of(labels: &[u32]) -> usize {
    labels.iter().max().map_or(0, |&m| m as usize + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn silhouette(points: &Points, labels: &[u32], k: u32) -> f64 {
        let data = SilhouetteData::new(points, vec![Labelling { k, labels: labels.to_vec() }]);
        let task = SilhouetteTask { from: 0, to: points.n_rows };
        task.run(&data, &Ctx::quiet(1)).unwrap()[0] / points.n() as f64
    }

    #[test]
    fn indices_of_four_points_on_a_line() {
        // 0 and 1 against 10 and 12. Silhouettes by hand: rows 0 and 1 have a = 1, b = 11 and 10; rows 10 and 12
        // have a = 2, b = 9.5 and 11.5.
        let points = Points::from_columns(&[vec![0.0, 1.0, 10.0, 12.0]]);
        let labels = [0, 0, 1, 1];
        let by_hand = (10.0 / 11.0 + 9.0 / 10.0 + 7.5 / 9.5 + 9.5 / 11.5) / 4.0;
        assert!((silhouette(&points, &labels, 2) - by_hand).abs() < 1e-15);
        // Spreads 0.5 and 1, centres 0.5 and 11.
        assert!((davies_bouldin(&points, &labels, 2).unwrap() - 1.5 / 10.5).abs() < 1e-15);
        // Between: 4 x 5.25²; within: 0.5 + 2.
        let expected = 4.0 * 5.25 * 5.25 / 2.5 * 2.0;
        assert!((calinski_harabasz(&points, &labels, 2).unwrap() - expected).abs() < 1e-12);
    }

    #[test]
    fn a_row_alone_counts_nothing_and_undefined_is_none() {
        let points = Points::from_columns(&[vec![0.0, 5.0, 5.0]]);
        assert_eq!(silhouette(&points, &[0, 1, 2], 3), 0.0);
        assert_eq!(davies_bouldin(&points, &[0, 1, 2], 3), None);
        assert_eq!(davies_bouldin(&points, &[0, 0, 0], 1), None);
        assert_eq!(calinski_harabasz(&points, &[0, 1, 2], 3), None);
        assert_eq!(calinski_harabasz(&points, &[0, 1, 1], 2), None);
    }

    #[test]
    fn agreement_ignores_names() {
        assert_eq!(adjusted_rand(&[0, 0, 1, 1], &[1, 1, 0, 0]), 1.0);
        // scikit-learn's documented example: 0.57.
        assert!((adjusted_rand(&[0, 0, 1, 2], &[0, 0, 1, 1]) - 4.0 / 7.0).abs() < 1e-15);
        assert!((adjusted_rand(&[0, 0, 1, 1], &[0, 1, 0, 1]) + 0.5).abs() < 1e-15);
        assert_eq!(adjusted_rand(&[0, 0], &[0, 0]), 1.0);
    }

    #[test]
    fn blocks_add_up() {
        let points = Points::from_columns(&[(0..200).map(|i| f64::from((i * 37) % 101)).collect()]);
        let labels: Vec<u32> = (0..200).map(|i| u32::from((i * 37) % 101 > 50)).collect();
        let data = SilhouetteData::new(&points, vec![Labelling { k: 2, labels: labels.clone() }]);
        let block = |from, to| SilhouetteTask { from, to }.run(&data, &Ctx::quiet(1)).unwrap()[0];
        let whole = silhouette(&points, &labels, 2);
        assert!(((block(0, 70) + block(70, 200)) / 200.0 - whole).abs() < 1e-14);
        assert!((-1.0..=1.0).contains(&whole));
    }
}
