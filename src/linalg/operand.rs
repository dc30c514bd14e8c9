//! Take a matrix as a factor of a product, as it is or transposed.

use super::{Matrix, Scalar};

/// A factor of a product: a matrix as it is, or transposed.
#[derive(Clone, Copy)]
pub struct Operand<'a, T: Scalar> {
    pub(super) matrix: &'a Matrix<T>,
    pub(super) transposed: bool,
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
    /// Rows and columns of the factor.
    pub(super) fn shape(&self) -> (usize, usize) {
        let (rows, columns) = self.matrix.shape();
        if self.transposed {
            (columns, rows)
        } else {
            (rows, columns)
        }
    }
}
