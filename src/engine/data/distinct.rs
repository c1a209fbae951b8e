//! Counting distinct numbers without sorting them.

/// How many different values there are; NaN is none, and 0 and -0 are one.
pub fn count(values: &[f64]) -> u64 {
    match Set::of(values) {
        Set::Bits { smallest, mut seen } => {
            for &x in values {
                // What is missing lies nowhere.
                let place = (x - smallest) as u32;
                if let Some(word) = seen.get_mut(place as usize / 64).filter(|_| !x.is_nan()) {
                    *word |= 1 << (place % 64);
                }
            }
            seen.iter().map(|word| u64::from(word.count_ones())).sum()
        }
        mut set => {
            let mut last = f64::NAN;
            let mut n = 0;
            for &x in values {
                if x != last && !x.is_nan() {
                    n += u64::from(set.insert(x));
                    last = x;
                }
            }
            n
        }
    }
}

/// Whether no value occurs twice; NaN is none.
pub fn is_distinct(values: &[f64]) -> bool {
    let mut set = Set::of(values);
    values.iter().filter(|x| !x.is_nan()).all(|&x| set.insert(x))
}

/// Values seen.
enum Set {
    /// Whole numbers close together: a bit each, from the smallest on.
    Bits { smallest: f64, seen: Vec<u64> },
    /// Anything else: open addressing by the bits of the value; 0 is free, and kept aside.
    Slots { slots: Vec<u64>, n: usize, has_zero: bool },
}

impl Set {
    fn of(values: &[f64]) -> Self {
        let (mut smallest, mut largest, mut is_whole) = (f64::INFINITY, f64::NEG_INFINITY, true);
        for &x in values {
            if x < smallest {
                smallest = x;
            }
            if x > largest {
                largest = x;
            }
            is_whole &= x.is_nan() || x == x as i64 as f64;
        }
        let span = largest - smallest;
        // At most eight bytes a value, as many as the values themselves take.
        if is_whole && span >= 0.0 && span < (64.0 * values.len() as f64).min(4e9) {
            return Self::Bits { smallest, seen: vec![0; span as usize / 64 + 1] };
        }
        Self::Slots { slots: vec![0; 1 << 10], n: 0, has_zero: false }
    }

    /// Whether the value was not there yet.
    fn insert(&mut self, value: f64) -> bool {
        match self {
            Self::Bits { smallest, seen } => {
                let place = (value - *smallest) as usize;
                let Some(word) = seen.get_mut(place / 64) else { return false };
                let bit = 1 << (place % 64);
                let is_new = *word & bit == 0;
                *word |= bit;
                is_new
            }
            Self::Slots { slots, n, has_zero } => {
                // Adding zero makes -0 and 0 the same value.
                let bits = (value + 0.0).to_bits();
                if bits == 0 {
                    return !std::mem::replace(has_zero, true);
                }
                if 2 * (*n + 1) > slots.len() {
                    let old = std::mem::replace(slots, vec![0; 4 * slots.len()]);
                    for bits in old.into_iter().filter(|&b| b != 0) {
                        place(slots, bits);
                    }
                }
                let is_new = place(slots, bits);
                *n += usize::from(is_new);
                is_new
            }
        }
    }
}

fn place(slots: &mut [u64], bits: u64) -> bool {
    let mask = slots.len() - 1;
    let mut at = (bits.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as usize & mask;
    loop {
        match slots.get_mut(at) {
            Some(slot) if *slot == 0 => {
                *slot = bits;
                return true;
            }
            Some(slot) if *slot == bits => return false,
            _ => at = (at + 1) & mask,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_those_of_sorting() {
        let mut rng = crate::engine::numeric::random::Rng::stream(5, 2);
        for (n, range, scale) in [
            (0, 1, 1.0),
            (10, 5, 1.0),
            (5_000, 700, 1.0),
            (5_000, 700, 0.01),
            (3_000, 4_000_000_000, 1.0),
            (9_000, 1 << 31, 1e-9),
        ] {
            let values: Vec<f64> =
                (0..n)
                    .map(|_| {
                        if rng.below(9) == 0 {
                            f64::NAN
                        } else {
                            (f64::from(rng.below(range)) - 300.0) * scale
                        }
                    })
                    .chain([0.0, -0.0])
                    .collect();
            let mut bits: Vec<u64> =
                values.iter().filter(|x| !x.is_nan()).map(|x| (x + 0.0).to_bits()).collect();
            let n_values = bits.len();
            bits.sort_unstable();
            bits.dedup();
            assert_eq!(count(&values), bits.len() as u64);
            assert_eq!(is_distinct(&values), bits.len() == n_values);
        }
        assert!(is_distinct(&[1.0, 2.0, f64::NAN, f64::NAN]));
    }
}
