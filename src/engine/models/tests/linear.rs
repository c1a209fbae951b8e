//! The linear family, models of counts, neighbours and support vectors: reference values, coefficients, bad input.

use super::*;
use crate::engine::{
    models::coefficients::{Certainty, CoefficientTable, of_counts},
    models::family::{Beyond, FittedRows},
    numeric::{
        glm::{GlmFamily, fit_glm},
        math,
        random::Rng,
    },
};

const NEW: [&str; 7] = [
    "ridge",
    "lasso",
    "elastic_net",
    "poisson_regression",
    "negative_binomial",
    "k_neighbors",
    "support_vector",
];

fn fit_with(frame: &Frame, family: &str, settings: Settings, fold: u32) -> super::super::work::FoldFit {
    let fit = FitFold { family: family.into(), settings, fold }.run(frame, &Ctx::quiet(0)).unwrap();
    assert_eq!(fit.error, None, "{family}");
    fit
}

/// R², MSE, RMSE, MAE of lasso and elastic net computed with scikit-learn to a tolerance of 1e-13: the values of the shared
/// reference stop at scikit-learn's default 1e-4, which shows in the fourth digit.
const SETTLED: [(&str, &str, [f64; 4]); 4] = [
    (
        "holdout_seed_features",
        "lasso",
        [0.7507179747009726, 0.8183177683716364, 0.9046091799067907, 0.626171945298899],
    ),
    (
        "holdout_seed_features",
        "elastic_net",
        [0.7514116326677058, 0.8160406982994182, 0.903349709857383, 0.6265742224738611],
    ),
    (
        "holdout_honest_features",
        "lasso",
        [0.6471537674097683, 1.1582878520230966, 1.0762378231706486, 0.6797871163276361],
    ),
    (
        "holdout_honest_features",
        "elastic_net",
        [0.6440945561271747, 1.1683303207760938, 1.0808932975905132, 0.6779577654101022],
    ),
];

fn check(key: &str, keep: impl Fn(&str) -> bool) {
    let (Some(reference), Some(frame)) = (reference("ads.json"), seed_features(keep)) else { return };
    let frame = hold_out(frame, &reference);
    let y = frame.y_of(&frame.test_rows(0));
    let scores = |family: &str, settings: Settings| {
        let found = metrics::scores(&y, &fit_with(&frame, family, settings, 0).predictions);
        [found.r2.unwrap(), found.mse, found.rmse, found.mae]
    };
    let alpha = |v: f64| Settings::new().with("alpha", v);
    for (family, settings, theirs) in
        [("ridge", alpha(1.0), "ridge_1"), ("k_neighbors", Settings::new(), "knn_5")]
    {
        for (ours, name) in scores(family, settings).into_iter().zip(["r2", "mse", "rmse", "mae"]) {
            close(ours, reference[key][theirs][name]["mean"].as_f64().unwrap(), 1e-8);
        }
    }
    for (_, family, wanted) in SETTLED.iter().filter(|s| s.0 == key) {
        for (ours, theirs) in scores(family, alpha(0.01)).into_iter().zip(wanted) {
            close(ours, *theirs, 1e-7);
        }
    }
}

#[test]
fn penalised_models_and_neighbours_match_scikit_learn() {
    check("holdout_seed_features", |_| true);
    check("holdout_honest_features", |name| !name.contains("Conversion"));
}

fn row<'a>(table: &'a CoefficientTable, name: &str) -> &'a super::super::coefficients::CoefficientRow {
    table.rows.iter().find(|r| r.name == name).unwrap()
}

/// All rows of the ads: the reference standardises, so its parameters are effects of one deviation.
#[test]
fn coefficient_tables_match_statsmodels() {
    let Some(frame) = seed_features(|name| !name.contains("Conversion")) else { return };
    let Some(reference) = reference("ads.json") else { return };
    let fit = fit_with(&frame, "linear_regression", Settings::new(), super::super::work::ALL_ROWS);
    let table = fit.coefficients.unwrap();
    let wanted = &reference["ols_honest_standardised_all_rows"];
    let number = |key: &str, name: &str| wanted[key][name].as_f64().unwrap();
    for feature in &frame.features {
        let (found, name) = (row(&table, &feature.name), feature.name.as_str());
        close(found.per_deviation.unwrap(), number("params", name), 1e-6);
        let unit = found.per_deviation.unwrap() / found.estimate.unwrap();
        let plain = found.plain.unwrap();
        close(plain.error * unit, number("std_errors", name), 1e-6);
        close(plain.p, number("p_values", name), 1e-5);
        close(plain.interval.0 * unit, wanted["conf_int95"][name][0].as_f64().unwrap(), 1e-5);
        close(plain.interval.1 * unit, wanted["conf_int95"][name][1].as_f64().unwrap(), 1e-5);
        assert!(found.inflation.unwrap() >= 1.0 && found.robust.is_some() && found.clustered.is_none());
    }
    let measure = |name: &str| table.measures.iter().find(|(n, _)| n == name).unwrap().1;
    close(measure("adjusted R²"), wanted["adj_r2"].as_f64().unwrap(), 1e-9);
    close(measure("AIC"), wanted["aic"].as_f64().unwrap(), 1e-9);
    close(measure("BIC"), wanted["bic"].as_f64().unwrap(), 1e-9);

    let table =
        fit_with(&frame, "poisson_regression", Settings::new(), super::super::work::ALL_ROWS).coefficients;
    let (table, wanted) = (table.unwrap(), &reference["poisson_honest_standardised_all_rows"]);
    for feature in &frame.features {
        let found = row(&table, &feature.name);
        close(found.per_deviation.unwrap(), wanted["params"][&feature.name].as_f64().unwrap(), 1e-4);
    }
    close(table.measures[0].1, wanted["deviance"].as_f64().unwrap(), 1e-9);
    close(table.measures[1].1, wanted["null_deviance"].as_f64().unwrap(), 1e-9);
}

/// Reference values computed with statsmodels: GLM Poisson with offset; scale="X2"; cov_type="cluster".
#[test]
fn errors_of_counts_match_statsmodels() {
    let a: Vec<f64> = (0..80).map(|i| f64::from((i * 7) % 11) * 0.1).collect();
    let b: Vec<f64> = (0..80).map(|i| f64::from(i % 3)).collect();
    let exposure: Vec<f64> = (0..80).map(|i| 1.0 + f64::from((i * i) % 9)).collect();
    let y: Vec<f64> = (0..80_i32)
        .map(|i| {
            let at = i as usize;
            let many = if (i * i * 3 + i * 5) % 13 == 0 { 9.0 } else { 0.0 };
            many + f64::from((i * i * 5 + i) % 4) + (a[at] * b[at] * exposure[at] * 0.2).floor()
        })
        .collect();
    let x = Matrix::from_columns(&[a, b]);
    let offset: Vec<f64> = exposure.iter().map(|&e| math::ln(e)).collect();
    let fit = fit_glm(GlmFamily::Poisson, &x, &y, &offset);
    let groups: Vec<u32> = (0..80).map(|i| i / 8).collect();
    let column = |name: &str| super::super::coefficients::ColumnName { name: name.into(), against: None };
    let columns = [column("a"), column("b")];
    let rows = FittedRows {
        x: &x,
        y: &y,
        beyond: Beyond::default(),
        columns: &columns,
        groups: &groups,
        grouped_by: "g",
    };
    let table = of_counts(&fit, &offset, 0, &rows);
    let error = |c: Option<Certainty>| c.unwrap().error;
    let wanted = [
        [0.474550726835015, 0.1734521673302186, 0.47096431019381635, 0.5418743447695863],
        [0.1505175218860299, 0.22014805611833926, 0.5977548680201465, 0.5746563654920503],
        [-0.7219730685831781, 0.09992507847926625, 0.2713205973809223, 0.34057368645328095],
    ];
    for (found, wanted) in table.rows.iter().zip(wanted) {
        close(found.estimate.unwrap(), wanted[0], 1e-7);
        close(error(found.plain), wanted[1], 1e-6);
        close(error(found.robust), wanted[2], 1e-6);
        close(error(found.clustered), wanted[3], 1e-6);
    }
    close(row(&table, "b").plain.unwrap().p, 5.00571597e-13, 1e-5);
    let measure = |name: &str| table.measures.iter().find(|(n, _)| n == name).unwrap().1;
    close(measure("AIC"), 544.7800259944697, 1e-9);
    close(measure("Pearson dispersion"), 7.372529740737001, 1e-7);
    close(measure("groups of g"), 10.0, 1e-12);
}

#[test]
fn the_ads_are_counted_per_impression_and_by_ad_group() {
    let Some(table) = ads_table() else { return };
    // Some ads have purchases without clicks, so clicks cannot be what purchases are counted per.
    assert_eq!(choices::exposure(&table, "Approved_Conversion").as_deref(), Some("Impressions"));
    assert_eq!(choices::exposure(&table, "Clicks").as_deref(), Some("Impressions"));
    assert_eq!(choices::exposure(&table, "Spent"), None);
    assert_eq!(choices::exposure(&table, "Impressions"), None);
    let mut asked = plan("Approved_Conversion", &["linear_regression", "poisson_regression", "lasso"]);
    asked.features = ["age", "gender", "Clicks"].map(String::from).to_vec();
    let found = compare(&table, asked.clone()).unwrap();
    // What was found for the user is not written into the plan.
    assert!(found.plan.families.iter().all(|c| c.settings == Settings::new()));
    let of = |slug: &str| found.results.iter().find(|r| r.family == slug).unwrap();
    let counted = |facts: &[(String, String)]| facts.iter().find(|f| f.0 == "counted per").unwrap().1.clone();
    assert_eq!(counted(&of("poisson_regression").facts), "Impressions");
    let linear = of("linear_regression").coefficients.as_ref().unwrap();
    assert_eq!(linear.grouped_by, "fb_campaign_id");
    let names: Vec<&str> = linear.rows.iter().map(|r| r.name.as_str()).collect();
    assert_eq!(names, ["Intercept", "age: 35-39", "age: 40-44", "age: 45-49", "gender: M", "Clicks"]);
    assert_eq!(linear.rows[1].against.as_deref(), Some("30-34"));
    let text = linear.text();
    assert!(text.rows.iter().all(|r| r.len() == text.heads.len()));
    assert_eq!(text.rows[4][0], "gender: M (against F)");
    assert!(
        text.heads.iter().any(|h| h.0 == "p, by fb_campaign_id") && text.heads.iter().any(|h| h.0 == "VIF")
    );
    assert!(of("lasso").coefficients.as_ref().unwrap().rows.iter().all(|r| r.plain.is_none()));

    let set = |c: &mut FamilyChoice, slug: &str, value: crate::engine::knobs::Setting| {
        c.settings.0.insert(slug.into(), value);
    };
    set(&mut asked.families[1], "per_exposure", false.into());
    let plain = compare(&table, asked.clone()).unwrap();
    let of = |c: &Comparison| c.results.iter().find(|r| r.family == "poisson_regression").unwrap().clone();
    assert_eq!(counted(&of(&plain).facts), "row");
    asked.families[1].settings = Settings::new().with("exposure", "Spent");
    let spent = compare(&table, asked).unwrap();
    assert_eq!((counted(&of(&spent).facts).as_str(), of(&spent).error), ("Spent", None));
}

#[test]
fn an_exposure_that_gives_the_target_away_is_refused() {
    let Some(table) = ads_table() else { return };
    let refused = |exposure: &str| {
        let mut asked = plan("Approved_Conversion", &["poisson_regression"]);
        asked.families[0].settings = Settings::new().with("exposure", exposure);
        compare(&table, asked).unwrap_err().to_string()
    };
    assert!(refused("Total_Conversion").starts_with("Total_Conversion cannot be the exposure. "));
    assert!(refused("Approved_Conversion").contains("its own exposure"));
    assert_eq!(refused("age"), "age cannot be the exposure. It holds no numbers");
}

/// The form offers what training accepts, and nothing else.
#[test]
fn the_exposures_offered_are_those_that_are_accepted() {
    let n = 60;
    let mut table = small_table(n);
    let numbers = |of: &dyn Fn(usize) -> f64| (0..n).map(of).collect::<Vec<f64>>();
    let count = numbers(&|r| if r < 50 { (r % 7) as f64 } else { f64::NAN });
    for column in [
        Column::number("count", Role::Number, count.clone()),
        Column::number("shown", Role::Number, numbers(&|r| [10.0, 0.0, 30.0, f64::NAN][r % 4])),
        Column::number("returned", Role::Number, numbers(&|r| 40.0 - r as f64)),
        Column::number("never", Role::Number, vec![0.0; n]),
        Column::number("late", Role::Number, numbers(&|r| if r < 50 { 0.0 } else { 5.0 })),
        Column::number("copied", Role::Number, count),
    ] {
        table.push(column).unwrap();
    }
    let choices = choices::choices(&table, Some("count"), &[], &[], 1).unwrap();
    let offered = choices.exposures_with(&[]);
    // What is unblocked later needs no new choices.
    assert_eq!(
        (&offered[..], choices.exposures_with(&["copied".into()])),
        (&["shown".to_owned()][..], vec!["shown".into(), "copied".into()])
    );
    let mut refused = Vec::new();
    for column in table.columns() {
        let mut asked = plan("count", &["poisson_regression"]);
        asked.features = vec!["x".into()];
        asked.families[0].settings = Settings::new().with("exposure", column.name.as_str());
        match compare(&table, asked) {
            Ok(found) => {
                let fits = found.results.iter().all(|r| r.error.is_none());
                assert!(fits && offered.contains(&column.name), "{} is accepted", column.name);
            }
            Err(error) => refused.push(error.to_string()),
        }
    }
    for said in [
        "It is below 0 in 24 rows",
        "It is above 0 in no row with a target",
        "It holds no numbers",
        "copied cannot be",
    ] {
        assert!(refused.iter().any(|r| r.contains(said)), "{said}: {refused:?}");
    }
}

/// Twice the exposure, twice the count; without any exposure none; of unknown exposure the usual one.
#[test]
fn expected_counts_grow_with_the_exposure() {
    let x = Matrix::from_columns(&[vec![0.0, 1.0, 0.0, 1.0, 2.0, 2.0]]);
    let exposure = [10.0, 20.0, 30.0, 10.0, 0.0, f64::NAN];
    let family = super::super::family("poisson_regression").unwrap();
    let trainer = family.trainer(&Settings::new().with("exposure", "shown")).unwrap();
    let y = [1.0, 8.0, 3.0, 4.0, 7.0, 7.0];
    let fitted = trainer
        .fit_with(&x, &y, Beyond { exposure: &exposure, ..Beyond::default() }, &Ctx::quiet(0))
        .unwrap();
    let at = |e: f64| fitted.predict_exposed(&Matrix::from_columns(&[vec![1.0]]), &[e])[0];
    close(at(10.0), 4.0, 1e-9);
    close(at(20.0), 8.0, 1e-9);
    assert_eq!(at(0.0), 0.0);
    close(at(f64::NAN), 6.0, 1e-9);
}

#[test]
fn new_families_wait_to_be_asked() {
    let found = compare(&small_table(60), plan("y", &[])).unwrap();
    assert!(found.results.iter().all(|r| !NEW.contains(&r.family.as_str())), "{:?}", found.plan.families);
    assert!(NEW.iter().all(|slug| super::super::family(slug).is_ok()));
}

/// Every prediction is a number, or the family says what is wrong.
#[test]
fn bad_input_is_a_sensible_model_or_a_named_error() {
    let wide: Vec<Vec<f64>> =
        (0..30).map(|j| (0..8).map(|i| f64::from((i * j + i * i) % 7)).collect()).collect();
    let odd = vec![
        vec![5.0; 8],
        vec![0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1e15],
        vec![1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0],
    ];
    let y = vec![0.0, 3.0, 1.0, 0.0, 2.0, 9.0, 0.0, 1.0];
    let cases: [(&str, Matrix, Vec<f64>); 6] = [
        ("fewer rows than columns", Matrix::from_columns(&wide), y.clone()),
        ("a constant, a wild and an alternating column", Matrix::from_columns(&odd), y.clone()),
        ("a constant target", Matrix::from_columns(&odd), vec![3.0; 8]),
        ("a target of zeros", Matrix::from_columns(&odd), vec![0.0; 8]),
        ("one row", Matrix::from_columns(&[vec![2.0]]), vec![4.0]),
        ("no columns", Matrix::zeros(8, 0), y),
    ];
    for slug in NEW.iter().chain(&["linear_regression"]) {
        let family = super::super::family(slug).unwrap();
        let trainer = family.trainer(&Settings::new()).unwrap();
        for (what, x, y) in &cases {
            let fitted = match trainer.fit(x, y, &Ctx::quiet(1)) {
                Ok(fitted) => fitted,
                Err(ModelError::TooFewRows { .. }) if y.len() == 1 => continue,
                Err(e) => panic!("{slug}, {what}: {e}"),
            };
            let predictions = fitted.predict(x);
            assert!(predictions.iter().all(|p| p.is_finite()), "{slug}, {what}: {predictions:?}");
            if y.iter().all(|v| *v == y[0]) {
                assert!(
                    predictions.iter().all(|p| (p - y[0]).abs() < 1e-6),
                    "{slug}, {what}: {predictions:?}"
                );
            }
            let columns: Vec<_> = (0..x.n_cols())
                .map(|j| super::super::coefficients::ColumnName { name: format!("x{j}"), against: None })
                .collect();
            let groups = vec![0; y.len()];
            let rows = FittedRows {
                x,
                y,
                beyond: Beyond::default(),
                columns: &columns,
                groups: &groups,
                grouped_by: "g",
            };
            let table = trainer.coefficients(fitted.as_ref(), &rows);
            assert_eq!(table.is_some(), family.has_coefficients(), "{slug}");
            if let Some(text) = table.map(|t| (t.text().rows.concat(), t.facts())) {
                let all = text.0.iter().chain(text.1.iter().map(|f| &f.1));
                assert!(
                    all.clone().all(|t| !t.contains("NaN") && !t.contains("inf")),
                    "{slug}, {what}: {text:?}"
                );
            }
        }
    }
    let refused = |slug: &str, y: Vec<f64>| {
        let x = Matrix::zeros(y.len(), 1);
        super::super::family(slug)
            .unwrap()
            .trainer(&Settings::new())
            .unwrap()
            .fit(&x, &y, &Ctx::quiet(0))
            .err()
    };
    for slug in ["poisson_regression", "negative_binomial"] {
        assert!(matches!(refused(slug, vec![1.0, -2.0]), Some(ModelError::Refused { .. })));
    }
    let many = refused("support_vector", (0..5_001).map(f64::from).collect());
    assert!(many.unwrap().to_string().contains("5,001"));
}

/// Row order is irrelevant where it must be: least squares, counts, yes/no, given penalties, trees, neighbours without ties.
#[test]
fn the_order_of_rows_changes_nothing_that_counts() {
    let frame = Frame::new(&small_table(60), "y", &["x".into(), "noise".into()]).unwrap();
    let order: Vec<u32> = (0..60).map(|i| (i * 7) % 60).collect();
    let design = Design::learn(&frame, &order, true);
    let straight: Vec<u32> = (0..60).collect();
    for (slug, settings) in [
        ("linear_regression", Settings::new()),
        ("logistic_regression", Settings::new().with("penalty", 1.0)),
        ("decision_tree", Settings::new()),
        ("ridge", Settings::new().with("alpha", 2.0)),
        ("lasso", Settings::new().with("alpha", 0.1)),
        ("poisson_regression", Settings::new()),
        ("negative_binomial", Settings::new()),
        ("k_neighbors", Settings::new()),
    ] {
        let trainer = super::super::family(slug).unwrap().trainer(&settings).unwrap();
        let predict = |rows: &[u32]| {
            let is_yes_no = slug == "logistic_regression";
            let value = |v: &f64| if is_yes_no { f64::from(u8::from(*v > 2.0)) } else { v.abs().floor() };
            let y: Vec<f64> = frame.y_of(rows).iter().map(value).collect();
            let fitted = trainer.fit(&design.matrix(&frame, rows), &y, &Ctx::quiet(0)).unwrap();
            fitted.predict(&design.matrix(&frame, &straight))
        };
        for (a, b) in predict(&straight).iter().zip(predict(&order)) {
            assert!((a - b).abs() < 1e-7 * (1.0 + a.abs()), "{slug}: {a} {b}");
        }
    }
}

/// Rows of a group share their features and their part of the target: cut through groups, no penalty looks needed.
#[test]
fn what_a_model_settles_by_itself_keeps_groups_and_time_as_the_folds_do() {
    let mut rng = Rng::stream(5, 0);
    let (n_groups, each, p) = (24, 12, 16);
    let n = n_groups * each;
    let of_group = |values: Vec<f64>| (0..n).map(|r| values[r / each]).collect::<Vec<f64>>();
    let mut draw = || (0..n_groups).map(|_| rng.unit() - 0.5).collect::<Vec<f64>>();
    let features = (0..p)
        .map(|j| super::super::frame::Feature {
            name: format!("x{j}"),
            values: super::super::frame::FeatureValues::Number(of_group(draw())),
        })
        .collect();
    let frame = |beside: super::super::frame::Beside| Frame {
        target: "y".into(),
        features: Vec::clone(&features),
        y: Vec::new(),
        row_ids: (0..n as u32).collect(),
        fold: vec![super::super::frame::ALWAYS_TRAINING; n],
        beside,
    };
    let target = of_group(draw());
    let noise: Vec<f64> = (0..n).map(|_| 0.05 * (rng.unit() - 0.5)).collect();
    let y: Vec<f64> = target.iter().zip(&noise).map(|(a, b)| a + b).collect();
    let groups: Vec<u32> = (0..n).map(|r| (r / each) as u32).collect();
    let penalty = |beside| {
        let frame = Frame { y: y.clone(), ..frame(beside) };
        let fit = fit_with(&frame, "ridge", Settings::new(), super::super::work::ALL_ROWS);
        fit.facts
            .iter()
            .find(|(name, _)| name == "penalty")
            .unwrap()
            .1
            .replace(',', "")
            .parse::<f64>()
            .unwrap()
    };
    use super::super::frame::Beside;
    let free = penalty(Beside { groups: groups.clone(), ..Beside::default() });
    let grouped = penalty(Beside { groups: groups.clone(), keeps_groups: true, ..Beside::default() });
    let when = groups.iter().map(|&g| f64::from(g)).collect();
    let in_time = penalty(Beside { when, is_forward: true, ..Beside::default() });
    assert!(grouped > 20.0 * free && in_time > 20.0 * free, "{free} {grouped} {in_time}");

    // Boosting that stops early stops sooner.
    let n_trees = |beside| {
        let frame = Frame { y: y.clone(), ..frame(beside) };
        let settings = Settings::new().with("validation", 0.25).with("trees", 200_i64);
        let fit = fit_with(&frame, "gradient_boosting", settings, super::super::work::ALL_ROWS);
        fit.facts.iter().find(|(name, _)| name == "trees").map_or(1, |(_, n)| n.parse::<u32>().unwrap())
    };
    let free = n_trees(Beside { groups: groups.clone(), ..Beside::default() });
    let grouped = n_trees(Beside { groups, keeps_groups: true, ..Beside::default() });
    assert!(grouped * 2 < free, "{free} {grouped}");
}
