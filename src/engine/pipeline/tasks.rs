//! The kinds of parallel work, by name: what a worker of the pool can do.

use crate::engine::{
    models::{
        explain::work::{Curves, ShapRows},
        ladder::FitColumns,
        learning_curve::FitPartOfRows,
        tune::work::TuneFit,
        work::{FitFold, FitPart, Importances},
    },
    segments::{kmeans::KMeansTask, quality::SilhouetteTask},
    task::{self, SharedStore, Task, TaskError, Work},
};

type Run = fn(&Task, &mut SharedStore, &dyn Fn(u64, u64) -> bool) -> Result<Vec<u8>, TaskError>;

/// Every kind of work. An entry is `(W::SLUG, task::run::<W>)`.
pub const KINDS: &[(&str, Run)] = &[
    (FitFold::SLUG, task::run::<FitFold>),
    (FitPart::SLUG, task::run::<FitPart>),
    (Importances::SLUG, task::run::<Importances>),
    (ShapRows::SLUG, task::run::<ShapRows>),
    (Curves::SLUG, task::run::<Curves>),
    (FitColumns::SLUG, task::run::<FitColumns>),
    (FitPartOfRows::SLUG, task::run::<FitPartOfRows>),
    (TuneFit::SLUG, task::run::<TuneFit>),
    (KMeansTask::SLUG, task::run::<KMeansTask>),
    (SilhouetteTask::SLUG, task::run::<SilhouetteTask>),
];

/// Runs a task of any kind.
pub fn run(
    task: &Task,
    store: &mut SharedStore,
    tick: &dyn Fn(u64, u64) -> bool,
) -> Result<Vec<u8>, TaskError> {
    let (_, run) = KINDS
        .iter()
        .find(|(slug, _)| *slug == task.kind)
        .ok_or_else(|| TaskError::UnknownKind { kind: task.kind.clone() })?;
    run(task, store, tick)
}
