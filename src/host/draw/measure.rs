//! How wide a text is, without a font at hand: the widths of common sans-serif letters, with some room for wider fonts.

/// Widths are of Arial; fonts of other systems are up to so much wider.
const ROOM: f64 = 1.1;

/// Width in pixels of the longest line of a text.
pub(super) fn width(text: &str, size: f64, is_bold: bool) -> f64 {
    let longest = text.split('\n').map(|line| line.chars().map(letter).sum::<f64>()).fold(0.0, f64::max);
    longest * size * ROOM * if is_bold { 1.06 } else { 1.0 }
}

/// Width of a letter in parts of the font's size.
fn letter(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | '\'' | '|' => 0.24,
        ' ' | '!' | ',' | '.' | ':' | ';' | '/' | '\\' | '[' | ']' | 'f' | 't' | 'I' => 0.29,
        '(' | ')' | '-' | 'r' | '`' | '"' | '{' | '}' | '*' => 0.35,
        'c' | 'k' | 's' | 'v' | 'x' | 'y' | 'z' | 'J' => 0.51,
        '+' | '<' | '=' | '>' | '~' | '−' | '–' => 0.59,
        'F' | 'T' | 'Z' => 0.62,
        'A' | 'B' | 'E' | 'K' | 'P' | 'S' | 'V' | 'X' | 'Y' | '&' => 0.67,
        'C' | 'D' | 'H' | 'N' | 'R' | 'U' | 'w' => 0.73,
        'G' | 'O' | 'Q' => 0.78,
        'm' | 'M' => 0.84,
        '%' | 'W' | '@' | '…' => 0.96,
        c if c >= '\u{2e80}' => 1.0,
        c if c.is_uppercase() => 0.72,
        _ => 0.56,
    }
}

/// A text broken between words into lines of at most so many pixels; lines that are there stay. A longer word stays whole.
pub(super) fn wrap(text: &str, most: f64, size: f64) -> String {
    let mut lines: Vec<String> = Vec::new();
    for part in text.split('\n') {
        let mut line = String::new();
        for word in part.split(' ') {
            let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
            if !line.is_empty() && width(&longer, size, false) > most {
                lines.push(std::mem::replace(&mut line, word.to_owned()));
            } else {
                line = longer;
            }
        }
        lines.push(line);
    }
    lines.join("\n")
}

/// A text cut so that it takes at most so many pixels.
pub(super) fn cut(text: &str, most: f64, size: f64) -> String {
    if width(text, size, false) <= most {
        return text.to_owned();
    }
    let mut kept = String::new();
    for c in text.chars() {
        kept.push(c);
        if width(&kept, size, false) + size > most {
            kept.pop();
            break;
        }
    }
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_line_counts() {
        assert_eq!(width("ab\nabcd", 12.0, false), width("abcd", 12.0, false));
        assert!(width("WWW", 12.0, false) > width("iii", 12.0, false));
        assert_eq!(width("", 12.0, false), 0.0);
    }

    #[test]
    fn lines_break_between_words() {
        let text = "High spenders with children\nn = 402";
        let wrapped = wrap(text, 110.0, 12.0);
        assert_eq!(wrapped, "High spenders\nwith children\nn = 402");
        assert_eq!(wrap("Unbreakable", 10.0, 12.0), "Unbreakable");
    }

    #[test]
    fn a_cut_text_fits() {
        let cut = cut("Component 2 (14.2 %): MntWines, less Kidhome", 100.0, 12.0);
        assert!(cut.ends_with('…') && width(&cut, 12.0, false) <= 110.0, "{cut}");
    }
}
