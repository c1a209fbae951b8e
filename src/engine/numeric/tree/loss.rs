//! What boosting minimises: losses with their first and second derivatives and what a leaf predicts.

use serde::{Deserialize, Serialize};

use crate::engine::numeric::math;

/// A loss of a target y and a raw prediction f.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Loss {
    /// (y − f)² / 2.
    Squared,
    /// |y − f|; a leaf predicts the median.
    Absolute,
    /// Squared up to the 0.9 quantile of the sizes of the residuals, absolute beyond (Friedman 2001).
    Huber,
    /// eᶠ − y·f, for counts; predicts eᶠ.
    Poisson,
    /// ln(1 + eᶠ) − y·f, for 0 and 1; predicts 1 / (1 + e⁻ᶠ).
    Logistic,
}

/// Raw predictions beyond this are as good as infinite, and no number may be.
const FAR: f64 = 500.0;

/// Log odds beyond this would round to a probability of 1.
const CERTAIN: f64 = 30.0;

fn sigmoid(f: f64) -> f64 {
    1.0 / (1.0 + math::exp(-f))
}

impl Loss {
    /// What a raw prediction means.
    pub fn prediction(self, f: f64) -> f64 {
        match self {
            Self::Squared | Self::Absolute | Self::Huber => f,
            Self::Poisson => math::exp(f.clamp(-FAR, FAR)),
            Self::Logistic => sigmoid(f.clamp(-CERTAIN, CERTAIN)),
        }
    }

    /// The best constant.
    pub fn base(self, y: &[f64], w: &[f64]) -> f64 {
        let total = math::sum(w.iter().copied());
        let first = y.first().copied().unwrap_or(0.0);
        if total <= 0.0 {
            return 0.0;
        }
        // About the first value: a constant is found to the last bit.
        let mean = first + math::sum(y.iter().zip(w).map(|(y, w)| w * (y - first))) / total;
        match self {
            Self::Squared => mean,
            Self::Absolute | Self::Huber => {
                weighted_quantile(&mut y.iter().copied().zip(w.iter().copied()).collect::<Vec<_>>(), 0.5)
            }
            Self::Poisson => math::ln(mean),
            // Where all are alike (rows kept aside may take the others) the odds stay finite.
            Self::Logistic => {
                let mean = mean.clamp(1e-6, 1.0 - 1e-6);
                math::ln(mean / (1.0 - mean))
            }
        }
    }

    /// The loss of one row; `delta` is where Huber's becomes straight.
    pub fn of(self, y: f64, f: f64, delta: f64) -> f64 {
        let gap = (y - f).abs();
        match self {
            Self::Squared => gap * gap / 2.0,
            Self::Absolute => gap,
            Self::Huber if gap <= delta => gap * gap / 2.0,
            Self::Huber => delta * (gap - delta / 2.0),
            Self::Poisson => math::exp(f.clamp(-FAR, FAR)) - y * f,
            Self::Logistic => {
                let f = f.clamp(-FAR, FAR);
                f.max(0.0) + math::ln_1p(math::exp(-f.abs())) - y * f
            }
        }
    }

    /// Whether the second derivative differs between rows.
    pub fn has_second(self) -> bool {
        matches!(self, Self::Poisson | Self::Logistic)
    }

    /// Minus the first derivative, and the second.
    #[inline(always)]
    pub fn derivatives(self, y: f64, f: f64, delta: f64) -> (f64, f64) {
        match self {
            Self::Squared => (y - f, 1.0),
            Self::Absolute => (
                if y > f {
                    1.0
                } else if y < f {
                    -1.0
                } else {
                    0.0
                },
                1.0,
            ),
            Self::Huber => ((y - f).clamp(-delta, delta), 1.0),
            Self::Poisson => {
                let rate = math::exp(f.clamp(-FAR, FAR));
                (y - rate, rate)
            }
            Self::Logistic => {
                let p = sigmoid(f.clamp(-FAR, FAR));
                (y - p, p * (1.0 - p))
            }
        }
    }

    /// Where Huber's loss becomes straight, from the residuals.
    pub fn delta(self, y: &[f64], f: &[f64], w: &[f64]) -> f64 {
        if self != Self::Huber {
            return f64::INFINITY;
        }
        let gaps = y.iter().zip(f).zip(w);
        weighted_quantile(&mut gaps.map(|((y, f), &w)| ((y - f).abs(), w)).collect::<Vec<_>>(), 0.9)
    }

    /// What a leaf of rows (residual, weight) predicts, where it is not the sum of gradients over that of the second
    /// derivatives.
    pub fn leaf(self, residuals: &mut [(f64, f64)], delta: f64) -> Option<f64> {
        match self {
            Self::Absolute => Some(weighted_quantile(residuals, 0.5)),
            Self::Huber => {
                let median = weighted_quantile(residuals, 0.5);
                let total: f64 = residuals.iter().map(|r| r.1).sum();
                let moved: f64 = residuals.iter().map(|r| r.1 * (r.0 - median).clamp(-delta, delta)).sum();
                Some(median + moved / total)
            }
            _ => None,
        }
    }
}

/// The smallest value that a share of the weight does not exceed; midway to the next where it is met exactly. Sorts its
/// argument.
pub(super) fn weighted_quantile(values: &mut [(f64, f64)], share: f64) -> f64 {
    values.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let total: f64 = values.iter().map(|v| v.1).sum();
    let mut sum = 0.0;
    for (i, &(value, weight)) in values.iter().enumerate() {
        sum += weight;
        if sum >= share * total && weight > 0.0 {
            let next = values[i + 1..].iter().find(|v| v.1 > 0.0);
            return match next {
                Some(next) if sum == share * total => value + (next.0 - value) / 2.0,
                _ => value,
            };
        }
    }
    values.last().map_or(0.0, |v| v.0)
}
