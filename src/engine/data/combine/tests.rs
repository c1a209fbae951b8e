//! Files put together, in tiny cases.

use super::*;
use crate::engine::data::{column::ColumnType, issue::IssueKind, reader::Reader};

fn part(name: &str, text: &str) -> Part {
    let mut reader = Reader::new(name, ReadOptions::default());
    reader.push(text.as_bytes()).unwrap();
    Part::new(reader.finish().unwrap(), ReadOptions::default())
}

fn joined(name: &str, text: &str, left: &str, right: &str, repeats: Repeats) -> Part {
    let plan = JoinPlan { left: left.into(), right: right.into(), repeats };
    Part { put: Put::Join(plan), ..part(name, text) }
}

/// Header and rows as CSV.
fn csv(table: &Table) -> String {
    let mut lines = vec![table.columns().iter().map(|c| c.name.clone()).collect::<Vec<_>>().join(",")];
    for row in 0..table.n_rows() {
        lines.push(table.columns().iter().map(|c| c.cell_text(row)).collect::<Vec<_>>().join(","));
    }
    lines.join("\n")
}

#[track_caller]
fn check(parts: Vec<Part>, expected: &str) -> ReadTable {
    let combined = combine(parts).unwrap();
    assert!(combined.aside.is_empty());
    assert_eq!(csv(&combined.read.table), expected);
    combined.read
}

fn messages(read: &ReadTable) -> String {
    read.receipt.issues.iter().map(|i| i.message.as_str()).collect::<Vec<_>>().join("\n")
}

fn type_of(read: &ReadTable, name: &str) -> ColumnType {
    read.table.column(name).unwrap().column_type()
}

// ------------------------------------------------------------------------------------------- one below the other

#[test]
fn a_single_file_stays_as_it_is() {
    let alone = part("a.csv", "x,y\n1,2\n");
    let receipt = alone.read.receipt.clone();
    let combined = combine(vec![alone]).unwrap();
    assert_eq!(csv(&combined.read.table), "x,y\n1,2");
    assert_eq!(
        (&combined.read.receipt.sentence, &combined.read.receipt.fingerprint),
        (&receipt.sentence, &receipt.fingerprint)
    );
    assert_eq!(combined.files[0].name, "a.csv");
    assert_eq!(combined.read.receipt.files[0].n_rows, 1);
}

#[test]
fn columns_are_matched_by_name_in_any_order_and_case() {
    let read = check(
        vec![
            part("jan.csv", "Ad name,Clicks,Spend\na,1,0.5\nb,2,1.5\n"),
            part("feb.csv", "spend,ad_name,CLICKS\n2.5,c,3\n"),
        ],
        "Ad name,Clicks,Spend,Source file\na,1,0.5,jan.csv\nb,2,1.5,jan.csv\nc,3,2.5,feb.csv",
    );
    assert_eq!(read.receipt.file_name, "jan.csv and 1 more");
    assert_eq!(read.receipt.files[1].n_rows, 1);
    assert!(read.receipt.sentence.contains("3 rows and 4 columns from 2 files"), "{}", read.receipt.sentence);
    assert_eq!(messages(&read), "");
    assert_eq!(read.table.row_ids(), [0, 1, 2]);
}

#[test]
fn a_missing_column_is_missing_and_told_with_its_file() {
    let read = check(
        vec![
            part("jan.csv", "a,b,c,d\n1,2,3,4\n"),
            part("feb.csv", "a,b,c\n5,6,7\n"),
            part("mar.csv", "a,b,c,d,e\n8,9,10,11,x\n"),
        ],
        "a,b,c,d,e,Source file\n1,2,3,4,,jan.csv\n5,6,7,,,feb.csv\n8,9,10,11,x,mar.csv",
    );
    let told = messages(&read);
    assert!(told.contains("feb.csv has no column “d” and “e”"), "{told}");
    assert!(
        told.contains("jan.csv has no column “e”, which other files have; it is missing in its 1 row."),
        "{told}"
    );
    assert_eq!(read.receipt.files[1].lacks, ["d", "e"]);
}

#[test]
fn files_of_one_name_are_told_apart() {
    check(
        vec![part("ads.csv", "a\n1\n"), part("ads.csv", "a\n2\n")],
        "a,Source file\n1,ads.csv\n2,ads.csv (2)",
    );
}

#[test]
fn a_column_empty_in_one_file_has_the_type_of_the_other() {
    let read = check(
        vec![part("a.csv", "k,when\nx,\ny,\n"), part("b.csv", "k,when\nz,2026-05-01\n")],
        "k,when,Source file\nx,,a.csv\ny,,a.csv\nz,2026-05-01,b.csv",
    );
    assert_eq!(type_of(&read, "when"), ColumnType::Date);
    assert!(messages(&read).contains("a.csv: column “when” has no values."), "{}", messages(&read));
}

#[test]
fn few_words_among_many_numbers_are_missing_and_many_make_words() {
    let many: String = (0..60).map(|i| format!("{i}\n")).collect();
    let read =
        combine(vec![part("a.csv", &format!("x\n{many}")), part("b.csv", "x\n1\nfew\n")]).unwrap().read;
    assert_eq!(type_of(&read, "x"), ColumnType::Number);
    assert!(messages(&read).contains("1 cell such as “few” set to missing"), "{}", messages(&read));
    let read = check(
        vec![part("a.csv", "x\n1.5\n2\n"), part("b.csv", "x\nlow\nhigh\n")],
        "x,Source file\n1.5,a.csv\n2,a.csv\nlow,b.csv\nhigh,b.csv",
    );
    assert_eq!(type_of(&read, "x"), ColumnType::Category);
    assert!(
        messages(&read)
            .contains("“x” holds numbers in a.csv and words in b.csv; it was read as words everywhere"),
        "{}",
        messages(&read)
    );
}

#[test]
fn names_of_digits_stay_names() {
    // 00123 and 123 are different names, and no file may make numbers of them.
    let read = check(
        vec![part("a.csv", "code\n00123\n00124\n"), part("b.csv", "code\n123\n124\n")],
        "code,Source file\n00123,a.csv\n00124,a.csv\n123,b.csv\n124,b.csv",
    );
    assert_ne!(type_of(&read, "code"), ColumnType::Number);
}

#[test]
fn yes_and_no_beside_one_and_zero() {
    let read = check(
        vec![part("a.csv", "k,ok\nx,yes\ny,no\n"), part("b.csv", "k,ok\nz,1\nw,0\n")],
        "k,ok,Source file\nx,yes,a.csv\ny,no,a.csv\nz,yes,b.csv\nw,no,b.csv",
    );
    assert_eq!(type_of(&read, "ok"), ColumnType::Boolean);
}

#[test]
fn doubts_and_skipped_lines_say_which_file_they_are_in() {
    let orders = "id,day\nTotal,\n1,03/04/2026\n2,05/06/2026\n";
    let read = combine(vec![
        part("a.csv", "id,n\n1,5\n2,6\nTotal,11\n"),
        part("a.csv", "id,n\n3,7\n4,8\n\nTotal,15\n"),
        joined("orders.csv", orders, "id", "id", Repeats::Refuse),
    ])
    .unwrap()
    .read;
    let doubt = read.receipt.issues.iter().find(|i| i.kind == IssueKind::AmbiguousDate).unwrap();
    assert_eq!(doubt.files, [2]);
    let counts: Vec<(u32, &str, u64)> =
        read.receipt.reasons.iter().map(|r| (r.file, r.reason.as_str(), r.count)).collect();
    let expected = [(0, "total row", 1), (1, "blank", 1), (1, "total row", 1), (2, "total row", 1)];
    assert_eq!(counts, expected);
    assert!(read.skipped.iter().map(|group| &group.of).eq(&read.receipt.reasons));
    assert_eq!(read.receipt.n_skipped, 4);
}

#[test]
fn a_file_that_does_not_tell_day_from_month_follows_the_others() {
    // January of a US export tells (31 is no month), its first days alone would not.
    let read = check(
        vec![part("a.csv", "day,n\n01/02/2026,1\n03/04/2026,2\n"), part("b.csv", "day,n\n01/31/2026,3\n")],
        "day,n,Source file\n2026-01-02,1,a.csv\n2026-03-04,2,a.csv\n2026-01-31,3,b.csv",
    );
    assert!(!read.receipt.issues.iter().any(|i| i.kind == IssueKind::AmbiguousDate), "{}", messages(&read));
    assert!(messages(&read).contains("with the month first, settled by b.csv"), "{}", messages(&read));
    let read = check(
        vec![part("a.csv", "day,n\n01/02/2026,1\n"), part("b.csv", "day,n\n31/01/2026,3\n")],
        "day,n,Source file\n2026-02-01,1,a.csv\n2026-01-31,3,b.csv",
    );
    assert!(!read.receipt.issues.iter().any(|i| i.kind == IssueKind::AmbiguousDate), "{}", messages(&read));
    let read = check(
        vec![part("a.csv", "day,n\n01/02/2026,1\n"), part("b.csv", "day,n\n02/03/2026,3\n")],
        "day,n,Source file\n2026-02-01,1,a.csv\n2026-03-02,3,b.csv",
    );
    assert!(read.receipt.issues.iter().any(|i| i.kind == IssueKind::AmbiguousDate), "{}", messages(&read));
}

#[test]
fn an_oddity_of_several_files_is_told_once() {
    let read = combine(vec![part("a.csv", "x,x\n1,2\n"), part("b.csv", "x,x\n3,4\n")]).unwrap().read;
    assert_eq!(messages(&read).matches("occurs more than once").count(), 1, "{}", messages(&read));
    assert!(messages(&read).starts_with("All files: "), "{}", messages(&read));
}

#[test]
fn rows_that_occur_in_two_files_are_told() {
    let read = combine(vec![
        part("a.csv", "day,n\n2026-01-01,1\n2026-01-02,2\n"),
        part("b.csv", "day,n\n2026-01-02,2\n2026-01-03,3\n"),
    ])
    .unwrap()
    .read;
    let told = messages(&read);
    assert!(told.contains("1 row of b.csv is in a.csv too"), "{told}");
}

#[test]
fn two_currencies_are_told() {
    let read = combine(vec![part("a.csv", "ad,cost\nx,$1.50\ny,$2\n"), part("b.csv", "ad,cost\nz,€3.50\n")])
        .unwrap()
        .read;
    assert!(messages(&read).contains("Money is in $ in a.csv and € in b.csv"), "{}", messages(&read));
}

#[test]
fn roles_are_decided_over_all_rows() {
    // Each ad once a month: an identifier in each file, a group over both.
    let month = |day: u32| format!("Ad ID,Clicks,Impressions\n101,{day},50\n102,{day},60\n");
    let one = part("a.csv", &month(1));
    let read = combine(vec![one.clone(), part("b.csv", &month(2))]).unwrap().read;
    assert_ne!(read.table.columns()[0].role, one.read.table.columns()[0].role);
}

#[test]
fn another_shape_stands_aside() {
    let combined = combine(vec![
        part("people.csv", "id,age\n1,30\n2,40\n"),
        part("orders.csv", "id,value,shop\n1,9.5,x\n"),
    ])
    .unwrap();
    assert_eq!(combined.aside.len(), 1);
    assert_eq!(combined.read.receipt.file_name, "people.csv");
    let aside = look_aside(&combined.read.table, &combined.aside[0]);
    let best = aside.best.unwrap();
    assert_eq!((aside.n_shared, best.left.as_str(), best.right.as_str()), (1, "id", "id"));
    let forced = Part { put: Put::Append, ..part("b.csv", "z\n1\n") };
    let error = combine(vec![part("a.csv", "x\n1\n"), forced]).unwrap_err();
    assert_eq!(error, CombineError::NothingShared { file: "b.csv".into() });
}

#[test]
fn the_fingerprint_covers_every_file() {
    let of = |parts: Vec<Part>| combine(parts).unwrap().read.receipt.fingerprint;
    let a = || part("a.csv", "x\n1\n");
    let all = [
        of(vec![a()]),
        of(vec![a(), part("b.csv", "x\n2\n")]),
        of(vec![a(), part("b.csv", "x\n3\n")]),
        of(vec![a(), part("c.csv", "x\n3\n")]),
    ];
    assert_eq!(all.iter().collect::<std::collections::BTreeSet<_>>().len(), 4, "{all:?}");
}

// ------------------------------------------------------------------------------------------- one beside the other

const PEOPLE: &str = "id,name\n1,Ann\n2,Ben\n3,Cid\n,Dot\n";

#[test]
fn columns_come_beside_by_key_and_every_row_stays() {
    let read = check(
        vec![
            part("people.csv", PEOPLE),
            joined("values.csv", "id,value\n3,9\n1,5\n7,1\n", "id", "id", Repeats::Refuse),
        ],
        "id,name,value\n1,Ann,5\n2,Ben,\n3,Cid,9\n,Dot,",
    );
    let join = read.receipt.files[1].join.clone().unwrap();
    assert_eq!((join.n_rows, join.n_rows_matched, join.n_rows_without_key), (4, 2, 1));
    assert_eq!((join.n_keys, join.n_keys_matched), (3, 2));
    assert_eq!((join.n_right_keys, join.n_unused_keys), (3, 1));
    assert_eq!((join.unmatched, join.unused), (vec![("2".to_owned(), 1)], vec!["7".to_owned()]));
    assert!(read.receipt.sentence.contains("2 of 4 rows (50"), "{}", read.receipt.sentence);
}

const ORDERS: &str =
    "id,value,day,shop\n1,5,2026-01-01,a\n1,7,2026-02-01,b\n2,1,2026-03-01,b\n1,,2026-01-15,b\n";

#[test]
fn repeated_keys_are_refused_until_it_is_said_what_to_do() {
    let with = |repeats| vec![part("people.csv", PEOPLE), joined("orders.csv", ORDERS, "id", "id", repeats)];
    let error = combine(with(Repeats::Refuse)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "1 value of “id” occurs more than once in orders.csv, in 3 rows: 1 (3 times). Each row would find several and be \
         counted several times"
    );
    check(
        with(Repeats::First),
        "id,name,value,day,shop\n1,Ann,5,2026-01-01,a\n2,Ben,1,2026-03-01,b\n3,Cid,,,\n,Dot,,,",
    );
    check(
        with(Repeats::Combine),
        "id,name,value (sum),day (latest),shop (most frequent),Rows in orders\n\
         1,Ann,12,2026-02-01,b,3\n2,Ben,1,2026-03-01,b,1\n3,Cid,,,,0\n,Dot,,,,",
    );
    let read = check(
        with(Repeats::Every),
        "id,name,value,day,shop\n1,Ann,5,2026-01-01,a\n1,Ann,7,2026-02-01,b\n1,Ann,,2026-01-15,b\n\
         2,Ben,1,2026-03-01,b\n3,Cid,,,\n,Dot,,,",
    );
    assert_eq!(read.receipt.files[1].join.as_ref().unwrap().n_rows_if_every, 6);
    assert_eq!(read.table.row_ids(), [0, 1, 2, 3, 4, 5]);
}

#[track_caller]
fn check_keys(left: &str, right: &str, likeness: Likeness, n_matched: u64) {
    let people = part("l.csv", left);
    let other = part("r.csv", right);
    let plan = JoinPlan { left: "k".into(), right: "k".into(), ..JoinPlan::default() };
    let report = join::look(&people.read.table, &other.read.table, "r.csv", &plan).unwrap();
    assert_eq!((report.likeness, report.n_rows_matched), (likeness, n_matched));
}

#[test]
fn keys_are_compared_as_strictly_as_finds_most() {
    check_keys("k,a\nx,1\ny,2\n", "k,b\nx,1\ny,2\n", Likeness::Exact, 2);
    check_keys("k,a\nAnn Lee,1\nben,2\n", "k,b\nann  lee,1\nBEN,2\n", Likeness::Case, 2);
    check_keys("k,a\n7,1\n8,2\n", "k,b\n007,1\n008,2\n", Likeness::Number, 2);
    // Numbers on one side, words on the other.
    check_keys("k,a\n7,1\n8,2\n", "k,b\n7,1\nx8,2\n", Likeness::Exact, 1);
    // Never so loosely that two keys of the file become one.
    check_keys("k,a\nAB,1\ncd,2\n", "k,b\nAB,1\nab,2\nCD,3\n", Likeness::Exact, 1);
}

#[test]
fn a_key_that_is_not_there_or_matches_nothing_is_refused() {
    let with = |left: &str, right: &str| {
        combine(vec![
            part("p.csv", PEOPLE),
            joined("v.csv", "id,value\n8,9\n9,5\n", left, right, Repeats::Refuse),
        ])
        .unwrap_err()
        .to_string()
    };
    assert_eq!(with("number", "id"), "the open table has no column “number”; it has id and name");
    assert_eq!(with("id", "number"), "v.csv has no column “number”; it has id and value");
    assert_eq!(with("id", "id"), "no value of “id” occurs in “id” of v.csv");
}

#[test]
fn names_that_are_taken_get_that_of_the_file() {
    check(
        vec![
            part("p.csv", "id,Name\n1,x\n"),
            joined("shops.csv", "key,name\n1,z\n", "id", "key", Repeats::Refuse),
        ],
        "id,Name,name (shops)\n1,x,z",
    );
}

#[test]
fn the_key_is_guessed_by_its_values() {
    let people: String = (0..200).map(|i| format!("{},{},{}\n", 1000 + i * 7, i % 3, 20 + i % 50)).collect();
    let scores: String = (0..180).map(|i| format!("{},{}\n", i % 4, 1000 + i * 7)).collect();
    let people = part("people.csv", &format!("customer,kids,age\n{people}"));
    let scores = part("scores.csv", &format!("visits,client_no\n{scores}"));
    let best = join::guess(&people.read.table, &scores.read.table, "scores.csv").unwrap();
    assert_eq!((best.left.as_str(), best.right.as_str()), ("customer", "client_no"));
    assert_eq!(best.n_rows_matched, 180);
}

#[test]
fn appended_files_are_joined_as_one() {
    check(
        vec![
            part("jan.csv", "id,n\n1,5\n"),
            joined("names.csv", "id,name\n1,Ann\n2,Ben\n", "id", "id", Repeats::Refuse),
            part("feb.csv", "id,n\n2,6\n"),
        ],
        "id,n,Source file,name\n1,5,jan.csv,Ann\n2,6,feb.csv,Ben",
    );
}
