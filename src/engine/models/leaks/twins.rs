//! Rows that are equal in every feature and lie on both sides of a split: a model can score by remembering them.

use crate::engine::{
    models::frame::{ALWAYS_TRAINING, FeatureValues, Frame},
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
        keyed.sort_unstable();
        let mut found = Self::default();
        for run in keyed.chunk_by(|a, b| a.0 == b.0).filter(|run| run.len() > 1) {
            let rows: Vec<u32> = run.iter().map(|(_, row)| *row).collect();
            let fold = |row: u32| frame.fold[row as usize];
            let is_apart = |a: u32, b: u32| fold(a) != fold(b);
            if !rows.iter().any(|&row| is_apart(row, rows[0])) {
                continue;
            }
            // Many equal rows are compared with the first of each side only: the count stays exact, since all are equal.
            for &row in rows.iter().filter(|&&row| fold(row) != ALWAYS_TRAINING) {
                found.n += 1;
                let y = frame.y[row as usize];
                let same = |&other: &u32| is_apart(row, other) && frame.y[other as usize] == y;
                found.n_same_target += u64::from(rows.iter().take(MOST_COMPARED).any(same));
            }
            found.apart.push(rows);
        }
        found
    }

    /// What a reader must know, if there is anything. `together`: columns that could keep rows together, each with a code a
    /// row of the frame.
    pub fn note(&self, frame: &Frame, together: &[(String, Vec<u32>)]) -> Option<String> {
        let n_tested = frame.fold.iter().filter(|f| **f != ALWAYS_TRAINING).count() as f64;
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
    sorted.sort_unstable_by(f64::total_cmp);
    let n = y.len().max(1) as f64;
    sorted.chunk_by(|a, b| a == b).map(|run| (run.len() as f64 / n) * (run.len() as f64 / n)).sum()
}
