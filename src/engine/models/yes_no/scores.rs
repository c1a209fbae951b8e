//! Scores of probabilities: AUC, average precision, logarithmic loss, Brier.

use super::{Ranked, YesNoScores};
use crate::engine::{
    models::comparison::Prediction,
    numeric::{distributions::normal_quantile, math},
};

/// A probability is never taken to be surer than this.
const SUREST: f64 = 1e-15;

/// The surprise at an outcome: minus the logarithm of the probability it was given.
pub fn log_loss_of(actual: f64, probability: f64) -> f64 {
    let p = probability.clamp(SUREST, 1.0 - SUREST);
    -(actual * math::ln(p) + (1.0 - actual) * math::ln_1p(-p))
}

/// All four.
pub fn scores(rows: &[Prediction]) -> YesNoScores {
    let n = rows.len() as f64;
    let ranked = Ranked::of(rows);
    let mean = |of: &dyn Fn(&Prediction) -> f64| {
        if rows.is_empty() { f64::NAN } else { math::sum(rows.iter().map(of)) / n }
    };
    YesNoScores {
        auc: auc(&ranked),
        average_precision: average_precision(&ranked),
        log_loss: mean(&|p| log_loss_of(p.actual, p.predicted)),
        brier: mean(&|p| (p.actual - p.predicted) * (p.actual - p.predicted)),
    }
}

/// Share of (yes, no) pairs in which the yes has the higher probability; equal ones count half (Mann-Whitney). `None` where
/// one of them does not occur.
pub fn auc(ranked: &Ranked) -> Option<f64> {
    let n_no = ranked.n - ranked.n_yes;
    if ranked.n_yes <= 0.0 || n_no <= 0.0 {
        return None;
    }
    let mut yes_above = 0.0;
    let won = math::sum(ranked.blocks.iter().map(|&(_, n, yes)| {
        let no = n - yes;
        let won = no * (yes_above + 0.5 * yes);
        yes_above += yes;
        won
    }));
    Some(won / (ranked.n_yes * n_no))
}

/// Sum over probabilities, from the top, of the share of yes newly found times the share of yes among all so far (as
/// scikit-learn: no interpolation). `None` without a yes.
pub fn average_precision(ranked: &Ranked) -> Option<f64> {
    if ranked.n_yes <= 0.0 {
        return None;
    }
    let parts =
        ranked.cumulative().zip(&ranked.blocks).map(|((_, n, yes), block)| block.2 / ranked.n_yes * yes / n);
    Some(math::sum(parts))
}

/// The AUC with its 95 % interval (DeLong, DeLong and Clarke-Pearson 1988), on the scale of log odds so that it stays within
/// 0 and 1; `None` where the AUC is undefined. A perfect ranking has no spread: its interval is the point.
pub fn auc_interval(rows: &[Prediction]) -> Option<(f64, (f64, f64))> {
    let ranked = Ranked::of(rows);
    let area = auc(&ranked)?;
    let (n_yes, n_no) = (ranked.n_yes, ranked.n - ranked.n_yes);
    // How far each yes stands above the no, and each no below the yes.
    let (mut yes_above, mut no_above) = (0.0, 0.0);
    let (mut of_yes, mut of_no) = (Vec::new(), Vec::new());
    for &(_, n, yes) in &ranked.blocks {
        let no = n - yes;
        let (placed_yes, placed_no) = ((n_no - no_above - 0.5 * no) / n_no, (yes_above + 0.5 * yes) / n_yes);
        of_yes.push(yes * (placed_yes - area) * (placed_yes - area));
        of_no.push(no * (placed_no - area) * (placed_no - area));
        (yes_above, no_above) = (yes_above + yes, no_above + no);
    }
    let spread = |parts: Vec<f64>, n: f64| if n > 1.0 { math::sum(parts) / (n - 1.0) / n } else { f64::NAN };
    let error = (spread(of_yes, n_yes) + spread(of_no, n_no)).sqrt();
    if error.is_nan() {
        return None;
    }
    if !(area > 0.0 && area < 1.0) {
        return Some((area, (area, area)));
    }
    let centre = math::ln(area / (1.0 - area));
    let reach = normal_quantile(0.975) * error / (area * (1.0 - area));
    let back = |v: f64| 1.0 / (1.0 + math::exp(-v));
    Some((area, (back(centre - reach), back(centre + reach))))
}

#[cfg(test)]
mod tests {
    use super::{super::predictions, *};
    use crate::engine::testing::close;

    /// roc_auc_score, average_precision_score, log_loss, brier_score_loss of scikit-learn:
    /// `y = [(i * i + 3 * i) % 7 < 2 for i in range(60)]; p = [0.02 + ((i * 11) % 19) / 20 for i in range(60)]`, many of them
    /// tied (19 values).
    const SKLEARN: [f64; 4] =
        [0.34131326949384405, 0.2186433681568506, 1.0361726902696675, 0.3723416666666666];

    /// DeLong's standard error on the scale of log odds, from the placements pair by pair.
    const DELONG: (f64, f64) = (0.22090338302238624, 0.48638212068189723);

    #[test]
    fn scores_match_scikit_learn_with_ties() {
        let pairs: Vec<(f64, f64)> = (0..60_u32)
            .map(|i| (f64::from(u8::from((i * i + 3 * i) % 7 < 2)), 0.02 + f64::from((i * 11) % 19) / 20.0))
            .collect();
        let found = scores(&predictions(&pairs));
        let all = [found.auc.unwrap(), found.average_precision.unwrap(), found.log_loss, found.brier];
        for (ours, theirs) in all.into_iter().zip(SKLEARN) {
            close(ours, theirs, 1e-12);
        }
        let (_, (low, high)) = auc_interval(&predictions(&pairs)).unwrap();
        close(low, DELONG.0, 1e-9);
        close(high, DELONG.1, 1e-9);
    }

    #[test]
    fn by_hand() {
        // Yes at 0.9 and 0.4, no at 0.6 and 0.1: three of four pairs are in order.
        let rows = predictions(&[(1.0, 0.9), (0.0, 0.6), (1.0, 0.4), (0.0, 0.1)]);
        let found = scores(&rows);
        assert_eq!(found.auc, Some(0.75));
        close(found.average_precision.unwrap(), 0.5 + 0.5 * 2.0 / 3.0, 1e-15);
        // All equal: chance, and precision is the share of yes.
        let flat = scores(&predictions(&[(1.0, 0.3), (0.0, 0.3), (0.0, 0.3), (0.0, 0.3)]));
        assert_eq!((flat.auc, flat.average_precision), (Some(0.5), Some(0.25)));
    }

    #[test]
    fn one_class_alone_has_no_auc_and_nothing_is_nan() {
        let none = scores(&predictions(&[(0.0, 0.2), (0.0, 0.4)]));
        assert_eq!((none.auc, none.average_precision), (None, None));
        assert!(none.log_loss.is_finite() && none.brier.is_finite());
        let sure = scores(&predictions(&[(0.0, 1.0), (1.0, 0.0)]));
        assert!(sure.log_loss.is_finite() && sure.log_loss > 30.0);
        assert_eq!(auc_interval(&predictions(&[(1.0, 0.2), (0.0, 0.4)])), None);
    }

    #[test]
    fn the_interval_holds_the_auc_and_narrows_with_rows() {
        let pairs = |n: u32| -> Vec<(f64, f64)> {
            (0..n)
                .map(|i| (f64::from(u8::from((i * 7) % 5 < 2)), f64::from((i * 7) % 5 * 3 + (i * 13) % 11)))
                .collect()
        };
        let (small, large) =
            (auc_interval(&predictions(&pairs(50))), auc_interval(&predictions(&pairs(500))));
        let (Some((a, (low, high))), Some((_, (tight_low, tight_high)))) = (small, large) else { panic!() };
        assert!(low < a && a < high && high <= 1.0 && tight_high - tight_low < high - low);
    }
}
