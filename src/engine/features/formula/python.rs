//! A checked formula as Python over a pandas frame `df`, with the few helpers it needs written before it.

use super::{
    eval::learnt_edges,
    functions::Op,
    parser::Operator,
    types::{Checked, Kind, Term, What},
};
use crate::engine::{
    data::{
        column::{Values, date_text},
        table::Table,
    },
    features::bins,
    step_kit::{numbers, py, py_list, py_number, py_numbers, py_series},
};

/// Helpers by name; one that uses another stands after it.
const HELPERS: &[(&str, &str)] = &[
    (
        "col(",
        "def col(x):  # one value a row\n    return x if isinstance(x, pd.Series) else pd.Series(x, index=df.index)",
    ),
    ("fin(", "def fin(x):  # what is no finite number is missing\n    return x.where(np.isfinite(x))"),
    (
        "known(",
        "def known(test, *of):  # a test of what is missing is missing\n    test = test.astype(\"boolean\")\n    \
         for x in of:\n        test = test.mask(col(x).isna())\n    return test",
    ),
    (
        "choose(",
        "def choose(test, yes, no):\n    test = col(test).astype(\"boolean\")\n    \
         return col(no).mask(test.fillna(False), yes).mask(test.isna())",
    ),
    (
        "each(",
        "def each(f, *xs):  # row by row, missing where something is\n    rows = zip(*(col(x) for x in xs))\n    \
         cells = [None if any(pd.isna(v) for v in row) else f(*row) for row in rows]\n    \
         return pd.Series(cells, index=df.index, dtype=object)",
    ),
];

/// The lines that make a column of this name.
pub fn python(checked: &Checked, table: &Table, name: &str) -> String {
    let writer = Writer { table, edges: learnt_edges(checked, table) };
    let code = writer.code(&checked.term);
    let code = match checked.term.kind {
        Kind::Number => format!("fin(col({code}).astype(float))"),
        _ => format!("col({code})"),
    };
    // A helper may use those before it.
    let mut body = format!("df[{}] = {code}", py(name));
    for (call, helper) in HELPERS.iter().rev() {
        if body.contains(call) {
            body = format!("{helper}\n{body}");
        }
    }
    body
}

struct Writer<'a> {
    table: &'a Table,
    edges: Vec<Vec<f64>>,
}

impl Writer<'_> {
    fn column(&self, place: usize, as_number: bool) -> String {
        let Some(column) = self.table.columns().get(place) else { return "np.nan".to_owned() };
        let series = py_series(&column.name);
        match &column.values {
            Values::Boolean(_) => format!("{series}.astype(\"boolean\")"),
            Values::Category(_) if numbers(column).is_ok() => {
                if as_number {
                    series
                } else {
                    format!("{series}.map(str, na_action=\"ignore\")")
                }
            }
            _ => series,
        }
    }

    fn code(&self, term: &Term) -> String {
        match &term.what {
            What::Number(v) => py_number(*v),
            What::Text(t) => py(t),
            What::Date(v) => format!("pd.Timestamp({})", py(&date_text(*v))),
            What::YesNo(b) => {
                let word = if *b { "True" } else { "False" };
                format!("pd.Series({word}, index=df.index, dtype=\"boolean\")")
            }
            What::Missing => "np.nan".to_owned(),
            What::Column(place) => self.column(*place, false),
            What::AsNumber(inner) => match &inner.what {
                What::Column(place) if inner.kind == Kind::Text => self.column(*place, true),
                _ => format!("col({}).astype(\"Float64\").astype(float)", self.code(inner)),
            },
            What::AsText(inner) => {
                let word = match inner.kind {
                    Kind::Date => "str(v.date()) if v == v.normalize() else v.isoformat()",
                    Kind::YesNo => "\"yes\" if v else \"no\"",
                    _ => "np.format_float_positional(float(v), trim=\"-\")",
                };
                format!("each(lambda v: {word}, {})", self.code(inner))
            }
            What::Minus(inner) => format!("(-col({}))", self.code(inner)),
            What::Not(inner) => format!("(~col({}))", self.code(inner)),
            What::Chain(first, rest) => self.chain(first, rest),
            What::Call(op, args) => self.call(*op, term.kind, args),
            What::Learnt { op, of, by, slot, .. } => self.learnt(*op, of.as_deref(), by, *slot),
        }
    }

    /// Numbers and truths stand in one row, as Python gives up where hundreds of brackets are open.
    fn chain(&self, first: &Term, rest: &[(Operator, Term, Kind)]) -> String {
        let is_plain = |kind: Kind| matches!(kind, Kind::Number | Kind::Nothing | Kind::YesNo);
        let goes_on = |operator: &Operator| !operator.is_comparison() && *operator != Operator::Power;
        let is_row =
            is_plain(first.kind) && rest.iter().all(|(o, part, _)| goes_on(o) && is_plain(part.kind));
        let of = self.code(first);
        if !is_row {
            let join = |(x, kind): (String, Kind), (operator, part, gives): &(Operator, Term, Kind)| {
                (binary(*operator, (&x, kind), (&self.code(part), part.kind)), *gives)
            };
            return rest.iter().fold((of, first.kind), join).0;
        }
        let is_logic = |o: &Operator| matches!(o, Operator::And | Operator::Or);
        let divides = rest.iter().any(|(o, ..)| matches!(o, Operator::Divide | Operator::Remainder));
        let mut code = format!("col({of}){}", if divides { ".astype(float)" } else { "" });
        for (operator, part, _) in rest {
            let y = self.code(part);
            let y = if is_logic(operator) { format!("col({y})") } else { y };
            code += &format!(" {} {y}", sign(*operator));
        }
        if divides { format!("fin({code})") } else { format!("({code})") }
    }

    fn call(&self, op: Op, kind: Kind, args: &[Term]) -> String {
        let codes: Vec<String> = args.iter().map(|a| self.code(a)).collect();
        let all = codes.join(", ");
        let [x, y, z] = [0, 1, 2].map(|i| codes.get(i).cloned().unwrap_or_default());
        let number = |f: &str| format!("fin({f}(col({x}).astype(float)))");
        let date = |part: &str| format!("col({x}).dt.{part}");
        let nested =
            |f: &str| codes.iter().cloned().reduce(|a, b| format!("{f}({a}, {b})")).unwrap_or_default();
        let flags = |code: String| format!("{code}.astype(\"boolean\")");
        let chosen = |code: String| if kind == Kind::YesNo { flags(code) } else { code };
        match op {
            Op::If => {
                let (last, pairs) = match codes.split_last() {
                    Some((last, pairs)) => (last.clone(), pairs),
                    None => return String::new(),
                };
                chosen(
                    pairs.chunks(2).rev().fold(last, |no, pair| format!("choose({}, {no})", pair.join(", "))),
                )
            }
            Op::IsMissing => flags(format!("col({x}).isna()")),
            Op::Coalesce => chosen(
                codes
                    .iter()
                    .cloned()
                    .reduce(|a, b| format!("col({a}).where(col({a}).notna(), {b})"))
                    .unwrap_or_default(),
            ),
            Op::Abs => number("np.abs"),
            Op::Floor => number("np.floor"),
            Op::Ceil => number("np.ceil"),
            Op::Sqrt => number("np.sqrt"),
            Op::Log => number("np.log"),
            Op::Log1p => number("np.log1p"),
            Op::Exp => number("np.exp"),
            Op::Round => {
                let unit = format!("10.0 ** {}", if y.is_empty() { "0" } else { &y });
                format!(
                    "each(lambda v: np.copysign(np.floor(abs(v) * {unit} + 0.5), v) / {unit}, {x}).astype(float)"
                )
            }
            Op::Min => nested("np.minimum"),
            Op::Max => nested("np.maximum"),
            Op::Clip => format!("np.minimum(np.maximum({x}, {y}), {z})"),
            Op::Concat => {
                let names: Vec<String> = (0..codes.len()).map(|i| format!("t{i}")).collect();
                format!("each(lambda {}: {}, {all})", names.join(", "), names.join(" + "))
            }
            Op::Upper => format!("each(str.upper, {x})"),
            Op::Lower => format!("each(str.lower, {x})"),
            Op::Trim => format!("each(str.strip, {x})"),
            Op::Length => format!("each(len, {x}).astype(float)"),
            Op::Contains => flags(format!("each(lambda text, part: part in text, {all})")),
            Op::StartsWith => flags(format!("each(str.startswith, {all})")),
            Op::Replace => {
                format!("each(lambda text, part, new: text.replace(part, new) if part else text, {all})")
            }
            Op::Year => date("year"),
            Op::Month => date("month"),
            Op::Day => date("day"),
            Op::Hour => date("hour"),
            Op::Weekday => format!("({} + 1)", date("dayofweek")),
            Op::DaysBetween => format!("((col({y}) - {x}) / pd.Timedelta(days=1))"),
            Op::Bin => {
                let edges: Vec<f64> = args
                    .iter()
                    .skip(1)
                    .filter_map(|t| if let What::Number(v) = t.what { Some(v) } else { None })
                    .collect();
                cut(&x, &edges)
            }
            _ => x,
        }
    }

    fn learnt(&self, op: Op, of: Option<&Term>, by: &[usize], slot: usize) -> String {
        let x = of.map_or_else(|| "1".to_owned(), |of| self.code(of));
        let names: Vec<String> = by
            .iter()
            .filter_map(|place| self.table.columns().get(*place))
            .map(|c| py_series(&c.name))
            .collect();
        let (statistic, options) = match op {
            Op::QuantileBin => return cut(&x, self.edges.get(slot).map_or(&[], Vec::as_slice)),
            Op::Sum => ("sum", "min_count=1"),
            Op::Mean => ("mean", ""),
            Op::Median => ("median", ""),
            Op::Count => ("count", ""),
            Op::ColMin => ("min", ""),
            Op::ColMax => ("max", ""),
            _ => ("rank", ""),
        };
        if names.is_empty() {
            return format!("col({x}).{statistic}({options})");
        }
        let groups = names.join(", ");
        if op == Op::Rank {
            return format!("col({x}).groupby([{groups}]).rank()");
        }
        let options = if options.is_empty() { String::new() } else { format!(", {options}") };
        format!("col({x}).groupby([{groups}]).transform({}{options})", py(statistic))
    }
}

/// An operator as Python writes it.
fn sign(operator: Operator) -> &'static str {
    match operator {
        Operator::Equal => "==",
        Operator::And => "&",
        Operator::Or => "|",
        Operator::Power => "**",
        other => other.sign(),
    }
}

/// Two sides, each with what it is.
fn binary(operator: Operator, (x, a): (&str, Kind), (y, b): (&str, Kind)) -> String {
    let sign = sign(operator);
    match (operator, a, b) {
        _ if operator.is_comparison() => format!("known(col({x}) {sign} {y}, {x}, {y})"),
        (Operator::Subtract, Kind::Date, Kind::Date) => {
            format!("((col({x}) - {y}) / pd.Timedelta(days=1))")
        }
        (_, Kind::Date, _) => format!("(col({x}) {sign} pd.to_timedelta(col({y}), unit=\"D\"))"),
        (Operator::Power, ..) => format!("fin(col({x}).astype(float) {sign} {y})"),
        _ => format!("(col({x}) {sign} {y})"),
    }
}

fn cut(x: &str, edges: &[f64]) -> String {
    format!(
        "pd.cut(col({x}), [-np.inf, *{}, np.inf], right=False, labels={}).astype(object)",
        py_numbers(edges),
        py_list(&bins::labels(edges))
    )
}
