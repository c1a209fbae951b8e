//! The report as one HTML file: no script, no address outside, opens from disk, prints.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{Exporter, markdown::is_numeric, svg};
use crate::engine::{
    report::{
        build::Findings,
        document::{Block, Document},
        record,
    },
    statistics::claim::{Claim, Grade},
    words::{rows_of, unbroken},
};

/// `report.html`
pub struct Html;

impl Exporter for Html {
    fn slug(&self) -> &'static str {
        "html"
    }
    fn title(&self) -> &'static str {
        "HTML, one file"
    }
    fn help(&self) -> &'static str {
        "Everything with charts in one file that opens anywhere, without network or script."
    }
    fn file_name(&self) -> &'static str {
        "report.html"
    }
    fn mime(&self) -> &'static str {
        "text/html"
    }
    fn write(&self, document: &Document, _findings: &Findings) -> Vec<u8> {
        page(document).into_string().into_bytes()
    }
}

/// Nothing may be loaded, nothing may run: the file is text, styles and pictures it holds itself.
const POLICY: &str =
    "default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'unsafe-inline'; img-src data:";

const STYLE: &str = include_str!("html.css");

/// Tables longer than this are folded away behind their caption.
const LONG: usize = 40;

fn page(document: &Document) -> Markup {
    let mut figures = 0;
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="generator" content={ "Assay " (document.version) };
                title { (document.title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a class="skip" href="#summary" { "Skip to the summary" }
                header {
                    p class="brand" { "Assay report" }
                    h1 { (document.title) }
                }
                nav aria-label="Contents" {
                    ol {
                        li { a href="#summary" { "Summary" } }
                        @for section in &document.sections {
                            li { a href={ "#" (section.slug) } { (section.title) } }
                        }
                    }
                }
                main {
                    section id="summary" aria-labelledby="summary-title" {
                        h2 id="summary-title" { "Summary" }
                        p class="lead" { (unbroken(&document.summary.lead)) }
                        ul { @for (word, sentence) in &document.summary.points {
                            li { b { (word) ":" } " " (unbroken(sentence)) }
                        } }
                        p { (document.summary.limits) }
                    }
                    @for section in &document.sections {
                        section id=(section.slug) aria-labelledby={ (section.slug) "-title" } {
                            h2 id={ (section.slug) "-title" } { (section.title) }
                            (blocks(&section.blocks, &mut figures))
                        }
                    }
                }
                footer {
                    p { "Made with Assay " (document.version) " on the machine of whoever analysed the file. This page loads nothing and runs nothing." }
                }
            }
        }
    }
}

fn blocks(blocks: &[Block], figures: &mut usize) -> Markup {
    html! { @for b in blocks { (block(b, figures)) } }
}

fn block(block: &Block, figures: &mut usize) -> Markup {
    match block {
        Block::Paragraph(text) => html! { p { (unbroken(text)) } },
        Block::Heading(text) => html! { h3 { (text) } },
        Block::List(items) => html! { ul { @for item in items { li { (unbroken(item)) } } } },
        Block::Facts(list) => facts(list),
        Block::Table { caption, header, rows } if rows.len() > LONG => html! {
            details { summary { (caption) " (" (rows_of(rows.len() as u64)) ")" } (table(caption, header, rows)) }
        },
        Block::Table { caption, header, rows } => table(caption, header, rows),
        Block::Figure { title, alt, header, rows, svg, how, .. } => {
            *figures += 1;
            figure(*figures, title, alt, header, rows, svg.as_deref(), how)
        }
        Block::Claim(c) => claim(c),
        Block::Details { summary, blocks: inner } => html! {
            details { summary { (summary) } (blocks(inner, figures)) }
        },
        Block::Code { text, .. } => html! { pre tabindex="0" { code { (text) } } },
    }
}

fn facts(list: &[(String, String)]) -> Markup {
    html! { dl { @for (name, value) in list { div { dt { (name) } dd { (unbroken(value)) } } } } }
}

/// A table in a frame that scrolls by itself, so that the page never does; figures stand on the right.
fn table(caption: &str, header: &[String], rows: &[Vec<String>]) -> Markup {
    let is_figure: Vec<bool> = (0..header.len()).map(|i| is_numeric(rows, i)).collect();
    let class = |i: usize| is_figure.get(i).copied().unwrap_or(false).then_some("n");
    html! {
        div class="frame" role="group" aria-label=(caption) tabindex="0" {
            table {
                caption { (caption) }
                thead { tr { @for (i, cell) in header.iter().enumerate() {
                    // An empty corner is no heading.
                    @if cell.is_empty() { td {} } @else { th scope="col" class=[class(i)] { (cell) } }
                } } }
                tbody { @for row in rows { tr { @for (i, cell) in row.iter().take(header.len()).enumerate() {
                    td class=[class(i)] { (unbroken(cell)) }
                } } } }
            }
        }
    }
}

fn figure(
    index: usize,
    title: &str,
    alt: &str,
    header: &[String],
    rows: &[Vec<String>],
    picture: Option<&str>,
    how: &str,
) -> Markup {
    let picture = picture.and_then(|s| svg::sanitise(s, &format!("f{index}-")));
    html! {
        figure {
            p.title { (title) }
            @if let Some(picture) = picture {
                div class="picture" role="img" aria-label=(alt) { (PreEscaped(picture)) }
            }
            figcaption { (unbroken(alt)) }
            @if !rows.is_empty() {
                details {
                    summary { "Table" }
                    (table(title, header, rows))
                    @if !how.is_empty() { p class="how" { (how) } }
                }
            }
        }
    }
}

fn claim(claim: &Claim) -> Markup {
    let grade = match claim.grade {
        Grade::Supported => "supported",
        Grade::Suggestive => "suggestive",
        Grade::CannotTell => "cannot-tell",
    };
    html! {
        div class="claim" data-grade=(grade) {
            p class="claim-sentence" {
                span class="grade" { span aria-hidden="true" { (claim.grade.sign()) } " " (claim.grade.label()) }
                " " (unbroken(&claim.sentence))
            }
            details {
                summary { "Record: " (claim.topic) }
                (facts(&record::facts(&claim.record)))
                @if let Some((header, rows)) = claim.record.table.split_first() {
                    @if !rows.is_empty() { (table(&claim.record.estimand, header, rows)) }
                }
            }
        }
    }
}
