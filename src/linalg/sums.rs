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
        interleaved(self.a, self.b)
    }
}

/// Sums that [`sum`] keeps side by side.
const FEW: usize = 16;

/// The sum of numbers in a fixed order: 16 interleaved sums, then their sum in pairs.
pub fn sum<T: Scalar>(values: &[T]) -> T {
    let mut sums = [T::ZERO; FEW];
    for group in values.chunks(FEW) {
        for (sum, &x) in sums.iter_mut().zip(group) {
            *sum += x;
        }
    }
    pairwise(sums)
}

/// What [`dot`] is, for kernels.
#[inline(always)]
pub(super) fn interleaved<T: Scalar>(a: &[T], b: &[T]) -> T {
    let mut sums = [T::ZERO; SUMS];
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<SUMS>(), b.as_chunks::<SUMS>());
    for (a, b) in a.iter().zip(b) {
        for (sum, (&a, &b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += a * b;
        }
    }
    for (sum, (&a, &b)) in sums.iter_mut().zip(a_rest.iter().zip(b_rest)) {
        *sum += a * b;
    }
    pairwise(sums)
}

/// The sum of a power of two of numbers, at most 32: the first half and the second are added, until one number is left.
#[inline(always)]
pub(super) fn pairwise<T: Scalar, const N: usize>(mut sums: [T; N]) -> T {
    add_half::<T, 16>(&mut sums);
    add_half::<T, 8>(&mut sums);
    add_half::<T, 4>(&mut sums);
    add_half::<T, 2>(&mut sums);
    add_half::<T, 1>(&mut sums);
    sums[0]
}

/// Adds a second half of so many numbers to the first, if there is one: a loop of constant length.
#[inline(always)]
fn add_half<T: Scalar, const HALF: usize>(sums: &mut [T]) {
    if sums.len() >= 2 * HALF {
        for i in 0..HALF {
            sums[i] += sums[i + HALF];
        }
    }
}

/// Sums that [`sum_of_pairs`] keeps side by side.
const DOUBLE_SUMS: usize = 8;

/// `Σ_i f(a_i, b_i)` in double precision and in a fixed order (8 interleaved sums, then their sum in pairs): the same bits
/// everywhere; the lengths must be equal. Several sums over the same pairs are faster one after the other: compilers find the
/// vectors of one.
pub fn sum_of_pairs<T: Scalar>(a: &[T], b: &[T], f: impl Fn(T, T) -> f64) -> f64 {
    assert_eq!(a.len(), b.len(), "no pairs of slices of different lengths");
    dispatch(SumOfPairs { a, b, f })
}

struct SumOfPairs<'a, T, F> {
    a: &'a [T],
    b: &'a [T],
    f: F,
}

impl<T: Scalar, F: Fn(T, T) -> f64> Kernel for SumOfPairs<'_, T, F> {
    type Output = f64;
    #[inline(always)]
    fn run<I: Instructions>(self) -> f64 {
        let Self { a, b, f } = self;
        let mut sums = [0.0; DOUBLE_SUMS];
        let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<DOUBLE_SUMS>(), b.as_chunks::<DOUBLE_SUMS>());
        for (a, b) in a.iter().zip(b) {
            for i in 0..DOUBLE_SUMS {
                sums[i] += f(a[i], b[i]);
            }
        }
        for (sum, (&a, &b)) in sums.iter_mut().zip(a_rest.iter().zip(b_rest)) {
            *sum += f(a, b);
        }
        pairwise(sums)
    }
}
