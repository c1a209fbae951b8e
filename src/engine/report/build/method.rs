//! The sections at the end: how to read the report, and the recipe that repeats it.

use super::{
    Findings,
    blocks::{details, paragraph, section, table},
};
use crate::engine::report::document::{Block, Section};

/// How to read the report, by what is in it.
pub(super) fn method(findings: &Findings) -> Section {
    let mut list = vec![
        "Grades: ● supported (the data carry it after correcting for the number of comparisons), ◐ suggestive (worth a test), ○ cannot tell (the data do not separate it from chance, or there are too few rows).".to_owned(),
        "Rates are ratios of sums over the rows of a group, never the mean of row ratios. What is undefined is missing, never 0.".to_owned(),
    ];
    if findings.exploration.is_some() {
        list.push("Intervals of yes/no rates are Wilson's, 95 %. Where counts vary more than chance alone allows, tests and intervals are widened by the dispersion (quasi-Poisson). p is adjusted by Holm and by Benjamini-Hochberg over all comparisons made.".to_owned());
    }
    if findings.comparison.is_some() {
        list.push("Models are scored on rows they have not seen. Columns that come after the target in the funnel are blocked unless you unblocked them. Two models are called tied when the corrected resampled t over the folds does not separate them; the simpler one is then chosen.".to_owned());
    }
    if findings.segmentation.is_some() {
        list.push("Segments describe; they are not facts of nature. Stability says how far other starts find the same segments. Differences on the columns used for clustering are no evidence, only differences in other columns are.".to_owned());
    }
    if findings.decision.is_some() {
        list.push("Money is people × (rate × value − cost) with the value and cost named above. A response rate among people who were all contacted is a propensity, not the effect of the contact: only a hold-out shows that.".to_owned());
    }
    list.push(format!(
        "Made with Assay {}. The same file, recipe, seed and version give the same report, byte for byte.",
        findings.version
    ));
    section("method", "How to read this", vec![Block::List(list)])
}

pub(super) fn recipe(findings: &Findings) -> Section {
    let again = if findings.recipe_is_masked {
        "Values of personal columns are masked in the text below, so it does not give the same numbers; the recipe saved by itself does."
    } else {
        "Save the text below as recipe.json and load it with the same file to get the same numbers."
    };
    let mut blocks = vec![paragraph(format!("Everything that was decided, in order. {again}"))];
    if !findings.graph.is_empty() {
        let rows =
            findings.graph.iter().map(|n| vec![n.title.clone(), n.detail.clone(), n.state.clone()]).collect();
        blocks.push(table(
            "What went in and out of each step",
            &["Step", "Rows × columns, or result", "State"],
            rows,
        ));
    }
    blocks.push(details(
        "recipe.json",
        vec![Block::Code { language: "json".to_owned(), text: findings.recipe.to_json() }],
    ));
    section("recipe", "Recipe", blocks)
}
