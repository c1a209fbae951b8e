//! Which groups are left out of what is shared without small ones.
//!
//! A group of few rows is left out (primary suppression). Where the total is known and what is left out could be worked out
//! from it, the next smallest goes too (complementary suppression). Hundepool et al., Statistical Disclosure Control, 2012,
//! chapter 4.

/// Groups of fewer rows or people than this are small.
pub const FEW: u64 = 10;

/// Whether a group is small. Nobody is in an empty one.
pub fn is_small(n: u64) -> bool {
    (1..FEW).contains(&n)
}

/// Which groups of one whole are left out, by their sizes. `also`: what is left out for another reason.
pub fn withheld(sizes: &[u64], also: impl Fn(usize) -> bool) -> Vec<bool> {
    let whole: Vec<usize> = (0..sizes.len()).collect();
    withheld_in(sizes, &[whole], also)
}

/// Which groups are left out where several totals are known: `wholes` lists the groups that each of them adds up.
pub fn withheld_in(sizes: &[u64], wholes: &[Vec<usize>], also: impl Fn(usize) -> bool) -> Vec<bool> {
    let mut hidden: Vec<bool> =
        (0..sizes.len()).map(|i| is_small(sizes[i]) || (sizes[i] > 0 && also(i))).collect();
    // What is hidden for one total can be worked out from another.
    while let Some(next) = wholes.iter().find_map(|whole| told(sizes, whole, &hidden)) {
        hidden[next] = true;
    }
    hidden
}

/// The next smallest group of a whole, where those left out of it could be worked out.
fn told(sizes: &[u64], whole: &[usize], hidden: &[bool]) -> Option<usize> {
    let (out, shown): (Vec<usize>, Vec<usize>) =
        whole.iter().filter(|&&i| sizes[i] > 0).partition(|&&i| hidden[i]);
    let n_out: u64 = out.iter().map(|&i| sizes[i]).sum();
    if out.len() == 1 || is_small(n_out) { shown.into_iter().min_by_key(|&i| sizes[i]) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(sizes: &[u64], shown: &[u64]) {
        let hidden = withheld(sizes, |_| false);
        let left: Vec<u64> =
            sizes.iter().zip(hidden).filter(|(_, hidden)| !hidden).map(|(n, _)| *n).collect();
        assert_eq!(left, shown);
    }

    #[test]
    fn a_small_group_and_what_would_tell_it_are_withheld() {
        check(&[50, 9, 30], &[50]);
        check(&[50, 9, 30, 8], &[50, 30]);
        check(&[50, 4, 30, 3], &[50]);
        check(&[50, 10, 30], &[50, 10, 30]);
        check(&[0, 10], &[0, 10]);
        check(&[3], &[]);
    }

    #[test]
    fn no_total_of_a_cross_table_tells_a_small_cell() {
        // Three groups by two: the totals of all five are known.
        let wholes = [vec![0, 1], vec![2, 3], vec![4, 5], vec![0, 2, 4], vec![1, 3, 5]];
        let sizes = [3, 40, 20, 30, 50, 60];
        let hidden = withheld_in(&sizes, &wholes, |_| false);
        assert_eq!(hidden, [true, true, true, true, false, false]);
        for whole in &wholes {
            assert_ne!(whole.iter().filter(|i| hidden[**i]).count(), 1, "{whole:?}");
        }
    }
}
