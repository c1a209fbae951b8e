//! Any bytes: one table however they are cut and whatever the user chose, the records of the `csv` crate, and no memory beyond four
//! times the input and a constant.
#![no_main]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
};

use assay::engine::data::reader::{ReadOptions, Reading, check, read_bytes};

/// What a reading may hold besides four times the input.
const CONSTANT: usize = 48 << 20;

/// The system's allocator, counting what is held and the most that was.
struct Counting;
static HELD: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call is passed on to `System` as it came; only sizes are counted.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let held = HELD.fetch_add(layout.size(), Relaxed) + layout.size();
        MOST.fetch_max(held, Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Relaxed);
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let before = HELD.load(Relaxed);
    MOST.store(before, Relaxed);
    let _ = read_bytes(Reading::new("file.csv", bytes.len() as u64, ReadOptions::default(), u64::MAX), bytes);
    let most = MOST.load(Relaxed) - before;
    assert!(most <= 4 * bytes.len() + CONSTANT, "{most} bytes held for {}", bytes.len());
    if let Err(words) = check::all(bytes) {
        panic!("{words}");
    }
});
