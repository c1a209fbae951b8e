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
    /// The stretch that is open; `None` before the first, and where the browser has no streams with own buffers.
    open: Option<Stretch>,
    /// The one that comes after it, opened while what is here is worked on.
    next: Option<Stretch>,
    /// Where the bytes that are here begin, and one past the last.
    here: (u64, u64),
    /// They, and room for more.
    held: Vec<u8>,
    /// Filled and given back in turn.
    buffers: Vec<ArrayBuffer>,
    /// Where the browser has no such streams: the bytes asked for ahead.
    fetched: Option<((u64, u64), Fetched)>,
}

type Fetched = Pin<Box<dyn Future<Output = Result<Vec<u8>, String>>>>;

/// A part of the file on its way.
struct Stretch {
    reader: ReadableStreamByobReader,
    /// Where it begins.
    from: u64,
    /// Up to where it was asked for.
    at: u64,
    /// One past its last byte.
    end: u64,
    /// The piece that comes while others are worked on.
    coming: Option<JsFuture>,
}

thread_local! {
    /// Whether the browser streams into a buffer of one's own, as far as is known.
    static CAN_STREAM: Cell<bool> = const { Cell::new(true) };
}

impl Drop for Stretch {
    fn drop(&mut self) {
        // A buffer on its way is lost with it.
        self.coming = None;
        let end = self.reader.cancel();
        spawn_local(async move {
            // What went wrong was told by the read.
            let _ = JsFuture::from(end).await;
        });
    }
}

impl Stretch {
    /// Asks for the next piece, if none is on its way and there is one.
    fn ask(&mut self, buffers: &mut Vec<ArrayBuffer>) {
        if self.at >= self.end || self.coming.is_some() {
            return;
        }
        let n = u64::from(PIECE).min(self.end - self.at) as u32;
        let buffer = buffers.pop().unwrap_or_else(|| ArrayBuffer::new(PIECE));
        let view = Uint8Array::new_with_byte_offset_and_length(&buffer, 0, n);
        self.coming = Some(JsFuture::from(self.reader.read_with_array_buffer_view(&view)));
    }
}

impl Stretches {
    /// A file of which nothing is read yet.
    pub fn new(file: &File) -> Self {
        Self {
            file: file.clone(),
            open: None,
            next: None,
            here: (0, 0),
            held: Vec::new(),
            buffers: Vec::new(),
            fetched: None,
        }
    }

    /// Brings the bytes from `from` to `to` here, fewer where the file ends. What is asked for next goes on where this ended
    /// as long as it lies before `until`, and does not begin before `from`. The browser's words when the file cannot be read
    /// (moved, or changed on disk).
    pub async fn bring(&mut self, from: u64, to: u64, until: u64) -> Result<(), String> {
        let (start, at) = self.here;
        if self.open.as_ref().is_some_and(|open| (start..=at).contains(&from) && to <= open.end) {
            self.held.copy_within((from - start) as usize..(at - start) as usize, 0);
            self.here.0 = from;
        } else {
            self.open = self.next.take().filter(|next| next.from == from && to <= next.end);
            if self.open.is_none() {
                self.open = self.stretch(from, until.max(to));
            }
            self.here = (from, from);
        }
        if self.open.is_none() {
            let ahead = self.fetched.take().filter(|(place, _)| *place == (from, to));
            self.held = match ahead {
                Some((_, bytes)) => bytes.await?,
                None => fetch(&self.file, from, to).await?,
            };
            self.here.1 = from + self.held.len() as u64;
            return Ok(());
        }
        // Room for all of it and the piece that reaches over its end, at once.
        self.held.reserve(((to - from) as usize + PIECE as usize).saturating_sub(self.held.len()));
        while self.here.1 < to && self.piece().await? {}
        Ok(())
    }

    /// Bytes that are here, from `from` to `to`.
    pub fn bytes(&self, from: u64, to: u64) -> &[u8] {
        let (start, at) = self.here;
        let place = |offset: u64| (offset.clamp(start, at) - start) as usize;
        self.held.get(place(from)..place(to)).unwrap_or_default()
    }

    /// Asks for what comes next, so that it comes while this thread does something else. `next`: from where to where that is,
    /// and up to where what follows it goes on.
    pub fn ahead(&mut self, next: Option<(u64, u64, u64)>) {
        if !CAN_STREAM.get() {
            let fetched = |(from, to, _)| {
                let bytes: Fetched = Box::pin(fetch(&self.file, from, to));
                ((from, to), bytes)
            };
            self.fetched = next.map(fetched);
            return;
        }
        if let Some(open) = self.open.as_mut().filter(|open| open.at < open.end) {
            return open.ask(&mut self.buffers);
        }
        if let (Some((from, to, until)), None) = (next, &self.next) {
            self.next = self.stretch(from, until.max(to));
            if let Some(next) = &mut self.next {
                next.ask(&mut self.buffers);
            }
        }
    }

    /// Takes the next piece; `false` at the end.
    async fn piece(&mut self) -> Result<bool, String> {
        let Some(open) = &mut self.open else { return Ok(false) };
        open.ask(&mut self.buffers);
        let Some(coming) = open.coming.take() else { return Ok(false) };
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
        open.at = self.here.1;
        self.buffers.push(view.buffer());
        Ok(!read.get_done().unwrap_or(false))
    }

    /// Opens a stretch; `None` where the browser cannot.
    fn stretch(&self, from: u64, end: u64) -> Option<Stretch> {
        if !CAN_STREAM.get() {
            return None;
        }
        let part = self.file.slice_with_f64_and_f64(from as f64, end as f64);
        let reader = part.ok().and_then(|part| ReadableStreamByobReader::new(&part.stream()).ok());
        CAN_STREAM.set(reader.is_some());
        reader.map(|reader| Stretch { reader, from, at: from, end, coming: None })
    }
}
