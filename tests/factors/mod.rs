//! Make random factors of products.
#![allow(dead_code)] // each test binary uses its own part

use creditlab::linalg::{Matrix, Operand, Scalar, plain, transposed};
use creditlab::random::{Generator, Purpose, Stream, uniform};

/// Whether each of two factors is transposed.
pub const FORMS: [(bool, bool); 4] = [(false, false), (false, true), (true, false), (true, true)];

/// Random numbers of their own.
pub fn numbers(seed: u64) -> Generator {
    Stream::new(seed, Purpose::Task, 0, 0).generator()
}

/// Numbers between -1 and 1.
pub fn random<T: Scalar>(rows: usize, columns: usize, generator: &mut Generator) -> Matrix<T> {
    Matrix::from_fn(rows, columns, |_, _| T::of(2.0 * uniform(generator) - 1.0))
}

/// A factor of the given shape, and how it is stored.
pub fn factor<T: Scalar>(rows: usize, columns: usize, is_transposed: bool, generator: &mut Generator) -> Matrix<T> {
    if is_transposed {
        random(columns, rows, generator)
    } else {
        random(rows, columns, generator)
    }
}

/// A factor as a product takes it.
pub fn operand<T: Scalar>(matrix: &Matrix<T>, is_transposed: bool) -> Operand<'_, T> {
    if is_transposed {
        transposed(matrix)
    } else {
        plain(matrix)
    }
}
