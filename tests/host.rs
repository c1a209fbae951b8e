//! Messages in, messages out: the whole way over the host, stopping, bad input, and equal results however the work is run.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::sync::Arc;

use assay::{
    charts::Theme,
    engine::{
        data::{
            combine::{JoinPlan, Put, Repeats},
            reader::{ColumnReading, How, ReadOptions},
            role::Role,
            sample,
        },
        models::{
            explain::{ExplainPlan, Value, what_if::WhatIf},
            outcome::Outcome,
            plan::{FamilyChoice, ModelPlan, Validation},
            tune::{SearchKind, TunePlan},
        },
        pipeline::recipe::{Recipe, RecipeStep},
        segments::segmentation::SegmentPlan,
        task::{SharedId, Task, TaskError},
    },
    host::{Host, threads, walk},
    protocol::{
        FileAsk, JobId, Loaded, Notice, Reply, Request,
        codec::{self, Message},
    },
};

#[allow(dead_code, reason = "the helpers of the unit tests, of which this needs one")]
#[path = "../src/engine/testing.rs"]
mod testing;

type Outputs = Result<Vec<Vec<u8>>, TaskError>;

/// Runs tasks one after the other, the last first: the order must not matter.
fn backwards(shared: &[(SharedId, Arc<Vec<u8>>)], tasks: &[Task]) -> Outputs {
    let reversed: Vec<Task> = tasks.iter().rev().cloned().collect();
    threads::run(shared, &reversed, 1).map(|mut outputs| {
        outputs.reverse();
        outputs
    })
}

fn shared_file(name: &str) -> Option<Vec<u8>> {
    Some(std::fs::read(testing::shared(&format!("data/{name}"))?).expect("the file is read"))
}

fn open(host: &mut Host, bytes: &[u8]) -> Box<Loaded> {
    walk::load(host, "table.csv", bytes, ReadOptions::default()).expect("the table is read")
}

fn ask(host: &mut Host, request: Request) -> Result<Reply, Notice> {
    walk::ask(host, request, &mut |shared, tasks| threads::run(shared, tasks, 2)).map(|(reply, _)| reply)
}

fn export(host: &mut Host, format: &str) -> String {
    let request = Request::Export { format: format.into(), pictures: Vec::new(), mask_small_groups: false };
    let (_, bytes) = walk::ask(host, request, &mut |_, _| Ok(Vec::new())).expect("the report is written");
    String::from_utf8(bytes.concat()).expect("reports are UTF-8")
}

/// The whole suggested way; returns every format, one after the other.
fn whole_way(bytes: &[u8], run: walk::Executor<'_>, recipe: Option<Recipe>) -> String {
    let mut host = Host::new();
    open(&mut host, bytes);
    let asked = walk::Asked { recipe, ..walk::Asked::default() };
    let skipped = walk::walk(&mut host, asked, run, &mut |_| {}).expect("the way is walked");
    assert_eq!(skipped, []);
    ["results", "recipe", "markdown", "html", "summary"].map(|format| export(&mut host, format)).join("\n")
}

#[test]
fn one_two_and_four_workers_give_the_same_bytes() {
    for bytes in [sample::ads(7, 400).into_bytes(), sample::customers(7, 400).into_bytes()] {
        let alone = whole_way(&bytes, &mut backwards, None);
        // Nobody is in these tables: whatever is masked was taken for what it is not.
        assert!(!alone.contains("(masked)"));
        for n in [1, 2, 4] {
            let together = whole_way(&bytes, &mut |shared, tasks| threads::run(shared, tasks, n), None);
            assert!(alone == together, "{n} workers give other numbers");
        }
    }
}

#[test]
fn a_search_tries_the_same_with_any_number_of_workers_and_its_recipe_replays_without_it() {
    let bytes = sample::ads(7, 300).into_bytes();
    let tune = walk::AskedTuning {
        family: "decision_tree".into(),
        kind: SearchKind::Halving,
        n_candidates: 9,
        within: None,
    };
    let mut all = Vec::new();
    for n in [1, 2, 4] {
        let mut host = Host::new();
        open(&mut host, &bytes);
        ask(&mut host, Request::Prepare { recipe: Recipe::default() }).expect("prepared");
        let asked = Request::ModelChoices { target: None, unblocked: vec![], outcome: None };
        let Ok(Reply::ModelChoices { choices, .. }) = ask(&mut host, asked) else {
            panic!("choices expected")
        };
        let plan = TunePlan {
            model: choices.plan,
            family: tune.family.clone(),
            kind: tune.kind,
            n_candidates: tune.n_candidates,
            inner_folds: 3,
        };
        let run: walk::Executor<'_> = &mut |shared, tasks| threads::run(shared, tasks, n);
        match walk::ask(&mut host, Request::Tune { plan, seconds: None }, run) {
            Ok((Reply::Tuned { tuning }, _)) => all.push(tuning),
            other => panic!("{other:?}"),
        }
    }
    assert!(all[0] == all[1] && all[0] == all[2], "the number of workers changes what is found");
    assert_eq!(all[0].tried.len(), 9);

    let mut host = Host::new();
    open(&mut host, &bytes);
    let run: walk::Executor<'_> = &mut |shared, tasks| threads::run(shared, tasks, 2);
    let asked = walk::Asked { tune: Some(tune), ..walk::Asked::default() };
    walk::walk(&mut host, asked, run, &mut |_| {}).expect("the way is walked");
    let results = export(&mut host, "results");
    assert!(
        results.contains("found by successive halving"),
        "the report does not say how settings were found"
    );
    let recipe = Recipe::from_json(&export(&mut host, "recipe")).expect("our own recipe is read");
    let mut again = Host::new();
    open(&mut again, &bytes);
    let asked = walk::Asked { recipe: Some(recipe.clone()), ..walk::Asked::default() };
    walk::walk(&mut again, asked, run, &mut |_| {}).expect("the recipe is carried out");
    assert!(results == export(&mut again, "results"), "the recipe gives other numbers");

    // The candidates stand in the report of the run that had them, while its settings are those that were found.
    let caption = "The best of 9 candidates for decision tree: on parts";
    for format in ["html", "markdown"] {
        let report = export(&mut host, format);
        assert!(report.contains(caption), "{format}: no candidates");
        let table = report.rsplit(caption).next().and_then(|rest| rest.split("What the score").next());
        let table = table.unwrap_or_default();
        for part in ["The settings before", " ± ", "depth 5, smallest group 1"] {
            assert!(table.contains(part), "{format}: no {part}");
        }
        assert!(!export(&mut again, format).contains(caption), "{format}: a search that was not made");
    }
    let mut plan = recipe.model.expect("models");
    plan.families.iter_mut().for_each(|f| f.settings = Default::default());
    ask(&mut host, Request::Compare { plan }).expect("compared");
    assert!(!export(&mut host, "markdown").contains(caption), "a search for other settings");
}

#[test]
fn a_search_ends_when_its_time_is_up_and_what_is_asked_for_is_in_the_results() {
    let bytes = sample::ads(7, 300).into_bytes();
    let mut host = Host::new();
    open(&mut host, &bytes);
    // Half a minute passes whenever it is looked at.
    let now = std::sync::atomic::AtomicU32::new(0);
    let look = move || f64::from(now.fetch_add(30, std::sync::atomic::Ordering::Relaxed));
    let tune = walk::AskedTuning {
        family: "decision_tree".into(),
        kind: SearchKind::Random,
        n_candidates: 500,
        within: Some((20.0, walk::Clock(Arc::new(look)))),
    };
    let run: walk::Executor<'_> = &mut |shared, tasks| threads::run(shared, tasks, 2);
    let asked = walk::Asked { tune: Some(tune), ladder: true, curve: true, ..walk::Asked::default() };
    let mut said = Vec::new();
    walk::walk(&mut host, asked, run, &mut |what| said.push(what.to_owned())).expect("the way is walked");
    assert!(!said.iter().any(|s| s.contains("500 candidates")), "{said:?}");
    let results = export(&mut host, "results");
    let late = "It took 60 s, more than the 20 s it was given";
    for part in ["\"ladder\": {", "\"learning_curve\": {", "found by random search", late] {
        assert!(results.contains(part), "no {part}");
    }
}

#[test]
fn a_recipe_on_the_same_data_gives_the_same_numbers() {
    let bytes = sample::customers(3, 500).into_bytes();
    let mut host = Host::new();
    open(&mut host, &bytes);
    let run: walk::Executor<'_> = &mut |shared, tasks| threads::run(shared, tasks, 2);
    walk::walk(&mut host, walk::Asked::default(), run, &mut |_| {}).expect("the way is walked");
    let first = export(&mut host, "results");
    let recipe = Recipe::from_json(&export(&mut host, "recipe")).expect("our own recipe is read");

    let mut again = Host::new();
    open(&mut again, &bytes);
    let asked = walk::Asked { recipe: Some(recipe), ..walk::Asked::default() };
    walk::walk(&mut again, asked, run, &mut |_| {}).expect("the recipe is carried out");
    assert!(first == export(&mut again, "results"), "the recipe gives other numbers");
}

#[test]
fn the_real_files_go_the_whole_way() {
    for name in ["KAG_conversion_data.csv", "marketing_campaign_data.csv"] {
        let Some(bytes) = shared_file(name) else { return };
        let report = whole_way(&bytes, &mut |shared, tasks| threads::run(shared, tasks, 2), None);
        let score = if name.starts_with("KAG") { "R²" } else { "AUC" };
        for word in ["supported", "cannot tell", score, "recipe"] {
            assert!(report.contains(word), "{name}: the report does not say “{word}”");
        }
        assert!(!report.contains("NaN"), "{name}: NaN in the report");
        assert_eq!(
            report.contains("\"rmse\"") && report.contains("RMSE"),
            score == "R²",
            "{name}: the wrong scores"
        );
    }
}

/// A comparison of three models that is stopped when only the tasks of some were done: which, the label of a task says.
fn stopped_when(is_done: impl Fn(&str) -> bool) -> Reply {
    let mut host = Host::new();
    open(&mut host, sample::ads(1, 300).as_bytes());
    ask(&mut host, Request::Prepare { recipe: Recipe::default() }).expect("prepared");
    let Reply::ModelChoices { choices, .. } =
        ask(&mut host, Request::ModelChoices { target: None, unblocked: vec![], outcome: None })
            .expect("choices")
    else {
        panic!("choices expected")
    };
    let plan = ModelPlan {
        families: ["baseline", "linear_regression", "random_forest"]
            .map(|f| FamilyChoice { family: f.into(), settings: Default::default() })
            .into(),
        ..choices.plan
    };
    let job = JobId(9);
    let mut replies = Vec::new();
    host.receive(Message::new(job, Request::Compare { plan }), &mut |m| replies.push(m));
    let Some(Message { body: Reply::Work { shared, tasks }, attachments, .. }) = replies.pop() else {
        panic!("work expected")
    };
    let shared: Vec<_> = shared.into_iter().zip(attachments.into_iter().map(Arc::new)).collect();
    let outputs = threads::run(&shared, &tasks, 2).expect("the tasks run");
    let outputs = tasks
        .iter()
        .zip(outputs)
        .map(|(task, output)| is_done(&task.label.to_lowercase()).then_some(output.into()))
        .collect();
    host.receive(Message::new(job, Request::TasksDone { outputs, stopped: true, millis: 0 }), &mut |m| {
        replies.push(m)
    });
    replies.pop().expect("an answer").body
}

#[test]
fn stopping_keeps_what_was_finished() {
    match stopped_when(|label| !label.contains("forest")) {
        Reply::Compared { comparison } => {
            let with_scores: Vec<_> =
                comparison.results.iter().filter(|r| r.error.is_none()).map(|r| r.family.as_str()).collect();
            assert_eq!(with_scores, ["baseline", "linear_regression"]);
            // One prediction a family is sent; how many rows were scored is known all the same.
            assert!(comparison.predictions.iter().all(|(_, rows)| rows.len() == 1));
            assert_eq!(comparison.n_tested(), comparison.n_rows);
        }
        other => panic!("a comparison of what was finished expected, not {other:?}"),
    }
}

#[test]
fn stopped_before_any_model_is_no_comparison() {
    let only_the_mean = |label: &str| !label.contains("forest") && !label.contains("linear");
    match stopped_when(only_the_mean) {
        Reply::Failed { notice } => assert!(notice.is_stop, "{notice:?}"),
        other => panic!("a word that it was stopped expected, not {other:?}"),
    }
}

#[test]
fn a_second_file_takes_the_place_of_the_first() {
    let mut host = Host::new();
    let mut replies = Vec::new();
    let mut say = |host: &mut Host, job, body, attachments| {
        host.receive(Message { job: JobId(job), body, attachments }, &mut |m| {
            replies.push((m.job.0, m.body))
        });
    };
    let begin =
        |name: &str| Request::LoadBegin { files: vec![FileAsk::new(name, 12, ReadOptions::default())] };
    say(&mut host, 1, begin("first.csv"), vec![]);
    say(&mut host, 1, Request::LoadChunk, vec![b"a,b\n1,2\n".to_vec()]);
    say(&mut host, 2, begin("second.csv"), vec![]);
    say(&mut host, 1, Request::LoadChunk, vec![b"3,4\n".to_vec()]);
    say(&mut host, 2, Request::LoadChunk, vec![b"c,d\n5,6\n7,8\n".to_vec()]);
    say(&mut host, 1, Request::LoadEnd, vec![]);
    say(&mut host, 2, Request::LoadEnd, vec![]);
    let loaded: Vec<_> = replies
        .iter()
        .filter_map(|(job, body)| match body {
            Reply::Loaded { loaded } => Some((*job, loaded.receipt.file_name.clone())),
            _ => None,
        })
        .collect();
    assert_eq!(loaded, [(2, "second.csv".to_owned())]);
}

#[test]
fn an_unreadable_second_file_leaves_the_first_open() {
    let mut host = Host::new();
    open(&mut host, b"a,b\n1,2\n3,4\n");
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".repeat(20);
    let notice =
        walk::load(&mut host, "photo.csv", &png, ReadOptions::default()).expect_err("a PNG is no table");
    assert!(notice.detail.contains("PNG"), "{notice:?}");
    assert!(!notice.remedy.is_empty());
    let Ok(Reply::Rows { total, .. }) = ask(&mut host, Request::Rows { start: 0, len: 10 }) else {
        panic!("the first table is still open")
    };
    assert_eq!(total, 2);
}

#[test]
fn nothing_open_is_a_notice_not_a_panic() {
    let requests = [
        Request::Prepare { recipe: Recipe::default() },
        Request::Rows { start: 0, len: 1 },
        Request::Explore { plan: Default::default() },
        Request::SegmentChoices,
        Request::Decide { plan: Default::default() },
        Request::ReportCharts,
        Request::Export { format: "html".into(), pictures: vec![], mask_small_groups: false },
    ];
    for request in requests {
        let notice = ask(&mut Host::new(), request).expect_err("nothing is open");
        assert!(!notice.title.is_empty() && !notice.remedy.is_empty());
    }
}

#[test]
fn a_recipe_for_other_columns_loses_nothing() {
    let mut host = Host::new();
    open(&mut host, b"a,b\n1,2\n3,4\n");
    let recipe = Recipe {
        steps: vec![
            RecipeStep::Role { column: "Income".into(), role: Role::Income },
            RecipeStep::Role { column: "a".into(), role: Role::Spend },
        ],
        ..Recipe::default()
    };
    let Ok(Reply::Prepared { prepared }) = ask(&mut host, Request::Prepare { recipe }) else {
        panic!("the recipe is carried out as far as it goes")
    };
    assert!(prepared.ledger[0].failure.as_deref().is_some_and(|f| f.contains("Income")));
    assert_eq!(prepared.ledger[1].failure, None);
    assert_eq!(prepared.table.columns[0].role, Role::Spend);
}

#[test]
fn models_refuse_what_cannot_be_predicted() {
    let mut host = Host::new();
    let rows: String = (0..60).map(|i| format!("{i},{},5,x{i}\n", i * i % 17)).collect();
    open(&mut host, format!("n,m,same,name\n{rows}").as_bytes());
    ask(&mut host, Request::Prepare { recipe: Recipe::default() }).expect("prepared");
    let plan = |target: &str, validation| ModelPlan {
        target: target.into(),
        outcome: None,
        features: vec!["n".into()],
        unblocked: vec!["n".into()],
        validation,
        families: vec![],
        seed: 1,
        weight: None,
        tuned: Vec::new(),
    };
    let constant = plan("same", Validation::KFold { k: 5 });
    let notice = ask(&mut host, Request::Compare { plan: constant }).expect_err("a constant target");
    assert!(notice.detail.contains("same"), "{notice:?}");
    let missing = plan("nowhere", Validation::KFold { k: 5 });
    assert!(ask(&mut host, Request::Compare { plan: missing }).is_err());
    let good = plan("m", Validation::HoldOut { test_share: 0.2 });
    assert!(matches!(ask(&mut host, Request::Compare { plan: good }), Ok(Reply::Compared { .. })));
}

#[test]
fn more_segments_than_rows_is_told() {
    let mut host = Host::new();
    open(&mut host, b"a,b\n1,2\n3,4\n9,1\n");
    ask(&mut host, Request::Prepare { recipe: Recipe::default() }).expect("prepared");
    let plan = SegmentPlan { columns: vec!["a".into(), "b".into()], k: Some(8), ..SegmentPlan::default() };
    match ask(&mut host, Request::Segment { plan }) {
        Ok(Reply::Segmented { segmentation }) => {
            assert!(segmentation.k <= 3 && !segmentation.notes.is_empty(), "{segmentation:?}");
        }
        Ok(other) => panic!("{other:?}"),
        Err(notice) => assert!(!notice.remedy.is_empty()),
    }
}

#[test]
fn the_people_of_a_segment_leave_as_csv() {
    let mut host = Host::new();
    open(&mut host, sample::customers(5, 300).as_bytes());
    let run: walk::Executor<'_> = &mut |shared, tasks| threads::run(shared, tasks, 2);
    walk::walk(&mut host, walk::Asked::default(), run, &mut |_| {}).expect("the way is walked");
    let mut csv = |segments| {
        let (reply, bytes) = walk::ask(&mut host, Request::ExportTable { segments }, run).expect("a CSV");
        assert!(matches!(reply, Reply::Exported { .. }));
        String::from_utf8(bytes.concat()).expect("UTF-8")
    };
    assert_eq!(csv(None).lines().count(), 301);
    let first = csv(Some(vec![0]));
    let second = csv(Some(vec![1]));
    assert!(first.lines().next().is_some_and(|header| header.ends_with(",Segment")));
    assert!(first.lines().skip(1).all(|line| line.contains("Segment 1")));
    assert!(second.lines().count() > 1 && second.lines().count() <= first.lines().count());
}

/// The first work a host hands out for a comparison of the sample, with what it shares.
fn first_work(host: &mut Host, job: JobId) -> (SharedId, Vec<u8>, Task) {
    let Ok(Reply::ModelChoices { choices, .. }) =
        ask(host, Request::ModelChoices { target: None, unblocked: vec![], outcome: None })
    else {
        panic!("choices expected")
    };
    let mut last = None;
    host.receive(Message::new(job, Request::Compare { plan: choices.plan }), &mut |m| last = Some(m));
    let Some(Message { body: Reply::Work { shared, tasks }, attachments, .. }) = last else {
        panic!("work expected")
    };
    (shared[0], attachments[0].clone(), tasks[0].clone())
}

#[test]
fn a_member_of_the_pool_lets_go_of_what_it_is_told() {
    let mut host = Host::new();
    open(&mut host, sample::ads(1, 300).as_bytes());
    ask(&mut host, Request::Prepare { recipe: Recipe::default() }).expect("prepared");
    let (id, bytes, task) = first_work(&mut host, JobId(9));

    let mut member = Host::new();
    let mut say = |body, attachments| {
        let mut last = None;
        member.receive(Message { job: JobId(9), body, attachments }, &mut |m| last = Some(m.body));
        last
    };
    assert_eq!(say(Request::Hold { id }, vec![bytes]), None);
    let task = Task { shared: id, ..task };
    assert!(matches!(say(Request::Run { task: task.clone() }, vec![]), Some(Reply::TaskDone { .. })));
    assert_eq!(say(Request::Forget { ids: vec![id] }, vec![]), None);
    match say(Request::Run { task }, vec![]) {
        Some(Reply::Failed { notice }) => assert!(notice.detail.contains("without its data"), "{notice:?}"),
        other => panic!("what was let go of is gone: {other:?}"),
    }
}

#[test]
fn work_that_was_overtaken_is_settled_as_stopped() {
    let mut host = Host::new();
    open(&mut host, sample::ads(1, 300).as_bytes());
    ask(&mut host, Request::Prepare { recipe: Recipe::default() }).expect("prepared");
    first_work(&mut host, JobId(9));
    first_work(&mut host, JobId(10));
    let mut replies = Vec::new();
    let done = Request::TasksDone { outputs: vec![], stopped: false, millis: 0 };
    host.receive(Message::new(JobId(9), done), &mut |m| replies.push((m.job, m.body)));
    match &replies[..] {
        [(JobId(9), Reply::Failed { notice })] => assert!(notice.is_stop, "{notice:?}"),
        other => panic!("one reply expected: {other:?}"),
    }
}

/// The tags of a page, without their brackets; quotes may hold a `>`.
fn tags(html: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let mut quoted = false;
        let end = rest.find(|c| {
            quoted ^= c == '"';
            c == '>' && !quoted
        });
        let (tag, next) = rest.split_at(end.expect("a tag ends"));
        found.push(tag);
        rest = next;
    }
    found
}

#[test]
fn names_that_are_markup_stay_names() {
    const NAMES: [(&str, &str); 3] = [
        ("Income", "\"><script>alert(1)</script>"),
        ("Education", "&#106;avascript:alert(1)"),
        ("Marital_Status", "{a|b}<img src=x onerror=alert(1)>"),
    ];
    let csv = sample::customers(5, 300);
    let (header, rows) = csv.split_once('\n').expect("a header");
    let mut header = header.to_owned();
    for (plain, hostile) in NAMES {
        assert!(header.contains(plain), "{header}");
        header = header.replacen(plain, &format!("\"{}\"", hostile.replace('"', "\"\"")), 1);
    }
    let rows = rows.replace("Master", "</text><script>alert(2)</script>");
    let mut host = Host::new();
    open(&mut host, format!("{header}\n{rows}").as_bytes());
    let run: walk::Executor<'_> = &mut |shared, tasks| threads::run(shared, tasks, 2);
    walk::walk(&mut host, walk::Asked::default(), run, &mut |_| {}).expect("the way is walked");

    let Ok(Reply::ReportCharts { charts }) = ask(&mut host, Request::ReportCharts) else { panic!("charts") };
    let mut pictures = Vec::new();
    let mut options = String::new();
    for chart in charts {
        let request = Request::Draw { chart: chart.clone(), theme: Theme::light() };
        let Ok(Reply::Drawn { picture: Some(picture) }) = ask(&mut host, request) else {
            panic!("{chart:?}")
        };
        let option: serde_json::Value = serde_json::from_str(&picture.option).expect("an option is JSON");
        assert_eq!(option["tooltip"]["renderMode"], "richText", "a hint is never read as HTML: {chart:?}");
        // A library that spells out nothing, and one that spells out too much.
        let raw = format!("<svg><g aria-label=\"{0}\"><text>{0}</text></g></svg>", picture.title);
        let odd = format!("<svg><a href=\"&#106;avascript:x\"/><g fill=\"{}\"/></svg>", "&#x6a;avascript:x");
        options.push_str(&picture.option);
        pictures.push((chart, if pictures.len() % 2 == 0 { raw } else { odd }));
    }
    assert!(options.contains("alert(1)") && !options.contains("{a|b}"), "names are drawn, templates are not");

    let request = Request::Export { format: "html".into(), pictures, mask_small_groups: false };
    let (_, bytes) = walk::ask(&mut host, request, run).expect("the report is written");
    let html = String::from_utf8(bytes.concat()).expect("reports are UTF-8");
    for tag in tags(&html) {
        let name: String = tag.chars().take_while(|c| c.is_alphanumeric()).collect();
        assert!(!["script", "img", "iframe"].contains(&name.as_str()), "<{tag}>");
        assert!(name != "a" || tag.contains("href=\"#"), "a way out, <{tag}>");
        let inside = tag.split('"').step_by(2).collect::<String>();
        assert!(!inside.contains(" on"), "a handler in <{tag}>");
        assert!(!tag.contains("&#"), "something spelt another way in <{tag}>");
    }
    assert!(html.contains("&lt;script&gt;alert(1)") && html.contains("&amp;#106;avascript"));
    // Within a fence nothing is markup: the recipe stands there as it is.
    let markdown = export(&mut host, "markdown").split("```").step_by(2).collect::<String>();
    assert!(!markdown.contains("<script") && !markdown.contains("<img") && !markdown.contains("&#"));
    assert!(markdown.contains("&lt;script&gt;alert(1)") && markdown.contains("&amp;#106;avascript"));
}

#[test]
fn small_groups_are_named_in_nothing_that_is_written() {
    let mut csv = "Customer,City,Plan,Age,Income,Visits,Response\n".to_owned();
    for i in 0..500_u32 {
        let city = match i {
            0..4 => "Limaville",
            4..10 => "Oslotown",
            10..18 => "Turkuburg",
            _ => ["Berlin", "Paris", "Rome"][(i % 3) as usize],
        };
        let plan = if i % 71 == 9 { "Ultra" } else { ["Basic", "Pro", "Gold"][(i * 7 % 11 % 3) as usize] };
        let (visits, age) = (i * 13 % 20, 18 + i * 31 % 60);
        let response = u32::from(i * 37 % 50 < visits);
        let income = 20_000 + i * 7_919 % 50_000;
        csv.push_str(&format!("K{},{city},{plan},{age},{income},{visits},{response}\n", 1_000 + i));
    }
    let mut host = Host::new();
    open(&mut host, csv.as_bytes());
    let run: walk::Executor<'_> = &mut |shared, tasks| threads::run(shared, tasks, 2);
    walk::walk(&mut host, walk::Asked::default(), run, &mut |_| {}).expect("the way is walked");
    assert!(export(&mut host, "markdown").contains("Limaville (4 people)"), "the table tries nothing");
    for format in ["html", "markdown", "results", "summary"] {
        let request =
            Request::Export { format: format.into(), pictures: Vec::new(), mask_small_groups: true };
        let (_, bytes) = walk::ask(&mut host, request, run).expect("the report is written");
        let text = String::from_utf8(bytes.concat()).expect("reports are UTF-8");
        for name in ["Limaville", "Oslotown", "Turkuburg", "Ultra"] {
            let at = text.find(name).unwrap_or_default();
            let around: String =
                text.chars().skip(text[..at].chars().count().saturating_sub(90)).take(180).collect();
            assert!(!text.contains(name), "{format} names {name}: {around}");
        }
    }
}

#[test]
fn no_reply_holds_something_for_each_row() {
    let mut host = Host::new();
    open(&mut host, sample::customers(5, 2_000).as_bytes());
    ask(&mut host, Request::Prepare { recipe: Recipe::default() }).expect("prepared");
    let Ok(Reply::SegmentChoices { choices }) = ask(&mut host, Request::SegmentChoices) else {
        panic!("choices expected")
    };
    let plan = SegmentPlan { k: Some(3), ..choices.plan };
    let segmented = ask(&mut host, Request::Segment { plan }).expect("segments");
    let Ok(Reply::ModelChoices { choices, .. }) =
        ask(&mut host, Request::ModelChoices { target: None, unblocked: vec![], outcome: None })
    else {
        panic!("choices expected")
    };
    let families = ["baseline", "linear_regression"]
        .map(|f| FamilyChoice { family: f.into(), settings: Default::default() })
        .into();
    // As yes or no first, then as a number.
    let likely = ask(&mut host, Request::Compare { plan: choices.plan.clone() }).expect("a comparison");
    let plan = ModelPlan { families, outcome: Some(Outcome::Amount), ..choices.plan };
    let compared = ask(&mut host, Request::Compare { plan }).expect("a comparison");
    for reply in [&segmented, &likely, &compared] {
        let n_bytes = codec::encode(JobId(1), reply).len();
        assert!(n_bytes < 30_000, "{n_bytes} bytes for 2,000 rows");
    }
    // The host has them still.
    let Ok(Reply::ReportCharts { charts }) = ask(&mut host, Request::ReportCharts) else { panic!("charts") };
    for name in ["segment_map", "predicted_actual"] {
        let chart = charts.iter().find(|c| c.chart == name).unwrap_or_else(|| panic!("no {name}")).clone();
        let Ok(Reply::Drawn { picture: Some(picture) }) =
            ask(&mut host, Request::Draw { chart, theme: Theme::light() })
        else {
            panic!("{name} is not drawn")
        };
        assert!(picture.option.len() > 10_000, "{name}: {} bytes", picture.option.len());
    }
}

#[test]
fn a_model_is_explained_and_asked_about_a_row() {
    let mut host = Host::new();
    open(&mut host, sample::ads(7, 400).as_bytes());
    ask(&mut host, Request::Prepare { recipe: Recipe::default() }).expect("prepared");
    let explain =
        |family: Option<&str>| Request::Explain { plan: ExplainPlan { family: family.map(str::to_owned) } };
    let what_if = |row, changes| Request::WhatIf { asked: WhatIf { row, changes, level: 0.9 } };
    assert!(ask(&mut host, explain(None)).is_err(), "nothing was compared");
    assert!(ask(&mut host, what_if(None, Vec::new())).is_err(), "nothing was explained");
    let Ok(Reply::ModelChoices { choices, .. }) =
        ask(&mut host, Request::ModelChoices { target: None, unblocked: vec![], outcome: None })
    else {
        panic!("choices expected")
    };
    let families = ["linear_regression", "gradient_boosting"]
        .map(|f| FamilyChoice { family: f.into(), settings: Default::default() })
        .into();
    let Ok(Reply::Compared { comparison }) =
        ask(&mut host, Request::Compare { plan: ModelPlan { families, ..choices.plan } })
    else {
        panic!("a comparison expected")
    };
    for family in [None, Some("gradient_boosting"), Some("linear_regression"), None] {
        let Ok(Reply::Explained { explanation }) = ask(&mut host, explain(family)) else {
            panic!("an explanation expected")
        };
        assert_eq!(explanation.family, family.unwrap_or(&comparison.verdict.winner));
        assert!(explanation.shap.is_some() && !explanation.words.is_empty());
        assert!(
            codec::encode(JobId(1), &Reply::Explained { explanation: explanation.clone() }).len() < 60_000
        );
        let column = explanation.columns.iter().find(|c| c.range.is_some()).expect("a number");
        let (_, high) = column.range.expect("a range");
        let change = vec![(column.name.clone(), Value::Number(high))];
        let Ok(Reply::Answered { answer }) = ask(&mut host, what_if(Some(3), change)) else {
            panic!("an answer expected")
        };
        assert!(answer.prediction.is_finite() && answer.interval.is_some() && !answer.parts.is_empty());
        let Ok(Reply::ReportCharts { charts }) = ask(&mut host, Request::ReportCharts) else {
            panic!("charts")
        };
        for name in ["shap_summary", "dependence", "waterfall"] {
            assert!(charts.iter().any(|c| c.chart == name), "no {name}");
        }
    }
    // Another table: the model was of the one before.
    let step = RecipeStep::Role { column: "Clicks".into(), role: Role::Number };
    ask(&mut host, Request::Prepare { recipe: Recipe { steps: vec![step], ..Recipe::default() } })
        .expect("prepared");
    assert!(ask(&mut host, what_if(Some(3), Vec::new())).is_err());
}

#[test]
fn results_of_a_file_read_otherwise_fit_again_when_that_is_taken_back() {
    let mut host = Host::new();
    let bytes = sample::ads(7, 400).into_bytes();
    let as_text = ColumnReading { column: "interest".into(), how: How::Text };
    let otherwise = ReadOptions { columns: vec![as_text], ..ReadOptions::default() };
    let read = |host: &mut Host, options: &ReadOptions| {
        let loaded = walk::load(host, "table.csv", &bytes, options.clone()).expect("read");
        let recipe = Recipe { read: options.clone(), files: loaded.files.clone(), ..Recipe::default() };
        ask(host, Request::Prepare { recipe }).expect("prepared");
    };
    let has_models = |host: &mut Host| match ask(host, Request::ReportCharts) {
        Ok(Reply::ReportCharts { charts }) => charts.iter().any(|c| c.chart == "model_scores"),
        other => panic!("{other:?}"),
    };
    let what_if = || Request::WhatIf { asked: WhatIf { row: Some(3), changes: Vec::new(), level: 0.9 } };
    read(&mut host, &ReadOptions::default());
    let asked = Request::ModelChoices { target: None, unblocked: vec![], outcome: None };
    let Ok(Reply::ModelChoices { choices, .. }) = ask(&mut host, asked) else { panic!("choices expected") };
    let families = vec![FamilyChoice { family: "decision_tree".into(), settings: Default::default() }];
    ask(&mut host, Request::Compare { plan: ModelPlan { families, ..choices.plan } }).expect("compared");
    ask(&mut host, Request::Explain { plan: ExplainPlan { family: None } }).expect("explained");
    assert_eq!((has_models(&mut host), ask(&mut host, what_if()).is_ok()), (true, true));
    read(&mut host, &otherwise);
    assert_eq!((has_models(&mut host), ask(&mut host, what_if()).is_ok()), (false, false));
    read(&mut host, &ReadOptions::default());
    assert_eq!((has_models(&mut host), ask(&mut host, what_if()).is_ok()), (true, true));
    // Another file in its place, with nothing else changed, is another table.
    let others = sample::ads(8, 400).into_bytes();
    let loaded = walk::load(&mut host, "table.csv", &others, ReadOptions::default()).expect("read");
    let recipe = Recipe { files: loaded.files.clone(), ..Recipe::default() };
    ask(&mut host, Request::Prepare { recipe }).expect("prepared");
    assert_eq!((has_models(&mut host), ask(&mut host, what_if()).is_ok()), (false, false));
    read(&mut host, &ReadOptions::default());
    assert!(has_models(&mut host));
    host.receive(Message::new(JobId(9), Request::ForgetResults), &mut |reply| panic!("{reply:?}"));
    assert_eq!((has_models(&mut host), ask(&mut host, what_if()).is_ok()), (false, false));
}

/// Files read together.
fn open_all(host: &mut Host, files: &[(&str, Put, &str)]) -> Result<Box<Loaded>, Notice> {
    let ask = |(name, put, text): &(&str, Put, &'_ str)| {
        let ask = FileAsk::new(name, text.len() as u64, ReadOptions::default());
        FileAsk { put: put.clone(), ..ask }
    };
    walk::load_files(host, files.iter().map(|file| (ask(file), file.2.as_bytes())).collect())
}

const JAN: &str = "Day,Campaign,Clicks\n2026-01-01,a,5\n2026-01-02,b,7\n";
const FEB: &str = "Day,Campaign,Clicks\n2026-02-01,a,6\n";
const BUDGETS: &str = "Name,Budget\na,100\na,150\nz,9\n";

#[test]
fn files_of_one_drop_are_put_together_or_named() {
    let mut host = Host::new();
    let by_shape = || Put::ByShape;
    let files = [
        ("photo.csv", by_shape(), "%PDF-1.7"),
        ("jan.csv", by_shape(), JAN),
        ("again.csv", by_shape(), JAN),
        ("budgets.csv", by_shape(), BUDGETS),
        ("feb.csv", by_shape(), FEB),
    ];
    let loaded = open_all(&mut host, &files).expect("two of them are alike");
    assert_eq!((loaded.receipt.n_rows, loaded.receipt.file_name.as_str()), (3, "jan.csv and 1 more"));
    assert_eq!(loaded.places, [1, 4]);
    let refused: Vec<_> = loaded.refused.iter().map(|(name, n)| (name.as_str(), n.title.as_str())).collect();
    assert_eq!(refused, [("photo.csv", "This is not a table"), ("again.csv", "The same file twice")]);
    let [aside] = loaded.aside.as_slice() else { panic!("{:?}", loaded.aside) };
    assert_eq!((aside.name.as_str(), aside.place), ("budgets.csv", 3));

    // What the page shows before it joins.
    let plan = JoinPlan { left: "Campaign".into(), right: "Name".into(), repeats: Repeats::Refuse };
    let look = |host: &mut Host, aside| ask(host, Request::LookAtJoin { aside, plan: plan.clone() });
    let Ok(Reply::JoinLookedAt { report }) = look(&mut host, 3) else { panic!("no report") };
    assert_eq!((report.n_rows_matched, report.n_repeated_keys, report.n_rows_if_every), (2, 1, 5));
    assert!(look(&mut host, 0).is_err());

    // Joined as it is it is refused, and what was open stays open.
    let parts = |repeats| {
        let join = Put::Join(JoinPlan { repeats, ..plan.clone() });
        [("jan.csv", Put::ByShape, JAN), ("budgets.csv", join, BUDGETS), ("feb.csv", Put::Append, FEB)]
    };
    let notice = open_all(&mut host, &parts(Repeats::Refuse)).expect_err("a key occurs twice");
    assert_eq!(notice.title, "A key occurs more than once");
    assert!(ask(&mut host, Request::Rows { start: 0, len: 9 }).is_ok());
    let joined = open_all(&mut host, &parts(Repeats::Combine)).expect("one row a key");
    let names: Vec<_> = joined.table.columns.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names, ["Day", "Campaign", "Clicks", "Source file", "Budget (sum)", "Rows in budgets"]);
    assert_eq!(joined.receipt.n_rows, 3);
}

#[test]
fn a_file_that_must_not_be_missing_stops_the_others() {
    let mut host = Host::new();
    open(&mut host, JAN.as_bytes());
    let notice = open_all(&mut host, &[("jan.csv", Put::ByShape, JAN), ("feb.csv", Put::Append, "")])
        .expect_err("it is part of the recipe");
    assert!(notice.detail.contains("feb.csv"), "{notice:?}");
    let notice = open_all(&mut host, &[("a.csv", Put::ByShape, ""), ("b.csv", Put::ByShape, "x\n")])
        .expect_err("no table");
    assert_eq!(notice.title, "None of the 2 files can be read");
    assert!(notice.detail.contains("a.csv: ") && notice.detail.contains("b.csv: "), "{notice:?}");
    let Ok(Reply::Rows { total, .. }) = ask(&mut host, Request::Rows { start: 0, len: 9 }) else {
        panic!("nothing is open any more")
    };
    assert_eq!(total, 2);
}

#[test]
fn files_read_by_threads_are_those_read_in_chunks() {
    let mut bytes = [Vec::new(), Vec::new()];
    for (seed, bytes) in (3..).zip(&mut bytes) {
        sample::daily_ads(seed, 4_000, &mut |part| bytes.extend_from_slice(part.as_bytes()));
    }
    let asked = |i: usize| FileAsk::new(["a.csv", "b.csv"][i], bytes[i].len() as u64, ReadOptions::default());
    let mut host = Host::new();
    let chunks = walk::load_files(&mut host, (0..2).map(|i| (asked(i), bytes[i].as_slice())).collect());
    let chunks = chunks.expect("read in chunks");
    for n_threads in [1, 3] {
        let files = (0..2).map(|i| (asked(i), threads::Bytes::Text(bytes[i].clone()))).collect();
        let read = threads::load_files(&mut Host::new(), files, n_threads).expect("read by threads");
        assert_eq!(read, chunks);
    }
}
