//! Hold numbers in column-major matrices whose memory is kept when their shape changes.

use super::Scalar;
use super::crew::share_slices;
use super::lanes::{Instructions, Kernel, dispatch};

/// Column-major; where it holds activities, a column is a sample: `units × batch`.
pub type Matrix<T> = nalgebra::DMatrix<T>;
/// A bias.
pub type Vector<T> = nalgebra::DVector<T>;

/// A matrix of no elements, to be given a shape later.
pub fn empty<T: Scalar>() -> Matrix<T> {
    Matrix::from_vec(0, 0, Vec::new())
}

/// Gives a workspace matrix a shape and keeps its memory, so that a smaller last batch allocates nothing; contents are unspecified.
pub fn reshape<T: Scalar>(matrix: &mut Matrix<T>, rows: usize, columns: usize) -> &mut Matrix<T> {
    if matrix.shape() != (rows, columns) {
        let mut values: Vec<T> = std::mem::replace(matrix, empty()).data.into();
        values.resize(rows * columns, T::ZERO);
        *matrix = Matrix::from_vec(rows, columns, values);
    }
    matrix
}

/// `to := from`, shape included.
pub fn assign<T: Scalar>(to: &mut Matrix<T>, from: &Matrix<T>) {
    let (rows, columns) = from.shape();
    reshape(to, rows, columns)
        .as_mut_slice()
        .copy_from_slice(from.as_slice());
}

/// `to_ij := f(to_ij, from_ij)`; the shapes must be equal.
pub fn zip<T: Scalar>(to: &mut Matrix<T>, from: &Matrix<T>, f: impl Fn(T, T) -> T + Sync) {
    assert_eq!(to.shape(), from.shape(), "matrices differ in shape");
    zip_slices(to.as_mut_slice(), from.as_slice(), f);
}

/// `to_i := f(to_i, from_i)`; the lengths must be equal.
pub fn zip_slices<T: Scalar>(to: &mut [T], from: &[T], f: impl Fn(T, T) -> T + Sync) {
    assert_eq!(to.len(), from.len(), "slices differ in length");
    share_slices(to, from, |to, from| dispatch(Zip { to, from, f: &f }));
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
pub fn zip_two<T: Scalar>(to: &mut Matrix<T>, a: &Matrix<T>, b: &Matrix<T>, f: impl Fn(T, T, T) -> T) {
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
pub fn join<T: Scalar>(to: &mut Matrix<T>, a: &Matrix<T>, b: &Matrix<T>, f: impl Fn(T, T) -> T) {
    reshape(to, a.nrows(), a.ncols());
    zip_two(to, a, b, |_, a, b| f(a, b));
}

/// Whether no element is infinite or NaN, without a branch per number: `x · 0` is NaN for both.
pub fn all_finite<T: Scalar>(values: &[T]) -> bool {
    dispatch(AllFinite { values, factor: T::ONE })
}

/// Whether every element is at most [`MODERATE`] in size; false for NaN.
pub fn all_moderate<T: Scalar>(values: &[T]) -> bool {
    let factor = T::MAX / T::of(MODERATE);
    dispatch(AllFinite { values, factor })
}

/// Products of two numbers of this size, and long sums of them, are far from overflowing in either precision.
pub const MODERATE: f64 = 1e12;

/// Whether `factor` times every value is finite.
struct AllFinite<'a, T> {
    values: &'a [T],
    factor: T,
}

impl<T: Scalar> Kernel for AllFinite<'_, T> {
    type Output = bool;
    #[inline(always)]
    fn run<I: Instructions>(self) -> bool {
        let (wide, rest) = self.values.as_chunks::<64>();
        let (narrow, rest) = rest.as_chunks::<8>();
        let (mut sums, mut few, mut sum) = ([T::ZERO; 64], [T::ZERO; 8], T::ZERO);
        for chunk in wide {
            for (sum, &x) in sums.iter_mut().zip(chunk) {
                *sum += (x * self.factor) * T::ZERO;
            }
        }
        for chunk in narrow {
            for (sum, &x) in few.iter_mut().zip(chunk) {
                *sum += (x * self.factor) * T::ZERO;
            }
        }
        for &x in rest {
            sum += (x * self.factor) * T::ZERO;
        }
        sum == T::ZERO
            && few.iter().all(|&sum| sum == T::ZERO)
            && (wide.is_empty() || sums.iter().all(|&sum| sum == T::ZERO))
    }
}
