//! Whole files: the two kinds of real file against reference values, exports of the ad tools, and every bad input.

use super::*;
use crate::engine::{
    data::{
        column::ColumnType,
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
        "Comma-separated, UTF-8, 1,143 rows and 11 columns; nothing was skipped."
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
