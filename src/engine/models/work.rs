//! The tasks of a comparison: one family on one fold, and the importance of each column for a fitted model on a fold.

use serde::{Deserialize, Serialize};

use super::{
    coefficients::CoefficientTable,
    design::Design,
    family::{Beyond, Fitted, FittedRows, ModelError},
    frame::Frame,
    metrics,
};
use crate::engine::{
    context::Ctx,
    knobs::Settings,
    numeric::matrix::Matrix,
    task::{TaskError, Work},
};

/// In place of a fold: every row trains, none is held out.
pub const ALL_ROWS: u32 = u32::MAX - 1;

/// How often a column is shuffled.
pub const REPEATS: u32 = 5;

/// Rows that importance looks at, at most; more would not change the picture.
const IMPORTANCE_ROWS: usize = 2_000;

/// Fits one family on the training rows of a fold and predicts the held-out rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FitFold {
    /// Family slug.
    pub family: String,
    /// Its settings, checked again where they are used.
    pub settings: Settings,
    /// The fold that is held out, or [`ALL_ROWS`].
    pub fold: u32,
}

/// What came of it. A family that fails says why; the others go on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FoldFit {
    /// Of the held-out rows, in their order in the frame.
    pub predictions: Vec<f64>,
    /// The fitted model ([`Fitted::save`]).
    #[serde(with = "serde_bytes")]
    pub fitted: Vec<u8>,
    /// [`Fitted::facts`].
    pub facts: Vec<(String, String)>,
    /// Why there are no predictions.
    pub error: Option<ModelError>,
    /// [`Trainer::coefficients`](super::family::Trainer::coefficients), of the fit on all rows.
    pub coefficients: Option<CoefficientTable>,
}

/// The column a family's settings name as exposure; none for most families.
pub fn exposure_name(settings: &Settings) -> &str {
    settings.text("exposure", "")
}

impl FitFold {
    fn fit(&self, frame: &Frame, ctx: &Ctx<'_>) -> Result<FoldFit, ModelError> {
        let family = super::family(&self.family)?;
        let trainer = family.trainer_for(frame.beside.outcome, &self.settings)?;
        let training = frame.training_rows(self.fold);
        let design = Design::learn(frame, &training, family.wants_dummies());
        let (x, y) = (design.training(frame, &training, &self.settings)?, frame.y_of(&training));
        let exposure = frame.exposure_of(exposure_name(&self.settings), &training);
        let (weights, blocks) = (frame.weights_of(&training), frame.blocks_of(&training));
        let beyond = Beyond { exposure: &exposure, weights: &weights, blocks: Some(&blocks) };
        let fitted = trainer.fit_with(&x, &y, beyond, ctx)?;
        let test = frame.test_rows(self.fold);
        let exposed = frame.exposure_of(exposure_name(&self.settings), &test);
        let predictions = fitted.predict_exposed(&design.matrix(frame, &test), &exposed);
        if predictions.iter().any(|p| !p.is_finite()) {
            return Err(ModelError::Singular);
        }
        let (mut facts, mut coefficients) = (fitted.facts(), None);
        if self.fold == ALL_ROWS && family.has_coefficients() {
            let group = |&row: &u32| frame.beside.groups.get(row as usize).copied();
            let rows = FittedRows {
                x: &x,
                y: &y,
                beyond,
                columns: &design.names(frame),
                groups: &training.iter().filter_map(group).collect::<Vec<u32>>(),
                grouped_by: &frame.beside.grouped_by,
            };
            coefficients = trainer.coefficients(fitted.as_ref(), &rows);
            facts.extend(coefficients.iter().flat_map(CoefficientTable::facts));
        }
        Ok(FoldFit { predictions, fitted: fitted.save(), facts, error: None, coefficients })
    }
}

impl Work for FitFold {
    const SLUG: &'static str = "models.fit";
    type Shared = Frame;
    type Output = FoldFit;

    fn run(self, frame: &Frame, ctx: &Ctx<'_>) -> Result<FoldFit, TaskError> {
        match self.fit(frame, ctx) {
            Ok(fit) => Ok(fit),
            Err(ModelError::Stopped) => Err(TaskError::Stopped),
            Err(error) => Ok(FoldFit {
                predictions: Vec::new(),
                fitted: Vec::new(),
                facts: Vec::new(),
                error: Some(error),
                coefficients: None,
            }),
        }
    }
}

/// Fits a part of one family on the training rows of a fold, for families that can be shared out
/// ([`Trainer::n_parts`](super::family::Trainer::n_parts)).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FitPart {
    /// What is fitted.
    pub fit: FitFold,
    /// Which part.
    pub part: u32,
}

impl Work for FitPart {
    const SLUG: &'static str = "models.fit_part";
    type Shared = Frame;
    /// The part's bytes, or why there are none.
    type Output = Result<Vec<u8>, ModelError>;

    fn run(self, frame: &Frame, ctx: &Ctx<'_>) -> Result<Self::Output, TaskError> {
        let Self { fit, part } = self;
        let fitted = (|| {
            let family = super::family(&fit.family)?;
            let training = frame.training_rows(fit.fold);
            let design = Design::learn(frame, &training, family.wants_dummies());
            let x = design.training(frame, &training, &fit.settings)?;
            family.trainer_for(frame.beside.outcome, &fit.settings)?.fit_part(
                &x,
                &frame.y_of(&training),
                &frame.weights_of(&training),
                part,
                ctx,
            )
        })();
        match fitted {
            Err(ModelError::Stopped) => Err(TaskError::Stopped),
            other => Ok(other),
        }
    }
}

impl FitPart {
    /// In how many parts a fit can be shared out.
    pub fn n_parts(fit: &FitFold) -> Result<u32, ModelError> {
        Ok(super::family(&fit.family)?.trainer(&fit.settings)?.n_parts())
    }

    /// What [`FitFold`] would have given, out of the outputs of all parts in order.
    pub fn join(fit: &FitFold, frame: &Frame, parts: Vec<Result<Vec<u8>, ModelError>>) -> FoldFit {
        let joined = (|| {
            let family = super::family(&fit.family)?;
            let parts = parts.into_iter().collect::<Result<Vec<_>, _>>()?;
            let training = frame.training_rows(fit.fold);
            let design = Design::learn(frame, &training, family.wants_dummies());
            let y = frame.y_of(&training);
            let trainer = family.trainer_for(frame.beside.outcome, &fit.settings)?;
            let fitted = trainer.join(&parts, design.n_columns(), &y, &frame.weights_of(&training))?;
            let predictions = fitted.predict(&design.matrix(frame, &frame.test_rows(fit.fold)));
            if predictions.iter().any(|p| !p.is_finite()) {
                return Err(ModelError::Singular);
            }
            Ok(FoldFit {
                predictions,
                fitted: fitted.save(),
                facts: fitted.facts(),
                error: None,
                coefficients: None,
            })
        })();
        joined.unwrap_or_else(|error| FoldFit {
            predictions: Vec::new(),
            fitted: Vec::new(),
            facts: Vec::new(),
            error: Some(error),
            coefficients: None,
        })
    }
}

/// Permutation importance (Breiman 2001) on the held-out rows of a fold: how much R² drops (for yes/no: log loss rises) when
/// a group of columns, with all the matrix columns made from them, is shuffled. Columns that move together form a group: a model can hold a pair of
/// large opposite weights on them, and shuffling one alone would measure those, not what the columns tell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Importances {
    /// Family slug.
    pub family: String,
    /// Whose held-out rows are shuffled.
    pub fold: u32,
    /// Places of features in the frame, those of a group together.
    pub groups: Vec<Vec<u32>>,
    /// The column the model counts per; empty for none.
    pub exposure: String,
    /// The fitted model ([`Fitted::save`]).
    #[serde(with = "serde_bytes")]
    pub fitted: Vec<u8>,
}

impl Work for Importances {
    const SLUG: &'static str = "models.importance";
    type Shared = Frame;
    /// For each group the worsening of each repeat; empty where the score is undefined.
    type Output = Vec<Vec<f64>>;

    fn run(self, frame: &Frame, ctx: &Ctx<'_>) -> Result<Vec<Vec<f64>>, TaskError> {
        let failed = |e: ModelError| TaskError::Failed { message: e.to_string() };
        let family = super::family(&self.family).map_err(failed)?;
        let fitted: Box<dyn Fitted> = family.load(&self.fitted).map_err(failed)?;
        let design = Design::learn(frame, &frame.training_rows(self.fold), family.wants_dummies());
        let mut test = frame.test_rows(self.fold);
        if test.len() > IMPORTANCE_ROWS {
            ctx.rng(u64::from(u32::MAX)).shuffle(&mut test);
            test.truncate(IMPORTANCE_ROWS);
        }
        let y = frame.y_of(&test);
        let mut x = design.matrix(frame, &test);
        let exposure = frame.exposure_of(&self.exposure, &test);
        let outcome = frame.beside.outcome;
        let score = outcome.importance();
        let scored = |x: &Matrix| metrics::scored(outcome, &y, &fitted.predict_exposed(x, &exposure));
        let intact_scores = scored(&x);
        if score.of(&intact_scores).is_none() {
            return Ok(vec![Vec::new(); self.groups.len()]);
        };
        let n = self.groups.len() as u64;
        let mut drops = Vec::with_capacity(self.groups.len());
        for (g, group) in (0..n).zip(&self.groups) {
            ctx.tick(g, n)?;
            let columns: Vec<usize> = group.iter().flat_map(|&f| design.columns_of(f as usize)).collect();
            let intact: Vec<Vec<f64>> = columns.iter().map(|&j| x.column(j).to_vec()).collect();
            let mut of_group = Vec::with_capacity(REPEATS as usize);
            for repeat in 0..REPEATS {
                let mut order: Vec<u32> = (0..test.len() as u32).collect();
                ctx.rng(g * u64::from(REPEATS) + u64::from(repeat)).shuffle(&mut order);
                for (&j, values) in columns.iter().zip(&intact) {
                    for (slot, &from) in x.column_mut(j).iter_mut().zip(&order) {
                        *slot = values[from as usize];
                    }
                }
                let worse =
                    if columns.is_empty() { None } else { score.worsening(&intact_scores, &scored(&x)) };
                of_group.push(worse.unwrap_or(0.0));
            }
            for (&j, values) in columns.iter().zip(&intact) {
                x.column_mut(j).copy_from_slice(values);
            }
            drops.push(of_group);
        }
        Ok(drops)
    }
}
