//! Random numbers: one named generator (xoshiro256++) with `u32` ranges, the same on every machine.
//!
//! Ranges are drawn over `u32` because `usize` ranges draw differently on 32-bit targets such as wasm.

use rand::{Rng as _, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// A seeded generator. Clone it to branch, or take another stream.
#[derive(Debug, Clone)]
pub struct Rng(pub Xoshiro256PlusPlus);

impl Rng {
    /// The generator of one stream of a seed. Streams of a seed are unrelated (splitmix of both).
    pub fn stream(seed: u64, stream: u64) -> Self {
        let mixed = seed ^ stream.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        Self(Xoshiro256PlusPlus::seed_from_u64(mixed))
    }

    /// Uniform in `0..n`. `n` must be positive.
    pub fn below(&mut self, n: u32) -> u32 {
        self.0.gen_range(0..n)
    }

    /// Uniform in `[0, 1)`.
    pub fn unit(&mut self) -> f64 {
        // 53 random bits: the same construction as `rand`'s Standard, spelled out so that it cannot change.
        (self.0.r#gen::<u64>() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// Standard normal by the Marsaglia polar method.
    pub fn normal(&mut self) -> f64 {
        loop {
            let (u, v) = (2.0 * self.unit() - 1.0, 2.0 * self.unit() - 1.0);
            let s = u * u + v * v;
            if s > 0.0 && s < 1.0 {
                return u * (-2.0 * super::math::ln(s) / s).sqrt();
            }
        }
    }

    /// Shuffles in place (Fisher-Yates from the end, `u32` draws).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            let j = self.below(i as u32 + 1) as usize;
            items.swap(i, j);
        }
    }

    /// `n` distinct row numbers out of `0..total`, in the order drawn.
    pub fn sample(&mut self, total: u32, n: usize) -> Vec<u32> {
        let mut all: Vec<u32> = (0..total).collect();
        self.shuffle(&mut all);
        all.truncate(n);
        all
    }
}
