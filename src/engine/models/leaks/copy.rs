//! The target itself on another scale: one column that follows from it by a straight line.

use super::{Detector, Numbers, Scene, Sign, Weight};
use crate::engine::{numeric::math, words::rows_of};

/// The correlation from which two columns are the same to four digits.
const SAME: f64 = 0.9999;

/// See above.
pub struct Copy;

impl Detector for Copy {
    fn look(&self, scene: &Scene<'_>, found: &[Sign]) -> Vec<Sign> {
        let sign = |c: &Numbers<'_>| {
            correlation(&c.sample, &scene.y_sample).filter(|(r, _)| r.abs() > SAME)?;
            let (r, n) = correlation(&c.all(), scene.y).filter(|(r, _)| r.abs() > SAME)?;
            Some(Sign {
                column: c.name().to_owned(),
                weight: Weight::Blocks,
                reason: format!(
                    "It is {} on another scale: the two are the same to four digits (correlation {} over {}).",
                    scene.goal.name,
                    if r > 0.0 { "above 0.9999" } else { "below -0.9999" },
                    rows_of(n)
                ),
            })
        };
        let is_made = |c: &&Numbers<'_>| super::is_blocked(found, c.name()) && !c.column.made_from.is_empty();
        scene.numbers.iter().filter(|c| !is_made(c)).filter_map(sign).collect()
    }
}

/// Of the rows where both are known, with their number; `None` when fewer than three are or one does not vary.
fn correlation(x: &[f64], y: &[f64]) -> Option<(f64, u64)> {
    let pairs = || x.iter().zip(y).filter(|(a, b)| !a.is_nan() && !b.is_nan());
    let n = pairs().count();
    if n < 3 {
        return None;
    }
    let mean = |sum: f64| sum / n as f64;
    let (mx, my) = (mean(math::sum(pairs().map(|p| *p.0))), mean(math::sum(pairs().map(|p| *p.1))));
    let xx = math::sum(pairs().map(|(a, _)| (a - mx) * (a - mx)));
    let yy = math::sum(pairs().map(|(_, b)| (b - my) * (b - my)));
    let xy = math::sum(pairs().map(|(a, b)| (a - mx) * (b - my)));
    (xx > 0.0 && yy > 0.0).then(|| (xy / (xx.sqrt() * yy.sqrt()), n as u64))
}
