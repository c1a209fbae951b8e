//! What must hold for the formula language: its table of functions, printing and parsing, a second interpreter, errors.

use super::{
    functions::{FUNCTIONS, Gives, Op, Want},
    parser::{Expr, Node, Operator},
    *,
};
use crate::engine::{
    context::Ctx,
    data::{
        column::{Column, Values},
        role::{Role, TableKind},
        table::Table,
    },
    numeric::random::Rng,
    step::LearnFrom,
    step_kit::millis_of,
};

const NAN: f64 = f64::NAN;

/// The example table of the documentation.
fn table() -> Table {
    let day = |text: &str| millis_of(text).unwrap();
    let dates = vec![day("2024-01-31"), day("2024-02-01"), day("2023-12-25") + 18.0 * 3_600_000.0, NAN];
    let column = |name: &str, values| Column::new(name, Role::Number, values);
    let age = [Some("30-34"), Some("30-34"), Some("35-39"), Some("35-39")];
    let campaign = [Some("Spring sale"), Some("summer"), Some("Summer"), None];
    let codes = [Some("916"), Some("936"), Some("936"), None];
    Table::new(
        TableKind::Other,
        vec![
            Column::category("Campaign", Role::Category, &campaign),
            Column::category("age", Role::Category, &age),
            Column::number("Clicks", Role::Clicks, vec![4.0, 0.0, 10.0, NAN]),
            Column::number("Spent", Role::Spend, vec![2.0, 1.0, 15.0, 3.0]),
            column("Day", Values::Date(dates)),
            column("Bought", Values::Boolean(vec![Some(true), Some(false), Some(true), None])),
            Column::category("code", Role::Campaign, &codes),
            Column::number("odd ] name", Role::Number, vec![1.0, 2.0, 3.0, 4.0]),
        ],
    )
    .unwrap()
}

fn run(text: &str, learn: LearnFrom<'_>) -> Result<Evaluated, FormulaError> {
    let table = table();
    let checked = check(&parse(text)?, &known_columns(&table))?;
    Ok(evaluate(&checked, &table, learn, &Ctx::quiet(1)).unwrap())
}

fn shown(out: Evaluated) -> String {
    let column = Column::new("x", Role::Number, out.values);
    let cells: Vec<String> = (0..column.len())
        .map(|row| if column.is_missing(row) { "missing".into() } else { column.cell_text(row) })
        .collect();
    if cells.iter().all(|c| *c == cells[0]) { cells[0].clone() } else { cells.join("; ") }
}

#[track_caller]
fn gives(text: &str, expected: &str) {
    match run(text, LearnFrom::All) {
        Ok(out) => assert_eq!(shown(out), expected, "{text}"),
        Err(error) => panic!("{text}: {error}"),
    }
}

/// The formula is refused at these characters with these words.
#[track_caller]
fn refused(text: &str, at: &str, words: &str) {
    let error = run(text, LearnFrom::All).err().unwrap_or_else(|| panic!("{text} is not refused"));
    let piece: String = text.chars().skip(error.span.at as usize).take(error.span.len as usize).collect();
    assert_eq!(piece, at, "{text}: {error}");
    assert!(error.to_string().contains(words), "{text}: {error}");
}

// ------------------------------------------------------------------------------------------- the documentation

#[test]
fn every_example_gives_what_it_says() {
    for f in FUNCTIONS {
        gives(f.example, f.gives);
        assert!(f.example.contains(&format!("{}(", f.name)), "{} is not in its example", f.name);
        assert!(f.signature.starts_with(&format!("{}(", f.name)) && f.help.ends_with('.'), "{}", f.name);
        assert_eq!(f.name, f.name.to_lowercase());
    }
}

#[test]
fn the_documentation_has_every_function_and_no_other() {
    let text = include_str!("../../../../docs/formulas.md");
    let rows: Vec<&str> =
        text.lines().filter(|l| l.starts_with("| `") && l.matches('|').count() == 5).collect();
    let expected: Vec<String> = FUNCTIONS
        .iter()
        .map(|f| format!("| `{}` | {} | `{}` | {} |", f.signature, f.help, f.example, f.gives))
        .collect();
    assert_eq!(rows, expected, "the table should be:\n{}", expected.join("\n"));
    for operator in Operator::ALL {
        assert!(
            text.contains(&format!("\"{}\"", operator.sign())),
            "{} is not in the grammar",
            operator.sign()
        );
    }
}

// ------------------------------------------------------------------------------------------------------ values

#[test]
fn operators_bind_as_in_school() {
    gives("1 + 2 * 3", "7");
    gives("(1 + 2) * 3", "9");
    gives("-2 ^ 2", "-4");
    gives("2 ^ 3 ^ 2", "512");
    gives("2 ^ -1", "0.5");
    gives("10 - 4 - 3", "3");
    gives("-7 % 3", "2");
    gives("7 % -3", "-2");
    gives("not 1 = 2 and yes", "yes");
    gives("yes or no and no", "yes");
    gives("1 < 2", "yes");
    gives("Clicks ≥ 4", "yes; no; yes; missing");
    gives(".5e1 × 2 − 1", "9");
    gives("-Clicks", "-4; 0; -10; missing");
}

#[test]
fn what_is_undefined_is_missing_for_a_reason() {
    #[track_caller]
    fn check(text: &str, expected: &str, whys: &[(eval::Why, u64)], n_input: u64) {
        let out = run(text, LearnFrom::All).unwrap();
        assert_eq!((out.missing.as_slice(), out.n_input), (whys, n_input), "{text}");
        assert_eq!(shown(out), expected, "{text}");
    }
    use eval::Why::*;
    check("Spent / Clicks", "0.5; missing; 1.5; missing", &[(ZeroDivision, 1)], 1);
    check("Spent % Clicks", "2; missing; 5; missing", &[(ZeroDivision, 1)], 1);
    check("log(Clicks)", "1.3862943611198906; missing; 2.302585092994046; missing", &[(Logarithm, 1)], 1);
    check("sqrt(Spent - 2)", "0; missing; 3.605551275463989; 1", &[(Root, 1)], 0);
    check("(0 - Spent) ^ 0.5", "missing", &[(Root, 4)], 0);
    check("0 ^ -1", "missing", &[(ZeroDivision, 4)], 0);
    check("exp(Spent * 100) > 0", "yes; yes; missing; yes", &[(Overflow, 1)], 0);
    check("0 * (Spent * 1e308)", "missing; 0; missing; missing", &[(Overflow, 3)], 0);
    // What was passed by has no reason.
    check("if(Clicks = 0, 0, Spent / Clicks)", "0.5; 0; 1.5; missing", &[], 1);
    check("coalesce(Spent / Clicks, 9)", "0.5; 9; 1.5; 9", &[], 0);
    check("is_missing(1 / Clicks)", "no; yes; no; yes", &[], 0);
    check("Day + 1e9", "missing", &[(Calendar, 3)], 1);
}

#[test]
fn missing_is_neither_yes_nor_no() {
    gives("Clicks > 5 and no", "no");
    gives("Clicks > 5 or yes", "yes");
    gives("Clicks > 5 and yes", "no; no; yes; missing");
    gives("not Bought", "no; yes; no; missing");
    gives("if(Bought, 1, 2)", "1; 2; 1; missing");
    gives("if(Bought, missing, Spent)", "missing; 1; missing; missing");
    gives("coalesce(Bought, no)", "yes; no; yes; no");
}

#[test]
fn kinds_serve_where_nothing_is_lost() {
    gives("Bought + 1", "2; 1; 2; missing");
    gives("mean(Bought by age)", "0.5; 0.5; 1; 1");
    gives("code = 936", "no; yes; yes; missing");
    gives("code = \"936\"", "no; yes; yes; missing");
    gives("code + 0", "916; 936; 936; missing");
    gives(
        "concat(code, Bought, Day)",
        "916yes2024-01-31; 936no2024-02-01; 936yes2023-12-25T18:00:00; missing",
    );
    gives("Day - date(\"2024-01-30\")", "1; 2; -35.25; missing");
    gives("Day + 1 > date('2024-02-01')", "no; yes; no; missing");
    gives("if(Bought, Day, missing)", "2024-01-31; missing; 2023-12-25T18:00:00; missing");
    gives("[odd ]] name] + `odd ] name`", "2; 4; 6; 8");
    gives("IF(Clicks > 5, Campaign, \"a \"\"b\"\"\")", "a \"b\"; a \"b\"; Summer; missing");
}

#[test]
fn groups_have_their_order_and_few_texts_are_categories() {
    let labels = |text: &str| match run(text, LearnFrom::All).unwrap().values {
        Values::Category(d) => d.levels,
        other => panic!("{other:?}"),
    };
    assert_eq!(labels("bin(Clicks, 5, 10)"), ["under 5", "5 to under 10", "10 and over"]);
    assert_eq!(labels("quantile_bin(Spent, 2)"), ["under 2.5", "2.5 and over"]);
    assert_eq!(labels("upper(Campaign)"), ["SPRING SALE", "SUMMER"]);
}

#[test]
fn what_is_learnt_comes_from_the_training_rows_alone() {
    #[track_caller]
    fn check(text: &str, expected: &str) {
        let out = run(text, LearnFrom::Training(&[true, true, false, true])).unwrap();
        assert_eq!(shown(out), expected, "{text}");
        assert!(is_learnt(&parse(text).unwrap()), "{text}");
    }
    check("sum(Spent)", "6");
    check("mean(Spent by age)", "1.5; 1.5; 3; 3");
    check("colmax(Spent)", "3");
    check("rank(Spent)", "2; 1; 3.5; 3");
    check("quantile_bin(Spent, 2)", "2 and over; under 2; 2 and over; 2 and over");
    // No training row of the group has clicks.
    check("mean(Clicks by age)", "2; 2; missing; missing");
    check("count(Clicks by age)", "2; 2; 0; 0");
    check("count()", "3");
    check("mean(Spent / sum(Spent))", "0.3333333333333333");
    check("median(Spent by age, Bought)", "2; 1; missing; missing");
    assert!(!is_learnt(&parse("max(Spent, 1) + bin(Spent, 2)").unwrap()));
}

// ------------------------------------------------------------------------------------------------------ errors

#[test]
fn errors_point_at_the_character() {
    refused("Spent / Click", "Click", "did you mean Clicks?");
    refused("1,5 * Spent", ",", "with a point, such as 1.5");
    refused("(1,5) * Spent", ",", "with a point, such as 1.5");
    refused("1, 5", ",", "expected an operator");
    refused("Spent / clicks", "clicks", "did you mean Clicks?");
    refused("[odd name] + 1", "[odd name]", "did you mean [odd ]] name]?");
    refused("Spent / Reach", "Reach", "no column “Reach”; choose a column");
    refused("roundd(Spent)", "roundd", "did you mean round(…)?");
    refused("xyzzyxyz(Spent)", "xyzzyxyz", "there is no function");
    refused("1 + ", "", "the formula ends too early");
    refused("", "", "empty");
    refused("1 + * 2", "*", "“*” cannot stand here");
    refused("Spent Clicks", "Clicks", "expected an operator");
    refused("(Spent", "", "expected “)”");
    refused("sum(Spent by )", ")", "column to group by");
    refused("abs(Spent by age)", "by", "not computed by group");
    refused("\"open", "\"open", "not closed");
    refused("Spent & Clicks", "&", "write and");
    refused("é & 1", "&", "means nothing");
    refused("1 < 2 < 3", "<", "write 1 < x and x < 5");
    refused("1e999", "1e999", "too large");
    refused("abs()", ")", "write abs(x)");
    refused("abs(1, 2)", "2", "no more than 1");
    refused("if(Bought, 1)", ")", "needs 3 arguments");
    refused("if(Bought, 1, no, 2)", ")", "nothing follows");
    refused("date(\"2024-02-31\")", "\"2024-02-31\"", "no day of the calendar");
    refused("bin(Spent, 5, 2)", "2", "edges must go up");
    refused("bin(Spent, Clicks)", "Clicks", "written out");
    refused("round(Spent, 0.5)", "0.5", "whole");
    refused("quantile_bin(Spent, 1)", "1", "from 2 to 100");
    refused("1 + not yes", "not", "parentheses");
    refused("missing", "missing", "every row would be missing");
    // types
    refused("Spent + Campaign", "Campaign", "this is text, but a number is needed");
    refused("Campaign + Spent", "Campaign", "concat(a, b) joins texts");
    refused("if(Clicks, 1, 2)", "Clicks", "compare it");
    refused("if(Bought, 1, \"no\")", "\"no\"", "this is text, but the other side is a number");
    refused("Day > \"2024-01-01\"", "\"2024-01-01\"", "write a date as");
    refused("Campaign < \"b\"", "Campaign", "= and !=");
    refused("upper(Spent)", "Spent", "concat(x)");
    refused("sum(Day)", "Day", "days_between");
    refused(&"(".repeat(5000), "(", "nested too deeply");
    refused(&format!("1{}+22", "+1".repeat(999)), "22", "too many parts");
    refused("clip(Spent, 9, 1)", "9", "the lower bound is above");
    refused("clip(Spent, -1, -2)", "-1", "the lower bound is above");
    assert!(run(&"1 ".repeat(9000), LearnFrom::All).unwrap_err().to_string().contains("too long"));
}

#[test]
fn a_long_row_of_parts_is_no_deep_tree() {
    let long = |part: &str, sign: &str| vec![part; 1000].join(sign);
    gives(&long("1", " + "), "1000");
    gives(&long("Clicks", " - "), "-3992; 0; -9980; missing");
    gives(&long("1", " * "), "1");
    gives(&long("no", " or "), "no");
    gives(&format!("{} and not no", long("yes", " and ").trim_end_matches(" and yes")), "yes");
    // A comparison, a power and a bracket begin a row of their own.
    gives("2 ^ 3 ^ 2 / 2 / 2", "128");
    gives("10 - (5 - 2) - 1", "6");
    let table = table();
    let checked = |text: &str| check(&parse(text).unwrap(), &known_columns(&table)).unwrap();
    let code = python(&checked(&long("Spent", " + ")), &table, "x");
    assert!(code.matches('(').count() < 20, "{code}");
    // On the small stack of a browser too.
    let deep = std::thread::Builder::new().stack_size(256 << 10).spawn(move || {
        let expr = parse(&vec!["1"; 1000].join("+")).unwrap();
        let copy = expr.clone();
        assert_eq!(print(&copy).len(), 3997);
        drop(expr);
    });
    deep.unwrap().join().unwrap();
}

#[test]
fn names_are_offered_where_they_can_stand() {
    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let caret = text.chars().position(|c| c == '|').unwrap();
        let text = text.replace('|', "");
        let out = complete(&text, caret as u32, &known_columns(&table()));
        let items: Vec<&str> = out.items.iter().map(|i| i.insert.as_str()).collect();
        assert!(
            items.starts_with(expected) && (!expected.is_empty() || items.is_empty()),
            "{text}: {items:?}"
        );
    }
    check("Cl|", &["Clicks", "clip("]);
    check("Clicks|", &[]);
    check("Spent / cli|ck", &["Clicks", "clip("]);
    check("|", &["Campaign", "age", "Clicks"]);
    check("Spent / |", &["Campaign"]);
    check("Spent |", &[]);
    check("Spent 12|", &[]);
    check("\"Cl|", &[]);
    check("mean(Spent by |)", &["Campaign", "age"]);
    check("mean(Spent by ag|)", &["age"]);
    check("[od|", &["[odd ]] name]"]);
    check("name|", &["[odd ]] name]"]);
    let out = complete("a + [od] * 2", 7, &known_columns(&table()));
    assert_eq!((out.replaces, out.error.is_some()), (Span { at: 4, len: 4 }, true));
    assert_eq!(complete("1", u32::MAX, &[]).error, None);
}

// -------------------------------------------------------------------------------------------------- properties

/// A random formula of a kind over the example table.
fn number(rng: &mut Rng, depth: u32) -> Expr {
    let boxed = |e| Box::new(e);
    let column = |name: &str| Node::Column(name.into());
    let call = |op: Op, args| {
        let function = FUNCTIONS.iter().find(|f| f.op == op).unwrap();
        Node::Call { function, args, by: Vec::new() }
    };
    let node = match if depth == 0 { rng.below(4) } else { rng.below(14) } {
        0 => Node::Number(f64::from(rng.below(5))),
        1 => Node::Number(f64::from(rng.below(1000)) / 8.0),
        2 => column("Clicks"),
        3 => column("Spent"),
        4 => Node::Minus(boxed(number(rng, depth - 1))),
        5..=8 => {
            use Operator::*;
            let operator = [Add, Subtract, Multiply, Divide, Remainder, Power][rng.below(6) as usize];
            return number(rng, depth - 1).joined(operator, number(rng, depth - 1));
        }
        9 => call(Op::Abs, vec![number(rng, depth - 1)]),
        10 => call(Op::Max, (0..2 + rng.below(2)).map(|_| number(rng, depth - 1)).collect()),
        11 => call(Op::Coalesce, vec![number(rng, depth - 1), number(rng, depth - 1)]),
        12 => {
            let function = FUNCTIONS.iter().find(|f| f.op == Op::Sum).unwrap();
            let by = if rng.below(2) == 0 { vec![] } else { vec![("age".to_owned(), Span::default())] };
            Node::Call { function, args: vec![number(rng, depth - 1)], by }
        }
        _ => call(Op::If, vec![flag(rng, depth - 1), number(rng, depth - 1), number(rng, depth - 1)]),
    };
    Expr::of(node)
}

fn flag(rng: &mut Rng, depth: u32) -> Expr {
    use Operator::*;
    let boxed = |e| Box::new(e);
    let node = match if depth == 0 { rng.below(2) } else { rng.below(7) } {
        0 => Node::YesNo(rng.below(2) == 0),
        1 => Node::Column("Bought".into()),
        2 => Node::Not(boxed(flag(rng, depth - 1))),
        3 => {
            let operator = [And, Or][rng.below(2) as usize];
            return flag(rng, depth - 1).joined(operator, flag(rng, depth - 1));
        }
        4 => {
            let function = FUNCTIONS.iter().find(|f| f.op == Op::IsMissing).unwrap();
            Node::Call { function, args: vec![number(rng, depth - 1)], by: Vec::new() }
        }
        _ => {
            let operator = [Equal, Unequal, Less, AtMost, More, AtLeast][rng.below(6) as usize];
            return number(rng, depth - 1).joined(operator, number(rng, depth - 1));
        }
    };
    Expr::of(node)
}

#[test]
fn what_is_printed_parses_to_the_same() {
    let mut rng = Ctx::quiet(11).rng(1);
    for _ in 0..3000 {
        let expr = if rng.below(2) == 0 { number(&mut rng, 5) } else { flag(&mut rng, 5) };
        let text = print(&expr);
        let again = parse(&text).unwrap_or_else(|e| panic!("{text}: {e}"));
        assert!(again == expr, "{text} became {}", print(&again));
        assert_eq!(print(&again), text);
    }
}

/// Numbers as they are, yes/no as 1/0: a second interpreter, row by row and without regard for cost.
fn slow(expr: &Expr, row: usize, table: &Table) -> Option<f64> {
    let finite = |v: f64| v.is_finite().then_some(v);
    let truth = |b: bool| Some(f64::from(u8::from(b)));
    match &expr.node {
        Node::Number(v) => Some(*v),
        Node::YesNo(b) => truth(*b),
        Node::Column(name) => {
            table.column(name).unwrap().as_numbers().unwrap().get(row).copied().filter(|v| !v.is_nan())
        }
        Node::Minus(a) => slow(a, row, table).map(|v| -v),
        Node::Not(a) => slow(a, row, table).map(|v| 1.0 - v),
        Node::Chain(first, rest) => rest.iter().fold(slow(first, row, table), |a, (operator, part)| {
            match (operator, a, slow(part, row, table)) {
                (Operator::And, Some(0.0), _) | (Operator::And, _, Some(0.0)) => Some(0.0),
                (Operator::Or, Some(1.0), _) | (Operator::Or, _, Some(1.0)) => Some(1.0),
                (_, None, _) | (_, _, None) => None,
                (Operator::And | Operator::Or, a, _) => a,
                (Operator::Add, Some(a), Some(b)) => finite(a + b),
                (Operator::Subtract, Some(a), Some(b)) => finite(a - b),
                (Operator::Multiply, Some(a), Some(b)) => finite(a * b),
                (Operator::Divide, Some(a), Some(b)) => (b != 0.0).then_some(a / b).and_then(finite),
                (Operator::Power, Some(a), Some(b)) => finite(libm::pow(a, b)),
                (Operator::Remainder, Some(a), Some(b)) => (b != 0.0).then(|| {
                    let rest = a % b;
                    if rest * b < 0.0 { rest + b } else { rest }
                }),
                (Operator::Equal, Some(a), Some(b)) => truth(a == b),
                (Operator::Unequal, Some(a), Some(b)) => truth(a != b),
                (Operator::Less, Some(a), Some(b)) => truth(a < b),
                (Operator::AtMost, Some(a), Some(b)) => truth(a <= b),
                (Operator::More, Some(a), Some(b)) => truth(a > b),
                (Operator::AtLeast, Some(a), Some(b)) => truth(a >= b),
            }
        }),
        Node::Call { function, args, by } => {
            let of = |i: usize| slow(&args[i], row, table);
            match function.op {
                Op::Abs => of(0).map(f64::abs),
                Op::Max => (0..args.len()).map(of).try_fold(f64::NEG_INFINITY, |a, b| Some(a.max(b?))),
                Op::Coalesce => of(0).or_else(|| of(1)),
                Op::IsMissing => truth(of(0).is_none()),
                Op::If => of(if of(0)? == 1.0 { 1 } else { 2 }),
                Op::Sum => {
                    let group = |r: usize| if by.is_empty() { 0 } else { r / 2 };
                    let rows = (0..4).filter(|&r| group(r) == group(row));
                    let known: Vec<f64> = rows.filter_map(|r| slow(&args[0], r, table)).collect();
                    if known.is_empty() { None } else { finite(known.iter().sum()) }
                }
                other => panic!("{other:?}"),
            }
        }
        _ => None,
    }
}

#[test]
fn a_second_interpreter_says_the_same() {
    let table = table();
    let known = known_columns(&table);
    let mut rng = Ctx::quiet(12).rng(1);
    let (mut n_known, mut n_missing) = (0, 0);
    for _ in 0..3000 {
        let expr = if rng.below(3) > 0 { number(&mut rng, 4) } else { flag(&mut rng, 4) };
        let checked = check(&expr, &known).unwrap();
        let out = evaluate(&checked, &table, LearnFrom::All, &Ctx::quiet(1)).unwrap();
        let column = Column::new("x", Role::Number, out.values);
        let values = column.as_numbers().unwrap();
        for row in 0..4 {
            let expected = slow(&expr, row, &table);
            let found = Some(values[row]).filter(|v| !v.is_nan());
            let is_same = match (found, expected) {
                (Some(a), Some(b)) => a == b || (a - b).abs() <= 1e-9 * b.abs().max(1e-9),
                (a, b) => a == b,
            };
            assert!(is_same, "{} row {row}: {found:?}, expected {expected:?}", print(&expr));
            if found.is_some() { n_known += 1 } else { n_missing += 1 }
        }
    }
    assert!(n_known > 3000 && n_missing > 1000, "{n_known} known, {n_missing} missing");
}

#[test]
fn no_text_breaks_it() {
    const PIECES: &[&str] = &[
        "Clicks",
        "Spent",
        "Day",
        "Bought",
        "Campaign",
        "age",
        "[odd ]] name]",
        "[",
        "]",
        "`",
        "\"",
        "'",
        "(",
        ")",
        ",",
        "+",
        "-",
        "*",
        "/",
        "%",
        "^",
        "=",
        "!=",
        "<",
        ">=",
        "and",
        "or",
        "not",
        "by",
        "yes",
        "missing",
        "1",
        "0",
        "1e308",
        "2.5",
        ".",
        "é",
        "−",
        "😀",
        " ",
        "date(\"2024-01-31\")",
        "date(",
        "if(",
        "coalesce(",
        "round(",
        "bin(",
        "quantile_bin(",
        "mean(",
        "rank(",
        "count(",
        "replace(",
        "concat(",
        "\u{0}",
        "\n",
        "1,",
        "x",
    ];
    let table = table();
    let known = known_columns(&table);
    let none = table.take_rows(&[]);
    let mut rng = Ctx::quiet(13).rng(1);
    let mut n_right = 0;
    for _ in 0..20_000 {
        let mut text = String::new();
        for _ in 0..1 + rng.below(8) {
            let piece = PIECES[rng.below(PIECES.len() as u32) as usize];
            text.push_str(piece);
            if rng.below(20) == 0 {
                text.push(char::from_u32(rng.below(0x300)).unwrap_or(' '));
            }
        }
        let n_chars = text.chars().count() as u32;
        let offered = complete(&text, rng.below(n_chars + 2), &known);
        assert!(offered.replaces.at + offered.replaces.len <= n_chars, "{text:?}");
        match parse(&text).and_then(|expr| Ok((check(&expr, &known)?, expr))) {
            Ok((checked, expr)) => {
                n_right += 1;
                for (table, learn) in
                    [(&table, LearnFrom::All), (&table, LearnFrom::Training(&[])), (&none, LearnFrom::All)]
                {
                    let out = evaluate(&checked, table, learn, &Ctx::quiet(1)).unwrap();
                    if let Values::Number(v) = &out.values {
                        assert!(v.iter().all(|v| !v.is_infinite()), "{text:?}");
                    }
                }
                assert!(!python(&checked, &table, "x").is_empty());
                assert!(parse(&print(&expr)).is_ok_and(|again| again == expr), "{text:?}");
            }
            Err(error) => {
                assert!(error.span.at + error.span.len <= n_chars, "{text:?}: {error:?}");
                assert!(!error.message.is_empty());
            }
        }
    }
    assert!(n_right > 300, "only {n_right} were right");
}

#[test]
fn every_function_declares_what_it_takes() {
    for f in FUNCTIONS {
        assert!(f.least <= f.wants.len() || f.is_open, "{}", f.name);
        let has_same = f.wants.iter().any(|w| matches!(w, Want::Same | Want::Ordered));
        assert!(f.result != Gives::Same || has_same, "{}", f.name);
        assert_eq!(FUNCTIONS.iter().filter(|g| g.name == f.name || g.op == f.op).count(), 1, "{}", f.name);
    }
}
