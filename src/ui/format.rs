//! Figures that only the page shows: sizes of files and times. All others are written by [`crate::engine::words`].

use crate::engine::words::decimals;

/// "1.4 MB"
pub fn bytes(n: u64) -> String {
    let size = n as f64;
    if size < 1_000.0 {
        format!("{n} bytes")
    } else if size < 1_000_000.0 {
        format!("{} KB", decimals(size / 1_000.0, 0))
    } else {
        format!("{} MB", decimals(size / 1_000_000.0, 1))
    }
}

/// "0.4 s", "1 min 12 s"
pub fn duration(millis: f64) -> String {
    let seconds = millis / 1_000.0;
    if seconds < 1.0 {
        format!("{} ms", decimals(millis, 0))
    } else if seconds < 60.0 {
        format!("{} s", decimals(seconds, 1))
    } else {
        format!("{} min {} s", decimals((seconds / 60.0).floor(), 0), decimals(seconds % 60.0, 0))
    }
}
