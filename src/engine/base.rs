//! What the engine stands on: tables and reading them, numbers, words. Compiled for speed, whatever the rest is compiled for.

/// The engine's modules under the paths they have in it.
#[path = "."]
pub mod engine {
    pub mod context;
    pub mod data;
    pub mod disclosure;
    pub mod numeric;
    pub mod order;
    #[cfg(test)]
    pub mod testing;
    pub mod words;
}
