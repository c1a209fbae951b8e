//! log(1 + x): pulls long tails in, keeps 0 at 0.

use crate::engine::{
    context::Ctx,
    data::{column::Column, role::Role, table::Table},
    knobs::{Knob, Settings},
    numeric::math,
    step::{LearnFrom, Outcome, Step, StepError, Suggestion},
    step_kit::{columns_knob, made, numbers, py_list},
    words::{list_some, rows_of},
};

/// log(1 + x).
pub struct Log1p;

impl Step for Log1p {
    fn slug(&self) -> &'static str {
        "log1p"
    }

    fn title(&self) -> &'static str {
        "Logarithm of 1 + x"
    }

    fn help(&self) -> &'static str {
        "Natural logarithm of 1 + x, for amounts with a long tail; 0 stays 0."
    }

    fn knobs(&self) -> Vec<Knob> {
        vec![columns_knob("columns", "Columns", "Number columns to take the logarithm of", true)]
    }

    fn suggest(&self, _: &Table) -> Vec<Suggestion> {
        Vec::new()
    }

    fn apply(
        &self,
        table: &Table,
        settings: &Settings,
        _: LearnFrom<'_>,
        _: &Ctx<'_>,
    ) -> Result<Outcome, StepError> {
        let names = settings.texts("columns");
        if names.is_empty() {
            return Err(StepError::Refused { reason: "choose the columns to take the logarithm of".into() });
        }
        let (mut columns, mut notes) = (Vec::new(), Vec::new());
        for name in names {
            let column = table.column(name)?;
            let values = numbers(column)?;
            let undefined = values.iter().filter(|v| **v <= -1.0).count() as u64;
            if undefined > 0 {
                notes.push(format!("{name} (log) is missing in {} at −1 or below", rows_of(undefined)));
            }
            let logs = values.iter().map(|v| if *v > -1.0 { math::ln_1p(*v) } else { f64::NAN }).collect();
            let new = Column::number(format!("{name} (log)"), Role::Number, logs);
            columns.push(new.from_columns(&[column]));
        }
        made(table, columns, format!("Added log(1 + x) of {}", list_some(names)), notes)
    }

    fn python(&self, _: &Table, settings: &Settings) -> String {
        let columns = py_list(settings.texts("columns"));
        format!("for c in {columns}:\n    df[f\"{{c}} (log)\"] = np.log1p(df[c].where(df[c] > -1))")
    }
}
