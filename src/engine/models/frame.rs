//! The rows and columns a comparison works on, as plain data that travels to workers once.

use serde::{Deserialize, Serialize};

use super::{family::ModelError, outcome::Outcome};
use crate::engine::{
    data::{
        column::{Column, Dictionary, Values},
        distinct,
        table::Table,
    },
    numeric::cuts::Blocks,
};

/// A row of this fold is in no test set: it is always a training row.
pub const ALWAYS_TRAINING: u32 = u32::MAX;

/// A row of this fold is neither trained on nor held out: nothing says when it happened.
pub const NEITHER: u32 = u32::MAX - 2;

/// Features, target and folds of the rows whose target is known.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Frame {
    /// Name of the target.
    pub target: String,
    /// The columns offered to the models.
    pub features: Vec<Feature>,
    /// The target, complete.
    pub y: Vec<f64>,
    /// Number of each row in the file.
    pub row_ids: Vec<u32>,
    /// In which fold each row is held out, or [`ALWAYS_TRAINING`].
    pub fold: Vec<u32>,
    /// What some models want beside the features.
    pub beside: Beside,
}

/// What is known of the rows of a frame beside its features.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Beside {
    /// What the target is; a yes/no has the values 1 and 0.
    pub outcome: Outcome,
    /// Columns that may say how often a row could have had the outcome: name, one value a row.
    pub exposures: Vec<(String, Vec<f64>)>,
    /// How much each row counts where models are trained, at least 0; empty for all the same.
    pub weights: Vec<f64>,
    /// Rows with the same code belong together; empty where nothing says so.
    pub groups: Vec<u32>,
    /// The column that says so.
    pub grouped_by: String,
    /// Whether the rows of a group are held out together.
    pub keeps_groups: bool,
    /// Levels of each feature, for names; empty for numbers.
    pub levels: Vec<Vec<String>>,
    /// Further splits of the same rows, with folds of their own numbers: when folds are repeated.
    pub repeats: Vec<Vec<u32>>,
    /// Whether a fold trains on the rows of earlier folds alone.
    pub is_forward: bool,
    /// When each row happened (NaN: unknown), where folds go forward in time; else empty.
    pub when: Vec<f64>,
}

/// One column offered to the models.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Feature {
    /// Name of the column.
    pub name: String,
    /// One value a row.
    pub values: FeatureValues,
}

/// Values of a feature, one a row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum FeatureValues {
    /// NaN is missing.
    Number(Vec<f64>),
    /// Codes into `n_levels` levels in their shown order, or [`Dictionary::MISSING`].
    Category {
        /// Levels of the column, seen or not.
        n_levels: u32,
        /// One a row.
        codes: Vec<u32>,
    },
}

/// The target as numbers; yes/no is 1/0, and so is a category of two levels (see [`two_levels`]).
pub fn target_of(table: &Table, name: &str) -> Result<Vec<f64>, ModelError> {
    let column = find(table, name)?;
    match &column.values {
        Values::Number(_) | Values::Boolean(_) => Ok(column.as_numbers().unwrap_or_default().into_owned()),
        Values::Category(d) => {
            let (_, yes) =
                two_levels(d).ok_or_else(|| ModelError::TargetNotNumeric { name: name.to_owned() })?;
            let number = |&code: &u32| match code {
                Dictionary::MISSING => f64::NAN,
                code => f64::from(u8::from(code == yes)),
            };
            Ok(d.codes.iter().map(number).collect())
        }
        _ => Err(ModelError::TargetNotNumeric { name: name.to_owned() }),
    }
}

/// The codes of no and yes in a category of which two levels occur; `None` for any other. Yes is the level that says so in
/// words, or the one whose counterpart says no; else the later in the order of the levels.
pub fn two_levels(d: &Dictionary) -> Option<(u32, u32)> {
    const YES: [&str; 14] = [
        "yes",
        "y",
        "true",
        "ja",
        "oui",
        "si",
        "sí",
        "sim",
        "ya",
        "churned",
        "converted",
        "responded",
        "accepted",
        "bought",
    ];
    const NO: [&str; 9] = ["no", "n", "false", "nein", "non", "não", "nao", "tidak", "none"];
    let mut seen = vec![false; d.levels.len()];
    for &code in &d.codes {
        if let Some(slot) = seen.get_mut(code as usize) {
            *slot = true;
        }
    }
    let codes: Vec<u32> = (0..).zip(seen).filter(|(_, seen)| *seen).map(|(code, _)| code).collect();
    let [first, second] = codes[..] else { return None };
    let says = |code: u32, words: &[&str]| {
        let level = d.levels[code as usize].trim().to_lowercase();
        words.contains(&level.as_str())
            || (words == NO && (level.starts_with("no ") || level.starts_with("not ")))
    };
    let is_first = says(first, &YES) || (says(second, &NO) && !says(second, &YES));
    Some(if is_first { (second, first) } else { (first, second) })
}

/// A column by name.
pub fn find<'a>(table: &'a Table, name: &str) -> Result<&'a Column, ModelError> {
    table.column(name).map(AsRef::as_ref).map_err(|_| ModelError::NoSuchColumn { name: name.to_owned() })
}

impl Frame {
    /// Takes the rows with a known target. Features that the table lacks or that hold text are left out. No fold is set.
    pub fn new(table: &Table, target: &str, features: &[String]) -> Result<Self, ModelError> {
        let all = target_of(table, target)?;
        let rows: Vec<u32> = (0..all.len() as u32).filter(|&r| !all[r as usize].is_nan()).collect();
        let features: Vec<Feature> = features
            .iter()
            .filter_map(|name| {
                let column = table.column(name).ok()?;
                let values = match &column.values {
                    Values::Category(d) => FeatureValues::Category {
                        n_levels: d.levels.len() as u32,
                        codes: rows.iter().map(|&r| d.codes[r as usize]).collect(),
                    },
                    Values::Text(_) => return None,
                    _ => {
                        let numbers = column.as_numbers()?;
                        // No model can do with infinity; as missing it is seen to like any other gap.
                        let finite = |&r: &u32| Some(numbers[r as usize]).filter(|v| v.is_finite());
                        FeatureValues::Number(rows.iter().map(|r| finite(r).unwrap_or(f64::NAN)).collect())
                    }
                };
                Some(Feature { name: name.clone(), values })
            })
            .collect();
        let levels = |feature: &Feature| match table.column(&feature.name).map(|c| &c.values) {
            Ok(Values::Category(d)) => d.levels.to_vec(),
            _ => Vec::new(),
        };
        let beside = Beside { levels: features.iter().map(levels).collect(), ..Beside::default() };
        Ok(Self {
            target: target.to_owned(),
            features,
            y: rows.iter().map(|&r| all[r as usize]).collect(),
            row_ids: rows.iter().map(|&r| table.row_ids()[r as usize]).collect(),
            fold: vec![ALWAYS_TRAINING; rows.len()],
            beside,
        })
    }

    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        self.y.len()
    }

    /// Some of the rows, in the order given.
    pub fn take_rows(&self, rows: &[u32]) -> Self {
        let numbers = |values: &[f64]| rows.iter().map(|&r| values[r as usize]).collect::<Vec<f64>>();
        let codes = |values: &[u32]| rows.iter().map(|&r| values[r as usize]).collect::<Vec<u32>>();
        let values = |values: &FeatureValues| match values {
            FeatureValues::Number(v) => FeatureValues::Number(numbers(v)),
            FeatureValues::Category { n_levels, codes: of } => {
                FeatureValues::Category { n_levels: *n_levels, codes: codes(of) }
            }
        };
        let feature = |f: &Feature| Feature { name: f.name.clone(), values: values(&f.values) };
        let exposures = self.beside.exposures.iter().map(|(name, of)| (name.clone(), numbers(of)));
        let groups = if self.beside.groups.is_empty() { Vec::new() } else { codes(&self.beside.groups) };
        Self {
            target: self.target.clone(),
            features: self.features.iter().map(feature).collect(),
            y: numbers(&self.y),
            row_ids: codes(&self.row_ids),
            fold: codes(&self.fold),
            beside: Beside {
                outcome: self.beside.outcome,
                exposures: exposures.collect(),
                weights: if self.beside.weights.is_empty() {
                    Vec::new()
                } else {
                    numbers(&self.beside.weights)
                },
                groups,
                grouped_by: self.beside.grouped_by.clone(),
                keeps_groups: self.beside.keeps_groups,
                levels: self.beside.levels.clone(),
                repeats: self.beside.repeats.iter().map(|folds| codes(folds)).collect(),
                is_forward: self.beside.is_forward,
                when: if self.beside.when.is_empty() { Vec::new() } else { numbers(&self.beside.when) },
            },
        }
    }

    /// Positions of the rows held out in a fold.
    pub fn test_rows(&self, fold: u32) -> Vec<u32> {
        (0..self.n_rows() as u32).filter(|&r| self.is_test(r as usize, fold)).collect()
    }

    fn is_test(&self, row: usize, fold: u32) -> bool {
        self.fold[row] == fold || self.beside.repeats.iter().any(|folds| folds[row] == fold)
    }

    /// How often each row is held out.
    pub fn times_held_out(&self) -> Vec<u32> {
        let of = |row: usize| {
            let all = std::iter::once(&self.fold).chain(&self.beside.repeats).map(|folds| folds[row]);
            all.filter(|fold| *fold < NEITHER).count() as u32
        };
        (0..self.n_rows()).map(of).collect()
    }

    /// Takes folds, weights, groups and times of the rows from another frame that holds them too; a row it lacks is in no fold,
    /// of no weight, in a group of its own and at no known time.
    pub fn split_as(&mut self, other: &Self) {
        let n = other.row_ids.iter().max().map_or(0, |&id| id as usize + 1);
        let mut place = vec![u32::MAX; n];
        (0..).zip(&other.row_ids).for_each(|(row, &id)| place[id as usize] = row);
        let places: Vec<Option<usize>> = self
            .row_ids
            .iter()
            .map(|&id| place.get(id as usize).map(|&row| row as usize).filter(|&row| row < other.n_rows()))
            .collect();
        let folds =
            |of: &[u32]| places.iter().map(|p| p.map_or(NEITHER, |row| of[row])).collect::<Vec<u32>>();
        self.fold = folds(&other.fold);
        let beside = &mut self.beside;
        beside.repeats = other.beside.repeats.iter().map(|f| folds(f)).collect();
        beside.is_forward = other.beside.is_forward;
        beside.keeps_groups = other.beside.keeps_groups;
        beside.grouped_by.clone_from(&other.beside.grouped_by);
        if !other.beside.groups.is_empty() {
            let mut next = other.beside.groups.iter().max().map_or(0, |g| g + 1);
            let mut own = || {
                next += 1;
                next - 1
            };
            beside.groups =
                places.iter().map(|p| p.map_or_else(&mut own, |row| other.beside.groups[row])).collect();
        }
        if !other.beside.weights.is_empty() {
            beside.weights = places.iter().map(|p| p.map_or(0.0, |row| other.beside.weights[row])).collect();
        }
        if !other.beside.when.is_empty() {
            beside.when = places.iter().map(|p| p.map_or(f64::NAN, |row| other.beside.when[row])).collect();
        }
    }

    /// Positions of the training rows of a fold: those of no weight are none.
    pub fn training_rows(&self, fold: u32) -> Vec<u32> {
        let trains = |row: usize| match self.fold[row] {
            ALWAYS_TRAINING => true,
            own if self.beside.is_forward => own < fold && own != NEITHER,
            own => own != NEITHER && !self.is_test(row, fold),
        };
        let counts = |row: usize| self.beside.weights.get(row).is_none_or(|&w| w > 0.0);
        (0..self.n_rows() as u32).filter(|&r| trains(r as usize) && counts(r as usize)).collect()
    }

    /// The same rows with some of the features alone, in the order of the frame.
    pub fn only(&self, columns: &[String]) -> Self {
        let is_in = |name: &str| columns.iter().any(|c| c == name);
        let places: Vec<usize> =
            (0..self.features.len()).filter(|&i| is_in(&self.features[i].name)).collect();
        let levels = places.iter().filter_map(|&i| self.beside.levels.get(i).cloned()).collect();
        Self {
            target: self.target.clone(),
            features: places.iter().map(|&i| self.features[i].clone()).collect(),
            y: self.y.clone(),
            row_ids: self.row_ids.clone(),
            fold: self.fold.clone(),
            beside: Beside { levels, ..self.beside.clone() },
        }
    }

    /// A column of [`Beside::exposures`] for some rows; empty when there is no such column.
    pub fn exposure_of(&self, name: &str, rows: &[u32]) -> Vec<f64> {
        let found = self.beside.exposures.iter().find(|(n, _)| n == name);
        found.map_or_else(Vec::new, |(_, values)| rows.iter().map(|&r| values[r as usize]).collect())
    }

    /// How much some rows count, where they do not all count the same; else empty.
    pub fn weights_of(&self, rows: &[u32]) -> Vec<f64> {
        rows.iter().filter_map(|&r| self.beside.weights.get(r as usize).copied()).collect()
    }

    /// Which of some rows belong together where folds keep groups together or go forward in time.
    pub fn blocks_of(&self, rows: &[u32]) -> Blocks {
        let beside = &self.beside;
        if beside.is_forward {
            let when = self.when_of(rows);
            let mut times = when.clone();
            distinct::sort(&mut times);
            times.dedup();
            let place = |t: &f64| times.partition_point(|other| other.total_cmp(t).is_lt()) as u32;
            return Blocks { codes: when.iter().map(place).collect(), is_in_time: true };
        }
        let of_row = |&r: &u32| beside.groups.get(r as usize).copied();
        let codes = if beside.keeps_groups { rows.iter().filter_map(of_row).collect() } else { Vec::new() };
        Blocks { codes, is_in_time: false }
    }

    /// When some rows happened, where that is known of the frame; else empty.
    pub fn when_of(&self, rows: &[u32]) -> Vec<f64> {
        rows.iter().filter_map(|&r| self.beside.when.get(r as usize).copied()).collect()
    }

    /// The target of some rows.
    pub fn y_of(&self, rows: &[u32]) -> Vec<f64> {
        rows.iter().map(|&r| self.y[r as usize]).collect()
    }
}

/// Group of each row as a code, in order of first appearance; a missing value is a group of its own for each row.
pub fn group_codes(column: &Column, rows: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut known: std::collections::HashMap<u64, u32> = std::collections::HashMap::new();
    let mut next = 0;
    rows.map(|row| {
        let row = row as usize;
        let key = match &column.values {
            Values::Number(v) | Values::Date(v) => (!v[row].is_nan()).then(|| (v[row] + 0.0).to_bits()),
            Values::Category(d) | Values::Text(d) => {
                (d.codes[row] != Dictionary::MISSING).then(|| u64::from(d.codes[row]))
            }
            Values::Boolean(v) => v[row].map(u64::from),
        };
        let fresh = next;
        let code = match key {
            Some(key) => *known.entry(key).or_insert(fresh),
            None => fresh,
        };
        if code == fresh {
            next += 1;
        }
        code
    })
    .collect()
}
