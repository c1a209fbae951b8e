//! The task of a search: one candidate on one part of the training rows of a fold, or on the fold itself.

use serde::{Deserialize, Serialize};

use super::{Measure, Score};
use crate::engine::{
    context::Ctx,
    knobs::Settings,
    models::{
        self,
        comparison::Prediction,
        design::Design,
        family::{Beyond, ModelError},
        frame::{ALWAYS_TRAINING, Frame, NEITHER},
        metrics,
        outcome::Outcome,
        plan::Validation,
        split::{self, Split},
        work::exposure_name,
        yes_no,
    },
    numeric::{math, random::Rng},
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
    /// How many parts, where there are rows, groups or dates enough.
    pub n: u32,
    /// What the cut keeps to.
    pub cut: Cut,
    /// Seed of the cut.
    pub seed: u64,
}

/// What a cut within training rows keeps to, so that the search is judged as the comparison is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cut {
    /// Shuffled rows; of a yes/no in equal shares.
    Shuffled,
    /// The same with equal shares of low and high amounts too.
    Stratified,
    /// Rows of one group of the frame stay together.
    Grouped,
    /// A part is scored by what was learnt on earlier dates.
    Forward,
}

impl Cut {
    /// As a comparison is validated.
    pub fn like(validation: &Validation) -> Self {
        if validation.group().is_some() {
            Self::Grouped
        } else if validation.date().is_some() {
            Self::Forward
        } else if matches!(validation, Validation::StratifiedKFold { .. }) {
            Self::Stratified
        } else {
            Self::Shuffled
        }
    }
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

    /// By the measure of a comparison: RMSE, or log loss. `None` without rows.
    pub fn value(&self) -> Option<f64> {
        let mean = self.sum / self.n as f64;
        (self.n > 0).then(|| match self.outcome {
            Outcome::Amount => mean.sqrt(),
            Outcome::YesNo => mean,
        })
    }

    /// The mean over several parts, as a comparison takes it over its folds; parts without rows do not count.
    pub fn score(losses: &[Self]) -> Option<Score> {
        let of_parts: Vec<f64> = losses.iter().filter_map(Self::value).collect();
        let explained = |l: &Self| (l.n > 0 && l.of_mean > 0.0).then(|| 1.0 - l.sum / l.of_mean);
        let explained: Vec<f64> = losses.iter().filter_map(explained).collect();
        let mean = |of: &[f64]| metrics::mean_sd(of).0;
        (!of_parts.is_empty()).then(|| Score {
            loss: mean(&of_parts),
            explained: (!explained.is_empty()).then(|| mean(&explained)),
            spread: (of_parts.len() > 1).then(|| metrics::mean_sd(&of_parts).1),
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
    /// Cuts some rows of a frame: fewer parts than wanted where there are too few rows, groups or dates.
    fn of(&self, frame: &Frame, rows: &[u32]) -> Result<Split, ModelError> {
        let mut rng = Rng::stream(self.seed, PART_STREAM);
        let k = self.n.min(rows.len() as u32).max(2);
        let y = frame.y_of(rows);
        let (groups, when) = match self.cut {
            Cut::Shuffled | Cut::Stratified => Default::default(),
            Cut::Grouped => (codes(frame, rows), Vec::new()),
            Cut::Forward => (Vec::new(), frame.when_of(rows)),
        };
        let n_groups = groups.iter().max().map_or(0, |&g| g + 1);
        let n_dates = split::n_dates(&when) as u32;
        let validation = if n_groups >= 2 {
            Validation::GroupKFold { k: k.min(n_groups), group: frame.beside.grouped_by.clone() }
        } else if n_dates >= 2 {
            Validation::ForwardInTime { k: k.min(n_dates - 1), date: String::new() }
        } else if self.cut == Cut::Stratified || frame.beside.outcome == Outcome::YesNo {
            Validation::StratifiedKFold { k, repeats: 1 }
        } else {
            Validation::KFold { k }
        };
        split::split(&validation, split::Rows { y: &y, groups: &groups, when: &when }, &mut rng)
    }
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

/// Rows to train on, and rows to score.
type TrainingAndTest = (Vec<u32>, Vec<u32>);

impl TuneFit {
    /// The rows to train on and those to score; `None` where the rows allow fewer parts than that.
    pub(super) fn rows(&self, frame: &Frame) -> Result<Option<TrainingAndTest>, ModelError> {
        let all = frame.training_rows(self.outer);
        let Some(part) = self.part else { return Ok(Some((all, frame.test_rows(self.outer)))) };
        let cut = self.parts.of(frame, &all)?;
        if part >= cut.n_folds {
            return Ok(None);
        }
        let of = |wanted: &dyn Fn(u32) -> bool| {
            let rows = all.iter().zip(&cut.fold).filter(|(_, own)| wanted(**own));
            rows.map(|(&row, _)| row).collect::<Vec<u32>>()
        };
        let test = of(&|own| own == part);
        let mut training = of(&|own| match own {
            ALWAYS_TRAINING => true,
            NEITHER => false,
            own if cut.is_forward => own < part,
            own => own != part,
        });
        let n = (training.len() as u64 * u64::from(self.share)).div_ceil(1000) as usize;
        let n = n.max(FEWEST_ROWS);
        if n < training.len() {
            Rng::stream(self.parts.seed, SHARE_STREAM + u64::from(part)).shuffle(&mut training);
            training.truncate(n);
            training.sort_unstable();
        }
        Ok(Some((training, test)))
    }

    fn loss(&self, frame: &Frame, ctx: &Ctx<'_>) -> Result<Loss, ModelError> {
        let outcome = frame.beside.outcome;
        let nothing = Ok(Loss { outcome, ..Loss::default() });
        let Some((training, test)) = self.rows(frame)? else { return nothing };
        let y = frame.y_of(&training);
        if self.part.is_some() && outcome == Outcome::YesNo && yes_no::check(&y).is_err() {
            // Groups or dates may leave a part one answer alone: it says nothing of any candidate.
            return nothing;
        }
        if training.is_empty() || test.is_empty() {
            return Err(ModelError::TooFewRows { needed: 2, got: training.len() + test.len() });
        }
        let family = models::family(&self.family)?;
        let design = Design::learn(frame, &training, family.wants_dummies());
        let exposure = |rows: &[u32]| frame.exposure_of(exposure_name(&self.settings), rows);
        let x = design.training(frame, &training, &self.settings)?;
        let trainer = family.trainer_for(outcome, &self.settings)?;
        let (exposure_there, weights, blocks) =
            (exposure(&training), frame.weights_of(&training), frame.blocks_of(&training));
        let beyond = Beyond { exposure: &exposure_there, weights: &weights, blocks: Some(&blocks) };
        let fitted = trainer.fit_with(&x, &y, beyond, ctx)?;
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
