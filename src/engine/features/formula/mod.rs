//! The language of formula columns: text to tokens to a tree, checked against the columns, evaluated or written as Python.
//!
//! `docs/formulas.md` holds the grammar. The step that makes a column of a formula is `features/formula_column.rs`.

mod complete;
mod eval;
mod functions;
mod lexer;
mod literals;
mod parser;
mod python;
#[cfg(test)]
mod tests;
mod types;

pub use complete::{Completion, Completions, complete};
pub use eval::{Evaluated, evaluate};
pub use functions::{FUNCTIONS, Function};
pub use literals::{Hidden, hide_literals, names_few};
pub use parser::{parse, print};
pub use python::python;
pub use types::{Checked, Kind, Known, check, is_learnt, known_columns};

use serde::{Deserialize, Serialize};

/// Characters of a formula that a sentence shows.
pub const SHOWN: usize = 200;

/// A piece of a formula, counted in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Span {
    /// Characters before it.
    pub at: u32,
    /// Characters of it; 0 at the end of the text.
    pub len: u32,
}

impl Span {
    /// From the start of this to the end of another.
    fn to(self, other: Self) -> Self {
        Self { at: self.at, len: (other.at + other.len).saturating_sub(self.at) }
    }
}

/// What is wrong with a formula, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormulaError {
    /// The characters at fault.
    pub span: Span,
    /// What is wrong, without a full stop.
    pub message: String,
    /// What was expected there or what to write instead; may be empty.
    pub expected: String,
    /// The name that was probably meant, as it is written in a formula.
    pub nearest: Option<String>,
}

impl FormulaError {
    fn new(span: Span, message: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { span, message: message.into(), expected: expected.into(), nearest: None }
    }

    fn meant(mut self, nearest: Option<String>) -> Self {
        self.nearest = nearest;
        self
    }

    /// What to do about it, as a sentence; empty when nothing is known.
    pub fn remedy(&self) -> String {
        match (&self.nearest, self.expected.as_str()) {
            (Some(name), _) => format!("did you mean {name}?"),
            (None, expected) => expected.to_owned(),
        }
    }
}

impl std::fmt::Display for FormulaError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the formula is wrong at character {}: {}", self.span.at + 1, self.message)?;
        let remedy = self.remedy();
        if remedy.is_empty() { Ok(()) } else { write!(f, "; {remedy}") }
    }
}

impl std::error::Error for FormulaError {}

/// The name of a column as it is written in a formula: bare where that can only mean the column, else in brackets.
pub fn quoted(name: &str) -> String {
    let mut letters = name.chars();
    let is_word = letters.next().is_some_and(lexer::begins_name) && letters.all(lexer::continues_name);
    if is_word && !lexer::is_keyword(name) {
        name.to_owned()
    } else {
        format!("[{}]", name.replace(']', "]]"))
    }
}

/// The name most like a misspelt one: at most a third of its letters differ, or one continues the other.
pub fn nearest<'a>(word: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wanted: Vec<char> = word.to_lowercase().chars().take(80).collect();
    let score = |name: &str| {
        let name: Vec<char> = name.to_lowercase().chars().take(80).collect();
        let shorter = name.len().min(wanted.len());
        let continues = shorter >= 3 && name[..shorter] == wanted[..shorter];
        let n = distance(&wanted, &name);
        (n <= (wanted.len().max(name.len()) / 3).max(1) || continues).then_some(n)
    };
    names.filter_map(|name| Some((score(name)?, name))).min_by_key(|(n, _)| *n).map(|(_, name)| name)
}

/// Letters to insert, delete or replace (Levenshtein).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut corner = i;
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let next = (row[j + 1] + 1).min(row[j] + 1).min(corner + usize::from(x != y));
            corner = row[j + 1];
            row[j + 1] = next;
        }
    }
    row[b.len()]
}
