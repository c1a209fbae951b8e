//! What needs a browser's engine: messages as JavaScript values, the theme, and components in a document.

#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

use assay::{
    engine::{
        data::sample,
        knobs::{Knob, KnobKind, Setting, Settings},
        statistics::claim::{Claim, Grade, Record},
    },
    host::Host,
    platform::{
        mailbox, paper,
        theme::{self, ThemeChoice},
    },
    protocol::{JobId, Reply, Request, Sample, codec::Message},
    ui::components::{Cell, ClaimCard, KnobForm, Table},
};
use js_sys::{Array, Uint8Array};
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
