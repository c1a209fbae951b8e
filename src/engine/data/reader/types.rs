//! Deciding what a column holds, over all its cells: numbers, dates, yes/no, categories or text.
//!
//! The decision is made once a column, never cell by cell: a decimal comma or a day before the month is a property of
//! whoever wrote the file.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
};

use crate::engine::data::{
    column::{Column, ColumnType, Dictionary, MILLIS_A_DAY, Values},
    issue::{Issue, IssueKind, Severity},
    role::Role,
};
use crate::engine::words::{self, counted, quoted};

/// The share of cells that must read as a number (or a date) for the column to be one.
const SHARE_NEEDED: f64 = 0.95;

/// What is known before the column is read.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hints {
    /// What another column of the file made certain about day and month.
    pub day_first: Option<bool>,
    /// The user's choice about day and month, which beats what the dates say.
    pub chosen_day_first: Option<bool>,
    /// Whether another column of the file makes it certain that the comma is the decimal sign.
    pub comma_decimal: Option<bool>,
    /// Cells are separated by semicolons, as where the decimal sign is a comma.
    pub is_semicolon: bool,
    /// The header says that numbers are names of groups ("interest").
    pub is_code: bool,
    /// The header says that the column names rows.
    pub is_identifier: bool,
    /// The header speaks of a date or day.
    pub is_date: bool,
}

/// A typed column and what was odd about it.
pub struct Typed {
    pub values: Values,
    pub issues: Vec<Issue>,
    /// Currency sign or code that stood in the cells.
    pub currency: Option<String>,
    /// Words read as missing, with how often ("--"); empty cells are not counted.
    pub missing_words: BTreeMap<String, u64>,
}

/// Whether a trimmed cell stands for "no value".
pub fn is_missing(cell: &str) -> bool {
    // Most cells are numbers: they are told by their first digit.
    if cell.as_bytes().first().is_some_and(u8::is_ascii_digit) {
        return false;
    }
    match cell.len() {
        0 => true,
        1 => matches!(cell, "-" | "?" | "."),
        2..=5 => {
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
            )
        }
        _ => false,
    }
}

/// Which sign separates the decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decimal {
    Point,
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

fn finite(value: f64) -> NumberCell {
    if value.is_finite() { NumberCell::Finite(value) } else { NumberCell::Infinite }
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
    let date =
        jiff::civil::Date::new(year as i16, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    // Days of the civil calendar counted from 1 March of year 0 (Hinnant), so that leap days come last.
    let (y, m, d) = (i64::from(date.year()), i64::from(date.month()), i64::from(date.day()));
    let y = if m <= 2 { y - 1 } else { y };
    let era = y.div_euclid(400);
    let year_of_era = y.rem_euclid(400);
    let day_of_year = (153 * ((m + 9) % 12) + 2) / 5 + d - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some((era * 146_097 + day_of_era - 719_468) as f64 * MILLIS_A_DAY)
}

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const LONG_MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

fn month_of(word: &str) -> Option<u32> {
    let word = word.trim_end_matches('.').to_ascii_lowercase();
    if word == "sept" {
        return Some(9);
    }
    let found =
        MONTHS.iter().position(|m| *m == word).or_else(|| LONG_MONTHS.iter().position(|m| *m == word))?;
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
    if !cell.is_ascii() || cell.len() < 6 || cell.len() > 40 || !cell.bytes().any(|b| b.is_ascii_digit()) {
        return None;
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
        if rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
            // 4-Sep-12, 4 September 2012
            let n = rest.bytes().take_while(|b| b.is_ascii_alphabetic() || *b == b'.').count();
            let month = month_of(&rest[..n])?;
            let rest = rest[n..].trim_start_matches([separator, ',', ' ']);
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
    if zone.is_empty() || ["z", "utc", "gmt"].iter().any(|z| zone.eq_ignore_ascii_case(z)) {
        return Some(millis);
    }
    let sign = match zone.as_bytes().first()? {
        b'+' => 1.0,
        b'-' => -1.0,
        _ => return None,
    };
    let offset: String = zone[1..].chars().filter(|c| *c != ':').collect();
    if !matches!(offset.len(), 2 | 4) || !offset.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let hours: f64 = offset[..2].parse().ok()?;
    let minutes: f64 = offset.get(2..).filter(|m| !m.is_empty()).map_or(Some(0.0), |m| m.parse().ok())?;
    (hours <= 14.0 && minutes < 60.0).then_some(millis - sign * (hours * 60.0 + minutes) * 60_000.0)
}

/// Whether the day comes first, as far as the dates tell: `None` when every day is at most 12.
pub fn day_first(dates: &[Option<DateCell>]) -> Option<bool> {
    let (mut n_day, mut n_month) = (0_u64, 0_u64);
    for date in dates.iter().flatten() {
        if let DateCell::Order { first, second, .. } = date {
            n_day += u64::from(*first > 12);
            n_month += u64::from(*second > 12);
        }
    }
    if n_day == 0 && n_month == 0 { None } else { Some(n_day >= n_month) }
}

/// Reads yes/no.
pub fn boolean(cell: &str) -> Option<bool> {
    if cell.len() > 5 {
        return None;
    }
    if ["true", "yes", "y"].iter().any(|w| cell.eq_ignore_ascii_case(w)) {
        Some(true)
    } else if ["false", "no", "n"].iter().any(|w| cell.eq_ignore_ascii_case(w)) {
        Some(false)
    } else {
        None
    }
}

/// Texts held once each. Categories get their levels in natural order.
pub fn dictionary(cells: &[Cow<'_, str>], is_category: bool) -> Dictionary {
    let mut lookup: HashMap<&str, u32> = HashMap::new();
    let mut levels: Vec<&str> = Vec::new();
    let mut codes: Vec<u32> = Vec::with_capacity(cells.len());
    for cell in cells {
        if is_missing(cell) {
            codes.push(Dictionary::MISSING);
            continue;
        }
        let next = levels.len() as u32;
        let code = *lookup.entry(cell).or_insert(next);
        if code == next {
            levels.push(cell);
        }
        codes.push(code);
    }
    if is_category {
        let mut order: Vec<u32> = (0..levels.len() as u32).collect();
        let by_natural = |&a: &u32, &b: &u32| {
            crate::engine::data::column::natural_order(levels[a as usize], levels[b as usize])
        };
        order.sort_by(by_natural);
        let mut place = vec![0_u32; levels.len()];
        for (new, &old) in order.iter().enumerate() {
            place[old as usize] = new as u32;
        }
        for code in &mut codes {
            if *code != Dictionary::MISSING {
                *code = place[*code as usize];
            }
        }
        levels = order.iter().map(|&old| levels[old as usize]).collect();
    }
    Dictionary { levels: levels.into_iter().map(str::to_owned).collect(), codes }
}

/// Whether texts are names of groups rather than free text.
fn is_category(dictionary: &Dictionary) -> bool {
    let n_levels = dictionary.levels.len();
    let n = dictionary.codes.iter().filter(|&&c| c != Dictionary::MISSING).count();
    let n_letters: usize = dictionary.levels.iter().map(String::len).sum();
    n_letters <= 80 * n_levels && (n_levels <= 20 || (n_levels <= 1000.max(n / 20) && 2 * n_levels <= n))
}

/// Decides the type of a column and reads it. `line` gives the line of a row in the file.
pub fn infer(name: &str, cells: &[Cow<'_, str>], hints: Hints, line: &dyn Fn(usize) -> u64) -> Typed {
    let mut typed = Typed {
        values: Values::Text(Dictionary::default()),
        issues: Vec::new(),
        currency: None,
        missing_words: BTreeMap::new(),
    };
    let mut n_present = 0_usize;
    for cell in cells {
        if !is_missing(cell) {
            n_present += 1;
        } else if !cell.is_empty() {
            match typed.missing_words.get_mut(cell.as_ref()) {
                Some(n) => *n += 1,
                None => {
                    typed.missing_words.insert(cell.clone().into_owned(), 1);
                }
            }
        }
    }
    if n_present == 0 {
        typed.values = Values::Text(dictionary(cells, false));
        if !cells.is_empty() {
            typed.issues.push(issue(
                IssueKind::EmptyColumn,
                Severity::Warning,
                name,
                cells.len() as u64,
                format!(
                    "Column “{name}” has no values at all; it was kept, but nothing can be computed from it."
                ),
            ));
        }
        return typed;
    }
    let reader = ColumnReader { name, cells, hints, line, n_present };
    if !hints.is_code {
        if hints.is_date && reader.dates(&mut typed) {
            return typed;
        }
        if reader.booleans(&mut typed) || reader.numbers(&mut typed) || reader.dates(&mut typed) {
            return typed;
        }
    }
    let texts = dictionary(cells, true);
    typed.values = if hints.is_code || (is_category(&texts) && !hints.is_identifier) {
        Values::Category(texts)
    } else {
        Values::Text(dictionary(cells, false))
    };
    typed
}

struct ColumnReader<'a> {
    name: &'a str,
    cells: &'a [Cow<'a, str>],
    hints: Hints,
    line: &'a dyn Fn(usize) -> u64,
    n_present: usize,
}

impl ColumnReader<'_> {
    fn booleans(&self, typed: &mut Typed) -> bool {
        let mut values = Vec::new();
        for cell in self.cells {
            if is_missing(cell) {
                values.push(None);
            } else {
                match boolean(cell) {
                    Some(b) => values.push(Some(b)),
                    None => return false,
                }
            }
        }
        typed.values = Values::Boolean(values);
        true
    }

    /// The decimal sign of the column: what most cells make certain, else what the file makes likely.
    fn decimal(&self) -> Decimal {
        let (mut n_point, mut n_comma, mut has_comma) = (0_u64, 0_u64, false);
        for cell in self.cells {
            has_comma |= cell.bytes().any(|b| b == b',');
            match decimal_evidence(cell) {
                Some(Decimal::Point) => n_point += 1,
                Some(Decimal::Comma) => n_comma += 1,
                None => {}
            }
        }
        let likely = self.hints.comma_decimal.unwrap_or(self.hints.is_semicolon && has_comma);
        if n_comma > n_point || (n_comma == n_point && likely) { Decimal::Comma } else { Decimal::Point }
    }

    fn numbers(&self, typed: &mut Typed) -> bool {
        // Most columns are plain: no need to look for signs and groups.
        let is_plain_column =
            self.hints.comma_decimal != Some(true) && self.cells.iter().all(|c| is_missing(c) || is_plain(c));
        let decimal =
            if is_plain_column && !self.cells.iter().any(|c| c.bytes().filter(|&b| b == b'.').count() > 1) {
                Decimal::Point
            } else {
                self.decimal()
            };
        let mut values = Vec::with_capacity(self.cells.len());
        let mut unreadable: Vec<usize> = Vec::new();
        let (mut infinite, mut bounds): (Vec<usize>, Vec<usize>) = (Vec::new(), Vec::new());
        let (mut n_percent, mut has_long, mut has_leading_zero) = (0_u64, false, false);
        let allowed = ((1.0 - SHARE_NEEDED) * self.n_present as f64) as usize;
        for (row, cell) in self.cells.iter().enumerate() {
            if is_missing(cell) {
                values.push(f64::NAN);
                continue;
            }
            has_long |= cell.len() > 15 && cell.bytes().all(|b| b.is_ascii_digit());
            has_leading_zero |=
                cell.len() > 1 && cell.starts_with('0') && cell.bytes().all(|b| b.is_ascii_digit());
            match number(cell, decimal) {
                Some(NumberCell::Finite(value)) => {
                    values.push(value);
                    n_percent += u64::from(cell.ends_with('%'));
                    if !is_plain_column && typed.currency.is_none() {
                        typed.currency = parts(cell).and_then(|p| p.currency).map(str::to_owned);
                    }
                    continue;
                }
                Some(NumberCell::Infinite) => infinite.push(row),
                Some(NumberCell::Bound) => bounds.push(row),
                None => {
                    // Words such as "none" stand for a missing number without being one in a category.
                    if !matches!(cell.as_ref(), "None" | "none" | "NONE") {
                        unreadable.push(row);
                        if unreadable.len() > allowed {
                            typed.currency = None;
                            self.mixed(typed, decimal);
                            return false;
                        }
                    }
                }
            }
            values.push(f64::NAN);
        }
        // Seventeen digits do not fit a number, and 00123 is not 123: names, not quantities.
        if has_long
            || (has_leading_zero
                && (self.hints.is_identifier || infinite.is_empty() && unreadable.is_empty()))
        {
            typed.currency = None;
            return false;
        }
        if values.iter().all(|v| v.is_nan()) && infinite.is_empty() && bounds.is_empty() {
            return false;
        }
        let name = self.name;
        let mut report = |rows: &[usize], kind, severity, message: String| {
            if let Some(&first) = rows.first() {
                typed.issues.push(Issue {
                    line: Some((self.line)(first)),
                    text: Some(quoted(&self.cells[first])),
                    ..issue(kind, severity, name, rows.len() as u64, message)
                });
            }
        };
        let example = |rows: &[usize]| rows.first().map_or(String::new(), |&r| quoted(&self.cells[r]));
        let cells = |rows: &[usize]| counted(rows.len() as u64, "cell", "cells");
        let were = |rows: &[usize]| if rows.len() == 1 { "it was" } else { "they were" };
        report(
            &unreadable,
            IssueKind::UnreadableNumber,
            Severity::Warning,
            format!(
                "{} of “{name}” could not be read as a number, such as “{}”; {} set to missing.",
                cells(&unreadable),
                example(&unreadable),
                were(&unreadable)
            ),
        );
        report(
            &infinite,
            IssueKind::Infinite,
            Severity::Warning,
            format!(
                "{} of “{name}” held infinity (“{}”), which no sum survives; {} set to missing.",
                cells(&infinite),
                example(&infinite),
                were(&infinite)
            ),
        );
        report(
            &bounds,
            IssueKind::UnreadableNumber,
            Severity::Note,
            format!(
                "{} of “{name}” gave a limit instead of a value (“{}”); {} set to missing.",
                cells(&bounds),
                example(&bounds),
                were(&bounds)
            ),
        );
        if n_percent > 0
            && n_percent < self.n_present as u64 - (unreadable.len() + infinite.len() + bounds.len()) as u64
        {
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
        typed.values = Values::Number(values);
        true
    }

    /// Says so when a text column holds many numbers.
    fn mixed(&self, typed: &mut Typed, decimal: Decimal) {
        let is_text = |c: &&Cow<'_, str>| !is_missing(c) && number(c, decimal).is_none();
        let n_text = self.cells.iter().filter(is_text).count();
        if 2 * n_text < self.n_present
            && let Some(first) = self.cells.iter().position(|c| is_text(&c))
        {
            typed.issues.push(Issue {
                line: Some((self.line)(first)),
                text: Some(quoted(&self.cells[first])),
                ..issue(
                    IssueKind::MixedTypes,
                    Severity::Warning,
                    self.name,
                    n_text as u64,
                    format!(
                        "Most cells of “{}” are numbers, but {} not, such as “{}”; the column was kept as text. Change its type to number to set those to missing.",
                        self.name,
                        if n_text == 1 { "1 is".to_owned() } else { format!("{} are", words::count(n_text as u64)) },
                        quoted(&self.cells[first])
                    ),
                )
            });
        }
    }

    fn dates(&self, typed: &mut Typed) -> bool {
        let name = self.name;
        let mut dates = Vec::with_capacity(self.cells.len());
        let mut n_unread = 0;
        let allowed = ((1.0 - SHARE_NEEDED) * self.n_present as f64) as usize;
        for cell in self.cells {
            let read = if is_missing(cell) { None } else { date(cell, self.hints.is_date) };
            if read.is_none() && !is_missing(cell) {
                n_unread += 1;
                if n_unread > allowed {
                    return false;
                }
            }
            dates.push(read);
        }
        let found = day_first(&dates);
        let is_ordered = |d: &DateCell| matches!(d, DateCell::Order { .. });
        let n_ordered = dates.iter().flatten().filter(|d| is_ordered(d)).count() as u64;
        let is_day_first = self.hints.chosen_day_first.or(found).or(self.hints.day_first).unwrap_or(true);
        let is_told = self.hints.chosen_day_first.or(found).or(self.hints.day_first).is_some();
        if n_ordered > 0 && !is_told {
            let first = self
                .cells
                .iter()
                .zip(&dates)
                .position(|(_, d)| d.as_ref().is_some_and(is_ordered))
                .unwrap_or(0);
            typed.issues.push(Issue {
                line: Some((self.line)(first)),
                text: Some(quoted(&self.cells[first])),
                ..issue(
                    IssueKind::AmbiguousDate,
                    Severity::Warning,
                    name,
                    n_ordered,
                    format!(
                        "No date of “{name}” tells day from month, such as “{}”; they were read with the day first. Choose the other order if that is wrong.",
                        quoted(&self.cells[first])
                    ),
                )
            });
        }
        let mut values = Vec::with_capacity(dates.len());
        let mut unreadable = Vec::new();
        for (row, read) in dates.into_iter().enumerate() {
            let millis = read.and_then(|d| d.millis(is_day_first));
            if millis.is_none() && !is_missing(&self.cells[row]) {
                unreadable.push(row);
            }
            values.push(millis.unwrap_or(f64::NAN));
        }
        if let Some(&first) = unreadable.first() {
            typed.issues.push(Issue {
                line: Some((self.line)(first)),
                text: Some(quoted(&self.cells[first])),
                ..issue(
                    IssueKind::UnreadableDate,
                    Severity::Warning,
                    name,
                    unreadable.len() as u64,
                    format!(
                        "{} of “{name}” could not be read as a date with the {} first, such as “{}”; {} set to missing.",
                        counted(unreadable.len() as u64, "cell", "cells"),
                        if is_day_first { "day" } else { "month" },
                        quoted(&self.cells[first]),
                        if unreadable.len() == 1 { "it was" } else { "they were" }
                    ),
                )
            });
        }
        typed.values = Values::Date(values);
        true
    }
}

fn issue(kind: IssueKind, severity: Severity, column: &str, count: u64, message: String) -> Issue {
    Issue { kind, severity, line: None, column: Some(column.to_owned()), text: None, count, message }
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
    Column { name, role, values, made_from: Vec::new() }
}
