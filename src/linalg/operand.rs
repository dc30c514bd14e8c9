//! Take a matrix as a factor of a product, as it is or transposed.

use super::{Matrix, Scalar};

/// A factor of a product: a matrix as it is, or transposed.
#[derive(Clone, Copy)]
pub struct Operand<'a, T: Scalar> {
    /// Those of the matrix, column by column.
    pub(super) numbers: &'a [T],
    /// Rows of the matrix as it is stored.
    pub(super) rows: usize,
    /// Columns of the matrix as it is stored.
    pub(super) columns: usize,
    pub(super) transposed: bool,
}

/// The matrix as it is.
pub fn plain<T: Scalar>(matrix: &Matrix<T>) -> Operand<'_, T> {
    let (rows, columns) = matrix.shape();
    Operand {
        numbers: matrix.as_slice(),
        rows,
        columns,
        transposed: false,
    }
}

/// The transposed matrix; nothing is moved.
pub fn transposed<T: Scalar>(matrix: &Matrix<T>) -> Operand<'_, T> {
    plain(matrix).turned()
}

impl<T: Scalar> Operand<'_, T> {
    /// Rows and columns of the factor.
    #[inline(always)]
    pub(super) fn shape(&self) -> (usize, usize) {
        match self.transposed {
            true => (self.columns, self.rows),
            false => (self.rows, self.columns),
        }
    }

    /// Its transpose.
    #[inline(always)]
    pub(super) fn turned(self) -> Self {
        Self {
            transposed: !self.transposed,
            ..self
        }
    }
}
