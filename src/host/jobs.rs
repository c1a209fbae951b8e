//! Jobs that were handed out as tasks and are waiting for their outputs.

use super::quiet;
use crate::engine::{
    error::EngineError,
    models::{
        compare::ComparisonJob,
        comparison::Comparison,
        explain::{
            Explainable,
            job::{ExplainJob, Explained},
        },
        ladder::{Ladder, LadderJob},
        learning_curve::{LearningCurve, LearningCurveJob},
        tune::{Tuning, job::TuneJob},
    },
    segments::{job::SegmentationJob, segmentation::Segmentation},
    task::{Batch, Job, Stage},
};

/// A job with the state of the table it was started on and the seed of its plan.
pub(super) struct ActiveJob {
    pub(super) kind: Kind,
    pub(super) preparation: u64,
    pub(super) seed: u64,
}

/// Which job.
pub(super) enum Kind {
    Compare(Box<ComparisonJob>),
    Explain(Box<ExplainJob>),
    Climb(Box<LadderJob>),
    Curve(Box<LearningCurveJob>),
    Segment(Box<SegmentationJob>),
    Tune(Box<TuneJob>),
}

/// What a job answers.
pub(super) enum Advance {
    Work(Batch),
    /// With what an explanation needs, unless it was stopped before.
    Compared(Box<Comparison>, Option<Box<Explainable>>),
    Explained(Box<Explained>),
    Climbed(Box<Ladder>),
    CurveDrawn(Box<LearningCurve>),
    Segmented(Box<Segmentation>),
    Tuned(Box<Tuning>),
}

impl ActiveJob {
    /// `Recipe::preparation` of the recipe it works on.
    pub(super) fn preparation(&self) -> u64 {
        self.preparation
    }

    /// Where a search stands.
    pub(super) fn standing(&self) -> Option<Box<Tuning>> {
        match &self.kind {
            Kind::Tune(job) => Some(Box::new(job.standing(false))),
            _ => None,
        }
    }

    /// The tasks handed out last took so long: what ends by time must know.
    pub(super) fn passed(&mut self, millis: u32) {
        if let Kind::Tune(job) = &mut self.kind {
            job.passed(millis);
        }
    }

    /// One batch further.
    pub(super) fn step(
        &mut self,
        outputs: Vec<Option<Vec<u8>>>,
        stopped: bool,
    ) -> Result<Advance, EngineError> {
        let ctx = quiet(self.seed);
        Ok(match &mut self.kind {
            Kind::Compare(job) => match job.step(outputs, stopped, &ctx)? {
                Stage::Work(batch) => Advance::Work(batch),
                Stage::Done(comparison) => {
                    Advance::Compared(Box::new(comparison), job.take_explainable().map(Box::new))
                }
            },
            Kind::Explain(job) => match job.step(outputs, stopped, &ctx)? {
                Stage::Work(batch) => Advance::Work(batch),
                Stage::Done(explained) => Advance::Explained(Box::new(explained)),
            },
            Kind::Climb(job) => match job.step(outputs, stopped, &ctx)? {
                Stage::Work(batch) => Advance::Work(batch),
                Stage::Done(ladder) => Advance::Climbed(Box::new(ladder)),
            },
            Kind::Curve(job) => match job.step(outputs, stopped, &ctx)? {
                Stage::Work(batch) => Advance::Work(batch),
                Stage::Done(curve) => Advance::CurveDrawn(Box::new(curve)),
            },
            Kind::Segment(job) => match job.step(outputs, stopped, &ctx)? {
                Stage::Work(batch) => Advance::Work(batch),
                Stage::Done(segmentation) => Advance::Segmented(Box::new(segmentation)),
            },
            Kind::Tune(job) => match job.step(outputs, stopped, &ctx)? {
                Stage::Work(batch) => Advance::Work(batch),
                Stage::Done(tuning) => Advance::Tuned(Box::new(tuning)),
            },
        })
    }
}
