//! Any bytes: one table however they are cut, and the records of the `csv` crate.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Err(words) = assay::engine::data::reader::check::all(bytes) {
        panic!("{words}");
    }
});
