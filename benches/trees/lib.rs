//! Times of the tree kernel: the same data and the same calls natively and in a browser.

/// The parts of the engine the kernel needs.
#[path = "../../src/engine"]
pub mod engine {
    pub mod context;
    /// Numbers.
    pub mod numeric {
        pub mod math;
        pub mod matrix;
        pub mod random;
        pub mod tree;
    }
}

use engine::{
    context::Ctx,
    numeric::{
        matrix::Matrix,
        tree::{
            AdaLoss, AdaSettings, Bins, BoostSettings, ForestSettings, Part, TreeSettings, ada_boost, boost,
            forest, parts, sums, weighted_median,
        },
    },
};
use std::cell::RefCell;

/// Friedman-1: ten uniform columns, five of which matter, noise of sd 1.
pub fn friedman(n: usize, seed: u64) -> (Matrix, Vec<f64>) {
    let mut rng = Ctx::quiet(seed).rng(0);
    let columns: Vec<Vec<f64>> = (0..10).map(|_| (0..n).map(|_| rng.unit()).collect()).collect();
    let y = (0..n)
        .map(|i| {
            let x = |j: usize| columns[j][i];
            10.0 * engine::numeric::math::sin(std::f64::consts::PI * x(0) * x(1))
                + 20.0 * (x(2) - 0.5) * (x(2) - 0.5)
                + 10.0 * x(3)
                + 5.0 * x(4)
                + rng.normal()
        })
        .collect();
    (Matrix::from_columns(&columns), y)
}

/// How many rows are predicted.
pub fn n_test(n: usize) -> usize {
    (n / 4).min(20_000)
}

/// What is timed.
pub const KINDS: [&str; 7] = ["boost-d3", "boost-31", "forest", "extra", "ada", "forest-third", "tree"];

/// Fits and answers the predictions for the test rows.
pub fn run(kind: usize, x: &Matrix, y: &[f64], test: &Matrix) -> Vec<f64> {
    let ctx = Ctx::quiet(1);
    let never = "a quiet context is not stopped";
    let d3 = TreeSettings { max_depth: Some(3), ..TreeSettings::default() };
    match KINDS[kind] {
        "boost-d3" | "boost-31" => {
            let tree = if kind == 0 {
                d3
            } else {
                TreeSettings { max_leaves: Some(31), min_samples_leaf: 20, ..TreeSettings::default() }
            };
            let settings = BoostSettings { tree, ..BoostSettings::default() };
            let found = boost(x, y, None, &settings, false, &ctx).expect(never);
            sums(&found.trees, test).iter().map(|s| found.base + 0.1 * s).collect()
        }
        "ada" => {
            let settings = AdaSettings { n_rounds: 50, learning_rate: 1.0, loss: AdaLoss::Linear, tree: d3 };
            let found = ada_boost(x, y, None, &settings, &ctx).expect(never);
            weighted_median(&found.trees, &found.votes, test)
        }
        name => {
            let settings = ForestSettings {
                n_trees: if name == "tree" { 1 } else { 100 },
                bootstrap: name.starts_with("forest"),
                one_more: None,
                tree: TreeSettings {
                    random_cuts: name == "extra",
                    max_features: (name == "forest-third").then_some(3),
                    ..TreeSettings::default()
                },
            };
            let bins = Bins::new(x);
            let mut all = Part::default();
            for part in parts(settings.n_trees) {
                all.join(forest(&bins, y, None, &settings, part, &ctx).expect(never));
            }
            let n = all.trees.len() as f64;
            sums(&all.trees, test).iter().map(|s| s / n).collect()
        }
    }
}

/// R² on test rows.
pub fn r2(y: &[f64], predicted: &[f64]) -> f64 {
    let mean = y.iter().sum::<f64>() / y.len() as f64;
    let total: f64 = y.iter().map(|v| (v - mean) * (v - mean)).sum();
    1.0 - y.iter().zip(predicted).map(|(a, b)| (a - b) * (a - b)).sum::<f64>() / total
}

/// A fingerprint of the bits of the predictions.
pub fn bits(predicted: &[f64]) -> u32 {
    predicted.iter().fold(0x811c_9dc5_u32, |h, v| {
        let b = v.to_bits();
        (h ^ (b as u32) ^ ((b >> 32) as u32)).wrapping_mul(0x0100_0193)
    })
}

type Data = (Matrix, Vec<f64>, Matrix, Vec<f64>);
thread_local! {
    static DATA: RefCell<Option<Data>> = const { RefCell::new(None) };
    static BITS: RefCell<u32> = const { RefCell::new(0) };
}

/// Makes the data.
#[unsafe(no_mangle)]
pub extern "C" fn prepare(n: u32) {
    let (x, y) = friedman(n as usize, 7);
    let (test, y_test) = friedman(n_test(n as usize), 8);
    DATA.set(Some((x, y, test, y_test)));
}

/// Fits a kind; the R² on the test rows.
#[unsafe(no_mangle)]
pub extern "C" fn fit(kind: u32) -> f64 {
    DATA.with_borrow(|data| {
        let Some((x, y, test, y_test)) = data else { return f64::NAN };
        let predicted = run(kind as usize, x, y, test);
        BITS.set(bits(&predicted));
        r2(y_test, &predicted)
    })
}

/// Fingerprint of the last predictions.
#[unsafe(no_mangle)]
pub extern "C" fn fingerprint() -> u32 {
    BITS.with_borrow(|b| *b)
}
