//! The values of a column as keys: each distinct one once, and which of them a row holds.

use std::collections::HashMap;

use super::Likeness;
use crate::engine::data::{
    column::{Column, Dictionary, Values, date_text},
    reader::types::{self, Decimal, NumberCell},
};

/// The keys of a column.
pub(super) struct Keys {
    /// Distinct keys in the order of their first row.
    pub texts: Vec<String>,
    /// For every row the place of its key, or [`Dictionary::MISSING`].
    pub codes: Vec<u32>,
}

impl Keys {
    /// The keys of the given rows of a column, every row when `None`.
    pub fn of(column: &Column, rows: Option<&[u32]>, likeness: Likeness) -> Self {
        let n = rows.map_or(column.len(), <[u32]>::len);
        let row = |i: usize| rows.map_or(i, |rows| rows[i] as usize);
        let mut found = Self { texts: Vec::new(), codes: Vec::with_capacity(n) };
        let mut by_text: HashMap<String, u32> = HashMap::new();
        let mut code = |text: String, texts: &mut Vec<String>| {
            let next = texts.len() as u32;
            let code = *by_text.entry(text.clone()).or_insert(next);
            if code == next {
                texts.push(text);
            }
            code
        };
        match &column.values {
            Values::Number(v) | Values::Date(v) => {
                let is_date = matches!(column.values, Values::Date(_));
                let mut by_bits: HashMap<u64, u32> = HashMap::new();
                for i in 0..n {
                    let x = v[row(i)];
                    found.codes.push(if x.is_nan() {
                        Dictionary::MISSING
                    } else {
                        // Adding zero makes -0 and 0 one.
                        let x = x + 0.0;
                        *by_bits.entry(x.to_bits()).or_insert_with(|| {
                            code(if is_date { date_text(x) } else { x.to_string() }, &mut found.texts)
                        })
                    });
                }
            }
            Values::Category(d) | Values::Text(d) => {
                let mut places = vec![None; d.levels.len()];
                for i in 0..n {
                    let level = d.codes[row(i)] as usize;
                    found.codes.push(match (d.levels.get(level), places.get_mut(level)) {
                        (Some(text), Some(place)) => {
                            *place.get_or_insert_with(|| code(alike(text, likeness), &mut found.texts))
                        }
                        _ => Dictionary::MISSING,
                    });
                }
            }
            Values::Boolean(v) => {
                for i in 0..n {
                    let word = v[row(i)].map(|b| if b { "yes" } else { "no" });
                    found
                        .codes
                        .push(word.map_or(Dictionary::MISSING, |w| code(w.to_owned(), &mut found.texts)));
                }
            }
        }
        found
    }

    /// How many rows hold each key.
    pub fn counts(&self) -> Vec<u64> {
        let mut counts = vec![0; self.texts.len()];
        for &code in &self.codes {
            if let Some(count) = counts.get_mut(code as usize) {
                *count += 1;
            }
        }
        counts
    }
}

/// The form in which texts are compared.
fn alike(text: &str, likeness: Likeness) -> String {
    let text = text.trim();
    if likeness == Likeness::Exact {
        return text.to_owned();
    }
    if likeness == Likeness::Number
        && let Some(NumberCell::Finite(value)) = types::number(text, Decimal::Point)
    {
        return (value + 0.0).to_string();
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}
