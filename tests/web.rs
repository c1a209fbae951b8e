//! What needs a browser's engine: messages as JavaScript values, the theme, and components in a document.

#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{cell::RefCell, rc::Rc};

use assay::{
    engine::{
        data::sample,
        knobs::{Knob, KnobKind, Setting, Settings},
        statistics::claim::{Claim, Grade, Record},
        task::{SharedId, Task},
    },
    host::Host,
    platform::{
        blocks,
        link::{Event as LinkEvent, Link, Start},
        mailbox, paper,
        pool::{BatchEnd, Pool},
        storage::{self, StorageError},
        stretch::Stretches,
        theme::{self, ThemeChoice},
        time,
        worker::WorkerCode,
    },
    protocol::{
        JobId, Reply, Request, Sample,
        codec::{self, Message},
    },
    ui::components::{Cell, ClaimCard, KnobForm, Table},
};
use idb::DatabaseEvent;
use js_sys::{Array, Object, Promise, Reflect, Uint8Array};
use leptos::{mount::mount_to, prelude::*};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{Element, Event, HtmlElement, HtmlInputElement};

wasm_bindgen_test_configure!(run_in_browser);

/// A place of its own in the document; gone with the test.
struct Stage(HtmlElement);

impl Stage {
    fn new() -> Self {
        let element: HtmlElement = document().create_element("div").unwrap().unchecked_into();
        document().body().unwrap().append_child(&element).unwrap();
        Self(element)
    }

    fn one(&self, selector: &str) -> Element {
        self.0.query_selector(selector).unwrap().unwrap_or_else(|| panic!("there is a {selector}"))
    }

    fn count(&self, selector: &str) -> u32 {
        self.0.query_selector_all(selector).unwrap().length()
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.0.remove();
    }
}

/// Enters something as a person does.
fn enter(input: &HtmlInputElement, text: &str) {
    input.set_value(text);
    input.dispatch_event(&Event::new("change").unwrap()).unwrap();
}

#[wasm_bindgen_test]
fn a_message_comes_back_as_it_went() {
    let request = Request::Rows { start: 40, len: 20 };
    let bytes: Vec<u8> = (0..=255).collect();
    let (message, transfer) = mailbox::pack(JobId(7), &request, &[&bytes, &[]]);

    let parts: &Array = message.dyn_ref().unwrap();
    assert_eq!(parts.length(), 3, "the envelope and two attachments");
    assert!(parts.iter().all(|p| p.is_instance_of::<Uint8Array>()));
    assert_eq!(transfer.dyn_ref::<Array>().unwrap().length(), 3, "all of them are handed over, not copied");

    let back = mailbox::unpack::<Request>(&message).unwrap();
    assert_eq!((back.job, back.body), (JobId(7), request));
    assert_eq!(back.attachments, vec![bytes, Vec::new()]);
}

#[wasm_bindgen_test]
fn what_is_no_message_is_none() {
    assert!(mailbox::unpack::<Reply>(&"hello".into()).is_none());
    assert!(mailbox::unpack::<Reply>(&Array::new().into()).is_none());
    let noise = Array::of1(&Uint8Array::from(&[255_u8; 40][..]).into());
    assert!(mailbox::unpack::<Reply>(&noise.into()).is_none());
}

#[wasm_bindgen_test]
fn the_host_opens_a_sample() {
    let mut loaded = None;
    Host::new().receive(Message::new(JobId(1), Request::LoadSample { sample: Sample::Ads }), &mut |reply| {
        if let Reply::Loaded { loaded: table } = reply.body {
            loaded = Some(table);
        }
    });
    let lines = sample::ads(42, 100).lines().count();
    assert_eq!(lines, 101, "a header and a hundred rows");
    assert!(loaded.expect("the sample opens").receipt.n_rows > 100);
}

#[wasm_bindgen_test]
fn the_theme_is_kept_and_worn() {
    theme::apply(ThemeChoice::Dark);
    let root = document().document_element().unwrap();
    assert_eq!(root.get_attribute("data-theme").as_deref(), Some("dark"));
    assert_eq!(theme::stored(), ThemeChoice::Dark);
    theme::apply(ThemeChoice::Auto);
    assert_eq!(theme::stored(), ThemeChoice::Auto);
    for choice in ThemeChoice::ALL {
        assert_eq!(ThemeChoice::from_slug(choice.slug()), Some(choice));
    }
}

#[wasm_bindgen_test]
fn a_report_is_shown_apart_from_the_page() {
    let stage = Stage::new();
    let report = "<!doctype html><html><head><style>p{color:red}</style></head><body><main><p>Found</p></main></body></html>";
    paper::show(&stage.0, report).unwrap();
    assert_eq!(stage.count("p"), 0, "its elements are not the page's");
    assert!(stage.0.shadow_root().unwrap().text_content().unwrap_or_default().contains("Found"));
}

#[wasm_bindgen_test]
fn a_finding_shows_its_grade_and_opens_its_record() {
    let stage = Stage::new();
    let record = Record {
        estimand: "response rate".into(),
        estimate: Some(0.149),
        unit: "%".into(),
        interval: Some((0.135, 0.164)),
        level: Some(0.95),
        interval_method: Some("Wilson".into()),
        n: 2_240,
        test: None,
        rows: "all 2,240 rows".into(),
        notes: vec!["Everyone was contacted.".into()],
        table: Vec::new(),
        shared: None,
    };
    let claim = Claim {
        id: "overall.response".into(),
        topic: "Response".into(),
        sentence: "334 of 2,240 people responded.".into(),
        grade: Grade::Suggestive,
        record,
    };
    let _mounted = mount_to(stage.0.clone(), move || view! { <ClaimCard claim=claim.clone() /> });

    let grade = stage.one("[data-grade]");
    assert_eq!(grade.get_attribute("data-grade").as_deref(), Some("suggestive"));
    assert!(grade.text_content().unwrap().contains("suggestive"), "the grade is a word, not a colour alone");
    let details = stage.one("details");
    assert!(!details.has_attribute("open"));
    stage.one("summary").unchecked_into::<HtmlElement>().click();
    assert!(details.has_attribute("open"));
    let words = details.text_content().unwrap();
    for part in ["14.9 %", "13.5 %", "16.4 %", "2,240", "Wilson", "Everyone was contacted."] {
        assert!(words.contains(part), "{part} in {words}");
    }
}

#[wasm_bindgen_test]
fn figures_of_a_table_stand_right() {
    let stage = Stage::new();
    let header = Signal::stored(vec!["Group".to_owned(), "Rate".to_owned()]);
    let rows = Signal::stored(vec![
        vec![Cell::text("30-34"), Cell::number("5.2 %")],
        vec![Cell::text("35-39"), Cell::number("–").with_hint("no clicks")],
    ]);
    let _mounted = mount_to(stage.0.clone(), move || view! { <Table caption="Rates" header rows /> });

    assert_eq!(stage.one("caption").text_content().as_deref(), Some("Rates"));
    assert_eq!(stage.count("tbody tr"), 2);
    assert_eq!(stage.count("td[data-number]"), 2);
    assert_eq!(stage.count("th[scope=row][data-number]"), 0, "names stand left");
    assert!(stage.one("thead th:nth-child(2)").has_attribute("data-number"), "so does the head of figures");
    assert_eq!(stage.one("tr:nth-child(2) td").get_attribute("title").as_deref(), Some("no clicks"));
}

#[wasm_bindgen_test]
async fn a_form_changes_settings_and_refuses_what_is_out_of_range() {
    let stage = Stage::new();
    let knob = Knob {
        slug: "trees".into(),
        label: "Trees".into(),
        help: "How many.".into(),
        kind: KnobKind::Integer { min: 1, max: 500 },
        default: Setting::Integer(100),
        search: None,
        only_with: None,
    };
    let settings = RwSignal::new(Settings::default());
    let table = Signal::stored(None);
    let _mounted =
        mount_to(stage.0.clone(), move || view! { <KnobForm knobs=vec![knob.clone()] settings table /> });
    leptos::task::tick().await;

    let input: HtmlInputElement = stage.one("input").unchecked_into();
    assert_eq!(input.value(), "100", "the default is shown");
    enter(&input, "250");
    assert_eq!(settings.with_untracked(|s| s.get("trees").cloned()), Some(Setting::Integer(250)));
    enter(&input, "9000");
    leptos::task::tick().await;
    assert!(stage.one("[role=alert]").text_content().unwrap().contains("between 1 and 500"));
    assert_eq!(
        settings.with_untracked(|s| s.get("trees").cloned()),
        Some(Setting::Integer(250)),
        "the last good one stays"
    );
}

/// Bytes of a message up to its fields, as a script writes them: the job stands first, the kind second.
fn kind<B: serde::Serialize>(body: &B) -> u8 {
    codec::encode(JobId(1), body)[1]
}

/// Code of workers that do what `script` says. It may call `say(bytes)` and `fail()`, and knows the kinds of messages.
async fn workers(n: u32, script: &str) -> WorkerCode {
    let navigator = window().navigator();
    let value = Object::new();
    Reflect::set(&value, &"value".into(), &n.into()).unwrap();
    Reflect::set(&value, &"configurable".into(), &true.into()).unwrap();
    Object::define_property(&navigator, &"hardwareConcurrency".into(), &value);
    let id = SharedId(0);
    let task = Task { kind: String::new(), label: String::new(), shared: id, seed: 0, payload: Vec::new() };
    let source = format!(
        "const HOLD = {}, RUN = {}, FORGET = {}, ROWS = {}, SAMPLE = {}, DONE = {}, CHARTS = {};
        const say = (bytes) => {{ const b = new Uint8Array(bytes); postMessage([b], [b.buffer]); }};
        const ready = () => say({:?});
        const fail = () => setTimeout(() => {{ throw new Error('out of memory'); }});
        {script}",
        kind(&Request::Hold { id }),
        kind(&Request::Run { task }),
        kind(&Request::Forget { ids: vec![] }),
        kind(&Request::Rows { start: 0, len: 0 }),
        kind(&Request::LoadSample { sample: Sample::Ads }),
        kind(&Reply::TaskDone { output: Default::default() }),
        kind(&Reply::ReportCharts { charts: vec![] }),
        codec::encode(JobId(0), &Reply::Ready { version: String::new() }),
    );
    let code = Object::new();
    let script = format!("data:text/javascript,{}", js_sys::encode_uri_component(&source));
    Reflect::set(&code, &"script".into(), &script.into()).unwrap();
    Reflect::set(&window(), &"assayWorker".into(), &Promise::resolve(&code)).unwrap();
    WorkerCode::load().await.unwrap()
}

/// Answers each task with the kinds of all messages heard so far.
const HONEST: &str = "const heard = [];
    let isStarted = false;
    onmessage = (event) => {
      if (!isStarted) { isStarted = true; ready(); return; }
      const [job, kind] = event.data[0];
      heard.push(kind);
      if (kind === RUN) say([job, DONE, heard.length, ...heard]);
      if (kind === ROWS) fail();
      if (kind === SAMPLE) say([job, CHARTS, 0]);
    };";

async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..500 {
        if is_so() {
            return;
        }
        time::sleep(10).await;
    }
    panic!("five seconds passed, and still not: {what}");
}

/// Runs `n` tasks that share one thing; what comes out is filled in when the batch ends.
fn run_batch(pool: &Pool, job: u32, n: usize) -> Rc<RefCell<Option<Vec<Vec<u8>>>>> {
    let ended = Rc::new(RefCell::new(None));
    let shared = SharedId(5);
    let task = Task { kind: "k".into(), label: "l".into(), shared, seed: 1, payload: vec![] };
    let slot = ended.clone();
    pool.run(JobId(job), vec![(shared, vec![1, 2, 3])], vec![task; n], move |end| match end {
        BatchEnd::Outputs { outputs, stopped } => {
            assert!(!stopped);
            *slot.borrow_mut() = Some(outputs.into_iter().map(|o| o.unwrap().into_vec()).collect());
        }
        BatchEnd::Failed(notice) => panic!("{notice:?}"),
    });
    ended
}

#[wasm_bindgen_test]
async fn the_host_does_the_tasks_when_no_worker_starts() {
    let code = workers(2, "fail();").await;
    let pool = Pool::new(Rc::new(|_, _, _, _| {}));
    let asked = Rc::new(RefCell::new(Vec::new()));
    let to_host = {
        let (pool, asked) = (pool.clone(), asked.clone());
        move |job, request: Request, attachments: Vec<Vec<u8>>| {
            asked.borrow_mut().push((kind(&request), attachments.len()));
            if matches!(request, Request::Run { .. }) {
                let pool = pool.clone();
                time::after(0, move || {
                    let done = Reply::TaskDone { output: vec![7].into() };
                    assert!(pool.hear_host(Message::new(job, done)).is_none(), "it is the pool's");
                });
            }
        }
    };
    pool.set_code(code, Rc::new(to_host), Rc::new(|_| {}));
    let ended = run_batch(&pool, 1, 3);
    until("the batch has ended", || ended.borrow().is_some()).await;
    assert_eq!(ended.take(), Some(vec![vec![7]; 3]));
    let id = SharedId(5);
    let task = Task { kind: String::new(), label: String::new(), shared: id, seed: 0, payload: vec![] };
    let (hold, run) = (kind(&Request::Hold { id }), kind(&Request::Run { task }));
    assert_eq!(*asked.borrow(), [(hold, 1), (run, 0), (run, 0), (run, 0)], "what they share goes once");

    pool.release(JobId(1));
    let forget = kind(&Request::Forget { ids: vec![] });
    assert_eq!(asked.borrow().last(), Some(&(forget, 0)));
    let other = Message::new(JobId(1), Reply::TaskDone { output: Default::default() });
    assert!(pool.hear_host(other).is_some(), "what is said to nobody's task is not the pool's");
}

#[wasm_bindgen_test]
async fn a_worker_that_cannot_start_leaves_the_work_to_the_others() {
    // One worker at a time holds the lock; the others fail.
    let code = workers(
        3,
        &format!(
            "{HONEST} const go = onmessage;
            onmessage = (start) => navigator.locks.request('assay-test', {{ ifAvailable: true }}, (lock) => {{
              if (!lock) return fail();
              onmessage = go;
              go(start);
              return new Promise(() => {{}});
            }});"
        ),
    )
    .await;
    let pool = Pool::new(Rc::new(|_, _, _, _| {}));
    pool.set_code(code, Rc::new(|_, _, _| panic!("one worker started")), Rc::new(|_| {}));
    let ended = run_batch(&pool, 1, 6);
    until("the batch has ended", || ended.borrow().is_some()).await;
    let lengths: Vec<usize> = ended.take().unwrap().iter().map(Vec::len).collect();
    // Hold and run, then run; before them the first member to be there may have been warmed up.
    let warmed = lengths.first().copied().unwrap_or(0).saturating_sub(2);
    assert!(warmed <= 1, "{lengths:?}");
    let expected: Vec<usize> = (2..8).map(|n| n + warmed).collect();
    assert_eq!(lengths, expected, "one after the other on the same worker");
    pool.reset();
}

#[wasm_bindgen_test]
async fn what_a_job_shared_is_let_go_of_when_it_is_settled() {
    let code = workers(1, HONEST).await;
    let pool = Pool::new(Rc::new(|_, _, _, _| {}));
    pool.set_code(code, Rc::new(|_, _, _| panic!("the worker starts")), Rc::new(|_| {}));
    let first = run_batch(&pool, 1, 1);
    until("the first batch has ended", || first.borrow().is_some()).await;
    let second = run_batch(&pool, 2, 1);
    until("the second batch has ended", || second.borrow().is_some()).await;
    // The second job needs it still.
    pool.release(JobId(1));
    pool.release(JobId(2));
    let third = run_batch(&pool, 3, 1);
    until("the third batch has ended", || third.borrow().is_some()).await;

    let id = SharedId(5);
    let task = Task { kind: String::new(), label: String::new(), shared: id, seed: 0, payload: vec![] };
    let (hold, run) = (kind(&Request::Hold { id }), kind(&Request::Run { task }));
    let forget = kind(&Request::Forget { ids: vec![] });
    // The first member is warmed up as soon as it is there.
    let warm = kind(&Request::Warm);
    assert_eq!(third.take(), Some(vec![vec![warm, hold, run, run, forget, hold, run]]));

    pool.start_anew();
    let fourth = run_batch(&pool, 4, 1);
    until("the fourth batch has ended", || fourth.borrow().is_some()).await;
    assert_eq!(fourth.take(), Some(vec![vec![hold, run]]), "a new worker, and with it fresh memory");
    pool.reset();
}

#[wasm_bindgen_test]
async fn a_worker_that_was_given_up_is_started_for_the_next_file() {
    workers(1, HONEST).await;
    let starts = Rc::new(RefCell::new(Vec::new()));
    let deaths = Rc::new(RefCell::new(Vec::new()));
    let answered = Rc::new(RefCell::new(Vec::new()));
    let link = {
        let (starts, deaths, answered) = (starts.clone(), deaths.clone(), answered.clone());
        Link::new(move |event| match event {
            LinkEvent::Ready { start } => starts.borrow_mut().push(start),
            LinkEvent::Died { is_restarted, .. } => deaths.borrow_mut().push(is_restarted),
            LinkEvent::Reply(message) => answered.borrow_mut().push(message.job),
        })
    };
    link.clone().connect().await.unwrap();
    for n in 1..=4 {
        until("the worker is ready", || starts.borrow().len() == n).await;
        link.send(Request::Rows { start: 0, len: 1 });
        until("the worker has died", || deaths.borrow().len() == n).await;
    }
    assert_eq!(*deaths.borrow(), [true, true, true, false]);
    time::sleep(100).await;
    assert_eq!(starts.borrow().len(), 4, "nothing is started by itself");

    let job = link.send(Request::LoadSample { sample: Sample::Ads });
    until("the sample is opened", || answered.borrow().contains(&job)).await;
    assert_eq!(*starts.borrow(), [Start::First, Start::Again, Start::Again, Start::Again, Start::Afresh]);
}

/// The database as another tab holds it that knows nothing of this one.
async fn other_tab(version: u32) -> idb::Database {
    let mut request = idb::Factory::new().unwrap().open("assay", Some(version)).unwrap();
    request.on_upgrade_needed(|event| {
        let mut params = idb::ObjectStoreParams::new();
        params.key_path(Some(idb::KeyPath::new_single("run.id")));
        let _ = event.database().unwrap().create_object_store("runs", params);
        let _ = event.database().unwrap().create_object_store("last", idb::ObjectStoreParams::new());
    });
    request.await.unwrap()
}

#[wasm_bindgen_test]
async fn another_tab_is_waited_for_but_not_for_ever() {
    storage::erase_all().await.unwrap();
    let other = other_tab(2).await;
    assert!(storage::list_runs().await.unwrap().runs.is_empty(), "two tabs read at once");
    assert_eq!(storage::erase_all().await, Err(StorageError::Busy));
    other.close();
    storage::erase_all().await.unwrap();
    assert!(storage::list_runs().await.unwrap().runs.is_empty());
}

#[wasm_bindgen_test]
async fn what_a_newer_version_stored_is_left_alone() {
    storage::erase_all().await.unwrap();
    other_tab(99).await.close();
    match storage::list_runs().await {
        Err(StorageError::Newer { .. }) => {}
        other => panic!("{other:?}"),
    }
    storage::erase_all().await.unwrap();
}

#[wasm_bindgen_test]
async fn a_file_is_read_forwards_and_from_anywhere() {
    let bytes: Vec<u8> = (0..3_000_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let parts = Array::of1(&Uint8Array::from(bytes.as_slice()));
    let file = web_sys::File::new_with_u8_array_sequence(&parts, "some.csv").unwrap();
    let mut stretches = Stretches::new(&file);
    // On and on with an overlap; back; a jump; the same again; the end; nothing.
    let wanted = [
        (0, 1_000_000, 2_000_000),
        (999_998, 1_500_000, 2_000_000),
        (1_499_998, 2_000_000, 2_000_000),
        (10, 20, 30),
        (2_500_000, 2_600_000, 3_000_000),
        (2_500_000, 2_600_000, 3_000_000),
        (2_599_998, 3_000_000, 3_000_000),
        (3_000_000, 3_000_000, 3_000_000),
    ];
    for (i, &(from, to, until)) in wanted.iter().enumerate() {
        stretches.bring(from, to, until).await.unwrap();
        // What comes next is opened where this stretch ends.
        stretches.ahead(wanted.get(i + 1).copied());
        assert_eq!(stretches.bytes(from, to), &bytes[from as usize..to as usize], "{from} to {to}");
    }
    // Behind the end there is nothing, and whoever asked can see that.
    stretches.bring(2_999_990, 3_000_100, 3_000_100).await.unwrap();
    assert_eq!(stretches.bytes(2_999_990, 3_000_100).len(), 10);
}

#[wasm_bindgen_test]
fn runs_of_blocks_are_long_at_first_and_short_at_the_end() {
    let lengths = [40, 16, 15, 8, 4, 3, 1, 0].map(|left| blocks::run_length(left, 2));
    assert_eq!(lengths, [8, 4, 3, 2, 1, 1, 1, 1]);
}
