//! The search is honest, ends when told to with the best it has, and gives the same whoever runs it.

use super::{
    SearchKind, TunePlan, Tuning,
    job::TuneJob,
    work::{Cut, Loss, Parts, TuneFit},
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
        compare::{ComparisonJob, Made, Source},
        comparison::Comparison,
        family::ModelError,
        frame::Frame,
        outcome::Outcome,
        plan::{FamilyChoice, ModelPlan, Validation},
        work::ALL_ROWS,
    },
    pipeline::tasks,
    step::LearnFrom,
    task::{Batch, Job, SharedStore, Stage, Work},
};

/// y = sine of x and much noise: near neighbours learn the noise, far ones miss the wave.
fn waves(n: usize) -> Table {
    let mut rng = Ctx::quiet(11).rng(0);
    let x: Vec<f64> = (0..n).map(|_| 6.0 * rng.unit()).collect();
    let noise: Vec<f64> = (0..n).map(|_| rng.normal()).collect();
    let wave = |v: f64| {
        let folded = (v % 2.0) - 1.0;
        2.0 * folded.abs()
    };
    let y = x.iter().map(|&v| wave(v) + rng.normal()).collect();
    let columns = vec![
        Column::number("y", Role::Number, y),
        Column::number("x", Role::Number, x),
        Column::number("noise", Role::Number, noise),
    ];
    Table::new(TableKind::Other, columns).unwrap()
}

fn plan(family: &str, kind: SearchKind, n_candidates: u32) -> TunePlan {
    TunePlan {
        model: ModelPlan {
            target: "y".into(),
            outcome: None,
            features: Vec::new(),
            unblocked: Vec::new(),
            validation: Validation::KFold { k: 4 },
            families: Vec::new(),
            seed: 5,
            weight: None,
            tuned: Vec::new(),
        },
        family: family.into(),
        kind,
        n_candidates,
        inner_folds: 3,
    }
}

fn job(table: &Table, plan: TunePlan) -> Result<TuneJob, ModelError> {
    let mut prepare =
        |_: LearnFrom<'_>| Ok(Made { table: table.clone(), failures: Vec::new(), informed: Vec::new() });
    TuneJob::new(Source { prepare: &mut prepare, as_read: table, learns: false }, plan, &Ctx::quiet(0))
}

fn outputs(batch: &Batch, backwards: bool) -> Vec<Option<Vec<u8>>> {
    let mut store = SharedStore::default();
    batch.shared.iter().for_each(|(id, bytes)| store.hold(*id, bytes.clone()));
    let mut order: Vec<usize> = (0..batch.tasks.len()).collect();
    if backwards {
        order.reverse();
    }
    let mut outputs = vec![None; order.len()];
    for i in order {
        outputs[i] = Some(tasks::run(&batch.tasks[i], &mut store, &|_, _| true).unwrap());
    }
    outputs
}

/// Runs it to its end; `meanwhile` sees each batch before it is run, and may cut its outputs: `true` stops.
fn run(
    mut job: TuneJob,
    backwards: bool,
    mut meanwhile: impl FnMut(&mut TuneJob, usize, &mut Vec<Option<Vec<u8>>>) -> bool,
) -> Result<Tuning, ModelError> {
    let ctx = Ctx::quiet(0);
    let (mut last, mut stopped) = (Vec::new(), false);
    for n in 0.. {
        match job.step(std::mem::take(&mut last), stopped, &ctx)? {
            Stage::Done(found) => return Ok(found),
            Stage::Work(batch) => {
                assert!(!stopped, "work after a stop");
                last = outputs(&batch, backwards);
                stopped = meanwhile(&mut job, n, &mut last);
            }
        }
    }
    unreachable!("a job ends")
}

fn whole(table: &Table, plan: TunePlan) -> Tuning {
    run(job(table, plan).unwrap(), false, |_, _, _| false).unwrap()
}

/// The comparison that a search of a family starts from.
fn compared(table: &Table, family: &str) -> Comparison {
    let mut prepare =
        |_: LearnFrom<'_>| Ok(Made { table: table.clone(), failures: Vec::new(), informed: Vec::new() });
    let families = vec![FamilyChoice { family: family.into(), settings: Settings::new() }];
    let model = ModelPlan { families, ..plan(family, SearchKind::Random, 1).model };
    let source = Source { prepare: &mut prepare, as_read: table, learns: false };
    let mut job = ComparisonJob::new(source, model, &Ctx::quiet(0)).unwrap();
    let mut last = Vec::new();
    loop {
        match job.step(std::mem::take(&mut last), false, &Ctx::quiet(0)).unwrap() {
            Stage::Done(found) => return found,
            Stage::Work(batch) => last = outputs(&batch, false),
        }
    }
}

#[test]
fn the_present_settings_score_as_in_the_comparison() {
    for family in ["k_neighbors", "decision_tree", "gradient_boosting"] {
        let table = waves(200);
        let nested = whole(&table, plan(family, SearchKind::Random, 2)).nested.unwrap();
        let comparison = compared(&table, family);
        let row = comparison.results.iter().find(|r| r.family == family).unwrap();
        assert_eq!(nested.present.loss, row.mean.rmse, "{family}");
        assert_eq!(nested.present.explained, row.mean.r2, "{family}");
    }
}

#[test]
fn a_gain_within_its_noise_is_not_called_one() {
    // Nothing can be learnt. The present settings learn the most of it, and which others are better is luck.
    let mut rng = Ctx::quiet(3).rng(0);
    let mut noise = |name: &str| Column::number(name, Role::Number, (0..120).map(|_| rng.normal()).collect());
    let table = Table::new(TableKind::Other, vec![noise("y"), noise("x"), noise("z")]).unwrap();
    for family in ["k_neighbors", "decision_tree", "random_forest"] {
        let found = whole(&table, TunePlan { n_candidates: 8, ..plan(family, SearchKind::Random, 8) });
        let nested = found.nested.as_ref().unwrap();
        assert!(nested.tuned.loss < nested.present.loss && !nested.helps(), "{family}: {nested:?}");
        assert!(found.sentence.starts_with("Tuning may help"), "{}", found.sentence);
    }
}

#[test]
fn a_search_finds_better_settings_and_says_by_how_much() {
    let mut plan_of_ten = plan("k_neighbors", SearchKind::Random, 20);
    plan_of_ten.model.validation = Validation::KFold { k: 10 };
    let found = whole(&waves(1_000), plan_of_ten);
    assert_eq!(found.tried.len(), 20);
    let scores: Vec<f64> = found.tried.iter().map(|t| t.score.unwrap().loss).collect();
    assert!(scores.is_sorted(), "{scores:?}");
    let nested = found.nested.clone().unwrap();
    assert_eq!((nested.n_candidates, nested.n_folds, nested.chosen.len()), (20, 10, 10));
    // The noise has a standard deviation of 1: five neighbours are too few.
    let best = found.best().unwrap();
    assert!(best.settings.integer("neighbors", 5) > 10, "{best:?}");
    assert!(nested.tuned.loss < nested.present.loss && nested.tuned.loss > 0.9, "{nested:?}");
    assert!(found.sentence.starts_with("Tuning helps k nearest neighbours: RMSE 1."), "{}", found.sentence);
    assert!(nested.helps() && nested.p.is_some_and(|p| p < 0.05), "{nested:?}");

    let applied = found.applied(plan("k_neighbors", SearchKind::Random, 20).model);
    let choice = applied.families.iter().find(|c| c.family == "k_neighbors").unwrap();
    assert_eq!(choice.settings, best.settings);
    let note = &super::record::notes(&applied)[0];
    assert!(
        note.contains("found by random search among 20 candidates") && note.contains("optimism"),
        "{note}"
    );
    // Settings changed since are no longer those that were found.
    let mut changed = applied;
    changed.families.iter_mut().for_each(|c| c.settings = Settings::new());
    assert_eq!(super::record::notes(&changed), Vec::<String>::new());
}

#[test]
fn nothing_in_the_held_out_rows_of_a_fold_changes_what_it_chooses() {
    let table = waves(200);
    let before = whole(&table, plan("k_neighbors", SearchKind::Random, 9));
    let mut prepare =
        |_: LearnFrom<'_>| Ok(Made { table: table.clone(), failures: Vec::new(), informed: Vec::new() });
    let source = Source { prepare: &mut prepare, as_read: &table, learns: false };
    let model = ModelPlan {
        families: vec![FamilyChoice { family: "k_neighbors".into(), settings: Settings::new() }],
        ..plan("k_neighbors", SearchKind::Random, 9).model
    };
    let base = crate::engine::models::compare::ComparisonJob::new(source, model, &Ctx::quiet(0)).unwrap();
    for fold in 0..4 {
        let mut changed = table.clone();
        let mut y = table.column("y").unwrap().as_numbers().unwrap().into_owned();
        let mut x = table.column("x").unwrap().as_numbers().unwrap().into_owned();
        for row in base.frame_of(fold).test_rows(fold) {
            y[row as usize] = 40.0 - 3.0 * f64::from(row * 5 % 17);
            x[row as usize] = f64::from(row * 7 % 13);
        }
        changed.put(Column::number("y", Role::Number, y)).unwrap();
        changed.put(Column::number("x", Role::Number, x)).unwrap();
        let after = whole(&changed, plan("k_neighbors", SearchKind::Random, 9));
        let chosen = |t: &Tuning| t.nested.as_ref().unwrap().chosen[fold as usize].clone();
        assert_eq!(chosen(&before), chosen(&after));
        // What it is scored by is changed, so that the rows do have a say where they should.
        assert_ne!(before.nested.as_ref().unwrap().tuned, after.nested.as_ref().unwrap().tuned);
        // Not a single score within the search differs.
        let frame = |table: &Table| {
            let mut frame = Frame::new(table, "y", &["x".into(), "noise".into()]).unwrap();
            frame.fold.clone_from(&base.frame_of(ALL_ROWS).fold);
            frame
        };
        for part in 0..3 {
            let fit = TuneFit {
                family: "k_neighbors".into(),
                settings: Settings::new(),
                outer: fold,
                part: Some(part),
                parts: Parts { n: 3, cut: Cut::Shuffled, seed: 5 },
                share: 1000,
            };
            let loss = |table: &Table| fit.clone().run(&frame(table), &Ctx::quiet(1)).unwrap().unwrap();
            assert_eq!(loss(&table), loss(&changed));
        }
    }
}

#[test]
fn the_order_of_tasks_changes_nothing() {
    for kind in SearchKind::ALL {
        let found = |backwards| {
            let job = job(&waves(150), plan("decision_tree", kind, 9)).unwrap();
            run(job, backwards, |_, _, _| false).unwrap()
        };
        assert_eq!(found(false), found(true));
    }
}

#[test]
fn halving_keeps_the_right_ones() {
    let table = waves(1000);
    let full = whole(&table, plan("k_neighbors", SearchKind::Random, 27));
    let halved = whole(&table, plan("k_neighbors", SearchKind::Halving, 27));
    let at = |share: f64| halved.tried.iter().filter(|t| (t.share - share).abs() < 1e-9).count();
    assert_eq!((at(1.0), at(0.333), at(0.111)), (3, 6, 18));
    let rmse = |t: &Tuning| t.best().unwrap().score.unwrap().loss;
    assert!(rmse(&halved) <= 1.02 * rmse(&full), "{} {}", rmse(&halved), rmse(&full));
    // What was kept is of the better half on all rows too.
    for kept in halved.tried.iter().take(3) {
        let place = full.tried.iter().position(|t| t.settings == kept.settings).unwrap();
        assert!(place < 14, "{place}");
    }
}

#[test]
fn a_stop_keeps_the_best_of_what_was_done() {
    let table = waves(200);
    let asked = || plan("k_neighbors", SearchKind::Random, 30);
    // In the fourth batch (after 1, 4 and 4 candidates) only the fits of the folds and a few others were done.
    let stopped = run(job(&table, asked()).unwrap(), false, |_, n, outputs| {
        if n == 3 {
            outputs.iter_mut().skip(20).for_each(|o| *o = None);
        }
        n == 3
    });
    let stopped = stopped.unwrap();
    assert!(stopped.is_stopped && stopped.tried.len() >= 9 && stopped.n_left > 0, "{stopped:?}");
    let until_then = whole(&table, TunePlan { n_candidates: 9, ..asked() });
    assert_eq!(stopped.nested, until_then.nested);
    assert!(stopped.best().unwrap().score.unwrap().loss <= until_then.best().unwrap().score.unwrap().loss);
    // Stopped before anything was done: an error that says so.
    let early = run(job(&table, asked()).unwrap(), false, |_, _, outputs| {
        outputs.fill(None);
        true
    });
    assert_eq!(early.unwrap_err(), ModelError::Stopped);
}

/// A search of 10 seconds by a clock on which the batch `n` of so many tasks takes so many milliseconds.
fn timed(kind: SearchKind, n_candidates: u32, millis: impl Fn(usize, usize) -> u32) -> Tuning {
    let asked = plan("k_neighbors", kind, n_candidates);
    let job = job(&waves(1_000), asked).unwrap().within(Some(10.0));
    let ended = run(job, false, |job, n, outputs| {
        job.passed(millis(n, outputs.len()));
        false
    });
    ended.unwrap()
}

#[test]
fn a_search_begins_no_candidate_that_would_end_past_its_time_and_ends_with_an_honest_score() {
    // A candidate is 15 fits of 50 milliseconds.
    let ended = timed(SearchKind::Random, 300, |_, n_tasks| 50 * n_tasks as u32);
    let taken = ended.time.unwrap().taken;
    assert!((8.5..=11.0).contains(&taken), "{taken}");
    assert!(ended.is_stopped && (10..=13).contains(&ended.tried.len()), "{}", ended.tried.len());
    let n_candidates = ended.tried.len() as u32;
    let until_then = whole(&waves(1_000), plan("k_neighbors", SearchKind::Random, n_candidates));
    assert_eq!((&ended.tried, &ended.nested), (&until_then.tried, &until_then.nested));
    assert!(!until_then.is_stopped && !ended.sentence.contains(" s,"), "{}", ended.sentence);
    // The first takes nearly all of it: a second would not end in time.
    let one = timed(SearchKind::Random, 300, |n, _| if n == 0 { 9_000 } else { 500 });
    assert_eq!(one.tried.len(), 1);
    assert!(one.nested.is_some() && one.sentence.starts_with("Only the settings"), "{one:?}");
}

#[test]
fn halving_in_little_time_has_fewer_candidates_and_all_its_rungs() {
    let ended = timed(SearchKind::Halving, 243, |_, n_tasks| 5 * n_tasks as u32);
    let taken = ended.time.unwrap().taken;
    assert!(taken <= 11.0 && ended.is_stopped && ended.nested.is_some(), "{taken}");
    assert!(ended.tried.iter().any(|t| t.share == 1.0), "{:?}", ended.tried);
    assert!((9..200).contains(&ended.tried.len()), "{}", ended.tried.len());
    // With time enough it is the search that has no limit.
    let asked = || plan("k_neighbors", SearchKind::Halving, 27);
    let enough = timed(SearchKind::Halving, 27, |_, _| 1);
    let unlimited = whole(&waves(1_000), asked());
    assert_eq!((&enough.tried, &enough.nested), (&unlimited.tried, &unlimited.nested));
}

#[test]
fn a_search_that_took_longer_than_it_was_given_says_so() {
    let late = timed(SearchKind::Random, 300, |n, _| if n == 1 { 40_000 } else { 200 });
    assert_eq!(late.tried.len(), 5);
    let said = "more than the 10 s it was given: what was begun is finished.";
    assert!(late.sentence.contains(" It took 40 s, ") && late.sentence.ends_with(said), "{}", late.sentence);
    let applied = late.applied(plan("k_neighbors", SearchKind::Random, 1).model);
    let note = &super::record::notes(&applied)[0];
    assert!(note.ends_with(said), "{note}");
    // A recipe of before says nothing of it.
    let mut stored = serde_json::to_value(&applied.tuned).unwrap();
    stored[0].as_object_mut().unwrap().remove("overrun");
    let read: Vec<super::record::Tuned> = serde_json::from_value(stored).unwrap();
    assert_eq!(read[0].overrun, None);
}

#[test]
fn what_cannot_be_tuned_says_why() {
    let refused = job(&waves(60), plan("linear_regression", SearchKind::Random, 5)).err().unwrap();
    assert!(refused.to_string().contains("linear regression has no settings"), "{refused}");
    let grouped = ModelPlan {
        validation: Validation::HoldOut { test_share: 0.25 },
        ..plan("decision_tree", SearchKind::Random, 4).model
    };
    let held_out =
        whole(&waves(60), TunePlan { model: grouped, ..plan("decision_tree", SearchKind::Random, 4) });
    assert_eq!(held_out.nested.unwrap().n_folds, 1);
}

#[test]
fn a_search_is_cut_as_the_comparison_is() {
    let n = 120_u32;
    let mut frame = Frame::new(&waves(n as usize), "y", &["x".into()]).unwrap();
    // Fold 0 of 3 groups' rows; the others train. Rows come in the order of time backwards.
    frame.fold = (0..n).map(|r| u32::from(r % 4 != 0)).collect();
    frame.beside.groups = (0..n).map(|r| r % 4).collect();
    frame.beside.when = (0..n).map(|r| f64::from(n - r)).collect();
    let fit = |cut, part| TuneFit {
        family: "k_neighbors".into(),
        settings: Settings::new(),
        outer: 0,
        part: Some(part),
        parts: Parts { n: 5, cut, seed: 5 },
        share: 1000,
    };
    let rows = |cut, part| fit(cut, part).rows(&frame).unwrap();
    // Three groups train: three parts, and no more.
    for part in 0..3 {
        let (training, test) = rows(Cut::Grouped, part).unwrap();
        assert_eq!((training.len(), test.len()), (60, 30));
        let of = |rows: &[u32]| rows.iter().map(|r| r % 4).collect::<std::collections::BTreeSet<_>>();
        assert!(of(&training).is_disjoint(&of(&test)));
    }
    assert_eq!(rows(Cut::Grouped, 3), None);
    let nothing = fit(Cut::Grouped, 3).run(&frame, &Ctx::quiet(1)).unwrap().unwrap();
    assert_eq!(nothing, Loss::default(), "a part that is not there adds nothing");
    for part in 0..5 {
        let (training, test) = rows(Cut::Forward, part).unwrap();
        assert!(training.iter().min() > test.iter().max(), "later rows came first in time");
        assert!(!test.is_empty() && training.iter().all(|r| r % 4 != 0));
    }
    // A frame that is prepared anew for a fold is cut alike, though it lacks some rows.
    let mut anew = frame.take_rows(&(1..n).collect::<Vec<u32>>());
    anew.beside = Default::default();
    anew.split_as(&frame);
    for part in 0..3 {
        let ids = |frame: &Frame| {
            let (_, test) = fit(Cut::Grouped, part).rows(frame).unwrap().unwrap();
            test.iter().map(|&r| frame.row_ids[r as usize]).filter(|&id| id > 0).collect::<Vec<u32>>()
        };
        assert_eq!(ids(&anew), ids(&frame));
    }
    // A yes that occurs in one group alone: parts that keep it aside say nothing, the others do.
    let mut rare = frame.clone();
    rare.beside.outcome = Outcome::YesNo;
    rare.y = (0..n).map(|r| f64::from(u8::from(r % 8 == 3))).collect();
    let losses: Vec<Loss> =
        (0..3).map(|part| fit(Cut::Grouped, part).run(&rare, &Ctx::quiet(1)).unwrap().unwrap()).collect();
    assert_eq!(losses.iter().filter(|l| l.n == 0).count(), 1);
    assert_eq!(Loss::score(&losses).map(|s| s.loss.is_finite()), Some(true));
    // One date alone cannot be put in order: shuffled then.
    frame.beside.when = vec![7.0; n as usize];
    assert!(fit(Cut::Forward, 4).rows(&frame).unwrap().is_some());
    for (validation, cut) in [
        (Validation::LeaveOneGroupOut { group: "g".into() }, Cut::Grouped),
        (Validation::GroupKFold { k: 3, group: "g".into() }, Cut::Grouped),
        (Validation::ForwardInTime { k: 3, date: "d".into() }, Cut::Forward),
        (Validation::StratifiedKFold { k: 3, repeats: 1 }, Cut::Stratified),
        (Validation::KFold { k: 3 }, Cut::Shuffled),
    ] {
        assert_eq!(Cut::like(&validation), cut);
    }
}
