//! Runs tasks on threads: what the pool of workers is to the page, this is to the command line. Native only.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use crate::engine::{
    pipeline::tasks,
    task::{SharedId, SharedStore, Task, TaskError},
};

/// Runs the tasks on `n_threads` threads and returns their outputs in the order of the tasks. The first error ends the
/// work. The outputs do not depend on the number of threads.
pub fn run(
    shared: &[(SharedId, Arc<Vec<u8>>)],
    tasks: &[Task],
    n_threads: usize,
) -> Result<Vec<Vec<u8>>, TaskError> {
    let next = AtomicUsize::new(0);
    let outputs = Mutex::new(vec![None; tasks.len()]);
    let failure = Mutex::new(None);
    let work = || {
        let mut store = SharedStore::default();
        for (id, bytes) in shared {
            store.hold(*id, Arc::clone(bytes));
        }
        while let Some((i, task)) = tasks.get(next.load(Ordering::Relaxed)).and_then(|_| {
            let i = next.fetch_add(1, Ordering::Relaxed);
            tasks.get(i).map(|t| (i, t))
        }) {
            let outcome = tasks::run(task, &mut store, &|_, _| true);
            match outcome {
                Ok(output) => lock(&outputs)[i] = Some(output),
                Err(error) => {
                    lock(&failure).get_or_insert(error);
                    next.store(tasks.len(), Ordering::Relaxed);
                }
            }
        }
    };
    if n_threads <= 1 {
        work();
    } else {
        std::thread::scope(|scope| {
            for _ in 0..n_threads.min(tasks.len()) {
                scope.spawn(work);
            }
        });
    }
    if let Some(error) = lock(&failure).take() {
        return Err(error);
    }
    // Every output is there: no task failed and every index was handed out once.
    Ok(lock(&outputs).drain(..).flatten().collect())
}

/// A lock whose holder panicked still guards whole values: every write above is one assignment.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
