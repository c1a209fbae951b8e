//! Fills missing numbers with the mean of the most similar rows, as scikit-learn's `KNNImputer` does.
//!
//! Similar is what is near in the numbers that both rows have (nan-euclidean distance: the squares of what both have,
//! scaled up for what one lacks). The rows to learn from are training rows alone. In large tables a fixed random part of
//! them is looked at, and the effect says so.

use std::sync::Arc;

use super::{is_measured, sample_rows::draw};
use crate::engine::{
    context::Ctx,
    data::{
        column::{Column, Values},
        role::Role,
        table::Table,
    },
    knobs::{Knob, KnobKind, Settings},
    numeric::math,
    order::InOrder,
    step::{Effect, LearnFrom, Outcome, Step, StepCall, StepError, Suggestion},
    step_kit::{columns_knob, numbers, py_list, replace},
    words::{count, counted, list_some, share, statistic},
};

/// Fills from the nearest rows.
pub struct FillFromNeighbours;

/// Differences that are computed at most: a second or so.
const BUDGET: usize = 200_000_000;
/// Fewer rows to choose from would not hold the nearest of anything.
const LEAST_DONORS: usize = 200;
/// Beyond this the same would take minutes.
const MOST_DIFFERENCES: usize = 4_000_000_000;
/// Tables in which suggestions are looked for.
const MOST_ROWS: usize = 200_000;
/// Correlation from which a column tells something about another.
const RELATED: f64 = 0.3;

impl Step for FillFromNeighbours {
    fn slug(&self) -> &'static str {
        "fill_from_neighbours"
    }

    fn title(&self) -> &'static str {
        "Fill from similar rows"
    }

    fn help(&self) -> &'static str {
        "Puts the mean of the most similar rows where a number is missing (k nearest neighbours)."
    }

    fn knobs(&self) -> Vec<Knob> {
        vec![
            columns_knob("columns", "Columns", "Number columns to fill; rows are compared by them too", true),
            columns_knob("by", "Similar in", "More number columns to compare rows by", true),
            Knob::new(
                "k",
                "Rows",
                "How many of the most similar rows are averaged",
                KnobKind::Integer { min: 1, max: 100 },
                5_i64,
            ),
            Knob::new(
                "scale",
                "Scale",
                "Give every column the same weight; else large numbers decide alone",
                KnobKind::Flag,
                true,
            ),
        ]
    }

    fn learns(&self, _: &Settings) -> bool {
        true
    }

    fn informants(&self, settings: &Settings) -> Vec<String> {
        names(settings)
    }

    fn suggest(&self, table: &Table) -> Vec<Suggestion> {
        let n_rows = table.n_rows();
        if n_rows > MOST_ROWS {
            return Vec::new();
        }
        let measured: Vec<(&Arc<Column>, &[f64])> = table
            .columns()
            .iter()
            .filter(|c| is_measured(c) && c.role != Role::BirthYear)
            .filter_map(|c| match &c.values {
                Values::Number(v) => Some((c, v.as_slice())),
                _ => None,
            })
            .collect();
        let mut found = Vec::new();
        for (column, values) in &measured {
            let n = values.iter().filter(|v| v.is_nan()).count();
            if n == 0 || n * 5 > n_rows * 2 || n_rows - n < 50 {
                continue;
            }
            let mut related: Vec<(f64, &str)> = measured
                .iter()
                .filter(|(other, _)| other.name != column.name)
                .filter_map(|(other, x)| Some((correlation(values, x)?, other.name.as_str())))
                .filter(|(r, _)| r.abs() >= RELATED)
                .collect();
            related.order_by(|a, b| b.0.abs().total_cmp(&a.0.abs()).then_with(|| a.1.cmp(b.1)));
            related.truncate(5);
            let Some((r, first)) = related.first() else { continue };
            let name = &column.name;
            let by: Vec<String> = related.iter().map(|(_, name)| (*name).to_owned()).collect();
            let (n, n_rows) = (n as u64, n_rows as u64);
            let reason = format!(
                "{name} is missing in {} of {} rows ({}) and goes with {} (r = {} with {first}): the 5 most similar rows say \
                 more than one value for all.",
                count(n),
                count(n_rows),
                share(n, n_rows),
                list_some(&by),
                statistic(*r),
            );
            let settings = Settings::new().with("columns", vec![name.clone()]).with("by", by);
            found.push(Suggestion {
                call: StepCall::new(self.slug(), settings),
                title: format!("Fill {name} from similar rows"),
                reason,
                // Every gap is filled: a row that is like no other takes the mean.
                n_rows: n,
                n_cells: n,
                recommended: false,
            });
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
        let (matrix, n_fill) = matrix(table, settings)?;
        let rows = learn.rows(table);
        let k = settings.integer("k", 5).max(1) as usize;
        let scaled = scaled(&matrix, &rows, settings.flag("scale", true));
        let filled: Vec<&Vec<f64>> = matrix.iter().take(n_fill).map(|(_, v)| v).collect();
        let receivers: Vec<usize> =
            (0..table.n_rows()).filter(|&r| filled.iter().any(|v| v[r].is_nan())).collect();
        let cost = receivers.len().max(1).saturating_mul(matrix.len());
        let n_donors = rows.len().min((BUDGET / cost).max(LEAST_DONORS));
        if cost.saturating_mul(n_donors) > MOST_DIFFERENCES {
            return Err(StepError::Refused {
                reason: format!(
                    "{} have gaps, which would take minutes to fill so; fill with a median by group instead",
                    counted(receivers.len() as u64, "row", "rows")
                ),
            });
        }
        let donors = donors(table, &rows, n_donors);
        let mut after: Vec<Vec<f64>> = filled.iter().map(|v| (*v).clone()).collect();
        let means: Vec<Option<f64>> = filled.iter().map(|v| mean_of(v, &rows)).collect();
        let mut n_alone = 0_u64;
        let mut nearest: Vec<(f64, u32)> = Vec::with_capacity(donors.len());
        for (i, &row) in receivers.iter().enumerate() {
            if i % 64 == 0 {
                ctx.tick(i as u64, receivers.len() as u64)?;
            }
            nearest.clear();
            nearest.extend(donors.iter().filter_map(|&d| Some((distance(&scaled, row, d as usize)?, d))));
            nearest.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            for (j, column) in filled.iter().enumerate() {
                if !column[row].is_nan() {
                    continue;
                }
                let known = nearest.iter().map(|&(_, d)| column[d as usize]).filter(|v| !v.is_nan());
                let values: Vec<f64> = known.take(k).collect();
                let value = if values.is_empty() {
                    n_alone += 1;
                    means[j]
                } else {
                    Some(math::sum(values.iter().copied()) / values.len() as f64)
                };
                after[j][row] = value.unwrap_or(f64::NAN);
            }
        }
        let mut out = table.clone();
        let mut effect = Effect::default();
        let mut touched = vec![false; table.n_rows()];
        let mut done = Vec::new();
        for ((column, _), values) in matrix.iter().zip(after) {
            let changed = replace(&mut out, column, Values::Number(values), &mut effect)?;
            if !changed.is_empty() {
                done.push(column.name.clone());
            }
            changed.into_iter().for_each(|row| touched[row as usize] = true);
        }
        effect.n_rows = touched.iter().filter(|t| **t).count() as u64;
        effect.sentence = if done.is_empty() {
            "Nothing was missing".into()
        } else {
            format!(
                "Filled {} of {} with the mean of the {k} most similar rows",
                counted(effect.n_cells, "missing value", "missing values"),
                list_some(&done)
            )
        };
        if effect.n_cells > 0 && donors.len() < rows.len() {
            effect.notes.push(format!(
                "Similar rows were looked for among {} of {} rows, drawn at random, to be done in seconds",
                count(donors.len() as u64),
                count(rows.len() as u64)
            ));
        }
        if n_alone > 0 {
            effect.notes.push(format!(
                "{} no row to compare with, so the mean was taken",
                counted(n_alone, "value had", "values had")
            ));
        }
        Ok(Outcome { table: out, effect })
    }

    fn python(&self, table: &Table, settings: &Settings) -> String {
        let Ok((matrix, n_fill)) = matrix(table, settings) else { return String::new() };
        let all: Vec<&str> = matrix.iter().map(|(c, _)| c.name.as_str()).collect();
        let k = settings.integer("k", 5);
        let mut lines = vec![
            "from sklearn.impute import KNNImputer".to_owned(),
            format!("x = df[{}].astype(float)", py_list(&all)),
        ];
        lines.push(if settings.flag("scale", true) {
            "mean, sd = x.mean(), x.std(ddof=0).replace(0, 1)".to_owned()
        } else {
            "mean, sd = 0, 1".to_owned()
        });
        lines.push(format!("near = KNNImputer(n_neighbors={k}).fit_transform((x - mean) / sd)"));
        lines.push("near = pd.DataFrame(near, columns=x.columns, index=x.index) * sd + mean".to_owned());
        let fill = py_list(&all[..n_fill.min(all.len())]);
        lines.push(format!("df[{fill}] = x[{fill}].fillna(near[{fill}])"));
        lines.join("\n")
    }
}

/// Columns to fill, then the others to compare by, each once.
fn names(settings: &Settings) -> Vec<String> {
    let mut all = settings.texts("columns").to_vec();
    for name in settings.texts("by") {
        if !all.contains(name) {
            all.push(name.clone());
        }
    }
    all
}

/// The columns with their numbers, and how many of them are to be filled.
#[allow(clippy::type_complexity, reason = "a pair and a number, used twice")]
fn matrix<'a>(
    table: &'a Table,
    settings: &Settings,
) -> Result<(Vec<(&'a Arc<Column>, Vec<f64>)>, usize), StepError> {
    let n_fill = settings.texts("columns").len();
    let names = names(settings);
    if n_fill == 0 || names.len() < 2 {
        let reason = "choose the columns to fill, and at least one more to compare rows by".into();
        return Err(StepError::Refused { reason });
    }
    let mut found = Vec::new();
    for (i, name) in names.iter().enumerate() {
        let column = table.column(name)?;
        let is_outcome = |role: Role| role.is_outcome() || role == Role::Ratio;
        if is_outcome(column.role) || column.made_from.iter().any(|(_, role)| is_outcome(*role)) {
            let reason = format!("“{name}” is an outcome; filling by it would leak it into a feature");
            return Err(StepError::Refused { reason });
        }
        if i < n_fill && !matches!(column.values, Values::Number(_)) {
            let found = column.column_type().label();
            return Err(StepError::WrongType { column: name.clone(), found, expected: "numbers" });
        }
        found.push((column, numbers(column)?.into_owned()));
    }
    Ok((found, n_fill))
}

/// The rows that values are taken from: all, or the first `n` in an order drawn once for every row of the file.
fn donors(table: &Table, rows: &[u32], n: usize) -> Vec<u32> {
    if n >= rows.len() {
        return rows.to_vec();
    }
    let id = |row: u32| table.row_ids().get(row as usize).copied().unwrap_or(row);
    let mut order: Vec<(u64, u32)> = rows.iter().map(|&row| (draw(5, id(row)), row)).collect();
    order.order_by(|a, b| a.cmp(b));
    order.truncate(n);
    let mut chosen: Vec<u32> = order.into_iter().map(|(_, row)| row).collect();
    chosen.sort_unstable();
    chosen
}

fn mean_of(values: &[f64], rows: &[u32]) -> Option<f64> {
    let known = || rows.iter().filter_map(|&r| values.get(r as usize)).copied().filter(|v| !v.is_nan());
    let n = known().count();
    (n > 0).then(|| math::sum(known()) / n as f64)
}

/// Every column less its mean over its standard deviation, both of the rows to learn from.
fn scaled(matrix: &[(&Arc<Column>, Vec<f64>)], rows: &[u32], is_wanted: bool) -> Vec<Vec<f64>> {
    let one = |values: &Vec<f64>| {
        let (Some(mean), true) = (mean_of(values, rows), is_wanted) else { return values.clone() };
        let squares: Vec<f64> = values.iter().map(|v| (v - mean) * (v - mean)).collect();
        let sd = mean_of(&squares, rows).unwrap_or(0.0).sqrt();
        let sd = if sd > 0.0 { sd } else { 1.0 };
        values.iter().map(|v| (v - mean) / sd).collect()
    };
    matrix.iter().map(|(_, values)| one(values)).collect()
}

/// Square of the nan-euclidean distance; `None` when the rows have no number in common.
fn distance(columns: &[Vec<f64>], a: usize, b: usize) -> Option<f64> {
    let (mut sum, mut n) = (0.0, 0_u32);
    for column in columns {
        let difference = column[a] - column[b];
        if !difference.is_nan() {
            sum += difference * difference;
            n += 1;
        }
    }
    (n > 0).then(|| sum * columns.len() as f64 / f64::from(n))
}

/// Pearson's r of the rows that have both; `None` where it is undefined.
fn correlation(x: &[f64], y: &[f64]) -> Option<f64> {
    let both = || x.iter().zip(y).filter(|(a, b)| !a.is_nan() && !b.is_nan());
    let n = both().count() as f64;
    if n < 3.0 {
        return None;
    }
    let (mx, my) = (math::sum(both().map(|(a, _)| *a)) / n, math::sum(both().map(|(_, b)| *b)) / n);
    let sxy = math::sum(both().map(|(a, b)| (a - mx) * (b - my)));
    let sxx = math::sum(both().map(|(a, _)| (a - mx) * (a - mx)));
    let syy = math::sum(both().map(|(_, b)| (b - my) * (b - my)));
    let r = sxy / (sxx * syy).sqrt();
    r.is_finite().then_some(r)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{data::role::TableKind, testing::close};

    const NAN: f64 = f64::NAN;

    fn table(columns: &[&[f64]]) -> Table {
        let column = |(i, v): (usize, &&[f64])| Column::number(format!("x{i}"), Role::Number, v.to_vec());
        Table::new(TableKind::Other, columns.iter().enumerate().map(column).collect()).unwrap()
    }

    fn settings(n: usize, k: i64) -> Settings {
        let all: Vec<String> = (0..n).map(|i| format!("x{i}")).collect();
        Settings::new().with("columns", all).with("k", k).with("scale", false)
    }

    #[track_caller]
    fn check(columns: &[&[f64]], k: i64, learn: LearnFrom<'_>, expected: &[&[f64]]) {
        let settings = settings(columns.len(), k);
        let out = FillFromNeighbours.apply(&table(columns), &settings, learn, &Ctx::quiet(0)).unwrap();
        for (column, expected) in out.table.columns().iter().zip(expected) {
            let found = column.as_numbers().unwrap();
            for (a, b) in found.iter().zip(*expected) {
                close(*a, *b, 1e-12);
            }
        }
    }

    #[test]
    fn gaps_are_filled_as_scikit_learn_fills_them() {
        // The example of scikit-learn's own documentation of KNNImputer(n_neighbors=2).
        check(
            &[&[1.0, 3.0, NAN, 8.0], &[2.0, 4.0, 6.0, 8.0], &[NAN, 3.0, 5.0, 7.0]],
            2,
            LearnFrom::All,
            &[&[1.0, 3.0, 5.5, 8.0], &[2.0, 4.0, 6.0, 8.0], &[4.0, 3.0, 5.0, 7.0]],
        );
        // A row without any number is like no other: it takes the means.
        check(
            &[&[1.0, 3.0, NAN], &[2.0, 4.0, NAN]],
            5,
            LearnFrom::All,
            &[&[1.0, 3.0, 2.0], &[2.0, 4.0, 3.0]],
        );
    }

    #[test]
    fn only_training_rows_give_values() {
        let training = [true, true, false, true];
        check(
            &[&[1.0, 2.0, 9.0, NAN], &[1.0, 2.0, 3.0, 3.0]],
            1,
            LearnFrom::Training(&training),
            &[&[1.0, 2.0, 9.0, 2.0], &[1.0, 2.0, 3.0, 3.0]],
        );
    }

    #[test]
    fn large_tables_are_capped_and_say_so() {
        let n = 40_000;
        let x: Vec<f64> = (0..n).map(|i| if i % 2 == 0 { NAN } else { f64::from(i % 100) }).collect();
        let y: Vec<f64> = (0..n).map(|i| f64::from(i % 100)).collect();
        let out = FillFromNeighbours
            .apply(&table(&[&x, &y]), &settings(2, 5), LearnFrom::All, &Ctx::quiet(0))
            .unwrap();
        assert_eq!(out.effect.n_cells, u64::from(n as u32) / 2);
        assert!(out.effect.notes[0].starts_with("Similar rows were looked for among 5,000 of 40,000 rows"));
    }
}
