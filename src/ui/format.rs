//! Figures as people read them: thousands separators, sensible digits, units. What is undefined is a dash.

/// Shown where a value is undefined.
pub const NONE: &str = "–";

/// "1,143", "-12,345.7": fixed decimals with thousands separators.
pub fn number(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return NONE.to_owned();
    }
    let text = format!("{:.*}", decimals, value.abs());
    let (whole, fraction) = text.split_once('.').map_or((text.as_str(), ""), |(w, f)| (w, f));
    let mut out = String::new();
    let is_zero = text.chars().all(|c| c == '0' || c == '.');
    if value < 0.0 && !is_zero {
        out.push('-');
    }
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

/// "2,240"
pub fn count(value: u64) -> String {
    number(value as f64, 0)
}

/// About four meaningful digits: "1,143", "58,705", "10.92", "0.0283".
pub fn plain(value: f64) -> String {
    if !value.is_finite() {
        return NONE.to_owned();
    }
    let size = value.abs();
    let decimals = if size == 0.0 || (size >= 1.0 && value.fract() == 0.0) || size >= 1_000.0 {
        0
    } else if size >= 100.0 {
        1
    } else if size >= 1.0 {
        2
    } else if size >= 0.1 {
        3
    } else if size >= 0.001 {
        4
    } else {
        return format!("{value:.1e}");
    };
    number(value, decimals)
}

/// [`plain`] or a dash.
pub fn maybe(value: Option<f64>) -> String {
    value.map_or_else(|| NONE.to_owned(), plain)
}

/// "12.4 %" of a fraction.
pub fn percent(fraction: f64) -> String {
    if !fraction.is_finite() {
        return NONE.to_owned();
    }
    let value = fraction * 100.0;
    let size = value.abs();
    let decimals = if size == 0.0 || size >= 99.95 {
        0
    } else if size >= 1.0 {
        1
    } else if size >= 0.1 {
        2
    } else {
        3
    };
    format!("{} %", number(value, decimals))
}

/// "1,216.00 EUR", "$1,216.00", "1,216.00".
pub fn money(value: f64, currency: Option<&str>) -> String {
    let digits = if value.abs() >= 1_000.0 { 0 } else { 2 };
    let text = number(value, digits);
    match currency {
        Some(sign) if sign.chars().count() == 1 => match text.strip_prefix('-') {
            Some(rest) => format!("-{sign}{rest}"),
            None => format!("{sign}{text}"),
        },
        Some(code) => format!("{text} {code}"),
        None => text,
    }
}

/// "p = 0.87", "p < 0.001".
pub fn p_value(p: f64) -> String {
    if !p.is_finite() {
        "p is undefined".to_owned()
    } else if p < 0.001 {
        "p < 0.001".to_owned()
    } else if p < 0.1 {
        format!("p = {}", number(p, 3))
    } else {
        format!("p = {}", number(p, 2))
    }
}

/// "1.2 to 3.4"
pub fn interval((low, high): (f64, f64)) -> String {
    format!("{} to {}", plain(low), plain(high))
}

/// "1.4 MB"
pub fn bytes(n: u64) -> String {
    let size = n as f64;
    if size < 1_000.0 {
        format!("{n} bytes")
    } else if size < 1_000_000.0 {
        format!("{} KB", number(size / 1_000.0, 0))
    } else {
        format!("{} MB", number(size / 1_000_000.0, 1))
    }
}

/// "0.4 s", "1 min 12 s"
pub fn duration(millis: f64) -> String {
    let seconds = millis / 1_000.0;
    if seconds < 1.0 {
        format!("{} ms", number(millis, 0))
    } else if seconds < 60.0 {
        format!("{} s", number(seconds, 1))
    } else {
        format!("{} min {} s", number((seconds / 60.0).floor(), 0), number(seconds % 60.0, 0))
    }
}

/// "1 row", "1,143 rows"
pub fn counted(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}
