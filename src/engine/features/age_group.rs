//! Age groups (under 30, 30-39, 40-49, 50-59, 60 and over) from the birth year or a column of ages.

use super::age::{ages, py_age, reference_year, year_knob};
use crate::engine::{
    context::Ctx,
    data::{
        column::{ColumnType, Dictionary},
        distinct,
        role::Role,
        table::Table,
    },
    knobs::{Knob, KnobKind, Settings},
    step::{LearnFrom, Outcome, Step, StepError, Suggestion},
    step_kit::{input_knob, made, numbers, offer, ordered_category, py, py_column, py_list, py_numbers},
    words::rows_of,
};

/// Age group.
pub struct AgeGroup;

const NAME: &str = "Age group";
const EDGES: [f64; 4] = [30.0, 40.0, 50.0, 60.0];

impl Step for AgeGroup {
    fn slug(&self) -> &'static str {
        "age_group"
    }

    fn title(&self) -> &'static str {
        "Age group"
    }

    fn help(&self) -> &'static str {
        "Ages in groups: under 30, 30-39, 40-49, 50-59, 60 and over."
    }

    fn knobs(&self) -> Vec<Knob> {
        vec![
            input_knob("birth_year", "Birth year", Role::BirthYear),
            year_knob(),
            input_knob("age", "Age", Role::Age),
            Knob::new(
                "edges",
                "Edges",
                "The age each group but the first starts at",
                KnobKind::Numbers,
                EDGES.to_vec(),
            ),
        ]
    }

    fn learns(&self, settings: &Settings) -> bool {
        settings.text("age", "").is_empty() && settings.integer("reference_year", 0) == 0
    }

    fn suggest(&self, table: &Table) -> Vec<Suggestion> {
        let birth = table.with_role(Role::BirthYear);
        let year = reference_year(table, &Settings::new(), LearnFrom::All);
        let (settings, reason) = if let (Some(birth), Ok(year)) = (birth, year) {
            let settings =
                Settings::new().with("birth_year", birth.name.clone()).with("reference_year", year as i64);
            (
                settings,
                format!(
                    "Groups compare where single years have too few people; counted at {year}, the year of the file's last date."
                ),
            )
        } else if let Some(age) = numeric_age(table) {
            let settings = Settings::new().with("age", age.to_owned());
            (settings, "Groups compare where single years have too few people.".into())
        } else {
            return Vec::new();
        };
        offer(self, table, settings, format!("Add {NAME}"), reason, true).into_iter().collect()
    }

    fn apply(
        &self,
        table: &Table,
        settings: &Settings,
        learn: LearnFrom<'_>,
        _: &Ctx<'_>,
    ) -> Result<Outcome, StepError> {
        let mut edges = match settings.numbers("edges") {
            [] => EDGES.to_vec(),
            given => given.to_vec(),
        };
        edges.retain(|e| e.is_finite());
        distinct::sort(&mut edges);
        edges.dedup();
        let named = settings.text("birth_year", "");
        let by_role = || table.with_role(Role::BirthYear).map(|c| c.name.as_str());
        let birth = match (named, settings.text("age", "")) {
            ("", "") => by_role(),
            ("", _) => None,
            (name, _) => Some(name),
        };
        let (source, values, notes) = if let Some(birth) = birth {
            let source = table.column(birth)?;
            let (values, notes) = ages(source, reference_year(table, settings, learn)?, NAME)?;
            (source, values, notes)
        } else {
            let name = match settings.text("age", "") {
                "" => numeric_age(table)
                    .ok_or(StepError::MissingRole { role: Role::BirthYear.label(), feature: NAME })?,
                name => name,
            };
            let source = table.column(name)?;
            let values = numbers(source)?.into_owned();
            let notes = match values.iter().filter(|v| v.is_nan()).count() as u64 {
                0 => Vec::new(),
                n => vec![format!("{NAME} is missing in {} without an age", rows_of(n))],
            };
            (source, values, notes)
        };
        let labels = labels(&edges);
        let codes = values
            .iter()
            .map(|v| if v.is_nan() { Dictionary::MISSING } else { edges.partition_point(|e| e <= v) as u32 })
            .collect();
        let column = ordered_category(NAME, labels, codes).from_columns(&[source]);
        made(table, vec![column], format!("Added {NAME} from {}", source.name), notes)
    }

    fn python(&self, table: &Table, settings: &Settings) -> String {
        let edges = match settings.numbers("edges") {
            [] => &EDGES,
            given => given,
        };
        let has_birth = settings.text("age", "").is_empty() && table.with_role(Role::BirthYear).is_some();
        let age = if has_birth || !settings.text("birth_year", "").is_empty() {
            py_age(table, settings, &py_column(table, settings, "birth_year", Role::BirthYear))
        } else {
            py_column(table, settings, "age", Role::Age)
        };
        let inner = py_numbers(edges);
        format!(
            "df[{}] = pd.cut({age}, [-np.inf, *{inner}, np.inf], right=False, labels={})",
            py(NAME),
            py_list(&labels(edges))
        )
    }
}

fn numeric_age(table: &Table) -> Option<&str> {
    let is_number = |c: &&std::sync::Arc<crate::engine::data::column::Column>| {
        c.role == Role::Age && c.column_type() == ColumnType::Number
    };
    table.columns().iter().find(is_number).map(|c| c.name.as_str())
}

/// "<30", "30-39", ..., "60+".
fn labels(edges: &[f64]) -> Vec<String> {
    let Some((first, last)) = edges.first().zip(edges.last()) else { return vec!["all".into()] };
    let between = edges.windows(2).map(|w| format!("{}-{}", w[0], w[1] - 1.0));
    std::iter::once(format!("<{first}")).chain(between).chain(std::iter::once(format!("{last}+"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_name_the_first_and_last_age_of_a_group() {
        assert_eq!(labels(&EDGES), ["<30", "30-39", "40-49", "50-59", "60+"]);
        assert_eq!(labels(&[]), ["all"]);
    }
}
