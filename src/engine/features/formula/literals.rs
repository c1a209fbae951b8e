//! A formula without the values written into it: these can be cells of people.

use super::lexer::{Token, lex};
use crate::engine::{
    data::{
        column::{Column, Values},
        role::Role,
        table::Table,
    },
    disclosure,
};

/// Numbers of so many digits can be those of phones, cards and people.
const MANY_DIGITS: usize = 7;

/// A formula in which something else stands for its values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hidden {
    /// The formula.
    pub text: String,
    /// The values that stood there: texts without their quotes, long numbers as they were written.
    pub literals: Vec<String>,
    /// The words and columns that it names.
    pub names: Vec<String>,
}

/// A formula with `mask` for its texts and long numbers; `None` where it cannot be read.
pub fn hide_literals(formula: &str, mask: &str) -> Option<Hidden> {
    let tokens = lex(formula).ok()?;
    let written = |from: u32, to: u32| -> String {
        formula.chars().skip(from as usize).take(to.saturating_sub(from) as usize).collect()
    };
    let mut hidden = Hidden::default();
    let mut at = 0;
    for lexed in tokens {
        let (start, end) = (lexed.span.at, lexed.span.at + lexed.span.len);
        hidden.text += &written(at, start);
        at = end;
        let own = written(start, end);
        match lexed.token {
            Token::Text(text) => {
                hidden.text += &format!("\"{mask}\"");
                hidden.literals.push(text);
            }
            Token::Number(value)
                if value >= 1e6 || own.chars().filter(char::is_ascii_digit).count() >= MANY_DIGITS =>
            {
                hidden.text += mask;
                hidden.literals.push(own);
            }
            Token::Word(name) | Token::Column(name) => {
                hidden.names.push(name);
                hidden.text += &own;
            }
            Token::Number(_) | Token::Sign(_) | Token::End => hidden.text += &own,
        }
    }
    Some(hidden)
}

/// Whether a value that is written into a formula is that of a small group, in a column that the formula names.
pub fn names_few(formula: &str, table: &Table) -> bool {
    let tokens = lex(formula).unwrap_or_default();
    let columns: Vec<&Column> = tokens
        .iter()
        .filter_map(|lexed| match &lexed.token {
            Token::Word(name) | Token::Column(name) => table.column(name).ok().map(AsRef::as_ref),
            _ => None,
        })
        .collect();
    let is_few = |column: &Column, value: &str| disclosure::is_small(column.n_rows_with(value));
    // Of amounts, which differ from row to row, a number names nobody.
    let is_coded = |column: &&&Column| {
        use Role::{Ad, AdGroup, Campaign, Category, Identifier, MaritalStatus};
        !matches!(column.values, Values::Number(_))
            || matches!(column.role, Ad | AdGroup | Campaign | Category | Identifier | MaritalStatus)
    };
    tokens.iter().any(|lexed| match &lexed.token {
        Token::Text(value) => columns.iter().any(|c| is_few(c, value)),
        Token::Number(value) => columns.iter().filter(is_coded).any(|c| is_few(c, &value.to_string())),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_long_numbers_are_hidden() {
        let check = |formula: &str, text: &str, literals: &[&str], names: &[&str]| {
            let hidden = hide_literals(formula, "…").unwrap();
            assert_eq!(
                (hidden.text.as_str(), hidden.literals),
                (text, literals.iter().map(|l| l.to_string()).collect())
            );
            assert_eq!(hidden.names, names);
        };
        check("if(Who == 'O''Ann',  1, 0)", "if(Who == \"…\",  1, 0)", &["O'Ann"], &["if", "Who"]);
        check("[é \"x\"] = \"a\"\"b\"", "[é \"x\"] = \"…\"", &["a\"b"], &["é \"x\""]);
        check("Phone == 301234567 ", "Phone == … ", &["301234567"], &["Phone"]);
        check("0301234+1e7+999999", "…+…+999999", &["0301234", "1e7"], &[]);
        assert_eq!(hide_literals("Who == \"Ann", "…"), None);
    }
}
