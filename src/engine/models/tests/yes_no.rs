//! Yes/no targets: logistic regression against statsmodels, every family's probabilities, whole comparisons, bad input.

use super::*;
use crate::engine::models::{
    learning_curve::LearningCurve,
    outcome::{Score, TwoValues},
    work::FoldFit,
};

/// Columns of the customers file, and whether each responded.
fn customers() -> Option<(Vec<Feature>, Vec<f64>)> {
    let mut reader = csv::Reader::from_path(shared("data/marketing_campaign_data.csv")?).unwrap();
    let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let number = |name: &str| -> Vec<f64> {
        let i = header.iter().position(|h| h == name).unwrap();
        records.iter().map(|r| r[i].parse().unwrap_or(f64::NAN)).collect()
    };
    let total = |names: &[&str]| -> Vec<f64> {
        let columns: Vec<Vec<f64>> = names.iter().map(|n| number(n)).collect();
        (0..records.len()).map(|r| columns.iter().map(|c| c[r]).sum()).collect()
    };
    let features = [
        ("Age", number("Year_Birth").iter().map(|y| 2025.0 - y).collect::<Vec<f64>>()),
        ("Recency", number("Recency")),
        (
            "Loyalty_Score",
            total(&["AcceptedCmp1", "AcceptedCmp2", "AcceptedCmp3", "AcceptedCmp4", "AcceptedCmp5"]),
        ),
        ("Family_Size", total(&["Kidhome", "Teenhome"]).iter().map(|v| v + 1.0).collect()),
    ]
    .map(|(name, values)| Feature { name: name.into(), values: FeatureValues::Number(values) });
    Some((features.into(), number("Response")))
}

fn frame_of(features: Vec<Feature>, y: Vec<f64>) -> Frame {
    let mut frame = Frame {
        target: "yes".into(),
        features,
        row_ids: (0..y.len() as u32).collect(),
        fold: vec![ALWAYS_TRAINING; y.len()],
        beside: Beside::default(),
        y,
    };
    frame.beside.outcome = Outcome::YesNo;
    frame.beside.levels = vec![Vec::new(); frame.features.len()];
    frame
}

fn fit_all(frame: &Frame, family: &str, settings: Settings) -> FoldFit {
    let work = FitFold { family: family.into(), settings, fold: super::super::work::ALL_ROWS };
    work.run(frame, &Ctx::quiet(0)).unwrap()
}

/// Reference values: `sm.Logit(Response, add_constant([Age, Recency, Loyalty_Score, Family_Size])).fit()`.
#[test]
fn logistic_regression_matches_statsmodels() {
    let (Some((features, y)), Some(text)) = (customers(), shared("reference/customers.json")) else { return };
    let text = std::fs::read_to_string(text).unwrap().replace(": NaN", ": null");
    let reference: serde_json::Value = serde_json::from_str(&text).unwrap();
    let logit = &reference["logit_response"];
    let fit = fit_all(&frame_of(features, y), "logistic_regression", Settings::new());
    assert_eq!(fit.error, None);
    let table = fit.coefficients.unwrap();
    assert!(table.is_odds && table.robust.is_empty());
    for row in &table.rows {
        let key = if row.name == "Intercept" { "const" } else { row.name.as_str() };
        let value = |of: &str| logit[of][key].as_f64().unwrap();
        let sure = row.plain.unwrap();
        close(row.estimate.unwrap(), value("params"), 1e-6);
        close(sure.error, value("std_errors"), 1e-6);
        close(sure.p, value("p_values"), 1e-6);
        close(sure.statistic, value("params") / value("std_errors"), 1e-6);
        assert!(sure.interval.0 < row.estimate.unwrap() && row.estimate.unwrap() < sure.interval.1);
    }
    let measure = |name: &str| table.measures.iter().find(|(n, _)| n == name).unwrap().1;
    close(measure("McFadden R²"), logit["pseudo_r2"].as_f64().unwrap(), 1e-9);
    let ln_likelihood = logit["log_likelihood"].as_f64().unwrap();
    close(measure("log-likelihood"), ln_likelihood, 1e-9);
    close(measure("AIC"), 10.0 - 2.0 * ln_likelihood, 1e-9);
    let heads: Vec<String> = table.text().heads.into_iter().map(|(head, _)| head).collect();
    assert!(heads.contains(&"Odds ratio".to_owned()) && heads.contains(&"z".to_owned()), "{heads:?}");
}

/// Yes where x is large, with noise; a column of noise, a category.
fn table(n: usize) -> Table {
    let mut rng = Ctx::quiet(17).rng(0);
    let x: Vec<f64> = (0..n).map(|_| rng.normal()).collect();
    let noise: Vec<f64> = (0..n).map(|_| rng.normal()).collect();
    let y = x.iter().map(|v| f64::from(u8::from(1.6 * v - 1.0 + rng.normal() > 0.0))).collect();
    let level: Vec<Option<&str>> = (0..n).map(|i| Some(["a", "b", "c"][i % 3])).collect();
    Table::new(
        TableKind::Other,
        vec![
            Column::number("y", Role::Response, y),
            Column::number("x", Role::Number, x),
            Column::number("noise", Role::Number, noise),
            Column::category("level", Role::Category, &level),
        ],
    )
    .unwrap()
}

fn framed(table: &Table) -> Frame {
    let mut frame = Frame::new(table, "y", &["x".into(), "noise".into(), "level".into()]).unwrap();
    TwoValues::of(&frame.y.clone()).unwrap().put_into(&mut frame);
    frame
}

#[test]
fn probabilities_of_every_family_stay_within_0_and_1_and_are_read_back() {
    let frame = framed(&table(150));
    let rows: Vec<u32> = (0..150).collect();
    let mut n_families = 0;
    for family in FAMILIES.iter().filter(|f| f.suits(Outcome::YesNo)) {
        n_families += 1;
        let x = Design::learn(&frame, &rows, family.wants_dummies()).matrix(&frame, &rows);
        let trainer = family.trainer_for(Outcome::YesNo, &Settings::new()).unwrap();
        let fitted = trainer.fit(&x, &frame.y, &Ctx::quiet(3)).unwrap();
        let p = fitted.predict(&x);
        assert!(p.iter().all(|p| *p > 0.0 && *p < 1.0), "{}", family.slug());
        let mean = p.iter().sum::<f64>() / 150.0;
        let share = frame.y.iter().sum::<f64>() / 150.0;
        assert!((mean - share).abs() < 0.04, "{}: {mean} for {share}", family.slug());
        assert_eq!(family.load(&fitted.save()).unwrap().predict(&x), p, "{}", family.slug());
        let python = family.python_for(Outcome::YesNo, &Settings::new());
        assert!(!python.contains("Regressor"), "{python}");
        assert!(!family.title_for(Outcome::YesNo).contains("mean"));
        let knobs = family.knobs_for(Outcome::YesNo);
        assert!(knobs.iter().all(|k| k.slug != "loss"));
        // One class alone cannot be learnt from, and none is made up.
        assert!(trainer.fit(&x, &[0.0; 150], &Ctx::quiet(3)).is_err(), "{}", family.slug());
    }
    assert_eq!(n_families, 7);
}

#[test]
fn a_yes_no_target_is_compared_by_log_loss() {
    let table = table(300);
    let choices = choices::choices(&table, Some("y"), &[], &[], 1).unwrap();
    assert_eq!(choices.outcomes, [Outcome::YesNo, Outcome::Amount]);
    assert_eq!(choices.plan.outcome, Some(Outcome::YesNo));
    let found = compare(&table, choices.plan).unwrap();
    assert_eq!(found.outcome(), Outcome::YesNo);
    let families: Vec<&str> = found.results.iter().map(|r| r.family.as_str()).collect();
    assert_eq!(
        families,
        ["baseline", "logistic_regression", "decision_tree", "random_forest", "gradient_boosting"]
    );
    assert_eq!(found.verdict.winner, "logistic_regression");
    assert!(found.verdict.beats_baseline && found.verdict.sentence.contains("logistic regression"));
    assert!(found.results[0].title.contains("share of yes"));
    for r in &found.results {
        assert_eq!(r.error, None, "{}", r.family);
        for score in Outcome::YesNo.scores() {
            let mean = score.of(&r.mean).unwrap();
            assert!(mean > 0.0 && (mean < 1.0 || *score == Score::LogLoss), "{} {score:?} {mean}", r.family);
            assert!(score.of(&r.pooled).is_some());
        }
    }
    close(Score::Auc.of(&found.results[0].mean).unwrap(), 0.5, 1e-12);
    let all = found.yes_no.as_ref().unwrap();
    assert_eq!((all.yes.as_str(), all.n, all.families.len()), ("1", 300, 5));
    assert_eq!(found.importance[0].feature, "x");
    assert!(found.importance[0].mean > 0.1 && found.importance[1].mean.abs() < 0.05);
    let texts: Vec<&str> = found.claims.iter().map(|c| c.sentence.as_str()).collect();
    assert!(texts[0].contains("log loss falls") && texts[1].contains("AUC"), "{texts:?}");
    assert!(texts.iter().all(|t| !t.contains("R²") && !t.contains("typical error")), "{texts:?}");
    // A filled-in plan gives the same.
    assert_eq!(compare(&table, found.plan.clone()).unwrap(), found);
}

#[test]
fn the_same_target_can_be_predicted_as_a_number() {
    let mut as_number = plan("y", &[]);
    as_number.outcome = Some(Outcome::Amount);
    let found = compare(&table(120), as_number).unwrap();
    assert!(found.yes_no.is_none() && found.results.iter().all(|r| r.mean.yes_no.is_none()));
    assert!(found.results.iter().all(|r| r.family != "logistic_regression"));
    // A plan of an earlier version names families for numbers, and means a number.
    let earlier = compare(&table(120), plan("y", &["linear_regression"])).unwrap();
    assert_eq!(earlier.outcome(), Outcome::Amount);
    let mixed = ModelPlan {
        outcome: Some(Outcome::YesNo),
        ..plan("y", &["linear_regression", "logistic_regression"])
    };
    let found = compare(&table(120), mixed).unwrap();
    assert_eq!(found.results.len(), 2);
    assert!(found.notes.iter().any(|n| n.contains("Linear regression")), "{:?}", found.notes);
}

#[test]
fn one_split_compares_log_losses_row_by_row() {
    let mut plan = plan("y", &["logistic_regression"]);
    plan.validation = Validation::HoldOut { test_share: 0.4 };
    let found = compare(&table(300), plan).unwrap();
    let pair = &found.pairs[0];
    assert_eq!(found.verdict.winner, "logistic_regression");
    let (low, high) = pair.interval.unwrap();
    assert!(0.0 < low && low < pair.difference && pair.difference < high, "{pair:?}");
    let auc = found.claims[1].record.interval.unwrap();
    assert!(0.5 < auc.0 && auc.1 < 1.0);
    assert!(found.claims[1].record.interval_method.as_ref().unwrap().contains("DeLong"));
}

#[test]
fn the_order_of_tasks_changes_no_probability() {
    let table = table(120);
    let plan = choices::choices(&table, Some("y"), &[], &[], 3).unwrap().plan;
    let job = || job_of(&table, plan.clone()).unwrap();
    let (forwards, backwards) = (run_job(job(), false).unwrap(), run_job(job(), true).unwrap());
    assert_eq!(format!("{forwards:?}"), format!("{backwards:?}"));
}

#[test]
fn values_other_than_0_and_1_are_told() {
    let mut table = table(120);
    let y = table.column("y").unwrap().as_numbers().unwrap().iter().map(|v| 1.0 + v).collect();
    table.put(Column::number("y", Role::Number, y)).unwrap();
    let found = compare(&table, plan("y", &["logistic_regression"])).unwrap();
    assert!(found.notes.contains(&"Yes is y = 2, no is 1.".to_owned()), "{:?}", found.notes);
    assert!(found.predictions[0].1.iter().all(|p| p.actual == 0.0 || p.actual == 1.0));
}

#[test]
fn two_words_are_a_yes_no_target() {
    let numbers = table(120);
    let y = numbers.column("y").unwrap().as_numbers().unwrap().into_owned();
    for (no, yes) in [("active", "churned"), ("ja", "nein"), ("not bought", "bought"), ("a", "b")] {
        // "ja" means yes although it comes first.
        let (no, yes) = if no == "ja" { (yes, no) } else { (no, yes) };
        let words: Vec<Option<&str>> = y.iter().map(|v| Some(if *v == 1.0 { yes } else { no })).collect();
        let mut table = numbers.clone();
        table.put(Column::category("y", Role::Category, &words)).unwrap();
        let found = choices::choices(&table, Some("y"), &[], &[], 1).unwrap();
        assert_eq!(found.outcomes, [Outcome::YesNo]);
        assert!(found.targets.contains(&"y".to_owned()) && !found.targets.contains(&"level".to_owned()));
        let found = compare(&table, plan("y", &["logistic_regression"])).unwrap();
        let all = found.yes_no.as_ref().unwrap();
        assert_eq!((all.no.as_str(), all.yes.as_str()), (no, yes));
        assert_eq!(all.n_yes as f64, y.iter().sum::<f64>());
        assert!(found.notes.contains(&format!("Yes is y = {yes}, no is {no}.")), "{:?}", found.notes);
        let as_number = ModelPlan { outcome: Some(Outcome::Amount), ..plan("y", &[]) };
        assert!(matches!(compare(&table, as_number), Err(ModelError::TargetNotNumeric { .. })));
    }
}

#[test]
fn bad_yes_no_targets_have_named_errors_or_sensible_models() {
    // One yes: the fold that holds it out has nothing to learn from.
    let with = |y: Vec<f64>, x: Vec<f64>| {
        let columns = vec![Column::number("y", Role::Response, y), Column::number("x", Role::Number, x)];
        Table::new(TableKind::Other, columns).unwrap()
    };
    let x: Vec<f64> = (0..40).map(|i| f64::from((i * 7) % 13)).collect();
    let mut one = vec![0.0; 40];
    one[11] = 1.0;
    let error = compare(&with(one, x.clone()), plan("y", &["logistic_regression"])).unwrap_err().to_string();
    assert!(error.contains("is a yes") && error.contains("fewer folds"), "{error}");
    // Two yes at most in one fold: others have none held out, so no AUC there.
    let mut two = vec![0.0; 40];
    (two[3], two[30]) = (1.0, 1.0);
    let found = compare(&with(two, x.clone()), plan("y", &["logistic_regression", "decision_tree"])).unwrap();
    assert!(found.results[1].folds.iter().any(|s| Score::Auc.of(s).is_none()));
    assert!(found.notes.iter().any(|n| n.contains("AUC and PR-AUC rest on")), "{:?}", found.notes);
    assert!(found.results.iter().all(|r| Score::LogLoss.of(&r.mean).is_some()));
    // x tells yes from no without fail.
    let y: Vec<f64> = (0..40).map(|i| f64::from(u8::from(i >= 20))).collect();
    let x: Vec<f64> = (0..40).map(f64::from).collect();
    let table = with(y.clone(), x.clone());
    // Such a column is held back; wanted all the same, it breaks nothing.
    let unblocked = vec!["x".to_owned()];
    let found = compare(&table, ModelPlan { unblocked, ..plan("y", &["logistic_regression"]) }).unwrap();
    let logistic = &found.results[1];
    let (_, penalty) = logistic.facts.iter().find(|(name, _)| name == "penalty").unwrap();
    assert!(penalty.contains("separation"), "{penalty}");
    assert!(Score::LogLoss.of(&logistic.mean).unwrap() < 0.4);
    assert!(found.notes.iter().any(|n| n.contains("without fail")), "{:?}", found.notes);
    // More than two values, asked for as a yes or no.
    let mut many = plan("x", &[]);
    many.outcome = Some(Outcome::YesNo);
    let error = compare(&with(y, x), many).unwrap_err().to_string();
    assert!(error.contains("more than two values"), "{error}");
}

fn curve_of(table: &Table, compared: &Comparison) -> Result<LearningCurve, ModelError> {
    let mut prepare = |_: LearnFrom<'_>| Ok(made(table.clone()));
    let source = Source { prepare: &mut prepare, as_read: table, learns: false };
    let family = compared.subject();
    run_any(LearningCurveJob::new(source, CurvePlan::default(), &compared.plan, family, &Ctx::quiet(0))?)
}

/// The table with a campaign: of the last one, all rows are a yes.
fn campaigns(n: usize) -> Table {
    let mut table = table(n);
    let yes = table.column("y").unwrap().as_numbers().unwrap().to_vec();
    let names: Vec<Option<&str>> = (0..n)
        .map(|i| Some(if yes[i] == 1.0 && i % 9 == 0 { "d" } else { ["a", "b", "c"][i % 3] }))
        .collect();
    table.put(Column::category("level", Role::Campaign, &names)).unwrap();
    table
}

#[test]
fn the_ladder_of_a_yes_no_is_of_auc() {
    let table = campaigns(300);
    let model = ModelPlan { outcome: Some(Outcome::YesNo), ..plan("y", &["logistic_regression"]) };
    let ladder = climb(&table, LadderPlan::default(), &model, "logistic_regression").unwrap();
    assert_eq!(ladder.measure, Score::Auc);
    let rung = |kind| ladder.rungs.iter().find(|r| r.kind == kind).unwrap();
    // On the folds of the comparison, with its columns: its score.
    let compared =
        compare(&table, ModelPlan { features: rung(RungKind::EveryColumn).columns.clone(), ..model })
            .unwrap();
    let result = compared.results.iter().find(|r| r.family == "logistic_regression").unwrap();
    let every = rung(RungKind::EveryColumn);
    assert_eq!(every.score, Score::Auc.of(&result.mean));
    assert_eq!(every.folds, result.folds.iter().map(|f| Score::Auc.of(f)).collect::<Vec<_>>());
    assert_eq!(every.scores.yes_no, result.pooled.yes_no);
    // Each campaign held out once: one of them has no AUC, and the score is the mean of the others.
    let new = rung(RungKind::NewGroup);
    let known: Vec<f64> = new.folds.iter().flatten().copied().collect();
    assert_eq!((new.folds.len(), known.len()), (4, 3), "{new:?}");
    close(new.score.unwrap(), known.iter().sum::<f64>() / 3.0, 1e-12);
    assert!(new.score.unwrap() > 0.8 && new.score.unwrap() < 1.0, "{new:?}");
    let note = "On a new campaign: 1 of 4 folds holds out nothing but yes or nothing but no";
    assert!(ladder.notes.iter().any(|n| n.starts_with(note)), "{:?}", ladder.notes);
    assert!(ladder.sentence.contains(" AUC is 0.") && !ladder.sentence.contains("R²"), "{}", ladder.sentence);
    assert!(ladder.sentence.contains("above chance stays"), "{}", ladder.sentence);
}

#[test]
fn the_learning_curve_of_a_yes_no_ends_at_the_auc_of_the_comparison() {
    let table = table(300);
    let model = ModelPlan { outcome: Some(Outcome::YesNo), ..plan("y", &["logistic_regression"]) };
    let compared = compare(&table, model).unwrap();
    let curve = curve_of(&table, &compared).unwrap();
    let result = compared.results.iter().find(|r| r.family == "logistic_regression").unwrap();
    assert_eq!(curve.measure, Score::Auc);
    let last = curve.points.last().unwrap();
    assert_eq!(last.mean, result.mean);
    let auc = |share: f64| {
        let point = curve.points.iter().find(|p| (p.share - share).abs() < 1e-6).unwrap();
        curve.score(&point.mean).unwrap()
    };
    close(curve.gain.unwrap(), auc(1.0) - auc(0.5), 1e-12);
    assert!(curve.score(&last.fitted).is_some_and(|own| own > 0.5 && own <= 1.0));
    assert!(
        curve.sentence.starts_with("Logistic regression tells yes from no of y with AUC 0."),
        "{}",
        curve.sentence
    );
}

#[test]
fn the_page_knows_how_many_rows_were_scored() {
    let model = ModelPlan { outcome: Some(Outcome::YesNo), ..plan("y", &["logistic_regression"]) };
    let mut found = compare(&table(150), model).unwrap();
    // As the page is sent it.
    found.predictions.iter_mut().for_each(|(_, rows)| rows.truncate(1));
    assert_eq!(found.n_tested(), 150);
}
