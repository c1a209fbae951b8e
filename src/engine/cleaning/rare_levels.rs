//! Puts rare levels of a category into one, "Other". Which are rare is learnt from the training rows alone: a level that
//! these do not have is rare too.

use std::sync::Arc;

use super::{is_personal, is_wordy};
use crate::engine::{
    context::Ctx,
    data::{column::Column, role::Role, table::Table},
    knobs::{Knob, KnobKind, Settings},
    step::{Effect, LearnFrom, Outcome, Step, StepError, Suggestion},
    step_kit::{columns_knob, level_counts, offer, py, py_level, py_series, renamed, replace},
    words::{counted, list_some, percent, quoted, share},
};

/// Rare levels to one.
pub struct RareLevels;

/// Below this share a level is rare.
const SHARE: f64 = 0.01;
const OTHER: &str = "Other";

impl Step for RareLevels {
    fn slug(&self) -> &'static str {
        "rare_levels"
    }

    fn title(&self) -> &'static str {
        "Rare levels to “Other”"
    }

    fn help(&self) -> &'static str {
        "Puts the values of a category that few rows have into one group."
    }

    fn knobs(&self) -> Vec<Knob> {
        vec![
            columns_knob("columns", "Columns", "Categories to change", false),
            Knob::new(
                "share",
                "Rare below",
                "Share of the rows that have a value; a rarer level goes to the group",
                KnobKind::Real { min: 0.0, max: 0.5 },
                SHARE,
            ),
            Knob::new(
                "rows",
                "And below",
                "Number of rows; a level with fewer goes to the group too",
                KnobKind::Integer { min: 0, max: 1_000_000 },
                0_i64,
            ),
            Knob::new("other", "Name", "What the group is called", KnobKind::Text, OTHER),
        ]
    }

    fn learns(&self, _: &Settings) -> bool {
        true
    }

    fn suggest(&self, table: &Table) -> Vec<Suggestion> {
        let rows = LearnFrom::All.rows(table);
        let mut found = Vec::new();
        let fits = |c: &&Arc<Column>| is_wordy(c) && matches!(c.role, Role::Category | Role::MaritalStatus);
        for column in table.columns().iter().filter(fits) {
            if is_personal(table, column) {
                continue;
            }
            let counts = level_counts(column, &rows);
            let total: u64 = counts.iter().map(|(_, n)| n).sum();
            let rare: Vec<&(String, u64)> =
                counts.iter().filter(|(_, n)| (*n as f64) < SHARE * total as f64).collect();
            let n: u64 = rare.iter().map(|(_, n)| n).sum();
            // One rare level would only get another name; a column of rare levels alone is no category.
            if rare.len() < 2 || n * 3 > total {
                continue;
            }
            let names: Vec<String> = rare.iter().map(|(l, _)| format!("“{}”", quoted(l))).collect();
            let reason = format!(
                "{} of {} have fewer than {} of the rows each ({}), together {} of them: too few to say something about \
                 each.",
                counted(rare.len() as u64, "value", "values"),
                column.name,
                percent(SHARE),
                list_some(&names),
                share(n, total)
            );
            let settings = Settings::new().with("columns", vec![column.name.clone()]);
            let title = format!("Put rare values of {} into “{OTHER}”", column.name);
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
        let columns = columns(table, settings)?;
        let other = other(settings);
        let rows = learn.rows(table);
        let mut out = table.clone();
        let mut effect = Effect::default();
        let mut touched = vec![false; table.n_rows()];
        let mut said = Vec::new();
        for (i, column) in columns.iter().enumerate() {
            ctx.tick(i as u64, columns.len() as u64)?;
            let kept = kept(column, settings, &rows);
            let rename = |l: &str| if kept.iter().any(|k| k == l) { l } else { other }.to_owned();
            let Some((values, _)) = renamed(column, rename) else { continue };
            let changed = replace(&mut out, column, values, &mut effect)?;
            if changed.is_empty() {
                continue;
            }
            let n_levels = column.levels().map_or(0, <[String]>::len).saturating_sub(kept.len()) as u64;
            said.push(format!("{} of {}", counted(n_levels, "value", "values"), column.name));
            changed.into_iter().for_each(|row| touched[row as usize] = true);
        }
        effect.n_rows = touched.iter().filter(|t| **t).count() as u64;
        effect.sentence = match said.as_slice() {
            [] => "Found no rare values".into(),
            _ => format!(
                "Put {} into “{other}”, in {}",
                list_some(&said),
                counted(effect.n_cells, "cell", "cells")
            ),
        };
        Ok(Outcome { table: out, effect })
    }

    fn python(&self, table: &Table, settings: &Settings) -> String {
        let rows = LearnFrom::All.rows(table);
        let lines = columns(table, settings).unwrap_or_default().into_iter().map(|column| {
            let c = py_series(&column.name);
            let levels = column.levels().unwrap_or_default();
            let kept = kept(column, settings, &rows);
            let kept: Vec<String> = kept.iter().map(|l| py_level(column, levels, l)).collect();
            format!("{c} = {c}.where({c}.isna() | {c}.isin([{}]), {})", kept.join(", "), py(other(settings)))
        });
        lines.collect::<Vec<_>>().join("\n")
    }
}

fn other(settings: &Settings) -> &str {
    match settings.text("other", OTHER).trim() {
        "" => OTHER,
        name => name,
    }
}

fn columns<'a>(table: &'a Table, settings: &Settings) -> Result<Vec<&'a Arc<Column>>, StepError> {
    if settings.texts("columns").is_empty() {
        return Err(StepError::Refused { reason: "choose the categories first".into() });
    }
    let all: Vec<&Arc<Column>> =
        settings.texts("columns").iter().map(|n| table.column(n)).collect::<Result<_, _>>()?;
    match all.iter().find(|c| c.levels().is_none()) {
        Some(column) => Err(StepError::WrongType {
            column: column.name.clone(),
            found: column.column_type().label(),
            expected: "text or categories",
        }),
        None => Ok(all),
    }
}

/// The levels that are frequent enough among the rows to learn from.
fn kept(column: &Column, settings: &Settings, rows: &[u32]) -> Vec<String> {
    let counts = level_counts(column, rows);
    let total: u64 = counts.iter().map(|(_, n)| n).sum();
    let least = (settings.real("share", SHARE) * total as f64).max(settings.integer("rows", 0) as f64);
    counts.into_iter().filter(|(_, n)| *n as f64 >= least).map(|(l, _)| l).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::data::role::TableKind;

    fn table(cells: &[&str]) -> Table {
        let rows: Vec<_> = cells.iter().map(|c| Some(*c)).collect();
        Table::new(TableKind::Other, vec![Column::category("g", Role::Category, &rows)]).unwrap()
    }

    #[test]
    fn what_is_rare_is_learnt_from_training_rows() {
        let table = table(&["a", "a", "b", "b", "c", "d"]);
        let settings = Settings::new().with("columns", vec!["g".to_owned()]).with("share", 0.3);
        let texts = |learn| {
            let out = RareLevels.apply(&table, &settings, learn, &Ctx::quiet(0)).unwrap();
            (0..6).map(|r| out.table.column("g").unwrap().cell_text(r)).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(texts(LearnFrom::All), "a a b b Other Other");
        let training = [true, false, false, false, true, false];
        assert_eq!(texts(LearnFrom::Training(&training)), "a a Other Other c Other");
    }
}
