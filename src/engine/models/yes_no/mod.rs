//! What is known of a model's probabilities on held-out rows: how well they rank, whether they can be taken at their word, and
//! what acting on them would find.

use crate::engine::order::InOrder;
use serde::{Deserialize, Serialize};

use super::{comparison::Prediction, family::ModelError};

pub mod calibration;
pub mod curves;
pub mod gains;
pub mod scores;

use calibration::Calibration;
use curves::Curve;
use gains::{GainRow, ThresholdRow};

/// Scores of probabilities on held-out rows.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct YesNoScores {
    /// Area under the ROC curve; `None` where the rows are all yes or all no.
    pub auc: Option<f64>,
    /// Average precision; `None` without a yes.
    pub average_precision: Option<f64>,
    /// Mean logarithmic loss, in nats.
    pub log_loss: f64,
    /// Mean squared gap between probability and outcome.
    pub brier: f64,
}

/// What the held-out probabilities of a comparison say.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct YesNoFindings {
    /// The value that counts as yes, as the file has it: "1".
    pub yes: String,
    /// The other.
    pub no: String,
    /// Rows with a target.
    pub n: u64,
    /// Of those, how many are yes.
    pub n_yes: u64,
    /// One a family with held-out probabilities.
    pub families: Vec<Probabilities>,
}

/// One family's held-out probabilities in figures.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Probabilities {
    /// Family slug.
    pub family: String,
    /// Area under the ROC curve over all held-out rows, with DeLong's 95 % interval.
    pub auc: Option<(f64, (f64, f64))>,
    /// Whether probabilities can be taken at their word.
    pub calibration: Calibration,
    /// Share of no given away against share of yes found.
    pub roc: Curve,
    /// Share of yes found against share of yes among those called yes.
    pub precision_recall: Curve,
    /// Tenths of the rows, most likely yes first.
    pub gains: Vec<GainRow>,
    /// What calling everyone above a probability a yes would find.
    pub thresholds: Vec<ThresholdRow>,
}

impl Probabilities {
    /// Of held-out predictions.
    pub fn of(family: &str, rows: &[Prediction]) -> Self {
        let ranked = Ranked::of(rows);
        Self {
            family: family.to_owned(),
            auc: scores::auc_interval(rows),
            calibration: calibration::calibration(rows),
            roc: curves::roc(&ranked),
            precision_recall: curves::precision_recall(&ranked),
            gains: gains::gains(&ranked),
            thresholds: gains::thresholds(&ranked),
        }
    }
}

/// Rows by falling probability, those of one probability together: nothing depends on the order of equals.
pub struct Ranked {
    /// (probability, rows, yes among them).
    pub blocks: Vec<(f64, f64, f64)>,
    /// All rows.
    pub n: f64,
    /// All yes.
    pub n_yes: f64,
}

impl Ranked {
    /// Of held-out predictions.
    pub fn of(rows: &[Prediction]) -> Self {
        let mut sorted: Vec<(f64, f64)> = rows.iter().map(|p| (p.predicted, p.actual)).collect();
        sorted.order_by(|a, b| b.0.total_cmp(&a.0));
        let mut blocks: Vec<(f64, f64, f64)> = Vec::new();
        for (p, y) in sorted {
            match blocks.last_mut() {
                Some(last) if last.0 == p => {
                    last.1 += 1.0;
                    last.2 += y;
                }
                _ => blocks.push((p, 1.0, y)),
            }
        }
        let n_yes = blocks.iter().map(|b| b.2).sum();
        Self { blocks, n: rows.len() as f64, n_yes }
    }

    /// After each block: (probability, rows, yes) from the top.
    pub fn cumulative(&self) -> impl Iterator<Item = (f64, f64, f64)> + '_ {
        self.blocks.iter().scan((0.0, 0.0), |sums, block| {
            sums.0 += block.1;
            sums.1 += block.2;
            Some((block.0, sums.0, sums.1))
        })
    }
}

/// Refuses training rows that are not of two kinds, 0 and 1.
pub fn check(y: &[f64]) -> Result<(), ModelError> {
    let refuse = |reason: &str| Err(ModelError::Refused { reason: reason.to_owned() });
    if y.is_empty() {
        return Err(ModelError::TooFewRows { needed: 2, got: 0 });
    }
    if y.iter().any(|&v| v != 0.0 && v != 1.0) {
        return refuse("it predicts yes or no, and the target has other values");
    }
    match (y.contains(&1.0), y.contains(&0.0)) {
        (false, _) => refuse("no training row is a yes, so nothing can be learnt of it"),
        (_, false) => refuse("every training row is a yes, so nothing can be learnt of no"),
        _ => Ok(()),
    }
}

/// The share of yes, by weight where there are weights.
pub fn share(y: &[f64], weights: &[f64]) -> f64 {
    if weights.is_empty() {
        return y.iter().sum::<f64>() / y.len().max(1) as f64;
    }
    y.iter().zip(weights).map(|(y, w)| y * w).sum::<f64>() / weights.iter().sum::<f64>()
}

#[cfg(test)]
pub(super) fn predictions(pairs: &[(f64, f64)]) -> Vec<Prediction> {
    (0..).zip(pairs).map(|(row, &(actual, predicted))| Prediction { row, actual, predicted }).collect()
}
