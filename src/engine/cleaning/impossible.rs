//! Turns values that cannot be (a birth year of 1893, a negative count) into missing ones.

use crate::engine::{
    context::Ctx,
    data::{
        column::{Column, Values, year_of},
        distinct,
        role::Role,
        table::Table,
    },
    knobs::{Knob, KnobKind, Settings},
    step::{Effect, LearnFrom, Outcome, Step, StepError, Suggestion},
    step_kit::{chosen_or, columns_knob, last_date, offer, py_number, py_series, replace},
    words::{brief, count, counted, list_some, share, year},
};

/// Nobody on record has lived longer than 122 years; above this an age is more likely a slip of the keyboard.
const OLDEST: f64 = 110.0;

/// Birth years possible in a table that has no date.
const EARLIEST: f64 = 1905.0;
const LATEST: f64 = 2100.0;

/// Impossible values to missing.
pub struct Impossible;

impl Step for Impossible {
    fn slug(&self) -> &'static str {
        "impossible_to_missing"
    }

    fn title(&self) -> &'static str {
        "Impossible values to missing"
    }

    fn help(&self) -> &'static str {
        "Empties cells outside the range a column can have, such as an age over 110 or a negative count."
    }

    fn knobs(&self) -> Vec<Knob> {
        vec![
            columns_knob(
                "columns",
                "Columns",
                "Number columns to look at; those with a known range if you choose none",
                true,
            ),
            Knob::new(
                "range",
                "Possible range",
                "Lowest and highest possible value; empty takes what the role allows",
                KnobKind::Numbers,
                Vec::<f64>::new(),
            ),
        ]
    }

    fn learns(&self, settings: &Settings) -> bool {
        // The file's last date bounds birth years, and is looked up when no range is given.
        settings.numbers("range").is_empty()
    }

    fn only_blanks(&self) -> bool {
        true
    }

    fn suggest(&self, table: &Table) -> Vec<Suggestion> {
        let n_rows = table.n_rows() as u64;
        let rows = LearnFrom::All.rows(table);
        let mut found = Vec::new();
        for column in table.columns().iter().filter(|c| c.made_from.is_empty()) {
            let Values::Number(values) = &column.values else { continue };
            let Some((low, high)) = possible(table, column, &rows) else { continue };
            let mut odd: Vec<f64> =
                values.iter().copied().filter(|v| !v.is_nan() && !(low..=high).contains(v)).collect();
            distinct::sort(&mut odd);
            let n = odd.len() as u64;
            odd.dedup();
            // More than a few is a column misunderstood, not a slip.
            if n == 0 || n * 10 > n_rows {
                continue;
            }
            let name = &column.name;
            let is_year = column.role == Role::BirthYear;
            let word = |v: f64| if is_year { year(v) } else { brief(v) };
            let why = match column.role {
                Role::BirthYear if odd.iter().all(|v| *v < low) => {
                    format!("that makes people older than {OLDEST} in {}", word(low + OLDEST),)
                }
                Role::BirthYear => format!("birth years can run from {} to {}", word(low), word(high)),
                Role::Age => format!("ages run from 0 to {OLDEST}"),
                _ => "it cannot be negative".into(),
            };
            let values: Vec<String> = odd.iter().map(|v| word(*v)).collect();
            // A few impossible birth years still put their people in the oldest age group, which counts them; missing
            // would leave them out of every comparison by age. So that is the user's to choose.
            let is_recommended = !is_year;
            let cost =
                if is_year { " Kept, they count in the oldest age group; missing, in none." } else { "" };
            let reason = format!(
                "{name} is {} in {} of {} rows ({}): {why}.{cost}",
                list_some(&values),
                count(n),
                count(n_rows),
                share(n, n_rows)
            );
            let high = if high.is_finite() { high } else { 1e15 };
            let settings = Settings::new().with("columns", vec![name.clone()]).with("range", vec![low, high]);
            let title = format!("Set impossible {name} to missing");
            found.extend(offer(self, table, settings, title, reason, is_recommended));
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
        let range = match settings.numbers("range") {
            [] => None,
            [low, high] if low <= high => Some((*low, *high)),
            _ => {
                let reason = "the possible range needs two numbers, the lowest and the highest".into();
                return Err(StepError::Refused { reason });
            }
        };
        let learn_rows = learn.rows(table);
        let columns = match settings.texts("columns") {
            [] if range.is_some() => {
                return Err(StepError::Refused { reason: "choose the columns this range is for".into() });
            }
            [] => table
                .columns()
                .iter()
                .filter(|c| {
                    matches!(c.values, Values::Number(_)) && possible(table, c, &learn_rows).is_some()
                })
                .collect(),
            chosen => chosen.iter().map(|n| table.column(n)).collect::<Result<Vec<_>, _>>()?,
        };
        let mut out = table.clone();
        let mut effect = Effect::default();
        let mut touched = vec![false; table.n_rows()];
        let mut names = Vec::new();
        for (i, column) in columns.iter().enumerate() {
            ctx.tick(i as u64, columns.len() as u64)?;
            let Values::Number(values) = &column.values else {
                return Err(StepError::WrongType {
                    column: column.name.clone(),
                    found: column.column_type().label(),
                    expected: "numbers",
                });
            };
            let Some((low, high)) = range.or_else(|| possible(table, column, &learn_rows)) else { continue };
            let kept = values.iter().map(|v| if (low..=high).contains(v) { *v } else { f64::NAN }).collect();
            let rows = replace(&mut out, column, Values::Number(kept), &mut effect)?;
            if !rows.is_empty() {
                names.push(column.name.clone());
            }
            for row in rows {
                touched[row as usize] = true;
            }
        }
        effect.n_rows = touched.iter().filter(|t| **t).count() as u64;
        effect.sentence = if names.is_empty() {
            "Found no impossible values".into()
        } else {
            let cells = counted(effect.n_cells, "impossible value", "impossible values");
            format!("Set {cells} of {} to missing", list_some(&names))
        };
        Ok(Outcome { table: out, effect })
    }

    fn python(&self, table: &Table, settings: &Settings) -> String {
        let rows = LearnFrom::All.rows(table);
        let given = match settings.numbers("range") {
            [low, high] => Some((*low, *high)),
            _ => None,
        };
        let found = || table.columns().iter().map(|c| c.name.clone()).collect();
        let lines = chosen_or(settings, "columns", found).into_iter().filter_map(|name| {
            let column = table.column(&name).ok().filter(|c| matches!(c.values, Values::Number(_)))?;
            let (low, high) = given.or_else(|| possible(table, column, &rows))?;
            let c = py_series(&name);
            Some(format!("{c} = {c}.where({c}.between({}, {}))", py_number(low), py_number(high)))
        });
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// The range a role allows, if it allows less than everything.
fn possible(table: &Table, column: &Column, rows: &[u32]) -> Option<(f64, f64)> {
    match column.role {
        Role::BirthYear => {
            let last = last_date(table, rows).and_then(year_of);
            // Without any date only what was impossible for years is certain.
            Some(last.map_or((EARLIEST, LATEST), |y| (y as f64 - OLDEST, y as f64)))
        }
        Role::Age => Some((0.0, OLDEST)),
        Role::Impressions
        | Role::Reach
        | Role::Clicks
        | Role::Spend
        | Role::Enquiries
        | Role::Purchases
        | Role::Kids
        | Role::Teens
        | Role::Recency
        | Role::WebPurchases
        | Role::CatalogPurchases
        | Role::StorePurchases
        | Role::DealPurchases
        | Role::WebVisits => Some((0.0, f64::INFINITY)),
        _ => None,
    }
}
