//! Scaling: standardised, min-max or robust, in new columns.
//!
//! | method | centre | unit |
//! |---|---|---|
//! | standardise | mean | population standard deviation |
//! | min-max | smallest | largest − smallest |
//! | robust | median | third − first quartile |

use crate::engine::{
    context::Ctx,
    data::{
        column::{Column, ColumnType},
        role::Role,
        table::Table,
    },
    knobs::{Knob, Settings},
    numeric::{describe::quantile, math},
    step::{LearnFrom, Outcome, Step, StepError, Suggestion},
    step_kit::{choice_knob, columns_knob, learnt_values, made, numbers, py_list},
    words::{brief, list_some},
};

/// Scaling.
pub struct Scale;

impl Step for Scale {
    fn slug(&self) -> &'static str {
        "scale"
    }

    fn title(&self) -> &'static str {
        "Scale"
    }

    fn help(&self) -> &'static str {
        "Numbers on a common scale: standardised, min-max, or robust against extreme values."
    }

    fn knobs(&self) -> Vec<Knob> {
        vec![
            columns_knob("columns", "Columns", "Number columns to scale", true),
            choice_knob(
                "method",
                "Method",
                "Robust uses median and quartiles, which extreme values do not move",
                &[("standardise", "Standardise"), ("min_max", "Min-max (0 to 1)"), ("robust", "Robust")],
                "standardise",
            ),
        ]
    }

    fn learns(&self, _: &Settings) -> bool {
        true
    }

    fn suggest(&self, _: &Table) -> Vec<Suggestion> {
        Vec::new()
    }

    fn apply(
        &self,
        table: &Table,
        settings: &Settings,
        learn: LearnFrom<'_>,
        _: &Ctx<'_>,
    ) -> Result<Outcome, StepError> {
        let names = settings.texts("columns");
        if names.is_empty() {
            return Err(StepError::Refused { reason: "choose the columns to scale".into() });
        }
        let method = settings.text("method", "standardise");
        let word = word(method);
        let rows = learn.rows(table);
        let (mut columns, mut notes, mut done) = (Vec::new(), Vec::new(), Vec::new());
        for name in names {
            let column = table.column(name)?;
            if column.column_type() == ColumnType::Category {
                return Err(StepError::WrongType {
                    column: name.clone(),
                    found: column.column_type().label(),
                    expected: "numbers",
                });
            }
            let values = numbers(column)?;
            let Some((centre, unit)) = learn_scale(&learnt_values(&values, &rows), method) else {
                notes.push(format!("{name} does not vary, so it has no scale and was left out"));
                continue;
            };
            let scaled = values.iter().map(|v| (v - centre) / unit).collect();
            done.push(format!("({name} − {}) / {}", brief(centre), brief(unit)));
            let new = Column::number(format!("{name} ({word})"), Role::Number, scaled);
            columns.push(new.from_columns(&[column]));
        }
        if columns.is_empty() {
            let reason = format!("{} do not vary, so they have no scale", list_some(names));
            return Err(StepError::Refused { reason });
        }
        made(table, columns, format!("Added {word}: {}", list_some(&done)), notes)
    }

    fn python(&self, _: &Table, settings: &Settings) -> String {
        let columns = py_list(settings.texts("columns"));
        let method = settings.text("method", "standardise");
        let formula = match method {
            "min_max" => "(df[c] - df[c].min()) / (df[c].max() - df[c].min())",
            "robust" => "(df[c] - df[c].median()) / (df[c].quantile(0.75) - df[c].quantile(0.25))",
            _ => "(df[c] - df[c].mean()) / df[c].std(ddof=0)",
        };
        format!("for c in {columns}:\n    df[f\"{{c}} ({})\"] = {formula}", word(method))
    }
}

fn word(method: &str) -> &'static str {
    match method {
        "min_max" => "min-max",
        "robust" => "robust",
        _ => "standardised",
    }
}

/// Centre and unit; `None` when nothing varies.
fn learn_scale(sorted: &[f64], method: &str) -> Option<(f64, f64)> {
    let (first, last) = (*sorted.first()?, *sorted.last()?);
    let (centre, unit) = match method {
        "min_max" => (first, last - first),
        "robust" => (quantile(sorted, 0.5)?, quantile(sorted, 0.75)? - quantile(sorted, 0.25)?),
        _ => {
            let n = sorted.len() as f64;
            let mean = math::sum(sorted.iter().copied()) / n;
            let variance = math::sum(sorted.iter().map(|v| (v - mean) * (v - mean))) / n;
            (mean, variance.sqrt())
        }
    };
    // Equal values may leave a rounding error in the mean, so spread is judged by first and last.
    (first < last && unit > 0.0).then_some((centre, unit))
}
