//! Sums of several columns that give the target: it is a total of others, or a part of one.
//!
//! Least squares on the sample with no error left: the columns with a weight determine the target together. What is found
//! is taken out and the rest is looked at again, until an error is left.

use super::{Detector, Numbers, Scene, Sign, Weight, is_blocked, of_rows};
use crate::engine::{
    numeric::{linear::least_squares, matrix::Matrix},
    order::InOrder,
    words::{count, list_some, number},
};

/// Rows a column, at least: with few rows any target is a sum.
const ROWS_A_COLUMN: usize = 3;

/// Rows in all, at least.
const FEWEST_ROWS: usize = 30;

/// A column that is missing more often is not looked at.
const MOST_MISSING: f64 = 0.2;

/// Columns at most: the cost grows with their square.
const MOST_COLUMNS: usize = 100;

/// How many sums are looked for.
const MOST_SUMS: usize = 5;

/// The share of all rows that may miss.
const MOST_MISSES: f64 = 0.01;

/// See above.
pub struct Total;

impl Detector for Total {
    fn look(&self, scene: &Scene<'_>, found: &[Sign]) -> Vec<Sign> {
        let n = scene.sample.len() as f64;
        let known = |c: &Numbers<'_>| c.sample.iter().filter(|v| !v.is_nan()).count() as f64;
        let mut columns: Vec<&Numbers<'_>> = scene
            .numbers
            .iter()
            .filter(|c| !is_blocked(found, c.name()) && known(c) >= (1.0 - MOST_MISSING) * n)
            .take(MOST_COLUMNS)
            .collect();
        let mut signs: Vec<Sign> = Vec::new();
        for _ in 0..MOST_SUMS {
            let Some(sum) = Sum::find(&columns, scene) else { break };
            signs.extend(sum.signs(scene));
            columns.retain(|c| !is_blocked(&signs, c.name()));
        }
        signs
    }
}

/// The target as a weighted sum of columns.
struct Sum<'s> {
    intercept: f64,
    /// Differences up to this are rounding.
    slack: f64,
    terms: Vec<(&'s Numbers<'s>, f64)>,
    hits: u64,
    n: u64,
}

impl<'s> Sum<'s> {
    fn find(columns: &[&'s Numbers<'s>], scene: &Scene<'_>) -> Option<Self> {
        let is_complete = |i: &usize| columns.iter().all(|c| !c.sample[*i].is_nan());
        let rows: Vec<usize> = (0..scene.sample.len()).filter(is_complete).collect();
        if columns.is_empty() || rows.len() < FEWEST_ROWS.max(ROWS_A_COLUMN * (columns.len() + 1)) {
            return None;
        }
        let of_rows = |values: &[f64]| rows.iter().map(|&i| values[i]).collect::<Vec<f64>>();
        let y = of_rows(&scene.y_sample);
        let x: Vec<Vec<f64>> = columns.iter().map(|c| of_rows(&c.sample)).collect();
        let fit = least_squares(&Matrix::from_columns(&x), &y);
        if !(fit.total_sum > 0.0 && fit.residual_sum <= 1e-12 * fit.total_sum) {
            return None;
        }
        let spread = |v: &[f64]| v.iter().fold((f64::MAX, f64::MIN), |(lo, hi), &v| (lo.min(v), hi.max(v)));
        let range = |v: &[f64]| spread(v).1 - spread(v).0;
        let terms: Vec<_> = columns
            .iter()
            .zip(&x)
            .zip(&fit.coefficients)
            .filter(|((_, x), b)| (*b * range(x)).abs() > 1e-5 * range(&y))
            .map(|((c, _), &b)| (*c, if (b - b.round()).abs() < 1e-4 { b.round() } else { b }))
            .collect();
        let slack = range(&y) * 1e-5;
        let mut sum = Self { intercept: fit.intercept, slack, terms, hits: 0, n: 0 };
        (sum.hits, sum.n) = sum.check(scene.y);
        (sum.n > 0 && (sum.n - sum.hits) as f64 <= MOST_MISSES * sum.n as f64).then_some(sum)
    }

    /// In how many of all rows it holds, of those where everything is known.
    fn check(&self, y: &[f64]) -> (u64, u64) {
        let columns: Vec<_> = self.terms.iter().map(|(c, b)| (c.all(), *b)).collect();
        let (mut hits, mut n) = (0, 0);
        for (row, &y) in y.iter().enumerate() {
            let sum: f64 = self.intercept + columns.iter().map(|(values, b)| b * values[row]).sum::<f64>();
            if !y.is_nan() && !sum.is_nan() {
                n += 1;
                hits += u64::from((sum - y).abs() <= self.slack);
            }
        }
        (hits, n)
    }

    fn is_plain(&self) -> bool {
        self.terms.iter().all(|(_, b)| b.abs() == 1.0)
    }

    /// A target that is a total gives blocks on all its parts. One that is a part is given away by the total it is in.
    fn signs(&self, scene: &Scene<'_>) -> Vec<Sign> {
        let is_part = self.is_plain() && self.terms.iter().any(|(_, b)| *b < 0.0);
        let evidence =
            format!("{} equals {} in {}", self.words(), scene.goal.name, of_rows(self.hits, self.n));
        let given = self.terms.iter().filter(|(_, b)| !is_part || *b > 0.0);
        given
            .map(|(c, _)| Sign {
                column: c.name().to_owned(),
                weight: Weight::Blocks,
                reason: if is_part {
                    format!("{evidence}: it holds {}.", scene.goal.name)
                } else {
                    format!("{evidence}: with the others it gives {} away.", scene.goal.name)
                },
            })
            .collect()
    }

    /// "MntWines + MntFruits", "Total − MntFruits", "A weighted sum of a, b and c"
    fn words(&self) -> String {
        /// More are told by their number.
        const MOST_NAMED: usize = 8;
        let names: Vec<&str> = self.terms.iter().map(|(c, _)| c.name()).collect();
        if !self.is_plain() {
            return format!("A weighted sum of {}", list_some(&names));
        }
        if names.len() > MOST_NAMED {
            return format!(
                "A sum of {} columns, {} among them,",
                count(names.len() as u64),
                list_some(&names)
            );
        }
        let mut terms = self.terms.clone();
        terms.order_by_key(|(_, b)| *b < 0.0);
        let mut out = String::new();
        for (column, b) in terms {
            let sign = if b < 0.0 { " − " } else { " + " };
            if !out.is_empty() || b < 0.0 {
                out.push_str(sign);
            }
            out.push_str(column.name());
        }
        if self.intercept.abs() > self.slack {
            let sign = if self.intercept < 0.0 { " − " } else { " + " };
            out.push_str(sign);
            out.push_str(&number(self.intercept.abs()));
        }
        out.trim_start().to_owned()
    }
}
