//! The recipe alone, as JSON that can be loaded again.

use super::Exporter;
use crate::engine::report::{build::Findings, document::Document};

/// `recipe.json`
pub struct RecipeJson;

impl Exporter for RecipeJson {
    fn slug(&self) -> &'static str {
        "recipe"
    }
    fn title(&self) -> &'static str {
        "Recipe"
    }
    fn help(&self) -> &'static str {
        "What was decided, as JSON. With the same file it gives the same numbers, so values you typed into steps stay in it, personal ones too."
    }
    fn file_name(&self) -> &'static str {
        "recipe.json"
    }
    fn mime(&self) -> &'static str {
        "application/json"
    }
    fn is_own(&self) -> bool {
        true
    }
    fn write(&self, _document: &Document, findings: &Findings) -> Vec<u8> {
        let mut text = findings.recipe.to_json();
        text.push('\n');
        text.into_bytes()
    }
}
