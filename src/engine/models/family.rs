//! The three types of a model: family (what it is), trainer (checked settings), fitted (can predict).

use super::{
    coefficients::{CoefficientTable, ColumnName},
    outcome::Outcome,
};
use crate::engine::{
    context::{Ctx, Stopped},
    knobs::{Knob, KnobError, Settings},
    numeric::{cuts::Blocks, math, matrix::Matrix, tree::Tree},
};
use serde::{Deserialize, Serialize};

/// Why a model could not be fitted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum ModelError {
    /// A setting is refused.
    Knob(KnobError),
    /// The user stopped it.
    Stopped,
    /// No family has this slug.
    UnknownFamily {
        /// The slug that was asked for.
        slug: String,
    },
    /// The table has no such column.
    NoSuchColumn {
        /// Name that was asked for.
        name: String,
    },
    /// A column of the file that models do not see.
    NotSeen {
        /// The column.
        name: String,
        /// What became of it: "has no values".
        why: String,
    },
    /// The target holds neither numbers nor two values.
    TargetNotNumeric {
        /// The target.
        name: String,
    },
    /// The target has one value only.
    ConstantTarget {
        /// The target.
        name: String,
        /// That value.
        value: f64,
    },
    /// No column is left to predict with.
    NoFeatures,
    /// Too few rows with a target.
    TooFewRows {
        /// The fewest that would do.
        needed: usize,
        /// How many there are.
        got: usize,
    },
    /// The grouping column has fewer groups than there are folds.
    TooFewGroups {
        /// The fewest that would do.
        needed: usize,
        /// How many there are.
        got: usize,
        /// The grouping column.
        column: String,
    },
    /// The dates are fewer than the parts they are to be cut into.
    TooFewDates {
        /// The fewest that would do.
        needed: usize,
        /// How many there are.
        got: usize,
        /// The column that says when.
        column: String,
    },
    /// The effect of a column may only go up, and only down.
    BothWays {
        /// The column.
        name: String,
    },
    /// The effect of a column may only go one way, but it holds no numbers.
    NoWay {
        /// The column.
        name: String,
    },
    /// The model has no way to let some rows count more than others.
    CannotWeigh,
    /// A column that cannot say how much rows count.
    NoWeight {
        /// The column.
        name: String,
        /// What is wrong with it: "holds no numbers".
        why: String,
    },
    /// The equations have no single solution.
    Singular,
    /// An iteration stopped before it settled.
    DidNotConverge {
        /// How many were made.
        iterations: u32,
        /// The change it should have come below.
        tolerance: f64,
    },
    /// A stored model that cannot be read back.
    Unreadable,
    /// In words of the family: what, and what to try.
    Refused {
        /// The whole sentence.
        reason: String,
    },
}

impl std::fmt::Display for ModelError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Knob(e) => e.fmt(f),
            Self::Stopped => Stopped.fmt(f),
            Self::UnknownFamily { slug } => write!(f, "this version knows no model named “{slug}”"),
            Self::NoSuchColumn { name } => write!(f, "there is no column named “{name}”"),
            Self::NotSeen { name, why } => write!(f, "“{name}” {why}"),
            Self::TargetNotNumeric { name } => {
                write!(f, "the target “{name}” holds neither numbers nor just two values")
            }
            Self::ConstantTarget { name, value } => {
                write!(f, "the target “{name}” is {value} in every row: there is nothing to predict")
            }
            Self::NoFeatures => write!(f, "no feature is chosen"),
            Self::TooFewRows { needed, got } => write!(f, "{got} rows are too few, {needed} are needed"),
            Self::TooFewGroups { needed, got, column } => {
                write!(f, "“{column}” has {got} groups, but {needed} folds need at least {needed}")
            }
            Self::TooFewDates { needed, got, column } => {
                write!(
                    f,
                    "“{column}” has {got} different dates, but {needed} parts of the time need at least {needed}"
                )
            }
            Self::BothWays { name } => {
                write!(f, "the effect of “{name}” cannot be both only up and only down")
            }
            Self::NoWay { name } => {
                write!(f, "“{name}” holds no numbers, so its effect cannot only go up or down")
            }
            Self::CannotWeigh => write!(f, "it cannot weigh rows"),
            Self::NoWeight { name, why } => write!(f, "“{name}” cannot be the weight: it {why}"),
            Self::Singular => write!(f, "the columns do not determine a solution"),
            Self::DidNotConverge { iterations, tolerance } => {
                write!(f, "no solution within {tolerance} after {iterations} iterations")
            }
            Self::Unreadable => write!(f, "the stored model cannot be read"),
            Self::Refused { reason } => f.write_str(reason),
        }
    }
}

impl std::error::Error for ModelError {}

impl From<Stopped> for ModelError {
    fn from(_: Stopped) -> Self {
        Self::Stopped
    }
}
impl From<KnobError> for ModelError {
    fn from(e: KnobError) -> Self {
        Self::Knob(e)
    }
}

/// A kind of model.
pub trait Family: Sync {
    /// Key in recipes: "random_forest".
    fn slug(&self) -> &'static str;
    /// "Random forest"
    fn title(&self) -> &'static str;
    /// One plain sentence.
    fn help(&self) -> &'static str;
    /// Declared settings.
    fn knobs(&self) -> Vec<Knob>;
    /// Whether it wants centred and scaled columns.
    fn wants_scaling(&self) -> bool {
        false
    }
    /// Whether categories reach it as one column a level (first level dropped) rather than as ordered codes.
    fn wants_dummies(&self) -> bool {
        self.wants_scaling()
    }
    /// Whether it can predict this.
    fn suits(&self, outcome: Outcome) -> bool {
        outcome == Outcome::Amount
    }
    /// What it is called where it predicts this.
    fn title_for(&self, outcome: Outcome) -> &'static str {
        let _ = outcome;
        self.title()
    }
    /// The settings that matter where it predicts this.
    fn knobs_for(&self, outcome: Outcome) -> Vec<Knob> {
        let _ = outcome;
        self.knobs()
    }
    /// Checks the settings; what is trained predicts this. Probabilities lie within 0 and 1 and reach neither.
    fn trainer_for(&self, outcome: Outcome, settings: &Settings) -> Result<Box<dyn Trainer>, ModelError> {
        let _ = outcome;
        self.trainer(settings)
    }
    /// Checks the settings.
    fn trainer(&self, settings: &Settings) -> Result<Box<dyn Trainer>, ModelError>;
    /// Reads back what [`Fitted::save`] wrote.
    fn load(&self, bytes: &[u8]) -> Result<Box<dyn Fitted>, ModelError>;
    /// Whether it is compared when no family is named.
    fn is_default(&self) -> bool {
        true
    }
    /// The same where it predicts this.
    fn is_default_for(&self, outcome: Outcome) -> bool {
        self.suits(outcome) && self.is_default()
    }
    /// Whether training rows can count more or less than others.
    fn can_weigh(&self) -> bool {
        true
    }
    /// Whether its model fitted on all rows is shown column by column.
    fn has_coefficients(&self) -> bool {
        false
    }
    /// A scikit-learn expression that makes the same model.
    fn python(&self, settings: &Settings) -> String;
    /// The same where it predicts this.
    fn python_for(&self, outcome: Outcome, settings: &Settings) -> String {
        let _ = outcome;
        self.python(settings)
    }
}

/// Checked settings, ready to fit.
pub trait Trainer {
    /// Fits: `x` is n x p, `y` has length n >= 1 and is finite. `x` is complete and finite for families that want
    /// dummies; for others NaN is missing and columns of [`Matrix::levels`] are categories. Only families with a setting
    /// "exposure" look at that of the rows; one that cannot weigh rows refuses weights ([`Family::can_weigh`]).
    fn fit_with(
        &self,
        x: &Matrix,
        y: &[f64],
        rows: Beyond<'_>,
        ctx: &Ctx<'_>,
    ) -> Result<Box<dyn Fitted>, ModelError>;
    /// The same with nothing known of the rows beyond columns and outcome.
    fn fit(&self, x: &Matrix, y: &[f64], ctx: &Ctx<'_>) -> Result<Box<dyn Fitted>, ModelError> {
        self.fit_with(x, y, Beyond::default(), ctx)
    }
    /// In how many parts a fit can be shared among workers; the same however many workers there are. 1: it cannot.
    fn n_parts(&self) -> u32 {
        1
    }
    /// Fits one of the parts, with the seed of the whole.
    fn fit_part(
        &self,
        x: &Matrix,
        y: &[f64],
        weights: &[f64],
        part: u32,
        ctx: &Ctx<'_>,
    ) -> Result<Vec<u8>, ModelError> {
        let _ = part;
        Ok(self.fit_with(x, y, Beyond { weights, ..Beyond::default() }, ctx)?.save())
    }
    /// What [`Trainer::fit_with`] would have given, out of all parts in order. `p`: columns of the matrix.
    fn join(
        &self,
        parts: &[Vec<u8>],
        p: usize,
        y: &[f64],
        weights: &[f64],
    ) -> Result<Box<dyn Fitted>, ModelError> {
        let _ = (parts, p, y, weights);
        Err(ModelError::Unreadable)
    }
    /// The coefficients of a model it fitted, with their errors.
    fn coefficients(&self, fitted: &dyn Fitted, rows: &FittedRows<'_>) -> Option<CoefficientTable> {
        let _ = (fitted, rows);
        None
    }
}

/// What is known of training rows beyond columns and outcome, a number a row.
#[derive(Debug, Clone, Copy, Default)]
pub struct Beyond<'a> {
    /// How often each could have had the outcome (0 or NaN where that is unknown); empty for equally often.
    pub exposure: &'a [f64],
    /// How much each counts, above 0: a row of weight 2 is as two such rows. Empty for all the same.
    pub weights: &'a [f64],
    /// Which belong together where a model cuts them once more for itself; `None`: every row for itself.
    pub blocks: Option<&'a Blocks>,
}

impl<'a> Beyond<'a> {
    /// The weights, where there are any.
    pub fn weighed(&self) -> Option<&'a [f64]> {
        Some(self.weights).filter(|w| !w.is_empty())
    }

    /// For families that count every row the same.
    pub fn refuse_weights(&self) -> Result<(), ModelError> {
        if self.weights.is_empty() { Ok(()) } else { Err(ModelError::CannotWeigh) }
    }
}

/// What a model was fitted on.
pub struct FittedRows<'a> {
    /// The matrix.
    pub x: &'a Matrix,
    /// The outcome.
    pub y: &'a [f64],
    /// What was known of the rows beyond that.
    pub beyond: Beyond<'a>,
    /// The columns of the matrix.
    pub columns: &'a [ColumnName],
    /// Which rows belong together, and by what; a code a row, empty for none.
    pub groups: &'a [u32],
    /// The column `groups` is from.
    pub grouped_by: &'a str,
}

/// A model that can predict.
pub trait Fitted: Send {
    /// One prediction a row.
    fn predict(&self, x: &Matrix) -> Vec<f64>;
    /// The same for rows with an exposure, as [`Trainer::fit_with`].
    fn predict_exposed(&self, x: &Matrix, exposure: &[f64]) -> Vec<f64> {
        let _ = exposure;
        self.predict(x)
    }
    /// Intercept and one weight a column, on the scale of the columns, for models that are a weighted sum.
    fn weights(&self) -> Option<(f64, &[f64])> {
        None
    }
    /// The penalty of a model that has one, and those it was chosen from with their mean squared errors, largest first.
    fn penalties(&self) -> Option<(f64, &[(f64, f64)])> {
        None
    }
    /// What it is made of, where its predictions can be shared out among the columns exactly.
    fn anatomy(&self) -> Anatomy<'_> {
        Anatomy::Opaque
    }
    /// As bytes, for another worker or for later.
    fn save(&self) -> Vec<u8>;
    /// What a reader may want to know: ("rank", "14 of 15"), ("condition number", "37").
    fn facts(&self) -> Vec<(String, String)> {
        Vec::new()
    }
}

/// What a fitted model is made of.
#[derive(Debug, Clone, Copy)]
pub enum Anatomy<'a> {
    /// Nothing whose prediction could be shared out among the columns exactly.
    Opaque,
    /// `link(prediction) = intercept + sum of weights x columns`, plus the logarithm of the exposure where there is one.
    Sum {
        /// Where the sum starts.
        intercept: f64,
        /// One a column of the matrix.
        weights: &'a [f64],
        /// Of what the sum is.
        link: Link,
        /// Taken where a row's exposure is unknown; `None` for models without exposure.
        usual_exposure: Option<f64>,
    },
    /// `link(prediction) = base + factor x sum of the trees`.
    Trees {
        /// Where the sum starts.
        base: f64,
        /// What the sum of the trees is multiplied by.
        factor: f64,
        /// In the order grown.
        trees: &'a [Tree],
        /// Of what the sum is.
        link: Link,
    },
}

/// Of what a model's sum is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Link {
    /// The prediction itself.
    #[default]
    Identity,
    /// Its logarithm.
    Log,
    /// The logarithm of its odds.
    LogOdds,
}

impl Link {
    /// The prediction on the scale of the sum.
    pub fn of(self, prediction: f64) -> f64 {
        match self {
            Self::Identity => prediction,
            Self::Log => math::ln(prediction),
            Self::LogOdds => math::ln(prediction / (1.0 - prediction)),
        }
    }

    /// What the sum is of, with its article: "the logarithm of the prediction".
    pub fn words(self) -> &'static str {
        match self {
            Self::Identity => "the prediction",
            Self::Log => "the logarithm of the prediction",
            Self::LogOdds => "the log-odds of the prediction",
        }
    }
}
