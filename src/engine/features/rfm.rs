//! RFM: recency (reversed, so that more is better), frequency and monetary value of each person.

use super::{
    spending_per_purchase::{CHANNELS, purchase_names, purchases_knob, py_purchases},
    total_spending::{py_spending, spend_settings, spends_knob},
};
use crate::engine::{
    context::Ctx,
    data::{column::Column, role::Role, table::Table},
    knobs::{Knob, KnobKind, Settings},
    step::{LearnFrom, Outcome, Step, StepError, Suggestion},
    step_kit::{
        input, input_knob, inputs, learnt_values, made, numbers, offer, py_column, py_number, row_sums,
        sources,
    },
    words::{brief, rows_of},
};

/// RFM.
pub struct Rfm;

const FEATURE: &str = "RFM";

impl Step for Rfm {
    fn slug(&self) -> &'static str {
        "rfm"
    }

    fn title(&self) -> &'static str {
        "RFM: recency, frequency, monetary"
    }

    fn help(&self) -> &'static str {
        "Three columns: days since the last purchase reversed, number of purchases, money spent."
    }

    fn knobs(&self) -> Vec<Knob> {
        vec![
            input_knob("recency", "Recency", Role::Recency),
            purchases_knob(),
            spends_knob(),
            Knob::new(
                "longest",
                "Longest recency",
                "Days that count as 0 after reversing; 0 takes the longest of the file",
                KnobKind::Real { min: 0.0, max: 1e9 },
                0.0,
            ),
        ]
    }

    fn learns(&self, settings: &Settings) -> bool {
        settings.real("longest", 0.0) == 0.0
    }

    fn suggest(&self, table: &Table) -> Vec<Suggestion> {
        let names = purchase_names(table);
        let (Some(recency), Some(settings)) = (table.with_role(Role::Recency), spend_settings(table)) else {
            return Vec::new();
        };
        let Some(longest) = longest(recency, &LearnFrom::All.rows(table)) else { return Vec::new() };
        if names.is_empty() {
            return Vec::new();
        }
        let settings =
            settings.with("recency", recency.name.clone()).with("purchases", names).with("longest", longest);
        let reason =
            "The classic three for segments. Monetary repeats total spending and recency its column: use \
                      them instead, not together."
                .into();
        offer(self, table, settings, "Add RFM recency, frequency and monetary".into(), reason, false)
            .into_iter()
            .collect()
    }

    fn apply(
        &self,
        table: &Table,
        settings: &Settings,
        learn: LearnFrom<'_>,
        _: &Ctx<'_>,
    ) -> Result<Outcome, StepError> {
        let recency = input(table, settings, "recency", Role::Recency, FEATURE)?;
        let purchases = inputs(table, settings, "purchases", &CHANNELS, FEATURE)?;
        let spends = inputs(table, settings, "spends", &[Role::ProductSpend], FEATURE)?;
        let longest = match settings.real("longest", 0.0) {
            0.0 => longest(recency, &learn.rows(table)).ok_or_else(|| StepError::Refused {
                reason: format!("“{}” has no values to reverse", recency.name),
            })?,
            given => given,
        };
        let reversed: Vec<f64> = numbers(recency)?.iter().map(|d| (longest - d).max(0.0) + 0.0 * d).collect();
        let frequency = row_sums(&purchases, table.n_rows())?;
        let monetary = row_sums(&spends, table.n_rows())?;
        let columns = vec![
            Column::number("RFM recency", Role::Number, reversed).from_columns(&[recency]),
            Column::number("RFM frequency", Role::Number, frequency).from_columns(&sources(&purchases)),
            Column::number("RFM monetary", Role::Number, monetary).from_columns(&sources(&spends)),
        ];
        let note = |c: &Column| match c.n_missing() as u64 {
            0 => None,
            n => Some(format!("{} is missing in {} where a part is missing", c.name, rows_of(n))),
        };
        let notes = columns.iter().filter_map(note).collect();
        let sentence = format!(
            "Added RFM recency ({} days reversed from {}), frequency and monetary",
            recency.name,
            brief(longest)
        );
        made(table, columns, sentence, notes)
    }

    fn python(&self, table: &Table, settings: &Settings) -> String {
        let recency = py_column(table, settings, "recency", Role::Recency);
        let longest = match settings.real("longest", 0.0) {
            0.0 => format!("{recency}.max()"),
            given => py_number(given),
        };
        format!(
            "df[\"RFM recency\"] = ({longest} - {recency}).clip(lower=0)\ndf[\"RFM frequency\"] = {}\n\
             df[\"RFM monetary\"] = {}",
            py_purchases(table, settings),
            py_spending(table, settings)
        )
    }
}

fn longest(recency: &Column, rows: &[u32]) -> Option<f64> {
    learnt_values(&numbers(recency).ok()?, rows).last().copied().filter(|d| *d > 0.0)
}
