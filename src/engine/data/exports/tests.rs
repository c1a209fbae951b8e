//! Reads every export back and compares what was read with the truth about it.

use super::{EXPORTS, Export, export};
use crate::engine::data::{
    column::{Column, Values, date_text},
    reader::{ReadOptions, ReadTable, Reader},
};

fn read(export: &Export, options: ReadOptions) -> ReadTable {
    let mut reader = Reader::new(export.file_name, options);
    reader.push(&export.bytes).expect("a table");
    reader.finish().expect("readable")
}

fn sum(column: &Column) -> f64 {
    column.as_numbers().map_or(f64::NAN, |v| v.iter().filter(|x| !x.is_nan()).sum())
}

/// Every way in which what was read differs from the truth.
fn wrong(export: &Export, read: &ReadTable) -> Vec<String> {
    let (truth, receipt) = (&export.truth, &read.receipt);
    let mut wrong = Vec::new();
    let mut check = |what: &str, found: String, expected: String| {
        if found != expected {
            wrong.push(format!("{what}: {found}, expected {expected}"));
        }
    };
    check("source", format!("{:?}", receipt.source), format!("{:?}", Some(truth.source)));
    check("encoding", receipt.encoding.clone(), truth.encoding.to_owned());
    check("delimiter", receipt.delimiter.to_string(), truth.delimiter.to_string());
    check("currency", format!("{:?}", read.currency), format!("{:?}", truth.currency));
    check("kind", format!("{:?}", read.table.kind), format!("{:?}", truth.kind));
    check("rows", read.table.n_rows().to_string(), truth.n_rows.to_string());
    let mut skipped: Vec<(&str, u64)> = Vec::new();
    for line in &receipt.skipped {
        match skipped.iter_mut().find(|(reason, _)| *reason == line.reason) {
            Some((_, n)) => *n += 1,
            None => skipped.push((&line.reason, 1)),
        }
    }
    skipped.sort_unstable();
    let mut expected = truth.skipped.clone();
    expected.sort_unstable();
    check("skipped", format!("{skipped:?}"), format!("{expected:?}"));
    check("columns", read.table.n_columns().to_string(), truth.columns.len().to_string());
    for (column, (name, column_type, role)) in read.table.columns().iter().zip(&truth.columns) {
        let found = format!("{:?} {:?} {:?}", column.name, column.column_type(), column.role);
        check("column", found, format!("{name:?} {column_type:?} {role:?}"));
    }
    for (name, expected) in &truth.sums {
        let found = read.table.column(name).map_or(f64::NAN, |c| sum(c));
        // Sums of hundredths differ in their last bits by the order of adding.
        if found.is_nan() || (found - expected).abs() > 1e-9 * expected.abs() {
            wrong.push(format!("sum of {name}: {found}, expected {expected}"));
        }
    }
    if let Some((name, first, last)) = &truth.days {
        let days = match read.table.column(name).map(|c| &c.values) {
            Ok(Values::Date(v)) => {
                v.iter().filter(|x| !x.is_nan()).fold((f64::MAX, f64::MIN), |(a, b), &x| (a.min(x), b.max(x)))
            }
            _ => (0.0, 0.0),
        };
        let found = (date_text(days.0), date_text(days.1));
        if found != (first.clone(), last.clone()) {
            wrong.push(format!("days of {name}: {found:?}, expected {first} to {last}"));
        }
    }
    if truth.n_dashed > 0 && !receipt.sentence.contains("“--” read as missing in") {
        wrong.push(format!("nothing about “--” in: {}", receipt.sentence));
    }
    if let Some(words) = truth.says
        && !receipt.issues.iter().any(|i| i.message.contains(words))
    {
        wrong.push(format!("no message says “{words}”: {:#?}", receipt.issues));
    }
    wrong
}

#[test]
fn every_export_is_read_as_what_it_is() {
    let mut all = Vec::new();
    for key in EXPORTS {
        for seed in [1, 42, 2026] {
            let export = export(key, seed).expect("an export");
            let wrong = wrong(&export, &read(&export, ReadOptions::default()));
            if !wrong.is_empty() {
                all.push(format!("{key}, seed {seed}:\n  {}", wrong.join("\n  ")));
                break;
            }
        }
    }
    assert!(all.is_empty(), "\n{}", all.join("\n"));
}

#[test]
fn the_same_seed_gives_the_same_export() {
    for key in EXPORTS {
        let [a, b, c] = [7, 7, 8].map(|seed| export(key, seed).expect("an export").bytes);
        assert!(a == b && a != c, "{key}");
    }
    assert!(export("meta-xx", 1).is_none() && export("nothing", 1).is_none());
}
