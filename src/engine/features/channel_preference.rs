//! The channel a person buys through most: web, catalog or store; the first wins a tie.

use std::sync::Arc;

use crate::engine::{
    context::Ctx,
    data::{
        column::{Column, Dictionary},
        role::Role,
        table::Table,
    },
    knobs::{Knob, Settings},
    step::{LearnFrom, Outcome, Step, StepError, Suggestion},
    step_kit::{input, input_knob, made, numbers, offer, ordered_category, py, py_column, sources},
    words::rows_of,
};

/// Channel preference.
pub struct ChannelPreference;

const NAME: &str = "Channel preference";
const CHANNELS: [(&str, &str, Role); 3] = [
    ("web", "Web", Role::WebPurchases),
    ("catalog", "Catalog", Role::CatalogPurchases),
    ("store", "Store", Role::StorePurchases),
];

impl Step for ChannelPreference {
    fn slug(&self) -> &'static str {
        "channel_preference"
    }

    fn title(&self) -> &'static str {
        "Channel preference"
    }

    fn help(&self) -> &'static str {
        "The channel with most purchases: web, catalog or store. The first wins a tie, also where nothing was bought."
    }

    fn knobs(&self) -> Vec<Knob> {
        CHANNELS.iter().map(|(slug, _, role)| input_knob(slug, role.label(), *role)).collect()
    }

    fn suggest(&self, table: &Table) -> Vec<Suggestion> {
        let mut settings = Settings::new();
        for (slug, _, role) in CHANNELS {
            if let Some(column) = table.with_role(role) {
                settings = settings.with(slug, column.name.clone());
            }
        }
        let reason = "Tells through which channel to reach a person.".into();
        offer(self, table, settings, format!("Add {NAME}"), reason, true).into_iter().collect()
    }

    fn apply(
        &self,
        table: &Table,
        settings: &Settings,
        _: LearnFrom<'_>,
        _: &Ctx<'_>,
    ) -> Result<Outcome, StepError> {
        let mut channels: Vec<(&str, &Arc<Column>)> = Vec::new();
        for (slug, label, role) in CHANNELS {
            match input(table, settings, slug, role, NAME) {
                Ok(column) => channels.push((label, column)),
                Err(StepError::MissingRole { .. }) => {}
                Err(e) => return Err(e),
            }
        }
        if channels.len() < 2 {
            return Err(StepError::MissingRole { role: Role::WebPurchases.label(), feature: NAME });
        }
        let values = channels.iter().map(|(_, c)| numbers(c)).collect::<Result<Vec<_>, _>>()?;
        let (mut unknown, mut idle) = (0, 0);
        let codes = (0..table.n_rows())
            .map(|row| {
                let counts: Vec<f64> = values.iter().map(|v| v[row]).collect();
                if counts.iter().any(|c| c.is_nan()) {
                    unknown += 1;
                    return Dictionary::MISSING;
                }
                idle += u64::from(counts.iter().all(|c| *c == 0.0));
                let mut best = 0;
                for (i, count) in counts.iter().enumerate() {
                    if *count > counts[best] {
                        best = i;
                    }
                }
                best as u32
            })
            .collect();
        let mut notes = Vec::new();
        if unknown > 0 {
            notes.push(format!("{NAME} is missing in {} where a channel is missing", rows_of(unknown)));
        }
        if idle > 0 {
            let first = channels.first().map_or("", |c| c.0);
            notes.push(format!(
                "{} without any purchase are a tie of zeros and count as {first}",
                rows_of(idle)
            ));
        }
        let levels = channels.iter().map(|(label, _)| (*label).to_owned()).collect();
        let from: Vec<&Arc<Column>> = channels.iter().map(|(_, c)| *c).collect();
        let column = ordered_category(NAME, levels, codes).from_columns(&sources(&from));
        let names: Vec<String> = from.iter().map(|c| c.name.clone()).collect();
        made(table, vec![column], format!("Added {NAME}: the largest of {}", names.join(", ")), notes)
    }

    fn python(&self, table: &Table, settings: &Settings) -> String {
        let parts = CHANNELS
            .iter()
            .filter(|(slug, _, role)| !settings.text(slug, "").is_empty() || table.with_role(*role).is_some())
            .map(|(slug, label, role)| format!("{}: {}", py(label), py_column(table, settings, slug, *role)))
            .collect::<Vec<_>>()
            .join(", ");
        format!(
            "channels = pd.DataFrame({{{parts}}})\n\
             df[{}] = channels.fillna(-1).idxmax(axis=1).where(channels.notna().all(axis=1))",
            py(NAME)
        )
    }
}
