//! Columns whose effect may only go one way, from the settings of a family to the model that is explained.

use super::*;

/// A target that waves about a rise with `up` and a fall with `down`; a category beside them.
fn wavy(n: usize, is_yes_no: bool) -> Table {
    let mut rng = Ctx::quiet(3).rng(0);
    let mut column = || (0..n).map(|_| (rng.unit() * 80.0).round() / 10.0).collect::<Vec<f64>>();
    let (up, down, noise) = (column(), column(), column());
    let y = (0..n).map(|i| {
        let y = up[i] + 3.0 * libm::sin(2.5 * up[i]) - down[i] + 3.0 * libm::sin(2.5 * down[i]) + noise[i];
        if is_yes_no { f64::from(u8::from(y > 4.0)) } else { y }
    });
    let level: Vec<Option<&str>> = (0..n).map(|i| Some(["a", "b", "c"][i % 3])).collect();
    Table::new(
        TableKind::Other,
        vec![
            Column::number("y", Role::Number, y.collect()),
            Column::number("up", Role::Number, up),
            Column::number("down", Role::Number, down),
            Column::category("level", Role::Category, &level),
        ],
    )
    .unwrap()
}

fn plan_with(family: &str, settings: Settings) -> ModelPlan {
    let mut plan = plan("y", &[family]);
    plan.families[0].settings = settings;
    plan.validation = Validation::KFold { k: 2 };
    plan
}

fn ways(up: &[&str], down: &[&str]) -> Settings {
    let names = |of: &[&str]| of.iter().map(|&s| s.to_owned()).collect::<Vec<String>>();
    Settings::new().with("only_up", names(up)).with("only_down", names(down))
}

/// The largest step against the way of each column, over all rows and a grid of its values.
fn against(table: &Table, family: &str, settings: Settings) -> [f64; 2] {
    let mut job = job_of(table, plan_with(family, settings)).unwrap().explaining(family);
    finish(&mut job, false).unwrap();
    let explained = job.take_explainable().unwrap();
    let family = super::super::family(family).unwrap();
    let fitted = family.load(&explained.fitted).unwrap();
    let every: Vec<u32> = (0..explained.frame.n_rows() as u32).collect();
    let design = Design::learn(&explained.frame, &every, family.wants_dummies());
    [("up", 1.0), ("down", -1.0)].map(|(name, way)| {
        let mut frame = explained.frame.clone();
        let at = frame.features.iter().position(|f| f.name == name).unwrap();
        let mut worst = f64::NEG_INFINITY;
        let mut last: Option<Vec<f64>> = None;
        for step in 0..=40 {
            frame.features[at].values = FeatureValues::Number(vec![f64::from(step) * 0.2; every.len()]);
            let now = fitted.predict(&design.matrix(&frame, &every));
            if let Some(last) = last {
                worst = last.iter().zip(&now).fold(worst, |worst, (a, b)| worst.max(way * (a - b)));
            }
            last = Some(now);
        }
        worst
    })
}

#[track_caller]
fn check(family: &str, is_yes_no: bool) {
    let table = wavy(300, is_yes_no);
    let base = Settings::new();
    let base = if family == "decision_tree" { base } else { base.with("trees", 20_i64) };
    let free = against(&table, family, base.clone());
    assert!(free.iter().all(|worst| *worst > 0.01), "{family} waves by itself: {free:?}");
    let mut settings = ways(&["up"], &["down"]);
    settings.0.extend(base.0);
    let held = against(&table, family, settings);
    assert!(held.iter().all(|worst| *worst < 1e-12), "{family}: {held:?}");
}

#[test]
fn effects_go_one_way_in_every_family_of_trees() {
    for family in ["decision_tree", "random_forest", "extra_trees", "gradient_boosting"] {
        check(family, false);
        check(family, true);
    }
}

#[test]
fn a_way_that_cannot_be_is_refused_by_name() {
    let table = wavy(60, false);
    let of = |settings: Settings| compare(&table, plan_with("random_forest", settings.with("trees", 2_i64)));
    let error = of(ways(&["up", "down"], &["down"])).unwrap_err();
    assert_eq!(error, ModelError::BothWays { name: "down".into() });
    assert_eq!(of(ways(&["level"], &[])).unwrap_err(), ModelError::NoWay { name: "level".into() });
    assert_eq!(of(ways(&[], &["gone"])).unwrap_err(), ModelError::NoSuchColumn { name: "gone".into() });
    // A column that was taken out of the features says nothing, and that is told.
    let mut plan = plan_with("random_forest", ways(&["up"], &[]).with("trees", 2_i64));
    plan.features = vec!["down".into()];
    let notes = compare(&table, plan).unwrap().notes;
    assert!(notes.iter().any(|n| n.starts_with("up may only go one way")), "{notes:?}");
}
