//! A fitted model at hand: what the host keeps to answer questions about single rows at once.

use super::{
    ColumnKind, Explainable, ExplainedColumn, Part, Surroundings, Value,
    conformal::Calibration,
    shap::{self, Means},
};
use crate::engine::{
    data::{column::Dictionary, distinct},
    models::{
        design::Design,
        family::{Fitted, Link, ModelError},
        frame::{FeatureValues, Frame},
        outcome::Outcome,
        work::{ALL_ROWS, exposure_name},
    },
    numeric::describe::quantile,
    order::InOrder,
    words::brief,
};

/// A fitted model with all that is needed to predict and explain one row.
pub struct Explainer {
    /// What the comparison left behind.
    pub of: Explainable,
    /// The model fitted on all rows.
    pub fitted: Box<dyn Fitted>,
    /// How its matrix is made.
    pub design: Design,
    /// Where sums are counted from.
    pub means: Means,
    /// The columns it predicts from.
    pub columns: Vec<ExplainedColumn>,
    /// Intervals; `None` where there is nothing to be calibrated.
    pub calibration: Option<Calibration>,
    /// What is known of the columns.
    pub around: Surroundings,
}

impl Explainer {
    /// Reads the model back and learns what single rows need.
    pub fn new(of: Explainable, around: Surroundings) -> Result<Self, ModelError> {
        let family = crate::engine::models::family(&of.result.family)?;
        let fitted = family.load(&of.fitted)?;
        let every: Vec<u32> = (0..of.frame.n_rows() as u32).collect();
        // Rows that the fit on all rows leaves out (without a date, where it matters) say nothing here either.
        let design = Design::learn(&of.frame, &of.frame.training_rows(ALL_ROWS), family.wants_dummies());
        let exposure = of.frame.exposure_of(exposure_name(&of.settings), &every);
        let means = Means::of(fitted.as_ref(), &design, &of.frame, &exposure);
        let mut columns: Vec<ExplainedColumn> =
            (0..of.frame.features.len()).map(|i| column(&of.frame, i, &around)).collect();
        let name = exposure_name(&of.settings);
        if !exposure.is_empty() {
            columns
                .push(ExplainedColumn { is_exposure: true, ..numbers(name, ColumnKind::Number, &exposure) });
        }
        let mut explainer = Self { fitted, design, means, columns, calibration: None, around, of };
        if !explainer.is_yes_no() {
            explainer.calibration = Calibration::learn(&explainer.of.predictions, explainer.floor());
        }
        Ok(explainer)
    }

    /// The column it counts per; empty for none.
    pub fn exposure(&self) -> &str {
        exposure_name(&self.of.settings)
    }

    /// Of what its sum is.
    pub fn link(&self) -> Link {
        use crate::engine::models::family::Anatomy;
        match self.fitted.anatomy() {
            Anatomy::Sum { link, .. } | Anatomy::Trees { link, .. } => link,
            Anatomy::Opaque => Link::Identity,
        }
    }

    /// What a prediction is of.
    pub fn what(&self) -> String {
        let name = &self.of.frame.target;
        if self.of.frame.beside.outcome == Outcome::YesNo {
            format!("probability of {name}")
        } else {
            format!("predicted {name}")
        }
    }

    /// Whether the target is 0 or 1 in every row.
    pub fn is_yes_no(&self) -> bool {
        self.of.frame.y.iter().all(|&v| v == 0.0 || v == 1.0)
    }

    /// 0 where no row is below it.
    pub fn floor(&self) -> Option<f64> {
        self.of.frame.y.iter().all(|&v| v >= 0.0).then_some(0.0)
    }

    /// Predictions of rows of a frame like the one it was fitted on.
    pub fn predict(&self, rows: &Frame) -> Vec<f64> {
        let every: Vec<u32> = (0..rows.n_rows() as u32).collect();
        let exposure = rows.exposure_of(self.exposure(), &every);
        self.fitted.predict_exposed(&self.design.matrix(rows, &every), &exposure)
    }

    /// One row of a frame taken apart: the base, and the parts from the largest. `None` where that cannot be done, or
    /// would take longer than somebody waits.
    pub fn parts(&self, row: &Frame) -> Option<(f64, Vec<Part>)> {
        if shap::cost(self.fitted.as_ref())? > shap::LIVE_STEPS {
            return None;
        }
        let x = self.design.matrix(row, &[0]);
        let exposure = row.exposure_of(self.exposure(), &[0]);
        let n = self.of.frame.features.len();
        let found = shap::contributions(self.fitted.as_ref(), &self.design, n, &x, &exposure, &self.means)?;
        if !found.values.iter().all(|v| v.is_finite()) {
            return None;
        }
        Some((found.base, self.named(row, 0, found.row(0))))
    }

    /// SHAP values of a row with names and values, from the largest.
    pub fn named(&self, frame: &Frame, row: usize, values: &[f64]) -> Vec<Part> {
        let mut parts: Vec<Part> = values
            .iter()
            .enumerate()
            .map(|(column, &by)| Part {
                column: self.columns.get(column).map_or_else(String::new, |c| c.name.clone()),
                value: self.shown(frame, row, column),
                by,
            })
            .collect();
        parts.order_by(|a, b| b.by.abs().total_cmp(&a.by.abs()).then_with(|| a.column.cmp(&b.column)));
        parts
    }

    /// The value of a column in a row, as people read it.
    fn shown(&self, frame: &Frame, row: usize, column: usize) -> String {
        let missing = || "missing".to_owned();
        match frame.features.get(column).map(|f| &f.values) {
            Some(FeatureValues::Number(v)) => {
                let kind = self.columns.get(column).map_or(ColumnKind::Number, |c| c.kind);
                v.get(row).map_or_else(missing, |v| kind.show(*v))
            }
            Some(FeatureValues::Category { codes, .. }) => match codes.get(row) {
                Some(&code) => level(frame, column, code).unwrap_or_else(missing),
                None => missing(),
            },
            None => match frame.exposure_of(self.exposure(), &[row as u32]).first() {
                Some(v) if !v.is_nan() => brief(*v),
                _ => missing(),
            },
        }
    }

    /// The values of a row, one a column.
    pub fn values(&self, frame: &Frame, row: usize) -> Vec<Value> {
        let number = |v: f64| if v.is_nan() { Value::Missing } else { Value::Number(v) };
        let feature = |(i, f): (usize, &crate::engine::models::frame::Feature)| match &f.values {
            FeatureValues::Number(v) => v.get(row).map_or(Value::Missing, |v| number(*v)),
            FeatureValues::Category { codes, .. } => {
                codes.get(row).and_then(|&code| level(frame, i, code)).map_or(Value::Missing, Value::Level)
            }
        };
        let mut out: Vec<Value> = frame.features.iter().enumerate().map(feature).collect();
        if self.columns.len() > out.len() {
            let exposure = frame.exposure_of(self.exposure(), &[row as u32]);
            out.push(exposure.first().map_or(Value::Missing, |v| number(*v)));
        }
        out
    }
}

/// The name of a level; `None` when it is missing.
pub fn level(frame: &Frame, feature: usize, code: u32) -> Option<String> {
    if code == Dictionary::MISSING {
        return None;
    }
    let named = frame.beside.levels.get(feature).and_then(|l| l.get(code as usize)).cloned();
    Some(named.unwrap_or_else(|| format!("level {}", code + 1)))
}

fn column(frame: &Frame, feature: usize, around: &Surroundings) -> ExplainedColumn {
    let of = &frame.features[feature];
    match &of.values {
        FeatureValues::Number(values) => numbers(&of.name, around.kind(&of.name), values),
        FeatureValues::Category { n_levels, codes } => {
            let mut counts = vec![0_u64; *n_levels as usize];
            let mut n_missing = 0_u64;
            for &code in codes {
                match counts.get_mut(code as usize) {
                    Some(slot) => *slot += 1,
                    None => n_missing += 1,
                }
            }
            let most = (0..counts.len()).rev().max_by_key(|&l| counts[l]);
            let name = |l: usize| level(frame, feature, l as u32).unwrap_or_default();
            ExplainedColumn {
                name: of.name.clone(),
                kind: ColumnKind::Category,
                range: None,
                is_whole: false,
                levels: (0..counts.len()).filter(|&l| counts[l] > 0).map(name).collect(),
                has_missing: n_missing > 0,
                typical: most.filter(|&l| counts[l] > 0).map_or(Value::Missing, |l| Value::Level(name(l))),
                is_exposure: false,
            }
        }
    }
}

fn numbers(name: &str, kind: ColumnKind, values: &[f64]) -> ExplainedColumn {
    let mut known: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
    distinct::sort(&mut known);
    let is_whole = known.iter().all(|v| v.fract() == 0.0);
    let median = quantile(&known, 0.5).map(|m| if is_whole { m.floor() } else { m });
    ExplainedColumn {
        name: name.to_owned(),
        kind,
        range: known.first().zip(known.last()).map(|(a, b)| (*a, *b)),
        is_whole,
        levels: Vec::new(),
        has_missing: known.len() < values.len(),
        typical: median.map_or(Value::Missing, Value::Number),
        is_exposure: false,
    }
}
