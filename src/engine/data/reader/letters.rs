//! Letters of the encodings exports come in: UTF-8, UTF-16 and the single-byte code pages of Europe, as the WHATWG
//! Encoding Standard has them.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// How bytes stand for letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Letters {
    /// UTF-8.
    Utf8,
    /// UTF-16, the smaller byte first.
    Utf16Le,
    /// UTF-16, the larger byte first.
    Utf16Be,
    /// One byte a letter: ASCII, and above it the letters of this page (its place in `PAGES`).
    Single(u8),
}

/// A code page: what the bytes from 0x80 on stand for; \u{fffd} where nothing.
#[derive(Debug)]
struct Page {
    name: &'static str,
    upper: &'static str,
}

#[rustfmt::skip]
const PAGES: [Page; 7] = [
    // Western Europe
    Page {
        name: "Windows-1252",
        upper: "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ\u{a0}¡¢£¤¥¦§¨©ª«¬\u{ad}®¯°±²³´µ¶·¸¹º»¼½¾¿ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖ×ØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõö÷øùúûüýþÿ",
    },
    // Central Europe
    Page {
        name: "Windows-1250",
        upper: "€\u{81}‚\u{83}„…†‡\u{88}‰Š‹ŚŤŽŹ\u{90}‘’“”•–—\u{98}™š›śťžź\u{a0}ˇ˘Ł¤Ą¦§¨©Ş«¬\u{ad}®Ż°±˛ł´µ¶·¸ąş»Ľ˝ľżŔÁÂĂÄĹĆÇČÉĘËĚÍÎĎĐŃŇÓÔŐÖ×ŘŮÚŰÜÝŢßŕáâăäĺćçčéęëěíîďđńňóôőö÷řůúűüýţ˙",
    },
    // Cyrillic
    Page {
        name: "Windows-1251",
        upper: "ЂЃ‚ѓ„…†‡€‰Љ‹ЊЌЋЏђ‘’“”•–—\u{98}™љ›њќћџ\u{a0}ЎўЈ¤Ґ¦§Ё©Є«¬\u{ad}®Ї°±Ііґµ¶·ё№є»јЅѕїАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдежзийклмнопрстуфхцчшщъыьэюя",
    },
    // Greek
    Page {
        name: "Windows-1253",
        upper: "€\u{81}‚ƒ„…†‡\u{88}‰\u{8a}‹\u{8c}\u{8d}\u{8e}\u{8f}\u{90}‘’“”•–—\u{98}™\u{9a}›\u{9c}\u{9d}\u{9e}\u{9f}\u{a0}΅Ά£¤¥¦§¨©\u{fffd}«¬\u{ad}®―°±²³΄µ¶·ΈΉΊ»Ό½ΎΏΐΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡ\u{fffd}ΣΤΥΦΧΨΩΪΫάέήίΰαβγδεζηθικλμνξοπρςστυφχψωϊϋόύώ\u{fffd}",
    },
    // Turkish
    Page {
        name: "Windows-1254",
        upper: "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}\u{8e}\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}\u{9e}Ÿ\u{a0}¡¢£¤¥¦§¨©ª«¬\u{ad}®¯°±²³´µ¶·¸¹º»¼½¾¿ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏĞÑÒÓÔÕÖ×ØÙÚÛÜİŞßàáâãäåæçèéêëìíîïğñòóôõö÷øùúûüışÿ",
    },
    // Baltic
    Page {
        name: "Windows-1257",
        upper: "€\u{81}‚\u{83}„…†‡\u{88}‰\u{8a}‹\u{8c}¨ˇ¸\u{90}‘’“”•–—\u{98}™\u{9a}›\u{9c}¯˛\u{9f}\u{a0}\u{fffd}¢£¤\u{fffd}¦§Ø©Ŗ«¬\u{ad}®Æ°±²³´µ¶·ø¹ŗ»¼½¾æĄĮĀĆÄÅĘĒČÉŹĖĢĶĪĻŠŃŅÓŌÕÖ×ŲŁŚŪÜŻŽßąįāćäåęēčéźėģķīļšńņóōõö÷ųłśūüżž˙",
    },
    // older spreadsheets on a Mac
    Page {
        name: "Macintosh",
        upper: "ÄÅÇÉÑÖÜáàâäãåçéèêëíìîïñóòôöõúùûü†°¢£§•¶ß®©™´¨≠ÆØ∞±≤≥¥µ∂∑∏π∫ªºΩæø¿¡¬√ƒ≈∆«»…\u{a0}ÀÃÕŒœ–—“”‘’÷◊ÿŸ⁄€‹›ﬁﬂ‡·‚„‰ÂÊÁËÈÍÎÏÌÓÔ\u{f8ff}ÒÚÛÙıˆ˜¯˘˙˚¸˝˛ˇ",
    },
];

impl Letters {
    /// Windows-1252: what Western text is when it is no UTF-8.
    pub const WESTERN: Self = Self::Single(0);

    /// By a name people use: "UTF-8", "utf-16le", "Windows-1252", "latin1"; case, spaces, dashes and underscores do not matter.
    pub fn named(label: &str) -> Option<Self> {
        let plain = |text: &str| -> String {
            text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
        };
        let wanted = plain(label);
        Some(match wanted.as_str() {
            "utf8" | "utf8withbom" => Self::Utf8,
            "utf16" | "utf16le" => Self::Utf16Le,
            "utf16be" => Self::Utf16Be,
            "ascii" | "usascii" | "latin1" | "iso88591" | "cp1252" => Self::Single(0),
            other => {
                let name = |page: &Page| plain(page.name);
                let is_meant = |page: &Page| {
                    let name = name(page);
                    name == other || other.strip_prefix("cp").is_some_and(|n| name == format!("windows{n}"))
                };
                Self::Single(PAGES.iter().position(is_meant)? as u8)
            }
        })
    }

    fn page(self) -> Option<&'static Page> {
        match self {
            Self::Single(page) => PAGES.get(usize::from(page)),
            _ => None,
        }
    }

    /// As people write it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Utf16Le => "UTF-16 LE",
            Self::Utf16Be => "UTF-16 BE",
            _ => self.page().map_or("UTF-8", |page| page.name),
        }
    }

    /// Bytes of the smallest letter.
    pub fn unit(self) -> usize {
        if matches!(self, Self::Utf16Le | Self::Utf16Be) { 2 } else { 1 }
    }

    /// The text, \u{fffd} for what is no letter; and whether there was any such.
    pub fn decode(self, bytes: &[u8]) -> (Cow<'_, str>, bool) {
        if let Some(page) = self.page() {
            return match std::str::from_utf8(bytes) {
                Ok(text) if bytes.is_ascii() => (text.into(), false),
                _ => page.decode(bytes),
            };
        }
        if self == Self::Utf8 {
            let text = String::from_utf8_lossy(bytes);
            let has_bad = matches!(&text, Cow::Owned(_));
            return (text, has_bad);
        }
        let pair: fn([u8; 2]) -> u16 =
            if self == Self::Utf16Le { u16::from_le_bytes } else { u16::from_be_bytes };
        let (pairs, half) = bytes.as_chunks::<2>();
        let mut has_bad = !half.is_empty();
        let letter = |unit: Result<char, _>| {
            unit.unwrap_or_else(|_| {
                has_bad = true;
                char::REPLACEMENT_CHARACTER
            })
        };
        let mut text: String = char::decode_utf16(pairs.iter().copied().map(pair)).map(letter).collect();
        if !half.is_empty() {
            text.push(char::REPLACEMENT_CHARACTER);
        }
        (text.into(), has_bad)
    }
}

impl Page {
    fn decode<'a>(&self, bytes: &[u8]) -> (Cow<'a, str>, bool) {
        let mut letters = [char::REPLACEMENT_CHARACTER; 128];
        letters.iter_mut().zip(self.upper.chars()).for_each(|(slot, letter)| *slot = letter);
        let letter = |&byte: &u8| match byte.checked_sub(0x80) {
            Some(above) => letters[usize::from(above)],
            None => char::from(byte),
        };
        let text: String = bytes.iter().map(letter).collect();
        let has_bad = text.contains(char::REPLACEMENT_CHARACTER);
        (text.into(), has_bad)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::Encoding;

    const ALL: [Letters; 3] = [Letters::Utf8, Letters::Utf16Le, Letters::Utf16Be];

    #[track_caller]
    fn check(letters: Letters, bytes: &[u8]) {
        let oracle = Encoding::for_label(letters.label().replace(' ', "").as_bytes()).unwrap();
        let (text, has_bad) = oracle.decode_without_bom_handling(bytes);
        assert_eq!(letters.decode(bytes), (text, has_bad), "{} {bytes:x?}", letters.label());
    }

    #[test]
    fn every_byte_reads_as_the_standard_has_it() {
        let bytes: Vec<u8> = (0..=255).collect();
        for page in 0..PAGES.len() {
            check(Letters::Single(page as u8), &bytes);
            check(Letters::Single(page as u8), b"plain");
        }
    }

    #[test]
    fn damaged_letters_read_as_the_standard_has_them() {
        for letters in ALL {
            for bytes in [
                &b"a\xc3"[..],
                b"\xe2\x82a\xf0\x9f\x98\x80\xed\xa0\x80\xc0\x80",
                b"\x3d\xd8\x00\xde\x00\xd8a\0\x3d\xd8",
                b"\xd8\x3d\xde\0\xd8\0\0a\xdc",
                b"",
            ] {
                check(letters, bytes);
            }
        }
    }

    #[test]
    fn encodings_go_by_the_names_people_use() {
        let name = |label| Letters::named(label).map(Letters::label);
        assert_eq!(name("Windows-1252"), Some("Windows-1252"));
        assert_eq!(name("latin1"), Some("Windows-1252"));
        assert_eq!(name("UTF-16 LE"), Some("UTF-16 LE"));
        assert_eq!(name("utf_8"), Some("UTF-8"));
        assert_eq!(name("cp1251"), Some("Windows-1251"));
        assert_eq!(name("klingon"), None);
    }
}
