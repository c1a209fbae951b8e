//! Figures as people read them: thousands separators, percent, sensible digits.

/// Whole number with thousands separators: "2,240", "−3,046".
pub fn whole(value: f64) -> String {
    let digits = format!("{:.0}", value.abs());
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    if value < 0.0 && digits != "0" { format!("−{out}") } else { out }
}

/// A quantity with as many decimals as its size deserves: "605,798", "20.2", "0.45".
pub fn quantity(value: f64) -> String {
    let size = value.abs();
    if size >= 100.0 || value == value.trunc() && size >= 10.0 {
        return whole(value);
    }
    let text = if size >= 10.0 { format!("{size:.1}") } else { format!("{size:.2}") };
    if value < 0.0 && text.chars().any(|c| ('1'..='9').contains(&c)) { format!("−{text}") } else { text }
}

/// A fraction as percent: "14.9 %".
pub fn percent(fraction: f64) -> String {
    format!("{:.1} %", fraction * 100.0)
}

/// A p value: "p = 0.87", "p < 0.001".
pub fn p_value(p: f64) -> String {
    if p < 0.001 {
        "p < 0.001".into()
    } else if p < 0.01 {
        format!("p = {p:.3}")
    } else {
        format!("p = {p:.2}")
    }
}

/// "a, b and c".
pub fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_well() {
        assert_eq!(whole(-3046.0), "−3,046");
        assert_eq!(whole(1_234_567.2), "1,234,567");
        assert_eq!(whole(-0.2), "0");
        assert_eq!(quantity(605_798.2), "605,798");
        assert_eq!(quantity(20.18), "20.2");
        assert_eq!(quantity(-0.45), "−0.45");
        assert_eq!(quantity(-0.001), "0.00");
        assert_eq!(percent(0.1491), "14.9 %");
        assert_eq!(p_value(0.0), "p < 0.001");
        assert_eq!(list(&["a".into(), "b".into(), "c".into()]), "a, b and c");
    }
}
