//! Formula text to tokens, each with its place in characters.

use super::{FormulaError, Span};

/// Longest formula, in characters.
pub const MAX_CHARS: usize = 10_000;

/// The words of the language that no bare column name can be.
const KEYWORDS: &[&str] = &["and", "or", "not", "by", "yes", "no", "true", "false", "missing"];

/// One token.
#[derive(Debug, Clone, PartialEq)]
pub enum Token {
    /// A number without sign.
    Number(f64),
    /// Text in quotes, unescaped.
    Text(String),
    /// A bare word: keyword, function or column.
    Word(String),
    /// A column in brackets or backticks.
    Column(String),
    /// An operator, bracket or comma.
    Sign(&'static str),
    /// After the last character.
    End,
}

/// A token and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Lexed {
    /// What it is.
    pub token: Token,
    /// Where it is.
    pub span: Span,
}

/// Whether a bare name can begin with this.
pub fn begins_name(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

/// Whether a bare name can go on with this.
pub fn continues_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Whether a word belongs to the language.
pub fn is_keyword(word: &str) -> bool {
    KEYWORDS.iter().any(|k| k.eq_ignore_ascii_case(word))
}

/// The sign that a text begins with, and its length in characters.
fn sign(rest: &[char]) -> Option<(&'static str, usize)> {
    let pair = match rest {
        ['<', '=', ..] => "<=",
        ['>', '=', ..] => ">=",
        ['<', '>', ..] | ['!', '=', ..] => "!=",
        ['=', '=', ..] => "=",
        _ => "",
    };
    if !pair.is_empty() {
        return Some((pair, 2));
    }
    let one = match rest.first()? {
        '+' => "+",
        '-' | '−' => "-",
        '*' | '×' => "*",
        '/' | '÷' => "/",
        '%' => "%",
        '^' => "^",
        '(' => "(",
        ')' => ")",
        ',' => ",",
        '=' => "=",
        '<' => "<",
        '>' => ">",
        '≤' => "<=",
        '≥' => ">=",
        '≠' => "!=",
        _ => return None,
    };
    Some((one, 1))
}

/// Every token, the last being [`Token::End`].
pub fn lex(text: &str) -> Result<Vec<Lexed>, FormulaError> {
    let letters: Vec<char> = text.chars().take(MAX_CHARS + 1).collect();
    let span = |at: usize, end: usize| Span { at: at as u32, len: end.saturating_sub(at) as u32 };
    if letters.len() > MAX_CHARS {
        let whole = span(MAX_CHARS, MAX_CHARS);
        return Err(FormulaError::new(whole, "the formula is too long", "make two columns of it"));
    }
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&c) = letters.get(at) {
        if c.is_whitespace() {
            at += 1;
            continue;
        }
        let rest = letters.get(at..).unwrap_or_default();
        let (token, len) = match c {
            _ if begins_name(c) => {
                let len = rest.iter().take_while(|c| continues_name(**c)).count();
                (Token::Word(rest.iter().take(len).collect()), len)
            }
            _ if c.is_ascii_digit() || (c == '.' && rest.get(1).is_some_and(char::is_ascii_digit)) => {
                let (value, len) = number(rest);
                match value {
                    Some(value) => (Token::Number(value), len),
                    None => {
                        let message = "this number is too large";
                        return Err(FormulaError::new(span(at, at + len), message, "at most 1.7e308"));
                    }
                }
            }
            '"' | '\'' | '[' | '`' => {
                let close = if c == '[' { ']' } else { c };
                let Some((inside, len)) = enclosed(rest, close) else {
                    let message = if matches!(c, '[' | '`') {
                        "this column name is not closed"
                    } else {
                        "this text is not closed"
                    };
                    let expected = format!("expected {close} at its end");
                    return Err(FormulaError::new(span(at, letters.len()), message, expected));
                };
                let token = if matches!(c, '[' | '`') { Token::Column(inside) } else { Token::Text(inside) };
                (token, len)
            }
            _ => match sign(rest) {
                Some((sign, len)) => (Token::Sign(sign), len),
                None => return Err(stray(c, span(at, at + 1))),
            },
        };
        tokens.push(Lexed { token, span: span(at, at + len) });
        at += len;
    }
    tokens.push(Lexed { token: Token::End, span: span(letters.len(), letters.len()) });
    Ok(tokens)
}

fn stray(c: char, span: Span) -> FormulaError {
    let expected = match c {
        '&' => "write and, or concat(a, b) to join texts",
        '|' => "write or",
        '!' => "write not, or != for unequal",
        ';' => "separate arguments by commas",
        '“' | '”' | '„' | '‘' | '’' => "write texts in straight quotes, such as \"Spring\"",
        ']' | '}' | '{' => "put column names in [brackets]",
        _ => "column names with such characters go in [brackets]",
    };
    FormulaError::new(span, format!("“{c}” means nothing here"), expected)
}

/// A number and its length; `None` when it is beyond what can be held.
fn number(rest: &[char]) -> (Option<f64>, usize) {
    let digits = |from: usize| rest.iter().skip(from).take_while(|c| c.is_ascii_digit()).count();
    let mut len = digits(0);
    if rest.get(len) == Some(&'.') {
        len += 1 + digits(len + 1);
    }
    if matches!(rest.get(len), Some('e' | 'E')) {
        let signed = usize::from(matches!(rest.get(len + 1), Some('+' | '-')));
        let n = digits(len + 1 + signed);
        if n > 0 {
            len += 1 + signed + n;
        }
    }
    let text: String = rest.iter().take(len).collect();
    (text.parse::<f64>().ok().filter(|v| v.is_finite()), len)
}

/// What stands between delimiters (a doubled closing one stands for itself), and the length with both.
fn enclosed(rest: &[char], close: char) -> Option<(String, usize)> {
    let mut inside = String::new();
    let mut at = 1;
    loop {
        let &c = rest.get(at)?;
        if c == close {
            if rest.get(at + 1) != Some(&close) {
                return Some((inside, at + 1));
            }
            at += 1;
        }
        inside.push(c);
        at += 1;
    }
}
