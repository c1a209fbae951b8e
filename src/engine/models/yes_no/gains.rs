//! What is found by going down the ranking: gains and lift by tenth, and what each threshold would find.

use serde::{Deserialize, Serialize};

use super::Ranked;

/// The thresholds of the table.
const THRESHOLDS: [f64; 12] = [0.05, 0.10, 0.15, 0.20, 0.25, 0.30, 0.40, 0.50, 0.60, 0.70, 0.80, 0.90];

/// One tenth of the rows, and all down to it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct GainRow {
    /// From 1, the most likely yes.
    pub tenth: u32,
    /// Rows in it.
    pub n: f64,
    /// Yes in it. Rows of one probability that fall on two tenths are shared out evenly, so this may be no whole number.
    pub n_yes: f64,
    /// Share of yes in it.
    pub rate: f64,
    /// That share over the share of all rows.
    pub lift: f64,
    /// Share of all yes found down to it.
    pub found: f64,
    /// Share of yes of all rows down to it, over the share of all rows.
    pub lift_so_far: f64,
}

/// What calling every row of at least this probability a yes would give.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ThresholdRow {
    /// The probability.
    pub threshold: f64,
    /// Rows called yes.
    pub n: u64,
    /// Of those, yes.
    pub n_yes: u64,
    /// Share of yes among those called yes; `None` where nobody is.
    pub precision: Option<f64>,
    /// Share of all yes that is called so.
    pub recall: Option<f64>,
    /// Share of all no that is called yes.
    pub false_alarms: Option<f64>,
}

/// Ten rows (fewer rows than ten: one a row); empty without a yes.
pub fn gains(ranked: &Ranked) -> Vec<GainRow> {
    if ranked.n_yes <= 0.0 || ranked.n < 2.0 {
        return Vec::new();
    }
    let tenths = (ranked.n as usize).min(10);
    let overall = ranked.n_yes / ranked.n;
    let mut out = Vec::new();
    let (mut before_n, mut before_yes) = (0.0, 0.0);
    for i in 1..=tenths {
        let n = (ranked.n * i as f64 / tenths as f64).round();
        let yes = yes_down_to(ranked, n);
        let (own_n, own_yes) = (n - before_n, yes - before_yes);
        let rate = own_yes / own_n;
        out.push(GainRow {
            tenth: i as u32,
            n: own_n,
            n_yes: own_yes,
            rate,
            lift: rate / overall,
            found: yes / ranked.n_yes,
            lift_so_far: yes / n / overall,
        });
        (before_n, before_yes) = (n, yes);
    }
    out
}

/// Yes among the `n` likeliest rows; equally likely ones count by their share of yes.
fn yes_down_to(ranked: &Ranked, n: f64) -> f64 {
    let (mut rows, mut yes) = (0.0, 0.0);
    for &(_, block, block_yes) in &ranked.blocks {
        if rows + block >= n {
            return yes + (n - rows) * block_yes / block;
        }
        rows += block;
        yes += block_yes;
    }
    yes
}

/// The table of thresholds.
pub fn thresholds(ranked: &Ranked) -> Vec<ThresholdRow> {
    THRESHOLDS.iter().map(|&threshold| at(ranked, threshold)).collect()
}

/// What one threshold would find.
pub fn at(ranked: &Ranked, threshold: f64) -> ThresholdRow {
    let called = || ranked.blocks.iter().take_while(|b| b.0 >= threshold);
    let n: f64 = called().map(|b| b.1).sum();
    let yes: f64 = called().map(|b| b.2).sum();
    let n_no = ranked.n - ranked.n_yes;
    let share = |part: f64, whole: f64| (whole > 0.0).then(|| part / whole);
    ThresholdRow {
        threshold,
        n: n as u64,
        n_yes: yes as u64,
        precision: share(yes, n),
        recall: share(yes, ranked.n_yes),
        false_alarms: share(n - yes, n_no),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::predictions, *};
    use crate::engine::testing::close;

    #[test]
    fn gains_add_up_and_end_with_all() {
        let pairs: Vec<(f64, f64)> = (0..105_u32)
            .map(|i| (f64::from(u8::from(i < 30 && i % 3 > 0)), 1.0 - f64::from(i) / 105.0))
            .collect();
        let found = gains(&Ranked::of(&predictions(&pairs)));
        assert_eq!(found.len(), 10);
        close(found.iter().map(|g| g.n).sum(), 105.0, 1e-15);
        close(found.iter().map(|g| g.n_yes).sum(), 20.0, 1e-12);
        close(found[9].found, 1.0, 1e-15);
        close(found[9].lift_so_far, 1.0, 1e-12);
        close(found[2].found, 1.0, 0.06);
        assert!(found.windows(2).all(|w| w[0].found <= w[1].found));
    }

    #[test]
    fn a_ranking_without_order_gains_nothing() {
        let pairs: Vec<(f64, f64)> = (0..40_u32).map(|i| (f64::from(u8::from(i < 10)), 0.25)).collect();
        for (i, row) in gains(&Ranked::of(&predictions(&pairs))).iter().enumerate() {
            close(row.lift, 1.0, 1e-12);
            close(row.found, (i + 1) as f64 / 10.0, 1e-12);
        }
        assert!(gains(&Ranked::of(&predictions(&[(0.0, 0.1), (0.0, 0.2)]))).is_empty());
    }

    #[test]
    fn thresholds_count_what_they_call() {
        let ranked = Ranked::of(&predictions(&[(1.0, 0.9), (0.0, 0.6), (1.0, 0.4), (0.0, 0.1)]));
        let row = at(&ranked, 0.4);
        assert_eq!((row.n, row.n_yes, row.recall, row.false_alarms), (3, 2, Some(1.0), Some(0.5)));
        assert_eq!(at(&ranked, 0.95).precision, None);
        assert_eq!(thresholds(&ranked).len(), 12);
    }
}
