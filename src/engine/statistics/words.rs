//! Numbers as people read them: separators, sensible digits, p never 0.000.

/// A number with the given decimals and thousands separators.
pub fn number(value: f64, decimals: usize) -> String {
    let text = format!("{:.decimals$}", value.abs());
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut out = String::new();
    if value < 0.0 && text.bytes().any(|b| (b'1'..=b'9').contains(&b)) {
        out.push('−');
    }
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out + rest
}

/// A whole number with thousands separators.
pub fn count(value: u64) -> String {
    number(value as f64, 0)
}

/// A share as percent: two digits below 10 %, one decimal above, more where it is tiny.
pub fn percent(share: f64) -> String {
    let p = share * 100.0;
    let decimals = match p.abs() {
        a if a >= 1.0 || a == 0.0 => 1,
        a if a >= 0.1 => 2,
        a if a >= 0.01 => 3,
        _ => 4,
    };
    format!("{} %", number(p, decimals))
}

/// Money with its currency where the file says one: cents below 1,000, whole from there.
pub fn money(value: f64, currency: Option<&str>) -> String {
    let decimals = if value.abs() < 1000.0 { 2 } else { 0 };
    match currency {
        Some(sign) if sign.chars().all(|c| !c.is_alphabetic()) => {
            let text = number(value.abs(), decimals);
            format!("{}{sign}{text}", if value < 0.0 { "−" } else { "" })
        }
        Some(code) => format!("{} {code}", number(value, decimals)),
        None => number(value, decimals),
    }
}

/// "p = 0.87", "p = 0.003", "p < 0.001".
pub fn p_value(p: f64) -> String {
    if p < 0.001 {
        "p < 0.001".to_owned()
    } else if p < 0.0995 {
        format!("p = {p:.3}")
    } else {
        format!("p = {p:.2}")
    }
}

/// A statistic: two decimals below 10, one below 1,000, whole from there.
pub fn statistic(value: f64) -> String {
    number(value, if value.abs() < 9.995 { 2 } else { usize::from(value.abs() < 1000.0) })
}

/// Any number with about four significant digits.
pub fn plain(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 1e15 {
        return number(value, 0);
    }
    let decimals = match value.abs() {
        a if a >= 1000.0 => 0,
        a if a >= 100.0 => 1,
        a if a >= 1.0 => 2,
        a if a >= 0.1 => 3,
        a if a >= 0.01 => 4,
        a if a >= 0.001 => 5,
        _ => return format!("{value:.2e}"),
    };
    number(value, decimals)
}

/// "a", "a and b", "a, b and c".
pub fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_people_write_them() {
        let cases = [
            (number(1_234_567.0, 0), "1,234,567"),
            (number(-3046.0, 0), "−3,046"),
            (number(-0.001, 2), "0.00"),
            (number(999.5, 1), "999.5"),
            (percent(0.149), "14.9 %"),
            (percent(0.000_178_8), "0.018 %"),
            (percent(0.0), "0.0 %"),
            (money(30.875, None), "30.88"),
            (money(58_705.2, Some("EUR")), "58,705 EUR"),
            (money(-5.0, Some("$")), "−$5.00"),
            (p_value(1e-9), "p < 0.001"),
            (p_value(0.0456), "p = 0.046"),
            (p_value(0.8726), "p = 0.87"),
            (p_value(0.9996), "p = 1.00"),
            (statistic(18.117), "18.1"),
            (statistic(1.2334), "1.23"),
            (plain(2240.0), "2,240"),
            (plain(0.012_345), "0.0123"),
            (list(&["a".into(), "b".into(), "c".into()]), "a, b and c"),
        ];
        for (text, expected) in cases {
            assert_eq!(text, expected);
        }
    }
}
