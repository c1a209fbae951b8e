//! Gender as a number: women 0, men 1.

use std::sync::Arc;

use crate::engine::{
    context::Ctx,
    data::{
        column::{Column, Values},
        role::Role,
        table::Table,
    },
    knobs::{Knob, KnobKind, Setting, Settings},
    step::{LearnFrom, Outcome, Step, StepError, Suggestion},
    step_kit::{made, offer, py, py_series},
    words::rows_of,
};

/// Gender code.
pub struct GenderCode;

const NAME: &str = "Gender code";
const WOMEN: [&str; 5] = ["f", "female", "woman", "women", "w"];
const MEN: [&str; 4] = ["m", "male", "man", "men"];

impl Step for GenderCode {
    fn slug(&self) -> &'static str {
        "gender_code"
    }

    fn title(&self) -> &'static str {
        "Gender code"
    }

    fn help(&self) -> &'static str {
        "Women 0, men 1; anything else is missing."
    }

    fn knobs(&self) -> Vec<Knob> {
        let kind = KnobKind::Column { numeric_only: false, optional: true };
        let help = "Column with the gender; empty takes the one whose values are female and male";
        vec![Knob::new("gender", "Gender", help, kind, Setting::None)]
    }

    fn suggest(&self, table: &Table) -> Vec<Suggestion> {
        let Some(column) = table.columns().iter().find(|c| is_gender(c)) else { return Vec::new() };
        let settings = Settings::new().with("gender", column.name.clone());
        let reason = format!(
            "{} holds two groups; models take it as it is too, so this is a convenience.",
            column.name
        );
        offer(self, table, settings, format!("Add {NAME}"), reason, false).into_iter().collect()
    }

    fn apply(
        &self,
        table: &Table,
        settings: &Settings,
        _: LearnFrom<'_>,
        _: &Ctx<'_>,
    ) -> Result<Outcome, StepError> {
        let column = match settings.text("gender", "") {
            "" => table.columns().iter().find(|c| is_gender(c)).ok_or_else(|| StepError::Refused {
                reason: "no column holds female and male; choose one".into(),
            })?,
            name => table.column(name)?,
        };
        let values: Vec<f64> = match &column.values {
            Values::Category(d) | Values::Text(d) => {
                let codes: Vec<f64> = d.levels.iter().map(|level| code(level).unwrap_or(f64::NAN)).collect();
                d.codes.iter().map(|&c| codes.get(c as usize).copied().unwrap_or(f64::NAN)).collect()
            }
            _ => vec![f64::NAN; column.len()],
        };
        let notes = match values.iter().filter(|v| v.is_nan()).count() as u64 {
            0 => Vec::new(),
            n => vec![format!("{NAME} is missing in {} that say neither", rows_of(n))],
        };
        let sentence = format!("Added {NAME} from {}: women 0, men 1", column.name);
        let made_column = Column::number(NAME, Role::Number, values).from_columns(&[column]);
        made(table, vec![made_column], sentence, notes)
    }

    fn python(&self, table: &Table, settings: &Settings) -> String {
        let found = table.columns().iter().find(|c| is_gender(c)).map_or("gender", |c| c.name.as_str());
        let column = py_series(match settings.text("gender", "") {
            "" => found,
            name => name,
        });
        let codes =
            |words: &[&str], code| words.iter().map(|w| format!("{}: {code}", py(w))).collect::<Vec<_>>();
        let pairs = [codes(&WOMEN, 0), codes(&MEN, 1)].concat().join(", ");
        format!("df[{}] = {column}.str.strip().str.lower().map({{{pairs}}})", py(NAME))
    }
}

fn code(text: &str) -> Option<f64> {
    let text = text.trim().to_lowercase();
    if WOMEN.contains(&text.as_str()) {
        Some(0.0)
    } else if MEN.contains(&text.as_str()) {
        Some(1.0)
    } else {
        None
    }
}

/// Whether the levels include women and men.
fn is_gender(column: &Arc<Column>) -> bool {
    let Values::Category(d) = &column.values else { return false };
    let has = |value| d.levels.iter().any(|l| code(l) == Some(value));
    d.levels.len() <= 5 && has(0.0) && has(1.0)
}
