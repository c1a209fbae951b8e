//! Files being read: one after the other, then put together. What cannot be used is named and does not stop the others.

use std::collections::VecDeque;

use super::{MOST_HELD, notice};
use crate::{
    engine::{
        data::{
            combine::{self, Combined, Part, Put},
            reader::{ReadError, ReadTable, Reader, Reading},
        },
        error::EngineError,
    },
    protocol::{FileAsk, JobId, Notice},
};

/// Files being read.
pub(super) struct Loading {
    pub(super) job: JobId,
    n_files: usize,
    waiting: VecDeque<FileAsk>,
    /// The file that is read now.
    current: Option<(FileAsk, Course)>,
    in_blocks: bool,
    /// Files begun.
    n_begun: u32,
    /// Rounds of reading so far, so that blocks of one file are never taken for those of another.
    rounds: u32,
    parts: Vec<Part>,
    refused: Vec<(String, Notice)>,
    /// Bytes and rows of the files before, and bytes in all.
    before: (u64, u64),
    n_bytes: u64,
}

/// How a file comes here.
enum Course {
    /// In chunks, held whole until the last.
    Chunks { reader: Box<Reader>, n_read: u64 },
    /// Read by whoever runs this host, block by block and by several at once.
    Blocks(Box<Reading>),
}

/// What became of the files.
pub(super) struct Ended {
    pub(super) combined: Combined,
    /// Files that could not be used.
    pub(super) refused: Vec<(String, Notice)>,
}

impl Loading {
    /// Begins the first file.
    pub(super) fn new(job: JobId, files: Vec<FileAsk>, in_blocks: bool) -> Self {
        let mut loading = Self {
            job,
            n_files: files.len(),
            n_bytes: files.iter().map(|f| f.n_bytes).sum(),
            waiting: files.into(),
            current: None,
            in_blocks,
            n_begun: 0,
            rounds: 0,
            parts: Vec::new(),
            refused: Vec::new(),
            before: (0, 0),
        };
        loading.begin();
        loading
    }

    fn begin(&mut self) {
        self.n_begun += 1;
        self.current = self.waiting.pop_front().map(|file| {
            let course = if self.in_blocks {
                let n_held: u64 = self.parts.iter().map(held).sum();
                let left = MOST_HELD.saturating_sub(n_held);
                let reading = Reading::new(&file.name, file.n_bytes, file.options.clone(), left);
                Course::Blocks(Box::new(reading.after_round(self.rounds)))
            } else {
                Course::Chunks { reader: Box::new(Reader::new(&file.name, file.options.clone())), n_read: 0 }
            };
            (file, course)
        });
    }

    /// The reading of the present file.
    pub(super) fn reading(&mut self) -> Option<&mut Reading> {
        match &mut self.current {
            Some((_, Course::Blocks(reading))) => Some(reading),
            _ => None,
        }
    }

    /// Bytes read, bytes in all and rows, of all files.
    pub(super) fn progress(&self) -> (u64, u64, u64) {
        let (n_bytes, n_rows) = match &self.current {
            Some((_, Course::Blocks(reading))) => (reading.progress().0, reading.n_rows()),
            Some((_, Course::Chunks { reader, n_read })) => (*n_read, reader.n_rows()),
            None => (0, 0),
        };
        let done = self.before.0 + n_bytes;
        (done, self.n_bytes.max(done), self.before.1 + n_rows)
    }

    /// Takes bytes of the present file; the next one begins when all of them are there.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<(), Notice> {
        let Some((file, Course::Chunks { reader, n_read })) = &mut self.current else { return Ok(()) };
        *n_read += bytes.len() as u64;
        let is_whole = *n_read >= file.n_bytes && !self.waiting.is_empty();
        match reader.push(bytes) {
            Ok(()) if !is_whole => Ok(()),
            Ok(()) => self.next(None).map(drop),
            Err(error) => self.next(Some(in_words(error))).map(drop),
        }
    }

    /// Ends the present file, read or not, and begins the next: `false` when there is none. A file that cannot be used is an
    /// error only where it must not be missing.
    pub(super) fn next(&mut self, failure: Option<Notice>) -> Result<bool, Notice> {
        if let Some((file, course)) = self.current.take() {
            let (rounds, read) = match course {
                _ if failure.is_some() => (self.rounds, Err(None)),
                Course::Chunks { reader, .. } => (0, reader.finish().map_err(Some)),
                Course::Blocks(reading) => (reading.round(), reading.finish().map_err(Some)),
            };
            self.rounds = rounds.max(self.rounds) + 1;
            self.before.0 += file.n_bytes;
            match (read, failure) {
                (Ok(read), _) => self.keep(file, read)?,
                (Err(Some(error)), _) => self.refuse(file, in_words(error))?,
                (Err(None), Some(notice)) => self.refuse(file, notice)?,
                (Err(None), None) => {}
            }
        }
        self.begin();
        Ok(self.current.is_some())
    }

    fn keep(&mut self, file: FileAsk, read: ReadTable) -> Result<(), Notice> {
        let is_same = |p: &&Part| p.read.receipt.fingerprint == read.receipt.fingerprint;
        if file.put == Put::ByShape
            && let Some(same) = self.parts.iter().find(is_same)
        {
            let notice = notice::same_file(&file.name, same.name());
            return self.refuse(file, notice);
        }
        self.before.1 += read.receipt.n_rows;
        let FileAsk { options, put, workbook, .. } = file;
        self.parts.push(Part { read, options, put, workbook, index: self.n_begun - 1 });
        Ok(())
    }

    fn refuse(&mut self, file: FileAsk, notice: Notice) -> Result<(), Notice> {
        if self.n_files == 1 {
            return Err(notice);
        }
        if file.put != Put::ByShape {
            // What a recipe or the user put there must not be missing without a word.
            return Err(Notice { detail: format!("{}: {}", file.name, notice.detail), ..notice });
        }
        self.refused.push((file.name, notice));
        Ok(())
    }

    /// Puts together what was read.
    pub(super) fn finish(mut self) -> Result<Ended, Notice> {
        while self.next(None)? {}
        if self.parts.is_empty() && !self.refused.is_empty() {
            return Err(notice::none_usable(&self.refused));
        }
        let combined = combine::combine(self.parts).map_err(|e| notice::notice(&EngineError::Combine(e)))?;
        Ok(Ended { combined, refused: self.refused })
    }
}

fn in_words(error: ReadError) -> Notice {
    notice::notice(&EngineError::Read(error))
}

/// Bytes of the columns of a part, about.
fn held(part: &Part) -> u64 {
    let table = &part.read.table;
    8 * table.n_rows() as u64 * table.n_columns() as u64
}
