//! The command line, as a person would call it.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::{path::PathBuf, process::Command};

#[path = "../src/engine/data/test_workbook.rs"]
#[allow(dead_code)] // What it can write is written by other tests.
mod workbook;

fn assay(args: &[&str]) -> (bool, String, String) {
    let out = Command::new(env!("CARGO_BIN_EXE_assay")).args(args).output().expect("assay starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (out.status.success(), text(&out.stdout), text(&out.stderr))
}

/// A folder of this test alone.
fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder for the test");
    folder
}

fn write(folder: &std::path::Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).expect("a file for the test");
    path.to_string_lossy().into_owned()
}

#[test]
fn nobody_reading_on_ends_it_quietly() {
    use std::io::Read;
    for args in [&["sample", "daily", "--rows", "100000"][..], &["sample", "ads"], &["--help"]] {
        let mut assay = Command::new(env!("CARGO_BIN_EXE_assay"))
            .args(args)
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .expect("assay starts");
        let mut out = assay.stdout.take().expect("its output is read");
        if args.len() > 2 {
            out.read_exact(&mut [0; 10]).expect("it writes");
        }
        drop(out);
        let ended = assay.wait_with_output().expect("it ends");
        assert_eq!(String::from_utf8_lossy(&ended.stderr), "", "{args:?}");
        // Without a reader from the beginning it can have written all before that is known.
        assert!(matches!(ended.status.code(), Some(0 | 141)), "{args:?}: {:?}", ended.status);
        assert!(args.len() < 3 || ended.status.code() == Some(141), "{args:?}");
    }
}

#[test]
fn profile_prints_the_receipt_as_json() {
    let folder = folder("profile");
    let (ok, csv, _) = assay(&["sample", "ads", "--rows", "50"]);
    assert!(ok);
    let (ok, out, err) = assay(&["profile", &write(&folder, "ads.csv", &csv)]);
    assert!(ok, "{err}");
    let profile: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(profile["receipt"]["n_rows"], 50);
    assert_eq!(profile["table"]["kind"], "ads");
}

#[test]
fn a_recipe_brings_skipped_lines_back() {
    let folder = folder("kept");
    let (ok, csv, _) = assay(&["sample", "google"]);
    assert!(ok);
    let file = write(&folder, "google.csv", &csv);
    let profile = |args: &[&str]| {
        let (ok, out, err) = assay(args);
        assert!(ok, "{err}");
        serde_json::from_str::<serde_json::Value>(&out).expect("JSON")["receipt"].clone()
    };
    let before = profile(&["profile", &file]);
    assert_eq!(before["source"], "Google Ads report");
    assert_eq!(before["n_skipped"], 6);
    let line = before["skipped"][2]["line"].as_u64().expect("a line");
    let mut recipe = assay::engine::pipeline::recipe::Recipe::default();
    recipe.read.keep_lines = vec![line];
    recipe.read.keep_reasons = vec!["total row".to_owned()];
    let text = serde_json::to_string(&recipe).expect("written");
    let after = profile(&["profile", &file, "--recipe", &write(&folder, "recipe.json", &text)]);
    assert_eq!(after["n_skipped"], 3);
    assert_eq!(after["n_rows"].as_u64(), before["n_rows"].as_u64().map(|n| n + 3));
}

#[test]
fn the_words_read_as_missing_can_be_named() {
    let folder = folder("missing");
    let file = write(&folder, "a.csv", "country,n\nNA,1\nDE,unknown\nFR,3\n");
    let (ok, out, err) = assay(&["profile", &file, "--missing", "unknown, --"]);
    assert!(ok, "{err}");
    let profile: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(profile["receipt"]["missing"], serde_json::json!([["unknown", 1]]));
    assert_eq!(profile["table"]["columns"][0]["n_missing"], 0);
}

#[test]
fn run_writes_four_files_and_its_recipe_gives_them_again() {
    let folder = folder("run");
    let (_, csv, _) = assay(&["sample", "customers", "--rows", "300"]);
    let file = write(&folder, "customers.csv", &csv);
    let (one, two) = (folder.join("one"), folder.join("two"));
    let path = |p: &std::path::Path| p.to_string_lossy().into_owned();
    let (ok, _, err) = assay(&["run", &file, "--out", &path(&one), "--threads", "1"]);
    assert!(ok, "{err}");
    let recipe = path(&one.join("recipe.json"));
    let (ok, _, err) = assay(&["run", &file, "--out", &path(&two), "--threads", "3", "--recipe", &recipe]);
    assert!(ok, "{err}");
    for name in ["report.html", "report.md", "recipe.json", "results.json"] {
        let read = |folder: &PathBuf| std::fs::read_to_string(folder.join(name)).unwrap_or_default();
        assert!(!read(&one).is_empty(), "{name} is missing");
        assert!(read(&one) == read(&two), "{name} differs");
    }
}

#[test]
fn every_chart_of_a_report_is_drawn() {
    let folder = folder("drawn");
    for kind in ["ads", "customers"] {
        let (_, csv, _) = assay(&["sample", kind, "--rows", "300"]);
        let file = write(&folder, &format!("{kind}.csv"), &csv);
        let report = |name: &str, threads: &str| {
            let out = folder.join(name).to_string_lossy().into_owned();
            let (ok, _, err) =
                assay(&["run", &file, "--out", &out, "--threads", threads, "--learning-curve"]);
            assert!(ok, "{err}");
            std::fs::read_to_string(folder.join(name).join("report.html")).expect("a report")
        };
        let text = report(&format!("{kind}-one"), "1");
        let n_figures = text.matches("<figure").count();
        assert!(n_figures > 15, "{n_figures}");
        assert_eq!(text.matches("<svg").count(), n_figures, "a figure without its chart");
        for foreign in ["<script", "NaN", "http:", "https:", "onload"] {
            let inside = text.split("<svg").skip(1).filter_map(|svg| svg.split("</svg>").next());
            assert!(!inside.into_iter().any(|svg| svg.contains(foreign)), "{foreign} in a chart");
        }
        for svg in text.split("<svg").skip(1).filter_map(|svg| svg.split("</svg>").next()) {
            is_well_formed(svg);
        }
        assert!(text == report(&format!("{kind}-two"), "3"), "another report the second time");
    }
}

/// Every element that is opened is closed, in turn, and every name is used but once.
#[track_caller]
fn is_well_formed(svg: &str) {
    let mut open: Vec<&str> = Vec::new();
    for tag in svg.split('<').skip(1) {
        let (tag, text) = tag.split_once('>').expect("a tag ends");
        assert!(!text.contains('>') && tag.matches('"').count() % 2 == 0, "<{tag}>{text}");
        let name = tag.split([' ', '/']).find(|part| !part.is_empty()).expect("a name");
        if let Some(closed) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(closed));
        } else if !tag.ends_with('/') {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?} stay open");
}

#[test]
fn mistakes_are_told_with_what_to_try() {
    let folder = folder("mistakes");
    let cases: &[(Vec<&str>, &str)] = &[
        (vec!["profile"], "--help"),
        (vec!["frobnicate"], "--help"),
        (vec!["profile", "/nowhere.csv"], "cannot be opened"),
        (vec!["run", "x.csv"], "--out"),
    ];
    for (args, expected) in cases {
        let (ok, _, err) = assay(args);
        assert!(!ok && err.contains(expected), "{args:?}: {err}");
    }
    for (name, text, expected) in [("empty.csv", "", "empty"), ("header.csv", "a,b\n", "no rows")] {
        let (ok, _, err) = assay(&["profile", &write(&folder, name, text)]);
        assert!(!ok && err.contains(expected) && err.contains("Try: "), "{name}: {err}");
    }
}

#[test]
fn a_target_that_cannot_be_predicted_is_told_with_what_became_of_it() {
    let folder = folder("targets");
    let row = |i: u32| {
        let (amount, region) = (i * i % 97, ["north", "south", "east"][i as usize % 3]);
        format!("{i},{amount},{region},a few words about {i} and {amount},7,,user{i}@example.com,same\n")
    };
    let rows: String = (1..=90).map(row).collect();
    let csv = format!("id,amount,region,comment,flat,empty,email,word\n{rows}");
    let file = write(&folder, "targets.csv", &csv);
    let none = serde_json::to_string(&assay::engine::pipeline::recipe::Recipe::default()).expect("written");
    let nothing_done = write(&folder, "nothing.json", &none);
    let out = folder.join("out");
    let run = |target: &str, more: &[&str]| {
        let args = ["run", &file, "--out", &out.to_string_lossy(), "--target", target];
        let (ok, _, err) = assay(&[&args, more].concat());
        assert!(!ok && err.contains("Try: "), "{target}: {err}");
        err
    };
    // Whether the suggested steps drop it or no step is taken, it is told what is wrong with the column.
    let cases = [
        ("flat", "“flat” has the same value in every row", "“flat” is 7 in every row"),
        (
            "word",
            "“word” has the same value in every row",
            "“word” holds neither numbers nor just two values",
        ),
        ("empty", "“empty” has no values", "“empty” has no values"),
        (
            "email",
            "“email” holds e-mail addresses, which models do not see",
            "“email” holds e-mail addresses",
        ),
        (
            "comment",
            "“comment” holds neither numbers nor just two",
            "“comment” holds neither numbers nor just two",
        ),
        (
            "region",
            "“region” holds neither numbers nor just two",
            "“region” holds neither numbers nor just two",
        ),
        ("amout", "did you mean “amount”?", "did you mean “amount”?"),
        ("Amount", "did you mean “amount”?", "did you mean “amount”?"),
        ("wholly other", "no column named “wholly other”", "no column named “wholly other”"),
    ];
    for (target, suggested, bare) in cases {
        let err = run(target, &[]);
        assert!(err.contains(suggested), "{target}: {err}");
        let err = run(target, &["--recipe", &nothing_done]);
        assert!(err.contains(bare), "{target}, nothing done: {err}");
    }
    let err = run("id", &[]);
    assert!(err.contains("“id” is dropped by a step of the recipe"), "{err}");
}

#[test]
fn help_lists_every_command() {
    let (ok, out, _) = assay(&["--help"]);
    assert!(ok);
    for command in ["profile", "run", "sample", "--recipe", "--threads"] {
        assert!(out.contains(command), "{command} is missing from the help");
    }
}

#[test]
fn personal_cells_and_small_groups_are_not_in_what_is_shared() {
    let folder = folder("privacy");
    let mut csv = String::from("Email,Vorname,Region,Income,Response\n");
    for i in 0..200 {
        let name = ["Aurelia", "Balthasar", "balthasar", "Balthasar ", "Cosima", "Dagobert"][i % 6];
        let region = if i < 4 { "Atlantis" } else { ["North", "South"][i % 2] };
        csv.push_str(&format!("n{i}@people.example,{name},{region},{},{}\n", 1000 + i * 37 % 911, i % 3 / 2));
    }
    let file = write(&folder, "people.csv", &csv);
    let shared = |more: &[&str]| {
        let out = folder.join(format!("out{}", more.len())).to_string_lossy().into_owned();
        let (ok, _, err) = assay(&[&["run", &file, "--out", &out][..], more].concat());
        assert!(ok, "{err}");
        ["report.html", "report.md", "results.json"].map(|name| {
            std::fs::read_to_string(std::path::Path::new(&out).join(name)).expect("it is written")
        })
    };
    let typed = r#"{"clean": {"slug": "SLUG", "settings": {"column": {"Text": "Vorname"}, MORE}}}"#;
    let step = |slug: &str, more: &str| typed.replace("SLUG", slug).replace("MORE", more);
    let steps = [
        step(
            "merge_spellings",
            r#""spellings": {"Text": "Balthasar; balthasar"}, "into": {"Text": "Balthasar"}"#,
        ),
        step("filter_rows", r#""operator": {"Text": "is_not"}, "value": {"Text": "Cosima"}"#),
    ];
    let mut recipe = serde_json::to_value(assay::engine::pipeline::recipe::Recipe::default()).expect("JSON");
    recipe["steps"] = serde_json::from_str(&format!("[{}]", steps.join(","))).expect("JSON");
    let recipe = write(&folder, "typed.json", &recipe.to_string());
    for texts in [shared(&[]), shared(&["--recipe", &recipe])] {
        for text in texts {
            let lower = text.to_lowercase();
            for cell in ["people.example", "balthasar", "cosima"] {
                assert!(!lower.contains(cell), "{cell} is shared");
            }
            assert!(text.contains("Vorname") && text.contains("Atlantis"));
        }
    }
    // The recipe of its own is whole.
    let own = std::fs::read_to_string(folder.join("out2").join("recipe.json")).expect("it is written");
    assert!(own.contains("Balthasar; balthasar") && own.contains("Cosima"), "{own}");
    assert!(shared(&["--recipe", &recipe])[2].contains("\"recipe_is_masked\": true"));
    let [html, _, results] = shared(&["--mask-small-groups"]);
    let results: serde_json::Value = serde_json::from_str(&results).expect("JSON");
    assert_eq!(results["small_groups_masked"], true);
    assert_eq!(results["data"]["columns"][1]["personal"], "name");
    for rate in results["explore"]["rates"].as_array().expect("rates") {
        for level in rate["levels"].as_array().expect("levels") {
            assert!(level["n_rows"].as_u64().is_none_or(|n| n == 0 || n >= 10), "{level}");
        }
    }
    assert!(html.contains("Groups of fewer than 10 rows"));
}

fn results(folder: &std::path::Path) -> serde_json::Value {
    let text = std::fs::read_to_string(folder.join("results.json")).expect("results");
    serde_json::from_str(&text).expect("JSON")
}

/// Two months of an export, and what each campaign may spend.
fn months(folder: &std::path::Path) -> [String; 3] {
    let month = |m: u32, header: &str| {
        let rows = (1..=28).flat_map(|day| (0..4).map(move |c| (day, c)));
        let mut csv = format!("{header}\n");
        for (day, c) in rows {
            let n = 100 + day * 13 % 37 + c * 20 + m;
            csv.push_str(&format!("2026-{m:02}-{day:02},c{c},{n},{},{}.5\n", n / 9, n / 20));
        }
        csv
    };
    [
        write(folder, "jan.csv", &month(1, "Day,Campaign,Impressions,Clicks,Cost")),
        write(folder, "feb.csv", &month(2, "day,campaign,impressions,clicks,cost")),
        write(folder, "budgets.csv", "Campaign,Budget\nC0,100\nC1,200\nC2,300\nC9,400\n"),
    ]
}

#[test]
fn several_files_become_one_table_and_its_recipe_gives_the_same_numbers() {
    let folder = folder("several");
    let [jan, feb, budgets] = months(&folder);
    let (one, two) = (folder.join("one"), folder.join("two"));
    let path = |p: &std::path::Path| p.to_string_lossy().into_owned();
    let (ok, _, err) = assay(&[
        "run",
        &jan,
        &feb,
        "--join",
        &budgets,
        "--key",
        "Campaign",
        "--out",
        &path(&one),
        "--threads",
        "2",
    ]);
    assert!(ok, "{err}");
    assert!(err.contains("224 rows and 7 columns from 3 files"), "{err}");
    let found = results(&one);
    assert_eq!(found["data"]["n_rows"], 224);
    let files = &found["data"]["files"];
    assert_eq!((&files[1]["name"], &files[1]["put"]), (&"feb.csv".into(), &"append".into()));
    assert_eq!(files[2]["join"]["n_rows_matched"], 168);
    assert_eq!(files[2]["join"]["likeness"], "case");
    assert_eq!(found["recipe"]["files"][2]["put"]["join"]["left"], "Campaign");

    // Named in another order, without a word on how: the recipe says it.
    let recipe = path(&one.join("recipe.json"));
    let (ok, _, err) =
        assay(&["run", &jan, &feb, &budgets, "--recipe", &recipe, "--out", &path(&two), "--threads", "1"]);
    assert!(ok, "{err}");
    for name in ["report.html", "report.md", "recipe.json", "results.json"] {
        let read = |folder: &PathBuf| std::fs::read_to_string(folder.join(name)).unwrap_or_default();
        assert!(!read(&one).is_empty() && read(&one) == read(&two), "{name} differs");
    }
    let (ok, _, err) = assay(&["run", &jan, &feb, "--recipe", &recipe, "--out", &path(&two)]);
    assert!(!ok && err.contains("the recipe joins budgets.csv"), "{err}");
}

#[test]
fn what_cannot_be_put_together_says_what_to_try() {
    let folder = folder("apart");
    let [jan, feb, budgets] = months(&folder);
    let cases: &[(Vec<&str>, &[&str])] = &[
        (
            vec![&jan, &budgets],
            &["budgets.csv has other columns", "--join budgets.csv --key \"Campaign\"", "75"],
        ),
        (vec![&jan, "--join", &feb], &["--key COLUMN"]),
        (
            vec![&jan, "--join", &budgets, "--key", "Campaign=Name"],
            &["no column “Name”", "Campaign and Budget"],
        ),
        (
            vec![&budgets, "--join", &jan, "--key", "Campaign"],
            &["occur more than once in jan.csv", "Try: ", "combine"],
        ),
        (vec!["--key", "Campaign", &jan], &["--key belongs behind a --join FILE"]),
        (
            vec![&jan, "--join", &budgets, "--key", "Campaign", "--repeats", "some"],
            &["combine, first or every"],
        ),
    ];
    for (args, expected) in cases {
        let (ok, _, err) = assay(&[&["profile"][..], args].concat());
        assert!(!ok && expected.iter().all(|e| err.contains(e)), "{args:?}: {err}");
    }
    let empty = write(&folder, "empty.csv", "");
    let (ok, out, err) = assay(&["profile", &jan, &empty, &feb]);
    assert!(ok && err.contains("Left out empty.csv"), "{err}");
    let profile: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(profile["receipt"]["n_rows"], 224);
    let (ok, _, err) = assay(&["profile", &jan, "--append", &empty]);
    assert!(!ok && err.contains("empty.csv"), "{err}");
    let (ok, _, err) = assay(&["profile", &jan, &jan]);
    assert!(ok && err.contains("the same bytes as jan.csv"), "{err}");
}

#[test]
fn a_sheet_of_a_workbook_is_read() {
    use workbook::{Cell, date, workbook};
    let folder = folder("workbook");
    let title = [Cell::Text("Report for May")];
    let header = [Cell::Text("Day"), Cell::Text("Clicks"), Cell::Text("Cost"), Cell::Text("Won")];
    let one = [date(2026, 5, 1), Cell::Number(30.0), Cell::Number(12.345), Cell::Bool(true)];
    let two = [date(2026, 5, 2), Cell::Number(41.0), Cell::Error, Cell::Bool(false)];
    let may: &[&[Cell<'_>]] = &[&title, &header, &one, &two];
    let june: &[&[Cell<'_>]] = &[&header, &two];
    let path = folder.join("ads.xlsx");
    std::fs::write(&path, workbook(&[("May", may), ("June", june)])).expect("a workbook for the test");
    let path = path.to_string_lossy().into_owned();

    let profile = |args: &[&str]| -> serde_json::Value {
        let (ok, out, err) = assay(&[&["profile", &path][..], args].concat());
        assert!(ok, "{err}");
        serde_json::from_str(&out).expect("JSON")
    };
    let read = profile(&[]);
    let sentence = read["receipt"]["sentence"].as_str().expect("a sentence");
    assert!(
        sentence.starts_with(
            "Sheet “May” of an Excel workbook, 2 rows and 4 columns; 1 line above the table was left out"
        ),
        "{sentence}"
    );
    let types: Vec<_> = read["table"]["columns"]
        .as_array()
        .expect("columns")
        .iter()
        .map(|c| c["column_type"].clone())
        .collect();
    assert_eq!(types, ["date", "number", "number", "boolean"]);
    assert_eq!(read["table"]["columns"][2]["range"], serde_json::json!([12.345, 12.345]));
    assert_eq!(read["receipt"]["files"][0]["workbook"]["sheets"], serde_json::json!(["May", "June"]));
    assert_eq!(profile(&["--sheet", "June"])["receipt"]["n_rows"], 1);
    let (ok, _, err) = assay(&["profile", &path, "--sheet", "July"]);
    assert!(!ok && err.contains("no sheet “July”; it has May and June"), "{err}");
}
