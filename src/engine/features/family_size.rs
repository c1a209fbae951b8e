//! Family size: children and teenagers at home plus the adults.

use std::sync::Arc;

use crate::engine::{
    context::Ctx,
    data::{column::Column, role::Role, table::Table},
    knobs::{Knob, KnobKind, Setting, Settings},
    step::{LearnFrom, Outcome, Step, StepError, Suggestion},
    step_kit::{choice_knob, input, input_knob, made, offer, py, py_column, sources},
    words::rows_of,
};

/// Family size.
pub struct FamilySize;

const NAME: &str = "Family size";

/// Marital statuses of two adults, in English and Indonesian.
const COUPLES: [&str; 9] =
    ["married", "together", "couple", "partner", "cohabiting", "engaged", "menikah", "bertunangan", "kawin"];

/// The knobs that say how a family is counted.
pub(super) fn family_knobs() -> Vec<Knob> {
    vec![
        input_knob("kids", "Kids", Role::Kids),
        input_knob("teens", "Teens", Role::Teens),
        choice_knob(
            "adults",
            "Adults",
            "One for everybody, or two where the marital status says so",
            &[("one", "One"), ("marital_status", "From the marital status")],
            "one",
        ),
        Knob::new(
            "marital_status",
            "Marital status",
            "The column that says who lives with a partner",
            KnobKind::Column { numeric_only: false, optional: true },
            Setting::None,
        )
        .only_with("adults", &["marital_status"]),
    ]
}

/// Size of each family, and the columns it was counted from. At least one of kids and teens must be there.
pub(super) fn family_sizes<'a>(
    table: &'a Table,
    settings: &Settings,
    feature: &'static str,
) -> Result<(Vec<f64>, Vec<&'a Arc<Column>>), StepError> {
    let mut found = Vec::new();
    for (slug, role) in [("kids", Role::Kids), ("teens", Role::Teens)] {
        match input(table, settings, slug, role, feature) {
            Ok(column) => found.push(column),
            Err(StepError::MissingRole { .. }) => {}
            Err(e) => return Err(e),
        }
    }
    if found.is_empty() {
        return Err(StepError::MissingRole { role: Role::Kids.label(), feature });
    }
    let mut sizes = crate::engine::step_kit::row_sums(&found, table.n_rows())?;
    if settings.text("adults", "one") == "marital_status" {
        let status = input(table, settings, "marital_status", Role::MaritalStatus, feature)?;
        for (row, size) in sizes.iter_mut().enumerate() {
            let word = status.cell_text(row).trim().to_lowercase();
            *size += if status.is_missing(row) {
                f64::NAN
            } else if COUPLES.contains(&word.as_str()) {
                2.0
            } else {
                1.0
            };
        }
        found.push(status);
    } else {
        sizes.iter_mut().for_each(|s| *s += 1.0);
    }
    Ok((sizes, found))
}

/// Settings with the columns found by role written out.
pub(super) fn family_settings(table: &Table) -> Settings {
    [("kids", Role::Kids), ("teens", Role::Teens)].into_iter().fold(
        Settings::new(),
        |settings, (slug, role)| match table.with_role(role) {
            Some(column) => settings.with(slug, column.name.clone()),
            None => settings,
        },
    )
}

/// Family size in Python.
pub(super) fn py_family(table: &Table, settings: &Settings) -> String {
    let mut parts: Vec<String> = [("kids", Role::Kids), ("teens", Role::Teens)]
        .into_iter()
        .filter(|(slug, role)| !settings.text(slug, "").is_empty() || table.with_role(*role).is_some())
        .map(|(slug, role)| py_column(table, settings, slug, role))
        .collect();
    parts.push("1".to_owned());
    if settings.text("adults", "one") == "marital_status" {
        let status = py_column(table, settings, "marital_status", Role::MaritalStatus);
        let couples = crate::engine::step_kit::py_list(&COUPLES);
        parts.push(format!("{status}.str.strip().str.lower().isin({couples}).where({status}.notna())"));
    }
    format!("({})", parts.join(" + "))
}

impl Step for FamilySize {
    fn slug(&self) -> &'static str {
        "family_size"
    }

    fn title(&self) -> &'static str {
        "Family size"
    }

    fn help(&self) -> &'static str {
        "Kids and teens at home plus the adults."
    }

    fn knobs(&self) -> Vec<Knob> {
        family_knobs()
    }

    fn suggest(&self, table: &Table) -> Vec<Suggestion> {
        let settings = family_settings(table);
        let reason =
            "People at home: kids, teens and one adult; the marital status can give the second adult.".into();
        offer(self, table, settings, format!("Add {NAME}"), reason, true).into_iter().collect()
    }

    fn apply(
        &self,
        table: &Table,
        settings: &Settings,
        _: LearnFrom<'_>,
        _: &Ctx<'_>,
    ) -> Result<Outcome, StepError> {
        let (sizes, from) = family_sizes(table, settings, NAME)?;
        let notes = match sizes.iter().filter(|s| s.is_nan()).count() as u64 {
            0 => Vec::new(),
            n => vec![format!("{NAME} is missing in {} where a part is missing", rows_of(n))],
        };
        let parts: Vec<String> = from.iter().map(|c| c.name.clone()).collect();
        let column = Column::number(NAME, Role::Number, sizes).from_columns(&sources(&from));
        let adults = if settings.text("adults", "one") == "one" { " + 1" } else { "" };
        made(table, vec![column], format!("Added {NAME} = {}{adults}", parts.join(" + ")), notes)
    }

    fn python(&self, table: &Table, settings: &Settings) -> String {
        format!("df[{}] = {}", py(NAME), py_family(table, settings))
    }
}
