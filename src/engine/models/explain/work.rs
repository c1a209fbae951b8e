//! The work of an explanation: SHAP values of some rows, curves of some columns.

use serde::{Deserialize, Serialize};

use super::{
    ColumnKind, Dependence,
    dependence::{self, GridPoint, Rows},
    shap::{self, Contributions, Means},
};
use crate::engine::{
    context::Ctx,
    models::{design::Design, family::ModelError, frame::Frame},
    task::{TaskError, Work},
};

/// A fitted model and a sample of rows, as tasks share them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Subject {
    /// Family slug.
    pub family: String,
    /// The model fitted on all rows.
    #[serde(with = "serde_bytes")]
    pub fitted: Vec<u8>,
    /// How its matrix is made.
    pub design: Design,
    /// Where sums are counted from.
    pub means: Means,
    /// The column it counts per; empty for none.
    pub exposure: String,
    /// What a prediction is of.
    pub what: String,
    /// The sample, in the order drawn.
    pub sample: Frame,
}

fn failed(error: ModelError) -> TaskError {
    TaskError::Failed { message: error.to_string() }
}

/// SHAP values of some rows of the sample.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShapRows {
    /// The first row.
    pub from: u32,
    /// The row after the last.
    pub to: u32,
}

impl Work for ShapRows {
    const SLUG: &'static str = "models.shap";
    type Shared = Subject;
    /// `None` where there are no exact values.
    type Output = Option<Contributions>;

    fn run(self, subject: &Subject, ctx: &Ctx<'_>) -> Result<Self::Output, TaskError> {
        ctx.tick(0, 1)?;
        let fitted = crate::engine::models::family(&subject.family)
            .and_then(|f| f.load(&subject.fitted))
            .map_err(failed)?;
        let rows: Vec<u32> = (self.from..self.to.min(subject.sample.n_rows() as u32)).collect();
        let x = subject.design.matrix(&subject.sample, &rows);
        let exposure = subject.sample.exposure_of(&subject.exposure, &rows);
        let n_features = subject.sample.features.len();
        Ok(shap::contributions(fitted.as_ref(), &subject.design, n_features, &x, &exposure, &subject.means))
    }
}

/// Curves of some features.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Curves {
    /// Rows of the sample they are over: the first so many.
    pub n_rows: u32,
    /// Feature, what its values stand for, and the values it is set to.
    pub features: Vec<(u32, ColumnKind, Vec<GridPoint>)>,
}

impl Work for Curves {
    const SLUG: &'static str = "models.curves";
    type Shared = Subject;
    type Output = Vec<Dependence>;

    fn run(self, subject: &Subject, ctx: &Ctx<'_>) -> Result<Self::Output, TaskError> {
        let fitted = crate::engine::models::family(&subject.family)
            .and_then(|f| f.load(&subject.fitted))
            .map_err(failed)?;
        let rows: Vec<u32> = (0..self.n_rows.min(subject.sample.n_rows() as u32)).collect();
        let sample = subject.sample.take_rows(&rows);
        let exposure = subject.sample.exposure_of(&subject.exposure, &rows);
        let rows_of_curves = Rows {
            fitted: fitted.as_ref(),
            design: &subject.design,
            sample: &sample,
            exposure: &exposure,
            what: &subject.what,
        };
        let n = self.features.len() as u64;
        let mut out = Vec::new();
        for (done, (feature, kind, grid)) in (0..n).zip(self.features) {
            ctx.tick(done, n)?;
            out.extend(dependence::dependence(&rows_of_curves, feature as usize, kind, &grid));
        }
        Ok(out)
    }
}
