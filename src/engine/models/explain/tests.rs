//! Explanations against brute force, against theory, and the same whoever does the work.

use super::{
    ExplainPlan, Explanation, Surroundings, Value,
    conformal::{Calibration, coverage},
    job::ExplainJob,
    residual_checks::{k_squared, koenker, ljung_box},
    shap::{self, Means},
    what_if::{Answer, WhatIf},
};
use crate::engine::{
    context::Ctx,
    data::{
        column::Column,
        role::{Role, TableKind},
        table::Table,
    },
    knobs::Settings,
    models::{
        self, FAMILIES,
        compare::{ComparisonJob, Made, Source},
        comparison::Prediction,
        design::Design,
        family::{Anatomy, Fitted, Link},
        frame::{ALWAYS_TRAINING, Beside, Feature, FeatureValues, Frame},
        outcome::Outcome,
        plan::{FamilyChoice, ModelPlan, Validation},
        work::{ALL_ROWS, FitFold},
    },
    numeric::{
        math,
        random::Rng,
        tree::{Node, Tree},
    },
    pipeline::tasks,
    statistics::intervals::wilson_at,
    task::{Batch, Job, SharedStore, Stage, Work},
    testing::close,
};

/// Numbers with gaps, a category with gaps, a yes/no; a target that depends on them, not below 0.
fn frame(n: usize, seed: u64) -> Frame {
    let mut rng = Rng::stream(seed, 1);
    let mut number = |gaps: f64| -> Vec<f64> {
        (0..n)
            .map(|_| if rng.unit() < gaps { f64::NAN } else { (rng.unit() * 100.0).round() / 10.0 })
            .collect()
    };
    let (a, b, c) = (number(0.0), number(0.15), number(0.0));
    let mut rng = Rng::stream(seed, 2);
    let codes: Vec<u32> = (0..n).map(|_| if rng.unit() < 0.1 { u32::MAX } else { rng.below(5) }).collect();
    let yes: Vec<f64> = (0..n).map(|_| f64::from(rng.below(2))).collect();
    let y = (0..n)
        .map(|i| {
            let of_code = [0.0, 3.0, 1.0, 4.0, 2.0].get(codes[i] as usize).copied().unwrap_or(5.0);
            let b = if b[i].is_nan() { 7.0 } else { b[i] };
            (a[i] + 0.3 * a[i] * yes[i] + of_code + 0.1 * b * b + rng.unit()).max(0.0).round()
        })
        .collect();
    let numbers =
        |name: &str, values: Vec<f64>| Feature { name: name.into(), values: FeatureValues::Number(values) };
    Frame {
        target: "y".into(),
        features: vec![
            numbers("a", a),
            numbers("b", b),
            Feature { name: "colour".into(), values: FeatureValues::Category { n_levels: 5, codes } },
            numbers("yes", yes),
            numbers("noise", c),
        ],
        y,
        row_ids: (0..n as u32).collect(),
        fold: vec![ALWAYS_TRAINING; n],
        beside: Beside {
            levels: vec![
                vec![],
                vec![],
                ["r", "g", "b", "w", "k"].map(str::to_owned).to_vec(),
                vec![],
                vec![],
            ],
            ..Beside::default()
        },
    }
}

fn fitted(frame: &Frame, family: &str, settings: Settings) -> (Box<dyn Fitted>, Design) {
    let work = FitFold { family: family.into(), settings, fold: ALL_ROWS };
    let fit = work.run(frame, &Ctx::quiet(3)).unwrap();
    assert_eq!(fit.error, None, "{family}");
    let family = models::family(family).unwrap();
    let every: Vec<u32> = (0..frame.n_rows() as u32).collect();
    (family.load(&fit.fitted).unwrap(), Design::learn(frame, &every, family.wants_dummies()))
}

/// What a tree is worth when the columns of `known` are known: the other splits send a row both ways, by cover.
fn worth(tree: &Tree, at: usize, value: &dyn Fn(usize) -> f64, known: u32) -> f64 {
    let (feature, right) = match tree.nodes[at] {
        Node::Leaf { value, .. } => return value,
        Node::Number { feature, right, .. } | Node::Category { feature, right, .. } => {
            (feature, right as usize)
        }
    };
    if known >> feature & 1 == 1 {
        let next = if tree.goes_left(at, value(feature as usize)) { at + 1 } else { right };
        return worth(tree, next, value, known);
    }
    let (l, r) = (tree.nodes[at + 1].cover(), tree.nodes[right].cover());
    (l * worth(tree, at + 1, value, known) + r * worth(tree, right, value, known)) / (l + r)
}

/// Shapley values by the sum over all subsets.
fn brute_force(p: usize, worth: &dyn Fn(u32) -> f64) -> Vec<f64> {
    let factorial = |n: usize| (1..=n).map(|i| i as f64).product::<f64>();
    (0..p)
        .map(|i| {
            (0..1_u32 << p)
                .filter(|s| s >> i & 1 == 0)
                .map(|s| {
                    let size = s.count_ones() as usize;
                    let weight = factorial(size) * factorial(p - size - 1) / factorial(p);
                    weight * (worth(s | 1 << i) - worth(s))
                })
                .sum()
        })
        .collect()
}

#[test]
fn values_of_trees_are_those_of_the_sum_over_all_subsets() {
    let frame = frame(150, 7);
    let trees = |n: i64| Settings::new().with("trees", n);
    for (family, settings) in [
        ("decision_tree", Settings::new().with("max_depth", 12_i64)),
        ("random_forest", trees(6)),
        ("extra_trees", trees(6)),
        ("gradient_boosting", trees(10).with("max_depth", 5_i64)),
        ("gradient_boosting", trees(10).with("loss", "poisson")),
    ] {
        let (fitted, design) = fitted(&frame, family, settings);
        let rows: Vec<u32> = (0..25).collect();
        let x = design.matrix(&frame, &rows);
        let n = frame.features.len();
        let found = shap::contributions(fitted.as_ref(), &design, n, &x, &[], &Means::default()).unwrap();
        let Anatomy::Trees { base, factor, trees, .. } = fitted.anatomy() else { panic!("{family}") };
        for row in 0..rows.len() {
            let value = |feature: usize| x.get(row, feature);
            let all =
                |known: u32| base + factor * trees.iter().map(|t| worth(t, 0, &value, known)).sum::<f64>();
            let expected = brute_force(n, &all);
            close(found.base, all(0), 1e-9);
            for (ours, exact) in found.row(row).iter().zip(&expected) {
                assert!((ours - exact).abs() < 1e-9, "{family}, row {row}: {ours} is not {exact}");
            }
        }
    }
}

/// The sum of the values of every row against the prediction, for each family that predicts this; how many had values.
fn check_sums(frame: &Frame) -> usize {
    let every: Vec<u32> = (0..frame.n_rows() as u32).collect();
    let outcome = frame.beside.outcome;
    let mut n_families = 0;
    for family in FAMILIES.iter().filter(|f| f.suits(outcome)) {
        let (fitted, design) = fitted(frame, family.slug(), Settings::new());
        let means = Means::of(fitted.as_ref(), &design, frame, &[]);
        let x = design.matrix(frame, &every);
        let n = frame.features.len();
        let Some(found) = shap::contributions(fitted.as_ref(), &design, n, &x, &[], &means) else {
            assert!(
                ["k_neighbors", "support_vector", "ada_boost"].contains(&family.slug()),
                "{} has no SHAP values",
                family.slug()
            );
            assert!(shap::n_rows(fitted.as_ref(), family.title()).unwrap_err().contains(family.title()));
            continue;
        };
        n_families += 1;
        let link = match fitted.anatomy() {
            Anatomy::Sum { link, .. } | Anatomy::Trees { link, .. } => link,
            Anatomy::Opaque => panic!(),
        };
        for (row, prediction) in fitted.predict(&x).into_iter().enumerate() {
            let sum = found.base + found.row(row).iter().sum::<f64>();
            let expected = link.of(prediction);
            if link == Link::LogOdds && expected.abs() > 29.999 {
                // No probability is said to be 0 or 1: beyond this the sum goes on.
                assert!(sum.abs() > 29.999 && sum.signum() == expected.signum());
                continue;
            }
            // A probability next to 1 holds only so many digits of its odds.
            let lost =
                if link == Link::LogOdds { f64::EPSILON / (prediction * (1.0 - prediction)) } else { 0.0 };
            assert!(
                (sum - expected).abs() <= 1e-9 * expected.abs().max(1.0) + 4.0 * lost,
                "{}, row {row}: {sum} is not {expected}",
                family.slug()
            );
        }
    }
    n_families
}

#[test]
fn values_add_up_to_the_prediction_for_every_family_that_has_them() {
    let mut frame = frame(160, 11);
    assert!(check_sums(&frame) >= 10);
    // The same for probabilities, on the scale of each model.
    frame.y.iter_mut().for_each(|y| *y = f64::from(u8::from(*y > 14.0)));
    frame.beside.outcome = Outcome::YesNo;
    assert!(check_sums(&frame) >= 5);
}

#[test]
fn a_column_that_is_in_no_tree_has_no_value_and_categories_are_one_column() {
    let frame = frame(200, 5);
    let (fitted, design) = fitted(&frame, "linear_regression", Settings::new());
    let means = Means::of(fitted.as_ref(), &design, &frame, &[]);
    let every: Vec<u32> = (0..200).collect();
    let x = design.matrix(&frame, &every);
    let found = shap::contributions(fitted.as_ref(), &design, 5, &x, &[], &means).unwrap();
    // Over the rows it was fitted on the values of each column add up to nothing.
    for column in 0..5 {
        let sum = math::sum((0..200).map(|r| found.row(r)[column]));
        assert!(sum.abs() < 1e-9, "{column}: {sum}");
    }
    let (stump, design) = self::fitted(&frame, "decision_tree", Settings::new().with("max_depth", 1_i64));
    let x = design.matrix(&frame, &every);
    let found = shap::contributions(stump.as_ref(), &design, 5, &x, &[], &Means::default()).unwrap();
    let moved = (0..5).filter(|&c| (0..200).any(|r| found.row(r)[c] != 0.0)).count();
    assert_eq!(moved, 1);
}

/// Friedman-1 with noise that grows with the expected value.
fn friedman(n: usize, seed: u64) -> Frame {
    let mut rng = Rng::stream(seed, 77);
    let columns: Vec<Vec<f64>> = (0..5).map(|_| (0..n).map(|_| rng.unit()).collect()).collect();
    let y = (0..n)
        .map(|i| {
            let x = |j: usize| columns[j][i];
            let centre = 10.0 * math::sin(std::f64::consts::PI * x(0) * x(1))
                + 20.0 * (x(2) - 0.5) * (x(2) - 0.5)
                + 10.0 * x(3)
                + 5.0 * x(4);
            centre + (0.2 + 0.15 * centre) * rng.normal()
        })
        .collect();
    let features = columns
        .into_iter()
        .enumerate()
        .map(|(j, v)| Feature { name: format!("x{j}"), values: FeatureValues::Number(v) })
        .collect();
    Frame {
        target: "y".into(),
        features,
        y,
        row_ids: (0..n as u32).collect(),
        fold: (0..n as u32).map(|i| i % 5).collect(),
        beside: Beside::default(),
    }
}

fn held_out(frame: &Frame, family: &str, settings: &Settings) -> Vec<Prediction> {
    let mut rows = Vec::new();
    for fold in 0..5 {
        let work = FitFold { family: family.into(), settings: settings.clone(), fold };
        let fit = work.run(frame, &Ctx::quiet(1)).unwrap();
        assert_eq!(fit.error, None);
        rows.extend(frame.test_rows(fold).iter().zip(fit.predictions).map(|(&r, predicted)| Prediction {
            row: r,
            actual: frame.y[r as usize],
            predicted,
        }));
    }
    rows.sort_by_key(|p| p.row);
    rows
}

/// Counts whose logarithm is a sum, drawn by Poisson's law, with columns that matter and one that does not.
fn counts(n: usize, seed: u64) -> Frame {
    let mut rng = Rng::stream(seed, 78);
    let columns: Vec<Vec<f64>> = (0..3).map(|_| (0..n).map(|_| rng.unit()).collect()).collect();
    // As many waiting times as fit into the expected number.
    let mut drawn = |mean: f64| {
        let (mut n, mut passed) = (0_u32, 0.0);
        loop {
            passed -= math::ln(1.0 - rng.unit());
            if passed > mean {
                return f64::from(n);
            }
            n += 1;
        }
    };
    let y = (0..n).map(|i| drawn(math::exp(1.5 + 1.2 * columns[0][i] + columns[1][i]))).collect();
    let feature =
        |(j, v): (usize, Vec<f64>)| Feature { name: format!("x{j}"), values: FeatureValues::Number(v) };
    Frame { features: columns.into_iter().enumerate().map(feature).collect(), y, ..friedman(n, seed) }
}

/// Intervals from held-out rows of `old`, tried on the rows of `new` with the fit on all of `old`.
#[track_caller]
fn check_coverage(family: &str, settings: Settings, old: &Frame, new: &Frame) {
    let floor = old.y.iter().all(|&y| y >= 0.0).then_some(0.0);
    let calibration = Calibration::learn(&held_out(old, family, &settings), floor).unwrap();
    let (fitted, design) = fitted(old, family, settings);
    let every: Vec<u32> = (0..new.n_rows() as u32).collect();
    let predictions = fitted.predict(&design.matrix(new, &every));
    for level in [0.8, 0.9, 0.95] {
        let is_covered = |(p, y): &(&f64, &f64)| {
            let (low, high) = calibration.interval(**p, level).unwrap();
            (low..=high).contains(*y)
        };
        let covered = predictions.iter().zip(&new.y).filter(is_covered).count() as f64 / new.y.len() as f64;
        // Binomial error of the new rows, and that of the order statistics of the old ones.
        let error = (level * (1.0 - level) * (1.0 / new.y.len() as f64 + 1.0 / old.y.len() as f64)).sqrt();
        assert!((covered - level).abs() < 3.5 * error, "{family}, {level}: {covered}");
    }
}

#[test]
fn intervals_of_every_kind_of_model_cover_new_rows_as_often_as_they_promise() {
    let none = Settings::new;
    let amounts = [
        ("baseline", none()),
        ("linear_regression", none()),
        ("ridge", none()),
        ("elastic_net", none().with("alpha", 0.1)),
        ("decision_tree", none()),
        ("k_neighbors", none().with("neighbors", 10_i64)),
        ("random_forest", none().with("trees", 20_i64)),
        ("extra_trees", none().with("trees", 20_i64)),
        ("gradient_boosting", none().with("trees", 40_i64)),
        ("ada_boost", none().with("trees", 20_i64)),
    ];
    let (old, new) = (friedman(1_500, 1), friedman(4_000, 2));
    for (family, settings) in amounts {
        check_coverage(family, settings, &old, &new);
    }
    // Its fit costs the square of the rows.
    check_coverage("support_vector", none(), &friedman(500, 1), &new);
    let (old, new) = (counts(1_500, 1), counts(4_000, 2));
    let of_counts = [
        ("poisson_regression", none()),
        ("negative_binomial", none()),
        ("gradient_boosting", none().with("loss", "poisson").with("trees", 40_i64)),
    ];
    for (family, settings) in of_counts {
        check_coverage(family, settings, &old, &new);
    }
}

#[test]
fn intervals_widen_where_errors_do_and_are_tried_on_rows_they_were_not_made_from() {
    let settings = Settings::new().with("trees", 40_i64);
    let rows = held_out(&friedman(2_000, 1), "gradient_boosting", &settings);
    let calibration = Calibration::learn(&rows, None).unwrap();
    let width = |p: f64| calibration.interval(p, 0.9).map(|(a, b)| b - a).unwrap();
    assert!(width(22.0) > 1.5 * width(6.0), "{} {}", width(6.0), width(22.0));
    let parts: Vec<u32> = rows.iter().map(|r| r.row % 5).collect();
    let found = coverage(&rows, &parts, 5, None, 42).unwrap();
    for level in &found.levels {
        let (low, high) = level.interval.unwrap();
        assert_eq!((level.n, level.parts.len()), (2_000, 5));
        assert!(low <= level.level + 0.01 && level.level - 0.01 <= high, "{level:?}");
    }
    let single = coverage(&rows, &vec![0; 2_000], 1, None, 42).unwrap();
    assert_eq!((single.by_fold, single.levels[0].parts.len()), (false, 2));
}

#[test]
fn few_rows_make_no_intervals_and_exact_predictions_narrow_ones() {
    let rows = |n: u32, error: f64| -> Vec<Prediction> {
        (0..n)
            .map(|row| Prediction { row, actual: f64::from(row) + error, predicted: f64::from(row) })
            .collect()
    };
    assert_eq!(Calibration::learn(&rows(19, 1.0), None), None);
    let few = Calibration::learn(&rows(30, 1.0), None).unwrap();
    assert!(few.interval(3.0, 0.9).is_some());
    assert_eq!(few.interval(3.0, 0.95), None);
    let exact = Calibration::learn(&rows(50, 0.0), Some(0.0)).unwrap();
    assert_eq!(exact.interval(7.0, 0.9), Some((7.0, 7.0)));
    assert_eq!(coverage(&rows(39, 0.0), &[0; 39], 1, None, 1), None);
    // No interval goes below the floor.
    let low = Calibration::learn(&rows(50, -3.0), Some(0.0)).unwrap();
    assert_eq!(low.interval(1.0, 0.8).map(|i| i.0), Some(0.0));
}

#[test]
fn the_order_of_rows_changes_no_interval() {
    let rows = held_out(&friedman(300, 4), "linear_regression", &Settings::new());
    let mut mixed = rows.clone();
    Rng::stream(1, 1).shuffle(&mut mixed);
    let (a, b) = (Calibration::learn(&rows, None).unwrap(), Calibration::learn(&mixed, None).unwrap());
    for p in [0.0, 9.5, 14.0, 30.0] {
        let (x, y) = (a.interval(p, 0.9).unwrap(), b.interval(p, 0.9).unwrap());
        close(x.0, y.0, 1e-12);
        close(x.1, y.1, 1e-12);
    }
}

#[expect(clippy::approx_constant, reason = "one of the drawn values is near half of pi by chance")]
const REFERENCE: [f64; 60] = [
    1.8343, 2.6377, 1.0664, 3.9805, 0.9132, 0.9846, 0.1064, 0.5201, 1.0581, 2.2566, 1.5062, 0.947, 3.1263,
    0.8793, 1.1428, 0.6735, 1.4694, 1.9594, 0.9571, 2.8975, 0.5124, 4.0779, 2.0319, 4.3465, 5.2423, 2.1719,
    1.6609, 0.4953, 2.2855, 0.5577, 1.1643, 5.0716, 2.1285, 4.6606, 2.6253, 1.7347, 3.3278, 0.9502, 1.7308,
    1.9221, 1.2252, 0.5015, 2.5352, 0.87, 1.3225, 1.1681, 2.0104, 1.8833, 0.4656, 2.4035, 1.4634, 3.0669,
    0.9052, 0.1226, 1.0229, 1.5708, 2.7331, 4.2565, 3.0104, 2.9042,
];
const SKEW: f64 = 0.8938572848428591;
const KURTOSIS: f64 = 0.1481540839615736;
const K2: f64 = 8.135225916093134;
const LM: f64 = 0.2241369056205822;
const Q: f64 = 8.624303791389082;
const R1: f64 = 0.13107276889548247;

// rng = numpy.random.default_rng(0); e = rng.gamma(2, 1, 60).round(4); p = numpy.arange(60) / 10
// scipy.stats.normaltest(e), skew(e), kurtosis(e); het_breuschpagan(e, add_constant(p)) with e as given (not centred);
// acorr_ljungbox(e, lags=[5])
#[test]
fn checks_have_the_statistics_of_scipy_and_statsmodels() {
    let e: Vec<f64> = REFERENCE.to_vec();
    let p: Vec<f64> = (0..e.len()).map(|i| i as f64 / 10.0).collect();
    let (skew, kurtosis, k2) = k_squared(&e).unwrap();
    close(skew, SKEW, 1e-9);
    close(kurtosis, KURTOSIS, 1e-9);
    close(k2, K2, 1e-9);
    close(koenker(&p, &e).unwrap(), LM, 1e-9);
    let (q, r1) = ljung_box(&e, 5).unwrap();
    close(q, Q, 1e-9);
    close(r1, R1, 1e-9);
}

fn table(n: usize) -> Table {
    let mut rng = Rng::stream(9, 9);
    let spend: Vec<f64> = (0..n).map(|_| (rng.unit() * 1000.0).round() / 10.0).collect();
    let clicks: Vec<f64> = spend.iter().map(|s| (s * 2.0 + 3.0 * rng.unit()).round()).collect();
    let noise: Vec<f64> = (0..n).map(|_| rng.unit()).collect();
    let levels = ["red", "green", "blue"];
    let colour: Vec<Option<&str>> = (0..n).map(|_| Some(levels[rng.below(3) as usize])).collect();
    let y: Vec<f64> = (0..n)
        .map(|i| {
            let of = if colour[i] == Some("red") { 20.0 } else { 0.0 };
            (0.5 * spend[i] + of + 5.0 * rng.normal() + 30.0).max(0.0)
        })
        .collect();
    let columns = vec![
        Column::number("Spend", Role::Number, spend),
        Column::number("taps", Role::Number, clicks),
        Column::number("noise", Role::Number, noise),
        Column::category("colour", Role::Category, &colour),
        Column::number("y", Role::Number, y),
    ];
    Table::new(TableKind::Other, columns).unwrap()
}

fn comparison(table: &Table, families: &[&str]) -> ComparisonJob {
    let choice = |f: &&str| FamilyChoice { family: (*f).into(), settings: Settings::new() };
    let plan = ModelPlan {
        target: "y".into(),
        features: Vec::new(),
        unblocked: Vec::new(),
        validation: Validation::KFold { k: 4 },
        families: families.iter().map(choice).collect(),
        seed: 5,
        outcome: None,
        weight: None,
        tuned: Vec::new(),
    };
    let mut prepare = |_: crate::engine::step::LearnFrom<'_>| {
        Ok(Made { table: table.clone(), failures: Vec::new(), informed: Vec::new() })
    };
    let source = Source { prepare: &mut prepare, as_read: table, learns: false };
    ComparisonJob::new(source, plan, &Ctx::quiet(5)).unwrap()
}

/// Runs a batch in shares, as that many workers would: each with a store of its own.
fn outputs(batch: &Batch, n_workers: usize) -> Vec<Option<Vec<u8>>> {
    let mut stores: Vec<SharedStore> = (0..n_workers).map(|_| SharedStore::default()).collect();
    for store in &mut stores {
        batch.shared.iter().for_each(|(id, bytes)| store.hold(*id, bytes.clone()));
    }
    let n = batch.tasks.len();
    let mut out = vec![None; n];
    // From the last to the first: the order must not matter either.
    for i in (0..n).rev() {
        out[i] = Some(tasks::run(&batch.tasks[i], &mut stores[i % n_workers], &|_, _| true).unwrap());
    }
    out
}

fn run<J: Job>(mut job: J, n_workers: usize) -> (J::Outcome, J)
where
    J::Error: std::fmt::Debug,
{
    let ctx = Ctx::quiet(5);
    let mut done = Vec::new();
    loop {
        match job.step(done, false, &ctx).unwrap() {
            Stage::Done(outcome) => return (outcome, job),
            Stage::Work(batch) => done = outputs(&batch, n_workers),
        }
    }
}

fn explained(table: &Table, families: &[&str], n_workers: usize) -> super::job::Explained {
    let (_, mut job) = run(comparison(table, families), n_workers);
    let found = job.take_explainable().expect("a model to explain");
    run(ExplainJob::of(found, ExplainPlan::default(), Surroundings::of(table)), n_workers).0
}

#[test]
fn an_explanation_is_whole_and_the_same_whoever_works() {
    let table = table(240);
    for families in [&["linear_regression"][..], &["gradient_boosting"], &["k_neighbors"]] {
        let found = explained(&table, families, 1).explanation;
        for n in [2, 4] {
            assert_eq!(explained(&table, families, n).explanation, found);
        }
        assert_eq!(found.family, families[0]);
        assert_eq!(found.columns.len(), 4);
        assert_eq!(found.shap.is_some(), families[0] != "k_neighbors");
        assert_eq!(found.without_shap.is_some(), families[0] == "k_neighbors");
        assert!(!found.dependence.is_empty() && found.intervals.is_some());
        let text = found.words.join(" ");
        assert!(text.contains("Spend and taps (together) and colour carry the prediction"), "{text}");
        let spend = found.dependence.iter().find(|d| d.column == "Spend").unwrap();
        assert!(spend.caution.as_ref().is_some_and(|c| c.contains("taps")), "{spend:?}");
        let colour = found.dependence.iter().find(|d| d.column == "colour").unwrap();
        assert_eq!(colour.points.iter().map(|p| p.n).sum::<u64>(), 240);
        let ids: Vec<&str> = found.claims.iter().map(|c| c.id.as_str()).collect();
        assert_eq!(ids, ["errors.coverage", "errors.spread", "errors.shape", "errors.largest"]);
        assert!(!format!("{found:?}").contains("NaN"), "{found:?}");
    }
}

#[test]
fn another_family_is_explained_as_the_comparison_saw_it() {
    let table = table(200);
    let (compared, _) = run(comparison(&table, &["linear_regression", "random_forest"]), 1);
    assert_eq!(compared.verdict.winner, "linear_regression");
    let alone = comparison(&table, &["random_forest"]).explaining("random_forest");
    let plan = ExplainPlan { family: Some("random_forest".into()) };
    let (found, _) = run(ExplainJob::after(alone, plan.clone(), Surroundings::of(&table)), 1);
    assert_eq!((found.explanation.family.as_str(), &found.explanation.plan), ("random_forest", &plan));
    let (_, seen) = compared.predictions.iter().find(|(f, _)| f == "random_forest").unwrap();
    assert_eq!(&found.explainer.of.predictions, seen);
}

#[test]
fn a_row_can_be_asked_about_and_changed() {
    let table = table(200);
    for family in ["linear_regression", "gradient_boosting", "ada_boost"] {
        let explainer = explained(&table, &[family], 1).explainer;
        let ask = |row, changes: Vec<(String, Value)>| explainer.answer(&WhatIf { row, changes, level: 0.9 });
        let row = ask(Some(17), Vec::new()).unwrap();
        assert!(row.actual.is_some() && row.held_out.is_some());
        assert_eq!(row.prediction, row.before);
        let (low, high) = row.interval.unwrap();
        assert!(low < high && (low..=high).contains(&row.prediction), "{row:?}");
        let changed = ask(Some(17), vec![("Spend".into(), Value::Number(5000.0))]).unwrap();
        assert_eq!((changed.before, changed.actual), (row.prediction, None));
        assert!(changed.prediction != row.prediction && changed.cautions.len() == 1, "{changed:?}");
        assert_eq!(changed.values[0], Value::Number(5000.0));
        if let Some(base) = changed.base {
            let sum = base + changed.parts.iter().map(|p| p.by).sum::<f64>();
            close(sum, changed.prediction, 1e-9);
        } else {
            assert_eq!(family, "ada_boost");
        }
        let typical = ask(None, vec![("colour".into(), Value::Level("red".into()))]).unwrap();
        assert_eq!(typical.values[3], Value::Level("red".into()));
        assert!(ask(Some(999), Vec::new()).is_err());
        assert!(ask(None, vec![("colour".into(), Value::Level("mauve".into()))]).is_err());
        assert!(ask(None, vec![("y".into(), Value::Number(1.0))]).is_err());
    }
}

#[test]
fn a_probability_comes_with_what_became_of_rows_predicted_alike() {
    let amounts = table(400);
    let of = |column: &Column| match column.as_numbers() {
        Some(y) if column.name == "y" => {
            let yes = y.iter().map(|y| f64::from(u8::from(*y > 60.0))).collect();
            Column::number("y", Role::Number, yes)
        }
        _ => column.clone(),
    };
    let columns = amounts.columns().iter().map(|c| of(c)).collect();
    let table = Table::new(TableKind::Other, columns).unwrap();
    let explainer = explained(&table, &["logistic_regression"], 1).explainer;
    let ask = |row, level| explainer.answer(&WhatIf { row, changes: Vec::new(), level }).unwrap();
    let answer = ask(Some(17), 0.95);
    let alike = answer.alike.unwrap();
    assert!(alike.n >= 50 && alike.n_yes <= alike.n);
    assert_eq!(answer.interval, wilson_at(alike.n_yes as f64, alike.n as f64, 0.95));
    let width = |answer: &Answer| answer.interval.map(|(low, high)| high - low).unwrap();
    assert!(width(&ask(Some(17), 0.8)) < width(&answer));
}

#[test]
fn rows_in_another_order_are_explained_alike() {
    let table = table(160);
    let mut order: Vec<u32> = (0..160).collect();
    Rng::stream(3, 3).shuffle(&mut order);
    let mixed = table.take_rows(&order);
    let explain = |table: &Table| -> Explanation {
        let frame = Frame::new(table, "y", &["Spend", "taps", "noise", "colour"].map(str::to_owned)).unwrap();
        let (fitted, _) = fitted(&frame, "linear_regression", Settings::new());
        let predictions = (0..160_u32)
            .map(|row| {
                let at = frame.row_ids.iter().position(|r| *r == row).unwrap();
                Prediction { row, actual: frame.y[at], predicted: frame.y[at] + f64::from(row % 7) - 3.0 }
            })
            .collect();
        let (comparison, mut job) = run(comparison(table, &["linear_regression"]), 1);
        let mut found = job.take_explainable().unwrap();
        found.frame = Frame { fold: frame.row_ids.iter().map(|r| r % 4).collect(), ..frame };
        found.fitted = fitted.save();
        found.predictions = predictions;
        found.importance = comparison.importance.clone();
        found.importance.sort_by(|a, b| a.feature.cmp(&b.feature));
        run(ExplainJob::of(found, ExplainPlan::default(), Surroundings::of(table)), 1).0.explanation
    };
    let (a, b) = (explain(&table), explain(&mixed));
    assert_eq!(
        a.intervals.as_ref().unwrap().levels[1].covered,
        b.intervals.as_ref().unwrap().levels[1].covered
    );
    assert_eq!(a.misses, b.misses);
    for (x, y) in a.shap.unwrap().columns.iter().zip(&b.shap.unwrap().columns) {
        assert_eq!(x.name, y.name);
        close(x.mean_size, y.mean_size, 1e-6);
    }
}
