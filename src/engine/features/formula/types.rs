//! A parsed formula against the columns of a table: names found, types checked, conversions written out.

use std::sync::Arc;

use super::{
    FormulaError, Span,
    functions::{Function, Gives, Op, Want},
    nearest,
    parser::{Expr, Node, Operator},
    quoted,
};
use crate::engine::{
    data::{
        column::{Column, ColumnType, Values},
        table::Table,
    },
    order::InOrder,
    step_kit::{millis_of, numbers},
};

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A number.
    Number,
    /// A text or category.
    Text,
    /// A date.
    Date,
    /// Yes or no.
    YesNo,
    /// Nothing but missing: fits everywhere.
    Nothing,
}

impl Kind {
    /// In words.
    pub fn label(self) -> &'static str {
        match self {
            Self::Number => "a number",
            Self::Text => "text",
            Self::Date => "a date",
            Self::YesNo => "yes/no",
            Self::Nothing => "nothing",
        }
    }
}

/// A column a formula can name.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// A category whose levels are all numbers: it serves as a number too.
    pub is_numeric: bool,
}

/// The columns of a table as a formula sees them.
pub fn known_columns(table: &Table) -> Vec<Known> {
    let known = |c: &Arc<Column>| Known {
        name: c.name.clone(),
        kind: match c.column_type() {
            ColumnType::Number => Kind::Number,
            ColumnType::Date => Kind::Date,
            ColumnType::Boolean => Kind::YesNo,
            ColumnType::Category | ColumnType::Text => Kind::Text,
        },
        is_numeric: matches!(c.values, Values::Category(_)) && numbers(c).is_ok(),
    };
    table.columns().iter().map(known).collect()
}

/// A checked part of a formula.
#[derive(Debug, Clone)]
pub struct Term {
    /// What it gives.
    pub kind: Kind,
    /// What it is.
    pub what: What,
}

/// What a checked part is.
#[derive(Debug, Clone)]
pub enum What {
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
    /// Milliseconds since 1970.
    Date(f64),
    /// Yes or no.
    YesNo(bool),
    /// Missing in every row.
    Missing,
    /// The column at a place of the table.
    Column(usize),
    /// Yes/no as 1/0, or a category of numbers as numbers.
    AsNumber(Box<Term>),
    /// As a text.
    AsText(Box<Term>),
    /// With the other sign.
    Minus(Box<Term>),
    /// The contrary.
    Not(Box<Term>),
    /// What operators of one strength join, from the left; each with what it gives together with all before it.
    Chain(Box<Term>, Vec<(Operator, Term, Kind)>),
    /// A function of the row.
    Call(Op, Vec<Term>),
    /// A function of all rows.
    Learnt {
        /// Which.
        op: Op,
        /// Its argument; none counts rows.
        of: Option<Box<Term>>,
        /// Places of the columns to group by.
        by: Vec<usize>,
        /// How many groups of equal size.
        n_groups: usize,
        /// Which of the learnt results: inner ones come first.
        slot: usize,
    },
}

/// A formula that can be carried out on the table it was checked against.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The whole.
    pub term: Term,
    /// Places of the columns it names, each once, in order.
    pub columns: Vec<usize>,
    /// How many results are learnt from the rows.
    pub n_slots: usize,
}

/// Whether some part is learnt from the rows.
pub fn is_learnt(expr: &Expr) -> bool {
    match &expr.node {
        Node::Minus(a) | Node::Not(a) => is_learnt(a),
        Node::Chain(first, rest) => is_learnt(first) || rest.iter().any(|(_, part)| is_learnt(part)),
        Node::Call { function, args, .. } => function.learns() || args.iter().any(is_learnt),
        _ => false,
    }
}

/// Finds the columns and checks the types.
pub fn check(expr: &Expr, columns: &[Known]) -> Result<Checked, FormulaError> {
    let mut checker = Checker { columns, used: Vec::new(), n_slots: 0 };
    let term = checker.term(expr)?;
    if term.kind == Kind::Nothing {
        return Err(FormulaError::new(expr.span, "every row would be missing", "give a value somewhere"));
    }
    let mut used = checker.used;
    used.order_by(|a, b| a.cmp(b));
    used.dedup();
    Ok(Checked { term, columns: used, n_slots: checker.n_slots })
}

struct Checker<'a> {
    columns: &'a [Known],
    used: Vec<usize>,
    n_slots: usize,
}

fn wrong(span: Span, kind: Kind, expected: &str, hint: &str) -> FormulaError {
    let message = format!("this is {}, but {expected} is needed", kind.label());
    FormulaError::new(span, message, hint)
}

impl Checker<'_> {
    fn column(&mut self, name: &str, span: Span) -> Result<usize, FormulaError> {
        if let Some(place) = self.columns.iter().position(|c| c.name == name) {
            self.used.push(place);
            return Ok(place);
        }
        let close = nearest(name, self.columns.iter().map(|c| c.name.as_str())).map(quoted);
        let message = format!("there is no column “{name}”");
        Err(FormulaError::new(span, message, "choose a column from the list").meant(close))
    }

    fn term(&mut self, expr: &Expr) -> Result<Term, FormulaError> {
        let is = |kind, what| Ok(Term { kind, what });
        match &expr.node {
            Node::Number(v) => is(Kind::Number, What::Number(*v)),
            Node::Text(t) => is(Kind::Text, What::Text(t.clone())),
            Node::Date(day) => is(Kind::Date, What::Date(millis_of(day).unwrap_or(f64::NAN))),
            Node::YesNo(b) => is(Kind::YesNo, What::YesNo(*b)),
            Node::Missing => is(Kind::Nothing, What::Missing),
            Node::Column(name) => {
                let place = self.column(name, expr.span)?;
                is(self.columns.get(place).map_or(Kind::Nothing, |c| c.kind), What::Column(place))
            }
            Node::Minus(inner) => {
                let inner = self.wanted(inner, Kind::Number)?;
                is(Kind::Number, What::Minus(Box::new(inner)))
            }
            Node::Not(inner) => {
                let inner = self.wanted(inner, Kind::YesNo)?;
                is(Kind::YesNo, What::Not(Box::new(inner)))
            }
            Node::Chain(first, rest) => self.chain(first, rest),
            Node::Call { function, args, by } => self.call(expr, function, args, by),
        }
    }

    /// The expression as a value of a kind, converted where that loses nothing.
    fn wanted(&mut self, expr: &Expr, kind: Kind) -> Result<Term, FormulaError> {
        let term = self.term(expr)?;
        self.converted(term, kind, expr.span)
    }

    fn is_number_too(&self, term: &Term) -> bool {
        term.kind == Kind::YesNo
            || matches!(term.what, What::Column(place) if self.columns.get(place).is_some_and(|c| c.is_numeric))
    }

    fn converted(&self, term: Term, kind: Kind, span: Span) -> Result<Term, FormulaError> {
        if term.kind == kind || term.kind == Kind::Nothing {
            return Ok(term);
        }
        if kind == Kind::Number && self.is_number_too(&term) {
            return Ok(Term { kind, what: What::AsNumber(Box::new(term)) });
        }
        let hint = match (term.kind, kind) {
            (Kind::Text, Kind::Date) => "write a date as date(\"2024-01-31\")",
            (Kind::Text, Kind::Number) if matches!(term.what, What::Column(_)) => {
                "change the type of the column on the Data page if it holds numbers"
            }
            (Kind::Text, Kind::Number) => "write numbers without quotes",
            (Kind::Number, Kind::YesNo) => "compare it, such as x > 0",
            (Kind::Number, Kind::Text) => "concat(x) makes text of a number",
            (Kind::Date, Kind::Number) => "days_between(from, to) makes a number of dates",
            _ => "",
        };
        Err(wrong(span, term.kind, kind.label(), hint))
    }

    fn chain(&mut self, first: &Expr, rest: &[(Operator, Expr)]) -> Result<Term, FormulaError> {
        let mut left = self.term(first)?;
        let mut span = first.span;
        for (operator, part) in rest {
            let right = self.term(part)?;
            let (kind, x, y) = self.sides(*operator, (left, span), (right, part.span))?;
            let what = match x.what {
                // What was joined before goes on; in parentheses it has not been.
                What::Chain(of, mut parts) if span != first.span => {
                    parts.push((*operator, y, kind));
                    What::Chain(of, parts)
                }
                what => What::Chain(Box::new(Term { kind: x.kind, what }), vec![(*operator, y, kind)]),
            };
            left = Term { kind, what };
            span = span.to(part.span);
        }
        Ok(left)
    }

    /// What an operator gives, and its sides as it wants them.
    fn sides(
        &self,
        operator: Operator,
        (x, a): (Term, Span),
        (y, b): (Term, Span),
    ) -> Result<(Kind, Term, Term), FormulaError> {
        use Operator::{Add, And, Equal, Or, Subtract, Unequal};
        if matches!(operator, And | Or) {
            return Ok((Kind::YesNo, self.converted(x, Kind::YesNo, a)?, self.converted(y, Kind::YesNo, b)?));
        }
        if operator.is_comparison() {
            let kind = self.common(&[&x, &y], &[a, b])?;
            let is_order = !matches!(operator, Equal | Unequal);
            if is_order && matches!(kind, Kind::Text | Kind::YesNo) {
                let at = if x.kind == Kind::Nothing { b } else { a };
                return Err(wrong(at, kind, "a number or a date", "texts can be compared with = and !="));
            }
            return Ok((Kind::YesNo, self.converted(x, kind, a)?, self.converted(y, kind, b)?));
        }
        // Dates can be moved by days and subtracted.
        match (operator, x.kind, y.kind) {
            (Subtract, Kind::Date, Kind::Date) => return Ok((Kind::Number, x, y)),
            (Add | Subtract, Kind::Date, _) => {
                let y = self.converted(y, Kind::Number, b)?;
                return Ok((Kind::Date, x, y));
            }
            (Add, Kind::Text, _) if !self.is_number_too(&x) => {
                return Err(wrong(a, Kind::Text, "a number", "concat(a, b) joins texts"));
            }
            _ => {}
        }
        Ok((Kind::Number, self.converted(x, Kind::Number, a)?, self.converted(y, Kind::Number, b)?))
    }

    /// The kind that all of these can have.
    fn common(&self, terms: &[&Term], spans: &[Span]) -> Result<Kind, FormulaError> {
        let kinds = terms.iter().map(|t| t.kind);
        let Some(first) = kinds.clone().find(|k| *k != Kind::Nothing) else { return Ok(Kind::Nothing) };
        if kinds.clone().all(|k| k == first || k == Kind::Nothing) {
            return Ok(first);
        }
        let as_number = |t: &&Term| matches!(t.kind, Kind::Number | Kind::Nothing) || self.is_number_too(t);
        if kinds.clone().any(|k| k == Kind::Number) && terms.iter().all(as_number) {
            return Ok(Kind::Number);
        }
        let odd = terms.iter().zip(spans).find(|(t, _)| t.kind != first && t.kind != Kind::Nothing);
        let Some((term, span)) = odd else { return Ok(first) };
        let hint = match (first, term.kind) {
            (Kind::Date, Kind::Text) => "write a date as date(\"2024-01-31\")",
            (Kind::Number, Kind::Text) => "write numbers without quotes",
            (Kind::Text, Kind::Number) => "write texts in quotes",
            _ => "",
        };
        let message = format!("this is {}, but the other side is {}", term.kind.label(), first.label());
        Err(FormulaError::new(*span, message, hint))
    }

    fn call(
        &mut self,
        whole: &Expr,
        function: &'static Function,
        args: &[Expr],
        by: &[(String, Span)],
    ) -> Result<Term, FormulaError> {
        n_args(whole, function, args)?;
        let wants: Vec<Want> = (0..args.len()).map(|i| want(function, args.len(), i)).collect();
        let mut terms = Vec::with_capacity(args.len());
        for (arg, want) in args.iter().zip(&wants) {
            terms.push(match want {
                Want::Number => self.wanted(arg, Kind::Number)?,
                Want::Text => self.wanted(arg, Kind::Text)?,
                Want::Date => self.wanted(arg, Kind::Date)?,
                Want::YesNo => self.wanted(arg, Kind::YesNo)?,
                Want::Figure => Term { kind: Kind::Number, what: What::Number(figure(arg)?) },
                Want::Any | Want::Same => self.term(arg)?,
                Want::Ordered => match self.term(arg)? {
                    term if matches!(term.kind, Kind::Date | Kind::Nothing) => term,
                    term => self.converted(term, Kind::Number, arg.span)?,
                },
            });
        }
        let mut same = Kind::Nothing;
        let shared: Vec<usize> = (0..terms.len()).filter(|i| wants.get(*i) == Some(&Want::Same)).collect();
        if !shared.is_empty() {
            let (of, at): (Vec<&Term>, Vec<Span>) =
                shared.iter().filter_map(|&i| Some((terms.get(i)?, args.get(i)?.span))).unzip();
            same = self.common(&of, &at)?;
            for &i in &shared {
                if let (Some(slot), Some(arg)) = (terms.get_mut(i), args.get(i)) {
                    let term = std::mem::replace(slot, Term { kind: Kind::Nothing, what: What::Missing });
                    *slot = self.converted(term, same, arg.span)?;
                }
            }
        } else if wants.first() == Some(&Want::Ordered) {
            same = terms.first().map_or(Kind::Nothing, |t| t.kind);
        }
        let kind = match function.result {
            Gives::Number => Kind::Number,
            Gives::Text => Kind::Text,
            Gives::YesNo => Kind::YesNo,
            Gives::Same => same,
        };
        if function.op == Op::Concat {
            let as_text = |t: Term| match t.kind {
                Kind::Text | Kind::Nothing => t,
                _ => Term { kind: Kind::Text, what: What::AsText(Box::new(t)) },
            };
            terms = terms.into_iter().map(as_text).collect();
        }
        figures(function, args, &terms)?;
        let what = if function.learns() {
            let mut places = Vec::new();
            for (name, span) in by {
                places.push(self.column(name, *span)?);
            }
            let n_groups = match terms.get(1).map(|t| &t.what) {
                Some(What::Number(n)) => *n as usize,
                _ => 0,
            };
            let slot = self.n_slots;
            self.n_slots += 1;
            let of = terms.into_iter().next().map(Box::new);
            What::Learnt { op: function.op, of, by: places, n_groups, slot }
        } else {
            What::Call(function.op, terms)
        };
        Ok(Term { kind, what })
    }
}

/// What the argument at a place must be.
fn want(function: &Function, n: usize, i: usize) -> Want {
    if function.op == Op::If {
        // Conditions and values take turns; the last is a value.
        return if i.is_multiple_of(2) && i + 1 < n { Want::YesNo } else { Want::Same };
    }
    function.wants.get(i).or(function.wants.last()).copied().unwrap_or(Want::Any)
}

fn n_args(whole: &Expr, function: &Function, args: &[Expr]) -> Result<(), FormulaError> {
    let n = args.len();
    let hint = format!("write {}", function.signature);
    if n < function.least {
        let end = Span { at: whole.span.at + whole.span.len.saturating_sub(1), len: 1 };
        let message = match (n, function.least) {
            (0, 1) => format!("{} needs an argument", function.name),
            (_, least) => format!("{} needs {least} arguments, but has {n}", function.name),
        };
        return Err(FormulaError::new(end, message, hint));
    }
    if let Some(extra) = args.get(function.wants.len()).filter(|_| !function.is_open) {
        let message = format!("{} takes no more than {}", function.name, function.wants.len());
        return Err(FormulaError::new(extra.span, message, hint));
    }
    if function.op == Op::If && n.is_multiple_of(2) {
        let end = Span { at: whole.span.at + whole.span.len.saturating_sub(1), len: 1 };
        let hint = "end with what holds otherwise, or with missing";
        return Err(FormulaError::new(end, "the last condition has a value, but nothing follows it", hint));
    }
    Ok(())
}

/// A number written out, with or without a sign.
fn figure(expr: &Expr) -> Result<f64, FormulaError> {
    match &expr.node {
        Node::Number(v) => Ok(*v),
        Node::Minus(inner) => match &inner.node {
            Node::Number(v) => Ok(-v),
            _ => Err(FormulaError::new(expr.span, "a number must be written out here", "such as 2")),
        },
        _ => Err(FormulaError::new(expr.span, "a number must be written out here", "such as 2")),
    }
}

/// Numbers written out have their own rules.
fn figures(function: &Function, args: &[Expr], terms: &[Term]) -> Result<(), FormulaError> {
    let number = |t: &Term| if let What::Number(v) = t.what { v } else { f64::NAN };
    let rest = || args.iter().zip(terms).skip(1);
    let refuse = |at: &Expr, message: &str, hint: &str| Err(FormulaError::new(at.span, message, hint));
    match function.op {
        Op::Bin => {
            let mut last = f64::NEG_INFINITY;
            for (arg, term) in rest() {
                let edge = number(term);
                if edge <= last {
                    return refuse(arg, "edges must go up", "such as bin(x, 10, 20, 50)");
                }
                last = edge;
            }
        }
        Op::QuantileBin => {
            for (arg, term) in rest() {
                let n = number(term);
                if n.fract() != 0.0 || !(2.0..=100.0).contains(&n) {
                    return refuse(arg, "the number of groups must be whole, from 2 to 100", "such as 4");
                }
            }
        }
        Op::Round => {
            for (arg, term) in rest() {
                let n = number(term);
                if n.fract() != 0.0 || !(-12.0..=12.0).contains(&n) {
                    return refuse(arg, "the number of digits must be whole, from -12 to 12", "such as 2");
                }
            }
        }
        Op::Clip => {
            let written = |i: usize| args.get(i).and_then(|arg| figure(arg).ok());
            if let (Some(low), Some(high), Some(at)) = (written(1), written(2), args.get(1))
                && low > high
            {
                return refuse(at, "the lower bound is above the upper one", "such as clip(x, 1, 9)");
            }
        }
        _ => {}
    }
    Ok(())
}
