//! The same bits on one, two and four workers: every family, both kinds of target, with and without weights, every split.

use std::sync::{
    Mutex,
    atomic::{AtomicUsize, Ordering},
};

use super::*;

/// Runs a job on so many threads, each with a store of its own as a worker of the page has it. Who runs which task is left
/// to chance.
fn on_workers<T>(mut job: impl Job<Outcome = T, Error = ModelError>, n_workers: usize) -> T {
    let mut outputs = Vec::new();
    loop {
        let batch = match job.step(std::mem::take(&mut outputs), false, &Ctx::quiet(0)).unwrap() {
            Stage::Done(found) => return found,
            Stage::Work(batch) => batch,
        };
        let (next, done) = (AtomicUsize::new(0), Mutex::new(vec![None; batch.tasks.len()]));
        let work = || {
            let mut store = SharedStore::default();
            batch.shared.iter().for_each(|(id, bytes)| store.hold(*id, bytes.clone()));
            loop {
                let place = next.fetch_add(1, Ordering::Relaxed);
                let Some(task) = batch.tasks.get(place) else { return };
                let output = tasks::run(task, &mut store, &|_, _| true).unwrap();
                done.lock().unwrap()[place] = Some(output);
            }
        };
        std::thread::scope(|scope| (0..n_workers).for_each(|_| drop(scope.spawn(work))));
        outputs = done.into_inner().unwrap();
    }
}

/// 90 rows with a count, a yes/no, weights, groups and dates.
fn table() -> Table {
    let n = 90;
    let mut rng = Ctx::quiet(29).rng(0);
    let mut table = small_table(n);
    let x = table.column("x").unwrap().as_numbers().unwrap().into_owned();
    let count = x.iter().map(|v| (3.0 * libm::exp(0.4 * v) + rng.unit() * 3.0).floor()).collect();
    let answer: Vec<Option<&str>> =
        x.iter().map(|v| Some(if v + 2.0 * rng.normal() > 0.0 { "yes" } else { "no" })).collect();
    let owner: Vec<Option<&str>> = (0..n).map(|r| Some(["k", "l", "m", "n", "o", "p"][r * 7 % 6])).collect();
    let day = Column {
        values: Values::Date((0..n).map(|r| ((r * 7) % 30) as f64).collect()),
        ..Column::number("day", Role::Date, vec![0.0; n])
    };
    for column in [
        Column::number("count", Role::Number, count),
        Column::category("answer", Role::Category, &answer),
        Column::number("times", Role::Number, (0..n).map(|r| [1.0, 2.5, 0.0, 0.5][r % 4]).collect()),
        Column::category("owner", Role::Category, &owner),
        day,
    ] {
        table.put(column).unwrap();
    }
    table
}

/// Every family that predicts this, small, and with the settings that draw random numbers.
fn every_family(outcome: Outcome) -> Vec<FamilyChoice> {
    let drawn: [(&str, Setting); 6] = [
        ("trees", 12_i64.into()),
        ("subsample", 0.7.into()),
        ("columns", 0.7.into()),
        ("validation", 0.2.into()),
        ("patience", 3_i64.into()),
        ("max_features", "third".into()),
    ];
    let choice = |family: &&dyn crate::engine::models::family::Family| {
        let knobs = family.knobs_for(outcome);
        let declared = drawn.iter().filter(|(slug, _)| knobs.iter().any(|k| k.slug == *slug));
        let settings = declared.map(|(slug, value)| ((*slug).to_owned(), value.clone())).collect();
        FamilyChoice { family: family.slug().into(), settings: Settings(settings) }
    };
    FAMILIES.iter().filter(|f| f.suits(outcome)).map(choice).collect()
}

#[track_caller]
fn check(outcome: Outcome, weight: Option<&str>, validation: Validation) {
    let table = table();
    let target = if outcome == Outcome::YesNo { "answer" } else { "count" };
    let plan = ModelPlan {
        outcome: Some(outcome),
        features: ["x", "noise", "level"].map(str::to_owned).to_vec(),
        validation: validation.clone(),
        families: every_family(outcome),
        weight: weight.map(str::to_owned),
        ..plan(target, &[])
    };
    let on = |n| on_workers(job_of(&table, plan.clone()).unwrap(), n);
    let alone = on(1);
    assert_eq!(alone.results.len(), plan.families.len());
    for result in &alone.results {
        // Nothing is shown to be the same of a family that gave nothing.
        let can = weight.is_none() || crate::engine::models::family(&result.family).unwrap().can_weigh();
        assert_eq!(result.error.is_none(), can, "{}: {:?}", result.family, result.error);
    }
    let bits = |found: &Comparison| postcard::to_stdvec(found).unwrap();
    for n in [2, 4] {
        let together = on(n);
        for (a, b) in alone.results.iter().zip(&together.results) {
            let same = postcard::to_stdvec(a).unwrap() == postcard::to_stdvec(b).unwrap();
            assert!(same, "{} differs on {n} workers: {validation:?}, weight {weight:?}", a.family);
        }
        assert!(bits(&alone) == bits(&together), "{n} workers: {validation:?}, weight {weight:?}");
    }
}

#[test]
fn every_family_gives_the_same_bits_on_any_number_of_workers() {
    for outcome in [Outcome::Amount, Outcome::YesNo] {
        for weight in [None, Some("times")] {
            check(outcome, weight, Validation::KFold { k: 3 });
        }
    }
}

#[test]
fn every_split_gives_the_same_bits_on_any_number_of_workers() {
    let splits = [
        Validation::HoldOut { test_share: 0.3 },
        Validation::RepeatedKFold { k: 2, repeats: 2 },
        Validation::StratifiedKFold { k: 3, repeats: 1 },
        Validation::GroupKFold { k: 3, group: "owner".into() },
        Validation::LeaveOneGroupOut { group: "level".into() },
        Validation::ForwardInTime { k: 3, date: "day".into() },
    ];
    for (i, validation) in splits.into_iter().enumerate() {
        // In turns with weights and without, so that each kind of target meets both.
        let weight = |odd: usize| (i % 2 == odd).then_some("times");
        check(Outcome::Amount, weight(0), validation.clone());
        check(Outcome::YesNo, weight(1), validation);
    }
}
