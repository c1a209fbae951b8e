//! Signs that a column gives the target away, or may: one file a kind of sign, each sign with its evidence in figures.
//!
//! A new kind is a new file here, its `mod` line and its entry in [`DETECTORS`]. Columns are looked at on a seeded sample of
//! rows first; what is seen there is confirmed on all rows before it is said.

pub mod bounds;
pub mod copy;
pub mod counter;
pub mod derivation;
pub mod encoded;
pub mod predictor;
pub mod provenance;
pub mod total;
pub mod twins;

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use super::{
    choices,
    family::ModelError,
    frame::{find, target_of},
};
use crate::engine::{
    data::{
        column::{Column, ColumnType},
        table::Table,
    },
    numeric::random::Rng,
    step::Informed,
    words::{count, rows_of},
};

/// Every kind of sign, the surest first: later ones are told what earlier ones found.
pub const DETECTORS: &[&dyn Detector] = &[
    &provenance::Provenance,
    &copy::Copy,
    &derivation::Derivation,
    &encoded::Encoded,
    &total::Total,
    &counter::Counter,
    &predictor::Predictor,
    &bounds::Bounds,
];

/// Rows looked at first.
const SAMPLE: u64 = 2_000;

/// Stream of the sample: the same for every plan, since what leaks does not depend on the seed of the folds.
const SAMPLE_STREAM: u64 = 0x1EAC;

/// Columns of numbers compared with each other, at most; beyond this only the first ones are.
const MOST_COLUMNS: usize = 200;

/// A kind of sign.
pub trait Detector: Sync {
    /// Looks for it. `found` is what earlier kinds found.
    fn look(&self, scene: &Scene<'_>, found: &[Sign]) -> Vec<Sign>;
}

/// What follows from a sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// The column is left out until the user wants it all the same.
    Blocks,
    /// The column is used, with a warning.
    Warns,
}

/// A column that gives the target away, or may.
#[derive(Debug, Clone, PartialEq)]
pub struct Sign {
    /// Name of the column.
    pub column: String,
    /// What follows.
    pub weight: Weight,
    /// One sentence, with its figures.
    pub reason: String,
}

/// What is looked at.
pub struct Scene<'a> {
    /// All columns.
    pub table: &'a Table,
    /// The target.
    pub goal: &'a Column,
    /// Its values; NaN is missing.
    pub y: &'a [f64],
    /// Columns that were filled with the help of others.
    pub informed: &'a [Informed],
    /// Every other column that could be a feature.
    pub usable: Vec<&'a Column>,
    /// Those of numbers and yes/no.
    pub numbers: Vec<Numbers<'a>>,
    /// Some rows with a target, in order; all of them in a small table.
    pub sample: Vec<u32>,
    /// The target in the sample.
    pub y_sample: Vec<f64>,
}

/// A column of numbers.
pub struct Numbers<'a> {
    /// The column.
    pub column: &'a Column,
    /// Its values in the sample.
    pub sample: Vec<f64>,
    /// Digits after the point with which the sample is written; `None` for more than six.
    pub decimals: Option<u32>,
}

impl Numbers<'_> {
    /// Name of the column.
    pub fn name(&self) -> &str {
        &self.column.name
    }

    /// All its values.
    pub fn all(&self) -> Cow<'_, [f64]> {
        self.column.as_numbers().unwrap_or_default()
    }
}

impl<'a> Scene<'a> {
    fn new(
        table: &'a Table,
        goal: &'a Column,
        y: &'a [f64],
        informed: &'a [Informed],
        usable: Vec<&'a Column>,
    ) -> Self {
        let known: Vec<u32> = (0..y.len() as u32).filter(|&r| !y[r as usize].is_nan()).collect();
        let sample = strips(&known);
        let numbers = usable
            .iter()
            .copied()
            .filter(|c| matches!(c.column_type(), ColumnType::Number | ColumnType::Boolean))
            .take(MOST_COLUMNS)
            .filter_map(|column| {
                let all = column.as_numbers()?;
                let sample: Vec<f64> = sample.iter().map(|&r| all[r as usize]).collect();
                Some(Numbers { column, decimals: decimals(&sample), sample })
            })
            .collect();
        let y_sample = sample.iter().map(|&r| y[r as usize]).collect();
        Self { table, goal, y, informed, usable, numbers, sample, y_sample }
    }
}

/// One row out of each of equally long strips; all rows of a short list.
fn strips(rows: &[u32]) -> Vec<u32> {
    let n = rows.len() as u64;
    if n <= SAMPLE {
        return rows.to_vec();
    }
    let mut rng = Rng::stream(0, SAMPLE_STREAM);
    let draw = |i: u64| {
        let (start, end) = (i * n / SAMPLE, (i + 1) * n / SAMPLE);
        rows[start as usize + rng.below((end - start) as u32) as usize]
    };
    (0..SAMPLE).map(draw).collect()
}

/// Every sign there is, in the order of the detectors. `usable` are the columns that could be features.
pub fn signs(
    table: &Table,
    target: &str,
    informed: &[Informed],
    usable: impl Fn(&Column) -> bool,
) -> Result<Vec<Sign>, ModelError> {
    let goal = find(table, target)?;
    let y = target_of(table, target)?;
    let others = table.columns().iter().map(|c| &**c);
    let usable = others.filter(|c| c.name != goal.name && usable(c)).collect();
    let scene = Scene::new(table, goal, &y, informed, usable);
    let mut found: Vec<Sign> = Vec::new();
    for detector in DETECTORS {
        let signs = detector.look(&scene, &found);
        found.extend(signs);
    }
    Ok(found)
}

/// Whether a column is blocked by what was found so far.
pub fn is_blocked(found: &[Sign], column: &str) -> bool {
    found.iter().any(|s| s.weight == Weight::Blocks && s.column == column)
}

/// What the signs of one column come to: whether it is blocked, and the sentences, the weightiest first.
pub fn verdict(signs: &[Sign], column: &str) -> Option<(Weight, String)> {
    /// More would not be read.
    const MOST_SENTENCES: usize = 3;
    let of = |weight: Weight| {
        signs.iter().filter(move |s| s.column == column && s.weight == weight).map(|s| s.reason.as_str())
    };
    let sentences: Vec<&str> = of(Weight::Blocks).chain(of(Weight::Warns)).take(MOST_SENTENCES).collect();
    let weight = if of(Weight::Blocks).next().is_some() { Weight::Blocks } else { Weight::Warns };
    (!sentences.is_empty()).then(|| (weight, sentences.join(" ")))
}

/// "936 of 936 rows"
fn of_rows(n: u64, total: u64) -> String {
    format!("{} of {}", count(n), rows_of(total))
}

/// Whether a column is known before the target by its place in the funnel: what bounds or nearly gives the target is then
/// what it should be used for.
fn is_earlier(scene: &Scene<'_>, column: &Column) -> bool {
    let (own, goal) = (choices::stage(column), choices::stage(scene.goal));
    matches!((own, goal), (Some(own), Some(goal)) if own < goal)
}

/// Powers of ten up to the sixth.
const TENS: [f64; 7] = [1.0, 10.0, 100.0, 1e3, 1e4, 1e5, 1e6];

/// The digits after the point with which all values are written; `None` for more than six.
fn decimals(values: &[f64]) -> Option<u32> {
    let is_whole = |v: f64| (v - v.round()).abs() <= (1e-14 * v.abs()).max(1e-9);
    (0..TENS.len()).find(|&d| values.iter().all(|v| v.is_nan() || is_whole(v * TENS[d]))).map(|d| d as u32)
}

/// How many different values there are, NaN not counted, up to `most`.
fn distinct(values: impl Iterator<Item = f64>, most: usize) -> usize {
    let mut seen = std::collections::HashSet::new();
    for value in values.filter(|v| !v.is_nan()) {
        seen.insert((value + 0.0).to_bits());
        if seen.len() >= most {
            break;
        }
    }
    seen.len()
}
