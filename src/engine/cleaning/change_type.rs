//! Reads a column as another type; what means nothing in it becomes missing, counted and shown before it happens.

use crate::engine::{
    context::Ctx,
    data::{
        column::{Column, ColumnType, Values},
        convert::convert,
        role::Role,
        table::Table,
    },
    knobs::{Knob, KnobKind, Setting, Settings},
    step::{Effect, LearnFrom, Outcome, Step, StepError, Suggestion},
    step_kit::{changed_cells, choice_knob, chosen, offer, py_list, py_series},
    words::{count, counted, group, list_some, quoted},
};

/// Change the type of a column.
pub struct ChangeType;

/// At least this share of the known cells must be numbers before a text is suggested to become one.
const MOSTLY: f64 = 0.8;

impl Step for ChangeType {
    fn slug(&self) -> &'static str {
        "change_type"
    }

    fn title(&self) -> &'static str {
        "Change type"
    }

    fn help(&self) -> &'static str {
        "Reads a column as numbers, categories, dates, yes/no or text. What cannot be read so becomes missing."
    }

    fn knobs(&self) -> Vec<Knob> {
        let kind = KnobKind::Column { numeric_only: false, optional: true };
        let types = ColumnType::ALL.map(|t| (t.slug(), t.label()));
        vec![
            Knob::new("column", "Column", "The column to read anew", kind, Setting::None),
            choice_knob("type", "Read as", "What the cells hold", &types, ColumnType::Number.slug()),
        ]
    }

    fn suggest(&self, table: &Table) -> Vec<Suggestion> {
        let mut found = Vec::new();
        for column in table.columns().iter().filter(|c| c.made_from.is_empty() && is_text(c)) {
            let (numbers, lost) = convert(column, ColumnType::Number, table.writing);
            let read = numbers.len() - numbers.n_missing();
            // Names of groups that happen to be numbers are no amounts: some cell must be none.
            if lost == 0 || (read as f64) < MOSTLY * (read as f64 + lost as f64) || is_coded(column, &numbers)
            {
                continue;
            }
            let reason = format!(
                "{} of {} known values of {} are numbers.",
                count(read as u64),
                count(read as u64 + lost),
                column.name
            );
            let settings = Settings::new().with("column", column.name.clone()).with("type", "number");
            let title = format!("Read {} as numbers", column.name);
            found.extend(offer(self, table, settings, title, reason, false));
        }
        found
    }

    fn apply(
        &self,
        table: &Table,
        settings: &Settings,
        _: LearnFrom<'_>,
        _: &Ctx<'_>,
    ) -> Result<Outcome, StepError> {
        let column = chosen(table, settings)?;
        change_type(table, &column.name, wanted(settings))
    }

    fn python(&self, table: &Table, settings: &Settings) -> String {
        let name = settings.text("column", "column");
        let from = table.column(name).map_or(ColumnType::Text, |c| c.column_type());
        let c = py_series(name);
        let as_read = match (from, wanted(settings)) {
            (from, to) if from == to => c.clone(),
            (ColumnType::Boolean, ColumnType::Number) => format!("{c}.astype(float)"),
            (ColumnType::Date, ColumnType::Number) => {
                format!("({c} - pd.Timestamp(\"1970-01-01\")) / pd.Timedelta(days=1)")
            }
            (_, ColumnType::Number) => format!("pd.to_numeric({c}, errors=\"coerce\")"),
            (ColumnType::Number, ColumnType::Date) => {
                format!("pd.to_datetime({c}, unit=\"D\", errors=\"coerce\")")
            }
            (_, ColumnType::Date) => {
                format!("pd.to_datetime({c}, dayfirst=True, format=\"mixed\", errors=\"coerce\")")
            }
            (ColumnType::Number, ColumnType::Boolean) => format!("{c}.map({{1: True, 0: False}})"),
            (_, ColumnType::Boolean) => {
                let (yes, no) = (py_list(&["yes", "true", "1"]), py_list(&["no", "false", "0"]));
                format!("{c}.str.lower().map(dict.fromkeys({yes}, True) | dict.fromkeys({no}, False))")
            }
            (_, ColumnType::Category) => format!("{c}.astype(\"category\")"),
            (_, ColumnType::Text) => format!("{c}.astype(\"string\")"),
        };
        format!("{c} = {as_read}")
    }
}

fn wanted(settings: &Settings) -> ColumnType {
    ColumnType::from_slug(settings.text("type", "")).unwrap_or(ColumnType::Number)
}

/// Words in which numbers may hide. Identifiers and groups of few names are what they are.
fn is_text(column: &Column) -> bool {
    matches!(column.values, Values::Category(_) | Values::Text(_))
        && matches!(column.role, Role::Category | Role::Text | Role::Number)
}

/// Whether the numbers of a category are codes, each of several rows: 16 and 29 beside "Other" name interests, no amounts.
fn is_coded(column: &Column, numbers: &Column) -> bool {
    let (Values::Category(groups), Values::Number(values)) = (&column.values, &numbers.values) else {
        return false;
    };
    let is_whole = values.iter().all(|v| v.is_nan() || v.fract() == 0.0);
    column.role == Role::Category && is_whole && groups.levels.len() * 4 <= values.len()
}

/// Reads a column as another type. Cells that cannot be read so become missing, are counted and the first ones named.
pub(crate) fn change_type(table: &Table, name: &str, to: ColumnType) -> Result<Outcome, StepError> {
    let before = table.column(name)?;
    let label = to.label().to_lowercase();
    let mut effect = Effect { sentence: format!("Read {name} as {label}"), ..Effect::default() };
    let mut out = table.clone();
    if before.column_type() == to {
        effect.sentence = format!("{name} is read as {label} already");
        return Ok(Outcome { table: out, effect });
    }
    let (after, n_lost) = convert(before, to, table.writing);
    // A number read as a category looks the same: only cells whose text changed are examples.
    effect.n_rows = changed_cells(table, before, &after, &mut effect).len() as u64;
    if n_lost > 0 {
        let mut lost: Vec<String> = Vec::new();
        for row in (0..after.len()).filter(|&r| after.is_missing(r) && !before.is_missing(r)) {
            let cell = before.cell_text(row);
            let text = format!("“{}”", group(&quoted(&cell), before.n_rows_with(&cell)));
            if !lost.contains(&text) {
                lost.push(text);
            }
            if lost.len() == 3 {
                break;
            }
        }
        let (one, many) = match to {
            ColumnType::Number => ("is not a number", "are not numbers"),
            ColumnType::Date => ("is not a date", "are not dates"),
            _ => ("is neither yes nor no", "are neither yes nor no"),
        };
        let what = if n_lost == 1 {
            format!("{one} and becomes missing")
        } else {
            format!("{many} and become missing")
        };
        let values = counted(n_lost, "value", "values");
        effect.notes.push(format!("{values} of {name} {what}, such as {}", list_some(&lost)));
    }
    out.put(after)?;
    Ok(Outcome { table: out, effect: effect.told() })
}
