//! Recognising files that are no table at all, by their first bytes.

/// How many bytes are looked at.
pub const N_LOOKED_AT: usize = 4096;

/// Signatures at the start of a file, and what a person calls such a file.
const SIGNATURES: &[(&[u8], &str)] = &[
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF87a", "a GIF image"),
    (b"GIF89a", "a GIF image"),
    (b"II*\0", "a TIFF image"),
    (b"MM\0*", "a TIFF image"),
    (b"%PDF-", "a PDF document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh9", "a bzip2 archive"),
    (b"\xfd7zXZ\0", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"PAR1", "a Parquet file"),
    (b"ARROW1", "an Arrow file"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook (.xls)"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"\x7fELF", "a program"),
    (b"\0asm", "a program"),
    (b"OggS", "an audio file"),
    (b"ID3", "an MP3 audio file"),
    (b"{\\rtf", "a rich text document"),
];

/// What the bytes look like when they are clearly no table ("a PNG image").
pub fn looks_like(bytes: &[u8]) -> Option<&'static str> {
    let head = &bytes[..bytes.len().min(N_LOOKED_AT)];
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        let has = |needle: &[u8]| head.windows(needle.len()).any(|w| w == needle);
        return Some(if has(b"xl/") || has(b"[Content_Types].xml") && !has(b"word/") && !has(b"ppt/") {
            "an Excel workbook"
        } else if has(b"word/") {
            "a Word document"
        } else if has(b"opendocument.spreadsheet") {
            "an OpenDocument spreadsheet"
        } else {
            "a ZIP archive"
        });
    }
    if head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP") {
        return Some("a WebP image");
    }
    if head.get(4..8) == Some(b"ftyp") {
        return Some("a video or HEIC image");
    }
    if let Some((_, name)) = SIGNATURES.iter().find(|(signature, _)| head.starts_with(signature)) {
        return Some(name);
    }
    if super::encoding::bom(head).is_some() || super::encoding::utf16_without_bom(head).is_some() {
        return None;
    }
    let start: Vec<u8> =
        head.iter().skip_while(|b| b.is_ascii_whitespace()).take(14).map(u8::to_ascii_lowercase).collect();
    if start.starts_with(b"<!doctype html") || start.starts_with(b"<html") {
        return Some("a web page");
    }
    if start.starts_with(b"<?xml") {
        return Some("an XML document");
    }
    if start.starts_with(b"{\"") || start.starts_with(b"[{") {
        return Some("JSON data");
    }
    let is_control = |b: u8| (b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r' | 0x0c | 0x1a)) || b == 0x7f;
    let n_control = head.iter().filter(|&&b| is_control(b)).count();
    // Letters of any encoding hold no control characters, and UTF-8 holds no stray bytes.
    let is_garbled = || {
        let (n_good, n_bad) = super::encoding::utf8_letters(head, false);
        n_control >= 8 && n_control * 20 > head.len() && n_bad > n_good
    };
    (n_control * 10 > head.len() * 3 || is_garbled()).then_some("a binary file")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], expected: Option<&str>) {
        assert_eq!(looks_like(bytes), expected);
    }

    #[test]
    fn known_files_are_named() {
        check(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", Some("a PNG image"));
        check(b"\xff\xd8\xff\xe0\0\x10JFIF", Some("a JPEG image"));
        check(b"GIF89a....", Some("a GIF image"));
        check(b"%PDF-1.7", Some("a PDF document"));
        check(b"PK\x03\x04\x14\0\0\0[Content_Types].xml....xl/workbook.xml", Some("an Excel workbook"));
        check(b"PK\x03\x04\x14\0\0\0photo.jpg", Some("a ZIP archive"));
        check(b"\x1f\x8b\x08", Some("a gzip archive"));
        check(b"PAR1\x15\x04", Some("a Parquet file"));
        check(b"<!DOCTYPE html><html>", Some("a web page"));
        check(b"[{\"a\": 1}]", Some("JSON data"));
        check(&[1, 2, 3, 4, 5, 6, 0x90, 0x80], Some("a binary file"));
    }

    #[test]
    fn tables_are_not_refused() {
        check(b"", None);
        check(b"a,b\n1,2\n", None);
        check(b"\xff\xfea\0,\0b\0\n\0", None);
        check(b"a\0,\0b\0\n\x001\0,\x002\0", None);
        check(b"PNG,JPEG\n1,2\n", None);
        check("größe;Prix €\n1;2\n".as_bytes(), None);
        check(b"a,b\n1,\0\n", None);
    }
}
