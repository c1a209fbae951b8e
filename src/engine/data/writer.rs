//! Writes a table as CSV that no spreadsheet will mistake for formulas.

use super::{
    column::Values,
    table::{Table, TableError},
};

/// Writes the given rows (positions in the table) with a header, in UTF-8 and commas. `extra` is one more column at the
/// end: its name and a text for each of the rows.
///
/// Text that begins like a formula (`=`, `+`, `-`, `@`, their wide forms, tab, carriage return) and is no number gets an
/// apostrophe before it, as OWASP advises against CSV injection; numbers and dates are written as they are.
///
/// # Errors
/// [`TableError::UnequalLength`] when `extra` has another number of rows.
pub fn write_csv(
    table: &Table,
    rows: &[u32],
    extra: Option<(&str, &[String])>,
) -> Result<Vec<u8>, TableError> {
    if let Some((name, texts)) = extra
        && texts.len() != rows.len()
    {
        let (expected, found) = (rows.len(), texts.len());
        return Err(TableError::UnequalLength { name: name.to_owned(), expected, found });
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header = table.columns().iter().map(|c| c.name.as_str()).chain(extra.map(|(name, _)| name));
    // Writing into memory cannot fail, and every record has as many fields as the header.
    let _ = writer.write_record(header.map(harmless));
    for (i, &row) in rows.iter().enumerate() {
        let cells = table.columns().iter().map(|column| {
            let text = column.cell_text(row as usize);
            match column.values {
                Values::Category(_) | Values::Text(_) => harmless(&text),
                Values::Number(_) | Values::Date(_) | Values::Boolean(_) => text,
            }
        });
        let _ = writer.write_record(cells.chain(extra.map(|(_, texts)| harmless(&texts[i]))));
    }
    Ok(writer.into_inner().unwrap_or_default())
}

fn harmless(text: &str) -> String {
    // Spreadsheets drop blanks and what is not seen before a formula, and take the wide signs of Chinese and Japanese
    // keyboards for the plain ones.
    let is_unseen = |c: char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
    };
    let seen = text.trim_start_matches(is_unseen);
    let begins_like_a_formula = text.starts_with(['\t', '\r'])
        || seen.starts_with(['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}']);
    if begins_like_a_formula && text.parse::<f64>().is_err() { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::data::{
        column::Column,
        role::{Role, TableKind},
    };

    #[track_caller]
    fn check(cells: &[&str], expected: &str) {
        let rows: Vec<_> = cells.iter().map(|c| Some(*c)).collect();
        let table = Table::new(TableKind::Other, vec![Column::category("name", Role::Category, &rows)])
            .expect("one column is a table");
        let all: Vec<u32> = (0..cells.len() as u32).collect();
        let bytes = write_csv(&table, &all, None).expect("it is written");
        assert_eq!(String::from_utf8(bytes).expect("UTF-8"), expected);
    }

    #[test]
    fn text_is_quoted_where_it_must_be() {
        check(&["a,b", "say \"hi\""], "name\n\"a,b\"\n\"say \"\"hi\"\"\"\n");
    }

    #[test]
    fn formulas_become_text_and_numbers_stay() {
        check(&["=1+1", "-5", "@x", "30-34", "+49 30"], "name\n'=1+1\n-5\n'@x\n30-34\n'+49 30\n");
    }

    #[test]
    fn a_formula_in_wide_signs_or_behind_what_is_not_seen_becomes_text() {
        for start in [
            "\u{ff1d}1+1",
            "\u{ff0b}1",
            "\u{ff0d}1+1",
            "\u{ff20}SUM(1)",
            "\u{200b}=1+1",
            "\u{feff}\u{200d}@x",
        ] {
            check(&[start, "b"], &format!("name\n'{start}\nb\n"));
        }
        for start in ["\n=1+1", "\r\n+1+1", " =1+1"] {
            check(&[start, "b"], &format!("name\n{}\nb\n", quoted(&format!("'{start}"))));
        }
        check(&["a\u{200b}=1", "\u{200b}a", "5 = 5"], "name\na\u{200b}=1\n\u{200b}a\n5 = 5\n");
    }

    /// As CSV writes a cell that has a line feed in it.
    fn quoted(cell: &str) -> String {
        if cell.contains('\n') { format!("\"{cell}\"") } else { cell.to_owned() }
    }

    #[test]
    fn chosen_rows_carry_their_label() {
        let column = Column::number("x", Role::Number, vec![1.0, f64::NAN, 3.5]);
        let table = Table::new(TableKind::Other, vec![column]).expect("one column is a table");
        let labels = ["Segment 1".to_owned(), "Segment 2".to_owned()];
        let bytes = write_csv(&table, &[2, 1], Some(("Segment", &labels))).expect("it is written");
        assert_eq!(String::from_utf8_lossy(&bytes), "x,Segment\n3.5,Segment 1\n,Segment 2\n");
        assert!(write_csv(&table, &[2], Some(("Segment", &labels))).is_err());
    }
}
