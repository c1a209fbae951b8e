//! Numbers as a reader wants them: thousands separators, sensible digits, p never 0.000.
//!
//! Everything is plain formatting of given figures; nothing is computed here.

use crate::engine::statistics::claim::{Claim, Record, TestRecord};

/// What stands for a value that is undefined or missing.
pub const NOTHING: &str = "–";

/// "1,143"
pub fn count(n: u64) -> String {
    group(&n.to_string())
}

/// Digits with a separator every three.
fn group(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// With a fixed number of decimals and thousands separators; [`NOTHING`] when it is not finite.
pub fn decimals(value: f64, n: usize) -> String {
    if !value.is_finite() {
        return NOTHING.to_owned();
    }
    let text = format!("{:.*}", n, value.abs());
    let (whole, rest) = text.split_once('.').map_or((text.as_str(), None), |(a, b)| (a, Some(b)));
    let is_zero = text.bytes().all(|b| b == b'0' || b == b'.');
    let sign = if value < 0.0 && !is_zero { "-" } else { "" };
    match rest {
        Some(rest) => format!("{sign}{}.{rest}", group(whole)),
        None => format!("{sign}{}", group(whole)),
    }
}

/// As many digits as a size deserves: 58,705, 123.4, 63.83, 0.0123, 2.1e-11.
pub fn number(value: f64) -> String {
    let size = value.abs();
    if !value.is_finite() {
        NOTHING.to_owned()
    } else if value == 0.0 {
        "0".to_owned()
    } else if size >= 1000.0 || (value.fract() == 0.0 && size < 1e15) {
        decimals(value, 0)
    } else if size >= 100.0 {
        decimals(value, 1)
    } else if size >= 1.0 {
        decimals(value, 2)
    } else if size >= 0.1 {
        decimals(value, 3)
    } else if size >= 0.001 {
        decimals(value, 4)
    } else {
        format!("{value:.1e}")
    }
}

/// A number that may be undefined.
pub fn maybe(value: Option<f64>) -> String {
    value.map_or_else(|| NOTHING.to_owned(), number)
}

/// A fraction as "12.4 %".
pub fn percent(fraction: f64) -> String {
    if !fraction.is_finite() {
        return NOTHING.to_owned();
    }
    let value = fraction * 100.0;
    let n = if value == 0.0 || value.abs() >= 10.0 {
        1
    } else if value.abs() >= 0.1 {
        2
    } else {
        3
    };
    format!("{} %", decimals(value, n))
}

/// Money in a currency: "1,216 EUR", "$1,216", or without a sign where the file names none.
pub fn money(value: f64, currency: Option<&str>) -> String {
    let n = if value.abs() >= 1000.0 || value.fract() == 0.0 { 0 } else { 2 };
    let text = decimals(value, n);
    match currency {
        Some(sign) if sign.chars().count() == 1 => match text.strip_prefix('-') {
            Some(rest) => format!("-{sign}{rest}"),
            None => format!("{sign}{text}"),
        },
        Some(code) if !code.is_empty() => format!("{text} {code}"),
        _ => text,
    }
}

/// A value in the unit a record or a table gives: fractions with the unit "%" are shown times 100.
pub fn with_unit(value: f64, unit: &str) -> String {
    match unit {
        "%" => percent(value),
        "" => number(value),
        sign if sign.chars().count() == 1 => money(value, Some(sign)),
        unit => format!("{} {unit}", number(value)),
    }
}

/// "[977, 1,451]"
pub fn interval((low, high): (f64, f64), show: impl Fn(f64) -> String) -> String {
    format!("[{}, {}]", show(low), show(high))
}

/// "p < 0.001", "p = 0.034", "p = 0.87"
pub fn p_value(p: f64) -> String {
    if !p.is_finite() {
        "p undefined".to_owned()
    } else if p < 0.001 {
        "p < 0.001".to_owned()
    } else if p < 0.1 {
        format!("p = {p:.3}")
    } else {
        format!("p = {p:.2}")
    }
}

/// p of a table cell: "< 0.001", "0.034".
pub fn p_cell(p: Option<f64>) -> String {
    p.map_or_else(
        || NOTHING.to_owned(),
        |p| {
            let text = p_value(p);
            text.strip_prefix("p = ").or_else(|| text.strip_prefix("p ")).unwrap_or(&text).to_owned()
        },
    )
}

/// "F(3, 932) = 18.07, p < 0.001"
pub fn test(test: &TestRecord) -> String {
    let dof: Vec<String> = test.dof.iter().map(|d| number(*d)).collect();
    let dof = if dof.is_empty() { String::new() } else { format!("({})", dof.join(", ")) };
    format!("{}{dof} = {}, {}", test.symbol, number(test.statistic), p_value(test.p))
}

/// The test with its name, where the symbol does not say it already.
pub fn named_test(t: &TestRecord) -> String {
    if t.name == t.symbol { test(t) } else { format!("{}: {}", t.name, test(t)) }
}

/// Everything a record says, as (name, value), in the order a reader asks.
pub fn record(record: &Record) -> Vec<(String, String)> {
    let mut facts: Vec<(String, String)> = Vec::new();
    let mut say = |name: &str, value: String| {
        if !value.is_empty() {
            facts.push((name.to_owned(), value));
        }
    };
    say("What is estimated", record.estimand.clone());
    if let Some(estimate) = record.estimate {
        say("Estimate", with_unit(estimate, &record.unit));
    }
    if let Some(range) = record.interval {
        let level = record.level.map_or_else(String::new, |l| format!(" ({} %)", number(l * 100.0)));
        let method = record.interval_method.as_ref().map_or_else(String::new, |m| format!(", {m}"));
        let shown = interval(range, |v| with_unit(v, &record.unit));
        say("Interval", format!("{shown}{level}{method}"));
    }
    say("n", count(record.n));
    if let Some(t) = &record.test {
        say("Test", named_test(t));
        say("Why this test", t.why.clone());
        if let Some(d) = t.dispersion {
            say("Dispersion", format!("{} (1 when counts vary as chance alone would make them)", number(d)));
        }
        if let Some((name, value)) = &t.effect {
            say("Effect size", format!("{name} = {}", number(*value)));
        }
        let of = t.n_tests.map_or_else(String::new, |n| format!(" over {} tests", count(n)));
        if let Some(p) = t.p_holm {
            say("Adjusted p (Holm)", format!("{}{of}", p_cell(Some(p))));
        }
        if let Some(p) = t.p_bh {
            say("Adjusted p (Benjamini-Hochberg)", format!("{}{of}", p_cell(Some(p))));
        }
    }
    say("Rows used", record.rows.clone());
    for note in &record.notes {
        say("Note", note.clone());
    }
    facts
}

/// "● Supported" with its word, never the sign alone.
pub fn grade(claim: &Claim) -> String {
    format!("{} {}", claim.grade.sign(), claim.grade.label())
}

/// "fill_missing" as "Fill missing".
pub fn spell_out(slug: &str) -> String {
    let text = slug.replace(['_', '.'], " ");
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + chars.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_carry_the_digits_they_deserve() {
        for (value, expected) in [
            (0.0, "0"),
            (1143.0, "1,143"),
            (58705.23, "58,705"),
            (-3046.0, "-3,046"),
            (123.45, "123.5"),
            (63.834, "63.83"),
            (0.5123, "0.512"),
            (0.0123, "0.0123"),
            (2e-11, "2.0e-11"),
            (-0.0004, "-4.0e-4"),
            (f64::NAN, NOTHING),
            (f64::INFINITY, NOTHING),
        ] {
            assert_eq!(number(value), expected);
        }
        assert_eq!(decimals(-0.001, 2), "0.00");
        assert_eq!(count(213_434_828), "213,434,828");
        assert_eq!(count(0), "0");
    }

    #[test]
    fn a_p_value_is_never_nought() {
        assert_eq!(p_value(0.0), "p < 0.001");
        assert_eq!(p_value(0.0342), "p = 0.034");
        assert_eq!(p_value(0.8731), "p = 0.87");
        assert_eq!(p_cell(Some(1e-9)), "< 0.001");
        assert_eq!(p_cell(Some(0.5)), "0.50");
        assert_eq!(p_cell(None), NOTHING);
    }

    #[test]
    fn money_and_shares_have_units() {
        assert_eq!(money(1216.4, Some("EUR")), "1,216 EUR");
        assert_eq!(money(-3046.0, Some("$")), "-$3,046");
        assert_eq!(money(30.882, None), "30.88");
        assert_eq!(percent(0.149), "14.9 %");
        assert_eq!(percent(0.0283), "2.83 %");
        assert_eq!(percent(f64::NAN), NOTHING);
    }
}
