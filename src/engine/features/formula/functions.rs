//! The functions of the formula language: one table of name, signature, help and example.
//!
//! A new function is an entry here, its case in `eval.rs` and `python.rs`, and its line in `docs/formulas.md`; tests
//! compare the three by the examples.

/// What a function does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    If,
    IsMissing,
    Coalesce,
    Abs,
    Round,
    Floor,
    Ceil,
    Sqrt,
    Log,
    Log1p,
    Exp,
    Min,
    Max,
    Clip,
    Concat,
    Upper,
    Lower,
    Trim,
    Contains,
    StartsWith,
    Length,
    Replace,
    Year,
    Month,
    Day,
    Weekday,
    Hour,
    DaysBetween,
    Bin,
    QuantileBin,
    Sum,
    Mean,
    Median,
    Count,
    ColMin,
    ColMax,
    Rank,
}

/// What an argument must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Want {
    /// A number.
    Number,
    /// A number written out, such as -2.5.
    Figure,
    /// A text or category.
    Text,
    /// A date.
    Date,
    /// Yes or no.
    YesNo,
    /// A number or a date.
    Ordered,
    /// What the other arguments of this sort are.
    Same,
    /// Anything.
    Any,
}

/// What comes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gives {
    /// A number.
    Number,
    /// A text.
    Text,
    /// Yes or no.
    YesNo,
    /// What the arguments of the sort [`Want::Same`] or [`Want::Ordered`] are.
    Same,
}

/// One function.
#[derive(Debug, PartialEq)]
pub struct Function {
    /// As called, in small letters.
    pub name: &'static str,
    /// What it does.
    pub op: Op,
    /// With names of its arguments: "clip(x, low, high)".
    pub signature: &'static str,
    /// One sentence.
    pub help: &'static str,
    /// A call on the example table of the documentation.
    pub example: &'static str,
    /// What that gives in the four rows of that table; one value where all are the same.
    pub gives: &'static str,
    /// What its arguments must be.
    pub wants: &'static [Want],
    /// Arguments that must be there.
    pub least: usize,
    /// Whether the last argument may be repeated.
    pub is_open: bool,
    /// What comes out.
    pub result: Gives,
    /// Whether it is learnt from the rows of the column, and may be computed by group.
    pub by: bool,
}

/// The function of a name.
pub fn find(name: &str) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|f| f.name == name)
}

const fn plain(
    op: Op,
    signature: (&'static str, &'static str),
    help: &'static str,
    example: (&'static str, &'static str),
    wants: &'static [Want],
    result: Gives,
) -> Function {
    let ((name, signature), (example, gives)) = (signature, example);
    let least = wants.len();
    Function { name, op, signature, help, example, gives, wants, least, is_open: false, result, by: false }
}

impl Function {
    /// The last argument may be repeated; so many must be there.
    const fn open(mut self, least: usize) -> Self {
        self.is_open = true;
        self.least = least;
        self
    }

    /// So many arguments must be there.
    const fn least(mut self, least: usize) -> Self {
        self.least = least;
        self
    }

    /// Learnt from the rows, also by group.
    const fn by_group(mut self) -> Self {
        self.by = true;
        self
    }

    /// Whether it is learnt from the rows.
    pub fn learns(&self) -> bool {
        self.by || self.op == Op::QuantileBin
    }
}

use Want::{Any, Date, Figure, Number, Ordered, Same, Text, YesNo};

/// Every function, in the order of the documentation.
pub const FUNCTIONS: &[Function] = &[
    // choices and missing values
    plain(
        Op::If,
        ("if", "if(condition, then, otherwise)"),
        "Chooses; more pairs of condition and value may stand before the last value.",
        ("if(Clicks > 5, \"many\", Clicks > 0, \"few\", \"none\")", "few; none; many; missing"),
        &[YesNo, Same, Same],
        Gives::Same,
    )
    .open(3),
    plain(
        Op::IsMissing,
        ("is_missing", "is_missing(x)"),
        "Yes where there is no value.",
        ("is_missing(Clicks)", "no; no; no; yes"),
        &[Any],
        Gives::YesNo,
    ),
    plain(
        Op::Coalesce,
        ("coalesce", "coalesce(x, instead, ...)"),
        "The first value that is not missing.",
        ("coalesce(Clicks, 0)", "4; 0; 10; 0"),
        &[Same, Same],
        Gives::Same,
    )
    .open(2),
    // mathematics
    plain(
        Op::Abs,
        ("abs", "abs(x)"),
        "Without the sign.",
        ("abs(Clicks - 5)", "1; 5; 5; missing"),
        &[Number],
        Gives::Number,
    ),
    plain(
        Op::Round,
        ("round", "round(x, digits)"),
        "To so many decimals, or to a whole number; halves go away from zero.",
        ("round(Spent / 7, 2)", "0.29; 0.14; 2.14; 0.43"),
        &[Number, Figure],
        Gives::Number,
    )
    .least(1),
    plain(
        Op::Floor,
        ("floor", "floor(x)"),
        "The whole number at or below.",
        ("floor(Spent / 2)", "1; 0; 7; 1"),
        &[Number],
        Gives::Number,
    ),
    plain(
        Op::Ceil,
        ("ceil", "ceil(x)"),
        "The whole number at or above.",
        ("ceil(Spent / 2)", "1; 1; 8; 2"),
        &[Number],
        Gives::Number,
    ),
    plain(
        Op::Sqrt,
        ("sqrt", "sqrt(x)"),
        "Square root; missing below zero.",
        ("sqrt(Clicks)", "2; 0; 3.1622776601683795; missing"),
        &[Number],
        Gives::Number,
    ),
    plain(
        Op::Log,
        ("log", "log(x)"),
        "Natural logarithm; missing at and below zero.",
        ("round(log(Clicks), 3)", "1.386; missing; 2.303; missing"),
        &[Number],
        Gives::Number,
    ),
    plain(
        Op::Log1p,
        ("log1p", "log1p(x)"),
        "Natural logarithm of 1 + x, for counts that can be zero; missing at and below -1.",
        ("round(log1p(Clicks), 3)", "1.609; 0; 2.398; missing"),
        &[Number],
        Gives::Number,
    ),
    plain(
        Op::Exp,
        ("exp", "exp(x)"),
        "e to the power of x; missing where it is too large to hold.",
        ("round(exp(Clicks / 4), 3)", "2.718; 1; 12.182; missing"),
        &[Number],
        Gives::Number,
    ),
    plain(
        Op::Min,
        ("min", "min(a, b, ...)"),
        "The smallest of the values of the row.",
        ("min(Clicks, Spent)", "2; 0; 10; missing"),
        &[Number, Number],
        Gives::Number,
    )
    .open(2),
    plain(
        Op::Max,
        ("max", "max(a, b, ...)"),
        "The largest of the values of the row.",
        ("max(Clicks, Spent, 5)", "5; 5; 15; missing"),
        &[Number, Number],
        Gives::Number,
    )
    .open(2),
    plain(
        Op::Clip,
        ("clip", "clip(x, low, high)"),
        "Pulled back to low or high where it lies beyond.",
        ("clip(Clicks, 1, 8)", "4; 1; 8; missing"),
        &[Number, Number, Number],
        Gives::Number,
    ),
    // text
    plain(
        Op::Concat,
        ("concat", "concat(a, b, ...)"),
        "Values one after the other, as one text.",
        ("concat(age, \"/\", Clicks)", "30-34/4; 30-34/0; 35-39/10; missing"),
        &[Any],
        Gives::Text,
    )
    .open(1),
    plain(
        Op::Upper,
        ("upper", "upper(text)"),
        "In capitals.",
        ("upper(Campaign)", "SPRING SALE; SUMMER; SUMMER; missing"),
        &[Text],
        Gives::Text,
    ),
    plain(
        Op::Lower,
        ("lower", "lower(text)"),
        "In small letters.",
        ("lower(Campaign)", "spring sale; summer; summer; missing"),
        &[Text],
        Gives::Text,
    ),
    plain(
        Op::Trim,
        ("trim", "trim(text)"),
        "Without blanks at both ends.",
        ("length(trim(\"  a b \"))", "3"),
        &[Text],
        Gives::Text,
    ),
    plain(
        Op::Contains,
        ("contains", "contains(text, part)"),
        "Whether the part is in the text; small and capital letters differ.",
        ("contains(Campaign, \"sale\")", "yes; no; no; missing"),
        &[Text, Text],
        Gives::YesNo,
    ),
    plain(
        Op::StartsWith,
        ("starts_with", "starts_with(text, part)"),
        "Whether the text begins with the part; small and capital letters differ.",
        ("starts_with(Campaign, \"Su\")", "no; no; yes; missing"),
        &[Text, Text],
        Gives::YesNo,
    ),
    plain(
        Op::Length,
        ("length", "length(text)"),
        "How many characters it has.",
        ("length(Campaign)", "11; 6; 6; missing"),
        &[Text],
        Gives::Number,
    ),
    plain(
        Op::Replace,
        ("replace", "replace(text, part, with)"),
        "Every occurrence of the part replaced.",
        ("replace(age, \"-\", \" to \")", "30 to 34; 30 to 34; 35 to 39; 35 to 39"),
        &[Text, Text, Text],
        Gives::Text,
    ),
    // dates
    plain(
        Op::Year,
        ("year", "year(date)"),
        "Calendar year.",
        ("year(Day)", "2024; 2024; 2023; missing"),
        &[Date],
        Gives::Number,
    ),
    plain(
        Op::Month,
        ("month", "month(date)"),
        "1 for January to 12.",
        ("month(Day)", "1; 2; 12; missing"),
        &[Date],
        Gives::Number,
    ),
    plain(
        Op::Day,
        ("day", "day(date)"),
        "Day of the month.",
        ("day(Day)", "31; 1; 25; missing"),
        &[Date],
        Gives::Number,
    ),
    plain(
        Op::Weekday,
        ("weekday", "weekday(date)"),
        "1 for Monday to 7 for Sunday.",
        ("weekday(Day)", "3; 4; 1; missing"),
        &[Date],
        Gives::Number,
    ),
    plain(
        Op::Hour,
        ("hour", "hour(date)"),
        "0 to 23; 0 where the date has no time.",
        ("hour(Day)", "0; 0; 18; missing"),
        &[Date],
        Gives::Number,
    ),
    plain(
        Op::DaysBetween,
        ("days_between", "days_between(from, to)"),
        "Days from one date to another, below zero when the second is earlier; part of a day counts.",
        ("days_between(Day, date(\"2024-02-01\"))", "1; 0; 37.25; missing"),
        &[Date, Date],
        Gives::Number,
    ),
    // groups
    plain(
        Op::Bin,
        ("bin", "bin(x, edge, ...)"),
        "Groups of a number; each but the first starts at an edge.",
        ("bin(Clicks, 1, 5)", "1 to under 5; under 1; 5 and over; missing"),
        &[Number, Figure],
        Gives::Text,
    )
    .open(2),
    plain(
        Op::QuantileBin,
        ("quantile_bin", "quantile_bin(x, groups)"),
        "Groups of about equal size, their edges learnt from the rows.",
        ("quantile_bin(Spent, 2)", "under 2.5; under 2.5; 2.5 and over; 2.5 and over"),
        &[Number, Figure],
        Gives::Text,
    ),
    // over the column
    plain(
        Op::Sum,
        ("sum", "sum(x by group)"),
        "Sum over the rows.",
        ("sum(Spent by age)", "3; 3; 18; 18"),
        &[Number],
        Gives::Number,
    )
    .by_group(),
    plain(
        Op::Mean,
        ("mean", "mean(x by group)"),
        "Mean over the rows; of yes/no the share of yes.",
        ("mean(Spent by age)", "1.5; 1.5; 9; 9"),
        &[Number],
        Gives::Number,
    )
    .by_group(),
    plain(
        Op::Median,
        ("median", "median(x by group)"),
        "Median over the rows.",
        ("median(Spent)", "2.5"),
        &[Number],
        Gives::Number,
    )
    .by_group(),
    plain(
        Op::Count,
        ("count", "count(x by group)"),
        "How many rows have a value; without x, how many rows there are.",
        ("count(Clicks by age)", "2; 2; 1; 1"),
        &[Any],
        Gives::Number,
    )
    .least(0)
    .by_group(),
    plain(
        Op::ColMin,
        ("colmin", "colmin(x by group)"),
        "Smallest number or earliest date over the rows.",
        ("colmin(Spent by age)", "1; 1; 3; 3"),
        &[Ordered],
        Gives::Same,
    )
    .by_group(),
    plain(
        Op::ColMax,
        ("colmax", "colmax(x by group)"),
        "Largest number or latest date over the rows.",
        ("days_between(Day, colmax(Day))", "1; 0; 37.25; missing"),
        &[Ordered],
        Gives::Same,
    )
    .by_group(),
    plain(
        Op::Rank,
        ("rank", "rank(x by group)"),
        "Place from the smallest, 1; equal values share the mean of their places.",
        ("rank(Spent)", "2; 1; 4; 3"),
        &[Ordered],
        Gives::Number,
    )
    .by_group(),
];
