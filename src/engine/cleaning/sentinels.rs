//! Turns sentinels (9999, 666,666,000, -1, 1900-01-01: codes that stand for "unknown") into missing values, if wished with a
//! column that says where they were.
//!
//! A value is taken for a sentinel when it is isolated and looks typed rather than measured: either at least three equal
//! digits (then only zeros), at least twice the next largest value and beyond the third quartile plus three quartile
//! ranges; or the one negative value, -1 or minus a run of nines, of a column whose other values are all 0 or more.
//! A day is taken for one when it is among those that programs write for "no date" and ten years from every other day.

use std::sync::Arc;

use super::{is_measured, missing_indicator::marked};
use crate::engine::{
    context::Ctx,
    data::{
        column::{Column, MILLIS_A_DAY, Values, date_text},
        table::Table,
    },
    knobs::{Knob, KnobKind, Settings},
    numeric::describe::quantile,
    step::{Effect, LearnFrom, Outcome, Step, StepError, Suggestion},
    step_kit::{
        add_computed, chosen_or, columns_knob, days_of, learnt_values, millis_of, offer, py_list, py_numbers,
        py_series, replace,
    },
    words::{brief, count, counted, group, list_some, share},
};

/// Sentinels to missing.
pub struct Sentinels;

impl Step for Sentinels {
    fn slug(&self) -> &'static str {
        "sentinels_to_missing"
    }

    fn title(&self) -> &'static str {
        "Sentinels to missing"
    }

    fn help(&self) -> &'static str {
        "Empties cells that hold a code for “unknown”, such as 9999, −1 or 1900-01-01."
    }

    fn knobs(&self) -> Vec<Knob> {
        vec![
            columns_knob(
                "columns",
                "Columns",
                "Columns of numbers or dates to look at; all measured ones if you choose none",
                false,
            ),
            Knob::new(
                "values",
                "Values",
                "The codes to empty; none means find them",
                KnobKind::Numbers,
                Vec::<f64>::new(),
            ),
            Knob::new(
                "dates",
                "Days",
                "The days to empty, such as 1900-01-01, separated by semicolons",
                KnobKind::Text,
                "",
            ),
            Knob::new(
                "indicator",
                "Mark them",
                "Make a yes/no column that says where a code was",
                KnobKind::Flag,
                false,
            ),
        ]
    }

    fn learns(&self, settings: &Settings) -> bool {
        is_to_be_found(settings)
    }

    fn only_blanks(&self) -> bool {
        true
    }

    fn suggest(&self, table: &Table) -> Vec<Suggestion> {
        let n_rows = table.n_rows() as u64;
        let rows = LearnFrom::All.rows(table);
        let mut found = Vec::new();
        for column in table.columns().iter().filter(|c| is_looked_at(c)) {
            if let Values::Date(values) = &column.values {
                found.extend(suggest_days(self, table, column, values));
                continue;
            }
            let Values::Number(values) = &column.values else { continue };
            let sorted = learnt_values(values, &rows);
            for sentinel in sentinels(&sorted) {
                let name = &column.name;
                let n = values.iter().filter(|v| **v == sentinel).count() as u64;
                let what = if sentinel < 0.0 {
                    "every other value is 0 or more".to_owned()
                } else {
                    let next = sorted.iter().rev().find(|v| **v < sentinel).copied().unwrap_or(0.0);
                    format!("the next largest value is {}", brief(next))
                };
                let reason = format!(
                    "{name} is {} in {} of {} rows ({}) and {what}: it looks like a code for “unknown”.",
                    brief(sentinel),
                    count(n),
                    count(n_rows),
                    share(n, n_rows)
                );
                let mut settings =
                    Settings::new().with("columns", vec![name.clone()]).with("values", vec![sentinel]);
                if is_worth_a_mark(n, n_rows) {
                    settings = settings.with("indicator", true);
                }
                let title = format!("Set {name} {} to missing", brief(sentinel));
                found.extend(offer(self, table, settings, title, reason, true));
            }
        }
        found
    }

    fn apply(
        &self,
        table: &Table,
        settings: &Settings,
        learn: LearnFrom<'_>,
        ctx: &Ctx<'_>,
    ) -> Result<Outcome, StepError> {
        let names = names(table, settings);
        let given = days(settings)?;
        let learn_rows = learn.rows(table);
        let mut out = table.clone();
        let mut effect = Effect::default();
        let mut touched = vec![false; table.n_rows()];
        let mut seen = Vec::new();
        for (i, name) in names.iter().enumerate() {
            ctx.tick(i as u64, names.len() as u64)?;
            let column = table.column(name)?;
            let codes = codes(column, settings, &given, &learn_rows);
            let kept = |v: &f64, is_code: bool| if is_code { f64::NAN } else { *v };
            let (after, codes): (Values, Vec<String>) = match &column.values {
                Values::Number(v) => (
                    Values::Number(v.iter().map(|v| kept(v, codes.contains(v))).collect()),
                    codes.iter().map(|v| group(&brief(*v), column.n_rows_with(&v.to_string()))).collect(),
                ),
                Values::Date(v) => (
                    Values::Date(v.iter().map(|v| kept(v, codes.contains(&day_of(*v)))).collect()),
                    codes
                        .iter()
                        .map(|v| date_text(*v))
                        .map(|day| group(&day, column.n_rows_with(&day)))
                        .collect(),
                ),
                _ => {
                    return Err(StepError::WrongType {
                        column: name.clone(),
                        found: column.column_type().label(),
                        expected: "numbers or dates",
                    });
                }
            };
            if codes.is_empty() {
                continue;
            }
            let rows = replace(&mut out, column, after, &mut effect)?;
            if !rows.is_empty() {
                seen.push(format!("{name} {}", list_some(&codes)));
            }
            // Found or not: a fold without a sentinel has the column too.
            if settings.flag("indicator", false) {
                let mut is_code = vec![false; table.n_rows()];
                // What an earlier step has marked stays marked.
                if let Some(earlier) = earlier_mark(table, name)
                    && let Values::Boolean(marks) = &earlier.values
                {
                    is_code = marks.iter().map(|mark| *mark == Some(true)).collect();
                }
                rows.iter().for_each(|&row| is_code[row as usize] = true);
                add_computed(&mut out, marked(column, "unknown", |row| is_code[row]))?;
            }
            for row in rows {
                touched[row as usize] = true;
            }
        }
        effect.n_rows = touched.iter().filter(|t| **t).count() as u64;
        effect.sentence = match seen.as_slice() {
            [] => "Found no sentinels".into(),
            _ => format!(
                "Set {} to missing: {}",
                counted(effect.n_cells, "sentinel", "sentinels"),
                list_some(&seen)
            ),
        };
        Ok(Outcome { table: out, effect: effect.told() })
    }

    fn python(&self, table: &Table, settings: &Settings) -> String {
        let rows = LearnFrom::All.rows(table);
        let given = days(settings).unwrap_or_default();
        let mut lines = Vec::new();
        for name in names(table, settings) {
            let Ok(column) = table.column(&name) else { continue };
            let codes = codes(column, settings, &given, &rows);
            let c = py_series(&name);
            let is_code = match &column.values {
                _ if codes.is_empty() => continue,
                Values::Date(_) => {
                    let days: Vec<String> = codes.iter().map(|v| date_text(*v)).collect();
                    format!("{c}.dt.normalize().isin(pd.to_datetime({}))", py_list(&days))
                }
                _ => format!("{c}.isin({})", py_numbers(&codes)),
            };
            if settings.flag("indicator", false) {
                let mark = py_series(&format!("{name} unknown"));
                let earlier =
                    if earlier_mark(table, &name).is_some() { format!("{mark} | ") } else { String::new() };
                lines.push(format!("{mark} = {earlier}{is_code}"));
            }
            lines.push(format!("{c} = {c}.mask({is_code})"));
        }
        lines.join("\n")
    }
}

/// Days that programs write where there is none.
const NO_DAY: [&str; 9] = [
    "0001-01-01",
    "1753-01-01",
    "1899-12-30",
    "1899-12-31",
    "1900-01-01",
    "1970-01-01",
    "2099-12-31",
    "2999-12-31",
    "9999-12-31",
];

fn is_to_be_found(settings: &Settings) -> bool {
    settings.numbers("values").is_empty() && settings.text("dates", "").trim().is_empty()
}

fn is_looked_at(column: &Column) -> bool {
    is_measured(column) || (column.made_from.is_empty() && matches!(column.values, Values::Date(_)))
}

/// The columns chosen, else those that can hold what was given.
fn names(table: &Table, settings: &Settings) -> Vec<String> {
    let holds = |column: &Column| {
        let is_given = match &column.values {
            Values::Date(_) => !settings.text("dates", "").trim().is_empty(),
            _ => !settings.numbers("values").is_empty(),
        };
        is_looked_at(column) && (is_given || is_to_be_found(settings))
    };
    chosen_or(settings, "columns", || {
        table.columns().iter().filter(|c| holds(c)).map(|c| c.name.clone()).collect()
    })
}

/// The days given, in milliseconds.
fn days(settings: &Settings) -> Result<Vec<f64>, StepError> {
    let all = settings.text("dates", "").split(';').map(str::trim).filter(|d| !d.is_empty());
    let day = |text: &str| {
        let reason = || format!("“{text}” is not a date; write it as 1900-01-01");
        millis_of(text).ok_or_else(|| StepError::Refused { reason: reason() })
    };
    all.map(day).collect()
}

/// The codes of a column: given, else found.
fn codes(column: &Column, settings: &Settings, given: &[f64], rows: &[u32]) -> Vec<f64> {
    let is_open = is_to_be_found(settings);
    match &column.values {
        Values::Number(v) if is_open => sentinels(&learnt_values(v, rows)),
        Values::Number(_) => settings.numbers("values").to_vec(),
        Values::Date(v) if is_open => empty_days(&learnt_values(v, rows)),
        Values::Date(_) => given.to_vec(),
        _ => Vec::new(),
    }
}

/// Midnight of a moment.
fn day_of(millis: f64) -> f64 {
    days_of(millis) * MILLIS_A_DAY
}

/// A mark on a few rows would be a column of nothing.
fn is_worth_a_mark(n: u64, n_rows: u64) -> bool {
    n >= 10 && n * 100 >= n_rows
}

fn suggest_days(step: &Sentinels, table: &Table, column: &Column, values: &[f64]) -> Vec<Suggestion> {
    let n_rows = table.n_rows() as u64;
    let sorted = learnt_values(values, &LearnFrom::All.rows(table));
    let one = |code: f64| {
        let (name, day) = (&column.name, date_text(code));
        let n = sorted.iter().filter(|v| day_of(**v) == code).count() as u64;
        let reason = format!(
            "{name} is {day} in {} of {} rows ({}) and every other day is more than ten years away: it looks like a code for \
             “unknown”.",
            count(n),
            count(n_rows),
            share(n, n_rows)
        );
        let mut settings = Settings::new().with("columns", vec![name.clone()]).with("dates", day.clone());
        if is_worth_a_mark(n, n_rows) {
            settings = settings.with("indicator", true);
        }
        offer(step, table, settings, format!("Set {name} {day} to missing"), reason, true)
    };
    empty_days(&sorted).into_iter().filter_map(one).collect()
}

/// Days of [`NO_DAY`] among sorted moments that are ten years from every other day.
fn empty_days(sorted: &[f64]) -> Vec<f64> {
    let codes: Vec<f64> = NO_DAY.iter().filter_map(|d| millis_of(d)).collect();
    let mut others = sorted.iter().map(|v| day_of(*v)).filter(|d| !codes.contains(d));
    let Some(first) = others.next() else { return Vec::new() };
    let last = others.next_back().unwrap_or(first);
    let is_far = |code: f64| code < first - 3_652.0 * MILLIS_A_DAY || code > last + 3_652.0 * MILLIS_A_DAY;
    let is_there = |code: f64| {
        let at = sorted.partition_point(|v| *v < code);
        sorted.get(at).is_some_and(|v| day_of(*v) == code)
    };
    let n = sorted.iter().filter(|v| codes.contains(&day_of(**v))).count();
    // A share of more than a third is no exception any more.
    codes.into_iter().filter(|c| is_far(*c) && is_there(*c) && n * 3 <= sorted.len()).collect()
}

/// The sentinels among sorted values, largest first, then a negative one.
fn sentinels(sorted: &[f64]) -> Vec<f64> {
    let mut found = Vec::new();
    let mut rest = sorted;
    while let Some(&largest) = rest.last() {
        let below = &rest[..rest.partition_point(|v| *v < largest)];
        let n_distinct = below.windows(2).filter(|w| w[0] != w[1]).count() + 1;
        let (Some(q1), Some(q3), Some(&next)) = (quantile(below, 0.25), quantile(below, 0.75), below.last())
        else {
            break;
        };
        // A share of more than a third is no exception any more.
        let is_rare = (rest.len() - below.len()) * 3 <= sorted.len();
        let is_isolated = largest >= 2.0 * next.max(0.0) && largest > q3 + 3.0 * (q3 - q1);
        if !(has_repeated_digit(largest) && is_isolated && is_rare && n_distinct >= 3) {
            break;
        }
        found.push(largest);
        rest = below;
    }
    let n_negative = rest.partition_point(|v| *v < 0.0);
    if let (Some(&lowest), Some(&highest)) = (rest.first(), rest[..n_negative].last())
        && lowest == highest
        && (lowest == -1.0 || (has_nines(lowest)))
        && n_negative * 3 <= rest.len()
        && rest[n_negative..].windows(2).filter(|w| w[0] != w[1]).count() >= 2
    {
        found.push(lowest);
    }
    found
}

/// Whether a whole number is one digit at least three times, then perhaps zeros: 999, 9999, 666,666,000.
fn has_repeated_digit(value: f64) -> bool {
    if value != value.floor() || !(111.0..1e15).contains(&value) {
        return false;
    }
    let text = value.to_string();
    let digits = text.trim_end_matches('0');
    digits.len() >= 3 && digits.chars().all(|c| digits.starts_with(c))
}

/// Whether a negative whole number is a run of nines.
fn has_nines(value: f64) -> bool {
    let text = (-value).to_string();
    value > -1e15 && text.len() >= 2 && text.chars().all(|c| c == '9')
}

/// The mark that an earlier step has left of a column.
fn earlier_mark<'t>(table: &'t Table, name: &str) -> Option<&'t Arc<Column>> {
    table.column(&format!("{name} unknown")).ok().filter(|mark| !mark.made_from.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::data::{
        column::Column,
        role::{Role, TableKind},
    };

    #[track_caller]
    fn check(values: &[f64], expected: &[f64]) {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        assert_eq!(sentinels(&sorted), expected);
    }

    #[test]
    fn isolated_typed_looking_values_are_sentinels() {
        check(&[10.0, 20.0, 30.0, 40.0, 9999.0], &[9999.0]);
        check(&[10.0, 20.0, 30.0, 40.0, 999.0, 99999.0], &[99999.0, 999.0]);
        check(&[10.0, 20.0, 30.0, 40.0, -1.0], &[-1.0]);
        check(&[10.0, 20.0, 30.0, 40.0, -999.0, -999.0], &[-999.0]);
        check(&[3.5e7, 5.1e7, 6.8e7, 1.62e8, 666_666_000.0], &[666_666_000.0]);
    }

    #[test]
    fn measured_values_are_not() {
        check(&[10.0, 20.0, 30.0, 40.0, 1000.0], &[]);
        check(&[700.0, 800.0, 900.0, 999.0], &[]);
        check(&[-2.0, -1.0, 0.0, 1.0, 2.0], &[]);
        check(&[0.0, 1.0, -1.0], &[]);
        check(&[999.0, 999.0, 999.0], &[]);
        check(&[], &[]);
    }

    #[test]
    fn days_that_stand_for_none_are_sentinels() {
        let day = |text: &str| millis_of(text).unwrap();
        let check = |days: &[&str], expected: &[&str]| {
            let mut sorted: Vec<f64> = days.iter().map(|d| day(d)).collect();
            sorted.sort_by(f64::total_cmp);
            let found: Vec<String> = empty_days(&sorted).into_iter().map(date_text).collect();
            assert_eq!(found, expected);
        };
        check(&["2024-01-01", "2024-05-01", "2025-01-01", "1900-01-01"], &["1900-01-01"]);
        check(&["1969-01-01", "1971-05-01", "1970-01-01", "1972-01-01"], &[]);
        check(&["1900-01-01", "1900-01-01", "2024-01-01"], &[]);
        check(&["1900-01-01"], &[]);
    }

    #[test]
    fn a_code_can_leave_a_mark() {
        let column = Column::number("x", Role::Number, vec![10.0, 20.0, 30.0, 40.0, -1.0]);
        let table = Table::new(TableKind::Other, vec![column]).unwrap();
        let settings = Settings::new().with("indicator", true);
        let out = Sentinels.apply(&table, &settings, LearnFrom::All, &Ctx::quiet(0)).unwrap();
        let mark = out.table.column("x unknown").unwrap();
        assert_eq!((mark.cell_text(4), mark.cell_text(0)), ("yes".to_owned(), "no".to_owned()));
        assert_eq!(mark.made_from, [("x".to_owned(), Role::Number)]);
        assert_eq!(out.table.column("x").unwrap().n_missing(), 1);
        // Another step for another code adds to it.
        let more = settings.with("values", vec![40.0]);
        let out = Sentinels.apply(&out.table, &more, LearnFrom::All, &Ctx::quiet(0)).unwrap();
        let marks: Vec<String> =
            (0..5).map(|r| out.table.column("x unknown").unwrap().cell_text(r)).collect();
        assert_eq!(marks, ["no", "no", "no", "yes", "yes"]);
    }

    #[test]
    fn rows_outside_training_decide_nothing() {
        let column = Column::number("x", Role::Number, vec![10.0, 20.0, 30.0, 40.0, 9999.0]);
        let table = Table::new(TableKind::Other, vec![column]).unwrap();
        let training = [true, true, true, true, false];
        let out = Sentinels
            .apply(&table, &Settings::new(), LearnFrom::Training(&training), &Ctx::quiet(0))
            .unwrap();
        assert_eq!(out.effect.n_cells, 0);
        assert_eq!(out.effect.sentence, "Found no sentinels");
    }
}
