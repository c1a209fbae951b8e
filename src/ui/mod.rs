//! The page. Wasm only.
