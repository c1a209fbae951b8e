//! Recency segments: who bought lately, a while ago, long ago.

use crate::engine::{
    context::Ctx,
    data::{column::Dictionary, role::Role, table::Table},
    knobs::{Knob, KnobKind, Settings},
    step::{LearnFrom, Outcome, Step, StepError, Suggestion},
    step_kit::{input, input_knob, made, numbers, offer, ordered_category, py, py_column},
    words::{brief, rows_of},
};

/// Recency segment.
pub struct RecencySegment;

const NAME: &str = "Recency segment";

impl Step for RecencySegment {
    fn slug(&self) -> &'static str {
        "recency_segment"
    }

    fn title(&self) -> &'static str {
        "Recency segment"
    }

    fn help(&self) -> &'static str {
        "Recent up to 30 days since the last purchase, Medium up to 90, else Old."
    }

    fn knobs(&self) -> Vec<Knob> {
        vec![
            input_knob("recency", "Recency", Role::Recency),
            Knob::new(
                "edges",
                "Last days",
                "The last day of Recent and the last day of Medium",
                KnobKind::Numbers,
                vec![30.0, 90.0],
            ),
        ]
    }

    fn suggest(&self, table: &Table) -> Vec<Suggestion> {
        let Some(recency) = table.with_role(Role::Recency) else { return Vec::new() };
        let settings = Settings::new().with("recency", recency.name.clone());
        let reason =
            "People who bought in the last 30 or 90 days tend to answer differently from the rest.".into();
        offer(self, table, settings, format!("Add {NAME}"), reason, true).into_iter().collect()
    }

    fn apply(
        &self,
        table: &Table,
        settings: &Settings,
        _: LearnFrom<'_>,
        _: &Ctx<'_>,
    ) -> Result<Outcome, StepError> {
        let recency = input(table, settings, "recency", Role::Recency, NAME)?;
        let (recent, medium) = edges(settings)?;
        let values = numbers(recency)?;
        let code = |days: &f64| match *days {
            d if d.is_nan() => Dictionary::MISSING,
            d if d <= recent => 0,
            d if d <= medium => 1,
            _ => 2,
        };
        let codes: Vec<u32> = values.iter().map(code).collect();
        let notes = match codes.iter().filter(|c| **c == Dictionary::MISSING).count() as u64 {
            0 => Vec::new(),
            n => vec![format!("{NAME} is missing in {} without {}", rows_of(n), recency.name)],
        };
        let levels = ["Recent", "Medium", "Old"].map(str::to_owned).to_vec();
        let column = ordered_category(NAME, levels, codes).from_columns(&[recency]);
        let sentence =
            format!("Added {NAME}: Recent up to {} days, Medium up to {}", brief(recent), brief(medium));
        made(table, vec![column], sentence, notes)
    }

    fn python(&self, table: &Table, settings: &Settings) -> String {
        let recency = py_column(table, settings, "recency", Role::Recency);
        let (recent, medium) = edges(settings).unwrap_or((30.0, 90.0));
        format!(
            "df[{}] = pd.cut({recency}, [-np.inf, {recent}, {medium}, np.inf], labels=[\"Recent\", \"Medium\", \"Old\"])",
            py(NAME)
        )
    }
}

fn edges(settings: &Settings) -> Result<(f64, f64), StepError> {
    match settings.numbers("edges") {
        [] => Ok((30.0, 90.0)),
        [recent, medium] if recent < medium => Ok((*recent, *medium)),
        _ => Err(StepError::Refused {
            reason: "give two last days, the smaller first, such as 30 and 90".into(),
        }),
    }
}
