//! Elementary functions that give the same bits in a browser and on the command line.
//!
//! `f64::ln` and its kin call the platform's C library, which differs between targets; the `libm` crate does not.
//! `sqrt`, `abs`, `floor`, `ceil` and `round` are exact everywhere and need no stand-in. `clippy.toml` refuses the others.

pub use libm::{
    cos, erf, erfc, exp, expm1, lgamma, log as ln, log1p as ln_1p, log2, log10, pow, sin, tanh, tgamma,
};

/// Sum in the order given, with Neumaier's compensation: the result does not drift with the number of terms.
pub fn sum(values: impl IntoIterator<Item = f64>) -> f64 {
    let (mut total, mut lost) = (0.0_f64, 0.0_f64);
    for value in values {
        let next = total + value;
        lost += if total.abs() >= value.abs() { (total - next) + value } else { (value - next) + total };
        total = next;
    }
    total + lost
}
