//! Correlation of columns: Pearson and Spearman, each pair over the rows where both have a value.

use crate::engine::{
    data::table::Table,
    numeric::{
        distributions::{normal_quantile, t_two_sided},
        linear::dot,
        math,
    },
};

use super::{exploration::Correlation, summary::Order};

/// A column to correlate.
pub struct Variable<'a> {
    /// Column name.
    pub name: &'a str,
    /// NaN is missing.
    pub values: &'a [f64],
    /// Order of the values.
    pub order: &'a Order,
}

/// Average ranks from 1; ties share the mean of their places, rows without a value get NaN.
pub fn ranks(values: &[f64], order: &Order) -> Vec<f64> {
    ranks_of(values, order.rows.iter().copied(), values.len())
}

fn ranks_of(values: &[f64], rows: impl Iterator<Item = u32>, n_rows: usize) -> Vec<f64> {
    let rows: Vec<u32> = rows.collect();
    let mut out = vec![f64::NAN; n_rows];
    let mut place = 0;
    for ties in rows.chunk_by(|&a, &b| values[a as usize] == values[b as usize]) {
        let rank = place as f64 + 0.5 * (ties.len() + 1) as f64;
        ties.iter().for_each(|&r| out[r as usize] = rank);
        place += ties.len();
    }
    out
}

/// Pearson's correlation over the rows where both have a value; `None` for fewer than two or without spread.
pub fn pearson(a: &[f64], b: &[f64]) -> Option<f64> {
    let pairs: (Vec<f64>, Vec<f64>) =
        a.iter().zip(b).filter(|(x, y)| !x.is_nan() && !y.is_nan()).map(|(&x, &y)| (x, y)).unzip();
    Some(dot(&standardised(&pairs.0)?, &standardised(&pairs.1)?).clamp(-1.0, 1.0))
}

/// Centred and of length 1; `None` without spread.
fn standardised(values: &[f64]) -> Option<Vec<f64>> {
    let first = *values.first()?;
    if values.iter().all(|&v| v == first) {
        return None;
    }
    let mean = math::sum(values.iter().copied()) / values.len() as f64;
    let mut out: Vec<f64> = values.iter().map(|v| v - mean).collect();
    let length = dot(&out, &out).sqrt();
    out.iter_mut().for_each(|v| *v /= length);
    (length > 0.0).then_some(out)
}

/// Both matrices, Pearson first. Sorting is taken over from `order`; a pair with gaps is ranked again in linear time.
pub fn correlate(variables: &[Variable]) -> [Correlation; 2] {
    let complete: Vec<bool> = variables.iter().map(|v| v.order.rows.len() == v.values.len()).collect();
    let ranked: Vec<Vec<f64>> = variables.iter().map(|v| ranks(v.values, v.order)).collect();
    let scaled = |columns: &mut dyn Iterator<Item = &[f64]>| -> Vec<Option<Vec<f64>>> {
        columns.zip(&complete).map(|(c, ok)| if *ok { standardised(c) } else { None }).collect()
    };
    let plain = scaled(&mut variables.iter().map(|v| v.values));
    let by_rank = scaled(&mut ranked.iter().map(Vec::as_slice));
    let matrix = |method: &str, ready: &[Option<Vec<f64>>], of_pair: &dyn Fn(usize, usize) -> Option<f64>| {
        let n = variables.len();
        let mut values = vec![vec![None; n]; n];
        for i in 0..n {
            for j in 0..=i {
                let value = if complete[i] && complete[j] {
                    match (&ready[i], &ready[j]) {
                        (Some(_), Some(_)) if i == j => Some(1.0),
                        (Some(a), Some(b)) => Some(dot(a, b).clamp(-1.0, 1.0)),
                        _ => None,
                    }
                } else {
                    of_pair(i, j)
                };
                values[i][j] = value;
                values[j][i] = value;
            }
        }
        let columns = variables.iter().map(|v| v.name.to_owned()).collect();
        Correlation { method: method.to_owned(), columns, values }
    };
    let pearson_pair = |i: usize, j: usize| pearson(variables[i].values, variables[j].values);
    let spearman_pair = |i: usize, j: usize| {
        let (a, b) = (&variables[i], &variables[j]);
        let on_pair = |v: &Variable, other: &Variable| {
            let rows = v.order.rows.iter().copied().filter(|&r| !other.values[r as usize].is_nan());
            ranks_of(v.values, rows, v.values.len())
        };
        pearson(&on_pair(a, b), &on_pair(b, a))
    };
    [matrix("pearson", &plain, &pearson_pair), matrix("spearman", &by_rank, &spearman_pair)]
}

/// Whether two columns move together by making: one is computed from the other, both from the same column, or they agree all
/// but exactly (beyond ±0.98) and one carries the other's name, as a scaled copy that came with the file does.
pub fn is_derived(table: &Table, a: &str, b: &str, r: f64) -> bool {
    let sources = |name: &str| -> Vec<String> {
        let made = table.column(name).map(|c| c.made_from.as_slice()).unwrap_or_default();
        made.iter().map(|(source, _)| source.clone()).chain([name.to_owned()]).collect()
    };
    let (first, second) = (sources(a), sources(b));
    if first.iter().any(|name| second.contains(name)) {
        return true;
    }
    let words = |name: &str| -> Vec<String> {
        let lower = name.to_lowercase();
        lower.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_owned).collect()
    };
    let (first, second) = (words(a), words(b));
    let (short, long) = if first.len() <= second.len() { (first, second) } else { (second, first) };
    r.abs() > 0.98 && !short.is_empty() && short.iter().all(|w| long.contains(w))
}

/// Two-sided p of a Pearson correlation by its t, and a 95 % interval by Fisher's z; `None` below four rows.
pub fn correlation_test(r: f64, n: u64) -> Option<(f64, f64, (f64, f64))> {
    if n < 4 {
        return None;
    }
    let dof = n as f64 - 2.0;
    let t = r * (dof / ((1.0 - r) * (1.0 + r)).max(1e-300)).sqrt();
    let z = 0.5 * (math::ln_1p(r) - math::ln_1p(-r));
    let half = normal_quantile(0.975) / (n as f64 - 3.0).sqrt();
    let interval = if z.is_finite() { (math::tanh(z - half), math::tanh(z + half)) } else { (r, r) };
    Some((t, t_two_sided(t, dof), interval))
}
