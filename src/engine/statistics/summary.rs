//! Summaries of columns: pandas' definitions, Tukey's whiskers, a histogram with edges a person would choose.

use crate::engine::{
    data::{
        column::{Column, Values},
        distinct::Grid,
    },
    numeric::{describe::quantile, math},
    order::InOrder,
    words,
};

use super::exploration::{ColumnStatistics, NumericStatistics};

/// How many frequent values and outliers a summary lists.
const N_TOP: usize = 20;
const N_OUTLIERS: usize = 200;
const MAX_BINS: usize = 40;

/// Row numbers of the present values of a column from the smallest value to the largest, sorted once for everything that
/// needs order (quantiles, ranks, distinct values).
pub struct Order {
    /// Ties keep the order of the rows.
    pub rows: Vec<u32>,
}

impl Order {
    /// Sorts the rows with a value. Cost: linear for many, n log n for few.
    pub fn of(values: &[f64]) -> Self {
        if let Some(grid) = Grid::of(values) {
            return Self { rows: grid.order(values) };
        }
        let mut pairs: Vec<(u64, u32)> = Vec::with_capacity(values.len());
        pairs.extend(values.iter().zip(0_u32..).filter(|(v, _)| !v.is_nan()).map(|(v, row)| {
            // Bits in the order of the numbers: negative ones reversed below, positive ones above.
            let bits = v.to_bits();
            (if bits >> 63 == 1 { !bits } else { bits | (1 << 63) }, row)
        }));
        if pairs.len() < 4096 {
            pairs.order_by(|a, b| a.cmp(b));
        } else {
            radix_sort(&mut pairs);
        }
        // Not `into_iter`, which would keep the room of the pairs, four times what the rows need.
        Self { rows: pairs.iter().map(|&(_, row)| row).collect() }
    }

    /// The sorted values.
    pub fn sorted(&self, values: &[f64]) -> Vec<f64> {
        self.rows.iter().map(|&r| values[r as usize]).collect()
    }
}

/// Stable sort by key, byte by byte from the lowest, skipping bytes that all keys share: linear in the number of rows.
fn radix_sort(pairs: &mut Vec<(u64, u32)>) {
    let mut spare = vec![(0, 0); pairs.len()];
    for shift in (0..64).step_by(8) {
        let byte = |key: u64| ((key >> shift) & 0xFF) as usize;
        let mut counts = [0_usize; 256];
        pairs.iter().for_each(|p| counts[byte(p.0)] += 1);
        if counts.contains(&pairs.len()) {
            continue;
        }
        let mut place = 0;
        for count in &mut counts {
            (*count, place) = (place, place + *count);
        }
        for &pair in pairs.iter() {
            let slot = &mut counts[byte(pair.0)];
            spare[*slot] = pair;
            *slot += 1;
        }
        std::mem::swap(pairs, &mut spare);
    }
}

/// Summary of any column; `order` where the values were sorted already.
pub fn summarise(column: &Column, order: Option<&Order>) -> ColumnStatistics {
    let missing = column.n_missing() as u64;
    let count = column.len() as u64 - missing;
    let mut summary = ColumnStatistics {
        name: column.name.clone(),
        count,
        missing,
        unique: 0,
        numeric: None,
        top: Vec::new(),
    };
    match &column.values {
        Values::Category(d) | Values::Text(d) => {
            let counts = d.counts();
            summary.unique = counts.iter().filter(|&&n| n > 0).count() as u64;
            let mut order: Vec<usize> = (0..counts.len()).filter(|&i| counts[i] > 0).collect();
            order.order_by(|&a, &b| counts[b].cmp(&counts[a]).then(a.cmp(&b)));
            summary.top = order.into_iter().take(N_TOP).map(|i| (d.levels[i].clone(), counts[i])).collect();
        }
        Values::Boolean(values) => {
            for (label, wanted) in [("yes", true), ("no", false)] {
                let n = values.iter().filter(|v| **v == Some(wanted)).count() as u64;
                if n > 0 {
                    summary.top.push((label.to_owned(), n));
                }
            }
            summary.top.order_by_key(|t| std::cmp::Reverse(t.1));
            summary.unique = summary.top.len() as u64;
        }
        Values::Number(_) | Values::Date(_) => {
            if let Some(values) = column.as_numbers() {
                let own;
                let order = match order {
                    Some(order) => order,
                    None => {
                        own = Order::of(&values);
                        &own
                    }
                };
                let sorted = order.sorted(&values);
                summary.unique = sorted.chunk_by(|a, b| a == b).count() as u64;
                summary.numeric = describe(&sorted).map(|n| NumericStatistics {
                    is_year: matches!(column.values, Values::Number(_))
                        && words::are_years(
                            &column.name,
                            sorted.iter().all(|v| v.fract() == 0.0),
                            n.min,
                            n.max,
                        ),
                    ..n
                });
            }
        }
    }
    summary
}

/// Statistics of sorted values without NaN; `None` when there are none.
pub fn describe(sorted: &[f64]) -> Option<NumericStatistics> {
    let (&min, &max) = (sorted.first()?, sorted.last()?);
    let n = sorted.len() as f64;
    let sum = math::sum(sorted.iter().copied());
    let mean = sum / n;
    let power = |k: i32| {
        math::sum(sorted.iter().map(|v| {
            let d = v - mean;
            match k {
                2 => d * d,
                3 => d * d * d,
                _ => (d * d) * (d * d),
            }
        }))
    };
    let squares = power(2);
    // What rounding leaves of a constant is no spread.
    let varies = min < max;
    let m2 = squares / n;
    let skew = (sorted.len() > 2).then(|| {
        if varies { (n * (n - 1.0)).sqrt() / (n - 2.0) * (power(3) / n) / (m2 * m2.sqrt()) } else { 0.0 }
    });
    let kurtosis = (sorted.len() > 3).then(|| {
        if varies {
            let excess = (power(4) / n) / (m2 * m2) - 3.0;
            (n - 1.0) / ((n - 2.0) * (n - 3.0)) * ((n + 1.0) * excess + 6.0)
        } else {
            0.0
        }
    });
    let at = |q| quantile(sorted, q).unwrap_or(f64::NAN);
    let (q1, median, q3) = (at(0.25), at(0.5), at(0.75));
    let reach = 1.5 * (q3 - q1);
    let inside_from = sorted.partition_point(|&v| v < q1 - reach);
    let inside_to = sorted.partition_point(|&v| v <= q3 + reach);
    let outliers = inside_from + sorted.len() - inside_to;
    // When there are too many to list, every so-many-th in order stands for the rest.
    let stride = outliers.div_ceil(N_OUTLIERS).max(1);
    let outlier_values =
        sorted[..inside_from].iter().chain(&sorted[inside_to..]).step_by(stride).copied().collect();
    let (histogram_edges, histogram_counts) = histogram(sorted, q3 - q1);
    Some(NumericStatistics {
        mean,
        std: (sorted.len() > 1).then(|| if varies { (squares / (n - 1.0)).sqrt() } else { 0.0 }),
        min,
        q1,
        median,
        q3,
        max,
        sum,
        skew,
        kurtosis,
        zeros: sorted.iter().filter(|v| **v == 0.0).count() as u64,
        whisker_low: sorted[inside_from.min(sorted.len() - 1)],
        whisker_high: sorted[inside_to.max(1) - 1],
        outliers: outliers as u64,
        outlier_values,
        histogram_edges,
        histogram_counts,
        is_year: false,
    })
}

/// Bins of equal, round width by Freedman-Diaconis' rule, at most 40. Small whole numbers get whole widths with the edges
/// between them, so that no bin holds more possible values than its neighbours.
fn histogram(sorted: &[f64], iqr: f64) -> (Vec<f64>, Vec<u64>) {
    let (Some(&min), Some(&max)) = (sorted.first(), sorted.last()) else { return (Vec::new(), Vec::new()) };
    let whole = sorted.iter().all(|v| v.fract() == 0.0);
    let range = max - min;
    if min == max {
        let half = if whole && min.abs() < 1e15 { 0.5 } else { min.abs() * 0.05 };
        return (vec![min - half, max + half], vec![sorted.len() as u64]);
    }
    if !range.is_finite() || range < min.abs().max(max.abs()) * 1e-12 || range < 1e-290 {
        // Round edges cannot be told apart here.
        return (vec![min, max], vec![sorted.len() as u64]);
    }
    let n = sorted.len() as f64;
    let rule = 2.0 * iqr / math::pow(n, 1.0 / 3.0);
    // Without a middle spread (mostly one value) Sturges' rule still shows the tail.
    let wanted = if rule > 0.0 { rule } else { range / (math::log2(n) + 1.0) };
    let mut width = round_up(wanted.max(range / MAX_BINS as f64).min(range));
    let edges_at = |width: f64| {
        let shift = if whole && width < 10.0 { 0.5 } else { 0.0 };
        let start = if shift > 0.0 && width == 1.0 {
            min - shift
        } else {
            ((min + shift) / width).floor() * width - shift
        };
        let mut bins = ((max - start) / width).floor() as usize + 1;
        // The largest value may lie on the last edge: it belongs into the bin below it.
        if bins > 1 && max <= start + width * (bins - 1) as f64 {
            bins -= 1;
        }
        (start, bins)
    };
    if whole && range <= 20.0 {
        width = 1.0;
    } else if whole && width < 10.0 {
        width = width.ceil();
    }
    let (mut start, mut bins) = edges_at(width);
    for _ in 0..20 {
        if bins <= MAX_BINS {
            break;
        }
        width = round_up(width * 1.01);
        if whole && width < 10.0 {
            width = width.ceil();
        }
        (start, bins) = edges_at(width);
    }
    let edges: Vec<f64> = (0..=bins).map(|i| start + width * i as f64).collect();
    let mut counts = vec![0_u64; bins];
    let mut from = 0;
    for (i, slot) in counts.iter_mut().enumerate() {
        let to = if i + 1 == bins {
            sorted.len()
        } else {
            from + sorted[from..].partition_point(|&v| v < edges[i + 1])
        };
        *slot = (to - from) as u64;
        from = to;
    }
    (edges, counts)
}

/// The next of 1, 2, 2.5, 5 times a power of ten.
fn round_up(width: f64) -> f64 {
    let mut unit = math::pow(10.0, math::log10(width).floor());
    if unit > width {
        unit /= 10.0;
    }
    [1.0, 2.0, 2.5, 5.0]
        .into_iter()
        .map(|m| m * unit)
        .find(|w| *w >= width * (1.0 - 1e-12))
        .unwrap_or(10.0 * unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(values: &[f64]) -> NumericStatistics {
        let order = Order::of(values);
        let found = describe(&order.sorted(values)).unwrap();
        let (edges, counts) = (&found.histogram_edges, &found.histogram_counts);
        assert_eq!(edges.len(), counts.len() + 1);
        assert_eq!(counts.iter().sum::<u64>() as usize, order.rows.len());
        assert!((1..=MAX_BINS).contains(&counts.len()), "{edges:?}");
        assert!(edges.windows(2).all(|w| w[0] < w[1]), "{edges:?}");
        assert!(edges[0] <= found.min && found.max <= edges[edges.len() - 1], "{edges:?}");
        found
    }

    #[test]
    fn histograms_hold_any_values() {
        check(&[0.0, 1.0]);
        check(&[5.0, 5.0, 5.0]);
        check(&[0.1, 0.1 + 1e-9, f64::NAN, 0.3]);
        check(&[-1e308, 0.0, 1e308]);
        check(&[1e16, 1e16 + 2.0]);
        check(&[1e-300, 2e-300, 5e-300]);
        check(&(0..1000).map(|i| f64::from(i * i)).collect::<Vec<_>>());
        check(&(0..500).map(|i| if i == 0 { 6.66666e8 } else { f64::from(i % 7) * 1e4 }).collect::<Vec<_>>());
        let mut random = crate::engine::numeric::random::Rng::stream(3, 1);
        check(&(0..5000).map(|_| random.normal()).collect::<Vec<_>>());
    }

    #[test]
    fn both_sorts_agree() {
        let mut random = crate::engine::numeric::random::Rng::stream(5, 1);
        let values: Vec<f64> = (0..6000)
            .map(|i| match i % 4 {
                0 => f64::NAN,
                1 => (random.normal() * 3.0).round(),
                _ => random.normal() * 1e5,
            })
            .collect();
        let order = Order::of(&values);
        let mut rows: Vec<u32> = (0..6000).filter(|&r| !values[r as usize].is_nan()).collect();
        rows.sort_by(|&a, &b| values[a as usize].total_cmp(&values[b as usize]));
        assert_eq!(order.rows, rows);
    }

    #[test]
    fn whole_numbers_lie_in_the_middle_of_their_bins() {
        let found = check(&[0.0, 1.0, 1.0, 2.0, 2.0, 2.0, 3.0]);
        assert_eq!(found.histogram_edges, [-0.5, 0.5, 1.5, 2.5, 3.5]);
        assert_eq!(found.histogram_counts, [1, 2, 3, 1]);
    }

    #[test]
    fn a_constant_has_no_spread_and_little_data_no_shape() {
        let constant = check(&[0.1; 7]);
        assert_eq!((constant.std, constant.skew, constant.outliers), (Some(0.0), Some(0.0), 0));
        let one = check(&[3.0]);
        assert_eq!((one.std, one.skew, one.kurtosis), (None, None, None));
        assert!(describe(&[]).is_none());
    }
}
