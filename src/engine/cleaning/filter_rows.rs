//! Keeps or drops the rows that meet conditions: up to three, all of them or any of them.

use std::sync::Arc;

use crate::engine::{
    context::Ctx,
    data::{
        column::{Column, ColumnType, MILLIS_A_DAY, Values},
        table::Table,
    },
    knobs::{Knob, KnobKind, Setting, Settings},
    order::InOrder,
    step::{CellChange, Effect, LearnFrom, Outcome, Step, StepError, Suggestion},
    step_kit::{MAX_EXAMPLES, choice_knob, millis_of, py, py_level, py_number, py_series, typed_number},
    words::{group, quoted, rows_of},
};

/// Row filter.
pub struct FilterRows;

const N_CONDITIONS: usize = 3;
/// Slug, label, and Python where it is one sign.
const OPERATORS: [(&str, &str, &str); 10] = [
    ("is", "is", "=="),
    ("is_not", "is not", "!="),
    ("one_of", "is one of", ""),
    ("below", "is below", "<"),
    ("at_most", "is at most", "<="),
    ("above", "is above", ">"),
    ("at_least", "is at least", ">="),
    ("contains", "contains", ""),
    ("is_missing", "is missing", ""),
    ("is_known", "is not missing", ""),
];

/// A checked condition.
struct Condition<'a> {
    column: &'a Arc<Column>,
    operator: &'static str,
    label: &'static str,
    /// As entered: one, or several of which one must fit.
    values: Vec<String>,
    /// The same as numbers, where the cells are numbers, dates or yes/no.
    numbers: Vec<f64>,
}

impl Step for FilterRows {
    fn slug(&self) -> &'static str {
        "filter_rows"
    }

    fn title(&self) -> &'static str {
        "Filter rows"
    }

    fn help(&self) -> &'static str {
        "Keeps or drops the rows that meet a condition, or several."
    }

    fn knobs(&self) -> Vec<Knob> {
        let actions = [("keep", "Keep them"), ("drop", "Drop them")];
        let joins = [("all", "All conditions"), ("any", "Any of them")];
        let operators = OPERATORS.map(|(slug, label, _)| (slug, label));
        let mut knobs =
            vec![choice_knob("action", "Rows", "What happens to the rows that fit", &actions, "keep")];
        for i in 0..N_CONDITIONS {
            let label = |word: &str| if i == 0 { word.to_owned() } else { format!("{word} {}", i + 1) };
            // A further condition is asked for once the one before it has its column.
            let next = |knob: Knob| if i == 0 { knob } else { knob.only_with(&slug("column", i - 1), &[]) };
            let own = |knob: Knob| if i == 0 { knob } else { knob.only_with(&slug("column", i), &[]) };
            knobs.push(next(Knob::new(
                &slug("column", i),
                &label("Column"),
                if i == 0 { "The column to look at" } else { "One more condition, or None" },
                KnobKind::Column { numeric_only: false, optional: true },
                Setting::None,
            )));
            // Said once: a further condition is like the first.
            let first = |help: &'static str| if i == 0 { help } else { "As above" };
            let help = first("How the cell is compared; a missing cell only fits “is missing”");
            knobs.push(own(choice_knob(&slug("operator", i), &label("Condition"), help, &operators, "is")));
            let help = first(
                "A number, a word, yes or no, or a day such as 2026-06-30; for “is one of” several, separated by semicolons",
            );
            let kind = KnobKind::Value { column: slug("column", i) };
            let value = Knob::new(&slug("value", i), &label("Value"), help, kind, "");
            knobs.push(own(value));
        }
        let help = "Whether a row must meet all conditions or one";
        knobs.push(choice_knob("join", "Must meet", help, &joins, "all").only_with(&slug("column", 1), &[]));
        knobs
    }

    fn suggest(&self, _: &Table) -> Vec<Suggestion> {
        Vec::new()
    }

    fn apply(
        &self,
        table: &Table,
        settings: &Settings,
        _: LearnFrom<'_>,
        ctx: &Ctx<'_>,
    ) -> Result<Outcome, StepError> {
        let conditions = conditions(table, settings)?;
        ctx.tick(0, 1)?;
        let is_any = settings.text("join", "all") == "any";
        let is_kept_if = settings.text("action", "keep") == "keep";
        let fits = |row: usize| {
            if is_any {
                conditions.iter().any(|c| c.fits(row))
            } else {
                conditions.iter().all(|c| c.fits(row))
            }
        };
        let mut effect = Effect::default();
        let mut kept = Vec::with_capacity(table.n_rows());
        // Every column a condition looks at, once.
        let mut looked_at: Vec<&Arc<Column>> = conditions.iter().map(|c| c.column).collect();
        looked_at.order_by(|a, b| a.name.cmp(&b.name));
        looked_at.dedup_by(|a, b| a.name == b.name);
        for row in 0..table.n_rows() {
            if fits(row) == is_kept_if {
                kept.push(row as u32);
            } else if effect.examples.len() < MAX_EXAMPLES {
                effect.examples.extend(looked_at.iter().map(|column| CellChange {
                    row: u64::from(table.row_ids()[row]) + 1,
                    column: column.name.clone(),
                    before: column.cell_text(row),
                    after: "row dropped".into(),
                }));
            }
        }
        if kept.is_empty() {
            return Err(StepError::NothingLeft { what: "rows" });
        }
        effect.n_rows = (table.n_rows() - kept.len()) as u64;
        effect.n_cells = effect.n_rows * table.n_columns() as u64;
        let words: Vec<String> = conditions.iter().map(Condition::words).collect();
        let joined = words.join(if is_any { " or " } else { " and " });
        let (verb, n, rest) = if is_kept_if {
            ("Kept", kept.len() as u64, format!("; {} dropped", rows_of(effect.n_rows)))
        } else {
            ("Dropped", effect.n_rows, String::new())
        };
        effect.sentence = format!("{verb} {} where {joined}{rest}", rows_of(n));
        for c in conditions.iter().filter(|c| {
            c.column.role.is_outcome() || c.column.made_from.iter().any(|(_, role)| role.is_outcome())
        }) {
            let name = &c.column.name;
            effect.notes.push(format!(
                "{name} is an outcome: rates and models speak of the rows kept alone, not of everybody"
            ));
        }
        Ok(Outcome { table: table.take_rows(&kept), effect: effect.told() })
    }

    fn python(&self, table: &Table, settings: &Settings) -> String {
        let Ok(conditions) = conditions(table, settings) else { return String::new() };
        let sign = if settings.text("join", "all") == "any" { " | " } else { " & " };
        let parts: Vec<String> = conditions.iter().map(|c| format!("({})", c.python())).collect();
        let not = if settings.text("action", "keep") == "keep" { "" } else { "~" };
        format!("df = df[{not}({})]", parts.join(sign))
    }
}

/// "column", "column_2", "column_3".
fn slug(word: &str, i: usize) -> String {
    if i == 0 { word.to_owned() } else { format!("{word}_{}", i + 1) }
}

fn conditions<'a>(table: &'a Table, settings: &Settings) -> Result<Vec<Condition<'a>>, StepError> {
    let mut found = Vec::new();
    for i in 0..N_CONDITIONS {
        let name = settings.text(&slug("column", i), "");
        if !name.is_empty() {
            let operator = settings.text(&slug("operator", i), "is");
            let value = settings.text(&slug("value", i), "").trim();
            let has_comma = table.writing.comma_decimal == Some(true);
            found.push(Condition::new(table.column(name)?, operator, value, has_comma)?);
        }
    }
    if found.is_empty() {
        return Err(StepError::Refused { reason: "choose a column first".into() });
    }
    Ok(found)
}

impl<'a> Condition<'a> {
    /// A condition on a column; the comma of a number may separate its decimals.
    fn new(column: &'a Arc<Column>, operator: &str, value: &str, has_comma: bool) -> Result<Self, StepError> {
        let known = OPERATORS.iter().find(|(slug, ..)| *slug == operator);
        let (operator, label, _) = *known.unwrap_or(&OPERATORS[0]);
        let mut found = Self { column, operator, label, values: Vec::new(), numbers: Vec::new() };
        if matches!(operator, "is_missing" | "is_known") {
            return Ok(found);
        }
        // The name of a level may hold a semicolon.
        let is_level = column.levels().is_some_and(|levels| levels.iter().any(|level| level == value));
        let separator = if operator == "one_of" && !is_level { Some(';') } else { None };
        let parts = value.split(|c| Some(c) == separator).map(str::trim).filter(|part| !part.is_empty());
        for part in parts {
            found.numbers.push(found.number(part, has_comma)?);
            found.values.push(part.to_owned());
        }
        if found.values.is_empty() {
            let reason = format!("give the value that {} is compared with", column.name);
            return Err(StepError::Refused { reason });
        }
        Ok(found)
    }

    /// A value as a number, where the column holds what can be one; an error where it cannot be compared with the cells.
    fn number(&self, value: &str, has_comma: bool) -> Result<f64, StepError> {
        let Self { column, operator, label, .. } = *self;
        let name = &column.name;
        let refuse = |reason: String| Err(StepError::Refused { reason });
        let is_order = matches!(operator, "below" | "at_most" | "above" | "at_least");
        let number = match &column.values {
            Values::Number(_) if operator != "contains" => match typed_number(value, has_comma) {
                Some(number) => number,
                None => return refuse(format!("“{value}” is not a number, but {name} holds numbers")),
            },
            Values::Date(_) if operator != "contains" => match millis_of(value) {
                Some(millis) => millis,
                None => return refuse(format!("“{value}” is not a date; write it as 2026-06-30")),
            },
            Values::Boolean(_) if !is_order && operator != "contains" => {
                match value.to_lowercase().as_str() {
                    "yes" | "true" | "1" => 1.0,
                    "no" | "false" | "0" => 0.0,
                    _ => return refuse(format!("“{value}” is neither yes nor no, which {name} holds")),
                }
            }
            Values::Category(d) | Values::Text(d) if !is_order => {
                let is_other = |level: &&String| level.to_lowercase() == value.to_lowercase();
                if operator != "contains"
                    && !d.levels.iter().any(|level| level == value)
                    && let Some(level) = d.levels.iter().find(is_other)
                {
                    return refuse(format!("no row has “{value}”, but some have “{}”", quoted(level)));
                }
                f64::NAN
            }
            _ => {
                let what = match column.column_type() {
                    ColumnType::Number => "numbers",
                    ColumnType::Date => "dates",
                    ColumnType::Boolean => "yes and no",
                    _ => "words",
                };
                return refuse(format!("“{name}” holds {what}, which cannot be compared by “{label}”"));
            }
        };
        Ok(number)
    }

    fn fits(&self, row: usize) -> bool {
        let is_missing = self.column.is_missing(row);
        match self.operator {
            "is_missing" => return is_missing,
            _ if is_missing => return false,
            "is_known" => return true,
            _ => {}
        }
        let compare = |cell: f64| {
            self.numbers.iter().any(|&number| match self.operator {
                "is" | "one_of" => cell == number,
                "is_not" => cell != number,
                "below" => cell < number,
                "at_most" => cell <= number,
                "above" => cell > number,
                _ => cell >= number,
            })
        };
        match &self.column.values {
            Values::Number(v) => compare(v[row]),
            // The value is a day: all of it.
            Values::Date(v) => compare((v[row] / MILLIS_A_DAY).floor() * MILLIS_A_DAY),
            Values::Boolean(v) => compare(f64::from(u8::from(v[row] == Some(true)))),
            Values::Category(d) | Values::Text(d) => {
                let text = d.get(row).unwrap_or_default();
                self.values.iter().any(|value| match self.operator {
                    "is" | "one_of" => text == value,
                    "is_not" => text != value,
                    _ => text.to_lowercase().contains(&value.to_lowercase()),
                })
            }
        }
    }

    fn words(&self) -> String {
        let values = self.values.iter().zip(&self.numbers).map(|(value, number)| {
            // A number as it was understood: 12,5 is 12.5.
            let is_number = matches!(self.column.values, Values::Number(_)) && self.operator != "contains";
            let (value, shown) =
                if is_number { (&number.to_string(), number.to_string()) } else { (value, quoted(value)) };
            // A bound names no group.
            let n = match self.operator {
                "is" | "is_not" | "one_of" => self.column.n_rows_with(value),
                "contains" => (0..self.column.len()).filter(|&row| self.fits(row)).count() as u64,
                _ => 0,
            };
            group(&shown, n)
        });
        let values: Vec<String> = values.collect();
        format!("{} {} {}", self.column.name, self.label, values.join(", ")).trim_end().to_owned()
    }

    fn python(&self) -> String {
        let c = py_series(&self.column.name);
        let sign = OPERATORS.iter().find(|(slug, ..)| *slug == self.operator).map_or("==", |(.., sign)| sign);
        let value = |(value, number): (&String, &f64)| match &self.column.values {
            Values::Date(_) => format!("pd.Timestamp({})", py(value)),
            Values::Boolean(_) => if *number == 1.0 { "True" } else { "False" }.to_owned(),
            Values::Number(_) => py_number(*number),
            _ => py_level(self.column, self.column.levels().unwrap_or_default(), value),
        };
        let values: Vec<String> = self.values.iter().zip(&self.numbers).map(value).collect();
        let value = values.join(", ");
        let is_date = matches!(self.column.values, Values::Date(_));
        let c = if is_date && !matches!(self.operator, "is_missing" | "is_known") {
            format!("{c}.dt.normalize()")
        } else {
            c
        };
        match self.operator {
            "is_missing" => format!("{c}.isna()"),
            "is_known" => format!("{c}.notna()"),
            "contains" => {
                format!(
                    "{c}.astype(str).str.contains({}, case=False, regex=False) & {c}.notna()",
                    py(&self.values.concat())
                )
            }
            "is_not" => format!("({c} != {value}) & {c}.notna()"),
            "one_of" => format!("{c}.isin([{value}])"),
            _ => format!("{c} {sign} {value}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::data::role::{Role, TableKind};

    fn table() -> Table {
        let x = Column::number("x", Role::Number, vec![1.0, 2.0, f64::NAN, 4.0]);
        let g = Column::category("g", Role::Category, &[Some("North"), Some("South"), Some("north"), None]);
        let day = Column {
            values: Values::Date([0.0, 1.0, 2.0, 3.0].map(|d| d * 86_400_000.0).to_vec()),
            ..Column::number("day", Role::Date, vec![])
        };
        Table::new(TableKind::Other, vec![x, g, day]).unwrap()
    }

    #[track_caller]
    fn check(conditions: &[(&str, &str, &str)], more: &[(&str, &str)], expected: &[u32]) {
        let mut settings = Settings::new();
        for (i, (column, operator, value)) in conditions.iter().enumerate() {
            settings = settings
                .with(&slug("column", i), *column)
                .with(&slug("operator", i), *operator)
                .with(&slug("value", i), *value);
        }
        for (key, value) in more {
            settings = settings.with(key, *value);
        }
        assert_eq!(settings.check(&FilterRows.knobs()), Ok(()));
        let out = FilterRows.apply(&table(), &settings, LearnFrom::All, &Ctx::quiet(0)).unwrap();
        assert_eq!(out.table.row_ids(), expected, "{}", out.effect.sentence);
        assert_eq!(out.effect.n_rows, 4 - expected.len() as u64);
        // Every column that was looked at is shown.
        for (column, ..) in conditions {
            assert!(out.effect.examples.iter().any(|e| e.column == *column), "{column} is not shown");
        }
    }

    #[test]
    fn a_day_is_the_whole_day() {
        let day = millis_of("2024-12-31").unwrap();
        let times = [0.0, 0.75, 1.4].map(|days| day + days * MILLIS_A_DAY);
        let column =
            Column { values: Values::Date(times.to_vec()), ..Column::number("at", Role::Date, vec![]) };
        let table = Table::new(TableKind::Other, vec![column]).unwrap();
        let left = |operator: &str, value: &str| {
            let settings = Settings::new()
                .with(&slug("column", 0), "at")
                .with(&slug("operator", 0), operator)
                .with(&slug("value", 0), value);
            FilterRows
                .apply(&table, &settings, LearnFrom::All, &Ctx::quiet(0))
                .unwrap()
                .table
                .row_ids()
                .to_vec()
        };
        for (operator, expected) in [
            ("is", vec![0, 1]),
            ("is_not", vec![2]),
            ("above", vec![2]),
            ("at_most", vec![0, 1]),
            ("at_least", vec![0, 1, 2]),
        ] {
            assert_eq!(left(operator, "2024-12-31"), expected, "{operator}");
        }
    }

    #[test]
    fn rows_are_kept_and_dropped_by_conditions() {
        check(&[("x", "at_least", "2")], &[], &[1, 3]);
        check(&[("x", "is_not", "2")], &[], &[0, 3]);
        check(&[("x", "below", "2")], &[("action", "drop")], &[1, 2, 3]);
        check(&[("x", "is_missing", "")], &[], &[2]);
        check(&[("g", "is_known", "")], &[], &[0, 1, 2]);
        check(&[("g", "is", "North")], &[], &[0]);
        check(&[("g", "contains", "nor")], &[], &[0, 2]);
        check(&[("g", "one_of", "North;north ;")], &[], &[0, 2]);
        check(&[("x", "one_of", "4; 1")], &[], &[0, 3]);
        check(&[("day", "above", "1970-01-02")], &[], &[2, 3]);
    }

    #[test]
    fn a_number_is_taken_as_the_file_writes_numbers_and_told_as_it_was_taken() {
        let sentence = |comma_decimal, value: &str| {
            let mut table = table();
            table.writing.comma_decimal = comma_decimal;
            let s = Settings::new().with("column", "x").with("operator", "above").with("value", value);
            FilterRows.apply(&table, &s, LearnFrom::All, &Ctx::quiet(0)).map(|out| out.effect.sentence).ok()
        };
        let kept = Some("Kept 2 rows where x is above 1.5; 2 rows dropped".to_owned());
        assert_eq!(sentence(Some(true), "1,5"), kept);
        assert_eq!(sentence(Some(true), "1.5"), kept);
        assert_eq!((sentence(Some(false), "1,5"), sentence(None, "1,5")), (None, None));
    }

    #[test]
    fn a_level_with_a_semicolon_is_one_level() {
        let g = Column::category("g", Role::Category, &[Some("a; b"), Some("a"), Some("b")]);
        let table = Table::new(TableKind::Other, vec![g]).unwrap();
        let kept = |value: &str| {
            let s = Settings::new().with("column", "g").with("operator", "one_of").with("value", value);
            FilterRows.apply(&table, &s, LearnFrom::All, &Ctx::quiet(0)).unwrap().table.row_ids().to_vec()
        };
        assert_eq!((kept("a; b"), kept("b; a")), (vec![0], vec![1, 2]));
    }

    #[test]
    fn several_conditions_are_joined_by_and_or_or() {
        let both = [("x", "above", "1"), ("g", "is", "South")];
        check(&both, &[], &[1]);
        check(&both, &[("join", "any")], &[1, 3]);
        check(
            &[("x", "is", "1"), ("x", "is", "4"), ("g", "contains", "south")],
            &[("join", "any")],
            &[0, 1, 3],
        );
    }

    #[test]
    fn what_cannot_be_compared_is_refused_in_words() {
        let refused = |column: &str, operator: &str, value: &str| {
            let s = Settings::new().with("column", column).with("operator", operator).with("value", value);
            FilterRows.apply(&table(), &s, LearnFrom::All, &Ctx::quiet(0)).unwrap_err().to_string()
        };
        assert_eq!(refused("x", "is", "two"), "“two” is not a number, but x holds numbers");
        assert_eq!(refused("g", "above", "a"), "“g” holds words, which cannot be compared by “is above”");
        assert_eq!(refused("x", "above", ""), "give the value that x is compared with");
        assert_eq!(refused("x", "above", "99"), "no rows would be left");
    }
}
