//! The report as Markdown with GitHub's tables, for wikis, issues and repositories.

use super::Exporter;
use crate::engine::{
    report::{
        build::Findings,
        document::{Block, Document},
        record,
    },
    statistics::claim::Claim,
    words::{NOTHING, count},
};

/// `report.md`
pub struct Markdown;

impl Exporter for Markdown {
    fn slug(&self) -> &'static str {
        "markdown"
    }
    fn title(&self) -> &'static str {
        "Markdown"
    }
    fn help(&self) -> &'static str {
        "Text and tables for a wiki, an issue or a repository; charts as their tables."
    }
    fn file_name(&self) -> &'static str {
        "report.md"
    }
    fn mime(&self) -> &'static str {
        "text/markdown"
    }
    fn write(&self, document: &Document, _findings: &Findings) -> Vec<u8> {
        text(document).into_bytes()
    }
}

/// Rows of a figure's table that are written; the rest is counted.
const FIGURE_ROWS: usize = 12;

fn text(document: &Document) -> String {
    let mut out = format!("# {}\n", escape(&document.title));
    let summary = &document.summary;
    out += &format!("\n**{}**\n\n", escape(&summary.lead));
    for (word, sentence) in &summary.points {
        out += &format!("- **{}:** {}\n", escape(word), escape(sentence));
    }
    out += &format!("\n{}\n", escape(&summary.limits));
    for section in &document.sections {
        out += &format!("\n## {}\n", escape(&section.title));
        for block in &section.blocks {
            write(&mut out, block);
        }
    }
    out
}

fn write(out: &mut String, block: &Block) {
    out.push('\n');
    match block {
        Block::Paragraph(text) => *out += &format!("{}\n", escape(text)),
        Block::Heading(text) => *out += &format!("### {}\n", escape(text)),
        Block::List(items) => items.iter().for_each(|item| *out += &format!("- {}\n", escape(item))),
        Block::Facts(facts) => {
            let header = ["".to_owned(), "".to_owned()];
            let rows: Vec<Vec<String>> = facts.iter().map(|(n, v)| vec![n.clone(), v.clone()]).collect();
            table(out, &header, &rows);
        }
        Block::Table { caption, header, rows } => {
            *out += &format!("**{}**\n\n", escape(caption));
            table(out, header, rows);
        }
        Block::Figure { title, alt, header, rows, how, .. } => {
            *out += &format!("**Chart: {}**\n\n{}", escape(title), escape(alt));
            if !how.is_empty() {
                *out += &format!(" {}", escape(how));
            }
            out.push('\n');
            if !rows.is_empty() {
                out.push('\n');
                let shown = rows.get(..FIGURE_ROWS).unwrap_or(rows);
                table(out, header, shown);
                if rows.len() > shown.len() {
                    *out += &format!(
                        "\n{} more rows are not listed.\n",
                        count((rows.len() - shown.len()) as u64)
                    );
                }
            }
        }
        Block::Claim(c) => claim(out, c),
        Block::Details { summary, blocks } => {
            *out += &format!("#### {}\n", escape(summary));
            blocks.iter().for_each(|b| write(out, b));
        }
        Block::Code { language, text } => {
            // The fence is longer than any run of backticks inside.
            let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
            let fence = "`".repeat(longest.max(2) + 1);
            *out += &format!("{fence}{language}\n{}\n{fence}\n", text.trim_end());
        }
    }
}

fn claim(out: &mut String, claim: &Claim) {
    *out += &format!("> **{}**: {}\n", record::grade(claim), escape(&claim.sentence));
    out.push('\n');
    for (name, value) in record::facts(&claim.record) {
        *out += &format!("- {}: {}\n", escape(&name), escape(&value));
    }
    if let Some((header, rows)) = claim.record.table.split_first()
        && !rows.is_empty()
    {
        out.push('\n');
        table(out, header, rows);
    }
}

/// A table; every row gets as many cells as the header has.
fn table(out: &mut String, header: &[String], rows: &[Vec<String>]) {
    if header.is_empty() {
        return;
    }
    let line =
        |cells: &mut dyn Iterator<Item = String>| format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "));
    *out += &line(&mut header.iter().map(|h| escape(h)));
    *out +=
        &line(&mut (0..header.len()).map(|i| if is_numeric(rows, i) { "---:" } else { "---" }.to_owned()));
    for row in rows {
        *out += &line(&mut (0..header.len()).map(|i| row.get(i).map_or_else(String::new, |c| escape(c))));
    }
}

/// Whether every cell of a column that says something is a figure.
pub(super) fn is_numeric(rows: &[Vec<String>], column: usize) -> bool {
    let mut any = false;
    for cell in rows.iter().filter_map(|r| r.get(column)) {
        if cell.is_empty() || cell == NOTHING {
            continue;
        }
        let starts = cell.trim_start_matches(['−', '<', '>', '$', '€', '£', ' ', '+']);
        if !starts.starts_with(|c: char| c.is_ascii_digit())
            || cell.chars().filter(|c| c.is_alphabetic()).count() > 4
        {
            return false;
        }
        any = true;
    }
    any
}

/// Text that means itself: no markup, no HTML, no line breaks.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (i, c) in text.chars().enumerate() {
        match c {
            '\\' | '`' | '*' | '[' | ']' | '|' | '~' => {
                out.push('\\');
                out.push(c);
            }
            '_' => out.push_str("\\_"),
            '#' | '+' | '-' | '>' if i == 0 && text.chars().nth(1) == Some(' ') => {
                out.push('\\');
                out.push(c);
            }
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\n' | '\r' | '\t' => out.push(' '),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}
