//! The task of a search: one candidate on one part of the training rows of a fold, or on the fold itself.

use serde::{Deserialize, Serialize};

use super::{Measure, Score};
use crate::engine::{
    context::Ctx,
    knobs::Settings,
    models::{
        self, comparison::Prediction, design::Design, family::ModelError, frame::Frame, metrics,
        outcome::Outcome, plan::Validation, split, work::exposure_name,
    },
    numeric::{math, random::Rng},
    order::InOrder,
    task::{TaskError, Work},
};

/// Streams of the parts, and of the rows that a candidate is tried on first.
const PART_STREAM: u64 = 0x0A27;
const SHARE_STREAM: u64 = 0x5A3E;

/// Training rows on which a candidate is tried, at least.
const FEWEST_ROWS: usize = 30;

/// Fits a candidate and scores it on rows it has not seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TuneFit {
    /// Family slug.
    pub family: String,
    /// The candidate.
    pub settings: Settings,
    /// The fold whose held-out rows the search must not see, or [`models::work::ALL_ROWS`] for the search on all rows.
    pub outer: u32,
    /// Which part of the training rows is held out; `None`: train on all of them and score the fold itself.
    pub part: Option<u32>,
    /// How the training rows are cut.
    pub parts: Parts,
    /// Training rows to use, in thousandths.
    pub share: u32,
}

/// How the training rows of a fold are cut for the search: the same for every candidate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Parts {
    /// How many parts.
    pub n: u32,
    /// Whether rows of one group of the frame stay together.
    pub grouped: bool,
    /// Seed of the cut.
    pub seed: u64,
}

/// Losses over some held-out rows, to be added up.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Loss {
    /// Of the predictions.
    pub sum: f64,
    /// Of the mean of these rows.
    pub of_mean: f64,
    /// Rows.
    pub n: u64,
    /// What was predicted.
    pub outcome: Outcome,
}

impl Loss {
    /// Of predictions. What a search goes by is the loss by which models are compared.
    fn of(outcome: Outcome, actual: &[f64], predicted: &[f64]) -> Self {
        let n = actual.len().max(1) as f64;
        let mean = math::sum(actual.iter().copied()) / n;
        let loss = |actual: f64, predicted: f64| {
            metrics::loss_of(outcome, &Prediction { row: 0, actual, predicted })
        };
        Self {
            outcome,
            sum: math::sum(actual.iter().zip(predicted).map(|(&y, &p)| loss(y, p))),
            of_mean: math::sum(actual.iter().map(|&y| loss(y, mean))),
            n: actual.len() as u64,
        }
    }

    /// Of several parts together.
    pub fn score(losses: &[Self]) -> Option<Score> {
        let n: u64 = losses.iter().map(|l| l.n).sum();
        let sum = math::sum(losses.iter().map(|l| l.sum));
        let of_mean = math::sum(losses.iter().map(|l| l.of_mean));
        (n > 0).then(|| Score {
            loss: match losses[0].outcome {
                Outcome::Amount => (sum / n as f64).sqrt(),
                Outcome::YesNo => sum / n as f64,
            },
            explained: (of_mean > 0.0).then(|| 1.0 - sum / of_mean),
        })
    }

    /// What that is called.
    pub fn measure(outcome: Outcome) -> Measure {
        let explained = match outcome {
            Outcome::Amount => "R²",
            Outcome::YesNo => "McFadden R²",
        };
        Measure { loss: outcome.loss().in_sentence().to_owned(), explained: explained.to_owned() }
    }
}

impl Parts {
    /// The part of each of some rows of a frame.
    fn of(&self, frame: &Frame, rows: &[u32]) -> Result<Vec<u32>, ModelError> {
        let mut rng = Rng::stream(self.seed, PART_STREAM);
        let groups = if self.grouped { codes(frame, rows) } else { Vec::new() };
        let n_groups = groups.iter().max().map_or(0, |&g| g + 1);
        let k = self.n.min(rows.len() as u32).max(2);
        if n_groups < 2 && frame.beside.outcome == Outcome::YesNo {
            return Ok(stratified(&frame.y_of(rows), k, &mut rng));
        }
        let validation = match n_groups {
            0 | 1 => Validation::KFold { k },
            n => Validation::GroupKFold { k: k.min(n), group: frame.beside.grouped_by.clone() },
        };
        let y = frame.y_of(rows);
        let rows = split::Rows { y: &y, groups: &groups, when: &[] };
        Ok(split::split(&validation, rows, &mut rng)?.fold)
    }
}

/// Parts with equal shares of yes and no: shuffled rows, dealt in turn.
fn stratified(y: &[f64], k: u32, rng: &mut Rng) -> Vec<u32> {
    let mut order: Vec<usize> = (0..y.len()).collect();
    rng.shuffle(&mut order);
    order.order_by(|&a, &b| y[a].total_cmp(&y[b]));
    let mut part = vec![0; y.len()];
    (0_u32..).zip(order).for_each(|(place, row)| part[row] = place % k);
    part
}

/// The groups of some rows, numbered in order of appearance.
fn codes(frame: &Frame, rows: &[u32]) -> Vec<u32> {
    if frame.beside.groups.len() != frame.n_rows() {
        return Vec::new();
    }
    let most = frame.beside.groups.iter().max().map_or(0, |&g| g as usize + 1);
    let mut known = vec![None; most];
    let mut next = 0;
    rows.iter()
        .map(|&row| {
            *known[frame.beside.groups[row as usize] as usize].get_or_insert_with(|| {
                next += 1;
                next - 1
            })
        })
        .collect()
}

impl TuneFit {
    /// The rows to train on and those to score.
    fn rows(&self, frame: &Frame) -> Result<(Vec<u32>, Vec<u32>), ModelError> {
        let all = frame.training_rows(self.outer);
        let Some(part) = self.part else { return Ok((all, frame.test_rows(self.outer))) };
        let part_of = self.parts.of(frame, &all)?;
        let of = |wanted: bool| {
            let rows = all.iter().zip(&part_of).filter(|(_, p)| (**p == part) == wanted);
            rows.map(|(&row, _)| row).collect::<Vec<u32>>()
        };
        let (mut training, test) = (of(false), of(true));
        let n = (training.len() as u64 * u64::from(self.share)).div_ceil(1000) as usize;
        let n = n.max(FEWEST_ROWS);
        if n < training.len() {
            Rng::stream(self.parts.seed, SHARE_STREAM + u64::from(part)).shuffle(&mut training);
            training.truncate(n);
            training.sort_unstable();
        }
        Ok((training, test))
    }

    fn loss(&self, frame: &Frame, ctx: &Ctx<'_>) -> Result<Loss, ModelError> {
        let (training, test) = self.rows(frame)?;
        if training.is_empty() || test.is_empty() {
            return Err(ModelError::TooFewRows { needed: 2, got: training.len() + test.len() });
        }
        let family = models::family(&self.family)?;
        let design = Design::learn(frame, &training, family.wants_dummies());
        let exposure = |rows: &[u32]| frame.exposure_of(exposure_name(&self.settings), rows);
        let x = design.matrix(frame, &training);
        let outcome = frame.beside.outcome;
        let trainer = family.trainer_for(outcome, &self.settings)?;
        let fitted = trainer.fit_exposed(&x, &frame.y_of(&training), &exposure(&training), ctx)?;
        let predicted = fitted.predict_exposed(&design.matrix(frame, &test), &exposure(&test));
        if predicted.iter().any(|p| !p.is_finite()) {
            return Err(ModelError::Singular);
        }
        Ok(Loss::of(outcome, &frame.y_of(&test), &predicted))
    }
}

impl Work for TuneFit {
    const SLUG: &'static str = "models.tune";
    type Shared = Frame;
    /// The errors, or why there are none.
    type Output = Result<Loss, ModelError>;

    fn run(self, frame: &Frame, ctx: &Ctx<'_>) -> Result<Self::Output, TaskError> {
        match self.loss(frame, ctx) {
            Err(ModelError::Stopped) => Err(TaskError::Stopped),
            other => Ok(other),
        }
    }
}
