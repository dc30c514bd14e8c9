//! Solve systems with a symmetric positive definite matrix.

use super::Matrix;
use crate::cost;
use nalgebra::{Cholesky, DVectorViewMut};

/// `b := a⁻¹ b` by the decomposition of Cholesky; of `a` the lower triangle is read, and what is left of it is unspecified. Where
/// `a` is not positive definite to rounding, or not finite, `b` becomes NaN. Nothing is allocated.
///
/// # Panics
/// If the shapes do not fit.
pub fn solve_positive_definite(a: &mut Matrix<f64>, b: &mut [f64]) {
    let n = b.len();
    assert!(a.shape() == (n, n), "cannot solve {:?} for {n} numbers", a.shape());
    // a sixth of n³ for the decomposition, half of n² for each triangle
    cost::multiply_adds(n * n * n / 6 + n * n);
    match Cholesky::new(std::mem::replace(a, super::empty())) {
        Some(decomposed) => {
            decomposed.solve_mut(&mut DVectorViewMut::from_slice(b, n));
            *a = decomposed.unpack_dirty();
        }
        None => b.fill(f64::NAN),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Stream, normal};

    #[test]
    fn solutions_solve() {
        for n in [1, 2, 7, 40] {
            let mut root = Matrix::<f64>::zeros(n, n + 2);
            normal(
                root.as_mut_slice(),
                1.0,
                &mut Stream::new(n as u64, Purpose::Task, 0, 0).generator(),
            );
            let a = &root * root.transpose();
            let x = Matrix::from_fn(n, 1, |i, _| i as f64 - 2.0);
            let mut b = &a * &x;
            solve_positive_definite(&mut a.clone(), b.as_mut_slice());
            assert!((b - x).norm() < 1e-8);
        }
    }

    #[test]
    fn what_has_no_solution_is_not_a_number() {
        for wrong in [[1.0, 2.0, 2.0, 1.0], [0.0; 4], [f64::NAN, 0.0, 0.0, 1.0]] {
            let mut b = [1.0, 1.0];
            solve_positive_definite(&mut Matrix::from_column_slice(2, 2, &wrong), &mut b);
            assert!(b.iter().all(|b| b.is_nan()), "{wrong:?}: {b:?}");
        }
    }
}
