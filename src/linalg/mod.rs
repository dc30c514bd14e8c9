//! Compute on numbers, slices and matrices: the only place with matrix products, elementwise functions and `unsafe`.

#[cfg(test)]
mod accuracy;
mod elementary;
mod elementwise;
mod gaussian;
mod lanes;
mod large;
mod matrix;
#[cfg(test)]
mod portability;
mod product;
mod scalar;
mod small;

pub use elementwise::{exp, ln, log_sum_exp, logistic, softmax, softmax_columns, softplus, tanh};
pub(crate) use gaussian::{PAIRS, box_muller};
pub use matrix::{Matrix, Vector, all_finite, assign, empty, reshape, zip};
pub use product::{Operand, add_scaled, dot, multiply, plain, transposed};
pub use scalar::Scalar;
