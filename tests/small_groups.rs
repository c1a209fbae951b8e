//! No name of a small group is in anything that is shared without them, whatever was done to the table.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

use assay::{
    engine::{
        data::reader::ReadOptions,
        decisions::decision::DecisionPlan,
        knobs::Settings,
        models::explain::ExplainPlan,
        pipeline::recipe::{Recipe, RecipeStep},
        segments::segmentation::SegmentPlan,
        statistics::exploration::ExplorePlan,
        step::StepCall,
    },
    host::{Host, draw, threads, walk},
    protocol::{Reply, Request},
};

/// Names that fewer than ten rows have, as words that stand nowhere else.
const SMALL: [&str; 8] =
    ["quombrax", "vexholm", "zorblat", "fnordia", "blorptext", "wumpus", "krellic", "yttripon"];

fn pick<'a>(i: usize, large: &[&'a str], small: &[(&'a str, usize)]) -> &'a str {
    let mut at = i;
    for (name, n) in small {
        if at < *n {
            return name;
        }
        at -= n;
    }
    large[i % large.len()]
}

/// People of few cities, plans and channels, and a few of others.
fn people() -> String {
    let mut text = String::from(
        "ID,Year_Birth,City,Plan,Channel,Tag,Mixed,Score,Dt_Customer,Income,MntWines,NumWebPurchases,AcceptedCmp1,Response\n",
    );
    for i in 0..400_usize {
        // A different order for each column, so that small groups meet large ones.
        let at = |step: usize| (i * step) % 400;
        let city = pick(
            at(7),
            &["Berlin", "Paris", "Rome"],
            &[("Quombrax", 6), ("Vexholm", 8), ("quombrax", 1), (" Vexholm ", 1)],
        );
        let plan = pick(at(9), &["low", "medium", "high"], &[("Zorblat", 5), ("Zorblatt", 1)]);
        let channel = pick(at(11), &["Web", "Shop", ""], &[("Fnordia", 3), ("Krellic", 4)]);
        let tag = pick(at(13), &["DE_Search", "FR_Social"], &[("NL_Wumpus", 2), ("BE_Yttripon", 2)]);
        let mixed = if at(17) < 3 { "Blorptext".to_owned() } else { (at(17) % 60).to_string() };
        let score = if at(19) < 2 { 999_999 } else { at(19) % 90 };
        let income = if at(21) < 20 { String::new() } else { (20_000 + at(23) * 97).to_string() };
        let responded = u8::from(at(27) < 70 || (city == "Berlin" && at(29) < 100));
        text += &format!(
            "{},{},{city},{plan},{channel},{tag},{mixed},{score},{:02}-{:02}-2014,{income},{},{},{},{responded}\n",
            i + 1,
            1950 + at(31) % 45,
            1 + i % 28,
            1 + i % 6,
            at(33),
            at(37) % 9,
            u8::from(at(39) < 50),
        );
    }
    text
}

/// Ads of a few campaigns, some of which have few.
fn ads() -> String {
    let mut text = String::from(
        "ad_id,Campaign,Placement,age,Impressions,Clicks,Spent,Total_Conversion,Approved_Conversion\n",
    );
    for i in 0..400_usize {
        let at = |step: usize| (i * step) % 400;
        let campaign = pick(at(7), &["Spring", "Summer"], &[("Quombrax", 8), ("Vexholm", 6)]);
        let placement = pick(at(9), &["Feed", "Story", "Search"], &[("Zorblat", 9), ("Fnordia", 3)]);
        let age = ["30-34", "35-39", "40-44"][i % 3];
        let cost = if campaign == "Summer" { 3 } else { 1 } * (1 + i % 3);
        // The small ones are large in all but their number.
        let times = if SMALL.contains(&campaign.to_lowercase().as_str()) { 40 } else { 1 };
        let clicks = times * (20 + at(11) % 40);
        text += &format!(
            "{},{campaign},{placement},{age},{},{clicks},{},{},{}\n",
            7_000 + i,
            clicks * 900,
            clicks * cost,
            clicks / 4,
            clicks / (6 + 3 * (i % 3)),
        );
    }
    text
}

fn clean(slug: &str, settings: Settings) -> RecipeStep {
    RecipeStep::Clean(StepCall::new(slug, settings))
}

fn feature(slug: &str, settings: Settings) -> RecipeStep {
    RecipeStep::Feature(StepCall::new(slug, settings))
}

/// Every kind of step that can name what is in cells, most of them about small groups.
fn steps() -> Vec<RecipeStep> {
    let of = |column: &str| Settings::new().with("column", column);
    let columns = |names: &[&str]| {
        Settings::new().with("columns", names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>())
    };
    vec![
        clean("change_type", of("Mixed").with("type", "number")),
        clean("trim_and_case", columns(&["City"])),
        clean("merge_spellings", of("City").with("spellings", "Quombrax; quombrax").with("into", "Quombrax")),
        clean("merge_spellings", of("Plan").with("method", "edit")),
        clean("sentinels_to_missing", columns(&["Score"])),
        clean("sentinels_to_missing", columns(&["Score"]).with("values", vec![17.0])),
        clean("missing_indicator", columns(&["Income"])),
        clean("fill_missing", columns(&["Income"]).with("method", "group_median").with("group", "City")),
        clean("fill_missing", columns(&["Channel"]).with("method", "constant").with("constant", "Elsewhere")),
        clean(
            "filter_rows",
            of("Channel").with("operator", "is_not").with("value", "Fnordia").with("action", "keep"),
        ),
        clean(
            "filter_rows",
            of("Tag").with("operator", "contains").with("value", "wumpus").with("action", "drop"),
        ),
        // What fails quotes cells, too.
        clean("filter_rows", of("Plan").with("value", "ZORBLAT")),
        clean("split_column", of("Tag").with("parts", 2_i64)),
        clean("rare_levels", columns(&["Tag"]).with("share", 0.001)),
        clean("outliers", columns(&["Income"])),
        clean("sample_rows", Settings::new().with("share", 0.995)),
        feature("one_hot", of("City")),
        feature("one_hot", of("Plan").with("drop_first", true)),
        clean("drop_columns", columns(&["City: Vexholm"])),
        feature("ordinal", of("Plan").with("order", "low;medium;Zorblat;high")),
        feature("frequency_encoding", of("City")),
        feature("formula", Settings::new().with("formula", "if(City == \"Quombrax\", 1, 0)")),
        feature(
            "formula",
            Settings::new()
                .with("formula", "contains(City, \"Vexholm\") or Plan == \"low\"")
                .with("name", "Flag"),
        ),
        feature("log1p", columns(&["MntWines"])),
    ]
}

/// What is suggested on the table of given steps.
fn after(host: &mut Host, recipe: Recipe, run: walk::Executor<'_>) {
    let seed = recipe.seed;
    let asked = walk::Asked { recipe: Some(recipe), ..walk::Asked::default() };
    let skipped = walk::walk(host, asked, run, &mut |_| {}).expect("the steps are carried out");
    assert!(skipped.len() == 1 && skipped[0].what == "Filter rows", "{skipped:?}");
    let mut ask = |request: Request| walk::ask(host, request, run).expect("it is answered").0;
    let segments = ["City", "Plan", "Channel", "City: Quombrax"].map(str::to_owned).to_vec();
    ask(Request::Explore { plan: ExplorePlan { segments, ..ExplorePlan::default() } });
    let choices = ask(Request::ModelChoices { target: None, unblocked: vec![], outcome: None });
    let Reply::ModelChoices { choices, .. } = choices else { panic!("{choices:?}") };
    ask(Request::Compare { plan: choices.plan });
    ask(Request::Explain { plan: ExplainPlan { family: Some("logistic_regression".into()) } });
    let choices = ask(Request::SegmentChoices);
    let Reply::SegmentChoices { choices } = choices else { panic!("{choices:?}") };
    let mut plan = SegmentPlan { seed, ..choices.plan };
    plan.columns.push("City".to_owned());
    ask(Request::Segment { plan });
    ask(Request::Decide { plan: DecisionPlan::default() });
}

/// Every format without small groups, and the results with them.
fn shared(csv: &str, recipe: Option<Recipe>) -> (String, String) {
    let mut host = Host::new();
    walk::load(&mut host, "table.csv", csv.as_bytes(), ReadOptions::default()).expect("the table is read");
    let run: walk::Executor<'_> = &mut |shared, tasks| threads::run(shared, tasks, 2);
    match recipe {
        None => {
            drop(walk::walk(&mut host, walk::Asked::default(), run, &mut |_| {}).expect("the way is walked"))
        }
        Some(recipe) => after(&mut host, recipe, run),
    }
    let pictures = draw::report_pictures(&mut host).expect("charts are drawn");
    let mut export = |format: &str, mask_small_groups: bool| {
        let request =
            Request::Export { format: format.into(), pictures: pictures.clone(), mask_small_groups };
        let (_, bytes) = walk::ask(&mut host, request, &mut |_, _| Ok(Vec::new())).expect("it is written");
        String::from_utf8(bytes.concat()).expect("reports are UTF-8")
    };
    let masked = ["results", "markdown", "html", "summary"].map(|format| export(format, true)).join("\n");
    (masked, export("results", false) + &export("html", false))
}

#[track_caller]
fn check(csv: &str, recipe: Option<Recipe>, large: &[&str], few: &[&str]) {
    let (masked, whole) = shared(csv, recipe);
    let (small, whole) = (masked.to_lowercase(), whole.to_lowercase());
    let around = |at: usize| {
        let from = small.floor_char_boundary(at.saturating_sub(200));
        &small[from..small.floor_char_boundary(at + 100)]
    };
    let told: Vec<&str> =
        SMALL.iter().flat_map(|name| small.match_indices(name)).map(|f| around(f.0)).collect();
    assert!(
        told.is_empty(),
        "{} times, such as\n{}",
        told.len(),
        told[..told.len().min(12)].join("\n----\n")
    );
    for name in few {
        assert!(whole.contains(name), "the test would not notice {name}");
    }
    for name in large {
        assert!(masked.contains(name), "{name} is no small group");
    }
    assert!(
        !whole.contains(['\u{fdd0}', '\u{fdd1}', '\u{fdd2}'])
            && !masked.contains(['\u{fdd0}', '\u{fdd1}', '\u{fdd2}'])
    );
}

#[test]
fn no_small_group_is_named_after_the_suggested_way() {
    check(&people(), None, &["Berlin", "Paris"], &["quombrax", "zorblat", "fnordia", "wumpus"]);
    check(&ads(), None, &["Spring", "Summer", "Feed"], &["quombrax", "vexholm", "zorblat"]);
}

/// Visitors of four cities, of which one has three.
fn cities() -> String {
    let mut text = String::from("ID,City,Plan,Income,MntWines,NumWebPurchases,Response\n");
    for i in 0..600_usize {
        let at = |step: usize| (i * step) % 600;
        let city = pick(at(7), &["Berlin", "Paris"], &[("Quombrax", 3), ("Jandaville", 77)]);
        let plan = ["low", "medium", "high"][at(11) % 3];
        let responded = u8::from(at(13) < if city == "Jandaville" { 400 } else { 90 });
        text += &format!(
            "{},{city},{plan},{},{},{},{responded}\n",
            i + 1,
            20_000 + at(23) * 97,
            at(37),
            at(41) % 9
        );
    }
    text
}

#[test]
fn no_figure_of_another_group_tells_a_small_one() {
    let (masked, whole) = shared(&cities(), None);
    let found = |text: &str| {
        let results: serde_json::Value =
            serde_json::Deserializer::from_str(text).into_iter().next().expect("one").expect("JSON");
        ["explore", "segments", "decision", "claims"].map(|part| results[part].to_string())
    };
    let csv = cities();
    let own: Vec<&str> = csv.lines().filter(|line| line.contains("Jandaville")).collect();
    let rate = own.iter().filter(|line| line.ends_with(",1")).count() as f64 / own.len() as f64;
    let rate = format!("{:.1} %", 100.0 * rate);
    // With its count or its rate and the total, that of the three would be known.
    for part in found(&masked) {
        assert!(!part.contains("Jandaville") && !part.contains(&rate), "{part}");
    }
    for told in ["Jandaville", &rate] {
        assert!(found(&whole)[0].contains(told), "the test would not notice {told}");
    }
    assert!(masked.contains("One small group is left out."), "it is said in plain words");
}

#[test]
fn no_small_group_is_named_after_any_step() {
    let recipe = Recipe { steps: steps(), ..Recipe::default() };
    check(&people(), Some(recipe), &["Berlin", "low < medium"], &SMALL);
}
