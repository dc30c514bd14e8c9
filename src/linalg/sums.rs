//! Add slices, and add up products of their numbers in a fixed order.

use super::lanes::{Instructions, Kernel, dispatch};
use super::{Matrix, Scalar, zip_slices};

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
        let step = y.len();
        let (wide, rest) = y.as_chunks_mut::<64>();
        let (narrow, rest) = rest.as_chunks_mut::<16>();
        let (few, rest) = rest.as_chunks_mut::<4>();
        let (single, _) = rest.as_chunks_mut::<1>();
        let first = add_to_chunks(wide, alpha, x, (0, step));
        let first = add_to_chunks(narrow, alpha, x, (first, step));
        let first = add_to_chunks(few, alpha, x, (first, step));
        add_to_chunks(single, alpha, x, (first, step));
    }
}

/// Adds to the chunks of `y` from its number `first` on, columns of `x` being `step` numbers apart, and says where the next begins:
/// each chunk stays in registers.
#[inline(always)]
fn add_to_chunks<T: Scalar, const N: usize>(
    y: &mut [[T; N]],
    alpha: T,
    x: &[T],
    (mut first, step): (usize, usize),
) -> usize {
    for y in y {
        let mut sums = *y;
        for column in x.chunks_exact(step) {
            for (sum, &x) in sums.iter_mut().zip(&column[first..first + N]) {
                *sum += alpha * x;
            }
        }
        *y = sums;
        first += N;
    }
    first
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
