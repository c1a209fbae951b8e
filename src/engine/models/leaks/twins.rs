//! Rows that are equal in every feature and lie on both sides of a split: a model can score by remembering them.

use crate::engine::{
    data::distinct,
    models::frame::{ALWAYS_TRAINING, FeatureValues, Frame, NEITHER},
    order::InOrder,
    words::count,
};

/// Equal rows across folds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Twins {
    /// Rows that are tested and have an equal row among their training rows.
    pub n: u64,
    /// Those of them that have one with the same target too.
    pub n_same_target: u64,
    /// Groups of equal rows that a split cuts apart: places in the frame.
    pub apart: Vec<Vec<u32>>,
}

/// With more equal rows than this the features are merely few and coarse, unless the target agrees too.
const MANY: f64 = 0.5;

/// Agreement of targets that coarse features do not explain.
const AGREED: f64 = 0.9;

impl Twins {
    /// Finds them. Rows are compared by 64-bit fingerprints of their features.
    pub fn of(frame: &Frame) -> Self {
        let mut keyed: Vec<(u64, u32)> = keys(frame).into_iter().zip(0..).collect();
        keyed.order_by(|a, b| a.cmp(b));
        let mut found = Self::default();
        for run in keyed.chunk_by(|a, b| a.0 == b.0).filter(|run| run.len() > 1) {
            let rows: Vec<u32> = run.iter().map(|(_, row)| *row).collect();
            let fold = |row: u32| frame.fold[row as usize];
            let is_tested = |row: u32| fold(row) < NEITHER;
            // Whether `other` is among the rows that are trained on when `row` is tested.
            let trains = |other: u32, row: u32| match fold(other) {
                ALWAYS_TRAINING => true,
                NEITHER => false,
                own if frame.beside.is_forward => own < fold(row),
                own => own != fold(row),
            };
            // One row of each side speaks for all of it: the count stays exact.
            let mut sides: Vec<u32> = rows.clone();
            sides.order_by_key(|&row| fold(row));
            sides.dedup_by_key(|row| fold(*row));
            let n = found.n;
            for &row in rows.iter().filter(|&&row| is_tested(row)) {
                if !sides.iter().any(|&other| trains(other, row)) {
                    continue;
                }
                found.n += 1;
                let y = frame.y[row as usize];
                let same = |&other: &u32| trains(other, row) && frame.y[other as usize] == y;
                found.n_same_target += u64::from(rows.iter().take(MOST_COMPARED).any(same));
            }
            if found.n == n {
                continue;
            }
            found.apart.push(rows);
        }
        found
    }

    /// What a reader must know, if there is anything. `together`: columns that could keep rows together, each with a code a
    /// row of the frame.
    pub fn note(&self, frame: &Frame, together: &[(String, Vec<u32>)]) -> Option<String> {
        let n_tested = frame.fold.iter().filter(|f| **f < NEITHER).count() as f64;
        let agreed = self.n_same_target as f64 / self.n.max(1) as f64;
        let is_coarse = self.n as f64 > MANY * n_tested && (agreed < AGREED || by_chance(&frame.y) > MANY);
        if self.n == 0 || is_coarse {
            return None;
        }
        let are = if self.n == 1 { "rows is" } else { "rows are" };
        let same = match self.n_same_target {
            0 => String::new(),
            n if n == self.n => ", the target included".to_owned(),
            n => format!(" ({} in the target too)", count(n)),
        };
        let best = together
            .iter()
            .map(|(name, codes)| (self.n_kept(codes), name))
            // Of equals the first.
            .rev()
            .max_by_key(|(kept, _)| *kept)
            .filter(|(kept, _)| *kept as f64 >= 0.8 * self.apart.len() as f64);
        let remedy = match best {
            Some((_, name)) => {
                format!("folds that keep {name} together, under “How they are tested”, avoid that")
            }
            None => {
                "drop duplicate rows on the Clean page, or keep rows of one person or ad together in folds"
                    .to_owned()
            }
        };
        Some(format!(
            "{} of {} tested {are} equal to a training row in every feature{same}: a model can score by remembering. To be \
             sure, {remedy}.",
            count(self.n),
            count(n_tested as u64),
        ))
    }

    /// Groups of equal rows that a column would keep on one side.
    fn n_kept(&self, codes: &[u32]) -> usize {
        let is_kept = |rows: &&Vec<u32>| rows.iter().all(|&r| codes[r as usize] == codes[rows[0] as usize]);
        self.apart.iter().filter(is_kept).count()
    }
}

/// Rows of a group of equal ones whose targets are compared, at most.
const MOST_COMPARED: usize = 64;

/// A fingerprint of the features of each row.
fn keys(frame: &Frame) -> Vec<u64> {
    let mut keys = vec![0xcbf2_9ce4_8422_2325_u64; frame.n_rows()];
    let mix = |key: &mut u64, bits: u64| {
        // splitmix64 of both, so that neighbouring numbers end far apart.
        let mut z = key.rotate_left(5).wrapping_add(bits).wrapping_add(0x9E37_79B9_7F4A_7C15);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        *key = z ^ (z >> 31);
    };
    for feature in &frame.features {
        match &feature.values {
            FeatureValues::Number(values) => {
                let bits = |v: f64| if v.is_nan() { u64::MAX } else { (v + 0.0).to_bits() };
                keys.iter_mut().zip(values).for_each(|(key, &v)| mix(key, bits(v)));
            }
            FeatureValues::Category { codes, .. } => {
                keys.iter_mut().zip(codes).for_each(|(key, &code)| mix(key, u64::from(code)));
            }
        }
    }
    keys
}

/// How often two rows have the same target by chance.
fn by_chance(y: &[f64]) -> f64 {
    let mut sorted = y.to_vec();
    distinct::sort(&mut sorted);
    let n = y.len().max(1) as f64;
    sorted.chunk_by(|a, b| a == b).map(|run| (run.len() as f64 / n) * (run.len() as f64 / n)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows 0 to 2 are equal, and 3 and 4; row 5 is like no other. Targets as given.
    fn frame(fold: [u32; 6], y: [f64; 6]) -> Frame {
        let values = FeatureValues::Number(vec![1.0, 1.0, 1.0, 2.0, 2.0, 3.0]);
        let features = vec![crate::engine::models::frame::Feature { name: "x".into(), values }];
        Frame { features, y: y.to_vec(), row_ids: (0..6).collect(), fold: fold.to_vec(), ..Frame::default() }
    }

    const Y: [f64; 6] = [1.0, 1.0, 5.0, 2.0, 3.0, 4.0];

    fn counts(frame: &Frame) -> (u64, u64, usize) {
        let found = Twins::of(frame);
        (found.n, found.n_same_target, found.apart.len())
    }

    #[test]
    fn equal_rows_of_different_folds_are_counted() {
        assert_eq!(counts(&frame([0, 1, 0, 1, 1, 0], Y)), (3, 2, 1));
        // Kept together, nothing is to be said.
        assert_eq!(counts(&frame([0, 0, 0, 1, 1, 0], Y)), (0, 0, 0));
        // Of a hold-out the held-out rows alone are tested.
        let always = ALWAYS_TRAINING;
        assert_eq!(counts(&frame([0, always, always, 0, always, always], Y)), (2, 1, 2));
        // A row that is left out neither trains nor is tested.
        assert_eq!(counts(&frame([0, NEITHER, NEITHER, 1, 1, 0], Y)), (0, 0, 0));
    }

    #[test]
    fn forward_in_time_only_earlier_rows_can_be_remembered() {
        let mut forward = frame([2, 1, 0, 1, 0, 0], Y);
        forward.beside.is_forward = true;
        // Rows 0 (of 1 and 2), 1 (of 2) and 3 (of 4); of them row 0 alone has the target of an earlier one.
        assert_eq!(counts(&forward), (3, 1, 2));
    }

    #[test]
    fn the_note_names_the_column_that_would_keep_them_together() {
        let mut frame = frame([0, 1, 2, 0, 0, 1], Y);
        frame.fold.extend([0; 40]);
        frame.y.extend((0..40).map(f64::from));
        frame.row_ids = (0..46).collect();
        let FeatureValues::Number(values) = &mut frame.features[0].values else { unreachable!() };
        values.extend((0..40).map(|i| 10.0 + f64::from(i)));
        let found = Twins::of(&frame);
        assert_eq!((found.n, found.apart.len()), (3, 1));
        let person = ("Person".to_owned(), (0..46).map(|r| if r < 3 { 0 } else { r }).collect());
        let note = found.note(&frame, &[person]).unwrap();
        assert!(
            note.contains("3 of 46 tested rows are equal") && note.contains("keep Person together"),
            "{note}"
        );
        assert!(found.note(&frame, &[]).unwrap().contains("drop duplicate rows"));
    }
}
