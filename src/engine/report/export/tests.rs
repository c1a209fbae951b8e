//! Every format writes a rich report: well formed, safe, and the same each time.

use serde_json::Value;

use super::{EXPORTERS, find};
use crate::engine::{
    report::{
        ReportError,
        build::{document, main_claims, section_of},
        document::Block,
        sample::{bare, figures, rich},
    },
    statistics::claim::{Claim, Grade, TestRecord},
};

fn write(slug: &str) -> String {
    let (findings, figures) = (rich(), figures());
    let document = document(&findings, &figures);
    String::from_utf8(find(slug).unwrap().write(&document, &findings)).unwrap()
}

#[test]
fn every_format_writes_the_rich_and_the_bare_report_twice_alike() {
    for exporter in EXPORTERS {
        for findings in [rich(), bare()] {
            let first = exporter.write(&document(&findings, &figures()), &findings);
            let second = exporter.write(&document(&findings, &figures()), &findings);
            assert!(first.len() > 100, "{} is empty", exporter.slug());
            assert_eq!(first, second, "{}", exporter.slug());
            let text = String::from_utf8(first).unwrap();
            for odd in ["NaN", "inf ", "Some(", "None,", "0.000 "] {
                assert!(!text.contains(odd), "{} says {odd}", exporter.slug());
            }
        }
        assert_eq!(find(exporter.slug()).map(|e| e.slug()), Ok(exporter.slug()));
    }
    let slugs: std::collections::BTreeSet<&str> = EXPORTERS.iter().map(|e| e.slug()).collect();
    assert_eq!(slugs.len(), EXPORTERS.len());
    assert_eq!(find("docx").map(|e| e.slug()), Err(ReportError::UnknownFormat { slug: "docx".into() }));
}

#[test]
fn no_format_writes_an_address_that_stands_in_an_ordinary_column() {
    let (mut findings, mut figures) = (rich(), figures());
    let said = "rang an (0151), Quirina.O@mailhost.example, +49 30 1234567";
    findings.raw.columns[1].examples = vec![said.into()];
    findings.table.columns[1].examples = vec![said.into()];
    findings.kept.push(said.into());
    findings.receipt.file_name = "list of bo@mailhost.example.csv".into();
    let exploration = findings.exploration.as_mut().unwrap();
    exploration.rates[0].levels[0].label = said.into();
    exploration.kpis[0].rows[1].labels = vec![said.into()];
    exploration.columns[0].top = vec![(said.into(), 20)];
    let claim = &mut exploration.claims[0];
    claim.sentence = format!("Too few: {said} (1 row)");
    claim.record.notes.push(claim.sentence.clone());
    claim.record.table.push(vec![said.into(), "1".into()]);
    figures[0].alt = said.into();
    figures[0].rows[0][0] = said.into();
    figures[0].svg = Some(format!("<svg><path d=\"M1 2\"/><text>{said}</text></svg>"));
    for slug in ["html", "markdown", "results", "summary"] {
        let bytes = find(slug).unwrap().write(&document(&findings, &figures), &findings);
        let text = String::from_utf8(bytes).unwrap();
        assert!(!text.contains("mailhost"), "{slug} names somebody");
        assert!(slug == "html" || !text.contains("1234567"), "{slug} has a phone number");
    }
}

/// Panics unless every element that opens is closed in order; a small check, enough for what maud writes.
#[track_caller]
fn assert_balanced(html: &str) {
    const VOID: &[&str] = &["meta", "br", "!DOCTYPE", "!doctype"];
    let mut open: Vec<String> = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let end = rest.find('>').expect("a tag ends");
        let tag = &rest[..end];
        rest = &rest[end + 1..];
        let name: String =
            tag.trim_start_matches('/').chars().take_while(|c| !c.is_whitespace() && *c != '/').collect();
        if let Some(_closing) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name.as_str()));
        } else if !tag.ends_with('/') && !VOID.contains(&name.as_str()) {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "still open: {open:?}");
}

#[test]
fn html_is_one_safe_file() {
    let html = write("html");
    assert_balanced(&html);
    let lower = html.to_lowercase();
    for forbidden in [
        "<script",
        "javascript:",
        "<foreignobject",
        "<iframe",
        "<img",
        "<link",
        "onload=",
        "onerror=",
        "@import",
        "xmlns",
    ] {
        assert!(!lower.contains(forbidden), "{forbidden}");
    }
    for address in ["http://", "https://", "src=\"//", "href=\"//"] {
        assert!(!lower.contains(address), "{address}");
    }
    assert!(html.contains(
        "default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'unsafe-inline'; img-src data:"
    ));
    // Names of the file are text, whatever they hold.
    assert!(html.contains("&lt;b&gt;Income&lt;/b&gt;"));
    assert!(!html.contains("<b>Income"));
    assert!(html.len() < 120_000, "{} bytes", html.len());
}

#[test]
fn html_has_landmarks_one_title_and_a_target_for_every_link() {
    let html = write("html");
    for landmark in ["<main>", "<nav ", "<header>", "<footer>", "lang=\"en\""] {
        assert_eq!(html.matches(landmark).count(), 1, "{landmark}");
    }
    assert_eq!(html.matches("<h1").count(), 1);
    let links: Vec<&str> = html.split("href=\"#").skip(1).filter_map(|r| r.split('"').next()).collect();
    assert!(links.len() > 9);
    let mut ids: Vec<&str> = html.split(" id=\"").skip(1).filter_map(|r| r.split('"').next()).collect();
    assert!(links.iter().all(|link| ids.contains(link)), "{links:?}");
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all, "an id is there twice");
}

#[test]
fn html_says_the_grade_in_words() {
    let html = write("html");
    for (sign, word) in [("●", "supported"), ("◐", "suggestive"), ("○", "cannot tell")] {
        assert!(html.contains(&format!("<span aria-hidden=\"true\">{sign}</span> {word}")), "{word}");
    }
}

#[test]
fn markdown_tables_are_well_formed() {
    let text = write("markdown");
    let mut width = None;
    let mut n_tables = 0;
    for line in text.lines() {
        if !line.starts_with('|') {
            width = None;
            continue;
        }
        assert!(line.ends_with('|'), "{line}");
        let cells = line.replace("\\|", "").matches('|').count() - 1;
        match width {
            None => {
                width = Some(cells);
                n_tables += 1;
            }
            Some(width) => assert_eq!(cells, width, "{line}"),
        }
    }
    assert!(n_tables > 8, "{n_tables}");
    assert!(!text.contains("<b>") && !text.contains("<script"));
    assert!(text.starts_with("# "));
}

#[test]
fn results_have_the_documented_keys() {
    let value: Value = serde_json::from_str(&write("results")).unwrap();
    for path in [
        "/format",
        "/format_version",
        "/version",
        "/data/columns/0/name",
        "/data/columns/0/type",
        "/data/columns/0/role",
        "/data/issues/0/kind",
        "/data/issues/0/message",
        "/data/fingerprint",
        "/data/skipped/0/line",
        "/prepared/columns/0/name",
        "/cleaning/0/effect/sentence",
        "/cleaning/0/state",
        "/features/0/effect/columns_added",
        "/explore/summaries/0/name",
        "/explore/summaries/0/numeric/mean",
        "/explore/correlations/0/values",
        "/explore/kpi_tables/0/rows/0/values",
        "/explore/rates/0/levels/0/rate",
        "/explore/tests/0/test/p",
        "/models/target",
        "/models/validation",
        "/models/families/0/family",
        "/models/families/0/folds/0/r2",
        "/models/families/0/pooled/rmse",
        "/models/families/0/mean/mae",
        "/models/families/0/sd/mse",
        "/models/verdict/winner",
        "/models/pairs/0/p",
        "/models/importance/0/feature",
        "/models/candidates/0/standing",
        "/segments/sweep/0/silhouette",
        "/segments/k",
        "/segments/recommended_k",
        "/segments/sizes/0",
        "/segments/profiles/0/means",
        "/decision/retargeting/profit_interval",
        "/decision/hold_out/n_per_arm",
        "/decision/budget/gain",
        "/claims/0/record/n",
        "/claims/0/grade",
        "/recipe/version",
        "/recipe/seed",
    ] {
        assert!(value.pointer(path).is_some_and(|v| !v.is_null()), "{path} is missing");
    }
    let bare: Value = {
        let findings = bare();
        serde_json::from_slice(&find("results").unwrap().write(&document(&findings, &[]), &findings)).unwrap()
    };
    for key in ["explore", "models", "segments", "decision"] {
        assert!(bare.get(key).is_some_and(Value::is_null), "{key}");
    }
}

#[test]
fn the_recipe_loads_again_as_it_was() {
    let text = write("recipe");
    assert_eq!(crate::engine::pipeline::recipe::Recipe::from_json(&text).unwrap(), rich().recipe);
}

#[test]
fn the_summary_fits_a_chat() {
    let text = write("summary");
    assert!(text.lines().count() <= 16 && text.len() < 3000, "{text}");
    assert!(text.contains("\nDecision: ") && text.contains("\n- Cannot tell: "));
}

#[test]
fn coefficients_stand_in_the_report_with_what_they_mean() {
    let html = write("html");
    assert!(html.contains("Linear regression: what each column adds to the prediction"));
    assert!(
        html.contains("95 % interval, HC3")
            && html.contains("one unit of the column, with the other columns held.")
    );
    // A column of which nothing is known is not drawn.
    assert!(!html.contains("Error, by "));
}

#[test]
fn the_report_holds_only_what_was_looked_at() {
    let slugs = |findings| document(&findings, &[]).sections.into_iter().map(|s| s.slug).collect::<Vec<_>>();
    assert_eq!(slugs(bare()), ["data", "method", "recipe"]);
    assert_eq!(
        slugs(rich()),
        ["data", "cleaning", "features", "explore", "models", "segments", "decision", "method", "recipe"]
    );
}

#[test]
fn charts_stand_in_their_section() {
    for (chart, section) in [
        ("histogram", "explore"),
        ("rate_by_segment", "explore"),
        ("model_scores", "models"),
        ("predicted_actual", "models"),
        ("k_sweep", "segments"),
        ("segment_map", "segments"),
        ("segment_value", "decision"),
        ("profit_curve", "decision"),
    ] {
        assert_eq!(section_of(chart), section, "{chart}");
    }
    let document = document(&rich(), &figures());
    for figure in figures() {
        let wanted = section_of(&figure.chart);
        let section = document.sections.iter().find(|s| s.slug == wanted).unwrap();
        assert!(has_figure(&section.blocks, &figure.title), "{}", figure.title);
    }
}

#[test]
fn the_summary_names_the_surest_difference_and_what_cannot_be_told_of_age() {
    let claims = |list: &[(&str, &str, Grade, Option<f64>)]| -> Vec<Claim> {
        let mut base = rich().exploration.unwrap().claims[0].clone();
        let mut make = |(id, topic, grade, p): &(&str, &str, Grade, Option<f64>)| {
            let record = &mut base.record;
            record.test =
                p.map(|p| TestRecord { p, ..rich().exploration.unwrap().rates[0].test.clone().unwrap() });
            Claim { id: (*id).into(), topic: (*topic).into(), grade: *grade, ..base.clone() }
        };
        list.iter().map(&mut make).collect()
    };
    let all = claims(&[
        ("overall.x", "Response", Grade::Supported, None),
        ("rate.x.education", "Response by Education", Grade::Supported, Some(1e-4)),
        ("rate.x.loyalty", "Response by Loyalty", Grade::Supported, Some(1e-80)),
        ("rate.x.complain", "Response by Complain", Grade::CannotTell, Some(0.94)),
        ("rate.x.age_group", "Response by Age group", Grade::CannotTell, Some(0.86)),
        ("correlation.a.b", "A and b", Grade::Supported, Some(0.0)),
    ]);
    let ids: Vec<&str> = main_claims(&all).iter().map(|c| c.id.as_str()).collect();
    assert_eq!(ids, ["overall.x", "rate.x.loyalty", "rate.x.age_group"]);
    assert_eq!(main_claims(&all[5..]).len(), 1);
    assert!(main_claims(&[]).is_empty());
}

fn has_figure(blocks: &[Block], wanted: &str) -> bool {
    blocks.iter().any(|b| match b {
        Block::Figure { title, .. } => title == wanted,
        Block::Details { blocks, .. } => has_figure(blocks, wanted),
        _ => false,
    })
}
