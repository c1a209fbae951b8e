//! Assay: from a CSV of ads or customers to a decision somebody can defend.
//!
//! The engine is pure Rust that knows of no browser. The host answers messages over it; the page (wasm only) and the
//! command-line tool are two callers of the same host. `ARCHITECTURE.md` has the map.

pub mod charts;
pub mod engine;
pub mod host;
#[cfg(target_arch = "wasm32")]
pub mod platform;
pub mod protocol;
#[cfg(all(target_arch = "wasm32", feature = "page"))]
pub mod ui;
