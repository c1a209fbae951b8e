//! What can be written at the caret, and what is wrong with a formula while it is being written.

use serde::{Deserialize, Serialize};

use super::{
    FormulaError, Span,
    functions::FUNCTIONS,
    lexer::{continues_name, is_keyword},
    parser::parse,
    quoted,
    types::{Known, check},
};

/// Most that is offered at once.
const MAX_ITEMS: usize = 40;

/// One name that can be written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completion {
    /// As shown: the name of the column, or the call with its arguments.
    pub label: String,
    /// What it holds, or does.
    pub detail: String,
    /// What is written.
    pub insert: String,
}

/// What can be written at the caret.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Completions {
    /// The characters that a choice replaces.
    pub replaces: Span,
    /// Best first; empty where no name can stand.
    pub items: Vec<Completion>,
    /// What is wrong with the whole.
    pub error: Option<FormulaError>,
}

/// Looks at a formula with the caret after so many characters.
pub fn complete(text: &str, caret: u32, columns: &[Known]) -> Completions {
    let error = parse(text).and_then(|expr| check(&expr, columns)).err();
    let letters: Vec<char> = text.chars().collect();
    let caret = (caret as usize).min(letters.len());
    let Some(place) = place(&letters, caret) else { return Completions { error, ..Completions::default() } };
    let wanted = place.prefix.to_lowercase();
    let column = |c: &Known| Completion {
        label: c.name.clone(),
        detail: c.kind.label().to_owned(),
        insert: quoted(&c.name),
    };
    let begins = |name: &str| name.to_lowercase().starts_with(&wanted);
    let mut items: Vec<Completion> = columns.iter().filter(|c| begins(&c.name)).map(column).collect();
    items.truncate(MAX_ITEMS / 2);
    if !place.is_column {
        items.extend(FUNCTIONS.iter().filter(|f| begins(f.name)).map(|f| Completion {
            label: f.signature.to_owned(),
            detail: f.help.to_owned(),
            insert: format!("{}(", f.name),
        }));
    }
    let contains = |c: &&Known| !begins(&c.name) && c.name.to_lowercase().contains(&wanted);
    items.extend(columns.iter().filter(contains).map(column));
    // What stands there already need not be offered.
    let written: String = letters.iter().skip(place.start).take(place.end - place.start).collect();
    items.retain(|i| i.insert != written);
    items.truncate(MAX_ITEMS);
    let replaces = Span { at: place.start as u32, len: (place.end - place.start) as u32 };
    Completions { replaces, items, error }
}

struct Place {
    start: usize,
    end: usize,
    prefix: String,
    /// Only a column can stand here.
    is_column: bool,
}

/// Where a name is being written; `None` inside a text and after a value.
fn place(letters: &[char], caret: usize) -> Option<Place> {
    // (where it was opened, what closes it), and for every open parenthesis whether `by` was written in it.
    let mut open: Option<(usize, char)> = None;
    let mut by = vec![false];
    let mut word = String::new();
    for (at, &c) in letters.iter().enumerate().take(caret) {
        if let Some((_, close)) = open {
            if c == close {
                open = None;
            }
            continue;
        }
        if continues_name(c) {
            word.push(c);
            continue;
        }
        if word.eq_ignore_ascii_case("by")
            && let Some(last) = by.last_mut()
        {
            *last = true;
        }
        word.clear();
        match c {
            '"' | '\'' | '`' => open = Some((at, c)),
            '[' => open = Some((at, ']')),
            '(' => by.push(false),
            ')' if by.len() > 1 => {
                by.pop();
            }
            _ => {}
        }
    }
    let is_column = by.last().copied().unwrap_or(false);
    let text = |from: usize, to: usize| letters.iter().skip(from).take(to - from).collect::<String>();
    if let Some((start, close)) = open {
        if matches!(close, '"' | '\'') {
            return None;
        }
        let end = if letters.get(caret) == Some(&close) { caret + 1 } else { caret };
        return Some(Place { start, end, prefix: text(start + 1, caret), is_column: true });
    }
    let start = caret - word.chars().count();
    let end = caret + letters.iter().skip(caret).take_while(|c| continues_name(**c)).count();
    if word.chars().next().is_some_and(char::is_numeric) {
        return None;
    }
    if word.is_empty() {
        let before = text(0, caret);
        let before = before.trim_end();
        let last_word: String = before
            .chars()
            .rev()
            .take_while(|c| continues_name(*c))
            .collect::<Vec<_>>()
            .iter()
            .rev()
            .collect();
        let follows_value = match before.chars().last() {
            None => false,
            Some(_) if is_keyword(&last_word) => {
                !["and", "or", "not", "by"].iter().any(|w| w.eq_ignore_ascii_case(&last_word))
            }
            Some(c) => continues_name(c) || matches!(c, ')' | ']' | '`' | '"' | '\''),
        };
        if follows_value {
            return None;
        }
    }
    Some(Place { start, end, prefix: word, is_column })
}
