//! A dense column-major matrix of `f64`. Missing is NaN; what a routine does with NaN, its own docs say.

use serde::{Deserialize, Serialize};

/// `n_rows` x `n_cols`, stored column after column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Matrix {
    n_rows: usize,
    n_cols: usize,
    data: Vec<f64>,
    /// For each column the number of levels whose codes it holds, 0 for numbers. Empty: numbers only.
    levels: Vec<u32>,
    /// For each column the way its effect may go (1 up, -1 down, 0 either). Empty: either for all.
    ways: Vec<i8>,
}

impl Matrix {
    /// All zeros.
    pub fn zeros(n_rows: usize, n_cols: usize) -> Self {
        Self { n_rows, n_cols, data: vec![0.0; n_rows * n_cols], levels: Vec::new(), ways: Vec::new() }
    }

    /// From columns of equal length. An empty list gives a 0 x 0 matrix.
    pub fn from_columns(columns: &[Vec<f64>]) -> Self {
        let n_rows = columns.first().map_or(0, Vec::len);
        debug_assert!(columns.iter().all(|c| c.len() == n_rows));
        Self { n_rows, n_cols: columns.len(), data: columns.concat(), levels: Vec::new(), ways: Vec::new() }
    }

    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// Number of columns.
    pub fn n_cols(&self) -> usize {
        self.n_cols
    }

    /// One column.
    pub fn column(&self, j: usize) -> &[f64] {
        &self.data[j * self.n_rows..(j + 1) * self.n_rows]
    }

    /// One column, to write to.
    pub fn column_mut(&mut self, j: usize) -> &mut [f64] {
        &mut self.data[j * self.n_rows..(j + 1) * self.n_rows]
    }

    /// Number of levels of a column that holds the codes of a category; 0 for a column of numbers.
    pub fn levels(&self, j: usize) -> u32 {
        self.levels.get(j).copied().unwrap_or(0)
    }

    /// Says that a column holds the codes `0..n_levels` of a category, whose order means nothing.
    pub fn set_levels(&mut self, j: usize, n_levels: u32) {
        self.levels.resize(self.n_cols, 0);
        self.levels[j] = n_levels;
    }

    /// The way each column's effect may go: 1 only up, -1 only down, 0 either; those beyond its end are free.
    pub fn ways(&self) -> &[i8] {
        &self.ways
    }

    /// Says that the effect of a column may only go up (1) or down (-1).
    pub fn set_way(&mut self, j: usize, way: i8) {
        self.ways.resize(self.n_cols, 0);
        self.ways[j] = way;
    }

    /// One cell.
    pub fn get(&self, row: usize, col: usize) -> f64 {
        self.data[col * self.n_rows + row]
    }

    /// The given rows, in the given order.
    pub fn take_rows(&self, rows: &[u32]) -> Self {
        let mut data = Vec::with_capacity(rows.len() * self.n_cols);
        for j in 0..self.n_cols {
            let column = self.column(j);
            data.extend(rows.iter().map(|&r| column[r as usize]));
        }
        Self {
            n_rows: rows.len(),
            n_cols: self.n_cols,
            data,
            levels: self.levels.clone(),
            ways: self.ways.clone(),
        }
    }
}
