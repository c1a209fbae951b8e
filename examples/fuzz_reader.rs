//! Reads odd files made from a seed for a while and stops at the first that is read wrongly, or panics.
//!
//! `cargo run --release --example fuzz_reader -- SECONDS [SEED]`

#![allow(clippy::print_stdout, clippy::disallowed_methods)]

use std::time::{Duration, Instant};

use assay::engine::{data::reader::check, numeric::random::Rng};

fn main() {
    let mut numbers = std::env::args().skip(1).filter_map(|a| a.parse::<u64>().ok());
    let (seconds, seed) = (numbers.next().unwrap_or(60), numbers.next().unwrap_or(1));
    let begun = Instant::now();
    let mut n = 0_u64;
    let mut slowest = Duration::ZERO;
    while begun.elapsed().as_secs() < seconds {
        let mut rng = Rng::stream(seed, n);
        let bytes = check::odd_file(|m| rng.below(m));
        let start = Instant::now();
        if let Err(words) = check::all(&bytes) {
            println!(
                "file {n} of seed {seed} is read wrongly:\n{words}\n{:?}",
                String::from_utf8_lossy(&bytes)
            );
            std::process::exit(1);
        }
        slowest = slowest.max(start.elapsed());
        n += 1;
    }
    println!("{n} files of seed {seed} in {seconds} s, the slowest in {slowest:?}: all well");
}
