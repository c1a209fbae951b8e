//! From bytes to text: byte order marks, UTF-8, UTF-16 and Windows-1252.

use crate::engine::data::issue::{Issue, IssueKind, Severity};

/// Text with the name of its encoding and what was odd.
pub struct Decoded {
    pub text: String,
    pub encoding: String,
    pub issues: Vec<Issue>,
}

/// A byte order mark: name of the encoding and length of the mark.
pub fn bom(bytes: &[u8]) -> Option<(&'static str, usize)> {
    if bytes.starts_with(b"\xef\xbb\xbf") {
        Some(("UTF-8 with BOM", 3))
    } else if bytes.starts_with(b"\xff\xfe") {
        Some(("UTF-16 LE", 2))
    } else if bytes.starts_with(b"\xfe\xff") {
        Some(("UTF-16 BE", 2))
    } else {
        None
    }
}

/// UTF-16 without a mark shows in Latin text: every other byte is NUL.
pub fn utf16_without_bom(bytes: &[u8]) -> Option<&'static str> {
    let head = &bytes[..bytes.len().min(super::magic::N_LOOKED_AT) & !1];
    if head.len() < 4 {
        return None;
    }
    let n_pairs = head.len() / 2;
    let n_nul = |offset: usize| head.iter().skip(offset).step_by(2).filter(|&&b| b == 0).count();
    let (even, odd) = (n_nul(0), n_nul(1));
    if odd * 10 >= n_pairs * 7 && even * 20 <= n_pairs {
        Some("UTF-16 LE")
    } else if even * 10 >= n_pairs * 7 && odd * 20 <= n_pairs {
        Some("UTF-16 BE")
    } else {
        None
    }
}

/// Decodes the bytes; `wanted` is the user's choice, as a label such as "windows-1252".
pub fn decode(bytes: Vec<u8>, wanted: Option<&str>) -> Decoded {
    let mark = bom(&bytes);
    let chosen =
        wanted.and_then(|label| encoding_rs::Encoding::for_label(label.trim().replace(' ', "").as_bytes()));
    if let Some(encoding) = chosen {
        let (text, bad) = encoding.decode_with_bom_removal(&bytes);
        let name = match encoding.name() {
            "windows-1252" => "Windows-1252".to_owned(),
            "UTF-16LE" => "UTF-16 LE".to_owned(),
            "UTF-16BE" => "UTF-16 BE".to_owned(),
            "UTF-8" if matches!(mark, Some(("UTF-8 with BOM", _))) => "UTF-8 with BOM".to_owned(),
            other => other.to_owned(),
        };
        return cleaned(text.into_owned(), name, bad);
    }
    match mark.map(|(name, _)| name).or_else(|| utf16_without_bom(&bytes)) {
        Some("UTF-16 LE") => {
            let (text, bad) = encoding_rs::UTF_16LE.decode_with_bom_removal(&bytes);
            return cleaned(text.into_owned(), "UTF-16 LE".into(), bad);
        }
        Some("UTF-16 BE") => {
            let (text, bad) = encoding_rs::UTF_16BE.decode_with_bom_removal(&bytes);
            return cleaned(text.into_owned(), "UTF-16 BE".into(), bad);
        }
        Some(name) => {
            let (text, bad) = encoding_rs::UTF_8.decode_with_bom_removal(&bytes);
            return cleaned(text.into_owned(), name.to_owned(), bad);
        }
        None => {}
    }
    match String::from_utf8(bytes) {
        Ok(text) => cleaned(text, "UTF-8".into(), false),
        Err(error) => {
            let bytes = error.into_bytes();
            if is_mostly_utf8(&bytes) {
                let (text, _) = encoding_rs::UTF_8.decode_without_bom_handling(&bytes);
                cleaned(text.into_owned(), "UTF-8".into(), true)
            } else {
                let (text, bad) = encoding_rs::WINDOWS_1252.decode_without_bom_handling(&bytes);
                cleaned(text.into_owned(), "Windows-1252".into(), bad)
            }
        }
    }
}

/// Whether well-formed multi-byte letters outnumber broken bytes ten to one: damaged UTF-8 rather than Windows-1252.
fn is_mostly_utf8(bytes: &[u8]) -> bool {
    let (mut n_good, mut n_bad) = (0_u64, 0_u64);
    for chunk in bytes.utf8_chunks() {
        n_good += chunk.valid().chars().filter(|c| !c.is_ascii()).count() as u64;
        n_bad += u64::from(!chunk.invalid().is_empty());
    }
    n_good >= 10 * n_bad
}

/// Takes NUL characters out and says what was damaged.
fn cleaned(mut text: String, encoding: String, has_bad: bool) -> Decoded {
    let mut issues = Vec::new();
    if has_bad {
        let at = text.find('\u{fffd}').unwrap_or(0);
        let count = text.matches('\u{fffd}').count() as u64;
        issues.push(Issue {
            kind: IssueKind::BadEncoding,
            severity: Severity::Warning,
            line: Some(line_of(&text, at)),
            column: None,
            text: None,
            count,
            message: format!(
                "{} could not be read as {encoding}; each is shown as \u{fffd}. If names look wrong, choose another encoding.",
                crate::engine::words::counted(count, "character", "characters")
            ),
        });
    }
    if let Some(at) = text.find('\0') {
        let count = text.bytes().filter(|&b| b == 0).count() as u64;
        issues.push(Issue {
            kind: IssueKind::NulByte,
            severity: Severity::Warning,
            line: Some(line_of(&text, at)),
            column: None,
            text: None,
            count,
            message: format!(
                "The file holds {}, which no text should; {} left out and everything else was read.",
                crate::engine::words::counted(count, "NUL byte", "NUL bytes"),
                if count == 1 { "it was" } else { "they were" }
            ),
        });
        text.retain(|c| c != '\0');
    }
    Decoded { text, encoding, issues }
}

fn line_of(text: &str, at: usize) -> u64 {
    1 + text.as_bytes()[..at].iter().filter(|&&b| b == b'\n').count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], encoding: &str, text: &str) {
        let decoded = decode(bytes.to_vec(), None);
        assert_eq!((decoded.encoding.as_str(), decoded.text.as_str()), (encoding, text));
    }

    #[test]
    fn the_encoding_is_found() {
        check(b"a,b", "UTF-8", "a,b");
        check("é,b".as_bytes(), "UTF-8", "é,b");
        check("\u{feff}é,b".as_bytes(), "UTF-8 with BOM", "é,b");
        check(b"\xe9,b\x80", "Windows-1252", "é,b€");
        check(b"\xff\xfea\0,\0\xe9\0", "UTF-16 LE", "a,é");
        check(b"\xfe\xff\0a\0,\0\xe9", "UTF-16 BE", "a,é");
        check(b"a\0,\0b\0\n\0", "UTF-16 LE", "a,b\n");
        check(b"\0a\0,\0b\0\n", "UTF-16 BE", "a,b\n");
    }

    #[test]
    fn the_choice_of_the_user_wins() {
        let decoded = decode("é".as_bytes().to_vec(), Some("windows-1252"));
        assert_eq!((decoded.encoding.as_str(), decoded.text.as_str()), ("Windows-1252", "Ã©"));
    }

    #[test]
    fn nul_bytes_are_left_out_with_an_issue() {
        let decoded = decode(b"abc,def\n1\0,2\n".to_vec(), None);
        assert_eq!(decoded.text, "abc,def\n1,2\n");
        assert_eq!((decoded.issues[0].kind, decoded.issues[0].line), (IssueKind::NulByte, Some(2)));
    }

    #[test]
    fn one_broken_byte_does_not_turn_utf8_into_windows_1252() {
        let mut bytes = "äöüäöüäöüäöüäöü\n".as_bytes().to_vec();
        bytes.push(0xff);
        let decoded = decode(bytes, None);
        assert_eq!(decoded.encoding, "UTF-8");
        assert_eq!(decoded.issues[0].kind, IssueKind::BadEncoding);
    }
}
