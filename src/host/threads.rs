//! Runs tasks and reads files on threads: what the pool of workers is to the page, this is to the command line. Native only.

use std::{
    io::{Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use super::{Host, notice};
use crate::{
    engine::{
        data::reader::{ReadError, ReadOptions, Reading, block},
        error::EngineError,
        pipeline::tasks,
        task::{SharedId, SharedStore, Task, TaskError},
    },
    protocol::{FileAsk, JobId, Loaded, Notice, Reply, Request, codec::Message},
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

/// A file of this machine, or the text of a sheet.
pub enum Bytes {
    /// Read block by block.
    File(PathBuf),
    /// There already.
    Text(Vec<u8>),
}

/// Opens a file of this machine in a host, read on `n_threads` threads.
pub fn load(
    host: &mut Host,
    path: &Path,
    options: ReadOptions,
    n_threads: usize,
) -> Result<Box<Loaded>, Notice> {
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let n_bytes = std::fs::metadata(path).map_err(unreadable)?.len();
    let file = (FileAsk::new(&name, n_bytes, options), Bytes::File(path.to_owned()));
    load_files(host, vec![file], n_threads)
}

/// Opens files as one table in a host, one read after the other, each on `n_threads` threads.
pub fn load_files(
    host: &mut Host,
    files: Vec<(FileAsk, Bytes)>,
    n_threads: usize,
) -> Result<Box<Loaded>, Notice> {
    let job = JobId(1);
    let (asked, bytes): (Vec<FileAsk>, Vec<Bytes>) = files.into_iter().unzip();
    host.begin_files(job, asked);
    for bytes in bytes {
        let Some(reading) = host.reading(job) else { break };
        let outcome = match bytes {
            Bytes::Text(text) => {
                let part = |from: u64, to: u64| {
                    Ok(text.get(from as usize..to as usize).unwrap_or_default().to_vec())
                };
                read(reading, &part, n_threads)
            }
            Bytes::File(path) => std::fs::File::open(path).map_err(unreadable).and_then(|file| {
                let file = Mutex::new(file);
                let part = |from: u64, to: u64| {
                    let mut bytes = vec![0; (to - from) as usize];
                    let mut file = lock(&file);
                    file.seek(SeekFrom::Start(from))?;
                    file.read_exact(&mut bytes)?;
                    Ok(bytes)
                };
                read(reading, &part, n_threads)
            }),
        };
        host.next_file(job, outcome.err())?;
    }
    let mut answer = Err(notice::notice(&EngineError::Read(ReadError::Empty)));
    host.receive(Message::new(job, Request::LoadEnd), &mut |reply| match reply.body {
        Reply::Loaded { loaded } => answer = Ok(loaded),
        Reply::Failed { notice } => answer = Err(notice),
        _ => {}
    });
    answer
}

fn unreadable(error: std::io::Error) -> Notice {
    notice::unreadable(&error.to_string())
}

/// Gives bytes of a file.
pub type Part<'p> = &'p (dyn Fn(u64, u64) -> std::io::Result<Vec<u8>> + Sync);

/// Carries out a reading on `n_threads` threads. The table does not depend on their number.
pub fn read(reading: &mut Reading, part: Part<'_>, n_threads: usize) -> Result<(), Notice> {
    let wrong = |error: ReadError| notice::notice(&EngineError::Read(error));
    while let Some(n) = reading.wants_head() {
        reading.begin(part(0, n).map_err(unreadable)?).map_err(wrong)?;
    }
    let state = Mutex::new((reading, None::<Notice>));
    let changed = Condvar::new();
    let work = || {
        let mut held = lock(&state);
        while held.1.is_none() && !held.0.is_done() {
            let (Some(task), Some(plan)) = (held.0.next_task(), held.0.plan()) else {
                held = changed.wait(held).unwrap_or_else(std::sync::PoisonError::into_inner);
                continue;
            };
            drop(held);
            let block = part(task.from, task.to).map(|bytes| block::read(&plan, &task, &bytes));
            held = lock(&state);
            let outcome = block.map_err(unreadable).and_then(|block| held.0.take(block).map_err(wrong));
            held.1 = held.1.take().or(outcome.err());
            changed.notify_all();
        }
    };
    if n_threads <= 1 {
        work();
    } else {
        std::thread::scope(|scope| {
            for _ in 0..n_threads {
                scope.spawn(work);
            }
        });
    }
    lock(&state).1.take().map_or(Ok(()), Err)
}

/// A lock whose holder panicked still guards whole values: every write above is one assignment.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::data::{
        reader::{Sizes, check, read_bytes},
        sample,
    };

    #[test]
    fn the_number_of_threads_changes_nothing() {
        let mut bytes = Vec::new();
        sample::daily_ads(3, 4_000, &mut |part| bytes.extend_from_slice(part.as_bytes()));
        let reading = || {
            let sizes = Sizes { head: 1 << 17, block: 1 << 14, tail: 512 };
            Reading::with_sizes("ads.csv", bytes.len() as u64, ReadOptions::default(), u64::MAX, sizes)
        };
        let alone = check::describe(&read_bytes(reading(), &bytes));
        assert!(alone.contains("4,000 rows"), "{}", &alone[alone.len() - 300..]);
        for n_threads in [1, 2, 4] {
            let mut reading = reading();
            let part = |from: u64, to: u64| Ok(bytes[from as usize..to as usize].to_vec());
            read(&mut reading, &part, n_threads).expect("read");
            assert_eq!(check::describe(&reading.finish()), alone);
        }
    }

    #[test]
    fn a_file_that_would_not_fit_is_refused_with_what_would() {
        let mut bytes = Vec::new();
        sample::daily_ads(3, 230_000, &mut |part| bytes.extend_from_slice(part.as_bytes()));
        let mut reading = Reading::new("ads.csv", bytes.len() as u64, ReadOptions::default(), 10 << 20);
        let error = read_bytes_head(&mut reading, &bytes).expect_err("too large");
        let ReadError::TooLarge { n_rows, fits_rows, fits_bytes, .. } = error else { panic!("{error:?}") };
        assert!((220_000..240_000).contains(&n_rows), "{n_rows}");
        assert!((80_000..140_000).contains(&fits_rows), "{fits_rows}");
        assert!((6 << 20..11 << 20).contains(&fits_bytes), "{fits_bytes}");
    }

    fn read_bytes_head(reading: &mut Reading, bytes: &[u8]) -> Result<(), ReadError> {
        while let Some(n) = reading.wants_head() {
            reading.begin(bytes[..n as usize].to_vec())?;
        }
        Ok(())
    }
}
