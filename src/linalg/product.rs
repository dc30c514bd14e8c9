//! Multiply matrices.

use super::{Matrix, Scalar};

/// A factor of a product: a matrix as it is, or transposed.
#[derive(Clone, Copy)]
pub struct Operand<'a, T: Scalar> {
    matrix: &'a Matrix<T>,
    transposed: bool,
}

/// The matrix as it is.
pub fn plain<T: Scalar>(matrix: &Matrix<T>) -> Operand<'_, T> {
    Operand {
        matrix,
        transposed: false,
    }
}

/// The transposed matrix; nothing is moved.
pub fn transposed<T: Scalar>(matrix: &Matrix<T>) -> Operand<'_, T> {
    Operand {
        matrix,
        transposed: true,
    }
}

impl<T: Scalar> Operand<'_, T> {
    fn shape(&self) -> (usize, usize) {
        let (rows, columns) = self.matrix.shape();
        if self.transposed {
            (columns, rows)
        } else {
            (rows, columns)
        }
    }
    fn at(&self, i: usize, j: usize) -> T {
        if self.transposed {
            self.matrix[(j, i)]
        } else {
            self.matrix[(i, j)]
        }
    }
}

/// `c := alpha a b + beta c`. Where `beta` is 0, `c` is not read: what it held, NaN included, is gone.
///
/// # Panics
/// If the shapes do not fit.
pub fn multiply<T: Scalar>(alpha: T, a: Operand<'_, T>, b: Operand<'_, T>, beta: T, c: &mut Matrix<T>) {
    let ((m, k), (k2, n)) = (a.shape(), b.shape());
    assert!(
        k == k2 && c.shape() == (m, n),
        "product of {m}x{k} and {k2}x{n} into {:?}",
        c.shape()
    );
    for j in 0..n {
        for i in 0..m {
            let s: T = (0..k).map(|q| a.at(i, q) * b.at(q, j)).sum();
            c[(i, j)] = alpha * s + if beta == T::ZERO { T::ZERO } else { beta * c[(i, j)] };
        }
    }
}

/// `y := y + alpha x`; the lengths must be equal.
pub fn add_scaled<T: Scalar>(y: &mut [T], alpha: T, x: &[T]) {
    assert_eq!(y.len(), x.len());
    for (y, &x) in y.iter_mut().zip(x) {
        *y += alpha * x;
    }
}

/// `aᵀ b`, summed in a fixed order; the lengths must be equal.
pub fn dot<T: Scalar>(a: &[T], b: &[T]) -> T {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(&a, &b)| a * b).sum()
}
