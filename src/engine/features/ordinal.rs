//! Ordinal code: the place of a level in its order, from 0.

use super::one_hot::{categories, known_levels};
use crate::engine::{
    context::Ctx,
    data::{
        column::{Column, ColumnType, Values},
        role::Role,
        table::Table,
    },
    knobs::{Knob, KnobKind, Settings},
    step::{LearnFrom, Outcome, Step, StepError, Suggestion},
    step_kit::{chosen, column_knob, made, offer, py, py_list},
    words::rows_of,
};

/// Ordinal code.
pub struct Ordinal;

impl Step for Ordinal {
    fn slug(&self) -> &'static str {
        "ordinal"
    }

    fn title(&self) -> &'static str {
        "Ordinal code"
    }

    fn help(&self) -> &'static str {
        "The place of each level in its order, from 0, for categories such as age ranges."
    }

    fn knobs(&self) -> Vec<Knob> {
        vec![
            column_knob(false),
            Knob::new(
                "order",
                "Order",
                "Levels from lowest to highest, separated by semicolons; empty takes their natural order",
                KnobKind::Text,
                "",
            ),
            Knob::new("name", "Name", "Name of the new column; empty makes one", KnobKind::Text, ""),
        ]
    }

    fn learns(&self, settings: &Settings) -> bool {
        settings.text("order", "").trim().is_empty()
    }

    fn suggest(&self, table: &Table) -> Vec<Suggestion> {
        let mut found = Vec::new();
        for column in table.columns().iter().filter(|c| is_age_range(c)) {
            let Values::Category(d) = &column.values else { continue };
            let settings = Settings::new()
                .with("column", column.name.clone())
                .with("order", d.levels.join(";"))
                .with("name", "Age code");
            let reason = format!(
                "The {} ranges of {} have an order, which a code keeps for models that would treat them as unrelated.",
                d.levels.len(),
                column.name
            );
            found.extend(offer(self, table, settings, "Add Age code".into(), reason, false));
        }
        found
    }

    fn apply(
        &self,
        table: &Table,
        settings: &Settings,
        learn: LearnFrom<'_>,
        _: &Ctx<'_>,
    ) -> Result<Outcome, StepError> {
        let column = chosen(table, settings)?;
        let d = categories(column)?;
        let order: Vec<String> = match settings.text("order", "").trim() {
            "" => known_levels(&d, &learn.rows(table))
                .iter()
                .filter_map(|&c| d.levels.get(c as usize).cloned())
                .collect(),
            given => given.split(';').map(|l| l.trim().to_owned()).filter(|l| !l.is_empty()).collect(),
        };
        let place: Vec<f64> = d
            .levels
            .iter()
            .map(|l| order.iter().position(|o| o == l).map_or(f64::NAN, |p| p as f64))
            .collect();
        let values: Vec<f64> =
            d.codes.iter().map(|&c| place.get(c as usize).copied().unwrap_or(f64::NAN)).collect();
        let name = name(settings, &column.name);
        let n_missing = values.iter().filter(|v| v.is_nan()).count() as u64;
        let notes = match n_missing {
            0 => Vec::new(),
            n => vec![format!("{name} is missing in {} whose level is not in the order", rows_of(n))],
        };
        let sentence = format!("Added {name}: {}", order.join(" < "));
        let made_column = Column::number(name, Role::Number, values).from_columns(&[column]);
        made(table, vec![made_column], sentence, notes)
    }

    fn python(&self, settings: &Settings) -> String {
        let source = settings.text("column", "column");
        let name = py(&name(settings, source));
        let column = format!("df[{}]", py(source));
        match settings.text("order", "").trim() {
            "" => format!(
                "df[{name}] = {column}.map({{v: i for i, v in enumerate(sorted({column}.dropna().unique()))}})"
            ),
            given => {
                let order: Vec<&str> = given.split(';').map(str::trim).collect();
                format!("df[{name}] = {column}.map({{v: i for i, v in enumerate({})}})", py_list(&order))
            }
        }
    }
}

fn name(settings: &Settings, source: &str) -> String {
    match settings.text("name", "").trim() {
        "" => format!("{source} code"),
        given => given.to_owned(),
    }
}

/// A category of age ranges read from the file.
fn is_age_range(column: &Column) -> bool {
    let name = column.name.trim().to_lowercase();
    let is_named = column.role == Role::Age || name == "age" || name.starts_with("age ");
    is_named && column.made_from.is_empty() && column.column_type() == ColumnType::Category
}
