//! What the user may decide about reading: each choice, and every skipped line brought back.

use super::*;
use crate::engine::data::{column::ColumnType, issue::IssueKind, role::Role};

fn with(options: ReadOptions, text: &str) -> ReadTable {
    let mut reader = Reader::new("file.csv", options);
    reader.push(text.as_bytes()).expect("a table");
    reader.finish().expect("readable")
}

fn read(text: &str) -> ReadTable {
    with(ReadOptions::default(), text)
}

fn column_text(read: &ReadTable, name: &str) -> Vec<String> {
    let column = read.table.column(name).expect("the column");
    (0..column.len()).map(|r| column.cell_text(r)).collect()
}

fn names(read: &ReadTable) -> Vec<&str> {
    read.table.columns().iter().map(|c| c.name.as_str()).collect()
}

/// Reasons and lines of what was skipped.
fn skipped(read: &ReadTable) -> Vec<(u64, &str)> {
    read.receipt.skipped.iter().map(|s| (s.line, s.reason.as_str())).collect()
}

fn keep(lines: &[u64]) -> ReadOptions {
    ReadOptions { keep_lines: lines.to_vec(), ..ReadOptions::default() }
}

const REPORT: &str = "Campaign report\nSeptember\nCampaign,Day,Clicks,Cost\nA,2026-09-01,1,1.5\nA,2026-09-02,2,2.5\n\
    A,,3,4.0\nB,2026-09-01,3,3.5\nB,2026-09-02,4,4.5\nB,,7,8.0\nTotal,,10,12.0\n\n# Users\nHour,People,Share,Rank\nnine,ten,x,y\n";

#[test]
fn every_kind_of_line_is_skipped_with_its_reason() {
    let read = read(REPORT);
    assert_eq!(column_text(&read, "Clicks"), ["1", "2", "3", "4"]);
    assert_eq!(
        skipped(&read),
        [
            (1, "preamble"),
            (2, "preamble"),
            (6, "subtotal row"),
            (9, "subtotal row"),
            (10, "total row"),
            (11, "blank"),
            (12, "comment"),
            (13, "second table"),
            (14, "second table"),
        ]
    );
    assert!(
        read.receipt.sentence.contains("2 lines above the table, 2 subtotal rows, 1 total row, 1 blank line, 1 comment line and a second table of 2 lines were left out"),
        "{}",
        read.receipt.sentence
    );
}

#[test]
fn every_skipped_line_can_be_brought_back_alone() {
    let all = skipped(&read(REPORT)).iter().map(|s| s.0).collect::<Vec<_>>();
    for &line in &all {
        let read = with(keep(&[line]), REPORT);
        assert_eq!(read.table.n_rows(), 5, "line {line}");
        let rest: Vec<u64> = skipped(&read).iter().map(|s| s.0).collect();
        let expected: Vec<u64> = all.iter().copied().filter(|l| *l != line).collect();
        assert_eq!(rest, expected, "line {line}");
    }
    let read = with(keep(&all), REPORT);
    assert_eq!((read.table.n_rows(), read.receipt.n_skipped), (4 + all.len(), 0));
    assert_eq!(names(&read), ["Campaign", "Day", "Clicks", "Cost"]);
    assert_eq!(column_text(&read, "Campaign")[..2], ["Campaign report", "September"]);
    // Lines that are rows anyway, and those that are not there, change nothing.
    assert_eq!(with(keep(&[4, 99]), REPORT).table.n_rows(), 4);
}

#[test]
fn all_lines_of_a_reason_can_be_brought_back() {
    for (reason, n) in [
        ("preamble", 2),
        ("subtotal row", 2),
        ("total row", 1),
        ("blank", 1),
        ("comment", 1),
        ("second table", 2),
    ] {
        let options = ReadOptions { keep_reasons: vec![reason.to_owned()], ..ReadOptions::default() };
        let read = with(options, REPORT);
        assert_eq!(read.table.n_rows(), 4 + n, "{reason}");
        assert!(read.receipt.skipped.iter().all(|s| s.reason != reason), "{reason}");
    }
}

/// 1,500 campaigns of two days and their sum, and the sum of all behind them.
fn long_report() -> String {
    let mut text = "Campaign,Day,Clicks,Cost\n".to_owned();
    for i in 1..=1_500_u32 {
        let (clicks, cost) = (i % 7 + 1, i % 5 + 2);
        text.push_str(&format!("c{i},2026-09-01,{clicks},{cost}.5\nc{i},2026-09-02,{i},{clicks}.25\n"));
        text.push_str(&format!("c{i},,{},{}\n", clicks + i, f64::from(cost + clicks) + 0.75));
    }
    text + "Total,,9,9\n"
}

#[test]
fn lines_behind_a_thousand_others_can_be_seen_and_brought_back() {
    let text = long_report();
    let read = read(&text);
    assert_eq!(
        (read.table.n_rows(), read.receipt.n_skipped, read.receipt.skipped.len()),
        (3_000, 1_501, 1_000)
    );
    let counts: Vec<(&str, u64)> =
        read.receipt.reasons.iter().map(|r| (r.reason.as_str(), r.count)).collect();
    assert_eq!(counts, [("subtotal row", 1_500), ("total row", 1)]);
    let listed: Vec<usize> = read.skipped.iter().map(|group| group.lines.len()).collect();
    assert_eq!(listed, [1_500, 1]);
    let (line, words) = read.skipped[0].lines[1_399].clone();
    assert_eq!((line, words.starts_with("c1400,")), (4_201, true), "{words}");
    // Alone, however the file is cut, and all of a reason.
    let back = with(keep(&[line]), &text);
    assert_eq!((back.table.n_rows(), back.receipt.n_skipped), (3_001, 1_500));
    assert_eq!(column_text(&back, "Campaign")[2_800], "c1400");
    let sizes = Sizes { head: 1 << 30, block: 1 << 14, tail: 64 };
    check::parts_agree(text.as_bytes(), sizes, &keep(&[line, 4_502, 7])).expect("the same table");
    assert_eq!(with(keep(&[4_502]), &text).receipt.reasons.len(), 1);
    for (reason, n) in [("subtotal row", 1_500), ("total row", 1)] {
        let options = ReadOptions { keep_reasons: vec![reason.to_owned()], ..ReadOptions::default() };
        assert_eq!(with(options, &text).table.n_rows(), 3_000 + n, "{reason}");
    }
}

#[test]
fn lines_too_many_to_list_are_brought_back_all_the_same() {
    let n = block::MOST_LISTED + 5_000;
    let text = format!("a,b\n{}", "1,x\n\n".repeat(n as usize));
    let read = read(&text);
    assert_eq!((read.receipt.n_skipped, read.skipped[0].lines.len() as u64), (n, block::MOST_LISTED));
    assert_eq!(with(keep(&[2 * n + 1]), &text).receipt.n_skipped, n - 1);
    // A line that is a row anyway stays one row.
    assert_eq!(with(keep(&[2 * n]), &text).table.n_rows() as u64, n);
}

#[test]
fn a_skipped_line_is_listed_whole() {
    let line = "Campaigns of the spring as the ad tool exports them with the audience the place and the month of each";
    let read = read(&format!("{line}\ncampaign;clicks;spend\na;1;2\nb;2;3\n"));
    let preamble = read.skipped.iter().find(|g| g.of.reason == "preamble").expect("a line above the table");
    assert_eq!(preamble.lines, [(1, line.to_owned())]);
    // The receipt travels into reports.
    assert_eq!(read.receipt.skipped[0].text, words::quoted(line));
}

#[test]
fn a_line_brought_back_is_the_same_row_however_the_file_is_cut() {
    for line in 1..=14 {
        for block in [2, 6, 20, 64] {
            let sizes = Sizes { head: 1 << 30, block, tail: 3 };
            check::parts_agree(REPORT.as_bytes(), sizes, &keep(&[line])).expect("the same table");
        }
    }
}

#[test]
fn the_line_of_names_can_be_chosen() {
    let text = "Campaign,Clicks\nname,number\nA,1\nB,2\n";
    assert_eq!(names(&read(text)), ["Campaign", "Clicks"]);
    let chosen = |line| with(ReadOptions { header_line: Some(line), ..ReadOptions::default() }, text);
    let read = chosen(2);
    assert_eq!((names(&read), read.table.n_rows()), (vec!["name", "number"], 2));
    assert_eq!((skipped(&read), read.receipt.header_line), (vec![(1, "preamble")], Some(2)));
    assert_eq!(column_text(&read, "number"), ["1", "2"]);
    // A line above may be a row all the same.
    let options = ReadOptions { header_line: Some(2), keep_lines: vec![1], ..ReadOptions::default() };
    assert_eq!(column_text(&with(options, text), "name"), ["Campaign", "A", "B"]);
    // Behind the end of the file there are no names to choose.
    assert_eq!(names(&chosen(40)), ["Campaign", "Clicks"]);
}

#[test]
fn the_decimal_sign_can_be_chosen_for_numbers_in_doubt() {
    let text = "k,a,b\nx,1.234,0.5\ny,2.345,1.5\n";
    assert_eq!(column_text(&read(text), "a"), ["1.234", "2.345"]);
    let chosen = |decimal| with(ReadOptions { decimal: Some(decimal), ..ReadOptions::default() }, text);
    let read = chosen(Decimal::Comma);
    assert_eq!(column_text(&read, "a"), ["1234", "2345"]);
    // 0.5 cannot be read any other way.
    assert_eq!(column_text(&read, "b"), ["0.5", "1.5"]);
    assert_eq!(column_text(&chosen(Decimal::Point), "a"), ["1.234", "2.345"]);
    let text = "k;a\nx;1,234\ny;2,345\n";
    assert_eq!(column_text(&self::read(text), "a"), ["1.234", "2.345"]);
    let options = ReadOptions { decimal: Some(Decimal::Point), ..ReadOptions::default() };
    assert_eq!(column_text(&with(options, text), "a"), ["1234", "2345"]);
}

#[test]
fn an_answer_about_dates_holds_only_where_they_are_in_doubt() {
    let doubtful = "k,d\na,03/04/2026\nb,05/06/2026\n";
    let answer = |day_first| ReadOptions { doubtful_day_first: Some(day_first), ..ReadOptions::default() };
    let asked = |read: &ReadTable| read.receipt.issues.iter().any(|i| i.kind == IssueKind::AmbiguousDate);
    assert!(asked(&read(doubtful)));
    for (day_first, expected) in [(true, "2026-04-03"), (false, "2026-03-04")] {
        let read = with(answer(day_first), doubtful);
        assert_eq!((column_text(&read, "d")[0].as_str(), asked(&read)), (expected, false));
    }
    let certain = "k,d\na,03/04/2026\nb,25/06/2026\n";
    assert_eq!(column_text(&with(answer(false), certain), "d"), ["2026-04-03", "2026-06-25"]);
    // The choice for the whole file goes before what they say.
    let chosen = ReadOptions { day_first: Some(false), ..ReadOptions::default() };
    assert_eq!(column_text(&with(chosen, certain), "d"), ["2026-03-04", ""]);
}

#[test]
fn the_words_read_as_missing_can_be_chosen() {
    let text = "country,n,seen,ok\nNA,1,2026-01-02,yes\nDE,unknown,unknown,no\nunknown,-1,2026-01-03,unknown\nNA,NA,2026-01-04,no\n";
    let standing = read(text);
    assert_eq!(standing.receipt.missing, [("NA".to_owned(), 3)]);
    assert_eq!(column_text(&standing, "country"), ["", "DE", "unknown", ""]);
    let chosen = |words: &[&str]| {
        let missing = Some(words.iter().map(|w| (*w).to_owned()).collect());
        with(ReadOptions { missing, ..ReadOptions::default() }, text)
    };
    let read = chosen(&["unknown"]);
    assert_eq!(column_text(&read, "country"), ["NA", "DE", "", "NA"]);
    let types = |read: &ReadTable| read.table.columns().iter().map(|c| c.column_type()).collect::<Vec<_>>();
    let (category, number, date, boolean) =
        (ColumnType::Category, ColumnType::Number, ColumnType::Date, ColumnType::Boolean);
    assert_eq!(types(&chosen(&["unknown", "NA"])), [category, number, date, boolean]);
    assert_eq!(read.receipt.missing, [("unknown".to_owned(), 4)]);
    assert!(
        read.receipt.sentence.contains("“unknown” read as missing in 4 columns"),
        "{}",
        read.receipt.sentence
    );
    // Numbers may stand for "no value" too, and yes and no.
    let read = chosen(&["unknown", "NA", "-1", "no"]);
    assert_eq!(
        (column_text(&read, "n"), column_text(&read, "ok")[1].as_str()),
        (vec!["1".into(), String::new(), String::new(), String::new()], "")
    );
    // Empty cells are missing in any case.
    assert_eq!(
        column_text(
            &with(ReadOptions { missing: Some(Vec::new()), ..ReadOptions::default() }, "a,b\nx,\ny,-\n"),
            "b"
        ),
        ["", "-"]
    );
}

#[test]
fn the_standing_words_are_those_that_are_read_as_missing() {
    assert!(MISSING_WORDS.iter().all(|word| types::is_missing(word)));
    assert!(!types::is_missing("none") && !types::is_missing("unknown"));
    let chosen =
        ReadOptions { missing: Some(MISSING_WORDS.map(str::to_owned).to_vec()), ..ReadOptions::default() };
    let text = format!("a,b\n{}", MISSING_WORDS.map(|word| format!("x,{word}\n")).concat());
    assert_eq!(with(chosen, &text).receipt, read(&text).receipt);
}

#[test]
fn quotes_can_be_chosen() {
    let text = "name,n\n'a, b',1\n'it''s',2\n";
    assert_eq!(column_text(&read(text), "name"), ["a, b", "it's"]);
    let chosen = |quote| {
        with(ReadOptions { quote: Some(quote), has_header: Some(true), ..ReadOptions::default() }, text)
    };
    assert_eq!(column_text(&chosen(Quote::Double), "name"), ["'a", "'it''s'"]);
    let text = "name,n\n\"a\",1\n\"b\",2\n";
    let options = ReadOptions { quote: Some(Quote::None), ..ReadOptions::default() };
    assert_eq!(column_text(&with(options, text), "name"), ["\"a\"", "\"b\""]);
}

#[test]
fn choices_are_stored_and_older_ones_are_read() {
    let options = ReadOptions {
        quote: Some(Quote::Single),
        decimal: Some(Decimal::Comma),
        header_line: Some(3),
        keep_lines: vec![1, 7],
        keep_reasons: vec!["total row".to_owned()],
        missing: Some(vec!["unknown".to_owned()]),
        ..ReadOptions::default()
    };
    let text = serde_json::to_string(&options).expect("written");
    assert!(text.contains("\"quote\":\"single\"") && text.contains("\"decimal\":\"comma\""), "{text}");
    assert_eq!(serde_json::from_str::<ReadOptions>(&text).expect("read"), options);
    let older = "{\"encoding\":null,\"delimiter\":\";\",\"has_header\":true,\"day_first\":null}";
    let expected = ReadOptions { delimiter: Some(';'), has_header: Some(true), ..ReadOptions::default() };
    assert_eq!(serde_json::from_str::<ReadOptions>(older).expect("read"), expected);
}

// What the exports taught.

#[test]
fn a_total_above_the_rows_has_no_campaign() {
    let text = "Reporting starts,Campaign name,Impressions,Amount spent (EUR)\n2026-09-01,,\"1.600\",\"6,50\"\n\
        2026-09-01,A,\"1.100\",\"1,50\"\n2026-09-02,B,200,2\n2026-09-03,C,300,3\n";
    let read = read(text);
    assert_eq!(
        (column_text(&read, "Impressions"), skipped(&read)),
        (vec!["1100".into(), "200".into(), "300".into()], vec![(2, "total row")])
    );
}

#[test]
fn a_blank_day_alone_is_no_subtotal() {
    // The numbers are no sums.
    let text =
        "Campaign,Day,Clicks,Cost\nA,2026-09-01,1,1.5\nA,,4,4.5\nA,2026-09-02,2,2.5\nB,2026-09-02,2,2.5\n";
    assert_eq!(read(text).table.n_rows(), 4);
    // Twice the same row is no sum of one row, where nothing else is summed up.
    let text =
        "Campaign,Day,Clicks,Cost\nA,2026-09-01,1,1.5\nA,,1,1.5\nB,2026-09-02,2,2.5\nB,2026-09-03,2,2.5\n";
    assert_eq!(read(text).table.n_rows(), 4);
}

#[test]
fn a_second_table_may_have_as_many_columns() {
    let text = "Date,Sessions\n20260901,10\n20260902,12\n\n\nChannel,Sessions\nDirect,20\n";
    let read = read(text);
    assert_eq!((read.table.n_rows(), read.receipt.n_skipped), (2, 4));
    // Words behind a blank line are rows where rows are words.
    let read = self::read("Name,City\nAna,Lisboa\n\nBen,Oslo\n");
    assert_eq!(read.table.n_rows(), 2);
}

#[test]
fn an_order_number_is_no_comment() {
    let text = "Name,Total,Note\n#1001,5,x\n#1002,6\n#1003,7,z\n";
    assert_eq!(column_text(&read(text), "Name"), ["#1001", "#1002", "#1003"]);
}

#[track_caller]
fn check_cells(cells: &[&str], expected_type: ColumnType, expected: &[&str]) {
    let text: String = cells.iter().map(|c| format!("x\t{c}\n")).collect();
    let read = read(&format!("k\tv\n{text}"));
    assert_eq!(read.table.column("v").expect("v").column_type(), expected_type, "{:?}", read.receipt);
    assert_eq!(column_text(&read, "v"), expected);
}

#[test]
fn months_are_read_in_six_languages() {
    for cells in [
        ["2 févr. 2026", "13 août 2026"],
        ["2. Februar 2026", "13. Aug. 2026"],
        ["2 de febrero de 2026", "13 ago 2026"],
        ["2 de fev. de 2026", "13 de agosto de 2026"],
        ["2 Februari 2026", "13 Agt 2026"],
        ["Feb 2, 2026", "13-Aug-26"],
    ] {
        check_cells(&cells, ColumnType::Date, &["2026-02-02", "2026-08-13"]);
    }
    check_cells(&["2 foo 2026", "3 bar 2026"], ColumnType::Category, &["2 foo 2026", "3 bar 2026"]);
}

#[test]
fn times_are_read_with_their_zone() {
    check_cells(
        &["5/13/2026 1:30 PM EST", "05/14/2026 10:00 AM PDT", "5/15/2026 12:05 AM"],
        ColumnType::Date,
        &["2026-05-13T18:30:00", "2026-05-14T17:00:00", "2026-05-15T00:05:00"],
    );
    check_cells(
        &[
            "2026-05-01T10:00:00+02:00",
            "2026-05-01 10:00 GMT-3",
            "2026-05-01T10:00:00.250Z",
            "2026-05-01 10:00 CEST",
        ],
        ColumnType::Date,
        &["2026-05-01T08:00:00", "2026-05-01T13:00:00", "2026-05-01T10:00:00.25", "2026-05-01T08:00:00"],
    );
}

#[test]
fn a_move_to_utc_is_said() {
    let said = |text: &str| {
        let issues = read(text).receipt.issues;
        issues.iter().find(|i| i.message.contains("UTC")).map(|i| (i.count, i.message.clone()))
    };
    let (n, words) = said("k,at\na,2026-05-01T10:00:00+02:00\nb,2026-05-02T10:00:00Z\n").expect("said");
    assert_eq!(n, 1);
    assert!(words.starts_with("1 time of “at” name") && words.contains("10:00:00+02:00"), "{words}");
    assert_eq!(said("k,at\na,2026-05-01T10:00:00Z\nb,2026-05-02 10:00\n"), None);
}

#[test]
fn yes_and_no_are_read_in_six_languages() {
    for pair in
        [["ja", "Nein"], ["Oui", "non"], ["Sí", "no"], ["sim", "Não"], ["ya", "Tidak"], ["WAHR", "FALSCH"]]
    {
        check_cells(&pair, ColumnType::Boolean, &["yes", "no"]);
    }
    check_cells(&["ja", "vielleicht"], ColumnType::Category, &["ja", "vielleicht"]);
}

#[test]
fn errors_of_spreadsheets_are_missing() {
    check_cells(&["1", "#DIV/0!", "2", "#REF!"], ColumnType::Number, &["1", "", "2", ""]);
}

#[test]
fn a_doubt_about_dates_shows_both_readings() {
    let read = read("k,d\na,03/04/2026\nb,05/06/2026\n");
    let issue = read.receipt.issues.iter().find(|i| i.kind == IssueKind::AmbiguousDate).expect("a doubt");
    assert!(issue.message.contains("(3 April or 4 March)"), "{}", issue.message);
}

#[test]
fn headers_of_the_ad_tools_mean_the_same_in_six_languages() {
    let check = |role: Role, names: &[&str]| {
        for name in names {
            assert_eq!(recognise::role_of(name), Some(role), "{name}");
        }
    };
    check(
        Role::Spend,
        &[
            "Ausgegebener Betrag (EUR)",
            "Montant dépensé (EUR)",
            "Importe gastado (EUR)",
            "Valor usado (BRL)",
            "Jumlah yang dibelanjakan (IDR)",
            "Kosten",
            "Coût",
            "Coste",
            "Custo",
            "Biaya",
        ],
    );
    check(
        Role::Clicks,
        &[
            "Link-Klicks",
            "Clics sur un lien",
            "Clics en el enlace",
            "Cliques no link",
            "Klik tautan",
            "Klicks",
            "Clics",
            "Cliques",
            "Klik",
        ],
    );
    check(
        Role::Impressions,
        &["Impressionen", "Impressions", "Impresiones", "Impressões", "Impresi", "Tayangan", "Impr."],
    );
    check(
        Role::Purchases,
        &["Käufe", "Achats", "Compras", "Pembelian", "Conversiones", "Conversões", "Konversi"],
    );
    check(Role::Campaign, &["Kampagne", "Campagne", "Campaña", "Campanha", "Kampanye", "Kampagnenname"]);
    check(
        Role::Ratio,
        &[
            "Kosten pro Ergebnis",
            "Coût par résultat",
            "Costo por resultados",
            "Custo por resultados",
            "Biaya per hasil",
            "Kosten/Conv.",
            "Tasa de conv.",
        ],
    );
    check(
        Role::Value,
        &["Conversion-Wert für Käufe", "Valeur de conversion des achats", "Valor de conv.", "Nilai konv."],
    );
}
