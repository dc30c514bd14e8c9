//! Apply functions to slices.

use super::lanes::{Instructions, Kernel, dispatch};
use super::sharing::share_slices;
use super::{ByValue, Scalar};

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
pub fn map<T: Scalar>(input: &[T], output: &mut [T], f: impl Fn(T) -> T + ByValue) {
    assert_eq!(input.len(), output.len(), "input and output differ in length");
    share_slices(output, input, |output, input| {
        dispatch(Elementwise { input, output, f });
    });
}

/// Numbers that are worked on together.
const BLOCK: usize = 16;

struct Elementwise<'a, T, F> {
    input: &'a [T],
    output: &'a mut [T],
    f: F,
}

impl<T: Scalar, F: Fn(T) -> T> Kernel for Elementwise<'_, T, F> {
    type Output = ();
    #[inline(always)]
    fn run<I: Instructions>(self) {
        let Self { input, output, f } = self;
        let (input, input_rest) = input.split_at(input.len() / BLOCK * BLOCK);
        let (output, output_rest) = output.split_at_mut(input.len());
        for (to, &x) in output.iter_mut().zip(input) {
            *to = f(x);
        }
        if !input_rest.is_empty() {
            // A last block is filled up, because numbers one by one cost as much each as a whole block.
            let mut block = [T::ONE; BLOCK];
            block[..input_rest.len()].copy_from_slice(input_rest);
            for x in &mut block {
                *x = f(*x);
            }
            output_rest.copy_from_slice(&block[..input_rest.len()]);
        }
    }
}
