//! A column made by a formula the user writes; the language is that of `formula/`.

use super::formula::{self, Checked, FormulaError};
use crate::engine::{
    context::Ctx,
    data::{
        column::{Column, Values},
        role::Role,
        table::Table,
    },
    knobs::{Knob, KnobKind, Settings},
    step::{CellChange, LearnFrom, Outcome, Step, StepError, Suggestion},
    step_kit::made,
    words::{rows_of, shorten},
};

/// Rows shown as examples.
const N_EXAMPLES: usize = 10;

/// A column by formula.
pub struct FormulaColumn;

impl From<FormulaError> for StepError {
    fn from(error: FormulaError) -> Self {
        Self::Refused { reason: error.to_string() }
    }
}

/// The formula of the settings, checked against the table.
fn checked(table: &Table, settings: &Settings) -> Result<Checked, StepError> {
    let text = settings.text("formula", "").trim();
    if text.is_empty() {
        return Err(StepError::Refused { reason: "write a formula first, such as Spent / Clicks".into() });
    }
    Ok(formula::check(&formula::parse(text)?, &formula::known_columns(table))?)
}

/// The name given, else the formula itself.
fn name(settings: &Settings) -> String {
    match settings.text("name", "").trim() {
        "" => {
            let text = settings.text("formula", "").trim();
            let text = formula::parse(text).map_or_else(|_| text.to_owned(), |expr| formula::print(&expr));
            shorten(&text, 60)
        }
        given => given.to_owned(),
    }
}

impl Step for FormulaColumn {
    fn slug(&self) -> &'static str {
        "formula"
    }

    fn title(&self) -> &'static str {
        "Formula"
    }

    fn help(&self) -> &'static str {
        "A column by a formula of your own, such as Spent / Clicks or mean(Spent by age)."
    }

    fn knobs(&self) -> Vec<Knob> {
        vec![
            Knob::new(
                "formula",
                "Formula",
                "Columns by name, in [brackets] where the name is no single word; Ctrl+Space lists columns and functions",
                KnobKind::Formula,
                "",
            ),
            Knob::new("name", "Name", "Name of the new column; empty takes the formula", KnobKind::Text, ""),
        ]
    }

    fn learns(&self, settings: &Settings) -> bool {
        formula::parse(settings.text("formula", "")).is_ok_and(|expr| formula::is_learnt(&expr))
    }

    fn suggest(&self, _: &Table) -> Vec<Suggestion> {
        Vec::new()
    }

    fn apply(
        &self,
        table: &Table,
        settings: &Settings,
        learn: LearnFrom<'_>,
        ctx: &Ctx<'_>,
    ) -> Result<Outcome, StepError> {
        let checked = checked(table, settings)?;
        let name = name(settings);
        let out = formula::evaluate(&checked, table, learn, ctx)?;
        let role = match &out.values {
            Values::Number(_) => Role::Number,
            Values::Date(_) => Role::Date,
            Values::Text(_) => Role::Text,
            Values::Category(_) | Values::Boolean(_) => Role::Category,
        };
        let mut notes = Vec::new();
        for (why, n) in &out.missing {
            notes.push(format!("{name} is missing in {}: {}", rows_of(*n), why.label()));
        }
        if out.n_input > 0 {
            let rows = rows_of(out.n_input);
            notes.push(format!("{name} is missing in {rows}, in which what it is computed from is missing"));
        }
        let sources: Vec<&Column> = checked
            .columns
            .iter()
            .filter_map(|place| table.columns().get(*place))
            .map(AsRef::as_ref)
            .collect();
        let column = Column { name: name.clone(), role, values: out.values, made_from: Vec::new() };
        let column = column.from_columns(&sources);
        let before = table.column(&name).ok();
        let text = |c: &Column, row: usize| c.cell_text(row);
        let examples = (0..column.len().min(N_EXAMPLES))
            .map(|row| CellChange {
                row: u64::from(table.row_ids().get(row).copied().unwrap_or_default()) + 1,
                column: name.clone(),
                before: before.map(|c| text(c, row)).unwrap_or_default(),
                after: text(&column, row),
            })
            .collect();
        let written = settings.text("formula", "").trim();
        let sentence = format!("Added {name} = {}", shorten(written, 200));
        let mut outcome = made(table, vec![column], sentence, notes)?;
        outcome.effect.examples = examples;
        Ok(outcome)
    }

    fn python(&self, table: &Table, settings: &Settings) -> String {
        match checked(table, settings) {
            Ok(checked) => formula::python(&checked, table, &name(settings)),
            Err(error) => format!("# {error}"),
        }
    }
}
