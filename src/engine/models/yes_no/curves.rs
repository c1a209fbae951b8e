//! The two curves of a ranking: ROC, and precision against recall.

use serde::{Deserialize, Serialize};

use super::Ranked;

/// Points of a curve that a picture can show.
const MOST_POINTS: f64 = 200.0;

/// A curve as (across, up) points.
pub type Curve = Vec<CurvePoint>;

/// A point of a curve.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct CurvePoint {
    /// Across.
    pub x: f64,
    /// Up.
    pub y: f64,
    /// Rows of at least this probability are called yes.
    pub threshold: f64,
}

/// From (0, 0) to (1, 1): the share of no that is called yes, and the share of yes that is. Empty where one does not occur.
pub fn roc(ranked: &Ranked) -> Curve {
    let n_no = ranked.n - ranked.n_yes;
    if ranked.n_yes <= 0.0 || n_no <= 0.0 {
        return Vec::new();
    }
    let start = CurvePoint { x: 0.0, y: 0.0, threshold: 1.0 };
    let points = ranked.cumulative().map(|(threshold, n, yes)| CurvePoint {
        x: (n - yes) / n_no,
        y: yes / ranked.n_yes,
        threshold,
    });
    thinned(std::iter::once(start).chain(points).collect())
}

/// The share of yes that is found, and the share of yes among those called yes. Empty without a yes.
pub fn precision_recall(ranked: &Ranked) -> Curve {
    if ranked.n_yes <= 0.0 {
        return Vec::new();
    }
    let points = ranked.cumulative().map(|(threshold, n, yes)| CurvePoint {
        x: yes / ranked.n_yes,
        y: yes / n,
        threshold,
    });
    thinned(points.collect())
}

/// Without points that lie closer than a picture shows; both ends stay.
fn thinned(points: Curve) -> Curve {
    let mut out: Curve = Vec::new();
    let last = points.len().saturating_sub(1);
    for (i, point) in points.into_iter().enumerate() {
        let is_near = |kept: &CurvePoint| {
            (kept.x - point.x).abs() < 1.0 / MOST_POINTS && (kept.y - point.y).abs() < 2.0 / MOST_POINTS
        };
        if i == last || !out.last().is_some_and(is_near) {
            out.push(point);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{super::predictions, *};

    #[test]
    fn curves_by_hand() {
        let ranked = Ranked::of(&predictions(&[(1.0, 0.9), (0.0, 0.6), (1.0, 0.6), (0.0, 0.1)]));
        let points = |curve: Curve| curve.iter().map(|p| (p.x, p.y)).collect::<Vec<_>>();
        assert_eq!(points(roc(&ranked)), [(0.0, 0.0), (0.0, 0.5), (0.5, 1.0), (1.0, 1.0)]);
        assert_eq!(points(precision_recall(&ranked)), [(0.5, 1.0), (1.0, 2.0 / 3.0), (1.0, 0.5)]);
        let none = Ranked::of(&predictions(&[(0.0, 0.9), (0.0, 0.1)]));
        assert!(roc(&none).is_empty() && precision_recall(&none).is_empty());
    }

    #[test]
    fn long_curves_are_thinned_and_keep_their_ends() {
        let pairs: Vec<(f64, f64)> = (0..5_000_u32)
            .map(|i| (f64::from(u8::from(i % 3 == 0)), f64::from((i * 7_919) % 5_003)))
            .collect();
        let curve = roc(&Ranked::of(&predictions(&pairs)));
        assert!(curve.len() < 450, "{}", curve.len());
        assert_eq!((curve[0].x, curve[curve.len() - 1].y), (0.0, 1.0));
        assert!(curve.windows(2).all(|w| w[0].x <= w[1].x && w[0].y <= w[1].y));
    }
}
