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
    words::{group, list_some, rows_of, shorten},
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

/// The name given, else the formula itself. Names are shown everywhere, so one with values of the data in it is named by its
/// columns; where that or its length made it another's name too, a number tells them apart.
fn name(table: &Table, settings: &Settings) -> String {
    let given = settings.text("name", "").trim();
    if !given.is_empty() {
        return given.to_owned();
    }
    let written = formula::parse(settings.text("formula", "")).map(|expr| formula::print(&expr));
    let written = written.unwrap_or_default();
    let hidden = formula::hide_literals(&written, "…").unwrap_or_default();
    let name = if hidden.text == written { shorten(&written, 60) } else { name_by_columns(table, settings) };
    let is_taken = |name: &String| table.column(name).is_ok();
    if name == written || !is_taken(&name) {
        return name;
    }
    (2..).map(|n| format!("{name} {n}")).find(|n| !is_taken(n)).unwrap_or(name)
}

/// "Formula of cost and age"
fn name_by_columns(table: &Table, settings: &Settings) -> String {
    let places = checked(table, settings).map(|c| c.columns).unwrap_or_default();
    let names: Vec<&str> =
        places.iter().filter_map(|place| table.columns().get(*place)).map(|c| c.name.as_str()).collect();
    if names.is_empty() { "Formula".to_owned() } else { format!("Formula of {}", list_some(&names)) }
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
            Knob::new(
                "name",
                "Name",
                "Name of the new column; the formula if you give none",
                KnobKind::Text,
                "",
            ),
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
        let name = name(table, settings);
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
        let column = Column::new(&name, role, out.values).from_columns(&sources);
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
        let n = u64::from(formula::names_few(written, table));
        let shown = group(&shorten(written, formula::SHOWN), n);
        // A name that is the formula says it already.
        let is_formula = formula::parse(written).is_ok_and(|expr| formula::print(&expr) == name);
        let sentence = if is_formula { format!("Added {shown}") } else { format!("Added {name} = {shown}") };
        let mut outcome = made(table, vec![column], sentence, notes)?;
        outcome.effect.examples = examples;
        Ok(outcome)
    }

    fn python(&self, table: &Table, settings: &Settings) -> String {
        match checked(table, settings) {
            Ok(checked) => formula::python(&checked, table, &name(table, settings)),
            Err(error) => format!("# {error}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::data::role::TableKind;

    #[test]
    fn a_derived_name_holds_no_values_and_is_nobody_elses() {
        let who = Column::category("Who", Role::Text, &[Some("Anna"), Some("Bo")]);
        let mut table = Table::new(TableKind::Customers, vec![who]).unwrap();
        let mut add = |formula: &str| {
            let settings = Settings::new().with("formula", formula);
            let code = FormulaColumn.python(&table, &settings);
            table = FormulaColumn.apply(&table, &settings, LearnFrom::All, &Ctx::quiet(1)).unwrap().table;
            let name = table.columns().last().unwrap().name.clone();
            assert!(code.contains(&name.replace('"', "\\\"")), "{name} is not in {code}");
            (name, table.n_columns())
        };
        assert_eq!(add("if(Who == \"Anna\", 1, 0)").0, "Formula of Who");
        assert_eq!(add("if(Who == 'Bo', 1, 0)").0, "Formula of Who 2");
        assert_eq!(add("length(Who) + 301234567").0, "Formula of Who 3");
        // Nothing is hidden in these two: the same formula again takes the place of the first.
        assert_eq!(add("length(Who) * 2"), ("length(Who) * 2".into(), 5));
        assert_eq!(add("length(Who)*2").1, 5);
        let long = "length(Who) + ".repeat(5);
        let first = add(&format!("{long}1")).0;
        assert_eq!(add(&format!("{long}2")).0, format!("{first} 2"));
    }
}
