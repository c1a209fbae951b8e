//! Which rows are held out together.

use super::{family::ModelError, frame::ALWAYS_TRAINING, plan::Validation};
use crate::engine::numeric::random::Rng;

/// The fold in which each row is held out. `groups` are the group codes of the rows, needed for grouped folds.
///
/// - Hold-out: `ceil(share * n)` shuffled rows are fold 0, the others always train.
/// - k folds: shuffled rows, cut into k parts whose sizes differ by one at most.
/// - Grouped: the largest group goes to the fold with the fewest rows, then the next (as scikit-learn's GroupKFold; equally
///   large groups in order of first appearance).
pub fn folds(
    validation: &Validation,
    n: usize,
    groups: &[u32],
    rng: &mut Rng,
) -> Result<Vec<u32>, ModelError> {
    if n < 2 {
        return Err(ModelError::TooFewRows { needed: 2, got: n });
    }
    let shuffled = |rng: &mut Rng| {
        let mut rows: Vec<u32> = (0..n as u32).collect();
        rng.shuffle(&mut rows);
        rows
    };
    match validation {
        Validation::HoldOut { test_share } => {
            if !(*test_share > 0.0 && *test_share < 1.0) {
                return Err(ModelError::Refused {
                    reason: format!("the held-out share is {test_share}, but must lie between 0 and 1"),
                });
            }
            let n_test = ((n as f64 * test_share).ceil() as usize).clamp(1, n - 1);
            let mut fold = vec![ALWAYS_TRAINING; n];
            for &row in &shuffled(rng)[..n_test] {
                fold[row as usize] = 0;
            }
            Ok(fold)
        }
        Validation::KFold { k } => {
            let k = check_k(*k)?;
            if n < k {
                return Err(ModelError::TooFewRows { needed: k, got: n });
            }
            let mut fold = vec![0; n];
            for (i, &row) in shuffled(rng).iter().enumerate() {
                // In 64 bits on every machine: the product outgrows a 32-bit `usize`.
                fold[row as usize] = (i as u64 * k as u64 / n as u64) as u32;
            }
            Ok(fold)
        }
        Validation::GroupKFold { k, group } => {
            let k = check_k(*k)?;
            let n_groups = groups.iter().max().map_or(0, |&g| g as usize + 1);
            if n_groups < k {
                return Err(ModelError::TooFewGroups { needed: k, got: n_groups, column: group.clone() });
            }
            let mut sizes = vec![0_usize; n_groups];
            groups.iter().for_each(|&g| sizes[g as usize] += 1);
            let mut order: Vec<usize> = (0..n_groups).collect();
            order.sort_by_key(|&g| std::cmp::Reverse(sizes[g]));
            let mut load = vec![0_usize; k];
            let mut fold_of = vec![0_u32; n_groups];
            for g in order {
                let lightest = (0..k).min_by_key(|&f| load[f]).unwrap_or(0);
                load[lightest] += sizes[g];
                fold_of[g] = lightest as u32;
            }
            Ok(groups.iter().map(|&g| fold_of[g as usize]).collect())
        }
    }
}

/// Number of folds.
pub fn n_folds(validation: &Validation) -> u32 {
    match validation {
        Validation::HoldOut { .. } => 1,
        Validation::KFold { k } | Validation::GroupKFold { k, .. } => *k,
    }
}

fn check_k(k: u32) -> Result<usize, ModelError> {
    if k < 2 {
        return Err(ModelError::Refused { reason: format!("{k} folds are too few: take at least 2") });
    }
    Ok(k as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::context::Ctx;

    fn split(validation: Validation, n: usize, groups: &[u32]) -> Result<Vec<u32>, ModelError> {
        folds(&validation, n, groups, &mut Ctx::quiet(1).rng(0))
    }

    #[test]
    fn folds_are_even_and_cover_every_row() {
        let fold = split(Validation::KFold { k: 5 }, 23, &[]).unwrap();
        let sizes: Vec<usize> = (0..5).map(|f| fold.iter().filter(|&&g| g == f).count()).collect();
        assert_eq!(sizes.iter().sum::<usize>(), 23);
        assert!(sizes.iter().all(|&s| s == 4 || s == 5));
        let hold = split(Validation::HoldOut { test_share: 0.2 }, 23, &[]).unwrap();
        assert_eq!(hold.iter().filter(|&&f| f == 0).count(), 5);
    }

    #[test]
    fn groups_stay_together() {
        let groups: Vec<u32> = (0..200).map(|i| (i * 7) % 37).collect();
        let fold = split(Validation::GroupKFold { k: 4, group: "g".into() }, 200, &groups).unwrap();
        for g in 0..37 {
            let mut of: Vec<u32> = (0..200).filter(|&i| groups[i] == g).map(|i| fold[i]).collect();
            of.dedup();
            assert_eq!(of.len(), 1);
        }
        assert!((0..4).all(|f| fold.iter().filter(|&&g| g == f).count().abs_diff(50) <= 6));
    }

    #[test]
    fn too_few_rows_or_groups_have_names() {
        assert!(matches!(split(Validation::KFold { k: 5 }, 3, &[]), Err(ModelError::TooFewRows { .. })));
        assert!(matches!(split(Validation::KFold { k: 5 }, 1, &[]), Err(ModelError::TooFewRows { .. })));
        let grouped = Validation::GroupKFold { k: 3, group: "g".into() };
        assert!(matches!(split(grouped, 4, &[0, 0, 1, 1]), Err(ModelError::TooFewGroups { got: 2, .. })));
    }
}
