//! Points of two columns: each drawn while they are few, binned when they would hide each other.

use serde_json::Value;

use crate::engine::{
    json::json,
    words::{count, number},
};

/// Beyond this many points a picture shows their density.
pub const MOST_POINTS: usize = 5_000;

/// Data of a scatter series.
pub struct Points {
    /// ECharts data items.
    pub data: Vec<Value>,
    /// Whether they were binned.
    pub is_binned: bool,
}

/// `n_bins` a side when binned; `largest` is the size in pixels of the fullest bin.
pub fn points(pairs: &[(f64, f64)], is_binned: bool, n_bins: usize, largest: f64) -> Points {
    if !is_binned {
        let data = pairs.iter().map(|&(x, y)| json!([tidy(x), tidy(y)])).collect();
        return Points { data, is_binned };
    }
    let range = |values: &mut dyn Iterator<Item = f64>| {
        values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)))
    };
    let (x_low, x_high) = range(&mut pairs.iter().map(|p| p.0));
    let (y_low, y_high) = range(&mut pairs.iter().map(|p| p.1));
    let bin = |v: f64, low: f64, high: f64| {
        let place = if high > low { (v - low) / (high - low) } else { 0.5 };
        ((place * n_bins as f64) as usize).min(n_bins - 1)
    };
    let mut counts = vec![0_u64; n_bins * n_bins];
    for &(x, y) in pairs {
        counts[bin(y, y_low, y_high) * n_bins + bin(x, x_low, x_high)] += 1;
    }
    let fullest = counts.iter().copied().max().unwrap_or(1).max(1) as f64;
    let centre = |i: usize, low: f64, high: f64| low + (i as f64 + 0.5) / n_bins as f64 * (high - low);
    let data = counts
        .iter()
        .enumerate()
        .filter(|(_, n)| **n > 0)
        .map(|(i, &n)| {
            let (x, y) = (centre(i % n_bins, x_low, x_high), centre(i / n_bins, y_low, y_high));
            // The area says how many.
            let size = (largest * (n as f64 / fullest).sqrt()).max(2.0);
            json!({ "value": [tidy(x), tidy(y)], "symbolSize": (size * 10.0).round() / 10.0,
                    "tooltip": { "formatter": format!("{} rows around {}, {}", count(n), number(x), number(y)) } })
        })
        .collect();
    Points { data, is_binned }
}

/// Five significant digits: what a picture can show, and a quarter of the bytes.
pub fn tidy(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return if value.is_finite() { value } else { 0.0 };
    }
    format!("{value:.4e}").parse().unwrap_or(value)
}

/// Least and largest of all finite values.
pub fn extent(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    let (low, high) = values
        .filter(|v| v.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
    (low <= high).then_some((low, high))
}
