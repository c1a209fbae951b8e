//! A file read forwards in stretches, with one buffer: what passes through leaves nothing behind for a collection.
//!
//! Asked for block by block, a browser makes a buffer of each and keeps their memory until long after; of a file of 75 MB that
//! is the whole file once more. A stream with a buffer of one's own costs half the time and no memory
//! (docs/decisions/0008-reading-by-blocks.md).

use std::{cell::Cell, pin::Pin};

use js_sys::{ArrayBuffer, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{File, ReadableStreamByobReader, ReadableStreamReadResult};

use super::{blocks::fetch, files};

/// Bytes asked for at once: browsers hand out less.
const PIECE: u32 = 512 << 10;

/// A file, and the place up to which it was read.
pub struct Stretches {
    file: File,
    /// Of the stretch that is open; `None` before the first, and where the browser has no streams with own buffers.
    reader: Option<ReadableStreamByobReader>,
    /// One past the last byte of the stretch.
    end: u64,
    /// Where the bytes that are here begin, and one past the last.
    here: (u64, u64),
    /// They, and room for more.
    held: Vec<u8>,
    /// Filled and given back in turn.
    buffer: Option<ArrayBuffer>,
    /// The piece that comes while others are worked on.
    coming: Option<JsFuture>,
    /// Where the browser has no such streams: the bytes asked for ahead.
    fetched: Option<((u64, u64), Fetched)>,
}

type Fetched = Pin<Box<dyn Future<Output = Result<Vec<u8>, String>>>>;

thread_local! {
    /// Whether the browser streams into a buffer of one's own, as far as is known.
    static CAN_STREAM: Cell<bool> = const { Cell::new(true) };
}

impl Drop for Stretches {
    fn drop(&mut self) {
        self.close();
    }
}

impl Stretches {
    /// A file of which nothing is read yet.
    pub fn new(file: &File) -> Self {
        Self {
            file: file.clone(),
            reader: None,
            end: 0,
            here: (0, 0),
            held: Vec::new(),
            buffer: None,
            coming: None,
            fetched: None,
        }
    }

    /// Brings the bytes from `from` to `to` here, fewer where the file ends. What is asked for next goes on where this ended
    /// as long as it lies before `until`, and does not begin before `from`. The browser's words when the file cannot be read
    /// (moved, or changed on disk).
    pub async fn bring(&mut self, from: u64, to: u64, until: u64) -> Result<(), String> {
        let (start, at) = self.here;
        if self.reader.is_some() && (start..=at).contains(&from) && to <= self.end {
            self.held.copy_within((from - start) as usize..(at - start) as usize, 0);
            self.here.0 = from;
        } else if !self.open(from, until.max(to)) {
            let ahead = self.fetched.take().filter(|(place, _)| *place == (from, to));
            self.held = match ahead {
                Some((_, bytes)) => bytes.await?,
                None => fetch(&self.file, from, to).await?,
            };
            self.here.1 = from + self.held.len() as u64;
            return Ok(());
        }
        while self.here.1 < to && self.piece().await? {}
        Ok(())
    }

    /// Bytes that are here, from `from` to `to`.
    pub fn bytes(&self, from: u64, to: u64) -> &[u8] {
        let (start, at) = self.here;
        let place = |offset: u64| (offset.clamp(start, at) - start) as usize;
        self.held.get(place(from)..place(to)).unwrap_or_default()
    }

    /// Asks for what comes next, so that it comes while this thread does something else. `next`: from where to where that is.
    pub fn ahead(&mut self, next: Option<(u64, u64)>) {
        if let (false, Some((from, to))) = (CAN_STREAM.get(), next) {
            self.fetched = Some(((from, to), Box::pin(fetch(&self.file, from, to))));
        }
        let Some(reader) = &self.reader else { return };
        let (_, at) = self.here;
        if at >= self.end || self.coming.is_some() {
            return;
        }
        let n = u64::from(PIECE).min(self.end - at) as u32;
        let buffer = self.buffer.take().unwrap_or_else(|| ArrayBuffer::new(PIECE));
        let view = Uint8Array::new_with_byte_offset_and_length(&buffer, 0, n);
        self.coming = Some(JsFuture::from(reader.read_with_array_buffer_view(&view)));
    }

    /// Takes the next piece; `false` at the end.
    async fn piece(&mut self) -> Result<bool, String> {
        self.ahead(None);
        let Some(coming) = self.coming.take() else { return Ok(false) };
        let read: ReadableStreamReadResult =
            coming.await.map_err(|error| files::words(&error))?.unchecked_into();
        let Ok(view) = read.get_value().dyn_into::<Uint8Array>() else { return Ok(false) };
        let before = (self.here.1 - self.here.0) as usize;
        let behind = before + view.length() as usize;
        if behind > self.held.len() {
            self.held.resize(behind, 0);
        }
        view.copy_to(&mut self.held[before..behind]);
        self.here.1 += u64::from(view.length());
        self.buffer = Some(view.buffer());
        Ok(!read.get_done().unwrap_or(false))
    }

    /// Opens a stretch; `false` where the browser cannot.
    fn open(&mut self, from: u64, to: u64) -> bool {
        self.close();
        if CAN_STREAM.get() {
            let part = self.file.slice_with_f64_and_f64(from as f64, to as f64);
            self.reader = part.ok().and_then(|part| ReadableStreamByobReader::new(&part.stream()).ok());
            CAN_STREAM.set(self.reader.is_some());
        }
        (self.here, self.end) = ((from, from), to);
        self.reader.is_some()
    }

    fn close(&mut self) {
        if let Some(reader) = self.reader.take() {
            // A buffer on its way is lost with it.
            self.coming = None;
            let end = reader.cancel();
            spawn_local(async move {
                // What went wrong was told by the read.
                let _ = JsFuture::from(end).await;
            });
        }
    }
}
