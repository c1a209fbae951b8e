//! The browser, and nothing else: workers, files, storage, ECharts, theme. Wasm only.
pub mod storage;
