//! A named column of typed values with its role.

use crate::engine::order::InOrder;
use serde::{Deserialize, Serialize};

use super::{
    calendar::{Moment, midnight_of},
    role::Role,
};

/// How the values of a column are held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnType {
    /// Quantities.
    Number,
    /// Names of groups, in an order.
    Category,
    /// Days or moments.
    Date,
    /// True or false.
    Boolean,
    /// Free text, and names that are as many as the rows.
    Text,
}

impl ColumnType {
    /// Every type, in the order shown.
    pub const ALL: [Self; 5] = [Self::Number, Self::Category, Self::Date, Self::Boolean, Self::Text];

    /// Word on the page.
    pub fn label(self) -> &'static str {
        match self {
            Self::Number => "Number",
            Self::Category => "Category",
            Self::Date => "Date",
            Self::Boolean => "Yes/no",
            Self::Text => "Text",
        }
    }

    /// Key in recipes and links.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Category => "category",
            Self::Date => "date",
            Self::Boolean => "boolean",
            Self::Text => "text",
        }
    }

    /// The type of a key.
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.slug() == slug)
    }
}

/// Values of one column. Every variant holds one entry a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// NaN is missing; infinities are refused where data enters.
    Number(Vec<f64>),
    /// One of few names a row.
    Category(Dictionary),
    /// Milliseconds since 1970-01-01T00:00Z, NaN is missing. Plain dates are midnight UTC.
    Date(Vec<f64>),
    /// `None` is missing.
    Boolean(Vec<Option<bool>>),
    /// Any text a row.
    Text(Dictionary),
}

/// Strings held once each, and a code a row.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Dictionary {
    /// Distinct values. For categories in the order in which they are shown: sorted as numbers when all are numeric,
    /// else in natural order ("30-34" before "100-110"), unless a step gave another order. For text: order of appearance.
    pub levels: Vec<String>,
    /// Index into `levels`, or [`Dictionary::MISSING`].
    pub codes: Vec<u32>,
}

impl Dictionary {
    /// The code of a missing value.
    pub const MISSING: u32 = u32::MAX;

    /// Rows of each level.
    pub fn counts(&self) -> Vec<u64> {
        let mut counts = vec![0; self.levels.len()];
        for &code in &self.codes {
            if let Some(n) = counts.get_mut(code as usize) {
                *n += 1;
            }
        }
        counts
    }

    /// The text of a row.
    pub fn get(&self, row: usize) -> Option<&str> {
        self.levels.get(*self.codes.get(row)? as usize).map(String::as_str)
    }
}

/// A column.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Unique within its table, never empty.
    pub name: String,
    /// What it means.
    pub role: Role,
    /// One value a row.
    pub values: Values,
    /// For a computed column: every column of the file it was computed from, with the role it had. Empty for columns of
    /// the file. What was made from an outcome leaks that outcome.
    pub made_from: Vec<(String, Role)>,
    /// The computed columns between those and this one.
    pub made_through: Vec<String>,
}

impl Column {
    /// Whether it is a yes or no that was computed from other columns: a flag of outliers or gaps, a condition.
    pub fn is_computed_flag(&self) -> bool {
        matches!(self.values, Values::Boolean(_)) && !self.made_from.is_empty()
    }

    /// A column that was not computed from others.
    pub fn new(name: impl Into<String>, role: Role, values: Values) -> Self {
        Self { name: name.into(), role, values, made_from: Vec::new(), made_through: Vec::new() }
    }

    /// Names the columns this one was computed from; their own sources are taken over.
    pub fn from_columns(mut self, sources: &[&Column]) -> Self {
        for source in sources {
            if source.made_from.is_empty() {
                self.made_from.push((source.name.clone(), source.role));
            } else {
                self.made_from.extend(source.made_from.iter().cloned());
                self.made_through.push(source.name.clone());
                self.made_through.extend(source.made_through.iter().cloned());
            }
        }
        self.made_from.order_by(|a, b| a.cmp(b));
        self.made_from.dedup();
        self.made_through.order_by(|a, b| a.cmp(b));
        self.made_through.dedup();
        self
    }

    /// The same column with other values: the old ones are not copied first.
    pub fn with_values(&self, values: Values) -> Self {
        let (made_from, made_through) = (self.made_from.clone(), self.made_through.clone());
        Self { name: self.name.clone(), role: self.role, values, made_from, made_through }
    }

    /// A column of numbers.
    pub fn number(name: impl Into<String>, role: Role, values: Vec<f64>) -> Self {
        Self::new(name, role, Values::Number(values))
    }

    /// A column of categories from texts; levels are put in their natural order (see [`Dictionary::levels`]).
    pub fn category(name: impl Into<String>, role: Role, rows: &[Option<&str>]) -> Self {
        let mut levels: Vec<&str> = rows.iter().flatten().copied().collect();
        levels.order_by(|a, b| natural_order(a, b));
        levels.dedup();
        let lookup: std::collections::HashMap<&str, u32> =
            levels.iter().enumerate().map(|(i, &l)| (l, i as u32)).collect();
        let codes = rows.iter().map(|r| r.map_or(Dictionary::MISSING, |t| lookup[t])).collect();
        let levels = levels.into_iter().map(str::to_owned).collect();
        Self::new(name, role, Values::Category(Dictionary { levels, codes }))
    }

    /// Texts and their codes, of categories and text.
    pub fn dictionary(&self) -> Option<&Dictionary> {
        match &self.values {
            Values::Category(d) | Values::Text(d) => Some(d),
            _ => None,
        }
    }

    /// The distinct texts of categories and text; some may have no row any more.
    pub fn levels(&self) -> Option<&[String]> {
        self.dictionary().map(|d| d.levels.as_slice())
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        match &self.values {
            Values::Number(v) | Values::Date(v) => v.len(),
            Values::Category(d) | Values::Text(d) => d.codes.len(),
            Values::Boolean(v) => v.len(),
        }
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How the values are held.
    pub fn column_type(&self) -> ColumnType {
        match &self.values {
            Values::Number(_) => ColumnType::Number,
            Values::Category(_) => ColumnType::Category,
            Values::Date(_) => ColumnType::Date,
            Values::Boolean(_) => ColumnType::Boolean,
            Values::Text(_) => ColumnType::Text,
        }
    }

    /// Whether a row has no value.
    pub fn is_missing(&self, row: usize) -> bool {
        match &self.values {
            Values::Number(v) | Values::Date(v) => v[row].is_nan(),
            Values::Category(d) | Values::Text(d) => d.codes[row] == Dictionary::MISSING,
            Values::Boolean(v) => v[row].is_none(),
        }
    }

    /// Number of rows without a value.
    pub fn n_missing(&self) -> usize {
        match &self.values {
            Values::Number(v) | Values::Date(v) => v.iter().filter(|v| v.is_nan()).count(),
            Values::Category(d) | Values::Text(d) => {
                d.codes.iter().filter(|&&c| c == Dictionary::MISSING).count()
            }
            Values::Boolean(v) => v.iter().filter(|v| v.is_none()).count(),
        }
    }

    /// Whether no two known values differ.
    pub fn is_constant(&self) -> bool {
        let same = |a: usize, b: usize| match &self.values {
            Values::Number(v) | Values::Date(v) => v[a] == v[b],
            Values::Category(d) | Values::Text(d) => d.codes[a] == d.codes[b],
            Values::Boolean(v) => v[a] == v[b],
        };
        let mut known = (0..self.len()).filter(|&r| !self.is_missing(r));
        known.next().is_none_or(|first| known.all(|r| same(first, r)))
    }

    /// The values as numbers, missing as NaN: numbers as they are, yes/no as 1/0, dates as days since 1970.
    /// `None` for categories and text.
    pub fn as_numbers(&self) -> Option<std::borrow::Cow<'_, [f64]>> {
        match &self.values {
            Values::Number(v) => Some(v.into()),
            Values::Date(v) => Some(v.iter().map(|ms| ms / MILLIS_A_DAY).collect()),
            Values::Boolean(v) => {
                Some(v.iter().map(|b| b.map_or(f64::NAN, |b| if b { 1.0 } else { 0.0 })).collect())
            }
            Values::Category(_) | Values::Text(_) => None,
        }
    }

    /// The cell as a person would write it in a CSV; empty when missing. Dates are ISO 8601.
    pub fn cell_text(&self, row: usize) -> String {
        match &self.values {
            Values::Number(v) => {
                if v[row].is_nan() {
                    String::new()
                } else {
                    v[row].to_string()
                }
            }
            Values::Category(d) | Values::Text(d) => d.get(row).unwrap_or_default().to_owned(),
            Values::Boolean(v) => {
                v[row].map_or(String::new(), |b| if b { "yes".into() } else { "no".into() })
            }
            Values::Date(v) => date_text(v[row]),
        }
    }

    /// Rows whose cell is a value as a person would write it; of moments, those of the day.
    pub fn n_rows_with(&self, value: &str) -> u64 {
        let n = match &self.values {
            Values::Number(v) => value.parse().map_or(0, |n: f64| v.iter().filter(|x| **x == n).count()),
            Values::Date(v) => midnight_of(value)
                .map_or(0, |day| v.iter().filter(|x| (day..day + MILLIS_A_DAY).contains(*x)).count()),
            Values::Boolean(v) => {
                v.iter().filter(|b| b.is_some_and(|b| value == if b { "yes" } else { "no" })).count()
            }
            Values::Category(d) | Values::Text(d) => match d.levels.iter().position(|l| l == value) {
                Some(code) => d.codes.iter().filter(|c| **c as usize == code).count(),
                None => 0,
            },
        };
        n as u64
    }

    /// The given rows, in the given order.
    pub fn take_rows(&self, rows: &[u32]) -> Self {
        let numbers = |v: &[f64]| rows.iter().map(|&r| v[r as usize]).collect::<Vec<_>>();
        let codes = |d: &Dictionary| Dictionary {
            levels: d.levels.clone(),
            codes: rows.iter().map(|&r| d.codes[r as usize]).collect(),
        };
        let values = match &self.values {
            Values::Number(v) => Values::Number(numbers(v)),
            Values::Date(v) => Values::Date(numbers(v)),
            Values::Category(d) => Values::Category(codes(d)),
            Values::Text(d) => Values::Text(codes(d)),
            Values::Boolean(v) => Values::Boolean(rows.iter().map(|&r| v[r as usize]).collect()),
        };
        self.with_values(values)
    }
}

/// Milliseconds in a day.
pub const MILLIS_A_DAY: f64 = 86_400_000.0;

/// ISO 8601 of milliseconds since 1970, date only at midnight; empty when missing or out of range.
pub fn date_text(millis: f64) -> String {
    match Moment::of(millis) {
        Some(moment) if millis.rem_euclid(MILLIS_A_DAY) == 0.0 => moment.date(),
        Some(moment) => moment.date_and_time(),
        None => String::new(),
    }
}

/// Calendar year of milliseconds since 1970; `None` when missing or out of range.
pub fn year_of(millis: f64) -> Option<i64> {
    Moment::of(millis).map(|moment| moment.year)
}

/// Order of labels as people expect it: "<30" first, then labels that begin with a number by that number ("9", "30-39",
/// "60+", "100-110"), then words; runs of digits inside compare as numbers, letters without regard to case.
pub fn natural_order(a: &str, b: &str) -> std::cmp::Ordering {
    let key = |label: &str| match label.chars().next() {
        Some('<') => (0_u8, 0.0),
        _ => leading_number(label).map_or((2, 0.0), |n| (1, n)),
    };
    let ((class_a, number_a), (class_b, number_b)) = (key(a), key(b));
    class_a
        .cmp(&class_b)
        .then_with(|| number_a.total_cmp(&number_b))
        .then_with(|| pieces(a).cmp(pieces(b)))
        .then_with(|| a.cmp(b))
}

/// The number a label begins with: a sign, digits, a decimal point.
fn leading_number(label: &str) -> Option<f64> {
    let unsigned = label.strip_prefix('-').unwrap_or(label);
    let n_whole = unsigned.bytes().take_while(u8::is_ascii_digit).count();
    if n_whole == 0 {
        return None;
    }
    let n_fraction = match unsigned[n_whole..].strip_prefix('.') {
        Some(rest) => rest.bytes().take_while(u8::is_ascii_digit).count(),
        None => 0,
    };
    let n = n_whole + if n_fraction > 0 { n_fraction + 1 } else { 0 };
    // Adding zero makes -0 and 0 one number.
    label[..label.len() - unsigned.len() + n].parse::<f64>().ok().map(|x| x + 0.0)
}

/// A letter or a run of digits. The order of the variants' keys makes the whole a total order.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Piece {
    /// "<" before everything; a run of digits stands where "0" does.
    rank: u32,
    /// The bits of the run's value, which order as the numbers do.
    number: u64,
}

fn pieces(label: &str) -> impl Iterator<Item = Piece> + '_ {
    let mut letters = label.chars().peekable();
    std::iter::from_fn(move || {
        let first = letters.next()?;
        let Some(digit) = first.to_digit(10) else {
            let lower = first.to_lowercase().next().unwrap_or(first);
            return Some(Piece { rank: if lower == '<' { 0 } else { u32::from(lower) + 1 }, number: 0 });
        };
        let mut run = f64::from(digit);
        while let Some(next) = letters.peek().and_then(|c| c.to_digit(10)) {
            run = run * 10.0 + f64::from(next);
            letters.next();
        }
        Some(Piece { rank: u32::from('0') + 1, number: run.to_bits() })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_sort_as_people_expect() {
        let mut labels = vec!["60+", "100-110", "<30", "30-39", "b", "A", "9"];
        labels.sort_by(|a, b| natural_order(a, b));
        assert_eq!(labels, ["<30", "9", "30-39", "60+", "100-110", "A", "b"]);
    }

    #[test]
    fn numbers_sort_by_their_value() {
        let mut labels = vec!["10", "-5", "1.5", "-10", "1.25", "9", "2"];
        labels.sort_by(|a, b| natural_order(a, b));
        assert_eq!(labels, ["-10", "-5", "1.25", "1.5", "2", "9", "10"]);
    }

    #[test]
    fn the_order_of_labels_is_total() {
        let labels = [
            "", "#", "6", "E", "7", "-€", "-E", "|", "1e1,", "\"", "e", "(", "/", "0", "Ee", "-", "$", "0€",
            "2E", ".E", "<30", "<4", "01", "1", "1.", "inf", "NaN", "-0", "x10", "x9", "x<9", "30-34", "60+",
        ];
        for a in labels {
            for b in labels {
                assert_eq!(natural_order(a, b), natural_order(b, a).reverse(), "{a} {b}");
                for c in labels {
                    let is_before = |x: &str, y: &str| natural_order(x, y).is_lt();
                    assert!(!(is_before(a, b) && is_before(b, c)) || is_before(a, c), "{a} {b} {c}");
                }
            }
        }
    }

    #[test]
    fn dates_print_as_iso() {
        assert_eq!(date_text(0.0), "1970-01-01");
        assert_eq!(date_text(1_346_716_800_000.0), "2012-09-04");
        assert_eq!(date_text(f64::NAN), "");
    }
}
