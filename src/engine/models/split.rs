//! Which rows are held out together.

use std::cmp::Reverse;

use super::{
    family::ModelError,
    frame::{ALWAYS_TRAINING, Frame, NEITHER, find, group_codes, target_of},
    plan::Validation,
};
use crate::engine::{
    data::{
        column::{Column, Values},
        distinct,
        role::Role,
        table::Table,
    },
    numeric::random::Rng,
    order::InOrder,
};

/// Stream of the split; tasks have seeds of their own.
const SPLIT_STREAM: u64 = 0x5711;

/// Most groups that are held out one by one: every model is fitted once for each.
pub const MOST_GROUPS: usize = 100;

/// A target of at most this many values is stratified value by value, others by this many equally large ranges.
const STRATA: usize = 10;

/// What a split may look at.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rows<'a> {
    /// The target, one a row.
    pub y: &'a [f64],
    /// Group codes, for what keeps groups together; else empty.
    pub groups: &'a [u32],
    /// When each row happened (NaN: unknown), for what goes forward in time; else empty.
    pub when: &'a [f64],
}

/// How rows are held out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Split {
    /// The fold in which each row is held out, or [`ALWAYS_TRAINING`], or [`NEITHER`].
    pub fold: Vec<u32>,
    /// The same for each repetition after the first; folds are numbered on.
    pub repeats: Vec<Vec<u32>>,
    /// Whether a fold trains on earlier folds alone.
    pub is_forward: bool,
    /// Folds, repetitions counted.
    pub n_folds: u32,
}

/// Splits rows.
///
/// - Hold-out: `ceil(share * n)` shuffled rows are fold 0, the others always train.
/// - k folds: shuffled rows, cut into k parts whose sizes differ by one at most; repeated with other shuffles.
/// - Stratified: the rows of each value of the target (of each tenth, where there are more than ten values), shuffled and dealt to the folds in
///   turn, so that the folds' shares of a value differ by one row at most.
/// - Grouped: the largest group goes to the fold with the fewest rows, then the next (as scikit-learn's GroupKFold; equally
///   large groups in order of first appearance).
/// - Leave one group out: a fold a group, in order of first appearance.
/// - Forward in time: the rows in k + 1 parts of about equal size in the order of their dates, equal dates together. The
///   first always trains; each other one is a fold that trains on all parts before it. Rows without a date are left out.
pub fn split(validation: &Validation, rows: Rows<'_>, rng: &mut Rng) -> Result<Split, ModelError> {
    let n = rows.y.len();
    if n < 2 {
        return Err(ModelError::TooFewRows { needed: 2, got: n });
    }
    let once = |fold: Vec<u32>, n_folds: u32| Split { fold, n_folds, ..Split::default() };
    match validation {
        Validation::HoldOut { test_share } => {
            if !(*test_share > 0.0 && *test_share < 1.0) {
                return Err(ModelError::Refused {
                    reason: format!("the held-out share is {test_share}, but must lie between 0 and 1"),
                });
            }
            let n_test = ((n as f64 * test_share).ceil() as usize).clamp(1, n - 1);
            let mut fold = vec![ALWAYS_TRAINING; n];
            for &row in &shuffled(n, rng)[..n_test] {
                fold[row as usize] = 0;
            }
            Ok(once(fold, 1))
        }
        Validation::KFold { k } => Ok(once(random_folds(check_k(*k, n)?, n, rng), *k)),
        Validation::RepeatedKFold { k, repeats } => {
            let folds = check_k(*k, n)?;
            repeated(*k, *repeats, || random_folds(folds, n, rng))
        }
        Validation::StratifiedKFold { k, repeats } => {
            let (folds, strata) = (check_k(*k, n)?, strata(rows.y));
            repeated(*k, *repeats, || stratified_folds(folds, &strata, rng))
        }
        Validation::GroupKFold { k, group } => {
            let k = check_k(*k, usize::MAX)?;
            Ok(once(group_folds(k, group, rows.groups)?, k as u32))
        }
        Validation::LeaveOneGroupOut { group } => {
            let n_groups = n_groups(rows.groups);
            if n_groups < 2 {
                return Err(ModelError::TooFewGroups { needed: 2, got: n_groups, column: group.clone() });
            }
            if n_groups > MOST_GROUPS {
                return Err(ModelError::Refused {
                    reason: format!(
                        "“{group}” has {n_groups} values, and every model would be fitted once for each: at most {MOST_GROUPS} are held out \
                         one by one. Take folds that keep them together instead"
                    ),
                });
            }
            Ok(once(rows.groups.to_vec(), n_groups as u32))
        }
        Validation::ForwardInTime { k, date } => {
            let k = check_k_from(*k, 1)?;
            Ok(Split { is_forward: true, ..once(forward_folds(k, date, rows.when)?, k as u32) })
        }
    }
}

/// Splits a frame as wished, by the columns of the table it was made from; how many folds there are. What says that rows
/// belong together is kept beside it: the column of the split, else the ad group or campaign.
pub fn split_frame(
    frame: &mut Frame,
    table: &Table,
    validation: &Validation,
    seed: u64,
) -> Result<u32, ModelError> {
    let y = target_of(table, &frame.target)?;
    let known = || (0..y.len() as u32).filter(|&r| !y[r as usize].is_nan());
    let of_group = validation.group().map(|name| find(table, name)).transpose()?;
    let groups = of_group.map(|column| group_codes(column, known())).unwrap_or_default();
    let when = validation.date().map(|name| times(find(table, name)?)).transpose()?;
    let when: Vec<f64> = when.map_or_else(Vec::new, |times| known().map(|row| times[row as usize]).collect());
    let rows = Rows { y: &frame.y, groups: &groups, when: &when };
    let made = split(validation, rows, &mut Rng::stream(seed, SPLIT_STREAM))?;
    frame.fold = made.fold;
    frame.beside.repeats = made.repeats;
    frame.beside.is_forward = made.is_forward;
    frame.beside.keeps_groups = of_group.is_some();
    frame.beside.when = when;
    (frame.beside.grouped_by, frame.beside.groups) = match of_group {
        Some(column) => (column.name.clone(), groups),
        None => {
            let of = |role: Role| table.columns().iter().find(|c| c.role == role);
            match of(Role::AdGroup).or_else(|| of(Role::Campaign)) {
                Some(column) => (column.name.clone(), group_codes(column, known())),
                None => Default::default(),
            }
        }
    };
    Ok(made.n_folds)
}

/// A column as times: dates, or numbers such as a week or year.
fn times(column: &Column) -> Result<Vec<f64>, ModelError> {
    match &column.values {
        Values::Date(days) | Values::Number(days) => Ok(days.clone()),
        _ => Err(ModelError::Refused {
            reason: format!(
                "“{}” holds no dates, so that rows cannot be put in the order of it",
                column.name
            ),
        }),
    }
}

fn shuffled(n: usize, rng: &mut Rng) -> Vec<u32> {
    let mut rows: Vec<u32> = (0..n as u32).collect();
    rng.shuffle(&mut rows);
    rows
}

fn random_folds(k: usize, n: usize, rng: &mut Rng) -> Vec<u32> {
    let mut fold = vec![0; n];
    for (i, &row) in shuffled(n, rng).iter().enumerate() {
        // In 64 bits on every machine: the product outgrows a 32-bit `usize`.
        fold[row as usize] = (i as u64 * k as u64 / n as u64) as u32;
    }
    fold
}

/// Folds over and over, those of a repetition numbered after those before it.
fn repeated(k: u32, repeats: u32, mut once: impl FnMut() -> Vec<u32>) -> Result<Split, ModelError> {
    if repeats == 0 || repeats > 100 {
        let reason = format!("folds cannot be repeated {repeats} times: take 1 to 100");
        return Err(ModelError::Refused { reason });
    }
    let fold = once();
    let more = (1..repeats).map(|time| once().into_iter().map(|f| time * k + f).collect());
    Ok(Split { fold, repeats: more.collect(), n_folds: k * repeats, ..Split::default() })
}

/// The stratum of each row.
fn strata(y: &[f64]) -> Vec<u32> {
    let mut order: Vec<u32> = (0..y.len() as u32).collect();
    order.order_by(|&a, &b| y[a as usize].total_cmp(&y[b as usize]));
    let value = |place: usize| y[order[place] as usize];
    let n_values = 1 + (1..order.len()).filter(|&i| value(i) != value(i - 1)).count();
    let mut strata = vec![0; y.len()];
    let mut stratum = 0;
    for place in 0..order.len() {
        if n_values <= STRATA {
            stratum += u32::from(place > 0 && value(place) != value(place - 1));
        } else {
            stratum = (place as u64 * STRATA as u64 / order.len() as u64) as u32;
        }
        strata[order[place] as usize] = stratum;
    }
    strata
}

fn stratified_folds(k: usize, strata: &[u32], rng: &mut Rng) -> Vec<u32> {
    let mut order = shuffled(strata.len(), rng);
    order.order_by_key(|&row| strata[row as usize]);
    let mut fold = vec![0; strata.len()];
    // Dealt on from one stratum to the next: the sizes of whole folds differ by one at most, too.
    for (place, &row) in order.iter().enumerate() {
        fold[row as usize] = (place % k) as u32;
    }
    fold
}

fn n_groups(groups: &[u32]) -> usize {
    groups.iter().max().map_or(0, |&g| g as usize + 1)
}

fn group_folds(k: usize, group: &str, groups: &[u32]) -> Result<Vec<u32>, ModelError> {
    let n_groups = n_groups(groups);
    if n_groups < k {
        return Err(ModelError::TooFewGroups { needed: k, got: n_groups, column: group.to_owned() });
    }
    let mut sizes = vec![0_usize; n_groups];
    groups.iter().for_each(|&g| sizes[g as usize] += 1);
    let mut order: Vec<usize> = (0..n_groups).collect();
    order.order_by_key(|&g| Reverse(sizes[g]));
    let mut load = vec![0_usize; k];
    let mut fold_of = vec![0_u32; n_groups];
    for g in order {
        let lightest = (0..k).min_by_key(|&f| load[f]).unwrap_or(0);
        load[lightest] += sizes[g];
        fold_of[g] = lightest as u32;
    }
    Ok(groups.iter().map(|&g| fold_of[g as usize]).collect())
}

/// Distinct dates that are known.
pub fn n_dates(when: &[f64]) -> usize {
    let mut times: Vec<f64> = when.iter().copied().filter(|t| !t.is_nan()).collect();
    distinct::sort(&mut times);
    times.dedup();
    times.len()
}

fn forward_folds(k: usize, date: &str, when: &[f64]) -> Result<Vec<u32>, ModelError> {
    let mut times: Vec<f64> = when.iter().copied().filter(|t| !t.is_nan()).collect();
    distinct::sort(&mut times);
    let n = times.len();
    let n_parts = k + 1;
    let mut days: Vec<(f64, usize)> = Vec::new();
    for time in times {
        match days.last_mut() {
            Some((day, count)) if *day == time => *count += 1,
            _ => days.push((time, 1)),
        }
    }
    if days.len() < n_parts {
        return Err(ModelError::TooFewDates { needed: n_parts, got: days.len(), column: date.to_owned() });
    }
    let (mut part, mut in_part, mut before) = (0_usize, 0_usize, 0_usize);
    let mut parts = Vec::with_capacity(days.len());
    for (place, (_, count)) in days.iter().enumerate() {
        let is_full = before as u64 * n_parts as u64 >= (part as u64 + 1) * n as u64;
        // As many dates are left as parts: each must be one.
        let is_short = days.len() - place < n_parts - part;
        if in_part > 0 && part + 1 < n_parts && (is_full || is_short) {
            part += 1;
            in_part = 0;
        }
        parts.push(part);
        in_part += count;
        before += count;
    }
    let of = |time: &f64| {
        if time.is_nan() {
            return NEITHER;
        }
        match days.binary_search_by(|(day, _)| day.total_cmp(time)).map(|place| parts[place]) {
            Ok(0) | Err(_) => ALWAYS_TRAINING,
            Ok(part) => part as u32 - 1,
        }
    };
    Ok(when.iter().map(of).collect())
}

fn check_k(k: u32, n: usize) -> Result<usize, ModelError> {
    let k = check_k_from(k, 2)?;
    if n < k { Err(ModelError::TooFewRows { needed: k, got: n }) } else { Ok(k) }
}

fn check_k_from(k: u32, least: u32) -> Result<usize, ModelError> {
    if k < least {
        return Err(ModelError::Refused { reason: format!("{k} folds are too few: take at least {least}") });
    }
    Ok(k as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::context::Ctx;

    fn made(validation: &Validation, rows: Rows<'_>) -> Result<Split, ModelError> {
        split(validation, rows, &mut Ctx::quiet(1).rng(0))
    }

    fn folds(validation: Validation, n: usize, groups: &[u32]) -> Result<Vec<u32>, ModelError> {
        made(&validation, Rows { y: &vec![0.0; n], groups, when: &[] }).map(|split| split.fold)
    }

    fn sizes(fold: &[u32], which: std::ops::Range<u32>) -> Vec<usize> {
        which.map(|f| fold.iter().filter(|&&g| g == f).count()).collect()
    }

    #[test]
    fn folds_are_even_and_cover_every_row() {
        let fold = folds(Validation::KFold { k: 5 }, 23, &[]).unwrap();
        let sizes_of = sizes(&fold, 0..5);
        assert_eq!(sizes_of.iter().sum::<usize>(), 23);
        assert!(sizes_of.iter().all(|&s| s == 4 || s == 5));
        let hold = folds(Validation::HoldOut { test_share: 0.2 }, 23, &[]).unwrap();
        assert_eq!(hold.iter().filter(|&&f| f == 0).count(), 5);
    }

    #[test]
    fn repeated_folds_hold_every_row_out_once_a_time_and_differ() {
        let y = vec![0.0; 23];
        let found =
            made(&Validation::RepeatedKFold { k: 4, repeats: 3 }, Rows { y: &y, ..Rows::default() }).unwrap();
        assert_eq!((found.n_folds, found.repeats.len()), (12, 2));
        for (time, fold) in (0..).zip(std::iter::once(&found.fold).chain(&found.repeats)) {
            let sizes = sizes(fold, time * 4..time * 4 + 4);
            assert_eq!(sizes.iter().sum::<usize>(), 23);
            assert!(sizes.iter().all(|&s| s == 5 || s == 6), "{sizes:?}");
        }
        assert!((0..23).any(|r| found.fold[r] + 4 != found.repeats[0][r]));
        assert_eq!(
            found.fold,
            folds(Validation::KFold { k: 4 }, 23, &[]).unwrap(),
            "the first are the plain ones"
        );
    }

    #[test]
    fn strata_are_dealt_evenly() {
        // 40 of 300 rows are 1; then a target of many values, of which every tenth is dealt evenly.
        let yes: Vec<f64> = (0..300).map(|i| f64::from(u8::from(i % 15 < 2))).collect();
        let many: Vec<f64> = (0..300).map(|i| f64::from((i * 37) % 300)).collect();
        for (y, is_in) in [
            (&yes, (|v| v == 1.0) as fn(f64) -> bool),
            (&yes, |v| v == 0.0),
            (&many, |v| v < 30.0),
            (&many, |v| v >= 270.0),
        ] {
            let found =
                made(&Validation::StratifiedKFold { k: 7, repeats: 2 }, Rows { y, ..Rows::default() })
                    .unwrap();
            assert_eq!(found.n_folds, 14);
            for (first, fold) in [(0, &found.fold), (7, &found.repeats[0])] {
                let of: Vec<u32> = (0..300).filter(|&r| is_in(y[r])).map(|r| fold[r]).collect();
                let shares = sizes(&of, first..first + 7);
                assert!(shares.iter().max().unwrap() - shares.iter().min().unwrap() <= 1, "{shares:?}");
                let whole = sizes(fold, first..first + 7);
                assert!(whole.iter().max().unwrap() - whole.iter().min().unwrap() <= 1, "{whole:?}");
            }
        }
    }

    #[test]
    fn groups_stay_together() {
        let groups: Vec<u32> = (0..200).map(|i| (i * 7) % 37).collect();
        let fold = folds(Validation::GroupKFold { k: 4, group: "g".into() }, 200, &groups).unwrap();
        for g in 0..37 {
            let mut of: Vec<u32> = (0..200).filter(|&i| groups[i] == g).map(|i| fold[i]).collect();
            of.dedup();
            assert_eq!(of.len(), 1);
        }
        assert!((0..4).all(|f| fold.iter().filter(|&&g| g == f).count().abs_diff(50) <= 6));
        let one_by_one = Validation::LeaveOneGroupOut { group: "g".into() };
        let rows = Rows { y: &[0.0; 200], groups: &groups, when: &[] };
        let found = made(&one_by_one, rows).unwrap();
        assert_eq!((found.n_folds, found.fold), (37, groups.clone()));
    }

    #[test]
    fn time_goes_forward_and_a_day_stays_whole() {
        // Days in no order, several rows each, two rows without a date.
        let when: Vec<f64> =
            (0..62).map(|i| if i < 60 { f64::from((i * 7) % 20) } else { f64::NAN }).collect();
        let validation = Validation::ForwardInTime { k: 4, date: "Day".into() };
        let found = made(&validation, Rows { y: &[0.0; 62], groups: &[], when: &when }).unwrap();
        assert!(found.is_forward && found.n_folds == 4 && found.fold[60..] == [NEITHER; 2]);
        let part = |r: usize| if found.fold[r] == ALWAYS_TRAINING { 0 } else { found.fold[r] + 1 };
        for a in 0..60 {
            for b in 0..60 {
                assert!(when[a] >= when[b] || part(a) <= part(b), "{a} {b}");
                assert!(when[a] != when[b] || part(a) == part(b));
            }
        }
        assert_eq!(sizes(&found.fold, 0..4), [12, 12, 12, 12]);
        // One day holds nearly all rows, yet each part has one.
        let lumped: Vec<f64> =
            (0..40).map(|i| f64::from(u8::from(i >= 36) * (i - 35).clamp(0, 4) as u8)).collect();
        let found = made(&validation, Rows { y: &[0.0; 40], groups: &[], when: &lumped }).unwrap();
        assert_eq!(sizes(&found.fold, 0..4), [1, 1, 1, 1]);
    }

    #[test]
    fn too_few_rows_groups_or_dates_have_names() {
        assert!(matches!(folds(Validation::KFold { k: 5 }, 3, &[]), Err(ModelError::TooFewRows { .. })));
        assert!(matches!(folds(Validation::KFold { k: 5 }, 1, &[]), Err(ModelError::TooFewRows { .. })));
        let grouped = Validation::GroupKFold { k: 3, group: "g".into() };
        assert!(matches!(folds(grouped, 4, &[0, 0, 1, 1]), Err(ModelError::TooFewGroups { got: 2, .. })));
        let one = Validation::LeaveOneGroupOut { group: "g".into() };
        assert!(matches!(folds(one.clone(), 2, &[0, 0]), Err(ModelError::TooFewGroups { got: 1, .. })));
        let many: Vec<u32> = (0..200).collect();
        assert!(matches!(folds(one, 200, &many), Err(ModelError::Refused { .. })));
        let forward = Validation::ForwardInTime { k: 2, date: "d".into() };
        let rows = Rows { y: &[0.0; 4], groups: &[], when: &[1.0, 1.0, 2.0, f64::NAN] };
        assert!(matches!(made(&forward, rows), Err(ModelError::TooFewDates { needed: 3, got: 2, .. })));
        let never = Validation::RepeatedKFold { k: 2, repeats: 0 };
        assert!(matches!(folds(never, 4, &[]), Err(ModelError::Refused { .. })));
    }
}
