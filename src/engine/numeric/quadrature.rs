//! Gauss-Legendre points: sums over few points that integrate polynomials exactly.

use super::math;

/// Points in (0, 1) and their weights, such that `sum(weight * f(point))` is the integral of `f` from 0 to 1 for every
/// polynomial of a degree up to `2 n - 1`. At least one point.
pub fn gauss_legendre(n: usize) -> Vec<(f64, f64)> {
    let n = n.max(1);
    let mut out = vec![(0.5, 1.0); n];
    for i in 0..n.div_ceil(2) {
        // Newton's method on the Legendre polynomial, from Tricomi's guess; it settles in a few steps.
        let mut z = math::cos(std::f64::consts::PI * (i as f64 + 0.75) / (n as f64 + 0.5));
        let mut slope = 1.0;
        for _ in 0..12 {
            let (mut p, mut before) = (1.0, 0.0);
            for k in 0..n {
                let k = k as f64;
                (p, before) = (((2.0 * k + 1.0) * z * p - k * before) / (k + 1.0), p);
            }
            slope = n as f64 * (z * p - before) / (z * z - 1.0);
            z -= p / slope;
        }
        if 2 * i + 1 == n {
            z = 0.0;
        }
        let weight = 1.0 / ((1.0 - z * z) * slope * slope);
        out[i] = (0.5 - z / 2.0, weight);
        out[n - 1 - i] = (0.5 + z / 2.0, weight);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_are_integrated_exactly() {
        for n in [1, 2, 3, 4, 8, 13, 24, 40] {
            let points = gauss_legendre(n);
            assert_eq!(points.len(), n);
            for degree in 0..2 * n {
                let power = |x: f64| (0..degree).fold(1.0, |p, _| p * x);
                let found: f64 = points.iter().map(|(x, w)| w * power(*x)).sum();
                let exact = 1.0 / (degree as f64 + 1.0);
                assert!((found - exact).abs() < 1e-14, "{n} points, degree {degree}: {found} is not {exact}");
            }
        }
    }

    #[test]
    fn one_degree_more_is_not() {
        let found: f64 = gauss_legendre(2).iter().map(|(x, w)| w * x * x * x * x).sum();
        assert!((found - 0.2).abs() > 1e-3, "{found}");
    }
}
