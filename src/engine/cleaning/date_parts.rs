//! Takes parts out of a date: year, month, weekday, hour, and the days since then.

use crate::engine::{
    context::Ctx,
    data::{
        calendar::Moment,
        column::{Column, MILLIS_A_DAY, Values, date_text},
        role::Role,
        table::Table,
    },
    knobs::{Knob, KnobKind, Settings},
    step::{LearnFrom, Outcome, Step, StepError, Suggestion},
    step_kit::{
        chosen, column_knob, days_of, learnt_values, made, millis_of, offer, ordered_category, py, py_series,
    },
    words::list,
};

/// Parts of a date.
pub struct DateParts;

const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
/// Slug, what it is called, and whether it is made unless the user says otherwise.
const PARTS: [(&str, &str, bool); 5] = [
    ("year", "year", true),
    ("month", "month", true),
    ("weekday", "weekday", true),
    ("hour", "hour", false),
    ("days_since", "days since", false),
];

impl Step for DateParts {
    fn slug(&self) -> &'static str {
        "date_parts"
    }

    fn title(&self) -> &'static str {
        "Take parts of a date"
    }

    fn help(&self) -> &'static str {
        "Makes columns of the year, month, weekday or hour of a date, or of the days since then."
    }

    fn knobs(&self) -> Vec<Knob> {
        let flag = |slug, label, help, on: bool| Knob::new(slug, label, help, KnobKind::Flag, on);
        vec![
            column_knob(false),
            flag("year", "Year", "2026", true),
            flag("month", "Month", "1 to 12", true),
            flag("weekday", "Weekday", "Mon to Sun", true),
            flag("hour", "Hour", "0 to 23, in the time of the file", false),
            flag("days_since", "Days since", "Whole days from the date to the day below", false),
            Knob::new(
                "reference_date",
                "Counted to",
                "A day such as 2026-06-30; empty takes the last one of the column",
                KnobKind::Text,
                "",
            ),
        ]
    }

    fn learns(&self, settings: &Settings) -> bool {
        settings.flag("days_since", false) && settings.text("reference_date", "").trim().is_empty()
    }

    fn suggest(&self, table: &Table) -> Vec<Suggestion> {
        let mut found = Vec::new();
        for column in table.columns() {
            let Values::Date(values) = &column.values else { continue };
            let mut sorted = learnt_values(values, &LearnFrom::All.rows(table));
            sorted.dedup();
            let (Some(first), Some(last)) = (sorted.first().copied(), sorted.last().copied()) else {
                continue;
            };
            if !column.made_from.is_empty() || first == last {
                continue;
            }
            let differ = |part: &str| {
                let mut parts = sorted.iter().map(|v| part_of(part, *v, 0.0));
                let first = parts.next().flatten();
                parts.any(|p| p != first)
            };
            let mut settings = Settings::new().with("column", column.name.clone());
            let mut names = Vec::new();
            for (slug, word, _) in &PARTS[..4] {
                let is_made = differ(slug);
                settings = settings.with(slug, is_made);
                if is_made {
                    names.push(*word);
                }
            }
            if names.is_empty() {
                continue;
            }
            drop(sorted);
            let reason = format!(
                "{} runs from {} to {}; models, segments and charts by group can use {}, but not a date.",
                column.name,
                date_text(first),
                date_text(last),
                list(&names)
            );
            let title = format!("Take {} of {}", list(&names), column.name);
            found.extend(offer(self, table, settings, title, reason, false));
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
        let column = chosen(table, settings)?;
        let Values::Date(values) = &column.values else {
            return Err(StepError::WrongType {
                column: column.name.clone(),
                found: column.column_type().label(),
                expected: "dates",
            });
        };
        let wanted = wanted(settings);
        if wanted.is_empty() {
            return Err(StepError::Refused { reason: "choose a part of the date first".into() });
        }
        let reference = reference(values, settings, &learn.rows(table))?;
        let mut made_columns = Vec::new();
        let mut notes = Vec::new();
        for (i, (slug, word)) in wanted.iter().enumerate() {
            ctx.tick(i as u64, wanted.len() as u64)?;
            let name = format!("{} {word}", column.name);
            // Exports are sorted by day: mostly a row has the date of the one before.
            let mut last = (f64::NAN, f64::NAN);
            let number = |&v: &f64| {
                if v != last.0 {
                    last = (v, part_of(slug, v, reference).unwrap_or(f64::NAN));
                }
                last.1
            };
            let numbers: Vec<f64> = values.iter().map(number).collect();
            let part = if *slug == "weekday" {
                let code = |v: &f64| if v.is_nan() { u32::MAX } else { *v as u32 };
                let levels = WEEKDAYS.iter().map(|d| (*d).to_owned()).collect();
                ordered_category(&name, levels, numbers.iter().map(code).collect())
            } else {
                Column::number(name, Role::Number, numbers)
            };
            made_columns.push(part.from_columns(&[column]));
            if *slug == "days_since" {
                notes.push(format!("Days are counted to {}", date_text(reference)));
            }
        }
        let words: Vec<&str> = wanted.iter().map(|(_, word)| *word).collect();
        let sentence = format!("Took {} of {}", list(&words), column.name);
        made(table, made_columns, sentence, notes)
    }

    fn python(&self, table: &Table, settings: &Settings) -> String {
        let Ok(column) = chosen(table, settings) else { return String::new() };
        let d = py_series(&column.name);
        let lines = wanted(settings).into_iter().map(|(slug, word)| {
            let part = match slug {
                "weekday" => format!("{d}.dt.day_name().str[:3]"),
                "days_since" => {
                    let to = match settings.text("reference_date", "").trim() {
                        "" => format!("{d}.max()"),
                        day => format!("pd.Timestamp({})", py(day)),
                    };
                    format!("({to}.normalize() - {d}.dt.normalize()).dt.days")
                }
                _ => format!("{d}.dt.{slug}"),
            };
            format!("{} = {part}", py_series(&format!("{} {word}", column.name)))
        });
        lines.collect::<Vec<_>>().join("\n")
    }
}

fn wanted(settings: &Settings) -> Vec<(&'static str, &'static str)> {
    PARTS.iter().filter(|(s, _, on)| settings.flag(s, *on)).map(|(s, w, _)| (*s, *w)).collect()
}

/// The day that days are counted to, in milliseconds.
fn reference(values: &[f64], settings: &Settings, rows: &[u32]) -> Result<f64, StepError> {
    match settings.text("reference_date", "").trim() {
        "" => Ok(learnt_values(values, rows).last().copied().unwrap_or(f64::NAN)),
        day => millis_of(day).ok_or_else(|| StepError::Refused {
            reason: format!("“{day}” is not a date; write it as 2026-06-30"),
        }),
    }
}

/// A part as a number; weekdays count from Monday, 0.
fn part_of(part: &str, millis: f64, reference: f64) -> Option<f64> {
    let moment = Moment::of(millis)?;
    let value = match part {
        "year" => moment.year as f64,
        "month" => f64::from(moment.month),
        "weekday" => f64::from(moment.weekday - 1),
        "hour" => (millis.rem_euclid(MILLIS_A_DAY) / 3_600_000.0).floor(),
        _ => days_of(reference) - days_of(millis),
    };
    (!value.is_nan()).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_those_of_the_calendar() {
        // 2012-09-04 was a Tuesday.
        let tuesday = 1_346_716_800_000.0;
        let of = |part: &str, millis: f64| part_of(part, millis, tuesday);
        assert_eq!(of("year", tuesday), Some(2012.0));
        assert_eq!(of("month", tuesday), Some(9.0));
        assert_eq!(of("weekday", tuesday), Some(1.0));
        assert_eq!(of("hour", tuesday + 3_600_000.0 * 13.5), Some(13.0));
        assert_eq!(of("days_since", tuesday - MILLIS_A_DAY * 3.0), Some(3.0));
        // Before 1970 a day still begins at midnight.
        assert_eq!((of("hour", -3_600_000.0), of("year", -1.0)), (Some(23.0), Some(1969.0)));
        assert_eq!(of("weekday", -MILLIS_A_DAY), Some(2.0));
        assert_eq!(of("year", f64::NAN), None);
    }
}
