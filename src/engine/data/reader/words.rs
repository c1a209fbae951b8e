//! Small words for messages: counts with their noun, numbers with thousands separators, shortened texts.

/// A whole number with thousands separators.
pub fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// "1 row", "1,143 rows".
pub fn counted(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", thousands(n), if n == 1 { one } else { many })
}

/// At most 60 characters of a text, on one line.
pub fn shortened(text: &str) -> String {
    let flat: String = text.chars().take(61).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if flat.chars().count() > 60 { flat.chars().take(59).chain(['…']).collect() } else { flat }
}

/// "a", "a and b", "a, b and c".
pub fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(1143), "1,143");
        assert_eq!(thousands(12_345_678), "12,345,678");
        assert_eq!(counted(1, "row", "rows"), "1 row");
    }

    #[test]
    fn long_texts_are_cut() {
        assert_eq!(shortened("a\nb"), "a b");
        assert_eq!(shortened(&"x".repeat(200)).chars().count(), 60);
        assert_eq!(listed(&["a".into(), "b".into(), "c".into()]), "a, b and c");
    }
}
