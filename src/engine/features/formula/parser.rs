//! Tokens to a tree, and the tree back to text with no more parentheses than it needs.
//!
//! Precedence climbing: `or` 1, `and` 2, `not` 3, comparison 4 (does not chain), `+ -` 5, `* / %` 6, unary minus 7,
//! `^` 8 (from the right). Depth is bounded, so that no formula can exhaust the stack.

use super::{
    FormulaError, Span,
    functions::{self, FUNCTIONS, Function},
    lexer::{Lexed, Token, is_keyword, lex},
    nearest, quoted,
};
use crate::engine::step_kit::millis_of;

/// Deepest tree.
const MAX_DEPTH: u16 = 100;

/// Most parts that operators of one strength join.
const MAX_PARTS: usize = 1_000;

/// A formula or a part of one.
#[derive(Debug, Clone)]
pub struct Expr {
    /// What it is.
    pub node: Node,
    /// Where it was written.
    pub span: Span,
    depth: u16,
}

/// What an expression can be.
#[derive(Debug, Clone)]
pub enum Node {
    /// Never negative.
    Number(f64),
    /// In quotes.
    Text(String),
    /// `date("2024-01-31")`.
    Date(String),
    /// `yes` or `no`.
    YesNo(bool),
    /// `missing`.
    Missing,
    /// A column by name.
    Column(String),
    /// `-a`.
    Minus(Box<Expr>),
    /// `not a`.
    Not(Box<Expr>),
    /// `a + b - c`: what operators of one strength join, from the left. In one list, so that a long sum is no deep tree.
    Chain(Box<Expr>, Vec<(Operator, Expr)>),
    /// `mean(Spent by age)`.
    Call {
        /// What is called.
        function: &'static Function,
        /// In order.
        args: Vec<Expr>,
        /// Columns it is computed by group of.
        by: Vec<(String, Span)>,
    },
}

/// An operator with two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    Or,
    And,
    Equal,
    Unequal,
    Less,
    AtMost,
    More,
    AtLeast,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Power,
}

const NOT: u8 = 3;
const COMPARISON: u8 = 4;
const MINUS: u8 = 7;
const ATOM: u8 = 9;

impl Operator {
    /// Every operator.
    pub const ALL: [Self; 14] = [
        Self::Or,
        Self::And,
        Self::Equal,
        Self::Unequal,
        Self::Less,
        Self::AtMost,
        Self::More,
        Self::AtLeast,
        Self::Add,
        Self::Subtract,
        Self::Multiply,
        Self::Divide,
        Self::Remainder,
        Self::Power,
    ];

    /// As written.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Or => "or",
            Self::And => "and",
            Self::Equal => "=",
            Self::Unequal => "!=",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::More => ">",
            Self::AtLeast => ">=",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
            Self::Power => "^",
        }
    }

    /// How strongly it binds.
    fn binding(self) -> u8 {
        match self {
            Self::Or => 1,
            Self::And => 2,
            Self::Add | Self::Subtract => 5,
            Self::Multiply | Self::Divide | Self::Remainder => 6,
            Self::Power => 8,
            _ => COMPARISON,
        }
    }

    /// How strongly its left and right side must bind to stand without parentheses.
    fn sides(self) -> (u8, u8) {
        match (self, self.binding()) {
            (Self::Power, _) => (ATOM, MINUS),
            (_, COMPARISON) => (COMPARISON + 1, COMPARISON + 1),
            (_, own) => (own, own + 1),
        }
    }

    /// Whether what it gives can be its left side without parentheses.
    fn goes_on(self) -> bool {
        self.sides().0 == self.binding()
    }

    /// Whether it compares.
    pub fn is_comparison(self) -> bool {
        self.binding() == COMPARISON
    }
}

impl Expr {
    fn new(node: Node, span: Span) -> Self {
        let below = match &node {
            Node::Minus(a) | Node::Not(a) => a.depth,
            Node::Chain(first, rest) => rest.iter().map(|(_, e)| e.depth).fold(first.depth, u16::max),
            Node::Call { args, .. } => args.iter().map(|a| a.depth).max().unwrap_or(0),
            _ => 0,
        };
        Self { node, span, depth: below + 1 }
    }

    /// Two sides of an operator. A left one of the same strength goes on.
    pub(super) fn joined(self, operator: Operator, right: Self) -> Self {
        let span = self.span.to(right.span);
        match self.node {
            Node::Chain(first, mut rest)
                if operator.goes_on()
                    && rest.first().is_some_and(|(o, _)| o.binding() == operator.binding()) =>
            {
                let depth = self.depth.max(right.depth + 1);
                rest.push((operator, right));
                Self { node: Node::Chain(first, rest), span, depth }
            }
            _ => Self::new(Node::Chain(Box::new(self), vec![(operator, right)]), span),
        }
    }
}

/// The tree of a formula.
pub fn parse(text: &str) -> Result<Expr, FormulaError> {
    let tokens = lex(text)?;
    let mut parser = Parser { tokens, next: 0, depth: 0 };
    if parser.peek() == &Token::End {
        return Err(FormulaError::new(parser.span(), "the formula is empty", "such as Spent / Clicks"));
    }
    let expr = parser.expression(0)?;
    match parser.peek() {
        Token::End => Ok(expr),
        _ => Err(parser.unexpected("an operator such as + or and, or the end of the formula")),
    }
}

struct Parser {
    tokens: Vec<Lexed>,
    /// Never beyond the last token, which is the end.
    next: usize,
    depth: u16,
}

impl Parser {
    fn peek(&self) -> &Token {
        self.tokens.get(self.next).map_or(&Token::End, |t| &t.token)
    }

    fn span(&self) -> Span {
        self.tokens.get(self.next).map_or(Span::default(), |t| t.span)
    }

    fn take(&mut self) -> Lexed {
        let taken = self.tokens.get(self.next).cloned();
        self.next = (self.next + 1).min(self.tokens.len().saturating_sub(1));
        taken.unwrap_or(Lexed { token: Token::End, span: Span::default() })
    }

    fn takes(&mut self, sign: &str) -> bool {
        let is_there = matches!(self.peek(), Token::Sign(s) if *s == sign);
        if is_there {
            self.take();
        }
        is_there
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Token::Word(w) if w.eq_ignore_ascii_case(word))
    }

    fn unexpected(&self, expected: &str) -> FormulaError {
        let message = match self.peek() {
            Token::End => "the formula ends too early".to_owned(),
            Token::Number(v) => format!("the number {v} cannot stand here"),
            Token::Text(_) => "this text cannot stand here".to_owned(),
            Token::Word(w) | Token::Column(w) => format!("“{w}” cannot stand here"),
            Token::Sign(s) => format!("“{s}” cannot stand here"),
        };
        let hint = match self.decimal_comma() {
            true => "decimals are written with a point, such as 1.5, and thousands without a sign".to_owned(),
            false => format!("expected {expected}"),
        };
        FormulaError::new(self.span(), message, hint)
    }

    /// Whether a comma is next that stands right between two numbers.
    fn decimal_comma(&self) -> bool {
        let around = self.next.checked_sub(1).and_then(|from| self.tokens.get(from..from + 3));
        matches!(around, Some([before, comma, after])
            if matches!((&before.token, &comma.token, &after.token), (Token::Number(_), Token::Sign(","), Token::Number(_)))
                && before.span.at + before.span.len == comma.span.at
                && comma.span.at + 1 == after.span.at)
    }

    fn too_deep(&self, span: Span) -> FormulaError {
        FormulaError::new(span, "the formula is nested too deeply", "make two columns of it")
    }

    fn made(&self, node: Node, span: Span) -> Result<Expr, FormulaError> {
        let expr = Expr::new(node, span);
        if expr.depth > MAX_DEPTH { Err(self.too_deep(span)) } else { Ok(expr) }
    }

    fn operator(&self) -> Option<Operator> {
        let sign = match self.peek() {
            Token::Sign(s) => (*s).to_owned(),
            Token::Word(w) => w.to_ascii_lowercase(),
            _ => return None,
        };
        Operator::ALL.into_iter().find(|o| o.sign() == sign)
    }

    /// An expression of operators that bind at least so strongly.
    fn expression(&mut self, least: u8) -> Result<Expr, FormulaError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.too_deep(self.span()));
        }
        let mut left = self.operand(least)?;
        let mut has_compared = false;
        while let Some(operator) = self.operator().filter(|o| o.binding() >= least) {
            if operator.is_comparison() && has_compared {
                let message = "a comparison cannot follow a comparison";
                return Err(FormulaError::new(self.span(), message, "write 1 < x and x < 5"));
            }
            self.take();
            has_compared = operator.is_comparison();
            let right = self.expression(operator.sides().1)?;
            let place = right.span;
            left = left.joined(operator, right);
            if matches!(&left.node, Node::Chain(_, rest) if rest.len() >= MAX_PARTS) {
                return Err(FormulaError::new(
                    place,
                    "too many parts stand in a row",
                    "make two columns of it",
                ));
            }
            if left.depth > MAX_DEPTH {
                return Err(self.too_deep(left.span));
            }
        }
        self.depth -= 1;
        Ok(left)
    }

    fn operand(&mut self, least: u8) -> Result<Expr, FormulaError> {
        const VALUE: &str = "a column, a number, a text in quotes, a function or “(”";
        let start = self.span();
        if self.takes("-") {
            let inner = self.expression(MINUS)?;
            let span = start.to(inner.span);
            return self.made(Node::Minus(Box::new(inner)), span);
        }
        if self.is_word("not") {
            if least > NOT {
                let message = "“not” cannot stand here without parentheses";
                return Err(FormulaError::new(start, message, "write (not …)"));
            }
            self.take();
            let inner = self.expression(NOT)?;
            let span = start.to(inner.span);
            return self.made(Node::Not(Box::new(inner)), span);
        }
        if self.takes("(") {
            let mut inner = self.expression(0)?;
            let end = self.span();
            if !self.takes(")") {
                return Err(self.unexpected("“)” or an operator"));
            }
            inner.span = start.to(end);
            return Ok(inner);
        }
        let node = match self.peek().clone() {
            Token::Number(value) => Node::Number(value),
            Token::Text(text) => Node::Text(text),
            Token::Column(name) => Node::Column(name),
            Token::Word(word) => match word.to_ascii_lowercase().as_str() {
                "yes" | "true" => Node::YesNo(true),
                "no" | "false" => Node::YesNo(false),
                "missing" => Node::Missing,
                _ if is_keyword(&word) => return Err(self.unexpected(VALUE)),
                _ => {
                    self.take();
                    return if self.takes("(") {
                        self.call(&word, start)
                    } else {
                        self.made(Node::Column(word), start)
                    };
                }
            },
            Token::Sign(_) | Token::End => return Err(self.unexpected(VALUE)),
        };
        self.take();
        self.made(node, start)
    }

    /// The rest of a call; its name and the opening parenthesis are taken.
    fn call(&mut self, word: &str, start: Span) -> Result<Expr, FormulaError> {
        let name = word.to_lowercase();
        if name == "date" {
            return self.date(start);
        }
        let Some(function) = functions::find(&name) else {
            let close = nearest(&name, FUNCTIONS.iter().map(|f| f.name)).map(|n| format!("{n}(…)"));
            let message = format!("there is no function {word}");
            return Err(FormulaError::new(start, message, "choose one from the list").meant(close));
        };
        let (mut args, mut by) = (Vec::new(), Vec::new());
        if !matches!(self.peek(), Token::Sign(")")) && !self.is_word("by") {
            loop {
                args.push(self.expression(0)?);
                if !self.takes(",") {
                    break;
                }
            }
        }
        if self.is_word("by") {
            let place = self.take().span;
            if !function.by {
                let message = format!("{} is not computed by group", function.name);
                return Err(FormulaError::new(
                    place,
                    message,
                    "“by” goes with sum, mean, count and their like",
                ));
            }
            loop {
                let span = self.span();
                match self.take().token {
                    Token::Column(name) => by.push((name, span)),
                    Token::Word(name) if !is_keyword(&name) => by.push((name, span)),
                    _ => {
                        let message = "the column to group by is missing";
                        return Err(FormulaError::new(span, message, "expected a column after by"));
                    }
                }
                if !self.takes(",") {
                    break;
                }
            }
        }
        let end = self.span();
        if !self.takes(")") {
            let more = if function.by && by.is_empty() {
                "“,”, “by” or “)”"
            } else {
                "“,” or “)”"
            };
            return Err(self.unexpected(more));
        }
        self.made(Node::Call { function, args, by }, start.to(end))
    }

    /// The rest of `date("2024-01-31")`.
    fn date(&mut self, start: Span) -> Result<Expr, FormulaError> {
        const WRITTEN: &str = "write date(\"2024-01-31\")";
        let place = self.span();
        let Token::Text(text) = self.take().token else {
            return Err(FormulaError::new(place, "a date is written as year-month-day in quotes", WRITTEN));
        };
        if millis_of(&text).is_none() {
            return Err(FormulaError::new(place, format!("“{text}” is no day of the calendar"), WRITTEN));
        }
        let end = self.span();
        if !self.takes(")") {
            return Err(self.unexpected("“)”"));
        }
        self.made(Node::Date(text.trim().to_owned()), start.to(end))
    }
}

/// The formula as text that parses to the same tree.
pub fn print(expr: &Expr) -> String {
    let mut out = String::new();
    write(expr, 0, &mut out);
    out
}

fn binding(expr: &Expr) -> u8 {
    match &expr.node {
        Node::Chain(_, rest) => rest.first().map_or(ATOM, |(operator, _)| operator.binding()),
        Node::Not(_) => NOT,
        Node::Minus(_) => MINUS,
        _ => ATOM,
    }
}

fn write(expr: &Expr, least: u8, out: &mut String) {
    let needs_parentheses = binding(expr) < least;
    if needs_parentheses {
        out.push('(');
    }
    match &expr.node {
        Node::Number(v) => out.push_str(&v.to_string()),
        Node::Text(text) => out.push_str(&in_quotes(text)),
        Node::Date(day) => out.push_str(&format!("date({})", in_quotes(day))),
        Node::YesNo(true) => out.push_str("yes"),
        Node::YesNo(false) => out.push_str("no"),
        Node::Missing => out.push_str("missing"),
        Node::Column(name) => out.push_str(&quoted(name)),
        Node::Minus(inner) => {
            out.push('-');
            write(inner, MINUS, out);
        }
        Node::Not(inner) => {
            out.push_str("not ");
            write(inner, NOT, out);
        }
        Node::Chain(first, rest) => {
            write(first, rest.first().map_or(0, |(operator, _)| operator.sides().0), out);
            for (operator, part) in rest {
                out.push_str(&format!(" {} ", operator.sign()));
                write(part, operator.sides().1, out);
            }
        }
        Node::Call { function, args, by } => {
            out.push_str(function.name);
            out.push('(');
            for (i, arg) in args.iter().enumerate() {
                out.push_str(if i > 0 { ", " } else { "" });
                write(arg, 0, out);
            }
            if !by.is_empty() {
                let names: Vec<String> = by.iter().map(|(name, _)| quoted(name)).collect();
                out.push_str(if args.is_empty() { "by " } else { " by " });
                out.push_str(&names.join(", "));
            }
            out.push(')');
        }
    }
    if needs_parentheses {
        out.push(')');
    }
}

fn in_quotes(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
impl PartialEq for Expr {
    /// The same meaning, wherever written.
    fn eq(&self, other: &Self) -> bool {
        let names = |by: &[(String, Span)]| by.iter().map(|(n, _)| n.clone()).collect::<Vec<_>>();
        match (&self.node, &other.node) {
            (Node::Number(a), Node::Number(b)) => a.to_bits() == b.to_bits(),
            (Node::Text(a), Node::Text(b)) | (Node::Date(a), Node::Date(b)) => a == b,
            (Node::Column(a), Node::Column(b)) => a == b,
            (Node::YesNo(a), Node::YesNo(b)) => a == b,
            (Node::Missing, Node::Missing) => true,
            (Node::Minus(a), Node::Minus(b)) | (Node::Not(a), Node::Not(b)) => a == b,
            (Node::Chain(a, b), Node::Chain(c, d)) => a == c && b == d,
            (Node::Call { function: f, args: a, by: c }, Node::Call { function: g, args: b, by: d }) => {
                f.name == g.name && a == b && names(c) == names(d)
            }
            _ => false,
        }
    }
}

#[cfg(test)]
impl Expr {
    /// For trees that tests make.
    pub fn of(node: Node) -> Self {
        Self::new(node, Span::default())
    }
}
