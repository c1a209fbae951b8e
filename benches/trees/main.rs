//! `trees-bench ROWS KIND [RUNS]`: CPU seconds (least of the runs), R² and a fingerprint, as JSON. `trees-bench ROWS data`
//! writes the data as CSV-free binary for the peers.

use std::io::Write;

fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = stat.rsplit(')').next().unwrap_or_default();
    let ticks: f64 = after.split_whitespace().skip(11).take(2).filter_map(|v| v.parse::<f64>().ok()).sum();
    ticks / 100.0
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let n: u32 = args[1].parse().expect("rows");
    if args[2] == "data" {
        let mut out = std::fs::File::create(&args[3]).expect("a file");
        for (rows, seed) in [(n as usize, 7), (20_000, 8)] {
            let (x, y) = trees_bench::friedman(rows, seed);
            for column in (0..10).map(|j| x.column(j)).chain([&y[..]]) {
                for v in column {
                    out.write_all(&v.to_le_bytes()).expect("written");
                }
            }
        }
        return;
    }
    trees_bench::prepare(n);
    let runs: u32 = args.get(3).map_or(1, |r| r.parse().expect("runs"));
    for (kind, name) in trees_bench::KINDS.iter().enumerate() {
        if !args[2].split(',').any(|k| k == *name) {
            continue;
        }
        let (mut least, mut r2) = (f64::INFINITY, 0.0);
        for _ in 0..runs {
            let from = cpu();
            let start = std::time::Instant::now();
            r2 = trees_bench::fit(kind as u32);
            let _ = from;
            least = least.min(start.elapsed().as_secs_f64());
        }
        println!(
            "{name} {n} native {least:.3} s R2 {r2:.4} bits {:08x} (cpu so far {:.2})",
            trees_bench::fingerprint(),
            cpu()
        );
    }
}
