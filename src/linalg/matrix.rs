//! Hold numbers in column-major matrices whose memory is kept when their shape changes.

use super::Scalar;
use super::lanes::{Instructions, Kernel, dispatch};
use super::sharing::share_slices;

/// Column-major; where it holds activities, a column is a sample: `units × batch`.
pub type Matrix<T> = nalgebra::DMatrix<T>;
/// A bias.
pub type Vector<T> = nalgebra::DVector<T>;

/// A matrix of no elements, to be given a shape later.
pub fn empty<T: Scalar>() -> Matrix<T> {
    Matrix::from_vec(0, 0, Vec::new())
}

/// Gives a workspace matrix a shape and keeps its memory, so that a smaller last batch allocates nothing; contents are unspecified.
#[inline(always)]
pub fn reshape<T: Scalar>(matrix: &mut Matrix<T>, rows: usize, columns: usize) -> &mut Matrix<T> {
    if matrix.shape() != (rows, columns) {
        change_shape(matrix, rows, columns);
    }
    matrix
}

#[cold]
fn change_shape<T: Scalar>(matrix: &mut Matrix<T>, rows: usize, columns: usize) {
    let mut values: Vec<T> = std::mem::replace(matrix, empty()).data.into();
    values.resize(rows * columns, T::ZERO);
    *matrix = Matrix::from_vec(rows, columns, values);
}

/// The same, all of it 0.
pub fn zeroed<T: Scalar>(matrix: &mut Matrix<T>, rows: usize, columns: usize) -> &mut Matrix<T> {
    let matrix = reshape(matrix, rows, columns);
    matrix.as_mut_slice().fill(T::ZERO);
    matrix
}

/// `to := from`, shape included.
pub fn assign<T: Scalar>(to: &mut Matrix<T>, from: &Matrix<T>) {
    let (rows, columns) = from.shape();
    reshape(to, rows, columns)
        .as_mut_slice()
        .copy_from_slice(from.as_slice());
}

/// A function of numbers that holds what it needs by value: numbers that it referred to would be read again for each element, since the
/// compiler could not know them from those that are written, and no vectors would come of it.
pub trait ByValue: Copy + Send + Sync + 'static {}

impl<F: Copy + Send + Sync + 'static> ByValue for F {}

/// `to_ij := f(to_ij, from_ij)`; the shapes must be equal.
pub fn zip<T: Scalar>(to: &mut Matrix<T>, from: &Matrix<T>, f: impl Fn(T, T) -> T + ByValue) {
    assert_eq!(to.shape(), from.shape(), "matrices differ in shape");
    zip_slices(to.as_mut_slice(), from.as_slice(), f);
}

/// `to_i := f(to_i, from_i)`; the lengths must be equal.
pub fn zip_slices<T: Scalar>(to: &mut [T], from: &[T], f: impl Fn(T, T) -> T + ByValue) {
    assert_eq!(to.len(), from.len(), "slices differ in length");
    share_slices(to, from, |to, from| dispatch(Zip { to, from, f }));
}

struct Zip<'a, T, F> {
    to: &'a mut [T],
    from: &'a [T],
    f: F,
}

impl<T: Scalar, F: Fn(T, T) -> T> Kernel for Zip<'_, T, F> {
    type Output = ();
    #[inline(always)]
    fn run<I: Instructions>(self) {
        for (to, &from) in self.to.iter_mut().zip(self.from) {
            *to = (self.f)(*to, from);
        }
    }
}

/// `to_ij := f(to_ij, a_ij, b_ij)`; the shapes must be equal.
pub fn zip_two<T: Scalar>(to: &mut Matrix<T>, a: &Matrix<T>, b: &Matrix<T>, f: impl Fn(T, T, T) -> T + ByValue) {
    assert!(
        to.shape() == a.shape() && a.shape() == b.shape(),
        "matrices differ in shape"
    );
    let (to, a, b) = (to.as_mut_slice(), a.as_slice(), b.as_slice());
    dispatch(ZipTwo { to, a, b, f });
}

struct ZipTwo<'a, T, F> {
    to: &'a mut [T],
    a: &'a [T],
    b: &'a [T],
    f: F,
}

impl<T: Scalar, F: Fn(T, T, T) -> T> Kernel for ZipTwo<'_, T, F> {
    type Output = ();
    #[inline(always)]
    fn run<I: Instructions>(self) {
        for ((to, &a), &b) in self.to.iter_mut().zip(self.a).zip(self.b) {
            *to = (self.f)(*to, a, b);
        }
    }
}

/// `to_ij := f(a_ij, b_ij)`, shape included; the shapes of the two must be equal.
pub fn join<T: Scalar>(to: &mut Matrix<T>, a: &Matrix<T>, b: &Matrix<T>, f: impl Fn(T, T) -> T + ByValue) {
    reshape(to, a.nrows(), a.ncols());
    zip_two(to, a, b, move |_, a, b| f(a, b));
}
