//! The matrix that is clustered: chosen columns on one scale, categories as 0/1, gaps filled with medians.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::{SegmentError, segmentation::Scaling};
use crate::engine::{
    data::{
        column::{Column, Dictionary, Values},
        distinct,
        table::Table,
    },
    numeric::{describe::quantile, math},
};

/// Categories with more levels than this are left out: that many 0/1 columns would drown everything else.
pub const MAX_LEVELS: usize = 50;

/// Rows as points, stored row after row (k-means reads whole rows).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Points {
    /// Number of rows.
    pub n_rows: u32,
    /// Number of columns.
    pub n_cols: u32,
    /// `n_rows * n_cols` finite values.
    pub values: Vec<f64>,
}

impl Points {
    /// From columns of equal length.
    pub fn from_columns(columns: &[Vec<f64>]) -> Self {
        let n_rows = columns.first().map_or(0, Vec::len);
        let mut values = vec![0.0; n_rows * columns.len()];
        for (j, column) in columns.iter().enumerate() {
            for (row, &v) in column.iter().enumerate() {
                values[row * columns.len() + j] = v;
            }
        }
        Self { n_rows: n_rows as u32, n_cols: columns.len() as u32, values }
    }

    /// Number of rows.
    pub fn n(&self) -> usize {
        self.n_rows as usize
    }

    /// Number of columns.
    pub fn p(&self) -> usize {
        self.n_cols as usize
    }

    /// One row.
    pub fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.p()..(row + 1) * self.p()]
    }

    /// The rows in order.
    pub fn rows(&self) -> std::slice::ChunksExact<'_, f64> {
        self.values.chunks_exact(self.p().max(1))
    }

    /// The given rows, in the given order.
    pub fn take_rows(&self, rows: &[u32]) -> Self {
        let values = rows.iter().flat_map(|&r| self.row(r as usize).iter().copied()).collect();
        Self { n_rows: rows.len() as u32, n_cols: self.n_cols, values }
    }

    /// How many rows differ from each other, counted up to `enough`.
    pub fn n_distinct(&self, enough: usize) -> usize {
        // Adding zero makes one of the two zeros.
        let bits: Vec<u64> = self.values.iter().map(|v| (v + 0.0).to_bits()).collect();
        let mut seen = HashSet::new();
        for row in bits.chunks_exact(self.p().max(1)) {
            if seen.insert(row) && seen.len() >= enough {
                break;
            }
        }
        seen.len()
    }
}

/// One column before and after scaling.
#[derive(Debug, Clone, PartialEq)]
pub struct MatrixColumn {
    /// As in the file; "Education = Master" for a level of a category.
    pub name: String,
    /// Column of the table it was made from.
    pub source: String,
    /// A 0/1 column of a category.
    pub is_level: bool,
    /// In original units, gaps filled.
    pub original: Vec<f64>,
    /// As clustered.
    pub scaled: Vec<f64>,
}

/// What is clustered, and what was done to get it.
#[derive(Debug, Clone, PartialEq)]
pub struct SegmentMatrix {
    /// In the order asked for.
    pub columns: Vec<MatrixColumn>,
    /// The scaled columns as rows.
    pub points: Points,
    /// Rows in which at least one gap was filled.
    pub n_filled: u64,
    /// Columns left out and why.
    pub notes: Vec<String>,
}

/// Builds the matrix of `names`. Numbers, dates (as days) and yes/no are scaled, gaps filled with the median; categories
/// become one 0/1 column a level, the first level dropped, unscaled; a row without a category has 0 in all of them.
/// Columns that cannot tell rows apart are left out with a note.
pub fn build(table: &Table, names: &[String], scaling: Scaling) -> Result<SegmentMatrix, SegmentError> {
    if names.is_empty() {
        return Err(SegmentError::NoColumns);
    }
    let mut columns: Vec<MatrixColumn> = Vec::new();
    let mut notes = Vec::new();
    let mut has_gap = vec![false; table.n_rows()];
    for name in names {
        let column = table.column(name).map_err(|_| SegmentError::NoSuchColumn { name: name.clone() })?;
        if columns.iter().any(|c| &c.source == name) {
            continue;
        }
        let before = columns.len();
        if let Some(numbers) = column.as_numbers() {
            columns.extend(number_column(name, &numbers, scaling));
        } else if let Values::Category(dictionary) = &column.values {
            match level_columns(name, dictionary) {
                Ok(levels) => columns.extend(levels),
                Err(n_levels) => {
                    notes.push(format!(
                        "{name} was left out: its {n_levels} different values would outweigh everything else."
                    ));
                    continue;
                }
            }
        } else {
            notes.push(format!("{name} was left out: it holds text."));
            continue;
        }
        if columns.len() == before {
            notes.push(format!("{name} was left out: it has the same value in every row."));
        } else {
            mark_gaps(column, &mut has_gap);
        }
    }
    if columns.is_empty() {
        return Err(SegmentError::NoSpread);
    }
    let scaled: Vec<Vec<f64>> = columns.iter().map(|c| c.scaled.clone()).collect();
    Ok(SegmentMatrix {
        points: Points::from_columns(&scaled),
        columns,
        n_filled: has_gap.iter().filter(|gap| **gap).count() as u64,
        notes,
    })
}

fn mark_gaps(column: &Column, has_gap: &mut [bool]) {
    for (row, gap) in has_gap.iter_mut().enumerate() {
        *gap |= column.is_missing(row);
    }
}

/// `None` when all values are the same (or all missing).
fn number_column(name: &str, numbers: &[f64], scaling: Scaling) -> Option<MatrixColumn> {
    let mut sorted: Vec<f64> = numbers.iter().copied().filter(|v| v.is_finite()).collect();
    distinct::sort(&mut sorted);
    let (first, last) = (*sorted.first()?, *sorted.last()?);
    if first == last {
        return None;
    }
    let median = quantile(&sorted, 0.5)?;
    let original: Vec<f64> = numbers.iter().map(|&v| if v.is_finite() { v } else { median }).collect();
    let (centre, spread) = match scaling {
        Scaling::None => (0.0, 1.0),
        Scaling::MinMax => (first, last - first),
        Scaling::Standard => mean_and_deviation(&original),
        Scaling::Robust => {
            sorted.clear();
            sorted.extend(&original);
            distinct::sort(&mut sorted);
            let range = quantile(&sorted, 0.75)? - quantile(&sorted, 0.25)?;
            // Half the values alike: the quartiles coincide, and the deviation has to do.
            (median, if range > 0.0 { range } else { mean_and_deviation(&original).1 })
        }
    };
    let scaled = original.iter().map(|v| (v - centre) / spread).collect();
    Some(MatrixColumn { name: name.to_owned(), source: name.to_owned(), is_level: false, original, scaled })
}

/// `Err` with the number of levels when they are too many.
fn level_columns(name: &str, dictionary: &Dictionary) -> Result<Vec<MatrixColumn>, usize> {
    let mut present = vec![false; dictionary.levels.len()];
    for &code in dictionary.codes.iter().filter(|&&c| c != Dictionary::MISSING) {
        present[code as usize] = true;
    }
    let levels: Vec<u32> = (0..present.len() as u32).filter(|&l| present[l as usize]).collect();
    if levels.len() > MAX_LEVELS {
        return Err(levels.len());
    }
    Ok(levels
        .iter()
        .skip(1)
        .map(|&level| {
            let values: Vec<f64> =
                dictionary.codes.iter().map(|&c| if c == level { 1.0 } else { 0.0 }).collect();
            MatrixColumn {
                name: format!("{name} = {}", dictionary.levels[level as usize]),
                source: name.to_owned(),
                is_level: true,
                original: values.clone(),
                scaled: values,
            }
        })
        .collect())
}

/// Mean and population standard deviation of finite values.
pub(crate) fn mean_and_deviation(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = math::sum(values.iter().copied()) / n;
    let variance = math::sum(values.iter().map(|v| (v - mean) * (v - mean))) / n;
    (mean, variance.sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::data::role::{Role, TableKind};

    fn table() -> Table {
        let category = [Some("b"), Some("a"), Some("c"), None, Some("a")];
        Table::new(
            TableKind::Other,
            vec![
                Column::number("x", Role::Number, vec![1.0, 2.0, f64::NAN, 4.0, 9.0]),
                Column::number("same", Role::Number, vec![3.0; 5]),
                Column::category("group", Role::Category, &category),
            ],
        )
        .unwrap()
    }

    #[test]
    fn categories_lose_their_first_level_and_gaps_take_the_median() {
        let names: Vec<String> = ["x", "same", "group"].map(String::from).into();
        let m = build(&table(), &names, Scaling::None).unwrap();
        let found: Vec<&str> = m.columns.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(found, ["x", "group = b", "group = c"]);
        assert_eq!(m.columns[0].scaled, [1.0, 2.0, 3.0, 4.0, 9.0]);
        assert_eq!(m.points.row(2), [3.0, 0.0, 1.0]);
        assert_eq!(m.n_filled, 2);
        assert_eq!(m.notes.len(), 1);
    }

    #[test]
    fn scalings_do_what_they_say() {
        let column = |scaling| build(&table(), &["x".to_owned()], scaling).unwrap().columns[0].scaled.clone();
        let (mean, deviation) = mean_and_deviation(&column(Scaling::Standard));
        assert!(mean.abs() < 1e-15 && (deviation - 1.0).abs() < 1e-15);
        assert_eq!(column(Scaling::MinMax), [0.0, 0.125, 0.25, 0.375, 1.0]);
        assert_eq!(column(Scaling::Robust), [-1.0, -0.5, 0.0, 0.5, 3.0]);
    }

    #[test]
    fn what_cannot_be_clustered_says_why() {
        let t = table();
        assert_eq!(build(&t, &[], Scaling::None), Err(SegmentError::NoColumns));
        assert_eq!(build(&t, &["same".into()], Scaling::None), Err(SegmentError::NoSpread));
        let missing = SegmentError::NoSuchColumn { name: "y".into() };
        assert_eq!(build(&t, &["y".into()], Scaling::None), Err(missing));
    }

    #[test]
    fn distinct_rows_are_counted_once() {
        let p = Points::from_columns(&[vec![1.0, 1.0, 2.0, 0.0], vec![0.0, -0.0, 0.0, 1.0]]);
        assert_eq!(p.n_distinct(10), 3);
        assert_eq!(p.n_distinct(2), 2);
    }
}
