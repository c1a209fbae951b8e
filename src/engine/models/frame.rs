//! The rows and columns a comparison works on, as plain data that travels to workers once.

use serde::{Deserialize, Serialize};

use super::family::ModelError;
use crate::engine::data::{
    column::{Column, Dictionary, Values},
    table::Table,
};

/// A row of this fold is in no test set: it is always a training row.
pub const ALWAYS_TRAINING: u32 = u32::MAX;

/// Features, target and folds of the rows whose target is known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    /// Name of the target.
    pub target: String,
    /// The columns offered to the models.
    pub features: Vec<Feature>,
    /// The target, complete.
    pub y: Vec<f64>,
    /// Number of each row in the file.
    pub row_ids: Vec<u32>,
    /// In which fold each row is held out, or [`ALWAYS_TRAINING`].
    pub fold: Vec<u32>,
    /// What some models want beside the features.
    pub beside: Beside,
}

/// What is known of the rows of a frame beside its features.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Beside {
    /// Columns that may say how often a row could have had the outcome: name, one value a row.
    pub exposures: Vec<(String, Vec<f64>)>,
    /// Rows with the same code belong together; empty where nothing says so.
    pub groups: Vec<u32>,
    /// The column that says so.
    pub grouped_by: String,
    /// Levels of each feature, for names; empty for numbers.
    pub levels: Vec<Vec<String>>,
}

/// One column offered to the models.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Feature {
    /// Name of the column.
    pub name: String,
    /// One value a row.
    pub values: FeatureValues,
}

/// Values of a feature, one a row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum FeatureValues {
    /// NaN is missing.
    Number(Vec<f64>),
    /// Codes into `n_levels` levels in their shown order, or [`Dictionary::MISSING`].
    Category {
        /// Levels of the column, seen or not.
        n_levels: u32,
        /// One a row.
        codes: Vec<u32>,
    },
}

/// The target as numbers; yes/no is 1/0.
pub fn target_of(table: &Table, name: &str) -> Result<Vec<f64>, ModelError> {
    let column = find(table, name)?;
    match &column.values {
        Values::Number(_) | Values::Boolean(_) => Ok(column.as_numbers().unwrap_or_default().into_owned()),
        _ => Err(ModelError::TargetNotNumeric { name: name.to_owned() }),
    }
}

/// A column by name.
pub fn find<'a>(table: &'a Table, name: &str) -> Result<&'a Column, ModelError> {
    table.column(name).map(AsRef::as_ref).map_err(|_| ModelError::NoSuchColumn { name: name.to_owned() })
}

impl Frame {
    /// Takes the rows with a known target. Features that the table lacks or that hold text are left out. No fold is set.
    pub fn new(table: &Table, target: &str, features: &[String]) -> Result<Self, ModelError> {
        let all = target_of(table, target)?;
        let rows: Vec<u32> = (0..all.len() as u32).filter(|&r| !all[r as usize].is_nan()).collect();
        let features: Vec<Feature> = features
            .iter()
            .filter_map(|name| {
                let column = table.column(name).ok()?;
                let values = match &column.values {
                    Values::Category(d) => FeatureValues::Category {
                        n_levels: d.levels.len() as u32,
                        codes: rows.iter().map(|&r| d.codes[r as usize]).collect(),
                    },
                    Values::Text(_) => return None,
                    _ => {
                        let numbers = column.as_numbers()?;
                        FeatureValues::Number(rows.iter().map(|&r| numbers[r as usize]).collect())
                    }
                };
                Some(Feature { name: name.clone(), values })
            })
            .collect();
        let levels = |feature: &Feature| match table.column(&feature.name).map(|c| &c.values) {
            Ok(Values::Category(d)) => d.levels.to_vec(),
            _ => Vec::new(),
        };
        let beside = Beside { levels: features.iter().map(levels).collect(), ..Beside::default() };
        Ok(Self {
            target: target.to_owned(),
            features,
            y: rows.iter().map(|&r| all[r as usize]).collect(),
            row_ids: rows.iter().map(|&r| table.row_ids()[r as usize]).collect(),
            fold: vec![ALWAYS_TRAINING; rows.len()],
            beside,
        })
    }

    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        self.y.len()
    }

    /// Positions of the rows held out in a fold.
    pub fn test_rows(&self, fold: u32) -> Vec<u32> {
        (0..self.n_rows() as u32).filter(|&r| self.fold[r as usize] == fold).collect()
    }

    /// Positions of the training rows of a fold.
    pub fn training_rows(&self, fold: u32) -> Vec<u32> {
        (0..self.n_rows() as u32).filter(|&r| self.fold[r as usize] != fold).collect()
    }

    /// A column of [`Beside::exposures`] for some rows; empty when there is no such column.
    pub fn exposure_of(&self, name: &str, rows: &[u32]) -> Vec<f64> {
        let found = self.beside.exposures.iter().find(|(n, _)| n == name);
        found.map_or_else(Vec::new, |(_, values)| rows.iter().map(|&r| values[r as usize]).collect())
    }

    /// The target of some rows.
    pub fn y_of(&self, rows: &[u32]) -> Vec<f64> {
        rows.iter().map(|&r| self.y[r as usize]).collect()
    }
}

/// Features that move together: linked when the correlation of two numeric ones is above 0.9 in size (over at most 2,000
/// evenly spaced rows). Places of features, in order; every feature is in one group.
pub fn linked_features(frame: &Frame) -> Vec<Vec<u32>> {
    const LINK: f64 = 0.9;
    const MOST_ROWS: usize = 2_000;
    let step = frame.n_rows().div_ceil(MOST_ROWS).max(1);
    let centred: Vec<Option<Vec<f64>>> = frame
        .features
        .iter()
        .map(|f| match &f.values {
            FeatureValues::Number(v) => centred(v.iter().step_by(step).copied()),
            FeatureValues::Category { .. } => None,
        })
        .collect();
    let n = frame.features.len();
    let mut group_of: Vec<usize> = (0..n).collect();
    for i in 0..n {
        for j in i + 1..n {
            let (Some(a), Some(b)) = (&centred[i], &centred[j]) else { continue };
            let r: f64 = a.iter().zip(b).map(|(x, y)| x * y).sum();
            if r.abs() > LINK {
                let (keep, gone) = (group_of[i].min(group_of[j]), group_of[i].max(group_of[j]));
                group_of.iter_mut().filter(|g| **g == gone).for_each(|g| *g = keep);
            }
        }
    }
    (0..n)
        .map(|g| (0..n as u32).filter(|&i| group_of[i as usize] == g).collect())
        .filter(|group: &Vec<u32>| !group.is_empty())
        .collect()
}

/// Centred and scaled to length 1, missing as the mean; `None` when nothing varies.
fn centred(values: impl Iterator<Item = f64> + Clone) -> Option<Vec<f64>> {
    let known = values.clone().filter(|v| !v.is_nan());
    let n = known.clone().count() as f64;
    let mean = known.sum::<f64>() / n;
    let mut out: Vec<f64> = values.map(|v| if v.is_nan() { 0.0 } else { v - mean }).collect();
    let length = out.iter().map(|v| v * v).sum::<f64>().sqrt();
    if !(length > 0.0 && length.is_finite()) {
        return None;
    }
    out.iter_mut().for_each(|v| *v /= length);
    Some(out)
}

/// Group of each row as a code, in order of first appearance; a missing value is a group of its own for each row.
pub fn group_codes(column: &Column, rows: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut known: std::collections::HashMap<u64, u32> = std::collections::HashMap::new();
    let mut next = 0;
    rows.map(|row| {
        let row = row as usize;
        let key = match &column.values {
            Values::Number(v) | Values::Date(v) => (!v[row].is_nan()).then(|| (v[row] + 0.0).to_bits()),
            Values::Category(d) | Values::Text(d) => {
                (d.codes[row] != Dictionary::MISSING).then(|| u64::from(d.codes[row]))
            }
            Values::Boolean(v) => v[row].map(u64::from),
        };
        let fresh = next;
        let code = match key {
            Some(key) => *known.entry(key).or_insert(fresh),
            None => fresh,
        };
        if code == fresh {
            next += 1;
        }
        code
    })
    .collect()
}
