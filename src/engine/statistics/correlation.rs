//! Correlation of columns: Pearson and Spearman, each pair over the rows where both have a value.

use crate::engine::{
    data::table::Table,
    numeric::{
        distributions::{normal_quantile, t_two_sided},
        linear::Dot,
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
    pub order: Order,
}

/// Values looked at in one go: a multiple of four, small enough for the fastest memory.
const PIECE: usize = 2_048;

/// Average ranks from 1; ties share the mean of their places, rows without a value get NaN.
pub fn ranks(values: &[f64], order: &Order) -> Vec<f64> {
    let mut out = vec![f64::NAN; values.len()];
    rank(values, &order.rows, |row, twice| out[row] = 0.5 * f64::from(twice));
    out
}

/// Tells the double of the average rank of every row: a whole number.
fn rank(values: &[f64], rows: &[u32], mut tell: impl FnMut(usize, u32)) {
    let mut place = 0;
    for ties in rows.chunk_by(|&a, &b| values[a as usize] == values[b as usize]) {
        let n = ties.len() as u32;
        ties.iter().for_each(|&row| tell(row as usize, 2 * place + n + 1));
        place += n;
    }
}

/// Pearson's correlation over the rows where both have a value; `None` for fewer than two or without spread.
pub fn pearson(a: &[f64], b: &[f64]) -> Option<f64> {
    of_pairs(&|| a.iter().copied().zip(b.iter().copied()))
}

fn of_pairs<I: Iterator<Item = (f64, f64)>>(all: &dyn Fn() -> I) -> Option<f64> {
    let pairs = || all().filter(|(x, y)| !x.is_nan() && !y.is_nan());
    let a = Scale::of(&|| pairs().map(|(x, _)| x))?;
    let b = Scale::of(&|| pairs().map(|(_, y)| y))?;
    let mut dot = Dot::default();
    let (mut x, mut y) = (Vec::with_capacity(PIECE), Vec::with_capacity(PIECE));
    let mut pairs = pairs();
    loop {
        x.clear();
        y.clear();
        for pair in pairs.by_ref().take(PIECE) {
            x.push(a.standard(pair.0));
            y.push(b.standard(pair.1));
        }
        if x.is_empty() {
            return Some(dot.value().clamp(-1.0, 1.0));
        }
        dot.add(&x, &y);
    }
}

/// What makes values centred and of length 1 as a vector.
struct Scale {
    mean: f64,
    length: f64,
}

impl Scale {
    /// `None` without spread.
    fn of<I: Iterator<Item = f64>>(values: &dyn Fn() -> I) -> Option<Self> {
        let first = values().next()?;
        if values().all(|v| v == first) {
            return None;
        }
        let n = values().count();
        let mean = math::sum(values()) / n as f64;
        let mut squares = Dot::default();
        let mut piece = Vec::with_capacity(PIECE);
        let mut values = values();
        loop {
            piece.clear();
            piece.extend(values.by_ref().take(PIECE).map(|v| v - mean));
            if piece.is_empty() {
                break;
            }
            squares.add(&piece, &piece);
        }
        let length = squares.value().sqrt();
        (length > 0.0).then_some(Self { mean, length })
    }

    fn standard(&self, value: f64) -> f64 {
        (value - self.mean) / self.length
    }
}

/// A column of a matrix: its values, or the doubles of their ranks.
enum Source<'a> {
    Values(&'a [f64]),
    Ranks(Vec<u32>),
}

impl Source<'_> {
    /// The values of some rows.
    fn piece(&self, rows: std::ops::Range<usize>) -> impl Iterator<Item = f64> {
        let (values, ranks): (&[f64], &[u32]) = match self {
            Self::Values(values) => (&values[rows], &[]),
            Self::Ranks(ranks) => (&[], &ranks[rows]),
        };
        values.iter().copied().chain(ranks.iter().map(|&twice| 0.5 * f64::from(twice)))
    }
}

/// The correlation of every pair of columns that lack no value, piece by piece, so that no column is copied whole.
fn products(sources: &[Option<Source<'_>>], n_rows: usize) -> Vec<Vec<Option<f64>>> {
    let scales: Vec<Option<Scale>> = sources
        .iter()
        .map(|source| source.as_ref().and_then(|s| Scale::of(&|| s.piece(0..n_rows))))
        .collect();
    let n = sources.len();
    let mut dots = vec![vec![Dot::default(); n]; n];
    let mut pieces = vec![Vec::with_capacity(PIECE); n];
    for from in (0..n_rows).step_by(PIECE) {
        let rows = from..n_rows.min(from + PIECE);
        for ((source, scale), piece) in sources.iter().zip(&scales).zip(&mut pieces) {
            piece.clear();
            if let (Some(source), Some(scale)) = (source, scale) {
                piece.extend(source.piece(rows.clone()).map(|v| scale.standard(v)));
            }
        }
        for i in 0..n {
            for j in 0..i {
                if let (Some(_), Some(_)) = (&scales[i], &scales[j]) {
                    dots[i][j].add(&pieces[i], &pieces[j]);
                }
            }
        }
    }
    let value = |i: usize, j: usize| match (&scales[i], &scales[j]) {
        (Some(_), Some(_)) if i == j => Some(1.0),
        (Some(_), Some(_)) => Some(dots[i.max(j)][i.min(j)].value().clamp(-1.0, 1.0)),
        _ => None,
    };
    (0..n).map(|i| (0..n).map(|j| value(i, j)).collect()).collect()
}

/// Both matrices, Pearson first. Sorting is taken over from `order`; a pair with gaps is ranked again in linear time.
pub fn correlate(variables: Vec<Variable>) -> [Correlation; 2] {
    let n_rows = variables.first().map_or(0, |v| v.values.len());
    let is_complete: Vec<bool> = variables.iter().map(|v| v.order.rows.len() == n_rows).collect();
    let columns: Vec<String> = variables.iter().map(|v| v.name.to_owned()).collect();
    let with_gaps = |of_pair: &dyn Fn(&Variable, &Variable) -> Option<f64>| {
        let mut found = Vec::new();
        for (i, a) in variables.iter().enumerate() {
            for (j, b) in variables.iter().enumerate().take(i + 1) {
                if !(is_complete[i] && is_complete[j]) {
                    found.push((i, j, of_pair(a, b)));
                }
            }
        }
        found
    };
    let matrix =
        |method: &str, complete: &[Option<Source<'_>>], with_gaps: Vec<(usize, usize, Option<f64>)>| {
            let mut values = products(complete, n_rows);
            for (i, j, value) in with_gaps {
                values[i][j] = value;
                values[j][i] = value;
            }
            Correlation { method: method.to_owned(), columns: columns.clone(), values }
        };
    let plain = with_gaps(&|a, b| pearson(a.values, b.values));
    let ranked = with_gaps(&|a, b| {
        let (x, y) = (twice_ranks(a, Some(b)), twice_ranks(b, Some(a)));
        let rank = |twice: &u32| if *twice == 0 { f64::NAN } else { 0.5 * f64::from(*twice) };
        of_pairs(&|| x.iter().map(rank).zip(y.iter().map(rank)))
    });
    let complete = || variables.iter().zip(&is_complete);
    let values: Vec<_> = complete().map(|(v, whole)| whole.then_some(Source::Values(v.values))).collect();
    let pearson = matrix("pearson", &values, plain);
    // An order is let go of as soon as its ranks are there: a column at a time has both.
    let ranks = variables.into_iter().zip(&is_complete);
    let ranks: Vec<_> = ranks.map(|(v, whole)| whole.then(|| Source::Ranks(twice_ranks(&v, None)))).collect();
    [pearson, matrix("spearman", &ranks, ranked)]
}

/// The doubles of the ranks of a column, among the rows where another has a value too; 0 where there is none.
fn twice_ranks(variable: &Variable, beside: Option<&Variable>) -> Vec<u32> {
    let mut out = vec![0; variable.values.len()];
    let tell = |row: usize, twice: u32| out[row] = twice;
    match beside {
        None => rank(variable.values, &variable.order.rows, tell),
        Some(other) => {
            let is_known = |row: &u32| !other.values[*row as usize].is_nan();
            let rows: Vec<u32> = variable.order.rows.iter().copied().filter(is_known).collect();
            rank(variable.values, &rows, tell);
        }
    }
    out
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
