//! Jobs that were handed out as tasks and are waiting for their outputs.

use super::quiet;
use crate::engine::{
    error::EngineError,
    models::{compare::ComparisonJob, comparison::Comparison},
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
    Segment(Box<SegmentationJob>),
}

/// What a job answers.
pub(super) enum Advance {
    Work(Batch),
    Compared(Box<Comparison>),
    Segmented(Box<Segmentation>),
}

impl ActiveJob {
    /// `Recipe::preparation` of the recipe it works on.
    pub(super) fn preparation(&self) -> u64 {
        self.preparation
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
                Stage::Done(comparison) => Advance::Compared(Box::new(comparison)),
            },
            Kind::Segment(job) => match job.step(outputs, stopped, &ctx)? {
                Stage::Work(batch) => Advance::Work(batch),
                Stage::Done(segmentation) => Advance::Segmented(Box::new(segmentation)),
            },
        })
    }
}
