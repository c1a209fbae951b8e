//! `trees-bench ROWS KINDS [RUNS]`: least seconds of the runs, R² and a fingerprint of the predictions.
//! `trees-bench ROWS data FILE` writes the data for the peers.

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
        for (rows, seed) in [(n as usize, 7), (trees_bench::n_test(n as usize), 8)] {
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
        let (mut wall, mut busy, mut r2) = (f64::INFINITY, f64::INFINITY, 0.0);
        for _ in 0..runs {
            let (from, start) = (cpu(), std::time::Instant::now());
            r2 = trees_bench::fit(kind as u32);
            wall = wall.min(start.elapsed().as_secs_f64());
            busy = busy.min(cpu() - from);
        }
        let bits = trees_bench::fingerprint();
        println!(
            "{name:14} {n} rows  native     {wall:.3} s  R² {r2:.4}  bits {bits:08x}  ({busy:.2} CPU s)"
        );
    }
}
