//! How long the whole way takes natively: reading, preparing, exploring, models, segments, on the samples or given files.
//!
//! `cargo bench --bench way [-- FILE ...]`

#![allow(clippy::print_stdout, clippy::disallowed_methods, clippy::expect_used)]

use std::time::Instant;

use assay::{
    engine::data::{reader::ReadOptions, sample},
    host::{Host, threads, walk},
};

/// Median of repeated runs, in milliseconds.
fn median(runs: usize, mut work: impl FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..runs)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[runs / 2]
}

fn main() {
    let files: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let mut tables: Vec<(String, Vec<u8>)> = vec![
        ("sample ads".into(), sample::ads(42, 1_000).into_bytes()),
        ("sample customers".into(), sample::customers(42, 2_000).into_bytes()),
    ];
    for path in files {
        tables.push((path.clone(), std::fs::read(&path).expect("the file is there")));
    }
    let n_threads = std::thread::available_parallelism().map_or(1, usize::from);
    println!("{n_threads} threads; medians, milliseconds");
    for (name, bytes) in &tables {
        let mut host = Host::new();
        let load = median(5, || {
            walk::load(&mut host, name, bytes, ReadOptions::default()).expect("read");
        });
        let run: walk::Executor<'_> = &mut |shared, tasks| threads::run(shared, tasks, n_threads);
        let way = median(3, || {
            walk::walk(&mut host, walk::Asked::default(), run, &mut |_| {}).expect("walked");
        });
        let explore = median(5, || walk::explore(&mut host, run).expect("explored"));
        println!("{name}: read {load:.1}, whole way {way:.0}, explore alone {explore:.1}");
    }
}
