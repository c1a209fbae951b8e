//! How long reading a large export takes natively: one thread and several, beside the `csv` crate's bare records.
//!
//! `cargo bench --bench reader [-- ROWS]`

#![allow(clippy::print_stdout, clippy::disallowed_methods, clippy::expect_used)]

use std::time::Instant;

use assay::{
    engine::data::{
        reader::{ReadOptions, Reading, read_bytes},
        sample,
    },
    host::threads,
};

/// Median of repeated runs, in milliseconds.
fn median(mut work: impl FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..5)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[2]
}

fn main() {
    let n_rows = std::env::args().skip(1).find_map(|a| a.parse().ok()).unwrap_or(1_000_000);
    let mut bytes = Vec::new();
    sample::daily_ads(42, n_rows, &mut |part| bytes.extend_from_slice(part.as_bytes()));
    let megabytes = bytes.len() as f64 / 1e6;
    println!("{n_rows} rows, {megabytes:.0} MB; medians of 5");
    let say = |what: &str, ms: f64| println!("{what:40} {ms:7.0} ms {:6.0} MB/s", megabytes / ms * 1e3);
    say(
        "csv crate, byte records alone",
        median(|| {
            let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes.as_slice());
            let mut record = csv::ByteRecord::new();
            let mut n = 0;
            while reader.read_byte_record(&mut record).expect("a record") {
                n += record.len();
            }
            assert_eq!(n, 12 * n_rows);
        }),
    );
    let reading = || Reading::new("ads.csv", bytes.len() as u64, ReadOptions::default(), u64::MAX);
    say(
        "typed columns, one thread",
        median(|| {
            assert_eq!(read_bytes(reading(), &bytes).expect("a table").table.n_rows(), n_rows);
        }),
    );
    for n_threads in [2, 4] {
        say(
            &format!("typed columns, {n_threads} threads"),
            median(|| {
                let mut reading = reading();
                let part = |from: u64, to: u64| Ok(bytes[from as usize..to as usize].to_vec());
                threads::read(&mut reading, &part, n_threads).expect("read");
                assert_eq!(reading.finish().expect("a table").table.n_rows(), n_rows);
            }),
        );
    }
}
