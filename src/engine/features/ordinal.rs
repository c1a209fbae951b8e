//! Ordinal code: the place of a level in its order, from 0.
//!
//! The order is the one given, else the one every level shows: ranges and other labels that begin with a number, words of
//! a known scale (low, medium, high), or the order a computed column has. Without any of these it is asked for: the
//! alphabet is no order.

use super::one_hot::{categories, known_levels};
use crate::engine::{
    context::Ctx,
    data::{
        column::{Column, ColumnType, Dictionary, Values},
        role::Role,
        table::Table,
    },
    knobs::{Knob, KnobKind, Settings},
    order::InOrder,
    step::{LearnFrom, Outcome, Step, StepError, Suggestion},
    step_kit::{chosen, column_knob, made, offer, py_level, py_series},
    words::{group, list_some, rows_of},
};

/// Ordinal code.
pub struct Ordinal;

impl Step for Ordinal {
    fn slug(&self) -> &'static str {
        "ordinal"
    }

    fn title(&self) -> &'static str {
        "Ordinal code"
    }

    fn help(&self) -> &'static str {
        "The place of each level in its order, from 0: ranges such as 30-34, scales such as low, medium, high, or the order you give."
    }

    fn knobs(&self) -> Vec<Knob> {
        vec![
            column_knob(false),
            Knob::new(
                "order",
                "Order",
                "Levels from lowest to highest; empty takes the order of ranges and of known scales such as low, medium, high",
                KnobKind::Order { column: "column".into() },
                "",
            ),
            Knob::new("name", "Name", "Name of the new column; empty makes one", KnobKind::Text, ""),
        ]
    }

    fn learns(&self, settings: &Settings) -> bool {
        settings.text("order", "").trim().is_empty()
    }

    fn suggest(&self, table: &Table) -> Vec<Suggestion> {
        let mut found = Vec::new();
        for column in table.columns().iter().filter(|c| is_age_range(c)) {
            let Values::Category(d) = &column.values else { continue };
            let settings = Settings::new()
                .with("column", column.name.clone())
                .with("order", d.levels.join(";"))
                .with("name", "Age code");
            let reason = format!(
                "The {} ranges of {} have an order, which a code keeps for models that would treat them as unrelated.",
                d.levels.len(),
                column.name
            );
            found.extend(offer(self, table, settings, "Add Age code".into(), reason, false));
        }
        found
    }

    fn apply(
        &self,
        table: &Table,
        settings: &Settings,
        learn: LearnFrom<'_>,
        _: &Ctx<'_>,
    ) -> Result<Outcome, StepError> {
        let column = chosen(table, settings)?;
        let d = categories(column)?;
        let order = match given_order(settings) {
            given if !given.is_empty() => given,
            _ => found_order(column, &d, &learn.rows(table)).ok_or_else(|| StepError::Refused {
                reason: format!(
                    "“{}” has no order that shows in its levels ({}); put them in order, lowest first",
                    column.name,
                    list_some(&d.levels)
                ),
            })?,
        };
        let place: Vec<f64> = d
            .levels
            .iter()
            .map(|l| order.iter().position(|o| o == l).map_or(f64::NAN, |p| p as f64))
            .collect();
        let values: Vec<f64> =
            d.codes.iter().map(|&c| place.get(c as usize).copied().unwrap_or(f64::NAN)).collect();
        let name = name(settings, &column.name);
        let n_missing = values.iter().filter(|v| v.is_nan()).count() as u64;
        let notes = match n_missing {
            0 => Vec::new(),
            n => vec![format!("{name} is missing in {} whose level is not in the order", rows_of(n))],
        };
        let counts = d.counts();
        let n_of = |level: &String| d.levels.iter().position(|l| l == level).map_or(0, |at| counts[at]);
        let levels: Vec<String> = order.iter().map(|level| group(level, n_of(level))).collect();
        let sentence = format!("Added {name}: {}", levels.join(" < "));
        let made_column = Column::number(name, Role::Number, values).from_columns(&[column]);
        made(table, vec![made_column], sentence, notes)
    }

    fn python(&self, table: &Table, settings: &Settings) -> String {
        let source = settings.text("column", "column");
        let mut pairs = Vec::new();
        if let Ok(column) = table.column(source)
            && let Ok(d) = categories(column)
        {
            let order = match given_order(settings) {
                given if !given.is_empty() => given,
                _ => found_order(column, &d, &LearnFrom::All.rows(table)).unwrap_or_default(),
            };
            let pair = |(i, level): (usize, &String)| format!("{}: {i}", py_level(column, &d.levels, level));
            pairs = order.iter().enumerate().map(pair).collect();
        }
        format!(
            "{} = {}.map({{{}}})",
            py_series(&name(settings, source)),
            py_series(source),
            pairs.join(", ")
        )
    }
}

/// The order as entered, lowest first.
fn given_order(settings: &Settings) -> Vec<String> {
    let given = settings.text("order", "").split(';');
    given.map(|l| l.trim().to_owned()).filter(|l| !l.is_empty()).collect()
}

/// Scales of words, lowest first; words in one place mean the same. Education is not among them: whether a second cycle
/// stands above a graduation is a matter of the country.
const SCALES: &[&[&[&str]]] = &[
    &[
        &["none"],
        &["lowest", "very low", "minimal"],
        &["low"],
        &["medium low", "lower middle"],
        &["medium", "mid", "middle", "moderate", "average"],
        &["medium high", "upper middle"],
        &["high"],
        &["highest", "very high", "maximal"],
    ],
    &[
        &["xxs"],
        &["xs", "extra small", "very small", "tiny"],
        &["s", "small"],
        &["m", "medium"],
        &["l", "large", "big"],
        &["xl", "extra large", "very large", "huge"],
        &["xxl"],
    ],
    &[
        &["never"],
        &["rarely", "seldom"],
        &["sometimes", "occasionally"],
        &["often", "frequently"],
        &["always"],
    ],
    &[
        &["very poor", "very bad"],
        &["poor", "bad"],
        &["fair", "average", "ok"],
        &["good"],
        &["very good"],
        &["excellent"],
    ],
    &[&["strongly disagree"], &["disagree"], &["neutral", "neither"], &["agree"], &["strongly agree"]],
    &[&["bronze"], &["silver"], &["gold"], &["platinum"], &["diamond"]],
    &[&["daily"], &["weekly"], &["monthly"], &["quarterly"], &["yearly", "annually"]],
];

/// The order that shows in the levels seen in the rows to learn from; `None` where only the alphabet is left.
fn found_order(column: &Column, d: &Dictionary, rows: &[u32]) -> Option<Vec<String>> {
    let codes = known_levels(d, rows);
    let levels: Vec<String> = codes.iter().filter_map(|&c| d.levels.get(c as usize).cloned()).collect();
    let begins_with_number = |l: &String| {
        l.trim_start_matches(['<', '>', '≤', '≥', '-', '−', ' ', '$', '€', '£'])
            .starts_with(|c: char| c.is_ascii_digit())
    };
    // Dictionaries of categories hold such labels in the order of their numbers, and those of makers in the order made.
    let is_ordered = matches!(column.values, Values::Boolean(_) | Values::Number(_))
        || (!column.made_from.is_empty() && matches!(column.values, Values::Category(_)))
        || levels.iter().all(begins_with_number);
    if is_ordered {
        return Some(levels);
    }
    SCALES.iter().find_map(|scale| {
        let place = |level: &String| {
            let word = level.trim().to_lowercase().replace(['-', '_'], " ");
            scale.iter().position(|names| names.contains(&word.as_str()))
        };
        let mut placed: Vec<(usize, &String)> =
            levels.iter().map(|l| place(l).map(|p| (p, l))).collect::<Option<_>>()?;
        placed.order_by(|a, b| a.cmp(b));
        let is_distinct = placed.windows(2).all(|w| w[0].0 != w[1].0);
        (is_distinct && placed.len() > 1).then(|| placed.into_iter().map(|(_, l)| l.clone()).collect())
    })
}

fn name(settings: &Settings, source: &str) -> String {
    match settings.text("name", "").trim() {
        "" => format!("{source} code"),
        given => given.to_owned(),
    }
}

/// A category of age ranges read from the file.
fn is_age_range(column: &Column) -> bool {
    let name = column.name.trim().to_lowercase();
    let is_named = column.role == Role::Age || name == "age" || name.starts_with("age ");
    is_named && column.made_from.is_empty() && column.column_type() == ColumnType::Category
}
