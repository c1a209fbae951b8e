//! Columns that act as identifiers though their role says otherwise: whole numbers that nearly all differ and count rows or
//! name them. A model that splits on them learns rows by heart, and files sorted by the outcome give it away.

use super::{Detector, Numbers, Scene, Sign, Weight, distinct};
use crate::engine::{
    data::{distinct::sort, role::Role},
    words::count,
};

/// Rows, at least.
const FEWEST_ROWS: usize = 20;

/// The share of rows whose value is their own.
const OWN: f64 = 0.95;

/// See above.
pub struct Counter;

impl Detector for Counter {
    fn look(&self, scene: &Scene<'_>, found: &[Sign]) -> Vec<Sign> {
        // A quantity with a meaning (impressions, income) may well differ in every row.
        let may_be_a_name = |c: &&Numbers<'_>| {
            matches!(c.column.role, Role::Number | Role::Category)
                && c.column.made_from.is_empty()
                && c.decimals == Some(0)
                && !super::is_blocked(found, c.name())
        };
        let sign = |c: &Numbers<'_>| {
            let known = c.sample.iter().filter(|v| !v.is_nan()).count();
            let own = distinct(c.sample.iter().copied(), usize::MAX);
            if known < FEWEST_ROWS || (own as f64) < OWN * known as f64 {
                return None;
            }
            let reason = reason(&c.all(), c.name())?;
            Some(Sign { column: c.name().to_owned(), weight: Weight::Blocks, reason })
        };
        scene.numbers.iter().filter(may_be_a_name).filter_map(sign).collect()
    }
}

/// What gives a column of different whole numbers away as a name of rows.
fn reason(all: &[f64], name: &str) -> Option<String> {
    let mut known: Vec<f64> = all.iter().copied().filter(|v| !v.is_nan()).collect();
    let n = known.len();
    let steps = known.windows(2);
    let (mut rising, mut falling) = (0, 0);
    for step in steps {
        rising += usize::from(step[1] > step[0]);
        falling += usize::from(step[1] < step[0]);
    }
    let is_in_order = rising.max(falling) as f64 >= 0.99 * (n - 1) as f64;
    sort(&mut known);
    let range = known.last()? - known.first()? + 1.0;
    known.dedup();
    let n_different = known.len();
    if known.iter().any(|v| v.fract() != 0.0) || (n_different as f64) < OWN * n as f64 {
        return None;
    }
    let sign = if is_in_order {
        "they follow the order of the rows"
    } else if range <= 1.5 * n_different as f64 {
        "they count without large gaps"
    } else if is_called_a_name(name) {
        "its name says that they name something"
    } else {
        return None;
    };
    Some(format!(
        "It acts as an identifier: {} different whole numbers in {} rows, and {sign}. A model would learn rows by heart.",
        count(n_different as u64),
        count(n as u64)
    ))
}

/// "customer_id", "Order No.", "kode"
fn is_called_a_name(name: &str) -> bool {
    const WORDS: [&str; 14] = [
        "id", "ids", "nr", "no", "num", "number", "key", "code", "uuid", "index", "row", "ref", "kode",
        "nummer",
    ];
    let lower = name.to_lowercase();
    let mut words = lower.split(|c: char| !c.is_alphanumeric());
    // "CustomerID" and "orderId", but not "paid".
    words.any(|w| WORDS.contains(&w)) || name.ends_with("ID") || name.ends_with("Id")
}
