//! Whole files: the two kinds of real file against reference values, exports of the ad tools, and every bad input.

use std::borrow::Cow;

use super::{dialect::Dialect, tokens::Tokens, *};
use crate::engine::{
    data::{
        column::{Column, ColumnType, Values},
        convert::convert,
        issue::{Issue, IssueKind},
        role::{Role, TableKind},
    },
    testing::{close, reference, shared},
};

fn read_bytes(bytes: &[u8]) -> Result<ReadTable, ReadError> {
    let mut reader = Reader::new("file.csv", ReadOptions::default());
    reader.push(bytes)?;
    reader.finish()
}

#[track_caller]
fn read(text: &str) -> ReadTable {
    read_bytes(text.as_bytes()).expect("readable")
}

fn with(options: ReadOptions, text: &str) -> ReadTable {
    let mut reader = Reader::new("file.csv", options);
    reader.push(text.as_bytes()).expect("a table");
    reader.finish().expect("readable")
}

/// Options that read one column so.
fn own(column: &str, how: How) -> ReadOptions {
    let mut options = ReadOptions::default();
    options.set_how(column, Some(how));
    options
}

#[test]
fn a_column_can_be_had_as_it_stands_in_the_file() {
    let text = "spend,when,flag\n1.20,9/13/2026,yes\n+0017,1/2/2026,no\n\"$1,200.50\",3/4/2026,yes\n";
    let was = |name: &str| column_text(&read(text), name);
    assert_eq!(was("spend"), ["1.2", "17", "1200.5"]);
    let columns = [
        ("spend", ["1.20", "+0017", "$1,200.50"]),
        ("when", ["9/13/2026", "1/2/2026", "3/4/2026"]),
        ("flag", ["yes", "no", "yes"]),
    ];
    for (name, cells) in columns {
        let read = with(own(name, How::Text), text);
        assert_eq!(column_text(&read, name), cells);
        assert!(matches!(type_of(&read, name), ColumnType::Category | ColumnType::Text), "{name}");
        // The others are as they were.
        for (other, _) in columns.iter().filter(|(other, _)| *other != name) {
            assert_eq!(column_text(&read, other), was(other));
        }
    }
}

#[test]
fn one_column_can_be_read_otherwise_than_the_file() {
    let text = "us,eu,a,b\n9/13/2026,13/9/2026,1.234,2.345\n1/2/2026,1/2/2026,1.235,2.346\n";
    let decimals = with(own("a", How::DecimalComma), text);
    assert_eq!(
        (column_text(&decimals, "a")[0].as_str(), column_text(&decimals, "b")[0].as_str()),
        ("1234", "2.345")
    );
    let text = "x,y\n03/04/2026,03/04/2026\n05/06/2026,05/06/2026\n";
    let mut options = own("x", How::MonthFirst);
    options.set_how("y", Some(How::DayFirst));
    let dates = with(options, text);
    assert_eq!(column_text(&dates, "x"), ["2026-03-04", "2026-05-06"]);
    assert_eq!(column_text(&dates, "y"), ["2026-04-03", "2026-06-05"]);
    // Of two columns in doubt the answer about one leaves the question about the other.
    let in_doubt = |read: &ReadTable| -> Vec<String> {
        let doubts = read.receipt.issues.iter().filter(|i| i.kind == IssueKind::AmbiguousDate);
        doubts.filter_map(|i| i.column.clone()).collect()
    };
    let in_turn = [ReadOptions::default(), own("x", How::MonthFirst)].map(|o| in_doubt(&with(o, text)));
    assert_eq!((in_turn, in_doubt(&dates)), ([vec!["x".into(), "y".into()], vec!["y".into()]], vec![]));
}

#[test]
fn words_that_become_numbers_or_dates_later_are_read_as_the_file_is() {
    let options =
        ReadOptions { decimal: Some(Decimal::Comma), day_first: Some(false), ..ReadOptions::default() };
    let text = "rev;joined\n1.201;04/02/2026\nk.A.;soon\nx;later\n";
    let read = with(options, text);
    let now = |name: &str, to| {
        let column = read.table.column(name).expect("there");
        convert(column, to, read.table.writing).0.cell_text(0)
    };
    assert_eq!(now("rev", ColumnType::Number), "1201");
    assert_eq!(now("joined", ColumnType::Date), "2026-04-02");
}

fn names(read: &ReadTable) -> Vec<&str> {
    read.table.columns().iter().map(|c| c.name.as_str()).collect()
}

fn column_text(read: &ReadTable, name: &str) -> Vec<String> {
    let column = read.table.column(name).expect("the column");
    (0..column.len()).map(|r| column.cell_text(r)).collect()
}

fn kinds(read: &ReadTable) -> Vec<IssueKind> {
    read.receipt.issues.iter().map(|i| i.kind).collect()
}

fn issue_of(read: &ReadTable, kind: IssueKind) -> &Issue {
    read.receipt
        .issues
        .iter()
        .find(|i| i.kind == kind)
        .unwrap_or_else(|| panic!("no {kind:?} in {:?}", read.receipt.issues))
}

fn type_of(read: &ReadTable, name: &str) -> ColumnType {
    read.table.column(name).expect("the column").column_type()
}

/// One column of cells, each read and written again.
#[track_caller]
fn check_column(header: &str, cells: &[&str], expected_type: ColumnType, expected: &[&str]) {
    let mut text = format!("k\t{header}\n");
    for cell in cells {
        text.push_str(&format!("x\t{cell}\n"));
    }
    let read = read(&text);
    assert_eq!(type_of(&read, header), expected_type, "{:?}", read.receipt);
    assert_eq!(column_text(&read, header), expected);
}

// The two kinds of real file.

#[track_caller]
fn check_described(read: &ReadTable, described: &serde_json::Value) {
    for (name, expected) in described.as_object().expect("an object") {
        let column = read.table.column(name).expect("the column");
        let summary = crate::engine::data::summary::summarise_column(column);
        assert_eq!(summary.n_missing, expected["missing"].as_u64().expect("missing"), "{name}");
        assert_eq!(summary.n_unique, expected["unique"].as_u64().expect("unique"), "{name}");
        let numbers: Vec<f64> = match &column.values {
            Values::Number(v) => v.iter().copied().filter(|x| !x.is_nan()).collect(),
            Values::Category(d) => {
                d.codes.iter().filter_map(|&c| d.levels[c as usize].parse().ok()).collect()
            }
            _ => Vec::new(),
        };
        if let Some(mean) = expected["mean"].as_f64() {
            close(numbers.iter().sum::<f64>() / numbers.len() as f64, mean, 1e-9);
            let (low, high) = (
                numbers.iter().copied().fold(f64::MAX, f64::min),
                numbers.iter().copied().fold(f64::MIN, f64::max),
            );
            close(low, expected["min"].as_f64().expect("min"), 1e-12);
            close(high, expected["max"].as_f64().expect("max"), 1e-12);
        }
        if let (Values::Category(d), Some(top)) = (&column.values, expected["top"].as_object()) {
            for (level, n) in top {
                let code = d.levels.iter().position(|l| l == level).expect("the level") as u32;
                assert_eq!(
                    d.codes.iter().filter(|&&c| c == code).count() as u64,
                    n.as_u64().expect("a count")
                );
            }
        }
    }
}

#[test]
fn the_ads_file_is_read_exactly() {
    let (Some(path), Some(reference)) = (shared("data/KAG_conversion_data.csv"), reference("ads.json"))
    else {
        return;
    };
    let read = read_bytes(&std::fs::read(path).expect("the file")).expect("readable");
    assert_eq!((read.table.n_rows(), read.table.n_columns()), (1143, 11));
    assert_eq!(read.table.kind, TableKind::Ads);
    let roles: Vec<Role> = read.table.columns().iter().map(|c| c.role).collect();
    assert_eq!(
        roles,
        [
            Role::Identifier,
            Role::Campaign,
            Role::AdGroup,
            Role::Category,
            Role::Category,
            Role::Category,
            Role::Impressions,
            Role::Clicks,
            Role::Spend,
            Role::Enquiries,
            Role::Purchases
        ]
    );
    assert_eq!(type_of(&read, "interest"), ColumnType::Category);
    assert_eq!(read.receipt.issues, []);
    assert_eq!(
        read.receipt.sentence,
        "Comma-separated, UTF-8, 1,143 rows and 11 columns; nothing was left out."
    );
    check_described(&read, &reference["describe"]);
    let sum = |name: &str| {
        read.table.column(name).expect("a column").as_numbers().expect("numbers").iter().sum::<f64>()
    };
    assert_eq!((sum("Impressions"), sum("Clicks")), (213_434_828.0, 38_165.0));
    assert_eq!((sum("Total_Conversion"), sum("Approved_Conversion")), (3264.0, 1079.0));
    assert!((sum("Spent") - 58_705.23).abs() < 0.01);
}

#[test]
fn the_customers_file_is_read_exactly() {
    let (Some(path), Some(reference)) =
        (shared("data/marketing_campaign_data.csv"), reference("customers.json"))
    else {
        return;
    };
    let read = read_bytes(&std::fs::read(path).expect("the file")).expect("readable");
    assert_eq!((read.table.n_rows(), read.table.n_columns()), (2240, 30));
    assert_eq!(read.table.kind, TableKind::Customers);
    assert_eq!(names(&read)[..3], ["column_1", "ID", "Year_Birth"]);
    let role = |name: &str| read.table.column(name).expect("the column").role;
    for (name, expected) in [
        ("column_1", Role::Identifier),
        ("ID", Role::Identifier),
        ("Year_Birth", Role::BirthYear),
        ("Education", Role::Category),
        ("Marital_Status", Role::MaritalStatus),
        ("Income", Role::Income),
        ("Kidhome", Role::Kids),
        ("Teenhome", Role::Teens),
        ("Dt_Customer", Role::JoinDate),
        ("Recency", Role::Recency),
        ("MntCoke", Role::ProductSpend),
        ("MntGoldProds", Role::ProductSpend),
        ("NumDealsPurchases", Role::DealPurchases),
        ("NumWebPurchases", Role::WebPurchases),
        ("NumCatalogPurchases", Role::CatalogPurchases),
        ("NumStorePurchases", Role::StorePurchases),
        ("NumWebVisitsMonth", Role::WebVisits),
        ("AcceptedCmp1", Role::EarlierResponse),
        ("AcceptedCmp5", Role::EarlierResponse),
        ("Complain", Role::Complaint),
        ("Z_CostContact", Role::Cost),
        ("Z_Revenue", Role::ValuePerResponse),
        ("Response", Role::Response),
    ] {
        assert_eq!(role(name), expected, "{name}");
    }
    assert_eq!(kinds(&read), [IssueKind::EmptyHeader]);
    assert_eq!(column_text(&read, "Dt_Customer")[..2], ["2012-09-04", "2014-03-08"]);
    check_described(&read, &reference["describe"]);
}

// Bad input.

#[test]
fn an_empty_file_says_so() {
    assert_eq!(read_bytes(b"").unwrap_err(), ReadError::Empty);
    assert_eq!(read_bytes(b"\n \n").unwrap_err(), ReadError::Empty);
    assert_eq!(read_bytes(b"\xef\xbb\xbf").unwrap_err(), ReadError::Empty);
    assert_eq!(ReadError::Empty.to_string(), "the file is empty");
}

#[test]
fn a_header_without_rows_says_so() {
    assert_eq!(read_bytes(b"a,b,c\n").unwrap_err(), ReadError::HeaderOnly { n_columns: 3 });
    assert_eq!(read_bytes(b"a").unwrap_err(), ReadError::HeaderOnly { n_columns: 1 });
}

#[test]
fn one_column_is_a_table() {
    let read = read("price\n1.5\n2\n");
    assert_eq!(
        (names(&read), column_text(&read, "price")),
        (vec!["price"], vec!["1.5".to_owned(), "2".into()])
    );
    let read = self::read("price\n1,5\n2,5\n0,5\n");
    assert_eq!(column_text(&read, "price"), ["1.5", "2.5", "0.5"]);
}

#[test]
fn without_a_header_names_are_made_up() {
    let read = read("1,x,2.5\n2,y,3.5\n");
    assert_eq!(names(&read), ["column_1", "column_2", "column_3"]);
    assert_eq!((read.table.n_rows(), read.receipt.header_line), (2, None));
    assert_eq!(kinds(&read), [IssueKind::NoHeader]);
}

#[test]
fn ragged_rows_are_kept_and_reported() {
    let read = read("a,b,c\n1,2,3\n4,5\n6,7,8,9\n1,1,1\n1,1,1\n");
    assert_eq!(read.table.n_rows(), 5);
    assert_eq!(column_text(&read, "c"), ["3", "", "8", "1", "1"]);
    let messages: Vec<&str> = read.receipt.issues.iter().map(|i| i.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "Row 2 has 2 cells, the header has 3; the missing cells were left empty.",
            "Row 3 has 4 cells, the header has 3; the row was kept and the extra cells were left out."
        ]
    );
    assert_eq!(read.receipt.issues[1].text.as_deref(), Some("9"));
}

#[test]
fn two_thousand_columns_are_read() {
    let row = |f: &dyn Fn(usize) -> String| (0..2000).map(f).collect::<Vec<_>>().join(",");
    let text = format!(
        "{}\n{}\n{}\n",
        row(&|i| format!("c{i}")),
        row(&|i| i.to_string()),
        row(&|i| (i * 2).to_string())
    );
    let read = read(&text);
    assert_eq!((read.table.n_rows(), read.table.n_columns()), (2, 2000));
    assert_eq!(column_text(&read, "c1999"), ["1999", "3998"]);
}

#[test]
fn too_many_columns_are_refused() {
    let text = format!("{}\n{}\n", vec!["a"; 10_001].join(","), vec!["1"; 10_001].join(","));
    assert_eq!(
        read_bytes(text.as_bytes()).unwrap_err(),
        ReadError::TooManyColumns { found: 10_001, limit: 10_000 }
    );
}

#[test]
fn a_photograph_renamed_csv_is_named() {
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    png.extend((0..5000_u32).map(|i| (i * 7919 % 251) as u8));
    let expected = ReadError::NotATable { looks_like: "a PNG image".into() };
    assert_eq!(read_bytes(&png).unwrap_err(), expected);
    let mut reader = Reader::new("photo.csv", ReadOptions::default());
    let early = png.chunks(100).find_map(|chunk| reader.push(chunk).err());
    assert_eq!(early, Some(expected.clone()));
    assert_eq!(expected.to_string(), "the file is no table: it looks like a PNG image");
}

#[test]
fn nul_bytes_are_tolerated() {
    let read = read_bytes(b"name,n\nab\0c,1\nd,2\n").expect("readable");
    assert_eq!(column_text(&read, "name"), ["abc", "d"]);
    assert_eq!(issue_of(&read, IssueKind::NulByte).line, Some(2));
}

#[test]
fn utf16_is_read() {
    let text = "Kampagne\tKosten\nGröße\t1\nZwei\t2\n";
    for (bom, is_little) in [(true, true), (true, false), (false, true), (false, false)] {
        let mut bytes = Vec::new();
        let units = bom.then_some(0xfeff).into_iter().chain(text.encode_utf16());
        for unit in units {
            bytes.extend(if is_little { unit.to_le_bytes() } else { unit.to_be_bytes() });
        }
        let read = read_bytes(&bytes).expect("readable");
        assert_eq!(column_text(&read, "Kampagne"), ["Größe", "Zwei"]);
        assert_eq!(read.receipt.encoding, if is_little { "UTF-16 LE" } else { "UTF-16 BE" });
        assert_eq!(read.receipt.delimiter, '\t');
    }
}

#[test]
fn windows_1252_is_read() {
    let read = read_bytes(b"Name;Preis\nCaf\xe9;1,50 \x80\nTee;2,50 \x80\n").expect("readable");
    assert_eq!(column_text(&read, "Name"), ["Café", "Tee"]);
    assert_eq!(column_text(&read, "Preis"), ["1.5", "2.5"]);
    assert_eq!((read.receipt.encoding.as_str(), read.currency.as_deref()), ("Windows-1252", Some("€")));
}

#[test]
fn an_unclosed_quote_at_the_end_loses_nothing() {
    let read = read("name,n\na,1\nb,2\n\"c,3\nd,4\n");
    assert_eq!(column_text(&read, "n"), ["1", "2", "3", "4"]);
    assert_eq!(column_text(&read, "name"), ["a", "b", "\"c", "d"]);
    assert_eq!(issue_of(&read, IssueKind::UnclosedQuote).line, Some(4));
}

#[test]
fn duplicate_and_empty_headers_get_names() {
    let read = read("a,a,,a,a (2)\n1,2,3,4,5\n");
    assert_eq!(names(&read), ["a", "a (3)", "column_3", "a (4)", "a (2)"]);
    assert_eq!(
        kinds(&read),
        [IssueKind::DuplicateHeader, IssueKind::EmptyHeader, IssueKind::DuplicateHeader]
    );
    assert_eq!(self::names(&self::read("a,a\n1,2\n")), ["a", "a (2)"]);
}

#[test]
fn a_column_of_only_missing_values_is_kept() {
    let read = read("a,b,c\n1,,NA\n2,,\n");
    assert_eq!(read.table.column("b").expect("b").n_missing(), 2);
    assert_eq!(kinds(&read), [IssueKind::EmptyColumn, IssueKind::EmptyColumn]);
}

// Types.

#[test]
fn numbers_are_read_however_they_are_written() {
    let number = ColumnType::Number;
    check_column("v", &["1", "-2.5", "+3", "1e3", ".5"], number, &["1", "-2.5", "3", "1000", "0.5"]);
    check_column("v", &["1,204", "12,345,678", "7"], number, &["1204", "12345678", "7"]);
    check_column("v", &["1.234,50", "2,5", "1.000"], number, &["1234.5", "2.5", "1000"]);
    check_column(
        "v",
        &["1 234,56", "1\u{a0}234,56", "2\u{202f}000,10"],
        number,
        &["1234.56", "1234.56", "2000.1"],
    );
    check_column("v", &["1'234.50", "2"], number, &["1234.5", "2"]);
    check_column("v", &["7.23%", "10 %"], number, &["7.23", "10"]);
    check_column(
        "v",
        &["$172.45", "-$3", "$-3", "(12.00)", "12-"],
        number,
        &["172.45", "-3", "-3", "-12", "-12"],
    );
    check_column("v", &["EUR 5", "5 EUR", "5€"], number, &["5", "5", "5"]);
    check_column(
        "v",
        &["1", "NA", "N/A", "null", "NaN", "-", "--", "—"],
        number,
        &["1", "", "", "", "", "", "", ""],
    );
    check_column("v", &["1,20,000", "5,00,000"], number, &["120000", "500000"]);
    check_column("v", &["0", "1", "1"], number, &["0", "1", "1"]);
}

#[test]
fn the_decimal_comma_of_one_column_decides_for_doubtful_ones() {
    let read = read("a;b\n1,5;1.234\n2,25;2.345\n");
    assert_eq!(column_text(&read, "b"), ["1234", "2345"]);
    let read = self::read("a;b\n1.5;1.234\n2.25;2.345\n");
    assert_eq!(column_text(&read, "b"), ["1.234", "2.345"]);
}

#[test]
fn infinity_is_missing_with_an_issue() {
    let read = read("k,v\na,1\nb,inf\nc,-Infinity\nd,1e999\ne,-1e300\nf,1e100\n");
    let v = column_text(&read, "v");
    assert_eq!(
        (v[0].as_str(), &v[1..5], v[5].is_empty()),
        ("1", &["", "", "", ""].map(String::from)[..], false)
    );
    let issue = issue_of(&read, IssueKind::Infinite);
    assert_eq!((issue.count, issue.line), (4, Some(3)));
}

#[test]
fn a_few_words_do_not_spoil_a_column_of_numbers() {
    let mut text = String::from("k,v\n");
    for i in 0..40 {
        text.push_str(&format!("x,{}\n", if i == 7 { "broken".to_owned() } else { i.to_string() }));
    }
    let read = read(&text);
    assert_eq!(type_of(&read, "v"), ColumnType::Number);
    let issue = issue_of(&read, IssueKind::UnreadableNumber);
    assert_eq!((issue.count, issue.line, issue.text.as_deref()), (1, Some(9), Some("broken")));
    assert_eq!(
        issue.message,
        "1 cell of “v” could not be read as a number, such as “broken”; it was set to missing."
    );
}

#[test]
fn half_numbers_half_words_stay_text_with_an_issue() {
    let read = read("k,v\na,1\nb,2\nc,x\nd,3\n");
    assert_eq!(type_of(&read, "v"), ColumnType::Category);
    assert_eq!(issue_of(&read, IssueKind::MixedTypes).count, 1);
}

#[test]
fn dates_are_read_however_they_are_written() {
    let date = ColumnType::Date;
    check_column(
        "v",
        &["2026-09-02", "2026/09/03", "2026.09.04"],
        date,
        &["2026-09-02", "2026-09-03", "2026-09-04"],
    );
    check_column("v", &["04-09-2012", "21-08-2013"], date, &["2012-09-04", "2013-08-21"]);
    check_column("v", &["9/4/2012", "8/21/13"], date, &["2012-09-04", "2013-08-21"]);
    check_column("v", &["04.09.2012", "21.08.2013"], date, &["2012-09-04", "2013-08-21"]);
    check_column("v", &["4-Sep-12", "21-Aug-13"], date, &["2012-09-04", "2013-08-21"]);
    check_column("v", &["Sep 2, 2026", "September 12, 2026"], date, &["2026-09-02", "2026-09-12"]);
    check_column("v", &["2 Sep 2026", "Wed, 2 Sep 2026"], date, &["2026-09-02", "2026-09-02"]);
    check_column("Date", &["20250131", "20250201"], date, &["2025-01-31", "2025-02-01"]);
    check_column("v", &["20250131", "20250201"], ColumnType::Number, &["20250131", "20250201"]);
    check_column("v", &["2026-05-01T10:00:00Z"], date, &["2026-05-01T10:00:00"]);
    check_column("v", &["2026-05-01 10:00:00 +0200"], date, &["2026-05-01T08:00:00"]);
    check_column(
        "v",
        &["5/1/2026 1:30 PM", "5/13/2026 12:00 AM"],
        date,
        &["2026-05-01T13:30:00", "2026-05-13"],
    );
    check_column("v", &["1.2.3", "2.3.4"], ColumnType::Category, &["1.2.3", "2.3.4"]);
}

#[test]
fn dates_whose_days_are_all_small_raise_a_question() {
    let read = read("k,d\na,03/04/2026\nb,05/06/2026\n");
    assert_eq!(column_text(&read, "d"), ["2026-04-03", "2026-06-05"]);
    assert_eq!(issue_of(&read, IssueKind::AmbiguousDate).count, 2);
    let options = ReadOptions { day_first: Some(false), ..ReadOptions::default() };
    let read = with(options, "k,d\na,03/04/2026\nb,05/06/2026\n");
    assert_eq!(column_text(&read, "d"), ["2026-03-04", "2026-05-06"]);
    assert_eq!(read.receipt.issues, []);
}

#[test]
fn a_column_of_clear_dates_decides_for_doubtful_ones() {
    let read = read("d,e\n03/04/2026,1/13/2026\n05/06/2026,1/14/2026\n");
    assert_eq!(column_text(&read, "d"), ["2026-03-04", "2026-05-06"]);
    assert_eq!(kinds(&read), [IssueKind::Other]);
    assert!(read.receipt.issues[0].message.contains("month first, settled by “e”"), "{:?}", read.receipt);
}

#[test]
fn days_that_do_not_exist_are_reported() {
    let mut text = String::from("k,d\n");
    for day in 1..=27 {
        text.push_str(&format!("x,{day}/03/2026\n"));
    }
    text.push_str("y,04/31/2026\n");
    let read = read(&text);
    assert_eq!(issue_of(&read, IssueKind::UnreadableDate).count, 1);
    assert_eq!(read.table.column("d").expect("d").n_missing(), 1);
}

#[test]
fn yes_and_no_are_boolean_and_codes_are_categories() {
    check_column("v", &["yes", "No", "YES", ""], ColumnType::Boolean, &["yes", "no", "yes", ""]);
    check_column("v", &["TRUE", "false"], ColumnType::Boolean, &["yes", "no"]);
    check_column("zip", &["01234", "99999"], ColumnType::Category, &["01234", "99999"]);
    check_column("v", &["00123", "00124"], ColumnType::Category, &["00123", "00124"]);
    check_column(
        "id",
        &["23843123456789012", "23843123456789013"],
        ColumnType::Text,
        &["23843123456789012", "23843123456789013"],
    );
    check_column("v", &["30-34", "<30", "60+"], ColumnType::Category, &["30-34", "<30", "60+"]);
}

#[test]
fn many_different_words_are_text() {
    let mut text = String::from("n,v\n");
    for i in 0..100 {
        text.push_str(&format!("{i},person{i}@example.org\n"));
    }
    assert_eq!(type_of(&read(&text), "v"), ColumnType::Text);
}

// Exports.

#[test]
fn a_google_ads_report_is_recognised() {
    let text = "Campaign report\n\"September 1, 2026 - September 30, 2026\"\n\
        Campaign,Day,Campaign status,Currency code,Impr.,Clicks,CTR,Avg. CPC,Cost,Conversions,Conv. value\n\
        Brand,\"Sep 2, 2026\",Enabled,EUR,\"1,204\",87,7.23%,1.98,172.45,3.00,120.00\n\
        Generic,\"Sep 2, 2026\",Enabled,EUR,\"2,000\",20,1.00%, --,0.00, --,0.00\n\
        Generic,\"Sep 13, 2026\",Paused,EUR,900,10,1.11%,2.00,20.00,1.00,30.00\n\
        Total: Campaigns, --, --,EUR,\"4,104\",117,2.85%,1.65,192.45,4.00,150.00\n\
        Total: Account, --, --,EUR,\"4,104\",117,2.85%,1.65,192.45,4.00,150.00\n";
    let read = read(text);
    assert_eq!(
        read.receipt.sentence,
        "Google Ads report, comma-separated, UTF-8, 3 rows and 11 columns; 2 lines above the table and 2 total rows were left out; \
         “--” read as missing in 2 columns."
    );
    assert_eq!(
        (read.table.kind, read.currency.as_deref(), read.receipt.header_line),
        (TableKind::Ads, Some("EUR"), Some(3))
    );
    assert_eq!(column_text(&read, "Impr."), ["1204", "2000", "900"]);
    assert_eq!(column_text(&read, "Day"), ["2026-09-02", "2026-09-02", "2026-09-13"]);
    let role = |name: &str| read.table.column(name).expect("the column").role;
    assert_eq!((role("Cost"), role("Conversions"), role("CTR")), (Role::Spend, Role::Purchases, Role::Ratio));
}

#[test]
fn a_meta_export_is_recognised() {
    let text = "\u{feff}Reporting starts,Reporting ends,Campaign name,Ad set name,Ad name,Results,Reach,Frequency,\
        Amount spent (EUR),Impressions,\"CPM (cost per 1,000 impressions) (EUR)\",Link clicks,CTR (link click-through rate),\
        Clicks (all),Purchases\n\
        2026-05-01,2026-05-31,A,s1,x,3,100,1.2,12.50,120,104.17,5,4.17,9,3\n\
        2026-05-01,2026-05-31,A,s2,y,1,200,1.1,10.00,220,45.45,7,3.18,12,1\n";
    let read = read(text);
    assert_eq!(read.receipt.source.as_deref(), Some("Meta Ads Manager export"));
    assert_eq!((read.currency.as_deref(), read.receipt.encoding.as_str()), (Some("EUR"), "UTF-8 with BOM"));
    let role = |name: &str| read.table.column(name).expect("the column").role;
    assert_eq!((role("Link clicks"), role("Clicks (all)")), (Role::Clicks, Role::Number));
    assert_eq!((role("Purchases"), role("Results")), (Role::Purchases, Role::Number));
    assert_eq!((role("Ad set name"), role("Amount spent (EUR)")), (Role::AdGroup, Role::Spend));
}

#[test]
fn results_of_several_kinds_are_not_purchases() {
    let one = "Campaign name,Result indicator,Results,Amount spent (EUR),Impressions\nA,leads,3,5.5,100\nB,leads,4,2.5,120\n";
    let role = |text: &str| self::read(text).table.column("Results").expect("results").role;
    assert_eq!(role(one), Role::Purchases);
    let several = one.replacen("leads", "purchases", 1);
    assert_eq!(role(&several), Role::Number);
    assert_eq!(issue_of(&read(&several), IssueKind::Other).count, 2);
}

#[test]
fn a_total_without_its_word_is_skipped() {
    let read = read("Campaign name,Impressions,Amount spent (EUR)\n,600,6.5\nA,100,1.5\nB,200,2\nC,300,3\n");
    assert_eq!((read.table.n_rows(), read.receipt.skipped[0].line), (3, 2));
    assert_eq!(read.receipt.skipped[0].reason, "total row");
    // Without the sums, a row without a label is a row.
    let read =
        self::read("Campaign name,Impressions,Amount spent (EUR)\nA,100,1.5\nB,200,2\nC,300,3\n,601,6.5\n");
    assert_eq!(read.table.n_rows(), 4);
}

#[test]
fn a_total_of_all_groups_may_say_all_in_each_breakdown() {
    let text = |all: &str, sum: &str| {
        format!(
            "Campaign name,Age,Gender,Impressions,Amount spent (EUR)\n,{all},{all},{sum},6.5\nA,18-24,male,100,1.5\n\
             A,25-34,female,200,2\nB,25-34,All,300,3\n"
        )
    };
    for all in ["", "All", "all", "Alle"] {
        let read = self::read(&text(all, "600"));
        assert_eq!((read.table.n_rows(), read.receipt.skipped[0].reason.as_str()), (3, "total row"), "{all}");
    }
    assert_eq!(self::read(&text("All", "601")).table.n_rows(), 4, "no sum");
    assert_eq!(self::read(&text("65+", "600")).table.n_rows(), 4, "a group of its own");
}

#[test]
fn what_the_user_decides_about_reading_wins() {
    let options = ReadOptions { has_header: Some(false), ..ReadOptions::default() };
    let read = with(options, "a,b\nc,d\n");
    assert_eq!((names(&read), read.table.n_rows()), (vec!["column_1", "column_2"], 2));
    let options = ReadOptions { has_header: Some(true), ..ReadOptions::default() };
    assert_eq!(names(&with(options, "1,2\n3,4\n")), ["1", "2"]);
    let options = ReadOptions { delimiter: Some(';'), ..ReadOptions::default() };
    assert_eq!(names(&with(options, "a,b;c\n1,2;3\n")), ["a,b", "c"]);
}

#[test]
fn an_analytics_report_ends_at_its_second_table() {
    let text = "# ----------------------------------------\n# Google Analytics\n# Start date: 20250101\n\n\
        Date,Session primary channel group,Sessions,Engagement rate\n\
        20250131,Direct,100,0.5\n20250201,Organic Search,50,0.6\n,,150,0.53,Grand total\n\n\
        Hour,Users\nmorning,3\n";
    let read = read(text);
    assert_eq!(read.table.n_rows(), 2);
    assert_eq!(column_text(&read, "Date"), ["2025-01-31", "2025-02-01"]);
    assert_eq!(read.receipt.source.as_deref(), Some("Google Analytics 4 report"));
    let reasons: Vec<&str> = read.receipt.skipped.iter().map(|s| s.reason.as_str()).collect();
    assert_eq!(
        reasons,
        ["comment", "comment", "comment", "blank", "total row", "blank", "second table", "second table"]
    );
}

#[test]
fn spreadsheets_may_announce_the_delimiter() {
    let read = read("sep=;\na;b\n1;x\n");
    assert_eq!((names(&read), read.receipt.n_skipped), (vec!["a", "b"], 1));
}

#[test]
fn row_names_and_trailing_delimiters_are_understood() {
    assert_eq!(names(&read("a,b\nx,1,2\ny,3,4\nz,5,6\n")), ["column_1", "a", "b"]);
    let read = read("a,b\n1,2,\n3,4,\n5,6,\n");
    assert_eq!((names(&read), kinds(&read)), (vec!["a", "b"], vec![]));
}

#[test]
fn the_same_customers_in_other_dress_are_the_same_table() {
    let plain = "n,Name,Joined,Income\n1,A,04-09-2012,58138000.0\n2,B,21-08-2013,\n3,\"C, D\",10-02-2014,26646000.0\n";
    let expected = read(plain).table;
    let tabs = "n\tName\tJoined\tIncome\n1\tA\t9/4/2012\t58138000\n2\tB\t8/21/2013\t\n3\tC, D\t2/10/2014\t26646000\n";
    let quoted = "\"n\";\"Name\";\"Joined\";\"Income\"\r\n\"1\";\"A\";\"4-Sep-12\";\"58138000.0\"\r\n\"2\";\"B\";\"21-Aug-13\";\"\"\r\n\"3\";\"C, D\";\"10-Feb-14\";\"26646000.0\"\r\n";
    for text in [tabs, quoted] {
        let table = read(text).table;
        for (a, b) in expected.columns().iter().zip(table.columns()) {
            let cells = |c: &Column| (0..c.len()).map(|r| c.cell_text(r)).collect::<Vec<_>>();
            assert_eq!((a.column_type(), cells(a)), (b.column_type(), cells(b)));
        }
    }
}

#[test]
fn a_file_has_one_fingerprint() {
    // FNV-1a 64 of "a\n1\n", from the published algorithm.
    let expected = "a\n1\n"
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3));
    assert_eq!(read("a\n1\n").receipt.fingerprint, format!("{expected:016x}"));
    assert_ne!(read("a\n1\n").receipt.fingerprint, read("a\n2\n").receipt.fingerprint);
}

// What only later rows show.

/// A header, 2,000 rows and then others, read in small blocks.
#[track_caller]
fn read_late(header: &str, row: impl Fn(usize) -> String, late: &[u8]) -> ReadTable {
    let mut bytes = format!("{header}\n").into_bytes();
    for i in 0..2_000 {
        bytes.extend(row(i).into_bytes());
        bytes.push(b'\n');
    }
    bytes.extend(late);
    let sizes = Sizes { head: 1 << 10, block: 1 << 12, tail: 64 };
    let reading =
        Reading::with_sizes("file.csv", bytes.len() as u64, ReadOptions::default(), u64::MAX, sizes);
    let read = super::read_bytes(reading, &bytes).expect("readable");
    let whole = self::read_bytes(&bytes);
    assert!(check::describe(&Ok(read.clone())) == check::describe(&whole));
    read
}

#[test]
fn numbers_that_turn_out_to_be_names_keep_their_text() {
    let read = read_late("id,v", |i| format!("{},{i}.50", 100 + i), b"23843123456789012,7\n");
    assert_eq!(type_of(&read, "id"), ColumnType::Text);
    assert_eq!(column_text(&read, "id")[1_999..], ["2099", "23843123456789012"]);
    assert_eq!(type_of(&read, "v"), ColumnType::Number);
    let words: String = (0..200).map(|i| format!("{i},word {}\n", i % 3)).collect();
    let read = read_late("id,v", |i| format!("{i},{}.50", i % 9), words.as_bytes());
    assert_eq!(type_of(&read, "v"), ColumnType::Category);
    assert_eq!(column_text(&read, "v")[1_998..2_002], ["0.50", "1.50", "word 0", "word 1"]);
}

#[test]
fn a_late_decimal_comma_is_read_as_one() {
    let late: String = (0..50).map(|i| format!("x;1.234,{i:02}\n")).collect();
    let read = read_late("k;v", |i| format!("x;{}.{:03}", 1 + i % 9, i % 1000), late.as_bytes());
    assert_eq!(column_text(&read, "v")[1_999..2_001], ["2999", "1234"]);
}

#[test]
fn a_late_letter_decides_the_encoding() {
    let read = read_late("k,v", |i| format!("name {},{i}", i % 5), b"Caf\xe9,1\n");
    assert_eq!(read.receipt.encoding, "Windows-1252");
    assert_eq!(column_text(&read, "k")[2_000], "Café");
}

#[test]
fn a_late_total_without_its_word_is_skipped() {
    let read = read_late("k,a,b", |i| format!("x,{},2", i % 10), b",9000,4000\n");
    assert_eq!((read.table.n_rows(), read.receipt.skipped.len()), (2_000, 1));
    assert_eq!((read.receipt.skipped[0].line, read.receipt.skipped[0].reason.as_str()), (2_002, "total row"));
}

#[test]
fn a_late_cell_behind_the_last_delimiter_is_a_column() {
    let read = read_late("a,b", |i| format!("{i},x,"), b"1,y,z\n");
    assert_eq!(names(&read), ["column_1", "a", "b"]);
    let read = read_late("a,b", |i| format!("{i},x,"), b"1,y,\n");
    assert_eq!(names(&read), ["a", "b"]);
}

#[test]
fn a_late_second_table_and_long_quoted_cells_are_found() {
    let late = b"1,\"two\nlines\n\nof text\",3\n\nHour,Users\nmorning,3\nevening,4\n";
    let read = read_late("a,b,c", |i| format!("{i},\"line one\nline {i}\",2"), late);
    assert_eq!(read.table.n_rows(), 2_001);
    assert_eq!(column_text(&read, "b")[2_000], "two\nlines\n\nof text");
    assert_eq!(read.receipt.n_skipped, 4);
    let filler = "a,b\n".repeat(3_000);
    let read = read_late("a,b,c", |i| format!("{i},x,2"), format!("7,\"{filler}\",9\n8,y,9\n").as_bytes());
    assert_eq!(read.table.n_rows(), 2_002);
    assert_eq!(column_text(&read, "b")[2_000], filler.trim());
}

// Properties.

/// Everything that can be compared about a reading.
fn outcome(read: Result<ReadTable, ReadError>) -> String {
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
            format!("{columns:?} {:?} {:?}", read.receipt, read.currency)
        }
    }
}

fn read_in_chunks(bytes: &[u8], size: usize) -> Result<ReadTable, ReadError> {
    let mut reader = Reader::new("file.csv", ReadOptions::default());
    for chunk in bytes.chunks(size) {
        reader.push(chunk)?;
    }
    reader.finish()
}

#[test]
fn where_the_chunks_are_cut_makes_no_difference() {
    let texts: [&[u8]; 5] = [
        b"a,b\r\n\"x\r\n,y\",\"1\"\"2\"\r\n3,4\r\n",
        "n;größe\r1;ä€\r2;𝄞\r".as_bytes(),
        b"\xff\xfea\0,\0b\0\n\x001\0,\x002\0\n\0",
        b"\x89PNG\r\n\x1a\n",
        b"a,b\n\"1,2\n3,\0",
    ];
    for bytes in texts {
        let whole = outcome(read_bytes(bytes));
        for size in 1..bytes.len() {
            assert_eq!(outcome(read_in_chunks(bytes, size)), whole, "{size}");
        }
    }
    let sample = crate::engine::data::sample::customers(3, 60);
    let whole = outcome(Ok(read(&sample)));
    for size in [1, 7, 100, 4095, 4096, 4097] {
        assert_eq!(outcome(read_in_chunks(sample.as_bytes(), size)), whole, "{size}");
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod properties {
    use proptest::prelude::*;

    use super::*;

    /// Cells that mean nothing but themselves.
    fn cell() -> impl Strategy<Value = String> {
        proptest::string::string_regex("[a-z]([a-z,;\"\n é]{0,6}[a-z])?").expect("a pattern")
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = read_bytes(&bytes);
        }

        #[test]
        fn arbitrary_tables_of_odd_cells_never_panic(text in "[-a0-9,;\t|\"\r\n.%$€()eE+<# :/]{0,300}", size in 1_usize..50) {
            prop_assert_eq!(outcome(read_in_chunks(text.as_bytes(), size)), outcome(read_bytes(text.as_bytes())));
        }

        #[test]
        fn what_the_csv_crate_writes_is_read_back(
            rows in proptest::collection::vec(proptest::collection::vec(cell(), 3), 1..20),
            delimiter in proptest::sample::select(vec![b',', b';', b'\t', b'|']),
            is_crlf in any::<bool>(),
            is_quoted in any::<bool>(),
        ) {
            let mut writer = csv::WriterBuilder::new()
                .delimiter(delimiter)
                .terminator(if is_crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') })
                .quote_style(if is_quoted { csv::QuoteStyle::Always } else { csv::QuoteStyle::Necessary })
                .from_writer(Vec::new());
            writer.write_record(["Head one", "Head two", "Head three"]).expect("written");
            for row in &rows {
                writer.write_record(row).expect("written");
            }
            let bytes = writer.into_inner().expect("flushed");
            let mut reader = Reader::new("x.csv", ReadOptions {
                delimiter: Some(delimiter as char),
                has_header: Some(true),
                ..ReadOptions::default()
            });
            reader.push(&bytes).expect("a table");
            let read = reader.finish().expect("readable");
            prop_assert_eq!(read.table.n_rows(), rows.len());
            for (i, name) in ["Head one", "Head two", "Head three"].into_iter().enumerate() {
                if type_of(&read, name) == ColumnType::Boolean || type_of(&read, name) == ColumnType::Number {
                    continue;
                }
                let written: Vec<&str> =
                    rows.iter().map(|r| if types::is_missing(&r[i]) { "" } else { r[i].as_str() }).collect();
                prop_assert_eq!(column_text(&read, name), written);
            }
        }

        #[test]
        fn tokens_are_those_of_the_csv_crate(text in "[ab,\"\n]{0,60}") {
            let tokens = Tokens::split(&text, Dialect::COMMA, usize::MAX);
            let ours: Vec<Vec<String>> = (0..tokens.n_records())
                .filter(|&r| tokens.n_cells(r) > 1 || !tokens.cell(r, 0).is_empty())
                .map(|r| tokens.record(r).map(Cow::into_owned).collect())
                .collect();
            let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
            let theirs: Vec<Vec<String>> = reader
                .records()
                .map(|r| r.expect("a record").iter().map(|c| c.trim().to_owned()).collect())
                .filter(|r: &Vec<String>| r.len() > 1 || !r[0].is_empty())
                .collect();
            // Where quotes are well formed both agree; a stray quote is read more gently here.
            if tokens.unclosed.is_empty() {
                prop_assert_eq!(ours, theirs);
            }
        }
    }
}
