//! Marks or tames outliers by Tukey's fences: first quartile − k ranges, third quartile + k ranges.
//!
//! Quartiles are learnt from the training rows. Nothing is deleted: the best customers are outliers too.

use std::sync::Arc;

use super::is_measured;
use crate::engine::{
    context::Ctx,
    data::{
        column::{Column, Values},
        role::Role,
        table::Table,
    },
    knobs::{Knob, KnobKind, Settings},
    numeric::{describe::quantile, math},
    order::InOrder,
    step::{CellChange, Effect, LearnFrom, Outcome, Step, StepError, Suggestion},
    step_kit::{
        MAX_EXAMPLES, add_computed, choice_knob, chosen_or, columns_knob, learnt_values, offer, py_list,
        replace,
    },
    words::{brief, count, counted, list_some, percent, share},
};

/// Outliers by Tukey fences.
pub struct Outliers;

/// Columns with the most outliers that get a suggestion each.
const MAX_SUGGESTED: usize = 3;

impl Step for Outliers {
    fn slug(&self) -> &'static str {
        "outliers"
    }

    fn title(&self) -> &'static str {
        "Flag or winsorise outliers"
    }

    fn title_for(&self, settings: &Settings) -> &'static str {
        if is_winsorised(settings) { "Winsorise outliers" } else { "Flag outliers" }
    }

    fn help(&self) -> &'static str {
        "Marks values beyond Tukey's fences in a new yes/no column, or pulls them back to the fence."
    }

    fn knobs(&self) -> Vec<Knob> {
        vec![
            columns_knob(
                "columns",
                "Columns",
                "Number columns to look at; all measured ones if you choose none",
                true,
            ),
            choice_knob(
                "action",
                "Do",
                "Flagging changes no value; winsorising sets outliers to the fence",
                &[("flag", "Flag in a new column"), ("winsorise", "Winsorise")],
                "flag",
            ),
            Knob::new(
                "factor",
                "Fence",
                "Quartile ranges beyond the quartiles: 1.5 is Tukey's, 3 marks only far ones",
                KnobKind::Real { min: 0.5, max: 10.0 },
                1.5,
            ),
        ]
    }

    fn learns(&self, _: &Settings) -> bool {
        true
    }

    fn suggest(&self, table: &Table) -> Vec<Suggestion> {
        let rows = LearnFrom::All.rows(table);
        let mut odd: Vec<(u64, &Arc<Column>, String)> = Vec::new();
        for column in table.columns().iter().filter(|c| is_judged(c)) {
            let Values::Number(values) = &column.values else { continue };
            let Some(fences) = Fences::learn(values, &rows, 1.5) else { continue };
            let n = values.iter().filter(|v| fences.is_out(**v)).count() as u64;
            if n > 0 {
                let n_rows = table.n_rows() as u64;
                let (rows, them) = if n == 1 { ("this row", "it") } else { ("these rows", "them") };
                let reason = format!(
                    "{} lies {}, far from most, in {} of {} rows ({}). {} Flagging changes no value: it marks {rows}, \
                     so that you can look at {them} and compare {them}.",
                    column.name,
                    fences.beyond(values),
                    count(n),
                    count(n_rows),
                    share(n, n_rows),
                    meaning(column, values, fences)
                );
                odd.push((n, column, reason));
            }
        }
        odd.order_by_key(|(n, ..)| std::cmp::Reverse(*n));
        let mut found = Vec::new();
        for (_, column, reason) in odd.into_iter().take(MAX_SUGGESTED) {
            let name = &column.name;
            let settings = Settings::new().with("columns", vec![name.clone()]).with("action", "flag");
            found.extend(offer(self, table, settings, format!("Flag outliers of {name}"), reason, false));
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
        let columns: Vec<&Arc<Column>> = match settings.texts("columns") {
            [] => table.columns().iter().filter(|c| is_judged(c)).collect(),
            chosen => chosen.iter().map(|n| table.column(n)).collect::<Result<_, _>>()?,
        };
        let winsorise = is_winsorised(settings);
        let factor = settings.real("factor", 1.5);
        let rows = learn.rows(table);
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
            let Some(fences) = Fences::learn(values, &rows, factor) else {
                effect.notes.push(format!("{} has no values to learn fences from", column.name));
                continue;
            };
            let before = effect.n_cells;
            if winsorise {
                let kept = values.iter().map(|v| fences.pull(*v)).collect();
                for row in replace(&mut out, column, Values::Number(kept), &mut effect)? {
                    touched[row as usize] = true;
                }
            } else {
                let flags =
                    values.iter().map(|v| (!v.is_nan()).then(|| fences.is_out(*v))).collect::<Vec<_>>();
                let name = format!("{} outlier", column.name);
                for (row, flag) in flags.iter().enumerate() {
                    if *flag == Some(true) {
                        touched[row] = true;
                        effect.n_cells += 1;
                        if effect.examples.len() < MAX_EXAMPLES {
                            effect.examples.push(CellChange {
                                row: u64::from(table.row_ids()[row]) + 1,
                                column: name.clone(),
                                before: column.cell_text(row),
                                after: "yes".to_owned(),
                            });
                        }
                    }
                }
                let flag = Column::new(name, Role::Category, Values::Boolean(flags));
                add_computed(&mut out, flag.from_columns(&[column]))?;
            }
            let n = effect.n_cells - before;
            names.push(format!("{} {} {}", count(n), column.name, fences.beyond(values)));
        }
        effect.n_rows = touched.iter().filter(|t| **t).count() as u64;
        let verb = if winsorise { "Pulled back" } else { "Flagged" };
        let what = counted(effect.n_cells, "outlier", "outliers");
        effect.sentence = format!("{verb} {what}: {}", list_some(&names));
        Ok(Outcome { table: out, effect })
    }

    fn python(&self, table: &Table, settings: &Settings) -> String {
        let found = || table.columns().iter().filter(|c| is_judged(c)).map(|c| c.name.clone()).collect();
        let columns = py_list(&chosen_or(settings, "columns", found));
        let factor = settings.real("factor", 1.5);
        let act = if is_winsorised(settings) {
            "df[c] = df[c].clip(low, high)"
        } else {
            "df[f\"{c} outlier\"] = ((df[c] < low) | (df[c] > high)).where(df[c].notna())"
        };
        format!(
            "for c in {columns}:\n    q1, q3 = df[c].quantile([0.25, 0.75])\n    low, high = q1 - {factor} * (q3 - q1), \
             q3 + {factor} * (q3 - q1)\n    {act}"
        )
    }
}

fn is_winsorised(settings: &Settings) -> bool {
    settings.text("action", "flag") == "winsorise"
}

/// Fences make sense for measured amounts, not for years or yes/no written as numbers.
fn is_judged(column: &Column) -> bool {
    is_measured(column)
        && !matches!(column.role, Role::BirthYear | Role::Complaint | Role::Kids | Role::Teens)
}

/// What the values beyond the fences may be: of an amount that adds up, how much of all of it they are.
fn meaning(column: &Column, values: &[f64], fences: Fences) -> String {
    use Role::{Clicks, Enquiries, Impressions, ProductSpend, Purchases, Reach, Spend, Value};
    let adds_up = matches!(
        column.role,
        Clicks | Enquiries | Impressions | ProductSpend | Purchases | Reach | Spend | Value
    );
    let sum = |is_meant: &dyn Fn(f64) -> bool| {
        math::sum(values.iter().copied().filter(|v| !v.is_nan() && is_meant(*v)))
    };
    let (all, beyond) = (sum(&|_| true), sum(&|v| v > fences.high));
    if !adds_up || all <= 0.0 || beyond <= 0.0 || values.iter().any(|v| *v < 0.0) {
        return "They can be true and rare, or mistakes.".to_owned();
    }
    format!(
        "They hold {} of all {}: they can be the rows that matter most, or mistakes.",
        percent(beyond / all),
        column.name
    )
}

#[derive(Debug, Clone, Copy)]
struct Fences {
    low: f64,
    high: f64,
}

impl Fences {
    fn learn(values: &[f64], rows: &[u32], factor: f64) -> Option<Self> {
        let sorted = learnt_values(values, rows);
        let (q1, q3) = (quantile(&sorted, 0.25)?, quantile(&sorted, 0.75)?);
        Some(Self { low: q1 - factor * (q3 - q1), high: q3 + factor * (q3 - q1) })
    }

    /// "above 92.25", "below 3", "outside 3 to 92.25": the fences that values lie beyond. One that nothing can reach, such as a
    /// count below 0, would only puzzle.
    fn beyond(self, values: &[f64]) -> String {
        let [below, above] = [values.iter().any(|v| *v < self.low), values.iter().any(|v| *v > self.high)];
        match (below, above) {
            (true, false) => format!("below {}", brief(self.low)),
            (false, true) => format!("above {}", brief(self.high)),
            _ => format!("outside {} to {}", brief(self.low), brief(self.high)),
        }
    }

    fn is_out(self, value: f64) -> bool {
        value < self.low || value > self.high
    }

    /// The value, or the fence it lies beyond; missing stays missing.
    fn pull(self, value: f64) -> f64 {
        if value < self.low {
            self.low
        } else if value > self.high {
            self.high
        } else {
            value
        }
    }
}
