//! Fills missing values with the mean, median, mode, a constant, or the mean, median or mode of a group.
//!
//! What is filled in is learnt from the training rows alone. A group without a known value takes that of all.

use std::sync::Arc;

use super::is_personal;
use crate::engine::{
    context::Ctx,
    data::{
        column::{Column, ColumnType, Dictionary, Values},
        role::{Role, TableKind},
        table::Table,
    },
    knobs::{Knob, KnobKind, Setting, Settings},
    numeric::{
        describe::{mean, quantile},
        math,
    },
    order::InOrder,
    step::{Effect, LearnFrom, Outcome, Step, StepError, Suggestion},
    step_kit::{choice_knob, chosen_or, columns_knob, learnt_values, offer, py, py_series, replace},
    words::{brief, count, counted, group as group_name, list_some, share},
};

/// Fills missing values.
pub struct FillMissing;

/// Groups must explain at least this share of the variation of ranks before their medians are preferred.
const WORTHWHILE: f64 = 0.03;

/// The level for cells of a category that say nothing.
const UNKNOWN: &str = "Unknown";

impl Step for FillMissing {
    fn slug(&self) -> &'static str {
        "fill_missing"
    }

    fn title(&self) -> &'static str {
        "Fill missing values"
    }

    fn help(&self) -> &'static str {
        "Puts a typical value where there is none, learnt from the rows that have one."
    }

    fn knobs(&self) -> Vec<Knob> {
        vec![
            columns_knob(
                "columns",
                "Columns",
                "Columns to fill; all of the file that can be filled so if you choose none",
                false,
            ),
            choice_knob(
                "method",
                "With",
                "Categories always take the mode unless a constant is given",
                &[
                    ("median", "Median"),
                    ("mean", "Mean"),
                    ("mode", "Mode (most frequent)"),
                    ("constant", "A constant"),
                    ("group_median", "Median of each group"),
                    ("group_mean", "Mean of each group"),
                    ("group_mode", "Mode of each group"),
                ],
                "median",
            ),
            Knob::new("constant", "Constant", "The value to put in", KnobKind::Text, "")
                .only_with("method", &["constant"]),
            Knob::new(
                "group",
                "Group",
                "The category that makes the groups",
                KnobKind::Column { numeric_only: false, optional: true },
                Setting::None,
            )
            .only_with("method", &["group_median", "group_mean", "group_mode"]),
        ]
    }

    fn learns(&self, settings: &Settings) -> bool {
        settings.text("method", "median") != "constant"
    }

    fn informants(&self, settings: &Settings) -> Vec<String> {
        match (settings.text("method", "median"), settings.text("group", "")) {
            (method, group) if method.starts_with("group_") && !group.is_empty() => vec![group.to_owned()],
            _ => Vec::new(),
        }
    }

    fn suggest(&self, table: &Table) -> Vec<Suggestion> {
        let n_rows = table.n_rows() as u64;
        let mut found = Vec::new();
        for column in table.columns().iter().filter(|c| is_blank_for_none(table, c)) {
            let n = column.n_missing() as u64;
            let name = &column.name;
            let reason = format!(
                "{name} is missing in {} of {} rows ({}) and 0 in none: ad tools leave the cell empty where there was none. \
                 Without these rows, spend that brought nothing would be left out.",
                count(n),
                count(n_rows),
                share(n, n_rows)
            );
            let settings = Settings::new().with("columns", vec![name.clone()]).with("method", "constant");
            let settings = settings.with("constant", "0");
            found.extend(offer(self, table, settings, format!("Fill {name} with 0"), reason, true));
        }
        for column in table
            .columns()
            .iter()
            .filter(|c| is_fillable(c) && !is_personal(table, c) && !is_blank_for_none(table, c))
        {
            let n = column.n_missing() as u64;
            if n == 0 || n == n_rows {
                continue;
            }
            let name = &column.name;
            let missing =
                format!("{name} is missing in {} of {} rows ({})", count(n), count(n_rows), share(n, n_rows));
            // A birth year nobody knows stays unknown: an invented one would be counted in some age group.
            let is_some = n * 5 <= n_rows && column.role != Role::BirthYear;
            let call = Settings::new().with("columns", vec![name.clone()]);
            if !matches!(column.values, Values::Number(_)) {
                let Some(most) = mode(column, &LearnFrom::All.rows(table)) else { continue };
                let is_few = n * 20 <= n_rows;
                let reason = format!("{missing}; the most frequent value is “{most}”.");
                let title = format!("Fill {name} with its mode");
                found.extend(offer(self, table, call.clone().with("method", "mode"), title, reason, is_few));
                if matches!(column.values, Values::Category(_)) {
                    let reason = format!("{missing}; a group of its own shows whether these rows differ.");
                    let settings = call.with("method", "constant").with("constant", UNKNOWN);
                    let title = format!("Fill {name} with “{UNKNOWN}”");
                    found.extend(offer(self, table, settings, title, reason, !is_few));
                }
                continue;
            }
            let best = best_group(table, column).filter(|g| g.share >= WORTHWHILE);
            if let Some(best) = &best {
                let group = &best.group;
                let reason = format!(
                    "{missing}; its median runs from {} (“{}”) to {} (“{}”), so the median of each {group} is nearer than \
                     one for all.",
                    brief(best.lowest.0),
                    best.lowest.1,
                    brief(best.highest.0),
                    best.highest.1,
                );
                let settings = call.clone().with("method", "group_median").with("group", group.clone());
                found.extend(offer(
                    self,
                    table,
                    settings,
                    format!("Fill {name} by {group}"),
                    reason,
                    is_some,
                ));
            }
            let Values::Number(values) = &column.values else { continue };
            let median =
                quantile(&learnt_values(values, &LearnFrom::All.rows(table)), 0.5).unwrap_or(f64::NAN);
            let figure_of = |v| if column.role == Role::BirthYear { format!("{v}") } else { brief(v) };
            let reason =
                format!("{missing}; the median is {}, which extreme values do not move.", figure_of(median));
            let recommended = is_some && best.is_none();
            let settings = call.with("method", "median");
            found.extend(offer(
                self,
                table,
                settings,
                format!("Fill {name} with its median"),
                reason,
                recommended,
            ));
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
        let method = settings.text("method", "median");
        let constant = settings.text("constant", "");
        if method == "constant" && constant.trim().is_empty() {
            return Err(StepError::Refused { reason: "give the constant to fill in".into() });
        }
        let group = match (method, settings.text("group", "")) {
            (method, "") if method.starts_with("group_") => {
                return Err(StepError::Refused { reason: "choose the column that makes the groups".into() });
            }
            (method, name) if method.starts_with("group_") => Some(grouping(table.column(name)?)?),
            _ => None,
        };
        let is_named = !settings.texts("columns").is_empty();
        let columns: Vec<&Arc<Column>> = if is_named {
            settings.texts("columns").iter().map(|n| table.column(n)).collect::<Result<_, _>>()?
        } else {
            table.columns().iter().filter(|c| is_fillable(c) && c.n_missing() > 0).collect()
        };
        let rows = learn.rows(table);
        let mut out = table.clone();
        let mut effect = Effect::default();
        let mut touched = vec![false; table.n_rows()];
        let mut filled = Vec::new();
        for (i, column) in columns.iter().enumerate() {
            ctx.tick(i as u64, columns.len() as u64)?;
            let after = match (&column.values, method) {
                (Values::Number(v), "constant") => match constant.trim().parse::<f64>() {
                    Ok(c) if c.is_finite() => Some((numbers_filled(v, |_| Some(c)), brief(c))),
                    _ if is_named => {
                        let reason =
                            format!("“{constant}” is not a number, but “{}” holds numbers", column.name);
                        return Err(StepError::Refused { reason });
                    }
                    _ => None,
                },
                (Values::Number(v), "group_median" | "group_mean" | "group_mode") => {
                    group.as_ref().and_then(|(name, codes, n_groups)| {
                        let overall = typical(&learnt_values(v, &rows), method)?;
                        let each = by_group(v, codes, *n_groups, &rows, method);
                        let value = |r: usize| {
                            Some(each.get(codes[r] as usize).copied().flatten().unwrap_or(overall))
                        };
                        let word = method.trim_start_matches("group_");
                        Some((numbers_filled(v, value), format!("the {word} of each {name}")))
                    })
                }
                (Values::Category(_) | Values::Boolean(_) | Values::Text(_), "group_mode") => {
                    group.as_ref().and_then(|(name, codes, n_groups)| {
                        let values = words_by_group(column, codes, *n_groups, &rows)?;
                        Some((values, format!("the mode of each {name}")))
                    })
                }
                (Values::Number(v) | Values::Date(v), _) => {
                    let sorted = learnt_values(v, &rows);
                    typical(&sorted, method).map(|t| {
                        if matches!(column.values, Values::Date(_)) {
                            let day = t - t.rem_euclid(crate::engine::data::column::MILLIS_A_DAY);
                            (Values::Date(fill(v, |_| Some(day))), "a typical date".to_owned())
                        } else {
                            let word =
                                ["mean", "mode"].into_iter().find(|m| *m == method).unwrap_or("median");
                            (numbers_filled(v, |_| Some(t)), format!("the {word}, {}", brief(t)))
                        }
                    })
                }
                (Values::Category(_) | Values::Boolean(_) | Values::Text(_), _) => {
                    let value =
                        if method == "constant" { Some(constant.to_owned()) } else { mode(column, &rows) };
                    match value {
                        Some(v) => words_filled(column, &v)?
                            .map(|w| (w, format!("“{}”", group_name(&v, column.n_rows_with(&v))))),
                        None => None,
                    }
                }
            };
            let Some((values, word)) = after else {
                let why = "no row to learn from has a value";
                effect.notes.push(format!("{} stays as it is: {why}", column.name));
                continue;
            };
            let changed = replace(&mut out, column, values, &mut effect)?;
            if !changed.is_empty() {
                filled.push(format!("{} with {word}", column.name));
            }
            for row in changed {
                touched[row as usize] = true;
            }
        }
        effect.n_rows = touched.iter().filter(|t| **t).count() as u64;
        effect.sentence = if filled.is_empty() {
            "Nothing was missing".into()
        } else {
            format!(
                "Filled {}: {}",
                counted(effect.n_cells, "missing value", "missing values"),
                list_some(&filled)
            )
        };
        Ok(Outcome { table: out, effect: effect.told() })
    }

    fn python(&self, table: &Table, settings: &Settings) -> String {
        let found =
            || table.columns().iter().filter(|c| is_fillable(c) && c.n_missing() > 0).map(|c| c.name.clone());
        let names = chosen_or(settings, "columns", || found().collect());
        let constant = settings.text("constant", "").trim();
        let method = settings.text("method", "median");
        let mut lines = Vec::new();
        for column in names.iter().filter_map(|n| table.column(n).ok()) {
            let c = py_series(&column.name);
            let is_number = matches!(column.values, Values::Number(_));
            let fill = match (&column.values, method) {
                (Values::Number(_), "constant") if constant.parse::<f64>().is_err() => continue,
                (Values::Number(_), "constant") => constant.to_owned(),
                (Values::Boolean(_), "constant") => {
                    let is_yes = matches!(constant.to_lowercase().as_str(), "yes" | "true" | "1");
                    if is_yes { "True".to_owned() } else { "False".to_owned() }
                }
                (Values::Category(_) | Values::Text(_), "constant") => py(settings.text("constant", "")),
                (values, "group_mode") if !matches!(values, Values::Date(_)) => {
                    let group = py(settings.text("group", "group"));
                    let mode = "lambda s: s.mode().iloc[0] if s.notna().any() else np.nan";
                    let each = format!("df.groupby({group})[{}].transform({mode})", py(&column.name));
                    format!("{each}.fillna({c}.mode().iloc[0])")
                }
                (Values::Number(_), "group_median" | "group_mean") => {
                    let group = py(settings.text("group", "group"));
                    let word = method.trim_start_matches("group_");
                    let each = format!("df.groupby({group})[{}].transform(\"{word}\")", py(&column.name));
                    format!("{each}.fillna({c}.{word}())")
                }
                (Values::Number(_) | Values::Date(_), "mean") => format!("{c}.mean()"),
                (Values::Number(_) | Values::Date(_), m) if m != "mode" => format!("{c}.median()"),
                _ => format!("{c}.mode().iloc[0]"),
            };
            let day =
                if is_number || !matches!(column.values, Values::Date(_)) { "" } else { ".normalize()" };
            lines.push(format!("{c} = {c}.fillna({fill}{day})"));
        }
        lines.join("\n")
    }
}

/// The mean, median or mode of sorted numbers, of all or of a group.
fn typical(sorted: &[f64], method: &str) -> Option<f64> {
    match method {
        "mean" | "group_mean" => mean(sorted),
        "mode" | "group_mode" => number_mode(sorted),
        _ => quantile(sorted, 0.5),
    }
}

/// Whether the cells of a result of ads that say nothing stand for none: where the export never writes a 0, and the rows have
/// impressions or spend.
pub(super) fn is_blank_for_none(table: &Table, column: &Column) -> bool {
    let is_result = matches!(column.role, Role::Clicks | Role::Enquiries | Role::Purchases | Role::Value);
    let Values::Number(values) = &column.values else { return false };
    if table.kind != TableKind::Ads || !is_result || !column.made_from.is_empty() {
        return false;
    }
    let has_run = |row: usize| {
        let ran = [Role::Impressions, Role::Spend].map(|role| table.with_role(role));
        ran.into_iter().flatten().any(|c| !c.is_missing(row))
    };
    let n_missing = values.iter().filter(|v| v.is_nan()).count();
    (1..values.len()).contains(&n_missing)
        && !values.contains(&0.0)
        && values.iter().enumerate().all(|(row, v)| !v.is_nan() || has_run(row))
}

/// Outcomes and computed columns are not made up; identifiers and free text have no typical value.
fn is_fillable(column: &Column) -> bool {
    let is_outcome = column.role.is_outcome() || column.role == Role::Ratio;
    let has_none =
        matches!(column.role, Role::Identifier | Role::Ad | Role::AdGroup | Role::Campaign | Role::Text);
    let is_held = !matches!(column.column_type(), ColumnType::Text | ColumnType::Date);
    column.made_from.is_empty() && !is_outcome && !has_none && is_held
}

fn fill(values: &[f64], with: impl Fn(usize) -> Option<f64>) -> Vec<f64> {
    let value = |(r, v): (usize, &f64)| if v.is_nan() { with(r).unwrap_or(f64::NAN) } else { *v };
    values.iter().enumerate().map(value).collect()
}

fn numbers_filled(values: &[f64], with: impl Fn(usize) -> Option<f64>) -> Values {
    Values::Number(fill(values, with))
}

fn words_filled(column: &Column, value: &str) -> Result<Option<Values>, StepError> {
    Ok(match &column.values {
        Values::Boolean(v) => {
            let parsed = match value.trim().to_lowercase().as_str() {
                "yes" | "true" | "1" => true,
                "no" | "false" | "0" => false,
                _ => {
                    let reason = format!("“{value}” is neither yes nor no, which “{}” holds", column.name);
                    return Err(StepError::Refused { reason });
                }
            };
            Some(Values::Boolean(v.iter().map(|b| b.or(Some(parsed))).collect()))
        }
        Values::Text(d) => {
            let mut d = d.clone();
            fill_codes(&mut d, value);
            Some(Values::Text(d))
        }
        Values::Category(d) if d.levels.iter().any(|l| l == value) => {
            let mut d = d.clone();
            fill_codes(&mut d, value);
            Some(Values::Category(d))
        }
        Values::Category(_) => {
            // A new level takes its natural place among the others.
            let texts: Vec<String> = (0..column.len()).map(|r| column.cell_text(r)).collect();
            let rows: Vec<Option<&str>> = texts
                .iter()
                .enumerate()
                .map(|(r, t)| Some(if column.is_missing(r) { value } else { t.as_str() }))
                .collect();
            Some(Column::category("", column.role, &rows).values)
        }
        Values::Number(_) | Values::Date(_) => None,
    })
}

fn fill_codes(d: &mut Dictionary, value: &str) {
    let code = d.levels.iter().position(|l| l == value).unwrap_or_else(|| {
        d.levels.push(value.to_owned());
        d.levels.len() - 1
    }) as u32;
    d.codes.iter_mut().filter(|c| **c == Dictionary::MISSING).for_each(|c| *c = code);
}

/// The most frequent value; the smallest of equals.
fn number_mode(sorted: &[f64]) -> Option<f64> {
    let mut best: Option<(usize, f64)> = None;
    for run in sorted.chunk_by(|a, b| a == b) {
        if best.is_none_or(|(n, _)| run.len() > n) {
            best = run.first().map(|v| (run.len(), *v));
        }
    }
    best.map(|(_, v)| v)
}

/// The most frequent text; the first in order of equals.
fn mode(column: &Column, rows: &[u32]) -> Option<String> {
    let mut texts: Vec<String> = rows
        .iter()
        .filter(|&&r| (r as usize) < column.len() && !column.is_missing(r as usize))
        .map(|&r| column.cell_text(r as usize))
        .collect();
    texts.order_by(|a, b| a.cmp(b));
    let mut best: Option<(usize, &String)> = None;
    for run in texts.chunk_by(|a, b| a == b) {
        if best.is_none_or(|(n, _)| run.len() > n) {
            best = run.first().map(|v| (run.len(), v));
        }
    }
    best.map(|(_, v)| v.clone())
}

/// Name, code of each row and number of groups of a column that may make groups. What comes after the contact may not:
/// filling by it would carry the outcome into a feature.
fn grouping(column: &Column) -> Result<(String, Vec<u32>, usize), StepError> {
    let is_outcome = |role: Role| role.is_outcome() || role == Role::Ratio;
    if is_outcome(column.role) || column.made_from.iter().any(|(_, role)| is_outcome(*role)) {
        let reason = format!("“{}” is an outcome; filling by it would leak it into a feature", column.name);
        return Err(StepError::Refused { reason });
    }
    let name = column.name.clone();
    match &column.values {
        Values::Category(d) => Ok((name, d.codes.clone(), d.levels.len())),
        Values::Boolean(v) => {
            Ok((name, v.iter().map(|b| b.map_or(Dictionary::MISSING, u32::from)).collect(), 2))
        }
        _ => Err(StepError::WrongType {
            column: name,
            found: column.column_type().label(),
            expected: "groups (a category)",
        }),
    }
}

/// Words filled with the most frequent of each group, else of all.
fn words_by_group(column: &Column, codes: &[u32], n_groups: usize, rows: &[u32]) -> Option<Values> {
    let overall = mode(column, rows)?;
    let mut members = vec![Vec::new(); n_groups];
    for &row in rows {
        if let Some(group) = codes.get(row as usize).and_then(|c| members.get_mut(*c as usize)) {
            group.push(row);
        }
    }
    let modes: Vec<Option<String>> = members.iter().map(|rows| mode(column, rows)).collect();
    let value = |row: usize| {
        codes.get(row).and_then(|c| modes.get(*c as usize)).and_then(Option::as_ref).unwrap_or(&overall)
    };
    let filled = |d: &Dictionary| {
        let mut d = d.clone();
        for row in 0..d.codes.len() {
            if d.codes[row] == Dictionary::MISSING {
                let level = d.levels.iter().position(|l| l == value(row));
                d.codes[row] = level.map_or(Dictionary::MISSING, |l| l as u32);
            }
        }
        d
    };
    Some(match &column.values {
        Values::Category(d) => Values::Category(filled(d)),
        Values::Text(d) => Values::Text(filled(d)),
        Values::Boolean(v) => {
            Values::Boolean(v.iter().enumerate().map(|(r, b)| b.or(Some(value(r) == "yes"))).collect())
        }
        Values::Number(_) | Values::Date(_) => return None,
    })
}

fn by_group(values: &[f64], codes: &[u32], n_groups: usize, rows: &[u32], method: &str) -> Vec<Option<f64>> {
    let mut groups = vec![Vec::new(); n_groups];
    for &row in rows {
        let (Some(value), Some(code)) = (values.get(row as usize), codes.get(row as usize)) else { continue };
        if let Some(group) = groups.get_mut(*code as usize)
            && !value.is_nan()
        {
            group.push(*value);
        }
    }
    groups
        .into_iter()
        .map(|mut g| {
            g.sort_unstable_by(f64::total_cmp);
            typical(&g, method)
        })
        .collect()
}

struct Grouping {
    group: String,
    /// Share of the variance of ranks between the groups (eta squared of ranks, not moved by extreme values).
    share: f64,
    lowest: (f64, String),
    highest: (f64, String),
}

/// The category that tells most about a column: 2 to 12 groups of at least 5 known values each.
fn best_group(table: &Table, column: &Column) -> Option<Grouping> {
    let Values::Number(values) = &column.values else { return None };
    let rows = LearnFrom::All.rows(table);
    let ranks = ranks(values);
    let n = ranks.iter().filter(|r| !r.is_nan()).count() as f64;
    let mean_rank = (n + 1.0) / 2.0;
    let total = math::sum(ranks.iter().filter(|r| !r.is_nan()).map(|r| (r - mean_rank) * (r - mean_rank)));
    let mut best: Option<Grouping> = None;
    for candidate in table.columns() {
        let Values::Category(d) = &candidate.values else { continue };
        let may = candidate.made_from.is_empty()
            && matches!(candidate.role, Role::Category | Role::MaritalStatus | Role::Age)
            && (2..=12).contains(&d.levels.len());
        if !may || candidate.name == column.name || total <= 0.0 || is_personal(table, candidate) {
            continue;
        }
        let mut sums = vec![(0.0_f64, 0.0_f64); d.levels.len()];
        for (rank, &code) in ranks.iter().zip(&d.codes) {
            if let Some(slot) = sums.get_mut(code as usize)
                && !rank.is_nan()
            {
                *slot = (slot.0 + 1.0, slot.1 + rank - mean_rank);
            }
        }
        // A group of a few people has no median worth using, but does not spoil the others.
        if sums.iter().filter(|s| s.0 >= 5.0).count() < 2 {
            continue;
        }
        let between = math::sum(sums.iter().filter(|s| s.0 > 0.0).map(|s| s.1 * s.1 / s.0));
        let share = between / total;
        let medians = by_group(values, &d.codes, d.levels.len(), &rows, "group_median");
        let mut known: Vec<(f64, String)> = medians
            .iter()
            .zip(&d.levels)
            .zip(&sums)
            .filter(|(_, s)| s.0 >= 5.0)
            .filter_map(|((m, l), _)| m.map(|m| (m, l.clone())))
            .collect();
        known.order_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(&b.1)));
        let (Some(lowest), Some(highest)) = (known.first().cloned(), known.last().cloned()) else { continue };
        if best.as_ref().is_none_or(|b| share > b.share) {
            best = Some(Grouping { group: candidate.name.clone(), share, lowest, highest });
        }
    }
    best
}

/// Average ranks from 1; missing stays missing.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).filter(|&i| !values[i].is_nan()).collect();
    order.order_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut out = vec![f64::NAN; values.len()];
    let mut start = 0;
    for run in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let rank = start as f64 + (run.len() as f64 + 1.0) / 2.0;
        run.iter().for_each(|&i| out[i] = rank);
        start += run.len();
    }
    out
}
