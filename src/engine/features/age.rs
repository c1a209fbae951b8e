//! Age in years from the birth year, counted at the file's last date and never today.

use crate::engine::{
    context::Ctx,
    data::{
        column::{Column, year_of},
        role::Role,
        table::Table,
    },
    knobs::{Knob, KnobKind, Settings},
    step::{LearnFrom, Outcome, Step, StepError, Suggestion},
    step_kit::{input, input_knob, last_date, made, numbers, offer, py, py_column, py_number},
    words::rows_of,
};

/// Age.
pub struct AgeInYears;

const NAME: &str = "Age";

/// The knob of the year ages are counted at.
pub(super) fn year_knob() -> Knob {
    Knob::new(
        "reference_year",
        "Reference year",
        "The year ages are counted at; 0 takes the year of the file's last date",
        KnobKind::Integer { min: 0, max: 2200 },
        0,
    )
}

/// The year ages are counted at.
pub(super) fn reference_year(
    table: &Table,
    settings: &Settings,
    learn: LearnFrom<'_>,
) -> Result<f64, StepError> {
    match settings.integer("reference_year", 0) {
        0 => last_date(table, &learn.rows(table)).and_then(year_of).map(|y| y as f64).ok_or_else(|| {
            StepError::Refused {
                reason: "the table has no dates to count ages at; give the reference year".into(),
            }
        }),
        year => Ok(year as f64),
    }
}

/// Ages and the note on rows without one.
pub(super) fn ages(birth: &Column, year: f64, name: &str) -> Result<(Vec<f64>, Vec<String>), StepError> {
    let years = numbers(birth)?;
    let ages: Vec<f64> = years.iter().map(|b| if *b <= year { year - b } else { f64::NAN }).collect();
    let mut notes = Vec::new();
    let unknown = years.iter().filter(|b| b.is_nan()).count() as u64;
    let unborn = ages.iter().filter(|a| a.is_nan()).count() as u64 - unknown;
    if unknown > 0 {
        notes.push(format!("{name} is missing in {} without a birth year", rows_of(unknown)));
    }
    if unborn > 0 {
        notes.push(format!("{name} is missing in {} born after {year}", rows_of(unborn)));
    }
    Ok((ages, notes))
}

impl Step for AgeInYears {
    fn slug(&self) -> &'static str {
        "age"
    }

    fn title(&self) -> &'static str {
        "Age"
    }

    fn help(&self) -> &'static str {
        "Reference year minus birth year."
    }

    fn knobs(&self) -> Vec<Knob> {
        vec![input_knob("birth_year", "Birth year", Role::BirthYear), year_knob()]
    }

    fn learns(&self, settings: &Settings) -> bool {
        settings.integer("reference_year", 0) == 0
    }

    fn suggest(&self, table: &Table) -> Vec<Suggestion> {
        let Some(birth) = table.with_role(Role::BirthYear) else { return Vec::new() };
        let Ok(year) = reference_year(table, &Settings::new(), LearnFrom::All) else { return Vec::new() };
        let settings =
            Settings::new().with("birth_year", birth.name.clone()).with("reference_year", year as i64);
        let reason = format!(
            "Counted at {year}, the year of the file's last date; counting to today would age everybody."
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
        let birth = input(table, settings, "birth_year", Role::BirthYear, NAME)?;
        let year = reference_year(table, settings, learn)?;
        let (ages, notes) = ages(birth, year, NAME)?;
        let column = Column::number(NAME, Role::Age, ages).from_columns(&[birth]);
        made(table, vec![column], format!("Added {NAME} = {year} − {}", birth.name), notes)
    }

    fn python(&self, table: &Table, settings: &Settings) -> String {
        let birth = py_column(table, settings, "birth_year", Role::BirthYear);
        format!("df[{}] = {}", py(NAME), py_age(table, settings, &birth))
    }
}

/// Ages in Python.
pub(super) fn py_age(table: &Table, settings: &Settings, birth: &str) -> String {
    let year = reference_year(table, settings, LearnFrom::All)
        .map_or_else(|_| "df.select_dtypes(\"datetime\").max().max().year".into(), py_number);
    format!("{year} - {birth}.where({birth} <= {year})")
}
