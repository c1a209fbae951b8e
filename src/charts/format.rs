//! Numbers as a person writes them: thousands, shares, money, p. Used by the charts and by the page.

/// A whole number with thousands separators: 1,143.
pub fn whole(value: f64) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let rounded = value.round();
    let digits = format!("{:.0}", rounded.abs());
    let grouped = group(&digits);
    if rounded < 0.0 { format!("-{grouped}") } else { grouped }
}

/// A count with thousands separators.
pub fn count(value: u64) -> String {
    group(&value.to_string())
}

/// A number with a fixed number of decimals and thousands separators.
pub fn decimals(value: f64, digits: usize) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let text = format!("{:.*}", digits, value.abs());
    let (head, tail) = text.split_once('.').map_or((text.as_str(), None), |(h, t)| (h, Some(t)));
    let is_zero = text.chars().all(|c| c == '0' || c == '.');
    let sign = if value < 0.0 && !is_zero { "-" } else { "" };
    match tail {
        Some(tail) => format!("{sign}{}.{tail}", group(head)),
        None => format!("{sign}{}", group(head)),
    }
}

/// A number of unknown size with about three telling digits: 58,705; 42.3; 0.0213.
pub fn number(value: f64) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let size = value.abs();
    if value == value.trunc() && size < 1e15 {
        return whole(value);
    }
    if size >= 1000.0 {
        return whole(value);
    }
    let digits = match size {
        s if s >= 100.0 => 1,
        s if s >= 10.0 => 2,
        s if s >= 1.0 => 2,
        s if s >= 0.1 => 3,
        s if s >= 0.01 => 4,
        s if s >= 0.001 => 5,
        s if s >= 0.000_1 => 6,
        s if s >= 0.000_01 => 7,
        _ => return format!("{value:.1e}"),
    };
    decimals(value, digits)
}

/// A missing number is a dash.
pub fn optional(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), number)
}

/// A fraction as a share: 0.124 is 12.4 %. Small shares get another digit.
pub fn percent(fraction: f64) -> String {
    if !fraction.is_finite() {
        return "–".to_owned();
    }
    format!("{} %", decimals(fraction * 100.0, percent_digits(fraction)))
}

/// Decimals a share deserves.
pub fn percent_digits(fraction: f64) -> usize {
    match fraction.abs() * 100.0 {
        s if s >= 0.95 || s == 0.0 => 1,
        s if s >= 0.095 => 2,
        _ => 3,
    }
}

/// Two shares: 11.3 to 14.8 %.
pub fn percent_interval((low, high): (f64, f64)) -> String {
    let digits = percent_digits(low.abs().max(high.abs()));
    format!("{} to {} %", decimals(low * 100.0, digits), decimals(high * 100.0, digits))
}

/// Two numbers: 977 to 1,451.
pub fn interval((low, high): (f64, f64)) -> String {
    let digits = match low.abs().max(high.abs()) {
        s if s >= 100.0 => 0,
        s if s >= 10.0 => 1,
        s if s >= 1.0 => 2,
        _ => 3,
    };
    format!("{} to {}", decimals(low, digits), decimals(high, digits))
}

/// Money in the file's currency, without a sign where the file says none. Cents below 100.
pub fn money(value: f64, currency: Option<&str>) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let amount = if value.abs() < 100.0 && value != value.trunc() {
        decimals(value.abs(), 2)
    } else {
        whole(value.abs())
    };
    let sign = if value < 0.0 && amount.chars().any(|c| c.is_ascii_digit() && c != '0') { "-" } else { "" };
    match currency {
        Some(c) if c.chars().count() == 1 => format!("{sign}{c}{amount}"),
        Some(c) if !c.is_empty() => format!("{sign}{amount} {c}"),
        _ => format!("{sign}{amount}"),
    }
}

/// A p value: p < 0.001, p = 0.004, p = 0.87.
pub fn p_value(p: f64) -> String {
    if p.is_nan() {
        return "p unknown".to_owned();
    }
    if p < 0.001 { "p < 0.001".to_owned() } else { format!("p = {}", p_digits(p)) }
}

/// A p value without its letter, for a table: < 0.001, 0.004, 0.87.
pub fn p_cell(p: f64) -> String {
    if p.is_nan() {
        return "–".to_owned();
    }
    if p < 0.001 { "< 0.001".to_owned() } else { p_digits(p) }
}

fn p_digits(p: f64) -> String {
    if p < 0.1 { format!("{p:.3}") } else { format!("{p:.2}") }
}

/// Degrees of freedom: whole when they are whole.
pub fn degrees(dof: &[f64]) -> String {
    dof.iter()
        .map(|&d| if (d - d.round()).abs() < 1e-9 { whole(d) } else { decimals(d, 1) })
        .collect::<Vec<_>>()
        .join(", ")
}

fn group(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(actual: String, expected: &str) {
        assert_eq!(actual, expected);
    }

    #[test]
    fn numbers_read_as_people_write_them() {
        check(whole(1143.0), "1,143");
        check(whole(-3046.0), "-3,046");
        check(whole(-0.2), "0");
        check(number(213_434_828.0), "213,434,828");
        check(number(58_705.23), "58,705");
        check(number(0.0213), "0.0213");
        check(number(f64::NAN), "–");
        check(decimals(1234.5, 2), "1,234.50");
    }

    #[test]
    fn shares_get_the_digits_they_deserve() {
        check(percent(0.124), "12.4 %");
        check(percent(0.0), "0.0 %");
        check(percent(0.00018), "0.018 %");
        check(percent_interval((0.113, 0.148)), "11.3 to 14.8 %");
    }

    #[test]
    fn money_names_its_currency() {
        check(money(1216.4, Some("€")), "€1,216");
        check(money(-30.883, Some("EUR")), "-30.88 EUR");
        check(money(11.0, None), "11");
    }

    #[test]
    fn p_is_never_zero() {
        check(p_value(1e-11), "p < 0.001");
        check(p_value(0.87), "p = 0.87");
        check(p_value(0.0042), "p = 0.004");
    }
}
