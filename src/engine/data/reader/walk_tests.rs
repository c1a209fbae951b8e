//! Files that testers brought: short reports, several tables in one, sums by name, doubts that must be said.

use super::{check::parts_agree, *};
use crate::engine::data::{column::ColumnType, issue::Issue, role::Role};

fn try_read(options: &ReadOptions, bytes: &[u8]) -> Result<ReadTable, ReadError> {
    let mut reader = Reader::new("file.csv", options.clone());
    reader.push(bytes)?;
    reader.finish()
}

/// Reads a text, and in small blocks as well: both must give the same.
#[track_caller]
fn with(options: &ReadOptions, text: &str) -> ReadTable {
    for block in [8, 64] {
        let sizes = Sizes { head: 1 << 30, block, tail: 5 };
        assert_eq!(parts_agree(text.as_bytes(), sizes, options), Ok(()));
    }
    try_read(options, text.as_bytes()).expect("readable")
}

#[track_caller]
fn read(text: &str) -> ReadTable {
    with(&ReadOptions::default(), text)
}

fn names(read: &ReadTable) -> Vec<&str> {
    read.table.columns().iter().map(|c| c.name.as_str()).collect()
}

fn cells(read: &ReadTable, name: &str) -> Vec<String> {
    let column = read.table.column(name).expect("the column");
    (0..column.len()).map(|r| column.cell_text(r)).collect()
}

/// Lines and reasons of what was skipped, blank lines aside.
fn skipped(read: &ReadTable) -> Vec<(u64, &str)> {
    let all = read.receipt.skipped.iter().filter(|s| s.reason != "blank");
    all.map(|s| (s.line, s.reason.as_str())).collect()
}

/// The issue whose message holds those words.
fn said<'a>(read: &'a ReadTable, words: &str) -> Option<&'a Issue> {
    read.receipt.issues.iter().find(|i| i.message.contains(words))
}

// Where the table stands.

#[test]
fn a_short_report_may_have_more_lines_above_than_rows() {
    let read = self::read(
        "Account report\nAcme GmbH\nFrom 2026-09-01\nTo 2026-09-30\nCurrency EUR\n\nCampaign,Clicks,Cost\nA,10,1.5\nB,20,2.5\nTotal,30,4\n",
    );
    assert_eq!((names(&read), read.receipt.header_line), (vec!["Campaign", "Clicks", "Cost"], Some(7)));
    assert_eq!(cells(&read, "Clicks"), ["10", "20"]);
    assert_eq!(skipped(&read).last(), Some(&(10, "total row")));

    let above = "# -----\n# Traffic acquisition\n# Account: Demo\n# Property: Shop\n# -----\n#\n# All Users\n# Start date: 20260901\n# End date: 20260930\n";
    let text = format!(
        "{above}Channel,Sessions,Revenue\nOrganic,10,1.5\nDirect,20,2.5\nEmail,30,3.5\nGrand total,60,7.5\n"
    );
    let read = self::read(&text);
    assert_eq!((cells(&read, "Channel").len(), skipped(&read).len()), (3, 10));

    // Semicolons, decimal commas and a second table; a table above many lines of text.
    let read = self::read(
        "GA4\na\nb\nc\nd\ne\n\nChannel;Sessions;Revenue\nA;10;1,5\nB;20;2,5\n\nDevice;Sessions\nx;30\n",
    );
    assert_eq!(cells(&read, "Revenue"), ["1.5", "2.5"]);
    let read = self::read("Channel,Sessions,Revenue\nA,10,1.5\nB,20,2.5\n\nNote\na\nb\nc\nd\ne\n");
    assert_eq!(cells(&read, "Revenue"), ["1.5", "2.5"]);
}

#[test]
fn a_column_of_texts_with_commas_stays_one_column() {
    for text in [
        "Comment\nNice\nGood, really\nBad\nToo late, sorry\n",
        "Comment\nNice\nWell\nMeh\nGood, but slow\nBad, and late\nOk, ok\n",
        "Comment\nNice\nWell\nMeh\nOh\nUh\nGood, but slow\nBad, 5\nOk\n",
        "Day\nSep 1, 2026\nSep 2\nSep 3\nSep 4\nSep 5\n",
    ] {
        assert_eq!(self::read(text).table.n_columns(), 1, "{text}");
    }
}

#[test]
fn a_second_table_of_the_same_metrics_is_told_from_the_first() {
    let text = "Campaign,Impressions,Clicks,Cost\nA,100,5,2.5\nB,200,6,3.5\nTotal,300,11,6\n\nDevice,Impressions,Clicks,Cost\nmobile,150,6,3\ndesktop,150,5,3\n";
    let read = self::read(text);
    assert_eq!(names(&read), ["Campaign", "Impressions", "Clicks", "Cost"]);
    assert_eq!(cells(&read, "Campaign"), ["A", "B"]);
    assert_eq!(
        skipped(&read),
        [(4, "total row"), (6, "second table"), (7, "second table"), (8, "second table")]
    );
    // Words that come back as values do are no names, whatever blank lines stand between.
    let read = self::read("red,small\nred,large\n\nblue,small\nblue,large\ngreen,small\n");
    assert_eq!((read.receipt.header_line, read.table.n_rows()), (None, 5));
}

#[test]
fn a_second_table_may_be_padded_with_delimiters() {
    let text =
        "Campaign,Impressions,Clicks,Cost\nA,100,5,2.5\nB,200,6,3.5\n,,,\nDevice,Sessions,,\nmobile,150,,\n";
    let read = self::read(text);
    assert_eq!((cells(&read, "Campaign"), skipped(&read).len()), (vec!["A".into(), "B".into()], 2));
    // A name alone, with a gap or among words, begins none.
    for row in ["C,,,", "C,,x,", "C,C,,"] {
        let text = format!("Campaign,Status,Clicks,Cost\nA,on,5,2.5\nB,on,6,3.5\n,,,\n{row}\nD,on,7,1\n");
        assert_eq!(self::read(&text).table.n_rows(), 4, "{row}");
    }
}

// Sums.

#[test]
fn subtotals_are_told_by_their_names() {
    for label in
        ["Subtotal Brand", "Sub-total", "Zwischensumme", "Zwischensumme: Marke", "Sous-total", "SUBTOTAL (2)"]
    {
        let text = format!("Campaign,Clicks,Cost\nA,1,2.5\nB,2,3.5\n{label},3,6\nC,4,1\nSum,7,7\n");
        let read = self::read(&text);
        assert_eq!(skipped(&read), [(4, "subtotal row"), (6, "total row")], "{label}");
        let kept = ReadOptions { keep_reasons: vec!["subtotal row".to_owned()], ..ReadOptions::default() };
        assert_eq!(with(&kept, &text).table.n_rows(), 4);
    }
    let text =
        "Campaign,Clicks,Cost\nSummer,1,2.5\nSubtotality,2,3.5\nSum of parts,3,6\nZwischensummen,3,5\n";
    assert_eq!(self::read(text).table.n_rows(), 4);
}

#[test]
fn a_total_of_the_label_before_is_a_subtotal() {
    let text =
        "Region,Campaign,Clicks\nN,A,1\nN,B,2\nN Total,,3\nS,A,4\nS,B,5\nS Total,,9\nGrand Total,,12\n";
    let read = self::read(text);
    assert_eq!(skipped(&read), [(4, "subtotal row"), (7, "subtotal row"), (8, "total row")]);
    assert_eq!(cells(&read, "Clicks"), ["1", "2", "4", "5"]);
    let kept = ReadOptions { keep_lines: vec![4], ..ReadOptions::default() };
    assert_eq!(cells(&with(&kept, text), "Clicks"), ["1", "2", "3", "4", "5"]);
    // Labels that are not written again, the order of German spreadsheets and of French ones.
    let read = self::read("Region;Klicks\nNord;1\n;2\nNord Ergebnis;3\nSüd;4\nTotal Süd;4\n");
    assert_eq!(cells(&read, "Klicks"), ["1", "2", "4"]);
    // Names that only end so: no such label before, or no sum of what it holds.
    for text in [
        "Brand,Clicks,Cost\nColgate,5,1.5\nColgate Total,7,2.5\nSignal,5,1.5\n",
        "Brand,Clicks\nFeed Total,5\nOther,6\nSunday Total,7\n",
        "Brand,Clicks,Cost\nA,5,1\nA,6,2\nB,9,1\nA Total,11,3\n",
    ] {
        assert_eq!(self::read(text).table.n_rows(), text.lines().count() - 1, "{text}");
    }
}

// Doubts.

#[test]
fn currencies_of_one_file_are_told_apart() {
    for (text, words) in [
        (
            "Campaign,Spend\nA,$10\nB,€11\nC,$12\n",
            "Money is in $ (2 cells of “Spend”) and € (1 cell of “Spend”)",
        ),
        (
            "Order,Currency,Total,Clicks\n1,EUR,100,5\n2,USD,200,6\n3,USD,200,6\n",
            "Money is in EUR (1 cell of “Currency”) and USD (2 cells of “Currency”)",
        ),
        (
            "Campaign,Spend (EUR),Spend (USD)\nA,5,100\nB,6,200\n",
            "Money is in EUR (“Spend (EUR)”) and USD (“Spend (USD)”)",
        ),
        (
            "Campaign,Spend (EUR),Value\nA,5,$100\nB,6,$200\n",
            "Money is in EUR (“Spend (EUR)”) and $ (2 cells of “Value”)",
        ),
    ] {
        let read = self::read(text);
        let issue = said(&read, words).unwrap_or_else(|| panic!("{text}: {:?}", read.receipt.issues));
        assert!(issue.message.contains("one currency"), "{}", issue.message);
        assert_eq!((issue.severity, read.currency), (crate::engine::data::issue::Severity::Warning, None));
    }
    for (text, currency) in [
        ("Campaign,Spend,Currency\nA,$10,USD\nB,US$11,USD\nC,$5,\n", "USD"),
        ("Campaign,Spend (EUR),Value\nA,5,€100\nB,6,200 EUR\n", "EUR"),
        ("Campaign,Spend\nA,-$10\nB,11\nC,($12)\n", "$"),
    ] {
        let read = self::read(text);
        assert!(said(&read, "Money is in").is_none(), "{:?}", read.receipt.issues);
        assert_eq!(read.currency.as_deref(), Some(currency));
    }
}

#[test]
fn thousands_that_may_be_decimals_are_decided_or_told() {
    // Nothing tells: the reading is said, and the other one.
    let read = self::read("Name,Amount\na,1.234\nb,12.500\nc,7\n");
    assert_eq!(cells(&read, "Amount"), ["1.234", "12.5", "7"]);
    let issue = said(&read, "How the file was read").expect("a doubt");
    assert!(issue.message.contains("“1.234”") && issue.message.contains("1234"), "{}", issue.message);
    assert_eq!((issue.count, issue.column.as_deref()), (2, Some("Amount")));
    // Semicolons, the language of the names and another column tell.
    for text in [
        "Day;Kosten\n01.02.2026;1.234\n13.02.2026;2.500\n",
        "Name;Amount\na;1.234\nb;2.500\n",
        "Kampagne,Amount\na,1.234\nb,2.500\n",
        "Name\tAmount\tRate\na\t1.234\t0,5\nb\t2.500\t0,25\n",
    ] {
        let read = self::read(text);
        let name = names(&read)[1].to_owned();
        assert_eq!(cells(&read, &name), ["1234", "2500"], "{text}");
        let issue = said(&read, "How the file was read").expect("said");
        assert_eq!(issue.severity, crate::engine::data::issue::Severity::Note, "{text}");
    }
    // The user's word, thousands of English files, and cells or columns that tell.
    let point = ReadOptions { decimal: Some(Decimal::Point), ..ReadOptions::default() };
    let read = with(&point, "Name;Amount\na;1.234\nb;2.500\n");
    assert_eq!(
        (cells(&read, "Amount"), said(&read, "How the file")),
        (vec!["1.234".into(), "2.5".into()], None)
    );
    for text in [
        "Name,Impressions\na,\"1,234\"\nb,\"2,500\"\n",
        "Name,Amount\na,1.234\nb,2.5\n",
        "Name,Amount,Rate\na,1.234,2.5\nb,2.345,1.25\n",
        "Name;Amount\na;5\nb;2.5\n",
    ] {
        assert_eq!(said(&self::read(text), "How the file"), None, "{text}");
    }
}

#[test]
fn a_date_order_settled_elsewhere_is_said() {
    let read = self::read("Day,Sent,Clicks\n02/03/2026,25/03/2026,1\n04/03/2026,26/03/2026,2\n");
    assert_eq!(cells(&read, "Day")[0], "2026-03-02");
    let issue = said(&read, "settled by “Sent”").expect("said");
    assert_eq!((issue.column.as_deref(), issue.count), (Some("Day"), 2));
    assert!(issue.message.contains("day first"), "{}", issue.message);
}

#[test]
fn a_word_among_dates_is_said() {
    let read = self::read("Day,Clicks\n2026-03-01,1\n2026-03-02,2\n2026-03-03,2\n2026-03-04,3\nsoon,4\n");
    let issue = said(&read, "are dates, but 1 is not, such as “soon”").expect("said");
    assert_eq!((issue.line, issue.count), (Some(6), 1));
    assert_eq!(said(&self::read("Note\n2026-03-01\nnever\nsoon\nlater\n"), "are dates"), None);
}

#[test]
fn months_are_dates() {
    for (month, expected) in [
        ("2026-09", "2026-09-01"),
        ("Sep 2026", "2026-09-01"),
        ("März 2026", "2026-03-01"),
        ("sept. de 2026", "2026-09-01"),
    ] {
        let read = self::read(&format!("Month,Clicks\n{month},1\n2026-02,2\n"));
        assert_eq!(cells(&read, "Month"), [expected, "2026-02-01"]);
        assert!(said(&read, "first of the month").is_some(), "{:?}", read.receipt.issues);
    }
    let read = self::read("Code,Clicks\n2026-13,1\nMay 26,2\nMarch 7,1\n");
    assert_ne!(read.table.column("Code").map(|c| c.column_type()).ok(), Some(ColumnType::Date));
}

#[test]
fn an_apostrophe_before_digits_is_a_spreadsheets_mark() {
    let read = self::read("Name,Billing Zip,Quote\na,'10001,'tis\nb,'02134,x\nc,,'y'\n");
    assert_eq!(cells(&read, "Billing Zip"), ["10001", "02134", ""]);
    assert_eq!(cells(&read, "Quote"), ["'tis", "x", "'y'"]);
}

#[test]
fn names_of_other_tools_and_rates_are_known() {
    let read = self::read("Campaign,Impr.,Clicks,Spend,Avg. CPC\nA,1000,10,5.5,0.5\n");
    assert_eq!((read.receipt.source, read.table.columns()[1].role), (None, Role::Impressions));
    let read = self::read("Campaign,Impr.,Clicks,Cost,Cost / conv.\nA,1000,10,5.5,0.5\n");
    assert_eq!(read.receipt.source.as_deref(), Some("Google Ads report"));
    for (header, role) in [
        ("Name der Kampagne", Role::Campaign),
        ("Interaktionsrate", Role::Ratio),
        ("Durchschn. Kosten", Role::Ratio),
        ("Result rate", Role::Ratio),
        ("Session key event rate", Role::Ratio),
        ("Average engagement time per session", Role::Ratio),
        ("Events per session", Role::Ratio),
        ("ROAS für Käufe (Return on Ad Spend)", Role::Ratio),
        ("ROAS des achats (retour sur les dépenses publicitaires)", Role::Ratio),
        ("ROAS Pembelian", Role::Ratio),
        ("Ø CPC", Role::Ratio),
        ("Prom. CPC", Role::Ratio),
    ] {
        assert_eq!(recognise::role_of(header), Some(role), "{header}");
    }
    for header in ["Sample rate card", "Corporate", "Separate", "Roast"] {
        assert_eq!(recognise::role_of(header), None, "{header}");
    }
}

// What is no table.

#[test]
fn bytes_of_anything_else_are_no_table() {
    let mut rng = crate::engine::numeric::random::Rng::stream(40, 1);
    let bytes: Vec<u8> = (0..40_000).map(|_| rng.below(256) as u8).collect();
    for n in [200, 4_000, 40_000] {
        let error = try_read(&ReadOptions::default(), &bytes[..n]).expect_err("no table");
        assert_eq!(error, ReadError::NotATable { looks_like: "a binary file".to_owned() }, "{n}");
    }
    for text in [",,,\n,,,\n", "\"\n".repeat(500).as_str(), ",", ";;\n"] {
        let error = try_read(&ReadOptions::default(), text.as_bytes()).expect_err("no table");
        assert_eq!(error, ReadError::HeaderOnly { n_columns: 0 }, "{text}");
        assert!(error.to_string().contains("no table"), "{error}");
    }
    // Letters of other encodings.
    for encoding in
        [encoding_rs::WINDOWS_1251, encoding_rs::SHIFT_JIS, encoding_rs::GBK, encoding_rs::WINDOWS_1252]
    {
        let text = "Кампания,点击,größe\n".repeat(40);
        let (bytes, _, _) = encoding.encode(&text);
        let read = try_read(&ReadOptions::default(), &bytes);
        assert!(!matches!(read, Err(ReadError::NotATable { .. })), "{}", encoding.name());
    }
}
