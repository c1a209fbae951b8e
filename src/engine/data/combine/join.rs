//! The columns of a second file beside the rows that are there, by a key. Every row stays; what finds no match is missing.

use crate::engine::order::InOrder;
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use serde::{Deserialize, Serialize};

use super::{CombineError, keys::Keys};
use crate::engine::data::{
    column::{Column, ColumnType, Dictionary, Values},
    distinct,
    reader::{recognise, types},
    role::Role,
    table::Table,
};

/// What is done where a key occurs in several rows of the second file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Repeats {
    /// Nothing: the join is refused.
    #[default]
    Refuse,
    /// The first of them counts.
    First,
    /// They become one row: numbers are added up, rates averaged, of dates the latest, of words the most frequent.
    Combine,
    /// Each gives a row: rows of the first file are repeated.
    Every,
}

impl Repeats {
    /// All of them, in the order shown.
    pub const ALL: [Self; 4] = [Self::Refuse, Self::Combine, Self::First, Self::Every];

    /// Key in recipes, links and on the command line.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Refuse => "refuse",
            Self::First => "first",
            Self::Combine => "combine",
            Self::Every => "every",
        }
    }

    /// The one of a key.
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.slug() == slug)
    }

    /// Words on the page.
    pub fn label(self) -> &'static str {
        match self {
            Self::Refuse => "Do not join",
            Self::First => "Take the first row of each",
            Self::Combine => "Make one row of them: add up numbers, count rows",
            Self::Every => "Repeat my rows, one for each match",
        }
    }
}

/// How keys were compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Likeness {
    /// As they are, without spaces around them.
    #[default]
    Exact,
    /// Without regard to capitals and spaces.
    Case,
    /// The same, and 007 is 7.
    Number,
}

impl Likeness {
    /// From the strictest on.
    pub const ALL: [Self; 3] = [Self::Exact, Self::Case, Self::Number];

    /// How it is told; nothing to tell of equal keys.
    pub fn words(self) -> Option<&'static str> {
        match self {
            Self::Exact => None,
            Self::Case => Some("Compared without regard to capitals and spaces."),
            Self::Number => Some("Compared as numbers: 007 and 7 are the same key."),
        }
    }
}

/// How a file is joined.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct JoinPlan {
    /// The key in the table that is there.
    pub left: String,
    /// The key in the file that is joined.
    pub right: String,
    /// What is done with keys that occur more than once there.
    pub repeats: Repeats,
}

/// How well two files match.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinReport {
    /// The file that is joined.
    pub file: String,
    /// The key in the table that is there.
    pub left: String,
    /// The key in the file.
    pub right: String,
    /// How keys are compared.
    pub likeness: Likeness,
    /// Rows of the table.
    pub n_rows: u64,
    /// Those that find a match.
    pub n_rows_matched: u64,
    /// Those without a key.
    pub n_rows_without_key: u64,
    /// Distinct keys of the table.
    pub n_keys: u64,
    /// Those that occur in the file.
    pub n_keys_matched: u64,
    /// Keys that do not, with how many rows hold each: the most frequent first.
    pub unmatched: Vec<(String, u64)>,
    /// Rows of the file.
    pub n_right_rows: u64,
    /// Those without a key.
    pub n_right_without_key: u64,
    /// Distinct keys of the file.
    pub n_right_keys: u64,
    /// Those that no row of the table asks for.
    pub n_unused_keys: u64,
    /// The first of them.
    pub unused: Vec<String>,
    /// Keys that occur more than once in the file.
    pub n_repeated_keys: u64,
    /// The rows that hold them.
    pub n_repeated_rows: u64,
    /// The most frequent of them, with how often.
    pub repeated: Vec<(String, u64)>,
    /// Rows when joined with every match.
    pub n_rows_if_every: u64,
}

/// Examples given of keys.
const N_EXAMPLES: usize = 8;

/// Rows of the table by which keys are guessed.
const N_GUESSED_BY: usize = 20_000;

/// Rows of the file by which they are.
const MOST_GUESSED_BY: usize = 200_000;

/// The keys of both sides, found in each other.
struct Matching {
    likeness: Likeness,
    left: Keys,
    right: Keys,
    /// For every key of the left its place on the right.
    to_right: Vec<Option<u32>>,
    left_counts: Vec<u64>,
    right_counts: Vec<u64>,
}

impl Matching {
    fn new(left: &Column, right: &Column, likeness: Likeness) -> Self {
        let (left, right) = (Keys::of(left, None, likeness), Keys::of(right, None, likeness));
        let places: HashMap<&str, u32> = right.texts.iter().map(String::as_str).zip(0..).collect();
        let to_right = left.texts.iter().map(|t| places.get(t.as_str()).copied()).collect();
        let (left_counts, right_counts) = (left.counts(), right.counts());
        Self { likeness, left, right, to_right, left_counts, right_counts }
    }

    /// Compared as strictly as possible: less strictly only where more rows match then and no two keys become one.
    fn best(left: &Column, right: &Column) -> Self {
        let mut best = Self::new(left, right, Likeness::Exact);
        let is_settled = |m: &Self| m.to_right.iter().all(Option::is_some);
        if left.dictionary().or(right.dictionary()).is_none() || is_settled(&best) {
            return best;
        }
        for likeness in [Likeness::Case, Likeness::Number] {
            let other = Self::new(left, right, likeness);
            if other.n_rows() > best.n_rows() && other.n_repeated() <= best.n_repeated() {
                best = other;
            }
        }
        best
    }

    fn n_rows(&self) -> u64 {
        self.to_right.iter().zip(&self.left_counts).filter(|(to, _)| to.is_some()).map(|(_, n)| n).sum()
    }

    fn n_repeated(&self) -> usize {
        self.right_counts.iter().filter(|&&n| n > 1).count()
    }

    /// For every row of the left the key on the right.
    fn right_key(&self, row: usize) -> Option<u32> {
        let code = *self.left.codes.get(row)?;
        self.to_right.get(code as usize).copied().flatten()
    }

    fn report(&self, file: &str, plan: &JoinPlan) -> JoinReport {
        let mut is_used = vec![false; self.right.texts.len()];
        for to in self.to_right.iter().flatten() {
            if let Some(used) = is_used.get_mut(*to as usize) {
                *used = true;
            }
        }
        let sum = |counts: &[u64]| counts.iter().sum::<u64>();
        let unmatched = self.left.texts.iter().zip(&self.left_counts).zip(&self.to_right);
        let unmatched = unmatched.filter(|(_, to)| to.is_none()).map(|((text, n), _)| (text.clone(), *n));
        let repeated = self.right.texts.iter().zip(&self.right_counts).filter(|(_, n)| **n > 1);
        let unused =
            self.right.texts.iter().zip(&is_used).filter(|(_, used)| !**used).map(|(t, _)| t.clone());
        let matches =
            self.to_right.iter().zip(&self.left_counts).map(|(to, n)| {
                n * to.and_then(|to| self.right_counts.get(to as usize)).copied().unwrap_or(1)
            });
        let n_rows = self.left.codes.len() as u64;
        let n_rows_without_key = n_rows - sum(&self.left_counts);
        JoinReport {
            file: file.to_owned(),
            left: plan.left.clone(),
            right: plan.right.clone(),
            likeness: self.likeness,
            n_rows,
            n_rows_matched: self.n_rows(),
            n_rows_without_key,
            n_keys: self.left.texts.len() as u64,
            n_keys_matched: self.to_right.iter().flatten().count() as u64,
            unmatched: most_frequent(unmatched.collect()),
            n_right_rows: self.right.codes.len() as u64,
            n_right_without_key: self.right.codes.len() as u64 - sum(&self.right_counts),
            n_right_keys: self.right.texts.len() as u64,
            n_unused_keys: is_used.iter().filter(|used| !**used).count() as u64,
            unused: unused.take(N_EXAMPLES).collect(),
            n_repeated_keys: self.n_repeated() as u64,
            n_repeated_rows: self.right_counts.iter().filter(|&&n| n > 1).sum(),
            repeated: most_frequent(repeated.map(|(t, n)| (t.clone(), *n)).collect()),
            n_rows_if_every: matches.sum::<u64>() + n_rows_without_key,
        }
    }

    /// The rows of every key of the right, one key's behind the other's, and where each key's begin.
    fn right_rows(&self) -> (Vec<u32>, Vec<usize>) {
        let mut starts = Vec::with_capacity(self.right_counts.len() + 1);
        let mut at = 0;
        for n in &self.right_counts {
            starts.push(at);
            at += *n as usize;
        }
        starts.push(at);
        let mut next = starts.clone();
        let mut rows = vec![0; at];
        for (row, &code) in (0..).zip(&self.right.codes) {
            if let Some(place) = next.get_mut(code as usize).filter(|_| code != Dictionary::MISSING) {
                rows[*place] = row;
                *place += 1;
            }
        }
        (rows, starts)
    }
}

/// The most frequent first; of equally frequent ones in the order of appearance.
fn most_frequent(mut counted: Vec<(String, u64)>) -> Vec<(String, u64)> {
    counted.order_by_key(|(_, n)| std::cmp::Reverse(*n));
    counted.truncate(N_EXAMPLES);
    counted
}

fn key_column<'t>(table: &'t Table, name: &str, file: &str) -> Result<&'t Arc<Column>, CombineError> {
    table.column(name).map_err(|_| CombineError::NoSuchKey {
        file: file.to_owned(),
        column: name.to_owned(),
        columns: table.columns().iter().map(|c| c.name.clone()).collect(),
    })
}

/// What is said of the table that is there.
const THIS_TABLE: &str = "the open table";

/// How well a file would match, without joining it.
pub fn look(left: &Table, right: &Table, file: &str, plan: &JoinPlan) -> Result<JoinReport, CombineError> {
    let (a, b) = (key_column(left, &plan.left, THIS_TABLE)?, key_column(right, &plan.right, file)?);
    Ok(Matching::best(a, b).report(file, plan))
}

/// Joins a file to a table. Cost: one look-up a row.
pub fn join(
    left: &Table,
    right: &Table,
    file: &str,
    plan: &JoinPlan,
) -> Result<(Table, JoinReport), CombineError> {
    let (a, b) = (key_column(left, &plan.left, THIS_TABLE)?, key_column(right, &plan.right, file)?);
    let matching = Matching::best(a, b);
    let report = matching.report(file, plan);
    if report.n_rows_matched == 0 {
        let (right, left) = (plan.right.clone(), plan.left.clone());
        return Err(CombineError::NothingMatches { file: file.to_owned(), right, left });
    }
    if plan.repeats == Repeats::Refuse && report.n_repeated_keys > 0 {
        return Err(CombineError::RepeatedKeys {
            file: file.to_owned(),
            key: plan.right.clone(),
            n_keys: report.n_repeated_keys,
            n_rows: report.n_repeated_rows,
            examples: report.repeated.clone(),
        });
    }
    if plan.repeats == Repeats::Every && report.n_rows_if_every >= u64::from(u32::MAX) {
        return Err(CombineError::TooManyRows { n_rows: report.n_rows_if_every });
    }
    let (rows, starts) = matching.right_rows();
    let n_rows = left.n_rows();
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let mut out = left.clone();
    let others = right.columns().iter().filter(|c| c.name != plan.right);
    match plan.repeats {
        Repeats::Every => {
            let (mut left_rows, mut right_rows) = (Vec::new(), Vec::new());
            for row in 0..n_rows {
                let key = matching.right_key(row).map(|k| k as usize);
                let matches = key.and_then(|k| rows.get(*starts.get(k)?..*starts.get(k + 1)?));
                for &other in matches.unwrap_or(&[u32::MAX]) {
                    left_rows.push(row as u32);
                    right_rows.push(other);
                }
            }
            let columns = left.columns().iter().map(|c| c.take_rows(&left_rows)).collect();
            // Rows are counted anew: one of the file may be several now.
            out = Table::new(left.kind, columns)?;
            for column in others {
                add(&mut out, gather(column, &right_rows), stem)?;
            }
        }
        Repeats::Combine => {
            let key_of: Vec<u32> = (0..n_rows).map(|r| matching.right_key(r).unwrap_or(u32::MAX)).collect();
            for column in others.filter(|c| c.role != Role::Identifier) {
                add(&mut out, gather(&one_a_key(column, &rows, &starts), &key_of), stem)?;
            }
            let counts: Vec<f64> = matching.right_counts.iter().map(|&n| n as f64).collect();
            let mut counted =
                gather(&Column::number(format!("Rows in {stem}"), Role::Number, counts), &key_of);
            if let Values::Number(counts) = &mut counted.values {
                // No row there is none, not a number nobody knows; without a key nobody does.
                for (row, n) in counts.iter_mut().enumerate() {
                    if n.is_nan() && matching.left.codes.get(row).is_some_and(|&c| c != Dictionary::MISSING) {
                        *n = 0.0;
                    }
                }
            }
            add(&mut out, counted, stem)?;
        }
        Repeats::Refuse | Repeats::First => {
            let first = |row: usize| {
                let key = matching.right_key(row)? as usize;
                rows.get(*starts.get(key)?).copied()
            };
            let places: Vec<u32> = (0..n_rows).map(|r| first(r).unwrap_or(u32::MAX)).collect();
            for column in others {
                add(&mut out, gather(column, &places), stem)?;
            }
        }
    }
    Ok((out, report))
}

/// Adds a column of the file. A name that is taken is followed by that of the file; a role that only one column can have and
/// one has stays there.
fn add(table: &mut Table, mut column: Column, stem: &str) -> Result<(), CombineError> {
    let is_taken = |name: &str| table.columns().iter().any(|c| c.name.eq_ignore_ascii_case(name));
    if is_taken(&column.name) {
        let wanted = format!("{} ({stem})", column.name);
        let mut n = 2;
        column.name.clone_from(&wanted);
        while is_taken(&column.name) {
            column.name = format!("{wanted} {n}");
            n += 1;
        }
    }
    if recognise::is_single(column.role) && table.with_role(column.role).is_some() {
        column.role = types::plain_role(column.column_type());
    }
    table.push(column)?;
    Ok(())
}

/// The given rows of a column; `u32::MAX` is missing.
fn gather(column: &Column, rows: &[u32]) -> Column {
    let numbers = |v: &[f64]| rows.iter().map(|&r| v.get(r as usize).copied().unwrap_or(f64::NAN)).collect();
    let codes = |d: &Dictionary| Dictionary {
        levels: d.levels.clone(),
        codes: rows
            .iter()
            .map(|&r| d.codes.get(r as usize).copied().unwrap_or(Dictionary::MISSING))
            .collect(),
    };
    column.with_values(match &column.values {
        Values::Number(v) => Values::Number(numbers(v)),
        Values::Date(v) => Values::Date(numbers(v)),
        Values::Category(d) => Values::Category(codes(d)),
        Values::Text(d) => Values::Text(codes(d)),
        Values::Boolean(v) => {
            Values::Boolean(rows.iter().map(|&r| v.get(r as usize).copied().flatten()).collect())
        }
    })
}

/// Roles whose numbers are no amounts: adding them up would mean nothing.
const AVERAGED: &[Role] = &[
    Role::Ratio,
    Role::Age,
    Role::BirthYear,
    Role::Income,
    Role::Recency,
    Role::Kids,
    Role::Teens,
    Role::Cost,
    Role::ValuePerResponse,
];

/// One value a key: the sum or mean of numbers, the latest date, whether any is yes, the most frequent word (of equally
/// frequent ones the first). The name says which. What is missing in all rows of a key is missing.
fn one_a_key(column: &Column, rows: &[u32], starts: &[usize]) -> Column {
    let of_key = starts.windows(2).map(|w| rows.get(w[0]..w[1]).unwrap_or_default());
    let is_mean = AVERAGED.contains(&column.role);
    let (how, values) = match &column.values {
        Values::Number(v) => {
            let value = |rows: &[u32]| {
                let known = rows.iter().map(|&r| v[r as usize]).filter(|x| !x.is_nan());
                let (n, sum) = known.fold((0_u32, 0.0), |(n, sum), x| (n + 1, sum + x));
                match n {
                    0 => f64::NAN,
                    n if is_mean => sum / f64::from(n),
                    _ => sum,
                }
            };
            (if is_mean { "mean" } else { "sum" }, Values::Number(of_key.map(value).collect()))
        }
        Values::Date(v) => {
            let latest = |rows: &[u32]| rows.iter().map(|&r| v[r as usize]).fold(f64::NAN, f64::max);
            ("latest", Values::Date(of_key.map(latest).collect()))
        }
        Values::Boolean(v) => {
            let any = |rows: &[u32]| rows.iter().filter_map(|&r| v[r as usize]).reduce(|a, b| a || b);
            ("any", Values::Boolean(of_key.map(any).collect()))
        }
        Values::Category(d) | Values::Text(d) => {
            let most = |rows: &[u32]| {
                let mut counts: Vec<(u32, u32)> = Vec::new();
                for code in rows.iter().map(|&r| d.codes[r as usize]).filter(|&c| c != Dictionary::MISSING) {
                    match counts.iter_mut().find(|(c, _)| *c == code) {
                        Some((_, n)) => *n += 1,
                        None => counts.push((code, 1)),
                    }
                }
                let best = counts.into_iter().reduce(|a, b| if b.1 > a.1 { b } else { a });
                best.map_or(Dictionary::MISSING, |(code, _)| code)
            };
            let one = Dictionary { levels: d.levels.clone(), codes: of_key.map(most).collect() };
            let is_text = matches!(column.values, Values::Text(_));
            ("most frequent", if is_text { Values::Text(one) } else { Values::Category(one) })
        }
    };
    let name = format!("{} ({how})", column.name);
    Column { name, ..column.with_values(values) }
}

/// How a file is most likely joined: by the values its columns share with those of the table, how seldom they
/// repeat in the file, and their names.
pub fn guess(left: &Table, right: &Table, file: &str) -> Option<JoinReport> {
    let step = left.n_rows().div_ceil(N_GUESSED_BY).max(1);
    let sample: Vec<u32> = (0..left.n_rows() as u32).step_by(step).collect();
    let is_name = |role: Role| {
        matches!(
            role,
            Role::Identifier | Role::Campaign | Role::AdGroup | Role::Ad | Role::Category | Role::Number
        )
    };
    let can_be_key = |c: &Arc<Column>| match &c.values {
        // Amounts of two months occur in each other by chance.
        Values::Number(v) => is_name(c.role) && v.iter().all(|x| x.is_nan() || x.fract() == 0.0),
        Values::Boolean(_) => false,
        _ => true,
    };
    let head: Vec<u32> = (0..right.n_rows().min(MOST_GUESSED_BY) as u32).collect();
    let of_right: Vec<(&Arc<Column>, Keys)> = right
        .columns()
        .iter()
        .filter(|c| can_be_key(c))
        .map(|c| (c, Keys::of(c, Some(&head), Likeness::Number)))
        .collect();
    let mut found: Vec<(f64, JoinPlan)> = Vec::new();
    for a in left.columns().iter().filter(|c| can_be_key(c)) {
        let keys = Keys::of(a, Some(&sample), Likeness::Number);
        let counts = keys.counts();
        for (b, others) in &of_right {
            if (a.column_type() == ColumnType::Date) != (b.column_type() == ColumnType::Date) {
                continue;
            }
            let known: HashSet<&str> = others.texts.iter().map(String::as_str).collect();
            let n_matched: u64 = keys
                .texts
                .iter()
                .zip(&counts)
                .filter(|(t, _)| known.contains(t.as_str()))
                .map(|(_, n)| n)
                .sum();
            let share = n_matched as f64 / sample.len().max(1) as f64;
            let unique = others.texts.len() as f64 / head.len().max(1) as f64;
            let names = likeness_of_names(&a.name, &b.name);
            let mut score = share * (0.3 + 0.7 * unique) * names;
            let is_counted = matches!((&a.values, &b.values), (Values::Number(x), Values::Number(_))
                if x.iter().all(|v| v.is_nan() || v.abs() < 1000.0) || !distinct::is_distinct(x));
            // Small whole numbers occur in each other by chance.
            if names <= 1.0 && is_counted {
                score *= 0.2;
            }
            if score > 0.02 {
                found.push((
                    score,
                    JoinPlan { left: a.name.clone(), right: b.name.clone(), ..JoinPlan::default() },
                ));
            }
        }
    }
    // Of equally likely ones the first in the order of the columns.
    let best = found.into_iter().reduce(|best, other| if other.0 > best.0 { other } else { best });
    best.and_then(|(_, plan)| look(left, right, file, &plan).ok())
}

/// Names that are the same, or of which one is in the other ("customer_id" and "ID").
fn likeness_of_names(a: &str, b: &str) -> f64 {
    let plain = |name: &str| name.to_lowercase().replace(|c: char| !c.is_alphanumeric(), "");
    let (a, b) = (plain(a), plain(b));
    if a == b {
        2.0
    } else if !a.is_empty() && !b.is_empty() && (a.contains(&b) || b.contains(&a)) {
        1.5
    } else {
        1.0
    }
}
