//! One-hot encoding: a yes/no column for every level of a category.

use crate::engine::{
    context::Ctx,
    data::{
        column::{Column, Dictionary, Values},
        role::Role,
        table::Table,
    },
    knobs::{Knob, KnobKind, Settings},
    step::{LearnFrom, Outcome, Step, StepError, Suggestion},
    step_kit::{chosen, column_knob, made, py, py_level, py_series},
    words::{counted, rows_of},
};

/// One-hot encoding.
pub struct OneHot;

/// More levels than this make a table nobody can read; group them first.
const MAX_LEVELS: usize = 200;

impl Step for OneHot {
    fn slug(&self) -> &'static str {
        "one_hot"
    }

    fn title(&self) -> &'static str {
        "One-hot encoding"
    }

    fn help(&self) -> &'static str {
        "A yes/no column for every level of a category, with or without the first."
    }

    fn knobs(&self) -> Vec<Knob> {
        vec![
            column_knob(false),
            Knob::new(
                "drop_first",
                "Leave the first level out",
                "The first level is then where all the others are no",
                KnobKind::Flag,
                false,
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
        let column = chosen(table, settings)?;
        // Names of columns are shown everywhere, also where cells are masked.
        if table.personal(&column.name).is_some() {
            let reason = format!(
                "“{}” is personal, and its values would become names of columns; if it is not, give it another role on the Data page",
                column.name
            );
            return Err(StepError::Refused { reason });
        }
        let d = categories(column)?;
        let all = known_levels(&d, &learn.rows(table));
        if all.len() > MAX_LEVELS {
            let reason =
                format!("“{}” has {} levels; group them, or encode their frequency", column.name, all.len());
            return Err(StepError::Refused { reason });
        }
        let skip = usize::from(settings.flag("drop_first", false));
        let columns: Vec<Column> = all
            .iter()
            .skip(skip)
            .filter_map(|&code| Some((code, d.levels.get(code as usize)?)))
            .map(|(code, level)| {
                let flag = |c: &u32| (*c != Dictionary::MISSING).then_some(*c == code);
                let values = Values::Boolean(d.codes.iter().map(flag).collect());
                let made = Column::new(format!("{}: {level}", column.name), Role::Category, values);
                made.from_columns(&[column])
            })
            .collect();
        if columns.is_empty() {
            let reason = format!("“{}” has no levels to encode", column.name);
            return Err(StepError::Refused { reason });
        }
        let unseen = d.codes.iter().filter(|c| **c != Dictionary::MISSING && !all.contains(c)).count() as u64;
        let mut notes = Vec::new();
        if unseen > 0 {
            notes
                .push(format!("{} with a level that was not learnt are no in every column", rows_of(unseen)));
        }
        let n = counted(columns.len() as u64, "yes/no column", "yes/no columns");
        made(table, columns, format!("Added {n} for the levels of {}", column.name), notes)
    }

    fn python(&self, table: &Table, settings: &Settings) -> String {
        let source = settings.text("column", "column");
        let mut pairs = Vec::new();
        if let Ok(column) = table.column(source)
            && let Ok(d) = categories(column)
        {
            let skip = usize::from(settings.flag("drop_first", false));
            for code in known_levels(&d, &LearnFrom::All.rows(table)).into_iter().skip(skip) {
                let Some(level) = d.levels.get(code as usize) else { continue };
                pairs.push(format!("({}, {})", py(level), py_level(column, &d.levels, level)));
            }
        }
        let (name, column) = (py(&format!("{source}: ")), py_series(source));
        format!(
            "for name, level in [{}]:\n    df[{name} + name] = ({column} == level).where({column}.notna())",
            pairs.join(", ")
        )
    }
}

/// A column as a category: as it is, or yes/no and whole numbers by their text.
pub(super) fn categories(column: &Column) -> Result<Dictionary, StepError> {
    match &column.values {
        Values::Category(d) => Ok(d.clone()),
        Values::Boolean(_) | Values::Number(_) => {
            let texts: Vec<String> = (0..column.len()).map(|r| column.cell_text(r)).collect();
            let rows: Vec<Option<&str>> = texts
                .iter()
                .enumerate()
                .map(|(r, t)| (!column.is_missing(r)).then_some(t.as_str()))
                .collect();
            match Column::category("", column.role, &rows).values {
                Values::Category(d) => Ok(d),
                _ => Ok(Dictionary::default()),
            }
        }
        Values::Date(_) | Values::Text(_) => Err(StepError::WrongType {
            column: column.name.clone(),
            found: column.column_type().label(),
            expected: "a category",
        }),
    }
}

/// Codes of the levels seen in the rows to learn from, in the order of the levels.
pub(super) fn known_levels(d: &Dictionary, rows: &[u32]) -> Vec<u32> {
    let mut seen = vec![false; d.levels.len()];
    for &row in rows {
        if let Some(slot) = d.codes.get(row as usize).and_then(|c| seen.get_mut(*c as usize)) {
            *slot = true;
        }
    }
    (0..d.levels.len() as u32).filter(|c| seen[*c as usize]).collect()
}
