//! Work on the columns of a matrix one by one, all of them in one kernel.

use super::lanes::{Instructions, Kernel, dispatch};
use super::sums::interleaved;
use super::{Matrix, Scalar, reshape};

/// `to := [a, b]`: the columns of two matrices beside each other.
///
/// # Panics
/// If the columns of one are longer.
pub fn beside<T: Scalar>(a: &Matrix<T>, b: &Matrix<T>, to: &mut Matrix<T>) {
    assert_eq!(a.nrows(), b.nrows(), "columns differ in length");
    reshape(to, a.nrows(), a.ncols() + b.ncols());
    let (first, second) = to.as_mut_slice().split_at_mut(a.len());
    first.copy_from_slice(a.as_slice());
    second.copy_from_slice(b.as_slice());
}

/// `squares_j := a_jᵀ a_j` for each column `a_j`: the same bits as [`dot`](super::dot) column by column. Memory is kept.
pub fn square_columns<T: Scalar>(a: &Matrix<T>, squares: &mut Vec<T>) {
    squares.resize(a.ncols(), T::ZERO);
    let (a, rows) = (a.as_slice(), a.nrows());
    dispatch(Squares { a, rows, squares });
}

struct Squares<'a, T> {
    a: &'a [T],
    rows: usize,
    squares: &'a mut [T],
}

impl<T: Scalar> Kernel for Squares<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<I: Instructions>(self) {
        for (j, square) in self.squares.iter_mut().enumerate() {
            let column = &self.a[j * self.rows..][..self.rows];
            *square = interleaved(column, column);
        }
    }
}

/// `to_j := factors_j a_j` for each column `a_j`.
pub fn scale_columns<T: Scalar>(a: &Matrix<T>, factors: &[T], to: &mut Matrix<T>) {
    assert_eq!(a.ncols(), factors.len(), "as many factors as columns");
    let rows = a.nrows();
    let to = reshape(to, rows, a.ncols()).as_mut_slice();
    let a = a.as_slice();
    dispatch(Scaled { a, rows, factors, to });
}

struct Scaled<'a, T> {
    a: &'a [T],
    rows: usize,
    factors: &'a [T],
    to: &'a mut [T],
}

impl<T: Scalar> Kernel for Scaled<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<I: Instructions>(self) {
        for (j, &factor) in self.factors.iter().enumerate() {
            let column = j * self.rows..(j + 1) * self.rows;
            for (to, &a) in self.to[column.clone()].iter_mut().zip(&self.a[column]) {
                *to = a * factor;
            }
        }
    }
}

/// `to_j := v + a_j` for each column `a_j`; the columns must be as long as `v`.
pub fn add_to_columns<T: Scalar>(v: &[T], a: &Matrix<T>, to: &mut Matrix<T>) {
    assert_eq!(a.nrows(), v.len(), "cannot add to columns of another length");
    let to = reshape(to, a.nrows(), a.ncols()).as_mut_slice();
    let a = a.as_slice();
    dispatch(Added { v, a, to });
}

struct Added<'a, T> {
    v: &'a [T],
    a: &'a [T],
    to: &'a mut [T],
}

impl<T: Scalar> Kernel for Added<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<I: Instructions>(self) {
        let rows = self.v.len().max(1);
        for (to, a) in self.to.chunks_exact_mut(rows).zip(self.a.chunks_exact(rows)) {
            for ((to, &v), &a) in to.iter_mut().zip(self.v).zip(a) {
                *to = v + a;
            }
        }
    }
}
