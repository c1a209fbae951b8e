//! The matrix a model sees, and how it is learnt: from training rows alone, then applied to any rows.
//!
//! | column | for linear models | for trees |
//! |---|---|---|
//! | number, yes/no | as it is; missing becomes the training median | as it is, missing too |
//! | category | one 0/1 column a level seen in training, the first level dropped; missing has its own | the code of the level, marked as a category; missing stays missing |
//!
//! Trees take categories and missing values as they are: they learn which levels go together and where missing ones go. A
//! level that no training row has is predicted like the first level by linear models, like a missing one by trees. Columns
//! that have no value in any training row are left out.

use serde::{Deserialize, Serialize};

use super::{
    coefficients::ColumnName,
    family::ModelError,
    frame::{FeatureValues, Frame},
};
use crate::engine::{
    data::{column::Dictionary, distinct},
    knobs::Settings,
    numeric::{describe::quantile, matrix::Matrix},
    words::count,
};

/// Cells of a matrix that a page has the memory for, with room for the solvers beside it.
const MOST_CELLS: u64 = 60_000_000;

/// The settings that name the columns whose effect may only go one way, and that way.
pub const WAYS: [(&str, i8); 2] = [("only_up", 1), ("only_down", -1)];

/// How one column of the matrix is made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Coding {
    Number {
        feature: u32,
        /// `None`: missing stays missing.
        fill: Option<f64>,
    },
    /// Category code as a number.
    Code { feature: u32, n_levels: u32 },
    /// 1 where the category has this code.
    Level { feature: u32, code: u32 },
}

impl Coding {
    fn feature(&self) -> u32 {
        match *self {
            Self::Number { feature, .. } | Self::Code { feature, .. } | Self::Level { feature, .. } => {
                feature
            }
        }
    }
}

/// A learnt design.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Design {
    codings: Vec<Coding>,
}

impl Design {
    /// Learns fills and levels from the given rows.
    pub fn learn(frame: &Frame, rows: &[u32], wants_dummies: bool) -> Self {
        let mut codings = Vec::new();
        for (feature, column) in frame.features.iter().enumerate() {
            let feature = feature as u32;
            match &column.values {
                FeatureValues::Number(values) => {
                    let mut known: Vec<f64> =
                        rows.iter().map(|&r| values[r as usize]).filter(|v| !v.is_nan()).collect();
                    distinct::sort(&mut known);
                    if let Some(fill) = quantile(&known, 0.5) {
                        let fill = wants_dummies.then_some(fill);
                        codings.push(Coding::Number { feature, fill });
                    }
                }
                FeatureValues::Category { n_levels, codes } => {
                    let mut seen = vec![false; *n_levels as usize];
                    let mut has_missing = false;
                    for &row in rows {
                        match seen.get_mut(codes[row as usize] as usize) {
                            Some(slot) => *slot = true,
                            None => has_missing = true,
                        }
                    }
                    let levels: Vec<u32> = (0..*n_levels).filter(|&l| seen[l as usize]).collect();
                    if levels.is_empty() {
                        continue;
                    }
                    if wants_dummies {
                        codings.extend(levels.iter().skip(1).map(|&code| Coding::Level { feature, code }));
                        if has_missing {
                            codings.push(Coding::Level { feature, code: Dictionary::MISSING });
                        }
                    } else {
                        codings.push(Coding::Code { feature, n_levels: *n_levels });
                    }
                }
            }
        }
        Self { codings }
    }

    /// Number of columns of the matrix.
    pub fn n_columns(&self) -> usize {
        self.codings.len()
    }

    /// The matrix of the given rows: complete and finite with dummies.
    pub fn matrix(&self, frame: &Frame, rows: &[u32]) -> Matrix {
        let mut out = Matrix::zeros(rows.len(), self.codings.len());
        for (j, coding) in self.codings.iter().enumerate() {
            fill_column(coding, frame, rows, out.column_mut(j));
            if let Coding::Code { n_levels, .. } = *coding {
                out.set_levels(j, n_levels);
            }
        }
        out
    }

    /// The matrix a family is trained on: with the way each column's effect may go, as the settings name them. A name that is
    /// no number of this frame says nothing. Refused where it would not fit into the memory of a page.
    pub fn training(&self, frame: &Frame, rows: &[u32], settings: &Settings) -> Result<Matrix, ModelError> {
        if rows.len() as u64 * self.n_columns() as u64 > MOST_CELLS {
            return Err(ModelError::Refused {
                reason: format!(
                    "{} rows with a column for each value, {} in all, need more memory than a page has: leave out columns with very many values",
                    count(rows.len() as u64),
                    count(self.n_columns() as u64)
                ),
            });
        }
        let mut out = self.matrix(frame, rows);
        for (slug, way) in WAYS {
            for name in settings.texts(slug) {
                let is_it = |c: &Coding| matches!(*c, Coding::Number { feature, .. } if frame.features[feature as usize].name == *name);
                if let Some(j) = self.codings.iter().position(is_it) {
                    out.set_way(j, way);
                }
            }
        }
        Ok(out)
    }

    /// What each column of the matrix is called.
    pub fn names(&self, frame: &Frame) -> Vec<ColumnName> {
        let level = |feature: u32, code: u32| match frame.beside.levels.get(feature as usize) {
            _ if code == Dictionary::MISSING => "missing".to_owned(),
            Some(levels) if (code as usize) < levels.len() => levels[code as usize].clone(),
            _ => format!("level {}", code + 1),
        };
        let name = |coding: &Coding| {
            let feature = frame.features[coding.feature() as usize].name.clone();
            match *coding {
                Coding::Level { feature: at, code } => ColumnName {
                    name: format!("{feature}: {}", level(at, code)),
                    against: self.first_level(frame, at).map(|first| level(at, first)),
                },
                _ => ColumnName { name: feature, against: None },
            }
        };
        self.codings.iter().map(name).collect()
    }

    /// The level without a column: the first that occurs and has none.
    fn first_level(&self, frame: &Frame, feature: u32) -> Option<u32> {
        let FeatureValues::Category { codes, .. } = &frame.features.get(feature as usize)?.values else {
            return None;
        };
        let has_column = |level: u32| {
            let is = |c: &Coding| matches!(*c, Coding::Level { feature: f, code } if f == feature && code == level);
            self.codings.iter().any(is)
        };
        codes.iter().copied().filter(|&c| c != Dictionary::MISSING && !has_column(c)).min()
    }

    /// Columns of the matrix that were made from a feature.
    pub fn columns_of(&self, feature: usize) -> Vec<usize> {
        (0..self.codings.len()).filter(|&j| self.codings[j].feature() as usize == feature).collect()
    }

    /// How many cells of the given rows are missing and filled with a median.
    pub fn n_filled(&self, frame: &Frame, rows: &[u32]) -> u64 {
        let of = |coding: &Coding| match (coding, &frame.features[coding.feature() as usize].values) {
            (Coding::Number { .. }, FeatureValues::Number(v)) => {
                rows.iter().filter(|&&r| v[r as usize].is_nan()).count() as u64
            }
            _ => 0,
        };
        self.codings.iter().map(of).sum()
    }
}

fn fill_column(coding: &Coding, frame: &Frame, rows: &[u32], out: &mut [f64]) {
    let values = &frame.features[coding.feature() as usize].values;
    for (slot, &row) in out.iter_mut().zip(rows) {
        let row = row as usize;
        *slot = match (coding, values) {
            (Coding::Number { fill, .. }, FeatureValues::Number(v)) => match fill {
                Some(fill) if v[row].is_nan() => *fill,
                _ => v[row],
            },
            (Coding::Code { .. }, FeatureValues::Category { codes, .. }) => {
                if codes[row] == Dictionary::MISSING { f64::NAN } else { f64::from(codes[row]) }
            }
            (Coding::Level { code, .. }, FeatureValues::Category { codes, .. }) => {
                f64::from(u8::from(codes[row] == *code))
            }
            // A design is only used with the frame it was learnt from.
            _ => 0.0,
        };
    }
}
