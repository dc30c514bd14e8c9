//! Take a matrix as a factor of a product, as it is or transposed.

use super::{Matrix, Scalar};

/// A factor of a product: a matrix as it is, or transposed.
#[derive(Clone, Copy)]
pub struct Operand<'a, T: Scalar> {
    /// Column-major.
    pub(super) numbers: &'a [T],
    /// Rows and columns of the matrix as it is.
    pub(super) rows: usize,
    columns: usize,
    pub(super) transposed: bool,
}

/// The matrix as it is.
pub fn plain<T: Scalar>(matrix: &Matrix<T>) -> Operand<'_, T> {
    view(matrix.as_slice(), matrix.nrows(), matrix.ncols())
}

/// The transposed matrix; nothing is moved.
pub fn transposed<T: Scalar>(matrix: &Matrix<T>) -> Operand<'_, T> {
    plain(matrix).transpose()
}

/// Numbers as a column-major matrix of so many rows and columns.
///
/// # Panics
/// If there are more or fewer numbers.
pub fn view<T: Scalar>(numbers: &[T], rows: usize, columns: usize) -> Operand<'_, T> {
    assert_eq!(numbers.len(), rows * columns, "no matrix of {rows}x{columns}");
    Operand {
        numbers,
        rows,
        columns,
        transposed: false,
    }
}

impl<T: Scalar> Operand<'_, T> {
    /// Rows and columns changed for each other; nothing is moved.
    pub fn transpose(self) -> Self {
        Self {
            transposed: !self.transposed,
            ..self
        }
    }

    /// Rows and columns of the factor.
    pub(super) fn shape(&self) -> (usize, usize) {
        if self.transposed {
            (self.columns, self.rows)
        } else {
            (self.rows, self.columns)
        }
    }
}
