//! Changing the type of a column that was read already.

use std::{borrow::Cow, cmp::Ordering};

use super::{
    column::{Column, ColumnType, Dictionary, Values},
    reader::types::{self, DateCell, Decimal, NumberCell},
    table::Writing,
};

/// The column with another type, and the number of cells that became missing because they mean nothing in it.
///
/// Texts are read by the rules that hold for files: decimal sign and day order are decided once for the column, by what its
/// cells make certain, else by how the file writes them. Yes/no becomes 1/0; numbers become yes/no where they are 1 or 0; dates become days since 1970 and back.
pub fn convert(column: &Column, to: ColumnType, writing: Writing) -> (Column, u64) {
    let from = column.column_type();
    if from == to {
        return (column.clone(), 0);
    }
    let values = match (to, &column.values) {
        (ColumnType::Category | ColumnType::Text, _) => {
            let is_category = to == ColumnType::Category;
            let dictionary = types::dictionary(column.len(), |row| text(column, row), is_category);
            if is_category { Values::Category(dictionary) } else { Values::Text(dictionary) }
        }
        (ColumnType::Number, Values::Category(d) | Values::Text(d)) => {
            Values::Number(of_levels(d, &numbers(d, writing), f64::NAN))
        }
        (ColumnType::Number, _) => {
            Values::Number(column.as_numbers().map(Cow::into_owned).unwrap_or_default())
        }
        (ColumnType::Date, Values::Number(v)) => Values::Date(dates_from_numbers(column, v, writing)),
        (ColumnType::Date, Values::Category(d) | Values::Text(d)) => {
            Values::Date(of_levels(d, &dates(d, writing), f64::NAN))
        }
        (ColumnType::Date, _) => Values::Date(vec![f64::NAN; column.len()]),
        (ColumnType::Boolean, Values::Number(v)) => Values::Boolean(
            v.iter()
                .map(|&x| {
                    if x == 1.0 {
                        Some(true)
                    } else if x == 0.0 {
                        Some(false)
                    } else {
                        None
                    }
                })
                .collect(),
        ),
        (ColumnType::Boolean, Values::Category(d) | Values::Text(d)) => {
            let read: Vec<Option<bool>> = d.levels.iter().map(|t| yes_or_no(t)).collect();
            Values::Boolean(of_levels(d, &read, None))
        }
        (ColumnType::Boolean, _) => Values::Boolean(vec![None; column.len()]),
    };
    let mut converted = column.with_values(values);
    // A role that says no more than the type goes with it.
    if column.role == types::plain_role(from) {
        converted.role = types::plain_role(to);
    }
    let lost = (0..column.len()).filter(|&r| converted.is_missing(r) && !column.is_missing(r)).count() as u64;
    (converted, lost)
}

/// A cell as text, missing as empty. A word that reading kept is a value, also one such as "NA".
fn text(column: &Column, row: usize) -> Cow<'_, str> {
    match &column.values {
        Values::Category(d) | Values::Text(d) => Cow::Borrowed(d.get(row).unwrap_or_default()),
        _ => Cow::Owned(column.cell_text(row)),
    }
}

/// What was made of the levels, a row each.
fn of_levels<T: Copy>(dictionary: &Dictionary, made: &[T], missing: T) -> Vec<T> {
    dictionary.codes.iter().map(|&code| made.get(code as usize).copied().unwrap_or(missing)).collect()
}

/// The levels as numbers.
fn numbers(dictionary: &Dictionary, writing: Writing) -> Vec<f64> {
    let counts = dictionary.counts();
    let evidence: Vec<_> = dictionary.levels.iter().map(|t| types::decimal_evidence(t)).collect();
    let count = |wanted| -> u64 {
        evidence.iter().zip(&counts).filter(|(e, _)| **e == Some(wanted)).map(|(_, n)| n).sum()
    };
    let is_comma = match count(Decimal::Comma).cmp(&count(Decimal::Point)) {
        Ordering::Equal => writing.comma_decimal.unwrap_or(false),
        order => order.is_gt(),
    };
    let decimal = if is_comma { Decimal::Comma } else { Decimal::Point };
    let read = |text: &String| match types::number(text, decimal) {
        Some(NumberCell::Finite(value)) => value,
        _ => match types::boolean(text) {
            Some(true) => 1.0,
            Some(false) => 0.0,
            None => f64::NAN,
        },
    };
    dictionary.levels.iter().map(read).collect()
}

/// The levels as dates.
fn dates(dictionary: &Dictionary, writing: Writing) -> Vec<f64> {
    let read: Vec<Option<DateCell>> = dictionary.levels.iter().map(|t| types::date(t, true)).collect();
    let of_rows = read.iter().copied().zip(dictionary.counts());
    let is_day_first = types::day_first(of_rows).or(writing.day_first).unwrap_or(true);
    read.into_iter().map(|d| d.and_then(|d| d.millis(is_day_first)).unwrap_or(f64::NAN)).collect()
}

/// Numbers such as 20250131 are dates as written; others count days since 1970, which is how dates become numbers.
fn dates_from_numbers(column: &Column, values: &[f64], writing: Writing) -> Vec<f64> {
    let is_compact = |x: f64| x.fract() == 0.0 && (17_000_101.0..=23_001_231.0).contains(&x);
    if values.iter().all(|&x| x.is_nan() || is_compact(x)) {
        let texts = types::dictionary(values.len(), |row| text(column, row), false);
        return of_levels(&texts, &dates(&texts, writing), f64::NAN);
    }
    // Beyond these the calendar cannot show a day.
    let in_range = |x: f64| (-98_000.0..=120_000.0).contains(&x);
    values.iter().map(|&x| if in_range(x) { x * super::column::MILLIS_A_DAY } else { f64::NAN }).collect()
}

fn yes_or_no(text: &str) -> Option<bool> {
    match text {
        "1" | "1.0" => Some(true),
        "0" | "0.0" => Some(false),
        other => types::boolean(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::data::role::Role;

    fn text(cells: &[&str]) -> Column {
        let dictionary = types::dictionary(cells.len(), |row| Cow::Borrowed(cells[row]), false);
        types::column("a".into(), Role::Text, Values::Text(dictionary))
    }

    #[track_caller]
    fn check(column: &Column, to: ColumnType, expected: &[&str], lost: u64) {
        let (converted, n) = convert(column, to, Writing::default());
        assert_eq!(converted.column_type(), to);
        let cells: Vec<String> = (0..converted.len()).map(|r| converted.cell_text(r)).collect();
        assert_eq!((cells.iter().map(String::as_str).collect::<Vec<_>>().as_slice(), n), (expected, lost));
    }

    #[test]
    fn texts_become_numbers() {
        check(&text(&["1", "x", "", "2.5"]), ColumnType::Number, &["1", "", "", "2.5"], 1);
        check(&text(&["1.234,5", "2,5"]), ColumnType::Number, &["1234.5", "2.5"], 0);
    }

    #[test]
    fn a_plain_role_goes_with_the_type() {
        let becomes = |role: Role| {
            let column = Column { role, ..text(&["1", "2"]) };
            convert(&column, ColumnType::Number, Writing::default()).0.role
        };
        assert_eq!((becomes(Role::Text), becomes(Role::Spend)), (Role::Number, Role::Spend));
    }

    #[test]
    fn texts_become_dates() {
        check(
            &text(&["04-09-2012", "21-08-2013", ""]),
            ColumnType::Date,
            &["2012-09-04", "2013-08-21", ""],
            0,
        );
        check(
            &text(&["9/4/2012", "8/21/2013", "soon"]),
            ColumnType::Date,
            &["2012-09-04", "2013-08-21", ""],
            1,
        );
        check(&text(&["20250131"]), ColumnType::Date, &["2025-01-31"], 0);
    }

    #[test]
    fn numbers_become_everything() {
        let column = Column::number("a", Role::Number, vec![1.0, 0.0, f64::NAN, 7.0]);
        check(&column, ColumnType::Boolean, &["yes", "no", "", ""], 1);
        check(&column, ColumnType::Category, &["1", "0", "", "7"], 0);
        check(&column, ColumnType::Text, &["1", "0", "", "7"], 0);
        check(&column, ColumnType::Date, &["1970-01-02", "1970-01-01", "", "1970-01-08"], 0);
        let day = Column::number("day", Role::Number, vec![20_250_131.0]);
        check(&day, ColumnType::Date, &["2025-01-31"], 0);
    }

    #[test]
    fn every_type_converts_to_every_other_and_keeps_its_length() {
        let text = text(&["1", "yes", "2012-09-04", ""]);
        for from in ColumnType::ALL {
            let (first, _) = convert(&text, from, Writing::default());
            for to in ColumnType::ALL {
                assert_eq!(convert(&first, to, Writing::default()).0.len(), 4);
            }
        }
    }

    #[test]
    fn categories_are_in_natural_order() {
        let (column, _) = convert(&text(&["10", "9", "100"]), ColumnType::Category, Writing::default());
        let Values::Category(Dictionary { levels, codes }) = column.values else { panic!() };
        assert_eq!((levels, codes), (vec!["9".to_owned(), "10".into(), "100".into()], vec![1, 0, 2]));
    }
}
