//! Reads a column as another type.

use super::column::{Column, ColumnType, Values};

/// The column as another type, and how many cells could not be read so and became missing.
pub fn convert(column: &Column, column_type: ColumnType) -> (Column, u64) {
    if column.column_type() == column_type {
        return (column.clone(), 0);
    }
    let texts: Vec<Option<String>> =
        (0..column.len()).map(|r| (!column.is_missing(r)).then(|| column.cell_text(r))).collect();
    let refs: Vec<Option<&str>> = texts.iter().map(Option::as_deref).collect();
    let values = match column_type {
        ColumnType::Number => match column.as_numbers() {
            Some(v) => Values::Number(v.into_owned()),
            None => Values::Number(
                refs.iter().map(|t| t.and_then(|t| t.trim().parse().ok()).unwrap_or(f64::NAN)).collect(),
            ),
        },
        ColumnType::Category => Column::category("", column.role, &refs).values,
        ColumnType::Text => match Column::category("", column.role, &refs).values {
            Values::Category(d) => Values::Text(d),
            other => other,
        },
        ColumnType::Boolean => Values::Boolean(
            refs.iter()
                .map(|t| match t.map(|t| t.trim().to_lowercase()).as_deref() {
                    Some("1" | "yes" | "true") => Some(true),
                    Some("0" | "no" | "false") => Some(false),
                    _ => None,
                })
                .collect(),
        ),
        ColumnType::Date => Values::Date(
            refs.iter()
                .map(|t| t.and_then(|t| t.trim().parse::<jiff::civil::Date>().ok()))
                .map(|d| {
                    d.and_then(|d| jiff::tz::Offset::UTC.to_timestamp(d.at(0, 0, 0, 0)).ok())
                        .map_or(f64::NAN, |s| s.as_millisecond() as f64)
                })
                .collect(),
        ),
    };
    let out = Column { values, ..column.clone() };
    let lost = (out.n_missing() - column.n_missing().min(out.n_missing())) as u64;
    (out, lost)
}
