//! Properties that trees and their ensembles must have.

use proptest::prelude::*;

use super::*;
use crate::engine::{
    context::Ctx,
    numeric::{matrix::Matrix, random::Rng},
};

fn friedman(n: usize, p: usize, seed: u64) -> (Matrix, Vec<f64>) {
    let mut rng = Ctx::quiet(seed).rng(0);
    let columns: Vec<Vec<f64>> = (0..p).map(|_| (0..n).map(|_| rng.unit()).collect()).collect();
    let y = (0..n)
        .map(|i| {
            let x = |j: usize| columns[j][i];
            10.0 * x(0) * x(1) + 20.0 * (x(2) - 0.5) * (x(2) - 0.5) + 10.0 * x(3) + 5.0 * x(4) + rng.normal()
        })
        .collect();
    (Matrix::from_columns(&columns), y)
}

fn depth(most: u32) -> TreeSettings {
    TreeSettings { max_depth: Some(most), ..TreeSettings::default() }
}

/// One tree on all rows, or on those of a weight.
fn one_tree(x: &Matrix, y: &[f64], weights: Option<&[f64]>, tree: &TreeSettings) -> Tree {
    let settings = ForestSettings { n_trees: 1, tree: tree.clone(), ..ForestSettings::default() };
    let mut part = forest(&Bins::new(x, y), y, weights, &settings, 0..1, &Ctx::quiet(0)).unwrap();
    part.trees.remove(0)
}

fn said(tree: &Tree, x: &Matrix) -> Vec<f64> {
    (0..x.n_rows()).map(|row| tree.predict_row(x, row)).collect()
}

fn r2(y: &[f64], said: &[f64]) -> f64 {
    let mean = y.iter().sum::<f64>() / y.len() as f64;
    let total: f64 = y.iter().map(|v| (v - mean) * (v - mean)).sum();
    1.0 - y.iter().zip(said).map(|(a, b)| (a - b) * (a - b)).sum::<f64>() / total
}

fn near(a: &[f64], b: &[f64], tolerance: f64) {
    for (i, (a, b)) in a.iter().zip(b).enumerate() {
        assert!((a - b).abs() <= tolerance * b.abs().max(1.0), "row {i}: {a} is not {b}");
    }
}

#[test]
fn a_step_is_found_at_the_midpoint() {
    let x = Matrix::from_columns(&[vec![1.0, 2.0, 3.0, 4.0]]);
    let tree = one_tree(&x, &[0.0, 0.0, 8.0, 8.0], None, &TreeSettings::default());
    let (cover, feature, missing_left) = (2.0, 0, true);
    assert_eq!(
        tree.nodes,
        [
            Node::Number { threshold: 2.5, feature, right: 2, cover: 4.0, missing_left },
            Node::Leaf { value: 0.0, cover },
            Node::Leaf { value: 8.0, cover }
        ]
    );
}

#[test]
fn a_full_tree_repeats_its_training_rows() {
    for n in [300, EXACT + 1000] {
        let (mut x, y) = friedman(n, 6, 1);
        // Enough cuts to tell all rows apart by bins as well.
        x.column_mut(5).iter_mut().enumerate().for_each(|(i, v)| *v = (i % 250) as f64);
        let tree = one_tree(&x, &y, None, &TreeSettings::default());
        assert!(said(&tree, &x) == y);
        assert!(tree.is_sound(6) && !tree.is_sound(5));
    }
}

#[test]
fn limits_hold() {
    for n in [500, EXACT * 2] {
        let (x, y) = friedman(n, 5, 4);
        for max_leaves in [None, Some(6)] {
            let settings = TreeSettings { min_samples_leaf: 20, max_leaves, ..depth(3) };
            let tree = one_tree(&x, &y, None, &settings);
            assert!(tree.depth() <= 3 && tree.n_leaves() <= max_leaves.unwrap_or(8) && tree.n_leaves() >= 4);
            let mut counts = std::collections::BTreeMap::new();
            said(&tree, &x).iter().for_each(|v| *counts.entry(v.to_bits()).or_insert(0) += 1);
            assert!(counts.values().all(|&n| n >= 20));
        }
    }
}

/// Few distinct values: bins are exact, and the two ways of growing must agree.
#[test]
fn histograms_and_sorted_rows_give_one_tree() {
    let n = EXACT + 500;
    let mut rng = Ctx::quiet(5).rng(0);
    let columns: Vec<Vec<f64>> = (0..4).map(|_| (0..n).map(|_| f64::from(rng.below(40))).collect()).collect();
    let y: Vec<f64> = (0..n)
        .map(|i| columns[0][i] * columns[1][i] - 3.0 * columns[2][i] + f64::from(rng.below(50)))
        .collect();
    let x = Matrix::from_columns(&columns);
    // The same rows and as many of no weight would be too many for the sorted way: take a part of them by weight.
    let weights: Vec<f64> = (0..n).map(|i| f64::from(u8::from(i < 3000))).collect();
    let rows: Vec<u32> = (0..3000).collect();
    for settings in [depth(6), TreeSettings { max_leaves: Some(20), ..TreeSettings::default() }] {
        let binned = one_tree(&x, &y, Some(&weights), &settings);
        let exact = one_tree(&x.take_rows(&rows), &y[..3000], None, &settings);
        assert!(said(&binned, &x) == said(&exact, &x));
    }
}

#[test]
fn many_rows_are_learnt_as_well_as_few() {
    let (x, y) = friedman(EXACT * 3, 5, 6);
    let tree = one_tree(&x, &y, None, &depth(8));
    let found = r2(&y, &said(&tree, &x));
    assert!(found > 0.8, "R² {found}");
}

#[test]
fn counts_are_repeated_rows_and_no_weight_is_no_row() {
    for n in [60_usize, 100, EXACT + 60] {
        let (mut x, y) = friedman(n, 5, 2);
        if n == 100 {
            x.column_mut(4).iter_mut().enumerate().for_each(|(i, v)| *v = (i % 3) as f64);
            x.set_levels(4, 3);
        }
        let mut rng = Ctx::quiet(3).rng(0);
        let counts: Vec<u32> = (0..n).map(|_| rng.below(4)).collect();
        let weights: Vec<f64> = counts.iter().map(|&c| f64::from(c)).collect();
        let rows: Vec<u32> =
            (0..n as u32).flat_map(|r| std::iter::repeat_n(r, counts[r as usize] as usize)).collect();
        let copies: Vec<f64> = rows.iter().map(|&r| y[r as usize]).collect();
        let by_weight = one_tree(&x, &y, Some(&weights), &depth(4));
        let by_copies = one_tree(&x.take_rows(&rows), &copies, None, &depth(4));
        // Bins are cut by rows, not by weight: on many rows the cuts lie elsewhere.
        if n < EXACT {
            near(&said(&by_weight, &x), &said(&by_copies, &x), 1e-12);
        }
        let present: Vec<u32> = (0..n as u32).filter(|&r| counts[r as usize] > 0).collect();
        let of = |values: &[f64]| -> Vec<f64> { present.iter().map(|&r| values[r as usize]).collect() };
        let without = one_tree(&x.take_rows(&present), &of(&y), Some(&of(&weights)), &depth(4));
        if n < EXACT {
            near(&said(&by_weight, &x), &said(&without, &x), 1e-12);
        } else {
            let (a, b) = (said(&by_weight, &x), said(&without, &x));
            assert!((r2(&y, &a) - r2(&y, &b)).abs() < 0.01);
        }
    }
}

#[test]
fn the_order_of_rows_changes_nothing() {
    for n in [400_usize, EXACT + 400] {
        let (x, y) = friedman(n, 5, 8);
        // Whole numbers: their sums are exact in any order.
        let y: Vec<f64> = y.iter().map(|v| (v * 100.0).round()).collect();
        let mut order: Vec<u32> = (0..n as u32).collect();
        Ctx::quiet(1).rng(0).shuffle(&mut order);
        let mixed: Vec<f64> = order.iter().map(|&r| y[r as usize]).collect();
        let settings = BoostSettings { n_trees: 20, ..BoostSettings::default() };
        let run = |x: &Matrix, y: &[f64]| boost(x, y, None, &settings, false, &Ctx::quiet(0)).unwrap();
        let (a, b) = (run(&x, &y), run(&x.take_rows(&order), &mixed));
        near(&sums(&a.trees, &x), &sums(&b.trees, &x), 1e-9);
    }
}

#[test]
fn the_objective_never_rises() {
    for n in [500_usize, EXACT + 500] {
        let (x, y) = friedman(n, 6, 9);
        for (learning_rate, max_leaves) in [(0.1, None), (1.0, None), (0.3, Some(12))] {
            let settings = BoostSettings {
                n_trees: 60,
                learning_rate,
                tree: TreeSettings { max_leaves, ..depth(4) },
                ..BoostSettings::default()
            };
            let losses = boost(&x, &y, None, &settings, true, &Ctx::quiet(0)).unwrap().losses;
            assert!(losses.windows(2).all(|w| w[1] <= w[0] * (1.0 + 1e-12)), "{losses:?}");
            assert!(losses[59] < losses[0] / 2.0);
        }
    }
}

#[test]
fn every_loss_finds_its_own_centre() {
    // Skewed noise: mean, median and what lies between them differ.
    let n = 3000;
    let mut rng = Ctx::quiet(12).rng(0);
    let group: Vec<f64> = (0..n).map(|_| f64::from(rng.below(2))).collect();
    let y: Vec<f64> =
        group.iter().map(|g| 10.0 * g - 3.0 * crate::engine::numeric::math::ln(1.0 - rng.unit())).collect();
    let x = Matrix::from_columns(std::slice::from_ref(&group));
    let run = |loss, y: &[f64]| {
        let settings = BoostSettings { n_trees: 200, loss, tree: depth(2), ..BoostSettings::default() };
        let found = boost(&x, y, None, &settings, false, &Ctx::quiet(0)).unwrap();
        let all = sums(&found.trees, &x);
        let at = |g: f64| group.iter().position(|&v| v == g).unwrap();
        [0.0, 1.0].map(|g| loss.prediction(found.base + 0.1 * all[at(g)]))
    };
    let of =
        |g: f64| -> Vec<f64> { y.iter().zip(&group).filter(|(_, h)| **h == g).map(|(y, _)| *y).collect() };
    let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
    let median = |v: &[f64]| {
        let mut v = v.to_vec();
        v.sort_by(f64::total_cmp);
        v[v.len() / 2]
    };
    let (means, medians) = ([mean(&of(0.0)), mean(&of(1.0))], [median(&of(0.0)), median(&of(1.0))]);
    near(&run(Loss::Squared, &y), &means, 1e-6);
    near(&run(Loss::Poisson, &y), &means, 1e-6);
    near(&run(Loss::Absolute, &y), &medians, 0.01);
    let huber = run(Loss::Huber, &y);
    assert!((0..2).all(|i| medians[i] + 0.1 < huber[i] && huber[i] < means[i] - 0.05), "{huber:?}");
    let is_large: Vec<f64> = y.iter().map(|&v| f64::from(u8::from(v > 8.0))).collect();
    let share = |g: f64| mean(&of(g).iter().map(|&v| f64::from(u8::from(v > 8.0))).collect::<Vec<_>>());
    near(&run(Loss::Logistic, &is_large), &[share(0.0), share(1.0)], 1e-4);
}

#[test]
fn the_objective_never_rises_for_any_loss() {
    let (x, y) = friedman(400, 6, 9);
    let counts: Vec<f64> = y.iter().map(|v| (v / 3.0).max(0.0).floor()).collect();
    let yes: Vec<f64> = y.iter().map(|&v| f64::from(u8::from(v > 14.0))).collect();
    for (loss, y) in [(Loss::Absolute, &y), (Loss::Poisson, &counts), (Loss::Logistic, &yes)] {
        let settings = BoostSettings { n_trees: 60, loss, tree: depth(3), ..BoostSettings::default() };
        let losses = boost(&x, y, None, &settings, true, &Ctx::quiet(0)).unwrap().losses;
        assert!(losses.windows(2).all(|w| w[1] <= w[0] + 1e-12), "{loss:?}: {losses:?}");
        assert!(losses[59] < losses[0], "{loss:?}");
    }
}

#[test]
fn a_rare_count_kept_aside_leaves_predictions_finite() {
    let x = Matrix::from_columns(&[(0..40).map(f64::from).collect::<Vec<_>>()]);
    let y: Vec<f64> = (0..40).map(|i| f64::from(u8::from(i == 17))).collect();
    for seed in 0..20 {
        let settings = BoostSettings {
            loss: Loss::Poisson,
            early_stop: Some((0.4, 5)),
            tree: depth(2),
            ..BoostSettings::default()
        };
        let found = boost(&x, &y, None, &settings, false, &Ctx::quiet(seed)).unwrap();
        let all = sums(&found.trees, &x);
        assert!(found.base.is_finite() && all.iter().all(|v| v.is_finite()), "seed {seed}: {}", found.base);
    }
}

#[test]
fn early_stopping_keeps_the_best_round() {
    let (x, y) = friedman(600, 8, 3);
    let settings = BoostSettings {
        n_trees: 500,
        learning_rate: 0.5,
        early_stop: Some((0.2, 10)),
        tree: depth(5),
        ..BoostSettings::default()
    };
    let found = boost(&x, &y, None, &settings, false, &Ctx::quiet(0)).unwrap();
    assert!((2..100).contains(&found.trees.len()), "{} trees", found.trees.len());
}

fn small_forest(x: &Matrix, y: &[f64], random_cuts: bool, seed: u64) -> Part {
    let tree = TreeSettings { random_cuts, max_features: Some(3), ..TreeSettings::default() };
    let settings = ForestSettings { n_trees: 25, bootstrap: !random_cuts, one_more: None, tree };
    let bins = Bins::new(x, y);
    let mut all = Part::default();
    for part in parts(25) {
        all.join(forest(&bins, y, None, &settings, part, &Ctx::quiet(seed)).unwrap());
    }
    all
}

#[test]
fn equal_seeds_give_equal_forests_whoever_grows_them() {
    for n in [300, EXACT + 300] {
        let (x, y) = friedman(n, 6, 5);
        let first = small_forest(&x, &y, false, 1);
        assert_eq!(first.trees, small_forest(&x, &y, false, 1).trees);
        assert_ne!(first.trees, small_forest(&x, &y, false, 2).trees);
        // A tree alone is the tree among others.
        let tree = TreeSettings { max_features: Some(3), ..TreeSettings::default() };
        let settings = ForestSettings { n_trees: 25, bootstrap: true, one_more: None, tree };
        let alone = forest(&Bins::new(&x, &y), &y, None, &settings, 17..18, &Ctx::quiet(1)).unwrap();
        assert_eq!(alone.trees[0], first.trees[17]);
        let oob = first.out_of_bag_r2(&y).unwrap();
        assert!((0.5..0.97).contains(&oob), "{oob}");
    }
}

#[test]
fn extra_trees_learn_too() {
    for n in [800, EXACT + 300] {
        let (x, y) = friedman(n, 6, 5);
        let (new, truth) = friedman(500, 6, 50);
        let found = small_forest(&x, &y, true, 1);
        assert!(found.out_of_bag_r2(&y).is_none());
        let said: Vec<f64> = sums(&found.trees, &new).iter().map(|s| s / 25.0).collect();
        assert!(r2(&truth, &said) > 0.75, "{}", r2(&truth, &said));
    }
}

#[test]
fn monotone_columns_only_go_their_way() {
    for n in [400, EXACT + 400] {
        let (x, y) = friedman(n, 5, 7);
        let tree = TreeSettings { monotone: vec![0, 0, 1, 1, -1], ..depth(5) };
        let settings = BoostSettings { n_trees: 40, tree, ..BoostSettings::default() };
        let found = boost(&x, &y, None, &settings, false, &Ctx::quiet(0)).unwrap();
        let mut line = x.take_rows(&[5; 101]);
        for (j, way) in [(2, 1.0), (3, 1.0), (4, -1.0)] {
            for row in [0_u32, 7, 100] {
                line.clone_from(&x.take_rows(&[row; 101]));
                line.column_mut(j).iter_mut().enumerate().for_each(|(i, v)| *v = i as f64 / 100.0);
                let said = sums(&found.trees, &line);
                assert!(said.windows(2).all(|w| way * (w[1] - w[0]) >= -1e-12), "column {j}");
            }
        }
        let up = sums(&found.trees, &x);
        assert!(r2(&y, &up.iter().map(|s| found.base + 0.1 * s).collect::<Vec<_>>()) > 0.6);
    }
}

#[test]
fn missing_values_go_where_they_belong() {
    for n in [300, EXACT + 300] {
        let mut rng = Ctx::quiet(4).rng(0);
        let known: Vec<f64> = (0..n).map(|_| f64::from(rng.below(100)) / 100.0).collect();
        for missing_is_low in [true, false] {
            // Missing ones are like the low or like the high ones.
            let x: Vec<f64> = known.iter().map(|&v| if rng.below(3) == 0 { f64::NAN } else { v }).collect();
            let y: Vec<f64> = x
                .iter()
                .map(|v| if v.is_nan() { f64::from(u8::from(!missing_is_low)) } else { v.round() })
                .collect();
            let x = Matrix::from_columns(&[x]);
            let tree = one_tree(&x, &y, None, &depth(1));
            assert_eq!(said(&tree, &x), y);
            assert!(
                matches!(tree.nodes[0], Node::Number { missing_left, .. } if missing_left == missing_is_low)
            );
        }
        // Missing alone is a question.
        let x = Matrix::from_columns(&[known.iter().map(|&v| if v < 0.3 { f64::NAN } else { v }).collect()]);
        let y: Vec<f64> = known.iter().map(|&v| f64::from(u8::from(v < 0.3))).collect();
        assert!(said(&one_tree(&x, &y, None, &depth(1)), &x) == y);
        // None in training: they go with the most rows.
        let x = Matrix::from_columns(std::slice::from_ref(&known));
        let y: Vec<f64> = known.iter().map(|&v| f64::from(u8::from(v < 0.3))).collect();
        let gap = Matrix::from_columns(&[vec![f64::NAN]]);
        assert_eq!(one_tree(&x, &y, None, &depth(1)).predict_row(&gap, 0), 0.0);
    }
}

fn category(codes: &[u32], n_levels: u32) -> Matrix {
    let mut x = Matrix::from_columns(&[codes.iter().map(|&c| f64::from(c)).collect()]);
    x.set_levels(0, n_levels);
    x
}

fn squares(values: &[f64]) -> f64 {
    let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
    values.iter().map(|v| (v - mean) * (v - mean)).sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn levels_are_parted_as_well_as_they_can_be(seed in 0_u64..1000, n_levels in 2_u32..7, many in proptest::bool::ANY) {
        let n = if many { EXACT + 10 } else { 60 };
        let mut rng = Ctx::quiet(seed).rng(0);
        let effects: Vec<f64> = (0..n_levels).map(|_| 3.0 * rng.normal()).collect();
        let codes: Vec<u32> = (0..n).map(|_| rng.below(n_levels)).collect();
        let y: Vec<f64> = codes.iter().map(|&c| effects[c as usize] + rng.normal()).collect();
        let x = category(&codes, n_levels);
        let tree = one_tree(&x, &y, None, &depth(1));
        let found: f64 = said(&tree, &x).iter().zip(&y).map(|(a, b)| (a - b) * (a - b)).sum();
        let best = (1_u32..1 << (n_levels - 1))
            .map(|set| {
                let side = |wanted: u32| -> Vec<f64> {
                    codes.iter().zip(&y).filter(|(c, _)| set >> **c & 1 == wanted).map(|(_, y)| *y).collect()
                };
                squares(&side(0)) + squares(&side(1))
            })
            .fold(f64::INFINITY, f64::min);
        prop_assert!(found <= best * (1.0 + 1e-9), "{found} is more than {best}");
    }

    #[test]
    fn whatever_comes_predictions_are_numbers(seed in 0_u64..1000, n in 1_usize..40, p in 0_usize..5) {
        let mut rng = Ctx::quiet(seed).rng(0);
        let odd = |rng: &mut Rng| match rng.below(8) {
            0 => f64::NAN,
            1 => f64::INFINITY,
            2 => f64::NEG_INFINITY,
            3 => 0.0,
            4 => -0.0,
            _ => rng.normal() * 1e10,
        };
        let columns: Vec<Vec<f64>> = (0..p).map(|_| (0..n).map(|_| odd(&mut rng)).collect()).collect();
        let mut x = if p == 0 { Matrix::zeros(n, 0) } else { Matrix::from_columns(&columns) };
        if p > 2 {
            x.column_mut(2).iter_mut().for_each(|v| *v = f64::from(rng.below(5)));
            x.set_levels(2, 4);
        }
        let y: Vec<f64> = (0..n).map(|_| f64::from(rng.below(3)) * 1e6).collect();
        for random_cuts in [false, true] {
            let tree = TreeSettings { random_cuts, ..TreeSettings::default() };
            let settings = ForestSettings { n_trees: 3, bootstrap: true, one_more: None, tree };
            let part = forest(&Bins::new(&x, &y), &y, None, &settings, 0..3, &Ctx::quiet(seed)).unwrap();
            prop_assert!(sums(&part.trees, &x).iter().all(|v| v.is_finite()));
            prop_assert!(part.trees.iter().all(|t| t.is_sound(p)));
        }
        for loss in [Loss::Squared, Loss::Absolute, Loss::Huber] {
            let settings = BoostSettings { n_trees: 5, loss, ..BoostSettings::default() };
            let found = boost(&x, &y, None, &settings, false, &Ctx::quiet(0)).unwrap();
            prop_assert!(found.base.is_finite() && sums(&found.trees, &x).iter().all(|v| v.is_finite()));
        }
        let tree = depth(3);
        let settings = AdaSettings { n_rounds: 5, learning_rate: 1.0, loss: AdaLoss::Square, tree };
        let found = ada_boost(&x, &y, None, &settings, &Ctx::quiet(0)).unwrap();
        prop_assert!(weighted_median(&found.trees, &found.votes, &x).iter().all(|v| v.is_finite()));
    }
}

#[test]
fn a_thousand_levels_and_unseen_ones_are_taken() {
    for n in [4_000, EXACT + 6_000] {
        let mut rng = Ctx::quiet(6).rng(0);
        let n_levels = n as u32 / 10;
        let codes: Vec<u32> = (0..n).map(|_| rng.below(n_levels)).collect();
        let y: Vec<f64> = codes.iter().map(|&c| f64::from(c % 7)).collect();
        let x = category(&codes, n_levels);
        let tree = one_tree(&x, &y, None, &depth(6));
        // Levels that share a code have rows of about the same target: their effect is not lost.
        assert!(r2(&y, &said(&tree, &x)) > 0.9, "{}", r2(&y, &said(&tree, &x)));
        // Of levels with a row each nothing is learnt: they would repeat their targets.
        let each = category(&(0..n as u32).collect::<Vec<_>>(), n as u32);
        let noise: Vec<f64> = (0..n).map(|_| rng.normal()).collect();
        assert_eq!(one_tree(&each, &noise, None, &depth(6)).nodes.len(), 1);
        let new = category(&[5, 999, 1_000, 70_000], 100_000);
        assert!(said(&tree, &new).iter().all(|v| v.is_finite()));
        let gap = Matrix::from_columns(&[vec![f64::NAN]]);
        let unknown = category(&[4_000_000], 5_000_000);
        assert_eq!(tree.predict_row(&gap, 0), tree.predict_row(&unknown, 0));
    }
}

#[test]
fn constants_are_repeated_to_the_bit() {
    for n in [7, EXACT + 7] {
        let (x, _) = friedman(n, 5, 1);
        let y = vec![0.1; n];
        let tree = one_tree(&x, &y, None, &TreeSettings::default());
        assert_eq!(tree, Tree::leaf(0.1, n as f64));
        let found = boost(&x, &y, None, &BoostSettings::default(), false, &Ctx::quiet(0)).unwrap();
        assert_eq!(found.base, 0.1);
        assert!(sums(&found.trees, &x).iter().all(|&v| v == 0.0));
    }
}

#[test]
fn no_weight_at_all_predicts_nothing() {
    for n in [9, EXACT + 9] {
        let (x, y) = friedman(n, 5, 1);
        let none = vec![0.0; n];
        let ctx = Ctx::quiet(0);
        assert_eq!(one_tree(&x, &y, Some(&none), &depth(3)), Tree::leaf(0.0, 0.0));
        let found = boost(&x, &y, Some(&none), &BoostSettings::default(), false, &ctx).unwrap();
        assert!(found.base == 0.0 && sums(&found.trees, &x).iter().all(|&v| v == 0.0));
        let settings = AdaSettings { n_rounds: 3, learning_rate: 1.0, loss: AdaLoss::Linear, tree: depth(3) };
        let found = ada_boost(&x, &y, Some(&none), &settings, &ctx).unwrap();
        assert!(weighted_median(&found.trees, &found.votes, &x).iter().all(|&v| v == 0.0));
    }
}

#[test]
fn an_outlier_does_not_blur_the_others() {
    // The step sums are counted in is set by their total, so a far-off row may not swallow the rest.
    let n = EXACT + 2000;
    let mut x: Vec<f64> = (0..n).map(|i| f64::from(i as u32 % 100)).collect();
    let mut y: Vec<f64> = x.iter().map(|&v| f64::from(u8::from(v >= 30.0))).collect();
    (x[0], y[0]) = (-1.0, 1e6);
    let x = Matrix::from_columns(&[x]);
    let tree = one_tree(&x, &y, None, &depth(12));
    near(&said(&tree, &x)[1..], &y[1..], 1e-6);
}

#[test]
fn covers_are_sums_of_weights() {
    let (x, y) = friedman(EXACT + 100, 5, 3);
    let tree = one_tree(&x, &y, None, &depth(5));
    for (at, node) in tree.nodes.iter().enumerate() {
        if let Some(right) = node.right() {
            assert_eq!(node.cover(), tree.nodes[at + 1].cover() + tree.nodes[right].cover());
        }
    }
    assert_eq!(tree.nodes[0].cover(), (EXACT + 100) as f64);
}

#[test]
fn rows_walked_together_end_where_each_ends_alone() {
    let (x, y) = friedman(2500, 5, 3);
    let mut gaps = x.clone();
    gaps.column_mut(3).iter_mut().step_by(50).for_each(|v| *v = f64::NAN);
    let part = small_forest(&gaps, &y, false, 1);
    for x in [&x, &gaps] {
        let rows: Vec<u32> = (0..2500).step_by(3).collect();
        let mut seen = 0;
        predict_each(&part.trees, x, Some(&rows), |row, tree, value| {
            assert_eq!(value, part.trees[tree].predict_row(x, row));
            seen += 1;
        });
        assert_eq!(seen, rows.len() * 25);
    }
}
