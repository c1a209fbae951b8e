//! Rows that count more than others, from the plan of a comparison to each family.

use super::*;
use crate::engine::models::{
    family::Beyond,
    work::{ALL_ROWS, FoldFit},
};

/// How often each row stands for itself.
fn times(row: usize) -> usize {
    [1, 3, 0, 2, 5][row % 5]
}

/// A table with a column of weights, and the same table with its rows repeated as often as that says.
fn tables(n: usize) -> (Table, Table) {
    let mut table = small_table(n);
    let weights = (0..n).map(|row| times(row) as f64).collect();
    table.push(Column::number("times", Role::Number, weights)).unwrap();
    let rows: Vec<u32> = (0..n as u32).flat_map(|row| vec![row; times(row as usize)]).collect();
    let repeated = table.take_rows(&rows);
    (table, repeated)
}

const FEATURES: [&str; 3] = ["x", "noise", "level"];

fn frame_of(table: &Table, weigh: bool) -> Frame {
    let mut frame = Frame::new(table, "y", &FEATURES.map(str::to_owned)).unwrap();
    if weigh {
        frame.beside.weights = table.column("times").unwrap().as_numbers().unwrap().into_owned();
    }
    frame
}

fn fit_all(frame: &Frame, family: &str, settings: &Settings) -> FoldFit {
    let work = FitFold { family: family.into(), settings: settings.clone(), fold: ALL_ROWS };
    work.run(frame, &Ctx::quiet(0)).unwrap()
}

/// Predictions of all rows of `of` by a fit on all rows of `frame`.
fn predicted(frame: &Frame, family: &str, settings: &Settings, of: &Frame) -> Vec<f64> {
    let fit = fit_all(frame, family, settings);
    assert_eq!(fit.error, None, "{family}");
    let family = super::super::family(family).unwrap();
    let design = Design::learn(frame, &frame.training_rows(ALL_ROWS), family.wants_dummies());
    let every: Vec<u32> = (0..of.n_rows() as u32).collect();
    family.load(&fit.fitted).unwrap().predict(&design.matrix(of, &every))
}

#[track_caller]
fn check_repeated(family: &str, settings: Settings, outcome: Outcome, tolerance: f64) {
    let (table, repeated) = tables(100);
    let (mut weighed, mut plain) = (frame_of(&table, true), frame_of(&repeated, false));
    for frame in [&mut weighed, &mut plain] {
        frame.beside.outcome = outcome;
        match outcome {
            Outcome::YesNo => {
                // With so much noise that no column tells yes from no without fail.
                let noisy = |v: f64| v + 4.0 * libm::sin(50.0 * v);
                frame.y.iter_mut().for_each(|v| *v = f64::from(u8::from(noisy(*v) > 0.5)));
            }
            Outcome::Amount if family == "poisson_regression" => {
                frame.y.iter_mut().for_each(|v| *v = v.abs())
            }
            Outcome::Amount => {}
        }
    }
    let ours = predicted(&weighed, family, &settings, &plain);
    let theirs = predicted(&plain, family, &settings, &plain);
    let gap = ours.iter().zip(&theirs).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(gap < tolerance, "{family}: {gap}");
}

#[test]
fn a_row_of_weight_two_is_as_two_rows() {
    let none = Settings::new;
    check_repeated("linear_regression", none(), Outcome::Amount, 1e-10);
    check_repeated("poisson_regression", none(), Outcome::Amount, 1e-8);
    // The penalty named: chosen ones rest on inner folds, which cut rows and not their copies.
    check_repeated("ridge", none().with("alpha", 5.0), Outcome::Amount, 1e-10);
    check_repeated("lasso", none().with("alpha", 0.1), Outcome::Amount, 1e-8);
    check_repeated("elastic_net", none().with("alpha", 0.1), Outcome::Amount, 1e-8);
    check_repeated("decision_tree", none(), Outcome::Amount, 1e-9);
    check_repeated("gradient_boosting", none().with("trees", 20_i64), Outcome::Amount, 1e-6);
    // Deeper down many cuts of a yes and no are worth the same.
    let shallow = || none().with("max_depth", 1_i64);
    check_repeated("decision_tree", shallow(), Outcome::YesNo, 1e-9);
    check_repeated("logistic_regression", none(), Outcome::YesNo, 1e-7);
    check_repeated("gradient_boosting", shallow().with("trees", 20_i64), Outcome::YesNo, 1e-6);
}

#[test]
fn forests_and_ada_boost_lean_on_the_rows_that_count() {
    // Two groups of rows that contradict each other; one of them counts a hundred times.
    let x: Vec<f64> = (0..60).map(|i| f64::from(i / 2)).collect();
    let frame = Frame {
        target: "y".into(),
        y: (0..60).map(|i| f64::from(i % 2)).collect(),
        features: vec![Feature { name: "x".into(), values: FeatureValues::Number(x) }],
        row_ids: (0..60).collect(),
        fold: vec![ALWAYS_TRAINING; 60],
        beside: Beside {
            weights: (0..60).map(|i| if i % 2 == 1 { 100.0 } else { 1.0 }).collect(),
            ..Beside::default()
        },
    };
    for family in ["random_forest", "extra_trees", "ada_boost"] {
        let settings = Settings::new().with("trees", 20_i64);
        let found = predicted(&frame, family, &settings, &frame);
        let mean = found.iter().sum::<f64>() / 60.0;
        assert!(mean > 0.7, "{family}: {mean}");
    }
}

#[test]
fn errors_of_coefficients_do_not_depend_on_the_unit_of_the_weights() {
    let (table, _) = tables(100);
    let of = |family: &str, outcome: Outcome, unit: f64| {
        let mut frame = frame_of(&table, true);
        frame.beside.outcome = outcome;
        frame.beside.weights.iter_mut().for_each(|w| *w *= unit);
        if outcome == Outcome::YesNo {
            let mut rng = Ctx::quiet(5).rng(0);
            frame.y.iter_mut().for_each(|v| *v = f64::from(u8::from(*v + 6.0 * rng.normal() > 0.5)));
        }
        let table = fit_all(&frame, family, &Settings::new()).coefficients.unwrap();
        table.rows[1].clone()
    };
    let (a, b) =
        (of("linear_regression", Outcome::Amount, 1.0), of("linear_regression", Outcome::Amount, 1e3));
    close(a.plain.unwrap().error, b.plain.unwrap().error, 1e-9);
    close(a.robust.unwrap().error, b.robust.unwrap().error, 1e-9);
    let (a, b) =
        (of("logistic_regression", Outcome::YesNo, 1.0), of("logistic_regression", Outcome::YesNo, 1e3));
    assert!(a.plain.is_none() && b.plain.is_none());
    close(a.robust.unwrap().error, b.robust.unwrap().error, 1e-6);
}

fn weighed(families: &[&str]) -> ModelPlan {
    ModelPlan { weight: Some("times".into()), ..plan("y", families) }
}

#[test]
fn a_comparison_weighs_rows_in_training_and_says_what_it_did() {
    let (table, _) = tables(100);
    let families = ["linear_regression", "decision_tree", "k_neighbors", "ridge", "support_vector"];
    let found = compare(&table, weighed(&families)).unwrap();
    assert_eq!(found.plan.features, FEATURES);
    assert!(found.notes.iter().any(|n| n.starts_with("Each training row counts")), "{:?}", found.notes);
    assert!(found.notes.iter().any(|n| n.starts_with("20 rows with a times of 0")), "{:?}", found.notes);
    for result in &found.results {
        let refuses = matches!(result.family.as_str(), "k_neighbors" | "support_vector");
        assert_eq!(result.error, refuses.then(|| ModelError::CannotWeigh.to_string()), "{}", result.family);
    }
    let said = "k nearest neighbours has no scores: it cannot weigh rows.";
    assert!(found.notes.iter().any(|n| n == said), "{:?}", found.notes);
    // Rows of no weight are held out all the same.
    assert_eq!(found.predictions[0].1.len(), 100);

    // The model of all rows is that of rows repeated.
    let (table, repeated) = tables(100);
    let explained = |table: &Table, plan: ModelPlan| {
        let mut job = job_of(table, plan).unwrap().explaining("linear_regression");
        finish(&mut job, false).unwrap();
        let left = job.take_explainable().unwrap();
        let fitted = super::super::family("linear_regression").unwrap().load(&left.fitted).unwrap();
        let (intercept, weights) = match fitted.anatomy() {
            super::super::family::Anatomy::Sum { intercept, weights, .. } => (intercept, weights.to_vec()),
            _ => unreachable!(),
        };
        [vec![intercept], weights].concat()
    };
    let ours = explained(&table, weighed(&["linear_regression"]));
    let mut plain = plan("y", &["linear_regression"]);
    plain.features = FEATURES.map(str::to_owned).to_vec();
    for (a, b) in ours.iter().zip(explained(&repeated, plain)) {
        close(*a, b, 1e-9);
    }
}

#[test]
fn a_column_that_cannot_weigh_is_refused_by_name() {
    let (table, _) = tables(60);
    let with = |values: Vec<f64>| {
        let mut table = table.clone();
        table.put(Column::number("times", Role::Number, values)).unwrap();
        compare(&table, weighed(&["linear_regression"]))
    };
    let why = |found: Result<Comparison, ModelError>| match found.unwrap_err() {
        ModelError::NoWeight { name, why } => format!("{name}: {why}"),
        other => panic!("{other:?}"),
    };
    assert!(why(with(vec![0.0; 60])).starts_with("times: is above 0 in no row"));
    assert!(why(with((0..60).map(|i| f64::from(i - 3)).collect())).starts_with("times: is below 0"));
    let of = |name: &str| ModelPlan { weight: Some(name.into()), ..plan("y", &["linear_regression"]) };
    assert!(why(compare(&table, of("level"))).ends_with("holds no numbers"));
    assert!(why(compare(&table, of("y"))).ends_with("is what is predicted"));
    assert_eq!(compare(&table, of("gone")).unwrap_err(), ModelError::NoSuchColumn { name: "gone".into() });

    // Rows without a weight are left out.
    let gaps: Vec<f64> = (0..60).map(|i| if i < 7 { f64::NAN } else { 1.0 }).collect();
    let found = with(gaps).unwrap();
    assert_eq!(found.n_rows, 53);
    assert!(found.notes.iter().any(|n| n == "7 rows without a times: left out."), "{:?}", found.notes);
}

#[test]
fn a_forest_in_parts_weighs_as_a_whole_one_does() {
    let (table, _) = tables(100);
    let frame = frame_of(&table, true);
    let settings = Settings::new().with("trees", 25_i64);
    let fit = FitFold { family: "random_forest".into(), settings: settings.clone(), fold: ALL_ROWS };
    let n = FitPart::n_parts(&fit).unwrap();
    let parts = (0..n).map(|part| FitPart { fit: fit.clone(), part }.run(&frame, &Ctx::quiet(0)).unwrap());
    let joined = FitPart::join(&fit, &frame, parts.collect());
    assert_eq!(joined.fitted, fit_all(&frame, "random_forest", &settings).fitted);
}

#[test]
fn the_baseline_is_the_mean_that_scores_are_measured_by() {
    let x = Matrix::from_columns(&[vec![0.0; 4]]);
    let trainer = super::super::family("baseline").unwrap().trainer(&Settings::new()).unwrap();
    let beyond = Beyond { weights: &[9.0, 1.0, 1.0, 1.0], ..Beyond::default() };
    let fitted = trainer.fit_with(&x, &[8.0, 0.0, 0.0, 0.0], beyond, &Ctx::quiet(0)).unwrap();
    assert_eq!(fitted.predict(&x), [2.0; 4]);
}
