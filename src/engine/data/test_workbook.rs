//! Writes small workbooks (.xlsx) for tests: stored, not compressed, with nothing in them that is not needed.

use std::fmt::Write;

/// A cell to be written.
pub enum Cell<'a> {
    /// Nothing.
    Empty,
    /// A text, shared as Excel shares them.
    Text(&'a str),
    /// A number.
    Number(f64),
    /// Yes/no.
    Bool(bool),
    /// A date or moment: days since the end of 1899.
    Moment(f64),
    /// "#DIV/0!"
    Error,
}

/// A day.
pub fn date(year: i64, month: i64, day: i64) -> Cell<'static> {
    // Days of the civil calendar (Hinnant), from 1970 to Excel's beginning.
    let y = if month <= 2 { year - 1 } else { year };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = y.div_euclid(400) * 146_097 + y.rem_euclid(400) * 365 + y.rem_euclid(400) / 4
        - y.rem_euclid(400) / 100
        + of_year
        - 719_468;
    Cell::Moment((days + 25_569) as f64)
}

/// The bytes of a workbook of these sheets.
pub fn workbook(sheets: &[(&str, &[&[Cell<'_>]])]) -> Vec<u8> {
    let mut shared: Vec<String> = Vec::new();
    let mut files: Vec<(String, String)> = Vec::new();
    let (mut list, mut relations, mut types) = (String::new(), String::new(), String::new());
    for (i, (name, rows)) in sheets.iter().enumerate() {
        let n = i + 1;
        let _ = write!(list, r#"<sheet name="{name}" sheetId="{n}" r:id="rId{n}"/>"#);
        let _ = write!(
            relations,
            r#"<Relationship Id="rId{n}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet{n}.xml"/>"#
        );
        let _ = write!(
            types,
            r#"<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>"#
        );
        files.push((format!("xl/worksheets/sheet{n}.xml"), sheet(rows, &mut shared)));
    }
    let others =
        [("styles", "styles", "styles.xml"), ("sharedStrings", "sharedStrings", "sharedStrings.xml")];
    for (i, (kind, part, target)) in others.iter().enumerate() {
        let _ = write!(
            relations,
            r#"<Relationship Id="rIdX{i}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" Target="{target}"/>"#
        );
        let _ = write!(
            types,
            r#"<Override PartName="/xl/{target}" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.{part}+xml"/>"#
        );
    }
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006";
    let texts: String =
        shared.iter().map(|t| format!("<si><t xml:space=\"preserve\">{t}</t></si>")).collect();
    files.extend([
        (
            "[Content_Types].xml".to_owned(),
            format!(
                r#"<Types xmlns="{package}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>{types}</Types>"#
            ),
        ),
        (
            "_rels/.rels".to_owned(),
            format!(
                r#"<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
            ),
        ),
        (
            "xl/workbook.xml".to_owned(),
            format!(r#"<workbook xmlns="{main}" xmlns:r="{office}"><sheets>{list}</sheets></workbook>"#),
        ),
        (
            "xl/_rels/workbook.xml.rels".to_owned(),
            format!(r#"<Relationships xmlns="{package}/relationships">{relations}</Relationships>"#),
        ),
        // Style 1 is a date and time.
        (
            "xl/styles.xml".to_owned(),
            format!(
                r#"<styleSheet xmlns="{main}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="22" applyNumberFormat="1"/></cellXfs></styleSheet>"#
            ),
        ),
        ("xl/sharedStrings.xml".to_owned(), format!(r#"<sst xmlns="{main}">{texts}</sst>"#)),
    ]);
    zip(&files)
}

fn sheet(rows: &[&[Cell<'_>]], shared: &mut Vec<String>) -> String {
    let mut xml = String::new();
    for (r, cells) in rows.iter().enumerate() {
        let _ = write!(xml, r#"<row r="{}">"#, r + 1);
        for (c, cell) in cells.iter().enumerate() {
            let place = format!("{}{}", letters(c), r + 1);
            let _ = match cell {
                Cell::Empty => Ok(()),
                Cell::Text(text) => {
                    shared.push(text.replace('&', "&amp;").replace('<', "&lt;"));
                    write!(xml, r#"<c r="{place}" t="s"><v>{}</v></c>"#, shared.len() - 1)
                }
                Cell::Number(x) => write!(xml, r#"<c r="{place}"><v>{x}</v></c>"#),
                Cell::Bool(b) => write!(xml, r#"<c r="{place}" t="b"><v>{}</v></c>"#, u8::from(*b)),
                Cell::Moment(x) => write!(xml, r#"<c r="{place}" s="1"><v>{x}</v></c>"#),
                Cell::Error => write!(xml, r##"<c r="{place}" t="e"><v>#DIV/0!</v></c>"##),
            };
        }
        xml.push_str("</row>");
    }
    format!(
        r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{xml}</sheetData></worksheet>"#
    )
}

/// "A" to "Z", then "AA".
fn letters(column: usize) -> String {
    let last = char::from(b'A' + (column % 26) as u8);
    if column < 26 { last.to_string() } else { format!("{}{last}", letters(column / 26 - 1)) }
}

/// An archive whose files are stored as they are.
fn zip(files: &[(String, String)]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, text) in files {
        let at = out.len() as u32;
        let (crc, size) = (crc32(text.as_bytes()), text.len() as u32);
        let mut head = vec![20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0];
        head.extend([crc, size, size].iter().flat_map(|n| n.to_le_bytes()));
        head.extend((name.len() as u16).to_le_bytes());
        head.extend([0, 0]);
        out.extend(b"PK\x03\x04");
        out.extend(&head);
        out.extend(name.as_bytes());
        out.extend(text.as_bytes());
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&head);
        directory.extend([0; 10]);
        directory.extend(at.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let (at, n) = (out.len() as u32, files.len() as u16);
    out.extend(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend([n, n].iter().flat_map(|n| n.to_le_bytes()));
    out.extend((directory.len() as u32).to_le_bytes());
    out.extend(at.to_le_bytes());
    out.extend([0, 0]);
    out
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = !0_u32;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    !crc
}
