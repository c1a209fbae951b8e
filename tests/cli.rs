//! The command line, as a person would call it.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::{path::PathBuf, process::Command};

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
        let name = ["Aurelia", "Balthasar", "Cosima", "Dagobert"][i % 4];
        let region = if i < 4 { "Atlantis" } else { ["North", "South"][i % 2] };
        csv.push_str(&format!(
            "{name}{i}@people.example,{name},{region},{},{}\n",
            1000 + i * 37 % 911,
            i % 3 / 2
        ));
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
    for text in shared(&[]) {
        assert!(!text.contains("people.example") && !text.contains("Balthasar"));
        assert!(text.contains("Vorname") && text.contains("Atlantis"));
    }
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
