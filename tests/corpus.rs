//! Files that a fuzzer found interesting: each reached code that no earlier one had. See CONTRIBUTING.
#![cfg(not(target_arch = "wasm32"))]

use assay::engine::data::reader::check;

#[test]
fn files_that_a_fuzzer_found_are_read_as_before() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus");
    let mut n = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.ends_with(".gitattributes") {
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        if let Err(words) = check::all(&bytes) {
            panic!("{}: {words}", path.display());
        }
        n += 1;
    }
    assert!(n >= 20, "{n} files");
}
