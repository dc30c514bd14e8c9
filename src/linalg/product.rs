//! Multiply matrices.

use super::lanes::{Instructions, Kernel, dispatch};
use super::outer::OuterProduct;
use super::small::{SmallFactor, SmallProduct};
use super::{Matrix, Operand, Scalar, large, zip_slices};
use crate::cost;
use faer::Accum;

/// Products of fewer multiplications are made by [`SmallProduct`].
const SMALL: usize = 16 * 1024;

/// `c := alpha a b + beta c`. Where `beta` is 0, `c` is not read: what it held, NaN included, is gone.
///
/// Small products, of fewer than 16,384 multiplications, have the same bits on every processor, and a column of the result does
/// not depend on the other columns. Larger ones are made by `faer` on one thread: the same bits on every run on one machine, but
/// not on one without AVX2 (its fused multiply-adds round differently), and a column may depend on how many there are.
///
/// # Panics
/// If the shapes do not fit.
pub fn multiply<'a, T: Scalar>(alpha: T, a: Operand<'a, T>, b: Operand<'a, T>, beta: T, c: &mut Matrix<T>) {
    let ((m, k), (k2, n)) = (a.shape(), b.shape());
    assert!(
        k == k2 && c.shape() == (m, n),
        "cannot put the product of {m}x{k} and {k2}x{n} into {}x{}",
        c.nrows(),
        c.ncols()
    );
    if m == 0 || n == 0 {
        return;
    }
    cost::multiply_adds(m * k * n);
    if k == 0 {
        return scale(beta, c);
    }
    if k == 1 && m * n < SMALL {
        let (column, row) = (a.matrix.as_slice(), b.matrix.as_slice());
        // a result of one row lies together like a column
        let (column, row) = if m == 1 { (row, column) } else { (column, row) };
        let c = c.as_mut_slice();
        return dispatch(OuterProduct {
            alpha,
            column,
            row,
            beta,
            c,
        });
    }
    if m * k * n < SMALL {
        let factor = |f: &Operand<'a, T>| SmallFactor {
            numbers: f.matrix.as_slice(),
            transposed: f.transposed,
        };
        let (a, b) = (factor(&a), factor(&b));
        return SmallProduct {
            m,
            k,
            n,
            alpha,
            a,
            b,
            beta,
            c: c.as_mut_slice(),
        }
        .compute();
    }
    if beta == T::ZERO {
        return large::multiply(alpha, a, b, Accum::Replace, c);
    }
    if beta != T::ONE {
        scale(beta, c);
    }
    large::multiply(alpha, a, b, Accum::Add, c);
}

/// `c := beta c`, and 0 where `beta` is 0.
fn scale<T: Scalar>(beta: T, c: &mut Matrix<T>) {
    if beta == T::ZERO {
        c.as_mut_slice().fill(T::ZERO);
    } else {
        c.as_mut_slice().iter_mut().for_each(|c| *c *= beta);
    }
}

/// `y := y + alpha x`; the lengths must be equal.
pub fn add_scaled<T: Scalar>(y: &mut [T], alpha: T, x: &[T]) {
    assert_eq!(y.len(), x.len(), "cannot add slices of different lengths");
    zip_slices(y, x, move |y, x| y + alpha * x);
}

/// `y := y + alpha x_j` for each column `x_j` of `x`, one after the other; the columns must be as long as `y`.
pub fn add_scaled_columns<T: Scalar>(y: &mut [T], alpha: T, x: &Matrix<T>) {
    assert_eq!(y.len(), x.nrows(), "cannot add columns of another length");
    let x = x.as_slice();
    dispatch(AddScaledColumns { y, alpha, x });
}

struct AddScaledColumns<'a, T> {
    y: &'a mut [T],
    alpha: T,
    x: &'a [T],
}

impl<T: Scalar> Kernel for AddScaledColumns<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<I: Instructions>(self) {
        let Self { y, alpha, x } = self;
        for column in x.chunks_exact(y.len().max(1)) {
            for (y, &x) in y.iter_mut().zip(column) {
                *y += alpha * x;
            }
        }
    }
}

/// Sums that [`dot`] keeps side by side.
const SUMS: usize = 32;

/// `aᵀ b`, summed in a fixed order (32 interleaved sums, then their sum in pairs): the same bits everywhere; the lengths must be equal.
pub fn dot<T: Scalar>(a: &[T], b: &[T]) -> T {
    assert_eq!(a.len(), b.len(), "no inner product of slices of different lengths");
    dispatch(Dot { a, b })
}

struct Dot<'a, T> {
    a: &'a [T],
    b: &'a [T],
}

impl<T: Scalar> Kernel for Dot<'_, T> {
    type Output = T;
    #[inline(always)]
    fn run<I: Instructions>(self) -> T {
        let mut sums = [T::ZERO; SUMS];
        let ((a, a_rest), (b, b_rest)) = (self.a.as_chunks::<SUMS>(), self.b.as_chunks::<SUMS>());
        let (mut a_last, mut b_last) = ([T::ZERO; SUMS], [T::ZERO; SUMS]);
        a_last[..a_rest.len()].copy_from_slice(a_rest);
        b_last[..b_rest.len()].copy_from_slice(b_rest);
        for (a, b) in a.iter().zip(b).chain([(&a_last, &b_last)]) {
            for (sum, (&a, &b)) in sums.iter_mut().zip(a.iter().zip(b)) {
                *sum += a * b;
            }
        }
        pairwise(&mut sums)
    }
}

/// The sum of a power of two of numbers: the first half and the second are added, until one number is left.
#[inline(always)]
pub(super) fn pairwise<T: Scalar>(sums: &mut [T]) -> T {
    let mut half = sums.len() / 2;
    while half > 0 {
        for i in 0..half {
            sums[i] += sums[i + half];
        }
        half /= 2;
    }
    sums[0]
}
