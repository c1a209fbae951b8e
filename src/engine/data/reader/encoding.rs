//! From bytes to text: byte order marks, UTF-8, UTF-16 and Windows-1252.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::letters::Letters;
use crate::engine::data::issue::{Issue, IssueKind, Severity};

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

/// How the bytes of a file become text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coding {
    /// How bytes stand for letters.
    letters: Letters,
    /// Length of the byte order mark.
    pub n_mark: u32,
    /// Neither a mark nor the user said so: what comes later may show that it is another one.
    pub is_guessed: bool,
}

impl Coding {
    /// The encoding a file most likely has by its first bytes; `wanted` is the user's choice, as a label such as
    /// "windows-1252".
    pub fn of(head: &[u8], wanted: Option<&str>) -> Self {
        let mark = bom(head);
        let chosen = wanted.and_then(Letters::named);
        let marked = mark.and_then(|(name, _)| Letters::named(name));
        let sure = chosen.or(marked).or_else(|| Letters::named(utf16_without_bom(head)?));
        if let Some(letters) = sure {
            let n_mark = mark.filter(|_| marked == sure).map_or(0, |(_, n)| n as u32);
            return Self { letters, n_mark, is_guessed: false };
        }
        let (n_good, n_bad) = utf8_letters(head, false);
        Self::guessed(n_good, n_bad)
    }

    /// Damaged UTF-8 rather than Windows-1252 when well-formed multi-byte letters outnumber broken bytes ten to one.
    pub fn guessed(n_good: u64, n_bad: u64) -> Self {
        let letters = if n_good >= 10 * n_bad { Letters::Utf8 } else { Letters::WESTERN };
        Self { letters, n_mark: 0, is_guessed: true }
    }

    /// As people write it.
    pub fn label(&self) -> String {
        match self.letters {
            Letters::Utf8 if self.n_mark > 0 => "UTF-8 with BOM".to_owned(),
            letters => letters.label().to_owned(),
        }
    }

    /// Bytes of the smallest letter.
    pub fn unit(&self) -> usize {
        self.letters.unit()
    }

    /// Where the first line that begins behind a line end at or behind `from` starts; `None` when no line ends there.
    pub fn line_start(&self, bytes: &[u8], from: usize) -> Option<usize> {
        let rest = bytes.get(from..)?;
        let letter = |at: usize| self.letter(bytes, at);
        let at = match self.unit() {
            1 => from + rest.iter().position(|&b| b == b'\n' || b == b'\r')?,
            unit => (from..bytes.len()).step_by(unit).find(|&at| matches!(letter(at), Some(10 | 13)))?,
        };
        let after = at + self.unit();
        Some(if letter(at) == Some(13) && letter(after) == Some(10) { after + self.unit() } else { after })
    }

    fn letter(&self, bytes: &[u8], at: usize) -> Option<u16> {
        match self.letters {
            Letters::Utf16Le => Some(u16::from_le_bytes([*bytes.get(at)?, *bytes.get(at + 1)?])),
            Letters::Utf16Be => Some(u16::from_be_bytes([*bytes.get(at)?, *bytes.get(at + 1)?])),
            _ => bytes.get(at).map(|&b| u16::from(b)),
        }
    }

    /// The text of some bytes that begin at the start of a line. Where they are no text as they stand they are decoded line
    /// by line, without NUL characters.
    pub fn clean<'a>(&self, bytes: &'a [u8], is_end: bool) -> Clean<'a> {
        let letters = self.letters;
        // Half a letter at a cut is none.
        let n_cut = if is_end { 0 } else { bytes.len() % self.unit() };
        let bytes = bytes.get(..bytes.len() - n_cut).unwrap_or_default();
        let (has_zero, is_ascii) = survey(bytes);
        let has_nul = self.unit() == 1 && has_zero;
        if !has_nul && letters == Letters::Utf8 {
            match std::str::from_utf8(bytes) {
                Ok(text) => return Clean { text: Cow::Borrowed(text), lines: None, is_ascii },
                // The last letter is cut; only whole lines are read anyway.
                Err(error) if error.error_len().is_none() && !is_end => {
                    let (valid, _) = bytes.split_at(error.valid_up_to());
                    if let Ok(text) = std::str::from_utf8(valid) {
                        return Clean { text: Cow::Borrowed(text), lines: None, is_ascii };
                    }
                }
                Err(_) => {}
            }
        } else if !has_nul
            && letters.unit() == 1
            && is_ascii
            && let Ok(text) = std::str::from_utf8(bytes)
        {
            return Clean { text: Cow::Borrowed(text), lines: None, is_ascii };
        }
        let mut text = String::with_capacity(bytes.len() + bytes.len() / 8);
        let mut lines = Vec::new();
        let mut at = 0;
        while at < bytes.len() {
            let end = self.line_end(bytes, at);
            let (line, has_bad) = letters.decode(&bytes[at..end]);
            // At a cut the last line is not whole and will not be read.
            let is_whole =
                is_end || matches!(self.letter(bytes, end.wrapping_sub(self.unit())), Some(10 | 13));
            let has_bad = has_bad && is_whole;
            let start = text.len();
            let n_nul = if line.contains('\0') {
                text.extend(line.chars().filter(|c| *c != '\0'));
                line.matches('\0').count() as u32
            } else {
                text.push_str(&line);
                0
            };
            lines.push(CleanLine {
                start: start as u32,
                raw: at as u32,
                has_bad,
                n_nul,
                n_replaced: line.matches('\u{fffd}').count() as u32,
            });
            at = end;
        }
        // A cut within the NULs that a line begins with: the line goes on behind the cut, so it starts before it.
        let is_cut = |line: &&CleanLine| !is_end && line.start as usize == text.len();
        let raw = lines.last().filter(is_cut).map_or(bytes.len() as u32, |line| line.raw);
        lines.push(CleanLine { start: text.len() as u32, raw, ..CleanLine::default() });
        Clean { text: Cow::Owned(text), lines: Some(lines), is_ascii }
    }

    /// One past the line end of the line at `at`; a carriage return and a line feed are two.
    fn line_end(&self, bytes: &[u8], at: usize) -> usize {
        let end = match self.unit() {
            1 => bytes[at..].iter().position(|&b| b == b'\n' || b == b'\r').map(|n| at + n + 1),
            unit => (at..bytes.len())
                .step_by(unit)
                .find(|&i| matches!(self.letter(bytes, i), Some(10 | 13)))
                .map(|i| i + unit),
        };
        end.unwrap_or(bytes.len())
    }
}

/// Whether a byte is 0, and whether all are ASCII: one pass where searching twice would be two.
fn survey(bytes: &[u8]) -> (bool, bool) {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const TOPS: u64 = 0x8080_8080_8080_8080;
    let (parts, rest) = bytes.as_chunks::<32>();
    // Of a word with a byte of 0 the top bit of some byte is set in `(word - ONES) & !word`, and only of such a word.
    let (mut zeros, mut all) = ([0_u64; 4], [0_u64; 4]);
    for part in parts {
        let (words, _) = part.as_chunks::<8>();
        for (i, word) in words.iter().enumerate() {
            let word = u64::from_le_bytes(*word);
            zeros[i] |= word.wrapping_sub(ONES) & !word;
            all[i] |= word;
        }
    }
    let any = |words: [u64; 4]| words.iter().any(|word| word & TOPS != 0);
    (any(zeros) || rest.contains(&0), !any(all) && rest.is_ascii())
}

/// Text, and where its lines stood in the bytes.
pub struct Clean<'a> {
    /// The text.
    pub text: Cow<'a, str>,
    /// `None` where the text is the bytes as they stand.
    lines: Option<Vec<CleanLine>>,
    /// Whether every byte is ASCII.
    is_ascii: bool,
}

#[derive(Debug, Clone, Copy, Default)]
struct CleanLine {
    start: u32,
    raw: u32,
    has_bad: bool,
    n_nul: u32,
    n_replaced: u32,
}

/// What was damaged in a part of a file.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct Damage {
    /// Letters the encoding cannot read.
    pub has_bad: bool,
    /// Letters shown as \u{fffd}.
    pub n_replaced: u64,
    /// The line of the first, from 0.
    pub replaced_line: u64,
    /// NUL characters.
    pub n_nul: u64,
    /// The line of the first, from 0.
    pub nul_line: u64,
    /// Well-formed letters beyond ASCII, and broken bytes, were the bytes UTF-8.
    pub utf8: (u64, u64),
}

impl Damage {
    /// Adds what was damaged in the part that follows, which begins with line `n_lines`.
    pub fn add(&mut self, more: &Self, n_lines: u64) {
        self.has_bad |= more.has_bad;
        if self.n_replaced == 0 {
            self.replaced_line = more.replaced_line + n_lines;
        }
        if self.n_nul == 0 {
            self.nul_line = more.nul_line + n_lines;
        }
        self.n_replaced += more.n_replaced;
        self.n_nul += more.n_nul;
        self.utf8 = (self.utf8.0 + more.utf8.0, self.utf8.1 + more.utf8.1);
    }

    /// What there is to say about it.
    pub fn issues(&self, encoding: &str) -> Vec<Issue> {
        let mut issues = Vec::new();
        let issue = |kind, line: u64, count, message| Issue {
            kind,
            severity: Severity::Warning,
            line: Some(line + 1),
            column: None,
            text: None,
            count,
            message,
            files: Vec::new(),
        };
        if self.has_bad {
            issues.push(issue(
                IssueKind::BadEncoding,
                self.replaced_line,
                self.n_replaced,
                format!(
                    "{} could not be read as {encoding}; each is shown as \u{fffd}. If names look wrong, choose another encoding.",
                    crate::engine::words::counted(self.n_replaced, "character", "characters")
                ),
            ));
        }
        if self.n_nul > 0 {
            issues.push(issue(
                IssueKind::NulByte,
                self.nul_line,
                self.n_nul,
                format!(
                    "The file holds {}, which no text should; {} left out and everything else was read.",
                    crate::engine::words::counted(self.n_nul, "NUL byte", "NUL bytes"),
                    if self.n_nul == 1 { "it was" } else { "they were" }
                ),
            ));
        }
        issues
    }
}

impl Clean<'_> {
    /// Where a place at the start of a line stood in the bytes.
    pub fn raw(&self, at: usize) -> usize {
        match &self.lines {
            None => at,
            Some(lines) => {
                // Several lines can start at one place when they hold nothing but NULs: the last is meant.
                let i = lines.partition_point(|l| l.start as usize <= at);
                i.checked_sub(1).and_then(|i| lines.get(i)).map_or(0, |l| l.raw as usize)
            }
        }
    }

    /// What was damaged up to a place at the start of a line; `bytes` are those that were cleaned.
    pub fn damage(&self, bytes: &[u8], end: usize, coding: &Coding, is_end: bool) -> Damage {
        let mut damage = Damage::default();
        let raw = bytes.get(..self.raw(end)).unwrap_or_default();
        let is_ascii = self.is_ascii || raw.is_ascii();
        if coding.is_guessed && !is_ascii {
            damage.utf8 = match &self.lines {
                None => (raw.iter().filter(|&&b| b >= 0xc0).count() as u64, 0),
                Some(_) => utf8_letters(raw, is_end && raw.len() == bytes.len()),
            };
        }
        let Some(lines) = &self.lines else {
            // Borrowed text is sound, but the mark of a damaged letter can stand in it as a letter of its own.
            if !is_ascii {
                let text = self.text.get(..end).unwrap_or_default();
                damage.n_replaced = text.matches('\u{fffd}').count() as u64;
                if let Some((before, _)) = text.split_once('\u{fffd}') {
                    let ends = before.bytes().zip(before.bytes().skip(1).chain([0]));
                    damage.replaced_line =
                        ends.filter(|&(a, b)| a == b'\n' || a == b'\r' && b != b'\n').count() as u64;
                }
            }
            return damage;
        };
        let mut n_lines = 0;
        for line in lines.iter().filter(|l| (l.raw as usize) < raw.len()) {
            damage.has_bad |= line.has_bad;
            if line.n_replaced > 0 && damage.n_replaced == 0 {
                damage.replaced_line = n_lines;
            }
            if line.n_nul > 0 && damage.n_nul == 0 {
                damage.nul_line = n_lines;
            }
            damage.n_replaced += u64::from(line.n_replaced);
            damage.n_nul += u64::from(line.n_nul);
            let end = coding.line_end(bytes, line.raw as usize);
            let last = coding.letter(bytes, end.wrapping_sub(coding.unit()));
            // Of a carriage return and a line feed only the feed ends a line, whatever NULs stand between them.
            let mut behind = (end..).step_by(coding.unit()).map(|at| coding.letter(bytes, at));
            let next = behind.find(|letter| *letter != Some(0)).flatten();
            n_lines += u64::from(last == Some(10) || last == Some(13) && next != Some(10));
        }
        damage
    }
}

/// Well-formed letters beyond ASCII, and broken bytes. A letter cut at the end is broken only at the end of the file.
pub fn utf8_letters(bytes: &[u8], is_end: bool) -> (u64, u64) {
    let (mut n_good, mut n_bad) = (0_u64, 0_u64);
    let mut at = 0;
    for chunk in bytes.utf8_chunks() {
        n_good += chunk.valid().chars().filter(|c| !c.is_ascii()).count() as u64;
        at += chunk.valid().len() + chunk.invalid().len();
        let is_cut = !is_end && at == bytes.len() && chunk.invalid().len() < 4 && bytes.len() > 64;
        n_bad += u64::from(!chunk.invalid().is_empty() && !is_cut);
    }
    (n_good, n_bad)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], encoding: &str, text: &str) {
        let coding = Coding::of(bytes, None);
        let clean = coding.clean(&bytes[coding.n_mark as usize..], true);
        assert_eq!((coding.label().as_str(), clean.text.as_ref()), (encoding, text));
    }

    #[test]
    fn a_survey_finds_zeros_and_letters_beyond_ascii_wherever_they_stand() {
        for len in [0_usize, 1, 31, 32, 33, 200] {
            let plain = vec![b'x'; len];
            assert_eq!(survey(&plain), (false, true), "{len}");
            for at in 0..len {
                for (byte, expected) in
                    [(0, (true, true)), (0x80, (false, false)), (0xff, (false, false)), (1, (false, true))]
                {
                    let mut bytes = plain.clone();
                    bytes[at] = byte;
                    assert_eq!(survey(&bytes), expected, "{byte} at {at} of {len}");
                }
            }
        }
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
        let bytes = "é".as_bytes();
        let coding = Coding::of(bytes, Some("windows-1252"));
        assert_eq!(
            (coding.label().as_str(), coding.clean(bytes, true).text.as_ref()),
            ("Windows-1252", "Ã©")
        );
    }

    #[test]
    fn nul_bytes_are_left_out_with_an_issue() {
        let bytes = b"abc,def\n1\0,2\n";
        let coding = Coding::of(bytes, None);
        let clean = coding.clean(bytes, true);
        assert_eq!(clean.text, "abc,def\n1,2\n");
        let issues = clean.damage(bytes, clean.text.len(), &coding, true).issues("UTF-8");
        assert_eq!((issues[0].kind, issues[0].line), (IssueKind::NulByte, Some(2)));
        assert_eq!((clean.raw(8), clean.raw(clean.text.len())), (8, bytes.len()));
    }

    #[test]
    fn one_broken_byte_does_not_turn_utf8_into_windows_1252() {
        let mut bytes = "äöüäöüäöüäöüäöü\n".as_bytes().to_vec();
        bytes.push(0xff);
        let coding = Coding::of(&bytes, None);
        assert_eq!(coding.label(), "UTF-8");
        let clean = coding.clean(&bytes, true);
        let damage = clean.damage(&bytes, clean.text.len(), &coding, true);
        assert_eq!(damage.utf8, (15, 1));
        assert_eq!(damage.issues("UTF-8")[0].kind, IssueKind::BadEncoding);
    }

    #[test]
    fn lines_start_behind_every_kind_of_line_end() {
        let coding = Coding::of(b"a", None);
        assert_eq!(coding.line_start(b"ab\r\ncd", 0), Some(4));
        assert_eq!(coding.line_start(b"ab\r\ncd", 3), Some(4));
        assert_eq!(coding.line_start(b"ab\rcd", 0), Some(3));
        assert_eq!(coding.line_start(b"abcd", 0), None);
        let wide = Coding::of(b"\xff\xfea\0", None);
        assert_eq!(wide.line_start(b"\x0a\x01\x0d\0\x0a\0b\0", 0), Some(6));
    }
}
