//! What cleaning steps and feature makers share: finding their columns and learning from rows.

use crate::engine::order::InOrder;
use std::{borrow::Cow, sync::Arc};

use super::{
    context::Ctx,
    data::{
        column::{Column, Dictionary, MILLIS_A_DAY, Values, natural_order},
        distinct,
        role::Role,
        table::Table,
    },
    knobs::{Knob, KnobKind, Setting, Settings},
    step::{CellChange, Effect, LearnFrom, Outcome, Step, StepCall, StepError, StepStanding, Suggestion},
};

/// Most examples an [`Effect`] keeps.
pub const MAX_EXAMPLES: usize = 100;

// ---------------------------------------------------------------------------------------------------- knobs

/// A knob for one numeric input that is found by its role when nothing was chosen.
pub fn input_knob(slug: &str, label: &str, role: Role) -> Knob {
    Knob::new(
        slug,
        label,
        &format!("Column to use; empty takes the one with the role {}", role.label()),
        KnobKind::Column { numeric_only: true, optional: true },
        Setting::None,
    )
}

/// A knob for several columns.
pub fn columns_knob(slug: &str, label: &str, help: &str, numeric_only: bool) -> Knob {
    Knob::new(slug, label, help, KnobKind::Columns { numeric_only }, Vec::<String>::new())
}

/// A knob for one required column.
pub fn column_knob(numeric_only: bool) -> Knob {
    Knob::new(
        "column",
        "Column",
        "The column to take",
        KnobKind::Column { numeric_only, optional: true },
        Setting::None,
    )
}

/// A knob with a few named choices.
pub fn choice_knob(slug: &str, label: &str, help: &str, choices: &[(&str, &str)], default: &str) -> Knob {
    let choices = choices.iter().map(|(slug, label)| ((*slug).to_owned(), (*label).to_owned())).collect();
    Knob::new(slug, label, help, KnobKind::Choice(choices), default)
}

// -------------------------------------------------------------------------------------------------- columns

/// The values as numbers. Categories whose levels are all numbers (such as children at home) count as numbers too.
pub fn numbers(column: &Column) -> Result<Cow<'_, [f64]>, StepError> {
    if let Some(values) = column.as_numbers() {
        return Ok(values);
    }
    if let Values::Category(d) = &column.values {
        let levels: Vec<Option<f64>> =
            d.levels.iter().map(|l| l.parse::<f64>().ok().filter(|v| v.is_finite())).collect();
        if !levels.is_empty() && levels.iter().all(Option::is_some) {
            let value = |&c: &u32| levels.get(c as usize).copied().flatten().unwrap_or(f64::NAN);
            return Ok(d.codes.iter().map(value).collect());
        }
    }
    Err(StepError::WrongType {
        column: column.name.clone(),
        found: column.column_type().label(),
        expected: "numbers",
    })
}

/// The column chosen under `slug`, else the first usable one with the role.
pub fn input<'a>(
    table: &'a Table,
    settings: &Settings,
    slug: &str,
    role: Role,
    feature: &'static str,
) -> Result<&'a Arc<Column>, StepError> {
    match settings.text(slug, "") {
        "" => table.with_role(role).ok_or(StepError::MissingRole { role: role.label(), feature }),
        name => Ok(table.column(name)?),
    }
}

/// The columns chosen under `slug`, else all with one of the roles, in the order of the roles.
pub fn inputs<'a>(
    table: &'a Table,
    settings: &Settings,
    slug: &str,
    roles: &[Role],
    feature: &'static str,
) -> Result<Vec<&'a Arc<Column>>, StepError> {
    let chosen = settings.texts(slug);
    let found = if chosen.is_empty() {
        roles.iter().flat_map(|&r| table.all_with_role(r)).collect()
    } else {
        chosen.iter().map(|name| table.column(name)).collect::<Result<Vec<_>, _>>()?
    };
    if found.is_empty() {
        let role = roles.first().map_or("Number", |r| r.label());
        return Err(StepError::MissingRole { role, feature });
    }
    Ok(found)
}

/// The column chosen under `column`; a clear refusal when there is none.
pub fn chosen<'a>(table: &'a Table, settings: &Settings) -> Result<&'a Arc<Column>, StepError> {
    match settings.text("column", "") {
        "" => Err(StepError::Refused { reason: "choose a column first".into() }),
        name => Ok(table.column(name)?),
    }
}

/// Sum row by row; missing where any part is.
pub fn row_sums(columns: &[&Arc<Column>], n_rows: usize) -> Result<Vec<f64>, StepError> {
    let mut total = vec![0.0; n_rows];
    for column in columns {
        for (slot, value) in total.iter_mut().zip(numbers(column)?.iter()) {
            *slot += value;
        }
    }
    Ok(total)
}

/// Borrowed columns as [`Column::from_columns`] wants them.
pub fn sources<'a>(columns: &[&'a Arc<Column>]) -> Vec<&'a Column> {
    columns.iter().copied().map(Arc::as_ref).collect()
}

/// A category with its levels in a given order; `codes` index into them.
pub fn ordered_category(name: &str, levels: Vec<String>, codes: Vec<u32>) -> Column {
    Column::new(name, Role::Category, Values::Category(Dictionary { levels, codes }))
}

/// Adds a computed column. An earlier computed column of the name is replaced; a column of the file is never.
pub fn add_computed(table: &mut Table, column: Column) -> Result<(), StepError> {
    match table.column(&column.name) {
        Ok(existing) if existing.made_from.is_empty() => Err(StepError::Refused {
            reason: format!(
                "the file already has a column named “{}”; drop it first, or give another name",
                column.name
            ),
        }),
        _ => Ok(table.put(column)?),
    }
}

/// The outcome of a maker: its columns added, the sentence and notes given.
pub fn made(
    table: &Table,
    columns: Vec<Column>,
    sentence: String,
    notes: Vec<String>,
) -> Result<Outcome, StepError> {
    let mut out = table.clone();
    let n_rows = (0..table.n_rows()).filter(|&r| columns.iter().any(|c| !c.is_missing(r))).count() as u64;
    let n_cells = columns.iter().map(|c| (c.len() - c.n_missing()) as u64).sum();
    for column in columns {
        add_computed(&mut out, column)?;
    }
    let effect = Effect { sentence, n_rows, n_cells, notes, ..Effect::default() };
    Ok(Outcome { table: out, effect: effect.told() })
}

/// Cells that differ between two columns of equal length: how many, and the first of them as examples.
pub fn changed_cells(table: &Table, before: &Column, after: &Column, effect: &mut Effect) -> Vec<u32> {
    let mut rows = Vec::new();
    for row in 0..before.len().min(after.len()) {
        let same = match (&before.values, &after.values) {
            (Values::Number(a), Values::Number(b)) | (Values::Date(a), Values::Date(b)) => {
                a[row] == b[row] || (a[row].is_nan() && b[row].is_nan())
            }
            (Values::Category(a) | Values::Text(a), Values::Category(b) | Values::Text(b)) => {
                a.get(row) == b.get(row)
            }
            _ => before.cell_text(row) == after.cell_text(row),
        };
        if same {
            continue;
        }
        rows.push(row as u32);
        if effect.examples.len() < MAX_EXAMPLES {
            effect.examples.push(CellChange {
                row: u64::from(table.row_ids()[row]) + 1,
                column: before.name.clone(),
                before: before.cell_text(row),
                after: after.cell_text(row),
            });
        }
    }
    effect.n_cells += rows.len() as u64;
    rows
}

/// Puts other values into a column, counts the cells that differ and tells their rows. Where none does, the column of
/// `out` stays the one it shares with the table it came from.
pub fn replace(
    out: &mut Table,
    before: &Column,
    values: Values,
    effect: &mut Effect,
) -> Result<Vec<u32>, StepError> {
    let after = before.with_values(values);
    let rows = changed_cells(out, before, &after, effect);
    if !rows.is_empty() {
        out.put(after)?;
    }
    Ok(rows)
}

/// The values of a column of words with every level renamed, and how many levels became the same as another. Levels that
/// get one name are one; without a name they are missing. `None` when no level changes, or the column holds no words.
pub fn renamed(column: &Column, name: impl Fn(&str) -> String) -> Option<(Values, u64)> {
    let d = column.dictionary()?;
    let names: Vec<String> = d.levels.iter().map(|l| name(l)).collect();
    if names == d.levels {
        return None;
    }
    let mut levels: Vec<String> = Vec::new();
    let mut place = std::collections::HashMap::new();
    for name in names.iter().filter(|n| !n.is_empty()) {
        place.entry(name.clone()).or_insert_with(|| {
            levels.push(name.clone());
            levels.len() - 1
        });
    }
    let n_merged = names.iter().filter(|n| !n.is_empty()).count().saturating_sub(levels.len()) as u64;
    let is_category = matches!(column.values, Values::Category(_));
    if is_category {
        levels.order_by(|a, b| natural_order(a, b));
        for (i, level) in levels.iter().enumerate() {
            place.insert(level.clone(), i);
        }
    }
    let new: Vec<u32> =
        names.iter().map(|n| place.get(n).map_or(Dictionary::MISSING, |p| *p as u32)).collect();
    let codes =
        d.codes.iter().map(|&c| new.get(c as usize).copied().unwrap_or(Dictionary::MISSING)).collect();
    let d = Dictionary { levels, codes };
    Some((if is_category { Values::Category(d) } else { Values::Text(d) }, n_merged))
}

// ------------------------------------------------------------------------------------------------- learning

/// How many of the rows have each level of a column of words; levels that none of them has are left out.
pub fn level_counts(column: &Column, rows: &[u32]) -> Vec<(String, u64)> {
    let Some(d) = column.dictionary() else { return Vec::new() };
    let mut counts = vec![0_u64; d.levels.len()];
    for &row in rows {
        if let Some(n) = d.codes.get(row as usize).and_then(|c| counts.get_mut(*c as usize)) {
            *n += 1;
        }
    }
    d.levels.iter().cloned().zip(counts).filter(|(_, n)| *n > 0).collect()
}

/// A number as somebody types it; the comma separates its decimals where the file writes them so.
pub fn typed_number(text: &str, has_comma: bool) -> Option<f64> {
    // 1.234,5
    let text = if has_comma && text.contains(',') {
        text.replace('.', "").replace(',', ".")
    } else {
        text.to_owned()
    };
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// The values of the rows to learn from, sorted, without the missing ones.
pub fn learnt_values(values: &[f64], rows: &[u32]) -> Vec<f64> {
    let mut found = Vec::with_capacity(rows.len());
    found.extend(rows.iter().filter_map(|&r| values.get(r as usize)).filter(|v| !v.is_nan()));
    distinct::sort(&mut found);
    found
}

/// Latest date of the rows, in milliseconds: of the columns with the role join date or date, else of any date column.
pub fn last_date(table: &Table, rows: &[u32]) -> Option<f64> {
    let largest = |a: f64, b: f64| if b > a { b } else { a };
    let latest = |column: &Arc<Column>| match &column.values {
        Values::Date(v) => {
            rows.iter().filter_map(|&r| v.get(r as usize)).copied().filter(|v| !v.is_nan()).reduce(largest)
        }
        _ => None,
    };
    let known = |c: &&Arc<Column>| matches!(c.role, Role::JoinDate | Role::Date);
    let by_role = table.columns().iter().filter(known).filter_map(latest).reduce(largest);
    by_role.or_else(|| table.columns().iter().filter_map(latest).reduce(largest))
}

pub use super::data::calendar::midnight_of as millis_of;

/// Whole days of milliseconds since 1970.
pub fn days_of(millis: f64) -> f64 {
    (millis / MILLIS_A_DAY).floor()
}

// ---------------------------------------------------------------------------------------------- suggestions

/// A suggestion whose counts come from carrying it out on the table. `None` when that fails or changes nothing.
pub fn offer(
    step: &dyn Step,
    table: &Table,
    settings: Settings,
    title: String,
    reason: String,
    recommended: bool,
) -> Option<Suggestion> {
    let Outcome { table: after, effect } =
        step.apply(table, &settings, LearnFrom::All, &Ctx::quiet(0)).ok()?;
    if (effect.n_rows == 0 && effect.n_cells == 0) || is_done(table, &after) {
        return None;
    }
    let mut reason = reason;
    for note in &effect.notes {
        reason.push(' ');
        reason.push_str(note);
        reason.push('.');
    }
    Some(Suggestion {
        call: StepCall::new(step.slug(), settings),
        title,
        reason,
        n_rows: effect.n_rows,
        n_cells: effect.n_cells,
        recommended,
    })
}

/// Whether the table has what a step takes when nothing is chosen; tried on its first rows.
pub fn standing(step: &dyn Step, table: &Table) -> StepStanding {
    let slug = step.slug().to_owned();
    match step.apply(table, &Settings::new(), LearnFrom::All, &Ctx::quiet(0)) {
        Ok(out) => {
            let is_new = |c: &&Arc<Column>| !table.columns().iter().any(|b| Arc::ptr_eq(b, c));
            let mut takes: Vec<String> = Vec::new();
            for (name, _) in out.table.columns().iter().filter(is_new).flat_map(|c| &c.made_from) {
                if !takes.contains(name) {
                    takes.push(name.clone());
                }
            }
            StepStanding { slug, takes, missing: None }
        }
        Err(error @ StepError::MissingRole { .. }) => {
            StepStanding { slug, takes: Vec::new(), missing: Some(error.to_string()) }
        }
        Err(_) => StepStanding { slug, takes: Vec::new(), missing: None },
    }
}

/// Whether a step did nothing but make computed columns anew that are there already: the user's own settings for them
/// are not to be overruled by a suggestion.
fn is_done(before: &Table, after: &Table) -> bool {
    before.n_rows() == after.n_rows()
        && before.n_columns() == after.n_columns()
        && before.columns().iter().zip(after.columns()).all(|(a, b)| {
            a.name == b.name && (Arc::ptr_eq(a, b) || (!a.made_from.is_empty() && !b.made_from.is_empty()))
        })
}

/// Applies recommended suggestions and asks again, until nothing new is recommended; the calls in the order applied.
pub fn settle(
    table: &Table,
    steps: &[&dyn Step],
    suggest: impl Fn(&Table) -> Vec<Suggestion>,
) -> Vec<StepCall> {
    let (mut table, mut calls) = (table.clone(), Vec::<StepCall>::new());
    // Two rounds do in practice; the bound only guards against a step that always recommends itself.
    for _ in 0..8 {
        let before = calls.len();
        for mut call in suggest(&table).iter().filter(|s| s.recommended).map(Suggestion::reasoned) {
            let Some(step) = steps.iter().find(|s| s.slug() == call.slug) else { continue };
            if calls.contains(&call) {
                continue;
            }
            // What was counted before the steps of this round can be other now: a sentinel emptied is a cell to fill.
            if calls.len() > before
                && let Some(now) = step.suggest(&table).into_iter().find(|s| s.call == call)
            {
                call = now.reasoned();
            }
            if let Ok(out) = step.apply(&table, &call.settings, LearnFrom::All, &Ctx::quiet(0)) {
                table = out.table;
                calls.push(call);
            }
        }
        if calls.len() == before {
            break;
        }
    }
    calls
}

// --------------------------------------------------------------------------------------------------- Python

/// A Python string literal.
pub fn py(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A Python list of strings.
pub fn py_list<S: AsRef<str>>(names: &[S]) -> String {
    format!("[{}]", names.iter().map(|n| py(n.as_ref())).collect::<Vec<_>>().join(", "))
}

/// A Python list of numbers.
pub fn py_numbers(values: &[f64]) -> String {
    format!("[{}]", values.iter().copied().map(py_number).collect::<Vec<_>>().join(", "))
}

/// A number as Python writes it.
pub fn py_number(value: f64) -> String {
    match value {
        v if v.is_nan() => "np.nan".to_owned(),
        f64::INFINITY => "np.inf".to_owned(),
        f64::NEG_INFINITY => "-np.inf".to_owned(),
        v => v.to_string(),
    }
}

/// `df["name"]`.
pub fn py_series(name: &str) -> String {
    format!("df[{}]", py(name))
}

/// `df["name"]` of the column chosen under `slug`, else of the one with the role; the role's label stands in for none.
pub fn py_column(table: &Table, settings: &Settings, slug: &str, role: Role) -> String {
    py_series(match settings.text(slug, "") {
        "" => table.with_role(role).map_or(role.label(), |c| c.name.as_str()),
        name => name,
    })
}

/// A Python list of the columns chosen under `slug`, else of all with one of the roles.
pub fn py_columns(table: &Table, settings: &Settings, slug: &str, roles: &[Role]) -> String {
    let found = || roles.iter().flat_map(|&r| table.all_with_role(r)).map(|c| c.name.clone()).collect();
    py_list(&chosen_or(settings, slug, found))
}

/// The sum of such columns row by row, missing where a part is.
pub fn py_sum(table: &Table, settings: &Settings, slug: &str, roles: &[Role]) -> String {
    format!("df[{}].sum(axis=1, skipna=False)", py_columns(table, settings, slug, roles))
}

/// The names chosen under `slug`, else those found.
pub fn chosen_or(settings: &Settings, slug: &str, found: impl FnOnce() -> Vec<String>) -> Vec<String> {
    match settings.texts(slug) {
        [] => found(),
        names => names.to_vec(),
    }
}

/// A level of a column as pandas holds it: a number where every level is one, a truth value for yes/no, else a text.
pub fn py_level(column: &Column, levels: &[String], level: &str) -> String {
    let is_number = |l: &String| l.parse::<f64>().is_ok_and(|v| v.is_finite() && v.to_string() == *l);
    match (&column.values, level) {
        (Values::Boolean(_), "yes") => "True".to_owned(),
        (Values::Boolean(_), _) => "False".to_owned(),
        _ if levels.iter().all(is_number) => level.to_owned(),
        _ => py(level),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_go_there_and_back() {
        assert_eq!(millis_of("2012-09-04"), Some(1_346_716_800_000.0));
        assert_eq!(millis_of("soon"), None);
    }
}
