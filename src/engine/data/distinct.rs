//! How numbers are spread, and how many different ones there are, without sorting them.

/// Different values that one small table holds; more are counted part by part, so that the table stays in the cache.
const FEW: usize = 1 << 17;

/// Values looked at first for two of the same.
const FIRST: usize = 1 << 14;

/// Lanes that a pass over all values keeps apart, so that it is compiled to vector instructions.
const LANES: usize = 8;

/// Fewer values than this are sorted by comparing them.
const FEWEST: usize = 1 << 12;

/// 1.5 times 2 to the 52nd: what is added to it and taken off again is rounded to a whole number.
const ROUNDING: f64 = 6_755_399_441_055_744.0;

/// What one pass over some numbers shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// Smallest; infinite where nothing is known.
    pub smallest: f64,
    /// Largest; infinite where nothing is known.
    pub largest: f64,
    /// NaN.
    pub n_missing: usize,
    /// Known.
    pub n_known: usize,
    /// Whether all known ones are whole, and no larger than 2 to the 51st.
    pub is_whole: bool,
}

/// Looks at numbers once; NaN is missing.
pub fn spread(values: &[f64]) -> Spread {
    let mut low = [f64::INFINITY; LANES];
    let mut high = [f64::NEG_INFINITY; LANES];
    // NaN differs from itself, and from what it is rounded to.
    let (mut n_odd, mut n_nan) = ([0_u64; LANES], [0_u64; LANES]);
    let mut look = |lanes: &[f64; LANES]| {
        for lane in 0..LANES {
            let x = lanes[lane];
            low[lane] = if x < low[lane] { x } else { low[lane] };
            high[lane] = if x > high[lane] { x } else { high[lane] };
            n_odd[lane] += u64::from(whole(x) != x);
            n_nan[lane] += u64::from(x.is_nan());
        }
    };
    let (lanes, rest) = values.as_chunks::<LANES>();
    lanes.iter().for_each(&mut look);
    let mut last = [f64::NAN; LANES];
    for (lane, x) in last.iter_mut().zip(rest) {
        *lane = *x;
    }
    look(&last);
    let n_added = (LANES - rest.len()) as u64;
    let (n_odd, n_nan) = (n_odd.iter().sum::<u64>(), n_nan.iter().sum::<u64>());
    let n_missing = (n_nan - n_added) as usize;
    Spread {
        smallest: low.into_iter().fold(f64::INFINITY, f64::min),
        largest: high.into_iter().fold(f64::NEG_INFINITY, f64::max),
        n_missing,
        n_known: values.len() - n_missing,
        is_whole: n_odd == n_nan,
    }
}

/// Whole numbers, or hundredths, so close together that what lies on each can be counted: the counts, clicks, amounts of money and
/// years of most tables.
#[derive(Debug, Clone, Copy)]
pub struct Grid {
    /// Places in one unit.
    fine: f64,
    first: f64,
    n_places: usize,
}

impl Grid {
    /// The grid on which all values lie, bit for bit; NaN may lie anywhere. `None` where there is none of at most twice as many
    /// places as values, and for few values.
    pub fn of(values: &[f64]) -> Option<Self> {
        if values.len() < FEWEST {
            return None;
        }
        let spread = spread(values);
        [1.0, 100.0].into_iter().find_map(|fine| {
            let place = |v: f64| whole(v * fine);
            let n_places = place(spread.largest) - place(spread.smallest) + 1.0;
            if !(1.0..=2.0 * values.len() as f64).contains(&n_places) {
                return None;
            }
            let grid = Self { fine, first: place(spread.smallest), n_places: n_places as usize };
            let lies_on_it = |&v: &f64| v.is_nan() || grid.value(grid.place(v)).to_bits() == v.to_bits();
            values.iter().all(lies_on_it).then_some(grid)
        })
    }

    #[inline]
    fn place(&self, value: f64) -> usize {
        (whole(value * self.fine) - self.first) as usize
    }

    #[inline]
    fn value(&self, place: usize) -> f64 {
        (self.first + place as f64) / self.fine
    }

    /// How many values lie on each place.
    fn counts(&self, values: &[f64]) -> Vec<u32> {
        let mut counts = vec![0_u32; self.n_places];
        for &v in values.iter().filter(|v| !v.is_nan()) {
            if let Some(count) = counts.get_mut(self.place(v)) {
                *count += 1;
            }
        }
        counts
    }

    /// The places of the known values in the order of the values; equal ones in their own.
    pub fn order(&self, values: &[f64]) -> Vec<u32> {
        let mut next = self.counts(values);
        let mut n = 0;
        for count in &mut next {
            (*count, n) = (n, n + *count);
        }
        let mut order = vec![0; n as usize];
        for (&v, row) in values.iter().zip(0_u32..).filter(|(v, _)| !v.is_nan()) {
            if let Some(place) = next.get_mut(self.place(v)) {
                order[*place as usize] = row;
                *place += 1;
            }
        }
        order
    }
}

/// Sorts numbers, by `f64::total_cmp` or as if so.
pub fn sort(values: &mut [f64]) {
    let grid = Grid::of(values).filter(|_| !values.iter().any(|v| v.is_nan()));
    let Some(grid) = grid else { return values.sort_unstable_by(f64::total_cmp) };
    let mut rest = values;
    for (place, n) in grid.counts(rest).into_iter().enumerate() {
        let (same, after) = rest.split_at_mut(n as usize);
        same.fill(grid.value(place));
        rest = after;
    }
}

/// The next whole number, of numbers up to 2 to the 51st.
#[inline]
fn whole(value: f64) -> f64 {
    (value + ROUNDING) - ROUNDING
}

/// How many different values there are; NaN is none, and 0 and -0 are one. `spread`: theirs.
pub fn count(values: &[f64], spread: &Spread) -> u64 {
    let span = spread.largest - spread.smallest;
    // A bit for each whole number between: at most eight bytes a value, as many as the values themselves take.
    if spread.is_whole && span >= 0.0 && span < (64.0 * values.len() as f64).min(4e9) {
        let mut seen = vec![0_u64; span as usize / 64 + 1];
        for &x in values {
            let place = (x - spread.smallest) as u32;
            if let Some(word) = seen.get_mut(place as usize / 64).filter(|_| !x.is_nan()) {
                *word |= 1 << (place % 64);
            }
        }
        return seen.iter().map(|word| u64::from(word.count_ones())).sum();
    }
    let mut set = Set::new(1 << 10);
    let mut last = f64::NAN;
    for &x in values {
        if x != last && !x.is_nan() {
            set.insert(bits(x));
            last = x;
            if set.n > FEW {
                return in_parts(values);
            }
        }
    }
    set.n as u64
}

/// Whether no value occurs twice; NaN is none.
pub fn is_distinct(values: &[f64]) -> bool {
    let is_distinct = |values: &[f64]| {
        let spread = spread(values);
        count(values, &spread) == spread.n_known as u64
    };
    // Most columns that are not tell at once.
    is_distinct(values.get(..FIRST).unwrap_or_default()) && is_distinct(values)
}

/// Counts the values whose hash begins with 0, then those whose hash begins with 1, and so on.
fn in_parts(values: &[f64]) -> u64 {
    let n_slots = (values.len() / 4).next_power_of_two().clamp(1 << 18, 1 << 20);
    let n_parts = (2 * values.len()).div_ceil(n_slots).next_power_of_two() as u64;
    let mut set = Set::new(n_slots);
    let mut n = 0;
    for part in 0..n_parts {
        set.clear();
        for &x in values {
            let bits = bits(x);
            // Some bits of the hash say the part, others the slot.
            if hash(bits) >> 24 & (n_parts - 1) == part && !x.is_nan() {
                set.insert(bits);
            }
        }
        n += set.n as u64;
    }
    n
}

/// Adding zero makes -0 and 0 the same value.
#[inline]
fn bits(value: f64) -> u64 {
    (value + 0.0).to_bits()
}

/// Multiply and fold: numbers of few digits differ in their high bits alone.
#[inline]
fn hash(bits: u64) -> u64 {
    let mixed = (bits ^ bits >> 32).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed ^ mixed >> 32
}

/// Values seen, by open addressing of their bits; 0 is a free slot, and the value 0 kept aside.
struct Set {
    slots: Vec<u64>,
    n: usize,
    has_zero: bool,
}

impl Set {
    /// `n_slots`: a power of two.
    fn new(n_slots: usize) -> Self {
        Self { slots: vec![0; n_slots], n: 0, has_zero: false }
    }

    fn clear(&mut self) {
        self.slots.fill(0);
        (self.n, self.has_zero) = (0, false);
    }

    #[inline]
    fn insert(&mut self, bits: u64) {
        if bits == 0 {
            self.n += usize::from(!std::mem::replace(&mut self.has_zero, true));
            return;
        }
        if 2 * (self.n + 1) > self.slots.len() {
            let more = vec![0; 4 * self.slots.len()];
            let old = std::mem::replace(&mut self.slots, more);
            for bits in old.into_iter().filter(|&b| b != 0) {
                place(&mut self.slots, bits);
            }
        }
        self.n += usize::from(place(&mut self.slots, bits));
    }
}

/// Puts a value into its slot; whether it was not there yet.
#[inline]
fn place(slots: &mut [u64], bits: u64) -> bool {
    let mask = slots.len() - 1;
    let mut at = hash(bits) as usize & mask;
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
            // Counted in parts.
            (300_000, 1 << 31, 1e-9),
            (300_000, 90_000, 0.01),
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
            assert_eq!(count(&values, &spread(&values)), bits.len() as u64);
            assert_eq!(is_distinct(&values), bits.len() == n_values);
        }
        assert!(is_distinct(&[1.0, 2.0, f64::NAN, f64::NAN]));
        let mut many: Vec<f64> = (0..40_000).map(f64::from).collect();
        assert!(is_distinct(&many));
        many[39_999] = 5.0;
        assert!(!is_distinct(&many));
    }

    #[test]
    fn sorting_by_counting_is_sorting() {
        let mut rng = crate::engine::numeric::random::Rng::stream(5, 3);
        // Few, whole, hundredths, neither, with a zero of the other sign, too large, far apart.
        for (n, unit, odd) in [
            (100, 1.0, 0.0),
            (6_000, 1.0, 7.0),
            (6_000, 0.01, -3.07),
            (6_000, 0.003, 1.0),
            (6_000, 1.0, -0.0),
            (6_000, 1.0, 1e300),
            (6_000, 1.0, 1e9),
            (6_000, 0.01, f64::NAN),
            (6_000, 1.0, f64::INFINITY),
        ] {
            let mut values: Vec<f64> = (0..n).map(|_| f64::from(rng.below(5_000)) * unit - 20.0).collect();
            if unit == 0.01 {
                values.iter_mut().for_each(|v| *v = (*v * 100.0).round() / 100.0);
            }
            values[n / 2] = odd;
            let bits = |values: &[f64]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
            let mut rows: Vec<u32> = (0..n as u32).filter(|&r| !values[r as usize].is_nan()).collect();
            rows.sort_by(|&a, &b| values[a as usize].total_cmp(&values[b as usize]));
            if let Some(grid) = Grid::of(&values) {
                assert_eq!(grid.order(&values), rows);
            }
            let is_counted = n > 100 && unit != 0.003 && matches!(odd, 7.0 | -3.07) || odd.is_nan();
            assert_eq!(Grid::of(&values).is_some(), is_counted, "{n} {unit} {odd}");
            let known: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
            for values in [values, known] {
                let (mut ours, mut theirs) = (values.clone(), values);
                sort(&mut ours);
                theirs.sort_by(f64::total_cmp);
                assert_eq!(bits(&ours), bits(&theirs));
            }
        }
    }

    #[test]
    fn one_pass_sees_what_single_looks_see() {
        for n in 0..40 {
            let values: Vec<f64> =
                (0..n).map(|i| if i % 5 == 3 { f64::NAN } else { f64::from(i - 7) }).collect();
            let known: Vec<f64> = values.iter().copied().filter(|x| !x.is_nan()).collect();
            let found = spread(&values);
            assert_eq!((found.n_known, found.n_missing), (known.len(), values.len() - known.len()));
            assert_eq!(found.smallest, known.iter().copied().fold(f64::INFINITY, f64::min));
            assert_eq!(found.largest, known.iter().copied().fold(f64::NEG_INFINITY, f64::max));
            assert!(found.is_whole);
            let broken: Vec<f64> = values.iter().map(|x| x + 0.25).collect();
            assert_eq!(spread(&broken).is_whole, known.is_empty());
        }
    }
}
