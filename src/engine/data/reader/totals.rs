//! Rows of sums that do not say so: a label is blank, and the numbers are those of the other rows added up, all of them or
//! those with the same labels.

use crate::engine::order::InOrder;
use std::collections::HashMap;

use super::{
    block::MOST_UNLABELLED,
    held::Held,
    types::{self, Decimal, Missing, NumberCell},
};
use crate::engine::data::column::Dictionary;

/// So many different sets of labels are looked into.
const MOST_SETS: usize = 6;

/// How close a sum must come.
const TOLERANCE: f64 = 1e-6;

/// Which of the rows without a label are sums: their place in the file, and whether of some rows only. `unlabelled` holds
/// the place and the row of each; `is_date` which columns are dates.
pub fn find(
    columns: &[Held],
    n_rows: u64,
    unlabelled: &[(u64, u64)],
    is_date: &[bool],
    comma_decimal: Option<bool>,
    missing: Missing<'_>,
) -> Vec<(u64, bool)> {
    if n_rows < 3 || unlabelled.is_empty() || unlabelled.len() > MOST_UNLABELLED {
        return Vec::new();
    }
    let numbers: Vec<usize> = (1..columns.len())
        .filter(|&i| !is_date.get(i).copied().unwrap_or(false))
        .filter(|&i| columns.get(i).is_some_and(|held| values(held, comma_decimal, missing).is_some()))
        .collect();
    let labels: Vec<usize> = (0..columns.len()).filter(|i| !numbers.contains(i)).collect();
    if numbers.len() < 2 {
        return Vec::new();
    }
    let code = |column: usize, row: usize| match columns.get(column) {
        Some(Held::Texts(t)) => {
            t.codes.get(row).copied().filter(|&c| c != Dictionary::MISSING && !missing.has(t.texts.get(c)))
        }
        _ => None,
    };
    let rows: Vec<usize> = unlabelled.iter().map(|u| u.1 as usize).collect();
    let mut is_candidate = vec![false; n_rows as usize];
    rows.iter().filter_map(|&row| is_candidate.get_mut(row).map(|c| *c = true)).for_each(drop);
    // Sums are looked for among the rows that share the labels a candidate has; days of a total may be those of its range.
    let mut sets: Vec<Vec<usize>> = Vec::new();
    for with_dates in [true, false] {
        for &row in &rows {
            let of = |&&c: &&usize| {
                (with_dates || !is_date.get(c).copied().unwrap_or(false))
                    && code(c, row).is_some()
                    && !is_all(columns.get(c), row)
            };
            let set: Vec<usize> = labels.iter().filter(of).copied().collect();
            if !sets.contains(&set) && sets.len() < MOST_SETS {
                sets.push(set);
            }
        }
    }
    let mut found: Vec<Option<Sums>> = vec![None; rows.len()];
    for set in &sets {
        let key = |row: usize| {
            set.iter().try_fold(0xcbf2_9ce4_8422_2325_u64, |hash, &column| {
                Some((hash ^ u64::from(code(column, row)?)).wrapping_mul(0x0000_0100_0000_01b3))
            })
        };
        let is_settled = rows.iter().zip(&found).all(|(&row, f)| f.is_some() || key(row).is_none());
        if is_settled {
            continue;
        }
        let groups = Groups::of(n_rows as usize, &rows, &is_candidate, key);
        let mut hits = vec![0_u32; rows.len()];
        for &column in &numbers {
            let Some(values) = columns.get(column).and_then(|held| values(held, comma_decimal, missing))
            else {
                continue;
            };
            groups.compare(&values, &is_candidate, &rows, &mut hits);
        }
        for (place, ((&row, &n_hits), found)) in rows.iter().zip(&hits).zip(&mut found).enumerate() {
            let Some(&group) = groups.of_candidate.get(place) else { continue };
            let n_members = groups.n_members.get(group as usize).copied().unwrap_or(0);
            if found.is_none() && n_hits >= 2 && n_members > 0 && row < n_rows as usize {
                let is_part = n_members + (rows.len() as u64) < n_rows;
                *found = Some(Sums { is_part, n_members });
            }
        }
    }
    // A row equal to one other row is a sum only in a file that has real ones.
    if !found.iter().flatten().any(|s| s.n_members > 1) {
        return Vec::new();
    }
    let all = unlabelled.iter().zip(found).filter_map(|(u, sums)| Some((u.0, sums?.is_part)));
    let mut all: Vec<(u64, bool)> = all.collect();
    all.order_by(|a, b| a.cmp(b));
    all
}

/// Whether a row of sums says so where others have a group: Meta's breakdowns by age and gender.
fn is_all(held: Option<&Held>, row: usize) -> bool {
    const WORDS: [&str; 7] = ["all", "alle", "tous", "toutes", "todos", "todas", "semua"];
    let Some(Held::Texts(t)) = held else { return false };
    t.codes.get(row).is_some_and(|&code| WORDS.iter().any(|w| t.texts.get(code).eq_ignore_ascii_case(w)))
}

/// The name in the label of a row of sums: "North" in "North total" and "Total North".
fn name_in(label: &str) -> Option<&str> {
    let is = |part: Option<&str>, word: &str| part.is_some_and(|part| part.eq_ignore_ascii_case(word));
    if is(label.get(.."total ".len()), "total ") {
        return label.get("total ".len()..);
    }
    [" total", " ergebnis", " gesamt"].into_iter().find_map(|word| {
        let at = label.len().checked_sub(word.len())?;
        is(label.get(at..), word).then(|| label.get(..at)).flatten()
    })
}

/// Labels of the first column that stand behind rows of the name in them and sum up one of their columns: "North total".
pub fn labels(columns: &[Held], comma_decimal: Option<bool>, missing: Missing<'_>) -> Vec<String> {
    let Some(Held::Texts(first)) = columns.first() else { return Vec::new() };
    let named = |code: u32| if code == Dictionary::MISSING { None } else { name_in(first.texts.get(code)) };
    if !first.texts.iter().any(|text| name_in(text).is_some()) {
        return Vec::new();
    }
    // Rows from and to which each candidate may sum up.
    let mut spans: Vec<(usize, usize)> = Vec::new();
    let mut group: Option<(&str, usize)> = None;
    for (row, &code) in first.codes.iter().enumerate() {
        let text = if code == Dictionary::MISSING { "" } else { first.texts.get(code) };
        if missing.has(text) || group.is_some_and(|(name, _)| name == text) {
            continue;
        }
        match group {
            Some((name, from)) if named(code) == Some(name) => {
                spans.push((from, row));
                group = None;
            }
            _ => group = Some((text, row)),
        }
    }
    let mut is_sum = vec![false; spans.len()];
    for held in columns.get(1..).unwrap_or_default() {
        let Some(values) = (if spans.is_empty() { None } else { values(held, comma_decimal, missing) })
        else {
            continue;
        };
        for (&(from, to), is_sum) in spans.iter().zip(&mut is_sum) {
            let (Some(parts), Some(&value)) = (values.get(from..to), values.get(to)) else { continue };
            let sum: f64 = parts.iter().filter(|v| !v.is_nan()).sum();
            *is_sum |= value > 0.0 && (value - sum).abs() <= TOLERANCE * value;
        }
    }
    let label = |row: usize| first.codes.get(row).map(|&code| first.texts.get(code).to_owned());
    let mut found: Vec<String> = spans
        .iter()
        .zip(is_sum)
        .filter(|(_, is_sum)| *is_sum)
        .filter_map(|(&(_, row), _)| label(row))
        .collect();
    found.order_by(|a, b| a.cmp(b));
    found.dedup();
    found
}

#[derive(Debug, Clone, Copy)]
struct Sums {
    is_part: bool,
    /// How many rows it sums up.
    n_members: u64,
}

/// The rows that share the labels of a candidate.
struct Groups {
    /// A group a row; `u32::MAX` for none.
    of_row: Vec<u32>,
    of_candidate: Vec<u32>,
    /// How many rows each has that are no candidates.
    n_members: Vec<u64>,
}

impl Groups {
    fn of(
        n_rows: usize,
        candidates: &[usize],
        is_candidate: &[bool],
        key: impl Fn(usize) -> Option<u64>,
    ) -> Self {
        let mut numbers: HashMap<u64, u32> = HashMap::new();
        let mut of_candidate = Vec::with_capacity(candidates.len());
        for &row in candidates {
            let next = numbers.len() as u32;
            of_candidate.push(key(row).map_or(u32::MAX, |key| *numbers.entry(key).or_insert(next)));
        }
        let mut n_members = vec![0; numbers.len()];
        let mut of_row = vec![u32::MAX; n_rows];
        for (row, (place, is_candidate)) in of_row.iter_mut().zip(is_candidate).enumerate() {
            if let Some(&group) = key(row).and_then(|key| numbers.get(&key)) {
                *place = group;
                if let Some(n) = n_members.get_mut(group as usize) {
                    *n += u64::from(!is_candidate);
                }
            }
        }
        Self { of_row, of_candidate, n_members }
    }

    /// Counts a hit for every candidate whose value is the sum of its group's.
    fn compare(&self, values: &[f64], is_candidate: &[bool], rows: &[usize], hits: &mut [u32]) {
        // Without the candidates, and with them: a row without a label may be a row all the same.
        let mut sums = vec![(0.0_f64, 0.0_f64); self.n_members.len()];
        for ((&value, &group), is_candidate) in values.iter().zip(&self.of_row).zip(is_candidate) {
            if let Some((others, all)) = sums.get_mut(group as usize)
                && !value.is_nan()
            {
                *all += value;
                if !is_candidate {
                    *others += value;
                }
            }
        }
        for ((&row, &group), hits) in rows.iter().zip(&self.of_candidate).zip(hits) {
            let (Some(&value), Some(&(others, all))) = (values.get(row), sums.get(group as usize)) else {
                continue;
            };
            let is_sum = |sum: f64| (value - sum).abs() <= TOLERANCE * value;
            *hits += u32::from(value > 0.0 && (is_sum(others) || is_sum(all - value)));
        }
    }
}

/// The cells of a column as numbers, if most are.
fn values(held: &Held, comma_decimal: Option<bool>, missing: Missing<'_>) -> Option<Vec<f64>> {
    let distinct = held.distinct();
    let (mut n_present, mut n_unread) = (0, 0);
    let decimal = match held {
        Held::Skip => return None,
        Held::Numbers(n) => {
            n_present = n.n_plain;
            n.decimal
        }
        Held::Texts(_) => {
            let n = |wanted: Decimal| {
                distinct.iter().filter(|d| types::decimal_evidence(d.text) == Some(wanted)).count()
            };
            let (n_comma, n_point) = (n(Decimal::Comma), n(Decimal::Point));
            let is_comma = n_comma > n_point || n_comma == n_point && comma_decimal == Some(true);
            if is_comma { Decimal::Comma } else { Decimal::Point }
        }
    };
    let mut of_text = vec![f64::NAN; distinct.len()];
    for (d, value) in distinct.iter().zip(&mut of_text) {
        if missing.has(d.text) {
            continue;
        }
        n_present += d.count;
        match types::number(d.text, decimal) {
            Some(NumberCell::Finite(read)) => *value = read,
            Some(_) => {}
            None => n_unread += d.count,
        }
    }
    if n_present == 0 || 3 * n_unread > n_present {
        return None;
    }
    let value = |code: u32| of_text.get(code as usize).copied().unwrap_or(f64::NAN);
    Some(match held {
        Held::Skip => return None,
        Held::Numbers(n) => {
            let mut values = n.values.clone();
            for &(row, code) in &n.odd {
                if let Some(place) = values.get_mut(row as usize) {
                    *place = value(code);
                }
            }
            values
        }
        Held::Texts(t) => t.codes.iter().map(|&c| value(c)).collect(),
    })
}
