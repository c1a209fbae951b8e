//! Tenure: whole months of 30 days from joining to the file's last date, never to today.

use crate::engine::{
    context::Ctx,
    data::{
        column::{Column, Values, date_text},
        role::Role,
        table::Table,
    },
    knobs::{Knob, KnobKind, Setting, Settings},
    step::{LearnFrom, Outcome, Step, StepError, Suggestion},
    step_kit::{days_of, input, last_date, made, millis_of, offer, py, py_column},
    words::rows_of,
};

/// Tenure in months.
pub struct Tenure;

const NAME: &str = "Tenure (months)";

impl Step for Tenure {
    fn slug(&self) -> &'static str {
        "tenure"
    }

    fn title(&self) -> &'static str {
        "Tenure"
    }

    fn help(&self) -> &'static str {
        "Months (of 30 days) from joining to the file's last date."
    }

    fn knobs(&self) -> Vec<Knob> {
        let kind = KnobKind::Column { numeric_only: false, optional: true };
        vec![
            Knob::new("join_date", "Join date", "Column with the date of joining", kind, Setting::None),
            Knob::new(
                "reference_date",
                "Counted to",
                "A date such as 2014-06-29; empty takes the file's last date",
                KnobKind::Text,
                "",
            ),
        ]
    }

    fn learns(&self, settings: &Settings) -> bool {
        settings.text("reference_date", "").trim().is_empty()
    }

    fn suggest(&self, table: &Table) -> Vec<Suggestion> {
        let Some(join) = table.with_role(Role::JoinDate) else { return Vec::new() };
        let Some(last) = last_date(table, &LearnFrom::All.rows(table)) else { return Vec::new() };
        let day = date_text(days_of(last) * crate::engine::data::column::MILLIS_A_DAY);
        let settings =
            Settings::new().with("join_date", join.name.clone()).with("reference_date", day.clone());
        let reason = format!(
            "Counted to {day}, the file's last date; counting to today would add the file's own age."
        );
        offer(self, table, settings, format!("Add {NAME}"), reason, true).into_iter().collect()
    }

    fn apply(
        &self,
        table: &Table,
        settings: &Settings,
        learn: LearnFrom<'_>,
        _: &Ctx<'_>,
    ) -> Result<Outcome, StepError> {
        let join = input(table, settings, "join_date", Role::JoinDate, NAME)?;
        let Values::Date(dates) = &join.values else {
            return Err(StepError::WrongType {
                column: join.name.clone(),
                found: join.column_type().label(),
                expected: "dates",
            });
        };
        let end = match settings.text("reference_date", "").trim() {
            "" => last_date(table, &learn.rows(table)).ok_or_else(|| StepError::Refused {
                reason: format!("“{}” has no date to count to; give one", join.name),
            })?,
            text => millis_of(text).ok_or_else(|| StepError::Refused {
                reason: format!("“{text}” is not a date such as 2014-06-29"),
            })?,
        };
        let months = |joined: &f64| ((days_of(end) - days_of(*joined)) / 30.0).floor();
        let values: Vec<f64> = dates.iter().map(|d| if *d <= end { months(d) } else { f64::NAN }).collect();
        let notes = match values.iter().filter(|v| v.is_nan()).count() as u64 {
            0 => Vec::new(),
            n => vec![format!("{NAME} is missing in {} without a date or with a later one", rows_of(n))],
        };
        let column = Column::number(NAME, Role::Number, values).from_columns(&[join]);
        let sentence = format!("Added {NAME} from {} to {}", join.name, date_text(end));
        made(table, vec![column], sentence, notes)
    }

    fn python(&self, table: &Table, settings: &Settings) -> String {
        let join = py_column(table, settings, "join_date", Role::JoinDate);
        let end = match settings.text("reference_date", "").trim() {
            "" => last_date(table, &LearnFrom::All.rows(table)).map(date_text).unwrap_or_default(),
            text => text.to_owned(),
        };
        let end = format!("pd.Timestamp({})", py(&end));
        format!(
            "df[{}] = ({end}.normalize() - {join}.where({join} <= {end}).dt.normalize()).dt.days // 30",
            py(NAME)
        )
    }
}
