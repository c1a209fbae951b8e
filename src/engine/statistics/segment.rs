//! Groups of rows to compare: categories, small whole numbers, and age groups made from years of birth.

use crate::engine::{
    data::{
        column::{Column, Dictionary, Values, year_of},
        role::{Role, TableKind},
        table::Table,
    },
    disclosure,
};

/// More groups than this are a list, not a comparison.
pub(super) const MAX_GROUPS: usize = 50;
/// A plain number with more values than this is a quantity, not a grouping.
const MAX_WHOLE_VALUES: usize = 8;
const AGE_GROUPS: [&str; 5] = ["<30", "30-39", "40-49", "50-59", "60+"];

/// Rows by group.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Grouping {
    pub name: String,
    pub role: Role,
    /// In the order shown.
    pub labels: Vec<String>,
    /// A group a row, or [`Dictionary::MISSING`].
    pub codes: Vec<u32>,
    /// How it was made, when it is not a column of the table.
    pub note: Option<String>,
    /// Columns of the file behind it.
    pub made_from: Vec<(String, Role)>,
}

impl Grouping {
    /// The rows of a column by value; `None` with fewer than two or more than `MAX_GROUPS` values.
    pub fn of(column: &Column) -> Option<Self> {
        let (labels, codes) = match &column.values {
            Values::Category(d) | Values::Text(d) => {
                let counts = d.counts();
                let mut place = vec![Dictionary::MISSING; counts.len()];
                let mut labels = Vec::new();
                for (i, _) in counts.iter().enumerate().filter(|(_, n)| **n > 0) {
                    place[i] = labels.len() as u32;
                    labels.push(d.levels[i].clone());
                    if labels.len() > MAX_GROUPS {
                        return None;
                    }
                }
                let at = |&c: &u32| place.get(c as usize).copied().unwrap_or(Dictionary::MISSING);
                (labels, d.codes.iter().map(at).collect())
            }
            Values::Boolean(v) => (
                vec!["no".to_owned(), "yes".to_owned()],
                v.iter().map(|b| b.map_or(Dictionary::MISSING, u32::from)).collect(),
            ),
            Values::Number(v) => {
                let mut seen: Vec<f64> = Vec::new();
                for &x in v.iter().filter(|x| !x.is_nan()) {
                    if let Err(at) = seen.binary_search_by(|s| s.total_cmp(&x)) {
                        seen.insert(at, x);
                        if seen.len() > MAX_GROUPS {
                            return None;
                        }
                    }
                }
                let at = |x: &f64| {
                    seen.binary_search_by(|s| s.total_cmp(x)).map_or(Dictionary::MISSING, |i| i as u32)
                };
                (seen.iter().map(f64::to_string).collect(), v.iter().map(at).collect())
            }
            Values::Date(_) => return None,
        };
        (labels.len() > 1).then(|| Self {
            name: column.name.clone(),
            role: column.role,
            labels,
            codes,
            note: None,
            made_from: column.made_from.clone(),
        })
    }

    /// Which groups a report without small ones leaves out, whatever figure is shown of them.
    pub fn withheld(&self) -> Vec<bool> {
        let mut sizes = vec![0; self.labels.len()];
        for &code in &self.codes {
            if let Some(size) = sizes.get_mut(code as usize) {
                *size += 1;
            }
        }
        disclosure::withheld(&sizes, |_| false)
    }

    /// Which of them it leaves out of figures of a part of the rows, by how many of these each group has.
    pub fn withheld_of(&self, sizes: &[u64]) -> Vec<bool> {
        let whole = self.withheld();
        disclosure::withheld(sizes, |i| whole.get(i) == Some(&true))
    }

    /// Whether the order of the groups means something: every label begins with a number or a "<".
    pub fn is_ordered(&self) -> bool {
        self.labels.len() > 2
            && !matches!(self.role, Role::Campaign | Role::AdGroup | Role::Ad)
            && self.labels.iter().all(|l| l.trim_start_matches(['<', '>', '-', '−', ' ']).starts_with(|c: char| c.is_ascii_digit()))
            // Codes such as 2, 7, 10, 15, ... of 40 interests have an order without a meaning.
            && self.labels.len() <= 12
    }
}

/// Groupings of a table that can be compared, and the year ages were counted at.
pub(super) fn groupings(table: &Table, reference_year: Option<i32>) -> (Vec<Grouping>, Option<i32>) {
    let mut out: Vec<Grouping> = Vec::new();
    for column in table.columns() {
        if is_comparable(column, table.kind)
            && let Some(grouping) = Grouping::of(column)
            && (!matches!(column.values, Values::Number(_)) || fits_as_number(column, &grouping))
        {
            out.push(grouping);
        }
    }
    let year = reference_year.or_else(|| last_year(table));
    let existing = out.iter().position(|g| {
        !matches!(g.role, Role::BirthYear) && g.made_from.iter().any(|(_, role)| *role == Role::BirthYear)
    });
    let Some(year) = year else { return (out, None) };
    match (existing, age_groups(table, year)) {
        // A column made before is taken as it is, unless another year is asked for.
        (Some(_), _) if reference_year.is_none() => {}
        (Some(at), Some(made)) if out[at].codes != made.codes || out[at].labels != made.labels => {
            // The column of that name is in the table and counts other people.
            out[at] = Grouping { name: at_year(&out[at].name, year), ..made };
        }
        (None, Some(made)) => out.push(made),
        _ => {}
    }
    let has_ages = table.with_role(Role::BirthYear).is_some();
    (out, has_ages.then_some(year))
}

/// By column, and by the groups made of years of birth, the groups that a report without small ones leaves out.
pub fn withheld(table: &Table, reference_year: Option<i32>) -> Vec<(String, Vec<String>)> {
    let mut groupings: Vec<Grouping> = Vec::new();
    if let Some(year) = reference_year.or_else(|| last_year(table))
        && let Some(ages) = age_groups(table, year)
    {
        groupings.push(Grouping { name: at_year(&ages.name, year), ..ages.clone() });
        if table.column(&ages.name).is_err() {
            groupings.push(ages);
        }
    }
    groupings.extend(table.columns().iter().filter_map(|column| Grouping::of(column)));
    let labels = |g: &Grouping| -> Vec<String> {
        g.labels
            .iter()
            .zip(g.withheld())
            .filter(|(_, hidden)| *hidden)
            .map(|(label, _)| label.clone())
            .collect()
    };
    groupings.iter().map(|g| (g.name.clone(), labels(g))).collect()
}

/// The name of ages at another year than those of a column of the table.
fn at_year(name: &str, year: i32) -> String {
    format!("{name} at {year}")
}

fn is_comparable(column: &Column, kind: TableKind) -> bool {
    use Role::*;
    match column.values {
        Values::Category(_) | Values::Boolean(_) => {
            !matches!(column.role, Identifier | Text | Date | Response)
        }
        Values::Number(_) => match column.role {
            Campaign | AdGroup | Ad | Category | MaritalStatus => true,
            Number | Kids | Teens | EarlierResponse | Complaint => {
                kind != TableKind::Ads && !is_encoding(column)
            }
            _ => false,
        },
        Values::Text(_) | Values::Date(_) => false,
    }
}

/// Numbers made from categories alone say the same as the category.
fn is_encoding(column: &Column) -> bool {
    use Role::*;
    !column.made_from.is_empty()
        && column.made_from.iter().all(|(_, role)| {
            matches!(role, Category | Campaign | AdGroup | Ad | MaritalStatus | BirthYear | Age)
        })
}

fn fits_as_number(column: &Column, grouping: &Grouping) -> bool {
    matches!(column.role, Role::Campaign | Role::AdGroup | Role::Ad | Role::Category | Role::MaritalStatus)
        || (grouping.labels.len() <= MAX_WHOLE_VALUES
            && grouping.labels.iter().all(|l| l.parse::<f64>().is_ok_and(|v| v.fract() == 0.0)))
}

/// Year of the last date of the file.
fn last_year(table: &Table) -> Option<i32> {
    let mut last = f64::NAN;
    for column in table.columns() {
        if let Values::Date(v) = &column.values {
            last = v.iter().copied().fold(last, f64::max);
        }
    }
    year_of(last).and_then(|year| i32::try_from(year).ok())
}

/// Ages at the end of a year in groups of ten; impossible ages (below 0 or above 150) are missing.
fn age_groups(table: &Table, year: i32) -> Option<Grouping> {
    let column = table.with_role(Role::BirthYear)?;
    let births = column.as_numbers()?;
    let all: Vec<u32> = births
        .iter()
        .map(|birth| match f64::from(year) - birth {
            age if !(0.0..=150.0).contains(&age) => Dictionary::MISSING,
            age if age < 30.0 => 0,
            age if age < 60.0 => ((age / 10.0).floor() as u32) - 2,
            _ => 4,
        })
        .collect();
    let mut place = [Dictionary::MISSING; 5];
    let mut labels = Vec::new();
    for (i, label) in AGE_GROUPS.into_iter().enumerate() {
        if all.contains(&(i as u32)) {
            place[i] = labels.len() as u32;
            labels.push(label.to_owned());
        }
    }
    (labels.len() > 1).then(|| Grouping {
        name: "Age group".to_owned(),
        role: Role::Category,
        labels,
        codes: all.iter().map(|&c| place.get(c as usize).copied().unwrap_or(Dictionary::MISSING)).collect(),
        note: Some(format!("Ages are counted at {year}.")),
        made_from: vec![(column.name.clone(), Role::BirthYear)],
    })
}
