//! Helpers of the tests: finding the shared data, comparing floats.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

/// A file of the folder `shared` beside the project, or `None` where it is not there: the test is then skipped.
///
/// A skipped test looks like a good one, so it is written down in the file that `ASSAY_SKIPPED` names (`make test` prints
/// it), and is a failure where the data must be there: with `ASSAY_REQUIRE_REFERENCE=1`, or with `CI=true` beside a folder
/// `shared` that lacks the file.
pub fn shared(path: &str) -> Option<PathBuf> {
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|parent| parent.join("shared"));
    let folders: Vec<PathBuf> = above.filter(|folder| folder.is_dir()).collect();
    if let Some(found) = folders.iter().map(|folder| folder.join(path)).find(|p| p.exists()) {
        return Some(found);
    }
    let is_set = |name: &str, value: &str| std::env::var(name).is_ok_and(|v| v == value);
    assert!(
        !is_required(is_set("ASSAY_REQUIRE_REFERENCE", "1"), is_set("CI", "true"), !folders.is_empty()),
        "shared/{path} is not beside the project, and must be"
    );
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    eprintln!("skipped {test}: no shared/{path} beside the project");
    if let Some(list) = std::env::var_os("ASSAY_SKIPPED") {
        let file = std::fs::OpenOptions::new().append(true).create(true).open(list);
        let written = file.and_then(|mut f| f.write_all(format!("{test}: no shared/{path}\n").as_bytes()));
        written.expect("the list of skipped tests can be written");
    }
    None
}

fn is_required(is_asked: bool, is_ci: bool, has_folder: bool) -> bool {
    is_asked || (is_ci && has_folder)
}

/// A reference file as JSON.
pub fn reference(name: &str) -> Option<serde_json::Value> {
    // A file that is there and cannot be read must not pass as skipped.
    let text = std::fs::read_to_string(shared(&format!("reference/{name}"))?).expect("the file is read");
    // Python writes undefined numbers as NaN, which is no JSON.
    Some(serde_json::from_str(&text.replace(": NaN", ": null")).expect("a reference file is JSON"))
}

/// Asserts closeness relative to the expected value (absolute near zero).
#[track_caller]
pub fn close(actual: f64, expected: f64, relative: f64) {
    let bound = relative * expected.abs().max(1e-300);
    assert!(
        (actual - expected).abs() <= bound.max(1e-14 * relative),
        "{actual} is not {expected} (relative {relative})"
    );
}

#[test]
fn reference_values_are_required_where_they_should_be() {
    assert!(!is_required(false, false, true) && !is_required(false, true, false));
    assert!(is_required(true, false, false) && is_required(false, true, true));
}
