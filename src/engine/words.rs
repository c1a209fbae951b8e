//! Numbers and small words as people read them: separators, sensible digits, units, lists, plurals, shortened texts.
//!
//! Plain formatting of given figures: nothing is computed here and no table is known. Everything people read takes its
//! numbers from here, so that a sentence, a chart, a table and the report write the same value the same way. Files for
//! machines (results as JSON, recipes, CSV, scripts) write numbers as they are and keep away.
//!
//! One sign stands for each idea: `−` for negative, `,` between thousands, ` %` for shares, [`NOTHING`] for a value
//! that is undefined.

use serde::{Deserialize, Serialize};

use super::disclosure::is_small;

/// What stands for a value that is undefined or missing.
pub const NOTHING: &str = "–";

/// What stands in place of what is not shown.
pub const MASKED: &str = "(masked)";

/// Around the name of a small group while its sentence is written, and before what stands for it. Unicode keeps them from
/// ever being letters.
const MARKS: [char; 3] = ['\u{fdd0}', '\u{fdd1}', '\u{fdd2}'];

/// Most characters of a text from the data inside a message.
const MESSAGE_CHARS: usize = 60;

/// Most names in a list before the rest is only counted.
const NAMES_IN_A_LIST: usize = 6;

// -------------------------------------------------------------------------------------------------- numbers

/// A count with thousands separators: "1,143".
pub fn count(n: u64) -> String {
    grouped(&n.to_string())
}

/// A count with its noun: "1 row", "1,143 rows".
pub fn counted(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

/// "1 row", "24 rows".
pub fn rows_of(n: u64) -> String {
    counted(n, "row", "rows")
}

/// How large a table is, rows first: "1,143 × 11".
pub fn size(n_rows: u64, n_columns: u64) -> String {
    format!("{} × {}", count(n_rows), count(n_columns))
}

/// A size: "370 MB", "1.2 GB".
pub fn bytes(n: u64) -> String {
    match n {
        0..1_000 => counted(n, "byte", "bytes"),
        1_000..1_000_000 => format!("{} KB", n / 1_000),
        1_000_000..1_000_000_000 => format!("{} MB", n / 1_000_000),
        _ => format!("{:.1} GB", n as f64 / 1e9),
    }
}

/// Fixed decimals with thousands separators: "1,234.50". What rounds to zero has no sign.
pub fn decimals(value: f64, n: usize) -> String {
    if !value.is_finite() {
        return NOTHING.to_owned();
    }
    let text = format!("{:.n$}", value.abs());
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let is_zero = !text.bytes().any(|b| (b'1'..=b'9').contains(&b));
    let sign = if value < 0.0 && !is_zero { "−" } else { "" };
    format!("{sign}{}{rest}", grouped(whole))
}

/// Any number with three to four telling digits: "58,705", "123.5", "63.83", "0.512", "0.0123", "2.0e−11".
pub fn number(value: f64) -> String {
    match digits(value) {
        Some(n) => decimals(value, n),
        None => format!("{value:.1e}").replace('-', "−"),
    }
}

/// Decimals that show three to four telling digits; `None` when a number is too small for that.
fn digits(value: f64) -> Option<usize> {
    Some(match value.abs() {
        s if !s.is_finite() || s >= 999.95 || s.fract() == 0.0 => 0,
        s if s >= 100.0 => 1,
        s if s >= 1.0 => 2,
        s if s >= 0.1 => 3,
        s if s >= 0.01 => 4,
        s if s >= 0.001 => 5,
        s if s >= 0.000_1 => 6,
        _ => return None,
    })
}

/// The numbers of one column of a table with equal decimals, as many as the middle one deserves. What that would round
/// to nothing is written by itself.
pub fn alike(values: &[Option<f64>]) -> Vec<String> {
    let mut sizes: Vec<f64> =
        values.iter().flatten().map(|v| v.abs()).filter(|s| s.is_finite() && *s > 0.0).collect();
    sizes.sort_unstable_by(f64::total_cmp);
    let is_whole = sizes.iter().all(|s| s.fract() == 0.0);
    // A whole number among broken ones says nothing about their decimals.
    let middle = sizes.get(sizes.len() / 2).map(|s| if s.fract() == 0.0 && !is_whole { s + 0.5 } else { *s });
    let n = middle.and_then(digits);
    let one = |&value: &Option<f64>| match (value, n) {
        (None, _) => NOTHING.to_owned(),
        (Some(v), Some(n)) => {
            let text = decimals(v, n);
            if v != 0.0 && !text.bytes().any(|b| (b'1'..=b'9').contains(&b)) { number(v) } else { text }
        }
        (Some(v), None) => number(v),
    };
    values.iter().map(one).collect()
}

/// Decimals for a column of numbers that are read against each other: those [`number`] gives the largest of them.
pub fn column_digits(values: impl Iterator<Item = f64>) -> usize {
    match values.filter(|v| v.is_finite()).fold(0.0, |most: f64, v| most.max(v.abs())) {
        s if s >= 999.95 || s == 0.0 => 0,
        s if s >= 100.0 => 1,
        s if s >= 1.0 => 2,
        s if s >= 0.1 => 3,
        s if s >= 0.01 => 4,
        // Three telling digits of the largest, as far as anybody reads them.
        mut s => {
            let mut n = 6;
            s *= 1e6;
            while s < 100.0 && n < 12 {
                (s, n) = (10.0 * s, n + 1);
            }
            n
        }
    }
}

/// A value that a person chose or the data hold, without zeros at its end: "1.5", "0.25", "0.0625".
pub fn brief(value: f64) -> String {
    let n = match value.abs() {
        s if s.fract() == 0.0 || s >= 999.95 => 0,
        s if s >= 100.0 => 1,
        s if s >= 1.0 => 2,
        s if s >= 0.01 => 4,
        s if s >= 0.000_1 => 6,
        _ => return number(value),
    };
    let text = decimals(value, n);
    if n == 0 { text } else { text.trim_end_matches('0').trim_end_matches('.').to_owned() }
}

/// A calendar year: never with a separator.
pub fn year(value: f64) -> String {
    if value.is_finite() { format!("{value}").replace('-', "−") } else { NOTHING.to_owned() }
}

/// A number about as precise as an estimate deserves: three digits, or all of the whole ones: "1,235", "12.3", "0.012".
pub fn rough(value: f64) -> String {
    let n = match value.abs() {
        s if s >= 99.95 || s == 0.0 => 0,
        s if s >= 9.995 => 1,
        s if s >= 0.9995 => 2,
        s if s >= 0.01 => 3,
        _ => return number(value),
    };
    decimals(value, n)
}

/// Decimals that numbers of one table column share: enough for the smallest, few where the largest is large.
pub fn digits_of(values: &[f64]) -> usize {
    let sizes = || values.iter().map(|v| v.abs()).filter(|s| s.is_finite() && *s > 0.0);
    if sizes().all(|s| s.fract() == 0.0) {
        return 0;
    }
    let (low, high) = sizes().fold((f64::INFINITY, 0.0_f64), |r, s| (r.0.min(s), r.1.max(s)));
    let wanted = match low {
        s if s >= 999.95 => 0,
        s if s >= 99.95 => 1,
        s if s >= 0.995 => 2,
        s if s >= 0.0995 => 3,
        _ => 4,
    };
    wanted.min(if high >= 99.95 { 2 } else { 4 })
}

/// A number with the decimals of its column, or with its own where those would leave nothing of it.
pub fn with_digits(value: f64, n: usize) -> String {
    let text = decimals(value, n);
    let is_lost = value != 0.0 && value.is_finite() && !text.bytes().any(|b| (b'1'..=b'9').contains(&b));
    if is_lost { number(value) } else { text }
}

/// [`number`], or [`NOTHING`].
pub fn optional(value: Option<f64>) -> String {
    value.map_or_else(|| NOTHING.to_owned(), number)
}

/// [`number`] with its sign, for what is added or taken off: "+2.44", "−310.2".
pub fn signed(value: f64) -> String {
    format!("{}{}", if value > 0.0 { "+" } else { "" }, number(value))
}

// ------------------------------------------------------------------------------------------- shares and money

/// A fraction as percent: "14.9 %", "0.018 %"; nothing and all are whole: "0 %", "100 %".
pub fn percent(fraction: f64) -> String {
    if !fraction.is_finite() {
        return NOTHING.to_owned();
    }
    let n = if fraction == 0.0 || fraction == 1.0 { 0 } else { percent_digits(fraction) };
    format!("{} %", decimals(fraction * 100.0, n))
}

/// A probability in percent, never rounded to nothing or to certainty: "8.1 %", "0.82 %", "under 0.0001 %", "over 99.9 %".
pub fn probability(p: f64) -> String {
    if p > 0.0 && p < 0.000_001 {
        "under 0.0001 %".to_owned()
    } else if p < 1.0 && p > 0.999 {
        "over 99.9 %".to_owned()
    } else {
        percent(p)
    }
}

/// A difference between shares, with its sign: "+12.3 points", "−0.82 points".
pub fn points(difference: f64) -> String {
    if !difference.is_finite() {
        return NOTHING.to_owned();
    }
    let text = decimals(difference * 100.0, percent_digits(difference));
    let is_more = difference > 0.0 && text.bytes().any(|b| (b'1'..=b'9').contains(&b));
    format!("{}{text} points", if is_more { "+" } else { "" })
}

/// Decimals that a fraction deserves once it is written in percent.
pub fn percent_digits(fraction: f64) -> usize {
    match fraction.abs() * 100.0 {
        s if s >= 0.995 || s == 0.0 => 1,
        s if s >= 0.0995 => 2,
        s if s >= 0.00995 => 3,
        _ => 4,
    }
}

/// Decimals that shares of one table column have in common once they are written in percent.
pub fn percent_digits_of(fractions: &[f64]) -> usize {
    let telling = fractions.iter().filter(|f| f.is_finite() && **f != 0.0);
    telling.map(|f| percent_digits(*f)).max().unwrap_or(1)
}

/// A fraction as percent with so many decimals.
pub fn percent_to(fraction: f64, n: usize) -> String {
    if fraction.is_finite() { format!("{} %", decimals(fraction * 100.0, n)) } else { NOTHING.to_owned() }
}

/// A part of a whole in percent, never rounded to nothing or to all: "1.1 %", "under 0.1 %", "over 99.9 %".
pub fn share(part: u64, whole: u64) -> String {
    if whole == 0 {
        return percent(0.0);
    }
    let fraction = part as f64 / whole as f64;
    if part > 0 && fraction < 0.001 {
        "under 0.1 %".to_owned()
    } else if part < whole && fraction > 0.999 {
        "over 99.9 %".to_owned()
    } else {
        percent(fraction)
    }
}

/// Money in the file's currency, without a sign where the file names none: "$1,216", "30.88 EUR", "11".
/// Cents are written below a thousand where there are any.
pub fn money(value: f64, currency: Option<&str>) -> String {
    money_to(value, currency, if value.abs() >= 999.995 || value.fract() == 0.0 { 0 } else { 2 })
}

/// Decimals that amounts of one table column share: cents, unless there are none or all are large.
pub fn money_digits_of(values: &[f64]) -> usize {
    let sizes = || values.iter().map(|v| v.abs()).filter(|s| s.is_finite() && *s > 0.0);
    let is_large = sizes().any(|s| s >= 999.995) && sizes().all(|s| s >= 99.995);
    if is_large || sizes().all(|s| s.fract() == 0.0) { 0 } else { 2 }
}

/// Money with so many decimals.
pub fn money_to(value: f64, currency: Option<&str>, n: usize) -> String {
    let text = decimals(value, n);
    match currency {
        Some(sign) if !sign.is_empty() && !sign.chars().any(char::is_alphabetic) => {
            match text.strip_prefix('−') {
                Some(size) => format!("−{sign}{size}"),
                None => format!("{sign}{text}"),
            }
        }
        Some(code) if !code.is_empty() => format!("{text} {code}"),
        _ => text,
    }
}

// ----------------------------------------------------------------------------------------------- statistics

/// "p = 0.87", "p = 0.003", "p < 0.001".
pub fn p_value(p: f64) -> String {
    if !p.is_finite() {
        "p unknown".to_owned()
    } else if p < 0.001 {
        format!("p {}", p_cell(p))
    } else {
        format!("p = {}", p_cell(p))
    }
}

/// A p value without its letter, for a table: "0.87", "0.003", "< 0.001".
pub fn p_cell(p: f64) -> String {
    if p < 0.001 { "< 0.001".to_owned() } else { decimals(p, if p < 0.0995 { 3 } else { 2 }) }
}

/// A test's statistic: two decimals below 10, one below 1,000, whole from there.
pub fn statistic(value: f64) -> String {
    decimals(value, if value.abs() < 9.995 { 2 } else { usize::from(value.abs() < 999.95) })
}

/// Degrees of freedom, whole where they are whole: "3, 932", "17.4".
pub fn degrees(dof: &[f64]) -> String {
    let one = |&d: &f64| decimals(d, usize::from((d - d.round()).abs() >= 1e-9));
    dof.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// From one number to another with equal decimals: "977 to 1,451".
pub fn interval((low, high): (f64, f64)) -> String {
    let n = match low.abs().max(high.abs()) {
        s if s >= 100.0 => 0,
        s if s >= 10.0 => 1,
        s if s >= 1.0 => 2,
        _ => 3,
    };
    interval_of((low, high), |v| decimals(v, n))
}

/// From one share to another with equal decimals: "11.3 to 14.8 %".
pub fn percent_interval((low, high): (f64, f64)) -> String {
    let n = percent_digits(low.abs().max(high.abs()));
    interval_of((low, high), |v| format!("{} %", decimals(v * 100.0, n)))
}

/// From one value to another, each written by `show`; a unit that follows both is said once: "30.88 to 99.76 EUR".
pub fn interval_of((low, high): (f64, f64), show: impl Fn(f64) -> String) -> String {
    let (low, high) = (show(low), show(high));
    let start = match (low.rsplit_once(' '), high.rsplit_once(' ')) {
        (Some((start, a)), Some((_, b))) if a == b => start,
        _ => &low,
    };
    format!("{start} to {high}")
}

// ---------------------------------------------------------------------------------------------------- texts

/// "a", "a and b", "a, b and c".
pub fn list<S: AsRef<str>>(items: &[S]) -> String {
    match items {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [most @ .., last] => {
            let most: Vec<&str> = most.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", most.join(", "), last.as_ref())
        }
    }
}

/// [`list`], where more than six names end in "and 4 more".
pub fn list_some<S: AsRef<str>>(items: &[S]) -> String {
    if items.len() <= NAMES_IN_A_LIST {
        return list(items);
    }
    let (named, rest) = items.split_at(NAMES_IN_A_LIST - 1);
    let named: Vec<&str> = named.iter().map(AsRef::as_ref).collect();
    format!("{} and {} more", named.join(", "), rest.len())
}

/// A text of at most so many characters, its end replaced by "…" where it is longer.
pub fn shorten(text: &str, n_chars: usize) -> String {
    if text.chars().count() <= n_chars {
        return text.to_owned();
    }
    text.chars().take(n_chars.saturating_sub(1)).chain(['…']).collect()
}

/// A text from the data as a message quotes it: on one line and not too long.
pub fn quoted(text: &str) -> String {
    quoted_to(text, MESSAGE_CHARS)
}

/// The same with so many characters at most.
pub fn quoted_to(text: &str, n_chars: usize) -> String {
    let flat = |c: char| if c.is_control() { ' ' } else { c };
    // One character more than is shown tells that something was cut; the rest need not be looked at.
    shorten(&text.chars().take(n_chars + 1).map(flat).collect::<String>(), n_chars)
}

/// The name of a group of `n` rows in a sentence that is being written; [`Shared::of`] ends the writing. Whoever names a group
/// names it so: only then can the sentence be shared without it where the group is small.
pub fn group(name: &str, n: u64) -> String {
    group_unless(is_small(n), name)
}

/// The same for one of the groups of a whole, by what [`withheld`](crate::engine::disclosure::withheld) says of it.
pub fn group_unless(is_withheld: bool, name: &str) -> String {
    if is_withheld { instead(name, MASKED) } else { name.to_owned() }
}

/// A part of such a sentence, and what stands for it where small groups are left out.
pub fn instead(shown: &str, shared: &str) -> String {
    let [begin, middle, end] = MARKS;
    let [shown, shared] = [shown, shared].map(|text| text.replace(MARKS, ""));
    format!("{begin}{shown}{middle}{shared}{end}")
}

/// A sentence and its notes with the names of small groups masked.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Shared {
    /// The sentence.
    pub sentence: String,
    /// The notes.
    pub notes: Vec<String>,
}

impl Shared {
    /// Of texts in which groups were named by [`group`], which then read as people see them; `None` where no group is small.
    pub fn of(sentence: &mut String, notes: &mut [String]) -> Option<Self> {
        let names_few = |text: &String| text.contains(MARKS);
        if !names_few(sentence) && !notes.iter().any(names_few) {
            return None;
        }
        Some(Self { sentence: unmarked(sentence), notes: notes.iter_mut().map(unmarked).collect() })
    }
}

/// Takes the marks out of a text; gives the text without the names between them.
fn unmarked(text: &mut String) -> String {
    let [begin, middle, end] = MARKS;
    let (mut shown, mut shared) = (String::new(), String::new());
    for (i, piece) in text.split(begin).enumerate() {
        let (marked, rest) = if i == 0 { ("", piece) } else { piece.split_once(end).unwrap_or((piece, "")) };
        let (one, other) = marked.split_once(middle).unwrap_or((marked, ""));
        shown += one;
        shared += other;
        shown += rest;
        shared += rest;
    }
    *text = shown;
    shared
}

/// A title inside a sentence: "Random forest" as "random forest"; names with capitals ("AdaBoost.R2", "RMSE") stay.
pub fn in_sentence(title: &str) -> String {
    let mut letters = title.chars();
    match letters.next() {
        // A person's name.
        Some(_) if title.starts_with("Poisson") => title.to_owned(),
        Some(first) if !letters.as_str().is_empty() && !letters.as_str().contains(char::is_uppercase) => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => title.to_owned(),
    }
}

/// With a capital at its start.
pub fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The name of a column at the start of a sentence: as it is, in quotes where it would begin in lower case.
pub fn opening(name: &str) -> String {
    if name.starts_with(char::is_lowercase) { format!("“{name}”") } else { name.to_owned() }
}

/// Whether numbers are calendar years: whole, and named so or all between 1800 and 2200.
pub fn are_years(name: &str, is_whole: bool, low: f64, high: f64) -> bool {
    let is_named =
        || name.to_lowercase().split(|c: char| !c.is_alphabetic()).any(|w| matches!(w, "year" | "yr"));
    is_whole && ((1800.0 <= low && high <= 2200.0) || (1000.0 <= low && high <= 9999.0 && is_named()))
}

/// A text for display in which no line ends within a figure: numbers with their unit, intervals, "p = 0.87", "F(3, 932)",
/// "1,143 × 11". Texts for machines and for the clipboard keep plain spaces.
pub fn unbroken(text: &str) -> String {
    let glyphs: Vec<char> = text.chars().collect();
    let at = |i: usize| glyphs.get(i).copied().unwrap_or(' ');
    let starts_number =
        |i: usize| at(i).is_ascii_digit() || "−-+$€£".contains(at(i)) && at(i + 1).is_ascii_digit();
    let ends_number = |i: usize| at(i).is_ascii_digit() || at(i) == '%';
    let word = |i: usize| glyphs.iter().skip(i).take_while(|c| c.is_alphabetic()).collect::<String>();
    let is_sign = |i: usize| "=<>≤≥×±".contains(at(i));
    // Whether a comma here parts two numbers of one bracket: (3, 932), [30, 57].
    let is_inside = |comma: usize| {
        let inner = |c: &&char| !"()[]".contains(**c);
        let nearest = glyphs.iter().take(comma).rev().find(|c| !inner(c));
        let before = nearest.is_some_and(|c| "([".contains(*c));
        let opened = glyphs.iter().take(comma).rev().take_while(|c| inner(c));
        let closed = glyphs.iter().skip(comma).take_while(|c| inner(c));
        before && opened.chain(closed).all(|c| c.is_ascii_digit() || " ,.−".contains(*c))
    };
    let holds = |i: usize| {
        let (before, after) = (i.wrapping_sub(1), i + 1);
        let unit = word(after);
        at(after) == '%'
            || ends_number(before)
                && (unit == "df" || unit.len() == 3 && unit.bytes().all(|b| b.is_ascii_uppercase()))
            || is_sign(after) && at(after + 1) == ' ' && starts_number(after + 2)
            || is_sign(before) && starts_number(after)
            || ends_number(before) && unit == "to" && starts_number(after + 3)
            || i > 3
                && at(i - 1) == 'o'
                && at(i - 2) == 't'
                && at(i - 3) == ' '
                && ends_number(i - 4)
                && starts_number(after)
            || at(before) == ',' && starts_number(after) && is_inside(before)
    };
    (0..glyphs.len()).map(|i| if at(i) == ' ' && holds(i) { '\u{a0}' } else { at(i) }).collect()
}

/// "fill_missing" as "Fill missing".
pub fn spell_out(slug: &str) -> String {
    capitalised(&slug.replace(['_', '.'], " "))
}

/// Digits with a separator every three.
fn grouped(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Small Latin letters without their accents.
pub fn without_accents(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let plain = match c {
            'à'..='å' | 'ā' | 'ă' | 'ą' => "a",
            'æ' => "ae",
            'ç' | 'ć' | 'č' => "c",
            'ď' | 'đ' | 'ð' => "d",
            'è'..='ë' | 'ē' | 'ė' | 'ę' | 'ě' => "e",
            'ğ' => "g",
            'ì'..='ï' | 'ī' | 'į' | 'ı' => "i",
            'ł' | 'ľ' => "l",
            'ñ' | 'ń' | 'ň' => "n",
            'ò'..='ö' | 'ø' | 'ō' | 'ő' => "o",
            'œ' => "oe",
            'ř' => "r",
            'ś' | 'š' | 'ş' | 'ș' => "s",
            'ß' => "ss",
            'ť' | 'ţ' | 'ț' => "t",
            'þ' => "th",
            'ù'..='ü' | 'ū' | 'ů' | 'ű' => "u",
            'ý' | 'ÿ' => "y",
            'ź' | 'ż' | 'ž' => "z",
            // Combining accents, of letters written in two parts.
            '\u{300}'..='\u{36f}' => "",
            other => {
                out.push(other);
                continue;
            }
        };
        out.push_str(plain);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(cases: &[(String, &str)]) {
        for (text, expected) in cases {
            assert_eq!(text, expected);
        }
    }

    #[test]
    fn counts_have_separators_and_their_noun() {
        check(&[
            (count(0), "0"),
            (count(999), "999"),
            (count(1143), "1,143"),
            (count(213_434_828), "213,434,828"),
            (counted(1, "cell", "cells"), "1 cell"),
            (rows_of(0), "0 rows"),
            (rows_of(1143), "1,143 rows"),
            (size(1143, 11), "1,143 × 11"),
        ]);
    }

    #[test]
    fn numbers_carry_the_digits_they_deserve() {
        check(&[
            (decimals(1_234_567.0, 0), "1,234,567"),
            (decimals(-3046.0, 0), "−3,046"),
            (decimals(1234.5, 2), "1,234.50"),
            (decimals(-0.001, 2), "0.00"),
            (decimals(-0.2, 0), "0"),
            (decimals(f64::NAN, 2), NOTHING),
            (number(0.0), "0"),
            (number(1143.0), "1,143"),
            (number(58_705.23), "58,705"),
            (number(999.97), "1,000"),
            (number(123.46), "123.5"),
            (number(63.834), "63.83"),
            (number(0.5123), "0.512"),
            (number(0.012_345), "0.0123"),
            (number(0.000_178_6), "0.000179"),
            (number(2e-11), "2.0e−11"),
            (number(-0.000_04), "−4.0e−5"),
            (number(f64::INFINITY), NOTHING),
            (optional(None), NOTHING),
            (brief(-1.5), "−1.5"),
            (brief(100.0), "100"),
            (brief(666_666_000.0), "666,666,000"),
            (brief(0.25), "0.25"),
            (brief(0.062_51), "0.0625"),
            (brief(0.000_136), "0.000136"),
            (brief(2e-11), "2.0e−11"),
            (brief(f64::NAN), NOTHING),
            (year(1957.0), "1957"),
            (rough(0.0), "0"),
            (rough(1234.56), "1,235"),
            (rough(-12.34), "−12.3"),
            (rough(1.2345), "1.23"),
            (rough(0.012_34), "0.012"),
            (rough(0.000_123), "0.000123"),
            (signed(0.0244), "+0.0244"),
            (signed(-310.2), "−310.2"),
            (signed(0.0), "0"),
        ]);
        assert_eq!(column_digits([1.83, 0.981].into_iter()), 2);
        assert_eq!(column_digits([-1234.5, 0.2].into_iter()), 0);
        assert_eq!(column_digits([f64::NAN].into_iter()), 0);
    }

    #[test]
    fn shares_and_money_have_units() {
        check(&[
            (percent(0.149), "14.9 %"),
            (percent(0.0283), "2.8 %"),
            (percent(0.000_178_8), "0.018 %"),
            (percent(0.0), "0 %"),
            (percent(1.0), "100 %"),
            (percent(-0.052), "−5.2 %"),
            (percent(f64::NAN), NOTHING),
            (share(24, 2240), "1.1 %"),
            (share(1, 100_000), "under 0.1 %"),
            (share(99_999, 100_000), "over 99.9 %"),
            (share(0, 0), "0 %"),
            (money(30.875, None), "30.88"),
            (money(11.0, None), "11"),
            (money(58_705.2, Some("EUR")), "58,705 EUR"),
            (money(1216.4, Some("€")), "€1,216"),
            (money(-5.25, Some("$")), "−$5.25"),
            (money(-3046.0, Some("USD")), "−3,046 USD"),
            (money(f64::NAN, None), NOTHING),
        ]);
    }

    #[test]
    fn numbers_of_one_column_share_their_decimals() {
        assert_eq!(digits_of(&[1.0, 1143.0, f64::NAN]), 0);
        assert_eq!(digits_of(&[0.0, 0.4442, 52_247.25]), 2);
        assert_eq!(digits_of(&[0.012, 0.5]), 4);
        assert_eq!(money_digits_of(&[6.24, 1_216.4]), 2);
        assert_eq!(money_digits_of(&[149.71, 55_662.15]), 0);
        assert_eq!(percent_digits_of(&[0.0, 0.000_17, 0.0283]), 3);
        check(&[
            (with_digits(0.0094, 2), "0.01"),
            (with_digits(0.000_178_6, 2), "0.000179"),
            (with_digits(5.0, 2), "5.00"),
            (percent_to(0.5, 1), "50.0 %"),
            (money_to(11.0, Some("$"), 2), "$11.00"),
        ]);
    }

    #[test]
    fn years_are_told_from_other_whole_numbers() {
        assert!(are_years("Year_Birth", true, 1893.0, 1996.0));
        assert!(are_years("season", true, 1999.0, 2024.0));
        assert!(!are_years("Year_Birth", false, 1893.0, 1996.0));
        assert!(!are_years("yearly_income", true, 1730.0, 9000.0));
        assert!(!are_years("income per year", true, 1730.0, 666_666.0));
    }

    #[test]
    fn what_belongs_together_stays_on_one_line() {
        let shown = |text: &str| unbroken(text).replace('\u{a0}', "_");
        check(&[
            (shown("14.9 % of 2,240 people"), "14.9_% of 2,240 people"),
            (
                shown("interval 13.5 to 16.4 %, chi² = 1.23, 4 df, p = 0.87"),
                "interval 13.5_to_16.4_%, chi²_=_1.23, 4_df, p_=_0.87",
            ),
            (shown("F(3, 932) = 18.1, p < 0.001"), "F(3,_932)_=_18.1, p_<_0.001"),
            (shown("[30, 57] and 3, 4"), "[30,_57] and 3, 4"),
            (shown("37 (30-34), 64 (35-39)"), "37 (30-34), 64 (35-39)"),
            (shown("30.88 EUR to 99.76 EUR"), "30.88_EUR to 99.76_EUR"),
            (shown("groups 1, 2 and 3 go to 4"), "groups 1, 2 and 3 go to 4"),
            (shown(""), ""),
        ]);
    }

    #[test]
    fn p_is_never_nought() {
        check(&[
            (p_value(0.0), "p < 0.001"),
            (p_value(0.0042), "p = 0.004"),
            (p_value(0.0456), "p = 0.046"),
            (p_value(0.8726), "p = 0.87"),
            (p_value(0.9996), "p = 1.00"),
            (p_value(f64::NAN), "p unknown"),
            (p_cell(1e-9), "< 0.001"),
            (p_cell(0.5), "0.50"),
            (p_cell(f64::NAN), NOTHING),
            (statistic(18.117), "18.1"),
            (statistic(1.2334), "1.23"),
            (statistic(-2345.6), "−2,346"),
            (degrees(&[3.0, 932.0]), "3, 932"),
            (degrees(&[17.42]), "17.4"),
        ]);
    }

    #[test]
    fn intervals_say_their_unit_once() {
        let money = |v| super::money(v, Some("EUR"));
        let dollars = |v| super::money(v, Some("$"));
        check(&[
            (interval((977.2, 1451.4)), "977 to 1,451"),
            (interval((-1.25, 0.5)), "−1.25 to 0.50"),
            (percent_interval((0.113, 0.148)), "11.3 to 14.8 %"),
            (percent_interval((0.0, 0.0132)), "0.0 to 1.3 %"),
            (interval_of((30.88, 99.76), money), "30.88 to 99.76 EUR"),
            (interval_of((977.0, 1451.0), dollars), "$977 to $1,451"),
        ]);
    }

    #[test]
    fn probabilities_are_never_nothing_and_never_certain() {
        check(&[
            (probability(0.00819), "0.82 %"),
            (probability(0.0814), "8.1 %"),
            (probability(0.373), "37.3 %"),
            (probability(0.999_7), "over 99.9 %"),
            (probability(0.999), "99.9 %"),
            (probability(1e-9), "under 0.0001 %"),
            (probability(1e-6), "0.0001 %"),
            (probability(0.0), "0 %"),
            (probability(1.0), "100 %"),
            (probability(f64::NAN), NOTHING),
            (points(0.2916), "+29.2 points"),
            (points(-0.0082), "−0.82 points"),
            (points(0.0), "0.0 points"),
            (points(1e-9), "0.0000 points"),
            (points(f64::NAN), NOTHING),
        ]);
    }

    #[test]
    fn a_column_of_a_table_has_equal_decimals() {
        let check = |values: &[Option<f64>], expected: &[&str]| assert_eq!(alike(values), expected);
        check(&[Some(58_705.23), Some(123.46), Some(30.0), None], &["58,705.2", "123.5", "30.0", NOTHING]);
        check(&[Some(11.0), Some(1143.0)], &["11", "1,143"]);
        check(&[Some(0.5), Some(63.834), Some(0.000_01)], &["0.500", "63.834", "1.0e−5"]);
        check(&[Some(0.0), Some(2e-11)], &["0", "2.0e−11"]);
        check(&[], &[]);
    }

    #[test]
    fn no_line_ends_within_a_figure() {
        for (text, expected) in [
            ("14.9 % of all", "14.9_% of all"),
            ("11.3 to 14.8 % (p = 0.87, n = 24)", "11.3_to_14.8_% (p_=_0.87, n_=_24)"),
            ("$977 to $1,451", "$977_to_$1,451"),
            ("p < 0.001; 0.47 ± 0.05", "p_<_0.001; 0.47_±_0.05"),
            ("F(3, 932) = 18.1, 20 (5, 6)", "F(3,_932)_=_18.1, 20 (5,_6)"),
            ("1,143 × 11 was read", "1,143_×_11 was read"),
            ("CPA = Spend / Purchases, go to 3 shops", "CPA = Spend / Purchases, go to 3 shops"),
            ("", ""),
        ] {
            assert_eq!(unbroken(text), expected.replace('_', "\u{a0}"));
        }
    }

    #[test]
    fn texts_are_joined_cut_and_capitalised() {
        let names: Vec<String> = (1..=8).map(|i| format!("c{i}")).collect();
        check(&[
            (list::<&str>(&[]), ""),
            (list(&["a"]), "a"),
            (list(&["a", "b", "c"]), "a, b and c"),
            (list_some(&names[..6]), "c1, c2, c3, c4, c5 and c6"),
            (list_some(&names), "c1, c2, c3, c4, c5 and 3 more"),
            (shorten("Sometimes", 9), "Sometimes"),
            (shorten("Sometimes", 5), "Some…"),
            (quoted("a\nb"), "a b"),
            (capitalised("élan"), "Élan"),
            (spell_out("fill_missing"), "Fill missing"),
            (opening("interest"), "“interest”"),
            (opening("Age group"), "Age group"),
        ]);
        assert_eq!(quoted(&"x".repeat(200)).chars().count(), 60);
    }

    #[test]
    fn small_groups_are_named_here_and_not_in_what_is_shared() {
        let told = |sentence: &str, notes: &[String]| {
            let (mut sentence, mut notes) = (sentence.to_owned(), notes.to_vec());
            let shared = Shared::of(&mut sentence, &mut notes);
            (sentence, notes, shared)
        };
        let sentence =
            format!("{} above {} and {}", group("Ultra", 9), group("Basic", 10), group("Neo (1 row)", 1));
        let notes = [format!("Without {}.", group("Ultra", 9)), "All rows.".to_owned()];
        let (shown, shown_notes, shared) = told(&sentence, &notes);
        assert_eq!(shown, "Ultra above Basic and Neo (1 row)");
        assert_eq!(shown_notes, ["Without Ultra.", "All rows."]);
        let shared = shared.unwrap();
        assert_eq!(shared.sentence, "(masked) above Basic and (masked)");
        assert_eq!(shared.notes, ["Without (masked).", "All rows."]);
        assert_eq!(told(&group("Basic", 10), &["Nobody".to_owned(), group("None", 0)]).2, None);
        // Marks in a name end nothing early.
        assert_eq!(told(&group("a\u{fdd1}b\u{fdd0}c", 2), &[]).2.unwrap().sentence, MASKED);
    }
}
