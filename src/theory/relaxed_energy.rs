//! Give the energy of predictive coding at rest in a linear network, and its gradient.
//!
//! Innocenti, Achour, Singh, Buckley 2024 (NeurIPS, arXiv 2408.11979): with outputs clamped to targets `y` and hidden states at rest the energy is
//! `F* = ½ mean rᵀ S⁻¹ r`, `r = y − W_L..W_1 x`, `S = I + Σ_{l ≥ 2} W_{L:l} W_{L:l}ᵀ`, `W_{L:l} = W_L..W_l`. Its gradient is what predictive coding
//! at rest proposes.

use crate::linalg::Matrix;

/// `F*` of the weights `W_1 .. W_L` for samples in columns.
pub fn energy(weights: &[Matrix<f64>], x: &Matrix<f64>, y: &Matrix<f64>) -> f64 {
    let (r, solved) = residuals(weights, x, y);
    0.5 * r.dot(&solved) / x.ncols() as f64
}

/// `∂F*/∂W_l` of each layer: `−mean δ_l h_{l−1}ᵀ` with the errors at rest, `δ_L = S⁻¹ r` and `δ_l = W_{l+1}ᵀ δ_{l+1}`, and the states at rest,
/// `h_0 = x` and `h_l = W_l h_{l−1} + δ_l`.
pub fn gradient(weights: &[Matrix<f64>], x: &Matrix<f64>, y: &Matrix<f64>) -> Vec<Matrix<f64>> {
    let (_, mut delta) = residuals(weights, x, y);
    let mut deltas = vec![delta.clone()];
    for above in weights[1..].iter().rev() {
        delta = above.transpose() * delta;
        deltas.push(delta.clone());
    }
    let mut h = x.clone();
    let mut gradients = Vec::new();
    for (w, delta) in weights.iter().zip(deltas.iter().rev()) {
        gradients.push(delta * h.transpose() / -(x.ncols() as f64));
        h = w * h + delta;
    }
    gradients
}

/// `r` and `S⁻¹ r`.
fn residuals(weights: &[Matrix<f64>], x: &Matrix<f64>, y: &Matrix<f64>) -> (Matrix<f64>, Matrix<f64>) {
    let outputs = y.nrows();
    let (mut above, mut s) = (Matrix::identity(outputs, outputs), Matrix::identity(outputs, outputs));
    for w in weights[1..].iter().rev() {
        above *= w;
        s += &above * above.transpose();
    }
    let r = y - above * &weights[0] * x;
    let solved = s.cholesky().expect("positive definite: 1 and squares").solve(&r);
    (r, solved)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Stream, normal};

    fn drawn(rows: usize, columns: usize, part: u64) -> Matrix<f64> {
        let mut matrix = Matrix::zeros(rows, columns);
        let mut generator = Stream::new(1, Purpose::Task, 0, part).generator();
        normal(matrix.as_mut_slice(), 0.5, &mut generator);
        matrix
    }

    /// `½ (1 − w³)² / (1 + w² + w⁴)` of the chain 1-1-1-1 with equal weights, `x = y = 1`.
    #[test]
    fn a_chain_has_the_energy_of_its_formula() {
        let one = Matrix::from_element(1, 1, 1.0);
        for w in [0.1, 0.7, 1.5f64] {
            let found = energy(&vec![Matrix::from_element(1, 1, w); 3], &one, &one);
            let expected = 0.5 * (1.0 - w.powi(3)).powi(2) / (1.0 + w.powi(2) + w.powi(4));
            assert!((found - expected).abs() < 1e-15, "{w}");
        }
    }

    #[test]
    fn the_gradient_is_that_of_the_energy() {
        let mut weights = vec![drawn(4, 3, 0), drawn(5, 4, 1), drawn(2, 5, 2)];
        let (x, y) = (drawn(3, 6, 3), drawn(2, 6, 4));
        let exact = gradient(&weights, &x, &y);
        for l in 0..3 {
            for i in 0..weights[l].len() {
                let usual = weights[l][i];
                let mut at = |w| {
                    weights[l][i] = w;
                    energy(&weights, &x, &y)
                };
                let slope = (at(usual + 1e-5) - at(usual - 1e-5)) / 2e-5;
                at(usual);
                assert!((slope - exact[l][i]).abs() < 1e-9, "{l} {i}");
            }
        }
        // a single layer has no states to relax, and the gradient of half squares
        let (w, x) = (drawn(2, 3, 5), drawn(3, 6, 3));
        let expected = (&w * &x - &y) * x.transpose() / 6.0;
        assert!((&gradient(&[w], &x, &y)[0] - expected).norm() < 1e-15);
    }
}
