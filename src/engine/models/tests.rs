//! Models against reference values of scikit-learn, and the whole comparison as a job.

use super::{
    FAMILIES, choices,
    compare::{ComparisonJob, Made, Source},
    comparison::{Comparison, FamilyResult, Prediction, Scores},
    design::Design,
    family::ModelError,
    frame::{ALWAYS_TRAINING, Beside, Feature, FeatureValues, Frame},
    ladder::{Ladder, LadderJob, LadderPlan, RungKind},
    learning_curve::{CurvePlan, LearningCurveJob},
    metrics,
    outcome::Outcome,
    plan::{FamilyChoice, ModelPlan, Standing, Validation},
    verdict::{self, Folds},
    work::{FitFold, FitPart, Importances},
};
use crate::engine::{
    context::Ctx,
    data::{
        column::{Column, Values},
        role::{Role, TableKind},
        table::Table,
    },
    knobs::{Setting, Settings},
    numeric::matrix::Matrix,
    pipeline::{
        execute,
        recipe::{Recipe, RecipeStep},
        tasks,
    },
    step::{LearnFrom, StepCall},
    task::{Job, SharedStore, Stage, Work},
    testing::{close, reference, shared},
};

mod documented;
mod linear;
mod one_way;
#[cfg(not(target_arch = "wasm32"))]
mod smartcore;
mod weights;
mod workers;
mod yes_no;

/// The raw ads, column by column, as text.
fn ads_columns() -> Option<(Vec<String>, Vec<Vec<String>>)> {
    let text = std::fs::read_to_string(shared("data/KAG_conversion_data.csv")?).unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let names: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let mut columns = vec![Vec::new(); names.len()];
    for record in reader.records() {
        for (column, cell) in columns.iter_mut().zip(record.unwrap().iter()) {
            column.push(cell.to_owned());
        }
    }
    Some((names, columns))
}

/// The 15 features of the reference, made by hand.
fn seed_features(keep: impl Fn(&str) -> bool) -> Option<Frame> {
    let (names, columns) = ads_columns()?;
    let text = |name: &str| &columns[names.iter().position(|n| n == name).unwrap()];
    let numbers = |name: &str| text(name).iter().map(|v| v.parse::<f64>().unwrap()).collect::<Vec<f64>>();
    let (clicks, spent, impressions) = (numbers("Clicks"), numbers("Spent"), numbers("Impressions"));
    let enquiries = numbers("Total_Conversion");
    let flag =
        |name: &str, value: &str| text(name).iter().map(|v| f64::from(v == value)).collect::<Vec<f64>>();
    let mut ages = text("age").clone();
    ages.sort();
    ages.dedup();
    let age =
        text("age").iter().map(|a| ages.iter().position(|b| a == b).unwrap() as f64).collect::<Vec<_>>();
    // 0/0 becomes 0, x/0 the mean of the others.
    let ratio = |a: &[f64], b: &[f64]| {
        let mut out: Vec<f64> =
            a.iter().zip(b).map(|(a, b)| if *b == 0.0 && *a == 0.0 { 0.0 } else { a / b }).collect();
        let finite: Vec<f64> = out.iter().copied().filter(|v| v.is_finite()).collect();
        let mean = finite.iter().sum::<f64>() / finite.len() as f64;
        out.iter_mut().filter(|v| !v.is_finite()).for_each(|v| *v = mean);
        out
    };
    let product = impressions.iter().zip(&clicks).map(|(a, b)| a * b).collect();
    let features = vec![
        ("interest", numbers("interest")),
        ("Impressions", impressions.clone()),
        ("Clicks", clicks.clone()),
        ("Spent", spent.clone()),
        ("Total_Conversion", enquiries.clone()),
        ("campaign_936", flag("xyz_campaign_id", "936")),
        ("campaign_1178", flag("xyz_campaign_id", "1178")),
        ("Age_Group", age),
        ("Gender_Code", flag("gender", "M")),
        ("Interaction_Imp_Clicks", product),
        ("Spent_per_Click", ratio(&spent, &clicks)),
        ("Total_Conversion_Rate", ratio(&enquiries, &clicks)),
        ("Budget_Allocation_Imp", ratio(&spent, &impressions)),
        ("CTR", ratio(&clicks, &impressions)),
        ("Conversion_per_Impression", ratio(&enquiries, &impressions)),
    ];
    let y = numbers("Approved_Conversion");
    Some(Frame {
        target: "Approved_Conversion".into(),
        features: features
            .into_iter()
            .filter(|(name, _)| keep(name))
            .map(|(name, values)| Feature { name: name.into(), values: FeatureValues::Number(values) })
            .collect(),
        row_ids: (0..y.len() as u32).collect(),
        fold: vec![ALWAYS_TRAINING; y.len()],
        beside: Beside::default(),
        y,
    })
}

fn fit(frame: &Frame, family: &str, fold: u32, seed: u64) -> Vec<f64> {
    let work = FitFold { family: family.into(), settings: Settings::new(), fold };
    let fit = work.run(frame, &Ctx::quiet(seed)).unwrap();
    assert_eq!(fit.error, None, "{family}");
    fit.predictions
}

fn hold_out(mut frame: Frame, reference: &serde_json::Value) -> Frame {
    for row in reference["split_80_20_seed42"]["test_rows"].as_array().unwrap() {
        frame.fold[row.as_u64().unwrap() as usize] = 0;
    }
    frame
}

/// Reference slug, our slug, seeds; relative tolerance for linear, absolute one of R² for trees, sds for the random ones.
fn check_hold_out(key: &str, keep: impl Fn(&str) -> bool) {
    let (Some(reference), Some(frame)) = (reference("ads.json"), seed_features(keep)) else { return };
    let frame = hold_out(frame, &reference);
    let y = frame.y_of(&frame.test_rows(0));
    let expected = &reference[key];
    let r2 = |family: &str, seed| metrics::scores(&y, &fit(&frame, family, 0, seed)).r2.unwrap();
    let mean = |slug: &str| expected[slug]["r2"]["mean"].as_f64().unwrap();

    let linear = metrics::scores(&y, &fit(&frame, "linear_regression", 0, 0));
    close(linear.r2.unwrap(), mean("linear"), 1e-6);
    for (ours, name) in [(linear.mse, "mse"), (linear.rmse, "rmse"), (linear.mae, "mae")] {
        close(ours, expected["linear"][name]["mean"].as_f64().unwrap(), 1e-6);
    }
    for (ours, theirs) in
        [("decision_tree", "decision_tree_depth5"), ("gradient_boosting", "gradient_boosting_100_depth3")]
    {
        let found = r2(ours, 0);
        assert!((found - mean(theirs)).abs() < 0.02, "{ours}: R² {found} is not {}", mean(theirs));
    }
    for (ours, theirs) in [
        ("random_forest", "random_forest_100"),
        ("extra_trees", "extra_trees_100"),
        ("ada_boost", "ada_boost_50"),
    ] {
        let seeds = 5;
        let found = (0..seeds).map(|s| r2(ours, s)).sum::<f64>() / seeds as f64;
        let sd = expected[theirs]["r2"]["sd"].as_f64().unwrap();
        assert!((found - mean(theirs)).abs() < 3.0 * sd, "{ours}: R² {found} is not {} ± {sd}", mean(theirs));
    }
}

#[test]
fn hold_out_scores_match_scikit_learn_with_all_features() {
    check_hold_out("holdout_seed_features", |_| true);
}

#[test]
fn hold_out_scores_match_scikit_learn_without_leaks() {
    check_hold_out("holdout_honest_features", |name| !name.contains("Conversion"));
}

fn check_folds(key: &str, keep: impl Fn(&str) -> bool) {
    let (Some(reference), Some(mut frame)) = (reference("ads.json"), seed_features(keep)) else { return };
    // Unshuffled folds, the first ones one row larger, as scikit-learn's KFold(5).
    let n = frame.n_rows();
    let mut start = 0;
    for fold in 0..5 {
        let size = n / 5 + usize::from(fold < n % 5);
        frame.fold[start..start + size].fill(fold as u32);
        start += size;
    }
    let pooled = |family: &str, seed: u64| {
        let mut predicted = vec![0.0; n];
        for fold in 0..5 {
            for (&row, p) in frame.test_rows(fold).iter().zip(fit(&frame, family, fold, seed)) {
                predicted[row as usize] = p;
            }
        }
        metrics::scores(&frame.y, &predicted)
    };
    let expected = |slug: &str, name: &str| reference[key][slug][name].as_f64().unwrap();
    let linear = pooled("linear_regression", 0);
    for (ours, name) in
        [(linear.r2.unwrap(), "r2"), (linear.mse, "mse"), (linear.rmse, "rmse"), (linear.mae, "mae")]
    {
        close(ours, expected("linear", name), 1e-6);
    }
    let boosting = pooled("gradient_boosting", 0).r2.unwrap();
    assert!((boosting - expected("gradient_boosting_100_depth3", "r2")).abs() < 0.02);
    // The reference has one seed here; over seeds these folds spread by 0.012 and 0.032.
    for (ours, theirs, sd) in
        [("random_forest", "random_forest_100", 0.012), ("ada_boost", "ada_boost_50", 0.032)]
    {
        let found = (pooled(ours, 1).r2.unwrap() + pooled(ours, 2).r2.unwrap()) / 2.0;
        assert!((found - expected(theirs, "r2")).abs() < 3.0 * sd, "{ours}: {found}");
    }
}

#[test]
fn fold_scores_match_scikit_learn_with_all_features() {
    check_folds("kfold5_seed_features", |_| true);
}

#[test]
fn fold_scores_match_scikit_learn_without_leaks() {
    check_folds("kfold5_honest_features", |name| !name.contains("Conversion"));
}

/// The ads as the reader gives them.
fn ads_table() -> Option<Table> {
    let (names, columns) = ads_columns()?;
    let roles = [
        Role::Identifier,
        Role::Campaign,
        Role::AdGroup,
        Role::Category,
        Role::Category,
        Role::Category,
        Role::Impressions,
        Role::Clicks,
        Role::Spend,
        Role::Enquiries,
        Role::Purchases,
    ];
    let columns = names
        .iter()
        .zip(&columns)
        .zip(roles)
        .map(|((name, cells), role)| {
            if matches!(role, Role::Campaign | Role::AdGroup | Role::Category) {
                let rows: Vec<Option<&str>> = cells.iter().map(|c| Some(c.as_str())).collect();
                Column::category(name, role, &rows)
            } else {
                Column::number(name, role, cells.iter().map(|c| c.parse().unwrap()).collect())
            }
        })
        .collect();
    Some(Table::new(TableKind::Ads, columns).unwrap())
}

/// Runs a job, its tasks in the given order.
fn run_job(mut job: ComparisonJob, backwards: bool) -> Result<Comparison, ModelError> {
    finish(&mut job, backwards)
}

/// The same, and the job can be asked for what it leaves behind.
fn finish(job: &mut ComparisonJob, backwards: bool) -> Result<Comparison, ModelError> {
    let ctx = Ctx::quiet(0);
    let mut store = SharedStore::default();
    let mut outputs = Vec::new();
    loop {
        match job.step(std::mem::take(&mut outputs), false, &ctx)? {
            Stage::Done(found) => return Ok(found),
            Stage::Work(batch) => {
                for (id, bytes) in batch.shared {
                    store.hold(id, bytes);
                }
                outputs = vec![None; batch.tasks.len()];
                let mut order: Vec<usize> = (0..batch.tasks.len()).collect();
                if backwards {
                    order.reverse();
                }
                for i in order {
                    outputs[i] = Some(tasks::run(&batch.tasks[i], &mut store, &|_, _| true).unwrap());
                }
            }
        }
    }
}

/// A job over a table to which nothing is done.
fn job_of(table: &Table, plan: ModelPlan) -> Result<ComparisonJob, ModelError> {
    let mut prepare = |_: LearnFrom<'_>| Ok(made(table.clone()));
    let source = Source { prepare: &mut prepare, as_read: table, learns: false };
    ComparisonJob::new(source, plan, &Ctx::quiet(0))
}

fn made(table: Table) -> Made {
    Made { table, failures: Vec::new(), informed: Vec::new() }
}

fn compare(table: &Table, plan: ModelPlan) -> Result<Comparison, ModelError> {
    run_job(job_of(table, plan)?, false)
}

/// As the host does it: the recipe is carried out anew in every fold.
fn compare_with(raw: &Table, steps: Vec<RecipeStep>, plan: ModelPlan) -> Result<Comparison, ModelError> {
    let recipe = Recipe { steps, ..Recipe::default() };
    let ctx = Ctx::quiet(0);
    let as_read = execute::as_read(raw, &recipe, &plan.target, &ctx);
    let mut prepare = |learn: LearnFrom<'_>| {
        let prepared = execute::prepare(raw, &recipe, learn, &ctx);
        let failures = prepared.failures(&recipe);
        Ok(Made { table: prepared.table, failures, informed: prepared.informed })
    };
    let source = Source { prepare: &mut prepare, as_read: &as_read, learns: execute::learns(&recipe) };
    run_job(ComparisonJob::new(source, plan, &ctx)?, false)
}

#[test]
fn the_ads_are_compared_from_proposal_to_verdict() {
    let Some(table) = ads_table() else { return };
    let found = choices::choices(&table, None, &[], &[], 42).unwrap();
    assert_eq!(found.target, "Approved_Conversion");
    assert_eq!(&found.targets[..2], ["Approved_Conversion", "Total_Conversion"]);
    let standing = |name: &str| &found.candidates.iter().find(|c| c.column == name).unwrap().standing;
    assert!(matches!(standing("Total_Conversion"), Standing::Leaks { .. }));
    assert!(matches!(standing("ad_id"), Standing::Aside { .. }));
    assert!(matches!(standing("fb_campaign_id"), Standing::Aside { .. } | Standing::Unusable { .. }));
    assert_eq!(standing("interest"), &Standing::Used);
    assert_eq!(found.plan.validation, Validation::GroupKFold { k: 5, group: "fb_campaign_id".into() });
    assert!(found.why_validation.contains("680"), "{}", found.why_validation);

    let result = compare(&table, found.plan).unwrap();
    let shuffled: Vec<&str> = result.importance.iter().map(|i| i.feature.as_str()).collect();
    assert_eq!(shuffled[0], "Impressions + Clicks + Spent");
    assert_eq!(result.verdict.winner, "linear_regression");
    assert!(result.verdict.sentence.ends_with("keep the simplest, linear regression."));
    assert_eq!(result.results.len(), FAMILIES.iter().filter(|f| f.is_default_for(Outcome::Amount)).count());
    assert!(result.predictions.iter().all(|(_, rows)| rows.len() == 1143));
    let linear = result.results.iter().find(|r| r.family == "linear_regression").unwrap();
    let r2 = linear.pooled.r2.unwrap();
    assert!((0.40..0.60).contains(&r2), "{r2}");
    assert_eq!(result.claims.len(), 2);
}

#[test]
fn the_order_of_tasks_changes_nothing() {
    let Some(table) = ads_table() else { return };
    let mut plan = choices::choices(&table, None, &[], &[], 7).unwrap().plan;
    plan.validation = Validation::KFold { k: 3 };
    let small =
        |family: &str| FamilyChoice { family: family.into(), settings: Settings::new().with("trees", 5_i64) };
    plan.families = vec![
        FamilyChoice { family: "linear_regression".into(), settings: Settings::new() },
        small("random_forest"),
        small("ada_boost"),
    ];
    let job = || job_of(&table, plan.clone()).unwrap();
    let (forwards, backwards) = (run_job(job(), false).unwrap(), run_job(job(), true).unwrap());
    assert_eq!(format!("{forwards:?}"), format!("{backwards:?}"));
}

/// y = 3 x + noise, a column of noise, a category.
fn small_table(n: usize) -> Table {
    let mut rng = Ctx::quiet(11).rng(0);
    let x: Vec<f64> = (0..n).map(|_| rng.normal()).collect();
    let noise: Vec<f64> = (0..n).map(|_| rng.normal()).collect();
    let y: Vec<f64> = x.iter().map(|v| 3.0 * v + 0.5 * rng.normal()).collect();
    let level: Vec<Option<&str>> = (0..n).map(|i| Some(["a", "b", "c"][i % 3])).collect();
    Table::new(
        TableKind::Other,
        vec![
            Column::number("y", Role::Number, y),
            Column::number("x", Role::Number, x),
            Column::number("noise", Role::Number, noise),
            Column::category("level", Role::Category, &level),
        ],
    )
    .unwrap()
}

fn plan(target: &str, families: &[&str]) -> ModelPlan {
    ModelPlan {
        target: target.into(),
        outcome: None,
        features: Vec::new(),
        unblocked: Vec::new(),
        validation: Validation::KFold { k: 5 },
        families: families
            .iter()
            .map(|f| FamilyChoice { family: (*f).into(), settings: Settings::new() })
            .collect(),
        seed: 1,
        weight: None,
        tuned: Vec::new(),
    }
}

#[test]
fn predictions_below_a_floor_are_told() {
    // Half of the rows have none; a straight line goes below.
    let x: Vec<f64> = (0..100).map(|i| 0.5 + f64::from(i)).collect();
    let counts = |shift: f64| x.iter().map(|x| (x - 50.5).max(0.0) - shift).collect();
    let table = |shift| {
        let columns = vec![
            Column::number("y", Role::Number, counts(shift)),
            Column::number("x", Role::Number, x.clone()),
        ];
        Table::new(TableKind::Other, columns).unwrap()
    };
    let notes = |shift, families: &[&str]| compare(&table(shift), plan("y", families)).unwrap().notes;
    let is_told =
        |notes: &[String], words: &str| notes.iter().any(|n| n.contains("less than 0") && n.contains(words));
    let found = notes(0.0, &["linear_regression", "decision_tree"]);
    assert!(is_told(&found, "Linear regression predicts") && is_told(&found, "of 100 rows"), "{found:?}");
    assert!(!is_told(&notes(0.0, &["decision_tree"]), ""), "a tree predicts means of what was");
    assert!(!is_told(&notes(1.0, &["linear_regression"]), ""), "the target itself is below 0");
}

#[test]
fn importance_finds_the_signal_and_not_the_noise() {
    let found = compare(&small_table(200), plan("y", &["linear_regression", "decision_tree"])).unwrap();
    assert_eq!(found.verdict.winner, "linear_regression");
    assert!(found.verdict.beats_baseline);
    assert_eq!(found.importance[0].feature, "x");
    assert!(found.importance[0].mean > 0.5);
    assert!(found.importance[1..].iter().all(|i| i.mean.abs() < 0.02));
}

#[test]
fn columns_that_move_together_are_shuffled_together() {
    let mut table = small_table(200);
    let x = table.column("x").unwrap().as_numbers().unwrap().into_owned();
    let noise = table.column("noise").unwrap().as_numbers().unwrap().into_owned();
    let twin = x.iter().zip(&noise).map(|(a, b)| a + 0.01 * b).collect();
    table.push(Column::number("twin", Role::Number, twin)).unwrap();
    let found = compare(&table, plan("y", &["linear_regression"])).unwrap();
    let features: Vec<&str> = found.importance.iter().map(|i| i.feature.as_str()).collect();
    assert_eq!(features[0], "x + twin");
    assert_eq!(features.len(), 3);
    // Apart, a pair of opposite weights would seem to explain far more than there is.
    assert!((0.5..3.0).contains(&found.importance[0].mean), "{:?}", found.importance);
    assert!(found.notes.iter().any(|n| n.contains("x and twin")), "{:?}", found.notes);
}

#[test]
fn without_a_signal_the_mean_wins() {
    let mut plan = plan("noise", &[]);
    plan.features = vec!["x".into(), "level".into()];
    let found = compare(&small_table(120), plan).unwrap();
    assert_eq!(found.verdict.winner, "baseline");
    assert!(!found.verdict.beats_baseline);
    assert!(found.verdict.sentence.starts_with("No model is"), "{}", found.verdict.sentence);
}

#[test]
fn one_split_compares_errors_row_by_row() {
    let mut plan = plan("y", &["linear_regression"]);
    plan.validation = Validation::HoldOut { test_share: 0.25 };
    let found = compare(&small_table(120), plan).unwrap();
    assert_eq!(found.n_folds, 1);
    assert_eq!(found.verdict.winner, "linear_regression");
    assert!(found.verdict.beats_baseline && found.pairs[0].p.unwrap() < 0.01);
    assert_eq!(found.results[1].pooled.n, 30);
    assert!(found.results[1].sd.rmse.is_nan() && found.claims.len() == 2);
}

/// The reference's grouped folds; which of equally large groups goes where is not said, so the score is only near.
#[test]
fn grouped_folds_score_as_the_reference() {
    let (Some(reference), Some(mut frame), Some((names, columns))) =
        (reference("ads.json"), seed_features(|n| !n.contains("Conversion")), ads_columns())
    else {
        return;
    };
    let cells = &columns[names.iter().position(|n| n == "fb_campaign_id").unwrap()];
    let column = Column::number("g", Role::AdGroup, cells.iter().map(|c| c.parse().unwrap()).collect());
    let groups = super::frame::group_codes(&column, 0..1143);
    let validation = Validation::GroupKFold { k: 5, group: "g".into() };
    let rows = super::split::Rows { y: &frame.y, groups: &groups, when: &[] };
    frame.fold = super::split::split(&validation, rows, &mut Ctx::quiet(0).rng(0)).unwrap().fold;
    let mut predicted = vec![0.0; 1143];
    for fold in 0..5 {
        for (&row, p) in frame.test_rows(fold).iter().zip(fit(&frame, "linear_regression", fold, 0)) {
            predicted[row as usize] = p;
        }
    }
    let r2 = metrics::scores(&frame.y, &predicted).r2.unwrap();
    let expected = reference["group_kfold5_by_campaign_honest_features"]["linear"]["r2"].as_f64().unwrap();
    assert!((r2 - expected).abs() < 0.05);
}

#[test]
fn every_family_fits_saves_and_writes_itself() {
    let mut frame = Frame::new(&small_table(80), "y", &["x".into(), "noise".into(), "level".into()]).unwrap();
    // Models of counts want no target below 0.
    frame.y.iter_mut().for_each(|v| *v = v.abs());
    let rows: Vec<u32> = (0..80).collect();
    let amounts = frame.y.clone();
    for family in FAMILIES {
        // What predicts a yes or no alone gets one.
        let is_amount = family.suits(Outcome::Amount);
        frame.y = amounts.iter().map(|&v| if is_amount { v } else { f64::from(u8::from(v > 2.0)) }).collect();
        let design = Design::learn(&frame, &rows, family.wants_dummies());
        let x = design.matrix(&frame, &rows);
        let fitted = family.trainer(&Settings::new()).unwrap().fit(&x, &frame.y, &Ctx::quiet(3)).unwrap();
        let again = family.load(&fitted.save()).unwrap();
        assert_eq!(fitted.predict(&x), again.predict(&x), "{}", family.slug());
        assert!(family.load(&[7, 7, 7]).is_err());
        assert!(!family.python(&Settings::new()).is_empty() && !family.help().is_empty());
        let mut defaults = Settings::new();
        for knob in family.knobs() {
            defaults.0.insert(knob.slug.clone(), knob.default.clone());
        }
        defaults.check(&family.knobs()).unwrap();
        let spelled = family.trainer(&defaults).unwrap().fit(&x, &frame.y, &Ctx::quiet(3)).unwrap();
        assert_eq!(fitted.predict(&x), spelled.predict(&x), "defaults of {}", family.slug());
        assert!(family.trainer(&Settings::new().with("nonsense", 1_i64)).is_err());
    }
}

#[test]
fn nothing_is_learnt_from_held_out_rows() {
    let mut frame = Frame::new(&small_table(60), "y", &["x".into(), "noise".into(), "level".into()]).unwrap();
    frame.y.iter_mut().for_each(|v| *v = v.abs());
    frame.fold[..12].fill(0);
    let mut changed = frame.clone();
    for feature in &mut changed.features {
        match &mut feature.values {
            FeatureValues::Number(v) => v[3] = 1e9,
            FeatureValues::Category { codes, .. } => codes[3] = 2,
        }
    }
    changed.y[3] = -1e9;
    for family in FAMILIES {
        let of = |frame: &Frame| {
            FitFold { family: family.slug().into(), settings: Settings::new(), fold: 0 }
                .run(frame, &Ctx::quiet(5))
                .unwrap()
        };
        let (a, b) = (of(&frame), of(&changed));
        assert_eq!(a.fitted, b.fitted, "{}", family.slug());
        // Row 3 is the only one that may be predicted differently.
        let others =
            |p: &[f64]| p.iter().enumerate().filter(|(i, _)| *i != 3).map(|(_, v)| *v).collect::<Vec<_>>();
        assert_eq!(others(&a.predictions), others(&b.predictions));
    }
}

#[test]
fn a_recipe_that_learns_is_prepared_in_every_fold() {
    let table = small_table(50);
    let mut masks: Vec<usize> = Vec::new();
    let mut prepare = |learn: LearnFrom<'_>| {
        masks.push(learn.rows(&table).len());
        Ok(made(table.clone()))
    };
    let source = Source { prepare: &mut prepare, as_read: &table, learns: true };
    let job = ComparisonJob::new(source, plan("y", &["linear_regression"]), &Ctx::quiet(0)).unwrap();
    let learnt = run_job(job, false).unwrap();
    assert_eq!(masks, [50, 40, 40, 40, 40, 40]);
    // The same table in every fold: the same scores as without.
    let plain = compare(&table, plan("y", &["linear_regression"])).unwrap();
    assert_eq!(learnt.results, plain.results);
}

#[test]
fn missing_targets_are_left_out_and_missing_cells_filled() {
    let mut table = small_table(60);
    let holes = |name: &str, every: usize| {
        let mut column = table.column(name).unwrap().as_ref().clone();
        if let Values::Number(v) = &mut column.values {
            v.iter_mut().step_by(every).for_each(|v| *v = f64::NAN);
        }
        column
    };
    let (y, x) = (holes("y", 10), holes("x", 7));
    table.put(y).unwrap();
    table.put(x).unwrap();
    table.push(Column::number("empty", Role::Number, vec![f64::NAN; 60])).unwrap();
    let found = compare(&table, plan("y", &["linear_regression", "random_forest"])).unwrap();
    assert_eq!((found.n_rows, found.n_left_out), (54, 6));
    assert!(found.notes.iter().any(|n| n.contains("median")), "{:?}", found.notes);
    assert!(found.results.iter().all(|r| r.error.is_none()));
    let empty = found.candidates.iter().find(|c| c.column == "empty").unwrap();
    assert!(matches!(empty.standing, Standing::Unusable { .. }));
}

#[test]
fn what_tells_little_of_new_rows_is_left_aside_until_wanted() {
    let mut table = small_table(600);
    let codes: Vec<String> = (0..600).map(|r| format!("p{:03}", r % 200)).collect();
    let codes: Vec<Option<&str>> = codes.iter().map(|c| Some(c.as_str())).collect();
    table.push(Column::category("postcode", Role::Category, &codes)).unwrap();
    table.push(Column::number("id", Role::Identifier, (0..600).map(f64::from).collect())).unwrap();
    let standing = |unblocked: &[String], name: &str| {
        let found = choices::candidates(&table, "y", unblocked, &[]).unwrap();
        found.into_iter().find(|c| c.column == name).unwrap().standing
    };
    for (name, figures) in [("postcode", "200 different values in 600"), ("id", "600 values in 600")] {
        let aside = standing(&[], name);
        assert!(!aside.is_used() && aside.is_held_back() && !aside.is_leak());
        assert!(aside.reason().unwrap().contains(figures), "{aside:?}");
        let wanted = standing(&[name.to_owned()], name);
        assert!(matches!(wanted, Standing::Wanted { .. }) && wanted.is_used());
    }
    let families = ["linear_regression", "decision_tree", "k_neighbors"];
    let plain = compare(&table, plan("y", &families)).unwrap();
    assert!(plain.notes.iter().any(|n| n.contains("little of new rows: postcode, id")), "{:?}", plain.notes);
    let wanted = ModelPlan { unblocked: vec!["postcode".into(), "id".into()], ..plan("y", &families) };
    let found = compare(&table, wanted).unwrap();
    assert!(found.plan.features.contains(&"postcode".to_owned()), "{:?}", found.plan.features);
    assert!(found.results.iter().all(|r| r.error.is_none()));
}

#[test]
fn infinity_is_a_gap_for_every_family() {
    let mut table = small_table(60);
    let mut x = table.column("x").unwrap().as_numbers().unwrap().into_owned();
    (x[3], x[17]) = (f64::INFINITY, f64::NEG_INFINITY);
    table.put(Column::number("x", Role::Number, x)).unwrap();
    let all: Vec<&str> = FAMILIES.iter().filter(|f| f.suits(Outcome::Amount)).map(|f| f.slug()).collect();
    let found = compare(&table, plan("y", &all)).unwrap();
    for result in found.results.iter().filter(|r| r.error.is_none()) {
        assert!(result.mean.rmse.is_finite(), "{}", result.title);
    }
    let failed: Vec<&str> =
        found.results.iter().filter(|r| r.error.is_some()).map(|r| r.family.as_str()).collect();
    // Counts cannot be below 0, whatever the columns hold.
    assert!(failed.iter().all(|f| f.contains("poisson") || f.contains("binomial")), "{failed:?}");
}

#[test]
fn collinear_columns_are_reported_and_predict_as_without() {
    let mut table = small_table(60);
    let x = table.column("x").unwrap().as_numbers().unwrap().into_owned();
    let noise = table.column("noise").unwrap().as_numbers().unwrap().into_owned();
    let sum = x.iter().zip(&noise).map(|(a, b)| a + b).collect();
    let without = compare(&table, plan("y", &["linear_regression"])).unwrap();
    table.push(Column::number("sum", Role::Number, sum)).unwrap();
    let with = compare(&table, plan("y", &["linear_regression"])).unwrap();
    assert!(with.notes.iter().any(|n| n.contains("4 of 5")), "{:?}", with.notes);
    close(with.results[1].pooled.rmse, without.results[1].pooled.rmse, 1e-9);
}

#[test]
fn more_columns_than_rows_still_give_scores() {
    let mut rng = Ctx::quiet(2).rng(0);
    let mut columns: Vec<Column> = (0..30)
        .map(|j| Column::number(format!("x{j}"), Role::Number, (0..12).map(|_| rng.normal()).collect()))
        .collect();
    columns.push(Column::number("y", Role::Number, (0..12).map(f64::from).collect()));
    let table = Table::new(TableKind::Other, columns).unwrap();
    let found = compare(&table, plan("y", &[])).unwrap();
    assert!(found.results.iter().all(|r| r.error.is_none() && r.pooled.rmse.is_finite()));
}

#[test]
fn bad_plans_have_named_errors() {
    let table = small_table(30);
    assert!(matches!(compare(&table, plan("nope", &[])), Err(ModelError::NoSuchColumn { .. })));
    assert!(matches!(compare(&table, plan("level", &[])), Err(ModelError::TargetNotNumeric { .. })));
    assert!(matches!(compare(&table, plan("y", &["nope"])), Err(ModelError::UnknownFamily { .. })));
    let constant = Table::new(
        TableKind::Other,
        vec![
            Column::number("y", Role::Number, vec![2.0; 9]),
            Column::number("x", Role::Number, (0..9).map(f64::from).collect()),
        ],
    )
    .unwrap();
    assert!(matches!(compare(&constant, plan("y", &[])), Err(ModelError::ConstantTarget { .. })));
    assert!(matches!(compare(&constant, plan("x", &[])), Err(ModelError::NoFeatures)));
    assert!(matches!(compare(&table.take_rows(&[0]), plan("y", &[])), Err(ModelError::TooFewRows { .. })));
    assert!(matches!(
        compare(&table.take_rows(&[0, 1, 2]), plan("y", &[])),
        Err(ModelError::TooFewRows { .. })
    ));
    let mut grouped = plan("y", &[]);
    grouped.validation = Validation::GroupKFold { k: 5, group: "level".into() };
    assert!(matches!(compare(&table, grouped), Err(ModelError::TooFewGroups { got: 3, .. })));
}

#[test]
fn a_stopped_job_keeps_the_families_that_are_done() {
    let table = small_table(40);
    let mut job = job_of(&table, plan("y", &["linear_regression", "random_forest"])).unwrap();
    let ctx = Ctx::quiet(0);
    let Ok(Stage::Work(batch)) = job.step(Vec::new(), false, &ctx) else { panic!("no tasks") };
    assert_eq!(batch.tasks[7].label, "Linear regression, fold 3 of 5");
    let mut store = SharedStore::default();
    batch.shared.into_iter().for_each(|(id, bytes)| store.hold(id, bytes));
    let outputs = batch
        .tasks
        .iter()
        .enumerate()
        .map(|(i, t)| (i < 12).then(|| tasks::run(t, &mut store, &|_, _| true).unwrap()))
        .collect();
    let Ok(Stage::Done(found)) = job.step(outputs, true, &ctx) else { panic!("not done") };
    assert_eq!(found.results.len(), 2);
    assert_eq!(found.verdict.winner, "linear_regression");
    assert!(
        found.verdict.sentence.ends_with("Stopped before 1 of 2 models were done."),
        "{}",
        found.verdict.sentence
    );
}

#[test]
fn a_forest_in_parts_is_the_forest() {
    let mut frame = Frame::new(&small_table(90), "y", &["x".into(), "level".into()]).unwrap();
    frame.fold[..20].fill(0);
    for family in ["random_forest", "extra_trees"] {
        let settings = Settings::new().with("trees", 25_i64);
        let fit = FitFold { family: family.into(), settings, fold: 0 };
        let whole = fit.clone().run(&frame, &Ctx::quiet(9)).unwrap();
        let n = FitPart::n_parts(&fit).unwrap();
        assert_eq!(n, 3);
        let part = |part| FitPart { fit: fit.clone(), part }.run(&frame, &Ctx::quiet(9)).unwrap();
        // Grown in another order, joined in theirs.
        let mut parts: Vec<_> = (0..n).rev().map(part).collect();
        parts.reverse();
        assert_eq!(FitPart::join(&fit, &frame, parts), whole, "{family}");
    }
    let fit = FitFold { family: "ada_boost".into(), settings: Settings::new(), fold: 0 };
    assert_eq!(FitPart::n_parts(&fit).unwrap(), 1);
}

#[test]
fn a_forest_of_many_rows_is_shared_out_by_the_comparison() {
    let table = small_table(5_000);
    let mut plan = plan("y", &[]);
    plan.families = vec![FamilyChoice {
        family: "random_forest".into(),
        settings: Settings::new().with("trees", 25_i64).with("min_samples_leaf", 200_i64),
    }];
    let mut job = job_of(&table, plan.clone()).unwrap();
    let Ok(Stage::Work(batch)) = job.step(Vec::new(), false, &Ctx::quiet(0)) else { panic!("no tasks") };
    let labels: Vec<&str> = batch.tasks.iter().map(|t| t.label.as_str()).collect();
    assert_eq!(labels.len(), 5 + 5 * 3);
    assert_eq!(labels[5..8].last(), Some(&"Random forest, fold 1 of 5, part 3 of 3"));
    let found = compare(&table, plan.clone()).unwrap();
    // The same fold, fitted whole.
    let frame: Frame = postcard::from_bytes(&batch.shared[0].1).unwrap();
    let fit =
        FitFold { family: "random_forest".into(), settings: plan.families[0].settings.clone(), fold: 2 };
    let task = batch.tasks.iter().find(|t| t.label.starts_with("Random forest, fold 3")).unwrap();
    let whole = fit.run(&frame, &Ctx::quiet(task.seed)).unwrap();
    let scores = metrics::scores(&frame.y_of(&frame.test_rows(2)), &whole.predictions);
    assert_eq!(found.results[1].folds[2], scores);
    assert_eq!(found.results[1].facts[0], ("trees".to_owned(), "25".to_owned()));
}

#[test]
fn losses_refuse_targets_they_do_not_fit() {
    let x = Matrix::from_columns(&[vec![0.0, 1.0, 2.0, 3.0]]);
    let fit = |loss: &str, y: &[f64]| {
        let family = super::family("gradient_boosting").unwrap();
        let trainer = family.trainer(&Settings::new().with("loss", loss)).unwrap();
        trainer.fit(&x, y, &Ctx::quiet(0)).map(|fitted| fitted.predict(&x))
    };
    for (loss, y) in [
        ("poisson", [1.0, -1.0, 2.0, 3.0]),
        ("poisson", [0.0; 4]),
        ("logistic", [0.0, 1.0, 2.0, 0.0]),
        ("logistic", [1.0; 4]),
        ("squared", [f64::NAN, 1.0, 2.0, 3.0]),
        ("squared", [f64::INFINITY, 1.0, 2.0, 3.0]),
    ] {
        assert!(matches!(fit(loss, &y), Err(ModelError::Refused { .. })), "{loss} {y:?}");
    }
    assert!(fit("poisson", &[0.0, 1.0, 0.0, 9.0]).unwrap().iter().all(|p| *p > 0.0 && p.is_finite()));
    assert!(fit("logistic", &[0.0, 0.0, 1.0, 1.0]).unwrap().iter().all(|p| *p > 0.0 && *p < 1.0));
}

#[test]
fn trees_take_missing_cells_and_categories_as_they_are() {
    let level: Vec<Option<&str>> = (0..60).map(|i| [Some("a"), Some("b"), None, Some("c")][i % 4]).collect();
    let y: Vec<f64> = (0..60).map(|i| [5.0, 0.0, 0.0, 5.0][i % 4]).collect();
    let gaps: Vec<f64> = (0..60).map(|i| if i % 3 == 0 { f64::NAN } else { 1.0 }).collect();
    let table = Table::new(
        TableKind::Other,
        vec![
            Column::number("y", Role::Number, y.clone()),
            Column::number("gaps", Role::Number, gaps),
            Column::category("level", Role::Category, &level),
        ],
    )
    .unwrap();
    let frame = Frame::new(&table, "y", &["gaps".into(), "level".into()]).unwrap();
    let rows: Vec<u32> = (0..60).collect();
    let x = Design::learn(&frame, &rows, false).matrix(&frame, &rows);
    assert!(x.get(0, 0).is_nan() && x.get(2, 1).is_nan());
    assert_eq!((x.levels(0), x.levels(1)), (0, 3));
    // One question parts a and c from b and none.
    let family = super::family("decision_tree").unwrap();
    let trainer = family.trainer(&Settings::new().with("max_depth", 1_i64)).unwrap();
    assert_eq!(trainer.fit(&x, &y, &Ctx::quiet(0)).unwrap().predict(&x), y);
}

#[test]
fn importance_of_a_constant_model_is_nothing() {
    let mut frame = Frame::new(&small_table(40), "y", &["x".into()]).unwrap();
    frame.fold[..10].fill(0);
    let fit = FitFold { family: "baseline".into(), settings: Settings::new(), fold: 0 };
    let fitted = fit.run(&frame, &Ctx::quiet(0)).unwrap().fitted;
    let work = Importances {
        family: "baseline".into(),
        fold: 0,
        groups: vec![vec![0]],
        exposure: String::new(),
        fitted,
    };
    assert_eq!(work.run(&frame, &Ctx::quiet(0)).unwrap(), [[0.0; 5]]);
}

#[test]
fn an_outcome_and_what_is_made_from_it_leak() {
    let n = 40;
    let number = |name: &str, role, f: &dyn Fn(f64) -> f64| {
        Column::number(name, role, (0..n).map(|i| f(f64::from(i))).collect())
    };
    let response = number("Response", Role::Response, &|i| f64::from(u8::from((i as u32).is_multiple_of(3))));
    let visits = number("Visits", Role::WebVisits, &|i| (i * 7.0) % 11.0);
    let rate = number("Conversion rate", Role::Ratio, &|i| i % 5.0).from_columns(&[&response, &visits]);
    let copy =
        number("Twice", Role::Number, &|i| 2.0 * f64::from(u8::from((i as u32).is_multiple_of(3))) + 1.0);
    let table = Table::new(TableKind::Customers, vec![visits, response, rate, copy]).unwrap();
    let found = choices::choices(&table, None, &[], &[], 1).unwrap();
    assert_eq!(found.target, "Response");
    let leaks: Vec<&str> = found
        .candidates
        .iter()
        .filter(|c| matches!(c.standing, Standing::Leaks { .. }))
        .map(|c| c.column.as_str())
        .collect();
    assert_eq!(leaks, ["Conversion rate", "Twice"]);
    let freed = choices::choices(&table, None, &["Twice".into()], &[], 1).unwrap();
    let standing = &freed.candidates[2].standing;
    assert!(
        matches!(standing, Standing::Unblocked { reason } if reason.contains("another scale")),
        "{standing:?}"
    );
}

#[test]
fn ada_boost_ends_when_a_tree_is_perfect() {
    let x = Matrix::from_columns(&[vec![0.0, 1.0, 2.0, 3.0]]);
    let family = super::family("ada_boost").unwrap();
    let fitted = family.trainer(&Settings::new()).unwrap().fit(&x, &[1.0; 4], &Ctx::quiet(0)).unwrap();
    assert_eq!(fitted.predict(&x), [1.0; 4]);
}

/// A family's scores on one split, and its errors row by row.
fn on_one_split(
    family: &str,
    actual: &[f64],
    predicted: &[f64],
) -> (FamilyResult, Vec<f64>, Vec<Prediction>) {
    let scores = metrics::scores(actual, predicted);
    let rows = (0..).zip(actual.iter().zip(predicted));
    let result = FamilyResult {
        family: family.into(),
        title: super::family(family).unwrap().title().into(),
        folds: vec![scores],
        mean: scores,
        sd: Scores::default(),
        pooled: scores,
        facts: Vec::new(),
        coefficients: None,
        error: None,
    };
    let held_out = rows.map(|(row, (&actual, &predicted))| Prediction { row, actual, predicted }).collect();
    (result, actual.iter().zip(predicted).map(|(a, p)| (a - p) * (a - p)).collect(), held_out)
}

/// Models of the reference split as a comparison of one split judges them.
fn judged(
    keep: impl Fn(&str) -> bool,
) -> Option<(super::comparison::PairTest, super::comparison::Verdict, (f64, f64))> {
    let (reference, frame) = (reference("ads.json")?, seed_features(keep)?);
    let frame = hold_out(frame, &reference);
    let y = frame.y_of(&frame.test_rows(0));
    let folds = Folds { n_folds: 1, n_test: y.len() as u64, test_over_train: 0.25, outcome: Outcome::Amount };
    let of = |family: &str| on_one_split(family, &y, &fit(&frame, family, 0, 0));
    let (mean, mean_errors, _) = of("baseline");
    let (linear, linear_errors, held_out) = of("linear_regression");
    let mut pairs = vec![verdict::pair(&mean, &linear, (&mean_errors, &linear_errors), &folds)];
    verdict::adjust(&mut pairs);
    let found = verdict::verdict(&[&mean, &linear], &pairs, &folds).unwrap();
    let (r2, interval) = verdict::held_out_r2(&held_out).unwrap();
    close(r2, linear.mean.r2.unwrap(), 1e-12);
    Some((pairs.remove(0), found, interval.unwrap()))
}

#[test]
fn one_split_names_the_model_that_clearly_beats_the_mean() {
    for (keep, r2) in [((|_| true) as fn(&str) -> bool, 0.754), (|n| !n.contains("Conversion"), 0.670)] {
        let Some((pair, found, (low, high))) = judged(keep) else { return };
        assert_eq!((found.winner.as_str(), found.beats_baseline), ("linear_regression", true), "{pair:?}");
        assert!(found.sentence.starts_with("Linear regression predicts best"), "{}", found.sentence);
        assert!(!found.sentence.contains("fold"), "{}", found.sentence);
        // A t of the plain differences of squared errors is 1.6 and 1.5 here.
        assert!(pair.t.unwrap() > 2.3 && pair.p.unwrap() < 0.02, "{pair:?}");
        let (worst, best) = pair.interval.unwrap();
        assert!(0.0 < worst && worst < pair.difference && pair.difference < best, "{pair:?}");
        assert!(0.0 < low && low < r2 && r2 < high && high < 1.0, "{low} to {high}");
    }
}

#[test]
fn one_split_seldom_tells_equal_models_apart() {
    let mut rng = Ctx::quiet(21).rng(0);
    let folds = Folds { n_folds: 1, n_test: 150, test_over_train: 0.25, outcome: Outcome::Amount };
    let (n_sims, mut n_apart) = (2_000, 0);
    for _ in 0..n_sims {
        // Long tails, as counts of purchases have: one row in ten is six times as hard to predict.
        let spread: Vec<f64> = (0..150).map(|i| if i % 10 == 0 { 6.0 } else { 1.0 }).collect();
        let shared: Vec<f64> = spread.iter().map(|s| s * rng.normal()).collect();
        let mut model = |family: &str| {
            let guess: Vec<f64> = spread.iter().map(|s| 0.5 * s * rng.normal()).collect();
            on_one_split(family, &shared, &guess)
        };
        let ((a, a_errors, _), (b, b_errors, _)) = (model("baseline"), model("linear_regression"));
        let pair = verdict::pair(&a, &b, (&a_errors, &b_errors), &folds);
        n_apart += u32::from(pair.p.unwrap() < 0.05);
    }
    let rate = f64::from(n_apart) / f64::from(n_sims);
    assert!((0.01..0.08).contains(&rate), "{rate}");
}

#[test]
fn one_split_speaks_of_one_split() {
    let mut plan = plan("y", &["linear_regression"]);
    plan.validation = Validation::HoldOut { test_share: 0.2 };
    let found = compare(&small_table(100), plan).unwrap();
    assert_eq!(found.verdict.winner, "linear_regression");
    let texts: Vec<&str> = found.claims.iter().map(|c| c.sentence.as_str()).collect();
    assert_eq!(texts.len(), 2, "{texts:?}");
    assert!(texts.iter().all(|t| !t.contains("fold")), "{texts:?}");
    assert!(found.claims.iter().all(|c| c.record.interval.is_some()), "{:?}", found.claims);
    assert_eq!(found.claims[0].record.rows, "20 of 100 rows held out");
    assert_eq!(found.pairs[0].p_holm, found.pairs[0].p);
}

#[test]
fn the_mean_is_no_finding() {
    let mut table = small_table(60);
    let mut rng = Ctx::quiet(8).rng(0);
    let luck = (0..60).map(|_| rng.normal()).collect();
    table.put(Column::number("y", Role::Number, luck)).unwrap();
    for validation in [Validation::KFold { k: 5 }, Validation::HoldOut { test_share: 0.3 }] {
        let mut plan = plan("y", &["linear_regression"]);
        plan.validation = validation;
        let found = compare(&table, plan).unwrap();
        assert_eq!(found.verdict.winner, "baseline");
        let texts: Vec<&str> = found.claims.iter().map(|c| c.sentence.as_str()).collect();
        assert_eq!(texts.len(), 1, "{texts:?}");
        assert!(
            texts[0].starts_with("Whether linear regression predicts y better than its mean"),
            "{texts:?}"
        );
    }
}

#[test]
fn p_of_pairs_is_adjusted_within_each_question() {
    let found = compare(&small_table(120), plan("y", &[])).unwrap();
    assert_eq!(found.pairs.len(), 15);
    for is_of_baseline in [true, false] {
        let asked: Vec<_> =
            found.pairs.iter().filter(|p| (p.worse == "baseline") == is_of_baseline).collect();
        assert_eq!(asked.len(), if is_of_baseline { 5 } else { 10 });
        let smallest = asked.iter().min_by(|a, b| a.p.unwrap().total_cmp(&b.p.unwrap())).unwrap();
        let n = asked.len() as f64;
        close(smallest.p_holm.unwrap(), (n * smallest.p.unwrap()).min(1.0), 1e-12);
        assert!(asked.iter().all(|p| p.p_holm >= p.p));
    }
    let test = found.claims[0].record.test.as_ref().unwrap();
    assert_eq!(test.n_tests, Some(5));
    assert!(test.p_holm > Some(test.p));
}

fn clean(slug: &str, settings: Settings) -> RecipeStep {
    RecipeStep::Clean(StepCall::new(slug, settings))
}

/// The target with holes, a far value and a code for missing.
fn dirty_table() -> Table {
    let mut table = small_table(100);
    let mut y = table.column("y").unwrap().as_numbers().unwrap().into_owned();
    y[3] = f64::NAN;
    y[4] = f64::NAN;
    y[10] = 60.0;
    y[11] = 999.0;
    table.put(Column::number("y", Role::Number, y)).unwrap();
    table
}

#[test]
fn what_models_are_scored_against_does_not_depend_on_cleaning() {
    let raw = dirty_table();
    let of_y = || Settings::new().with("columns", vec!["y".to_owned()]);
    let steps = vec![
        clean("sentinels_to_missing", of_y().with("values", vec![999.0])),
        clean("outliers", of_y().with("action", "winsorise")),
        clean("fill_missing", of_y().with("method", "median")),
    ];
    let found = compare_with(&raw, steps, plan("y", &["linear_regression"])).unwrap();
    let y = raw.column("y").unwrap().as_numbers().unwrap().into_owned();
    for (_, rows) in &found.predictions {
        assert_eq!(rows.len(), 97);
        assert!(rows.iter().all(|p| p.actual == y[p.row as usize]));
        assert!(rows.iter().any(|p| p.row == 10) && !rows.iter().any(|p| [3, 4, 11].contains(&p.row)));
    }
    assert_eq!((found.n_rows, found.n_left_out), (97, 3));
    let said = |words: &str| found.notes.iter().any(|n| n.contains(words));
    assert!(said("y is predicted as it was read") && said("filled it in 3 rows"), "{:?}", found.notes);
    // Nothing was done to the target: nothing is said of it.
    let plain = compare_with(&small_table(50), Vec::new(), plan("y", &["linear_regression"])).unwrap();
    assert!(!plain.notes.iter().any(|n| n.contains("as it was read")), "{:?}", plain.notes);
}

#[test]
fn a_column_filled_by_the_target_is_a_leak() {
    let mut table = small_table(60);
    let mut x = table.column("x").unwrap().as_numbers().unwrap().into_owned();
    x.iter_mut().step_by(3).for_each(|v| *v = f64::NAN);
    table.put(Column::number("x", Role::Number, x)).unwrap();
    let bought = (0..60).map(|i| Some(i % 2 == 0)).collect();
    let bought = Column::new("bought", Role::Category, Values::Boolean(bought));
    table.push(bought).unwrap();
    let by = |group: &str| {
        let settings = Settings::new().with("columns", vec!["x".to_owned()]).with("method", "group_median");
        vec![clean("fill_missing", settings.with("group", group))]
    };
    let leaked = compare_with(&table, by("bought"), plan("bought", &["linear_regression"])).unwrap();
    let standing = &leaked.candidates.iter().find(|c| c.column == "x").unwrap().standing;
    let Standing::Leaks { reason } = standing else { panic!("{standing:?}") };
    assert!(reason.contains("filled by groups of bought") && reason.contains("Clean page"), "{reason}");
    assert!(!leaked.plan.features.contains(&"x".to_owned()));
    let fair = compare_with(&table, by("level"), plan("bought", &["linear_regression"])).unwrap();
    assert!(fair.plan.features.contains(&"x".to_owned()));
}

#[test]
fn rows_dropped_inside_a_fold_are_counted_and_none_appears() {
    let table = small_table(50);
    let all: Vec<u32> = (0..50).collect();
    let mut prepare = |learn: LearnFrom<'_>| {
        // Looked at as a whole the table loses row 0, in every fold rows 1 and 2, but not row 0.
        Ok(match learn {
            LearnFrom::All => made(table.take_rows(&all[1..])),
            LearnFrom::Training(_) => made(table.take_rows(&[&all[..1], &all[3..]].concat())),
        })
    };
    let source = Source { prepare: &mut prepare, as_read: &table, learns: true };
    let plan = plan("y", &["linear_regression"]);
    let found = run_job(ComparisonJob::new(source, plan, &Ctx::quiet(0)).unwrap(), false).unwrap();
    let rows: Vec<u32> = found.predictions[0].1.iter().map(|p| p.row).collect();
    assert_eq!(rows, all[3..]);
    assert_eq!(found.n_rows, 49);
    assert!(
        found.claims.iter().all(|c| c.record.rows == "47 of 49 rows, each held out once"),
        "{:?}",
        found.claims
    );
    assert!(found.notes.iter().any(|n| n.starts_with("2 rows are dropped")), "{:?}", found.notes);
}

#[test]
fn a_step_that_fails_inside_a_fold_is_told() {
    let table = small_table(50);
    let mut n = 0;
    let mut prepare = |_: LearnFrom<'_>| {
        n += 1;
        let failures = if n == 3 {
            vec![("Scale numbers".to_owned(), "no row has a value".to_owned())]
        } else {
            Vec::new()
        };
        Ok(Made { failures, ..made(table.clone()) })
    };
    let source = Source { prepare: &mut prepare, as_read: &table, learns: true };
    let plan = plan("y", &["linear_regression"]);
    let found = run_job(ComparisonJob::new(source, plan, &Ctx::quiet(0)).unwrap(), false).unwrap();
    let told = found.notes.iter().find(|n| n.contains("Scale numbers")).expect("a note");
    assert!(told.contains("in fold 2 of 5") && told.contains("no row has a value"), "{told}");
    // A fold without rows is an error with a name.
    let mut prepare = |learn: LearnFrom<'_>| {
        Ok(match learn {
            LearnFrom::All => made(table.clone()),
            LearnFrom::Training(_) => made(table.take_rows(&[])),
        })
    };
    let source = Source { prepare: &mut prepare, as_read: &table, learns: true };
    let refused = ComparisonJob::new(source, self::plan("y", &["linear_regression"]), &Ctx::quiet(0));
    assert!(matches!(refused, Err(ModelError::Refused { .. })));
}

#[test]
fn families_read_as_english_inside_a_sentence() {
    let names: Vec<String> = FAMILIES.iter().map(|f| verdict::in_sentence(f.title())).collect();
    let expected = [
        "the mean",
        "linear regression",
        "logistic regression",
        "ridge regression",
        "the lasso",
        "the elastic net",
        "Poisson regression",
        "negative binomial regression",
        "the decision tree",
        "k nearest neighbours",
        "support vector regression",
        "the random forest",
        "extra trees",
        "gradient boosting",
        "AdaBoost.R2",
    ];
    assert_eq!(names, expected);
}

/// Runs any job, its tasks in order.
fn run_any<T>(mut job: impl Job<Outcome = T, Error = ModelError>) -> Result<T, ModelError> {
    let ctx = Ctx::quiet(0);
    let mut store = SharedStore::default();
    let mut outputs = Vec::new();
    loop {
        match job.step(std::mem::take(&mut outputs), false, &ctx)? {
            Stage::Done(found) => return Ok(found),
            Stage::Work(batch) => {
                batch.shared.into_iter().for_each(|(id, bytes)| store.hold(id, bytes));
                let run = |task| Some(tasks::run(task, &mut store, &|_, _| true).unwrap());
                outputs = batch.tasks.iter().map(run).collect();
            }
        }
    }
}

fn climb(table: &Table, plan: LadderPlan, model: &ModelPlan, chosen: &str) -> Result<Ladder, ModelError> {
    let mut prepare = |_: LearnFrom<'_>| Ok(made(table.clone()));
    let source = Source { prepare: &mut prepare, as_read: table, learns: false };
    run_any(LadderJob::new(source, plan, model, chosen, &Ctx::quiet(0))?)
}

/// The reference, scikit-learn 1.x on dummies of campaign, age, gender and interest and the numbers of the file:
/// `p[b] = LinearRegression().fit(X[a], y[a]).predict(X[b])`, `base[b] = y[a].mean()`, then
/// `1 - ((y - p) ** 2).sum() / ((y - base) ** 2).sum()` over `KFold(5, shuffle=True)`, `GroupKFold(5)` by `fb_campaign_id` and
/// `LeaveOneGroupOut()` by `xyz_campaign_id` (without its dummies). Folds are shuffled otherwise here, and interests that no other campaign has
/// are predicted like another first level, so scores are only near.
#[test]
fn the_ladder_of_the_ads_is_that_of_the_reference() {
    let Some(table) = ads_table() else { return };
    let model = choices::choices(&table, None, &[], &[], 42).unwrap().plan;
    let ladder = climb(&table, LadderPlan::default(), &model, "linear_regression").unwrap();
    let found: Vec<(RungKind, f64)> = ladder.scored().map(|(r, s)| (r.kind, s)).collect();
    let expected = [
        (RungKind::EveryColumn, 0.735, 0.03),
        (RungKind::NoLeaks, 0.53, 0.05),
        (RungKind::Grouped, 0.52, 0.05),
        (RungKind::NewGroup, 0.236, 0.04),
        (RungKind::Known, 0.09, 0.03),
        (RungKind::KnownNewGroup, -0.113, 0.04),
    ];
    assert_eq!(found.len(), expected.len(), "{found:?}");
    for ((kind, score), (wanted, near, within)) in found.iter().zip(expected) {
        assert!(*kind == wanted && (score - near).abs() < within, "{kind:?} {score}, wanted {near}");
    }
    assert_eq!(ladder.plan.new_group, "xyz_campaign_id");
    assert!(
        ladder.sentence.starts_with("With every column R² is 0.7")
            && ladder
                .sentence
                .contains("on a campaign it has not seen, with only what is known before launch, it is −0.1"),
        "{}",
        ladder.sentence
    );
    let is_known = |name: &str| ladder.known.iter().find(|k| k.column == name).unwrap().is_known;
    assert!(is_known("age") && is_known("interest") && !is_known("Clicks") && !is_known("Impressions"));
    // Overruled: clicks count as known.
    let plan = LadderPlan { known: vec!["age".into(), "Clicks".into()], ..LadderPlan::default() };
    let other = climb(&table, plan, &model, "linear_regression").unwrap();
    let known = other.rungs.iter().find(|r| r.kind == RungKind::Known).unwrap();
    assert_eq!(known.columns, ["age", "Clicks"]);
}

#[test]
fn a_table_without_groups_or_roles_has_a_short_ladder() {
    let table = small_table(120);
    let ladder =
        climb(&table, LadderPlan::default(), &plan("y", &["linear_regression"]), "linear_regression")
            .unwrap();
    assert!(
        ladder.rungs.iter().all(|r| !matches!(r.kind, RungKind::Known | RungKind::KnownNewGroup)),
        "{ladder:?}"
    );
    assert!(!ladder.sentence.is_empty());
}

#[test]
fn the_learning_curve_ends_at_the_score_of_the_comparison() {
    let table = small_table(200);
    let compared = compare(&table, plan("y", &["linear_regression"])).unwrap();
    let mut prepare = |_: LearnFrom<'_>| Ok(made(table.clone()));
    let source = Source { prepare: &mut prepare, as_read: &table, learns: false };
    let job = LearningCurveJob::new(
        source,
        CurvePlan::default(),
        &compared.plan,
        compared.subject(),
        &Ctx::quiet(0),
    )
    .unwrap();
    let curve = run_any(job).unwrap();
    let sizes: Vec<f64> = curve.points.iter().map(|p| p.n_train).collect();
    assert!(
        sizes.len() >= 6 && sizes.windows(2).all(|w| w[0] < w[1]) && *sizes.last().unwrap() == 160.0,
        "{sizes:?}"
    );
    let linear = compared.results.iter().find(|r| r.family == "linear_regression").unwrap();
    assert_eq!(curve.points.last().unwrap().mean, linear.mean);
    assert!(curve.gain.is_some() && !curve.sentence.is_empty());
}

/// Rows that are in no training set change nothing of any fold's fits, whatever the split.
#[test]
fn every_split_keeps_held_out_rows_out_of_every_fit() {
    let table = small_table(90);
    let dated = Column {
        values: Values::Date((0..90).map(|i| f64::from((i * 7) % 30)).collect()),
        ..Column::number("day", Role::Date, vec![0.0; 90])
    };
    let mut table = table;
    table.put(dated).unwrap();
    let splits = [
        Validation::HoldOut { test_share: 0.3 },
        Validation::KFold { k: 3 },
        Validation::RepeatedKFold { k: 3, repeats: 2 },
        Validation::StratifiedKFold { k: 3, repeats: 2 },
        Validation::GroupKFold { k: 3, group: "level".into() },
        Validation::LeaveOneGroupOut { group: "level".into() },
        Validation::ForwardInTime { k: 3, date: "day".into() },
    ];
    for validation in splits {
        let mut frame = Frame::new(&table, "y", &["x".into(), "noise".into(), "level".into()]).unwrap();
        frame.y.iter_mut().for_each(|v| *v = v.abs());
        let n_folds = super::split::split_frame(&mut frame, &table, &validation, 3).unwrap();
        for fold in 0..n_folds {
            let training = frame.training_rows(fold);
            let test = frame.test_rows(fold);
            assert!(!training.is_empty() && !test.is_empty(), "{validation:?}");
            assert!(test.iter().all(|row| !training.contains(row)), "{validation:?}");
            let mut changed = frame.clone();
            for row in (0..90).filter(|row| !training.contains(row)) {
                changed.y[row as usize] = 1e6;
                for feature in &mut changed.features {
                    match &mut feature.values {
                        FeatureValues::Number(v) => v[row as usize] = -1e6,
                        FeatureValues::Category { codes, .. } => codes[row as usize] = 0,
                    }
                }
            }
            for family in ["linear_regression", "random_forest", "k_neighbors"] {
                let of = |frame: &Frame| {
                    let settings = if family == "random_forest" {
                        Settings::new().with("trees", 5_i64)
                    } else {
                        Settings::new()
                    };
                    FitFold { family: family.into(), settings, fold }
                        .run(frame, &Ctx::quiet(5))
                        .unwrap()
                        .fitted
                };
                assert_eq!(of(&frame), of(&changed), "{family} {validation:?}");
            }
        }
        if let Validation::ForwardInTime { .. } = validation {
            let day = |row: &u32| (row * 7) % 30;
            for fold in 0..n_folds {
                let latest = frame.training_rows(fold).iter().map(day).max();
                assert!(latest < frame.test_rows(fold).iter().map(day).min());
            }
        }
    }
}

#[test]
fn repeated_folds_average_the_predictions_of_a_row() {
    let table = small_table(60);
    let mut asked = plan("y", &["linear_regression"]);
    asked.validation = Validation::RepeatedKFold { k: 3, repeats: 4 };
    let found = compare(&table, asked).unwrap();
    assert_eq!(found.n_folds, 12);
    let linear = found.results.iter().find(|r| r.family == "linear_regression").unwrap();
    assert_eq!((linear.folds.len(), linear.pooled.n), (12, 60));
    assert!(found.notes.iter().any(|n| n.contains("held out 4 times")), "{:?}", found.notes);
    assert!(
        found.claims[0].record.rows.ends_with("each held out 4 times"),
        "{:?}",
        found.claims[0].record.rows
    );
    // 12 folds, a ratio of 1/2: Nadeau and Bengio's variance by hand.
    let pair = &found.pairs[0];
    let (better, worse) =
        (&linear.folds, &found.results.iter().find(|r| r.family == pair.worse).unwrap().folds);
    let gaps: Vec<f64> = worse.iter().zip(better).map(|(w, b)| w.rmse - b.rmse).collect();
    let (mean, sd) = metrics::mean_sd(&gaps);
    close(pair.t.unwrap(), mean / (sd * (1.0 / 12.0 + 0.5_f64).sqrt()), 1e-9);
}

#[test]
fn each_group_once_and_forward_in_time_say_what_they_did() {
    let mut table = small_table(120);
    let dated = Column {
        values: Values::Date((0..120).map(f64::from).collect()),
        ..Column::number("day", Role::Date, vec![0.0; 120])
    };
    table.put(dated).unwrap();
    let proposed = choices::choices(&table, Some("y"), &[], &[], 1).unwrap();
    assert_eq!(proposed.plan.validation, Validation::ForwardInTime { k: 5, date: "day".into() });
    let found =
        compare(&table, ModelPlan { families: plan("y", &["linear_regression"]).families, ..proposed.plan })
            .unwrap();
    assert_eq!(found.results[1].pooled.n, 100);
    assert!(found.notes.iter().any(|n| n.contains("the first 20 rows only train")), "{:?}", found.notes);
    assert!(
        found.claims[0].record.rows.contains("100 of 120 rows held out"),
        "{}",
        found.claims[0].record.rows
    );
    let mut grouped = plan("y", &["linear_regression"]);
    grouped.validation = Validation::LeaveOneGroupOut { group: "level".into() };
    let found = compare(&table, grouped).unwrap();
    assert_eq!(found.n_folds as usize, found.results[1].folds.len());
    assert_eq!(found.results[1].pooled.n, 120);
}
