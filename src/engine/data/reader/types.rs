//! Deciding what a column holds, over all its cells: numbers, dates, yes/no, categories or text.
//!
//! The decision is made once a column, never cell by cell: a decimal comma or a day before the month is a property of
//! whoever wrote the file.

use crate::engine::order::InOrder;
use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
};

use serde::{Deserialize, Serialize};

use super::{
    How, ReadOptions,
    held::{Distinct, Form, Held},
};
use crate::engine::data::{
    calendar,
    column::{Column, ColumnType, Dictionary, Values},
    issue::{Issue, IssueKind, Severity},
    role::Role,
};
use crate::engine::words::{self, counted, quoted};

/// The share of cells that must read as a number (or a date) for the column to be one.
const SHARE_NEEDED: f64 = 0.95;

/// What is known before the column is read.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hints<'a> {
    /// The words that stand for "no value".
    pub missing: Missing<'a>,
    /// What another column of the file made certain about day and month.
    pub day_first: Option<bool>,
    /// The name of that column.
    pub day_first_by: &'a str,
    /// The user's choice about day and month, which beats what the dates say.
    pub chosen_day_first: Option<bool>,
    /// The user's answer for dates that do not say.
    pub doubtful_day_first: Option<bool>,
    /// Whether another column of the file makes it certain that the comma is the decimal sign.
    pub comma_decimal: Option<bool>,
    /// The user's choice of the decimal sign, for numbers that do not make it certain.
    pub chosen_decimal: Option<Decimal>,
    /// Cells are separated by semicolons, as where the decimal sign is a comma.
    pub is_semicolon: bool,
    /// The header says that numbers are names of groups ("interest").
    pub is_code: bool,
    /// The header says that the column names rows.
    pub is_identifier: bool,
    /// The header speaks of a date or day.
    pub is_date: bool,
    /// The user wants the cells as they stand.
    pub is_text: bool,
}

impl<'a> Hints<'a> {
    /// With what the user decided: of the column itself, else of the file.
    pub fn chosen(self, name: &str, options: &'a ReadOptions) -> Self {
        let how = options.how(name);
        Self {
            missing: Missing(options.missing.as_deref()),
            chosen_decimal: match how {
                Some(How::DecimalPoint) => Some(Decimal::Point),
                Some(How::DecimalComma) => Some(Decimal::Comma),
                _ => options.decimal,
            },
            chosen_day_first: match how {
                Some(How::DayFirst) => Some(true),
                Some(How::MonthFirst) => Some(false),
                _ => options.day_first,
            },
            doubtful_day_first: options.doubtful_day_first,
            is_text: how == Some(How::Text),
            ..self
        }
    }
}

/// A typed column and what was odd about it.
#[derive(Debug)]
pub struct Typed {
    pub values: Values,
    pub issues: Vec<Issue>,
    /// Currency signs and codes that stood in the cells, with how often.
    pub currencies: Vec<(String, u64)>,
    /// Words read as missing, with how often ("--"); empty cells are not counted.
    pub missing_words: BTreeMap<String, u64>,
}

impl Default for Typed {
    fn default() -> Self {
        Self {
            values: Values::Text(Dictionary::default()),
            issues: Vec::new(),
            currencies: Vec::new(),
            missing_words: BTreeMap::new(),
        }
    }
}

/// The words that stand for "no value" unless the user names others.
pub const MISSING_WORDS: [&str; 26] = [
    "-", "?", ".", "NA", "na", "--", "N/A", "n/a", "NaN", "nan", "NAN", "null", "NULL", "Null", "#N/A",
    "n.a.", "---", "–", "—", "<NA>", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#NULL!",
];

/// Words that stand for "no value": those the user named, or the standing ones.
#[derive(Debug, Clone, Copy, Default)]
pub struct Missing<'a>(pub Option<&'a [String]>);

impl Missing<'_> {
    /// Whether a trimmed cell stands for "no value".
    pub fn has(self, cell: &str) -> bool {
        match self.0 {
            None => is_missing(cell),
            Some(words) => cell.is_empty() || words.iter().any(|word| word == cell),
        }
    }

    /// Whether a number stands for "no value", so that numbers must be looked at as they are written.
    fn has_number(self) -> bool {
        let is_number = |w: &String| [Decimal::Point, Decimal::Comma].iter().any(|d| number(w, *d).is_some());
        self.0.is_some_and(|words| words.iter().any(is_number))
    }
}

/// Whether a trimmed cell is one of [`MISSING_WORDS`], or empty.
pub fn is_missing(cell: &str) -> bool {
    // Most cells are numbers: they are told by their first digit.
    if cell.as_bytes().first().is_some_and(u8::is_ascii_digit) {
        return false;
    }
    match cell.len() {
        0 => true,
        1 => matches!(cell, "-" | "?" | "."),
        2..=7 => {
            matches!(
                cell,
                "NA" | "na"
                    | "--"
                    | "N/A"
                    | "n/a"
                    | "NaN"
                    | "nan"
                    | "NAN"
                    | "null"
                    | "NULL"
                    | "Null"
                    | "#N/A"
                    | "n.a."
                    | "---"
                    | "–"
                    | "—"
                    | "<NA>"
                    // What spreadsheets write where they cannot compute.
                    | "#DIV/0!"
                    | "#VALUE!"
                    | "#REF!"
                    | "#NAME?"
                    | "#NUM!"
                    | "#NULL!"
            )
        }
        _ => false,
    }
}

/// Which sign separates the decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decimal {
    /// 1.5
    Point,
    /// 1,5
    Comma,
}

/// A cell read as a number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum NumberCell {
    Finite(f64),
    /// "inf", or too large to hold.
    Infinite,
    /// "< 10%": a bound, not a value.
    Bound,
}

/// Sign, unit and digits of a cell that looks like a number.
struct Parts<'a> {
    is_negative: bool,
    currency: Option<&'a str>,
    core: &'a str,
}

/// Currency signs, and the codes that exports write.
const CURRENCY_SIGNS: [&str; 14] =
    ["R$", "US$", "A$", "C$", "$", "€", "£", "¥", "₹", "zł", "kr", "Rp", "₽", "₺"];
const CURRENCY_CODES: [&str; 34] = [
    "USD", "EUR", "GBP", "JPY", "CNY", "INR", "IDR", "AUD", "CAD", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK",
    "HUF", "RON", "BGN", "BRL", "MXN", "ARS", "CLP", "COP", "ZAR", "TRY", "RUB", "UAH", "KRW", "SGD", "HKD",
    "MYR", "THB", "NZD", "AED",
];

/// The currency of a text that is one ("EUR").
pub fn currency_code(text: &str) -> Option<&'static str> {
    CURRENCY_CODES
        .into_iter()
        .find(|c| *c == text)
        .or_else(|| CURRENCY_SIGNS.into_iter().find(|c| *c == text))
}

/// The codes and other signs that a sign may stand for.
fn codes_of(sign: &str) -> &'static str {
    match sign {
        "$" => "USD US$ MXN NZD SGD HKD ARS CLP COP",
        "US$" => "USD",
        "R$" => "BRL",
        "A$" => "AUD",
        "C$" => "CAD",
        "€" => "EUR",
        "£" => "GBP",
        "¥" => "JPY CNY",
        "₹" => "INR",
        "zł" => "PLN",
        "kr" => "SEK NOK DKK",
        "Rp" => "IDR",
        "₽" => "RUB",
        "₺" => "TRY",
        _ => "",
    }
}

/// Whether two signs or codes may mean one currency.
pub fn is_same_currency(a: &str, b: &str) -> bool {
    a == b || codes_of(a).contains(b) || codes_of(b).contains(a)
}

/// Counts the currency of a cell.
fn add_currency(known: &mut Vec<(String, u64)>, d: Distinct<'_>) {
    let is_digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    if is_digit(d.text.as_bytes().first()) && is_digit(d.text.as_bytes().last()) {
        return;
    }
    // Nearly all cells have the first one.
    if let Some((first, n)) = known.first_mut()
        && (d.text.starts_with(first.as_str()) || d.text.ends_with(first.as_str()))
    {
        *n += d.count;
    } else if let Some(currency) = parts(d.text).and_then(|p| p.currency) {
        match known.iter_mut().find(|(other, _)| is_same_currency(other, currency)) {
            Some((_, n)) => *n += d.count,
            None => known.push((currency.to_owned(), d.count)),
        }
    }
}

fn parts(cell: &str) -> Option<Parts<'_>> {
    let mut core = cell;
    let (mut is_negative, mut is_percent, mut currency) = (false, false, None);
    let mut n_signs = 0;
    loop {
        let before = core.len();
        core = core.trim();
        if let Some(inner) = core.strip_prefix('(').and_then(|c| c.strip_suffix(')')) {
            (core, is_negative) = (inner, true);
            n_signs += 1;
        }
        if let Some(rest) = core.strip_prefix(['-', '−']) {
            (core, is_negative) = (rest, true);
            n_signs += 1;
        } else if let Some(rest) = core.strip_prefix('+') {
            core = rest;
            n_signs += 1;
        }
        if let Some(rest) = core.strip_suffix('-') {
            (core, is_negative) = (rest, true);
            n_signs += 1;
        }
        if let Some(rest) = core.strip_suffix('%')
            && !is_percent
        {
            (core, is_percent) = (rest, true);
        }
        if currency.is_none() && !core.starts_with(|c: char| c.is_ascii_digit()) {
            let found = CURRENCY_SIGNS.into_iter().chain(CURRENCY_CODES).find(|c| core.starts_with(c));
            if let Some(found) = found {
                currency = core.get(..found.len());
                core = core.get(found.len()..).unwrap_or_default();
            }
        }
        if currency.is_none() && !core.ends_with(|c: char| c.is_ascii_digit()) {
            let found = CURRENCY_SIGNS.into_iter().chain(CURRENCY_CODES).find(|c| core.ends_with(c));
            if let Some(found) = found {
                let at = core.len() - found.len();
                currency = core.get(at..);
                core = core.get(..at).unwrap_or_default();
            }
        }
        if core.len() == before {
            break;
        }
    }
    (n_signs <= 1 && !core.is_empty()).then_some(Parts { is_negative, currency, core })
}

/// Digits with at most separators between them; answers the text for the parser, without groups.
fn digits(core: &str, decimal: Decimal) -> Option<String> {
    let (point, group) = match decimal {
        Decimal::Point => ('.', ','),
        Decimal::Comma => (',', '.'),
    };
    let (mantissa, exponent) = match core.find(['e', 'E']) {
        Some(i) => (&core[..i], &core[i + 1..]),
        None => (core, ""),
    };
    let (whole, fraction) = mantissa.split_once(point).unwrap_or((mantissa, ""));
    if !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    if core.len() > mantissa.len() {
        let power = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        if power.is_empty() || !power.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
    }
    let mut out = String::with_capacity(core.len());
    if whole.bytes().all(|b| b.is_ascii_digit()) {
        out.push_str(whole);
    } else {
        let separator = whole.chars().find(|c| !c.is_ascii_digit())?;
        if separator != group && !matches!(separator, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}' | '\'' | '’')
        {
            return None;
        }
        let groups: Vec<&str> = whole.split(separator).collect();
        let last = groups.len() - 1;
        for (i, part) in groups.iter().enumerate() {
            let is_right = match i {
                0 => (1..=3).contains(&part.len()),
                _ if i == last => part.len() == 3,
                // Two digits in the middle: 1,20,000 as written in India.
                _ => part.len() == 3 || (part.len() == 2 && separator == ','),
            };
            if !is_right || !part.bytes().all(|b| b.is_ascii_digit()) {
                return None;
            }
            out.push_str(part);
        }
    }
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    if !exponent.is_empty() {
        out.push('e');
        out.push_str(exponent);
    }
    Some(out)
}

/// Whether only digits, a point, a sign and an exponent occur, so that the plain parser can be tried.
fn is_plain(cell: &str) -> bool {
    cell.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+' | b'e' | b'E'))
        && cell.bytes().any(|b| b.is_ascii_digit())
}

/// No amount is larger: the square of one that is, or their sum, could be infinite.
pub const LARGEST: f64 = 1e140;

fn finite(value: f64) -> NumberCell {
    if value.abs() <= LARGEST { NumberCell::Finite(value) } else { NumberCell::Infinite }
}

/// Reads a trimmed cell that is not missing.
pub fn number(cell: &str, decimal: Decimal) -> Option<NumberCell> {
    if decimal == Decimal::Point
        && is_plain(cell)
        && let Ok(value) = fast_float2::parse::<f64, _>(cell)
    {
        return Some(finite(value));
    }
    if cell.len() <= 9 {
        let bare = cell.trim_start_matches(['+', '-', '−']);
        if bare == "∞" || bare.eq_ignore_ascii_case("inf") || bare.eq_ignore_ascii_case("infinity") {
            return Some(NumberCell::Infinite);
        }
    }
    // Words never read as numbers: most cells of most text columns end here.
    if !cell.bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    let (cell, is_bound) = match cell.strip_prefix(['<', '>']) {
        Some(rest) if cell.ends_with('%') => (rest, true),
        _ => (cell, false),
    };
    let parts = parts(cell)?;
    let value = fast_float2::parse::<f64, _>(digits(parts.core, decimal)?.as_bytes()).ok()?;
    if is_bound {
        return Some(NumberCell::Bound);
    }
    Some(finite(if parts.is_negative { -value } else { value }))
}

/// What a cell makes certain about the decimal sign: "1.234,5" is a comma, "1,234" says nothing.
pub fn decimal_evidence(cell: &str) -> Option<Decimal> {
    if !cell.bytes().any(|b| b == b',' || b == b'.') {
        return None;
    }
    let core = parts(cell)?.core;
    let by = |decimal| digits(core, decimal).is_some();
    match (by(Decimal::Point), by(Decimal::Comma)) {
        (true, false) => Some(Decimal::Point),
        (false, true) => Some(Decimal::Comma),
        // "1.234" reads both ways, but nobody writes a group behind a lone zero.
        (true, true) if core.starts_with("0.") => Some(Decimal::Point),
        (true, true) if core.starts_with("0,") => Some(Decimal::Comma),
        _ => None,
    }
}

/// Whether a cell is thousands with one decimal sign and a fraction with the other: "1.234".
fn is_doubtful(cell: &str) -> bool {
    cell.bytes().any(|b| b == b',' || b == b'.')
        && decimal_evidence(cell).is_none()
        && number(cell, Decimal::Point).is_some()
}

/// A cell read as a date.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum DateCell {
    /// Milliseconds since 1970.
    Certain(f64),
    /// Two numbers of which one is the day and the other the month.
    Order { first: u32, second: u32, year: i32, millis_of_day: f64 },
}

impl DateCell {
    /// Milliseconds since 1970 once the order is known; `None` when there is no such day.
    pub fn millis(self, day_first: bool) -> Option<f64> {
        match self {
            Self::Certain(millis) => Some(millis),
            Self::Order { first, second, year, millis_of_day } => {
                let (day, month) = if day_first { (first, second) } else { (second, first) };
                Some(midnight(year, month, day)? + millis_of_day)
            }
        }
    }
}

/// Milliseconds of a day's midnight (UTC); `None` when there is no such day.
pub fn midnight(year: i32, month: u32, day: u32) -> Option<f64> {
    if !(1700..=2300).contains(&year) {
        return None;
    }
    calendar::midnight(i64::from(year), month, day)
}

/// Months, long and short, in English, German, French, Spanish, Portuguese and Indonesian, without accents.
const MONTHS: [&str; 12] = [
    "jan january januar janv janvier ene enero janeiro januari",
    "feb february februar fev fevr fevrier febrero fevereiro februari",
    "mar march marz maerz mrz mars marzo marco maret",
    "apr april avr avril abr abril",
    "may mai mayo maio mei",
    "jun june juni juin junio junho",
    "jul july juli juil juillet julio julho",
    "aug august aout ago agosto agu agt agustus",
    "sep sept september septembre septiembre set setembro",
    "oct october okt oktober octobre octubre out outubro",
    "nov november novembre noviembre novembro",
    "dec december dez dezember decembre dic diciembre dezembro des desember",
];

/// Months as they are written in messages.
pub const MONTH_NAMES: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

fn month_of(word: &str) -> Option<u32> {
    let word = word.trim_end_matches('.').to_ascii_lowercase();
    let found = MONTHS.iter().position(|names| names.split(' ').any(|name| name == word))?;
    Some(found as u32 + 1)
}

/// The number at the start of a text, of `1..=most` digits, and the rest.
fn leading_number(text: &str, most: usize) -> Option<(u32, usize, &str)> {
    let n = text.bytes().take_while(u8::is_ascii_digit).count();
    if n == 0 || n > most {
        return None;
    }
    Some((text[..n].parse().ok()?, n, &text[n..]))
}

fn full_year(year: u32, n_digits: usize) -> Option<i32> {
    match n_digits {
        4 => Some(year as i32),
        // As POSIX has it: 69 is 1969, 68 is 2068.
        2 => Some(year as i32 + if year >= 69 { 1900 } else { 2000 }),
        _ => None,
    }
}

/// Reads a trimmed cell as a date. Eight digits are one only where the header speaks of dates.
pub fn date(cell: &str, allow_compact: bool) -> Option<DateCell> {
    if cell.len() < 6 || cell.len() > 40 || !cell.bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    if !cell.is_ascii() {
        // 2 févr. 2026; spaces that do not break.
        let plain = crate::engine::words::without_accents(&cell.to_lowercase());
        let plain = plain.replace(['\u{a0}', '\u{202f}', '\u{2009}'], " ");
        return if plain.is_ascii() { date(&plain, allow_compact) } else { None };
    }
    if cell.as_bytes()[0].is_ascii_digit() {
        let (first, n_first, rest) = leading_number(cell, 8)?;
        if n_first == 8 {
            if !allow_compact {
                return None;
            }
            let millis = midnight((first / 10_000) as i32, first / 100 % 100, first % 100)?;
            return Some(DateCell::Certain(millis + time(rest)?));
        }
        let separator = rest.chars().next().filter(|c| matches!(c, '-' | '/' | '.' | ' '))?;
        let rest = &rest[1..];
        let word = rest.trim_start_matches(' ');
        if word.starts_with(|c: char| c.is_ascii_alphabetic()) {
            // 4-Sep-12, 4 September 2012, 4. September 2012, 4 de septiembre de 2012
            let word = word.strip_prefix("de ").unwrap_or(word);
            let n = word.bytes().take_while(|b| b.is_ascii_alphabetic() || *b == b'.').count();
            let month = month_of(&word[..n])?;
            let rest = word[n..].trim_start_matches([separator, ',', ' ']);
            let rest = rest.strip_prefix("de ").unwrap_or(rest);
            let (year, n_year, rest) = leading_number(rest, 4)?;
            if n_first > 2 {
                // 2012-Sep-04
                let millis = midnight(full_year(first, n_first)?, month, year)?;
                return Some(DateCell::Certain(millis + time(rest)?));
            }
            let millis = midnight(full_year(year, n_year)?, month, first)?;
            return Some(DateCell::Certain(millis + time(rest)?));
        }
        if separator == ' ' {
            return None;
        }
        let (second, n_second, rest) = leading_number(rest, 2)?;
        let rest = rest.strip_prefix(separator)?;
        if n_first == 4 {
            let (third, _, rest) = leading_number(rest, 2)?;
            let millis = midnight(first as i32, second, third)?;
            return Some(DateCell::Certain(millis + time(rest)?));
        }
        let (year, n_year, rest) = leading_number(rest, 4)?;
        if n_first > 2 || n_second > 2 {
            return None;
        }
        let year = full_year(year, n_year)?;
        // Either order must be a day, or it is no date at all.
        if midnight(year, first, second).is_none() && midnight(year, second, first).is_none() {
            return None;
        }
        return Some(DateCell::Order { first, second, year, millis_of_day: time(rest)? });
    }
    // Sep 2, 2026; September 2 2026; Wed, 2 Sep 2026
    let n = cell.bytes().take_while(u8::is_ascii_alphabetic).count();
    let word = &cell[..n];
    let rest = cell[n..].trim_start_matches(['.', ',', ' ', '-']);
    let Some(month) = month_of(word) else {
        let is_weekday = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
            .iter()
            .any(|d| word.get(..3).is_some_and(|w| w.eq_ignore_ascii_case(d)));
        return if is_weekday && rest.len() < cell.len() && n > 0 { date(rest, false) } else { None };
    };
    let (day, _, rest) = leading_number(rest, 2)?;
    let rest = rest.trim_start_matches([',', ' ', '-']);
    let (year, n_year, rest) = leading_number(rest, 4)?;
    Some(DateCell::Certain(midnight(full_year(year, n_year)?, month, day)? + time(rest)?))
}

/// Milliseconds of the first day of a month: "2026-09", "Sep 2026". Names of columns are written so too: only whole columns of
/// them are dates.
fn month(cell: &str) -> Option<f64> {
    if cell.len() < 7 || cell.len() > 20 {
        return None;
    }
    if let Some((year, month)) = cell.split_once('-')
        && year.len() == 4
        && month.len() == 2
    {
        return midnight(leading_number(year, 4)?.0 as i32, leading_number(month, 2)?.0, 1);
    }
    let (word, year) = cell.rsplit_once([' ', '\u{a0}'])?;
    let word = crate::engine::words::without_accents(&word.to_lowercase());
    let (year, n_year, rest) = leading_number(year, 4)?;
    let month = month_of(word.trim_end_matches(" de"))?;
    if n_year == 4 && rest.is_empty() { midnight(year as i32, month, 1) } else { None }
}

/// Milliseconds of the day of what stands behind a date: nothing, or a time with or without a zone. Times with a zone
/// become UTC.
fn time(text: &str) -> Option<f64> {
    if text.is_empty() {
        return Some(0.0);
    }
    let text = text.strip_prefix(',').unwrap_or(text);
    let text = text.strip_prefix(['T', 't', ' '])?.trim_start();
    let (hour, _, rest) = leading_number(text, 2)?;
    let (minute, n_minute, mut rest) = leading_number(rest.strip_prefix(':')?, 2)?;
    let mut millis = f64::from(minute) * 60_000.0;
    let mut second = 0;
    if let Some(after) = rest.strip_prefix(':') {
        let (s, _, after) = leading_number(after, 2)?;
        second = s;
        millis += f64::from(s) * 1000.0;
        rest = after;
        if let Some(after) = rest.strip_prefix(['.', ',']) {
            let n = after.bytes().take_while(u8::is_ascii_digit).count();
            if n == 0 {
                return None;
            }
            let shown: f64 = after[..n.min(3)].parse().ok()?;
            millis += shown * [100.0, 10.0, 1.0][n.min(3) - 1];
            rest = &after[n..];
        }
    }
    let mut hour = hour;
    let mut zone = rest.trim();
    let half = zone.get(..2).filter(|h| h.eq_ignore_ascii_case("am") || h.eq_ignore_ascii_case("pm"));
    if let Some(half) = half {
        if !(1..=12).contains(&hour) {
            return None;
        }
        hour = hour % 12 + if half.eq_ignore_ascii_case("pm") { 12 } else { 0 };
        zone = zone[2..].trim();
    }
    if hour > 23 || minute > 59 || second > 59 || n_minute != 2 {
        return None;
    }
    millis += f64::from(hour) * 3_600_000.0;
    Some(millis - offset_of(zone)? * 3_600_000.0)
}

/// Hours that the zone behind a time is ahead of UTC; `None` where none is named, or no time stands there.
fn zone_of(cell: &str) -> Option<f64> {
    let (_, after_hour) = cell.split_once(':')?;
    let is_time = |c: char| c.is_ascii_digit() || matches!(c, ':' | '.' | ',');
    let rest = after_hour.trim_start_matches(is_time).trim();
    let half = rest.get(..2).filter(|h| h.eq_ignore_ascii_case("am") || h.eq_ignore_ascii_case("pm"));
    let zone = rest[half.map_or(0, str::len)..].trim();
    if zone.is_empty() { None } else { offset_of(zone) }
}

/// Hours that a zone is ahead of UTC: "Z", "+02:00", "GMT+2", "EST"; 0 where none is named.
fn offset_of(zone: &str) -> Option<f64> {
    const NAMED: [(&str, f64); 19] = [
        ("z", 0.0),
        ("utc", 0.0),
        ("gmt", 0.0),
        ("wet", 0.0),
        ("west", 1.0),
        ("bst", 1.0),
        ("cet", 1.0),
        ("cest", 2.0),
        ("eet", 2.0),
        ("eest", 3.0),
        ("wib", 7.0),
        ("est", -5.0),
        ("edt", -4.0),
        ("cst", -6.0),
        ("cdt", -5.0),
        ("mst", -7.0),
        ("mdt", -6.0),
        ("pst", -8.0),
        ("pdt", -7.0),
    ];
    if zone.is_empty() {
        return Some(0.0);
    }
    if let Some((_, hours)) = NAMED.iter().find(|(name, _)| zone.eq_ignore_ascii_case(name)) {
        return Some(*hours);
    }
    let zone = zone.strip_prefix("GMT").or_else(|| zone.strip_prefix("UTC")).unwrap_or(zone);
    let sign = match zone.as_bytes().first()? {
        b'+' => 1.0,
        b'-' => -1.0,
        _ => return None,
    };
    let digits: String = zone[1..].chars().filter(|c| *c != ':').collect();
    if !matches!(digits.len(), 1 | 2 | 4) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes) = digits.split_at(digits.len().min(2));
    let hours: f64 = hours.parse().ok()?;
    let minutes: f64 = if minutes.is_empty() { 0.0 } else { minutes.parse().ok()? };
    (hours <= 14.0 && minutes < 60.0).then_some(sign * (hours + minutes / 60.0))
}

/// Whether the day comes first, as far as the dates tell, each with how often it stands there: `None` when every day is at
/// most 12.
pub fn day_first(dates: impl IntoIterator<Item = (Option<DateCell>, u64)>) -> Option<bool> {
    let (mut n_day, mut n_month) = (0_u64, 0_u64);
    for (date, count) in dates {
        if let Some(DateCell::Order { first, second, .. }) = date {
            n_day += if first > 12 { count } else { 0 };
            n_month += if second > 12 { count } else { 0 };
        }
    }
    if n_day == 0 && n_month == 0 { None } else { Some(n_day >= n_month) }
}

/// Words for yes and no, by language; true and false as spreadsheets of that language write them.
const YES: [&str; 12] =
    ["true", "yes", "y", "ja", "wahr", "oui", "vrai", "sí", "verdadero", "sim", "verdadeiro", "ya"];
const NO: [&str; 10] = ["false", "no", "n", "nein", "falsch", "non", "faux", "falso", "não", "tidak"];

/// Reads yes/no.
pub fn boolean(cell: &str) -> Option<bool> {
    // Most cells are longer words or numbers.
    if cell.len() > 10 || !cell.starts_with(|c: char| "tTyYjJwWoOvVsSfFnN".contains(c)) {
        return None;
    }
    if cell.is_ascii() {
        if YES.iter().any(|w| cell.eq_ignore_ascii_case(w)) {
            return Some(true);
        }
        return NO.iter().any(|w| cell.eq_ignore_ascii_case(w)).then_some(false);
    }
    let lower = cell.to_lowercase();
    let is = |words: &[&str]| words.contains(&lower.as_str());
    if is(&YES) { Some(true) } else { is(&NO).then_some(false) }
}

/// Texts held once each; an empty one is missing. Categories get their levels in natural order.
pub fn dictionary<'a>(n_rows: usize, cell: impl Fn(usize) -> Cow<'a, str>, is_category: bool) -> Dictionary {
    let mut lookup: HashMap<String, u32> = HashMap::new();
    let mut codes: Vec<u32> = Vec::with_capacity(n_rows);
    for row in 0..n_rows {
        let cell = cell(row);
        let next = lookup.len() as u32;
        codes.push(match lookup.get(cell.as_ref()) {
            _ if cell.is_empty() => Dictionary::MISSING,
            Some(&code) => code,
            None => {
                lookup.insert(cell.into_owned(), next);
                next
            }
        });
    }
    let mut levels = vec![String::new(); lookup.len()];
    for (text, code) in lookup {
        levels[code as usize] = text;
    }
    let dictionary = Dictionary { levels, codes };
    if is_category { in_natural_order(dictionary) } else { dictionary }
}

/// Whether texts are names of groups rather than free text.
fn is_category(dictionary: &Dictionary) -> bool {
    let n_levels = dictionary.levels.len();
    let n = dictionary.codes.iter().filter(|&&c| c != Dictionary::MISSING).count();
    let n_letters: usize = dictionary.levels.iter().map(String::len).sum();
    n_letters <= 80 * n_levels && (n_levels <= 20 || (n_levels <= 1000.max(n / 20) && 2 * n_levels <= n))
}

/// The cells of a column were held as numbers and turned out to be something else: their texts are needed after all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextsNeeded;

/// Decides the type of a column and gives its values. `line` gives the line of a row in the file. What is held stays as it
/// is when the texts are needed.
pub fn infer(
    name: &str,
    held: &mut Held,
    hints: Hints,
    line: &dyn Fn(usize) -> u64,
) -> Result<Typed, TextsNeeded> {
    let mut typed = Typed::default();
    let decided = {
        let distinct = held.distinct();
        let (n_plain, n_rows) = match &*held {
            Held::Skip => (0, 0),
            Held::Numbers(n) => (n.n_plain, n.values.len()),
            Held::Texts(t) => (0, t.codes.len()),
        };
        let mut n_present = n_plain;
        for d in &distinct {
            if hints.missing.has(d.text) {
                typed.missing_words.insert(d.text.to_owned(), d.count);
            } else {
                n_present += d.count;
            }
        }
        if n_present == 0 {
            if n_rows > 0 {
                typed.issues.push(issue(
                    IssueKind::EmptyColumn,
                    Severity::Warning,
                    name,
                    n_rows as u64,
                    format!(
                        "Column “{name}” has no values at all; it was kept, but nothing can be computed from it."
                    ),
                ));
            }
            Decided::Empty(n_rows)
        } else {
            let reader = ColumnReader { name, held, distinct, hints, line, n_present, n_plain };
            reader.decide(&mut typed)?
        }
    };
    typed.values = match decided {
        Decided::Empty(n) => {
            Values::Text(Dictionary { levels: Vec::new(), codes: vec![Dictionary::MISSING; n] })
        }
        Decided::Numbers(texts) => Values::Number(take_numbers(held, &texts)),
        Decided::Dates(texts) => Values::Date(take_numbers(held, &texts)),
        Decided::Booleans(texts) => Values::Boolean(match held {
            Held::Texts(t) => t.codes.iter().map(|&c| texts.get(c as usize).copied().flatten()).collect(),
            _ => Vec::new(),
        }),
        Decided::Texts => {
            let Held::Texts(texts) = held else { return Err(TextsNeeded) };
            of_texts(take_dictionary(texts, hints.missing), hints)
        }
    };
    *held = Held::Skip;
    Ok(typed)
}

/// Texts as a category or as text, by the rules for files.
pub fn of_texts(dictionary: Dictionary, hints: Hints) -> Values {
    if hints.is_code || (is_category(&dictionary) && !hints.is_identifier) {
        Values::Category(in_natural_order(dictionary))
    } else {
        Values::Text(dictionary)
    }
}

/// Whether all digits of a text count: 00123 is not 123, and seventeen digits do not fit a number.
pub fn is_digits_name(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit()) && (text.len() > 15 || (text.len() > 1 && text.starts_with('0')))
}

/// How the cells of a column are best held, by those of its first rows.
pub fn form(name: &str, head: &Held, hints: Hints) -> Form {
    if hints.is_code || hints.is_text || hints.is_date || hints.missing.has_number() {
        return Form::Texts;
    }
    let distinct = head.distinct();
    let n_present = distinct.iter().filter(|d| !hints.missing.has(d.text)).map(|d| d.count).sum();
    let reader = ColumnReader { name, held: head, distinct, hints, line: &|_| 0, n_present, n_plain: 0 };
    if n_present == 0 || !matches!(reader.decide(&mut Typed::default()), Ok(Decided::Numbers(_))) {
        return Form::Texts;
    }
    // The cells of doubtful numbers are needed to tell of the doubt.
    if reader.doubts().n > 0 {
        return Form::Texts;
    }
    let decimal = reader.decimal_of_numbers().1;
    let n_plain: u64 = reader
        .distinct
        .iter()
        .filter(|d| super::held::plain(d.text.as_bytes(), decimal).is_some())
        .map(|d| d.count)
        .sum();
    if 10 * n_plain >= 8 * n_present { Form::Numbers(decimal) } else { Form::Texts }
}

/// What a column turned out to hold; the values of its distinct texts.
enum Decided {
    Empty(usize),
    Numbers(Vec<f64>),
    Dates(Vec<f64>),
    Booleans(Vec<Option<bool>>),
    Texts,
}

/// The values of a column of numbers or dates; `texts` holds those of its distinct texts.
fn take_numbers(held: &mut Held, texts: &[f64]) -> Vec<f64> {
    let value = |code: u32| texts.get(code as usize).copied().unwrap_or(f64::NAN);
    match held {
        Held::Skip => Vec::new(),
        Held::Numbers(n) => {
            let mut values = std::mem::take(&mut n.values);
            for &(row, code) in &n.odd {
                if let Some(place) = values.get_mut(row as usize) {
                    *place = value(code);
                }
            }
            values
        }
        Held::Texts(t) => t.codes.iter().map(|&c| value(c)).collect(),
    }
}

/// A text without the apostrophe by which a spreadsheet keeps digits as they are: "'02134".
fn unmarked(text: &str) -> &str {
    let is_code = |rest: &&str| rest.len() > 3 && rest.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    text.strip_prefix('\'').filter(is_code).unwrap_or(text)
}

/// Texts in the order of appearance, without those that stand for "no value".
fn take_dictionary(texts: &mut super::held::Codes, missing: Missing<'_>) -> Dictionary {
    let mut codes = std::mem::take(&mut texts.codes);
    let texts = std::mem::take(&mut texts.texts);
    let mut levels = Vec::with_capacity(texts.len());
    let mut place = Vec::with_capacity(texts.len());
    // Without the mark a text may be there already.
    let has_marks = texts.iter().any(|text| unmarked(text) != text);
    let mut known: HashMap<&str, u32> = HashMap::new();
    for text in texts.iter() {
        if missing.has(text) {
            place.push(Dictionary::MISSING);
            continue;
        }
        let text = unmarked(text);
        let next = levels.len() as u32;
        let code = if has_marks { *known.entry(text).or_insert(next) } else { next };
        if code == next {
            levels.push(text.to_owned());
        }
        place.push(code);
    }
    if levels.len() < place.len() {
        for code in &mut codes {
            *code = place.get(*code as usize).copied().unwrap_or(Dictionary::MISSING);
        }
    }
    Dictionary { levels, codes }
}

/// The same rows with the levels in their natural order.
fn in_natural_order(dictionary: Dictionary) -> Dictionary {
    let Dictionary { levels, mut codes } = dictionary;
    let mut order: Vec<u32> = (0..levels.len() as u32).collect();
    let is_number = |l: &String| l.len() <= 15 && l.bytes().all(|b| b.is_ascii_digit());
    if levels.iter().all(is_number) {
        // Campaign and group numbers by the hundred thousand: their natural order is that of their values.
        let values: Vec<u64> = levels.iter().map(|l| l.parse().unwrap_or(0)).collect();
        order.order_by(|&a, &b| {
            let (a, b) = (a as usize, b as usize);
            values[a].cmp(&values[b]).then_with(|| levels[a].cmp(&levels[b]))
        });
    } else {
        order.order_by(|&a, &b| {
            crate::engine::data::column::natural_order(&levels[a as usize], &levels[b as usize])
        });
    }
    let mut place = vec![0_u32; levels.len()];
    for (new, &old) in order.iter().enumerate() {
        place[old as usize] = new as u32;
    }
    for code in &mut codes {
        if let Some(&new) = place.get(*code as usize) {
            *code = new;
        }
    }
    let mut levels: Vec<Option<String>> = levels.into_iter().map(Some).collect();
    let levels = order.iter().map(|&old| levels[old as usize].take().unwrap_or_default()).collect();
    Dictionary { levels, codes }
}

/// Cells of one kind: how many, and the first of them.
#[derive(Default)]
struct Kind<'a> {
    n: u64,
    first: Option<Distinct<'a>>,
}

impl<'a> Kind<'a> {
    fn add(&mut self, cell: Distinct<'a>) {
        self.n += cell.count;
        if self.first.is_none_or(|f| cell.first < f.first) {
            self.first = Some(cell);
        }
    }
}

struct ColumnReader<'a> {
    name: &'a str,
    held: &'a Held,
    /// Every text but the plain numbers.
    distinct: Vec<Distinct<'a>>,
    hints: Hints<'a>,
    line: &'a dyn Fn(usize) -> u64,
    n_present: u64,
    n_plain: u64,
}

impl<'a> ColumnReader<'a> {
    fn decide(&self, typed: &mut Typed) -> Result<Decided, TextsNeeded> {
        let is_held_as_text = matches!(self.held, Held::Texts(_));
        if !self.hints.is_code && !self.hints.is_text {
            if self.hints.is_date
                && let Some(dates) = self.dates(typed)
            {
                return if is_held_as_text { Ok(dates) } else { Err(TextsNeeded) };
            }
            if let Some(booleans) = self.booleans() {
                return if is_held_as_text { Ok(booleans) } else { Err(TextsNeeded) };
            }
            if let Some(numbers) = self.numbers(typed)? {
                return Ok(numbers);
            }
            if is_held_as_text && let Some(dates) = self.dates(typed) {
                return Ok(dates);
            }
            let is_date = |text: &str| date(text, self.hints.is_date).is_some();
            if is_held_as_text && self.present().next().is_some_and(|d| is_date(d.text)) {
                self.mixed(typed, "date", &is_date);
            }
        }
        if is_held_as_text { Ok(Decided::Texts) } else { Err(TextsNeeded) }
    }

    fn is_missing(&self, d: Distinct<'_>) -> bool {
        self.hints.missing.has(d.text)
    }

    fn present(&self) -> impl Iterator<Item = Distinct<'a>> {
        self.distinct.iter().copied().filter(|d| !self.is_missing(*d))
    }

    fn booleans(&self) -> Option<Decided> {
        if self.n_plain > 0 || self.present().any(|d| boolean(d.text).is_none()) {
            return None;
        }
        let value = |d: &Distinct<'_>| boolean(d.text).filter(|_| !self.is_missing(*d));
        Some(Decided::Booleans(self.distinct.iter().map(value).collect()))
    }

    /// The decimal sign of the column: what most cells make certain, else what the file makes likely.
    fn decimal(&self) -> Decimal {
        let (mut n_point, mut n_comma, mut has_comma) = (0_u64, 0_u64, false);
        if let Held::Numbers(n) = self.held {
            match n.decimal {
                Decimal::Point => n_point = n.n_evidence,
                Decimal::Comma => (n_comma, has_comma) = (n.n_evidence, n.n_evidence > 0),
            }
        }
        for d in &self.distinct {
            has_comma |= d.text.bytes().any(|b| b == b',');
            match decimal_evidence(d.text) {
                Some(Decimal::Point) => n_point += d.count,
                Some(Decimal::Comma) => n_comma += d.count,
                None => {}
            }
        }
        // A choice holds where cells can be read that way: "1.5" cannot have a decimal comma.
        match self.hints.chosen_decimal {
            Some(Decimal::Point) if n_point > 0 || n_comma == 0 => return Decimal::Point,
            Some(Decimal::Comma) if n_comma > 0 || n_point == 0 => return Decimal::Comma,
            _ => {}
        }
        let likely = self.hints.comma_decimal.unwrap_or(self.hints.is_semicolon && has_comma);
        if n_comma > n_point || (n_comma == n_point && likely) { Decimal::Comma } else { Decimal::Point }
    }

    /// Whether all cells are plain numbers, and the decimal sign to read them with.
    fn decimal_of_numbers(&self) -> (bool, Decimal) {
        // Most columns are plain: no need to look for signs and groups.
        let holds_commas =
            matches!(self.held, Held::Numbers(n) if n.decimal == Decimal::Comma && n.n_evidence > 0);
        let is_plain_column = self.hints.comma_decimal != Some(true)
            && self.hints.chosen_decimal != Some(Decimal::Comma)
            && !holds_commas
            && self.present().all(|d| is_plain(d.text));
        let decimal = if is_plain_column
            && !self.present().any(|d| d.text.bytes().filter(|&b| b == b'.').count() > 1)
        {
            Decimal::Point
        } else {
            self.decimal()
        };
        (is_plain_column, decimal)
    }

    /// The numbers that may be thousands or fractions, where none of the column tells and nobody said.
    fn doubts(&self) -> Kind<'a> {
        let mut doubts = Kind::default();
        if self.hints.chosen_decimal.is_some() || self.hints.comma_decimal == Some(false) {
            return doubts;
        }
        for d in self.present() {
            if decimal_evidence(d.text).is_some() {
                return Kind::default();
            }
            if is_doubtful(d.text) {
                doubts.add(d);
            }
        }
        doubts
    }

    /// Says so where thousands and decimals could not be told apart. English thousands, "1,234", are no doubt.
    fn doubt(&self, decimal: Decimal) -> Option<Issue> {
        if matches!(self.held, Held::Numbers(_)) {
            return None;
        }
        let doubts = self.doubts();
        let first = doubts.first.filter(|d| decimal == Decimal::Comma || d.text.contains('.'))?;
        let (other, severity, because) = match decimal {
            Decimal::Point => (Decimal::Comma, Severity::Warning, ""),
            Decimal::Comma => {
                let because =
                    ", as the file’s other numbers, its semicolons or the language of its names suggest";
                (Decimal::Point, Severity::Note, because)
            }
        };
        let read = |decimal| match number(first.text, decimal) {
            Some(NumberCell::Finite(value)) => value.to_string(),
            _ => String::new(),
        };
        let message = format!(
            "No number of “{}” tells thousands from decimals; “{}” was read as {}, not as {}{because}. Choose the other decimal sign under “How the file was read” if that is wrong.",
            self.name,
            quoted(first.text),
            read(decimal),
            read(other)
        );
        Some(Issue {
            line: Some((self.line)(first.first as usize)),
            text: Some(quoted(first.text)),
            ..issue(IssueKind::Other, severity, self.name, doubts.n, message)
        })
    }

    fn numbers(&self, typed: &mut Typed) -> Result<Option<Decided>, TextsNeeded> {
        let (is_plain_column, decimal) = self.decimal_of_numbers();
        let (mut has_long, mut has_leading_zero, mut n_finite) = (false, false, 0);
        if let Held::Numbers(n) = self.held {
            // Without decimals both signs give the same numbers; in "1.000" they do not.
            if n.decimal != decimal && !(n.decimal == Decimal::Comma && n.n_evidence == 0) {
                return Err(TextsNeeded);
            }
            (has_long, has_leading_zero, n_finite) = (n.has_long, n.has_leading_zero, n.n_plain);
        }
        let mut values = Vec::with_capacity(self.distinct.len());
        let (mut unreadable, mut infinite, mut bounds) = (Kind::default(), Kind::default(), Kind::default());
        let mut n_percent = 0_u64;
        let mut nones = Vec::new();
        let allowed = ((1.0 - SHARE_NEEDED) * self.n_present as f64) as u64;
        for &d in &self.distinct {
            let mut value = f64::NAN;
            if !self.is_missing(d) {
                let is_digits = d.text.bytes().all(|b| b.is_ascii_digit());
                has_long |= is_digits && d.text.len() > 15;
                has_leading_zero |= is_digits && d.text.len() > 1 && d.text.starts_with('0');
                match number(d.text, decimal) {
                    Some(NumberCell::Finite(read)) => {
                        value = read;
                        n_finite += d.count;
                        n_percent += if d.text.ends_with('%') { d.count } else { 0 };
                        if !is_plain_column {
                            add_currency(&mut typed.currencies, d);
                        }
                    }
                    Some(NumberCell::Infinite) => infinite.add(d),
                    Some(NumberCell::Bound) => bounds.add(d),
                    // Words such as "none" stand for a missing number without being one in a category.
                    None if self.hints.missing.0.is_none() && matches!(d.text, "None" | "none" | "NONE") => {
                        nones.push((d.text.to_owned(), d.count))
                    }
                    None => unreadable.add(d),
                }
            }
            values.push(value);
        }
        if unreadable.n > allowed {
            typed.currencies.clear();
            self.mixed(typed, "number", &|text| number(text, decimal).is_some());
            return Ok(None);
        }
        // Seventeen digits do not fit a number, and 00123 is not 123: names, not quantities.
        if has_long
            || (has_leading_zero && (self.hints.is_identifier || infinite.n == 0 && unreadable.n == 0))
        {
            typed.currencies.clear();
            return Ok(None);
        }
        if n_finite == 0 && infinite.n == 0 && bounds.n == 0 {
            return Ok(None);
        }
        typed.missing_words.extend(nones);
        let name = self.name;
        let mut report = |kind: &Kind<'_>, issue_kind, severity, message: &dyn Fn(&str) -> String| {
            if let Some(first) = kind.first {
                let text = quoted(first.text);
                typed.issues.push(Issue {
                    line: Some((self.line)(first.first as usize)),
                    ..issue(issue_kind, severity, name, kind.n, message(&text))
                });
                if let Some(last) = typed.issues.last_mut() {
                    last.text = Some(text);
                }
            }
        };
        let cells = |kind: &Kind<'_>| counted(kind.n, "cell", "cells");
        let were = |kind: &Kind<'_>| if kind.n == 1 { "it was" } else { "they were" };
        report(&unreadable, IssueKind::UnreadableNumber, Severity::Warning, &|example| {
            format!(
                "{} of “{name}” could not be read as a number, such as “{example}”; {} set to missing.",
                cells(&unreadable),
                were(&unreadable)
            )
        });
        report(&infinite, IssueKind::Infinite, Severity::Warning, &|example| {
            format!(
                "{} of “{name}” held infinity or a number too large to compute with (“{example}”); {} set to missing.",
                cells(&infinite),
                were(&infinite)
            )
        });
        report(&bounds, IssueKind::UnreadableNumber, Severity::Note, &|example| {
            format!(
                "{} of “{name}” gave a limit instead of a value (“{example}”); {} set to missing.",
                cells(&bounds),
                were(&bounds)
            )
        });
        if n_percent > 0 && n_percent < self.n_present - (unreadable.n + infinite.n + bounds.n) {
            typed.issues.push(issue(
                IssueKind::MixedTypes,
                Severity::Warning,
                name,
                n_percent,
                format!(
                    "{} of “{name}” had a percent sign and the others had none; all were read as written.",
                    counted(n_percent, "cell", "cells")
                ),
            ));
        }
        typed.issues.extend(self.doubt(decimal));
        Ok(Some(Decided::Numbers(values)))
    }

    /// Says so when a text column holds many numbers or dates.
    fn mixed(&self, typed: &mut Typed, what: &str, is: &dyn Fn(&str) -> bool) {
        let mut texts = Kind::default();
        self.present().filter(|d| !is(d.text)).for_each(|d| texts.add(d));
        if 2 * texts.n < self.n_present
            && let Some(first) = texts.first
        {
            typed.issues.push(Issue {
                line: Some((self.line)(first.first as usize)),
                text: Some(quoted(first.text)),
                ..issue(
                    IssueKind::MixedTypes,
                    Severity::Warning,
                    self.name,
                    texts.n,
                    format!(
                        "Most cells of “{}” are {what}s, but {} not, such as “{}”; the column was kept as text. Change its type to {what} to set those to missing.",
                        self.name,
                        if texts.n == 1 { "1 is".to_owned() } else { format!("{} are", words::count(texts.n)) },
                        quoted(first.text)
                    ),
                )
            });
        }
    }

    /// Says so when dates of one column are written in several ways.
    fn date_styles(&self, dates: &[Option<DateCell>], is_day_first: bool) -> Option<Issue> {
        // Numbers in an order to be decided, the year first, months in letters.
        let mut styles: [Kind<'_>; 3] = Default::default();
        for (date, &d) in dates.iter().zip(&self.distinct) {
            let style = match date {
                None => continue,
                Some(DateCell::Order { .. }) => 0,
                Some(DateCell::Certain(_)) => {
                    let n_digits = d.text.bytes().take_while(u8::is_ascii_digit).count();
                    if n_digits >= 4 { 1 } else { 2 }
                }
            };
            if let Some(kind) = styles.get_mut(style) {
                kind.add(d);
            }
        }
        let order = ["month", "day"][usize::from(is_day_first)];
        let has_order = styles.first().is_some_and(|k| k.n > 0);
        let examples: Vec<String> =
            styles.iter().filter_map(|k| k.first).map(|d| format!("“{}”", quoted(d.text))).collect();
        if examples.len() < 2 {
            return None;
        }
        let read = if has_order {
            format!(", with the {order} first where the order decides")
        } else {
            String::new()
        };
        Some(issue(
            IssueKind::MixedTypes,
            Severity::Note,
            self.name,
            styles.iter().map(|k| k.n).sum(),
            format!(
                "“{}” writes dates in {} ways ({}); all were read{read}.",
                self.name,
                words::count(examples.len() as u64),
                words::list(&examples)
            ),
        ))
    }

    /// Says so when times are turned into UTC: around midnight they move to another day.
    fn moved_to_utc(&self, dates: &[Option<DateCell>]) -> Option<Issue> {
        let mut moved = Kind::default();
        for (_, &d) in dates.iter().zip(&self.distinct).filter(|(date, _)| date.is_some()) {
            if zone_of(d.text).is_some_and(|hours| hours != 0.0) {
                moved.add(d);
            }
        }
        let first = moved.first?;
        let message = format!(
            "{} of “{}” {} a zone, such as “{}”; held as UTC, late and early hours fall on another day.",
            counted(moved.n, "time", "times"),
            self.name,
            if moved.n == 1 { "names" } else { "name" },
            quoted(first.text)
        );
        Some(Issue {
            line: Some((self.line)(first.first as usize)),
            text: Some(quoted(first.text)),
            ..issue(IssueKind::Other, Severity::Note, self.name, moved.n, message)
        })
    }

    fn dates(&self, typed: &mut Typed) -> Option<Decided> {
        let name = self.name;
        let mut dates = Vec::with_capacity(self.distinct.len());
        let mut n_unread = self.n_plain;
        let mut months = Kind::default();
        let allowed = ((1.0 - SHARE_NEEDED) * self.n_present as f64) as u64;
        for d in &self.distinct {
            let is_missing = self.is_missing(*d);
            let mut read = if is_missing { None } else { date(d.text, self.hints.is_date) };
            if read.is_none()
                && !is_missing
                && let Some(millis) = month(d.text)
            {
                read = Some(DateCell::Certain(millis));
                months.add(*d);
            }
            if read.is_none() && !is_missing {
                n_unread += d.count;
            }
            dates.push(read);
            if n_unread > allowed {
                return None;
            }
        }
        let found = day_first(dates.iter().zip(&self.distinct).map(|(date, d)| (*date, d.count)));
        let mut ordered = Kind::default();
        for (read, &d) in dates.iter().zip(&self.distinct) {
            if matches!(read, Some(DateCell::Order { .. })) {
                ordered.add(d);
            }
        }
        let hints = self.hints;
        let told = hints.chosen_day_first.or(found).or(hints.day_first).or(hints.doubtful_day_first);
        let is_day_first = told.unwrap_or(true);
        let order = if is_day_first { "day" } else { "month" };
        let is_open = hints.chosen_day_first.or(found).is_none();
        if let Some(first) = ordered.first
            && is_open
            && (hints.day_first.is_some() || told.is_none())
        {
            let (kind, severity, rest) = if told.is_none() {
                let rest = format!(
                    ", such as “{}”{}; they were read with the day first. Choose the other order if that is wrong.",
                    quoted(first.text),
                    both_readings(date(first.text, self.hints.is_date))
                );
                (IssueKind::AmbiguousDate, Severity::Warning, rest)
            } else {
                let rest =
                    format!("; they were read with the {order} first, settled by “{}”.", hints.day_first_by);
                (IssueKind::Other, Severity::Note, rest)
            };
            typed.issues.push(Issue {
                line: Some((self.line)(first.first as usize)),
                text: Some(quoted(first.text)),
                ..issue(
                    kind,
                    severity,
                    name,
                    ordered.n,
                    format!("No date of “{name}” tells day from month{rest}"),
                )
            });
        }
        typed.issues.extend(self.date_styles(&dates, is_day_first));
        typed.issues.extend(self.moved_to_utc(&dates));
        if let Some(first) = months.first {
            let message = format!(
                "{} of “{name}” {} read as the first of the month, such as “{}”.",
                counted(months.n, "month", "months"),
                if months.n == 1 { "was" } else { "were" },
                quoted(first.text)
            );
            typed.issues.push(issue(IssueKind::Other, Severity::Note, name, months.n, message));
        }
        let mut values = Vec::with_capacity(dates.len());
        let mut unreadable = Kind::default();
        for (read, &d) in dates.into_iter().zip(&self.distinct) {
            let millis = read.and_then(|r| r.millis(is_day_first));
            if millis.is_none() && !self.is_missing(d) {
                unreadable.add(d);
            }
            values.push(millis.unwrap_or(f64::NAN));
        }
        if let Some(first) = unreadable.first {
            typed.issues.push(Issue {
                line: Some((self.line)(first.first as usize)),
                text: Some(quoted(first.text)),
                ..issue(
                    IssueKind::UnreadableDate,
                    Severity::Warning,
                    name,
                    unreadable.n,
                    format!(
                        "{} of “{name}” could not be read as a date with the {} first, such as “{}”; {} set to missing.",
                        counted(unreadable.n, "cell", "cells"),
                        order,
                        quoted(first.text),
                        if unreadable.n == 1 { "it was" } else { "they were" }
                    ),
                )
            });
        }
        Some(Decided::Dates(values))
    }
}

/// " (3 April or 4 March)": what a date can be whose order is not known.
fn both_readings(date: Option<DateCell>) -> String {
    let Some(DateCell::Order { first, second, .. }) = date else { return String::new() };
    let name = |month: u32| MONTH_NAMES.get(month.wrapping_sub(1) as usize);
    match (name(first), name(second)) {
        (Some(a), Some(b)) if first != second => format!(" ({first} {b} or {second} {a})"),
        _ => String::new(),
    }
}

fn issue(kind: IssueKind, severity: Severity, column: &str, count: u64, message: String) -> Issue {
    let column = Some(column.to_owned());
    Issue { kind, severity, line: None, column, text: None, count, message, files: Vec::new() }
}

/// The role a column has when its name says nothing.
pub fn plain_role(column_type: ColumnType) -> Role {
    match column_type {
        ColumnType::Number => Role::Number,
        ColumnType::Category | ColumnType::Boolean => Role::Category,
        ColumnType::Date => Role::Date,
        ColumnType::Text => Role::Text,
    }
}

/// A column from typed values.
pub fn column(name: String, role: Role, values: Values) -> Column {
    Column::new(name, role, values)
}
