//! What must hold for any bytes: one table however they are cut, the records of the `csv` crate, no panic. Used by the seeded
//! loop (`cargo run --example fuzz_reader`), by cargo-fuzz (`fuzz/`) and by the tests.

use super::{
    Decimal, Quote, ReadError, ReadOptions, ReadTable, Reading, Sizes,
    block::{self, Block},
    read_blocks, read_bytes,
};

/// Everything that can be compared about a reading.
pub fn describe(read: &Result<ReadTable, ReadError>) -> String {
    match read {
        Err(error) => format!("{error:?}"),
        Ok(read) => {
            let columns: Vec<String> = read
                .table
                .columns()
                .iter()
                .map(|c| {
                    let cells: Vec<String> = (0..c.len()).map(|r| c.cell_text(r)).collect();
                    format!("{} {:?} {:?} {cells:?}", c.name, c.role, c.column_type())
                })
                .collect();
            let mut receipt = read.receipt.clone();
            // That of a large file is made of those of its blocks.
            receipt.fingerprint.clear();
            format!("{columns:?} {receipt:?} {:?} {:?}", read.skipped, read.currency)
        }
    }
}

/// Reads the bytes whole, and in parts of these sizes whose blocks travel as from worker to worker; a message when the tables
/// differ.
pub fn parts_agree(bytes: &[u8], sizes: Sizes, options: &ReadOptions) -> Result<(), String> {
    let reading = |sizes: Sizes| {
        let n_bytes = bytes.len() as u64;
        Reading::with_sizes("file.csv", n_bytes, options.clone(), u64::MAX, sizes)
    };
    let whole = describe(&read_bytes(reading(Sizes { head: 1 << 30, block: 1 << 30, tail: 0 }), bytes));
    let parts = describe(&read_blocks(reading(Sizes { head: 1 << 30, ..sizes }), bytes, travelled));
    if whole == parts {
        return Ok(());
    }
    let at = whole.chars().zip(parts.chars()).take_while(|(a, b)| a == b).count();
    let near = |text: &str| text.chars().skip(at.saturating_sub(60)).take(160).collect::<String>();
    Err(format!("read whole: …{}…\nin parts:   …{}…", near(&whole), near(&parts)))
}

/// A block that went to another worker and came back.
fn travelled(mut block: Block) -> Block {
    block.packed = block.pack();
    block
}

/// Compares the records with those of the `csv` crate, white space around cells and empty lines aside; a message when they
/// differ. Where a quote does not close properly there is nothing to compare: we read that more gently.
pub fn records_are_those_of_csv(text: &str, delimiter: u8, quote: Quote) -> Result<(), String> {
    let Some(ours) = block::records(text, delimiter, quote) else { return Ok(()) };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .quote(if quote == Quote::Single { b'\'' } else { b'"' })
        .quoting(quote != Quote::None)
        .from_reader(text.as_bytes());
    let is_empty = |r: &Vec<String>| r.len() == 1 && r.iter().all(String::is_empty);
    let theirs: Vec<Vec<String>> = reader
        .records()
        .map_while(Result::ok)
        .map(|r| r.iter().map(|c| c.trim().to_owned()).collect())
        .filter(|r| !is_empty(r))
        .collect();
    let ours: Vec<Vec<String>> = ours.into_iter().filter(|r| !is_empty(r)).collect();
    if ours == theirs { Ok(()) } else { Err(format!("ours {ours:?}\ncsv  {theirs:?}")) }
}

/// Choices of a user, by some bits.
fn options(bits: u8, line: u8) -> ReadOptions {
    let has = |bit: u8| bits & (1 << bit) != 0;
    let line = u64::from(line % 16);
    ReadOptions {
        quote: has(1).then(|| Quote::ALL.into_iter().nth(usize::from(bits >> 6)).unwrap_or(Quote::None)),
        header_line: has(2).then_some(line),
        decimal: has(3).then_some(if has(6) { Decimal::Comma } else { Decimal::Point }),
        day_first: has(4).then_some(has(7)),
        doubtful_day_first: has(6).then_some(has(2)),
        missing: has(6).then(|| ["x", "12%", "un\"q"].map(str::to_owned).to_vec()),
        keep_lines: if has(5) { vec![line, line + 2, line + 3] } else { Vec::new() },
        keep_reasons: if has(5) && has(7) {
            vec!["total row".to_owned(), "blank".to_owned()]
        } else {
            Vec::new()
        },
        ..ReadOptions::default()
    }
}

/// All of it for some bytes, of which the first four choose sizes, dialect and what a user might choose.
pub fn all(bytes: &[u8]) -> Result<(), String> {
    let (&[a, b, c, d], bytes) = bytes.split_first_chunk::<4>().unwrap_or((&[3, 9, 0, 0], bytes));
    let sizes = Sizes { head: 1 << 30, block: 2 * (1 + u64::from(a)), tail: u64::from(b) };
    let options = if d % 4 == 3 { options(c, b ^ a) } else { ReadOptions::default() };
    parts_agree(bytes, sizes, &options)?;
    let delimiter = [b',', b';', b'\t', b'|'][usize::from(c) % 4];
    let quote = [Quote::Double, Quote::Double, Quote::Single, Quote::None][usize::from(c / 4) % 4];
    if d % 2 == 0
        && let Ok(text) = std::str::from_utf8(bytes)
    {
        // `csv` leaves a byte order mark out.
        return records_are_those_of_csv(text.trim_start_matches('\u{feff}'), delimiter, quote);
    }
    Ok(())
}

/// A table as a generator of tests makes them: odd cells, quotes, blank lines, totals, any line end and encoding. The first four
/// bytes choose sizes and delimiter.
pub fn odd_file(mut below: impl FnMut(u32) -> u32) -> Vec<u8> {
    const WORDS: &[&str] = &[
        "",
        "--",
        "NA",
        " ",
        "none",
        "\"\"",
        "-",
        "?",
        "é",
        "\u{a0}",
        "Total",
        "x",
        "yes",
        "No",
        "\"a,b;c\"",
        "\"two\nlines\"",
        "\"un",
        "un\"q",
        "\"a\"b",
        "\"do\"\"u\"",
        "< 10%",
        "12%",
        "inf",
        "1e5",
        "1e999",
        "+3",
        "12-",
        "(12.00)",
        "1.234",
        "1.234,5",
        "1,234",
        "1 234,5",
        "$5.20",
        "5 EUR",
        "2026-09-02",
        "03/04/2026",
        "21.08.2013",
        "Sep 2, 2026",
        "00123",
        "23843123456789012",
        "größe",
        "𝄞",
    ];
    let mut bytes: Vec<u8> = (0..4).map(|_| below(256) as u8).collect();
    let delimiter = [",", ";", "\t", "|"][bytes[2] as usize % 4];
    let line_end = ["\n", "\n", "\r\n", "\r"][below(4) as usize];
    let n_columns = 1 + below(5);
    let kinds: Vec<u32> = (0..n_columns).map(|_| below(6)).collect();
    let mut text = String::new();
    for row in 0..below(40) {
        match below(60) {
            0 => text.push_str(line_end),
            1 => text.push_str("# comment"),
            2 => text.push_str("Total"),
            _ => {}
        }
        for (column, kind) in kinds.iter().enumerate() {
            if column > 0 {
                text.push_str(delimiter);
            }
            let odd = below(12) == 0;
            match kind {
                _ if row == 0 => {
                    text.push_str(["Day", "Cost (EUR)", "id", "Clicks", "Name", "zip"][below(6) as usize])
                }
                0 if !odd => text.push_str(&below(10_000).to_string()),
                1 if !odd => text.push_str(&format!("{}.{}", below(3_000), below(1_000))),
                2 if !odd => text.push_str(&format!("{},{}", below(3_000), below(1_000))),
                3 if !odd => text.push_str(&format!("{}/{}/2026", 1 + below(13), 1 + below(13))),
                _ => text.push_str(WORDS[below(WORDS.len() as u32) as usize]),
            }
        }
        text.push_str(line_end);
    }
    match below(10) {
        0 => {
            bytes.extend([0xff, 0xfe]);
            bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
        }
        1 => bytes.extend(text.chars().map(|c| u8::try_from(c).unwrap_or(b'?'))),
        _ => bytes.extend(text.as_bytes()),
    }
    for _ in 0..below(3) * below(2) {
        let at = 4 + below(bytes.len() as u32 - 3) as usize;
        bytes.insert(at, [0, 0xff, b'"', b'\n', 0xc3, b'\r'][below(6) as usize]);
    }
    bytes
}

#[cfg(test)]
mod tests {
    #[test]
    fn odd_files_are_read_the_same_however_they_are_cut() {
        let mut rng = crate::engine::numeric::random::Rng::stream(2026, 9);
        for _ in 0..1_500 {
            let bytes = super::odd_file(|n| rng.below(n));
            if let Err(words) = super::all(&bytes) {
                panic!("{words}\nin {:?}", String::from_utf8_lossy(&bytes));
            }
        }
    }
}
