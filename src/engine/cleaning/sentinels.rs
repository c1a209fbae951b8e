//! Turns sentinels (9999, 666,666,000, -1: codes that stand for "unknown") into missing values.
//!
//! A value is taken for a sentinel when it is isolated and looks typed rather than measured: either at least three equal
//! digits (then only zeros), at least twice the next largest value and beyond the third quartile plus three quartile
//! ranges; or the one negative value, -1 or minus a run of nines, of a column whose other values are all 0 or more.

use super::is_measured;
use crate::engine::{
    context::Ctx,
    data::{column::Values, table::Table},
    knobs::{Knob, KnobKind, Settings},
    numeric::describe::quantile,
    step::{Effect, LearnFrom, Outcome, Step, StepError, Suggestion},
    step_kit::{chosen_or, columns_knob, learnt_values, offer, py_numbers, py_series, replace},
    words::{brief, count, counted, list_some, share},
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
        "Empties cells that hold a code for “unknown”, such as 9999 or −1."
    }

    fn knobs(&self) -> Vec<Knob> {
        vec![
            columns_knob(
                "columns",
                "Columns",
                "Number columns to look at; empty means all measured ones",
                true,
            ),
            Knob::new(
                "values",
                "Values",
                "The codes to empty; none means find them",
                KnobKind::Numbers,
                Vec::<f64>::new(),
            ),
        ]
    }

    fn learns(&self, settings: &Settings) -> bool {
        settings.numbers("values").is_empty()
    }

    fn only_blanks(&self) -> bool {
        true
    }

    fn suggest(&self, table: &Table) -> Vec<Suggestion> {
        let n_rows = table.n_rows() as u64;
        let rows = LearnFrom::All.rows(table);
        let mut found = Vec::new();
        for column in table.columns().iter().filter(|c| is_measured(c)) {
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
                let settings =
                    Settings::new().with("columns", vec![name.clone()]).with("values", vec![sentinel]);
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
        let names: Vec<String> = match settings.texts("columns") {
            [] => table.columns().iter().filter(|c| is_measured(c)).map(|c| c.name.clone()).collect(),
            chosen => chosen.to_vec(),
        };
        let given = settings.numbers("values");
        let learn_rows = learn.rows(table);
        let mut out = table.clone();
        let mut effect = Effect::default();
        let mut touched = vec![false; table.n_rows()];
        let mut seen = Vec::new();
        for (i, name) in names.iter().enumerate() {
            ctx.tick(i as u64, names.len() as u64)?;
            let column = table.column(name)?;
            let Values::Number(values) = &column.values else {
                return Err(StepError::WrongType {
                    column: name.clone(),
                    found: column.column_type().label(),
                    expected: "numbers",
                });
            };
            let codes = if given.is_empty() {
                sentinels(&learnt_values(values, &learn_rows))
            } else {
                given.to_vec()
            };
            if codes.is_empty() {
                continue;
            }
            let kept = values.iter().map(|v| if codes.contains(v) { f64::NAN } else { *v }).collect();
            let rows = replace(&mut out, column, Values::Number(kept), &mut effect)?;
            if !rows.is_empty() {
                let codes: Vec<String> = codes.iter().map(|v| brief(*v)).collect();
                seen.push(format!("{name} {}", list_some(&codes)));
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
        Ok(Outcome { table: out, effect })
    }

    fn python(&self, table: &Table, settings: &Settings) -> String {
        let rows = LearnFrom::All.rows(table);
        let found = || table.columns().iter().filter(|c| is_measured(c)).map(|c| c.name.clone()).collect();
        let lines = chosen_or(settings, "columns", found).into_iter().filter_map(|name| {
            let Values::Number(values) = &table.column(&name).ok()?.values else { return None };
            let codes = match settings.numbers("values") {
                [] => sentinels(&learnt_values(values, &rows)),
                given => given.to_vec(),
            };
            let c = py_series(&name);
            (!codes.is_empty()).then(|| format!("{c} = {c}.mask({c}.isin({}))", py_numbers(&codes)))
        });
        lines.collect::<Vec<_>>().join("\n")
    }
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
