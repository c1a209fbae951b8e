//! What a target is, an amount or a yes/no, and the scores that fit it.

use serde::{Deserialize, Serialize};

use super::{
    FAMILIES,
    comparison::Scores,
    family::ModelError,
    frame::{Frame, find, target_of, two_levels},
    plan::FamilyChoice,
};
use crate::engine::{
    data::{
        column::{Column, Values},
        table::Table,
    },
    words,
};

/// What a model says about a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// How much: a number.
    #[default]
    Amount,
    /// How likely: the probability of the larger of two values.
    YesNo,
}

impl Outcome {
    /// Both, as they are offered.
    pub const ALL: [Self; 2] = [Self::Amount, Self::YesNo];

    /// Key in recipes and on forms.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Amount => "amount",
            Self::YesNo => "yes_no",
        }
    }

    /// The outcome of a slug.
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|o| o.slug() == slug)
    }

    /// Word on the page.
    pub fn label(self) -> &'static str {
        match self {
            Self::Amount => "A number",
            Self::YesNo => "Yes or no (a probability)",
        }
    }

    /// The scores shown of it, the one a model is known by first.
    pub fn scores(self) -> &'static [Score] {
        match self {
            Self::Amount => &[Score::R2, Score::Rmse, Score::Mse, Score::Mae],
            Self::YesNo => &[Score::Auc, Score::AveragePrecision, Score::LogLoss, Score::Brier],
        }
    }

    /// The score a model is known by: 1 is perfect.
    pub fn headline(self) -> Score {
        match self {
            Self::Amount => Score::R2,
            Self::YesNo => Score::Auc,
        }
    }

    /// The error by which models are compared: smaller is better.
    pub fn loss(self) -> Score {
        match self {
            Self::Amount => Score::Rmse,
            Self::YesNo => Score::LogLoss,
        }
    }

    /// The score whose worsening says how much a model uses a column.
    pub fn importance(self) -> Score {
        match self {
            Self::Amount => Score::R2,
            Self::YesNo => Score::LogLoss,
        }
    }

    /// The two scores that are drawn.
    pub fn drawn(self) -> [Score; 2] {
        [self.headline(), self.loss()]
    }

    /// What the loss is called inside a sentence.
    pub fn loss_words(self) -> &'static str {
        match self {
            Self::Amount => "typical error",
            Self::YesNo => "log loss",
        }
    }

    /// A prediction as people read it: a number, or a probability in percent.
    pub fn show(self, prediction: f64) -> String {
        match self {
            Self::Amount => words::number(prediction),
            Self::YesNo => words::probability(prediction),
        }
    }

    /// How far a prediction moves, with its sign: "+2.4", "+12.3 points".
    pub fn show_change(self, by: f64) -> String {
        match self {
            Self::Amount => format!("{}{}", if by > 0.0 { "+" } else { "" }, words::number(by)),
            Self::YesNo => words::points(by),
        }
    }

    /// What the file says of a row: a number, or whether it is a yes.
    pub fn show_actual(self, actual: f64) -> String {
        match self {
            Self::YesNo if actual == 1.0 => "yes".to_owned(),
            Self::YesNo if actual == 0.0 => "no".to_owned(),
            _ => words::number(actual),
        }
    }

    /// What the baseline says of every row, inside a sentence.
    pub fn baseline_words(self) -> &'static str {
        match self {
            Self::Amount => "the mean",
            Self::YesNo => "the share of yes",
        }
    }
}

/// A measure of how well held-out rows are predicted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Score {
    /// Share of the spread explained.
    R2,
    /// Root of the mean squared error.
    Rmse,
    /// Mean squared error.
    Mse,
    /// Mean absolute error.
    Mae,
    /// Area under the ROC curve.
    Auc,
    /// Area under the precision-recall curve.
    AveragePrecision,
    /// Mean logarithmic loss.
    LogLoss,
    /// Mean squared error of probabilities.
    Brier,
}

impl Score {
    const ALL: [Self; 8] = [
        Self::R2,
        Self::Rmse,
        Self::Mse,
        Self::Mae,
        Self::Auc,
        Self::AveragePrecision,
        Self::LogLoss,
        Self::Brier,
    ];

    /// Key in requests for charts.
    pub fn slug(self) -> &'static str {
        match self {
            Self::R2 => "r2",
            Self::Rmse => "rmse",
            Self::Mse => "mse",
            Self::Mae => "mae",
            Self::Auc => "auc",
            Self::AveragePrecision => "average_precision",
            Self::LogLoss => "log_loss",
            Self::Brier => "brier",
        }
    }

    /// The score of a slug.
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.slug() == slug)
    }

    /// Head of a column.
    pub fn label(self) -> &'static str {
        match self {
            Self::R2 => "R²",
            Self::Rmse => "RMSE",
            Self::Mse => "MSE",
            Self::Mae => "MAE",
            Self::Auc => "AUC",
            Self::AveragePrecision => "PR-AUC",
            Self::LogLoss => "Log loss",
            Self::Brier => "Brier",
        }
    }

    /// What it is, in a sentence for those who do not know it.
    pub fn means(self) -> &'static str {
        match self {
            Self::R2 => {
                "The share of the target's spread that a model explains: 1 is perfect, 0 is no better than the mean, below 0 \
                 is worse."
            }
            Self::Rmse => "Root of the mean squared error, in units of the target: large errors weigh more.",
            Self::Mse => "Mean squared error, in squared units of the target.",
            Self::Mae => "Mean size of the errors, in units of the target.",
            Self::Auc => {
                "Of a yes and a no drawn at random, how often the yes gets the higher probability: 1 is perfect, 0.5 is chance."
            }
            Self::AveragePrecision => {
                "Average precision: the share of yes among those ranked highest, averaged over all yes. 1 is perfect; chance \
                 gives the share of yes."
            }
            Self::LogLoss => {
                "Mean surprise of a model at what happened: 0 is perfect, and a confident wrong probability costs most."
            }
            Self::Brier => "Mean squared gap between probability and outcome: 0 is perfect.",
        }
    }

    /// What a model that knows nothing gets on any table; `None` where that depends on the table.
    pub fn chance(self) -> Option<f64> {
        match self {
            Self::R2 => Some(0.0),
            Self::Auc => Some(0.5),
            _ => None,
        }
    }

    /// Whether larger is better.
    pub fn is_better_larger(self) -> bool {
        matches!(self, Self::R2 | Self::Auc | Self::AveragePrecision)
    }

    /// Decimals that are always right for it; `None` where they depend on the unit of the target.
    pub fn digits(self) -> Option<usize> {
        match self {
            Self::Rmse | Self::Mse | Self::Mae => None,
            Self::LogLoss | Self::Brier => Some(4),
            _ => Some(3),
        }
    }

    /// The value among scores; `None` where it is undefined.
    pub fn of(self, scores: &Scores) -> Option<f64> {
        let yes_no = scores.yes_no.as_ref();
        let value = match self {
            Self::R2 => scores.r2?,
            Self::Rmse => scores.rmse,
            Self::Mse => scores.mse,
            Self::Mae => scores.mae,
            Self::Auc => yes_no?.auc?,
            Self::AveragePrecision => yes_no?.average_precision?,
            Self::LogLoss => yes_no?.log_loss,
            Self::Brier => yes_no?.brier,
        };
        value.is_finite().then_some(value)
    }

    /// How much worse `other` is than `scores`, in its own units; `None` where either is undefined.
    pub fn worsening(self, scores: &Scores, other: &Scores) -> Option<f64> {
        let (from, to) = (self.of(scores)?, self.of(other)?);
        Some(if self.is_better_larger() { from - to } else { to - from })
    }

    /// "Drop in R²", "Rise in log loss": what shuffling a column does to it.
    pub fn worsening_words(self) -> String {
        let label = self.in_sentence();
        if self.is_better_larger() { format!("Drop in {label}") } else { format!("Rise in {label}") }
    }

    /// As it stands inside a sentence.
    pub fn in_sentence(self) -> &'static str {
        match self {
            Self::LogLoss => "log loss",
            Self::Brier => "Brier score",
            other => other.label(),
        }
    }
}

/// The two values of a yes/no target.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TwoValues {
    /// The smaller.
    pub no: f64,
    /// The larger; true of a yes/no column.
    pub yes: f64,
}

impl TwoValues {
    /// The two values that occur, missing ones aside; `None` with fewer or more.
    pub fn of(values: &[f64]) -> Option<Self> {
        let mut known = values.iter().copied().filter(|v| !v.is_nan());
        let first = known.next()?;
        let mut other = None;
        for value in known.filter(|&v| v != first) {
            match other {
                None => other = Some(value),
                Some(o) if o == value => {}
                Some(_) => return None,
            }
        }
        let other = other?;
        Some(Self { no: first.min(other), yes: first.max(other) })
    }

    /// What no and yes are called in a column: "0" and "1", "no" and "yes", or its levels.
    pub fn words(self, column: &Column) -> (String, String) {
        match &column.values {
            Values::Boolean(_) => ("no".to_owned(), "yes".to_owned()),
            Values::Category(d) => two_levels(d).map_or_else(Default::default, |(no, yes)| {
                (d.levels[no as usize].clone(), d.levels[yes as usize].clone())
            }),
            _ => (words::brief(self.no), words::brief(self.yes)),
        }
    }

    /// Makes the target of a frame 1 where it is yes, 0 elsewhere.
    pub fn put_into(self, frame: &mut Frame) {
        frame.y.iter_mut().for_each(|v| *v = f64::from(u8::from(*v == self.yes)));
        frame.beside.outcome = Outcome::YesNo;
    }
}

/// What a target can be predicted as, best guess first: with two values a yes/no or a number (words a yes/no only), else a
/// number.
pub fn possible(table: &Table, target: &str) -> Result<Vec<Outcome>, ModelError> {
    if matches!(find(table, target)?.values, Values::Category(_)) {
        return Ok(vec![Outcome::YesNo]);
    }
    Ok(match TwoValues::of(&target_of(table, target)?) {
        Some(_) => vec![Outcome::YesNo, Outcome::Amount],
        None => vec![Outcome::Amount],
    })
}

/// What is predicted where a plan leaves it open. Plans that name families for amounts alone were written before there were
/// others, and mean a number.
pub fn guessed(y: &[f64], families: &[FamilyChoice]) -> Outcome {
    let suits = |c: &FamilyChoice| {
        FAMILIES.iter().find(|f| f.slug() == c.family).is_none_or(|f| f.suits(Outcome::YesNo))
    };
    match TwoValues::of(y) {
        Some(_) if families.iter().all(suits) => Outcome::YesNo,
        _ => Outcome::Amount,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_lead_back() {
        for outcome in Outcome::ALL {
            assert_eq!(Outcome::from_slug(outcome.slug()), Some(outcome));
            assert!(
                outcome.scores().contains(&outcome.headline()) && outcome.scores().contains(&outcome.loss())
            );
            assert!(!outcome.loss().is_better_larger());
        }
        for score in Score::ALL {
            assert_eq!(Score::from_slug(score.slug()), Some(score));
            assert!(!score.means().is_empty());
        }
    }

    #[test]
    fn what_is_undefined_is_none() {
        let nothing = Scores { rmse: f64::NAN, ..Scores::default() };
        assert!(
            Score::ALL
                .into_iter()
                .filter(|s| *s != Score::Mse && *s != Score::Mae)
                .all(|s| s.of(&nothing).is_none())
        );
    }
}
