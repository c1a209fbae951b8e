//! The explanation as a job: SHAP values and curves as tasks over a seeded sample of rows; the rest is put together here.
//!
//! The chosen family is at hand when the comparison is done. Another one is first compared again by itself, on the same
//! folds, so that its importance and held-out predictions are those of the comparison.

use super::{
    ExplainPlan, Explainable, ExplainedRow, Explanation, MOST_ROWS, Surroundings, conformal,
    dependence::{self, GridPoint},
    explainer::Explainer,
    residual_checks::{self, Checked},
    shap::{self, Contributions},
    words,
    work::{Curves, ShapRows, Subject},
};
use crate::engine::{
    context::Ctx,
    models::{
        compare::ComparisonJob,
        family::{Anatomy, ModelError},
        frame::Frame,
    },
    numeric::random::Rng,
    order::InOrder,
    task::{self, Batch, Job, Stage},
    words::in_sentence,
};

/// Stream of the sample of rows.
const SAMPLE: u64 = 0x5A3E;

/// Rows of SHAP values in one task.
const ROWS_A_TASK: usize = 125;

/// Predictions spent on curves, about: of trees and sums, and of models whose predictions may take longer.
const CURVE_PREDICTIONS: (usize, usize) = (100_000, 30_000);

/// Columns whose curves are drawn: the most important.
const MOST_CURVES: usize = 24;

/// Rows that curves are averaged over.
const CURVE_ROWS: (usize, usize) = (60, 500);

/// Columns of curves in one task.
const CURVES_A_TASK: usize = 4;

/// Explains one family.
pub struct ExplainJob {
    plan: ExplainPlan,
    around: Surroundings,
    state: State,
}

enum State {
    /// Another family than the chosen is compared by itself first.
    Fitting(Box<ComparisonJob>),
    /// At hand.
    Ready(Box<Explainable>),
    /// Tasks are out.
    Explaining(Box<Asked>),
    Done,
}

/// What the outputs that come next belong to.
struct Asked {
    explainer: Explainer,
    sample: Frame,
    without_shap: Option<String>,
    n_shap_tasks: usize,
}

impl ExplainJob {
    /// Of a family that was compared and is at hand.
    pub fn of(found: Explainable, plan: ExplainPlan, around: Surroundings) -> Self {
        Self { plan, around, state: State::Ready(Box::new(found)) }
    }

    /// Of a family that a job compares by itself first.
    pub fn after(job: ComparisonJob, plan: ExplainPlan, around: Surroundings) -> Self {
        Self { plan, around, state: State::Fitting(Box::new(job)) }
    }

    fn explain(&mut self, found: Explainable, ctx: &Ctx<'_>) -> Result<Stage<Explained>, ModelError> {
        let around = std::mem::take(&mut self.around);
        let explainer = Explainer::new(found, around)?;
        ctx.tick(0, 1)?;
        let of = &explainer.of;
        let (n_shap, without_shap) = match shap::n_rows(explainer.fitted.as_ref(), &of.result.title) {
            Ok(n) => (n, None),
            Err(why) => (0, Some(why)),
        };
        let sample = sample(&explainer);
        let n_shap = n_shap.min(sample.n_rows());
        let title = in_sentence(&of.result.title);
        let mut batch = Batch::default();
        let id = batch.share(&Subject {
            family: of.result.family.clone(),
            fitted: of.fitted.clone(),
            design: explainer.design.clone(),
            means: explainer.means.clone(),
            exposure: explainer.exposure().to_owned(),
            what: explainer.what(),
            sample: sample.clone(),
        });
        let rows: Vec<usize> = (0..n_shap).collect();
        let chunks = rows.chunks(ROWS_A_TASK);
        let n_shap_tasks = chunks.len();
        for chunk in chunks {
            let (from, to) = (chunk[0] as u32, chunk[chunk.len() - 1] as u32 + 1);
            batch.push(
                format!("What moves predictions of {title}"),
                id,
                of.plan.seed,
                &ShapRows { from, to },
            );
        }
        for work in curves(&explainer, sample.n_rows()) {
            batch.push(format!("Curves of {title}"), id, of.plan.seed, &work);
        }
        self.state = State::Explaining(Box::new(Asked { explainer, sample, without_shap, n_shap_tasks }));
        Ok(Stage::Work(batch))
    }

    fn finish(&self, asked: Asked, outputs: &[Option<Vec<u8>>]) -> Result<Explained, ModelError> {
        let Asked { explainer, sample, without_shap, n_shap_tasks } = asked;
        let (of_shap, of_curves) = outputs.split_at(n_shap_tasks.min(outputs.len()));
        let mut shap_values: Option<Contributions> = None;
        for bytes in of_shap {
            let found = bytes.as_deref().and_then(|b| task::output::<ShapRows>(b).ok()).flatten();
            let found = found.ok_or(ModelError::Stopped)?;
            match &mut shap_values {
                Some(all) => all.values.extend(found.values),
                None => shap_values = Some(found),
            }
        }
        let mut curves = Vec::new();
        for bytes in of_curves {
            let found = bytes.as_deref().and_then(|b| task::output::<Curves>(b).ok());
            curves.extend(found.ok_or(ModelError::Stopped)?);
        }
        let of = &explainer.of;
        let looked_at = shap_values.as_ref().map(|s| {
            let n = s.values.len() / (s.n_columns as usize).max(1);
            sample.take_rows(&(0..n as u32).collect::<Vec<u32>>())
        });
        let exposure = looked_at.as_ref().map(|f| {
            let every: Vec<u32> = (0..f.n_rows() as u32).collect();
            f.exposure_of(explainer.exposure(), &every)
        });
        let summary = shap_values.as_ref().zip(looked_at.as_ref()).map(|(values, frame)| {
            let exposure = exposure.as_deref().filter(|e| !e.is_empty());
            shap::summary(values, frame, exposure.map(|e| (explainer.exposure(), e)))
        });
        let is_yes_no = explainer.is_yes_no();
        let part_of = folds_of(of);
        let intervals = if is_yes_no {
            None
        } else {
            conformal::coverage(&of.predictions, &part_of, of.n_folds, explainer.floor(), of.plan.seed)
        };
        let without_intervals = match (&intervals, is_yes_no) {
            (Some(_), _) => None,
            (None, true) => Some(words::YES_NO.to_owned()),
            (None, false) => Some(words::TOO_FEW.to_owned()),
        };
        let checked = Checked {
            target: &of.frame.target,
            title: &in_sentence(&of.result.title),
            rows: &of.predictions,
            around: &explainer.around,
            intervals: intervals.as_ref(),
            is_yes_no,
        };
        let mut found = Explanation {
            plan: self.plan.clone(),
            family: of.result.family.clone(),
            title: of.result.title.clone(),
            target: of.frame.target.clone(),
            what: explainer.what(),
            outcome: of.frame.beside.outcome,
            link: explainer.link(),
            n_rows: of.frame.n_rows() as u64,
            words: Vec::new(),
            columns: explainer.columns.clone(),
            importance: of.importance.clone(),
            claims: residual_checks::checks(&checked),
            misses: residual_checks::misses(&of.predictions),
            shap: summary,
            without_shap,
            examples: examples(&explainer),
            dependence: curves,
            intervals,
            without_intervals,
        };
        found.words = words::words(&found, &of.result, of.plan.outcome.unwrap_or_default());
        Ok(Explained { explanation: found, explainer })
    }
}

/// An explanation, and the model at hand for more questions.
pub struct Explained {
    /// What was found.
    pub explanation: Explanation,
    /// For questions about single rows.
    pub explainer: Explainer,
}

impl Job for ExplainJob {
    type Outcome = Explained;
    type Error = ModelError;

    fn step(
        &mut self,
        outputs: Vec<Option<Vec<u8>>>,
        stopped: bool,
        ctx: &Ctx<'_>,
    ) -> Result<Stage<Explained>, ModelError> {
        if stopped {
            return Err(ModelError::Stopped);
        }
        match std::mem::replace(&mut self.state, State::Done) {
            State::Fitting(mut job) => match job.step(outputs, stopped, ctx)? {
                Stage::Work(batch) => {
                    self.state = State::Fitting(job);
                    Ok(Stage::Work(batch))
                }
                Stage::Done(_) => {
                    let found = job.take_explainable().ok_or(ModelError::Stopped)?;
                    self.explain(found, ctx)
                }
            },
            State::Ready(found) => self.explain(*found, ctx),
            State::Explaining(asked) => Ok(Stage::Done(self.finish(*asked, &outputs)?)),
            State::Done => Err(ModelError::Stopped),
        }
    }
}

/// A seeded sample of rows whose exposure, where there is one, is above 0. Drawn from rows in the order of the file, so
/// that their order in the table does not matter.
fn sample(explainer: &Explainer) -> Frame {
    let frame = &explainer.of.frame;
    let every: Vec<u32> = (0..frame.n_rows() as u32).collect();
    let exposure = frame.exposure_of(explainer.exposure(), &every);
    let mut rows: Vec<u32> =
        every.into_iter().filter(|&r| exposure.get(r as usize).is_none_or(|e| *e > 0.0)).collect();
    rows.order_by_key(|&r| frame.row_ids[r as usize]);
    Rng::stream(explainer.of.plan.seed, SAMPLE).shuffle(&mut rows);
    rows.truncate(MOST_ROWS);
    frame.take_rows(&rows)
}

/// Curves of the columns that matter most, a few a task.
fn curves(explainer: &Explainer, n_sampled: usize) -> Vec<Curves> {
    let of = &explainer.of;
    // In the order of importance; columns of one group in the order of the table.
    let mut features: Vec<u32> = Vec::new();
    for important in &of.importance {
        let names: Vec<&str> = important.feature.split(" + ").collect();
        let is_of_group = |name: &str| name == important.feature || names.contains(&name);
        for (place, feature) in (0..).zip(&of.frame.features) {
            if is_of_group(&feature.name) && !features.contains(&place) {
                features.push(place);
            }
        }
    }
    features.truncate(MOST_CURVES);
    let with_grids: Vec<(u32, super::ColumnKind, Vec<GridPoint>)> = features
        .into_iter()
        .map(|f| {
            let kind = explainer.columns.get(f as usize).map_or_else(Default::default, |c| c.kind);
            (f, kind, dependence::grid(&of.frame, f as usize, kind))
        })
        .filter(|(_, _, grid)| grid.len() > 1)
        .collect();
    let n_points: usize = with_grids.iter().map(|(_, _, grid)| grid.len()).sum();
    let is_opaque = matches!(explainer.fitted.anatomy(), Anatomy::Opaque);
    let n_predictions = if is_opaque { CURVE_PREDICTIONS.1 } else { CURVE_PREDICTIONS.0 };
    let n_rows = (n_predictions / n_points.max(1)).clamp(CURVE_ROWS.0, CURVE_ROWS.1).min(n_sampled) as u32;
    with_grids.chunks(CURVES_A_TASK).map(|c| Curves { n_rows, features: c.to_vec() }).collect()
}

/// The fold of each held-out prediction.
fn folds_of(of: &Explainable) -> Vec<u32> {
    let n = of.frame.row_ids.iter().max().map_or(0, |&id| id as usize + 1);
    let mut fold = vec![0; n];
    of.frame.row_ids.iter().zip(&of.frame.fold).for_each(|(&id, &f)| fold[id as usize] = f);
    of.predictions.iter().map(|p| fold.get(p.row as usize).copied().unwrap_or(0)).collect()
}

/// Three rows taken apart: a typical one, the one predicted highest, the one missed most.
fn examples(explainer: &Explainer) -> Vec<ExplainedRow> {
    let of = &explainer.of;
    let mut sorted: Vec<_> = of.predictions.iter().collect();
    sorted.order_by(|a, b| a.predicted.total_cmp(&b.predicted).then(a.row.cmp(&b.row)));
    let typical = sorted.get(sorted.len() / 2).map(|p| ("typical", p.row));
    let highest = sorted.last().map(|p| ("highest", p.row));
    let missed = residual_checks::misses(&of.predictions).first().map(|m| ("missed", m.row));
    let mut out: Vec<ExplainedRow> = Vec::new();
    for (slug, id) in [typical, highest, missed].into_iter().flatten() {
        let Some(at) = of.frame.row_ids.iter().position(|r| *r == id) else { continue };
        if out.iter().any(|e| e.row == id) {
            continue;
        }
        let row = of.frame.take_rows(&[at as u32]);
        let Some((base, parts)) = explainer.parts(&row) else { continue };
        out.push(ExplainedRow {
            slug: slug.to_owned(),
            row: id,
            actual: of.frame.y[at],
            predicted: explainer.predict(&row).first().copied().unwrap_or(f64::NAN),
            base,
            parts,
        });
    }
    out
}
