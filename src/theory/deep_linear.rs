//! Follow the modes of a linear network of two layers.
//!
//! Saxe, McClelland, Ganguli 2013 (arXiv 1312.6120): with inputs of second moment 1 and weights that begin small, balanced and aligned with the
//! singular vectors of the correlation of inputs and targets, each mode learns by itself. Its strength `u`, the product of its weights in both
//! layers, goes from `u_0` to the singular value `s` by `τ du/dt = 2 u (s − u)`. Half squares averaged over samples and gradient
//! descent with the rate `η` have `τ = 1` for `t = η × steps`, as `η` goes to 0.

use crate::linalg::Scalar;

/// `u(t) = s e^{2st/τ} / (e^{2st/τ} − 1 + s/u_0)`, the solution; `t` in units of `τ`.
pub fn strength(s: f64, u_0: f64, t: f64) -> f64 {
    // divided by e^{2st}, which may be beyond all numbers
    s / (1.0 + (s / u_0 - 1.0) * Scalar::exp(-2.0 * s * t))
}

/// `t = τ / (2s) ln (u (s − u_0) / (u_0 (s − u)))`: when the strength is `u`, in units of `τ`.
pub fn time(s: f64, u_0: f64, u: f64) -> f64 {
    (u * (s - u_0) / (u_0 * (s - u))).ln() / (2.0 * s)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mode_follows_its_equation_from_its_start_to_its_end() {
        let (s, u_0) = (1.7, 1e-3);
        let u = |t| strength(s, u_0, t);
        assert!((u(0.0) - u_0).abs() < 1e-18 && (u(1e4) - s).abs() < 1e-15);
        for t in [0.1, 1.0, 2.0, 3.0] {
            let slope = (u(t + 1e-5) - u(t - 1e-5)) / 2e-5;
            assert!((slope - 2.0 * u(t) * (s - u(t))).abs() < 1e-8, "{t}");
            assert!((time(s, u_0, u(t)) - t).abs() < 1e-9, "{t}");
            // negative control: half the time constant
            assert!((slope - u(t) * (s - u(t))).abs() > 1e-4, "{t}");
        }
    }
}
