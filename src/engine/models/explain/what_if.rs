//! What if: one row with any values, predicted, with its interval and what each column does to it.

use serde::{Deserialize, Serialize};

use super::{
    Part, Value,
    conformal::LEVELS,
    dependence::{PointValue, point_value},
    explainer::Explainer,
};
use crate::engine::{
    models::{
        comparison::Prediction,
        family::ModelError,
        frame::{FeatureValues, Frame},
    },
    statistics::intervals::wilson_at,
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
    /// Of an amount where a new row like this may lie; of yes or no, the share of yes among rows predicted like this (Wilson).
    /// `None` where the rows are too few.
    pub interval: Option<(f64, f64)>,
    /// The rows behind an interval of yes or no.
    pub alike: Option<Alike>,
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

/// What became of the held-out rows that were predicted most like one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alike {
    /// Rows.
    pub n: u64,
    /// Of which yes.
    pub n_yes: u64,
}

impl Alike {
    /// One row in twenty counts as alike, within these bounds: fewer say little, more are not alike.
    const SHARE: usize = 20;
    const BOUNDS: (usize, usize) = (50, 500);

    /// `None` where there are too few rows to say anything. All that are as near as the last one count, in whatever order.
    fn of(rows: &[Prediction], probability: f64) -> Option<Self> {
        let (fewest, most) = Self::BOUNDS;
        let n = (rows.len() / Self::SHARE).clamp(fewest, most);
        let distance = |r: &Prediction| (r.predicted - probability).abs();
        if rows.len() < n {
            return None;
        }
        let mut distances: Vec<f64> = rows.iter().map(distance).collect();
        let farthest = *distances.select_nth_unstable_by(n - 1, f64::total_cmp).1;
        let alike = || rows.iter().filter(|r| distance(r) <= farthest);
        Some(Self { n: alike().count() as u64, n_yes: alike().filter(|r| r.actual > 0.5).count() as u64 })
    }
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
        let alike = self.is_yes_no().then(|| Alike::of(&self.of.predictions, prediction)).flatten();
        let interval = match (alike, &self.calibration) {
            (Some(Alike { n, n_yes }), _) => wilson_at(n_yes as f64, n as f64, level),
            (None, calibration) => calibration.as_ref().and_then(|c| c.interval(prediction, level)),
        };
        Ok(Answer {
            asked: asked.clone(),
            values: self.values(&row, 0),
            prediction,
            before: one(&before),
            interval,
            alike,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::numeric::random::Rng;

    #[test]
    fn rows_predicted_alike_are_the_nearest_whatever_their_order() {
        // Of 2,000 rows each is a yes with the probability it was given.
        let mut rng = Rng::stream(5, 6);
        let mut rows: Vec<Prediction> = (0..2_000)
            .map(|row| {
                let predicted = f64::from(row) / 2_000.0;
                Prediction { row, actual: f64::from(u8::from(rng.unit() < predicted)), predicted }
            })
            .collect();
        let at = |rows: &[Prediction], p: f64| Alike::of(rows, p).unwrap();
        let before: Vec<Alike> = [0.0, 0.3, 0.9, 1.0].map(|p| at(&rows, p)).to_vec();
        for (alike, p) in before.iter().zip([0.025, 0.3, 0.9, 0.975]) {
            assert!((100..=101).contains(&alike.n), "{alike:?}");
            let (low, high) = wilson_at(alike.n_yes as f64, alike.n as f64, 0.95).unwrap();
            assert!((low..=high).contains(&p), "{p}: {low} to {high}");
        }
        rng.shuffle(&mut rows);
        assert_eq!(before, [0.0, 0.3, 0.9, 1.0].map(|p| at(&rows, p)));
        // A tree gives many rows one probability: all of them count.
        rows.iter_mut().for_each(|r| r.predicted = if r.row < 700 { 0.1 } else { 0.8 });
        assert_eq!(at(&rows, 0.2).n, 700);
        assert_eq!(Alike::of(&rows[..49], 0.2), None);
    }
}
