//! The two-dimensional view: principal components of the clustered matrix.
//!
//! Components are eigenvectors of the covariance matrix (divisor n - 1); each is turned so that its largest loading is
//! positive, which makes the picture the same every time. Cost: rows x columns².

use super::{matrix::SegmentMatrix, segmentation::Projection};
use crate::engine::{
    context::Ctx,
    numeric::{linear::symmetric_eigen, matrix::Matrix},
    order::InOrder,
};

/// At most so many points are drawn.
pub const MAX_POINTS: usize = 5_000;
/// Columns named on each axis.
const TOP_LOADINGS: usize = 5;
/// Stream of the rows drawn.
const STREAM: u64 = 2;

/// Projects the matrix on its first two components. `None` below two rows or without variance. With one column the second
/// component is zero.
pub fn project(matrix: &SegmentMatrix, labels: &[u32], ctx: &Ctx<'_>) -> Option<Projection> {
    let (n, p) = (matrix.points.n(), matrix.points.p());
    if n < 2 || p == 0 {
        return None;
    }
    let mean: Vec<f64> = (0..p).map(|j| matrix.columns[j].scaled.iter().sum::<f64>() / n as f64).collect();
    let centred: Vec<Vec<f64>> =
        matrix.columns.iter().zip(&mean).map(|(c, m)| c.scaled.iter().map(|v| v - m).collect()).collect();
    let mut covariance = Matrix::zeros(p, p);
    for i in 0..p {
        for j in 0..=i {
            let value = product(&centred[i], &centred[j]) / (n - 1) as f64;
            covariance.column_mut(i)[j] = value;
            covariance.column_mut(j)[i] = value;
        }
    }
    let (values, vectors) = symmetric_eigen(&covariance);
    let total: f64 = values.iter().map(|v| v.max(0.0)).sum();
    if total <= 0.0 {
        return None;
    }
    let axes: Vec<Vec<f64>> = (0..2).map(|c| axis(&vectors, c, p)).collect();
    let rows = if n > MAX_POINTS {
        let mut rows = ctx.rng(STREAM).sample(n as u32, MAX_POINTS);
        rows.sort_unstable();
        rows
    } else {
        (0..n as u32).collect()
    };
    let points = rows
        .iter()
        .map(|&r| {
            let place = |axis: &[f64]| -> f64 {
                matrix.points.row(r as usize).iter().zip(&mean).zip(axis).map(|((v, m), a)| (v - m) * a).sum()
            };
            (place(&axes[0]) as f32, place(&axes[1]) as f32, labels[r as usize])
        })
        .collect();
    let loadings = axes
        .iter()
        .map(|axis| {
            let mut named: Vec<(String, f64)> =
                matrix.columns.iter().map(|c| c.name.clone()).zip(axis.iter().copied()).collect();
            named.order_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
            named.truncate(TOP_LOADINGS);
            named
        })
        .collect();
    Some(Projection { explained: values.iter().map(|v| v.max(0.0) / total).collect(), points, loadings })
}

/// Four running sums: fixed order, and fast.
fn product(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0_f64; 4];
    let (mut x, mut y) = (a.chunks_exact(4), b.chunks_exact(4));
    for (u, v) in x.by_ref().zip(y.by_ref()) {
        for i in 0..4 {
            sums[i] += u[i] * v[i];
        }
    }
    let rest: f64 = x.remainder().iter().zip(y.remainder()).map(|(u, v)| u * v).sum();
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}

fn axis(vectors: &Matrix, component: usize, p: usize) -> Vec<f64> {
    if component >= p {
        return vec![0.0; p];
    }
    let column = vectors.column(component);
    let largest = column.iter().copied().fold(0.0_f64, |m, v| if v.abs() > m.abs() + 1e-12 { v } else { m });
    let sign = if largest < 0.0 { -1.0 } else { 1.0 };
    column.iter().map(|v| v * sign).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{segments::reference, testing::close};

    #[test]
    fn explained_variance_is_that_of_the_reference() {
        let (Some(matrix), Some(expected)) = (reference::matrix(), reference::expected()) else { return };
        let labels = vec![0; matrix.points.n()];
        let view = project(&matrix, &labels, &Ctx::quiet(1)).unwrap();
        let wanted = expected["pca"]["explained_variance_ratio"].as_array().unwrap();
        for (found, wanted) in view.explained.iter().zip(wanted) {
            close(*found, wanted.as_f64().unwrap(), 1e-9);
        }
        assert_eq!(view.points.len(), 2240);
        close(view.explained.iter().sum(), 1.0, 1e-12);
    }
}
