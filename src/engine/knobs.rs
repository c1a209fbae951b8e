//! Knobs: the settings a step, a feature, a model family or an export declares, from which pickers and forms are drawn.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One declared setting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Knob {
    /// Key in [`Settings`], snake_case.
    pub slug: String,
    /// Short label of the form field, sentence case.
    pub label: String,
    /// One line of help.
    pub help: String,
    /// What may be entered.
    pub kind: KnobKind,
    /// What is used when nothing was entered.
    pub default: Setting,
    /// What a search for better settings tries; `None` where it leaves the knob alone.
    pub search: Option<Search>,
    /// The knob this one hangs on, and the values with which it means something (none: any value; "yes" for a flag); `None` where
    /// it always does.
    pub only_with: Option<(String, Vec<String>)>,
}

/// What is worth trying of a knob, mostly less than what may be entered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Search {
    /// Evenly between two numbers (inclusive).
    Even {
        /// Smallest tried.
        low: f64,
        /// Largest tried.
        high: f64,
    },
    /// Evenly by factors: as often between 1 and 10 as between 10 and 100.
    Log {
        /// Smallest tried, above 0.
        low: f64,
        /// Largest tried.
        high: f64,
    },
    /// Each of these as often.
    Among(Vec<Setting>),
}

/// What a knob accepts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum KnobKind {
    /// A whole number in a range (inclusive).
    Integer {
        /// Smallest allowed.
        min: i64,
        /// Largest allowed.
        max: i64,
    },
    /// A real number in a range (inclusive).
    Real {
        /// Smallest allowed.
        min: f64,
        /// Largest allowed.
        max: f64,
    },
    /// One of (slug, label).
    Choice(Vec<(String, String)>),
    /// Yes or no.
    Flag,
    /// Free text.
    Text,
    /// One column of the table (optionally only numeric ones).
    Column {
        /// Offer only columns of numbers.
        numeric_only: bool,
        /// May be left empty.
        optional: bool,
    },
    /// Several columns of the table.
    Columns {
        /// Offer only columns of numbers.
        numeric_only: bool,
    },
    /// A value that the cells of a column are compared with, as text; where several may be given, separated by semicolons.
    Value {
        /// Slug of the knob that names the column.
        column: String,
    },
    /// A list of numbers, such as bin edges.
    Numbers,
    /// The levels of a column from lowest to highest, separated by semicolons.
    Order {
        /// Slug of the knob that names the column.
        column: String,
    },
    /// A formula over the columns of the table, as text.
    Formula,
}

/// By slug of a setting, values to choose from and how many rows have each.
pub type Offers = Vec<(String, Vec<(String, u64)>)>;

/// One value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Setting {
    /// A whole number.
    Integer(i64),
    /// A real number.
    Real(f64),
    /// Free text, the slug of a choice, or the name of a column.
    Text(String),
    /// Yes or no.
    Flag(bool),
    /// Column names or other words.
    Texts(Vec<String>),
    /// A list of numbers.
    Numbers(Vec<f64>),
    /// Nothing chosen.
    None,
}

/// Values by knob slug. What is absent takes the knob's default.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Settings(pub BTreeMap<String, Setting>);

/// A setting that cannot be used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum KnobError {
    /// A number outside the knob's range.
    OutOfRange {
        /// Label of the knob.
        knob: String,
        /// What was entered.
        value: f64,
        /// Smallest allowed.
        min: f64,
        /// Largest allowed.
        max: f64,
    },
    /// A value of another kind.
    WrongKind {
        /// Label of the knob.
        knob: String,
        /// What it takes, in words.
        expected: String,
    },
    /// None of the knob's choices.
    NotAChoice {
        /// Label of the knob.
        knob: String,
        /// What was entered.
        value: String,
        /// Slugs that are allowed.
        choices: Vec<String>,
    },
    /// A value for a knob that is not declared.
    Unknown {
        /// The slug that was given.
        knob: String,
    },
}

impl std::fmt::Display for KnobError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::OutOfRange { knob, value, min, max } => {
                write!(f, "{knob} is {value}, but must lie between {min} and {max}")
            }
            Self::WrongKind { knob, expected } => write!(f, "{knob} must be {expected}"),
            Self::NotAChoice { knob, value, choices } => {
                write!(f, "{knob} is “{value}”, but must be one of {}", choices.join(", "))
            }
            Self::Unknown { knob } => write!(f, "there is no setting named {knob} here"),
        }
    }
}

impl std::error::Error for KnobError {}

impl Settings {
    /// No values: every knob at its default.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds or replaces a value; for building settings in one expression.
    pub fn with(mut self, slug: &str, value: impl Into<Setting>) -> Self {
        self.0.insert(slug.to_owned(), value.into());
        self
    }

    /// The value as entered, if any.
    pub fn get(&self, slug: &str) -> Option<&Setting> {
        self.0.get(slug)
    }

    /// A whole number, or the default.
    pub fn integer(&self, slug: &str, default: i64) -> i64 {
        match self.0.get(slug) {
            Some(Setting::Integer(v)) => *v,
            Some(Setting::Real(v)) => *v as i64,
            _ => default,
        }
    }

    /// A real number, or the default.
    pub fn real(&self, slug: &str, default: f64) -> f64 {
        match self.0.get(slug) {
            Some(Setting::Real(v)) => *v,
            Some(Setting::Integer(v)) => *v as f64,
            _ => default,
        }
    }

    /// Text, or the default.
    pub fn text<'a>(&'a self, slug: &str, default: &'a str) -> &'a str {
        match self.0.get(slug) {
            Some(Setting::Text(v)) => v,
            _ => default,
        }
    }

    /// Yes or no, or the default.
    pub fn flag(&self, slug: &str, default: bool) -> bool {
        match self.0.get(slug) {
            Some(Setting::Flag(v)) => *v,
            _ => default,
        }
    }

    /// A list of words (column names); empty when absent.
    pub fn texts(&self, slug: &str) -> &[String] {
        match self.0.get(slug) {
            Some(Setting::Texts(v)) => v,
            _ => &[],
        }
    }

    /// A list of numbers; empty when absent.
    pub fn numbers(&self, slug: &str) -> &[f64] {
        match self.0.get(slug) {
            Some(Setting::Numbers(v)) => v,
            _ => &[],
        }
    }

    /// Refuses what the knobs do not allow: unknown names, wrong kinds, values out of range.
    pub fn check(&self, knobs: &[Knob]) -> Result<(), KnobError> {
        for (slug, value) in &self.0 {
            let knob = knobs
                .iter()
                .find(|k| &k.slug == slug)
                .ok_or_else(|| KnobError::Unknown { knob: slug.clone() })?;
            knob.check(value)?;
        }
        Ok(())
    }
}

impl Knob {
    /// A knob in one line.
    pub fn new(slug: &str, label: &str, help: &str, kind: KnobKind, default: impl Into<Setting>) -> Self {
        Self {
            slug: slug.into(),
            label: label.into(),
            help: help.into(),
            kind,
            default: default.into(),
            search: None,
            only_with: None,
        }
    }

    /// The same knob, asked for only while the knob `slug` has one of these values, or any where none is named.
    pub fn only_with(mut self, slug: &str, values: &[&str]) -> Self {
        self.only_with = Some((slug.to_owned(), values.iter().map(|&v| v.to_owned()).collect()));
        self
    }

    /// The same knob, searched over.
    pub fn searched(mut self, search: Search) -> Self {
        self.search = Some(search);
        self
    }

    /// The same knob, of which these are tried.
    pub fn searched_among<S: Into<Setting>>(self, values: impl IntoIterator<Item = S>) -> Self {
        self.searched(Search::Among(values.into_iter().map(Into::into).collect()))
    }

    fn check(&self, value: &Setting) -> Result<(), KnobError> {
        let wrong =
            |expected: &str| KnobError::WrongKind { knob: self.label.clone(), expected: expected.into() };
        let range = |value: f64, min: f64, max: f64| {
            if value >= min && value <= max {
                Ok(())
            } else {
                Err(KnobError::OutOfRange { knob: self.label.clone(), value, min, max })
            }
        };
        match (&self.kind, value) {
            (KnobKind::Integer { min, max }, Setting::Integer(v)) => {
                range(*v as f64, *min as f64, *max as f64)
            }
            (KnobKind::Integer { .. }, _) => Err(wrong("a whole number")),
            (KnobKind::Real { min, max }, Setting::Real(v)) => range(*v, *min, *max),
            (KnobKind::Real { min, max }, Setting::Integer(v)) => range(*v as f64, *min, *max),
            (KnobKind::Real { .. }, _) => Err(wrong("a number")),
            (KnobKind::Choice(choices), Setting::Text(v)) => {
                if choices.iter().any(|(slug, _)| slug == v) {
                    Ok(())
                } else {
                    Err(KnobError::NotAChoice {
                        knob: self.label.clone(),
                        value: v.clone(),
                        choices: choices.iter().map(|(slug, _)| slug.clone()).collect(),
                    })
                }
            }
            (KnobKind::Choice(_), _) => Err(wrong("one of the choices")),
            (KnobKind::Flag, Setting::Flag(_))
            | (
                KnobKind::Text | KnobKind::Formula | KnobKind::Order { .. } | KnobKind::Value { .. },
                Setting::Text(_),
            ) => Ok(()),
            (KnobKind::Flag, _) => Err(wrong("yes or no")),
            (KnobKind::Text | KnobKind::Formula | KnobKind::Order { .. } | KnobKind::Value { .. }, _) => {
                Err(wrong("text"))
            }
            (KnobKind::Column { .. }, Setting::Text(_)) => Ok(()),
            (KnobKind::Column { optional: true, .. }, Setting::None) => Ok(()),
            (KnobKind::Column { .. }, _) => Err(wrong("a column")),
            (KnobKind::Columns { .. }, Setting::Texts(_)) => Ok(()),
            (KnobKind::Columns { .. }, _) => Err(wrong("a list of columns")),
            (KnobKind::Numbers, Setting::Numbers(_)) => Ok(()),
            (KnobKind::Numbers, _) => Err(wrong("a list of numbers")),
        }
    }
}

impl From<i64> for Setting {
    fn from(v: i64) -> Self {
        Self::Integer(v)
    }
}
impl From<f64> for Setting {
    fn from(v: f64) -> Self {
        Self::Real(v)
    }
}
impl From<&str> for Setting {
    fn from(v: &str) -> Self {
        Self::Text(v.to_owned())
    }
}
impl From<String> for Setting {
    fn from(v: String) -> Self {
        Self::Text(v)
    }
}
impl From<bool> for Setting {
    fn from(v: bool) -> Self {
        Self::Flag(v)
    }
}
impl From<Vec<String>> for Setting {
    fn from(v: Vec<String>) -> Self {
        Self::Texts(v)
    }
}
impl From<Vec<f64>> for Setting {
    fn from(v: Vec<f64>) -> Self {
        Self::Numbers(v)
    }
}
