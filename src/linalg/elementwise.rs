//! Apply functions to slices.

use super::Scalar;

macro_rules! slices {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        pub fn $name<T: Scalar>(input: &[T], output: &mut [T]) {
            assert_eq!(input.len(), output.len());
            for (out, &x) in output.iter_mut().zip(input) {
                *out = x.$name();
            }
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
}

/// Replaces logits by their softmax, in place.
pub fn softmax<T: Scalar>(logits: &mut [T]) {
    let top = logits.iter().fold(logits[0], |top, &x| if x > top { x } else { top });
    logits.iter_mut().for_each(|x| *x = (*x - top).exp());
    let sum: T = logits.iter().copied().sum();
    logits.iter_mut().for_each(|x| *x /= sum);
}

/// `ln Σ e^logit`, stable.
pub fn log_sum_exp<T: Scalar>(logits: &[T]) -> T {
    let top = logits.iter().fold(logits[0], |top, &x| if x > top { x } else { top });
    top + logits.iter().map(|&x| (x - top).exp()).sum::<T>().ln()
}
