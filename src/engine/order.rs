//! Sorting that is compiled once: the standard library's is compiled anew for each type and each comparison, and was a seventh
//! of what a first visit downloads. Where sorting is what takes the time, the standard library's is used all the same.

use std::cmp::Ordering;

/// Stable sorting in place, by indices.
pub trait InOrder<T> {
    /// Sorts by a comparison; equal elements stay in order.
    fn order_by(&mut self, compare: impl FnMut(&T, &T) -> Ordering);
    /// Sorts by a key; elements with equal keys stay in order.
    fn order_by_key<K: Ord>(&mut self, key: impl FnMut(&T) -> K);
}

impl<T> InOrder<T> for [T] {
    fn order_by(&mut self, mut compare: impl FnMut(&T, &T) -> Ordering) {
        let mut order = sorted(self.len(), &mut |a, b| compare(&self[a], &self[b]));
        arrange(&mut order, &mut |a, b| self.swap(a, b));
    }

    fn order_by_key<K: Ord>(&mut self, mut key: impl FnMut(&T) -> K) {
        self.order_by(|a, b| key(a).cmp(&key(b)));
    }
}

/// The places 0 to `n` in the order of a comparison of two places.
#[inline(never)]
fn sorted(n: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&a, &b| compare(a, b));
    order
}

/// Brings what stands at `order[i]` to `i`, for every `i`, cycle by cycle.
#[inline(never)]
fn arrange(order: &mut [usize], swap: &mut dyn FnMut(usize, usize)) {
    for start in 0..order.len() {
        let mut at = start;
        loop {
            let from = std::mem::replace(&mut order[at], at);
            if from == start {
                break;
            }
            swap(at, from);
            at = from;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_sorts_as_the_standard_library_does(values in prop::collection::vec((0_u8..6, 0_u8..3), 0..60)) {
            let numbered: Vec<(usize, (u8, u8))> = values.into_iter().enumerate().collect();
            let (mut ours, mut theirs) = (numbered.clone(), numbered);
            ours.order_by(|a, b| (b.1.0 / 2).cmp(&(a.1.0 / 2)).then(a.1.1.cmp(&b.1.1)));
            theirs.sort_by(|a, b| (b.1.0 / 2).cmp(&(a.1.0 / 2)).then(a.1.1.cmp(&b.1.1)));
            prop_assert_eq!(&ours, &theirs);
            ours.order_by_key(|v| v.1.1);
            theirs.sort_by_key(|v| v.1.1);
            prop_assert_eq!(ours, theirs);
        }
    }
}
