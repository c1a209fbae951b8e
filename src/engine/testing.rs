//! Helpers of the tests: finding the shared data, comparing floats.

use std::path::PathBuf;

/// A file of the folder `shared` beside the project, or `None` (with a printed note) where it is not there.
pub fn shared(path: &str) -> Option<PathBuf> {
    let found = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .map(|parent| parent.join("shared").join(path))
        .find(|p| p.exists());
    if found.is_none() {
        println!("skipped: no shared/{path} beside the project");
    }
    found
}

/// A reference file as JSON.
pub fn reference(name: &str) -> Option<serde_json::Value> {
    let text = std::fs::read_to_string(shared(&format!("reference/{name}"))?).ok()?;
    // Python writes undefined numbers as NaN, which is no JSON; a file that cannot be read must not pass as skipped.
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
