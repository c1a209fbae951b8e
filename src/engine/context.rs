//! What the surroundings give the engine: a seed, a place to report progress, and the wish to stop.

use crate::engine::numeric::random::Rng;

/// Work was stopped by whoever asked for it. Not a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped;

impl std::fmt::Display for Stopped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the work was stopped")
    }
}

impl std::error::Error for Stopped {}

/// Passed as the first argument to everything that draws random numbers or takes longer than a frame.
pub struct Ctx<'a> {
    seed: u64,
    ticker: &'a dyn Fn(u64, u64) -> bool,
}

impl<'a> Ctx<'a> {
    /// `ticker` is told `(done, total)` and answers whether to go on.
    pub fn new(seed: u64, ticker: &'a dyn Fn(u64, u64) -> bool) -> Self {
        Self { seed, ticker }
    }

    /// A context that reports to nobody and is never stopped.
    pub fn quiet(seed: u64) -> Ctx<'static> {
        Ctx { seed, ticker: &|_, _| true }
    }

    /// The seed every draw comes from.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// A generator for one named stream: the same seed and stream give the same numbers on every machine, and
    /// streams do not disturb each other.
    pub fn rng(&self, stream: u64) -> Rng {
        Rng::stream(self.seed, stream)
    }

    /// Reports progress; `Err` when the work should stop.
    pub fn tick(&self, done: u64, total: u64) -> Result<(), Stopped> {
        if (self.ticker)(done, total) { Ok(()) } else { Err(Stopped) }
    }
}
