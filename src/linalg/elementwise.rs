//! Apply functions to slices.

use super::lanes::{Instructions, Kernel, dispatch};
use super::sums::pairwise;
use super::{Matrix, Scalar};

macro_rules! slices {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        ///
        /// The same bits as [`Scalar`]'s function for one number.
        pub fn $name<T: Scalar>(input: &[T], output: &mut [T]) {
            map(input, output, T::$name);
        }
    )*};
}
slices! {
    /// `output_i := e^input_i`.
    exp
    /// `output_i := ln(input_i)`.
    ln
    /// `output_i := tanh(input_i)`.
    tanh
    /// `output_i := 1 / (1 + e^-input_i)`.
    logistic
    /// `output_i := ln(1 + e^input_i)`.
    softplus
    /// `output_i := erf(input_i)`.
    erf
}

/// `output_i := f(input_i)`, several at once where `f` has no branches.
pub fn map<T: Scalar>(input: &[T], output: &mut [T], f: impl Fn(T) -> T) {
    assert_eq!(input.len(), output.len(), "input and output differ in length");
    dispatch(Mapped { input, output, f });
}

/// Puts a function of every number into its place in another slice.
struct Mapped<'a, T, F> {
    input: &'a [T],
    output: &'a mut [T],
    f: F,
}

impl<T: Scalar, F: Fn(T) -> T> Kernel for Mapped<'_, T, F> {
    type Output = ();
    #[inline(always)]
    fn run<I: Instructions>(self) {
        let Self { input, output, f } = self;
        let whole = input.len() / BLOCK * BLOCK;
        for (y, &x) in output[..whole].iter_mut().zip(&input[..whole]) {
            *y = f(x);
        }
        output[whole..].copy_from_slice(&input[whole..]);
        replace_few(&mut output[whole..], f);
    }
}

/// Numbers that are worked on together.
const BLOCK: usize = 16;

/// Replaces every number by a function of it.
struct Elementwise<'a, T, F>(&'a mut [T], F);

impl<T: Scalar, F: Fn(T) -> T> Kernel for Elementwise<'_, T, F> {
    type Output = ();
    #[inline(always)]
    fn run<I: Instructions>(self) {
        let Self(values, f) = self;
        let (whole, rest) = values.split_at_mut(values.len() / BLOCK * BLOCK);
        for x in whole {
            *x = f(*x);
        }
        replace_few(rest, f);
    }
}

/// The same for fewer numbers than a block. It is filled up, because numbers one by one cost as much each as a whole block.
#[inline(always)]
fn replace_few<T: Scalar>(values: &mut [T], f: impl Fn(T) -> T) {
    if values.is_empty() {
        return;
    }
    let mut block = [T::ONE; BLOCK];
    block[..values.len()].copy_from_slice(values);
    for x in &mut block {
        *x = f(*x);
    }
    values.copy_from_slice(&block[..values.len()]);
}

/// Replaces logits by their softmax, in place. NaN among them, an infinite one, or only `-inf`: all become NaN.
pub fn softmax<T: Scalar>(logits: &mut [T]) {
    softmax_groups(logits, logits.len());
}

/// Replaces the logits in every column by their softmax, in place: the same bits as [`softmax`] column by column.
pub fn softmax_columns<T: Scalar>(logits: &mut Matrix<T>) {
    let rows = logits.nrows();
    softmax_groups(logits.as_mut_slice(), rows);
}

fn softmax_groups<T: Scalar>(logits: &mut [T], length: usize) {
    if length == 0 {
        return;
    }
    for group in logits.chunks_exact_mut(length) {
        let top = greatest(group);
        group.iter_mut().for_each(|x| *x -= top);
    }
    dispatch(Elementwise(logits, T::exp));
    for group in logits.chunks_exact_mut(length) {
        let sum = sum(group);
        group.iter_mut().for_each(|x| *x /= sum);
    }
}

/// `ln(Σ e^logits_i)` without overflow; `-inf` for no logits.
pub fn log_sum_exp<T: Scalar>(logits: &[T]) -> T {
    if logits.is_empty() {
        return T::ZERO.ln();
    }
    let top = greatest(logits);
    if !top.is_finite() {
        // All of them are -inf, or there is a +inf or a NaN: of these a sum keeps NaN, and adds up to the infinity.
        return logits
            .iter()
            .fold(top, |sum, &x| if x.is_finite() || x < top { sum } else { sum + x });
    }
    let mut sums = [T::ZERO; BLOCK];
    for group in logits.chunks(BLOCK) {
        let mut block = [T::ZERO; BLOCK];
        for (x, &logit) in block.iter_mut().zip(group) {
            *x = logit - top;
        }
        dispatch(Elementwise(&mut block, T::exp));
        for (sum, &x) in sums.iter_mut().zip(&block[..group.len()]) {
            *sum += x;
        }
    }
    top + pairwise(&mut sums).ln()
}

/// The greatest number; the first if that is NaN.
fn greatest<T: Scalar>(values: &[T]) -> T {
    values.iter().fold(values[0], |top, &x| if x > top { x } else { top })
}

/// A sum in a fixed order: [`BLOCK`] interleaved sums, then their sum in pairs.
fn sum<T: Scalar>(values: &[T]) -> T {
    let mut sums = [T::ZERO; BLOCK];
    for group in values.chunks(BLOCK) {
        for (sum, &x) in sums.iter_mut().zip(group) {
            *sum += x;
        }
    }
    pairwise(&mut sums)
}
