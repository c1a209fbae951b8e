//! What if: one row with any values, predicted, with its interval and what each column does to it.

use serde::{Deserialize, Serialize};

use super::{
    Part, Value,
    conformal::LEVELS,
    dependence::{PointValue, point_value},
    explainer::Explainer,
};
use crate::engine::models::{
    family::ModelError,
    frame::{FeatureValues, Frame},
};

/// A question about one row.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct WhatIf {
    /// File row to begin with, from 0; `None` for a typical one: medians and most frequent levels.
    pub row: Option<u32>,
    /// Columns that are different: name and value.
    pub changes: Vec<(String, Value)>,
    /// Share of new rows the interval is meant for.
    pub level: f64,
}

/// Its answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The question.
    pub asked: WhatIf,
    /// The value of every column, in the order of
    /// [`Explanation::columns`](super::Explanation::columns).
    pub values: Vec<Value>,
    /// What the model fitted on all rows says.
    pub prediction: f64,
    /// What it says of the row before the changes.
    pub before: f64,
    /// `None` where there is no interval.
    pub interval: Option<(f64, f64)>,
    /// What the model says when no column is known, on the scale of the link.
    pub base: Option<f64>,
    /// What each column does, the largest first; empty where that is not known.
    pub parts: Vec<Part>,
    /// What the file says of the row, where nothing was changed.
    pub actual: Option<f64>,
    /// Held-out prediction of the row, where nothing was changed.
    pub held_out: Option<f64>,
    /// Values outside what the model has seen, a sentence each.
    pub cautions: Vec<String>,
}

impl Explainer {
    /// Answers a question.
    pub fn answer(&self, asked: &WhatIf) -> Result<Answer, ModelError> {
        let before = self.row(asked.row)?;
        let mut row = before.clone();
        let mut cautions = Vec::new();
        for (name, value) in &asked.changes {
            self.set(&mut row, name, value)?;
            cautions.extend(self.caution(name, value));
        }
        let one = |frame: &Frame| self.predict(frame).first().copied().unwrap_or(f64::NAN);
        let prediction = one(&row);
        if !prediction.is_finite() {
            return Err(ModelError::Refused {
                reason: "these values are so far from the table that there is no prediction".to_owned(),
            });
        }
        let level = if asked.level > 0.0 && asked.level < 1.0 { asked.level } else { LEVELS[1] };
        let (base, parts) = self.parts(&row).map_or((None, Vec::new()), |(base, parts)| (Some(base), parts));
        let is_as_read = asked.changes.is_empty();
        let known = asked.row.filter(|_| is_as_read);
        let held_out = known.and_then(|id| self.of.predictions.iter().find(|p| p.row == id));
        Ok(Answer {
            asked: asked.clone(),
            values: self.values(&row, 0),
            prediction,
            before: one(&before),
            interval: self.calibration.as_ref().and_then(|c| c.interval(prediction, level)),
            base,
            parts,
            actual: known.and_then(|_| before.y.first().copied()),
            held_out: held_out.map(|p| p.predicted),
            cautions,
        })
    }

    /// A row of the file, or the typical one, as a frame of one row.
    fn row(&self, wanted: Option<u32>) -> Result<Frame, ModelError> {
        let frame = &self.of.frame;
        if let Some(id) = wanted {
            let at = frame.row_ids.iter().position(|r| *r == id).ok_or_else(|| ModelError::Refused {
                reason: format!(
                    "row {} is not among the {} the model was fitted on: it has no {}, or a step dropped it",
                    u64::from(id) + 1,
                    frame.n_rows(),
                    frame.target
                ),
            })?;
            return Ok(frame.take_rows(&[at as u32]));
        }
        let mut row = frame.take_rows(&[0]);
        for column in &self.columns {
            self.set(&mut row, &column.name, &column.typical)?;
        }
        Ok(row)
    }

    fn set(&self, row: &mut Frame, name: &str, value: &Value) -> Result<(), ModelError> {
        let unknown = || ModelError::NoSuchColumn { name: name.to_owned() };
        if let Some(feature) = row.features.iter().position(|f| f.name == name) {
            let wanted = point_value(row, feature, value)
                .ok_or_else(|| ModelError::Refused { reason: format!("{name} cannot take this value") })?;
            match (&mut row.features[feature].values, wanted) {
                (FeatureValues::Number(v), PointValue::Number(to)) => v.fill(to),
                (FeatureValues::Category { codes, .. }, PointValue::Level(to)) => codes.fill(to),
                _ => return Err(unknown()),
            }
            if name != self.exposure() {
                return Ok(());
            }
        }
        // The exposure may be a feature too: both are the same column.
        let slot = row.beside.exposures.iter_mut().find(|(n, _)| n == name).ok_or_else(unknown)?;
        slot.1.fill(if let Value::Number(v) = value { *v } else { f64::NAN });
        Ok(())
    }

    fn caution(&self, name: &str, value: &Value) -> Option<String> {
        let column = self.columns.iter().find(|c| c.name == name)?;
        let (Value::Number(v), Some((low, high))) = (value, column.range) else { return None };
        (*v < low || *v > high).then(|| {
            format!(
                "{} is outside what the model has seen ({} to {}).",
                crate::engine::words::opening(name),
                column.kind.show(low),
                column.kind.show(high)
            )
        })
    }
}
