//! How many segments: elbow, silhouette, stability and size weighed into one recommendation with its reason.

use super::segmentation::SweepPoint;
use crate::engine::words;

/// Below this silhouette the rows hardly fall into groups at all (Kaufman and Rousseeuw 1990).
pub const WEAK_SILHOUETTE: f64 = 0.25;
/// From this mean adjusted Rand index the starts count as finding the same segments.
pub const STABLE: f64 = 0.8;
/// A segment with less than this share of the rows is hardly one to act on.
pub const SMALLEST_SHARE: f64 = 0.02;
/// Silhouettes closer than this are alike: finer segments then cost next to nothing in separation.
const ALIKE: f64 = 0.025;

/// The k at which the inertia curve bends most: the point farthest below the chord from the first to the last, both axes
/// scaled to 0..1 (Satopää et al. 2011). `None` below three points or without a bend.
pub fn elbow(sweep: &[SweepPoint]) -> Option<u32> {
    let (first, last) = (sweep.first()?, sweep.last()?);
    let (width, height) = (f64::from(last.k) - f64::from(first.k), first.inertia - last.inertia);
    if sweep.len() < 3 || width <= 0.0 || height <= 0.0 {
        return None;
    }
    let mut best: Option<(u32, f64)> = None;
    for point in sweep {
        let x = (f64::from(point.k) - f64::from(first.k)) / width;
        let y = (point.inertia - last.inertia) / height;
        let below = 1.0 - x - y;
        if below > best.map_or(1e-9, |b| b.1) {
            best = Some((point.k, below));
        }
    }
    best.map(|b| b.0)
}

/// The recommended k and why. Among those whose segments are found again by other starts and are all large enough to act on
/// the one with the best silhouette; of several alike, the elbow, else the one with most segments, which says more.
/// `None` for an empty sweep.
pub fn recommend(sweep: &[SweepPoint]) -> Option<(u32, String)> {
    let is_stable = |p: &SweepPoint| p.stability.is_none_or(|s| s >= STABLE);
    let is_large = |p: &SweepPoint| smallest_share(p) >= SMALLEST_SHARE;
    let stable: Vec<&SweepPoint> = sweep.iter().filter(|p| is_stable(p)).collect();
    let both: Vec<&SweepPoint> = stable.iter().copied().filter(|p| is_large(p)).collect();
    let pool = if !both.is_empty() {
        both
    } else if !stable.is_empty() {
        stable.clone()
    } else {
        sweep.iter().collect()
    };
    let quality = |p: &SweepPoint| p.silhouette.unwrap_or(f64::NEG_INFINITY);
    let top = pool.iter().map(|p| quality(p)).fold(f64::NEG_INFINITY, f64::max);
    let bend = elbow(sweep);
    let alike: Vec<&SweepPoint> = pool.iter().copied().filter(|p| quality(p) >= top - ALIKE).collect();
    let chosen = alike
        .iter()
        .find(|p| Some(p.k) == bend)
        .or(if top.is_finite() { alike.last() } else { alike.first() })
        .copied()?;
    Some((chosen.k, reason(chosen, sweep, &stable, &pool, bend)))
}

fn reason(
    chosen: &SweepPoint,
    sweep: &[SweepPoint],
    stable: &[&SweepPoint],
    pool: &[&SweepPoint],
    bend: Option<u32>,
) -> String {
    let k = chosen.k;
    let mut parts = Vec::new();
    let again =
        chosen.stability.map_or(String::new(), |s| format!(" (agreement {}, where 1 is full)", agreement(s)));
    if stable.is_empty() {
        parts.push(format!(
            "No k is found again reliably by other starts; k = {k} separates best{again}, so read the segments as a sketch."
        ));
    } else if sweep.len() == 1 {
        parts.push(format!("k = {k} is the only number of segments tried{again}."));
    } else if stable.len() == 1 && stable.iter().any(|p| p.k == k) {
        parts.push(format!("k = {k} is the only one that is found again by other starts{again}."));
    } else {
        let best = pool.iter().copied().reduce(|a, b| if b.silhouette > a.silhouette { b } else { a });
        let of_all = sweep.iter().all(|p| p.silhouette <= best.and_then(|b| b.silhouette));
        let group = if of_all { "of all tried" } else { "of those that are stable and not too small" };
        let lead = match (chosen.silhouette, best) {
            (Some(own), Some(best)) if best.k != k => format!(
                "separates nearly as well as k = {}, the best {group} (silhouette {} against {}), says more",
                best.k,
                words::decimals(own, 2),
                words::decimals(best.silhouette.unwrap_or(own), 2)
            ),
            (Some(_), _) => format!("separates best {group}"),
            (None, _) => "is a fair choice while silhouettes are unknown".into(),
        };
        parts.push(format!("k = {k} {lead} and is found again by other starts{again}."));
    }
    if let Some(s) = chosen.silhouette {
        let strength = if s < WEAK_SILHOUETTE {
            "weak: people shade into one another, so the borders are a convenience"
        } else if s < 0.5 {
            "moderate"
        } else {
            "clear"
        };
        parts.push(format!("Its silhouette is {}, {strength}.", words::decimals(s, 2)));
    }
    match bend {
        Some(b) if b == k => parts.push("The spread within segments has its elbow there too.".into()),
        Some(b) => parts.push(format!("The spread within segments has its elbow at k = {b}.")),
        None => {}
    }
    let share = smallest_share(chosen);
    if share < SMALLEST_SHARE {
        parts.push(format!("Its smallest segment holds only {} of the rows.", words::percent(share)));
    }
    parts.join(" ")
}

/// An agreement short of full is not rounded up to it.
fn agreement(value: f64) -> String {
    if value < 1.0 { format!("{:.2}", value.min(0.99)) } else { "1".into() }
}

/// Share of the rows in the smallest segment.
pub fn smallest_share(point: &SweepPoint) -> f64 {
    let total: u64 = point.sizes.iter().sum();
    point.sizes.iter().min().map_or(0.0, |&n| n as f64 / total.max(1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(k: u32, inertia: f64, silhouette: f64, stability: f64, sizes: &[u64]) -> SweepPoint {
        SweepPoint {
            k,
            inertia,
            silhouette: Some(silhouette),
            davies_bouldin: None,
            calinski_harabasz: None,
            stability: Some(stability),
            sizes: sizes.to_vec(),
        }
    }

    #[test]
    fn the_bend_is_found() {
        let inertia = [100.0, 60.0, 30.0, 27.0, 25.0];
        let sweep: Vec<_> = inertia.iter().zip(2..).map(|(&i, k)| point(k, i, 0.3, 1.0, &[1, 1])).collect();
        assert_eq!(elbow(&sweep), Some(4));
        assert_eq!(elbow(&sweep[..2]), None);
        let straight: Vec<_> = (2..6).map(|k| point(k, 10.0 - f64::from(k), 0.3, 1.0, &[1])).collect();
        assert_eq!(elbow(&straight), None);
    }

    #[test]
    fn what_is_not_found_again_is_not_recommended() {
        let sweep = [
            point(2, 100.0, 0.246, 0.98, &[60, 40]),
            point(3, 60.0, 0.3, 0.5, &[40, 30, 30]),
            point(4, 50.0, 0.2, 0.6, &[40, 20, 20, 20]),
        ];
        let (k, why) = recommend(&sweep).unwrap();
        assert_eq!(k, 2);
        assert!(why.contains("k = 2 is the only one that is found again"), "{why}");
        assert!(why.contains("weak"), "{why}");
    }

    #[test]
    fn crumbs_are_not_recommended_while_there_is_a_choice() {
        let sweep = [
            point(2, 100.0, 0.4, 1.0, &[50, 50]),
            point(3, 60.0, 0.6, 1.0, &[500, 499, 1]),
            point(4, 50.0, 0.2, 1.0, &[40, 20, 20, 20]),
        ];
        assert_eq!(recommend(&sweep).unwrap().0, 2);
        let (k, why) = recommend(&sweep[1..2]).unwrap();
        assert!(k == 3 && why.contains("only 0.10 %"), "{why}");
        assert_eq!(recommend(&[]), None);
    }

    #[test]
    fn of_several_alike_the_one_that_says_most() {
        let sweep = [
            point(2, 100.0, 0.36, 1.0, &[50, 50]),
            point(3, 70.0, 0.34, 0.9, &[40, 30, 30]),
            point(4, 40.0, 0.28, 0.9, &[40, 20, 20, 20]),
        ];
        let (k, why) = recommend(&sweep).unwrap();
        assert_eq!(k, 3);
        assert!(why.contains("nearly as well as k = 2"), "{why}");
    }

    #[test]
    fn without_silhouettes_the_bend_decides() {
        let mut sweep: Vec<_> =
            [100.0, 40.0, 35.0, 30.0].iter().zip(2..).map(|(&i, k)| point(k, i, 0.0, 1.0, &[5, 5])).collect();
        for p in &mut sweep {
            p.silhouette = None;
        }
        assert_eq!(recommend(&sweep).unwrap().0, 3);
    }
}
